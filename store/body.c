/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body - normalized JSON, deflated.  Records are short and alike, so the words they are
 * made of are preset: the dictionary is part of the format and must never change.  In
 * front of the deflated bytes stand four with the length of the text, the low one first.
 */
#include <string.h>
#include <zlib.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/mem.h"
#include "store/store_private.h"

#define HEAD  4
#define SMALL 8192 /* bytes of a text that one window of 2^13 holds */
/* Deflate packs no better: a longer text cannot be in there. */
#define MAX_RATIO 1040
/* A message's body is the largest thing kept so, after a record. */
#define MAX_BODY (2 * MAX_RECORD_BYTES)

/* The likelier, the nearer to the end. */
static const char dictionary[] =
    "https://www.debian.org/security/https://security-tracker.debian.org/tracker/"
    "https://security.alpinelinux.org/vuln/https://nvd.nist.gov/vuln/detail/"
    "https://github.com/advisories/GHSA-https://github.com/commit/"
    "allows remote attackers to cause a denial of service via a crafted "
    "arbitrary code buffer overflow use-after-free out-of-bounds read "
    "vulnerability in the function before version memory corruption "
    "unimportant,not yet assigned,postponed,ignored,no-dsa,end-of-life,undetermined,"
    "\"exploited\":,\"cwes\":[\"CWE-79\",\"CWE-125\",\"CWE-787\",\"CWE-416\"],"
    "\"references\":[\"https://\",\"description\":\"\","
    "{\"scorer\":\"nvd@nist.gov\",\"vector\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/"
    "I:H/"
    "A:H\",\"score\":9.8,\"speaker\":\"nvd\"}"
    "\"kind\":\"binary\",\"status\":\"under_investigation\"\"end_of_life\"\"deferred\""
    "\"wont_fix\"\"not_affected\"\"affected\","
    "\"ecosystem\":\"alpine:3.\",\"scheme\":\"apk\",\"ecosystem\":\"debian:12\","
    "\"scheme\":\"dpkg\",\"fixed\":\"1:2.0-1+deb12u1\",\"status\":\"fixed\","
    "{\"source\":\"debian\",\"id\":\"CVE-2024-\",\"record\":\"/CVE-2023-\","
    "\"vulnerabilities\":[\"CVE-2022-\"],\"aliases\":[],\"title\":null,"
    "\"severity\":\"unknown\",\"vendor_severity\":null,\"published\":null,"
    "\"modified\":null,\"withdrawn\":null,\"cvss\":[],\"affected\":[{\"ecosystem\":"
    "\"debian:13\",\"stream\":\"\",\"package\":\"\",\"kind\":\"source\",\"module\":"
    "\"\","
    "\"arch\":[],\"scheme\":\"dpkg\",\"introduced\":null,\"fixed\":null,"
    "\"last_affected\":null,\"versions\":[],\"status\":\"fixed\",\"vendor_state\":null}"
    "]}";

#define DICTIONARY                                                                     \
	((const unsigned char *)dictionary), (unsigned)(sizeof(dictionary) - 1)

/* zlib reads through a pointer that is not const in its older headers. */
static unsigned char *
readable(const void *p)
{
	unsigned char *out;

	memcpy(&out, &p, sizeof(out));
	return out;
}

void
body_deflate(const char *body, size_t len, struct buf *out)
{
	z_stream z = { 0 };
	unsigned char head[HEAD];
	unsigned char *packed;
	size_t room;

	for (size_t i = 0; i < HEAD; i++)
		head[i] = (unsigned char)(len >> (8 * i));
	/* a short text needs no large window, and making one costs more than packing */
	if (deflateInit2(&z, 6, Z_DEFLATED, len < SMALL ? -13 : -15,
		len < SMALL ? 5 : 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflateSetDictionary(&z, DICTIONARY) != Z_OK) {
		out->full = true;
		(void)deflateEnd(&z);
		return;
	}
	room = deflateBound(&z, len);
	packed = mem_alloc(room);
	z.next_in = readable(body);
	z.avail_in = (unsigned)len;
	z.next_out = packed;
	z.avail_out = (unsigned)room;
	if (len > MAX_BODY || deflate(&z, Z_FINISH) != Z_STREAM_END) {
		out->full = true;
	} else {
		buf_add(out, head, HEAD);
		buf_add(out, packed, room - z.avail_out);
	}
	(void)deflateEnd(&z);
	free(packed);
}

enum err_code
body_inflate(const void *p, size_t len, struct arena *a, const char **ret,
    size_t *ret_len, struct err *e)
{
	const unsigned char *bytes = p;
	z_stream z = { 0 };
	size_t want = 0;
	char *text;
	int rc;

	for (size_t i = 0; i < HEAD && i < len; i++)
		want |= (size_t)bytes[i] << (8 * i);
	if (len < HEAD || want > MAX_BODY || want / MAX_RATIO > len)
		return err_set(e, ERR_STORAGE, "a stored text is damaged");
	if (inflateInit2(&z, -15) != Z_OK)
		return err_set(e, ERR_STORAGE, "no memory to read a stored text");
	text = arena_alloc(a, want + 1);
	z.next_in = readable(bytes + HEAD);
	z.avail_in = (unsigned)(len - HEAD);
	z.next_out = (unsigned char *)text;
	z.avail_out = (unsigned)want + 1; /* one more: a longer text must show */
	rc = inflateSetDictionary(&z, DICTIONARY);
	if (rc == Z_OK)
		rc = inflate(&z, Z_FINISH);
	(void)inflateEnd(&z);
	if (rc != Z_STREAM_END || z.total_out != want || z.avail_in != 0)
		return err_set(e, ERR_STORAGE, "a stored text is damaged");
	text[want] = '\0';
	*ret = text;
	*ret_len = want;
	return ERR_OK;
}
