/* SPDX-License-Identifier: Apache-2.0 */
/* A small part of Mustache; see template.h. */
#include "notify/template.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json_write.h"
#include "core/str.h"
#include "core/url.h"
#include "notify/card.h"
#include "notify/notify_private.h"

#define MAX_DEPTH     4
#define MAX_NAME_SIZE 40

/* ---- values ---- */

/* One name of a template; entry NULL outside {{#entries}}. */
struct scope_of_name {
	const struct template_values *v;
	const struct card_entry *entry;
	size_t index;
	struct arena *a;
};

static const char *
number(struct arena *a, int64_t n)
{
	return n != 0 ? arena_printf(a, "%lld", (long long)n) : "0";
}

static const char *
yes(bool v)
{
	return v ? "yes" : "";
}

/* NAME is a value of an entry; NULL = it is none. */
static const char *
entry_value(const struct scope_of_name *s, const char *name)
{
	const struct card_entry *x = s->entry;
	const struct {
		const char *name, *value;
	} values[] = {
		{ "name", x->name },
		{ "link", str_or_empty(x->url) },
		{ "word", x->word },
		{ "level", severity_name(x->severity) },
		{ "rating", x->rating },
		{ "exploited", yes(x->exploited) },
		{ "resolved", yes(x->resolved) },
		{ "about", str_or_empty(x->title) },
		{ "packages", x->packages },
		{ "images", x->images },
		{ "todo", str_or_empty(x->todo) },
		{ "last", yes(s->index + 1 == s->v->n) },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (str_eq(values[i].name, name))
			return values[i].value;
	return NULL;
}

/* NAME is a value of the message; NULL = it is none. */
static const char *
message_value(const struct scope_of_name *s, const char *name)
{
	const struct card *c = s->v->card;
	const struct digest *d = s->v->digest;
	char at[TIME_TEXT_SIZE];
	const struct {
		const char *name, *value;
	} values[] = {
		{ "title", c->title },
		{ "text", str_or_empty(c->text) },
		{ "url", str_or_empty(c->url) },
		{ "confirm", str_or_empty(c->confirm_url) },
		{ "severity", severity_name(c->severity) },
		{ "urgent", yes(c->exploited || c->severity == SEVERITY_CRITICAL) },
		{ "more", str_or_empty(card_more(c, s->v->n, s->a)) },
		{ "footer", str_or_empty(c->footer) },
		{ "message", d->message_id },
		{ "time", arena_strdup(s->a, time_format(d->at, at)) },
		{ "list", d->list != NULL
			      ? card_line(s->a, d->list->name, TEMPLATE_NAME_MAX)
			      : "" },
		{ "subscription",
		    d->subscription != NULL
			? card_line(s->a, d->subscription->name, TEMPLATE_NAME_MAX)
			: "" },
		{ "test", yes(d->notice != NULL) },
		{ "n_opened", number(s->a, d->n_opened) },
		{ "n_fix_available", number(s->a, d->n_fix_available) },
		{ "n_severity_raised", number(s->a, d->n_severity_raised) },
		{ "n_exploited", number(s->a, d->n_exploited) },
		{ "n_resolved", number(s->a, d->n_resolved) },
		{ "n_images", number(s->a, d->n_images) },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (str_eq(values[i].name, name))
			return values[i].value;
	return NULL;
}

static const char *
value_of(const struct scope_of_name *s, const char *name)
{
	const char *value = s->entry != NULL ? entry_value(s, name) : NULL;

	return value != NULL ? value : message_value(s, name);
}

/* ---- escapes ---- */

enum template_escape
template_escape_of(const char *content_type)
{
	if (strstr(content_type, "json") != NULL)
		return TEMPLATE_JSON;
	if (strstr(content_type, "x-www-form-urlencoded") != NULL)
		return TEMPLATE_FORM;
	if (strstr(content_type, "html") != NULL || strstr(content_type, "xml") != NULL)
		return TEMPLATE_MARKUP;
	return TEMPLATE_PLAIN;
}

static void
add_json(const char *text, struct buf *out)
{
	struct buf quoted = BUF_INIT(out->max);
	struct json_writer w;

	jw_init(&w, &quoted);
	jw_text(&w, text);
	if (quoted.full)
		out->full = true;
	else
		buf_add(out, quoted.data + 1, quoted.len - 2);
	buf_done(&quoted);
}

static void
add_value(
    const char *text, enum template_escape escape, struct arena *a, struct buf *out)
{
	switch (escape) {
	case TEMPLATE_PLAIN:
		buf_adds(out, text);
		break;
	case TEMPLATE_JSON:
		add_json(text, out);
		break;
	case TEMPLATE_FORM:
		buf_adds(out, url_encode(a, text, ""));
		break;
	case TEMPLATE_MARKUP:
		buf_add_markup(out, text);
		break;
	}
}

static const char *const filters[] = { "", "html", "markdown", "url" };

static const char *
filtered(const char *text, const char *filter, struct arena *a)
{
	if (str_eq(filter, "html"))
		return card_html(a, text, 8 * strlen(text));
	if (str_eq(filter, "markdown"))
		return card_markdown(a, text, 8 * strlen(text));
	return str_eq(filter, "url") ? url_encode(a, text, "") : text;
}

/* ---- reading ---- */

struct tag {
	const char *before, *after; /* of the braces */
	char kind;                  /* '#', '^', '/' or 0 for a value */
	char name[MAX_NAME_SIZE], filter[MAX_NAME_SIZE];
};

static bool
take_word(const char **p, const char *end, char out[MAX_NAME_SIZE])
{
	size_t n = 0;

	while (*p < end && **p == ' ')
		(*p)++;
	while (*p < end && strchr("abcdefghijklmnopqrstuvwxyz_", **p) != NULL) {
		if (n + 1 == MAX_NAME_SIZE)
			return false;
		out[n++] = *(*p)++;
	}
	out[n] = '\0';
	while (*p < end && **p == ' ')
		(*p)++;
	return n > 0;
}

/* The next tag from TEXT on; false = there is none, *RET_BAD: one that cannot be read. */
static bool
next_tag(const char *text, const char *end, struct tag *ret, bool *ret_bad)
{
	const char *p, *close;

	*ret_bad = false;
	ret->before = strstr(text, "{{");
	if (ret->before == NULL || ret->before >= end)
		return false;
	close = strstr(ret->before, "}}");
	if (close == NULL || close >= end) {
		*ret_bad = true;
		return false;
	}
	p = ret->before + 2;
	ret->after = close + 2;
	ret->kind = *p == '#' || *p == '^' || *p == '/' ? *p++ : '\0';
	ret->filter[0] = '\0';
	*ret_bad = !take_word(&p, close, ret->name);
	if (!*ret_bad && p < close && *p == '|' && ret->kind == '\0') {
		p++;
		*ret_bad = !take_word(&p, close, ret->filter);
	}
	*ret_bad = *ret_bad || p != close;
	return !*ret_bad;
}

/* Where the section that TAG opens ends: *RET is its closing tag. */
static bool
section_end(const struct tag *tag, const char *end, struct tag *ret)
{
	const char *p = tag->after;
	int depth = 1;
	bool bad;

	while (next_tag(p, end, ret, &bad)) {
		p = ret->after;
		if (!str_eq(ret->name, tag->name) || ret->kind == '\0')
			continue;
		depth += ret->kind == '/' ? -1 : 1;
		if (depth == 0)
			return true;
	}
	return false;
}

/* ---- checking ---- */

static enum err_code
check_name(const struct tag *tag, bool in_entries, struct err *e)
{
	static const struct card_entry entry = {
		.name = "", .word = "", .rating = "", .packages = "", .images = ""
	};
	static const struct card card = { .title = "" };
	static const struct digest digest = { .message_id = "" };
	const struct template_values v = { .card = &card, .digest = &digest };
	struct scope_of_name s = { .v = &v, .entry = in_entries ? &entry : NULL };
	bool known;

	s.a = arena_new();
	known = value_of(&s, tag->name) != NULL;
	arena_free(s.a);
	if (!known)
		return err_set(e, ERR_INPUT, "config.body: no value {{%s}} %s",
		    tag->name, in_entries ? "in entries" : "here");
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (str_eq(filters[i], tag->filter))
			return ERR_OK;
	return err_set(e, ERR_INPUT, "config.body: no filter |%s", tag->filter);
}

static enum err_code
check_part(const char *text, const char *end, bool in_entries, int depth, struct err *e)
{
	struct tag tag, close;
	bool bad;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && next_tag(text, end, &tag, &bad)) {
		bool is_entries = str_eq(tag.name, "entries");

		text = tag.after;
		if (tag.kind == '/')
			return err_set(e, ERR_INPUT,
			    "config.body: {{/%s}} closes nothing", tag.name);
		if (!is_entries)
			rc = check_name(&tag, in_entries, e);
		else if (tag.kind != '#' || in_entries)
			rc = err_set(e, ERR_INPUT,
			    "config.body: entries is {{#entries}}...{{/entries}}, "
			    "once");
		if (rc != ERR_OK || tag.kind == '\0')
			continue;
		if (depth == MAX_DEPTH)
			return err_set(
			    e, ERR_INPUT, "config.body: sections lie too deep");
		if (!section_end(&tag, end, &close))
			return err_set(e, ERR_INPUT,
			    "config.body: {{%c%s}} is not closed", tag.kind, tag.name);
		rc = check_part(
		    tag.after, close.before, in_entries || is_entries, depth + 1, e);
		text = close.after;
	}
	if (rc == ERR_OK && bad)
		rc = err_set(e, ERR_INPUT,
		    "config.body: cannot read the tag at \"%.20s\"", tag.before);
	return rc;
}

enum err_code
template_check(const char *text, struct err *e)
{
	return check_part(text, text + strlen(text), false, 0, e);
}

/* ---- writing ---- */

struct expansion {
	enum template_escape escape;
	struct arena *a;
	struct buf *out;
};

static bool
is_true(const char *value)
{
	return value != NULL && value[0] != '\0' && !str_eq(value, "0");
}

static void
expand_part(const struct expansion *x, const char *text, const char *end,
    const struct scope_of_name *s)
{
	struct tag tag, close;
	bool bad;

	while (!x->out->full && next_tag(text, end, &tag, &bad)) {
		struct scope_of_name inner = *s;
		const char *value;

		buf_add(x->out, text, (size_t)(tag.before - text));
		text = tag.after;
		if (tag.kind == '/')
			continue;
		if (tag.kind != '\0') {
			if (!section_end(&tag, end, &close))
				return;
			text = close.after;
		}
		if (str_eq(tag.name, "entries")) {
			for (inner.index = 0; inner.index < s->v->n; inner.index++) {
				inner.entry = &s->v->card->entries[inner.index];
				expand_part(x, tag.after, close.before, &inner);
			}
			continue;
		}
		value = value_of(s, tag.name);
		if (tag.kind == '\0')
			add_value(filtered(str_or_empty(value), tag.filter, x->a),
			    x->escape, x->a, x->out);
		else if (is_true(value) == (tag.kind == '#'))
			expand_part(x, tag.after, close.before, s);
	}
	buf_add(x->out, text, (size_t)(end - text));
}

void
template_expand(const char *text, enum template_escape escape,
    const struct template_values *v, struct arena *a, struct buf *out)
{
	const struct expansion x = { .escape = escape, .a = a, .out = out };
	const struct scope_of_name s = { .v = v, .a = a };

	expand_part(&x, text, text + strlen(text), &s);
}
