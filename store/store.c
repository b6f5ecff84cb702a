/* SPDX-License-Identifier: Apache-2.0 */
/* store - opening and closing, and the transactions that every unit of work stands in. */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/mem.h"
#include "core/str.h"
#include "store/store_private.h"

#define DEFAULT_BUSY_TIMEOUT_MS 5000

static struct store_shared *
shared_new(void)
{
	struct store_shared *sh = mem_zalloc(sizeof(*sh));

	(void)pthread_mutex_init(&sh->writer, NULL);
	(void)pthread_mutex_init(&sh->lock, NULL);
	sh->refs = 1;
	sh->claim_fd = -1;
	return sh;
}

static void
shared_release(struct store_shared *sh)
{
	int refs;

	(void)pthread_mutex_lock(&sh->lock);
	refs = --sh->refs;
	(void)pthread_mutex_unlock(&sh->lock);
	if (refs > 0)
		return;
	image_indexes_free(sh->indexes);
	if (sh->claim_fd >= 0)
		(void)close(sh->claim_fd);
	(void)pthread_mutex_destroy(&sh->writer);
	(void)pthread_mutex_destroy(&sh->lock);
	free(sh);
}

/* The place in URL that an engine understands, in *RET (owned). */
static enum err_code
locate(const char *url, char **ret, struct err *e)
{
	static int memory_count;
	const char *colon = strchr(url, ':');
	char name[64];

	if (str_starts(url, "sqlite::memory:") || str_eq(url, ":memory:")) {
		/* The name is what siblings of this one find it by. */
		(void)snprintf(name, sizeof(name), "/tocsin-%d-%d", (int)getpid(),
		    __atomic_add_fetch(&memory_count, 1, __ATOMIC_RELAXED));
		*ret = mem_strdup(name);
		return ERR_OK;
	}
	if (str_starts(url, "sqlite:") && url[strlen("sqlite:")] != '\0') {
		*ret = mem_strdup(url + strlen("sqlite:"));
		return ERR_OK;
	}
	if (str_starts(url, "postgresql:") || str_starts(url, "postgres:"))
		return err_set(e, ERR_UNSUPPORTED,
		    "this build keeps its store in SQLite; PostgreSQL is not built in");
	if (url[0] == '\0' || (colon != NULL && strchr(url, '/') != url &&
				  memchr(url, '/', (size_t)(colon - url)) == NULL))
		return err_set(e, ERR_INPUT,
		    "\"%s\" names no database: give a path or sqlite:PATH", url);
	*ret = mem_strdup(url);
	return ERR_OK;
}

static bool
is_memory(const char *url)
{
	return str_starts(url, "sqlite::memory:") || str_eq(url, ":memory:");
}

/* Open a handle at LOCATION, which becomes its own. */
static enum err_code
open_at(struct store **ret, char *location, bool memory, struct store_shared *sh,
    const struct store_options *o, struct err *e)
{
	struct store *st = mem_zalloc(sizeof(*st));
	enum err_code rc;

	st->engine = &engine_sqlite;
	st->location = location;
	st->in_memory = memory;
	st->shared = sh;
	st->options = *o;
	if (st->options.busy_timeout_ms <= 0)
		st->options.busy_timeout_ms = DEFAULT_BUSY_TIMEOUT_MS;
	st->prepared = mem_zalloc(STMT_COUNT * sizeof(struct query *));
	if ((rc = st->engine->open(st, e)) == ERR_OK)
		rc = migrate(st, e);
	if (rc != ERR_OK) {
		store_close(st);
		return rc;
	}
	*ret = st;
	return ERR_OK;
}

enum err_code
store_open(
    struct store **ret, const char *url, const struct store_options *o, struct err *e)
{
	char *location = NULL;
	enum err_code rc;

	if ((rc = locate(url, &location, e)) != ERR_OK)
		return rc;
	rc = open_at(ret, location, is_memory(url), shared_new(), o, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "store %s", url);
}

enum err_code
store_sibling(struct store **ret, struct store *of, bool read_only, struct err *e)
{
	struct store_options o = of->options;

	o.read_only = read_only;
	(void)pthread_mutex_lock(&of->shared->lock);
	of->shared->refs++;
	(void)pthread_mutex_unlock(&of->shared->lock);
	return open_at(ret, mem_strdup(of->location), of->in_memory, of->shared, &o, e);
}

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	if (st->in_write || st->in_read)
		(void)tx_end(st, ERR_BUG, NULL);
	store_end_turn(st);
	for (int i = 0; i < STMT_COUNT; i++) {
		if (st->prepared[i] != NULL && st->prepared[i]->handle != NULL)
			st->engine->finalize(st->prepared[i]);
		free(st->prepared[i]);
	}
	free(st->prepared);
	st->engine->close(st);
	free(st->location);
	shared_release(st->shared);
	free(st);
}

enum err_code
store_claim(struct store *st, struct err *e)
{
	enum err_code rc = ERR_OK;

	(void)pthread_mutex_lock(&st->shared->lock);
	if (st->shared->claim_fd < 0)
		rc = st->engine->claim(st, e);
	(void)pthread_mutex_unlock(&st->shared->lock);
	return rc;
}

enum err_code
store_idle(struct store *st, struct err *e)
{
	return st->engine->idle(st, e);
}

enum err_code
store_ping(struct store *st, struct err *e)
{
	return query_run(query(st, STMT_PING), e);
}

/* ---- transactions ---- */

static void
lock_writers(struct store *st)
{
	if (!st->has_turn)
		(void)pthread_mutex_lock(&st->shared->writer);
}

static void
unlock_writers(struct store *st)
{
	if (!st->has_turn)
		(void)pthread_mutex_unlock(&st->shared->writer);
}

void
store_take_turn(struct store *st)
{
	lock_writers(st);
	st->has_turn = true;
}

void
store_end_turn(struct store *st)
{
	if (!st->has_turn)
		return;
	st->has_turn = false;
	unlock_writers(st);
}

enum err_code
tx_begin_(struct store *st, bool write, const char *where, struct err *e)
{
	enum err_code rc;

	if (st->in_write || st->in_read)
		return err_set(e, ERR_BUG, "%s begins a transaction inside that of %s",
		    where, st->tx_where);
	if (write && st->options.read_only)
		return err_set(
		    e, ERR_BUG, "%s writes through a reader's handle", where);
	if (write)
		lock_writers(st);
	if ((rc = st->engine->begin(st, write, e)) != ERR_OK) {
		if (write)
			unlock_writers(st);
		return rc;
	}
	*(write ? &st->in_write : &st->in_read) = true;
	st->tx_where = where;
	return ERR_OK;
}

/* A statement left standing in the middle would keep its snapshot alive. */
static void
reset_all(struct store *st)
{
	for (int i = 0; i < STMT_COUNT; i++)
		if (st->prepared[i] != NULL && st->prepared[i]->handle != NULL)
			st->engine->reset(st->prepared[i]);
}

enum err_code
tx_end(struct store *st, enum err_code rc, struct err *e)
{
	bool write = st->in_write;

	reset_all(st);
	if (rc == ERR_OK)
		rc = st->engine->commit(st, e);
	if (rc != ERR_OK)
		st->engine->rollback(st);
	st->in_write = st->in_read = false;
	st->tx_where = NULL;
	if (write)
		unlock_writers(st);
	return rc;
}
