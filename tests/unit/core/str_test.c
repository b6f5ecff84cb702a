/* SPDX-License-Identifier: Apache-2.0 */
/* str_test - comparison, numbers, globs. */
#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/str.h"

static void
null_equals_only_null(void **state)
{
	(void)state;
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq(NULL, ""));
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "A"));
	assert_true(str_caseeq("aZ", "Az"));
	assert_false(str_caseeq("a", "ab"));
	assert_false(str_caseeq("\xc3\xa9", "\xc3\x89")); /* ASCII only */
	assert_false(str_caseeq("a", NULL));
	assert_string_equal(str_or_empty(NULL), "");
}

static void
prefixes_and_suffixes_may_be_the_whole(void **state)
{
	(void)state;
	assert_true(str_starts("abc", "abc"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("ab", "abc"));
	assert_true(str_ends("abc", "bc"));
	assert_true(str_ends("abc", "abc"));
	assert_false(str_ends("bc", "abc"));
}

static void
copies_are_lowered_and_trimmed(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(str_lower(a, "AbC-Z[", 6), "abc-z[");
	assert_string_equal(str_lower(a, "ABC", 2), "ab");
	assert_string_equal(str_trim(a, " \t a b\r\n", 8), "a b");
	assert_string_equal(str_trim(a, "  ", 2), "");
	assert_string_equal(str_trim(a, "x y", 2), "x");
	arena_free(a);
}

static void
numbers_are_read_whole_or_not_at_all(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1a", "0x1",
		"1.0", "18446744073709551616", "99999999999999999999" };
	uint64_t u = 7;
	int64_t i = 7;

	(void)state;
	for (size_t k = 0; k < ROWS(bad); k++) {
		if (str_u64(bad[k], &u) || str_i64(bad[k], &i))
			fail_msg("\"%s\" was taken for a number", bad[k]);
	}
	assert_false(str_u64(NULL, &u));
	assert_false(str_i64(NULL, &i));
	assert_false(str_u64("-1", &u));
	assert_int_equal(u, 7);
	assert_true(str_u64("18446744073709551615", &u));
	assert_true(u == UINT64_MAX);
	assert_true(str_i64("-9223372036854775808", &i));
	assert_true(i == INT64_MIN);
	assert_false(str_i64("-9223372036854775809", &i));
	assert_true(str_i64("9223372036854775807", &i));
	assert_true(i == INT64_MAX);
	assert_false(str_i64("9223372036854775808", &i));
	assert_true(str_i64("-0", &i));
	assert_int_equal(i, 0);
}

static void
millionths_are_read_without_rounding(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1 = refused */
	} rows[] = {
		{ "0", 0 },
		{ "1", 1000000 },
		{ "0.25", 250000 },
		{ "0.000001", 1 },
		{ "0.9999999", 999999 },
		{ "1000", 1000000000 },
		{ "1001", -1 },
		{ "99999999999999999999", -1 },
		{ "", -1 },
		{ ".5", -1 },
		{ "1.", -1 },
		{ "-1", -1 },
		{ "1e-5", -1 },
		{ "0.5 ", -1 },
		{ NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t got = -1;

		assert_int_equal(str_micro(rows[i].text, &got), rows[i].want >= 0);
		assert_int_equal(got, rows[i].want);
	}
}

static void
durations_have_units(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1 = refused */
	} rows[] = {
		{ "250ms", 250 },
		{ "5s", 5000 },
		{ "60", 60000 },
		{ "2m", 120000 },
		{ "1h", 3600000 },
		{ "400d", 34560000000 },
		{ "2w", 1209600000 },
		{ "0", 0 },
		{ "", -1 },
		{ "s", -1 },
		{ "-5s", -1 },
		{ "5 s", -1 },
		{ "5S", -1 },
		{ "1h30m", -1 },
		{ "1.5h", -1 },
		{ "9223372036854775807d", -1 },
		{ "9223372036854775808ms", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t got = -1;
		bool ok = str_duration_ms(rows[i].text, &got);

		if (ok != (rows[i].want >= 0) || got != rows[i].want)
			fail_msg("\"%s\": wanted %lld, got %lld", rows[i].text,
			    (long long)rows[i].want, (long long)got);
	}
}

static void
sizes_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t want; /* 1 = refused */
	} rows[] = {
		{ "1024", 1024 },
		{ "10k", 10240 },
		{ "10K", 10240 },
		{ "64MiB", 67108864 },
		{ "64MB", 67108864 },
		{ "2G", 2147483648 },
		{ "12B", 12 },
		{ "0", 0 },
		{ "", 1 },
		{ "k", 1 },
		{ "5 k", 1 },
		{ "5kb", 1 },
		{ "5ki", 1 },
		{ "-5", 1 },
		{ "99999999999999999999", 1 },
		{ "99999999999T", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		uint64_t got = 1;
		bool ok = str_bytes(rows[i].text, &got);

		if (ok != (rows[i].want != 1) || got != rows[i].want)
			fail_msg("\"%s\": wanted %llu, got %llu", rows[i].text,
			    (unsigned long long)rows[i].want, (unsigned long long)got);
	}
}

static void
globs_match_by_path_segment(void **state)
{
	static const struct {
		const char *glob, *value;
		bool want;
	} rows[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "a", "", false },
		{ "a", "a", true },
		{ "*", "", true },
		{ "*", "abc", true },
		{ "*", "a/b", false },
		{ "**", "a/b/c", true },
		{ "***", "a/b/c", true },
		{ "a/*", "a/b", true },
		{ "a/*", "a/b/c", false },
		{ "a/**", "a/b/c", true },
		{ "a/**", "a/", true },
		{ "a/**", "a", false },
		{ "**/c", "a/b/c", true },
		{ "**/c", "c", false },
		{ "a/**/d", "a/b/c/d", true },
		{ "a/**/d", "a/b/c/e", false },
		{ "*.example.org/web", "registry.example.org/web", true },
		{ "registry.example.org/payments/**",
		    "registry.example.org/payments/api:1", true },
		{ "registry.example.org/payments/**", "registry.example.org/other/api",
		    false },
		{ "a?c", "abc", true },
		{ "a?c", "a/c", false },
		{ "a?c", "ac", false },
		{ "a?c",
		    "a\xc3\xa9"
		    "c",
		    true },
		{ "*a*b*c", "xxaxxbxxc", true },
		{ "*a*b*c", "xxaxxbxx", false },
		{ "*a*b", "aXbYb", true },
		{ "**a*b", "x/a/y/aab", true },
		{ "**a*b", "x/ab/y/ac", false },
		{ "**/x*y/**/z", "a/xby/c/d/z", true },
		{ "[a]", "a", false },
		{ "[a]", "[a]", true },
		{ "a\\*", "a*", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		if (glob_match(rows[i].glob, rows[i].value) != rows[i].want)
			fail_msg("\"%s\" on \"%s\": wanted %d", rows[i].glob,
			    rows[i].value, rows[i].want);
	}
}

/* The plain definition, exponential but obviously right. */
static bool
slow_match(const char *g, const char *v)
{
	if (*g == '\0')
		return *v == '\0';
	if (g[0] == '*' && g[1] == '*')
		return slow_match(g + 2, v) || (*v != '\0' && slow_match(g, v + 1));
	if (*g == '*')
		return slow_match(g + 1, v) ||
		       (*v != '\0' && *v != '/' && slow_match(g, v + 1));
	if (*v == '\0' || (*g == '?' ? *v == '/' : *g != *v))
		return false;
	return slow_match(g + 1, v + 1);
}

/* Spell number N in the letters of ALPHABET. */
static void
spell(size_t n, const char *alphabet, char *out)
{
	size_t base = strlen(alphabet);

	for (; n > 0; n = (n - 1) / base)
		*out++ = alphabet[(n - 1) % base];
	*out = '\0';
}

static void
every_short_glob_means_what_the_definition_says(void **state)
{
	char glob[16], value[16];

	(void)state;
	for (size_t g = 0; g < 1365; g++) { /* up to five out of four characters */
		spell(g, "a/*b", glob);
		for (size_t v = 0; v < 364; v++) { /* up to five of "ab/" */
			spell(v, "a/b", value);
			if (glob_match(glob, value) != slow_match(glob, value))
				fail_msg("\"%s\" on \"%s\": wanted %d", glob, value,
				    slow_match(glob, value));
		}
	}
}

static void
a_crafted_glob_takes_no_time(void **state)
{
	char glob[513], value[513];

	(void)state;
	memset(value, 'a', 512);
	value[512] = '\0';
	for (size_t i = 0; i < 510; i += 2)
		memcpy(glob + i, i % 8 == 0 ? "**" : "*a", 2);
	memcpy(glob + 510, "b", 2);
	for (int i = 0; i < 1000; i++)
		assert_false(glob_match(glob, value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_equals_only_null),
		cmocka_unit_test(prefixes_and_suffixes_may_be_the_whole),
		cmocka_unit_test(copies_are_lowered_and_trimmed),
		cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
		cmocka_unit_test(millionths_are_read_without_rounding),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(globs_match_by_path_segment),
		cmocka_unit_test(every_short_glob_means_what_the_definition_says),
		cmocka_unit_test(a_crafted_glob_takes_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
