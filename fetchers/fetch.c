/* SPDX-License-Identifier: Apache-2.0 */
/* fetch - one run of one feed: the flow of a feed that is one document, the state that
 * is remembered, the count of what went through. */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "fetchers/documents.h"
#include "fetchers/fetch_env.h"
#include "fetchers/fetchers.h"

/* Records between two words of progress. */
#define PROGRESS_EVERY 256

static enum err_code
count_record(struct record_sink *s, const struct record *r, struct err *e)
{
	struct fetch_env *env = ((struct counting_sink *)s)->env;
	enum err_code rc;

	if (env->result.records == MAX_FEED_RECORDS)
		return err_set(e, ERR_LIMIT, "more than %zu records", MAX_FEED_RECORDS);
	if ((rc = env->o->sink->record(env->o->sink, r, e)) != ERR_OK)
		return rc;
	env->result.records++;
	if (env->result.records % PROGRESS_EVERY != 0)
		return ERR_OK;
	return fetch_progress(env, "reading", env->result.bytes, env->result.bytes, e);
}

static void
count_skipped(struct record_sink *s, const char *key, const char *why)
{
	struct fetch_env *env = ((struct counting_sink *)s)->env;

	env->result.skipped++;
	if (env->o->sink->skipped != NULL)
		env->o->sink->skipped(env->o->sink, key, why);
}

static enum err_code
pass_gone(struct record_sink *s, const char *key, struct err *e)
{
	struct record_sink *sink = ((struct counting_sink *)s)->env->o->sink;

	return sink->gone == NULL ? ERR_OK : sink->gone(sink, key, e);
}

enum err_code
fetch_progress(struct fetch_env *env, const char *what, uint64_t bytes, uint64_t total,
    struct err *e)
{
	if (env->o->progress == NULL || env->o->progress(env->o->progress_arg, what,
					    bytes, total, env->result.records))
		return ERR_OK;
	return err_set(e, ERR_BUSY, "stopped");
}

enum err_code
fetch_parse(struct fetch_env *env, const struct fetch_document *d, bool *ret_whole,
    struct err *e)
{
	struct documents read;
	char path[FETCH_PATH_SIZE];
	enum err_code rc;

	rc = documents_parse(env->driver, &env->parse, fetch_document_path(d, path),
	    &env->counting.sink, &read, e);
	if (rc != ERR_OK)
		return rc;
	env->result.documents += read.n;
	*ret_whole = read.unread == 0;
	return ERR_OK;
}

/* ---- state ---- */

static const char *
copy_said(struct arena *a, const char *text)
{
	return text[0] == '\0' ? NULL : arena_strdup(a, text);
}

void
fetch_state_document(struct fetch_env *env, const struct fetch_document *d)
{
	struct feed_state *next = &env->result.next;

	next->etag = copy_said(env->o->arena, d->etag);
	next->last_modified = copy_said(env->o->arena, d->last_modified);
	next->body_sha256 = copy_said(env->o->arena, d->sha256);
}

void
fetch_state_cursor(struct fetch_env *env, const char *cursor)
{
	env->result.next.cursor = arena_strdup(env->o->arena, cursor);
}

void
fetch_state_keep(struct fetch_env *env)
{
	const struct feed_state *was = env->o->state;
	struct arena *a = env->o->arena;

	env->result.next = (struct feed_state){
		.etag = arena_strdup(a, was->etag),
		.last_modified = arena_strdup(a, was->last_modified),
		.body_sha256 = arena_strdup(a, was->body_sha256),
		.cursor = arena_strdup(a, was->cursor),
	};
}

/* ---- flows ---- */

enum err_code
fetch_single(struct fetch_env *env, const char *url, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const struct feed_state *was = env->o->state;
	struct fetch_want want = FETCH_WANT_INIT;
	enum err_code rc;

	want.url = url;
	if (!was->force) {
		want.etag = was->etag;
		want.last_modified = was->last_modified;
	}
	if ((rc = fetch_get(env, &want, &d, e)) != ERR_OK)
		return rc;
	if (d.unchanged) {
		env->result.unchanged = true;
		fetch_state_keep(env);
		return ERR_OK;
	}
	fetch_state_document(env, &d);
	/* servers that know neither header send the same bytes again and again */
	if (!was->force && str_eq(was->body_sha256, d.sha256)) {
		env->result.unchanged = true;
		env->result.next.cursor = arena_strdup(env->o->arena, was->cursor);
		return ERR_OK;
	}
	rc = fetch_parse(env, &d, &env->result.complete, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", url);
}

/* The ecosystem of a feed that speaks of one alone; NULL = of several, or of none. */
static const char *
only_ecosystem(const struct feed_config *feed)
{
	const char *const *e = feed->ecosystems;

	if (e == NULL || e[0] == NULL || e[1] != NULL || strchr(e[0], '*') != NULL)
		return NULL;
	return e[0];
}

enum err_code
fetch_run(const struct fetch_options *o, struct fetch_result *ret, struct err *e)
{
	static const struct feed_state none;
	struct fetch_options options = *o;
	struct feed_config feed = *o->feed;
	struct fetch_env env = {
		.o = &options,
		.driver = driver_find(o->feed->driver),
		.counting = { .sink = { .record = count_record,
				  .skipped = count_skipped,
				  .gone = pass_gone } },
		.last_request_ms = -1,
	};
	enum err_code rc;

	if (env.driver == NULL)
		return err_set(e, ERR_UNSUPPORTED, "feed %s: there is no driver \"%s\"",
		    o->feed->name, str_or_empty(o->feed->driver));
	if (options.state == NULL)
		options.state = &none;
	/* what a driver makes of its feed's address leads to the mirror too */
	feed.url = fetch_mirrored(o->mirror, feed.url, o->arena);
	if (feed.api_url != NULL)
		feed.api_url = fetch_mirrored(o->mirror, feed.api_url, o->arena);
	options.feed = &feed;
	env.parse.source =
	    o->feed->source != NULL ? o->feed->source : env.driver->source;
	env.parse.ecosystem = only_ecosystem(o->feed);
	env.parse.spool_dir = o->spool_dir;
	env.counting.env = &env;
	if (env.driver->fetch != NULL)
		rc = env.driver->fetch(&env, e);
	else
		rc = fetch_single(&env, feed.url, e);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "feed %s", o->feed->name);
	*ret = env.result;
	return ERR_OK;
}

enum err_code
fetch_parse_file(const struct driver *d, const struct parse_env *env, const char *path,
    struct record_sink *sink, struct err *e)
{
	struct parse_env known = *env;
	struct documents read;
	enum err_code rc;

	if (known.source == NULL)
		known.source = d->source;
	rc = documents_parse(d, &known, path, sink, &read, e);

	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", path);
}
