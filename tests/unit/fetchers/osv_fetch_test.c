/* SPDX-License-Identifier: Apache-2.0 */
/* osv_fetch_test - a directory of OSV records, its list of changes, and pages. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/str.h"
#include "fetchers/osv_cursor.h"
#include "unit/fetchers/fixture.h"
#include "unit/unit.h"

#define DIR    "https://example.org/npm/"
#define ALL    DIR "all.zip"
#define LIST   DIR "modified_id.csv"
#define PAGES  "https://example.org/api/osv/"
#define HOUR_S ((int64_t)3600)

/* The test's archives are documents: a page of records takes the part of all.zip. */
#define RECORD(id, modified)                                                           \
	"{\"id\":\"" id "\",\"modified\":\"" modified                                  \
	"\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},"        \
	"\"versions\":[\"1.0.0\"]}]}"
#define ARCHIVE(records) "{\"advisories\":[" records "]}"

static const char two_records[] = ARCHIVE(RECORD("GHSA-aaaa-2222-3333",
    "2025-02-20T00:00:00Z") "," RECORD("GHSA-bbbb-2222-3333", "2025-02-28T12:00:00Z"));

static struct world *
osv_world(void **state, const char *url)
{
	struct world *w = *state;

	w->feed.driver = "osv";
	w->feed.url = url;
	return w;
}

static void
answer(struct world *w, const char *url, const char *body)
{
	world_answer(w, (struct answer){ .url = url, .status = 200, .body = body });
}

static void
answer_status(struct world *w, const char *url, int status)
{
	world_answer(w, (struct answer){ .url = url, .status = status });
}

static void
later(struct world *w, int64_t seconds)
{
	w->clock.at_ms += seconds * 1000;
}

static void
expect(struct world *w, const char *keys)
{
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, keys);
	assert_int_equal(world_spooled(w), 0);
}

/* A first run has happened; all.zip is known by its ETag. */
static struct world *
loaded(void **state)
{
	struct world *w = osv_world(state, ALL);

	world_answer(
	    w, (struct answer){
		   .url = ALL, .status = 200, .body = two_records, .etag = "\"z1\"" });
	expect(w, "GHSA-aaaa-2222-3333 GHSA-bbbb-2222-3333 ");
	assert_true(w->result.complete);
	later(w, HOUR_S);
	return w;
}

/* ---- a directory ---- */

static void
a_first_run_reads_everything(void **state)
{
	struct world *w = loaded(state);

	assert_int_equal(w->n_requests, 1);
	assert_string_equal(w->state.etag, "\"z1\"");
	assert_non_null(strstr(w->state.cursor, "\"newest\":\"2025-02-28T12:00:00Z\""));
	assert_non_null(strstr(w->state.cursor, "\"full\":\"2025-03-01T00:00:00Z\""));
}

static void
changes_are_read_one_by_one(void **state)
{
	struct world *w = loaded(state);

	world_answer(
	    w, (struct answer){ .url = LIST,
		   .status = 200,
		   .etag = "\"l1\"",
		   /* one is new, one late, one was in the archive, one is old */
		   .body = "2025-03-01T00:30:00.5Z,MAL-2025-1\r\n"
			   "2025-02-28T12:00:00Z,GHSA-bbbb-2222-3333\n"
			   "2025-02-28T00:00:00Z,GHSA-cccc-2222-3333\n"
			   "2025-02-20T00:00:00Z,GHSA-aaaa-2222-3333\n"
			   "no line of ours\n" });
	answer(w, DIR "MAL-2025-1.json", RECORD("MAL-2025-1", "2025-03-01T00:30:00Z"));
	answer(w, DIR "GHSA-cccc-2222-3333.json",
	    RECORD("GHSA-cccc-2222-3333", "2025-02-28T00:00:00Z"));
	expect(w, "MAL-2025-1 GHSA-cccc-2222-3333 ");
	assert_false(w->result.complete);
	assert_false(w->result.unchanged);
	assert_int_equal(w->result.documents, 2);
	/* what is remembered of all.zip stays */
	assert_string_equal(w->state.etag, "\"z1\"");

	world_answer(w, (struct answer){ .url = LIST, .status = 304 });
	expect(w, "");
	assert_true(w->result.unchanged);
	assert_string_equal(w->requests[0].etag, "\"l1\"");
}

static void
the_last_day_is_looked_at_again(void **state)
{
	struct world *w = loaded(state);

	answer(w, LIST, "2025-03-01T00:30:00Z,MAL-2025-1\n");
	answer(w, DIR "MAL-2025-1.json", RECORD("MAL-2025-1", "2025-03-01T00:30:00Z"));
	expect(w, "MAL-2025-1 ");
	/* a record of yesterday comes late, another has changed within the second */
	answer(w, LIST,
	    "2025-03-01T00:30:00Z,MAL-2025-2\n"
	    "2025-03-01T00:30:00Z,MAL-2025-1\n"
	    "2025-02-28T02:00:00Z,MAL-2025-3\n"
	    "2025-02-28T00:29:59Z,MAL-2025-4");
	answer(w, DIR "MAL-2025-2.json", RECORD("MAL-2025-2", "2025-03-01T00:30:00Z"));
	answer(w, DIR "MAL-2025-3.json", RECORD("MAL-2025-3", "2025-02-28T02:00:00Z"));
	expect(w, "MAL-2025-2 MAL-2025-3 ");
	/* the same list again, from a server without ETags */
	answer(w, LIST,
	    "2025-03-01T00:30:00Z,MAL-2025-2\n"
	    "2025-03-01T00:30:00Z,MAL-2025-1\n"
	    "2025-02-28T02:00:00Z,MAL-2025-3\n");
	expect(w, "");
	assert_true(w->result.unchanged);
}

static void
what_is_listed_and_not_there_is_asked_for_again(void **state)
{
	static const char list[] = "2025-03-01T00:30:00Z,MAL-2025-1\n"
				   "2025-03-01T00:20:00Z,MAL-2025-2\n";
	struct world *w = loaded(state);

	answer(w, LIST, list);
	answer(w, DIR "MAL-2025-2.json", "{\"not\":\"a record\"}");
	expect(w, "");
	assert_non_null(strstr(w->skipped, "MAL-2025-1: "));
	assert_non_null(strstr(w->skipped, "MAL-2025-2: "));
	/* there now; the bad one is not asked for a second time */
	answer(w, LIST, list);
	answer(w, DIR "MAL-2025-1.json", RECORD("MAL-2025-1", "2025-03-01T00:30:00Z"));
	expect(w, "MAL-2025-1 ");
	assert_int_equal(w->n_requests, 2);
}

static void
ids_do_not_lead_out_of_the_directory(void **state)
{
	struct world *w = loaded(state);

	answer(w, LIST,
	    "2025-03-01T00:30:00Z,../secret\n"
	    "2025-03-01T00:30:00Z,/secret\n"
	    "2025-03-01T00:30:00Z,\n"
	    "2025-03-01T00:30:00Z,npm/RLSA-2025:1?x=y#z\n"
	    "not a time,MAL-2025-1\n");
	expect(w, "");
	assert_int_equal(w->n_requests, 2);
	assert_string_equal(w->requests[1].url, DIR "npm/RLSA-2025:1%3Fx%3Dy%23z.json");
}

static void
a_server_that_goes_away_loses_nothing(void **state)
{
	static const char list[] = "2025-03-01T00:30:00Z,MAL-2025-1\n"
				   "2025-03-01T00:20:00Z,MAL-2025-2\n";
	struct world *w = loaded(state);

	world_answer(
	    w, (struct answer){
		   .url = LIST, .status = 200, .body = list, .etag = "\"l1\"" });
	answer(w, DIR "MAL-2025-1.json", RECORD("MAL-2025-1", "2025-03-01T00:30:00Z"));
	for (int i = 0; i < 3; i++)
		answer_status(w, DIR "MAL-2025-2.json", 503);
	expect(w, "MAL-2025-1 ");
	assert_false(w->result.unchanged);
	assert_non_null(strstr(w->skipped, "MAL-2025-2: "));
	/* the list is asked for without its ETag, the rest is read */
	answer(w, LIST, list);
	answer(w, DIR "MAL-2025-2.json", RECORD("MAL-2025-2", "2025-03-01T00:20:00Z"));
	expect(w, "MAL-2025-2 ");
	assert_string_equal(w->requests[0].etag, "");
	/* nothing at all is a failure, as with any feed */
	later(w, HOUR_S);
	answer(w, LIST, "2025-03-01T01:30:00Z,MAL-2025-3\n");
	for (int i = 0; i < 3; i++)
		answer_status(w, DIR "MAL-2025-3.json", 503);
	world_expect(w, world_run(w), ERR_UNREACHABLE);
	for (int i = 0; i < 3; i++)
		answer_status(w, LIST, 503);
	world_expect(w, world_run(w), ERR_UNREACHABLE);
}

static void
after_a_week_everything_is_read_again(void **state)
{
	struct world *w = loaded(state);

	later(w, 7 * 24 * HOUR_S);
	answer_status(w, ALL, 304);
	expect(w, "");
	assert_true(w->result.unchanged);
	assert_string_equal(w->requests[0].etag, "\"z1\"");
	later(w, HOUR_S);
	answer(w, LIST, "2025-02-28T12:00:00Z,GHSA-bbbb-2222-3333\n");
	expect(w, "");
	assert_int_equal(world_asked(w, "all.zip"), 0);

	later(w, 7 * 24 * HOUR_S);
	answer(w, ALL, ARCHIVE(RECORD("GHSA-bbbb-2222-3333", "2025-02-28T12:00:00Z")));
	expect(w, "GHSA-bbbb-2222-3333 ");
	assert_true(w->result.complete);
}

static void
a_directory_without_a_list_is_read_whole(void **state)
{
	struct world *w = loaded(state);

	answer_status(w, ALL, 304);
	expect(w, ""); /* LIST is a 404 */
	assert_true(w->result.unchanged);
	answer_status(w, LIST, 403);
	answer(w, ALL, two_records); /* the same bytes, without an ETag */
	expect(w, "");
	assert_true(w->result.unchanged);
	answer(w, ALL, ARCHIVE(RECORD("MAL-2025-1", "2025-03-01T00:30:00Z")));
	expect(w, "MAL-2025-1 ");
	assert_true(w->result.complete);
}

static void
a_new_revision_reads_everything(void **state)
{
	struct world *w = loaded(state);

	w->state.force = true;
	answer(w, ALL, two_records);
	expect(w, "GHSA-aaaa-2222-3333 GHSA-bbbb-2222-3333 ");
	assert_string_equal(w->requests[0].etag, "");
}

/* A list of N changes, newest first, all in the last hour. */
static const char *
many_changes(struct world *w, int n)
{
	CLEANUP_BUF struct buf b = BUF_INIT((size_t)1 << 20);

	for (int i = n; i > 0; i--)
		buf_printf(&b, "2025-03-01T00:%02d:%02dZ,MAL-2025-%d\n", i / 60 % 60,
		    i % 60, i);
	return arena_strdup(w->arena, buf_str(&b));
}

static void
many_changes_come_as_an_archive(void **state)
{
	struct world *w = loaded(state);
	const char *list = many_changes(w, 2001);

	/* not so soon after the last one: asked for one by one (and not there) */
	answer(w, LIST, "2025-03-01T00:30:00Z,MAL-2025-1\n");
	answer(w, DIR "MAL-2025-1.json", RECORD("MAL-2025-1", "2025-03-01T00:30:00Z"));
	expect(w, "MAL-2025-1 ");
	later(w, 13 * HOUR_S);
	answer(w, LIST, list);
	answer(w, ALL, ARCHIVE(RECORD("MAL-2025-7", "2025-03-01T00:30:00Z")));
	expect(w, "MAL-2025-7 ");
	assert_int_equal(w->n_requests, 2);
	assert_true(w->result.complete);
}

static void
dates_to_come_hide_nothing(void **state)
{
	struct world *w = osv_world(state, ALL);

	answer(w, ALL, ARCHIVE(RECORD("MAL-2025-1", "2199-01-01T00:00:00Z")));
	expect(w, "MAL-2025-1 ");
	assert_non_null(strstr(w->state.cursor, "\"newest\":\"2025-03-01T00:00:00Z\""));
	later(w, HOUR_S);
	answer(w, LIST,
	    "2199-01-01T00:00:00Z,MAL-2025-1\n"
	    "2025-03-01T00:30:00Z,MAL-2025-2\n");
	answer(w, DIR "MAL-2025-2.json", RECORD("MAL-2025-2", "2025-03-01T00:30:00Z"));
	expect(w, "MAL-2025-2 ");
	assert_non_null(strstr(w->state.cursor, "\"newest\":\"2025-03-01T01:00:00Z\""));
}

/* ---- pages ---- */

#define PAGE(record, total, next)                                                      \
	"{\"advisories\":[" record "],\"total\":" total                                \
	",\"links\":{\"prev\":null,\"next\":" next "}}"
#define FIRST PAGE(RECORD("R-1", "2025-02-20T00:00:00Z"), "3", "\"/api/osv/?page=2\"")

static void
pages_are_followed_to_the_last(void **state)
{
	struct world *w = osv_world(state, PAGES);

	answer(w, PAGES, FIRST);
	answer(w, PAGES "?page=2",
	    PAGE(RECORD("R-2", "2025-02-20T00:00:00Z"), "3", "\"?page=3\""));
	answer(w, PAGES "?page=3",
	    PAGE(RECORD("R-3", "2025-02-20T00:00:00Z"), "3", "null"));
	expect(w, "R-1 R-2 R-3 ");
	assert_true(w->result.complete);
	assert_int_equal(w->result.documents, 3);
	assert_string_equal(w->slept, "100 100 ");
	/* nothing new on the first page */
	later(w, HOUR_S);
	answer(w, PAGES, FIRST);
	expect(w, "");
	assert_true(w->result.unchanged);
	/* but once a day all of them are read */
	later(w, 23 * HOUR_S);
	answer(w, PAGES, FIRST);
	answer(w, PAGES "?page=2",
	    PAGE(RECORD("R-2", "2025-02-20T00:00:00Z"), "4", "null"));
	expect(w, "R-1 R-2 ");
	assert_false(w->result.complete); /* the list has moved */
}

static void
a_page_that_does_not_come_fails_the_run(void **state)
{
	struct world *w = osv_world(state, PAGES);

	answer(w, PAGES, FIRST);
	world_expect(w, world_run(w), ERR_NOTFOUND);
	answer(w, PAGES, FIRST);
	answer(w, PAGES "?page=2", "{\"detail\":\"no\"}");
	world_expect(w, world_run(w), ERR_INPUT);
}

static void
pages_lead_to_no_other_server(void **state)
{
	static const char *const elsewhere[] = {
		PAGE("", "1", "\"https://example.com/api/osv/\""),
		PAGE("", "1", "\"http://example.org/api/osv/\""),
		PAGE("", "1", "\"https://example.org:8443/api/osv/\""),
		PAGE("", "1", "\"file:///etc/passwd\""),
		PAGE("", "1", "\"https://u:p@example.org/api/osv/\""),
	};
	struct world *w = osv_world(state, PAGES);

	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
		answer(w, PAGES, elsewhere[i]);
		world_expect(w, world_run(w), ERR_INPUT);
		assert_int_equal(w->n_requests, 1);
	}
}

static void
a_document_is_read_when_it_has_changed(void **state)
{
	struct world *w = osv_world(state, "https://example.org/osv.json");

	for (int i = 0; i < 2; i++)
		answer(w, w->feed.url, RECORD("MAL-2025-1", "2025-02-20T00:00:00Z"));
	expect(w, "MAL-2025-1 ");
	assert_null(w->state.cursor);
	later(w, 400 * HOUR_S);
	expect(w, "");
	assert_true(w->result.unchanged);
	answer(w, w->feed.url, "[]");
	world_expect(w, world_run(w), ERR_INPUT);
}

/* ---- the cursor ---- */

static void
the_cursor_survives_being_written(void **state)
{
	struct world *w = *state;
	struct osv_cursor c = { .full = 1740787200,
		.newest = 1740787100,
		.etag = "\"e\"" },
			  back;

	for (int i = 0; i < 3; i++)
		osv_cursor_see(w->arena, &c, osv_mark("MAL-1", i));
	osv_cursor_read(w->arena, osv_cursor_write(w->arena, &c), &back);
	assert_int_equal(back.full, c.full);
	assert_int_equal(back.newest, c.newest);
	assert_string_equal(back.etag, c.etag);
	assert_int_equal(back.seen.n, 3);
	assert_true(osv_cursor_has(&back, osv_mark("MAL-1", 2)));
	assert_false(osv_cursor_has(&back, osv_mark("MAL-1", 3)));
	assert_false(osv_cursor_has(&back, osv_mark("MAL-2", 2)));
}

static void
a_full_cursor_can_be_written(void **state)
{
	struct world *w = *state;
	struct osv_cursor c = { .full = 1740787200 }, back;

	for (size_t i = 0; i < OSV_MAX_SEEN + 10; i++)
		osv_cursor_see(w->arena, &c, osv_mark("MAL-1", (int64_t)i));
	osv_cursor_read(w->arena, osv_cursor_write(w->arena, &c), &back);
	assert_int_equal(back.seen.n, OSV_MAX_SEEN);
}

static void
foreign_cursors_are_none(void **state)
{
	static const char *const texts[] = { "", "x", "[]",
		"{\"full\":7,\"seen\":\"xyz\"}", "{\"newest\":\"soon\",\"seen\":[1]}" };
	struct world *w = *state;
	struct osv_cursor c;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		osv_cursor_read(w->arena, texts[i], &c);
		assert_int_equal(c.full, 0);
		assert_int_equal(c.newest, 0);
		assert_int_equal(c.seen.n, 0);
		assert_false(osv_cursor_has(&c, 1));
	}
}

#define world_test(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(a_first_run_reads_everything),
		world_test(changes_are_read_one_by_one),
		world_test(the_last_day_is_looked_at_again),
		world_test(what_is_listed_and_not_there_is_asked_for_again),
		world_test(ids_do_not_lead_out_of_the_directory),
		world_test(a_server_that_goes_away_loses_nothing),
		world_test(after_a_week_everything_is_read_again),
		world_test(a_directory_without_a_list_is_read_whole),
		world_test(a_new_revision_reads_everything),
		world_test(many_changes_come_as_an_archive),
		world_test(dates_to_come_hide_nothing),
		world_test(pages_are_followed_to_the_last),
		world_test(a_page_that_does_not_come_fails_the_run),
		world_test(pages_lead_to_no_other_server),
		world_test(a_document_is_read_when_it_has_changed),
		world_test(the_cursor_survives_being_written),
		world_test(a_full_cursor_can_be_written),
		world_test(foreign_cursors_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
