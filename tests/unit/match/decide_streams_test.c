/* SPDX-License-Identifier: Apache-2.0 */
/* decide_streams_test - lines of updates that an image has, and those it lacks. */
#include "unit/unit.h"

#include "unit/match/case.h"

#define T(state) ((struct trial *)*(state))

/* jammy's imagemagick: the fix for it is in a stream that not everybody has */
static void
install(struct trial *t, const char *streams)
{
	case_install(
	    t, "dpkg", "imagemagick", "8:6.9.11.60-3", "imagemagick", "8:6.9.11.60-3");
	t->s.streams = streams;
}

static struct say
esm_fix(void)
{
	return (struct say){ .source_of = "imagemagick",
		.status = STATUS_FIXED,
		.stream = "esm-apps",
		.fixed = "8:6.9.11.60-3+esm1" };
}

static void
enabled_stream_outranks_the_base(void **state)
{
	const struct statement *by;

	install(T(state), "esm-apps,esm-infra");
	case_say(T(state),
	    (struct say){ .source_of = "imagemagick", .status = STATUS_WONT_FIX });
	by = case_say(T(state), esm_fix());
	case_expect_match(T(state), STATUS_FIXED, by);
	assert_false(T(state)->d.fix_in_other_stream);
}

static void
fix_of_an_enabled_stream_counts_as_the_fix(void **state)
{
	const struct statement *by;

	install(T(state), "esm-apps");
	T(state)->s.origin_key = T(state)->s.key;
	case_say(T(state),
	    (struct say){ .source_of = "imagemagick", .status = STATUS_AFFECTED });
	by = case_say(T(state), (struct say){ .source_of = "imagemagick",
				    .status = STATUS_FIXED,
				    .stream = "esm-apps",
				    .fixed = "8:6.9.11.60-2+esm1" });
	case_expect_none(T(state), REASON_VERSION_HAS_FIX, by);
}

static void
denial_of_the_base_does_not_reach_into_an_enabled_stream(void **state)
{
	const struct statement *by;

	install(T(state), "esm-apps");
	case_say(T(state),
	    (struct say){ .source_of = "imagemagick", .status = STATUS_NOT_AFFECTED });
	by = case_say(T(state), esm_fix());
	case_expect_match(T(state), STATUS_FIXED, by);
}

static void
fix_in_a_lacked_stream_is_named_and_not_promised(void **state)
{
	static const enum status states[] = { STATUS_AFFECTED, STATUS_WONT_FIX,
		STATUS_DEFERRED, STATUS_END_OF_LIFE };

	for (size_t i = 0; i < ROWS(states); i++) {
		const struct statement *by;

		T(state)->n = 0;
		install(T(state), "esm-infra");
		by = case_say(T(state),
		    (struct say){ .source_of = "imagemagick", .status = states[i] });
		case_say(T(state), esm_fix());
		case_expect_match(T(state), states[i], by);
		assert_true(T(state)->d.fix_in_other_stream);
		assert_string_equal(T(state)->d.fix_stream, "esm-apps");
	}
}

static void
fix_in_the_base_makes_other_streams_uninteresting(void **state)
{
	const struct statement *by;

	install(T(state), "");
	by = case_say(T(state), (struct say){ .source_of = "imagemagick",
				    .status = STATUS_FIXED,
				    .fixed = "8:6.9.11.60-4" });
	case_say(T(state), esm_fix());
	case_expect_match(T(state), STATUS_FIXED, by);
	assert_false(T(state)->d.fix_in_other_stream);
	assert_null(T(state)->d.fix_stream);
}

static void
lacked_stream_without_a_fix_for_this_version_is_not_named(void **state)
{
	const struct statement *by;

	install(T(state), "");
	by = case_say(T(state),
	    (struct say){ .source_of = "imagemagick", .status = STATUS_AFFECTED });
	case_say(T(state), (struct say){ .source_of = "imagemagick",
			       .status = STATUS_AFFECTED,
			       .stream = "esm-apps" });
	case_say(T(state), (struct say){ .source_of = "imagemagick",
			       .status = STATUS_FIXED,
			       .stream = "esm-infra",
			       .introduced = "8:7.0",
			       .fixed = "8:7.1" });
	case_expect_match(T(state), STATUS_AFFECTED, by);
	assert_false(T(state)->d.fix_in_other_stream);
}

static void
statements_of_lacked_streams_alone_decide_nothing(void **state)
{
	const struct statement *by;

	install(T(state), "esm-infra");
	by = case_say(T(state), esm_fix());
	case_expect_none(T(state), REASON_OTHER_STREAM, by);
}

static void
stream_is_enabled_by_its_whole_name_only(void **state)
{
	const struct statement *by;

	install(T(state), "esm-apps-legacy,esm");
	by = case_say(T(state), esm_fix());
	case_expect_none(T(state), REASON_OTHER_STREAM, by);
}

static void
investigation_in_the_base_names_no_fix_elsewhere(void **state)
{
	const struct statement *by;

	install(T(state), "");
	by = case_say(T(state), (struct say){ .source_of = "imagemagick",
				    .status = STATUS_UNDER_INVESTIGATION });
	case_say(T(state), esm_fix());
	case_expect_match(T(state), STATUS_UNDER_INVESTIGATION, by);
	assert_false(T(state)->d.fix_in_other_stream);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, case_setup, case_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(enabled_stream_outranks_the_base),
		CASE(fix_of_an_enabled_stream_counts_as_the_fix),
		CASE(denial_of_the_base_does_not_reach_into_an_enabled_stream),
		CASE(fix_in_a_lacked_stream_is_named_and_not_promised),
		CASE(fix_in_the_base_makes_other_streams_uninteresting),
		CASE(lacked_stream_without_a_fix_for_this_version_is_not_named),
		CASE(statements_of_lacked_streams_alone_decide_nothing),
		CASE(stream_is_enabled_by_its_whole_name_only),
		CASE(investigation_in_the_base_names_no_fix_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
