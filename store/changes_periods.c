/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a match stood at a number.  The present period is the match row itself, from
 * changed_seq on; earlier ones are match_past rows.  A match that was renamed (its
 * vulnerability got another name) has a run that began before its first period under the
 * new name: there it stood as it stands in that first period.
 */
#include <string.h>

#include "core/arena.h"
#include "store/changes_private.h"

enum period_column {
	COL_OTHER_ID,
	COL_FROM_SEQ,
	COL_TO_SEQ,
	COL_STATE,
	COL_SEVERITY,
	COL_SPEAKER,
	COL_AFFECTED_ID,
	COL_RECORD_ID,
	COL_FIXED_VERSION,
	COL_REASON,
	COL_SINCE_SEQ,
	COL_FIX_STREAM
};

static enum err_code
read_periods(struct store *st, enum stmt s, int64_t id, int64_t low_seq,
    struct arena *a, struct periods *ret, struct err *e)
{
	struct query *q = query(st, s);
	enum err_code rc;
	bool more;

	*ret = (struct periods){ 0 };
	bind_int(q, 1, id);
	bind_int(q, 2, low_seq);
	bind_int(q, 3, SEQ_OPEN);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, ret) = (struct period){
			.other_id = col_int(q, COL_OTHER_ID),
			.from_seq = col_int(q, COL_FROM_SEQ),
			.to_seq = col_int(q, COL_TO_SEQ),
			.since_seq = col_int(q, COL_SINCE_SEQ),
			.state = (enum status)col_int(q, COL_STATE),
			.severity = (enum severity)col_int(q, COL_SEVERITY),
			.speaker = (enum speaker)col_int(q, COL_SPEAKER),
			.affected_id = col_int(q, COL_AFFECTED_ID),
			.record_id = col_int(q, COL_RECORD_ID),
			.fixed_version = col_dup(q, COL_FIXED_VERSION, a),
			.other_stream = col_int(q, COL_FIX_STREAM) != 0,
			.reason = (enum past_reason)col_int(q, COL_REASON),
		};
	query_done(q);
	return rc;
}

enum err_code
periods_of_vulnerability(struct store *st, int64_t vulnerability_id, int64_t low_seq,
    struct arena *a, struct periods *ret, struct err *e)
{
	return read_periods(
	    st, STMT_PERIODS_OF_VULNERABILITY, vulnerability_id, low_seq, a, ret, e);
}

enum err_code
periods_of_component(struct store *st, int64_t component_id, int64_t low_seq,
    struct arena *a, struct periods *ret, struct err *e)
{
	return read_periods(
	    st, STMT_PERIODS_OF_COMPONENT, component_id, low_seq, a, ret, e);
}

struct periods
periods_find(const struct periods *p, int64_t other_id)
{
	struct periods group = { 0 };
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->at[mid].other_id < other_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + group.n < p->n && p->at[lo + group.n].other_id == other_id)
		group.n++;
	group.at = group.n > 0 ? &p->at[lo] : NULL;
	group.cap = group.n;
	return group;
}

const struct period *
period_at(const struct periods *group, int64_t seq)
{
	for (size_t i = 0; i < group->n; i++) {
		const struct period *p = &group->at[i];

		if (seq < p->to_seq && seq >= p->from_seq)
			return p;
		if (seq < p->from_seq)
			return p->since_seq <= seq ? p : NULL;
	}
	return NULL;
}

bool
period_open(const struct period *p)
{
	return p != NULL && p->state != STATUS_UNDER_INVESTIGATION;
}

int64_t
period_run_start(const struct periods *group, const struct period *p)
{
	while (p > group->at && p[-1].to_seq == p->from_seq)
		p--;
	return p->since_seq < p->from_seq ? p->since_seq : p->from_seq;
}
