/* SPDX-License-Identifier: Apache-2.0 */
/* Retention: what is old goes, what is still needed stays however old it is. */
#include <string.h>

#include "unit/store/history.h"

#define DAY ((int64_t)86400)
#define NOW ((int64_t)2000000000)

static const struct stand no_fix = { .state = STATUS_AFFECTED,
	.severity = SEVERITY_HIGH };

static void
script(struct history *h, const char *sql)
{
	struct err e = ERR_INIT;

	if (h->st->engine->script(h->st, sql, &e) != ERR_OK)
		fail_msg("%s: %s", e.text, sql);
}

static int64_t
number(struct history *h, const char *sql)
{
	/* a row of the counters carries the answer through the engine's seam */
	struct err e = ERR_INIT;
	int64_t n = -1;

	script(h, "DELETE FROM counter WHERE name = 'test'");
	script(h, arena_printf(h->a, "INSERT INTO counter VALUES ('test', (%s))", sql));
	if (seq_next(h->st, "test", &n, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return n;
}

static void
add_message(struct history *h, const char *id, int state, int64_t finished_at)
{
	script(h,
	    arena_printf(h->a,
		"INSERT INTO message(id, team_id, subscription_id, channel_id,"
		" recipient, first_seq, last_seq, created_at, state, finished_at,"
		" subject, body) VALUES ('%s', 1, 1, 1, '%s', 1, 2, 1, %d, %s, 's',"
		" x'00');"
		"INSERT INTO delivery VALUES ('%s', 1, 1, 0, 200, NULL, 1);"
		"INSERT INTO delivery VALUES ('%s', 2, 1, 0, 200, NULL, 1)",
		id, id, state,
		finished_at == 0 ? "NULL"
				 : arena_printf(h->a, "%lld", (long long)finished_at),
		id, id));
}

static void
purge_all(struct history *h, const struct retention *keep)
{
	struct err e = ERR_INIT;
	bool done = false;

	for (int i = 0; !done; i++) {
		if (i == 100)
			fail_msg("no end");
		if (store_purge(h->st, keep, NOW, &done, &e) != ERR_OK)
			fail_msg("%s", e.text);
	}
}

static void
texts_go_first_then_the_messages_with_their_tries(void **state)
{
	struct history *h = *state;
	const struct retention keep = { .messages_s = 400 * DAY, .bodies_s = 90 * DAY };

	add_message(h, "old", 2, NOW - 401 * DAY);
	add_message(h, "middle", 3, NOW - 91 * DAY);
	add_message(h, "young", 2, NOW - 89 * DAY);
	add_message(h, "waiting", 1, 0);
	purge_all(h, &keep);
	assert_int_equal(number(h, "SELECT count(*) FROM message"), 3);
	assert_int_equal(number(h, "SELECT count(*) FROM delivery"), 6);
	assert_int_equal(
	    number(h, "SELECT count(*) FROM message WHERE body IS NULL"), 1);
	assert_int_equal(
	    number(
		h, "SELECT count(*) FROM message WHERE id = 'middle' AND body IS NULL"),
	    1);
}

static void
many_go_in_slices(void **state)
{
	struct history *h = *state;
	const struct retention keep = { .messages_s = DAY };

	for (int i = 0; i < 700; i++)
		add_message(h, arena_printf(h->a, "m%d", i), 2, NOW - 2 * DAY);
	purge_all(h, &keep);
	assert_int_equal(number(h, "SELECT count(*) FROM message"), 0);
	assert_int_equal(number(h, "SELECT count(*) FROM delivery"), 0);
}

static int64_t
three_events(struct history *h)
{
	int64_t c = h_component(h, "debian:12", "openssl", "3.0");
	int64_t first =
	    h_open(h, h_vulnerability(h, "CVE-2024-0001"), SET(c), no_fix, 0, false);

	h_open(h, h_vulnerability(h, "CVE-2024-0002"), SET(c), no_fix, 0, false);
	h_open(h, h_vulnerability(h, "CVE-2024-0003"), SET(c), no_fix, 0, false);
	script(h, arena_printf(h->a, "UPDATE event SET at = %lld",
		      (long long)(NOW - 500 * DAY)));
	return first;
}

static void
old_events_go_but_never_the_last(void **state)
{
	struct history *h = *state;
	const struct retention keep = { .events_s = 400 * DAY };

	(void)three_events(h);
	purge_all(h, &keep);
	assert_int_equal(number(h, "SELECT count(*) FROM event"), 1);
	assert_int_equal(number(h, "SELECT max(seq) FROM event"), h_seq(h));
}

static int64_t
time_of(struct history *h, int64_t seq)
{
	struct err e = ERR_INIT;
	int64_t at = -1;

	assert_int_equal(store_time_of(h->st, seq, &at, &e), ERR_OK);
	return at;
}

/* "Since when" is asked of numbers whose events are long gone. */
static void
the_time_of_a_number_outlives_its_event(void **state)
{
	struct history *h = *state;
	const struct retention keep = { .events_s = 400 * DAY };
	int64_t first = three_events(h), day = NOW - 600 * DAY;

	day -= day % DAY;
	script(
	    h, arena_printf(h->a,
		   "UPDATE event SET at = CASE seq WHEN %lld THEN %lld WHEN %lld THEN"
		   " %lld ELSE %lld END",
		   (long long)first, (long long)day + 5, (long long)first + 1,
		   (long long)day + 9, (long long)NOW));
	purge_all(h, &keep);
	assert_int_equal(number(h, "SELECT count(*) FROM event"), 1);
	assert_int_equal(number(h, "SELECT count(*) FROM moment"), 1);
	assert_int_equal(time_of(h, first), day + 9); /* to the day */
	assert_int_equal(time_of(h, first + 1), day + 9);
	assert_int_equal(time_of(h, first + 2), NOW);
}

static void
what_a_subscription_has_yet_to_look_at_stays(void **state)
{
	struct history *h = *state;
	const struct retention keep = { .events_s = 400 * DAY };
	int64_t first = three_events(h);

	script(h, arena_printf(h->a,
		      "INSERT INTO subscription(id, team_id, list_id, name, definition,"
		      " paused, cursor_seq, start_seq, created_at)"
		      " VALUES (1, %lld, %lld, 's', '{}', 0, %lld, 0, 1)",
		      (long long)h->team_id, (long long)h->list_id, (long long)first));
	purge_all(h, &keep);
	assert_int_equal(number(h, "SELECT count(*) FROM event"), 2);
	assert_int_equal(number(h, "SELECT min(seq) FROM event"), first + 1);
}

static void
nothing_configured_keeps_everything(void **state)
{
	struct history *h = *state;
	const struct retention keep = { 0 };

	add_message(h, "old", 2, 1);
	(void)three_events(h);
	purge_all(h, &keep);
	assert_int_equal(
	    number(h, "SELECT count(*) FROM message WHERE body IS NOT NULL"), 1);
	assert_int_equal(number(h, "SELECT count(*) FROM event"), 3);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, history_setup, history_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(texts_go_first_then_the_messages_with_their_tries),
		RULE(many_go_in_slices),
		RULE(old_events_go_but_never_the_last),
		RULE(the_time_of_a_number_outlives_its_event),
		RULE(what_a_subscription_has_yet_to_look_at_stays),
		RULE(nothing_configured_keeps_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
