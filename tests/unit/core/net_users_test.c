/* SPDX-License-Identifier: Apache-2.0 */
/* net_users_test - URLs that users write: where they lead, and where they do not. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"

#define MOVED                                                                          \
	"HTTP/1.1 302 Found\r\nContent-Length: 5\r\nConnection: close\r\nLocation: "

static const struct loopback_row rows[] = {
	{ .path = "/plain",
	    .answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
		      "Connection: close\r\n\r\nhello" },
	{ .path = "/moved", .answer = MOVED "/plain\r\n\r\nmoved" },
	{ .path = "/to-file", .answer = MOVED "file:///etc/passwd\r\n\r\nmoved" },
	{ .path = "/to-metadata",
	    .answer = MOVED "http://169.254.169.254/x\r\n\r\nmoved" },
	{ 0 },
};

static const char *const loopback_only[] = { "127.0.0.0/8", NULL };

static int
setup_group(void **state)
{
	(void)state;
	return exchange_begin(rows);
}

static void
users_urls_reach_no_private_address_whatever_the_spelling(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.1", "127.000.000.001",
		"2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0",
		"0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
		"[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "localhost", "10.0.0.1",
		"169.254.169.254", "192.168.1.1", "[fe80::1]", "[fd00::1]" };
	struct exchange *x = *state;
	struct net_guard guard = { NULL };
	unsigned before = loopback_requests(exchange_server());

	x->req.guard = &guard;
	for (size_t i = 0; i < ROWS(hosts); i++) {
		(void)snprintf(x->url, sizeof(x->url), "http://%s:%u/plain", hosts[i],
		    loopback_port(exchange_server()));
		exchange_run(x);
		exchange_expect(x, ERR_DENIED, 0, "");
		assert_true(x->res.permanent);
	}
	assert_int_equal(loopback_requests(exchange_server()), before);
}

/* Whatever the resolver makes of them, and whether it is said as denied or unknown. */
static void
odd_spellings_lead_nowhere(void **state)
{
	static const char *const hosts[] = { "127.0.0.1.", "localhost.", "LOCALHOST",
		"%6cocalhost", "127%2e0.0.1", "[2002:7f00:1::]", "[::ffff:a9fe:a9fe]",
		"[fe80::1%25lo]", "0x7f.0x0.0x0.0x1", "0300.0250.1.1",
		"127.0.0.1%00.org", "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1",
		"1\xe3\x80\x82"
		"1" };
	struct exchange *x = *state;
	struct net_guard guard = { NULL };
	unsigned before = loopback_requests(exchange_server());

	x->req.guard = &guard;
	for (size_t i = 0; i < ROWS(hosts); i++) {
		(void)snprintf(x->url, sizeof(x->url), "http://%s:%u/plain", hosts[i],
		    loopback_port(exchange_server()));
		exchange_run(x);
		if (x->rc == ERR_OK)
			fail_msg("%s was reached", hosts[i]);
	}
	assert_int_equal(loopback_requests(exchange_server()), before);
}

static void
named_networks_may_be_reached(void **state)
{
	struct net_guard guard = { loopback_only };
	struct exchange *x = *state;

	x->req.guard = &guard;
	exchange_get(x, "/plain");
	exchange_expect(x, ERR_OK, 200, "hello");
}

static void
users_urls_are_not_redirected(void **state)
{
	static const char *const where[][2] = { { "/moved", "/plain" },
		{ "/to-metadata", "http://169.254.169.254/x" },
		{ "/to-file", "file:///etc/passwd" } };
	struct net_guard guard = { loopback_only };
	struct exchange *x = *state;

	x->req.guard = &guard;
	for (size_t i = 0; i < ROWS(where); i++) {
		unsigned before = loopback_requests(exchange_server());

		exchange_get(x, where[i][0]);
		exchange_expect(x, ERR_OK, 302, NULL);
		assert_string_equal(x->res.location, where[i][1]);
		assert_int_equal(loopback_requests(exchange_server()) - before, 1);
	}
}

static void
users_urls_name_no_ports_of_other_services_and_no_login(void **state)
{
	static const char *const urls[] = { "http://127.0.0.1:25/",
		"http://127.0.0.1:22/", "http://127.0.0.1:0/", "http://127.0.0.1:1023/",
		"http://127.0.0.1:65536/", "http://u:p@127.0.0.1:8080/",
		"http://@127.0.0.1:8080/", "file:///etc/passwd", "FILE:///etc/passwd",
		"ftp://127.0.0.1/" };
	struct net_guard guard = { loopback_only };
	struct exchange *x = *state;

	x->req.guard = &guard;
	for (size_t i = 0; i < ROWS(urls); i++) {
		(void)snprintf(x->url, sizeof(x->url), "%s", urls[i]);
		exchange_run(x);
		exchange_expect(x, ERR_INPUT, 0, "");
	}
}

/* A proxy would be asked instead, and the guard would only see the proxy's address. */
static void
users_urls_take_no_proxy_of_the_environment(void **state)
{
	struct net_guard guard = { loopback_only };
	struct exchange *x = *state;
	unsigned before = loopback_requests(exchange_server());
	char proxy[64];

	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u",
	    loopback_port(exchange_server()));
	assert_int_equal(setenv("http_proxy", proxy, 1), 0);
	x->req.guard = &guard;
	(void)snprintf(x->url, sizeof(x->url), "http://10.0.0.1/plain");
	exchange_run(x);
	assert_int_equal(unsetenv("http_proxy"), 0);
	exchange_expect(x, ERR_DENIED, 0, "");
	assert_int_equal(loopback_requests(exchange_server()), before);
}

static void
feeds_may_go_through_a_proxy(void **state)
{
	struct exchange *x = *state;
	char proxy[64];

	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u",
	    loopback_port(exchange_server()));
	x->req.proxy = proxy;
	(void)snprintf(x->url, sizeof(x->url), "http://feeds.example.org/x");
	exchange_run(x);
	exchange_expect(x, ERR_OK, 404, "");
	assert_non_null(strstr(loopback_last(exchange_server()),
	    "GET http://feeds.example.org/x HTTP/1.1\r\n"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, exchange_setup, exchange_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(users_urls_reach_no_private_address_whatever_the_spelling),
		TEST(odd_spellings_lead_nowhere),
		TEST(named_networks_may_be_reached),
		TEST(users_urls_are_not_redirected),
		TEST(users_urls_name_no_ports_of_other_services_and_no_login),
		TEST(users_urls_take_no_proxy_of_the_environment),
		TEST(feeds_may_go_through_a_proxy),
	};

	return cmocka_run_group_tests(tests, setup_group, exchange_end);
}
