/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_lines - a document as lines of text, for formats that are tables.
 *
 * For the files of this room only.
 */
#ifndef FETCHERS_TEXT_LINES_H
#define FETCHERS_TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

struct stream;

/* Longest line of a table that is read. */
#define LINE_MAX_BYTES ((size_t)64 * 1024)

struct text_lines {
	struct stream *in; /* borrowed */
	const char *p;     /* what of the last read is left */
	size_t len;
	struct buf text; /* owned; a line that lies across two reads */
	uint64_t number; /* of the line handed out last, from 1 */
	bool is_cut;     /* the last line had no end: the document is cut short */
};

void text_lines_init(struct text_lines *l, struct stream *in);
void text_lines_done(struct text_lines *l);

/*
 * The next line without its end ("\n" or "\r\n"), borrowed until the next call; NULL in
 * *RET at the end of the document.
 * ERR_INPUT  the line is longer than any honest one
 */
enum err_code text_lines_next(
    struct text_lines *l, const char **ret, size_t *ret_len, struct err *e);

#endif
