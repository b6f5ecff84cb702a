/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pull - an image out of a registry, read without being unpacked.
 *
 * Manifest, configuration and layers come into a folder of the spool that is laid out as
 * an OCI image and gone afterwards; it is read like any other, in a child process.  Every
 * byte is verified twice: against its digest when it comes, and by the reader.
 *
 * Errors.  As registry.h and inventory.h have them; ERR_UNSUPPORTED: what the reference
 * points to is no image (a chart, an SBOM, an image of Windows).
 */
#ifndef INVENTORY_PULL_H
#define INVENTORY_PULL_H

#include "core/err.h"
#include "inventory/inventory.h"
#include "inventory/reference.h"

struct arena;
struct registry;

/*
 * *RET_DIGEST: what REF points to, which is an index for several platforms more often than
 * not; the inventory's own digest is that of the image chosen from it.
 */
enum err_code image_pull(struct registry *r, const struct reference *ref,
    const char *spool_dir, const struct inventory_hints *hints, struct arena *a,
    struct inventory **ret, const char **ret_digest, struct err *e);

#endif
