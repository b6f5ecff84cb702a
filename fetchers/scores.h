/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scores - the CVSS scores that several speakers gave one vulnerability, and which of them
 * is its severity.
 *
 * For the files of this room only.
 */
#ifndef FETCHERS_SCORES_H
#define FETCHERS_SCORES_H

#include <stddef.h>

#include "core/cvss.h"
#include "core/record.h"

struct arena;

/* More scores than any vulnerability has; what is beyond is left out. */
#define SCORES_MAX 200

/* One score as it was said; a text that is NULL was not. */
struct said_score {
	enum cvss_version version;
	enum speaker speaker;
	const char *scorer, *vector, *score, *word;
};

struct said_scores {
	struct said_score *at;
	size_t n, cap;
};
void scores_add(struct arena *a, struct said_scores *list, const struct said_score *s);

/* "9.8" is 98 and "10" is 100; -1 if TEXT is no score. */
int scores_tenths(const char *text);

struct scores {
	struct {
		struct cvss *at;
		size_t n, cap;
	} list; /* CVSS 3.0 and newer; version 2 only where there is nothing else */
	enum severity severity;
	const char
	    *word; /* the speaker's word for the score that decides; NULL = none */
};

/*
 * Those that can be used, in the order given.  Version 4.0 or 3.1 by NVD decides, then by
 * the CNA, then by CISA; then version 3.0, then version 2, in the same order of speakers.
 */
void scores_choose(struct arena *a, const struct said_scores *list, struct scores *ret);

#endif
