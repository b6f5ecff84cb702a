/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_index - the live images of a scope as arrays, so that a question that hits half a
 * fleet walks memory and not rows.  Built on demand, shared by the handles of a process,
 * good as long as the teams' fleet_version says so.  18 bytes an image.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "store/image_index.h"
#include "store/outbox_private.h"

#define MAX_KINDS 4096 /* coverage states times systems: a few dozen in life */

struct building {
	struct {
		int64_t *at;
		size_t n, cap;
	} images, inventories;
	struct {
		uint16_t *at;
		size_t n, cap;
	} kinds;
	struct {
		struct image_kind *at;
		size_t n, cap;
	} table;
};

static void
index_free(struct image_index *x)
{
	arena_free(x->a); /* the index itself lies in it */
}

/* Under the shared lock. */
static void
drop(struct image_index *x)
{
	if (x != NULL && --x->refs == 0)
		index_free(x);
}

void
image_index_release(struct store *st, const struct image_index *x)
{
	if (x == NULL)
		return;
	(void)pthread_mutex_lock(&st->shared->lock);
	drop((struct image_index *)x->self);
	(void)pthread_mutex_unlock(&st->shared->lock);
}

void
image_indexes_free(struct image_index **indexes)
{
	for (size_t i = 0; i < IMAGE_INDEXES; i++)
		drop(indexes[i]);
}

static enum err_code
fleet_version(struct store *st, int64_t team_id, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_FLEET_VERSION);
	enum err_code rc;

	bind_int(q, 1, team_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc;
}

static enum err_code
kind_index(struct building *b, struct arena *a, int coverage, int64_t ecosystem_id,
    uint16_t *ret, struct err *e)
{
	size_t i = 0;

	while (i < b->table.n && (b->table.at[i].coverage != coverage ||
				     b->table.at[i].ecosystem_id != ecosystem_id))
		i++;
	if (i == MAX_KINDS)
		return err_set(
		    e, ERR_LIMIT, "more than %d kinds of coverage", MAX_KINDS);
	if (i == b->table.n)
		*ARENA_PUSH(a, &b->table) =
		    (struct image_kind){ coverage, ecosystem_id };
	*ret = (uint16_t)i;
	return ERR_OK;
}

static enum err_code
build(struct store *st, int64_t team_id, struct image_index *x, struct err *e)
{
	struct query *q =
	    query(st, team_id == -1 ? STMT_IMAGES_BY_ID_OF_ALL : STMT_IMAGES_BY_ID);
	struct building b = { 0 };
	enum err_code rc;
	bool more;

	bind_int(q, 1, team_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		uint16_t kind = 0;

		rc = kind_index(&b, x->a, (int)col_int(q, 2), col_int(q, 3), &kind, e);
		if (rc != ERR_OK)
			break;
		*ARENA_PUSH(x->a, &b.images) = col_int(q, 0);
		*ARENA_PUSH(x->a, &b.inventories) = col_int(q, 1);
		*ARENA_PUSH(x->a, &b.kinds) = kind;
	}
	query_done(q);
	x->n = b.images.n;
	x->images = b.images.at;
	x->inventories = b.inventories.at;
	x->kinds = b.kinds.at;
	x->table = b.table.at;
	x->n_kinds = b.table.n;
	return rc;
}

/* The one that is there, one reference more; NULL if none is of that version. */
static struct image_index *
find(struct store_shared *sh, int64_t team_id, int64_t version)
{
	struct image_index *found = NULL;

	(void)pthread_mutex_lock(&sh->lock);
	for (size_t i = 0; i < IMAGE_INDEXES && found == NULL; i++)
		if (sh->indexes[i] != NULL && sh->indexes[i]->team_id == team_id &&
		    sh->indexes[i]->version == version)
			found = sh->indexes[i];
	if (found != NULL)
		found->refs++;
	(void)pthread_mutex_unlock(&sh->lock);
	return found;
}

/* Into the place of the same scope's older one, else of whichever came first. */
static void
keep(struct store_shared *sh, struct image_index *x)
{
	size_t slot = sh->next_index;

	(void)pthread_mutex_lock(&sh->lock);
	for (size_t i = 0; i < IMAGE_INDEXES; i++)
		if (sh->indexes[i] != NULL && sh->indexes[i]->team_id == x->team_id)
			slot = i;
	if (slot == sh->next_index)
		sh->next_index = (slot + 1) % IMAGE_INDEXES;
	drop(sh->indexes[slot]);
	sh->indexes[slot] = x;
	x->refs++;
	(void)pthread_mutex_unlock(&sh->lock);
}

enum err_code
image_index_get(
    struct store *st, struct scope scope, const struct image_index **ret, struct err *e)
{
	int64_t team_id = scope_reads(scope), version = 0;
	struct image_index *x;
	struct arena *a;
	enum err_code rc = fleet_version(st, team_id, &version, e);

	if (rc != ERR_OK)
		return rc;
	if ((x = find(st->shared, team_id, version)) == NULL) {
		a = arena_new();
		x = arena_zalloc(a, sizeof(*x));
		*x = (struct image_index){ .a = a,
			.self = x,
			.team_id = team_id,
			.version = version,
			.refs = 1 };
		if ((rc = build(st, team_id, x, e)) != ERR_OK) {
			index_free(x);
			return rc;
		}
		keep(st->shared, x);
	}
	*ret = x;
	return ERR_OK;
}
