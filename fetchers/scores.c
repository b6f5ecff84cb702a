/* SPDX-License-Identifier: Apache-2.0 */
/* scores - reading the numbers, and choosing among the speakers. */
#include "fetchers/scores.h"

#include <stdbool.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"

/* Lower is preferred; see scores.h. */
static int
rank(enum cvss_version version, enum speaker speaker)
{
	int who = speaker == SPEAKER_NVD ? 0 : speaker == SPEAKER_CNA ? 1 : 2;

	if (version <= CVSS_31)
		return who * 2 + (int)version;
	return 10 * (int)version + who;
}

int
scores_tenths(const char *text)
{
	int tenths = 0;
	const char *p = text;

	if (text == NULL || *p < '0' || *p > '9')
		return -1;
	for (; *p >= '0' && *p <= '9' && tenths <= 10; p++)
		tenths = tenths * 10 + (*p - '0');
	tenths *= 10;
	if (*p == '.') {
		if (p[1] < '0' || p[1] > '9')
			return -1;
		tenths += p[1] - '0';
		p += 2;
		p += strspn(p, "0");
	}
	return *p == '\0' && tenths <= 100 ? tenths : -1;
}

/* Version 2 knows no critical: its highest band ends at 10. */
static enum severity
severity_of(enum cvss_version version, int tenths)
{
	enum severity s = severity_from_cvss(tenths);

	return version == CVSS_2 && s == SEVERITY_CRITICAL ? SEVERITY_HIGH : s;
}

void
scores_add(struct arena *a, struct said_scores *list, const struct said_score *s)
{
	if (list->n < SCORES_MAX)
		*ARENA_PUSH(a, list) = *s;
}

static bool
has_newer_than_2(const struct said_scores *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].version != CVSS_2 &&
		    scores_tenths(list->at[i].score) >= 0)
			return true;
	return false;
}

void
scores_choose(struct arena *a, const struct said_scores *list, struct scores *ret)
{
	bool newer = has_newer_than_2(list);
	int best = -1;

	*ret = (struct scores){ .severity = SEVERITY_UNKNOWN };
	for (size_t i = 0; i < list->n; i++) {
		const struct said_score *m = &list->at[i];
		int tenths = scores_tenths(m->score);

		if (tenths < 0 || m->vector == NULL || (newer && m->version == CVSS_2))
			continue;
		*ARENA_PUSH(a, &ret->list) = (struct cvss){
			.scorer = str_or_empty(m->scorer),
			.vector = m->vector,
			.score_tenths = tenths,
			.speaker = m->speaker,
		};
		if (best < 0 || rank(m->version, m->speaker) < best) {
			best = rank(m->version, m->speaker);
			ret->severity = severity_of(m->version, tenths);
			ret->word = m->word;
		}
	}
}
