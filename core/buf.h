/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf - a growing run of bytes with a maximum that is chosen when it is made, so
 * that nothing sized by a peer can grow without end.
 *
 * Additions never fail by return value: once the maximum would be passed the buffer
 * keeps what it has, sets 'full', and ignores the rest; check full once at the end.
 * data is always NUL-terminated (the NUL is not counted in len).
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* owned; NULL until the first addition */
	size_t len;
	size_t cap;
	size_t max; /* most bytes it may ever hold */
	bool full;  /* an addition was refused */
};

#define BUF_INIT(limit) ((struct buf){ .max = (limit) })

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);  /* frees; the struct may be used again after init */
void buf_reset(struct buf *b); /* empties, keeps memory and maximum */
void buf_add(struct buf *b, const void *p, size_t len);
void buf_addc(struct buf *b, char c);
/* TEXT as it may stand in HTML and XML, between tags and inside quotes of either kind. */
void buf_add_markup(struct buf *b, const char *text);
void buf_adds(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((__format__(__printf__, 2, 0)));
/* The text so far, "" when empty; borrowed until the next addition. */
const char *buf_str(const struct buf *b);
/* Ownership of the bytes moves to the caller (free()); the buffer is empty after. */
char *buf_take(struct buf *b, size_t *ret_len);

#define CLEANUP_BUF __attribute__((__cleanup__(buf_done)))

#endif
