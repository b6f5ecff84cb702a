/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shapes - what versions of a scheme are made of, for tests that draw them at random:
 * tests/data/versions/shapes/SCHEME.txt.  A line is "token X", a piece that strings are
 * glued from (said twice, it is seen twice as often), or "version X", one to start from.
 */
#ifndef UNIT_MATCH_SHAPES_H
#define UNIT_MATCH_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct shape_texts {
	const char **at;
	size_t n, cap;
};

struct shapes {
	struct shape_texts tokens, versions;
};

/* False if DIR has no file for SCHEME, or it lacks tokens or versions. */
bool shapes_read(
    const char *dir, const char *scheme, struct arena *a, struct shapes *ret);

#endif
