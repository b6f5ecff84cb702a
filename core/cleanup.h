/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cleanup - scope-bound release for functions that use a foreign handle and have
 * several exits.  Declare and initialise in one line; leaving ownership behind is
 * always spelled TAKE(p).  Never together with goto labels in one function.
 */
#ifndef CORE_CLEANUP_H
#define CORE_CLEANUP_H

#include <stdlib.h>
#include <string.h>

#define CLEANUP(fn)  __attribute__((__cleanup__(fn)))
#define CLEANUP_FREE CLEANUP(cleanup_free_)
#define TAKE(p)      ((__typeof__(p))cleanup_take_(&(p)))

/* memcpy, not a cast: a char * object may not be read through a void ** */
static inline void *
cleanup_take_(void *pp)
{
	void *p, *nothing = NULL;

	memcpy(&p, pp, sizeof(p));
	memcpy(pp, &nothing, sizeof(nothing));
	return p;
}

static inline void
cleanup_free_(void *pp)
{
	free(cleanup_take_(pp));
}

#endif
