/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_bdb - Packages of RHEL 8 and older, CentOS 7, Amazon Linux 2: a Berkeley DB hash, in
 * the byte order of the machine that wrote it.
 *
 *   page 0   magic at 12, version 16, page size 20, type 25 (8), last page 32
 *   a page   number at 8, next 16, entries 20, offset 22, type 25, from 26 on data:
 *            13 (of old 2)  a bucket: offsets of 16 bit; key, value, key, value ...
 *            7              overflow: as many bytes of data as 'offset' says
 *
 * An item reaches from its offset up to that of the item before it.  Its first byte says
 * what it is: 1 the bytes themselves, 3 page and length of a chain of overflow pages.  Keys
 * are numbers; number 0 is rpm's own counter.  Which bucket a key belongs to does not
 * matter to one who reads them all, so pages are read from the first to the last.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "inventory/bytes.h"
#include "inventory/rpm_private.h"

#define MAGIC_HASH    0x00061561u
#define MAGIC_BTREE   0x00053162u
#define META_BYTES    512u
#define PAGE_HEADER   26u
#define PAGE_OLD      2
#define PAGE_OVERFLOW 7
#define PAGE_META     8
#define PAGE_HASH     13
#define ITEM_INLINE   1
#define ITEM_OFFPAGE  3

struct hash {
	const unsigned char *p;
	size_t page_size;
	uint32_t last;
	bool is_big_endian;
	unsigned char *seen; /* a bit a page: overflow pages that were followed */
	const struct rpm_sink *sink;
	struct buf blob;
};

static uint32_t
u32(const struct hash *h, const unsigned char *p)
{
	return h->is_big_endian ? bytes_be32(p) : bytes_le32(p);
}

static size_t
u16(const struct hash *h, const unsigned char *p)
{
	return h->is_big_endian ? bytes_be16(p) : bytes_le16(p);
}

static bool
is_bdb(const unsigned char *p, size_t n)
{
	if (n < 32)
		return false;
	return bytes_le32(p + 12) == MAGIC_HASH || bytes_be32(p + 12) == MAGIC_HASH ||
	       bytes_le32(p + 12) == MAGIC_BTREE || bytes_be32(p + 12) == MAGIC_BTREE;
}

static enum err_code
open_hash(struct hash *h, const unsigned char *p, size_t len, const struct rpm_sink *s,
    struct err *e)
{
	h->p = p;
	h->sink = s;
	h->is_big_endian = bytes_be32(p + 12) == MAGIC_HASH;
	if (!h->is_big_endian && bytes_le32(p + 12) != MAGIC_HASH)
		return err_set(
		    e, ERR_INPUT, "a Berkeley DB btree, which rpm writes none of");
	if (len < META_BYTES || p[25] != PAGE_META || u32(h, p + 16) < 8 ||
	    u32(h, p + 16) > 10)
		return err_set(
		    e, ERR_INPUT, "no Berkeley DB hash of a version that is known");
	h->page_size = u32(h, p + 20);
	if (h->page_size < META_BYTES || h->page_size > 65536 ||
	    (h->page_size & (h->page_size - 1)) != 0)
		return err_set(e, ERR_INPUT, "damaged: no size of a page");
	if (p[24] != 0)
		return err_set(e, ERR_INPUT, "a Berkeley DB that is encrypted");
	h->last = u32(h, p + 32);
	if (h->last >= len / h->page_size)
		return err_set(e, ERR_INPUT, "cut short: %zu of %llu pages",
		    len / h->page_size, (unsigned long long)h->last + 1);
	h->seen = arena_zalloc(s->arena, h->last / 8 + 1);
	buf_init(&h->blob, len);
	return ERR_OK;
}

static const unsigned char *
page_at(const struct hash *h, uint32_t number)
{
	return h->p + (size_t)number * h->page_size;
}

/* LEN bytes of the chain that begins at NUMBER into the blob; what is wrong, or NULL. */
static const char *
follow(struct hash *h, uint32_t number, uint32_t len)
{
	buf_reset(&h->blob);
	while (h->blob.len < len) {
		unsigned char bit = (unsigned char)(1u << (number % 8));
		const unsigned char *page;
		size_t n;

		if (number == 0 || number > h->last)
			return "a chain of pages that leads nowhere";
		page = page_at(h, number);
		if (page[25] != PAGE_OVERFLOW)
			return "a chain of pages that leads nowhere";
		if ((h->seen[number / 8] & bit) != 0)
			return "a chain of pages that was followed before";
		h->seen[number / 8] |= bit;
		n = u16(h, page + 22);
		if (n == 0 || n > h->page_size - PAGE_HEADER)
			return "a page of a chain with an impossible length";
		if (n > len - h->blob.len)
			n = len - h->blob.len;
		buf_add(&h->blob, page + PAGE_HEADER, n);
		number = u32(h, page + 16);
	}
	return NULL;
}

static enum err_code
read_value(struct hash *h, const unsigned char *item, size_t n, struct err *e)
{
	const struct rpm_sink *s = h->sink;
	const char *why;

	if (n > 1 && item[0] == ITEM_INLINE)
		return s->blob(s->arg, item + 1, n - 1, e);
	if (n != 12 || item[0] != ITEM_OFFPAGE)
		why = "a value of a kind that rpm does not write";
	else if (u32(h, item + 8) > (uint64_t)h->last * h->page_size)
		why = "a value that is longer than the file";
	else
		why = follow(h, u32(h, item + 4), u32(h, item + 8));
	if (why == NULL)
		return s->blob(
		    s->arg, (const unsigned char *)h->blob.data, h->blob.len, e);
	s->broken(s->arg, why);
	return ERR_OK;
}

/* The counter of packages that rpm keeps among them. */
static bool
is_counter(const struct hash *h, const unsigned char *key, size_t n)
{
	return n == 5 && key[0] == ITEM_INLINE && u32(h, key + 1) == 0;
}

static enum err_code
read_bucket(struct hash *h, const unsigned char *page, struct err *e)
{
	size_t n = u16(h, page + 20), end = h->page_size;
	size_t first = PAGE_HEADER + 2 * n;
	const unsigned char *key = NULL;
	size_t key_len = 0;
	enum err_code rc;

	if (first > h->page_size) {
		h->sink->broken(h->sink->arg, "a page with more items than it holds");
		return ERR_OK;
	}
	for (size_t i = 0; i < n; i++) {
		size_t at = u16(h, page + PAGE_HEADER + 2 * i), len = end - at;

		if (at < first || at >= end) {
			h->sink->broken(
			    h->sink->arg, "a page with an item outside of it");
			return ERR_OK;
		}
		end = at;
		if (i % 2 == 0) {
			key = page + at;
			key_len = len;
		} else if (!is_counter(h, key, key_len) &&
			   (rc = read_value(h, page + at, len, e)) != ERR_OK) {
			return rc;
		}
	}
	return ERR_OK;
}

static enum err_code
read_bdb(const unsigned char *p, size_t len, const struct rpm_sink *s, struct err *e)
{
	struct hash h = { 0 };
	enum err_code rc = open_hash(&h, p, len, s, e);

	for (uint32_t number = 1; rc == ERR_OK && number <= h.last; number++) {
		const unsigned char *page = page_at(&h, number);

		if (page[25] == PAGE_HASH || page[25] == PAGE_OLD)
			rc = read_bucket(&h, page, e);
	}
	buf_done(&h.blob);
	return rc;
}

const struct rpm_container rpm_bdb = {
	.name = "bdb",
	.is = is_bdb,
	.read = read_bdb,
};
