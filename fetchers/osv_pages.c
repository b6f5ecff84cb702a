/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv_pages - a feed that is one document of OSV records, or the first of several pages:
 *
 * {"advisories":[<OSV>, ...], "total":3712, "page":1, "size":50,
 *  "links":{"next":"/api/v3/osv/?page=2&size=50", ...}}
 *
 * New records come on the first page.  As long as that stays the same, the others are
 * asked for once a day alone, because old records are mended too.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/url.h"
#include "fetchers/osv_cursor.h"
#include "fetchers/osv_fetch.h"
#include "fetchers/walk.h"

#define WHOLE_EVERY_S ((int64_t)24 * 3600)
#define GAP_MS        100
/* A list that goes on for longer goes in a circle. */
#define MAX_PAGES 10000

struct page {
	struct json_reader *r;
	struct arena *a;
	bool is_page;
	const char *next;  /* as it stands there; NULL = the last one */
	const char *total; /* NULL = not said */
};

/* ---- where a page leads ---- */

static enum err_code
read_advisories(void *arg, struct err *e)
{
	struct page *p = arg;

	p->is_page = true;
	return json_skip_next(p->r, e);
}

static enum err_code
read_total(void *arg, struct err *e)
{
	struct page *p = arg;

	return json_text(p->r, p->a, &p->total, e);
}

static enum err_code
read_next(void *arg, struct err *e)
{
	struct page *p = arg;

	return json_text(p->r, p->a, &p->next, e);
}

static enum err_code
read_links(void *arg, struct err *e)
{
	static const struct walk_field fields[] = {
		{ "next", read_next },
		{ NULL, NULL },
	};

	return walk_object(((struct page *)arg)->r, fields, arg, NULL, e);
}

/* A document that cannot be read here is none of several pages. */
static enum err_code
look(struct arena *a, const struct fetch_document *d, struct page *ret, struct err *e)
{
	static const struct walk_field fields[] = {
		{ "advisories", read_advisories },
		{ "total", read_total },
		{ "links", read_links },
		{ NULL, NULL },
	};
	struct stream *in;
	enum err_code rc;

	*ret = (struct page){ .a = a };
	if ((rc = fetch_open(d, &in, e)) != ERR_OK)
		return rc;
	ret->r = json_reader_new(in);
	if (walk_object(ret->r, fields, ret, NULL, NULL) != ERR_OK || !ret->is_page)
		ret->next = NULL;
	json_reader_free(ret->r);
	stream_close(in);
	return ERR_OK;
}

/* Pages come from the server that was asked for the first one, and no other. */
static enum err_code
follow_link(
    struct arena *a, const char *url, const char *next, const char **ret, struct err *e)
{
	const char *to = url_join(a, url, next);
	struct url_parts from, there;

	if (!url_split(a, url, &from) || !url_split(a, to, &there) ||
	    !str_eq(from.scheme, there.scheme) || !str_caseeq(from.host, there.host) ||
	    !str_eq(from.port, there.port) || there.has_user)
		return err_set(
		    e, ERR_INPUT, "%s: the next page is said to be %.200s", url, next);
	*ret = to;
	return ERR_OK;
}

/* ---- the run ---- */

/* The pages after FIRST, which was read from URL. */
static enum err_code
read_pages(struct fetch_env *env, struct arena *a, const char *url,
    const struct page *first, struct err *e)
{
	struct page page = *first;
	enum err_code rc;

	for (int i = 1; page.next != NULL; i++) {
		CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
		struct fetch_want want = FETCH_WANT_INIT;
		bool whole = false;

		if (i == MAX_PAGES)
			return err_set(e, ERR_LIMIT, "more than %d pages", MAX_PAGES);
		if ((rc = follow_link(a, url, page.next, &url, e)) != ERR_OK)
			return rc;
		want.url = url;
		want.gap_ms = GAP_MS;
		if ((rc = fetch_get(env, &want, &d, e)) != ERR_OK ||
		    (rc = look(a, &d, &page, e)) != ERR_OK)
			return rc;
		if ((rc = fetch_parse(env, &d, &whole, e)) != ERR_OK)
			return err_wrap(e, rc, "%s", url);
		env->result.complete = env->result.complete && whole;
	}
	/* of a list that has moved in between, one may have been missed */
	if (!str_eq(page.total, first->total))
		env->result.complete = false;
	return ERR_OK;
}

static enum err_code
read_first(struct fetch_env *env, struct arena *a, const char *url,
    const struct fetch_document *d, struct err *e)
{
	struct osv_cursor cursor = { .full = clock_now_s(env->o->clock) };
	struct page first;
	enum err_code rc;

	fetch_state_document(env, d);
	if ((rc = look(a, d, &first, e)) != ERR_OK)
		return rc;
	if ((rc = fetch_parse(env, d, &env->result.complete, e)) != ERR_OK)
		return err_wrap(e, rc, "%s", url);
	if (first.next == NULL)
		return ERR_OK;
	fetch_state_cursor(env, osv_cursor_write(a, &cursor));
	return read_pages(env, a, url, &first, e);
}

enum err_code
osv_pages(struct fetch_env *env, const char *url, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const struct feed_state *was = env->o->state;
	struct fetch_want want = FETCH_WANT_INIT;
	struct arena *a = arena_new();
	int64_t now = clock_now_s(env->o->clock);
	struct osv_cursor cursor;
	bool fresh;
	enum err_code rc;

	osv_cursor_read(a, was->cursor, &cursor);
	fresh = !was->force &&
		(cursor.full == 0 ||
		    (cursor.full <= now && now - cursor.full < WHOLE_EVERY_S));
	want.url = url;
	if (fresh) {
		want.etag = was->etag;
		want.last_modified = was->last_modified;
	}
	rc = fetch_get(env, &want, &d, e);
	if (rc == ERR_OK &&
	    (d.unchanged || (fresh && str_eq(was->body_sha256, d.sha256)))) {
		env->result.unchanged = true;
		fetch_state_keep(env);
	} else if (rc == ERR_OK) {
		rc = read_first(env, a, url, &d, e);
	}
	arena_free(a);
	return rc;
}
