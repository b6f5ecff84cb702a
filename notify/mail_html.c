/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTML part: one table, inline styles, nothing remote, severity in words and not in
 * colour alone.  Everything foreign is escaped.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "notify/mail.h"
#include "notify/notify_private.h"

#define CELL                                                                           \
	"padding:6px 10px;border-bottom:1px solid "                                    \
	"#ddd;vertical-align:top;text-align:left"
/* Mail programs cut pages near 100 KB: the rest is behind the link. */
#define MAX_HTML_ROWS 60

static void
escaped(const char *text, struct buf *out)
{
	buf_add_markup(out, str_or_empty(text));
}

static void
write_name(const struct change_row *row, struct buf *out)
{
	const char *url = row->n_advisories > 0 ? row->advisories[0].url : NULL;
	bool linked =
	    url != NULL && (str_starts(url, "https://") || str_starts(url, "http://"));

	if (linked) {
		buf_adds(out, "<a href=\"");
		escaped(url, out);
		buf_adds(out, "\">");
	}
	escaped(row->vulnerability, out);
	if (linked)
		buf_adds(out, "</a>");
	if (row->title != NULL) {
		buf_adds(out, "<br><small>");
		escaped(row->title, out);
		buf_adds(out, "</small>");
	}
}

static void
write_packages(const struct digest *d, const struct change_row *row, struct arena *a,
    struct buf *out)
{
	const char *advice = digest_advice(row, a);
	size_t n = digest_cut(d, row->n_packages, MAX_MESSAGE_PACKAGES);

	for (size_t i = 0; i < n; i++) {
		const struct change_package *p = &row->packages[i];

		buf_adds(out, i > 0 ? "<br>" : "");
		escaped(arena_printf(a, "%s %s", p->name, p->version), out);
		if (row->kind != CHANGE_RESOLVED)
			escaped(
			    p->fix == FIX_AVAILABLE
				? arena_printf(a, " -> %s", p->fix_version)
				: arena_printf(a, " (fix: %s)", fix_state_name(p->fix)),
			    out);
	}
	if (n < row->n_packages)
		buf_printf(out, "<br>... and %zu more", row->n_packages - n);
	if (advice != NULL) {
		buf_adds(out, "<br><small>");
		escaped(advice, out);
		buf_adds(out, "</small>");
	}
}

static void
write_row(const struct digest *d, const struct change_row *row, struct arena *a,
    struct buf *out)
{
	buf_adds(out, "<tr><td style=\"" CELL "\">");
	escaped(digest_change_words(row->kind), out);
	buf_adds(out, "</td><td style=\"" CELL "\">");
	escaped(severity_name(row->severity), out);
	if (row->exploited != 0)
		buf_adds(out, "<br><strong>exploited</strong>");
	buf_adds(out, "</td><td style=\"" CELL "\">");
	write_name(row, out);
	buf_adds(out, "</td><td style=\"" CELL "\">");
	write_packages(d, row, a, out);
	buf_printf(out, "</td><td style=\"" CELL "\">%lld", (long long)row->n_images);
	for (size_t i = 0; i < row->n_listed && i < 3; i++) {
		buf_adds(out, "<br><small>");
		escaped(row->images[i].name, out);
		buf_adds(out, "</small>");
	}
	buf_adds(out, "</td></tr>\n");
}

static void
write_table(const struct digest *d, const struct change_row *rows, size_t n,
    struct arena *a, struct buf *out)
{
	size_t shown = digest_cut(d, n, MAX_HTML_ROWS);

	if (n == 0)
		return;
	buf_adds(out, "<table style=\"border-collapse:collapse;width:100%\"><tr>");
	for (size_t i = 0; i < 5; i++) {
		static const char *const heads[] = { "Change", "Severity",
			"Vulnerability", "Package", "Images" };

		buf_printf(
		    out, "<th scope=\"col\" style=\"" CELL "\">%s</th>", heads[i]);
	}
	buf_adds(out, "</tr>\n");
	for (size_t i = 0; i < shown; i++)
		write_row(d, &rows[i], a, out);
	buf_adds(out, "</table>\n");
	if (n > shown)
		buf_printf(out, "<p>... and %zu more.</p>\n", n - shown);
}

static void
write_baseline(const struct digest *d, struct arena *a, struct buf *out)
{
	const struct changes *c = d->changes;
	const struct counts *n = &c->baseline_counts;

	buf_printf(out,
	    "<h2 style=\"font-size:16px\">What is there now</h2>\n<p>Newly watched; "
	    "old "
	    "findings are counted here once: <strong>%lld open</strong> (%lld "
	    "critical, %lld "
	    "high, %lld medium, %lld low, %lld unrated), %lld with a fix, %lld "
	    "exploited.</p>\n",
	    (long long)n->total, (long long)n->critical, (long long)n->high,
	    (long long)n->medium, (long long)n->low, (long long)n->unknown,
	    (long long)n->fixable, (long long)n->exploited);
	write_table(d, c->baseline_exploited, c->n_baseline_exploited, a, out);
}

static void
write_footer(const struct digest *d, struct arena *a, struct buf *out)
{
	const char *age = digest_data_age(d, a);

	buf_adds(out, "<p style=\"color:#555\"><small>");
	if (age != NULL) {
		escaped(age, out);
		buf_adds(out, ". ");
	}
	if (d->coverage->state != COVERAGE_COMPLETE)
		escaped(arena_printf(a, "Coverage: %s. ",
			    coverage_state_name(d->coverage->state)),
		    out);
	escaped(arena_printf(a,
		    "You get this because subscription \"%s\" watches list \"%s\".",
		    d->subscription->name, d->list->name),
	    out);
	if (d->next_url != NULL) {
		buf_adds(out, " <a href=\"");
		escaped(d->next_url, out);
		buf_adds(out, "\">All of it</a>");
	}
	if (d->unsubscribe_url != NULL) {
		buf_adds(out, " <a href=\"");
		escaped(d->unsubscribe_url, out);
		buf_adds(out, "\">No more of this</a>");
	}
	buf_adds(out, "</small></p>\n");
}

static void
write_notice(const struct notice *n, struct buf *out)
{
	buf_adds(out, "<p>");
	escaped(n->text, out);
	buf_adds(out, "</p>\n");
	if (n->confirm_url != NULL) {
		buf_adds(out, "<p><a href=\"");
		escaped(n->confirm_url, out);
		buf_adds(out, "\">Confirm</a></p>\n");
	}
	buf_adds(out, "</body></html>\n");
}

void
mail_html(const struct digest *d, struct arena *a, struct buf *out)
{
	buf_adds(out,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<title>tocsin</title></head>\n<body style=\"font-family:sans-serif;"
	    "font-size:14px\">\n<h1 style=\"font-size:18px\">");
	escaped(digest_subject(d, a), out);
	buf_adds(out, "</h1>\n");
	if (d->notice != NULL) {
		write_notice(d->notice, out);
		return;
	}
	write_table(d, d->changes->rows, d->changes->n_rows, a, out);
	if (d->changes->has_baseline)
		write_baseline(d, a, out);
	for (size_t i = 0; i < digest_cut(d, d->changes->n_images, MAX_HTML_ROWS);
	     i++) {
		const struct image_change *c = &d->changes->images[i];

		buf_adds(out, "<p>");
		escaped(c->image.name, out);
		buf_printf(out, " %s</p>\n", digest_image(c, a));
	}
	for (size_t i = 0; i < digest_cut(d, d->changes->n_feeds, MAX_HTML_ROWS); i++) {
		buf_adds(out, "<p>");
		escaped(digest_feed(&d->changes->feeds[i], a), out);
		buf_adds(out, "</p>\n");
	}
	write_footer(d, a, out);
	buf_adds(out, "</body></html>\n");
}
