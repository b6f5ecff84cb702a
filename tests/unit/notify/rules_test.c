/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/str.h"
#include "notify/notify_private.h"

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

static enum err_code
check_definition(struct arena *a, const char *text, const char **ret, int64_t *ret_next,
    struct err *e)
{
	struct subscription_word word;
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, text, strlen(text), e);

	if (rc != ERR_OK)
		fail_msg("not JSON: %s", text);
	/* Monday 2026-01-05 08:00 UTC */
	rc = notify_subscription_check(j, 1767600000000, a, &word, e);
	json_free(j);
	if (rc != ERR_OK)
		return rc;
	*ret = word.definition_json;
	*ret_next = word.next_at;
	return ERR_OK;
}

static void
an_empty_definition_means_everything_at_once(void **state)
{
	const char *text = NULL;
	int64_t next = -1;
	struct err e = ERR_INIT;

	assert_int_equal(check_definition(*state, "{}", &text, &next, &e), ERR_OK);
	assert_string_equal(text,
	    "{\"schedule\":\"immediate\",\"filter\":{\"preset\":\"everything\"}}");
	assert_int_equal(next, 0);
}

static void
good_definitions_are_written_back_in_one_form(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "{\"schedule\":\"hourly\",\"filter\":{\"preset\":\"quiet\"}}",
		    "{\"schedule\":\"hourly\",\"filter\":{\"preset\":\"quiet\"}}" },
		{ "{\"filter\":{\"events\":[\"image.unreachable\"]}}",
		    "{\"schedule\":\"immediate\",\"filter\":{\"events\":["
		    "\"image.unreachable\"]}}" },
		{ "{\"gather\":\"90s\",\"filter\":{\"min_severity\":\"high\"}}",
		    "{\"schedule\":\"immediate\",\"gather\":\"90000ms\",\"filter\":{"
		    "\"min_severity\":"
		    "\"high\"}}" },
		{ "{\"schedule\":\"weekly\",\"days\":[\"Fri\"],\"at\":\"07:30\","
		  "\"filter\":{\"fix\":"
		  "\"available\",\"packages\":[\"openssl*\"]}}",
		    "{\"schedule\":\"weekly\",\"at\":\"07:30\",\"tz\":\"UTC\",\"days\":"
		    "[\"fri\"],"
		    "\"filter\":{\"fix\":\"available\",\"packages\":[\"openssl*\"]}}" },
		{ "{\"filter\":{\"epss_gte\":0.25,\"unknown_severity\":\"wait:2h\"}}",
		    "{\"schedule\":\"immediate\",\"filter\":{\"unknown_severity\":"
		    "\"wait:7200s\","
		    "\"epss_gte\":0.25}}" },
		{ "{\"schedule\":\"daily\",\"urgent\":{\"exploited\":true,\"min_"
		  "severity\":"
		  "\"critical\"}}",
		    "{\"schedule\":\"daily\",\"at\":\"09:00\",\"tz\":\"UTC\","
		    "\"filter\":{\"preset\":"
		    "\"everything\"},\"urgent\":{\"exploited\":true,\"min_severity\":"
		    "\"critical\"}}" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = NULL;
		int64_t next;
		struct err e = ERR_INIT;

		if (check_definition(*state, rows[i].in, &text, &next, &e) != ERR_OK)
			fail_msg("row %zu: %s", i, e.text);
		if (!str_eq(text, rows[i].out))
			fail_msg("row %zu:\n got %s\nwant %s", i, text, rows[i].out);
		/* what is kept must be readable again */
		if (check_definition(*state, text, &text, &next, &e) != ERR_OK ||
		    !str_eq(text, rows[i].out))
			fail_msg("row %zu does not come back: %s", i, text);
	}
}

static void
bad_definitions_name_the_field(void **state)
{
	static const struct {
		const char *in, *says;
	} rows[] = {
		{ "{\"schedule\":\"yearly\"}", "schedule" },
		{ "{\"at\":\"25:00\"}", "at must" },
		{ "{\"at\":\"9:00\"}", "at must" },
		{ "{\"tz\":\"Mars/Base\"}", "Mars/Base" },
		{ "{\"tz\":\"../../etc/passwd\"}", "no time zone" },
		{ "{\"days\":[\"someday\"]}", "someday" },
		{ "{\"gather\":\"fast\"}", "gather" },
		{ "{\"filter\":{\"preset\":\"loud\"}}", "preset" },
		{ "{\"filter\":{\"min_severity\":\"terrible\"}}", "terrible" },
		{ "{\"filter\":{\"epss_gte\":2}}", "epss_gte" },
		{ "{\"filter\":{\"events\":[\"finding.lost\"]}}", "finding.lost" },
		{ "{\"filter\":{\"fix\":\"none\"}}", "fix" },
		{ "{\"filter\":{\"colour\":\"red\"}}", "colour" },
		{ "{\"filter\":[]}", "filter" },
		{ "{\"urgent\":{}}", "urgent" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = NULL;
		int64_t next;
		struct err e = ERR_INIT;

		if (check_definition(*state, rows[i].in, &text, &next, &e) == ERR_OK)
			fail_msg("row %zu is accepted: %s", i, rows[i].in);
		if (strstr(e.text, rows[i].says) == NULL)
			fail_msg("row %zu: \"%s\" does not name %s", i, e.text,
			    rows[i].says);
	}
}

static void
a_daily_hour_is_local_and_follows_summer_time(void **state)
{
	const char *text = NULL;
	char at[TIME_TEXT_SIZE];
	int64_t next = 0;
	struct err e = ERR_INIT;

	if (check_definition(*state,
		"{\"schedule\":\"daily\",\"at\":\"09:00\",\"tz\":"
		"\"Europe/Berlin\"}",
		&text, &next, &e) != ERR_OK) {
		print_message("skipped: %s\n", e.text);
		skip();
	}
	/* it is Monday 08:00 UTC = 09:00 in Berlin: the next one is tomorrow */
	assert_string_equal(time_format(next, at), "2026-01-06T08:00:00Z");
}

/* ---- filters ---- */

static struct filter
filter_of(struct arena *a, const char *text)
{
	struct json *j = NULL;
	struct rules r;
	struct err e = ERR_INIT;

	if (json_parse(&j, text, strlen(text), &e) != ERR_OK ||
	    rules_read(j, a, &r, &e) != ERR_OK)
		fail_msg("%s: %s", text, e.text);
	json_free(j);
	return r.filter;
}

static void
filters_decide_as_their_words_say(void **state)
{
	static const struct {
		const char *filter; /* the whole definition */
		enum severity severity;
		unsigned flags;
		int64_t epss_micro;
		bool aged, want;
	} rows[] = {
		{ "{}", SEVERITY_LOW, 0, -1, false, true },
		{ "{}", SEVERITY_UNKNOWN, 0, -1, false, true },
		{ "{}", SEVERITY_NEGLIGIBLE, 0, -1, false, false },
		{ "{\"filter\":{\"min_severity\":\"negligible\"}}", SEVERITY_NEGLIGIBLE,
		    0, -1, false, true },
		{ "{\"filter\":{\"min_severity\":\"high\"}}", SEVERITY_MEDIUM, 0, -1,
		    false, false },
		{ "{\"filter\":{\"min_severity\":\"high\"}}", SEVERITY_MEDIUM,
		    EVENT_EXPLOITED, -1, false, true },
		{ "{\"filter\":{\"fix\":\"available\"}}", SEVERITY_HIGH, 0, -1, false,
		    false },
		{ "{\"filter\":{\"fix\":\"available\"}}", SEVERITY_HIGH, EVENT_FIXABLE,
		    -1, false, true },
		{ "{\"filter\":{\"exploited\":true}}", SEVERITY_CRITICAL, 0, -1, false,
		    false },
		{ "{\"filter\":{\"epss_gte\":0.5}}", SEVERITY_HIGH, 0, 400000, false,
		    false },
		{ "{\"filter\":{\"epss_gte\":0.5}}", SEVERITY_HIGH, 0, 500000, false,
		    true },
		{ "{\"filter\":{\"preset\":\"standard\"}}", SEVERITY_LOW, 0, -1, false,
		    false },
		{ "{\"filter\":{\"preset\":\"standard\"}}", SEVERITY_MEDIUM, 0, -1,
		    false, true },
		{ "{\"filter\":{\"preset\":\"standard\"}}", SEVERITY_UNKNOWN, 0, -1,
		    false, false },
		{ "{\"filter\":{\"preset\":\"standard\"}}", SEVERITY_UNKNOWN, 0, -1,
		    true, true },
		{ "{\"filter\":{\"preset\":\"quiet\"}}", SEVERITY_HIGH, 0, -1, false,
		    false },
		{ "{\"filter\":{\"preset\":\"quiet\"}}", SEVERITY_HIGH, EVENT_FIXABLE,
		    -1, false, true },
		{ "{\"filter\":{\"preset\":\"quiet\"}}", SEVERITY_MEDIUM, EVENT_FIXABLE,
		    150000, false, true },
		{ "{\"filter\":{\"preset\":\"quiet\"}}", SEVERITY_MEDIUM, EVENT_FIXABLE,
		    50000, false, false },
		{ "{\"filter\":{\"preset\":\"quiet\"}}", SEVERITY_LOW, EVENT_EXPLOITED,
		    -1, false, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct filter f = filter_of(*state, rows[i].filter);
		const struct log_entry entry = {
			.kind = EVENT_FINDING_OPENED,
			.ecosystem = "debian:12",
			.package = "openssl",
			.severity = rows[i].severity,
			.flags = rows[i].flags,
			.epss_micro = rows[i].epss_micro,
		};

		if (filter_entry(&f, &entry, rows[i].aged) != rows[i].want)
			fail_msg("row %zu: %s is %s", i, rows[i].filter,
			    rows[i].want ? "not passed" : "passed");
	}
}

static void
a_score_that_rises_is_news_for_those_who_judge_by_it(void **state)
{
	static const struct {
		const char *filter; /* the whole definition */
		enum severity severity;
		int64_t before, now;
		bool want;
	} rows[] = {
		{ "{\"filter\":{\"epss_gte\":0.3}}", SEVERITY_LOW, 200000, 300000,
		    true },
		{ "{\"filter\":{\"epss_gte\":0.3}}", SEVERITY_LOW, 300000, 950000,
		    false },
		{ "{\"filter\":{\"epss_gte\":0.3}}", SEVERITY_LOW, 50000, 200000,
		    false },
		{ "{\"filter\":{\"preset\":\"quiet\"}}", SEVERITY_MEDIUM, 50000, 200000,
		    true },
		{ "{\"filter\":{\"preset\":\"quiet\"}}", SEVERITY_MEDIUM, 200000,
		    950000, false },
		{ "{\"filter\":{\"preset\":\"quiet\"}}", SEVERITY_HIGH, 50000, 200000,
		    false },
		{ "{}", SEVERITY_LOW, 200000, 600000, true },
		{ "{}", SEVERITY_LOW, 200000, 400000, false },
		{ "{\"filter\":{\"min_severity\":\"high\"}}", SEVERITY_LOW, 200000,
		    600000, false },
		{ "{\"filter\":{\"events\":[\"finding.opened\"]}}", SEVERITY_LOW,
		    200000, 600000, false },
	};
	struct change_package p = { .ecosystem = "debian:12",
		.name = "openssl",
		.version = "3",
		.fix = FIX_AVAILABLE };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct filter f = filter_of(*state, rows[i].filter);
		const struct log_entry entry = {
			.kind = EVENT_FINDING_SEVERITY_RAISED,
			.severity = rows[i].severity,
			.epss_micro = rows[i].now,
			.epss_before_micro = rows[i].before,
		};
		const struct change_row row = {
			.kind = CHANGE_SEVERITY_RAISED,
			.severity = rows[i].severity,
			.severity_before = rows[i].severity,
			.epss_micro = rows[i].now,
			.epss_before_micro = rows[i].before,
			.packages = &p,
			.n_packages = 1,
		};

		if (rows[i].want && !filter_entry(&f, &entry, false))
			fail_msg("row %zu: the entry of the log is not passed", i);
		if (filter_change(&f, &row, false) != rows[i].want)
			fail_msg("row %zu: %s is %s", i, rows[i].filter,
			    rows[i].want ? "not passed" : "passed");
	}
}

static void
ecosystem_and_package_globs_choose(void **state)
{
	struct filter f =
	    filter_of(*state, "{\"filter\":{\"ecosystems\":[\"alpine:*\"],\"packages\":"
			      "[\"openssl\",\"libssl*\"]}}");
	struct change_package p = { .ecosystem = "alpine:3.20",
		.name = "libssl3",
		.source_package = "openssl",
		.version = "3",
		.fix = FIX_AVAILABLE };
	struct change_row row = { .kind = CHANGE_OPENED,
		.severity = SEVERITY_HIGH,
		.epss_micro = -1,
		.packages = &p,
		.n_packages = 1 };

	assert_true(filter_change(&f, &row, false));
	p.ecosystem = "debian:12";
	assert_false(filter_change(&f, &row, false));
	p.ecosystem = "alpine:3.20";
	p.name = "zlib";
	assert_true(filter_change(&f, &row, false)); /* by its source */
	p.source_package = "zlib";
	assert_false(filter_change(&f, &row, false));
}

static void
message_ids_follow_from_what_they_cover(void **state)
{
	const char *first = message_id(1, 2, "a@example.org", 10, 20, *state);

	assert_string_equal(first, message_id(1, 2, "a@example.org", 10, 20, *state));
	assert_string_not_equal(
	    first, message_id(1, 2, "b@example.org", 10, 20, *state));
	assert_string_not_equal(
	    first, message_id(1, 2, "a@example.org", 10, 21, *state));
	assert_string_not_equal(
	    first, message_id(1, 3, "a@example.org", 10, 20, *state));
	assert_null(strchr(first, '.')); /* a dot would split the signed text */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_empty_definition_means_everything_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    good_definitions_are_written_back_in_one_form, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    bad_definitions_name_the_field, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_daily_hour_is_local_and_follows_summer_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    filters_decide_as_their_words_say, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_score_that_rises_is_news_for_those_who_judge_by_it, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    ecosystem_and_package_globs_choose, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    message_ids_follow_from_what_they_cover, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
