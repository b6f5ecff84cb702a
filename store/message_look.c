/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the outbox: messages, their attempts, figures; and sending one again. */
#include "core/arena.h"
#include "core/str.h"
#include "store/outbox_private.h"

static enum err_code
read_body(struct query *q, struct arena *a, struct message_row *ret, struct err *e)
{
	const void *p;
	size_t len;

	if (col_null(q, MESSAGE_COL_BODY))
		return ERR_OK;
	p = col_blob(q, MESSAGE_COL_BODY, &len);
	return body_inflate(p, len, a, &ret->body, &ret->body_len, e);
}

enum err_code
message_read(struct query *q, struct arena *a, struct message_row *ret, struct err *e)
{
	*ret = (struct message_row){
		.id = col_dup(q, MESSAGE_COL_ID, a),
		.team_id = col_int(q, MESSAGE_COL_TEAM_ID),
		.subscription_id = col_int(q, MESSAGE_COL_SUBSCRIPTION_ID),
		.channel_id = col_int(q, MESSAGE_COL_CHANNEL_ID),
		.team = col_dup(q, MESSAGE_COL_TEAM, a),
		.subscription = col_dup(q, MESSAGE_COL_SUBSCRIPTION, a),
		.channel = col_dup(q, MESSAGE_COL_CHANNEL, a),
		.recipient = col_dup(q, MESSAGE_COL_RECIPIENT, a),
		.subject = col_dup(q, MESSAGE_COL_SUBJECT, a),
		.first_seq = col_int(q, MESSAGE_COL_FIRST_SEQ),
		.last_seq = col_int(q, MESSAGE_COL_LAST_SEQ),
		.created_at = col_int(q, MESSAGE_COL_CREATED_AT),
		.next_at = col_int(q, MESSAGE_COL_NEXT_AT),
		.finished_at = col_int(q, MESSAGE_COL_FINISHED_AT),
		.state = (enum message_state)col_int(q, MESSAGE_COL_STATE),
		.attempt = (int)col_int(q, MESSAGE_COL_ATTEMPT),
		.last_error = col_dup(q, MESSAGE_COL_LAST_ERROR, a),
		.last_status = (int)col_int(q, MESSAGE_COL_LAST_STATUS),
	};
	return read_body(q, a, ret, e);
}

enum err_code
message_get(struct store *st, struct scope scope, const char *id, struct arena *a,
    struct message_row *ret, struct err *e)
{
	struct query *q = query(st, STMT_MESSAGE_BY_ID);
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	bind_text(q, 2, id);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		rc = message_read(q, a, ret, e);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no such message") : rc;
}

static enum err_code
age_of(
    struct store *st, struct scope scope, const char *id, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_MESSAGE_AGE);
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	bind_text(q, 2, id);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no such message") : rc;
}

enum err_code
store_messages(struct store *st, struct scope scope, const struct message_filter *f,
    struct arena *a, struct message_row **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct message_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q;
	int64_t before_at = INT64_MAX;
	enum err_code rc = ERR_OK;
	bool more;

	if (f->before_id != NULL)
		rc = age_of(st, scope, f->before_id, &before_at, e);
	if (rc != ERR_OK)
		return rc;
	q = query(st, scope.all ? STMT_MESSAGES_OF_ALL : STMT_MESSAGES);
	bind_int(q, 1, scope_reads(scope));
	bind_id(q, 2, f->subscription_id);
	bind_id(q, 3, f->channel_id);
	if (f->state >= 0)
		bind_int(q, 4, f->state);
	else
		bind_null(q, 4);
	bind_int(q, 5, before_at);
	bind_text(q, 6, str_or_empty(f->before_id));
	bind_int(q, 7, (int64_t)f->limit);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		if ((rc = message_read(q, a, ARENA_PUSH(a, &rows), e)) != ERR_OK)
			break;
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

enum delivery_column {
	DELIVERY_COL_ATTEMPT,
	DELIVERY_COL_STATUS,
	DELIVERY_COL_AT,
	DELIVERY_COL_DURATION,
	DELIVERY_COL_RESULT,
	DELIVERY_COL_ERROR
};

struct deliveries {
	struct delivery_row *at;
	size_t n, cap;
};

static enum err_code
read_deliveries(struct store *st, const char *id, struct arena *a,
    struct deliveries *rows, struct err *e)
{
	struct query *q = query(st, STMT_MESSAGE_DELIVERIES);
	enum err_code rc;
	bool more;

	bind_text(q, 1, id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, rows) = (struct delivery_row){
			.attempt = (int)col_int(q, DELIVERY_COL_ATTEMPT),
			.status = (int)col_int(q, DELIVERY_COL_STATUS),
			.at = col_int(q, DELIVERY_COL_AT),
			.duration_ms = col_int(q, DELIVERY_COL_DURATION),
			.result = (enum delivery_result)col_int(q, DELIVERY_COL_RESULT),
			.error = col_dup(q, DELIVERY_COL_ERROR, a),
		};
	query_done(q);
	return rc;
}

enum err_code
store_message(struct store *st, struct scope scope, const char *id, struct arena *a,
    struct message_row *ret, struct delivery_row **ret_deliveries, size_t *ret_n,
    struct err *e)
{
	struct deliveries rows = { 0 };
	struct message_row m;
	enum err_code rc;

	if ((rc = tx_read(st, e)) != ERR_OK)
		return rc;
	rc = message_get(st, scope, id, a, &m, e);
	if (rc == ERR_OK)
		rc = read_deliveries(st, id, a, &rows, e);
	if ((rc = tx_end(st, rc, e)) != ERR_OK)
		return rc;
	*ret = m;
	*ret_deliveries = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

/* A message that waits for its next try is sent at once, one that is under way is left
 * alone: its result is not known yet. */
static enum err_code
replay(struct store *st, struct scope scope, const char *id, const char *actor,
    int64_t now_at, struct arena *a, struct err *e)
{
	struct query *q = query(st, STMT_MESSAGE_FOR_REPLAY);
	int64_t lease_until = 0, team_id = 0;
	bool is_purged = false, is_orphan = false;
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	bind_text(q, 2, id);
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		lease_until = col_int(q, 0);
		team_id = col_int(q, 1);
		is_purged = col_int(q, 2) != 0;
		is_orphan = col_int(q, 3) != 0;
	}
	query_done(q);
	if (rc == ERR_NOTFOUND)
		return err_set(e, rc, "no such message");
	if (rc != ERR_OK)
		return rc;
	if (lease_until > now_at)
		return err_set(e, ERR_CONFLICT, "the message is being sent");
	if (is_purged)
		return err_set(e, ERR_CONFLICT, "the message's text is no longer kept");
	if (is_orphan)
		return err_set(e, ERR_CONFLICT, "the message's channel is deleted");
	q = query(st, STMT_MESSAGE_REPLAY);
	bind_text(q, 1, id);
	bind_int(q, 2, MESSAGE_PENDING);
	bind_int(q, 3, now_at);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	return audit_add(st, team_id, actor, "message.replayed",
	    arena_printf(a, "message %s", id), NULL, NULL, now_at, e);
}

enum err_code
store_message_replay(struct store *st, struct scope scope, const char *id,
    const char *actor, int64_t now_at, struct err *e)
{
	struct arena *a;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	rc = replay(st, scope, id, actor, now_at, a, e);
	arena_free(a);
	return tx_end(st, rc, e);
}

/* Given up since then, all of it that still has a text and a channel. */
static enum err_code
replay_all(struct store *st, struct query *q, struct scope scope, const char *actor,
    int64_t now_at, struct arena *a, size_t *ret_n, struct err *e)
{
	size_t n = 0;
	enum err_code rc;
	bool more;

	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		n++;
	query_done(q);
	*ret_n = n;
	if (rc != ERR_OK || n == 0)
		return rc;
	return audit_add(st, scope_writes(scope), actor, "messages.replayed",
	    arena_printf(a, "%zu messages", n), NULL, NULL, now_at, e);
}

enum err_code
store_messages_replay(struct store *st, struct scope scope, int64_t channel_id,
    int64_t subscription_id, int64_t since_at, const char *actor, int64_t now_at,
    size_t *ret_n, struct err *e)
{
	struct arena *a;
	struct query *q;
	size_t n = 0;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_MESSAGES_REPLAY);
	bind_int(q, 1, scope_reads(scope));
	bind_id(q, 2, channel_id);
	bind_id(q, 3, subscription_id);
	bind_int(q, 4, since_at);
	bind_int(q, 5, MESSAGE_PENDING);
	bind_int(q, 6, now_at);
	bind_int(q, 7, MESSAGE_FAILED);
	a = arena_new();
	rc = replay_all(st, q, scope, actor, now_at, a, &n, e);
	arena_free(a);
	if ((rc = tx_end(st, rc, e)) == ERR_OK)
		*ret_n = n;
	return rc;
}

enum err_code
store_outbox_figures(struct store *st, struct outbox_figures *ret, struct err *e)
{
	struct outbox_figures f = { 0 };
	struct query *q = query(st, STMT_OUTBOX_FIGURES);
	enum err_code rc;
	bool more;

	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		int64_t n = col_int(q, 1), oldest = col_int(q, 2);

		switch ((enum message_state)col_int(q, 0)) {
		case MESSAGE_PENDING:
			f.pending = n;
			break;
		case MESSAGE_RETRY:
			f.retrying = n;
			break;
		default:
			f.failed = n;
			continue;
		}
		if (f.oldest_pending_at == 0 || oldest < f.oldest_pending_at)
			f.oldest_pending_at = oldest;
	}
	query_done(q);
	if (rc == ERR_OK)
		*ret = f;
	return rc;
}
