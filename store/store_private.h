/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_private - for files of this room only: the engine behind the store, prepared
 * statements, transactions, numbers, sets.
 *
 * SQL lives in the .def files of sql/, one STMT(NAME, "text") each, written in the part of the
 * language that SQLite 3.40 and PostgreSQL 15 share: parameters are $1, $2 ..., bound by
 * number; ON CONFLICT ... DO UPDATE ... WHERE; RETURNING.  Optional filters are written
 * ($2 IS NULL OR x = $2).  Nothing ever formats values into SQL.
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/verdict.h"
#include "store/findings.h"
#include "store/store.h"

struct arena;
struct buf;

#define SEQ_OPEN INT64_MAX /* to_seq of a period that has not ended */

/* Why a period of a match ended.  Stored: only add at the end. */
enum past_reason {
	PAST_CHANGED, /* it goes on with another state, severity or statement */
	PAST_FIXED_BY_RANGE,
	PAST_NOT_AFFECTED,
	PAST_WITHDRAWN,
	PAST_VANISHED,
	PAST_RENAMED, /* goes on under the name of the vulnerability it was merged into */
	PAST_RULE_CHANGED,
	PAST_REKEYED,
	PAST_REASON_COUNT
};
const char *past_reason_name(enum past_reason r); /* "fixed_by_range" ... */

enum stmt {
#define STMT(name, sql) STMT_##name,
#include "store/sql/all.def"
#undef STMT
	STMT_COUNT
};
extern const char *const statements[STMT_COUNT];

/* One prepared statement of one handle, in use until query_done().  The fields are for
 * statements.c and the engines. */
#define QUERY_PARAMS 40
struct query {
	struct store *st;
	enum stmt stmt;
	void *handle;            /* the engine's; NULL: it could not be prepared */
	int index[QUERY_PARAMS]; /* of parameter $n; 0 = the statement has none */
	enum err_code failed;    /* a failure that query_step() is to report */
	char why[256];
};

/* A schema file; each is applied once, in a transaction of its own. */
struct schema_file {
	int number;
	const char *sql;
};

/* An engine: SQLite now; every slot is MUST. */
struct engine {
	const char *name;
	const struct schema_file *schemas; /* in order; ends with a NULL sql */
	enum err_code (*open)(struct store *st, struct err *e);
	void (*close)(struct store *st);
	/* Run a script of several statements (schema files). */
	enum err_code (*script)(struct store *st, const char *sql, struct err *e);
	/* The number of the last schema file applied; 0 in an empty database. */
	enum err_code (*schema_get)(struct store *st, int *ret, struct err *e);
	enum err_code (*schema_set)(struct store *st, int number, struct err *e);
	/* Fill handle and index of Q, or failed and why. */
	void (*prepare)(struct query *q);
	void (*finalize)(struct query *q);
	void (*bind_null)(struct query *q, int n);
	void (*bind_int)(struct query *q, int n, int64_t v);
	void (*bind_text)(struct query *q, int n, const char *s);
	void (*bind_blob)(struct query *q, int n, const void *p, size_t len);
	enum err_code (*step)(struct query *q, bool *ret_row, struct err *e);
	void (*reset)(struct query *q);
	bool (*col_null)(struct query *q, int i);
	int64_t (*col_int)(struct query *q, int i);
	const char *(*col_text)(struct query *q, int i);
	const void *(*col_blob)(struct query *q, int i, size_t *ret_len);
	enum err_code (*begin)(struct store *st, bool write, struct err *e);
	enum err_code (*commit)(struct store *st, struct err *e);
	void (*rollback)(struct store *st);
	int64_t (*changes)(struct store *st);
	enum err_code (*claim)(struct store *st, struct err *e);
	enum err_code (*idle)(struct store *st, struct err *e);
};
extern const struct engine engine_sqlite;

struct image_index;
#define IMAGE_INDEXES 16
/* Let go of all of them. */
void image_indexes_free(struct image_index **indexes);

/* What the handles of one process share. */
struct store_shared {
	pthread_mutex_t writer; /* held from tx_begin() to tx_end(), or for a turn */
	pthread_mutex_t lock;   /* guards what follows */
	int refs;
	struct image_index *indexes[IMAGE_INDEXES]; /* image_index.c; NULL = empty */
	size_t next_index;                          /* whose place is taken next */
	int claim_fd; /* lock file held by store_claim(), -1 = not */
};

struct counts; /* store/findings.h */

struct store {
	const struct engine *engine;
	struct store_shared *shared;
	char *location; /* owned; the url without its scheme */
	bool in_memory; /* location is a name, not a path */
	struct store_options options;
	void *db;                /* the engine's handle */
	struct query **prepared; /* STMT_COUNT, NULL until first use */
	bool in_write, in_read;
	bool has_turn;        /* holds shared->writer beyond a transaction */
	const char *tx_where; /* who opened the transaction, for the nested-begin bug */
	struct {
		bool active;
		int64_t after;       /* components up to this one have been looked at */
		int64_t inventories; /* the number at which the last search began */
	} folding;
};

/* ---- statements ---- */

/* The statement S, reset and ready to bind.  Never NULL: a failure to prepare is
 * reported by the first query_step(). */
struct query *query(struct store *st, enum stmt s);
void bind_null(struct query *q, int n);
void bind_int(struct query *q, int n, int64_t v);
/* 0 binds NULL: for optional ids and times. */
void bind_id(struct query *q, int n, int64_t v);
/* NULL binds NULL.  S must live until query_done(). */
void bind_text(struct query *q, int n, const char *s);
void bind_blob(struct query *q, int n, const void *p, size_t len);
/* *RET_ROW false at the end (the statement is then reset). */
enum err_code query_step(struct query *q, bool *ret_row, struct err *e);
/* To the end, rows ignored. */
enum err_code query_run(struct query *q, struct err *e);
/* One row is wanted: ERR_NOTFOUND, *E untouched, when there is none; call query_done()
 * after reading the columns. */
enum err_code query_one(struct query *q, struct err *e);
void query_done(struct query *q);

/* Columns of the present row, counted from 0; text and blob borrowed until the next
 * step.  NULL reads as 0, NULL, empty. */
bool col_null(struct query *q, int i);
int64_t col_int(struct query *q, int i);
const char *col_text(struct query *q, int i);
const void *col_blob(struct query *q, int i, size_t *ret_len);
char *col_dup(struct query *q, int i, struct arena *a); /* NULL stays NULL */

/* Rows that the last query_run() or the RETURNING-free query_step() changed. */
int64_t query_changes(struct store *st);

/* ---- transactions ---- */

#define tx_begin(st, e) tx_begin_((st), true, __func__, (e))
/* A snapshot for several reads that must agree. */
#define tx_read(st, e) tx_begin_((st), false, __func__, (e))
enum err_code tx_begin_(struct store *st, bool write, const char *where, struct err *e);
/* Commit if RC is ERR_OK, else roll back; what went wrong first is returned. */
enum err_code tx_end(struct store *st, enum err_code rc, struct err *e);

/* ---- numbers ---- */

/* Take N numbers of the line NAME ("event", "image" ...); inside a write transaction. */
enum err_code seq_take(
    struct store *st, const char *name, int64_t n, int64_t *ret_first, struct err *e);
/* The number the line NAME will give next; 1 for a line not used yet. */
enum err_code seq_next(struct store *st, const char *name, int64_t *ret, struct err *e);

/* Append one row to the audit log; inside a write transaction.  TEAM_ID -1 = none. */
enum err_code audit_add(struct store *st, int64_t team_id, const char *actor,
    const char *action, const char *object, const char *before, const char *after,
    int64_t now_at, struct err *e);

/* Bring the schema up to date (or check it, when read-only) and make what every store
 * has: the opaque key, the format of its version keys. */
enum err_code migrate(struct store *st, struct err *e);

/* ---- the log, written ---- */

/* An entry of the log; zero-initialized fields are NULL columns but for the three that
 * say -1. */
struct event_new {
	int kind; /* enum event_kind of store/outbox.h */
	int64_t at;
	int64_t team_id; /* -1 = a fact for every team */
	int64_t run_id, vulnerability_id, package_id, ecosystem_id, image_id;
	int state, severity, severity_before; /* -1 = does not apply */
	unsigned flags;
	int64_t n;
	const void *components; /* a set blob; NULL = none */
	size_t components_len;
	const char *detail;        /* JSON; NULL = none */
	int64_t epss_before_micro; /* -1 = it is not about a rise */
};
#define EVENT_NEW(k, now)                                                              \
	((struct event_new){ .kind = (k),                                              \
	    .at = (now),                                                               \
	    .team_id = -1,                                                             \
	    .state = -1,                                                               \
	    .severity = -1,                                                            \
	    .severity_before = -1,                                                     \
	    .epss_before_micro = -1 })
/* Write EV under number SEQ, which was taken from the line "event". */
enum err_code event_add(
    struct store *st, const struct event_new *ev, int64_t seq, struct err *e);

/* ---- words for people ---- */

/* What everybody says of how bad a vulnerability is: scores by scorer, and what
 * distributions say of it as a whole.  In A. */
enum err_code ratings_load(struct store *st, int64_t vulnerability_id, struct arena *a,
    struct rating **ret, size_t *ret_n, struct err *e);
/* Who gave a severity with SPEAKER's voice: the deciding record's source, a scorer, "nvd".
 * In A; NULL = nobody. */
enum err_code rating_by(struct store *st, int64_t vulnerability_id,
    enum speaker speaker, int64_t deciding_record_id, struct arena *a, const char **ret,
    struct err *e);

/* Where a person reads the advisory ID of SOURCE; NULL = no address is known. */
const char *advisory_url(const char *source, const char *id, struct arena *a);
/* What can be done about a match in STATE; OTHER_STREAM: its fix is in a stream that the
 * image lacks. */
enum fix_state fix_of(enum status state, bool other_stream);
/* The title in a record's body, in A; NULL = it has none. */
enum err_code record_title(struct store *st, int64_t record_id, struct arena *a,
    const char **ret, struct err *e);

/* ---- bodies ---- */

/* Deflated with the preset dictionary; BODY is appended to OUT. */
void body_deflate(const char *body, size_t len, struct buf *out);
/* ERR_STORAGE if damaged; text in A, NUL-terminated. */
enum err_code body_inflate(const void *p, size_t len, struct arena *a, const char **ret,
    size_t *ret_len, struct err *e);

/* ---- sets ---- */

/* Sorted unique ids as delta varints, appended to OUT. */
void set_encode(const int64_t *ids, size_t n, struct buf *out);
/* One more id behind LAST (0 = none yet). */
void set_append(struct buf *out, int64_t last, int64_t id);
/* Which of the N sorted WANTED ids the set holds: their places in RET, which has room for N.
 * ERR_STORAGE if damaged, as far as it was read. */
enum err_code set_find(const void *p, size_t len, const int64_t *wanted, size_t n,
    size_t *ret, size_t *ret_n, struct err *e);
/* The reverse; ERR_STORAGE if damaged.  Ids in A. */
enum err_code set_decode(const void *p, size_t len, struct arena *a, int64_t **ret,
    size_t *ret_n, struct err *e);

/* Ids of the inventories (dead ones too) that hold any of the components, sorted. */
enum err_code sets_inventories_of(struct store *st, const int64_t *components, size_t n,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *e);
/* The component ids of an inventory, sorted. */
enum err_code sets_components_of(struct store *st, int64_t inventory_id,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *e);

/* Write the inventory's set and a tail row for each of its components (sorted); inside
 * a write transaction. */
enum err_code sets_add(struct store *st, int64_t inventory_id,
    const int64_t *components, size_t n, struct err *e);
/* Of the next LOOK components with a tail behind *IO_AFTER, those whose tail is worth
 * folding: at least LEAST rows and a 64th of the posting.  *IO_AFTER moves on; 0 = that
 * was the end. */
enum err_code sets_tails(struct store *st, int64_t *io_after, size_t look, size_t least,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *e);
/* Fold the tails of these components into their postings; inside a write transaction. */
enum err_code sets_fold(
    struct store *st, const int64_t *components, size_t n, struct err *e);

/* N more findings of one severity; negligible ones are kept apart from all other figures. */
void counts_add(struct counts *c, enum severity s, int64_t n, int64_t n_fixable,
    int64_t n_exploited);
void counts_sum(struct counts *to, const struct counts *c);
/* Write what an inventory's open findings are now; inside a write transaction. */
enum err_code summary_put(
    struct store *st, int64_t inventory_id, const struct counts *c, struct err *e);

#endif
