/* SPDX-License-Identifier: Apache-2.0 */
/* From configured feeds to staged runs: fetchers on one side, the store on the other. */
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/feed_config.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/fetchers.h"
#include "server/service.h"
#include "store/feeds.h"

/* Waits after failures in a row: the first try again is soon, the last twice a day. */
static const int64_t failure_wait_s[] = { 60, 300, 900, 3600, 10800, 43200 };

const struct feed_config *
service_feed_config(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_feeds; i++)
		if (str_eq(c->feeds[i].name, name))
			return &c->feeds[i];
	return NULL;
}

static bool
speaks_of(const struct feed_config *f, const char *const *ecosystems, size_t n)
{
	for (size_t g = 0; f->ecosystems != NULL && f->ecosystems[g] != NULL; g++)
		for (size_t i = 0; i < n; i++)
			if (glob_match(f->ecosystems[g], ecosystems[i]))
				return true;
	return false;
}

static bool
is_named(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_catalogue_globs; i++)
		if (str_eq(c->catalogue_globs[i], name))
			return true;
	return false;
}

/* Is feed F of the catalogue wanted, given what is registered? */
static bool
is_wanted(const struct config *c, const struct feed_config *f, const struct driver *d,
    const char *const *ecosystems, size_t n)
{
	if (!f->from_catalogue)
		return f->enabled;
	if (!f->enabled) /* to be asked for: a glob is no word for it, its name is */
		return is_named(c, f->name);
	if (c->catalogue !=
	    NULL) /* auto: enrichment once there is something to enrich */
		return d->caps & DRIVER_ENRICHES ? n > 0 : speaks_of(f, ecosystems, n);
	for (size_t i = 0; i < c->n_catalogue_globs; i++)
		if (glob_match(c->catalogue_globs[i], f->name))
			return true;
	return false;
}

static const char *
join(struct arena *a, const char *const *words)
{
	const char *text = "";

	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		text = arena_printf(a, "%s%s%s", text, i > 0 ? "," : "", words[i]);
	return text;
}

static enum err_code
sync_feeds(struct worker *w, struct arena *a, struct err *e)
{
	const struct config *c = w->config;
	struct feed_row *rows = arena_array(a, c->n_feeds, sizeof(*rows));
	const char **ecosystems = NULL;
	size_t n = 0, n_ecosystems = 0;
	enum err_code rc;

	rc = store_ecosystems_used(w->store, a, &ecosystems, &n_ecosystems, e);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < c->n_feeds; i++) {
		const struct feed_config *f = &c->feeds[i];
		const struct driver *d = driver_find(f->driver);

		if (d == NULL)
			return err_set(e, ERR_INPUT, "feed %s: no driver \"%s\"",
			    f->name, f->driver);
		if (!is_wanted(c, f, d, ecosystems, n_ecosystems))
			continue;
		rows[n++] = (struct feed_row){
			.name = f->name,
			.source = f->source != NULL ? f->source : d->source,
			.driver = f->driver,
			.url = f->url,
			.remark = f->remark,
			/* who only ever says 'not affected' covers nothing */
			.ecosystems = d->says & (SAYS_FIXED | SAYS_UNFIXED)
					  ? join(a, f->ecosystems)
					  : "",
			.source_rank =
			    driver_rank(d, f->source != NULL ? f->source : d->source),
			.driver_revision = d->revision,
			.enriches = (d->caps & DRIVER_ENRICHES) != 0,
			.enabled = true,
			.interval_ms = f->interval_ms,
			.stale_after_s = f->stale_after_ms / 1000,
		};
	}
	return store_feeds_put(w->store, rows, n, e);
}

enum err_code
service_feeds_sync(struct worker *w, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = sync_feeds(w, a, e);

	arena_free(a);
	return rc;
}

/* ---- one run ---- */

struct staging {
	struct record_sink sink; /* first: the fetchers hand this back */
	struct run *run;
	struct worker *w;
	const struct feed_row *row;
	int64_t held_at; /* when the lease was last renewed */
};

static const char *
holder(const struct worker *w)
{
	return w->holder != NULL ? w->holder : "tocsin";
}

/* The fetchers tell of progress at least as often as a lease must be renewed. */
static bool
stage_progress(
    void *arg, const char *what, uint64_t bytes, uint64_t total, uint64_t records)
{
	struct staging *stage = arg;
	struct worker *w = stage->w;
	int64_t now = clock_now_s(w->clock);
	char text[160];

	if (now - stage->held_at >= FEED_LEASE_S / 4) {
		struct err ignored = ERR_INIT;

		/* lost: nothing of this run would be taken any more */
		if (store_feed_hold(w->store, stage->row->id, holder(w), now,
			&ignored) == ERR_CONFLICT)
			return false;
		stage->held_at = now;
	}
	if (w->progress == NULL)
		return true;
	(void)snprintf(text, sizeof(text), "%s %s", what, stage->row->name);
	return w->progress(w->arg, text, bytes, total, records);
}

/* Waits are told to whoever brought a clock of their own. */
static int
stage_sleep(void *arg, int64_t ms)
{
	struct worker *w = ((struct staging *)arg)->w;

	return w->sleep_ms(w->arg, ms);
}

static enum err_code
stage_record(struct record_sink *s, const struct record *r, struct err *e)
{
	bool changed;

	return store_run_record(((struct staging *)s)->run, r, &changed, e);
}

static void
stage_skipped(struct record_sink *s, const char *key, const char *why)
{
	store_run_skipped(((struct staging *)s)->run, key, why);
}

static enum err_code
stage_gone(struct record_sink *s, const char *key, struct err *e)
{
	return store_run_gone(((struct staging *)s)->run, key, e);
}

static enum err_code
fetch_into(struct worker *w, const struct feed_config *f, const struct feed_row *row,
    const struct driver *d, struct staging *stage, struct arena *a,
    struct fetch_result *ret, struct err *e)
{
	const struct feed_state state = {
		.etag = row->etag,
		.last_modified = row->last_modified,
		.body_sha256 = row->body_sha256,
		.cursor = row->cursor,
		.force = !row->ever_applied || row->driver_revision != d->revision,
	};
	const struct fetch_options o = {
		.feed = f,
		.state = &state,
		.net = w->net,
		.clock = w->clock,
		.spool_dir = w->spool_dir,
		.arena = a,
		.sink = &stage->sink,
		.hosts = w->hosts,
		.mirror = f->has_own_url ? NULL : w->config->mirror,
		.sleep_ms = w->sleep_ms != NULL ? stage_sleep : NULL,
		.progress = stage_progress,
		.progress_arg = stage,
	};

	return fetch_run(&o, ret, e);
}

/* The interval, stretched a little so that a fleet of servers does not ask at once. */
static int64_t
next_try(const struct worker *w, const struct feed_config *f)
{
	int64_t stretch_ms = f->interval_ms * w->config->feed_jitter_percent / 100;
	uint32_t dice;

	if (f->interval_ms < 60000 || stretch_ms <= 0)
		return clock_now_s(w->clock) + (f->interval_ms + 999) / 1000;
	random_bytes(&dice, sizeof(dice));
	return clock_now_s(w->clock) + (f->interval_ms + dice % stretch_ms) / 1000;
}

static void
remember(const struct fetch_result *r, struct feed_memory *m)
{
	*m = (struct feed_memory){
		.etag = r->next.etag,
		.last_modified = r->next.last_modified,
		.body_sha256 = r->next.body_sha256,
		.cursor = r->next.cursor,
	};
}

static enum err_code
run_failed(struct worker *w, struct run *run, const struct feed_row *row,
    enum err_code rc, struct err *e)
{
	size_t steps = sizeof(failure_wait_s) / sizeof(failure_wait_s[0]);
	size_t step = row->failures < 0 ? 0 : (size_t)row->failures;
	int64_t now = clock_now_s(w->clock), interval_s = row->interval_ms / 1000;
	int64_t wait_s = failure_wait_s[step < steps ? step : steps - 1];
	struct err ignored = ERR_INIT;

	/* A feed asked every few seconds is tried again at its own pace. */
	if (interval_s < wait_s && step == 0)
		wait_s = interval_s > 0 ? interval_s : 1;
	(void)store_run_fail(
	    w->store, run, row->id, e != NULL ? e->text : "", now, &ignored);
	(void)store_feed_give_back(
	    w->store, row->id, holder(w), now + wait_s, &ignored);
	return rc;
}

static enum err_code
run_feed(struct worker *w, const struct feed_config *f, const struct feed_row *row,
    struct arena *a, struct feed_outcome *ret, struct err *e)
{
	const struct driver *d = driver_find(f->driver);
	const struct run_limits limits = {
		.shrink_percent = (unsigned)w->config->shrink_percent,
		.shrink_least = (unsigned)w->config->shrink_least,
	};
	struct staging stage = { .sink = { .record = stage_record,
				     .skipped = stage_skipped,
				     .gone = stage_gone },
		.w = w,
		.row = row,
		.held_at = clock_now_s(w->clock) };
	struct fetch_result got = { 0 };
	struct feed_memory memory;
	int64_t now = clock_now_s(w->clock);
	enum err_code rc;

	rc = store_run_open(w->store, row->id, d->revision, now, &stage.run, e);
	if (rc != ERR_OK)
		return run_failed(w, NULL, row, rc, e);
	if ((rc = fetch_into(w, f, row, d, &stage, a, &got, e)) != ERR_OK)
		return run_failed(w, stage.run, row, rc, e);
	remember(&got, &memory);
	now = clock_now_s(w->clock);
	ret->unchanged = got.unchanged;
	ret->bytes = got.bytes;
	ret->records = got.records;
	ret->skipped = got.skipped;
	if (got.unchanged) {
		ret->state = RUN_DONE;
		rc = store_run_unchanged(w->store, stage.run, row->id, &memory, now, e);
	} else {
		rc = store_run_finish(stage.run, got.complete, got.bytes, &memory,
		    &limits, now, &ret->run_id, &ret->state, e);
	}
	if (rc != ERR_OK)
		return run_failed(w, NULL, row, rc, e);
	return store_feed_give_back(w->store, row->id, holder(w), next_try(w, f), e);
}

static enum err_code
run_row(struct worker *w, const struct feed_row *row, struct arena *a,
    struct feed_outcome *ret, struct err *e)
{
	const struct feed_config *f = service_feed_config(w->config, row->name);
	int64_t started_ms = w->clock->mono_ms(w->clock);
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	ret->state = RUN_FAILED;
	if (f == NULL) {
		struct err ignored = ERR_INIT;

		(void)store_feed_give_back(
		    w->store, row->id, holder(w), row->next_at, &ignored);
		return err_set(e, ERR_NOTFOUND, "feed %s is not configured", row->name);
	}
	rc = run_feed(w, f, row, a, ret, e);
	ret->duration_ms = w->clock->mono_ms(w->clock) - started_ms;
	return rc; /* the fetchers name the feed, and so does the store */
}

enum err_code
service_feed_run(
    struct worker *w, const char *name, struct feed_outcome *ret, struct err *e)
{
	struct arena *a = arena_new();
	struct feed_row row;
	enum err_code rc = store_feed_take(
	    w->store, name, holder(w), clock_now_s(w->clock), a, &row, e);

	if (rc == ERR_OK)
		rc = run_row(w, &row, a, ret, e);
	arena_free(a);
	return rc;
}

enum err_code
service_feed_next(struct worker *w, struct arena *a, const char **ret_name,
    struct feed_outcome *ret, int64_t *ret_next_at, struct err *e)
{
	struct feed_row row;
	enum err_code rc;

	rc = store_feed_take_due(
	    w->store, holder(w), clock_now_s(w->clock), a, &row, ret_next_at, e);
	if (rc != ERR_OK)
		return rc;
	*ret_name = row.name;
	return run_row(w, &row, a, ret, e);
}
