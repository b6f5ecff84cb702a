/* SPDX-License-Identifier: Apache-2.0 */
/* net_http_test - HTTP against a server in this process: answers, redirects, caps. */
#include "unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/str.h"
#include "exchange.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"
#define MOVED                                                                          \
	"HTTP/1.1 302 Found\r\nContent-Length: 5\r\nConnection: close\r\nLocation: "
#define BUSY                                                                           \
	"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: "

static const struct loopback_row rows[] = {
	{ .path = "/plain",
	    .answer = OK_HEAD "Content-Length: 5\r\n"
			      "ETag: \"v1\"\r\n"
			      "Last-Modified: Fri, 02 Jan 2026 03:04:05 GMT\r\n"
			      "content-TYPE:\tapplication/json  \r\n\r\nhello",
	    .if_holds = "If-None-Match: \"v1\"\r\n",
	    .then = "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nConnection: "
		    "close\r\n\r\n" },
	{ .path = "/dated",
	    .answer = OK_HEAD "Content-Length: 5\r\n\r\nhello",
	    .if_holds = "If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT\r\n",
	    .then = "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n" },
	{ .path = "/chunked",
	    .answer = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
			      "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n" },
	{ .path = "/until-close", .answer = OK_HEAD "\r\nhello" },
	{ .path = "/short", .answer = OK_HEAD "Content-Length: 100\r\n\r\nhello" },
	{ .path = "/short-chunk",
	    .answer = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
			      "5\r\nhello\r\n6\r\n wo" },
	{ .path = "/no-last-chunk",
	    .answer = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
			      "5\r\nhello\r\n" },
	{ .path = "/nothing", .answer = "" },
	{ .path = "/half-head", .answer = "HTTP/1.1 200 OK\r\nContent-Le" },
	{ .path = "/garbage", .answer = "SSH-2.0-OpenSSH_9.2p1\r\n" },
	{ .path = "/hang", .answer = NULL },
	{ .path = "/error",
	    .answer = "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n"
		      "Connection: close\r\n\r\noops" },
	{ .path = "/hop0", .answer = OK_HEAD "Content-Length: 4\r\n\r\nhere" },
	{ .path = "/hop1",
	    .answer = MOVED "/hop0\r\nETag: \"hop\"\r\nRetry-After: 5\r\n\r\nmoved" },
	{ .path = "/hop2", .answer = MOVED "/hop1\r\n\r\nmoved" },
	{ .path = "/hop3", .answer = MOVED "/hop2\r\n\r\nmoved" },
	{ .path = "/hop4", .answer = MOVED "/hop3\r\n\r\nmoved" },
	{ .path = "/hop5", .answer = MOVED "/hop4\r\n\r\nmoved" },
	{ .path = "/hop6", .answer = MOVED "/hop5\r\n\r\nmoved" },
	{ .path = "/round", .answer = MOVED "/round\r\n\r\nmoved" },
	{ .path = "/to-file", .answer = MOVED "file:///etc/passwd\r\n\r\nmoved" },
	{ .path = "/to-ftp", .answer = MOVED "ftp://127.0.0.1/\r\n\r\nmoved" },
	{ .path = "/wait-120", .answer = BUSY "120\r\n\r\n" },
	{ .path = "/wait-12.5", .answer = BUSY "12.5\r\n\r\n" },
	{ .path = "/wait-0", .answer = BUSY "0\r\n\r\n" },
	{ .path = "/wait-past",
	    .answer = BUSY "Fri, 02 Jan 2015 03:04:05 GMT\r\n\r\n" },
	{ .path = "/wait-soon", .answer = BUSY "soon\r\n\r\n" },
	{ .path = "/wait-empty", .answer = BUSY "\r\n\r\n" },
	{ .path = "/wait-nan", .answer = BUSY "nan\r\n\r\n" },
	{ .path = "/wait-inf", .answer = BUSY "inf\r\n\r\n" },
	{ .path = "/wait-less", .answer = BUSY "-5\r\n\r\n" },
	{ .path = "/wait-more", .answer = BUSY "99999999999999999999\r\n\r\n" },
	{ 0 },
};

static int
setup_group(void **state)
{
	(void)state;
	return exchange_begin(rows);
}

static void
an_answer_comes_with_its_headers(void **state)
{
	struct exchange *x = *state;

	exchange_get(x, "/plain");
	exchange_expect(x, ERR_OK, 200, "hello");
	assert_string_equal(x->res.etag, "\"v1\"");
	assert_string_equal(x->res.last_modified, "Fri, 02 Jan 2026 03:04:05 GMT");
	assert_string_equal(x->res.content_type, "application/json");
	assert_string_equal(x->res.location, "");
	assert_int_equal(x->res.retry_after_s, -1);
	assert_int_equal(x->res.bytes, 5);
	assert_non_null(
	    strstr(loopback_last(exchange_server()), "GET /plain HTTP/1.1\r\n"));
	assert_non_null(strstr(
	    loopback_last(exchange_server()), "User-Agent: tocsin/test (unit)\r\n"));
}

static void
what_an_earlier_answer_left_is_forgotten(void **state)
{
	struct exchange *x = *state;

	exchange_get(x, "/plain");
	exchange_get(x, "/chunked");
	exchange_expect(x, ERR_OK, 200, "hello world");
	assert_string_equal(x->res.etag, "");
	assert_string_equal(x->res.content_type, "");
	exchange_get(x, "/nothing");
	assert_int_equal(x->res.status, 0);
	assert_int_equal(x->res.bytes, 0);
}

static void
bodies_end_in_their_three_ways(void **state)
{
	struct exchange *x = *state;

	exchange_get(x, "/dated");
	exchange_expect(x, ERR_OK, 200, "hello");
	exchange_get(x, "/chunked");
	exchange_expect(x, ERR_OK, 200, "hello world");
	exchange_get(x, "/until-close");
	exchange_expect(x, ERR_OK, 200, "hello");
}

static void
any_status_is_an_answer(void **state)
{
	struct exchange *x = *state;

	exchange_get(x, "/error");
	exchange_expect(x, ERR_OK, 500, "oops");
	exchange_get(x, "/no-such-path");
	exchange_expect(x, ERR_OK, 404, "");
}

static void
what_is_known_is_not_sent_again(void **state)
{
	struct exchange *x = *state;

	x->req.etag = "\"v1\"";
	exchange_get(x, "/plain");
	exchange_expect(x, ERR_OK, 304, "");
	assert_string_equal(x->res.etag, "\"v1\"");
	x->req.etag = "\"v0\"";
	exchange_get(x, "/plain");
	exchange_expect(x, ERR_OK, 200, "hello");
	x->req.etag = NULL;
	x->req.last_modified = "Fri, 02 Jan 2026 03:04:05 GMT";
	exchange_get(x, "/dated");
	exchange_expect(x, ERR_OK, 304, "");
	x->req.last_modified = "Fri, 02 Jan 2026 03:04:06 GMT";
	exchange_get(x, "/dated");
	exchange_expect(x, ERR_OK, 200, "hello");
}

static void
a_body_is_posted_with_its_headers(void **state)
{
	static const char *const headers[] = { "Content-Type: application/json",
		"X-Signature: v1,abc", NULL };
	struct exchange *x = *state;
	const char *sent;

	x->req.method = "POST";
	x->req.headers = headers;
	x->req.body = "{\"a\":1}";
	x->req.body_len = 7;
	exchange_get(x, "/error");
	exchange_expect(x, ERR_OK, 500, "oops");
	sent = loopback_last(exchange_server());
	assert_non_null(strstr(sent, "POST /error HTTP/1.1\r\n"));
	assert_non_null(strstr(sent, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(sent, "X-Signature: v1,abc\r\n"));
	assert_null(strstr(sent, "Expect:"));
	assert_true(str_ends(sent, "\r\n\r\n{\"a\":1}"));
}

static void
line_ends_smuggle_no_header_in(void **state)
{
	static const char *const headers[] = { "X-A: 1\r\nX-Evil: 1", "X-Good: 1",
		"X-B: 1\nX-Evil: 1", NULL };
	struct exchange *x = *state;
	const char *sent;

	x->req.headers = headers;
	x->req.etag = "\"v1\"\r\nX-Evil: 1";
	x->req.last_modified = "now\nX-Evil: 1";
	exchange_get(x, "/plain");
	exchange_expect(x, ERR_OK, 200, "hello");
	sent = loopback_last(exchange_server());
	assert_null(strstr(sent, "X-Evil"));
	assert_non_null(strstr(sent, "X-Good: 1\r\n"));
}

static void
a_body_can_go_to_a_file(void **state)
{
	char path[] = "/tmp/tocsin-net-XXXXXX", text[32] = "";
	struct exchange *x = *state;

	x->req.to_fd = mkstemp(path);
	assert_true(x->req.to_fd >= 0);
	exchange_get(x, "/chunked");
	exchange_expect(x, ERR_OK, 200, "");
	assert_int_equal(x->res.bytes, 11);
	assert_int_equal(pread(x->req.to_fd, text, sizeof(text) - 1, 0), 11);
	assert_string_equal(text, "hello world");
	(void)close(x->req.to_fd);
	(void)unlink(path);
}

static void
a_full_disk_is_no_fault_of_the_peer(void **state)
{
	struct exchange *x = *state;

	x->req.to_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(x->req.to_fd >= 0);
	exchange_get(x, "/plain");
	exchange_expect(x, ERR_STORAGE, 200, NULL);
	(void)close(x->req.to_fd);
}

static void
the_largest_answer_allowed_is_taken_and_no_byte_more(void **state)
{
	static const char *const paths[] = { "/dated", "/until-close" };
	struct exchange *x = *state;

	for (size_t i = 0; i < ROWS(paths); i++) {
		x->req.max_bytes = 5;
		exchange_get(x, paths[i]);
		exchange_expect(x, ERR_OK, 200, "hello");
		x->req.max_bytes = 4;
		exchange_get(x, paths[i]);
		exchange_expect(x, ERR_LIMIT, 200, NULL);
		assert_true(x->res.body.len <= 4);
		assert_non_null(strstr(x->e.text, "larger than 4 bytes"));
	}
	x->req.max_bytes = 10;
	exchange_get(x, "/chunked");
	exchange_expect(x, ERR_LIMIT, 200, NULL);
	assert_true(x->res.body.len <= 10);
}

static void
a_body_cut_short_is_no_answer(void **state)
{
	static const char *const paths[] = { "/short", "/short-chunk", "/no-last-chunk",
		"/nothing", "/half-head", "/garbage" };
	struct exchange *x = *state;

	for (size_t i = 0; i < ROWS(paths); i++) {
		exchange_get(x, paths[i]);
		if (x->rc != ERR_UNREACHABLE)
			fail_msg("%s: wanted unreachable, got %s", paths[i],
			    err_code_name(x->rc));
		assert_true(x->e.text[0] != '\0');
	}
	exchange_get(x, "/short");
	assert_string_equal(x->e.text, "the answer was cut short");
	assert_false(x->res.permanent);
}

static void
a_peer_that_says_nothing_is_given_up_in_time(void **state)
{
	const struct clock *c = clock_system();
	int64_t before = c->mono_ms(c), took;
	struct exchange *x = *state;

	x->req.timeout_ms = 200;
	exchange_get(x, "/hang");
	took = c->mono_ms(c) - before;
	exchange_expect(x, ERR_UNREACHABLE, 0, "");
	assert_string_equal(x->e.text, "timed out");
	assert_false(x->res.permanent);
	assert_in_range(took, 190, 4000);
}

static void
nobody_there_is_worth_another_try(void **state)
{
	struct exchange *x = *state;
	struct loopback *gone = loopback_start(rows);
	unsigned port;

	assert_non_null(gone);
	port = loopback_port(gone);
	loopback_stop(gone);
	(void)snprintf(x->url, sizeof(x->url), "http://127.0.0.1:%u/", port);
	exchange_run(x);
	exchange_expect(x, ERR_UNREACHABLE, 0, "");
	assert_false(x->res.permanent);
}

static bool
stop_at_once(void *arg, uint64_t got, uint64_t total)
{
	(void)got, (void)total;
	++*(int *)arg;
	return false;
}

static bool
go_on(void *arg, uint64_t got, uint64_t total)
{
	(void)total;
	if (got > *(uint64_t *)arg)
		*(uint64_t *)arg = got;
	return true;
}

static void
the_caller_can_stop_and_watch(void **state)
{
	struct exchange *x = *state;
	uint64_t seen = 0;
	int asked = 0;

	x->req.progress = stop_at_once;
	x->req.progress_arg = &asked;
	exchange_get(x, "/hang");
	exchange_expect(x, ERR_BUSY, 0, "");
	assert_true(asked > 0);
	x->req.progress = go_on;
	x->req.progress_arg = &seen;
	exchange_get(x, "/plain");
	exchange_expect(x, ERR_OK, 200, "hello");
	assert_int_equal(seen, 5);
}

static void
redirects_are_followed_for_feeds(void **state)
{
	struct exchange *x = *state;

	exchange_get(x, "/hop5");
	exchange_expect(x, ERR_OK, 200, "here");
	assert_string_equal(x->res.etag, ""); /* not that of a hop on the way */
	assert_string_equal(x->res.location, "");
	assert_int_equal(x->res.retry_after_s, -1);
}

static void
redirects_come_to_an_end(void **state)
{
	static const char *const paths[] = { "/hop6", "/round" };
	struct exchange *x = *state;

	for (size_t i = 0; i < ROWS(paths); i++) {
		unsigned before = loopback_requests(exchange_server());

		exchange_get(x, paths[i]);
		exchange_expect(x, ERR_UNREACHABLE, 302, NULL);
		assert_string_equal(x->e.text, "too many redirects");
		assert_true(x->res.permanent);
		assert_int_equal(loopback_requests(exchange_server()) - before, 6);
	}
}

static void
redirects_do_not_leave_http(void **state)
{
	static const char *const paths[] = { "/to-file", "/to-ftp" };
	struct exchange *x = *state;

	for (size_t i = 0; i < ROWS(paths); i++) {
		exchange_get(x, paths[i]);
		exchange_expect(x, ERR_UNREACHABLE, 302, "");
		assert_true(x->res.permanent);
	}
}

static void
waiting_times_are_seconds_or_dates(void **state)
{
	static const struct {
		const char *path;
		int64_t want;
	} waits[] = {
		{ "/wait-120", 120 },
		{ "/wait-12.5", 13 },
		{ "/wait-0", 0 },
		{ "/wait-past", 0 },
		{ "/wait-soon", -1 },
		{ "/wait-empty", -1 },
		{ "/wait-nan", -1 },
		{ "/wait-inf", -1 },
		{ "/wait-less", -1 },
		{ "/wait-more", -1 },
	};
	struct exchange *x = *state;

	for (size_t i = 0; i < ROWS(waits); i++) {
		exchange_get(x, waits[i].path);
		exchange_expect(x, ERR_OK, 503, "");
		if (x->res.retry_after_s != waits[i].want)
			fail_msg("%s: wanted %lld, got %lld", waits[i].path,
			    (long long)waits[i].want, (long long)x->res.retry_after_s);
	}
}

static void
a_waiting_time_to_come_is_counted_from_now(void **state)
{
	char answer[256], date[TIME_TEXT_SIZE + 16];
	struct loopback_row late[] = { { .path = "/", .answer = answer }, { 0 } };
	struct exchange *x = *state;
	struct loopback *other;

	(void)snprintf(answer, sizeof(answer), BUSY "%s\r\n\r\n",
	    time_format_mail(clock_now_s(clock_system()) + 3600, date));
	other = loopback_start(late);
	assert_non_null(other);
	(void)snprintf(
	    x->url, sizeof(x->url), "http://127.0.0.1:%u/", loopback_port(other));
	exchange_run(x);
	loopback_stop(other);
	exchange_expect(x, ERR_OK, 503, "");
	assert_in_range(x->res.retry_after_s, 3500, 3600);
}

static void
a_header_too_long_to_keep_is_as_good_as_none(void **state)
{
	char answer[1024], etag[400];
	struct loopback_row row[] = { { .path = "/", .answer = answer }, { 0 } };
	struct exchange *x = *state;
	struct loopback *other;

	memset(etag, 'x', sizeof(etag));
	etag[sizeof(etag) - 1] = '\0';
	(void)snprintf(answer, sizeof(answer),
	    OK_HEAD "Content-Length: 2\r\nETag: \"%s\"\r\n\r\nok", etag);
	other = loopback_start(row);
	assert_non_null(other);
	(void)snprintf(
	    x->url, sizeof(x->url), "http://127.0.0.1:%u/", loopback_port(other));
	exchange_run(x);
	loopback_stop(other);
	exchange_expect(x, ERR_OK, 200, "ok");
	assert_string_equal(x->res.etag, "");
}

static void
what_is_no_address_is_an_input_error(void **state)
{
	static const char *const urls[] = { "", "example.org", "ftp://example.org/",
		"gopher://example.org/", "javascript:alert(1)", "http://", "http:///x",
		"http://exa mple.org/", "http://example.org\r\nX: y/",
		"dict://127.0.0.1/", "scp://127.0.0.1/", "http://a@b@c/" };
	struct exchange *x = *state;

	for (size_t i = 0; i < ROWS(urls); i++) {
		(void)snprintf(x->url, sizeof(x->url), "%s", urls[i]);
		exchange_run(x);
		exchange_expect(x, ERR_INPUT, 0, "");
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, exchange_setup, exchange_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_comes_with_its_headers),
		TEST(what_an_earlier_answer_left_is_forgotten),
		TEST(bodies_end_in_their_three_ways),
		TEST(any_status_is_an_answer),
		TEST(what_is_known_is_not_sent_again),
		TEST(a_body_is_posted_with_its_headers),
		TEST(line_ends_smuggle_no_header_in),
		TEST(a_body_can_go_to_a_file),
		TEST(a_full_disk_is_no_fault_of_the_peer),
		TEST(the_largest_answer_allowed_is_taken_and_no_byte_more),
		TEST(a_body_cut_short_is_no_answer),
		TEST(a_peer_that_says_nothing_is_given_up_in_time),
		TEST(nobody_there_is_worth_another_try),
		TEST(the_caller_can_stop_and_watch),
		TEST(redirects_are_followed_for_feeds),
		TEST(redirects_come_to_an_end),
		TEST(redirects_do_not_leave_http),
		TEST(waiting_times_are_seconds_or_dates),
		TEST(a_waiting_time_to_come_is_counted_from_now),
		TEST(a_header_too_long_to_keep_is_as_good_as_none),
		TEST(what_is_no_address_is_an_input_error),
	};

	return cmocka_run_group_tests(tests, setup_group, exchange_end);
}
