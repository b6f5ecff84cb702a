/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: where messages go.  Secrets come in, and are shown once at most. */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/str.h"
#include "notify/notify.h"
#include "server/api.h"
#include "server/live.h"

/* Addresses of the channel whose owners have not said yes yet. */
static void
render_unconfirmed(struct request *r, struct render *w, const struct channel_row *c)
{
	const char **open = NULL, **to = NULL;
	struct json *config = NULL;
	size_t n_open = 0, n = 0;

	if (!str_eq(c->type, "smtp") ||
	    store_addresses_open(r->reader->store, c->team_id, r->arena, &open, &n_open,
		NULL) != ERR_OK ||
	    json_parse(&config, c->config_json, strlen(c->config_json), NULL) != ERR_OK)
		return;
	(void)json_take_texts(config, "to", r->arena, &to, &n, NULL);
	jw_key(&w->w, "unconfirmed");
	jw_array(&w->w);
	for (size_t i = 0; i < n_open; i++)
		for (size_t k = 0; k < n; k++)
			if (str_eq(open[i], to[k]))
				jw_text(&w->w, open[i]);
	jw_array_end(&w->w);
	json_free(config);
}

static void
render_channel(struct request *r, struct render *w, const struct channel_row *c,
    const char *secret)
{
	jw_object(&w->w);
	render_id(w, "id", "chn", c->id);
	jw_ktext(&w->w, "name", c->name);
	jw_ktext(&w->w, "type", c->type);
	jw_key(&w->w, "config");
	notify_channel_show(c->type, c->config_json, &w->w);
	if (secret != NULL)
		jw_ktext(&w->w, "secret", secret);
	jw_ktext(&w->w, "state", channel_state_name(c->state));
	jw_kint(&w->w, "failures", c->failures);
	jw_ktext(&w->w, "last_error",
	    c->is_closed ? "its secrets are sealed with another key (notify.key_file)"
			 : c->last_error);
	jw_ktime(&w->w, "failing_since", c->failing_since);
	jw_ktime(&w->w, "next_try", c->retry_at);
	jw_ktime(&w->w, "verified", c->verified_at);
	jw_ktime(&w->w, "last_success", c->last_success_at);
	jw_ktext(&w->w, "team", c->team);
	jw_ktime(&w->w, "created", c->created_at);
	render_unconfirmed(r, w, c);
	jw_object_end(&w->w);
}

static enum err_code
find_channel(
    struct request *r, const char *text, struct channel_row *ret, struct err *e)
{
	int64_t id = api_id(r, "chn", text);

	return store_channel(
	    r->reader->store, r->who.scope, id, id > 0 ? NULL : text, r->arena, ret, e);
}

HANDLER(api_channels_get)
{
	struct channel_row *rows = NULL;
	struct render w;
	size_t limit, n = 0;
	int64_t after;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &after, 1, e)) != ERR_OK ||
	    (rc = store_channels(r->reader->store, r->who.scope, after, limit, r->arena,
		 &rows, &n, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = 0; i < n; i++)
		render_channel(r, &w, &rows[i], NULL);
	api_items_end(
	    &w, n == limit ? api_cursor_write(r, &rows[n - 1].id, 1) : NULL, -1);
	return ERR_OK;
}

static enum err_code
read_channel(struct request *r, const struct json *j, const char *name,
    struct channel_put *p, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "name", "type", "config", NULL };
	const char *given = NULL;
	enum err_code rc;

	if ((rc = json_only(j, known, e)) != ERR_OK ||
	    (rc = json_take_text(j, "name", &given, e)) != ERR_OK ||
	    (rc = json_take_text(j, "type", &p->type, e)) != ERR_OK)
		return rc;
	p->name = name != NULL ? name : given;
	if (name != NULL && given != NULL && !str_eq(name, given))
		return err_set(e, ERR_INPUT, "the name in the body is another one");
	if ((rc = api_name_check("channel", p->name, e)) != ERR_OK)
		return rc;
	if (p->type == NULL)
		return err_set(
		    e, ERR_INPUT, "a channel needs a type, such as webhook or smtp");
	rc = notify_channel_check(p->type, json_get(j, "config"),
	    &live_config(r->live)->notify, r->arena, &p->config_json, ret_secret, e);
	/* no such type is the client's mistake, not an unknown media type */
	return rc == ERR_UNSUPPORTED
		   ? err_set(e, ERR_INPUT, "no channel type \"%s\"", p->type)
		   : rc;
}

static struct notify *
open_notify(struct request *r)
{
	return notify_new(&(struct notify_options){
	    .store = r->worker->store,
	    .net = r->worker->net,
	    .clock = r->worker->clock,
	    .settings = &live_config(r->live)->notify,
	});
}

/* Who is behind it is asked first, if it is people. */
static enum err_code
ask_people(struct request *r, int64_t id, struct err *e)
{
	struct notify *n = open_notify(r);
	size_t n_asked = 0;
	enum err_code rc =
	    notify_channel_ask(n, r->who.scope, id, r->arena, &n_asked, e);

	notify_free(n);
	return rc;
}

static enum err_code
put_channel(struct request *r, struct response *out, const char *name, struct err *e)
{
	struct channel_put p = {
		.create_only = name == NULL,
		.actor = r->who.actor,
		.now_at = api_now(r),
	};
	const char *secret = NULL;
	struct json *j = NULL;
	struct channel_row row;
	struct render w;
	int64_t id = 0;
	bool created = false;
	enum err_code rc;

	if ((rc = api_one_team(r, e)) != ERR_OK || (rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	if ((rc = read_channel(r, j, name, &p, &secret, e)) == ERR_OK &&
	    (rc = store_channel_put(
		 r->worker->store, r->who.scope, &p, &id, &created, e)) == ERR_OK &&
	    (rc = ask_people(r, id, e)) == ERR_OK &&
	    (rc = store_channel(r->worker->store, r->who.scope, id, NULL, r->arena,
		 &row, e)) == ERR_OK) {
		out->status = created ? 201 : 200;
		api_begin(r, out, &w);
		render_channel(r, &w, &row, secret);
		bell_ring(&r->live->deliver);
	}
	json_free(j);
	return rc;
}

HANDLER(api_channels_post)
{
	return put_channel(r, out, NULL, e);
}

HANDLER(api_channel_put)
{
	struct channel_row row;
	enum err_code rc;

	if (api_id(r, "chn", r->segments[0]) == 0)
		return put_channel(r, out, r->segments[0], e);
	rc = find_channel(r, r->segments[0], &row, e);
	return rc == ERR_OK ? put_channel(r, out, row.name, e) : rc;
}

HANDLER(api_channel_get)
{
	struct channel_row row;
	struct render w;
	enum err_code rc = find_channel(r, r->segments[0], &row, e);

	if (rc != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	render_channel(r, &w, &row, NULL);
	return ERR_OK;
}

HANDLER(api_channel_delete)
{
	struct channel_row row;
	enum err_code rc = find_channel(r, r->segments[0], &row, e);

	if (rc == ERR_OK)
		rc = store_channel_delete(r->worker->store, r->who.scope, row.id,
		    r->who.actor, api_now(r), e);
	if (rc == ERR_OK)
		out->status = 204;
	return rc;
}

HANDLER(api_channel_test)
{
	struct channel_row row;
	struct notify *n;
	const char *id = NULL;
	struct render w;
	enum err_code rc = find_channel(r, r->segments[0], &row, e);

	if (rc != ERR_OK)
		return rc;
	n = open_notify(r);
	rc = notify_channel_test(
	    n, r->who.scope, row.id, r->who.actor, r->arena, &id, e);
	notify_free(n);
	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->deliver);
	out->status = 202;
	out->location = arena_printf(r->arena, "/v1/messages/%s", id);
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_ktext(&w.w, "message", id);
	jw_object_end(&w.w);
	return ERR_OK;
}

HANDLER(api_channel_rotate)
{
	const char *config = NULL, *secret = NULL;
	struct channel_row row;
	struct render w;
	enum err_code rc = find_channel(r, r->segments[0], &row, e);

	if (rc == ERR_OK && row.is_closed)
		rc = err_set(e, ERR_CONFLICT,
		    "the channel's secrets are sealed with another key");
	if (rc == ERR_OK)
		rc = notify_channel_rotate(row.type, row.config_json, api_now(r),
		    r->arena, &config, &secret, e);
	if (rc == ERR_UNSUPPORTED)
		rc = err_set(e, ERR_INPUT, "a channel of type %s has no secret of ours",
		    row.type);
	if (rc == ERR_OK)
		rc = store_channel_config(r->worker->store, r->who.scope, row.id,
		    config, "channel.rotated", r->who.actor, api_now(r), e);
	if (rc == ERR_OK)
		rc = store_channel(
		    r->worker->store, r->who.scope, row.id, NULL, r->arena, &row, e);
	if (rc != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	render_channel(r, &w, &row, secret);
	return ERR_OK;
}

HANDLER(api_channel_enable)
{
	struct channel_row row;
	struct render w;
	enum err_code rc = find_channel(r, r->segments[0], &row, e);

	if (rc == ERR_OK)
		rc = store_channel_enable(r->worker->store, r->who.scope, row.id,
		    r->who.actor, api_now(r), e);
	if (rc == ERR_OK)
		rc = store_channel(
		    r->worker->store, r->who.scope, row.id, NULL, r->arena, &row, e);
	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->deliver);
	api_begin(r, out, &w);
	render_channel(r, &w, &row, NULL);
	return ERR_OK;
}
