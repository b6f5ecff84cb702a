/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apk - lib/apk/db/installed: blocks of "X:value" lines, empty line between them; P name,
 * V version, A architecture, o origin, m maintainer, in any order; other letters are files
 * and the like.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/databases.h"
#include "inventory/inventory_private.h"

struct block {
	const char *name, *version, *arch, *origin;
	bool is_empty;
};

static enum err_code
finish(const struct block *b, struct inventory *inv, struct arena *a, struct err *e)
{
	const struct component c = {
		.type = "apk",
		.ecosystem = inv->os.ecosystem,
		.name = b->name,
		.version = b->version,
		.arch = b->arch,
		.source_package = b->origin != NULL ? b->origin : b->name,
		.source_version = b->version,
	};

	if (b->is_empty)
		return ERR_OK;
	/* ".build-deps" and other virtual packages are lists, not software */
	if (b->name != NULL && b->name[0] == '.')
		return ERR_OK;
	if (b->name == NULL || b->version == NULL) {
		inventory_warn(inv, a, "a block without P or V");
		return ERR_OK;
	}
	return inventory_add(inv, &c, a, e);
}

static bool
read_line(struct block *b, const char *line, struct arena *a)
{
	if (line[0] == '\0' || line[1] != ':')
		return false;
	b->is_empty = false;
	switch (line[0]) {
	case 'P':
		b->name = arena_strdup(a, line + 2);
		break;
	case 'V':
		b->version = arena_strdup(a, line + 2);
		break;
	case 'A':
		b->arch = arena_strdup(a, line + 2);
		break;
	case 'o':
		b->origin = line[2] != '\0' ? arena_strdup(a, line + 2) : NULL;
		break;
	default:
		break;
	}
	return true;
}

static enum err_code
read_apk(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct lines *l = lines_new(in, a);
	struct block b = { .is_empty = true };
	size_t number = 0;
	enum err_code rc;

	if ((rc = inventory_system(inv, hints, a, e)) != ERR_OK)
		return rc;
	for (;;) {
		char *line;

		if ((rc = lines_next(l, &line, e)) != ERR_OK)
			return rc;
		number++;
		if (line == NULL || line[0] == '\0') {
			if ((rc = finish(&b, inv, a, e)) != ERR_OK)
				return rc;
			b = (struct block){ .is_empty = true };
			if (line == NULL)
				return ERR_OK;
		} else if (!read_line(&b, line, a)) {
			return err_set(e, ERR_INPUT,
			    "line %zu is no line of an apk database", number);
		}
	}
}

static int
sniff_apk(const char *head, size_t n)
{
	while (n > 0 && (*head == '\n' || *head == '\r')) {
		head++;
		n--;
	}
	return n > 3 && strchr("CPVA", head[0]) != NULL && head[1] == ':' &&
		       head[2] != ' '
		   ? 90
		   : 0;
}

const struct reader reader_apk = {
	.name = "apk",
	.summary = "Alpine's package database (lib/apk/db/installed)",
	.sniff = sniff_apk,
	.read = read_apk,
};

/* ---- in a file system ---- */

static bool
wants_apk(const struct image_file *f)
{
	return str_eq(f->path, "lib/apk/db/installed") ||
	       str_eq(f->path, "usr/lib/apk/db/installed");
}

static enum err_code
read_apk_file(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return inventory_read_file(&reader_apk, f, a, inv, e);
}

const struct database database_apk = {
	.name = "apk",
	.summary = "Alpine's package database (lib/apk/db/installed)",
	.type = "apk",
	.wants = wants_apk,
	.read = read_apk_file,
};
