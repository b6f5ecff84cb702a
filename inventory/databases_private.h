/* SPDX-License-Identifier: Apache-2.0 */
/* databases_private - the rows there are, and what they share. */
#ifndef INVENTORY_DATABASES_PRIVATE_H
#define INVENTORY_DATABASES_PRIVATE_H

#include "inventory/databases.h"
#include "inventory/inventory_private.h"

extern const struct database database_dpkg, database_apk, database_rpm,
    database_rpm_manifest, database_pacman;

/*
 * A reader of documents over the bytes of F: the system is INV's own.  What would refuse
 * the document is a warning here.
 */
enum err_code database_read_document(const struct reader *r, const struct image_file *f,
    struct arena *a, struct inventory *inv, struct err *e);

/* RC and *E as a row of the table may return them: what costs F alone becomes a warning. */
enum err_code database_verdict(const struct image_file *f, enum err_code rc,
    struct arena *a, struct inventory *inv, struct err *e);

#endif
