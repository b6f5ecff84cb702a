/* SPDX-License-Identifier: Apache-2.0 */
/* Registering and moving images: ids, decisions on what is new, what was gained. */
#include "world.h"

#include <string.h>

/* openssl below 7 has CVE-2024-1, zlib at all CVE-2024-2; both loaded. */
static void
begin(struct world *w)
{
	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "zlib", "CVE-2024-2", NULL);
	(void)w_run(w, "debian");
}

static const struct pkg old_openssl[] = { PKG(DEBIAN, "openssl", "5"),
	{ .name = NULL } };
static const struct pkg new_openssl[] = { PKG(DEBIAN, "openssl", "7"),
	{ .name = NULL } };

static void
new_component_is_decided_with_its_image_and_without_opened_events(void **state)
{
	struct world *w = *state;
	struct change_counts c;

	begin(w);
	assert_int_equal(w_put(w, "web", "sha256:1", old_openssl, &c), PUT_CREATED);
	assert_int_equal(c.gained, 1);
	assert_int_equal(c.lost, 0);
	assert_string_equal(w_matches(w), "openssl-5:CVE-2024-1:2:0");
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match m JOIN event e"
				  " ON e.seq = m.since_seq WHERE e.kind = 6"),
	    1);
	assert_int_equal(w_int(w, "SELECT n_unknown FROM inventory_summary"), 1);
	w_work(w);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
	w_check_log(w);
}

static void
same_image_again_writes_nothing(void **state)
{
	struct world *w = *state;
	int64_t seq, after;

	begin(w);
	(void)w_put(w, "web", "sha256:1", old_openssl, NULL);
	assert_ok(store_now_seq(w->st, &seq, &w_err));
	assert_int_equal(w_put(w, "web", "sha256:1", old_openssl, NULL), PUT_UNCHANGED);
	assert_ok(store_now_seq(w->st, &after, &w_err));
	assert_int_equal(seq, after);
	assert_int_equal(w_int(w, "SELECT count(*) FROM inventory"), 1);
}

static enum put_result
put_read(struct world *w, bool partial)
{
	const struct image_put put = {
		.name = "web", .ref = "web", .actor = "test", .now_at = w->now_at
	};
	const struct scope scope = { .team_id = w->team_id };
	struct inventory *inv = w_inventory(w, new_openssl);
	struct change_counts c;
	struct resolved *r = NULL;
	struct unit *units = NULL;
	enum put_result result = PUT_CREATED;
	size_t n = 0;
	int64_t id;

	inv->partial = partial;
	assert_ok(store_resolve(w->st, inv, w->a, &r, &units, &n, &w_err));
	assert_int_equal(n, 0);
	assert_ok(store_image_put(
	    w->st, scope, &put, inv, r, units, 0, NULL, &id, &result, &c, &w_err));
	return result;
}

static void
same_content_read_better_is_covered_better(void **state)
{
	struct world *w = *state;

	begin(w);
	assert_int_equal(put_read(w, true), PUT_CREATED);
	assert_int_equal(w_int(w, "SELECT coverage FROM image"), COVERAGE_PARTIAL);
	assert_int_equal(put_read(w, false), PUT_UNCHANGED);
	assert_int_equal(w_int(w, "SELECT coverage FROM image"), COVERAGE_COMPLETE);
	assert_int_equal(w_int(w, "SELECT count(*) FROM image_past"), 0);
	assert_int_equal(w_int(w, "SELECT sum(n_images) FROM team_coverage"), 1);
	assert_int_equal(
	    w_int(w, "SELECT coverage FROM team_coverage WHERE n_images = 1"),
	    COVERAGE_COMPLETE);
	w_check_log(w);
}

static void
moved_image_keeps_its_past_and_counts_both_ways(void **state)
{
	struct world *w = *state;
	struct change_counts c;

	begin(w);
	(void)w_put(w, "web", "sha256:1", old_openssl, NULL);
	assert_int_equal(
	    w_put(w, "web", "sha256:2",
		PKGS(PKG(DEBIAN, "openssl", "7"), PKG(DEBIAN, "zlib", "1")), &c),
	    PUT_MOVED);
	assert_int_equal(c.gained, 1);
	assert_int_equal(c.lost, 1);
	assert_string_equal(w_text(w, "SELECT digest FROM image_past"), "sha256:1");
	assert_int_equal(w_int(w, "SELECT to_seq = (SELECT period_seq FROM image)"
				  " FROM image_past"),
	    1);
	assert_int_equal(w_int(w, "SELECT registered_seq < period_seq FROM image"), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM team_inventory"), 1);
	assert_int_equal(w_int(w, "SELECT sum(n_images) FROM team_coverage"), 1);
	assert_int_equal(w_events(w, EVENT_IMAGE_MOVED, false), 1);
	assert_non_null(
	    strstr(w_text(w, "SELECT detail FROM event WHERE kind = 7"), "sha256:1"));
	w_check_log(w);
}

static void
package_that_only_changed_its_version_gains_nothing(void **state)
{
	struct world *w = *state;
	struct change_counts c;

	begin(w);
	(void)w_put(w, "web", "sha256:1", old_openssl, NULL);
	(void)w_put(w, "web", "sha256:2", PKGS(PKG(DEBIAN, "openssl", "6")), &c);
	assert_int_equal(c.gained, 0);
	assert_int_equal(c.lost, 0);
}

static void
same_set_under_a_new_digest_is_a_move_without_findings(void **state)
{
	struct world *w = *state;
	struct change_counts c;

	begin(w);
	(void)w_put(w, "web", "sha256:1", old_openssl, NULL);
	assert_int_equal(w_put(w, "web", "sha256:2", old_openssl, &c), PUT_MOVED);
	assert_int_equal(c.gained + c.lost, 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM inventory"), 1);
	assert_int_equal(w_int(w, "SELECT n_images FROM team_inventory"), 1);
}

static void
deleted_image_registered_again_is_a_baseline(void **state)
{
	struct world *w = *state;
	const struct scope scope = { .team_id = w->team_id };
	struct change_counts c;
	int64_t id;

	begin(w);
	(void)w_put(w, "web", "sha256:1", old_openssl, NULL);
	id = w_int(w, "SELECT id FROM image");
	assert_ok(store_image_delete(w->st, scope, id, "test", w->now_at, &w_err));
	assert_int_equal(w_int(w, "SELECT sum(n_images) FROM team_coverage"), 0);
	assert_int_equal(w_put(w, "web", "sha256:1", old_openssl, &c), PUT_CREATED);
	assert_int_equal(w_int(w, "SELECT id FROM image"), id);
	assert_int_equal(c.gained, 1);
	assert_int_equal(w_events(w, EVENT_IMAGE_REGISTERED, false), 2);
	assert_int_equal(
	    w_int(w, "SELECT registered_seq = (SELECT max(seq) FROM event) FROM image"),
	    1);
	assert_int_equal(w_int(w, "SELECT n_images FROM team_inventory"), 1);
	w_check_log(w);
}

static void
two_teams_share_an_inventory_and_nothing_else(void **state)
{
	struct world *w = *state;
	const struct image_put put = { .name = "web",
		.ref = "web",
		.digest = "sha256:1",
		.actor = "test",
		.now_at = w->now_at };
	struct change_counts c;
	enum put_result result;
	int64_t blue = 0;

	begin(w);
	assert_ok(store_team_create(w->st, "blue", "test", w->now_at, &blue, &w_err));
	(void)w_put(w, "web", "sha256:1", old_openssl, NULL);
	assert_ok(w_try_put(w, blue, &put, old_openssl, &result, &c, &w_err));
	assert_int_equal(result, PUT_CREATED);
	assert_int_equal(c.gained, 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM inventory"), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM image"), 2);
	assert_int_equal(w_int(w, "SELECT count(*) FROM team_inventory"), 2);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 1);
}

static void
statements_that_change_under_a_registration_are_a_conflict(void **state)
{
	struct world *w = *state;
	const struct scope scope = { .team_id = w->team_id };
	const struct image_put put = { .name = "web", .ref = "web", .actor = "test" };
	struct inventory *inv = w_inventory(w, old_openssl);
	struct resolved *r = NULL;
	struct unit *units = NULL;
	struct decision d;
	struct change_counts c;
	enum put_result result;
	int64_t id;
	size_t n = 0;

	begin(w);
	assert_ok(store_resolve(w->st, inv, w->a, &r, &units, &n, &w_err));
	assert_int_equal(n, 1);
	w_decide(&units[0], &units[0].subjects[0], &d);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "openssl", "CVE-2024-3", "8");
	(void)w_says(w, "zlib", "CVE-2024-2", NULL);
	(void)w_run(w, "debian");
	assert_int_equal(store_image_put(w->st, scope, &put, inv, r, units, n, &d, &id,
			     &result, &c, &w_err),
	    ERR_CONFLICT);
	assert_int_equal(w_int(w, "SELECT count(*) FROM image"), 0);
	(void)w_put(w, "web", NULL, old_openssl, &c);
	assert_int_equal(c.gained, 2);
	w_check_log(w);
}

static void
component_of_an_aborted_registration_is_decided_by_the_next(void **state)
{
	struct world *w = *state;
	struct resolved *r = NULL;
	struct unit *units = NULL;
	size_t n = 0;

	begin(w);
	assert_ok(store_resolve(
	    w->st, w_inventory(w, old_openssl), w->a, &r, &units, &n, &w_err));
	assert_int_equal(w_int(w, "SELECT count(*) FROM component"), 1);
	(void)w_put(w, "web", NULL, old_openssl, NULL);
	assert_int_equal(w_int(w, "SELECT count(*) FROM component"), 1);
	assert_string_equal(w_matches(w), "openssl-5:CVE-2024-1:2:0");
}

static void
statement_that_came_in_between_reaches_a_new_component(void **state)
{
	struct world *w = *state;
	bool done = false;

	begin(w);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "zlib", "CVE-2024-2", NULL);
	(void)w_says(w, "openssl", "CVE-2024-3", "9");
	(void)w_read(w, "debian");
	while (!done) /* applied, and not decided yet */
		assert_ok(store_apply(w->st, w->now_at, 40, &done, &w_err));
	(void)w_put(w, "web", NULL, old_openssl, NULL);
	w_work(w);
	assert_string_equal(
	    w_matches(w), "openssl-5:CVE-2024-1:2:0 openssl-5:CVE-2024-3:2:0");
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 0);
}

static void
unknown_list_is_not_made_and_nothing_is_written(void **state)
{
	struct world *w = *state;
	const char *const lists[] = { "no-such-list", NULL };
	const struct image_put put = {
		.name = "web", .ref = "web", .lists = lists, .actor = "test"
	};
	struct change_counts c;
	enum put_result result;

	begin(w);
	assert_int_equal(
	    w_try_put(w, w->team_id, &put, old_openssl, &result, &c, &w_err),
	    ERR_NOTFOUND);
	assert_non_null(strstr(w_err.text, "no-such-list"));
	assert_int_equal(w_int(w, "SELECT count(*) FROM image"), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 0);
	w_check_log(w);
}

static void
lists_by_hand_and_by_selector_hold_the_image_from_its_number_on(void **state)
{
	struct world *w = *state;
	const struct scope scope = { .team_id = w->team_id };
	const struct list_put lists[] = {
		{ .name = "hand", .actor = "test" },
		{ .name = "all",
		    .selector_json = "{\"refs\":[\"**\"]}",
		    .actor = "test" },
		{ .name = "none",
		    .selector_json = "{\"refs\":[\"x\"]}",
		    .actor = "test" },
	};
	const char *const names[] = { "hand", NULL };
	const struct image_put put = {
		.name = "web", .ref = "web", .lists = names, .actor = "test"
	};
	struct change_counts c;
	enum put_result result;

	begin(w);
	for (size_t i = 0; i < ROWS(lists); i++) {
		int64_t id;
		bool created;

		assert_ok(
		    store_list_put(w->st, scope, &lists[i], &id, &created, &w_err));
	}
	assert_ok(w_try_put(w, w->team_id, &put, old_openssl, &result, &c, &w_err));
	assert_int_equal(
	    w_int(w,
		"SELECT count(*) FROM list_image x JOIN image i ON i.id = x.image_id"
		" WHERE x.from_seq = i.registered_seq"),
	    2);
}

static void
what_no_feed_speaks_of_is_kept_and_never_matched(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)w_put(w, "web", NULL,
	    PKGS(PKG(DEBIAN, "openssl", "5"), PKG(NULL, "firmware", "1")), NULL);
	assert_int_equal(w_int(w, "SELECT n_components FROM inventory"), 2);
	assert_int_equal(w_int(w, "SELECT parsable FROM component c JOIN package p"
				  " ON p.id = c.package_id WHERE p.name = 'firmware'"),
	    0);
	assert_non_null(
	    strstr(w_text(w, "SELECT not_covered FROM image"), "\"components\":1"));
}

static void
exploited_finding_makes_the_registration_loud(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)w_feed(w, "kev", "kev");
	w_record(w, "kev", "kev", "CVE-2024-1")->exploited = w->now_at;
	(void)w_run(w, "kev");
	(void)w_put(w, "web", NULL, old_openssl, NULL);
	assert_int_equal(
	    w_int(w, "SELECT flags FROM event WHERE kind = 6"), EVENT_EXPLOITED);
	(void)w_put(w, "safe", NULL, new_openssl, NULL);
	assert_int_equal(w_int(w, "SELECT flags FROM event WHERE kind = 6"
				  " ORDER BY seq DESC LIMIT 1"),
	    0);
}

static void
unknown_team_registers_nothing(void **state)
{
	struct world *w = *state;
	const struct image_put put = { .name = "web", .ref = "web", .actor = "test" };
	struct change_counts c;
	enum put_result result;

	assert_int_equal(
	    w_try_put(w, 4711, &put, old_openssl, &result, &c, &w_err), ERR_NOTFOUND);
	assert_int_equal(w_int(w, "SELECT count(*) FROM image"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_component_is_decided_with_its_image_and_without_opened_events),
		TEST(same_image_again_writes_nothing),
		TEST(same_content_read_better_is_covered_better),
		TEST(moved_image_keeps_its_past_and_counts_both_ways),
		TEST(package_that_only_changed_its_version_gains_nothing),
		TEST(same_set_under_a_new_digest_is_a_move_without_findings),
		TEST(deleted_image_registered_again_is_a_baseline),
		TEST(two_teams_share_an_inventory_and_nothing_else),
		TEST(statements_that_change_under_a_registration_are_a_conflict),
		TEST(component_of_an_aborted_registration_is_decided_by_the_next),
		TEST(statement_that_came_in_between_reaches_a_new_component),
		TEST(unknown_list_is_not_made_and_nothing_is_written),
		TEST(lists_by_hand_and_by_selector_hold_the_image_from_its_number_on),
		TEST(what_no_feed_speaks_of_is_kept_and_never_matched),
		TEST(exploited_finding_makes_the_registration_loud),
		TEST(unknown_team_registers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
