/* SPDX-License-Identifier: Apache-2.0 */
/* Which issue of a tracker is about which vulnerability on which list. */
#include "core/arena.h"
#include "store/outbox_private.h"

enum err_code
store_issue(struct store *st, int64_t channel_id, int64_t list_id,
    const char *vulnerability, struct arena *a, struct issue_row *ret, struct err *e)
{
	struct query *q = query(st, STMT_ISSUE);
	enum err_code rc;

	bind_int(q, 1, channel_id);
	bind_int(q, 2, list_id);
	bind_text(q, 3, vulnerability);
	rc = query_one(q, e);
	if (rc != ERR_OK && rc != ERR_NOTFOUND) {
		query_done(q);
		return rc;
	}
	*ret = (struct issue_row){ .channel_id = channel_id,
		.list_id = list_id,
		.vulnerability = vulnerability,
		.number = rc == ERR_OK ? col_int(q, 0) : 0,
		.is_open = rc == ERR_OK && col_int(q, 1) != 0,
		.message_id = rc == ERR_OK ? col_dup(q, 2, a) : NULL };
	query_done(q);
	return ERR_OK;
}

enum err_code
store_issue_put(struct store *st, const struct issue_row *row, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	q = query(st, row->number != 0 ? STMT_ISSUE_PUT : STMT_ISSUE_FORGET);
	bind_int(q, 1, row->channel_id);
	bind_int(q, 2, row->list_id);
	bind_text(q, 3, row->vulnerability);
	if (row->number != 0) {
		bind_int(q, 4, row->number);
		bind_int(q, 5, row->is_open);
		bind_text(q, 6, row->message_id);
	}
	return tx_end(st, query_run(q, e), e);
}
