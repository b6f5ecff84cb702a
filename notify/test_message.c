/* SPDX-License-Identifier: Apache-2.0 */
/* A test of a channel: a message outside any subscription, through the same outbox. */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "notify/notify_private.h"

static enum err_code
render(struct notify *n, const struct channel_row *ch, const struct json *config,
    struct arena *a, struct message_new **ret, size_t *ret_n, struct err *e)
{
	const struct channel_driver *driver = channel_driver(ch->type);
	const struct notice notice = {
		.type = "tocsin.test",
		.channel = ch->name,
		.title = arena_printf(a, "Test of channel %s", ch->name),
		.text = "If you can read this, messages from tocsin will reach you "
			"here.",
		.confirm_url = driver != NULL && driver->needs_click
				   ? click_url(n->o.settings, n->opaque_key,
					 CLICK_CHANNEL, ch->id, "", a)
				   : NULL,
	};
	struct digest d = {
		.notice = &notice,
		.at = clock_now_s(n->o.clock),
	};
	const char **recipients = NULL;
	struct message_new *all;
	unsigned char dice[16];
	char hex[33];
	size_t count = 0;
	enum err_code rc;

	if (driver == NULL)
		return err_set(e, ERR_UNSUPPORTED, "no channel type \"%s\"", ch->type);
	if ((rc = driver->recipients(&d, config, a, &recipients, &count, e)) != ERR_OK)
		return rc;
	all = arena_array(a, count, sizeof(*all));
	for (size_t i = 0; i < count && rc == ERR_OK; i++) {
		struct outgoing o = { .recipient = recipients[i] };

		random_bytes(dice, sizeof(dice));
		d.message_id =
		    arena_printf(a, "msg_%s", hex_encode(dice, sizeof(dice), hex));
		rc = driver->render(&d, config, n->o.settings, a, &o, e);
		all[i] = (struct message_new){ d.message_id, ch->id, o.recipient,
			o.subject, o.body, o.body_len };
	}
	if (rc == ERR_OK) {
		*ret = all;
		*ret_n = count;
	}
	return rc;
}

enum err_code
notify_channel_test(struct notify *n, struct scope scope, int64_t channel_id,
    const char *actor, struct arena *a, const char **ret_id, struct err *e)
{
	struct message_new *m = NULL;
	struct json *config = NULL;
	struct channel_row ch;
	size_t count = 0;
	enum err_code rc;

	rc = notify_prepare(n, e);
	if (rc == ERR_OK)
		rc = store_channel(n->o.store, scope, channel_id, NULL, a, &ch, e);
	if (rc == ERR_OK && ch.is_closed)
		rc = err_set(e, ERR_CONFLICT,
		    "the channel's secrets are sealed with another key "
		    "(notify.key_file)");
	if (rc == ERR_OK)
		rc = json_parse(&config, ch.config_json, strlen(ch.config_json), e);
	if (rc == ERR_OK)
		rc = render(n, &ch, config, a, &m, &count, e);
	if (rc == ERR_OK)
		rc = store_outbox_test(n->o.store, scope, channel_id, m, count, actor,
		    clock_now_s(n->o.clock), e);
	json_free(config);
	if (rc == ERR_OK)
		*ret_id = count > 0 ? m[0].id : "";
	return rc;
}
