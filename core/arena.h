/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - one unit of work, one arena: a feed record, a request, an image, a batch.
 * What is allocated lives until arena_reset() or arena_free(); nothing is freed on
 * its own.  A loop that allocates in a long-lived arena grows: long loops make an
 * inner arena or reset theirs.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena; /* opaque here; core/arena.c */

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is allowed */
/* Forget everything, keep the first block for reuse. */
void arena_reset(struct arena *a);
/* Bytes handed out since the last reset: what a cap is checked against. */
size_t arena_used(const struct arena *a);

/* SIZE bytes, aligned for any type, not cleared. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_zalloc(struct arena *a, size_t size);
/* N items of SIZE, cleared, multiplication checked. */
void *arena_array(struct arena *a, size_t n, size_t size);
void *arena_memdup(struct arena *a, const void *p, size_t len);
/* NULL gives NULL. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    __attribute__((__format__(__printf__, 2, 0)));

/*
 * Growing array inside an arena: ARENA_PUSH(a, v) makes room for one more item in
 * the struct { T *at; size_t n, cap; } V and gives a pointer to the new, cleared
 * item.  The old array stays in the arena: at most the size of the new one is lost.
 */
#define ARENA_PUSH(a, v)                                                               \
	((v)->n == (v)->cap ? ((v)->at = arena_grow_(                                  \
				   (a), (v)->at, (v)->n, &(v)->cap, sizeof(*(v)->at))) \
			    : (v)->at,                                                 \
	    &(v)->at[(v)->n++])

void *arena_grow_(struct arena *a, void *old, size_t n, size_t *cap, size_t size);

#endif
