/* SPDX-License-Identifier: Apache-2.0 */
/* vectors_test - thousands of published comparisons, where they are at hand. */
#include "unit/unit.h"

#include <stdio.h>

#include "unit/match/version_lines.h"

#define VECTORS SHARED_DATA "/versions/vectors/"

static void
check_vectors(const char *scheme, const char *path)
{
	size_t wrong, n = version_lines(scheme, path, &wrong);

	if (n == 0) {
		printf("skipped: %s is not there\n", path);
		skip();
	}
	printf("%s: %zu comparisons\n", scheme, n);
	if (wrong > 0)
		fail_msg("%s: %zu of %zu comparisons do not hold", path, wrong, n);
}

static void
dpkg_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("dpkg", VECTORS "dpkg.txt");
}

static void
apk_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("apk", VECTORS "apk.txt");
}

static void
apk_agrees_where_digits_follow_the_letter(void **state)
{
	(void)state;
	check_vectors("apk", VECTORS "apk_letterdigit.txt");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dpkg_agrees_with_published_comparisons),
		cmocka_unit_test(apk_agrees_with_published_comparisons),
		cmocka_unit_test(apk_agrees_where_digits_follow_the_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
