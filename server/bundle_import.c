/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a bundle, line by line; see bundle.h. */
#include <string.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/stream.h"
#include "server/bundle.h"
#include "server/bundle_private.h"
#include "server/service.h"

#define MAX_BUNDLE_BYTES ((uint64_t)64 << 30)

/* What a walk over the lines tells. */
struct reader {
	enum err_code (*feed)(void *arg, const struct bundle_feed *f, struct err *e);
	enum err_code (*record)(void *arg, const char *line, size_t len, struct err *e);
	enum err_code (*end)(void *arg, struct err *e); /* all lines were there */
	void *arg;
	/* of the walk */
	struct arena *a; /* of one line */
	size_t feeds;
	uint64_t lines, records;
	bool is_ended;
};

/* ---- lines ---- */

static enum err_code
broken(const struct reader *r, const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "line %llu of the bundle: %s",
	    (unsigned long long)r->lines, what);
}

static enum err_code
take_head(struct reader *r, const struct json *j, struct err *e)
{
	double version = json_num(json_get(j, "tocsin_bundle"));

	if (version < 1)
		return broken(r, "not the head of a bundle", e);
	if (version > BUNDLE_VERSION)
		return broken(r, "the bundle was made by a newer tocsin", e);
	return ERR_OK;
}

static int64_t
whole(const struct json *j, const char *key, int64_t most)
{
	double v = json_num(json_get(j, key));

	return v >= 0 && v <= (double)most ? (int64_t)v : -1;
}

static enum err_code
take_feed(struct reader *r, const struct json *j, struct err *e)
{
	const struct bundle_feed f = {
		.name = json_str(json_get(j, "name")),
		.source = json_str(json_get(j, "source")),
		.driver = json_str(json_get(j, "driver")),
		.url = json_str(json_get(j, "url")),
		.ecosystems = json_str(json_get(j, "ecosystems")),
		.remark = json_str(json_get(j, "remark")),
		.source_rank = (int)whole(j, "source_rank", 100),
		.driver_revision = (unsigned)whole(j, "driver_revision", 1000000),
		.interval_ms = 1000 * whole(j, "interval_s", INT32_MAX),
		.records = (uint64_t)whole(j, "records", INT32_MAX),
	};
	const char *as_of = json_str(json_get(j, "as_of"));
	struct bundle_feed full = f;

	if (f.name == NULL || f.source == NULL || f.driver == NULL || f.url == NULL ||
	    f.source_rank < 0 || (int)f.driver_revision < 1 || f.interval_ms < 0 ||
	    json_take_bool(j, "enriches", &full.enriches, NULL) != ERR_OK ||
	    as_of == NULL || !time_parse(as_of, &full.as_of) ||
	    strlen(f.name) > MAX_NAME || strlen(f.source) > MAX_NAME)
		return broken(r, "not the description of a feed", e);
	r->feeds++;
	return r->feed(r->arg, &full, e);
}

static enum err_code
take_end(struct reader *r, const struct json *j, struct err *e)
{
	r->is_ended = true;
	if (whole(j, "feeds", INT32_MAX) != (int64_t)r->feeds ||
	    whole(j, "records", INT64_MAX / 2) != (int64_t)r->records)
		return broken(r, "there were other lines than are counted here", e);
	return r->end(r->arg, e);
}

/* A line that is no record: the head, a feed, the end. */
static enum err_code
take_frame(
    struct reader *r, const char *line, size_t len, bool *ret_took, struct err *e)
{
	struct json *j = NULL;
	enum err_code rc = ERR_OK;

	*ret_took = true;
	if (r->lines > 1 && !str_starts(line, "{\"feed\":") &&
	    !str_starts(line, "{\"end\":")) {
		*ret_took = false;
		return ERR_OK;
	}
	if (json_parse(&j, line, len, e) != ERR_OK)
		return broken(r, "not JSON", e);
	if (r->lines == 1)
		rc = take_head(r, j, e);
	else if (json_get(j, "feed") != NULL)
		rc = take_feed(r, json_get(j, "feed"), e);
	else
		rc = take_end(r, j, e);
	json_free(j);
	return rc;
}

static enum err_code
take_line(struct reader *r, const char *line, size_t len, struct err *e)
{
	bool took;
	enum err_code rc;

	r->lines++;
	if (r->is_ended)
		return broken(r, "something stands behind the end", e);
	if ((rc = take_frame(r, line, len, &took, e)) != ERR_OK || took)
		return rc;
	if (r->feeds == 0)
		return broken(r, "a record of no feed", e);
	r->records++;
	return r->record(r->arg, line, len, e);
}

static enum err_code
walk_lines(struct reader *r, struct stream *in, struct err *e)
{
	struct buf line CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES + 2);
	const char *p;
	size_t len;
	enum err_code rc;

	while ((rc = stream_read(in, &p, &len, e)) == ERR_OK && len > 0)
		for (const char *end = p + len; p < end && rc == ERR_OK;) {
			const char *lf = memchr(p, '\n', (size_t)(end - p));

			buf_add(&line, p, (size_t)((lf != NULL ? lf : end) - p));
			if (line.full)
				return broken(r, "the line is too long", e);
			if (lf == NULL)
				break;
			rc = take_line(r, buf_str(&line), line.len, e);
			buf_reset(&line);
			p = lf + 1;
			if (rc != ERR_OK)
				return rc;
		}
	if (rc == ERR_OK && !r->is_ended)
		return broken(r, "the bundle ends too early", e);
	return rc;
}

static enum err_code
walk(struct reader *r, const char *path, struct err *e)
{
	struct stream *in = NULL;
	enum err_code rc = stream_open_file(&in, path, MAX_BUNDLE_BYTES, e);

	if (rc == ERR_OK)
		rc = walk_lines(r, in, e);
	stream_close(in);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", path);
}

/* ---- what is inside ---- */

struct listing {
	struct arena *a;
	struct {
		struct bundle_feed *at;
		size_t n, cap;
	} feeds;
};

static enum err_code
list_feed(void *arg, const struct bundle_feed *f, struct err *e)
{
	struct listing *l = arg;
	struct bundle_feed *kept = ARENA_PUSH(l->a, &l->feeds);

	(void)e;
	*kept = *f;
	kept->name = arena_strdup(l->a, f->name);
	kept->source = arena_strdup(l->a, f->source);
	kept->driver = arena_strdup(l->a, f->driver);
	kept->url = arena_strdup(l->a, f->url);
	kept->ecosystems = arena_strdup(l->a, f->ecosystems);
	kept->remark = arena_strdup(l->a, f->remark);
	kept->records = 0; /* counted, not believed */
	return ERR_OK;
}

static enum err_code
list_record(void *arg, const char *line, size_t len, struct err *e)
{
	struct listing *l = arg;

	(void)line, (void)len, (void)e;
	l->feeds.at[l->feeds.n - 1].records++;
	return ERR_OK;
}

static enum err_code
list_end(void *arg, struct err *e)
{
	(void)arg, (void)e;
	return ERR_OK;
}

enum err_code
bundle_list(const char *path, struct arena *a, struct bundle_feed **ret, size_t *ret_n,
    struct err *e)
{
	struct listing l = { .a = a };
	struct reader r = {
		.feed = list_feed, .record = list_record, .end = list_end, .arg = &l
	};
	enum err_code rc = walk(&r, path, e);

	*ret = l.feeds.at;
	*ret_n = l.feeds.n;
	return rc;
}

/* ---- taking it over ---- */

struct importing {
	struct worker *w;
	const char *holder;
	struct run *run; /* of the feed whose records come now; NULL = none */
	int64_t feed_id, as_of;
	const char *feed; /* its name, owned by 'names' */
	struct arena *a, *names;
	uint64_t bytes, total; /* of the feed; of all */
	int64_t held_at;       /* when the lease was last renewed */
	bool older;
	struct bundle_figures figures;
};

static enum err_code
give_up(struct importing *x, enum err_code rc, struct err *e)
{
	struct err ignored = ERR_INIT;
	int64_t now = clock_now_s(x->w->clock);

	if (x->run == NULL)
		return rc;
	(void)store_run_fail(
	    x->w->store, x->run, x->feed_id, e != NULL ? e->text : "", now, &ignored);
	(void)store_feed_give_back(x->w->store, x->feed_id, x->holder, 0, &ignored);
	x->run = NULL;
	return rc;
}

/* The feed before is complete. */
static enum err_code
finish_feed(struct importing *x, struct err *e)
{
	const struct feed_memory memory = { .etag = NULL };
	const struct run_limits limits = {
		.shrink_percent = (unsigned)x->w->config->shrink_percent,
		.shrink_least = (unsigned)x->w->config->shrink_least,
	};
	enum run_state state = RUN_FAILED;
	struct run *run = x->run;
	int64_t run_id;
	enum err_code rc;

	if (run == NULL)
		return ERR_OK;
	x->run = NULL; /* freed by the call, whatever becomes of it */
	rc = store_run_finish(run, true, x->bytes, &memory, &limits,
	    clock_now_s(x->w->clock), &run_id, &state, e);
	if (rc != ERR_OK) {
		struct err ignored = ERR_INIT;

		(void)store_feed_give_back(
		    x->w->store, x->feed_id, x->holder, 0, &ignored);
		return err_wrap(e, rc, "feed %s", x->feed);
	}
	x->figures.held += state == RUN_HELD;
	return store_feed_imported(x->w->store, x->feed_id, x->holder, x->as_of, e);
}

static enum err_code
check_age(struct importing *x, const struct bundle_feed *f, struct err *e)
{
	struct feed_row known;
	enum err_code rc = store_feed(x->w->store, f->name, x->names, &known, NULL);

	if (rc != ERR_OK || x->older || known.last_success_at <= f->as_of)
		return ERR_OK;
	return err_set(e, ERR_CONFLICT,
	    "feed %s is known from a later time than the bundle's (--older takes it)",
	    f->name);
}

static enum err_code
import_feed(void *arg, const struct bundle_feed *f, struct err *e)
{
	struct importing *x = arg;
	int64_t now = clock_now_s(x->w->clock);
	const struct feed_row row = {
		.name = f->name,
		.source = f->source,
		.driver = f->driver,
		.url = f->url,
		.ecosystems = f->ecosystems,
		.remark = f->remark,
		.source_rank = f->source_rank,
		.enriches = f->enriches,
		.interval_ms = f->interval_ms,
	};
	enum err_code rc;

	if ((rc = finish_feed(x, e)) != ERR_OK || (rc = check_age(x, f, e)) != ERR_OK)
		return rc;
	rc = store_feed_import(x->w->store, &row, x->holder, now, &x->feed_id, e);
	if (rc != ERR_OK)
		return rc;
	x->feed = arena_strdup(x->names, f->name);
	x->as_of = f->as_of < now ? f->as_of : now;
	x->bytes = 0;
	x->held_at = now;
	x->figures.feeds++;
	return store_run_open(
	    x->w->store, x->feed_id, f->driver_revision, now, &x->run, e);
}

/* Tell of progress, and keep the lease. */
static enum err_code
go_on(struct importing *x, struct err *e)
{
	int64_t now = clock_now_s(x->w->clock);

	if (x->w->progress != NULL &&
	    !x->w->progress(x->w->arg, "importing", x->total, 0, x->figures.records))
		return err_set(e, ERR_BUSY, "stopped");
	if (now - x->held_at < FEED_LEASE_S / 4)
		return ERR_OK;
	x->held_at = now;
	return store_feed_hold(x->w->store, x->feed_id, x->holder, now, e);
}

static enum err_code
import_record(void *arg, const char *line, size_t len, struct err *e)
{
	struct importing *x = arg;
	struct err why = ERR_INIT;
	struct record *r = NULL;
	bool changed;
	enum err_code rc;

	arena_reset(x->a);
	x->bytes += len;
	x->total += len;
	rc = record_read(&r, line, len, x->a, &why);
	if (rc != ERR_OK) {
		x->figures.skipped++;
		store_run_skipped(x->run, NULL, why.text);
		return ERR_OK;
	}
	x->figures.records++;
	if (x->figures.records % 256 == 0 && (rc = go_on(x, e)) != ERR_OK)
		return rc;
	return store_run_record(x->run, r, &changed, e);
}

static enum err_code
import_end(void *arg, struct err *e)
{
	return finish_feed(arg, e);
}

enum err_code
bundle_import(struct worker *w, const char *path, bool older,
    struct bundle_figures *ret, struct err *e)
{
	struct importing x = { .w = w,
		.holder = w->holder != NULL ? w->holder : "tocsin bundle import",
		.a = arena_new(),
		.names = arena_new(),
		.older = older };
	struct reader r = { .feed = import_feed,
		.record = import_record,
		.end = import_end,
		.arg = &x };
	enum err_code rc = walk(&r, path, e);

	if (rc != ERR_OK)
		rc = give_up(&x, rc, e);
	*ret = x.figures;
	arena_free(x.a);
	arena_free(x.names);
	return rc;
}
