/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook - a body posted to a user's URL, signed as Standard Webhooks 1.0.0 says:
 * headers webhook-id, webhook-timestamp, webhook-signature; HMAC-SHA256 over
 * "id.timestamp.body" with the decoded bytes of a "whsec_" secret.  Two secrets may live
 * at a time, so that a receiver can change to a new one without losing a message.
 *
 * The body is tocsin's JSON, or what the channel's own template makes; then method,
 * headers and content type are the channel's too: for build triggers and for chats that
 * have no file of their own here.
 */
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "notify/card.h"
#include "notify/hook.h"
#include "notify/template.h"

#define SECRET_PREFIX "whsec_"
#define SECRET_BYTES  32
#define MIN_SECRET    24
#define MAX_SECRET    64
#define OLD_SECRET_S  86400 /* a replaced one signs too for so long */
#define MAX_HEADERS   16
#define MAX_TEMPLATE  32768
#define MIN_BODY      256
#define JSON_TYPE     "application/json"

static bool
is_secret(const char *text, struct arena *a, unsigned char **ret, size_t *ret_len)
{
	return str_starts(text, SECRET_PREFIX) &&
	       base64_decode(a, text + strlen(SECRET_PREFIX), ret, ret_len) &&
	       *ret_len >= MIN_SECRET && *ret_len <= MAX_SECRET;
}

/* ---- what a client writes ---- */

/* A webhook's configuration, read. */
struct webhook {
	const char *url, *secret, *old_secret;
	int64_t old_until; /* of the old secret; 0 = as long as it stands there */
	const char *method, *content_type;
	const char *body; /* template; NULL = tocsin's own JSON */
	int64_t max_bytes;
	const struct json *headers; /* object; NULL = none */
};

static enum err_code
read_webhook(const struct json *config, struct webhook *ret, struct err *e)
{
	enum err_code rc;

	*ret = (struct webhook){ .method = "POST",
		.content_type = JSON_TYPE,
		.max_bytes = 65536,
		.headers = json_get(config, "headers") };
	if ((rc = json_take_text(config, "url", &ret->url, e)) != ERR_OK ||
	    (rc = json_take_text(config, "secret", &ret->secret, e)) != ERR_OK ||
	    (rc = json_take_text(config, "old_secret", &ret->old_secret, e)) !=
		ERR_OK ||
	    (rc = json_take_int(config, "old_until", &ret->old_until, e)) != ERR_OK ||
	    (rc = json_take_text(config, "method", &ret->method, e)) != ERR_OK ||
	    (rc = json_take_text(config, "content_type", &ret->content_type, e)) !=
		ERR_OK ||
	    (rc = json_take_text(config, "body", &ret->body, e)) != ERR_OK)
		return rc;
	return json_take_int(config, "max_bytes", &ret->max_bytes, e);
}

static bool
is_token(const char *text)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789"
				    "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return text[0] != '\0' && strspn(text, token) == strlen(text);
}

/* Headers that say where the request ends or goes, and those that are ours. */
static bool
is_reserved(const char *name)
{
	static const char *const names[] = { "host", "content-length", "content-type",
		"transfer-encoding", "connection", "expect", "te", "trailer", "upgrade",
		"keep-alive", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return strncasecmp(name, "webhook-", 8) == 0 ||
	       strncasecmp(name, "proxy-", 6) == 0;
}

static enum err_code
check_headers(const struct json *headers, struct err *e)
{
	if (headers == NULL || json_kind(headers) == JSON_IS_NULL)
		return ERR_OK;
	if (json_kind(headers) != JSON_IS_OBJECT || json_count(headers) > MAX_HEADERS)
		return err_set(e, ERR_INPUT,
		    "config.headers must be an object of at most %d texts",
		    MAX_HEADERS);
	for (size_t i = 0; i < json_count(headers); i++) {
		const struct json *value;
		const char *name = json_member(headers, i, &value);

		if (!is_token(name) || is_reserved(name))
			return err_set(
			    e, ERR_INPUT, "config.headers: \"%s\" cannot be set", name);
		if (json_str(value) == NULL || strlen(json_str(value)) > 4096 ||
		    !hook_is_header_value(json_str(value)))
			return err_set(e, ERR_INPUT,
			    "config.headers: the value of %s is no header text", name);
	}
	return ERR_OK;
}

/* What the template makes of two entries full of what JSON would choke on. */
static enum err_code
check_json(const struct webhook *h, struct err *e)
{
	static struct card_entry entry = { .name = "\"\\",
		.word = "new",
		.rating = "high",
		.packages = "{\"}\n",
		.images = "]" };
	struct card_entry entries[2] = { entry, entry };
	const struct card card = { .title = "\"", .entries = entries, .n_entries = 2 };
	const struct digest d = { .message_id = "msg" };
	enum err_code rc = ERR_OK;

	for (size_t n = 0; n <= 2 && rc == ERR_OK; n++) {
		const struct template_values v = {
			.card = &card, .digest = &d, .n = n
		};
		struct buf out = BUF_INIT(MAX_MESSAGE_BYTES);
		struct arena *a = arena_new();
		struct json *j = NULL;

		template_expand(h->body, TEMPLATE_JSON, &v, a, &out);
		rc = json_parse(&j, buf_str(&out), out.len, e);
		json_free(j);
		buf_done(&out);
		arena_free(a);
	}
	return rc == ERR_OK ? ERR_OK
			    : err_wrap(e, rc, "config.body does not make JSON");
}

/*
 * Would the shortest message fit, whatever the names in it?  What an escape makes of a
 * text is longest if all of it is one of these.
 */
static enum err_code
check_room(const struct webhook *h, struct err *e)
{
	static const char fillers[] = "\"&@*/";
	char title[CARD_TITLE_MAX + 1] = "", name[TEMPLATE_NAME_MAX + 1] = "";
	const struct card card = { .title = title };
	const struct list_row list = { .name = name };
	const struct subscription_row subscription = { .name = name };
	const struct digest d = { .message_id = "msg_0123456789abcdef0123456789abcdef",
		.list = &list,
		.subscription = &subscription };
	const struct template_values v = { .card = &card, .digest = &d };

	for (const char *filler = fillers; *filler != '\0'; filler++) {
		struct buf out = BUF_INIT((size_t)h->max_bytes);
		struct arena *a = arena_new();
		bool full;

		memset(title, *filler, sizeof(title) - 1);
		memset(name, *filler, sizeof(name) - 1);
		template_expand(
		    h->body, template_escape_of(h->content_type), &v, a, &out);
		full = out.full;
		buf_done(&out);
		arena_free(a);
		if (full)
			return err_set(e, ERR_INPUT,
			    "config.body leaves no room in config.max_bytes: shorten "
			    "it or allow more");
	}
	return ERR_OK;
}

static enum err_code
check_template(const struct webhook *h, struct err *e)
{
	enum err_code rc;

	if (!str_eq(h->method, "POST") && !str_eq(h->method, "PUT") &&
	    !str_eq(h->method, "PATCH"))
		return err_set(
		    e, ERR_INPUT, "config.method must be POST, PUT or PATCH");
	if (strlen(h->content_type) > 200 || strchr(h->content_type, '/') == NULL ||
	    !hook_is_header_value(h->content_type))
		return err_set(
		    e, ERR_INPUT, "config.content_type must be a media type");
	if (h->max_bytes < MIN_BODY || (size_t)h->max_bytes > MAX_MESSAGE_BYTES)
		return err_set(e, ERR_INPUT,
		    "config.max_bytes must lie between %d and %zu", MIN_BODY,
		    MAX_MESSAGE_BYTES);
	if (h->body == NULL)
		return ERR_OK;
	if (strlen(h->body) > MAX_TEMPLATE)
		return err_set(
		    e, ERR_LIMIT, "config.body is longer than %d bytes", MAX_TEMPLATE);
	if ((rc = template_check(h->body, e)) != ERR_OK ||
	    (rc = check_room(h, e)) != ERR_OK)
		return rc;
	return template_escape_of(h->content_type) == TEMPLATE_JSON ? check_json(h, e)
								    : ERR_OK;
}

static enum err_code
check_secrets(
    struct webhook *h, struct arena *a, const char **ret_secret, struct err *e)
{
	unsigned char *key = NULL, fresh[SECRET_BYTES];
	size_t key_len = 0;

	if (h->secret == NULL) {
		random_bytes(fresh, sizeof(fresh));
		h->secret = arena_printf(
		    a, SECRET_PREFIX "%s", base64_encode(a, fresh, sizeof(fresh)));
		*ret_secret = h->secret;
	}
	if (!is_secret(h->secret, a, &key, &key_len) ||
	    (h->old_secret != NULL && !is_secret(h->old_secret, a, &key, &key_len)))
		return err_set(e, ERR_INPUT,
		    "config.secret and config.old_secret must be whsec_ and base64 of "
		    "24 to 64 bytes");
	return ERR_OK;
}

static void
write_headers(const struct json *headers, bool shown, struct json_writer *w)
{
	struct arena *a = arena_new();

	if (json_count(headers) > 0) {
		jw_key(w, "headers");
		jw_object(w);
		for (size_t i = 0; i < json_count(headers); i++) {
			const struct json *value;
			const char *name = json_member(headers, i, &value);

			jw_ktext(w, name,
			    shown ? hook_shown_secret(json_str(value), a)
				  : json_str(value));
		}
		jw_object_end(w);
	}
	arena_free(a);
}

static void
write_webhook(const struct webhook *h, struct json_writer *w)
{
	jw_object(w);
	jw_ktext(w, "url", h->url);
	jw_ktext(w, "secret", h->secret);
	if (h->old_secret != NULL)
		jw_ktext(w, "old_secret", h->old_secret);
	if (h->old_until != 0)
		jw_kint(w, "old_until", h->old_until);
	jw_ktext(w, "method", h->method);
	jw_ktext(w, "content_type", h->content_type);
	write_headers(h->headers, false, w);
	if (h->body != NULL) {
		jw_ktext(w, "body", h->body);
		jw_kint(w, "max_bytes", h->max_bytes);
	}
	jw_object_end(w);
}

static enum err_code
webhook_check(const struct json *config, const struct notify_settings *s,
    struct arena *a, struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "url", "secret", "old_secret", "method",
		"content_type", "headers", "body", "max_bytes", NULL };
	struct webhook h;
	enum err_code rc;

	(void)s;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = read_webhook(config, &h, e)) != ERR_OK ||
	    (rc = hook_check_url(h.url, "url", a, e)) != ERR_OK ||
	    (rc = check_headers(h.headers, e)) != ERR_OK ||
	    (rc = check_template(&h, e)) != ERR_OK ||
	    (rc = check_secrets(&h, a, ret_secret, e)) != ERR_OK)
		return rc;
	write_webhook(&h, out);
	return ERR_OK;
}

static void
webhook_show(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();
	struct webhook h;

	jw_object(w);
	if (read_webhook(config, &h, NULL) == ERR_OK) {
		jw_ktext(w, "url", hook_shown_url(h.url, a));
		jw_ktext(w, "secret", hook_shown_secret(h.secret, a));
		if (h.old_secret != NULL)
			jw_ktext(w, "old_secret", hook_shown_secret(h.old_secret, a));
		if (h.old_until != 0)
			jw_ktime(w, "old_until", h.old_until);
		jw_ktext(w, "method", h.method);
		jw_ktext(w, "content_type", h.content_type);
		write_headers(h.headers, true, w);
		if (h.body != NULL) {
			jw_ktext(w, "body", h.body);
			jw_kint(w, "max_bytes", h.max_bytes);
		}
	}
	jw_object_end(w);
	arena_free(a);
}

static enum err_code
webhook_rotate(const struct json *config, int64_t now_at, struct arena *a,
    struct json_writer *out, const char **ret_secret, struct err *e)
{
	struct webhook h;
	enum err_code rc = read_webhook(config, &h, e);

	if (rc != ERR_OK)
		return rc;
	h.old_secret = h.secret;
	h.old_until = now_at + OLD_SECRET_S;
	h.secret = NULL;
	if ((rc = check_secrets(&h, a, ret_secret, e)) == ERR_OK)
		write_webhook(&h, out);
	return rc;
}

/* ---- what is said ---- */

struct templated {
	const struct webhook *hook;
	const struct digest *digest;
};

static void
write_templated(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out)
{
	const struct templated *t = arg;
	const struct template_values v = { .card = c, .digest = t->digest, .n = n };

	template_expand(
	    t->hook->body, template_escape_of(t->hook->content_type), &v, a, out);
}

static enum err_code
render_templated(const struct webhook *h, const struct digest *d, struct arena *a,
    struct outgoing *io, struct err *e)
{
	const struct templated arg = { .hook = h, .digest = d };
	struct card c;
	enum err_code rc;

	card_make(d, a, &c);
	rc = card_fit(
	    &c, CARD_ENTRIES, (size_t)h->max_bytes, write_templated, &arg, a, io, e);
	if (rc != ERR_BUG)
		return rc;
	/* so little room that not even the links fit: check_room() saw that this does */
	c.url = c.confirm_url = c.text = c.footer = NULL;
	return card_fit(&c, 0, (size_t)h->max_bytes, write_templated, &arg, a, io, e);
}

static enum err_code
webhook_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	struct buf body = BUF_INIT(MAX_MESSAGE_BYTES);
	struct webhook h = { .body = NULL };
	bool full;

	(void)s;
	if (config != NULL && read_webhook(config, &h, NULL) == ERR_OK &&
	    h.body != NULL)
		return render_templated(&h, d, a, io, e);
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
signature(
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

/* With every secret that lives, the newest first. */
static const char *
signatures(
    const struct message_row *m, const struct webhook *h, int64_t now, struct arena *a)
{
	const char *text = signature(m, h->secret, now, a);

	if (h->old_secret != NULL && (h->old_until == 0 || now < h->old_until))
		text =
		    arena_printf(a, "%s %s", text, signature(m, h->old_secret, now, a));
	return text;
}

static void
webhook_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	int64_t now = clock_now_s(env->clock);
	struct arena *a = env->arena;
	const char *headers[MAX_HEADERS + 5];
	struct webhook h;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (read_webhook(config, &h, &e) != ERR_OK) {
		ret->error = arena_strdup(a, e.text);
		return;
	}
	headers[n++] = arena_printf(a, "Content-Type: %s", h.content_type);
	headers[n++] = arena_printf(a, "webhook-id: %s", m->id);
	headers[n++] = arena_printf(a, "webhook-timestamp: %lld", (long long)now);
	headers[n++] =
	    arena_printf(a, "webhook-signature: %s", signatures(m, &h, now, a));
	for (size_t i = 0; i < json_count(h.headers) && i < MAX_HEADERS; i++) {
		const struct json *value;
		const char *name = json_member(h.headers, i, &value);

		headers[n++] =
		    arena_printf(a, "%s: %s", name, str_or_empty(json_str(value)));
	}
	headers[n] = NULL;
	hook_call(env,
	    &(struct hook_call){
		.method = h.method,
		.url = h.url,
		.headers = headers,
		.body = m->body,
		.body_len = m->body_len,
	    },
	    ret, NULL);
}

const struct channel_driver channel_webhook = {
	.type = "webhook",
	.summary = "JSON or a body of your own to a URL, signed (Standard Webhooks)",
	.check = webhook_check,
	.show = webhook_show,
	.recipients = hook_recipients,
	.rotate = webhook_rotate,
	.render = webhook_render,
	.send = webhook_send,
};
