/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_run - one run over a provider of CSAF documents: csaf_fetch.c decides what to get
 * and follows the lists, csaf_archive.c has what every document goes through and the
 * archives.
 */
#ifndef FETCHERS_CSAF_RUN_H
#define FETCHERS_CSAF_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetchers/csaf_cursor.h"
#include "fetchers/fetch_env.h"

struct strmap;

struct csaf_entry {
	const char *url;
	int64_t at; /* 0 = nobody says */
	uint64_t mark;
	bool is_known; /* was read before, or has been read now */
};

/* Where documents lie: a directory, with its archive, or a ROLIE feed. */
struct csaf_site {
	const char *directory, *archive, *feed; /* NULL = none */
	struct fetch_document got;              /* the archive, to be read */
};

struct csaf_run {
	struct fetch_env *env;
	struct arena *a;
	struct csaf_cursor cursor;
	int64_t now;
	bool is_full;  /* everything is read, not only what has changed */
	bool is_whole; /* of a full run: nothing was left out so far */
	struct {
		struct csaf_site *at;
		size_t n, cap;
	} sites;
	struct {
		struct csaf_entry *at;
		size_t n, cap;
	} entries;
	struct strmap *deletions; /* owned: URL -> when; 0 = it came back */
	/* what stood at the feed's address, if that is a page; borrowed */
	const struct fetch_document *page;
	struct strmap *keys;               /* owned: of records handed over, or gone */
	const char *etag, *deletions_etag; /* of the lists as they are now */
	bool has_list;
	/* which suffix a checksum has beside an archive, beside a document */
	int archive_sums, document_sums;
	uint64_t n_gone;
};

/* A date that has not come yet would hide what changes until then. */
int64_t csaf_not_later(const struct csaf_run *r, int64_t at);
/* Does RC say that the document is not there? */
bool csaf_is_absent(enum err_code rc);
enum err_code csaf_get(struct csaf_run *r, const char *url, const char *etag,
    struct fetch_document *ret, struct err *e);

/* ---- sums beside documents ---- */

#define CSAF_SUMS           2
#define CSAF_SUMS_NOT_ASKED 0
#define CSAF_SUMS_ABSENT    (-1) /* otherwise the place of the suffix, counted from 1 */
extern const char *const csaf_sum_suffixes[CSAF_SUMS];

/* "63aea135...  cve-2023-5568.json"; NULL for what is no sum, such as a page of excuses. */
const char *csaf_sum_in(struct csaf_run *r, const struct fetch_document *d);
/*
 * Is D the document at URL, as the sum beside it says?  A provider that has no sum beside
 * one document has none beside the others: *KNOWN remembers that for the run.
 * ERR_INPUT  it is another one
 */
enum err_code csaf_check_sum(struct csaf_run *r, const char *url,
    const struct fetch_document *d, int *known, struct err *e);

/* ---- one record of each key ---- */

/* Hand over the records of D, an archive or not; of several with one key the first. */
enum err_code csaf_parse(struct csaf_run *r, const struct fetch_document *d,
    bool is_archive, bool *ret_whole, struct err *e);
enum err_code csaf_gone(struct csaf_run *r, const char *key, struct err *e);

/* ---- archives ---- */

struct csaf_site *csaf_add_site(struct csaf_run *r);
/* The archive of S, where archive_latest.txt names one. */
enum err_code csaf_find_archive(struct csaf_run *r, struct csaf_site *s, struct err *e);
/*
 * Begins a full run: gets the archives, unless they are known.  What is known from here
 * on is what they have; without any, nothing is.
 */
enum err_code csaf_get_archives(struct csaf_run *r, struct err *e);
bool csaf_has_got_archive(const struct csaf_run *r);
/* Reads what was got; after everything that is newer. */
enum err_code csaf_parse_archives(struct csaf_run *r, struct err *e);

#endif
