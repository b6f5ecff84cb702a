/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of a running service; see loops.h. */
#include "server/loops.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "notify/notify.h"
#include "server/live.h"
#include "server/progress.h"
#include "server/service.h"
#include "store/feeds.h"
#include "store/outbox.h"

#define MAX_FETCHERS 16
#define DELIVERERS   4
/* After an error of the store: it may be a full disk, so not at once. */
#define PAUSE_MS      2000
#define PURGE_EVERY_S 3600
#define WATCH_EVERY_S 60
/* With nothing to do, look all the same: another process may have written. */
#define IDLE_MS 5000

struct loop {
	pthread_t thread;
	struct live *live;
	struct worker worker;
	char holder[32]; /* of leases on feeds */
	struct progress progress;
	bool started;
};

struct loops {
	struct loop fetch[MAX_FETCHERS], match, gather, deliver[DELIVERERS];
};

/* ---- fetch ---- */

static bool
fetch_progress(
    void *arg, const char *what, uint64_t bytes, uint64_t total, uint64_t records)
{
	struct loop *l = arg;

	progress_tell(&l->progress, what, bytes, total, records);
	return !bell_stopped(&l->live->fetch);
}

static void
log_feed(const char *name, const struct feed_outcome *o)
{
	if (o->unchanged)
		log_debug(
		    "feed unchanged feed=%s ms=%lld", name, (long long)o->duration_ms);
	else if (o->state == RUN_HELD)
		log_warn("feed run held: it lost too many records; accept it with "
			 "'tocsin feeds accept %s' feed=%s run=%lld records=%llu",
		    name, name, (long long)o->run_id, (unsigned long long)o->records);
	else
		log_info(
		    "feed read feed=%s run=%lld records=%llu skipped=%llu bytes=%llu "
		    "ms=%lld",
		    name, (long long)o->run_id, (unsigned long long)o->records,
		    (unsigned long long)o->skipped, (unsigned long long)o->bytes,
		    (long long)o->duration_ms);
}

/* Run the next due feed; how long to wait before the next look. */
static int64_t
fetch_step(struct loop *l)
{
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct feed_outcome outcome = { 0 };
	const char *name = "";
	int64_t next_at = 0, wait_ms = 0;
	enum err_code rc;

	l->worker.config = live_config(l->live)->config;
	if ((rc = service_feeds_sync(&l->worker, &e)) == ERR_OK)
		rc = service_feed_next(&l->worker, a, &name, &outcome, &next_at, &e);
	if (rc == ERR_OK) {
		log_feed(name, &outcome);
		bell_ring(&l->live->match);
		bell_ring(&l->live->gather);
	} else if (rc == ERR_NOTFOUND) {
		int64_t now = clock_now_s(l->live->clock);

		wait_ms = next_at > now ? (next_at - now) * 1000 : IDLE_MS;
		wait_ms = wait_ms < IDLE_MS ? wait_ms : IDLE_MS;
	} else if (!bell_stopped(&l->live->fetch)) {
		log_warn("%s", e.text);
		bell_ring(&l->live->gather);
		wait_ms = rc == ERR_STORAGE || rc == ERR_BUSY ? PAUSE_MS : 0;
	}
	progress_end(&l->progress);
	arena_free(a);
	return wait_ms;
}

static void *
fetch_loop(void *arg)
{
	struct loop *l = arg;
	uint64_t seen = 0;

	while (bell_wait(&l->live->fetch, &seen, fetch_step(l)))
		continue;
	return NULL;
}

/* ---- match ---- */

/* Once an hour, what retention no longer keeps, slice after slice. */
static void
purge(struct loop *l, int64_t *io_at)
{
	const struct config *c = l->worker.config;
	const struct retention keep = { .events_s = c->keep_events_ms / 1000,
		.messages_s = c->keep_messages_ms / 1000,
		.bodies_s = c->keep_bodies_ms / 1000 };
	int64_t now = clock_now_s(l->live->clock);
	struct err e = ERR_INIT;
	bool done = false;

	if (now - *io_at < PURGE_EVERY_S)
		return;
	*io_at = now;
	while (!done && !bell_stopped(&l->live->match))
		if (store_purge(l->worker.store, &keep, now, &done, &e) != ERR_OK) {
			log_error("retention: %s", e.text);
			return;
		}
}

/* Once a minute: feeds that have gone silent, or speak again. */
static void
watch(struct loop *l, int64_t *io_at)
{
	int64_t now = clock_now_s(l->live->clock);
	struct err e = ERR_INIT;
	size_t n = 0;

	if (now - *io_at < WATCH_EVERY_S)
		return;
	*io_at = now;
	if (store_feeds_watch(l->worker.store, now, &n, &e) != ERR_OK)
		log_error("watching feeds: %s", e.text);
	if (n > 0)
		bell_ring(&l->live->gather);
}

static void *
match_loop(void *arg)
{
	struct loop *l = arg;
	uint64_t seen = 0;
	int64_t wait_ms = 0, purged_at = 0, watched_at = 0;
	bool was_busy = false;

	while (bell_wait(&l->live->match, &seen, wait_ms)) {
		struct err e = ERR_INIT;
		bool idle = false;

		l->worker.config = live_config(l->live)->config;
		if (service_match(&l->worker, &idle, &e) != ERR_OK) {
			log_error("matching: %s", e.text);
			wait_ms = PAUSE_MS;
			continue;
		}
		if (was_busy || !idle)
			bell_ring(&l->live->gather);
		if (idle && was_busy)
			(void)store_idle(l->worker.store, NULL);
		if (idle) {
			purge(l, &purged_at);
			watch(l, &watched_at);
		}
		was_busy = !idle;
		wait_ms = idle ? IDLE_MS : 0;
	}
	return NULL;
}

/* ---- gather and deliver ---- */

/* A notify for the configuration in place; a reload makes a new one. */
static void
refresh_notify(struct loop *l, struct notify **n, const struct live_config **lc)
{
	struct notify_options o = {
		.store = l->worker.store,
		.net = l->live->net,
		.clock = l->live->clock,
	};

	if (*n != NULL && *lc == live_config(l->live))
		return;
	*lc = live_config(l->live);
	o.settings = &(*lc)->notify;
	notify_free(*n);
	*n = notify_new(&o);
}

static int64_t
until(struct loop *l, int64_t next_at_ms)
{
	int64_t now_ms = l->live->clock->now_ms(l->live->clock);

	if (next_at_ms == 0)
		return IDLE_MS;
	if (next_at_ms <= now_ms)
		return 0;
	return next_at_ms - now_ms < IDLE_MS ? next_at_ms - now_ms : IDLE_MS;
}

static void *
gather_loop(void *arg)
{
	struct loop *l = arg;
	const struct live_config *lc = NULL;
	struct notify *n = NULL;
	uint64_t seen = 0;
	int64_t wait_ms = 0;

	while (bell_wait(&l->live->gather, &seen, wait_ms)) {
		struct err e = ERR_INIT;
		int64_t next_at_ms = 0;
		size_t enqueued = 0;

		refresh_notify(l, &n, &lc);
		if (notify_gather(n, &next_at_ms, &enqueued, &e) != ERR_OK) {
			log_error("gathering: %s", e.text);
			wait_ms = PAUSE_MS;
			continue;
		}
		if (enqueued > 0) {
			log_info("messages enqueued n=%zu", enqueued);
			bell_ring(&l->live->deliver);
		}
		wait_ms = until(l, next_at_ms);
	}
	notify_free(n);
	return NULL;
}

static void *
deliver_loop(void *arg)
{
	struct loop *l = arg;
	const struct live_config *lc = NULL;
	struct notify *n = NULL;
	uint64_t seen = 0;
	int64_t wait_ms = 0;

	while (bell_wait(&l->live->deliver, &seen, wait_ms)) {
		struct err e = ERR_INIT;
		char what[512] = "";
		int64_t next_at_ms = 0;
		bool did = false;

		refresh_notify(l, &n, &lc);
		if (notify_deliver(n, &did, &next_at_ms, what, sizeof(what), &e) !=
		    ERR_OK) {
			log_error("delivering: %s", e.text);
			wait_ms = PAUSE_MS;
			continue;
		}
		if (did)
			log_info("%s", what);
		wait_ms = did ? 0 : until(l, next_at_ms);
	}
	notify_free(n);
	return NULL;
}

/* ---- all of them ---- */

static enum err_code
start(struct loop *l, struct live *live, void *(*body)(void *), const char *name,
    struct err *e)
{
	enum err_code rc;

	l->live = live;
	l->progress.clock = live->clock;
	if ((rc = live_worker(live, false, &l->worker, e)) != ERR_OK)
		return rc;
	l->worker.progress = body == fetch_loop ? fetch_progress : NULL;
	l->worker.holder = l->holder[0] != '\0' ? l->holder : NULL;
	l->worker.arg = l;
	if (pthread_create(&l->thread, NULL, body, l) != 0) {
		live_worker_done(&l->worker);
		return err_set(e, ERR_BUSY, "no thread for %s", name);
	}
	(void)pthread_setname_np(l->thread, name);
	l->started = true;
	return ERR_OK;
}

enum err_code
loops_start(struct loops **ret, struct live *live, struct err *e)
{
	struct loops *all = mem_zalloc(sizeof(*all));
	enum err_code rc;

	rc = start(&all->match, live, match_loop, "match", e);
	if (rc == ERR_OK)
		rc = start(&all->gather, live, gather_loop, "gather", e);
	for (size_t i = 0; i < DELIVERERS && rc == ERR_OK; i++)
		rc = start(&all->deliver[i], live, deliver_loop, "deliver", e);
	for (int64_t i = 0; i < live->now->config->fetchers && rc == ERR_OK; i++) {
		struct loop *l = &all->fetch[i];

		(void)snprintf(l->holder, sizeof(l->holder), LIVE_HOLDER "/%lld",
		    (long long)i + 1);
		rc = start(l, live, fetch_loop, "fetch", e);
	}
	if (rc != ERR_OK) {
		live_stop(live);
		loops_join(all);
		return rc;
	}
	*ret = all;
	return ERR_OK;
}

static void
join(struct loop *l)
{
	if (!l->started)
		return;
	pthread_join(l->thread, NULL);
	live_worker_done(&l->worker);
}

void
loops_join(struct loops *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < MAX_FETCHERS; i++)
		join(&all->fetch[i]);
	join(&all->match);
	join(&all->gather);
	for (size_t i = 0; i < DELIVERERS; i++)
		join(&all->deliver[i]);
	free(all);
}
