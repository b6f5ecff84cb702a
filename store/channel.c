/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels: where messages go.  Writing one anew forgives what went wrong before: it is
 * unverified again, and what waits for it is tried at once.
 */
#include "core/arena.h"
#include "core/seal.h"
#include "store/outbox_private.h"

const char *
channel_context(int64_t id, struct arena *a)
{
	return arena_printf(a, "channel %lld", (long long)id);
}

const char *
channel_seal(struct store *st, int64_t id, const char *config_json, struct arena *a)
{
	return st->options.seal == NULL ? config_json
					: seal_text(st->options.seal,
					      channel_context(id, a), config_json, a);
}

void
channel_read(
    struct store *st, struct query *q, struct arena *a, struct channel_row *ret)
{
	const char *config = col_text(q, CHANNEL_COL_CONFIG);

	*ret = (struct channel_row){
		.id = col_int(q, CHANNEL_COL_ID),
		.team_id = col_int(q, CHANNEL_COL_TEAM_ID),
		.team = col_dup(q, CHANNEL_COL_TEAM, a),
		.name = col_dup(q, CHANNEL_COL_NAME, a),
		.type = col_dup(q, CHANNEL_COL_TYPE, a),
		.state = (enum channel_state)col_int(q, CHANNEL_COL_STATE),
		.failures = (int)col_int(q, CHANNEL_COL_FAILURES),
		.retry_at = col_int(q, CHANNEL_COL_RETRY_AT),
		.last_error = col_dup(q, CHANNEL_COL_LAST_ERROR, a),
		.last_success_at = col_int(q, CHANNEL_COL_LAST_SUCCESS_AT),
		.created_at = col_int(q, CHANNEL_COL_CREATED_AT),
		.verified_at = col_int(q, CHANNEL_COL_VERIFIED_AT),
		.failing_since = col_int(q, CHANNEL_COL_FAILING_SINCE),
		.alarm = (enum channel_alarm)col_int(q, CHANNEL_COL_ALARM),
	};
	ret->is_closed = !seal_open(st->options.seal, channel_context(ret->id, a),
	    config, a, &ret->config_json);
	if (ret->is_closed)
		ret->config_json = "{}";
}

enum err_code
channel_get(struct store *st, struct scope scope, int64_t id, const char *name,
    struct arena *a, struct channel_row *ret, struct err *e)
{
	struct query *q = query(st, id > 0 ? STMT_CHANNEL_BY_ID : STMT_CHANNEL_BY_NAME);
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	if (id > 0)
		bind_int(q, 2, id);
	else
		bind_text(q, 2, name);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		channel_read(st, q, a, ret);
	query_done(q);
	if (rc != ERR_NOTFOUND)
		return rc;
	return name != NULL ? err_set(e, rc, "no channel \"%s\"", name)
			    : err_set(e, rc, "no such channel");
}

enum err_code
store_channel(struct store *st, struct scope scope, int64_t id, const char *name,
    struct arena *a, struct channel_row *ret, struct err *e)
{
	return channel_get(st, scope, id, name, a, ret, e);
}

enum err_code
store_channels(struct store *st, struct scope scope, int64_t after_id, size_t limit,
    struct arena *a, struct channel_row **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct channel_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_CHANNELS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, after_id);
	bind_int(q, 3, (int64_t)limit);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		channel_read(st, q, a, ARENA_PUSH(a, &rows));
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

static enum err_code
add(struct store *st, int64_t team_id, const struct channel_put *p, struct arena *a,
    int64_t *ret_id, struct err *e)
{
	struct query *q;
	enum err_code rc = seq_take(st, "channel", 1, ret_id, e);

	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_CHANNEL_ADD);
	bind_int(q, 1, *ret_id);
	bind_int(q, 2, team_id);
	bind_text(q, 3, p->name);
	bind_text(q, 4, p->type);
	bind_text(q, 5, channel_seal(st, *ret_id, p->config_json, a));
	bind_int(q, 6, CHANNEL_UNVERIFIED);
	bind_int(q, 7, p->now_at);
	return query_run(q, e);
}

static enum err_code
replace(struct store *st, int64_t id, const struct channel_put *p, struct arena *a,
    struct err *e)
{
	struct query *q = query(st, STMT_CHANNEL_REPLACE);
	enum err_code rc;

	bind_int(q, 1, id);
	bind_text(q, 2, p->type);
	bind_text(q, 3, channel_seal(st, id, p->config_json, a));
	bind_int(q, 4, CHANNEL_UNVERIFIED);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_CHANNEL_RETRY_NOW);
	bind_int(q, 1, id);
	bind_int(q, 2, p->now_at);
	bind_int(q, 3, MESSAGE_RETRY);
	return query_run(q, e);
}

static enum err_code
find(
    struct store *st, int64_t team_id, const char *name, int64_t *ret_id, struct err *e)
{
	struct query *q = query(st, STMT_CHANNEL_FIND);
	enum err_code rc;

	bind_int(q, 1, team_id);
	bind_text(q, 2, name);
	rc = query_one(q, e);
	*ret_id = rc == ERR_OK ? col_int(q, 0) : 0;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
put(struct store *st, int64_t team_id, const struct channel_put *p, struct arena *a,
    int64_t *ret_id, bool *ret_created, struct err *e)
{
	enum err_code rc = find(st, team_id, p->name, ret_id, e);

	if (rc != ERR_OK)
		return rc;
	*ret_created = *ret_id == 0;
	if (!*ret_created && p->create_only)
		return err_set(e, ERR_CONFLICT, "channel \"%s\" exists", p->name);
	rc = *ret_created ? add(st, team_id, p, a, ret_id, e)
			  : replace(st, *ret_id, p, a, e);
	if (rc != ERR_OK)
		return rc;
	/* The configuration has secrets in it: the log says that it changed, not how. */
	return audit_add(st, team_id, p->actor,
	    *ret_created ? "channel.created" : "channel.changed",
	    arena_printf(a, "channel %s", p->name), NULL, NULL, p->now_at, e);
}

enum err_code
store_channel_put(struct store *st, struct scope scope, const struct channel_put *p,
    int64_t *ret_id, bool *ret_created, struct err *e)
{
	struct arena *a;
	int64_t id = 0;
	bool created = false;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	rc = put(st, scope_writes(scope), p, a, &id, &created, e);
	arena_free(a);
	rc = tx_end(st, rc, e);
	if (rc == ERR_OK) {
		*ret_id = id;
		*ret_created = created;
	}
	return rc;
}

static enum err_code
refuse_used(struct store *st, const struct channel_row *ch, struct err *e)
{
	struct query *q = query(st, STMT_CHANNEL_USED);
	enum err_code rc;

	bind_int(q, 1, ch->id);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		rc = err_set(e, ERR_CONFLICT,
		    "channel \"%s\" is used by subscription \"%s\"", ch->name,
		    col_text(q, 0));
	else if (rc == ERR_NOTFOUND)
		rc = ERR_OK;
	query_done(q);
	return rc;
}

static enum err_code
remove_channel(struct store *st, struct scope scope, int64_t id, const char *actor,
    int64_t now_at, struct arena *a, struct err *e)
{
	struct channel_row ch;
	struct query *q;
	enum err_code rc;

	if ((rc = channel_get(st, scope, id, NULL, a, &ch, e)) != ERR_OK ||
	    (rc = refuse_used(st, &ch, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_CHANNEL_GIVE_UP);
	bind_int(q, 1, id);
	bind_int(q, 2, MESSAGE_FAILED);
	bind_int(q, 3, now_at);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_ISSUES_FORGET);
	bind_int(q, 1, id);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_CHANNEL_DELETE);
	bind_int(q, 1, id);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	return audit_add(st, ch.team_id, actor, "channel.deleted",
	    arena_printf(a, "channel %s", ch.name), NULL, NULL, now_at, e);
}

enum err_code
store_channel_delete(struct store *st, struct scope scope, int64_t id,
    const char *actor, int64_t now_at, struct err *e)
{
	struct arena *a;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	rc = remove_channel(st, scope, id, actor, now_at, a, e);
	arena_free(a);
	return tx_end(st, rc, e);
}
