/* SPDX-License-Identifier: Apache-2.0 */
/* What a subscription is told about a list: what the feeds did, and what a row says. */
#include <string.h>

#include "unit/store/fleet.h"

/* ---- what the feeds did ---- */

static void
an_opened_finding_is_one_row_for_all_its_images(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	c = h_changes(h, start, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
	assert_int_equal(c.rows[0].n_images, 2);
	assert_int_equal(c.n_touched_images, 2);
	assert_string_equal(c.rows[0].reason, "feed");
	assert_false(c.has_baseline);
}

static void
opened_then_closed_says_nothing(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_close(h, f.vulnerability, SET(f.openssl), PAST_NOT_AFFECTED);
	c = h_changes(h, start, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_touched_images, 0);
}

static void
closed_then_opened_says_nothing(void **state)
{
	FLEET(f, state);
	struct changes c;
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);

	(void)start;
	h_close(h, f.vulnerability, SET(f.openssl), PAST_WITHDRAWN);
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
}

static void
a_closed_finding_says_why(void **state)
{
	static const struct {
		enum past_reason reason;
		const char *want;
	} rows[] = {
		{ PAST_FIXED_BY_RANGE, "fixed_by_range" },
		{ PAST_NOT_AFFECTED, "not_affected" },
		{ PAST_WITHDRAWN, "withdrawn" },
		{ PAST_VANISHED, "vanished" },
	};
	FLEET(f, state);

	(void)start;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t from =
		    h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
		struct changes c;

		h_close(h, f.vulnerability, SET(f.openssl), rows[i].reason);
		c = h_changes(h, from, h_seq(h));
		h_expect_row(&c, f.vulnerability, CHANGE_RESOLVED, "api shop");
		assert_string_equal(c.rows[0].reason, rows[i].want);
		assert_int_equal(c.rows[0].severity, SEVERITY_HIGH);
	}
}

static void
reopened_after_a_told_resolve_is_news_again(void **state)
{
	FLEET(f, state);
	struct changes c;
	int64_t told;

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	told = h_close(h, f.vulnerability, SET(f.openssl), PAST_NOT_AFFECTED);
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	c = h_changes(h, told, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
}

static void
a_fix_that_appears_is_told_with_its_version(void **state)
{
	FLEET(f, state);
	struct changes c;
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);

	(void)start;
	h_change(
	    h, EVENT_FINDING_FIX_AVAILABLE, f.vulnerability, SET(f.openssl), fixed);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_FIX_AVAILABLE, "api shop");
	assert_int_equal(c.rows[0].packages[0].fix, FIX_AVAILABLE);
	assert_string_equal(c.rows[0].packages[0].fix_version, "3.1");
}

static void
a_fix_that_moves_up_is_changed_for_some_and_opened_for_others(void **state)
{
	struct history *h = *state;
	int64_t old = h_component(h, "debian:12", "openssl", "3.0");
	int64_t patched = h_component(h, "debian:12", "openssl", "3.1");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), from;
	const struct stand later = {
		.state = STATUS_FIXED, .severity = SEVERITY_HIGH, .fixed_version = "3.2"
	};
	struct changes c;

	h_image(h, "old", SET(old));
	h_image(h, "patched", SET(patched));
	from = h_open(h, v, SET(old), fixed, 0, false);
	h_change(h, EVENT_FINDING_FIX_CHANGED, v, SET(old), later);
	h_open(h, v, SET(patched), later, 0, false);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 2);
	h_expect_row(&c, v, CHANGE_OPENED, "patched");
	h_expect_row(&c, v, CHANGE_FIX_CHANGED, "old");
	assert_string_equal(
	    h_row(&c, v, CHANGE_FIX_CHANGED)->packages[0].fix_version, "3.2");
}

static void
a_fix_that_changed_and_changed_back_says_nothing(void **state)
{
	FLEET(f, state);
	const struct stand later = {
		.state = STATUS_FIXED, .severity = SEVERITY_HIGH, .fixed_version = "3.2"
	};
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), fixed, 0, false);

	(void)start;
	h_change(h, EVENT_FINDING_FIX_CHANGED, f.vulnerability, SET(f.openssl), later);
	h_change(h, EVENT_FINDING_FIX_CHANGED, f.vulnerability, SET(f.openssl), fixed);
	assert_int_equal(h_changes(h, from, h_seq(h)).n_rows, 0);
}

static void
a_severity_that_rises_is_told_one_that_falls_is_not(void **state)
{
	FLEET(f, state);
	struct stand s = no_fix;
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false),
		between;
	struct changes c;

	(void)start;
	s.severity = SEVERITY_CRITICAL;
	between = h_change(
	    h, EVENT_FINDING_SEVERITY_RAISED, f.vulnerability, SET(f.openssl), s);
	c = h_changes(h, from, between);
	h_expect_row(&c, f.vulnerability, CHANGE_SEVERITY_RAISED, "api shop");
	assert_int_equal(c.rows[0].severity, SEVERITY_CRITICAL);
	assert_int_equal(c.rows[0].severity_before, SEVERITY_HIGH);
	s.severity = SEVERITY_LOW;
	h_change(h, EVENT_FINDING_SEVERITY_RAISED, f.vulnerability, SET(f.openssl), s);
	assert_int_equal(h_changes(h, between, h_seq(h)).n_rows, 0);
}

static void
exploited_concerns_every_match_of_the_vulnerability(void **state)
{
	FLEET(f, state);
	int64_t from =
	    h_open(h, f.vulnerability, SET(f.openssl, f.other), no_fix, 0, false);
	struct changes c;

	(void)start;
	h_exploited(h, f.vulnerability);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_EXPLOITED, "api db shop");
	assert_true(c.rows[0].exploited > 0);
}

static void
an_image_is_told_one_thing_about_a_vulnerability_the_loudest(void **state)
{
	FLEET(f, state);
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	struct changes c;

	(void)start;
	/* api has both packages, shop openssl alone. */
	h_change(
	    h, EVENT_FINDING_FIX_AVAILABLE, f.vulnerability, SET(f.openssl), fixed);
	h_open(h, f.vulnerability, SET(f.zlib), no_fix, 0, false);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 2);
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api");
	h_expect_row(&c, f.vulnerability, CHANGE_FIX_AVAILABLE, "shop");
	assert_int_equal(c.n_touched_images, 2);
}

static void
what_the_filter_kept_from_us_is_not_told(void **state)
{
	FLEET(f, state);
	struct err e = ERR_INIT;
	struct changes c;
	int64_t seq[1];
	int64_t second = h_vulnerability(h, "CVE-2024-0002");

	seq[0] = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_open(h, second, SET(f.openssl), no_fix, 0, false);
	assert_int_equal(store_changes(h->st, h->team_id, h->list_id, 0, start,
			     h_seq(h), seq, 1, h->a, &c, &e),
	    ERR_OK);
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
}

static void
what_an_event_said_goes_before_what_it_did_not(void **state)
{
	FLEET(f, state);
	struct stand s = fixed;
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	struct changes c;

	(void)start;
	/* A subscription that wants fixes alone gets the fix, though severity rose too. */
	s.severity = SEVERITY_CRITICAL;
	h_change(h, EVENT_FINDING_FIX_AVAILABLE, f.vulnerability, SET(f.openssl), s);
	c = h_changes(h, from, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_FIX_AVAILABLE, "api shop");
	assert_int_equal(c.rows[0].severity, SEVERITY_CRITICAL);
}

static void
under_investigation_is_not_open(void **state)
{
	FLEET(f, state);
	struct stand s = { .state = STATUS_UNDER_INVESTIGATION };
	int64_t between;
	struct changes c;

	between = h_open(h, f.vulnerability, SET(f.openssl), s, 0, false);
	assert_int_equal(h_changes(h, start, between).n_rows, 0);
	h_change(h, EVENT_FINDING_OPENED, f.vulnerability, SET(f.openssl), no_fix);
	c = h_changes(h, between, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
	/* Back again: still there, less sure, so nobody is told that it is resolved. */
	between = h_change(
	    h, EVENT_FINDING_FIX_AVAILABLE, f.vulnerability, SET(f.openssl), fixed);
	h_change(h, EVENT_FINDING_FIX_CHANGED, f.vulnerability, SET(f.openssl), s);
	assert_int_equal(h_changes(h, between, h_seq(h)).n_rows, 0);
	/* From there it closes: news that it is gone, for those who were told. */
	h_close(h, f.vulnerability, SET(f.openssl), PAST_WITHDRAWN);
	c = h_changes(h, between, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_RESOLVED, "api shop");
	assert_string_equal(c.rows[0].reason, "withdrawn");
}

static void
temporary_ids_are_never_told(void **state)
{
	FLEET(f, state);
	int64_t temp = h_vulnerability(h, "TEMP-0000000-ABCDEF");

	h_open(h, temp, SET(f.openssl), no_fix, 0, false);
	h_move(h, f.api, "sha256:new", SET(f.openssl, f.other));
	assert_int_equal(h_changes(h, start, h_seq(h)).n_rows, 0);
}

/*
 * What decide leaves behind when LOSER turns out to be WINNER: the periods of the one end
 * as renamed, the matches of the other are as old as those were.
 */
static void
rename_to(struct history *h, int64_t loser, int64_t winner)
{
	struct event_new marker = EVENT_NEW(EVENT_FEED_SUMMARY, 0);
	struct err e = ERR_INIT;
	int64_t seq;
	char *sql;

	marker.flags = EVENT_QUIET;
	seq = h_event(h, marker);
	sql = arena_printf(h->a,
	    "INSERT INTO match_past(component_id, vulnerability_id, to_seq, from_seq,"
	    " state, severity, severity_source, fixed_version, record_id, revision,"
	    " reason) SELECT component_id, vulnerability_id, %lld, changed_seq, state,"
	    " severity, severity_source, fixed_version, record_id, 1, %d FROM match"
	    " WHERE vulnerability_id = %lld;"
	    "UPDATE match SET vulnerability_id = %lld, changed_seq = %lld"
	    " WHERE vulnerability_id = %lld;"
	    "UPDATE vulnerability SET merged_into = %lld WHERE id = %lld",
	    (long long)seq, PAST_RENAMED, (long long)loser, (long long)winner,
	    (long long)seq, (long long)loser, (long long)winner, (long long)loser);
	if (h->st->engine->script(h->st, sql, &e) != ERR_OK)
		fail_msg("%s", e.text);
}

static void
a_vulnerability_that_gets_another_name_is_no_news(void **state)
{
	FLEET(f, state);
	int64_t ghsa = h_vulnerability(h, "GHSA-xxxx"), from;
	struct changes c;

	(void)start;
	from = h_open(h, ghsa, SET(f.openssl), no_fix, 0, false);
	rename_to(h, ghsa, f.vulnerability);
	assert_int_equal(h_changes(h, from, h_seq(h)).n_rows, 0);
	/* What happens to it later happens to something that was told. */
	h_exploited(h, f.vulnerability);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_EXPLOITED, "api shop");
}

static void
opened_and_renamed_is_news_under_the_name_it_has_now(void **state)
{
	FLEET(f, state);
	int64_t ghsa = h_vulnerability(h, "GHSA-xxxx");
	struct changes c;

	h_open(h, ghsa, SET(f.openssl), no_fix, 0, false);
	rename_to(h, ghsa, f.vulnerability);
	c = h_changes(h, start, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
}

static void
fixed_and_renamed_is_a_fix_under_the_name_it_has_now(void **state)
{
	FLEET(f, state);
	int64_t ghsa = h_vulnerability(h, "GHSA-xxxx"), from;
	struct changes c;

	(void)start;
	from = h_open(h, ghsa, SET(f.openssl), no_fix, 0, false);
	h_change(h, EVENT_FINDING_FIX_AVAILABLE, ghsa, SET(f.openssl), fixed);
	rename_to(h, ghsa, f.vulnerability);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_FIX_AVAILABLE, "api shop");
}

static void
numbers_from_before_the_interval_name_nothing(void **state)
{
	FLEET(f, state);
	struct err e = ERR_INIT;
	struct changes c;
	int64_t old[1];

	(void)start;
	old[0] = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_change(
	    h, EVENT_FINDING_FIX_AVAILABLE, f.vulnerability, SET(f.openssl), fixed);
	assert_int_equal(store_changes(h->st, h->team_id, h->list_id, 0, old[0],
			     h_seq(h), old, 1, h->a, &c, &e),
	    ERR_OK);
	assert_int_equal(c.n_rows, 0);
}

/* ---- the same answer for ever ---- */

static void
the_same_arguments_give_the_same_answer_after_further_changes(void **state)
{
	FLEET(f, state);
	int64_t second = h_vulnerability(h, "CVE-2024-0002"), to;
	const struct stand later = { .state = STATUS_FIXED,
		.severity = SEVERITY_CRITICAL,
		.fixed_version = "9" };
	struct changes c;
	const char *first;

	h_open(h, f.vulnerability, SET(f.openssl), fixed, 0, false);
	h_open(h, second, SET(f.other, f.zlib), no_fix, 0, false);
	h_move(h, f.shop, "sha256:new", SET(f.openssl, f.zlib, f.other));
	h_image(h, "late", SET(f.other));
	to = h_seq(h);
	c = h_changes(h, start, to);
	first = h_text(h, &c);

	h_change(h, EVENT_FINDING_FIX_CHANGED, f.vulnerability, SET(f.openssl), later);
	h_exploited(h, second);
	h_close(h, second, SET(f.other), PAST_WITHDRAWN);
	h_move(h, f.shop, "sha256:newest", SET(f.other));
	h_image(h, "later", SET(f.openssl));
	h_delete(h, f.api);
	h_register_again(h, f.api, SET(f.other));
	h_list_remove(h, h->list_id, f.db);
	c = h_changes(h, start, to);
	assert_string_equal(h_text(h, &c), first);
}

/* ---- what a row says ---- */

static void
a_row_names_packages_advisories_title_and_owners(void **state)
{
	FLEET(f, state);
	int64_t debian = h_feed(h, "debian", false), nvd = h_feed(h, "nvd", true);
	struct stand s = fixed;
	struct changes c;
	const struct change_row *row;

	s.affected_id =
	    h_record(h, debian, f.vulnerability, "A buffer overflow", "3.1");
	(void)h_record(h, nvd, f.vulnerability, "Something longer", "");
	h_open(h, f.vulnerability, SET(f.openssl), s, 0, false);
	c = h_changes(h, start, h_seq(h));
	row = h_row(&c, f.vulnerability, CHANGE_OPENED);
	assert_non_null(row);
	assert_string_equal(row->title, "A buffer overflow");
	assert_string_equal(row->severity_by, "debian");
	assert_string_equal(row->vendor_word, "word");
	assert_int_equal(row->n_packages, 1);
	assert_string_equal(row->packages[0].ecosystem, "debian:12");
	assert_string_equal(row->packages[0].name, "openssl");
	assert_string_equal(row->packages[0].version, "3.0");
	assert_int_equal(row->n_advisories, 2);
	assert_string_equal(row->advisories[0].source, "debian");
	assert_non_null(strstr(row->advisories[0].url, "security-tracker.debian.org"));
	assert_string_equal(row->advisories[1].source, "nvd");
	assert_string_equal(row->images[0].owner, "owner of api");
	assert_string_equal(row->images[0].ref, "ref/api");
}

static void
worse_rows_come_first_and_resolved_ones_last(void **state)
{
	FLEET(f, state);
	int64_t low = h_vulnerability(h, "CVE-2024-0002");
	int64_t exploited = h_vulnerability(h, "CVE-2024-0003");
	int64_t gone = h_vulnerability(h, "CVE-2024-0004"), from;
	struct stand s = no_fix;
	struct changes c;

	(void)start;
	s.severity = SEVERITY_CRITICAL;
	from = h_open(h, gone, SET(f.openssl), s, 0, false);
	h_close(h, gone, SET(f.openssl), PAST_WITHDRAWN);
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	s.severity = SEVERITY_LOW;
	h_open(h, low, SET(f.openssl), s, 0, false);
	h_open(h, exploited, SET(f.openssl), s, 0, false);
	h_exploited(h, exploited);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 4);
	assert_string_equal(c.rows[0].vulnerability, "CVE-2024-0003");
	assert_string_equal(c.rows[1].vulnerability, "CVE-2024-0001");
	assert_string_equal(c.rows[2].vulnerability, "CVE-2024-0002");
	assert_string_equal(c.rows[3].vulnerability, "CVE-2024-0004");
}

static void
a_hundred_images_are_listed_by_name_all_are_counted(void **state)
{
	struct history *h = *state;
	int64_t c1 = h_component(h, "debian:12", "openssl", "3.0");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), from;
	struct changes c;

	for (int i = 0; i < 130; i++)
		h_image(h, arena_printf(h->a, "image-%03d", (i * 37) % 130), SET(c1));
	from = h_seq(h);
	h_open(h, v, SET(c1), no_fix, 0, false);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.rows[0].n_images, 130);
	assert_int_equal(c.rows[0].n_listed, 100);
	for (size_t i = 0; i < c.rows[0].n_listed; i++)
		assert_string_equal(
		    c.rows[0].images[i].name, arena_printf(h->a, "image-%03zu", i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(an_opened_finding_is_one_row_for_all_its_images),
		RULE(opened_then_closed_says_nothing),
		RULE(closed_then_opened_says_nothing),
		RULE(a_closed_finding_says_why),
		RULE(reopened_after_a_told_resolve_is_news_again),
		RULE(a_fix_that_appears_is_told_with_its_version),
		RULE(a_fix_that_moves_up_is_changed_for_some_and_opened_for_others),
		RULE(a_fix_that_changed_and_changed_back_says_nothing),
		RULE(a_severity_that_rises_is_told_one_that_falls_is_not),
		RULE(exploited_concerns_every_match_of_the_vulnerability),
		RULE(an_image_is_told_one_thing_about_a_vulnerability_the_loudest),
		RULE(what_the_filter_kept_from_us_is_not_told),
		RULE(what_an_event_said_goes_before_what_it_did_not),
		RULE(under_investigation_is_not_open),
		RULE(temporary_ids_are_never_told),
		RULE(a_vulnerability_that_gets_another_name_is_no_news),
		RULE(opened_and_renamed_is_news_under_the_name_it_has_now),
		RULE(fixed_and_renamed_is_a_fix_under_the_name_it_has_now),
		RULE(numbers_from_before_the_interval_name_nothing),
		RULE(the_same_arguments_give_the_same_answer_after_further_changes),
		RULE(a_row_names_packages_advisories_title_and_owners),
		RULE(worse_rows_come_first_and_resolved_ones_last),
		RULE(a_hundred_images_are_listed_by_name_all_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
