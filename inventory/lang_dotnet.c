/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dotnet - APP.deps.json, what the .NET host loads an application's parts by:
 *
 *   {"runtimeTarget":{"name":".NETCoreApp,Version=v8.0/linux-x64"},
 *    "targets":{".NETCoreApp,Version=v8.0/linux-x64":{
 *      "Newtonsoft.Json/13.0.1":{"runtime":{"lib/net6.0/Newtonsoft.Json.dll":{}}}}},
 *    "libraries":{"Newtonsoft.Json/13.0.1":{"type":"package"}}}
 *
 * A library without files in the target that is run was needed to build, or to find others.
 */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/strmap.h"
#include "inventory/language.h"

#define RUNTIME_PACK "runtimepack."

struct deps {
	struct json_reader *r;
	struct arena *a;
	const char *target;     /* the one that is run */
	struct strmap *targets; /* their names */
	struct strmap *loaded;  /* "TARGET\nLIBRARY" that have files there */
	struct {
		struct {
			const char *id, *type;
		} * at;
		size_t n, cap;
	} libraries;
};

/* An object that is not empty? */
static enum err_code
read_files(struct deps *d, bool *has, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(d->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(d->r, &key, &more, e)) == ERR_OK && more) {
		*has = true;
		if ((rc = json_skip_next(d->r, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_entry(struct deps *d, const char *target, const char *id, struct err *e)
{
	struct json_value key;
	bool in, more, has = false;
	enum err_code rc;

	if ((rc = json_enter(d->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(d->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "runtime") || str_eq(key.text, "native") ||
		    str_eq(key.text, "runtimeTargets"))
			rc = read_files(d, &has, e);
		else
			rc = json_skip_next(d->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK && has)
		(void)strmap_put(
		    d->loaded, arena_printf(d->a, "%s\n%s", target, id), NULL);
	return rc;
}

static enum err_code
read_target(struct deps *d, const char *target, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	(void)strmap_put(d->targets, target, NULL);
	if ((rc = json_enter(d->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(d->r, &key, &more, e)) == ERR_OK && more)
		if ((rc = read_entry(d, target, arena_strdup(d->a, key.text), e)) !=
		    ERR_OK)
			return rc;
	return rc;
}

static enum err_code
read_targets(struct deps *d, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(d->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(d->r, &key, &more, e)) == ERR_OK && more)
		if ((rc = read_target(d, arena_strdup(d->a, key.text), e)) != ERR_OK)
			return rc;
	return rc;
}

/* The value of KEY_WANTED in the next value, if that is an object; the rest is skipped. */
static enum err_code
read_field(struct deps *d, const char *wanted, const char **ret, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(d->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(d->r, &key, &more, e)) == ERR_OK && more) {
		rc = str_eq(key.text, wanted) ? json_text(d->r, d->a, ret, e)
					      : json_skip_next(d->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_libraries(struct deps *d, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(d->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(d->r, &key, &more, e)) == ERR_OK && more) {
		const char *id = arena_strdup(d->a, key.text), *type = NULL;

		if ((rc = read_field(d, "type", &type, e)) != ERR_OK)
			return rc;
		ARENA_PUSH(d->a, &d->libraries)->id = id;
		d->libraries.at[d->libraries.n - 1].type = type;
	}
	return rc;
}

static enum err_code
read_document(struct deps *d, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(d->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(d->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "runtimeTarget"))
			rc = read_field(d, "name", &d->target, e);
		else if (str_eq(key.text, "targets"))
			rc = read_targets(d, e);
		else if (str_eq(key.text, "libraries"))
			rc = read_libraries(d, e);
		else
			rc = json_skip_next(d->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Without a target that is known, everything counts. */
static bool
is_loaded(struct deps *d, const char *id)
{
	if (d->target == NULL || strmap_get(d->targets, d->target) == NULL)
		return true;
	return strmap_get(d->loaded, arena_printf(d->a, "%s\n%s", d->target, id)) !=
	       NULL;
}

static void
push_library(struct deps *d, const char *id, const char *type, struct language_list *l)
{
	struct language_package p = { .ecosystem = "nuget" };
	const char *slash = strrchr(id, '/');

	if (slash == NULL || slash == id || slash[1] == '\0' || !is_loaded(d, id))
		return;
	p.name = arena_strndup(d->a, id, (size_t)(slash - id));
	p.version = slash + 1;
	if (str_eq(type, "runtimepack") && str_starts(p.name, RUNTIME_PACK))
		p.name += sizeof(RUNTIME_PACK) - 1;
	else if (str_eq(type, "project"))
		/* the application's own parts; published under that name, or not */
		p.flags = COMPONENT_GUESSED;
	else if (!str_eq(type, "package") && !str_eq(type, "runtimepack"))
		return;
	language_push(l, &p);
}

static enum err_code
read_deps(struct json_reader *r, struct language_list *l, struct err *e)
{
	struct deps d = {
		.r = r,
		.a = l->a,
		.targets = strmap_new(),
		.loaded = strmap_new(),
	};
	enum err_code rc = read_document(&d, e);

	for (size_t i = 0; rc == ERR_OK && i < d.libraries.n; i++)
		push_library(&d, d.libraries.at[i].id, d.libraries.at[i].type, l);
	strmap_free(d.targets);
	strmap_free(d.loaded);
	return rc;
}

static bool
wants_dotnet(const struct image_file *f)
{
	return str_ends(f->path, ".deps.json");
}

static enum err_code
parse_dotnet(const struct image_file *f, struct language_list *l, struct err *e)
{
	return language_json(f, read_deps, l, e);
}

static enum err_code
read_dotnet(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE, parse_dotnet, inv, a, e);
}

const struct database database_dotnet = {
	.name = "dotnet",
	.summary = ".NET: *.deps.json of applications and of the runtime",
	.wants = wants_dotnet,
	.read = read_dotnet,
};
