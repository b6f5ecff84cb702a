/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spdx_private - an SPDX 2 document between the two readers that take it apart (JSON and
 * tag-value) and what its packages and relationships mean.
 */
#ifndef INVENTORY_SPDX_PRIVATE_H
#define INVENTORY_SPDX_PRIVATE_H

#include "inventory/sbom_private.h"

struct strmap; /* core/strmap.h */

/* One package as written, texts in the arena; NULL = absent. */
struct spdx_package {
	struct sbom_package p; /* .ref = SPDXID, .version = versionInfo */
	const char *purpose, *source_info, *supplier, *originator;
	const char *image_url; /* a purl that names an image */
	const char *sha256;
};

struct spdx {
	struct sbom sbom;
	const char *version, *name; /* of the document */
	bool is_github;       /* GitHub lists what manifests ask for, resolved or not */
	struct strmap *marks; /* what relationships say of an element: MARK_... */
	struct strmap *built_from; /* element to the place of its source package */
	struct {
		struct spdx_package *at;
		size_t n, cap;
	} packages;
	struct {
		struct spdx_origin {
			const char *built, *from;
		} * at;
		size_t n, cap;
	} origins;
	size_t n_described;
};

void spdx_init(struct spdx *d, const struct inventory_hints *hints, struct arena *a);
void spdx_done(struct spdx *d);

/* Room for one more package.  ERR_LIMIT beyond MAX_COMPONENTS. */
enum err_code spdx_push(struct spdx *d, const struct spdx_package *p, struct err *e);
/* An external reference of P: what matters are package URLs. */
void spdx_reference(
    struct spdx *d, struct spdx_package *p, const char *type, const char *locator);
/* "LayerDiffID: sha256:...", as trivy writes into attribution texts and annotations. */
void spdx_remark(struct spdx *d, struct spdx_package *p, const char *text);
/* A checksum of P. */
void spdx_checksum(
    struct spdx *d, struct spdx_package *p, const char *algorithm, const char *value);
/* FROM and TO may live in a scratch arena. */
void spdx_relationship(
    struct spdx *d, const char *from, const char *type, const char *to);
/* The document describes element ID. */
void spdx_describes(struct spdx *d, const char *id);
/* Everything read: check the version, then make the inventory. */
enum err_code spdx_finish(struct spdx *d, struct inventory *inv, struct err *e);

#endif
