/* SPDX-License-Identifier: Apache-2.0 */
/* Images: looking, changing, forgetting; what is in them and what hits them. */
#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/str.h"
#include "server/api.h"
#include "server/live.h"
#include "store/watches.h"

static enum err_code
read_image_filter(struct request *r, struct image_filter *f, struct err *e)
{
	int64_t after;
	enum err_code rc;

	*f = (struct image_filter){
		.list = request_param(r, "list"),
		.ecosystem = request_param(r, "ecosystem"),
		.owner = request_param(r, "owner"),
		.coverage = request_param(r, "coverage"),
		.purpose = request_param(r, "purpose"),
		.q = request_param(r, "q"),
	};
	if ((rc = api_limit(r, &f->limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &after, 1, e)) != ERR_OK)
		return rc;
	f->after_id = after;
	for (size_t i = 0; i < r->n_params; i++) {
		struct label *label;

		if (!str_starts(r->params[i].key, "label."))
			continue;
		if (f->label != NULL)
			return err_set(e, ERR_INPUT, "one label at a time");
		label = arena_zalloc(r->arena, sizeof(*label));
		*label = (struct label){ r->params[i].key + 6, r->params[i].value };
		f->label = label;
	}
	return ERR_OK;
}

static enum err_code
answer_images(struct request *r, struct response *out, const struct image_filter *f,
    struct err *e)
{
	struct image_row *rows = NULL;
	struct render w;
	size_t n = 0;
	int64_t count = 0;
	enum err_code rc;

	rc = store_images(
	    r->reader->store, r->who.scope, f, r->arena, &rows, &n, &count, e);
	if (rc == ERR_OK)
		rc = store_coverage_now(r->reader->store, r->who.scope, rows, n, e);
	if (rc != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	api_items(&w);
	for (size_t i = 0; i < n; i++)
		render_image(&w, &rows[i]);
	api_items_end(
	    &w, n == f->limit ? api_cursor_write(r, &rows[n - 1].id, 1) : NULL, count);
	return ERR_OK;
}

HANDLER(api_images_get)
{
	struct image_filter f;
	enum err_code rc = read_image_filter(r, &f, e);

	return rc == ERR_OK ? answer_images(r, out, &f, e) : rc;
}

HANDLER(api_list_images_get)
{
	struct image_filter f;
	struct list_row list;
	enum err_code rc;

	if ((rc = api_list(r, r->segments[0], &list, e)) != ERR_OK ||
	    (rc = read_image_filter(r, &f, e)) != ERR_OK)
		return rc;
	f.list = list.name;
	return answer_images(r, out, &f, e);
}

enum err_code
api_image_answer(struct request *r, struct response *out, struct store *st,
    int64_t image_id, const struct change_counts *changes, struct err *e)
{
	struct image_row image;
	struct coverage coverage;
	struct counts counts = { 0 };
	struct render w;
	enum err_code rc;

	if ((rc = store_image(st, r->who.scope, image_id, NULL, r->arena, &image, e)) !=
		ERR_OK ||
	    (rc = store_coverage(
		 st, r->who.scope, image_id, NULL, r->arena, &coverage, e)) != ERR_OK ||
	    (rc = store_image_counts(st, r->who.scope, image_id, &counts, e)) != ERR_OK)
		return rc;
	image.coverage = coverage.state;
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_key(&w.w, "image");
	render_image(&w, &image);
	jw_key(&w.w, "coverage");
	render_coverage(&w, &coverage);
	jw_key(&w.w, "findings");
	render_counts(&w, &counts, render_is_judged(coverage.state, counts.total));
	if (changes != NULL) {
		jw_key(&w.w, "changes");
		jw_object(&w.w);
		jw_kint(&w.w, "gained", changes->gained);
		jw_kint(&w.w, "lost", changes->lost);
		jw_object_end(&w.w);
	}
	if ((rc = api_render_origin(r, &w, &image, e)) != ERR_OK)
		return rc;
	jw_object_end(&w.w);
	return ERR_OK;
}

HANDLER(api_image_get)
{
	struct image_row image;
	enum err_code rc = api_image(r, r->segments[0], &image, e);

	return rc == ERR_OK
		   ? api_image_answer(r, out, r->reader->store, image.id, NULL, e)
		   : rc;
}

/* {"purpose":null} takes it away; without the member it stays. */
static enum err_code
read_purpose(const struct json *j, struct image_patch *p, struct err *e)
{
	const struct json *from = json_get(j, "purpose");

	if (!json_has(j, "purpose"))
		return ERR_OK;
	if (json_kind(from) != JSON_IS_NULL && json_kind(from) != JSON_IS_TEXT)
		return err_set(e, ERR_INPUT, "purpose must be a text or null");
	p->set_purpose = true;
	return image_purpose_of(json_str(from), &p->purpose, e);
}

HANDLER(api_image_patch)
{
	static const char *const known[] = { "owner", "labels", "ref", "purpose",
		NULL };
	struct image_patch p = { .actor = r->who.actor, .now_at = api_now(r) };
	struct json *j = NULL;
	struct image_row image;
	enum err_code rc;

	if ((rc = api_image(r, r->segments[0], &image, e)) != ERR_OK ||
	    (rc = api_json(r, &j, e)) != ERR_OK)
		return rc;
	if ((rc = json_only(j, known, e)) == ERR_OK &&
	    (rc = api_owner(r, j, &p.owner, e)) == ERR_OK &&
	    (rc = api_labels(r, j, &p.labels, &p.n_labels, &p.set_labels, e)) ==
		ERR_OK &&
	    (rc = read_purpose(j, &p, e)) == ERR_OK &&
	    (rc = json_take_text(j, "ref", &p.ref, e)) == ERR_OK) {
		if (p.ref != NULL && (p.ref[0] == '\0' || strlen(p.ref) > MAX_NAME))
			rc = err_set(
			    e, ERR_INPUT, "ref must have 1 to %zu bytes", MAX_NAME);
		else
			rc = store_image_patch(
			    r->worker->store, r->who.scope, image.id, &p, e);
	}
	json_free(j);
	return rc == ERR_OK ? api_image_get(r, out, e) : rc;
}

HANDLER(api_image_delete)
{
	struct image_row image;
	enum err_code rc;

	if ((rc = api_image(r, r->segments[0], &image, e)) != ERR_OK)
		return rc;
	rc = store_image_delete(
	    r->worker->store, r->who.scope, image.id, r->who.actor, api_now(r), e);
	/* or it would be pulled again */
	if (rc == ERR_OK)
		(void)store_watch_delete(r->worker->store,
		    (struct scope){ .team_id = image.team_id }, image.name,
		    r->who.actor, api_now(r), NULL);
	if (rc == ERR_OK) {
		out->status = 204;
		bell_ring(&r->live->gather);
	}
	return rc;
}

HANDLER(api_image_components)
{
	struct inventory inv = { .reader = "store", .os.state = COVERAGE_COMPLETE };
	struct image_row image;
	struct render w;
	enum err_code rc;

	if ((rc = api_image(r, r->segments[0], &image, e)) != ERR_OK ||
	    (rc = store_image_components(r->reader->store, r->who.scope, image.id,
		 r->arena, &inv.components, &inv.n, e)) != ERR_OK)
		return rc;
	inv.os.id = image.os_id;
	inv.os.version = image.os_version;
	inv.os.ecosystem = image.ecosystem;
	inv.os.state = image.coverage;
	inv.digest = image.digest;
	inv.subject = image.ref;
	api_begin(r, out, &w);
	render_inventory(&w, &inv);
	return ERR_OK;
}

/* ---- findings ---- */

static enum err_code
read_severities(const char *text, struct arena *a, unsigned *ret, struct err *e)
{
	while (text != NULL && *text != '\0') {
		size_t n = strcspn(text, ",");
		const char *word = arena_strndup(a, text, n);
		enum severity s;

		if (!severity_from_name(word, &s))
			return err_set(
			    e, ERR_INPUT, "severity: \"%s\" is no level", word);
		*ret |= 1u << s;
		text += n + (text[n] == ',');
	}
	return ERR_OK;
}

static enum err_code
read_epss(const char *text, int64_t *ret, struct err *e)
{
	int64_t micro = 0;

	if (text != NULL && (!str_micro(text, &micro) || micro > 1000000))
		return err_set(e, ERR_INPUT, "epss_gte must lie between 0 and 1");
	*ret = micro;
	return ERR_OK;
}

static enum err_code
read_finding_filter(
    struct request *r, struct response *out, struct finding_filter *f, struct err *e)
{
	const char *fix = request_param(r, "fix"), *state = request_param(r, "state");
	int64_t at[4];
	enum err_code rc;

	f->package = request_param(r, "package");
	if ((rc = api_limit(r, &f->limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, at, 4, e)) != ERR_OK ||
	    (rc = api_as_of(r, out, &f->as_of_seq, e)) != ERR_OK ||
	    (rc = api_bool(r, "exploited", &f->only_exploited, e)) != ERR_OK ||
	    (rc = read_severities(request_param(r, "severity"), r->arena,
		 &f->severities, e)) != ERR_OK ||
	    (rc = read_epss(request_param(r, "epss_gte"), &f->epss_gte_micro, e)) !=
		ERR_OK)
		return rc;
	f->after_image = at[0];
	f->after_rank = at[1];
	f->after_vulnerability = at[2];
	f->after_component = at[3];
	f->only_fixable = str_eq(fix, "available");
	f->only_unfixable = str_eq(fix, "none");
	if (fix != NULL && !f->only_fixable && !f->only_unfixable)
		return err_set(e, ERR_INPUT, "fix must be available or none");
	if (str_eq(state, "under_investigation"))
		f->states = 1u << STATUS_UNDER_INVESTIGATION;
	else if (state != NULL && !str_eq(state, "open"))
		return err_set(
		    e, ERR_INPUT, "state must be open or under_investigation");
	return ERR_OK;
}

static enum err_code
answer_findings(struct request *r, struct response *out, struct finding_filter *f,
    const struct coverage *coverage, struct err *e)
{
	struct finding_row *rows = NULL;
	struct render w;
	const char *next = NULL;
	size_t n = 0;
	int64_t count = 0;
	enum err_code rc;

	rc = store_findings(
	    r->reader->store, r->who.scope, f, r->arena, &rows, &n, &count, e);
	if (rc != ERR_OK)
		return rc;
	if (n == f->limit) {
		const struct finding_row *last = &rows[n - 1];
		const int64_t at[4] = { last->image_id, last->rank,
			last->vulnerability_id, last->component_id };

		next = api_cursor_write(r, at, 4);
	}
	api_begin(r, out, &w);
	jw_object(&w.w);
	if (f->as_of_seq != 0) {
		jw_key(&w.w, "as_of");
		jw_text(
		    &w.w, arena_printf(r->arena, "seq:%lld", (long long)f->as_of_seq));
		/* only verdicts are kept, not what was covered or how scores stood */
		jw_ktext(&w.w, "scores_as_of", "now");
		jw_ktext(&w.w, "coverage_as_of", "now");
	}
	jw_key(&w.w, "coverage");
	render_coverage(&w, coverage);
	jw_key(&w.w, "items");
	jw_array(&w.w);
	for (size_t i = 0; i < n; i++)
		render_finding(&w, &rows[i], f->image_id == 0);
	api_items_end(&w, next, render_is_judged(coverage->state, count) ? count : -1);
	return ERR_OK;
}

HANDLER(api_image_findings)
{
	struct finding_filter f = { 0 };
	struct coverage coverage;
	struct image_row image;
	enum err_code rc;

	if ((rc = api_image(r, r->segments[0], &image, e)) != ERR_OK ||
	    (rc = read_finding_filter(r, out, &f, e)) != ERR_OK ||
	    (rc = store_coverage(r->reader->store, r->who.scope, image.id, NULL,
		 r->arena, &coverage, e)) != ERR_OK)
		return rc;
	f.image_id = image.id;
	return answer_findings(r, out, &f, &coverage, e);
}

HANDLER(api_list_findings)
{
	struct finding_filter f = { 0 };
	struct coverage coverage;
	struct list_row list;
	enum err_code rc;

	if ((rc = api_list(r, r->segments[0], &list, e)) != ERR_OK ||
	    (rc = read_finding_filter(r, out, &f, e)) != ERR_OK ||
	    (rc = store_coverage_all(r->reader->store, r->who.scope, list.id, r->arena,
		 &coverage, e)) != ERR_OK)
		return rc;
	f.list_id = list.id;
	return answer_findings(r, out, &f, &coverage, e);
}

HANDLER(api_findings_get)
{
	struct finding_filter f = { 0 };
	struct coverage coverage;
	enum err_code rc;

	if ((rc = read_finding_filter(r, out, &f, e)) != ERR_OK ||
	    (rc = store_coverage_all(
		 r->reader->store, r->who.scope, 0, r->arena, &coverage, e)) != ERR_OK)
		return rc;
	return answer_findings(r, out, &f, &coverage, e);
}

HANDLER(api_explain)
{
	struct explanation x;
	struct image_row image;
	struct render w;
	enum err_code rc;

	if ((rc = api_image(r, r->segments[0], &image, e)) != ERR_OK ||
	    (rc = service_explain(r->reader, r->who.scope, image.id, r->segments[1],
		 r->arena, &x, e)) != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	render_explanation(&w, image.name, r->segments[1], &x);
	return ERR_OK;
}
