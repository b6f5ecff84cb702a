/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_fetch - the run of a feed of CSAF documents.  For csaf.c only.
 */
#ifndef FETCHERS_CSAF_FETCH_H
#define FETCHERS_CSAF_FETCH_H

#include "fetchers/fetch_env.h"

enum err_code csaf_fetch(struct fetch_env *env, struct err *e);

#endif
