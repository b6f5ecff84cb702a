/* SPDX-License-Identifier: Apache-2.0 */
/* match_row - matches as rows: reading those that stand, writing differences with the
 * history they leave. */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "store/decide_private.h"

/* Above so many subjects the matches of a vulnerability are read in one go. */
#define FEW_SUBJECTS 8

enum match_column {
	COL_COMPONENT,
	COL_AFFECTED,
	COL_RECORD,
	COL_REVISION,
	COL_STATE,
	COL_SEVERITY,
	COL_SPEAKER,
	COL_FIX_STREAM,
	COL_FIX_AFFECTED,
	COL_FIXED,
	COL_SINCE,
	COL_CHANGED
};

static void
read_match(
    struct query *q, int64_t vulnerability_id, struct arena *a, struct match_row *ret)
{
	*ret = (struct match_row){
		.component_id = col_int(q, COL_COMPONENT),
		.vulnerability_id = vulnerability_id,
		.affected_id = col_int(q, COL_AFFECTED),
		.record_id = col_int(q, COL_RECORD),
		.revision = col_int(q, COL_REVISION),
		.state = (int)col_int(q, COL_STATE),
		.severity = (int)col_int(q, COL_SEVERITY),
		.severity_source = (int)col_int(q, COL_SPEAKER),
		.fix_stream = col_int(q, COL_FIX_STREAM),
		.fix_affected_id = col_int(q, COL_FIX_AFFECTED),
		.fixed_version = col_dup(q, COL_FIXED, a),
		.since_seq = col_int(q, COL_SINCE),
		.changed_seq = col_int(q, COL_CHANGED),
	};
}

/* The statement that names the fix in a stream the image lacks. */
static const struct statement *
fix_statement(const struct unit *u, const struct decision *d)
{
	for (size_t i = 0; i < u->n_statements; i++) {
		const struct statement *s = &u->statements[i];

		if (s->affected_id != 0 && s->status == STATUS_FIXED &&
		    str_eq(s->stream, d->fix_stream) &&
		    (d->by == NULL || s->package_id == d->by->package_id))
			return s;
	}
	return NULL;
}

static enum err_code
find_fix(struct store *st, const struct unit *u, const struct decision *d,
    struct match_row *m, struct err *e)
{
	const struct statement *s = fix_statement(u, d);
	struct query *q;
	enum err_code rc;

	if (s == NULL)
		return ERR_OK;
	m->fix_affected_id = s->affected_id;
	q = query(st, STMT_AFFECTED_CONDITION);
	bind_int(q, 1, s->affected_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		m->fix_stream = col_int(q, 0);
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

enum err_code
match_of(struct store *st, const struct unit *u, const struct decision *d,
    struct match_row *ret, struct err *e)
{
	const struct statement *by = d->by;

	*ret = (struct match_row){
		.component_id = d->component_id,
		.vulnerability_id = d->vulnerability_id,
		.state = (int)d->state,
		.severity = (int)d->severity,
		.severity_source = (int)d->severity_by,
	};
	if (by == NULL)
		return err_set(e, ERR_BUG, "a match without a deciding statement");
	ret->affected_id = by->affected_id;
	ret->record_id = by->record_id;
	ret->revision = by->revision;
	ret->fixed_version = d->state == STATUS_FIXED ? by->fixed_version : NULL;
	return d->fix_in_other_stream ? find_fix(st, u, d, ret, e) : ERR_OK;
}

enum err_code
match_put(struct store *st, const struct match_row *m, struct err *e)
{
	struct query *q = query(st, STMT_MATCH_PUT);

	bind_int(q, 1, m->component_id);
	bind_int(q, 2, m->vulnerability_id);
	bind_int(q, 3, m->affected_id);
	bind_int(q, 4, m->record_id);
	bind_int(q, 5, m->revision);
	bind_int(q, 6, m->state);
	bind_int(q, 7, m->severity);
	bind_int(q, 8, m->severity_source);
	bind_int(q, 9, m->fix_stream);
	bind_int(q, 10, m->fix_affected_id);
	bind_text(q, 11, m->fixed_version);
	bind_int(q, 12, m->since_seq);
	bind_int(q, 13, m->changed_seq);
	return query_run(q, e);
}

static enum err_code
add_history(struct store *st, const struct op *op, struct err *e)
{
	struct query *q = query(st, STMT_MATCH_PAST_ADD);

	bind_int(q, 1, op->old.component_id);
	bind_int(q, 2, op->old.vulnerability_id);
	bind_int(q, 3, op->seq);
	bind_int(q, 4, op->reason);
	return query_run(q, e);
}

static enum err_code
write_op(struct store *st, struct op *op, struct err *e)
{
	struct query *q;
	enum err_code rc;

	op->now.since_seq = op->type == OP_OPEN ? op->seq : op->old.since_seq;
	op->now.changed_seq = op->type == OP_TOUCH ? op->old.changed_seq : op->seq;
	if ((op->type == OP_CHANGE || op->type == OP_CLOSE) &&
	    (rc = add_history(st, op, e)) != ERR_OK)
		return rc;
	if (op->type != OP_CLOSE)
		return match_put(st, &op->now, e);
	q = query(st, STMT_MATCH_DELETE);
	bind_int(q, 1, op->old.component_id);
	bind_int(q, 2, op->old.vulnerability_id);
	return query_run(q, e);
}

static int64_t
component_of(const struct op *op)
{
	return op->type == OP_OPEN ? op->now.component_id : op->old.component_id;
}

enum err_code
match_due(struct store *st, int64_t component_id, struct err *e)
{
	struct query *q = query(st, STMT_COMPONENT_DUE);

	bind_int(q, 1, component_id);
	return query_run(q, e);
}

enum err_code
decide_rows(struct decide *d, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < d->ops.n && rc == ERR_OK; i++) {
		rc = write_op(d->st, &d->ops.at[i], e);
		if (rc == ERR_OK && d->ops.at[i].type != OP_TOUCH)
			rc = match_due(d->st, component_of(&d->ops.at[i]), e);
	}
	return rc;
}

static enum err_code
read_rows(struct decide *d, struct query *q, int64_t vulnerability_id,
    struct standing *out, struct err *e)
{
	enum err_code rc;
	bool row;

	bind_int(q, 1, vulnerability_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		struct match_row *m = ARENA_PUSH(d->a, &out->rows);

		read_match(q, vulnerability_id, d->a, m);
		*idmap_put(&out->index, m->component_id, NULL) = (int64_t)out->rows.n;
	}
	query_done(q);
	return rc;
}

enum err_code
match_standing(
    struct decide *d, const struct unit *u, struct standing *out, struct err *e)
{
	enum err_code rc = ERR_OK;

	out->index = idmap_in(d->a);
	if (u->n_subjects > FEW_SUBJECTS)
		return read_rows(
		    d, query(d->st, STMT_DECIDE_MATCHES), u->vulnerability_id, out, e);
	for (size_t i = 0; i < u->n_subjects && rc == ERR_OK; i++) {
		struct query *q = query(d->st, STMT_DECIDE_MATCH);

		bind_int(q, 2, u->subjects[i].component_id);
		rc = read_rows(d, q, u->vulnerability_id, out, e);
	}
	return rc;
}
