/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: how fresh they are, running one, accepting what was held. */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/str.h"
#include "server/api.h"
#include "server/live.h"

HANDLER(api_feeds_get)
{
	struct feed_row *rows = NULL;
	struct render w;
	const char *next;
	size_t n = 0, shown = 0, from, to;
	enum err_code rc = store_feeds(r->reader->store, r->arena, &rows, &n, e);

	/* a catalogue feed that nobody needs is no feed of this server */
	for (size_t i = 0; i < n; i++)
		if (rows[i].enabled || rows[i].ever_applied)
			rows[shown++] = rows[i];
	if (rc != ERR_OK || (rc = api_page(r, shown, &from, &to, &next, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = from; i < to; i++)
		render_feed(&w, &rows[i]);
	api_items_end(&w, next, (int64_t)shown);
	return ERR_OK;
}

/* Since when and how much the feed speaks of each ecosystem. */
static void
render_spoken(struct render *w, const struct feed_spoken *spoken, size_t n)
{
	jw_array(&w->w);
	for (size_t i = 0; i < n; i++) {
		jw_object(&w->w);
		jw_ktext(&w->w, "ecosystem", spoken[i].ecosystem);
		jw_kint(&w->w, "records", spoken[i].n_records);
		jw_ktime(&w->w, "newest_record", spoken[i].newest_record_at);
		jw_object_end(&w->w);
	}
	jw_array_end(&w->w);
}

HANDLER(api_feed_get)
{
	struct store *st = r->reader->store;
	struct feed_row feed;
	struct feed_spoken *spoken = NULL;
	struct run_row *runs = NULL;
	struct render w;
	size_t limit, n = 0, n_spoken = 0;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = store_feed(st, r->segments[0], r->arena, &feed, e)) != ERR_OK ||
	    (rc = store_feed_spoken(st, feed.id, r->arena, &spoken, &n_spoken, e)) !=
		ERR_OK ||
	    (rc = store_runs(st, feed.id, 0, limit, r->arena, &runs, &n, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_key(&w.w, "feed");
	render_feed(&w, &feed);
	jw_key(&w.w, "speaks_of");
	render_spoken(&w, spoken, n_spoken);
	jw_key(&w.w, "runs");
	jw_array(&w.w);
	for (size_t i = 0; i < n; i++)
		render_run(&w, &runs[i], r->who.scope.all);
	jw_array_end(&w.w);
	jw_object_end(&w.w);
	return ERR_OK;
}

HANDLER(api_feed_runs)
{
	struct store *st = r->reader->store;
	struct feed_row feed;
	struct run_row *runs = NULL;
	struct render w;
	int64_t before = 0;
	size_t limit, n = 0;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &before, 1, e)) != ERR_OK ||
	    (rc = store_feed(st, r->segments[0], r->arena, &feed, e)) != ERR_OK ||
	    (rc = store_runs(st, feed.id, before, limit, r->arena, &runs, &n, e)) !=
		ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = 0; i < n; i++)
		render_run(&w, &runs[i], r->who.scope.all);
	api_items_end(
	    &w, n == limit ? api_cursor_write(r, &runs[n - 1].id, 1) : NULL, -1);
	return ERR_OK;
}

HANDLER(api_feed_run)
{
	struct feed_row feed;
	struct render w;
	enum err_code rc;

	if ((rc = store_feed(r->reader->store, r->segments[0], r->arena, &feed, e)) !=
	    ERR_OK)
		return rc;
	if (!feed.enabled)
		return err_set(e, ERR_CONFLICT, "feed %s is not enabled", feed.name);
	if ((rc = store_feed_schedule(r->worker->store, feed.id, api_now(r), e)) !=
	    ERR_OK)
		return rc;
	bell_ring(&r->live->fetch);
	out->status = 202;
	feed.next_at = api_now(r);
	api_begin(r, out, &w);
	render_feed(&w, &feed);
	return ERR_OK;
}

HANDLER(api_feed_accept)
{
	const char *flood = NULL;
	struct json *j = NULL;
	int64_t run_id = 0;
	enum err_code rc;

	if (r->body_len > 0) {
		static const char *const known[] = { "flood", NULL };

		if ((rc = api_json(r, &j, e)) != ERR_OK)
			return rc;
		if ((rc = json_only(j, known, e)) == ERR_OK)
			rc = json_take_text(j, "flood", &flood, e);
		if (rc == ERR_OK && flood != NULL && !str_eq(flood, "announce") &&
		    !str_eq(flood, "baseline"))
			rc =
			    err_set(e, ERR_INPUT, "flood must be announce or baseline");
		flood = arena_strdup(r->arena, flood);
		json_free(j);
		if (rc != ERR_OK)
			return rc;
	}
	if (flood != NULL)
		rc = store_run_settle(r->worker->store, r->segments[0],
		    str_eq(flood, "announce"), r->who.actor, api_now(r), e);
	else
		rc = store_run_accept(r->worker->store, r->segments[0], r->who.actor,
		    api_now(r), &run_id, e);
	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->match);
	bell_ring(&r->live->gather);
	return api_feed_get(r, out, e);
}

/* ---- what they say ---- */

static enum err_code
advisory(struct request *r, struct response *out, bool only_present, struct err *e)
{
	struct advisory_revision *rows = NULL;
	struct render w;
	int64_t after[2] = { 0, 0 };
	size_t limit, n = 0;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, after, 2, e)) != ERR_OK ||
	    (rc = store_advisory_history(r->reader->store, r->segments[0],
		 r->segments[1], only_present, after, limit, r->arena, &rows, &n, e)) !=
		ERR_OK)
		return rc;
	if (n == limit) {
		after[0] = rows[n - 1].record_id;
		after[1] = rows[n - 1].revision;
	}
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_ktext(&w.w, "source", r->segments[0]);
	jw_ktext(&w.w, "id", r->segments[1]);
	jw_key(&w.w, "items");
	jw_array(&w.w);
	for (size_t i = 0; i < n; i++)
		render_revision(&w, &rows[i]);
	api_items_end(&w, n == limit ? api_cursor_write(r, after, 2) : NULL, -1);
	return ERR_OK;
}

HANDLER(api_advisory_get)
{
	return advisory(r, out, true, e);
}

HANDLER(api_advisory_history)
{
	return advisory(r, out, false, e);
}
