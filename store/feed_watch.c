/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_watch - is a feed stale?  Not what its server answers counts but whether it still
 * says something new, and how often that happens is a matter of each feed: a distribution
 * speaks every day, a list of end-of-life dates twice a year.  So the rhythm is learned:
 * the longest time between two pieces of news, forgotten by and by.
 */
#include <stdio.h>

#include "core/arena.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "store/outbox.h"
#include "store/run_private.h"

#define DAY_S ((int64_t)24 * 3600)
/* A feed out of reach is missed after so many of its intervals, and at least a day. */
#define MISSED_INTERVALS 3
/* Silence is too long beyond so many times the rhythm, once it is known. */
#define RHYTHM_TIMES     4
#define LEAST_SILENCE_S  (7 * DAY_S)
#define MOST_SILENCE_S   (180 * DAY_S)
#define NEW_SILENCE_S    (90 * DAY_S)
#define KNOWN_AFTER_NEWS 4
/* What is left of the longest gap with every piece of news, in percent. */
#define RHYTHM_KEPT 90

/* ---- learning ---- */

struct rhythm {
	int64_t newest_record_at, news_at, rhythm_s, n_news;
};

static enum err_code
read_rhythm(struct store *st, int64_t feed_id, struct rhythm *ret, struct err *e)
{
	struct query *q = query(st, STMT_FEED_NEWS_GET);
	enum err_code rc;

	bind_int(q, 1, feed_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = (struct rhythm){ col_int(q, 0), col_int(q, 1), col_int(q, 2),
			col_int(q, 3) };
	query_done(q);
	return rc;
}

/* News of NOW_AT's date; what is dated in the future is as new as it gets. */
static void
learn(struct rhythm *r, int64_t at, int64_t now_at)
{
	int64_t gap;

	if (at > now_at)
		at = now_at;
	gap = at - r->news_at;
	if (r->n_news > 0 && gap <= 0)
		return;
	if (r->n_news > 0) {
		r->rhythm_s = r->rhythm_s * RHYTHM_KEPT / 100;
		if (gap > r->rhythm_s)
			r->rhythm_s = gap;
	}
	r->news_at = at;
	r->n_news++;
}

enum err_code
feed_news(
    struct store *st, int64_t feed_id, bool changed, int64_t now_at, struct err *e)
{
	struct rhythm r, was;
	struct query *q;
	enum err_code rc;

	if ((rc = read_rhythm(st, feed_id, &was, e)) != ERR_OK)
		return rc;
	r = was;
	if (r.newest_record_at != 0)
		learn(&r, r.newest_record_at, now_at);
	else if (changed)
		learn(&r, now_at, now_at);
	if (r.n_news == was.n_news)
		return ERR_OK;
	q = query(st, STMT_FEED_NEWS_PUT);
	bind_int(q, 1, feed_id);
	bind_int(q, 2, r.news_at);
	bind_int(q, 3, r.rhythm_s);
	bind_int(q, 4, r.n_news);
	return query_run(q, e);
}

/* ---- watching ---- */

enum watched_column {
	COL_ID,
	COL_NAME,
	COL_INTERVAL,
	COL_SUCCESS,
	COL_STALE_AFTER,
	COL_NEWS_AT,
	COL_RHYTHM,
	COL_N_NEWS,
	COL_STALE_SINCE,
	COL_RUN_ID
};

struct watched {
	int64_t id, run_id, interval_s, last_success_at, stale_after_s, stale_since;
	struct rhythm rhythm;
	const char *name;
};

struct watch {
	struct watched *at;
	size_t n, cap;
};

static int64_t
patience_s(const struct watched *f)
{
	int64_t s = RHYTHM_TIMES * f->rhythm.rhythm_s;

	if (f->stale_after_s != 0)
		return f->stale_after_s;
	if (f->rhythm.n_news < KNOWN_AFTER_NEWS)
		return NEW_SILENCE_S;
	return s < LEAST_SILENCE_S  ? LEAST_SILENCE_S
	       : s > MOST_SILENCE_S ? MOST_SILENCE_S
				    : s;
}

/* Why the feed is stale, NULL if it is not; since when it has been silent. */
static const char *
judge(const struct watched *f, int64_t now_at, int64_t *ret_silent_since)
{
	int64_t missed_s = MISSED_INTERVALS * f->interval_s;

	*ret_silent_since = f->last_success_at;
	if (f->last_success_at != 0 &&
	    now_at - f->last_success_at > (missed_s > DAY_S ? missed_s : DAY_S))
		return "unreachable";
	*ret_silent_since = f->rhythm.news_at;
	if (f->rhythm.news_at != 0 && now_at - f->rhythm.news_at > patience_s(f))
		return "silent";
	return NULL;
}

static enum err_code
read_watched(struct store *st, struct arena *a, struct watch *out, struct err *e)
{
	struct query *q = query(st, STMT_FEEDS_WATCHED);
	enum err_code rc;
	bool row;

	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(a, out) = (struct watched){
			.id = col_int(q, COL_ID),
			.name = col_dup(q, COL_NAME, a),
			.interval_s = col_int(q, COL_INTERVAL) / 1000,
			.last_success_at = col_int(q, COL_SUCCESS),
			.stale_after_s = col_int(q, COL_STALE_AFTER),
			.rhythm = { .news_at = col_int(q, COL_NEWS_AT),
			    .rhythm_s = col_int(q, COL_RHYTHM),
			    .n_news = col_int(q, COL_N_NEWS) },
			.stale_since = col_int(q, COL_STALE_SINCE),
			.run_id = col_int(q, COL_RUN_ID),
		};
	query_done(q);
	return rc;
}

/* Was it told already that the feed is well?  Who reaches it again says so at once. */
static enum err_code
is_told_well(struct store *st, int64_t feed_id, bool *ret, struct err *e)
{
	struct query *q = query(st, STMT_CHANGES_FEED_WORD);
	enum err_code rc;

	bind_int(q, 1, feed_id);
	bind_int(q, 2, INT64_MAX);
	rc = query_one(q, e);
	*ret = rc == ERR_OK && col_int(q, 0) == EVENT_FEED_RECOVERED;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
tell_stale(struct store *st, const struct watched *f, const char *why,
    int64_t silent_since, int64_t now_at, struct err *e)
{
	struct buf more CLEANUP_BUF = BUF_INIT(MAX_TEXT);

	buf_printf(&more, ",\"why\":\"%s\",\"silent_days\":%lld", why,
	    (long long)((now_at - silent_since) / DAY_S));
	return feed_event(
	    st, EVENT_FEED_STALE, f->run_id, f->name, buf_str(&more), now_at, e);
}

static enum err_code
tell(struct store *st, const struct watched *f, const char *why, int64_t silent_since,
    int64_t now_at, struct err *e)
{
	struct query *q = query(st, STMT_FEED_STALE);
	bool is_well = false;
	enum err_code rc;

	bind_int(q, 1, f->id);
	bind_id(q, 2, why != NULL ? now_at : 0);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	if (why == NULL &&
	    ((rc = is_told_well(st, f->id, &is_well, e)) != ERR_OK || is_well))
		return rc;
	if (why == NULL)
		return feed_event(st, EVENT_FEED_RECOVERED, f->run_id, f->name,
		    ",\"failures\":0,\"was_held\":false,\"was_stale\":true", now_at, e);
	return tell_stale(st, f, why, silent_since, now_at, e);
}

enum err_code
feed_well(struct store *st, int64_t feed_id, int64_t run_id, const char *feed,
    const char *more, int64_t now_at, struct err *e)
{
	struct arena *a = arena_new();
	struct watch feeds = { 0 };
	const struct watched *f = NULL;
	const char *why = NULL;
	int64_t silent_since = 0;
	enum err_code rc = read_watched(st, a, &feeds, e);

	for (size_t i = 0; i < feeds.n; i++)
		if (feeds.at[i].id == feed_id && feeds.at[i].stale_since != 0)
			f = &feeds.at[i];
	if (f != NULL)
		why = judge(f, now_at, &silent_since);
	if (rc == ERR_OK)
		rc = why != NULL ? tell_stale(st, f, why, silent_since, now_at, e)
				 : feed_event(st, EVENT_FEED_RECOVERED, run_id, feed,
				       more, now_at, e);
	arena_free(a);
	return rc;
}

/* Tell what has turned; with TELL false only count it, so that nearly always nobody needs
 * the writer's lock. */
static enum err_code
look(struct store *st, int64_t now_at, bool do_tell, size_t *ret_n, struct err *e)
{
	struct arena *a = arena_new();
	struct watch feeds = { 0 };
	enum err_code rc = read_watched(st, a, &feeds, e);

	*ret_n = 0;
	for (size_t i = 0; i < feeds.n && rc == ERR_OK; i++) {
		int64_t silent_since = 0;
		const char *why = judge(&feeds.at[i], now_at, &silent_since);

		if ((why != NULL) == (feeds.at[i].stale_since != 0))
			continue;
		++*ret_n;
		if (do_tell)
			rc = tell(st, &feeds.at[i], why, silent_since, now_at, e);
	}
	arena_free(a);
	return rc;
}

enum err_code
store_feeds_watch(struct store *st, int64_t now_at, size_t *ret_n, struct err *e)
{
	enum err_code rc = look(st, now_at, false, ret_n, e);

	if (rc != ERR_OK || *ret_n == 0 || (rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	return tx_end(st, look(st, now_at, true, ret_n, e), e);
}
