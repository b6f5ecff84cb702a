/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watches - the store's leaf for references that tocsin pulls by itself and looks at again
 * and again, and for where images are seen.
 *
 * A watch is a wish: "keep image NAME of this team equal to what REF points to".  Whoever
 * pulls takes one under a lease, asks the registry, registers what came and writes down how
 * it went.  An import is a number of watches that were added together, for whoever waits
 * for them.
 *
 * A place is a cluster, a machine or a file that lists images from time to time.  What a
 * listing does not name any more is gone from that place; what is gone from everywhere for
 * longer than the place's grace is retired: its watch and its image go.
 */
#ifndef STORE_WATCHES_H
#define STORE_WATCHES_H

#include "core/words.h"
#include "store/images.h"
#include "store/store.h"

enum watch_state {
	WATCH_WAITING, /* never pulled */
	WATCH_OK,
	WATCH_FAILED, /* tried again at next_at */
	WATCH_GONE,   /* the registry has no such thing (any more) */
	WATCH_STATE_COUNT
};
const char *watch_state_name(enum watch_state s);

struct watch_row {
	int64_t id, team_id;
	const char *name, *ref, *platform; /* platform NULL = the host's */
	const char *put_json; /* {"lists":[],"labels":{}}: how it is registered */
	enum watch_state state;
	const char *digest; /* that the reference pointed to; NULL = not known */
	int64_t next_at, checked_at, pulled_at; /* 0 = never */
	int failures;
	const char *last_error; /* NULL = none */
	int64_t image_id;       /* 0 = not registered yet */
};

struct watch_new {
	const char *name, *ref, *platform, *put_json;
};
/*
 * Add or replace N watches; they are due at once.  *RET_IMPORT_ID names them together.
 * ERR_LIMIT  more than MAX_WATCHES in the team
 */
enum err_code store_watch_add(struct store *st, struct scope scope,
    const struct watch_new *w, size_t n, const char *actor, int64_t now_at,
    int64_t *ret_import_id, struct err *e);
/* The watch of image NAME; ERR_NOTFOUND. */
enum err_code store_watch(struct store *st, struct scope scope, const char *name,
    struct arena *a, struct watch_row *ret, struct err *e);
/* Look at it as soon as possible. */
enum err_code store_watch_now(struct store *st, struct scope scope, const char *name,
    int64_t now_at, struct err *e);
enum err_code store_watch_delete(struct store *st, struct scope scope, const char *name,
    const char *actor, int64_t now_at, struct err *e);

/* ---- the one who pulls ---- */

#define WATCH_LEASE_S 300
/* The watch that is due since longest; ERR_NOTFOUND (*RET_NEXT_AT = when one is due, 0 =
 * never). */
enum err_code store_watch_take(struct store *st, int64_t now_at, struct arena *a,
    struct watch_row *ret, int64_t *ret_next_at, struct err *e);
struct watch_result {
	int64_t watch_id;
	enum watch_state state;
	const char *digest; /* NULL = as it was */
	const char *error;  /* NULL = none */
	bool pulled;
	int64_t now_at, next_at;
};
/* How it went; a watch that was replaced or deleted meanwhile is left alone. */
enum err_code store_watch_result(
    struct store *st, const struct watch_result *r, struct err *e);
/* End every lease: whoever held one is gone, since this process has the claim. */
enum err_code store_watches_release(struct store *st, struct err *e);

/* ---- imports ---- */

struct import_row {
	int64_t id, created_at, n, waiting, ok, failed, gone;
};
enum err_code store_import(struct store *st, struct scope scope, int64_t id,
    struct import_row *ret, struct err *e);
/* Its watches, by name, behind AFTER_ID (a watch's id; 0 = the first). */
enum err_code store_import_items(struct store *st, struct scope scope, int64_t id,
    int64_t after_id, size_t limit, struct arena *a, struct watch_row **ret,
    size_t *ret_n, struct err *e);

/* ---- places ---- */

struct sighting_new {
	const char *name;                 /* of the image */
	const char *digest;               /* that runs; NULL = not said */
	const char *namespace, *workload; /* "" = not said */
};
struct sync_counts {
	int64_t seen, added, back,
	    gone; /* images: in the listing; first seen here; again
					    here; not here any more */
};
/*
 * What PLACE lists now.  Adds, keeps and ends sightings; with DRY_RUN only counts.
 * GRACE_S is kept with the place.
 */
enum err_code store_place_sync(struct store *st, struct scope scope, const char *place,
    int64_t grace_s, const struct sighting_new *s, size_t n, bool dry_run,
    const char *actor, int64_t now_at, struct sync_counts *ret, struct err *e);

struct place_row {
	const char *place, *namespace, *workload, *digest; /* NULL = not said */
	int64_t first_seen_at, last_seen_at, gone_at;      /* gone_at 0 = is there */
};
/* Where image NAME of the team is or was seen. */
enum err_code store_image_places(struct store *st, struct scope scope, int64_t team_id,
    const char *name, struct arena *a, struct place_row **ret, size_t *ret_n,
    struct err *e);
/*
 * The next image whose time has come: seen somewhere once, gone from everywhere for longer
 * than its places' grace.  ERR_NOTFOUND.  Once its watch and the image are deleted,
 * store_retired() forgets where it was; a crash in between costs a second try.
 */
enum err_code store_retire_next(struct store *st, int64_t now_at, struct arena *a,
    int64_t *ret_team_id, const char **ret_name, struct err *e);
enum err_code store_retired(
    struct store *st, int64_t team_id, const char *name, struct err *e);

#endif
