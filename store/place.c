/* SPDX-License-Identifier: Apache-2.0 */
/* Where images are seen; see watches.h. */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/strmap.h"
#include "store/outbox_private.h"
#include "store/watches.h"

struct known {
	const char *name, *namespace, *workload, *digest;
	bool is_gone, is_listed;
};

struct syncing {
	struct store *st;
	struct arena *a;
	int64_t team_id, place_id, now_at;
	struct {
		struct known *at;
		size_t n, cap;
	} known;
	struct strmap *index; /* owned; key_of() to index of known + 1 */
	struct strmap
	    *images; /* owned; names counted already, by what became of them */
	bool dry_run;
	struct sync_counts counts;
};

static const char *
key_of(struct arena *a, const char *name, const char *namespace, const char *workload)
{
	return arena_printf(a, "%s\n%s\n%s", name, namespace, workload);
}

static enum err_code
find_place(struct syncing *y, const char *place, struct err *e)
{
	struct query *q = query(y->st, STMT_PLACE_FIND);
	enum err_code rc;

	bind_int(q, 1, y->team_id);
	bind_text(q, 2, place);
	rc = query_one(q, e);
	y->place_id = rc == ERR_OK ? col_int(q, 0) : 0;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
put_place(struct syncing *y, const char *place, int64_t grace_s, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if (y->place_id != 0) {
		q = query(y->st, STMT_PLACE_SYNCED);
		bind_int(q, 1, y->place_id);
		bind_int(q, 2, grace_s);
		bind_int(q, 3, y->now_at);
		return query_run(q, e);
	}
	if ((rc = seq_take(y->st, "place", 1, &y->place_id, e)) != ERR_OK)
		return rc;
	q = query(y->st, STMT_PLACE_ADD);
	bind_int(q, 1, y->place_id);
	bind_int(q, 2, y->team_id);
	bind_text(q, 3, place);
	bind_int(q, 4, grace_s);
	bind_int(q, 5, y->now_at);
	return query_run(q, e);
}

static enum err_code
read_known(struct syncing *y, struct err *e)
{
	struct query *q = query(y->st, STMT_SIGHTINGS);
	enum err_code rc;
	bool row;

	bind_int(q, 1, y->place_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		struct known *k = ARENA_PUSH(y->a, &y->known);

		*k = (struct known){
			.name = col_dup(q, 0, y->a),
			.namespace = col_dup(q, 1, y->a),
			.workload = col_dup(q, 2, y->a),
			.digest = col_dup(q, 3, y->a),
			.is_gone = !col_null(q, 4),
		};
		*strmap_put(y->index, key_of(y->a, k->name, k->namespace, k->workload),
		    NULL) = y->known.n;
	}
	query_done(q);
	return rc;
}

/* Count image NAME once per KIND of what became of it. */
static void
count(struct syncing *y, const char *kind, const char *name, int64_t *io)
{
	bool is_new;

	(void)strmap_put(y->images, arena_printf(y->a, "%s %s", kind, name), &is_new);
	*io += is_new;
}

static enum err_code
put_sighting(struct syncing *y, const struct sighting_new *s, struct err *e)
{
	struct query *q = query(y->st, STMT_SIGHTING_PUT);

	bind_int(q, 1, y->place_id);
	bind_text(q, 2, s->name);
	bind_text(q, 3, str_or_empty(s->namespace));
	bind_text(q, 4, str_or_empty(s->workload));
	bind_text(q, 5, s->digest);
	bind_int(q, 6, y->now_at);
	bind_int(q, 7, y->team_id);
	return query_run(q, e);
}

static enum err_code
take_sighting(struct syncing *y, const struct sighting_new *s, struct err *e)
{
	const uint64_t *at =
	    strmap_get(y->index, key_of(y->a, s->name, str_or_empty(s->namespace),
				     str_or_empty(s->workload)));
	struct known *k = at != NULL && *at > 0 ? &y->known.at[*at - 1] : NULL;

	count(y, "seen", s->name, &y->counts.seen);
	if (k == NULL)
		count(y, "added", s->name, &y->counts.added);
	else if (k->is_gone && !k->is_listed)
		count(y, "back", s->name, &y->counts.back);
	if (k != NULL)
		k->is_listed = true;
	return y->dry_run ? ERR_OK : put_sighting(y, s, e);
}

static enum err_code
end_sighting(struct syncing *y, const struct known *k, struct err *e)
{
	struct query *q;

	count(y, "gone", k->name, &y->counts.gone);
	if (y->dry_run)
		return ERR_OK;
	q = query(y->st, STMT_SIGHTING_GONE);
	bind_int(q, 1, y->place_id);
	bind_text(q, 2, k->name);
	bind_text(q, 3, k->namespace);
	bind_text(q, 4, k->workload);
	bind_int(q, 5, y->now_at);
	return query_run(q, e);
}

static enum err_code
sync(struct syncing *y, const char *place, int64_t grace_s,
    const struct sighting_new *s, size_t n, const char *actor, struct err *e)
{
	enum err_code rc;

	if ((rc = find_place(y, place, e)) != ERR_OK ||
	    (y->place_id != 0 && (rc = read_known(y, e)) != ERR_OK) ||
	    (!y->dry_run && (rc = put_place(y, place, grace_s, e)) != ERR_OK))
		return rc;
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = take_sighting(y, &s[i], e);
	for (size_t i = 0; i < y->known.n && rc == ERR_OK; i++)
		if (!y->known.at[i].is_listed && !y->known.at[i].is_gone)
			rc = end_sighting(y, &y->known.at[i], e);
	if (rc == ERR_OK && !y->dry_run)
		rc = audit_add(y->st, y->team_id, actor, "place.sync", place, NULL,
		    NULL, y->now_at, e);
	return rc;
}

enum err_code
store_place_sync(struct store *st, struct scope scope, const char *place,
    int64_t grace_s, const struct sighting_new *s, size_t n, bool dry_run,
    const char *actor, int64_t now_at, struct sync_counts *ret, struct err *e)
{
	struct syncing y = {
		.st = st,
		.a = arena_new(),
		.team_id = scope_writes(scope),
		.now_at = now_at,
		.index = strmap_new(),
		.images = strmap_new(),
		.dry_run = dry_run,
	};
	enum err_code rc = tx_begin(st, e);

	if (rc == ERR_OK)
		rc = tx_end(st, sync(&y, place, grace_s, s, n, actor, e), e);
	*ret = y.counts;
	strmap_free(y.images);
	strmap_free(y.index);
	arena_free(y.a);
	return rc;
}

/* ---- looking ---- */

enum err_code
store_image_places(struct store *st, struct scope scope, int64_t team_id,
    const char *name, struct arena *a, struct place_row **ret, size_t *ret_n,
    struct err *e)
{
	struct {
		struct place_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q;
	enum err_code rc = ERR_OK;
	bool row;

	*ret = NULL;
	*ret_n = 0;
	if (!scope.all && scope.team_id != team_id)
		return ERR_OK;
	q = query(st, STMT_IMAGE_PLACES);
	bind_int(q, 1, team_id);
	bind_text(q, 2, name);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		const char *namespace = col_dup(q, 1, a), *workload = col_dup(q, 2, a);

		*ARENA_PUSH(a, &rows) = (struct place_row){
			.place = col_dup(q, 0, a),
			.namespace = namespace[0] != '\0' ? namespace : NULL,
			.workload = workload[0] != '\0' ? workload : NULL,
			.digest = col_dup(q, 3, a),
			.first_seen_at = col_int(q, 4),
			.last_seen_at = col_int(q, 5),
			.gone_at = col_int(q, 6),
		};
	}
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}

/* ---- retiring ---- */

enum err_code
store_retire_next(struct store *st, int64_t now_at, struct arena *a,
    int64_t *ret_team_id, const char **ret_name, struct err *e)
{
	struct query *q = query(st, STMT_RETIRE_NEXT);
	enum err_code rc;

	bind_int(q, 1, now_at);
	if ((rc = query_one(q, e)) == ERR_OK) {
		*ret_team_id = col_int(q, 0);
		*ret_name = col_dup(q, 1, a);
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no image is to be retired") : rc;
}

enum err_code
store_retired(struct store *st, int64_t team_id, const char *name, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_SIGHTINGS_DELETE);
	bind_int(q, 1, team_id);
	bind_text(q, 2, name);
	return tx_end(st, query_run(q, e), e);
}
