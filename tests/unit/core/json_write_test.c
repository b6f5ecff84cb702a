/* SPDX-License-Identifier: Apache-2.0 */
/* json_write_test - commas, escapes and numbers of what is written. */
#include "unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"

static struct buf out;
static struct json_writer w;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1 << 20);
	jw_init(&w, &out);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_done(&out);
	return 0;
}

static void
an_empty_object_and_array_have_nothing_inside(void **state)
{
	(void)state;
	jw_array(&w);
	jw_object(&w);
	jw_object_end(&w);
	jw_array(&w);
	jw_array_end(&w);
	jw_array_end(&w);
	assert_string_equal(buf_str(&out), "[{},[]]");
}

static void
commas_stand_between_and_nowhere_else(void **state)
{
	(void)state;
	jw_object(&w);
	jw_ktext(&w, "a", "x");
	jw_key(&w, "b");
	jw_array(&w);
	jw_int(&w, 1);
	jw_object(&w);
	jw_kbool(&w, "c", true);
	jw_kint(&w, "d", -2);
	jw_object_end(&w);
	jw_null(&w);
	jw_array_end(&w);
	jw_ktext(&w, "e", NULL);
	jw_object_end(&w);
	assert_string_equal(buf_str(&out),
	    "{\"a\":\"x\",\"b\":[1,{\"c\":true,\"d\":-2},null],\"e\":null}");
}

static void
times_and_ids_are_texts(void **state)
{
	(void)state;
	jw_object(&w);
	jw_ktime(&w, "at", 1767323045);
	jw_ktime(&w, "never", 0);
	jw_kid(&w, "id", 9007199254740993);
	jw_object_end(&w);
	assert_string_equal(buf_str(&out), "{\"at\":\"2026-01-02T03:04:05Z\",\"never\":"
					   "null,\"id\":\"9007199254740993\"}");
}

static void
ready_json_is_put_in_as_it_is(void **state)
{
	(void)state;
	jw_array(&w);
	jw_raw(&w, "{\"a\":1}xx", 7);
	jw_raw(&w, "2", 1);
	jw_array_end(&w);
	assert_string_equal(buf_str(&out), "[{\"a\":1},2]");
}

static void
decimals_say_no_more_than_they_know(void **state)
{
	static const struct {
		int64_t v;
		unsigned decimals;
		const char *want;
	} rows[] = {
		{ 98, 1, "9.8" },
		{ 100, 1, "10.0" },
		{ 0, 1, "0.0" },
		{ 5, 1, "0.5" },
		{ -5, 1, "-0.5" },
		{ -98, 1, "-9.8" },
		{ 7, 0, "7" },
		{ 500000, 6, "0.5" },
		{ 1, 6, "0.000001" },
		{ 972340, 6, "0.97234" },
		{ 1000000, 6, "1.0" },
		{ INT64_MAX, 0, "9223372036854775807" },
		{ INT64_MIN, 0, "-9223372036854775808" },
		{ INT64_MIN, 1, "-922337203685477580.8" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&out);
		jw_init(&w, &out);
		jw_decimal(&w, rows[i].v, rows[i].decimals);
		if (strcmp(buf_str(&out), rows[i].want) != 0)
			fail_msg("row %zu: wanted %s, got %s", i, rows[i].want,
			    buf_str(&out));
	}
}

static void
texts_are_escaped(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "\"\\/", "\"\\\"\\\\/\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f", "\"\\u0001\\u001f\"" },
		{ "caf\xc3\xa9 \xf0\x9f\x98\x80", "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"" },
		{ "a\xff"
		  "b",
		    "\"a\xef\xbf\xbd"
		    "b\"" },
		{ "\xc3", "\"\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&out);
		jw_init(&w, &out);
		jw_text(&w, rows[i].text);
		if (strcmp(buf_str(&out), rows[i].want) != 0)
			fail_msg("row %zu: wanted %s, got %s", i, rows[i].want,
			    buf_str(&out));
	}
}

static void
a_text_of_a_length_may_hold_nuls(void **state)
{
	(void)state;
	jw_textn(&w, "a\0b", 3);
	assert_string_equal(buf_str(&out), "\"a\\u0000b\"");
}

static void
keys_are_escaped_too(void **state)
{
	(void)state;
	jw_object(&w);
	jw_kint(&w, "a\"\n", 1);
	jw_object_end(&w);
	assert_string_equal(buf_str(&out), "{\"a\\\"\\n\":1}");
}

/* Whatever bytes a text is made of, a strict reader takes what was written. */
static void
every_text_can_be_read_again(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		unsigned char text[40];
		struct json *j = NULL;
		struct err e = ERR_INIT;

		for (size_t i = 0; i < sizeof(text); i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = (unsigned char)(seed >> 24);
		}
		buf_reset(&out);
		jw_init(&w, &out);
		jw_array(&w);
		jw_textn(&w, (const char *)text, sizeof(text));
		jw_array_end(&w);
		if (json_parse(&j, out.data, out.len, &e) != ERR_OK)
			fail_msg("round %d: %s", round, e.text);
		json_free(j);
	}
}

static void
value_without_key(void)
{
	jw_object(&w);
	jw_int(&w, 1);
}

static void
key_in_an_array(void)
{
	jw_array(&w);
	jw_key(&w, "a");
}

static void
wrong_end(void)
{
	jw_array(&w);
	jw_object_end(&w);
}

static void
key_without_value(void)
{
	jw_object(&w);
	jw_key(&w, "a");
	jw_object_end(&w);
}

static void
misuse_ends_the_process(void **state)
{
	static void (*const misuses[])(void) = { value_without_key, key_in_an_array,
		wrong_end, key_without_value };

	(void)state;
	(void)fflush(NULL);
	for (size_t i = 0; i < ROWS(misuses); i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			(void)freopen("/dev/null", "w", stderr);
			misuses[i]();
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
			fail_msg("misuse %zu went through", i);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_object_and_array_have_nothing_inside),
		TEST(commas_stand_between_and_nowhere_else),
		TEST(times_and_ids_are_texts),
		TEST(ready_json_is_put_in_as_it_is),
		TEST(decimals_say_no_more_than_they_know),
		TEST(texts_are_escaped),
		TEST(a_text_of_a_length_may_hold_nuls),
		TEST(keys_are_escaped_too),
		TEST(every_text_can_be_read_again),
		TEST(misuse_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
