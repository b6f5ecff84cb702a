/* SPDX-License-Identifier: Apache-2.0 */
/* url_test - the parts of URLs, percent-encoding, queries. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/url.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void
urls_fall_into_their_parts(void **state)
{
	static const struct {
		const char *url;
		struct url_parts want;
	} rows[] = {
		{ "https://example.org", { "https", "example.org", "", "/", false } },
		{ "HTTPS://example.org/", { "https", "example.org", "", "/", false } },
		{ "http://example.org:8080/a/b?c=d#e",
		    { "http", "example.org", "8080", "/a/b?c=d#e", false } },
		{ "http://example.org?x=y",
		    { "http", "example.org", "", "?x=y", false } },
		{ "http://example.org#x@y",
		    { "http", "example.org", "", "#x@y", false } },
		{ "http://example.org/@x:1",
		    { "http", "example.org", "", "/@x:1", false } },
		{ "http://user@example.org/",
		    { "http", "example.org", "", "/", true } },
		{ "http://u:p@example.org:1/",
		    { "http", "example.org", "1", "/", true } },
		{ "http://@example.org/", { "http", "example.org", "", "/", true } },
		{ "http://[::1]/", { "http", "::1", "", "/", false } },
		{ "http://[::ffff:10.0.0.1]:443/x",
		    { "http", "::ffff:10.0.0.1", "443", "/x", false } },
		{ "http://u@[fe80::1%25eth0]:80",
		    { "http", "fe80::1%25eth0", "80", "/", true } },
		{ "http://example.org:/x", { "http", "example.org", "", "/x", false } },
		{ "smtp://mail.example.org:25",
		    { "smtp", "mail.example.org", "25", "/", false } },
		{ "a+b-c.1://h", { "a+b-c.1", "h", "", "/", false } },
		{ "http://2130706433/", { "http", "2130706433", "", "/", false } },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct url_parts *want = &rows[i].want;
		struct url_parts got;

		if (!url_split(a, rows[i].url, &got))
			fail_msg("%s was refused", rows[i].url);
		if (!str_eq(got.scheme, want->scheme) ||
		    !str_eq(got.host, want->host) || !str_eq(got.port, want->port) ||
		    !str_eq(got.path, want->path) || got.has_user != want->has_user)
			fail_msg("%s: got %s, %s, %s, %s, %d", rows[i].url, got.scheme,
			    got.host, got.port, got.path, got.has_user);
	}
}

static void
what_is_no_url_is_refused(void **state)
{
	static const char *const rows[] = { "", "example.org", "http:", "http:/",
		"http://", "http:///x", "://example.org", "http//example.org", "/x",
		"http://:80/", "http://?x", "http://u@", "http://u@/x",
		"http://example.org:x/", "http://example.org:-1/",
		"http://example.org:123456/", "http://example.org:80:80/",
		"http://a:b:c/", "http://[::1", "http://[]/", "http://[::1]x/",
		"http://[::1]8080/", "http://a@b@example.org/", "http://exa mple.org/",
		"http://example.org/\n", "http://example.org/a b",
		"http://example.org\\x", "http://\x7f/", "\thttp://x/", " http://x/",
		"?x=http://example.org", "1http://example.org", "ht?p://example.org",
		"h ttp://example.org", "\xc3\xa9://x" };
	struct url_parts got;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		if (url_split(a, rows[i], &got))
			fail_msg("\"%s\" was taken: host %s", rows[i], got.host);
	}
}

static void
a_very_long_url_is_refused(void **state)
{
	char *url = arena_alloc(a, 10001);
	struct url_parts got;

	(void)state;
	memset(url, 'x', 10000);
	memcpy(url, "http://", 7);
	url[10000] = '\0';
	assert_false(url_split(a, url, &got));
	url[8192] = '\0';
	assert_true(url_split(a, url, &got));
}

static void
escapes_are_decoded_or_refused(void **state)
{
	static const struct {
		const char *text, *want; /* NULL = refused */
	} rows[] = {
		{ "", "" },
		{ "plain+", "plain+" },
		{ "%41%2f%2F", "A//" },
		{ "%c3%A9", "\xc3\xa9" },
		{ "100%25", "100%" },
		{ "%2541", "%41" },
		{ "%", NULL },
		{ "%4", NULL },
		{ "a%4", NULL },
		{ "%4g", NULL },
		{ "%g4", NULL },
		{ "%%41", NULL },
		{ "%+1", NULL },
		{ "% 1", NULL },
		{ "%00", NULL },
		{ "a%00b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t len = strlen(rows[i].text);
		char *copy = malloc(len + 1);
		const char *got = NULL;
		bool ok;

		assert_non_null(copy);
		memcpy(copy, rows[i].text, len); /* no NUL: the length counts */
		ok = url_decode(a, copy, len, &got);
		free(copy);
		if (ok != (rows[i].want != NULL) || !str_eq(got, rows[i].want))
			fail_msg("\"%s\": wanted %s, got %s", rows[i].text,
			    str_or_empty(rows[i].want), str_or_empty(got));
	}
}

static void
what_is_not_unreserved_is_encoded(void **state)
{
	(void)state;
	assert_string_equal(url_encode(a, "", ""), "");
	assert_string_equal(url_encode(a, "AZaz09-._~", ""), "AZaz09-._~");
	assert_string_equal(
	    url_encode(a, "a b/c+d%\xc3\xa9", ""), "a%20b%2Fc%2Bd%25%C3%A9");
	assert_string_equal(url_encode(a, "a/b:c", "/"), "a/b%3Ac");
}

static void
every_byte_survives_encoding(void **state)
{
	char all[256];
	const char *got = NULL;
	char *encoded;

	(void)state;
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	encoded = url_encode(a, all, "");
	assert_true(url_decode(a, encoded, strlen(encoded), &got));
	assert_string_equal(got, all);
}

static void
queries_fall_into_parameters(void **state)
{
	static const char *const want[][2] = { { "a", "1" }, { "b", "" }, { "c", "" },
		{ "d", "x y+z=&" }, { "a", "2" }, { "e+f", "\xc3\xa9" } };
	struct url_param *got = NULL;
	size_t n = 0;

	(void)state;
	assert_true(url_query(a, "a=1&b=&&c&d=x+y%2Bz=%26&a=2&e+f=%c3%a9&", &got, &n));
	assert_int_equal(n, ROWS(want));
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(got[i].key, want[i][0]);
		assert_string_equal(got[i].value, want[i][1]);
	}
}

static void
an_empty_query_has_no_parameters(void **state)
{
	static const char *const rows[] = { "", "&", "&&&" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct url_param *got = NULL;
		size_t n = 9;

		assert_true(url_query(a, rows[i], &got, &n));
		assert_int_equal(n, 0);
	}
}

static void
a_bad_query_is_refused_whole(void **state)
{
	static const char *const rows[] = { "=1", "a=1&=2", "a=%", "a=%zz", "%=1",
		"a=%00", "%00=1" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct url_param *got = NULL;
		size_t n = 9;

		if (url_query(a, rows[i], &got, &n))
			fail_msg("\"%s\" was taken", rows[i]);
		assert_int_equal(n, 9);
	}
}

static void
references_are_read_where_they_stand(void **state)
{
	static const char *const rows[][3] = {
		{ "https://h/a/b/c.xml", "d.xml", "https://h/a/b/d.xml" },
		{ "https://h/a/b/", "d/e", "https://h/a/b/d/e" },
		{ "https://h/a/b/c", "../d", "https://h/a/d" },
		{ "https://h/a/b/c", "../../../../d", "https://h/d" },
		{ "https://h/a/b/repodata/repomd.xml", "../", "https://h/a/b/" },
		{ "https://h/a/b", "./c", "https://h/a/c" },
		{ "https://h", "c", "https://h/c" },
		{ "https://h", "../c", "https://h/c" },
		{ "https://h:8/a?x=/y/z", "c", "https://h:8/c" },
		{ "https://h/a/b", "/c?d", "https://h/c?d" },
		{ "https://h/a", "http://i/j", "http://i/j" },
		{ "https://h/a/b", "c?u=http://i/j", "https://h/a/c?u=http://i/j" },
		{ "file:///srv/mirror/a/mirror.list", "b/", "file:///srv/mirror/a/b/" },
	};
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *got = url_join(a, rows[i][0], rows[i][1]);

		if (strcmp(got, rows[i][2]) != 0)
			fail_msg("%s on %s: expected %s, got %s", rows[i][1],
			    rows[i][0], rows[i][2], got);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(urls_fall_into_their_parts),
		TEST(what_is_no_url_is_refused),
		TEST(a_very_long_url_is_refused),
		TEST(escapes_are_decoded_or_refused),
		TEST(what_is_not_unreserved_is_encoded),
		TEST(every_byte_survives_encoding),
		TEST(queries_fall_into_parameters),
		TEST(an_empty_query_has_no_parameters),
		TEST(a_bad_query_is_refused_whole),
		TEST(references_are_read_where_they_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
