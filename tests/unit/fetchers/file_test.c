/* SPDX-License-Identifier: Apache-2.0 */
/* file - feeds at file:// addresses, through the real network code. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/net.h"
#include "fetchers/fetchers.h"
#include "unit/unit.h"

struct site {
	struct record_sink sink; /* first: the fetchers hand this back */
	struct net *net;
	struct arena *arena;
	unsigned records, skipped;
	char spool[64];
};

static enum err_code
take_record(struct record_sink *s, const struct record *r, struct err *e)
{
	(void)r;
	(void)e;
	((struct site *)s)->records++;
	return ERR_OK;
}

static void
take_skipped(struct record_sink *s, const char *key, const char *why)
{
	(void)key;
	(void)why;
	((struct site *)s)->skipped++;
}

static int
setup(void **state)
{
	struct site *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->sink =
	    (struct record_sink){ .record = take_record, .skipped = take_skipped };
	s->arena = arena_new();
	assert_int_equal(net_curl_new(&s->net, "tocsin/test", NULL), ERR_OK);
	(void)snprintf(s->spool, sizeof(s->spool), "/tmp/tocsin-spool-XXXXXX");
	assert_non_null(mkdtemp(s->spool));
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct site *s = *state;

	(void)rmdir(s->spool);
	net_free(s->net);
	arena_free(s->arena);
	free(s);
	return 0;
}

static enum err_code
run(struct site *s, const char *driver, const char *url, const struct feed_state *state,
    struct fetch_result *ret, struct err *e)
{
	const struct feed_config feed = { .name = "f", .driver = driver, .url = url };
	const struct fetch_options o = {
		.feed = &feed,
		.state = state,
		.net = s->net,
		.clock = clock_system(),
		.spool_dir = s->spool,
		.arena = s->arena,
		.sink = &s->sink,
	};

	*e = ERR_INIT;
	s->records = s->skipped = 0;
	return fetch_run(&o, ret, e);
}

static void
a_file_is_read_once_and_then_unchanged(void **state)
{
	const char *url = "file://" TEST_DATA "/feeds/kev/catalogue.json";
	struct site *s = *state;
	struct fetch_result first, second;
	struct err e;

	if (run(s, "kev", url, NULL, &first, &e) != ERR_OK)
		fail_msg("%s", e.text);
	assert_int_equal(s->records, 5);
	assert_false(first.unchanged);
	if (run(s, "kev", url, &first.next, &second, &e) != ERR_OK)
		fail_msg("%s", e.text);
	assert_int_equal(s->records, 0);
	assert_true(second.unchanged);
}

static void
a_directory_of_yearly_files_is_read_once(void **state)
{
	const char *url = "file://" TEST_DATA "/nvd-files";
	struct site *s = *state;
	struct fetch_result first, second;
	struct err e;

	if (run(s, "nvd", url, NULL, &first, &e) != ERR_OK)
		fail_msg("%s", e.text);
	assert_int_equal(s->records, 5);
	assert_int_equal(first.documents, 1);
	if (run(s, "nvd", url, &first.next, &second, &e) != ERR_OK)
		fail_msg("%s", e.text);
	assert_int_equal(s->records, 0);
	assert_true(second.unchanged);
}

static void
a_file_that_is_not_there_is_not_found(void **state)
{
	struct fetch_result r;
	struct err e;

	assert_int_equal(
	    run(*state, "kev", "file:///nonexistent/kev.json", NULL, &r, &e),
	    ERR_NOTFOUND);
}

static void
a_file_of_another_format_is_refused(void **state)
{
	struct fetch_result r;
	struct err e;

	assert_int_equal(
	    run(*state, "debian_tracker",
		"file://" TEST_DATA "/feeds/kev/catalogue.json", NULL, &r, &e),
	    ERR_INPUT);
	assert_non_null(strstr(e.text, "feed f: file://"));
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		S(a_file_is_read_once_and_then_unchanged),
		S(a_directory_of_yearly_files_is_read_once),
		S(a_file_that_is_not_there_is_not_found),
		S(a_file_of_another_format_is_refused),
	};

	return cmocka_run_group_tests_name("fetchers_file", tests, NULL, NULL);
}
