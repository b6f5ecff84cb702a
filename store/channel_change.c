/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes about a channel besides its being written anew: another secret, another
 * seal, somebody's confirmation; and the people behind mail addresses.
 */
#include "core/arena.h"
#include "core/seal.h"
#include "core/str.h"
#include "store/outbox_private.h"

/* ---- the channel ---- */

/* A change of one channel of a scope, with a line in the audit log. */
struct changing {
	struct store *st;
	struct scope scope;
	int64_t id;
	const char *action, *actor;
	int64_t now_at;
	const char *config_json; /* of store_channel_config() */
};

static enum err_code
apply(const struct changing *u, struct arena *a, struct err *e)
{
	struct query *q = query(
	    u->st, u->config_json != NULL ? STMT_CHANNEL_CONFIG : STMT_CHANNEL_ENABLE);
	enum err_code rc;

	bind_int(q, 1, u->id);
	if (u->config_json != NULL) {
		bind_text(q, 2, channel_seal(u->st, u->id, u->config_json, a));
		return query_run(q, e);
	}
	bind_int(q, 2, CHANNEL_UNVERIFIED);
	bind_int(q, 3, CHANNEL_VERIFIED);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(u->st, STMT_CHANNEL_RETRY_NOW);
	bind_int(q, 1, u->id);
	bind_int(q, 2, u->now_at);
	bind_int(q, 3, MESSAGE_RETRY);
	return query_run(q, e);
}

static enum err_code
change(const struct changing *u, struct err *e)
{
	struct channel_row ch;
	struct arena *a;
	enum err_code rc;

	if ((rc = tx_begin(u->st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	if ((rc = channel_get(u->st, u->scope, u->id, NULL, a, &ch, e)) == ERR_OK &&
	    (rc = apply(u, a, e)) == ERR_OK)
		rc = audit_add(u->st, ch.team_id, u->actor, u->action,
		    arena_printf(a, "channel %s", ch.name), NULL, NULL, u->now_at, e);
	arena_free(a);
	return tx_end(u->st, rc, e);
}

enum err_code
store_channel_config(struct store *st, struct scope scope, int64_t id,
    const char *config_json, const char *action, const char *actor, int64_t now_at,
    struct err *e)
{
	return change(
	    &(struct changing){ st, scope, id, action, actor, now_at, config_json }, e);
}

enum err_code
store_channel_enable(struct store *st, struct scope scope, int64_t id,
    const char *actor, int64_t now_at, struct err *e)
{
	return change(
	    &(struct changing){ st, scope, id, "channel.enabled", actor, now_at, NULL },
	    e);
}

static enum err_code
confirm(struct store *st, int64_t id, const char *actor, int64_t now_at,
    struct arena *a, struct err *e)
{
	struct query *q = query(st, STMT_CHANNEL_CONFIRM);
	const char *object = NULL;
	int64_t team_id = 0;
	enum err_code rc;

	bind_int(q, 1, id);
	bind_int(q, 2, now_at);
	bind_int(q, 3, CHANNEL_UNVERIFIED);
	bind_int(q, 4, CHANNEL_VERIFIED);
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		object = arena_printf(a, "channel %s", col_text(q, 0));
		team_id = col_int(q, 1);
	}
	query_done(q);
	if (rc != ERR_OK)
		return rc == ERR_NOTFOUND ? err_set(e, rc, "no such channel") : rc;
	return audit_add(
	    st, team_id, actor, "channel.confirmed", object, NULL, NULL, now_at, e);
}

enum err_code
store_channel_confirm(
    struct store *st, int64_t id, const char *actor, int64_t now_at, struct err *e)
{
	struct arena *a;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	rc = confirm(st, id, actor, now_at, a, e);
	arena_free(a);
	return tx_end(st, rc, e);
}

/* ---- the seal ---- */

struct plain {
	int64_t id;
	const char *config_json;
};

static enum err_code
seal_rows(struct store *st, struct arena *a, size_t *ret_n, struct err *e)
{
	struct {
		struct plain *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_CHANNELS_PLAIN);
	enum err_code rc;
	bool more;

	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &rows) =
		    (struct plain){ col_int(q, 0), col_dup(q, 1, a) };
	query_done(q);
	for (size_t i = 0; i < rows.n && rc == ERR_OK; i++) {
		q = query(st, STMT_CHANNEL_CONFIG);
		bind_int(q, 1, rows.at[i].id);
		bind_text(
		    q, 2, channel_seal(st, rows.at[i].id, rows.at[i].config_json, a));
		rc = query_run(q, e);
	}
	*ret_n = rows.n;
	return rc;
}

enum err_code
store_use_seal(struct store *st, const struct seal *seal, size_t *ret_n, struct err *e)
{
	struct arena *a;
	size_t n = 0;
	enum err_code rc;

	st->options.seal = seal;
	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	rc = seal_rows(st, a, &n, e);
	arena_free(a);
	if ((rc = tx_end(st, rc, e)) == ERR_OK)
		*ret_n = n;
	return rc;
}

/* ---- people ---- */

/* One statement of address S with what stands in 1 and 2, and 3 if NOW_AT > 0; ERR_NOTFOUND
 * where it answers with no row. */
static enum err_code
run_address(struct store *st, enum stmt s, int64_t id, const char *address,
    int64_t now_at, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	q = query(st, s);
	bind_int(q, 1, id);
	bind_text(q, 2, address);
	if (now_at > 0)
		bind_int(q, 3, now_at);
	if (s == STMT_UNSUBSCRIBE || s == STMT_RESUBSCRIBE) {
		rc = query_run(q, e);
	} else {
		rc = query_one(q, e);
		query_done(q);
	}
	return tx_end(st, rc, e);
}

static enum err_code
read_addresses(struct store *st, enum stmt s, int64_t id, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	struct {
		const char **at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, s);
	enum err_code rc;
	bool more;

	bind_int(q, 1, id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &rows) = col_dup(q, 0, a);
	query_done(q);
	if (rc == ERR_OK) {
		*ret = rows.at;
		*ret_n = rows.n;
	}
	return rc;
}

enum err_code
store_address_ask(struct store *st, int64_t team_id, const char *address,
    int64_t now_at, bool *ret_new, struct err *e)
{
	enum err_code rc =
	    run_address(st, STMT_ADDRESS_ASK, team_id, address, now_at, e);

	*ret_new = rc == ERR_OK;
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

enum err_code
store_address_confirm(struct store *st, int64_t team_id, const char *address,
    int64_t now_at, struct err *e)
{
	enum err_code rc =
	    run_address(st, STMT_ADDRESS_CONFIRM, team_id, address, now_at, e);

	return rc == ERR_NOTFOUND ? err_set(e, rc, "nobody asked this address") : rc;
}

enum err_code
store_addresses_open(struct store *st, int64_t team_id, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	return read_addresses(st, STMT_ADDRESSES_OPEN, team_id, a, ret, ret_n, e);
}

enum err_code
store_unsubscribe(struct store *st, int64_t subscription_id, const char *address,
    bool is_off, int64_t now_at, struct err *e)
{
	return run_address(st, is_off ? STMT_UNSUBSCRIBE : STMT_RESUBSCRIBE,
	    subscription_id, address, is_off ? now_at : 0, e);
}

enum err_code
store_unsubscribed(struct store *st, int64_t subscription_id, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	return read_addresses(st, STMT_UNSUBSCRIBED, subscription_id, a, ret, ret_n, e);
}
