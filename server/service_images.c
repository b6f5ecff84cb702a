/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that tocsin gets by itself: watched references are looked at, pulled when they
 * have moved and registered; what is seen nowhere any more is retired.
 */
#include <string.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/component.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/pull.h"
#include "inventory/reference.h"
#include "inventory/registry.h"
#include "match/match.h"
#include "server/service.h"
#include "store/watches.h"

/* Waits after failures in a row. */
static const int64_t failure_wait_s[] = { 60, 300, 900, 3600, 10800, 43200 };
/* A registry that is busy and does not say for how long. */
#define BUSY_WAIT_S 900
/* Before what was there and is not found is asked for again: a registry that is being moved
 * or restored says 404 for a moment, and the second time it is told. */
#define GONE_WAIT_S 900

/* ---- one watch ---- */

struct looking {
	struct worker *w;
	struct registry *r;
	const struct watch_row *row;
	struct arena *a;
	struct watch_outcome *out;
	const char *digest; /* that the reference points to now */
	bool is_gone;       /* the registry said so */
};

/* {"lists":[names],"labels":{},"owner":"name"} as registration wants it. */
static enum err_code
read_put(struct looking *l, const struct json *j, struct image_put *put,
    struct owner *owner, struct err *e)
{
	const struct json *labels = json_get(j, "labels");
	struct label *rows = arena_array(l->a, json_count(labels), sizeof(*rows));
	const char **lists = NULL, **ended;
	size_t n = 0;
	enum err_code rc = json_take_texts(j, "lists", l->a, &lists, &n, e);

	if (rc != ERR_OK)
		return rc;
	ended = arena_array(l->a, n + 1, sizeof(*ended));
	for (size_t i = 0; i < n; i++)
		ended[i] = arena_strdup(l->a, lists[i]);
	put->lists = ended;
	for (size_t i = 0; i < json_count(labels) && i < MAX_LABELS; i++) {
		const struct json *value = NULL;
		const char *key = json_member(labels, i, &value);

		rows[put->n_labels++] = (struct label){ arena_strdup(l->a, key),
			arena_strdup(l->a, str_or_empty(json_str(value))) };
	}
	put->labels = rows;
	owner->name = arena_strdup(l->a, json_str(json_get(j, "owner")));
	put->owner = owner->name != NULL ? owner : NULL;
	return ERR_OK;
}

static enum err_code
put_image(struct looking *l, const struct inventory *inv, struct err *e)
{
	const struct scope team = { .team_id = l->row->team_id };
	struct image_put put = {
		.name = l->row->name,
		.ref = l->row->ref,
		.platform = inv->platform,
		.digest = l->digest,
		.actor = "puller",
		.now_at = clock_now_s(l->w->clock),
	};
	struct change_counts changes;
	struct owner owner = { .name = NULL };
	struct json *j = NULL;
	int64_t image_id = 0;
	enum err_code rc;

	rc = json_parse(&j, l->row->put_json, strlen(l->row->put_json), e);
	if (rc == ERR_OK)
		rc = read_put(l, j, &put, &owner, e);
	json_free(j);
	if (rc == ERR_OK)
		rc = service_register(
		    l->w, team, &put, inv, &image_id, &l->out->result, &changes, e);
	return rc;
}

static enum err_code
look(struct looking *l, struct err *e)
{
	const struct inventory_hints hints = {
		.platform = l->row->platform,
		.now_at = clock_now_s(l->w->clock),
		.spool_dir = l->w->spool_dir,
		.keyer = &match_keyer,
	};
	struct inventory *inv = NULL;
	struct reference ref;
	enum err_code rc;

	if ((rc = reference_parse(l->row->ref, l->a, &ref, e)) != ERR_OK)
		return rc;
	/* what is pinned does not move: it was pulled, or it was not */
	l->digest = ref.digest;
	if (ref.digest == NULL)
		rc = registry_digest(l->r, &ref, l->a, &l->digest, e);
	l->is_gone = rc == ERR_NOTFOUND;
	if (rc != ERR_OK ||
	    (l->row->image_id != 0 && str_eq(l->digest, l->row->digest)))
		return rc;
	rc = image_pull(l->r, &ref, l->w->spool_dir, &hints, l->a, &inv, &l->digest, e);
	l->is_gone = rc == ERR_NOTFOUND;
	if (rc != ERR_OK)
		return rc;
	l->out->pulled = true;
	return put_image(l, inv, e);
}

static int64_t
next_at(const struct looking *l, enum err_code rc)
{
	size_t steps = sizeof(failure_wait_s) / sizeof(failure_wait_s[0]);
	size_t step = l->row->failures < 0 ? 0 : (size_t)l->row->failures;
	int64_t now = clock_now_s(l->w->clock), wait_s = registry_wait_s(l->r);

	if (rc == ERR_OK)
		return now + l->w->config->check_ms / 1000;
	if (rc == ERR_BUSY && wait_s > 0)
		return now + wait_s;
	if (rc == ERR_BUSY)
		return now + BUSY_WAIT_S;
	wait_s = failure_wait_s[step < steps ? step : steps - 1];
	if (l->is_gone && l->row->image_id != 0 && wait_s < GONE_WAIT_S)
		wait_s = GONE_WAIT_S;
	return now + wait_s;
}

enum err_code
service_watch_next(struct worker *w, struct registry *r, struct arena *a,
    struct watch_outcome *ret, int64_t *ret_next_at, struct err *e)
{
	struct watch_row row;
	struct looking l = { .w = w, .r = r, .row = &row, .a = a, .out = ret };
	struct watch_result result;
	struct err why = ERR_INIT;
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	rc = store_watch_take(w->store, clock_now_s(w->clock), a, &row, ret_next_at, e);
	if (rc != ERR_OK)
		return rc;
	ret->name = row.name;
	ret->ref = row.ref;
	rc = look(&l, &why);
	ret->error = rc == ERR_OK ? NULL : arena_strdup(a, why.text);
	ret->is_gone = l.is_gone;
	result = (struct watch_result){
		.watch_id = row.id,
		/* a list that is not there is no word of the registry */
		.state = rc == ERR_OK ? WATCH_OK
			 : l.is_gone  ? WATCH_GONE
				      : WATCH_FAILED,
		.digest = rc == ERR_OK ? l.digest : NULL,
		.error = ret->error,
		.pulled = ret->pulled,
		.now_at = clock_now_s(w->clock),
		.next_at = next_at(&l, rc),
	};
	return store_watch_result(w->store, &result, e);
}

/* ---- retiring ---- */

static enum err_code
forget(
    struct worker *w, int64_t team_id, const char *name, struct arena *a, struct err *e)
{
	const struct scope team = { .team_id = team_id };
	int64_t now = clock_now_s(w->clock);
	struct err none = ERR_INIT;
	struct image_row image;
	enum err_code rc;

	rc = store_watch_delete(w->store, team, name, "retired", now, &none);
	if (rc != ERR_OK && rc != ERR_NOTFOUND)
		return err_set(e, rc, "%s", none.text);
	rc = store_image(w->store, team, 0, name, a, &image, &none);
	if (rc == ERR_OK)
		rc =
		    store_image_delete(w->store, team, image.id, "retired", now, &none);
	if (rc != ERR_OK && rc != ERR_NOTFOUND)
		return err_set(e, rc, "%s", none.text);
	return store_retired(w->store, team_id, name, e);
}

enum err_code
service_retire(struct worker *w, size_t *ret_n, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = ERR_OK;

	*ret_n = 0;
	while (rc == ERR_OK) {
		const char *name = NULL;
		int64_t team_id = 0;

		arena_reset(a);
		rc = store_retire_next(
		    w->store, clock_now_s(w->clock), a, &team_id, &name, e);
		if (rc == ERR_OK)
			rc = forget(w, team_id, name, a, e);
		*ret_n += rc == ERR_OK;
	}
	arena_free(a);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}
