/* SPDX-License-Identifier: Apache-2.0 */
/* idmap - 64-bit keys to 64-bit values in an arena, open addressing, no deletion. */
#ifndef STORE_IDMAP_H
#define STORE_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct idmap {
	struct arena *a; /* borrowed */
	struct idmap_slot *slots;
	size_t n, cap; /* cap is 0 or a power of two */
};

static inline struct idmap
idmap_in(struct arena *a)
{
	return (struct idmap){ .a = a };
}

/* Pointer to KEY's value, or NULL; valid until the next idmap_put(). */
int64_t *idmap_get(const struct idmap *m, int64_t key);
/* Pointer to KEY's value, made with value 0 if new; RET_NEW may be NULL. */
int64_t *idmap_put(struct idmap *m, int64_t key, bool *ret_new);

#endif
