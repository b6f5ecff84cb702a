/* SPDX-License-Identifier: Apache-2.0 */
/* run - a feed that is one document: conditional requests, state, retries, stopping. */
#include <string.h>

#include "core/str.h"
#include "unit/fetchers/fixture.h"
#include "unit/unit.h"

#define URL "https://example.org/kev.json"
#define ENTRY(id)                                                                      \
	"{\"cveID\":\"" id                                                             \
	"\",\"vulnerabilityName\":\"A name\",\"dateAdded\":\"2025-01-02\"}"
#define TWO                                                                            \
	"{\"catalogVersion\":\"1\",\"count\":2,\"vulnerabilities\":[" ENTRY(           \
	    "CVE-2024-0001") "," ENTRY("CVE-2024-0002") "]}"

static struct world *
kev_world(void **state)
{
	struct world *w = *state;

	w->feed.driver = "kev";
	w->feed.url = URL;
	return w;
}

static void
loaded_once(struct world *w)
{
	world_answer(w, (struct answer){ .url = URL,
			    .status = 200,
			    .body = TWO,
			    .etag = "\"one\"",
			    .last_modified = "Sat, 01 Mar 2025 00:00:00 GMT" });
	world_expect(w, world_run(w), ERR_OK);
	assert_int_equal(w->n_records, 2);
}

static void
a_first_run_reads_everything_and_remembers(void **state)
{
	struct world *w = kev_world(state);

	loaded_once(w);
	assert_string_equal(w->keys, "CVE-2024-0001 CVE-2024-0002 ");
	assert_string_equal(w->requests[0].etag, "");
	assert_true(w->result.complete);
	assert_false(w->result.unchanged);
	assert_int_equal(w->result.records, 2);
	assert_int_equal(w->result.documents, 1);
	assert_int_equal(w->result.bytes, strlen(TWO));
	assert_string_equal(w->state.etag, "\"one\"");
	assert_string_equal(w->state.last_modified, "Sat, 01 Mar 2025 00:00:00 GMT");
	assert_int_equal(strlen(w->state.body_sha256), 64);
}

static void
not_modified_is_unchanged_and_keeps_the_state(void **state)
{
	struct world *w = kev_world(state);

	loaded_once(w);
	world_answer(w, (struct answer){ .url = URL, .status = 304 });
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->requests[0].etag, "\"one\"");
	assert_string_equal(
	    w->requests[0].last_modified, "Sat, 01 Mar 2025 00:00:00 GMT");
	assert_true(w->result.unchanged);
	assert_int_equal(w->n_records, 0);
	assert_string_equal(w->state.etag, "\"one\"");
	assert_int_equal(strlen(w->state.body_sha256), 64);
}

static void
the_same_bytes_again_are_unchanged(void **state)
{
	struct world *w = kev_world(state);

	loaded_once(w);
	world_answer(w,
	    (struct answer){ .url = URL, .status = 200, .body = TWO, .etag = "two" });
	world_expect(w, world_run(w), ERR_OK);
	assert_true(w->result.unchanged);
	assert_int_equal(w->n_records, 0);
	assert_string_equal(w->state.etag, "two");
}

static void
force_reads_whatever_is_remembered(void **state)
{
	struct world *w = kev_world(state);

	loaded_once(w);
	w->state.force = true;
	world_answer(w, (struct answer){ .url = URL, .status = 200, .body = TWO });
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->requests[0].etag, "");
	assert_string_equal(w->requests[0].last_modified, "");
	assert_false(w->result.unchanged);
	assert_int_equal(w->n_records, 2);
}

static void
a_packed_document_is_read_too(void **state)
{
	struct world *w = kev_world(state);

	world_answer(
	    w, (struct answer){ .url = URL, .status = 200, .body = TWO, .gzip = true });
	world_expect(w, world_run(w), ERR_OK);
	assert_int_equal(w->n_records, 2);
}

static void
a_document_cut_short_fails_the_run(void **state)
{
	struct world *w = kev_world(state);

	world_answer(w,
	    (struct answer){ .url = URL,
		.status = 200,
		.body =
		    "{\"catalogVersion\":\"1\",\"count\":2,\"vulnerabilities\":[" ENTRY(
			"CVE-2024-0001") });
	world_expect(w, world_run(w), ERR_INPUT);
	assert_true(str_starts(w->err.text, "feed feed: " URL ": "));
}

static void
a_count_that_differs_from_the_entries_fails_the_run(void **state)
{
	struct world *w = kev_world(state);

	world_answer(w,
	    (struct answer){ .url = URL,
		.status = 200,
		.body =
		    "{\"catalogVersion\":\"1\",\"count\":2,\"vulnerabilities\":[" ENTRY(
			"CVE-2024-0001") "]}" });
	world_expect(w, world_run(w), ERR_INPUT);
	assert_non_null(strstr(w->err.text, "cut short"));
}

static void
a_failing_server_is_asked_again_after_growing_waits(void **state)
{
	struct world *w = kev_world(state);

	world_answer(w, (struct answer){ .url = URL, .status = 503 });
	world_answer(w, (struct answer){ .url = URL });
	world_answer(w, (struct answer){ .url = URL, .status = 200, .body = TWO });
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->slept, "1000 2000 ");
	assert_int_equal(w->n_records, 2);
	assert_int_equal(w->err.code, ERR_OK);
}

static void
a_server_that_keeps_failing_is_given_up(void **state)
{
	struct world *w = kev_world(state);

	world_answer(w, (struct answer){ .url = URL, .status = 502, .always = true });
	world_expect(w, world_run(w), ERR_UNREACHABLE);
	assert_int_equal(w->n_requests, 3);
	assert_string_equal(w->err.text, "feed feed: " URL ": HTTP 502");
}

static void
retry_after_is_honoured(void **state)
{
	struct world *w = kev_world(state);

	world_answer(
	    w, (struct answer){ .url = URL, .status = 429, .retry_after_s = 17 });
	world_answer(w, (struct answer){ .url = URL, .status = 200, .body = TWO });
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->slept, "17000 ");
}

static void
a_retry_after_of_a_day_is_left_to_the_next_run(void **state)
{
	struct world *w = kev_world(state);

	world_answer(
	    w, (struct answer){ .url = URL, .status = 503, .retry_after_s = 86400 });
	world_expect(w, world_run(w), ERR_UNREACHABLE);
	assert_string_equal(w->slept, "");
}

static void
a_missing_document_is_not_asked_for_again(void **state)
{
	struct world *w = kev_world(state);

	world_expect(w, world_run(w), ERR_NOTFOUND);
	assert_int_equal(w->n_requests, 1);
}

static void
a_closed_door_is_not_knocked_at_again(void **state)
{
	struct world *w = kev_world(state);

	world_answer(w, (struct answer){ .url = URL, .status = 403, .always = true });
	world_expect(w, world_run(w), ERR_DENIED);
	assert_int_equal(w->n_requests, 1);
}

static void
a_permanent_failure_is_not_tried_again(void **state)
{
	struct world *w = kev_world(state);

	world_answer(
	    w, (struct answer){ .url = URL, .permanent = true, .always = true });
	world_expect(w, world_run(w), ERR_UNREACHABLE);
	assert_int_equal(w->n_requests, 1);
}

static void
waiting_can_be_stopped(void **state)
{
	struct world *w = kev_world(state);

	world_answer(w, (struct answer){ .url = URL, .status = 503, .always = true });
	w->stop_sleeping = true;
	world_expect(w, world_run(w), ERR_BUSY);
	assert_int_equal(w->n_requests, 1);
}

static void
a_download_can_be_stopped(void **state)
{
	struct world *w = kev_world(state);

	world_answer(w, (struct answer){ .url = URL, .always = true });
	w->stop = true;
	world_expect(w, world_run(w), ERR_BUSY);
	assert_int_equal(w->n_requests, 1);
}

static void
an_error_of_the_sink_ends_the_run_with_its_code(void **state)
{
	struct world *w = kev_world(state);

	world_answer(w, (struct answer){ .url = URL, .status = 200, .body = TWO });
	w->sink_says = ERR_STORAGE;
	world_expect(w, world_run(w), ERR_STORAGE);
	assert_non_null(strstr(w->err.text, "the sink is full"));
}

static void
nothing_stays_in_the_spool(void **state)
{
	struct world *w = kev_world(state);

	loaded_once(w);
	world_answer(w, (struct answer){ .url = URL, .status = 200, .body = "[" });
	world_expect(w, world_run(w), ERR_INPUT);
	assert_int_equal(world_spooled(w), 0);
}

static void
a_spool_that_cannot_be_written_is_an_error_of_storage(void **state)
{
	struct world *w = kev_world(state);
	char spool[sizeof(w->spool)];

	(void)snprintf(spool, sizeof(spool), "%s", w->spool);
	(void)snprintf(w->spool, sizeof(w->spool), "/nonexistent");
	world_expect(w, world_run(w), ERR_STORAGE);
	(void)snprintf(w->spool, sizeof(w->spool), "%s", spool);
}

static void
an_unknown_driver_is_refused(void **state)
{
	struct world *w = kev_world(state);

	w->feed.driver = "gopher";
	world_expect(w, world_run(w), ERR_UNSUPPORTED);
	assert_int_equal(w->n_requests, 0);
}

#define W(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		W(a_first_run_reads_everything_and_remembers),
		W(not_modified_is_unchanged_and_keeps_the_state),
		W(the_same_bytes_again_are_unchanged),
		W(force_reads_whatever_is_remembered),
		W(a_packed_document_is_read_too),
		W(a_document_cut_short_fails_the_run),
		W(a_count_that_differs_from_the_entries_fails_the_run),
		W(a_failing_server_is_asked_again_after_growing_waits),
		W(a_server_that_keeps_failing_is_given_up),
		W(retry_after_is_honoured),
		W(a_retry_after_of_a_day_is_left_to_the_next_run),
		W(a_missing_document_is_not_asked_for_again),
		W(a_closed_door_is_not_knocked_at_again),
		W(a_permanent_failure_is_not_tried_again),
		W(waiting_can_be_stopped),
		W(a_download_can_be_stopped),
		W(an_error_of_the_sink_ends_the_run_with_its_code),
		W(nothing_stays_in_the_spool),
		W(a_spool_that_cannot_be_written_is_an_error_of_storage),
		W(an_unknown_driver_is_refused),
	};

	return cmocka_run_group_tests_name("fetchers_run", tests, NULL, NULL);
}
