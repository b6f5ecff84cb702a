/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service - the one place where the rooms are wired together: feeds into the store, the
 * store's units through match and back, documents into images, images into answers.
 *
 * What it is for.  The units of work that serve's threads, the REST handlers, the
 * command line and the scenario tests all call: none of them wires rooms by itself.
 *
 * Threads.  A struct worker belongs to one thread; each has its own store handle.  What
 * workers share (net, clock, settings) is safe to share.
 *
 * Memory.  Answers lie in the arena given.
 *
 * Errors.  As the rooms give them, with the context put in front.
 *
 * Start reading at service_feed_run(), then service_match(), then service_register().
 */
#ifndef SERVER_SERVICE_H
#define SERVER_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "store/feeds.h"
#include "store/findings.h"
#include "store/images.h"

struct arena;
struct clock;
struct config;
struct feed_config;
struct fetch_hosts;
struct inventory;
struct net;
struct store;

/*
 * Make version keys anew where an older program made them (store/rekey.h); nothing to do
 * is the rule.  TELL (may be NULL) hears of progress, at least once if there is any.
 */
enum err_code service_rekey(struct store *st, const struct clock *clock,
    void (*tell)(void *arg, uint64_t done, uint64_t total), void *arg, struct err *e);

/* What one thread works with; all borrowed. */
struct worker {
	struct store *store;
	struct net *net;
	const struct clock *clock;
	const struct config *config;
	const char *spool_dir;
	const char *holder;        /* of leases: who this is; NULL = "tocsin" */
	struct fetch_hosts *hosts; /* MAY: shared by all who fetch; NULL = no limit */
	/* MAY: waits between requests of a feed, for tests; NULL = really wait. */
	int (*sleep_ms)(void *arg, int64_t ms);
	/* MAY: told now and then during long work; false stops it with ERR_BUSY. */
	bool (*progress)(void *arg, const char *what, uint64_t bytes, uint64_t total,
	    uint64_t records);
	void *arg; /* of both */
};

/* ---- feeds ---- */

/*
 * Put the configured feeds into the store: those of the file, and of the catalogue those
 * that its setting wants (auto: what the registered images need, plus enrichment).
 */
enum err_code service_feeds_sync(struct worker *w, struct err *e);
/* The configured feed called NAME, or NULL. */
const struct feed_config *service_feed_config(const struct config *c, const char *name);

struct feed_outcome {
	bool unchanged; /* nothing new upstream */
	int64_t run_id; /* 0 when unchanged or failed before a run */
	enum run_state state;
	uint64_t bytes, records, skipped;
	int64_t duration_ms;
};
/*
 * Fetch, compare, stage and judge one feed; nothing is applied yet.  A failure is written
 * into the feed's state (retry with growing waits) and returned.
 */
enum err_code service_feed_run(
    struct worker *w, const char *name, struct feed_outcome *ret, struct err *e);
/* The next due feed, run as above; ERR_NOTFOUND if none is due (*RET_NEXT_AT as in
 * store_feed_due).  *RET_NAME in A. */
enum err_code service_feed_next(struct worker *w, struct arena *a,
    const char **ret_name, struct feed_outcome *ret, int64_t *ret_next_at,
    struct err *e);

/* ---- matching ---- */

/* One slice of applying or deciding, or of tidying when there is nothing to decide.
 * *RET_IDLE: nothing at all is left to do. */
enum err_code service_match(struct worker *w, bool *ret_idle, struct err *e);
/* Slices until nothing is left. */
enum err_code service_match_all(struct worker *w, struct err *e);

/* ---- images ---- */

/* Register or move an image: resolve, decide, put; tried again when statements move. */
enum err_code service_register(struct worker *w, struct scope scope,
    const struct image_put *put, const struct inventory *inv, int64_t *ret_image_id,
    enum put_result *ret_result, struct change_counts *ret_changes, struct err *e);

/* Findings of a document that is not registered; writes nothing. */
enum err_code service_scan(struct worker *w, const struct inventory *inv,
    struct arena *a, struct finding_row **ret, size_t *ret_n,
    struct coverage *ret_coverage, struct err *e);

/* ---- explain ---- */

struct explained_package {
	const char *name, *installed, *ecosystem, *stream;
	const char *source_package, *source_version; /* NULL = none */
	enum reason reason;
	const struct statement *by; /* deciding; NULL = none */
	enum severity severity;
};
struct explanation {
	int64_t vulnerability_id;
	const char *vulnerability; /* NULL: no source knows the name */
	bool affected;
	enum reason reason;
	struct explained_package *packages;
	size_t n_packages;
	const struct statement **others; /* overruled or about somebody else's stream */
	size_t n_others;
};
enum err_code service_explain(struct worker *w, struct scope scope, int64_t image_id,
    const char *vulnerability, struct arena *a, struct explanation *ret, struct err *e);

#endif
