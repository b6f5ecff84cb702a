/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: only the digest of their text is kept. */
#include "core/arena.h"
#include "core/str.h"
#include "store/outbox_private.h"
#include "store/teams.h"

static const char *const scopes[] = {
	[TOKEN_SUBMIT] = "submit",
	[TOKEN_READ] = "read",
	[TOKEN_WRITE] = "write",
	[TOKEN_ADMIN] = "admin",
	[TOKEN_AUDITOR] = "auditor",
};
_Static_assert(
    sizeof(scopes) / sizeof(scopes[0]) == TOKEN_SCOPE_COUNT, "one word each");

const char *
token_scope_name(enum token_scope s)
{
	return (size_t)s < TOKEN_SCOPE_COUNT ? scopes[s] : "unknown";
}

bool
token_scope_from_name(const char *text, enum token_scope *ret)
{
	for (size_t i = 0; i < TOKEN_SCOPE_COUNT; i++)
		if (str_eq(scopes[i], text)) {
			*ret = (enum token_scope)i;
			return true;
		}
	return false;
}

enum token_column {
	TOKEN_ID,
	TOKEN_TEAM_ID,
	TOKEN_TEAM,
	TOKEN_NAME,
	TOKEN_SCOPE,
	TOKEN_HINT,
	TOKEN_CREATED,
	TOKEN_EXPIRES,
	TOKEN_LAST_USED,
	TOKEN_REVOKED
};

static void
read_token(struct query *q, struct arena *a, struct token_row *ret)
{
	*ret = (struct token_row){
		.id = col_int(q, TOKEN_ID),
		.team_id = col_int(q, TOKEN_TEAM_ID),
		.team = col_dup(q, TOKEN_TEAM, a),
		.name = col_dup(q, TOKEN_NAME, a),
		.scope = (enum token_scope)col_int(q, TOKEN_SCOPE),
		.hint = col_dup(q, TOKEN_HINT, a),
		.created_at = col_int(q, TOKEN_CREATED),
		.expires_at = col_int(q, TOKEN_EXPIRES),
		.last_used_at = col_int(q, TOKEN_LAST_USED),
		.revoked_at = col_int(q, TOKEN_REVOKED),
	};
}

static enum err_code
create(struct store *st, const struct token_new *t, int64_t *ret_id, struct err *e)
{
	struct query *q;
	enum err_code rc = seq_take(st, "token", 1, ret_id, e);

	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_TOKEN_ADD);
	bind_int(q, 1, *ret_id);
	bind_int(q, 2, t->team_id);
	bind_text(q, 3, t->name);
	bind_int(q, 4, t->scope);
	bind_blob(q, 5, t->hash, sizeof(t->hash));
	bind_text(q, 6, t->hint);
	bind_int(q, 7, t->now_at);
	bind_id(q, 8, t->expires_at);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	return audit_add(st, t->team_id, t->actor, "token.create", t->name, NULL, NULL,
	    t->now_at, e);
}

enum err_code
store_token_create(
    struct store *st, const struct token_new *t, int64_t *ret_id, struct err *e)
{
	enum err_code rc = tx_begin(st, e);

	if (rc != ERR_OK)
		return rc;
	return tx_end(st, create(st, t, ret_id, e), e);
}

enum err_code
store_token_check(struct store *st, const unsigned char hash[32], int64_t now_at,
    struct arena *a, struct token_row *ret, struct err *e)
{
	struct query *q = query(st, STMT_TOKEN_BY_HASH);
	enum err_code rc;

	bind_blob(q, 1, hash, 32);
	if ((rc = query_one(q, e)) == ERR_OK)
		read_token(q, a, ret);
	query_done(q);
	if (rc == ERR_NOTFOUND ||
	    (rc == ERR_OK && (ret->revoked_at != 0 ||
				 (ret->expires_at != 0 && ret->expires_at <= now_at))))
		return err_set(e, ERR_DENIED, "the token is not valid");
	return rc;
}

enum err_code
store_token_used(struct store *st, int64_t id, int64_t now_at, struct err *e)
{
	struct query *q;
	enum err_code rc = tx_begin(st, e);

	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_TOKEN_USED);
	bind_int(q, 1, id);
	bind_int(q, 2, now_at);
	return tx_end(st, query_run(q, e), e);
}

enum err_code
store_tokens(struct store *st, struct scope scope, struct arena *a,
    struct token_row **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct token_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_TOKENS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, scope_reads(scope));
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		read_token(q, a, ARENA_PUSH(a, &rows));
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

static enum err_code
revoke(struct store *st, struct scope scope, int64_t id, const char *actor,
    int64_t now_at, struct err *e)
{
	struct query *q = query(st, STMT_TOKEN_REVOKE);
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, id);
	bind_int(q, 3, now_at);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	if (query_changes(st) == 0)
		return err_set(e, ERR_NOTFOUND, "no such token");
	return audit_add(st, scope.all ? -1 : scope.team_id, actor, "token.revoke",
	    "token", NULL, NULL, now_at, e);
}

enum err_code
store_token_revoke(struct store *st, struct scope scope, int64_t id, const char *actor,
    int64_t now_at, struct err *e)
{
	enum err_code rc = tx_begin(st, e);

	if (rc != ERR_OK)
		return rc;
	return tx_end(st, revoke(st, scope, id, actor, now_at, e), e);
}

enum err_code
store_token_count(struct store *st, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_TOKEN_COUNT);
	enum err_code rc = query_one(q, e);

	if (rc == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc;
}
