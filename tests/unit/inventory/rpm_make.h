/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_make - rpm databases as rpm would have written them, small ones: the binary formats
 * are spelled out here once more, from the other side.
 */
#ifndef TESTS_UNIT_INVENTORY_RPM_MAKE_H
#define TESTS_UNIT_INVENTORY_RPM_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Texts may be NULL: the tag is then left out. */
struct made_package {
	const char *name, *version, *release, *arch;
	const char *vendor, *sourcerpm, *module;
	uint32_t epoch;
	bool has_epoch;
	/* "/usr/lib/ libfoo.so.1": a folder, a blank, a name; NULL-ended, at most eight */
	const char *files[9];
	size_t padding; /* bytes of a tag nobody reads, to make the blob as large */
};

struct made {
	unsigned char *p;
	size_t n;
};

struct made make_header(struct arena *a, const struct made_package *p);

/* A container of the headers of N packages. */
struct made make_sqlite(struct arena *a, const struct made_package *p, size_t n);
struct made make_ndb(struct arena *a, const struct made_package *p, size_t n);
struct made make_bdb(
    struct arena *a, const struct made_package *p, size_t n, bool is_big_endian);

/* The sums of an ndb anew, after something in it was changed on purpose. */
void make_ndb_sums(struct made *m);

/* Five packages in which every rule of reading shows; what the fixtures are made of. */
extern const struct made_package made_packages[];
extern const size_t n_made_packages;

#endif
