/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hosts - how many requests one server may see from us at once, whatever the number of
 * feeds it publishes and of threads that read them.
 *
 * Threads.  One table is shared by all who fetch.
 */
#ifndef FETCHERS_HOSTS_H
#define FETCHERS_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct fetch_hosts; /* fetchers/hosts.c */

struct fetch_hosts *fetch_hosts_new(unsigned limit); /* requests at once to one host */
void fetch_hosts_free(struct fetch_hosts *h);        /* NULL is allowed */
/* May be changed while requests are under way. */
void fetch_hosts_set_limit(struct fetch_hosts *h, unsigned limit);
unsigned fetch_hosts_limit(struct fetch_hosts *h);

/*
 * Wait for a place at the host of URL; give it back with fetch_hosts_leave().  A URL
 * without a host (file://) needs none.  GO_ON is asked now and then while waiting.
 * H NULL: no limit.
 * ERR_BUSY  GO_ON said no
 */
enum err_code fetch_hosts_enter(struct fetch_hosts *h, const char *url,
    bool (*go_on)(void *arg), void *arg, struct err *e);
void fetch_hosts_leave(struct fetch_hosts *h, const char *url);

#endif
