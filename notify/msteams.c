/* SPDX-License-Identifier: Apache-2.0 */
/*
 * msteams - Microsoft Teams, in both shapes of its cards: an Adaptive Card for a
 * "Workflows" webhook, a MessageCard for an Office connector, the older kind.
 *
 * A workflow answers 202 before it runs, so a card that it cannot show fails unseen: the
 * message is accepted and the channel stays unverified until somebody clicks the link in
 * a test.  A connector answers 200 and may say in the body that it did not deliver.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"
#include "notify/card.h"
#include "notify/hook.h"

#define MOST_ENTRIES 20
#define MAX_BODY     25000 /* of 28 KB, of which the envelope counts too */

/* Hosts of the older kind; everything else is a workflow. */
static const char *const connector_hosts[] = { ".webhook.office.com",
	"outlook.office.com", "outlook.office365.com", NULL };

static bool
is_connector(const struct json *config)
{
	return str_eq(json_str(json_get(config, "card")), "messagecard");
}

static enum err_code
msteams_check(const struct json *config, const struct notify_settings *s,
    struct arena *a, struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "url", "card", NULL };
	const char *url = NULL, *card = NULL;
	enum err_code rc;

	(void)s, (void)ret_secret;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = json_take_text(config, "url", &url, e)) != ERR_OK ||
	    (rc = json_take_text(config, "card", &card, e)) != ERR_OK ||
	    (rc = hook_check_url(url, "url", a, e)) != ERR_OK)
		return rc;
	if (card == NULL)
		card =
		    hook_host_is(url, connector_hosts, a) ? "messagecard" : "adaptive";
	if (!str_eq(card, "adaptive") && !str_eq(card, "messagecard"))
		return err_set(
		    e, ERR_INPUT, "config.card must be adaptive or messagecard");
	jw_object(out);
	jw_ktext(out, "url", url);
	jw_ktext(out, "card", card);
	jw_object_end(out);
	return ERR_OK;
}

static void
msteams_show(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();

	jw_object(w);
	jw_ktext(w, "url", hook_shown_url(json_str(json_get(config, "url")), a));
	jw_ktext(w, "card", json_str(json_get(config, "card")));
	jw_object_end(w);
	arena_free(a);
}

/* ---- Adaptive Card ---- */

/* Runs of plain text: unlike a TextBlock they read no Markdown, so nothing is escaped. */
static void
begin_block(struct json_writer *w)
{
	jw_object(w);
	jw_ktext(w, "type", "RichTextBlock");
	jw_key(w, "inlines");
	jw_array(w);
}

static void
end_block(struct json_writer *w)
{
	jw_array_end(w);
	jw_object_end(w);
}

static void
run(struct json_writer *w, const char *text, bool bold, const char *colour,
    const char *url)
{
	jw_object(w);
	jw_ktext(w, "type", "TextRun");
	jw_ktext(w, "text", text);
	if (bold)
		jw_ktext(w, "weight", "Bolder");
	if (colour != NULL)
		jw_ktext(w, "color", colour);
	if (url != NULL) {
		jw_key(w, "selectAction");
		jw_object(w);
		jw_ktext(w, "type", "Action.OpenUrl");
		jw_ktext(w, "url", url);
		jw_object_end(w);
	}
	jw_object_end(w);
}

static void
block(struct json_writer *w, const char *text)
{
	begin_block(w);
	run(w, text, false, NULL, NULL);
	end_block(w);
}

static const char *
colour_of(const struct card_entry *x)
{
	if (x->resolved)
		return "Good";
	if (x->exploited || x->severity >= SEVERITY_HIGH)
		return "Attention";
	return x->severity == SEVERITY_MEDIUM ? "Warning" : "Default";
}

static void
adaptive_entry(const struct card_entry *x, struct arena *a, struct json_writer *w)
{
	const char *lines[] = { x->title, x->packages, x->images, x->todo };

	jw_object(w);
	jw_ktext(w, "type", "Container");
	jw_ktext(w, "spacing", "Medium");
	jw_kbool(w, "separator", true);
	jw_key(w, "items");
	jw_array(w);
	begin_block(w);
	run(w, x->name, true, NULL, x->url);
	run(w, arena_printf(a, "  %s, %s", x->rating, x->word), false, colour_of(x),
	    NULL);
	if (x->exploited)
		run(w, ", exploited", true, "Attention", NULL);
	end_block(w);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (lines[i] != NULL && lines[i][0] != '\0')
			block(w, lines[i]);
	jw_array_end(w);
	jw_object_end(w);
}

static void
open_url(struct json_writer *w, const char *title, const char *url)
{
	if (url == NULL)
		return;
	jw_object(w);
	jw_ktext(w, "type", "Action.OpenUrl");
	jw_ktext(w, "title", title);
	jw_ktext(w, "url", url);
	jw_object_end(w);
}

static void
adaptive_body(const struct card *c, size_t n, struct arena *a, struct json_writer *w)
{
	const char *more = card_more(c, n, a);

	jw_array(w);
	jw_object(w);
	jw_ktext(w, "type", "RichTextBlock");
	jw_key(w, "inlines");
	jw_array(w);
	jw_object(w);
	jw_ktext(w, "type", "TextRun");
	jw_ktext(w, "text", c->title);
	jw_ktext(w, "size", "Large");
	jw_ktext(w, "weight", "Bolder");
	jw_object_end(w);
	end_block(w);
	if (c->text != NULL)
		block(w, c->text);
	for (size_t i = 0; i < n; i++)
		adaptive_entry(&c->entries[i], a, w);
	for (size_t i = 0; i < c->n_notes; i++)
		block(w, c->notes[i]);
	if (more != NULL)
		block(w, more);
	if (c->footer != NULL) {
		begin_block(w);
		jw_object(w);
		jw_ktext(w, "type", "TextRun");
		jw_ktext(w, "text", c->footer);
		jw_ktext(w, "size", "Small");
		jw_kbool(w, "isSubtle", true);
		jw_object_end(w);
		end_block(w);
	}
	jw_array_end(w);
}

static void
write_adaptive(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out)
{
	struct json_writer w;

	(void)arg;
	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "type", "message");
	jw_key(&w, "attachments");
	jw_array(&w);
	jw_object(&w);
	jw_ktext(&w, "contentType", "application/vnd.microsoft.card.adaptive");
	jw_ktext(&w, "contentUrl", NULL);
	jw_key(&w, "content");
	jw_object(&w);
	jw_ktext(&w, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
	jw_ktext(&w, "type", "AdaptiveCard");
	jw_ktext(&w, "version", "1.4");
	jw_ktext(&w, "fallbackText", c->title);
	jw_key(&w, "msteams");
	jw_object(&w);
	jw_ktext(&w, "width", "Full");
	jw_object_end(&w);
	jw_key(&w, "body");
	adaptive_body(c, n, a, &w);
	jw_key(&w, "actions");
	jw_array(&w);
	open_url(&w, "I see this: confirm it", c->confirm_url);
	open_url(&w, "All of it", c->url);
	jw_array_end(&w);
	jw_object_end(&w);
	jw_object_end(&w);
	jw_array_end(&w);
	jw_object_end(&w);
}

/* ---- MessageCard ---- */

static void
connector_section(struct json_writer *w, const char *title, const char *text)
{
	jw_object(w);
	if (title != NULL)
		jw_ktext(w, "activityTitle", title);
	jw_ktext(w, "text", text);
	jw_kbool(w, "markdown", false);
	jw_object_end(w);
}

/* Without Markdown such a text still reads HTML. */
static void
connector_entry(const struct card_entry *x, struct arena *a, struct json_writer *w)
{
	const char *lines[] = { x->title, x->packages, x->images, x->todo };
	const char *text =
	    arena_printf(a, "%s, %s%s", card_html(a, x->rating, MAX_BODY), x->word,
		x->exploited ? ", <b>exploited</b>" : "");

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (lines[i] != NULL && lines[i][0] != '\0')
			text = arena_printf(
			    a, "%s<br>%s", text, card_html(a, lines[i], MAX_BODY));
	connector_section(w, card_html(a, x->name, MAX_BODY), text);
}

static void
open_uri(struct json_writer *w, const char *name, const char *url)
{
	if (url == NULL)
		return;
	jw_object(w);
	jw_ktext(w, "@type", "OpenUri");
	jw_ktext(w, "name", name);
	jw_key(w, "targets");
	jw_array(w);
	jw_object(w);
	jw_ktext(w, "os", "default");
	jw_ktext(w, "uri", url);
	jw_object_end(w);
	jw_array_end(w);
	jw_object_end(w);
}

static void
write_connector(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out)
{
	const char *more = card_more(c, n, a);
	struct json_writer w;

	(void)arg;
	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "@type", "MessageCard");
	jw_ktext(&w, "@context", "http://schema.org/extensions");
	jw_ktext(&w, "summary", c->title);
	jw_ktext(&w, "themeColor", arena_printf(a, "%06x", card_colour(c)));
	jw_ktext(&w, "title", card_html(a, c->title, MAX_BODY));
	jw_key(&w, "sections");
	jw_array(&w);
	if (c->text != NULL)
		connector_section(&w, NULL, card_html(a, c->text, MAX_BODY));
	for (size_t i = 0; i < n; i++)
		connector_entry(&c->entries[i], a, &w);
	for (size_t i = 0; i < c->n_notes; i++)
		connector_section(&w, NULL, card_html(a, c->notes[i], MAX_BODY));
	if (more != NULL)
		connector_section(&w, NULL, more);
	if (c->footer != NULL)
		connector_section(&w, NULL, card_html(a, c->footer, MAX_BODY));
	jw_array_end(&w);
	jw_key(&w, "potentialAction");
	jw_array(&w);
	open_uri(&w, "I see this: confirm it", c->confirm_url);
	open_uri(&w, "All of it", c->url);
	jw_array_end(&w);
	jw_object_end(&w);
}

static enum err_code
msteams_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	struct card c;

	(void)s;
	card_make(d, a, &c);
	return card_fit(&c, MOST_ENTRIES, MAX_BODY,
	    is_connector(config) ? write_connector : write_adaptive, NULL, a, io, e);
}

/* ---- sending ---- */

/* The connector's confession in a 200: "... returned HTTP error 429 with ..." */
static int
hidden_status(const char *answer)
{
	const char *at = strstr(answer, "HTTP error ");
	long status = at != NULL ? strtol(at + strlen("HTTP error "), NULL, 10) : 0;

	return status >= 400 && status < 600 ? (int)status : 0;
}

static void
msteams_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	const char *answer;

	hook_call(env,
	    &(struct hook_call){
		.url = json_str(json_get(config, "url")),
		.body = m->body,
		.body_len = m->body_len,
	    },
	    ret, &answer);
	ret->unproven = ret->result == DELIVERY_ACCEPTED && ret->status == 202;
	if (ret->result == DELIVERY_ACCEPTED && hidden_status(answer) != 0) {
		ret->status = hidden_status(answer);
		ret->result = hook_class_of(ret->status);
		ret->error =
		    arena_printf(env->arena, "HTTP %d behind a 200", ret->status);
	}
}

const struct channel_driver channel_msteams = {
	.type = "msteams",
	.summary = "Microsoft Teams, through a workflow or an Office connector",
	.needs_click = true,
	.check = msteams_check,
	.show = msteams_show,
	.recipients = hook_recipients,
	.render = msteams_render,
	.send = msteams_send,
};
