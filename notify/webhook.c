/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook - a JSON body posted to a user's URL, signed as Standard Webhooks 1.0.0 says:
 * headers webhook-id, webhook-timestamp, webhook-signature; HMAC-SHA256 over
 * "id.timestamp.body" with the decoded bytes of a "whsec_" secret.  The URL is checked at
 * the socket; redirects are failures.
 */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/net.h"
#include "core/str.h"
#include "core/url.h"
#include "notify/notify_private.h"

#define SECRET_PREFIX "whsec_"
#define SECRET_BYTES  32
#define MIN_SECRET    24
#define MAX_SECRET    64
#define TIMEOUT_MS    15000
#define MAX_ANSWER    65536

static bool
is_secret(const char *text, struct arena *a, unsigned char **ret, size_t *ret_len)
{
	return str_starts(text, SECRET_PREFIX) &&
	       base64_decode(a, text + strlen(SECRET_PREFIX), ret, ret_len) &&
	       *ret_len >= MIN_SECRET && *ret_len <= MAX_SECRET;
}

static enum err_code
check_url(const char *url, struct arena *a, struct err *e)
{
	struct url_parts parts;

	if (url == NULL || !url_split(a, url, &parts))
		return err_set(e, ERR_INPUT, "config.url must be an http or https URL");
	if (!str_eq(parts.scheme, "https") && !str_eq(parts.scheme, "http"))
		return err_set(
		    e, ERR_INPUT, "config.url must begin with https:// or http://");
	if (parts.has_user)
		return err_set(
		    e, ERR_INPUT, "config.url must not hold a user or password");
	return ERR_OK;
}

static enum err_code
webhook_check(const struct json *config, const struct notify_settings *s,
    struct arena *a, struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "url", "secret", NULL };
	const char *url = NULL, *secret = NULL;
	unsigned char *key = NULL, fresh[SECRET_BYTES];
	size_t key_len = 0;
	enum err_code rc;

	(void)s;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = json_take_text(config, "url", &url, e)) != ERR_OK ||
	    (rc = json_take_text(config, "secret", &secret, e)) != ERR_OK ||
	    (rc = check_url(url, a, e)) != ERR_OK)
		return rc;
	if (secret == NULL) {
		random_bytes(fresh, sizeof(fresh));
		secret = arena_printf(
		    a, SECRET_PREFIX "%s", base64_encode(a, fresh, sizeof(fresh)));
		*ret_secret = secret;
	} else if (!is_secret(secret, a, &key, &key_len)) {
		return err_set(e, ERR_INPUT,
		    "config.secret must be whsec_ and base64 of 24 to 64 bytes");
	}
	jw_object(out);
	jw_ktext(out, "url", url);
	jw_ktext(out, "secret", secret);
	jw_object_end(out);
	return ERR_OK;
}

/* Chat and hook URLs often carry their secret in the path: only the host is shown. */
static void
webhook_show(const struct json *config, struct json_writer *w)
{
	const char *url = json_str(json_get(config, "url"));
	const char *secret = json_str(json_get(config, "secret"));
	struct arena *a = arena_new();
	struct url_parts parts;
	char tail[16];
	size_t n;

	jw_object(w);
	if (url != NULL && url_split(a, url, &parts)) {
		n = strlen(url);
		jw_ktext(w, "url",
		    strlen(parts.path) <= 1
			? url
			: arena_printf(a, "%s://%s%s%s/...%s", parts.scheme, parts.host,
			      parts.port[0] != '\0' ? ":" : "", parts.port,
			      n > 4 ? url + n - 4 : ""));
	}
	if (secret != NULL && (n = strlen(secret)) > 4) {
		(void)snprintf(tail, sizeof(tail), "...%s", secret + n - 4);
		jw_ktext(w, "secret", tail);
	}
	jw_object_end(w);
	arena_free(a);
}

static enum err_code
webhook_recipients(const struct json *config, struct arena *a, const char ***ret,
    size_t *ret_n, struct err *e)
{
	(void)config, (void)e;
	*ret = arena_array(a, 1, sizeof(**ret));
	(*ret)[0] = "";
	*ret_n = 1;
	return ERR_OK;
}

static enum err_code
webhook_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	struct buf body = BUF_INIT(MAX_MESSAGE_BYTES);
	bool full;

	(void)config, (void)s;
	digest_json(d, &body);
	full = body.full;
	io->subject = digest_subject(d, a);
	io->body = arena_memdup(a, buf_str(&body), body.len);
	io->body_len = body.len;
	buf_done(&body);
	return full ? err_set(e, ERR_LIMIT, "the message is too long") : ERR_OK;
}

/* ---- sending ---- */

static const char *
sign(
    const struct message_row *m, const char *secret, int64_t timestamp, struct arena *a)
{
	struct buf signed_text = BUF_INIT(MAX_MESSAGE_BYTES + 256);
	unsigned char *key = NULL, mac[32];
	size_t key_len = 0;

	if (secret == NULL || !is_secret(secret, a, &key, &key_len))
		return "";
	buf_printf(&signed_text, "%s.%lld.", m->id, (long long)timestamp);
	buf_add(&signed_text, m->body, m->body_len);
	hmac_sha256(key, key_len, signed_text.data, signed_text.len, mac);
	buf_done(&signed_text);
	return arena_printf(a, "v1,%s", base64_encode(a, mac, sizeof(mac)));
}

static const struct {
	int first, last; /* of the status */
	enum delivery_result result;
} classes[] = {
	{ 200, 299, DELIVERY_ACCEPTED },
	{ 401, 401, DELIVERY_RETRY }, /* a few tries, then it needs attention */
	{ 403, 404, DELIVERY_RETRY },
	{ 408, 408, DELIVERY_RETRY },
	{ 410, 410, DELIVERY_DISABLE },
	{ 425, 425, DELIVERY_RETRY },
	{ 429, 429, DELIVERY_RETRY },
	{ 500, 599, DELIVERY_RETRY },
};

static void
classify(const struct http_response *http, struct send_result *ret, struct arena *a)
{
	ret->status = http->status;
	ret->retry_after_s = http->retry_after_s;
	ret->result = DELIVERY_FAILED;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (http->status >= classes[i].first && http->status <= classes[i].last)
			ret->result = classes[i].result;
	if (ret->result == DELIVERY_ACCEPTED)
		return;
	ret->error =
	    http->status >= 300 && http->status < 400
		? arena_printf(a, "HTTP %d: redirects are not followed", http->status)
		: arena_printf(a, "HTTP %d", http->status);
}

static void
webhook_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	const struct net_guard guard = { .allow_cidrs = env->settings->allow_cidrs };
	int64_t now = clock_now_s(env->clock);
	const char *headers[] = {
		"Content-Type: application/json",
		arena_printf(env->arena, "webhook-id: %s", m->id),
		arena_printf(env->arena, "webhook-timestamp: %lld", (long long)now),
		arena_printf(env->arena, "webhook-signature: %s",
		    sign(m, json_str(json_get(config, "secret")), now, env->arena)),
		NULL,
	};
	const struct http_request req = {
		.method = "POST",
		.url = json_str(json_get(config, "url")),
		.headers = headers,
		.body = m->body,
		.body_len = m->body_len,
		.guard = &guard,
		.to_fd = -1,
		.max_bytes = MAX_ANSWER,
		.timeout_ms = TIMEOUT_MS,
	};
	struct http_response http = { .body = BUF_INIT(MAX_ANSWER),
		.retry_after_s = -1 };
	struct err e = ERR_INIT;
	enum err_code rc = env->net->http(env->net, &req, &http, &e);

	/* A long answer behind a 2xx is still a 2xx. */
	if (rc == ERR_OK || (rc == ERR_LIMIT && http.status >= 200)) {
		classify(&http, ret, env->arena);
	} else {
		ret->result = rc == ERR_UNREACHABLE && !http.permanent
				  ? DELIVERY_RETRY
				  : DELIVERY_CONFIG;
		ret->error = arena_strdup(env->arena, e.text);
	}
	buf_done(&http.body);
}

const struct channel_driver channel_webhook = {
	.type = "webhook",
	.summary = "JSON to a URL, signed (Standard Webhooks)",
	.check = webhook_check,
	.show = webhook_show,
	.recipients = webhook_recipients,
	.render = webhook_render,
	.send = webhook_send,
};
