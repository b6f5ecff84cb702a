/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npm - the package.json of packages that lie installed, at any depth:
 *
 *   node_modules/left-pad/package.json, node_modules/@scope/name/package.json
 *
 * Others of that name belong to a package's own insides, or to the application itself.
 */
#include <string.h>

#include "core/limits.h"
#include "core/str.h"
#include "inventory/language.h"

#define FOLDER "node_modules/"

/* What follows the last node_modules/ of PATH; NULL = there is none. */
static const char *
inside(const char *path)
{
	const char *found = NULL;

	for (const char *at = path; (at = strstr(at, FOLDER)) != NULL;
	     at += sizeof(FOLDER) - 1)
		if (at == path || at[-1] == '/')
			found = at + sizeof(FOLDER) - 1;
	return found;
}

static bool
wants_npm(const struct image_file *f)
{
	const char *rest;

	if (!str_ends(f->path, "/package.json") || (rest = inside(f->path)) == NULL)
		return false;
	if (rest[0] == '@') {
		rest += strcspn(rest, "/");
		if (*rest != '\0')
			rest++;
	}
	rest += strcspn(rest, "/");
	return str_eq(rest, "/package.json");
}

static enum err_code
read_fields(struct json_reader *r, struct language_list *l, struct err *e)
{
	struct language_package p = { .ecosystem = "npm" };
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "name"))
			rc = json_text(r, l->a, &p.name, e);
		else if (str_eq(key.text, "version"))
			rc = json_text(r, l->a, &p.version, e);
		else
			rc = json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	/* helper files that only say how to load a folder have no version */
	if (rc == ERR_OK && p.name != NULL && p.version != NULL && *p.name != '\0' &&
	    *p.version != '\0')
		language_push(l, &p);
	return rc;
}

static enum err_code
parse_npm(const struct image_file *f, struct language_list *l, struct err *e)
{
	return language_json(f, read_fields, l, e);
}

static enum err_code
read_npm(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE, parse_npm, inv, a, e);
}

const struct database database_npm = {
	.name = "npm",
	.summary = "JavaScript: package.json of what lies in node_modules",
	.wants = wants_npm,
	.read = read_npm,
};
