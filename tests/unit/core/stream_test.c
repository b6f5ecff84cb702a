/* SPDX-License-Identifier: Apache-2.0 */
/* stream_test - plain and packed bytes, cut short, damaged, and far too many. */
#include "unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/stream.h"

#define NO_LIMIT UINT64_MAX

static const char text[] =
    "advisory feeds come packed, and some of them come cut short.\n"
    "advisory feeds come packed, and some of them come cut short.\n"
    "advisory feeds come packed, and some of them come cut short.\n";

/* The text, and nothing at all, as the tools of each packing write them. */
static const struct packing {
	const char *name, *packed, *empty;
	size_t magic; /* shorter than this it is no packing yet */
} packings[] = {
	{ "gzip",
	    "H4sIAAAAAAACA0tMKcsszi+qVEhLTU0pVkjOz01VKEhMzk5N0VFIzEtRKAYJ5KcplGSk5kJk"
	    "k0tLFIoz8otK9LgSB0wzAIOcWKy3AAAA",
	    "H4sIAAAAAAACAwMAAAAAAAAAAAA=", 2 },
	{ "bzip2",
	    "QlpoOTFBWSZTWQCeDAEAABXRgAAQQAUva98gIABwUaMgaNMjQj9VGqZPU2UG0npKWHL00pDp"
	    "dhRVlwuwoiOVoSuiOUuH5lZd8aZWboi7y8N1FlUtofVYdNNJWbJdi7kinChIAE8GAIA=",
	    "QlpoORdyRThQkAAAAAA=", 3 },
	{ "xz",
	    "/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4AC2AD1dADCZCzM9Oepz+LSdf1l4UgHU5wTfqoNM"
	    "4BRGzCAB46yy5aChV0mDnauJiez3yz2JQ8WrbEZ+k9vXl/G9gAAAAAAAg5xYrAABVbcBAAAA"
	    "+P5NhT4wDYsCAAAAAAFZWg==",
	    "/Td6WFoAAAFpIt42AAAAABzfRCGQQpkNAQAAAAABWVo=", 6 },
	{ "zstd",
	    "KLUv/SS35QEAcgMMErC5AUDb6F1LGNKuZpjMUT4UEECoxKSvFq4S9cHX5X6ee0g1eOi6jO9U"
	    "HW+Ju7C8AgAXCMkzYKoMYYEnsQ==",
	    "KLUv/SQAAQAAmenYUQ==", 4 },
};

/* The text in gzip in gzip, in gzip in bzip2, and in two members of gzip. */
static const char gzip_in_gzip[] =
    "H4sIAAAAAAACA5Pv5mAAASZmbx/N0zrn9FeFeHj7+mqGeZw77xuq4eFzzs/3YqDHGe9ADTbOJ8s1p6Qs"
    "eeaUMtnbW6TL+FO315cdQuw+xgzNcyLWbAeaAgBCtTjCTgAAAA==";
static const char gzip_in_bzip2[] =
    "QlpoOTFBWSZTWdrXJfsAAAj/f/ngFACAZIgAEF8nQAQACBgMBASUAMAADaAABQAUACAAVGGgAAGgNAAH"
    "qZpCppkDQMgDIGg0BoDYdQgAUI2oX8CbUOnsOpG/LOfiSkxLEqpPQ0CMJehhdrbyDkLt+BBz4ggcUtlR"
    "qQs6EnT+LuSKcKEhta5L9g==";
static const char gzip_members[] =
    "H4sIAAAAAAACA0tMKcsszi+qVEhLTU0pVkjOz01VKEhMzk5N0VFIzEtRKAYJ5KcplGSk5kJkk0tLFIoz"
    "8otK9LgAbt7BlT0AAAAfiwgAAAAAAAIDS0wpyyzOL6pUSEtNTSlWSM7PTVUoSEzOTk3RUUjMS1EoBgnk"
    "pymUZKTmQmSTS0sUijPyi0r0uBIp0QwA6EQdfnoAAAA=";
/* 64 MiB of zeros in 79 bytes of bzip2. */
static const char bomb[] =
    "QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZvAS1wwCidcAAwAAACCAAIKQI"
    "NjKKiE0qKiE4u5IpwoSFALuD6A==";

static struct arena *a;
static char path[] = "/tmp/tocsin-stream-XXXXXX";

static int
setup(void **state)
{
	int fd;

	(void)state;
	a = arena_new();
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return unlink(path);
}

static void
unpack_base64(const char *base64, unsigned char **ret, size_t *ret_len)
{
	assert_true(base64_decode(a, base64, ret, ret_len));
}

static void
write_file(const void *p, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Everything in S, which is closed; its text in OUT. */
static enum err_code
drain(struct stream *s, struct buf *out, struct err *e)
{
	enum err_code rc = stream_read_all(s, out, e);

	if (rc == ERR_OK)
		assert_int_equal(stream_bytes(s), out->len);
	stream_close(s);
	return rc;
}

static enum err_code
read_memory(const void *p, size_t len, uint64_t max, struct buf *out, struct err *e)
{
	/* on the heap and no byte longer, so that a read behind the end is seen */
	unsigned char *copy = malloc(len > 0 ? len : 1);
	struct stream *s = NULL;
	enum err_code rc;

	assert_non_null(copy);
	memcpy(copy, p, len);
	rc = stream_open_memory(&s, copy, len, max, e);
	if (rc == ERR_OK)
		rc = drain(s, out, e);
	else
		assert_null(s);
	free(copy);
	return rc;
}

static enum err_code
read_file(uint64_t max, struct buf *out, struct err *e)
{
	struct stream *s = NULL;
	enum err_code rc = stream_open_file(&s, path, max, e);

	if (rc == ERR_OK)
		return drain(s, out, e);
	assert_null(s);
	return rc;
}

static void
plain_bytes_come_as_they_are(void **state)
{
	static const char *const rows[] = { "", "x", "\x1f", "BZ", "(\xb5/",
		"\xfd"
		"7zX",
		text };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1000), again = BUF_INIT(1000);
		struct err e = ERR_INIT;
		size_t len = strlen(rows[i]);

		assert_int_equal(read_memory(rows[i], len, NO_LIMIT, &out, &e), ERR_OK);
		assert_string_equal(buf_str(&out), rows[i]);
		write_file(rows[i], len);
		assert_int_equal(read_file(NO_LIMIT, &again, &e), ERR_OK);
		assert_string_equal(buf_str(&again), rows[i]);
	}
}

static void
nothing_may_have_no_address(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT(10);
	struct stream *s = NULL;

	(void)state;
	assert_int_equal(stream_open_memory(&s, NULL, 0, 0, NULL), ERR_OK);
	assert_int_equal(drain(s, &out, NULL), ERR_OK);
	assert_int_equal(out.len, 0);
	stream_close(NULL);
}

static void
files_larger_than_a_window_come_whole(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	size_t len = 300001;
	char *bytes = arena_alloc(a, len);

	(void)state;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	bytes[0] = 'x';
	write_file(bytes, len);
	assert_int_equal(read_file(len, &out, NULL), ERR_OK);
	assert_int_equal(out.len, len);
	assert_memory_equal(out.data, bytes, len);
	buf_reset(&out);
	assert_int_equal(read_memory(bytes, len, len, &out, NULL), ERR_OK);
	assert_memory_equal(out.data, bytes, len);
}

static void
every_packing_is_inflated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(packings); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1000), again = BUF_INIT(1000);
		struct err e = ERR_INIT;
		unsigned char *p;
		size_t len;

		unpack_base64(packings[i].packed, &p, &len);
		if (read_memory(p, len, NO_LIMIT, &out, &e) != ERR_OK)
			fail_msg("%s: %s", packings[i].name, e.text);
		assert_string_equal(buf_str(&out), text);
		write_file(p, len); /* whatever the file is called */
		assert_int_equal(read_file(NO_LIMIT, &again, &e), ERR_OK);
		assert_string_equal(buf_str(&again), text);
	}
}

static void
nothing_can_be_packed_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(packings); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1000);
		struct err e = ERR_INIT;
		unsigned char *p;
		size_t len;

		unpack_base64(packings[i].empty, &p, &len);
		if (read_memory(p, len, 0, &out, &e) != ERR_OK || out.len != 0)
			fail_msg(
			    "%s: %zu bytes, %s", packings[i].name, out.len, e.text);
		write_file(p, len);
		assert_int_equal(read_file(0, &out, &e), ERR_OK);
		assert_int_equal(out.len, 0);
	}
}

static void
members_of_gzip_follow_each_other(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT(1000);
	unsigned char *p;
	size_t len;

	(void)state;
	unpack_base64(gzip_members, &p, &len);
	assert_int_equal(read_memory(p, len, NO_LIMIT, &out, NULL), ERR_OK);
	assert_string_equal(buf_str(&out), text);
}

/* Less than the whole is never taken for the whole. */
static void
a_packing_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ROWS(packings); i++) {
		const struct packing *k = &packings[i / 2];
		unsigned char *p;
		size_t whole;

		unpack_base64(i % 2 == 0 ? k->packed : k->empty, &p, &whole);
		for (size_t len = k->magic; len < whole; len++) {
			CLEANUP_BUF struct buf out = BUF_INIT(1000);
			struct err e = ERR_INIT;
			enum err_code rc = read_memory(p, len, NO_LIMIT, &out, &e);

			if (rc != ERR_INPUT || e.text[0] == '\0')
				fail_msg("%s, %zu of %zu bytes: wanted input, got %s",
				    k->name, len, whole, err_code_name(rc));
			write_file(p, len);
			assert_int_equal(read_file(NO_LIMIT, &out, &e), ERR_INPUT);
			assert_non_null(strstr(e.text, "damaged packing"));
		}
	}
}

/* bzip2 and xz carry sums that are checked: a changed byte is told or does no harm. */
static void
a_changed_byte_never_changes_the_text(void **state)
{
	(void)state;
	for (size_t i = 1; i <= 2; i++) {
		unsigned char *p;
		size_t len;

		unpack_base64(packings[i].packed, &p, &len);
		for (size_t at = packings[i].magic; at < len; at++) {
			CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);

			p[at] ^= 0x10;
			if (read_memory(p, len, 1 << 20, &out, NULL) == ERR_OK &&
			    strcmp(buf_str(&out), text) != 0)
				fail_msg("%s: byte %zu made another text",
				    packings[i].name, at);
			p[at] ^= 0x10;
		}
	}
}

/* The sum and the length at its end are all that tells of some damage. */
static void
a_gzip_with_a_wrong_sum_is_refused(void **state)
{
	(void)state;
	for (size_t back = 1; back <= 8; back++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1000);
		struct err e = ERR_INIT;
		unsigned char *p;
		size_t len;

		unpack_base64(packings[0].packed, &p, &len);
		p[len - back] ^= 1;
		assert_int_equal(read_memory(p, len, NO_LIMIT, &out, &e), ERR_INPUT);
		assert_non_null(strstr(e.text, "damaged packing"));
	}
}

static void
what_is_packed_twice_is_refused(void **state)
{
	static const char *const rows[] = { gzip_in_gzip, gzip_in_bzip2 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1000);
		struct err e = ERR_INIT;
		unsigned char *p;
		size_t len;

		unpack_base64(rows[i], &p, &len);
		assert_int_equal(read_memory(p, len, NO_LIMIT, &out, &e), ERR_INPUT);
		assert_string_equal(e.text, "packed more than once");
	}
}

static void
the_maximum_itself_is_allowed_and_no_byte_more(void **state)
{
	(void)state;
	for (size_t i = 0; i <= ROWS(packings); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(1000), less = BUF_INIT(1000);
		unsigned char *p = arena_memdup(a, text, strlen(text));
		size_t len = strlen(text);
		struct err e = ERR_INIT;

		if (i < ROWS(packings))
			unpack_base64(packings[i].packed, &p, &len);
		assert_int_equal(read_memory(p, len, strlen(text), &out, &e), ERR_OK);
		assert_string_equal(buf_str(&out), text);
		assert_int_equal(
		    read_memory(p, len, strlen(text) - 1, &less, &e), ERR_LIMIT);
		assert_int_equal(less.len, 0);
		write_file(p, len);
		assert_int_equal(read_file(strlen(text) - 1, &less, &e), ERR_LIMIT);
		assert_int_equal(less.len, 0);
	}
}

static void
beyond_the_maximum_nothing_more_comes(void **state)
{
	struct stream *s = NULL;
	unsigned char *p;
	size_t len;

	(void)state;
	unpack_base64(packings[0].packed, &p, &len);
	assert_int_equal(stream_open_memory(&s, p, len, 10, NULL), ERR_OK);
	for (int i = 0; i < 4; i++) {
		const char *bytes;
		size_t n = 99;

		assert_int_equal(stream_read(s, &bytes, &n, NULL), ERR_LIMIT);
		assert_int_equal(n, 0);
	}
	stream_close(s);
}

static void
a_bomb_ends_at_the_maximum(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT((size_t)128 << 20);
	struct err e = ERR_INIT;
	struct stream *s = NULL;
	unsigned char *p;
	size_t len;

	(void)state;
	unpack_base64(bomb, &p, &len);
	assert_int_equal(stream_open_memory(&s, p, len, 1 << 20, &e), ERR_OK);
	assert_int_equal(stream_read_all(s, &out, &e), ERR_LIMIT);
	assert_string_equal(e.text, "more than 1048576 bytes");
	assert_true(out.len <= 1 << 20);
	assert_in_range(stream_bytes(s), (1 << 20) + 1, 2 << 20);
	stream_close(s);
}

static void
the_buffers_maximum_counts_too(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT(100);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(
	    read_memory(text, strlen(text), NO_LIMIT, &out, &e), ERR_LIMIT);
	assert_string_equal(e.text, "more than 100 bytes");
}

static void
what_can_not_be_opened_is_named(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT(100);
	struct stream *s = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(
	    stream_open_file(&s, "/nonexistent/file", 9, &e), ERR_NOTFOUND);
	assert_non_null(strstr(e.text, "/nonexistent/file"));
	assert_int_equal(stream_open_file(&s, "/dev/null/file", 9, &e), ERR_NOTFOUND);
	assert_int_equal(stream_open_file(&s, "/tmp", 9, &e), ERR_STORAGE);
	assert_non_null(strstr(e.text, "/tmp"));
	assert_null(s);
	if (geteuid() == 0)
		return; /* who may read everything */
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(read_file(9, &out, &e), ERR_DENIED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_bytes_come_as_they_are),
		TEST(nothing_may_have_no_address),
		TEST(files_larger_than_a_window_come_whole),
		TEST(every_packing_is_inflated),
		TEST(nothing_can_be_packed_too),
		TEST(members_of_gzip_follow_each_other),
		TEST(a_packing_cut_anywhere_is_refused),
		TEST(a_changed_byte_never_changes_the_text),
		TEST(a_gzip_with_a_wrong_sum_is_refused),
		TEST(what_is_packed_twice_is_refused),
		TEST(the_maximum_itself_is_allowed_and_no_byte_more),
		TEST(beyond_the_maximum_nothing_more_comes),
		TEST(a_bomb_ends_at_the_maximum),
		TEST(the_buffers_maximum_counts_too),
		TEST(what_can_not_be_opened_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
