/* SPDX-License-Identifier: Apache-2.0 */
/* run_look - runs of a feed, as the API shows them. */
#include "core/arena.h"
#include "core/limits.h"
#include "store/feeds.h"
#include "store/store_private.h"

enum run_column {
	COL_ID,
	COL_FEED_ID,
	COL_FEED,
	COL_STATE,
	COL_CAUSE,
	COL_COMPLETE,
	COL_STARTED_AT,
	COL_FINISHED_AT,
	COL_RECORDS,
	COL_ADDED,
	COL_CHANGED,
	COL_UNCHANGED,
	COL_WITHDRAWN,
	COL_SKIPPED,
	COL_OPENED,
	COL_CLOSED,
	COL_BYTES,
	COL_ERROR,
	COL_SKIPPED_LIST
};

static void
read_run(struct query *q, struct arena *a, struct run_row *ret)
{
	*ret = (struct run_row){
		.id = col_int(q, COL_ID),
		.feed_id = col_int(q, COL_FEED_ID),
		.feed = col_dup(q, COL_FEED, a),
		.state = (enum run_state)col_int(q, COL_STATE),
		.cause = (enum run_cause)col_int(q, COL_CAUSE),
		.complete = col_int(q, COL_COMPLETE) != 0,
		.started_at = col_int(q, COL_STARTED_AT),
		.finished_at = col_int(q, COL_FINISHED_AT),
		.records = col_int(q, COL_RECORDS),
		.added = col_int(q, COL_ADDED),
		.changed = col_int(q, COL_CHANGED),
		.unchanged = col_int(q, COL_UNCHANGED),
		.withdrawn = col_int(q, COL_WITHDRAWN),
		.skipped = col_int(q, COL_SKIPPED),
		.opened = col_int(q, COL_OPENED),
		.closed = col_int(q, COL_CLOSED),
		.bytes = col_int(q, COL_BYTES),
		.error = col_dup(q, COL_ERROR, a),
		.skipped_json = col_dup(q, COL_SKIPPED_LIST, a),
	};
}

static enum err_code
read_runs(struct query *q, struct arena *a, struct run_row **ret, size_t *ret_n,
    struct err *e)
{
	struct {
		struct run_row *at;
		size_t n, cap;
	} rows = { 0 };
	enum err_code rc;
	bool row;

	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		read_run(q, a, ARENA_PUSH(a, &rows));
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}

enum err_code
store_runs(struct store *st, int64_t feed_id, int64_t before_id, size_t limit,
    struct arena *a, struct run_row **ret, size_t *ret_n, struct err *e)
{
	struct query *q = query(st, STMT_RUNS);

	bind_int(q, 1, feed_id);
	bind_int(q, 2, (int64_t)(limit < MAX_PAGE ? limit : MAX_PAGE));
	bind_int(q, 3, before_id);
	return read_runs(q, a, ret, ret_n, e);
}

enum err_code
store_runs_last(struct store *st, struct arena *a, struct run_row **ret, size_t *ret_n,
    struct err *e)
{
	return read_runs(query(st, STMT_RUNS_LAST), a, ret, ret_n, e);
}

enum err_code
store_run(struct store *st, int64_t run_id, struct arena *a, struct run_row *ret,
    struct err *e)
{
	struct query *q = query(st, STMT_RUN);
	enum err_code rc;

	bind_int(q, 1, run_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		read_run(q, a, ret);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no such run") : rc;
}
