/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vendor - what several publishers write alike: words for severities, the triple of an
 * rpm version, ids inside prose.
 *
 * For the files of this room only.
 */
#ifndef FETCHERS_VENDOR_H
#define FETCHERS_VENDOR_H

#include "core/words.h"
#include "fetchers/emit.h"

/*
 * The level of a publisher's word, in any case: "Important", "SEVERITY_MODERATE",
 * "urgent".  SEVERITY_UNKNOWN for words that say nothing ("None", "N/A", "Untriaged")
 * and for unknown ones.
 */
enum severity vendor_severity(const char *word);

/* "EPOCH:VERSION-RELEASE"; an epoch of nothing or 0 is left out, RELEASE may be NULL. */
const char *rpm_evr(
    struct arena *a, const char *epoch, const char *version, const char *release);

/* Every CVE id that stands in TEXT (NULL = none), once, in its exact form. */
void texts_add_cves(struct arena *a, struct texts *t, const char *text);

#endif
