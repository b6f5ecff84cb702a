/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite - the engine of one machine.  WAL, so that readers never wait for the writer;
 * FULL synchronisation, because what was answered must survive a power cut; readers map
 * the file, which makes the rare slow page nine times rarer.
 *
 * In-memory stores use SQLite's shared memory file system: siblings find each other by
 * its name, with the ordinary locks.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/mem.h"
#include "core/str.h"
#include "store/store_private.h"

#define WRITER_CACHE "PRAGMA cache_size = -16384;"
#define READER_CACHE "PRAGMA cache_size = -2048;"
#define COMMON_PRAGMAS                                                                 \
	"PRAGMA synchronous = FULL;"                                                   \
	"PRAGMA temp_store = MEMORY;"                                                  \
	"PRAGMA journal_size_limit = 67108864;"
#define READER_MMAP "PRAGMA mmap_size = 268435456;"

extern const char schema_sqlite_001[];
extern const char schema_sqlite_002[];
extern const char schema_sqlite_007[];

static const struct schema_file schemas[] = {
	{ 1, schema_sqlite_001 },
	{ 2, schema_sqlite_002 },
	{ 7, schema_sqlite_007 },
	{ 0, NULL },
};

static enum err_code
code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE ||
			       rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
			       rc == SQLITE_CONSTRAINT_ROWID
			   ? ERR_CONFLICT
			   : ERR_BUG;
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
	case SQLITE_ERROR:
	case SQLITE_MISMATCH:
		return ERR_BUG;
	default: /* FULL, IOERR, CORRUPT, CANTOPEN, NOTADB, READONLY, NOMEM ... */
		return ERR_STORAGE;
	}
}

/* The failure of the last call on DB, whose answer was RC. */
static enum err_code
failure(sqlite3 *db, int rc, struct err *e)
{
	int full = db != NULL ? sqlite3_extended_errcode(db) : rc;

	if ((full & 0xff) != (rc & 0xff))
		full = rc;
	return err_set(e, code_of(full), "database: %s",
	    db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

/* ---- opening ---- */

/* The folders above PATH; a failure shows when the file itself is opened. */
static void
make_folders(const char *path)
{
	char *copy = mem_strdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}

/*
 * SQLite gives its own files the mode of the main one, so that one comes first.  A file
 * that is there is never opened here: closing it would end every lock that this process
 * holds on it, and the next process to leave would throw the log away under us.
 */
static enum err_code
make_file(const char *path, struct err *e)
{
	int fd;

	make_folders(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return ERR_OK;
}

static enum err_code
configure(struct store *st, struct err *e)
{
	sqlite3 *db = st->db;
	const char *pragmas = st->options.read_only ? COMMON_PRAGMAS READER_CACHE
				  "PRAGMA query_only = 1;"
						    : COMMON_PRAGMAS WRITER_CACHE;
	enum err_code rc = ERR_OK;

	(void)sqlite3_extended_result_codes(db, 1);
	(void)sqlite3_busy_timeout(db, st->options.busy_timeout_ms);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (!st->options.read_only && !st->in_memory)
		rc = st->engine->script(st, "PRAGMA journal_mode = WAL;", e);
	if (rc == ERR_OK)
		rc = st->engine->script(st, pragmas, e);
	if (rc == ERR_OK && st->options.read_only && !st->options.no_mmap)
		rc = st->engine->script(st, READER_MMAP, e);
	return rc;
}

static enum err_code
engine_open(struct store *st, struct err *e)
{
	/* A store has one thread at a time: SQLite's own mutexes would be for nothing. */
	int flags = SQLITE_OPEN_NOMUTEX |
		    (st->options.read_only && !st->in_memory ? SQLITE_OPEN_READONLY
							     : SQLITE_OPEN_READWRITE);
	sqlite3 *db = NULL;
	enum err_code rc = ERR_OK;
	int got;

	if (st->in_memory)
		flags |= SQLITE_OPEN_CREATE;
	else if (!st->options.read_only && (rc = make_file(st->location, e)) != ERR_OK)
		return rc;
	else if (st->options.read_only && access(st->location, F_OK) != 0)
		return err_set(e, ERR_STORAGE, "%s: %s", st->location, strerror(errno));
	got = sqlite3_open_v2(st->location, &db, flags, st->in_memory ? "memdb" : NULL);
	st->db = db;
	if (got != SQLITE_OK)
		return failure(db, got, e);
	return configure(st, e);
}

static void
engine_close(struct store *st)
{
	(void)sqlite3_close(st->db);
	st->db = NULL;
}

static enum err_code
engine_script(struct store *st, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(st->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ERR_OK : failure(st->db, rc, e);
}

static enum err_code
engine_schema_get(struct store *st, int *ret, struct err *e)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(st->db, "PRAGMA user_version", -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? ERR_OK : failure(st->db, rc, e);
}

static enum err_code
engine_schema_set(struct store *st, int number, struct err *e)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", number);
	return engine_script(st, sql, e);
}

/* ---- statements ---- */

static void
fail(struct query *q, int rc)
{
	if (q->failed != ERR_OK)
		return;
	q->failed = code_of(rc);
	(void)snprintf(q->why, sizeof(q->why), "database: %.120s in: %.100s",
	    sqlite3_errmsg(q->st->db), statements[q->stmt]);
}

/* "$7" is a name to SQLite, numbered by first appearance: look each one up once. */
static void
index_parameters(struct query *q)
{
	int n = sqlite3_bind_parameter_count(q->handle);

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(q->handle, i);
		int64_t number = 0;

		if (name != NULL && name[0] == '$' && str_i64(name + 1, &number) &&
		    number > 0 && number < QUERY_PARAMS)
			q->index[number] = i;
	}
}

static void
engine_prepare(struct query *q)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v3(
	    q->st->db, statements[q->stmt], -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);

	q->handle = stmt;
	if (rc != SQLITE_OK)
		fail(q, rc);
	else
		index_parameters(q);
}

static void
engine_finalize(struct query *q)
{
	(void)sqlite3_finalize(q->handle);
	q->handle = NULL;
}

static void
check_bound(struct query *q, int rc)
{
	if (rc != SQLITE_OK)
		fail(q, rc);
}

static void
engine_bind_null(struct query *q, int n)
{
	check_bound(q, sqlite3_bind_null(q->handle, n));
}

static void
engine_bind_int(struct query *q, int n, int64_t v)
{
	check_bound(q, sqlite3_bind_int64(q->handle, n, v));
}

static void
engine_bind_text(struct query *q, int n, const char *s)
{
	if (s == NULL)
		engine_bind_null(q, n);
	else
		check_bound(q, sqlite3_bind_text64(q->handle, n, s, strlen(s),
				   SQLITE_STATIC, SQLITE_UTF8));
}

static void
engine_bind_blob(struct query *q, int n, const void *p, size_t len)
{
	if (len == 0) /* a NULL pointer would bind NULL */
		check_bound(q, sqlite3_bind_zeroblob(q->handle, n, 0));
	else
		check_bound(
		    q, sqlite3_bind_blob64(q->handle, n, p, len, SQLITE_STATIC));
}

static enum err_code
engine_step(struct query *q, bool *ret_row, struct err *e)
{
	int rc = sqlite3_step(q->handle);
	enum err_code code;

	if (rc == SQLITE_ROW) {
		*ret_row = true;
		return ERR_OK;
	}
	if (rc == SQLITE_DONE) {
		*ret_row = false;
		(void)sqlite3_reset(q->handle);
		return ERR_OK;
	}
	code = failure(q->st->db, rc, e);
	(void)sqlite3_reset(q->handle);
	return code;
}

static void
engine_reset(struct query *q)
{
	(void)sqlite3_reset(q->handle);
	(void)sqlite3_clear_bindings(
	    q->handle); /* they may point to memory long gone */
}

static bool
engine_col_null(struct query *q, int i)
{
	return sqlite3_column_type(q->handle, i) == SQLITE_NULL;
}

static int64_t
engine_col_int(struct query *q, int i)
{
	return sqlite3_column_int64(q->handle, i);
}

static const char *
engine_col_text(struct query *q, int i)
{
	return (const char *)sqlite3_column_text(q->handle, i);
}

static const void *
engine_col_blob(struct query *q, int i, size_t *ret_len)
{
	const void *p = sqlite3_column_blob(q->handle, i);

	*ret_len = (size_t)sqlite3_column_bytes(q->handle, i);
	return p;
}

static int64_t
engine_changes(struct store *st)
{
	return sqlite3_changes64(st->db);
}

/* ---- transactions ---- */

static enum err_code
engine_begin(struct store *st, bool write, struct err *e)
{
	return engine_script(st, write ? "BEGIN IMMEDIATE" : "BEGIN", e);
}

static enum err_code
engine_commit(struct store *st, struct err *e)
{
	return engine_script(st, "COMMIT", e);
}

/* After some failures (a full disk) SQLite has rolled back already. */
static void
engine_rollback(struct store *st)
{
	if (!sqlite3_get_autocommit(st->db))
		(void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- being the one ---- */

/* The lock belongs to the open file, so it ends with the process, however it ends. */
static enum err_code
engine_claim(struct store *st, struct err *e)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct arena *a;
	const char *path;
	enum err_code rc = ERR_OK;
	int fd;

	if (st->in_memory)
		return ERR_OK;
	a = arena_new();
	path = arena_printf(a, "%s.lock", st->location);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		rc = err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	else if (fcntl(fd, F_OFD_SETLK, &lock) != 0)
		rc = errno == EAGAIN || errno == EACCES
			 ? err_set(e, ERR_BUSY,
			       "another tocsin runs on %s; with SQLite one process "
			       "serves a store",
			       st->location)
			 : err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	if (rc == ERR_OK)
		st->shared->claim_fd = fd;
	else if (fd >= 0)
		(void)close(fd);
	arena_free(a);
	return rc;
}

static enum err_code
engine_idle(struct store *st, struct err *e)
{
	int rc;

	if (st->in_memory || st->options.read_only)
		return ERR_OK;
	rc = sqlite3_wal_checkpoint_v2(
	    st->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return rc == SQLITE_OK || rc == SQLITE_BUSY ? ERR_OK : failure(st->db, rc, e);
}

const struct engine engine_sqlite = {
	.name = "sqlite",
	.schemas = schemas,
	.open = engine_open,
	.close = engine_close,
	.script = engine_script,
	.schema_get = engine_schema_get,
	.schema_set = engine_schema_set,
	.prepare = engine_prepare,
	.finalize = engine_finalize,
	.bind_null = engine_bind_null,
	.bind_int = engine_bind_int,
	.bind_text = engine_bind_text,
	.bind_blob = engine_bind_blob,
	.step = engine_step,
	.reset = engine_reset,
	.col_null = engine_col_null,
	.col_int = engine_col_int,
	.col_text = engine_col_text,
	.col_blob = engine_col_blob,
	.begin = engine_begin,
	.commit = engine_commit,
	.rollback = engine_rollback,
	.changes = engine_changes,
	.claim = engine_claim,
	.idle = engine_idle,
};
