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
#include "core/buf.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/strmap.h"
#include "core/url.h"
#include "fetchers/csaf_cursor.h"
#include "fetchers/csaf_lists.h"
#include "fetchers/documents.h"

#define WHOLE_EVERY_S ((int64_t)7 * 24 * 3600)
/* So many changes come cheaper as one archive, but not with every run. */
#define MANY_CHANGES  2000
#define WHOLE_AGAIN_S ((int64_t)12 * 3600)
/* The rest waits for the next run. */
#define MAX_CHANGES 5000
/* Lines come late, and an archive takes its time to be made. */
#define OVERLAP_S ((int64_t)6 * 3600)
/* How old an archive may be that does not say it. */
#define ARCHIVE_AGE_S ((int64_t)24 * 3600)
/* Longest text of a checksum, or of archive_latest.txt, that is looked at. */
#define MAX_WORD ((size_t)4096)

struct entry {
	const char *url;
	int64_t at; /* 0 = nobody says */
	uint64_t mark;
	bool is_known; /* was read before, or has been read now */
};

/* Where documents lie: a directory, with its archive, or a ROLIE feed. */
struct site {
	const char *directory, *archive, *feed; /* NULL = none */
	struct fetch_document got;              /* the archive, to be read */
};

struct run {
	struct fetch_env *env;
	struct arena *a;
	struct csaf_cursor cursor;
	int64_t now;
	bool is_full;  /* everything is read, not only what has changed */
	bool is_whole; /* of a full run: nothing was left out so far */
	struct {
		struct site *at;
		size_t n, cap;
	} sites;
	struct {
		struct entry *at;
		size_t n, cap;
	} entries;
	struct strmap *deletions; /* owned: URL -> when; 0 = it came back */
	/* what stood at the feed's address, if that is a page; borrowed */
	const struct fetch_document *page;
	struct strmap
	    *keys; /* owned: of the records that were handed over, or are gone */
	const char *etag, *deletions_etag; /* of the lists as they are now */
	bool has_list;
	/* which suffix a checksum has beside an archive, beside a document */
	int archive_sums, document_sums;
	uint64_t n_gone;
};

static void
remember(struct run *r)
{
	fetch_state_cursor(r->env, csaf_cursor_write(r->a, &r->cursor));
}

/* A date that has not come yet would hide what changes until then. */
static int64_t
not_later(const struct run *r, int64_t at)
{
	return at < r->now ? at : r->now;
}

static bool
is_absent(enum err_code rc)
{
	return rc == ERR_NOTFOUND || rc == ERR_DENIED;
}

static enum err_code
get(struct run *r, const char *url, const char *etag, struct fetch_document *ret,
    struct err *e)
{
	struct fetch_want want = FETCH_WANT_INIT;

	want.url = url;
	want.etag = etag;
	return fetch_get(r->env, &want, ret, e);
}

/* The first word of D, a small document; NULL if it has none. */
static enum err_code
first_word(
    struct run *r, const struct fetch_document *d, const char **ret, struct err *e)
{
	CLEANUP_BUF struct buf text = BUF_INIT(MAX_WORD);
	struct stream *in;
	const char *s;
	size_t len;
	enum err_code rc;

	if ((rc = fetch_open(d, &in, e)) != ERR_OK)
		return rc;
	rc = stream_read_all(in, &text, e);
	stream_close(in);
	if (rc != ERR_OK)
		return rc;
	s = str_trim(r->a, buf_str(&text), text.len);
	len = strcspn(s, " \t\r\n");
	*ret = len == 0 ? NULL : arena_strndup(r->a, s, len);
	return ERR_OK;
}

static enum err_code
get_word(struct run *r, const char *url, const char **ret, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	enum err_code rc;

	if ((rc = get(r, url, NULL, &d, e)) != ERR_OK)
		return rc;
	rc = first_word(r, &d, ret, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", url);
}

/* ---- checksums ---- */

static const char *const sum_suffixes[] = { ".sha256", ".sha512" };
#define SUMS_NOT_ASKED 0
#define SUMS_ABSENT    (-1) /* otherwise the place of the suffix, counted from 1 */

/* "63aea135...  cve-2023-5568.json"; NULL for what is no sum, such as a page of excuses. */
static const char *
sum_in(struct run *r, const struct fetch_document *d)
{
	const char *word = NULL;
	size_t len;

	if (first_word(r, d, &word, NULL) != ERR_OK || word == NULL)
		return NULL;
	len = strspn(word, "0123456789abcdefABCDEF");
	return word[len] == '\0' && (len == 2 * SHA256_SIZE || len == 2 * SHA512_SIZE)
		   ? word
		   : NULL;
}

/*
 * Is D the document at URL, as the sum beside it says?  A provider that has no sum beside
 * one document has none beside the others: *KNOWN remembers that for the run.
 */
static enum err_code
check_sum(struct run *r, const char *url, const struct fetch_document *d, int *known,
    struct err *e)
{
	for (int i = 1; i <= (int)(sizeof(sum_suffixes) / sizeof(sum_suffixes[0]));
	     i++) {
		CLEANUP_DOCUMENT struct fetch_document beside = FETCH_DOCUMENT_INIT;
		struct err why = ERR_INIT;
		const char *sum;
		enum err_code rc;

		if (*known != SUMS_NOT_ASKED && *known != i)
			continue;
		rc = get(r, arena_printf(r->a, "%s%s", url, sum_suffixes[i - 1]), NULL,
		    &beside, &why);
		if (rc != ERR_OK && !is_absent(rc))
			return err_set(e, rc, "%s", why.text);
		if (rc == ERR_OK && (sum = sum_in(r, &beside)) != NULL) {
			*known = i;
			return fetch_check_sum(d, sum, e);
		}
	}
	if (*known == SUMS_NOT_ASKED)
		*known = SUMS_ABSENT;
	return ERR_OK;
}

/* ---- one record of each key ---- */

/*
 * Stands in front of the sink of the run: an archive knows of a record what was so when
 * it was made, and must not follow what has been read, or deleted, since.
 */
struct once_sink {
	struct record_sink sink; /* first: the driver hands this back */
	struct run *r;
	bool is_archive;
};

/* True the first time; what an archive has need not be remembered. */
static bool
is_first(struct once_sink *s, const char *key)
{
	bool is_new = true;

	if (s->is_archive)
		return strmap_get(s->r->keys, key) == NULL;
	(void)strmap_put(s->r->keys, key, &is_new);
	return is_new;
}

static enum err_code
once_record(struct record_sink *sink, const struct record *r, struct err *e)
{
	struct once_sink *s = (struct once_sink *)sink;
	struct record_sink *to = &s->r->env->counting.sink;

	return is_first(s, r->key) ? to->record(to, r, e) : ERR_OK;
}

static enum err_code
once_gone(struct record_sink *sink, const char *key, struct err *e)
{
	struct once_sink *s = (struct once_sink *)sink;
	struct record_sink *to = &s->r->env->counting.sink;

	return is_first(s, key) ? to->gone(to, key, e) : ERR_OK;
}

static void
once_skipped(struct record_sink *sink, const char *key, const char *why)
{
	struct record_sink *to = &((struct once_sink *)sink)->r->env->counting.sink;

	to->skipped(to, key, why);
}

static struct once_sink
once(struct run *r, bool is_archive)
{
	return (struct once_sink){ .sink = { .record = once_record,
				       .skipped = once_skipped,
				       .gone = once_gone },
		.r = r,
		.is_archive = is_archive };
}

static enum err_code
parse_once(struct run *r, const struct fetch_document *d, bool is_archive,
    bool *ret_whole, struct err *e)
{
	struct fetch_env *env = r->env;
	struct once_sink sink = once(r, is_archive);
	struct documents read;
	char path[FETCH_PATH_SIZE];
	enum err_code rc = documents_parse(env->driver, &env->parse,
	    fetch_document_path(d, path), &sink.sink, &read, e);

	if (rc != ERR_OK)
		return rc;
	env->result.documents += read.n;
	*ret_whole = read.unread == 0;
	return ERR_OK;
}

/* ---- archives ---- */

/* "csaf_vex_2026-03-08.tar.zst": no path, and packed as is known. */
static bool
is_archive_name(const char *name)
{
	return strpbrk(name, "/?#%\\") == NULL && name[0] != '.' &&
	       strlen(name) <= MAX_NAME &&
	       (strstr(name, ".tar.") != NULL || str_ends(name, ".zip"));
}

static enum err_code
find_archive(struct run *r, struct site *s, struct err *e)
{
	const char *url, *name = NULL;
	struct err why = ERR_INIT;
	enum err_code rc;

	if (s->archive != NULL || s->directory == NULL)
		return ERR_OK;
	url = url_join(r->a, s->directory, "archive_latest.txt");
	rc = get_word(r, url, &name, &why);
	if (is_absent(rc))
		return ERR_OK;
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", why.text);
	if (name == NULL || !is_archive_name(name))
		return err_set(e, ERR_INPUT, "%s: names no archive", url);
	s->archive = url_join(r->a, s->directory, name);
	return ERR_OK;
}

/* The date in the NAME of an archive, "..._2026-03-08...."; 0 = none. */
static int64_t
date_in(struct arena *a, const char *name)
{
	static const char digits[] = "0123456789";
	int64_t at;

	for (const char *p = strrchr(name, '/'); p != NULL && *p != '\0'; p++)
		if (strspn(p, digits) == 4 && strlen(p) >= 10 && p[4] == '-' &&
		    time_parse(arena_strndup(a, p, 10), &at))
			return at;
	return 0;
}

/* Since when there may be changes that an archive does not have. */
static int64_t
archive_time(struct run *r, const char *url, const struct fetch_document *d)
{
	int64_t named = date_in(r->a, url), sent = 0;

	/* "Sun, 08 Mar 2026 02:00:00 GMT": the day is exact enough */
	if (strlen(d->last_modified) < 16 ||
	    !time_parse(arena_strndup(r->a, d->last_modified + 5, 11), &sent))
		sent = 0;
	if (named == 0 || (sent != 0 && sent < named))
		named = sent;
	return named != 0 ? not_later(r, named) : r->now - ARCHIVE_AGE_S;
}

static bool
is_same_archive(const struct run *r, const struct fetch_document *d)
{
	const struct feed_state *was = r->env->o->state;

	return d->unchanged || (!was->force && str_eq(was->body_sha256, d->sha256));
}

/* Gets the archive of S, unless it is the one that was read last. */
static enum err_code
get_archive(struct run *r, struct site *s, int64_t *oldest, struct err *e)
{
	const struct feed_state *was = r->env->o->state;
	struct fetch_want want = FETCH_WANT_INIT;
	bool is_only = r->sites.n == 1;
	int64_t at;
	enum err_code rc;

	want.url = s->archive;
	if (is_only && !was->force) {
		want.etag = was->etag;
		want.last_modified = was->last_modified;
	}
	if ((rc = fetch_get(r->env, &want, &s->got, e)) != ERR_OK)
		return rc;
	if (is_only && is_same_archive(r, &s->got)) {
		fetch_document_done(&s->got);
		r->is_whole = false;
		return ERR_OK;
	}
	if ((rc = check_sum(r, s->archive, &s->got, &r->archive_sums, e)) != ERR_OK)
		return err_wrap(e, rc, "%s", s->archive);
	at = archive_time(r, s->archive, &s->got);
	if (*oldest == 0 || at < *oldest)
		*oldest = at;
	if (is_only)
		fetch_state_document(r->env, &s->got);
	return ERR_OK;
}

static enum err_code
parse_archives(struct run *r, struct err *e)
{
	enum err_code rc;

	for (size_t i = 0; i < r->sites.n; i++) {
		const struct site *s = &r->sites.at[i];
		bool whole = false;

		if (s->got.fd < 0)
			continue;
		if ((rc = parse_once(r, &s->got, true, &whole, e)) != ERR_OK)
			return err_wrap(e, rc, "%s", s->archive);
		r->is_whole = r->is_whole && whole;
	}
	return ERR_OK;
}

static bool
has_got_archive(const struct run *r)
{
	for (size_t i = 0; i < r->sites.n; i++)
		if (r->sites.at[i].got.fd >= 0)
			return true;
	return false;
}

static struct site *
add_site(struct run *r)
{
	struct site *s = ARENA_PUSH(r->a, &r->sites);

	s->got = FETCH_DOCUMENT_INIT;
	return s;
}

/* What is known from here on is what the archives have; without any, nothing is. */
static enum err_code
get_archives(struct run *r, struct err *e)
{
	bool any = false;
	int64_t oldest = 0;
	enum err_code rc = ERR_OK;

	r->is_full = r->is_whole = true;
	for (size_t i = 0; i < r->sites.n && rc == ERR_OK; i++) {
		struct site *s = &r->sites.at[i];

		if ((rc = find_archive(r, s, e)) == ERR_OK && s->archive != NULL) {
			any = true;
			rc = get_archive(r, s, &oldest, e);
		}
	}
	if (rc != ERR_OK)
		return rc;
	r->cursor.list.full = r->now;
	if (!any || oldest != 0)
		r->cursor = (struct csaf_cursor){
			.list = { .full = r->now, .newest = oldest },
			.deleted = oldest != 0 ? oldest : r->now,
		};
	return ERR_OK;
}

/* ---- lists ---- */

/* Stands where a list is read, for one of the two things that a list can be about. */
struct list_reader {
	struct csaf_reader reader; /* first: the list hands this back */
	struct run *r;
};

static void
see_deletion(struct csaf_reader *reader, const char *url, int64_t at)
{
	struct run *r = ((struct list_reader *)reader)->r;
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
	struct run *r = ((struct list_reader *)reader)->r;
	uint64_t *deleted = strmap_get(r->deletions, url);
	struct entry n = { .at = at };

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
read_list(struct run *r, const char *url, const struct fetch_document *d,
    void (*see)(struct csaf_reader *, const char *, int64_t), struct err *e)
{
	struct list_reader reader = { .reader = { .document = see }, .r = r };
	enum err_code rc = csaf_lines(url, d, &reader.reader, e);

	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", url);
}

/* *RET_CHANGED stays as it is unless there is a list, and another one than last time. */
static enum err_code
read_deletions(struct run *r, const char *directory, const char *etag,
    bool *ret_changed, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const char *url = url_join(r->a, directory, "deletions.csv");
	struct err why = ERR_INIT;
	enum err_code rc = get(r, url, etag, &d, &why);

	if (is_absent(rc))
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
read_index(struct run *r, const char *directory, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const char *url = url_join(r->a, directory, "index.txt");
	struct err why = ERR_INIT;
	enum err_code rc = get(r, url, NULL, &d, &why);

	if (is_absent(rc))
		return ERR_OK;
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", why.text);
	r->has_list = true;
	return read_list(r, url, &d, see_change, e);
}

static enum err_code
read_changes(struct run *r, const char *directory, const char *etag, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const char *url = url_join(r->a, directory, "changes.csv");
	struct err why = ERR_INIT;
	enum err_code rc = get(r, url, etag, &d, &why);

	if (is_absent(rc))
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
read_feed(struct run *r, const char *url, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct list_reader reader = { .reader = { .document = see_change }, .r = r };
	bool is_here = str_eq(url, r->env->o->feed->url);
	struct csaf_page page;
	enum err_code rc;

	if ((!is_here && (rc = get(r, url, NULL, &d, e)) != ERR_OK) ||
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
read_directory(struct run *r, const char *directory, bool is_conditional, struct err *e)
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
read_lists(struct run *r, struct err *e)
{
	bool is_conditional = r->sites.n == 1 && !r->is_full;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < r->sites.n && rc == ERR_OK; i++) {
		const struct site *s = &r->sites.at[i];

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
apply_deletions(struct run *r, struct err *e)
{
	struct once_sink to = once(r, false);
	int64_t newest = r->cursor.deleted;
	enum err_code rc;

	for (size_t i = 0; i < strmap_count(r->deletions); i++) {
		int64_t at = (int64_t)strmap_value(r->deletions, i);
		const char *cve = cve_of(r->a, strmap_key(r->deletions, i));

		if (at == 0)
			continue;
		if (at > newest)
			newest = not_later(r, at);
		if (cve == NULL) {
			int64_t soon = r->now - WHOLE_EVERY_S + WHOLE_AGAIN_S;

			if (at > r->cursor.deleted && r->cursor.list.full > soon)
				r->cursor.list.full = soon;
			continue;
		}
		if ((rc = once_gone(&to.sink, cve, e)) != ERR_OK)
			return rc;
		r->n_gone++;
	}
	r->cursor.deleted = newest;
	return ERR_OK;
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return strcmp(x->url, y->url);
}

static size_t
count_new(const struct run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->entries.n; i++)
		n += !r->entries.at[i].is_known;
	return n;
}

/* What asks for documents and what takes them share; see fetch_many(). */
struct reading {
	struct run *r;
	struct entry **entries; /* to be read, the oldest first */
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
judge_document(struct reading *x, struct entry *n, enum err_code rc,
    const struct err *why, struct err *e)
{
	struct run *r = x->r;
	struct record_sink *to = &r->env->counting.sink;

	x->is_cut = rc == ERR_UNREACHABLE && (x->n_done > 0 || has_got_archive(r));
	if (rc != ERR_OK && rc != ERR_INPUT && rc != ERR_CONFLICT && !is_absent(rc) &&
	    !x->is_cut)
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
parse_document(
    struct run *r, const struct fetch_document *d, enum err_code checked, struct err *e)
{
	bool whole;

	if (checked != ERR_OK)
		return checked == ERR_INPUT ? ERR_CONFLICT : checked;
	return parse_once(r, d, false, &whole, e);
}

/* The first document tells whether there are sums beside them, and which. */
static enum err_code
read_first(struct reading *x, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct run *r = x->r;
	struct entry *n = x->entries[0];
	struct err why = ERR_INIT;
	enum err_code rc = get(r, n->url, NULL, &d, &why);

	if (rc == ERR_OK)
		rc = parse_document(
		    r, &d, check_sum(r, n->url, &d, &r->document_sums, &why), &why);
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
	x->sum = rc == ERR_OK ? sum_in(x->r, d) : NULL;
	return rc == ERR_OK || is_absent(rc)
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
	struct run *r = x->r;
	bool sums = r->document_sums > SUMS_NOT_ASKED;
	struct fetch_want *wants = arena_array(r->a, 2 * x->n, sizeof(*wants));
	size_t n = 0;

	for (size_t i = 1; i < x->n; i++) {
		if (sums) {
			wants[n] = FETCH_WANT_INIT;
			wants[n++].url = arena_printf(r->a, "%s%s", x->entries[i]->url,
			    sum_suffixes[r->document_sums - 1]);
		}
		wants[n] = FETCH_WANT_INIT;
		wants[n++].url = x->entries[i]->url;
	}
	return fetch_many(r->env, wants, n, sums ? take_with_sum : take_alone, x, e);
}

/* *RET_N: how many entries, from the oldest on, are done with. */
static enum err_code
read_new(struct run *r, size_t *ret_n, struct err *e)
{
	struct reading x = { .r = r };
	size_t end = r->entries.n;
	enum err_code rc = ERR_OK;

	x.entries = arena_array(r->a, MAX_CHANGES, sizeof(struct entry *));
	for (size_t i = 0; i < end; i++) {
		struct entry *n = &r->entries.at[i];
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
advance(struct run *r, size_t n)
{
	struct osv_cursor *c = &r->cursor.list;
	bool whole = n == r->entries.n;

	if (n > 0 && not_later(r, r->entries.at[n - 1].at) > c->newest)
		c->newest = not_later(r, r->entries.at[n - 1].at);
	c->etag = whole ? etag_of(r->etag) : NULL;
	r->cursor.deletions_etag = etag_of(r->deletions_etag);
	/* what was read before this run is known as long as its line is looked at */
	c->seen.n = 0;
	for (size_t i = 0; i < r->entries.n; i++) {
		const struct entry *x = &r->entries.at[i];

		if (x->is_known && (x->at == 0 || x->at >= c->newest - OVERLAP_S))
			osv_cursor_see(r->a, c, x->mark);
	}
}

/* Entries that the archives, read in between, have made old. */
static void
drop_old(struct run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->entries.n; i++) {
		struct entry *x = &r->entries.at[i];

		x->is_known = osv_cursor_has(&r->cursor.list, x->mark);
		if (x->at == 0 || x->at >= r->cursor.list.newest - OVERLAP_S)
			r->entries.at[n++] = *x;
	}
	r->entries.n = n;
}

/* ---- the run ---- */

static bool
has_archive(const struct run *r)
{
	for (size_t i = 0; i < r->sites.n; i++)
		if (r->sites.at[i].archive != NULL)
			return true;
	return false;
}

/* Are the changes so many, or is there no list of them, that all is read again? */
static enum err_code
read_again(struct run *r, struct err *e)
{
	bool many =
	    count_new(r) > MANY_CHANGES && r->now - r->cursor.list.full > WHOLE_AGAIN_S;
	enum err_code rc;

	if (r->is_full || (r->has_list && !many))
		return ERR_OK;
	if (!has_archive(r))
		for (size_t i = 0; i < r->sites.n; i++)
			if ((rc = find_archive(r, &r->sites.at[i], e)) != ERR_OK)
				return rc;
	if (!has_archive(r))
		return ERR_OK;
	rc = get_archives(r, e);
	drop_old(r);
	return rc;
}

static enum err_code
run_sites(struct run *r, struct err *e)
{
	const struct osv_cursor *was = &r->cursor.list;
	size_t n = 0;
	enum err_code rc = ERR_OK;

	/* a clock that was set back must not keep the next full read away */
	if (r->env->o->state->force || was->full == 0 || was->full > r->now ||
	    r->now - was->full >= WHOLE_EVERY_S)
		rc = get_archives(r, e);
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
	    (rc = parse_archives(r, e)) != ERR_OK)
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
add_sites(struct run *r, const struct csaf_page *page)
{
	/* a provider has the same documents in both; a feed is what it is asked to have */
	for (size_t i = 0; i < page->feeds.n; i++)
		add_site(r)->feed = page->feeds.at[i];
	for (size_t i = 0; page->feeds.n == 0 && i < page->directories.n; i++)
		add_site(r)->directory = page->directories.at[i];
}

static enum err_code
read_only(struct run *r, const char *url, const struct fetch_document *d, struct err *e)
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
run_page(struct run *r, const char *url, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct csaf_reader none = { .document = pass_over };
	struct csaf_page page;
	enum err_code rc;

	if ((rc = get(r, url, NULL, &d, e)) != ERR_OK ||
	    (rc = csaf_look(r->a, url, &d, &none, &page, e)) != ERR_OK)
		return rc;
	if (page.kind == CSAF_PAGE_DOCUMENT)
		return read_only(r, url, &d, e);
	r->page = &d;
	if (page.kind == CSAF_PAGE_ROLIE)
		add_site(r)->feed = url;
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
run_address(struct run *r, const char *url, struct err *e)
{
	const char *beside = directory_beside(r->a, url);
	struct site *s;

	fetch_state_keep(r->env);
	if (!str_ends(url, "/") && beside == NULL)
		return run_page(r, url, e);
	s = add_site(r);
	s->directory = beside != NULL ? beside : url;
	s->archive = beside != NULL ? url : NULL;
	return run_sites(r, e);
}

enum err_code
csaf_fetch(struct fetch_env *env, struct err *e)
{
	struct run r = { .env = env,
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
