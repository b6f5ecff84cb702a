/* SPDX-License-Identifier: Apache-2.0 */
/* ecosystem_test - the table, and how systems find their row in it. */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/ecosystem.h"
#include "core/str.h"

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

static void
a_listed_release_is_found_with_all_it_has(void **state)
{
	const struct ecosystem *e = ecosystem_find("debian:12");

	(void)state;
	assert_non_null(e);
	assert_string_equal(e->name, "debian:12");
	assert_string_equal(e->family, "debian");
	assert_string_equal(e->scheme, "dpkg");
	assert_string_equal(e->purl_type, "deb");
	assert_string_equal(e->codename, "bookworm");
	assert_int_equal(e->end_of_life_at, time_from_civil(2028, 6, 30));
	assert_true(e->has_feed);
}

static void
an_unlisted_release_has_its_familys_scheme(void **state)
{
	(void)state;
	assert_string_equal(ecosystem_scheme("alpine:3.99"), "apk");
	assert_string_equal(ecosystem_scheme("fedora:77"), "rpm");
	assert_string_equal(ecosystem_scheme("npm"), "npm");
	assert_string_equal(ecosystem_scheme("go"), "go");
	assert_true(ecosystem_find("alpine:3.99")->has_feed);
	assert_false(ecosystem_find("debian:99")->has_feed);
	assert_true(ecosystem_find("npm")->has_feed);
	assert_true(ecosystem_find("ubuntu:24.04")->has_feed);
	assert_false(ecosystem_find("ubuntu:77.04")->has_feed);
	assert_false(ecosystem_find("echo")->has_feed);
	assert_null(ecosystem_find("beos:5"));
	assert_null(ecosystem_find(""));
	assert_null(ecosystem_find(NULL));
	assert_null(ecosystem_scheme("beos:5"));
}

static void
codenames_lead_to_releases(void **state)
{
	(void)state;
	assert_string_equal(ecosystem_of_codename("debian", "bookworm"), "debian:12");
	assert_string_equal(ecosystem_of_codename("debian", "sid"), "debian:unstable");
	assert_string_equal(ecosystem_of_codename("ubuntu", "noble"), "ubuntu:24.04");
	assert_null(ecosystem_of_codename("ubuntu", "bookworm"));
	assert_null(ecosystem_of_codename("debian", ""));
	assert_null(ecosystem_of_codename("debian", NULL));
}

static void
releases_have_other_names_at_endoflife_date(void **state)
{
	static const struct {
		const char *product, *release, *want;
		bool extended;
	} rows[] = {
		{ "debian", "12", "debian:12", true },
		{ "alpine-linux", "3.99", "alpine:3.99", false },
		{ "amazon-linux", "2018.03", "amzn:1", false },
		{ "amazon-linux", "2023", "amzn:2023", false },
		{ "photon", "5.0", "photon:5.0", false },
		{ "python", "3.9", NULL, false },
		{ "debian", "sid", NULL, false },
		{ "debian", "", NULL, false },
		{ "debian", "12 (bookworm)", NULL, false },
		{ "debian", "12345678901234567", NULL, false },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		bool extended = false;
		const char *got = ecosystem_of_product(
		    rows[i].product, rows[i].release, *state, &extended);

		if (!str_eq(got, rows[i].want) || extended != rows[i].extended)
			fail_msg("%s %s is %s", rows[i].product, rows[i].release,
			    str_or_empty(got));
	}
}

static void
every_row_is_found_by_its_name_and_codename(void **state)
{
	const struct ecosystem *e;
	size_t n = 0;

	(void)state;
	for (; (e = ecosystem_at(n)) != NULL; n++) {
		assert_ptr_equal(ecosystem_find(e->name), e);
		if (e->codename != NULL)
			assert_string_equal(
			    ecosystem_of_codename(e->family, e->codename), e->name);
		assert_true(str_starts(e->name, e->family));
		assert_true(e->end_of_life_at >= 0);
	}
	assert_true(n > 100);
}

struct os_row {
	const char *id, *version_id, *codename, *ubuntu_codename, *pretty_name, *name;
	const char *debian_version;
	const char *want; /* NULL = none */
	enum coverage_state state;
};

static void
systems_find_their_ecosystem(void **state)
{
	static const struct os_row rows[] = {
		{ "debian", "12", "bookworm", .want = "debian:12" },
		{ "debian", "12.5", .want = "debian:12" },
		{ "Debian", "12", .want = "debian:12" },
		{ "raspbian", "11", .want = "debian:11" },
		{ "debian", .codename = "forky", .debian_version = "forky/sid",
		    .pretty_name = "Debian GNU/Linux forky/sid",
		    .want = "debian:unstable" },
		{ "debian", .debian_version = "12.5", .want = "debian:12" },
		{ .debian_version = "12.5", .want = "debian:12" },
		{ "debian", .codename = "trixie", .want = "debian:13" },
		{ "debian", .want = NULL, .state = COVERAGE_UNSUPPORTED },
		{ "debian", "99", .want = "debian:99", .state = COVERAGE_UNSUPPORTED },
		{ "debian", "twelve", .state = COVERAGE_UNSUPPORTED },
		{ "debian", "123456789", .state = COVERAGE_UNSUPPORTED },
		{ "alpine", "3.20.3", .want = "alpine:3.20" },
		{ "alpine", "3.20", .want = "alpine:3.20" },
		{ "alpine", "3.77.0", .want = "alpine:3.77" },
		{ "alpine", "3.19_alpha20230901", .want = "alpine:edge" },
		{ "alpine", "3.23.0_rc1", .want = "alpine:3.23" },
		{ "alpine", "3.20.0", .pretty_name = "Alpine Linux edge",
		    .want = "alpine:edge" },
		{ "alpine", "3", .state = COVERAGE_UNSUPPORTED },
		{ "alpine", .state = COVERAGE_UNSUPPORTED },
		{ "postmarketos", "v24.06", .want = "alpine:3.20" },
		{ "postmarketos", "edge", .want = "alpine:edge" },
		{ "postmarketos", "31.06", .state = COVERAGE_UNSUPPORTED },
		{ "ubuntu", "22.04", .want = "ubuntu:22.04" },
		{ "ubuntu", "77.04", .want = "ubuntu:77.04",
		    .state = COVERAGE_UNSUPPORTED },
		{ "linuxmint", "21.3", .ubuntu_codename = "jammy",
		    .want = "ubuntu:22.04" },
		{ "bunsen", "1", .ubuntu_codename = "jammy", .want = "ubuntu:22.04" },
		{ "rocky", "9.4", .want = "rocky:9" },
		{ "mageia", "9", .want = "mageia:9" },
		{ "minimos", "1.0", .want = "minimos" },
		{ "rhel", "9.3", .want = "rhel:9" },
		{ "rhel", "4", .want = "rhel:4", .state = COVERAGE_UNSUPPORTED },
		{ "centos", "7", .name = "CentOS Linux", .want = "rhel:7" },
		{ "centos", "9", .name = "CentOS Stream",
		    .state = COVERAGE_UNSUPPORTED },
		{ "ol", "9.3", .want = "ol:9" },
		{ "ol", "5.11", .want = "ol:5", .state = COVERAGE_UNSUPPORTED },
		{ "azurelinux", "3.0", .want = "azurelinux:3.0" },
		{ "mariner", "2.0", .want = "mariner:2.0" },
		{ "gentoo", "2.17", .want = "gentoo" },
		{ "amzn", "2018.03", .want = "amzn:1" },
		{ "amzn", "2023.5.2", .want = "amzn:2023" },
		{ "fedora", "43", .want = "fedora:43" },
		{ "fedora", "30", .want = "fedora:30", .state = COVERAGE_UNSUPPORTED },
		{ "sles", "15.5", .want = "sles:15.5" },
		{ "sles", "15", .want = "sles:15.0" },
		{ "sles", "11.4", .want = "sles:11.4", .state = COVERAGE_UNSUPPORTED },
		{ "sl-micro", "6.0", .want = "slem:6.0" },
		{ "opensuse-leap", "15.5", .want = "opensuse.leap:15.5" },
		{ "opensuse-tumbleweed", "20260301", .want = "opensuse.tumbleweed" },
		{ "photon", "4.0", .want = "photon:4.0" },
		{ "almalinux", "9.4", .want = "almalinux:9" },
		{ "wolfi", "20230201", .want = "wolfi" },
		{ "arch", "TEMPLATE_VERSION_ID", .want = "arch" },
		{ "kali", "2025.1", .state = COVERAGE_UNSUPPORTED },
		{ "parrot", "6.1", .state = COVERAGE_UNSUPPORTED },
		{ "nosuchsystem", "1", .state = COVERAGE_UNSUPPORTED },
		{ .state = COVERAGE_UNIDENTIFIED },
		{ "", .state = COVERAGE_UNIDENTIFIED },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct os_row *r = &rows[i];
		struct os_words w = { .id = r->id,
			.version_id = r->version_id,
			.version_codename = r->codename,
			.ubuntu_codename = r->ubuntu_codename,
			.pretty_name = r->pretty_name,
			.name = r->name,
			.debian_version = r->debian_version };
		struct os got;

		ecosystem_of_os(&w, 0, *state, &got);
		if (!str_eq(got.ecosystem, r->want) || got.state != r->state)
			fail_msg("row %zu (%s %s): wanted %s %s, got %s %s", i,
			    str_or_empty(r->id), str_or_empty(r->version_id),
			    str_or_empty(r->want), coverage_state_name(r->state),
			    str_or_empty(got.ecosystem),
			    coverage_state_name(got.state));
		assert_true(str_eq(got.version, r->version_id));
	}
}

static void
a_release_ends_after_its_last_day(void **state)
{
	struct os_words w = { .id = "debian", .version_id = "11" };
	int64_t last_day = time_from_civil(2026, 8, 31);
	struct os got;

	ecosystem_of_os(&w, last_day + 86399, *state, &got);
	assert_int_equal(got.state, COVERAGE_COMPLETE);
	ecosystem_of_os(&w, last_day + 86400, *state, &got);
	assert_int_equal(got.state, COVERAGE_END_OF_LIFE);
	assert_string_equal(got.ecosystem, "debian:11");
	ecosystem_of_os(&w, 0, *state, &got);
	assert_int_equal(got.state, COVERAGE_COMPLETE);
}

static void
rolling_releases_do_not_end(void **state)
{
	struct os got;

	assert_true(ecosystem_of_text("alpine:edge", INT64_MAX, *state, &got));
	assert_int_equal(got.state, COVERAGE_COMPLETE);
	assert_true(ecosystem_of_text("debian:unstable", INT64_MAX, *state, &got));
	assert_int_equal(got.state, COVERAGE_COMPLETE);
}

static void
people_may_name_the_system_in_several_ways(void **state)
{
	static const struct {
		const char *text, *want; /* NULL = refused */
	} rows[] = {
		{ "debian:12", "debian:12" },
		{ "Debian:12", "debian:12" },
		{ "debian:12.5", "debian:12" },
		{ "debian:bookworm", "debian:12" },
		{ "debian:sid", "debian:unstable" },
		{ "debian:unstable", "debian:unstable" },
		{ "alpine:3.20", "alpine:3.20" },
		{ "alpine:3.20.3", "alpine:3.20" },
		{ "alpine:edge", "alpine:edge" },
		{ "ubuntu:jammy", "ubuntu:22.04" },
		{ "centos:7", "rhel:7" },
		{ "opensuse-leap:15.5", "opensuse.leap:15.5" },
		{ "opensuse.leap:15.5", "opensuse.leap:15.5" },
		{ "wolfi", "wolfi" },
		{ "debian", NULL },
		{ "debian:", NULL },
		{ "debian:nonsense", NULL },
		{ "alpine:unstable", NULL },
		{ "npm", NULL },
		{ "npm:1", NULL },
		{ "", NULL },
		{ ":", NULL },
		{ "beos:5", NULL },
		{ NULL, NULL },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct os got = { .ecosystem = NULL };
		bool ok = ecosystem_of_text(rows[i].text, 0, *state, &got);

		if (ok != (rows[i].want != NULL) ||
		    !str_eq(got.ecosystem, rows[i].want))
			fail_msg("\"%s\": wanted %s, got %s",
			    str_or_empty(rows[i].text), str_or_empty(rows[i].want),
			    str_or_empty(got.ecosystem));
	}
}

static void
words_of_osv_name_ecosystem_stream_and_kind(void **state)
{
	static const struct {
		const char *text, *want, *stream; /* want NULL = refused */
		enum package_kind kind;
	} rows[] = {
		{ "Debian:12", "debian:12", "", KIND_SOURCE },
		{ "Debian:6.0", "debian:6", "", KIND_SOURCE },
		{ "Debian:sid", "debian:unstable", "", KIND_SOURCE },
		{ "Ubuntu:22.04:LTS", "ubuntu:22.04", "", KIND_SOURCE },
		{ "Ubuntu:25.10", "ubuntu:25.10", "", KIND_SOURCE },
		{ "Ubuntu:Pro:18.04:LTS", "ubuntu:18.04", "pro", KIND_SOURCE },
		{ "Ubuntu:Pro:FIPS:16.04:LTS", "ubuntu:16.04", "fips", KIND_SOURCE },
		{ "Ubuntu:Pro:FIPS-updates:22.04:LTS", "ubuntu:22.04", "fips-updates",
		    KIND_SOURCE },
		{ "Ubuntu:Pro:22.04:LTS:Realtime:Kernel", "ubuntu:22.04", "realtime",
		    KIND_SOURCE },
		{ "Alpine:v3.20", "alpine:3.20", "", KIND_SOURCE },
		{ "Alpine:edge", "alpine:edge", "", KIND_SOURCE },
		{ "Wolfi", "wolfi", "", KIND_BINARY },
		{ "Rocky Linux:9", "rocky:9", "", KIND_SOURCE },
		{ "AlmaLinux:10", "almalinux:10", "", KIND_BINARY },
		{ "Red Hat:enterprise_linux:9::appstream", "rhel:9", "", KIND_BINARY },
		{ "Red Hat:enterprise_linux:10.0", "rhel:10", "", KIND_BINARY },
		{ "Red Hat:rhel_eus:8.8::baseos", "rhel:8", "eus:8.8", KIND_BINARY },
		{ "Red Hat:rhel_els:7", "rhel:7", "els", KIND_BINARY },
		{ "SUSE:Linux Enterprise Server 15 SP4", "sles:15.4", "", KIND_SOURCE },
		{ "SUSE:Linux Enterprise Server 12", "sles:12.0", "", KIND_SOURCE },
		{ "SUSE:Linux Enterprise Server 16.0", "sles:16.0", "", KIND_SOURCE },
		{ "SUSE:Linux Enterprise Module for Python 3 15 SP6", "sles:15.6", "",
		    KIND_SOURCE },
		{ "SUSE:Linux Enterprise Server 12 SP5-LTSS", "sles:12.5", "ltss",
		    KIND_SOURCE },
		{ "SUSE:Linux Enterprise Server for SAP Applications 12 SP1",
		    "sles:12.1", "sap", KIND_SOURCE },
		{ "SUSE:Linux Enterprise High Performance Computing 15 SP2-LTSS",
		    "sles:15.2", "hpc-ltss", KIND_SOURCE },
		{ "SUSE:Linux Enterprise Module for Web and Scripting 15 SP4",
		    "sles:15.4", "", KIND_SOURCE },
		{ "SUSE:Linux Enterprise Micro 5.3", "slem:5.3", "", KIND_SOURCE },
		{ "openSUSE:Leap 15.6", "opensuse.leap:15.6", "", KIND_SOURCE },
		{ "openSUSE:Tumbleweed", "opensuse.tumbleweed", "", KIND_SOURCE },
		{ "openEuler:22.03-LTS-SP3", "openeuler:22.03-LTS-SP3", "",
		    KIND_SOURCE },
		{ "Mageia:9", "mageia:9", "", KIND_SOURCE },
		{ "Azure Linux:3", "azurelinux:3.0", "", KIND_SOURCE },
		{ "npm", "npm", "", KIND_BINARY },
		{ "PyPI", "pypi", "", KIND_BINARY },
		{ "crates.io", "cargo", "", KIND_BINARY },
		{ "GitHub Actions", "github-actions", "", KIND_BINARY },
		{ "Maven:https://repo.example.org/maven", "maven", "", KIND_BINARY },
		{ "Alpine", NULL, NULL, KIND_COUNT },
		{ "Debian:", NULL, NULL, KIND_COUNT },
		{ "Ubuntu:LTS", NULL, NULL, KIND_COUNT },
		{ "Ubuntuish:22.04", NULL, NULL, KIND_COUNT },
		{ "openSUSE:Leap Micro 5.5", NULL, NULL, KIND_COUNT },
		{ "SUSE:Linux Enterprise Server 15 SP", NULL, NULL, KIND_COUNT },
		{ "SUSE:Manager Server 4.3", NULL, NULL, KIND_COUNT },
		{ "Red Hat:ocp_tools:4.15::el9", NULL, NULL, KIND_COUNT },
		{ "Rocky Linux:9/../x", NULL, NULL, KIND_COUNT },
		{ "Android", NULL, NULL, KIND_COUNT },
		{ "debian:12", NULL, NULL, KIND_COUNT },
		{ "", NULL, NULL, KIND_COUNT },
		{ NULL, NULL, NULL, KIND_COUNT },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct osv_ecosystem got = { NULL, NULL, KIND_COUNT };
		bool ok = ecosystem_of_osv(rows[i].text, *state, &got);

		if (ok != (rows[i].want != NULL) ||
		    !str_eq(got.ecosystem, rows[i].want) ||
		    !str_eq(got.stream, rows[i].stream) || got.kind != rows[i].kind)
			fail_msg("\"%s\": wanted %s %s, got %s %s",
			    str_or_empty(rows[i].text), str_or_empty(rows[i].want),
			    str_or_empty(rows[i].stream), str_or_empty(got.ecosystem),
			    str_or_empty(got.stream));
		if (ok)
			assert_non_null(ecosystem_scheme(got.ecosystem));
	}
}

static void
packages_have_one_spelling(void **state)
{
	static const struct {
		const char *ecosystem, *name, *want;
	} rows[] = {
		{ "pypi", "Ruamel.YAML_clib", "ruamel-yaml-clib" },
		{ "pypi", "a-_.b", "a-b" },
		{ "nuget", "Newtonsoft.Json", "newtonsoft.json" },
		{ "composer", "Symfony/HTTP-kernel", "symfony/http-kernel" },
		{ "npm", "@Scope/Name_x", "@Scope/Name_x" },
		{ "maven", "org.Example:Art_ifact", "org.Example:Art_ifact" },
		{ "cargo", "foo_bar", "foo_bar" },
		{ "debian:12", "libX", "libX" },
		{ NULL, "Name", "Name" },
	};

	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(
		    ecosystem_package(rows[i].ecosystem, rows[i].name, *state),
		    rows[i].want);
}

static void
ends_agree_with_the_published_lists(void **state)
{
	FILE *f = fopen(SHARED_DATA "/feeds/eol/distro-info/debian.csv", "r");
	char line[512];
	size_t n = 0;

	(void)state;
	if (f == NULL) {
		print_message("skipped: no published list of Debian releases here\n");
		skip();
	}
	/* version,codename,series,created,release,eol,eol-lts,eol-elts */
	while (fgets(line, sizeof(line), f) != NULL) {
		const char *column[8] = { "" };
		const struct ecosystem *e;
		int64_t end = 0;
		char name[64], *rest = line;

		for (size_t i = 0; i < ROWS(column); i++) {
			column[i] = rest;
			rest += strcspn(rest, ",\n");
			if (*rest != '\0')
				*rest++ = '\0';
		}
		(void)snprintf(name, sizeof(name), "debian:%.20s", column[0]);
		if ((e = ecosystem_find(name)) == NULL || e->codename == NULL)
			continue;
		assert_string_equal(e->codename, column[2]);
		if (!time_parse(column[6], &end) && !time_parse(column[5], &end))
			end = 0;
		if (e->end_of_life_at != end)
			fail_msg("%s ends at %lld, the list says %lld", name,
			    (long long)e->end_of_life_at, (long long)end);
		n++;
	}
	(void)fclose(f);
	assert_true(n >= 7);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_listed_release_is_found_with_all_it_has),
		TEST(an_unlisted_release_has_its_familys_scheme),
		TEST(codenames_lead_to_releases),
		TEST(releases_have_other_names_at_endoflife_date),
		TEST(every_row_is_found_by_its_name_and_codename),
		TEST(systems_find_their_ecosystem),
		TEST(a_release_ends_after_its_last_day),
		TEST(rolling_releases_do_not_end),
		TEST(people_may_name_the_system_in_several_ways),
		TEST(words_of_osv_name_ecosystem_stream_and_kind),
		TEST(packages_have_one_spelling),
		TEST(ends_agree_with_the_published_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
