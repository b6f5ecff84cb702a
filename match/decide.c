/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide - the verdict for one installed package and one vulnerability.  Statements are
 * thrown out by rule after rule until those are left that have the say; no rule looks
 * at their order, so the verdict does not depend on how they were read.
 */
#include "match/match.h"

#include <string.h>

#include "core/component.h"
#include "core/str.h"
#include "match/match_private.h"

/* Whose updates a statement is about, seen from the subject. */
enum tier { TIER_OWN, TIER_BASE, TIER_LACKED };

/* Who has the say. */
struct hearing {
	const struct subject *s;
	const struct statement *all;
	size_t n;
	int rank; /* of the sources that are heard */
	enum tier tier;
	bool modular; /* only those that name the subject's module */
};

/* Where the installed version lies, seen from a range. */
enum place { PLACE_BELOW, PLACE_INSIDE, PLACE_ABOVE, PLACE_NO_ORDER };

/* The best statement of every kind of answer; NULL = nobody gives it. */
struct answers {
	const struct statement *hit, *unordered, *past_fix, *beside, *unknown;
};

static enum tier
tier_of(const struct subject *s, const struct statement *st)
{
	const char *stream = str_or_empty(st->stream);

	if (*stream == '\0')
		return TIER_BASE;
	return fit_has_stream(s, stream) ? TIER_OWN : TIER_LACKED;
}

static bool
names_module(const struct statement *st)
{
	return *str_or_empty(st->module) != '\0';
}

static bool
is_heard(const struct hearing *h, const struct statement *st)
{
	return st->source_rank == h->rank && fit_of(h->s, st) == FIT_YES &&
	       tier_of(h->s, st) == h->tier && (!h->modular || names_module(st));
}

/* The native order of the subject's scheme, where keys are not the whole truth. */
static enum place
place_by_text(const struct scheme *scheme, const char *version, const struct range *r)
{
	size_t len = strlen(version);
	int order;

	if (r->lo_text != NULL &&
	    scheme->compare(version, len, r->lo_text, strlen(r->lo_text)) < 0)
		return PLACE_BELOW;
	if (r->bound == BOUND_NONE)
		return PLACE_INSIDE;
	order = scheme->compare(version, len, r->hi_text, strlen(r->hi_text));
	if (r->bound == BOUND_FIXED ? order < 0 : order <= 0)
		return PLACE_INSIDE;
	return PLACE_ABOVE;
}

static enum place
place_of(const struct subject *s, const struct statement *st)
{
	bool of_source = st->kind == KIND_SOURCE;
	struct key key = of_source ? s->origin_key : s->key;

	if (!(of_source ? s->origin_parsable : s->parsable) &&
	    st->range.bound != BOUND_EQUAL)
		return PLACE_NO_ORDER;
	if (!(of_source ? s->origin_exact : s->exact) || !st->range.exact) {
		const struct scheme *scheme = match_scheme(s->scheme);

		if (scheme != NULL && scheme->compare != NULL)
			return place_by_text(scheme,
			    of_source ? s->origin_version : s->version, &st->range);
	}
	if (match_key_compare(key, st->range.lo) < 0)
		return PLACE_BELOW;
	return match_key_compare(key, st->range.hi) < 0 ? PLACE_INSIDE : PLACE_ABOVE;
}

/* One that names the subject's architecture is worth more than one that names none. */
static bool
names_arch(const struct statement *st)
{
	return *str_or_empty(st->archs) != '\0';
}

/* An investigation that is under way never hides what is known already. */
static bool
is_settled(const struct statement *st)
{
	return st->status != STATUS_UNDER_INVESTIGATION;
}

/* Has A more to say than B?  The last resorts only make the answer the same always. */
static bool
outdoes(const struct statement *a, const struct statement *b)
{
	int order;

	if (b == NULL)
		return true;
	if (is_settled(a) != is_settled(b))
		return is_settled(a);
	if ((order = match_key_compare(a->range.hi, b->range.hi)) != 0)
		return order > 0;
	if (a->severity != b->severity)
		return a->severity > b->severity;
	if (a->status != b->status)
		return a->status < b->status;
	order = strcmp(str_or_empty(a->record_key), str_or_empty(b->record_key));
	return order != 0 ? order < 0 : a->affected_id < b->affected_id;
}

static void
keep_best(const struct statement **best, const struct statement *st)
{
	if (outdoes(st, *best))
		*best = st;
}

/* A denial without bounds holds for every version, also for one without an order. */
static bool
denies(const struct hearing *h, const struct statement *st)
{
	if (st->status != STATUS_NOT_AFFECTED || !is_heard(h, st))
		return false;
	if (st->range.bound == BOUND_NONE && st->range.lo.len == 0)
		return true;
	return place_of(h->s, st) == PLACE_INSIDE;
}

/* The best denial, one for the architecture before a general one; or NULL. */
static const struct statement *
find_denial(const struct hearing *h)
{
	const struct statement *general = NULL, *specific = NULL;

	for (size_t i = 0; i < h->n; i++)
		if (denies(h, &h->all[i]))
			keep_best(
			    names_arch(&h->all[i]) ? &specific : &general, &h->all[i]);
	return specific != NULL ? specific : general;
}

static void
hear_one(const struct hearing *h, const struct statement *st, struct answers *x)
{
	enum place place = place_of(h->s, st);

	if (st->status == STATUS_UNKNOWN) {
		if (place == PLACE_INSIDE || place == PLACE_NO_ORDER)
			keep_best(&x->unknown, st);
	} else if (place == PLACE_INSIDE) {
		keep_best(&x->hit, st);
	} else if (place == PLACE_NO_ORDER) {
		keep_best(&x->unordered, st);
	} else if (place == PLACE_ABOVE && st->range.bound == BOUND_FIXED) {
		keep_best(&x->past_fix, st);
	} else {
		keep_best(&x->beside, st);
	}
}

static void
hear(const struct hearing *h, const struct statement *denial, struct answers *x)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct statement *st = &h->all[i];

		if (st->status == STATUS_NOT_AFFECTED || !is_heard(h, st))
			continue;
		if (denial != NULL && (names_arch(denial) || !names_arch(st)))
			continue;
		hear_one(h, st, x);
	}
}

static bool
has_no_fix(enum status status)
{
	return status == STATUS_AFFECTED || status == STATUS_WONT_FIX ||
	       status == STATUS_DEFERRED || status == STATUS_END_OF_LIFE;
}

/* A fix that the image cannot install is named, and nothing more. */
static void
look_in_other_streams(const struct hearing *h, struct decision *ret)
{
	const struct hearing lacked = { .s = h->s,
		.all = h->all,
		.n = h->n,
		.rank = h->rank,
		.tier = TIER_LACKED };
	const struct statement *best = NULL;

	for (size_t i = 0; i < h->n; i++) {
		const struct statement *st = &h->all[i];

		if (st->status == STATUS_FIXED && is_heard(&lacked, st) &&
		    place_of(h->s, st) == PLACE_INSIDE)
			keep_best(&best, st);
	}
	if (best != NULL) {
		ret->fix_in_other_stream = true;
		ret->fix_stream = best->stream;
	}
}

static void
answer(struct decision *ret, enum reason reason, const struct statement *by)
{
	ret->reason = reason;
	ret->by = by;
	if (by != NULL && by->severity != SEVERITY_UNKNOWN) {
		ret->severity = by->severity;
		ret->severity_by = SPEAKER_STATEMENT;
	}
}

/* Those who have the say are found; what do they say? */
static void
conclude(const struct hearing *h, struct decision *ret)
{
	const struct statement *denial = find_denial(h);
	struct answers x = { 0 };

	hear(h, denial, &x);
	if (x.hit != NULL) {
		ret->is_match = true;
		ret->state = x.hit->status;
		answer(ret, REASON_AFFECTED, x.hit);
		if (has_no_fix(ret->state))
			look_in_other_streams(h, ret);
	} else if (x.unordered != NULL) {
		answer(ret, REASON_NOT_COMPARABLE, x.unordered);
	} else if (x.past_fix != NULL) {
		answer(ret, REASON_VERSION_HAS_FIX, x.past_fix);
	} else if (denial != NULL) {
		answer(ret, REASON_VENDOR_NOT_AFFECTED, denial);
	} else if (x.beside != NULL) {
		/* the vendor names versions, and this is none of them */
		answer(ret, REASON_VENDOR_NOT_AFFECTED, x.beside);
	} else {
		answer(ret, REASON_NO_STATEMENT, x.unknown);
	}
}

/* The best rank among what fits; false, and the reason, if nothing does. */
static bool
find_rank(struct hearing *h, enum reason *ret_reason)
{
	enum fit best = FIT_NOT_ABOUT;

	for (size_t i = 0; i < h->n; i++) {
		enum fit fit = fit_of(h->s, &h->all[i]);

		if (fit == FIT_YES &&
		    (best != FIT_YES || h->all[i].source_rank < h->rank))
			h->rank = h->all[i].source_rank;
		if (fit > best)
			best = fit;
	}
	if (best == FIT_NOT_ABOUT)
		*ret_reason = REASON_NO_STATEMENT;
	else if (best == FIT_ARCH)
		*ret_reason = REASON_OTHER_ARCHITECTURE;
	else
		*ret_reason = REASON_NOT_APPLICABLE;
	return best == FIT_YES;
}

/*
 * The first tier in which somebody speaks; among those, a statement about the subject's
 * module leaves the ones without a module to the packages outside of it.
 */
static bool
find_tier(struct hearing *h)
{
	static const enum tier tiers[] = { TIER_OWN, TIER_BASE };

	for (size_t t = 0; t < sizeof(tiers) / sizeof(tiers[0]); t++) {
		bool any = false, modular = false;

		h->tier = tiers[t];
		h->modular = false;
		for (size_t i = 0; i < h->n; i++) {
			if (!is_heard(h, &h->all[i]))
				continue;
			any = true;
			modular = modular || names_module(&h->all[i]);
		}
		h->modular = modular;
		if (any)
			return true;
	}
	return false;
}

/* Only streams that the image lacks speak: the one that says most, for explain. */
static const struct statement *
find_lacked(struct hearing *h)
{
	const struct statement *best = NULL;

	h->tier = TIER_LACKED;
	h->modular = false;
	for (size_t i = 0; i < h->n; i++)
		if (is_heard(h, &h->all[i]))
			keep_best(&best, &h->all[i]);
	return best;
}

void
match_decide(const struct subject *s, const struct statement *statements, size_t n,
    struct decision *ret)
{
	struct hearing h = { .s = s, .all = statements, .n = n };
	enum reason reason;

	memset(ret, 0, sizeof(*ret));
	ret->component_id = s->component_id;
	ret->vulnerability_id = n > 0 ? statements[0].vulnerability_id : 0;
	if ((s->flags & (COMPONENT_SUPERSEDED | COMPONENT_OWNED)) != 0)
		answer(ret, REASON_NOT_APPLICABLE, NULL);
	else if (!find_rank(&h, &reason))
		answer(ret, reason, NULL);
	else if (s->vendor == VENDOR_THIRD_PARTY && h.rank == 0)
		/* the distribution speaks of its own package of that name */
		answer(ret, REASON_NO_STATEMENT, NULL);
	else if (!find_tier(&h))
		answer(ret, REASON_OTHER_STREAM, find_lacked(&h));
	else
		conclude(&h, ret);
}
