/* SPDX-License-Identifier: Apache-2.0 */
/* Small documents as a tree, over json-c; see json.h. */
#include "core/json.h"

#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/stream.h"

/* struct json is json-c's object under our name. */
static struct json_object *
inside(const struct json *j)
{
	struct json_object *o;

	memcpy(&o, &j, sizeof(o));
	return o;
}

static const struct json *
outside(struct json_object *o)
{
	const struct json *j;

	memcpy(&j, &o, sizeof(j));
	return j;
}

/*
 * json-c is lenient where RFC 8259 is not: it takes NaN, single quotes, "[00]", "1.",
 * line feeds in texts and half surrogate pairs.  So the other reader looks first.
 */
static enum err_code
check_strict(const char *text, size_t len, struct err *e)
{
	struct json_value v = { .token = JSON_NULL };
	struct json_reader *r;
	struct stream *in = NULL;
	enum err_code rc;

	if ((rc = stream_open_memory(&in, text, len, len, e)) != ERR_OK)
		return rc;
	r = json_reader_new(in);
	do {
		rc = json_next(r, &v, e);
		/* the tree would end the key there */
		if (rc == ERR_OK && v.token == JSON_KEY && strlen(v.text) != v.len)
			rc = err_set(e, ERR_INPUT, "JSON: a key holds a NUL");
	} while (rc == ERR_OK && v.token != JSON_END);
	json_reader_free(r);
	stream_close(in);
	if (rc != ERR_OK && e != NULL)
		e->code = ERR_INPUT; /* too deep or too long is no matter of retrying */
	return rc != ERR_OK ? ERR_INPUT : ERR_OK;
}

enum err_code
json_parse(struct json **ret, const char *text, size_t len, struct err *e)
{
	struct json_tokener *t;
	struct json_object *o;
	enum json_tokener_error why;
	enum err_code rc;
	size_t end;

	if (len > INT_MAX - 1)
		return err_set(e, ERR_LIMIT, "too much JSON");
	if ((rc = check_strict(text, len, e)) != ERR_OK)
		return rc;
	t = json_tokener_new_ex((int)MAX_JSON_DEPTH);
	if (t == NULL)
		return err_set(e, ERR_LIMIT, "no memory for JSON");
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, text, (int)len);
	why = json_tokener_get_error(t);
	/* a bare number ends only where it is told to */
	if (why == json_tokener_continue) {
		o = json_tokener_parse_ex(t, "", 1);
		why = json_tokener_get_error(t);
		end = len;
	} else {
		end = json_tokener_get_parse_end(t);
	}
	json_tokener_free(t);
	while (end < len && strchr(" \t\r\n", text[end]) != NULL && text[end] != '\0')
		end++;
	if (why == json_tokener_success && end < len) {
		json_object_put(o);
		return err_set(
		    e, ERR_INPUT, "JSON: something follows the end, at byte %zu", end);
	}
	if (why != json_tokener_success)
		return err_set(e, ERR_INPUT, "JSON: %s, at byte %zu",
		    json_tokener_error_desc(why), end);
	memcpy(ret, &o, sizeof(*ret));
	return ERR_OK;
}

void
json_free(struct json *j)
{
	(void)json_object_put(inside(j));
}

enum json_kind
json_kind(const struct json *j)
{
	switch (json_object_get_type(inside(j))) {
	case json_type_boolean:
		return JSON_IS_BOOL;
	case json_type_double:
	case json_type_int:
		return JSON_IS_NUMBER;
	case json_type_string:
		return JSON_IS_TEXT;
	case json_type_array:
		return JSON_IS_ARRAY;
	case json_type_object:
		return JSON_IS_OBJECT;
	case json_type_null:
		break;
	}
	return JSON_IS_NULL;
}

size_t
json_count(const struct json *j)
{
	if (json_kind(j) == JSON_IS_ARRAY)
		return json_object_array_length(inside(j));
	return json_kind(j) == JSON_IS_OBJECT
		   ? (size_t)json_object_object_length(inside(j))
		   : 0;
}

const struct json *
json_at(const struct json *j, size_t i)
{
	if (json_kind(j) != JSON_IS_ARRAY)
		return NULL;
	return outside(json_object_array_get_idx(inside(j), i));
}

const struct json *
json_get(const struct json *j, const char *key)
{
	struct json_object *o = NULL;

	if (json_kind(j) != JSON_IS_OBJECT)
		return NULL;
	(void)json_object_object_get_ex(inside(j), key, &o);
	return outside(o);
}

bool
json_has(const struct json *j, const char *key)
{
	return json_kind(j) == JSON_IS_OBJECT &&
	       json_object_object_get_ex(inside(j), key, NULL);
}

const char *
json_member(const struct json *j, size_t i, const struct json **ret)
{
	struct json_object_iterator at, end;

	if (json_kind(j) != JSON_IS_OBJECT)
		return NULL;
	at = json_object_iter_begin(inside(j));
	end = json_object_iter_end(inside(j));
	while (i > 0 && !json_object_iter_equal(&at, &end)) {
		json_object_iter_next(&at);
		i--;
	}
	if (json_object_iter_equal(&at, &end))
		return NULL;
	*ret = outside(json_object_iter_peek_value(&at));
	return json_object_iter_peek_name(&at);
}

/* The field KEY, NULL when it is absent or null. */
static const struct json *
field(const struct json *j, const char *key)
{
	const struct json *v = json_get(j, key);

	return json_kind(v) == JSON_IS_NULL ? NULL : v;
}

enum err_code
json_take_text(const struct json *j, const char *key, const char **ret, struct err *e)
{
	const struct json *v = field(j, key);

	if (v == NULL)
		return ERR_OK;
	if (json_str(v) == NULL)
		return err_set(e, ERR_INPUT, "%s must be a text", key);
	/* a NUL inside would hide what follows it */
	if (strlen(json_str(v)) != (size_t)json_object_get_string_len(inside(v)))
		return err_set(e, ERR_INPUT, "%s must not hold a NUL", key);
	*ret = json_str(v);
	return ERR_OK;
}

enum err_code
json_take_int(const struct json *j, const char *key, int64_t *ret, struct err *e)
{
	const struct json *v = field(j, key);
	int64_t number;

	if (v == NULL)
		return ERR_OK;
	if (json_object_get_type(inside(v)) != json_type_int)
		return err_set(e, ERR_INPUT, "%s must be a whole number", key);
	number = json_object_get_int64(inside(v));
	/* what does not fit was cut down to these */
	if (number == INT64_MAX || number == INT64_MIN)
		return err_set(e, ERR_INPUT, "%s is too large a number", key);
	*ret = number;
	return ERR_OK;
}

enum err_code
json_take_number(const struct json *j, const char *key, double *ret, struct err *e)
{
	const struct json *v = field(j, key);

	if (v == NULL)
		return ERR_OK;
	if (json_kind(v) != JSON_IS_NUMBER || !isfinite(json_num(v)))
		return err_set(e, ERR_INPUT, "%s must be a number", key);
	*ret = json_num(v);
	return ERR_OK;
}

enum err_code
json_take_bool(const struct json *j, const char *key, bool *ret, struct err *e)
{
	const struct json *v = field(j, key);

	if (v == NULL)
		return ERR_OK;
	if (json_kind(v) != JSON_IS_BOOL)
		return err_set(e, ERR_INPUT, "%s must be true or false", key);
	*ret = json_object_get_boolean(inside(v)) != 0;
	return ERR_OK;
}

enum err_code
json_take_texts(const struct json *j, const char *key, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	const struct json *v = field(j, key);
	const char **texts;
	size_t n = json_count(v);

	if (v == NULL)
		return ERR_OK;
	if (json_kind(v) != JSON_IS_ARRAY)
		return err_set(e, ERR_INPUT, "%s must be a list of texts", key);
	texts = arena_array(a, n + 1, sizeof(*texts));
	for (size_t i = 0; i < n; i++) {
		const struct json *item = json_at(v, i);

		texts[i] = json_str(item);
		if (texts[i] == NULL ||
		    strlen(texts[i]) !=
			(size_t)json_object_get_string_len(inside(item)))
			return err_set(e, ERR_INPUT, "%s[%zu] must be a text", key, i);
	}
	*ret = texts;
	*ret_n = n;
	return ERR_OK;
}

enum err_code
json_only(const struct json *j, const char *const known[], struct err *e)
{
	struct json_object_iterator at, end;

	if (json_kind(j) != JSON_IS_OBJECT)
		return err_set(e, ERR_INPUT, "an object is wanted");
	at = json_object_iter_begin(inside(j));
	end = json_object_iter_end(inside(j));
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);
		size_t i = 0;

		while (known[i] != NULL && strcmp(known[i], name) != 0)
			i++;
		if (known[i] == NULL)
			return err_set(
			    e, ERR_INPUT, "no field \"%s\" is known here", name);
	}
	return ERR_OK;
}

const char *
json_str(const struct json *j)
{
	if (json_kind(j) != JSON_IS_TEXT)
		return NULL;
	return json_object_get_string(inside(j));
}

double
json_num(const struct json *j)
{
	return json_kind(j) == JSON_IS_NUMBER ? json_object_get_double(inside(j)) : 0;
}

void
json_print(const struct json *j, struct buf *b)
{
	size_t len;
	const char *text = json_object_to_json_string_length(
	    inside(j), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	buf_add(b, text, len);
}
