/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pacman - var/lib/pacman/local/<package>/desc, one or many in a row:
 *
 *   %NAME%
 *   bash
 *
 *   %VERSION%
 *   5.2.026-2
 *
 * A name between percent signs, lines of values, an empty line.  BASE is the source, built
 * into one or several packages of one version.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/databases.h"
#include "inventory/inventory_private.h"

struct desc {
	const char *name, *version, *base, *arch, *packager;
};

/* Where the first line of the values of TITLE goes; NULL = nowhere. */
static const char **
field(struct desc *d, const char *title)
{
	const struct {
		const char *title;
		const char **value;
	} fields[] = {
		{ "%NAME%", &d->name },
		{ "%VERSION%", &d->version },
		{ "%BASE%", &d->base },
		{ "%ARCH%", &d->arch },
		{ "%PACKAGER%", &d->packager },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].title, title))
			return fields[i].value;
	return NULL;
}

static bool
is_title(const char *line)
{
	size_t n = strlen(line);

	return n > 2 && line[0] == '%' && line[n - 1] == '%';
}

static enum err_code
finish(const struct desc *d, struct inventory *inv, struct arena *a, struct err *e)
{
	struct component c = { .type = "alpm", .ecosystem = inv->os.ecosystem };

	if (d->name == NULL || d->version == NULL) {
		inventory_warn(inv, a, "a package without NAME or VERSION");
		return ERR_OK;
	}
	c.name = d->name;
	c.version = d->version;
	c.arch = str_eq(d->arch, "any") ? "noarch" : d->arch;
	c.source_package = d->base != NULL ? d->base : d->name;
	c.source_version = d->version;
	/* what makepkg writes on a machine that is no build server of Arch */
	if (d->packager != NULL && str_starts(d->packager, "Unknown Packager"))
		c.vendor = VENDOR_THIRD_PARTY;
	return inventory_add(inv, &c, a, e);
}

static enum err_code
read_pacman(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct lines *l = lines_new(in, a);
	struct desc d = { 0 };
	const char **value = NULL;
	bool any = false;
	enum err_code rc;
	char *line;

	if ((rc = inventory_system(inv, hints, a, e)) != ERR_OK)
		return rc;
	for (size_t number = 1;; number++) {
		if ((rc = lines_next(l, &line, e)) != ERR_OK)
			return rc;
		if (line == NULL)
			break;
		if (is_title(line)) {
			if (str_eq(line, "%NAME%") && any) {
				if ((rc = finish(&d, inv, a, e)) != ERR_OK)
					return rc;
				d = (struct desc){ 0 };
			}
			any = true;
			value = field(&d, line);
		} else if (*line != '\0' && !any) {
			return err_set(e, ERR_INPUT,
			    "line %zu is no line of a pacman database", number);
		} else if (*line != '\0' && value != NULL) {
			*value = arena_strdup(a, line);
			value = NULL; /* of several lines the first */
		}
	}
	return any ? finish(&d, inv, a, e) : ERR_OK;
}

static int
sniff_pacman(const char *head, size_t n)
{
	static const char first[] = "%NAME%\n";

	while (n > 0 && (*head == '\n' || *head == '\r')) {
		head++;
		n--;
	}
	return n >= strlen(first) && memcmp(head, first, strlen(first)) == 0 ? 90 : 0;
}

const struct reader reader_pacman = {
	.name = "pacman",
	.summary = "Arch Linux's package database (local/*/desc)",
	.sniff = sniff_pacman,
	.read = read_pacman,
};

static bool
wants_pacman(const struct image_file *f)
{
	return str_starts(f->path, "var/lib/pacman/local/") &&
	       str_ends(f->path, "/desc");
}

static enum err_code
read_pacman_file(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return inventory_read_file(&reader_pacman, f, a, inv, e);
}

const struct database database_pacman = {
	.name = "pacman",
	.summary = "Arch Linux's package database",
	.type = "alpm",
	.wants = wants_pacman,
	.read = read_pacman_file,
};
