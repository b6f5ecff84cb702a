/* SPDX-License-Identifier: Apache-2.0 */
/* version_random - strings that look like versions, the same ones on every run. */
#ifndef UNIT_MATCH_VERSION_RANDOM_H
#define UNIT_MATCH_VERSION_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define VERSION_RANDOM_SIZE 64

struct version_random {
	uint64_t state;       /* the seed, to begin with */
	const char *alphabet; /* repeat a character to see it more often */
};

/* Less than N. */
size_t version_random_below(struct version_random *r, size_t n);
/* A new string of 1 to 20 characters, mostly beginning with a digit. */
void version_random_new(struct version_random *r, char out[VERSION_RANDOM_SIZE]);
/* FROM with one or two characters changed, left out, put in or doubled. */
void version_random_near(
    struct version_random *r, const char *from, char out[VERSION_RANDOM_SIZE]);

#endif
