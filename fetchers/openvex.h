/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openvex - what the files of this driver share: openvex.c reads a document,
 * openvex_product.c says which package a product is, openvex_record.c makes records.
 */
#ifndef FETCHERS_OPENVEX_H
#define FETCHERS_OPENVEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"
#include "fetchers/emit.h"

struct vex_product {
	const char *id; /* a package URL; NULL = none that can be read */
	bool is_inside; /* something inside of the product is what is meant */
};

/* One statement, as it stands there. */
struct vex_statement {
	const char *vulnerability, *link, *description;
	struct texts aliases;
	const char *status, *justification, *notes, *action;
	int64_t at;
	bool is_inside; /* all its products, as early versions of the format say it */
	struct {
		struct vex_product *at;
		size_t n, cap;
	} products;
};

/* One document. */
struct vex_document {
	int64_t at;
	bool has_statements, has_author;
	/*
	 * The author stands in an envelope "metadata": so Ubuntu writes, and means more
	 * by it: a fixed version is the first one, other versions are those of the day.
	 */
	bool is_envelope;
	struct {
		struct vex_statement *at;
		size_t n, cap;
	} statements;
};

/* ---- openvex_product.c ---- */

/*
 * The package that the package URL TEXT names, its ecosystem and stream, into *RET, and
 * its version (NULL = none) into *RET_VERSION; all in A.  False if it is none that a feed
 * can speak of.
 */
bool vex_package(
    struct arena *a, const char *text, struct affected *ret, const char **ret_version);

/* ---- openvex_record.c ---- */

/* Hand over the records of D; what cannot be used is told. */
enum err_code vex_emit(struct emitter *em, const struct vex_document *d, struct err *e);

#endif
