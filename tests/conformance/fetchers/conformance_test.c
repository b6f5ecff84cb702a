/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conformance - what every row of the driver table must do, whatever its format.  The
 * documents are those of tests/data/feeds/DRIVER.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/stream.h"
#include "fetchers/fetchers.h"
#include "unit/unit.h"

#define DATA_MAX ((size_t)16 * 1024 * 1024)

/* Lines of the records, and how many. */
struct collect {
	struct record_sink sink; /* first: drivers hand this back */
	struct buf lines;
	uint64_t records, skipped;
	uint64_t fail_after; /* 0 = never */
};

static enum err_code
take_record(struct record_sink *s, const struct record *r, struct err *e)
{
	struct collect *c = (struct collect *)s;

	if (record_check(r, e) != ERR_OK)
		fail_msg("a record that breaks the rules: %s", e->text);
	if (++c->records == c->fail_after)
		return err_set(e, ERR_STORAGE, "no more");
	record_write(r, &c->lines);
	buf_addc(&c->lines, '\n');
	return ERR_OK;
}

static void
take_skipped(struct record_sink *s, const char *key, const char *why)
{
	if (!utf8_valid(key, strlen(key)) || why[0] == '\0')
		fail_msg("skipped \"%s\" because \"%s\"", key, why);
	((struct collect *)s)->skipped++;
}

static struct collect
collect_new(void)
{
	return (struct collect){
		.sink = { .record = take_record, .skipped = take_skipped },
		.lines = BUF_INIT(DATA_MAX),
	};
}

static enum err_code
parse(const struct driver *d, const char *text, size_t len, uint64_t max,
    struct collect *c, struct err *e)
{
	const struct parse_env env = { .source = d->source };
	struct stream *in;
	enum err_code rc;

	*e = ERR_INIT;
	if ((rc = stream_open_memory(&in, text, len, max, e)) != ERR_OK)
		return rc;
	rc = d->parse(in, &env, &c->sink, e);
	stream_close(in);
	return rc;
}

/* ---- the documents ---- */

struct document {
	const struct driver *driver;
	const char *name;
	struct buf text;
};

struct documents {
	struct document *at;
	size_t n, cap;
};

static void
read_document(struct arena *a, struct document *doc, const char *path)
{
	FILE *f = fopen(path, "rb");
	char chunk[4096];
	size_t n;

	assert_non_null(f);
	doc->text = BUF_INIT(DATA_MAX);
	doc->name = arena_strdup(a, path);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&doc->text, chunk, n);
	(void)fclose(f);
}

/* Every document of every driver that its own driver takes, with at least a record. */
static struct documents *
good_documents(struct arena *a)
{
	struct documents *docs = arena_zalloc(a, sizeof(*docs));

	for (size_t i = 0; drivers_all[i] != NULL; i++) {
		const char *dir =
		    arena_printf(a, TEST_DATA "/feeds/%s", drivers_all[i]->name);
		size_t before = docs->n;
		DIR *d = opendir(dir);
		struct dirent *entry;

		if (d == NULL)
			fail_msg("%s: %s", dir, strerror(errno));
		while ((entry = readdir(d)) != NULL) {
			struct collect c = collect_new();
			struct document doc = { .driver = drivers_all[i] };
			struct err e;

			if (entry->d_name[0] == '.' ||
			    str_ends(entry->d_name, ".expected"))
				continue;
			read_document(
			    a, &doc, arena_printf(a, "%s/%s", dir, entry->d_name));
			if (parse(doc.driver, buf_str(&doc.text), doc.text.len,
				MAX_FEED_BYTES, &c, &e) == ERR_OK &&
			    c.records > 0)
				*ARENA_PUSH(a, docs) = doc;
			else
				buf_done(&doc.text);
			buf_done(&c.lines);
		}
		(void)closedir(d);
		if (docs->n == before)
			fail_msg("%s: no document that its driver takes", dir);
	}
	return docs;
}

struct suite {
	struct arena *arena;
	struct documents *docs;
};

static int
setup(void **state)
{
	struct suite *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->arena = arena_new();
	s->docs = good_documents(s->arena);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct suite *s = *state;

	for (size_t i = 0; i < s->docs->n; i++)
		buf_done(&s->docs->at[i].text);
	arena_free(s->arena);
	free(s);
	return 0;
}

static void
expect_refused(const struct driver *d, const char *text, size_t len, uint64_t max,
    enum err_code want, const char *what)
{
	struct collect c = collect_new();
	struct err e;
	enum err_code rc = parse(d, text, len, max, &c, &e);

	buf_done(&c.lines);
	if (rc != want)
		fail_msg("%s, %s: expected %s, got %s (%s)", d->name, what,
		    err_code_name(want), err_code_name(rc), e.text);
	if (e.text[0] == '\0')
		fail_msg("%s, %s: refused without a word", d->name, what);
}

/* ---- the promises ---- */

static void
every_row_is_filled_in(void **state)
{
	(void)state;
	for (size_t i = 0; drivers_all[i] != NULL; i++) {
		const struct driver *d = drivers_all[i];

		assert_non_null(d->name);
		assert_non_null(d->summary);
		assert_non_null(d->source);
		assert_non_null(d->parse);
		assert_in_range(d->source_rank, 0, 2);
		assert_in_range(d->revision, 1, 1000000);
		assert_int_not_equal(d->says, 0);
		/* facts of vulnerabilities on one side, statements on the other */
		assert_int_equal((d->says & (SAYS_FIXED | SAYS_NOT_AFFECTED)) != 0,
		    (d->caps & DRIVER_ENRICHES) == 0);
		assert_ptr_equal(driver_find(d->name), d);
	}
	assert_null(driver_find("gopher"));
	assert_null(driver_find(NULL));
}

static void
nothing_at_all_is_refused(void **state)
{
	static const char *const texts[] = { "", " \n", "\xef\xbb\xbf", "null", "[]",
		"\"\"", "7", "true", "{", "[1,2]" };

	(void)state;
	for (size_t i = 0; drivers_all[i] != NULL; i++)
		for (size_t k = 0; k < ROWS(texts); k++)
			expect_refused(drivers_all[i], texts[k], strlen(texts[k]),
			    MAX_FEED_BYTES, ERR_INPUT, texts[k]);
}

/* Behind the facts of a page there is prose, which may say anything and end anywhere. */
static bool
is_page(const struct document *doc)
{
	return str_ends(doc->name, ".md");
}

static void
a_document_cut_anywhere_is_refused(void **state)
{
	const struct suite *s = *state;

	for (size_t i = 0; i < s->docs->n; i++) {
		const struct document *doc = &s->docs->at[i];
		size_t end = doc->text.len;
		bool is_table = strpbrk(buf_str(&doc->text), "}>") == NULL;

		if (is_page(doc))
			continue;
		/* white space behind the last bracket may go */
		while (!is_table && strchr("}>", doc->text.data[end - 1]) == NULL)
			end--;
		for (size_t len = 0; len < end; len += 1 + end / 200)
			/* of a table between two rows nobody can tell: see a shrunken
			 * feed (store/run_judge.c) */
			if (!is_table || len == 0 || doc->text.data[len - 1] != '\n')
				expect_refused(doc->driver, buf_str(&doc->text), len,
				    MAX_FEED_BYTES, ERR_INPUT,
				    arena_printf(
					s->arena, "%s at %zu", doc->name, len));
		expect_refused(doc->driver, buf_str(&doc->text), end - 1,
		    MAX_FEED_BYTES, ERR_INPUT, doc->name);
	}
}

static void
a_document_with_something_behind_it_is_refused(void **state)
{
	const struct suite *s = *state;

	for (size_t i = 0; i < s->docs->n; i++) {
		const struct document *doc = &s->docs->at[i];
		const char *text = arena_printf(s->arena, "%s{}", buf_str(&doc->text));

		if (is_page(doc))
			continue;
		expect_refused(doc->driver, text, strlen(text), MAX_FEED_BYTES,
		    ERR_INPUT, doc->name);
	}
}

static void
documents_of_the_others_are_refused(void **state)
{
	const struct suite *s = *state;

	for (size_t i = 0; drivers_all[i] != NULL; i++)
		for (size_t k = 0; k < s->docs->n; k++)
			if (s->docs->at[k].driver != drivers_all[i])
				expect_refused(drivers_all[i],
				    buf_str(&s->docs->at[k].text),
				    s->docs->at[k].text.len, MAX_FEED_BYTES, ERR_INPUT,
				    s->docs->at[k].name);
}

static void
a_document_over_the_cap_is_refused(void **state)
{
	const struct suite *s = *state;

	for (size_t i = 0; i < s->docs->n; i++) {
		const struct document *doc = &s->docs->at[i];

		expect_refused(doc->driver, buf_str(&doc->text), doc->text.len,
		    doc->text.len / 2, ERR_LIMIT, doc->name);
	}
}

static void
the_same_document_twice_gives_the_same_records(void **state)
{
	const struct suite *s = *state;

	for (size_t i = 0; i < s->docs->n; i++) {
		const struct document *doc = &s->docs->at[i];
		struct collect one = collect_new(), two = collect_new();
		struct err e;

		(void)parse(doc->driver, buf_str(&doc->text), doc->text.len,
		    MAX_FEED_BYTES, &one, &e);
		(void)parse(doc->driver, buf_str(&doc->text), doc->text.len,
		    MAX_FEED_BYTES, &two, &e);
		assert_string_equal(buf_str(&one.lines), buf_str(&two.lines));
		assert_int_equal(one.skipped, two.skipped);
		buf_done(&one.lines);
		buf_done(&two.lines);
	}
}

static void
no_key_comes_twice(void **state)
{
	const struct suite *s = *state;

	for (size_t i = 0; i < s->docs->n; i++) {
		const struct document *doc = &s->docs->at[i];
		struct collect c = collect_new();
		struct err e;
		const char *line, *next;

		(void)parse(doc->driver, buf_str(&doc->text), doc->text.len,
		    MAX_FEED_BYTES, &c, &e);
		for (line = buf_str(&c.lines); *line != '\0'; line = next) {
			const char *key = strstr(line, "\"record\":\"");
			const char *end = strstr(key, "\",");
			char *field =
			    arena_strndup(s->arena, key, (size_t)(end - key) + 2);

			next = strchr(line, '\n') + 1;
			if (strstr(next, field) != NULL)
				fail_msg("%s: %s twice", doc->name, field);
		}
		buf_done(&c.lines);
	}
}

static void
an_error_of_the_sink_stops_at_once_and_comes_back_unchanged(void **state)
{
	const struct suite *s = *state;

	for (size_t i = 0; i < s->docs->n; i++) {
		const struct document *doc = &s->docs->at[i];
		struct collect c = collect_new();
		struct err e;

		c.fail_after = 1;
		assert_int_equal(parse(doc->driver, buf_str(&doc->text), doc->text.len,
				     MAX_FEED_BYTES, &c, &e),
		    ERR_STORAGE);
		assert_string_equal(e.text, "no more");
		assert_int_equal(c.records, 1);
		buf_done(&c.lines);
	}
}

static void
records_that_enrich_name_no_packages_and_the_others_do(void **state)
{
	const struct suite *s = *state;

	for (size_t i = 0; i < s->docs->n; i++) {
		const struct document *doc = &s->docs->at[i];
		struct collect c = collect_new();
		bool enriches = (doc->driver->caps & DRIVER_ENRICHES) != 0;
		struct err e;

		(void)parse(doc->driver, buf_str(&doc->text), doc->text.len,
		    MAX_FEED_BYTES, &c, &e);
		if ((strstr(buf_str(&c.lines), "\"affected\":[{") == NULL) != enriches)
			fail_msg("%s", doc->name);
		buf_done(&c.lines);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_filled_in),
		cmocka_unit_test(nothing_at_all_is_refused),
		cmocka_unit_test(a_document_cut_anywhere_is_refused),
		cmocka_unit_test(a_document_with_something_behind_it_is_refused),
		cmocka_unit_test(documents_of_the_others_are_refused),
		cmocka_unit_test(a_document_over_the_cap_is_refused),
		cmocka_unit_test(the_same_document_twice_gives_the_same_records),
		cmocka_unit_test(no_key_comes_twice),
		cmocka_unit_test(
		    an_error_of_the_sink_stops_at_once_and_comes_back_unchanged),
		cmocka_unit_test(
		    records_that_enrich_name_no_packages_and_the_others_do),
	};

	return cmocka_run_group_tests_name(
	    "fetchers_conformance", tests, setup, teardown);
}
