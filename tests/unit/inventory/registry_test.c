/* SPDX-License-Identifier: Apache-2.0 */
/* A registry that answers from a script: how we are let in, where redirects lead, what is
 * verified, how lists are paged, when we stay away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/str.h"
#include "inventory/registry.h"
#include "inventory/registry_private.h"
#include "unit/unit.h"

#define HOST "https://registry.example.org"

/* One answer, given once to the first request whose address begins so. */
struct answer {
	const char *url;
	int status;
	const char *body;
	const char *headers[4]; /* "Name: value" */
	const char *location;
	int64_t retry_after_s; /* 0 = none */
};

struct asked {
	char line[1024]; /* "GET URL" */
	char pass[256];  /* the Authorization header */
	bool is_guarded;
};

struct scene {
	struct net net; /* first: a struct net * points here */
	struct clock_fake clock;
	struct arena *a;
	struct registry *r;
	struct registry_options o;
	struct answer answers[64];
	bool used[64];
	size_t n_answers;
	struct asked asked[64];
	size_t n_asked;
	int64_t slept_ms;
	struct err err;
};

static void
note(struct scene *s, const struct http_request *req)
{
	struct asked *x = &s->asked[s->n_asked++];

	(void)snprintf(x->line, sizeof(x->line), "%s %s",
	    req->method != NULL ? req->method : "GET", req->url);
	x->is_guarded = req->guard != NULL;
	for (size_t i = 0; req->headers != NULL && req->headers[i] != NULL; i++)
		if (strncasecmp(req->headers[i], "Authorization: ", 15) == 0)
			(void)snprintf(
			    x->pass, sizeof(x->pass), "%s", req->headers[i] + 15);
}

static enum err_code
give(const struct answer *x, const struct http_request *req, struct http_response *ret)
{
	const char *body = x->body != NULL ? x->body : "";

	ret->status = x->status;
	if (x->retry_after_s != 0)
		ret->retry_after_s = x->retry_after_s;
	if (x->location != NULL)
		(void)snprintf(ret->location, sizeof(ret->location), "%s", x->location);
	(void)snprintf(ret->content_type, sizeof(ret->content_type),
	    "application/vnd.oci.image.manifest.v1+json; charset=utf-8");
	for (size_t i = 0; i < 4 && x->headers[i] != NULL; i++) {
		char line[512], *colon;

		(void)snprintf(line, sizeof(line), "%s", x->headers[i]);
		colon = strchr(line, ':');
		*colon = '\0';
		if (req->header != NULL)
			req->header(req->header_arg, line, colon + 2);
	}
	if (str_eq(req->method, "HEAD"))
		return ERR_OK;
	if (req->to_fd >= 0)
		assert_true(
		    write(req->to_fd, body, strlen(body)) == (ssize_t)strlen(body));
	else
		buf_adds(&ret->body, body);
	return ERR_OK;
}

static enum err_code
http(struct net *n, const struct http_request *req, struct http_response *ret,
    struct err *e)
{
	struct scene *s = (struct scene *)n;

	note(s, req);
	ret->status = 0;
	ret->location[0] = '\0';
	ret->retry_after_s = -1;
	for (size_t i = 0; i < s->n_answers; i++) {
		if (s->used[i] || !str_starts(req->url, s->answers[i].url))
			continue;
		s->used[i] = true;
		return give(&s->answers[i], req, ret);
	}
	ret->permanent = true;
	return err_set(e, ERR_UNREACHABLE, "nobody answers %s", req->url);
}

static int
sleep_ms(void *arg, int64_t ms)
{
	struct scene *s = arg;

	s->slept_ms += ms;
	s->clock.at_ms += ms;
	return 0;
}

static int
setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	s->a = arena_new();
	s->net.http = http;
	clock_fake_init(&s->clock, 1700000000000);
	s->o = (struct registry_options){
		.net = &s->net,
		.clock = &s->clock.clock,
		.docker_config = "/nonexistent/config.json",
		.trusts_all = true,
		.sleep_ms = sleep_ms,
		.arg = s,
	};
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	registry_free(s->r);
	arena_free(s->a);
	free(s);
	return 0;
}

static void
answer(struct scene *s, struct answer x)
{
	s->answers[s->n_answers++] = x;
}

static struct registry *
registry(struct scene *s)
{
	if (s->r == NULL)
		s->r = registry_new(&s->o);
	return s->r;
}

static struct reference
ref(struct scene *s, const char *text)
{
	struct reference r;

	assert_int_equal(reference_parse(text, s->a, &r, &s->err), ERR_OK);
	return r;
}

static const char *
digest_of(struct scene *s, const char *text)
{
	unsigned char hash[32];
	char hex[65];

	sha256_of(text, strlen(text), hash);
	return arena_printf(s->a, "sha256:%s", hex_encode(hash, 32, hex));
}

static enum err_code
manifest(struct scene *s, const char *text, struct registry_document *ret)
{
	struct reference r = ref(s, text);

	s->err.text[0] = '\0';
	return registry_manifest(registry(s), &r, s->a, ret, &s->err);
}

#define MANIFEST HOST "/v2/team/x/manifests/"

/* ---- being let in ---- */

static void
a_token_is_asked_for_once_and_shown_until_it_ends(void **state)
{
	struct scene *s = *state;
	struct registry_document d;

	answer(s, (struct answer){ .url = MANIFEST "1",
		      .status = 401,
		      .headers = {
			  "WWW-Authenticate: Bearer "
			  "realm=\"https://auth.example.org/"
			  "t\",service=\"reg\",scope=\"repository:team/x:pull\"" } });
	answer(s,
	    (struct answer){ .url = "https://auth.example.org/"
				    "t?service=reg&scope=repository%3Ateam%2Fx%3Apull",
		.status = 200,
		.body = "{\"token\":\"abc\",\"expires_in\":300}" });
	answer(s, (struct answer){ .url = MANIFEST "1", .status = 200, .body = "{}" });
	answer(s, (struct answer){ .url = MANIFEST "2", .status = 200, .body = "{}" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_OK);
	assert_string_equal(d.digest, digest_of(s, "{}"));
	assert_string_equal(d.media_type, "application/vnd.oci.image.manifest.v1+json");
	assert_int_equal(manifest(s, "registry.example.org/team/x:2", &d), ERR_OK);
	assert_int_equal(s->n_asked, 4);
	assert_string_equal(s->asked[0].pass, "");
	assert_string_equal(s->asked[1].pass, "");
	assert_string_equal(s->asked[2].pass, "Bearer abc");
	assert_string_equal(s->asked[3].pass, "Bearer abc");

	/* afterwards a new one */
	s->clock.at_ms += 300000;
	answer(s, (struct answer){ .url = MANIFEST "3", .status = 200, .body = "{}" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:3", &d), ERR_OK);
	assert_string_equal(s->asked[4].pass, "");
}

static void
a_password_goes_to_the_registry_and_to_its_place_for_tokens_only(void **state)
{
	static const struct registry_config settings[] = {
		{ .match = "registry.example.org", .user = "u", .password = "p" }
	};
	struct scene *s = *state;
	struct registry_document d;
	struct reference r = ref(s, "registry.example.org/team/x:1");
	const char *bytes;
	size_t len;

	s->o.settings = settings;
	s->o.n_settings = 1;
	answer(s, (struct answer){ .url = MANIFEST "1",
		      .status = 401,
		      .headers = { "WWW-Authenticate: Basic realm=\"x\"" } });
	answer(s, (struct answer){ .url = MANIFEST "1", .status = 200, .body = "{}" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_OK);
	assert_string_equal(s->asked[1].pass, "Basic dTpw");
	/* a blob that lies elsewhere is got without it */
	answer(s, (struct answer){ .url = HOST "/v2/team/x/blobs/",
		      .status = 307,
		      .location = "https://storage.example.net/b?sig=1" });
	answer(s, (struct answer){ .url = "https://storage.example.net/b",
		      .status = 200,
		      .body = "hello" });
	assert_int_equal(registry_blob(registry(s), &r, digest_of(s, "hello"), s->a,
			     &bytes, &len, &s->err),
	    ERR_OK);
	assert_string_equal(bytes, "hello");
	assert_string_equal(s->asked[2].pass, "Basic dTpw");
	assert_string_equal(s->asked[3].pass, "");
}

static void
a_token_beats_a_password_where_both_are_offered(void **state)
{
	struct scene *s = *state;
	struct registry_document d;

	answer(s,
	    (struct answer){ .url = MANIFEST "1",
		.status = 401,
		.headers = {
		    "WWW-Authenticate: Bearer realm=\"https://registry.example.org/t\"",
		    "WWW-Authenticate: Basic realm=\"y\"" } });
	answer(s, (struct answer){ .url = HOST "/t?service=&scope=",
		      .status = 200,
		      .body = "{\"access_token\":\"q\"}" });
	answer(s, (struct answer){ .url = MANIFEST "1", .status = 200, .body = "{}" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_OK);
	assert_string_equal(s->asked[2].pass, "Bearer q");
}

static void
nobody_gets_a_password_in_the_clear(void **state)
{
	struct scene *s = *state;
	struct registry_document d;

	answer(s,
	    (struct answer){ .url = MANIFEST "1",
		.status = 401,
		.headers = {
		    "WWW-Authenticate: Bearer realm=\"http://auth.example.org/t\"" } });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_DENIED);
	assert_non_null(strstr(s->err.text, "in the clear"));
	assert_int_equal(s->n_asked, 1);
}

static void
who_is_not_let_in_hears_why(void **state)
{
	struct scene *s = *state;
	struct registry_document d;

	answer(s, (struct answer){ .url = MANIFEST "1",
		      .status = 401,
		      .headers = { "WWW-Authenticate: Basic realm=\"x\"" } });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_DENIED);
	assert_non_null(strstr(s->err.text, "password"));
	answer(s, (struct answer){ .url = MANIFEST "1",
		      .status = 403,
		      .body = "{\"errors\":[{\"code\":\"DENIED\",\"message\":"
			      "\"requested access to the resource is denied\"}]}" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_DENIED);
	assert_non_null(strstr(s->err.text, "DENIED, requested access"));
}

static void
challenges_are_read_in_every_form(void **state)
{
	struct scene *s = *state;
	struct challenge c;

	assert_true(challenge_parse(
	    "bearer realm=\"https://a/t\" , service=x,scope=\"a,b\"", s->a, &c));
	assert_true(c.is_bearer);
	assert_string_equal(c.realm, "https://a/t");
	assert_string_equal(c.service, "x");
	assert_string_equal(c.scope, "a,b");
	assert_true(challenge_parse("Basic", s->a, &c) && c.is_basic);
	assert_false(challenge_parse("Bearer service=x", s->a, &c));
	assert_false(challenge_parse("Bearer realm=\"https://a", s->a, &c));
	assert_false(challenge_parse("Negotiate abc", s->a, &c));
	assert_false(challenge_parse("", s->a, &c));
}

/* ---- whom it reaches ---- */

static void
registries_that_a_user_names_are_guarded(void **state)
{
	static const struct registry_config settings[] = {
		{ .match = "known.example.org" }
	};
	struct scene *s = *state;
	struct registry_document d;

	s->o.trusts_all = false;
	s->o.settings = settings;
	s->o.n_settings = 1;
	answer(s, (struct answer){ .url = MANIFEST, .status = 200, .body = "{}" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_OK);
	assert_true(s->asked[0].is_guarded);
	answer(s, (struct answer){ .url = "https://known.example.org/v2/x/manifests/1",
		      .status = 200,
		      .body = "{}" });
	assert_int_equal(manifest(s, "known.example.org/x:1", &d), ERR_OK);
	assert_false(s->asked[1].is_guarded);
}

static void
hub_mirrors_and_this_machine_have_addresses_of_their_own(void **state)
{
	static const struct registry_config settings[] = {
		{ .match = "mirrored.example.org", .mirror = "https://m.example.org" },
		{ .match = "plain.example.org:5000", .plain_http = true },
	};
	static const struct {
		const char *ref, *asked;
	} rows[] = {
		{ "x:1", "HEAD https://registry-1.docker.io/v2/library/x/manifests/1" },
		{ "localhost:5000/x:1", "HEAD http://localhost:5000/v2/x/manifests/1" },
		{ "127.0.0.1:5000/x:1", "HEAD http://127.0.0.1:5000/v2/x/manifests/1" },
		{ "mirrored.example.org/x:1",
		    "HEAD https://m.example.org/v2/x/manifests/1" },
		{ "plain.example.org:5000/x:1",
		    "HEAD http://plain.example.org:5000/v2/x/manifests/1" },
	};
	struct scene *s = *state;

	s->o.settings = settings;
	s->o.n_settings = 2;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reference r = ref(s, rows[i].ref);
		const char *digest = NULL;

		answer(s, (struct answer){ .url = "http",
			      .status = 200,
			      .headers = { "Docker-Content-Digest: "
					   "sha256:"
					   "0123456789abcdef0123456789abcdef0123456789a"
					   "bcdef0123456789abcdef",
				  "ratelimit-remaining: 76;w=21600" } });
		assert_int_equal(
		    registry_digest(registry(s), &r, s->a, &digest, &s->err), ERR_OK);
		assert_string_equal(s->asked[i].line, rows[i].asked);
		assert_true(digest_ok(digest));
		assert_int_equal(registry_pulls_left(s->r), 76);
	}
}

static void
a_redirect_never_leaves_https(void **state)
{
	struct scene *s = *state;
	struct registry_document d;

	answer(s, (struct answer){ .url = MANIFEST "1",
		      .status = 302,
		      .location = "http://storage.example.net/x" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_DENIED);
	for (int i = 0; i < 10; i++)
		answer(s,
		    (struct answer){
			.url = MANIFEST "2", .status = 302, .location = MANIFEST "2" });
	assert_int_equal(
	    manifest(s, "registry.example.org/team/x:2", &d), ERR_UNREACHABLE);
	assert_non_null(strstr(s->err.text, "redirects"));
}

/* ---- what is verified ---- */

static void
other_bytes_than_the_digest_says_are_refused(void **state)
{
	struct scene *s = *state;
	struct registry_document d;
	struct reference r = ref(s, "registry.example.org/team/x:1");
	const char *bytes;
	char path[] = "/tmp/tocsin-blob-XXXXXX";
	int fd = mkstemp(path);
	size_t len;

	assert_true(fd >= 0);
	(void)unlink(path);
	answer(s, (struct answer){ .url = MANIFEST, .status = 200, .body = "{ }" });
	assert_int_equal(manifest(s,
			     arena_printf(s->a, "registry.example.org/team/x@%s",
				 digest_of(s, "{}")),
			     &d),
	    ERR_INPUT);
	answer(s, (struct answer){ .url = HOST, .status = 200, .body = "evil" });
	assert_int_equal(registry_blob(registry(s), &r, digest_of(s, "good"), s->a,
			     &bytes, &len, &s->err),
	    ERR_INPUT);
	answer(s, (struct answer){ .url = HOST, .status = 200, .body = "goo" });
	assert_int_equal(
	    registry_blob_to(registry(s), &r, digest_of(s, "good"), 4, fd, &s->err),
	    ERR_INPUT);
	assert_non_null(strstr(s->err.text, "3 bytes came, 4 were announced"));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	answer(s, (struct answer){ .url = HOST, .status = 200, .body = "good" });
	assert_int_equal(
	    registry_blob_to(registry(s), &r, digest_of(s, "good"), 4, fd, &s->err),
	    ERR_OK); /* what the try before left in the file is cut off */
	(void)close(fd);
}

static void
a_registry_that_does_not_say_the_digest_is_asked_for_the_bytes(void **state)
{
	struct scene *s = *state;
	struct reference r = ref(s, "registry.example.org/team/x:1");
	const char *digest = NULL;

	answer(s, (struct answer){ .url = MANIFEST "1", .status = 200 });
	answer(s, (struct answer){ .url = MANIFEST "1", .status = 200, .body = "{}" });
	assert_int_equal(
	    registry_digest(registry(s), &r, s->a, &digest, &s->err), ERR_OK);
	assert_string_equal(digest, digest_of(s, "{}"));
}

/* ---- patience ---- */

static void
a_busy_registry_is_asked_again_when_it_says(void **state)
{
	struct scene *s = *state;
	struct registry_document d;

	answer(s,
	    (struct answer){ .url = MANIFEST "1", .status = 429, .retry_after_s = 7 });
	answer(s, (struct answer){ .url = MANIFEST "1", .status = 503 });
	answer(s, (struct answer){ .url = MANIFEST "1", .status = 200, .body = "{}" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:1", &d), ERR_OK);
	assert_int_equal(s->slept_ms, 7000 + 14000);
	/* six hours is not what anybody waits for */
	answer(s, (struct answer){ .url = MANIFEST "2",
		      .status = 429,
		      .retry_after_s = 21600,
		      .body = "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\"}]}" });
	assert_int_equal(manifest(s, "registry.example.org/team/x:2", &d), ERR_BUSY);
	assert_int_equal(registry_wait_s(s->r), 21600);
	assert_non_null(strstr(s->err.text, "TOOMANYREQUESTS"));
}

/* ---- listings ---- */

static void
tags_are_listed_page_by_page_each_once(void **state)
{
	struct scene *s = *state;
	struct reference r = ref(s, "registry.example.org/team/x");
	const char **tags = NULL;
	size_t n = 0;

	answer(s, (struct answer){ .url = HOST "/v2/team/x/tags/list?n=1000",
		      .status = 200,
		      .body = "{\"name\":\"team/x\",\"tags\":[\"b\",\"a\",7]}",
		      .headers = {
			  "Link: </v2/team/x/tags/list?n=2&last=b>; rel=\"next\"" } });
	answer(s, (struct answer){ .url = HOST "/v2/team/x/tags/list?n=2&last=b",
		      .status = 200,
		      .body = "{\"tags\":[\"b\",\"c\"]}",
		      .headers = {
			  "Link: </v2/team/x/tags/list?n=2&last=c>; rel=\"next\"" } });
	/* it goes round in circles */
	answer(s, (struct answer){ .url = HOST "/v2/team/x/tags/list?n=2&last=c",
		      .status = 200,
		      .body = "{\"tags\":[\"a\"]}",
		      .headers = {
			  "Link: </v2/team/x/tags/list?n=2&last=b>; rel=\"next\"" } });
	assert_int_equal(
	    registry_tags(registry(s), &r, s->a, &tags, &n, &s->err), ERR_OK);
	assert_int_equal(n, 3);
	assert_string_equal(tags[0], "b");
	assert_string_equal(tags[2], "c");
	assert_int_equal(s->n_asked, 3);
}

static void
no_tags_and_foreign_pages_end_a_listing(void **state)
{
	struct scene *s = *state;
	struct reference r = ref(s, "registry.example.org/team/x");
	const char **names = NULL;
	size_t n = 0;

	answer(s,
	    (struct answer){ .url = HOST, .status = 200, .body = "{\"tags\":null}" });
	assert_int_equal(
	    registry_tags(registry(s), &r, s->a, &names, &n, &s->err), ERR_OK);
	assert_int_equal(n, 0);
	answer(s, (struct answer){ .url = HOST "/v2/_catalog?n=1000",
		      .status = 200,
		      .body = "{\"repositories\":[\"a/b\"]}",
		      .headers = {
			  "Link: <https://elsewhere.example.net/v2/_catalog?last=a>; "
			  "rel=\"next\"" } });
	assert_int_equal(registry_catalog(registry(s), "registry.example.org", s->a,
			     &names, &n, &s->err),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(s->n_asked, 2);
}

static void
referrers_come_from_the_api_or_from_the_tag(void **state)
{
	struct scene *s = *state;
	const char *digest = digest_of(s, "{}"),
		   *index = arena_printf(s->a,
		       "{\"manifests\":[{\"digest\":\"%s\",\"mediaType\":\"m\","
		       "\"artifactType\":\"application/spdx+json\",\"size\":12},"
		       "{\"digest\":\"bad\"}]}",
		       digest_of(s, "sbom"));
	struct reference r = ref(s, "registry.example.org/team/x:1");
	struct registry_referrer *rows = NULL;
	size_t n = 0;

	answer(
	    s, (struct answer){
		   .url = HOST "/v2/team/x/referrers/", .status = 200, .body = index });
	assert_int_equal(
	    registry_referrers(registry(s), &r, digest, s->a, &rows, &n, &s->err),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].artifact_type, "application/spdx+json");
	assert_int_equal(rows[0].size, 12);

	answer(
	    s, (struct answer){ .url = HOST "/v2/team/x/referrers/", .status = 404 });
	answer(s, (struct answer){
		      .url = arena_printf(s->a, MANIFEST "sha256-%s", digest + 7),
		      .status = 200,
		      .body = index });
	assert_int_equal(
	    registry_referrers(registry(s), &r, digest, s->a, &rows, &n, &s->err),
	    ERR_OK);
	assert_int_equal(n, 1);

	answer(
	    s, (struct answer){ .url = HOST "/v2/team/x/referrers/", .status = 404 });
	answer(s, (struct answer){ .url = MANIFEST, .status = 404 });
	assert_int_equal(
	    registry_referrers(registry(s), &r, digest, s->a, &rows, &n, &s->err),
	    ERR_OK);
	assert_int_equal(n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_asked_for_once_and_shown_until_it_ends),
		TEST(a_password_goes_to_the_registry_and_to_its_place_for_tokens_only),
		TEST(a_token_beats_a_password_where_both_are_offered),
		TEST(nobody_gets_a_password_in_the_clear),
		TEST(who_is_not_let_in_hears_why),
		TEST(challenges_are_read_in_every_form),
		TEST(registries_that_a_user_names_are_guarded),
		TEST(hub_mirrors_and_this_machine_have_addresses_of_their_own),
		TEST(a_redirect_never_leaves_https),
		TEST(other_bytes_than_the_digest_says_are_refused),
		TEST(a_registry_that_does_not_say_the_digest_is_asked_for_the_bytes),
		TEST(a_busy_registry_is_asked_again_when_it_says),
		TEST(tags_are_listed_page_by_page_each_once),
		TEST(no_tags_and_foreign_pages_end_a_listing),
		TEST(referrers_come_from_the_api_or_from_the_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
