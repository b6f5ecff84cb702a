/* SPDX-License-Identifier: Apache-2.0 */
/* statements - the table of all SQL, and prepared statements as the room's files use
 * them: the engine is asked, failures wait in the query until it is stepped. */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/mem.h"
#include "store/store_private.h"

const char *const statements[STMT_COUNT] = {
#define STMT(name, sql) [STMT_##name] = (sql),
#include "store/sql/all.def"
#undef STMT
};

struct query *
query(struct store *st, enum stmt s)
{
	struct query *q = st->prepared[s];

	if (q == NULL) {
		q = st->prepared[s] = mem_zalloc(sizeof(*q));
		q->st = st;
		q->stmt = s;
	}
	q->failed = ERR_OK;
	if (q->handle == NULL)
		st->engine->prepare(q);
	else
		st->engine->reset(q);
	return q;
}

/* The engine's index of parameter N; 0 if the query is no good anyway. */
static bool
can_bind(struct query *q, int n)
{
	if (q->handle == NULL || q->failed != ERR_OK)
		return false;
	if (n > 0 && n < QUERY_PARAMS && q->index[n] > 0)
		return true;
	q->failed = ERR_BUG;
	(void)snprintf(q->why, sizeof(q->why), "no parameter $%d in: %.200s", n,
	    statements[q->stmt]);
	return false;
}

void
bind_null(struct query *q, int n)
{
	if (can_bind(q, n))
		q->st->engine->bind_null(q, q->index[n]);
}

void
bind_int(struct query *q, int n, int64_t v)
{
	if (can_bind(q, n))
		q->st->engine->bind_int(q, q->index[n], v);
}

void
bind_id(struct query *q, int n, int64_t v)
{
	if (v == 0)
		bind_null(q, n);
	else
		bind_int(q, n, v);
}

void
bind_text(struct query *q, int n, const char *s)
{
	if (can_bind(q, n))
		q->st->engine->bind_text(q, q->index[n], s);
}

void
bind_blob(struct query *q, int n, const void *p, size_t len)
{
	if (can_bind(q, n))
		q->st->engine->bind_blob(q, q->index[n], p, len);
}

enum err_code
query_step(struct query *q, bool *ret_row, struct err *e)
{
	if (q->failed != ERR_OK)
		return err_set(e, q->failed, "%s", q->why);
	return q->st->engine->step(q, ret_row, e);
}

enum err_code
query_run(struct query *q, struct err *e)
{
	bool row = true;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && row)
		rc = query_step(q, &row, e);
	return rc;
}

enum err_code
query_one(struct query *q, struct err *e)
{
	bool row = false;
	enum err_code rc = query_step(q, &row, e);

	return rc == ERR_OK && !row ? ERR_NOTFOUND : rc;
}

void
query_done(struct query *q)
{
	if (q->handle != NULL)
		q->st->engine->reset(q);
}

int64_t
query_changes(struct store *st)
{
	return st->engine->changes(st);
}

bool
col_null(struct query *q, int i)
{
	return q->st->engine->col_null(q, i);
}

int64_t
col_int(struct query *q, int i)
{
	return q->st->engine->col_int(q, i);
}

const char *
col_text(struct query *q, int i)
{
	return q->st->engine->col_text(q, i);
}

const void *
col_blob(struct query *q, int i, size_t *ret_len)
{
	return q->st->engine->col_blob(q, i, ret_len);
}

char *
col_dup(struct query *q, int i, struct arena *a)
{
	return arena_strdup(a, col_text(q, i));
}
