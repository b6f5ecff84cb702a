/* SPDX-License-Identifier: Apache-2.0 */
/* case - one installed package, what is said about it, and the verdict. */
#ifndef UNIT_MATCH_CASE_H
#define UNIT_MATCH_CASE_H

#include <stddef.h>

#include "match/match.h"

#define CASE_MAX 12

struct arena;

struct trial {
	struct arena *a; /* owned by the fixture */
	struct subject s;
	struct statement said[CASE_MAX];
	size_t n;
	struct decision d;
	const char *names[CASE_MAX]; /* of packages; id = position + 1 */
};

/* A statement as a feed would write it; what is left out is empty. */
struct say {
	const char *source_of; /* about this source package, or ... */
	const char *binary;    /* ... about this binary one */
	enum status status;
	const char *introduced, *fixed, *last_affected, *version;
	const char *stream, *module, *archs;
	enum severity severity;
	int rank;
	const char *key; /* of the record */
};

/* cmocka fixture: *STATE is a struct trial. */
int case_setup(void **state);
int case_teardown(void **state);

/* SOURCE may be NULL. */
void case_install(struct trial *t, const char *scheme, const char *package,
    const char *version, const char *source, const char *source_version);
const struct statement *case_say(struct trial *t, struct say say);
void case_decide(struct trial *t);

/* Decide and compare; a failure prints expected and got. */
void case_expect_match(struct trial *t, enum status state, const struct statement *by);
void case_expect_none(struct trial *t, enum reason reason, const struct statement *by);

#endif
