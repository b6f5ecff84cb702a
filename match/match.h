/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match - which package version is affected by which statement, and why.
 *
 * What it is for.  Versions to order-preserving keys; ranges to half-open key intervals;
 * precedence between statements; the verdict with its reason; the severity with its
 * speaker.
 *
 * What it promises.  Pure functions over their arguments: no I/O, no clock, no state, the
 * same answer for the same input in any thread.  memcmp order of two keys of one scheme
 * is the scheme's own order wherever 'exact' is true.
 *
 * What it does not do.  It knows no table and no image: rows are handed across by the
 * service (core/verdict.h).  Which system is which ecosystem is core/ecosystem.h.
 *
 * Threads.  Any.
 *
 * Memory.  Results lie in the arena given; a decision points at the statements given.
 *
 * Errors.  None: every input has an answer.  A version no order exists for is
 * 'not parsable' and compares by equality only.
 *
 * Limits.  MAX_VERSION bytes; longer versions are not parsable.
 *
 * Start reading at the table in version.c, then match_decide() in decide.c.
 */
#ifndef MATCH_MATCH_H
#define MATCH_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/verdict.h"

struct arena;
struct affected;
struct key_out; /* match/match_private.h */

/* One packaging scheme; the rows are in version.c. */
struct scheme {
	const char *name;    /* MUST: "dpkg" */
	const char *summary; /* MUST: one line, for "vercmp --list" */
	unsigned revision;   /* MAY: bumped with every change of encode or just_above */
	bool any_bytes;      /* MAY: bytes beyond ASCII do not make a text no version */
	/*
	 * MUST.  Append the key of S[0..LEN) to OUT; false if it is not a version of this
	 * scheme (OUT is then thrown away).  *RET_EXACT may be set to false.
	 */
	bool (*encode)(const char *s, size_t len, struct key_out *out, bool *ret_exact);
	/*
	 * MUST.  OUT holds the key of S[0..LEN): append what makes it the lowest key above
	 * every version that "last affected S" includes.  key_just_above() where no other
	 * version is meant by S.
	 */
	void (*just_above)(const char *s, size_t len, struct key_out *out);
	/*
	 * MAY, but MUST where encode says 'not exact'.  What the packaging system itself
	 * says of two versions, -1, 0 or 1; asked where a key is not the whole truth.
	 */
	int (*compare)(const char *a, size_t a_len, const char *b, size_t b_len);
};

const struct scheme *match_scheme(const char *name); /* NULL if unknown */
const struct scheme *match_scheme_at(size_t i);      /* NULL past the end */

/* The slots of core/verdict.h's keyer. */
extern const struct keyer match_keyer;
unsigned match_key_format(const char *scheme); /* 1 + revision; 0 if unknown */
void match_version_key(
    const char *scheme, const char *version, struct arena *a, struct version_key *ret);
void match_ranges(const char *scheme, const struct affected *aff, struct arena *a,
    struct range **ret, size_t *ret_n, size_t *ret_bad);

/* -1, 0, 1 in *RET; false if one of the two is not a version of SCHEME. */
bool match_version_compare(const char *scheme, const char *a, const char *b, int *ret);
int match_key_compare(struct key a, struct key b);

/*
 * The verdict for one component and one vulnerability over all N statements about the
 * component's package or its source package.  Order: conditions (kind, module, arch,
 * vendor), best-ranked source, own stream before base stream, denial before affected,
 * intervals united, highest fix.
 */
void match_decide(const struct subject *s, const struct statement *statements, size_t n,
    struct decision *ret);

/* The severity of a match and who says so; fills severity and severity_by of D. */
void match_severity(struct decision *d, const struct rating *ratings, size_t n);

#endif
