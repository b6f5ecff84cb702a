/* SPDX-License-Identifier: Apache-2.0 */
/* cyclonedx_private - what CycloneDX says the same way in JSON and in XML. */
#ifndef INVENTORY_CYCLONEDX_PRIVATE_H
#define INVENTORY_CYCLONEDX_PRIVATE_H

#include "inventory/sbom_private.h"

/* The field of P that key, element or attribute NAME is for; NULL = none. */
const char **bom_text(struct sbom_package *p, const char *name);
/* The field of P that property NAME is for; NULL = none. */
const char **bom_property(struct sbom_package *p, const char *name);
/* P is complete: one more component. */
enum err_code bom_push(struct sbom *s, struct sbom_package *p, struct err *e);
/* The whole document is read: check what it claims to be, then make the inventory. */
enum err_code bom_finish(struct sbom *s, const struct sbom_package *subject,
    const char *spec_version, bool has_vulnerabilities, struct inventory *inv,
    struct err *e);

#endif
