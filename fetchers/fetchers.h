/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetchers - from a feed on the network to normalized records.
 *
 * What it is for.  One driver per FORMAT; a feed is a row of configuration that names a
 * driver and an address.
 *
 * What it promises.  A driver's parse is a pure function of bytes.  Conditional requests,
 * rate limits, retries within a run, spooling, caps and progress live in the environment
 * around the driver, the same for all.  A bad record is counted and skipped with its key;
 * a bad document fails the run.
 *
 * What it does not do.  It remembers nothing (the feed's state is handed in and out) and
 * decides nothing: whether a run is applied is the store's and the operator's matter.
 *
 * Threads.  fetch_run() blocks; different feeds may run in different threads, one feed in
 * one at a time.
 *
 * Memory.  A record handed to the sink lives until the sink returns.
 *
 * Errors.  ERR_UNREACHABLE: try again later.  ERR_INPUT: the document is not what the
 * driver reads.  ERR_LIMIT: a cap.  An error of the sink is passed through unchanged.
 *
 * Limits.  MAX_FEED_BYTES inflated, MAX_FEED_RECORDS, MAX_RECORD_BYTES, MAX_AFFECTED and
 * the caps on JSON (core/limits.h).
 *
 * Start reading at the table in all.c, then kev.c, the smallest driver.
 */
#ifndef FETCHERS_FETCHERS_H
#define FETCHERS_FETCHERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/feed_config.h"

/* Opaque here; defined elsewhere. */
struct arena;
struct clock;
struct fetch_env;   /* fetchers/fetch_env.h, for drivers */
struct fetch_hosts; /* fetchers/hosts.h */
struct net;
struct record;
struct stream;

/* Where records go. */
struct record_sink {
	/*
	 * One record, complete and checked.  Any error stops the run.  A key may come
	 * again in one run (a list that moved while it was paged): the later one counts.
	 */
	enum err_code (*record)(
	    struct record_sink *s, const struct record *r, struct err *e);
	/* A record that could not be used: its key (or a place in the document), why. */
	void (*skipped)(struct record_sink *s, const char *key, const char *why);
	/*
	 * MAY be NULL.  The publisher has deleted the record KEY: said by feeds that are
	 * read in parts, where what was not seen has not vanished.
	 */
	enum err_code (*gone)(struct record_sink *s, const char *key, struct err *e);
};

/* What a parse may know besides the bytes. */
struct parse_env {
	const char *source; /* whose records these are */
	/* Whose packages, where a document does not say; NULL = nobody knows. */
	const char *ecosystem;
	/* Where a parse may lay aside what it cannot keep (core/spool.h); NULL = /tmp. */
	const char *spool_dir;
};

#define DRIVER_ENRICHES 1u /* adds facts to vulnerabilities, names no packages */

/* What a format can say.  What it cannot is not known, which is not the same as no. */
#define SAYS_FIXED        1u /* the version that has a fix */
#define SAYS_UNFIXED      2u /* affected, and there is no fix */
#define SAYS_NOT_AFFECTED 4u
#define SAYS_SEVERITY     8u
#define SAYS_EXPLOITED    16u
#define SAYS_LIKELIHOOD   32u /* of exploitation */
#define SAYS_END          64u /* when a release ends */
#define SAYS_OF_PACKAGES  (SAYS_FIXED | SAYS_UNFIXED | SAYS_NOT_AFFECTED | SAYS_SEVERITY)

struct driver {
	const char *name;    /* MUST: stable; a key in store and configuration */
	const char *summary; /* MUST */
	const char *source;  /* MUST: default source name */
	int source_rank;     /* MUST: 0 own distribution, 1 OSV and the like, 2 NVD */
	unsigned caps;       /* DRIVER_... */
	unsigned says;       /* MUST: SAYS_... */
	unsigned revision; /* MUST: bumped when the same document gives other records */
	/*
	 * MUST.  Read one document to its end, handing every record to SINK in order.
	 * No network, no clock.  The fuzzer, the golden tests and "feeds parse" call this.
	 */
	enum err_code (*parse)(struct stream *in, const struct parse_env *env,
	    struct record_sink *sink, struct err *e);
	/*
	 * MAY be NULL.  ".json": a file may also be a zip or a tar of documents, its
	 * members of such names; each is handed to parse.
	 */
	const char *member;
	/*
	 * MAY be NULL: then the feed is one document at config->url, fetched
	 * conditionally.  Else: get what is needed through fetch_get() and hand each
	 * document to fetch_parse().
	 */
	enum err_code (*fetch)(struct fetch_env *env, struct err *e);
};

extern const struct driver *const drivers_all[];    /* all.c; NULL-ended */
const struct driver *driver_find(const char *name); /* NULL if unknown */
/*
 * The rank of what SOURCE says through D: a distribution has the first word on its own
 * packages, in whatever format it publishes.
 */
int driver_rank(const struct driver *d, const char *source);

/* What the store remembers of a feed between runs. */
struct feed_state {
	const char *etag, *last_modified; /* of the document; NULL = none */
	const char *body_sha256;          /* hex; NULL = none */
	const char *cursor;               /* driver's own text; NULL = first run */
	bool force; /* read in full whatever the server says (new driver revision) */
};

/* What a run was, for the run report. */
struct fetch_result {
	bool unchanged; /* nothing new upstream: nothing was parsed */
	bool
	    complete; /* every record of the feed was seen: what was not, has vanished */
	uint64_t bytes, documents, records, skipped;
	struct feed_state next; /* to remember if the run is applied; in the arena */
};

struct fetch_options {
	const struct feed_config *feed;
	const struct feed_state *state;
	struct net *net;
	const struct clock *clock;
	const char *spool_dir; /* downloads lie here while they are read */
	struct arena *arena;   /* for the result */
	struct record_sink *sink;
	struct fetch_hosts
	    *hosts; /* MAY: fetchers/hosts.h; NULL = one request at a time */
	/*
	 * MAY: "file:///mirror" or "https://mirror.example.org/x": what lies at
	 * https://HOST/PATH elsewhere lies here as HOST/PATH.
	 */
	const char *mirror;
	/* MAY: told now and then; false stops the run (ERR_BUSY "stopped"). */
	bool (*progress)(void *arg, const char *what, uint64_t bytes, uint64_t total,
	    uint64_t records);
	/* MAY: wait MS milliseconds, for tests; non-zero stops.  NULL = really wait. */
	int (*sleep_ms)(void *arg, int64_t ms);
	void *progress_arg; /* handed to both */
};

/* Run one feed to its end: fetch, parse, hand over.  Nothing is stored here. */
enum err_code fetch_run(
    const struct fetch_options *o, struct fetch_result *ret, struct err *e);

/* Parse one saved file (a document or an archive of them, packed or not) with driver D;
 * ENV without a source takes the driver's. */
enum err_code fetch_parse_file(const struct driver *d, const struct parse_env *env,
    const char *path, struct record_sink *sink, struct err *e);

#endif
