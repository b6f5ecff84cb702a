/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holder - who reads a feed, as its lease says it, and whether that process still lives.
 * A lease runs out by itself; one whose process was killed on this machine need not be
 * waited for.
 */
#ifndef SERVER_HOLDER_H
#define SERVER_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct store;

/* "WHAT (process 4711 on host)". */
#define HOLDER_SIZE 192
void holder_write(const char *what, char ret[HOLDER_SIZE]);
/* Was HOLDER a process of this machine, and is it no more? */
bool holder_is_gone(const char *holder);
/* End the leases of such processes. */
enum err_code holders_bury(struct store *st, struct err *e);

#endif
