/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions: a list, a filter, a schedule, channels. */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/str.h"
#include "notify/notify.h"
#include "server/api.h"
#include "server/live.h"

static void
render_definition(struct render *w, const char *definition)
{
	struct json *j = NULL;

	if (json_parse(&j, definition, strlen(definition), NULL) != ERR_OK)
		return;
	for (size_t i = 0; i < json_count(j); i++) {
		const struct json *value;
		const char *key = json_member(j, i, &value);
		struct buf text = BUF_INIT(65536);

		json_print(value, &text);
		jw_key(&w->w, key);
		jw_raw(&w->w, buf_str(&text), text.len);
		buf_done(&text);
	}
	json_free(j);
}

static void
render_unsubscribed(struct request *r, struct render *w, int64_t subscription_id)
{
	const char **off = NULL;
	size_t n = 0;

	(void)store_unsubscribed(
	    r->reader->store, subscription_id, r->arena, &off, &n, NULL);
	if (n == 0)
		return;
	jw_key(&w->w, "unsubscribed");
	jw_array(&w->w);
	for (size_t i = 0; i < n; i++)
		jw_text(&w->w, off[i]);
	jw_array_end(&w->w);
}

static void
render_subscription(
    struct request *r, struct render *w, const struct subscription_row *s)
{
	jw_object(&w->w);
	render_id(w, "id", "sub", s->id);
	jw_ktext(&w->w, "name", s->name);
	jw_ktext(&w->w, "list", s->list);
	jw_key(&w->w, "channels");
	jw_array(&w->w);
	for (size_t i = 0; i < s->n_channels; i++)
		jw_text(&w->w, s->channels[i]);
	jw_array_end(&w->w);
	render_definition(w, s->definition_json);
	jw_kbool(&w->w, "paused", s->paused);
	jw_kid(&w->w, "cursor", s->cursor_seq);
	jw_kid(&w->w, "start", s->start_seq);
	jw_ktime(&w->w, "next", s->next_at);
	jw_ktext(&w->w, "team", s->team);
	jw_ktime(&w->w, "created", s->created_at);
	if (s->news_tail != NULL)
		jw_ktext(&w->w, "news", arena_printf(r->arena, "...%s", s->news_tail));
	render_unsubscribed(r, w, s->id);
	jw_object_end(&w->w);
}

static enum err_code
find_subscription(
    struct request *r, const char *text, struct subscription_row *ret, struct err *e)
{
	int64_t id = api_id(r, "sub", text);

	return store_subscription(
	    r->reader->store, r->who.scope, id, id > 0 ? NULL : text, r->arena, ret, e);
}

HANDLER(api_subscriptions_get)
{
	struct subscription_row *rows = NULL;
	struct render w;
	size_t limit, n = 0;
	int64_t after;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &after, 1, e)) != ERR_OK ||
	    (rc = store_subscriptions(r->reader->store, r->who.scope, after, limit,
		 r->arena, &rows, &n, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = 0; i < n; i++)
		render_subscription(r, &w, &rows[i]);
	api_items_end(
	    &w, n == limit ? api_cursor_write(r, &rows[n - 1].id, 1) : NULL, -1);
	return ERR_OK;
}

static enum err_code
read_channels(
    struct request *r, const struct json *j, struct subscription_put *p, struct err *e)
{
	const char **names = NULL, **ended;
	size_t n = 0;
	enum err_code rc = json_take_texts(j, "channels", r->arena, &names, &n, e);

	if (rc != ERR_OK)
		return rc;
	if ((n == 0 && !p->has_news) || n > 32)
		return err_set(e, ERR_INPUT,
		    "a subscription needs 1 to 32 channels, or \"news\":true");
	ended = arena_array(r->arena, n + 1, sizeof(*ended));
	memcpy(ended, names, n * sizeof(*names));
	p->channels = ended;
	return ERR_OK;
}

static enum err_code
read_subscription(struct request *r, const struct json *j, const char *name,
    struct subscription_put *p, struct err *e)
{
	static const char *const known[] = { "name", "list", "channels", "schedule",
		"at", "days", "tz", "gather", "paused", "urgent", "filter", "news",
		NULL };
	const char *given = NULL;
	struct subscription_word word;
	enum err_code rc;

	if ((rc = json_only(j, known, e)) != ERR_OK ||
	    (rc = json_take_text(j, "name", &given, e)) != ERR_OK ||
	    (rc = json_take_text(j, "list", &p->list, e)) != ERR_OK ||
	    (rc = json_take_bool(j, "paused", &p->paused, e)) != ERR_OK ||
	    (rc = json_take_bool(j, "news", &p->has_news, e)) != ERR_OK ||
	    (rc = read_channels(r, j, p, e)) != ERR_OK)
		return rc;
	p->name = name != NULL ? name : given;
	if (name != NULL && given != NULL && !str_eq(name, given))
		return err_set(e, ERR_INPUT, "the name in the body is another one");
	if ((rc = api_name_check("subscription", p->name, e)) != ERR_OK)
		return rc;
	if (p->list == NULL)
		return err_set(e, ERR_INPUT, "a subscription needs a list");
	rc = notify_subscription_check(
	    j, r->worker->clock->now_ms(r->worker->clock), r->arena, &word, e);
	if (rc != ERR_OK)
		return rc;
	p->definition_json = word.definition_json;
	p->next_at = word.next_at;
	p->epss_micro = word.epss_micro;
	return ERR_OK;
}

static enum err_code
put_subscription(
    struct request *r, struct response *out, const char *name, struct err *e)
{
	struct subscription_put p = {
		.create_only = name == NULL,
		.actor = r->who.actor,
		.now_at = api_now(r),
	};
	struct json *j = NULL;
	struct subscription_row row;
	struct render w;
	int64_t id = 0;
	bool created = false;
	enum err_code rc;

	if ((rc = api_one_team(r, e)) != ERR_OK || (rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	if ((rc = read_subscription(r, j, name, &p, e)) == ERR_OK &&
	    (rc = store_subscription_put(
		 r->worker->store, r->who.scope, &p, &id, &created, e)) == ERR_OK &&
	    (rc = store_subscription(r->worker->store, r->who.scope, id, NULL, r->arena,
		 &row, e)) == ERR_OK) {
		out->status = created ? 201 : 200;
		api_begin(r, out, &w);
		render_subscription(r, &w, &row);
		bell_ring(&r->live->gather);
	}
	json_free(j);
	return rc;
}

HANDLER(api_subscriptions_post)
{
	return put_subscription(r, out, NULL, e);
}

HANDLER(api_subscription_put)
{
	struct subscription_row row;
	enum err_code rc;

	if (api_id(r, "sub", r->segments[0]) == 0)
		return put_subscription(r, out, r->segments[0], e);
	rc = find_subscription(r, r->segments[0], &row, e);
	return rc == ERR_OK ? put_subscription(r, out, row.name, e) : rc;
}

HANDLER(api_subscription_get)
{
	struct subscription_row row;
	struct render w;
	enum err_code rc = find_subscription(r, r->segments[0], &row, e);

	if (rc != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	render_subscription(r, &w, &row);
	return ERR_OK;
}

HANDLER(api_subscription_delete)
{
	struct subscription_row row;
	enum err_code rc = find_subscription(r, r->segments[0], &row, e);

	if (rc == ERR_OK)
		rc = store_subscription_delete(r->worker->store, r->who.scope, row.id,
		    r->who.actor, api_now(r), e);
	if (rc == ERR_OK)
		out->status = 204;
	return rc;
}

static enum err_code
read_number(const struct request *r, const char *name, int64_t *ret, struct err *e)
{
	const char *text = request_param(r, name);

	if (text != NULL && (!str_i64(text, ret) || *ret < 0))
		return err_set(e, ERR_INPUT, "%s must be an event number", name);
	return ERR_OK;
}

/* The body a webhook would get for that span, without its cuts. */
HANDLER(api_subscription_changes)
{
	const struct notify_options o = {
		.store = r->reader->store,
		.net = r->worker->net,
		.clock = r->worker->clock,
		.settings = &live_config(r->live)->notify,
	};
	struct subscription_row row;
	struct notify *n;
	int64_t from, to = 0;
	enum err_code rc;

	if ((rc = find_subscription(r, r->segments[0], &row, e)) != ERR_OK ||
	    (rc = store_now_seq(r->reader->store, &to, e)) != ERR_OK)
		return rc;
	from = row.start_seq;
	if ((rc = read_number(r, "from", &from, e)) != ERR_OK ||
	    (rc = read_number(r, "to", &to, e)) != ERR_OK)
		return rc;
	if (from < row.start_seq)
		from = row.start_seq;
	if (from > to)
		return err_set(e, ERR_INPUT, "from lies behind to");
	n = notify_new(&o);
	rc = notify_changes(n, &row, from, to, r->arena, &out->body, e);
	notify_free(n);
	return rc;
}
