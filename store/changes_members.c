/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of the list at the upper number, in name order, so that "the first hundred
 * by name" are the lowest indexes; and who holds which inventory, built once per call.
 */
#include <stdlib.h>

#include "core/arena.h"
#include "store/changes_private.h"

enum member_column {
	COL_IMAGE_ID,
	COL_MEMBER_SINCE,
	COL_INVENTORY_BEFORE,
	COL_INVENTORY,
	COL_DIGEST_CHANGED,
	COL_REGISTERED_SEQ
};

struct members {
	struct member *at;
	size_t n, cap;
};

static enum err_code
check_list(struct work *w, struct err *e)
{
	struct query *q = query(w->st, STMT_CHANGES_LIST);
	enum err_code rc;

	bind_int(q, 1, w->list_id);
	bind_int(q, 2, w->team_id);
	rc = query_one(q, e);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no such list") : rc;
}

static void
read_member(struct work *w, struct query *q, struct member *m)
{
	*m = (struct member){
		.image_id = col_int(q, COL_IMAGE_ID),
		.inventory_before = col_int(q, COL_INVENTORY_BEFORE),
		.inventory = col_int(q, COL_INVENTORY),
	};
	m->is_baseline = col_int(q, COL_MEMBER_SINCE) > w->base ||
			 col_int(q, COL_REGISTERED_SEQ) > w->base;
	m->is_moved = !m->is_baseline && (m->inventory_before != m->inventory ||
					     col_int(q, COL_DIGEST_CHANGED) != 0);
}

static enum err_code
read_members(struct work *w, struct err *e)
{
	struct members rows = { 0 };
	struct query *q = query(w->st, STMT_CHANGES_MEMBERS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, w->list_id);
	bind_int(q, 2, w->base);
	bind_int(q, 3, w->to);
	bind_int(q, 4, w->team_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		read_member(w, q, ARENA_PUSH(w->memory, &rows));
	query_done(q);
	w->members = rows.at;
	w->n_members = rows.n;
	return rc;
}

static enum err_code
read_deleted(struct work *w, struct err *e)
{
	struct {
		struct deleted *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(w->st, STMT_CHANGES_DELETED);
	enum err_code rc;
	bool more;

	bind_int(q, 1, w->list_id);
	bind_int(q, 2, w->base);
	bind_int(q, 3, w->to);
	bind_int(q, 4, w->team_id);
	bind_int(q, 5, EVENT_IMAGE_DELETED);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(w->memory, &rows) = (struct deleted){
			.image_id = col_int(q, 0),
			.inventory_before = col_int(q, 1),
		};
	query_done(q);
	w->deleted = rows.at;
	w->n_deleted = rows.n;
	return rc;
}

static int
by_inventory(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->inventory_id != y->inventory_id)
		return x->inventory_id < y->inventory_id ? -1 : 1;
	return (x->member > y->member) - (x->member < y->member);
}

static void
build_holders(struct work *w)
{
	w->holders = arena_array(w->memory, 2 * w->n_members, sizeof(*w->holders));
	for (size_t i = 0; i < w->n_members; i++) {
		const struct member *m = &w->members[i];

		if (m->is_baseline)
			continue;
		w->n_swapped += m->inventory_before != m->inventory;
		if (m->inventory != 0)
			w->holders[w->n_holders++] =
			    (struct holder){ m->inventory, (uint32_t)i };
		if (m->inventory_before != 0 && m->inventory_before != m->inventory)
			w->holders[w->n_holders++] =
			    (struct holder){ m->inventory_before, (uint32_t)i };
	}
	if (w->n_holders > 0)
		qsort(w->holders, w->n_holders, sizeof(*w->holders), by_inventory);
}

enum err_code
members_load(struct work *w, struct err *e)
{
	enum err_code rc;

	if ((rc = check_list(w, e)) != ERR_OK || (rc = read_members(w, e)) != ERR_OK ||
	    (rc = read_deleted(w, e)) != ERR_OK)
		return rc;
	build_holders(w);
	return ERR_OK;
}

/* Ids are asked for in ascending order, many of them or few: the search gallops from
 * where the last one ended. */
const struct holder *
holders_of(const struct work *w, int64_t inventory_id, size_t *io_at, size_t *ret_n)
{
	size_t lo = *io_at, hi, step = 1, n = 0;

	for (hi = lo; hi < w->n_holders && w->holders[hi].inventory_id < inventory_id;
	     step *= 2) {
		lo = hi + 1;
		hi += step;
	}
	if (hi > w->n_holders)
		hi = w->n_holders;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->holders[mid].inventory_id < inventory_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + n < w->n_holders && w->holders[lo + n].inventory_id == inventory_id)
		n++;
	*io_at = lo;
	*ret_n = n;
	return n > 0 ? &w->holders[lo] : NULL;
}
