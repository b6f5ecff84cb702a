/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a feed's document to a message in the outbox, through everything in between.  The
 * subscriber is the simplest there is: it wants all of it, at once.
 */
#include <string.h>

#include "core/buf.h"
#include "world.h"

#define DEB(n, v)                                                                      \
	{                                                                              \
		.ecosystem = DEBIAN, .name = (n), .version = (v)                       \
	}

/* A list with every image, and the subscription "news" to it. */
static void
subscribe(struct world *w, int64_t team_id)
{
	const struct scope scope = { .team_id = team_id };
	const char *const channels[] = { "hook", NULL };
	const struct list_put list = {
		.name = "all",
		.selector_json = "{\"refs\":[\"**\"]}",
		.actor = "test",
		.now_at = w->now_at,
	};
	const struct channel_put channel = {
		.name = "hook",
		.type = "webhook",
		.config_json = "{}",
		.actor = "test",
		.now_at = w->now_at,
	};
	const struct subscription_put sub = {
		.name = "news",
		.list = "all",
		.definition_json = "{}",
		.channels = channels,
		.actor = "test",
		.now_at = w->now_at,
	};
	int64_t id;
	bool created;

	assert_ok(store_list_put(w->st, scope, &list, &id, &created, &w_err));
	assert_ok(store_channel_put(w->st, scope, &channel, &id, &created, &w_err));
	assert_ok(store_subscription_put(w->st, scope, &sub, &id, &created, &w_err));
}

static struct subscription_row
subscription(struct world *w, int64_t team_id)
{
	const struct scope scope = { .team_id = team_id };
	struct subscription_row s;

	assert_ok(store_subscription(w->st, scope, 0, "news", w->a, &s, &w_err));
	return s;
}

static struct changes
changes_of(struct world *w, const struct subscription_row *s, int64_t to)
{
	struct log_entry *entries = NULL;
	struct changes c = { 0 };
	int64_t *seqs;
	size_t n = 0;

	assert_ok(store_log(
	    w->st, s->team_id, s->cursor_seq, to, 10000, w->a, &entries, &n, &w_err));
	seqs = arena_array(w->a, n, sizeof(*seqs));
	for (size_t i = 0; i < n; i++)
		seqs[i] = entries[i].seq;
	assert_ok(store_changes(w->st, s->team_id, s->list_id, s->start_seq,
	    s->cursor_seq, to, seqs, n, w->a, &c, &w_err));
	return c;
}

/* "opened CVE-2024-1 (feed): api shop; moved api +1 -0; baseline 1 image, 2 findings" */
static const char *
text_of(struct world *w, const struct changes *c)
{
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 20);

	for (size_t i = 0; i < c->n_rows; i++) {
		const struct change_row *r = &c->rows[i];

		buf_printf(&b, "%s %s (%s):", change_kind_name(r->kind),
		    r->vulnerability, r->reason);
		for (size_t k = 0; k < r->n_listed; k++)
			buf_printf(&b, " %s", r->images[k].name);
		buf_adds(&b, "; ");
	}
	for (size_t i = 0; i < c->n_images; i++)
		buf_printf(&b, "%s %s +%lld -%lld; ",
		    event_kind_name(c->images[i].kind), c->images[i].image.name,
		    (long long)c->images[i].gained, (long long)c->images[i].lost);
	if (c->has_baseline)
		buf_printf(&b, "baseline %lld images %zu ecosystems %lld findings; ",
		    (long long)c->n_baseline_images, c->n_baseline_ecosystems,
		    (long long)c->baseline_counts.total);
	for (size_t i = 0; i < c->n_baseline_exploited; i++)
		buf_printf(
		    &b, "exploited %s; ", c->baseline_exploited[i].vulnerability);
	return arena_strdup(w->a, buf_str(&b));
}

/* Enqueue what S hears up to TO; false if somebody did already. */
static bool
enqueue(struct world *w, const struct subscription_row *s, int64_t to, const char *text)
{
	const struct message_new m = {
		.id = arena_printf(w->a, "msg_%lld_%lld_%lld", (long long)s->id,
		    (long long)s->cursor_seq, (long long)to),
		.channel_id = s->channel_ids[0],
		.recipient = "",
		.subject = "news",
		.body = text,
		.body_len = strlen(text),
	};
	enum err_code rc = store_outbox_put(
	    w->st, s->id, s->cursor_seq, to, 0, &m, text[0] != '\0', w->now_at, &w_err);

	if (rc == ERR_CONFLICT)
		return false;
	assert_ok(rc);
	return true;
}

static const char *
news_of(struct world *w, int64_t team_id)
{
	struct subscription_row s = subscription(w, team_id);
	struct changes c;
	const char *text;
	int64_t to;

	assert_ok(store_now_seq(w->st, &to, &w_err));
	c = changes_of(w, &s, to);
	text = text_of(w, &c);
	assert_true(enqueue(w, &s, to, text));
	return text;
}

static const char *
news(struct world *w)
{
	return news_of(w, w->team_id);
}

/* Feeds are loaded, "api" and "shop" have openssl 5, "db" has bash 1; all is told. */
static struct world *
running(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	(void)w_feed(w, "kev", "kev");
	(void)w_says(w, "unrelated", "CVE-2020-1", NULL);
	(void)w_run(w, "debian");
	(void)w_record(w, "kev", "kev", "CVE-2020-2");
	(void)w_run(w, "kev");
	subscribe(w, w->team_id);
	(void)w_put(w, "shop", "sha256:1", PKGS(DEB("openssl", "5")), NULL);
	(void)w_put(w, "api", "sha256:2", PKGS(DEB("openssl", "5")), NULL);
	(void)w_put(w, "db", "sha256:3", PKGS(DEB("bash", "1")), NULL);
	assert_string_equal(news(w), "baseline 3 images 0 ecosystems 0 findings; ");
	return w;
}

/* The next document of the feed has this as well. */
static void
debian_says(struct world *w, const char *package, const char *cve, const char *fixed)
{
	(void)w_says(w, "unrelated", "CVE-2020-1", NULL);
	(void)w_says(w, package, cve, fixed);
	assert_int_equal(w_run(w, "debian"), RUN_DONE);
}

static void
a_new_advisory_is_one_piece_of_news_and_none_the_second_time(void **state)
{
	struct world *w = running(state);

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	assert_string_equal(news(w), "opened CVE-2024-1 (feed): api shop; ");
	debian_says(w, "openssl", "CVE-2024-1", NULL);
	assert_string_equal(news(w), "");
}

static void
a_fix_its_change_and_its_arrival_in_an_image_are_told_each_once(void **state)
{
	struct world *w = running(state);

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	(void)news(w);
	debian_says(w, "openssl", "CVE-2024-1", "7");
	assert_string_equal(news(w), "fix_available CVE-2024-1 (feed): api shop; ");
	debian_says(w, "openssl", "CVE-2024-1", "8");
	assert_string_equal(news(w), "fix_changed CVE-2024-1 (feed): api shop; ");
	(void)w_put(w, "api", "sha256:22", PKGS(DEB("openssl", "8")), NULL);
	assert_string_equal(
	    news(w), "resolved CVE-2024-1 (image_moved): api; image.moved api +0 -1; ");
	debian_says(w, "openssl", "CVE-2024-1", "9");
	assert_string_equal(news(w), "opened CVE-2024-1 (feed): api; "
				     "fix_changed CVE-2024-1 (feed): shop; ");
}

static void
a_fix_that_the_image_has_already_closes_the_finding(void **state)
{
	struct world *w = running(state);

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	(void)news(w);
	debian_says(w, "openssl", "CVE-2024-1", "4");
	assert_string_equal(
	    news(w), "resolved CVE-2024-1 (fixed_by_range): api shop; ");
}

static void
opened_and_closed_between_two_messages_says_nothing(void **state)
{
	struct world *w = running(state);

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	debian_says(w, "openssl", "CVE-2024-1", "4");
	assert_string_equal(news(w), "");
}

static void
an_image_registered_between_the_event_and_the_message_is_baseline(void **state)
{
	struct world *w = running(state);

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	(void)w_put(w, "late", "sha256:4", PKGS(DEB("openssl", "5")), NULL);
	assert_string_equal(news(w), "opened CVE-2024-1 (feed): api shop; "
				     "baseline 1 images 0 ecosystems 1 findings; ");
	assert_string_equal(news(w), "");
}

static void
a_new_component_brings_its_findings_with_the_image(void **state)
{
	struct world *w = running(state);

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	(void)news(w);
	/* openssl 6 was in no image, so it is decided with the registration. */
	(void)w_put(
	    w, "db", "sha256:33", PKGS(DEB("bash", "1"), DEB("openssl", "6")), NULL);
	assert_string_equal(
	    news(w), "opened CVE-2024-1 (image_moved): db; image.moved db +1 -0; ");
}

static void
a_rebuild_that_fixes_nothing_says_only_that_it_moved(void **state)
{
	struct world *w = running(state);
	struct change_counts counts;

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	(void)news(w);
	(void)w_put(w, "api", "sha256:22", PKGS(DEB("openssl", "6")), &counts);
	assert_int_equal(counts.gained + counts.lost, 0);
	assert_string_equal(news(w), "image.moved api +0 -0; ");
}

static void
deleted_and_registered_again_is_baseline_deleted_alone_an_entry(void **state)
{
	struct world *w = running(state);
	const struct scope red = { .team_id = w->team_id };
	struct image_row api;

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	(void)news(w);
	assert_ok(store_image(w->st, red, 0, "api", w->a, &api, &w_err));
	assert_ok(store_image_delete(w->st, red, api.id, "test", w->now_at, &w_err));
	(void)w_put(w, "api", "sha256:2", PKGS(DEB("openssl", "5")), NULL);
	assert_string_equal(news(w), "baseline 1 images 0 ecosystems 1 findings; ");
	assert_ok(store_image_delete(w->st, red, api.id, "test", w->now_at, &w_err));
	assert_string_equal(news(w), "image.deleted api +0 -1; ");
	assert_string_equal(news(w), "");
}

static void
the_first_load_of_a_feed_is_counted_not_listed(void **state)
{
	struct world *w = *state;

	(void)w_feed(w, "debian", "debian");
	subscribe(w, w->team_id);
	(void)w_put(w, "api", "sha256:2", PKGS(DEB("openssl", "5")), NULL);
	assert_string_equal(news(w), "baseline 1 images 0 ecosystems 0 findings; ");
	(void)w_says(w, "openssl", "CVE-2024-1", NULL);
	(void)w_says(w, "openssl", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	assert_string_equal(news(w), "baseline 0 images 1 ecosystems 2 findings; ");
}

static void
an_exploited_vulnerability_is_told_by_itself(void **state)
{
	struct world *w = running(state);
	struct record *r;

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	(void)news(w);
	(void)w_record(w, "kev", "kev", "CVE-2020-2");
	r = w_record(w, "kev", "kev", "CVE-2024-1");
	r->exploited = w->now_at;
	(void)w_run(w, "kev");
	assert_string_equal(news(w), "exploited CVE-2024-1 (feed): api shop; ");
}

static void
a_severity_that_rises_is_told(void **state)
{
	struct world *w = running(state);
	struct record *r;

	(void)w_says(w, "unrelated", "CVE-2020-1", NULL);
	r = w_says(w, "openssl", "CVE-2024-1", NULL);
	r->affected[0].severity = SEVERITY_LOW;
	(void)w_run(w, "debian");
	(void)news(w);
	(void)w_says(w, "unrelated", "CVE-2020-1", NULL);
	r = w_says(w, "openssl", "CVE-2024-1", NULL);
	r->affected[0].severity = SEVERITY_HIGH;
	(void)w_run(w, "debian");
	assert_string_equal(news(w), "severity_raised CVE-2024-1 (feed): api shop; ");
}

static void
two_teams_with_one_inventory_hear_of_their_own_images(void **state)
{
	struct world *w = running(state);
	const struct image_put put = { .name = "hers",
		.ref = "hers",
		.digest = "sha256:2",
		.actor = "test",
		.now_at = w->now_at };
	struct change_counts counts;
	enum put_result result;
	int64_t blue;

	assert_ok(store_team_create(w->st, "blue", "test", w->now_at, &blue, &w_err));
	subscribe(w, blue);
	assert_ok(w_try_put(
	    w, blue, &put, PKGS(DEB("openssl", "5")), &result, &counts, &w_err));
	assert_string_equal(
	    news_of(w, blue), "baseline 1 images 0 ecosystems 0 findings; ");
	assert_string_equal(news(w), "");
	debian_says(w, "openssl", "CVE-2024-1", NULL);
	assert_string_equal(news_of(w, blue), "opened CVE-2024-1 (feed): hers; ");
	assert_string_equal(news(w), "opened CVE-2024-1 (feed): api shop; ");
}

static void
a_flood_waits_for_the_operators_word(void **state)
{
	struct world *w = running(state);
	struct ran ran;

	(void)w_says(w, "unrelated", "CVE-2020-1", NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", NULL);
	(void)w_says(w, "bash", "CVE-2024-2", NULL);
	ran = w_read(w, "debian");
	/* What is implausible is judged by thousands; here one is too many. */
	assert_ok(w->st->engine->script(w->st,
	    arena_printf(w->a, "UPDATE run SET flood_limit = 1 WHERE id = %lld",
		(long long)ran.run_id),
	    &w_err));
	w_work(w);
	assert_string_equal(news(w), "");
	assert_ok(store_run_settle(w->st, "debian", true, "ann", w->now_at, &w_err));
	assert_string_equal(news(w), "opened CVE-2024-1 (feed): api shop; "
				     "opened CVE-2024-2 (feed): db; ");
	assert_string_equal(news(w), "");
}

static void
the_same_interval_gives_the_same_answer_later(void **state)
{
	struct world *w = running(state);
	struct subscription_row s = subscription(w, w->team_id);
	struct changes c;
	const char *first;
	int64_t to;

	debian_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_put(
	    w, "db", "sha256:33", PKGS(DEB("bash", "1"), DEB("openssl", "6")), NULL);
	(void)w_put(w, "late", "sha256:4", PKGS(DEB("openssl", "5")), NULL);
	assert_ok(store_now_seq(w->st, &to, &w_err));
	c = changes_of(w, &s, to);
	first = text_of(w, &c);
	assert_string_equal(first, "opened CVE-2024-1 (feed): api db shop; "
				   "image.moved db +1 -0; "
				   "baseline 1 images 0 ecosystems 1 findings; ");

	debian_says(w, "openssl", "CVE-2024-1", "4");
	(void)w_put(w, "db", "sha256:34", PKGS(DEB("bash", "2")), NULL);
	(void)w_put(w, "api", "sha256:23", PKGS(DEB("bash", "2")), NULL);
	c = changes_of(w, &s, to);
	assert_string_equal(text_of(w, &c), first);
}

static void
a_kill_after_enqueueing_loses_nothing_and_repeats_nothing(void **state)
{
	struct world *w = running(state);
	struct subscription_row s = subscription(w, w->team_id);
	struct outbox_figures f;
	struct message_row m;
	struct channel_row ch;
	struct changes c;
	const char *text;
	int64_t to, next_at;

	debian_says(w, "openssl", "CVE-2024-1", NULL);
	assert_ok(store_now_seq(w->st, &to, &w_err));
	c = changes_of(w, &s, to);
	text = text_of(w, &c);
	assert_true(enqueue(w, &s, to, text));
	w_reopen(w);
	/* Whoever comes back with what it knew then is too late. */
	assert_false(enqueue(w, &s, to, text));
	assert_string_equal(news(w), "");
	assert_ok(store_outbox_figures(w->st, &f, &w_err));
	assert_int_equal(f.pending, 2); /* the baseline of the beginning, and this */
	assert_ok(
	    store_outbox_take(w->st, w->now_at, 60, w->a, &m, &ch, &next_at, &w_err));
	w_reopen(w); /* killed while it was under way */
	assert_ok(store_outbox_take(
	    w->st, w->now_at + 60, 60, w->a, &m, &ch, &next_at, &w_err));
	assert_int_equal(m.attempt, 2);
	assert_string_equal(m.body, "baseline 3 images 0 ecosystems 0 findings; ");
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_new_advisory_is_one_piece_of_news_and_none_the_second_time),
		RULE(a_fix_its_change_and_its_arrival_in_an_image_are_told_each_once),
		RULE(a_fix_that_the_image_has_already_closes_the_finding),
		RULE(opened_and_closed_between_two_messages_says_nothing),
		RULE(an_image_registered_between_the_event_and_the_message_is_baseline),
		RULE(a_new_component_brings_its_findings_with_the_image),
		RULE(a_rebuild_that_fixes_nothing_says_only_that_it_moved),
		RULE(deleted_and_registered_again_is_baseline_deleted_alone_an_entry),
		RULE(the_first_load_of_a_feed_is_counted_not_listed),
		RULE(an_exploited_vulnerability_is_told_by_itself),
		RULE(a_severity_that_rises_is_told),
		RULE(two_teams_with_one_inventory_hear_of_their_own_images),
		RULE(a_flood_waits_for_the_operators_word),
		RULE(the_same_interval_gives_the_same_answer_later),
		cmocka_unit_test_setup_teardown(
		    a_kill_after_enqueueing_loses_nothing_and_repeats_nothing,
		    world_setup_file, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
