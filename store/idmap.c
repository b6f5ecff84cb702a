/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing, at most half full. */
#include "store/idmap.h"

#include "core/arena.h"

#define FIRST_CAP 64

struct idmap_slot {
	int64_t key, value;
	bool used;
};

static size_t
place_of(const struct idmap *m, int64_t key)
{
	uint64_t h = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 32) & (m->cap - 1);

	while (m->slots[i].used && m->slots[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

static void
grow(struct idmap *m)
{
	struct idmap old = *m;

	m->cap = old.cap == 0 ? FIRST_CAP : old.cap * 2;
	m->slots = arena_array(m->a, m->cap, sizeof(*m->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].used)
			m->slots[place_of(m, old.slots[i].key)] = old.slots[i];
}

int64_t *
idmap_get(const struct idmap *m, int64_t key)
{
	struct idmap_slot *slot;

	if (m->cap == 0)
		return NULL;
	slot = &m->slots[place_of(m, key)];
	return slot->used ? &slot->value : NULL;
}

int64_t *
idmap_put(struct idmap *m, int64_t key, bool *ret_new)
{
	struct idmap_slot *slot;

	if (m->n * 2 >= m->cap)
		grow(m);
	slot = &m->slots[place_of(m, key)];
	if (ret_new != NULL)
		*ret_new = !slot->used;
	if (!slot->used) {
		*slot = (struct idmap_slot){ .key = key, .used = true };
		m->n++;
	}
	return &slot->value;
}
