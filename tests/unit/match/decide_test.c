/* SPDX-License-Identifier: Apache-2.0 */
/* decide_test - states, denials and ranges: one rule, one test. */
#include "unit/unit.h"

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
no_statement_at_all_is_said_so(void **state)
{
	install_openssl(T(state));
	case_expect_none(T(state), REASON_NO_STATEMENT, NULL);
	assert_int_equal(T(state)->d.severity, SEVERITY_UNKNOWN);
	assert_int_equal(T(state)->d.severity_by, SPEAKER_NONE);
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
denial_for_the_architecture_beats_a_statement_for_it(void **state)
{
	const struct statement *denial;

	install_openssl(T(state));
	case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_NOT_AFFECTED });
	denial = case_say(T(state), (struct say){ .source_of = "openssl",
					.status = STATUS_NOT_AFFECTED,
					.archs = "amd64" });
	case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_NOT_AFFECTED });
	case_say(T(state),
	    (struct say){
		.source_of = "openssl", .status = STATUS_AFFECTED, .archs = "amd64" });
	case_expect_none(T(state), REASON_VENDOR_NOT_AFFECTED, denial);
}

static void
fix_for_the_architecture_is_the_reason_before_a_general_denial(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	case_say(T(state),
	    (struct say){ .source_of = "openssl", .status = STATUS_NOT_AFFECTED });
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .archs = "amd64",
				    .status = STATUS_FIXED,
				    .fixed = "3.0.9-1" });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
}

static void
of_equal_ranges_the_worse_statement_decides(void **state)
{
	const struct statement *by;

	install_openssl(T(state));
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .key = "a",
			       .status = STATUS_WONT_FIX,
			       .severity = SEVERITY_HIGH });
	by = case_say(T(state), (struct say){ .source_of = "openssl",
				    .key = "b",
				    .status = STATUS_AFFECTED,
				    .severity = SEVERITY_HIGH });
	case_say(T(state), (struct say){ .source_of = "openssl",
			       .key = "c",
			       .status = STATUS_AFFECTED,
			       .severity = SEVERITY_LOW });
	case_expect_match(T(state), STATUS_AFFECTED, by);
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
		CASE(no_statement_at_all_is_said_so),
		CASE(every_state_without_a_fix_is_a_match_in_that_state),
		CASE(undetermined_is_no_match_and_names_who_does_not_know),
		CASE(undetermined_and_open_investigations_hide_no_finding),
		CASE(denial_beats_affected),
		CASE(denial_without_any_bounds_holds_for_every_version),
		CASE(denial_of_other_versions_denies_nothing),
		CASE(statement_for_the_architecture_beats_a_general_denial),
		CASE(denial_for_the_architecture_beats_a_general_statement),
		CASE(denial_for_the_architecture_beats_a_statement_for_it),
		CASE(fix_for_the_architecture_is_the_reason_before_a_general_denial),
		CASE(of_equal_ranges_the_worse_statement_decides),
		CASE(highest_of_several_fixes_decides),
		CASE(between_two_fixes_the_higher_one_is_still_missing),
		CASE(beyond_every_fix_the_highest_is_named),
		CASE(gap_between_two_ranges_has_the_fix_of_the_lower_one),
		CASE(version_before_the_mistake_was_made_never_had_it),
		CASE(version_that_is_not_among_those_named_is_not_affected),
		CASE(version_without_order_is_not_called_clean),
		CASE(version_without_order_matches_when_it_is_named),
		CASE(only_the_version_that_is_compared_must_have_an_order),
		CASE(verdict_does_not_depend_on_the_order_of_statements),
		CASE(severity_is_the_deciding_statements_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
