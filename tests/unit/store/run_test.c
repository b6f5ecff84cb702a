/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of feeds: what is staged, judged, held, missing, failed; what is remembered. */
#include "world.h"

#include <string.h>

#include "core/str.h"

static struct feed_row
feed(struct world *w, const char *name)
{
	struct feed_row row;

	assert_ok(store_feed(w->st, name, w->a, &row, &w_err));
	return row;
}

static struct run_row
run(struct world *w, int64_t id)
{
	struct run_row row;

	assert_ok(store_run(w->st, id, w->a, &row, &w_err));
	return row;
}

/* N records of packages p1, p2 ..., of which those from FIRST on are read. */
static void
say_many(struct world *w, const char *source, const char *ecosystem, int first, int n)
{
	for (int i = first; i <= n; i++) {
		const char *package = arena_printf(w->a, "p%d", i);
		struct record *r = w_record(w, source, package, "CVE-2024-1");

		(void)w_affects(w, r, ecosystem, package, "9");
	}
}

static void
feed_read_twice_stages_nothing(void **state)
{
	struct world *w = *state;
	struct ran ran;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 5);
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	say_many(w, "debian", DEBIAN, 1, 5);
	ran = w_read(w, "debian");
	assert_int_equal(ran.n_changed, 0);
	assert_int_equal(run(w, ran.run_id).unchanged, 5);
	w_work(w);
	assert_int_equal(w_int(w, "SELECT count(*) FROM run_stage"), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM record_past"), 0);
	assert_int_equal(feed(w, "debian").n_records, 5);
}

static void
same_key_twice_is_skipped_and_listed(void **state)
{
	struct world *w = *state;
	struct run_row row;
	struct ran ran;

	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "openssl", "CVE-2024-1", "8");
	ran = w_read(w, "debian");
	row = run(w, ran.run_id);
	assert_int_equal(row.records, 1);
	assert_int_equal(row.skipped, 1);
	assert_non_null(strstr(row.skipped_json, "openssl/CVE-2024-1"));
	w_work(w);
	assert_string_equal(w_text(w, "SELECT fixed_version FROM affected"), "7");
}

static void
bad_record_is_skipped_and_the_others_stay(void **state)
{
	struct world *w = *state;
	struct record *r;
	struct ran ran;

	(void)w_feed(w, "debian", "debian");
	r = w_says(w, "openssl", "CVE-2024-1", "7");
	r->severity = SEVERITY_COUNT;
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	ran = w_read(w, "debian");
	assert_int_equal(run(w, ran.run_id).skipped, 1);
	assert_int_equal(run(w, ran.run_id).added, 1);
}

static void
etag_is_kept_only_once_the_run_is_applied(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 3);
	(void)w_read(w, "debian");
	assert_null(feed(w, "debian").etag);
	assert_false(feed(w, "debian").ever_applied);
	w_work(w);
	assert_string_equal(feed(w, "debian").etag, "\"e\"");
	assert_true(feed(w, "debian").ever_applied);
}

static void
run_that_lost_too_much_is_held_and_changes_nothing(void **state)
{
	struct world *w = *state;
	struct ran ran;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "p1", "5")), NULL);
	say_many(w, "debian", DEBIAN, 1, 200);
	(void)w_run(w, "debian");
	say_many(w, "debian", DEBIAN, 61, 200);
	ran = w_read(w, "debian");
	assert_int_equal(ran.state, RUN_HELD);
	w_work(w);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM record WHERE missing_since IS NOT NULL"), 0);
	assert_int_equal(w_events(w, EVENT_FEED_HELD, false), 1);
	assert_int_equal(feed(w, "debian").state, RUN_HELD);
}

static void
loss_below_the_least_is_not_held(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 60);
	(void)w_run(w, "debian");
	say_many(w, "debian", DEBIAN, 41, 60);
	assert_int_equal(w_read(w, "debian").state, RUN_APPLYING);
}

static void
one_ecosystem_that_shrinks_holds_the_run(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "all", "debian");
	say_many(w, "debian", DEBIAN, 1, 400);
	say_many(w, "debian", ALPINE, 401, 460);
	(void)w_run(w, "all");
	say_many(w, "debian", DEBIAN, 1, 400);
	assert_int_equal(w_read(w, "all").state, RUN_HELD);
}

static void
one_ecosystem_that_every_record_drops_holds_the_run(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "all", "debian");
	say_many(w, "debian", DEBIAN, 1, 60);
	for (size_t i = 0; i < w->records.n; i++)
		(void)w_affects(w, w->records.at[i], ALPINE, "q", "9");
	(void)w_run(w, "all");
	say_many(w, "debian", DEBIAN, 1, 60);
	assert_int_equal(w_read(w, "all").state, RUN_HELD);
}

static void
held_run_goes_on_when_accepted(void **state)
{
	struct world *w = *state;
	int64_t run_id = 0;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 100);
	(void)w_run(w, "debian");
	say_many(w, "debian", DEBIAN, 61, 100);
	(void)w_read(w, "debian");
	assert_ok(store_run_accept(w->st, "debian", "ops", w->now_at, &run_id, &w_err));
	w_work(w);
	assert_int_equal(run(w, run_id).state, RUN_DONE);
	assert_int_equal(run(w, run_id).cause, RUN_ACCEPTED);
	/* missing once: the second run without them withdraws, and is not held again */
	say_many(w, "debian", DEBIAN, 61, 100);
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	assert_int_equal(feed(w, "debian").n_records, 40);
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM audit WHERE action = 'feed.accept'"), 1);
}

static void
run_begun_before_another_was_accepted_is_not_judged(void **state)
{
	struct world *w = *state;
	const struct feed_memory m = { .etag = "\"late\"" };
	enum run_state state_of;
	struct run *late = NULL;
	int64_t id;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 100);
	(void)w_run(w, "debian");
	say_many(w, "debian", DEBIAN, 61, 100);
	(void)w_read(w, "debian");
	assert_ok(
	    store_run_open(w->st, feed(w, "debian").id, 1, w->now_at, &late, &w_err));
	assert_ok(store_run_accept(w->st, "debian", "ops", w->now_at, &id, &w_err));
	/* it compared with what was known before */
	assert_int_equal(store_run_finish(late, true, 1, &m, &w->limits, w->now_at, &id,
			     &state_of, &w_err),
	    ERR_BUSY);
	w_work(w);
	assert_string_equal(feed(w, "debian").etag, "\"e\"");
}

static void
nothing_held_cannot_be_accepted(void **state)
{
	struct world *w = *state;
	int64_t run_id;

	(void)w_feed(w, "debian", "debian");
	assert_int_equal(
	    store_run_accept(w->st, "debian", "ops", w->now_at, &run_id, &w_err),
	    ERR_NOTFOUND);
}

static void
next_good_run_discards_the_held_one(void **state)
{
	struct world *w = *state;
	struct ran held;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 100);
	(void)w_run(w, "debian");
	say_many(w, "debian", DEBIAN, 61, 100);
	held = w_read(w, "debian");
	say_many(w, "debian", DEBIAN, 1, 100);
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	assert_int_equal(run(w, held.run_id).state, RUN_DISCARDED);
	assert_int_equal(w_int(w, "SELECT count(*) FROM run_stage"), 0);
}

static void
feed_held_again_is_told_once(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 100);
	(void)w_run(w, "debian");
	for (int i = 0; i < 3; i++) {
		say_many(w, "debian", DEBIAN, 61, 100);
		assert_int_equal(w_read(w, "debian").state, RUN_HELD);
	}
	assert_int_equal(w_events(w, EVENT_FEED_HELD, false), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM run WHERE state = 1"), 1);
}

static void
record_gone_once_closes_nothing(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM record WHERE missing_since IS NOT NULL"), 0);
	assert_int_equal(w_events(w, EVENT_FINDING_RESOLVED, true), 0);
}

static void
record_gone_twice_closes_as_vanished(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	for (int i = 0; i < 2; i++) {
		(void)w_says(w, "zlib", "CVE-2024-2", "7");
		(void)w_run(w, "debian");
	}
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 0);
	assert_int_equal(w_int(w, "SELECT reason FROM match_past"), PAST_VANISHED);
	assert_int_equal(w_events(w, EVENT_FINDING_RESOLVED, false), 1);
	assert_int_equal(feed(w, "debian").n_records, 1);
	w_check_log(w);
}

/* A run in which the feed says what COLLECT says, after which it is judged. */
static void
run_by_hand(struct world *w, const char *name, bool complete,
    void (*collect)(struct world *w, struct run *run))
{
	const struct feed_memory m = { .etag = "\"e\"" };
	const struct feed_row row = feed(w, name);
	enum run_state state;
	struct run *run = NULL;
	struct err e = ERR_INIT;
	int64_t id;

	w->now_at += 60;
	assert_int_equal(store_run_open(w->st, row.id, 1, w->now_at, &run, &e), ERR_OK);
	collect(w, run);
	assert_int_equal(store_run_finish(run, complete, 1, &m, &w->limits, w->now_at,
			     &id, &state, &e),
	    ERR_OK);
	w_work(w);
}

static void
openssl_is_unreadable(struct world *w, struct run *run)
{
	(void)w;
	store_run_skipped(run, "openssl/CVE-2024-1", "no version");
	store_run_skipped(run, "never/CVE-2024-9", "no version");
	store_run_skipped(run, NULL, "no key");
}

static void
record_that_cannot_be_read_any_more_stands_as_it_was(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	for (int i = 0; i < 3; i++)
		run_by_hand(w, "debian", true, openssl_is_unreadable);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM record WHERE missing_since IS NOT NULL"), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM record"), 1);
}

static void
openssl_is_deleted(struct world *w, struct run *run)
{
	struct err e = ERR_INIT;

	(void)w;
	assert_int_equal(store_run_gone(run, "openssl/CVE-2024-1", &e), ERR_OK);
	assert_int_equal(store_run_gone(run, "openssl/CVE-2024-1", &e), ERR_OK);
	assert_int_equal(store_run_gone(run, "never/CVE-2024-9", &e), ERR_OK);
}

static void
record_that_the_publisher_deletes_closes_at_once(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	run_by_hand(w, "debian", false, openssl_is_deleted);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 0);
	assert_int_equal(w_int(w, "SELECT reason FROM match_past"), PAST_VANISHED);
	assert_int_equal(feed(w, "debian").n_records, 1); /* zlib is untouched */
	run_by_hand(w, "debian", false, openssl_is_deleted);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_read_as(w, "debian", 1, false);
	w_work(w);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	w_check_log(w);
}

static void
openssl_is_said_and_deleted(struct world *w, struct run *run)
{
	struct err e = ERR_INIT;
	bool changed;

	assert_int_equal(store_run_record(run, w_says(w, "openssl", "CVE-2024-1", "8"),
			     &changed, &e),
	    ERR_OK);
	openssl_is_deleted(w, run);
	memset(&w->records, 0, sizeof(w->records));
}

static void
what_a_run_has_said_of_a_record_outweighs_its_deletion(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	run_by_hand(w, "debian", false, openssl_is_said_and_deleted);
	assert_int_equal(feed(w, "debian").n_records, 1);
}

static void
deleted_records_count_for_the_hold(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	w->limits = (struct run_limits){ .shrink_percent = 20, .shrink_least = 1 };
	run_by_hand(w, "debian", false, openssl_is_deleted);
	assert_int_equal(feed(w, "debian").state, RUN_HELD);
	assert_int_equal(feed(w, "debian").n_records, 1);
}

static void
run_without_news_proves_a_record_gone(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	w_unchanged(w, "debian");
	w_work(w);
	assert_int_equal(w_int(w, "SELECT reason FROM match_past"), PAST_VANISHED);
	w_unchanged(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM run"), 3);
}

static void
run_that_only_adds_withdraws_after_a_day(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	(void)w_says(w, "zlib", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	(void)w_read_as(w, "debian", 1, false);
	w_work(w);
	assert_int_equal(feed(w, "debian").n_records, 2);
	w->now_at += 86400;
	(void)w_read_as(w, "debian", 1, false);
	w_work(w);
	assert_int_equal(feed(w, "debian").n_records, 1);
}

static void
vanished_record_that_returns_is_news_again(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	for (int i = 0; i < 2; i++)
		(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 0);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, false), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM record"), 1);
	w_check_log(w);
}

static void
record_that_says_withdrawn_closes_at_once(void **state)
{
	struct world *w = *state;
	struct record *r;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	r = w_says(w, "openssl", "CVE-2024-1", "7");
	r->withdrawn = w->now_at;
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 0);
	assert_int_equal(w_int(w, "SELECT reason FROM match_past"), PAST_WITHDRAWN);
	assert_int_equal(feed(w, "debian").n_records, 0);
}

static void
what_another_feed_of_the_source_says_stays(void **state)
{
	struct world *w = *state;
	struct record *r;

	(void)w_feed(w, "main", "alpine");
	(void)w_feed(w, "community", "alpine");
	(void)w_put(w, "web", NULL, PKGS(PKG(ALPINE, "openssl", "5")), NULL);
	r = w_record(w, "alpine", "openssl", "CVE-2024-1");
	(void)w_affects(w, r, ALPINE, "openssl", "7");
	(void)w_run(w, "main");
	r = w_record(w, "alpine", "openssl", "CVE-2024-1");
	(void)w_affects(w, r, ALPINE, "openssl", "8");
	(void)w_run(w, "community");
	(void)w_run(w, "community");
	(void)w_run(w, "community");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM advisory"), 1);
	assert_int_equal(w_events(w, EVENT_FINDING_RESOLVED, true), 0);
}

static void
feed_that_stays_down_is_told_once_and_when_it_is_back(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	w_fail(w, "debian");
	w_fail(w, "debian");
	assert_int_equal(feed(w, "debian").failures, 2);
	assert_string_equal(feed(w, "debian").last_error, "HTTP 503");
	assert_int_equal(feed(w, "debian").state, RUN_FAILED);
	assert_int_equal(w_events(w, EVENT_FEED_FAILED, false), 1);
	(void)w_run(w, "debian");
	assert_int_equal(feed(w, "debian").failures, 0);
	assert_int_equal(w_events(w, EVENT_FEED_RECOVERED, false), 1);
	w_check_log(w);
}

static void
feed_that_is_back_without_news_has_recovered_too(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	w_fail(w, "debian");
	w_unchanged(w, "debian");
	assert_int_equal(w_events(w, EVENT_FEED_RECOVERED, false), 1);
	assert_int_equal(feed(w, "debian").state, RUN_DONE);
	assert_true(feed(w, "debian").last_success_at == w->now_at);
}

static void
failed_run_leaves_no_stage(void **state)
{
	struct world *w = *state;
	struct run *r = NULL;
	bool changed;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 600);
	assert_ok(store_run_open(w->st, 1, 1, w->now_at, &r, &w_err));
	for (size_t i = 0; i < w->records.n; i++)
		assert_ok(store_run_record(r, w->records.at[i], &changed, &w_err));
	assert_int_equal(w_int(w, "SELECT count(*) FROM run_stage"), 500);
	assert_ok(store_run_fail(w->st, r, 1, "truncated", w->now_at, &w_err));
	assert_int_equal(w_int(w, "SELECT count(*) FROM run_stage"), 0);
	w_work(w);
	assert_int_equal(w_int(w, "SELECT count(*) FROM record"), 0);
}

static void
leftovers_of_a_crash_are_dropped_by_the_next_run(void **state)
{
	struct world *w = *state;
	struct run *r = NULL;
	bool changed;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 600);
	assert_ok(store_run_open(w->st, 1, 1, w->now_at, &r, &w_err));
	for (size_t i = 0; i < w->records.n; i++)
		assert_ok(store_run_record(r, w->records.at[i], &changed, &w_err));
	memset(&w->records, 0, sizeof(w->records));
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	assert_int_equal(w_int(w, "SELECT count(*) FROM run_stage"), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM record"), 1);
	/* the one that was overtaken finds out when it comes back */
	{
		const struct feed_memory m = { 0 };
		enum run_state judged;
		int64_t id;

		assert_int_equal(store_run_finish(r, true, 0, &m, &w->limits, w->now_at,
				     &id, &judged, &w_err),
		    ERR_BUSY);
	}
}

static void
feed_read_again_before_it_was_applied_stages_nothing(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	say_many(w, "debian", DEBIAN, 1, 5);
	(void)w_read(w, "debian");
	say_many(w, "debian", DEBIAN, 1, 5);
	assert_int_equal(w_read(w, "debian").n_changed, 0);
	w_work(w);
	assert_int_equal(feed(w, "debian").n_records, 5);
}

static void
raised_driver_revision_reads_every_record_anew_and_quietly(void **state)
{
	struct world *w = *state;
	struct ran ran;

	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "openssl", "CVE-2024-2", "7");
	ran = w_read_as(w, "debian", 2, true);
	w_work(w);
	assert_int_equal(ran.n_changed, 2);
	assert_int_equal(run(w, ran.run_id).cause, RUN_UPGRADE);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 2);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 0);
	assert_int_equal(w_events(w, EVENT_FEED_SUMMARY, false), 1);
	assert_int_equal(feed(w, "debian").driver_revision, 2);
	w_check_log(w);
}

static void
configured_feeds_replace_each_other(void **state)
{
	struct world *w = *state;
	struct feed_row *rows = NULL;
	size_t n = 0;

	(void)w_feed(w, "debian", "debian");
	(void)w_feed(w, "alpine", "alpine");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	w->feeds.at[0].url = "https://elsewhere.example.org/x";
	assert_ok(store_feeds_put(w->st, w->feeds.at, 1, &w_err));
	assert_ok(store_feeds(w->st, w->a, &rows, &n, &w_err));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].name, "alpine");
	assert_false(rows[0].enabled);
	assert_true(rows[1].enabled);
	assert_null(rows[1].etag); /* it was another address's */
	assert_int_equal(rows[1].n_records, 1);
}

static void
used_ecosystems_are_those_of_components(void **state)
{
	struct world *w = *state;
	const char **names = NULL;
	size_t n = 0;

	(void)w_feed(w, "alpine", "alpine");
	(void)w_affects(w, w_record(w, "alpine", "x", "CVE-2024-1"), ALPINE, "x", "7");
	(void)w_run(w, "alpine");
	(void)w_put(w, "web", NULL,
	    PKGS(PKG(DEBIAN, "openssl", "5"), PKG(NULL, "thing", "1")), NULL);
	assert_ok(store_ecosystems_used(w->st, w->a, &names, &n, &w_err));
	assert_int_equal(n, 1);
	assert_string_equal(names[0], DEBIAN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(feed_read_twice_stages_nothing),
		TEST(same_key_twice_is_skipped_and_listed),
		TEST(bad_record_is_skipped_and_the_others_stay),
		TEST(etag_is_kept_only_once_the_run_is_applied),
		TEST(run_that_lost_too_much_is_held_and_changes_nothing),
		TEST(loss_below_the_least_is_not_held),
		TEST(one_ecosystem_that_shrinks_holds_the_run),
		TEST(one_ecosystem_that_every_record_drops_holds_the_run),
		TEST(held_run_goes_on_when_accepted),
		TEST(run_begun_before_another_was_accepted_is_not_judged),
		TEST(nothing_held_cannot_be_accepted),
		TEST(next_good_run_discards_the_held_one),
		TEST(feed_held_again_is_told_once),
		TEST(record_gone_once_closes_nothing),
		TEST(record_gone_twice_closes_as_vanished),
		TEST(run_without_news_proves_a_record_gone),
		TEST(run_that_only_adds_withdraws_after_a_day),
		TEST(record_that_cannot_be_read_any_more_stands_as_it_was),
		TEST(record_that_the_publisher_deletes_closes_at_once),
		TEST(what_a_run_has_said_of_a_record_outweighs_its_deletion),
		TEST(deleted_records_count_for_the_hold),
		TEST(vanished_record_that_returns_is_news_again),
		TEST(record_that_says_withdrawn_closes_at_once),
		TEST(what_another_feed_of_the_source_says_stays),
		TEST(feed_that_stays_down_is_told_once_and_when_it_is_back),
		TEST(feed_that_is_back_without_news_has_recovered_too),
		TEST(failed_run_leaves_no_stage),
		TEST(leftovers_of_a_crash_are_dropped_by_the_next_run),
		TEST(feed_read_again_before_it_was_applied_stages_nothing),
		TEST(raised_driver_revision_reads_every_record_anew_and_quietly),
		TEST(configured_feeds_replace_each_other),
		TEST(used_ecosystems_are_those_of_components),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
