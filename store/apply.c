/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply - judged runs become records and statements, a slice at a time.  A slice is one
 * transaction: rows, the run's cursor, the units it makes dirty.  Readers may see half a
 * run but never half a record, and a crash goes on where the cursor stands.
 */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "store/apply_private.h"
#include "store/outbox.h"
#include "store/run_private.h"

#define SLICE_ROWS  500
#define SLICE_BYTES ((size_t)8 * 1024 * 1024)

struct stage_row {
	const char *key;
	int change;
	const void *body;
	size_t len;
};

struct slice {
	int64_t run_id, feed_id, source_id;
	enum run_cause cause;
	unsigned driver_revision;
	const char *cursor, *next_state;
	struct {
		struct stage_row *at;
		size_t n, cap;
	} rows;
	bool is_last; /* the stage ends with these rows */
};

/* ---- what the files of applying share ---- */

void
ids_add(struct arena *a, struct ids *s, int64_t id)
{
	size_t at = s->n;

	while (at > 0 && s->at[at - 1] > id)
		at--;
	if (at > 0 && s->at[at - 1] == id)
		return;
	(void)ARENA_PUSH(a, s);
	memmove(&s->at[at + 1], &s->at[at], (s->n - 1 - at) * sizeof(*s->at));
	s->at[at] = id;
}

bool
ids_have(const struct ids *s, int64_t id)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->at[middle] == id)
			return true;
		if (s->at[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool
ids_equal(const struct ids *a, const struct ids *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->at, b->at, a->n * sizeof(*a->at)) == 0);
}

/* A unit that no component could be part of needs no decision: whoever registers one
 * reads the statements itself. */
enum err_code
apply_dirty(
    struct apply *ap, int64_t package_id, int64_t vulnerability_id, struct err *e)
{
	bool is_new;
	int64_t *carried = idmap_put(&ap->carried, package_id, &is_new);
	struct query *q;
	enum err_code rc;

	if (package_id == 0) {
		*carried = 2;
	} else if (is_new) {
		q = query(ap->st, STMT_PACKAGE_CARRIED);
		bind_int(q, 1, package_id);
		rc = query_one(q, e);
		query_done(q);
		if (rc != ERR_OK && rc != ERR_NOTFOUND)
			return rc;
		*carried = rc == ERR_OK ? 2 : 1;
	}
	if (*carried == 1)
		return ERR_OK;
	q = query(ap->st, STMT_DIRTY_ADD);
	bind_int(q, 1, package_id);
	bind_int(q, 2, vulnerability_id);
	bind_int(q, 3, ap->run_id);
	return query_run(q, e);
}

void
apply_cover(struct apply *ap, int64_t ecosystem_id, int64_t change, int64_t at)
{
	int64_t *index = idmap_put(&ap->ecosystems, ecosystem_id, NULL);
	struct coverage_change *c;

	if (*index == 0) {
		ARENA_PUSH(ap->slice, &ap->coverage)->ecosystem_id = ecosystem_id;
		*index = (int64_t)ap->coverage.n;
	}
	c = &ap->coverage.at[*index - 1];
	c->n_records += change;
	if (at > c->newest_at)
		c->newest_at = at;
}

enum err_code
apply_marker(struct apply *ap, int64_t *ret, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_FEED_SUMMARY, ap->now_at);
	enum err_code rc = ERR_OK;

	if (ap->marker_seq == 0) {
		ev.run_id = ap->run_id;
		ev.flags = EVENT_QUIET;
		rc = seq_take(ap->st, "event", 1, &ap->marker_seq, e);
		if (rc == ERR_OK)
			rc = event_add(ap->st, &ev, ap->marker_seq, e);
	}
	*ret = ap->marker_seq;
	return rc;
}

/* ---- what is next ---- */

enum next_column {
	NEXT_ID,
	NEXT_FEED,
	NEXT_SOURCE,
	NEXT_CAUSE,
	NEXT_REVISION,
	NEXT_CURSOR,
	NEXT_STATE
};

static enum err_code
read_run(struct store *st, struct arena *a, struct slice *s, struct err *e)
{
	struct query *q = query(st, STMT_APPLY_NEXT);
	enum err_code rc;

	bind_int(q, 1, RUN_APPLYING);
	if ((rc = query_one(q, e)) == ERR_OK)
		*s = (struct slice){
			.run_id = col_int(q, NEXT_ID),
			.feed_id = col_int(q, NEXT_FEED),
			.source_id = col_int(q, NEXT_SOURCE),
			.cause = (enum run_cause)col_int(q, NEXT_CAUSE),
			.driver_revision = (unsigned)col_int(q, NEXT_REVISION),
			.cursor = col_dup(q, NEXT_CURSOR, a),
			.next_state = col_dup(q, NEXT_STATE, a),
		};
	query_done(q);
	return rc;
}

static enum err_code
read_rows(struct store *st, struct arena *a, struct slice *s, struct err *e)
{
	struct query *q = query(st, STMT_APPLY_STAGE);
	size_t bytes = 0;
	enum err_code rc;
	bool row = false;

	bind_int(q, 1, s->run_id);
	bind_text(q, 2, s->cursor);
	bind_int(q, 3, SLICE_ROWS);
	while (bytes < SLICE_BYTES && (rc = query_step(q, &row, e)) == ERR_OK && row) {
		struct stage_row *r = ARENA_PUSH(a, &s->rows);
		const void *body = col_blob(q, 2, &r->len);

		r->key = col_dup(q, 0, a);
		r->change = (int)col_int(q, 1);
		r->body = arena_memdup(a, body, r->len);
		bytes += r->len;
	}
	query_done(q);
	s->is_last = !row && s->rows.n < SLICE_ROWS;
	return rc;
}

/* ---- the slice ---- */

static enum err_code
remember(struct store *st, const struct slice *s, struct err *e)
{
	struct feed_memory m = { 0 };
	struct json *j = NULL;
	struct query *q;
	enum err_code rc;

	rc = json_parse(&j, s->next_state, strlen(s->next_state), e);
	if (rc != ERR_OK || (rc = json_take_text(j, "etag", &m.etag, e)) != ERR_OK ||
	    (rc = json_take_text(j, "last_modified", &m.last_modified, e)) != ERR_OK ||
	    (rc = json_take_text(j, "body_sha256", &m.body_sha256, e)) != ERR_OK ||
	    (rc = json_take_text(j, "cursor", &m.cursor, e)) != ERR_OK) {
		json_free(j);
		return rc;
	}
	q = query(st, STMT_FEED_REMEMBER);
	bind_int(q, 1, s->feed_id);
	bind_text(q, 2, m.etag);
	bind_text(q, 3, m.last_modified);
	bind_text(q, 4, m.body_sha256);
	bind_text(q, 5, m.cursor);
	rc = query_run(q, e);
	json_free(j);
	return rc;
}

/* Only a run that is applied to its end may make the next request conditional. */
static enum err_code
finish_run(struct store *st, const struct slice *s, struct err *e)
{
	struct query *q = query(st, STMT_FEED_APPLIED);
	enum err_code rc;

	bind_int(q, 1, s->feed_id);
	bind_int(q, 2, s->driver_revision);
	if ((rc = query_run(q, e)) != ERR_OK ||
	    (s->next_state != NULL && (rc = remember(st, s, e)) != ERR_OK))
		return rc;
	return run_move(st, s->run_id, RUN_DECIDING, 0, e);
}

static enum err_code
write_coverage(struct apply *ap, struct err *e)
{
	struct query *q = query(ap->st, STMT_FEED_COUNT);
	enum err_code rc;

	bind_int(q, 1, ap->feed_id);
	bind_int(q, 2, ap->n_records);
	bind_int(q, 3, ap->newest_at);
	rc = query_run(q, e);
	for (size_t i = 0; i < ap->coverage.n && rc == ERR_OK; i++) {
		const struct coverage_change *c = &ap->coverage.at[i];

		q = query(ap->st, STMT_COVERAGE_PUT);
		bind_int(q, 1, ap->feed_id);
		bind_int(q, 2, c->ecosystem_id);
		bind_int(q, 3, ap->run_id);
		bind_int(q, 4, c->n_records);
		bind_int(q, 5, c->newest_at);
		bind_int(q, 6, ap->now_at);
		rc = query_run(q, e);
	}
	return rc;
}

static enum err_code
advance(struct apply *ap, const struct slice *s, size_t n, struct err *e)
{
	struct query *q = query(ap->st, STMT_APPLY_ADVANCE);
	int64_t number;
	enum err_code rc;

	bind_int(q, 1, s->run_id);
	bind_text(q, 2, n > 0 ? s->rows.at[n - 1].key : s->cursor);
	bind_text(q, 3, s->cursor);
	bind_int(q, 4, RUN_APPLYING);
	bind_int(q, 5, ap->n_skipped);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	if (query_changes(ap->st) != 1)
		return err_set(e, ERR_CONFLICT, "somebody else applies this run");
	if (n > 0 &&
	    ((rc = write_coverage(ap, e)) != ERR_OK ||
		(rc = seq_take(ap->st, "statements", 1, &number, e)) != ERR_OK))
		return rc;
	return n == s->rows.n && s->is_last ? finish_run(ap->st, s, e) : ERR_OK;
}

static enum err_code
apply_rows(struct apply *ap, const struct slice *s, int budget_ms, struct err *e)
{
	const struct clock *clock = clock_system();
	int64_t until = clock->mono_ms(clock) + budget_ms;
	size_t n = 0;

	while (n < s->rows.n && (n == 0 || clock->mono_ms(clock) < until)) {
		const struct stage_row *r = &s->rows.at[n];
		struct query *q;
		enum err_code rc;

		arena_reset(ap->a);
		rc = apply_record(ap, r->key, r->change, r->body, r->len, e);
		if (rc != ERR_OK)
			return err_wrap(e, rc, "record %s", r->key);
		q = query(ap->st, STMT_APPLY_UNSTAGE);
		bind_int(q, 1, s->run_id);
		bind_text(q, 2, r->key);
		if ((rc = query_run(q, e)) != ERR_OK)
			return rc;
		n++;
	}
	return advance(ap, s, n, e);
}

static enum err_code
apply_slice(struct store *st, const struct slice *s, struct arena *slice,
    int64_t now_at, int budget_ms, struct err *e)
{
	struct apply ap = {
		.st = st,
		.run_id = s->run_id,
		.feed_id = s->feed_id,
		.source_id = s->source_id,
		.cause = s->cause,
		.driver_revision = s->driver_revision,
		.now_at = now_at,
		.slice = slice,
		.a = arena_new(),
		.carried = idmap_in(slice),
		.ecosystems = idmap_in(slice),
	};
	enum err_code rc;

	dict_init(&ap.dict, st, true);
	if ((rc = tx_begin(st, e)) == ERR_OK) {
		rc = apply_rows(&ap, s, budget_ms, e);
		rc = tx_end(st, rc, e);
	}
	dict_done(&ap.dict);
	arena_free(ap.a);
	return rc;
}

enum err_code
store_apply(
    struct store *st, int64_t now_at, int budget_ms, bool *ret_done, struct err *e)
{
	struct arena *a;
	struct slice s = { 0 };
	enum err_code rc;

	if (st->options.keyer == NULL)
		return err_set(e, ERR_BUG, "the store was opened without a keyer");
	a = arena_new();
	rc = read_run(st, a, &s, e);
	if (rc == ERR_NOTFOUND) {
		*ret_done = true;
		rc = ERR_OK;
	} else if (rc == ERR_OK && (rc = read_rows(st, a, &s, e)) == ERR_OK) {
		rc = apply_slice(st, &s, a, now_at, budget_ms, e);
		/* Another process was quicker: the next call reads again. */
		if (rc == ERR_CONFLICT)
			rc = ERR_OK;
		*ret_done = false;
	}
	arena_free(a);
	return rc;
}
