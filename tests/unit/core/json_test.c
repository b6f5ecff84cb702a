/* SPDX-License-Identifier: Apache-2.0 */
/* json_test - small documents as a tree: what is refused, and what the fields answer. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/str.h"

static struct json *
parsed(const char *text)
{
	struct json *j = NULL;
	struct err e = ERR_INIT;

	if (json_parse(&j, text, strlen(text), &e) != ERR_OK)
		fail_msg("%s: %s", text, e.text);
	return j;
}

static void
what_is_no_json_is_refused(void **state)
{
	static const char *const rows[] = { "", " ", "{", "[", "[1", "[1,", "[1,]",
		"{\"a\"", "{\"a\":", "{\"a\":1,}", "{a:1}", "{'a':1}", "{1:2}", "tru",
		"nul", "True", "NULL", "NaN", "[NaN]", "Infinity", "[-Infinity]", "01",
		"[00]", "[-01]", "1.", "[1.e3]", ".5", "+1", "-", "1e", "1e+", "0x10",
		"1 2", "[1 2]", "[1]]", "[1] x", "{} {}", "\"", "\"abc", "'abc'",
		"\"a\nb\"", "[\"a\tb\"]", "[\"\\x\"]", "[\"\\u12\"]", "[\"\\ud800\"]",
		"[\"\\udc00\\ud800\"]", "// c\n[1]", "/* c */[1]", "[\"\xff\"]",
		"[\"\xc3\"]", "[\"\xed\xa0\x80\"]", "{\"\xc0\x80\":1}",
		"{\"a\\u0000b\":1}", "[\x01]", "\x1f\x8b" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json *j = NULL;
		struct err e = ERR_INIT;
		enum err_code rc = json_parse(&j, rows[i], strlen(rows[i]), &e);

		if (rc != ERR_INPUT || e.code != ERR_INPUT || e.text[0] == '\0' ||
		    j != NULL)
			fail_msg("row %zu (%s): wanted input, got %s", i, rows[i],
			    err_code_name(rc));
	}
}

static void
a_failure_says_where(void **state)
{
	static const char text[] = "{\"a\": 1,\n \"b\": tru}";
	struct json *j = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(json_parse(&j, text, strlen(text), &e), ERR_INPUT);
	if (strstr(e.text, "byte 18") == NULL)
		fail_msg("wanted byte 18, got: %s", e.text);
}

static void
a_nul_is_no_end(void **state)
{
	struct json *j = NULL;

	(void)state;
	assert_int_equal(json_parse(&j, "[1]\0", 4, NULL), ERR_INPUT);
	assert_int_equal(json_parse(&j, "[1\0]", 4, NULL), ERR_INPUT);
	assert_int_equal(json_parse(&j, NULL, 0, NULL), ERR_INPUT);
}

static void
a_document_cut_anywhere_is_refused(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\xc3\xa9\"],"
				   "\"b\":{\"c\":\"\\ud83d\\ude00\"}}";

	(void)state;
	for (size_t len = 0; len < strlen(text); len++) {
		char *cut = malloc(len > 0 ? len : 1);
		struct json *j = NULL;

		assert_non_null(cut);
		memcpy(cut, text, len);
		if (json_parse(&j, cut, len, NULL) != ERR_INPUT)
			fail_msg("%zu bytes of it were taken", len);
		free(cut);
	}
	json_free(parsed(text));
}

static void
nesting_has_a_limit(void **state)
{
	char text[2 * 200];

	(void)state;
	for (size_t depth = MAX_JSON_DEPTH; depth <= MAX_JSON_DEPTH + 1; depth++) {
		enum err_code want = depth <= MAX_JSON_DEPTH ? ERR_OK : ERR_INPUT;
		struct json *j = NULL;

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(json_parse(&j, text, 2 * depth, NULL), want);
		json_free(j);
	}
}

static void
scalars_may_stand_alone(void **state)
{
	struct json *j = parsed(" 12 ");

	(void)state;
	assert_int_equal(json_kind(j), JSON_IS_NUMBER);
	assert_true(json_num(j) > 11.9 && json_num(j) < 12.1);
	json_free(j);
	j = parsed("\"text\"");
	assert_string_equal(json_str(j), "text");
	json_free(j);
	j = parsed("null");
	assert_int_equal(json_kind(j), JSON_IS_NULL);
	json_free(j);
	json_free(NULL);
}

static void
nodes_tell_their_kind_and_members(void **state)
{
	struct json *j = parsed("{\"n\":null,\"b\":true,\"i\":1,\"t\":\"x\","
				"\"a\":[\"p\",2],\"o\":{}}");
	static const enum json_kind kinds[] = { JSON_IS_NULL, JSON_IS_BOOL,
		JSON_IS_NUMBER, JSON_IS_TEXT, JSON_IS_ARRAY, JSON_IS_OBJECT };
	static const char *const names[] = { "n", "b", "i", "t", "a", "o" };
	const struct json *v;

	(void)state;
	assert_int_equal(json_count(j), ROWS(names));
	for (size_t i = 0; i < ROWS(names); i++) {
		assert_string_equal(json_member(j, i, &v), names[i]);
		assert_int_equal(json_kind(v), kinds[i]);
		assert_ptr_equal(json_get(j, names[i]), v);
	}
	assert_null(json_member(j, ROWS(names), &v));
	assert_null(json_get(j, "absent"));
	assert_null(json_get(json_get(j, "a"), "p"));
	assert_int_equal(json_count(json_get(j, "a")), 2);
	assert_string_equal(json_str(json_at(json_get(j, "a"), 0)), "p");
	assert_null(json_str(json_at(json_get(j, "a"), 1)));
	assert_null(json_at(json_get(j, "a"), 2));
	assert_null(json_at(j, 0));
	assert_int_equal(json_count(json_get(j, "t")), 0);
	assert_null(json_member(json_get(j, "a"), 0, &v));
	json_free(j);
}

static void
fields_are_taken_by_their_type(void **state)
{
	struct json *j = parsed("{\"t\":\"x\",\"i\":-7,\"d\":2.5,\"b\":true,"
				"\"l\":[\"a\",\"b\"]}");
	struct arena *a = arena_new();
	const char *text = NULL, **texts = NULL;
	int64_t number = 0;
	double real = 0;
	bool yes = false;
	size_t n = 0;

	(void)state;
	assert_int_equal(json_take_text(j, "t", &text, NULL), ERR_OK);
	assert_string_equal(text, "x");
	assert_int_equal(json_take_int(j, "i", &number, NULL), ERR_OK);
	assert_int_equal(number, -7);
	assert_int_equal(json_take_number(j, "d", &real, NULL), ERR_OK);
	assert_true(real > 2.49 && real < 2.51);
	assert_int_equal(json_take_number(j, "i", &real, NULL), ERR_OK);
	assert_true(real < -6.9);
	assert_int_equal(json_take_bool(j, "b", &yes, NULL), ERR_OK);
	assert_true(yes);
	assert_int_equal(json_take_texts(j, "l", a, &texts, &n, NULL), ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(texts[1], "b");
	arena_free(a);
	json_free(j);
}

static void
absent_and_null_leave_the_default(void **state)
{
	struct json *j = parsed("{\"null\":null}");
	static const char *const keys[] = { "null", "absent" };
	const char *text = "mine", **texts = &text;
	int64_t number = 5;
	double real = 5;
	bool yes = true;
	size_t n = 9;

	(void)state;
	for (size_t i = 0; i < ROWS(keys); i++) {
		assert_int_equal(json_take_text(j, keys[i], &text, NULL), ERR_OK);
		assert_int_equal(json_take_int(j, keys[i], &number, NULL), ERR_OK);
		assert_int_equal(json_take_number(j, keys[i], &real, NULL), ERR_OK);
		assert_int_equal(json_take_bool(j, keys[i], &yes, NULL), ERR_OK);
		assert_int_equal(
		    json_take_texts(j, keys[i], NULL, &texts, &n, NULL), ERR_OK);
	}
	assert_string_equal(text, "mine");
	assert_int_equal(number, 5);
	assert_true(real > 4.9 && yes);
	assert_int_equal(n, 9);
	assert_ptr_equal(texts, &text);
	json_free(j);
}

struct taken {
	const char *text, **texts;
	int64_t number;
	double real;
	bool yes;
	size_t n;
};

static enum err_code
take(const char *how, const struct json *j, struct arena *a, struct taken *t,
    struct err *e)
{
	if (str_eq(how, "text"))
		return json_take_text(j, "f", &t->text, e);
	if (str_eq(how, "int"))
		return json_take_int(j, "f", &t->number, e);
	if (str_eq(how, "number"))
		return json_take_number(j, "f", &t->real, e);
	if (str_eq(how, "bool"))
		return json_take_bool(j, "f", &t->yes, e);
	return json_take_texts(j, "f", a, &t->texts, &t->n, e);
}

static void
a_member_that_is_null_is_there(void **state)
{
	struct json *j = parsed("{\"a\":null,\"b\":[null]}");

	(void)state;
	assert_null(json_get(j, "a"));
	assert_true(json_has(j, "a"));
	assert_true(json_has(j, "b"));
	assert_false(json_has(j, "c"));
	assert_false(json_has(json_get(j, "b"), "a"));
	assert_false(json_has(NULL, "a"));
	json_free(j);
}

static void
a_wrong_type_is_told_in_a_sentence(void **state)
{
	static const struct {
		const char *how, *json, *want;
	} rows[] = {
		{ "text", "{\"f\":1}", "f must be a text" },
		{ "text", "{\"f\":[]}", "f must be a text" },
		{ "text", "{\"f\":\"a\\u0000b\"}", "f must not hold a NUL" },
		{ "int", "{\"f\":\"1\"}", "f must be a whole number" },
		{ "int", "{\"f\":1.0}", "f must be a whole number" },
		{ "int", "{\"f\":1e3}", "f must be a whole number" },
		{ "int", "{\"f\":true}", "f must be a whole number" },
		{ "int", "{\"f\":9223372036854775808}", "f is too large a number" },
		{ "int", "{\"f\":99999999999999999999999}", "f is too large a number" },
		{ "int", "{\"f\":-99999999999999999999}", "f is too large a number" },
		{ "number", "{\"f\":\"1\"}", "f must be a number" },
		{ "number", "{\"f\":1e999}", "f must be a number" },
		{ "bool", "{\"f\":1}", "f must be true or false" },
		{ "bool", "{\"f\":\"true\"}", "f must be true or false" },
		{ "texts", "{\"f\":\"a\"}", "f must be a list of texts" },
		{ "texts", "{\"f\":{}}", "f must be a list of texts" },
		{ "texts", "{\"f\":[\"a\",1]}", "f[1] must be a text" },
		{ "texts", "{\"f\":[null]}", "f[0] must be a text" },
		{ "texts", "{\"f\":[\"a\\u0000\"]}", "f[0] must be a text" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json *j = parsed(rows[i].json);
		struct taken t = { 0 };
		struct err e = ERR_INIT;
		enum err_code rc = take(rows[i].how, j, a, &t, &e);

		if (rc != ERR_INPUT || strcmp(e.text, rows[i].want) != 0)
			fail_msg("%s of %s: wanted \"%s\", got \"%s\"", rows[i].how,
			    rows[i].json, rows[i].want, e.text);
		assert_true(t.text == NULL && t.texts == NULL && t.number == 0);
		json_free(j);
	}
	arena_free(a);
}

static void
large_whole_numbers_are_exact(void **state)
{
	struct json *j = parsed("{\"a\":9007199254740993,\"b\":-9223372036854775807}");
	int64_t v = 0;

	(void)state;
	assert_int_equal(json_take_int(j, "a", &v, NULL), ERR_OK);
	assert_true(v == 9007199254740993);
	assert_int_equal(json_take_int(j, "b", &v, NULL), ERR_OK);
	assert_true(v == -INT64_MAX);
	json_free(j);
}

static void
of_a_key_written_twice_the_last_counts(void **state)
{
	struct json *j = parsed("{\"a\":1,\"b\":2,\"a\":3}");
	int64_t v = 0;

	(void)state;
	assert_int_equal(json_count(j), 2);
	assert_int_equal(json_take_int(j, "a", &v, NULL), ERR_OK);
	assert_int_equal(v, 3);
	json_free(j);
}

static void
a_foreign_member_is_named(void **state)
{
	static const char *const known[] = { "a", "b", NULL };
	struct json *j = parsed("{\"b\":1,\"a\":2}");
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(json_only(j, known, &e), ERR_OK);
	json_free(j);
	j = parsed("{\"b\":1,\"sevrity\":2}");
	assert_int_equal(json_only(j, known, &e), ERR_INPUT);
	assert_non_null(strstr(e.text, "\"sevrity\""));
	json_free(j);
	j = parsed("[]");
	assert_int_equal(json_only(j, known, &e), ERR_INPUT);
	json_free(j);
	assert_int_equal(json_only(NULL, known, &e), ERR_INPUT);
}

static void
printing_is_compact_and_reads_back(void **state)
{
	static const char text[] =
	    "{ \"url\" : \"https://x/\\\"\" , \"l\" : [ 1 , 2.5 ] , "
	    "\"n\" : null , \"t\" : \"\\n\\u00e9\" }";
	CLEANUP_BUF struct buf b = BUF_INIT(1000), again = BUF_INIT(1000);
	struct json *j = parsed(text);

	(void)state;
	json_print(j, &b);
	json_free(j);
	assert_string_equal(buf_str(&b), "{\"url\":\"https://x/\\\"\",\"l\":[1,2.5],"
					 "\"n\":null,\"t\":\"\\n\xc3\xa9\"}");
	j = parsed(buf_str(&b));
	json_print(j, &again);
	json_free(j);
	assert_string_equal(buf_str(&again), buf_str(&b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(a_failure_says_where),
		cmocka_unit_test(a_nul_is_no_end),
		cmocka_unit_test(a_document_cut_anywhere_is_refused),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(scalars_may_stand_alone),
		cmocka_unit_test(nodes_tell_their_kind_and_members),
		cmocka_unit_test(fields_are_taken_by_their_type),
		cmocka_unit_test(absent_and_null_leave_the_default),
		cmocka_unit_test(a_member_that_is_null_is_there),
		cmocka_unit_test(a_wrong_type_is_told_in_a_sentence),
		cmocka_unit_test(large_whole_numbers_are_exact),
		cmocka_unit_test(of_a_key_written_twice_the_last_counts),
		cmocka_unit_test(a_foreign_member_is_named),
		cmocka_unit_test(printing_is_compact_and_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
