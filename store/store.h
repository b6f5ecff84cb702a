/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store - everything tocsin remembers.
 *
 * What it is for.  Advisories as normalized from the feeds, registered images and their
 * packages, which component is hit by which vulnerability, who subscribes what, and the
 * outbox of messages.  No other folder contains SQL or knows which engine runs.  The door
 * has five leaves: feeds.h (runs and records), images.h (images, lists), findings.h
 * (every question), teams.h (teams, tokens, audit), outbox.h (events, subscriptions,
 * messages).
 *
 * What it promises.  One call is one unit of work: visible to others as a whole or not at
 * all, also after a crash.  Once a call has returned ERR_OK its change survives a power
 * cut.  Transactions never leave this folder.  Event numbers are given in commit order,
 * without holes.  Everything that belongs to a team takes a struct scope first: a query
 * without a team does not compile.
 *
 * What it does not do.  No matching and no version order (a keyer is handed in, decisions
 * are handed in), no network, no clock: a time that is stored came in as an argument.
 *
 * Threads.  A struct store belongs to one thread at a time; store_sibling() opens another
 * on the same database for another thread.  Writers among siblings queue at a lock, a
 * second process waits at the engine's lock up to the busy timeout and then gets ERR_BUSY.
 * store_claim() makes this process the one that runs the service on the database.
 *
 * Memory.  Rows are copied into the arena given by the caller and live as long as it.
 *
 * Errors.  Functions that can fail return an err_code and describe the failure in *e.
 * Outputs (ret_...) are written only on ERR_OK.  Nothing here logs.
 * ERR_STORAGE (the engine refused, the disk is full) and ERR_BUSY can come from any call.
 *
 * Limits.  Pages of at most MAX_PAGE rows; write slices of about 40 ms.
 *
 * Start reading at store_open() in store.c, then the statements in sql/.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* Opaque here; defined elsewhere. */
struct arena;
struct keyer; /* core/verdict.h */
struct seal;  /* core/seal.h */
struct store; /* store/store_private.h */

/* Whose rows a call may see. */
struct scope {
	int64_t team_id; /* ignored when all */
	bool all;        /* a token for every team: reads everything */
};

struct store_options {
	const struct keyer *keyer; /* borrowed for the life of the store */
	bool read_only; /* refuse every write; an old schema is ERR_CONFLICT */
	bool
	    will_rekey; /* old keys are no error: the caller calls store_rekey_open() */
	/* What channels' secrets are sealed with; borrowed for the life of the store.  NULL =
	 * they are kept as they come, and sealed ones stay closed. */
	const struct seal *seal;
	int busy_timeout_ms; /* 0 = 5000 */
	bool no_mmap;        /* for fault tests */
};

/*
 * Open the database named by URL ("sqlite:/path", "sqlite::memory:", or a bare path),
 * creating it and bringing its schema up to date unless read_only.
 *
 * ERR_INPUT        the URL names no known engine
 * ERR_UNSUPPORTED  a known engine this build lacks
 * ERR_CONFLICT     the schema or a version key is newer than this program; or the schema is
 *                  older and read_only, or a key older and not will_rekey
 */
enum err_code store_open(
    struct store **ret, const char *url, const struct store_options *o, struct err *e);
/* Another handle on the same database, for another thread. */
enum err_code store_sibling(
    struct store **ret, struct store *of, bool read_only, struct err *e);
void store_close(struct store *st); /* NULL is allowed */

/*
 * Make this process the one that runs the service on the database, until it ends
 * (also by kill -9).  ERR_BUSY if another one does.
 */
enum err_code store_claim(struct store *st, struct err *e);
/*
 * Until store_end_turn() the other writers of this process wait: for work that reads, thinks
 * and writes, and found twice that somebody was quicker.  No transaction: what the calls in
 * between write is visible as they return.  A handle that writes in its turn does not wait
 * for itself.
 */
void store_take_turn(struct store *st);
void store_end_turn(struct store *st);
/* Let the engine tidy up (checkpoint) in an idle moment. */
enum err_code store_idle(struct store *st, struct err *e);
/* Does the database answer?  For /readyz. */
enum err_code store_ping(struct store *st, struct err *e);

/* The last event number given; 0 in an empty store. */
enum err_code store_now_seq(struct store *st, int64_t *ret, struct err *e);
/* 32 bytes, made at creation, that turn ids into opaque texts. */
enum err_code store_opaque_key(struct store *st, unsigned char ret[32], struct err *e);

#endif
