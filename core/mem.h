/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem - allocation that does not return on failure: it logs one line and aborts.
 * The service restarts in a second and the store is transactional.  That is honest
 * only because no size comes from outside unchecked: whatever a peer sizes goes
 * through a struct buf with a maximum, or an arena with a cap.
 */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size) __attribute__((__malloc__, __returns_nonnull__));
void *mem_zalloc(size_t size) __attribute__((__malloc__, __returns_nonnull__));
/* N times SIZE with the multiplication checked. */
void *mem_array(void *old, size_t n, size_t size) __attribute__((__returns_nonnull__));
char *mem_strdup(const char *s) __attribute__((__malloc__, __returns_nonnull__));
char *mem_strndup(const char *s, size_t n)
    __attribute__((__malloc__, __returns_nonnull__));

#endif
