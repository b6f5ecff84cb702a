/* SPDX-License-Identifier: Apache-2.0 */
/* docs/FEEDS.md: the catalogue of feeds beside the table of drivers. */
#include <string.h>

#include "config/config.h"
#include "core/buf.h"
#include "core/feed_config.h"
#include "core/str.h"
#include "fetchers/fetchers.h"
#include "server/feeds_document.h"

static const struct {
	unsigned bit;
	const char *word;
} words[] = {
	{ SAYS_FIXED, "fixed in" },
	{ SAYS_UNFIXED, "no fix yet" },
	{ SAYS_NOT_AFFECTED, "not affected" },
	{ SAYS_SEVERITY, "severity" },
	{ SAYS_EXPLOITED, "exploited" },
	{ SAYS_LIKELIHOOD, "likelihood" },
	{ SAYS_END, "end of life" },
};

static void
write_size(int64_t bytes, struct buf *out)
{
	if (bytes >= (int64_t)1 << 20)
		buf_printf(out, "%lld MiB", (long long)(bytes >> 20));
	else
		buf_printf(out, "%lld KiB", (long long)(bytes >> 10));
}

static void
write_interval(int64_t ms, struct buf *out)
{
	int64_t minutes = ms / 60000;

	if (minutes % 60 == 0)
		buf_printf(out, "%lld h", (long long)(minutes / 60));
	else
		buf_printf(out, "%lld min", (long long)minutes);
}

static void
write_says(const struct driver *d, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (d->says & words[i].bit)
			buf_printf(out, "%s%s", n++ > 0 ? ", " : "", words[i].word);
}

static void
write_drivers(struct buf *out)
{
	buf_adds(out, "## What a format can say\n\n"
		      "| driver | reads | says | does not say |\n|---|---|---|---|\n");
	for (size_t i = 0; drivers_all[i] != NULL; i++) {
		const struct driver *d = drivers_all[i];
		size_t n = 0;

		buf_printf(out, "| `%s` | %s | ", d->name, d->summary);
		write_says(d, out);
		buf_adds(out, " | ");
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (((d->caps & DRIVER_ENRICHES) == 0) &&
			    (words[k].bit & SAYS_OF_PACKAGES) &&
			    (d->says & words[k].bit) == 0)
				buf_printf(
				    out, "%s%s", n++ > 0 ? ", " : "", words[k].word);
		buf_adds(out, " |\n");
	}
}

static void
write_feed(const struct feed_config *f, struct buf *out)
{
	const struct driver *d = driver_find(f->driver);

	buf_printf(
	    out, "| `%s`%s | `%s` | ", f->name, f->enabled ? "" : " (off)", f->driver);
	for (size_t i = 0; f->ecosystems != NULL && f->ecosystems[i] != NULL; i++)
		buf_printf(out, "%s`%s`", i > 0 ? " " : "", f->ecosystems[i]);
	if (f->ecosystems == NULL)
		buf_adds(out,
		    d != NULL && d->says == SAYS_END ? "releases" : "vulnerabilities");
	buf_adds(out, " | ");
	if (d != NULL)
		write_says(d, out);
	buf_adds(out, " | ");
	write_interval(f->interval_ms, out);
	buf_adds(out, " | ");
	write_size(f->expected_bytes, out);
	buf_printf(out, " | %s |\n", str_or_empty(f->remark));
}

enum err_code
feeds_document(struct buf *out, struct err *e)
{
	struct config *c = NULL;
	enum err_code rc = config_parse(&c, "", 0, "defaults", NULL, e);

	if (rc != ERR_OK)
		return rc;
	buf_adds(out,
	    "# Feeds\n\n"
	    "Made from the catalogue (`config/feeds.yaml`) and the table of drivers by "
	    "`tocsin check-config --document-feeds`; a test keeps the two equal.\n\n"
	    "With `feeds.catalogue: auto` a feed is loaded once an image of its "
	    "ecosystems is registered, and those about vulnerabilities and releases "
	    "with "
	    "the first image. A feed marked *off* is loaded for those only who ask: by "
	    "a "
	    "row of its name in `feeds.list`, or by its name in `feeds.catalogue`; its "
	    "remark says why.\n\n"
	    "What a feed does not say is not known: where *no fix yet* is missing, a "
	    "package without a finding may still be vulnerable.\n\n");
	write_drivers(out);
	buf_adds(out,
	    "\n## The catalogue\n\n"
	    "| feed | driver | speaks of | says | asked every | about | remark "
	    "|\n|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < c->n_feeds; i++)
		write_feed(&c->feeds[i], out);
	config_free(c);
	return ERR_OK;
}
