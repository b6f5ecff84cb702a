/* SPDX-License-Identifier: Apache-2.0 */
/* apk's installed database and plain package lists, good and bad. */
#include "unit/inventory/read.h"

static void
a_block_is_a_component_with_its_origin(void **state)
{
	struct inventory *inv = read_text(*state,
	    "C:Q1x=\nP:libcrypto3\nV:3.3.1-r3\nA:x86_64\no:openssl\nF:lib\nR:libcrypto."
	    "so.3\n"
	    "\nP:zlib\nV:1.3.1-r1\nA:x86_64\n\n",
	    "alpine:3.20");
	const struct component *c = component(inv, "libcrypto3");

	assert_string_equal(inv->reader, "apk");
	assert_string_equal(told(inv, *state),
	    "libcrypto3 3.3.1-r3 [openssl 3.3.1-r3]; zlib 1.3.1-r1 [zlib 1.3.1-r1]");
	assert_string_equal(c->purl,
	    "pkg:apk/alpine/libcrypto3@3.3.1-r3?arch=x86_64&distro=alpine-3.20");
}

static void
virtual_packages_are_lists_and_no_software(void **state)
{
	struct inventory *inv = read_text(
	    *state, "P:.build-deps\nV:20240101.0\n\nP:a\nV:1-r0\n", "alpine:3.20");

	assert_string_equal(told(inv, *state), "a 1-r0 [a 1-r0]");
	assert_false(inv->partial);
}

static void
a_block_without_a_version_costs_itself_alone(void **state)
{
	struct inventory *inv =
	    read_text(*state, "P:a\n\nP:b\nV:1-r0\n\nV:2\n", "alpine:3.20");

	assert_string_equal(told(inv, *state), "b 1-r0 [b 1-r0]");
	assert_true(inv->partial);
	assert_int_equal(inv->n_warnings, 2);
}

static void
a_foreign_line_refuses_the_whole(void **state)
{
	assert_non_null(
	    strstr(refused(*state, "P:a\nV:1-r0\nhello\n", "alpine:3.20", ERR_INPUT),
		"line 3"));
}

static void
releases_that_ended_are_told_apart(void **state)
{
	static const char text[] = "P:a\nV:1-r0\n";

	assert_int_equal(
	    read_text(*state, text, "alpine:3.5")->os.state, COVERAGE_END_OF_LIFE);
	assert_int_equal(
	    read_text(*state, text, NULL)->os.state, COVERAGE_UNIDENTIFIED);
}

/* ---- lists ---- */

static void
every_form_of_a_line_is_read(void **state)
{
	static const struct {
		const char *line, *os, *want;
	} rows[] = {
		{ "bash 5.2-1", "debian:12", "bash 5.2-1 [bash 5.2-1]" },
		{ "bash\t5.2-1  # a shell", "debian:12", "bash 5.2-1 [bash 5.2-1]" },
		{ "bash=5.2-1", "debian:12", "bash 5.2-1 [bash 5.2-1]" },
		{ "libc6:amd64 2.36-9 glibc 2.36-9", "debian:12",
		    "libc6 2.36-9 [glibc 2.36-9]" },
		{ "musl-utils-1.2.5-r0", "alpine:3.20",
		    "musl-utils 1.2.5-r0 [musl-utils 1.2.5-r0]" },
		{ "py3-x-2-y-1.0-r12", "alpine:3.20",
		    "py3-x-2-y 1.0-r12 [py3-x-2-y 1.0-r12]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    told(read_text(*state, rows[i].line, rows[i].os), *state),
		    rows[i].want);
	assert_string_equal(
	    component(read_text(*state, rows[3].line, "debian:12"), "libc6")->arch,
	    "amd64");
}

static void
a_source_that_nobody_named_is_a_guess(void **state)
{
	struct inventory *inv = read_text(*state, "a 1\nb 1 b 1\n", "debian:12");

	assert_int_equal(component(inv, "a")->flags, COMPONENT_GUESSED);
	assert_int_equal(component(inv, "b")->flags, 0);
}

static void
lines_that_are_no_package_are_counted(void **state)
{
	struct inventory *inv = read_text(
	    *state, "a 1\nthis is no package at all\nb\n\n# c 1\n", "debian:12");

	assert_string_equal(told(inv, *state), "a 1 [a 1]");
	assert_true(inv->partial);
	assert_int_equal(inv->n_warnings, 2);
	(void)refused(*state, "nothing\nof all this\nis a b c d e package\n",
	    "debian:12", ERR_INPUT);
}

static void
a_list_without_a_system_is_no_document(void **state)
{
	assert_non_null(
	    strstr(refused(*state, "a 1\n", NULL, ERR_UNSUPPORTED), "os=debian:12"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(a_block_is_a_component_with_its_origin),
		READ(virtual_packages_are_lists_and_no_software),
		READ(a_block_without_a_version_costs_itself_alone),
		READ(a_foreign_line_refuses_the_whole),
		READ(releases_that_ended_are_told_apart),
		READ(every_form_of_a_line_is_read),
		READ(a_source_that_nobody_named_is_a_guess),
		READ(lines_that_are_no_package_are_counted),
		READ(a_list_without_a_system_is_no_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
