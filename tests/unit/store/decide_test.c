/* SPDX-License-Identifier: Apache-2.0 */
/* From statements to matches, their history, and the events that tell of them. */
#include "world.h"

#include <string.h>

#include "core/buf.h"

/* One image with openssl 5, one record that opens a match, both told already. */
static void
begin(struct world *w)
{
	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "zlib", "CVE-2024-9", "7");
	(void)w_run(w, "debian");
	(void)w_says(w, "zlib", "CVE-2024-9", "7");
	(void)w_says(w, "openssl", "CVE-2024-1", NULL);
	(void)w_run(w, "debian");
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, false), 1);
}

/* The next run of the feed says this of openssl, besides what begin() left. */
static struct record *
say(struct world *w, const char *vulnerability, const char *fixed)
{
	(void)w_says(w, "zlib", "CVE-2024-9", "7");
	return w_says(w, "openssl", vulnerability, fixed);
}

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
baseline_matches_begin_before_its_sentence(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM match m JOIN event i ON i.kind = 6"
		     " JOIN event b ON b.kind = 9 AND b.flags & 4 = 0"
		     " WHERE m.since_seq > i.seq AND m.since_seq <= b.seq"),
	    1);
}

static void
a_later_record_is_news(void **state)
{
	struct world *w = *state;

	begin(w);
	assert_string_equal(w_matches(w), "openssl-5:CVE-2024-1:1:0");
	assert_int_equal(
	    w_int(w, "SELECT n FROM event WHERE kind = 0 AND run_id = 2"), 1);
	w_check_log(w);
}

static void
a_fix_that_comes_is_news_and_history(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)say(w, "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	assert_string_equal(w_matches(w), "openssl-5:CVE-2024-1:2:0");
	assert_int_equal(w_events(w, EVENT_FINDING_FIX_AVAILABLE, false), 1);
	assert_int_equal(w_int(w, "SELECT reason FROM match_past"), PAST_CHANGED);
	assert_int_equal(w_int(w, "SELECT state FROM match_past"), STATUS_AFFECTED);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match m JOIN match_past p"
				  " ON p.to_seq = m.changed_seq AND"
				  " p.from_seq = m.since_seq"),
	    1);
	assert_string_equal(w_text(w, "SELECT fixed_version FROM match"), "7");
}

static void
a_fix_that_moves_up_is_fix_changed_for_the_old_and_opened_for_the_new(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)w_put(w, "db", NULL, PKGS(PKG(DEBIAN, "openssl", "8")), NULL);
	(void)say(w, "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	assert_int_equal(w_events(w, EVENT_FINDING_RESOLVED, false), 1); /* 8 has it */
	(void)say(w, "CVE-2024-1", "9");
	(void)w_run(w, "debian");
	assert_int_equal(w_events(w, EVENT_FINDING_FIX_CHANGED, false), 1);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, false), 2);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 2);
	w_check_log(w);
}

static void
an_edit_without_another_verdict_is_no_news(void **state)
{
	struct world *w = *state;
	struct record *r;
	int64_t seq = 0, after = 0, affected_id;

	begin(w);
	affected_id = w_int(w, "SELECT affected_id FROM match");
	assert_ok(store_now_seq(w->st, &seq, &w_err));
	r = say(w, "CVE-2024-1", NULL);
	r->title = "another title";
	r->affected[0].vendor_state = "no-dsa";
	(void)w_run(w, "debian");
	assert_ok(store_now_seq(w->st, &after, &w_err));
	assert_int_equal(after, seq);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match_past"), 0);
	assert_int_equal(w_int(w, "SELECT affected_id FROM match"), affected_id);
	assert_int_equal(w_int(w, "SELECT revision FROM match"), 2);
	assert_int_equal(w_int(w, "SELECT count(*) FROM record_past"), 1);
}

static void
a_severity_that_rises_is_news_and_one_that_falls_is_history(void **state)
{
	struct world *w = *state;
	struct record *r;

	begin(w);
	r = say(w, "CVE-2024-1", NULL);
	r->severity = SEVERITY_HIGH;
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT severity FROM match"), SEVERITY_HIGH);
	assert_int_equal(w_events(w, EVENT_FINDING_SEVERITY_RAISED, false), 1);
	assert_int_equal(w_int(w, "SELECT severity_before FROM event WHERE kind = 3"),
	    SEVERITY_UNKNOWN);
	r = say(w, "CVE-2024-1", NULL);
	r->severity = SEVERITY_LOW;
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT severity FROM match"), SEVERITY_LOW);
	assert_int_equal(w_events(w, EVENT_FINDING_SEVERITY_RAISED, true), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match_past"), 2);
	w_check_log(w);
}

static void
a_version_that_has_the_fix_closes_with_that_reason(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)say(w, "CVE-2024-1", "4");
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 0);
	assert_int_equal(
	    w_int(w, "SELECT reason FROM match_past"), PAST_FIXED_BY_RANGE);
	assert_string_equal(w_text(w, "SELECT detail FROM event WHERE kind = 5"),
	    "{\"reason\":\"fixed_by_range\"}");
}

static void
a_denial_of_another_record_closes(void **state)
{
	struct world *w = *state;
	struct record *r;

	begin(w);
	(void)w_feed(w, "errata", "debian");
	r = w_record(w, "debian", "openssl", "CVE-2024-1");
	w_affects(w, r, DEBIAN, "openssl", NULL)->status = STATUS_NOT_AFFECTED;
	(void)w_affects(w, r, ALPINE, "x", NULL);
	(void)w_run(w, "errata");
	assert_int_equal(w_int(w, "SELECT count(*) FROM denial"), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 0);
	assert_int_equal(w_int(w, "SELECT reason FROM match_past"), PAST_NOT_AFFECTED);
}

static void
a_denial_that_was_there_first_is_found_when_it_contradicts(void **state)
{
	struct world *w = *state;
	struct record *r;

	(void)w_feed(w, "errata", "debian");
	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	r = w_record(w, "debian", "openssl", "CVE-2024-1");
	w_affects(w, r, DEBIAN, "openssl", NULL)->status = STATUS_NOT_AFFECTED;
	(void)w_run(w, "errata");
	assert_int_equal(w_int(w, "SELECT count(*) FROM denial"), 0);
	(void)w_says(w, "openssl", "CVE-2024-1", NULL);
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM denial"), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 0);
	/* and once nobody denies it any more, it opens */
	r = w_record(w, "debian", "openssl", "CVE-2024-1");
	(void)w_affects(w, r, ALPINE, "x", NULL);
	(void)w_run(w, "errata");
	assert_int_equal(w_int(w, "SELECT count(*) FROM denial"), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
}

static void
a_new_ecosystem_in_an_old_feed_is_a_baseline(void **state)
{
	struct world *w = *state;
	struct record *r;

	begin(w);
	(void)w_put(w, "db", NULL, PKGS(PKG("debian:13", "openssl", "5")), NULL);
	r = say(w, "CVE-2024-1", NULL);
	(void)w_affects(w, r, "debian:13", "openssl", "7");
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 2);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 1); /* begin()'s */
	assert_int_equal(w_int(w, "SELECT n FROM event e JOIN ecosystem c"
				  " ON c.id = e.ecosystem_id WHERE e.kind = 9"
				  " AND c.name = 'debian:13'"),
	    1);
	w_check_log(w);
}

static void
a_score_re_rates_what_nobody_else_rated(void **state)
{
	struct world *w = *state;
	struct record *r;

	begin(w);
	(void)w_feed(w, "nvd", "nvd");
	(void)w_record(w, "nvd", "x", "CVE-2024-9");
	(void)w_run(w, "nvd");
	r = w_record(w, "nvd", "x", "CVE-2024-1");
	w_score(w, r, SPEAKER_NVD, 98);
	(void)w_record(w, "nvd", "x", "CVE-2024-9");
	(void)w_run(w, "nvd");
	assert_int_equal(w_int(w, "SELECT severity FROM match"), SEVERITY_CRITICAL);
	assert_int_equal(w_int(w, "SELECT severity_source FROM match"), SPEAKER_NVD);
	assert_int_equal(w_events(w, EVENT_FINDING_SEVERITY_RAISED, false), 1);
	assert_int_equal(
	    w_int(w, "SELECT cvss_tenths FROM vulnerability WHERE name = 'CVE-2024-1'"),
	    98);
	w_check_log(w);
}

/* KEV says so of VULNERABILITY. */
static void
exploit(struct world *w, const char *vulnerability)
{
	w_record(w, "kev", "kev", vulnerability)->exploited = w->now_at;
}

static void
exploited_is_news_where_it_hits_but_not_on_the_first_load(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)w_feed(w, "kev", "kev");
	exploit(w, "CVE-2024-1");
	(void)w_run(w, "kev");
	assert_int_equal(w_events(w, EVENT_FINDING_EXPLOITED, true), 0);
	assert_int_equal(w_events(w, EVENT_FEED_BASELINE, false), 2);
	assert_int_equal(w_int(w, "SELECT flags FROM event WHERE kind = 9"
				  " ORDER BY seq DESC LIMIT 1"),
	    EVENT_EXPLOITED); /* one sentence, but a loud one */
	(void)say(w, "CVE-2024-1", NULL);
	(void)w_says(w, "openssl", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	exploit(w, "CVE-2024-1");
	exploit(w, "CVE-2024-2");
	exploit(w, "CVE-2024-3");
	(void)w_run(w, "kev");
	assert_int_equal(w_events(w, EVENT_FINDING_EXPLOITED, false), 1);
	assert_int_equal(w_int(w, "SELECT flags FROM event WHERE kind = 4"),
	    EVENT_EXPLOITED | EVENT_FIXABLE);
	assert_int_equal(
	    w_int(w, "SELECT components IS NULL FROM event WHERE kind = 4"), 1);
	assert_int_equal(w_int(w, "SELECT n_exploited FROM inventory_summary"), 2);
	w_check_log(w);
}

static void
exploited_no_longer_is_forgotten(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)w_feed(w, "kev", "kev");
	exploit(w, "CVE-2024-1");
	(void)w_run(w, "kev");
	for (int i = 0; i < 2; i++)
		(void)w_run(w, "kev");
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM vulnerability WHERE kev_at IS NOT NULL"), 0);
	assert_int_equal(w_int(w, "SELECT n_exploited FROM inventory_summary"), 0);
}

static void
a_temporary_id_matches_and_is_never_told(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)say(w, "CVE-2024-1", NULL);
	(void)w_says(w, "openssl", "TEMP-0841856-B18BAF", NULL);
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 2);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 1);
	w_check_log(w);
}

static void
under_investigation_is_no_news_until_it_is_sure(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)say(w, "CVE-2024-1", NULL);
	w_says(w, "openssl", "CVE-2024-2", NULL)->affected[0].status =
	    STATUS_UNDER_INVESTIGATION;
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 2);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 1);
	(void)say(w, "CVE-2024-1", NULL);
	(void)w_says(w, "openssl", "CVE-2024-2", NULL);
	(void)w_run(w, "debian");
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 2);
}

static void
a_version_without_an_order_lies_in_no_range(void **state)
{
	struct world *w = *state;
	struct record *r;
	const char *exactly = "odd";

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "odd")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", NULL); /* an open range */
	r = w_says(w, "openssl", "CVE-2024-2", NULL);
	r->affected[0].versions = &exactly;
	r->affected[0].n_versions = 1;
	(void)w_run(w, "debian");
	assert_string_equal(w_matches(w), "openssl-odd:CVE-2024-2:1:0");
}

static void
one_event_holds_every_component_of_a_package(void **state)
{
	struct world *w = *state;
	const void *set;
	int64_t *ids = NULL;
	size_t n = 0, len;
	struct query *q;

	begin(w);
	(void)w_put(w, "db", NULL, PKGS(PKG(DEBIAN, "openssl", "6")), NULL);
	(void)w_put(w, "mail", NULL, PKGS(PKG(DEBIAN, "openssl", "9")), NULL);
	(void)say(w, "CVE-2024-1", NULL);
	(void)w_says(w, "openssl", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM event e JOIN vulnerability v"
				  " ON v.id = e.vulnerability_id WHERE e.kind = 0"
				  " AND v.name = 'CVE-2024-2'"),
	    1);
	q = query(w->st, STMT_EVENTS_AFTER);
	bind_int(q, 1, -1);
	bind_int(q, 2, w_int(w, "SELECT max(seq) - 1 FROM event WHERE kind = 0"));
	bind_int(q, 3, 1);
	bind_int(q, 4, EVENT_FEED_SUMMARY);
	bind_int(q, 5, EVENT_CLOCK_TICK);
	assert_ok(query_one(q, &w_err));
	set = col_blob(q, 17, &len);
	assert_ok(set_decode(set, len, w->a, &ids, &n, &w_err));
	query_done(q);
	assert_int_equal(n, 2);
}

static void
two_components_built_from_one_source_are_both_decided(void **state)
{
	struct world *w = *state;
	const struct pkg packages[] = {
		{ DEBIAN, "libssl3", "5", "openssl", "amd64", 0 },
		{ DEBIAN, "openssl", "5", "openssl", "amd64", 0 },
		{ .name = NULL },
	};

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, packages, NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	assert_string_equal(
	    w_matches(w), "libssl3-5:CVE-2024-1:2:0 openssl-5:CVE-2024-1:2:0");
}

static void
flood_is_quiet_until_announced_but_what_burns_is_told(void **state)
{
	struct world *w = *state;
	struct run_row row;
	struct ran ran;

	begin(w);
	(void)say(w, "CVE-2024-1", NULL);
	for (int i = 0; i < 5100; i++) {
		struct record *r = w_says(
		    w, "openssl", arena_printf(w->a, "CVE-2023-%d", 1000 + i), NULL);

		if (i == 5099)
			r->severity = SEVERITY_CRITICAL;
	}
	ran = w_read(w, "debian");
	w_work(w);
	assert_ok(store_run(w->st, ran.run_id, w->a, &row, &w_err));
	assert_int_equal(row.state, RUN_FLOOD);
	assert_int_equal(row.opened, 5100);
	assert_int_equal(w_events(w, EVENT_FEED_FLOOD, false), 1);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 5101);
	assert_in_range(w_events(w, EVENT_FINDING_OPENED, false), 4900, 5002);
	assert_int_equal(w_int(w, "SELECT count(*) FROM event e JOIN vulnerability v"
				  " ON v.id = e.vulnerability_id WHERE e.kind = 0 AND"
				  " v.name = 'CVE-2023-6099' AND e.flags & 4 = 0"),
	    1);
	assert_ok(store_run_settle(w->st, "debian", true, "ops", w->now_at, &w_err));
	assert_ok(store_run(w->st, ran.run_id, w->a, &row, &w_err));
	assert_int_equal(row.state, RUN_DONE);
	assert_int_equal(w_events(w, EVENT_FEED_ANNOUNCED, false), 1);
	w_check_log(w);
}

static void
units_that_somebody_else_decided_are_a_conflict(void **state)
{
	struct world *w = *state;
	struct unit *units = NULL;
	struct decision d;
	bool done = false;
	size_t n = 0;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_read(w, "debian");
	while (!done)
		assert_ok(store_apply(w->st, w->now_at, 40, &done, &w_err));
	assert_ok(store_due_units(w->st, 10, w->a, &units, &n, &w_err));
	assert_int_equal(n, 1);
	w_decide(&units[0], &units[0].subjects[0], &d);
	assert_ok(store_decide(w->st, units, n, &d, w->now_at, &w_err));
	assert_int_equal(
	    store_decide(w->st, units, n, &d, w->now_at, &w_err), ERR_CONFLICT);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	w_check_log(w);
}

/* Whoever else wants to write must not wait for a popular package. */
static void
one_call_decides_some_and_leaves_the_rest_due(void **state)
{
	struct world *w = *state;
	struct unit *units = NULL;
	struct decision *all;
	struct pkg packages[601] = { { .name = NULL } };
	bool done = false;
	size_t n = 0, at = 0;

	(void)w_feed(w, "debian", "debian");
	for (size_t i = 0; i < 600; i++) {
		packages[i].ecosystem = DEBIAN;
		packages[i].name = "openssl";
		packages[i].version = arena_printf(w->a, "%zu", i);
	}
	(void)w_put(w, "web", NULL, packages, NULL);
	for (size_t i = 0; i < 4; i++)
		(void)w_says(
		    w, "openssl", arena_printf(w->a, "CVE-2024-%zu", i), "600");
	(void)w_read(w, "debian");
	while (!done)
		assert_ok(store_apply(w->st, w->now_at, 40, &done, &w_err));
	assert_ok(store_due_units(w->st, 10, w->a, &units, &n, &w_err));
	assert_int_equal(n, 4);
	all = arena_array(w->a, 2400, sizeof(*all));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < units[i].n_subjects; k++)
			w_decide(&units[i], &units[i].subjects[k], &all[at++]);
	assert_ok(store_decide(w->st, units, n, all, w->now_at, &w_err));
	/* a slow machine stops after the first */
	assert_true(w_int(w, "SELECT count(*) FROM dirty") >= 2);
	assert_true(w_int(w, "SELECT count(*) FROM match") <= 1200);
	w_work(w);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 2400);
	assert_int_equal(w_int(w, "SELECT n_opened FROM run"), 2400);
	w_check_log(w);
}

static void
a_unit_waits_until_its_run_is_applied_to_the_end(void **state)
{
	struct world *w = *state;
	struct unit *units = NULL;
	bool done = false;
	size_t n = 1;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	w_record(w, "debian", "zlib", "CVE-2024-1");
	(void)w_affects(w, w->records.at[1], DEBIAN, "openssl", "9");
	(void)w_read(w, "debian");
	assert_ok(store_apply(w->st, w->now_at, 0, &done, &w_err));
	/* the second record is about the same unit: its row would say nothing new */
	assert_int_equal(w_int(w, "SELECT count(*) FROM dirty"), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM run_stage"), 1);
	assert_ok(store_due_units(w->st, 10, w->a, &units, &n, &w_err));
	assert_int_equal(n, 0);
	assert_ok(store_apply(w->st, w->now_at, 0, &done, &w_err));
	assert_ok(store_due_units(w->st, 10, w->a, &units, &n, &w_err));
	assert_int_equal(n, 1);
	assert_int_equal(units[0].n_statements, 2);
}

static void
statements_without_any_component_are_not_due(void **state)
{
	struct world *w = *state;
	bool done = false;

	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_read(w, "debian");
	while (!done)
		assert_ok(store_apply(w->st, w->now_at, 40, &done, &w_err));
	assert_int_equal(w_int(w, "SELECT count(*) FROM dirty"), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM affected"), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_load_opens_matches_and_tells_one_baseline),
		TEST(baseline_matches_begin_before_its_sentence),
		TEST(a_later_record_is_news),
		TEST(a_fix_that_comes_is_news_and_history),
		TEST(
		    a_fix_that_moves_up_is_fix_changed_for_the_old_and_opened_for_the_new),
		TEST(an_edit_without_another_verdict_is_no_news),
		TEST(a_severity_that_rises_is_news_and_one_that_falls_is_history),
		TEST(a_version_that_has_the_fix_closes_with_that_reason),
		TEST(a_denial_of_another_record_closes),
		TEST(a_denial_that_was_there_first_is_found_when_it_contradicts),
		TEST(a_new_ecosystem_in_an_old_feed_is_a_baseline),
		TEST(a_score_re_rates_what_nobody_else_rated),
		TEST(exploited_is_news_where_it_hits_but_not_on_the_first_load),
		TEST(exploited_no_longer_is_forgotten),
		TEST(a_temporary_id_matches_and_is_never_told),
		TEST(under_investigation_is_no_news_until_it_is_sure),
		TEST(a_version_without_an_order_lies_in_no_range),
		TEST(one_event_holds_every_component_of_a_package),
		TEST(two_components_built_from_one_source_are_both_decided),
		TEST(flood_is_quiet_until_announced_but_what_burns_is_told),
		TEST(units_that_somebody_else_decided_are_a_conflict),
		TEST(one_call_decides_some_and_leaves_the_rest_due),
		TEST(a_unit_waits_until_its_run_is_applied_to_the_end),
		TEST(statements_without_any_component_are_not_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
