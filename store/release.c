/* SPDX-License-Identifier: Apache-2.0 */
/*
 * release - 90 days before, 30 days before, and when its last day is over, the end of a
 * release is one event: it concerns every image of that system, in every team, so it
 * names the ecosystem and no image.
 */
#include "store/release.h"

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/ecosystem.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/record.h"
#include "store/outbox.h"
#include "store/store_private.h"

#define DAY_S ((int64_t)86400)

/* Days left when each step begins; the last is the end. */
static const int steps[] = { 90, 30, 0 };
#define N_STEPS ((int)(sizeof(steps) / sizeof(steps[0])))

/* When step I begins: ENDS_AT is the start of the last day. */
static int64_t
step_at(int64_t ends_at, int i)
{
	return ends_at + DAY_S - steps[i] * DAY_S;
}

/* How many steps have begun. */
static int
steps_begun(int64_t ends_at, int64_t now_at)
{
	int n = 0;

	while (n < N_STEPS && now_at >= step_at(ends_at, n))
		n++;
	return n;
}

struct release {
	int64_t ends_at, record_id; /* 0 = by the table of ecosystems */
	int told;                   /* steps */
};

static enum err_code
find(struct store *st, int64_t id, struct release *ret, struct err *e)
{
	struct query *q = query(st, STMT_RELEASE_GET);
	enum err_code rc;

	bind_int(q, 1, id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = (struct release){ col_int(q, 0), col_int(q, 1),
			(int)col_int(q, 2) };
	query_done(q);
	return rc;
}

static enum err_code
put(struct store *st, int64_t id, const struct release *r, struct err *e)
{
	struct query *q = query(st, STMT_RELEASE_PUT);

	bind_int(q, 1, id);
	bind_int(q, 2, r->ends_at);
	bind_id(q, 3, r->record_id);
	bind_int(q, 4, r->told);
	if (r->told < N_STEPS)
		bind_int(q, 5, step_at(r->ends_at, r->told));
	else
		bind_null(q, 5);
	return query_run(q, e);
}

enum err_code
release_learn(
    struct store *st, int64_t id, const char *name, int64_t now_at, struct err *e)
{
	const struct ecosystem *row = ecosystem_find(name);
	struct release r = { 0 };
	enum err_code rc = find(st, id, &r, e);

	if (rc != ERR_NOTFOUND || row == NULL || row->end_of_life_at == 0)
		return rc == ERR_NOTFOUND ? ERR_OK : rc;
	r.ends_at = row->end_of_life_at;
	r.told = steps_begun(r.ends_at, now_at);
	return put(st, id, &r, e);
}

/* Another day than before: what is taken back is not told, what has come may be. */
static enum err_code
move(struct store *st, int64_t id, struct release *r, bool quiet, int64_t now_at,
    struct err *e)
{
	int begun = steps_begun(r->ends_at, now_at);

	if (begun < r->told || quiet)
		r->told = begun;
	return put(st, id, r, e);
}

enum err_code
release_said(struct store *st, int64_t id, int64_t record_id, const struct record *said,
    bool quiet, int64_t now_at, struct err *e)
{
	struct release r = { 0 };
	enum err_code rc = find(st, id, &r, e);

	if (rc != ERR_OK && rc != ERR_NOTFOUND)
		return rc;
	r.ends_at = said->ends;
	r.record_id = record_id;
	return move(st, id, &r, quiet || rc == ERR_NOTFOUND, now_at, e);
}

enum err_code
release_unsaid(struct store *st, int64_t record_id, int64_t now_at, struct err *e)
{
	struct query *q = query(st, STMT_RELEASE_OF_RECORD);
	const struct ecosystem *row = NULL;
	struct release r = { 0 };
	int64_t id = 0;
	enum err_code rc;

	bind_int(q, 1, record_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		id = col_int(q, 0);
		r.told = (int)col_int(q, 2);
		row = ecosystem_find(col_text(q, 1));
	}
	query_done(q);
	if (rc != ERR_OK)
		return rc == ERR_NOTFOUND ? ERR_OK : rc;
	if (row != NULL && row->end_of_life_at != 0) {
		r.ends_at = row->end_of_life_at;
		return move(st, id, &r, false, now_at, e);
	}
	q = query(st, STMT_RELEASE_DELETE);
	bind_int(q, 1, id);
	return query_run(q, e);
}

enum err_code
release_has_ended(
    struct store *st, const char *name, bool *ret_known, bool *ret_ended, struct err *e)
{
	struct query *q = query(st, STMT_RELEASE_BY_NAME);
	enum err_code rc;

	*ret_known = *ret_ended = false;
	bind_text(q, 1, name);
	if ((rc = query_one(q, e)) == ERR_OK) {
		*ret_known = true;
		*ret_ended = col_int(q, 0) >= N_STEPS;
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

/* ---- what has come ---- */

struct due {
	int64_t id;
	const char *name;
	struct release r;
	bool is_carried;
};

struct dues {
	struct due *at;
	size_t n, cap;
};

static enum err_code
read_due(
    struct store *st, int64_t now_at, struct arena *a, struct dues *out, struct err *e)
{
	struct query *q = query(st, STMT_RELEASES_DUE);
	enum err_code rc;
	bool row;

	bind_int(q, 1, now_at);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(a, out) = (struct due){
			.id = col_int(q, 0),
			.name = col_dup(q, 1, a),
			.r = { col_int(q, 2), col_int(q, 3), (int)col_int(q, 4) },
			.is_carried = col_int(q, 5) != 0,
		};
	query_done(q);
	return rc;
}

static enum err_code
tell(struct store *st, const struct due *d, int64_t now_at, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_IMAGE_END_OF_LIFE, now_at);
	struct buf detail CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	int64_t left = d->r.ends_at + DAY_S - now_at, seq = 0;
	struct json_writer w;
	enum err_code rc;

	jw_init(&w, &detail);
	jw_object(&w);
	jw_ktext(&w, "ecosystem", d->name);
	jw_ktime(&w, "ends", d->r.ends_at);
	jw_kint(&w, "days", left > 0 ? (left + DAY_S - 1) / DAY_S : 0);
	jw_object_end(&w);
	if ((rc = seq_take(st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	ev.ecosystem_id = d->id;
	ev.detail = buf_str(&detail);
	return event_add(st, &ev, seq, e);
}

static enum err_code
step(struct store *st, int64_t now_at, struct arena *a, struct err *e)
{
	struct dues due = { 0 };
	enum err_code rc = read_due(st, now_at, a, &due, e);

	for (size_t i = 0; i < due.n && rc == ERR_OK; i++) {
		struct due *d = &due.at[i];

		/* several steps at once are told as the last of them */
		d->r.told = steps_begun(d->r.ends_at, now_at);
		if (d->is_carried)
			rc = tell(st, d, now_at, e);
		if (rc == ERR_OK)
			rc = put(st, d->id, &d->r, e);
	}
	return rc;
}

enum err_code
store_releases_step(struct store *st, int64_t now_at, struct err *e)
{
	struct arena *a = arena_new();
	struct dues due = { 0 };
	enum err_code rc = read_due(st, now_at, a, &due, e);

	/* nearly always nothing: no need for the writer's lock */
	if (rc == ERR_OK && due.n > 0 && (rc = tx_begin(st, e)) == ERR_OK)
		rc = tx_end(st, step(st, now_at, a, e), e);
	arena_free(a);
	return rc;
}
