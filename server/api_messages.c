/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and events: what was said, and what happened. */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/str.h"
#include "server/api.h"
#include "server/live.h"

static enum err_code
read_state(const char *text, int *ret, struct err *e)
{
	*ret = -1;
	if (text == NULL)
		return ERR_OK;
	for (int s = 0; s < MESSAGE_STATE_COUNT; s++)
		if (str_eq(text, message_state_name((enum message_state)s)))
			*ret = s;
	return *ret >= 0 ? ERR_OK
			 : err_set(e, ERR_INPUT,
			       "state must be pending, retry, accepted or failed");
}

/* The ids of a subscription and a channel by name or id; NULL leaves 0 = any. */
static enum err_code
find_ends(struct request *r, const char *subscription, const char *channel,
    int64_t *ret_subscription, int64_t *ret_channel, struct err *e)
{
	struct subscription_row s;
	struct channel_row c;
	enum err_code rc = ERR_OK;
	int64_t id;

	if (subscription != NULL) {
		id = api_id(r, "sub", subscription);
		rc = store_subscription(r->reader->store, r->who.scope, id,
		    id > 0 ? NULL : subscription, r->arena, &s, e);
		if (rc != ERR_OK)
			return rc;
		*ret_subscription = s.id;
	}
	if (channel != NULL) {
		id = api_id(r, "chn", channel);
		rc = store_channel(r->reader->store, r->who.scope, id,
		    id > 0 ? NULL : channel, r->arena, &c, e);
		if (rc != ERR_OK)
			return rc;
		*ret_channel = c.id;
	}
	return ERR_OK;
}

static enum err_code
read_message_filter(struct request *r, struct message_filter *f, struct err *e)
{
	enum err_code rc;

	*f = (struct message_filter){ .before_id = request_param(r, "cursor") };
	if ((rc = api_limit(r, &f->limit, e)) != ERR_OK ||
	    (rc = read_state(request_param(r, "state"), &f->state, e)) != ERR_OK)
		return rc;
	return find_ends(r, request_param(r, "subscription"),
	    request_param(r, "channel"), &f->subscription_id, &f->channel_id, e);
}

HANDLER(api_messages_get)
{
	struct message_filter f;
	struct message_row *rows = NULL;
	struct render w;
	size_t n = 0;
	enum err_code rc;

	if ((rc = read_message_filter(r, &f, e)) != ERR_OK ||
	    (rc = store_messages(
		 r->reader->store, r->who.scope, &f, r->arena, &rows, &n, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = 0; i < n; i++)
		render_message(&w, &rows[i]);
	/* the id of the last one is the cursor: ids tell nothing and are checked by team */
	api_items_end(&w, n == f.limit ? rows[n - 1].id : NULL, -1);
	return ERR_OK;
}

HANDLER(api_message_get)
{
	struct delivery_row *tries = NULL;
	struct message_row m;
	struct render w;
	size_t n = 0;
	enum err_code rc;

	rc = store_message(r->reader->store, r->who.scope, r->segments[0], r->arena, &m,
	    &tries, &n, e);
	if (rc != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_key(&w.w, "message");
	render_message(&w, &m);
	jw_key(&w.w, "body");
	/* a question is for whoever is asked: its link would answer it */
	if (m.body != NULL && m.subscription_id >= 0)
		jw_textn(&w.w, m.body, m.body_len);
	else
		jw_null(&w.w); /* or no longer kept */
	jw_key(&w.w, "deliveries");
	jw_array(&w.w);
	for (size_t i = 0; i < n; i++) {
		jw_object(&w.w);
		jw_kint(&w.w, "attempt", tries[i].attempt);
		jw_ktime(&w.w, "at", tries[i].at);
		jw_ktext(&w.w, "result", delivery_result_name(tries[i].result));
		jw_kint(&w.w, "status", tries[i].status);
		jw_ktext(&w.w, "error", tries[i].error);
		jw_kint(&w.w, "duration_ms", tries[i].duration_ms);
		jw_object_end(&w.w);
	}
	jw_array_end(&w.w);
	jw_object_end(&w.w);
	return ERR_OK;
}

HANDLER(api_message_replay)
{
	enum err_code rc = store_message_replay(r->worker->store, r->who.scope,
	    r->segments[0], r->who.actor, api_now(r), e);

	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->deliver);
	out->status = 202;
	return api_message_get(r, out, e);
}

static enum err_code
read_replay(struct request *r, const struct json *j, int64_t *ret_since,
    int64_t *ret_subscription, int64_t *ret_channel, struct err *e)
{
	static const char *const known[] = { "since", "channel", "subscription", NULL };
	const char *since = NULL, *channel = NULL, *subscription = NULL;
	enum err_code rc;

	if ((rc = json_only(j, known, e)) != ERR_OK ||
	    (rc = json_take_text(j, "since", &since, e)) != ERR_OK ||
	    (rc = json_take_text(j, "channel", &channel, e)) != ERR_OK ||
	    (rc = json_take_text(j, "subscription", &subscription, e)) != ERR_OK)
		return rc;
	if (since == NULL || !time_parse(since, ret_since))
		return err_set(e, ERR_INPUT, "since must be a time");
	return find_ends(r, subscription, channel, ret_subscription, ret_channel, e);
}

HANDLER(api_messages_replay)
{
	int64_t since = 0, subscription = 0, channel = 0;
	struct json *j = NULL;
	struct render w;
	size_t n = 0;
	enum err_code rc;

	if ((rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	if ((rc = read_replay(r, j, &since, &subscription, &channel, e)) == ERR_OK)
		rc = store_messages_replay(r->worker->store, r->who.scope, channel,
		    subscription, since, r->who.actor, api_now(r), &n, e);
	json_free(j);
	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->deliver);
	out->status = 202;
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_kint(&w.w, "replayed", (int64_t)n);
	jw_object_end(&w.w);
	return ERR_OK;
}

HANDLER(api_events_get)
{
	const char *since = request_param(r, "since");
	struct event_row *rows = NULL;
	struct render w;
	size_t limit, n = 0;
	int64_t after = 0, next = 0;
	enum err_code rc;

	if (since != NULL && (!str_i64(since, &after) || after < 0))
		return err_set(e, ERR_INPUT, "since must be an event number");
	if ((rc = api_limit(r, &limit, e)) != ERR_OK)
		return rc;
	rc = store_events(r->reader->store, r->who.scope, after, limit, r->arena, &rows,
	    &n, &next, e);
	if (rc == ERR_LIMIT)
		out->status = 410;
	if (rc != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = 0; i < n; i++)
		render_event(&w, &rows[i]);
	/* the number to ask from next time, also when there is nothing more now */
	api_items_end(&w, arena_printf(r->arena, "%lld", (long long)next), -1);
	return ERR_OK;
}
