/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_manifest - var/lib/rpmmanifest/container-manifest-2, what Mariner's and Azure Linux's
 * distroless images have in place of a database.  One package a line, ten columns with a
 * tab between them:
 *
 *   NAME VERSION-RELEASE INSTALLTIME BUILDTIME VENDOR EPOCH SIZE ARCH EPOCHNUM SOURCERPM
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/databases.h"
#include "inventory/rpm_private.h"

enum column {
	COLUMN_NAME,
	COLUMN_VERSION,
	COLUMN_INSTALLED,
	COLUMN_BUILT,
	COLUMN_VENDOR,
	COLUMN_EPOCH,
	COLUMN_SIZE,
	COLUMN_ARCH,
	COLUMN_EPOCHNUM,
	COLUMN_SOURCERPM,
	COLUMNS
};

/* False if LINE is not of as many columns. */
static bool
split(char *line, char *columns[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (line == NULL)
			return false;
		columns[i] = line;
		if ((line = strchr(line, '\t')) != NULL)
			*line++ = '\0';
	}
	return line == NULL;
}

/* False if the line is no package. */
static bool
read_line(char *line, struct arena *a, struct rpm_header *h)
{
	char *columns[COLUMNS], *dash;
	uint64_t epoch = 0;

	if (!split(line, columns) ||
	    (dash = strrchr(columns[COLUMN_VERSION], '-')) == NULL)
		return false;
	if (!str_eq(columns[COLUMN_EPOCH], "(none)") &&
	    (!str_u64(columns[COLUMN_EPOCH], &epoch) || epoch > UINT32_MAX))
		return false;
	*dash = '\0';
	*h = (struct rpm_header){
		.name = arena_strdup(a, columns[COLUMN_NAME]),
		.version = arena_strdup(a, columns[COLUMN_VERSION]),
		.release = arena_strdup(a, dash + 1),
		.arch = arena_strdup(a, columns[COLUMN_ARCH]),
		.vendor = arena_strdup(a, columns[COLUMN_VENDOR]),
		.sourcerpm = arena_strdup(a, columns[COLUMN_SOURCERPM]),
		.epoch = (uint32_t)epoch,
	};
	return true;
}

static enum err_code
read_manifest(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct lines *l = lines_new(in, a);
	size_t first = inv->n;
	enum err_code rc;
	char *line;

	if ((rc = inventory_system(inv, hints, a, e)) != ERR_OK)
		return rc;
	for (size_t number = 1;; number++) {
		struct rpm_header h;

		if ((rc = lines_next(l, &line, e)) != ERR_OK)
			return rc;
		if (line == NULL)
			break;
		if (*line == '\0')
			continue;
		if (!read_line(line, a, &h))
			inventory_warn(inv, a, "line %zu is no package", number);
		else if ((rc = rpm_package_add(inv, &h, a, e)) != ERR_OK)
			return rc;
	}
	rpm_package_epochs(inv, first, a);
	return ERR_OK;
}

/* A first line of ten columns that ends with the name of a source package. */
static int
sniff_manifest(const char *head, size_t n)
{
	const char *end = memchr(head, '\n', n);
	size_t len = end != NULL ? (size_t)(end - head) : n, tabs = 0;
	static const char rpm[] = ".rpm";

	for (size_t i = 0; i < len; i++)
		tabs += head[i] == '\t';
	if (len > 0 && head[len - 1] == '\r')
		len--;
	return tabs == COLUMNS - 1 && len > sizeof(rpm) &&
		       memcmp(head + len - strlen(rpm), rpm, strlen(rpm)) == 0
		   ? 80
		   : 0;
}

const struct reader reader_rpm_manifest = {
	.name = "rpm-manifest",
	.summary = "Azure Linux's list of packages (container-manifest-2)",
	.sniff = sniff_manifest,
	.read = read_manifest,
};

static bool
wants_manifest(const struct image_file *f)
{
	return str_eq(f->path, "var/lib/rpmmanifest/container-manifest-2");
}

static enum err_code
read_manifest_file(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return inventory_read_file(&reader_rpm_manifest, f, a, inv, e);
}

const struct database database_rpm_manifest = {
	.name = "rpm-manifest",
	.summary = "Azure Linux's list of packages",
	.type = "rpm",
	.wants = wants_manifest,
	.read = read_manifest_file,
};
