/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config - one table of settings; the feeds to fetch; read, checked, printed.
 *
 * What it is for.  tocsin.yaml (all of it optional) into one struct; the feed catalogue
 * that ships in the binary; --show-config and docs/CONFIG.md from the same table.
 *
 * What it promises.  A file is taken whole or refused with line and column; a struct
 * config never changes after config_load(): a reload makes a fresh one.  A misspelt key
 * is an error that names the nearest known one.
 *
 * What it does not do.  It opens nothing but its file and starts nothing.
 *
 * Threads.  Loading anywhere; a loaded struct may be read by all.
 *
 * Memory.  Everything belongs to the struct; config_free() frees it.
 *
 * Errors.  ERR_INPUT: what is wrong, where.  ERR_NOTFOUND: no such file.
 *
 * Limits.  1 MiB of YAML in one document, 64 levels, 200000 nodes with its aliases
 * expanded.
 *
 * Start reading at the table in settings.c.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct buf;
struct feed_config;
struct registry_config; /* core/feed_config.h */

struct config {
	const char *listen_host;
	const char *listen; /* "127.0.0.1:8080" */
	const char *db;
	const char *public_url; /* NULL = none */
	const char *log_level;
	const char *state_dir; /* where spool, token and default store live */

	const char *catalogue;        /* "auto", or NULL with patterns */
	const char **catalogue_globs; /* n; 0 with catalogue NULL = none */
	size_t n_catalogue_globs;
	int64_t feed_jitter_percent;
	int64_t fetchers, per_host;
	const char *mirror; /* NULL = none */
	const struct registry_config *registries;
	size_t n_registries;
	const char *docker_config; /* NULL = what docker or podman would read */
	int64_t check_ms;          /* how often a tag is looked at */
	int64_t pullers;
	int64_t shrink_percent, shrink_least;
	const char *user_agent;

	const char **allow_cidrs; /* NULL-ended */
	int64_t gather_ms;
	int64_t keep_events_ms, keep_messages_ms, keep_bodies_ms;
	int64_t *retry_ms;
	size_t n_retry;
	const char *smtp_url, *smtp_from, *smtp_user, *smtp_password, *smtp_ca_file;
	bool smtp_starttls;

	int64_t api_threads, api_connections, max_upload, max_request;

	/* feeds.list of the file, then the catalogue; a name in both is the file's */
	struct feed_config *feeds;
	size_t n_feeds;
	const char *path;      /* the file read; NULL = none */
	const char **warnings; /* for check-config; NULL-ended */

	struct arena *arena; /* owns all of the above */
};

/* PATH NULL: no file, defaults only.  OVERRIDES are "key=value" (from the command line),
 * NULL-ended, may be NULL. */
enum err_code config_load(
    struct config **ret, const char *path, const char *const *overrides, struct err *e);
/* The same from memory, as PATH for messages. */
enum err_code config_parse(struct config **ret, const char *text, size_t len,
    const char *path, const char *const *overrides, struct err *e);
void config_free(struct config *c); /* NULL is allowed */

/* The default state directory: $TOCSIN_STATE_DIR, /var/lib/tocsin for root,
 * $XDG_STATE_HOME/tocsin or ~/.local/state/tocsin; into OUT. */
enum err_code config_state_dir(char *out, size_t size, struct err *e);

/* YAML of every setting as it stands, secrets left out; config_parse() takes it back. */
void config_show(const struct config *c, struct buf *out);
/* docs/CONFIG.md. */
void config_document(struct buf *out);

#endif
