/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record - what ONE feed says in its smallest self-contained piece, normalized: the noun
 * that fetchers hand out and the store keeps.  A plain struct; everything in it belongs
 * to the arena of whoever made it.
 *
 * Advisory = (source, id), the shared name; several records may carry the same one.
 * Texts are clean UTF-8 (utf8_clean) and within the limits of core/limits.h.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/words.h"

struct arena;
struct buf;

struct cvss {
	const char *scorer; /* "nvd@nist.gov", a CNA's id, a vendor's name */
	const char *vector;
	int score_tenths;     /* 98 = 9.8 */
	enum speaker speaker; /* SPEAKER_NVD, _CNA, _ADP or _VENDOR_CVSS */
};

/* EPSS: how likely it is that a vulnerability is exploited within a month. */
struct epss {
	int64_t score_micro;      /* millionths */
	int64_t percentile_micro; /* of all scores, how many are lower; -1 = not said */
	const char *model;        /* scores of two do not compare; NULL = not said */
};

/* One statement about one package. */
struct affected {
	const char *ecosystem; /* "debian:12", "npm" */
	const char *stream;    /* "" = the base stream */
	const char *package;
	enum package_kind kind;
	const char *module; /* "" = none */
	const char **archs; /* n_archs; 0 = every architecture */
	size_t n_archs;
	/*
	 * The range as the feed writes it.  introduced NULL or "0" = from the beginning;
	 * at most one of fixed and last_affected is set; neither = no end.  With
	 * versions, exactly those versions instead of a range.
	 */
	const char *introduced, *fixed, *last_affected;
	const char **versions;
	size_t n_versions;
	enum status status;
	const char *vendor_state;    /* "no-dsa", "postponed" ...; NULL = none */
	enum severity severity;      /* of this entry, if the vendor says it here */
	const char *vendor_severity; /* the vendor's word for it; NULL = none */
};

struct record {
	const char *key;    /* unique inside the feed: "openssl/CVE-2023-5678" */
	const char *source; /* "debian", "alpine", "nvd", "kev" */
	const char *id;     /* the advisory's name inside the source */
	enum record_kind kind;
	/* covered, 1..n, none of a release; CVE ids where there are any */
	const char **vulnerabilities;
	size_t n_vulnerabilities;
	const char **aliases; /* other names of the same single vulnerability */
	size_t n_aliases;
	const char *title, *description; /* NULL = none */
	const char **references;         /* urls */
	size_t n_references;
	const char **cwes;
	size_t n_cwes;
	enum severity severity;
	const char *vendor_severity;            /* NULL = none */
	int64_t published, modified, withdrawn; /* seconds, 0 = not said */
	int64_t exploited; /* known to be exploited since then; 0 = not said */
	/* of a RECORD_RELEASE, whose id is an ecosystem: start of the last day on which
	 * its publisher cares for it */
	int64_t ends;
	struct epss *epss; /* NULL = not said */
	struct cvss *cvss;
	size_t n_cvss;
	struct affected *affected;
	size_t n_affected;
};

/*
 * One JSON object, the line that "tocsin feeds parse" prints and the body the store
 * keeps:
 *  {"source","id","record","vulnerabilities":[],"aliases":[],"title","severity",
 *   "vendor_severity","published","modified","withdrawn","cvss":[{"scorer","vector",
 *   "score"}],"affected":[{"ecosystem","stream","package","kind","module","arch":[],
 *   "scheme","introduced","fixed","last_affected","versions":[],"status",
 *   "vendor_state"}]}
 * and, at the end of their object and only when they say something: "description",
 * "references", "cwes", "exploited", "kind" (unless it is "vulnerability"), "ends",
 * "epss":{"score","percentile","model"}, per cvss "speaker", per entry "severity" and "vendor_severity".  Scalars that are not said are null; stream "" is the base stream.
 * Canonical: equal records give equal bytes.
 */
void record_write(const struct record *r, struct buf *out);
/* The reverse; everything lands in A.  Unknown keys are skipped, "scheme" too. */
enum err_code record_read(
    struct record **ret, const char *json, size_t len, struct arena *a, struct err *e);

/*
 * ERR_INPUT or ERR_LIMIT, naming the field, if R breaks what is written above or a cap
 * of core/limits.h.  What passes can be written and read again; record_read() calls it.
 */
enum err_code record_check(const struct record *r, struct err *e);

/*
 * Digests that say what changed: MATCH covers affected entries, vulnerabilities,
 * aliases, withdrawal and DRIVER_REVISION (a change makes units dirty); CONTENT covers
 * everything but 'modified' (a change makes a revision).
 */
void record_hashes(const struct record *r, unsigned driver_revision,
    unsigned char ret_match[32], unsigned char ret_content[32]);

/* The exact CVE id in S[0..N) in upper case ("cve_2024-1" too), or NULL. */
const char *cve_normalize(struct arena *a, const char *s, size_t n);

#endif
