/* SPDX-License-Identifier: Apache-2.0 */
/*
 * teams - the store's leaf for teams, their tokens, and who did what.
 */
#ifndef STORE_TEAMS_H
#define STORE_TEAMS_H

#include "store/store.h"

/* What a token may do; a higher one includes the lower ones, auditor stands apart. */
enum token_scope {
	TOKEN_SUBMIT, /* register and ask */
	TOKEN_READ,
	TOKEN_WRITE,
	TOKEN_ADMIN,
	TOKEN_AUDITOR, /* read all, write nothing */
	TOKEN_SCOPE_COUNT
};
const char *token_scope_name(enum token_scope s);
bool token_scope_from_name(const char *text, enum token_scope *ret);

struct team_row {
	int64_t id;
	const char *name;
	int64_t n_images;
};
/* ERR_CONFLICT if it exists. */
enum err_code store_team_create(struct store *st, const char *name, const char *actor,
    int64_t now_at, int64_t *ret_id, struct err *e);
/* By name; "all" is team 0.  ERR_NOTFOUND */
enum err_code store_team_find(
    struct store *st, const char *name, int64_t *ret_id, struct err *e);
enum err_code store_teams(struct store *st, struct scope scope, struct arena *a,
    struct team_row **ret, size_t *ret_n, struct err *e);

struct token_row {
	int64_t id, team_id;
	const char *team, *name, *hint;
	enum token_scope scope;
	int64_t created_at, expires_at, last_used_at, revoked_at; /* 0 = none */
};
struct token_new {
	int64_t team_id; /* 0 = all teams */
	const char *name;
	enum token_scope scope;
	unsigned char hash[32]; /* SHA-256 of the token's text */
	const char *hint;
	int64_t expires_at; /* 0 = never */
	const char *actor;
	int64_t now_at;
};
enum err_code store_token_create(
    struct store *st, const struct token_new *t, int64_t *ret_id, struct err *e);
/* The live token with this hash; ERR_DENIED for unknown, revoked and expired alike. */
enum err_code store_token_check(struct store *st, const unsigned char hash[32],
    int64_t now_at, struct arena *a, struct token_row *ret, struct err *e);
/* Remember that it was used (at most once a minute is worth writing). */
enum err_code store_token_used(
    struct store *st, int64_t id, int64_t now_at, struct err *e);
enum err_code store_tokens(struct store *st, struct scope scope, struct arena *a,
    struct token_row **ret, size_t *ret_n, struct err *e);
enum err_code store_token_revoke(struct store *st, struct scope scope, int64_t id,
    const char *actor, int64_t now_at, struct err *e);
/* How many live tokens there are at all: 0 on the very first start. */
enum err_code store_token_count(struct store *st, int64_t *ret, struct err *e);

struct audit_row {
	int64_t seq, at, team_id; /* team_id -1 = none */
	const char *team, *actor, *action, *object, *before,
	    *after; /* JSON; NULL = none */
};
/* Oldest first after AFTER_SEQ. */
enum err_code store_audit(struct store *st, struct scope scope, int64_t after_seq,
    size_t limit, struct arena *a, struct audit_row **ret, size_t *ret_n,
    struct err *e);

#endif
