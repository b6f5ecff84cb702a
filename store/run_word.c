/* SPDX-License-Identifier: Apache-2.0 */
/* run_word - the runs that do not simply go on: those that failed, and those that wait
 * for an operator's word. */
#include <string.h>

#include "core/arena.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "store/outbox.h"
#include "store/run_private.h"

/* ---- failed ---- */

static enum err_code
note_failure(struct run *run, const char *why, int64_t now_at, struct err *e)
{
	struct query *q = query(run->st, STMT_FEED_FAILED);
	struct buf more CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json_writer w;
	int64_t failures = 0;
	enum err_code rc;

	bind_int(q, 1, run->feed_id);
	bind_text(q, 2, why);
	if ((rc = query_one(q, e)) == ERR_OK)
		failures = col_int(q, 0);
	query_done(q);
	if (rc == ERR_NOTFOUND)
		return err_set(e, rc, "no such feed");
	if (rc != ERR_OK || failures != 1)
		return rc; /* a feed that stays down is told once */
	buf_adds(&more, ",\"why\":");
	jw_init(&w, &more);
	jw_textn(&w, why, utf8_cut(why, strlen(why), MAX_TITLE));
	return feed_event(
	    run->st, EVENT_FEED_FAILED, run->id, run->feed, buf_str(&more), now_at, e);
}

static enum err_code
write_failed(struct run *run, const char *why, int64_t now_at, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if (run->id == 0 && (rc = run_add(run, e)) != ERR_OK)
		return rc;
	q = query(run->st, STMT_RUN_FAIL);
	bind_int(q, 1, run->id);
	bind_int(q, 2, RUN_FAILED);
	bind_int(q, 3, now_at);
	bind_text(q, 4, why);
	bind_int(q, 5, RUN_STAGING);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	return note_failure(run, why, now_at, e);
}

enum err_code
store_run_fail(struct store *st, struct run *run, int64_t feed_id, const char *why,
    int64_t now_at, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (run == NULL &&
	    (rc = store_run_open(st, feed_id, 0, now_at, &run, e)) != ERR_OK)
		return rc;
	if ((rc = tx_begin(st, e)) == ERR_OK) {
		rc = write_failed(run, str_or_empty(why), now_at, e);
		rc = tx_end(st, rc, e);
	}
	if (rc == ERR_OK)
		rc = run_drop_stage(st, run->id, e);
	run_free(run);
	return rc;
}

/* ---- an operator's word ---- */

static enum err_code
find_feed(struct store *st, const char *feed, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_FEED_FIND);
	enum err_code rc;

	bind_text(q, 1, feed);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no feed is called \"%s\"", feed)
				  : rc;
}

static enum err_code
accept(struct store *st, const char *feed, const char *actor, int64_t now_at,
    int64_t *ret_run_id, struct err *e)
{
	enum run_cause cause = RUN_ACCEPTED;
	int64_t feed_id = 0, run_id = 0;
	struct query *q;
	enum err_code rc;

	if ((rc = find_feed(st, feed, &feed_id, e)) != ERR_OK)
		return rc;
	rc = run_in_state(st, feed_id, RUN_HELD, &run_id, &cause, NULL, e);
	if (rc == ERR_NOTFOUND)
		return err_set(e, rc, "no run of %s is held", feed);
	if (rc == ERR_OK)
		rc = run_move(st, run_id, RUN_APPLYING, 0, e);
	/* An upgrade stays one: its changes are the parser's doing, not news. */
	if (rc == ERR_OK && cause != RUN_UPGRADE) {
		q = query(st, STMT_RUN_SET_CAUSE);
		bind_int(q, 1, run_id);
		bind_int(q, 2, RUN_ACCEPTED);
		rc = query_run(q, e);
	}
	if (rc == ERR_OK)
		rc =
		    audit_add(st, 0, actor, "feed.accept", feed, NULL, NULL, now_at, e);
	if (rc == ERR_OK)
		rc = feed_well(st, feed_id, run_id, feed,
		    ",\"failures\":0,\"was_held\":true", now_at, e);
	*ret_run_id = run_id;
	return rc;
}

enum err_code
store_run_accept(struct store *st, const char *feed, const char *actor, int64_t now_at,
    int64_t *ret_run_id, struct err *e)
{
	int64_t run_id = 0;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = accept(st, feed, actor, now_at, &run_id, e);
	if ((rc = tx_end(st, rc, e)) == ERR_OK)
		*ret_run_id = run_id;
	return rc;
}

static enum err_code
settle(struct store *st, const char *feed, bool announce, const char *actor,
    int64_t now_at, struct err *e)
{
	int64_t feed_id = 0, run_id = 0, finished_at = 0;
	enum err_code rc;

	if ((rc = find_feed(st, feed, &feed_id, e)) != ERR_OK)
		return rc;
	rc = run_in_state(st, feed_id, RUN_FLOOD, &run_id, NULL, &finished_at, e);
	if (rc == ERR_NOTFOUND)
		return err_set(e, rc, "no flood of %s waits for a word", feed);
	if (rc == ERR_OK && finished_at == 0)
		return err_set(
		    e, ERR_BUSY, "the flood of %s is still being decided", feed);
	if (rc == ERR_OK)
		rc = run_move(st, run_id, RUN_DONE, finished_at, e);
	if (rc == ERR_OK)
		rc = audit_add(st, 0, actor, announce ? "feed.announce" : "feed.settle",
		    feed, NULL, NULL, now_at, e);
	if (rc != ERR_OK || !announce)
		return rc;
	return feed_event(st, EVENT_FEED_ANNOUNCED, run_id, feed, "", now_at, e);
}

enum err_code
store_run_settle(struct store *st, const char *feed, bool announce, const char *actor,
    int64_t now_at, struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = settle(st, feed, announce, actor, now_at, e);
	return tx_end(st, rc, e);
}
