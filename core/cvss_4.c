/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvss_4 - scoring CVSS 4.0.
 *
 * There is no equation.  The metrics fall into six groups with two or three levels each
 * (EQ1 to EQ6; 0 is the worst), the six levels are a "macrovector", and for each of the
 * 270 macrovectors experts set a score, which is that of the worst vectors inside.  A
 * vector that lies below the worst of its macrovector loses, for every group, the share
 * of the distance to the next lower macrovector that it has gone inside its own; the
 * mean of these losses is taken off.  EQ3 and EQ6 depend on each other and are one.
 *
 * Levels of single metrics count upwards from the worst: AV:N is 0 and AV:P is 3.
 */
#include "core/cvss_private.h"

enum {
	AV,
	AC,
	AT,
	PR,
	UI,
	VC,
	VI,
	VA,
	SC,
	SI,
	SA,
	N_BASE,
	E = N_BASE,
	CR,
	IR,
	AR,
	N_LEVELS,
	MODIFIED = N_LEVELS /* of the base metrics, in their order */
};

const struct cvss_metric cvss_4_metrics[] = {
	[AV] = { "AV", "N A L P", NULL, true },
	[AC] = { "AC", "L H", NULL, true },
	[AT] = { "AT", "N P", NULL, true },
	[PR] = { "PR", "N L H", NULL, true },
	[UI] = { "UI", "N P A", NULL, true },
	[VC] = { "VC", "H L N", NULL, true },
	[VI] = { "VI", "H L N", NULL, true },
	[VA] = { "VA", "H L N", NULL, true },
	[SC] = { "SC", "H L N", NULL, true },
	[SI] = { "SI", "H L N", NULL, true },
	[SA] = { "SA", "H L N", NULL, true },
	[E] = { "E", "X A P U", NULL, false },
	[CR] = { "CR", "X H M L", NULL, false },
	[IR] = { "IR", "X H M L", NULL, false },
	[AR] = { "AR", "X H M L", NULL, false },
	[MODIFIED] = { "MAV", "N A L P", "AV", false },
	{ "MAC", "L H", "AC", false },
	{ "MAT", "N P", "AT", false },
	{ "MPR", "N L H", "PR", false },
	{ "MUI", "N P A", "UI", false },
	{ "MVC", "H L N", "VC", false },
	{ "MVI", "H L N", "VI", false },
	{ "MVA", "H L N", "VA", false },
	{ "MSC", "H L N", "SC", false },
	{ "MSI", "S H L N", "SI", false },
	{ "MSA", "S H L N", "SA", false },
	/* told, but not scored */
	{ "S", "X N P", NULL, false },
	{ "AU", "X N Y", NULL, false },
	{ "R", "X A U I", NULL, false },
	{ "V", "X D C", NULL, false },
	{ "RE", "X L M H", NULL, false },
	{ "U", "X Clear Green Amber Red", NULL, false },
	{ NULL, NULL, NULL, false },
};

/*
 * Tenths per macrovector: a row per EQ1, EQ2, EQ3, in it EQ4, EQ5, EQ6.  0 = there is
 * none (without a high impact, EQ3 2, no requirement can meet one).
 */
static const unsigned char scores[18][18] = {
	/* 000 */ {
	    100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68 },
	/* 001 */
	{ 98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48 },
	/* 002 */ { 0, 92, 0, 82, 0, 72, 0, 79, 0, 69, 0, 50, 0, 69, 0, 55, 0, 27 },
	/* 010 */
	{ 99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53 },
	/* 011 */
	{ 95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30 },
	/* 012 */ { 0, 86, 0, 75, 0, 52, 0, 71, 0, 52, 0, 29, 0, 63, 0, 29, 0, 17 },
	/* 100 */
	{ 98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49 },
	/* 101 */
	{ 94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25 },
	/* 102 */ { 0, 83, 0, 70, 0, 54, 0, 65, 0, 58, 0, 26, 0, 53, 0, 21, 0, 13 },
	/* 110 */
	{ 95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30 },
	/* 111 */
	{ 89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16 },
	/* 112 */ { 0, 71, 0, 59, 0, 30, 0, 58, 0, 26, 0, 15, 0, 23, 0, 13, 0, 6 },
	/* 200 */
	{ 93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22 },
	/* 201 */
	{ 85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8 },
	/* 202 */ { 0, 64, 0, 51, 0, 20, 0, 47, 0, 21, 0, 11, 0, 24, 0, 9, 0, 4 },
	/* 210 */
	{ 88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11 },
	/* 211 */
	{ 75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2 },
	/* 212 */ { 0, 53, 0, 24, 0, 14, 0, 24, 0, 12, 0, 5, 0, 10, 0, 3, 0, 1 },
};

#define NONE (-1)

/* Scored groups; EQ5 is one too, but nothing lies between its levels. */
enum { EQ1, EQ2, EQ36, EQ4, N_GROUPS };

struct macro {
	int eq1, eq2, eq3, eq4, eq5, eq6;
};

static int
score_of(struct macro m)
{
	int tenths;

	if (m.eq1 > 2 || m.eq2 > 1 || m.eq3 > 2 || m.eq4 > 2 || m.eq5 > 2 || m.eq6 > 1)
		return NONE;
	tenths =
	    scores[(m.eq1 * 2 + m.eq2) * 3 + m.eq3][(m.eq4 * 3 + m.eq5) * 2 + m.eq6];
	return tenths == 0 ? NONE : tenths;
}

/* What is not said of threat and requirements is as good as the worst. */
static void
read_levels(const struct cvss_values *v, int level[N_LEVELS])
{
	for (int m = 0; m < N_BASE; m++) {
		int modified = v->at[MODIFIED + m];

		level[m] = v->at[m] + (m >= SC);
		if (modified >= 0)
			level[m] = modified + (m == SC);
	}
	for (int m = E; m < N_LEVELS; m++)
		level[m] = v->at[m] > 0 ? v->at[m] - 1 : 0;
}

static struct macro
macro_of(const int level[N_LEVELS])
{
	const int *l = level;
	struct macro m = { .eq5 = l[E] };

	if (l[AV] + l[PR] + l[UI] > 0)
		m.eq1 = l[AV] < 3 && (l[AV] == 0 || l[PR] == 0 || l[UI] == 0) ? 1 : 2;
	m.eq2 = l[AC] + l[AT] > 0;
	if (l[VC] != 0 || l[VI] != 0)
		m.eq3 = l[VC] == 0 || l[VI] == 0 || l[VA] == 0 ? 1 : 2;
	if (l[SI] != 0 && l[SA] != 0)
		m.eq4 = l[SC] == 1 || l[SI] == 1 || l[SA] == 1 ? 1 : 2;
	m.eq6 = !((l[CR] == 0 && l[VC] == 0) || (l[IR] == 0 && l[VI] == 0) ||
		  (l[AR] == 0 && l[VA] == 0));
	return m;
}

/* ---- distances ---- */

#define GROUP_METRICS 6

/* The metrics of a group; the levels below stand in this order. */
static const int group_metrics[N_GROUPS][GROUP_METRICS] = {
	[EQ1] = { AV, PR, UI, NONE },
	[EQ2] = { AC, AT, NONE },
	[EQ36] = { VC, VI, VA, CR, IR, AR },
	[EQ4] = { SC, SI, SA, NONE },
};

/* The worst vectors of one level of a group, and how deep the level goes below them. */
struct level_top {
	int group, level, n, depth; /* level of EQ36: twice EQ3, and EQ6 */
	int worst[5][GROUP_METRICS];
};

static const struct level_top tops[] = {
	{ EQ1, 0, 1, 1, { { 0, 0, 0 } } },
	{ EQ1, 1, 3, 4, { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } },
	{ EQ1, 2, 2, 5, { { 3, 0, 0 }, { 1, 1, 1 } } },
	{ EQ2, 0, 1, 1, { { 0, 0 } } },
	{ EQ2, 1, 2, 2, { { 1, 0 }, { 0, 1 } } },
	{ EQ36, 0, 1, 7, { { 0, 0, 0, 0, 0, 0 } } },
	{ EQ36, 1, 2, 6, { { 0, 0, 1, 1, 1, 0 }, { 0, 0, 0, 1, 1, 1 } } },
	{ EQ36, 2, 2, 8, { { 1, 0, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0, 0 } } },
	{ EQ36, 3, 5, 8,
	    { { 1, 0, 1, 0, 1, 0 }, { 1, 0, 0, 0, 1, 1 }, { 0, 1, 0, 1, 0, 1 },
		{ 0, 1, 1, 1, 0, 0 }, { 1, 1, 0, 0, 0, 1 } } },
	{ EQ36, 5, 1, 10, { { 1, 1, 1, 0, 0, 0 } } },
	{ EQ4, 0, 1, 6, { { 1, 0, 0 } } },
	{ EQ4, 1, 1, 5, { { 1, 1, 1 } } },
	{ EQ4, 2, 1, 4, { { 2, 2, 2 } } },
};

/* Steps from WORST down to LEVEL; NONE if it does not lie above in every metric. */
static int
steps_below(const int *metrics, const int *worst, const int level[N_LEVELS])
{
	int steps = 0;

	for (int i = 0; i < GROUP_METRICS && metrics[i] != NONE; i++) {
		int step = level[metrics[i]] - worst[i];

		if (step < 0)
			return NONE;
		steps += step;
	}
	return steps;
}

/* How far LEVEL has gone inside its level of the group, between 0 and 1. */
static double
share_of(int group, int group_level, const int level[N_LEVELS])
{
	for (unsigned i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		const struct level_top *t = &tops[i];

		if (t->group != group || t->level != group_level)
			continue;
		for (int k = 0; k < t->n; k++) {
			int steps =
			    steps_below(group_metrics[group], t->worst[k], level);

			if (steps != NONE)
				return (double)steps / t->depth;
		}
	}
	return 0;
}

/* The next lower macrovectors, one per group and EQ5; NONE where there is none. */
static void
lower_scores(struct macro m, int ret[N_GROUPS + 1])
{
	struct macro lower = m;
	int other;

	lower.eq1++;
	ret[EQ1] = score_of(lower);
	lower = m;
	lower.eq2++;
	ret[EQ2] = score_of(lower);
	lower = m;
	if (m.eq6 == 0 && m.eq3 < 2)
		lower.eq6++;
	else
		lower.eq3++;
	ret[EQ36] = score_of(lower);
	if (m.eq3 == 0 && m.eq6 == 0) {
		lower = m;
		lower.eq3++;
		if ((other = score_of(lower)) > ret[EQ36])
			ret[EQ36] = other;
	}
	lower = m;
	lower.eq4++;
	ret[EQ4] = score_of(lower);
	lower = m;
	lower.eq5++;
	ret[N_GROUPS] = score_of(lower);
}

int
cvss_4_tenths(const struct cvss_values *v)
{
	int level[N_LEVELS], lower[N_GROUPS + 1], score, n = 0;
	double loss = 0;
	struct macro m;

	read_levels(v, level);
	if (level[VC] == 2 && level[VI] == 2 && level[VA] == 2 && level[SC] == 3 &&
	    level[SI] == 3 && level[SA] == 3)
		return 0;
	m = macro_of(level);
	score = score_of(m);
	lower_scores(m, lower);
	for (int g = 0; g <= N_GROUPS; g++) {
		const int group_level[] = { m.eq1, m.eq2, m.eq3 * 2 + m.eq6, m.eq4 };

		if (lower[g] == NONE || lower[g] > score)
			continue;
		n++;
		if (g < N_GROUPS)
			loss += (score - lower[g]) * share_of(g, group_level[g], level);
	}
	if (n > 0)
		loss /= n;
	return loss >= score ? 0 : (int)(score - loss + 0.5 + 1e-5);
}
