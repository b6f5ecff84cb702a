/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvd_fetch - which documents of NVD to get.
 *
 * The address of the feed says how:
 *   .../something.json.gz      that document, each time whole
 *   .../rest/json/cves/2.0     the API alone, also for the first load
 *   any other                  the directory of the yearly files nvdcve-2.0-YYYY.json.gz
 *                              and their .meta; api_url, where given, is asked for what
 *                              has changed since; without it the files are compared
 *
 * A first load takes a while.  If the server goes away in the middle, what came so far
 * is kept and the cursor says where to go on: every file and every window of changes is
 * whole in itself.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json_read.h"
#include "core/str.h"
#include "core/stream.h"
#include "fetchers/fetch_env.h"
#include "fetchers/nvd.h"
#include "fetchers/nvd_changes.h"
#include "fetchers/nvd_cursor.h"

#define DEFAULT_START 2002
#define META_MAX      4096
/* Files are made anew once a day, and one after the other. */
#define BATCH_S ((int64_t)24 * 3600)
/* Files that say no date are taken for no older than this. */
#define UNDATED_S ((int64_t)8 * 24 * 3600)

/* What a .meta file says. */
struct meta {
	const char *sha256; /* of the inflated file; NULL = not said */
	int64_t modified;   /* 0 = not said */
};

struct load {
	struct fetch_env *env;
	const char *base; /* ends with a slash */
	struct nvd_cursor *cursor;
	unsigned n_read, n_known; /* files read now; read now or before */
	int64_t newest;           /* date of the newest file read now */
};

/* ---- addresses ---- */

enum address { ADDRESS_DOCUMENT, ADDRESS_API, ADDRESS_FILES };

static enum address
address_of(struct arena *a, const char *url)
{
	static const char *const packings[] = { ".json", ".gz", ".xz", ".bz2", ".zst" };
	const char *path = arena_strndup(a, url, strcspn(url, "?#"));

	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (str_ends(path, packings[i]))
			return ADDRESS_DOCUMENT;
	return str_ends(path, "/cves/2.0") ? ADDRESS_API : ADDRESS_FILES;
}

static int
year_of(int64_t at)
{
	int year = 1970;

	while (time_from_civil(year + 1, 1, 1) <= at)
		year++;
	return year;
}

/* ---- one yearly file ---- */

static enum err_code
get(struct load *l, int year, const char *suffix, struct fetch_document *ret,
    struct err *e)
{
	struct fetch_want want = FETCH_WANT_INIT;

	want.url =
	    arena_printf(l->env->o->arena, "%snvdcve-2.0-%d%s", l->base, year, suffix);
	return fetch_get(l->env, &want, ret, e);
}

/* "sha256:5A9B...": the value behind KEY, up to the end of its line. */
static const char *
meta_value(struct arena *a, const char *text, const char *key)
{
	const char *p = text;

	while (p != NULL && !str_starts(p, key))
		if ((p = strchr(p, '\n')) != NULL)
			p++;
	if (p == NULL)
		return NULL;
	p += strlen(key);
	return str_trim(a, p, strcspn(p, "\r\n"));
}

/* No .meta at all is no failure: mirrors leave them out. */
static enum err_code
get_meta(struct load *l, int year, struct meta *ret, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	CLEANUP_BUF struct buf b = BUF_INIT(META_MAX);
	struct arena *a = l->env->o->arena;
	struct err missing = ERR_INIT;
	struct stream *in;
	const char *modified;
	enum err_code rc;

	*ret = (struct meta){ 0 };
	if ((rc = get(l, year, ".meta", &d, &missing)) == ERR_NOTFOUND)
		return ERR_OK;
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", missing.text);
	if ((rc = fetch_open(&d, &in, e)) != ERR_OK)
		return rc;
	rc = stream_read_all(in, &b, e);
	stream_close(in);
	if (rc != ERR_OK)
		return rc;
	ret->sha256 = meta_value(a, buf_str(&b), "sha256:");
	modified = meta_value(a, buf_str(&b), "lastModifiedDate:");
	if (modified != NULL && !time_parse(modified, &ret->modified))
		ret->modified = 0;
	return ERR_OK;
}

/*
 * Get the file of YEAR and hold it against its .meta.  Both are replaced once a day,
 * one after the other: caught in between, the second try sees a pair again.
 */
static enum err_code
get_pair(struct load *l, int year, struct meta *meta, struct fetch_document *d,
    struct err *e)
{
	for (int attempt = 1;; attempt++) {
		struct err differs = ERR_INIT;
		enum err_code rc = get(l, year, ".json.gz", d, e);

		if (rc != ERR_OK || meta->sha256 == NULL)
			return rc;
		if ((rc = fetch_check_sha256(d, meta->sha256, &differs)) == ERR_OK)
			return ERR_OK;
		fetch_document_done(d);
		if (attempt == 2)
			return err_set(e, rc, "nvdcve-2.0-%d: %s", year, differs.text);
		if ((rc = get_meta(l, year, meta, e)) != ERR_OK)
			return rc;
	}
}

static enum err_code
read_file(struct load *l, int year, const struct fetch_document *d,
    struct nvd_page *page, struct err *e)
{
	struct fetch_env *env = l->env;
	struct stream *in;
	enum err_code rc;

	if ((rc = fetch_open(d, &in, e)) != ERR_OK)
		return rc;
	rc = nvd_read(in, &env->parse, &env->counting.sink, page, e);
	stream_close(in);
	if (rc == ERR_OK && page->has_total && page->total_results != page->entries)
		rc = err_set(e, ERR_INPUT,
		    "cut short: totalResults says %" PRIu64 ", entries are %" PRIu64,
		    page->total_results, page->entries);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "nvdcve-2.0-%d", year);
	env->result.documents++;
	return ERR_OK;
}

static void
note_date(struct load *l, const struct meta *meta, const struct nvd_page *page)
{
	int64_t at = meta->modified != 0 ? meta->modified : page->timestamp;

	if (at > l->newest)
		l->newest = at;
}

/*
 * From when on changes must be asked for.  A file is made anew only when a CVE of its
 * year has changed, so an old date is no old file: what the server had at the time of
 * its newest file was current then.  Of a load in several runs the first decides.
 */
static void
note_since(struct load *l)
{
	int64_t since = l->newest - BATCH_S;

	if (l->n_read == 0)
		return;
	if (l->newest == 0)
		since = clock_now_s(l->env->o->clock) - UNDATED_S;
	if (since < 1)
		since = 1; /* a date of 1970 is a date, 0 would be none */
	if (l->cursor->since == 0 || since < l->cursor->since)
		l->cursor->since = since;
}

static enum err_code
load_year(struct load *l, int year, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	const char **known = &l->cursor->years[year - NVD_FIRST_YEAR];
	struct nvd_page page;
	struct meta meta;
	enum err_code rc;

	if ((rc = get_meta(l, year, &meta, e)) != ERR_OK)
		return rc;
	if (meta.sha256 != NULL && *known != NULL && str_caseeq(meta.sha256, *known))
		return ERR_OK;
	if ((rc = get_pair(l, year, &meta, &d, e)) != ERR_OK)
		return rc;
	if (meta.sha256 == NULL && str_eq(d.sha256, *known))
		return ERR_OK;
	if ((rc = read_file(l, year, &d, &page, e)) != ERR_OK)
		return rc;
	note_date(l, &meta, &page);
	*known = meta.sha256 != NULL ? meta.sha256
				     : arena_strdup(l->env->o->arena, d.sha256);
	l->n_read++;
	return ERR_OK;
}

/* ---- all of them ---- */

static enum err_code
first_year(const struct feed_config *f, int last, int *ret, struct err *e)
{
	uint64_t year = DEFAULT_START;

	if (f->start != NULL && (!str_u64(f->start, &year) || year < NVD_FIRST_YEAR ||
				    year > (uint64_t)last))
		return err_set(e, ERR_INPUT, "start must be a year from %d to %d",
		    NVD_FIRST_YEAR, last);
	*ret = (int)year;
	return ERR_OK;
}

static void
report(struct fetch_env *env, int year, const char *why)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "nvdcve-2.0-%d", year);
	env->counting.sink.skipped(&env->counting.sink, name, why);
}

static void
remember(struct load *l)
{
	struct arena *a = l->env->o->arena;

	fetch_state_cursor(l->env, nvd_cursor_write(a, l->cursor));
}

/*
 * ERR_OK also when the server went away after some files: then the cursor is not
 * 'loaded', and the next run goes on with the rest.
 */
static enum err_code
load_years(struct load *l, bool again, struct err *e)
{
	int last = year_of(clock_now_s(l->env->o->clock)), year = last;
	struct err why = ERR_INIT;
	enum err_code rc;

	if ((rc = first_year(l->env->o->feed, last, &year, e)) != ERR_OK)
		return rc;
	for (; year <= last && year < NVD_FIRST_YEAR + NVD_YEARS; year++) {
		bool known = l->cursor->years[year - NVD_FIRST_YEAR] != NULL;

		l->n_known += known;
		if (known && !again)
			continue;
		rc = load_year(l, year, &why);
		if (rc == ERR_OK && !known)
			l->n_known++;
		if (rc == ERR_NOTFOUND && year < last)
			report(l->env, year, "the server does not have this file");
		if (rc == ERR_OK || rc == ERR_NOTFOUND)
			continue;
		if (rc != ERR_UNREACHABLE || l->n_read == 0)
			return err_set(e, rc, "%s", why.text);
		report(l->env, year, why.text);
		return ERR_OK;
	}
	if (l->n_known == 0)
		return err_set(
		    e, ERR_NOTFOUND, "%s has no file nvdcve-2.0-YYYY.json.gz", l->base);
	l->cursor->loaded = true;
	return ERR_OK;
}

static enum err_code
fetch_files(struct fetch_env *env, struct nvd_cursor *cursor, struct err *e)
{
	const char *url = env->o->feed->url;
	struct load l = {
		.env = env,
		.base = arena_printf(
		    env->o->arena, "%s%s", url, str_ends(url, "/") ? "" : "/"),
		.cursor = cursor,
	};
	bool again = cursor->loaded;
	enum err_code rc = load_years(&l, again, e);

	if (rc != ERR_OK)
		return rc;
	env->result.unchanged = again && l.n_read == 0;
	note_since(&l);
	remember(&l);
	return ERR_OK;
}

enum err_code
nvd_fetch(struct fetch_env *env, struct err *e)
{
	const struct feed_config *f = env->o->feed;
	enum address address = address_of(env->o->arena, f->url);
	struct nvd_cursor cursor;

	if (address == ADDRESS_DOCUMENT)
		return fetch_single(env, f->url, e);
	nvd_cursor_read(env->o->arena,
	    env->o->state->force ? NULL : env->o->state->cursor, &cursor);
	if (address == ADDRESS_API)
		return nvd_changes(env, f->url, &cursor, e);
	if (cursor.loaded && f->api_url != NULL)
		return nvd_changes(env, f->api_url, &cursor, e);
	return fetch_files(env, &cursor, e);
}
