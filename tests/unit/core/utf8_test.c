/* SPDX-License-Identifier: Apache-2.0 */
/* utf8_test - what a character is, and what is left of foreign text. */
#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/str.h"

#define BAD "\xef\xbf\xbd"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
well_formed_text_is_valid(void **state)
{
	static const char *const rows[] = { "", "plain", "\x7f", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		("a\xe2\x82\xac"
		 "b") };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		if (!utf8_valid(rows[i], strlen(rows[i])))
			fail_msg("row %zu was refused", i);
	}
	assert_true(utf8_valid("a\0b", 3));
}

static void
malformed_text_is_not(void **state)
{
	static const char *const rows[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf",
		"\xc2", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "ok\xc3", "\xc3(" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		if (utf8_valid(rows[i], strlen(rows[i])))
			fail_msg("row %zu was taken", i);
	}
}

static void
cleaning_replaces_bad_bytes_and_drops_controls(void **state)
{
	static const struct {
		const char *in;
		bool one_line;
		const char *want;
	} rows[] = {
		{ "plain", false, "plain" },
		{ "a\xff"
		  "b",
		    false, "a" BAD "b" },
		{ "\xe2\x82", false, BAD BAD },
		{ "a\tb\nc", false, "a\tb\nc" },
		{ "a\tb\nc", true, "a\tb c" },
		{ "a\r\nb", false, "a\nb" },
		{ "\x1b[31mred\x7f", false, "[31mred" },
		{ "x\xc2\x85y\xc2\xa0z", false, "xy\xc2\xa0z" },
		{ "caf\xc3\xa9", true, "caf\xc3\xa9" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *got = utf8_clean(
		    *state, rows[i].in, strlen(rows[i].in), 1000, rows[i].one_line);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg(
			    "row %zu: wanted \"%s\", got \"%s\"", i, rows[i].want, got);
	}
	assert_string_equal(utf8_clean(*state, "a\0b", 3, 10, false), "ab");
	assert_string_equal(utf8_clean(*state, "", 0, 10, false), "");
}

/* Long texts are looked at eight bytes at a time: no byte may hide in one of them. */
static void
every_byte_is_seen_at_every_place_of_a_long_text(void **state)
{
	for (int c = 0; c < 256; c++) {
		for (size_t at = 0; at < 40; at++) {
			bool kept = (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n';
			size_t want = kept ? 40 : c < 0x80 ? 39 : 42, got;
			char text[40];

			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			got =
			    strlen(utf8_clean(*state, text, sizeof(text), 100, false));
			if (got != want)
				fail_msg("byte %d at %zu: wanted %zu bytes, got %zu", c,
				    at, want, got);
			assert_int_equal(utf8_valid(text, sizeof(text)), c < 0x80);
		}
		arena_reset(*state);
	}
}

static void
cleaning_cuts_between_characters(void **state)
{
	assert_string_equal(utf8_clean(*state, "abcdef", 6, 3, false), "abc");
	assert_string_equal(utf8_clean(*state, "abcdef", 6, 0, false), "");
	assert_string_equal(utf8_clean(*state, "ab\xc3\xa9", 4, 3, false), "ab");
	assert_string_equal(
	    utf8_clean(*state, "ab\xc3\xa9", 4, 4, false), "ab\xc3\xa9");
	assert_string_equal(utf8_clean(*state, "\xff\xff", 2, 4, false), BAD);
}

static void
cleaned_text_is_always_valid(void **state)
{
	unsigned char in[64];
	uint32_t seed = 1;

	for (int round = 0; round < 20000; round++) {
		size_t max = (size_t)round % 80;
		const char *out;

		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1664525 + 1013904223;
			in[i] = (unsigned char)(seed >> 24);
		}
		out = utf8_clean(*state, (const char *)in, sizeof(in), max, round % 2);
		assert_true(utf8_valid(out, strlen(out)));
		assert_true(strlen(out) <= max);
		arena_reset(*state);
	}
}

static void
a_cut_never_splits_a_character(void **state)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

	(void)state;
	for (size_t max = 0; max < ROWS(want); max++)
		assert_int_equal(utf8_cut(text, sizeof(text) - 1, max), want[max]);
	assert_int_equal(utf8_cut("\x80\x80\x80\x80\x80\x80", 6, 5), 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(well_formed_text_is_valid),
		TEST(malformed_text_is_not),
		TEST(cleaning_replaces_bad_bytes_and_drops_controls),
		TEST(every_byte_is_seen_at_every_place_of_a_long_text),
		TEST(cleaning_cuts_between_characters),
		TEST(cleaned_text_is_always_valid),
		TEST(a_cut_never_splits_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
