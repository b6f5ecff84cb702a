/* SPDX-License-Identifier: Apache-2.0 */
/* buf - a growing run of bytes that cannot grow past its maximum. */
#include "core/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define FIRST_SIZE ((size_t)256)

void
buf_init(struct buf *b, size_t max)
{
	*b = BUF_INIT(max);
}

void
buf_done(struct buf *b)
{
	free(b->data);
	*b = BUF_INIT(b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->full = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

/* Make room for LEN more bytes and the NUL; false (and full) if that may not be. */
static bool
make_room(struct buf *b, size_t len)
{
	size_t cap;

	if (b->full || len > b->max - b->len) {
		b->full = true;
		return false;
	}
	if (b->data != NULL && b->cap - b->len > len)
		return true;
	cap = b->cap < FIRST_SIZE ? FIRST_SIZE : b->cap * 2;
	if (cap <= b->len + len)
		cap = b->len + len + 1;
	if (cap - 1 > b->max)
		cap = b->max + 1;
	b->data = mem_array(b->data, cap, 1);
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	if (!make_room(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, p, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_addc(struct buf *b, char c)
{
	if (!make_room(b, 1))
		return;
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	char small[256];
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n < 0) {
		b->full = true;
	} else if ((size_t)n < sizeof(small)) {
		buf_add(b, small, (size_t)n);
	} else if (make_room(b, (size_t)n)) {
		(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

const char *
buf_str(const struct buf *b)
{
	return b->data == NULL ? "" : b->data;
}

char *
buf_take(struct buf *b, size_t *ret_len)
{
	char *data = b->data == NULL ? mem_strdup("") : b->data;

	if (ret_len != NULL)
		*ret_len = b->len;
	*b = BUF_INIT(b->max);
	return data;
}

void
buf_add_markup(struct buf *b, const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		switch (*p) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		case '\'':
			buf_adds(b, "&#39;");
			break;
		default:
			buf_addc(b, *p);
		}
}
