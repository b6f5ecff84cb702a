/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What databases.h promises of every row of the table: it is complete, its name is its own,
 * it decides by the path alone where there are no bytes, and a broken file costs itself.
 */
#include "unit/inventory/read.h"

#include <stdlib.h>

#include "inventory/databases.h"

static const char *const paths[] = { "", "a", "/", "..", "node_modules/", ".jar",
	"a.jar", "node_modules/a/package.json", "a-1.dist-info/METADATA", ".egg-info",
	"specifications/.gemspec", "specifications/a.gemspec", ".deps.json",
	"vendor/composer/installed.json", "library/DESCRIPTION",
	"library/a/DESCRIPTION", "conda-meta/.json", ".rockspec", "ebin/.app",
	"a.spdx.json", "var/lib/db/sbom/", "var/lib/dpkg/status",
	"lib/apk/db/installed", "var/lib/rpm/Packages", "usr/bin/a",
	"\xff\xfe/node_modules/\xff/package.json" };

#define FILE_OF(text)                                                                  \
	{                                                                              \
		text, sizeof(text) - 1                                                 \
	}

/* Files nobody wrote, with the first bytes of those that somebody did. */
static const struct {
	const char *bytes;
	size_t n;
} files[] = {
	FILE_OF(""),
	FILE_OF("\0"),
	FILE_OF("{"),
	FILE_OF("{\"a\":"),
	FILE_OF("PK\003\004\0\0"),
	FILE_OF("PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	FILE_OF("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0"),
	FILE_OF("MZ\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	FILE_OF("\xcf\xfa\xed\xfe\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff"),
	FILE_OF("\xca\xfe\xba\xbe\0\0\0\2\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	FILE_OF("SQLite format 3\0"),
	FILE_OF("Name: \xff\xfe\nVersion: \x01\n"),
};

static void
every_row_is_complete_and_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; inventory_databases[i] != NULL; i++) {
		const struct database *row = inventory_databases[i];

		if (row->name == NULL || row->summary == NULL || row->wants == NULL ||
		    row->read == NULL)
			fail_msg("row %zu is not complete", i);
		for (size_t k = 0; k < i; k++)
			if (str_eq(inventory_databases[k]->name, row->name))
				fail_msg("%s stands twice", row->name);
	}
}

/* The walker asks by name before it has bytes, and again with them. */
static void
without_bytes_the_path_alone_decides(void **state)
{
	(void)state;
	for (size_t i = 0; inventory_databases[i] != NULL; i++)
		for (size_t k = 0; k < ROWS(paths); k++) {
			const struct image_file none = {
				.path = paths[k], .size = 1000, .bytes = ""
			};

			(void)inventory_databases[i]->wants(&none);
		}
}

static void
try_file(const struct database *row, const char *path, const char *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct inventory *inv = arena_zalloc(a, sizeof(*inv));
	char *copy = malloc(n > 0 ? n : 1);
	const struct image_file f = {
		.path = path, .mode = 0755, .size = n, .bytes = copy, .len = n
	};
	bool is_error, is_silent;

	memcpy(copy, bytes, n);
	is_error = row->wants(&f) && row->read(&f, a, inv, NULL) != ERR_OK;
	is_silent = inv->partial != (inv->n_warnings > 0);
	free(copy);
	arena_free(a);
	if (is_error)
		fail_msg("%s: an error for %s", row->name, path);
	if (is_silent)
		fail_msg("%s: partial without a word, or the other way", row->name);
}

static void
a_broken_file_costs_itself(void **state)
{
	(void)state;
	for (size_t i = 0; inventory_databases[i] != NULL; i++)
		for (size_t k = 0; k < ROWS(paths); k++)
			for (size_t f = 0; f < ROWS(files); f++)
				try_file(inventory_databases[i], paths[k],
				    files[f].bytes, files[f].n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(every_row_is_complete_and_has_a_name_of_its_own),
		READ(without_bytes_the_path_alone_decides),
		READ(a_broken_file_costs_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
