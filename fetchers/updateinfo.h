/* SPDX-License-Identifier: Apache-2.0 */
/* updateinfo - where the notices of rpm repositories are found. */
#ifndef FETCHERS_UPDATEINFO_H
#define FETCHERS_UPDATEINFO_H

#include "core/err.h"
#include "fetchers/fetch_env.h"

/*
 * A slot of struct driver.  The feed's url may be the updateinfo itself, a repository
 * ("https://.../os/"), its repodata/repomd.xml, a mirror.list, or Amazon's
 * extras-catalog.json.
 */
enum err_code updateinfo_fetch(struct fetch_env *env, struct err *e);

#endif
