/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history - a store whose past is written by hand, number by number: what matches stood
 * when, what images held when, which events said so.  The tests of the log, the net
 * changes and the outbox need histories that a feed would take many runs to produce.
 */
#ifndef UNIT_STORE_HISTORY_H
#define UNIT_STORE_HISTORY_H

#include "unit/unit.h"

#include "core/arena.h"
#include "store/outbox.h"
#include "store/store_private.h"

struct history {
	struct store *st;
	struct arena *a;
	int64_t now_at;
	int64_t team_id, list_id; /* the ones images are registered for */
	struct {
		const char **at; /* set blobs, as hex; the index + 1 is the id */
		size_t n, cap;
	} inventories;
};

/* A fixture: *STATE is a struct history with team "red" and its list "web". */
int history_setup(void **state);
int history_teardown(void **state);

/* The last number given. */
int64_t h_seq(struct history *h);
int64_t h_team(struct history *h, const char *name);
int64_t h_list(struct history *h, int64_t team_id, const char *name);
int64_t h_component(
    struct history *h, const char *ecosystem, const char *name, const char *version);
int64_t h_vulnerability(struct history *h, const char *name);
/* A feed of SOURCE. */
int64_t h_feed(struct history *h, const char *source, bool enriches);
/* A record about the vulnerability with this title and one statement about a package;
 * gives the statement's id. */
int64_t h_record(struct history *h, int64_t feed_id, int64_t vulnerability_id,
    const char *title, const char *fixed_version);

/* Components are given as an array that ends with 0. */
#define SET(...) ((const int64_t[]){ __VA_ARGS__, 0 })

/* Registered and put on the list under one number, which is given back in *RET_SEQ
 * unless NULL. */
int64_t h_image(struct history *h, const char *name, const int64_t *components);
/* The same inventory is the same row. */
void h_move(
    struct history *h, int64_t image_id, const char *digest, const int64_t *components);
void h_delete(struct history *h, int64_t image_id);
void h_register_again(struct history *h, int64_t image_id, const int64_t *components);
void h_list_add(struct history *h, int64_t list_id, int64_t image_id);
void h_list_remove(struct history *h, int64_t list_id, int64_t image_id);

/* How a match stands. */
struct stand {
	enum status state;
	enum severity severity;
	const char *fixed_version; /* NULL = none */
	int64_t affected_id;       /* 0 = none */
};
/* Each takes the next number, appends the event and gives its number.  RUN 0 = none;
 * QUIET: flagged so. */
int64_t h_open(struct history *h, int64_t vulnerability_id, const int64_t *components,
    struct stand s, int64_t run_id, bool quiet);
int64_t h_change(struct history *h, enum event_kind kind, int64_t vulnerability_id,
    const int64_t *components, struct stand s);
int64_t h_close(struct history *h, int64_t vulnerability_id, const int64_t *components,
    enum past_reason reason);
int64_t h_exploited(struct history *h, int64_t vulnerability_id);
/* A feed's first word about an ecosystem: matches without events of their own. */
int64_t h_baseline(struct history *h, const char *ecosystem, int64_t vulnerability_id,
    const int64_t *components, struct stand s);
int64_t h_announce(struct history *h, int64_t run_id);
/* Any other event. */
int64_t h_event(struct history *h, struct event_new ev);

/* ---- asking ---- */

/* store_changes() of the list over (FROM, TO], with every entry that store_log() has. */
struct changes h_changes(struct history *h, int64_t from_seq, int64_t to_seq);
struct changes h_changes_since(
    struct history *h, int64_t start_seq, int64_t from_seq, int64_t to_seq);
/* The row of a vulnerability and kind, or NULL. */
const struct change_row *h_row(
    const struct changes *c, int64_t vulnerability_id, enum change_kind kind);
/* Fails unless the row is there and is about exactly these images (names, blanks
 * between). */
void h_expect_row(const struct changes *c, int64_t vulnerability_id,
    enum change_kind kind, const char *images);
/* The answer as text, to compare two. */
const char *h_text(struct history *h, const struct changes *c);

#endif
