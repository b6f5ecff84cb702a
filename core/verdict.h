/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict - the rows that store and match hand each other through the service: what is
 * installed (subject), what is said (statement), how bad others say it is (rating), and
 * what follows (decision).  Plain structs; match computes, store keeps.
 */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/words.h"

struct arena;
struct affected;

/* Bytes whose memcmp order (shorter prefix first) is the scheme's version order. */
struct key {
	const unsigned char *bytes;
	size_t len;
};

/* The keys of one installed version. */
struct version_key {
	struct key key; /* never empty */
	bool exact;     /* memcmp is the whole truth (all but some Maven versions) */
	bool parsable;  /* false: equality only; explain says not_comparable */
};

/* One half-open range of an affected entry: lo <= version < hi. */
struct range {
	struct key lo, hi;
	bool exact;
	enum bound bound;
	const char *lo_text, *hi_text; /* originals, for a later re-key; NULL = open */
};

/*
 * How the store gets keys without knowing match/: injected by the service, pure, any
 * thread.  Results lie in A.
 */
struct keyer {
	/* The number of SCHEME's encoding, another one whenever it changes; 0 = nobody has an
	 * order for it. */
	unsigned (*format)(const char *scheme);
	void (*version)(const char *scheme, const char *version, struct arena *a,
	    struct version_key *ret);
	/* The ranges of AFF under SCHEME; a bound that cannot be parsed gives no range
	 * unless it is an equality.  *RET_BAD counts what was left out. */
	void (*ranges)(const char *scheme, const struct affected *aff, struct arena *a,
	    struct range **ret, size_t *ret_n, size_t *ret_bad);
};

struct subject {
	int64_t component_id;
	int64_t package_id;        /* of the installed (binary) package */
	int64_t origin_package_id; /* of its source package; 0 = none */
	const char *ecosystem, *scheme;
	const char *package, *version;
	const char *origin_package, *origin_version; /* NULL when origin 0 */
	struct key key, origin_key;
	bool exact, origin_exact;
	bool parsable, origin_parsable;
	const char *arch, *module, *streams;
	enum vendor vendor;
	unsigned flags; /* COMPONENT_... */
};

struct statement {
	int64_t affected_id; /* 0 = a denial */
	int64_t record_id;
	int64_t package_id; /* whom it is about, in the sense of 'kind' */
	int64_t vulnerability_id;
	enum package_kind kind;
	const char *source, *advisory; /* "debian", "CVE-2023-5678" */
	const char *record_key;
	int source_rank; /* 0 own distribution, 1 OSV and the like, 2 NVD by CPE */
	int64_t revision, learned_at;
	const char *stream, *module, *archs; /* archs comma separated; "" = every */
	struct range range;
	enum status status;
	const char *fixed_version; /* NULL unless status is FIXED */
	const char *vendor_state;
	enum severity severity;      /* this statement's own */
	const char *vendor_severity; /* its word */
};

/* What somebody says about the vulnerability as a whole. */
struct rating {
	enum speaker speaker;
	const char *by; /* "nvd", "redhat", a CNA */
	enum severity severity;
	const char *word;
	int score_tenths; /* 0 = none */
};

struct decision {
	int64_t component_id, vulnerability_id;
	bool is_match; /* is a match row to exist? */
	enum status
	    state; /* AFFECTED, FIXED (= fix exists), WONT_FIX ... when is_match */
	enum reason reason;
	const struct statement *by; /* deciding statement; NULL = none applies */
	enum severity severity;
	enum speaker severity_by;
	bool
	    fix_in_other_stream; /* the fix lives in by_stream, which the image lacks */
	const char *fix_stream;  /* NULL unless so */
};

#endif
