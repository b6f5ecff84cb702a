/* SPDX-License-Identifier: Apache-2.0 */
/* Image lists: hand-made or by selector. */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/str.h"
#include "server/api.h"
#include "server/live.h"

HANDLER(api_lists_get)
{
	struct list_row *rows = NULL;
	struct render w;
	size_t limit, n = 0;
	int64_t after;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &after, 1, e)) != ERR_OK ||
	    (rc = store_lists(r->reader->store, r->who.scope, after, limit, r->arena,
		 &rows, &n, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = 0; i < n; i++)
		render_list(&w, &rows[i]);
	api_items_end(
	    &w, n == limit ? api_cursor_write(r, &rows[n - 1].id, 1) : NULL, -1);
	return ERR_OK;
}

/* {"refs":[globs],"labels":{}} as canonical text; NULL = a hand-made list. */
static enum err_code
read_selector(struct request *r, const struct json *j, const char **ret, struct err *e)
{
	static const char *const known[] = { "refs", "labels", NULL };
	const struct json *select = json_get(j, "select");
	struct buf text = BUF_INIT(65536);
	const struct label *labels;
	const char **refs = NULL;
	size_t n = 0, n_labels;
	bool given;
	enum err_code rc;

	*ret = NULL;
	if (select == NULL || json_kind(select) == JSON_IS_NULL)
		return ERR_OK;
	if (json_kind(select) != JSON_IS_OBJECT)
		return err_set(e, ERR_INPUT, "select must be an object");
	if ((rc = json_only(select, known, e)) != ERR_OK ||
	    (rc = json_take_texts(select, "refs", r->arena, &refs, &n, e)) != ERR_OK ||
	    (rc = api_labels(r, select, &labels, &n_labels, &given, e)) != ERR_OK)
		return err_wrap(e, rc, "select");
	if (n == 0 && n_labels == 0)
		return err_set(e, ERR_INPUT, "select needs refs or labels");
	json_print(select, &text);
	if (!text.full)
		*ret = arena_strdup(r->arena, buf_str(&text));
	rc = text.full ? err_set(e, ERR_LIMIT, "select is too long") : ERR_OK;
	buf_done(&text);
	return rc;
}

static enum err_code
put_list(struct request *r, struct response *out, const char *name, struct err *e)
{
	static const char *const known[] = { "name", "select", "owner", "labels",
		NULL };
	struct list_put p = {
		.create_only = name == NULL,
		.actor = r->who.actor,
		.now_at = api_now(r),
	};
	const char *given_name = NULL;
	struct json *j = NULL;
	struct list_row row;
	struct render w;
	int64_t id = 0;
	bool created = false, given;
	enum err_code rc;

	if ((rc = api_one_team(r, e)) != ERR_OK || (rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	if ((rc = json_only(j, known, e)) == ERR_OK &&
	    (rc = json_take_text(j, "name", &given_name, e)) == ERR_OK &&
	    (rc = read_selector(r, j, &p.selector_json, e)) == ERR_OK &&
	    (rc = api_owner(r, j, &p.owner, e)) == ERR_OK &&
	    (rc = api_labels(r, j, &p.labels, &p.n_labels, &given, e)) == ERR_OK) {
		p.name = name != NULL ? name : given_name;
		if (name != NULL && given_name != NULL && !str_eq(name, given_name))
			rc = err_set(
			    e, ERR_INPUT, "the name in the body is another one");
		else
			rc = api_name_check("list", p.name, e);
	}
	if (rc == ERR_OK)
		rc = store_list_put(
		    r->worker->store, r->who.scope, &p, &id, &created, e);
	if (rc == ERR_OK)
		rc = store_list(
		    r->worker->store, r->who.scope, id, NULL, r->arena, &row, e);
	if (rc == ERR_OK) {
		out->status = created ? 201 : 200;
		api_begin(r, out, &w);
		render_list(&w, &row);
		bell_ring(&r->live->gather);
	}
	json_free(j);
	return rc;
}

HANDLER(api_lists_post)
{
	return put_list(r, out, NULL, e);
}

HANDLER(api_list_put)
{
	struct list_row row;

	/* an id in the path names the list it belongs to */
	if (api_id(r, "lst", r->segments[0]) > 0) {
		enum err_code rc = api_list(r, r->segments[0], &row, e);

		return rc == ERR_OK ? put_list(r, out, row.name, e) : rc;
	}
	return put_list(r, out, r->segments[0], e);
}

HANDLER(api_list_get)
{
	struct list_row row;
	struct coverage coverage;
	struct counts counts = { 0 };
	struct render w;
	enum err_code rc;

	if ((rc = api_list(r, r->segments[0], &row, e)) != ERR_OK ||
	    (rc = store_coverage_all(r->reader->store, r->who.scope, row.id, r->arena,
		 &coverage, e)) != ERR_OK ||
	    (rc = store_list_counts(
		 r->reader->store, r->who.scope, row.id, &counts, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_key(&w.w, "list");
	render_list(&w, &row);
	jw_key(&w.w, "coverage");
	render_coverage(&w, &coverage);
	jw_key(&w.w, "findings");
	render_counts(&w, &counts, render_is_judged(coverage.state, counts.total));
	jw_object_end(&w.w);
	return ERR_OK;
}

HANDLER(api_list_delete)
{
	struct list_row row;
	enum err_code rc;

	if ((rc = api_list(r, r->segments[0], &row, e)) != ERR_OK)
		return rc;
	rc = store_list_delete(
	    r->worker->store, r->who.scope, row.id, r->who.actor, api_now(r), e);
	if (rc == ERR_OK)
		out->status = 204;
	return rc;
}

/* Names or ids of images to ids. */
static enum err_code
image_ids(struct request *r, const struct json *j, const char *key, int64_t **ret,
    size_t *ret_n, struct err *e)
{
	const char **texts = NULL;
	size_t n = 0;
	enum err_code rc = json_take_texts(j, key, r->arena, &texts, &n, e);

	if (rc != ERR_OK)
		return rc;
	if (n > 1000)
		return err_set(e, ERR_LIMIT, "at most 1000 images at a time");
	*ret = arena_array(r->arena, n, sizeof(**ret));
	for (size_t i = 0; i < n; i++) {
		struct image_row image;

		if ((rc = api_image(r, texts[i], &image, e)) != ERR_OK)
			return err_wrap(e, rc, "%s[%zu]", key, i);
		(*ret)[i] = image.id;
	}
	*ret_n = n;
	return ERR_OK;
}

HANDLER(api_list_images_post)
{
	static const char *const known[] = { "add", "remove", NULL };
	int64_t *add = NULL, *remove = NULL;
	size_t n_add = 0, n_remove = 0;
	struct json *j = NULL;
	struct list_row row;
	enum err_code rc;

	if ((rc = api_list(r, r->segments[0], &row, e)) != ERR_OK ||
	    (rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	if ((rc = json_only(j, known, e)) == ERR_OK &&
	    (rc = image_ids(r, j, "add", &add, &n_add, e)) == ERR_OK &&
	    (rc = image_ids(r, j, "remove", &remove, &n_remove, e)) == ERR_OK)
		rc = store_list_images(r->worker->store, r->who.scope, row.id, add,
		    n_add, remove, n_remove, r->who.actor, api_now(r), e);
	json_free(j);
	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->gather);
	return api_list_get(r, out, e);
}
