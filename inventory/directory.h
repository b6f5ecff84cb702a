/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory - a root file system, or the directory of a package database alone, on disk.
 * Nothing outside of it is opened: every path is resolved under it by the kernel (openat2,
 * RESOLVE_IN_ROOT), links included.
 */
#ifndef INVENTORY_DIRECTORY_H
#define INVENTORY_DIRECTORY_H

#include "inventory/inventory.h"

/*
 * The packages of every database under ROOT, a directory that is open.
 * ERR_NOTFOUND  it holds none that is known
 */
enum err_code directory_read(int root, const struct inventory_hints *hints,
    struct arena *a, struct inventory **ret, struct err *e);

#endif
