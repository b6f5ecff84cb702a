/* SPDX-License-Identifier: Apache-2.0 */
/* owned - sums of paths, sorted when they are first asked for. */
#include "inventory/owned.h"

#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/mem.h"
#include "core/strmap.h"

#define LONGEST 4096 /* bytes of a path */

struct owned {
	uint64_t sum;
	uint32_t package;
	uint32_t order; /* of what was added; the first of equals counts */
};

struct owned_paths {
	struct owned *at; /* owned */
	size_t n, cap;
	struct strmap
	    *packages; /* owned; the value is the number, which is the order */
	bool is_sorted, is_full;
};

struct owned_paths *
owned_paths_new(void)
{
	struct owned_paths *o = mem_zalloc(sizeof(*o));

	o->packages = strmap_new();
	o->is_sorted = true;
	return o;
}

void
owned_paths_free(struct owned_paths *o)
{
	if (o == NULL)
		return;
	strmap_free(o->packages);
	free(o->at);
	free(o);
}

uint32_t
owned_paths_package(struct owned_paths *o, const char *name)
{
	bool is_new;
	uint64_t *number = strmap_put(o->packages, name, &is_new);

	if (is_new)
		*number = strmap_count(o->packages) - 1;
	return (uint32_t)*number;
}

/* ---- sums ---- */

#define FIRST_SUM UINT64_C(0xcbf29ce484222325)
#define PRIME     UINT64_C(0x100000001b3)

static uint64_t
add_bytes(uint64_t sum, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum = (sum ^ (unsigned char)p[i]) * PRIME;
	return sum;
}

/* FNV leaves its upper bits weak where texts are short and alike. */
static uint64_t
finish(uint64_t sum)
{
	sum = (sum ^ (sum >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	sum = (sum ^ (sum >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return sum ^ (sum >> 33);
}

static void
skip_root(const char **p, size_t *n)
{
	while (*n > 0 && (**p == '/' || (**p == '.' && *n > 1 && (*p)[1] == '/')))
		(*p)++, (*n)--;
}

/* The folders that are links into usr on every system of today. */
static bool
is_merged(const char *p, size_t n)
{
	static const char *const folders[] = { "bin/", "sbin/", "lib/", "lib32/",
		"lib64/", "libx32/" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (n > strlen(folders[i]) &&
		    memcmp(p, folders[i], strlen(folders[i])) == 0)
			return true;
	return false;
}

static uint64_t
begin_sum(const char **p, size_t *n)
{
	skip_root(p, n);
	return is_merged(*p, *n) ? add_bytes(FIRST_SUM, "usr/", 4) : FIRST_SUM;
}

/* ---- the set ---- */

static void
keep(struct owned_paths *o, uint32_t package, uint64_t sum)
{
	if (o->n == MAX_OWNED_PATHS) {
		o->is_full = true;
		return;
	}
	if (o->n == o->cap) {
		o->cap = o->cap * 2 + 1024;
		o->at = mem_array(o->at, o->cap, sizeof(*o->at));
	}
	o->at[o->n] = (struct owned){ finish(sum), package, (uint32_t)o->n };
	o->n++;
	o->is_sorted = false;
}

void
owned_paths_add(struct owned_paths *o, uint32_t package, const char *path, size_t len)
{
	uint64_t sum = begin_sum(&path, &len);

	if (len > 0)
		keep(o, package, add_bytes(sum, path, len));
}

void
owned_paths_add_in(struct owned_paths *o, uint32_t package, const char *folder,
    size_t folder_len, const char *name, size_t name_len)
{
	char path[LONGEST];

	while (folder_len > 0 && folder[folder_len - 1] == '/')
		folder_len--;
	if (folder_len + 1 + name_len > sizeof(path))
		return; /* no file system holds it */
	memcpy(path, folder, folder_len);
	path[folder_len] = '/';
	memcpy(path + folder_len + 1, name, name_len);
	owned_paths_add(o, package, path, folder_len + 1 + name_len);
}

static int
compare(const void *pa, const void *pb)
{
	const struct owned *a = pa, *b = pb;

	if (a->sum != b->sum)
		return a->sum < b->sum ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

uint32_t
owned_paths_owner(struct owned_paths *o, const char *path)
{
	size_t len = strlen(path), lo = 0, hi = o->n;
	uint64_t sum = begin_sum(&path, &len);

	sum = finish(add_bytes(sum, path, len));
	if (!o->is_sorted)
		qsort(o->at, o->n, sizeof(*o->at), compare);
	o->is_sorted = true;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->at[mid].sum < sum)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < o->n && o->at[lo].sum == sum ? o->at[lo].package : OWNED_BY_NONE;
}

const char *
owned_paths_name(const struct owned_paths *o, uint32_t package)
{
	return strmap_key(o->packages, package);
}

bool
owned_paths_has_lists(const struct owned_paths *o)
{
	return o->n > 0 &&
	       strmap_count(o->packages) > (strmap_get(o->packages, "") != NULL);
}

bool
owned_paths_full(const struct owned_paths *o)
{
	return o->is_full;
}
