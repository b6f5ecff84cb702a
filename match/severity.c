/* SPDX-License-Identifier: Apache-2.0 */
/*
 * severity - how bad, and who says so.  The deciding statement's own word is final, low
 * or high: a vendor knows how its package is built.  Without one, enum speaker is the
 * order of belief.
 */
#include "match/match.h"

#include "core/str.h"

/* A vendor scores its own packages; for others it is another distribution. */
static enum speaker
speaker_for(const struct decision *d, const struct rating *r)
{
	if (r->speaker == SPEAKER_VENDOR_CVSS && r->by != NULL && d->by != NULL &&
	    d->by->source != NULL && !str_caseeq(r->by, d->by->source))
		return SPEAKER_OTHER_DISTRO;
	return r->speaker;
}

void
match_severity(struct decision *d, const struct rating *ratings, size_t n)
{
	if (d->severity_by == SPEAKER_STATEMENT)
		return;
	d->severity = SEVERITY_UNKNOWN;
	d->severity_by = SPEAKER_NONE;
	for (size_t i = 0; i < n; i++) {
		enum speaker speaker = speaker_for(d, &ratings[i]);

		if (speaker <= SPEAKER_STATEMENT ||
		    ratings[i].severity == SEVERITY_UNKNOWN)
			continue;
		if (d->severity_by == SPEAKER_NONE || speaker < d->severity_by ||
		    (speaker == d->severity_by && ratings[i].severity > d->severity)) {
			d->severity = ratings[i].severity;
			d->severity_by = speaker;
		}
	}
}
