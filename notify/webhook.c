/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook - a JSON body posted to a user's URL, signed as Standard Webhooks 1.0.0 says:
 * headers webhook-id, webhook-timestamp, webhook-signature; HMAC-SHA256 over
 * "id.timestamp.body" with the decoded bytes of a "whsec_" secret.  The URL is checked at
 * the socket; redirects are failures.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "notify/hook.h"

#define SECRET_PREFIX "whsec_"
#define SECRET_BYTES  32
#define MIN_SECRET    24
#define MAX_SECRET    64

static bool
is_secret(const char *text, struct arena *a, unsigned char **ret, size_t *ret_len)
{
	return str_starts(text, SECRET_PREFIX) &&
	       base64_decode(a, text + strlen(SECRET_PREFIX), ret, ret_len) &&
	       *ret_len >= MIN_SECRET && *ret_len <= MAX_SECRET;
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
	    (rc = hook_check_url(url, "url", a, e)) != ERR_OK)
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

static void
webhook_show(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();

	jw_object(w);
	jw_ktext(w, "url", hook_shown_url(json_str(json_get(config, "url")), a));
	jw_ktext(
	    w, "secret", hook_shown_secret(json_str(json_get(config, "secret")), a));
	jw_object_end(w);
	arena_free(a);
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

static void
webhook_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	int64_t now = clock_now_s(env->clock);
	const char *headers[] = {
		"Content-Type: application/json",
		arena_printf(env->arena, "webhook-id: %s", m->id),
		arena_printf(env->arena, "webhook-timestamp: %lld", (long long)now),
		arena_printf(env->arena, "webhook-signature: %s",
		    sign(m, json_str(json_get(config, "secret")), now, env->arena)),
		NULL,
	};

	hook_call(env,
	    &(struct hook_call){
		.url = json_str(json_get(config, "url")),
		.headers = headers,
		.body = m->body,
		.body_len = m->body_len,
	    },
	    ret, NULL);
}

const struct channel_driver channel_webhook = {
	.type = "webhook",
	.summary = "JSON to a URL, signed (Standard Webhooks)",
	.check = webhook_check,
	.show = webhook_show,
	.recipients = hook_recipients,
	.render = webhook_render,
	.send = webhook_send,
};
