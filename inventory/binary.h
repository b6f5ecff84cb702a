/* SPDX-License-Identifier: Apache-2.0 */
/*
 * binary - the sections and segments of programs (ELF, PE, Mach-O of either word size and
 * byte order), as far as they lie inside the file.  Nothing of a header is believed: what
 * points outside is as good as not there.
 */
#ifndef INVENTORY_BINARY_H
#define INVENTORY_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct image_file; /* inventory/databases.h */

struct binary_part {
	const char *name; /* not ended by a NUL if it is as long as it may be */
	size_t name_max;  /* the longest it may be */
	uint64_t address; /* where it lies when the program runs */
	const unsigned char *at;
	size_t len; /* in the file */
	bool is_writable, is_executable;
};

struct binary_parts {
	struct binary_part *at;
	size_t n, cap;
};

struct binary {
	const unsigned char *p;
	size_t n;
	bool is_big; /* the byte order of its headers */
	bool is_64;
	struct binary_parts sections, segments;
	struct arena *a;
};

#define BINARY_SLICES 16 /* programs for different machines in one file of Mach-O */

/* Does F begin like a program (no object file, no module of a kernel)? */
bool binary_is(const struct image_file *f);
/* The programs in P[0..LEN), borrowed; how many, 0 = none that can be read. */
size_t binary_open(
    const void *p, size_t len, struct arena *a, struct binary ret[BINARY_SLICES]);

const struct binary_part *binary_section(const struct binary *b, const char *name);
/* The first segment that is written to and not run; NULL = none. */
const struct binary_part *binary_data(const struct binary *b);
/* LEN bytes at ADDRESS of the running program; NULL if the file does not hold them. */
const unsigned char *binary_at(const struct binary *b, uint64_t address, uint64_t len);

/* WIDTH (1, 2, 4 or 8) bytes at P as a number. */
uint64_t binary_number(const unsigned char *p, size_t width, bool is_big);

#endif
