/* SPDX-License-Identifier: Apache-2.0 */
/* key - the pieces that the keys of all schemes consist of. */
#include "match/match_private.h"

#include <string.h>

#include "core/arena.h"

/* Two digits a byte, a zero in front of an odd number of them. */
static void
add_pairs(struct key_out *out, const char *digits, size_t len)
{
	size_t i = 0;

	if (len % 2 == 1)
		key_byte(out, (unsigned char)(digits[i++] - '0'));
	for (; i < len; i += 2)
		key_byte(out,
		    (unsigned char)((digits[i] - '0') << 4 | (digits[i + 1] - '0')));
}

void
key_number(struct key_out *out, const char *digits, size_t len)
{
	while (len > 0 && *digits == '0')
		digits++, len--;
	if (len <= 3) {
		unsigned value = 0;

		for (size_t i = 0; i < len; i++)
			value = value * 10 + (unsigned)(digits[i] - '0');
		if (value < 0xf0) {
			key_byte(out, (unsigned char)value);
			return;
		}
	}
	if (len < 18) {
		key_byte(out, (unsigned char)(0xf0 + (len - 3)));
	} else {
		key_byte(out, 0xff);
		key_byte(out, (unsigned char)(len >> 8 & 0xff));
		key_byte(out, (unsigned char)(len & 0xff));
	}
	add_pairs(out, digits, len);
}

void
key_count(struct key_out *out, size_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	for (; n > 0; n /= 10)
		digits[--at] = (char)('0' + n % 10);
	key_number(out, digits + at, sizeof(digits) - at);
}

void
key_complement(struct key_out *out, size_t at)
{
	for (; at < out->len; at++)
		out->at[at] = (unsigned char)~out->at[at];
}

void
key_text(struct key_out *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		key_byte(out, (unsigned char)s[i]);
	key_byte(out, 0);
}

void
key_just_above(const char *s, size_t len, struct key_out *out)
{
	(void)s, (void)len;
	key_byte(out, 0);
}

/* HEAD and LEN bytes of TAIL as one key. */
static struct key
joined(const void *head, size_t head_len, const void *tail, size_t len, struct arena *a)
{
	unsigned char *p = arena_alloc(a, head_len + len);

	if (head_len > 0)
		memcpy(p, head, head_len);
	if (len > 0)
		memcpy(p + head_len, tail, len);
	return (struct key){ .bytes = p, .len = head_len + len };
}

struct key
key_copy(const struct key_out *out, struct arena *a)
{
	return joined(out->at, out->len, NULL, 0, a);
}

struct key
key_no_version(const char *s, size_t len, struct arena *a)
{
	return joined(KEY_NO_VERSION, sizeof(KEY_NO_VERSION) - 1, s, len, a);
}

struct key
key_after(struct key key, struct arena *a)
{
	return joined(key.bytes, key.len, "", 1, a);
}

int
match_key_compare(struct key a, struct key b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.bytes, b.bytes, len);

	if (order != 0)
		return order < 0 ? -1 : 1;
	return (a.len > b.len) - (a.len < b.len);
}
