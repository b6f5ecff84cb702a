/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue - every feed that ships has a driver, and every driver a feed. */
#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "fetchers/fetchers.h"
#include "unit/unit.h"

static void
every_feed_has_a_driver_and_every_driver_a_feed(void **state)
{
	FILE *f = fopen(PROJECT_DIR "/config/feeds.yaml", "r");
	unsigned uses[64] = { 0 };
	char line[512], name[64];

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, " driver: %63[a-z0-9_]", name) != 1)
			continue;
		if (driver_find(name) == NULL)
			fail_msg("there is no driver \"%s\"", name);
		for (size_t i = 0; drivers_all[i] != NULL; i++)
			uses[i] += str_eq(drivers_all[i]->name, name);
	}
	(void)fclose(f);
	for (size_t i = 0; drivers_all[i] != NULL; i++)
		if (uses[i] == 0)
			fail_msg("no feed uses \"%s\"", drivers_all[i]->name);
}

static void
a_distribution_has_the_first_word_in_any_format(void **state)
{
	static const struct {
		const char *driver, *source;
		int rank;
	} rows[] = {
		{ "debian_tracker", "debian", 0 },
		{ "osv", "ubuntu", 0 },
		{ "osv", "rocky", 0 },
		{ "osv", "osv", 1 },
		{ "osv", "somebody", 1 },
		{ "nvd", "nvd", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_int_equal(
		    driver_rank(driver_find(rows[i].driver), rows[i].source),
		    rows[i].rank);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_feed_has_a_driver_and_every_driver_a_feed),
		cmocka_unit_test(a_distribution_has_the_first_word_in_any_format),
	};

	return cmocka_run_group_tests_name("fetchers_catalogue", tests, NULL, NULL);
}
