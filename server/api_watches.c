/* SPDX-License-Identifier: Apache-2.0 */
/* Images that are named and not sent: references to pull, and listings of what runs. */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/reference.h"
#include "inventory/sightings.h"
#include "server/api.h"
#include "server/live.h"
#include "store/watches.h"

#define MAX_REFS    10000
#define GRACE_S     ((int64_t)7 * 86400)
#define MAX_GRACE_S ((int64_t)400 * 86400)

/* What a client wants pulled, as far as it could be understood. */
struct wanted {
	struct {
		struct watch_new *at;
		size_t n, cap;
	} watches;
	struct {
		const char **at;
		size_t n, cap;
	} refused; /* ref, why, ref, why ... */
};

/* {"lists":[...],"labels":{...},"owner":...}, as the puller registers with. */
static const char *
put_json(struct request *r, const char *const *lists, size_t n_lists,
    const struct label *labels, size_t n_labels, const char *owner)
{
	struct buf b CLEANUP_BUF = BUF_INIT(MAX_REQUEST_BYTES);
	struct json_writer w;

	jw_init(&w, &b);
	jw_object(&w);
	jw_key(&w, "lists");
	jw_array(&w);
	for (size_t i = 0; i < n_lists; i++)
		jw_text(&w, lists[i]);
	jw_array_end(&w);
	jw_key(&w, "labels");
	jw_object(&w);
	for (size_t i = 0; i < n_labels; i++)
		jw_ktext(&w, labels[i].key, labels[i].value);
	jw_object_end(&w);
	jw_ktext(&w, "owner", owner);
	jw_object_end(&w);
	return arena_strdup(r->arena, buf_str(&b));
}

/* ---- POST /v1/images ---- */

static void
refuse(struct request *r, struct wanted *x, const char *ref, const char *why)
{
	*ARENA_PUSH(r->arena, &x->refused) = arena_strdup(r->arena, str_or_empty(ref));
	*ARENA_PUSH(r->arena, &x->refused) = arena_strdup(r->arena, why);
}

/* One item of "images"; what is wrong with it costs it alone. */
static enum err_code
take_item(struct request *r, const struct json *j, struct wanted *x, struct err *e)
{
	static const char *const known[] = { "ref", "name", "list", "labels",
		"platform", NULL };
	const char *ref = NULL, *name = NULL, *list = NULL, *platform = NULL;
	const struct label *labels = NULL;
	struct reference parsed;
	struct list_row row;
	bool has_labels = false;
	size_t n_labels = 0;
	enum err_code rc;

	if ((rc = json_only(j, known, e)) != ERR_OK ||
	    (rc = json_take_text(j, "ref", &ref, e)) != ERR_OK ||
	    (rc = json_take_text(j, "name", &name, e)) != ERR_OK ||
	    (rc = json_take_text(j, "list", &list, e)) != ERR_OK ||
	    (rc = json_take_text(j, "platform", &platform, e)) != ERR_OK ||
	    (rc = api_labels(r, j, &labels, &n_labels, &has_labels, e)) != ERR_OK)
		return rc;
	if (ref == NULL)
		return err_set(e, ERR_INPUT, "ref is missing");
	if ((rc = reference_parse(ref, r->arena, &parsed, e)) != ERR_OK)
		return rc;
	if (list != NULL && (rc = api_list(r, list, &row, e)) != ERR_OK)
		return rc;
	ref = reference_text(&parsed, r->arena);
	name = name != NULL ? arena_strdup(r->arena, name) : ref;
	if (name[0] == '\0' || strlen(name) > MAX_NAME)
		return err_set(e, ERR_INPUT, "a name has 1 to %zu bytes", MAX_NAME);
	*ARENA_PUSH(r->arena, &x->watches) = (struct watch_new){
		.name = name,
		.ref = ref,
		.platform = arena_strdup(r->arena, platform),
		.put_json =
		    put_json(r, &row.name, list != NULL, labels, n_labels, NULL),
	};
	return ERR_OK;
}

static enum err_code
take_items(struct request *r, const struct json *j, struct wanted *x, struct err *e)
{
	static const char *const known[] = { "images", NULL };
	const struct json *items = json_get(j, "images");
	enum err_code rc;

	if ((rc = json_only(j, known, e)) != ERR_OK)
		return rc;
	if (json_kind(items) != JSON_IS_ARRAY || json_count(items) == 0)
		return err_set(e, ERR_INPUT, "images must be a list of {\"ref\": ...}");
	if (json_count(items) > MAX_REFS)
		return err_set(e, ERR_LIMIT, "at most %d images at once", MAX_REFS);
	for (size_t i = 0; i < json_count(items); i++) {
		const struct json *item = json_at(items, i);
		struct err why = ERR_INIT;

		rc = take_item(r, item, x, &why);
		if (rc == ERR_INPUT || rc == ERR_NOTFOUND || rc == ERR_LIMIT)
			refuse(r, x, json_str(json_get(item, "ref")), why.text);
		else if (rc != ERR_OK)
			return err_set(e, rc, "%s", why.text);
	}
	return ERR_OK;
}

static void
render_refused(struct render *w, const struct wanted *x)
{
	jw_key(&w->w, "refused");
	jw_array(&w->w);
	for (size_t i = 0; i + 1 < x->refused.n; i += 2) {
		jw_object(&w->w);
		jw_ktext(&w->w, "ref", x->refused.at[i]);
		jw_ktext(&w->w, "error", x->refused.at[i + 1]);
		jw_object_end(&w->w);
	}
	jw_array_end(&w->w);
}

HANDLER(api_images_post)
{
	struct wanted x = { .watches = { .n = 0 } };
	struct json *j = NULL;
	struct render w;
	int64_t import_id = 0;
	enum err_code rc;

	if ((rc = api_one_team(r, e)) != ERR_OK || (rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	rc = take_items(r, j, &x, e);
	json_free(j);
	if (rc == ERR_OK)
		rc = store_watch_add(r->worker->store, r->who.scope, x.watches.at,
		    x.watches.n, r->who.actor, api_now(r), &import_id, e);
	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->pull);
	out->status = 202;
	api_begin(r, out, &w);
	jw_object(&w.w);
	render_id(&w, "import", "imp", import_id);
	jw_kint(&w.w, "accepted", (int64_t)x.watches.n);
	render_refused(&w, &x);
	jw_object_end(&w.w);
	return ERR_OK;
}

/* ---- GET /v1/imports/{id} ---- */

static void
render_watch(struct render *w, const struct watch_row *row)
{
	jw_object(&w->w);
	jw_ktext(&w->w, "name", row->name);
	jw_ktext(&w->w, "ref", row->ref);
	jw_ktext(&w->w, "platform", row->platform);
	jw_ktext(&w->w, "state", watch_state_name(row->state));
	if (row->image_id != 0)
		render_id(w, "image", "img", row->image_id);
	jw_ktext(&w->w, "digest", row->digest);
	jw_ktime(&w->w, "checked", row->checked_at);
	jw_ktime(&w->w, "pulled", row->pulled_at);
	jw_ktime(&w->w, "next", row->next_at);
	jw_kint(&w->w, "failures", row->failures);
	jw_ktext(&w->w, "error", row->last_error);
	jw_object_end(&w->w);
}

HANDLER(api_import_get)
{
	struct import_row import;
	struct watch_row *rows = NULL;
	struct render w;
	int64_t after = 0, id = api_id(r, "imp", r->segments[0]);
	size_t limit, n = 0;
	enum err_code rc;

	if (id <= 0)
		return err_set(e, ERR_NOTFOUND, "no such import");
	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &after, 1, e)) != ERR_OK ||
	    (rc = store_import(r->reader->store, r->who.scope, id, &import, e)) !=
		ERR_OK ||
	    (rc = store_import_items(r->reader->store, r->who.scope, id, after, limit,
		 r->arena, &rows, &n, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	jw_object(&w.w);
	render_id(&w, "id", "imp", import.id);
	jw_ktime(&w.w, "created", import.created_at);
	jw_kint(&w.w, "waiting", import.waiting);
	jw_kint(&w.w, "ok", import.ok);
	jw_kint(&w.w, "failed", import.failed);
	jw_kint(&w.w, "gone", import.gone);
	jw_key(&w.w, "items");
	jw_array(&w.w);
	for (size_t i = 0; i < n; i++)
		render_watch(&w, &rows[i]);
	api_items_end(
	    &w, n == limit ? api_cursor_write(r, &rows[n - 1].id, 1) : NULL, import.n);
	return ERR_OK;
}

/* ---- one image's ---- */

HANDLER(api_image_pull)
{
	struct image_row image;
	enum err_code rc;

	if ((rc = api_image(r, r->segments[0], &image, e)) != ERR_OK ||
	    (rc = store_watch_now(r->worker->store,
		 (struct scope){ .team_id = image.team_id }, image.name, api_now(r),
		 e)) != ERR_OK)
		return rc;
	bell_ring(&r->live->pull);
	out->status = 202;
	return api_image_answer(r, out, r->worker->store, image.id, NULL, e);
}

enum err_code
api_render_origin(
    struct request *r, struct render *w, const struct image_row *image, struct err *e)
{
	const struct scope team = { .team_id = image->team_id };
	struct place_row *places = NULL;
	struct watch_row watch;
	size_t n = 0;
	enum err_code rc;

	rc = store_image_places(r->reader->store, r->who.scope, image->team_id,
	    image->name, r->arena, &places, &n, e);
	if (rc != ERR_OK)
		return rc;
	jw_key(&w->w, "places");
	jw_array(&w->w);
	for (size_t i = 0; i < n; i++) {
		jw_object(&w->w);
		jw_ktext(&w->w, "place", places[i].place);
		jw_ktext(&w->w, "namespace", places[i].namespace);
		jw_ktext(&w->w, "workload", places[i].workload);
		jw_ktext(&w->w, "digest", places[i].digest);
		jw_ktime(&w->w, "first_seen", places[i].first_seen_at);
		jw_ktime(&w->w, "last_seen", places[i].last_seen_at);
		jw_ktime(&w->w, "gone", places[i].gone_at);
		jw_object_end(&w->w);
	}
	jw_array_end(&w->w);
	jw_key(&w->w, "watch");
	rc = store_watch(r->reader->store, team, image->name, r->arena, &watch, NULL);
	if (rc == ERR_OK)
		render_watch(w, &watch);
	else
		jw_null(&w->w);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

/* ---- POST /v1/places/{place} ---- */

/* What the listing is to be done with. */
struct syncing {
	const char *list, *list_by, *owner_from;
	int64_t grace_s;
	bool dry_run;
};

static enum err_code
read_syncing(struct request *r, struct syncing *y, struct err *e)
{
	const char *grace = request_param(r, "grace"),
		   *dry = request_param(r, "dry_run");
	int64_t ms = 0;

	*y = (struct syncing){
		.list = request_param(r, "list"),
		.list_by = request_param(r, "list_by"),
		.owner_from = request_param(r, "owner_from"),
		.grace_s = GRACE_S,
		.dry_run = str_eq(dry, "true"),
	};
	if (y->list != NULL && y->list_by != NULL)
		return err_set(e, ERR_INPUT, "list or list_by, not both");
	if (y->list_by != NULL && !str_eq(y->list_by, "namespace"))
		return err_set(e, ERR_INPUT, "list_by can only be namespace");
	if (dry != NULL && !y->dry_run && !str_eq(dry, "false"))
		return err_set(e, ERR_INPUT, "dry_run is true or false");
	if (grace == NULL)
		return ERR_OK;
	if (!str_duration_ms(grace, &ms) || ms < 0 || ms / 1000 > MAX_GRACE_S)
		return err_set(e, ERR_INPUT, "grace must be a duration like 7d");
	y->grace_s = ms / 1000;
	return ERR_OK;
}

/* The list an image belongs to; a namespace gets one of its own name if it has none. */
static enum err_code
list_of(struct request *r, const struct syncing *y, const struct sighting *s,
    const char **ret, struct err *e)
{
	struct list_put put = {
		.create_only = true, .actor = r->who.actor, .now_at = api_now(r)
	};
	struct list_row row;
	int64_t id;
	bool created;
	enum err_code rc;

	*ret = NULL;
	if (y->list == NULL && (y->list_by == NULL || s->namespace == NULL))
		return ERR_OK;
	if (y->list != NULL) {
		rc = api_list(r, y->list, &row, e);
		*ret = row.name;
		return rc;
	}
	*ret = put.name = s->namespace;
	if (y->dry_run || (rc = api_name_check("list", put.name, e)) != ERR_OK)
		return y->dry_run ? ERR_OK : rc;
	rc = store_list_put(r->worker->store, r->who.scope, &put, &id, &created, NULL);
	return rc == ERR_CONFLICT ? ERR_OK : rc;
}

static const char *
owner_of(const struct syncing *y, const struct sighting *s)
{
	for (size_t i = 0; y->owner_from != NULL && i < s->n_labels; i++)
		if (str_eq(s->labels[i].key, y->owner_from))
			return s->labels[i].value;
	return NULL;
}

/* Watch what the listing names and nobody watches or has sent; what runs counts, so a
 * digest that the listing knows is what is pulled. */
static enum err_code
watch_sighting(struct request *r, const struct syncing *y, const struct sighting *s,
    struct wanted *x, struct err *e)
{
	const char *ref = s->digest != NULL && strstr(s->ref, "@") == NULL
			      ? arena_printf(r->arena, "%s@%s", s->ref, s->digest)
			      : s->ref;
	const char *list = NULL;
	struct watch_row watch;
	struct image_row image;
	enum err_code rc;

	rc =
	    store_watch(r->worker->store, r->who.scope, s->ref, r->arena, &watch, NULL);
	if (rc == ERR_OK && str_eq(watch.ref, ref))
		return ERR_OK;
	if (rc == ERR_NOTFOUND && store_image(r->worker->store, r->who.scope, 0, s->ref,
				      r->arena, &image, NULL) == ERR_OK)
		return ERR_OK; /* somebody sends it */
	if ((rc = list_of(r, y, s, &list, e)) != ERR_OK)
		return rc;
	*ARENA_PUSH(r->arena, &x->watches) = (struct watch_new){
		.name = s->ref,
		.ref = ref,
		.put_json = put_json(r, &list, list != NULL, NULL, 0, owner_of(y, s)),
	};
	return ERR_OK;
}

static enum err_code
watch_all(struct request *r, const struct syncing *y, const struct sightings *s,
    struct wanted *x, struct err *e)
{
	enum err_code rc = ERR_OK;

	/* sorted by reference: of several places of one image the first decides */
	for (size_t i = 0; i < s->n && rc == ERR_OK; i++)
		if (i == 0 || !str_eq(s->at[i].ref, s->at[i - 1].ref))
			rc = watch_sighting(r, y, &s->at[i], x, e);
	return rc;
}

static enum err_code
sync(struct request *r, const struct syncing *y, const struct sightings *s,
    struct sync_counts *ret, struct err *e)
{
	struct sighting_new *rows = arena_array(r->arena, s->n, sizeof(*rows));

	for (size_t i = 0; i < s->n; i++)
		rows[i] = (struct sighting_new){ .name = s->at[i].ref,
			.digest = s->at[i].digest,
			.namespace = s->at[i].namespace,
			.workload = s->at[i].workload };
	return store_place_sync(r->worker->store, r->who.scope, r->segments[0],
	    y->grace_s, rows, s->n, y->dry_run, r->who.actor, api_now(r), ret, e);
}

HANDLER(api_place_post)
{
	struct wanted x = { .watches = { .n = 0 } };
	struct sync_counts counts = { 0 };
	struct sightings seen;
	struct syncing y;
	struct render w;
	int64_t import_id = 0;
	enum err_code rc;

	if ((rc = api_one_team(r, e)) != ERR_OK ||
	    (rc = api_name_check("place", r->segments[0], e)) != ERR_OK ||
	    (rc = read_syncing(r, &y, e)) != ERR_OK ||
	    (rc = sightings_read(r->body, r->body_len, r->arena, &seen, e)) != ERR_OK ||
	    (rc = watch_all(r, &y, &seen, &x, e)) != ERR_OK ||
	    (rc = sync(r, &y, &seen, &counts, e)) != ERR_OK)
		return rc;
	if (!y.dry_run && x.watches.n > 0)
		rc = store_watch_add(r->worker->store, r->who.scope, x.watches.at,
		    x.watches.n, r->who.actor, api_now(r), &import_id, e);
	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->pull);
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_ktext(&w.w, "place", r->segments[0]);
	jw_ktext(&w.w, "format", seen.format);
	jw_kbool(&w.w, "dry_run", y.dry_run);
	jw_kint(&w.w, "seen", counts.seen);
	jw_kint(&w.w, "added", counts.added);
	jw_kint(&w.w, "back", counts.back);
	jw_kint(&w.w, "gone", counts.gone);
	jw_kint(&w.w, "to_pull", (int64_t)x.watches.n);
	if (import_id != 0)
		render_id(&w, "import", "imp", import_id);
	jw_key(&w.w, "warnings");
	jw_array(&w.w);
	for (size_t i = 0; i < seen.n_warnings && i < MAX_PAGE; i++)
		jw_text(&w.w, seen.warnings[i]);
	jw_array_end(&w.w);
	jw_object_end(&w.w);
	return ERR_OK;
}
