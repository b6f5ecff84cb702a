/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes_private - what the files behind store_changes() share.
 *
 * Two numbers bound everything: 'base', the later of FROM and START, and 'to'.  A member
 * of the list that belonged to it at base is compared with itself; one that came later is
 * baseline, and none of its findings is news.  So each (vulnerability, component) is
 * judged once, at base and at to, whatever the number of images.
 *
 * Order of work: members (changes_members.c), what the events name (changes_named.c), the
 * images that moved (changes_moved.c), the baseline (changes_baseline.c), and the words
 * of the answer (changes_rows.c).  How matches stood is read in changes_periods.c.
 */
#ifndef STORE_CHANGES_PRIVATE_H
#define STORE_CHANGES_PRIVATE_H

#include "core/limits.h"
#include "store/idmap.h"
#include "store/outbox.h"
#include "store/store_private.h"

/* ---- how a match stood (changes_periods.c) ---- */

struct period {
	int64_t other_id; /* component, or vulnerability: whichever was not asked for */
	int64_t from_seq, to_seq;
	int64_t since_seq; /* the unbroken run began here, at the latest */
	enum status state;
	enum severity severity;
	enum speaker speaker;
	int64_t affected_id; /* the deciding statement; 0 once the period is past */
	int64_t record_id;   /* and its record */
	const char *fixed_version; /* NULL = none */
	bool other_stream;         /* the fix is in a stream the component lacks */
	enum past_reason reason;   /* why it ended */
};
/* Sorted by (other_id, from_seq). */
struct periods {
	struct period *at;
	size_t n, cap;
};
enum err_code periods_of_vulnerability(struct store *st, int64_t vulnerability_id,
    int64_t low_seq, struct arena *a, struct periods *ret, struct err *e);
enum err_code periods_of_component(struct store *st, int64_t component_id,
    int64_t low_seq, struct arena *a, struct periods *ret, struct err *e);
/* The periods of OTHER_ID; N 0 = none. */
struct periods periods_find(const struct periods *p, int64_t other_id);
/* The one of GROUP (of one match) that holds at SEQ, or NULL. */
const struct period *period_at(const struct periods *group, int64_t seq);
bool period_open(const struct period *p); /* NULL is not */
/* Where the unbroken run that P belongs to began. */
int64_t period_run_start(const struct periods *group, const struct period *p);

/* ---- members (changes_members.c) ---- */

struct member {
	int64_t image_id;
	int64_t inventory_before, inventory; /* at base and at to; 0 = none */
	bool is_baseline; /* registered or put on the list after base */
	bool is_moved;    /* another inventory or digest than at base */
	bool is_touched;  /* a row is about it */
	int64_t gained, lost;
};
/* Who holds an inventory at base or at to. */
struct holder {
	int64_t inventory_id;
	uint32_t member;
};

struct deleted {
	int64_t image_id, inventory_before;
};

/* ---- rows being made ---- */

struct found {
	int64_t component_id;
	const struct period *period; /* at to; of a resolved one at base */
	enum severity severity_before;
};
/* One (vulnerability, change kind) of the answer. */
struct row {
	int64_t vulnerability_id;
	enum change_kind kind;
	const char *reason;
	struct {
		struct found *at;
		size_t n, cap;
	} found;
	struct idmap found_of; /* component id: is in 'found' */
	int64_t n_images;
	uint32_t last_member; /* + 1; of changes_baseline.c */
	uint32_t listed[100]; /* the first members by name, sorted */
	size_t n_listed;
};
_Static_assert(sizeof(((struct row *)0)->listed) / sizeof(uint32_t) == 100,
    "as many as MAX_MESSAGE_IMAGES");

struct work {
	struct store *st;
	int64_t team_id, list_id, base, to;
	struct arena *a;      /* of the answer */
	struct arena *memory; /* of the call */
	struct arena *scrap;  /* of one vulnerability or image */

	struct member *members; /* in name order */
	size_t n_members;
	size_t n_swapped; /* of them, not baseline, have other packages than at base */
	struct holder *holders; /* not of baseline members; sorted */
	size_t n_holders;
	struct deleted *deleted;
	size_t n_deleted;

	struct {
		struct row **at;
		size_t n, cap;
	} rows;
	struct idmap held; /* inventories of members at to; once it is asked */
	bool has_held;
	struct idmap row_of;       /* row_key() to index + 1 */
	struct idmap component_of; /* component id to index + 1 in 'components' */
	struct {
		struct component_info *at;
		size_t n, cap;
	} components;
};

/* What is known of a component, read when it is first asked for. */
struct component_info {
	int64_t id, ecosystem_id;
	const char *ecosystem, *name, *version, *source_package;
	bool has_periods;
	struct periods periods; /* by vulnerability, temporary ones left out */
};
/* Neither is valid after the next call. */
enum err_code work_component(
    struct work *w, int64_t id, struct component_info **ret, struct err *e);
enum err_code work_periods(
    struct work *w, int64_t id, struct component_info **ret, struct err *e);

enum err_code members_load(struct work *w, struct err *e);
/* The holders of INVENTORY_ID: *RET_N of them.  *IO_AT is 0 at first; from call to call
 * the ids ascend. */
const struct holder *holders_of(
    const struct work *w, int64_t inventory_id, size_t *io_at, size_t *ret_n);

/* A row that is in no list yet. */
struct row *row_new(struct work *w, int64_t vulnerability_id, enum change_kind kind);
/* The row of (VULNERABILITY_ID, KIND), made if new. */
struct row *work_row(struct work *w, int64_t vulnerability_id, enum change_kind kind);
void row_add_image(struct work *w, struct row *row, uint32_t member);
void row_add_found(struct work *w, struct row *row, int64_t component_id,
    const struct period *p, enum severity severity_before);

/* ---- the stages ---- */

/* An event names a pair that concerns a moved image: looked at again there. */
struct moved_named {
	uint32_t member;
	int64_t vulnerability_id, component_id;
	unsigned kinds; /* as of struct named */
	/* A flood opened it before base and it is news now: judge from here; 0 = no. */
	int64_t announced_from;
};
struct moved_names {
	struct moved_named *at;
	size_t n, cap;
};
enum err_code changes_named(struct work *w, const int64_t *seqs, size_t n,
    struct moved_names *ret_moved, struct err *e);
enum err_code changes_moved(struct work *w, struct moved_names *named, struct err *e);
enum err_code changes_baseline(struct work *w, struct changes *out, struct err *e);
/* What a match named by events of KINDS became, between PERIODS; false = nothing. */
bool change_of(const struct period *before, const struct period *after, unsigned kinds,
    enum change_kind *ret);
/* How loud a change is; the lowest number is told. */
int change_rank(enum change_kind k);
/* Why the last period of GROUP until TO ended; NULL = it only got another name. */
const char *closing_reason(const struct periods *group, int64_t to);

/* ROWS as the answer has them, worst first; those without images are left out. */
enum err_code rows_finish(struct work *w, struct row **rows, size_t n,
    struct change_row **ret, size_t *ret_n, struct err *e);
/* Image ID as it was at AT_SEQ; *RET_PREVIOUS = its digest at base. */
enum err_code rows_image(struct work *w, int64_t id, int64_t at_seq,
    struct change_image *ret, const char **ret_previous, struct err *e);

#endif
