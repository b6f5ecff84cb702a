/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a subscription want this?  Asked twice: of a log entry's columns, cheaply, for every
 * subscription; and of the net change with everything known, for those that are left.
 */
#include "core/str.h"
#include "notify/notify_private.h"

#define QUIET_EPSS_MICRO 100000 /* 0.1 */

struct facts {
	enum severity severity;
	bool fixable, exploited, is_resolved;
	int64_t epss_micro, epss_before_micro; /* -1 = none; before: it rose over one */
};

static bool
passes_severity(const struct filter *f, const struct facts *x, bool aged)
{
	if (f->only_exploited && f->min_severity != SEVERITY_UNKNOWN)
		return x->exploited ||
		       x->severity >= f->min_severity; /* either, for urgent */
	if (f->only_exploited)
		return x->exploited;
	if (x->exploited)
		return true; /* never held back for want of a score */
	if (x->severity == SEVERITY_UNKNOWN)
		return f->unknown == UNKNOWN_PASS ||
		       (f->unknown == UNKNOWN_WAIT && aged);
	return x->severity >= f->min_severity;
}

static bool
passes_facts(const struct filter *f, const struct facts *x, bool aged)
{
	if (x->severity == SEVERITY_NEGLIGIBLE &&
	    f->min_severity != SEVERITY_NEGLIGIBLE && !x->exploited)
		return false; /* kept, shown when asked for, never news by itself */
	if (f->only_fixable && !x->fixable)
		return false;
	if (f->epss_gte_micro > 0 && x->epss_micro < f->epss_gte_micro)
		return false;
	if (!passes_severity(f, x, aged))
		return false;
	if (!f->is_quiet || x->exploited)
		return true;
	return (x->fixable || x->is_resolved) &&
	       (x->severity >= SEVERITY_HIGH || x->epss_micro >= QUIET_EPSS_MICRO ||
		   x->severity ==
		       SEVERITY_UNKNOWN); /* its wait is over, nobody scored it */
}

/*
 * A score rose: is that news for one that judges by it?  Only over the threshold it asks
 * for.  The quiet preset was told already of what is high, or was never rated; a filter
 * that does not ask for scores hears of the steps of the grid.
 */
static bool
is_epss_news(const struct filter *f, const struct facts *x)
{
	static const int64_t grid[] = EPSS_GRID_MICRO;
	int64_t asked = f->epss_gte_micro;

	if (asked == 0 && f->is_quiet) {
		if (x->severity >= SEVERITY_HIGH || x->severity == SEVERITY_UNKNOWN)
			return false;
		asked = QUIET_EPSS_MICRO;
	}
	if (asked > 0)
		return x->epss_before_micro < asked && asked <= x->epss_micro;
	for (size_t i = 0; i < sizeof(grid) / sizeof(grid[0]); i++)
		if (x->epss_before_micro < grid[i] && grid[i] <= x->epss_micro)
			return true;
	return false;
}

static bool
any_glob(const char *const *globs, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (text != NULL && glob_match(globs[i], text))
			return true;
	return n == 0;
}

static int
entry_change(enum event_kind k)
{
	switch (k) {
	case EVENT_FINDING_OPENED:
		return CHANGE_OPENED;
	case EVENT_FINDING_FIX_AVAILABLE:
		return CHANGE_FIX_AVAILABLE;
	case EVENT_FINDING_FIX_CHANGED:
		return CHANGE_FIX_CHANGED;
	case EVENT_FINDING_SEVERITY_RAISED:
		return CHANGE_SEVERITY_RAISED;
	case EVENT_FINDING_EXPLOITED:
		return CHANGE_EXPLOITED;
	case EVENT_FINDING_RESOLVED:
		return CHANGE_RESOLVED;
	default:
		return -1;
	}
}

bool
filter_feed(const struct filter *f, enum event_kind k)
{
	switch (k) {
	case EVENT_FEED_HELD:
		return (f->feeds & 1u << FEED_NEWS_HELD) != 0;
	case EVENT_FEED_FAILED:
		return (f->feeds & 1u << FEED_NEWS_FAILED) != 0;
	case EVENT_FEED_STALE:
		return (f->feeds & 1u << FEED_NEWS_STALE) != 0;
	default:
		return k == EVENT_FEED_RECOVERED && f->feeds != 0;
	}
}

bool
filter_entry(const struct filter *f, const struct log_entry *entry, bool aged)
{
	int change = entry_change(entry->kind);
	const struct facts x = {
		.severity = entry->severity,
		.fixable = (entry->flags & EVENT_FIXABLE) != 0,
		.exploited = (entry->flags & EVENT_EXPLOITED) != 0,
		.epss_micro = entry->epss_micro,
		.epss_before_micro = entry->epss_before_micro,
		.is_resolved = entry->kind == EVENT_FINDING_RESOLVED,
	};

	if (change < 0 || (f->changes & 1u << change) == 0)
		return false;
	/* Exploited concerns every package of the vulnerability: judged on the change. */
	if (entry->kind == EVENT_FINDING_EXPLOITED)
		return true;
	if (entry->kind == EVENT_FINDING_SEVERITY_RAISED &&
	    entry->epss_before_micro >= 0)
		return is_epss_news(f, &x);
	if (!any_glob(f->ecosystems, f->n_ecosystems, entry->ecosystem))
		return false;
	/* Package globs may name the installed package too, which only the change knows. */
	return passes_facts(f, &x, aged);
}

bool
filter_change(const struct filter *f, const struct change_row *row, bool aged)
{
	struct facts x = {
		.severity = row->severity,
		.exploited = row->exploited != 0,
		.epss_micro = row->epss_micro,
		.epss_before_micro = row->epss_before_micro,
		.is_resolved = row->kind == CHANGE_RESOLVED,
	};
	bool wanted = false;

	if ((f->changes & 1u << row->kind) == 0)
		return false;
	if (row->kind == CHANGE_SEVERITY_RAISED &&
	    row->severity <= row->severity_before && !is_epss_news(f, &x))
		return false;
	for (size_t i = 0; i < row->n_packages; i++) {
		const struct change_package *p = &row->packages[i];

		if (!any_glob(f->ecosystems, f->n_ecosystems, p->ecosystem) ||
		    (!any_glob(f->packages, f->n_packages, p->name) &&
			!any_glob(f->packages, f->n_packages, p->source_package)))
			continue;
		wanted = true;
		x.fixable |= p->fix == FIX_AVAILABLE;
	}
	return wanted && passes_facts(f, &x, aged);
}
