/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of the feeds between two numbers: those in another state than before.  A
 * feed that failed and answered again in between is no news.
 */
#include "core/arena.h"
#include "store/outbox.h"
#include "store/store_private.h"

/* The statements spell the kinds out, so that the log's own index serves them. */
_Static_assert(EVENT_FEED_HELD == 11 && EVENT_FEED_FAILED == 12 &&
		   EVENT_FEED_RECOVERED == 13 && EVENT_FEED_STALE == 18,
    "kinds in events.def");

enum touched_column { COL_FEED_ID, COL_NAME };

struct touched {
	int64_t id;
	const char *name;
};

struct touched_feeds {
	struct touched *at;
	size_t n, cap;
};

static enum err_code
read_touched(struct store *st, int64_t from_seq, int64_t to_seq, struct arena *a,
    struct touched_feeds *out, struct err *e)
{
	struct query *q = query(st, STMT_CHANGES_FEEDS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, from_seq);
	bind_int(q, 2, to_seq);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, out) = (struct touched){
			.id = col_int(q, COL_FEED_ID),
			.name = col_dup(q, COL_NAME, a),
		};
	query_done(q);
	return rc;
}

/* The last word on the feed up to SEQ; EVENT_FEED_RECOVERED where there is none. */
static enum err_code
last_word(struct store *st, int64_t feed_id, int64_t seq, struct arena *a,
    enum event_kind *ret, const char **ret_detail, int64_t *ret_at, struct err *e)
{
	struct query *q = query(st, STMT_CHANGES_FEED_WORD);
	enum err_code rc;

	*ret = EVENT_FEED_RECOVERED;
	bind_int(q, 1, feed_id);
	bind_int(q, 2, seq);
	if ((rc = query_one(q, e)) == ERR_OK) {
		*ret = (enum event_kind)col_int(q, 0);
		*ret_at = col_int(q, 1);
		*ret_detail = col_dup(q, 2, a);
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

enum err_code
store_feed_changes(struct store *st, int64_t from_seq, int64_t to_seq, struct arena *a,
    struct feed_change **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct feed_change *at;
		size_t n, cap;
	} rows = { 0 };
	struct touched_feeds feeds = { 0 };
	enum err_code rc = read_touched(st, from_seq, to_seq, a, &feeds, e);

	for (size_t i = 0; i < feeds.n && rc == ERR_OK; i++) {
		const struct touched *f = &feeds.at[i];
		struct feed_change c = { .feed = f->name };
		const char *ignored = NULL;
		int64_t at = 0;

		rc = last_word(st, f->id, from_seq, a, &c.before, &ignored, &at, e);
		if (rc == ERR_OK)
			rc = last_word(
			    st, f->id, to_seq, a, &c.kind, &c.detail_json, &c.at, e);
		if (rc == ERR_OK && c.kind != c.before)
			*ARENA_PUSH(a, &rows) = c;
	}
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}
