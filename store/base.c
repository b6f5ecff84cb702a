/* SPDX-License-Identifier: Apache-2.0 */
/* base - what every unit of work needs: numbers, facts, the two logs. */
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "store/store_private.h"

enum err_code
seq_take(
    struct store *st, const char *name, int64_t n, int64_t *ret_first, struct err *e)
{
	struct query *q = query(st, STMT_SEQ_TAKE);
	enum err_code rc;

	bind_text(q, 1, name);
	bind_int(q, 2, n);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret_first = col_int(q, 0);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, ERR_BUG, "no number of %s", name) : rc;
}

enum err_code
seq_next(struct store *st, const char *name, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_SEQ_NEXT);
	enum err_code rc;

	bind_text(q, 1, name);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	if (rc != ERR_NOTFOUND)
		return rc;
	*ret = 1;
	return ERR_OK;
}

enum err_code
store_now_seq(struct store *st, int64_t *ret, struct err *e)
{
	int64_t next = 1;
	enum err_code rc = seq_next(st, "event", &next, e);

	if (rc == ERR_OK)
		*ret = next - 1;
	return rc;
}

enum err_code
store_opaque_key(struct store *st, unsigned char ret[32], struct err *e)
{
	struct query *q = query(st, STMT_META_GET);
	struct arena *a = arena_new();
	unsigned char *key = NULL;
	size_t len = 0;
	enum err_code rc;

	bind_text(q, 1, "opaque_key");
	rc = query_one(q, e);
	if (rc == ERR_NOTFOUND ||
	    (rc == ERR_OK && (!hex_decode(a, col_text(q, 0), &key, &len) || len != 32)))
		rc = err_set(
		    e, ERR_STORAGE, "the store's own key is missing or damaged");
	if (rc == ERR_OK)
		memcpy(ret, key, 32);
	query_done(q);
	arena_free(a);
	return rc;
}

enum err_code
audit_add(struct store *st, int64_t team_id, const char *actor, const char *action,
    const char *object, const char *before, const char *after, int64_t now_at,
    struct err *e)
{
	struct query *q;
	int64_t seq = 0;
	enum err_code rc;

	if ((rc = seq_take(st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_AUDIT_ADD);
	bind_int(q, 1, seq);
	bind_int(q, 2, now_at);
	if (team_id < 0)
		bind_null(q, 3);
	else
		bind_int(q, 3, team_id);
	bind_text(q, 4, actor != NULL ? actor : "");
	bind_text(q, 5, action);
	bind_text(q, 6, object);
	bind_text(q, 7, before);
	bind_text(q, 8, after);
	return query_run(q, e);
}

/* -1 binds NULL: for columns in which 0 is a word. */
static void
bind_word(struct query *q, int n, int v)
{
	if (v < 0)
		bind_null(q, n);
	else
		bind_int(q, n, v);
}

enum err_code
event_add(struct store *st, const struct event_new *ev, int64_t seq, struct err *e)
{
	struct query *q = query(st, STMT_EVENT_ADD);

	bind_int(q, 1, seq);
	bind_int(q, 2, ev->at);
	bind_int(q, 3, ev->kind);
	if (ev->team_id < 0)
		bind_null(q, 4);
	else
		bind_int(q, 4, ev->team_id);
	bind_id(q, 5, ev->run_id);
	bind_id(q, 6, ev->vulnerability_id);
	bind_id(q, 7, ev->package_id);
	bind_id(q, 8, ev->ecosystem_id);
	bind_id(q, 9, ev->image_id);
	bind_word(q, 10, ev->state);
	bind_word(q, 11, ev->severity);
	bind_word(q, 12, ev->severity_before);
	bind_int(q, 13, ev->flags);
	bind_int(q, 14, ev->n);
	if (ev->components == NULL)
		bind_null(q, 15);
	else
		bind_blob(q, 15, ev->components, ev->components_len);
	bind_text(q, 16, ev->detail);
	if (ev->epss_before_micro < 0)
		bind_null(q, 17);
	else
		bind_int(q, 17, ev->epss_before_micro);
	return query_run(q, e);
}
