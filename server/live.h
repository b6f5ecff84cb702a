/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live - what the threads of one running service share: the present configuration, the
 * net, the clock, the bells.  A reload puts a fresh configuration in place as a whole;
 * old ones are kept until the end, so nobody is ever left with a freed one.
 */
#ifndef SERVER_LIVE_H
#define SERVER_LIVE_H

#include <pthread.h>
#include <stdbool.h>

#include "core/err.h"
#include "notify/notify.h"
#include "server/bell.h"
#include "server/service.h"

struct config;

/* How the leases of a service begin; after the claim, those of the one before it end. */
#define LIVE_HOLDER "serve"

/* A configuration and what is derived from it; never changes once it is in place. */
struct live_config {
	struct config *config; /* owned */
	struct notify_settings notify;
	struct live_config *older; /* owned */
};

struct live {
	pthread_mutex_t lock; /* guards 'now' */
	struct live_config *now;
	const char *config_path; /* NULL = no file */
	const char *const *overrides;
	struct store *store;       /* owned; threads open siblings of it */
	struct net *net;           /* owned */
	struct fetch_hosts *hosts; /* owned */
	const struct clock *clock;
	char *spool_dir;     /* owned */
	struct bell fetch;   /* feeds were configured anew, or one is to run now */
	struct bell match;   /* a run is staged, an image registered */
	struct bell gather;  /* events were appended, subscriptions changed */
	struct bell deliver; /* messages were enqueued */
	int64_t started_at;
	int64_t told_ms; /* when a long start was last told of */
	bool ready;      /* threads run; guarded by 'lock' */
};

/* DIR with its parents, 0700. */
enum err_code live_make_dir(const char *dir, struct err *e);

/* Take over CONFIG; opens the store (and claims it), the net and the spool. */
enum err_code live_open(struct live *l, struct config *config, const char *config_path,
    const char *const *overrides, struct err *e);
void live_close(struct live *l);

/* The configuration in place now; valid until live_close(). */
const struct live_config *live_config(struct live *l);
/* Read the file again; on any error the present configuration stays. */
enum err_code live_reload(struct live *l, struct err *e);
void live_set_ready(struct live *l, bool ready);
bool live_is_ready(struct live *l);
/* Stop every bell. */
void live_stop(struct live *l);

/* A worker for one thread: its own handle on the store. */
enum err_code live_worker(
    struct live *l, bool read_only, struct worker *ret, struct err *e);
void live_worker_done(struct worker *w);

#endif
