/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of files that tell of packages inside a file system. */
#include "inventory/databases.h"

const struct database *const inventory_databases[] = {
	NULL,
};
