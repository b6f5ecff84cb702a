/* SPDX-License-Identifier: Apache-2.0 */
/* What the threads of one running service share; see live.h. */
#include "server/live.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net.h"
#include "core/seal.h"
#include "core/str.h"
#include "fetchers/hosts.h"
#include "inventory/pull.h"
#include "match/match.h"
#include "server/service.h"
#include "store/feeds.h"
#include "store/outbox.h"
#include "store/store.h"
#include "store/watches.h"

#define REKEY_TOLD_EVERY_MS 2000

static struct live_config *
derive(struct config *c, struct live_config *older)
{
	struct live_config *lc = mem_zalloc(sizeof(*lc));

	lc->config = c;
	lc->older = older;
	lc->notify = (struct notify_settings){
		.public_url = c->public_url,
		.gather_ms = c->gather_ms,
		.retry_ms = c->retry_ms,
		.n_retry = c->n_retry,
		.allow_cidrs = c->allow_cidrs,
		.smtp_url = c->smtp_url,
		.smtp_from = c->smtp_from,
		.smtp_user = c->smtp_user,
		.smtp_password = c->smtp_password,
		.smtp_ca_file = c->smtp_ca_file,
		.smtp_starttls = c->smtp_starttls,
		.smtp_confirm =
		    str_eq(c->smtp_confirm, "always") ||
		    (str_eq(c->smtp_confirm, "auto") && c->public_url != NULL),
	};
	return lc;
}

static void
set_log_level(const struct config *c)
{
	static const char *const words[] = { "debug", "info", "warn", "error" };

	for (unsigned i = 0; i < 4; i++)
		if (str_eq(c->log_level, words[i]))
			log_set_level((enum log_level)i);
}

enum err_code
live_make_dir(const char *dir, struct err *e)
{
	char path[600];

	for (const char *p = dir + 1;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		if ((size_t)(p - dir) >= sizeof(path))
			return err_set(e, ERR_LIMIT, "%s is too long a path", dir);
		memcpy(path, dir, (size_t)(p - dir));
		path[p - dir] = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
		if (*p == '\0')
			return ERR_OK;
	}
}

/* What a crashed run left in it is thrown away. */
static enum err_code
make_spool(const char *dir, struct err *e)
{
	struct dirent *entry;
	DIR *d;
	enum err_code rc = live_make_dir(dir, e);

	if (rc != ERR_OK)
		return rc;
	if ((d = opendir(dir)) == NULL)
		return err_set(e, ERR_STORAGE, "%s: %s", dir, strerror(errno));
	while ((entry = readdir(d)) != NULL)
		if (str_starts(entry->d_name, "fetch-"))
			(void)unlinkat(dirfd(d), entry->d_name, 0);
		else if (str_starts(entry->d_name, "pull-"))
			image_pull_remove(dirfd(d), entry->d_name);
	closedir(d);
	return ERR_OK;
}

/* Where the key lies; NULL: a store in memory is no store at rest. */
static char *
key_path(const struct config *c)
{
	const char *path = c->db;
	char text[4096];

	if (c->key_file != NULL)
		return mem_strdup(c->key_file);
	if (str_starts(path, "sqlite:"))
		path += strlen("sqlite:");
	if (path[0] == ':' || strstr(path, "://") != NULL)
		return NULL;
	(void)snprintf(text, sizeof(text), "%s.key", path);
	return mem_strdup(text);
}

/* A key that was lost is a quiet thing until somebody needs it: said at every start. */
static void
warn_closed(struct live *l)
{
	const struct scope all = { .all = true };
	struct arena *a = arena_new();
	struct channel_row *rows = NULL;
	int64_t after = 0;
	size_t n = 0, closed = 0;

	while (
	    store_channels(l->store, all, after, 100, a, &rows, &n, NULL) == ERR_OK &&
	    n > 0) {
		for (size_t i = 0; i < n; i++)
			closed += rows[i].is_closed;
		after = rows[n - 1].id;
	}
	if (closed > 0)
		log_warn("channels are sealed with another key: put it back "
			 "(notify.key_file) or write them anew n=%zu",
		    closed);
	arena_free(a);
}

static enum err_code
seal_channels(struct live *l, const struct config *c, struct err *e)
{
	char *path = key_path(c);
	size_t n = 0;
	enum err_code rc;

	if (path == NULL)
		return ERR_OK;
	rc = seal_load(&l->seal, path, e);
	if (rc != ERR_OK)
		rc = err_wrap(e, rc, "notify.key_file");
	free(path);
	if (rc == ERR_OK)
		rc = store_use_seal(l->store, l->seal, &n, e);
	if (rc == ERR_OK && n > 0)
		log_info("secrets of channels are sealed n=%zu", n);
	if (rc == ERR_OK)
		warn_closed(l);
	return rc;
}

/* A line now and then: nothing answers until it is done. */
static void
log_rekey(void *arg, uint64_t done, uint64_t total)
{
	struct live *l = arg;
	int64_t now = l->clock->mono_ms(l->clock);

	if (done < total && now - l->told_ms < REKEY_TOLD_EVERY_MS)
		return;
	l->told_ms = now;
	log_info("version keys are made anew done=%llu total=%llu",
	    (unsigned long long)done, (unsigned long long)total);
}

enum err_code
live_open(struct live *l, struct config *config, const char *config_path,
    const char *const *overrides, struct err *e)
{
	const struct store_options options = { .keyer = &match_keyer,
		.will_rekey = true };
	char spool[560];
	enum err_code rc;

	memset(l, 0, sizeof(*l));
	pthread_mutex_init(&l->lock, NULL);
	bell_init(&l->fetch);
	bell_init(&l->match);
	bell_init(&l->gather);
	bell_init(&l->deliver);
	bell_init(&l->pull);
	l->config_path = config_path;
	l->overrides = overrides;
	l->clock = clock_system();
	l->started_at = clock_now_s(l->clock);
	l->now = derive(config, NULL);
	set_log_level(config);
	(void)snprintf(spool, sizeof(spool), "%s/spool", config->state_dir);
	l->spool_dir = mem_strdup(spool);
	l->hosts = fetch_hosts_new((unsigned)config->per_host);
	if ((rc = make_spool(spool, e)) != ERR_OK ||
	    (rc = store_open(&l->store, config->db, &options, e)) != ERR_OK ||
	    (rc = store_claim(l->store, e)) != ERR_OK ||
	    (rc = service_rekey(l->store, l->clock, log_rekey, l, e)) != ERR_OK ||
	    (rc = store_outbox_release(l->store, e)) != ERR_OK ||
	    (rc = store_feeds_release(l->store, LIVE_HOLDER, e)) != ERR_OK ||
	    (rc = store_watches_release(l->store, e)) != ERR_OK ||
	    (rc = seal_channels(l, config, e)) != ERR_OK ||
	    (rc = net_curl_new(&l->net, config->user_agent, e)) != ERR_OK)
		return rc;
	return ERR_OK;
}

void
live_close(struct live *l)
{
	struct live_config *lc, *older;

	store_close(l->store);
	seal_free(l->seal);
	net_free(l->net);
	fetch_hosts_free(l->hosts);
	for (lc = l->now; lc != NULL; lc = older) {
		older = lc->older;
		config_free(lc->config);
		free(lc);
	}
	free(l->spool_dir);
	bell_done(&l->fetch);
	bell_done(&l->match);
	bell_done(&l->gather);
	bell_done(&l->deliver);
	bell_done(&l->pull);
	pthread_mutex_destroy(&l->lock);
}

const struct live_config *
live_config(struct live *l)
{
	const struct live_config *lc;

	pthread_mutex_lock(&l->lock);
	lc = l->now;
	pthread_mutex_unlock(&l->lock);
	return lc;
}

enum err_code
live_reload(struct live *l, struct err *e)
{
	struct config *c = NULL;
	enum err_code rc;

	if ((rc = config_load(&c, l->config_path, l->overrides, e)) != ERR_OK)
		return rc;
	set_log_level(c);
	fetch_hosts_set_limit(l->hosts, (unsigned)c->per_host);
	pthread_mutex_lock(&l->lock);
	l->now = derive(c, l->now);
	pthread_mutex_unlock(&l->lock);
	bell_ring(&l->fetch);
	bell_ring(&l->gather);
	bell_ring(&l->deliver);
	return ERR_OK;
}

void
live_set_ready(struct live *l, bool ready)
{
	pthread_mutex_lock(&l->lock);
	l->ready = ready;
	pthread_mutex_unlock(&l->lock);
}

bool
live_is_ready(struct live *l)
{
	bool ready;

	pthread_mutex_lock(&l->lock);
	ready = l->ready;
	pthread_mutex_unlock(&l->lock);
	return ready;
}

void
live_stop(struct live *l)
{
	bell_stop(&l->fetch);
	bell_stop(&l->match);
	bell_stop(&l->gather);
	bell_stop(&l->deliver);
	bell_stop(&l->pull);
}

enum err_code
live_worker(struct live *l, bool read_only, struct worker *ret, struct err *e)
{
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	if ((rc = store_sibling(&ret->store, l->store, read_only, e)) != ERR_OK)
		return rc;
	ret->net = l->net;
	ret->hosts = l->hosts;
	ret->clock = l->clock;
	ret->config = live_config(l)->config;
	ret->spool_dir = l->spool_dir;
	return ERR_OK;
}

void
live_worker_done(struct worker *w)
{
	store_close(w->store);
	w->store = NULL;
}
