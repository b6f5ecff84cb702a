/* SPDX-License-Identifier: Apache-2.0 */
/* buf_test - buffers and their maximum. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

static struct buf b;

static int
teardown(void **state)
{
	(void)state;
	buf_done(&b);
	return 0;
}

static void
an_empty_buffer_is_an_empty_text(void **state)
{
	(void)state;
	buf_init(&b, 100);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(b.len, 0);
	assert_false(b.full);
}

static void
additions_follow_each_other(void **state)
{
	(void)state;
	buf_init(&b, 1000);
	buf_adds(&b, "one ");
	buf_addc(&b, '2');
	buf_printf(&b, " %s %d", "three", 4);
	buf_add(&b, "", 0);
	assert_string_equal(buf_str(&b), "one 2 three 4");
	assert_int_equal(b.len, strlen("one 2 three 4"));
}

static void
an_addition_beyond_the_maximum_is_refused_whole(void **state)
{
	(void)state;
	buf_init(&b, 5);
	buf_adds(&b, "1234");
	assert_false(b.full);
	buf_adds(&b, "56");
	assert_true(b.full);
	buf_addc(&b, '5'); /* would fit, but comes after a refusal */
	assert_string_equal(buf_str(&b), "1234");
}

static void
the_maximum_itself_fits(void **state)
{
	(void)state;
	buf_init(&b, 5);
	buf_adds(&b, "12345");
	assert_false(b.full);
	assert_string_equal(buf_str(&b), "12345");
	buf_addc(&b, '6');
	assert_true(b.full);
}

static void
a_long_formatted_text_obeys_the_maximum(void **state)
{
	(void)state;
	buf_init(&b, 600);
	buf_printf(&b, "%0500d", 7);
	assert_int_equal(b.len, 500);
	assert_int_equal(b.data[499], '7');
	buf_printf(&b, "%0500d", 7);
	assert_true(b.full);
	assert_int_equal(b.len, 500);
}

static void
a_reset_empties_and_allows_again(void **state)
{
	(void)state;
	buf_init(&b, 3);
	buf_adds(&b, "1234");
	assert_true(b.full);
	buf_reset(&b);
	buf_adds(&b, "123");
	assert_false(b.full);
	assert_string_equal(buf_str(&b), "123");
}

static void
taken_bytes_are_the_callers(void **state)
{
	size_t len;
	char *s;

	(void)state;
	buf_init(&b, 100);
	buf_adds(&b, "text");
	s = buf_take(&b, &len);
	assert_string_equal(s, "text");
	assert_int_equal(len, 4);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.max, 100);
	free(s);
	s = buf_take(&b, NULL); /* nothing in it: still a text */
	assert_string_equal(s, "");
	free(s);
}

static void
many_small_additions_grow_it(void **state)
{
	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	assert_false(b.full);
	assert_int_equal(b.len, 100000);
	assert_int_equal(b.data[99999], 'a' + 99999 % 26);
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_buffer_is_an_empty_text),
		TEST(additions_follow_each_other),
		TEST(an_addition_beyond_the_maximum_is_refused_whole),
		TEST(the_maximum_itself_fits),
		TEST(a_long_formatted_text_obeys_the_maximum),
		TEST(a_reset_empties_and_allows_again),
		TEST(taken_bytes_are_the_callers),
		TEST(many_small_additions_grow_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
