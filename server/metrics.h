/* SPDX-License-Identifier: Apache-2.0 */
/* metrics - counters of this process, and what /metrics prints. */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include <stdint.h>

#include "core/err.h"

struct arena;
struct buf;
struct live;
struct worker;

/* Count one answered request.  Any thread. */
void metrics_request(int status, int64_t ms);
/* Prometheus text, version 0.0.4. */
enum err_code metrics_write(
    struct live *l, struct worker *w, struct arena *a, struct buf *out, struct err *e);

#endif
