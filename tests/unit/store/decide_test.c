/* SPDX-License-Identifier: Apache-2.0 */
/* From statements to matches, their history, and the events that tell of them. */
#include "world.h"

#include <string.h>

static void
first_load_opens_matches_and_tells_one_baseline(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "openssl", "CVE-2024-2", "3");
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	assert_string_equal(w_matches(w), "openssl-5:CVE-2024-1:2:0");
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 0);
	assert_int_equal(w_events(w, EVENT_FEED_BASELINE, false), 1);
	w_check_log(w);
}

static void
a_later_record_is_news(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "openssl", "CVE-2024-3", NULL);
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	assert_string_equal(
	    w_matches(w), "openssl-5:CVE-2024-1:2:0 openssl-5:CVE-2024-3:1:0");
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 1);
	w_check_log(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    first_load_opens_matches_and_tells_one_baseline, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(
		    a_later_record_is_news, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
