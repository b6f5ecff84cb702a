/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden - every small document under tests/data/feeds/DRIVER gives exactly the lines
 * that lie beside it as NAME.expected.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "golden/fetchers/dump.h"
#include "unit/unit.h"

#define DATA_MAX ((size_t)16 * 1024 * 1024)

static void
read_whole(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	char chunk[4096];
	size_t n;

	if (f == NULL)
		return;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(b, chunk, n);
	(void)fclose(f);
}

static void
write_whole(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(buf_str(b), 1, b->len, f), b->len);
	assert_int_equal(fclose(f), 0);
}

/* Fail with the first line that differs. */
static void
compare(const char *path, const char *want, const char *got)
{
	for (unsigned line = 1; *want != '\0' || *got != '\0'; line++) {
		size_t want_len = strcspn(want, "\n"), got_len = strcspn(got, "\n");

		if (want_len != got_len || memcmp(want, got, want_len) != 0)
			fail_msg("%s:%u\nexpected %.*s\ngot      %.*s", path, line,
			    (int)want_len, want, (int)got_len, got);
		want += want_len + (want[want_len] == '\n');
		got += got_len + (got[got_len] == '\n');
	}
}

static void
check_document(
    struct arena *a, const struct driver *driver, const char *dir, const char *name)
{
	CLEANUP_BUF struct buf got = BUF_INIT(DATA_MAX), want = BUF_INIT(DATA_MAX);
	const char *path = arena_printf(a, "%s/%s", dir, name);
	const char *expected = arena_printf(
	    a, "%s/%.*s.expected", dir, (int)(strrchr(name, '.') - name), name);
	const struct parse_env none = { .source = NULL };
	struct dump d;

	(void)dump_file(&d, driver, &none, path, &got);
	if (getenv("TOCSIN_GOLDEN_UPDATE") != NULL) {
		write_whole(expected, &got);
		return;
	}
	read_whole(expected, &want);
	compare(expected, buf_str(&want), buf_str(&got));
}

static bool
is_document(const char *name)
{
	return name[0] != '.' && !str_ends(name, ".expected");
}

static void
saved_documents_give_the_frozen_lines(void **state)
{
	struct arena *a = *state;

	for (size_t i = 0; drivers_all[i] != NULL; i++) {
		const char *dir =
		    arena_printf(a, TEST_DATA "/feeds/%s", drivers_all[i]->name);
		DIR *d = opendir(dir);
		struct dirent *entry;
		unsigned n = 0;

		if (d == NULL)
			fail_msg("%s: every driver has documents there", dir);
		while ((entry = readdir(d)) != NULL) {
			if (!is_document(entry->d_name))
				continue;
			check_document(a, drivers_all[i], dir, entry->d_name);
			n++;
		}
		(void)closedir(d);
		assert_in_range(n, 1, 1000);
	}
}

static void
a_source_without_releases_names_the_ecosystem(void **state)
{
	CLEANUP_BUF struct buf got = BUF_INIT(DATA_MAX);
	const struct parse_env wolfi = { .source = "wolfi" };
	struct dump d;

	(void)state;
	assert_int_equal(dump_file(&d, driver_find("secdb"), &wolfi,
			     TEST_DATA "/feeds/secdb/no-distroversion.json", &got),
	    ERR_OK);
	assert_int_equal(d.records, 1);
	assert_non_null(strstr(buf_str(&got), "\"ecosystem\":\"wolfi\""));
	assert_non_null(strstr(buf_str(&got), "\"source\":\"wolfi\""));
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(saved_documents_give_the_frozen_lines),
		cmocka_unit_test(a_source_without_releases_names_the_ecosystem),
	};

	return cmocka_run_group_tests_name("fetchers_golden", tests, setup, teardown);
}
