/* SPDX-License-Identifier: Apache-2.0 */
/* nvd_changes - NVD's API: windows, pages, pace, patience. */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/str.h"
#include "unit/fetchers/fixture.h"
#include "unit/unit.h"

#define API "https://example.org/rest/json/cves/2.0"

static struct world *
api_world(void **state)
{
	struct world *w = *state;

	w->feed.driver = "nvd";
	w->feed.url = "https://example.org/feeds/";
	w->feed.api_url = API;
	w->state.cursor = "{\"mode\":\"changes\",\"since\":\"2025-02-28T23:00:00Z\"}";
	return w;
}

/* N entries from number START on, of TOTAL in the list; "per page" is what was asked. */
static const char *
page(struct world *w, unsigned start, unsigned n, unsigned total)
{
	CLEANUP_BUF struct buf b = BUF_INIT(100000);

	buf_printf(&b,
	    "{\"resultsPerPage\":%u,\"startIndex\":%u,\"totalResults\":%u,"
	    "\"format\":\"NVD_CVE\",\"version\":\"2.0\","
	    "\"timestamp\":\"2025-02-28T23:59:30.123\",\"vulnerabilities\":[",
	    n, start, total);
	for (unsigned i = start; i < start + n; i++)
		buf_printf(&b, "%s{\"cve\":{\"id\":\"CVE-2025-%04u\"}}",
		    i > start ? "," : "", i);
	buf_adds(&b, "]}");
	return arena_strdup(w->arena, buf_str(&b));
}

/* The address of a page of the window that ends with the clock. */
static const char *
url_at(struct world *w, unsigned start)
{
	return arena_printf(w->arena,
	    API "?resultsPerPage=2000&startIndex=%u"
		"&lastModStartDate=2025-02-28T22:00:00.000Z"
		"&lastModEndDate=2025-03-01T00:00:00.000Z",
	    start);
}

static void
offer(struct world *w, unsigned start, unsigned n, unsigned total)
{
	world_answer(w, (struct answer){ .url = url_at(w, start),
			    .status = 200,
			    .body = page(w, start, n, total) });
}

static void
changes_are_asked_for_since_the_last_time_with_an_hour_of_overlap(void **state)
{
	struct world *w = api_world(state);

	offer(w, 0, 2, 2);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0000 CVE-2025-0001 ");
	assert_false(w->result.complete);
	assert_false(w->result.unchanged);
	/* the first page's own time is where the next run begins */
	assert_non_null(strstr(w->state.cursor, "\"since\":\"2025-02-28T23:59:30Z\""));
}

static void
no_changes_are_unchanged(void **state)
{
	struct world *w = api_world(state);

	offer(w, 0, 0, 0);
	world_expect(w, world_run(w), ERR_OK);
	assert_true(w->result.unchanged);
	assert_non_null(strstr(w->state.cursor, "\"since\":\"2025-02-28T23:59:30Z\""));
}

static void
pages_are_asked_for_until_the_total_is_reached(void **state)
{
	struct world *w = api_world(state);

	offer(w, 0, 3, 8);
	offer(w, 3, 3, 8);
	offer(w, 6, 2, 8);
	world_expect(w, world_run(w), ERR_OK);
	assert_int_equal(w->n_records, 8);
	assert_int_equal(w->n_requests, 3);
}

static void
a_list_that_grows_while_it_is_paged_is_read_to_its_new_end(void **state)
{
	struct world *w = api_world(state);

	offer(w, 0, 3, 6);
	offer(w, 3, 3, 7);
	offer(w, 6, 1, 7);
	world_expect(w, world_run(w), ERR_OK);
	assert_int_equal(w->n_records, 7);
}

static void
a_list_that_shrinks_while_it_is_paged_is_read_again(void **state)
{
	struct world *w = api_world(state);

	offer(w, 0, 3, 7);
	offer(w, 3, 3, 6);
	offer(w, 0, 3, 6);
	offer(w, 3, 3, 6);
	world_expect(w, world_run(w), ERR_OK);
	assert_int_equal(world_asked(w, "startIndex=0&"), 2);
}

static void
a_list_that_shrinks_for_ever_is_left_for_later(void **state)
{
	struct world *w = api_world(state);

	for (unsigned i = 0; i < 5; i++) {
		offer(w, 0, 3, 20 - 2 * i);
		offer(w, 3, 3, 19 - 2 * i);
	}
	world_expect(w, world_run(w), ERR_UNREACHABLE);
}

static void
a_page_that_is_not_full_before_the_end_fails_the_run(void **state)
{
	struct world *w = api_world(state);

	offer(w, 0, 3, 8);
	offer(w, 3, 2, 8);
	world_expect(w, world_run(w), ERR_INPUT);
	assert_non_null(strstr(w->err.text, "although more follow"));
}

static void
an_empty_page_before_the_end_fails_the_run(void **state)
{
	struct world *w = api_world(state);

	offer(w, 0, 0, 8);
	world_expect(w, world_run(w), ERR_INPUT);
}

static void
a_page_of_another_place_fails_the_run(void **state)
{
	struct world *w = api_world(state);

	world_answer(
	    w, (struct answer){
		   .url = url_at(w, 0), .status = 200, .body = page(w, 3, 3, 8) });
	world_expect(w, world_run(w), ERR_INPUT);
}

static void
requests_keep_six_seconds_distance_without_a_key(void **state)
{
	struct world *w = api_world(state);

	offer(w, 0, 1, 3);
	offer(w, 1, 1, 3);
	offer(w, 2, 1, 3);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->slept, "6000 6000 ");
	assert_string_equal(w->requests[0].header, "");
}

static void
a_key_is_sent_and_shortens_the_distance(void **state)
{
	struct world *w = api_world(state);

	w->feed.api_key = "7d5e0000-0000-4000-8000-000000000000";
	offer(w, 0, 1, 2);
	offer(w, 1, 1, 2);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->slept, "600 ");
	assert_string_equal(
	    w->requests[1].header, "apiKey: 7d5e0000-0000-4000-8000-000000000000");
}

static void
too_fast_is_answered_with_half_a_minute_of_silence(void **state)
{
	static const int refusals[] = { 403, 429, 503, 524 };
	struct world *w = api_world(state);

	for (size_t i = 0; i < ROWS(refusals); i++)
		world_answer(
		    w, (struct answer){ .url = url_at(w, 0), .status = refusals[i] });
	offer(w, 0, 1, 1);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->slept, "30000 60000 120000 240000 ");
}

static void
five_refusals_end_the_run_and_the_cursor_stays(void **state)
{
	struct world *w = api_world(state);
	const char *before = w->state.cursor;

	for (int i = 0; i < 5; i++)
		world_answer(w, (struct answer){ .url = url_at(w, 0), .status = 403 });
	world_expect(w, world_run(w), ERR_UNREACHABLE);
	assert_int_equal(w->n_requests, 5);
	assert_ptr_equal(w->state.cursor, before);
}

static void
a_wait_for_the_api_can_be_stopped(void **state)
{
	struct world *w = api_world(state);

	world_answer(w, (struct answer){ .url = url_at(w, 0), .status = 503 });
	w->stop_sleeping = true;
	world_expect(w, world_run(w), ERR_BUSY);
	assert_int_equal(w->n_requests, 1);
}

static const char *const windows[] = {
	API
	"?resultsPerPage=2000&startIndex=0&lastModStartDate=2024-05-31T23:00:00.000Z"
	"&lastModEndDate=2024-09-28T23:00:00.000Z",
	API
	"?resultsPerPage=2000&startIndex=0&lastModStartDate=2024-09-28T23:00:00.000Z"
	"&lastModEndDate=2025-01-26T23:00:00.000Z",
	API
	"?resultsPerPage=2000&startIndex=0&lastModStartDate=2025-01-26T23:00:00.000Z"
	"&lastModEndDate=2025-03-01T00:00:00.000Z",
};

static void
a_long_absence_is_made_up_for_in_windows_of_120_days(void **state)
{
	struct world *w = api_world(state);

	w->state.cursor = "{\"mode\":\"changes\",\"since\":\"2024-06-01T00:00:00Z\"}";
	for (size_t i = 0; i < ROWS(windows); i++)
		world_answer(w,
		    (struct answer){
			.url = windows[i], .status = 200, .body = page(w, 0, 1, 1) });
	world_expect(w, world_run(w), ERR_OK);
	assert_int_equal(w->n_records, 3);
	assert_non_null(strstr(w->state.cursor, "\"since\":\"2025-02-28T23:59:30Z\""));
}

static void
whole_windows_are_kept_when_the_server_goes_away(void **state)
{
	struct world *w = api_world(state);

	w->state.cursor = "{\"mode\":\"changes\",\"since\":\"2024-06-01T00:00:00Z\"}";
	world_answer(
	    w, (struct answer){
		   .url = windows[0], .status = 200, .body = page(w, 0, 1, 1) });
	for (int i = 0; i < 5; i++)
		world_answer(w, (struct answer){ .url = windows[1] });
	world_expect(w, world_run(w), ERR_OK);
	assert_true(str_starts(w->skipped, "the rest: "));
	assert_non_null(strstr(w->state.cursor, "\"since\":\"2024-09-28T23:00:00Z\""));
}

static const char *
whole_list(struct world *w, unsigned start)
{
	return arena_printf(w->arena, API "?resultsPerPage=2000&startIndex=%u", start);
}

static void
the_api_alone_is_read_whole_at_first_and_resumed_after_a_cut(void **state)
{
	struct world *w = api_world(state);

	w->feed.url = API;
	w->feed.api_url = NULL;
	w->state.cursor = NULL;
	world_answer(
	    w, (struct answer){
		   .url = whole_list(w, 0), .status = 200, .body = page(w, 0, 3, 5) });
	for (int i = 0; i < 5; i++)
		world_answer(
		    w, (struct answer){ .url = whole_list(w, 3), .status = 503 });
	world_expect(w, world_run(w), ERR_OK);
	assert_int_equal(w->n_records, 3);

	world_answer(
	    w, (struct answer){
		   .url = whole_list(w, 3), .status = 200, .body = page(w, 3, 2, 5) });
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0003 CVE-2025-0004 ");
	assert_non_null(strstr(w->state.cursor, "\"mode\":\"changes\""));
}

#define W(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		W(changes_are_asked_for_since_the_last_time_with_an_hour_of_overlap),
		W(no_changes_are_unchanged),
		W(pages_are_asked_for_until_the_total_is_reached),
		W(a_list_that_grows_while_it_is_paged_is_read_to_its_new_end),
		W(a_list_that_shrinks_while_it_is_paged_is_read_again),
		W(a_list_that_shrinks_for_ever_is_left_for_later),
		W(a_page_that_is_not_full_before_the_end_fails_the_run),
		W(an_empty_page_before_the_end_fails_the_run),
		W(a_page_of_another_place_fails_the_run),
		W(requests_keep_six_seconds_distance_without_a_key),
		W(a_key_is_sent_and_shortens_the_distance),
		W(too_fast_is_answered_with_half_a_minute_of_silence),
		W(five_refusals_end_the_run_and_the_cursor_stays),
		W(a_wait_for_the_api_can_be_stopped),
		W(a_long_absence_is_made_up_for_in_windows_of_120_days),
		W(whole_windows_are_kept_when_the_server_goes_away),
		W(the_api_alone_is_read_whole_at_first_and_resumed_after_a_cut),
	};

	return cmocka_run_group_tests_name("fetchers_nvd_changes", tests, NULL, NULL);
}
