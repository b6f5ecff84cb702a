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

/* How many bytes from P on are plain printable ASCII. */
static size_t
plain_run(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	return i;
}

bool
utf8_valid(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len;

	while (n > 0) {
		if ((len = char_at(p, n)) == 0)
			return false;
		p += len;
		n -= len;
	}
	return true;
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
