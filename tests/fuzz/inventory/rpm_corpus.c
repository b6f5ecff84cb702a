/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_corpus KIND DIRECTORY - the files that a fuzz target begins with, made by the tests'
 * own writer of the format: header, sqlite, ndb or bdb.
 */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "unit/inventory/rpm_make.h"

/* A container of the packages from FROM on; a header of that one alone. */
static struct made
make(struct arena *a, const char *kind, size_t from, size_t n)
{
	if (strcmp(kind, "sqlite") == 0)
		return make_sqlite(a, made_packages + from, n);
	if (strcmp(kind, "ndb") == 0)
		return make_ndb(a, made_packages + from, n);
	if (strcmp(kind, "bdb") == 0)
		return make_bdb(a, made_packages + from, n, from % 2 == 1);
	return make_header(a, made_packages + from);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	int bad = argc != 3;

	for (size_t from = 0; !bad && from < n_made_packages; from++) {
		struct made m = make(a, argv[1], from, n_made_packages - from);
		FILE *f =
		    fopen(arena_printf(a, "%s/%s-%zu", argv[2], argv[1], from), "wb");

		bad = f == NULL || fwrite(m.p, 1, m.n, f) != m.n;
		if (f != NULL && fclose(f) != 0)
			bad = 1;
	}
	if (bad)
		(void)fprintf(stderr, "usage: rpm_corpus KIND DIRECTORY\n");
	arena_free(a);
	return bad;
}
