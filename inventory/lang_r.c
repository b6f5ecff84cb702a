/* SPDX-License-Identifier: Apache-2.0 */
/*
 * r - the DESCRIPTION of packages in a library of R (usr/lib/R/site-library/Rcpp/DESCRIPTION):
 *
 *   Package: Rcpp
 *   Version: 1.0.11
 *   Priority: base         a part of R itself, and has R's version
 */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/language.h"

/* LIBRARY/PACKAGE/DESCRIPTION, where the folder is "library" or "site-library". */
static bool
wants_r(const struct image_file *f)
{
	const char *end = f->path + strlen(f->path) - strlen("/DESCRIPTION");
	size_t n;

	if (!str_ends(f->path, "/DESCRIPTION"))
		return false;
	while (end > f->path && end[-1] != '/')
		end--;
	n = (size_t)(end - f->path);
	return n >= 8 && memcmp(end - 8, "library/", 8) == 0 &&
	       (n == 8 || end[-9] == '/' || end[-9] == '-');
}

static const char *
field(const char *line, size_t n, const char *name, struct arena *a)
{
	size_t len = strlen(name);

	if (n <= len || line[len] != ':' || strncmp(line, name, len) != 0)
		return NULL;
	return str_trim(a, line + len + 1, n - len - 1);
}

static enum err_code
parse_r(const struct image_file *f, struct language_list *l, struct err *e)
{
	struct language_package p = { .ecosystem = "cran" };
	const char *text = f->bytes, *line, *priority = NULL;
	size_t n = f->len, len;

	while (language_line(&text, &n, &line, &len) && len > 0) {
		if (p.name == NULL)
			p.name = field(line, len, "Package", l->a);
		if (p.version == NULL)
			p.version = field(line, len, "Version", l->a);
		if (priority == NULL)
			priority = field(line, len, "Priority", l->a);
	}
	if (p.name == NULL || p.version == NULL)
		return err_set(
		    e, ERR_INPUT, "a description without Package or Version");
	if (!str_eq(priority, "base"))
		language_push(l, &p);
	return ERR_OK;
}

static enum err_code
read_r(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE, parse_r, inv, a, e);
}

const struct database database_r = {
	.name = "r",
	.summary = "R: DESCRIPTION of the packages in a library",
	.wants = wants_r,
	.read = read_r,
};
