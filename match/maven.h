/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maven - Maven's versions as what they are: numbers and words in lists inside each other.
 *
 * A list is opened by a hyphen, at every change between digits and letters, and by a dot in
 * front of a word that ends the version or is followed by a digit.  Everything behind it
 * belongs to it, so a list is always the last thing in the one around it, and the whole
 * version is one row of tokens.  Zeros and release words at the end of a list, and in front
 * of the list that ends it, do not count.
 *
 * Order as in Maven 3.8 and 3.9 (ComparableVersion).
 */
#ifndef MATCH_MAVEN_H
#define MATCH_MAVEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/limits.h"

enum maven_kind { MAVEN_NUMBER, MAVEN_WORD, MAVEN_LIST };

/* Words that Maven ranks; all others come behind, by the alphabet. */
enum maven_rank {
	MAVEN_ALPHA,
	MAVEN_BETA,
	MAVEN_MILESTONE,
	MAVEN_RC,
	MAVEN_SNAPSHOT,
	MAVEN_RELEASE, /* the same as nothing */
	MAVEN_SP,
	MAVEN_OTHER
};

struct maven_token {
	uint8_t kind; /* enum maven_kind */
	uint8_t rank; /* of a word */
	/* number: machine words of one, two and more sizes never equal each other */
	uint8_t width;
	uint16_t at, len; /* in the text: digits without zeros in front; letters */
};

/* An item and a list for each byte at most, and the rest behind the last one. */
#define MAVEN_MAX_TOKENS (2 * 4096 + 1)

struct maven_version {
	const char *text; /* borrowed */
	size_t n;
	struct maven_token at[MAVEN_MAX_TOKENS];
};

/* TEXT has 1 to MAX_VERSION bytes; every text is a version. */
void maven_parse(const char *text, size_t len, struct maven_version *ret);
/* Less, equal or more than zero, as Maven says.  Not always transitive. */
int maven_compare(const struct maven_version *a, const struct maven_version *b);
/* The sign of what begins at token I (a list with all it holds) against nothing. */
int maven_sign(const struct maven_version *v, size_t i);
/* Words, in small letters. */
int maven_word_compare(const char *p, size_t len, const char *q, size_t q_len);

#endif
