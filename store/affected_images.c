/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which images a vulnerability hits: matched components, the inventories that hold them
 * (postings), and the scope's images on those: looked up one by one when they are few,
 * else in one sweep over the index of the scope's images.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "store/components_private.h"
#include "store/finding_private.h"
#include "store/image_index.h"
#include "store/outbox_private.h"
#include "store/query_private.h"

/* Up to so many inventories are looked up; for more all images of the scope are swept. */
#define FEW_INVENTORIES 1000

struct hit {
	int64_t component_id;
	enum status state;
	enum severity severity;
	const char
	    *package; /* "openssl 3.0.1"; NULL until an image on the page has it */
};

/* Images that their readers found alike: the same coverage, of the same system. */
struct kind {
	int coverage;
	int64_t ecosystem_id, n_affected;
	bool is_judged;
};

struct answer {
	struct store *st;
	struct scope scope;
	struct arena *a;
	struct {
		struct hit *at;
		size_t n, cap;
	} hits;                 /* by component */
	int64_t *ids;           /* of their components */
	size_t *found, n_found; /* places of those that the image at hand has */
	int64_t after_id;       /* images up to this one were on earlier pages */
	size_t limit;
	int64_t count;
	struct {
		int64_t *at;
		size_t n, cap;
	} images; /* those of the page and perhaps more, by id */
	struct {
		struct kind *at;
		size_t n, cap;
	} kinds; /* few */
};

static struct kind *
kind_of(struct answer *w, int coverage, int64_t ecosystem_id)
{
	struct kind *k = w->kinds.at;

	for (size_t i = 0; i < w->kinds.n; i++, k++)
		if (k->coverage == coverage && k->ecosystem_id == ecosystem_id)
			return k;
	k = ARENA_PUSH(w->a, &w->kinds);
	*k = (struct kind){ .coverage = coverage, .ecosystem_id = ecosystem_id };
	return k;
}

static enum err_code
load_hits(struct answer *w, int64_t vulnerability_id, struct err *e)
{
	struct query *q = query(w->st, STMT_HITS_OF_VULNERABILITY);
	enum err_code rc;
	bool more;

	bind_int(q, 1, vulnerability_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		if (col_int(q, 1) != STATUS_UNDER_INVESTIGATION)
			*ARENA_PUSH(w->a, &w->hits) =
			    (struct hit){ .component_id = col_int(q, 0),
				    .state = (enum status)col_int(q, 1),
				    .severity = (enum severity)col_int(q, 2) };
	query_done(q);
	return rc;
}

static int
compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Few inventories: a search for each. */
static enum err_code
look_up_images(struct answer *w, const int64_t *inventories, size_t n, struct err *e)
{
	enum err_code rc = ERR_OK;
	bool more;

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct query *q = query(w->st, STMT_IMAGES_OF_INVENTORY);

		bind_int(q, 1, scope_reads(w->scope));
		bind_int(q, 2, inventories[i]);
		while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
			w->count++;
			kind_of(w, (int)col_int(q, 2), col_int(q, 3))->n_affected++;
			if (col_int(q, 1) > w->after_id)
				*ARENA_PUSH(w->a, &w->images) = col_int(q, 1);
		}
		query_done(q);
	}
	if (w->images.n > 0)
		qsort(w->images.at, w->images.n, sizeof(*w->images.at), compare_ids);
	return rc;
}

/* Many: a bit for each, and once over all images of the scope in the order of their ids. */
static void
sweep(
    struct answer *w, const struct image_index *x, const int64_t *inventories, size_t n)
{
	int64_t last = inventories[n - 1];
	uint64_t *bits = arena_zalloc(w->a, ((size_t)last / 64 + 1) * sizeof(*bits));
	int64_t *affected = arena_zalloc(w->a, (x->n_kinds + 1) * sizeof(*affected));

	for (size_t i = 0; i < n; i++)
		bits[inventories[i] / 64] |= (uint64_t)1 << (inventories[i] % 64);
	for (size_t i = 0; i < x->n; i++) {
		int64_t id = x->inventories[i];

		if (id > last || (bits[id / 64] >> (id % 64) & 1) == 0)
			continue;
		w->count++;
		affected[x->kinds[i]]++;
		if (x->images[i] > w->after_id && w->images.n < w->limit)
			*ARENA_PUSH(w->a, &w->images) = x->images[i];
	}
	for (size_t k = 0; k < x->n_kinds; k++)
		if (affected[k] > 0)
			kind_of(w, x->table[k].coverage, x->table[k].ecosystem_id)
			    ->n_affected += affected[k];
}

static enum err_code
sweep_images(struct answer *w, const int64_t *inventories, size_t n, struct err *e)
{
	const struct image_index *x = NULL;
	enum err_code rc = image_index_get(w->st, w->scope, &x, e);

	if (rc == ERR_OK)
		sweep(w, x, inventories, n);
	image_index_release(w->st, x);
	return rc;
}

static enum err_code
find_images(struct answer *w, struct err *e)
{
	int64_t *inventories = NULL;
	size_t n = 0;
	enum err_code rc;

	if (w->hits.n == 0)
		return ERR_OK;
	w->ids = arena_array(w->a, w->hits.n, sizeof(*w->ids));
	w->found = arena_array(w->a, w->hits.n, sizeof(*w->found));
	for (size_t i = 0; i < w->hits.n; i++)
		w->ids[i] = w->hits.at[i].component_id;
	rc = sets_inventories_of(w->st, w->ids, w->hits.n, w->a, &inventories, &n, e);
	if (rc != ERR_OK)
		return rc;
	return n <= FEW_INVENTORIES ? look_up_images(w, inventories, n, e)
				    : sweep_images(w, inventories, n, e);
}

/* Columns of IMAGE_BRIEF. */
enum brief_column {
	BRIEF_TEAM,
	BRIEF_NAME,
	BRIEF_REF,
	BRIEF_DIGEST,
	BRIEF_OWNER,
	BRIEF_COMPONENTS
};

/* The image's row, and in W->found which hits it has. */
static enum err_code
read_brief(
    struct answer *w, int64_t image_id, struct affected_image *ret, struct err *e)
{
	struct query *q = query(w->st, STMT_IMAGE_BRIEF);
	struct owner owner;
	enum err_code rc;

	bind_int(q, 1, scope_reads(w->scope));
	bind_int(q, 2, image_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		size_t len;
		const void *set = col_blob(q, BRIEF_COMPONENTS, &len);

		owner_read(col_text(q, BRIEF_OWNER), w->a, &owner);
		ret->image.id = image_id;
		ret->image.team = col_dup(q, BRIEF_TEAM, w->a);
		ret->image.name = col_dup(q, BRIEF_NAME, w->a);
		ret->image.ref = col_dup(q, BRIEF_REF, w->a);
		ret->image.digest = col_dup(q, BRIEF_DIGEST, w->a);
		ret->image.owner = owner.name;
		ret->image.contact = owner.contact;
		rc = set_find(set, len, w->ids, w->hits.n, w->found, &w->n_found, e);
	}
	query_done(q);
	return rc;
}

/* One component is on most images of a page: its name is made once. */
static enum err_code
name_package(struct answer *w, struct hit *hit, struct err *e)
{
	struct component c;
	enum err_code rc;

	if (hit->package != NULL)
		return ERR_OK;
	if ((rc = component_get(w->st, hit->component_id, w->a, &c, e)) == ERR_OK)
		hit->package = arena_printf(w->a, "%s %s", c.name, c.version);
	return rc;
}

static enum err_code
describe(struct answer *w, int64_t image_id, struct affected_image *ret, struct err *e)
{
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	if ((rc = read_brief(w, image_id, ret, e)) != ERR_OK)
		return rc;
	ret->packages = arena_array(w->a, w->n_found, sizeof(*ret->packages));
	for (size_t i = 0; i < w->n_found && rc == ERR_OK; i++) {
		struct hit *hit = &w->hits.at[w->found[i]];

		if ((rc = name_package(w, hit, e)) == ERR_OK)
			ret->packages[ret->n_packages++] = hit->package;
		if (hit->severity > ret->severity)
			ret->severity = hit->severity;
		ret->fixable = ret->fixable || hit->state == STATUS_FIXED;
	}
	return rc;
}

/* Images that are not among the affected and could not be judged in full. */
static enum err_code
count_not_judged(struct answer *w, int64_t *ret, struct err *e)
{
	struct coverage_group *groups = NULL;
	size_t n = 0;
	enum err_code rc = coverage_kinds(w->st, w->scope, w->a, &groups, &n, e);

	*ret = 0;
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		const struct coverage_group *g = &groups[i];
		struct kind *k = kind_of(w, (int)g->reading.state, g->ecosystem_id);

		if (g->coverage.state == COVERAGE_COMPLETE ||
		    g->coverage.state == COVERAGE_SCRATCH)
			k->is_judged = true;
		else
			*ret += g->images;
	}
	for (size_t i = 0; i < w->kinds.n; i++)
		*ret -= w->kinds.at[i].is_judged ? 0 : w->kinds.at[i].n_affected;
	return rc;
}

static enum err_code
answer(struct answer *w, int64_t vulnerability_id, struct affected_image **ret,
    size_t *ret_n, int64_t *ret_count, int64_t *ret_not_judged, struct err *e)
{
	enum err_code rc;

	if ((rc = load_hits(w, vulnerability_id, e)) != ERR_OK ||
	    (rc = find_images(w, e)) != ERR_OK)
		return rc;
	*ret = arena_array(w->a, w->limit, sizeof(**ret));
	*ret_n = 0;
	for (size_t i = 0; i < w->images.n && *ret_n < w->limit && rc == ERR_OK; i++)
		rc = describe(w, w->images.at[i], &(*ret)[(*ret_n)++], e);
	*ret_count = w->count;
	return rc == ERR_OK ? count_not_judged(w, ret_not_judged, e) : rc;
}

enum err_code
store_affected_images(struct store *st, struct scope scope, int64_t vulnerability_id,
    int64_t after_id, size_t limit, struct arena *a, struct affected_image **ret,
    size_t *ret_n, int64_t *ret_count, int64_t *ret_not_judged, struct err *e)
{
	struct answer w = {
		.st = st, .scope = scope, .a = a, .after_id = after_id, .limit = limit
	};
	enum err_code rc = tx_read(st, e);

	if (rc == ERR_OK)
		rc = tx_end(st,
		    answer(
			&w, vulnerability_id, ret, ret_n, ret_count, ret_not_judged, e),
		    e);
	return rc;
}
