/* SPDX-License-Identifier: Apache-2.0 */
/* Many small documents at once: order, the limit of one host, stopping, failures; and
 * where a mirror is asked. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/net.h"
#include "core/str.h"
#include "fetchers/fetch_env.h"
#include "fetchers/hosts.h"
#include "unit/unit.h"

#define N 200

/* A server that takes a millisecond for every answer and counts who is there meanwhile. */
struct server {
	struct net net; /* first: a struct net * points here */
	pthread_mutex_t lock;
	unsigned now, most, asked;
	const char *missing; /* the number of the document that is not there */
};

static enum err_code
answer(struct net *n, const struct http_request *req, struct http_response *ret,
    struct err *e)
{
	struct server *s = (struct server *)n;
	const char *number = strrchr(req->url, '/') + 1;
	char body[64];
	int len;

	(void)e;
	pthread_mutex_lock(&s->lock);
	s->asked++;
	if (++s->now > s->most)
		s->most = s->now;
	pthread_mutex_unlock(&s->lock);
	(void)usleep(1000);
	len = snprintf(body, sizeof(body), "document %s", number);
	assert_true(write(req->to_fd, body, (size_t)len) == len);
	ret->status = str_eq(number, s->missing) ? 404 : 200;
	pthread_mutex_lock(&s->lock);
	s->now--;
	pthread_mutex_unlock(&s->lock);
	return ERR_OK;
}

struct scene {
	struct server server;
	struct arena *a;
	struct feed_config feed;
	struct feed_state state;
	struct fetch_options o;
	struct fetch_env env;
	struct fetch_want wants[N];
	size_t n_taken, n_missing;
	size_t fail_at;    /* TAKE says no */
	unsigned asked_at; /* requests when it did */
	bool is_stopped;   /* progress answers false */
	char spool[64];
};

static bool
progress(void *arg, const char *what, uint64_t bytes, uint64_t total, uint64_t records)
{
	(void)what, (void)bytes, (void)total, (void)records;
	return !((struct scene *)arg)->is_stopped;
}

static enum err_code
take(void *arg, size_t i, enum err_code rc, const struct fetch_document *d,
    const struct err *why, struct err *e)
{
	struct scene *s = arg;
	char want[64], got[64] = "", path[FETCH_PATH_SIZE];
	FILE *f;

	(void)why;
	assert_int_equal(i, s->n_taken);
	s->n_taken++;
	if (i == s->fail_at) {
		s->asked_at = s->server.asked;
		return err_set(e, ERR_STORAGE, "enough");
	}
	if (rc == ERR_NOTFOUND) {
		s->n_missing++;
		return ERR_OK;
	}
	assert_int_equal(rc, ERR_OK);
	(void)snprintf(want, sizeof(want), "document %zu", i);
	f = fopen(fetch_document_path(d, path), "r");
	assert_non_null(f);
	assert_non_null(fgets(got, sizeof(got), f));
	(void)fclose(f);
	assert_string_equal(got, want);
	return ERR_OK;
}

static int
setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	s->a = arena_new();
	s->server.net.http = answer;

	pthread_mutex_init(&s->server.lock, NULL);
	(void)snprintf(s->spool, sizeof(s->spool), "/tmp/tocsin-many-XXXXXX");
	assert_non_null(mkdtemp(s->spool));
	s->o = (struct fetch_options){
		.feed = &s->feed,
		.state = &s->state,
		.net = &s->server.net,
		.clock = clock_system(),
		.spool_dir = s->spool,
		.arena = s->a,
		.progress = progress,
		.progress_arg = s,
	};
	s->env = (struct fetch_env){ .o = &s->o, .last_request_ms = -1 };
	for (size_t i = 0; i < N; i++) {
		s->wants[i] = FETCH_WANT_INIT;
		s->wants[i].url = arena_printf(s->a, "https://example.org/x/%zu", i);
	}
	s->fail_at = N;
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	fetch_hosts_free(s->o.hosts);
	assert_int_equal(rmdir(s->spool), 0);
	arena_free(s->a);
	free(s);
	return 0;
}

static void
documents_come_in_order_however_many_are_under_way(void **state)
{
	struct scene *s = *state;
	struct err e = ERR_INIT;

	s->o.hosts = fetch_hosts_new(8);
	assert_int_equal(fetch_many(&s->env, s->wants, N, take, s, &e), ERR_OK);
	assert_int_equal(s->n_taken, N);
	assert_int_equal(s->server.asked, N);
	assert_true(s->server.most > 1 && s->server.most <= 8);
	assert_true(s->env.result.bytes > 10 * N);
}

static void
without_a_limit_for_hosts_requests_come_one_by_one(void **state)
{
	struct scene *s = *state;
	struct err e = ERR_INIT;

	assert_int_equal(fetch_many(&s->env, s->wants, 20, take, s, &e), ERR_OK);
	assert_int_equal(s->n_taken, 20);
	assert_int_equal(s->server.most, 1);
}

static void
one_that_is_missing_is_the_takers_matter(void **state)
{
	struct scene *s = *state;
	struct err e = ERR_INIT;

	s->o.hosts = fetch_hosts_new(4);
	s->server.missing = "7";
	assert_int_equal(fetch_many(&s->env, s->wants, N, take, s, &e), ERR_OK);
	assert_int_equal(s->n_missing, 1);
}

static void
who_takes_may_end_it(void **state)
{
	struct scene *s = *state;
	struct err e = ERR_INIT;

	s->o.hosts = fetch_hosts_new(4);
	s->fail_at = 10;
	assert_int_equal(fetch_many(&s->env, s->wants, N, take, s, &e), ERR_STORAGE);
	assert_string_equal(e.text, "enough");
	/* only what was under way is still finished */
	assert_true(s->server.asked <= s->asked_at + 8);
}

static void
stopped_run_ends_without_the_rest(void **state)
{
	struct scene *s = *state;
	struct err e = ERR_INIT;

	s->o.hosts = fetch_hosts_new(4);
	fetch_hosts_set_limit(s->o.hosts, 2);
	s->is_stopped = true;
	/* the places are taken by others, who do not give them back */
	assert_int_equal(
	    fetch_hosts_enter(s->o.hosts, "https://example.org/a", NULL, NULL, &e),
	    ERR_OK);
	assert_int_equal(
	    fetch_hosts_enter(s->o.hosts, "https://EXAMPLE.org/b", NULL, NULL, &e),
	    ERR_OK);
	assert_int_equal(fetch_many(&s->env, s->wants, N, take, s, &e), ERR_BUSY);
	assert_int_equal(s->server.asked, 0);
	fetch_hosts_leave(s->o.hosts, "https://example.org/a");
	fetch_hosts_leave(s->o.hosts, "https://example.org/b");
}

/* ---- mirrors ---- */

static void
mirror_has_the_publishers_path_below_its_host(void **state)
{
	static const struct {
		const char *mirror, *url, *want;
	} rows[] = {
		{ NULL, "https://a.org/x", "https://a.org/x" },
		{ "file:///srv/mirror", "https://a.org/x/y.json",
		    "file:///srv/mirror/a.org/x/y.json" },
		{ "https://m.org/base/", "https://a.org:8443/x?page=2",
		    "https://m.org/base/a.org:8443/x?page=2" },
		{ "https://m.org/base", "https://m.org/base/a.org/x",
		    "https://m.org/base/a.org/x" },
		{ "https://m.org/base", "file:///x", "file:///x" },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    fetch_mirrored(rows[i].mirror, rows[i].url, s->a), rows[i].want);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(documents_come_in_order_however_many_are_under_way),
		TEST(without_a_limit_for_hosts_requests_come_one_by_one),
		TEST(one_that_is_missing_is_the_takers_matter),
		TEST(who_takes_may_end_it),
		TEST(stopped_run_ends_without_the_rest),
		TEST(mirror_has_the_publishers_path_below_its_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
