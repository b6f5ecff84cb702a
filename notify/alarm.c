/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a channel is in trouble the other channels of its subscriptions are told, once;
 * and once more when it works again.  What is told and the note that it was told are one
 * step of the store.
 */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/str.h"
#include "notify/notify_private.h"

struct alarm {
	struct notify *n;
	const struct channel_row *about;
	struct notice notice;
	int64_t now_at;
	struct arena *a;
	struct {
		struct message_new *at;
		size_t n, cap;
	} messages;
};

static void
word_notice(struct alarm *x)
{
	const struct channel_row *ch = x->about;
	char since[TIME_TEXT_SIZE];
	bool over = ch->alarm == ALARM_OVER_DUE, off = ch->state == CHANNEL_DISABLED;

	x->notice = (struct notice){
		.type = over ? "tocsin.channel_recovered" : "tocsin.channel_failing",
		.channel = ch->name,
		.title = arena_printf(x->a, "Channel %s %s", ch->name,
		    over  ? "works again"
		    : off ? "is disabled"
			  : "fails"),
		.text = "What waited for it is on its way.",
	};
	if (over)
		return;
	x->notice.text = arena_printf(x->a,
	    "Messages to channel %s (%s, team %s) do not arrive since %s: %s. %s",
	    ch->name, ch->type, ch->team,
	    time_format(ch->failing_since != 0 ? ch->failing_since : x->now_at, since),
	    ch->last_error != NULL ? ch->last_error : "no reason is known",
	    off ? "Nothing is sent there until it is enabled or written anew; what "
		  "waits is kept."
		: "They are tried again; what is given up is kept and can be "
		  "replayed.");
}

static const char *
alarm_id(const struct alarm *x, const struct channel_row *to, const char *recipient)
{
	const char *text = arena_printf(x->a, "alarm/%lld/%d/%lld/%lld/%s",
	    (long long)x->about->id, (int)x->about->alarm, (long long)x->now_at,
	    (long long)to->id, recipient);
	unsigned char hash[32];
	char hex[33];

	sha256_of(text, strlen(text), hash);
	return arena_printf(x->a, "msg_%s", hex_encode(hash, 16, hex));
}

/* One that cannot be told is left out: the alarm must not fail over it. */
static void
tell(struct alarm *x, const struct channel_row *to)
{
	const struct channel_driver *driver = channel_driver(to->type);
	struct digest d = { .notice = &x->notice, .at = x->now_at };
	const char **recipients = NULL;
	struct json *config = NULL;
	size_t n = 0;

	if (driver == NULL || to->is_closed ||
	    json_parse(&config, to->config_json, strlen(to->config_json), NULL) !=
		ERR_OK)
		return;
	(void)driver->recipients(&d, config, x->a, &recipients, &n, NULL);
	for (size_t i = 0; i < n; i++) {
		struct outgoing o = { .recipient = recipients[i] };

		d.message_id = alarm_id(x, to, recipients[i]);
		if (driver->render(&d, config, x->n->o.settings, x->a, &o, NULL) ==
		    ERR_OK)
			*ARENA_PUSH(x->a, &x->messages) =
			    (struct message_new){ d.message_id, to->id, o.recipient,
				    o.subject, o.body, o.body_len };
	}
	json_free(config);
}

static enum err_code
raise(struct notify *n, const struct channel_row *about, size_t *ret_n, struct err *e)
{
	struct alarm x = { .n = n,
		.about = about,
		.now_at = clock_now_s(n->o.clock),
		.a = arena_new() };
	struct channel_row *friends = NULL;
	size_t n_friends = 0;
	enum err_code rc =
	    store_channel_friends(n->o.store, about->id, x.a, &friends, &n_friends, e);

	word_notice(&x);
	for (size_t i = 0; i < n_friends && rc == ERR_OK; i++)
		tell(&x, &friends[i]);
	if (rc == ERR_OK)
		rc = store_outbox_alarm(n->o.store, about->id, about->alarm,
		    x.messages.at, x.messages.n, x.now_at, e);
	if (rc == ERR_OK)
		*ret_n += x.messages.n;
	arena_free(x.a);
	return rc == ERR_CONFLICT ? ERR_OK : rc;
}

enum err_code
alarm_all(struct notify *n, size_t *ret_n, struct err *e)
{
	struct arena *a = arena_new();
	struct channel_row *rows = NULL;
	size_t n_rows = 0;
	enum err_code rc = store_channels_alarmed(n->o.store, a, &rows, &n_rows, e);

	for (size_t i = 0; i < n_rows && rc == ERR_OK; i++)
		rc = raise(n, &rows[i], ret_n, e);
	arena_free(a);
	return rc;
}
