/* SPDX-License-Identifier: Apache-2.0 */
/* run_close - runs whose every unit is decided end here; what they changed quietly is
 * told in one sentence. */
#include "core/arena.h"
#include "core/buf.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "store/outbox.h"
#include "store/run_private.h"

struct closing {
	int64_t id, feed_id;
	const char *feed;
	enum run_state state;
	enum run_cause cause;
	bool has_changed; /* anything */
};

struct closings {
	struct closing *at;
	size_t n, cap;
};

/* What a quiet run did, as the detail of its one event. */
struct sums {
	const char *ecosystem; /* NULL = all together */
	int64_t ecosystem_id;
	int64_t records, opened, changed, closed, exploited;
	int severity;
};

static enum err_code
read_closings(struct store *st, struct arena *a, struct closings *out, struct err *e)
{
	struct query *q = query(st, STMT_RUNS_DECIDED);
	enum err_code rc;
	bool row;

	bind_int(q, 1, RUN_DECIDING);
	bind_int(q, 2, RUN_FLOOD);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(a, out) = (struct closing){
			.id = col_int(q, 0),
			.feed_id = col_int(q, 1),
			.feed = col_dup(q, 2, a),
			.state = (enum run_state)col_int(q, 3),
			.cause = (enum run_cause)col_int(q, 4),
			.has_changed = col_int(q, 5) > 0,
		};
	query_done(q);
	return rc;
}

static enum err_code
tell(struct store *st, const struct closing *c, enum event_kind kind,
    const struct sums *s, int64_t now_at, struct err *e)
{
	struct event_new ev = EVENT_NEW((int)kind, now_at);
	struct buf detail CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json_writer w;
	int64_t seq = 0;
	enum err_code rc;

	jw_init(&w, &detail);
	jw_object(&w);
	jw_ktext(&w, "feed", c->feed);
	jw_ktext(&w, "cause", run_cause_name(c->cause));
	if (s->ecosystem != NULL)
		jw_ktext(&w, "ecosystem", s->ecosystem);
	jw_kint(&w, "records", s->records);
	jw_kint(&w, "opened", s->opened);
	jw_kint(&w, "changed", s->changed);
	jw_kint(&w, "closed", s->closed);
	jw_kint(&w, "exploited", s->exploited);
	jw_object_end(&w);
	if ((rc = seq_take(st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	ev.run_id = c->id;
	ev.ecosystem_id = s->ecosystem_id;
	ev.n = s->opened;
	ev.severity = s->opened > 0 ? s->severity : -1;
	ev.flags = s->exploited > 0 ? EVENT_EXPLOITED : 0u;
	ev.detail = buf_str(&detail);
	return event_add(st, &ev, seq, e);
}

static enum err_code
read_baselines(struct store *st, const struct closing *c, struct arena *a,
    struct sums **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct sums *at;
		size_t n, cap;
	} found = { 0 };
	struct query *q = query(st, STMT_BASELINES);
	enum err_code rc;
	bool row;

	bind_int(q, 1, c->feed_id);
	bind_int(q, 2, c->id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(a, &found) = (struct sums){
			.ecosystem_id = col_int(q, 0),
			.ecosystem = col_dup(q, 1, a),
			.records = col_int(q, 2),
			.opened = col_int(q, 3),
			.exploited = col_int(q, 4),
			.severity = (int)col_int(q, 5),
		};
	query_done(q);
	*ret = found.at;
	*ret_n = found.n;
	return rc;
}

static enum err_code
read_sums(struct store *st, const struct closing *c, struct sums *ret, struct err *e)
{
	struct query *q = query(st, STMT_QUIET_SUM);
	enum err_code rc;

	bind_int(q, 1, c->id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = (struct sums){
			.opened = col_int(q, 0),
			.changed = col_int(q, 1),
			.closed = col_int(q, 2),
			.exploited = col_int(q, 3),
			.severity = (int)col_int(q, 4),
		};
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_FEED_SIZE);
	bind_int(q, 1, c->feed_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		ret->records = col_int(q, 0);
	query_done(q);
	return rc;
}

/* What a first list of exploited vulnerabilities names that something here has. */
static enum err_code
count_exploited(struct store *st, const struct closing *c, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_FEED_EXPLOITED);
	enum err_code rc;

	bind_int(q, 1, c->feed_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc;
}

/* A first load is told by ecosystem, even where it opened nothing; a feed that names no
 * packages has one sentence.  Other quiet runs are told if they changed anything. */
static enum err_code
tell_quiet(struct store *st, const struct closing *c, int64_t now_at, struct arena *a,
    struct err *e)
{
	struct sums *baselines = NULL, all = { 0 };
	size_t n = 0;
	bool loud = c->cause == RUN_REFRESH || c->cause == RUN_ACCEPTED;
	enum err_code rc;

	if ((rc = read_baselines(st, c, a, &baselines, &n, e)) != ERR_OK ||
	    (rc = read_sums(st, c, &all, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = tell(st, c, EVENT_FEED_BASELINE, &baselines[i], now_at, e);
	if (rc == ERR_OK && n == 0 && c->cause == RUN_BASELINE) {
		rc = count_exploited(st, c, &all.exploited, e);
		if (rc == ERR_OK)
			rc = tell(st, c, EVENT_FEED_BASELINE, &all, now_at, e);
	}
	if (rc == ERR_OK && !loud && c->cause != RUN_BASELINE &&
	    all.opened + all.changed + all.closed > 0)
		rc = tell(st, c, EVENT_FEED_SUMMARY, &all, now_at, e);
	return rc;
}

static enum err_code
close_run(struct store *st, const struct closing *c, int64_t now_at, struct arena *a,
    struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = tell_quiet(st, c, now_at, a, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_QUIET_DROP);
	bind_int(q, 1, c->id);
	if ((rc = query_run(q, e)) != ERR_OK ||
	    (rc = feed_news(st, c->feed_id, c->has_changed, now_at, e)) != ERR_OK)
		return rc;
	/* A flood keeps its state until an operator has spoken. */
	return run_move(
	    st, c->id, c->state == RUN_FLOOD ? RUN_FLOOD : RUN_DONE, now_at, e);
}

enum err_code
store_runs_close(struct store *st, int64_t now_at, size_t *ret_n, struct err *e)
{
	struct closings runs = { 0 };
	struct arena *a = arena_new();
	enum err_code rc = read_closings(st, a, &runs, e);

	if (rc == ERR_OK && runs.n > 0 && (rc = tx_begin(st, e)) == ERR_OK) {
		memset(&runs, 0, sizeof(runs));
		rc = read_closings(st, a, &runs, e);
		for (size_t i = 0; i < runs.n && rc == ERR_OK; i++)
			rc = close_run(st, &runs.at[i], now_at, a, e);
		rc = tx_end(st, rc, e);
	}
	if (rc == ERR_OK)
		*ret_n = runs.n;
	arena_free(a);
	return rc;
}
