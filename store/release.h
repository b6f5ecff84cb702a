/* SPDX-License-Identifier: Apache-2.0 */
/*
 * release - the ends of releases.  A feed may say when one ends; else the table of
 * ecosystems does.  What of that has come already is kept beside the day, so that
 * nobody who asks needs a clock, and each step is told once.
 */
#ifndef STORE_RELEASE_H
#define STORE_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct record; /* core/record.h */
struct store;

/* Inside a write transaction, all of them. */

/* An image of ecosystem ID, called NAME, is there: its end is known from now on, as the
 * table of ecosystems gives it, unless it is known already.  No news. */
enum err_code release_learn(
    struct store *st, int64_t id, const char *name, int64_t now_at, struct err *e);
/* RECORD_ID says R about ecosystem ID.  QUIET: what has come already is no news. */
enum err_code release_said(struct store *st, int64_t id, int64_t record_id,
    const struct record *r, bool quiet, int64_t now_at, struct err *e);
/* RECORD_ID says it no more: the table of ecosystems counts again. */
enum err_code release_unsaid(
    struct store *st, int64_t record_id, int64_t now_at, struct err *e);

/* Has the release called NAME ended?  False in *RET_KNOWN: nobody says when it will. */
enum err_code release_has_ended(struct store *st, const char *name, bool *ret_known,
    bool *ret_ended, struct err *e);

#endif
