/* SPDX-License-Identifier: Apache-2.0 */
/* version_random - strings that look like versions, the same ones on every run. */
#ifndef UNIT_MATCH_VERSION_RANDOM_H
#define UNIT_MATCH_VERSION_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "unit/match/shapes.h"

#define VERSION_RANDOM_SIZE 96

struct version_random {
	uint64_t state; /* the seed, to begin with */
	struct shapes shapes;
};

/* Less than N. */
size_t version_random_below(struct version_random *r, size_t n);
/* 1 to 12 tokens, mostly beginning with a digit. */
void version_random_new(struct version_random *r, char out[VERSION_RANDOM_SIZE]);
/* One of the versions to start from. */
void version_random_known(struct version_random *r, char out[VERSION_RANDOM_SIZE]);
/* FROM with one or two pieces changed, left out, put in or doubled. */
void version_random_near(
    struct version_random *r, const char *from, char out[VERSION_RANDOM_SIZE]);
/* Two that are worth comparing: one new or known, changed, and a neighbour of it. */
void version_random_pair(
    struct version_random *r, char a[VERSION_RANDOM_SIZE], char b[VERSION_RANDOM_SIZE]);

#endif
