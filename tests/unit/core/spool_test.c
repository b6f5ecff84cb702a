/* SPDX-License-Identifier: Apache-2.0 */
/* spool_test - what was laid aside comes back, in memory and through a file. */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "core/spool.h"

static unsigned char pattern[3 * 256 * 1024];

static void
fill(void)
{
	uint32_t seed = 7;

	for (size_t i = 0; i < sizeof(pattern); i++) {
		seed = seed * 1664525u + 1013904223u;
		pattern[i] = (unsigned char)(seed >> 24);
	}
}

/* N items whose lengths are those of LENGTHS, over and over. */
static void
there_and_back(size_t n, const size_t *lengths, size_t n_lengths)
{
	struct spool *s = spool_new(NULL);
	struct err e = ERR_INIT;
	const void *p;
	size_t len;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    spool_add(s, pattern + i % 100, lengths[i % n_lengths], &e),
		    ERR_OK);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(spool_next(s, &p, &len, &e), ERR_OK);
		assert_non_null(p);
		assert_int_equal(len, lengths[i % n_lengths]);
		assert_memory_equal(p, pattern + i % 100, len);
	}
	for (int again = 0; again < 2; again++) {
		assert_int_equal(spool_next(s, &p, &len, &e), ERR_OK);
		assert_null(p);
	}
	spool_free(s);
}

static void
items_come_back_in_order(void **state)
{
	static const size_t small[] = { 3, 0, 17 }, one = 1,
			    large[] = { 100000, 0, SPOOL_BUFFER - 8, SPOOL_BUFFER, 5,
				    2 * SPOOL_BUFFER + 1 };

	(void)state;
	there_and_back(0, &one, 1);
	there_and_back(1, &one, 1);
	there_and_back(1000, small, ROWS(small));
	there_and_back(100000, small, ROWS(small));
	for (size_t n = 1; n < 30; n++)
		there_and_back(n, large, ROWS(large));
}

static void
a_directory_that_is_not_there_is_an_error_of_storage(void **state)
{
	struct spool *s = spool_new("/nonexistent/spool");
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(spool_add(s, "few", 3, &e), ERR_OK);
	assert_int_equal(spool_add(s, pattern, sizeof(pattern), &e), ERR_STORAGE);
	assert_non_null(strstr(e.text, "/nonexistent/spool"));
	spool_free(s);
	spool_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_back_in_order),
		cmocka_unit_test(a_directory_that_is_not_there_is_an_error_of_storage),
	};

	fill();
	return cmocka_run_group_tests_name("core_spool", tests, NULL, NULL);
}
