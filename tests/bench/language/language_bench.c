/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_language - how fast each reader of language packages goes through files of the size
 * and shape that images have, against one pass of crc32() over the same bytes in the same
 * run: what it costs to look at every byte once.
 *
 * Generated, always the same.  Three rounds, the best of each counts.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/mem.h"
#include "inventory/language.h"
#include "inventory/owned.h"

#define ROUNDS   3
#define ROOM     ((size_t)256 << 20)
#define LEAST_MS 200 /* a round goes on for as long */

/* ---- files ---- */

static void
add_text(struct buf *b, size_t n)
{
	static const char words[] = "a package that does one thing, and what it needs ";

	for (size_t i = 0; i < n; i++)
		buf_addc(b, words[i % (sizeof(words) - 1)]);
}

static void
make_npm(struct buf *b)
{
	buf_adds(b, "{\"description\":\"");
	add_text(b, 1500);
	buf_adds(b, "\",\"name\":\"left-pad\",\"version\":\"1.3.0\"}");
}

static void
make_python(struct buf *b)
{
	buf_adds(b, "Metadata-Version: 2.1\nName: foo\nVersion: 1.2\n");
	for (int i = 0; i < 40; i++)
		buf_adds(b, "Classifier: Programming Language :: Python\n");
	buf_addc(b, '\n');
	add_text(b, 8000);
}

static void
make_php(struct buf *b)
{
	buf_adds(b, "{\"packages\":[");
	for (int i = 0; i < 300; i++) {
		buf_printf(b, "%s{\"name\":\"a/p%d\",\"version\":\"v1.%d\",\"x\":\"",
		    i > 0 ? "," : "", i, i);
		add_text(b, 3000);
		buf_adds(b, "\"}");
	}
	buf_adds(b, "]}");
}

static void
make_dotnet(struct buf *b)
{
	buf_adds(b, "{\"runtimeTarget\":{\"name\":\"t\"},\"targets\":{\"t\":{");
	for (int i = 0; i < 500; i++)
		buf_printf(b,
		    "%s\"Lib%d/1.%d\":{\"runtime\":{\"lib/net8/Lib%d.dll\":{}}}",
		    i > 0 ? "," : "", i, i, i);
	buf_adds(b, "}},\"libraries\":{");
	for (int i = 0; i < 500; i++)
		buf_printf(b,
		    "%s\"Lib%d/1.%d\":{\"type\":\"package\",\"sha\":\"%064d\"}",
		    i > 0 ? "," : "", i, i, i);
	buf_adds(b, "}}");
}

/* What a linker writes: 64-bit ELF, text of CODE bytes, then the data and its section. */
static void
make_elf(struct buf *b, size_t code, const char *section, const struct buf *data)
{
	uint64_t at = 64 + 56 + code, names = at + data->len;
	uint64_t sections = names + 32, zero = 0;
	uint64_t segment[7] = { 1 | (uint64_t)6 << 32, at, 0x400000, 0x400000,
		data->len, data->len, 16 };
	uint32_t type = 2 | 62u << 16, one = 1;
	uint16_t tail[6] = { 64, 56, 1, 64, 3, 2 };
	uint64_t head[3] = { 0x400000, 64, sections };
	char name[32] = { 0 };

	buf_add(b, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
	buf_add(b, &type, 4);
	buf_add(b, &one, 4);
	buf_add(b, head, 24);
	buf_add(b, &zero, 4);
	buf_add(b, tail, 12);
	buf_add(b, segment, 56);
	for (size_t i = 0; i < code; i++)
		buf_addc(b, (char)(unsigned char)(i * i >> 3));
	buf_add(b, data->data, data->len);
	(void)snprintf(name + 1, sizeof(name) - 1, "%s", section);
	buf_add(b, name, sizeof(name));
	for (uint64_t i = 0; i < 3; i++) {
		uint64_t s[8] = { i == 0   ? 0
				  : i == 1 ? 1 | (uint64_t)1 << 32
					   : (uint64_t)3 << 32,
			3, 0x400000, i == 1 ? at : names, i == 1 ? data->len : 32, 0,
			16, 0 };

		buf_add(b, s, 64);
	}
}

static void
make_go(struct buf *b)
{
	struct buf info CLEANUP_BUF = BUF_INIT(ROOM);
	struct buf modules CLEANUP_BUF = BUF_INIT(ROOM);

	buf_adds(&modules, "0123456789abcdefpath\tx\n");
	for (int i = 0; i < 300; i++)
		buf_printf(
		    &modules, "dep\texample.org/m%d/v2\tv2.%d.0\th1:%044d=\n", i, i, i);
	buf_adds(&modules, "0123456789abcdef");
	buf_add(&info, "\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
	buf_add(&info, "\x08go1.21.4", 9);
	for (size_t n = modules.len; n > 0; n >>= 7)
		buf_addc(
		    &info, (char)(unsigned char)((n & 0x7f) | (n > 0x7f ? 0x80 : 0)));
	buf_add(&info, modules.data, modules.len);
	make_elf(b, (size_t)20 << 20, ".go.buildinfo", &info);
}

static void
make_other(struct buf *b)
{
	struct buf data CLEANUP_BUF = BUF_INIT(ROOM);

	add_text(&data, (size_t)1 << 20);
	make_elf(b, (size_t)20 << 20, ".data", &data);
}

static void
make_rust(struct buf *b)
{
	struct buf json CLEANUP_BUF = BUF_INIT(ROOM);
	struct buf section CLEANUP_BUF = BUF_INIT(ROOM);
	uLongf n;
	Bytef *space;

	buf_adds(&json, "{\"packages\":[");
	for (int i = 0; i < 300; i++)
		buf_printf(&json,
		    "%s{\"name\":\"crate-%d\",\"version\":\"1.%d.0\",\"source\":"
		    "\"crates.io\",\"dependencies\":[%d,%d]}",
		    i > 0 ? "," : "", i, i, i / 2, i / 3);
	buf_adds(&json, "]}");
	n = compressBound(json.len);
	space = mem_alloc(n);
	(void)compress(space, &n, (const Bytef *)json.data, json.len);
	buf_add(&section, space, n);
	free(space);
	make_elf(b, (size_t)20 << 20, ".dep-v0", &section);
}

/* MEMBERS of N bytes each, and a pom. */
static void
make_jar(struct buf *b, const char *store, int members, const struct buf *bytes,
    const char *folder, const char *ending)
{
	size_t size = (bytes->len + 1024) * (size_t)members + 65536, used = 0;
	char *space = mem_alloc(size);
	struct archive *z = archive_write_new();

	(void)archive_write_set_format_zip(z);
	(void)archive_write_set_options(z, store);
	(void)archive_write_open_memory(z, space, size, &used);
	for (int i = 0; i <= members; i++) {
		static const char pom[] = "groupId=g\nartifactId=a\nversion=1\n";
		size_t len = i < members ? bytes->len : sizeof(pom) - 1;
		struct archive_entry *e = archive_entry_new();
		char path[64];

		(void)snprintf(path, sizeof(path), "%s%d%s", folder, i, ending);
		archive_entry_set_pathname(
		    e, i < members ? path : "META-INF/maven/g/a/pom.properties");
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_size(e, (la_int64_t)len);
		(void)archive_write_header(z, e);
		(void)archive_write_data(z, i < members ? bytes->data : pom, len);
		archive_entry_free(e);
	}
	(void)archive_write_close(z);
	archive_write_free(z);
	buf_add(b, space, used);
	free(space);
}

/* Sixty libraries of two hundred classes, stored in one archive as Spring Boot does. */
static void
make_java(struct buf *b)
{
	struct buf class CLEANUP_BUF = BUF_INIT(ROOM);
	struct buf jar CLEANUP_BUF = BUF_INIT(ROOM);

	for (size_t i = 0; i < 4000; i++)
		buf_addc(&class, (char)(unsigned char)(i * i >> 4));
	make_jar(&jar, "zip:compression=deflate", 200, &class, "a/C", ".class");
	make_jar(b, "zip:compression=store", 60, &jar, "BOOT-INF/lib/a-", ".jar");
}

static void
make_owned(struct buf *b)
{
	for (int i = 0; i < 5000; i++)
		buf_printf(
		    b, "/usr/share/doc/package-%d/examples/file-%d\n", i % 97, i);
}

/* ---- rounds ---- */

static const struct {
	const char *what, *path;
	const struct database *row; /* NULL = lists of files */
	void (*make)(struct buf *b);
} kinds[] = {
	{ "npm, 1.5 KB", "node_modules/a/package.json", &database_npm, make_npm },
	{ "Python, 10 KB", "a-1.dist-info/METADATA", &database_python, make_python },
	{ ".NET, 500 libraries", "a.deps.json", &database_dotnet, make_dotnet },
	{ "Composer, 1 MB", "vendor/composer/installed.json", &database_php, make_php },
	{ "Go, 20 MB, 300 modules", "bin/a", &database_go, make_go },
	{ "no Go, 20 MB", "bin/a", &database_go, make_other },
	{ "Rust, 20 MB, 300 crates", "bin/a", &database_rust, make_rust },
	{ "Java, 60 jars in one", "a.jar", &database_java, make_java },
	{ "dpkg list, 5000 files", "var/lib/dpkg/info/a.list", NULL, make_owned },
};

static double
now_s(void)
{
	return (double)clock_system()->mono_ms(clock_system()) / 1000.0;
}

static void
read_file(const struct database *row, const struct image_file *f)
{
	struct arena *a = arena_new();
	struct inventory inv = { 0 };

	if (row == NULL) {
		struct owned_paths *o = owned_paths_new();

		owned_paths_read(o, f);
		owned_paths_free(o);
	} else if (row->read(f, a, &inv, NULL) != ERR_OK || inv.partial) {
		(void)fprintf(stderr, "%s is not read\n", f->path);
	}
	arena_free(a);
}

static void
look_once(const struct database *row, const struct image_file *f)
{
	static uLong sum;

	(void)row;
	/* of the sum before, so that it cannot be left out */
	sum = crc32(sum, f->bytes, (uInt)f->len);
}

/* Seconds for one file, the best of the rounds. */
static double
measure(void (*once)(const struct database *row, const struct image_file *f),
    const struct database *row, const struct image_file *f)
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		double begin = now_s(), took;
		size_t n = 0;

		do {
			once(row, f);
			took = now_s() - begin;
			n++;
		} while (took * 1000 < LEAST_MS);
		if (took / (double)n < best)
			best = took / (double)n;
	}
	return best;
}

int
main(void)
{
	(void)printf("%-26s %12s %10s %12s\n", "", "bytes", "MB/s", "floor : it");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct buf b CLEANUP_BUF = BUF_INIT(ROOM);
		struct image_file f = { .path = kinds[i].path };
		double took, floor;

		kinds[i].make(&b);
		f.bytes = b.data;
		f.size = f.len = b.len;
		took = measure(read_file, kinds[i].row, &f);
		floor = measure(look_once, NULL, &f);
		(void)printf("%-26s %12zu %10.0f %12.2f\n", kinds[i].what, b.len,
		    (double)b.len / took / 1e6, took / floor);
	}
	return 0;
}
