/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - small documents as a tree: requests, configuration of channels, stored bodies.
 * json-c stays behind this door.  Accessors take a path ("owner.contact", "refs[0]")
 * and answer with a sentence a person can use when the type is wrong.
 *
 * A tree is freed with json_free(); the nodes that accessors return are borrowed.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct json; /* opaque here: json-c's json_object */
struct buf;
struct arena;

enum json_kind {
	JSON_IS_NULL,
	JSON_IS_BOOL,
	JSON_IS_NUMBER,
	JSON_IS_TEXT,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT
};

/*
 * Strict, MAX_JSON_DEPTH, UTF-8 checked; ERR_INPUT says where it broke.  Of a key
 * written twice the last one counts.
 */
enum err_code json_parse(
    struct json **ret, const char *text, size_t len, struct err *e);
void json_free(struct json *j); /* NULL is allowed */

enum json_kind json_kind(const struct json *j); /* NULL is JSON_IS_NULL */
size_t json_count(const struct json *j);        /* of an array or object, else 0 */
const struct json *json_at(const struct json *j, size_t i);         /* array item */
const struct json *json_get(const struct json *j, const char *key); /* or NULL */
/* Is there such a member?  Also one that is null, which json_get() cannot tell. */
bool json_has(const struct json *j, const char *key);
/* The I-th member of an object: its key, and its value in *RET. */
const char *json_member(const struct json *j, size_t i, const struct json **ret);

/*
 * Typed fields of object J.  Absent and null leave *RET as it was; a wrong type is
 * ERR_INPUT "KEY must be a text".  Text is borrowed from the tree.
 */
enum err_code json_take_text(
    const struct json *j, const char *key, const char **ret, struct err *e);
enum err_code json_take_int(
    const struct json *j, const char *key, int64_t *ret, struct err *e);
enum err_code json_take_number(
    const struct json *j, const char *key, double *ret, struct err *e);
enum err_code json_take_bool(
    const struct json *j, const char *key, bool *ret, struct err *e);
/* An array of texts, pointers in A, borrowed texts. */
enum err_code json_take_texts(const struct json *j, const char *key, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e);
/* ERR_INPUT naming the first member of J that is not in the NULL-ended list KNOWN. */
enum err_code json_only(const struct json *j, const char *const known[], struct err *e);

/* The text of a JSON_IS_TEXT node, else NULL. */
const char *json_str(const struct json *j);
/* The value of a JSON_IS_NUMBER node, else 0. */
double json_num(const struct json *j);
/* Compact JSON of J appended to B. */
void json_print(const struct json *j, struct buf *b);

#endif
