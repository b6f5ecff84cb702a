/* SPDX-License-Identifier: Apache-2.0 */
/* documents_test - a file as one document or as an archive of them. */
#include "unit/unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/stream.h"
#include "fetchers/documents.h"

#define PATH_SIZE 64

/* What a test sees of a file. */
struct seen {
	struct record_sink sink; /* first */
	struct buf skipped;
	unsigned parsed;
};

/* A format of three words: "good", "bad" (no document), "full" (the store says no). */
static enum err_code
parse_word(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(100);

	(void)env;
	if (stream_read_all(in, &text, e) != ERR_OK)
		return e->code;
	if (strcmp(buf_str(&text), "full") == 0)
		return err_set(e, ERR_STORAGE, "no room");
	if (strcmp(buf_str(&text), "good") != 0)
		return err_set(e, ERR_INPUT, "no such word");
	((struct seen *)sink)->parsed++;
	return ERR_OK;
}

static const struct driver in_archives = { .parse = parse_word, .member = ".txt" };
static const struct driver alone = { .parse = parse_word };

static void
note_skipped(struct record_sink *s, const char *key, const char *why)
{
	buf_printf(&((struct seen *)s)->skipped, "%s: %s;", key, why);
}

struct file {
	char path[PATH_SIZE];
	struct seen seen;
};

static int
setup(void **state)
{
	struct file *f = calloc(1, sizeof(*f));
	int fd;

	(void)snprintf(f->path, sizeof(f->path), "/tmp/tocsin-documents-XXXXXX");
	fd = mkstemp(f->path);
	(void)close(fd);
	f->seen.sink.skipped = note_skipped;
	f->seen.skipped = BUF_INIT(4096);
	*state = f;
	return fd < 0;
}

static int
teardown(void **state)
{
	struct file *f = *state;

	(void)unlink(f->path);
	buf_done(&f->seen.skipped);
	free(f);
	return 0;
}

/* A packed tar of MEMBERS, "name=content" each, NULL-ended. */
static void
make(struct file *f, const char *const *members)
{
	struct archive *a = archive_write_new();

	(void)archive_write_set_format_ustar(a);
	(void)archive_write_add_filter_gzip(a);
	assert_int_equal(archive_write_open_filename(a, f->path), ARCHIVE_OK);
	for (; *members != NULL; members++) {
		struct archive_entry *entry = archive_entry_new();
		const char *content = strchr(*members, '=') + 1;
		char name[PATH_SIZE];

		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(content - 1 - *members), *members);
		archive_entry_set_pathname(entry, name);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, (la_int64_t)strlen(content));
		assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
		assert_true(archive_write_data(a, content, strlen(content)) >= 0);
		archive_entry_free(entry);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

static enum err_code
read_with(const struct driver *d, struct file *f, struct documents *ret, struct err *e)
{
	const struct parse_env env = { .source = "test" };

	*e = ERR_INIT;
	*ret = (struct documents){ 0 };
	return documents_parse(d, &env, f->path, &f->seen.sink, ret, e);
}

static void
a_plain_document_is_one(void **state)
{
	struct file *f = *state;
	struct documents got;
	struct err e;
	FILE *out = fopen(f->path, "w");

	(void)fputs("good", out);
	(void)fclose(out);
	assert_int_equal(read_with(&in_archives, f, &got, &e), ERR_OK);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.unread, 0);
	assert_int_equal(read_with(&alone, f, &got, &e), ERR_OK);
}

static void
members_are_documents_where_their_names_end_so(void **state)
{
	static const char *const members[] = { "a/1.txt=good", "README=bad",
		"2.txt=good", NULL };
	struct file *f = *state;
	struct documents got;
	struct err e;

	make(f, members);
	assert_int_equal(read_with(&in_archives, f, &got, &e), ERR_OK);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.unread, 0);
	assert_int_equal(f->seen.parsed, 2);
}

static void
a_driver_that_knows_no_archives_gets_none(void **state)
{
	static const char *const members[] = { "1.txt=good", NULL };
	struct file *f = *state;
	struct documents got;
	struct err e;

	make(f, members);
	assert_int_equal(read_with(&alone, f, &got, &e), ERR_LIMIT);
}

static void
a_bad_member_costs_itself(void **state)
{
	static const char *const members[] = { "1.txt=good", "2.txt=bad",
		"3.txt=", "4.txt=good", NULL };
	struct file *f = *state;
	struct documents got;
	struct err e;

	make(f, members);
	assert_int_equal(read_with(&in_archives, f, &got, &e), ERR_OK);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.unread, 2);
	assert_string_equal(
	    buf_str(&f->seen.skipped), "2.txt: no such word;3.txt: no such word;");
}

static void
an_archive_without_a_good_member_is_bad(void **state)
{
	static const char *const bad[] = { "1.txt=bad", NULL };
	static const char *const none[] = { "README=good", NULL };
	struct file *f = *state;
	struct documents got;
	struct err e;

	make(f, bad);
	assert_int_equal(read_with(&in_archives, f, &got, &e), ERR_INPUT);
	assert_non_null(strstr(e.text, "1.txt: no such word"));
	make(f, none);
	assert_int_equal(read_with(&in_archives, f, &got, &e), ERR_INPUT);
	assert_non_null(strstr(e.text, "without any *.txt"));
}

static void
a_damaged_archive_is_bad_however_many_members_were_good(void **state)
{
	static const char *const members[] = { "1.txt=good", "2.txt=good", NULL };
	struct file *f = *state;
	struct documents got;
	struct err e;

	make(f, members);
	assert_int_equal(truncate(f->path, 100), 0);
	assert_int_equal(read_with(&in_archives, f, &got, &e), ERR_INPUT);
}

static void
what_the_sink_says_ends_it(void **state)
{
	static const char *const members[] = { "1.txt=good", "2.txt=full", "3.txt=good",
		NULL };
	struct file *f = *state;
	struct documents got;
	struct err e;

	make(f, members);
	assert_int_equal(read_with(&in_archives, f, &got, &e), ERR_STORAGE);
	assert_int_equal(f->seen.parsed, 1);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_plain_document_is_one),
		RULE(members_are_documents_where_their_names_end_so),
		RULE(a_driver_that_knows_no_archives_gets_none),
		RULE(a_bad_member_costs_itself),
		RULE(an_archive_without_a_good_member_is_bad),
		RULE(a_damaged_archive_is_bad_however_many_members_were_good),
		RULE(what_the_sink_says_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
