/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvss - the number behind a CVSS vector, for feeds that write only the vector: versions
 * 2, 3.0, 3.1 and 4.0.  Metrics of threat (time) and environment count where the vector
 * has them, as they do in the calculators of its makers.
 */
#ifndef CORE_CVSS_H
#define CORE_CVSS_H

#include <stdbool.h>

/* In the order in which a score is preferred where a vulnerability has several. */
enum cvss_version { CVSS_40, CVSS_31, CVSS_30, CVSS_2, CVSS_VERSION_COUNT };

/*
 * False, and nothing written, if VECTOR is none: a metric that is unknown, twice there
 * or missing, or (version 4 only) out of order.  Vectors of version 2 have no prefix;
 * the brackets that some put around them may stand.
 */
bool cvss_score(const char *vector, enum cvss_version *ret_version, int *ret_tenths);

#endif
