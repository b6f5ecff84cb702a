/* SPDX-License-Identifier: Apache-2.0 */
/* json_read_test - the pull reader: tokens, what it refuses, loops, skipping. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/stream.h"

/* A reader over a text, and what it needs. */
struct fixture {
	struct arena *a;
	struct stream *in;
	struct json_reader *r;
	struct err e;
};

static int
setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .a = arena_new(), .e = ERR_INIT };
	*state = &f;
	return 0;
}

static void
stop(struct fixture *f)
{
	json_reader_free(f->r);
	stream_close(f->in);
	f->r = NULL;
	f->in = NULL;
	f->e = ERR_INIT;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	stop(f);
	arena_free(f->a);
	return 0;
}

static void
start_bytes(struct fixture *f, const char *text, size_t len)
{
	stop(f);
	assert_int_equal(
	    stream_open_memory(&f->in, text, len, UINT64_MAX, &f->e), ERR_OK);
	f->r = json_reader_new(f->in);
}

static void
start(struct fixture *f, const char *text)
{
	start_bytes(f, text, strlen(text));
}

static const char *const token_words[] = {
	[JSON_END] = "end",
	[JSON_OBJECT] = "{",
	[JSON_OBJECT_END] = "}",
	[JSON_ARRAY] = "[",
	[JSON_ARRAY_END] = "]",
	[JSON_KEY] = "key",
	[JSON_STRING] = "text",
	[JSON_NUMBER] = "number",
	[JSON_TRUE] = "true",
	[JSON_FALSE] = "false",
	[JSON_NULL] = "null",
};

/* Every token as a word, texts in brackets. */
static const char *
tokens(struct fixture *f, struct buf *out)
{
	struct json_value v;

	do {
		if (json_next(f->r, &v, &f->e) != ERR_OK) {
			buf_adds(out, "failed");
			break;
		}
		if (out->len > 0)
			buf_addc(out, ' ');
		buf_adds(out, token_words[v.token]);
		if (v.token == JSON_KEY || v.token == JSON_STRING ||
		    v.token == JSON_NUMBER)
			buf_printf(out, "(%s)", v.text);
		assert_int_equal(v.text[v.len], '\0');
	} while (v.token != JSON_END);
	return buf_str(out);
}

static void
tokens_come_in_order(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "{}", "{ } end" },
		{ "[]", "[ ] end" },
		{ "null", "null end" },
		{ " \t\r\n true\n", "true end" },
		{ "\"\"", "text() end" },
		{ "-0", "number(-0) end" },
		{ "[1,2.50,-3e+7,4E-2]",
		    "[ number(1) number(2.50) number(-3e+7) number(4E-2) ] end" },
		{ "{\"a\":[true,false,null],\"b\":{\"c\":\"d\"}}",
		    "{ key(a) [ true false null ] key(b) { key(c) text(d) } } end" },
		{ "\xef\xbb\xbf[1]", "[ number(1) ] end" },
		{ "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[ text(\"\\/\b\f\n\r\t) ] end" },
		{ "[\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"]",
		    "[ text(A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80) ] end" },
		{ "{\"a\":1,\"a\":2}", "{ key(a) number(1) key(a) number(2) } end" },
		{ "123456789012345678901234567890",
		    "number(123456789012345678901234567890) end" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ROWS(rows); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(10000);

		start(f, rows[i].text);
		if (strcmp(tokens(f, &out), rows[i].want) != 0)
			fail_msg("%s: wanted %s, got %s (%s)", rows[i].text,
			    rows[i].want, buf_str(&out), f->e.text);
	}
}

/* The whole document with nothing kept; ERR_OK if it is one. */
static enum err_code
read_all(struct fixture *f)
{
	struct json_value v = { .token = JSON_NULL };
	enum err_code rc;

	do
		rc = json_next(f->r, &v, &f->e);
	while (rc == ERR_OK && v.token != JSON_END);
	return rc;
}

static void
what_is_no_json_is_refused(void **state)
{
	static const char *const rows[] = { "", " ", "{", "}", "[", "]", "[1", "[1,",
		"[1,]", "[,1]", "{,}", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\" 1}",
		"{\"a\":1,}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{1:2}",
		"{null:1}", "[1}", "{\"a\":1]", "tru", "truex", "nul", "True", "NaN",
		"Infinity", "-Infinity", "01", "-01", "00", "1.", "1.e3", ".5", "-.5",
		"+1", "-", "--1", "1e", "1e+", "1e5.5", "0x10", "1_000", "1 2", "[1 2]",
		"[1]]", "[1] x", "{} {}", "\"", "\"abc", "'abc'", "\"a\nb\"",
		"\"a\tb\"", "\"\x7f\x01\"", "\"\\x\"", "\"\\", "\"\\u\"", "\"\\u12\"",
		"\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"",
		"\"\\ud800\\ud800\"", "\"\\udc00\"", "// c\n[1]", "/**/1", "\"\xff\"",
		"\"\xc3\"", "\"a\xc3(\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"",
		"\"\xf4\x90\x80\x80\"", "{\"\xff\":1}", "[\x01]", "[1\v]", "\xef\xbb",
		"\xef\xbb\xbf\xef\xbb\xbf[1]", "[\xef\xbb\xbf]", "\xfe\xff" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ROWS(rows); i++) {
		enum err_code rc;

		start(f, rows[i]);
		rc = read_all(f);
		if (rc != ERR_INPUT || f->e.code != ERR_INPUT)
			fail_msg("row %zu (%s): wanted input, got %s", i, rows[i],
			    err_code_name(rc));
	}
}

static void
a_nul_is_no_blank_and_no_end(void **state)
{
	struct fixture *f = *state;

	start_bytes(f, "[1]\0", 4);
	assert_int_equal(read_all(f), ERR_INPUT);
	start_bytes(f, "\"a\0b\"", 5);
	assert_int_equal(read_all(f), ERR_INPUT);
	start_bytes(f, NULL, 0);
	assert_int_equal(read_all(f), ERR_INPUT);
}

static void
a_failure_says_where_and_stays(void **state)
{
	struct fixture *f = *state;
	struct json_value v;

	start(f, "{\"a\": 1,\n \"b\": tru}");
	assert_int_equal(read_all(f), ERR_INPUT);
	if (strstr(f->e.text, "byte 18") == NULL)
		fail_msg("wanted byte 18, got: %s", f->e.text);
	for (int i = 0; i < 3; i++) {
		struct err e = ERR_INIT;

		assert_int_equal(json_next(f->r, &v, &e), ERR_INPUT);
		assert_string_equal(e.text, f->e.text);
		assert_int_equal(v.len, 0);
	}
}

static void
behind_the_end_there_is_only_the_end(void **state)
{
	struct fixture *f = *state;
	struct json_value v;

	start(f, "[]  ");
	assert_int_equal(read_all(f), ERR_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
		assert_int_equal(v.token, JSON_END);
	}
	assert_int_equal(json_offset(f->r), 4);
}

static void
a_document_cut_anywhere_is_refused(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\xc3\xa9\"],"
				   "\"b\":{\"c\":\"\\ud83d\\ude00\"}}";
	struct fixture *f = *state;

	for (size_t len = 0; len < strlen(text); len++) {
		char *cut = malloc(len > 0 ? len : 1);

		assert_non_null(cut);
		memcpy(cut, text, len);
		start_bytes(f, cut, len);
		if (read_all(f) != ERR_INPUT)
			fail_msg("%zu bytes of it were taken", len);
		stop(f);
		free(cut);
	}
	start(f, text);
	assert_int_equal(read_all(f), ERR_OK);
}

static void
nesting_has_a_limit(void **state)
{
	struct fixture *f = *state;
	char text[2 * 200];

	for (size_t depth = MAX_JSON_DEPTH; depth <= MAX_JSON_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		start_bytes(f, text, 2 * depth);
		assert_int_equal(
		    read_all(f), depth <= MAX_JSON_DEPTH ? ERR_OK : ERR_LIMIT);
	}
}

/* Objects and arrays in turn: one bit a level says which end belongs there. */
static void
deep_levels_know_what_they_are(void **state)
{
	CLEANUP_BUF struct buf text = BUF_INIT(10000);
	struct fixture *f = *state;

	for (size_t i = 0; i < MAX_JSON_DEPTH; i++)
		buf_adds(&text, i % 3 == 0 ? "[" : "{\"k\":");
	buf_adds(&text, "1");
	for (size_t i = MAX_JSON_DEPTH; i > 0; i--)
		buf_adds(&text, (i - 1) % 3 == 0 ? "]" : "}");
	start_bytes(f, text.data, text.len);
	assert_int_equal(read_all(f), ERR_OK);
	text.data[text.len - 3] = text.data[text.len - 3] == ']' ? '}' : ']';
	start_bytes(f, text.data, text.len);
	assert_int_equal(read_all(f), ERR_INPUT);
}

static void
a_string_has_a_limit(void **state)
{
	struct fixture *f = *state;
	size_t len = MAX_JSON_STRING;
	char *text = malloc(len + 2);
	struct json_value v;

	assert_non_null(text);
	memset(text, 'x', len + 2);
	text[0] = '"';
	text[len] = '"'; /* one less than the limit */
	start_bytes(f, text, len + 1);
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
	assert_int_equal(v.len, len - 1);
	text[len] = 'x';
	text[len + 1] = '"';
	start_bytes(f, text, len + 2);
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_LIMIT);
	stop(f);
	free(text);
}

static void
a_number_has_a_limit(void **state)
{
	struct fixture *f = *state;
	char text[1000];

	memset(text, '1', sizeof(text));
	start_bytes(f, text, 500);
	assert_int_equal(read_all(f), ERR_OK);
	start_bytes(f, text, sizeof(text));
	assert_int_equal(read_all(f), ERR_LIMIT);
}

/* Strings are searched eight bytes at a time: no end may hide at any place in them. */
static void
ends_and_escapes_are_seen_at_every_place(void **state)
{
	struct fixture *f = *state;

	for (size_t len = 0; len < 40; len++) {
		char text[128], want[64];
		struct json_value v;

		memset(want, 'a', len);
		want[len] = '\0';
		(void)snprintf(text, sizeof(text), "\"%s\"", want);
		start(f, text);
		assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
		assert_string_equal(v.text, want);
		(void)snprintf(text, sizeof(text), "\"%s\\n\xc3\xa9\"", want);
		start(f, text);
		assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
		assert_int_equal(v.len, len + 3);
		assert_string_equal(v.text + len, "\n\xc3\xa9");
		(void)snprintf(text, sizeof(text), "\"%s\x1f\"", want);
		start(f, text);
		assert_int_equal(json_next(f->r, &v, &f->e), ERR_INPUT);
		(void)snprintf(text, sizeof(text), "\"%s\xff\"", want);
		start(f, text);
		assert_int_equal(json_next(f->r, &v, &f->e), ERR_INPUT);
	}
}

/* Blanks put every token across the border of the stream's 64 KiB windows. */
static void
tokens_may_lie_across_windows(void **state)
{
	static const char doc[] =
	    "{\"key\\u00e9\":[-12.5e3,true,\"\\ud83d\\ude00\xc3\xa9\"]}";
	static const char want[] = "{ key(key\xc3\xa9) [ number(-12.5e3) true "
				   "text(\xf0\x9f\x98\x80\xc3\xa9) ] } end";
	struct fixture *f = *state;
	size_t len = 65536 + strlen(doc);
	char *text = malloc(len + 1);

	assert_non_null(text);
	for (size_t before = 65536 - strlen(doc); before <= 65536; before++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1000);

		memset(text, ' ', len);
		memcpy(text + before, doc, strlen(doc));
		start_bytes(f, text, before + strlen(doc));
		if (strcmp(tokens(f, &out), want) != 0)
			fail_msg("behind %zu blanks: %s %s", before, buf_str(&out),
			    f->e.text);
	}
	stop(f);
	free(text);
}

static void
skipping_a_value_skips_all_of_it(void **state)
{
	struct fixture *f = *state;
	struct json_value v;

	start(f, "[{\"a\":[1,{\"b\":[]}]},[[]],\"x\",7]");
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK); /* [ */
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK); /* { */
	assert_int_equal(json_skip(f->r, &v, &f->e), ERR_OK);
	assert_int_equal(json_skip_next(f->r, &f->e), ERR_OK); /* [[]] */
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
	assert_int_equal(v.token, JSON_STRING);
	assert_int_equal(json_skip(f->r, &v, &f->e), ERR_OK); /* a scalar: nothing */
	assert_int_equal(json_skip_next(f->r, &f->e), ERR_OK);
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
	assert_int_equal(v.token, JSON_ARRAY_END);
	assert_int_equal(read_all(f), ERR_OK);
}

static void
skipping_what_is_broken_fails(void **state)
{
	struct fixture *f = *state;
	struct json_value v;

	start(f, "[[1,2");
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
	assert_int_equal(json_skip(f->r, &v, &f->e), ERR_INPUT);
	start(f, "[\"\\x\"]");
	assert_int_equal(json_skip_next(f->r, &f->e), ERR_INPUT);
}

static void
loops_see_every_key_and_item(void **state)
{
	struct fixture *f = *state;
	struct json_value v;
	size_t keys = 0, items = 0;
	bool more, in;

	start(f, "{\"list\":[1,{\"x\":2},[3]],\"no\":7,\"list2\":[]}");
	assert_int_equal(json_enter(f->r, JSON_OBJECT, &in, &f->e), ERR_OK);
	assert_true(in);
	while (json_key(f->r, &v, &more, &f->e) == ERR_OK && more) {
		keys++;
		assert_int_equal(json_enter(f->r, JSON_ARRAY, &in, &f->e), ERR_OK);
		while (in && json_item(f->r, &v, &more, &f->e) == ERR_OK && more) {
			items++;
			assert_int_equal(json_skip(f->r, &v, &f->e), ERR_OK);
		}
	}
	assert_int_equal(keys, 3);
	assert_int_equal(items, 3);
	assert_int_equal(read_all(f), ERR_OK);
}

static void
a_field_of_another_type_is_as_good_as_missing(void **state)
{
	static const char *const others[] = { "1", "\"x\"", "null", "[{},[]]",
		"false" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ROWS(others); i++) {
		struct json_value v;
		bool in = true;
		char text[64];

		(void)snprintf(text, sizeof(text), "[%s,9]", others[i]);
		start(f, text);
		assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
		assert_int_equal(json_enter(f->r, JSON_OBJECT, &in, &f->e), ERR_OK);
		assert_false(in);
		assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
		assert_string_equal(v.text, "9");
	}
}

static void
scalars_are_texts_and_the_rest_is_none(void **state)
{
	struct fixture *f = *state;
	static const char *const want[] = { "a", "-1.50", "true", "false", NULL, NULL,
		NULL, NULL, "" };
	struct json_value v;

	start(f, "[\"a\",-1.50,true,false,null,[1,[2]],{\"k\":1},\"a\\u0000b\",\"\"]");
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
	for (size_t i = 0; i < ROWS(want); i++) {
		const char *text = "untouched";

		assert_int_equal(json_text(f->r, f->a, &text, &f->e), ERR_OK);
		if (want[i] == NULL)
			assert_null(text);
		else
			assert_string_equal(text, want[i]);
	}
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_OK);
	assert_int_equal(v.token, JSON_ARRAY_END);
}

static void
a_failing_stream_fails_the_reader(void **state)
{
	struct fixture *f = *state;
	struct json_value v;

	assert_int_equal(stream_open_memory(&f->in, "[1,2,3]", 7, 5, &f->e), ERR_OK);
	f->r = json_reader_new(f->in);
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_LIMIT);
	assert_int_equal(json_next(f->r, &v, &f->e), ERR_LIMIT);
	assert_non_null(strstr(f->e.text, "more than 5 bytes"));
	json_reader_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tokens_come_in_order),
		TEST(what_is_no_json_is_refused),
		TEST(a_nul_is_no_blank_and_no_end),
		TEST(a_failure_says_where_and_stays),
		TEST(behind_the_end_there_is_only_the_end),
		TEST(a_document_cut_anywhere_is_refused),
		TEST(nesting_has_a_limit),
		TEST(deep_levels_know_what_they_are),
		TEST(a_string_has_a_limit),
		TEST(a_number_has_a_limit),
		TEST(ends_and_escapes_are_seen_at_every_place),
		TEST(tokens_may_lie_across_windows),
		TEST(skipping_a_value_skips_all_of_it),
		TEST(skipping_what_is_broken_fails),
		TEST(loops_see_every_key_and_item),
		TEST(a_field_of_another_type_is_as_good_as_missing),
		TEST(scalars_are_texts_and_the_rest_is_none),
		TEST(a_failing_stream_fails_the_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
