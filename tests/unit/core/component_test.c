/* SPDX-License-Identifier: Apache-2.0 */
/* component_test - inventories in one order, without repeats, and what nobody covers. */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "core/verdict.h"

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

static struct component
deb(const char *name, const char *version)
{
	return (struct component){ .type = "deb",
		.ecosystem = "debian:12",
		.name = name,
		.version = version,
		.arch = "amd64",
		.module = "",
		.streams = "" };
}

static void
components_are_sorted_and_repeats_dropped(void **state)
{
	struct component c[] = { deb("zlib1g", "1"), deb("bash", "2"), deb("bash", "1"),
		deb("zlib1g", "1"), deb("bash", "2") };
	struct inventory inv = { .components = c, .n = ROWS(c), .cap = ROWS(c) };

	(void)state;
	inventory_normalize(&inv);
	assert_int_equal(inv.n, 3);
	assert_string_equal(inv.components[0].name, "bash");
	assert_string_equal(inv.components[0].version, "1");
	assert_string_equal(inv.components[1].version, "2");
	assert_string_equal(inv.components[2].name, "zlib1g");
}

static void
what_decides_a_verdict_makes_no_repeat(void **state)
{
	struct component c[8];
	struct inventory inv = { .components = c, .n = ROWS(c), .cap = ROWS(c) };

	(void)state;
	for (size_t i = 0; i < ROWS(c); i++)
		c[i] = deb("linux-image", "1");
	c[1].arch = "i386";
	c[2].source_package = "linux";
	c[3].source_version = "1";
	c[4].vendor = VENDOR_THIRD_PARTY;
	c[5].flags = COMPONENT_SUPERSEDED;
	c[6].ecosystem = NULL;
	c[7].path = "opt/x";
	inventory_normalize(&inv);
	assert_int_equal(inv.n, ROWS(c));
	assert_null(inv.components[0].ecosystem);
}

static void
the_order_does_not_depend_on_the_order_of_reading(void **state)
{
	struct component one[6], two[6];
	struct inventory a = { .components = one, .n = 6 },
			 b = { .components = two, .n = 6 };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		one[i] = deb("same", "1");
		one[i].purl = i % 2 ? "pkg:deb/debian/same@1" : NULL;
		one[i].layer = i < 3 ? "sha256:1" : "sha256:2";
		two[5 - i] = one[i];
	}
	inventory_normalize(&a);
	inventory_normalize(&b);
	assert_int_equal(a.n, 1);
	assert_int_equal(b.n, 1);
	assert_string_equal(a.components[0].layer, b.components[0].layer);
	assert_ptr_equal(a.components[0].purl, b.components[0].purl);
}

static void
an_empty_inventory_stays_empty(void **state)
{
	struct inventory inv = { 0 };
	struct not_covered *sums;
	size_t n = 9;

	inventory_normalize(&inv);
	assert_int_equal(inv.n, 0);
	inventory_not_covered(&inv, NULL, *state, &sums, &n);
	assert_int_equal(n, 0);
}

static void
what_no_feed_speaks_of_is_summed_by_ecosystem(void **state)
{
	struct component c[] = { deb("bash", "1"), deb("docker-ce", "1"),
		{ .type = "deb", .ecosystem = "echo", .name = "left-pad" },
		{ .type = "deb", .ecosystem = "echo", .name = "right-pad" },
		{ .type = "generic", .name = "blob" } };
	struct inventory inv = { .components = c, .n = ROWS(c) };
	struct not_covered *sums;
	size_t n;

	c[1].vendor = VENDOR_THIRD_PARTY;
	inventory_not_covered(&inv, NULL, *state, &sums, &n);
	assert_int_equal(n, 3);
	assert_string_equal(sums[0].ecosystem, "debian:12");
	assert_int_equal(sums[0].components, 1);
	assert_string_equal(sums[1].ecosystem, "echo");
	assert_int_equal(sums[1].components, 2);
	assert_string_equal(sums[2].ecosystem, "generic");
	assert_int_equal(sums[2].components, 1);
	for (size_t i = 0; i < n; i++)
		assert_true(strlen(sums[i].why) > 0);
}

/* "1" is a version here, anything else is none. */
static void
key_of_one(
    const char *scheme, const char *version, struct arena *a, struct version_key *ret)
{
	assert_string_equal(scheme, "dpkg");
	*ret = (struct version_key){
		.key = { (const unsigned char *)arena_strdup(a, version), 1 },
		.parsable = strcmp(version, "1") == 0
	};
}

static void
versions_without_an_order_are_not_covered(void **state)
{
	const struct keyer keyer = { .version = key_of_one };
	struct component c[] = { deb("bash", "1"), deb("openssl", "one"),
		deb("zlib", "1") };
	struct inventory inv = { .components = c, .n = ROWS(c) };
	struct not_covered *sums;
	size_t n;

	c[2].source_version = "two";
	inventory_not_covered(&inv, &keyer, *state, &sums, &n);
	assert_int_equal(n, 1);
	assert_int_equal(sums[0].components, 2);
	assert_non_null(strstr(sums[0].why, "not_comparable"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(components_are_sorted_and_repeats_dropped),
		TEST(what_decides_a_verdict_makes_no_repeat),
		TEST(the_order_does_not_depend_on_the_order_of_reading),
		TEST(an_empty_inventory_stays_empty),
		TEST(what_no_feed_speaks_of_is_summed_by_ecosystem),
		TEST(versions_without_an_order_are_not_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
