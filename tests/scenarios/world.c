/* SPDX-License-Identifier: Apache-2.0 */
/* The whole service in one thread; see world.h. */
#include "scenarios/world.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/str.h"
#include "match/match.h"
#include "store/store.h"
#include "store/teams.h"

#define STEP_MS 1000
/* Rounds without an end are a bug of the service, not of the scenario. */
#define MAX_ROUNDS 10000

const char *world_where = "";

void
world_fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", world_where);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	exit(1);
}

static void
must(enum err_code rc, const struct err *e)
{
	if (rc != ERR_OK)
		world_fail("unexpected failure: %s", e->text);
}

static int
no_sleep(void *arg, int64_t ms)
{
	struct world *w = arg;

	w->clock.at_ms += ms;
	return 0;
}

static void
open_store(struct world *w)
{
	const struct store_options options = { .keyer = &match_keyer };
	char url[128];
	struct err e = ERR_INIT;

	(void)snprintf(url, sizeof(url), "sqlite:%s/t.db", w->dir);
	must(store_open(&w->worker.store, url, &options, &e), &e);
	w->notify = notify_new(&(struct notify_options){
	    w->worker.store, &w->net.net, &w->clock.clock, &w->settings });
}

static void
close_store(struct world *w)
{
	notify_free(w->notify);
	store_close(w->worker.store);
}

static void
load_config(struct world *w)
{
	struct err e = ERR_INIT;

	config_free(w->config);
	w->config = NULL;
	w->is_stale = false;
	must(config_parse(&w->config, w->yaml, strlen(w->yaml), "scenario", NULL, &e),
	    &e);
	w->worker.config = w->config;
	w->settings = (struct notify_settings){
		.gather_ms = w->config->gather_ms,
		.retry_ms = w->config->retry_ms,
		.n_retry = w->config->n_retry,
		.allow_cidrs = w->config->allow_cidrs,
		.smtp_url = w->config->smtp_url,
		.smtp_from = w->config->smtp_from,
	};
}

void
world_init(struct world *w, int64_t now_at)
{
	memset(w, 0, sizeof(*w));
	w->arena = arena_new();
	clock_fake_init(&w->clock, now_at * 1000);
	fake_net_init(&w->net, w->arena);
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/tocsin-scenario-XXXXXX");
	if (mkdtemp(w->dir) == NULL)
		world_fail("no temporary directory");
	w->yaml =
	    "feeds.catalogue: []\nfeeds.jitter_percent: 0\nfeeds.shrink_least: 3\n"
	    "notify.smtp: {url: \"smtp://relay.test\", from: \"tocsin@example.org\"}\n"
	    "feeds.list:\n";
	w->worker = (struct worker){
		.net = &w->net.net,
		.clock = &w->clock.clock,
		.spool_dir = w->dir,
		.sleep_ms = no_sleep,
		.arg = w,
	};
	w->is_stale = true;
	open_store(w);
}

void
world_done(struct world *w)
{
	struct dirent *entry;
	DIR *d;

	close_store(w);
	config_free(w->config);
	if ((d = opendir(w->dir)) != NULL) {
		while ((entry = readdir(d)) != NULL)
			(void)unlinkat(dirfd(d), entry->d_name, 0);
		closedir(d);
		(void)rmdir(w->dir);
	}
	arena_free(w->arena);
}

void
world_feed(struct world *w, const char *yaml_item)
{
	w->yaml = arena_printf(w->arena, "%s  - %s\n", w->yaml, yaml_item);
	w->is_stale = true;
}

void
world_restart(struct world *w)
{
	close_store(w);
	open_store(w);
}

/* ---- the loops ---- */

static bool
fetch_round(struct world *w)
{
	struct arena *a = arena_new();
	struct feed_outcome outcome;
	struct err e = ERR_INIT;
	const char *name;
	int64_t next_at;
	enum err_code rc;

	must(service_feeds_sync(&w->worker, &e), &e);
	rc = service_feed_next(&w->worker, a, &name, &outcome, &next_at, &e);
	arena_free(a);
	/* a feed that fails is part of many stories */
	return rc != ERR_NOTFOUND;
}

static bool
notify_round(struct world *w)
{
	struct err e = ERR_INIT;
	int64_t next_ms;
	size_t n = 0;
	bool did = false;

	must(notify_gather(w->notify, &next_ms, &n, &e), &e);
	must(notify_deliver(w->notify, &did, &next_ms, NULL, 0, &e), &e);
	return n > 0 || did;
}

void
world_settle(struct world *w)
{
	struct err e = ERR_INIT;
	bool busy = true;
	size_t told;

	if (w->is_stale)
		load_config(w);
	for (int i = 0; busy; i++) {
		if (i == MAX_ROUNDS)
			world_fail("the service does not come to rest");
		busy = fetch_round(w);
		must(service_match_all(&w->worker, &e), &e);
		must(store_feeds_watch(
			 w->worker.store, clock_now_s(&w->clock.clock), &told, &e),
		    &e);
		busy = notify_round(w) || busy;
	}
}

void
world_pass(struct world *w, int64_t ms)
{
	int64_t end_ms = w->clock.at_ms + ms;

	world_settle(w);
	while (w->clock.at_ms < end_ms) {
		int64_t step = end_ms - w->clock.at_ms;
		int64_t most = ms > 7200000 ? 60 * STEP_MS : STEP_MS;

		w->clock.at_ms += step < most ? step : most;
		world_settle(w);
	}
}

int64_t
world_team(struct world *w, const char *name)
{
	struct err e = ERR_INIT;
	int64_t id = 0;
	enum err_code rc = store_team_find(w->worker.store, name, &id, &e);

	if (rc == ERR_NOTFOUND)
		rc = store_team_create(
		    w->worker.store, name, "scenario", w->clock.at_ms / 1000, &id, &e);
	must(rc, &e);
	return id;
}
