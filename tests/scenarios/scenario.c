/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one scenario file: one command a line, '#' comments, a block of text after a line
 * that ends in "<<" up to a line with a single dot.
 *
 *   now TIME                           the clock, before anything else
 *   feed {YAML}                        one item of feeds.list
 *   serve URL <<                       what URL answers from now on
 *   down URL STATUS                    URL fails from now on
 *   list TEAM NAME [JSON selector]     an image list
 *   image TEAM NAME os=OS [list=L] [digest=D] <<     a package list, "name version" lines
 *   delete TEAM NAME
 *   purpose TEAM NAME archive|test|none    an image is kept although it is vulnerable
 *   look TEAM NAME ok|gone|failed      how a look at the image's registry ends
 *   join TEAM LIST IMAGE...            registered images come to a list
 *   channel TEAM NAME TYPE JSON
 *   subscribe TEAM NAME LIST CHANNEL[,CHANNEL] JSON
 *   pass DURATION                      time goes by, everything due happens
 *   settle                             everything due now happens
 *   restart                            the process is killed and started again
 *   refuse RECEIVER STATUS TIMES [S]   the receiver fails so many times, with a Retry-After
 *   accept FEED | announce FEED        an operator's word
 *
 *   expect silence                     nothing was sent since the last expectation
 *   expect message RECEIVER            exactly one thing was sent, to RECEIVER
 *   expect messages RECEIVER N         N things were sent, all to RECEIVER
 *   expect in-all RECEIVER N           N things were sent to RECEIVER since the beginning
 *   expect ever RECEIVER TEXT          ... one of which says TEXT
 *   expect says TEXT | expect omits TEXT    ... the last of which says / does not say TEXT
 *   expect change VULNERABILITY KIND   ... the last of which has that entry
 *   expect same-id                     all things looked at last carry one id
 *   expect findings TEAM IMAGE V...    exactly these vulnerabilities hit the image
 *   expect coverage TEAM IMAGE STATE   how much of it can be judged
 *   expect since TEAM IMAGE V TIME     the image has the finding since then
 *   expect affected TEAM V IMAGE...    exactly these images are affected
 *   expect explain TEAM IMAGE V REASON
 *   expect feed NAME STATE             state of its last run
 *   expect events N KIND               so many events of that kind so far, quiet ones not
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/component.h"
#include "core/json.h"
#include "core/str.h"
#include "inventory/inventory.h"
#include "scenarios/world.h"
#include "store/feeds.h"
#include "store/findings.h"
#include "store/images.h"
#include "store/outbox.h"
#include "store/watches.h"

#define MAX_FILE  (1u << 20)
#define MAX_WORDS 32

struct scenario {
	struct world world;
	bool has_world;
	char *text; /* of the file; cut into lines */
	char *next; /* first line not read yet */
	unsigned line;
	char *words[MAX_WORDS];
	size_t n;
	const char *rest[MAX_WORDS]; /* the line from word i to its end */
	char *block;                 /* after "<<"; NULL = none */
	size_t
	    first_seen; /* deliveries the last expectation looked at: [first, seen) */
};

static void
check(enum err_code rc, const struct err *e)
{
	if (rc != ERR_OK)
		world_fail("%s", e->text);
}

static struct scope
team(struct scenario *s, size_t word)
{
	return (struct scope){ .team_id = world_team(&s->world, s->words[word]) };
}

static int64_t
now(struct scenario *s)
{
	return s->world.clock.at_ms / 1000;
}

static const char *
option(struct scenario *s, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 1; i < s->n; i++)
		if (strncmp(s->words[i], name, len) == 0 && s->words[i][len] == '=')
			return s->words[i] + len + 1;
	return NULL;
}

/* ---- what happens ---- */

static void
do_serve(struct scenario *s)
{
	if (s->block == NULL)
		world_fail("serve needs a block");
	fake_net_serve(&s->world.net, s->words[1], s->block, 200);
}

static void
do_list(struct scenario *s)
{
	const struct list_put p = {
		.name = s->words[2],
		.selector_json = s->n > 3 ? s->rest[3] : NULL,
		.actor = "scenario",
		.now_at = now(s),
	};
	struct err e = ERR_INIT;
	bool created;
	int64_t id;

	check(store_list_put(s->world.worker.store, team(s, 1), &p, &id, &created, &e),
	    &e);
}

static void
do_image(struct scenario *s)
{
	const struct inventory_hints hints = { .os = option(s, "os") };
	const char *lists[2] = { option(s, "list"), NULL };
	const struct image_put put = {
		.name = s->words[2],
		.ref = option(s, "ref") != NULL ? option(s, "ref") : s->words[2],
		.digest = option(s, "digest"),
		.lists = lists,
		.actor = "scenario",
		.now_at = now(s),
	};
	struct arena *a = arena_new();
	struct inventory *inv = NULL;
	struct change_counts changes;
	enum put_result result;
	struct err e = ERR_INIT;
	int64_t id;

	if (s->block == NULL)
		world_fail("image needs a block");
	check(
	    inventory_read_memory(s->block, strlen(s->block), &hints, a, &inv, &e), &e);
	check(service_register(
		  &s->world.worker, team(s, 1), &put, inv, &id, &result, &changes, &e),
	    &e);
	arena_free(a);
}

static struct image_row
find_image(struct scenario *s, size_t team_word, const char *name)
{
	struct image_row row;
	struct err e = ERR_INIT;

	check(store_image(s->world.worker.store, team(s, team_word), 0, name,
		  s->world.arena, &row, &e),
	    &e);
	return row;
}

/* The wish is made with the first look; after that only "look" makes it due. */
static void
make_due(struct scenario *s, const char *name)
{
	const struct watch_new wish = { .name = name, .ref = name, .put_json = "{}" };
	struct store *st = s->world.worker.store;
	struct watch_row row;
	struct err e = ERR_INIT;
	int64_t import_id;

	if (store_watch(st, team(s, 1), name, s->world.arena, &row, NULL) == ERR_OK)
		check(store_watch_now(st, team(s, 1), name, now(s), &e), &e);
	else
		check(store_watch_add(
			  st, team(s, 1), &wish, 1, "scenario", now(s), &import_id, &e),
		    &e);
}

static void
do_look(struct scenario *s)
{
	static const int64_t never_s = (int64_t)4000 * 86400;
	struct store *st = s->world.worker.store;
	struct watch_result result = { .now_at = now(s), .next_at = now(s) + never_s };
	struct watch_row row;
	struct err e = ERR_INIT;
	int64_t next_at;

	result.state = str_eq(s->words[3], "ok")     ? WATCH_OK
		       : str_eq(s->words[3], "gone") ? WATCH_GONE
						     : WATCH_FAILED;
	result.error = result.state == WATCH_OK ? NULL : "the registry said no";
	make_due(s, s->words[2]);
	check(store_watch_take(st, now(s), s->world.arena, &row, &next_at, &e), &e);
	result.watch_id = row.id;
	check(store_watch_result(st, &result, &e), &e);
}

static void
do_delete(struct scenario *s)
{
	struct image_row row = find_image(s, 1, s->words[2]);
	struct err e = ERR_INIT;

	check(store_image_delete(
		  s->world.worker.store, team(s, 1), row.id, "scenario", now(s), &e),
	    &e);
}

static void
do_purpose(struct scenario *s)
{
	struct image_patch p = {
		.set_purpose = true, .actor = "scenario", .now_at = now(s)
	};
	const char *word = s->words[3];
	struct err e = ERR_INIT;

	check(image_purpose_of(strcmp(word, "none") == 0 ? NULL : word, &p.purpose, &e),
	    &e);
	check(store_image_patch(s->world.worker.store, team(s, 1),
		  find_image(s, 1, s->words[2]).id, &p, &e),
	    &e);
}

static void
do_join(struct scenario *s)
{
	int64_t images[MAX_WORDS];
	struct list_row list;
	struct err e = ERR_INIT;

	for (size_t i = 3; i < s->n; i++)
		images[i - 3] = find_image(s, 1, s->words[i]).id;
	check(store_list(s->world.worker.store, team(s, 1), 0, s->words[2],
		  s->world.arena, &list, &e),
	    &e);
	check(store_list_images(s->world.worker.store, team(s, 1), list.id, images,
		  s->n - 3, NULL, 0, "scenario", now(s), &e),
	    &e);
}

static void
do_channel(struct scenario *s)
{
	struct channel_put p = {
		.name = s->words[2],
		.type = s->words[3],
		.actor = "scenario",
		.now_at = now(s),
	};
	const char *secret;
	struct json *j = NULL;
	struct err e = ERR_INIT;
	bool created;
	int64_t id;

	check(json_parse(&j, s->rest[4], strlen(s->rest[4]), &e), &e);
	check(notify_channel_check(p.type, j, &s->world.settings, s->world.arena,
		  &p.config_json, &secret, &e),
	    &e);
	json_free(j);
	check(
	    store_channel_put(s->world.worker.store, team(s, 1), &p, &id, &created, &e),
	    &e);
}

static void
do_subscribe(struct scenario *s)
{
	const char *channels[8] = { NULL };
	struct subscription_put p = {
		.name = s->words[2],
		.list = s->words[3],
		.channels = channels,
		.actor = "scenario",
		.now_at = now(s),
	};
	size_t n = 0;
	const char *definition = s->n > 5 ? s->rest[5] : "{}";
	struct subscription_word word;
	struct json *j = NULL;
	struct err e = ERR_INIT;
	bool created;
	int64_t id;

	for (char *rest = NULL, *name = strtok_r(s->words[4], ",", &rest);
	     name != NULL && n + 1 < 8; name = strtok_r(NULL, ",", &rest))
		channels[n++] = name;
	check(json_parse(&j, definition, strlen(definition), &e), &e);
	check(notify_subscription_check(
		  j, s->world.clock.at_ms, s->world.arena, &word, &e),
	    &e);
	json_free(j);
	p.definition_json = word.definition_json;
	p.next_at = word.next_at;
	p.epss_micro = word.epss_micro;
	check(store_subscription_put(
		  s->world.worker.store, team(s, 1), &p, &id, &created, &e),
	    &e);
}

static void
do_pass(struct scenario *s)
{
	int64_t ms;

	if (!str_duration_ms(s->words[1], &ms))
		world_fail("\"%s\" is no duration", s->words[1]);
	world_pass(&s->world, ms);
}

static void
do_refuse(struct scenario *s)
{
	uint64_t status, times, wait = 0;

	if (!str_u64(s->words[2], &status) || !str_u64(s->words[3], &times) ||
	    (s->n > 4 && !str_u64(s->words[4], &wait)))
		world_fail("refuse RECEIVER STATUS TIMES [SECONDS]");
	s->world.net.retry_after_s = s->n > 4 ? (int64_t)wait : -1;
	s->world.net.failing = arena_strdup(s->world.arena, s->words[1]);
	s->world.net.fail_status = (int)status;
	s->world.net.failures = (int)times;
}

static void
do_down(struct scenario *s)
{
	uint64_t status;

	if (!str_u64(s->words[2], &status))
		world_fail("down URL STATUS");
	fake_net_serve(&s->world.net, s->words[1], NULL, (int)status);
}

static void
do_accept(struct scenario *s)
{
	struct err e = ERR_INIT;
	int64_t run_id;

	check(store_run_accept(
		  s->world.worker.store, s->words[1], "scenario", now(s), &run_id, &e),
	    &e);
	world_settle(&s->world);
}

static void
do_announce(struct scenario *s)
{
	struct err e = ERR_INIT;

	check(store_run_settle(
		  s->world.worker.store, s->words[1], true, "scenario", now(s), &e),
	    &e);
	world_settle(&s->world);
}

static void
do_feed(struct scenario *s)
{
	world_feed(&s->world, s->rest[1]);
}

static void
do_settle(struct scenario *s)
{
	world_settle(&s->world);
}

static void
do_restart(struct scenario *s)
{
	world_restart(&s->world);
}

/* ---- what is expected ---- */

static struct fake_delivery *
last(struct scenario *s)
{
	if (s->world.seen == 0 || s->first_seen == s->world.seen)
		world_fail("no message was looked at");
	return &s->world.net.deliveries.at[s->world.seen - 1];
}

static void
expect_sent(struct scenario *s, const char *to, size_t want)
{
	size_t first = s->world.seen, n = s->world.net.deliveries.n;

	for (size_t i = first; i < n; i++)
		if (!str_eq(s->world.net.deliveries.at[i].to, to))
			world_fail("something went to %s:\n%s",
			    s->world.net.deliveries.at[i].to,
			    s->world.net.deliveries.at[i].body);
	if (n - first != want)
		world_fail("%zu messages went to %s, expected %zu%s%s", n - first, to,
		    want, n > first ? "; the last:\n" : "",
		    n > first ? s->world.net.deliveries.at[n - 1].body : "");
	s->first_seen = first;
	s->world.seen = n;
}

static void
expect_silence(struct scenario *s)
{
	expect_sent(s, "nobody", 0);
}

static void
expect_message(struct scenario *s)
{
	expect_sent(s, s->words[2], 1);
}

static void
expect_messages(struct scenario *s)
{
	uint64_t n;

	if (!str_u64(s->words[3], &n))
		world_fail("expect messages RECEIVER N");
	expect_sent(s, s->words[2], (size_t)n);
}

static void
expect_in_all(struct scenario *s)
{
	const struct fake_net *net = &s->world.net;
	uint64_t want, got = 0;

	if (!str_u64(s->words[3], &want))
		world_fail("expect in-all RECEIVER N");
	for (size_t i = 0; i < net->deliveries.n; i++)
		got += str_eq(net->deliveries.at[i].to, s->words[2]);
	if (got != want)
		world_fail("%llu things were sent to %s, expected %llu",
		    (unsigned long long)got, s->words[2], (unsigned long long)want);
}

static void
expect_ever(struct scenario *s)
{
	const struct fake_net *net = &s->world.net;

	for (size_t i = 0; i < net->deliveries.n; i++)
		if (str_eq(net->deliveries.at[i].to, s->words[2]) &&
		    strstr(net->deliveries.at[i].body, s->rest[3]) != NULL)
			return;
	world_fail("nothing that %s got says: %s", s->words[2], s->rest[3]);
}

static void
expect_says(struct scenario *s)
{
	if (strstr(last(s)->body, s->rest[2]) == NULL)
		world_fail(
		    "the message does not say \"%s\":\n%s", s->rest[2], last(s)->body);
}

static void
expect_omits(struct scenario *s)
{
	if (strstr(last(s)->body, s->rest[2]) != NULL)
		world_fail("the message says \"%s\":\n%s", s->rest[2], last(s)->body);
}

static void
expect_change(struct scenario *s)
{
	const char *body = last(s)->body;
	const struct json *rows;
	struct json *j = NULL;
	struct err e = ERR_INIT;
	bool found = false;

	check(json_parse(&j, body, strlen(body), &e), &e);
	rows = json_get(json_get(j, "data"), "vulnerabilities");
	for (size_t i = 0; i < json_count(rows); i++)
		found = found ||
			(str_eq(json_str(json_get(json_at(rows, i), "vulnerability")),
			     s->words[2]) &&
			    str_eq(json_str(json_get(json_at(rows, i), "change")),
				s->words[3]));
	json_free(j);
	if (!found)
		world_fail("no entry %s %s in\n%s", s->words[2], s->words[3], body);
}

static void
expect_same_id(struct scenario *s)
{
	for (size_t i = s->first_seen; i < s->world.seen; i++)
		if (!str_eq(s->world.net.deliveries.at[i].id, last(s)->id))
			world_fail("ids %s and %s differ",
			    s->world.net.deliveries.at[i].id, last(s)->id);
}

static bool
is_word(struct scenario *s, size_t from, const char *text)
{
	for (size_t i = from; i < s->n; i++)
		if (str_eq(s->words[i], text))
			return true;
	return false;
}

static size_t
findings_of(struct scenario *s, struct finding_row **ret, int64_t *ret_count)
{
	struct finding_filter f = { .image_id = find_image(s, 2, s->words[3]).id,
		.limit = 500,
		.severities = 63 };
	struct err e = ERR_INIT;
	size_t n = 0;

	check(store_findings(s->world.worker.store, team(s, 2), &f, s->world.arena, ret,
		  &n, ret_count, &e),
	    &e);
	return n;
}

static void
expect_since(struct scenario *s)
{
	struct finding_row *rows = NULL;
	char at[TIME_TEXT_SIZE];
	int64_t count;
	size_t n = findings_of(s, &rows, &count);

	for (size_t i = 0; i < n; i++) {
		if (!str_eq(rows[i].vulnerability, s->words[4]))
			continue;
		if (!str_eq(time_format(rows[i].first_seen, at), s->words[5]))
			world_fail("%s since %s", s->words[4], at);
		return;
	}
	world_fail("%s does not hit %s", s->words[4], s->words[3]);
}

static void
expect_findings(struct scenario *s)
{
	struct finding_row *rows = NULL;
	int64_t count;
	size_t n = findings_of(s, &rows, &count);

	for (size_t i = 0; i < n; i++)
		if (!is_word(s, 4, rows[i].vulnerability))
			world_fail(
			    "%s hits %s too", rows[i].vulnerability, s->words[3]);
	for (size_t w = 4; w < s->n; w++) {
		bool found = false;

		for (size_t i = 0; i < n; i++)
			found = found || str_eq(rows[i].vulnerability, s->words[w]);
		if (!found)
			world_fail("%s does not hit %s", s->words[w], s->words[3]);
	}
	if (count != (int64_t)n)
		world_fail("the count says %lld, there are %zu", (long long)count, n);
}

static void
expect_coverage(struct scenario *s)
{
	struct coverage coverage;
	struct image_row image;
	struct err e = ERR_INIT;

	check(store_image(s->world.worker.store, team(s, 2), 0, s->words[3],
		  s->world.arena, &image, &e),
	    &e);
	check(store_coverage(s->world.worker.store, team(s, 2), image.id, NULL,
		  s->world.arena, &coverage, &e),
	    &e);
	if (!str_eq(coverage_state_name(coverage.state), s->words[4]))
		world_fail("the coverage of %s is %s", s->words[3],
		    coverage_state_name(coverage.state));
}

static void
expect_affected(struct scenario *s)
{
	struct affected_image *rows = NULL;
	struct vulnerability_row v;
	struct err e = ERR_INIT;
	size_t n = 0;
	int64_t count = 0, not_judged;

	check(store_vulnerability(
		  s->world.worker.store, s->words[3], s->world.arena, &v, &e),
	    &e);
	check(store_affected_images(s->world.worker.store, team(s, 2), v.id, 0, 500,
		  s->world.arena, &rows, &n, &count, &not_judged, &e),
	    &e);
	for (size_t i = 0; i < n; i++)
		if (!is_word(s, 4, rows[i].image.name))
			world_fail("%s is affected too", rows[i].image.name);
	if (n != s->n - 4 || count != (int64_t)n)
		world_fail("%zu images are affected (count %lld), expected %zu", n,
		    (long long)count, s->n - 4);
}

static void
expect_explain(struct scenario *s)
{
	struct explanation x;
	struct err e = ERR_INIT;

	check(
	    service_explain(&s->world.worker, team(s, 2),
		find_image(s, 2, s->words[3]).id, s->words[4], s->world.arena, &x, &e),
	    &e);
	if (!str_eq(reason_name(x.reason), s->words[5]))
		world_fail("the reason is %s", reason_name(x.reason));
}

static void
expect_feed(struct scenario *s)
{
	struct feed_row row;
	struct err e = ERR_INIT;

	check(store_feed(s->world.worker.store, s->words[2], s->world.arena, &row, &e),
	    &e);
	if (!str_eq(run_state_name(row.state), s->words[3]))
		world_fail("feed %s is %s (%s)", s->words[2], run_state_name(row.state),
		    str_or_empty(row.last_error));
}

static void
expect_events(struct scenario *s)
{
	const struct scope all = { .all = true };
	struct event_row *rows = NULL;
	struct err e = ERR_INIT;
	uint64_t want, got = 0;
	int64_t next;
	size_t n = 0;

	if (!str_u64(s->words[2], &want))
		world_fail("expect events N KIND");
	check(store_events(s->world.worker.store, all, 0, 500, s->world.arena, &rows,
		  &n, &next, &e),
	    &e);
	for (size_t i = 0; i < n; i++)
		got += (rows[i].flags & EVENT_QUIET) == 0 &&
		       str_eq(event_kind_name(rows[i].kind), s->words[3]);
	if (got != want)
		world_fail("%llu events %s, expected %llu", (unsigned long long)got,
		    s->words[3], (unsigned long long)want);
}

/* ---- the file ---- */

static const struct verb {
	const char *name;
	size_t least; /* words, the verb included */
	void (*run)(struct scenario *s);
} verbs[] = {
	{ "feed", 2, do_feed },
	{ "serve", 2, do_serve },
	{ "down", 3, do_down },
	{ "list", 3, do_list },
	{ "image", 3, do_image },
	{ "delete", 3, do_delete },
	{ "purpose", 4, do_purpose },
	{ "look", 4, do_look },
	{ "join", 4, do_join },
	{ "channel", 5, do_channel },
	{ "subscribe", 5, do_subscribe },
	{ "pass", 2, do_pass },
	{ "settle", 1, do_settle },
	{ "restart", 1, do_restart },
	{ "refuse", 4, do_refuse },
	{ "accept", 2, do_accept },
	{ "announce", 2, do_announce },
}, expectations[] = {
	{ "silence", 2, expect_silence },
	{ "message", 3, expect_message },
	{ "messages", 4, expect_messages },
	{ "in-all", 4, expect_in_all },
	{ "ever", 4, expect_ever },
	{ "says", 3, expect_says },
	{ "omits", 3, expect_omits },
	{ "change", 4, expect_change },
	{ "same-id", 2, expect_same_id },
	{ "findings", 4, expect_findings },
	{ "coverage", 5, expect_coverage },
	{ "since", 6, expect_since },
	{ "affected", 4, expect_affected },
	{ "explain", 6, expect_explain },
	{ "feed", 4, expect_feed },
	{ "events", 4, expect_events },
};

static char *
read_line(struct scenario *s)
{
	char *line = s->next, *end;

	if (line == NULL || *line == '\0')
		return NULL;
	end = strchr(line, '\n');
	if (end != NULL)
		*end = '\0';
	s->next = end != NULL ? end + 1 : NULL;
	s->line++;
	return line;
}

/* The lines up to a single dot, in place. */
static void
read_block(struct scenario *s)
{
	char *start = s->next, *line, *out = start;

	while ((line = read_line(s)) != NULL && !str_eq(line, ".")) {
		size_t len = strlen(line);

		memmove(out, line, len);
		out += len;
		*out++ = '\n';
	}
	if (line == NULL)
		world_fail("the block does not end");
	*out = '\0';
	s->block = start;
}

static void
split(struct scenario *s, char *line)
{
	char *copy = arena_strdup(s->world.arena, line), *p = copy;

	s->n = 0;
	for (;;) {
		p += strspn(p, " \t");
		if (*p == '\0' || s->n == MAX_WORDS)
			return;
		s->rest[s->n] = line + (p - copy);
		s->words[s->n++] = p;
		p += strcspn(p, " \t");
		if (*p != '\0')
			*p++ = '\0';
	}
}

static void
run_line(struct scenario *s, char *line)
{
	const struct verb *table = verbs;
	size_t n = sizeof(verbs) / sizeof(verbs[0]), len = strlen(line), word = 0;

	s->block = NULL;
	if (len > 2 && str_eq(line + len - 2, "<<")) {
		line[len - 2] = '\0';
		read_block(s);
	}
	split(s, line);
	if (str_eq(s->words[0], "expect") && s->n > 1) {
		table = expectations;
		n = sizeof(expectations) / sizeof(expectations[0]);
		word = 1;
	}
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(table[i].name, s->words[word]))
			continue;
		if (s->n < table[i].least)
			world_fail("%s needs more words", s->words[word]);
		table[i].run(s);
		return;
	}
	world_fail("\"%s\" is no command", s->words[word]);
}

static void
begin(struct scenario *s, const char *line)
{
	int64_t at;

	if (!str_starts(line, "now ") || !time_parse(line + 4, &at))
		world_fail("a scenario begins with: now TIME");
	world_init(&s->world, at);
	s->has_world = true;
}

static char *
read_file(const char *path)
{
	char *text = calloc(1, MAX_FILE);
	FILE *f = fopen(path, "r");

	if (f == NULL || text == NULL || fread(text, 1, MAX_FILE - 1, f) == 0)
		world_fail("cannot read %s", path);
	(void)fclose(f);
	return text;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct scenario s = { 0 };
		char where[512];
		char *line;

		world_where = where;
		(void)snprintf(where, sizeof(where), "%s", argv[i]);
		s.text = s.next = read_file(argv[i]);
		while ((line = read_line(&s)) != NULL) {
			(void)snprintf(where, sizeof(where), "%s:%u", argv[i], s.line);
			if (line[0] == '\0' || line[0] == '#')
				continue;
			if (!s.has_world)
				begin(&s, line);
			else
				run_line(&s, line);
		}
		world_done(&s.world);
		free(s.text);
		printf("ok %s\n", argv[i]);
	}
	return 0;
}
