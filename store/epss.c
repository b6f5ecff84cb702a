/* SPDX-License-Identifier: Apache-2.0 */
/* epss - the number of a CVE, and scores as they lie on the stage. */
#include "store/epss.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/str.h"

#define NUMBER_BITS 40
#define HEAD_BYTES  8
#define SCORE_BYTES 16

int64_t
epss_key(const char *name)
{
	char year[5], again[EPSS_NAME_SIZE];
	uint64_t y, number;
	int64_t key;

	if (name == NULL || !str_starts(name, "CVE-") || strlen(name) < 10 ||
	    name[8] != '-')
		return 0;
	memcpy(year, name + 4, 4);
	year[4] = '\0';
	if (!str_u64(year, &y) || !str_u64(name + 9, &number) ||
	    number >= (uint64_t)1 << NUMBER_BITS)
		return 0;
	key = (int64_t)(y << NUMBER_BITS | number);
	/* "CVE-2024-00123" is another name than "CVE-2024-0123", and is never given */
	return str_eq(epss_name(key, again), name) ? key : 0;
}

const char *
epss_name(int64_t key, char out[EPSS_NAME_SIZE])
{
	(void)snprintf(out, EPSS_NAME_SIZE, "CVE-%04lld-%04lld",
	    (long long)(key >> NUMBER_BITS),
	    (long long)(key & (((int64_t)1 << NUMBER_BITS) - 1)));
	return out;
}

/* Lowest byte first, on every machine. */
static void
put(struct buf *out, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_addc(out, (char)(v >> 8 * i & 0xff));
}

static uint64_t
get(const unsigned char *p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

void
epss_pack(int64_t scored_at, const struct epss_score *s, size_t n, struct buf *out)
{
	put(out, (uint64_t)scored_at, 8);
	for (size_t i = 0; i < n; i++) {
		put(out, (uint64_t)s[i].cve, 8);
		put(out, (uint32_t)s[i].micro, 4);
		put(out, (uint32_t)s[i].percentile, 4);
	}
}

enum err_code
epss_unpack(const void *p, size_t len, int64_t *ret_scored_at, struct epss_score *ret,
    size_t *ret_n, struct err *e)
{
	const unsigned char *at = p;

	if (len < HEAD_BYTES || (len - HEAD_BYTES) % SCORE_BYTES != 0 ||
	    (len - HEAD_BYTES) / SCORE_BYTES > EPSS_CHUNK)
		return err_set(e, ERR_STORAGE, "staged scores are damaged");
	*ret_scored_at = (int64_t)get(at, 8);
	*ret_n = (len - HEAD_BYTES) / SCORE_BYTES;
	at += HEAD_BYTES;
	for (size_t i = 0; i < *ret_n; i++, at += SCORE_BYTES)
		ret[i] = (struct epss_score){
			.cve = (int64_t)get(at, 8),
			.micro = (int32_t)get(at + 8, 4),
			.percentile = (int32_t)get(at + 12, 4),
		};
	return ERR_OK;
}
