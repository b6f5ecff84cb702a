/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_archive - what every document of a run goes through: its sum, and the sink that
 * takes a record once; and the archives that a full run begins with.
 */
#include "fetchers/csaf_run.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/strmap.h"
#include "core/url.h"
#include "fetchers/documents.h"

/* How old an archive may be that does not say it. */
#define ARCHIVE_AGE_S ((int64_t)24 * 3600)
/* Longest text of a checksum, or of archive_latest.txt, that is looked at. */
#define MAX_WORD ((size_t)4096)

int64_t
csaf_not_later(const struct csaf_run *r, int64_t at)
{
	return at < r->now ? at : r->now;
}

bool
csaf_is_absent(enum err_code rc)
{
	return rc == ERR_NOTFOUND || rc == ERR_DENIED;
}

enum err_code
csaf_get(struct csaf_run *r, const char *url, const char *etag,
    struct fetch_document *ret, struct err *e)
{
	struct fetch_want want = FETCH_WANT_INIT;

	want.url = url;
	want.etag = etag;
	return fetch_get(r->env, &want, ret, e);
}

/* The first word of D, a small document; NULL if it has none. */
static enum err_code
first_word(
    struct csaf_run *r, const struct fetch_document *d, const char **ret, struct err *e)
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
get_word(struct csaf_run *r, const char *url, const char **ret, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	enum err_code rc;

	if ((rc = csaf_get(r, url, NULL, &d, e)) != ERR_OK)
		return rc;
	rc = first_word(r, &d, ret, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", url);
}

/* ---- checksums ---- */

const char *const csaf_sum_suffixes[CSAF_SUMS] = { ".sha256", ".sha512" };

const char *
csaf_sum_in(struct csaf_run *r, const struct fetch_document *d)
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

enum err_code
csaf_check_sum(struct csaf_run *r, const char *url, const struct fetch_document *d,
    int *known, struct err *e)
{
	for (int i = 1; i <= CSAF_SUMS; i++) {
		CLEANUP_DOCUMENT struct fetch_document beside = FETCH_DOCUMENT_INIT;
		struct err why = ERR_INIT;
		const char *sum;
		enum err_code rc;

		if (*known != CSAF_SUMS_NOT_ASKED && *known != i)
			continue;
		rc = csaf_get(r,
		    arena_printf(r->a, "%s%s", url, csaf_sum_suffixes[i - 1]), NULL,
		    &beside, &why);
		if (rc != ERR_OK && !csaf_is_absent(rc))
			return err_set(e, rc, "%s", why.text);
		if (rc == ERR_OK && (sum = csaf_sum_in(r, &beside)) != NULL) {
			*known = i;
			return fetch_check_sum(d, sum, e);
		}
	}
	if (*known == CSAF_SUMS_NOT_ASKED)
		*known = CSAF_SUMS_ABSENT;
	return ERR_OK;
}

/* ---- one record of each key ---- */

/*
 * Stands in front of the sink of the run: an archive knows of a record what was so when
 * it was made, and must not follow what has been read, or deleted, since.
 */
struct once_sink {
	struct record_sink sink; /* first: the driver hands this back */
	struct csaf_run *r;
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
once(struct csaf_run *r, bool is_archive)
{
	return (struct once_sink){ .sink = { .record = once_record,
				       .skipped = once_skipped,
				       .gone = once_gone },
		.r = r,
		.is_archive = is_archive };
}

enum err_code
csaf_parse(struct csaf_run *r, const struct fetch_document *d, bool is_archive,
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

enum err_code
csaf_gone(struct csaf_run *r, const char *key, struct err *e)
{
	struct once_sink sink = once(r, false);

	return once_gone(&sink.sink, key, e);
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

enum err_code
csaf_find_archive(struct csaf_run *r, struct csaf_site *s, struct err *e)
{
	const char *url, *name = NULL;
	struct err why = ERR_INIT;
	enum err_code rc;

	if (s->archive != NULL || s->directory == NULL)
		return ERR_OK;
	url = url_join(r->a, s->directory, "archive_latest.txt");
	rc = get_word(r, url, &name, &why);
	if (csaf_is_absent(rc))
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
archive_time(struct csaf_run *r, const char *url, const struct fetch_document *d)
{
	int64_t named = date_in(r->a, url), sent = 0;

	/* "Sun, 08 Mar 2026 02:00:00 GMT": the day is exact enough */
	if (strlen(d->last_modified) < 16 ||
	    !time_parse(arena_strndup(r->a, d->last_modified + 5, 11), &sent))
		sent = 0;
	if (named == 0 || (sent != 0 && sent < named))
		named = sent;
	return named != 0 ? csaf_not_later(r, named) : r->now - ARCHIVE_AGE_S;
}

static bool
is_same_archive(const struct csaf_run *r, const struct fetch_document *d)
{
	const struct feed_state *was = r->env->o->state;

	return d->unchanged || (!was->force && str_eq(was->body_sha256, d->sha256));
}

/* Gets the archive of S, unless it is the one that was read last. */
static enum err_code
get_archive(struct csaf_run *r, struct csaf_site *s, int64_t *oldest, struct err *e)
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
	if ((rc = csaf_check_sum(r, s->archive, &s->got, &r->archive_sums, e)) !=
	    ERR_OK)
		return err_wrap(e, rc, "%s", s->archive);
	at = archive_time(r, s->archive, &s->got);
	if (*oldest == 0 || at < *oldest)
		*oldest = at;
	if (is_only)
		fetch_state_document(r->env, &s->got);
	return ERR_OK;
}

enum err_code
csaf_parse_archives(struct csaf_run *r, struct err *e)
{
	enum err_code rc;

	for (size_t i = 0; i < r->sites.n; i++) {
		const struct csaf_site *s = &r->sites.at[i];
		bool whole = false;

		if (s->got.fd < 0)
			continue;
		if ((rc = csaf_parse(r, &s->got, true, &whole, e)) != ERR_OK)
			return err_wrap(e, rc, "%s", s->archive);
		r->is_whole = r->is_whole && whole;
	}
	return ERR_OK;
}

bool
csaf_has_got_archive(const struct csaf_run *r)
{
	for (size_t i = 0; i < r->sites.n; i++)
		if (r->sites.at[i].got.fd >= 0)
			return true;
	return false;
}

struct csaf_site *
csaf_add_site(struct csaf_run *r)
{
	struct csaf_site *s = ARENA_PUSH(r->a, &r->sites);

	s->got = FETCH_DOCUMENT_INIT;
	return s;
}

enum err_code
csaf_get_archives(struct csaf_run *r, struct err *e)
{
	bool any = false;
	int64_t oldest = 0;
	enum err_code rc = ERR_OK;

	r->is_full = r->is_whole = true;
	for (size_t i = 0; i < r->sites.n && rc == ERR_OK; i++) {
		struct csaf_site *s = &r->sites.at[i];

		if ((rc = csaf_find_archive(r, s, e)) == ERR_OK && s->archive != NULL) {
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
