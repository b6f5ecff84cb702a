/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rekey - version keys of an older format are made anew, from the texts that are kept.
 *
 * It belongs to the start of the one process that claims the store (store_claim()), before
 * anything registers, applies or decides: until it is done keys of two formats lie side by
 * side, and every other opener is refused.  It goes in short transactions; killed at any
 * moment, the next start goes on.
 *
 * What changes because of it is decided afterwards by runs with the cause 'rekey', one a
 * feed: a baseline, told in one summary and never as news.
 */
#ifndef STORE_REKEY_H
#define STORE_REKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct rekey; /* opaque here; store/rekey_private.h */
struct store;

/* *RET stays NULL if every key is as this program makes it. */
enum err_code store_rekey_open(
    struct store *st, int64_t now_at, struct rekey **ret, struct err *e);
/* A slice of about BUDGET_MS.  *RET_DONE: nothing is left. */
enum err_code store_rekey_step(
    struct rekey *r, int budget_ms, bool *ret_done, struct err *e);
/* Rows and records looked at, and all there are to look at. */
void store_rekey_progress(
    const struct rekey *r, uint64_t *ret_done, uint64_t *ret_total);
void store_rekey_close(struct rekey *r); /* NULL is allowed */

#endif
