/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in: registering an image, and the stateless scan. */
#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/inventory.h"
#include "match/match.h"
#include "server/api.h"
#include "server/live.h"

enum err_code
api_read_document(struct request *r, struct inventory **ret, struct err *e)
{
	const struct inventory_hints hints = {
		.os = request_param(r, "os"),
		.now_at = api_now(r),
		.platform = request_param(r, "platform"),
		.ref = request_param(r, "ref"),
		.may_rename = true,
		.spool_dir = r->worker->spool_dir,
		/* a thread of the pool waits for it */
		.seconds = (unsigned)MAX_READER_UPLOAD_S,
		.keyer = &match_keyer,
	};

	if (r->body_len == 0)
		return err_set(
		    e, ERR_INPUT, "the body is empty: send an inventory document");
	return inventory_read_memory(r->body, r->body_len, &hints, r->arena, ret, e);
}

static bool
is_digest(const char *text)
{
	return str_starts(text, "sha256:") && strlen(text) == 71 &&
	       strspn(text + 7, "0123456789abcdef") == 64;
}

/* "label.KEY=VALUE" parameters. */
static enum err_code
read_label_params(struct request *r, struct image_put *put, struct err *e)
{
	struct label *labels = arena_array(r->arena, MAX_LABELS, sizeof(*labels));
	size_t n = 0;

	for (size_t i = 0; i < r->n_params; i++) {
		const char *key = r->params[i].key + strlen("label.");

		if (!str_starts(r->params[i].key, "label."))
			continue;
		if (n == MAX_LABELS || key[0] == '\0' || strlen(key) > MAX_NAME ||
		    strlen(r->params[i].value) > MAX_NAME)
			return err_set(
			    e, ERR_INPUT, "too many labels, or one that is too long");
		labels[n++] = (struct label){ key, r->params[i].value };
	}
	put->labels = labels;
	put->n_labels = n;
	return ERR_OK;
}

static enum err_code
read_put(struct request *r, const struct inventory *inv, struct image_put *put,
    struct err *e)
{
	const char **lists = arena_array(r->arena, 2, sizeof(*lists));
	const char *ref = request_param(r, "ref"), *name = request_param(r, "name");
	enum err_code rc;

	lists[0] = request_param(r, "list");
	*put = (struct image_put){
		.ref = ref != NULL    ? ref
		       : name != NULL ? name
				      : inv->subject,
		.digest = request_param(r, "digest"),
		.platform = request_param(r, "platform") != NULL
				? request_param(r, "platform")
				: inv->platform,
		.lists = lists,
		.actor = r->who.actor,
		.now_at = api_now(r),
	};
	put->name = name != NULL ? name : put->ref;
	if (put->name == NULL || put->name[0] == '\0')
		return err_set(e, ERR_INPUT, "say which image this is: ref= or name=");
	if (strlen(put->name) > MAX_NAME || strlen(put->ref) > MAX_NAME)
		return err_set(
		    e, ERR_INPUT, "ref and name may have %zu bytes", MAX_NAME);
	if (!utf8_valid(put->name, strlen(put->name)) ||
	    !utf8_valid(put->ref, strlen(put->ref)))
		return err_set(e, ERR_INPUT, "ref and name must be UTF-8");
	if (put->digest == NULL)
		put->digest = inv->digest;
	else if (!is_digest(put->digest))
		return err_set(
		    e, ERR_INPUT, "digest must be sha256: and 64 hex digits");
	if ((rc = read_label_params(r, put, e)) != ERR_OK)
		return rc;
	return ERR_OK;
}

HANDLER(api_inventory_post)
{
	struct inventory *inv = NULL;
	struct change_counts changes = { 0 };
	struct image_put put;
	enum put_result result;
	int64_t image_id = 0;
	enum err_code rc;

	if ((rc = api_one_team(r, e)) != ERR_OK ||
	    (rc = api_read_document(r, &inv, e)) != ERR_OK)
		return rc;
	if ((rc = read_put(r, inv, &put, e)) != ERR_OK)
		return rc;
	rc = service_register(
	    r->worker, r->who.scope, &put, inv, &image_id, &result, &changes, e);
	if (rc != ERR_OK)
		return rc;
	if (result != PUT_UNCHANGED) {
		/* a new ecosystem may want a feed; the digest window opens */
		bell_ring(&r->live->fetch);
		bell_ring(&r->live->match);
		bell_ring(&r->live->gather);
	}
	out->status = result == PUT_CREATED ? 201 : 200;
	return api_image_answer(r, out, r->worker->store, image_id, &changes, e);
}

HANDLER(api_scan)
{
	struct inventory *inv = NULL;
	struct finding_row *found = NULL;
	struct coverage coverage;
	struct render w;
	size_t n = 0;
	enum err_code rc;

	if ((rc = api_read_document(r, &inv, e)) != ERR_OK)
		return rc;
	rc = service_scan(r->reader, inv, r->arena, &found, &n, &coverage, e);
	if (rc != ERR_OK)
		return rc;
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_key(&w.w, "coverage");
	render_coverage(&w, &coverage);
	jw_key(&w.w, "findings");
	jw_array(&w.w);
	for (size_t i = 0; i < n; i++)
		render_finding(&w, &found[i], false);
	jw_array_end(&w.w);
	jw_object_end(&w.w);
	return ERR_OK;
}
