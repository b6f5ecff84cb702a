/* SPDX-License-Identifier: Apache-2.0 */
/* lang_go_test - the build information of Go, in every form of program, good and bad. */
#include "unit/inventory/program.h"

#define APP  "usr/bin/app"
#define MARK "0123456789abcdef"
#define MODULES                                                                        \
	"path\texample.org/app/cmd/app\nmod\texample.org/app\tv1.0.0\th1:x=\n"         \
	"dep\tgolang.org/x/net\tv0.17.0\th1:y=\n"                                      \
	"dep\texample.org/local\tv0.0.0\n=>\t./local\t\n"                              \
	"dep\texample.org/old\tv1.2.0\n=>\texample.org/fork\tv1.2.1\th1:z=\n"          \
	"dep\texample.org/work\t(devel)\ndep\t\tv1\nbuild\t-compiler=gc\n"
#define FOUND                                                                          \
	"stdlib 1.21.4; example.org/app v1.0.0; golang.org/x/net v0.17.0; "            \
	"example.org/fork v1.2.1"

static void
put_length(struct buf *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_addc(b, (char)(unsigned char)(0x80 | (n & 0x7f)));
	buf_addc(b, (char)(unsigned char)n);
}

/* As the linker writes it since Go 1.18. */
static void
put_info(struct buf *b, const char *version, const char *modules)
{
	buf_add(b, "\xff Go buildinf:\x08\x02", 16);
	put_zeros(b, 16);
	put_length(b, strlen(version));
	buf_adds(b, version);
	put_length(b, strlen(modules) + 32);
	buf_adds(b, MARK);
	buf_adds(b, modules);
	buf_adds(b, MARK);
}

/* As before: two addresses of strings, which are addresses and lengths. */
static void
put_old_info(struct buf *b, struct program *p, const char *version, const char *modules)
{
	size_t width = p->is_64 ? 8 : 4, heads = 32, texts = heads + 4 * width;
	size_t n = strlen(version);

	buf_add(b, "\xff Go buildinf:", 14);
	buf_addc(b, (char)width);
	buf_addc(b, p->is_big ? 1 : 0);
	put_word(b, p, PROGRAM_ADDRESS + heads);
	put_word(b, p, PROGRAM_ADDRESS + heads + 2 * width);
	put_zeros(b, 32 - b->len);
	put_word(b, p, PROGRAM_ADDRESS + texts);
	put_word(b, p, n);
	put_word(b, p, PROGRAM_ADDRESS + texts + n);
	put_word(b, p, strlen(modules) + 32);
	buf_adds(b, version);
	buf_adds(b, MARK);
	buf_adds(b, modules);
	buf_adds(b, MARK);
}

static struct inventory *
read_elf(struct arena *a, const char *version, const char *modules)
{
	struct program p = { .is_64 = true, .section = ".go.buildinfo" };
	struct buf info CLEANUP_BUF = BUF_INIT(1 << 20);
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);

	put_info(&info, version, modules);
	p.data = info.data;
	p.len = info.len;
	elf(&p, &b);
	return row_bytes(a, &database_go, APP, b.data, b.len);
}

static void
every_form_of_program_is_read(void **state)
{
	static const struct {
		void (*make)(const struct program *p, struct buf *b);
		const char *section;
		bool is_64, is_big, is_old;
	} rows[] = {
		{ elf, ".go.buildinfo", true, false, false },
		{ elf, ".go.buildinfo", true, true, false },
		{ elf, ".go.buildinfo", false, false, false },
		{ elf, ".go.buildinfo", false, true, false },
		{ elf, ".go.buildinfo", true, false, true },
		{ elf, ".go.buildinfo", true, true, true },
		{ elf, ".go.buildinfo", false, false, true },
		{ elf, ".go.buildinfo", false, true, true },
		{ elf, NULL, true, false, false },
		{ elf, NULL, false, true, true },
		{ elf, ".data", true, false, false },
		{ pe, NULL, true, false, false },
		{ pe, NULL, false, false, true },
		{ macho, "__go_buildinfo", true, false, false },
		{ macho, "__go_buildinfo", true, false, true },
		{ macho, "__go_buildinfo", false, true, true },
		{ macho, NULL, false, false, false },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct program p = { .is_64 = rows[i].is_64,
			.is_big = rows[i].is_big,
			.section = rows[i].section };
		struct buf info CLEANUP_BUF = BUF_INIT(1 << 20);
		struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
		struct inventory *inv;

		if (rows[i].is_old)
			put_old_info(&info, &p, "go1.21.4", MODULES);
		else
			put_info(&info, "go1.21.4", MODULES);
		p.data = info.data;
		p.len = info.len;
		rows[i].make(&p, &b);
		inv = row_bytes(*state, &database_go, APP, b.data, b.len);
		if (!str_eq(row_told(inv, *state), FOUND))
			fail_msg("form %zu: %s", i, row_told(inv, *state));
		assert_false(inv->partial);
	}
}

static void
modules_are_go_and_named_as_advisories_name_them(void **state)
{
	struct inventory *inv = read_elf(*state, "go1.21.4", MODULES);
	const struct component *c = component(inv, "golang.org/x/net");

	assert_string_equal(c->ecosystem, "go");
	assert_string_equal(c->type, "golang");
	assert_string_equal(c->purl, "pkg:golang/golang.org/x/net@v0.17.0");
	assert_string_equal(c->path, APP);
	assert_string_equal(component(inv, "stdlib")->purl, "pkg:golang/stdlib@1.21.4");
}

static void
the_version_of_go_is_written_as_advisories_write_it(void **state)
{
	static const struct {
		const char *version, *want;
	} rows[] = {
		{ "go1.22.3", "stdlib 1.22.3" },
		{ "go1.22.3 X:boringcrypto", "stdlib 1.22.3" },
		{ "go1.20.5-X:nocoverageredesign", "stdlib 1.20.5" },
		{ "go1.22.3 (Red Hat 1.22.3-1.el9)", "stdlib 1.22.3" },
		{ "go1.20", "stdlib 1.20.0" },
		{ "go1.21rc3", "stdlib 1.21.0-rc.3" },
		{ "go1.18beta1", "stdlib 1.18.0-beta.1" },
		{ "devel go1.23-3a2b1c4 Mon", "" },
		{ "go", "" },
		{ "", "" },
		{ "gopher", "" },
	};

	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(
		    row_told(read_elf(*state, rows[i].version, ""), *state),
		    rows[i].want);
}

static void
what_the_linker_was_told_is_a_guess_at_the_version(void **state)
{
	static const struct {
		const char *flags, *want;
	} rows[] = {
		{ "-ldflags=\"-s -w -X main.version=v1.2.3 -X main.date=x\"",
		    "stdlib 1.20.0; example.org/app v1.2.3?" },
		{ "-ldflags=\"-X 'example.org/app/cmd.Version=1.2.3-rc1'\"",
		    "stdlib 1.20.0; example.org/app 1.2.3-rc1?" },
		{ "-ldflags=\"-X=main.Version=7\"",
		    "stdlib 1.20.0; example.org/app 7?" },
		{ "-ldflags=\"-X other.org/lib.version=1.2.3\"", "stdlib 1.20.0" },
		{ "-ldflags=\"-X main.version=unknown\"", "stdlib 1.20.0" },
		{ "-ldflags=\"-X main.goversion=1.2\"", "stdlib 1.20.0" },
		{ "-ldflags=\"-X\"", "stdlib 1.20.0" },
		{ "-ldflags=-X main.version=", "stdlib 1.20.0" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *text = arena_printf(*state,
		    "path\tx\nmod\texample.org/app\t(devel)\t\nbuild\t%s\n",
		    rows[i].flags);

		assert_string_equal(
		    row_told(read_elf(*state, "go1.20", text), *state), rows[i].want);
	}
}

static void
programs_of_other_languages_say_nothing(void **state)
{
	struct program p = { .is_64 = true,
		.section = ".data",
		.data = "nothing of Go's in here",
		.len = 23 };
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv;

	elf(&p, &b);
	inv = row_bytes(*state, &database_go, APP, b.data, b.len);
	assert_int_equal(inv->n, 0);
	assert_false(inv->partial);
}

static void
what_is_no_program_is_not_wanted(void **state)
{
	static const struct {
		const char *head;
		size_t n;
		bool wanted;
	} rows[] = {
		{ "\x7f"
		  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0",
		    20, true },
		{ "\x7f"
		  "ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\2\x3e\0",
		    20, true },
		{ "\x7f"
		  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\1\0\x3e\0",
		    20, false }, /* .o */
		{ "\x7f"
		  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e",
		    19, false },
		{ "\xca\xfe\xba\xbe\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0", 20, true },
		/* a class of Java 8 */
		{ "\xca\xfe\xba\xbe\0\0\0\x34\0\0\0\0\0\0\0\0\0\0\0\0", 20, false },
		{ "#!/bin/sh\nexec something", 24, false },
		{ "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct image_file f = { .path = APP,
			.bytes = rows[i].head,
			.size = rows[i].n,
			.len = rows[i].n };

		if (database_go.wants(&f) != rows[i].wanted ||
		    database_rust.wants(&f) != rows[i].wanted)
			fail_msg("row %zu", i);
	}
}

static void
both_halves_of_a_fat_program_are_read(void **state)
{
	struct program p = { .is_64 = true, .section = "__go_buildinfo" };
	struct program big = { .is_big = true };
	struct buf info CLEANUP_BUF = BUF_INIT(1 << 20);
	struct buf half CLEANUP_BUF = BUF_INIT(1 << 20);
	struct buf fat CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv;

	put_info(&info, "go1.21.4", "");
	p.data = info.data;
	p.len = info.len;
	macho(&p, &half);
	buf_add(&fat, "\xca\xfe\xba\xbe\0\0\0\3", 8);
	for (uint64_t i = 0; i < 3; i++) {
		put_zeros(&fat, 8);
		put(&fat, &big, 68 + i * half.len, 4); /* the third is outside */
		put(&fat, &big, half.len, 4);
		put_zeros(&fat, 4);
	}
	buf_add(&fat, half.data, half.len);
	buf_add(&fat, half.data, half.len);
	inv = row_bytes(*state, &database_go, APP, fat.data, fat.len);
	assert_string_equal(row_told(inv, *state), "stdlib 1.21.4; stdlib 1.21.4");
}

/* Lengths that do not end, that overflow, or that reach behind the end. */
static void
lengths_are_not_believed(void **state)
{
	static const char *const lengths[] = {
		"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
		"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
		("\x05"
		 "go1\xff\xff"),
		"\x80",
		"",
	};

	for (size_t i = 0; i < ROWS(lengths); i++) {
		struct program p = { .is_64 = true, .section = ".go.buildinfo" };
		struct buf info CLEANUP_BUF = BUF_INIT(1 << 20);
		struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
		struct inventory *inv;

		buf_add(&info, "\xff Go buildinf:\x08\x02", 16);
		put_zeros(&info, 16);
		buf_adds(&info, lengths[i]);
		p.data = info.data;
		p.len = info.len;
		elf(&p, &b);
		inv = row_bytes(*state, &database_go, APP, b.data, b.len);
		assert_int_equal(inv->n, 0);
		assert_int_equal(inv->n_warnings, 1);
		assert_string_equal(
		    inv->warnings[0], APP ": broken build information of Go");
	}
}

static void
a_length_may_be_longer_than_it_needs_to_be(void **state)
{
	struct program p = { .is_64 = true, .section = ".go.buildinfo" };
	struct buf info CLEANUP_BUF = BUF_INIT(1 << 20);
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);

	buf_add(&info, "\xff Go buildinf:\x08\x02", 16);
	put_zeros(&info, 16);
	buf_add(&info, "\x86\x80\x80\x80\x80\x80\x80\x80\x80\x00go1.20\0", 17);
	p.data = info.data;
	p.len = info.len;
	elf(&p, &b);
	assert_string_equal(
	    row_told(row_bytes(*state, &database_go, APP, b.data, b.len), *state),
	    "stdlib 1.20.0");
}

static void
any_byte_of_any_form_may_be_wrong(void **state)
{
	void (*const forms[])(
	    const struct program *p, struct buf *b) = { elf, pe, macho };

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(forms); i++) {
		struct program p = { .is_64 = i % 2 == 0,
			.section = i % 2 == 0 && i == 0 ? ".go.buildinfo" : NULL };
		struct buf info CLEANUP_BUF = BUF_INIT(1 << 20);
		struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);

		if (i % 2 == 0)
			put_info(&info, "go1.21.4", "dep\ta\tv1\n");
		else
			put_old_info(&info, &p, "go1.21.4", "dep\ta\tv1\n");
		p.data = info.data;
		p.len = info.len;
		forms[i / 2](&p, &b);
		row_survives(&database_go, APP, b.data, b.len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(every_form_of_program_is_read),
		READ(modules_are_go_and_named_as_advisories_name_them),
		READ(the_version_of_go_is_written_as_advisories_write_it),
		READ(what_the_linker_was_told_is_a_guess_at_the_version),
		READ(programs_of_other_languages_say_nothing),
		READ(what_is_no_program_is_not_wanted),
		READ(both_halves_of_a_fat_program_are_read),
		READ(lengths_are_not_believed),
		READ(a_length_may_be_longer_than_it_needs_to_be),
		READ(any_byte_of_any_form_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
