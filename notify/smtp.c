/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smtp - mail through the configured relay, one transaction per recipient: one bad
 * address then costs nobody else his mail.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/net.h"
#include "core/str.h"
#include "notify/mail.h"
#include "notify/notify_private.h"

#define MAX_RECIPIENTS 100
#define TIMEOUT_MS     20000

static enum err_code
read_addresses(const struct json *config, struct arena *a, const char ***ret,
    size_t *ret_n, struct err *e)
{
	enum err_code rc = json_take_texts(config, "to", a, ret, ret_n, e);

	if (rc != ERR_OK)
		return rc;
	if (*ret_n == 0 || *ret_n > MAX_RECIPIENTS)
		return err_set(e, ERR_INPUT, "config.to must name 1 to %d addresses",
		    MAX_RECIPIENTS);
	for (size_t i = 0; i < *ret_n; i++)
		if (!net_mail_address_ok((*ret)[i]))
			return err_set(e, ERR_INPUT,
			    "config.to: \"%s\" is no mail address", (*ret)[i]);
	return ERR_OK;
}

static void
write_config(const char *const *to, size_t n, struct json_writer *w)
{
	jw_object(w);
	jw_key(w, "to");
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		jw_text(w, to[i]);
	jw_array_end(w);
	jw_object_end(w);
}

static enum err_code
smtp_check(const struct json *config, const struct notify_settings *s, struct arena *a,
    struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "to", NULL };
	const char **to = NULL;
	size_t n = 0;
	enum err_code rc;

	(void)ret_secret;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = read_addresses(config, a, &to, &n, e)) != ERR_OK)
		return rc;
	if (s->smtp_url == NULL)
		return err_set(e, ERR_INPUT,
		    "no mail relay is configured: set notify.smtp.url and "
		    "notify.smtp.from");
	write_config(to, n, out);
	return ERR_OK;
}

static void
smtp_show(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();
	const char **to = NULL;
	size_t n = 0;

	(void)json_take_texts(config, "to", a, &to, &n, NULL);
	write_config(to, n, w);
	arena_free(a);
}

static enum err_code
smtp_recipients(const struct digest *d, const struct json *config, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	enum err_code rc = read_addresses(config, a, ret, ret_n, e);

	(void)d;
	/* they outlive CONFIG */
	for (size_t i = 0; rc == ERR_OK && i < *ret_n; i++)
		(*ret)[i] = arena_strdup(a, (*ret)[i]);
	return rc;
}

static enum err_code
smtp_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	struct buf text = BUF_INIT(MAX_MESSAGE_BYTES),
		   html = BUF_INIT(MAX_MESSAGE_BYTES);
	struct buf message = BUF_INIT(MAX_MESSAGE_BYTES);
	struct digest mine = *d;
	const struct mail_headers h = {
		.from = s->smtp_from != NULL ? s->smtp_from : "tocsin@localhost",
		.to = io->recipient,
		.subject = arena_printf(a, "[tocsin] %s", digest_subject(d, a)),
		.message_id = d->message_id,
		.list_id = d->notice != NULL ? NULL : d->list->name,
		.severity =
		    d->notice != NULL ? NULL : severity_name(digest_severity(d)),
		.at = d->at,
		.unsubscribe_url = d->notice == NULL
				       ? click_url(s, d->opaque_key, CLICK_UNSUBSCRIBE,
					     d->subscription->id, io->recipient, a)
				       : NULL,
	};
	bool full;

	(void)config;
	mine.unsubscribe_url = h.unsubscribe_url;
	mail_text(&mine, a, &text);
	mail_html(&mine, a, &html);
	mail_write(&h, buf_str(&text), buf_str(&html), &message);
	full = text.full || html.full || message.full;
	io->subject = h.subject;
	io->body = arena_memdup(a, buf_str(&message), message.len);
	io->body_len = message.len;
	buf_done(&text);
	buf_done(&html);
	buf_done(&message);
	return full ? err_set(e, ERR_LIMIT, "the mail is too long") : ERR_OK;
}

static const enum delivery_result results[] = {
	[MAIL_OK] = DELIVERY_ACCEPTED,
	[MAIL_RETRY] = DELIVERY_RETRY,
	[MAIL_PERMANENT] = DELIVERY_FAILED,
	[MAIL_UNKNOWN] =
	    DELIVERY_RETRY, /* same Message-ID: a relay may drop the second */
	[MAIL_CONFIG] = DELIVERY_CONFIG,
};

static void
smtp_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	const struct notify_settings *s = env->settings;
	struct mail_response answer = { .result = MAIL_CONFIG };
	struct err e = ERR_INIT;

	(void)config;
	if (s->smtp_url == NULL) {
		ret->error = "no mail relay is configured (notify.smtp.url)";
		return;
	}
	(void)env->net->mail(env->net,
	    &(struct mail_request){
		.url = s->smtp_url,
		.user = s->smtp_user,
		.password = s->smtp_password,
		.starttls = s->smtp_starttls,
		.ca_file = s->smtp_ca_file,
		.from = s->smtp_from,
		.to = m->recipient,
		.message = m->body,
		.message_len = m->body_len,
		.timeout_ms = TIMEOUT_MS,
	    },
	    &answer, &e);
	ret->result = results[answer.result];
	ret->status = answer.code;
	if (answer.result != MAIL_OK)
		ret->error = arena_strdup(env->arena, e.text);
}

const struct channel_driver channel_smtp = {
	.type = "smtp",
	.summary = "mail, text and HTML, through the configured relay",
	.asks_first = true,
	.check = smtp_check,
	.show = smtp_show,
	.recipients = smtp_recipients,
	.render = smtp_render,
	.send = smtp_send,
};
