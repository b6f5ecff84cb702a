/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of files that tell of packages inside a file system. */
#include "inventory/databases.h"

#include "inventory/inventory_private.h"

const struct database *const inventory_databases[] = {
	&database_dpkg,
	&database_apk,
	NULL,
};
