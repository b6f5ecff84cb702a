/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pull reader for JSON; see json_read.h.
 *
 * Speed comes from one loop, plain_run(): eight bytes at a time up to the next quote,
 * backslash or control character, then one copy into the token buffer.  UTF-8 is checked
 * afterwards and only in strings that hold a byte above 0x7f.
 */
#include "core/json_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/stream.h"

#define MAX_DEPTH  128 /* MAX_JSON_DEPTH, as the size of an array */
#define MAX_NUMBER 512
_Static_assert(MAX_DEPTH % 64 == 0, "the stack is made of words");

enum state {
	WANT_VALUE,
	WANT_ITEM_OR_END, /* behind '[' */
	WANT_KEY_OR_END,  /* behind '{' */
	WANT_MORE_OR_END, /* behind a value in a container */
	WANT_NOTHING,     /* behind the document */
	AT_END,
};

struct json_reader {
	struct stream *in;
	const char *p, *end; /* of the bytes at hand */
	uint64_t before;     /* bytes of the document before 'start' */
	const char *start;   /* of the bytes at hand */
	char *token;         /* owned */
	size_t len, cap;
	enum state state;
	unsigned depth;
	uint64_t is_object[MAX_DEPTH / 64]; /* one bit a level */
	bool is_fresh;                      /* nothing read yet */
	bool at_eof;
	size_t max_string;
	struct err failure; /* repeated by every later call */
};

struct json_reader *
json_reader_new(struct stream *s)
{
	struct json_reader *r = mem_zalloc(sizeof(*r));

	r->in = s;
	r->cap = 4096;
	r->token = mem_alloc(r->cap);
	r->is_fresh = true;
	r->max_string = MAX_JSON_STRING;
	r->failure = ERR_INIT;
	return r;
}

void
json_reader_free(struct json_reader *r)
{
	if (r == NULL)
		return;
	free(r->token);
	free(r);
}

void
json_reader_max_string(struct json_reader *r, size_t max)
{
	r->max_string = max;
}

uint64_t
json_offset(const struct json_reader *r)
{
	return r->before + (uint64_t)(r->p - r->start);
}

/* ---- failures ---- */

static bool
fail(struct json_reader *r, enum err_code code, const char *what)
{
	if (r->failure.code == ERR_OK)
		(void)err_set(&r->failure, code, "JSON at byte %llu: %s",
		    (unsigned long long)json_offset(r), what);
	return false;
}

/* ---- bytes ---- */

/* More bytes; false at the end and on failure. */
static bool
refill(struct json_reader *r)
{
	size_t n = 0;
	const char *p = NULL;
	enum err_code rc;

	if (r->at_eof || r->failure.code != ERR_OK)
		return false;
	r->before += (uint64_t)(r->end - r->start);
	rc = stream_read(r->in, &p, &n, &r->failure);
	if (rc != ERR_OK) {
		r->failure.code = rc;
		r->start = r->p = r->end = "";
		return false;
	}
	r->start = r->p = p;
	r->end = p + n;
	r->at_eof = n == 0;
	if (r->is_fresh && n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		r->p += 3;
	r->is_fresh = false;
	return n > 0;
}

/* The next byte that is no blank, not taken; -1 at the end. */
static int
peek(struct json_reader *r)
{
	for (;;) {
		while (r->p < r->end) {
			char c = *r->p;

			if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
				return (unsigned char)c;
			r->p++;
		}
		if (!refill(r))
			return -1;
	}
}

static int
next_byte(struct json_reader *r)
{
	if (r->p == r->end && !refill(r))
		return -1;
	return (unsigned char)*r->p++;
}

/* ---- the token buffer ---- */

static bool
reserve(struct json_reader *r, size_t more)
{
	size_t need = r->len + more + 1;

	if (need <= r->cap)
		return true;
	if (need > r->max_string)
		return fail(r, ERR_LIMIT, "a string is too long");
	while (r->cap < need)
		r->cap *= 2;
	r->token = mem_array(r->token, r->cap, 1);
	return true;
}

static bool
append(struct json_reader *r, const char *p, size_t n)
{
	if (!reserve(r, n))
		return false;
	memcpy(r->token + r->len, p, n);
	r->len += n;
	return true;
}

/* ---- strings ---- */

#define EACH(byte) (0x0101010101010101u * (byte))
#define HIGH       EACH(0x80u)
#define ZERO_IN(x) (((x)-EACH(1u)) & ~(x)&HIGH)

/* Up to the first quote, backslash or control character; *SEEN collects high bits. */
static const char *
plain_run(const char *p, const char *end, uint64_t *seen)
{
	while (end - p >= 8) {
		uint64_t x;

		memcpy(&x, p, 8);
		if ((ZERO_IN(x ^ EACH(0x22u)) | ZERO_IN(x ^ EACH(0x5cu)) |
			((x - EACH(0x20u)) & ~x & HIGH)) != 0)
			break;
		*seen |= x & HIGH;
		p += 8;
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) {
		*seen |= (unsigned char)*p & 0x80u;
		p++;
	}
	return p;
}

static bool
read_hex4(struct json_reader *r, unsigned *ret)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		int c = next_byte(r);
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return fail(r, ERR_INPUT, "four hex digits are wanted");
		v = v << 4 | (unsigned)digit;
	}
	*ret = v;
	return true;
}

static bool
append_code(struct json_reader *r, unsigned v)
{
	char out[4];
	size_t n;

	if (v < 0x80) {
		out[0] = (char)v;
		n = 1;
	} else if (v < 0x800) {
		out[0] = (char)(0xc0 | v >> 6);
		out[1] = (char)(0x80 | (v & 63));
		n = 2;
	} else if (v < 0x10000) {
		out[0] = (char)(0xe0 | v >> 12);
		out[1] = (char)(0x80 | (v >> 6 & 63));
		out[2] = (char)(0x80 | (v & 63));
		n = 3;
	} else {
		out[0] = (char)(0xf0 | v >> 18);
		out[1] = (char)(0x80 | (v >> 12 & 63));
		out[2] = (char)(0x80 | (v >> 6 & 63));
		out[3] = (char)(0x80 | (v & 63));
		n = 4;
	}
	return append(r, out, n);
}

static bool
read_unicode(struct json_reader *r)
{
	unsigned v, low;

	if (!read_hex4(r, &v))
		return false;
	if (v >= 0xdc00 && v < 0xe000)
		return fail(r, ERR_INPUT, "half a surrogate pair");
	if (v >= 0xd800 && v < 0xdc00) {
		if (next_byte(r) != '\\' || next_byte(r) != 'u')
			return fail(r, ERR_INPUT, "half a surrogate pair");
		if (!read_hex4(r, &low))
			return false;
		if (low < 0xdc00 || low >= 0xe000)
			return fail(r, ERR_INPUT, "half a surrogate pair");
		v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
	}
	return append_code(r, v);
}

static bool
read_escape(struct json_reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = next_byte(r);
	const char *at;

	if (c == 'u')
		return read_unicode(r);
	at = c > 0 ? strchr(from, c) : NULL;
	if (at == NULL)
		return fail(r, ERR_INPUT, "no such escape");
	return append(r, &to[at - from], 1);
}

/* Behind the opening quote. */
static bool
read_string(struct json_reader *r)
{
	uint64_t seen = 0;

	r->len = 0;
	for (;;) {
		const char *stop = plain_run(r->p, r->end, &seen);

		if (!append(r, r->p, (size_t)(stop - r->p)))
			return false;
		r->p = stop;
		if (r->p == r->end) {
			if (!refill(r))
				return fail(r, ERR_INPUT, "a string does not end");
			continue;
		}
		if (*r->p == '"') {
			r->p++;
			break;
		}
		if (*r->p != '\\')
			return fail(r, ERR_INPUT, "a control character in a string");
		r->p++;
		if (!read_escape(r))
			return false;
	}
	r->token[r->len] = '\0';
	if (seen != 0 && !utf8_valid(r->token, r->len))
		return fail(r, ERR_INPUT, "a string is not UTF-8");
	return true;
}

/* ---- numbers and words ---- */

static const char *
digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

static bool
is_number(const char *p)
{
	const char *q;

	p += *p == '-';
	q = digits(p);
	if (q == p || (*p == '0' && q > p + 1))
		return false;
	p = q;
	if (*p == '.') {
		q = digits(++p);
		if (q == p)
			return false;
		p = q;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '+' || *p == '-';
		q = digits(p);
		if (q == p)
			return false;
		p = q;
	}
	return *p == '\0';
}

/* A run of letters, digits and signs: a number or a word, judged afterwards. */
static bool
read_bare(struct json_reader *r)
{
	r->len = 0;
	for (;;) {
		const char *q = r->p;

		while (q < r->end &&
		       ((*q >= '0' && *q <= '9') || (*q >= 'a' && *q <= 'z') ||
			   *q == '-' || *q == '+' || *q == '.' || *q == 'E'))
			q++;
		if (r->len + (size_t)(q - r->p) > MAX_NUMBER)
			return fail(r, ERR_LIMIT, "a number is too long");
		if (!append(r, r->p, (size_t)(q - r->p)))
			return false;
		r->p = q;
		if (q < r->end || !refill(r))
			break;
	}
	r->token[r->len] = '\0';
	return r->failure.code == ERR_OK;
}

static bool
read_scalar(struct json_reader *r, struct json_value *v)
{
	static const struct {
		const char *word;
		enum json_token token;
	} words[] = { { "true", JSON_TRUE }, { "false", JSON_FALSE },
		{ "null", JSON_NULL } };

	if (!read_bare(r))
		return false;
	v->token = JSON_NUMBER;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(r->token, words[i].word) == 0)
			v->token = words[i].token;
	if (v->token == JSON_NUMBER && !is_number(r->token))
		return fail(r, ERR_INPUT, "a value is wanted");
	return true;
}

/* ---- structure ---- */

static bool
in_object(const struct json_reader *r)
{
	unsigned level = r->depth - 1;

	return (r->is_object[level / 64] >> (level % 64) & 1) != 0;
}

static void
after_value(struct json_reader *r)
{
	r->state = r->depth == 0 ? WANT_NOTHING : WANT_MORE_OR_END;
}

static bool
enter(struct json_reader *r, struct json_value *v, bool object)
{
	uint64_t bit = (uint64_t)1 << (r->depth % 64);

	r->p++;
	if (r->depth == MAX_DEPTH)
		return fail(r, ERR_LIMIT, "nested too deep");
	if (object)
		r->is_object[r->depth / 64] |= bit;
	else
		r->is_object[r->depth / 64] &= ~bit;
	r->depth++;
	r->state = object ? WANT_KEY_OR_END : WANT_ITEM_OR_END;
	v->token = object ? JSON_OBJECT : JSON_ARRAY;
	return true;
}

static bool
leave(struct json_reader *r, struct json_value *v)
{
	v->token = in_object(r) ? JSON_OBJECT_END : JSON_ARRAY_END;
	r->p++;
	r->depth--;
	after_value(r);
	return true;
}

static bool
value(struct json_reader *r, struct json_value *v, int c)
{
	if (c == '{' || c == '[')
		return enter(r, v, c == '{');
	if (c == '"') {
		r->p++;
		v->token = JSON_STRING;
		if (!read_string(r))
			return false;
	} else if (c < 0) {
		return fail(r, ERR_INPUT, "the document is cut short");
	} else if (!read_scalar(r, v)) {
		return false;
	}
	v->text = r->token;
	v->len = r->len;
	after_value(r);
	return true;
}

static bool
key(struct json_reader *r, struct json_value *v, int c)
{
	if (c != '"')
		return fail(r, ERR_INPUT,
		    c < 0 ? "the document is cut short" : "a key is wanted");
	r->p++;
	if (!read_string(r))
		return false;
	if (peek(r) != ':')
		return fail(r, ERR_INPUT, "a colon is wanted");
	r->p++;
	v->token = JSON_KEY;
	v->text = r->token;
	v->len = r->len;
	r->state = WANT_VALUE;
	return true;
}

static bool
more_or_end(struct json_reader *r, struct json_value *v, int c)
{
	if (c == (in_object(r) ? '}' : ']'))
		return leave(r, v);
	if (c != ',')
		return fail(r, ERR_INPUT,
		    c < 0 ? "the document is cut short"
			  : "a comma or an end is wanted");
	r->p++;
	c = peek(r);
	return in_object(r) ? key(r, v, c) : value(r, v, c);
}

static bool
step(struct json_reader *r, struct json_value *v)
{
	int c = peek(r);

	if (r->failure.code != ERR_OK)
		return false;
	switch (r->state) {
	case WANT_VALUE:
		return value(r, v, c);
	case WANT_ITEM_OR_END:
		return c == ']' ? leave(r, v) : value(r, v, c);
	case WANT_KEY_OR_END:
		return c == '}' ? leave(r, v) : key(r, v, c);
	case WANT_MORE_OR_END:
		return more_or_end(r, v, c);
	case WANT_NOTHING:
		if (c >= 0)
			return fail(r, ERR_INPUT, "something follows the end");
		r->state = AT_END;
		break;
	case AT_END:
		break;
	}
	v->token = JSON_END;
	return true;
}

enum err_code
json_next(struct json_reader *r, struct json_value *ret, struct err *e)
{
	ret->text = "";
	ret->len = 0;
	if (r->failure.code == ERR_OK && step(r, ret) && r->failure.code == ERR_OK)
		return ERR_OK;
	return err_set(e, r->failure.code, "%s", r->failure.text);
}

enum err_code
json_skip(struct json_reader *r, const struct json_value *v, struct err *e)
{
	unsigned depth = r->depth;
	struct json_value inner;
	enum err_code rc = ERR_OK;

	if (v->token != JSON_OBJECT && v->token != JSON_ARRAY)
		return ERR_OK;
	while (rc == ERR_OK && r->depth >= depth)
		rc = json_next(r, &inner, e);
	return rc;
}

enum err_code
json_skip_next(struct json_reader *r, struct err *e)
{
	struct json_value v;
	enum err_code rc = json_next(r, &v, e);

	return rc == ERR_OK ? json_skip(r, &v, e) : rc;
}

enum err_code
json_enter(struct json_reader *r, enum json_token want, bool *ret_in, struct err *e)
{
	struct json_value v;
	enum err_code rc = json_next(r, &v, e);

	if (rc != ERR_OK)
		return rc;
	*ret_in = v.token == want;
	return *ret_in ? ERR_OK : json_skip(r, &v, e);
}

enum err_code
json_key(
    struct json_reader *r, struct json_value *ret_key, bool *ret_more, struct err *e)
{
	enum err_code rc = json_next(r, ret_key, e);

	*ret_more = rc == ERR_OK && ret_key->token == JSON_KEY;
	return rc;
}

enum err_code
json_item(
    struct json_reader *r, struct json_value *ret_first, bool *ret_more, struct err *e)
{
	enum err_code rc = json_next(r, ret_first, e);

	*ret_more = rc == ERR_OK && ret_first->token != JSON_ARRAY_END;
	return rc;
}

enum err_code
json_text_of(struct json_reader *r, const struct json_value *v, struct arena *a,
    const char **ret, struct err *e)
{
	switch (v->token) {
	case JSON_STRING:
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		/* a text with a NUL inside is no text to us */
		*ret = memchr(v->text, 0, v->len) == NULL
			   ? arena_strndup(a, v->text, v->len)
			   : NULL;
		return ERR_OK;
	default:
		*ret = NULL;
		return json_skip(r, v, e);
	}
}

enum err_code
json_text(struct json_reader *r, struct arena *a, const char **ret, struct err *e)
{
	struct json_value v;
	enum err_code rc = json_next(r, &v, e);

	return rc == ERR_OK ? json_text_of(r, &v, a, ret, e) : rc;
}
