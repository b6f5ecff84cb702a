/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slack - incoming webhooks of Slack, and of Mattermost and Rocket.Chat, which took over
 * the idea and not the dialect: Slack gets blocks in mrkdwn, where only & < > are
 * escaped and a <!channel> would be a call; the others get Markdown, where @all calls.
 */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"
#include "notify/card.h"
#include "notify/hook.h"

#define MOST_ENTRIES 20
/* Slack: 50 blocks, 150 characters in a header, 3000 in a section; what a section is
 * made of adds up to less. */
#define SLACK_BODY     40000
#define SECTION_URL    1000
#define SECTION_NAME   150
#define SECTION_LINE   400
#define SECTION_TEXT   2500
#define MATTERMOST_MAX 16000 /* of 16,383 in one post */
#define ROCKETCHAT_MAX 4800  /* of 5000 unless the server allows more */

static const struct dialect {
	const char *name;
	size_t max; /* of a Markdown text; 0 = blocks */
} dialects[] = {
	{ "slack", 0 },
	{ "mattermost", MATTERMOST_MAX },
	{ "rocketchat", ROCKETCHAT_MAX },
};

static const struct dialect *
dialect_of(const struct json *config)
{
	const char *name = json_str(json_get(config, "dialect"));

	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (str_eq(dialects[i].name, name))
			return &dialects[i];
	return &dialects[0];
}

static enum err_code
slack_check(const struct json *config, const struct notify_settings *s, struct arena *a,
    struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "url", "dialect", NULL };
	const char *url = NULL, *dialect = "slack";
	enum err_code rc;

	(void)s, (void)ret_secret;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = json_take_text(config, "url", &url, e)) != ERR_OK ||
	    (rc = json_take_text(config, "dialect", &dialect, e)) != ERR_OK ||
	    (rc = hook_check_url(url, "url", a, e)) != ERR_OK)
		return rc;
	if (!str_eq(dialect_of(config)->name, dialect))
		return err_set(e, ERR_INPUT,
		    "config.dialect must be slack, mattermost or rocketchat");
	jw_object(out);
	jw_ktext(out, "url", url);
	jw_ktext(out, "dialect", dialect);
	jw_object_end(out);
	return ERR_OK;
}

static void
slack_show(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();

	jw_object(w);
	jw_ktext(w, "url", hook_shown_url(json_str(json_get(config, "url")), a));
	jw_ktext(w, "dialect", dialect_of(config)->name);
	jw_object_end(w);
	arena_free(a);
}

/* ---- Slack's blocks ---- */

static void
text_object(struct json_writer *w, const char *type, const char *text)
{
	jw_object(w);
	jw_ktext(w, "type", type);
	jw_ktext(w, "text", text);
	jw_object_end(w);
}

static void
section(struct json_writer *w, const char *mrkdwn)
{
	jw_object(w);
	jw_ktext(w, "type", "section");
	jw_key(w, "text");
	text_object(w, "mrkdwn", mrkdwn);
	jw_object_end(w);
}

static const char *
slack_link(struct arena *a, const char *url, const char *escaped)
{
	const char *target = url != NULL ? card_html(a, url, 2 * CARD_URL_MAX) : NULL;

	if (target == NULL || strlen(target) > SECTION_URL)
		return escaped;
	return arena_printf(a, "<%s|%s>", target, escaped);
}

static const char *
slack_entry(const struct card_entry *x, struct arena *a)
{
	const char *lines[] = { x->title, x->packages, x->images, x->todo };
	const char *text = arena_printf(a, "*%s* %s, %s%s",
	    slack_link(a, x->url, card_html(a, x->name, SECTION_NAME)),
	    card_html(a, x->rating, SECTION_NAME), x->word,
	    x->exploited ? ", *exploited*" : "");

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (lines[i] != NULL && lines[i][0] != '\0')
			text = arena_printf(
			    a, "%s\n%s", text, card_html(a, lines[i], SECTION_LINE));
	return text;
}

static void
slack_rest(const struct card *c, size_t n, struct arena *a, struct json_writer *w)
{
	const char *more = card_more(c, n, a), *text = "";

	if (c->text != NULL)
		section(w, card_html(a, c->text, SECTION_TEXT));
	for (size_t i = 0; i < c->n_notes; i++)
		text = arena_printf(a, "%s%s%s", text, i > 0 ? "\n" : "",
		    card_html(a, c->notes[i], SECTION_LINE));
	if (c->n_notes > 0)
		section(w, text);
	if (c->url != NULL)
		section(w, slack_link(a, c->url, more != NULL ? more : "all of it"));
	else if (more != NULL)
		section(w, more);
	if (c->confirm_url != NULL)
		section(w, slack_link(a, c->confirm_url, "I see this: confirm it"));
	if (c->footer == NULL)
		return;
	jw_object(w);
	jw_ktext(w, "type", "context");
	jw_key(w, "elements");
	jw_array(w);
	text_object(w, "mrkdwn", card_html(a, c->footer, SECTION_TEXT));
	jw_array_end(w);
	jw_object_end(w);
}

static void
write_blocks(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out)
{
	struct json_writer w;

	(void)arg;
	jw_init(&w, out);
	jw_object(&w);
	/* what notifications and old clients show */
	jw_ktext(&w, "text", card_html(a, c->title, SECTION_TEXT));
	jw_kbool(&w, "unfurl_links", false);
	jw_key(&w, "blocks");
	jw_array(&w);
	jw_object(&w);
	jw_ktext(&w, "type", "header");
	jw_key(&w, "text");
	text_object(&w, "plain_text", card_html(a, c->title, CARD_TITLE_MAX));
	jw_object_end(&w);
	for (size_t i = 0; i < n; i++)
		section(&w, slack_entry(&c->entries[i], a));
	slack_rest(c, n, a, &w);
	jw_array_end(&w);
	jw_object_end(&w);
}

/* ---- Markdown ---- */

static void
write_markdown(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out)
{
	const struct dialect *dialect = arg;
	/* room for what JSON makes of quotes and line ends is in 'out', not here */
	struct buf text = BUF_INIT(dialect->max);
	struct json_writer w;

	card_text_markdown(c, n, a, &text);
	if (text.full)
		out->full = true;
	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "text", buf_str(&text));
	jw_object_end(&w);
	buf_done(&text);
}

static enum err_code
slack_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	const struct dialect *dialect = dialect_of(config);
	struct card c;

	(void)s;
	card_make(d, a, &c);
	if (dialect->max == 0)
		return card_fit(
		    &c, MOST_ENTRIES, SLACK_BODY, write_blocks, NULL, a, io, e);
	return card_fit(
	    &c, MOST_ENTRIES, 2 * dialect->max + 64, write_markdown, dialect, a, io, e);
}

/* Rocket.Chat says 200 and then {"success":false}. */
static void
slack_send(const struct send_env *env, const struct message_row *m,
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
	if (ret->result == DELIVERY_ACCEPTED && hook_denies(answer)) {
		ret->result = DELIVERY_RETRY;
		ret->error = "the answer's body says that it was not taken";
	}
}

const struct channel_driver channel_slack = {
	.type = "slack",
	.summary = "incoming webhook of Slack, Mattermost or Rocket.Chat",
	.check = slack_check,
	.show = slack_show,
	.recipients = hook_recipients,
	.render = slack_render,
	.send = slack_send,
};
