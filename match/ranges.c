/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ranges - what a feed writes about versions, as half-open intervals of keys, so that
 * one comparison, lo <= key < hi, serves every form.
 *
 *	introduced nothing or "0"	lo = the empty key, below every version
 *	introduced V			lo = key of V
 *	fixed V				hi = key of V
 *	last_affected V			hi = the scheme's least key above V
 *	no end				hi = ff ff ff, above every version
 *	exactly V			lo = key of V, hi = the least key above it
 *
 * "0" is not the key of 0, since 0~beta1 is lower than that.
 */
#include "match/match.h"

#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "match/match_private.h"

struct bounds {
	const struct scheme *scheme; /* NULL = unknown: nothing has an order */
	struct arena *a;
};

/* False if TEXT is no version.  ABOVE: the bound lies behind it. */
static bool
set_bound(const struct bounds *b, const char *text, bool above, struct range *r,
    struct key *ret)
{
	unsigned char bytes[KEY_MAX];
	struct key_out out = { .at = bytes, .cap = sizeof(bytes) };
	size_t len = strlen(text);
	bool exact;

	if (!match_encode(b->scheme, text, len, &out, &exact))
		return false;
	if (above)
		b->scheme->just_above(text, len, &out);
	if (out.full)
		return false;
	r->exact = r->exact && exact;
	*ret = key_copy(&out, b->a);
	return true;
}

static bool
set_end(const struct bounds *b, const struct affected *aff, struct range *r)
{
	if (aff->fixed != NULL) {
		r->bound = BOUND_FIXED;
		r->hi_text = arena_strdup(b->a, aff->fixed);
		return set_bound(b, aff->fixed, false, r, &r->hi);
	}
	if (aff->last_affected != NULL) {
		r->bound = BOUND_LAST_AFFECTED;
		r->hi_text = arena_strdup(b->a, aff->last_affected);
		return set_bound(b, aff->last_affected, true, r, &r->hi);
	}
	r->bound = BOUND_NONE;
	r->hi.bytes = (const unsigned char *)KEY_OPEN_END;
	r->hi.len = sizeof(KEY_OPEN_END) - 1;
	return true;
}

static bool
set_interval(const struct bounds *b, const struct affected *aff, struct range *r)
{
	const char *from = aff->introduced;

	r->exact = true;
	r->lo.bytes = (const unsigned char *)"";
	if (from != NULL && *from != '\0' && strcmp(from, "0") != 0) {
		r->lo_text = arena_strdup(b->a, from);
		if (!set_bound(b, from, false, r, &r->lo))
			return false;
	}
	return set_end(b, aff, r);
}

/* Only the key of the very same version (or text, if it is none) lies inside. */
static void
set_equal(const struct bounds *b, const char *version, struct range *r)
{
	r->exact = true;
	r->bound = BOUND_EQUAL;
	r->lo_text = r->hi_text = arena_strdup(b->a, version);
	if (!set_bound(b, version, false, r, &r->lo))
		r->lo = key_no_version(version, strlen(version), b->a);
	r->hi = key_after(r->lo, b->a);
}

void
match_ranges(const char *scheme, const struct affected *aff, struct arena *a,
    struct range **ret, size_t *ret_n, size_t *ret_bad)
{
	const struct bounds b = { .scheme = match_scheme(scheme), .a = a };
	size_t n = aff->n_versions > 0 ? aff->n_versions : 1;

	*ret = arena_array(a, n, sizeof(**ret));
	*ret_bad = 0;
	*ret_n = n;
	if (aff->n_versions == 0 && !set_interval(&b, aff, *ret)) {
		*ret_n = 0;
		*ret_bad = 1;
	}
	for (size_t i = 0; i < aff->n_versions; i++)
		set_equal(&b, aff->versions[i], &(*ret)[i]);
}
