/* SPDX-License-Identifier: Apache-2.0 */
/* clock_test - dates in and out, and the clock that stands still. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

static void
reads_the_dates_that_feeds_write(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {
		{ "1970-01-01", 0 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-01-02T03:04:05Z", 1767323045 },
		{ "2026-01-02t03:04:05z", 1767323045 },
		{ "2026-01-02 03:04:05", 1767323045 },
		{ "2026-01-02T03:04:05", 1767323045 },
		{ "2026-01-02T03:04:05.857", 1767323045 },
		{ "2026-01-02T03:04:05.000000123Z", 1767323045 },
		{ "2026-01-02T05:04:05+02:00", 1767323045 },
		{ "2026-01-01T22:04:05-0500", 1767323045 },
		{ "2026-01-02 03:04", 1767323040 },
		{ "2026-01-02T03:04Z", 1767323040 },
		{ "2024-02-29", 1709164800 },
		{ "2000-02-29", 951782400 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
		{ "31 Jul 2025", 1753920000 },
		{ "1 Aug 2025", 1754006400 },
		{ "01 Aug 2025", 1754006400 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
		{ "1969-12-31T23:00:00-02:00", 3600 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t got = -1;

		if (!time_parse(rows[i].text, &got) || got != rows[i].want)
			fail_msg("\"%s\": wanted %lld, got %lld", rows[i].text,
			    (long long)rows[i].want, (long long)got);
	}
}

static void
refuses_what_is_no_date(void **state)
{
	static const char *const rows[] = { "", " ", "2026", "2026-01", "2026-1-2",
		"2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31",
		"2023-02-29", "1900-02-29", "1969-12-31", "2026-01-02T", "2026-01-02Z",
		"2026-01-02T03", "2026-01-02T24:00:00Z", "2026-01-02T23:60:00Z",
		"2026-01-02T23:59:61Z", "2026-01-02T03:04:05.", "2026-01-02T03:04:05.Z",
		"2026-01-02T03:04:05ZZ", "2026-01-02T03:04:05+2",
		"2026-01-02T03:04:05+02:60", "2026-01-02T03:04:05+24:00",
		"2026-01-02T03:04:05 +02:00", "2026-01-02 ", " 2026-01-02",
		"10000-01-01", "9999-12-31T23:59:59-00:01", "31 July 2025",
		"31 jul 2025", "31 Jul 25", "31 Jun 2025", "0 Jul 2025", "31 Jul 2025 ",
		"Jul 31 2025", "20260102", "-2026-01-02" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t got = 42;

		if (time_parse(rows[i], &got) || got != 42)
			fail_msg("\"%s\" was taken for %lld", rows[i], (long long)got);
	}
	assert_false(time_parse(NULL, &(int64_t){ 0 }));
}

static void
writes_what_it_reads(void **state)
{
	char text[TIME_TEXT_SIZE];

	(void)state;
	/* a step that visits every day of the week, hour and length of month */
	for (int64_t at = 0; at < 253402300800; at += 86400 * 31 + 7919) {
		int64_t got = -1;

		if (!time_parse(time_format(at, text), &got) || got != at)
			fail_msg("%lld was written as %s and read as %lld",
			    (long long)at, text, (long long)got);
	}
}

static void
every_day_of_four_centuries_has_its_date(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t at = time_from_civil(1900, 1, 1);

	(void)state;
	for (int year = 1900; year < 2300; year++) {
		bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

		for (int month = 1; month <= 12; month++) {
			int days = lengths[month - 1] + (is_leap && month == 2);

			for (int day = 1; day <= days; day++, at += 86400)
				assert_int_equal(time_from_civil(year, month, day), at);
		}
	}
}

static void
times_out_of_range_are_written_as_the_nearest(void **state)
{
	char text[TIME_TEXT_SIZE];

	(void)state;
	assert_string_equal(time_format(INT64_MAX, text), "9999-12-31T23:59:59Z");
	assert_string_equal(time_format(INT64_MIN, text), "0000-01-01T00:00:00Z");
	assert_string_equal(time_format(-1, text), "1969-12-31T23:59:59Z");
}

static void
mail_dates_carry_the_day_of_the_week(void **state)
{
	char text[TIME_TEXT_SIZE + 16];

	(void)state;
	assert_string_equal(
	    time_format_mail(1767323045, text), "Fri, 02 Jan 2026 03:04:05 +0000");
	assert_string_equal(
	    time_format_mail(0, text), "Thu, 01 Jan 1970 00:00:00 +0000");
	assert_string_equal(
	    time_format_mail(951782400, text), "Tue, 29 Feb 2000 00:00:00 +0000");
}

static void
the_zone_of_the_machine_does_not_matter(void **state)
{
	char text[TIME_TEXT_SIZE];
	int64_t got = 0;

	(void)state;
	assert_int_equal(setenv("TZ", "Pacific/Auckland", 1), 0);
	assert_true(time_parse("2026-07-01 12:00", &got));
	assert_int_equal(got, 1782907200);
	assert_string_equal(time_format(got, text), "2026-07-01T12:00:00Z");
	assert_int_equal(unsetenv("TZ"), 0);
}

static void
the_fake_clock_moves_when_told(void **state)
{
	struct clock_fake f;

	(void)state;
	clock_fake_init(&f, 1500);
	assert_int_equal(f.clock.now_ms(&f.clock), 1500);
	assert_int_equal(clock_now_s(&f.clock), 1);
	f.at_ms += 1000;
	assert_int_equal(f.clock.mono_ms(&f.clock), 2500);
}

static void
the_systems_clock_goes_on(void **state)
{
	const struct clock *c = clock_system();
	int64_t before = c->mono_ms(c);

	(void)state;
	assert_true(c->mono_ms(c) >= before);
	assert_true(clock_now_s(c) > time_from_civil(2024, 1, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_dates_that_feeds_write),
		cmocka_unit_test(refuses_what_is_no_date),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(every_day_of_four_centuries_has_its_date),
		cmocka_unit_test(times_out_of_range_are_written_as_the_nearest),
		cmocka_unit_test(mail_dates_carry_the_day_of_the_week),
		cmocka_unit_test(the_zone_of_the_machine_does_not_matter),
		cmocka_unit_test(the_fake_clock_moves_when_told),
		cmocka_unit_test(the_systems_clock_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
