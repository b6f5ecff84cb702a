/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purl - package URLs, pkg:type/ns/name@version?qualifiers#subpath: what SBOMs and some
 * feeds name packages with.
 *
 * Reading is lenient where documents in the wild are: keys of qualifiers in any case, an
 * npm scope whose '@' is not encoded, slashes behind "pkg:".  Writing gives the canonical
 * form, so that two spellings of one package become the same text.
 */
#ifndef CORE_PURL_H
#define CORE_PURL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct component; /* core/component.h */
struct os;        /* core/component.h */

struct purl {
	const char *type, *ns, *name, *version, *subpath; /* decoded; NULL = none */
	struct {
		const char *key, *value;
	} * qualifiers;
	size_t n_qualifiers;
};

/* False if TEXT is no package URL.  Everything in *RET lies in A. */
bool purl_parse(const char *text, struct arena *a, struct purl *ret);
const char *purl_qualifier(const struct purl *p, const char *key); /* NULL = absent */
/* The canonical text of P; NULL if its parts make no package URL. */
const char *purl_text(const struct purl *p, struct arena *a);
/* The purl of a distribution's package: "pkg:deb/debian/bash@5.2?arch=..&distro=.." */
const char *purl_of(const struct component *c, const struct os *os, struct arena *a);

#endif
