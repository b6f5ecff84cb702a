/* SPDX-License-Identifier: Apache-2.0 */
/* Teams, and who did what. */
#include "core/arena.h"
#include "core/str.h"
#include "store/outbox_private.h"
#include "store/teams.h"

enum err_code
store_team_find(struct store *st, const char *name, int64_t *ret_id, struct err *e)
{
	struct query *q = query(st, STMT_TEAM_FIND);
	enum err_code rc;

	bind_text(q, 1, name);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		*ret_id = col_int(q, 0);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no team \"%s\"", name) : rc;
}

static enum err_code
create(struct store *st, const char *name, const char *actor, int64_t now_at,
    int64_t *ret_id, struct err *e)
{
	struct query *q;
	int64_t id;
	enum err_code rc;

	if (store_team_find(st, name, &id, NULL) == ERR_OK)
		return err_set(e, ERR_CONFLICT, "team \"%s\" exists", name);
	if ((rc = seq_take(st, "team", 1, &id, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_TEAM_ADD);
	bind_int(q, 1, id);
	bind_text(q, 2, name);
	if ((rc = query_run(q, e)) == ERR_OK)
		rc = audit_add(
		    st, id, actor, "team.create", name, NULL, NULL, now_at, e);
	if (rc == ERR_OK)
		*ret_id = id;
	return rc;
}

enum err_code
store_team_create(struct store *st, const char *name, const char *actor, int64_t now_at,
    int64_t *ret_id, struct err *e)
{
	enum err_code rc = tx_begin(st, e);

	if (rc != ERR_OK)
		return rc;
	return tx_end(st, create(st, name, actor, now_at, ret_id, e), e);
}

enum err_code
store_teams(struct store *st, struct scope scope, struct arena *a,
    struct team_row **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct team_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_TEAMS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, scope_reads(scope));
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &rows) = (struct team_row){
			.id = col_int(q, 0),
			.name = col_dup(q, 1, a),
			.n_images = col_int(q, 2),
		};
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

/* ---- audit ---- */

enum audit_column {
	AUDIT_SEQ,
	AUDIT_AT,
	AUDIT_TEAM_ID,
	AUDIT_TEAM,
	AUDIT_ACTOR,
	AUDIT_ACTION,
	AUDIT_OBJECT,
	AUDIT_BEFORE,
	AUDIT_AFTER_
};

enum err_code
store_audit(struct store *st, struct scope scope, int64_t after_seq, size_t limit,
    struct arena *a, struct audit_row **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct audit_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_AUDIT_AFTER);
	enum err_code rc;
	bool more;

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, after_seq);
	bind_int(q, 3, (int64_t)limit);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &rows) = (struct audit_row){
			.seq = col_int(q, AUDIT_SEQ),
			.at = col_int(q, AUDIT_AT),
			.team_id =
			    col_null(q, AUDIT_TEAM_ID) ? -1 : col_int(q, AUDIT_TEAM_ID),
			.team = col_dup(q, AUDIT_TEAM, a),
			.actor = col_dup(q, AUDIT_ACTOR, a),
			.action = col_dup(q, AUDIT_ACTION, a),
			.object = col_dup(q, AUDIT_OBJECT, a),
			.before = col_dup(q, AUDIT_BEFORE, a),
			.after = col_dup(q, AUDIT_AFTER_, a),
		};
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}
