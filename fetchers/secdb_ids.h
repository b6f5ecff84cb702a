/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secdb_ids - the names of vulnerabilities in one text of a secdb, which people wrote
 * by hand: "CVE-2017-5753 CVE-2017-5715 XSA-254 XPTI", "CVE_2019-2426",
 * "CVE-2017-8073.patch", "CVE 2018-16859", "CVE-2017-2616 (+ regression fix)",
 * what stands for an id to come, XSA-284 beside it.
 *
 * For secdb.c only.
 */
#ifndef FETCHERS_SECDB_IDS_H
#define FETCHERS_SECDB_IDS_H

#include "fetchers/emit.h"

struct arena;

/*
 * Add the CVE ids of TEXT to *CVES and every other id (GHSA, GO, XSA, TALOS ...) to
 * *OTHERS, GHSA first.  Words that are no ids and what stands in brackets are left out.
 */
void secdb_ids(
    struct arena *a, const char *text, struct texts *cves, struct texts *others);

#endif
