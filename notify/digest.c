/* SPDX-License-Identifier: Apache-2.0 */
/* What one message says, in words that every channel shares. */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/str.h"
#include "notify/notify_private.h"

static bool
is_news(enum change_kind k)
{
	return k != CHANGE_RESOLVED && k != CHANGE_FIX_CHANGED;
}

const enum change_kind digest_order[CHANGE_KIND_COUNT] = {
	CHANGE_EXPLOITED,
	CHANGE_OPENED,
	CHANGE_SEVERITY_RAISED,
	CHANGE_FIX_AVAILABLE,
	CHANGE_FIX_CHANGED,
	CHANGE_RESOLVED,
};

const char *
digest_change_words(enum change_kind k)
{
	static const char *const words[CHANGE_KIND_COUNT] = {
		[CHANGE_OPENED] = "new",
		[CHANGE_FIX_AVAILABLE] = "fix is out",
		[CHANGE_FIX_CHANGED] = "fix changed",
		[CHANGE_SEVERITY_RAISED] = "severity raised",
		[CHANGE_EXPLOITED] = "now exploited",
		[CHANGE_RESOLVED] = "no longer affected",
	};

	return words[k];
}

const char *
digest_reason_words(const char *reason)
{
	static const struct {
		const char *reason, *words;
	} reasons[] = {
		{ "fixed_by_range", "the installed version has the fix" },
		{ "not_affected", "the vendor says it is not affected" },
		{ "withdrawn", "the advisory was withdrawn" },
		{ "vanished", "the advisory is gone from the feed" },
		{ "image_moved", "the image was rebuilt without it" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (str_eq(reasons[i].reason, reason))
			return reasons[i].words;
	return reason;
}

size_t
digest_cut(const struct digest *d, size_t n, size_t cap)
{
	size_t most = cap >> d->shrink;

	if (d->is_whole)
		return n;
	if (most == 0)
		most = 1;
	return n < most ? n : most;
}

void
digest_count(struct digest *d)
{
	const struct changes *c = d->changes;
	int64_t most = 0;

	for (size_t i = 0; i < c->n_rows; i++) {
		const struct change_row *row = &c->rows[i];

		d->n_opened += row->kind == CHANGE_OPENED;
		d->n_fix_available += row->kind == CHANGE_FIX_AVAILABLE;
		d->n_severity_raised += row->kind == CHANGE_SEVERITY_RAISED;
		d->n_resolved += row->kind == CHANGE_RESOLVED;
		d->n_exploited += row->exploited != 0 && is_news(row->kind);
		if (row->n_images > most)
			most = row->n_images;
	}
	d->n_images = c->n_touched_images > most ? c->n_touched_images : most;
	if (c->has_baseline)
		d->n_exploited += (int64_t)c->n_baseline_exploited;
}

enum severity
digest_severity(const struct digest *d)
{
	enum severity worst = SEVERITY_UNKNOWN;

	if (d->notice != NULL)
		return worst;
	for (size_t i = 0; i < d->changes->n_rows; i++)
		if (is_news(d->changes->rows[i].kind) &&
		    d->changes->rows[i].severity > worst)
			worst = d->changes->rows[i].severity;
	for (size_t i = 0; i < d->changes->n_baseline_exploited; i++)
		if (d->changes->baseline_exploited[i].severity > worst)
			worst = d->changes->baseline_exploited[i].severity;
	return worst;
}

static const char *
end_of(const struct image_change *c, struct arena *a)
{
	char day[TIME_TEXT_SIZE];

	(void)time_format(c->ends_at, day);
	return arena_printf(a,
	    c->has_ended
		? "stands on a system that ended on %.10s: nobody tells what is "
		  "found in it any more, so its findings are not complete"
		: "stands on a system that ends on %.10s",
	    day);
}

const char *
digest_image(const struct image_change *c, struct arena *a)
{
	switch (c->kind) {
	case EVENT_IMAGE_DELETED:
		return "was deleted";
	case EVENT_IMAGE_END_OF_LIFE:
		return end_of(c, a);
	case EVENT_IMAGE_UNREACHABLE:
		return "is not in its registry any more: what is known of it stays as "
		       "it was";
	case EVENT_IMAGE_REACHABLE:
		return "is in its registry again";
	default:
		return arena_printf(a, "moved: %lld findings gained, %lld lost",
		    (long long)c->gained, (long long)c->lost);
	}
}

/* ---- the subject ---- */

static const char *
plural(int64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static const char *
join(struct arena *a, const char *text, const char *part)
{
	return text[0] == '\0' ? part : arena_printf(a, "%s, %s", text, part);
}

static const char *
subject_news(const struct digest *d, struct arena *a)
{
	const char *text = "";

	if (d->n_opened > 0)
		text = arena_printf(a, "%lld new", (long long)d->n_opened);
	if (d->n_severity_raised > 0)
		text = join(a, text,
		    arena_printf(a, "%lld raised", (long long)d->n_severity_raised));
	if (d->n_fix_available > 0)
		text = join(a, text,
		    arena_printf(a, "%lld now fixable", (long long)d->n_fix_available));
	if (d->n_exploited > 0)
		text = text[0] == '\0' ? arena_printf(a, "%lld exploited",
					     (long long)d->n_exploited)
				       : arena_printf(a, "%s (%lld exploited)", text,
					     (long long)d->n_exploited);
	if (d->n_resolved > 0)
		text = join(
		    a, text, arena_printf(a, "%lld fixed", (long long)d->n_resolved));
	return text;
}

static const char *
subject_baseline(const struct digest *d, struct arena *a)
{
	const struct changes *c = d->changes;
	const char *text =
	    c->n_baseline_images > 0
		? arena_printf(a, "%lld %s registered", (long long)c->n_baseline_images,
		      plural(c->n_baseline_images, "image", "images"))
		: "first findings";

	text =
	    arena_printf(a, "%s, %lld open", text, (long long)c->baseline_counts.total);
	if (c->baseline_counts.exploited > 0)
		text = arena_printf(a, "%s (%lld exploited)", text,
		    (long long)c->baseline_counts.exploited);
	return text;
}

static const char *
feed_state(enum event_kind k)
{
	return k == EVENT_FEED_HELD     ? "is held"
	       : k == EVENT_FEED_FAILED ? "fails"
	       : k == EVENT_FEED_STALE  ? "is stale"
					: "is well again";
}

static const char *
subject_feeds(const struct digest *d, struct arena *a)
{
	const struct changes *c = d->changes;

	return c->n_feeds == 1 ? arena_printf(a, "feed %s %s", c->feeds[0].feed,
				     feed_state(c->feeds[0].kind))
			       : arena_printf(a, "%zu feeds changed", c->n_feeds);
}

const char *
digest_feed(const struct feed_change *f, struct arena *a)
{
	const char *text = arena_printf(a, "feed %s %s", f->feed, feed_state(f->kind));
	struct json *j = NULL;
	const char *why;

	if (f->detail_json == NULL ||
	    json_parse(&j, f->detail_json, strlen(f->detail_json), NULL) != ERR_OK)
		return text;
	why = json_str(json_get(j, "why"));
	if (f->kind == EVENT_FEED_FAILED && why != NULL)
		text = arena_printf(a, "%s: %s", text, why);
	else if (f->kind == EVENT_FEED_STALE)
		text = arena_printf(a,
		    "%s: %s for %.0f days; what is said here may be "
		    "out of date",
		    text, str_eq(why, "silent") ? "nothing new" : "out of reach",
		    json_num(json_get(j, "silent_days")));
	else if (f->kind == EVENT_FEED_HELD)
		text = arena_printf(a,
		    "%s: its last run lost too many records; until an "
		    "operator has looked, yesterday's stand",
		    text);
	json_free(j);
	return text;
}

const char *
digest_subject(const struct digest *d, struct arena *a)
{
	const char *text;

	if (d->notice != NULL)
		return d->notice->title;
	text = subject_news(d, a);
	if (d->changes->has_baseline)
		text = join(a, text, subject_baseline(d, a));
	if (text[0] == '\0' && d->changes->n_images == 0)
		text = subject_feeds(d, a);
	else if (text[0] == '\0')
		text = arena_printf(a, "%zu %s changed", d->changes->n_images,
		    plural((int64_t)d->changes->n_images, "image", "images"));
	else if (d->n_images > 0 && d->changes->n_rows > 0)
		text = arena_printf(a, "%s, %lld %s", text, (long long)d->n_images,
		    plural(d->n_images, "image", "images"));
	return arena_printf(a, "%s: %s", text, d->list->name);
}

/* ---- what to do ---- */

static const char *
upgrade_command(const char *ecosystem)
{
	if (str_starts(ecosystem, "debian:") || str_starts(ecosystem, "ubuntu:"))
		return "apt-get update && apt-get install --only-upgrade";
	if (str_starts(ecosystem, "alpine:"))
		return "apk add --upgrade";
	return NULL;
}

const char *
digest_advice(const struct change_row *row, struct arena *a)
{
	const char *names = "", *command = NULL;
	size_t n = 0;

	if (row->kind == CHANGE_RESOLVED)
		return NULL;
	for (size_t i = 0; i < row->n_packages && n < 8; i++) {
		const struct change_package *p = &row->packages[i];

		if (p->fix != FIX_AVAILABLE)
			continue;
		if (command == NULL)
			command = upgrade_command(p->ecosystem);
		names = arena_printf(a, "%s %s", names, p->name);
		n++;
	}
	if (n == 0)
		return NULL;
	return command != NULL
		   ? arena_printf(a, "rebuild the image, or: %s%s", command, names)
		   : arena_printf(a, "upgrade%s", names);
}

const char *
digest_data_age(const struct digest *d, struct arena *a)
{
	const struct coverage_feed *oldest = NULL;
	int64_t age_s;

	for (size_t i = 0; d->coverage != NULL && i < d->coverage->n_feeds; i++) {
		const struct coverage_feed *f = &d->coverage->feeds[i];

		if (oldest == NULL || f->last_success_at < oldest->last_success_at)
			oldest = f;
	}
	if (oldest == NULL)
		return NULL;
	if (oldest->last_success_at == 0)
		return arena_printf(a, "feed %s has not been read yet", oldest->name);
	age_s = d->at > oldest->last_success_at ? d->at - oldest->last_success_at : 0;
	if (age_s < 7200)
		return arena_printf(a, "oldest feed: %s, read %lld %s ago",
		    oldest->name, (long long)(age_s / 60),
		    plural(age_s / 60, "minute", "minutes"));
	return arena_printf(a, "oldest feed: %s, read %lld hours ago", oldest->name,
	    (long long)(age_s / 3600));
}
