/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_lists - what a provider says there is: lines of changes.csv, deletions.csv and
 * index.txt, the entries of a ROLIE feed, the distributions of provider-metadata.json.
 *
 * For csaf_fetch.c only.
 */
#ifndef FETCHERS_CSAF_LISTS_H
#define FETCHERS_CSAF_LISTS_H

#include "fetchers/emit.h"
#include "fetchers/fetch_env.h"

struct arena;

/* Somebody who is told of the documents in a list. */
struct csaf_reader {
	/*
	 * A document at URL has changed, or was deleted, at AT; 0 = not said.  URL is
	 * borrowed until this returns.
	 */
	void (*document)(struct csaf_reader *r, const char *url, int64_t at);
};

/*
 * Lines of changes.csv or deletions.csv ("PATH","TIME", quoted or not, in any order) or
 * of index.txt (PATH) in D, which was got from URL.  Lines that are none, and paths that
 * lead elsewhere, are passed over.
 */
enum err_code csaf_lines(const char *url, const struct fetch_document *d,
    struct csaf_reader *r, struct err *e);

/* What a document of JSON is, and what it names. */
struct csaf_page {
	enum { CSAF_PAGE_DOCUMENT, CSAF_PAGE_ROLIE, CSAF_PAGE_PROVIDER } kind;
	struct texts directories, feeds; /* of a provider; URLs in the arena */
};

/* Look at D, which was got from URL; the entries of a ROLIE feed are told to R. */
enum err_code csaf_look(struct arena *a, const char *url,
    const struct fetch_document *d, struct csaf_reader *r, struct csaf_page *ret,
    struct err *e);

#endif
