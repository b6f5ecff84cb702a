/* SPDX-License-Identifier: Apache-2.0 */
/* watch_private - what the files about watches share; inside a transaction. */
#ifndef STORE_WATCH_PRIVATE_H
#define STORE_WATCH_PRIVATE_H

#include "store/watches.h"

/*
 * Tell image.unreachable when R is the second time in a row that the registry had no such
 * thing, and image.reachable once it has it again.  Call it before R is written: it looks
 * at how the time before went.
 */
enum err_code watch_reach(
    struct store *st, const struct watch_result *r, struct err *e);
/* The watch goes: its image is like one that was never watched.  Nothing is told. */
enum err_code watch_reach_forget(struct store *st, int64_t watch_id, struct err *e);

#endif
