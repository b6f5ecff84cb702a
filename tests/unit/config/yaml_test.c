/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_test - documents as trees, and what is no document. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/str.h"
#include "core/yaml.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static const struct yaml *
read_ok(const char *text)
{
	struct yaml *y = NULL;
	struct err e = ERR_INIT;

	if (yaml_read(&y, text, strlen(text), a, &e) != ERR_OK)
		fail_msg("%s: %s", text, e.text);
	return y;
}

static enum err_code
read_bytes(const char *text, size_t len, struct err *e)
{
	char *copy = malloc(len > 0 ? len : 1); /* no byte more */
	struct yaml *y = NULL;
	enum err_code rc;

	assert_non_null(copy);
	memcpy(copy, text, len);
	rc = yaml_read(&y, copy, len, a, e);
	free(copy);
	assert_true(rc == ERR_OK || y == NULL);
	return rc;
}

static void
nodes_know_their_kind_and_place(void **state)
{
	const struct yaml *y = read_ok("# settings\n"
				       "a: one\n"
				       "list:\n"
				       "  - 1\n"
				       "  - [x, y]\n"
				       "map: {b: \"two\", c: {}}\n");

	(void)state;
	assert_int_equal(y->kind, YAML_MAP);
	assert_int_equal(y->n, 3);
	assert_string_equal(y->keys[1], "list");
	assert_string_equal(yaml_text(yaml_get(y, "a")), "one");
	assert_int_equal(yaml_get(y, "a")->line, 2);
	assert_int_equal(yaml_get(y, "a")->column, 4);
	assert_int_equal(yaml_get(y, "list")->kind, YAML_LIST);
	assert_int_equal(yaml_get(y, "list")->values[1]->n, 2);
	assert_int_equal(yaml_get(y, "list")->values[1]->line, 5);
	assert_string_equal(yaml_text(yaml_get(yaml_get(y, "map"), "b")), "two");
	assert_int_equal(yaml_get(yaml_get(y, "map"), "c")->n, 0);
	assert_null(yaml_get(y, "absent"));
	assert_null(yaml_get(yaml_get(y, "a"), "b"));
	assert_null(yaml_get(NULL, "a"));
	assert_null(yaml_text(yaml_get(y, "list")));
	assert_null(yaml_text(NULL));
}

static void
nothing_is_written_in_three_ways(void **state)
{
	const struct yaml *y =
	    read_ok("a:\nb: ~\nc: null\nd: \"\"\ne: '~'\nf: \"null\"\n");

	(void)state;
	assert_null(yaml_text(yaml_get(y, "a")));
	assert_null(yaml_text(yaml_get(y, "b")));
	assert_null(yaml_text(yaml_get(y, "c")));
	assert_string_equal(yaml_text(yaml_get(y, "d")), "");
	assert_string_equal(yaml_text(yaml_get(y, "e")), "~");
	assert_string_equal(yaml_text(yaml_get(y, "f")), "null");
}

static void
an_empty_document_has_no_tree(void **state)
{
	static const char *const rows[] = { "", "\n\n", "# only a remark\n", "  ",
		"%YAML 1.1\n" };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		if (read_ok(rows[i]) != NULL)
			fail_msg("row %zu has a tree", i);
	assert_null(yaml_text(read_ok("---\n")));
	assert_null(yaml_text(read_ok("---\n...\n# end\n")));
	assert_int_equal(read_bytes(rows[4], strlen(rows[4]), NULL), ERR_INPUT);
}

static void
a_broken_document_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "a: 1\nb: [1, 2\nc: 3\n", "line 3" },
		{ "a: \"open\n", "line 2" },
		{ "a: 1\n\tb: 2\n", "line 2" },
		{ "a: b: c\n", "line 1, column 5" },
		{ "a: 1\n- b\n", "line 2" },
		{ "a: *nobody\n", "line 1" },
		{ "a: @x\n", "line 1, column 4" },
		{ "a: 1\nb: x\xff\n", "line 2, column 5: invalid leading UTF-8 octet" },
		{ "a: 1\nb: \xc3(\n", "line 2, column 5" },
		{ "a: \x01\n", "line 1, column 4: control characters are not allowed" },
		{ "a: 1\na: 2\n", "line 2: \"a\" is written twice" },
		{ "x: {b: 1,\n b: 2}\n", "line 2: \"b\" is written twice" },
		{ "? [a]\n: 1\n", "line 1: a key must be a word" },
		{ "a: \"x\\0y\"\n", "line 1: a text holds a NUL" },
		{ "a: 1\n\"b\\0c\": 1\n", "line 2: a text holds a NUL" },
		{ "a: 1\n---\nb: 2\n", "line 3: a second document begins" },
		{ "---\n---\na: 1\n", "line 3: a second document begins" },
		{ "a: 1\n...\nb: 2\n", "line 3" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err e = ERR_INIT;
		enum err_code rc = read_bytes(rows[i].text, strlen(rows[i].text), &e);

		if (rc != ERR_INPUT || !str_starts(e.text, rows[i].want))
			fail_msg("row %zu: wanted \"%s\", got %s \"%s\"", i,
			    rows[i].want, err_code_name(rc), e.text);
	}
	assert_int_equal(read_bytes("a: \0b", 5, NULL), ERR_INPUT);
}

static void
a_document_cut_anywhere_does_no_harm(void **state)
{
	static const char text[] = "a: &x {b: \"c\\u00e9\\n\", 'd': [1, ~, *y]}\n"
				   "e: |\n  two\n  lines\nf: >-\n  folded\n"
				   "? g\n: !!str h # caf\xc3\xa9\n";

	(void)state;
	for (size_t len = 0; len <= strlen(text); len++) {
		struct err e = ERR_INIT;

		if (read_bytes(text, len, &e) != ERR_OK)
			assert_true(e.text[0] != '\0');
		arena_reset(a);
	}
}

static void
aliases_stand_for_what_they_name(void **state)
{
	const struct yaml *y = read_ok("a: &x {k: [v]}\nb: *x\nc: [*x, *x]\n");

	(void)state;
	assert_string_equal(yaml_text(yaml_get(yaml_get(y, "b"), "k")->values[0]), "v");
	assert_int_equal(yaml_get(y, "c")->n, 2);
}

static void
aliases_that_multiply_are_refused(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT(10000);
	struct err e = ERR_INIT;

	(void)state;
	buf_adds(&b, "a: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 12; i++) {
		buf_printf(&b, "a%d: &l%d [", i, i);
		for (int k = 0; k < 10; k++)
			buf_printf(&b, "%s*l%d", k > 0 ? ", " : "", i - 1);
		buf_adds(&b, "]\n");
	}
	(void)alarm(60);
	assert_int_equal(read_bytes(b.data, b.len, &e), ERR_LIMIT);
	(void)alarm(0);
	assert_true(arena_used(a) < (size_t)64 << 20);
}

static void
an_alias_of_itself_is_refused(void **state)
{
	static const char *const rows[] = { "a: &x [*x]\n", "a: &x {b: *x}\n",
		"&x [&y [*x], *y]\n" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (read_bytes(rows[i], strlen(rows[i]), NULL) == ERR_OK)
			fail_msg("row %zu was taken", i);
}

static void
nesting_has_a_limit(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT(100000);
	static const struct {
		int depth;
		bool want;
	} rows[] = { { 60, true }, { 64, true }, { 66, false }, { 900, false },
		{ 5000, false } };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&b);
		for (int k = 0; k < rows[i].depth; k++)
			buf_addc(&b, '[');
		for (int k = 0; k < rows[i].depth; k++)
			buf_addc(&b, ']');
		if ((read_bytes(b.data, b.len, NULL) == ERR_OK) != rows[i].want)
			fail_msg("depth %d: wanted %d", rows[i].depth, rows[i].want);
	}
}

static void
a_document_has_a_limit(void **state)
{
	size_t len = (1u << 20) + 1;
	char *text = malloc(len);
	struct err e = ERR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, '#', len);
	assert_int_equal(read_bytes(text, len, &e), ERR_LIMIT);
	assert_string_equal(e.text, "more than 1 MiB of YAML");
	assert_int_equal(read_bytes(text, len - 1, &e), ERR_OK);
	free(text);
}

/* A hundred thousand keys, each of which might be the repeat of one before. */
static void
many_keys_take_no_time(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT(1u << 20);
	struct err e = ERR_INIT;

	(void)state;
	for (int i = 0; i < 99999; i++)
		buf_printf(&b, "k%d:\n", i);
	(void)alarm(60);
	assert_int_equal(read_bytes(b.data, b.len, &e), ERR_OK);
	buf_adds(&b, "k77:\n");
	assert_int_equal(read_bytes(b.data, b.len, &e), ERR_INPUT);
	(void)alarm(0);
	assert_string_equal(e.text, "line 100000: \"k77\" is written twice");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nodes_know_their_kind_and_place),
		TEST(nothing_is_written_in_three_ways),
		TEST(an_empty_document_has_no_tree),
		TEST(a_broken_document_is_told_with_its_place),
		TEST(a_document_cut_anywhere_does_no_harm),
		TEST(aliases_stand_for_what_they_name),
		TEST(aliases_that_multiply_are_refused),
		TEST(an_alias_of_itself_is_refused),
		TEST(nesting_has_a_limit),
		TEST(a_document_has_a_limit),
		TEST(many_keys_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
