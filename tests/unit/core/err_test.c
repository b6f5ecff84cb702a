/* SPDX-License-Identifier: Apache-2.0 */
/* err_test - how failures are worded. */
#include "unit/unit.h"

#include <string.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/str.h"

static void
set_returns_the_code_and_keeps_the_text(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&e, ERR_INPUT, "line %d", 7), ERR_INPUT);
	assert_int_equal(e.code, ERR_INPUT);
	assert_string_equal(e.text, "line 7");
}

static void
nobody_has_to_want_the_text(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_BUSY, "x"), ERR_BUSY);
	assert_int_equal(err_wrap(NULL, ERR_BUSY, "x"), ERR_BUSY);
}

static void
wrap_puts_the_context_in_front(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	(void)err_set(&e, ERR_UNREACHABLE, "HTTP 503");
	assert_int_equal(err_wrap(&e, e.code, "https://example.org"), ERR_UNREACHABLE);
	(void)err_wrap(&e, e.code, "feed %s", "debian");
	assert_string_equal(e.text, "feed debian: https://example.org: HTTP 503");
}

static void
the_text_itself_may_be_an_argument(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	(void)err_set(&e, ERR_INPUT, "inner");
	(void)err_set(&e, ERR_INPUT, "outer (%s)", e.text);
	assert_string_equal(e.text, "outer (inner)");
}

static void
a_long_text_is_cut_between_characters(void **state)
{
	struct err e = ERR_INIT;
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 400; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	text[sizeof(text) - 1] = '\0';
	for (size_t skip = 0; skip < 2; skip++) {
		(void)err_set(&e, ERR_INPUT, "%s", text + skip);
		assert_in_range(strlen(e.text), sizeof(e.text) - 3, sizeof(e.text) - 1);
		assert_true(utf8_valid(e.text, strlen(e.text)));
		(void)err_wrap(&e, ERR_INPUT, "ab");
		assert_in_range(strlen(e.text), sizeof(e.text) - 4, sizeof(e.text) - 1);
		assert_true(utf8_valid(e.text, strlen(e.text)));
	}
}

static void
every_code_has_its_own_name(void **state)
{
	(void)state;
	for (int i = 0; i <= ERR_BUG; i++) {
		for (int k = 0; k < i; k++)
			assert_string_not_equal(err_code_name((enum err_code)i),
			    err_code_name((enum err_code)k));
	}
	assert_string_equal(err_code_name(ERR_NOTFOUND), "not_found");
	assert_string_equal(err_code_name((enum err_code)99), "bug");
}

static void
the_table_of_limits_is_complete(void **state)
{
	size_t n = 0;

	(void)state;
	for (; limits_table[n].name != NULL; n++) {
		assert_true(limits_table[n].value > 0);
		assert_true(strlen(limits_table[n].why) > 0);
	}
#define ONE_MORE(name, value, why) +1
	assert_int_equal(n, 0 LIMITS(ONE_MORE));
	assert_string_equal(limits_table[0].name, "MAX_FEED_BYTES");
	assert_int_equal(limits_table[0].value, MAX_FEED_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_returns_the_code_and_keeps_the_text),
		cmocka_unit_test(nobody_has_to_want_the_text),
		cmocka_unit_test(wrap_puts_the_context_in_front),
		cmocka_unit_test(the_text_itself_may_be_an_argument),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(every_code_has_its_own_name),
		cmocka_unit_test(the_table_of_limits_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
