/* SPDX-License-Identifier: Apache-2.0 */
/* Listings of what runs where, in every form people have them. */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/sightings.h"
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

/* "ref [digest] (namespace/workload)" a line; the digest as its first four digits. */
static const char *
lines_of(struct arena *a, const struct sightings *s)
{
	const char *out = "";

	for (size_t i = 0; i < s->n; i++) {
		const struct sighting *x = &s->at[i];

		out = arena_printf(a, "%s%s", out, x->ref);
		if (x->digest != NULL)
			out = arena_printf(a, "%s %.4s", out, x->digest + 7);
		if (x->namespace != NULL || x->workload != NULL)
			out = arena_printf(a, "%s (%s/%s)", out,
			    str_or_empty(x->namespace), str_or_empty(x->workload));
		out = arena_printf(a, "%s\n", out);
	}
	return out;
}

static void
expect(struct arena *a, const char *text, const char *format, const char *want)
{
	struct sightings s;
	struct err e = ERR_INIT;

	if (sightings_read(text, strlen(text), a, &s, &e) != ERR_OK)
		fail_msg("%s\n%s", e.text, text);
	assert_string_equal(s.format, format);
	assert_string_equal(lines_of(a, &s), want);
}

#define D "sha256:abcd000000000000000000000000000000000000000000000000000000000000"

static const char pods[] =
    "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\","
    "\"kind\":\"Pod\","
    "\"metadata\":{\"name\":\"api-6c7f-x2\",\"namespace\":\"shop\",\"labels\":{\"app\":"
    "\"api\","
    "\"pod-template-hash\":\"6c7f\"},\"ownerReferences\":[{\"kind\":\"ReplicaSet\","
    "\"name\":\"api-6c7f\"}]},"
    "\"spec\":{\"initContainers\":[{\"name\":\"wait\",\"image\":\"busybox\"}],"
    "\"containers\":[{\"name\":\"api\",\"image\":\"registry.example.org/shop/"
    "api:1.4\"}]},"
    "\"status\":{\"containerStatuses\":[{\"name\":\"api\",\"imageID\":\"docker-"
    "pullable://registry.example.org/shop/api@" D "\"}],"
    "\"initContainerStatuses\":[{\"name\":\"wait\",\"imageID\":\"sha256:0123\"}]}},"
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"api-6c7f-y3\","
    "\"namespace\":\"shop\",\"labels\":{\"pod-template-hash\":\"6c7f\"},"
    "\"ownerReferences\":[{\"kind\":\"ReplicaSet\",\"name\":\"api-6c7f\"}]},\"spec\":{"
    "\"containers\":[{\"name\":\"api\",\"image\":\"registry.example.org/shop/"
    "api:1.4\"}]}},"
    "{\"apiVersion\":\"batch/"
    "v1\",\"kind\":\"CronJob\",\"metadata\":{\"name\":\"nightly\",\"namespace\":"
    "\"ops\"},"
    "\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":{\"spec\":{\"containers\":[{"
    "\"name\":\"x\",\"image\":\"alpine:3.20\"}]}}}}}}]}";

static void
pods_tell_what_runs_and_who_made_them(void **state)
{
	struct sightings s;
	struct err e = ERR_INIT;

	/* the second pod of the Deployment says nothing that the first did not */
	expect(*state, pods, "kubernetes",
	    "docker.io/library/alpine:3.20 (ops/CronJob/nightly)\n"
	    "docker.io/library/busybox:latest (shop/Deployment/api)\n"
	    "registry.example.org/shop/api:1.4 abcd (shop/Deployment/api)\n");
	assert_int_equal(sightings_read(pods, strlen(pods), *state, &s, &e), ERR_OK);
	assert_int_equal(s.at[2].n_labels, 2);
	assert_string_equal(s.at[2].labels[0].key, "app");
}

static void
manifests_are_read_document_by_document(void **state)
{
	expect(*state,
	    "# Source: chart/templates/x.yaml\n---\napiVersion: apps/v1\nkind: "
	    "Deployment\n"
	    "metadata: {name: web, namespace: shop}\nspec:\n  template:\n    spec:\n"
	    "      containers:\n      - {name: a, image: \"nginx:1.27\"}\n"
	    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: image}\ndata: "
	    "{image: x}\n"
	    "---\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: "
	    "Pod\n"
	    "  metadata: {name: p}\n  spec: {containers: [{image: redis}]}\n",
	    "kubernetes",
	    "docker.io/library/nginx:1.27 (shop/Deployment/web)\n"
	    "docker.io/library/redis:latest (/Pod/p)\n");
}

static void
listings_of_container_tools(void **state)
{
	/* docker ps --format '{{json .}}' */
	expect(*state,
	    "{\"ID\":\"1\",\"Image\":\"nginx:1.27\",\"Names\":\"a\"}\n"
	    "{\"ID\":\"2\",\"Image\":\"sha256:0123\",\"Names\":\"b\"}\n",
	    "docker", "docker.io/library/nginx:1.27\n");
	/* docker images --format json */
	expect(*state,
	    "{\"Repository\":\"nginx\",\"Tag\":\"1.27\",\"Digest\":\"" D "\"}\n"
	    "{\"Repository\":\"<none>\",\"Tag\":\"<none>\"}\n"
	    "{\"Repository\":\"x/y\",\"Tag\":\"<none>\",\"Digest\":\"" D "\"}\n",
	    "docker",
	    "docker.io/library/nginx:1.27 abcd\n"
	    "docker.io/x/y@" D " abcd\n");
	/* docker inspect of images */
	expect(*state,
	    "[{\"Id\":\"sha256:1\",\"RepoTags\":[\"nginx:1.27\",\"a.org/"
	    "n:2\"],\"RepoDigests\":[\"nginx@" D "\"]},"
	    "{\"RepoTags\":[],\"RepoDigests\":[\"a.org/z@" D "\"]}]",
	    "docker",
	    "a.org/n:2\na.org/z@" D " abcd\ndocker.io/library/nginx:1.27 abcd\n");
	/* docker inspect of a container */
	expect(*state,
	    "[{\"Image\":\"sha256:1\",\"Config\":{\"Image\":\"nginx:1.27\"}}]",
	    "docker", "docker.io/library/nginx:1.27\n");
	/* podman images --format json, podman ps --format json */
	expect(*state,
	    "[{\"Id\":\"1\",\"Names\":[\"docker.io/library/"
	    "nginx:1.27\"],\"Digest\":\"" D "\"}]",
	    "docker", "docker.io/library/nginx:1.27 abcd\n");
	expect(*state,
	    "[{\"Image\":\"quay.io/a/b:1\",\"Names\":[\"web\"],\"ImageID\":\"12\"}]",
	    "docker", "quay.io/a/b:1\n");
	/* crictl images -o json, crictl ps -o json */
	expect(*state,
	    "{\"images\":[{\"id\":\"sha256:1\",\"repoTags\":[\"a.org/"
	    "x:1\"],\"repoDigests\":[\"a.org/x@" D "\"]}]}",
	    "docker", "a.org/x:1 abcd\n");
	expect(*state,
	    "{\"containers\":[{\"image\":{\"image\":\"a.org/"
	    "x:1\"},\"imageRef\":\"a.org/x@" D "\","
	    "\"labels\":{\"io.kubernetes.pod.namespace\":\"shop\"}}]}",
	    "docker", "a.org/x:1 abcd (shop/)\n");
}

static void
compose_files_with_defaults(void **state)
{
	expect(*state,
	    "services:\n  web:\n    image: \"nginx:${TAG:-1.27}\"\n  db:\n    image: "
	    "postgres:16\n  own:\n    build: .\n",
	    "compose",
	    "docker.io/library/nginx:1.27 (/service/web)\n"
	    "docker.io/library/postgres:16 (/service/db)\n");
	expect(*state, "{\"name\":\"p\",\"services\":{\"web\":{\"image\":\"nginx\"}}}",
	    "compose", "docker.io/library/nginx:latest (/service/web)\n");
}

static void
dockerfiles_name_what_they_are_built_from(void **state)
{
	expect(*state,
	    "# syntax=docker/dockerfile:1\nARG VERSION=3.20\nARG BASE=\"debian:12\"\n"
	    "FROM --platform=$BUILDPLATFORM golang:1.22 AS Build\nRUN true\n"
	    "from alpine:${VERSION} as small\nFROM build\nFROM small\nFROM scratch\n"
	    "FROM ${BASE}-slim\nFROM x:${UNSET:-9}\n",
	    "dockerfile",
	    "docker.io/library/alpine:3.20\ndocker.io/library/debian:12-slim\n"
	    "docker.io/library/golang:1.22\ndocker.io/library/x:9\n");
}

static void
plain_lists_with_comments_and_nonsense(void **state)
{
	const char *text = "# ours\n\nnginx\n  a.org/x:1  \r\nNot An Image\nnginx\n";
	struct sightings s;
	struct err e = ERR_INIT;

	expect(*state, text, "list", "a.org/x:1\ndocker.io/library/nginx:latest\n");
	assert_int_equal(sightings_read(text, strlen(text), *state, &s, &e), ERR_OK);
	assert_int_equal(s.n_warnings, 1);
	assert_non_null(strstr(s.warnings[0], "Not An Image"));
}

static void
an_empty_cluster_is_a_listing_too(void **state)
{
	const char *text = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}";
	struct sightings s;
	struct err e = ERR_INIT;

	assert_int_equal(sightings_read(text, strlen(text), *state, &s, &e), ERR_OK);
	assert_int_equal(s.n, 0);
	assert_string_equal(s.format, "kubernetes");
}

static void
what_names_no_image_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum err_code rc;
	} rows[] = {
		{ "{\"hello\":1}", ERR_UNSUPPORTED },
		{ "[1,2,3]", ERR_UNSUPPORTED },
		{ "a: b\n", ERR_UNSUPPORTED },
		{ "{\"items\":[", ERR_INPUT },
		{ "{\"items\":[]} x", ERR_INPUT },
		{ "kind: [\n", ERR_INPUT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sightings s;
		struct err e = ERR_INIT;

		if (sightings_read(rows[i].text, strlen(rows[i].text), *state, &s,
			&e) != rows[i].rc)
			fail_msg("%s: %s", rows[i].text, e.text);
	}
}

static void
many_pods_are_read_one_at_a_time(void **state)
{
	struct buf b CLEANUP_BUF = BUF_INIT(64u << 20);
	struct sightings s;
	struct err e = ERR_INIT;

	buf_adds(&b, "{\"apiVersion\":\"v1\",\"items\":[");
	for (int i = 0; i < 3000; i++)
		buf_printf(&b,
		    "%s{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
		    "\"p%d\",\"namespace\":\"n%d\",\"x\":[%s]},"
		    "\"spec\":{\"containers\":[{\"image\":\"a.org/x%d:1\"}]}}",
		    i > 0 ? "," : "", i, i % 10,
		    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20", i % 100);
	buf_adds(&b, "],\"kind\":\"List\"}");
	assert_int_equal(sightings_read(buf_str(&b), b.len, *state, &s, &e), ERR_OK);
	assert_int_equal(s.n, 3000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pods_tell_what_runs_and_who_made_them),
		TEST(manifests_are_read_document_by_document),
		TEST(listings_of_container_tools),
		TEST(compose_files_with_defaults),
		TEST(dockerfiles_name_what_they_are_built_from),
		TEST(plain_lists_with_comments_and_nonsense),
		TEST(an_empty_cluster_is_a_listing_too),
		TEST(what_names_no_image_is_refused),
		TEST(many_pods_are_read_one_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
