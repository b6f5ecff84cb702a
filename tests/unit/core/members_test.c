/* SPDX-License-Identifier: Apache-2.0 */
/* members_test - zips and tars, packed or not, cut short, damaged, and far too large. */
#include "unit/unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/members.h"
#include "core/stream.h"

#define LARGE 200000

static const struct members_caps wide = {
	.member_bytes = UINT64_MAX, .bytes = UINT64_MAX, .members = UINT64_MAX
};

static const struct kind {
	const char *name;
	int format, filter;
	bool is_zip;
} kinds[] = {
	{ "zip", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, true },
	{ "tar", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, false },
	{ "tar.gz", ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_GZIP, false },
	{ "tar.bz2", ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_BZIP2, false },
	{ "tar.xz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, false },
	{ "tar.zst", ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_ZSTD, false },
};

struct made {
	char path[64];
	char *large;
};

static int
setup(void **state)
{
	struct made *m = calloc(1, sizeof(*m));
	int fd;

	(void)snprintf(m->path, sizeof(m->path), "/tmp/tocsin-members-XXXXXX");
	fd = mkstemp(m->path);
	(void)close(fd);
	m->large = malloc(LARGE);
	for (size_t i = 0; i < LARGE; i++)
		m->large[i] = (char)('a' + (i * i) % 23);
	*state = m;
	return fd < 0;
}

static int
teardown(void **state)
{
	struct made *m = *state;

	(void)unlink(m->path);
	free(m->large);
	free(m);
	return 0;
}

static void
put(struct archive *a, const char *name, unsigned type, const void *data, size_t len)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)len);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(entry, "/etc/passwd");
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	if (len > 0)
		assert_int_equal(archive_write_data(a, data, len), (la_ssize_t)len);
	archive_entry_free(entry);
}

/* a/1.json, an empty file, a folder, a link (not in zips), and a large one. */
static void
make(const struct made *m, const struct kind *kind)
{
	struct archive *a = archive_write_new();

	assert_int_equal(archive_write_set_format(a, kind->format), ARCHIVE_OK);
	assert_int_equal(archive_write_add_filter(a, kind->filter), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(a, m->path), ARCHIVE_OK);
	put(a, "a/", AE_IFDIR, NULL, 0);
	put(a, "a/1.json", AE_IFREG, "{\"one\":1}", 9);
	put(a, "a/empty.json", AE_IFREG, NULL, 0);
	if (!kind->is_zip)
		put(a, "a/link.json", AE_IFLNK, NULL, 0);
	put(a, "b/large.json", AE_IFREG, m->large, LARGE);
	put(a, "b/last.json", AE_IFREG, "[]", 2);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

/* Reads all; the number of members in *RET_N. */
static enum err_code
walk(const char *path, const struct members_caps *caps, size_t *ret_n, struct err *e)
{
	struct members *m;
	struct stream *in;
	const char *name;
	enum err_code rc;

	*ret_n = 0;
	if ((rc = members_open_file(&m, path, caps, e)) != ERR_OK)
		return rc;
	while ((rc = members_next(m, &name, &in, e)) == ERR_OK && name != NULL) {
		struct buf text CLEANUP_BUF = BUF_INIT(LARGE + 1);

		if ((rc = stream_read_all(in, &text, e)) != ERR_OK)
			break;
		++*ret_n;
	}
	members_close(m);
	return rc;
}

static void
check_member(struct members *m, const char *want_name, const char *want, size_t len)
{
	struct buf text CLEANUP_BUF = BUF_INIT(LARGE + 1);
	struct err e = ERR_INIT;
	struct stream *in;
	const char *name;

	if (members_next(m, &name, &in, &e) != ERR_OK)
		fail_msg("%s: %s", want_name, e.text);
	assert_string_equal(name, want_name);
	if (stream_read_all(in, &text, &e) != ERR_OK)
		fail_msg("%s: %s", want_name, e.text);
	assert_int_equal(text.len, len);
	assert_int_equal(memcmp(buf_str(&text), want, len), 0);
}

static void
every_file_comes_with_its_name(void **state)
{
	struct made *made = *state;

	for (size_t i = 0; i < ROWS(kinds); i++) {
		struct err e = ERR_INIT;
		struct members *m;
		struct stream *in;
		const char *name = "";

		make(made, &kinds[i]);
		if (members_open_file(&m, made->path, &wide, &e) != ERR_OK)
			fail_msg("%s: %s", kinds[i].name, e.text);
		check_member(m, "a/1.json", "{\"one\":1}", 9);
		check_member(m, "a/empty.json", "", 0);
		check_member(m, "b/large.json", made->large, LARGE);
		check_member(m, "b/last.json", "[]", 2);
		assert_int_equal(members_next(m, &name, &in, &e), ERR_OK);
		assert_null(name);
		members_close(m);
	}
}

static void
a_member_may_be_left_unread(void **state)
{
	struct made *made = *state;

	for (size_t i = 0; i < ROWS(kinds); i++) {
		struct err e = ERR_INIT;
		struct members *m;
		struct stream *in;
		const char *name, *p;
		size_t len, n = 0;

		make(made, &kinds[i]);
		assert_int_equal(members_open_file(&m, made->path, &wide, &e), ERR_OK);
		while (members_next(m, &name, &in, &e) == ERR_OK && name != NULL)
			if (++n == 3) /* the first bytes of the large one */
				assert_int_equal(stream_read(in, &p, &len, &e), ERR_OK);
		assert_int_equal(n, 4);
		members_close(m);
	}
}

static void
what_is_cut_short_is_told(void **state)
{
	struct made *made = *state;

	for (size_t i = 0; i < ROWS(kinds); i++) {
		struct err e = ERR_INIT;
		off_t size;
		size_t n;
		int fd;

		make(made, &kinds[i]);
		fd = open(made->path, O_RDONLY);
		size = lseek(fd, 0, SEEK_END);
		(void)close(fd);
		for (off_t cut = size / 10 * 9; cut > 0; cut -= size / 10) {
			assert_int_equal(truncate(made->path, cut), 0);
			if (walk(made->path, &wide, &n, &e) == ERR_OK)
				fail_msg("%s: %ld of %ld bytes pass for all",
				    kinds[i].name, (long)cut, (long)size);
		}
	}
}

static void
caps_are_kept(void **state)
{
	struct made *made = *state;
	const struct members_caps one = {
		.member_bytes = LARGE - 1, .bytes = UINT64_MAX, .members = 100
	};
	const struct members_caps all = {
		.member_bytes = LARGE, .bytes = LARGE, .members = 100
	};
	const struct members_caps few = {
		.member_bytes = LARGE, .bytes = UINT64_MAX, .members = 2
	};

	for (size_t i = 0; i < ROWS(kinds); i++) {
		struct err e = ERR_INIT;
		size_t n;

		make(made, &kinds[i]);
		assert_int_equal(walk(made->path, &one, &n, &e), ERR_LIMIT);
		assert_int_equal(n, 2);
		assert_int_equal(walk(made->path, &all, &n, &e), ERR_LIMIT);
		assert_int_equal(walk(made->path, &few, &n, &e), ERR_LIMIT);
	}
}

static void
a_document_is_no_archive(void **state)
{
	struct made *made = *state;
	struct members *m;
	struct err e = ERR_INIT;
	FILE *f = fopen(made->path, "w");

	(void)fputs("{\"vulnerabilities\":[]}", f);
	(void)fclose(f);
	assert_int_equal(members_open_file(&m, made->path, &wide, &e), ERR_UNSUPPORTED);
	assert_int_equal(
	    members_open_file(&m, "/nowhere/at-all", &wide, &e), ERR_NOTFOUND);
}

/* ---- zips in memory ---- */

/* The zip that make() wrote, with LEN bytes of BEFORE in front of it. */
static void
load(const struct made *made, const char *before, struct buf *ret)
{
	char piece[4096];
	FILE *f;
	size_t n;

	make(made, &kinds[0]);
	f = fopen(made->path, "rb");
	buf_adds(ret, before);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(ret, piece, n);
	(void)fclose(f);
}

static void
a_zip_in_memory_may_have_anything_before_it(void **state)
{
	static const char *const befores[] = { "", "#!/bin/sh\nexec java -jar $0\n" };
	struct made *made = *state;

	for (size_t i = 0; i < ROWS(befores); i++) {
		struct buf zip CLEANUP_BUF = BUF_INIT(1 << 20);
		struct err e = ERR_INIT;
		struct members *m;
		struct stream *in;
		const char *name = "";

		load(made, befores[i], &zip);
		if (members_open_zip(&m, zip.data, zip.len, &wide, &e) != ERR_OK)
			fail_msg("%s", e.text);
		check_member(m, "a/1.json", "{\"one\":1}", 9);
		check_member(m, "a/empty.json", "", 0);
		check_member(m, "b/large.json", made->large, LARGE);
		check_member(m, "b/last.json", "[]", 2);
		assert_int_equal(members_next(m, &name, &in, &e), ERR_OK);
		assert_null(name);
		members_close(m);
	}
}

/* Counted is what was unpacked, and only that. */
static void
what_is_left_unread_in_a_zip_in_memory_costs_nothing(void **state)
{
	const struct members_caps small = {
		.member_bytes = 16, .bytes = 16, .members = 5
	};
	struct buf zip CLEANUP_BUF = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	struct members *m;
	struct stream *in;
	const char *name, *p;
	size_t n = 0, len;

	load(*state, "", &zip);
	assert_int_equal(members_open_zip(&m, zip.data, zip.len, &small, &e), ERR_OK);
	while (members_next(m, &name, &in, &e) == ERR_OK && name != NULL)
		n++;
	assert_int_equal(n, 4);
	members_close(m);
	assert_int_equal(members_open_zip(&m, zip.data, zip.len, &small, &e), ERR_OK);
	for (n = 0; n < 3; n++)
		assert_int_equal(members_next(m, &name, &in, &e), ERR_OK);
	assert_int_equal(stream_read(in, &p, &len, &e), ERR_LIMIT);
	members_close(m);
}

static void
a_directory_with_more_entries_than_allowed_is_not_opened(void **state)
{
	const struct members_caps few = {
		.member_bytes = LARGE, .bytes = UINT64_MAX, .members = 4
	};
	struct buf zip CLEANUP_BUF = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	struct members *m;

	load(*state, "", &zip);
	assert_int_equal(members_open_zip(&m, zip.data, zip.len, &few, &e), ERR_LIMIT);
}

static void
a_zip_in_memory_that_is_cut_short_is_no_zip(void **state)
{
	struct buf zip CLEANUP_BUF = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	struct members *m;

	load(*state, "", &zip);
	for (size_t n = 0; n < zip.len - 1; n += 97)
		assert_int_equal(
		    members_open_zip(&m, zip.data, n, &wide, &e), ERR_UNSUPPORTED);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(every_file_comes_with_its_name),
		RULE(a_member_may_be_left_unread),
		RULE(what_is_cut_short_is_told),
		RULE(caps_are_kept),
		RULE(a_document_is_no_archive),
		RULE(a_zip_in_memory_may_have_anything_before_it),
		RULE(what_is_left_unread_in_a_zip_in_memory_costs_nothing),
		RULE(a_directory_with_more_entries_than_allowed_is_not_opened),
		RULE(a_zip_in_memory_that_is_cut_short_is_no_zip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
