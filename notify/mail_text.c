/* SPDX-License-Identifier: Apache-2.0 */
/* The text part: complete alone, 78 columns where it can be. */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "notify/mail.h"
#include "notify/notify_private.h"

#define NAMES_SHOWN 3

static const char *const change_titles[CHANGE_KIND_COUNT] = {
	[CHANGE_OPENED] = "NEW",
	[CHANGE_FIX_AVAILABLE] = "A FIX IS OUT",
	[CHANGE_FIX_CHANGED] = "FIX CHANGED",
	[CHANGE_SEVERITY_RAISED] = "SEVERITY RAISED",
	[CHANGE_EXPLOITED] = "NOW EXPLOITED",
	[CHANGE_RESOLVED] = "NO LONGER AFFECTED",
};

static void
write_images(const struct change_row *row, struct buf *out)
{
	buf_printf(out, "    in %lld %s: ", (long long)row->n_images,
	    row->n_images == 1 ? "image" : "images");
	for (size_t i = 0; i < row->n_listed && i < NAMES_SHOWN; i++) {
		const struct change_image *image = &row->images[i];

		buf_printf(out, "%s%s", i > 0 ? ", " : "", image->name);
		if (image->owner != NULL)
			buf_printf(out, " (%s)", image->owner);
	}
	if (row->n_images > NAMES_SHOWN)
		buf_printf(
		    out, " and %lld more", (long long)row->n_images - NAMES_SHOWN);
	buf_addc(out, '\n');
}

static void
write_packages(const struct digest *d, const struct change_row *row, struct buf *out)
{
	size_t n = digest_cut(d, row->n_packages, MAX_MESSAGE_PACKAGES);

	for (size_t i = 0; i < n; i++) {
		const struct change_package *p = &row->packages[i];

		buf_printf(out, "    %s %s (%s)", p->name, p->version, p->ecosystem);
		if (row->kind == CHANGE_RESOLVED)
			buf_adds(out, "\n");
		else if (p->fix == FIX_AVAILABLE)
			buf_printf(out, " -> fixed in %s\n", p->fix_version);
		else
			buf_printf(out, ", fix: %s\n", fix_state_name(p->fix));
	}
	if (n < row->n_packages)
		buf_printf(out, "    ... and %zu more packages\n", row->n_packages - n);
}

static void
write_row(const struct digest *d, const struct change_row *row, struct arena *a,
    struct buf *out)
{
	const char *advice = digest_advice(row, a);

	buf_printf(out, "  %s  %s", row->vulnerability, severity_name(row->severity));
	if (row->severity_by != NULL)
		buf_printf(out, " (by %s)", row->severity_by);
	if (row->exploited != 0)
		buf_adds(out, "  EXPLOITED");
	if (row->kind == CHANGE_SEVERITY_RAISED && row->severity > row->severity_before)
		buf_printf(out, "  was %s", severity_name(row->severity_before));
	if (row->kind == CHANGE_SEVERITY_RAISED && row->epss_before_micro >= 0)
		buf_printf(out, "  EPSS %lld%%, was %lld%%",
		    (long long)(row->epss_micro / 10000),
		    (long long)(row->epss_before_micro / 10000));
	buf_addc(out, '\n');
	if (row->title != NULL)
		buf_printf(out, "    %s\n", row->title);
	write_packages(d, row, out);
	write_images(row, out);
	if (row->kind == CHANGE_RESOLVED && row->reason != NULL)
		buf_printf(out, "    why: %s\n", digest_reason_words(row->reason));
	if (advice != NULL)
		buf_printf(out, "    do: %s\n", advice);
	if (row->n_advisories > 0 && row->advisories[0].url != NULL)
		buf_printf(out, "    %s\n", row->advisories[0].url);
	buf_addc(out, '\n');
}

static void
write_rows(const struct digest *d, struct arena *a, struct buf *out)
{
	const struct changes *c = d->changes;
	size_t most = digest_cut(d, c->n_rows, MAX_MESSAGE_ENTRIES), shown = 0;

	for (size_t o = 0; o < CHANGE_KIND_COUNT; o++) {
		enum change_kind k = digest_order[o];
		bool titled = false;

		for (size_t i = 0; i < c->n_rows && shown < most; i++) {
			if (c->rows[i].kind != k)
				continue;
			if (!titled)
				buf_printf(out, "%s\n\n", change_titles[k]);
			titled = true;
			write_row(d, &c->rows[i], a, out);
			shown++;
		}
	}
	if (shown < c->n_rows)
		buf_printf(out, "... and %zu more.\n\n", c->n_rows - shown);
}

static void
write_baseline(const struct digest *d, struct arena *a, struct buf *out)
{
	const struct changes *c = d->changes;
	const struct counts *n = &c->baseline_counts;
	size_t n_exploited =
	    digest_cut(d, c->n_baseline_exploited, MAX_MESSAGE_ENTRIES);

	buf_adds(out,
	    "WHAT IS THERE NOW\n\n  Newly watched; old findings are counted here "
	    "once and not listed one by one.\n\n");
	for (size_t i = 0; i < c->n_baseline_listed && i < 20; i++)
		buf_printf(out, "  %s\n", c->baseline_images[i].image.name);
	if (c->n_baseline_images > 20)
		buf_printf(
		    out, "  ... and %lld more\n", (long long)c->n_baseline_images - 20);
	for (size_t i = 0; i < c->n_baseline_ecosystems; i++)
		buf_printf(out, "  advisories for %s\n", c->baseline_ecosystems[i]);
	buf_printf(out,
	    "\n  open findings: %lld  (%lld critical, %lld high, %lld medium, %lld "
	    "low, "
	    "%lld unrated)\n  with a fix: %lld\n  exploited: %lld\n\n",
	    (long long)n->total, (long long)n->critical, (long long)n->high,
	    (long long)n->medium, (long long)n->low, (long long)n->unknown,
	    (long long)n->fixable, (long long)n->exploited);
	for (size_t i = 0; i < n_exploited; i++)
		write_row(d, &c->baseline_exploited[i], a, out);
	if (n_exploited < c->n_baseline_exploited)
		buf_printf(out, "... and %zu more exploited.\n\n",
		    c->n_baseline_exploited - n_exploited);
}

static void
write_image_news(const struct digest *d, struct arena *a, struct buf *out)
{
	const struct changes *c = d->changes;
	size_t n = digest_cut(d, c->n_images, MAX_MESSAGE_IMAGES);

	if (c->n_images == 0)
		return;
	buf_adds(out, "IMAGES\n\n");
	for (size_t i = 0; i < n; i++) {
		const struct image_change *image = &c->images[i];

		buf_printf(out, "  %s %s\n", image->image.name, digest_image(image, a));
	}
	if (n < c->n_images)
		buf_printf(out, "  ... and %zu more\n", c->n_images - n);
	buf_addc(out, '\n');
}

static void
write_feed_news(const struct digest *d, struct arena *a, struct buf *out)
{
	const struct changes *c = d->changes;
	size_t n = digest_cut(d, c->n_feeds, MAX_MESSAGE_ENTRIES);

	if (n == 0)
		return;
	buf_adds(out, "FEEDS\n\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "  %s\n", digest_feed(&c->feeds[i], a));
	if (n < c->n_feeds)
		buf_printf(out, "  ... and %zu more\n", c->n_feeds - n);
	buf_addc(out, '\n');
}

static void
write_footer(const struct digest *d, struct arena *a, struct buf *out)
{
	const char *age = digest_data_age(d, a);

	buf_adds(out, "-- \n");
	if (age != NULL)
		buf_printf(out, "Data: %s.\n", age);
	if (d->coverage->state != COVERAGE_COMPLETE)
		buf_printf(out,
		    "Coverage: %s - not everything on this list could be judged.\n",
		    coverage_state_name(d->coverage->state));
	buf_printf(out,
	    "You get this because subscription \"%s\" watches list \"%s\".\n",
	    d->subscription->name, d->list->name);
	if (d->list->owner.name != NULL)
		buf_printf(out, "The list belongs to %s%s%s.\n", d->list->owner.name,
		    d->list->owner.contact != NULL ? ", " : "",
		    str_or_empty(d->list->owner.contact));
	if (d->next_url != NULL)
		buf_printf(out, "All of it: %s\n", d->next_url);
	if (d->unsubscribe_url != NULL)
		buf_printf(out, "No more of this: %s\n", d->unsubscribe_url);
}

void
mail_text(const struct digest *d, struct arena *a, struct buf *out)
{
	if (d->notice != NULL) {
		buf_printf(out, "%s\n\n%s\n", d->notice->title, d->notice->text);
		if (d->notice->confirm_url != NULL)
			buf_printf(out, "\n%s\n", d->notice->confirm_url);
		return;
	}
	buf_printf(out, "%s\n\n", digest_subject(d, a));
	write_rows(d, a, out);
	if (d->changes->has_baseline)
		write_baseline(d, a, out);
	write_image_news(d, a, out);
	write_feed_news(d, a, out);
	write_footer(d, a, out);
}
