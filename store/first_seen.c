/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Since when an image has a finding: the start of the unbroken run of its builds in each of
 * which some version of the package was open to the vulnerability.  A rebuild that does not
 * mend does not set the clock back.  Walked on demand, over image_past and match_past.
 */
#include "core/arena.h"
#include "store/finding_private.h"
#include "store/outbox_private.h"

/* A build that the image pointed to: [from, to). */
struct build {
	int64_t from_seq, to_seq, inventory_id;
	int64_t *components; /* read when first asked for */
	size_t n;
	bool is_read;
};

struct image_builds {
	struct store *st;
	struct arena *a;
	struct build *at; /* newest first, the present one not among them */
	size_t n, cap;
	int64_t period_seq; /* since when it is what it is now */
};

/* A component stood open: [from, to). */
struct stretch {
	int64_t component_id, from_seq, to_seq;
};

struct stretches {
	struct stretch *at;
	size_t n, cap;
};

enum err_code
image_builds_load(struct store *st, int64_t image_id, int64_t as_of_seq,
    struct arena *a, struct image_builds **ret, struct err *e)
{
	struct image_builds *b = arena_zalloc(a, sizeof(*b));
	struct query *q = query(st, STMT_IMAGE_BUILDS);
	enum err_code rc;
	bool more;

	b->st = st;
	b->a = a;
	bind_int(q, 1, image_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		const struct build one = { .from_seq = col_int(q, 0),
			.to_seq = col_int(q, 1),
			.inventory_id = col_int(q, 2) };

		if (as_of_seq != 0 && one.from_seq > as_of_seq)
			continue;
		if (col_null(q, 1) || (as_of_seq != 0 && one.to_seq > as_of_seq))
			b->period_seq = one.from_seq;
		else
			*ARENA_PUSH(a, b) = one;
	}
	query_done(q);
	*ret = b;
	return rc;
}

static enum err_code
holds(struct image_builds *b, struct build *build, int64_t component_id, bool *ret,
    struct err *e)
{
	size_t lo = 0, hi;
	enum err_code rc;

	*ret = false;
	if (!build->is_read && build->inventory_id != 0) {
		rc = sets_components_of(
		    b->st, build->inventory_id, b->a, &build->components, &build->n, e);
		if (rc != ERR_OK)
			return rc;
	}
	build->is_read = true;
	for (hi = build->n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;

		if (build->components[mid] < component_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = lo < build->n && build->components[lo] == component_id;
	return ERR_OK;
}

static enum err_code
read_stretches(struct image_builds *b, int64_t component_id, int64_t vulnerability_id,
    struct stretches *out, struct err *e)
{
	struct query *q = query(b->st, STMT_PACKAGE_STRETCHES);
	enum err_code rc;
	bool more;

	bind_int(q, 1, component_id);
	bind_int(q, 2, vulnerability_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(b->a, out) = (struct stretch){ col_int(q, 0), col_int(q, 1),
			col_null(q, 2) ? INT64_MAX : col_int(q, 2) };
	query_done(q);
	return rc;
}

/* Since when COMPONENT_ID has been open without a break, up to just before SEQ; 0 = it was
 * not open then.  A change of state ends one stretch and begins the next. */
static int64_t
open_since(const struct stretches *s, int64_t component_id, int64_t seq)
{
	int64_t since = seq;
	bool found = true;

	while (found) {
		found = false;
		for (size_t i = 0; i < s->n && !found; i++)
			if (s->at[i].component_id == component_id &&
			    s->at[i].from_seq < since && s->at[i].to_seq >= since) {
				since = s->at[i].from_seq;
				found = true;
			}
	}
	return since < seq ? since : 0;
}

/* The earliest number from which the build had the finding up to its end; 0 = it ended
 * without it. */
static enum err_code
ended_open_since(struct image_builds *b, struct build *build, const struct stretches *s,
    int64_t *ret, struct err *e)
{
	*ret = 0;
	for (size_t i = 0; i < s->n; i++) {
		int64_t since = open_since(s, s->at[i].component_id, build->to_seq);
		bool there;
		enum err_code rc;

		if (since == 0 || (*ret != 0 && since >= *ret))
			continue;
		rc = holds(b, build, s->at[i].component_id, &there, e);
		if (rc != ERR_OK)
			return rc;
		if (there)
			*ret = since;
	}
	return ERR_OK;
}

enum err_code
first_seen_seq(struct image_builds *b, int64_t component_id, int64_t vulnerability_id,
    int64_t since_seq, int64_t *ret, struct err *e)
{
	struct stretches s = { 0 };
	int64_t began = since_seq > b->period_seq ? since_seq : b->period_seq;
	enum err_code rc;

	*ret = began;
	if (b->n == 0 || began > b->period_seq)
		return ERR_OK;
	if ((rc = read_stretches(b, component_id, vulnerability_id, &s, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < b->n && b->at[i].to_seq == *ret; i++) {
		int64_t since;

		rc = ended_open_since(b, &b->at[i], &s, &since, e);
		if (rc != ERR_OK || since == 0)
			return rc;
		*ret = since > b->at[i].from_seq ? since : b->at[i].from_seq;
	}
	return ERR_OK;
}
