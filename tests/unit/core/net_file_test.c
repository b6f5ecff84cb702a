/* SPDX-License-Identifier: Apache-2.0 */
/* net_file_test - feeds that are read from files of this machine. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/net.h"
#include "core/str.h"

static struct net *net;
static char dir[] = "/tmp/tocsin-file-XXXXXX";
static char path[64], url[128];

static int
setup(void **state)
{
	FILE *f;

	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	if (mkdtemp(dir) == NULL || net_curl_new(&net, "tocsin/test", NULL) != ERR_OK)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/a feed", dir);
	(void)snprintf(url, sizeof(url), "file://%s/a%%20feed", dir);
	f = fopen(path, "w");
	if (f == NULL || fputs("hello", f) < 0)
		return -1;
	return fclose(f);
}

static int
teardown(void **state)
{
	(void)state;
	net_free(net);
	(void)unlink(path);
	return rmdir(dir);
}

static enum err_code
get(const char *from, const char *etag, uint64_t max, struct http_response *r,
    struct err *e)
{
	struct http_request req = {
		.url = from, .etag = etag, .to_fd = -1, .max_bytes = max
	};

	*r = (struct http_response){ .body = BUF_INIT(1000), .status = -1 };
	return net->http(net, &req, r, e);
}

static void
a_file_is_a_document(void **state)
{
	struct http_response r;

	(void)state;
	assert_int_equal(get(url, NULL, 5, &r, NULL), ERR_OK);
	assert_int_equal(r.status, 200);
	assert_string_equal(buf_str(&r.body), "hello");
	assert_int_equal(r.bytes, 5);
	assert_true(r.etag[0] == '"');
	buf_done(&r.body);
}

static void
an_unchanged_file_is_not_read_again(void **state)
{
	struct http_response r;
	char etag[256];
	FILE *f;

	(void)state;
	assert_int_equal(get(url, NULL, 99, &r, NULL), ERR_OK);
	memcpy(etag, r.etag, sizeof(etag));
	buf_done(&r.body);
	assert_int_equal(get(url, etag, 99, &r, NULL), ERR_OK);
	assert_int_equal(r.status, 304);
	assert_string_equal(buf_str(&r.body), "");
	assert_string_equal(r.etag, etag);
	buf_done(&r.body);
	f = fopen(path, "a"); /* longer now, so even a coarse clock shows it */
	assert_non_null(f);
	assert_true(fputs("!", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(get(url, etag, 99, &r, NULL), ERR_OK);
	assert_int_equal(r.status, 200);
	assert_string_equal(buf_str(&r.body), "hello!");
	buf_done(&r.body);
}

static void
no_file_is_not_found(void **state)
{
	struct http_response r;

	(void)state;
	assert_int_equal(get("file:///nonexistent/x", NULL, 9, &r, NULL), ERR_OK);
	assert_int_equal(r.status, 404);
	assert_int_equal(get("file:///dev/null/x", NULL, 9, &r, NULL), ERR_OK);
	assert_int_equal(r.status, 404);
}

static void
a_file_larger_than_allowed_is_refused(void **state)
{
	struct http_response r;

	(void)state;
	assert_int_equal(get(url, NULL, 4, &r, NULL), ERR_LIMIT);
	assert_true(r.body.len <= 4);
	buf_done(&r.body);
}

/* Opening a pipe would wait for somebody to write, and no deadline would hold. */
static void
what_is_no_file_is_refused_at_once(void **state)
{
	struct http_response r;
	struct err e = ERR_INIT;
	char from[128];

	(void)state;
	(void)snprintf(from, sizeof(from), "file://%s", dir);
	assert_int_equal(get(from, NULL, 9, &r, &e), ERR_INPUT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)alarm(20);
	assert_int_equal(get(url, NULL, 9, &r, &e), ERR_INPUT);
	(void)alarm(0);
	assert_non_null(strstr(e.text, "is no file"));
	assert_int_equal(get("file:///dev/zero", NULL, 9, &r, &e), ERR_INPUT);
}

static void
only_whole_paths_of_this_machine_are_meant(void **state)
{
	static const char *const urls[] = { "file://", "file://x",
		"file://localhost/etc/passwd", "file://./x", "file:///x%00",
		"file:///x%", "file:/etc/passwd" };

	(void)state;
	for (size_t i = 0; i < ROWS(urls); i++) {
		struct http_response r;

		if (get(urls[i], NULL, 9, &r, NULL) != ERR_INPUT)
			fail_msg("%s was taken", urls[i]);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_a_document),
		TEST(an_unchanged_file_is_not_read_again),
		TEST(no_file_is_not_found),
		TEST(a_file_larger_than_allowed_is_refused),
		TEST(what_is_no_file_is_refused_at_once),
		TEST(only_whole_paths_of_this_machine_are_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
