/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rekey - which keys are old, and the way of making them new.
 *
 * The format is kept per ecosystem, so that one changed encoding touches nothing else, and
 * an ecosystem that gets another scheme, or its first, is re-keyed as well.  A program that
 * knows less than the store holds is refused: it would write keys that sort wrongly.
 */
#include "store/rekey_private.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/ecosystem.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/verdict.h"
#include "store/feeds.h"

/* Columns of REKEY_ECOSYSTEMS. */
enum ecosystem_column { COL_ID, COL_NAME, COL_SCHEME, COL_FORMAT };

unsigned
rekey_format(const struct store *st, const char *scheme)
{
	return st->options.keyer == NULL ? 0 : st->options.keyer->format(scheme);
}

static enum err_code
count_runs(struct store *st, enum run_state state, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_REKEY_RUNS);
	enum err_code rc;

	bind_int(q, 1, RUN_REKEY);
	bind_int(q, 2, state);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc;
}

/* ---- at opening ---- */

enum err_code
rekey_check(struct store *st, struct err *e)
{
	struct query *q;
	bool row, is_old = false;
	int64_t n_runs = 0;
	enum err_code rc;

	if (st->options.keyer == NULL)
		return ERR_OK;
	q = query(st, STMT_REKEY_ECOSYSTEMS);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		const char *name = col_text(q, COL_NAME),
			   *was = col_text(q, COL_SCHEME);
		const char *scheme = str_or_empty(ecosystem_scheme(name));
		int64_t format = (int64_t)rekey_format(st, scheme);

		if (str_eq(scheme, was) && col_int(q, COL_FORMAT) > format) {
			rc = err_set(e, ERR_CONFLICT,
			    "its version keys of %s were made by a newer tocsin", name);
			break;
		}
		is_old =
		    is_old || !str_eq(scheme, was) || col_int(q, COL_FORMAT) != format;
	}
	query_done(q);
	if (rc == ERR_OK)
		rc = count_runs(st, RUN_APPLYING, &n_runs, e);
	if (rc != ERR_OK || st->options.will_rekey || (!is_old && n_runs == 0))
		return rc;
	return err_set(e, ERR_CONFLICT,
	    "its version keys were made by an older tocsin; 'tocsin serve' makes them "
	    "anew when it starts");
}

/* ---- the way ---- */

static enum err_code
find_old(struct rekey *r, struct err *e)
{
	struct query *q = query(r->st, STMT_REKEY_ECOSYSTEMS);
	enum err_code rc;
	bool row;

	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		const char *scheme =
		    str_or_empty(ecosystem_scheme(col_text(q, COL_NAME)));
		unsigned format = rekey_format(r->st, scheme);

		if (str_eq(scheme, col_text(q, COL_SCHEME)) &&
		    col_int(q, COL_FORMAT) == (int64_t)format)
			continue;
		*ARENA_PUSH(r->a, &r->ecosystems) = (struct rekey_ecosystem){
			.id = col_int(q, COL_ID),
			.scheme = arena_strdup(r->a, scheme),
			.format = format,
		};
		*idmap_put(&r->by_id, col_int(q, COL_ID), NULL) =
		    (int64_t)r->ecosystems.n;
	}
	query_done(q);
	return rc;
}

/* Everything to look at: each row once, each record twice (staged, applied). */
static enum err_code
count_rows(struct rekey *r, struct err *e)
{
	struct query *q = query(r->st, STMT_REKEY_ROWS);
	enum err_code rc = query_one(q, e);

	if (rc == ERR_OK)
		r->total = (uint64_t)col_int(q, 0);
	query_done(q);
	return rc;
}

static enum err_code
open_at(struct rekey *r, int64_t *ret_n_runs, struct err *e)
{
	enum err_code rc;

	if ((rc = find_old(r, e)) != ERR_OK ||
	    (rc = count_runs(r->st, RUN_APPLYING, ret_n_runs, e)) != ERR_OK)
		return rc;
	/* switched already, and then killed: what is left is to apply */
	if (r->ecosystems.n == 0)
		r->phase = *ret_n_runs > 0 ? REKEY_APPLY : REKEY_DONE;
	return r->phase == REKEY_BEGIN ? count_rows(r, e) : ERR_OK;
}

enum err_code
store_rekey_open(struct store *st, int64_t now_at, struct rekey **ret, struct err *e)
{
	struct rekey *r = mem_zalloc(sizeof(*r));
	int64_t n_runs = 0;
	enum err_code rc;

	r->st = st;
	r->now_at = now_at;
	r->a = arena_new();
	r->slice = arena_new();
	r->by_id = idmap_in(r->a);
	*ret = NULL;
	rc = open_at(r, &n_runs, e);
	if (rc != ERR_OK || r->phase == REKEY_DONE)
		store_rekey_close(r);
	else
		*ret = r;
	return rc;
}

void
store_rekey_close(struct rekey *r)
{
	if (r == NULL)
		return;
	arena_free(r->a);
	arena_free(r->slice);
	free(r);
}

void
store_rekey_progress(const struct rekey *r, uint64_t *ret_done, uint64_t *ret_total)
{
	*ret_done = r->done;
	*ret_total = r->total > r->done ? r->total : r->done;
}

/* The runs go the way of all runs; others that waited to be applied go first. */
static enum err_code
apply(struct rekey *r, int budget_ms, bool *ret_more, struct err *e)
{
	int64_t n_runs = 0;
	bool is_idle;
	enum err_code rc;

	if ((rc = count_runs(r->st, RUN_APPLYING, &n_runs, e)) != ERR_OK)
		return rc;
	*ret_more = n_runs > 0;
	return n_runs > 0 ? store_apply(r->st, r->now_at, budget_ms, &is_idle, e)
			  : ERR_OK;
}

/* One transaction or a few. */
static enum err_code
do_some(struct rekey *r, int budget_ms, bool *ret_more, struct err *e)
{
	arena_reset(r->slice);
	switch (r->phase) {
	case REKEY_BEGIN:
		return rekey_begin(r, ret_more, e);
	case REKEY_ORIGINS:
	case REKEY_COMPONENTS:
		return rekey_rows(r, ret_more, e);
	case REKEY_RUNS:
		return rekey_add_runs(r, ret_more, e);
	case REKEY_STAGE:
		return rekey_stage(r, ret_more, e);
	case REKEY_DIRTY:
		return rekey_dirty(r, ret_more, e);
	case REKEY_APPLY:
		return apply(r, budget_ms, ret_more, e);
	case REKEY_DONE:
		break;
	}
	*ret_more = false;
	return ERR_OK;
}

enum err_code
store_rekey_step(struct rekey *r, int budget_ms, bool *ret_done, struct err *e)
{
	const struct clock *clock = clock_system();
	int64_t until = clock->mono_ms(clock) + budget_ms;
	enum err_code rc = ERR_OK;
	bool more = true;

	do {
		if ((rc = do_some(r, budget_ms, &more, e)) != ERR_OK)
			return rc;
		if (more)
			continue;
		if (r->phase == REKEY_DIRTY && (rc = rekey_switch(r, e)) != ERR_OK)
			return rc;
		r->after = 0;
		if (r->phase < REKEY_DONE)
			r->phase++;
	} while (r->phase < REKEY_DONE && clock->mono_ms(clock) < until);
	*ret_done = r->phase == REKEY_DONE;
	return ERR_OK;
}
