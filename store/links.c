/* SPDX-License-Identifier: Apache-2.0 */
/* Words for people: where an advisory can be read, what it is called, what can be done. */
#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"
#include "store/store_private.h"

#define LONGEST_TITLE 120 /* of those that are made of a description */

static const struct {
	const char *source, *before; /* the id follows */
} pages[] = {
	{ "debian", "https://security-tracker.debian.org/tracker/" },
	{ "alpine", "https://security.alpinelinux.org/vuln/" },
	{ "nvd", "https://nvd.nist.gov/vuln/detail/" },
	{ "kev", "https://www.cisa.gov/known-exploited-vulnerabilities-catalog"
		 "?search_api_fulltext=" },
};

const char *
advisory_url(const char *source, const char *id, struct arena *a)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (str_eq(source, pages[i].source))
			return arena_printf(a, "%s%s", pages[i].before, id);
	return NULL;
}

enum fix_state
fix_of(enum status state, bool other_stream)
{
	switch (state) {
	case STATUS_FIXED:
		return FIX_AVAILABLE;
	case STATUS_AFFECTED:
		return other_stream ? FIX_OTHER_STREAM : FIX_NONE;
	case STATUS_WONT_FIX:
	case STATUS_END_OF_LIFE:
		return FIX_WONT_FIX;
	case STATUS_DEFERRED:
		return FIX_DEFERRED;
	default:
		return FIX_UNKNOWN;
	}
}

const char *
fix_state_name(enum fix_state f)
{
	static const char *const words[] = {
		[FIX_UNKNOWN] = "unknown",
		[FIX_AVAILABLE] = "available",
		[FIX_NONE] = "none",
		[FIX_WONT_FIX] = "wont_fix",
		[FIX_DEFERRED] = "deferred",
		[FIX_OTHER_STREAM] = "other_stream",
	};
	_Static_assert(
	    sizeof(words) / sizeof(words[0]) == FIX_STATE_COUNT, "one word per state");

	return (size_t)f < FIX_STATE_COUNT ? words[f] : "unknown";
}

/* Many vendors give no title: the first sentence of what they tell stands for it. */
static const char *
title_of(const struct record *r, struct arena *a)
{
	const char *text = str_or_empty(r->description), *end;
	size_t n;

	if (r->title != NULL)
		return arena_strdup(a, r->title);
	n = strcspn(text, "\n");
	if ((end = strstr(text, ". ")) != NULL && (size_t)(end - text) < n)
		n = (size_t)(end - text);
	if (n == 0)
		return NULL;
	if (n <= LONGEST_TITLE)
		return arena_strndup(a, text, n);
	n = utf8_cut(text, n, LONGEST_TITLE);
	return arena_printf(a, "%.*s ...", (int)n, text);
}

enum err_code
record_title(struct store *st, int64_t record_id, struct arena *a, const char **ret,
    struct err *e)
{
	struct query *q = query(st, STMT_RECORD_BODY);
	struct arena *work = arena_new();
	struct record *r = NULL;
	const char *text = NULL;
	const void *p;
	size_t len;
	enum err_code rc;

	*ret = NULL;
	bind_int(q, 1, record_id);
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		p = col_blob(q, 0, &len);
		rc = body_inflate(p, len, work, &text, &len, e);
		if (rc == ERR_OK)
			rc = record_read(&r, text, len, work, e);
		if (rc == ERR_OK)
			*ret = title_of(r, a);
	}
	query_done(q);
	arena_free(work);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}
