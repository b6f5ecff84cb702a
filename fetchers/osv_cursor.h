/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv_cursor - what is remembered of a feed of OSV records between runs, as one line of
 * JSON:
 *
 * {"full":"2026-03-08T02:00:00Z","newest":"2026-03-09T01:58:12Z","etag":"\"1a2b\"",
 *  "seen":"0f1e2d3c4b5a6978..."}
 *
 * Times tie and records arrive late, so the last day before 'newest' is always looked at
 * again; 'seen' are the records of that day which need not be.
 *
 * For osv_fetch.c and osv_pages.c only.
 */
#ifndef FETCHERS_OSV_CURSOR_H
#define FETCHERS_OSV_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define OSV_OVERLAP_S ((int64_t)24 * 3600)
/* What is not remembered is read again, which costs but does no harm. */
#define OSV_MAX_SEEN ((size_t)20000)

struct osv_cursor {
	int64_t full;     /* when everything was read; 0 = never */
	int64_t newest;   /* what changed until a day before is known; 0 = nothing is */
	const char *etag; /* of the list of changes; NULL = none */
	struct {
		uint64_t *at;
		size_t n, cap;
	} seen;
};

/* A text that is none of ours gives the cursor of a first run. */
void osv_cursor_read(struct arena *a, const char *text, struct osv_cursor *ret);
char *osv_cursor_write(struct arena *a, const struct osv_cursor *c);

/* The record ID as it was at MODIFIED, in one number. */
uint64_t osv_mark(const char *id, int64_t modified);
void osv_cursor_see(struct arena *a, struct osv_cursor *c, uint64_t mark);
/* So that osv_cursor_has() can look. */
void osv_cursor_sort(struct osv_cursor *c);
bool osv_cursor_has(const struct osv_cursor *c, uint64_t mark);

#endif
