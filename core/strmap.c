/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strmap - an array of entries in order of insertion, and a table of indexes into it
 * that is probed linearly.  Keys come from peers, so the hash (SipHash-1-3) has a secret:
 * nobody outside can choose keys that all fall into one place.  The secret is the
 * process's, drawn once: drivers make a map for every record.
 */
#include "core/strmap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/mem.h"

#define FIRST_SLOTS ((size_t)64)

struct entry {
	const char *key; /* in the map's arena */
	uint64_t value;
	uint32_t hash; /* the lower half: compared before the texts are */
	uint32_t len;
};

struct strmap {
	struct arena *keys;    /* owned */
	struct entry *entries; /* owned */
	size_t n, cap;
	uint32_t *slots; /* owned; 0 = free, else index of an entry + 1 */
	size_t n_slots;  /* a power of two, at least twice n */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t secret[2];

static void
draw_secret(void)
{
	random_bytes(secret, sizeof(secret));
}

struct strmap *
strmap_new(void)
{
	struct strmap *m = mem_zalloc(sizeof(*m));

	m->keys = arena_new();
	(void)pthread_once(&once, draw_secret);
	return m;
}

void
strmap_free(struct strmap *m)
{
	if (m == NULL)
		return;
	arena_free(m->keys);
	free(m->entries);
	free(m->slots);
	free(m);
}

size_t
strmap_count(const struct strmap *m)
{
	return m->n;
}

static uint64_t
rotate(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static uint64_t
hash_of(const char *key, size_t len)
{
	uint64_t v[4] = { secret[0] ^ 0x736f6d6570736575u,
		secret[1] ^ 0x646f72616e646f6du, secret[0] ^ 0x6c7967656e657261u,
		secret[1] ^ 0x7465646279746573u };
	uint64_t word, last = (uint64_t)len << 56;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, key + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = 0;
	memcpy(&word, key + i, len - i);
	last |= word;
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int round = 0; round < 3; round++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot where KEY is, or the free one where it would go. */
static size_t
slot_of(const struct strmap *m, const char *key, size_t len, uint32_t hash)
{
	size_t mask = m->n_slots - 1, i = hash & mask;

	for (; m->slots[i] != 0; i = (i + 1) & mask) {
		const struct entry *e = &m->entries[m->slots[i] - 1];

		if (e->hash == hash && e->len == len && memcmp(e->key, key, len) == 0)
			break;
	}
	return i;
}

static void
grow(struct strmap *m)
{
	size_t mask;

	m->n_slots = m->n_slots == 0 ? FIRST_SLOTS : m->n_slots * 2;
	mask = m->n_slots - 1;
	free(m->slots);
	m->slots = mem_array(NULL, m->n_slots, sizeof(*m->slots));
	memset(m->slots, 0, m->n_slots * sizeof(*m->slots));
	m->cap = m->n_slots / 2;
	m->entries = mem_array(m->entries, m->cap, sizeof(*m->entries));
	for (size_t n = 0; n < m->n; n++) {
		size_t i = m->entries[n].hash & mask;

		while (m->slots[i] != 0)
			i = (i + 1) & mask;
		m->slots[i] = (uint32_t)(n + 1);
	}
}

uint64_t *
strmap_get(struct strmap *m, const char *key)
{
	size_t len = strlen(key), slot;

	if (m->n == 0)
		return NULL;
	slot = slot_of(m, key, len, (uint32_t)hash_of(key, len));
	return m->slots[slot] == 0 ? NULL : &m->entries[m->slots[slot] - 1].value;
}

uint64_t *
strmap_put(struct strmap *m, const char *key, bool *ret_new)
{
	size_t len = strlen(key), slot;
	uint32_t hash = (uint32_t)hash_of(key, len);
	struct entry *e;
	bool is_new;

	if (m->n == m->cap)
		grow(m);
	slot = slot_of(m, key, len, hash);
	is_new = m->slots[slot] == 0;
	if (is_new) {
		e = &m->entries[m->n++];
		e->key = arena_memdup(m->keys, key, len + 1);
		e->value = 0;
		e->hash = hash;
		e->len = (uint32_t)len;
		m->slots[slot] = (uint32_t)m->n;
	} else {
		e = &m->entries[m->slots[slot] - 1];
	}
	if (ret_new != NULL)
		*ret_new = is_new;
	return &e->value;
}

const char *
strmap_key(const struct strmap *m, size_t i)
{
	return i < m->n ? m->entries[i].key : NULL;
}

uint64_t
strmap_value(const struct strmap *m, size_t i)
{
	return i < m->n ? m->entries[i].value : 0;
}
