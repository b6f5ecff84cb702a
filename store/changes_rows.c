/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the answer: what a row says about its vulnerability, packages and images.
 * Who is hit, since when and how badly is as it was at the upper number; scores and
 * titles are as they are known now.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "store/changes_private.h"
#include "store/query_private.h"

/* Titles looked for in at most so many records of one vulnerability. */
#define MAX_TITLES 8

/* A record about the vulnerability. */
struct said {
	int64_t record_id;
	const char *source, *advisory, *vendor_word;
	bool enriches, withdrawn;
	bool decides; /* about a package of the row */
};
struct saids {
	struct said *at;
	size_t n, cap;
};

/* ---- images ---- */

enum err_code
rows_image(struct work *w, int64_t id, int64_t at_seq, struct change_image *ret,
    const char **ret_previous, struct err *e)
{
	enum { COL_NAME, COL_REF, COL_DIGEST, COL_PREVIOUS, COL_OWNER };
	struct query *q = query(w->st, STMT_CHANGES_IMAGE);
	struct owner owner;
	enum err_code rc;

	bind_int(q, 1, id);
	bind_int(q, 2, at_seq);
	bind_int(q, 3, w->base);
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		*ret = (struct change_image){
			.id = id,
			.name = col_dup(q, COL_NAME, w->a),
			.ref = col_dup(q, COL_REF, w->a),
			.digest = col_dup(q, COL_DIGEST, w->a),
		};
		*ret_previous = col_dup(q, COL_PREVIOUS, w->a);
		owner_read(col_text(q, COL_OWNER), w->a, &owner);
		ret->owner = owner.name;
		ret->contact = owner.contact;
	}
	query_done(q);
	return rc == ERR_NOTFOUND
		   ? err_set(e, ERR_STORAGE, "image %lld is missing", (long long)id)
		   : rc;
}

static enum err_code
fill_images(
    struct work *w, const struct row *row, struct change_row *ret, struct err *e)
{
	enum err_code rc = ERR_OK;
	const char *previous;

	ret->n_images = row->n_images;
	ret->n_listed = row->n_listed;
	ret->images = arena_array(w->a, row->n_listed, sizeof(*ret->images));
	for (size_t i = 0; i < row->n_listed && rc == ERR_OK; i++)
		rc = rows_image(w, w->members[row->listed[i]].image_id, w->to,
		    &ret->images[i], &previous, e);
	return rc;
}

/* ---- packages ---- */

static int
by_package(const void *a, const void *b)
{
	const struct change_package *x = a, *y = b;
	int order = strcmp(x->ecosystem, y->ecosystem);

	if (order == 0)
		order = strcmp(x->name, y->name);
	return order != 0 ? order : strcmp(x->version, y->version);
}

static enum err_code
fill_packages(
    struct work *w, const struct row *row, struct change_row *ret, struct err *e)
{
	size_t n = 0;
	enum err_code rc = ERR_OK;

	ret->packages = arena_array(w->a, row->found.n, sizeof(*ret->packages));
	for (size_t i = 0; i < row->found.n; i++) {
		const struct period *p = row->found.at[i].period;
		struct component_info *info;

		rc = work_component(w, row->found.at[i].component_id, &info, e);
		if (rc != ERR_OK)
			return rc;
		ret->packages[i] = (struct change_package){
			.ecosystem = arena_strdup(w->a, info->ecosystem),
			.name = arena_strdup(w->a, info->name),
			.version = arena_strdup(w->a, info->version),
			.source_package = arena_strdup(w->a, info->source_package),
			.fix = fix_of(p->state, p->other_stream),
			.fix_version = arena_strdup(w->a, p->fixed_version),
		};
	}
	if (row->found.n > 0)
		qsort(ret->packages, row->found.n, sizeof(*ret->packages), by_package);
	/* One line for a package in several architectures. */
	for (size_t i = 0; i < row->found.n; i++)
		if (n == 0 || by_package(&ret->packages[n - 1], &ret->packages[i]) != 0)
			ret->packages[n++] = ret->packages[i];
	ret->n_packages = n;
	return ERR_OK;
}

/* ---- who says so ---- */

static enum err_code
read_said(struct work *w, int64_t vulnerability_id, struct saids *out, struct err *e)
{
	enum {
		COL_ID,
		COL_SOURCE,
		COL_ADVISORY,
		COL_ENRICHES,
		COL_WITHDRAWN,
		COL_WORD
	};
	struct query *q = query(w->st, STMT_CHANGES_RECORDS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, vulnerability_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(w->scrap, out) = (struct said){
			.record_id = col_int(q, COL_ID),
			.source = col_dup(q, COL_SOURCE, w->a),
			.advisory = col_dup(q, COL_ADVISORY, w->a),
			.vendor_word = col_dup(q, COL_WORD, w->a),
			.enriches = col_int(q, COL_ENRICHES) != 0,
			.withdrawn = !col_null(q, COL_WITHDRAWN) &&
				     col_int(q, COL_WITHDRAWN) <= w->to,
		};
	query_done(q);
	return rc;
}

/* The vendor's word of the deciding statement. */
static enum err_code
read_word(struct work *w, const struct period *p, const char **ret, struct err *e)
{
	struct query *q = query(w->st, STMT_CHANGES_WORD);
	enum err_code rc;

	bind_int(q, 1, p->affected_id);
	rc = query_one(q, e);
	*ret = rc == ERR_OK ? col_dup(q, 0, w->a) : NULL;
	query_done(q);
	/* It may have been replaced by a run whose decisions are still to come. */
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static struct said *
find_said(struct saids *s, int64_t record_id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].record_id == record_id)
			return &s->at[i];
	return NULL;
}

/* The records that decide about the row's packages, and those that add scores. */
static void
fill_advisories(struct work *w, const struct saids *s, struct change_row *ret)
{
	ret->advisories = arena_array(w->a, s->n, sizeof(*ret->advisories));
	for (size_t i = 0; i < s->n; i++) {
		const struct said *x = &s->at[i];
		const struct advisory_ref *last =
		    ret->n_advisories > 0 ? &ret->advisories[ret->n_advisories - 1]
					  : NULL;

		if (!x->decides && (!x->enriches || x->withdrawn))
			continue;
		if (last != NULL && strcmp(last->source, x->source) == 0 &&
		    strcmp(last->id, x->advisory) == 0)
			continue;
		ret->advisories[ret->n_advisories++] = (struct advisory_ref){
			.source = x->source,
			.id = x->advisory,
			.url = advisory_url(x->source, x->advisory, w->a),
		};
	}
}

static enum err_code
fill_title(struct work *w, const struct saids *s, struct change_row *ret, struct err *e)
{
	size_t tries = 0;
	enum err_code rc = ERR_OK;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < s->n && ret->title == NULL && rc == ERR_OK; i++)
			if (s->at[i].decides == (pass == 0) && tries++ < MAX_TITLES)
				rc = record_title(
				    w->st, s->at[i].record_id, w->a, &ret->title, e);
	return rc;
}

static const struct found *
worst_found(const struct row *row)
{
	const struct found *worst = &row->found.at[0];

	for (size_t i = 1; i < row->found.n; i++)
		if (row->found.at[i].period->severity > worst->period->severity)
			worst = &row->found.at[i];
	return worst;
}

static enum err_code
fill_sources(
    struct work *w, const struct row *row, struct change_row *ret, struct err *e)
{
	const struct period *worst = worst_found(row)->period;
	struct saids said = { 0 };
	struct said *x;
	enum err_code rc;

	arena_reset(w->scrap);
	rc = read_said(w, row->vulnerability_id, &said, e);
	if (rc == ERR_OK)
		rc = read_word(w, worst, &ret->vendor_word, e);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < row->found.n; i++)
		if ((x = find_said(&said, row->found.at[i].period->record_id)) != NULL)
			x->decides = true;
	x = find_said(&said, worst->record_id);
	if (ret->vendor_word == NULL && x != NULL)
		ret->vendor_word = x->vendor_word;
	fill_advisories(w, &said, ret);
	if ((rc = fill_title(w, &said, ret, e)) != ERR_OK)
		return rc;
	return rating_by(w->st, row->vulnerability_id, worst->speaker, worst->record_id,
	    w->a, &ret->severity_by, e);
}

/* ---- rows ---- */

static enum err_code
fill_vulnerability(
    struct work *w, const struct row *row, struct change_row *ret, struct err *e)
{
	enum { COL_NAME, COL_CVSS, COL_EPSS, COL_EXPLOITED };
	struct query *q = query(w->st, STMT_CHANGES_VULNERABILITY);
	enum err_code rc;

	bind_int(q, 1, row->vulnerability_id);
	bind_int(q, 2, w->to);
	bind_int(q, 3, EVENT_FINDING_EXPLOITED);
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		ret->vulnerability = col_dup(q, COL_NAME, w->a);
		ret->cvss_tenths = (int)col_int(q, COL_CVSS);
		ret->epss_micro = col_null(q, COL_EPSS) ? -1 : col_int(q, COL_EPSS);
		ret->exploited = col_int(q, COL_EXPLOITED);
	}
	query_done(q);
	return rc == ERR_NOTFOUND
		   ? err_set(e, ERR_STORAGE, "vulnerability %lld is missing",
			 (long long)row->vulnerability_id)
		   : rc;
}

/* ---- what is left ---- */

static bool
any_held(struct work *w, const int64_t *inventories, size_t n)
{
	if (!w->has_held)
		for (size_t i = 0; i < w->n_members; i++)
			if (w->members[i].inventory != 0)
				(void)idmap_put(
				    &w->held, w->members[i].inventory, NULL);
	w->has_held = true;
	for (size_t i = 0; i < n; i++)
		if (inventories[i] != 0 && idmap_get(&w->held, inventories[i]) != NULL)
			return true;
	return false;
}

/* Does the vulnerability still hit a member of the list at the upper number? */
static enum err_code
fill_left(struct work *w, const struct row *row, struct change_row *ret, struct err *e)
{
	struct periods all = { 0 };
	int64_t *components, *inventories = NULL;
	size_t n = 0, n_inventories = 0;
	enum err_code rc;

	arena_reset(w->scrap);
	rc = periods_of_vulnerability(
	    w->st, row->vulnerability_id, w->to, w->scrap, &all, e);
	if (rc != ERR_OK)
		return rc;
	components = arena_array(w->scrap, all.n, sizeof(*components));
	for (size_t i = 0; i < all.n; i++)
		if (all.at[i].from_seq <= w->to && w->to < all.at[i].to_seq &&
		    period_open(&all.at[i]))
			components[n++] = all.at[i].other_id;
	if (n > 0)
		rc = sets_inventories_of(
		    w->st, components, n, w->scrap, &inventories, &n_inventories, e);
	ret->is_left = rc == ERR_OK && any_held(w, inventories, n_inventories);
	return rc;
}

/* The score rose over a threshold, and perhaps nothing else is worse than it was. */
static enum err_code
fill_rise(struct work *w, struct change_row *ret, struct err *e)
{
	struct query *q = query(w->st, STMT_CHANGES_EPSS);
	enum err_code rc;

	bind_int(q, 1, ret->vulnerability_id);
	bind_int(q, 2, w->base);
	bind_int(q, 3, w->to);
	if ((rc = query_one(q, e)) == ERR_OK)
		ret->epss_before_micro = col_int(q, 0);
	query_done(q);
	if (rc == ERR_NOTFOUND)
		return ERR_OK;
	if (rc == ERR_OK && ret->severity <= ret->severity_before)
		ret->reason = "epss";
	return rc;
}

static enum err_code
fill_row(struct work *w, const struct row *row, struct change_row *ret, struct err *e)
{
	enum err_code rc;

	*ret = (struct change_row){
		.kind = row->kind,
		.reason = row->reason,
		.vulnerability_id = row->vulnerability_id,
		.severity = worst_found(row)->period->severity,
		.epss_before_micro = -1,
	};
	for (size_t i = 0; i < row->found.n; i++)
		if (row->found.at[i].severity_before > ret->severity_before)
			ret->severity_before = row->found.at[i].severity_before;
	if ((row->kind == CHANGE_SEVERITY_RAISED &&
		(rc = fill_rise(w, ret, e)) != ERR_OK) ||
	    (rc = fill_vulnerability(w, row, ret, e)) != ERR_OK ||
	    (rc = fill_packages(w, row, ret, e)) != ERR_OK ||
	    (rc = fill_images(w, row, ret, e)) != ERR_OK)
		return rc;
	if (row->kind == CHANGE_RESOLVED && (rc = fill_left(w, row, ret, e)) != ERR_OK)
		return rc;
	return fill_sources(w, row, ret, e);
}

static int
worst_first(const void *a, const void *b)
{
	const struct change_row *x = a, *y = b;
	bool x_closed = x->kind == CHANGE_RESOLVED,
	     y_closed = y->kind == CHANGE_RESOLVED;
	int order;

	if (x_closed != y_closed)
		return x_closed ? 1 : -1;
	if ((x->exploited != 0) != (y->exploited != 0))
		return x->exploited != 0 ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->n_images != y->n_images)
		return x->n_images > y->n_images ? -1 : 1;
	order = strcmp(x->vulnerability, y->vulnerability);
	return order != 0 ? order : (int)x->kind - (int)y->kind;
}

enum err_code
rows_finish(struct work *w, struct row **rows, size_t n, struct change_row **ret,
    size_t *ret_n, struct err *e)
{
	enum err_code rc = ERR_OK;

	*ret_n = 0;
	*ret = arena_array(w->a, n, sizeof(**ret));
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		if (rows[i]->n_images > 0 && rows[i]->found.n > 0)
			rc = fill_row(w, rows[i], &(*ret)[(*ret_n)++], e);
	if (*ret_n > 0)
		qsort(*ret, *ret_n, sizeof(**ret), worst_first);
	return rc;
}
