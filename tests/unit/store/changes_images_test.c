/* SPDX-License-Identifier: Apache-2.0 */
/* What a subscription is told about a list: when an image counts, and when it moves. */
#include <string.h>

#include "store/images.h"
#include "unit/store/fleet.h"

/* ---- when an image counts ---- */

static void
an_image_registered_between_event_and_digest_is_baseline(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_image(h, "late", SET(f.openssl));
	c = h_changes(h, start, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
	assert_true(c.has_baseline);
	assert_int_equal(c.n_baseline_images, 1);
	assert_string_equal(c.baseline_images[0].image.name, "late");
	assert_int_equal(c.baseline_counts.total, 1);
	assert_int_equal(c.baseline_counts.high, 1);
	/* And the next digest does not tell it as news. */
	assert_int_equal(h_changes(h, h_seq(h), h_seq(h) + 5).n_rows, 0);
}

static void
news_after_the_registration_goes_into_its_baseline_too(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_image(h, "late", SET(f.openssl));
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	c = h_changes(h, start, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
	assert_int_equal(c.baseline_counts.total, 1);
}

static void
an_image_put_on_the_list_later_is_baseline_of_the_list(void **state)
{
	FLEET(f, state);
	int64_t second = h_list(h, h->team_id, "second");
	struct changes c;

	h->list_id = second;
	h_list_add(h, second, f.shop);
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_list_add(h, second, f.api);
	c = h_changes(h, start + 1, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "shop");
	assert_int_equal(c.n_baseline_images, 1);
	assert_string_equal(c.baseline_images[0].image.name, "api");
}

static void
an_image_taken_off_the_list_says_nothing(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_list_remove(h, h->list_id, f.api);
	c = h_changes(h, start, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "shop");
	assert_int_equal(c.n_images, 0);
}

static void
set_purpose(struct history *h, int64_t image_id, enum image_purpose purpose)
{
	struct image_patch p = { .set_purpose = true,
		.purpose = purpose,
		.actor = "test",
		.now_at = h->now_at };
	struct err e = ERR_INIT;

	if (store_image_patch(h->st, (struct scope){ .team_id = h->team_id }, image_id,
		&p, &e) != ERR_OK)
		fail_msg("%s", e.text);
}

static void
a_purpose_silences_from_its_number_on_and_not_a_second_try_of_before(void **state)
{
	FLEET(f, state);
	int64_t second = h_vulnerability(h, "CVE-2024-0002"), before, after;
	struct changes c;

	before = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	set_purpose(h, f.api, PURPOSE_ARCHIVE);
	after = h_open(h, second, SET(f.openssl), no_fix, 0, false);
	c = h_changes(h, start, before);
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
	c = h_changes(h, before, after);
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, second, CHANGE_OPENED, "shop");
	set_purpose(h, f.api, PURPOSE_NONE);
	c = h_changes(h, before, after);
	h_expect_row(&c, second, CHANGE_OPENED, "shop");
	assert_false(c.has_baseline);
	c = h_changes(h, after, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_baseline_images, 1);
	assert_string_equal(c.baseline_images[0].image.name, "api");
}

static void
a_purpose_is_not_set_on_another_teams_image(void **state)
{
	FLEET(f, state);
	struct image_patch p = { .set_purpose = true, .purpose = PURPOSE_TEST };
	struct image_row row;
	struct err e = ERR_INIT;

	(void)start;
	assert_int_equal(
	    store_image_patch(
		h->st, (struct scope){ .team_id = h_team(h, "blue") }, f.api, &p, &e),
	    ERR_NOTFOUND);
	assert_int_equal(store_image(h->st, (struct scope){ .team_id = h->team_id },
			     f.api, NULL, h->a, &row, &e),
	    ERR_OK);
	assert_int_equal(row.purpose, PURPOSE_NONE);
}

static void
nothing_before_the_start_of_a_subscription_is_told(void **state)
{
	FLEET(f, state);
	int64_t second = h_vulnerability(h, "CVE-2024-0002"), begins;
	struct changes c;

	begins = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	h_open(h, second, SET(f.openssl), no_fix, 0, false);
	c = h_changes_since(h, begins, start, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, second, CHANGE_OPENED, "api shop");
	assert_false(c.has_baseline);
}

static void
an_unknown_list_and_another_teams_list_are_not_found(void **state)
{
	FLEET(f, state);
	int64_t blue = h_team(h, "blue"), hers = h_list(h, blue, "hers");
	struct err e = ERR_INIT;
	struct changes c;

	(void)f;
	assert_int_equal(
	    store_changes(h->st, h->team_id, 999, 0, 0, start, NULL, 0, h->a, &c, &e),
	    ERR_NOTFOUND);
	assert_int_equal(
	    store_changes(h->st, h->team_id, hers, 0, 0, start, NULL, 0, h->a, &c, &e),
	    ERR_NOTFOUND);
}

static void
two_teams_with_one_inventory_hear_of_their_own_images_alone(void **state)
{
	FLEET(f, state);
	int64_t red = h->team_id, red_list = h->list_id;
	int64_t blue = h_team(h, "blue"), blue_list = h_list(h, blue, "web");
	int64_t from;
	struct changes c;

	(void)start;
	h->team_id = blue;
	h->list_id = blue_list;
	h_image(h, "api", SET(f.openssl, f.zlib)); /* the same inventory as red's */
	h_image(h, "blue-only", SET(f.openssl));
	from = h_seq(h);
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	c = h_changes(h, from, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api blue-only");
	h->team_id = red;
	h->list_id = red_list;
	c = h_changes(h, from, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "api shop");
	assert_int_equal(c.n_images, 0);
	assert_false(c.has_baseline);
}

/* ---- moved and deleted images ---- */

static void
a_moved_image_brings_what_it_gained_and_lost(void **state)
{
	FLEET(f, state);
	int64_t second = h_vulnerability(h, "CVE-2024-0002"), from;
	struct changes c;

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	from = h_open(h, second, SET(f.other), no_fix, 0, false);
	h_move(h, f.shop, "sha256:new", SET(f.other));
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 2);
	h_expect_row(&c, second, CHANGE_OPENED, "shop");
	h_expect_row(&c, f.vulnerability, CHANGE_RESOLVED, "shop");
	assert_string_equal(h_row(&c, second, CHANGE_OPENED)->reason, "image_moved");
	assert_string_equal(
	    h_row(&c, f.vulnerability, CHANGE_RESOLVED)->reason, "image_moved");
	assert_int_equal(c.n_images, 1);
	assert_int_equal(c.images[0].kind, EVENT_IMAGE_MOVED);
	assert_string_equal(c.images[0].image.digest, "sha256:new");
	assert_string_equal(c.images[0].previous_digest, "sha256:shop");
	assert_int_equal(c.images[0].gained, 1);
	assert_int_equal(c.images[0].lost, 1);
}

static void
negligible_findings_count_as_neither_gained_nor_lost(void **state)
{
	FLEET(f, state);
	const struct stand s = { .state = STATUS_AFFECTED,
		.severity = SEVERITY_NEGLIGIBLE };
	int64_t second = h_vulnerability(h, "CVE-2024-0002"), from;
	struct changes c;

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), s, 0, false);
	from = h_open(h, second, SET(f.other), s, 0, false);
	h_move(h, f.shop, "sha256:new", SET(f.other));
	h_delete(h, f.api);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_images, 2);
	assert_int_equal(c.images[0].gained + c.images[0].lost, 0);
	assert_int_equal(c.images[1].gained + c.images[1].lost, 0);
}

static void
the_same_packages_under_a_new_digest_move_without_findings(void **state)
{
	FLEET(f, state);
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	struct changes c;

	(void)start;
	h_move(h, f.shop, "sha256:new", SET(f.openssl));
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_images, 1);
	assert_int_equal(c.images[0].gained + c.images[0].lost, 0);
}

static void
moved_away_and_back_is_no_move(void **state)
{
	FLEET(f, state);
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	struct changes c;

	(void)start;
	h_move(h, f.shop, "sha256:new", SET(f.other));
	h_move(h, f.shop, "sha256:shop", SET(f.openssl));
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_images, 0);
}

static void
a_rebuild_that_is_still_vulnerable_opens_and_resolves_nothing(void **state)
{
	FLEET(f, state);
	int64_t newer = h_component(h, "debian:12", "openssl", "3.0.1"), from;
	struct changes c;

	(void)start;
	from = h_open(h, f.vulnerability, SET(f.openssl, newer), no_fix, 0, false);
	h_move(h, f.shop, "sha256:new", SET(newer));
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_images, 1);
	assert_int_equal(c.images[0].gained + c.images[0].lost, 0);
}

static void
a_rebuild_that_is_under_investigation_is_not_resolved(void **state)
{
	FLEET(f, state);
	const struct stand unsure = { .state = STATUS_UNDER_INVESTIGATION };
	int64_t newer = h_component(h, "debian:12", "openssl", "3.0.1"), from;
	struct changes c;

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	from = h_open(h, f.vulnerability, SET(newer), unsure, 0, false);
	h_move(h, f.shop, "sha256:new", SET(newer));
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.images[0].lost, 0);
}

static void
news_about_a_moved_images_new_package_is_the_feeds(void **state)
{
	FLEET(f, state);
	struct changes c;

	h_move(h, f.shop, "sha256:new", SET(f.openssl, f.other));
	h_open(h, f.vulnerability, SET(f.other), no_fix, 0, false);
	c = h_changes(h, start, h_seq(h));
	h_expect_row(&c, f.vulnerability, CHANGE_OPENED, "db shop");
	assert_string_equal(c.rows[0].reason, "feed");
}

static void
a_fix_for_a_moved_image_is_told_although_it_moved(void **state)
{
	FLEET(f, state);
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	struct changes c;

	(void)start;
	h_move(h, f.shop, "sha256:new", SET(f.openssl, f.other));
	h_change(
	    h, EVENT_FINDING_FIX_AVAILABLE, f.vulnerability, SET(f.openssl), fixed);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_FIX_AVAILABLE, "api shop");
}

static void
what_a_feed_resolved_in_a_moved_image_is_the_feeds(void **state)
{
	FLEET(f, state);
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	struct changes c;

	(void)start;
	h_move(h, f.shop, "sha256:new", SET(f.openssl, f.other));
	h_close(h, f.vulnerability, SET(f.openssl), PAST_WITHDRAWN);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 1);
	h_expect_row(&c, f.vulnerability, CHANGE_RESOLVED, "api shop");
	assert_string_equal(c.rows[0].reason, "withdrawn");
	assert_int_equal(c.images[0].lost, 1);
}

static void
what_closed_without_a_word_is_not_blamed_on_a_move(void **state)
{
	FLEET(f, state);
	int64_t newer = h_component(h, "debian:12", "openssl", "3.0.1"), from;
	struct err e = ERR_INIT;
	struct changes c;

	(void)start;
	from = h_open(h, f.vulnerability, SET(f.openssl, newer), no_fix, 0, false);
	h_close(h, f.vulnerability, SET(f.openssl, newer), PAST_RULE_CHANGED);
	h_move(h, f.shop, "sha256:new", SET(newer));
	/* As after a quiet run: no event of it is given. */
	assert_int_equal(store_changes(h->st, h->team_id, h->list_id, 0, from, h_seq(h),
			     NULL, 0, h->a, &c, &e),
	    ERR_OK);
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.images[0].lost, 0);
}

static void
a_feeds_first_load_is_not_blamed_on_a_move(void **state)
{
	FLEET(f, state);
	int64_t newer = h_component(h, "debian:12", "openssl", "3.0.1");
	struct changes c;

	h_baseline(h, "debian:12", f.vulnerability, SET(f.openssl, newer), no_fix);
	h_move(h, f.shop, "sha256:new", SET(newer));
	c = h_changes(h, start, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_images, 1);
}

static void
a_deleted_image_is_an_entry_not_a_heap_of_resolved_findings(void **state)
{
	FLEET(f, state);
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	struct changes c;

	(void)start;
	h_delete(h, f.api);
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_images, 1);
	assert_int_equal(c.images[0].kind, EVENT_IMAGE_DELETED);
	assert_string_equal(c.images[0].image.name, "api");
	assert_string_equal(c.images[0].image.digest, "sha256:api");
	assert_int_equal(c.images[0].lost, 1);
}

static int64_t
reach(struct history *h, enum event_kind kind, int64_t image_id)
{
	struct event_new ev = EVENT_NEW((int)kind, 0);

	ev.team_id = h->team_id;
	ev.image_id = image_id;
	return h_event(h, ev);
}

static void
out_of_reach_is_an_entry_unless_it_was_back_meanwhile(void **state)
{
	FLEET(f, state);
	int64_t gone = reach(h, EVENT_IMAGE_UNREACHABLE, f.shop), back, again;
	struct changes c = h_changes(h, start, gone);

	assert_int_equal(c.n_images, 1);
	assert_int_equal(c.images[0].kind, EVENT_IMAGE_UNREACHABLE);
	assert_string_equal(c.images[0].image.name, "shop");
	assert_int_equal(c.n_rows, 0);
	back = reach(h, EVENT_IMAGE_REACHABLE, f.shop);
	again = reach(h, EVENT_IMAGE_UNREACHABLE, f.shop);
	c = h_changes(h, start, back);
	assert_int_equal(c.n_images, 0);
	c = h_changes(h, gone, back);
	assert_int_equal(c.n_images, 1);
	assert_int_equal(c.images[0].kind, EVENT_IMAGE_REACHABLE);
	/* who was told that it is gone hears nothing of an hour in which it was there */
	c = h_changes(h, gone, again);
	assert_int_equal(c.n_images, 0);
}

static void
an_image_deleted_and_registered_again_is_baseline(void **state)
{
	FLEET(f, state);
	int64_t from = h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	struct changes c;

	(void)start;
	h_delete(h, f.api);
	h_register_again(h, f.api, SET(f.openssl));
	c = h_changes(h, from, h_seq(h));
	assert_int_equal(c.n_rows, 0);
	assert_int_equal(c.n_images, 0);
	assert_int_equal(c.n_baseline_images, 1);
	assert_int_equal(c.baseline_counts.total, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(an_image_registered_between_event_and_digest_is_baseline),
		RULE(news_after_the_registration_goes_into_its_baseline_too),
		RULE(an_image_put_on_the_list_later_is_baseline_of_the_list),
		RULE(an_image_taken_off_the_list_says_nothing),
		RULE(
		    a_purpose_silences_from_its_number_on_and_not_a_second_try_of_before),
		RULE(a_purpose_is_not_set_on_another_teams_image),
		RULE(nothing_before_the_start_of_a_subscription_is_told),
		RULE(an_unknown_list_and_another_teams_list_are_not_found),
		RULE(two_teams_with_one_inventory_hear_of_their_own_images_alone),
		RULE(a_moved_image_brings_what_it_gained_and_lost),
		RULE(negligible_findings_count_as_neither_gained_nor_lost),
		RULE(the_same_packages_under_a_new_digest_move_without_findings),
		RULE(moved_away_and_back_is_no_move),
		RULE(a_rebuild_that_is_still_vulnerable_opens_and_resolves_nothing),
		RULE(a_rebuild_that_is_under_investigation_is_not_resolved),
		RULE(news_about_a_moved_images_new_package_is_the_feeds),
		RULE(a_fix_for_a_moved_image_is_told_although_it_moved),
		RULE(what_a_feed_resolved_in_a_moved_image_is_the_feeds),
		RULE(what_closed_without_a_word_is_not_blamed_on_a_move),
		RULE(a_feeds_first_load_is_not_blamed_on_a_move),
		RULE(a_deleted_image_is_an_entry_not_a_heap_of_resolved_findings),
		RULE(out_of_reach_is_an_entry_unless_it_was_back_meanwhile),
		RULE(an_image_deleted_and_registered_again_is_baseline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
