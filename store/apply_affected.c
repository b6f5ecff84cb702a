/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_affected - the ranges a record calls affected, brought up to date by difference:
 * a row that is still said keeps its id, so that an edit of the record is no news to the
 * matches that point there.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"
#include "core/verdict.h"
#include "store/apply_private.h"

/* Columns of AFFECTED_OF_RECORD. */
enum row_column {
	COL_ID,
	COL_PACKAGE,
	COL_ECOSYSTEM,
	COL_KIND,
	COL_CONDITION,
	COL_LO,
	COL_HI,
	COL_EXACT,
	COL_BOUND,
	COL_LO_TEXT,
	COL_HI_TEXT,
	COL_FIXED,
	COL_STATUS,
	COL_STATE_WORD,
	COL_SEVERITY,
	COL_WORD
};

struct row {
	int64_t id; /* 0 = not written yet */
	int64_t package_id, ecosystem_id, condition_id;
	int kind;
	struct range range;
	const char *fixed_version, *vendor_state, *vendor_word;
	int status, severity;
	size_t order; /* equal rows pair in the order in which they came */
};

struct rows {
	struct row *at;
	size_t n, cap;
};

/* ---- order and equality ---- */

static int
compare_ids(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_keys(struct key a, struct key b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n == 0 ? 0 : memcmp(a.bytes, b.bytes, n);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* By what makes a row the same one. */
static int
compare_identity(const struct row *a, const struct row *b)
{
	int order;

	if ((order = compare_ids(a->package_id, b->package_id)) != 0 ||
	    (order = a->kind - b->kind) != 0 ||
	    (order = compare_ids(a->condition_id, b->condition_id)) != 0 ||
	    (order = compare_keys(a->range.lo, b->range.lo)) != 0)
		return order;
	return compare_keys(a->range.hi, b->range.hi);
}

static int
compare_rows(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	int order = compare_identity(a, b);

	return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

static bool
says_same(const struct row *a, const struct row *b)
{
	return a->range.exact == b->range.exact && a->range.bound == b->range.bound &&
	       str_eq(a->range.lo_text, b->range.lo_text) &&
	       str_eq(a->range.hi_text, b->range.hi_text) &&
	       str_eq(a->fixed_version, b->fixed_version) && a->status == b->status &&
	       str_eq(a->vendor_state, b->vendor_state) && a->severity == b->severity &&
	       str_eq(a->vendor_word, b->vendor_word);
}

/* ---- before ---- */

static struct key
read_key(struct query *q, int column, struct arena *a)
{
	struct key k;
	const void *bytes = col_blob(q, column, &k.len);

	k.bytes = arena_memdup(a, bytes, k.len);
	return k;
}

static enum err_code
read_rows(struct apply *ap, const struct put *p, struct rows *out, struct err *e)
{
	struct query *q = query(ap->st, STMT_AFFECTED_OF_RECORD);
	enum err_code rc;
	bool more;

	bind_int(q, 1, p->id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		struct row *r = ARENA_PUSH(ap->a, out);

		r->id = col_int(q, COL_ID);
		r->package_id = col_int(q, COL_PACKAGE);
		r->ecosystem_id = col_int(q, COL_ECOSYSTEM);
		r->kind = (int)col_int(q, COL_KIND);
		r->condition_id = col_int(q, COL_CONDITION);
		r->range.lo = read_key(q, COL_LO, ap->a);
		r->range.hi = read_key(q, COL_HI, ap->a);
		r->range.exact = col_int(q, COL_EXACT) != 0;
		r->range.bound = (enum bound)col_int(q, COL_BOUND);
		r->range.lo_text = col_dup(q, COL_LO_TEXT, ap->a);
		r->range.hi_text = col_dup(q, COL_HI_TEXT, ap->a);
		r->fixed_version = col_dup(q, COL_FIXED, ap->a);
		r->status = (int)col_int(q, COL_STATUS);
		r->vendor_state = col_dup(q, COL_STATE_WORD, ap->a);
		r->severity = (int)col_int(q, COL_SEVERITY);
		r->vendor_word = col_dup(q, COL_WORD, ap->a);
		r->order = out->n;
	}
	query_done(q);
	return rc;
}

/* ---- now ---- */

static enum err_code
add_entry(struct apply *ap, const struct affected *aff, struct rows *out, struct err *e)
{
	struct row base = {
		.kind = (int)aff->kind,
		.status = (int)aff->status,
		.fixed_version = aff->status == STATUS_FIXED ? aff->fixed : NULL,
		.vendor_state = aff->vendor_state,
		.severity = (int)aff->severity,
		.vendor_word = aff->vendor_severity,
	};
	struct range *ranges = NULL;
	const char *scheme = "";
	size_t n = 0, bad = 0;
	enum err_code rc;

	rc = dict_ecosystem(&ap->dict, aff->ecosystem, &base.ecosystem_id, &scheme, e);
	if (rc == ERR_OK)
		rc = dict_package(
		    &ap->dict, base.ecosystem_id, aff->package, &base.package_id, e);
	if (rc == ERR_OK)
		rc = dict_condition(&ap->dict, aff, &base.condition_id, e);
	if (rc != ERR_OK)
		return rc;
	ap->st->options.keyer->ranges(scheme, aff, ap->a, &ranges, &n, &bad);
	for (size_t i = 0; i < n; i++) {
		struct row *r = ARENA_PUSH(ap->a, out);

		*r = base;
		r->range = ranges[i];
		r->order = out->n;
	}
	return ERR_OK;
}

static enum err_code
make_rows(struct apply *ap, const struct put *p, struct rows *out, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (!p->stands)
		return ERR_OK;
	for (size_t i = 0; i < p->r->n_affected && rc == ERR_OK; i++)
		if (p->r->affected[i].status != STATUS_NOT_AFFECTED)
			rc = add_entry(ap, &p->r->affected[i], out, e);
	return rc;
}

/* ---- the difference ---- */

static enum err_code
write_row(struct apply *ap, const struct put *p, struct row *r, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if (r->id == 0 && (rc = seq_take(ap->st, "affected", 1, &r->id, e)) != ERR_OK)
		return rc;
	q = query(ap->st, STMT_AFFECTED_PUT);
	bind_int(q, 1, r->id);
	bind_int(q, 2, p->id);
	bind_int(q, 3, r->package_id);
	bind_int(q, 4, r->kind);
	bind_int(q, 5, r->condition_id);
	bind_blob(q, 6, r->range.lo.bytes, r->range.lo.len);
	bind_blob(q, 7, r->range.hi.bytes, r->range.hi.len);
	bind_int(q, 8, r->range.exact);
	bind_int(q, 9, r->range.bound);
	bind_text(q, 10, r->range.lo_text);
	bind_text(q, 11, r->range.hi_text);
	bind_text(q, 12, r->fixed_version);
	bind_int(q, 13, r->status);
	bind_text(q, 14, r->vendor_state);
	bind_int(q, 15, r->severity);
	bind_text(q, 16, r->vendor_word);
	return query_run(q, e);
}

static enum err_code
delete_row(struct apply *ap, const struct row *r, struct err *e)
{
	struct query *q = query(ap->st, STMT_AFFECTED_DELETE);

	bind_int(q, 1, r->id);
	return query_run(q, e);
}

static void
note_changed(struct apply *ap, struct put *p, const struct row *r)
{
	ids_add(ap->a, &p->changed, r->package_id);
}

/* Both sorted: walk them side by side. */
static enum err_code
write_difference(
    struct apply *ap, struct put *p, struct rows *old, struct rows *now, struct err *e)
{
	size_t i = 0, j = 0;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && (i < old->n || j < now->n)) {
		int order = i == old->n   ? 1
			    : j == now->n ? -1
					  : compare_identity(&old->at[i], &now->at[j]);

		if (order < 0) {
			note_changed(ap, p, &old->at[i]);
			rc = delete_row(ap, &old->at[i++], e);
		} else if (order > 0) {
			note_changed(ap, p, &now->at[j]);
			rc = write_row(ap, p, &now->at[j++], e);
		} else {
			now->at[j].id = old->at[i].id;
			if (!says_same(&old->at[i], &now->at[j])) {
				note_changed(ap, p, &now->at[j]);
				rc = write_row(ap, p, &now->at[j], e);
			}
			i++;
			j++;
		}
	}
	return rc;
}

/* The ecosystems this record speaks of, before and now. */
static void
cover(struct apply *ap, const struct put *p, const struct rows *old,
    const struct rows *now)
{
	struct ids before = { 0 }, after = { 0 };
	int64_t at = 0;

	if (p->r != NULL)
		at =
		    p->r->modified > p->r->published ? p->r->modified : p->r->published;
	for (size_t i = 0; i < old->n; i++)
		ids_add(ap->a, &before, old->at[i].ecosystem_id);
	for (size_t i = 0; i < now->n; i++)
		ids_add(ap->a, &after, now->at[i].ecosystem_id);
	for (size_t i = 0; i < before.n; i++)
		if (!ids_have(&after, before.at[i]))
			apply_cover(ap, before.at[i], -1, 0);
	for (size_t i = 0; i < after.n; i++)
		apply_cover(
		    ap, after.at[i], ids_have(&before, after.at[i]) ? 0 : 1, at);
}

enum err_code
apply_affected(struct apply *ap, struct put *p, struct err *e)
{
	struct rows old = { 0 }, now = { 0 };
	enum err_code rc;

	if (p->is_known && (rc = read_rows(ap, p, &old, e)) != ERR_OK)
		return rc;
	if ((rc = make_rows(ap, p, &now, e)) != ERR_OK)
		return rc;
	if (old.n > 1)
		qsort(old.at, old.n, sizeof(*old.at), compare_rows);
	if (now.n > 1)
		qsort(now.at, now.n, sizeof(*now.at), compare_rows);
	for (size_t i = 0; i < old.n; i++)
		ids_add(ap->a, &p->all_packages, old.at[i].package_id);
	for (size_t i = 0; i < now.n; i++) {
		ids_add(ap->a, &p->all_packages, now.at[i].package_id);
		ids_add(ap->a, &p->packages, now.at[i].package_id);
	}
	cover(ap, p, &old, &now);
	return write_difference(ap, p, &old, &now, e);
}
