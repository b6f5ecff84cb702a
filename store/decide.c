/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide - decisions against what is stored: only differences are written.  All of it is
 * computed first; then numbers are taken, events and rows written, and exactly the due
 * rows deleted that the decisions were made from.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/str.h"
#include "core/strmap.h"
#include "store/decide_private.h"
#include "store/outbox.h"

/* One call writes about so many differences, or reads so long, then the lock is somebody
 * else's: the units that were not reached stay due. */
#define OPS_AT_ONCE 1000
#define READING_MS  15

/* A flood is more than this, and more than this part of what the source says already. */
#define FLOOD_LEAST   5000
#define FLOOD_PERCENT 2

/* ---- the difference ---- */

static bool
says_same(const struct match_row *a, const struct match_row *b)
{
	return a->state == b->state && a->severity == b->severity &&
	       a->severity_source == b->severity_source &&
	       a->fix_stream == b->fix_stream &&
	       str_eq(a->fixed_version, b->fixed_version);
}

static bool
is_same_row(const struct match_row *a, const struct match_row *b)
{
	return says_same(a, b) && a->affected_id == b->affected_id &&
	       a->record_id == b->record_id && a->revision == b->revision &&
	       a->fix_affected_id == b->fix_affected_id;
}

static enum err_code
reason_to_close(
    struct decide *d, const struct decision *decision, struct op *op, struct err *e)
{
	struct query *q = query(d->st, STMT_RECORD_STANDING);
	bool is_gone = false, vanished = false;
	enum err_code rc;

	bind_int(q, 1, op->old.record_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		is_gone = !col_null(q, 0);
		vanished = is_gone && !col_null(q, 1);
	}
	query_done(q);
	if (rc != ERR_OK && rc != ERR_NOTFOUND)
		return rc;
	if (d->cause == RUN_REKEY && !is_gone)
		op->reason = PAST_REKEYED;
	else if (decision->reason == REASON_VERSION_HAS_FIX)
		op->reason = PAST_FIXED_BY_RANGE;
	else if (decision->reason == REASON_VENDOR_NOT_AFFECTED)
		op->reason = PAST_NOT_AFFECTED;
	else if (vanished)
		op->reason = PAST_VANISHED;
	else if (is_gone || decision->reason == REASON_NO_STATEMENT)
		op->reason = PAST_WITHDRAWN;
	else
		op->reason = PAST_RULE_CHANGED;
	return ERR_OK;
}

static bool
is_open(const struct match_row *m)
{
	return m->state != STATUS_UNDER_INVESTIGATION;
}

/* What of the difference is news. */
static unsigned
news_of(const struct op *op)
{
	bool was = op->type != OP_OPEN && is_open(&op->old);
	bool is = op->type != OP_CLOSE && is_open(&op->now);
	unsigned events = 0;

	if (op->type == OP_TOUCH)
		return 0;
	if (was != is) {
		if (op->type == OP_CHANGE && was)
			return 0; /* back under investigation: still there, less sure */
		return 1u << (is ? EVENT_FINDING_OPENED : EVENT_FINDING_RESOLVED);
	}
	if (!is)
		return 0;
	if (op->now.state == STATUS_FIXED && op->old.state != STATUS_FIXED)
		events |= 1u << EVENT_FINDING_FIX_AVAILABLE;
	else if (op->now.state == STATUS_FIXED &&
		 !str_eq(op->now.fixed_version, op->old.fixed_version))
		events |= 1u << EVENT_FINDING_FIX_CHANGED;
	if (op->now.severity > op->old.severity)
		events |= 1u << EVENT_FINDING_SEVERITY_RAISED;
	return events;
}

/* The package that the deciding statement names; once it is gone, the unit's. */
static int64_t
package_of(
    const struct unit *u, const struct subject *s, const struct decision *decision)
{
	if (decision->by != NULL)
		return decision->by->package_id;
	return u->package_id != 0 ? u->package_id : s->package_id;
}

static enum err_code
compare_one(struct decide *d, const struct unit *u, const struct subject *s,
    const struct decision *decision, const struct match_row *old, struct err *e)
{
	struct op op = { .package_id = package_of(u, s, decision),
		.ecosystem = s->ecosystem,
		.reason = PAST_CHANGED };
	enum err_code rc = ERR_OK;

	if (old == NULL && !decision->is_match)
		return ERR_OK;
	if (old != NULL)
		op.old = *old;
	if (decision->is_match &&
	    (rc = match_of(d->st, u, decision, &op.now, e)) != ERR_OK)
		return rc;
	if (old != NULL && decision->is_match && is_same_row(old, &op.now))
		return ERR_OK;
	op.type = old == NULL               ? OP_OPEN
		  : !decision->is_match     ? OP_CLOSE
		  : says_same(old, &op.now) ? OP_TOUCH
					    : OP_CHANGE;
	if (op.type == OP_CLOSE)
		rc = reason_to_close(d, decision, &op, e);
	op.events = news_of(&op);
	if (rc == ERR_OK)
		rc = decide_is_quiet(d, s->ecosystem, &op.is_quiet, e);
	*ARENA_PUSH(d->a, &d->ops) = op;
	return rc;
}

/* Its own kind of ids are not told, whatever happens to them. */
static enum err_code
add_facts(struct decide *d, int64_t vulnerability_id, size_t from, struct err *e)
{
	struct query *q = query(d->st, STMT_VULNERABILITY_FACTS);
	bool is_temporary = false, is_exploited = false;
	enum err_code rc;

	bind_int(q, 1, vulnerability_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		is_temporary = col_int(q, 0) != 0;
		is_exploited = !col_null(q, 1);
	}
	query_done(q);
	for (size_t i = from; i < d->ops.n; i++) {
		d->ops.at[i].is_exploited = is_exploited;
		if (is_temporary)
			d->ops.at[i].events = 0;
	}
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

/* DONE holds what other units of this call have compared already: a component may be
 * due for its own package and for the one it was built from. */
static enum err_code
compare_unit(struct decide *d, const struct unit *u, const struct decision *decisions,
    struct idmap *done, struct err *e)
{
	struct standing standing = { 0 };
	size_t from = d->ops.n;
	enum err_code rc = match_standing(d, u, &standing, e);

	for (size_t i = 0; i < u->n_subjects && rc == ERR_OK; i++) {
		int64_t id = u->subjects[i].component_id;
		int64_t *at = idmap_get(&standing.index, id);
		bool is_new;

		if (decisions[i].component_id != id ||
		    decisions[i].vulnerability_id != u->vulnerability_id)
			return err_set(e, ERR_BUG, "decisions do not fit their units");
		(void)idmap_put(done, id, &is_new);
		if (is_new)
			rc = compare_one(d, u, &u->subjects[i], &decisions[i],
			    at == NULL ? NULL : &standing.rows.at[*at - 1], e);
	}
	if (rc != ERR_OK || from == d->ops.n)
		return rc;
	return add_facts(d, u->vulnerability_id, from, e);
}

static enum err_code
delete_due(struct store *st, const struct unit *u, struct err *e)
{
	struct query *q = query(st, STMT_DIRTY_DELETE);
	enum err_code rc;

	bind_int(q, 1, u->package_id);
	bind_int(q, 2, u->vulnerability_id);
	bind_int(q, 3, u->run_id);
	if ((rc = query_run(q, e)) == ERR_OK && query_changes(st) != 1)
		rc = err_set(e, ERR_CONFLICT, "somebody else decided this unit");
	return rc;
}

/* A new rating may mean another word beside the counts (exploited), and no other row. */
static enum err_code
make_rated_due(struct decide *d, const struct unit *u, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (u->package_id != 0)
		return ERR_OK;
	for (size_t i = 0; i < u->n_subjects && rc == ERR_OK; i++)
		rc = match_due(d->st, u->subjects[i].component_id, e);
	return rc;
}

/* ---- the call ---- */

enum run_column {
	RUN_COL_FEED_ID,
	RUN_COL_FEED,
	RUN_COL_STATE,
	RUN_COL_CAUSE,
	RUN_COL_NEWS,
	RUN_COL_LIMIT
};

static enum err_code
read_run(struct decide *d, struct err *e)
{
	struct query *q = query(d->st, STMT_DECIDE_RUN);
	enum err_code rc;

	bind_int(q, 1, d->run_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		d->feed_id = col_int(q, RUN_COL_FEED_ID);
		d->feed = col_dup(q, RUN_COL_FEED, d->a);
		d->state = (enum run_state)col_int(q, RUN_COL_STATE);
		d->cause = (enum run_cause)col_int(q, RUN_COL_CAUSE);
		d->n_news = col_int(q, RUN_COL_NEWS);
		if (!col_null(q, RUN_COL_LIMIT))
			d->flood_limit = col_int(q, RUN_COL_LIMIT);
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, ERR_CONFLICT, "the run is gone") : rc;
}

/* Counting the matches of a source takes a while: once a run, before the lock, and only
 * if these decisions could be a flood. */
static enum err_code
foresee_flood(struct decide *d, size_t n_decisions, struct err *e)
{
	struct query *q;
	int64_t n = 0;
	enum err_code rc;

	if ((rc = read_run(d, e)) != ERR_OK || d->flood_limit != 0 ||
	    d->n_news + (int64_t)n_decisions <= FLOOD_LEAST)
		return rc;
	q = query(d->st, STMT_MATCHES_OF_SOURCE);
	bind_int(q, 1, d->feed_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		n = col_int(q, 0);
	query_done(q);
	n = n * FLOOD_PERCENT / 100;
	d->flood_limit = n > FLOOD_LEAST ? n : FLOOD_LEAST;
	return rc;
}

static enum err_code
write_counts(struct decide *d, struct err *e)
{
	int64_t opened = 0, closed = 0, quiet = 0;
	struct query *q;

	for (size_t i = 0; i < d->ops.n; i++) {
		const struct op *op = &d->ops.at[i];

		opened += op->type == OP_OPEN;
		closed += op->type == OP_CLOSE;
		quiet += op->type == OP_OPEN && op->is_quiet;
	}
	q = query(d->st, STMT_DECIDE_COUNT);
	bind_int(q, 1, d->run_id);
	bind_int(q, 2, opened);
	bind_int(q, 3, closed);
	bind_int(q, 4, quiet);
	bind_id(q, 5, d->flood_limit);
	bind_int(q, 6, d->state);
	return query_run(q, e);
}

static bool
is_enough(const struct decide *d, int64_t until_ms)
{
	const struct clock *clock = clock_system();

	return d->ops.n >= OPS_AT_ONCE || clock->mono_ms(clock) >= until_ms;
}

static enum err_code
decide(struct decide *d, const struct unit *units, size_t n,
    const struct decision *decisions, struct err *e)
{
	int64_t until_ms = clock_system()->mono_ms(clock_system()) + READING_MS;
	struct idmap seen = idmap_in(d->a); /* vulnerability: place in done + 1 */
	struct {
		struct idmap *at;
		size_t n, cap;
	} done = { 0 };
	enum err_code rc = read_run(d, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		int64_t *index;

		if (i > 0 && is_enough(d, until_ms))
			break;
		index = idmap_put(&seen, units[i].vulnerability_id, NULL);

		if (*index == 0) {
			*ARENA_PUSH(d->a, &done) = idmap_in(d->a);
			*index = (int64_t)done.n;
		}
		if ((rc = delete_due(d->st, &units[i], e)) == ERR_OK &&
		    (rc = compare_unit(
			 d, &units[i], decisions, &done.at[*index - 1], e)) == ERR_OK)
			rc = make_rated_due(d, &units[i], e);
		decisions += units[i].n_subjects;
	}
	if (rc != ERR_OK || d->ops.n == 0)
		return rc;
	if ((rc = decide_events(d, e)) != ERR_OK || (rc = decide_rows(d, e)) != ERR_OK)
		return rc;
	return write_counts(d, e);
}

enum err_code
store_decide(struct store *st, const struct unit *units, size_t n,
    const struct decision *decisions, int64_t now_at, struct err *e)
{
	struct decide d = { .st = st, .now_at = now_at };
	size_t total = 0;
	enum err_code rc;

	if (n == 0)
		return ERR_OK;
	for (size_t i = 0; i < n; i++) {
		if (units[i].run_id != units[0].run_id)
			return err_set(e, ERR_BUG, "units of two runs in one call");
		total += units[i].n_subjects;
	}
	d.a = arena_new();
	d.ecosystems = strmap_new();
	d.run_id = units[0].run_id;
	rc = foresee_flood(&d, total, e);
	if (rc == ERR_OK && (rc = tx_begin(st, e)) == ERR_OK) {
		rc = decide(&d, units, n, decisions, e);
		rc = tx_end(st, rc, e);
	}
	strmap_free(d.ecosystems);
	arena_free(d.a);
	return rc;
}
