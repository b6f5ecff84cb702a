/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_header - what rpm keeps of an installed package, big-endian:
 *
 *   il     number of index entries
 *   dl     bytes of data
 *   il *   tag, type, offset into the data, count: 4 x 32 bit
 *   dl     data: numbers aligned to their size, texts that end with NUL
 *
 * The first entry is a region: what came signed with the package.  Entries behind its end
 * (rpm calls them dribbles) were added at installation and overrule those inside, so of two
 * entries with one tag the later one counts.
 */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/bytes.h"
#include "inventory/rpm_private.h"

#define PREFIX        8
#define ENTRY         16
#define MAX_ENTRIES   65535
#define MAX_DATA      0x0fffffff
#define FIRST_PRIVATE 61 /* tags of regions: 61, 62, 63 */
#define LAST_PRIVATE  63

#define MAX_FOLDERS                                                                    \
	(1u << 20) /* of one package; no more than a few thousand have files */
#define MAX_PATH 4096

enum type {
	TYPE_INT32 = 4,
	TYPE_STRING = 6,
	TYPE_BIN = 7,
	TYPE_STRINGS = 8,
	TYPE_I18NSTRING = 9
};

static const struct tag {
	uint32_t number;
	size_t offset; /* of the text in struct rpm_header */
} tags[] = {
	{ 1000, offsetof(struct rpm_header, name) },
	{ 1001, offsetof(struct rpm_header, version) },
	{ 1002, offsetof(struct rpm_header, release) },
	{ 1011, offsetof(struct rpm_header, vendor) },
	{ 1015, offsetof(struct rpm_header, packager) },
	{ 1022, offsetof(struct rpm_header, arch) },
	{ 1044, offsetof(struct rpm_header, sourcerpm) },
	{ 5096, offsetof(struct rpm_header, module) },
};
#define TAGS      (sizeof(tags) / sizeof(tags[0]))
#define TAG_EPOCH 1003

struct blob {
	const unsigned char *entries, *data;
	size_t n, data_len;
};

static const char *
open_blob(const unsigned char *p, size_t len, struct blob *ret)
{
	if (len < PREFIX)
		return "it is cut short";
	ret->n = bytes_be32(p);
	ret->data_len = bytes_be32(p + 4);
	if (ret->n == 0 || ret->n > MAX_ENTRIES || ret->data_len > MAX_DATA)
		return "impossible numbers of entries and data";
	if (PREFIX + ENTRY * ret->n + ret->data_len != len)
		return "entries and data do not make up its length";
	ret->entries = p + PREFIX;
	ret->data = ret->entries + ENTRY * ret->n;
	return NULL;
}

/* Is the region that E opens one: a trailer inside the data that counts its entries? */
static bool
is_region(const struct blob *b, const unsigned char *e)
{
	uint32_t at = bytes_be32(e + 8), back;

	if (bytes_be32(e + 4) != TYPE_BIN || bytes_be32(e + 12) != ENTRY ||
	    !bytes_hold(b->data_len, at, ENTRY))
		return false;
	back = 0u - bytes_be32(b->data + at + 8);
	return back % ENTRY == 0 && back / ENTRY >= 1 && back / ENTRY <= b->n;
}

/* The text of entry E; NULL if there is none that ends. */
static const char *
text_of(const struct blob *b, const unsigned char *e, struct arena *a)
{
	uint32_t type = bytes_be32(e + 4), at = bytes_be32(e + 8);
	size_t most;
	const unsigned char *end;

	if ((type != TYPE_STRING && type != TYPE_I18NSTRING) || at >= b->data_len)
		return NULL;
	most = b->data_len - at < MAX_TEXT ? b->data_len - at : MAX_TEXT;
	end = memchr(b->data + at, 0, most);
	if (end == NULL)
		return NULL;
	return utf8_clean(a, (const char *)b->data + at, (size_t)(end - b->data) - at,
	    MAX_TEXT, true);
}

static bool
number_of(const struct blob *b, const unsigned char *e, uint32_t *ret)
{
	uint32_t at = bytes_be32(e + 8);

	if (bytes_be32(e + 4) != TYPE_INT32 || at % 4 != 0 || bytes_be32(e + 12) == 0 ||
	    !bytes_hold(b->data_len, at, 4))
		return false;
	*ret = bytes_be32(b->data + at);
	return true;
}

/*
 * The last entry of each tag.  They are found first and read afterwards: a blob in which
 * one tag stands 65,535 times is read once.
 */
static void
find(const struct blob *b, const unsigned char *found[TAGS],
    const unsigned char **ret_epoch)
{
	for (size_t i = 0; i < b->n; i++) {
		const unsigned char *e = b->entries + ENTRY * i;
		uint32_t number = bytes_be32(e);

		for (size_t t = 0; t < TAGS; t++)
			if (tags[t].number == number)
				found[t] = e;
		if (number == TAG_EPOCH)
			*ret_epoch = e;
	}
}

bool
rpm_header_read(const unsigned char *p, size_t len, struct arena *a,
    struct rpm_header *ret, const char **ret_why)
{
	const unsigned char *found[TAGS] = { NULL }, *epoch = NULL;
	struct blob b;
	uint32_t first;

	memset(ret, 0, sizeof(*ret));
	if ((*ret_why = open_blob(p, len, &b)) != NULL)
		return false;
	first = bytes_be32(b.entries);
	if (first >= FIRST_PRIVATE && first <= LAST_PRIVATE &&
	    !is_region(&b, b.entries)) {
		*ret_why = "a region that does not end where it says";
		return false;
	}
	find(&b, found, &epoch);
	for (size_t t = 0; t < TAGS; t++) {
		const char *text;

		if (found[t] == NULL)
			continue;
		if ((text = text_of(&b, found[t], a)) == NULL) {
			*ret_why = "a text outside of its data";
			return false;
		}
		memcpy((char *)ret + tags[t].offset, &text, sizeof(text));
	}
	if (epoch != NULL && !number_of(&b, epoch, &ret->epoch)) {
		*ret_why = "an epoch that is no number";
		return false;
	}
	return true;
}

/* ---- files ---- */

enum { LIST_INDEXES, LIST_NAMES, LIST_FOLDERS, LISTS };

/* DIRINDEXES, BASENAMES, DIRNAMES: file i is FOLDERS[INDEXES[i]] + NAMES[i]. */
static const struct {
	uint32_t tag, type;
} lists[LISTS] = {
	{ 1116, TYPE_INT32 },
	{ 1117, TYPE_STRINGS },
	{ 1118, TYPE_STRINGS },
};

struct list {
	size_t at, n;
	bool is_there;
};

struct text {
	const char *at;
	size_t len;
};

static void
find_lists(const struct blob *b, struct list found[LISTS])
{
	for (size_t i = 0; i < b->n; i++) {
		const unsigned char *e = b->entries + ENTRY * i;

		for (size_t k = 0; k < LISTS; k++)
			if (bytes_be32(e) == lists[k].tag &&
			    bytes_be32(e + 4) == lists[k].type)
				found[k] = (struct list){ bytes_be32(e + 8),
					bytes_be32(e + 12), true };
	}
}

/* The text at *AT, which moves behind its NUL; false if the data ends before. */
static bool
next_text(const struct blob *b, size_t *at, struct text *ret)
{
	const unsigned char *end;

	if (*at >= b->data_len)
		return false;
	end = memchr(b->data + *at, 0, b->data_len - *at);
	if (end == NULL)
		return false;
	ret->at = (const char *)b->data + *at;
	ret->len = (size_t)(end - b->data) - *at;
	*at += ret->len + 1;
	return true;
}

/* The folders, each without the slash at its end; NULL if there are none that can be. */
static struct text *
read_folders(const struct blob *b, const struct list *l, struct arena *a)
{
	struct text *all;
	size_t at = l->at;

	if (l->n == 0 || l->n > MAX_FOLDERS || l->n > b->data_len)
		return NULL;
	all = arena_array(a, l->n, sizeof(*all));
	for (size_t i = 0; i < l->n; i++) {
		if (!next_text(b, &at, &all[i]))
			return NULL;
		if (all[i].len > 0 && all[i].at[all[i].len - 1] == '/')
			all[i].len--;
	}
	return all;
}

bool
rpm_header_files(const unsigned char *p, size_t len, struct arena *a, size_t most,
    const struct rpm_file_sink *sink)
{
	struct list found[LISTS] = { { 0 } };
	const struct list *indexes = &found[LIST_INDEXES], *names = &found[LIST_NAMES];
	const struct text *folders;
	struct rpm_header h;
	struct blob b;
	const char *why;
	size_t at;

	if (open_blob(p, len, &b) != NULL || !rpm_header_read(p, len, a, &h, &why) ||
	    h.name == NULL)
		return false;
	find_lists(&b, found);
	if (!names->is_there)
		return true; /* a package without files */
	if (!indexes->is_there || indexes->n != names->n || indexes->at % 4 != 0 ||
	    !bytes_hold(b.data_len, indexes->at, 4 * indexes->n) ||
	    (folders = read_folders(&b, &found[LIST_FOLDERS], a)) == NULL)
		return false;
	at = names->at;
	for (size_t i = 0; i < names->n && i < most; i++) {
		uint32_t k = bytes_be32(b.data + indexes->at + 4 * i);
		struct text name;

		if (!next_text(&b, &at, &name) || k >= found[LIST_FOLDERS].n)
			return false;
		if (folders[k].len + name.len < MAX_PATH)
			sink->file(sink->arg, h.name, folders[k].at, folders[k].len,
			    name.at, name.len);
	}
	return true;
}
