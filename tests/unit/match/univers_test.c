/* SPDX-License-Identifier: Apache-2.0 */
/*
 * univers_test - the comparisons of the univers library, JSON, where they are at hand: are
 * two versions equal, and which is the order of several.  Its OpenSSL list is left out: we
 * have no such scheme, packages of OpenSSL carry their distribution's versions.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/json.h"
#include "match/match.h"

#define MAX_FILE ((size_t)256 * 1024)

static struct json *
read_list(const char *path)
{
	struct json *list = NULL;
	struct err e = ERR_INIT;
	FILE *f = fopen(path, "r");
	char *text;
	size_t len;

	if (f == NULL)
		return NULL;
	text = malloc(MAX_FILE);
	assert_non_null(text);
	len = fread(text, 1, MAX_FILE, f);
	(void)fclose(f);
	if (json_parse(&list, text, len, &e) != ERR_OK)
		fail_msg("%s: %s", path, e.text);
	free(text);
	return list;
}

static int
order_of(const char *scheme, const struct json *versions, size_t i)
{
	const char *a = json_str(json_at(versions, i));
	const char *b = json_str(json_at(versions, i + 1));
	int order;

	if (!match_version_compare(scheme, a, b, &order))
		fail_msg("%s: %s or %s is no version", scheme, a, b);
	return order;
}

static void
check_case(const char *scheme, const struct json *test)
{
	const struct json *input = json_get(json_get(test, "input"), "versions");
	const struct json *want = json_get(test, "expected_output");
	bool equal;
	struct err e = ERR_INIT;

	if (json_kind(want) == JSON_IS_BOOL) {
		assert_int_equal(
		    json_take_bool(test, "expected_output", &equal, &e), ERR_OK);
		if ((order_of(scheme, input, 0) == 0) != equal)
			fail_msg("%s: %s and %s: expected %s", scheme,
			    json_str(json_at(input, 0)), json_str(json_at(input, 1)),
			    equal ? "equal" : "not equal");
		return;
	}
	assert_true(json_count(want) == json_count(input));
	for (size_t i = 0; i + 1 < json_count(want); i++)
		if (order_of(scheme, want, i) > 0)
			fail_msg("%s: %s is not below %s", scheme,
			    json_str(json_at(want, i)), json_str(json_at(want, i + 1)));
}

static void
check_list(const char *scheme, const char *path)
{
	struct json *list = read_list(path);

	if (list == NULL) {
		printf("skipped: %s is not there\n", path);
		skip();
	}
	assert_true(json_count(list) >= 10);
	for (size_t i = 0; i < json_count(list); i++)
		check_case(scheme, json_at(list, i));
	printf("%s: %zu cases\n", scheme, json_count(list));
	json_free(list);
}

static void
dpkg_agrees_with_univers(void **state)
{
	(void)state;
	check_list("dpkg",
	    SHARED_DATA "/versions/univers/schema/deb_version_python_pkg_test.json");
}

static void
nuget_agrees_with_univers(void **state)
{
	(void)state;
	check_list(
	    "nuget", SHARED_DATA "/versions/univers/schema/nuget_version_cmp.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dpkg_agrees_with_univers),
		cmocka_unit_test(nuget_agrees_with_univers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
