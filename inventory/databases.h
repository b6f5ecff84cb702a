/* SPDX-License-Identifier: Apache-2.0 */
/*
 * databases - what is found inside a file system: package databases, and the files in
 * which language packages say what they are.  One row per kind of file; the walker of
 * archives and directories asks every row about every file and hands over those wanted.
 *
 * A row sees one file at a time, whole, and knows nothing of layers or links: the walker
 * has resolved them, and only files that are still there at the end are read.
 */
#ifndef INVENTORY_DATABASES_H
#define INVENTORY_DATABASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/component.h"
#include "core/err.h"

struct arena;

/* One regular file of an image. */
struct image_file {
	const char *path;  /* from the root, without a slash before it: "etc/passwd" */
	unsigned mode;     /* permission bits */
	uint64_t size;     /* of the whole file, bytes */
	const void *bytes; /* all of it, or as yet only the head: see LEN */
	size_t len;        /* of BYTES; below SIZE while only the head is known */
};

#define IMAGE_FILE_HEAD                                                                \
	64u /* bytes of the head that wants() may look at, if SIZE allows */

struct database {
	const char *name;    /* MUST: "python"; says where a component was found */
	const char *summary; /* MUST: one line */
	/* MAY: the purl type of a distribution's packages; NULL = of no distribution. */
	const char *type;
	/* MAY: of several places only the first that holds packages counts, var/lib before
	 * any other: the others are what it was before. */
	bool is_one;
	/* MUST.  Is this file for this row?  Called for every file of an image: cheap. */
	bool (*wants)(const struct image_file *f);
	/*
	 * MUST.  Append what F holds to INV.  What cannot be used is inventory_warn(),
	 * never an error: a broken file costs itself.  ERR_LIMIT: a cap of the whole
	 * inventory.
	 */
	enum err_code (*read)(const struct image_file *f, struct arena *a,
	    struct inventory *inv, struct err *e);
};

extern const struct database *const inventory_databases[]; /* databases.c; NULL-ended */

/*
 * D's read() of F, for INV whose system is known.  A database that is not of the system's
 * own kind (an rpm database on a Debian) holds packages of no system.
 */
enum err_code inventory_database_read(const struct database *d,
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e);

#endif
