/* SPDX-License-Identifier: Apache-2.0 */
/* words_test - the closed lists and their spelling. */
#include "unit/unit.h"

#include "core/words.h"

static void
every_severity_is_read_as_it_is_written(void **state)
{
	(void)state;
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		enum severity got = SEVERITY_COUNT;

		assert_true(severity_from_name(severity_name((enum severity)i), &got));
		assert_int_equal(got, i);
	}
}

static void
every_status_is_read_as_it_is_written(void **state)
{
	(void)state;
	for (int i = 0; i < STATUS_COUNT; i++) {
		enum status got = STATUS_COUNT;

		assert_true(status_from_name(status_name((enum status)i), &got));
		assert_int_equal(got, i);
	}
}

static void
every_kind_and_speaker_is_read_as_it_is_written(void **state)
{
	(void)state;
	for (int i = 0; i < KIND_COUNT; i++) {
		enum package_kind got = KIND_COUNT;

		assert_true(package_kind_from_name(
		    package_kind_name((enum package_kind)i), &got));
		assert_int_equal(got, i);
	}
	for (int i = 0; i < RECORD_KIND_COUNT; i++) {
		enum record_kind got = RECORD_KIND_COUNT;

		assert_true(
		    record_kind_from_name(record_kind_name((enum record_kind)i), &got));
		assert_int_equal(got, i);
	}
	for (int i = 0; i < SPEAKER_COUNT; i++) {
		enum speaker got = SPEAKER_COUNT;

		assert_true(speaker_from_name(speaker_name((enum speaker)i), &got));
		assert_int_equal(got, i);
	}
}

static void
the_words_are_those_of_the_interface(void **state)
{
	(void)state;
	assert_string_equal(status_name(STATUS_WONT_FIX), "wont_fix");
	assert_string_equal(
	    status_name(STATUS_UNDER_INVESTIGATION), "under_investigation");
	assert_string_equal(
	    coverage_state_name(COVERAGE_WAITING_FOR_FEEDS), "waiting_for_feeds");
	assert_string_equal(reason_name(REASON_VERSION_HAS_FIX), "version_has_fix");
	assert_string_equal(severity_name(SEVERITY_NEGLIGIBLE), "negligible");
}

static void
every_reason_and_coverage_state_has_its_own_word(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
			    reason_name((enum reason)i), reason_name((enum reason)k));
	}
	for (int i = 0; i < COVERAGE_COUNT; i++) {
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
			    coverage_state_name((enum coverage_state)i),
			    coverage_state_name((enum coverage_state)k));
	}
}

static void
a_foreign_word_leaves_the_result_alone(void **state)
{
	enum severity s = SEVERITY_LOW;
	enum status t = STATUS_FIXED;

	(void)state;
	assert_false(severity_from_name("important", &s));
	assert_false(severity_from_name("HIGH", &s));
	assert_false(severity_from_name(NULL, &s));
	assert_int_equal(s, SEVERITY_LOW);
	assert_false(status_from_name("", &t));
	assert_int_equal(t, STATUS_FIXED);
}

static void
a_number_that_is_no_word_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(severity_name((enum severity)77), "unknown");
	assert_string_equal(reason_name(REASON_COUNT), "unknown");
}

static void
cvss_bands_change_at_their_bounds(void **state)
{
	static const struct {
		int tenths;
		enum severity want;
	} rows[] = {
		{ -1, SEVERITY_UNKNOWN },
		{ 0, SEVERITY_UNKNOWN },
		{ 1, SEVERITY_LOW },
		{ 39, SEVERITY_LOW },
		{ 40, SEVERITY_MEDIUM },
		{ 69, SEVERITY_MEDIUM },
		{ 70, SEVERITY_HIGH },
		{ 89, SEVERITY_HIGH },
		{ 90, SEVERITY_CRITICAL },
		{ 100, SEVERITY_CRITICAL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		enum severity got = severity_from_cvss(rows[i].tenths);

		if (got != rows[i].want)
			fail_msg("%d: wanted %s, got %s", rows[i].tenths,
			    severity_name(rows[i].want), severity_name(got));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_severity_is_read_as_it_is_written),
		cmocka_unit_test(every_status_is_read_as_it_is_written),
		cmocka_unit_test(every_kind_and_speaker_is_read_as_it_is_written),
		cmocka_unit_test(every_reason_and_coverage_state_has_its_own_word),
		cmocka_unit_test(the_words_are_those_of_the_interface),
		cmocka_unit_test(a_foreign_word_leaves_the_result_alone),
		cmocka_unit_test(a_number_that_is_no_word_is_unknown),
		cmocka_unit_test(cvss_bands_change_at_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
