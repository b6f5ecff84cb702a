/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_lease - whose turn it is to read a feed.  Choosing one and marking it as taken is
 * one transaction, so any number of threads and processes may ask.
 *
 * The fence is the run itself: a run that is opened closes the one before it, and every
 * slice checks that its own run is still open (run.c).  A lease that ran out while its
 * holder was asleep therefore costs that holder its work and nobody else anything.
 */
#include "core/arena.h"
#include "core/str.h"
#include "store/run_private.h"

/* The due one, as far as anybody can tell without the writer's lock. */
static enum err_code
look_for_due(struct store *st, int64_t now_at, struct arena *a, struct feed_row *ret,
    int64_t *ret_next_at, struct err *e)
{
	struct feed_row rows[2];
	struct query *q = query(st, STMT_FEED_DUE);
	size_t n = 0;
	enum err_code rc;
	bool row;

	bind_int(q, 1, now_at);
	while (n < 2 && (rc = query_step(q, &row, e)) == ERR_OK && row)
		feed_read(q, a, &rows[n++]);
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	if (n == 0 || rows[0].next_at > now_at) {
		*ret_next_at = n == 0 ? 0 : rows[0].next_at;
		return err_set(e, ERR_NOTFOUND, "no feed is due");
	}
	*ret = rows[0];
	*ret_next_at = n == 2 ? rows[1].next_at : 0;
	return ERR_OK;
}

/* Inside a write transaction. */
static enum err_code
lease(struct store *st, int64_t feed_id, const char *holder, int64_t now_at,
    struct err *e)
{
	struct query *q = query(st, STMT_FEED_LEASE);
	enum err_code rc;

	bind_int(q, 1, feed_id);
	bind_text(q, 2, holder);
	bind_int(q, 3, now_at + FEED_LEASE_S);
	bind_int(q, 4, now_at);
	if ((rc = query_run(q, e)) == ERR_OK && query_changes(st) == 0)
		rc = ERR_BUSY;
	return rc;
}

enum err_code
store_feed_take_due(struct store *st, const char *holder, int64_t now_at,
    struct arena *a, struct feed_row *ret, int64_t *ret_next_at, struct err *e)
{
	enum err_code rc;

	/* nearly always nothing: no need for the writer's lock */
	if ((rc = look_for_due(st, now_at, a, ret, ret_next_at, e)) != ERR_OK ||
	    (rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = look_for_due(st, now_at, a, ret, ret_next_at, e);
	if (rc == ERR_OK)
		rc = lease(st, ret->id, holder, now_at, e);
	return tx_end(st, rc, e);
}

enum err_code
store_feed_take(struct store *st, const char *name, const char *holder, int64_t now_at,
    struct arena *a, struct feed_row *ret, struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = store_feed(st, name, a, ret, e);
	if (rc == ERR_OK)
		rc = lease(st, ret->id, holder, now_at, e);
	if (rc == ERR_BUSY)
		err_set(e, rc, "feed %s is being read by %s", name,
		    str_or_empty(ret->holder));
	return tx_end(st, rc, e);
}

static enum err_code
change_lease(struct store *st, enum stmt stmt, int64_t feed_id, const char *holder,
    int64_t until, struct err *e)
{
	struct query *q = query(st, stmt);

	bind_int(q, 1, feed_id);
	bind_text(q, 2, holder);
	if (stmt == STMT_FEED_LEASE_EXTEND)
		bind_int(q, 3, until);
	return query_run(q, e);
}

enum err_code
store_feed_hold(struct store *st, int64_t feed_id, const char *holder, int64_t now_at,
    struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = change_lease(
	    st, STMT_FEED_LEASE_EXTEND, feed_id, holder, now_at + FEED_LEASE_S, e);
	if (rc == ERR_OK && query_changes(st) == 0)
		rc = err_set(e, ERR_CONFLICT, "somebody else reads the feed now");
	return tx_end(st, rc, e);
}

/* Inside a write transaction. */
static enum err_code
schedule(struct store *st, int64_t feed_id, int64_t next_at, struct err *e)
{
	struct query *q = query(st, STMT_FEED_SCHEDULE);

	bind_int(q, 1, feed_id);
	bind_int(q, 2, next_at);
	return query_run(q, e);
}

enum err_code
store_feed_give_back(struct store *st, int64_t feed_id, const char *holder,
    int64_t next_at, struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = change_lease(st, STMT_FEED_LEASE_END, feed_id, holder, 0, e);
	/* who lost it has no say in when it is due */
	if (rc == ERR_OK && query_changes(st) > 0)
		rc = schedule(st, feed_id, next_at, e);
	return tx_end(st, rc, e);
}

enum err_code
store_feeds_release(struct store *st, const char *prefix, struct err *e)
{
	struct arena *a = arena_new();
	struct query *q;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) == ERR_OK) {
		q = query(st, STMT_FEED_LEASES_END);
		bind_text(q, 1, arena_printf(a, "%s%%", prefix));
		rc = tx_end(st, query_run(q, e), e);
	}
	arena_free(a);
	return rc;
}

enum err_code
store_feed_schedule(struct store *st, int64_t feed_id, int64_t next_at, struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	return tx_end(st, schedule(st, feed_id, next_at, e), e);
}
