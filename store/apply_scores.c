/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_scores - what a record says of how bad it is: CVSS by scorer, known to be
 * exploited.  None of it touches a range; where the vulnerability has matches they are
 * re-rated by a unit of package 0.
 */
#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"
#include "store/apply_private.h"
#include "store/outbox.h"

#define KIND_TEMPORARY 1 /* vulnerability.kind */

struct score {
	int64_t vulnerability_id, n;
	const char *scorer, *vector;
	int64_t speaker, tenths;
};

struct scores {
	struct score *at;
	size_t n, cap;
};

/* ---- CVSS ---- */

static enum err_code
read_scores(struct apply *ap, int64_t record_id, struct scores *out, struct err *e)
{
	struct query *q = query(ap->st, STMT_CVSS_OF_RECORD);
	enum err_code rc;
	bool row;

	bind_int(q, 1, record_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(ap->a, out) = (struct score){
			.vulnerability_id = col_int(q, 0),
			.n = col_int(q, 1),
			.scorer = col_dup(q, 2, ap->a),
			.speaker = col_int(q, 3),
			.vector = col_dup(q, 4, ap->a),
			.tenths = col_int(q, 5),
		};
	query_done(q);
	return rc;
}

/* A score of a record that covers several vulnerabilities is nobody's in particular. */
static void
want_scores(struct apply *ap, const struct put *p, struct scores *out)
{
	if (!p->stands || p->links.n != 1)
		return;
	for (size_t i = 0; i < p->r->n_cvss; i++)
		*ARENA_PUSH(ap->a, out) = (struct score){
			.vulnerability_id = p->links.at[0],
			.n = (int64_t)i,
			.scorer = str_or_empty(p->r->cvss[i].scorer),
			.vector = p->r->cvss[i].vector,
			.speaker = (int64_t)p->r->cvss[i].speaker,
			.tenths = p->r->cvss[i].score_tenths,
		};
}

static bool
are_same(const struct scores *a, const struct scores *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct score *x = &a->at[i], *y = &b->at[i];

		if (x->vulnerability_id != y->vulnerability_id || x->n != y->n ||
		    x->speaker != y->speaker || x->tenths != y->tenths ||
		    !str_eq(x->scorer, y->scorer) || !str_eq(x->vector, y->vector))
			return false;
	}
	return true;
}

static enum err_code
write_scores(
    struct apply *ap, const struct put *p, const struct scores *wanted, struct err *e)
{
	struct query *q = query(ap->st, STMT_CVSS_GONE);
	enum err_code rc;

	bind_int(q, 1, p->id);
	rc = query_run(q, e);
	for (size_t i = 0; i < wanted->n && rc == ERR_OK; i++) {
		const struct score *s = &wanted->at[i];

		q = query(ap->st, STMT_CVSS_ADD);
		bind_int(q, 1, s->vulnerability_id);
		bind_int(q, 2, p->id);
		bind_int(q, 3, s->n);
		bind_text(q, 4, s->scorer);
		bind_int(q, 5, s->speaker);
		bind_text(q, 6, s->vector);
		bind_int(q, 7, s->tenths);
		rc = query_run(q, e);
	}
	return rc;
}

static enum err_code
put_scores(struct apply *ap, struct put *p, struct err *e)
{
	struct scores old = { 0 }, wanted = { 0 };
	enum err_code rc = ERR_OK;

	if (p->is_known && (rc = read_scores(ap, p->id, &old, e)) != ERR_OK)
		return rc;
	want_scores(ap, p, &wanted);
	if (are_same(&old, &wanted))
		return ERR_OK;
	p->scores = true;
	return write_scores(ap, p, &wanted, e);
}

/* ---- the vulnerability's own row ---- */

enum sum_column {
	SUM_KIND,
	SUM_SEVERITY_NOW,
	SUM_TENTHS_NOW,
	SUM_KEV_NOW,
	SUM_RECORDS,
	SUM_ENTRIES,
	SUM_SCORE_MAX,
	SUM_SCORE_BEST,
	SUM_EXPLOITED
};

struct sum {
	int64_t kind, severity, tenths, kev_at;
	int64_t severity_now, tenths_now, kev_now;
};

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static enum err_code
read_sum(struct apply *ap, int64_t vulnerability_id, struct sum *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_VULNERABILITY_SUM);
	enum err_code rc;

	bind_int(q, 1, vulnerability_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		int64_t band =
		    (int64_t)severity_from_cvss((int)col_int(q, SUM_SCORE_MAX));

		*ret = (struct sum){
			.kind = col_int(q, SUM_KIND),
			.severity_now = col_int(q, SUM_SEVERITY_NOW),
			.tenths_now = col_int(q, SUM_TENTHS_NOW),
			.kev_now = col_int(q, SUM_KEV_NOW),
			.severity = larger(band,
			    larger(col_int(q, SUM_RECORDS), col_int(q, SUM_ENTRIES))),
			.tenths = col_int(q, SUM_SCORE_BEST),
			.kev_at = col_int(q, SUM_EXPLOITED),
		};
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, ERR_BUG, "a vulnerability is gone") : rc;
}

enum err_code
apply_matched(
    struct apply *ap, int64_t vulnerability_id, struct matched *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_MATCHES_SUM);
	enum err_code rc;

	bind_int(q, 1, vulnerability_id);
	bind_int(q, 2, STATUS_FIXED);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = (struct matched){ col_int(q, 0), col_int(q, 1),
			col_int(q, 2) != 0 };
	query_done(q);
	return rc;
}

bool
apply_is_quiet(const struct apply *ap)
{
	return ap->cause != RUN_REFRESH && ap->cause != RUN_ACCEPTED;
}

static enum err_code
tell_exploited(
    struct apply *ap, int64_t vulnerability_id, const struct matched *m, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_FINDING_EXPLOITED, ap->now_at);
	int64_t seq = 0;
	enum err_code rc;

	if ((rc = seq_take(ap->st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	ev.run_id = ap->run_id;
	ev.vulnerability_id = vulnerability_id;
	ev.severity = (int)m->severity;
	ev.state = m->is_fixable ? STATUS_FIXED : STATUS_AFFECTED;
	ev.flags = EVENT_EXPLOITED | (m->is_fixable ? EVENT_FIXABLE : 0u);
	ev.n = m->n;
	return event_add(ap->st, &ev, seq, e);
}

static enum err_code
sum_up(struct apply *ap, const struct put *p, int64_t vulnerability_id, struct err *e)
{
	struct sum s = { 0 };
	struct matched m = { 0 };
	struct query *q;
	enum err_code rc;

	if ((rc = read_sum(ap, vulnerability_id, &s, e)) != ERR_OK)
		return rc;
	if (s.severity != s.severity_now || s.tenths != s.tenths_now ||
	    s.kev_at != s.kev_now) {
		q = query(ap->st, STMT_VULNERABILITY_SET);
		bind_int(q, 1, vulnerability_id);
		bind_int(q, 2, s.severity);
		bind_id(q, 3, s.tenths);
		bind_id(q, 4, s.kev_at);
		if ((rc = query_run(q, e)) != ERR_OK)
			return rc;
	}
	if (!p->scores && s.kev_at == s.kev_now)
		return ERR_OK;
	if ((rc = apply_matched(ap, vulnerability_id, &m, e)) != ERR_OK || m.n == 0)
		return rc;
	if ((rc = apply_dirty(ap, 0, vulnerability_id, e)) != ERR_OK)
		return rc;
	if (s.kev_now != 0 || s.kev_at == 0 || s.kind == KIND_TEMPORARY ||
	    apply_is_quiet(ap))
		return ERR_OK;
	return tell_exploited(ap, vulnerability_id, &m, e);
}

enum err_code
apply_scores(struct apply *ap, struct put *p, struct err *e)
{
	enum err_code rc = put_scores(ap, p, e);

	for (size_t i = 0; i < p->links.n && rc == ERR_OK; i++)
		rc = sum_up(ap, p, p->links.at[i], e);
	for (size_t i = 0; i < p->links_before.n && rc == ERR_OK; i++)
		if (!ids_have(&p->links, p->links_before.at[i]))
			rc = sum_up(ap, p, p->links_before.at[i], e);
	return rc;
}
