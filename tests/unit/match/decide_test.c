/* SPDX-License-Identifier: Apache-2.0 */
/* decide_test - conditions, sources, denials, ranges: one rule, one test. */
#include "unit/unit.h"

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
older_than_the_fix_of_its_source_is_affected(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .status = STATUS_FIXED,
				    .fixed = "3.0.14-1~deb12u1" });
	case_expect_match(T(state), STATUS_FIXED, by);
	assert_int_equal(T(state)->d.component_id, 77);
	assert_int_equal(T(state)->d.vulnerability_id, 5);
	assert_null(T(state)->d.fix_stream);
}

static void
the_fixed_version_itself_has_the_fix(void **state)
{
	const struct statement *by;

	case_install(T(state), "apk", "libcrypto3", "3.3.1-r3", "openssl", "3.3.1-r3");
	by = case_say(T(state),
	    (struct say){
		.source_of = "openssl", .status = STATUS_FIXED, .fixed = "3.3.1-r3" });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
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
no_statement_at_all_is_said_so(void **state)
{
	install_openssl(T(state));
	case_expect_none(T(state), REASON_NO_STATEMENT, NULL);
	assert_int_equal(T(state)->d.severity, SEVERITY_UNKNOWN);
	assert_int_equal(T(state)->d.severity_by, SPEAKER_NONE);
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

static void
every_state_without_a_fix_is_a_match_in_that_state(void **state)
{
	static const enum status states[] = { STATUS_AFFECTED, STATUS_WONT_FIX,
		STATUS_DEFERRED, STATUS_END_OF_LIFE, STATUS_UNDER_INVESTIGATION };

	for (size_t i = 0; i < ROWS(states); i++) {
		const struct statement *by;

		T(state)->n = 0;
		case_install(
		    T(state), "dpkg", "tar", "1.34+dfsg-1.2", "tar", "1.34+dfsg-1.2");
		by = case_say(
		    T(state), (struct say){ .source_of = "tar", .status = states[i] });
		case_expect_match(T(state), states[i], by);
	}
}

static void
undetermined_is_no_match_and_names_who_does_not_know(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	by = case_say(
	    T(state), (struct say){ .source_of = "openssl", .status = STATUS_UNKNOWN });
	case_expect_none(T(state), REASON_NO_STATEMENT, by);
}

static void
undetermined_and_open_investigations_hide_no_finding(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	case_say(
	    T(state), (struct say){ .source_of = "openssl", .status = STATUS_UNKNOWN });
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_UNDER_INVESTIGATION });
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .status = STATUS_FIXED,
				    .fixed = "3.0.14-1~deb12u1" });
	case_expect_match(T(state), STATUS_FIXED, by);
}

static void
denial_beats_affected(void **state)
{
	const struct statement *denial;

	install_openssl(T(state));
	case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_AFFECTED });
	denial = case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_NOT_AFFECTED });
	case_expect_none(T(state), REASON_VENDOR_NOT_AFFECTED, denial);
}

static void
denial_without_any_bounds_holds_for_every_version(void **state)
{
	case_install(T(state), "dpkg", "sl", "no version", "sl", "no version");
	/* as rows of the store's denials come: no range at all */
	T(state)->said[0] = (struct statement){ .kind = KIND_SOURCE,
		.package_id = T(state)->s.origin_package_id,
		.status = STATUS_NOT_AFFECTED };
	T(state)->n = 1;
	case_expect_none(T(state), REASON_VENDOR_NOT_AFFECTED, &T(state)->said[0]);
}

static void
denial_of_other_versions_denies_nothing(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	by = case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_AFFECTED });
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_NOT_AFFECTED,
			       .fixed = "1.1.1" });
	case_expect_match(T(state), STATUS_AFFECTED, by);
}

static void
statement_for_the_architecture_beats_a_general_denial(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_NOT_AFFECTED });
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .status = STATUS_AFFECTED,
				    .archs = "amd64,i386" });
	case_expect_match(T(state), STATUS_AFFECTED, by);
}

static void
denial_for_the_architecture_beats_a_general_statement(void **state)
{
	const struct statement *denial;

	install_openssl(T(state));
	case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_AFFECTED });
	denial = case_say(T(state), (struct say){ .source_of = "openssl",
					.status = STATUS_NOT_AFFECTED,
					.archs = "x86_64" });
	case_expect_none(T(state), REASON_VENDOR_NOT_AFFECTED, denial);
}

static void
highest_of_several_fixes_decides(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_FIXED,
			       .fixed = "3.0.13-1~deb12u1" });
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .status = STATUS_FIXED,
				    .fixed = "3.0.15-1~deb12u1" });
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_FIXED,
			       .fixed = "3.0.14-1~deb12u1" });
	case_expect_match(T(state), STATUS_FIXED, by);
}

static void
between_two_fixes_the_higher_one_is_still_missing(void **state)
{
	const struct statement *by;

	case_install(T(state), "dpkg", "openssl", "3.0.14-1~deb12u2", "openssl",
	    "3.0.14-1~deb12u2");
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_FIXED,
			       .fixed = "3.0.14-1~deb12u1" });
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .status = STATUS_FIXED,
				    .fixed = "3.0.15-1~deb12u1" });
	case_expect_match(T(state), STATUS_FIXED, by);
}

static void
beyond_every_fix_the_highest_is_named(void **state)
{
	const struct statement *by;

	case_install(T(state), "dpkg", "openssl", "3.0.16-1", "openssl", "3.0.16-1");
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_FIXED,
			       .fixed = "3.0.14-1~deb12u1" });
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .status = STATUS_FIXED,
				    .fixed = "3.0.15-1~deb12u1" });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
}

static void
gap_between_two_ranges_has_the_fix_of_the_lower_one(void **state)
{
	const struct statement *by;

	case_install(T(state), "dpkg", "nginx", "1.22.1-9", "nginx", "1.22.1-9");
	by = case_say(T(state),
	    (struct say){
		.source_of = "nginx", .status = STATUS_FIXED, .fixed = "1.20" });
	case_say(T(state), (struct say){ .source_of = "nginx",
			       .status = STATUS_FIXED,
			       .introduced = "1.24",
			       .fixed = "1.26" });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
}

static void
version_before_the_mistake_was_made_never_had_it(void **state)
{
	const struct statement *by;

	case_install(
	    T(state), "dpkg", "liblzma5", "5.4.1-0.2", "xz-utils", "5.4.1-0.2");
	by = case_say(T(state), (struct say){ .source_of = "xz-utils",
				    .status = STATUS_FIXED,
				    .introduced = "5.5.1alpha-0.1",
				    .fixed = "5.6.1+really5.4.5-1" });
	case_expect_none(T(state), REASON_VENDOR_NOT_AFFECTED, by);
}

static void
version_that_is_not_among_those_named_is_not_affected(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .status = STATUS_AFFECTED,
				    .version = "3.0.9-1" });
	case_expect_none(T(state), REASON_VENDOR_NOT_AFFECTED, by);
}

static void
version_without_order_is_not_called_clean(void **state)
{
	const struct statement *by;

	case_install(T(state), "dpkg", "app", "nightly", "app", "nightly");
	by = case_say(T(state),
	    (struct say){
		.source_of = "app", .status = STATUS_FIXED, .fixed = "1.0-1" });
	case_expect_none(T(state), REASON_NOT_COMPARABLE, by);
}

static void
version_without_order_matches_when_it_is_named(void **state)
{
	const struct statement *by;

	case_install(T(state), "dpkg", "app", "nightly", "app", "nightly");
	case_say(T(state),
	    (struct say){
		.source_of = "app", .status = STATUS_FIXED, .fixed = "1.0-1" });
	by = case_say(T(state),
	    (struct say){
		.source_of = "app", .status = STATUS_AFFECTED, .version = "nightly" });
	case_expect_match(T(state), STATUS_AFFECTED, by);
}

static void
only_the_version_that_is_compared_must_have_an_order(void **state)
{
	const struct statement *by;

	case_install(T(state), "dpkg", "app", "nightly", "app", "0.9-1");
	by = case_say(T(state),
	    (struct say){
		.source_of = "app", .status = STATUS_FIXED, .fixed = "1.0-1" });
	case_expect_match(T(state), STATUS_FIXED, by);
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
verdict_does_not_depend_on_the_order_of_statements(void **state)
{
	struct trial *t = *state;
	struct decision first;
	const char *key;

	install_openssl(t);
	case_say(t, (struct say){ .source_of = "openssl",
			.status = STATUS_FIXED,
			.fixed = "3.0.14-1~deb12u1",
			.key = "b" });
	case_say(
	    t, (struct say){
		   .source_of = "openssl", .status = STATUS_WONT_FIX, .key = "d" });
	case_say(
	    t, (struct say){
		   .source_of = "openssl", .status = STATUS_WONT_FIX, .key = "c" });
	case_say(t, (struct say){ .binary = "libssl3",
			.status = STATUS_AFFECTED,
			.rank = 1,
			.key = "a" });
	case_decide(t);
	first = t->d;
	key = first.by->record_key;
	assert_string_equal(key, "c");
	for (size_t turn = 0; turn < t->n; turn++) {
		struct statement head = t->said[0];

		memmove(t->said, t->said + 1, (t->n - 1) * sizeof(head));
		t->said[t->n - 1] = head;
		case_decide(t);
		assert_int_equal(t->d.state, first.state);
		assert_string_equal(t->d.by->record_key, key);
	}
}

static void
severity_is_the_deciding_statements_own(void **state)
{
	install_openssl(T(state));
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_FIXED,
			       .fixed = "3.0.13-1",
			       .severity = SEVERITY_CRITICAL });
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .status = STATUS_AFFECTED,
			       .severity = SEVERITY_NEGLIGIBLE });
	case_decide(T(state));
	assert_int_equal(T(state)->d.severity, SEVERITY_NEGLIGIBLE);
	assert_int_equal(T(state)->d.severity_by, SPEAKER_STATEMENT);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, case_setup, case_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(older_than_the_fix_of_its_source_is_affected),
		CASE(the_fixed_version_itself_has_the_fix),
		CASE(statement_about_another_package_says_nothing),
		CASE(no_statement_at_all_is_said_so),
		CASE(source_statement_compares_the_source_version),
		CASE(binary_statement_compares_the_binary_version),
		CASE(every_state_without_a_fix_is_a_match_in_that_state),
		CASE(undetermined_is_no_match_and_names_who_does_not_know),
		CASE(undetermined_and_open_investigations_hide_no_finding),
		CASE(denial_beats_affected),
		CASE(denial_without_any_bounds_holds_for_every_version),
		CASE(denial_of_other_versions_denies_nothing),
		CASE(statement_for_the_architecture_beats_a_general_denial),
		CASE(denial_for_the_architecture_beats_a_general_statement),
		CASE(highest_of_several_fixes_decides),
		CASE(between_two_fixes_the_higher_one_is_still_missing),
		CASE(beyond_every_fix_the_highest_is_named),
		CASE(gap_between_two_ranges_has_the_fix_of_the_lower_one),
		CASE(version_before_the_mistake_was_made_never_had_it),
		CASE(version_that_is_not_among_those_named_is_not_affected),
		CASE(version_without_order_is_not_called_clean),
		CASE(version_without_order_matches_when_it_is_named),
		CASE(only_the_version_that_is_compared_must_have_an_order),
		CASE(own_distribution_silences_every_other_source),
		CASE(lower_source_decides_where_the_distribution_is_silent),
		CASE(statement_for_other_architectures_only_is_the_reason),
		CASE(spellings_of_one_architecture_are_one),
		CASE(statement_for_another_module_is_not_applicable),
		CASE(statement_about_the_module_decides_for_its_packages),
		CASE(superseded_and_owned_packages_are_not_decided),
		CASE(guessed_source_is_decided_all_the_same),
		CASE(distribution_does_not_speak_of_a_third_partys_package),
		CASE(kernel_headers_do_not_carry_the_kernel),
		CASE(verdict_does_not_depend_on_the_order_of_statements),
		CASE(severity_is_the_deciding_statements_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
