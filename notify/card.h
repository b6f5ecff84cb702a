/* SPDX-License-Identifier: Apache-2.0 */
/*
 * card - the neutral card: what a chat message says, before any vendor's dialect.  A
 * title that answers the question, entries with what to do about them, the worst first,
 * then how many more there are and where.
 *
 * Every text of a card is one line of valid UTF-8 with a cap of its own, so that a
 * channel only has to choose how many entries fit: card_fit() asks for fewer until they
 * do.  Caps count bytes; a vendor counts characters, of which there are never more.
 */
#ifndef NOTIFY_CARD_H
#define NOTIFY_CARD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/words.h"

struct arena;
struct buf;
struct digest;
struct outgoing;

#define CARD_TITLE_MAX 150 /* Slack's header is the narrowest */
#define CARD_URL_MAX   1024
#define CARD_ENTRIES   40 /* more is no chat message */
#define CARD_NOTES     5

struct card_entry {
	const char *name; /* "CVE-2024-4741" */
	const char *url;  /* of the advisory, http or https; NULL = none */
	const char *word; /* "new", "fix is out" ... */
	enum severity severity;
	const char *rating; /* "high (by debian), was medium" */
	bool exploited, resolved;
	const char *title;    /* NULL = none */
	const char *packages; /* "openssl 3.3.0-r0 -> 3.3.1-r0 (alpine:3.20)" */
	const char *images;   /* "in 9 images: shop (payments), api and 7 more" */
	const char *todo;     /* what to do, or why nothing has to be; NULL = nothing */
};
struct card {
	const char *title;
	const char *text; /* of a notice; NULL = none */
	const char *url;  /* the whole of it; NULL = no public_url */
	const char *confirm_url;
	enum severity severity; /* the worst of what is new */
	bool exploited;
	struct card_entry *entries; /* at most CARD_ENTRIES */
	size_t n_entries, n_all;
	const char *notes[CARD_NOTES]; /* moved images, what is there already */
	size_t n_notes;
	const char *footer; /* what it rests on, why it was sent; NULL = none */
};

void card_make(const struct digest *d, struct arena *a, struct card *ret);

/*
 * Render C with as many entries as WRITE makes fit into MAX bytes of OUT's body; N
 * entries are to be written, and card_more() behind them.  With none it always fits.
 */
typedef void card_write(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out);
enum err_code card_fit(const struct card *c, size_t most, size_t max, card_write *write,
    const void *arg, struct arena *a, struct outgoing *out, struct err *e);
/* "... and 12 more"; NULL if all N were written. */
const char *card_more(const struct card *c, size_t n, struct arena *a);

/* TEXT as one line that may be shown anywhere: clean, calling nobody, cut at MAX. */
const char *card_line(struct arena *a, const char *text, size_t max);
/* TEXT cut at MAX bytes, its end marked, no character split. */
const char *card_cut(struct arena *a, const char *text, size_t max);
/*
 * TEXT escaped, at most MAX bytes of it afterwards, nothing split.  ESCAPE gives the
 * length of what stands for the ASCII character C, 0 = C itself.
 */
#define CARD_ESCAPED 8
const char *card_escape(struct arena *a, const char *text, size_t max,
    size_t (*escape)(const char *c, char out[CARD_ESCAPED]));
/* A backslash before everything that Markdown reads; no @name names anybody. */
const char *card_markdown(struct arena *a, const char *text, size_t max);
/* &amp; &lt; &gt; and nothing else: what Slack, Telegram and old Teams want. */
const char *card_html(struct arena *a, const char *text, size_t max);
/* The card as Markdown of chat: everything, or only what stands below the title. */
void card_text_markdown(
    const struct card *c, size_t n, struct arena *a, struct buf *out);
void card_entries_markdown(
    const struct card *c, size_t n, struct arena *a, struct buf *out);
/* 0xRRGGBB of a severity. */
unsigned card_colour(const struct card *c);

#endif
