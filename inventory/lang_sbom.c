/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbom - documents about packages that lie inside an image: what a publisher says it put
 * there (opt/bitnami/nginx/.spdx-nginx.spdx, var/lib/db/sbom/, NAME.dist-info/sboms/).
 *
 * They are read by the readers of uploads, whichever knows the document.  language_settle()
 * later drops what was found itself; what only the document knows stays.
 */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/inventory_private.h"
#include "inventory/language.h"

bool
language_is_sbom(const char *path)
{
	static const char *const endings[] = { ".spdx", ".spdx.json", ".cdx",
		".cdx.json", ".cdx.xml" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(path, endings[i]))
			return true;
	return str_starts(path, "var/lib/db/sbom/") ||
	       strstr(path, ".dist-info/sboms/") != NULL;
}

/*
 * Documents begin with a brace, an angle bracket or a word of SPDX.  Something else under
 * such a name is none: a licence's text, or an archive, a database, a list, which would be
 * read here as if they were the image's own.
 */
static bool
begins_document(const char *p, size_t n)
{
	static const char mark[] = "SPDXVersion:";

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	while (n > 0 && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) {
		p++;
		n--;
	}
	return n > 0 &&
	       (*p == '{' || *p == '<' ||
		   (n >= sizeof(mark) - 1 && memcmp(p, mark, sizeof(mark) - 1) == 0));
}

static bool
wants_sbom(const struct image_file *f)
{
	return language_is_sbom(f->path);
}

/* Copies of what INNER found: the document's own paths are of another world. */
static enum err_code
take(const struct inventory *inner, const char *path, struct arena *a,
    struct inventory *inv, struct err *e)
{
	enum err_code rc = ERR_OK;

	path = utf8_clean(a, path, strlen(path), strlen(path) * 3, true);
	for (size_t i = 0; i < inner->n && rc == ERR_OK; i++) {
		struct component c = inner->components[i];

		c.path = path;
		c.layer = NULL;
		rc = inventory_add(inv, &c, a, e);
	}
	for (size_t i = 0; i < inner->n_warnings; i++)
		inventory_warn(inv, a, "%s: %s", path, inner->warnings[i]);
	return rc;
}

static enum err_code
read_sbom(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	const struct inventory_hints hints = { .os = NULL };
	struct inventory *inner = NULL;
	struct err why = ERR_INIT;

	if (!begins_document(f->bytes, f->len))
		return ERR_OK;
	if (inventory_read_memory(f->bytes, f->len, &hints, a, &inner, &why) == ERR_OK)
		return take(inner, f->path, a, inv, e);
	language_refuse(inv, f->path, &why, a);
	return ERR_OK;
}

const struct database database_sbom = {
	.name = "sbom",
	.summary = "SBOMs that a publisher put inside",
	.wants = wants_sbom,
	.read = read_sbom,
};
