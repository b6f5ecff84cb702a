/* SPDX-License-Identifier: Apache-2.0 */
/* Watches and imports; see watches.h. */
#include "store/watches.h"

#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "store/outbox_private.h"
#include "store/watch_private.h"

const char *
watch_state_name(enum watch_state s)
{
	static const char *const names[] = { "waiting", "ok", "failed", "gone" };

	_Static_assert(sizeof(names) / sizeof(names[0]) == WATCH_STATE_COUNT, "states");
	return (unsigned)s < WATCH_STATE_COUNT ? names[s] : "unknown";
}

enum watch_column {
	COL_ID,
	COL_TEAM_ID,
	COL_NAME,
	COL_REF,
	COL_PLATFORM,
	COL_PUT,
	COL_STATE,
	COL_DIGEST,
	COL_NEXT_AT,
	COL_CHECKED_AT,
	COL_PULLED_AT,
	COL_FAILURES,
	COL_LAST_ERROR,
	COL_IMAGE_ID
};

static void
read_watch(struct query *q, struct arena *a, struct watch_row *ret)
{
	*ret = (struct watch_row){
		.id = col_int(q, COL_ID),
		.team_id = col_int(q, COL_TEAM_ID),
		.name = col_dup(q, COL_NAME, a),
		.ref = col_dup(q, COL_REF, a),
		.platform = col_dup(q, COL_PLATFORM, a),
		.put_json = col_dup(q, COL_PUT, a),
		.state = (enum watch_state)col_int(q, COL_STATE),
		.digest = col_dup(q, COL_DIGEST, a),
		.next_at = col_int(q, COL_NEXT_AT),
		.checked_at = col_int(q, COL_CHECKED_AT),
		.pulled_at = col_int(q, COL_PULLED_AT),
		.failures = (int)col_int(q, COL_FAILURES),
		.last_error = col_dup(q, COL_LAST_ERROR, a),
		.image_id = col_int(q, COL_IMAGE_ID),
	};
}

/* ---- adding ---- */

static enum err_code
find(
    struct store *st, int64_t team_id, const char *name, int64_t *ret_id, struct err *e)
{
	struct query *q = query(st, STMT_WATCH_FIND);
	enum err_code rc;

	bind_int(q, 1, team_id);
	bind_text(q, 2, name);
	rc = query_one(q, e);
	*ret_id = rc == ERR_OK ? col_int(q, 0) : 0;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
add(struct store *st, int64_t team_id, const struct watch_new *w, int64_t import_id,
    int64_t now_at, struct err *e)
{
	struct query *q;
	int64_t id = 0;
	enum err_code rc = seq_take(st, "watch", 1, &id, e);

	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_WATCH_ADD);
	bind_int(q, 1, id);
	bind_int(q, 2, team_id);
	bind_text(q, 3, w->name);
	bind_text(q, 4, w->ref);
	bind_text(q, 5, w->platform);
	bind_text(q, 6, w->put_json);
	bind_int(q, 7, import_id);
	bind_int(q, 8, now_at);
	return query_run(q, e);
}

static enum err_code
replace(struct store *st, int64_t id, const struct watch_new *w, int64_t import_id,
    int64_t now_at, struct err *e)
{
	struct query *q = query(st, STMT_WATCH_REPLACE);

	bind_int(q, 1, id);
	bind_text(q, 2, w->ref);
	bind_text(q, 3, w->platform);
	bind_text(q, 4, w->put_json);
	bind_int(q, 5, import_id);
	bind_int(q, 6, now_at);
	return query_run(q, e);
}

static enum err_code
check_room(struct store *st, int64_t team_id, size_t n, struct err *e)
{
	struct query *q = query(st, STMT_WATCH_COUNT);
	int64_t have = 0;
	enum err_code rc;

	bind_int(q, 1, team_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		have = col_int(q, 0);
	query_done(q);
	if (rc == ERR_OK && (uint64_t)have + n > MAX_WATCHES)
		return err_set(
		    e, ERR_LIMIT, "a team may watch %zu images", MAX_WATCHES);
	return rc;
}

static enum err_code
add_all(struct store *st, int64_t team_id, const struct watch_new *w, size_t n,
    const char *actor, int64_t now_at, int64_t *ret_import_id, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = check_room(st, team_id, n, e)) != ERR_OK ||
	    (rc = seq_take(st, "import", 1, ret_import_id, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_IMPORT_ADD);
	bind_int(q, 1, *ret_import_id);
	bind_int(q, 2, team_id);
	bind_int(q, 3, now_at);
	rc = query_run(q, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		int64_t id = 0;

		rc = find(st, team_id, w[i].name, &id, e);
		if (rc == ERR_OK)
			rc = id == 0
				 ? add(st, team_id, &w[i], *ret_import_id, now_at, e)
				 : replace(st, id, &w[i], *ret_import_id, now_at, e);
	}
	if (rc == ERR_OK && n > 0)
		rc = audit_add(st, team_id, actor, "images.watch", w[0].name, NULL,
		    NULL, now_at, e);
	return rc;
}

enum err_code
store_watch_add(struct store *st, struct scope scope, const struct watch_new *w,
    size_t n, const char *actor, int64_t now_at, int64_t *ret_import_id, struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = add_all(st, scope_writes(scope), w, n, actor, now_at, ret_import_id, e);
	return tx_end(st, rc, e);
}

/* ---- one of them ---- */

enum err_code
store_watch(struct store *st, struct scope scope, const char *name, struct arena *a,
    struct watch_row *ret, struct err *e)
{
	struct query *q = query(st, STMT_WATCH);
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	bind_text(q, 2, name);
	if ((rc = query_one(q, e)) == ERR_OK)
		read_watch(q, a, ret);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "\"%s\" is not watched", name) : rc;
}

static enum err_code
change(struct store *st, struct scope scope, const char *name, bool remove,
    const char *actor, int64_t now_at, struct err *e)
{
	int64_t id = 0;
	struct query *q;
	enum err_code rc = find(st, scope_writes(scope), name, &id, e);

	if (rc != ERR_OK)
		return rc;
	if (id == 0)
		return err_set(e, ERR_NOTFOUND, "\"%s\" is not watched", name);
	if (remove && (rc = watch_reach_forget(st, id, e)) != ERR_OK)
		return rc;
	q = query(st, remove ? STMT_WATCH_DELETE : STMT_WATCH_NOW);
	bind_int(q, 1, id);
	if (!remove)
		bind_int(q, 2, now_at);
	if ((rc = query_run(q, e)) == ERR_OK && remove)
		rc = audit_add(st, scope_writes(scope), actor, "images.unwatch", name,
		    NULL, NULL, now_at, e);
	return rc;
}

enum err_code
store_watch_now(struct store *st, struct scope scope, const char *name, int64_t now_at,
    struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	return tx_end(st, change(st, scope, name, false, NULL, now_at, e), e);
}

enum err_code
store_watch_delete(struct store *st, struct scope scope, const char *name,
    const char *actor, int64_t now_at, struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	return tx_end(st, change(st, scope, name, true, actor, now_at, e), e);
}

/* ---- the one who pulls ---- */

static enum err_code
look_for_due(struct store *st, int64_t now_at, struct arena *a, struct watch_row *ret,
    int64_t *ret_next_at, struct err *e)
{
	struct watch_row rows[2];
	struct query *q = query(st, STMT_WATCH_DUE);
	size_t n = 0;
	enum err_code rc;
	bool row;

	bind_int(q, 1, now_at);
	while (n < 2 && (rc = query_step(q, &row, e)) == ERR_OK && row)
		read_watch(q, a, &rows[n++]);
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	if (n == 0 || rows[0].next_at > now_at) {
		*ret_next_at = n == 0 ? 0 : rows[0].next_at;
		return err_set(e, ERR_NOTFOUND, "no image is due");
	}
	*ret = rows[0];
	*ret_next_at = n == 2 ? rows[1].next_at : 0;
	return ERR_OK;
}

enum err_code
store_watch_take(struct store *st, int64_t now_at, struct arena *a,
    struct watch_row *ret, int64_t *ret_next_at, struct err *e)
{
	struct query *q;
	enum err_code rc;

	/* nearly always nothing: no need for the writer's lock */
	if ((rc = look_for_due(st, now_at, a, ret, ret_next_at, e)) != ERR_OK ||
	    (rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	if ((rc = look_for_due(st, now_at, a, ret, ret_next_at, e)) == ERR_OK) {
		q = query(st, STMT_WATCH_LEASE);
		bind_int(q, 1, ret->id);
		bind_int(q, 2, now_at + WATCH_LEASE_S);
		rc = query_run(q, e);
	}
	return tx_end(st, rc, e);
}

enum err_code
store_watch_result(struct store *st, const struct watch_result *r, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	if ((rc = watch_reach(st, r, e)) != ERR_OK)
		return tx_end(st, rc, e);
	q = query(st, STMT_WATCH_RESULT);
	bind_int(q, 1, r->watch_id);
	bind_int(q, 2, r->state);
	bind_text(q, 3, r->digest);
	bind_text(q, 4, r->error);
	bind_int(q, 5, r->now_at);
	bind_int(q, 6, r->next_at);
	bind_int(q, 7, r->pulled);
	return tx_end(st, query_run(q, e), e);
}

enum err_code
store_watches_release(struct store *st, struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	return tx_end(st, query_run(query(st, STMT_WATCHES_RELEASE), e), e);
}

/* ---- imports ---- */

enum err_code
store_import(struct store *st, struct scope scope, int64_t id, struct import_row *ret,
    struct err *e)
{
	struct query *q = query(st, STMT_IMPORT);
	enum err_code rc;

	bind_int(q, 1, id);
	bind_int(q, 2, scope_reads(scope));
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = (struct import_row){
			.id = col_int(q, 0),
			.created_at = col_int(q, 1),
			.n = col_int(q, 2),
			.waiting = col_int(q, 3),
			.ok = col_int(q, 4),
			.failed = col_int(q, 5),
			.gone = col_int(q, 6),
		};
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no such import") : rc;
}

enum err_code
store_import_items(struct store *st, struct scope scope, int64_t id, int64_t after_id,
    size_t limit, struct arena *a, struct watch_row **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct watch_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_IMPORT_ITEMS);
	enum err_code rc;
	bool row;

	bind_int(q, 1, id);
	bind_int(q, 2, scope_reads(scope));
	bind_int(q, 3, after_id);
	bind_int(q, 4, (int64_t)(limit < MAX_PAGE ? limit : MAX_PAGE));
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		read_watch(q, a, ARENA_PUSH(a, &rows));
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}
