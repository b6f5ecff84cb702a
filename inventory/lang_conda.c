/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conda - conda-meta/NAME-VERSION-BUILD.json, one for each package of an environment, with
 * "name" and "version".  No feed speaks of conda's packages; that they are there is said.
 * What of them is Python also lies there as Python's own METADATA.
 */
#include <string.h>

#include "core/limits.h"
#include "core/str.h"
#include "inventory/language.h"

static enum err_code
read_fields(struct json_reader *r, struct language_list *l, struct err *e)
{
	struct language_package p = { .type = "conda" };
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
	if (rc == ERR_OK && p.name != NULL && p.version != NULL)
		language_push(l, &p);
	return rc;
}

static bool
wants_conda(const struct image_file *f)
{
	const char *base = language_base(f->path);

	return str_ends(base, ".json") && base - f->path >= 11 &&
	       memcmp(base - 11, "conda-meta/", 11) == 0 &&
	       (base - f->path == 11 || base[-12] == '/');
}

static enum err_code
parse_conda(const struct image_file *f, struct language_list *l, struct err *e)
{
	return language_json(f, read_fields, l, e);
}

/* Each lists all files of its package. */
static enum err_code
read_conda(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE * 8, parse_conda, inv, a, e);
}

const struct database database_conda = {
	.name = "conda",
	.summary = "Conda: conda-meta of an environment (no feed speaks of it)",
	.wants = wants_conda,
	.read = read_conda,
};
