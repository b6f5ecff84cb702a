/* SPDX-License-Identifier: Apache-2.0 */
/* purge - what retention no longer keeps: texts of messages, messages, events; in slices. */
#include "store/outbox_private.h"

#define ROWS_AT_ONCE 500

struct purging {
	struct store *st;
	int64_t now_at;
	int64_t done; /* rows of this slice */
};

/* Statement S over what ended before AGE_S seconds ago; 0 = keep for ever. */
static enum err_code
purge(struct purging *p, enum stmt s, int64_t age_s, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if (age_s == 0 || p->done >= ROWS_AT_ONCE)
		return ERR_OK;
	q = query(p->st, s);
	bind_int(q, 1, p->now_at - age_s);
	bind_int(q, 2, ROWS_AT_ONCE - p->done);
	rc = query_run(q, e);
	if (rc == ERR_OK)
		p->done += query_changes(p->st);
	return rc;
}

static enum err_code
run_upto(struct store *st, enum stmt s, int64_t upto, struct err *e)
{
	struct query *q = query(st, s);

	bind_int(q, 1, upto);
	return query_run(q, e);
}

/* What is left of them is the time of each number, to the day: a finding may be older than
 * the log. */
static enum err_code
forget_events(struct store *st, int64_t upto, struct err *e)
{
	enum err_code rc = run_upto(st, STMT_PURGE_MOMENTS, upto, e);

	if (rc == ERR_OK)
		rc = query_run(query(st, STMT_PURGE_MOMENTS_DOUBLE), e);
	return rc == ERR_OK ? run_upto(st, STMT_PURGE_EVENTS, upto, e) : rc;
}

/* Nothing that a subscription has still to look at goes, and never the last one: it says
 * what time it was. */
static enum err_code
purge_events(struct purging *p, int64_t age_s, struct err *e)
{
	struct query *q;
	int64_t upto = 0, n = 0;
	enum err_code rc;

	if (age_s == 0 || p->done >= ROWS_AT_ONCE)
		return ERR_OK;
	if ((rc = store_seq_at(p->st, p->now_at - age_s, &upto, e)) != ERR_OK)
		return rc;
	q = query(p->st, STMT_PURGE_EVENTS_UPTO);
	bind_int(q, 1, upto);
	bind_int(q, 2, ROWS_AT_ONCE - p->done);
	if ((rc = query_one(q, e)) == ERR_OK) {
		upto = col_int(q, 0);
		n = col_int(q, 1);
	}
	query_done(q);
	p->done += n;
	return rc == ERR_OK && n > 0 ? forget_events(p->st, upto, e) : rc;
}

enum err_code
store_purge(struct store *st, const struct retention *r, int64_t now_at, bool *ret_done,
    struct err *e)
{
	struct purging p = { .st = st, .now_at = now_at };
	enum err_code rc = tx_begin(st, e);

	if (rc != ERR_OK)
		return rc;
	if ((rc = purge(&p, STMT_PURGE_BODIES, r->bodies_s, e)) == ERR_OK &&
	    (rc = purge(&p, STMT_PURGE_DELIVERIES, r->messages_s, e)) == ERR_OK &&
	    (rc = purge(&p, STMT_PURGE_MESSAGES, r->messages_s, e)) == ERR_OK)
		rc = purge_events(&p, r->events_s, e);
	rc = tx_end(st, rc, e);
	if (rc == ERR_OK)
		*ret_done = p.done == 0;
	return rc;
}
