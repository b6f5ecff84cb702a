/* SPDX-License-Identifier: Apache-2.0 */
/* Teams, tokens, and who did what. */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/str.h"
#include "server/api.h"
#include "server/token.h"

/* ---- teams ---- */

static void
render_team(struct render *w, const struct team_row *t)
{
	jw_object(&w->w);
	jw_ktext(&w->w, "name", t->name);
	jw_kint(&w->w, "images", t->n_images);
	jw_object_end(&w->w);
}

HANDLER(api_teams_get)
{
	struct team_row *rows = NULL;
	struct render w;
	const char *next;
	size_t n = 0, from, to;
	enum err_code rc =
	    store_teams(r->reader->store, r->who.scope, r->arena, &rows, &n, e);

	if (rc != ERR_OK || (rc = api_page(r, n, &from, &to, &next, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = from; i < to; i++)
		render_team(&w, &rows[i]);
	api_items_end(&w, next, (int64_t)n);
	return ERR_OK;
}

HANDLER(api_teams_post)
{
	static const char *const known[] = { "name", NULL };
	struct team_row row = { 0 };
	struct json *j = NULL;
	struct render w;
	enum err_code rc;

	if ((rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	if ((rc = json_only(j, known, e)) == ERR_OK &&
	    (rc = json_take_text(j, "name", &row.name, e)) == ERR_OK &&
	    (rc = api_name_check("team", row.name, e)) == ERR_OK)
		rc = store_team_create(
		    r->worker->store, row.name, r->who.actor, api_now(r), &row.id, e);
	if (rc == ERR_OK) {
		out->status = 201;
		api_begin(r, out, &w);
		render_team(&w, &row);
	}
	json_free(j);
	return rc;
}

/* ---- tokens ---- */

static void
render_token(struct render *w, const struct token_row *t, const char *text)
{
	jw_object(&w->w);
	render_id(w, "id", "tok", t->id);
	jw_ktext(&w->w, "name", t->name);
	jw_ktext(&w->w, "team", t->team);
	jw_ktext(&w->w, "scope", token_scope_name(t->scope));
	jw_ktext(&w->w, "hint", t->hint);
	if (text != NULL)
		jw_ktext(&w->w, "token", text);
	jw_ktime(&w->w, "created", t->created_at);
	jw_ktime(&w->w, "expires", t->expires_at);
	jw_ktime(&w->w, "last_used", t->last_used_at);
	jw_ktime(&w->w, "revoked", t->revoked_at);
	jw_object_end(&w->w);
}

HANDLER(api_tokens_get)
{
	struct token_row *rows = NULL;
	struct render w;
	const char *next;
	size_t n = 0, from, to;
	enum err_code rc =
	    store_tokens(r->reader->store, r->who.scope, r->arena, &rows, &n, e);

	if (rc != ERR_OK || (rc = api_page(r, n, &from, &to, &next, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = from; i < to; i++)
		render_token(&w, &rows[i], NULL);
	api_items_end(&w, next, (int64_t)n);
	return ERR_OK;
}

struct token_request {
	const char *name, *team;
	enum token_scope scope;
	int64_t expires_at;
};

static enum err_code
read_token(
    struct request *r, const struct json *j, struct token_request *t, struct err *e)
{
	static const char *const known[] = { "name", "team", "scope", "expires", NULL };
	const char *scope = "write", *expires = NULL;
	enum err_code rc;

	if ((rc = json_only(j, known, e)) != ERR_OK ||
	    (rc = json_take_text(j, "name", &t->name, e)) != ERR_OK ||
	    (rc = json_take_text(j, "team", &t->team, e)) != ERR_OK ||
	    (rc = json_take_text(j, "scope", &scope, e)) != ERR_OK ||
	    (rc = json_take_text(j, "expires", &expires, e)) != ERR_OK ||
	    (rc = api_name_check("token", t->name, e)) != ERR_OK)
		return rc;
	if (!token_scope_from_name(scope, &t->scope))
		return err_set(e, ERR_INPUT,
		    "scope must be submit, read, write, admin or auditor");
	if (expires != NULL &&
	    (!time_parse(expires, &t->expires_at) || t->expires_at <= api_now(r)))
		return err_set(
		    e, ERR_INPUT, "expires must be a time to come, RFC 3339");
	return ERR_OK;
}

/* Whose token it becomes: an admin's own team's; an operator may name any. */
static enum err_code
token_team(
    struct request *r, const struct token_request *t, const char **ret, struct err *e)
{
	struct team_row *rows = NULL;
	size_t n = 0;
	enum err_code rc;

	if (r->who.scope.all) {
		if (t->team == NULL)
			return err_set(
			    e, ERR_INPUT, "say for which team, or team \"all\"");
		*ret = t->team;
		return ERR_OK;
	}
	rc = store_teams(r->reader->store, r->who.scope, r->arena, &rows, &n, e);
	if (rc != ERR_OK)
		return rc;
	if (n != 1 || (t->team != NULL && !str_eq(t->team, rows[0].name)))
		return err_set(e, ERR_NOTFOUND, "no such team");
	*ret = rows[0].name;
	return ERR_OK;
}

HANDLER(api_tokens_post)
{
	struct token_request t = { 0 };
	struct token_row row = { 0 };
	char text[TOKEN_SIZE], hint[9];
	struct json *j = NULL;
	struct render w;
	enum err_code rc;

	if ((rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	if ((rc = read_token(r, j, &t, e)) == ERR_OK &&
	    (rc = token_team(r, &t, &row.team, e)) == ERR_OK &&
	    (rc = api_name_check("team", row.team, e)) == ERR_OK)
		rc = token_issue(r->worker->store, row.team, t.scope, t.name,
		    t.expires_at, r->who.actor, api_now(r), text, &row.id, e);
	if (rc == ERR_OK) {
		memcpy(hint, text, 8);
		hint[8] = '\0';
		row.name = t.name;
		row.scope = t.scope;
		row.hint = hint;
		row.created_at = api_now(r);
		row.expires_at = t.expires_at;
		out->status = 201;
		api_begin(r, out, &w);
		render_token(&w, &row, text);
	}
	json_free(j);
	return rc;
}

HANDLER(api_token_delete)
{
	struct token_row *rows = NULL;
	int64_t id = api_id(r, "tok", r->segments[0]);
	size_t n = 0;
	enum err_code rc =
	    store_tokens(r->reader->store, r->who.scope, r->arena, &rows, &n, e);

	for (size_t i = 0; i < n && rc == ERR_OK && id == 0; i++)
		if (rows[i].revoked_at == 0 && str_eq(rows[i].name, r->segments[0]))
			id = rows[i].id;
	if (rc == ERR_OK)
		rc = store_token_revoke(
		    r->worker->store, r->who.scope, id, r->who.actor, api_now(r), e);
	if (rc == ERR_OK)
		out->status = 204;
	return rc;
}

/* ---- audit ---- */

static void
render_raw(struct render *w, const char *key, const char *json)
{
	jw_key(&w->w, key);
	if (json == NULL)
		jw_null(&w->w);
	else
		jw_raw(&w->w, json, strlen(json));
}

HANDLER(api_audit_get)
{
	struct audit_row *rows = NULL;
	struct render w;
	size_t limit, n = 0;
	int64_t after;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &after, 1, e)) != ERR_OK ||
	    (rc = store_audit(r->reader->store, r->who.scope, after, limit, r->arena,
		 &rows, &n, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = 0; i < n; i++) {
		jw_object(&w.w);
		jw_kid(&w.w, "seq", rows[i].seq);
		jw_ktime(&w.w, "at", rows[i].at);
		jw_ktext(&w.w, "team", rows[i].team);
		jw_ktext(&w.w, "actor", rows[i].actor);
		jw_ktext(&w.w, "action", rows[i].action);
		jw_ktext(&w.w, "object", rows[i].object);
		render_raw(&w, "before", rows[i].before);
		render_raw(&w, "after", rows[i].after);
		jw_object_end(&w.w);
	}
	api_items_end(
	    &w, n == limit ? api_cursor_write(r, &rows[n - 1].seq, 1) : NULL, -1);
	return ERR_OK;
}
