/* SPDX-License-Identifier: Apache-2.0 */
/* strmap_test - the map from texts to numbers. */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "core/strmap.h"

static int
setup(void **state)
{
	*state = strmap_new();
	return 0;
}

static int
teardown(void **state)
{
	strmap_free(*state);
	return 0;
}

static void
an_empty_map_has_nothing(void **state)
{
	assert_null(strmap_get(*state, ""));
	assert_int_equal(strmap_count(*state), 0);
	assert_null(strmap_key(*state, 0));
}

static void
a_new_key_starts_at_zero_and_an_old_one_keeps_its_value(void **state)
{
	uint64_t *v;
	bool is_new = false;

	v = strmap_put(*state, "a", &is_new);
	assert_true(is_new);
	assert_int_equal(*v, 0);
	*v = 5;
	v = strmap_put(*state, "a", &is_new);
	assert_false(is_new);
	assert_int_equal(*v, 5);
	assert_int_equal(*strmap_get(*state, "a"), 5);
	assert_null(strmap_get(*state, "A"));
}

static void
the_key_is_copied(void **state)
{
	char key[] = "one";

	*strmap_put(*state, key, NULL) = 1;
	key[0] = 'x';
	assert_null(strmap_get(*state, key));
	assert_int_equal(*strmap_get(*state, "one"), 1);
}

static void
keys_that_differ_only_at_their_end_are_different(void **state)
{
	static const char *const keys[] = { "", "1234567", "12345678", "123456789",
		"1234567890abcdef", "1234567890abcdeg", "1234567890abcdef0" };

	for (size_t i = 0; i < ROWS(keys); i++)
		*strmap_put(*state, keys[i], NULL) = i + 1;
	assert_int_equal(strmap_count(*state), ROWS(keys));
	for (size_t i = 0; i < ROWS(keys); i++)
		assert_int_equal(*strmap_get(*state, keys[i]), i + 1);
}

static void
two_hundred_thousand_keys_keep_their_values_and_order(void **state)
{
	char key[32];

	for (uint64_t i = 0; i < 200000; i++) {
		(void)snprintf(key, sizeof(key), "openssl/CVE-2023-%06u", (unsigned)i);
		*strmap_put(*state, key, NULL) = i;
	}
	assert_int_equal(strmap_count(*state), 200000);
	for (uint64_t i = 0; i < 200000; i++) {
		(void)snprintf(key, sizeof(key), "openssl/CVE-2023-%06u", (unsigned)i);
		if (strmap_get(*state, key) == NULL || *strmap_get(*state, key) != i ||
		    strmap_value(*state, i) != i ||
		    strcmp(strmap_key(*state, i), key) != 0)
			fail_msg("%s is not what was put", key);
	}
	assert_null(strmap_get(*state, "openssl/CVE-2023-200000"));
	assert_null(strmap_key(*state, 200000));
	assert_int_equal(strmap_value(*state, 200000), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_map_has_nothing),
		TEST(a_new_key_starts_at_zero_and_an_old_one_keeps_its_value),
		TEST(the_key_is_copied),
		TEST(keys_that_differ_only_at_their_end_are_different),
		TEST(two_hundred_thousand_keys_keep_their_values_and_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
