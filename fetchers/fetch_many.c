/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_many - many small documents, several requests at a time.
 *
 * Threads fetch ahead into the spool; the caller's thread takes the documents in the order
 * they were asked for, so that drivers, sink and store see one thread as ever, and a run
 * gives the same result whatever the network's mood.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/str.h"
#include "fetchers/fetch_env.h"
#include "fetchers/hosts.h"

#define MAX_THREADS 16
/* How far the threads may be ahead of who takes: documents lie open in the spool. */
#define AHEAD         64
#define LOOK_EVERY_MS 200

struct many_slot {
	struct fetch_document d;
	struct err why;
	enum err_code rc;
	bool is_done;
};

struct many {
	struct fetch_env *env;
	const struct fetch_want *wants;
	size_t n;
	pthread_mutex_t lock;
	pthread_cond_t moved; /* a slot was filled or emptied, or all is over */
	size_t next, taken;   /* to be fetched; taken by the caller */
	struct many_slot slots[AHEAD];
	atomic_bool is_over;
};

/* The threads cannot tell anybody of progress: who takes does. */
static bool
go_on(void *arg, const char *what, uint64_t bytes, uint64_t total, uint64_t records)
{
	(void)what, (void)bytes, (void)total, (void)records;
	return !atomic_load(&((struct many *)arg)->is_over);
}

static bool
take_next(struct many *m, size_t *ret)
{
	bool some;

	pthread_mutex_lock(&m->lock);
	while (
	    !atomic_load(&m->is_over) && m->next < m->n && m->next >= m->taken + AHEAD)
		pthread_cond_wait(&m->moved, &m->lock);
	some = !atomic_load(&m->is_over) && m->next < m->n;
	if (some)
		*ret = m->next++;
	pthread_mutex_unlock(&m->lock);
	return some;
}

static void *
fetch_ahead(void *arg)
{
	struct many *m = arg;
	struct fetch_options o = *m->env->o;
	struct fetch_env env = {
		.o = &o, .driver = m->env->driver, .last_request_ms = -1
	};
	size_t i;

	o.progress = go_on;
	o.progress_arg = m;
	while (take_next(m, &i)) {
		struct many_slot *s = &m->slots[i % AHEAD];
		struct fetch_document d = FETCH_DOCUMENT_INIT;
		struct err why = ERR_INIT;
		enum err_code rc = fetch_get(&env, &m->wants[i], &d, &why);

		pthread_mutex_lock(&m->lock);
		*s =
		    (struct many_slot){ .d = d, .why = why, .rc = rc, .is_done = true };
		pthread_cond_broadcast(&m->moved);
		pthread_mutex_unlock(&m->lock);
	}
	return NULL;
}

static bool
wait_for(struct many *m, struct many_slot *s)
{
	const struct timespec until = clock_deadline(LOOK_EVERY_MS);
	bool done;

	pthread_mutex_lock(&m->lock);
	if (!s->is_done)
		(void)pthread_cond_timedwait(&m->moved, &m->lock, &until);
	done = s->is_done;
	pthread_mutex_unlock(&m->lock);
	return done;
}

/* The next document, its slot free again. */
static void
empty_slot(struct many *m, struct many_slot *s, struct many_slot *ret)
{
	pthread_mutex_lock(&m->lock);
	*ret = *s;
	*s = (struct many_slot){ .d = FETCH_DOCUMENT_INIT };
	m->taken++;
	pthread_cond_broadcast(&m->moved);
	pthread_mutex_unlock(&m->lock);
}

static enum err_code
take_all(struct many *m, fetch_take *take, void *arg, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < m->n && rc == ERR_OK; i++) {
		struct many_slot *s = &m->slots[i % AHEAD], got;

		while (rc == ERR_OK && !wait_for(m, s))
			rc = fetch_progress(
			    m->env, "fetching", m->env->result.bytes, 0, e);
		if (rc != ERR_OK)
			break;
		empty_slot(m, s, &got);
		m->env->result.bytes += got.d.bytes;
		rc = take(arg, i, got.rc, &got.d, &got.why, e);
		fetch_document_done(&got.d);
	}
	return rc;
}

/* One after another: for tests with a clock of their own, and paced requests. */
static enum err_code
one_by_one(struct fetch_env *env, const struct fetch_want *wants, size_t n,
    fetch_take *take, void *arg, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
		struct err why = ERR_INIT;
		enum err_code got = fetch_get(env, &wants[i], &d, &why);

		rc = take(arg, i, got, &d, &why, e);
	}
	return rc;
}

static size_t
how_many(const struct fetch_env *env, const struct fetch_want *wants, size_t n)
{
	size_t threads = fetch_hosts_limit(env->o->hosts);

	if (env->o->sleep_ms != NULL || n < 2 || wants[0].gap_ms > 0)
		return 1;
	threads = threads < MAX_THREADS ? threads : MAX_THREADS;
	return threads < n ? threads : n;
}

enum err_code
fetch_many(struct fetch_env *env, const struct fetch_want *wants, size_t n,
    fetch_take *take, void *arg, struct err *e)
{
	struct many *m;
	pthread_t threads[MAX_THREADS];
	size_t wanted = how_many(env, wants, n), started = 0;
	struct arena *a;
	enum err_code rc;

	if (wanted < 2)
		return one_by_one(env, wants, n, take, arg, e);
	a = arena_new();
	m = arena_zalloc(a, sizeof(*m));
	m->env = env;
	m->wants = wants;
	m->n = n;
	for (size_t i = 0; i < AHEAD; i++)
		m->slots[i].d = FETCH_DOCUMENT_INIT;
	pthread_mutex_init(&m->lock, NULL);
	clock_cond_init(&m->moved);
	while (started < wanted &&
	       pthread_create(&threads[started], NULL, fetch_ahead, m) == 0)
		started++;
	rc = started == 0 ? one_by_one(env, wants, n, take, arg, e)
			  : take_all(m, take, arg, e);
	pthread_mutex_lock(&m->lock);
	atomic_store(&m->is_over, true);
	pthread_cond_broadcast(&m->moved);
	pthread_mutex_unlock(&m->lock);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < AHEAD; i++)
		fetch_document_done(&m->slots[i].d);
	pthread_cond_destroy(&m->moved);
	pthread_mutex_destroy(&m->lock);
	arena_free(a);
	return rc;
}
