/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words - the closed lists of the domain: one enum and one table of texts each, used
 * in feeds, store, API and messages alike.  The numbers are stored: never reorder, only
 * add at the end (severity is the exception that must stay sorted by weight).
 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include <stdbool.h>

/* Sorted: a higher number is worse. */
enum severity {
	SEVERITY_UNKNOWN,
	SEVERITY_NEGLIGIBLE,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT
};

/* What a vendor says about one package, and what a match is in. */
enum status {
	STATUS_UNKNOWN,
	STATUS_AFFECTED, /* no fix yet */
	STATUS_FIXED,    /* a fixed version is named */
	STATUS_NOT_AFFECTED,
	STATUS_WONT_FIX,
	STATUS_DEFERRED,
	STATUS_END_OF_LIFE,
	STATUS_UNDER_INVESTIGATION,
	STATUS_COUNT
};

enum package_kind { KIND_BINARY, KIND_SOURCE, KIND_COUNT };

/* What a record is about: a flaw in a package, a package made to do harm, or a release of
 * a system. */
enum record_kind {
	RECORD_VULNERABILITY,
	RECORD_MALWARE,
	RECORD_RELEASE,
	RECORD_KIND_COUNT
};

/* Whose packages a component is: the distribution's own, or somebody else's. */
enum vendor { VENDOR_OWN, VENDOR_THIRD_PARTY, VENDOR_COUNT };

/* What could be judged at all (see struct coverage). */
enum coverage_state {
	COVERAGE_COMPLETE,
	COVERAGE_PARTIAL,      /* a part of the image could not be read or judged */
	COVERAGE_UNSUPPORTED,  /* a system no feed speaks of */
	COVERAGE_UNIDENTIFIED, /* packages, but nothing says of which system */
	COVERAGE_SCRATCH,      /* no system and no packages */
	COVERAGE_END_OF_LIFE,  /* the vendor has stopped telling */
	COVERAGE_WAITING_FOR_FEEDS, /* feeds exist, none has been loaded yet */
	COVERAGE_COUNT
};

/* Why a package is, or is not, affected: the words of explain. */
enum reason {
	REASON_AFFECTED,
	REASON_NOT_IN_INVENTORY,
	REASON_VERSION_HAS_FIX,
	REASON_VENDOR_NOT_AFFECTED,
	REASON_OTHER_ARCHITECTURE,
	REASON_OTHER_STREAM,
	REASON_NOT_APPLICABLE, /* kernel headers, superseded kernels, other module */
	REASON_NOT_COMPARABLE, /* a version no order exists for */
	REASON_ACCEPTED,
	REASON_NO_STATEMENT,
	REASON_COUNT
};

/* Who gave a severity. */
enum speaker {
	SPEAKER_NONE,
	SPEAKER_STATEMENT,   /* the deciding statement itself */
	SPEAKER_VENDOR_CVSS, /* the same vendor's CVSS */
	SPEAKER_CNA,
	SPEAKER_ADP,          /* CISA-ADP */
	SPEAKER_OTHER_DISTRO, /* another distribution's word on the same CVE */
	SPEAKER_NVD,
	SPEAKER_COUNT
};

/* The form of a range's upper end, kept so that keys can be made again. */
enum bound { BOUND_NONE, BOUND_FIXED, BOUND_LAST_AFFECTED, BOUND_EQUAL, BOUND_COUNT };

const char *severity_name(enum severity s);
const char *status_name(enum status s);
const char *package_kind_name(enum package_kind k);
const char *record_kind_name(enum record_kind k);
const char *coverage_state_name(enum coverage_state c);
const char *reason_name(enum reason r);
const char *speaker_name(enum speaker s);

/* False, and *RET untouched, if TEXT is none of the words. */
bool severity_from_name(const char *text, enum severity *ret);
bool status_from_name(const char *text, enum status *ret);
bool package_kind_from_name(const char *text, enum package_kind *ret);
bool record_kind_from_name(const char *text, enum record_kind *ret);
bool speaker_from_name(const char *text, enum speaker *ret);

/* Band of a CVSS v3/v4 base score given in tenths (98 = 9.8); 0 is SEVERITY_UNKNOWN. */
enum severity severity_from_cvss(int tenths);

#endif
