/* SPDX-License-Identifier: Apache-2.0 */
/* csaf_fetch_test - archives, lists of changes and deletions, metadata of providers. */
#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/str.h"
#include "unit/fetchers/fixture.h"
#include "unit/unit.h"

#define DIR       "https://example.org/csaf/vex/"
#define LATEST    DIR "archive_latest.txt"
#define CHANGES   DIR "changes.csv"
#define DELETIONS DIR "deletions.csv"
#define INDEX     DIR "index.txt"
/* The test's archives are documents: one of them takes the part of all. */
#define ARCHIVE_NAME "vex_2025-02-28.tar.zst"
#define ARCHIVE      DIR ARCHIVE_NAME
#define PROVIDER     "https://example.org/.well-known/csaf/provider-metadata.json"
#define HOUR_S       ((int64_t)3600)

#define DOCUMENT(id, products)                                                         \
	"{\"document\":{\"csaf_version\":\"2.0\",\"tracking\":{\"id\":\"" id           \
	"\"}},\"product_tree\":{\"full_product_names\":[{\"product_id\":\"p\","        \
	"\"name\":\"p\",\"product_identification_helper\":{\"purl\":"                  \
	"\"pkg:npm/left-pad@1.0.0\"}}]},\"vulnerabilities\":[{\"cve\":\"" id           \
	"\",\"product_status\":{\"known_affected\":[" products "]}}]}"
#define CVE(number) DOCUMENT("CVE-2024-" number, "\"p\"")

static struct world *
csaf_world(void **state, const char *url)
{
	struct world *w = *state;

	w->feed.driver = "csaf";
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
answer_tagged(struct world *w, const char *url, const char *body, const char *etag)
{
	world_answer(w,
	    (struct answer){ .url = url, .status = 200, .body = body, .etag = etag });
}

static void
answer_cve(struct world *w, const char *path, const char *body)
{
	answer(w, arena_printf(w->arena, DIR "%s", path), body);
}

static void
fail_three_times(struct world *w, const char *url)
{
	for (int i = 0; i < 3; i++)
		answer_status(w, url, 503);
}

static void
later(struct world *w, int64_t seconds)
{
	w->clock.at_ms += seconds * 1000;
}

static void
expect(struct world *w, const char *keys, const char *gone)
{
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, keys);
	assert_string_equal(w->gone, gone);
	assert_int_equal(world_spooled(w), 0);
}

static void
expect_cursor(struct world *w, const char *part)
{
	if (strstr(str_or_empty(w->state.cursor), part) == NULL)
		fail_msg("%s is not in the cursor %s", part, w->state.cursor);
}

/*
 * A first run has happened at midnight of 2025-03-01: an archive of the day before, and
 * a document that has changed since.
 */
static struct world *
loaded(void **state)
{
	struct world *w = csaf_world(state, DIR);

	answer(w, LATEST, ARCHIVE_NAME "\n");
	answer_tagged(w, ARCHIVE, CVE("1"), "\"a1\"");
	answer_tagged(w, DELETIONS,
	    "\"2024/cve-2024-8.json\",\"2025-02-28T11:00:00+00:00\"\n"
	    "\"2024/cve-2024-9.json\",\"2024-02-28T10:00:00+00:00\"\n",
	    "\"d1\"");
	answer_tagged(w, CHANGES,
	    "\"2024/cve-2024-2.json\",\"2025-02-28T12:00:00+00:00\"\n"
	    "\"2024/cve-2024-1.json\",\"2025-02-20T12:00:00+00:00\"\n",
	    "\"c1\"");
	answer_cve(w, "2024/cve-2024-2.json", CVE("2"));
	expect(w, "CVE-2024-2 CVE-2024-1 ", "CVE-2024-8 ");
	assert_true(w->result.complete);
	later(w, HOUR_S);
	return w;
}

/* ---- a directory with everything ---- */

static void
a_first_run_reads_the_archive_and_what_came_after_it(void **state)
{
	struct world *w = loaded(state);

	assert_string_equal(w->state.etag, "\"a1\"");
	expect_cursor(w, "\"full\":\"2025-03-01T00:00:00Z\"");
	expect_cursor(w, "\"newest\":\"2025-02-28T12:00:00Z\"");
	expect_cursor(w, "\"deleted\":\"2025-02-28T11:00:00Z\"");
	expect_cursor(w, "\"etag\":\"\\\"c1\\\"\"");
	expect_cursor(w, "\"deletions_etag\":\"\\\"d1\\\"\"");
}

static void
an_archive_does_not_follow_what_is_newer(void **state)
{
	struct world *w = csaf_world(state, DIR);

	/* its document has changed since, is deleted, or speaks of no package any more */
	answer(w, LATEST, ARCHIVE_NAME);
	answer(w, ARCHIVE, CVE("1"));
	answer(w, CHANGES, "2024/cve-2024-1.json,2025-02-28T12:00:00Z\n");
	answer_cve(w, "2024/cve-2024-1.json", CVE("1"));
	expect(w, "CVE-2024-1 ", "");
	w->state = (struct feed_state){ .cursor = NULL };
	answer(w, LATEST, ARCHIVE_NAME);
	answer(w, ARCHIVE, CVE("1"));
	answer(w, DELETIONS, "2024/cve-2024-1.json,2025-02-28T12:00:00Z\n");
	expect(w, "", "CVE-2024-1 ");
	w->state = (struct feed_state){ .cursor = NULL };
	answer(w, LATEST, ARCHIVE_NAME);
	answer(w, ARCHIVE, CVE("1"));
	answer(w, CHANGES, "2024/cve-2024-1.json,2025-02-28T12:00:00Z\n");
	answer_cve(w, "2024/cve-2024-1.json", DOCUMENT("CVE-2024-1", ""));
	expect(w, "", "CVE-2024-1 ");
}

static void
lists_that_are_the_same_cost_two_requests(void **state)
{
	struct world *w = loaded(state);

	answer_status(w, DELETIONS, 304);
	answer_status(w, CHANGES, 304);
	expect(w, "", "");
	assert_true(w->result.unchanged);
	assert_int_equal(w->n_requests, 2);
	assert_string_equal(w->requests[0].etag, "\"d1\"");
	assert_string_equal(w->requests[1].etag, "\"c1\"");
	/* and again: what is remembered is still the same */
	answer_status(w, DELETIONS, 304);
	answer_status(w, CHANGES, 304);
	expect(w, "", "");
	assert_string_equal(w->requests[1].etag, "\"c1\"");
}

static void
changes_are_read_the_oldest_first(void **state)
{
	struct world *w = loaded(state);

	answer_status(w, DELETIONS, 304);
	/* in any order, quoted or not, the last line without an end */
	answer(w, CHANGES,
	    "2024/cve-2024-3.json,2025-03-01T00:40:00Z\r\n"
	    "\"2024/cve-2024-2.json\",\"2025-02-28T12:00:00+00:00\"\n"
	    "no line of ours\n"
	    "\"2024/cve-2024-5.json\",\"soon\"\n"
	    "\"2024/cve-2024-1.json\",\"2025-02-20T12:00:00+00:00\"\n"
	    "\"2024/cve-2024-4.json\",\"2025-03-01T00:30:00+00:00\"");
	answer_cve(w, "2024/cve-2024-3.json", CVE("3"));
	answer_cve(w, "2024/cve-2024-4.json", CVE("4"));
	expect(w, "CVE-2024-4 CVE-2024-3 ", "");
	assert_false(w->result.complete);
	assert_false(w->result.unchanged);
	expect_cursor(w, "\"newest\":\"2025-03-01T00:40:00Z\"");
	/* what is remembered of the archive stays */
	assert_string_equal(w->state.etag, "\"a1\"");
}

static void
lines_that_come_late_are_seen(void **state)
{
	struct world *w = loaded(state);

	answer_status(w, DELETIONS, 304);
	answer(w, CHANGES,
	    "2024/cve-2024-2.json,2025-02-28T12:00:00Z\n"
	    "2024/cve-2024-6.json,2025-02-28T06:00:00Z\n"
	    "2024/cve-2024-7.json,2025-02-28T05:59:59Z\n");
	answer_cve(w, "2024/cve-2024-6.json", CVE("6"));
	expect(w, "CVE-2024-6 ", "");
	/* the same document again, changed within the day */
	answer_status(w, DELETIONS, 304);
	answer(w, CHANGES,
	    "2024/cve-2024-2.json,2025-02-28T12:00:01Z\n"
	    "2024/cve-2024-6.json,2025-02-28T06:00:01Z\n");
	answer_cve(w, "2024/cve-2024-2.json", CVE("2"));
	answer_cve(w, "2024/cve-2024-6.json", CVE("6"));
	expect(w, "CVE-2024-6 CVE-2024-2 ", "");
}

static void
deletions_are_the_publishers_word(void **state)
{
	struct world *w = loaded(state);

	answer_tagged(w, DELETIONS,
	    "\"2024/cve-2024-1.json\",\"2025-03-01T00:30:00+00:00\"\n"
	    "\"2024/cve-2024-2.json\",\"2025-03-01T00:30:00+00:00\"\n"
	    "\"2024/cve-2024-3.json\",\"2025-03-01T00:30:00+00:00\"\n"
	    "\"2024/cve-2024-8.json\",\"2025-02-28T11:00:00+00:00\"\n"
	    "\"2024/cve-2024-9.json\",\"2024-02-28T10:00:00+00:00\"\n",
	    "\"d2\"");
	/* the second has come back since; the third is a change that was deleted */
	answer(w, CHANGES,
	    "\"2024/cve-2024-2.json\",\"2025-03-01T00:31:00+00:00\"\n"
	    "\"2024/cve-2024-3.json\",\"2025-03-01T00:29:00+00:00\"\n");
	answer_cve(w, "2024/cve-2024-2.json", CVE("2"));
	expect(w, "CVE-2024-2 ", "CVE-2024-1 CVE-2024-3 CVE-2024-8 ");
	assert_string_equal(w->skipped, "");
	/* to know what came back, the changes are read whatever their tag */
	assert_string_equal(w->requests[1].etag, "");
	expect_cursor(w, "\"deleted\":\"2025-03-01T00:30:00Z\"");
}

static void
a_document_that_names_no_package_any_more_takes_its_record_along(void **state)
{
	struct world *w = loaded(state);

	answer_status(w, DELETIONS, 304);
	answer(w, CHANGES, "2024/cve-2024-2.json,2025-03-01T00:30:00Z\n");
	answer_cve(w, "2024/cve-2024-2.json", DOCUMENT("CVE-2024-2", ""));
	expect(w, "", "CVE-2024-2 ");
	assert_false(w->result.unchanged);
}

static void
a_run_that_was_cut_goes_on_where_it_stopped(void **state)
{
	static const char list[] = "2024/cve-2024-5.json,2025-03-01T00:50:00Z\n"
				   "2024/cve-2024-4.json,2025-03-01T00:40:00Z\n"
				   "2024/cve-2024-3.json,2025-03-01T00:30:00Z\n";
	struct world *w = loaded(state);

	answer_status(w, DELETIONS, 304);
	answer_tagged(w, CHANGES, list, "\"c2\"");
	answer_cve(w, "2024/cve-2024-3.json", CVE("3"));
	fail_three_times(w, DIR "2024/cve-2024-4.json");
	expect(w, "CVE-2024-3 ", "");
	assert_non_null(strstr(w->skipped, "2024/cve-2024-4.json: "));
	assert_false(w->result.unchanged);
	expect_cursor(w, "\"newest\":\"2025-03-01T00:30:00Z\"");
	/* the list is asked for without its tag, and only the rest is read */
	answer_status(w, DELETIONS, 304);
	answer_tagged(w, CHANGES, list, "\"c2\"");
	answer_cve(w, "2024/cve-2024-4.json", CVE("4"));
	answer_cve(w, "2024/cve-2024-5.json", CVE("5"));
	expect(w, "CVE-2024-4 CVE-2024-5 ", "");
	assert_string_equal(w->requests[1].etag, "");
	expect_cursor(w, "\"etag\":\"\\\"c2\\\"\"");
	/* nothing at all is a failure, as with any feed */
	answer_status(w, DELETIONS, 304);
	answer(w, CHANGES, "2024/cve-2024-6.json,2025-03-01T00:55:00Z\n");
	fail_three_times(w, DIR "2024/cve-2024-6.json");
	world_expect(w, world_run(w), ERR_UNREACHABLE);
	fail_three_times(w, DELETIONS);
	world_expect(w, world_run(w), ERR_UNREACHABLE);
}

static void
a_first_run_that_was_cut_behind_the_archive_is_not_complete(void **state)
{
	static const char list[] = "2024/cve-2024-2.json,2025-02-28T12:00:00Z\n";
	struct world *w = csaf_world(state, DIR);

	answer(w, LATEST, ARCHIVE_NAME);
	answer(w, ARCHIVE, CVE("1"));
	answer(w, CHANGES, list);
	fail_three_times(w, DIR "2024/cve-2024-2.json");
	expect(w, "CVE-2024-1 ", "");
	assert_false(w->result.complete);
	later(w, HOUR_S);
	/* the archive is not read again for that */
	answer(w, CHANGES, list);
	answer_cve(w, "2024/cve-2024-2.json", CVE("2"));
	expect(w, "CVE-2024-2 ", "");
	assert_int_equal(world_asked(w, "archive"), 0);
	/* an archive that was cut itself is nothing to go on with */
	w->state = (struct feed_state){ .cursor = NULL };
	answer(w, LATEST, ARCHIVE_NAME);
	fail_three_times(w, ARCHIVE);
	world_expect(w, world_run(w), ERR_UNREACHABLE);
	answer(w, LATEST, ARCHIVE_NAME);
	answer(w, ARCHIVE, "{\"document\":{\"csaf_version\":");
	world_expect(w, world_run(w), ERR_INPUT);
}

static void
what_is_listed_and_not_there_is_asked_for_again(void **state)
{
	static const char list[] = "2024/cve-2024-3.json,2025-03-01T00:30:00Z\n"
				   "2024/cve-2024-4.json,2025-03-01T00:20:00Z\n";
	struct world *w = loaded(state);

	answer(w, CHANGES, list);
	answer_cve(w, "2024/cve-2024-4.json", "{\"not\":\"a document\"}");
	expect(w, "", "");
	assert_non_null(strstr(w->skipped, "cve-2024-3.json: "));
	assert_non_null(strstr(w->skipped, "cve-2024-4.json: "));
	/* there now; the bad one is not asked for a second time */
	answer(w, CHANGES, list);
	answer_cve(w, "2024/cve-2024-3.json", CVE("3"));
	expect(w, "CVE-2024-3 ", "");
	assert_int_equal(world_asked(w, "cve-2024-4.json"), 0);
}

static void
paths_do_not_lead_out_of_the_directory(void **state)
{
	struct world *w = loaded(state);

	answer(w, CHANGES,
	    "../secret.json,2025-03-01T00:30:00Z\n"
	    "/secret.json,2025-03-01T00:30:00Z\n"
	    "https://else.example/x.json,2025-03-01T00:30:00Z\n"
	    "2024/secret.txt,2025-03-01T00:30:00Z\n"
	    ",2025-03-01T00:30:00Z\n"
	    "2024/a b?c#d.json,2025-03-01T00:30:00Z\n");
	expect(w, "", "");
	assert_int_equal(w->n_requests, 3);
	assert_string_equal(w->requests[2].url, DIR "2024/a%20b%3Fc%23d.json");
}

/* ---- everything again ---- */

static void
after_a_week_everything_is_read_again(void **state)
{
	struct world *w = loaded(state);

	later(w, 7 * 24 * HOUR_S);
	answer(w, LATEST, ARCHIVE_NAME);
	answer_status(w, ARCHIVE, 304);
	answer(w, CHANGES, "2024/cve-2024-2.json,2025-02-28T12:00:00Z\n");
	expect(w, "", "");
	assert_true(w->result.unchanged);
	assert_string_equal(w->requests[1].etag, "\"a1\"");
	expect_cursor(w, "\"full\":\"2025-03-08T01:00:00Z\"");

	later(w, 7 * 24 * HOUR_S);
	answer(w, LATEST, "vex_2025-03-15.tar.zst");
	answer(w, DIR "vex_2025-03-15.tar.zst", CVE("2"));
	answer(w, CHANGES, "2024/cve-2024-2.json,2025-02-28T12:00:00Z\n");
	expect(w, "CVE-2024-2 ", "");
	assert_true(w->result.complete);
	expect_cursor(w, "\"newest\":\"2025-03-15T00:00:00Z\"");
}

static void
a_new_revision_reads_everything(void **state)
{
	struct world *w = loaded(state);

	w->state.force = true;
	answer(w, LATEST, ARCHIVE_NAME);
	answer(w, ARCHIVE, CVE("1"));
	expect(w, "CVE-2024-1 ", "");
	assert_string_equal(w->requests[1].etag, "");
}

/* A list of N changes of the last hour. */
static const char *
many_changes(struct world *w, int n)
{
	CLEANUP_BUF struct buf b = BUF_INIT((size_t)1 << 20);

	for (int i = n; i > 0; i--)
		buf_printf(&b, "2024/cve-2024-%d.json,2025-03-01T13:%02d:%02dZ\n",
		    1000 + i, i / 60 % 60, i % 60);
	return arena_strdup(w->arena, buf_str(&b));
}

static void
many_changes_come_as_an_archive(void **state)
{
	struct world *w = loaded(state);

	later(w, 13 * HOUR_S);
	answer(w, CHANGES, many_changes(w, 2001));
	answer(w, LATEST, "vex_2025-03-02.tar.zst");
	answer(w, DIR "vex_2025-03-02.tar.zst", CVE("7"));
	for (int i = 0; i < 3; i++)
		answer_status(w, DIR "2024/cve-2024-1001.json", 503);
	expect(w, "CVE-2024-7 ", "");
	/* a date that is to come is now; what changed since may be missing in it */
	expect_cursor(w, "\"newest\":\"2025-03-01T14:00:00Z\"");
	assert_false(w->result.complete);
}

static void
a_deleted_notice_is_settled_by_reading_all(void **state)
{
	struct world *w = loaded(state);

	answer(w, DELETIONS, "2024/rhsa-2024_1.json,2025-03-01T00:30:00Z\n");
	answer(w, CHANGES, "");
	expect(w, "", "");
	expect_cursor(w, "\"full\":\"2025-02-22T13:00:00Z\"");
	later(w, 13 * HOUR_S);
	answer(w, LATEST, "vex_2025-03-02.tar.zst");
	answer(w, DIR "vex_2025-03-02.tar.zst", CVE("7"));
	expect(w, "CVE-2024-7 ", "");
	assert_true(w->result.complete);
}

static void
names_of_archives_do_not_lead_out_of_the_directory(void **state)
{
	static const char *const names[] = { "../x.tar.zst", "a/b.tar.zst", "x.json",
		".tar.zst", "x.tar.zst?y", "", "\n" };
	struct world *w = csaf_world(state, DIR);

	for (size_t i = 0; i < ROWS(names); i++) {
		answer(w, LATEST, names[i]);
		world_expect(w, world_run(w), ERR_INPUT);
		assert_int_equal(w->n_requests, 1);
	}
}

/* ---- sums ---- */

static const char *
sum_of(struct world *w, const char *body)
{
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	sha256_of(body, strlen(body), digest);
	return arena_printf(
	    w->arena, "%s  /a/path/x.json\n", hex_encode(digest, sizeof(digest), hex));
}

static void
sums_beside_documents_are_checked(void **state)
{
	struct world *w = loaded(state);

	answer_tagged(w, CHANGES,
	    "2024/cve-2024-3.json,2025-03-01T00:20:00Z\n"
	    "2024/cve-2024-4.json,2025-03-01T00:30:00Z\n",
	    "\"c2\"");
	answer_cve(w, "2024/cve-2024-3.json", CVE("3"));
	answer_cve(w, "2024/cve-2024-3.json.sha256", sum_of(w, CVE("3")));
	answer_cve(w, "2024/cve-2024-4.json", CVE("4"));
	answer_cve(w, "2024/cve-2024-4.json.sha256", sum_of(w, CVE("3")));
	expect(w, "CVE-2024-3 ", "");
	assert_non_null(strstr(w->skipped, "cve-2024-4.json: the document is not"));
	assert_int_equal(world_asked(w, ".sha512"), 0);
	/* it was caught in the middle of a change: asked for again, tag or no tag */
	answer(w, CHANGES, "2024/cve-2024-4.json,2025-03-01T00:30:00Z\n");
	answer_cve(w, "2024/cve-2024-4.json", CVE("4"));
	answer_cve(w, "2024/cve-2024-4.json.sha256", sum_of(w, CVE("4")));
	expect(w, "CVE-2024-4 ", "");
	assert_string_equal(w->requests[1].etag, "");
}

static void
sums_that_are_not_there_are_asked_for_once(void **state)
{
	struct world *w = loaded(state);

	answer(w, CHANGES,
	    "2024/cve-2024-3.json,2025-03-01T00:20:00Z\n"
	    "2024/cve-2024-4.json,2025-03-01T00:30:00Z\n");
	answer_cve(w, "2024/cve-2024-3.json", CVE("3"));
	answer_cve(w, "2024/cve-2024-4.json", CVE("4"));
	expect(w, "CVE-2024-3 CVE-2024-4 ", "");
	assert_int_equal(world_asked(w, ".sha"), 2);
	/* a server that has a page for everything has no sums either */
	answer(w, CHANGES, "2024/cve-2024-5.json,2025-03-01T00:40:00Z\n");
	answer_cve(w, "2024/cve-2024-5.json", CVE("5"));
	answer_cve(w, "2024/cve-2024-5.json.sha256", "<html>not here</html>");
	expect(w, "CVE-2024-5 ", "");
}

static void
an_archive_with_another_sum_is_refused(void **state)
{
	struct world *w = csaf_world(state, DIR);

	answer(w, LATEST, ARCHIVE_NAME);
	answer(w, ARCHIVE, CVE("1"));
	answer(w, ARCHIVE ".sha512",
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	world_expect(w, world_run(w), ERR_INPUT);
	assert_string_equal(w->keys, "");
}

/* ---- other forms of a provider ---- */

static void
an_archive_beside_its_directory(void **state)
{
	struct world *w = csaf_world(state, "https://example.org/csaf/vex.tar.bz2");

	world_answer(w, (struct answer){ .url = "https://example.org/csaf/vex.tar.bz2",
			    .status = 200,
			    .body = CVE("1"),
			    .last_modified = "Thu, 27 Feb 2025 10:00:00 GMT" });
	answer(w, CHANGES,
	    "\"cve-2024-1.json\",\"2023-02-28T12:00:00Z\"\n"
	    "\"cve-2024-2.json\",\"2025-02-28T12:00:00Z\"\n");
	answer_cve(w, "cve-2024-2.json", CVE("2"));
	expect(w, "CVE-2024-2 CVE-2024-1 ", "");
	assert_true(w->result.complete);
	assert_int_equal(world_asked(w, "archive_latest"), 0);
	/* without lists, the archive is all there is to look at */
	later(w, HOUR_S);
	answer_status(w, "https://example.org/csaf/vex.tar.bz2", 304);
	expect(w, "", "");
	assert_true(w->result.unchanged);
}

static void
an_index_says_what_there_is(void **state)
{
	struct world *w = csaf_world(state, DIR);

	answer(w, INDEX, "2024/cve-2024-1.json\n2024/cve-2024-2.json\n");
	answer_cve(w, "2024/cve-2024-1.json", CVE("1"));
	answer_cve(w, "2024/cve-2024-2.json", CVE("2"));
	expect(w, "CVE-2024-1 CVE-2024-2 ", "");
	assert_true(w->result.complete);
	later(w, HOUR_S);
	answer(w, INDEX,
	    "2024/cve-2024-1.json\n2024/cve-2024-2.json\n2024/cve-2024-3.json\n");
	answer_cve(w, "2024/cve-2024-3.json", CVE("3"));
	expect(w, "CVE-2024-3 ", "");
	later(w, HOUR_S);
	answer(w, INDEX, "2024/cve-2024-1.json\n2024/cve-2024-3.json\n");
	expect(w, "", "");
	assert_true(w->result.unchanged);
	/* who says nothing has no documents */
	world_expect(w, world_run(w), ERR_INPUT);
}

#define ENTRY(path, at) "{\"content\":{\"src\":\"" path "\"},\"updated\":\"" at "\"}"

static void
a_provider_names_its_feeds(void **state)
{
	struct world *w = csaf_world(state, PROVIDER);

	answer(w, PROVIDER,
	    "{\"distributions\":[{\"directory_url\":\"" DIR
	    "\"},{\"rolie\":{\"feeds\":["
	    "{\"url\":\"/rolie/white.json\",\"tlp_label\":\"WHITE\"},"
	    "{\"url\":\"/rolie/red.json\",\"tlp_label\":\"RED\"}]}}]}");
	answer(w, "https://example.org/rolie/white.json",
	    "{\"feed\":{\"entry\":[" ENTRY("https://else.example/cve-2024-2.json",
		"2025-02-20T00:00:00Z") "," ENTRY("http://else.example/cve-2024-3.json",
		"2025-02-20T00:00:00Z") "," ENTRY("file:///etc/x.json",
		"2025-02-20T00:00:00Z") "," ENTRY("https://user@else.example/x.json",
		"2025-02-20T00:00:00Z") ",{\"link\":[{\"rel\":\"self\",\"href\":\"cve-"
					"2024-1.json\"},"
					"{\"rel\":\"hash\",\"href\":\"cve-2024-1.json."
					"sha512\"}],"
					"\"updated\":\"2025-02-10T00:00:00Z\"}]}}");
	answer(w, "https://example.org/rolie/cve-2024-1.json", CVE("1"));
	answer(w, "https://else.example/cve-2024-2.json", CVE("2"));
	expect(w, "CVE-2024-1 CVE-2024-2 ", "");
	assert_true(w->result.complete);
	assert_int_equal(world_asked(w, "red.json"), 0);
	assert_int_equal(world_asked(w, "http://"), 0);
	assert_int_equal(world_asked(w, "user@"), 0);
	expect_cursor(w, "\"newest\":\"2025-02-20T00:00:00Z\"");
}

static void
a_provider_names_its_directories(void **state)
{
	struct world *w = csaf_world(state, PROVIDER);

	answer(w, PROVIDER,
	    "{\"distributions\":[{\"directory_url\":\"https://example.org/csaf/vex\"},"
	    "{\"directory\":{\"url\":\"https://example.org/two/\",\"tlp_label\":"
	    "\"CLEAR\"}},{\"directory\":{\"url\":\"https://example.org/secret/\","
	    "\"tlp_label\":\"AMBER\"}}]}");
	answer(w, LATEST, ARCHIVE_NAME);
	answer(w, ARCHIVE, CVE("1"));
	answer(w, CHANGES, "2024/cve-2024-2.json,2025-02-28T12:00:00Z\n");
	answer_cve(w, "2024/cve-2024-2.json", CVE("2"));
	answer(w, "https://example.org/two/index.txt", "cve-2024-3.json\n");
	answer(w, "https://example.org/two/cve-2024-3.json", CVE("3"));
	expect(w, "CVE-2024-3 CVE-2024-2 CVE-2024-1 ", "");
	assert_true(w->result.complete);
	assert_int_equal(world_asked(w, "secret"), 0);
	/* of two places neither's tag nor archive says anything of the feed */
	assert_null(w->state.etag);
	assert_null(strstr(w->state.cursor, "etag"));
}

static void
a_page_is_what_stands_on_it(void **state)
{
	struct world *w = csaf_world(state, "https://example.org/x.json");

	answer(w, "https://example.org/x.json", CVE("1"));
	expect(w, "CVE-2024-1 ", "");
	assert_true(w->result.complete);
	answer(w, "https://example.org/x.json", CVE("1"));
	expect(w, "", "");
	assert_true(w->result.unchanged);
	answer(w, "https://example.org/x.json",
	    "{\"feed\":{\"entry\":[" ENTRY(
		"https://example.org/cve-2024-2.json", "2025-02-20T00:00:00Z") "]}}");
	answer(w, "https://example.org/cve-2024-2.json", CVE("2"));
	expect(w, "CVE-2024-2 ", "");
	assert_int_equal(world_asked(w, "/x.json"), 1);
	answer(w, "https://example.org/x.json", "{\"distributions\":[]}");
	world_expect(w, world_run(w), ERR_INPUT);
	answer(w, "https://example.org/x.json", "{\"something\":\"else\"}");
	world_expect(w, world_run(w), ERR_INPUT);
}

#define world_test(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(a_first_run_reads_the_archive_and_what_came_after_it),
		world_test(an_archive_does_not_follow_what_is_newer),
		world_test(lists_that_are_the_same_cost_two_requests),
		world_test(changes_are_read_the_oldest_first),
		world_test(lines_that_come_late_are_seen),
		world_test(deletions_are_the_publishers_word),
		world_test(
		    a_document_that_names_no_package_any_more_takes_its_record_along),
		world_test(a_run_that_was_cut_goes_on_where_it_stopped),
		world_test(a_first_run_that_was_cut_behind_the_archive_is_not_complete),
		world_test(what_is_listed_and_not_there_is_asked_for_again),
		world_test(paths_do_not_lead_out_of_the_directory),
		world_test(after_a_week_everything_is_read_again),
		world_test(a_new_revision_reads_everything),
		world_test(many_changes_come_as_an_archive),
		world_test(a_deleted_notice_is_settled_by_reading_all),
		world_test(names_of_archives_do_not_lead_out_of_the_directory),
		world_test(sums_beside_documents_are_checked),
		world_test(sums_that_are_not_there_are_asked_for_once),
		world_test(an_archive_with_another_sum_is_refused),
		world_test(an_archive_beside_its_directory),
		world_test(an_index_says_what_there_is),
		world_test(a_provider_names_its_feeds),
		world_test(a_provider_names_its_directories),
		world_test(a_page_is_what_stands_on_it),
	};

	return cmocka_run_group_tests_name("fetchers_csaf_fetch", tests, NULL, NULL);
}
