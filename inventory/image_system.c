/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system an image holds and which streams it has enabled: the files that say so
 * (system.h, streams.h), out of the tree.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/image_private.h"
#include "inventory/streams.h"
#include "inventory/system.h"

/* Files of streams are small, but for dnf's history. */
#define MAX_STREAMS_FILE (64u << 20)

bool
image_is_system_file(const char *path)
{
	for (unsigned i = 0; i < SYSTEM_FILES; i++)
		if (str_eq(system_path((enum system_file)i), path))
			return true;
	return streams_wants(path);
}

/* The bytes at N in A, ended by a NUL; NULL if it holds none, or more than MAX. */
static const char *
bytes_of(struct image *im, struct tree *t, tree_node n, uint64_t max, struct arena *a,
    size_t *ret_len)
{
	const struct version *v = n == TREE_NONE ? NULL : tree_version(t, n);
	struct image_map m;
	char *bytes;

	if (v == NULL || !v->is_spooled || v->size > max ||
	    image_spool_map(&im->spool, v->at, v->size, &m, NULL) != ERR_OK)
		return NULL;
	*ret_len = (size_t)v->size;
	bytes = arena_alloc(a, (size_t)v->size + 1);
	memcpy(bytes, m.bytes, (size_t)v->size);
	bytes[v->size] = '\0';
	image_spool_unmap(&m);
	return bytes;
}

static void
find_streams(struct image *im, struct tree *t, struct streams *s, struct arena *a)
{
	char path[4096 + 1]; /* MAX_IMAGE_PATH */

	for (tree_node n = tree_next(t, 0, 0); n != TREE_NONE; n = tree_next(t, 0, n)) {
		const char *bytes;
		size_t len;

		if (tree_kind(t, n) != LISTED_FILE || !tree_path(t, n, path) ||
		    !streams_wants(path) ||
		    (bytes = bytes_of(im, t, n, MAX_STREAMS_FILE, a, &len)) == NULL)
			continue;
		streams_read(s, path, bytes, len, a);
	}
}

void
image_system(struct image *im, struct tree *t, const struct inventory_hints *hints,
    struct arena *a, struct inventory *inv)
{
	struct system_texts texts = { .has_esm = false };
	struct streams streams = { .services = { .n = 0 } };
	size_t len;

	find_streams(im, t, &streams, a);
	texts.has_esm = streams_has_esm(&streams);
	for (unsigned i = 0; i < SYSTEM_FILES; i++)
		texts.text[i] =
		    bytes_of(im, t, tree_find(t, system_path((enum system_file)i)),
			SYSTEM_FILE_BYTES, a, &len);
	system_identify(&texts, hints->now_at, a, &inv->os);
	inv->streams = streams_of(&streams, &inv->os, a);
}
