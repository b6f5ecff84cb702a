/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox: putting messages in together with the move of the cursor, taking one out
 * under a lease, and writing down what became of it.
 *
 * The number of tries grows when a message is taken, not when its result is known: a try
 * that a crash cut off is seen as an attempt without a delivery row.
 */
#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "store/outbox_private.h"

#define FAILURES_UNTIL_FAILING 3
/* Trouble shorter than this is nobody's business but the outbox's. */
#define ALARM_AFTER_S 600

/* ---- putting in ---- */

struct enqueue {
	struct store *st;
	int64_t team_id, subscription_id;
	int64_t first_seq, last_seq, now_at;
};

static enum err_code
check_channel(const struct enqueue *u, int64_t channel_id, struct err *e)
{
	struct query *q = query(u->st, STMT_OUTBOX_CHANNEL);
	enum err_code rc;

	bind_int(q, 1, channel_id);
	bind_int(q, 2, u->team_id);
	rc = query_one(q, e);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no such channel") : rc;
}

/* It has arrived where it lies: readers come for it. */
static enum err_code
add_news(const struct enqueue *u, const struct message_new *m, struct err *e)
{
	CLEANUP_BUF struct buf body = BUF_INIT(2 * MAX_MESSAGE_BYTES);
	struct query *q = query(u->st, STMT_NEWS_ADD);
	enum err_code rc;

	body_deflate(m->body, m->body_len, &body);
	bind_int(q, 1, u->subscription_id);
	bind_int(q, 2, u->last_seq);
	bind_text(q, 3, m->id);
	bind_int(q, 4, u->now_at);
	bind_text(q, 5, m->subject);
	bind_blob(q, 6, body.data, body.len);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(u->st, STMT_NEWS_CUT);
	bind_int(q, 1, u->subscription_id);
	return query_run(q, e);
}

static enum err_code
add_message(const struct enqueue *u, const struct message_new *m, struct err *e)
{
	CLEANUP_BUF struct buf body = BUF_INIT(2 * MAX_MESSAGE_BYTES);
	struct query *q;
	enum err_code rc;

	if (m->body_len > MAX_MESSAGE_BYTES)
		return err_set(e, ERR_LIMIT, "a message of %zu bytes, %zu are allowed",
		    m->body_len, MAX_MESSAGE_BYTES);
	if ((rc = check_channel(u, m->channel_id, e)) != ERR_OK)
		return rc;
	body_deflate(m->body, m->body_len, &body);
	q = query(u->st, STMT_OUTBOX_ADD);
	bind_text(q, 1, m->id);
	bind_int(q, 2, u->team_id);
	bind_int(q, 3, u->subscription_id);
	bind_int(q, 4, m->channel_id);
	bind_text(q, 5, m->recipient != NULL ? m->recipient : "");
	bind_int(q, 6, u->first_seq);
	bind_int(q, 7, u->last_seq);
	bind_int(q, 8, u->now_at);
	bind_int(q, 9, MESSAGE_PENDING);
	bind_text(q, 10, m->subject);
	bind_blob(q, 11, body.data, body.len);
	rc = query_run(q, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "message %s", m->id);
}

static enum err_code
add_messages(
    const struct enqueue *u, const struct message_new *m, size_t n, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = m[i].channel_id == 0 ? add_news(u, &m[i], e)
					  : add_message(u, &m[i], e);
	return rc;
}

/* The cursor is the guard: whoever moves it from FROM has the right to enqueue. */
static enum err_code
move_cursor(struct enqueue *u, int64_t next_at, struct err *e)
{
	struct query *q = query(u->st, STMT_OUTBOX_CURSOR);
	enum err_code rc;

	bind_int(q, 1, u->subscription_id);
	bind_int(q, 2, u->first_seq);
	bind_int(q, 3, u->last_seq);
	bind_id(q, 4, next_at);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		u->team_id = col_int(q, 0);
	query_done(q);
	return rc != ERR_NOTFOUND ? rc
				  : err_set(e, ERR_CONFLICT,
					"the subscription's cursor is not at %lld",
					(long long)u->first_seq);
}

enum err_code
store_outbox_put(struct store *st, int64_t subscription_id, int64_t from_seq,
    int64_t to_seq, int64_t next_at, const struct message_new *m, size_t n,
    int64_t now_at, struct err *e)
{
	struct enqueue u = {
		.st = st,
		.subscription_id = subscription_id,
		.first_seq = from_seq,
		.last_seq = to_seq,
		.now_at = now_at,
	};
	enum err_code rc;

	if (to_seq < from_seq)
		return err_set(e, ERR_BUG, "a cursor moves back from %lld to %lld",
		    (long long)from_seq, (long long)to_seq);
	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = move_cursor(&u, next_at, e);
	if (rc == ERR_OK)
		rc = add_messages(&u, m, n, e);
	return tx_end(st, rc, e);
}

/* What stands outside any subscription: a test, an alarm, a question. */
struct aside {
	struct scope scope;
	int64_t channel_id;   /* in the audit log */
	const char *action;   /* in the audit log */
	int64_t subscription; /* 0, -1 = a question */
	bool elsewhere;       /* the messages go through other channels */
	const char *actor;
	int64_t now_at;
};

static enum err_code
put_aside(struct store *st, const struct aside *x, const struct message_new *m,
    size_t n, struct arena *a, struct err *e)
{
	struct enqueue u = {
		.st = st, .now_at = x->now_at, .subscription_id = x->subscription
	};
	struct channel_row ch;
	enum err_code rc;

	if ((rc = channel_get(st, x->scope, x->channel_id, NULL, a, &ch, e)) !=
		ERR_OK ||
	    (rc = seq_next(st, "event", &u.first_seq, e)) != ERR_OK)
		return rc;
	/* The number that the audit row takes sets this one apart from earlier ones. */
	rc = audit_add(st, ch.team_id, x->actor, x->action,
	    arena_printf(a, "channel %s", ch.name), NULL, NULL, x->now_at, e);
	if (rc != ERR_OK)
		return rc;
	u.team_id = ch.team_id;
	u.last_seq = u.first_seq;
	for (size_t i = 0; i < n; i++)
		if (!x->elsewhere && m[i].channel_id != x->channel_id)
			return err_set(e, ERR_BUG, "a message for another channel");
	return add_messages(&u, m, n, e);
}

static enum err_code
enqueue_aside(struct store *st, const struct aside *x, const struct message_new *m,
    size_t n, struct err *e)
{
	struct arena *a;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	rc = put_aside(st, x, m, n, a, e);
	arena_free(a);
	return tx_end(st, rc, e);
}

enum err_code
store_outbox_test(struct store *st, struct scope scope, int64_t channel_id,
    const struct message_new *m, size_t n, const char *actor, int64_t now_at,
    struct err *e)
{
	return enqueue_aside(st,
	    &(struct aside){
		.scope = scope,
		.channel_id = channel_id,
		.action = "channel.tested",
		.actor = actor,
		.now_at = now_at,
	    },
	    m, n, e);
}

enum err_code
store_outbox_question(struct store *st, struct scope scope, int64_t channel_id,
    const struct message_new *m, size_t n, int64_t now_at, struct err *e)
{
	return enqueue_aside(st,
	    &(struct aside){
		.scope = scope,
		.channel_id = channel_id,
		.action = "channel.asked",
		.subscription = -1,
		.actor = "outbox",
		.now_at = now_at,
	    },
	    m, n, e);
}

static enum err_code
note_alarm(
    struct store *st, int64_t channel_id, enum channel_alarm alarm, struct err *e)
{
	struct query *q = query(st, STMT_CHANNEL_ALARM_TOLD);
	enum err_code rc;

	bind_int(q, 1, channel_id);
	bind_int(q, 2, alarm);
	rc = query_one(q, e);
	query_done(q);
	return rc == ERR_NOTFOUND
		   ? err_set(e, ERR_CONFLICT, "it was told, or is over, already")
		   : rc;
}

enum err_code
store_outbox_alarm(struct store *st, int64_t channel_id, enum channel_alarm alarm,
    const struct message_new *m, size_t n, int64_t now_at, struct err *e)
{
	const struct aside x = {
		.scope = { .all = true },
		.channel_id = channel_id,
		.action = alarm == ALARM_DUE ? "channel.alarm" : "channel.recovered",
		.elsewhere = true,
		.actor = "outbox",
		.now_at = now_at,
	};
	struct arena *a;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	rc = note_alarm(st, channel_id, alarm, e);
	if (rc == ERR_OK)
		rc = put_aside(st, &x, m, n, a, e);
	arena_free(a);
	return tx_end(st, rc, e);
}

/* ---- taking out ---- */

static enum err_code
when_next(struct store *st, int64_t *ret_next_at, struct err *e)
{
	struct query *q = query(st, STMT_OUTBOX_NEXT);
	enum err_code rc;

	bind_int(q, 1, CHANNEL_DISABLED);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		*ret_next_at = col_int(q, 0);
	query_done(q);
	return rc;
}

static enum err_code
take(struct store *st, int64_t now_at, int64_t lease_s, struct arena *a,
    struct message_row *ret, struct channel_row *ret_channel, struct err *e)
{
	const struct scope everybody = { .all = true };
	struct query *q = query(st, STMT_OUTBOX_DUE);
	const char *id = NULL;
	int64_t channel_id = 0;
	enum err_code rc;

	bind_int(q, 1, now_at);
	bind_int(q, 2, CHANNEL_DISABLED);
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		id = col_dup(q, 0, a);
		channel_id = col_int(q, 1);
	}
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_OUTBOX_LEASE);
	bind_text(q, 1, id);
	bind_int(q, 2, now_at + lease_s);
	rc = query_run(q, e);
	if (rc == ERR_OK)
		rc = message_get(st, everybody, id, a, ret, e);
	if (rc == ERR_OK)
		rc = channel_get(st, everybody, channel_id, NULL, a, ret_channel, e);
	return rc;
}

enum err_code
store_outbox_release(struct store *st, struct err *e)
{
	enum err_code rc = tx_begin(st, e);

	return rc == ERR_OK
		   ? tx_end(st, query_run(query(st, STMT_MESSAGES_RELEASE), e), e)
		   : rc;
}

enum err_code
store_outbox_take(struct store *st, int64_t now_at, int64_t lease_s, struct arena *a,
    struct message_row *ret, struct channel_row *ret_channel, int64_t *ret_next_at,
    struct err *e)
{
	struct message_row m;
	struct channel_row ch;
	int64_t next_at = 0;
	bool found;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = take(st, now_at, lease_s, a, &m, &ch, e);
	found = rc == ERR_OK;
	if (rc == ERR_NOTFOUND)
		rc = when_next(st, &next_at, e);
	if ((rc = tx_end(st, rc, e)) != ERR_OK)
		return rc;
	*ret_next_at = next_at;
	if (!found)
		return err_set(e, ERR_NOTFOUND, "no message is due");
	*ret = m;
	*ret_channel = ch;
	return ERR_OK;
}

/* ---- what became of it ---- */

static enum err_code
add_delivery(
    struct store *st, const struct delivery_new *d, int64_t attempt, struct err *e)
{
	struct query *q = query(st, STMT_DELIVERY_ADD);

	bind_text(q, 1, d->message_id);
	bind_int(q, 2, attempt);
	bind_int(q, 3, d->at);
	bind_int(q, 4, d->result);
	bind_int(q, 5, d->status);
	bind_text(q, 6, d->error);
	bind_int(q, 7, d->duration_ms);
	return query_run(q, e);
}

static enum err_code
move_message(struct store *st, const struct delivery_new *d, struct err *e)
{
	bool again = d->next_at > 0 &&
		     (d->result == DELIVERY_RETRY || d->result == DELIVERY_CONFIG);
	struct query *q = query(st, STMT_OUTBOX_MOVE);

	bind_text(q, 1, d->message_id);
	bind_int(q, 2,
	    d->result == DELIVERY_ACCEPTED ? MESSAGE_ACCEPTED
	    : again                        ? MESSAGE_RETRY
					   : MESSAGE_FAILED);
	bind_id(q, 3, again ? d->next_at : 0);
	bind_id(q, 4, again ? 0 : d->at);
	return query_run(q, e);
}

/* The receiver is gone: an operator has to look, so it stands in the audit log too. */
static enum err_code
stop_channel(struct store *st, int64_t id, const struct delivery_new *d, struct err *e)
{
	struct query *q = query(st, STMT_CHANNEL_STOP);
	struct arena *a;
	const char *object = NULL;
	int64_t team_id = 0;
	enum err_code rc;

	bind_int(q, 1, id);
	bind_int(q, 2, CHANNEL_DISABLED);
	bind_text(q, 3, d->error);
	bind_int(q, 4, d->at);
	a = arena_new();
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		object = arena_printf(a, "channel %s", col_text(q, 0));
		team_id = col_int(q, 1);
	}
	query_done(q);
	if (rc == ERR_OK)
		rc = audit_add(st, team_id, "outbox", "channel.disabled", object, NULL,
		    NULL, d->at, e);
	arena_free(a);
	return rc == ERR_NOTFOUND ? ERR_OK : rc; /* it was stopped before */
}

static enum err_code
move_channel(struct store *st, int64_t id, const struct delivery_new *d, struct err *e)
{
	struct query *q;

	if (d->result == DELIVERY_DISABLE)
		return stop_channel(st, id, d, e);
	if (d->result == DELIVERY_ACCEPTED) {
		q = query(st, STMT_CHANNEL_SUCCESS);
		bind_int(q, 1, id);
		bind_int(q, 2, d->at);
		bind_int(q, 3, CHANNEL_VERIFIED);
		bind_int(q, 4, CHANNEL_DISABLED);
		bind_int(q, 5, CHANNEL_UNVERIFIED);
		bind_int(q, 6, d->unproven);
		return query_run(q, e);
	}
	q = query(st, STMT_CHANNEL_FAILURE);
	bind_int(q, 1, id);
	bind_int(q, 2, CHANNEL_FAILING);
	bind_int(q, 3, d->result == DELIVERY_CONFIG ? 1 : FAILURES_UNTIL_FAILING);
	bind_text(q, 4, d->error);
	bind_id(q, 5, d->channel_retry_at);
	bind_int(q, 6, CHANNEL_DISABLED);
	bind_int(q, 7, d->at);
	/* a dead letter, or nothing works until somebody acts */
	bind_int(q, 8, d->next_at == 0 || d->result == DELIVERY_CONFIG);
	bind_int(q, 9, d->at - ALARM_AFTER_S);
	return query_run(q, e);
}

static enum err_code
write_result(struct store *st, const struct delivery_new *d, struct err *e)
{
	struct query *q = query(st, STMT_OUTBOX_UNDER_WAY);
	int64_t attempt = 0, channel_id = 0;
	enum err_code rc;

	bind_text(q, 1, d->message_id);
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		attempt = col_int(q, 1);
		channel_id = col_int(q, 2);
	}
	query_done(q);
	if (rc != ERR_OK)
		return rc == ERR_NOTFOUND ? err_set(e, rc, "no such message") : rc;
	if ((rc = add_delivery(st, d, attempt, e)) != ERR_OK ||
	    (rc = move_message(st, d, e)) != ERR_OK)
		return rc;
	return move_channel(st, channel_id, d, e);
}

enum err_code
store_outbox_result(struct store *st, const struct delivery_new *d, struct err *e)
{
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = write_result(st, d, e);
	return tx_end(st, rc, e);
}
