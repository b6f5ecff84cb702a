/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: whose turn it is to read one, and whether one has gone silent. */
#include "world.h"

#include <string.h>

#include "core/str.h"

#define DAY ((int64_t)24 * 3600)

static struct feed_row
feed(struct world *w, const char *name)
{
	struct feed_row row;

	assert_ok(store_feed(w->st, name, w->a, &row, &w_err));
	return row;
}

static enum err_code
take(struct world *w, const char *holder, int64_t now_at, const char **ret_name)
{
	struct feed_row row;
	int64_t next_at = 0;
	enum err_code rc =
	    store_feed_take_due(w->st, holder, now_at, w->a, &row, &next_at, &w_err);

	*ret_name = rc == ERR_OK ? row.name : "none";
	return rc;
}

/* ---- leases ---- */

static void
feed_due_since_longest_comes_first(void **state)
{
	struct world *w = *state;
	struct feed_row row;
	int64_t next_at = -1;

	(void)w_feed(w, "debian", "debian");
	(void)w_feed(w, "alpine", "alpine");
	assert_ok(store_feed_schedule(w->st, 1, 200, &w_err));
	assert_ok(store_feed_schedule(w->st, 2, 100, &w_err));
	assert_int_equal(
	    store_feed_take_due(w->st, "one", 50, w->a, &row, &next_at, &w_err),
	    ERR_NOTFOUND);
	assert_true(next_at == 100);
	assert_ok(store_feed_take_due(w->st, "one", 150, w->a, &row, &next_at, &w_err));
	assert_string_equal(row.name, "alpine");
	assert_true(next_at == 200);
}

static void
feed_that_is_read_is_nobody_elses(void **state)
{
	struct world *w = *state;
	const char *name;
	struct feed_row row;

	(void)w_feed(w, "debian", "debian");
	(void)w_feed(w, "alpine", "alpine");
	assert_ok(take(w, "one", 1000, &name));
	assert_string_equal(name, "debian");
	assert_ok(take(w, "two", 1000, &name));
	assert_string_equal(name, "alpine");
	assert_int_equal(take(w, "three", 1000, &name), ERR_NOTFOUND);
	assert_int_equal(
	    store_feed_take(w->st, "debian", "three", 1000, w->a, &row, &w_err),
	    ERR_BUSY);
	assert_non_null(strstr(w_err.text, "one"));
	assert_string_equal(feed(w, "debian").holder, "one");

	assert_ok(store_feed_give_back(w->st, 1, "one", 5000, &w_err));
	assert_null(feed(w, "debian").holder);
	assert_true(feed(w, "debian").next_at == 5000);
	assert_ok(store_feed_take(w->st, "debian", "three", 1000, w->a, &row, &w_err));
}

static void
lease_that_runs_out_is_lost_with_its_run(void **state)
{
	struct world *w = *state;
	const char *name;
	struct run *slow = NULL, *quick = NULL;
	struct record *r;
	bool changed;
	int64_t run_id;
	enum run_state run_state;
	const struct feed_memory m = { .etag = "\"e\"" };

	(void)w_feed(w, "debian", "debian");
	r = w_says(w, "zlib1g", "CVE-2024-1", "2");
	assert_ok(take(w, "slow", 1000, &name));
	assert_ok(store_run_open(w->st, 1, 1, 1000, &slow, &w_err));
	assert_ok(store_run_record(slow, r, &changed, &w_err));
	assert_ok(store_feed_hold(w->st, 1, "slow", 1100, &w_err));
	assert_int_equal(take(w, "quick", 1000 + FEED_LEASE_S, &name), ERR_NOTFOUND);

	assert_ok(take(w, "quick", 1101 + FEED_LEASE_S, &name));
	assert_int_equal(store_feed_hold(w->st, 1, "slow", 1300, &w_err), ERR_CONFLICT);
	assert_ok(store_run_open(w->st, 1, 1, 1300, &quick, &w_err));
	assert_ok(store_run_record(quick, r, &changed, &w_err));
	assert_ok(store_run_finish(
	    quick, true, 1, &m, &w->limits, 1300, &run_id, &run_state, &w_err));
	/* the one who slept: what it gives back is not its own any more */
	assert_ok(store_feed_give_back(w->st, 1, "slow", 77, &w_err));
	assert_string_equal(feed(w, "debian").holder, "quick");
	assert_true(feed(w, "debian").next_at != 77);
	assert_ok(store_run_fail(w->st, slow, 1, "late", 1400, &w_err));
	w_work(w);
	assert_int_equal(feed(w, "debian").n_records, 1);
}

static void
leases_of_those_who_are_gone_end(void **state)
{
	struct world *w = *state;
	const char *name;

	(void)w_feed(w, "debian", "debian");
	(void)w_feed(w, "alpine", "alpine");
	assert_ok(take(w, "serve/1", 1000, &name));
	assert_ok(take(w, "by hand", 1000, &name));
	assert_ok(store_feeds_release(w->st, "serve", &w_err));
	assert_null(feed(w, "debian").holder);
	assert_string_equal(feed(w, "alpine").holder, "by hand");
}

/* ---- silence ---- */

static size_t
watch(struct world *w)
{
	size_t n = 0;

	assert_ok(store_feeds_watch(w->st, w->now_at, &n, &w_err));
	return n;
}

/* The feed says something new, dated today; N times, EVERY seconds apart. */
static void
speak(struct world *w, int n, int64_t every)
{
	static int number = 1;

	for (int i = 0; i < n; i++) {
		struct record *r = w_says(
		    w, "zlib1g", arena_printf(w->a, "CVE-2024-%d", number++), "2");

		w->now_at += every;
		r->modified = w->now_at;
		assert_int_equal(w_read_as(w, "debian", 1, false).state, RUN_APPLYING);
		w_work(w);
	}
}

static void
feed_that_answers_and_says_nothing_new_is_stale_by_its_own_rhythm(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	speak(w, 6, 5 * DAY);
	for (int day = 0; day < 19; day++) {
		w->now_at += DAY;
		w_unchanged(w, "debian");
		assert_int_equal(watch(w), 0);
	}
	for (int day = 0; day < 2; day++) {
		w->now_at += DAY;
		w_unchanged(w, "debian");
	}
	assert_int_equal(watch(w), 1);
	assert_int_equal(watch(w), 0);
	assert_true(feed(w, "debian").stale_since == w->now_at);
	assert_int_equal(w_events(w, EVENT_FEED_STALE, false), 1);
	assert_non_null(strstr(
	    w_text(w, "SELECT detail FROM event WHERE kind = 18"), "\"silent\""));

	speak(w, 1, DAY);
	assert_int_equal(watch(w), 1);
	assert_true(feed(w, "debian").stale_since == 0);
	assert_int_equal(w_events(w, EVENT_FEED_RECOVERED, false), 1);
}

static void
feed_out_of_reach_is_stale_after_a_day(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	speak(w, 1, 60);
	w->now_at += DAY - 60;
	w_fail(w, "debian");
	assert_int_equal(watch(w), 0);
	w->now_at += 3600;
	assert_int_equal(watch(w), 1);
	assert_non_null(strstr(
	    w_text(w, "SELECT detail FROM event WHERE kind = 18"), "\"unreachable\""));
	w_unchanged(w, "debian");
	assert_int_equal(watch(w), 1);
	assert_true(feed(w, "debian").stale_since == 0);
}

static void
feed_that_was_old_when_it_came_is_stale_at_once(void **state)
{
	struct world *w = *state;
	struct record *r;

	(void)w_feed(w, "debian", "debian");
	r = w_says(w, "zlib1g", "CVE-2024-1", "2");
	r->modified = w->now_at - 400 * DAY;
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	assert_int_equal(watch(w), 1);
}

static void
feed_without_dates_is_judged_by_when_it_changed(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "zlib1g", "CVE-2024-1", "2");
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	assert_true(feed(w, "debian").news_at != 0);
	w->now_at += 89 * DAY;
	w_unchanged(w, "debian");
	assert_int_equal(watch(w), 0);
	w->now_at += 2 * DAY;
	w_unchanged(w, "debian");
	assert_int_equal(watch(w), 1);
}

static void
silence_may_be_configured(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	w->feeds.at[0].stale_after_s = 3600;
	assert_ok(store_feeds_put(w->st, w->feeds.at, w->feeds.n, &w_err));
	(void)w_says(w, "zlib1g", "CVE-2024-1", "2");
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
	w->now_at += 3700;
	assert_int_equal(watch(w), 1);
}

static void
what_a_feed_says_is_counted_by_ecosystem(void **state)
{
	struct world *w = *state;
	struct feed_spoken *spoken = NULL;
	struct record *r;
	size_t n = 0;

	(void)w_feed(w, "osv", "osv");
	r = w_record(w, "osv", "x", "CVE-2024-1");
	r->modified = 1700000000;
	(void)w_affects(w, r, ALPINE, "x", "7");
	(void)w_affects(w, w_record(w, "osv", "y", "CVE-2024-2"), DEBIAN, "y", "7");
	assert_int_equal(w_run(w, "osv"), RUN_DONE);
	assert_ok(store_feed_spoken(w->st, 1, w->a, &spoken, &n, &w_err));
	assert_int_equal(n, 2);
	assert_string_equal(spoken[0].ecosystem, ALPINE);
	assert_int_equal(spoken[0].n_records, 1);
	assert_true(spoken[0].newest_record_at == 1700000000);
	assert_string_equal(spoken[1].ecosystem, DEBIAN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(feed_due_since_longest_comes_first),
		TEST(feed_that_is_read_is_nobody_elses),
		TEST(lease_that_runs_out_is_lost_with_its_run),
		TEST(leases_of_those_who_are_gone_end),
		TEST(feed_that_answers_and_says_nothing_new_is_stale_by_its_own_rhythm),
		TEST(feed_out_of_reach_is_stale_after_a_day),
		TEST(feed_that_was_old_when_it_came_is_stale_at_once),
		TEST(feed_without_dates_is_judged_by_when_it_changed),
		TEST(silence_may_be_configured),
		TEST(what_a_feed_says_is_counted_by_ecosystem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
