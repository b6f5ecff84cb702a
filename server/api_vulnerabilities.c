/* SPDX-License-Identifier: Apache-2.0 */
/* The headline question: which of our images are affected? */
#include <string.h>

#include "core/arena.h"
#include "server/api.h"

HANDLER(api_vulnerability_get)
{
	struct vulnerability_row v;
	struct said_row *said = NULL;
	struct render w;
	size_t n = 0;
	enum err_code rc;

	if ((rc = store_vulnerability(
		 r->reader->store, r->segments[0], r->arena, &v, e)) != ERR_OK ||
	    (rc = store_vulnerability_said(
		 r->reader->store, v.id, r->arena, &said, &n, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	render_vulnerability(&w, &v, said, n);
	return ERR_OK;
}

static void
render_affected(struct render *w, const struct affected_image *i)
{
	const struct owner owner = { .name = i->image.owner,
		.contact = i->image.contact };

	jw_object(&w->w);
	render_id(w, "id", "img", i->image.id);
	jw_ktext(&w->w, "name", i->image.name);
	jw_ktext(&w->w, "ref", i->image.ref);
	jw_ktext(&w->w, "digest", i->image.digest);
	jw_ktext(&w->w, "team", i->image.team);
	render_owner(w, &owner);
	jw_key(&w->w, "packages");
	jw_array(&w->w);
	for (size_t k = 0; k < i->n_packages; k++)
		jw_text(&w->w, i->packages[k]);
	jw_array_end(&w->w);
	jw_ktext(&w->w, "severity", severity_name(i->severity));
	jw_kbool(&w->w, "fixable", i->fixable);
	jw_object_end(&w->w);
}

HANDLER(api_vulnerability_images)
{
	struct vulnerability_row v;
	struct affected_image *rows = NULL;
	struct render w;
	size_t limit, n = 0;
	int64_t after, count = 0, not_judged = 0;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &after, 1, e)) != ERR_OK ||
	    (rc = store_vulnerability(
		 r->reader->store, r->segments[0], r->arena, &v, e)) != ERR_OK ||
	    (rc = store_affected_images(r->reader->store, r->who.scope, v.id, after,
		 limit, r->arena, &rows, &n, &count, &not_judged, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_ktext(&w.w, "vulnerability", v.name);
	jw_kint(&w.w, "not_judged", not_judged);
	jw_key(&w.w, "items");
	jw_array(&w.w);
	for (size_t i = 0; i < n; i++)
		render_affected(&w, &rows[i]);
	api_items_end(&w,
	    n == limit ? api_cursor_write(r, &rows[n - 1].image.id, 1) : NULL, count);
	return ERR_OK;
}
