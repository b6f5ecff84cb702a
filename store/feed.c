/* SPDX-License-Identifier: Apache-2.0 */
/* feed - the table of configured feeds, when they are due, and their runs to look at. */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/strmap.h"
#include "store/run_private.h"

const char *
run_state_name(enum run_state s)
{
	static const char *const names[] = { "staging", "held", "applying", "deciding",
		"flood", "done", "failed", "discarded" };

	_Static_assert(sizeof(names) / sizeof(names[0]) == RUN_STATE_COUNT, "states");
	return (unsigned)s < RUN_STATE_COUNT ? names[s] : "unknown";
}

const char *
run_cause_name(enum run_cause c)
{
	static const char *const names[] = { "baseline", "refresh", "accepted",
		"upgrade", "rekey", "split", "import" };

	_Static_assert(sizeof(names) / sizeof(names[0]) == RUN_CAUSE_COUNT, "causes");
	return (unsigned)c < RUN_CAUSE_COUNT ? names[c] : "unknown";
}

/* ---- the configured ones ---- */

/* The source called NAME; inside a write transaction. */
static enum err_code
put_source(struct store *st, const char *name, int rank, int64_t *ret_id, struct err *e)
{
	struct query *q = query(st, STMT_SOURCE_FIND);
	enum err_code rc;

	bind_text(q, 1, name);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		*ret_id = col_int(q, 0);
	if (rc == ERR_OK && col_int(q, 1) == rank) {
		query_done(q);
		return ERR_OK;
	}
	query_done(q);
	if (rc == ERR_NOTFOUND)
		rc = seq_take(st, "source", 1, ret_id, e);
	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_SOURCE_PUT);
	bind_int(q, 1, *ret_id);
	bind_text(q, 2, name);
	bind_int(q, 3, rank);
	return query_run(q, e);
}

enum err_code
feed_put(struct store *st, enum stmt how, const struct feed_row *f, struct err *e)
{
	struct query *q = query(st, STMT_FEED_FIND);
	int64_t id = 0, source_id = 0;
	enum err_code rc;

	bind_text(q, 1, f->name);
	if ((rc = query_one(q, e)) == ERR_OK)
		id = col_int(q, 0);
	query_done(q);
	if (rc == ERR_NOTFOUND)
		rc = seq_take(st, "feed", 1, &id, e);
	if (rc == ERR_OK)
		rc = put_source(st, f->source, f->source_rank, &source_id, e);
	if (rc != ERR_OK)
		return rc;
	q = query(st, how);
	bind_int(q, 1, id);
	bind_int(q, 2, source_id);
	bind_text(q, 3, f->name);
	bind_text(q, 4, f->driver);
	bind_text(q, 5, f->url);
	bind_int(q, 6, f->interval_ms);
	bind_int(q, 7, f->enriches);
	bind_text(q, 8, f->ecosystems != NULL ? f->ecosystems : "");
	bind_text(q, 9, f->remark);
	bind_int(q, 10, f->stale_after_s);
	return query_run(q, e);
}

/* Feeds that are enabled and not among WANTED. */
static enum err_code
disable_others(struct store *st, struct strmap *wanted, struct arena *a, struct err *e)
{
	struct {
		int64_t *at;
		size_t n, cap;
	} ids = { 0 };
	struct query *q = query(st, STMT_FEED_NAMES);
	enum err_code rc;
	bool row;

	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		if (strmap_get(wanted, col_text(q, 1)) == NULL)
			*ARENA_PUSH(a, &ids) = col_int(q, 0);
	query_done(q);
	for (size_t i = 0; i < ids.n && rc == ERR_OK; i++) {
		q = query(st, STMT_FEED_DISABLE);
		bind_int(q, 1, ids.at[i]);
		rc = query_run(q, e);
	}
	return rc;
}

enum err_code
store_feeds_put(struct store *st, const struct feed_row *rows, size_t n, struct err *e)
{
	struct strmap *wanted = strmap_new();
	struct arena *a = arena_new();
	enum err_code rc;

	if ((rc = tx_begin(st, e)) == ERR_OK) {
		for (size_t i = 0; i < n && rc == ERR_OK; i++) {
			(void)strmap_put(wanted, rows[i].name, NULL);
			rc = feed_put(st, STMT_FEED_PUT, &rows[i], e);
		}
		if (rc == ERR_OK)
			rc = disable_others(st, wanted, a, e);
		rc = tx_end(st, rc, e);
	}
	arena_free(a);
	strmap_free(wanted);
	return rc;
}

/* ---- looking ---- */

enum feed_column {
	COL_ID,
	COL_NAME,
	COL_SOURCE,
	COL_DRIVER,
	COL_URL,
	COL_REMARK,
	COL_ECOSYSTEMS,
	COL_RANK,
	COL_REVISION,
	COL_ENRICHES,
	COL_ENABLED,
	COL_INTERVAL,
	COL_ETAG,
	COL_LAST_MODIFIED,
	COL_BODY_SHA256,
	COL_CURSOR,
	COL_NEXT_AT,
	COL_LAST_SUCCESS_AT,
	COL_FAILURES,
	COL_LAST_ERROR,
	COL_N_RECORDS,
	COL_NEWEST,
	COL_NEWS_AT,
	COL_STALE_SINCE,
	COL_HOLDER,
	COL_LEASE_UNTIL,
	COL_IMPORTED,
	COL_STATE
};

void
feed_read(struct query *q, struct arena *a, struct feed_row *ret)
{
	*ret = (struct feed_row){
		.id = col_int(q, COL_ID),
		.name = col_dup(q, COL_NAME, a),
		.source = col_dup(q, COL_SOURCE, a),
		.driver = col_dup(q, COL_DRIVER, a),
		.url = col_dup(q, COL_URL, a),
		.remark = col_dup(q, COL_REMARK, a),
		.ecosystems = col_dup(q, COL_ECOSYSTEMS, a),
		.source_rank = (int)col_int(q, COL_RANK),
		.driver_revision = (unsigned)col_int(q, COL_REVISION),
		.enriches = col_int(q, COL_ENRICHES) != 0,
		.enabled = col_int(q, COL_ENABLED) != 0,
		.interval_ms = col_int(q, COL_INTERVAL),
		.etag = col_dup(q, COL_ETAG, a),
		.last_modified = col_dup(q, COL_LAST_MODIFIED, a),
		.body_sha256 = col_dup(q, COL_BODY_SHA256, a),
		.cursor = col_dup(q, COL_CURSOR, a),
		.next_at = col_int(q, COL_NEXT_AT),
		.last_success_at = col_int(q, COL_LAST_SUCCESS_AT),
		.failures = (int)col_int(q, COL_FAILURES),
		.last_error = col_dup(q, COL_LAST_ERROR, a),
		.n_records = col_int(q, COL_N_RECORDS),
		.newest_record_at = col_int(q, COL_NEWEST),
		.news_at = col_int(q, COL_NEWS_AT),
		.stale_since = col_int(q, COL_STALE_SINCE),
		.holder = col_dup(q, COL_HOLDER, a),
		.imported = col_int(q, COL_IMPORTED) != 0,
		.state = col_null(q, COL_STATE) ? RUN_DONE
						: (enum run_state)col_int(q, COL_STATE),
		.ever_applied = col_int(q, COL_REVISION) != 0,
	};
}

enum err_code
store_feeds(struct store *st, struct arena *a, struct feed_row **ret, size_t *ret_n,
    struct err *e)
{
	struct {
		struct feed_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_FEEDS);
	enum err_code rc;
	bool row;

	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		feed_read(q, a, ARENA_PUSH(a, &rows));
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

enum err_code
store_feed(struct store *st, const char *name, struct arena *a, struct feed_row *ret,
    struct err *e)
{
	struct query *q = query(st, STMT_FEED_BY_NAME);
	enum err_code rc;

	bind_text(q, 1, name);
	if ((rc = query_one(q, e)) == ERR_OK)
		feed_read(q, a, ret);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no feed is called \"%s\"", name)
				  : rc;
}

enum spoken_column { SPOKEN_ECOSYSTEM, SPOKEN_RECORDS, SPOKEN_NEWEST };

enum err_code
store_feed_spoken(struct store *st, int64_t feed_id, struct arena *a,
    struct feed_spoken **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct feed_spoken *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_FEED_SPOKEN);
	enum err_code rc;
	bool row;

	bind_int(q, 1, feed_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(a, &rows) = (struct feed_spoken){
			.ecosystem = col_dup(q, SPOKEN_ECOSYSTEM, a),
			.n_records = col_int(q, SPOKEN_RECORDS),
			.newest_record_at = col_int(q, SPOKEN_NEWEST),
		};
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}

enum err_code
store_ecosystems_used(
    struct store *st, struct arena *a, const char ***ret, size_t *ret_n, struct err *e)
{
	struct {
		const char **at;
		size_t n, cap;
	} names = { 0 };
	struct query *q = query(st, STMT_ECOSYSTEMS_USED);
	enum err_code rc;
	bool row;

	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(a, &names) = col_dup(q, 0, a);
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*ret = names.at;
	*ret_n = names.n;
	return ERR_OK;
}
