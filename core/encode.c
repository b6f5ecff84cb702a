/* SPDX-License-Identifier: Apache-2.0 */
/* encode - the hex and base64 of digest.h. */
#include "core/digest.h"

#include <string.h>

#include "core/arena.h"

static const char hex_digits[] = "0123456789abcdef";
static const char standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const char *
hex_encode(const void *p, size_t len, char *out)
{
	const unsigned char *from = p;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = hex_digits[from[i] >> 4];
		out[2 * i + 1] = hex_digits[from[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_decode(struct arena *a, const char *s, unsigned char **ret, size_t *ret_len)
{
	size_t len = strlen(s);
	unsigned char *out;

	if (len % 2 != 0)
		return false;
	out = arena_alloc(a, len / 2);
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_value(s[i]), low = hex_value(s[i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i / 2] = (unsigned char)(high << 4 | low);
	}
	*ret = out;
	*ret_len = len / 2;
	return true;
}

/* Four characters per three bytes; what is missing at the end is '=' or nothing. */
static char *
encode64(struct arena *a, const void *p, size_t len, const char *alphabet, bool padded)
{
	const unsigned char *from = p;
	char *out = arena_alloc(a, (len + 2) / 3 * 4 + 1);
	size_t at = 0;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)from[i] << 16;

		if (left > 1)
			v |= (uint32_t)from[i + 1] << 8;
		if (left > 2)
			v |= from[i + 2];
		out[at++] = alphabet[v >> 18];
		out[at++] = alphabet[v >> 12 & 63];
		if (left > 1 || padded)
			out[at++] = left > 1 ? alphabet[v >> 6 & 63] : '=';
		if (left > 2 || padded)
			out[at++] = left > 2 ? alphabet[v & 63] : '=';
	}
	out[at] = '\0';
	return out;
}

char *
base64_encode(struct arena *a, const void *p, size_t len)
{
	return encode64(a, p, len, standard, true);
}

char *
base64url_encode(struct arena *a, const void *p, size_t len)
{
	return encode64(a, p, len, url_safe, false);
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

bool
base64_decode(struct arena *a, const char *s, unsigned char **ret, size_t *ret_len)
{
	size_t len = strlen(s), n = 0;
	unsigned char *out;
	uint32_t v = 0;

	if (len % 4 == 0 && len > 0 && s[len - 1] == '=')
		len -= s[len - 2] == '=' ? 2 : 1;
	if (len % 4 == 1)
		return false;
	out = arena_alloc(a, len / 4 * 3 + 2);
	for (size_t i = 0; i < len; i++) {
		int digit = base64_value(s[i]);

		if (digit < 0)
			return false;
		v = v << 6 | (uint32_t)digit;
		if (i % 4 == 0)
			continue;
		/* 4, 2 or 0 bits of the newest digit belong to the next byte */
		out[n++] = (unsigned char)(v >> (6 - 2 * (i % 4)));
	}
	/* Bits that no byte takes must be 0, or two texts would mean the same bytes. */
	if ((len % 4 == 2 && (v & 15) != 0) || (len % 4 == 3 && (v & 3) != 0))
		return false;
	*ret = out;
	*ret_len = n;
	return true;
}
