/* SPDX-License-Identifier: Apache-2.0 */
/* tick - where time meets the number line. */
#include "store/finding_private.h"
#include "store/outbox_private.h"

static enum err_code
first_and_last(struct store *st, int64_t *ret_first, int64_t *ret_last, struct err *e)
{
	struct query *q = query(st, STMT_EVENT_FIRST_LAST);
	enum err_code rc;

	if ((rc = query_one(q, e)) == ERR_OK) {
		*ret_first = col_int(q, 0);
		*ret_last = col_int(q, 1);
	}
	query_done(q);
	return rc;
}

enum err_code
store_time_of(struct store *st, int64_t seq, int64_t *ret, struct err *e)
{
	return event_time(st, seq, ret, e);
}

/* Numbers and times ascend together: a binary search. */
enum err_code
store_seq_at(struct store *st, int64_t at, int64_t *ret, struct err *e)
{
	int64_t lo = 0, hi = 0, time = 0;
	enum err_code rc = first_and_last(st, &lo, &hi, e);

	*ret = 0;
	while (rc == ERR_OK && lo > 0 && lo <= hi) {
		int64_t mid = lo + (hi - lo) / 2;

		if ((rc = event_time(st, mid, &time, e)) != ERR_OK)
			break;
		if (time <= at) {
			*ret = mid;
			lo = mid + 1;
		} else {
			hi = mid - 1;
		}
	}
	return rc;
}

static enum err_code
tick(struct store *st, int64_t now_at, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_CLOCK_TICK, now_at);
	int64_t first = 0, last = 0, at = 0, seq = 0;
	enum err_code rc;

	if ((rc = first_and_last(st, &first, &last, e)) != ERR_OK || last == 0 ||
	    (rc = event_time(st, last, &at, e)) != ERR_OK || now_at - at < STORE_TICK_S)
		return rc;
	ev.flags = EVENT_QUIET;
	if ((rc = seq_take(st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	return event_add(st, &ev, seq, e);
}

enum err_code
store_tick(struct store *st, int64_t now_at, struct err *e)
{
	int64_t first = 0, last = 0, at = 0;
	enum err_code rc = first_and_last(st, &first, &last, e);

	/* nearly always: no need for the writer's lock */
	if (rc != ERR_OK || last == 0 ||
	    (rc = event_time(st, last, &at, e)) != ERR_OK || now_at - at < STORE_TICK_S)
		return rc;
	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	return tx_end(st, tick(st, now_at, e), e);
}
