/* SPDX-License-Identifier: Apache-2.0 */
/* utf8 - the part of str.h that knows what a character is. */
#include "core/str.h"

#include <string.h>

#include "core/arena.h"

#define REPLACEMENT     "\xef\xbf\xbd" /* U+FFFD */
#define REPLACEMENT_LEN ((size_t)3)

/* A continuation byte? */
static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/*
 * Length of the well-formed character at P[0..N), 0 if there is none: no overlong
 * forms, no surrogates, nothing above U+10FFFF.
 */
static size_t
char_at(const unsigned char *p, size_t n)
{
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n < 2 || !is_tail(p[1]))
		return 0;
	if (p[0] < 0xe0)
		return 2;
	if (n < 3 || !is_tail(p[2]))
		return 0;
	if (p[0] < 0xf0) {
		if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
			return 0;
		return 3;
	}
	if (n < 4 || !is_tail(p[3]) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return 4;
}

#define EVERY(byte) ((uint64_t)0x0101010101010101 * (byte))

static uint64_t
eight_at(const unsigned char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* How many bytes from P on are ASCII: nearly all of most texts, so eight at a time. */
static size_t
ascii_run(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && (eight_at(p + i) & EVERY(0x80)) == 0)
		i += 8;
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

/*
 * Eight bytes of plain printable ASCII?  Bit 7 of a byte of the sum is set by what is
 * not ASCII, by what is below a blank (the subtraction borrows) and by DEL (which is 0
 * under the XOR).  It may say no in vain, never yes.
 */
static bool
is_plain(uint64_t w)
{
	uint64_t del = w ^ EVERY(0x7f);

	return ((w | (w - EVERY(0x20)) | (del - EVERY(1))) & EVERY(0x80)) == 0;
}

/* How many bytes from P on are plain printable ASCII. */
static size_t
plain_run(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && is_plain(eight_at(p + i)))
		i += 8;
	while (i < n && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	return i;
}

bool
utf8_valid(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len;

	for (;;) {
		len = ascii_run(p, n);
		p += len;
		n -= len;
		if (n == 0)
			return true;
		if ((len = char_at(p, n)) == 0)
			return false;
		p += len;
		n -= len;
	}
}

size_t
utf8_cut(const char *s, size_t n, size_t max)
{
	size_t cut = max;

	if (n <= max)
		return n;
	/* Four bytes at most: in what is no UTF-8 anyway the cut may fall anywhere. */
	for (int i = 0; i < 3 && cut > 0 && is_tail((unsigned char)s[cut]); i++)
		cut--;
	return is_tail((unsigned char)s[cut]) ? max : cut;
}

/* A control character that is not kept: C0 but TAB and LF, DEL, C1. */
static bool
is_dropped(const unsigned char *p, size_t len)
{
	if (len == 1)
		return (p[0] < 0x20 && p[0] != '\t' && p[0] != '\n') || p[0] == 0x7f;
	return len == 2 && p[0] == 0xc2 && p[1] < 0xa0;
}

char *
utf8_clean(struct arena *a, const char *s, size_t n, size_t max, bool one_line)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t used = plain_run(p, n), len;
	char *out;

	if (used >= max)
		return arena_strndup(a, s, max);
	if (used == n)
		return arena_strndup(a, s, n);

	/* Bad bytes grow to three; n is the size of a text in memory, no overflow. */
	out =
	    arena_alloc(a, (n * REPLACEMENT_LEN < max ? n * REPLACEMENT_LEN : max) + 1);
	memcpy(out, s, used);
	for (size_t i = used; i<n; i += len> 0 ? len : 1) {
		const void *from = p + i;
		size_t add;

		if ((len = plain_run(p + i, n - i)) > 0) {
			add = len < max - used ? len : max - used;
			memcpy(out + used, from, add);
			used += add;
			continue;
		}
		len = add = char_at(p + i, n - i);
		if (len == 0) {
			from = REPLACEMENT;
			add = REPLACEMENT_LEN;
		} else if (is_dropped(p + i, len)) {
			continue;
		} else if (one_line && p[i] == '\n') {
			from = " ";
		}
		if (add > max - used)
			break;
		memcpy(out + used, from, add);
		used += add;
	}
	out[used] = '\0';
	return out;
}
