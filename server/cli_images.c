/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin images, affected, explain: what we run and what hits it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/url.h"
#include "server/cli.h"
#include "server/cli_client.h"
#include "server/cli_images.h"

/* ---- images list ---- */

static bool
image_row(void *arg, const struct json *item)
{
	/* "sha256:" and 12 digits: enough to tell builds apart in a table */
	char digest[20];
	const char *cells[] = {
		cell_text(item, "name"),
		cell_text(item, "ecosystem"),
		cell_text(item, "coverage"),
		digest,
		cell_text(item, "updated"),
	};

	(void)snprintf(digest, sizeof(digest), "%.19s", cell_text(item, "digest"));
	table_row(arg, cells);
	return true;
}

static bool
print_item(void *arg, const struct json *item)
{
	(void)arg;
	client_print(item);
	return true;
}

static enum err_code
images_list(struct client *c, const char *list, const char *purpose, struct err *e)
{
	static const char *const heads[] = { "NAME", "ECOSYSTEM", "COVERAGE", "DIGEST",
		"UPDATED" };
	const char *path, *query = "";
	struct table *t;
	enum err_code rc;

	query = images_query(c, query, "list", list);
	query = images_query(c, query, "purpose", purpose);
	path = arena_printf(c->arena, "/v1/images%s", query);
	if (c->json)
		return client_pages(c, path, print_item, NULL, e);
	t = table_new(heads, 5);
	rc = client_pages(c, path, image_row, t, e);
	table_print(t);
	return rc;
}

/* ---- images add ---- */

static enum err_code
add_query(struct client *c, const struct add_options *o, const char *file,
    const char **ret, struct err *e)
{
	const char *query = "";

	if (o->ref == NULL && o->name == NULL && str_eq(file, "-"))
		return err_set(e, ERR_INPUT, "say which image this is: --name NAME");
	query = images_query(c, query, "name", o->name);
	query = images_query(c, query, "ref", o->ref);
	query = images_query(c, query, "list", o->list);
	query = images_query(c, query, "os", o->os);
	query = images_query(c, query, "digest", o->digest);
	query = images_query(c, query, "platform", o->platform);
	for (size_t i = 0; i < o->labels.n; i++) {
		const char *eq = strchr(o->labels.at[i], '=');

		if (eq == NULL)
			return err_set(e, ERR_INPUT, "--label takes KEY=VALUE");
		query = images_query(c, query,
		    arena_printf(c->arena, "label.%.*s", (int)(eq - o->labels.at[i]),
			o->labels.at[i]),
		    eq + 1);
	}
	*ret = query;
	return ERR_OK;
}

static long long
number(const struct json *j, const char *key)
{
	return (long long)json_num(json_get(j, key));
}

static void
print_added(const struct json *j)
{
	const struct json *image = json_get(j, "image"),
			  *found = json_get(j, "findings");
	const struct json *changes = json_get(j, "changes");

	printf("%s  %s, coverage %s\n", cell_text(image, "name"),
	    cell_text(image, "ecosystem"), cell_text(json_get(j, "coverage"), "state"));
	if (json_kind(json_get(found, "total")) == JSON_IS_NULL)
		printf("  nothing could be judged yet\n");
	else
		printf("  %lld open: %lld critical, %lld high, %lld medium, %lld low, "
		       "%lld unrated; "
		       "%lld with a fix, %lld exploited\n",
		    number(found, "total"), number(found, "critical"),
		    number(found, "high"), number(found, "medium"),
		    number(found, "low"), number(found, "unknown"),
		    number(found, "fixable"), number(found, "exploited"));
	if (number(changes, "lost") > 0 ||
	    number(changes, "gained") != number(found, "total"))
		printf("  %lld gained, %lld lost since the build before\n",
		    number(changes, "gained"), number(changes, "lost"));
}

/* Packed it may be, and goes so: the server unpacks, within its own limits. */
static enum err_code
read_as_it_is(const char *path, struct buf *out, struct err *e)
{
	char piece[65536];
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return err_set(e, errno == ENOENT ? ERR_NOTFOUND : ERR_DENIED, "%s: %s",
		    path, strerror(errno));
	while (!out->full && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	if (ferror(f) != 0) {
		(void)fclose(f);
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	}
	(void)fclose(f);
	return out->full
		   ? err_set(e, ERR_LIMIT, "%s: more than %zu bytes", path, out->max)
		   : ERR_OK;
}

static enum err_code
images_add(
    struct client *c, const struct add_options *o, const char *file, struct err *e)
{
	struct buf document = BUF_INIT(MAX_UPLOAD_BYTES);
	const char *query = NULL;
	struct json *j = NULL;
	enum err_code rc;

	if ((rc = add_query(c, o, file, &query, e)) != ERR_OK)
		return rc;
	rc = read_as_it_is(str_eq(file, "-") ? "/dev/stdin" : file, &document, e);
	if (rc == ERR_OK)
		rc = client_call(c, "POST",
		    arena_printf(c->arena, "/v1/inventories%s", query),
		    "application/octet-stream", buf_str(&document), document.len, &j,
		    e);
	buf_done(&document);
	if (rc != ERR_OK)
		return rc;
	if (c->json)
		client_print(j);
	else
		print_added(j);
	json_free(j);
	return ERR_OK;
}

/* ---- images findings ---- */

static bool
finding_row(void *arg, const struct json *f)
{
	const struct json *package = json_get(f, "package"), *fix = json_get(f, "fix");
	const char *version = json_str(json_get(fix, "version"));
	bool exploited = false;
	const char *cells[6];

	(void)json_take_bool(f, "exploited", &exploited, NULL);
	cells[0] = cell_text(f, "vulnerability");
	cells[1] = cell_text(json_get(f, "severity"), "level");
	cells[2] = exploited ? "yes" : "";
	cells[3] = cell_text(package, "name");
	cells[4] = cell_text(package, "version");
	cells[5] = version != NULL ? version : cell_text(fix, "state");
	table_row(arg, cells);
	return true;
}

static enum err_code
images_findings(struct client *c, const char *image, const char *as_of, struct err *e)
{
	static const char *const heads[] = { "VULNERABILITY", "SEVERITY", "EXPLOITED",
		"PACKAGE", "INSTALLED", "FIX" };
	const char *path = arena_printf(c->arena, "%s/findings%s%s",
	    client_path(c, "/v1/images", image), as_of != NULL ? "?as_of=" : "",
	    as_of != NULL ? url_encode(c->arena, as_of, ":") : "");
	struct table *t;
	enum err_code rc;

	if (c->json)
		return client_pages(c, path, print_item, NULL, e);
	t = table_new(heads, 6);
	rc = client_pages(c, path, finding_row, t, e);
	table_print(t);
	return rc;
}

static enum err_code
images_rm(struct client *c, const char *image, struct err *e)
{
	struct json *j = NULL;
	enum err_code rc = client_call(
	    c, "DELETE", client_path(c, "/v1/images", image), NULL, NULL, 0, &j, e);

	json_free(j);
	return rc;
}

/* "none" takes the purpose away. */
static enum err_code
images_purpose(struct client *c, const char *image, const char *purpose, struct err *e)
{
	struct buf body CLEANUP_BUF = BUF_INIT(MAX_NAME);
	struct json_writer w;
	struct json *j = NULL;
	enum err_code rc;

	jw_init(&w, &body);
	jw_object(&w);
	jw_ktext(&w, "purpose", str_eq(purpose, "none") ? NULL : purpose);
	jw_object_end(&w);
	rc = client_call(c, "PATCH", client_path(c, "/v1/images", image),
	    "application/json", buf_str(&body), body.len, &j, e);
	json_free(j);
	return rc;
}

static int
images(int argc, char **argv)
{
	const char *purpose = NULL;
	struct add_options add = { 0 };
	struct sync_options sync = { 0 };
	struct client_options o = { 0 };
	const char *as_of = NULL;
	const struct option_def options[] = {
		{ "--as-of", OPTION_TEXT, &as_of },
		{ "--from", OPTION_TEXT, &sync.from },
		{ "--list-by", OPTION_TEXT, &sync.list_by },
		{ "--owner-from", OPTION_TEXT, &sync.owner_from },
		{ "--grace", OPTION_TEXT, &sync.grace },
		{ "--dry-run", OPTION_FLAG, &sync.dry_run },
		{ "--name", OPTION_TEXT, &add.name },
		{ "--ref", OPTION_TEXT, &add.ref },
		{ "--list", OPTION_TEXT, &add.list },
		{ "--purpose", OPTION_TEXT, &purpose },
		{ "--os", OPTION_TEXT, &add.os },
		{ "--digest", OPTION_TEXT, &add.digest },
		{ "--platform", OPTION_TEXT, &add.platform },
		{ "--label", OPTION_LIST, &add.labels },
		{ "--url", OPTION_TEXT, &o.url },
		{ "-o", OPTION_TEXT, &o.output },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct client c;
	struct err e = ERR_INIT;
	enum err_code rc;

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	rc = client_open(&c, &o, &e);
	if (rc == ERR_OK && argc == 2 && str_eq(argv[1], "list"))
		rc = images_list(&c, add.list, purpose, &e);
	else if (rc == ERR_OK && argc == 3 && str_eq(argv[1], "add") &&
		 images_is_reference(&c, argv[2]))
		rc = images_pull(&c, &add, argv[2], &e);
	else if (rc == ERR_OK && argc == 3 && str_eq(argv[1], "sync"))
		rc = images_sync(&c, &sync, add.list, argv[2], &e);
	else if (rc == ERR_OK && argc == 3 && str_eq(argv[1], "add"))
		rc = images_add(&c, &add, argv[2], &e);
	else if (rc == ERR_OK && argc == 3 && str_eq(argv[1], "rm"))
		rc = images_rm(&c, argv[2], &e);
	else if (rc == ERR_OK && argc == 4 && str_eq(argv[1], "purpose"))
		rc = images_purpose(&c, argv[2], argv[3], &e);
	else if (rc == ERR_OK && argc == 3 && str_eq(argv[1], "findings"))
		rc = images_findings(&c, argv[2], as_of, &e);
	else if (rc == ERR_OK) {
		client_close(&c);
		return cli_usage(&command_images);
	}
	client_close(&c);
	return rc == ERR_OK ? CLI_OK : cli_fail(CLI_ERROR, &e);
}

const struct command command_images = {
	.name = "images",
	.usage =
	    "list [--list LIST] [--purpose archive|test|none] [-o json]\n"
	    "add FILE|- [--name NAME] [--ref REF] [--list LIST] [--os debian:12] "
	    "[--digest sha256:...] [--platform linux/arm64] [--label K=V]...\n"
	    "add REF [--name NAME] [--list LIST] [--platform P] [--label K=V]...   "
	    "(pulled by the server, and again when it moves)\n"
	    "sync --from PLACE FILE|- [--list LIST|--list-by namespace] "
	    "[--owner-from LABEL] [--grace 7d] [--dry-run]   (what runs there)\n"
	    "findings IMAGE [--as-of TIME|seq:N] [-o json]\n"
	    "purpose IMAGE archive|test|none   (kept on purpose: no message speaks of "
	    "it)\n"
	    "rm IMAGE",
	.summary = "registered images: what we run",
	.run = images,
};

/* ---- affected ---- */

static bool
affected_row(void *arg, const struct json *i)
{
	const struct json *packages = json_get(i, "packages");
	struct arena *a = arena_new();
	const char *text = "";
	bool fixable = false;
	const char *cells[4];

	(void)json_take_bool(i, "fixable", &fixable, NULL);
	for (size_t k = 0; k < json_count(packages); k++)
		text = arena_printf(a, "%s%s%s", text, k > 0 ? ", " : "",
		    str_or_empty(json_str(json_at(packages, k))));
	cells[0] = cell_text(i, "name");
	cells[1] = cell_text(i, "severity");
	cells[2] = fixable ? "yes" : "no";
	cells[3] = text;
	table_row(arg, cells);
	arena_free(a);
	return true;
}

static enum err_code
affected_ask(
    struct client *c, const char *vulnerability, long long *ret_count, struct err *e)
{
	static const char *const heads[] = { "IMAGE", "SEVERITY", "FIX", "PACKAGES" };
	const char *path = arena_printf(c->arena, "%s/images",
	    client_path(c, "/v1/vulnerabilities", vulnerability));
	long long not_judged;
	struct json *j = NULL;
	struct table *t;
	enum err_code rc;

	rc = client_call(
	    c, "GET", arena_printf(c->arena, "%s?limit=1", path), NULL, NULL, 0, &j, e);
	if (rc != ERR_OK)
		return rc;
	*ret_count = number(j, "count");
	not_judged = number(j, "not_judged");
	json_free(j);
	if (c->json)
		return client_pages(c, path, print_item, NULL, e);
	t = table_new(heads, 4);
	rc = client_pages(c, path, affected_row, t, e);
	if (*ret_count > 0)
		table_print(t);
	else
		printf("no image is affected by %s\n", vulnerability);
	if (not_judged > 0)
		printf("%lld other %s could not be judged in full\n", not_judged,
		    not_judged == 1 ? "image" : "images");
	return rc;
}

static int
affected(int argc, char **argv)
{
	struct client_options o = { 0 };
	const struct option_def options[] = {
		{ "--url", OPTION_TEXT, &o.url },
		{ "-o", OPTION_TEXT, &o.output },
		{ NULL, OPTION_FLAG, NULL },
	};
	long long count = 0;
	struct client c;
	struct err e = ERR_INIT;
	enum err_code rc;

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(&command_affected);
	rc = client_open(&c, &o, &e);
	if (rc == ERR_OK)
		rc = affected_ask(&c, argv[1], &count, &e);
	client_close(&c);
	return rc == ERR_OK ? CLI_OK : cli_fail(CLI_ERROR, &e);
}

const struct command command_affected = {
	.name = "affected",
	.usage = "VULNERABILITY [-o json]",
	.summary = "which of our images are affected?",
	.run = affected,
};

/* ---- explain ---- */

static void
print_explanation(const struct json *j)
{
	const struct json *packages = json_get(j, "packages");
	bool hit = false;

	(void)json_take_bool(j, "affected", &hit, NULL);
	printf("%s: %s by %s (%s)\n", cell_text(j, "image"),
	    hit ? "affected" : "not affected", cell_text(j, "vulnerability"),
	    cell_text(j, "reason"));
	for (size_t i = 0; i < json_count(packages); i++) {
		const struct json *p = json_at(packages, i),
				  *record = json_get(p, "record");

		printf("  %s %s (source %s %s, %s): %s\n", cell_text(p, "name"),
		    cell_text(p, "installed"), cell_text(p, "source_package"),
		    cell_text(p, "source_version"), cell_text(p, "ecosystem"),
		    cell_text(p, "reason"));
		if (record == NULL || json_kind(record) == JSON_IS_NULL)
			continue;
		printf("    %s says: %s%s%s%s%s\n", cell_text(record, "source"),
		    cell_text(p, "status"),
		    json_str(json_get(p, "fixed")) != NULL ? ", fixed in " : "",
		    str_or_empty(json_str(json_get(p, "fixed"))),
		    json_str(json_get(p, "vendor_state")) != NULL ? ", " : "",
		    str_or_empty(json_str(json_get(p, "vendor_state"))));
		printf("    record %s, revision %lld, learned %s\n",
		    cell_text(record, "key"), number(record, "revision"),
		    cell_text(record, "learned"));
	}
}

static int
explain(int argc, char **argv)
{
	struct client_options o = { 0 };
	const struct option_def options[] = {
		{ "--url", OPTION_TEXT, &o.url },
		{ "-o", OPTION_TEXT, &o.output },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct json *j = NULL;
	struct client c;
	struct err e = ERR_INIT;
	enum err_code rc;

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	if (argc != 3)
		return cli_usage(&command_explain);
	rc = client_open(&c, &o, &e);
	if (rc == ERR_OK)
		rc = client_call(&c, "GET",
		    arena_printf(c.arena, "%s/explain/%s",
			client_path(&c, "/v1/images", argv[1]),
			url_encode(c.arena, argv[2], "")),
		    NULL, NULL, 0, &j, &e);
	if (rc == ERR_OK && c.json)
		client_print(j);
	else if (rc == ERR_OK)
		print_explanation(j);
	json_free(j);
	client_close(&c);
	return rc == ERR_OK ? CLI_OK : cli_fail(CLI_ERROR, &e);
}

const struct command command_explain = {
	.name = "explain",
	.usage = "IMAGE VULNERABILITY [-o json]",
	.summary = "why an image is affected, or why not",
	.run = explain,
};
