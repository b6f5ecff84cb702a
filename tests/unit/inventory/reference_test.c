/* SPDX-License-Identifier: Apache-2.0 */
/* What people call an image, and what container tools keep to get at it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/docker_config.h"
#include "inventory/reference.h"
#include "unit/unit.h"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define D64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
references_are_read_as_the_container_tools_do(void **state)
{
	static const struct {
		const char *text, *want; /* NULL = refused */
	} rows[] = {
		{ "nginx", "docker.io/library/nginx:latest" },
		{ "nginx:1.27", "docker.io/library/nginx:1.27" },
		{ "index.docker.io/nginx", "docker.io/library/nginx:latest" },
		{ "docker.io/grafana/grafana", "docker.io/grafana/grafana:latest" },
		{ "grafana/grafana", "docker.io/grafana/grafana:latest" },
		{ "localhost/x", "localhost/x:latest" },
		{ "localhost:5000/x/y:1", "localhost:5000/x/y:1" },
		{ "registry.example.org/a/b/c", "registry.example.org/a/b/c:latest" },
		{ "Registry/x", "Registry/x:latest" },
		{ "[::1]:5000/x", "[::1]:5000/x:latest" },
		{ "x@sha256:" D64, "docker.io/library/x@sha256:" D64 },
		{ "x:1@sha256:" D64, "docker.io/library/x:1@sha256:" D64 },
		{ "a__b/c---d", "docker.io/a__b/c---d:latest" },
		{ "x:A.b_C-1", "docker.io/library/x:A.b_C-1" },
		{ "", NULL },
		{ "/", NULL },
		{ "x/", NULL },
		{ "/x", NULL },
		{ "a//b", NULL },
		{ "x:", NULL },
		{ "x:.1", NULL },
		{ "x:a b", NULL },
		{ "x@", NULL },
		{ "x@sha256:12", NULL },
		{ "x@sha256:" D64 "0", NULL },
		{ "x@md5:" D64, NULL },
		{ "a/B", NULL },
		{ "a___b/c", NULL },
		{ "-a/b", NULL },
		{ "host:99999/x", NULL },
		{ "ho st.org/x", NULL },
		{ "a.org/x\n", NULL },
		{ D64, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reference r;
		struct err e = ERR_INIT;
		enum err_code rc = reference_parse(rows[i].text, *state, &r, &e);

		if (rows[i].want == NULL) {
			if (rc != ERR_INPUT)
				fail_msg("\"%s\" was taken", rows[i].text);
			continue;
		}
		if (rc != ERR_OK)
			fail_msg("\"%s\": %s", rows[i].text, e.text);
		assert_string_equal(reference_text(&r, *state), rows[i].want);
	}
}

static void
a_long_tag_and_a_long_repository_are_refused(void **state)
{
	struct err e = ERR_INIT;
	struct reference r;
	char text[400];

	memset(text, 'a', sizeof(text));
	memcpy(text, "x:", 2);
	text[2 + 128] = '\0';
	assert_int_equal(reference_parse(text, *state, &r, &e), ERR_OK);
	text[2 + 128] = 'a';
	text[2 + 129] = '\0';
	assert_int_equal(reference_parse(text, *state, &r, &e), ERR_INPUT);
	memset(text, 'a', sizeof(text));
	text[256] = '\0';
	assert_int_equal(reference_parse(text, *state, &r, &e), ERR_INPUT);
}

/* ---- credentials ---- */

static const char *
write_file(
    struct arena *a, const char *dir, const char *name, const char *text, int mode)
{
	const char *path = arena_printf(a, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, (mode_t)mode), 0);
	return path;
}

static const char config[] =
    "{\"auths\":{\"https://index.docker.io/v1/"
    "\":{\"auth\":\"aHVicGVyc29uOmh1YjpwYXNz\"},"
    "\"registry.example.org\":{\"username\":\"all\",\"password\":\"one\"},"
    "\"registry.example.org/team/x\":{\"username\":\"team\",\"password\":\"two\"},"
    "\"id.example.org\":{\"identitytoken\":\"idt\"},\"store.example.org\":{},"
    "\"broken.example.org\":{\"auth\":\"bm9jb2xvbg==\"}},"
    "\"credHelpers\":{\"helped.example.org\":\"test\",\"bad.example.org\":\"fails\","
    "\"evil.example.org\":\"../x\"},\"credsStore\":\"test\"}";

static void
credentials_are_found_where_docker_and_podman_keep_them(void **state)
{
	static const struct {
		const char *domain, *repository;
		enum err_code rc;
		const char *user, *password, *token;
	} rows[] = {
		{ "docker.io", "library/x", ERR_OK, "hubperson", "hub:pass", NULL },
		{ "registry.example.org", "other/x", ERR_OK, "all", "one", NULL },
		{ "registry.example.org", "team/x", ERR_OK, "team", "two", NULL },
		{ "registry.example.org", "team/xy", ERR_OK, "all", "one", NULL },
		{ "id.example.org", "x", ERR_OK, NULL, NULL, "idt" },
		{ "helped.example.org", "x", ERR_OK, "helped.example.org", "pw", NULL },
		{ "store.example.org", "x", ERR_OK, "store.example.org", "pw", NULL },
		{ "bad.example.org", "x", ERR_UNREACHABLE, NULL, NULL, NULL },
		{ "evil.example.org", "x", ERR_INPUT, NULL, NULL, NULL },
		{ "broken.example.org", "x", ERR_INPUT, NULL, NULL, NULL },
		{ "unknown.example.org", "x", ERR_NOTFOUND, NULL, NULL, NULL },
	};
	char dir[] = "/tmp/tocsin-docker-XXXXXX";
	const char *path, *helper, *failing;

	assert_non_null(mkdtemp(dir));
	path = write_file(*state, dir, "config.json", config, 0600);
	helper = write_file(*state, dir, "docker-credential-test",
	    "#!/bin/sh\n[ \"$1\" = get ] || exit 1\nread -r server\n"
	    "printf '{\"Username\":\"%s\",\"Secret\":\"pw\"}' \"$server\"\n",
	    0700);
	failing = write_file(*state, dir, "docker-credential-fails",
	    "#!/bin/sh\necho 'credentials not found'\nexit 1\n", 0700);
	assert_int_equal(
	    setenv("PATH", arena_printf(*state, "%s:%s", dir, getenv("PATH")), 1), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct credentials got;
		struct err e = ERR_INIT;
		enum err_code rc = docker_config_find(
		    path, rows[i].domain, rows[i].repository, *state, &got, &e);

		if (rc != rows[i].rc)
			fail_msg("%s: %d %s", rows[i].domain, rc, e.text);
		if (!str_eq(str_or_empty(got.user), str_or_empty(rows[i].user)) ||
		    !str_eq(
			str_or_empty(got.password), str_or_empty(rows[i].password)) ||
		    !str_eq(
			str_or_empty(got.identity_token), str_or_empty(rows[i].token)))
			fail_msg("%s: other credentials", rows[i].domain);
	}
	(void)unlink(path);
	(void)unlink(helper);
	(void)unlink(failing);
	assert_int_equal(rmdir(dir), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(references_are_read_as_the_container_tools_do),
		TEST(a_long_tag_and_a_long_repository_are_refused),
		TEST(credentials_are_found_where_docker_and_podman_keep_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
