/* SPDX-License-Identifier: Apache-2.0 */
/* Channels over their life: confirmed, in trouble, told of, sealed; and people behind
 * addresses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/seal.h"
#include "core/str.h"
#include "unit/store/history.h"

#define NOW    1800000000
#define CONFIG "{\"url\":\"https://example.org/s3cret\"}"

struct rig {
	struct history *h;
	struct scope scope;
	int64_t hook, other;
};

static int64_t
channel(struct history *h, struct scope scope, const char *name)
{
	const struct channel_put p = { .name = name,
		.type = "webhook",
		.config_json = CONFIG,
		.actor = "test",
		.now_at = NOW };
	struct err e = ERR_INIT;
	int64_t id = 0;
	bool created;

	if (store_channel_put(h->st, scope, &p, &id, &created, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return id;
}

static struct rig
rig_of(void **state)
{
	static const char *const channels[] = { "hook", "other", NULL };
	struct rig r = { .h = *state };
	const struct subscription_put p = { .name = "news",
		.list = "web",
		.definition_json = "{}",
		.channels = channels,
		.actor = "test",
		.now_at = NOW };
	struct err e = ERR_INIT;
	int64_t id;
	bool created;

	r.scope.team_id = r.h->team_id;
	r.hook = channel(r.h, r.scope, "hook");
	r.other = channel(r.h, r.scope, "other");
	if (store_subscription_put(r.h->st, r.scope, &p, &id, &created, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return r;
}

static void
must(enum err_code rc, const struct err *e)
{
	if (rc != ERR_OK)
		fail_msg("%s", e->text);
}

/* A message to RECIPIENT through the first channel, as a test of it. */
static void
post(struct rig *r, const char *id, const char *recipient)
{
	const struct message_new m = { .id = id,
		.channel_id = r->hook,
		.recipient = recipient,
		.subject = "s",
		.body = "b",
		.body_len = 1 };
	struct err e = ERR_INIT;

	must(
	    store_outbox_test(r->h->st, r->scope, r->hook, &m, 1, "test", NOW, &e), &e);
}

static void
came(struct rig *r, const char *id, int64_t at, enum delivery_result result,
    int64_t next_at, bool unproven)
{
	const struct delivery_new d = { .message_id = id,
		.at = at,
		.result = result,
		.error = result == DELIVERY_ACCEPTED ? NULL : "HTTP 503",
		.next_at = next_at,
		.unproven = unproven };
	struct err e = ERR_INIT;

	must(store_outbox_result(r->h->st, &d, &e), &e);
}

static struct channel_row
look(struct rig *r)
{
	struct channel_row ch;
	struct err e = ERR_INIT;

	must(store_channel(r->h->st, r->scope, r->hook, NULL, r->h->a, &ch, &e), &e);
	return ch;
}

static size_t
alarmed(struct rig *r)
{
	struct channel_row *rows;
	struct err e = ERR_INIT;
	size_t n = 0;

	must(store_channels_alarmed(r->h->st, r->h->a, &rows, &n, &e), &e);
	return n;
}

/* ---- confirmed ---- */

static void
what_proves_nothing_leaves_a_channel_unverified_until_somebody_confirms(void **state)
{
	struct rig r = rig_of(state);
	struct err e = ERR_INIT;

	post(&r, "m1", "");
	came(&r, "m1", NOW, DELIVERY_ACCEPTED, 0, true);
	assert_int_equal(look(&r).state, CHANNEL_UNVERIFIED);
	assert_int_equal(look(&r).last_success_at, NOW);
	must(store_channel_confirm(r.h->st, r.hook, "link", NOW + 9, &e), &e);
	assert_int_equal(look(&r).state, CHANNEL_VERIFIED);
	assert_int_equal(look(&r).verified_at, NOW + 9);
	/* and it stays so, also after trouble */
	post(&r, "m2", "");
	for (int i = 0; i < 3; i++)
		came(&r, "m2", NOW + 10 + i, DELIVERY_RETRY, NOW + 20, false);
	assert_int_equal(look(&r).state, CHANNEL_FAILING);
	came(&r, "m2", NOW + 30, DELIVERY_ACCEPTED, 0, true);
	assert_int_equal(look(&r).state, CHANNEL_VERIFIED);
	assert_int_equal(
	    store_channel_confirm(r.h->st, 999, "link", NOW, &e), ERR_NOTFOUND);
}

/* ---- told of ---- */

static void
short_trouble_is_told_to_nobody(void **state)
{
	struct rig r = rig_of(state);

	post(&r, "m1", "");
	for (int i = 0; i < 5; i++)
		came(&r, "m1", NOW + 60 * i, DELIVERY_RETRY, NOW + 600, false);
	assert_int_equal(look(&r).failing_since, NOW);
	assert_int_equal(alarmed(&r), 0);
	came(&r, "m1", NOW + 500, DELIVERY_ACCEPTED, 0, false);
	assert_int_equal(look(&r).failing_since, 0);
	assert_int_equal(alarmed(&r), 0);
}

static void
tell(struct rig *r, enum channel_alarm alarm, const char *id)
{
	const struct message_new m = { .id = id,
		.channel_id = r->other,
		.recipient = "",
		.subject = "s",
		.body = "b",
		.body_len = 1 };
	struct err e = ERR_INIT;

	must(store_outbox_alarm(r->h->st, r->hook, alarm, &m, 1, NOW, &e), &e);
	assert_int_equal(
	    store_outbox_alarm(r->h->st, r->hook, alarm, &m, 1, NOW, &e), ERR_CONFLICT);
}

static void
long_trouble_is_told_once_and_its_end_once(void **state)
{
	struct rig r = rig_of(state);
	struct channel_row *friends;
	struct err e = ERR_INIT;
	size_t n = 0;

	post(&r, "m1", "");
	came(&r, "m1", NOW, DELIVERY_RETRY, NOW + 700, false);
	came(&r, "m1", NOW + 700, DELIVERY_RETRY, NOW + 800, false);
	assert_int_equal(alarmed(&r), 1);
	must(store_channel_friends(r.h->st, r.hook, r.h->a, &friends, &n, &e), &e);
	assert_int_equal(n, 1);
	assert_string_equal(friends[0].name, "other");
	tell(&r, ALARM_DUE, "a1");
	assert_int_equal(alarmed(&r), 0);
	came(&r, "m1", NOW + 800, DELIVERY_RETRY, NOW + 900, false);
	assert_int_equal(alarmed(&r), 0);
	came(&r, "m1", NOW + 900, DELIVERY_ACCEPTED, 0, false);
	assert_int_equal(look(&r).alarm, ALARM_OVER_DUE);
	tell(&r, ALARM_OVER_DUE, "a2");
	assert_int_equal(look(&r).alarm, ALARM_NONE);
}

static void
a_dead_letter_and_a_gone_receiver_are_told_at_once(void **state)
{
	struct rig r = rig_of(state);
	struct err e = ERR_INIT;

	post(&r, "m1", "");
	came(&r, "m1", NOW, DELIVERY_FAILED, 0, false);
	assert_int_equal(alarmed(&r), 1);
	must(store_channel_enable(r.h->st, r.scope, r.hook, "test", NOW, &e), &e);
	assert_int_equal(alarmed(&r), 0);
	post(&r, "m2", "");
	came(&r, "m2", NOW, DELIVERY_DISABLE, 0, false);
	assert_int_equal(look(&r).state, CHANNEL_DISABLED);
	assert_int_equal(alarmed(&r), 1);
	must(store_channel_enable(r.h->st, r.scope, r.hook, "test", NOW, &e), &e);
	assert_int_equal(look(&r).state, CHANNEL_UNVERIFIED);
}

static void
dead_letters_are_replayed_since_a_time(void **state)
{
	struct rig r = rig_of(state);
	const struct scope others = { .team_id = h_team(r.h, "blue") };
	struct err e = ERR_INIT;
	size_t n = 0;

	for (int i = 0; i < 3; i++) {
		const char *id = arena_printf(r.h->a, "m%d", i);

		post(&r, id, "");
		came(&r, id, NOW + i, DELIVERY_FAILED, 0, false);
	}
	must(store_messages_replay(r.h->st, others, 0, 0, 0, "test", NOW + 9, &n, &e),
	    &e);
	assert_int_equal(n, 0);
	must(store_messages_replay(
		 r.h->st, r.scope, r.other, 0, 0, "test", NOW + 9, &n, &e),
	    &e);
	assert_int_equal(n, 0);
	must(store_messages_replay(
		 r.h->st, r.scope, r.hook, 0, NOW + 1, "test", NOW + 9, &n, &e),
	    &e);
	assert_int_equal(n, 2);
}

/* ---- people ---- */

static enum err_code
take(struct rig *r, int64_t now_at, struct message_row *m, int64_t *next_at)
{
	struct channel_row ch;
	struct err e = ERR_INIT;

	return store_outbox_take(r->h->st, now_at, 60, r->h->a, m, &ch, next_at, &e);
}

static void
what_goes_to_an_address_waits_for_its_yes(void **state)
{
	struct rig r = rig_of(state);
	const struct message_new question = { .id = "q",
		.channel_id = r.hook,
		.recipient = "a@example.org",
		.subject = "s",
		.body = "b",
		.body_len = 1 };
	struct message_row m;
	struct err e = ERR_INIT;
	const char **open;
	int64_t next_at = 7;
	size_t n = 0;
	bool is_new;

	must(store_address_ask(
		 r.h->st, r.scope.team_id, "a@example.org", NOW, &is_new, &e),
	    &e);
	assert_true(is_new);
	post(&r, "m1", "a@example.org");
	assert_int_equal(take(&r, NOW, &m, &next_at), ERR_NOTFOUND);
	assert_int_equal(next_at, 0); /* nothing to wake up for */
	must(
	    store_outbox_question(r.h->st, r.scope, r.hook, &question, 1, NOW, &e), &e);
	assert_int_equal(take(&r, NOW, &m, &next_at), ERR_OK);
	assert_string_equal(m.id, "q");
	came(&r, "q", NOW, DELIVERY_ACCEPTED, 0, false);
	must(store_addresses_open(r.h->st, r.scope.team_id, r.h->a, &open, &n, &e), &e);
	assert_int_equal(n, 1);
	/* asked again only after an hour */
	must(store_address_ask(
		 r.h->st, r.scope.team_id, "a@example.org", NOW + 60, &is_new, &e),
	    &e);
	assert_false(is_new);
	must(store_address_ask(
		 r.h->st, r.scope.team_id, "a@example.org", NOW + 3600, &is_new, &e),
	    &e);
	assert_true(is_new);
	must(store_address_confirm(
		 r.h->st, r.scope.team_id, "a@example.org", NOW + 3700, &e),
	    &e);
	assert_int_equal(take(&r, NOW + 3700, &m, &next_at), ERR_OK);
	assert_string_equal(m.id, "m1");
	assert_int_equal(store_address_confirm(
			     r.h->st, h_team(r.h, "blue"), "a@example.org", NOW, &e),
	    ERR_NOTFOUND);
}

static void
who_unsubscribes_may_come_back(void **state)
{
	struct rig r = rig_of(state);
	struct subscription_row s;
	const char **off;
	struct err e = ERR_INIT;
	size_t n = 0;

	must(store_subscription(r.h->st, r.scope, 0, "news", r.h->a, &s, &e), &e);
	for (int i = 0; i < 2; i++) /* twice is once */
		must(store_unsubscribe(r.h->st, s.id, "a@example.org", true, NOW, &e),
		    &e);
	must(store_unsubscribed(r.h->st, s.id, r.h->a, &off, &n, &e), &e);
	assert_int_equal(n, 1);
	assert_string_equal(off[0], "a@example.org");
	must(store_unsubscribe(r.h->st, s.id, "a@example.org", false, NOW, &e), &e);
	must(store_unsubscribed(r.h->st, s.id, r.h->a, &off, &n, &e), &e);
	assert_int_equal(n, 0);
	/* a subscription that is gone takes nobody */
	must(store_unsubscribe(r.h->st, 999, "a@example.org", true, NOW, &e), &e);
	must(store_unsubscribed(r.h->st, 999, r.h->a, &off, &n, &e), &e);
	assert_int_equal(n, 0);
}

/* ---- news ---- */

static void
a_feed_keeps_its_newest_hundred_behind_its_newest_address(void **state)
{
	static const unsigned char first[32] = { 1 }, second[32] = { 2 };
	struct rig r = rig_of(state);
	const struct scope others = { .team_id = h_team(r.h, "blue") };
	struct subscription_row s, found;
	struct news_row *rows;
	struct err e = ERR_INIT;
	size_t n = 0;

	must(store_subscription(r.h->st, r.scope, 0, "news", r.h->a, &s, &e), &e);
	assert_null(s.news_tail);
	must(store_news_feed(r.h->st, r.scope, s.id, first, "abcd", "test", NOW, &e),
	    &e);
	assert_int_equal(
	    store_news_feed(r.h->st, others, s.id, second, "x", "test", NOW, &e),
	    ERR_NOTFOUND);
	for (int64_t i = 1; i <= 105; i++) {
		const struct message_new m = { .id = arena_printf(
						   r.h->a, "n%lld", (long long)i),
			.recipient = "",
			.subject = "title",
			.body = "text",
			.body_len = 4 };

		must(store_outbox_put(r.h->st, s.id, s.cursor_seq + i - 1,
			 s.cursor_seq + i, 0, &m, 1, NOW + i, &e),
		    &e);
	}
	must(store_news_feed_find(r.h->st, first, r.h->a, &found, &e), &e);
	assert_string_equal(found.name, "news");
	assert_string_equal(found.news_tail, "abcd");
	must(store_news(r.h->st, s.id, r.h->a, &rows, &n, &e), &e);
	assert_int_equal(n, 100);
	assert_string_equal(rows[0].id, "n105");
	assert_string_equal(rows[99].id, "n6");
	assert_string_equal(rows[0].text, "text");
	must(store_news_feed(r.h->st, r.scope, s.id, second, "efgh", "test", NOW, &e),
	    &e);
	assert_int_equal(
	    store_news_feed_find(r.h->st, first, r.h->a, &found, &e), ERR_NOTFOUND);
	must(store_news_feed(r.h->st, r.scope, s.id, NULL, NULL, "test", NOW, &e), &e);
	must(store_news(r.h->st, s.id, r.h->a, &rows, &n, &e), &e);
	assert_int_equal(n, 0);
}

/* ---- sealed ---- */

static const char *
raw_config(struct rig *r)
{
	struct query *q = query(r->h->st, STMT_CHANNEL_BY_ID);
	const char *text;
	struct err e = ERR_INIT;

	bind_int(q, 1, r->scope.team_id);
	bind_int(q, 2, r->hook);
	must(query_one(q, &e), &e);
	text = col_dup(q, 5, r->h->a);
	query_done(q);
	return text;
}

static void
configurations_are_sealed_those_that_lie_there_too(void **state)
{
	struct rig r = rig_of(state);
	char path[] = "/tmp/tocsin-seal-XXXXXX";
	struct seal *seal = NULL, *another = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	assert_non_null(mkdtemp(path));
	must(seal_load(&seal, arena_printf(r.h->a, "%s/a", path), &e), &e);
	must(seal_load(&another, arena_printf(r.h->a, "%s/b", path), &e), &e);
	assert_string_equal(raw_config(&r), CONFIG);
	must(store_use_seal(r.h->st, seal, &n, &e), &e);
	assert_int_equal(n, 2);
	assert_true(str_starts(raw_config(&r), "sealed:1:"));
	assert_null(strstr(raw_config(&r), "s3cret"));
	assert_string_equal(look(&r).config_json, CONFIG);
	must(store_use_seal(r.h->st, seal, &n, &e), &e);
	assert_int_equal(n, 0);
	must(store_channel_config(r.h->st, r.scope, r.hook, "{\"url\":\"n3w\"}",
		 "channel.rotated", "test", NOW, &e),
	    &e);
	assert_null(strstr(raw_config(&r), "n3w"));
	assert_string_equal(look(&r).config_json, "{\"url\":\"n3w\"}");
	/* without the key it stays closed, and the rest of the row is there */
	must(store_use_seal(r.h->st, another, &n, &e), &e);
	assert_true(look(&r).is_closed);
	assert_string_equal(look(&r).config_json, "{}");
	assert_string_equal(look(&r).name, "hook");
	r.h->st->options.seal = NULL;
	assert_true(look(&r).is_closed);
	seal_free(seal);
	seal_free(another);
	(void)unlink(arena_printf(r.h->a, "%s/a", path));
	(void)unlink(arena_printf(r.h->a, "%s/b", path));
	(void)rmdir(path);
}

#define RULE(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, history_setup, history_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(
		    what_proves_nothing_leaves_a_channel_unverified_until_somebody_confirms),
		RULE(short_trouble_is_told_to_nobody),
		RULE(long_trouble_is_told_once_and_its_end_once),
		RULE(a_dead_letter_and_a_gone_receiver_are_told_at_once),
		RULE(dead_letters_are_replayed_since_a_time),
		RULE(what_goes_to_an_address_waits_for_its_yes),
		RULE(who_unsubscribes_may_come_back),
		RULE(a_feed_keeps_its_newest_hundred_behind_its_newest_address),
		RULE(configurations_are_sealed_those_that_lie_there_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
