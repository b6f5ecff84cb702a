/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv_fetch - which documents of a publisher of OSV records to get.
 *
 * An address that ends in all.zip is a directory as OSV.dev and Go publish it: all.zip
 * has every record, <ID>.json one, and modified_id.csv says what changed when, newest
 * first.  Between two full reads the changed records are got one by one.  Records are
 * also deleted, and changed without a new date, so everything is read again after a week;
 * a directory without modified_id.csv is read whole whenever all.zip has changed.
 *
 * Any other address is a document, an archive, or the first of several pages.
 */
#include "fetchers/osv_fetch.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/url.h"
#include "fetchers/documents.h"
#include "fetchers/osv_cursor.h"

#define WHOLE_EVERY_S ((int64_t)7 * 24 * 3600)
/* So many changes come cheaper as one archive, but not with every run. */
#define MANY_CHANGES  2000
#define WHOLE_AGAIN_S ((int64_t)12 * 3600)
/* The rest waits for the next run. */
#define MAX_CHANGES 5000

struct change {
	int64_t at;
	const char *id;
	uint64_t mark;
	bool is_known; /* was seen before, or has been read now */
};

struct directory {
	struct fetch_env *env;
	struct arena *a;
	const char *all, *base; /* BASE ends with a slash */
	struct osv_cursor cursor;
	int64_t now;
	struct {
		struct change *at;
		size_t n, cap;
	} changes;     /* of the time the cursor does not cover for certain */
	size_t n_new;  /* of them, not seen before */
	bool has_more; /* than were collected */
};

static void
remember(struct directory *d)
{
	fetch_state_cursor(d->env, osv_cursor_write(d->a, &d->cursor));
}

/* A date that has not come yet would hide what changes until then. */
static int64_t
not_later(const struct directory *d, int64_t at)
{
	return at < d->now ? at : d->now;
}

/* ---- everything ---- */

/* Stands in front of the sink of the run, to see which records the archive has. */
struct seeing_sink {
	struct record_sink sink; /* first: the driver hands this back */
	struct directory *d;
};

static enum err_code
see_record(struct record_sink *s, const struct record *r, struct err *e)
{
	struct directory *d = ((struct seeing_sink *)s)->d;
	struct record_sink *to = &d->env->counting.sink;
	int64_t at = not_later(d, r->modified);

	if (at > d->cursor.newest)
		d->cursor.newest = at;
	if (at >= d->now - OSV_OVERLAP_S)
		osv_cursor_see(d->a, &d->cursor, osv_mark(r->key, r->modified));
	return to->record(to, r, e);
}

static void
see_skipped(struct record_sink *s, const char *key, const char *why)
{
	struct record_sink *to = &((struct seeing_sink *)s)->d->env->counting.sink;

	to->skipped(to, key, why);
}

static enum err_code
read_archive(struct directory *d, const struct fetch_document *doc, struct err *e)
{
	struct fetch_env *env = d->env;
	struct seeing_sink seeing = {
		.sink = { .record = see_record, .skipped = see_skipped },
		.d = d,
	};
	struct documents read;
	char path[FETCH_PATH_SIZE];
	enum err_code rc;

	d->cursor = (struct osv_cursor){ 0 };
	rc = documents_parse(env->driver, &env->parse, fetch_document_path(doc, path),
	    &seeing.sink, &read, e);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", d->all);
	env->result.documents += read.n;
	env->result.complete = read.unread == 0;
	fetch_state_document(env, doc);
	return ERR_OK;
}

static enum err_code
read_whole(struct directory *d, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document doc = FETCH_DOCUMENT_INIT;
	const struct feed_state *was = d->env->o->state;
	struct fetch_want want = FETCH_WANT_INIT;
	enum err_code rc;

	want.url = d->all;
	if (!was->force) {
		want.etag = was->etag;
		want.last_modified = was->last_modified;
	}
	if ((rc = fetch_get(d->env, &want, &doc, e)) != ERR_OK)
		return rc;
	if (doc.unchanged || (!was->force && str_eq(doc.sha256, was->body_sha256))) {
		d->env->result.unchanged = true;
		fetch_state_keep(d->env);
	} else if ((rc = read_archive(d, &doc, e)) != ERR_OK) {
		return rc;
	}
	d->cursor.full = d->now;
	remember(d);
	return ERR_OK;
}

/* ---- what has changed ---- */

/* The address of a record is made of its id. */
static bool
is_id(const char *id)
{
	return id[0] != '\0' && id[0] != '/' && strstr(id, "..") == NULL &&
	       utf8_valid(id, strlen(id)) && strlen(id) <= MAX_NAME;
}

/* "2024-08-15T00:05:00Z,PYSEC-2021-123"; false when it is older than what matters. */
static bool
take_line(struct directory *d, const char *line, size_t len)
{
	const char *comma = memchr(line, ',', len);
	struct change c = { 0 };
	const char *at;

	if (comma == NULL)
		return true;
	at = str_trim(d->a, line, (size_t)(comma - line));
	c.id = str_trim(d->a, comma + 1, len - (size_t)(comma + 1 - line));
	if (!time_parse(at, &c.at) || !is_id(c.id))
		return true;
	if (c.at < d->cursor.newest - OSV_OVERLAP_S)
		return false;
	c.mark = osv_mark(c.id, c.at);
	c.is_known = osv_cursor_has(&d->cursor, c.mark);
	d->has_more = d->n_new == MAX_CHANGES;
	if (d->has_more)
		return false;
	d->n_new += !c.is_known;
	*ARENA_PUSH(d->a, &d->changes) = c;
	return true;
}

static enum err_code
read_changes(struct directory *d, const struct fetch_document *doc, struct err *e)
{
	CLEANUP_BUF struct buf line = BUF_INIT(4096);
	struct stream *in;
	const char *p;
	size_t len;
	bool more = true;
	enum err_code rc;

	if ((rc = fetch_open(doc, &in, e)) != ERR_OK)
		return rc;
	while (more && (rc = stream_read(in, &p, &len, e)) == ERR_OK && len > 0) {
		for (const char *end = p + len; more && p < end;) {
			const char *lf = memchr(p, '\n', (size_t)(end - p));

			buf_add(&line, p, (size_t)((lf != NULL ? lf : end) - p));
			if (lf == NULL)
				break;
			more = line.full || take_line(d, buf_str(&line), line.len);
			buf_reset(&line);
			p = lf + 1;
		}
	}
	if (rc == ERR_OK && more && !line.full)
		(void)take_line(d, buf_str(&line), line.len);
	stream_close(in);
	return rc;
}

/* What read_new() and the thread of fetch_many() it hands documents to share. */
struct reading {
	struct directory *d;
	struct change **changes; /* in the order they are asked for */
	size_t n_read;
	bool is_cut; /* the server went away in the middle */
};

/*
 * One that is listed and is not there has been deleted, or comes later: it is asked for
 * until its day is over, and the next full read settles the matter.  One that cannot be
 * read will not get better before it is changed.  A server that went away after the first
 * of them is no failure: the rest waits for the next run.
 */
static enum err_code
take_change(void *arg, size_t i, enum err_code rc, const struct fetch_document *doc,
    const struct err *why, struct err *e)
{
	struct reading *r = arg;
	struct record_sink *to = &r->d->env->counting.sink;
	struct change *c = r->changes[i];
	struct err mine = *why;
	bool whole;

	if (rc == ERR_OK)
		rc = fetch_parse(r->d->env, doc, &whole, &mine);
	r->is_cut = rc == ERR_UNREACHABLE && r->n_read > 0;
	if (rc != ERR_OK && rc != ERR_INPUT && rc != ERR_NOTFOUND && rc != ERR_DENIED &&
	    !r->is_cut)
		return err_set(e, rc, "%s: %s", c->id, mine.text);
	c->is_known = rc == ERR_OK || rc == ERR_INPUT;
	if (rc != ERR_OK)
		to->skipped(to, c->id, mine.text);
	r->n_read++;
	return r->is_cut ? rc : ERR_OK;
}

/* *RET_WHOLE: all that has changed was read. */
static enum err_code
read_new(struct directory *d, bool *ret_whole, struct err *e)
{
	struct reading r = { .d = d };
	struct fetch_want *wants = arena_array(d->a, d->n_new, sizeof(*wants));
	size_t n = 0;
	enum err_code rc;

	r.changes = arena_array(d->a, d->n_new, sizeof(struct change *));
	for (size_t i = 0; i < d->changes.n; i++) {
		struct change *c = &d->changes.at[i];

		if (c->is_known)
			continue;
		r.changes[n] = c;
		wants[n] = FETCH_WANT_INIT;
		wants[n++].url = arena_printf(
		    d->a, "%s%s.json", d->base, url_encode(d->a, c->id, ":/"));
	}
	rc = fetch_many(d->env, wants, n, take_change, &r, e);
	if (rc != ERR_OK && !r.is_cut)
		return rc;
	*ret_whole = !d->has_more && !r.is_cut;
	d->env->result.unchanged = d->env->result.documents == 0 && *ret_whole;
	return ERR_OK;
}

static void
advance(struct directory *d, bool whole, const char *etag)
{
	struct osv_cursor *c = &d->cursor;
	int64_t newest = d->changes.n > 0 ? not_later(d, d->changes.at[0].at) : 0;

	if (whole && newest > c->newest)
		c->newest = newest;
	c->etag = whole && etag[0] != '\0' ? etag : NULL;
	c->seen.n = 0;
	for (size_t i = 0; i < d->changes.n; i++)
		if (d->changes.at[i].is_known &&
		    d->changes.at[i].at >= c->newest - OSV_OVERLAP_S)
			osv_cursor_see(d->a, c, d->changes.at[i].mark);
}

/* ERR_NOTFOUND: there is no list of changes. */
static enum err_code
get_changes(struct directory *d, struct fetch_document *ret, struct err *e)
{
	struct fetch_want want = FETCH_WANT_INIT;
	enum err_code rc;

	want.url = arena_printf(d->a, "%smodified_id.csv", d->base);
	want.etag = d->cursor.etag;
	rc = fetch_get(d->env, &want, ret, e);
	return rc == ERR_DENIED ? ERR_NOTFOUND : rc;
}

static enum err_code
follow(struct directory *d, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document doc = FETCH_DOCUMENT_INIT;
	struct err missing = ERR_INIT;
	bool whole = false;
	enum err_code rc = get_changes(d, &doc, &missing);

	if (rc == ERR_NOTFOUND)
		return read_whole(d, e);
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", missing.text);
	fetch_state_keep(d->env);
	d->env->result.unchanged = doc.unchanged;
	if (doc.unchanged)
		return ERR_OK;
	if ((rc = read_changes(d, &doc, e)) != ERR_OK)
		return rc;
	if (d->n_new > MANY_CHANGES && d->now - d->cursor.full > WHOLE_AGAIN_S)
		return read_whole(d, e);
	if ((rc = read_new(d, &whole, e)) != ERR_OK)
		return rc;
	advance(d, whole, doc.etag);
	remember(d);
	return ERR_OK;
}

static enum err_code
fetch_directory(struct fetch_env *env, const char *url, struct err *e)
{
	struct directory d = { .env = env, .a = arena_new(), .all = url };
	enum err_code rc;

	d.base = url_join(d.a, url, "./");
	d.now = clock_now_s(env->o->clock);
	osv_cursor_read(d.a, env->o->state->cursor, &d.cursor);
	/* a clock that was set back must not keep the next full read away */
	if (env->o->state->force || d.cursor.newest == 0 || d.cursor.full > d.now ||
	    d.now - d.cursor.full >= WHOLE_EVERY_S)
		rc = read_whole(&d, e);
	else
		rc = follow(&d, e);
	arena_free(d.a);
	return rc;
}

enum err_code
osv_fetch(struct fetch_env *env, struct err *e)
{
	const char *url = env->o->feed->url;

	return str_ends(url, "/all.zip") ? fetch_directory(env, url, e)
					 : osv_pages(env, url, e);
}
