/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin images add REF and images sync: images that the server pulls by itself. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/url.h"
#include "inventory/reference.h"
#include "server/cli_client.h"
#include "server/cli_images.h"

#define IMPORT_POLL_MS 500

const char *
images_query(struct client *c, const char *query, const char *key, const char *value)
{
	if (value == NULL)
		return query;
	return arena_printf(c->arena, "%s%s%s=%s", query, query[0] == '\0' ? "?" : "&",
	    url_encode(c->arena, key, ""), url_encode(c->arena, value, ""));
}

static long long
number(const struct json *j, const char *key)
{
	return (long long)json_num(json_get(j, key));
}

/* ---- images add REF ---- */

bool
images_is_reference(struct client *c, const char *text)
{
	struct reference ref;

	return !str_eq(text, "-") && text[0] != '/' && text[0] != '.' &&
	       access(text, F_OK) != 0 &&
	       reference_parse(text, c->arena, &ref, NULL) == ERR_OK;
}

static const char *
pull_request(struct client *c, const struct add_options *o, const char *ref)
{
	struct buf b CLEANUP_BUF = BUF_INIT(MAX_REQUEST_BYTES);
	struct json_writer w;

	jw_init(&w, &b);
	jw_object(&w);
	jw_key(&w, "images");
	jw_array(&w);
	jw_object(&w);
	jw_ktext(&w, "ref", ref);
	if (o->name != NULL)
		jw_ktext(&w, "name", o->name);
	if (o->list != NULL)
		jw_ktext(&w, "list", o->list);
	if (o->platform != NULL)
		jw_ktext(&w, "platform", o->platform);
	jw_key(&w, "labels");
	jw_object(&w);
	for (size_t i = 0; i < o->labels.n; i++) {
		const char *eq = strchr(o->labels.at[i], '=');

		if (eq != NULL)
			jw_ktext(&w,
			    arena_strndup(c->arena, o->labels.at[i],
				(size_t)(eq - o->labels.at[i])),
			    eq + 1);
	}
	jw_object_end(&w);
	jw_object_end(&w);
	jw_array_end(&w);
	jw_object_end(&w);
	return arena_strdup(c->arena, buf_str(&b));
}

static bool
print_import_item(void *arg, const struct json *item)
{
	struct client *c = arg;
	const char *error = json_str(json_get(item, "error"));

	if (c->json)
		client_print(item);
	else
		printf("%s  %s%s%s\n", cell_text(item, "name"),
		    cell_text(item, "state"), error != NULL ? ": " : "",
		    str_or_empty(error));
	return true;
}

/* Until nothing of the import waits any more, a word now and then. */
static enum err_code
wait_for_import(struct client *c, const char *import, struct err *e)
{
	const char *path = client_path(c, "/v1/imports", import);
	struct json *j = NULL;
	enum err_code rc;
	long long waiting = 1, told = -1;

	while (waiting > 0) {
		rc = client_call(c, "GET", arena_printf(c->arena, "%s?limit=1", path),
		    NULL, NULL, 0, &j, e);
		if (rc != ERR_OK)
			return rc;
		waiting = number(j, "waiting");
		if (waiting > 0 && waiting != told)
			fprintf(stderr, "%lld of %lld images are still to be pulled\n",
			    waiting, number(j, "count"));
		told = waiting;
		json_free(j);
		if (waiting > 0)
			(void)poll(NULL, 0, IMPORT_POLL_MS);
	}
	return client_pages(c, path, print_import_item, c, e);
}

enum err_code
images_pull(
    struct client *c, const struct add_options *o, const char *ref, struct err *e)
{
	const char *body = pull_request(c, o, ref), *import;
	const struct json *refused;
	struct json *j = NULL;
	enum err_code rc;

	rc = client_call(c, "POST", "/v1/images", NULL, body, strlen(body), &j, e);
	if (rc != ERR_OK)
		return rc;
	refused = json_at(json_get(j, "refused"), 0);
	import = arena_strdup(c->arena, json_str(json_get(j, "import")));
	if (refused != NULL)
		rc = err_set(e, ERR_INPUT, "%s", cell_text(refused, "error"));
	json_free(j);
	return rc == ERR_OK ? wait_for_import(c, import, e) : rc;
}

/* ---- images sync ---- */

static void
print_synced(const struct json *j)
{
	const struct json *warnings = json_get(j, "warnings");

	printf("%s (%s): %lld images, %lld new here, %lld back, %lld gone; %lld to "
	       "pull%s\n",
	    cell_text(j, "place"), cell_text(j, "format"), number(j, "seen"),
	    number(j, "added"), number(j, "back"), number(j, "gone"),
	    number(j, "to_pull"),
	    json_kind(json_get(j, "dry_run")) == JSON_IS_BOOL &&
		    json_str(json_get(j, "import")) == NULL
		? ""
		: ", started");
	for (size_t i = 0; i < json_count(warnings); i++)
		fprintf(stderr, "warning: %s\n", json_str(json_at(warnings, i)));
}

static enum err_code
read_file(const char *file, struct buf *out, struct err *e)
{
	struct stream *in = NULL;
	enum err_code rc = stream_open_file(
	    &in, str_eq(file, "-") ? "/dev/stdin" : file, MAX_LISTING_BYTES, e);

	if (rc == ERR_OK)
		rc = stream_read_all(in, out, e);
	stream_close(in);
	return rc;
}

enum err_code
images_sync(struct client *c, const struct sync_options *s, const char *list,
    const char *file, struct err *e)
{
	struct buf listing CLEANUP_BUF = BUF_INIT(MAX_LISTING_BYTES);
	const char *query = "";
	struct json *j = NULL;
	enum err_code rc;

	if (s->from == NULL)
		return err_set(e, ERR_INPUT, "say which place this is: --from PLACE");
	query = images_query(c, query, "list", list);
	query = images_query(c, query, "list_by", s->list_by);
	query = images_query(c, query, "owner_from", s->owner_from);
	query = images_query(c, query, "grace", s->grace);
	query = images_query(c, query, "dry_run", s->dry_run ? "true" : NULL);
	if ((rc = read_file(file, &listing, e)) != ERR_OK)
		return rc;
	rc = client_call(c, "POST",
	    arena_printf(
		c->arena, "%s%s", client_path(c, "/v1/places", s->from), query),
	    "application/octet-stream", buf_str(&listing), listing.len, &j, e);
	if (rc != ERR_OK)
		return rc;
	if (c->json)
		client_print(j);
	else
		print_synced(j);
	json_free(j);
	return ERR_OK;
}
