/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack - bytes into a file, packed with zstd on the way; core/stream.h reads them back.
 *
 * A writer belongs to one thread.  Memory: one window of the packing, a few MiB.
 */
#ifndef CORE_PACK_H
#define CORE_PACK_H

#include <stddef.h>

#include "core/err.h"

struct pack; /* opaque here; core/pack.c */

/* Write to FD (borrowed) from where it stands. */
enum err_code pack_open(struct pack **ret, int fd, struct err *e);
/* ERR_STORAGE  the disk is full ... */
enum err_code pack_write(struct pack *p, const void *bytes, size_t len, struct err *e);
/* Write what is left and free P (NULL is allowed). */
enum err_code pack_close(struct pack *p, struct err *e);

#endif
