/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_fetch - what the two sides of getting documents share: csaf_fetch.c decides which
 * to get and gets them, csaf_lists.c reads what publishers say there is.
 */
#ifndef FETCHERS_CSAF_FETCH_H
#define FETCHERS_CSAF_FETCH_H

#include "fetchers/fetch_env.h"

enum err_code csaf_fetch(struct fetch_env *env, struct err *e);

#endif
