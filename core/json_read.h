/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_read - a pull reader for JSON documents of any size, strict RFC 8259: used for
 * everything that is large (feeds, SBOMs).  Small documents are easier as a tree, see
 * core/json.h.
 *
 * Checked here so that no caller has to: UTF-8, escapes and surrogate pairs, numbers,
 * depth (MAX_JSON_DEPTH), string length (MAX_JSON_STRING), nothing behind the end.
 * Duplicate keys are handed on as they come.  A UTF-8 byte order mark is skipped.
 *
 * The reader repeats its error: after the first failure every call returns it.
 */
#ifndef CORE_JSON_READ_H
#define CORE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct arena;
struct stream;
struct json_reader; /* opaque here; core/json_read.c */

enum json_token {
	JSON_END, /* the document is complete */
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_KEY,    /* text/len: the key */
	JSON_STRING, /* text/len */
	JSON_NUMBER, /* text/len: as written */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

struct json_value {
	enum json_token token;
	const char *text; /* NUL-terminated; borrowed until the next call */
	size_t len;
};

/* S stays the caller's and must outlive the reader. */
struct json_reader *json_reader_new(struct stream *s);
void json_reader_free(struct json_reader *r);
/* Strings up to MAX bytes instead of MAX_JSON_STRING: for documents inside documents. */
void json_reader_max_string(struct json_reader *r, size_t max);

/* ERR_INPUT names the byte offset and what was expected. */
enum err_code json_next(struct json_reader *r, struct json_value *ret, struct err *e);

/* Skip the value that begins with V (whole object or array; nothing for a scalar). */
enum err_code json_skip(
    struct json_reader *r, const struct json_value *v, struct err *e);
/* Read the next value and skip it whole. */
enum err_code json_skip_next(struct json_reader *r, struct err *e);

/*
 * The loops that parsers are made of.
 *
 * json_enter() reads one token and says in *RET_IN whether it was an object (or
 * array); anything else is skipped whole and gives false, so that a field of an
 * unexpected type is as good as missing.
 * json_key() / json_item() step: false at the end of the object / array.  json_key()
 * gives the key, json_item() the first token of the item.
 */
enum err_code json_enter(
    struct json_reader *r, enum json_token want, bool *ret_in, struct err *e);
enum err_code json_key(
    struct json_reader *r, struct json_value *ret_key, bool *ret_more, struct err *e);
enum err_code json_item(
    struct json_reader *r, struct json_value *ret_first, bool *ret_more, struct err *e);

/*
 * The next value as text in A: strings, and numbers and booleans as written; NULL for
 * null, objects and arrays (which are skipped whole).
 */
enum err_code json_text(
    struct json_reader *r, struct arena *a, const char **ret, struct err *e);
/* The same for a value whose first token V has been read. */
enum err_code json_text_of(struct json_reader *r, const struct json_value *v,
    struct arena *a, const char **ret, struct err *e);

/* Bytes of the document consumed so far. */
uint64_t json_offset(const struct json_reader *r);

#endif
