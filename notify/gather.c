/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From events to messages.  For every due subscription: which entries of the log between
 * its cursor and now pass its filter, has the gathering window passed, what is the net
 * change, which messages say it; then messages and the cursor's move in one step.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/url.h"
#include "notify/mail.h"
#include "notify/notify_private.h"

/* Entries looked at in one go; a longer backlog is told in several messages. */
#define MAX_ENTRIES 20000

struct gathering {
	struct notify *n;
	struct arena *a;
	const struct subscription_row *s;
	struct rules rules;
	int64_t to_seq;
	int64_t now_ms;
	struct log_entry *entries;
	size_t n_entries;
	int64_t *seqs; /* of the entries that pass */
	size_t n_seqs;
	bool has_images,
	    has_feeds;    /* registered, moved, ending or deleted images, baselines */
	bool is_urgent;   /* the urgent lane has something */
	int64_t first_at; /* of the first entry that is news; 0 = none */
};

struct notify *
notify_new(const struct notify_options *o)
{
	struct notify *n = mem_zalloc(sizeof(*n));

	n->o = *o;
	return n;
}

void
notify_free(struct notify *n)
{
	free(n);
}

enum err_code
notify_prepare(struct notify *n, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (!n->has_key)
		rc = store_opaque_key(n->o.store, n->opaque_key, e);
	n->has_key = rc == ERR_OK;
	return rc;
}

const char *
message_id(int64_t subscription_id, int64_t channel_id, const char *recipient,
    int64_t from_seq, int64_t to_seq, struct arena *a)
{
	const char *text = arena_printf(a, "%lld/%lld/%s/%lld/%lld",
	    (long long)subscription_id, (long long)channel_id, recipient,
	    (long long)from_seq, (long long)to_seq);
	unsigned char hash[32];
	char hex[33];

	sha256_of(text, strlen(text), hash);
	return arena_printf(a, "msg_%s", hex_encode(hash, 16, hex));
}

/* ---- is there news? ---- */

static bool
is_image_event(enum event_kind k)
{
	return k == EVENT_IMAGE_REGISTERED || k == EVENT_IMAGE_MOVED ||
	       k == EVENT_IMAGE_DELETED || k == EVENT_FEED_BASELINE ||
	       k == EVENT_LIST_EXTENDED || k == EVENT_IMAGE_END_OF_LIFE ||
	       k == EVENT_IMAGE_UNREACHABLE || k == EVENT_IMAGE_REACHABLE;
}

static void
look_at_entries(struct gathering *g)
{
	g->seqs = arena_array(g->a, g->n_entries, sizeof(*g->seqs));
	for (size_t i = 0; i < g->n_entries; i++) {
		const struct log_entry *entry = &g->entries[i];
		bool passes = filter_entry(&g->rules.filter, entry, false);

		if (g->rules.has_urgent && filter_entry(&g->rules.urgent, entry, false))
			passes = g->is_urgent = true;
		if (is_image_event(entry->kind))
			passes = g->has_images = true;
		else if (filter_feed(&g->rules.filter, entry->kind))
			passes = g->has_feeds = true;
		else if (passes)
			g->seqs[g->n_seqs++] = entry->seq;
		if (passes && g->first_at == 0)
			g->first_at = entry->at;
	}
}

/*
 * Is it time?  A scheduled subscription waits for its hour, an immediate one for the end
 * of the gathering window that its first news opened.  0 = now.
 */
static int64_t
wait_until_ms(const struct gathering *g)
{
	int64_t gather_ms =
	    g->rules.gather_ms >= 0 ? g->rules.gather_ms : g->n->o.settings->gather_ms;
	int64_t due_ms = g->first_at * 1000 + gather_ms;

	if (g->rules.schedule != SCHEDULE_IMMEDIATE && !g->is_urgent) {
		due_ms = g->s->next_at * 1000;
		return due_ms > g->now_ms ? due_ms : 0;
	}
	if (g->first_at == 0)
		return 0; /* nothing that is news: the cursor just moves on */
	return due_ms > g->now_ms ? due_ms : 0;
}

/* ---- what is the net change? ---- */

static bool
keeps(const struct gathering *g, const struct change_row *row)
{
	return filter_change(&g->rules.filter, row, false) ||
	       (g->rules.has_urgent && filter_change(&g->rules.urgent, row, false));
}

/* A move without news is news by itself only where images were asked for. */
static bool
keeps_image(const struct gathering *g, enum event_kind k, bool has_rows)
{
	if (k == EVENT_IMAGE_END_OF_LIFE)
		return g->rules.filter.ends;
	if (k == EVENT_IMAGE_UNREACHABLE || k == EVENT_IMAGE_REACHABLE)
		return g->rules.filter.reach;
	return g->rules.filter.image_news || has_rows;
}

static void
filter_rows(const struct gathering *g, struct changes *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_rows; i++)
		if (keeps(g, &c->rows[i]))
			c->rows[n++] = c->rows[i];
	c->n_rows = n;
	for (size_t i = n = 0; i < c->n_images; i++)
		if (keeps_image(g, c->images[i].kind, c->n_rows > 0))
			c->images[n++] = c->images[i];
	c->n_images = n;
}

static bool
says_nothing(const struct changes *c)
{
	return c->n_rows == 0 && c->n_images == 0 && c->n_feeds == 0 &&
	       !c->has_baseline;
}

/* ---- messages ---- */

struct batch {
	struct message_new *at;
	size_t n, cap;
};

/* Without those who took themselves off the subscription. */
static enum err_code
drop_unsubscribed(
    const struct gathering *g, const char **recipients, size_t *io_n, struct err *e)
{
	const char **off = NULL;
	size_t n_off = 0, kept = 0;
	enum err_code rc =
	    store_unsubscribed(g->n->o.store, g->s->id, g->a, &off, &n_off, e);

	for (size_t i = 0; i < *io_n && rc == ERR_OK; i++) {
		bool is_off = false;

		for (size_t k = 0; k < n_off; k++)
			is_off = is_off || str_eq(off[k], recipients[i]);
		if (!is_off)
			recipients[kept++] = recipients[i];
	}
	if (rc == ERR_OK)
		*io_n = kept;
	return rc;
}

static enum err_code
render_channel(const struct gathering *g, const struct digest *base,
    const struct channel_row *ch, struct batch *out, struct err *e)
{
	const struct channel_driver *driver = channel_driver(ch->type);
	const char **recipients = NULL;
	struct json *config = NULL;
	size_t n = 0;
	enum err_code rc;

	if (driver == NULL)
		return err_set(e, ERR_UNSUPPORTED, "no channel type \"%s\"", ch->type);
	if (ch->is_closed)
		return err_set(e, ERR_DENIED,
		    "channel %s: its secrets are sealed with another key "
		    "(notify.key_file)",
		    ch->name);
	rc = json_parse(&config, ch->config_json, strlen(ch->config_json), e);
	if (rc == ERR_OK)
		rc = driver->recipients(base, config, g->a, &recipients, &n, e);
	if (rc == ERR_OK && driver->asks_first)
		rc = drop_unsubscribed(g, recipients, &n, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct outgoing o = { .recipient = recipients[i] };
		struct digest d = *base;

		d.message_id = message_id(
		    g->s->id, ch->id, recipients[i], g->s->cursor_seq, g->to_seq, g->a);
		rc = channel_render(driver, &d, config, g->n->o.settings, g->a, &o, e);
		if (rc == ERR_OK)
			*ARENA_PUSH(g->a, out) = (struct message_new){
				.id = d.message_id,
				.channel_id = ch->id,
				.recipient = o.recipient,
				.subject = o.subject,
				.body = o.body,
				.body_len = o.body_len,
			};
	}
	json_free(config);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "channel %s", ch->name);
}

/* Everything a digest needs besides the changes. */
static enum err_code
fill_digest(const struct gathering *g, const struct changes *c, struct list_row *list,
    struct coverage *coverage, struct digest *d, struct err *e)
{
	const struct scope team = { .team_id = g->s->team_id };
	const char *url = g->n->o.settings->public_url;
	enum err_code rc;

	*d = (struct digest){
		.opaque_key = g->n->opaque_key,
		.subscription = g->s,
		.list = list,
		.from_seq = g->s->cursor_seq,
		.to_seq = g->to_seq,
		.at = g->now_ms / 1000,
		.changes = c,
		.coverage = coverage,
	};
	if (url != NULL)
		d->next_url = arena_printf(g->a,
		    "%s/v1/subscriptions/%s/changes?from=%lld&to=%lld", url,
		    url_encode(g->a, g->s->name, ""), (long long)d->from_seq,
		    (long long)d->to_seq);
	rc = store_list(g->n->o.store, team, g->s->list_id, NULL, g->a, list, e);
	if (rc == ERR_OK)
		rc = store_coverage_all(
		    g->n->o.store, team, g->s->list_id, g->a, coverage, e);
	if (rc == ERR_OK)
		digest_count(d);
	return rc;
}

/* What readers of the subscription's feed find: the text of a mail. */
static void
render_news(const struct gathering *g, const struct digest *base, struct batch *out)
{
	struct buf text = BUF_INIT(MAX_MESSAGE_BYTES);
	struct digest d = *base;

	d.message_id = message_id(g->s->id, 0, "", g->s->cursor_seq, g->to_seq, g->a);
	do {
		buf_reset(&text);
		text.full = false;
		mail_text(&d, g->a, &text);
	} while (text.full && d.shrink++ < 8);
	*ARENA_PUSH(g->a, out) = (struct message_new){
		.id = d.message_id,
		.recipient = "",
		.subject = digest_subject(&d, g->a),
		.body = arena_strndup(g->a, buf_str(&text), text.len),
		.body_len = text.len,
	};
	buf_done(&text);
}

static enum err_code
render_all(const struct gathering *g, const struct changes *c, struct batch *out,
    struct err *e)
{
	const struct scope team = { .team_id = g->s->team_id };
	struct coverage coverage;
	struct list_row list;
	struct digest d;
	enum err_code rc = fill_digest(g, c, &list, &coverage, &d, e);

	if (rc == ERR_OK && g->s->news_tail != NULL)
		render_news(g, &d, out);
	for (size_t i = 0; i < g->s->n_channels && rc == ERR_OK; i++) {
		struct channel_row ch;

		rc = store_channel(
		    g->n->o.store, team, g->s->channel_ids[i], NULL, g->a, &ch, e);
		if (rc == ERR_OK)
			rc = render_channel(g, &d, &ch, out, e);
	}
	return rc;
}

/* A feed that is well again is news to whom was told that it was not. */
static bool
was_told(const struct filter *f, const struct feed_change *c)
{
	return c->kind != EVENT_FEED_RECOVERED || filter_feed(f, c->before);
}

static enum err_code
read_feeds(const struct gathering *g, struct changes *c, struct err *e)
{
	size_t n = 0;
	enum err_code rc = store_feed_changes(g->n->o.store, g->s->cursor_seq,
	    g->to_seq, g->a, &c->feeds, &c->n_feeds, e);

	for (size_t i = 0; i < c->n_feeds && rc == ERR_OK; i++) {
		bool rests = false;

		if (!filter_feed(&g->rules.filter, c->feeds[i].kind) ||
		    !was_told(&g->rules.filter, &c->feeds[i]))
			continue;
		rc = store_list_rests_on(g->n->o.store, g->s->team_id, g->s->list_id,
		    c->feeds[i].feed, &rests, e);
		if (rests)
			c->feeds[n++] = c->feeds[i];
	}
	c->n_feeds = n;
	return rc;
}

/* The net change of what passed the filter. */
static enum err_code
read_changes(const struct gathering *g, struct changes *ret, struct err *e)
{
	enum err_code rc = ERR_OK;

	memset(ret, 0, sizeof(*ret));
	if (g->n_seqs > 0 || g->has_images)
		rc = store_changes(g->n->o.store, g->s->team_id, g->s->list_id,
		    g->s->start_seq, g->s->cursor_seq, g->to_seq, g->seqs, g->n_seqs,
		    g->a, ret, e);
	if (rc != ERR_OK)
		return rc;
	filter_rows(g, ret);
	if (g->has_feeds && (rc = read_feeds(g, ret, e)) != ERR_OK)
		return rc;
	return aged_changes(g->n, g->s, &g->rules.filter, g->to_seq, g->a, ret, e);
}

static enum err_code
tell(struct gathering *g, size_t *ret_n, struct err *e)
{
	struct changes changes;
	struct batch batch = { 0 };
	int64_t next_at = 0;
	enum err_code rc = read_changes(g, &changes, e);

	if (rc == ERR_OK && !says_nothing(&changes))
		rc = render_all(g, &changes, &batch, e);
	if (rc == ERR_OK)
		rc = rules_next(&g->rules, g->now_ms / 1000, g->a, &next_at, e);
	if (rc == ERR_OK)
		rc = store_outbox_put(g->n->o.store, g->s->id, g->s->cursor_seq,
		    g->to_seq, next_at, batch.at, batch.n, g->now_ms / 1000, e);
	/* Another replica told it in the meantime: the same message, nothing is lost. */
	if (rc == ERR_CONFLICT)
		return ERR_OK;
	if (rc == ERR_OK)
		*ret_n += batch.n;
	return rc;
}

/* Rules and log entries of G's subscription. */
static enum err_code
open_gathering(struct gathering *g, struct err *e)
{
	const char *text = g->s->definition_json;
	struct json *definition = NULL;
	enum err_code rc;

	if ((rc = json_parse(&definition, text, strlen(text), e)) != ERR_OK)
		return rc;
	rc = rules_read(definition, g->a, &g->rules, e);
	json_free(definition);
	if (rc == ERR_OK)
		rc = store_log(g->n->o.store, g->s->team_id, g->s->cursor_seq,
		    g->to_seq, MAX_ENTRIES, g->a, &g->entries, &g->n_entries, e);
	if (rc != ERR_OK)
		return rc;
	if (g->n_entries >= MAX_ENTRIES)
		g->to_seq = g->entries[g->n_entries - 1].seq;
	look_at_entries(g);
	return ERR_OK;
}

static enum err_code
gather_one(struct notify *n, const struct subscription_row *s, int64_t last_seq,
    int64_t *ret_wait_ms, size_t *ret_n, struct err *e)
{
	struct gathering g = {
		.n = n,
		.a = arena_new(),
		.s = s,
		.to_seq = last_seq,
		.now_ms = n->o.clock->now_ms(n->o.clock),
	};
	enum err_code rc;

	*ret_wait_ms = 0;
	if ((rc = open_gathering(&g, e)) == ERR_OK) {
		*ret_wait_ms = wait_until_ms(&g);
		if (*ret_wait_ms == 0)
			rc = tell(&g, ret_n, e);
	}
	arena_free(g.a);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "subscription %s", s->name);
}

enum err_code
notify_changes(struct notify *n, const struct subscription_row *s, int64_t from_seq,
    int64_t to_seq, struct arena *a, struct buf *out, struct err *e)
{
	struct subscription_row span = *s;
	struct gathering g = {
		.n = n,
		.a = a,
		.s = &span,
		.to_seq = to_seq,
		.now_ms = n->o.clock->now_ms(n->o.clock),
	};
	struct changes changes;
	struct coverage coverage;
	struct list_row list;
	struct digest d;
	enum err_code rc;

	span.cursor_seq = from_seq;
	if ((rc = notify_prepare(n, e)) != ERR_OK ||
	    (rc = open_gathering(&g, e)) != ERR_OK ||
	    (rc = read_changes(&g, &changes, e)) != ERR_OK ||
	    (rc = fill_digest(&g, &changes, &list, &coverage, &d, e)) != ERR_OK)
		return rc;
	d.message_id = NULL;
	d.is_whole = true;
	digest_json(&d, out);
	return ERR_OK;
}

/*
 * One subscription in trouble does not hold up the others: the first failure is handed
 * back after all had their turn.
 */
enum err_code
notify_gather(struct notify *n, int64_t *ret_next_at_ms, size_t *ret_n, struct err *e)
{
	struct arena *a = arena_new();
	struct subscription_row *subs = NULL;
	size_t n_subs = 0;
	int64_t last_seq = 0, next_ms = 0;
	enum err_code rc, first = ERR_OK;

	*ret_n = 0;
	rc = notify_prepare(n, e);
	if (rc == ERR_OK)
		rc = store_tick(n->o.store, clock_now_s(n->o.clock), e);
	if (rc == ERR_OK)
		rc = alarm_all(n, ret_n, e);
	if (rc == ERR_OK)
		rc = store_releases_step(n->o.store, clock_now_s(n->o.clock), e);
	if (rc == ERR_OK)
		rc = store_now_seq(n->o.store, &last_seq, e);
	/* Scheduled ones before their hour too: their urgent lane may have something. */
	if (rc == ERR_OK)
		rc = store_subscriptions_due(
		    n->o.store, INT64_MAX, a, &subs, &n_subs, e);
	for (size_t i = 0; i < n_subs && rc == ERR_OK; i++) {
		struct err mine = ERR_INIT;
		int64_t wait_ms = 0;

		if (gather_one(n, &subs[i], last_seq, &wait_ms, ret_n, &mine) !=
			ERR_OK &&
		    first == ERR_OK)
			first = err_set(e, mine.code, "%s", mine.text);
		if (wait_ms != 0 && (next_ms == 0 || wait_ms < next_ms))
			next_ms = wait_ms;
	}
	arena_free(a);
	if (rc != ERR_OK || first != ERR_OK)
		return rc != ERR_OK ? rc : first;
	*ret_next_at_ms = next_ms;
	return ERR_OK;
}
