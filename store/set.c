/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set - sorted ids as one run of bytes: the distance to the id before, seven bits a
 * byte, the low ones first, the top bit says that more follow.  Ids are positive, so no
 * distance is 0 and a damaged blob shows.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "store/store_private.h"

#define MAX_VARINT 9 /* bytes of a distance below 2^63 */

void
set_append(struct buf *out, int64_t last, int64_t id)
{
	unsigned char bytes[MAX_VARINT];
	uint64_t gap = (uint64_t)(id - last);
	size_t n = 0;

	for (; gap >= 0x80; gap >>= 7)
		bytes[n++] = (unsigned char)(gap | 0x80);
	bytes[n++] = (unsigned char)gap;
	buf_add(out, bytes, n);
}

void
set_encode(const int64_t *ids, size_t n, struct buf *out)
{
	int64_t last = 0;

	for (size_t i = 0; i < n; i++) {
		set_append(out, last, ids[i]);
		last = ids[i];
	}
}

/* One distance from P on; the number of bytes it took, 0 if damaged. */
static size_t
read_gap(const unsigned char *p, size_t len, uint64_t *ret)
{
	uint64_t gap = 0;

	for (size_t i = 0; i < len && i < MAX_VARINT; i++) {
		gap |= (uint64_t)(p[i] & 0x7f) << (7 * i);
		if ((p[i] & 0x80) == 0) {
			*ret = gap;
			/* a last byte of 0 would be a second spelling */
			return p[i] == 0 ? 0 : i + 1;
		}
	}
	return 0;
}

enum err_code
set_find(const void *p, size_t len, const int64_t *wanted, size_t n, size_t *ret,
    size_t *ret_n, struct err *e)
{
	const unsigned char *bytes = p;
	uint64_t last = 0, gap;
	size_t i = 0, found = 0, step;

	for (size_t at = 0; at < len && i < n; at += step) {
		gap = bytes[at];
		step = 1;
		if (gap - 1 >= 0x7f &&
		    (step = read_gap(bytes + at, len - at, &gap)) == 0)
			return err_set(e, ERR_STORAGE, "a set of ids is damaged");
		last += gap;
		while (i < n && (uint64_t)wanted[i] < last)
			i++;
		if (i < n && (uint64_t)wanted[i] == last)
			ret[found++] = i++;
	}
	*ret_n = found;
	return ERR_OK;
}

enum err_code
set_decode(const void *p, size_t len, struct arena *a, int64_t **ret, size_t *ret_n,
    struct err *e)
{
	const unsigned char *bytes = p;
	int64_t *ids;
	uint64_t last = 0, gap;
	size_t n = 0, count = 0, step;

	for (size_t i = 0; i < len; i++) /* each distance ends with a byte below 128 */
		count += (bytes[i] & 0x80) == 0;
	ids = arena_array(a, count, sizeof(*ids));
	for (size_t at = 0; at < len; at += step) {
		step = read_gap(bytes + at, len - at, &gap);
		if (step == 0 || gap > (uint64_t)INT64_MAX - last)
			return err_set(e, ERR_STORAGE, "a set of ids is damaged");
		last += gap;
		ids[n++] = (int64_t)last;
	}
	*ret = ids;
	*ret_n = n;
	return ERR_OK;
}
