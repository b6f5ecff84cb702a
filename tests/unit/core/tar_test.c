/* SPDX-License-Identifier: Apache-2.0 */
/* Streams from a source, whatever its runs; tars with links and holes, and cut ones. */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/str.h"
#include "core/tar.h"

#define BLOCK 512

/* Bytes handed out STEP at a time; after FAIL_AT of them, an error. */
struct pieces {
	const char *p;
	size_t len, at, step, fail_at, skipped;
};

static enum err_code
read_piece(void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	struct pieces *s = arg;
	size_t left = s->len - s->at;

	if (s->fail_at != 0 && s->at >= s->fail_at)
		return err_set(e, ERR_UNREACHABLE, "the line is dead");
	*ret_p = s->p + s->at;
	*ret_len = left < s->step ? left : s->step;
	s->at += *ret_len;
	return ERR_OK;
}

static uint64_t
skip_piece(void *arg, uint64_t n)
{
	struct pieces *s = arg;
	size_t left = s->len - s->at;

	n = n < left ? n : left;
	s->at += (size_t)n;
	s->skipped += (size_t)n;
	return n;
}

/* ---- streams ---- */

/* "hello hello hello" */
static const char gzipped[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90"
    "\x00\x80\x88\xf9\xe5\x11\x00\x00\x00";

static enum err_code
read_whole(struct pieces *s, struct buf *out, struct err *e)
{
	const struct stream_source from = { .read = read_piece, .arg = s };
	struct stream *in = NULL;
	enum err_code rc = stream_open_source(&in, &from, 1 << 20, e);

	if (rc == ERR_OK)
		rc = stream_read_all(in, out, e);
	stream_close(in);
	return rc;
}

static void
a_source_is_read_whatever_its_runs(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		const char *want;
	} rows[] = {
		{ "plain text, and more of it", 26, "plain text, and more of it" },
		{ "abc", 3, "abc" },
		{ "", 0, "" },
		{ gzipped, sizeof(gzipped) - 1, "hello hello hello" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		for (size_t step = 1; step < 40; step++) {
			struct pieces s = { rows[i].p, rows[i].len, .step = step };
			struct buf out = BUF_INIT(1 << 20);
			struct err e = ERR_INIT;

			if (read_whole(&s, &out, &e) != ERR_OK)
				fail_msg("row %zu by %zu: %s", i, step, e.text);
			assert_string_equal(buf_str(&out), rows[i].want);
			buf_done(&out);
		}
}

static void
what_a_source_says_is_told(void **state)
{
	(void)state;
	for (size_t at = 1; at < sizeof(gzipped) - 1; at++) {
		struct pieces s = { gzipped, sizeof(gzipped) - 1, .step = 1,
			.fail_at = at };
		struct buf out = BUF_INIT(1 << 20);
		struct err e = ERR_INIT;

		assert_int_equal(read_whole(&s, &out, &e), ERR_UNREACHABLE);
		assert_string_equal(e.text, "the line is dead");
		buf_done(&out);
	}
}

/* ---- tars ---- */

static void
add(struct buf *tar, char type, const char *name, const char *link, const char *bytes)
{
	char head[BLOCK] = { 0 };
	unsigned sum = 8 * ' ';

	(void)snprintf(head, 100, "%s", name);
	memcpy(head + 100, "0000755", 8);
	(void)snprintf(head + 124, 12, "%011o", (unsigned)strlen(bytes));
	head[156] = type;
	(void)snprintf(head + 157, 100, "%s", link);
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)head[i];
	(void)snprintf(head + 148, 8, "%06o", sum);
	head[155] = ' ';
	buf_add(tar, head, BLOCK);
	buf_adds(tar, bytes);
	while (tar->len % BLOCK != 0)
		buf_addc(tar, '\0');
}

/* Every entry as "kind name>link{bytes}", or what is wrong. */
static const char *
told(struct arena *a, struct pieces *s, bool skip)
{
	const struct stream_source from = { read_piece, skip ? skip_piece : NULL, s };
	struct tar *t = NULL;
	struct err e = ERR_INIT;
	const char *all = "";
	bool at_end = false;
	enum err_code rc = tar_open(&t, &from, &e);

	while (rc == ERR_OK && !at_end) {
		struct tar_entry entry;
		size_t n = 1;
		const char *p;

		if ((rc = tar_next(t, &entry, &at_end, &e)) != ERR_OK || at_end)
			break;
		all = arena_printf(a, "%s%u %s>%s{", all, (unsigned)entry.kind,
		    entry.name, entry.link);
		while (!skip && n > 0 && (rc = tar_read(t, &p, &n, &e)) == ERR_OK)
			all = arena_printf(a, "%s%.*s", all, (int)n, p);
		all = arena_printf(a, "%s}", all);
	}
	tar_close(t);
	return rc == ERR_OK ? all : arena_printf(a, "%s!%s", all, e.text);
}

static void
entries_come_with_their_links(void **state)
{
	static const char want[] =
	    "1 etc/>{}0 etc/a>{hello}2 b>../x{}3 c>etc/a{}4 d>{}";
	struct arena *a = arena_new();
	struct buf tar = BUF_INIT(1 << 20);

	(void)state;
	add(&tar, '5', "etc/", "", "");
	add(&tar, '0', "etc/a", "", "hello");
	add(&tar, '2', "b", "../x", "");
	add(&tar, '1', "c", "etc/a", "");
	add(&tar, '6', "d", "", "");
	assert_true(tar_begins(tar.data, tar.len));
	assert_false(tar_begins(tar.data, BLOCK - 1));
	for (size_t step = 1; step < 3000; step = step * 3 + 1) {
		struct pieces s = { tar.data, tar.len, .step = step };

		assert_string_equal(told(a, &s, false), want);
	}
	tar.data[3] ^= 1;
	assert_false(tar_begins(tar.data, tar.len));
	buf_done(&tar);
	arena_free(a);
}

static void
what_is_not_read_is_skipped(void **state)
{
	struct arena *a = arena_new();
	struct buf tar = BUF_INIT(1 << 20);
	char *big = arena_zalloc(a, 200001);
	struct pieces s;

	(void)state;
	memset(big, 'x', 200000);
	add(&tar, '0', "a", "", big);
	add(&tar, '0', "b", "", "y");
	s = (struct pieces){ tar.data, tar.len, .step = 4096 };
	assert_string_equal(told(a, &s, true), "0 a>{}0 b>{}");
	assert_true(s.skipped > 100000);
	buf_done(&tar);
	arena_free(a);
}

/* umoci ends a layer with the last byte of its last file; who ends before it is cut. */
static void
only_the_last_block_may_be_short(void **state)
{
	struct arena *a = arena_new();
	struct buf tar = BUF_INIT(1 << 20);

	(void)state;
	add(&tar, '0', "a", "", "hello");
	for (size_t len = BLOCK + 1; len < BLOCK + 100; len++) {
		struct pieces s = { tar.data, len, .step = 100 };
		const char *got = told(a, &s, false);

		if (len >= BLOCK + strlen("hello"))
			assert_string_equal(got, "0 a>{hello}");
		else if (strstr(got, "!damaged tar") == NULL)
			fail_msg("cut to %zu: %s", len, got);
	}
	buf_done(&tar);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_is_read_whatever_its_runs),
		cmocka_unit_test(what_a_source_says_is_told),
		cmocka_unit_test(entries_come_with_their_links),
		cmocka_unit_test(what_is_not_read_is_skipped),
		cmocka_unit_test(only_the_last_block_may_be_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
