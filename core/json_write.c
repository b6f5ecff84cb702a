/* SPDX-License-Identifier: Apache-2.0 */
/* JSON straight into a buffer; see json_write.h. */
#include "core/json_write.h"

#include <assert.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"

void
jw_init(struct json_writer *w, struct buf *out)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
	w->first = true;
}

/* What stands before a value: a comma, or nothing behind its key. */
static void
before_value(struct json_writer *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	assert(w->depth == 0 || w->open[w->depth - 1] == '[');
	if (!w->first)
		buf_addc(w->out, ',');
	w->first = false;
}

static void
enter(struct json_writer *w, char c)
{
	before_value(w);
	assert(w->depth < sizeof(w->open));
	w->open[w->depth++] = c;
	w->first = true;
	buf_addc(w->out, c);
}

static void
leave(struct json_writer *w, char opened, char c)
{
	assert(w->depth > 0 && w->open[w->depth - 1] == opened && !w->after_key);
	w->depth--;
	w->first = false;
	buf_addc(w->out, c);
}

void
jw_object(struct json_writer *w)
{
	enter(w, '{');
}

void
jw_object_end(struct json_writer *w)
{
	leave(w, '{', '}');
}

void
jw_array(struct json_writer *w)
{
	enter(w, '[');
}

void
jw_array_end(struct json_writer *w)
{
	leave(w, '[', ']');
}

/* Length of the UTF-8 character at S, 0 if it is none. */
static size_t
character(const unsigned char *s, size_t n)
{
	size_t len = s[0] < 0x80   ? 1
		     : s[0] < 0xc2 ? 0
		     : s[0] < 0xe0 ? 2
		     : s[0] < 0xf0 ? 3
		     : s[0] < 0xf5 ? 4
				   : 0;

	if (len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

static void
add_escape(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (size_t i = 0; i + 1 < sizeof(names); i += 2) {
		if ((unsigned char)names[i] == c) {
			buf_addc(out, '\\');
			buf_addc(out, names[i + 1]);
			return;
		}
	}
	buf_adds(out, "\\u00");
	buf_addc(out, hex[c >> 4]);
	buf_addc(out, hex[c & 15]);
}

static void
add_string(struct buf *out, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t from = 0, i = 0;

	buf_addc(out, '"');
	while (i < n) {
		size_t len;

		if (s[i] >= 0x20 && s[i] < 0x80 && s[i] != '"' && s[i] != '\\') {
			i++;
			continue;
		}
		len = s[i] < 0x80 ? 0 : character(s + i, n - i);
		if (len > 0) {
			i += len;
			continue;
		}
		buf_add(out, text + from, i - from);
		if (s[i] < 0x80)
			add_escape(out, s[i]);
		else
			buf_adds(out, "\xef\xbf\xbd");
		from = ++i;
	}
	buf_add(out, text + from, n - from);
	buf_addc(out, '"');
}

void
jw_key(struct json_writer *w, const char *key)
{
	assert(w->depth > 0 && w->open[w->depth - 1] == '{' && !w->after_key);
	if (!w->first)
		buf_addc(w->out, ',');
	w->first = false;
	add_string(w->out, key, strlen(key));
	buf_addc(w->out, ':');
	w->after_key = true;
}

void
jw_textn(struct json_writer *w, const char *s, size_t n)
{
	before_value(w);
	add_string(w->out, s, n);
}

void
jw_text(struct json_writer *w, const char *s)
{
	if (s == NULL)
		jw_null(w);
	else
		jw_textn(w, s, strlen(s));
}

void
jw_int(struct json_writer *w, int64_t v)
{
	before_value(w);
	buf_printf(w->out, "%lld", (long long)v);
}

void
jw_bool(struct json_writer *w, bool v)
{
	before_value(w);
	buf_adds(w->out, v ? "true" : "false");
}

void
jw_null(struct json_writer *w)
{
	before_value(w);
	buf_adds(w->out, "null");
}

void
jw_decimal(struct json_writer *w, int64_t v, unsigned decimals)
{
	/* of the lowest number, too, there is an absolute value */
	uint64_t unit = 1, part = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	before_value(w);
	if (v < 0)
		buf_addc(w->out, '-');
	buf_printf(w->out, "%llu", (unsigned long long)(part / unit));
	part %= unit;
	if (decimals == 0 || part == 0) {
		buf_adds(w->out, decimals > 0 ? ".0" : "");
		return;
	}
	while (part % 10 == 0) { /* 0.5, not 0.500000 */
		part /= 10;
		decimals--;
	}
	buf_printf(w->out, ".%0*llu", (int)decimals, (unsigned long long)part);
}

void
jw_time(struct json_writer *w, int64_t at)
{
	char text[TIME_TEXT_SIZE];

	jw_text(w, at == 0 ? NULL : time_format(at, text));
}

void
jw_id(struct json_writer *w, int64_t v)
{
	before_value(w);
	buf_printf(w->out, "\"%lld\"", (long long)v);
}

void
jw_raw(struct json_writer *w, const char *json, size_t len)
{
	before_value(w);
	buf_add(w->out, json, len);
}

void
jw_ktext(struct json_writer *w, const char *key, const char *s)
{
	jw_key(w, key);
	jw_text(w, s);
}

void
jw_kint(struct json_writer *w, const char *key, int64_t v)
{
	jw_key(w, key);
	jw_int(w, v);
}

void
jw_kbool(struct json_writer *w, const char *key, bool v)
{
	jw_key(w, key);
	jw_bool(w, v);
}

void
jw_ktime(struct json_writer *w, const char *key, int64_t at)
{
	jw_key(w, key);
	jw_time(w, at);
}

void
jw_kid(struct json_writer *w, const char *key, int64_t v)
{
	jw_key(w, key);
	jw_id(w, v);
}
