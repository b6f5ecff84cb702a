/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_epss - a row of staged scores becomes numbers beside the vulnerabilities.  No
 * range, no match and no rating is touched; where something here has the vulnerability
 * and its score rises over a threshold that anybody asks for, one event says so.
 */
#include "core/arena.h"
#include "core/record.h"
#include "store/apply_private.h"
#include "store/epss.h"
#include "store/outbox.h"

#define KIND_TEMPORARY 1 /* vulnerability.kind */

static enum err_code
load_thresholds(struct apply *ap, struct err *e)
{
	static const int64_t grid[] = EPSS_GRID_MICRO;
	struct query *q;
	enum err_code rc;
	bool row;

	if (ap->thresholds.n > 0)
		return ERR_OK;
	for (size_t i = 0; i < sizeof(grid) / sizeof(grid[0]); i++)
		ids_add(ap->slice, &ap->thresholds, grid[i]);
	q = query(ap->st, STMT_SUBSCRIPTIONS_EPSS);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		ids_add(ap->slice, &ap->thresholds, col_int(q, 0));
	query_done(q);
	return rc;
}

static bool
rises_over_one(const struct apply *ap, int64_t before, int64_t now)
{
	for (size_t i = 0; i < ap->thresholds.n; i++)
		if (before < ap->thresholds.at[i] && ap->thresholds.at[i] <= now)
			return true;
	return false;
}

/* The score as it was; -1 = there was none. */
static enum err_code
read_before(struct apply *ap, int64_t cve, int64_t *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_EPSS_GET);
	enum err_code rc;

	*ret = -1;
	bind_int(q, 1, cve);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
write_score(struct apply *ap, const struct epss_score *s, struct err *e)
{
	struct query *q =
	    query(ap->st, s->micro < 0 ? STMT_EPSS_DELETE : STMT_EPSS_PUT);

	bind_int(q, 1, s->cve);
	if (s->micro >= 0) {
		bind_int(q, 2, s->micro);
		bind_int(q, 3, s->percentile);
	}
	return query_run(q, e);
}

struct target {
	int64_t id, kind, kev_at, merged_into; /* id 0 = not known here */
};

static enum err_code
write_vulnerability(
    struct apply *ap, const struct epss_score *s, struct target *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_VULNERABILITY_SET_EPSS);
	char name[EPSS_NAME_SIZE];
	enum err_code rc;

	*ret = (struct target){ 0 };
	bind_text(q, 1, epss_name(s->cve, name));
	if (s->micro < 0)
		bind_null(q, 2);
	else
		bind_int(q, 2, s->micro);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = (struct target){ col_int(q, 0), col_int(q, 1), col_int(q, 2),
			col_int(q, 3) };
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
tell(struct apply *ap, const struct target *t, int64_t before, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_FINDING_SEVERITY_RAISED, ap->now_at);
	struct matched m = { 0 };
	int64_t seq = 0;
	enum err_code rc = apply_matched(ap, t->id, &m, e);

	if (rc != ERR_OK || m.n == 0 ||
	    (rc = seq_take(ap->st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	ev.run_id = ap->run_id;
	ev.vulnerability_id = t->id;
	ev.severity = ev.severity_before = (int)m.severity;
	ev.state = m.is_fixable ? STATUS_FIXED : STATUS_AFFECTED;
	ev.flags = (t->kev_at != 0 ? EVENT_EXPLOITED : 0u) |
		   (m.is_fixable ? EVENT_FIXABLE : 0u);
	ev.epss_before_micro = before;
	ev.n = m.n;
	return event_add(ap->st, &ev, seq, e);
}

static enum err_code
apply_score(struct apply *ap, const struct epss_score *s, struct err *e)
{
	struct target t;
	int64_t before;
	enum err_code rc;

	if ((rc = read_before(ap, s->cve, &before, e)) != ERR_OK ||
	    (rc = write_score(ap, s, e)) != ERR_OK ||
	    (rc = write_vulnerability(ap, s, &t, e)) != ERR_OK)
		return rc;
	ap->n_records += (int64_t)(s->micro >= 0) - (int64_t)(before >= 0);
	if (t.id == 0 || t.kind == KIND_TEMPORARY || t.merged_into != 0 ||
	    apply_is_quiet(ap))
		return ERR_OK;
	if (before < 0)
		before = 0;
	return rises_over_one(ap, before, s->micro) ? tell(ap, &t, before, e) : ERR_OK;
}

enum err_code
apply_epss(struct apply *ap, const void *body, size_t len, struct err *e)
{
	struct epss_score s[EPSS_CHUNK];
	int64_t scored_at = 0;
	size_t n = 0;
	enum err_code rc;

	if ((rc = epss_unpack(body, len, &scored_at, s, &n, e)) != ERR_OK ||
	    (rc = load_thresholds(ap, e)) != ERR_OK)
		return rc;
	if (scored_at > ap->newest_at)
		ap->newest_at = scored_at;
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = apply_score(ap, &s[i], e);
	return rc;
}
