/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds that come and go in bundles: what one says, and a place for one that came. */
#include "core/arena.h"
#include "store/run_private.h"

/* ---- out ---- */

enum err_code
store_feed_records(struct store *st, int64_t feed_id, const char *after_key,
    size_t limit, struct arena *a, struct kept_record **ret, size_t *ret_n,
    struct err *e)
{
	struct {
		struct kept_record *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_FEED_RECORDS);
	enum err_code rc;
	bool row;

	bind_int(q, 1, feed_id);
	bind_text(q, 2, after_key);
	bind_int(q, 3, (int64_t)limit);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		struct kept_record *r = ARENA_PUSH(a, &rows);
		size_t len;
		const void *body = col_blob(q, 1, &len);

		r->key = col_dup(q, 0, a);
		if (body_inflate(body, len, a, &r->json, &r->len, NULL) != ERR_OK)
			r->json = NULL;
	}
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}

/* ---- in ---- */

enum err_code
store_feed_import(struct store *st, const struct feed_row *row, const char *holder,
    int64_t now_at, int64_t *ret_id, struct err *e)
{
	struct arena *a = arena_new();
	struct feed_row got;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) == ERR_OK)
		rc = tx_end(st, feed_put(st, STMT_FEED_IMPORT, row, e), e);
	if (rc == ERR_OK)
		rc = store_feed_take(st, row->name, holder, now_at, a, &got, e);
	if (rc == ERR_OK)
		*ret_id = got.id;
	arena_free(a);
	return rc;
}

enum err_code
store_feed_imported(
    struct store *st, int64_t feed_id, const char *holder, int64_t as_of, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_FEED_IMPORTED);
	bind_int(q, 1, feed_id);
	bind_int(q, 2, as_of);
	if ((rc = tx_end(st, query_run(q, e), e)) != ERR_OK)
		return rc;
	/* due at once, if it is one that is fetched here as well */
	return store_feed_give_back(st, feed_id, holder, 0, e);
}
