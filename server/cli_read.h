/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli_read - what people name on the command line, read as an inventory: a file, a folder,
 * standard input, or a reference that is pulled from its registry.  A prefix says which,
 * as with other scanners; without one, what is there as a file is a file.
 */
#ifndef SERVER_CLI_READ_H
#define SERVER_CLI_READ_H

#include "core/err.h"

struct arena;
struct inventory;

/* How to read it. */
struct reading {
	const char *os, *platform; /* NULL = not said */
};

enum err_code cli_read_inventory(const char *what, const struct reading *o,
    struct arena *a, struct inventory **ret, struct err *e);

#endif
