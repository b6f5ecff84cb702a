/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvd_changes - the windows and pages of NVD's API.
 *
 * lastModStartDate and lastModEndDate may lie 120 days apart; a longer absence is made
 * up for in several windows.  The list of a window can grow while it is paged, so the
 * total is taken from the newest page.  It can also shrink: a CVE that is changed again
 * leaves the window, all behind it move up, and one of them would be missed between two
 * pages.  Then the window is read from its start again.
 */
#include "fetchers/nvd_changes.h"

#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/stream.h"
#include "fetchers/fetch_env.h"
#include "fetchers/nvd.h"
#include "fetchers/nvd_cursor.h"

#define PAGE_SIZE 2000
#define WINDOW_S  ((int64_t)120 * 24 * 3600)
/* Asked again at the seam of two runs: NVD's clock is not ours. */
#define OVERLAP_S   ((int64_t)3600)
#define MAX_RESTART 3

/* 5 requests in 30 s without a key, 50 with one. */
#define GAP_MS          6000
#define GAP_WITH_KEY_MS 600
/* Failures are common and want at least half a minute of silence. */
#define BACKOFF_MS 30000
#define TRIES      5

struct window {
	int64_t from, to; /* 0, 0: everything */
};

/* One listing in the course of being paged. */
struct listing {
	struct fetch_env *env;
	const char *url;
	struct window window;
	uint64_t index, total, page_size;
	int64_t first_timestamp; /* of the first page */
};

static const char *
api_time(int64_t at, char out[TIME_TEXT_SIZE])
{
	char text[TIME_TEXT_SIZE];

	(void)snprintf(out, TIME_TEXT_SIZE, "%.19s.000Z", time_format(at, text));
	return out;
}

static const char *
page_url(const struct listing *l)
{
	struct arena *a = l->env->o->arena;
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
	const char *url = arena_printf(a, "%s%sresultsPerPage=%d&startIndex=%" PRIu64,
	    l->url, strchr(l->url, '?') == NULL ? "?" : "&", PAGE_SIZE, l->index);

	if (l->window.to == 0)
		return url;
	return arena_printf(a, "%s&lastModStartDate=%s&lastModEndDate=%s", url,
	    api_time(l->window.from, from), api_time(l->window.to, to));
}

static enum err_code
get_page(const struct listing *l, struct fetch_document *ret, struct err *e)
{
	const char *key = l->env->o->feed->api_key;
	const char *headers[2] = { NULL, NULL };
	struct fetch_want want = {
		.url = page_url(l),
		.headers = headers,
		.gap_ms = key != NULL ? GAP_WITH_KEY_MS : GAP_MS,
		.backoff_ms = BACKOFF_MS,
		.tries = TRIES,
		.denied_is_busy = true,
	};
	enum err_code rc;

	if (key != NULL)
		headers[0] = arena_printf(l->env->o->arena, "apiKey: %s", key);
	rc = fetch_get(l->env, &want, ret, e);
	/* five times "too fast" is a server to come back to, not a closed door */
	return rc == ERR_DENIED ? ERR_UNREACHABLE : rc;
}

/* Is PAGE the one that was asked for, and as full as it must be? */
static enum err_code
check_page(struct listing *l, const struct nvd_page *page, struct err *e)
{
	if (!page->has_total || page->start_index != l->index)
		return err_set(e, ERR_INPUT,
		    "asked for the page at %" PRIu64 ", got the one at %" PRIu64,
		    l->index, page->start_index);
	if (l->index + page->entries >= page->total_results)
		return ERR_OK;
	if (l->page_size == 0)
		l->page_size = page->entries;
	if (page->entries == 0 || page->entries != l->page_size ||
	    page->entries < page->results_per_page)
		return err_set(e, ERR_INPUT,
		    "the page at %" PRIu64 " holds %" PRIu64
		    " entries although more follow",
		    l->index, page->entries);
	if (l->index + page->entries > MAX_FEED_RECORDS)
		return err_set(e, ERR_LIMIT, "more than %zu entries", MAX_FEED_RECORDS);
	return ERR_OK;
}

static enum err_code
read_page(struct listing *l, struct nvd_page *page, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct fetch_env *env = l->env;
	struct stream *in;
	enum err_code rc;

	if ((rc = get_page(l, &d, e)) != ERR_OK ||
	    (rc = fetch_open(&d, &in, e)) != ERR_OK)
		return rc;
	rc = nvd_read(in, &env->parse, &env->counting.sink, page, e);
	stream_close(in);
	if (rc == ERR_OK)
		rc = check_page(l, page, e);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", page_url(l));
	env->result.documents++;
	return ERR_OK;
}

/* Page L to its end, from l->index on. */
static enum err_code
read_listing(struct listing *l, struct err *e)
{
	struct nvd_page page;
	enum err_code rc;

	for (unsigned restarts = 0;;) {
		if ((rc = read_page(l, &page, e)) != ERR_OK)
			return rc;
		if (l->first_timestamp == 0)
			l->first_timestamp = page.timestamp;
		if (page.total_results < l->total) {
			if (++restarts > MAX_RESTART)
				return err_set(e, ERR_UNREACHABLE,
				    "%s: the list shrinks while it is read", l->url);
			l->index = l->total = l->page_size = 0;
			continue;
		}
		l->total = page.total_results;
		l->index += page.entries;
		if (l->index >= l->total)
			return ERR_OK;
	}
}

/* The server went away: keep what is whole, and say why there is not more. */
static enum err_code
keep_some(struct fetch_env *env, const struct err *why)
{
	env->counting.sink.skipped(&env->counting.sink, "the rest", why->text);
	return ERR_OK;
}

/* A first load without yearly files: the whole list. */
static enum err_code
read_everything(
    struct fetch_env *env, const char *url, struct nvd_cursor *cursor, struct err *e)
{
	struct listing l = { .env = env, .url = url, .index = cursor->index };
	struct err why = ERR_INIT;
	enum err_code rc = read_listing(&l, &why);

	if (rc != ERR_OK && (rc != ERR_UNREACHABLE || l.index == cursor->index))
		return err_set(e, rc, "%s", why.text);
	if (cursor->since == 0)
		cursor->since = l.first_timestamp != 0 ? l.first_timestamp
						       : clock_now_s(env->o->clock);
	cursor->loaded = rc == ERR_OK;
	cursor->index = rc == ERR_OK ? 0 : l.index;
	return rc == ERR_OK ? ERR_OK : keep_some(env, &why);
}

static enum err_code
read_windows(
    struct fetch_env *env, const char *url, struct nvd_cursor *cursor, struct err *e)
{
	int64_t now = clock_now_s(env->o->clock);
	int64_t from =
	    cursor->since < now ? cursor->since - OVERLAP_S : now - OVERLAP_S;
	struct err why = ERR_INIT;

	if (from < 0)
		from = 0;
	for (unsigned n = 0; from < now; n++) {
		int64_t to = from + WINDOW_S < now ? from + WINDOW_S : now;
		struct listing l = { .env = env, .url = url, .window = { from, to } };
		enum err_code rc = read_listing(&l, &why);

		if (rc == ERR_UNREACHABLE && n > 0)
			return keep_some(env, &why);
		if (rc != ERR_OK)
			return err_set(e, rc, "%s", why.text);
		cursor->since = to;
		if (l.first_timestamp != 0 && l.first_timestamp < to)
			cursor->since = l.first_timestamp;
		from = to;
	}
	return ERR_OK;
}

enum err_code
nvd_changes(
    struct fetch_env *env, const char *url, struct nvd_cursor *cursor, struct err *e)
{
	enum err_code rc;

	if (cursor->loaded)
		rc = read_windows(env, url, cursor, e);
	else
		rc = read_everything(env, url, cursor, e);
	if (rc != ERR_OK)
		return rc;
	env->result.unchanged = env->result.records == 0 && env->result.skipped == 0;
	fetch_state_cursor(env, nvd_cursor_write(env->o->arena, cursor));
	return ERR_OK;
}
