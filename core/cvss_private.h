/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_private - what cvss.c reads and cvss_4.c scores. */
#ifndef CORE_CVSS_PRIVATE_H
#define CORE_CVSS_PRIVATE_H

#include <stdbool.h>

#include "core/cvss.h"

/* One metric of a version. */
struct cvss_metric {
	const char *name;
	const char *values; /* separated by blanks; a value is its place in this list */
	const char *base;   /* of a modified metric: the one it stands for; else NULL */
	bool is_needed;
};

#define CVSS_METRICS_MAX 32

/* The places of the values of a vector, by the place of their metric; -1 = not there. */
struct cvss_values {
	int at[CVSS_METRICS_MAX];
};

/* The metrics of version 4, in the order in which they must stand; ends with NULL. */
extern const struct cvss_metric cvss_4_metrics[];
int cvss_4_tenths(const struct cvss_values *v);

#endif
