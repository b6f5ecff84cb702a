/* SPDX-License-Identifier: Apache-2.0 */
/* cyclonedx_private - a component as a CycloneDX document writes it. */
#ifndef INVENTORY_CYCLONEDX_PRIVATE_H
#define INVENTORY_CYCLONEDX_PRIVATE_H

#include "inventory/inventory_private.h"

/* Texts in the arena; NULL = absent. */
struct bom_component {
	const char *type, *group, *name, *version, *purl, *bom_ref, *scope;
	/* properties that syft and trivy write */
	const char *source, *source_version, *source_release, *source_epoch;
	const char *path, *layer;
	const char *distro_id, *distro_version, *distro_codename, *distro_like;
};

/* Take property NAME = VALUE into C, if it is one we know. */
void bom_property(struct bom_component *c, const char *name, const char *value);
/* Does C name the system? */
bool bom_is_system(const struct bom_component *c);
void bom_system(
    const struct bom_component *c, int64_t now_at, struct arena *a, struct os *ret);
/* Append C to INV as an installed package, or a warning. */
enum err_code bom_add(struct inventory *inv, const struct bom_component *c,
    int64_t now_at, struct arena *a, struct err *e);

#endif
