/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_ndb - Packages.db of SUSE and openSUSE, little-endian:
 *
 *   "RpmP" version generation slot-pages ...   32 bytes, two slots' worth
 *   "Slot" package offset blocks               16 bytes, as many as fit the slot pages
 *   "BlbS" package generation length           a blob, at OFFSET blocks of 16 bytes
 *      data, padding
 *      adler32 length "BlbE"                   the last 12 bytes of the blob's blocks
 *
 * A slot whose offset is 0 is free.  The sum is over all of the blob before it.
 */
#include <string.h>

#include "core/arena.h"
#include "inventory/bytes.h"
#include "inventory/rpm_private.h"

#define BLOCK          16u
#define PAGE           4096u
#define MAX_SLOT_PAGES 2048u
#define TAIL           12u

static bool
is_mark(const unsigned char *p, const char *mark)
{
	return memcmp(p, mark, 4) == 0;
}

static bool
is_ndb(const unsigned char *p, size_t n)
{
	return n >= 2 * BLOCK && is_mark(p, "RpmP");
}

static uint32_t
adler32_of(const unsigned char *p, size_t n)
{
	uint32_t a = 1, b = 0;

	while (n > 0) {
		/* as many as fit before the sums must be reduced */
		size_t some = n < 5552 ? n : 5552;

		n -= some;
		while (some-- > 0) {
			a += *p++;
			b += a;
		}
		a %= 65521;
		b %= 65521;
	}
	return b << 16 | a;
}

/* What is wrong with the blob in the SIZE bytes at P; NULL = nothing. */
static const char *
check_blob(const unsigned char *p, size_t size, uint32_t package, size_t *ret_len)
{
	const unsigned char *tail = p + size - TAIL;
	size_t len;

	if (size < BLOCK + TAIL || !is_mark(p, "BlbS") || !is_mark(tail + 8, "BlbE"))
		return "no blob where its slot points";
	len = bytes_le32(p + 12);
	if (bytes_le32(p + 4) != package || bytes_le32(tail + 4) != len)
		return "a blob that is not its slot's";
	if (len > size - BLOCK - TAIL || size - BLOCK - TAIL - len >= BLOCK)
		return "a blob that does not fit its blocks";
	if (adler32_of(p, size - TAIL) != bytes_le32(tail))
		return "a blob whose sum is wrong";
	*ret_len = len;
	return NULL;
}

static enum err_code
read_slot(const unsigned char *p, size_t len, const unsigned char *slot, size_t first,
    size_t *left, const struct rpm_sink *s, struct err *e)
{
	uint64_t at = (uint64_t)bytes_le32(slot + 8) * BLOCK;
	uint64_t size = (uint64_t)bytes_le32(slot + 12) * BLOCK;
	const char *why;
	size_t blob_len;

	if (at < first || at > len || size > len - at) {
		s->broken(s->arg, "a slot that points outside of the file");
		return ERR_OK;
	}
	/* blobs do not overlap: all of them together are no longer than the file */
	if (size > *left)
		return err_set(
		    e, ERR_INPUT, "damaged: its blobs are longer than the file");
	*left -= (size_t)size;
	why = check_blob(p + at, (size_t)size, bytes_le32(slot + 4), &blob_len);
	if (why == NULL)
		return s->blob(s->arg, p + at + BLOCK, blob_len, e);
	s->broken(s->arg, why);
	return ERR_OK;
}

static enum err_code
read_ndb(const unsigned char *p, size_t len, const struct rpm_sink *s, struct err *e)
{
	size_t pages = bytes_le32(p + 12), left = len;
	enum err_code rc;

	if (bytes_le32(p + 4) != 0)
		return err_set(e, ERR_INPUT, "version %u of ndb is not known",
		    (unsigned)bytes_le32(p + 4));
	if (pages == 0 || pages > MAX_SLOT_PAGES || pages * PAGE > len)
		return err_set(e, ERR_INPUT,
		    "damaged or cut short: %zu pages of slots in %zu bytes", pages,
		    len);
	for (size_t at = 2 * BLOCK; at < pages * PAGE; at += BLOCK) {
		if (!is_mark(p + at, "Slot"))
			return err_set(e, ERR_INPUT, "damaged: no slot at %zu", at);
		if (bytes_le32(p + at + 8) == 0)
			continue;
		rc = read_slot(p, len, p + at, pages * PAGE, &left, s, e);
		if (rc != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

const struct rpm_container rpm_ndb = {
	.name = "ndb",
	.is = is_ndb,
	.read = read_ndb,
};
