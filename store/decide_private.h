/* SPDX-License-Identifier: Apache-2.0 */
/* decide_private - from decisions to rows and events, as its files pass it on. */
#ifndef STORE_DECIDE_PRIVATE_H
#define STORE_DECIDE_PRIVATE_H

#include "store/feeds.h"
#include "store/idmap.h"
#include "store/store_private.h"

struct strmap;

struct match_row {
	int64_t component_id, vulnerability_id, affected_id, record_id, revision;
	int64_t fix_stream, fix_affected_id;
	int64_t since_seq, changed_seq;
	int state, severity, severity_source;
	const char *fixed_version; /* NULL = none to install here */
};

enum op_type {
	OP_OPEN,
	OP_CHANGE, /* another state, severity or fix */
	OP_TOUCH,  /* another statement says the same: no history */
	OP_CLOSE
};

/* One difference between what is stored and what was decided. */
struct op {
	enum op_type type;
	struct match_row old, now;
	int64_t package_id; /* whom the event is about */
	const char *ecosystem;
	unsigned events; /* bit 1 << enum event_kind; 0 = no news */
	enum past_reason reason;
	bool is_quiet; /* part of a baseline or an upgrade: summed up, not told */
	bool is_exploited;
	int64_t seq; /* number of its last event */
};

struct decide {
	struct store *st;
	struct arena *a;
	int64_t now_at;
	int64_t run_id, feed_id;
	const char *feed;
	enum run_state state;
	enum run_cause cause;
	int64_t n_news;            /* matches opened by the run so far that are news */
	int64_t flood_limit;       /* 0 = not asked yet */
	struct strmap *ecosystems; /* name: 1 known, 2 new with this run */
	struct {
		struct op *at;
		size_t n, cap;
	} ops;
};

/* Is what happens in the ecosystem part of a baseline or an upgrade? */
enum err_code decide_is_quiet(
    struct decide *d, const char *ecosystem, bool *ret, struct err *e);
/* Turn the ops into events: numbers are taken and given to them. */
enum err_code decide_events(struct decide *d, struct err *e);
/* Write the rows of the ops. */
enum err_code decide_rows(struct decide *d, struct err *e);

/* The matches of a unit's subjects as they stand, by component. */
struct standing {
	struct idmap index; /* component: place in rows + 1 */
	struct {
		struct match_row *at;
		size_t n, cap;
	} rows;
};

enum err_code match_standing(
    struct decide *d, const struct unit *u, struct standing *out, struct err *e);
/* The inventories of the component need new summaries. */
enum err_code match_due(struct store *st, int64_t component_id, struct err *e);
/* A match row from a decision that is one.  FIX_STREAM stays 0 unless a statement
 * among UNIT's names it. */
enum err_code match_of(struct store *st, const struct unit *u, const struct decision *d,
    struct match_row *ret, struct err *e);
enum err_code match_put(struct store *st, const struct match_row *m, struct err *e);

#endif
