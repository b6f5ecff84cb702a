/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvss - reading vectors, and the equations of versions 2 and 3.  The numbers are those
 * of the specifications of FIRST; every one of them stands in the order of the values in
 * the tables of metrics.
 */
#include "core/cvss.h"

#include <string.h>

#include "core/cvss_private.h"
#include "core/str.h"

#define LONGEST 512 /* a vector with every metric of version 4 has 200 characters */

/* ---- version 2 ---- */

enum {
	V2_AV,
	V2_AC,
	V2_AU,
	V2_C,
	V2_I,
	V2_A,
	V2_E,
	V2_RL,
	V2_RC,
	V2_CDP,
	V2_TD,
	V2_CR,
	V2_IR,
	V2_AR
};

static const struct cvss_metric v2_metrics[] = {
	[V2_AV] = { "AV", "L A N", NULL, true },
	[V2_AC] = { "AC", "H M L", NULL, true },
	[V2_AU] = { "Au", "M S N", NULL, true },
	[V2_C] = { "C", "N P C", NULL, true },
	[V2_I] = { "I", "N P C", NULL, true },
	[V2_A] = { "A", "N P C", NULL, true },
	[V2_E] = { "E", "ND U POC F H", NULL, false },
	[V2_RL] = { "RL", "ND OF TF W U", NULL, false },
	[V2_RC] = { "RC", "ND UC UR C", NULL, false },
	[V2_CDP] = { "CDP", "ND N L LM MH H", NULL, false },
	[V2_TD] = { "TD", "ND N L M H", NULL, false },
	[V2_CR] = { "CR", "ND L M H", NULL, false },
	[V2_IR] = { "IR", "ND L M H", NULL, false },
	[V2_AR] = { "AR", "ND L M H", NULL, false },
	{ NULL, NULL, NULL, false },
};

/* The weight of metric M; what the vector does not say is as good as its first value. */
static double
weight(const struct cvss_values *v, int m, const double weights[])
{
	return weights[v->at[m] < 0 ? 0 : v->at[m]];
}

static int
to_nearest(double score)
{
	return (int)(score * 10 + 0.5 + 1e-9);
}

static double
v2_base(const struct cvss_values *v, double impact)
{
	static const double av[] = { 0.395, 0.646, 1.0 }, ac[] = { 0.35, 0.61, 0.71 },
			    au[] = { 0.45, 0.56, 0.704 };
	double exploitability =
	    20 * weight(v, V2_AV, av) * weight(v, V2_AC, ac) * weight(v, V2_AU, au);

	if (impact <= 0)
		return 0;
	return to_nearest((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176) / 10.0;
}

static double
v2_temporal(const struct cvss_values *v, double base)
{
	static const double e[] = { 1, 0.85, 0.9, 0.95, 1 },
			    rl[] = { 1, 0.87, 0.9, 0.95, 1 },
			    rc[] = { 1, 0.9, 0.95, 1 };

	return to_nearest(base * weight(v, V2_E, e) * weight(v, V2_RL, rl) *
			  weight(v, V2_RC, rc)) /
	       10.0;
}

static int
v2_tenths(const struct cvss_values *v)
{
	static const double cia[] = { 0, 0.275, 0.66 }, need[] = { 1, 0.5, 1, 1.51 },
			    cdp[] = { 0, 0, 0.1, 0.3, 0.4, 0.5 },
			    td[] = { 1, 0, 0.25, 0.75, 1 };
	double c = weight(v, V2_C, cia), i = weight(v, V2_I, cia),
	       a = weight(v, V2_A, cia), impact, score;
	bool is_environmental = false;

	for (int m = V2_CDP; m <= V2_AR; m++)
		is_environmental |= v->at[m] > 0;
	if (!is_environmental) {
		impact = 10.41 * (1 - (1 - c) * (1 - i) * (1 - a));
		return to_nearest(v2_temporal(v, v2_base(v, impact)));
	}
	impact = 10.41 * (1 - (1 - c * weight(v, V2_CR, need)) *
				  (1 - i * weight(v, V2_IR, need)) *
				  (1 - a * weight(v, V2_AR, need)));
	score = v2_temporal(v, v2_base(v, impact > 10 ? 10 : impact));
	return to_nearest(
	    (score + (10 - score) * weight(v, V2_CDP, cdp)) * weight(v, V2_TD, td));
}

/* ---- version 3 ---- */

enum {
	V3_AV,
	V3_AC,
	V3_PR,
	V3_UI,
	V3_S,
	V3_C,
	V3_I,
	V3_A,
	V3_E,
	V3_RL,
	V3_RC,
	V3_CR,
	V3_IR,
	V3_AR,
	V3_MODIFIED /* the first eight once more */
};

static const struct cvss_metric v3_metrics[] = {
	[V3_AV] = { "AV", "N A L P", NULL, true },
	[V3_AC] = { "AC", "L H", NULL, true },
	[V3_PR] = { "PR", "N L H", NULL, true },
	[V3_UI] = { "UI", "N R", NULL, true },
	[V3_S] = { "S", "U C", NULL, true },
	[V3_C] = { "C", "N L H", NULL, true },
	[V3_I] = { "I", "N L H", NULL, true },
	[V3_A] = { "A", "N L H", NULL, true },
	[V3_E] = { "E", "X U P F H", NULL, false },
	[V3_RL] = { "RL", "X O T W U", NULL, false },
	[V3_RC] = { "RC", "X U R C", NULL, false },
	[V3_CR] = { "CR", "X L M H", NULL, false },
	[V3_IR] = { "IR", "X L M H", NULL, false },
	[V3_AR] = { "AR", "X L M H", NULL, false },
	[V3_MODIFIED] = { "MAV", "N A L P", "AV", false },
	{ "MAC", "L H", "AC", false },
	{ "MPR", "N L H", "PR", false },
	{ "MUI", "N R", "UI", false },
	{ "MS", "U C", "S", false },
	{ "MC", "N L H", "C", false },
	{ "MI", "N L H", "I", false },
	{ "MA", "N L H", "A", false },
	{ NULL, NULL, NULL, false },
};

/* Up to the next tenth; what lies a hair above one by its binary form stays. */
static int
roundup(double score)
{
	long parts = (long)(score * 100000 + 0.5);

	return (int)((parts + 9999) / 10000);
}

static double
power(double base, int exponent)
{
	double result = 1;

	while (exponent-- > 0)
		result *= base;
	return result;
}

static double
v3_exploitability(const struct cvss_values *v, bool is_changed)
{
	static const double av[] = { 0.85, 0.62, 0.55, 0.2 }, ac[] = { 0.77, 0.44 },
			    ui[] = { 0.85, 0.62 },
			    pr[2][3] = { { 0.85, 0.62, 0.27 }, { 0.85, 0.68, 0.5 } };

	return 8.22 * weight(v, V3_AV, av) * weight(v, V3_AC, ac) *
	       weight(v, V3_PR, pr[is_changed]) * weight(v, V3_UI, ui);
}

/* From the part of the impact that is left, with the equation's own last term. */
static int
v3_sum(
    const struct cvss_values *v, double lost, double factor, int exponent, bool changed)
{
	double impact = changed ? 7.52 * (lost - 0.029) -
				      3.25 * power(lost * factor - 0.02, exponent)
				: 6.42 * lost;
	double sum;

	if (impact <= 0)
		return 0;
	sum = impact + v3_exploitability(v, changed);
	if (changed)
		sum *= 1.08;
	return roundup(sum > 10 ? 10 : sum);
}

static int
v3_tenths(const struct cvss_values *v, bool is_30)
{
	static const double cia[] = { 0, 0.22, 0.56 }, need[] = { 1, 0.5, 1, 1.5 },
			    e[] = { 1, 0.91, 0.94, 0.97, 1 },
			    rl[] = { 1, 0.95, 0.96, 0.97, 1 },
			    rc[] = { 1, 0.92, 0.96, 1 };
	struct cvss_values w = *v; /* with the modified metrics in place */
	bool is_environmental = false;
	double lost;
	int score;

	for (int m = V3_CR; v3_metrics[m].name != NULL; m++)
		is_environmental |= v->at[m] > (m < V3_MODIFIED ? 0 : -1);
	for (int m = V3_MODIFIED; v3_metrics[m].name != NULL; m++)
		if (v->at[m] >= 0)
			w.at[m - V3_MODIFIED] = v->at[m];
	lost = 1 - (1 - weight(&w, V3_C, cia) * weight(v, V3_CR, need)) *
		       (1 - weight(&w, V3_I, cia) * weight(v, V3_IR, need)) *
		       (1 - weight(&w, V3_A, cia) * weight(v, V3_AR, need));
	if (is_environmental && lost > 0.915)
		lost = 0.915;
	if (is_environmental && !is_30)
		score = v3_sum(&w, lost, 0.9731, 13, w.at[V3_S] == 1);
	else
		score = v3_sum(&w, lost, 1, 15, w.at[V3_S] == 1);
	return roundup(score / 10.0 * weight(v, V3_E, e) * weight(v, V3_RL, rl) *
		       weight(v, V3_RC, rc));
}

/* ---- vectors ---- */

/* The place of S[0..LEN) in the list VALUES; -1 if it is not there. */
static int
place_of(const char *values, const char *s, size_t len)
{
	for (int place = 0; *values != '\0'; place++) {
		size_t n = strcspn(values, " ");

		if (n == len && memcmp(values, s, len) == 0)
			return place;
		values += n + (values[n] == ' ');
	}
	return -1;
}

static int
find_metric(const struct cvss_metric *metrics, const char *s, size_t len)
{
	for (int m = 0; metrics[m].name != NULL; m++)
		if (strlen(metrics[m].name) == len &&
		    memcmp(metrics[m].name, s, len) == 0)
			return m;
	return -1;
}

/* "AV:N" at S into *V; false if it is no metric that may stand behind *LAST. */
static bool
read_metric(const struct cvss_metric *metrics, const char *s, size_t len,
    struct cvss_values *v, int *last, bool in_order)
{
	const char *colon = memchr(s, ':', len);
	size_t name = colon == NULL ? 0 : (size_t)(colon - s);
	int m = colon == NULL ? -1 : find_metric(metrics, s, name), place;

	if (m < 0 || v->at[m] >= 0 || (in_order && m <= *last))
		return false;
	*last = m;
	place = place_of(metrics[m].values, colon + 1, len - name - 1);
	v->at[m] = place;
	/* of modified metrics X says that there is none */
	return place >= 0 ||
	       (metrics[m].base != NULL && len == name + 2 && colon[1] == 'X');
}

static bool
read_vector(const struct cvss_metric *metrics, const char *s, size_t len, bool in_order,
    struct cvss_values *v)
{
	int last = -1;

	for (int m = 0; m < CVSS_METRICS_MAX; m++)
		v->at[m] = -1;
	while (len > 0) {
		const char *slash = memchr(s, '/', len);
		size_t n = slash == NULL ? len : (size_t)(slash - s);

		if (!read_metric(metrics, s, n, v, &last, in_order))
			return false;
		s += n + (slash != NULL);
		len -= n + (slash != NULL);
	}
	for (int m = 0; metrics[m].name != NULL; m++)
		if (metrics[m].is_needed && v->at[m] < 0)
			return false;
	return true;
}

/* Cut the prefix that names the version; without one it is version 2. */
static enum cvss_version
version_of(const char **vector)
{
	static const char *const prefixes[] = {
		[CVSS_40] = "CVSS:4.0/",
		[CVSS_31] = "CVSS:3.1/",
		[CVSS_30] = "CVSS:3.0/",
	};

	for (unsigned i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!str_starts(*vector, prefixes[i]))
			continue;
		*vector += strlen(prefixes[i]);
		return (enum cvss_version)i;
	}
	return CVSS_2;
}

bool
cvss_score(const char *vector, enum cvss_version *ret_version, int *ret_tenths)
{
	static const struct cvss_metric *const metrics[] = {
		[CVSS_40] = cvss_4_metrics,
		[CVSS_31] = v3_metrics,
		[CVSS_30] = v3_metrics,
		[CVSS_2] = v2_metrics,
	};
	const char *s = vector;
	enum cvss_version version;
	struct cvss_values v;
	size_t len;

	if (vector == NULL)
		return false;
	version = version_of(&s);
	len = strnlen(s, LONGEST);
	if (version == CVSS_2 && len > 2 && s[0] == '(' && s[len - 1] == ')') {
		s++;
		len -= 2;
	}
	if (len == LONGEST ||
	    !read_vector(metrics[version], s, len, version == CVSS_40, &v))
		return false;
	*ret_version = version;
	if (version == CVSS_2)
		*ret_tenths = v2_tenths(&v);
	else if (version == CVSS_40)
		*ret_tenths = cvss_4_tenths(&v);
	else
		*ret_tenths = v3_tenths(&v, version == CVSS_30);
	return true;
}
