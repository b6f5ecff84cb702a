/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvd_changes - NVD's API: pages of what has changed in a window of time, or of all
 * there is.
 *
 * For nvd_fetch.c only.
 */
#ifndef FETCHERS_NVD_CHANGES_H
#define FETCHERS_NVD_CHANGES_H

#include "core/err.h"

struct fetch_env;
struct nvd_cursor;

/*
 * Read what has changed since CURSOR->since, or everything if that is 0, from the API
 * at URL; the cursor of the run is set.  If the server goes away after something was
 * read whole, that is kept and the next run goes on from there.
 */
enum err_code nvd_changes(
    struct fetch_env *env, const char *url, struct nvd_cursor *cursor, struct err *e);

#endif
