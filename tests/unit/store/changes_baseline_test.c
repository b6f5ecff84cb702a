/* SPDX-License-Identifier: Apache-2.0 */
/* What a subscription is told in one summary, and what only once it is announced. */
#include <string.h>

#include "unit/store/fleet.h"

/* ---- baselines ---- */

static void
a_feeds_first_word_about_an_ecosystem_is_counted_not_listed(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_baseline(h, "debian:12", f.vulnerability, SET(f.openssl), fixed);
	c = h_changes(h, start, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_true(c.has_baseline);
	assert_int_equal(c.n_baseline_ecosystems, 1);
	assert_string_equal(c.baseline_ecosystems[0], "debian:12");
	assert_int_equal(c.n_baseline_images, 0);
	assert_int_equal(c.baseline_counts.total, 2); /* api and shop */
	assert_int_equal(c.baseline_counts.fixable, 2);
}

static void
a_new_ecosystem_brings_its_own_packages_alone(void **state)
{
	FLEET(f, state);
	int64_t npm = h_component(h, "npm", "left-pad", "1.0"), from;
	struct changes c;

	(void)start;
	h_image(h, "both", SET(f.openssl, npm));
	from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_baseline(h, "npm", f.vulnerability, SET(npm), no_fix);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_baseline_ecosystems, 1);
	assert_int_equal(c.baseline_counts.total, 1);
}

static void
a_first_list_of_exploited_vulnerabilities_names_those_that_hit(void **state)
{
	FLEET(f, state);
	struct event_new ev = EVENT_NEW(EVENT_FEED_BASELINE, 0);
	int64_t quiet = h_vulnerability(h, "CVE-2024-0002"), from;
	struct err e = ERR_INIT;
	struct changes c;

	(void)start;
	h_open(h, quiet, SET(f.openssl), no_fix, 0, false);
	from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	/* What the first run of such a feed does: no event per vulnerability. */
	assert_int_equal(h->st->engine->script(h->st,
			     arena_printf(h->a,
				 "UPDATE vulnerability SET kev_at = 1 WHERE id = %lld",
				 (long long)f.vulnerability),
			     &e),
	    ERR_OK);
	ev.flags = EVENT_EXPLOITED;
	h_event(h, ev);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_true(c.has_baseline);
	assert_int_equal(c.n_baseline_exploited, 1);
	assert_string_equal(c.baseline_exploited[0].vulnerability, "CVE-2024-0001");
	assert_int_equal(c.baseline_exploited[0].n_images, 2);
	assert_int_equal(c.baseline_counts.exploited, 2);
	assert_int_equal(c.baseline_counts.total, 0);
	assert_int_equal(h_changes(h, h_seq(h), h_seq(h) + 1).has_baseline, 0);
}

static void
an_image_with_two_exploited_packages_is_one_image(void **state)
{
	FLEET(f, state);
	int64_t from;
	struct changes c;

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl, f.zlib), no_fix, 0, false);
	from = h_exploited(h, f.vulnerability);
	h_image(h, "late", SET(f.openssl, f.zlib));
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_baseline_exploited, 1);
	assert_int_equal(c.baseline_exploited[0].n_images, 1);
	assert_int_equal(c.baseline_exploited[0].n_packages, 2);
	assert_int_equal(c.baseline_counts.exploited, 2);
}

static void
an_ecosystem_that_nobody_on_the_list_has_is_no_baseline(void **state)
{
	FLEET(f, state);
	int64_t apk = h_component(h, "alpine:3.20", "openssl", "3.3");
	struct changes c;

	(void)f;
	h_baseline(h, "alpine:3.20", f.vulnerability, SET(apk), fixed);
	c = h_changes(h, start, h_seq(h));
	assert_false(c.has_baseline);
	assert_int_equal(c.baseline_counts.total, 0);
}

static void
an_exploited_vulnerability_in_a_baseline_is_spelled_out(void **state)
{
	FLEET(f, state);
	int64_t quiet = h_vulnerability(h, "CVE-2024-0002"), from;
	struct changes c;

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_open(h, quiet, SET(f.openssl), no_fix, 0, false);
	from = h_exploited(h, f.vulnerability);
	h_image(h, "late", SET(f.openssl));
	h_image(h, "later", SET(f.openssl, f.other));
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_baseline_exploited, 1);
	assert_string_equal(c.baseline_exploited[0].vulnerability, "CVE-2024-0001");
	assert_int_equal(c.baseline_exploited[0].n_images, 2);
	assert_int_equal(c.baseline_counts.total, 4);
	assert_int_equal(c.baseline_counts.exploited, 2);
	assert_int_equal(c.n_baseline_images, 2);
}

static void
negligible_findings_stay_out_of_the_total(void **state)
{
	FLEET(f, state);
	const struct stand s = { .state = STATUS_AFFECTED,
		.severity = SEVERITY_NEGLIGIBLE };
	struct changes c;

	h_baseline(h, "debian:12", f.vulnerability, SET(f.openssl), s);
	c = h_changes(h, start, h_seq(h));
	assert_int_equal(c.baseline_counts.total, 0);
	assert_int_equal(c.baseline_counts.negligible, 2);
}

static void
a_fix_for_what_a_baseline_brought_is_a_fix_not_a_new_finding(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_baseline(h, "debian:12", f.vulnerability, SET(f.openssl), no_fix);
	h_change(
	    h, EVENT_FINDING_FIX_AVAILABLE, f.vulnerability, SET(f.openssl), fixed);
	c = h_changes(h, start, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_FIX_AVAILABLE, "api shop");
}

static void
a_fix_that_alone_passed_the_filter_makes_a_new_finding_news(void **state)
{
	FLEET(f, state);
	struct err e = ERR_INIT;
	struct changes c;
	int64_t seq[1];

	/* Nothing could be done when it was opened, so that event was not asked for. */
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	seq[0] = h_change(
	    h, EVENT_FINDING_FIX_AVAILABLE, f.vulnerability, SET(f.openssl), fixed);
	assert_int_equal(store_changes(h->st, h->team_id, h->list_id, 0, start,
			     h_seq(h), seq, 1, h->a, &c, &e),
	    ERR_OK);
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
}

/* ---- floods ---- */

static void
a_flood_is_quiet_until_it_is_announced(void **state)
{
	FLEET(f, state);
	struct changes c;
	int64_t before;

	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 7, true);
	before = h_seq(h);
	assert_int_equal(h_changes(h, start, before).n_rows, 0);
	h_announce(h, 7);
	c = h_changes(h, before, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
}

static void
a_flood_announced_in_the_same_interval_is_told_once(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 7, true);
	h_announce(h, 7);
	c = h_changes(h, start, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
	assert_int_equal(h_changes(h, h_seq(h), h_seq(h) + 3).n_rows, 0);
}

static void
an_announcement_reaches_images_that_moved_as_well(void **state)
{
	FLEET(f, state);
	struct changes c;
	int64_t before;

	(void)start;
	before = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 7, true);
	h_move(h, f.shop, "sha256:new", SET(f.openssl, f.other));
	h_announce(h, 7);
	c = h_changes(h, before, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
}

static void
what_was_reopened_and_told_is_not_announced_again(void **state)
{
	FLEET(f, state);
	int64_t told;

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 7, true);
	h_close(h, f.vulnerability, SET(f.openssl), PAST_NOT_AFFECTED);
	told = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_announce(h, 7);
	assert_int_equal(h_changes(h, told, h_seq(h)).n_rows, 0);
}

static void
an_announcement_of_something_closed_since_says_nothing(void **state)
{
	FLEET(f, state);
	int64_t before;

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 7, true);
	before = h_close(h, f.vulnerability, SET(f.openssl), PAST_NOT_AFFECTED);
	h_announce(h, 7);
	assert_int_equal(h_changes(h, before, h_seq(h)).n_rows, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_feeds_first_word_about_an_ecosystem_is_counted_not_listed),
		RULE(a_new_ecosystem_brings_its_own_packages_alone),
		RULE(a_first_list_of_exploited_vulnerabilities_names_those_that_hit),
		RULE(an_image_with_two_exploited_packages_is_one_image),
		RULE(an_ecosystem_that_nobody_on_the_list_has_is_no_baseline),
		RULE(an_exploited_vulnerability_in_a_baseline_is_spelled_out),
		RULE(negligible_findings_stay_out_of_the_total),
		RULE(a_fix_for_what_a_baseline_brought_is_a_fix_not_a_new_finding),
		RULE(a_fix_that_alone_passed_the_filter_makes_a_new_finding_news),
		RULE(a_flood_is_quiet_until_it_is_announced),
		RULE(a_flood_announced_in_the_same_interval_is_told_once),
		RULE(an_announcement_reaches_images_that_moved_as_well),
		RULE(what_was_reopened_and_told_is_not_announced_again),
		RULE(an_announcement_of_something_closed_since_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
