/* SPDX-License-Identifier: Apache-2.0 */
/* nvd_files - NVD's first load from yearly files: checks, gaps, going on after a cut. */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/str.h"
#include "unit/fetchers/fixture.h"
#include "unit/unit.h"

#define BASE "https://example.org/feeds/"
#define API  "https://example.org/rest/json/cves/2.0"
#define PAGE(total, cves)                                                              \
	"{\"resultsPerPage\":1,\"startIndex\":0,\"totalResults\":" total               \
	",\"format\":\"NVD_CVE\",\"version\":\"2.0\","                                 \
	"\"timestamp\":\"2025-02-28T03:00:00.000\",\"vulnerabilities\":[" cves "]}"
#define CVE(id)                                                                        \
	"{\"cve\":{\"id\":\"" id "\",\"lastModified\":\"2025-01-01T00:00:00.000\"}}"

static const char year_2023[] = PAGE("1", CVE("CVE-2023-0001"));
static const char year_2024[] = PAGE("1", CVE("CVE-2024-0001"));
static const char year_2025[] = PAGE("1", CVE("CVE-2025-0001"));
static const char year_2025_later[] =
    PAGE("2", CVE("CVE-2025-0001") "," CVE("CVE-2025-0002"));

static struct world *
nvd_world(void **state)
{
	struct world *w = *state;

	w->feed.driver = "nvd";
	w->feed.url = BASE;
	w->feed.api_url = API;
	w->feed.start = "2023";
	return w;
}

static const char *
meta_of(struct world *w, const char *document, const char *date)
{
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	sha256_of(document, strlen(document), digest);
	(void)hex_encode(digest, sizeof(digest), hex);
	for (char *p = hex; *p != '\0'; p++)
		*p = *p >= 'a' ? (char)(*p - 'a' + 'A') : *p;
	return arena_printf(w->arena,
	    "lastModifiedDate:%s\r\nsize:%zu\r\nsha256:%s\r\n", date, strlen(document),
	    hex);
}

static const char *
file_url(struct world *w, int year, const char *suffix)
{
	return arena_printf(w->arena, BASE "nvdcve-2.0-%d%s", year, suffix);
}

static void
offer_meta(struct world *w, int year, const char *document)
{
	world_answer(
	    w, (struct answer){ .url = file_url(w, year, ".meta"),
		   .status = 200,
		   .body = meta_of(w, document, "2025-02-27T03:00:00-05:00") });
}

static void
offer_file(struct world *w, int year, const char *document)
{
	world_answer(w, (struct answer){ .url = file_url(w, year, ".json.gz"),
			    .status = 200,
			    .body = document,
			    .gzip = true });
}

static void
offer(struct world *w, int year, const char *document)
{
	offer_meta(w, year, document);
	offer_file(w, year, document);
}

static void
a_first_load_reads_every_year_to_the_clocks(void **state)
{
	struct world *w = nvd_world(state);

	offer(w, 2023, year_2023);
	offer(w, 2024, year_2024);
	offer(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2023-0001 CVE-2024-0001 CVE-2025-0001 ");
	assert_int_equal(w->result.documents, 3);
	assert_false(w->result.complete);
	assert_int_equal(world_asked(w, "2026"), 0);
	assert_int_equal(world_spooled(w), 0);
	/* the files are of 08:00 UTC and were made within a day */
	assert_non_null(strstr(w->state.cursor, "\"mode\":\"changes\""));
	assert_non_null(strstr(w->state.cursor, "\"since\":\"2025-02-26T08:00:00Z\""));
}

static void
a_file_that_differs_from_its_meta_is_asked_for_once_more(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "2025";
	offer(w, 2025, year_2025);
	w->answers[1].body = year_2025_later; /* replaced in between */
	offer(w, 2025, year_2025_later);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0001 CVE-2025-0002 ");
	assert_int_equal(w->n_requests, 4);
}

static void
a_file_that_keeps_differing_fails_the_run(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "2025";
	for (int i = 0; i < 3; i++) {
		offer_meta(w, 2025, year_2025);
		offer_file(w, 2025, year_2025_later);
	}
	world_expect(w, world_run(w), ERR_INPUT);
	assert_string_equal(w->keys, "");
	assert_non_null(strstr(w->err.text, "SHA-256"));
}

static void
a_file_with_fewer_entries_than_it_says_fails_the_run(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "2025";
	offer(w, 2025, PAGE("2", CVE("CVE-2025-0001")));
	world_expect(w, world_run(w), ERR_INPUT);
	assert_non_null(strstr(w->err.text, "cut short"));
}

static void
files_without_meta_are_taken_as_they_are(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "2025";
	offer_file(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0001 ");
	assert_non_null(strstr(w->state.cursor, "\"since\":\"2025-02-27T03:00:00Z\""));
}

static void
a_year_the_server_lacks_is_told(void **state)
{
	struct world *w = nvd_world(state);

	offer(w, 2023, year_2023);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2023-0001 ");
	/* of the running year there may be none yet */
	assert_string_equal(
	    w->skipped, "nvdcve-2.0-2024: the server does not have this file\n");
}

static void
a_server_without_any_year_is_an_error(void **state)
{
	struct world *w = nvd_world(state);

	world_expect(w, world_run(w), ERR_NOTFOUND);
}

static void
a_load_that_is_cut_goes_on_with_the_missing_years(void **state)
{
	struct world *w = nvd_world(state);

	offer(w, 2023, year_2023);
	for (int i = 0; i < 3; i++)
		world_answer(w, (struct answer){
				    .url = file_url(w, 2024, ".meta"), .status = 503 });
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2023-0001 ");
	assert_true(str_starts(w->skipped, "nvdcve-2.0-2024: "));
	assert_non_null(strstr(w->state.cursor, "\"mode\":\"load\""));

	offer(w, 2024, year_2024);
	offer(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2024-0001 CVE-2025-0001 ");
	assert_int_equal(world_asked(w, "2023"), 0);
	assert_non_null(strstr(w->state.cursor, "\"mode\":\"changes\""));
}

static void
a_year_in_which_nothing_changed_for_long_does_not_set_the_date_back(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "2024";
	world_answer(
	    w, (struct answer){ .url = file_url(w, 2024, ".meta"),
		   .status = 200,
		   .body = meta_of(w, year_2024, "2024-11-22T03:04:00-05:00") });
	offer_file(w, 2024, year_2024);
	offer(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);
	assert_non_null(strstr(w->state.cursor, "\"since\":\"2025-02-26T08:00:00Z\""));
}

static void
of_a_load_in_two_runs_the_earlier_date_counts(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "2024";
	offer(w, 2024, year_2024);
	for (int i = 0; i < 3; i++)
		world_answer(w, (struct answer){ .url = file_url(w, 2025, ".meta") });
	world_expect(w, world_run(w), ERR_OK);
	world_answer(
	    w, (struct answer){ .url = file_url(w, 2025, ".meta"),
		   .status = 200,
		   .body = meta_of(w, year_2025, "2025-02-28T03:00:00-05:00") });
	offer_file(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0001 ");
	assert_non_null(strstr(w->state.cursor, "\"since\":\"2025-02-26T08:00:00Z\""));
}

static void
a_load_that_never_began_is_a_failure(void **state)
{
	struct world *w = nvd_world(state);

	for (int i = 0; i < 3; i++)
		world_answer(w, (struct answer){ .url = file_url(w, 2023, ".meta") });
	world_expect(w, world_run(w), ERR_UNREACHABLE);
}

static void
force_loads_all_years_again(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "2025";
	offer(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);
	w->state.force = true;
	offer(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0001 ");
	assert_int_equal(world_asked(w, "lastMod"), 0);
}

static void
without_an_api_only_changed_files_are_read(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.api_url = NULL;
	w->feed.start = "2024";
	offer(w, 2024, year_2024);
	offer(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);

	offer_meta(w, 2024, year_2024);
	offer(w, 2025, year_2025_later);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0001 CVE-2025-0002 ");
	assert_false(w->result.unchanged);
	assert_int_equal(world_asked(w, ".json.gz"), 1);

	offer_meta(w, 2024, year_2024);
	offer_meta(w, 2025, year_2025_later);
	world_expect(w, world_run(w), ERR_OK);
	assert_true(w->result.unchanged);
}

static void
an_address_of_a_document_is_that_document(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.url = "file:///srv/nvd/some.json";
	world_answer(
	    w, (struct answer){ .url = w->feed.url, .status = 200, .body = year_2025 });
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0001 ");
	assert_true(w->result.complete);
}

static void
a_start_that_is_no_year_is_refused(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "1066";
	world_expect(w, world_run(w), ERR_INPUT);
	w->feed.start = "soon";
	world_expect(w, world_run(w), ERR_INPUT);
	assert_int_equal(w->n_requests, 0);
}

static void
a_cursor_that_is_not_ours_means_a_first_load(void **state)
{
	struct world *w = nvd_world(state);

	w->feed.start = "2025";
	w->state.cursor = "{\"mode\":7,\"years\":[1],\"since\":\"never\",\"index\":-1}";
	offer(w, 2025, year_2025);
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "CVE-2025-0001 ");
}

#define W(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		W(a_first_load_reads_every_year_to_the_clocks),
		W(a_file_that_differs_from_its_meta_is_asked_for_once_more),
		W(a_file_that_keeps_differing_fails_the_run),
		W(a_file_with_fewer_entries_than_it_says_fails_the_run),
		W(files_without_meta_are_taken_as_they_are),
		W(a_year_the_server_lacks_is_told),
		W(a_server_without_any_year_is_an_error),
		W(a_load_that_is_cut_goes_on_with_the_missing_years),
		W(a_year_in_which_nothing_changed_for_long_does_not_set_the_date_back),
		W(of_a_load_in_two_runs_the_earlier_date_counts),
		W(a_load_that_never_began_is_a_failure),
		W(force_loads_all_years_again),
		W(without_an_api_only_changed_files_are_read),
		W(an_address_of_a_document_is_that_document),
		W(a_start_that_is_no_year_is_refused),
		W(a_cursor_that_is_not_ours_means_a_first_load),
	};

	return cmocka_run_group_tests_name("fetchers_nvd_files", tests, NULL, NULL);
}
