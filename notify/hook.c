/* SPDX-License-Identifier: Apache-2.0 */
/* What channels over HTTP share; see hook.h. */
#include "notify/hook.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/net.h"
#include "core/str.h"
#include "core/url.h"

#define TIMEOUT_MS  15000
#define MAX_ANSWER  65536
#define MAX_WAIT_S  86400
#define SECRET_TAIL 4

/* ---- configuration ---- */

enum err_code
hook_check_url(const char *url, const char *key, struct arena *a, struct err *e)
{
	struct url_parts parts;

	if (url == NULL || !url_split(a, url, &parts))
		return err_set(
		    e, ERR_INPUT, "config.%s must be an http or https URL", key);
	if (!str_eq(parts.scheme, "https") && !str_eq(parts.scheme, "http"))
		return err_set(
		    e, ERR_INPUT, "config.%s must begin with https:// or http://", key);
	if (parts.has_user)
		return err_set(
		    e, ERR_INPUT, "config.%s must not hold a user or password", key);
	return ERR_OK;
}

const char *
hook_shown_secret(const char *secret, struct arena *a)
{
	size_t n = secret != NULL ? strlen(secret) : 0;

	if (secret == NULL)
		return NULL;
	/* of a short one the end would be most of it */
	return n > 2 * SECRET_TAIL ? arena_printf(a, "...%s", secret + n - SECRET_TAIL)
				   : "...";
}

const char *
hook_shown_url(const char *url, struct arena *a)
{
	struct url_parts parts;

	if (url == NULL || !url_split(a, url, &parts))
		return NULL;
	if (strlen(parts.path) <= 1 && strchr(url, '?') == NULL)
		return url;
	return arena_printf(a, "%s://%s%s%s/%s", parts.scheme, parts.host,
	    parts.port[0] != '\0' ? ":" : "", parts.port, hook_shown_secret(url, a));
}

bool
hook_host_is(const char *url, const char *const suffixes[], struct arena *a)
{
	struct url_parts parts;

	if (url == NULL || !url_split(a, url, &parts))
		return false;
	for (size_t i = 0; suffixes[i] != NULL; i++)
		if (str_ends(parts.host, suffixes[i]))
			return true;
	return false;
}

bool
hook_is_header_value(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

enum err_code
hook_recipients(const struct digest *d, const struct json *config, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	(void)d, (void)config, (void)e;
	*ret = arena_array(a, 1, sizeof(**ret));
	(*ret)[0] = "";
	*ret_n = 1;
	return ERR_OK;
}

enum err_code
hook_check_only_url(const struct json *config, const struct notify_settings *s,
    struct arena *a, struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "url", NULL };
	const char *url = NULL;
	enum err_code rc;

	(void)s, (void)ret_secret;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = json_take_text(config, "url", &url, e)) != ERR_OK ||
	    (rc = hook_check_url(url, "url", a, e)) != ERR_OK)
		return rc;
	jw_object(out);
	jw_ktext(out, "url", url);
	jw_object_end(out);
	return ERR_OK;
}

void
hook_show_only_url(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();

	jw_object(w);
	jw_ktext(w, "url", hook_shown_url(json_str(json_get(config, "url")), a));
	jw_object_end(w);
	arena_free(a);
}

/* ---- answers ---- */

static const struct {
	int first, last; /* of the status */
	enum delivery_result result;
} usual[] = {
	{ 200, 299, DELIVERY_ACCEPTED },
	{ 401, 401, DELIVERY_RETRY }, /* a few tries, then it needs attention */
	{ 403, 404, DELIVERY_RETRY },
	{ 408, 408, DELIVERY_RETRY },
	{ 410, 410, DELIVERY_DISABLE },
	{ 425, 425, DELIVERY_RETRY },
	{ 429, 429, DELIVERY_RETRY },
	{ 500, 599, DELIVERY_RETRY },
};

enum delivery_result
hook_class_of(int status)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (status >= usual[i].first && status <= usual[i].last)
			return usual[i].result;
	return DELIVERY_FAILED;
}

static enum delivery_result
class_of(int status, const struct hook_class *own)
{
	for (; own != NULL && own->status != 0; own++)
		if (own->status == status)
			return own->result;
	return hook_class_of(status);
}

bool
hook_denies(const char *answer)
{
	struct json *j = NULL;
	const char *result = NULL;
	bool ok = true, success = true;

	if (json_parse(&j, answer, strlen(answer), NULL) != ERR_OK)
		return false;
	(void)json_take_bool(j, "ok", &ok, NULL);
	(void)json_take_bool(j, "success", &success, NULL);
	(void)json_take_text(j, "result", &result, NULL);
	ok = ok && success && !str_eq(result, "error");
	json_free(j);
	return !ok;
}

/*
 * Some say in the body how long to wait: Discord "retry_after" in seconds with a
 * fraction, Telegram the same under "parameters", Matrix "retry_after_ms".
 */
static int64_t
wait_in_body(const struct buf *body)
{
	struct json *j = NULL;
	double s = 0, ms = 0;

	if (json_parse(&j, buf_str(body), body->len, NULL) != ERR_OK)
		return -1;
	(void)json_take_number(j, "retry_after", &s, NULL);
	(void)json_take_number(json_get(j, "parameters"), "retry_after", &s, NULL);
	(void)json_take_number(j, "retry_after_ms", &ms, NULL);
	json_free(j);
	s = ms > 0 ? ms / 1000 : s;
	return s > 0 && s < MAX_WAIT_S ? (int64_t)(s + 0.999) : -1;
}

static void
classify(const struct http_response *http, const struct hook_class *own,
    struct send_result *ret, struct arena *a)
{
	ret->status = http->status;
	ret->retry_after_s = http->retry_after_s;
	ret->result = class_of(http->status, own);
	if (http->status == 429 && ret->retry_after_s < 0)
		ret->retry_after_s = wait_in_body(&http->body);
	if (ret->result == DELIVERY_ACCEPTED)
		return;
	ret->error =
	    http->status >= 300 && http->status < 400
		? arena_printf(a, "HTTP %d: redirects are not followed", http->status)
		: arena_printf(a, "HTTP %d", http->status);
}

void
hook_call(const struct send_env *env, const struct hook_call *c,
    struct send_result *ret, const char **ret_answer)
{
	static const char *const json_headers[] = { "Content-Type: application/json",
		NULL };
	const struct net_guard guard = { .allow_cidrs = env->settings->allow_cidrs };
	const struct http_request req = {
		.method = c->method != NULL ? c->method : "POST",
		.url = c->url,
		.headers = c->headers != NULL ? c->headers : json_headers,
		.body = c->body,
		.body_len = c->body_len,
		.guard = &guard,
		.to_fd = -1,
		.max_bytes = MAX_ANSWER,
		.timeout_ms = c->timeout_ms > 0 ? c->timeout_ms : TIMEOUT_MS,
	};
	struct http_response http = { .body = BUF_INIT(MAX_ANSWER),
		.retry_after_s = -1 };
	struct err e = ERR_INIT;
	enum err_code rc;

	if (ret_answer != NULL)
		*ret_answer = "";
	if (c->url == NULL) {
		ret->error = "the channel has no URL";
		return;
	}
	rc = env->net->http(env->net, &req, &http, &e);
	/* A long answer behind a 2xx is still a 2xx. */
	if (rc == ERR_OK || (rc == ERR_LIMIT && http.status >= 200)) {
		classify(&http, c->classes, ret, env->arena);
		if (ret_answer != NULL)
			*ret_answer = arena_strndup(
			    env->arena, buf_str(&http.body), http.body.len);
	} else {
		ret->result = rc == ERR_UNREACHABLE && !http.permanent
				  ? DELIVERY_RETRY
				  : DELIVERY_CONFIG;
		ret->error = arena_strdup(env->arena, e.text);
	}
	buf_done(&http.body);
}

void
hook_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	hook_call(env,
	    &(struct hook_call){
		.url = json_str(json_get(config, "url")),
		.body = m->body,
		.body_len = m->body_len,
	    },
	    ret, NULL);
}
