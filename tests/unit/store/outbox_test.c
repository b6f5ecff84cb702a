/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox from both ends: what is enqueued, what is taken, what becomes of it. */
#include <string.h>

#include "unit/store/history.h"

#define NOW 1800000000

struct post {
	struct history *h;
	struct scope scope;
	int64_t hook, mail; /* channels */
	int64_t news;       /* subscription, to both */
	int64_t from;       /* its cursor */
};

static int64_t
channel(struct history *h, struct scope scope, const char *name)
{
	const struct channel_put p = {
		.name = name,
		.type = "webhook",
		.config_json =
		    "{\"url\":\"https://example.org\",\"secret\":\"s3cret\"}",
		.actor = "test",
		.now_at = NOW,
	};
	struct err e = ERR_INIT;
	int64_t id = 0;
	bool created;

	if (store_channel_put(h->st, scope, &p, &id, &created, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return id;
}

static int64_t
subscribe(struct history *h, struct scope scope, const char *name, const char *list)
{
	const char *const channels[] = { "hook", "mail", NULL };
	const struct subscription_put p = {
		.name = name,
		.list = list,
		.definition_json = "{\"schedule\":\"immediate\"}",
		.channels = channels,
		.actor = "test",
		.now_at = NOW,
	};
	struct err e = ERR_INIT;
	int64_t id = 0;
	bool created;

	if (store_subscription_put(h->st, scope, &p, &id, &created, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return id;
}

static struct subscription_row
subscription(const struct post *p)
{
	struct subscription_row s = { 0 };
	struct err e = ERR_INIT;

	if (store_subscription(p->h->st, p->scope, p->news, NULL, p->h->a, &s, &e) !=
	    ERR_OK)
		fail_msg("%s", e.text);
	return s;
}

static struct post
post_of(void **state)
{
	struct history *h = *state;
	struct post p = { .h = h, .scope = { .team_id = h->team_id } };

	p.hook = channel(h, p.scope, "hook");
	p.mail = channel(h, p.scope, "mail");
	p.news = subscribe(h, p.scope, "news", "web");
	p.from = subscription(&p).cursor_seq;
	return p;
}

#define POST(p, state)                                                                 \
	struct post p = post_of(state);                                                \
	struct history *h = (p).h;                                                     \
	struct err e = ERR_INIT

static enum err_code
put_at(struct post *p, int64_t from, int64_t to, int64_t now_at, const char *id,
    int64_t channel_id)
{
	struct err e = ERR_INIT;
	const struct message_new m = {
		.id = id,
		.channel_id = channel_id,
		.recipient = "",
		.subject = "1 new",
		.body = "{\"hello\":\"world\"}",
		.body_len = strlen("{\"hello\":\"world\"}"),
	};

	return store_outbox_put(p->h->st, p->news, from, to, 0, &m, 1, now_at, &e);
}

static enum err_code
put(struct post *p, int64_t from, int64_t to, const char *id)
{
	return put_at(p, from, to, NOW, id, p->hook);
}

static enum err_code
take(struct post *p, int64_t now_at, struct message_row *m, struct channel_row *ch,
    int64_t *next_at)
{
	struct err e = ERR_INIT;

	return store_outbox_take(p->h->st, now_at, 60, p->h->a, m, ch, next_at, &e);
}

static void
result(struct post *p, const char *id, int64_t at, enum delivery_result r,
    int64_t next_at, int64_t channel_retry_at)
{
	const struct delivery_new d = {
		.message_id = id,
		.at = at,
		.duration_ms = 12,
		.result = r,
		.status = r == DELIVERY_ACCEPTED ? 200 : 503,
		.error = r == DELIVERY_ACCEPTED ? NULL : "HTTP 503",
		.next_at = next_at,
		.channel_retry_at = channel_retry_at,
	};
	struct err e = ERR_INIT;

	if (store_outbox_result(p->h->st, &d, &e) != ERR_OK)
		fail_msg("%s", e.text);
}

static struct message_row
message(struct post *p, const char *id, size_t *ret_deliveries)
{
	struct message_row m = { 0 };
	struct delivery_row *d;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (store_message(p->h->st, p->scope, id, p->h->a, &m, &d, &n, &e) != ERR_OK)
		fail_msg("%s", e.text);
	if (ret_deliveries != NULL)
		*ret_deliveries = n;
	return m;
}

static struct channel_row
channel_now(struct post *p, int64_t id)
{
	struct channel_row ch = { 0 };
	struct err e = ERR_INIT;

	if (store_channel(p->h->st, p->scope, id, NULL, p->h->a, &ch, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return ch;
}

/* ---- putting in ---- */

static void
messages_and_the_cursor_move_together(void **state)
{
	POST(p, state);
	size_t n;

	(void)e;
	assert_int_equal(put(&p, p.from, p.from + 5, "msg_1"), ERR_OK);
	assert_int_equal(subscription(&p).cursor_seq, p.from + 5);
	assert_string_equal(message(&p, "msg_1", &n).body, "{\"hello\":\"world\"}");
	assert_int_equal(n, 0);
	assert_int_equal(message(&p, "msg_1", NULL).first_seq, p.from);
	assert_int_equal(message(&p, "msg_1", NULL).last_seq, p.from + 5);
	(void)h;
}

static void
a_second_try_after_a_kill_enqueues_nothing_twice(void **state)
{
	POST(p, state);
	struct message_row *rows;
	const struct message_filter all = { .state = -1, .limit = 10 };
	size_t n = 0;

	assert_int_equal(put(&p, p.from, p.from + 5, "msg_1"), ERR_OK);
	/* The same work once more, as after a restart that did not know. */
	assert_int_equal(put(&p, p.from, p.from + 5, "msg_1"), ERR_CONFLICT);
	assert_int_equal(put(&p, p.from, p.from + 7, "msg_2"), ERR_CONFLICT);
	assert_int_equal(
	    store_messages(h->st, p.scope, &all, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(subscription(&p).cursor_seq, p.from + 5);
}

static void
a_message_that_cannot_be_put_leaves_the_cursor_where_it_was(void **state)
{
	POST(p, state);
	const struct message_new two[] = {
		{ .id = "msg_1",
		    .channel_id = p.hook,
		    .subject = "s",
		    .body = "b",
		    .body_len = 1 },
		{ .id = "msg_1",
		    .channel_id = p.mail,
		    .subject = "s",
		    .body = "b",
		    .body_len = 1 },
	};
	struct message_row m;
	struct delivery_row *d;
	size_t n;

	assert_int_not_equal(
	    store_outbox_put(h->st, p.news, p.from, p.from + 1, 0, two, 2, NOW, &e),
	    ERR_OK);
	assert_int_equal(subscription(&p).cursor_seq, p.from);
	assert_int_equal(
	    store_message(h->st, p.scope, "msg_1", h->a, &m, &d, &n, &e), ERR_NOTFOUND);
}

static void
message_ids_are_unique_over_all_teams(void **state)
{
	POST(p, state);
	int64_t blue_id = h_team(h, "blue"), blue_news, hook;
	const struct scope blue = { .team_id = blue_id };
	struct message_new m = {
		.id = "msg_1", .subject = "s", .body = "b", .body_len = 1
	};
	int64_t from = h_seq(h);

	(void)h_list(h, blue_id, "web");
	hook = channel(h, blue, "hook");
	(void)channel(h, blue, "mail");
	blue_news = subscribe(h, blue, "news", "web");
	from = h_seq(h) - 1;
	m.channel_id = hook;
	assert_int_equal(put(&p, p.from, p.from + 1, "msg_1"), ERR_OK);
	assert_int_not_equal(
	    store_outbox_put(h->st, blue_news, from, from + 1, 0, &m, 1, NOW, &e),
	    ERR_OK);
}

static void
a_cursor_moves_without_a_message_too(void **state)
{
	POST(p, state);

	assert_int_equal(store_outbox_put(h->st, p.news, p.from, p.from + 3, NOW + 60,
			     NULL, 0, NOW, &e),
	    ERR_OK);
	assert_int_equal(subscription(&p).cursor_seq, p.from + 3);
	assert_int_equal(subscription(&p).next_at, NOW + 60);
}

static void
a_cursor_never_moves_back(void **state)
{
	POST(p, state);

	assert_int_equal(
	    store_outbox_put(h->st, p.news, p.from, p.from - 1, 0, NULL, 0, NOW, &e),
	    ERR_BUG);
}

static void
a_message_through_another_teams_channel_is_refused(void **state)
{
	POST(p, state);
	const struct scope blue = { .team_id = h_team(h, "blue") };
	int64_t hers = channel(h, blue, "hook");

	(void)e;
	assert_int_equal(
	    put_at(&p, p.from, p.from + 1, NOW, "msg_1", hers), ERR_NOTFOUND);
	assert_int_equal(subscription(&p).cursor_seq, p.from);
}

static void
tests_of_a_channel_may_be_repeated(void **state)
{
	POST(p, state);
	struct message_new m = {
		.id = "msg_t1",
		.channel_id = p.hook,
		.recipient = "",
		.subject = "a test",
		.body = "b",
		.body_len = 1,
	};

	assert_int_equal(
	    store_outbox_test(h->st, p.scope, p.hook, &m, 1, "ann", NOW, &e), ERR_OK);
	m.id = "msg_t2";
	assert_int_equal(
	    store_outbox_test(h->st, p.scope, p.hook, &m, 1, "ann", NOW, &e), ERR_OK);
	assert_null(message(&p, "msg_t2", NULL).subscription);
	assert_int_equal(message(&p, "msg_t2", NULL).subscription_id, 0);
}

/* ---- taking out ---- */

static void
the_oldest_due_message_is_taken_with_its_channel(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	(void)h;
	(void)e;
	assert_int_equal(put_at(&p, p.from, p.from + 1, NOW, "msg_b", p.hook), ERR_OK);
	assert_int_equal(
	    put_at(&p, p.from + 1, p.from + 2, NOW + 1, "msg_a", p.mail), ERR_OK);
	assert_int_equal(take(&p, NOW + 5, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_b");
	assert_int_equal(m.attempt, 1);
	assert_string_equal(m.body, "{\"hello\":\"world\"}");
	assert_int_equal(ch.id, p.hook);
	assert_non_null(strstr(ch.config_json, "s3cret"));
	assert_int_equal(take(&p, NOW + 5, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_a");
	assert_int_equal(take(&p, NOW + 5, &m, &ch, &next_at), ERR_NOTFOUND);
}

static void
one_message_of_a_channel_is_under_way_at_a_time(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at = 0;

	(void)h;
	(void)e;
	put(&p, p.from, p.from + 1, "msg_1");
	put(&p, p.from + 1, p.from + 2, "msg_2");
	assert_int_equal(take(&p, NOW, &m, &ch, &next_at), ERR_OK);
	assert_int_equal(take(&p, NOW, &m, &ch, &next_at), ERR_NOTFOUND);
	assert_int_equal(next_at, NOW + 60);
	result(&p, "msg_1", NOW + 1, DELIVERY_ACCEPTED, 0, 0);
	assert_int_equal(take(&p, NOW + 1, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_2");
}

static void
a_delivery_cut_off_by_a_crash_is_tried_again_with_the_same_id(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;
	size_t n;

	(void)h;
	(void)e;
	put(&p, p.from, p.from + 1, "msg_1");
	assert_int_equal(take(&p, NOW, &m, &ch, &next_at), ERR_OK);
	/* No result: the process was killed.  The lease is respected, then it goes on. */
	assert_int_equal(take(&p, NOW + 59, &m, &ch, &next_at), ERR_NOTFOUND);
	assert_int_equal(take(&p, NOW + 60, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_1");
	assert_int_equal(m.attempt, 2);
	result(&p, "msg_1", NOW + 61, DELIVERY_ACCEPTED, 0, 0);
	assert_int_equal(message(&p, "msg_1", &n).attempt, 2);
	assert_int_equal(n, 1); /* the first attempt has no row: that is how it shows */
}

/* Whoever starts the service on the store is alone: what was under way is tried at once. */
static void
a_new_start_does_not_wait_for_the_leases_of_the_dead(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	put(&p, p.from, p.from + 1, "msg_1");
	assert_int_equal(take(&p, NOW, &m, &ch, &next_at), ERR_OK);
	assert_int_equal(store_outbox_release(h->st, &e), ERR_OK);
	assert_int_equal(take(&p, NOW + 1, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_1");
	assert_int_equal(m.attempt, 2);
}

static void
nothing_due_says_when_to_look_again(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at = 7;

	(void)h;
	(void)e;
	assert_int_equal(take(&p, NOW, &m, &ch, &next_at), ERR_NOTFOUND);
	assert_int_equal(next_at, 0);
	put(&p, p.from, p.from + 1, "msg_1");
	assert_int_equal(take(&p, NOW, &m, &ch, &next_at), ERR_OK);
	result(&p, "msg_1", NOW + 1, DELIVERY_RETRY, NOW + 31, 0);
	assert_int_equal(take(&p, NOW + 30, &m, &ch, &next_at), ERR_NOTFOUND);
	assert_int_equal(next_at, NOW + 31);
	assert_int_equal(take(&p, NOW + 31, &m, &ch, &next_at), ERR_OK);
}

/* ---- results ---- */

static void
an_accepted_message_verifies_its_channel(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	(void)h;
	(void)e;
	put(&p, p.from, p.from + 1, "msg_1");
	assert_int_equal(channel_now(&p, p.hook).state, CHANNEL_UNVERIFIED);
	take(&p, NOW, &m, &ch, &next_at);
	result(&p, "msg_1", NOW + 2, DELIVERY_ACCEPTED, 0, 0);
	ch = channel_now(&p, p.hook);
	assert_int_equal(ch.state, CHANNEL_VERIFIED);
	assert_int_equal(ch.failures, 0);
	assert_int_equal(ch.last_success_at, NOW + 2);
	m = message(&p, "msg_1", NULL);
	assert_int_equal(m.state, MESSAGE_ACCEPTED);
	assert_int_equal(m.finished_at, NOW + 2);
	assert_int_equal(m.last_status, 200);
}

static void
three_failures_in_a_row_make_a_channel_failing_one_success_mends_it(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	(void)h;
	(void)e;
	put(&p, p.from, p.from + 1, "msg_1");
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(take(&p, NOW + 10 * i, &m, &ch, &next_at), ERR_OK);
		result(&p, "msg_1", NOW + 10 * i, DELIVERY_RETRY, NOW + 10 * i + 5, 0);
		ch = channel_now(&p, p.hook);
		assert_int_equal(ch.failures, i);
		assert_int_equal(
		    ch.state, i < 3 ? CHANNEL_UNVERIFIED : CHANNEL_FAILING);
	}
	assert_string_equal(ch.last_error, "HTTP 503");
	take(&p, NOW + 50, &m, &ch, &next_at);
	assert_int_equal(m.attempt, 4);
	result(&p, "msg_1", NOW + 50, DELIVERY_ACCEPTED, 0, 0);
	ch = channel_now(&p, p.hook);
	assert_int_equal(ch.state, CHANNEL_VERIFIED);
	assert_int_equal(ch.failures, 0);
	assert_null(ch.last_error);
}

static void
a_channel_that_rests_holds_its_messages_but_not_the_others(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	(void)h;
	(void)e;
	put(&p, p.from, p.from + 1, "msg_1");
	put(&p, p.from + 1, p.from + 2, "msg_2");
	take(&p, NOW, &m, &ch, &next_at);
	result(&p, "msg_1", NOW, DELIVERY_RETRY, NOW + 5, NOW + 90);
	assert_int_equal(take(&p, NOW + 60, &m, &ch, &next_at), ERR_NOTFOUND);
	assert_int_equal(next_at, NOW + 90);
	put_at(&p, p.from + 2, p.from + 3, NOW, "msg_3", p.mail);
	assert_int_equal(take(&p, NOW + 60, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_3");
	assert_int_equal(take(&p, NOW + 90, &m, &ch, &next_at), ERR_OK);
}

static void
given_up_is_a_dead_letter_that_can_be_replayed_under_its_id(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	put(&p, p.from, p.from + 1, "msg_1");
	take(&p, NOW, &m, &ch, &next_at);
	result(&p, "msg_1", NOW, DELIVERY_RETRY, 0, 0); /* no more tries */
	assert_int_equal(message(&p, "msg_1", NULL).state, MESSAGE_FAILED);
	assert_int_equal(take(&p, NOW + 9999, &m, &ch, &next_at), ERR_NOTFOUND);
	assert_int_equal(
	    store_message_replay(h->st, p.scope, "msg_1", "ann", NOW + 100, &e),
	    ERR_OK);
	assert_int_equal(take(&p, NOW + 100, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_1");
	assert_int_equal(m.attempt, 2);
	/* While it is under way it cannot be replayed. */
	assert_int_equal(
	    store_message_replay(h->st, p.scope, "msg_1", "ann", NOW + 101, &e),
	    ERR_CONFLICT);
}

static void
a_dead_letter_without_a_channel_stays_dead(void **state)
{
	POST(p, state);

	put(&p, p.from, p.from + 1, "msg_1");
	assert_int_equal(
	    store_subscription_delete(h->st, p.scope, p.news, "ann", NOW, &e), ERR_OK);
	assert_int_equal(
	    store_channel_delete(h->st, p.scope, p.hook, "ann", NOW, &e), ERR_OK);
	assert_int_equal(message(&p, "msg_1", NULL).state, MESSAGE_FAILED);
	assert_int_equal(
	    store_message_replay(h->st, p.scope, "msg_1", "ann", NOW + 1, &e),
	    ERR_CONFLICT);
	assert_int_equal(message(&p, "msg_1", NULL).state, MESSAGE_FAILED);
}

static void
a_receiver_that_is_gone_stops_its_channel(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	(void)h;
	(void)e;
	put(&p, p.from, p.from + 1, "msg_1");
	put(&p, p.from + 1, p.from + 2, "msg_2");
	take(&p, NOW, &m, &ch, &next_at);
	result(&p, "msg_1", NOW, DELIVERY_DISABLE, 0, 0);
	assert_int_equal(channel_now(&p, p.hook).state, CHANNEL_DISABLED);
	assert_int_equal(message(&p, "msg_1", NULL).state, MESSAGE_FAILED);
	assert_int_equal(take(&p, NOW + 9999, &m, &ch, &next_at), ERR_NOTFOUND);
	assert_int_equal(next_at, 0);
	/* Written anew it is tried anew, with what waited. */
	assert_int_equal(channel(p.h, p.scope, "hook"), p.hook);
	assert_int_equal(take(&p, NOW + 9999, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_2");
}

static void
trouble_with_the_configuration_keeps_the_message_and_shows_at_once(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	(void)h;
	(void)e;
	put(&p, p.from, p.from + 1, "msg_1");
	take(&p, NOW, &m, &ch, &next_at);
	result(&p, "msg_1", NOW, DELIVERY_CONFIG, NOW + 3600, 0);
	assert_int_equal(channel_now(&p, p.hook).state, CHANNEL_FAILING);
	assert_string_equal(channel_now(&p, p.hook).last_error, "HTTP 503");
	assert_int_equal(message(&p, "msg_1", NULL).state, MESSAGE_RETRY);
	/* Mended: what waited an hour goes now. */
	channel(p.h, p.scope, "hook");
	assert_int_equal(take(&p, NOW + 10, &m, &ch, &next_at), ERR_OK);
	assert_string_equal(m.id, "msg_1");
}

static void
a_late_result_does_not_undo_an_accepted_one(void **state)
{
	POST(p, state);
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	(void)h;
	(void)e;
	put(&p, p.from, p.from + 1, "msg_1");
	take(&p, NOW, &m, &ch, &next_at);
	take(&p, NOW + 60, &m, &ch, &next_at); /* another process, after the lease */
	result(&p, "msg_1", NOW + 61, DELIVERY_ACCEPTED, 0, 0);
	result(&p, "msg_1", NOW + 62, DELIVERY_RETRY, NOW + 99, 0);
	assert_int_equal(message(&p, "msg_1", NULL).state, MESSAGE_ACCEPTED);
}

/* ---- looking ---- */

static void
messages_are_paged_newest_first_without_bodies(void **state)
{
	POST(p, state);
	struct message_filter f = { .state = -1, .limit = 2 };
	struct message_row *rows;
	size_t n = 0;

	for (int i = 0; i < 5; i++)
		assert_int_equal(put_at(&p, p.from + i, p.from + i + 1, NOW + i / 2,
				     arena_printf(h->a, "msg_%d", i), p.hook),
		    ERR_OK);
	assert_int_equal(
	    store_messages(h->st, p.scope, &f, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].id, "msg_4");
	assert_string_equal(rows[1].id, "msg_3");
	assert_null(rows[0].body);
	assert_string_equal(rows[0].channel, "hook");
	assert_string_equal(rows[0].subscription, "news");
	f.before_id = "msg_3";
	f.limit = 10;
	assert_int_equal(
	    store_messages(h->st, p.scope, &f, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].id, "msg_2");
	assert_string_equal(rows[2].id, "msg_0");
	f.channel_id = p.mail;
	assert_int_equal(
	    store_messages(h->st, p.scope, &f, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 0);
}

static void
another_team_sees_no_message(void **state)
{
	POST(p, state);
	const struct scope blue = { .team_id = h_team(h, "blue") };
	const struct message_filter all = { .state = -1, .limit = 10 };
	struct message_row *rows, m;
	struct delivery_row *d;
	size_t n = 1;

	put(&p, p.from, p.from + 1, "msg_1");
	assert_int_equal(
	    store_messages(h->st, blue, &all, h->a, &rows, &n, &e), ERR_OK);
	assert_int_equal(n, 0);
	assert_int_equal(
	    store_message(h->st, blue, "msg_1", h->a, &m, &d, &n, &e), ERR_NOTFOUND);
	assert_int_equal(
	    store_message_replay(h->st, blue, "msg_1", "eve", NOW, &e), ERR_NOTFOUND);
}

static void
figures_count_what_waits(void **state)
{
	POST(p, state);
	struct outbox_figures f;
	struct message_row m;
	struct channel_row ch;
	int64_t next_at;

	put_at(&p, p.from, p.from + 1, NOW, "msg_1", p.hook);
	put_at(&p, p.from + 1, p.from + 2, NOW + 5, "msg_2", p.mail);
	put_at(&p, p.from + 2, p.from + 3, NOW + 6, "msg_3", p.mail);
	take(&p, NOW + 7, &m, &ch, &next_at);
	result(&p, "msg_1", NOW + 7, DELIVERY_RETRY, NOW + 20, 0);
	take(&p, NOW + 8, &m, &ch, &next_at);
	result(&p, "msg_2", NOW + 8, DELIVERY_FAILED, 0, 0);
	assert_int_equal(store_outbox_figures(h->st, &f, &e), ERR_OK);
	assert_int_equal(f.pending, 1);
	assert_int_equal(f.retrying, 1);
	assert_int_equal(f.failed, 1);
	assert_int_equal(f.oldest_pending_at, NOW);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, history_setup, history_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(messages_and_the_cursor_move_together),
		RULE(a_second_try_after_a_kill_enqueues_nothing_twice),
		RULE(a_message_that_cannot_be_put_leaves_the_cursor_where_it_was),
		RULE(message_ids_are_unique_over_all_teams),
		RULE(a_cursor_moves_without_a_message_too),
		RULE(a_cursor_never_moves_back),
		RULE(a_message_through_another_teams_channel_is_refused),
		RULE(tests_of_a_channel_may_be_repeated),
		RULE(the_oldest_due_message_is_taken_with_its_channel),
		RULE(one_message_of_a_channel_is_under_way_at_a_time),
		RULE(a_delivery_cut_off_by_a_crash_is_tried_again_with_the_same_id),
		RULE(a_new_start_does_not_wait_for_the_leases_of_the_dead),
		RULE(nothing_due_says_when_to_look_again),
		RULE(an_accepted_message_verifies_its_channel),
		RULE(
		    three_failures_in_a_row_make_a_channel_failing_one_success_mends_it),
		RULE(a_channel_that_rests_holds_its_messages_but_not_the_others),
		RULE(given_up_is_a_dead_letter_that_can_be_replayed_under_its_id),
		RULE(a_dead_letter_without_a_channel_stays_dead),
		RULE(a_receiver_that_is_gone_stops_its_channel),
		RULE(
		    trouble_with_the_configuration_keeps_the_message_and_shows_at_once),
		RULE(a_late_result_does_not_undo_an_accepted_one),
		RULE(messages_are_paged_newest_first_without_bodies),
		RULE(another_team_sees_no_message),
		RULE(figures_count_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
