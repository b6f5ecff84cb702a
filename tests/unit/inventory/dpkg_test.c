/* SPDX-License-Identifier: Apache-2.0 */
/* dpkg's status and distroless' status.d, good and bad. */
#include "unit/inventory/read.h"

#include "core/limits.h"

#define BASH                                                                           \
	"Package: bash\nStatus: install ok installed\nArchitecture: amd64\n"           \
	"Version: 5.2.15-2+b7\nDescription: a shell\n with a second line\n .\n more\n"

static void
an_installed_package_is_a_component(void **state)
{
	struct inventory *inv = read_text(*state, BASH, "debian:12");
	const struct component *c = component(inv, "bash");

	assert_string_equal(inv->reader, "dpkg");
	assert_int_equal(inv->n, 1);
	assert_string_equal(c->type, "deb");
	assert_string_equal(c->ecosystem, "debian:12");
	assert_string_equal(c->arch, "amd64");
	assert_string_equal(
	    c->purl, "pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12");
	assert_false(inv->partial);
}

static void
the_source_is_named_or_the_same_without_the_rebuild(void **state)
{
	static const struct {
		const char *fields, *want;
	} rows[] = {
		{ "Version: 5.2-2+b7", "bash 5.2-2+b7 [bash 5.2-2]" },
		{ "Version: 5.2-2+b", "bash 5.2-2+b [bash 5.2-2+b]" },
		{ "Version: 5.2-2+b7x", "bash 5.2-2+b7x [bash 5.2-2+b7x]" },
		{ "Version: 2.36-9\nSource: glibc", "bash 2.36-9 [glibc 2.36-9]" },
		{ "Version: 2.36-9+b1\nSource: glibc (2.36-8)",
		    "bash 2.36-9+b1 [glibc 2.36-8]" },
		{ "Version: 1\nSource: s  ( 1:2 ) ", "bash 1 [s 1:2]" },
		{ "Version: 1\nSource: s (2", "bash 1 [s 1]" },
		{ "version: 1\nSOURCE: s", "bash 1 [s 1]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text =
		    arena_printf(*state, "Package: bash\n%s\n", rows[i].fields);

		assert_string_equal(
		    told(read_text(*state, text, "debian:12"), *state), rows[i].want);
	}
}

static void
what_has_no_files_on_disk_is_not_there(void **state)
{
	static const struct {
		const char *status;
		size_t n;
	} rows[] = { { "install ok installed", 1 }, { "deinstall ok config-files", 0 },
		{ "purge ok not-installed", 0 }, { "install ok unpacked", 1 },
		{ "install ok half-configured", 1 }, { "hold ok installed", 1 },
		{ "install ok triggers-pending", 1 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = arena_printf(
		    *state, "Package: a\nStatus: %s\nVersion: 1\n", rows[i].status);

		if (read_text(*state, text, "debian:12")->n != rows[i].n)
			fail_msg("%s", rows[i].status);
	}
}

static void
stanzas_are_parted_by_any_empty_lines_and_ends(void **state)
{
	struct inventory *inv = read_text(*state,
	    "\r\nPackage: a\r\nVersion: 1\r\n\r\n\r\n\r\nPackage: b\r\nVersion: 2",
	    "debian:12");

	assert_string_equal(told(inv, *state), "a 1 [a 1]; b 2 [b 2]");
}

static void
a_broken_stanza_costs_itself_alone_and_is_said(void **state)
{
	struct inventory *inv = read_text(*state,
	    "Package: a\nStatus: install ok installed\n\nPackage: b\nVersion: 2\n\n"
	    "Package: c c\nVersion: 3\n\nPackage: d\nVersion: \xff\xfe\n\n"
	    "Package: e\nVersion: 5\n",
	    "debian:12");

	assert_string_equal(told(inv, *state), "b 2 [b 2]; e 5 [e 5]");
	assert_true(inv->partial);
	assert_int_equal(inv->n_warnings, 3);
}

static void
a_line_that_is_no_field_refuses_the_whole_with_its_number(void **state)
{
	const char *why =
	    refused(*state, "Package: a\nVersion: 1\n<html>\n", "debian:12", ERR_INPUT);

	assert_non_null(strstr(why, "line 3"));
	(void)refused(*state, "Package: a\nPort-Version: 1\nVersion: 1\n", "debian:12",
	    ERR_INPUT);
}

static void
bytes_that_are_no_text_are_refused(void **state)
{
	static const char nul[] = "Package: a\nVersion: 1\0 2\n";

	assert_non_null(
	    strstr(refused_bytes(*state, nul, sizeof(nul) - 1, "debian:12", ERR_INPUT),
		"NUL"));
}

static void
names_and_versions_at_their_limits(void **state)
{
	char *version = arena_zalloc(*state, MAX_STORED_VERSION + 2);
	const char *text;

	memset(version, '1', MAX_STORED_VERSION);
	text = arena_printf(*state, "Package: a\nVersion: %s\n", version);
	assert_int_equal(read_text(*state, text, "debian:12")->n, 1);
	version[MAX_STORED_VERSION] = '1';
	text = arena_printf(*state, "Package: a\nVersion: %s\n", version);
	assert_int_equal(read_text(*state, text, "debian:12")->n, 0);
	assert_true(read_text(*state, text, "debian:12")->partial);
}

static void
a_line_longer_than_the_cap_is_refused(void **state)
{
	size_t n = MAX_LINE + 100;
	char *text = arena_alloc(*state, n + 1);

	memset(text, 'x', n);
	memcpy(text, "Package: ", 9);
	text[n] = '\0';
	(void)refused_bytes(*state, text, n, "debian:12", ERR_LIMIT);
}

static void
repeats_are_one_component_and_two_architectures_are_two(void **state)
{
	struct inventory *inv = read_text(*state,
	    "Package: libc6\nArchitecture: i386\nVersion: 2\n\n"
	    "Package: libc6\nArchitecture: amd64\nVersion: 2\n\n"
	    "Package: libc6\nArchitecture: i386\nVersion: 2\n",
	    "debian:12");

	assert_int_equal(inv->n, 2);
	assert_string_equal(inv->components[0].arch, "amd64");
	assert_string_equal(inv->components[1].arch, "i386");
}

static void
packages_of_other_vendors_are_known_by_their_maintainer(void **state)
{
	struct inventory *inv = read_text(*state,
	    "Package: docker-ce\nVersion: 1\nMaintainer: Docker "
	    "<support@docker.com>\n\n"
	    "Package: bash\nVersion: 1\nMaintainer: Bash <bash@packages.debian.org>\n",
	    "debian:12");

	assert_int_equal(component(inv, "docker-ce")->vendor, VENDOR_THIRD_PARTY);
	assert_int_equal(component(inv, "bash")->vendor, VENDOR_OWN);
}

static void
without_a_system_it_is_unidentified_and_never_clean(void **state)
{
	struct inventory *inv = read_text(*state, BASH, NULL);

	assert_int_equal(inv->os.state, COVERAGE_UNIDENTIFIED);
	assert_null(component(inv, "bash")->ecosystem);
	assert_non_null(strstr(refused(*state, BASH, "plan9:4", ERR_INPUT), "plan9:4"));
	inv = read_text(*state, BASH, "fedora:30");
	assert_int_equal(inv->os.state, COVERAGE_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(an_installed_package_is_a_component),
		READ(the_source_is_named_or_the_same_without_the_rebuild),
		READ(what_has_no_files_on_disk_is_not_there),
		READ(stanzas_are_parted_by_any_empty_lines_and_ends),
		READ(a_broken_stanza_costs_itself_alone_and_is_said),
		READ(a_line_that_is_no_field_refuses_the_whole_with_its_number),
		READ(bytes_that_are_no_text_are_refused),
		READ(names_and_versions_at_their_limits),
		READ(a_line_longer_than_the_cap_is_refused),
		READ(repeats_are_one_component_and_two_architectures_are_two),
		READ(packages_of_other_vendors_are_known_by_their_maintainer),
		READ(without_a_system_it_is_unidentified_and_never_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
