/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv_fetch - what the two ways to get OSV records share: osv_fetch.c follows a directory
 * with all.zip, osv_pages.c an answer in pages.
 */
#ifndef FETCHERS_OSV_FETCH_H
#define FETCHERS_OSV_FETCH_H

#include "fetchers/fetch_env.h"

enum err_code osv_fetch(struct fetch_env *env, struct err *e);
/* A document at URL, and those that follow it where it is the first page of several. */
enum err_code osv_pages(struct fetch_env *env, const char *url, struct err *e);

#endif
