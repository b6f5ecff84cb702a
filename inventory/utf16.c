/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf16 - documents in UTF-16, which is what a shell of Windows makes of "syft ... > file".
 * Only with a byte order mark: nothing is guessed.
 */
#include <string.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/stream.h"
#include "inventory/inventory_private.h"

bool
utf16_is(const char *head, size_t n)
{
	return n >= 2 &&
	       (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0);
}

static unsigned
unit(const unsigned char *p, bool is_big)
{
	return is_big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static void
add_character(struct buf *out, unsigned c)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_addc(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_addc(out, (char)(0xe0 | c >> 12));
		} else {
			buf_addc(out, (char)(0xf0 | c >> 18));
			buf_addc(out, (char)(0x80 | (c >> 12 & 63)));
		}
		buf_addc(out, (char)(0x80 | (c >> 6 & 63)));
	}
	buf_addc(out, (char)(0x80 | (c & 63)));
}

enum err_code
utf16_convert(const char *text, size_t len, struct buf *out, struct err *e)
{
	const unsigned char *p = (const unsigned char *)text;
	bool is_big = p[0] == 0xfe;

	for (size_t i = 2; i < len; i += 2) {
		unsigned c, low = 0;

		if (i + 1 == len)
			return err_set(
			    e, ERR_INPUT, "UTF-16 with an odd byte at its end");
		c = unit(p + i, is_big);
		if (c >= 0xd800 && c < 0xe000) {
			if (c < 0xdc00 && i + 3 < len)
				low = unit(p + i + 2, is_big);
			if (low < 0xdc00 || low > 0xdfff)
				return err_set(e, ERR_INPUT,
				    "half a character at byte %zu of UTF-16", i);
			c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
			i += 2;
		}
		add_character(out, c);
	}
	if (out->full)
		return err_set(e, ERR_LIMIT, "more than %zu bytes", MAX_UPLOAD_BYTES);
	return ERR_OK;
}
