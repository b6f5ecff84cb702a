/* SPDX-License-Identifier: Apache-2.0 */
/* decide_conditions_test - who has the say about a package: one rule, one test. */
#include "unit/unit.h"

#include <string.h>

#include "core/component.h"
#include "core/verdict.h"
#include "unit/match/case.h"

#define T(state) ((struct trial *)*(state))

/* libssl3 of a Debian 12 that was not updated for a while */
static void
install_openssl(struct trial *t)
{
	case_install(
	    t, "dpkg", "libssl3", "3.0.11-1~deb12u2", "openssl", "3.0.11-1~deb12u2");
}

static void
own_distribution_silences_every_other_source(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	case_say(T(state), (struct say){ .binary = "libssl3",
			       .status = STATUS_AFFECTED,
			       .rank = 2,
			       .severity = SEVERITY_CRITICAL });
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .status = STATUS_FIXED,
				    .fixed = "3.0.11-1~deb12u1" });
	case_say(T(state),
	    (struct say){ .binary = "libssl3", .status = STATUS_AFFECTED, .rank = 1 });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
}

/* Versions in whose order Maven itself goes round in a circle: 3.18.0.rc.2 against the fix
 * 3.18.0-01 is above for Maven, below by its key. */
static void
what_keys_cannot_order_is_compared_as_its_own_system_does(void **state)
{
	const struct statement *by;

	case_install(T(state), "maven", "org.example:a", "3.18.0.rc.2", NULL, NULL);
	by = case_say(T(state), (struct say){ .binary = "org.example:a",
				    .status = STATUS_FIXED,
				    .fixed = "3.18.0-01" });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
}

static void
a_bound_without_a_key_order_is_compared_so_too(void **state)
{
	const struct statement *by;

	case_install(T(state), "maven", "org.example:a", "3.18.0-01", NULL, NULL);
	by = case_say(T(state), (struct say){ .binary = "org.example:a",
				    .status = STATUS_FIXED,
				    .introduced = "3.0",
				    .fixed = "3.18.0.rc.2" });
	case_expect_match(T(state), STATUS_FIXED, by);
}

static void
lower_source_decides_where_the_distribution_is_silent(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .archs = "s390x",
			       .status = STATUS_NOT_AFFECTED });
	case_say(T(state),
	    (struct say){ .binary = "libssl3", .status = STATUS_WONT_FIX, .rank = 2 });
	by = case_say(T(state),
	    (struct say){ .binary = "libssl3", .status = STATUS_AFFECTED, .rank = 1 });
	case_expect_match(T(state), STATUS_AFFECTED, by);
}

static void
statement_for_other_architectures_only_is_the_reason(void **state)
{
	install_openssl(T(state));
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_AFFECTED,
			       .archs = "arm64,s390x" });
	case_expect_none(T(state), REASON_OTHER_ARCHITECTURE, NULL);
}

static void
spellings_of_one_architecture_are_one(void **state)
{
	static const struct {
		const char *installed, *said;
		bool fits;
	} rows[] = {
		{ "amd64", "x86_64", true },
		{ "x86_64", "arm64,amd64", true },
		{ "arm64", "aarch64", true },
		{ "aarch64", "amd64,arm64", true },
		{ "all", "s390x", true },
		{ "noarch", "s390x", true },
		{ "", "s390x", true },
		{ "amd64", "", true },
		{ "amd64", "noarch", true },
		{ "ppc64el", "ppc64le", true },
		{ "x86", "i686", true },
		{ "x86_64", "i686", false },
		{ "amd64", "amd64v3", false },
		{ "amd64", "arm64", false },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		T(state)->n = 0;
		install_openssl(T(state));
		T(state)->s.arch = rows[i].installed;
		case_say(T(state), (struct say){ .source_of = "openssl",
				       .status = STATUS_AFFECTED,
				       .archs = rows[i].said });
		case_decide(T(state));
		if (T(state)->d.is_match != rows[i].fits)
			fail_msg("installed %s, said for %s: expected %s",
			    rows[i].installed, rows[i].said,
			    rows[i].fits ? "a match" : "none");
	}
}

static void
statement_for_another_module_is_not_applicable(void **state)
{
	install_openssl(T(state));
	T(state)->s.module = "nodejs:18";
	case_say(T(state), (struct say){ .binary = "libssl3",
			       .status = STATUS_AFFECTED,
			       .module = "nodejs:20" });
	case_expect_none(T(state), REASON_NOT_APPLICABLE, NULL);
}

static void
statement_about_the_module_decides_for_its_packages(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	T(state)->s.module = "nodejs:18";
	case_say(
	    T(state), (struct say){ .binary = "libssl3", .status = STATUS_AFFECTED });
	by = case_say(T(state), (struct say){ .binary = "libssl3",
				    .status = STATUS_FIXED,
				    .module = "nodejs:18",
				    .fixed = "3.0.11-1~deb12u1" });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
}

static void
superseded_and_owned_packages_are_not_decided(void **state)
{
	static const unsigned flags[] = { COMPONENT_SUPERSEDED, COMPONENT_OWNED };

	for (size_t i = 0; i < ROWS(flags); i++) {
		T(state)->n = 0;
		install_openssl(T(state));
		T(state)->s.flags = flags[i];
		case_say(T(state),
		    (struct say){ .source_of = "openssl", .status = STATUS_AFFECTED });
		case_expect_none(T(state), REASON_NOT_APPLICABLE, NULL);
	}
}

static void
guessed_source_is_decided_all_the_same(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	T(state)->s.flags = COMPONENT_GUESSED;
	by = case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_AFFECTED });
	case_expect_match(T(state), STATUS_AFFECTED, by);
}

static void
distribution_does_not_speak_of_a_third_partys_package(void **state)
{
	case_install(T(state), "dpkg", "nginx", "1.18.0-1", "nginx", "1.18.0-1");
	T(state)->s.vendor = VENDOR_THIRD_PARTY;
	case_say(T(state),
	    (struct say){
		.source_of = "nginx", .status = STATUS_FIXED, .fixed = "1.22.1-9" });
	case_expect_none(T(state), REASON_NO_STATEMENT, NULL);
}

static void
kernel_headers_do_not_carry_the_kernel(void **state)
{
	static const struct {
		const char *source, *package;
		bool judged;
	} rows[] = {
		{ "linux", "linux-libc-dev", false },
		{ "linux", "linux-headers-6.1.0-18-amd64", false },
		{ "linux", "linux-image-6.1.0-18-amd64-dbg", false },
		{ "linux", "linux-doc-6.1", false },
		{ "linux", "linux-kbuild-6.1", false },
		{ "linux", "linux-source-6.1", false },
		{ "linux", "linux-compiler-gcc-12-x86", false },
		{ "linux-signed-amd64", "linux-headers-amd64", false },
		{ "linux-aws", "linux-aws-headers-5.15.0-1050", false },
		{ "linux", "linux-image-6.1.0-18-amd64", true },
		{ "linux", "linux-perf", true },
		{ "linux-base", "linux-base", true },
		{ "linuxptp", "linuxptp-dbg", true },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		memset(T(state)->names, 0, sizeof(T(state)->names));
		T(state)->n = 0;
		case_install(T(state), "dpkg", rows[i].package, "6.1.76-1",
		    rows[i].source, "6.1.76-1");
		case_say(T(state), (struct say){ .source_of = rows[i].source,
				       .status = STATUS_AFFECTED });
		case_decide(T(state));
		if (T(state)->d.is_match != rows[i].judged ||
		    (!rows[i].judged && T(state)->d.reason != REASON_NOT_APPLICABLE))
			fail_msg("%s of %s: got %s", rows[i].package, rows[i].source,
			    reason_name(T(state)->d.reason));
	}
}

static void
package_without_a_source_has_no_source_statements(void **state)
{
	case_install(T(state), "dpkg", "local-tools", "1.0", NULL, NULL);
	case_say(T(state),
	    (struct say){ .source_of = "local-tools", .status = STATUS_AFFECTED });
	T(state)->said[0].package_id = 0;
	case_expect_none(T(state), REASON_NO_STATEMENT, NULL);
}

static void
statement_about_another_package_says_nothing(void **state)
{
	install_openssl(T(state));
	case_say(T(state),
	    (struct say){ .source_of = "gnutls28", .status = STATUS_AFFECTED });
	case_say(
	    T(state), (struct say){ .binary = "openssl", .status = STATUS_AFFECTED });
	case_say(T(state),
	    (struct say){ .source_of = "libssl3", .status = STATUS_AFFECTED });
	case_expect_none(T(state), REASON_NO_STATEMENT, NULL);
}

static void
source_statement_compares_the_source_version(void **state)
{
	const struct statement *by;

	/* a rebuild: the binary version has a suffix, or is another one altogether */
	case_install(
	    T(state), "dpkg", "libgcc-s1", "12.2.0-14+b1", "gcc-12", "12.2.0-13");
	by = case_say(T(state),
	    (struct say){
		.source_of = "gcc-12", .status = STATUS_FIXED, .fixed = "12.2.0-14" });
	case_expect_match(T(state), STATUS_FIXED, by);
}

static void
binary_statement_compares_the_binary_version(void **state)
{
	const struct statement *by;

	case_install(
	    T(state), "dpkg", "libgcc-s1", "12.2.0-14+b1", "gcc-12", "12.2.0-13");
	by = case_say(T(state),
	    (struct say){
		.binary = "libgcc-s1", .status = STATUS_FIXED, .fixed = "12.2.0-14" });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, case_setup, case_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(own_distribution_silences_every_other_source),
		CASE(what_keys_cannot_order_is_compared_as_its_own_system_does),
		CASE(a_bound_without_a_key_order_is_compared_so_too),
		CASE(lower_source_decides_where_the_distribution_is_silent),
		CASE(statement_for_other_architectures_only_is_the_reason),
		CASE(spellings_of_one_architecture_are_one),
		CASE(statement_for_another_module_is_not_applicable),
		CASE(statement_about_the_module_decides_for_its_packages),
		CASE(superseded_and_owned_packages_are_not_decided),
		CASE(guessed_source_is_decided_all_the_same),
		CASE(distribution_does_not_speak_of_a_third_partys_package),
		CASE(kernel_headers_do_not_carry_the_kernel),
		CASE(package_without_a_source_has_no_source_statements),
		CASE(statement_about_another_package_says_nothing),
		CASE(source_statement_compares_the_source_version),
		CASE(binary_statement_compares_the_binary_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
