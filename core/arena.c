/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - a chain of blocks, each twice the one before up to a maximum; an allocation
 * is a pointer moved.  Under AddressSanitizer what is not handed out is poisoned and
 * allocations keep a distance, so that overruns and use after a reset are seen.
 */
#include "core/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define REDZONE    ((size_t)16)
#define HIDE(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define SHOW(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define REDZONE    ((size_t)0)
#define HIDE(p, n) ((void)(p), (void)(n))
#define SHOW(p, n) ((void)(p), (void)(n))
#endif

#define FIRST_BLOCK ((size_t)4096)
#define MAX_BLOCK   ((size_t)256 * 1024)
#define ALIGN       _Alignof(max_align_t)

struct block {
	struct block *next; /* older */
	size_t size;        /* bytes of data */
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *blocks; /* owned; the newest, the one that is filled, first */
	size_t at;            /* bytes of the newest block that are taken */
	size_t used;
};

struct arena *
arena_new(void)
{
	return mem_zalloc(sizeof(struct arena));
}

static void
free_blocks(struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;

		SHOW(b->data, b->size);
		free(b);
		b = next;
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a->blocks);
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *keep = a->blocks;

	/*
	 * The newest block is mostly the largest: a loop of like units soon needs no
	 * malloc.  One giant must not stay for ever, though.
	 */
	if (keep != NULL && keep->size > MAX_BLOCK) {
		free_blocks(keep);
		a->blocks = NULL;
	} else if (keep != NULL) {
		free_blocks(keep->next);
		keep->next = NULL;
		HIDE(keep->data, keep->size);
	}
	a->at = 0;
	a->used = 0;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

static struct block *
block_new(size_t size)
{
	struct block *b = mem_alloc(sizeof(*b) + size);

	b->next = NULL;
	b->size = size;
	HIDE(b->data, size);
	return b;
}

/* SIZE bytes from a new block. */
static void *
alloc_slow(struct arena *a, size_t size)
{
	struct block *top = a->blocks;
	size_t want = top == NULL ? FIRST_BLOCK : top->size * 2;
	struct block *b;

	if (want > MAX_BLOCK)
		want = MAX_BLOCK;
	if (size > want / 4 && top != NULL) {
		/* A block of its own, behind the one that still has room. */
		b = block_new(size);
		b->next = top->next;
		top->next = b;
		return b->data;
	}
	b = block_new(size > want ? size : want);
	b->next = top;
	a->blocks = b;
	a->at = size;
	return b->data;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	size_t need;
	void *p;

	/* mem_alloc() says the rest about sizes that cannot be */
	need = size > PTRDIFF_MAX ? PTRDIFF_MAX : size;
	need = (need + REDZONE + ALIGN - 1) / ALIGN * ALIGN;
	if (a->blocks != NULL && a->blocks->size - a->at >= need) {
		p = a->blocks->data + a->at;
		a->at += need;
	} else {
		p = alloc_slow(a, need);
	}
	a->used += need - REDZONE;
	SHOW(p, size);
	return p;
}

void *
arena_zalloc(struct arena *a, size_t size)
{
	void *p = arena_alloc(a, size);

	memset(p, 0, size);
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size > 0 && n > PTRDIFF_MAX / size)
		return mem_array(NULL, n, size); /* aborts and says why */
	return arena_zalloc(a, n * size);
}

void *
arena_memdup(struct arena *a, const void *p, size_t len)
{
	void *copy = arena_alloc(a, len);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_memdup(a, s, strlen(s) + 1);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len;
	char *copy;

	if (s == NULL)
		return NULL;
	len = strnlen(s, n);
	copy = arena_alloc(a, len + 1);
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char small[256];
	va_list again;
	char *s;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n < 0) {
		s = arena_strdup(a, "");
	} else if ((size_t)n < sizeof(small)) {
		s = arena_memdup(a, small, (size_t)n + 1);
	} else {
		s = arena_alloc(a, (size_t)n + 1);
		(void)vsnprintf(s, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	return s;
}

void *
arena_grow_(struct arena *a, void *old, size_t n, size_t *cap, size_t size)
{
	size_t new_cap = *cap == 0 ? 4 : *cap * 2;
	unsigned char *p = arena_array(a, new_cap, size);

	if (n > 0)
		memcpy(p, old, n * size);
	*cap = new_cap;
	return p;
}
