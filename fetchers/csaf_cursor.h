/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_cursor - what is remembered of a provider of CSAF documents between runs, as one
 * line of JSON:
 *
 * {"full":"2026-03-08T02:00:00Z","newest":"2026-03-09T01:58:12Z","etag":"\"1a2b\"",
 *  "seen":"0f1e2d3c4b5a6978...","deleted":"2026-03-09T01:12:40Z",
 *  "deletions_etag":"\"3c4d\""}
 *
 * The first four are those of osv_cursor.h, and mean the same.
 */
#ifndef FETCHERS_CSAF_CURSOR_H
#define FETCHERS_CSAF_CURSOR_H

#include "fetchers/osv_cursor.h"

struct csaf_cursor {
	struct osv_cursor list; /* of changes */
	int64_t deleted;        /* deletions until then are known; 0 = none is */
	const char *deletions_etag;
};

/* A text that is none of ours gives the cursor of a first run. */
void csaf_cursor_read(struct arena *a, const char *text, struct csaf_cursor *ret);
char *csaf_cursor_write(struct arena *a, const struct csaf_cursor *c);

#endif
