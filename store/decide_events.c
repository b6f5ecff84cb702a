/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide_events - differences as events: one per kind, vulnerability and package, with
 * the components as a set.  A baseline or an upgrade is summed up by ecosystem and told
 * once, at the run's end; its matches share the number of one quiet marker.  A flood
 * keeps its events, marked quiet, for an operator to announce.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/strmap.h"
#include "store/decide_private.h"
#include "store/outbox.h"

#define MAX_SET_BYTES ((size_t)64 * 1024 * 1024)

/* One op's part in one event. */
struct effect {
	enum event_kind kind;
	size_t op;
	int64_t vulnerability_id, package_id, component_id;
	enum past_reason reason; /* of a resolved one */
	bool is_muted;           /* flagged quiet: part of a flood */
};

struct effects {
	struct effect *at;
	size_t n, cap;
};

/* ---- quiet or not ---- */

static bool
is_quiet_cause(enum run_cause c)
{
	return c != RUN_REFRESH && c != RUN_ACCEPTED;
}

enum err_code
decide_is_quiet(struct decide *d, const char *ecosystem, bool *ret, struct err *e)
{
	uint64_t *known = strmap_put(d->ecosystems, ecosystem, NULL);
	struct query *q;
	enum err_code rc;

	if (*known == 0 && is_quiet_cause(d->cause))
		*known = 2;
	if (*known == 0) {
		q = query(d->st, STMT_COVERAGE_IS_NEW);
		bind_int(q, 1, d->feed_id);
		bind_text(q, 2, ecosystem);
		bind_int(q, 3, d->run_id);
		rc = query_one(q, e);
		if (rc != ERR_OK && rc != ERR_NOTFOUND)
			return rc;
		*known = rc == ERR_OK && col_int(q, 1) != 0 ? 2 : 1;
		query_done(q);
	}
	*ret = *known == 2;
	return ERR_OK;
}

static bool
is_opening(const struct op *op)
{
	return (op->events & (1u << EVENT_FINDING_OPENED)) != 0 && !op->is_quiet;
}

/* Does the run become a flood with these? */
static bool
floods(struct decide *d)
{
	int64_t n = 0;

	for (size_t i = 0; i < d->ops.n; i++)
		n += is_opening(&d->ops.at[i]);
	return d->state == RUN_DECIDING && d->flood_limit != 0 &&
	       d->n_news + n > d->flood_limit;
}

/* Even in a flood what burns is told at once. */
static bool
is_muted(const struct decide *d, const struct op *op)
{
	return d->state == RUN_FLOOD && !op->is_exploited &&
	       op->now.severity != SEVERITY_CRITICAL;
}

/* ---- sums of what is not told ---- */

struct quiet_sum {
	const char *ecosystem;
	int64_t n_opened, n_changed, n_closed, n_exploited;
	int severity;
};

static void
add_quiet(struct quiet_sum *s, const struct op *op)
{
	s->ecosystem = op->ecosystem;
	s->n_changed += op->type == OP_CHANGE;
	s->n_closed += op->type == OP_CLOSE;
	if (op->type != OP_OPEN)
		return;
	s->n_opened++;
	s->n_exploited += op->is_exploited;
	if (op->now.severity > s->severity)
		s->severity = op->now.severity;
}

static enum err_code
write_quiet(struct decide *d, const struct quiet_sum *s, struct err *e)
{
	struct query *q = query(d->st, STMT_QUIET_PUT);

	bind_int(q, 1, d->run_id);
	bind_text(q, 2, s->ecosystem);
	bind_int(q, 3, s->n_opened);
	bind_int(q, 4, s->n_changed);
	bind_int(q, 5, s->n_closed);
	bind_int(q, 6, s->n_exploited);
	bind_int(q, 7, s->severity);
	return query_run(q, e);
}

static enum err_code
sum_quiet(struct decide *d, struct err *e)
{
	struct {
		struct quiet_sum *at;
		size_t n, cap;
	} sums = { 0 };
	struct strmap *places = strmap_new();
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < d->ops.n; i++) {
		const struct op *op = &d->ops.at[i];
		uint64_t *place;

		if (!op->is_quiet || op->type == OP_TOUCH)
			continue;
		place = strmap_put(places, op->ecosystem, NULL);
		if (*place == 0) {
			(void)ARENA_PUSH(d->a, &sums);
			*place = sums.n;
		}
		add_quiet(&sums.at[*place - 1], op);
	}
	for (size_t i = 0; i < sums.n && rc == ERR_OK; i++)
		rc = write_quiet(d, &sums.at[i], e);
	strmap_free(places);
	return rc;
}

/* ---- grouping ---- */

static int
compare_effects(const void *pa, const void *pb)
{
	const struct effect *a = pa, *b = pb;

	if (a->vulnerability_id != b->vulnerability_id)
		return a->vulnerability_id < b->vulnerability_id ? -1 : 1;
	if (a->package_id != b->package_id)
		return a->package_id < b->package_id ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	if (a->is_muted != b->is_muted)
		return a->is_muted ? 1 : -1;
	return (a->component_id > b->component_id) -
	       (a->component_id < b->component_id);
}

static bool
is_same_event(const struct effect *a, const struct effect *b)
{
	return a->vulnerability_id == b->vulnerability_id &&
	       a->package_id == b->package_id && a->kind == b->kind &&
	       a->reason == b->reason && a->is_muted == b->is_muted;
}

static void
list_effects(struct decide *d, struct effects *out)
{
	for (size_t i = 0; i < d->ops.n; i++) {
		const struct op *op = &d->ops.at[i];
		const struct match_row *m = op->type == OP_OPEN ? &op->now : &op->old;

		for (int k = 0; k <= EVENT_FINDING_RESOLVED && !op->is_quiet; k++)
			if ((op->events & (1u << k)) != 0)
				*ARENA_PUSH(d->a, out) = (struct effect){
					.kind = (enum event_kind)k,
					.op = i,
					.vulnerability_id = m->vulnerability_id,
					.package_id = op->package_id,
					.component_id = m->component_id,
					.reason = k == EVENT_FINDING_RESOLVED
						      ? op->reason
						      : PAST_CHANGED,
					.is_muted = is_muted(d, op),
				};
	}
	if (out->n > 1)
		qsort(out->at, out->n, sizeof(*out->at), compare_effects);
}

static size_t
count_events(const struct effects *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += i == 0 || !is_same_event(&x->at[i - 1], &x->at[i]);
	return n;
}

/* Ops with history that no event tells. */
static bool
needs_marker(const struct decide *d)
{
	for (size_t i = 0; i < d->ops.n; i++)
		if (d->ops.at[i].type != OP_TOUCH &&
		    (d->ops.at[i].is_quiet || d->ops.at[i].events == 0))
			return true;
	return false;
}

/* ---- writing ---- */

/* What the ops of one event have in common, and the worst of where they differ. */
static void
sum_event(
    const struct decide *d, const struct effect *group, size_t n, struct event_new *ev)
{
	for (size_t i = 0; i < n; i++) {
		const struct op *op = &d->ops.at[group[i].op];
		const struct match_row *m = op->type == OP_CLOSE ? &op->old : &op->now;

		if (m->severity >= ev->severity) {
			ev->severity = m->severity;
			ev->state = m->state;
		}
		if (op->type == OP_CHANGE &&
		    (ev->severity_before < 0 || op->old.severity < ev->severity_before))
			ev->severity_before = op->old.severity;
		if (m->state == STATUS_FIXED)
			ev->flags |= EVENT_FIXABLE;
		if (op->is_exploited)
			ev->flags |= EVENT_EXPLOITED;
	}
	if (group[0].is_muted)
		ev->flags |= EVENT_QUIET;
}

static enum err_code
write_event(
    struct decide *d, const struct effect *group, size_t n, int64_t seq, struct err *e)
{
	struct event_new ev = EVENT_NEW((int)group[0].kind, d->now_at);
	struct buf set CLEANUP_BUF = BUF_INIT(MAX_SET_BYTES);
	char detail[64];
	int64_t last = 0;

	sum_event(d, group, n, &ev);
	for (size_t i = 0; i < n; i++) {
		d->ops.at[group[i].op].seq = seq;
		set_append(&set, last, group[i].component_id);
		last = group[i].component_id;
	}
	ev.run_id = d->run_id;
	ev.vulnerability_id = group[0].vulnerability_id;
	ev.package_id = group[0].package_id;
	ev.n = (int64_t)n;
	ev.components = buf_str(&set);
	ev.components_len = set.len;
	if (ev.kind == EVENT_FINDING_RESOLVED) {
		(void)snprintf(detail, sizeof(detail), "{\"reason\":\"%s\"}",
		    past_reason_name(group[0].reason));
		ev.detail = detail;
	}
	return event_add(d->st, &ev, seq, e);
}

static enum err_code
write_marker(struct decide *d, int64_t seq, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_FEED_SUMMARY, d->now_at);

	for (size_t i = 0; i < d->ops.n; i++)
		if (d->ops.at[i].type != OP_TOUCH &&
		    (d->ops.at[i].is_quiet || d->ops.at[i].events == 0)) {
			d->ops.at[i].seq = seq;
			ev.n++;
		}
	ev.run_id = d->run_id;
	ev.flags = EVENT_QUIET;
	return event_add(d->st, &ev, seq, e);
}

static enum err_code
write_flood(struct decide *d, int64_t seq, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_FEED_FLOOD, d->now_at);

	ev.run_id = d->run_id;
	ev.detail = arena_printf(d->a, "{\"feed\":\"%s\",\"limit\":%lld}", d->feed,
	    (long long)d->flood_limit);
	return event_add(d->st, &ev, seq, e);
}

static enum err_code
write_all(struct decide *d, const struct effects *x, int64_t seq, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0, end; i < x->n && rc == ERR_OK; i = end) {
		for (end = i + 1; end < x->n && is_same_event(&x->at[i], &x->at[end]);)
			end++;
		rc = write_event(d, &x->at[i], end - i, seq++, e);
	}
	return rc;
}

enum err_code
decide_events(struct decide *d, struct err *e)
{
	bool flood = floods(d), marker = needs_marker(d);
	struct effects x = { 0 };
	int64_t n, seq = 0;
	enum err_code rc;

	if (flood)
		d->state = RUN_FLOOD;
	list_effects(d, &x);
	n = (int64_t)count_events(&x) + flood + marker;
	if (n == 0)
		return ERR_OK; /* only other statements that say the same */
	if ((rc = seq_take(d->st, "event", n, &seq, e)) != ERR_OK ||
	    (flood && (rc = write_flood(d, seq++, e)) != ERR_OK) ||
	    (marker && (rc = write_marker(d, seq++, e)) != ERR_OK) ||
	    (rc = write_all(d, &x, seq, e)) != ERR_OK)
		return rc;
	return sum_quiet(d, e);
}
