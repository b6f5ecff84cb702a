/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world - a store with feeds that say what a test tells them to, images, and somebody who
 * decides.  Versions are decimal numbers, so that the room is tested without match/; the
 * decisions are the simplest ones that make sense.
 */
#ifndef UNIT_STORE_WORLD_H
#define UNIT_STORE_WORLD_H

#include "unit/unit.h"

#include "core/arena.h"
#include "core/component.h"
#include "core/record.h"
#include "store/feeds.h"
#include "store/images.h"
#include "store/outbox.h"
#include "store/store_private.h"
#include "store/teams.h"

#define DEBIAN "debian:12"
#define ALPINE "alpine:3.20"

struct world {
	struct store *st;
	struct arena *a;
	int64_t now_at;
	char dir[64]; /* of a store in a file; "" = in memory */
	struct {
		struct feed_row *at;
		size_t n, cap;
	} feeds;
	struct {
		struct record **at;
		size_t n, cap;
	} records; /* that the next run reads */
	struct run_limits limits;
	int64_t team_id;
	int slice_ms;       /* of w_slice(); 0 = a record at a time */
	size_t slice_units; /* and units at most */
};

extern const struct keyer world_keyer;

/* Fixtures: *STATE is a struct world with team "red"; the second keeps it in a file. */
int world_setup(void **state);
int world_setup_file(void **state);
int world_teardown(void **state);
/* The same file, opened anew. */
void w_reopen(struct world *w);
const char *w_url(struct world *w);

/* A feed of SOURCE; its id. */
int64_t w_feed(struct world *w, const char *name, const char *source);

/* ---- what the next run reads ---- */

/* A record "PACKAGE/VULNERABILITY" of SOURCE, without statements yet. */
struct record *w_record(struct world *w, const char *source, const char *package,
    const char *vulnerability);
/* PACKAGE is affected below FIXED (NULL = no fix yet). */
struct affected *w_affects(struct world *w, struct record *r, const char *ecosystem,
    const char *package, const char *fixed);
/* Both at once, source "debian", ecosystem DEBIAN. */
struct record *w_says(
    struct world *w, const char *package, const char *vulnerability, const char *fixed);
void w_alias(struct world *w, struct record *r, const char *alias);
void w_score(struct world *w, struct record *r, enum speaker speaker, int tenths);

/* ---- a run ---- */

struct ran {
	int64_t run_id;
	enum run_state state;
	size_t n_changed; /* records that were staged */
};
/* Read the records collected so far (they are forgotten), judge; nothing is applied. */
struct ran w_read(struct world *w, const char *feed);
struct ran w_read_as(
    struct world *w, const char *feed, unsigned revision, bool complete);
/* Apply, decide, close and tidy until nothing is left. */
void w_work(struct world *w);
/* w_read() and w_work(): the state the run ends in. */
enum run_state w_run(struct world *w, const char *feed);
/* One slice of all that; true when there was nothing to do. */
enum err_code w_slice(struct world *w, bool *ret_idle, struct err *e);
/* The feed had nothing new; it failed. */
void w_unchanged(struct world *w, const char *feed);
void w_fail(struct world *w, const char *feed);

void w_decide(const struct unit *u, const struct subject *s, struct decision *ret);

/* ---- images ---- */

struct pkg {
	const char *ecosystem, *name, *version;
	const char *source; /* NULL = the name */
	const char *arch;
	unsigned flags;
};
/* PACKAGES ends with a NULL name.  The image is called NAME. */
enum put_result w_put(struct world *w, const char *name, const char *digest,
    const struct pkg *packages, struct change_counts *ret);
enum err_code w_try_put(struct world *w, int64_t team_id, const struct image_put *put,
    const struct pkg *packages, enum put_result *ret, struct change_counts *ret_changes,
    struct err *e);
#define PKG(e, n, v)                                                                   \
	{                                                                              \
		.ecosystem = (e), .name = (n), .version = (v)                          \
	}
#define PKGS(...) ((const struct pkg[]){ __VA_ARGS__, { .name = NULL } })
struct inventory *w_inventory(struct world *w, const struct pkg *packages);

/* ---- looking ---- */

/* The number that SQL gives; -1 when it gives none. */
int64_t w_int(struct world *w, const char *sql);
/* Its text, in the world's arena; NULL when it gives none. */
const char *w_text(struct world *w, const char *sql);
/* How many events of KIND there are, quiet ones counted only if QUIET. */
int64_t w_events(struct world *w, enum event_kind kind, bool quiet);
/* All matches as one text, "component vulnerability state severity;" in order. */
const char *w_matches(struct world *w);
/* The test fails unless the log's numbers have no holes. */
void w_check_log(struct world *w);

#define assert_ok(call) w_assert_ok_((call), &w_err, __FILE__, __LINE__)
extern struct err w_err; /* for assert_ok(f(..., &w_err)) */
void w_assert_ok_(enum err_code rc, const struct err *e, const char *file, int line);

#endif
