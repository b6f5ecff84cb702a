/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Housekeeping in slices: components whose matches changed make their inventories due,
 * due inventories are counted anew, long tails of postings are folded.  Nothing is ever
 * added to a count: a slice that a crash cut off is simply done again.
 */
#include "core/arena.h"
#include "core/clock.h"
#include "store/feeds.h"
#include "store/findings.h"
#include "store/idmap.h"
#include "store/store_private.h"

#define COMPONENTS_AT_ONCE  2000
#define INVENTORIES_AT_ONCE 5000
#define SUMMARIES_AT_ONCE   1000
#define TAILS_AT_ONCE       2000
#define FOLDS_AT_ONCE       20
#define TAIL_WORTH_FOLDING  64

struct tidying {
	struct store *st;
	struct arena *a;     /* of the slice */
	struct arena *scrap; /* of one inventory */
	struct idmap known;  /* component id to index in 'sums' */
	struct {
		struct counts *at;
		size_t n, cap;
	} sums;
};

/* ---- whose inventories are due ---- */

struct due {
	int64_t *at;
	size_t n, cap;
	int64_t next_id;
};

/* Components that have come equally far. */
static enum err_code
read_due(struct tidying *t, struct due *out, struct err *e)
{
	struct query *q = query(t->st, STMT_COMPONENTS_DUE);
	enum err_code rc;
	bool more;

	bind_int(q, 1, COMPONENTS_AT_ONCE);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		if (out->n > 0 && col_int(q, 1) != out->next_id)
			break;
		out->next_id = col_int(q, 1);
		*ARENA_PUSH(t->a, out) = col_int(q, 0);
	}
	query_done(q);
	return rc;
}

static enum err_code
run_with(struct store *st, enum stmt s, int64_t id, struct err *e)
{
	struct query *q = query(st, s);

	bind_int(q, 1, id);
	return query_run(q, e);
}

static enum err_code
advance(struct tidying *t, int64_t component_id, int64_t next_id, struct err *e)
{
	struct query *q = query(t->st, STMT_COMPONENT_DUE_ADVANCE);

	bind_int(q, 1, component_id);
	bind_int(q, 2, next_id);
	return query_run(q, e);
}

static enum err_code
expand(struct tidying *t, bool *ret_did, struct err *e)
{
	struct due due = { 0 };
	int64_t *inventories = NULL;
	size_t n = 0, i = 0, written = 0;
	enum err_code rc = read_due(t, &due, e);

	*ret_did = due.n > 0;
	if (rc != ERR_OK || due.n == 0)
		return rc;
	rc = sets_inventories_of(t->st, due.at, due.n, t->a, &inventories, &n, e);
	for (; i < n && written < INVENTORIES_AT_ONCE && rc == ERR_OK; i++)
		if (inventories[i] >= due.next_id) {
			rc = run_with(t->st, STMT_SUMMARY_DUE, inventories[i], e);
			written++;
		}
	for (size_t k = 0; k < due.n && rc == ERR_OK; k++)
		rc = i < n ? advance(t, due.at[k], inventories[i], e)
			   : run_with(t->st, STMT_COMPONENT_DUE_DROP, due.at[k], e);
	return rc;
}

/* ---- counting an inventory ---- */

static enum err_code
sum_component(
    struct tidying *t, int64_t component_id, struct counts *out, struct err *e)
{
	enum { COL_SEVERITY, COL_N, COL_FIXABLE, COL_EXPLOITED };
	struct query *q = query(t->st, STMT_SUMMARY_OF_COMPONENT);
	enum err_code rc;
	bool more;

	bind_int(q, 1, component_id);
	bind_int(q, 2, STATUS_UNDER_INVESTIGATION);
	bind_int(q, 3, STATUS_FIXED);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		counts_add(out, (enum severity)col_int(q, COL_SEVERITY),
		    col_int(q, COL_N), col_int(q, COL_FIXABLE),
		    col_int(q, COL_EXPLOITED));
	}
	query_done(q);
	return rc;
}

/* The sums of a component, read once in a slice. */
static enum err_code
component_sums(struct tidying *t, int64_t id, const struct counts **ret, struct err *e)
{
	int64_t *index = idmap_get(&t->known, id);
	struct counts sums = { 0 };
	enum err_code rc;

	if (index == NULL) {
		if ((rc = sum_component(t, id, &sums, e)) != ERR_OK)
			return rc;
		*ARENA_PUSH(t->a, &t->sums) = sums;
		index = idmap_put(&t->known, id, NULL);
		*index = (int64_t)t->sums.n - 1;
	}
	*ret = &t->sums.at[*index];
	return ERR_OK;
}

enum err_code
summary_put(
    struct store *st, int64_t inventory_id, const struct counts *c, struct err *e)
{
	struct query *q;
	int64_t next_seq = 1;
	enum err_code rc = seq_next(st, "event", &next_seq, e);

	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_SUMMARY_PUT);
	bind_int(q, 1, inventory_id);
	bind_int(q, 2, next_seq - 1);
	bind_int(q, 3, c->critical);
	bind_int(q, 4, c->high);
	bind_int(q, 5, c->medium);
	bind_int(q, 6, c->low);
	bind_int(q, 7, c->negligible);
	bind_int(q, 8, c->unknown);
	bind_int(q, 9, c->fixable);
	bind_int(q, 10, c->exploited);
	return query_run(q, e);
}

static enum err_code
summarize(struct tidying *t, int64_t inventory_id, struct err *e)
{
	struct counts sum = { 0 };
	int64_t *ids = NULL;
	size_t n = 0;
	enum err_code rc;

	arena_reset(t->scrap);
	rc = sets_components_of(t->st, inventory_id, t->scrap, &ids, &n, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		const struct counts *c;

		rc = component_sums(t, ids[i], &c, e);
		if (rc == ERR_OK)
			counts_sum(&sum, c);
	}
	return rc == ERR_OK ? summary_put(t->st, inventory_id, &sum, e) : rc;
}

static enum err_code
summarize_due(struct tidying *t, int64_t until_ms, bool *ret_did, struct err *e)
{
	const struct clock *clock = clock_system();
	struct {
		int64_t *at;
		size_t n, cap;
	} due = { 0 };
	struct query *q = query(t->st, STMT_SUMMARIES_DUE);
	enum err_code rc;
	bool more;

	bind_int(q, 1, SUMMARIES_AT_ONCE);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(t->a, &due) = col_int(q, 0);
	query_done(q);
	*ret_did = due.n > 0;
	for (size_t i = 0; i < due.n && rc == ERR_OK; i++) {
		if (i > 0 && clock->mono_ms(clock) >= until_ms)
			break;
		rc = summarize(t, due.at[i], e);
		if (rc == ERR_OK)
			rc = run_with(t->st, STMT_SUMMARY_DUE_DROP, due.at[i], e);
	}
	return rc;
}

/* ---- slices ---- */

static struct tidying
tidying_begin(struct store *st)
{
	struct tidying t = { .st = st, .a = arena_new(), .scrap = arena_new() };

	t.known = idmap_in(t.a);
	return t;
}

static void
tidying_end(struct tidying *t)
{
	arena_free(t->scrap);
	arena_free(t->a);
}

/* One kind of work per slice, in the order in which one makes the other. */
static enum err_code
tidy_slice(struct tidying *t, int budget_ms, bool *ret_did, struct err *e)
{
	const struct clock *clock = clock_system();
	enum err_code rc = expand(t, ret_did, e);

	if (rc == ERR_OK && !*ret_did)
		rc = summarize_due(t, clock->mono_ms(clock) + budget_ms, ret_did, e);
	return rc;
}

/*
 * Is a search for long tails worth its while?  A tail grows by one row an inventory, so
 * not before so many new ones; and the more there are, the rarer, or a fleet that is
 * registered one by one would be read again and again.
 */
static enum err_code
begin_folding(struct store *st, struct err *e)
{
	int64_t next = 0, since;
	enum err_code rc;

	if (st->folding.active)
		return ERR_OK;
	if ((rc = seq_next(st, "inventory", &next, e)) != ERR_OK)
		return rc;
	since = next - st->folding.inventories;
	if (since < TAIL_WORTH_FOLDING || since < next / TAIL_WORTH_FOLDING)
		return ERR_OK;
	st->folding.active = true;
	st->folding.after = 0;
	st->folding.inventories = next;
	return ERR_OK;
}

/* The search reads a lot and must not hold up writers, so it stands outside of the
 * transactions: who else would fold them? */
static enum err_code
fold_slice(struct tidying *t, int64_t until_ms, bool *ret_did, struct err *e)
{
	const struct clock *clock = clock_system();
	struct store *st = t->st;
	int64_t *ids = NULL, after;
	size_t n = 0, i = 0;
	enum err_code rc = begin_folding(st, e);

	*ret_did = st->folding.active;
	if (rc != ERR_OK || !st->folding.active)
		return rc;
	after = st->folding.after;
	rc = sets_tails(
	    st, &after, TAILS_AT_ONCE, TAIL_WORTH_FOLDING, t->a, &ids, &n, e);
	while (i < n && rc == ERR_OK && (i == 0 || clock->mono_ms(clock) < until_ms)) {
		size_t some = n - i < FOLDS_AT_ONCE ? n - i : FOLDS_AT_ONCE;

		if ((rc = tx_begin(st, e)) == ERR_OK)
			rc = tx_end(st, sets_fold(st, ids + i, some, e), e);
		i += some;
	}
	if (rc != ERR_OK)
		return rc;
	st->folding.after = i < n ? ids[i - 1] : after;
	st->folding.active = st->folding.after != 0;
	return ERR_OK;
}

enum err_code
store_tidy(
    struct store *st, int64_t now_at, int budget_ms, bool *ret_done, struct err *e)
{
	struct tidying t;
	bool did = false;
	enum err_code rc;

	(void)now_at;
	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	t = tidying_begin(st);
	rc = tx_end(st, tidy_slice(&t, budget_ms, &did, e), e);
	if (rc == ERR_OK && !did)
		rc = fold_slice(
		    &t, clock_system()->mono_ms(clock_system()) + budget_ms, &did, e);
	tidying_end(&t);
	if (rc == ERR_OK)
		*ret_done = !did;
	return rc;
}
