/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discord - a webhook of a Discord channel: one embed.  "wait=true" is added to the URL,
 * since without it a message that is lost looks like one that arrived; a webhook that is
 * gone is not asked again, since an address that collects refusals is banned.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/json_write.h"
#include "notify/card.h"
#include "notify/hook.h"

#define MOST_ENTRIES    20
#define MAX_TITLE       256
#define MAX_DESCRIPTION 4096
#define MAX_FOOTER      1000 /* of 2048; title, description and footer: 6000 together */
#define MAX_BODY        (2 * 6000 + 512)

struct embed {
	int64_t at;
};

static void
write_embed(const struct card *c, size_t n, struct arena *a, struct buf *text,
    const struct embed *arg, struct json_writer *w)
{
	char time[TIME_TEXT_SIZE];

	card_entries_markdown(c, n, a, text);
	jw_object(w);
	jw_ktext(w, "title", card_markdown(a, c->title, MAX_TITLE));
	if (c->url != NULL)
		jw_ktext(w, "url", c->url);
	jw_kint(w, "color", card_colour(c));
	jw_ktext(w, "description", buf_str(text));
	jw_ktext(w, "timestamp", time_format(arg->at, time));
	if (c->footer != NULL) {
		jw_key(w, "footer");
		jw_object(w);
		jw_ktext(w, "text", card_cut(a, c->footer, MAX_FOOTER));
		jw_object_end(w);
	}
	jw_object_end(w);
}

static void
write_message(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out)
{
	struct buf text = BUF_INIT(MAX_DESCRIPTION);
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_key(&w, "embeds");
	jw_array(&w);
	write_embed(c, n, a, &text, arg, &w);
	jw_array_end(&w);
	jw_key(&w, "allowed_mentions");
	jw_object(&w);
	jw_key(&w, "parse");
	jw_array(&w);
	jw_array_end(&w);
	jw_object_end(&w);
	jw_object_end(&w);
	if (text.full)
		out->full = true;
	buf_done(&text);
}

static enum err_code
discord_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	const struct embed arg = { .at = d->at };
	struct card c;

	(void)config, (void)s;
	card_make(d, a, &c);
	return card_fit(&c, MOST_ENTRIES, MAX_BODY, write_message, &arg, a, io, e);
}

static void
discord_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	static const struct hook_class classes[] = {
		{ 401, DELIVERY_DISABLE },
		{ 404, DELIVERY_DISABLE },
		{ 0, DELIVERY_FAILED },
	};
	const char *url = json_str(json_get(config, "url"));

	if (url != NULL && strstr(url, "wait=") == NULL)
		url = arena_printf(env->arena, "%s%swait=true", url,
		    strchr(url, '?') != NULL ? "&" : "?");
	hook_call(env,
	    &(struct hook_call){
		.url = url,
		.body = m->body,
		.body_len = m->body_len,
		.classes = classes,
	    },
	    ret, NULL);
}

const struct channel_driver channel_discord = {
	.type = "discord",
	.summary = "webhook of a Discord channel",
	.check = hook_check_only_url,
	.show = hook_show_only_url,
	.recipients = hook_recipients,
	.render = discord_render,
	.send = discord_send,
};
