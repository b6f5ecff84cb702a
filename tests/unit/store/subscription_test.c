/* SPDX-License-Identifier: Apache-2.0 */
/* Channels, subscriptions, and who is due for a look at the log. */
#include <string.h>

#include "unit/store/history.h"

#define NOW 1800000000

static struct scope
team_of(const struct history *h)
{
	return (struct scope){ .team_id = h->team_id };
}

static enum err_code
put_channel(struct history *h, struct scope scope, const char *name, bool create_only,
    int64_t *ret_id, bool *ret_created)
{
	const struct channel_put p = {
		.name = name,
		.type = "webhook",
		.config_json = "{}",
		.create_only = create_only,
		.actor = "ann",
		.now_at = NOW,
	};
	struct err e = ERR_INIT;

	return store_channel_put(h->st, scope, &p, ret_id, ret_created, &e);
}

static struct subscription_put
wish(const char *name, const char *list, const char *const *channels)
{
	return (struct subscription_put){
		.name = name,
		.list = list,
		.definition_json = "{\"schedule\":\"daily\"}",
		.channels = channels,
		.actor = "ann",
		.now_at = NOW,
	};
}

static const char *const hook[] = { "hook", NULL };

static int64_t
subscribed(struct history *h, const struct subscription_put *p)
{
	struct err e = ERR_INIT;
	int64_t id = 0;
	bool created;

	if (store_subscription_put(h->st, team_of(h), p, &id, &created, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return id;
}

static struct subscription_row
row_of(struct history *h, int64_t id)
{
	struct subscription_row s = { 0 };
	struct err e = ERR_INIT;

	if (store_subscription(h->st, team_of(h), id, NULL, h->a, &s, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return s;
}

static void
a_channel_is_made_replaced_and_refused_when_it_exists(void **state)
{
	struct history *h = *state;
	int64_t id = 0, again = 0;
	bool created = false;

	assert_int_equal(
	    put_channel(h, team_of(h), "hook", true, &id, &created), ERR_OK);
	assert_true(created);
	assert_int_equal(
	    put_channel(h, team_of(h), "hook", false, &again, &created), ERR_OK);
	assert_false(created);
	assert_int_equal(again, id);
	assert_int_equal(
	    put_channel(h, team_of(h), "hook", true, &again, &created), ERR_CONFLICT);
}

static void
channels_of_two_teams_may_share_a_name_and_nothing_else(void **state)
{
	struct history *h = *state;
	const struct scope blue = { .team_id = h_team(h, "blue") },
			   all = { .all = true };
	int64_t red_id, blue_id;
	struct channel_row *rows, ch;
	struct err e = ERR_INIT;
	size_t n = 0;
	bool created;

	put_channel(h, team_of(h), "hook", true, &red_id, &created);
	assert_int_equal(
	    put_channel(h, blue, "hook", true, &blue_id, &created), ERR_OK);
	assert_int_equal(
	    store_channel(h->st, blue, red_id, NULL, h->a, &ch, &e), ERR_NOTFOUND);
	assert_int_equal(
	    store_channel_delete(h->st, blue, red_id, "eve", NOW, &e), ERR_NOTFOUND);
	assert_int_equal(
	    store_channels(h->st, blue, 0, 10, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].id, blue_id);
	assert_int_equal(
	    store_channels(h->st, all, 0, 10, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(
	    store_channels(h->st, all, red_id, 10, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 1);
}

static void
a_channel_in_use_is_not_deleted(void **state)
{
	struct history *h = *state;
	struct subscription_put p = wish("news", "web", hook);
	struct err e = ERR_INIT;
	int64_t id, news;
	bool created;

	put_channel(h, team_of(h), "hook", true, &id, &created);
	news = subscribed(h, &p);
	assert_int_equal(
	    store_channel_delete(h->st, team_of(h), id, "ann", NOW, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "news"));
	assert_int_equal(
	    store_subscription_delete(h->st, team_of(h), news, "ann", NOW, &e), ERR_OK);
	assert_int_equal(
	    store_channel_delete(h->st, team_of(h), id, "ann", NOW, &e), ERR_OK);
	assert_int_equal(
	    store_channel_delete(h->st, team_of(h), id, "ann", NOW, &e), ERR_NOTFOUND);
}

static void
a_missing_list_or_channel_is_named(void **state)
{
	struct history *h = *state;
	struct subscription_put p = wish("news", "nowhere", hook);
	struct err e = ERR_INIT;
	int64_t id;
	bool created;

	assert_int_equal(
	    store_subscription_put(h->st, team_of(h), &p, &id, &created, &e),
	    ERR_NOTFOUND);
	assert_non_null(strstr(e.text, "nowhere"));
	p.list = "web";
	assert_int_equal(
	    store_subscription_put(h->st, team_of(h), &p, &id, &created, &e),
	    ERR_NOTFOUND);
	assert_non_null(strstr(e.text, "hook"));
	{
		struct subscription_row s;

		assert_int_equal(
		    store_subscription(h->st, team_of(h), 0, "news", h->a, &s, &e),
		    ERR_NOTFOUND);
	}
}

static void
another_teams_list_and_channel_cannot_be_subscribed(void **state)
{
	struct history *h = *state;
	int64_t blue_id = h_team(h, "blue"), id;
	const struct scope blue = { .team_id = blue_id };
	struct subscription_put p = wish("news", "hers", hook);
	struct err e = ERR_INIT;
	bool created;

	(void)h_list(h, blue_id, "hers");
	put_channel(h, blue, "hook", true, &id, &created);
	assert_int_equal(
	    store_subscription_put(h->st, team_of(h), &p, &id, &created, &e),
	    ERR_NOTFOUND);
	p.list = "web";
	assert_int_equal(
	    store_subscription_put(h->st, team_of(h), &p, &id, &created, &e),
	    ERR_NOTFOUND);
}

static void
a_new_subscription_begins_now(void **state)
{
	struct history *h = *state;
	struct subscription_put p = wish("news", "web", hook);
	struct event_new ev = EVENT_NEW(EVENT_FEED_HELD, 0);
	struct subscription_row s;
	int64_t id, now;
	bool created;

	put_channel(h, team_of(h), "hook", true, &id, &created);
	now = h_event(h, ev);
	s = row_of(h, subscribed(h, &p));
	assert_int_equal(s.cursor_seq, now);
	assert_int_equal(s.start_seq, now);
	assert_string_equal(s.list, "web");
	assert_int_equal(s.n_channels, 1);
	assert_string_equal(s.channels[0], "hook");
	assert_int_equal(s.channel_ids[0], id);
	assert_string_equal(s.definition_json, "{\"schedule\":\"daily\"}");
}

static void
replacing_keeps_the_cursor_unless_the_list_is_another(void **state)
{
	struct history *h = *state;
	struct subscription_put p = wish("news", "web", hook);
	struct event_new ev = EVENT_NEW(EVENT_FEED_HELD, 0);
	int64_t id, before, now;
	bool created;

	put_channel(h, team_of(h), "hook", true, &id, &created);
	id = subscribed(h, &p);
	before = row_of(h, id).cursor_seq;
	now = h_event(h, ev);
	p.definition_json = "{\"schedule\":\"hourly\"}";
	p.paused = true;
	assert_int_equal(subscribed(h, &p), id);
	assert_int_equal(row_of(h, id).cursor_seq, before);
	assert_true(row_of(h, id).paused);
	assert_string_equal(row_of(h, id).definition_json, p.definition_json);
	(void)h_list(h, h->team_id, "second");
	p.list = "second";
	assert_int_equal(subscribed(h, &p), id);
	assert_true(row_of(h, id).cursor_seq >= now);
	assert_int_equal(row_of(h, id).start_seq, row_of(h, id).cursor_seq);
	assert_string_equal(row_of(h, id).list, "second");
}

static void
channels_of_a_subscription_are_replaced_as_a_whole(void **state)
{
	struct history *h = *state;
	const char *const both[] = { "hook", "mail", NULL };
	const char *const mail[] = { "mail", NULL };
	struct subscription_put p = wish("news", "web", both);
	struct subscription_row *rows;
	struct err e = ERR_INIT;
	int64_t id;
	size_t n = 0;
	bool created;

	put_channel(h, team_of(h), "hook", true, &id, &created);
	put_channel(h, team_of(h), "mail", true, &id, &created);
	id = subscribed(h, &p);
	assert_int_equal(row_of(h, id).n_channels, 2);
	p.channels = mail;
	subscribed(h, &p);
	assert_int_equal(row_of(h, id).n_channels, 1);
	assert_string_equal(row_of(h, id).channels[0], "mail");
	p.name = "more";
	p.channels = both;
	subscribed(h, &p);
	assert_int_equal(
	    store_subscriptions(h->st, team_of(h), 0, 10, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].n_channels, 1);
	assert_int_equal(rows[1].n_channels, 2);
	assert_int_equal(
	    store_subscriptions(h->st, team_of(h), rows[0].id, 10, h->a, &rows, &n, &e),
	    ERR_OK);
	assert_int_equal(n, 1);
}

/* ---- who is due ---- */

static size_t
n_due(struct history *h, int64_t now_at)
{
	struct subscription_row *rows;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (store_subscriptions_due(h->st, now_at, h->a, &rows, &n, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return n;
}

static void
a_subscription_is_due_when_an_event_lies_behind_its_cursor(void **state)
{
	struct history *h = *state;
	struct subscription_put p = wish("news", "web", hook);
	struct event_new ev = EVENT_NEW(EVENT_FEED_HELD, 0);
	int64_t id;
	bool created;

	put_channel(h, team_of(h), "hook", true, &id, &created);
	subscribed(h, &p);
	/* The audit row of the subscription itself is no event. */
	assert_int_equal(n_due(h, NOW), 0);
	h_event(h, ev);
	assert_int_equal(n_due(h, NOW), 1);
}

static void
another_teams_event_makes_nobody_else_due(void **state)
{
	struct history *h = *state;
	struct subscription_put p = wish("news", "web", hook);
	struct event_new ev = EVENT_NEW(EVENT_IMAGE_MOVED, 0);
	int64_t id;
	bool created;

	put_channel(h, team_of(h), "hook", true, &id, &created);
	subscribed(h, &p);
	ev.team_id = h_team(h, "blue");
	h_event(h, ev);
	assert_int_equal(n_due(h, NOW), 0);
	ev.team_id = h->team_id;
	h_event(h, ev);
	assert_int_equal(n_due(h, NOW), 1);
}

static void
a_paused_and_a_scheduled_subscription_wait(void **state)
{
	struct history *h = *state;
	struct subscription_put p = wish("news", "web", hook);
	struct event_new ev = EVENT_NEW(EVENT_FEED_HELD, 0);
	int64_t id;
	bool created;

	put_channel(h, team_of(h), "hook", true, &id, &created);
	p.next_at = NOW + 100;
	subscribed(h, &p);
	h_event(h, ev);
	assert_int_equal(n_due(h, NOW), 0);
	assert_int_equal(n_due(h, NOW + 100), 1);
	p.paused = true;
	subscribed(h, &p);
	assert_int_equal(n_due(h, NOW + 100), 0);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, history_setup, history_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_channel_is_made_replaced_and_refused_when_it_exists),
		RULE(channels_of_two_teams_may_share_a_name_and_nothing_else),
		RULE(a_channel_in_use_is_not_deleted),
		RULE(a_missing_list_or_channel_is_named),
		RULE(another_teams_list_and_channel_cannot_be_subscribed),
		RULE(a_new_subscription_begins_now),
		RULE(replacing_keeps_the_cursor_unless_the_list_is_another),
		RULE(channels_of_a_subscription_are_replaced_as_a_whole),
		RULE(a_subscription_is_due_when_an_event_lies_behind_its_cursor),
		RULE(another_teams_event_makes_nobody_else_due),
		RULE(a_paused_and_a_scheduled_subscription_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
