/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions as news feeds: a secret address each, and what lies behind it. */
#include "core/arena.h"
#include "store/outbox_private.h"

static enum err_code
take_away(struct store *st, int64_t subscription_id, struct err *e)
{
	struct query *q = query(st, STMT_NEWS_FEED_DELETE);
	enum err_code rc;

	bind_int(q, 1, subscription_id);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_NEWS_CLEAR);
	bind_int(q, 1, subscription_id);
	return query_run(q, e);
}

static enum err_code
give(struct store *st, int64_t subscription_id, const unsigned char hash[32],
    const char *tail, int64_t now_at, struct err *e)
{
	struct query *q = query(st, STMT_NEWS_FEED_PUT);

	bind_int(q, 1, subscription_id);
	bind_blob(q, 2, hash, 32);
	bind_text(q, 3, tail);
	bind_int(q, 4, now_at);
	return query_run(q, e);
}

enum err_code
store_news_feed(struct store *st, struct scope scope, int64_t subscription_id,
    const unsigned char hash[32], const char *tail, const char *actor, int64_t now_at,
    struct err *e)
{
	struct subscription_row s;
	struct arena *a = arena_new();
	enum err_code rc =
	    store_subscription(st, scope, subscription_id, NULL, a, &s, e);

	if (rc == ERR_OK)
		rc = tx_begin(st, e);
	if (rc != ERR_OK) {
		arena_free(a);
		return rc;
	}
	rc = hash != NULL ? give(st, s.id, hash, tail, now_at, e)
			  : take_away(st, s.id, e);
	if (rc == ERR_OK)
		rc = audit_add(st, s.team_id, actor,
		    hash != NULL ? "news.opened" : "news.closed",
		    arena_printf(a, "subscription %s", s.name), NULL, NULL, now_at, e);
	arena_free(a);
	return tx_end(st, rc, e);
}

enum err_code
store_news_feed_find(struct store *st, const unsigned char hash[32], struct arena *a,
    struct subscription_row *ret, struct err *e)
{
	const struct scope everybody = { .all = true };
	struct query *q = query(st, STMT_NEWS_FEED_FIND);
	int64_t id = 0;
	enum err_code rc;

	bind_blob(q, 1, hash, 32);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		id = col_int(q, 0);
	query_done(q);
	if (rc == ERR_NOTFOUND)
		return err_set(e, rc, "no such feed");
	return rc == ERR_OK ? store_subscription(st, everybody, id, NULL, a, ret, e)
			    : rc;
}

enum err_code
store_news(struct store *st, int64_t subscription_id, struct arena *a,
    struct news_row **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct news_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_NEWS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, subscription_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		struct news_row *row = ARENA_PUSH(a, &rows);
		size_t len = 0, n = 0;
		const void *body = col_blob(q, 4, &len);

		*row = (struct news_row){ .last_seq = col_int(q, 0),
			.id = col_dup(q, 1, a),
			.at = col_int(q, 2),
			.title = col_dup(q, 3, a) };
		if ((rc = body_inflate(body, len, a, &row->text, &n, e)) != ERR_OK)
			break;
	}
	query_done(q);
	if (rc == ERR_OK) {
		*ret = rows.at;
		*ret_n = rows.n;
	}
	return rc;
}
