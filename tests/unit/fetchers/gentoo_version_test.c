/* SPDX-License-Identifier: Apache-2.0 */
/* gentoo_version - the same table that match/ is held to. */
#include <stdio.h>
#include <string.h>

#include "fetchers/gentoo_version.h"
#include "unit/unit.h"

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

static void
the_table_of_comparisons_holds(void **state)
{
	FILE *f = fopen(TEST_DATA "/versions/gentoo.txt", "r");
	char line[512], a[128], b[128], op;
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		int want;

		if (line[0] == '#' || sscanf(line, "%127s %c %127s", a, &op, b) != 3)
			continue;
		want = op == '<' ? -1 : op == '>' ? 1 : 0;
		assert_true(gentoo_version_is_valid(a));
		assert_true(gentoo_version_is_valid(b));
		if (sign(gentoo_version_compare(a, b)) != want ||
		    sign(gentoo_version_compare(b, a)) != -want)
			fail_msg("%s", line);
		n++;
	}
	(void)fclose(f);
	assert_true(n > 40);
}

/* What glsa.c makes of versions lies where it says. */
static void
bounds_lie_between_versions(void **state)
{
	static const char *const order[] = { "1.1.9", "1.2_alpha", "1.2_alpha1",
		"1.2_rc1", "1.2_rc1-r9", "1.2_rc1_p", "1.2", "1.2-r1", "1.2-r99",
		"1.2_p", "1.2_p1", "1.2b", "1.2b_p", "1.2.0", "1.2.99", "1.3_alpha",
		"1.3", "1.20" };

	(void)state;
	for (size_t i = 1; i < ROWS(order); i++)
		assert_true(gentoo_version_compare(order[i - 1], order[i]) < 0);
}

static void
what_portage_refuses_is_no_version(void **state)
{
	static const char *const refused[] = { "", "a", ".1", "1.", "1..2", "1.a", "1A",
		"1ab", "1a.2", "1_", "1_x", "1_P", "1_p_", "1_prc", "1_p1a", "1_p.1",
		"1p1", "1-", "1-r", "1-r1-r2", "1-r1_p", "1-1", "1-R1", "1_rc-", "-r1",
		"1 0", "1~rc", "1:1", "1.0-r1.1" };

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++)
		if (gentoo_version_is_valid(refused[i]))
			fail_msg("%s", refused[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_comparisons_holds),
		cmocka_unit_test(bounds_lie_between_versions),
		cmocka_unit_test(what_portage_refuses_is_no_version),
	};

	return cmocka_run_group_tests_name("gentoo_version", tests, NULL, NULL);
}
