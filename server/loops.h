/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loops - the threads of a running service: fetch, match, gather, deliver.  They share
 * nothing but the store and the bells of struct live; each has its own store handle.
 * These loops are where failures are logged, once, with everything known.
 */
#ifndef SERVER_LOOPS_H
#define SERVER_LOOPS_H

#include "core/err.h"

struct live;
struct loops; /* server/loops.c */

/* Start them all.  On failure those that run are stopped again. */
enum err_code loops_start(struct loops **ret, struct live *l, struct err *e);
/* After live_stop(): wait for them.  A fetch is abandoned within a second (its run is
 * staged again), a delivery ends by its own deadline or is cut. */
void loops_join(struct loops *loops);

#endif
