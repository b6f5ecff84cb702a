/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subscriptions.  What one wants (its definition) is the notifier's to read; here are its
 * list, its channels, and the cursor: everything up to it is told or was not to be.
 */
#include <string.h>

#include "core/arena.h"
#include "store/outbox_private.h"

enum subscription_column {
	COL_ID,
	COL_TEAM_ID,
	COL_TEAM,
	COL_NAME,
	COL_LIST_ID,
	COL_LIST,
	COL_DEFINITION,
	COL_PAUSED,
	COL_CURSOR_SEQ,
	COL_START_SEQ,
	COL_NEXT_AT,
	COL_CREATED_AT,
	COL_CHANNEL_ID,
	COL_CHANNEL,
	COL_NEWS_TAIL
};

struct rows {
	struct subscription_row *at;
	size_t n, cap;
};

static void
read_row(struct query *q, struct arena *a, struct subscription_row *ret)
{
	*ret = (struct subscription_row){
		.id = col_int(q, COL_ID),
		.team_id = col_int(q, COL_TEAM_ID),
		.team = col_dup(q, COL_TEAM, a),
		.name = col_dup(q, COL_NAME, a),
		.list_id = col_int(q, COL_LIST_ID),
		.list = col_dup(q, COL_LIST, a),
		.definition_json = col_dup(q, COL_DEFINITION, a),
		.paused = col_int(q, COL_PAUSED) != 0,
		.cursor_seq = col_int(q, COL_CURSOR_SEQ),
		.start_seq = col_int(q, COL_START_SEQ),
		.next_at = col_int(q, COL_NEXT_AT),
		.created_at = col_int(q, COL_CREATED_AT),
		.news_tail = col_dup(q, COL_NEWS_TAIL, a),
	};
}

struct channels {
	struct {
		int64_t id;
		const char *name;
	} * at;
	size_t n, cap;
};

static void
attach(struct subscription_row *s, struct channels *c, struct arena *a)
{
	s->channels = arena_array(a, c->n, sizeof(*s->channels));
	s->channel_ids = arena_array(a, c->n, sizeof(*s->channel_ids));
	s->n_channels = c->n;
	for (size_t i = 0; i < c->n; i++) {
		s->channels[i] = c->at[i].name;
		s->channel_ids[i] = c->at[i].id;
	}
	c->n = 0;
}

/* One row per channel comes in, one per subscription goes out. */
static enum err_code
collect(struct query *q, struct arena *a, struct rows *rows, struct err *e)
{
	struct channels channels = { 0 };
	enum err_code rc;
	bool more;

	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		if (rows->n == 0 || rows->at[rows->n - 1].id != col_int(q, COL_ID)) {
			if (rows->n > 0)
				attach(&rows->at[rows->n - 1], &channels, a);
			read_row(q, a, ARENA_PUSH(a, rows));
		}
		if (col_null(q, COL_CHANNEL_ID))
			continue;
		(void)ARENA_PUSH(a, &channels);
		channels.at[channels.n - 1].id = col_int(q, COL_CHANNEL_ID);
		channels.at[channels.n - 1].name = col_dup(q, COL_CHANNEL, a);
	}
	query_done(q);
	if (rows->n > 0)
		attach(&rows->at[rows->n - 1], &channels, a);
	return rc;
}

static enum err_code
hand_out(struct query *q, struct arena *a, struct subscription_row **ret, size_t *ret_n,
    struct err *e)
{
	struct rows rows = { 0 };
	enum err_code rc = collect(q, a, &rows, e);

	if (rc != ERR_OK)
		return rc;
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

enum err_code
store_subscriptions(struct store *st, struct scope scope, int64_t after_id,
    size_t limit, struct arena *a, struct subscription_row **ret, size_t *ret_n,
    struct err *e)
{
	struct query *q = query(st, STMT_SUBSCRIPTIONS);

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, after_id);
	bind_int(q, 3, (int64_t)limit);
	return hand_out(q, a, ret, ret_n, e);
}

enum err_code
store_subscriptions_due(struct store *st, int64_t now_at, struct arena *a,
    struct subscription_row **ret, size_t *ret_n, struct err *e)
{
	struct query *q = query(st, STMT_SUBSCRIPTIONS_DUE);

	bind_int(q, 1, now_at);
	return hand_out(q, a, ret, ret_n, e);
}

enum err_code
store_subscription(struct store *st, struct scope scope, int64_t id, const char *name,
    struct arena *a, struct subscription_row *ret, struct err *e)
{
	struct query *q =
	    query(st, id > 0 ? STMT_SUBSCRIPTION_BY_ID : STMT_SUBSCRIPTION_BY_NAME);
	struct rows rows = { 0 };
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	if (id > 0)
		bind_int(q, 2, id);
	else
		bind_text(q, 2, name);
	if ((rc = collect(q, a, &rows, e)) != ERR_OK)
		return rc;
	if (rows.n == 0)
		return name != NULL
			   ? err_set(e, ERR_NOTFOUND, "no subscription \"%s\"", name)
			   : err_set(e, ERR_NOTFOUND, "no such subscription");
	*ret = rows.at[0];
	return ERR_OK;
}

/* ---- writing ---- */

struct putting {
	struct store *st;
	int64_t team_id;
	const struct subscription_put *p;
	struct arena *a;
	int64_t id, list_id, old_list_id;
	int64_t last_seq; /* the last number given so far */
};

/* The id of the row of TEAM_ID called NAME; 0 if there is none. */
static enum err_code
named(struct putting *u, enum stmt s, const char *name, int64_t *ret_id, struct err *e)
{
	struct query *q = query(u->st, s);
	enum err_code rc;

	bind_int(q, 1, u->team_id);
	bind_text(q, 2, name);
	rc = query_one(q, e);
	*ret_id = rc == ERR_OK ? col_int(q, 0) : 0;
	if (rc == ERR_OK && s == STMT_SUBSCRIPTION_FIND)
		u->old_list_id = col_int(q, 1);
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
link_channels(struct putting *u, struct err *e)
{
	struct query *q = query(u->st, STMT_SUBSCRIPTION_CHANNELS_CLEAR);
	enum err_code rc;

	bind_int(q, 1, u->id);
	rc = query_run(q, e);
	for (size_t i = 0; rc == ERR_OK && u->p->channels[i] != NULL; i++) {
		int64_t channel_id;

		rc = named(u, STMT_CHANNEL_FIND, u->p->channels[i], &channel_id, e);
		if (rc == ERR_OK && channel_id == 0)
			rc = err_set(
			    e, ERR_NOTFOUND, "no channel \"%s\"", u->p->channels[i]);
		if (rc != ERR_OK)
			break;
		q = query(u->st, STMT_SUBSCRIPTION_CHANNEL_ADD);
		bind_int(q, 1, u->id);
		bind_int(q, 2, channel_id);
		rc = query_run(q, e);
	}
	return rc;
}

static enum err_code
add(struct putting *u, struct err *e)
{
	struct query *q;
	enum err_code rc = seq_take(u->st, "subscription", 1, &u->id, e);

	if (rc != ERR_OK)
		return rc;
	q = query(u->st, STMT_SUBSCRIPTION_ADD);
	bind_int(q, 1, u->id);
	bind_int(q, 2, u->team_id);
	bind_text(q, 3, u->p->name);
	bind_int(q, 4, u->list_id);
	bind_text(q, 5, u->p->definition_json);
	bind_int(q, 6, u->p->paused);
	bind_int(q, 7, u->last_seq);
	bind_id(q, 8, u->p->next_at);
	bind_int(q, 9, u->p->now_at);
	bind_int(q, 10, u->p->epss_micro);
	return query_run(q, e);
}

static enum err_code
replace(struct putting *u, struct err *e)
{
	struct query *q = query(u->st, STMT_SUBSCRIPTION_REPLACE);
	enum err_code rc;

	bind_int(q, 1, u->id);
	bind_text(q, 2, u->p->definition_json);
	bind_int(q, 3, u->p->paused);
	bind_id(q, 4, u->p->next_at);
	bind_int(q, 5, u->p->epss_micro);
	rc = query_run(q, e);
	if (rc != ERR_OK || u->list_id == u->old_list_id)
		return rc;
	q = query(u->st, STMT_SUBSCRIPTION_MOVE);
	bind_int(q, 1, u->id);
	bind_int(q, 2, u->list_id);
	bind_int(q, 3, u->last_seq);
	return query_run(q, e);
}

static enum err_code
put(struct putting *u, bool *ret_created, struct err *e)
{
	const struct subscription_put *p = u->p;
	int64_t next_seq;
	enum err_code rc;

	if ((rc = named(u, STMT_SUBSCRIPTION_FIND, p->name, &u->id, e)) != ERR_OK ||
	    (rc = named(u, STMT_SUBSCRIPTION_LIST, p->list, &u->list_id, e)) !=
		ERR_OK ||
	    (rc = seq_next(u->st, "event", &next_seq, e)) != ERR_OK)
		return rc;
	*ret_created = u->id == 0;
	u->last_seq = next_seq - 1;
	if (!*ret_created && p->create_only)
		return err_set(e, ERR_CONFLICT, "subscription \"%s\" exists", p->name);
	if (u->list_id == 0)
		return err_set(e, ERR_NOTFOUND, "no list \"%s\"", p->list);
	if (!p->has_news && (p->channels == NULL || p->channels[0] == NULL))
		return err_set(e, ERR_INPUT, "a subscription needs a channel");
	rc = *ret_created ? add(u, e) : replace(u, e);
	if (rc == ERR_OK)
		rc = link_channels(u, e);
	if (rc != ERR_OK)
		return rc;
	return audit_add(u->st, u->team_id, p->actor,
	    *ret_created ? "subscription.created" : "subscription.changed",
	    arena_printf(u->a, "subscription %s", p->name), NULL, p->definition_json,
	    p->now_at, e);
}

enum err_code
store_subscription_put(struct store *st, struct scope scope,
    const struct subscription_put *p, int64_t *ret_id, bool *ret_created, struct err *e)
{
	struct putting u = { .st = st, .team_id = scope_writes(scope), .p = p };
	bool created = false;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	u.a = arena_new();
	rc = put(&u, &created, e);
	arena_free(u.a);
	rc = tx_end(st, rc, e);
	if (rc == ERR_OK) {
		*ret_id = u.id;
		*ret_created = created;
	}
	return rc;
}

/* What goes with a subscription. */
static const enum stmt hangs_on[] = {
	STMT_UNSUBSCRIBED_CLEAR,
	STMT_NEWS_FEED_DELETE,
	STMT_NEWS_CLEAR,
};

static enum err_code
remove_subscription(struct store *st, const struct subscription_row *s,
    const char *actor, int64_t now_at, struct arena *a, struct err *e)
{
	struct query *q = query(st, STMT_SUBSCRIPTION_CHANNELS_CLEAR);
	enum err_code rc;

	bind_int(q, 1, s->id);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < sizeof(hangs_on) / sizeof(hangs_on[0]); i++) {
		q = query(st, hangs_on[i]);
		bind_int(q, 1, s->id);
		if ((rc = query_run(q, e)) != ERR_OK)
			return rc;
	}
	q = query(st, STMT_SUBSCRIPTION_DELETE);
	bind_int(q, 1, s->id);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	return audit_add(st, s->team_id, actor, "subscription.deleted",
	    arena_printf(a, "subscription %s", s->name), s->definition_json, NULL,
	    now_at, e);
}

/* Messages that are enqueued already are still sent: they were owed. */
enum err_code
store_subscription_delete(struct store *st, struct scope scope, int64_t id,
    const char *actor, int64_t now_at, struct err *e)
{
	struct subscription_row s;
	struct arena *a;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	a = arena_new();
	rc = store_subscription(st, scope, id, NULL, a, &s, e);
	if (rc == ERR_OK)
		rc = remove_subscription(st, &s, actor, now_at, a, e);
	arena_free(a);
	return tx_end(st, rc, e);
}
