/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that their registry does not have any more.  Only its clear word counts, twice in
 * a row: a refused password, a busy or a broken registry says nothing about the image.  The
 * state of the image is the memory of what was told.
 */
#include "core/arena.h"
#include "core/buf.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "store/outbox_private.h"
#include "store/watch_private.h"

struct reach {
	enum watch_state before; /* of the watch */
	enum image_state image;
	int64_t image_id, team_id;
	const char *ref;
};

static enum err_code
find(struct store *st, int64_t watch_id, struct arena *a, struct reach *ret,
    struct err *e)
{
	struct query *q = query(st, STMT_WATCH_REACH);
	enum err_code rc;

	bind_int(q, 1, watch_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = (struct reach){
			.before = (enum watch_state)col_int(q, 0),
			.ref = col_dup(q, 1, a),
			.image_id = col_int(q, 2),
			.team_id = col_int(q, 3),
			.image = (enum image_state)col_int(q, 4),
		};
	query_done(q);
	return rc;
}

static enum err_code
tell(struct store *st, const struct reach *x, const struct watch_result *r,
    enum event_kind kind, enum image_state state, struct err *e)
{
	struct buf detail CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct event_new ev = EVENT_NEW((int)kind, r->now_at);
	struct query *q = query(st, STMT_IMAGE_SET_REACH);
	struct json_writer w;
	int64_t seq = 0;
	enum err_code rc;

	bind_int(q, 1, x->image_id);
	bind_int(q, 2, state);
	if ((rc = query_run(q, e)) != ERR_OK ||
	    (rc = seq_take(st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	jw_init(&w, &detail);
	jw_object(&w);
	jw_ktext(&w, "ref", x->ref);
	if (r->error != NULL)
		jw_ktext(&w, "error", r->error);
	jw_object_end(&w);
	ev.team_id = x->team_id;
	ev.image_id = x->image_id;
	ev.detail = buf_str(&detail);
	return event_add(st, &ev, seq, e);
}

enum err_code
watch_reach(struct store *st, const struct watch_result *r, struct err *e)
{
	struct arena *a = arena_new();
	struct reach x;
	enum err_code rc = find(st, r->watch_id, a, &x, e);

	if (rc == ERR_OK && r->state == WATCH_GONE && x.before == WATCH_GONE &&
	    x.image == IMAGE_LIVE)
		rc = tell(st, &x, r, EVENT_IMAGE_UNREACHABLE, IMAGE_UNREACHABLE, e);
	else if (rc == ERR_OK && r->state == WATCH_OK && x.image == IMAGE_UNREACHABLE)
		rc = tell(st, &x, r, EVENT_IMAGE_REACHABLE, IMAGE_LIVE, e);
	arena_free(a);
	return rc == ERR_NOTFOUND ? ERR_OK : rc; /* not registered: nothing to miss */
}

enum err_code
watch_reach_forget(struct store *st, int64_t watch_id, struct err *e)
{
	struct query *q = query(st, STMT_WATCH_REACH_FORGET);

	bind_int(q, 1, watch_id);
	bind_int(q, 2, IMAGE_LIVE);
	bind_int(q, 3, IMAGE_UNREACHABLE);
	return query_run(q, e);
}
