/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strmap - text to a 64-bit value, open addressing, keys copied.  For sets give any
 * value.  Order of iteration is order of insertion.  Deletion is not supported.
 */
#ifndef CORE_STRMAP_H
#define CORE_STRMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strmap; /* opaque here; core/strmap.c */

struct strmap *strmap_new(void);
void strmap_free(struct strmap *m);
size_t strmap_count(const struct strmap *m);
/* Pointer to KEY's value, or NULL; valid until the next strmap_put(). */
uint64_t *strmap_get(struct strmap *m, const char *key);
/* Pointer to KEY's value, made with value 0 if new; *RET_NEW may be NULL. */
uint64_t *strmap_put(struct strmap *m, const char *key, bool *ret_new);
/* The I-th key in order of insertion; NULL past the end. */
const char *strmap_key(const struct strmap *m, size_t i);
uint64_t strmap_value(const struct strmap *m, size_t i);

#endif
