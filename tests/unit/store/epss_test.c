/* SPDX-License-Identifier: Apache-2.0 */
/* Scores: numbers beside vulnerabilities, without records, revisions or decisions. */
#include "world.h"

#include <string.h>

#include "core/buf.h"
#include "store/epss.h"

/* What the next run says of CVE; MODEL may be NULL. */
static void
score(struct world *w, const char *cve, int64_t micro, const char *model)
{
	struct record *r = w_record(w, "epss", "x", cve);
	struct epss *x = arena_zalloc(w->a, sizeof(*x));

	*x = (struct epss){ micro, micro, model };
	r->key = cve;
	r->published = w->now_at;
	r->epss = x;
}

static int64_t
epss_of(struct world *w, const char *cve)
{
	return w_int(
	    w, arena_printf(w->a,
		   "SELECT epss_micro FROM vulnerability WHERE name = '%s'", cve));
}

static struct run_row
last_run(struct world *w)
{
	struct run_row row;

	assert_ok(
	    store_run(w->st, w_int(w, "SELECT max(id) FROM run"), w->a, &row, &w_err));
	return row;
}

static void
numbers_of_cves_go_there_and_back(void **state)
{
	static const char *const names[] = { "CVE-1999-0001", "CVE-2024-9999",
		"CVE-2024-10000", "CVE-2024-999999999999", "CVE-2025-0001" };
	static const char *const none[] = { "", "CVE-2024-", "CVE-2024-123",
		"CVE-2024-00123", "CVE-2024-1099511627776", "CVE-2024-12x4",
		"CVE-24-1234", "GHSA-aaaa-bbbb-cccc", "cve-2024-1234" };
	char text[EPSS_NAME_SIZE];
	int64_t last = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		int64_t key = epss_key(names[i]);

		assert_string_equal(epss_name(key, text), names[i]);
		assert_true(key > last);
		last = key;
	}
	for (size_t i = 0; i < ROWS(none); i++)
		if (epss_key(none[i]) != 0)
			fail_msg("\"%s\" has a number", none[i]);
	assert_int_equal(epss_key(NULL), 0);
}

static void
packed_scores_come_back_and_damaged_ones_do_not(void **state)
{
	const struct epss_score in[] = { { epss_key("CVE-2024-1234"), 1000000, -1 },
		{ epss_key("CVE-2024-1235"), -1, 7 } };
	struct buf b CLEANUP_BUF = BUF_INIT(1000);
	struct epss_score out[EPSS_CHUNK];
	struct err e = ERR_INIT;
	int64_t at = 0;
	size_t n = 0;

	(void)state;
	epss_pack(1700000000, in, 2, &b);
	assert_int_equal(epss_unpack(b.data, b.len, &at, out, &n, &e), ERR_OK);
	assert_int_equal(at, 1700000000);
	assert_int_equal(n, 2);
	assert_memory_equal(in, out, sizeof(in));
	for (size_t len = 0; len < b.len; len++)
		if (len != 8 && len != 24)
			assert_int_equal(
			    epss_unpack(b.data, len, &at, out, &n, &e), ERR_STORAGE);
}

static void
table_read_twice_stages_nothing_and_small_moves_are_left_alone(void **state)
{
	struct world *w = *state;
	int64_t scored_at;

	(void)w_feed(w, "epss", "epss");
	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-0001", "7");
	(void)w_run(w, "debian");
	score(w, "CVE-2024-0001", 20000, NULL);
	score(w, "CVE-2024-0002", 30000, NULL);
	scored_at = w->now_at;
	assert_int_equal(w_run(w, "epss"), RUN_DONE);
	assert_int_equal(last_run(w).added, 2);
	assert_int_equal(epss_of(w, "CVE-2024-0001"), 20000);
	assert_int_equal(w_int(w, "SELECT count(*) FROM epss"), 2);
	assert_int_equal(w_int(w, "SELECT n_records FROM feed WHERE name = 'epss'"), 2);
	assert_int_equal(w_int(w, "SELECT newest_record_at FROM feed WHERE name = "
				  "'epss'"),
	    scored_at);
	/* no record, no revision, and nothing to decide */
	assert_int_equal(w_int(w, "SELECT count(*) FROM record"), 1);
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM vulnerability WHERE name LIKE '%0002'"), 0);

	score(w, "CVE-2024-0001", 20999, NULL);
	score(w, "CVE-2024-0002", 31000, NULL);
	(void)w_run(w, "epss");
	assert_int_equal(last_run(w).unchanged, 1);
	assert_int_equal(last_run(w).changed, 1);
	assert_int_equal(epss_of(w, "CVE-2024-0001"), 20000);
	assert_int_equal(
	    w_int(w, "SELECT score_micro FROM epss ORDER BY cve DESC"), 31000);
	assert_int_equal(w_int(w, "SELECT count(*) FROM run_stage"), 0);
}

static void
vulnerability_that_comes_later_takes_its_score_along(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "epss", "epss");
	(void)w_feed(w, "debian", "debian");
	score(w, "CVE-2024-0001", 400000, NULL);
	(void)w_run(w, "epss");
	(void)w_says(w, "openssl", "CVE-2024-0001", "7");
	(void)w_says(w, "openssl", "CVE-2024-0002", "7");
	(void)w_run(w, "debian");
	assert_int_equal(epss_of(w, "CVE-2024-0001"), 400000);
	assert_int_equal(w_int(w, "SELECT count(*) FROM vulnerability"
				  " WHERE epss_micro IS NULL"),
	    1);
}

static void
what_leaves_the_table_loses_its_score(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "epss", "epss");
	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-0001", "7");
	(void)w_run(w, "debian");
	score(w, "CVE-2024-0001", 400000, NULL);
	score(w, "CVE-2024-0002", 400000, NULL);
	(void)w_run(w, "epss");
	score(w, "CVE-2024-0002", 400000, NULL);
	(void)w_run(w, "epss");
	assert_int_equal(last_run(w).withdrawn, 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM vulnerability"
				  " WHERE epss_micro IS NULL"),
	    1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM epss"), 1);
	assert_int_equal(w_int(w, "SELECT n_records FROM feed WHERE name = 'epss'"), 1);
	/* not in a run that did not see all of it */
	score(w, "CVE-2024-0003", 400000, NULL);
	(void)w_read_as(w, "epss", 1, false);
	w_work(w);
	assert_int_equal(w_int(w, "SELECT count(*) FROM epss"), 2);
}

static void
table_that_lost_too_much_is_held(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "epss", "epss");
	for (int i = 0; i < 300; i++)
		score(w, arena_printf(w->a, "CVE-2024-%04d", i + 1), 50000, NULL);
	(void)w_run(w, "epss");
	for (int i = 0; i < 100; i++)
		score(w, arena_printf(w->a, "CVE-2024-%04d", i + 1), 50000, NULL);
	assert_int_equal(w_run(w, "epss"), RUN_HELD);
	assert_int_equal(w_int(w, "SELECT count(*) FROM epss"), 300);
	assert_int_equal(w_events(w, EVENT_FEED_HELD, false), 1);
}

static void
run_that_waits_to_be_applied_counts_as_known(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "epss", "epss");
	score(w, "CVE-2024-0001", 400000, NULL);
	score(w, "CVE-2024-0003", 400000, NULL);
	(void)w_run(w, "epss");
	score(w, "CVE-2024-0001", 500000, NULL);
	score(w, "CVE-2024-0002", 500000, NULL);
	score(w, "CVE-2024-0003", 400000, NULL);
	(void)w_read(w, "epss");
	score(w, "CVE-2024-0001", 400000, NULL);
	score(w, "CVE-2024-0002", 500000, NULL);
	score(w, "CVE-2024-0003", 400000, NULL);
	(void)w_read(w, "epss");
	w_work(w);
	assert_int_equal(last_run(w).changed, 1);
	assert_int_equal(last_run(w).unchanged, 2);
	assert_int_equal(
	    w_int(w, "SELECT score_micro FROM epss ORDER BY cve LIMIT 1"), 400000);
	assert_int_equal(w_int(w, "SELECT count(*) FROM epss"), 3);
}

static void
rise_is_told_where_something_has_it_and_nothing_is_decided(void **state)
{
	struct world *w = *state;
	int64_t changed_seq;

	(void)w_feed(w, "epss", "epss");
	(void)w_feed(w, "debian", "debian");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-0001", "7");
	(void)w_says(w, "zlib", "CVE-2024-0002", "7");
	(void)w_run(w, "debian");
	changed_seq = w_int(w, "SELECT changed_seq FROM match");
	score(w, "CVE-2024-0001", 20000, "v1");
	score(w, "CVE-2024-0002", 20000, "v1");
	(void)w_run(w, "epss");
	assert_int_equal(w_events(w, EVENT_FINDING_SEVERITY_RAISED, true), 0);

	score(w, "CVE-2024-0001", 600000, "v1");
	score(w, "CVE-2024-0002", 600000, "v1");
	(void)w_run(w, "epss");
	assert_int_equal(w_events(w, EVENT_FINDING_SEVERITY_RAISED, true), 1);
	assert_int_equal(w_int(w, "SELECT epss_before_micro FROM event"
				  " WHERE epss_micro = 600000"),
	    20000);
	assert_int_equal(w_int(w, "SELECT changed_seq FROM match"), changed_seq);

	/* another model: everything is new, and nothing is news */
	score(w, "CVE-2024-0001", 950000, "v2");
	score(w, "CVE-2024-0002", 20000, "v2");
	(void)w_run(w, "epss");
	assert_int_equal(last_run(w).cause, RUN_UPGRADE);
	assert_int_equal(w_events(w, EVENT_FINDING_SEVERITY_RAISED, true), 1);
	assert_int_equal(epss_of(w, "CVE-2024-0001"), 950000);
	score(w, "CVE-2024-0001", 20000, "v2");
	score(w, "CVE-2024-0002", 20000, "v2");
	(void)w_run(w, "epss");
	assert_int_equal(last_run(w).cause, RUN_REFRESH);
	w_check_log(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_cves_go_there_and_back),
		cmocka_unit_test(packed_scores_come_back_and_damaged_ones_do_not),
		cmocka_unit_test_setup_teardown(
		    table_read_twice_stages_nothing_and_small_moves_are_left_alone,
		    world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    vulnerability_that_comes_later_takes_its_score_along, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(
		    what_leaves_the_table_loses_its_score, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    table_that_lost_too_much_is_held, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    run_that_waits_to_be_applied_counts_as_known, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(
		    rise_is_told_where_something_has_it_and_nothing_is_decided,
		    world_setup, world_teardown),
	};

	return cmocka_run_group_tests_name("store_epss", tests, NULL, NULL);
}
