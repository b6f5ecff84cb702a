/* SPDX-License-Identifier: Apache-2.0 */
/* run_private - what the files share that take a feed's run from reading to applying. */
#ifndef STORE_RUN_PRIVATE_H
#define STORE_RUN_PRIVATE_H

#include "core/buf.h"
#include "store/feeds.h"
#include "store/store_private.h"

struct strmap;

/* What a row of run_stage asks for.  Stored: only add at the end. */
enum change {
	CHANGE_ADDED,
	CHANGE_CHANGED,
	CHANGE_MISSING,  /* not seen, for the first time: nothing closes yet */
	CHANGE_FOUND,    /* was missing, is there again, unchanged */
	CHANGE_VANISHED, /* not seen for the second time: withdrawn */
	CHANGE_REKEYED,  /* says what it said; its versions have other keys */
	CHANGE_SCORES,   /* no record: packed scores, see epss.h */
	CHANGE_COUNT
};

/* As much of a content hash as tells two records apart. */
#define KNOWN_HASH 16

#define KNOWN_SEEN      1u
#define KNOWN_WITHDRAWN 2u /* says so itself, or vanished */
#define KNOWN_VANISHED  4u

struct known {
	int64_t id;            /* 0 = on a stage only */
	int64_t missing_since; /* 0 = not missing */
	unsigned char hash[KNOWN_HASH];
	unsigned flags;
};

struct staged {
	const char *key;
	enum change change;
	bool has_body;
	unsigned char hash[32];
	const void *body;
	size_t len;
};

struct run {
	struct store *st; /* borrowed */
	int64_t id;       /* 0 until the first row is staged */
	int64_t feed_id;
	int64_t last_judged;      /* run of the feed when this one began; 0 = none */
	char *feed;               /* owned; its name */
	unsigned driver_revision; /* 0 given: the feed's present one */
	enum run_cause cause;
	int64_t started_at;
	struct strmap *keys; /* owned; to an index of known */
	struct known *known; /* owned */
	size_t n_known, cap_known;
	size_t n_standing; /* that stood when the run began */
	size_t n_gone;     /* of them, called deleted by the publisher */
	struct {
		struct staged *at;
		size_t n, cap;
	} pending;
	struct arena *a; /* owned; of what is pending */
	int64_t n_records, n_added, n_changed, n_unchanged, n_withdrawn, n_skipped;
	struct run_epss *epss; /* owned; NULL until a record carries a score */
	struct buf skipped;    /* JSON texts of the first, comma between */
	struct strmap *shrunk; /* owned; ecosystem id as text, to records lost there */
};

/* The row of F and of its source, by the statement HOW (FEED_PUT, FEED_IMPORT); inside a
 * write transaction. */
enum err_code feed_put(
    struct store *st, enum stmt how, const struct feed_row *f, struct err *e);
/* What was wrong with the feed is over: feed.recovered with the members MORE, or, if it
 * has been stale and still is, feed.stale once more, so that its last word is true. */
enum err_code feed_well(struct store *st, int64_t feed_id, int64_t run_id,
    const char *feed, const char *more, int64_t now_at, struct err *e);
/* The row that a statement of FEED_COLUMNS stands at. */
void feed_read(struct query *q, struct arena *a, struct feed_row *ret);
/*
 * A run of the feed is through; CHANGED: it brought something.  Learns the feed's rhythm;
 * inside a write transaction.
 */
enum err_code feed_news(
    struct store *st, int64_t feed_id, bool changed, int64_t now_at, struct err *e);

/* Give the run its row, in RUN_STAGING; inside a write transaction. */
enum err_code run_add(struct run *run, struct err *e);
/* Put a row on the stage; written when enough are pending. */
enum err_code run_stage(struct run *run, const struct staged *row, struct err *e);
/* Write what is pending; the run has a row after it. */
enum err_code run_flush(struct run *run, struct err *e);
/* Count the ecosystems that the record no longer names a package of. */
enum err_code run_count_shrunk(
    struct run *run, const struct known *k, const struct record *r, struct err *e);
void run_free(struct run *run);
/* Delete the stage of a run, in short transactions. */
enum err_code run_drop_stage(struct store *st, int64_t run_id, struct err *e);
/* The feed's newest run in STATE; ERR_NOTFOUND leaves *E untouched. */
enum err_code run_in_state(struct store *st, int64_t feed_id, enum run_state state,
    int64_t *ret_id, enum run_cause *ret_cause, int64_t *ret_finished_at,
    struct err *e);
/* The feed's newest run that is applied, or will be without another word; 0 = none. */
enum err_code run_last_judged(
    struct store *st, int64_t feed_id, int64_t *ret, struct err *e);
enum err_code run_move(struct store *st, int64_t run_id, enum run_state state,
    int64_t finished_at, struct err *e);
/* Append a feed.* event; MORE are members of its detail, ',' in front, or "". */
enum err_code feed_event(struct store *st, int kind, int64_t run_id, const char *feed,
    const char *more, int64_t now_at, struct err *e);

#endif
