/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_judge - the end of a run's reading: what is missing, whether so much is missing
 * that an operator must look first, and what becomes of the stage.
 *
 * A record that is gone closes nothing at once: feeds flap.  The first complete run
 * without it notes the time, the second withdraws it (a run that could only add, a day
 * later).  What the feed itself calls withdrawn closes at once.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/strmap.h"
#include "store/epss.h"
#include "store/outbox.h"
#include "store/run_private.h"

#define MISSING_MOST_S ((int64_t)24 * 3600)

/* ---- small things ---- */

enum err_code
run_in_state(struct store *st, int64_t feed_id, enum run_state state, int64_t *ret_id,
    enum run_cause *ret_cause, int64_t *ret_finished_at, struct err *e)
{
	struct query *q = query(st, STMT_RUN_IN_STATE);
	enum err_code rc;

	bind_int(q, 1, feed_id);
	bind_int(q, 2, state);
	if ((rc = query_one(q, e)) == ERR_OK) {
		*ret_id = col_int(q, 0);
		if (ret_cause != NULL)
			*ret_cause = (enum run_cause)col_int(q, 1);
		if (ret_finished_at != NULL)
			*ret_finished_at = col_int(q, 2);
	}
	query_done(q);
	return rc;
}

enum err_code
run_last_judged(struct store *st, int64_t feed_id, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_RUN_LAST_JUDGED);
	enum err_code rc;

	bind_int(q, 1, feed_id);
	bind_int(q, 2, RUN_APPLYING);
	bind_int(q, 3, RUN_DECIDING);
	bind_int(q, 4, RUN_FLOOD);
	bind_int(q, 5, RUN_DONE);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc;
}

enum err_code
run_move(struct store *st, int64_t run_id, enum run_state state, int64_t finished_at,
    struct err *e)
{
	struct query *q = query(st, STMT_RUN_MOVE);

	bind_int(q, 1, run_id);
	bind_int(q, 2, state);
	bind_id(q, 3, finished_at);
	return query_run(q, e);
}

enum err_code
feed_event(struct store *st, int kind, int64_t run_id, const char *feed,
    const char *more, int64_t now_at, struct err *e)
{
	struct event_new ev = EVENT_NEW(kind, now_at);
	struct buf detail CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json_writer w;
	int64_t seq = 0;
	enum err_code rc;

	buf_adds(&detail, "{\"feed\":");
	jw_init(&w, &detail);
	jw_text(&w, feed);
	buf_printf(&detail, "%s}", more);
	if ((rc = seq_take(st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	ev.run_id = run_id;
	ev.detail = buf_str(&detail);
	return event_add(st, &ev, seq, e);
}

/* A text as a member of a detail, cut so that it always fits; in A. */
static const char *
text_member(struct arena *a, const char *key, const char *text)
{
	struct buf b CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json_writer w;

	buf_printf(&b, ",\"%s\":", key);
	jw_init(&w, &b);
	jw_textn(&w, text, utf8_cut(text, strlen(text), MAX_TITLE));
	return arena_strdup(a, buf_str(&b));
}

static enum err_code
failures_of(struct store *st, int64_t feed_id, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_FEED_FAILURES);
	enum err_code rc;

	bind_int(q, 1, feed_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no such feed") : rc;
}

/* The feed answered, after *RET_FAILURES tries that failed. */
static enum err_code
reached(struct run *run, int64_t now_at, int64_t *ret_failures, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = failures_of(run->st, run->feed_id, ret_failures, e)) != ERR_OK)
		return rc;
	q = query(run->st, STMT_FEED_REACHED);
	bind_int(q, 1, run->feed_id);
	bind_int(q, 2, now_at);
	return query_run(q, e);
}

/* What failed before is over, and so is a hold (HELD = its run) that is overtaken. */
static enum err_code
tell_well(
    struct run *run, int64_t failures, int64_t held, int64_t now_at, struct err *e)
{
	char more[80];

	if (failures == 0 && held == 0)
		return ERR_OK;
	(void)snprintf(more, sizeof(more), ",\"failures\":%lld,\"was_held\":%s",
	    (long long)failures, held != 0 ? "true" : "false");
	return feed_well(run->st, run->feed_id, run->id, run->feed, more, now_at, e);
}

static void
memory_write(const struct feed_memory *m, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "etag", m->etag);
	jw_ktext(&w, "last_modified", m->last_modified);
	jw_ktext(&w, "body_sha256", m->body_sha256);
	jw_ktext(&w, "cursor", m->cursor);
	jw_object_end(&w);
}

/* ---- what is missing ---- */

/* Stage the records that were not seen; *RET_LOST = those that stood until now, with those
 * that the publisher has deleted. */
static enum err_code
stage_missing(
    struct run *run, bool complete, int64_t now_at, size_t *ret_lost, struct err *e)
{
	size_t lost = run->n_gone;

	for (size_t i = 0; i < run->n_known; i++) {
		const struct known *k = &run->known[i];
		struct staged s = { .key = strmap_key(run->keys, i) };
		enum err_code rc = ERR_OK;

		if ((k->flags & (KNOWN_SEEN | KNOWN_WITHDRAWN)) != 0)
			continue;
		if (!complete && (k->missing_since == 0 ||
				     now_at - k->missing_since < MISSING_MOST_S))
			continue;
		s.change = k->missing_since == 0 ? CHANGE_MISSING : CHANGE_VANISHED;
		if (k->missing_since == 0) {
			lost++;
			rc = run_count_shrunk(run, k, NULL, e);
		}
		if (rc != ERR_OK || (rc = run_stage(run, &s, e)) != ERR_OK)
			return rc;
	}
	*ret_lost = lost;
	return ERR_OK;
}

static bool
is_too_much(uint64_t lost, uint64_t of, const struct run_limits *l)
{
	return lost > 0 && lost >= l->shrink_least &&
	       lost * 100 > of * (uint64_t)l->shrink_percent;
}

/* The ecosystem that lost too much, as members of a detail in *RET; NULL if none. */
static enum err_code
judge_ecosystems(struct run *run, const struct run_limits *l, struct arena *a,
    const char **ret, struct err *e)
{
	for (size_t i = 0; i < strmap_count(run->shrunk) && *ret == NULL; i++) {
		struct query *q = query(run->st, STMT_COVERAGE_COUNTS);
		uint64_t lost = strmap_value(run->shrunk, i);
		int64_t ecosystem_id = 0;
		enum err_code rc;

		(void)str_i64(strmap_key(run->shrunk, i), &ecosystem_id);
		bind_int(q, 1, run->feed_id);
		bind_int(q, 2, ecosystem_id);
		rc = query_one(q, e);
		if (rc == ERR_OK && is_too_much(lost, (uint64_t)col_int(q, 0), l))
			*ret = arena_printf(a, "%s,\"lost\":%llu,\"of\":%lld",
			    text_member(a, "ecosystem", col_text(q, 1)),
			    (unsigned long long)lost, (long long)col_int(q, 0));
		query_done(q);
		if (rc != ERR_OK && rc != ERR_NOTFOUND)
			return rc;
	}
	return ERR_OK;
}

/* Why the run must wait for an operator, as members of a detail; NULL if it need not. */
static enum err_code
judge(struct run *run, size_t lost, const struct run_limits *l, struct arena *a,
    const char **ret, struct err *e)
{
	*ret = NULL;
	if (run->cause == RUN_BASELINE)
		return ERR_OK;
	if (is_too_much(lost, run->n_standing, l)) {
		*ret =
		    arena_printf(a, ",\"lost\":%zu,\"of\":%zu", lost, run->n_standing);
		return ERR_OK;
	}
	return judge_ecosystems(run, l, a, ret, e);
}

/* ---- the verdict ---- */

/* What an older run of the feed waits for with its stage is overtaken by this one. */
static enum err_code
discard_held(struct run *run, int64_t now_at, int64_t *ret_discarded, struct err *e)
{
	enum err_code rc;

	rc =
	    run_in_state(run->st, run->feed_id, RUN_HELD, ret_discarded, NULL, NULL, e);
	if (rc == ERR_NOTFOUND)
		return ERR_OK;
	return rc == ERR_OK
		   ? run_move(run->st, *ret_discarded, RUN_DISCARDED, now_at, e)
		   : rc;
}

static enum err_code
write_judged(struct run *run, enum run_state state, bool complete, uint64_t bytes,
    const char *next_state, struct err *e)
{
	struct query *q = query(run->st, STMT_RUN_JUDGED);
	struct buf list CLEANUP_BUF = BUF_INIT(run->skipped.max + 2);
	enum err_code rc;

	buf_printf(&list, "[%s]", buf_str(&run->skipped));
	bind_int(q, 1, run->id);
	bind_int(q, 2, state);
	bind_int(q, 3, complete);
	bind_int(q, 5, run->n_records);
	bind_int(q, 6, run->n_added);
	bind_int(q, 7, run->n_changed);
	bind_int(q, 8, run->n_unchanged);
	bind_int(q, 9, run->n_withdrawn);
	bind_int(q, 10, run->n_skipped);
	bind_int(q, 11, (int64_t)bytes);
	bind_text(q, 13, buf_str(&list));
	bind_text(q, 14, next_state);
	bind_int(q, 15, RUN_STAGING);
	rc = query_run(q, e);
	if (rc == ERR_OK && query_changes(run->st) != 1)
		rc = err_set(e, ERR_BUSY, "another run of the feed took over");
	return rc;
}

struct verdict {
	enum run_state state;
	const char *why; /* members of the detail of feed.held; NULL when it is not */
	bool complete;
	uint64_t bytes;
	const char *next_state;
	int64_t discarded; /* a run that this one overtakes; 0 = none */
};

/* A held run that was accepted meanwhile changes what this one was compared with. */
static enum err_code
check_last(struct run *run, struct err *e)
{
	int64_t last = 0;
	enum err_code rc = run_last_judged(run->st, run->feed_id, &last, e);

	if (rc == ERR_OK && last != run->last_judged)
		rc = err_set(e, ERR_BUSY, "another run of the feed was accepted");
	return rc;
}

static enum err_code
write_verdict(struct run *run, struct verdict *v, int64_t now_at, struct err *e)
{
	int64_t failures = 0;
	enum err_code rc;

	if ((rc = check_last(run, e)) != ERR_OK ||
	    (rc = discard_held(run, now_at, &v->discarded, e)) != ERR_OK ||
	    (rc = write_judged(
		 run, v->state, v->complete, v->bytes, v->next_state, e)) != ERR_OK ||
	    (rc = reached(run, now_at, &failures, e)) != ERR_OK)
		return rc;
	if (v->state != RUN_HELD)
		return tell_well(run, failures, v->discarded, now_at, e);
	/* A feed that is held again and again is told once, unless it failed meanwhile. */
	if (v->discarded == 0 || failures > 0)
		rc = feed_event(
		    run->st, EVENT_FEED_HELD, run->id, run->feed, v->why, now_at, e);
	return rc;
}

static enum err_code
finish(struct run *run, struct verdict *v, const struct feed_memory *m,
    const struct run_limits *l, int64_t now_at, struct arena *a, struct err *e)
{
	struct buf next CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES);
	struct feed_memory memory = *m;
	size_t lost = 0;
	enum err_code rc;

	if (memory.cursor == NULL)
		memory.cursor = run_epss_model(run);
	memory_write(&memory, &next);
	if (next.full)
		return err_set(e, ERR_LIMIT, "the feed's memory is too large to keep");
	v->next_state = buf_str(&next);
	if ((rc = stage_missing(run, v->complete, now_at, &lost, e)) != ERR_OK ||
	    (rc = run_epss_finish(run, v->complete, &lost, e)) != ERR_OK ||
	    (rc = run_flush(run, e)) != ERR_OK ||
	    (rc = judge(run, lost, l, a, &v->why, e)) != ERR_OK)
		return rc;
	run->n_withdrawn += (int64_t)lost;
	v->state = v->why != NULL ? RUN_HELD : RUN_APPLYING;
	if ((rc = tx_begin(run->st, e)) != ERR_OK)
		return rc;
	rc = write_verdict(run, v, now_at, e);
	return tx_end(run->st, rc, e);
}

enum err_code
store_run_finish(struct run *run, bool complete, uint64_t bytes,
    const struct feed_memory *m, const struct run_limits *l, int64_t now_at,
    int64_t *ret_run_id, enum run_state *ret_state, struct err *e)
{
	struct verdict v = { .complete = complete, .bytes = bytes };
	struct arena *a = arena_new();
	enum err_code rc = finish(run, &v, m, l, now_at, a, e);

	if (rc == ERR_OK) {
		*ret_run_id = run->id;
		*ret_state = v.state;
		if (v.discarded != 0) /* what is left of it is picked up next time */
			(void)run_drop_stage(run->st, v.discarded, NULL);
	}
	arena_free(a);
	run_free(run);
	return rc;
}

/* ---- nothing new ---- */

/* The records that a run without news proves missing for the second time. */
static enum err_code
stage_vanished(struct run *run, size_t *ret_n, struct err *e)
{
	struct query *q = query(run->st, STMT_RECORDS_MISSING);
	struct {
		const char **at;
		size_t n, cap;
	} keys = { 0 };
	struct arena *a = arena_new();
	enum err_code rc;
	bool row;

	bind_int(q, 1, run->feed_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(a, &keys) = col_dup(q, 0, a);
	query_done(q);
	for (size_t i = 0; i < keys.n && rc == ERR_OK; i++)
		rc = run_stage(run,
		    &(struct staged){ .key = keys.at[i], .change = CHANGE_VANISHED },
		    e);
	if (rc == ERR_OK && keys.n > 0)
		rc = run_flush(run, e);
	*ret_n = keys.n;
	arena_free(a);
	return rc;
}

static enum err_code
remember(struct store *st, int64_t feed_id, const struct feed_memory *m, struct err *e)
{
	struct query *q = query(st, STMT_FEED_REMEMBER);

	bind_int(q, 1, feed_id);
	bind_text(q, 2, m->etag);
	bind_text(q, 3, m->last_modified);
	bind_text(q, 4, m->body_sha256);
	bind_text(q, 5, m->cursor);
	return query_run(q, e);
}

/* The last run is what a feed's state is read from: a failure or a run that was held
 * must not stay the last. */
static enum err_code
add_recovery(struct run *run, int64_t held, int64_t now_at, struct err *e)
{
	int64_t failures = 0;
	enum err_code rc;

	rc = failures_of(run->st, run->feed_id, &failures, e);
	if (rc != ERR_OK || (failures == 0 && held == 0))
		return rc;
	if ((rc = run_add(run, e)) != ERR_OK)
		return rc;
	return run_move(run->st, run->id, RUN_DONE, now_at, e);
}

static enum err_code
write_unchanged(struct run *run, const struct feed_memory *m, size_t n_vanished,
    int64_t now_at, int64_t *ret_discarded, struct err *e)
{
	struct buf next CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES);
	int64_t failures = 0;
	enum err_code rc;

	/* The feed says again what stands here: what waited for an operator is moot. */
	rc = discard_held(run, now_at, ret_discarded, e);
	if (rc == ERR_OK && n_vanished == 0)
		rc = add_recovery(run, *ret_discarded, now_at, e);
	if (rc != ERR_OK || (rc = reached(run, now_at, &failures, e)) != ERR_OK ||
	    (rc = tell_well(run, failures, *ret_discarded, now_at, e)) != ERR_OK)
		return rc;
	if (n_vanished == 0)
		return remember(run->st, run->feed_id, m, e);
	memory_write(m, &next);
	if (next.full)
		return err_set(e, ERR_LIMIT, "the feed's memory is too large to keep");
	run->n_withdrawn = (int64_t)n_vanished;
	return write_judged(run, RUN_APPLYING, true, 0, buf_str(&next), e);
}

enum err_code
store_run_unchanged(struct store *st, struct run *run, int64_t feed_id,
    const struct feed_memory *m, int64_t now_at, struct err *e)
{
	size_t n_vanished = 0;
	int64_t discarded = 0;
	enum err_code rc = ERR_OK;

	if (run == NULL &&
	    (rc = store_run_open(st, feed_id, 0, now_at, &run, e)) != ERR_OK)
		return rc;
	if ((rc = stage_vanished(run, &n_vanished, e)) == ERR_OK &&
	    (rc = tx_begin(st, e)) == ERR_OK) {
		rc = write_unchanged(run, m, n_vanished, now_at, &discarded, e);
		rc = tx_end(st, rc, e);
	}
	if (rc == ERR_OK && discarded != 0)
		(void)run_drop_stage(st, discarded, NULL);
	run_free(run);
	return rc;
}
