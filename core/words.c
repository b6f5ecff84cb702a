/* SPDX-License-Identifier: Apache-2.0 */
/* words - one table of texts per closed list. */
#include "core/words.h"

#include <stddef.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const severities[] = {
	[SEVERITY_UNKNOWN] = "unknown",
	[SEVERITY_NEGLIGIBLE] = "negligible",
	[SEVERITY_LOW] = "low",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high",
	[SEVERITY_CRITICAL] = "critical",
};
_Static_assert(COUNT(severities) == SEVERITY_COUNT, "one word per severity");

static const char *const statuses[] = {
	[STATUS_UNKNOWN] = "unknown",
	[STATUS_AFFECTED] = "affected",
	[STATUS_FIXED] = "fixed",
	[STATUS_NOT_AFFECTED] = "not_affected",
	[STATUS_WONT_FIX] = "wont_fix",
	[STATUS_DEFERRED] = "deferred",
	[STATUS_END_OF_LIFE] = "end_of_life",
	[STATUS_UNDER_INVESTIGATION] = "under_investigation",
};
_Static_assert(COUNT(statuses) == STATUS_COUNT, "one word per status");

static const char *const package_kinds[] = {
	[KIND_BINARY] = "binary",
	[KIND_SOURCE] = "source",
};
_Static_assert(COUNT(package_kinds) == KIND_COUNT, "one word per kind");

static const char *const record_kinds[] = {
	[RECORD_VULNERABILITY] = "vulnerability",
	[RECORD_MALWARE] = "malware",
	[RECORD_RELEASE] = "release",
};
_Static_assert(COUNT(record_kinds) == RECORD_KIND_COUNT, "one word per kind of record");

static const char *const coverage_states[] = {
	[COVERAGE_COMPLETE] = "complete",
	[COVERAGE_PARTIAL] = "partial",
	[COVERAGE_UNSUPPORTED] = "unsupported",
	[COVERAGE_UNIDENTIFIED] = "unidentified",
	[COVERAGE_SCRATCH] = "scratch",
	[COVERAGE_END_OF_LIFE] = "end_of_life",
	[COVERAGE_WAITING_FOR_FEEDS] = "waiting_for_feeds",
};
_Static_assert(COUNT(coverage_states) == COVERAGE_COUNT, "one word per state");

static const char *const reasons[] = {
	[REASON_AFFECTED] = "affected",
	[REASON_NOT_IN_INVENTORY] = "not_in_inventory",
	[REASON_VERSION_HAS_FIX] = "version_has_fix",
	[REASON_VENDOR_NOT_AFFECTED] = "vendor_not_affected",
	[REASON_OTHER_ARCHITECTURE] = "other_architecture",
	[REASON_OTHER_STREAM] = "other_stream",
	[REASON_NOT_APPLICABLE] = "not_applicable",
	[REASON_NOT_COMPARABLE] = "not_comparable",
	[REASON_ACCEPTED] = "accepted",
	[REASON_NO_STATEMENT] = "no_statement",
};
_Static_assert(COUNT(reasons) == REASON_COUNT, "one word per reason");

static const char *const speakers[] = {
	[SPEAKER_NONE] = "none",
	[SPEAKER_STATEMENT] = "statement",
	[SPEAKER_VENDOR_CVSS] = "vendor_cvss",
	[SPEAKER_CNA] = "cna",
	[SPEAKER_ADP] = "adp",
	[SPEAKER_OTHER_DISTRO] = "other_distro",
	[SPEAKER_NVD] = "nvd",
};
_Static_assert(COUNT(speakers) == SPEAKER_COUNT, "one word per speaker");

/* Numbers also come out of the store: one that is no word must not be an index. */
static const char *
word(const char *const table[], size_t n, unsigned i)
{
	return i < n ? table[i] : "unknown";
}

static bool
find(const char *const table[], size_t n, const char *text, unsigned *ret)
{
	for (unsigned i = 0; text != NULL && i < n; i++) {
		if (strcmp(table[i], text) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

const char *
severity_name(enum severity s)
{
	return word(severities, COUNT(severities), (unsigned)s);
}

const char *
status_name(enum status s)
{
	return word(statuses, COUNT(statuses), (unsigned)s);
}

const char *
package_kind_name(enum package_kind k)
{
	return word(package_kinds, COUNT(package_kinds), (unsigned)k);
}

const char *
record_kind_name(enum record_kind k)
{
	return word(record_kinds, COUNT(record_kinds), (unsigned)k);
}

const char *
coverage_state_name(enum coverage_state c)
{
	return word(coverage_states, COUNT(coverage_states), (unsigned)c);
}

const char *
reason_name(enum reason r)
{
	return word(reasons, COUNT(reasons), (unsigned)r);
}

const char *
speaker_name(enum speaker s)
{
	return word(speakers, COUNT(speakers), (unsigned)s);
}

bool
severity_from_name(const char *text, enum severity *ret)
{
	unsigned i;

	if (!find(severities, COUNT(severities), text, &i))
		return false;
	*ret = (enum severity)i;
	return true;
}

bool
status_from_name(const char *text, enum status *ret)
{
	unsigned i;

	if (!find(statuses, COUNT(statuses), text, &i))
		return false;
	*ret = (enum status)i;
	return true;
}

bool
package_kind_from_name(const char *text, enum package_kind *ret)
{
	unsigned i;

	if (!find(package_kinds, COUNT(package_kinds), text, &i))
		return false;
	*ret = (enum package_kind)i;
	return true;
}

bool
record_kind_from_name(const char *text, enum record_kind *ret)
{
	unsigned i;

	if (!find(record_kinds, COUNT(record_kinds), text, &i))
		return false;
	*ret = (enum record_kind)i;
	return true;
}

bool
speaker_from_name(const char *text, enum speaker *ret)
{
	unsigned i;

	if (!find(speakers, COUNT(speakers), text, &i))
		return false;
	*ret = (enum speaker)i;
	return true;
}

enum severity
severity_from_cvss(int tenths)
{
	if (tenths <= 0)
		return SEVERITY_UNKNOWN;
	if (tenths < 40)
		return SEVERITY_LOW;
	if (tenths < 70)
		return SEVERITY_MEDIUM;
	if (tenths < 90)
		return SEVERITY_HIGH;
	return SEVERITY_CRITICAL;
}
