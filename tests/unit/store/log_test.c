/* SPDX-License-Identifier: Apache-2.0 */
/* The log as filters read it, and as clients read it. */
#include <string.h>

#include "unit/store/history.h"

static const struct stand no_fix = { .state = STATUS_AFFECTED,
	.severity = SEVERITY_HIGH };

/* Every kind by its name and back. */
static void
kinds_of_events_have_names(void **state)
{
	(void)state;
	for (int k = 0; k < EVENT_KIND_COUNT; k++) {
		enum event_kind back = EVENT_KIND_COUNT;

		assert_true(
		    event_kind_from_name(event_kind_name((enum event_kind)k), &back));
		assert_int_equal(back, k);
	}
	{
		enum event_kind back = EVENT_FEED_HELD;

		assert_false(event_kind_from_name("finding.lost", &back));
		assert_int_equal(back, EVENT_FEED_HELD);
	}
}

/* ---- store_log() ---- */

static size_t
log_of(struct history *h, int64_t after, int64_t upto, size_t limit,
    struct log_entry **ret)
{
	struct err e = ERR_INIT;
	size_t n = 0;

	if (store_log(h->st, h->team_id, after, upto, limit, h->a, ret, &n, &e) !=
	    ERR_OK)
		fail_msg("%s", e.text);
	return n;
}

static void
the_log_has_global_and_own_entries_in_the_interval(void **state)
{
	struct history *h = *state;
	int64_t c = h_component(h, "debian:12", "openssl", "3.0");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), blue = h_team(h, "blue");
	struct event_new ev = EVENT_NEW(EVENT_IMAGE_MOVED, 0);
	struct log_entry *entries;
	int64_t first, last;

	first = h_open(h, v, SET(c), no_fix, 0, false);
	ev.team_id = blue;
	h_event(h, ev);
	ev.team_id = h->team_id;
	last = h_event(h, ev);
	h_open(h, v, SET(c + 1), no_fix, 0, false);
	assert_int_equal(log_of(h, first - 1, last, 100, &entries), 2);
	assert_int_equal(entries[0].seq, first);
	assert_int_equal(entries[0].kind, EVENT_FINDING_OPENED);
	assert_int_equal(entries[0].severity, SEVERITY_HIGH);
	assert_int_equal(entries[1].seq, last);
	assert_int_equal(log_of(h, first, last, 100, &entries), 1);
	assert_int_equal(log_of(h, first - 1, last, 1, &entries), 1);
}

static void
quiet_entries_come_with_their_announcement(void **state)
{
	struct history *h = *state;
	int64_t c = h_component(h, "debian:12", "openssl", "3.0");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), quiet, announced;
	struct event_new marker = EVENT_NEW(EVENT_FEED_SUMMARY, 0);
	struct log_entry *entries;

	quiet = h_open(h, v, SET(c), no_fix, 7, true);
	h_open(h, v, SET(c + 1), no_fix, 8, true); /* another run's stays quiet */
	marker.flags = EVENT_QUIET;
	marker.run_id = 7;
	h_event(h, marker);
	assert_int_equal(log_of(h, 0, h_seq(h), 100, &entries), 0);
	announced = h_announce(h, 7);
	assert_int_equal(log_of(h, announced - 1, announced, 100, &entries), 2);
	assert_int_equal(entries[0].seq, quiet);
	assert_int_equal(entries[1].seq, announced);
	assert_int_equal(entries[1].kind, EVENT_FEED_ANNOUNCED);
	/* Cut by the limit, the last number is still one to go on from. */
	assert_int_equal(log_of(h, 0, announced, 1, &entries), 2);
	assert_int_equal(entries[1].seq, announced);
}

/* ---- store_events() ---- */

static size_t
events_of(struct history *h, struct scope scope, int64_t after, size_t limit,
    struct event_row **ret)
{
	struct err e = ERR_INIT;
	int64_t next = -1;
	size_t n = 0;

	if (store_events(h->st, scope, after, limit, h->a, ret, &n, &next, &e) !=
	    ERR_OK)
		fail_msg("%s", e.text);
	assert_true(next >= (n > 0 ? (*ret)[n - 1].seq : after));
	return n;
}

static void
a_client_reads_what_hits_its_images_and_how_many(void **state)
{
	struct history *h = *state;
	int64_t openssl = h_component(h, "debian:12", "openssl", "3.0");
	int64_t zlib = h_component(h, "debian:12", "zlib1g", "1.2");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), blue = h_team(h, "blue"),
		after;
	const struct scope red = { .team_id = h->team_id }, hers = { .team_id = blue },
			   all = { .all = true };
	struct event_row *rows;

	h_image(h, "api", SET(openssl));
	h_image(h, "shop", SET(openssl, zlib));
	after = h_seq(h);
	h_open(h, v, SET(openssl), no_fix, 0, false);
	h_open(h, v, SET(999), no_fix, 0, false); /* nobody has it */
	assert_int_equal(events_of(h, red, after, 100, &rows), 1);
	assert_int_equal(rows[0].kind, EVENT_FINDING_OPENED);
	assert_string_equal(rows[0].vulnerability, "CVE-2024-0001");
	assert_int_equal(rows[0].n_images, 2);
	assert_int_equal(events_of(h, hers, 0, 100, &rows), 0);
	assert_int_equal(events_of(h, all, after, 100, &rows), 2);
}

static void
exploited_is_counted_over_all_matches(void **state)
{
	struct history *h = *state;
	int64_t openssl = h_component(h, "debian:12", "openssl", "3.0");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), after;
	const struct scope red = { .team_id = h->team_id };
	struct event_row *rows;

	h_image(h, "api", SET(openssl));
	after = h_open(h, v, SET(openssl), no_fix, 0, false);
	h_exploited(h, v);
	assert_int_equal(events_of(h, red, after, 100, &rows), 1);
	assert_int_equal(rows[0].kind, EVENT_FINDING_EXPLOITED);
	assert_int_equal(rows[0].n_images, 1);
}

static void
a_deleted_image_counts_no_more(void **state)
{
	struct history *h = *state;
	int64_t openssl = h_component(h, "debian:12", "openssl", "3.0");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), after, api;
	const struct scope red = { .team_id = h->team_id };
	struct event_row *rows;

	api = h_image(h, "api", SET(openssl));
	h_delete(h, api);
	after = h_seq(h);
	h_open(h, v, SET(openssl), no_fix, 0, false);
	assert_int_equal(events_of(h, red, after, 100, &rows), 0);
}

static void
another_teams_images_are_not_in_the_log(void **state)
{
	struct history *h = *state;
	const struct scope blue = { .team_id = h_team(h, "blue") };
	int64_t openssl = h_component(h, "debian:12", "openssl", "3.0");
	const struct scope red = { .team_id = h->team_id };
	struct event_row *rows;

	h_image(h, "secret-project", SET(openssl));
	assert_int_equal(events_of(h, blue, 0, 100, &rows), 0);
	assert_int_equal(events_of(h, red, 0, 100, &rows), 1);
	assert_string_equal(rows[0].image, "secret-project");
}

static void
events_are_paged_over_what_does_not_concern_one(void **state)
{
	struct history *h = *state;
	int64_t openssl = h_component(h, "debian:12", "openssl", "3.0");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), after, third = 0;
	const struct scope red = { .team_id = h->team_id };
	struct event_row *rows;

	h_image(h, "api", SET(openssl));
	after = h_seq(h);
	for (int i = 0; i < 900; i++) {
		/* Every 300th concerns the team. */
		const struct stand s = no_fix;
		int64_t seq =
		    h_open(h, v, SET(i % 300 == 299 ? openssl : 1000 + i), s, 0, false);

		if (i == 899)
			third = seq;
		if (i % 300 == 299)
			h_close(h, v, SET(openssl), PAST_WITHDRAWN);
	}
	assert_int_equal(events_of(h, red, after, 4, &rows), 4);
	after = rows[3].seq;
	assert_int_equal(events_of(h, red, after, 4, &rows), 2);
	assert_int_equal(rows[0].seq, third);
}

static void
what_concerns_nobody_here_is_looked_at_once(void **state)
{
	struct history *h = *state;
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), next, last = 0;
	const struct scope red = { .team_id = h->team_id };
	struct event_row *rows;
	struct err e = ERR_INIT;
	size_t n;

	for (int i = 0; i < 10; i++)
		last = h_open(h, v, SET(1000 + i), no_fix, 0, false);
	assert_int_equal(
	    store_events(h->st, red, 0, 10, h->a, &rows, &n, &next, &e), ERR_OK);
	assert_int_equal(n, 0);
	assert_true(next == last);
}

/* What a feed's run did is counted over the images of all teams. */
static void
a_team_reads_of_a_feed_without_the_figures_of_others(void **state)
{
	struct history *h = *state;
	struct event_new ev = EVENT_NEW(EVENT_FEED_BASELINE, 0);
	const struct scope red = { .team_id = h->team_id }, all = { .all = true };
	struct event_row *rows;

	h_image(h, "api", SET(h_component(h, "debian:12", "openssl", "3.0")));
	ev.detail = "{\"feed\":\"debian\",\"cause\":\"baseline\",\"records\":40,"
		    "\"opened\":3,\"changed\":0,\"closed\":0,\"exploited\":1}";
	h_event(h, ev);
	assert_int_equal(events_of(h, all, h_seq(h) - 1, 10, &rows), 1);
	assert_string_equal(rows[0].detail_json, ev.detail);
	assert_int_equal(events_of(h, red, h_seq(h) - 1, 10, &rows), 1);
	assert_string_equal(rows[0].detail_json,
	    "{\"feed\":\"debian\",\"cause\":\"baseline\",\"records\":40}");
}

static void
numbers_that_were_thrown_away_are_gone(void **state)
{
	struct history *h = *state;
	const struct scope red = { .team_id = h->team_id };
	struct event_new ev = EVENT_NEW(EVENT_FEED_HELD, 0);
	struct event_row *rows;
	struct err e = ERR_INIT;
	size_t n;
	int64_t last = 0, next;

	for (int i = 0; i < 10; i++)
		last = h_event(h, ev);
	assert_int_equal(
	    h->st->engine->script(h->st,
		arena_printf(h->a,
		    "INSERT INTO moment SELECT seq, at FROM event"
		    " WHERE seq = %lld; DELETE FROM event WHERE seq < %lld",
		    (long long)last - 1, (long long)last),
		&e),
	    ERR_OK);
	assert_int_equal(
	    store_events(h->st, red, last - 3, 10, h->a, &rows, &n, &next, &e),
	    ERR_LIMIT);
	assert_non_null(strstr(e.text, "gone"));
	assert_int_equal(events_of(h, red, last - 1, 10, &rows), 1);
	assert_int_equal(events_of(h, red, 0, 10, &rows), 1); /* from the start */
}

/* ---- time ---- */

static int64_t
tick_at(struct history *h, int64_t at)
{
	struct err e = ERR_INIT;

	if (store_tick(h->st, at, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return h_seq(h);
}

static int64_t
seq_at(struct history *h, int64_t at)
{
	struct err e = ERR_INIT;
	int64_t seq = -1;

	if (store_seq_at(h->st, at, &seq, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return seq;
}

static void
a_log_that_is_silent_for_an_hour_gets_a_tick_that_nobody_sees(void **state)
{
	struct history *h = *state;
	const struct scope red = { .team_id = h->team_id };
	int64_t c = h_component(h, "debian:12", "openssl", "3.0");
	int64_t v = h_vulnerability(h, "CVE-2024-0001"), first, at, tick;
	struct event_row *rows;
	struct err e = ERR_INIT;

	assert_int_equal(seq_at(h, INT64_MAX), 0); /* nothing yet */
	assert_int_equal(tick_at(h, 1 << 30), h_seq(h));
	first = h_open(h, v, SET(c), no_fix, 0, false);
	assert_int_equal(store_time_of(h->st, first, &at, &e), ERR_OK);
	assert_int_equal(tick_at(h, at + STORE_TICK_S - 1), first);
	tick = tick_at(h, at + STORE_TICK_S);
	assert_int_equal(tick, first + 1);
	assert_int_equal(tick_at(h, at + STORE_TICK_S + 5), tick);
	assert_int_equal(seq_at(h, at - 1), 0);
	assert_int_equal(seq_at(h, at), first);
	assert_int_equal(seq_at(h, at + STORE_TICK_S - 1), first);
	assert_int_equal(seq_at(h, at + STORE_TICK_S), tick);
	assert_int_equal(events_of(h, red, first, 10, &rows), 0);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, history_setup, history_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_of_events_have_names),
		RULE(the_log_has_global_and_own_entries_in_the_interval),
		RULE(quiet_entries_come_with_their_announcement),
		RULE(a_client_reads_what_hits_its_images_and_how_many),
		RULE(exploited_is_counted_over_all_matches),
		RULE(a_deleted_image_counts_no_more),
		RULE(another_teams_images_are_not_in_the_log),
		RULE(events_are_paged_over_what_does_not_concern_one),
		RULE(what_concerns_nobody_here_is_looked_at_once),
		RULE(a_team_reads_of_a_feed_without_the_figures_of_others),
		RULE(a_log_that_is_silent_for_an_hour_gets_a_tick_that_nobody_sees),
		RULE(numbers_that_were_thrown_away_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
