/* SPDX-License-Identifier: Apache-2.0 */
/* zone_test - local time of places, from this machine's tzdata. */
#include "unit/unit.h"

#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/zone.h"

#define MONDAY   1u
#define SUNDAY   (1u << 6)
#define WEEKDAYS 31u

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static const struct zone *
zone(const char *name)
{
	struct zone *z = NULL;
	struct err e = ERR_INIT;

	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) {
		print_message("skipped: no tzdata here\n");
		skip();
	}
	if (zone_load(&z, name, a, &e) != ERR_OK)
		fail_msg("%s: %s", name, e.text);
	return z;
}

static int64_t
at(const char *text)
{
	int64_t t = -1;

	assert_true(time_parse(text, &t));
	return t;
}

static void
offsets_follow_summer_and_winter(void **state)
{
	static const struct {
		const char *zone, *when;
		int64_t want_minutes;
	} rows[] = {
		{ "UTC", "2026-07-01T12:00:00Z", 0 },
		{ "Europe/Berlin", "2026-01-15T12:00:00Z", 60 },
		{ "Europe/Berlin", "2026-07-15T12:00:00Z", 120 },
		{ "Europe/Berlin", "2026-03-29T00:59:59Z", 60 },
		{ "Europe/Berlin", "2026-03-29T01:00:00Z", 120 },
		{ "Europe/Berlin", "2026-10-25T00:59:59Z", 120 },
		{ "Europe/Berlin", "2026-10-25T01:00:00Z", 60 },
		{ "Europe/Berlin", "2077-07-15T12:00:00Z", 120 }, /* by the rule */
		{ "Europe/Berlin", "2077-12-15T12:00:00Z", 60 },
		{ "Europe/Berlin", "1980-07-15T12:00:00Z", 120 }, /* by the table */
		{ "America/New_York", "2026-03-08T06:59:59Z", -300 },
		{ "America/New_York", "2026-03-08T07:00:00Z", -240 },
		{ "America/New_York", "2026-11-01T06:00:00Z", -300 },
		{ "Australia/Sydney", "2060-01-15T00:00:00Z", 660 },
		{ "Australia/Sydney", "2060-07-15T00:00:00Z", 600 },
		{ "Asia/Kolkata", "2026-01-15T00:00:00Z", 330 },
		{ "Asia/Kolkata", "2077-07-15T00:00:00Z", 330 },
		{ "Pacific/Chatham", "2077-07-15T00:00:00Z", 765 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t got = zone_offset(zone(rows[i].zone), at(rows[i].when));

		if (got != rows[i].want_minutes * 60)
			fail_msg("%s at %s: wanted %lld minutes, got %lld seconds",
			    rows[i].zone, rows[i].when, (long long)rows[i].want_minutes,
			    (long long)got);
	}
}

static void
the_next_moment_is_the_first_after(void **state)
{
	static const struct {
		const char *zone, *after;
		int minutes;
		unsigned days;
		const char *want;
	} rows[] = {
		{ "UTC", "2026-01-02T03:04:05Z", 540, 0, "2026-01-02T09:00:00Z" },
		{ "UTC", "2026-01-02T09:00:00Z", 540, 0, "2026-01-03T09:00:00Z" },
		{ "UTC", "2026-01-02T08:59:59Z", 540, 0, "2026-01-02T09:00:00Z" },
		{ "UTC", "2026-01-02T00:00:00Z", 0, 0, "2026-01-03T00:00:00Z" },
		{ "UTC", "2026-12-31T23:59:59Z", 1439, 0, "2027-01-01T23:59:00Z" },
		/* the 2nd is a Friday */
		{ "UTC", "2026-01-02T10:00:00Z", 540, MONDAY, "2026-01-05T09:00:00Z" },
		{ "UTC", "2026-01-05T08:00:00Z", 540, MONDAY, "2026-01-05T09:00:00Z" },
		{ "UTC", "2026-01-05T09:00:00Z", 540, MONDAY, "2026-01-12T09:00:00Z" },
		{ "UTC", "2026-01-02T10:00:00Z", 540, WEEKDAYS,
		    "2026-01-05T09:00:00Z" },
		{ "UTC", "2026-01-02T10:00:00Z", 540, SUNDAY, "2026-01-04T09:00:00Z" },
		{ "Europe/Berlin", "2026-01-15T08:00:00Z", 540, 0,
		    "2026-01-16T08:00:00Z" },
		{ "Europe/Berlin", "2026-07-15T06:00:00Z", 540, 0,
		    "2026-07-15T07:00:00Z" },
		/* 02:30 is left out on that night, and comes twice on the other */
		{ "Europe/Berlin", "2026-03-28T12:00:00Z", 150, 0,
		    "2026-03-29T01:30:00Z" },
		{ "Europe/Berlin", "2026-03-29T01:30:00Z", 150, 0,
		    "2026-03-30T00:30:00Z" },
		{ "Europe/Berlin", "2026-10-24T12:00:00Z", 150, 0,
		    "2026-10-25T00:30:00Z" },
		{ "Europe/Berlin", "2026-10-25T00:30:00Z", 150, 0,
		    "2026-10-26T01:30:00Z" },
		/* already the next day there */
		{ "Pacific/Auckland", "2026-01-02T12:00:00Z", 0, 0,
		    "2026-01-03T11:00:00Z" },
		{ "America/New_York", "2026-01-03T02:00:00Z", 1260, 1u << 4,
		    "2026-01-10T02:00:00Z" },
	};
	char text[TIME_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t got = zone_next(zone(rows[i].zone), at(rows[i].after),
		    rows[i].minutes, rows[i].days);

		if (got != at(rows[i].want))
			fail_msg("%s, %d on %x after %s: wanted %s, got %s",
			    rows[i].zone, rows[i].minutes, rows[i].days, rows[i].after,
			    rows[i].want, time_format(got, text));
	}
}

/* Every hour of a year: the next moment is later, at most a day and an hour away. */
static void
a_daily_time_comes_every_day(void **state)
{
	static const char *const names[] = { "Europe/Berlin", "Australia/Lord_Howe",
		"America/St_Johns" };

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		const struct zone *z = zone(names[i]);
		int64_t end = at("2027-01-01");

		for (int64_t t = at("2026-01-01"); t < end; t += 3600) {
			int64_t next = zone_next(z, t, 150, 0);

			if (next <= t || next - t > 25 * 3600)
				fail_msg("%s: %lld is followed by %lld", names[i],
				    (long long)t, (long long)next);
		}
	}
}

static void
what_is_no_zone_is_refused(void **state)
{
	static const char *const names[] = { "", "Europe", "Europe/Nowhere",
		"europe/berlin ", "../../../etc/passwd", "/etc/localtime",
		"Europe/../Europe/Berlin", "zone.tab", "tzdata.zi", "Europe/Berlin\n",
		"leap-seconds.list",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		struct zone *z = NULL;
		struct err e = ERR_INIT;

		if (zone_load(&z, names[i], a, &e) != ERR_INPUT || z != NULL)
			fail_msg("\"%s\" was taken", names[i]);
		assert_true(strlen(e.text) > 0);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(offsets_follow_summer_and_winter),
		TEST(the_next_moment_is_the_first_after),
		TEST(a_daily_time_comes_every_day),
		TEST(what_is_no_zone_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
