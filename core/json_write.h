/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_write - JSON out, straight into a buffer: commas, escapes and nesting are kept
 * right here.  Misuse (a value without a key inside an object) is a bug and asserts.
 * Text that is not UTF-8 is written with U+FFFD in place of the bad bytes.
 */
#ifndef CORE_JSON_WRITE_H
#define CORE_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct json_writer {
	struct buf *out; /* borrowed */
	unsigned depth;  /* open objects and arrays */
	bool first;      /* nothing written at this level yet */
	bool after_key;  /* a key waits for its value */
	char open[64];   /* '{' or '[' per level */
};

void jw_init(struct json_writer *w, struct buf *out);
void jw_object(struct json_writer *w);
void jw_object_end(struct json_writer *w);
void jw_array(struct json_writer *w);
void jw_array_end(struct json_writer *w);
void jw_key(struct json_writer *w, const char *key);

/* Values; a NULL text is written as null. */
void jw_text(struct json_writer *w, const char *s);
void jw_textn(struct json_writer *w, const char *s, size_t n);
void jw_int(struct json_writer *w, int64_t v);
void jw_bool(struct json_writer *w, bool v);
void jw_null(struct json_writer *w);
/* V / 10^DECIMALS, as in 9.8 from 98 and 1. */
void jw_decimal(struct json_writer *w, int64_t v, unsigned decimals);
/* Seconds since 1970 as RFC 3339 text; 0 is null. */
void jw_time(struct json_writer *w, int64_t at);
/* A number as text, the form of ids and event numbers. */
void jw_id(struct json_writer *w, int64_t v);
/* Ready JSON, put in as it is. */
void jw_raw(struct json_writer *w, const char *json, size_t len);

/* key and value in one call */
void jw_ktext(struct json_writer *w, const char *key, const char *s);
void jw_kint(struct json_writer *w, const char *key, int64_t v);
void jw_kbool(struct json_writer *w, const char *key, bool v);
void jw_ktime(struct json_writer *w, const char *key, int64_t at);
void jw_kid(struct json_writer *w, const char *key, int64_t v);

#endif
