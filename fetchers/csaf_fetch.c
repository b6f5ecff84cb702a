/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_fetch - which documents of a provider of CSAF to get.  Its address is one of:
 *
 *   .../DIRECTORY/             with changes.csv (what changed when) or index.txt (what
 *                              there is), and maybe deletions.csv; archive_latest.txt
 *                              names an archive of everything, as Red Hat has it
 *   .../DIRECTORY.tar.bz2      the archive beside its directory, as SUSE has it
 *   .../provider-metadata.json names directories and ROLIE feeds
 *   .../any.json               a ROLIE feed, or a document
 *
 * A first run reads what has changed since the archive was made, where there is one, and
 * of the archive what that left.  From then on changes are got one by one, the oldest
 * first: whatever ends a run, the next one goes on behind the last document that was
 * read.  Documents are also changed without a word, so everything is read again after a
 * week.
 */
#include "fetchers/csaf_fetch.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "core/url.h"
#include "fetchers/csaf_lists.h"
#include "fetchers/csaf_run.h"

#define WHOLE_EVERY_S ((int64_t)7 * 24 * 3600)
/* So many changes come cheaper as one archive, but not with every run. */
#define MANY_CHANGES  2000
#define WHOLE_AGAIN_S ((int64_t)12 * 3600)
/* The rest waits for the next run. */
#define MAX_CHANGES 5000
/* Lines come late, and an archive takes its time to be made. */
#define OVERLAP_S ((int64_t)6 * 3600)

static void
remember(struct csaf_run *r)
{
	fetch_state_cursor(r->env, csaf_cursor_write(r->a, &r->cursor));
}

/* ---- lists ---- */

/* Stands where a list is read, for one of the two things that a list can be about. */
struct list_reader {
	struct csaf_reader reader; /* first: the list hands this back */
	struct csaf_run *r;
};

static void
see_deletion(struct csaf_reader *reader, const char *url, int64_t at)
{
	struct csaf_run *r = ((struct list_reader *)reader)->r;
	uint64_t *known;

	if (at <= 0 || at < r->cursor.deleted - OVERLAP_S)
		return;
	known = strmap_put(r->deletions, url, NULL);
	if ((int64_t)*known < at)
		*known = (uint64_t)at;
}

static void
see_change(struct csaf_reader *reader, const char *url, int64_t at)
{
	struct csaf_run *r = ((struct list_reader *)reader)->r;
	uint64_t *deleted = strmap_get(r->deletions, url);
	struct csaf_entry n = { .at = at };

	if (deleted != NULL && at > (int64_t)*deleted)
		*deleted = 0;
	if (at != 0 && at < r->cursor.list.newest - OVERLAP_S)
		return;
	n.url = arena_strdup(r->a, url);
	n.mark = osv_mark(url, at);
	n.is_known = osv_cursor_has(&r->cursor.list, n.mark);
	*ARENA_PUSH(r->a, &r->entries) = n;
}

static enum err_code
read_list(struct csaf_run *r, const char *url, const struct fetch_document *d,
    void (*see)(struct csaf_reader *, const char *, int64_t), struct err *e)
{
	struct list_reader reader = { .reader = { .document = see }, .r = r };
	enum err_code rc = csaf_lines(url, d, &reader.reader, e);

	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", url);
}

/* *RET_CHANGED stays as it is unless there is a list, and another one than last time. */
static enum err_code
read_deletions(struct csaf_run *r, const char *directory, const char *etag,
    bool *ret_changed, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const char *url = url_join(r->a, directory, "deletions.csv");
	struct err why = ERR_INIT;
	enum err_code rc = csaf_get(r, url, etag, &d, &why);

	if (csaf_is_absent(rc))
		return ERR_OK;
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", why.text);
	if (d.unchanged) {
		r->deletions_etag = etag;
		return ERR_OK;
	}
	*ret_changed = true;
	r->deletions_etag = arena_strdup(r->a, d.etag);
	return read_list(r, url, &d, see_deletion, e);
}

/* The list of what there is, for want of one of what has changed. */
static enum err_code
read_index(struct csaf_run *r, const char *directory, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const char *url = url_join(r->a, directory, "index.txt");
	struct err why = ERR_INIT;
	enum err_code rc = csaf_get(r, url, NULL, &d, &why);

	if (csaf_is_absent(rc))
		return ERR_OK;
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", why.text);
	r->has_list = true;
	return read_list(r, url, &d, see_change, e);
}

static enum err_code
read_changes(struct csaf_run *r, const char *directory, const char *etag, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const char *url = url_join(r->a, directory, "changes.csv");
	struct err why = ERR_INIT;
	enum err_code rc = csaf_get(r, url, etag, &d, &why);

	if (csaf_is_absent(rc))
		return read_index(r, directory, e);
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", why.text);
	r->has_list = true;
	if (d.unchanged) {
		r->etag = etag;
		return ERR_OK;
	}
	r->etag = arena_strdup(r->a, d.etag);
	return read_list(r, url, &d, see_change, e);
}

static enum err_code
read_feed(struct csaf_run *r, const char *url, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct list_reader reader = { .reader = { .document = see_change }, .r = r };
	bool is_here = str_eq(url, r->env->o->feed->url);
	struct csaf_page page;
	enum err_code rc;

	if ((!is_here && (rc = csaf_get(r, url, NULL, &d, e)) != ERR_OK) ||
	    (rc = csaf_look(r->a, url, is_here ? r->page : &d, &reader.reader, &page,
		 e)) != ERR_OK)
		return rc;
	if (page.kind != CSAF_PAGE_ROLIE)
		return err_set(e, ERR_INPUT, "%s: this is no ROLIE feed", url);
	r->has_list = true;
	return ERR_OK;
}

/*
 * A deletion counts unless the document has changed since: so both lists are read when
 * either is another one.
 */
static enum err_code
read_directory(
    struct csaf_run *r, const char *directory, bool is_conditional, struct err *e)
{
	const char *etag = is_conditional ? r->cursor.list.etag : NULL;
	const char *deletions_etag = is_conditional ? r->cursor.deletions_etag : NULL;
	bool deletions = false;
	enum err_code rc = read_deletions(r, directory, deletions_etag, &deletions, e);

	if (rc != ERR_OK)
		return rc;
	return read_changes(r, directory, deletions ? NULL : etag, e);
}

static enum err_code
read_lists(struct csaf_run *r, struct err *e)
{
	bool is_conditional = r->sites.n == 1 && !r->is_full;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < r->sites.n && rc == ERR_OK; i++) {
		const struct csaf_site *s = &r->sites.at[i];

		rc = s->feed != NULL
			 ? read_feed(r, s->feed, e)
			 : read_directory(r, s->directory, is_conditional, e);
	}
	if (r->sites.n != 1)
		r->etag = r->deletions_etag = NULL;
	return rc;
}

/* ---- what the lists say ---- */

/* ".../2023/cve-2023-6240.json": the CVE that a document is named for, or NULL. */
static const char *
cve_of(struct arena *a, const char *url)
{
	const char *slash = strrchr(url, '/'), *name = slash != NULL ? slash + 1 : url;
	size_t len = strlen(name);

	return len > 5 ? cve_normalize(a, name, len - 5) : NULL; /* without .json */
}

/*
 * Documents are named for what they are about.  Where that is not one CVE, what they said
 * is known only when everything is read: soon, then.
 */
static enum err_code
apply_deletions(struct csaf_run *r, struct err *e)
{
	int64_t newest = r->cursor.deleted;
	enum err_code rc;

	for (size_t i = 0; i < strmap_count(r->deletions); i++) {
		int64_t at = (int64_t)strmap_value(r->deletions, i);
		const char *cve = cve_of(r->a, strmap_key(r->deletions, i));

		if (at == 0)
			continue;
		if (at > newest)
			newest = csaf_not_later(r, at);
		if (cve == NULL) {
			int64_t soon = r->now - WHOLE_EVERY_S + WHOLE_AGAIN_S;

			if (at > r->cursor.deleted && r->cursor.list.full > soon)
				r->cursor.list.full = soon;
			continue;
		}
		if ((rc = csaf_gone(r, cve, e)) != ERR_OK)
			return rc;
		r->n_gone++;
	}
	r->cursor.deleted = newest;
	return ERR_OK;
}

static int
compare(const void *a, const void *b)
{
	const struct csaf_entry *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return strcmp(x->url, y->url);
}

static size_t
count_new(const struct csaf_run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->entries.n; i++)
		n += !r->entries.at[i].is_known;
	return n;
}

/* What asks for documents and what takes them share; see fetch_many(). */
struct reading {
	struct csaf_run *r;
	struct csaf_entry **entries; /* to be read, the oldest first */
	size_t n, n_done;
	const char *sum; /* that came in front of its document; NULL = none */
	bool is_cut;     /* the server went away in the middle */
};

/*
 * One that is listed and is not there has been deleted, or comes later: it is asked for
 * while its line is looked at.  One that cannot be read will not get better before it is
 * changed, unless it was caught while that was done (ERR_CONFLICT).  A server that went
 * away after the first of them is no failure: the rest waits for the next run.
 */
static enum err_code
judge_document(struct reading *x, struct csaf_entry *n, enum err_code rc,
    const struct err *why, struct err *e)
{
	struct csaf_run *r = x->r;
	struct record_sink *to = &r->env->counting.sink;

	x->is_cut = rc == ERR_UNREACHABLE && (x->n_done > 0 || csaf_has_got_archive(r));
	if (rc != ERR_OK && rc != ERR_INPUT && rc != ERR_CONFLICT &&
	    !csaf_is_absent(rc) && !x->is_cut)
		return err_set(e, rc, "%s: %s", n->url, why->text);
	if (rc != ERR_OK)
		to->skipped(to, n->url, why->text);
	if (x->is_cut)
		return rc;
	n->is_known = rc == ERR_OK || rc == ERR_INPUT;
	if (rc == ERR_INPUT || rc == ERR_CONFLICT)
		r->is_whole = false;
	if (rc == ERR_CONFLICT)
		r->etag = NULL;
	x->n_done++;
	return ERR_OK;
}

static enum err_code
parse_document(struct csaf_run *r, const struct fetch_document *d,
    enum err_code checked, struct err *e)
{
	bool whole;

	if (checked != ERR_OK)
		return checked == ERR_INPUT ? ERR_CONFLICT : checked;
	return csaf_parse(r, d, false, &whole, e);
}

/* The first document tells whether there are sums beside them, and which. */
static enum err_code
read_first(struct reading *x, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct csaf_run *r = x->r;
	struct csaf_entry *n = x->entries[0];
	struct err why = ERR_INIT;
	enum err_code rc = csaf_get(r, n->url, NULL, &d, &why);

	if (rc == ERR_OK)
		rc = parse_document(r, &d,
		    csaf_check_sum(r, n->url, &d, &r->document_sums, &why), &why);
	return judge_document(x, n, rc, &why, e);
}

static enum err_code
take_document(void *arg, size_t i, enum err_code rc, const struct fetch_document *d,
    const struct err *why, struct err *e)
{
	struct reading *x = arg;
	struct err mine = *why;

	if (rc == ERR_OK)
		rc = parse_document(x->r, d,
		    x->sum != NULL ? fetch_check_sum(d, x->sum, &mine) : ERR_OK, &mine);
	return judge_document(x, x->entries[i], rc, &mine, e);
}

/* Sums and documents by turns, each sum in front of its document. */
static enum err_code
take_with_sum(void *arg, size_t i, enum err_code rc, const struct fetch_document *d,
    const struct err *why, struct err *e)
{
	struct reading *x = arg;

	if (i % 2 != 0)
		return take_document(x, 1 + i / 2, rc, d, why, e);
	x->sum = rc == ERR_OK ? csaf_sum_in(x->r, d) : NULL;
	return rc == ERR_OK || csaf_is_absent(rc)
		   ? ERR_OK
		   : judge_document(x, x->entries[1 + i / 2], rc, why, e);
}

static enum err_code
take_alone(void *arg, size_t i, enum err_code rc, const struct fetch_document *d,
    const struct err *why, struct err *e)
{
	return take_document(arg, 1 + i, rc, d, why, e);
}

static enum err_code
read_rest(struct reading *x, struct err *e)
{
	struct csaf_run *r = x->r;
	bool sums = r->document_sums > CSAF_SUMS_NOT_ASKED;
	struct fetch_want *wants = arena_array(r->a, 2 * x->n, sizeof(*wants));
	size_t n = 0;

	for (size_t i = 1; i < x->n; i++) {
		if (sums) {
			wants[n] = FETCH_WANT_INIT;
			wants[n++].url = arena_printf(r->a, "%s%s", x->entries[i]->url,
			    csaf_sum_suffixes[r->document_sums - 1]);
		}
		wants[n] = FETCH_WANT_INIT;
		wants[n++].url = x->entries[i]->url;
	}
	return fetch_many(r->env, wants, n, sums ? take_with_sum : take_alone, x, e);
}

/* *RET_N: how many entries, from the oldest on, are done with. */
static enum err_code
read_new(struct csaf_run *r, size_t *ret_n, struct err *e)
{
	struct reading x = { .r = r };
	size_t end = r->entries.n;
	enum err_code rc = ERR_OK;

	x.entries = arena_array(r->a, MAX_CHANGES, sizeof(struct csaf_entry *));
	for (size_t i = 0; i < end; i++) {
		struct csaf_entry *n = &r->entries.at[i];
		const uint64_t *deleted = strmap_get(r->deletions, n->url);

		if (n->is_known || (deleted != NULL && *deleted != 0))
			continue;
		if (x.n == MAX_CHANGES)
			end = i;
		else
			x.entries[x.n++] = n;
	}
	if (x.n > 0)
		rc = read_first(&x, e);
	if (rc == ERR_OK && x.n > 1)
		rc = read_rest(&x, e);
	if (rc != ERR_OK && !x.is_cut)
		return rc;
	*ret_n = x.is_cut ? (size_t)(x.entries[x.n_done] - r->entries.at) : end;
	return ERR_OK;
}

static const char *
etag_of(const char *text)
{
	return text == NULL || text[0] == '\0' ? NULL : text;
}

/* The first N entries are done with. */
static void
advance(struct csaf_run *r, size_t n)
{
	struct osv_cursor *c = &r->cursor.list;
	bool whole = n == r->entries.n;

	if (n > 0 && csaf_not_later(r, r->entries.at[n - 1].at) > c->newest)
		c->newest = csaf_not_later(r, r->entries.at[n - 1].at);
	c->etag = whole ? etag_of(r->etag) : NULL;
	r->cursor.deletions_etag = etag_of(r->deletions_etag);
	/* what was read before this run is known as long as its line is looked at */
	c->seen.n = 0;
	for (size_t i = 0; i < r->entries.n; i++) {
		const struct csaf_entry *x = &r->entries.at[i];

		if (x->is_known && (x->at == 0 || x->at >= c->newest - OVERLAP_S))
			osv_cursor_see(r->a, c, x->mark);
	}
}

/* Entries that the archives, read in between, have made old. */
static void
drop_old(struct csaf_run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->entries.n; i++) {
		struct csaf_entry *x = &r->entries.at[i];

		x->is_known = osv_cursor_has(&r->cursor.list, x->mark);
		if (x->at == 0 || x->at >= r->cursor.list.newest - OVERLAP_S)
			r->entries.at[n++] = *x;
	}
	r->entries.n = n;
}

/* ---- the run ---- */

static bool
has_archive(const struct csaf_run *r)
{
	for (size_t i = 0; i < r->sites.n; i++)
		if (r->sites.at[i].archive != NULL)
			return true;
	return false;
}

/* Are the changes so many, or is there no list of them, that all is read again? */
static enum err_code
read_again(struct csaf_run *r, struct err *e)
{
	bool many =
	    count_new(r) > MANY_CHANGES && r->now - r->cursor.list.full > WHOLE_AGAIN_S;
	enum err_code rc;

	if (r->is_full || (r->has_list && !many))
		return ERR_OK;
	if (!has_archive(r))
		for (size_t i = 0; i < r->sites.n; i++)
			if ((rc = csaf_find_archive(r, &r->sites.at[i], e)) != ERR_OK)
				return rc;
	if (!has_archive(r))
		return ERR_OK;
	rc = csaf_get_archives(r, e);
	drop_old(r);
	return rc;
}

static enum err_code
run_sites(struct csaf_run *r, struct err *e)
{
	const struct osv_cursor *was = &r->cursor.list;
	size_t n = 0;
	enum err_code rc = ERR_OK;

	/* a clock that was set back must not keep the next full read away */
	if (r->env->o->state->force || was->full == 0 || was->full > r->now ||
	    r->now - was->full >= WHOLE_EVERY_S)
		rc = csaf_get_archives(r, e);
	if (rc != ERR_OK || (rc = read_lists(r, e)) != ERR_OK ||
	    (rc = read_again(r, e)) != ERR_OK)
		return rc;
	if (!r->has_list && !has_archive(r))
		return err_set(e, ERR_INPUT,
		    "%s: nothing says which documents there are", r->env->o->feed->url);
	if (r->entries.n > 0)
		qsort(r->entries.at, r->entries.n, sizeof(*r->entries.at), compare);
	if ((rc = apply_deletions(r, e)) != ERR_OK ||
	    (rc = read_new(r, &n, e)) != ERR_OK ||
	    (rc = csaf_parse_archives(r, e)) != ERR_OK)
		return rc;
	r->env->result.complete = r->is_full && r->is_whole && n == r->entries.n;
	r->env->result.unchanged =
	    r->env->result.documents == 0 && r->n_gone == 0 && n == r->entries.n;
	advance(r, n);
	remember(r);
	return ERR_OK;
}

/* ---- the address ---- */

static void
add_sites(struct csaf_run *r, const struct csaf_page *page)
{
	/* a provider has the same documents in both; a feed is what it is asked to have */
	for (size_t i = 0; i < page->feeds.n; i++)
		csaf_add_site(r)->feed = page->feeds.at[i];
	for (size_t i = 0; page->feeds.n == 0 && i < page->directories.n; i++)
		csaf_add_site(r)->directory = page->directories.at[i];
}

static enum err_code
read_only(
    struct csaf_run *r, const char *url, const struct fetch_document *d, struct err *e)
{
	const struct feed_state *was = r->env->o->state;
	enum err_code rc;

	fetch_state_document(r->env, d);
	if (!was->force && str_eq(was->body_sha256, d->sha256)) {
		r->env->result.unchanged = true;
		return ERR_OK;
	}
	rc = fetch_parse(r->env, d, &r->env->result.complete, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", url);
}

static void
pass_over(struct csaf_reader *r, const char *url, int64_t at)
{
	(void)r;
	(void)url;
	(void)at;
}

/* An address of JSON: what stands there says what it is. */
static enum err_code
run_page(struct csaf_run *r, const char *url, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct csaf_reader none = { .document = pass_over };
	struct csaf_page page;
	enum err_code rc;

	if ((rc = csaf_get(r, url, NULL, &d, e)) != ERR_OK ||
	    (rc = csaf_look(r->a, url, &d, &none, &page, e)) != ERR_OK)
		return rc;
	if (page.kind == CSAF_PAGE_DOCUMENT)
		return read_only(r, url, &d, e);
	r->page = &d;
	if (page.kind == CSAF_PAGE_ROLIE)
		csaf_add_site(r)->feed = url;
	else
		add_sites(r, &page);
	if (r->sites.n == 0)
		return err_set(
		    e, ERR_INPUT, "%s: names no place where documents lie", url);
	return run_sites(r, e);
}

/* The directory beside the archive at URL; NULL if it is none. */
static const char *
directory_beside(struct arena *a, const char *url)
{
	static const char *const suffixes[] = { ".tar.bz2", ".tar.zst", ".tar.xz",
		".tar.gz", ".zip" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (str_ends(url, suffixes[i]))
			return arena_printf(
			    a, "%.*s/", (int)(strlen(url) - strlen(suffixes[i])), url);
	return NULL;
}

static enum err_code
run_address(struct csaf_run *r, const char *url, struct err *e)
{
	const char *beside = directory_beside(r->a, url);
	struct csaf_site *s;

	fetch_state_keep(r->env);
	if (!str_ends(url, "/") && beside == NULL)
		return run_page(r, url, e);
	s = csaf_add_site(r);
	s->directory = beside != NULL ? beside : url;
	s->archive = beside != NULL ? url : NULL;
	return run_sites(r, e);
}

enum err_code
csaf_fetch(struct fetch_env *env, struct err *e)
{
	struct csaf_run r = { .env = env,
		.a = arena_new(),
		.now = clock_now_s(env->o->clock),
		.deletions = strmap_new(),
		.keys = strmap_new() };
	enum err_code rc;

	csaf_cursor_read(r.a, env->o->state->cursor, &r.cursor);
	rc = run_address(&r, env->o->feed->url, e);
	for (size_t i = 0; i < r.sites.n; i++)
		fetch_document_done(&r.sites.at[i].got);
	strmap_free(r.deletions);
	strmap_free(r.keys);
	arena_free(r.a);
	return rc;
}
