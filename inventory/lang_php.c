/* SPDX-License-Identifier: Apache-2.0 */
/*
 * php - vendor/composer/installed.json, by which Composer knows what it installed:
 *
 *   {"packages":[{"name":"monolog/monolog","version":"2.9.1"}]}     Composer 2
 *   [{"name":"monolog/monolog","version":"1.25.0"}]                 Composer 1
 */
#include <string.h>

#include "core/limits.h"
#include "core/str.h"
#include "inventory/language.h"

/* Behind the opening brace. */
static enum err_code
read_package(struct json_reader *r, struct language_list *l, struct err *e)
{
	struct language_package p = { .ecosystem = "composer" };
	const char *type = NULL;
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "name"))
			rc = json_text(r, l->a, &p.name, e);
		else if (str_eq(key.text, "version"))
			rc = json_text(r, l->a, &p.version, e);
		else if (str_eq(key.text, "type"))
			rc = json_text(r, l->a, &type, e);
		else
			rc = json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	/* a metapackage has no files, only needs */
	if (rc != ERR_OK || p.name == NULL || p.version == NULL ||
	    str_eq(type, "metapackage"))
		return rc;
	if ((p.version[0] == 'v' || p.version[0] == 'V') && p.version[1] >= '0' &&
	    p.version[1] <= '9')
		p.version++;
	language_push(l, &p);
	return rc;
}

/* Behind the opening bracket. */
static enum err_code
read_packages(struct json_reader *r, struct language_list *l, struct err *e)
{
	struct json_value first;
	bool more;
	enum err_code rc;

	while ((rc = json_item(r, &first, &more, e)) == ERR_OK && more) {
		rc = first.token == JSON_OBJECT ? read_package(r, l, e)
						: json_skip(r, &first, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_installed(struct json_reader *r, struct language_list *l, struct err *e)
{
	struct json_value v;
	bool in, more;
	enum err_code rc;

	if ((rc = json_next(r, &v, e)) != ERR_OK)
		return rc;
	if (v.token == JSON_ARRAY)
		return read_packages(r, l, e);
	if (v.token != JSON_OBJECT)
		return err_set(e, ERR_INPUT, "neither a list nor an object");
	while ((rc = json_key(r, &v, &more, e)) == ERR_OK && more) {
		if (!str_eq(v.text, "packages"))
			rc = json_skip_next(r, e);
		else if ((rc = json_enter(r, JSON_ARRAY, &in, e)) == ERR_OK && in)
			rc = read_packages(r, l, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static bool
wants_php(const struct image_file *f)
{
	return str_ends(f->path, "/composer/installed.json");
}

static enum err_code
parse_php(const struct image_file *f, struct language_list *l, struct err *e)
{
	return language_json(f, read_installed, l, e);
}

/* It carries the whole composer.json of each package: megabytes are usual. */
static enum err_code
read_php(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE * 8, parse_php, inv, a, e);
}

const struct database database_php = {
	.name = "php",
	.summary = "PHP: Composer's vendor/composer/installed.json, 1 and 2",
	.wants = wants_php,
	.read = read_php,
};
