/* SPDX-License-Identifier: Apache-2.0 */
/* lang_rust_test - the list of crates in a program: packed, and not to be believed. */
#include "unit/inventory/program.h"

#include <zlib.h>

#define APP "usr/local/bin/app"

static void
pack(const void *p, size_t n, struct buf *ret)
{
	uLongf len = compressBound(n);
	Bytef *space = malloc(len);

	assert_int_equal(compress(space, &len, p, n), Z_OK);
	buf_add(ret, space, len);
	free(space);
}

static struct inventory *
read_section(struct arena *a, void (*form)(const struct program *p, struct buf *b),
    const struct buf *section)
{
	struct program p = { .is_64 = true,
		.section = ".dep-v0",
		.data = section->data,
		.len = section->len };
	struct buf b CLEANUP_BUF = BUF_INIT(32 << 20);

	form(&p, &b);
	return row_bytes(a, &database_rust, APP, b.data, b.len);
}

static struct inventory *
read_list(struct arena *a, const char *text)
{
	struct buf section CLEANUP_BUF = BUF_INIT(1 << 20);

	pack(text, strlen(text), &section);
	return read_section(a, elf, &section);
}

static void
crates_of_every_form_of_program(void **state)
{
	void (*const forms[])(
	    const struct program *p, struct buf *b) = { elf, pe, macho };
	static const char text[] = "{\"packages\":["
				   "{\"name\":\"serde\",\"version\":\"1.0.190\","
				   "\"source\":\"crates.io\",\"dependencies\":[99]}],"
				   "\"format\":3}";

	for (size_t i = 0; i < ROWS(forms); i++) {
		struct buf section CLEANUP_BUF = BUF_INIT(1 << 20);
		struct inventory *inv;

		pack(text, sizeof(text) - 1, &section);
		inv = read_section(*state, forms[i], &section);
		assert_string_equal(row_told(inv, *state), "serde 1.0.190");
		assert_string_equal(inv->components[0].ecosystem, "cargo");
		assert_string_equal(inv->components[0].purl, "pkg:cargo/serde@1.0.190");
		assert_string_equal(inv->components[0].path, APP);
	}
}

static void
what_only_builds_is_not_there_and_other_sources_are_guesses(void **state)
{
	struct inventory *inv = read_list(*state,
	    "{\"format\":3,\"packages\":["
	    "{\"name\":\"cc\",\"version\":\"1\",\"source\":\"crates.io\","
	    "\"kind\":\"build\"},"
	    "{\"name\":\"a\",\"version\":\"1\",\"source\":\"registry\","
	    "\"kind\":\"runtime\"},"
	    "{\"name\":\"b\",\"version\":\"2\",\"source\":\"git\"},"
	    "{\"name\":\"app\",\"version\":\"0.1.0\",\"source\":\"local\","
	    "\"root\":true},{\"name\":\"half\"},7]}");

	assert_string_equal(row_told(inv, *state), "a 1; b 2?; app 0.1.0?");
}

static void
a_list_that_is_no_list_is_a_warning(void **state)
{
	static const char *const texts[] = { "", "{", "{\"packages\":[}",
		"{\"packages\":[{\"name\":\"a\",\"version\":\"1\"}]} more" };

	for (size_t i = 0; i < ROWS(texts); i++) {
		struct inventory *inv = read_list(*state, texts[i]);

		assert_int_equal(inv->n, 0);
		assert_int_equal(inv->n_warnings, 1);
		assert_non_null(strstr(inv->warnings[0], APP ": its list of crates: "));
	}
	assert_int_equal(read_list(*state, "{\"packages\":{}}")->n_warnings, 0);
}

static void
a_packing_that_is_damaged_or_a_bomb_is_a_warning(void **state)
{
	size_t n = 9u << 20;
	char *blanks = malloc(n);
	struct buf section CLEANUP_BUF = BUF_INIT(1 << 20);

	memset(blanks, ' ', n);
	pack(blanks, n, &section);
	free(blanks);
	assert_non_null(
	    strstr(read_section(*state, elf, &section)->warnings[0], "8388608 bytes"));
	section.len /= 2;
	buf_reset(&section);
	buf_adds(&section, "no zlib");
	assert_non_null(
	    strstr(read_section(*state, elf, &section)->warnings[0], "damaged"));
}

static void
any_byte_may_be_wrong(void **state)
{
	static const char text[] =
	    "{\"packages\":[{\"name\":\"a\",\"version\":\"1\",\"source\":\"git\"}]}";
	struct buf section CLEANUP_BUF = BUF_INIT(1 << 20);
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
	struct program p = { .is_64 = true, .section = ".dep-v0" };

	(void)state;
	pack(text, sizeof(text) - 1, &section);
	p.data = section.data;
	p.len = section.len;
	elf(&p, &b);
	row_survives(&database_rust, APP, b.data, b.len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(crates_of_every_form_of_program),
		READ(what_only_builds_is_not_there_and_other_sources_are_guesses),
		READ(a_list_that_is_no_list_is_a_warning),
		READ(a_packing_that_is_damaged_or_a_bomb_is_a_warning),
		READ(any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
