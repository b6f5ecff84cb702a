/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lang_fuzz - any bytes as a file of the kind ROW reads: never an error for one broken file,
 * a warning wherever the inventory is partial, and nothing without a name and a version.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                     \
	do {                                                                           \
		if (!(what)) {                                                         \
			(void)fprintf(stderr, "does not hold: %s\n", #what);           \
			abort();                                                       \
		}                                                                      \
	} while (0)

static const struct {
	const struct database *row;
	const char *path;
} kinds[] = {
	{ &database_python, "lib/Foo_Bar-1.2-py3.egg-info" },
	{ &database_npm, "node_modules/@a/b/package.json" },
	{ &database_gem, "specifications/net-http2-0.18-java.gemspec" },
	{ &database_dotnet, "app/App.deps.json" },
	{ &database_php, "vendor/composer/installed.json" },
	{ &database_java, "srv/app-1.0.jar" },
	{ &database_java, "srv/plugin.hpi" },
	{ &database_go, "bin/app" },
	{ &database_rust, "bin/app" },
	{ &database_r, "R/library/Rcpp/DESCRIPTION" },
	{ &database_conda, "conda-meta/a.json" },
	{ &database_lua, "a.rockspec" },
	{ &database_erlang, "ebin/a.app" },
	{ &database_sbom, "a.cdx.json" },
};

static void
read_one(const struct database *row, const struct image_file *f)
{
	struct arena *a = arena_new();
	struct inventory inv = { 0 };
	struct err e = ERR_INIT;

	if (row->wants(f))
		MUST(row->read(f, a, &inv, &e) == ERR_OK);
	MUST(inv.partial == (inv.n_warnings > 0));
	for (size_t i = 0; i < inv.n; i++) {
		const struct component *c = &inv.components[i];

		MUST(c->type != NULL && c->name != NULL && c->name[0] != '\0');
		MUST(c->version != NULL && c->version[0] != '\0');
		MUST(c->path != NULL && str_starts(c->path, f->path));
	}
	language_settle(&inv, NULL, a);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct image_file f = { .path = kinds[i].path,
			.mode = 0644,
			.size = size,
			.bytes = data,
			.len = size };

		if (str_eq(kinds[i].row->name, ROW))
			read_one(kinds[i].row, &f);
	}
	return 0;
}
