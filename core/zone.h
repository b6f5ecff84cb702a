/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone - local time of a place, from the system's tzdata (RFC 8536 files, version 2 and
 * later, with the rule in their footer for the years beyond the table).
 */
#ifndef CORE_ZONE_H
#define CORE_ZONE_H

#include <stdint.h>

#include "core/err.h"

struct arena;
struct zone; /* opaque here; lives in an arena */

/* NAME as "Europe/Berlin"; "UTC" needs no file.  ERR_INPUT: no such zone. */
enum err_code zone_load(
    struct zone **ret, const char *name, struct arena *a, struct err *e);
/* Seconds east of UTC that hold there at AT. */
int64_t zone_offset(const struct zone *z, int64_t at);
/*
 * The first moment after AT at which clocks there show MINUTES past midnight, on one of
 * DAYS (bit 0 = Monday; 0 = every day).  A time that a spring night leaves out is taken
 * with the offset before the gap, one that comes twice in autumn the first time.
 */
int64_t zone_next(const struct zone *z, int64_t at, int minutes, unsigned days);

#endif
