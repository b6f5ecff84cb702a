/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layers_fuzz - any bytes as entries of layers, without a tar around them whose sums stand
 * in the way: three bytes an entry choose what it is, where it is and where it leads, out of
 * a few names, so that they meet.  Whatever comes, the tree stays a tree.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/image_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A path of up to three parts. */
static void
path_from(uint8_t choice, char *out, size_t size)
{
	static const char *const parts[] = { "a", "b", ".wh.a", ".wh..wh..opq" };
	static const char *const ups[] = { "..", ".", "a/b", "/" };
	unsigned n = choice >> 6;

	out[0] = '\0';
	for (unsigned i = 0; i <= n && i < 3; i++, choice >>= 2) {
		size_t len = strlen(out);

		(void)snprintf(out + len, size - len, "%s%s", i > 0 ? "/" : "",
		    n == 3 ? ups[choice & 3] : parts[choice & 3]);
	}
}

static void
missed(void *arg, const struct listed *entry, const char *why)
{
	(void)arg, (void)why;
	if (entry->path[0] == '\0')
		abort();
}

static void
add_entry(struct listing *l, const uint8_t *p)
{
	char path[64], link[64], clean[4096 + 1], clean_link[4096 + 1];
	struct listed entry = {
		.kind = (enum listed_kind)(p[0] & 3),
		.path = clean,
		.link = link,
		.number = l->n,
	};

	path_from(p[1], path, sizeof(path));
	path_from(p[2], link, sizeof(link));
	if (!path_clean(path, clean) || clean[0] == '\0')
		return;
	if (entry.kind == LISTED_HARDLINK) {
		if (!path_clean(link, clean_link))
			return;
		entry.link = clean_link;
	}
	listing_add(l, &entry);
}

/* Each node once, below a folder, found again by its path; each past ends. */
static void
check(struct tree *t)
{
	char path[4096 + 1];
	size_t seen = 0;

	for (tree_node n = tree_next(t, 0, 0); n != TREE_NONE; n = tree_next(t, 0, n)) {
		const struct version *v = tree_version(t, n);
		int layer = 1 << 16;

		if (++seen > tree_count(t) || !tree_path(t, n, path))
			abort();
		if ((v != NULL) != (tree_kind(t, n) == LISTED_FILE))
			abort();
		if (tree_kind(t, n) == LISTED_FOLDER && tree_find(t, path) != n)
			abort();
		for (; v != NULL; v = tree_older(t, v)) {
			if (v->layer >= layer)
				abort();
			layer = v->layer;
		}
		(void)tree_target(t, n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree *t = tree_new();
	struct listing l;
	uint16_t layer = 0;

	listing_init(&l);
	for (; size >= 3; data += 3, size -= 3) {
		if ((data[0] & 0xfc) != 0xfc) {
			add_entry(&l, data);
			continue;
		}
		if (tree_lay(t, layer++, &l, missed, NULL, NULL) != ERR_OK ||
		    layer == UINT16_MAX)
			abort();
		check(t);
		listing_done(&l);
		listing_init(&l);
	}
	if (tree_lay(t, layer, &l, missed, NULL, NULL) != ERR_OK)
		abort();
	check(t);
	listing_done(&l);
	tree_free(t);
	return 0;
}
