/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pagerduty - Events API v2: a vulnerability that hits a list is an incident.  News
 * trigger it, and the same key resolves it once no image of the list is hit any more.
 * The routing key is put in when the event is sent: what is kept has no secret in it.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/opaque.h"
#include "core/str.h"
#include "notify/card.h"
#include "notify/hook.h"

#define DEFAULT_URL   "https://events.pagerduty.com/v2/enqueue"
#define MAX_EVENT     (256 << 10) /* of 512 KB */
#define MAX_SUMMARY   1024
#define MAX_DEDUP_KEY 255
#define DETAILS       20

static bool
is_key(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789_-+/=",
			text[i]) == NULL)
			return false;
	return n >= 8 && n <= 128;
}

static enum err_code
pagerduty_check(const struct json *config, const struct notify_settings *s,
    struct arena *a, struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "routing_key", "url", NULL };
	const char *key = NULL, *url = DEFAULT_URL;
	enum err_code rc;

	(void)s, (void)ret_secret;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = json_take_text(config, "routing_key", &key, e)) != ERR_OK ||
	    (rc = json_take_text(config, "url", &url, e)) != ERR_OK ||
	    (rc = hook_check_url(url, "url", a, e)) != ERR_OK)
		return rc;
	if (key == NULL || !is_key(key))
		return err_set(e, ERR_INPUT,
		    "config.routing_key must be the integration key of a service");
	jw_object(out);
	jw_ktext(out, "routing_key", key);
	jw_ktext(out, "url", url);
	jw_object_end(out);
	return ERR_OK;
}

static void
pagerduty_show(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();

	jw_object(w);
	jw_ktext(w, "routing_key",
	    hook_shown_secret(json_str(json_get(config, "routing_key")), a));
	jw_ktext(w, "url", json_str(json_get(config, "url")));
	jw_object_end(w);
	arena_free(a);
}

/* ---- the event ---- */

static const char *
severity_word(const struct card *c, const struct digest *d)
{
	if (d->notice != NULL)
		return "warning";
	if (c->exploited || c->severity == SEVERITY_CRITICAL)
		return "critical";
	if (c->severity == SEVERITY_HIGH)
		return "error";
	return c->severity == SEVERITY_MEDIUM ? "warning" : "info";
}

/* The same for every event about this vulnerability on this list. */
static const char *
dedup_key(const struct digest *d, const char *recipient, struct arena *a)
{
	char list[OPAQUE_SIZE];

	if (recipient[0] == '\0' || str_eq(recipient, DIGEST_REST))
		return arena_printf(a, "tocsin/%s", d->message_id);
	return card_line(a,
	    arena_printf(a, "tocsin/%s/%s",
		opaque_format(d->opaque_key, "lst", d->list->id, list), recipient),
	    MAX_DEDUP_KEY);
}

static const char *
summary_of(const struct card *c, const struct digest *d, const char *recipient,
    struct arena *a)
{
	const struct card_entry *x = c->n_entries > 0 ? &c->entries[0] : NULL;

	if (x == NULL || str_eq(recipient, DIGEST_REST))
		return c->title;
	return card_line(a,
	    arena_printf(a, "%s %s%s: %s, %s, list %s", x->name, x->rating,
		x->exploited ? ", exploited" : "", x->packages, x->images,
		d->list->name),
	    MAX_SUMMARY);
}

static void
write_details(const struct card *c, size_t n, struct arena *a, struct json_writer *w)
{
	const char *more = card_more(c, n, a);

	jw_object(w);
	for (size_t i = 0; i < n; i++) {
		const struct card_entry *x = &c->entries[i];

		jw_key(w, arena_printf(a, "%s (%s)", x->name, x->word));
		jw_object(w);
		jw_ktext(w, "severity", x->rating);
		jw_kbool(w, "exploited", x->exploited);
		jw_ktext(w, "title", x->title);
		jw_ktext(w, "packages", x->packages);
		jw_ktext(w, "images", x->images);
		jw_ktext(w, "do", x->todo);
		jw_object_end(w);
	}
	if (more != NULL)
		jw_ktext(w, "more", more);
	if (c->text != NULL)
		jw_ktext(w, "text", c->text);
	if (c->footer != NULL)
		jw_ktext(w, "why", c->footer);
	jw_object_end(w);
}

static void
write_links(const struct card *c, size_t n, struct json_writer *w)
{
	jw_array(w);
	for (size_t i = 0; i < n; i++) {
		if (c->entries[i].url == NULL)
			continue;
		jw_object(w);
		jw_ktext(w, "href", c->entries[i].url);
		jw_ktext(w, "text", c->entries[i].name);
		jw_object_end(w);
	}
	jw_array_end(w);
}

struct event {
	const struct digest *digest;
	const char *recipient;
};

static void
write_event(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out)
{
	const struct event *x = arg;
	const struct digest *d = x->digest;
	bool over = d->notice == NULL && !str_eq(x->recipient, DIGEST_REST) &&
		    digest_is_over(d);
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "event_action", over ? "resolve" : "trigger");
	jw_ktext(&w, "dedup_key", dedup_key(d, x->recipient, a));
	jw_ktext(&w, "client", "tocsin");
	if (c->url != NULL)
		jw_ktext(&w, "client_url", c->url);
	jw_key(&w, "links");
	write_links(c, n, &w);
	jw_key(&w, "payload");
	jw_object(&w);
	jw_ktext(&w, "summary", summary_of(c, d, x->recipient, a));
	jw_ktext(&w, "source", "tocsin");
	jw_ktext(&w, "severity", severity_word(c, d));
	jw_ktime(&w, "timestamp", d->at);
	if (d->list != NULL)
		jw_ktext(&w, "group", card_line(a, d->list->name, MAX_DEDUP_KEY));
	jw_ktext(&w, "class", d->notice != NULL ? "notice" : "vulnerability");
	jw_key(&w, "custom_details");
	write_details(c, n, a, &w);
	jw_object_end(&w);
	jw_object_end(&w);
}

static enum err_code
pagerduty_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	struct digest one = *d;
	const struct event arg = { .digest = &one, .recipient = io->recipient };
	struct card c;

	(void)config, (void)s;
	if (d->notice == NULL)
		digest_narrow(d, io->recipient, a, &one);
	card_make(&one, a, &c);
	return card_fit(&c, DETAILS, MAX_EVENT, write_event, &arg, a, io, e);
}

static void
pagerduty_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	const char *key = json_str(json_get(config, "routing_key"));
	const char *body;

	if (key == NULL || m->body_len == 0 || m->body[0] != '{') {
		ret->error = "the channel has no routing key";
		return;
	}
	body = arena_printf(env->arena, "{\"routing_key\":\"%s\",%.*s", key,
	    (int)m->body_len - 1, m->body + 1);
	hook_call(env,
	    &(struct hook_call){
		.url = json_str(json_get(config, "url")),
		.body = body,
		.body_len = strlen(body),
	    },
	    ret, NULL);
}

const struct channel_driver channel_pagerduty = {
	.type = "pagerduty",
	.summary = "PagerDuty incidents, triggered and resolved (Events API v2)",
	.check = pagerduty_check,
	.show = pagerduty_show,
	.recipients = digest_recipients,
	.render = pagerduty_render,
	.send = pagerduty_send,
};
