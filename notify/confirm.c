/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links that people click: that they want mail, that they see what a chat was sent, that
 * they want no more.  Nobody's mailbox is filled because somebody typed its address: the
 * first thing an address gets is a question, and what is meant for it waits for the
 * answer.
 */
#include <string.h>

#include "core/arena.h"
#include "core/capability.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/str.h"
#include "notify/notify_private.h"

const char *
click_url(const struct notify_settings *s, const unsigned char key[32], char kind,
    int64_t id, const char *text, struct arena *a)
{
	const struct capability c = { .kind = kind, .id = id, .text = text };

	if (s->public_url == NULL || key == NULL)
		return NULL;
	return arena_printf(a, "%s/%s/%s", s->public_url,
	    kind == CLICK_UNSUBSCRIBE ? "u" : "c", capability_write(key, &c, a));
}

bool
notify_click_read(const unsigned char opaque_key[32], const char *token,
    struct arena *a, struct click *ret)
{
	struct capability c;

	if (!capability_read(opaque_key, token, a, &c) ||
	    (c.kind != CLICK_CHANNEL && c.kind != CLICK_ADDRESS &&
		c.kind != CLICK_UNSUBSCRIBE))
		return false;
	*ret = (struct click){
		.kind = c.kind == CLICK_CHANNEL   ? CLICK_CONFIRMS_CHANNEL
			: c.kind == CLICK_ADDRESS ? CLICK_CONFIRMS_ADDRESS
						  : CLICK_UNSUBSCRIBES,
		.id = c.id,
		.address = c.text,
	};
	return true;
}

/* ---- the question ---- */

struct asking {
	struct notify *n;
	const struct channel_row *ch;
	const struct channel_driver *driver;
	const struct json *config;
	struct arena *a;
	struct {
		struct message_new *at;
		size_t n, cap;
	} messages;
};

static enum err_code
word_question(struct asking *x, const char *address, struct err *e)
{
	const struct notify_settings *s = x->n->o.settings;
	const struct capability c = {
		.kind = CLICK_ADDRESS, .id = x->ch->team_id, .text = address
	};
	const char *url = click_url(
	    s, x->n->opaque_key, CLICK_ADDRESS, x->ch->team_id, address, x->a);
	const struct notice notice = {
		.type = "tocsin.confirm",
		.channel = x->ch->name,
		.title = arena_printf(x->a,
		    "Do you want security messages about the images of team %s?",
		    x->ch->team),
		.text =
		    url != NULL
			? "Somebody entered this address. If you want the "
			  "messages, confirm it with the link; if not, do "
			  "nothing, and nothing more will come."
			: arena_printf(x->a,
			      "Somebody entered this address. If you want the "
			      "messages, give them this code, to be posted to /c/CODE "
			      "of their server: %s . If not, do nothing, and nothing "
			      "more will come.",
			      capability_write(x->n->opaque_key, &c, x->a)),
		.confirm_url = url,
	};
	struct digest d = { .notice = &notice, .at = clock_now_s(x->n->o.clock) };
	struct outgoing o = { .recipient = address };
	unsigned char dice[16];
	char hex[33];
	enum err_code rc;

	random_bytes(dice, sizeof(dice));
	d.message_id =
	    arena_printf(x->a, "msg_%s", hex_encode(dice, sizeof(dice), hex));
	rc = x->driver->render(&d, x->config, s, x->a, &o, e);
	if (rc == ERR_OK)
		*ARENA_PUSH(x->a, &x->messages) = (struct message_new){ d.message_id,
			x->ch->id, o.recipient, o.subject, o.body, o.body_len };
	return rc;
}

static enum err_code
ask_all(struct asking *x, size_t *ret_n, struct err *e)
{
	struct notify *n = x->n;
	const char **recipients = NULL;
	size_t count = 0;
	int64_t now_at = clock_now_s(n->o.clock);
	enum err_code rc =
	    x->driver->recipients(NULL, x->config, x->a, &recipients, &count, e);

	for (size_t i = 0; i < count && rc == ERR_OK; i++) {
		bool is_new = false;

		rc = store_address_ask(
		    n->o.store, x->ch->team_id, recipients[i], now_at, &is_new, e);
		if (rc == ERR_OK && is_new)
			rc = word_question(x, recipients[i], e);
	}
	if (rc == ERR_OK && x->messages.n > 0)
		rc = store_outbox_question(n->o.store,
		    (struct scope){ .team_id = x->ch->team_id }, x->ch->id,
		    x->messages.at, x->messages.n, now_at, e);
	*ret_n = x->messages.n;
	return rc;
}

enum err_code
notify_channel_ask(struct notify *n, struct scope scope, int64_t channel_id,
    struct arena *a, size_t *ret_n, struct err *e)
{
	struct asking x = { .n = n, .a = a };
	struct json *config = NULL;
	struct channel_row ch;
	enum err_code rc;

	*ret_n = 0;
	if ((rc = notify_prepare(n, e)) != ERR_OK ||
	    (rc = store_channel(n->o.store, scope, channel_id, NULL, a, &ch, e)) !=
		ERR_OK)
		return rc;
	x.ch = &ch;
	x.driver = channel_driver(ch.type);
	if (x.driver == NULL || !x.driver->asks_first || !n->o.settings->smtp_confirm ||
	    ch.is_closed)
		return ERR_OK;
	rc = json_parse(&config, ch.config_json, strlen(ch.config_json), e);
	x.config = config;
	if (rc == ERR_OK)
		rc = ask_all(&x, ret_n, e);
	json_free(config);
	return rc;
}
