/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool - items laid aside while the rest of a document is read: written one behind the
 * other, then read once in the same order.  A few fit into memory; more go to a file
 * without a name, which is gone with the spool.
 *
 * For readers whose documents say first what can be understood only by what comes last.
 *
 * Memory: SPOOL_BUFFER bytes and one item, whatever is laid aside.
 */
#ifndef CORE_SPOOL_H
#define CORE_SPOOL_H

#include <stddef.h>

#include "core/err.h"

#define SPOOL_BUFFER ((size_t)256 * 1024)

struct spool; /* opaque here; core/spool.c */

/* DIR, borrowed, is where the file lies if there is to be one; NULL = /tmp. */
struct spool *spool_new(const char *dir);
void spool_free(struct spool *s); /* NULL is allowed */

/* Lay P[0..LEN) aside; not after the first spool_next().  ERR_STORAGE: the file. */
enum err_code spool_add(struct spool *s, const void *p, size_t len, struct err *e);
/* The next item, borrowed until the next call; *RET_P is NULL behind the last one. */
enum err_code spool_next(
    struct spool *s, const void **ret_p, size_t *ret_len, struct err *e);

#endif
