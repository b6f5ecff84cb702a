/* SPDX-License-Identifier: Apache-2.0 */
/* An advisory as its feeds tell it, today and before: every revision of every record under
 * its name, newest first. */
#include "core/arena.h"
#include "core/limits.h"
#include "store/feeds.h"
#include "store/store_private.h"

enum revision_column {
	COL_RECORD_ID,
	COL_FEED,
	COL_KEY,
	COL_REVISION,
	COL_LEARNED_AT,
	COL_UNTIL,
	COL_WITHDRAWN,
	COL_MISSING_SINCE,
	COL_BODY
};

static void
read_revision(struct query *q, struct arena *a, struct advisory_revision *ret)
{
	const void *body;
	size_t len, n;

	*ret = (struct advisory_revision){
		.record_id = col_int(q, COL_RECORD_ID),
		.feed = col_dup(q, COL_FEED, a),
		.key = col_dup(q, COL_KEY, a),
		.revision = col_int(q, COL_REVISION),
		.learned_at = col_int(q, COL_LEARNED_AT),
		.until = col_int(q, COL_UNTIL),
		.is_withdrawn = !col_null(q, COL_WITHDRAWN),
		.missing_since = col_int(q, COL_MISSING_SINCE),
	};
	body = col_blob(q, COL_BODY, &len);
	/* one that cannot be read any more is shown as such, not hidden */
	if (body_inflate(body, len, a, &ret->body_json, &n, NULL) != ERR_OK)
		ret->body_json = NULL;
}

static enum err_code
find_advisory(struct store *st, const char *source, const char *name, int64_t *ret_id,
    struct err *e)
{
	struct query *q = query(st, STMT_ADVISORY_BY_NAMES);
	enum err_code rc;

	bind_text(q, 1, source);
	bind_text(q, 2, name);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret_id = col_int(q, 0);
	query_done(q);
	return rc == ERR_NOTFOUND
		   ? err_set(e, rc, "%s has no advisory \"%s\"", source, name)
		   : rc;
}

enum err_code
store_advisory_history(struct store *st, const char *source, const char *name,
    bool only_present, const int64_t after[2], size_t limit, struct arena *a,
    struct advisory_revision **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct advisory_revision *at;
		size_t n, cap;
	} rows = { 0 };
	int64_t advisory_id = 0;
	struct query *q;
	enum err_code rc;
	bool row;

	if ((rc = find_advisory(st, source, name, &advisory_id, e)) != ERR_OK)
		return rc;
	q = query(st, only_present ? STMT_ADVISORY_PRESENT : STMT_ADVISORY_REVISIONS);
	bind_int(q, 1, advisory_id);
	bind_int(q, 2, after[0]);
	bind_int(q, 3, after[1]);
	bind_int(q, 4, (int64_t)(limit < MAX_PAGE ? limit : MAX_PAGE));
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		read_revision(q, a, ARENA_PUSH(a, &rows));
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}
