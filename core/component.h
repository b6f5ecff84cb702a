/* SPDX-License-Identifier: Apache-2.0 */
/*
 * component - one installed package, as a reader of an inventory found it, and the
 * inventory it stands in.  Plain structs in the arena of whoever read them.
 *
 * What decides a verdict (name, versions, source, arch, module, vendor, streams, flags)
 * becomes a row the whole fleet shares; where it was found (path, layer, purl) belongs
 * to one image.
 */
#ifndef CORE_COMPONENT_H
#define CORE_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/words.h"

struct arena;
struct keyer; /* core/verdict.h */

#define COMPONENT_SUPERSEDED 1u /* an older install of an install-only package */
#define COMPONENT_OWNED      2u /* language package that belongs to an OS package */
#define COMPONENT_GUESSED    4u /* source name is a guess: the document did not say */

/* Whose layer brought it: that of the image it was built on, or its own. */
enum origin { ORIGIN_UNKNOWN, ORIGIN_BASE, ORIGIN_APP };

struct component {
	const char *type;      /* purl type: "deb", "apk", "npm" ... */
	const char *ecosystem; /* "debian:12", "npm"; NULL = no feed can speak of it */
	const char *name, *version, *arch;           /* arch "" = none said */
	const char *source_package, *source_version; /* NULL = no source package */
	const char *module;                          /* "" = none */
	enum vendor vendor;
	const char
	    *streams;   /* enabled streams, sorted, comma separated; "" = base only */
	unsigned flags; /* COMPONENT_... */
	const char *purl, *path, *layer; /* NULL = not known */
	enum origin origin;              /* of the layer */
};

/* The system an inventory was taken from. */
struct os {
	const char *id, *version; /* os-release words; NULL = not found */
	const char *ecosystem;    /* NULL = not in the table; a name alone is no promise
				   * of a feed, 'state' says that */
	enum coverage_state
	    state; /* COMPLETE, UNSUPPORTED, UNIDENTIFIED, SCRATCH, END_OF_LIFE */
};

struct not_covered {
	const char *ecosystem; /* or purl type where there is no ecosystem */
	size_t components;
	const char *why;
};

/* One layer of an image, as the runtime names it. */
struct inventory_layer {
	const char *diff_id; /* "sha256:..." of its inflated bytes */
	enum origin origin;
};

struct inventory {
	const char *reader; /* name of a row of inventory/all.c: "dpkg" */
	struct os os;
	const char *streams;  /* that its system has enabled, as of a component; NULL */
	const char *subject;  /* what the document calls the image; NULL */
	const char *digest;   /* "sha256:..." of the image; NULL */
	const char *platform; /* "linux/amd64" it is for; NULL */
	const struct inventory_layer
	    *layers; /* lowest first; none unless it is an image */
	size_t n_layers;
	struct component *components;
	size_t n, cap;
	bool partial; /* something was skipped; warnings say what */
	const char **warnings;
	size_t n_warnings, cap_warnings;
};

/* "base", "app"; NULL for what is not known. */
const char *origin_name(enum origin o);
/*
 * Whose layer brought NAME at VERSION of ECOSYSTEM into INV, which is normalized; unknown
 * also where two places of it do not agree.
 */
enum origin inventory_origin(const struct inventory *inv, const char *ecosystem,
    const char *name, const char *version);

/* Sort by (ecosystem, name, version, arch, source ...) and drop repeats. */
void inventory_normalize(struct inventory *inv);
/* What no feed can speak of, or what KEYER (may be NULL) has no order for, by ecosystem; in
 * A. */
void inventory_not_covered(const struct inventory *inv, const struct keyer *keyer,
    struct arena *a, struct not_covered **ret, size_t *ret_n);

#endif
