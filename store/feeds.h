/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds - the store's leaf for feeds, runs, records and decisions.
 *
 * A run goes staging -> (held) -> applying -> deciding -> done, or failed.  Reading and
 * comparing is store_run_open/_record/_finish; nothing is visible before the run is
 * judged.  Applying and deciding happen in slices that survive a crash.
 */
#ifndef STORE_FEEDS_H
#define STORE_FEEDS_H

#include "core/verdict.h"
#include "core/words.h"
#include "store/store.h"

struct record; /* core/record.h */
struct run;    /* store/run.c: a run that is being staged */

enum run_state {
	RUN_STAGING,
	RUN_HELD, /* lost too much: waits for an operator */
	RUN_APPLYING,
	RUN_DECIDING,
	RUN_FLOOD, /* opened implausibly much: applied, quiet, waits for an operator */
	RUN_DONE,
	RUN_FAILED,
	RUN_DISCARDED, /* was held; a later good run replaced it */
	RUN_STATE_COUNT
};
enum run_cause {
	RUN_BASELINE, /* first run of the feed */
	RUN_REFRESH,
	RUN_ACCEPTED, /* was held, an operator accepted it */
	RUN_UPGRADE,  /* the driver's revision was raised */
	RUN_REKEY,
	RUN_SPLIT,
	RUN_IMPORT,
	RUN_CAUSE_COUNT
};
const char *run_state_name(enum run_state s);
const char *run_cause_name(enum run_cause c);

/* A configured feed as the store keeps it. */
struct feed_row {
	int64_t id;
	const char *name, *source, *driver, *url, *remark;
	const char *ecosystems; /* globs, comma separated */
	int source_rank;
	unsigned driver_revision; /* put: the driver's; got: of the last applied run */
	bool enriches, enabled;
	int64_t interval_ms;
	int64_t stale_after_s; /* silence that is too long; 0 = learned from the feed */
	/* got only */
	const char *etag, *last_modified, *body_sha256, *cursor; /* NULL = none */
	int64_t next_at, last_success_at;                        /* 0 = never */
	int failures;
	const char *last_error;
	int64_t n_records;        /* that stand now */
	int64_t newest_record_at; /* 0 = none */
	int64_t news_at;     /* last piece of news, see store_feeds_watch(); 0 = none */
	int64_t stale_since; /* 0 = it is not */
	const char *holder;  /* who reads it now; NULL = nobody */
	bool imported;       /* comes in bundles, nobody fetches it */
	enum run_state state; /* of the last run; RUN_DONE before the first */
	bool ever_applied;
};

/*
 * Make the table of feeds equal to ROWS: new ones are added, known ones updated (state
 * kept), the others disabled; their records stay.
 */
enum err_code store_feeds_put(
    struct store *st, const struct feed_row *rows, size_t n, struct err *e);
enum err_code store_feeds(struct store *st, struct arena *a, struct feed_row **ret,
    size_t *ret_n, struct err *e);
/* ERR_NOTFOUND */
enum err_code store_feed(struct store *st, const char *name, struct arena *a,
    struct feed_row *ret, struct err *e);

/* ---- whose turn it is ---- */

/*
 * A feed is read by one at a time: HOLDER has it until its lease runs out, renewed while
 * the reading goes on.  Who lost the lease is refused at the next slice, since the run
 * that came after has closed its own.
 */
#define FEED_LEASE_S 120
/* Take the enabled feed that is due since longest and that nobody reads; ERR_NOTFOUND if
 * there is none.  *RET_NEXT_AT = when the next one is due (also on ERR_NOTFOUND; 0 =
 * never). */
enum err_code store_feed_take_due(struct store *st, const char *holder, int64_t now_at,
    struct arena *a, struct feed_row *ret, int64_t *ret_next_at, struct err *e);
/* The same for the feed NAME.  ERR_NOTFOUND; ERR_BUSY: somebody else reads it. */
enum err_code store_feed_take(struct store *st, const char *name, const char *holder,
    int64_t now_at, struct arena *a, struct feed_row *ret, struct err *e);
/* Go on holding it.  ERR_CONFLICT: somebody else has taken it. */
enum err_code store_feed_hold(struct store *st, int64_t feed_id, const char *holder,
    int64_t now_at, struct err *e);
/* HOLDER is through with it; it is due again at NEXT_AT. */
enum err_code store_feed_give_back(struct store *st, int64_t feed_id,
    const char *holder, int64_t next_at, struct err *e);
/* End every lease of holders whose names begin with PREFIX: they are gone. */
enum err_code store_feeds_release(struct store *st, const char *prefix, struct err *e);
enum err_code store_feed_schedule(
    struct store *st, int64_t feed_id, int64_t next_at, struct err *e);

/*
 * Look at every feed that has ever been applied: is it stale?  That is one that could not
 * be reached for a day and three of its intervals, or one that is silent for longer than
 * it ever is: four times its own rhythm, learned from the dates of its records (where it
 * gives none, from when its runs changed something), at least a week; 90 days while too
 * little is known.  feed.stale and feed.recovered are told once each.  *RET_N = how many
 * were told.
 */
enum err_code store_feeds_watch(
    struct store *st, int64_t now_at, size_t *ret_n, struct err *e);

/* What a feed says of one ecosystem. */
struct feed_spoken {
	const char *ecosystem;
	int64_t n_records;        /* that stand and name a package of it */
	int64_t newest_record_at; /* 0 = none */
};
enum err_code store_feed_spoken(struct store *st, int64_t feed_id, struct arena *a,
    struct feed_spoken **ret, size_t *ret_n, struct err *e);

/* ---- bundles ---- */

/*
 * A feed that comes in a bundle: put it into the table if it is not there (one that this
 * server fetches by itself stays as it is) and take it as store_feed_take() does.
 */
enum err_code store_feed_import(struct store *st, const struct feed_row *row,
    const char *holder, int64_t now_at, int64_t *ret_id, struct err *e);
/* It was imported and is as old as its publisher's answer of AS_OF; ends the lease. */
enum err_code store_feed_imported(struct store *st, int64_t feed_id, const char *holder,
    int64_t as_of, struct err *e);
struct kept_record {
	const char *key;
	const char *json; /* NULL = cannot be read any more */
	size_t len;
};
/* Records of the feed that stand, by key, behind AFTER_KEY ("" = the first). */
enum err_code store_feed_records(struct store *st, int64_t feed_id,
    const char *after_key, size_t limit, struct arena *a, struct kept_record **ret,
    size_t *ret_n, struct err *e);
/* The same for scores, which are no records (store/epss.h): each as a record of FEED that
 * carries one; AFTER_KEY is the name of a CVE. */
enum err_code store_feed_scores(struct store *st, const struct feed_row *feed,
    const char *after_key, size_t limit, struct arena *a, struct kept_record **ret,
    size_t *ret_n, struct err *e);

/* Ecosystems of components in any image: what 'catalogue: auto' loads feeds for. */
enum err_code store_ecosystems_used(
    struct store *st, struct arena *a, const char ***ret, size_t *ret_n, struct err *e);

/* ---- staging ---- */

/* Begin a run: loads the known hashes of the feed.  Staged leftovers of an earlier
 * unfinished run of it are dropped.  UPGRADE: every record counts as changed. */
enum err_code store_run_open(struct store *st, int64_t feed_id,
    unsigned driver_revision, int64_t now_at, struct run **ret, struct err *e);
/* R differs from what is known: put it on the stage.  *RET_CHANGED tells. */
enum err_code store_run_record(
    struct run *run, const struct record *r, bool *ret_changed, struct err *e);
/* A record could not be used.  If KEY is that of a known one, it stands as it was. */
void store_run_skipped(struct run *run, const char *key, const char *why);
/* The publisher has deleted the record KEY: withdrawn with this run, complete or not. */
enum err_code store_run_gone(struct run *run, const char *key, struct err *e);

/* What the feed is to remember, once the run is applied. */
struct feed_memory {
	const char *etag, *last_modified, *body_sha256, *cursor;
};
struct run_limits {
	unsigned shrink_percent; /* held when more is lost ... */
	unsigned shrink_least;   /* ... and at least so many records */
};

/*
 * Everything was read.  COMPLETE: what was not seen is missing.  Judges: *RET_STATE is
 * RUN_APPLYING or RUN_HELD.  Frees RUN.
 */
enum err_code store_run_finish(struct run *run, bool complete, uint64_t bytes,
    const struct feed_memory *m, const struct run_limits *l, int64_t now_at,
    int64_t *ret_run_id, enum run_state *ret_state, struct err *e);
/* The feed had nothing new: remember when it was reached.  Frees RUN (may be NULL). */
enum err_code store_run_unchanged(struct store *st, struct run *run, int64_t feed_id,
    const struct feed_memory *m, int64_t now_at, struct err *e);
/* The run failed: WHY is kept, the stage dropped.  Frees RUN (may be NULL). */
enum err_code store_run_fail(struct store *st, struct run *run, int64_t feed_id,
    const char *why, int64_t now_at, struct err *e);
/* An operator accepts the held run of the feed; it goes on as RUN_ACCEPTED. */
enum err_code store_run_accept(struct store *st, const char *feed, const char *actor,
    int64_t now_at, int64_t *ret_run_id, struct err *e);
/* An operator's word on a flood: announce its quiet events, or let them rest. */
enum err_code store_run_settle(struct store *st, const char *feed, bool announce,
    const char *actor, int64_t now_at, struct err *e);

/* ---- applying and deciding ---- */

/* Apply a slice (<= BUDGET_MS) of the oldest run in RUN_APPLYING.  *RET_DONE: nothing
 * was left to apply. */
enum err_code store_apply(
    struct store *st, int64_t now_at, int budget_ms, bool *ret_done, struct err *e);

/* One vulnerability in one package, with everything its decision needs. */
struct unit {
	int64_t package_id; /* 0: only ratings have changed: re-rate the matches */
	int64_t vulnerability_id;
	int64_t run_id;
	struct subject *subjects;
	size_t n_subjects;
	struct statement *statements;
	size_t n_statements;
	struct rating *ratings;
	size_t n_ratings;
};
/* At most MAX units that are due, of the oldest run that is applied to the end; n 0 =
 * nothing to decide. */
enum err_code store_due_units(struct store *st, size_t max, struct arena *a,
    struct unit **ret, size_t *ret_n, struct err *e);
/*
 * Write the differences, the history and the events of UNITS; DECISIONS holds, for each
 * unit in turn, one decision per subject.  Deletes exactly the due rows that were read; of
 * many units only the first are written, about 40 ms, and the others stay due.
 * For a unit with package_id 0 the decisions' severity alone counts, subjects are the
 * components that match now.
 * ERR_CONFLICT  somebody else decided them: read again
 */
enum err_code store_decide(struct store *st, const struct unit *units, size_t n,
    const struct decision *decisions, int64_t now_at, struct err *e);
/* Runs in RUN_DECIDING with nothing due become RUN_DONE (baseline and summary events).
 * *RET_N = runs finished. */
enum err_code store_runs_close(
    struct store *st, int64_t now_at, size_t *ret_n, struct err *e);
/* Recompute due summaries and fold posting tails, a slice.  *RET_DONE: all is fresh. */
enum err_code store_tidy(
    struct store *st, int64_t now_at, int budget_ms, bool *ret_done, struct err *e);

/* ---- looking ---- */

struct run_row {
	int64_t id, feed_id;
	const char *feed;
	enum run_state state;
	enum run_cause cause;
	bool complete;
	int64_t started_at, finished_at; /* 0 = not yet */
	int64_t records, added, changed, unchanged, withdrawn, skipped, opened, closed;
	int64_t bytes;
	const char *error;        /* NULL = none */
	const char *skipped_json; /* [{"record","why"}], the first 20 */
};
/* Newest first; of those before run BEFORE_ID, where that is not 0. */
enum err_code store_runs(struct store *st, int64_t feed_id, int64_t before_id,
    size_t limit, struct arena *a, struct run_row **ret, size_t *ret_n, struct err *e);
/* The newest run of every enabled feed, by the feed's name. */
enum err_code store_runs_last(struct store *st, struct arena *a, struct run_row **ret,
    size_t *ret_n, struct err *e);
enum err_code store_run(struct store *st, int64_t run_id, struct arena *a,
    struct run_row *ret, struct err *e);

/* What one record under an advisory's name said, from when to when. */
struct advisory_revision {
	int64_t record_id, revision;
	const char *feed, *key;
	int64_t learned_at, until; /* UNTIL 0 = it is what the feed says now */
	bool is_withdrawn;         /* the record, now */
	int64_t missing_since;     /* the record, now; 0 = not */
	const char *body_json;     /* normalized; NULL = cannot be read any more */
};
/*
 * The revisions of advisory NAME of SOURCE, by record, each newest first; ONLY_PRESENT:
 * the newest alone.  AFTER = {record id, revision} of the last one seen, {0, 0} at first.
 * ERR_NOTFOUND
 */
enum err_code store_advisory_history(struct store *st, const char *source,
    const char *name, bool only_present, const int64_t after[2], size_t limit,
    struct arena *a, struct advisory_revision **ret, size_t *ret_n, struct err *e);

#endif
