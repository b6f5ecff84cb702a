/* SPDX-License-Identifier: Apache-2.0 */
/* From a digest to a card; see card.h. */
#include "notify/card.h"

#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/str.h"
#include "core/url.h"
#include "notify/notify_private.h"

#define NAME_MAX_BYTES 80
#define RATING_MAX     100
#define LINE_MAX_BYTES 300
#define TEXT_MAX_BYTES 1000
#define NAMES_SHOWN    3
#define PACKAGES_SHOWN 3
#define ELLIPSIS       "..."
#define NOBODY         "\xe2\x80\x8b" /* U+200B: an @ before it names nobody */

const char *
card_cut(struct arena *a, const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len <= max)
		return text;
	return arena_printf(
	    a, "%.*s" ELLIPSIS, (int)utf8_cut(text, len, max - strlen(ELLIPSIS)), text);
}

/* "@here", "<!channel>", "<@U1>" call people in one vendor or another. */
static bool
calls(const char *at)
{
	static const char *const words[] = { "here", "everyone", "channel", "all",
		"room" };

	if (*at == '<')
		return at[1] == '!' || at[1] == '@';
	for (size_t i = 0; *at == '@' && i < sizeof(words) / sizeof(words[0]); i++)
		if (strncasecmp(at + 1, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

const char *
card_line(struct arena *a, const char *text, size_t max)
{
	/* bad bytes grow to three: cleaned first, cut and marked then */
	const char *clean = utf8_clean(a, text, strlen(text), 3 * max + 64, true);
	struct buf out = BUF_INIT(4 * (3 * max + 64));
	const char *copy;

	for (const char *p = clean; *p != '\0'; p++) {
		buf_addc(&out, *p == '\t' ? ' ' : *p);
		if (calls(p))
			buf_adds(&out, NOBODY);
	}
	copy = card_cut(a, arena_strndup(a, buf_str(&out), out.len), max);
	buf_done(&out);
	return copy;
}

/* A link that no dialect reads further than it goes, nor as a name to call. */
static const char *
web_url(struct arena *a, const char *url)
{
	if (url == NULL || strlen(url) > CARD_URL_MAX ||
	    (!str_starts(url, "https://") && !str_starts(url, "http://")))
		return NULL;
	url = url_encode(a, url, "-._~:/?#&+,;=%");
	return strlen(url) <= CARD_URL_MAX ? url : NULL;
}

/* How many bytes the character at P takes; 1 in what is no UTF-8. */
static size_t
character(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

const char *
card_escape(struct arena *a, const char *text, size_t max,
    size_t (*escape)(const char *c, char out[CARD_ESCAPED]))
{
	size_t most = CARD_ESCAPED * strlen(text), len = 0, n, add;
	char *out = arena_alloc(a, (most < max ? most : max) + 1), piece[CARD_ESCAPED];

	for (const char *p = text; *p != '\0'; p += n) {
		const char *from = p;

		n = add = character(p);
		if (n == 1 && (add = escape(p, piece)) > 0)
			from = piece;
		else
			add = n;
		if (add > max - len)
			break;
		memcpy(out + len, from, add);
		len += add;
	}
	out[len] = '\0';
	return out;
}

static size_t
markdown(const char *c, char out[CARD_ESCAPED])
{
	/* Mattermost turns Slack's <!channel> into a call too, backslash or not */
	if (*c == '@' || *c == '<') {
		out[0] = *c;
		memcpy(out + 1, NOBODY, 3);
		return 4;
	}
	if (strchr("\\`*_[]#|~", *c) == NULL)
		return 0;
	out[0] = '\\';
	out[1] = *c;
	return 2;
}

const char *
card_markdown(struct arena *a, const char *text, size_t max)
{
	return card_escape(a, text, max, markdown);
}

static size_t
html(const char *c, char out[CARD_ESCAPED])
{
	const char *words = *c == '&'   ? "&amp;"
			    : *c == '<' ? "&lt;"
			    : *c == '>' ? "&gt;"
					: "";

	memcpy(out, words, strlen(words));
	return strlen(words);
}

const char *
card_html(struct arena *a, const char *text, size_t max)
{
	return card_escape(a, text, max, html);
}

/* ---- one entry ---- */

static const char *
rating_of(const struct change_row *row, struct arena *a)
{
	const char *text = severity_name(row->severity);

	if (row->severity_by != NULL)
		text = arena_printf(a, "%s (by %s)", text, row->severity_by);
	if (row->kind == CHANGE_SEVERITY_RAISED)
		text = arena_printf(
		    a, "%s, was %s", text, severity_name(row->severity_before));
	return card_line(a, text, RATING_MAX);
}

static const char *
packages_of(const struct change_row *row, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < row->n_packages && i < PACKAGES_SHOWN; i++) {
		const struct change_package *p = &row->packages[i];
		const char *fix = "";

		if (row->kind != CHANGE_RESOLVED)
			fix =
			    p->fix == FIX_AVAILABLE
				? arena_printf(a, " -> %s", p->fix_version)
				: arena_printf(a, ", fix: %s", fix_state_name(p->fix));
		text = arena_printf(a, "%s%s%s %s%s (%s)", text, i > 0 ? "; " : "",
		    p->name, p->version, fix, p->ecosystem);
	}
	if (row->n_packages > PACKAGES_SHOWN)
		text = arena_printf(a, "%s and %zu more packages", text,
		    row->n_packages - PACKAGES_SHOWN);
	return card_line(a, text, LINE_MAX_BYTES);
}

static const char *
images_of(const struct change_row *row, struct arena *a)
{
	const char *text = arena_printf(a, "in %lld %s", (long long)row->n_images,
	    row->n_images == 1 ? "image" : "images");

	for (size_t i = 0; i < row->n_listed && i < NAMES_SHOWN; i++) {
		const struct change_image *image = &row->images[i];

		text = arena_printf(a, "%s%s %s", text, i > 0 ? "," : ":",
		    card_cut(a, image->name, 60));
		if (image->owner != NULL)
			text = arena_printf(
			    a, "%s (%s)", text, card_cut(a, image->owner, 40));
	}
	if (row->n_images > NAMES_SHOWN && row->n_listed > 0)
		text = arena_printf(a, "%s and %lld more", text,
		    (long long)row->n_images - NAMES_SHOWN);
	return card_line(a, text, LINE_MAX_BYTES);
}

static const char *
todo_of(const struct change_row *row, struct arena *a)
{
	const char *advice = digest_advice(row, a);

	if (row->kind == CHANGE_RESOLVED && row->reason != NULL)
		return card_line(a,
		    arena_printf(a, "why: %s", digest_reason_words(row->reason)),
		    LINE_MAX_BYTES);
	return advice == NULL
		   ? NULL
		   : card_line(a, arena_printf(a, "do: %s", advice), LINE_MAX_BYTES);
}

static void
make_entry(const struct change_row *row, const char *word, struct arena *a,
    struct card_entry *ret)
{
	*ret = (struct card_entry){
		.name = card_line(a, row->vulnerability, NAME_MAX_BYTES),
		.url =
		    web_url(a, row->n_advisories > 0 ? row->advisories[0].url : NULL),
		.word = word,
		.severity = row->severity,
		.rating = rating_of(row, a),
		.exploited = row->exploited != 0,
		.resolved = row->kind == CHANGE_RESOLVED,
		.title = row->title != NULL ? card_line(a, row->title, LINE_MAX_BYTES)
					    : NULL,
		.packages = packages_of(row, a),
		.images = images_of(row, a),
		.todo = todo_of(row, a),
	};
}

static void
make_entries(const struct digest *d, struct arena *a, struct card *c)
{
	const struct changes *changes = d->changes;
	size_t most = digest_cut(d, CARD_ENTRIES, CARD_ENTRIES);

	c->n_all = changes->n_baseline_exploited + changes->n_rows;
	c->entries = arena_array(a, CARD_ENTRIES, sizeof(*c->entries));
	for (size_t i = 0; i < changes->n_baseline_exploited && c->n_entries < most;
	     i++)
		make_entry(&changes->baseline_exploited[i], "already there", a,
		    &c->entries[c->n_entries++]);
	for (size_t o = 0; o < CHANGE_KIND_COUNT; o++)
		for (size_t i = 0; i < changes->n_rows && c->n_entries < most; i++)
			if (changes->rows[i].kind == digest_order[o])
				make_entry(&changes->rows[i],
				    digest_change_words(digest_order[o]), a,
				    &c->entries[c->n_entries++]);
}

/* ---- what stands around the entries ---- */

static void
add_note(struct card *c, struct arena *a, const char *text)
{
	if (c->n_notes < CARD_NOTES)
		c->notes[c->n_notes++] = card_line(a, text, LINE_MAX_BYTES);
}

static void
make_notes(const struct digest *d, struct arena *a, struct card *c)
{
	const struct changes *changes = d->changes;
	const struct counts *n = &changes->baseline_counts;

	if (changes->has_baseline)
		add_note(c, a,
		    arena_printf(a,
			"Newly watched, counted once: %lld open (%lld critical, %lld "
			"high, %lld medium, %lld low, %lld unrated), %lld with a fix",
			(long long)n->total, (long long)n->critical, (long long)n->high,
			(long long)n->medium, (long long)n->low, (long long)n->unknown,
			(long long)n->fixable));
	for (size_t i = 0; i < changes->n_feeds && c->n_notes < CARD_NOTES - 1; i++)
		add_note(c, a, digest_feed(&changes->feeds[i], a));
	for (size_t i = 0; i < changes->n_images && c->n_notes < CARD_NOTES - 1; i++) {
		const struct image_change *image = &changes->images[i];

		add_note(c, a,
		    arena_printf(
			a, "%s %s", image->image.name, digest_image(image, a)));
	}
	if (changes->n_images > CARD_NOTES - 1)
		add_note(c, a,
		    arena_printf(a, "%zu images with news in all", changes->n_images));
}

static const char *
footer_of(const struct digest *d, struct arena *a)
{
	const char *age = digest_data_age(d, a), *text = "";

	if (age != NULL)
		text = arena_printf(a, "Data: %s. ", age);
	if (d->coverage != NULL && d->coverage->state != COVERAGE_COMPLETE)
		text =
		    arena_printf(a, "%sCoverage: %s, not everything could be judged. ",
			text, coverage_state_name(d->coverage->state));
	text = arena_printf(a, "%sSent because subscription %s watches list %s", text,
	    card_cut(a, d->subscription->name, 80), card_cut(a, d->list->name, 80));
	if (d->list->owner.name != NULL)
		text = arena_printf(
		    a, "%s of %s", text, card_cut(a, d->list->owner.name, 60));
	return card_line(a, arena_printf(a, "%s.", text), LINE_MAX_BYTES + 150);
}

void
card_make(const struct digest *d, struct arena *a, struct card *ret)
{
	*ret = (struct card){
		.title = card_line(a, digest_subject(d, a), CARD_TITLE_MAX),
		.severity = digest_severity(d),
	};
	if (d->notice != NULL) {
		ret->text = card_line(a, d->notice->text, TEXT_MAX_BYTES);
		ret->confirm_url = web_url(a, d->notice->confirm_url);
		return;
	}
	ret->url = web_url(a, d->next_url);
	ret->exploited = d->n_exploited > 0;
	make_entries(d, a, ret);
	make_notes(d, a, ret);
	ret->footer = footer_of(d, a);
}

const char *
card_more(const struct card *c, size_t n, struct arena *a)
{
	return n < c->n_all ? arena_printf(a, "... and %zu more", c->n_all - n) : NULL;
}

enum err_code
card_fit(const struct card *c, size_t most, size_t max, card_write *write,
    const void *arg, struct arena *a, struct outgoing *out, struct err *e)
{
	size_t n = c->n_entries < most ? c->n_entries : most;

	for (;; n--) {
		struct buf body = BUF_INIT(max);

		write(c, n, arg, a, &body);
		if (!body.full) {
			out->subject = c->title;
			out->body = arena_memdup(a, buf_str(&body), body.len);
			out->body_len = body.len;
			buf_done(&body);
			return ERR_OK;
		}
		buf_done(&body);
		if (n == 0)
			return err_set(
			    e, ERR_BUG, "a card without entries is too long");
	}
}

unsigned
card_colour(const struct card *c)
{
	static const unsigned colours[SEVERITY_COUNT] = {
		[SEVERITY_UNKNOWN] = 0x6b7280,
		[SEVERITY_NEGLIGIBLE] = 0x6b7280,
		[SEVERITY_LOW] = 0x2563eb,
		[SEVERITY_MEDIUM] = 0xca8a04,
		[SEVERITY_HIGH] = 0xea580c,
		[SEVERITY_CRITICAL] = 0xb91c1c,
	};

	return c->exploited ? colours[SEVERITY_CRITICAL] : colours[c->severity];
}

/* ---- Markdown ---- */

static const char *
markdown_link(struct arena *a, const char *url, const char *escaped)
{
	return url != NULL ? arena_printf(a, "[%s](%s)", escaped, url) : escaped;
}

static void
entry_markdown(const struct card_entry *x, struct arena *a, struct buf *out)
{
	const char *lines[] = { x->title, x->packages, x->images, x->todo };

	buf_printf(out, "**%s** %s, %s%s\n",
	    markdown_link(a, x->url, card_markdown(a, x->name, 4 * NAME_MAX_BYTES)),
	    card_markdown(a, x->rating, 4 * RATING_MAX), x->word,
	    x->exploited ? ", **exploited**" : "");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (lines[i] != NULL && lines[i][0] != '\0')
			buf_printf(out, "%s\n",
			    card_markdown(a, lines[i], 4 * LINE_MAX_BYTES));
	buf_addc(out, '\n');
}

void
card_entries_markdown(const struct card *c, size_t n, struct arena *a, struct buf *out)
{
	const char *more = card_more(c, n, a);

	if (c->text != NULL)
		buf_printf(out, "%s\n\n", card_markdown(a, c->text, TEXT_MAX_BYTES));
	for (size_t i = 0; i < n; i++)
		entry_markdown(&c->entries[i], a, out);
	for (size_t i = 0; i < c->n_notes; i++)
		buf_printf(
		    out, "%s\n", card_markdown(a, c->notes[i], 2 * LINE_MAX_BYTES));
	if (c->url != NULL)
		buf_printf(out, "%s\n",
		    markdown_link(a, c->url, more != NULL ? more : "all of it"));
	else if (more != NULL)
		buf_printf(out, "%s\n", more);
	if (c->confirm_url != NULL)
		buf_printf(out, "%s\n",
		    markdown_link(a, c->confirm_url, "I see this: confirm it"));
}

void
card_text_markdown(const struct card *c, size_t n, struct arena *a, struct buf *out)
{
	buf_printf(out, "**%s**\n\n", card_markdown(a, c->title, 4 * CARD_TITLE_MAX));
	card_entries_markdown(c, n, a, out);
	if (c->footer != NULL)
		buf_printf(
		    out, "\n_%s_\n", card_markdown(a, c->footer, 2 * LINE_MAX_BYTES));
}
