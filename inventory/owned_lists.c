/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owned_lists - the files in which package managers note what they unpacked where:
 *
 *   var/lib/dpkg/info/libc6:amd64.list             /lib/x86_64-linux-gnu/libc.so.6
 *   var/lib/dpkg/status.d/libc6.md5sums            SUM  lib/x86_64-linux-gnu/libc.so.6
 *   lib/apk/db/installed                           P:musl, F:lib, R:libc.musl-x86_64.so.1
 *   var/lib/pacman/local/glibc-2.38-1/files        %FILES%, usr/lib/libc.so.6
 *   foo-1.2.dist-info/INSTALLER                    rpm: the METADATA beside it is its own
 *
 * A line that says nothing is passed over: the worst is that a library counts as not owned.
 */
#include "inventory/owned.h"

#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/databases.h"
#include "inventory/language.h"

#define DPKG_INFO   "var/lib/dpkg/info/"
#define DPKG_FOLDER "var/lib/dpkg/status.d/"
#define PACMAN      "var/lib/pacman/local/"
#define INSTALLER   ".dist-info/INSTALLER"
#define SUM_LEN     34 /* of a line of md5sums before the path */

/* "libc6" of "var/lib/dpkg/info/libc6:amd64.list". */
static const char *
package_of_file(const char *path, const char *end, struct arena *a)
{
	const char *base = language_base(path);
	size_t n = strlen(base) - strlen(end), colon = strcspn(base, ":");

	return arena_strndup(a, base, colon < n ? colon : n);
}

static void
read_lines(
    struct owned_paths *o, uint32_t package, const struct image_file *f, size_t before)
{
	const char *text = f->bytes, *line;
	size_t n = f->len, len;

	while (language_line(&text, &n, &line, &len))
		if (len > before)
			owned_paths_add(o, package, line + before, len - before);
}

/* ---- apk ---- */

/* P may stand behind the files: a block gets its package once it is known. */
struct block {
	const char *begin;
	size_t n;
};

static bool
take_block(const char **text, size_t *n, struct block *ret)
{
	const char *line;
	size_t len;

	ret->begin = *text;
	while (language_line(text, n, &line, &len) && len > 0)
		;
	ret->n = (size_t)(*text - ret->begin);
	return ret->n > 0;
}

static const char *
package_of_block(struct block b, struct arena *a)
{
	const char *line;
	size_t len;

	while (language_line(&b.begin, &b.n, &line, &len))
		if (len > 2 && line[0] == 'P' && line[1] == ':')
			return arena_strndup(a, line + 2, len - 2);
	return "";
}

static void
read_block(struct owned_paths *o, struct block b, struct arena *a)
{
	uint32_t package = owned_paths_package(o, package_of_block(b, a));
	const char *folder = "", *line;
	size_t folder_len = 0, len;

	while (language_line(&b.begin, &b.n, &line, &len)) {
		if (len < 2 || line[1] != ':')
			continue;
		if (line[0] == 'F') {
			folder = line + 2;
			folder_len = len - 2;
		} else if (line[0] == 'R' && len > 2) {
			owned_paths_add_in(
			    o, package, folder, folder_len, line + 2, len - 2);
		}
	}
}

static void
read_apk(struct owned_paths *o, const struct image_file *f, struct arena *a)
{
	const char *text = f->bytes;
	size_t n = f->len;
	struct block b;

	while (take_block(&text, &n, &b)) {
		read_block(o, b, a);
		arena_reset(a);
	}
}

/* ---- pacman ---- */

/* "glibc-2.38-1": version and revision are behind the last two dashes. */
static const char *
package_of_folder(const char *path, struct arena *a)
{
	const char *name = path + strlen(PACMAN);
	size_t n = strcspn(name, "/"), dashes = 0, end = n;

	while (end > 0 && dashes < 2)
		dashes += name[--end] == '-';
	return arena_strndup(a, name, end > 0 ? end : n);
}

static void
read_pacman(struct owned_paths *o, const struct image_file *f, struct arena *a)
{
	uint32_t package = owned_paths_package(o, package_of_folder(f->path, a));
	const char *text = f->bytes, *line;
	bool is_files = false;
	size_t n = f->len, len;

	while (language_line(&text, &n, &line, &len)) {
		if (len > 0 && line[0] == '%')
			is_files = len == 7 && memcmp(line, "%FILES%", 7) == 0;
		else if (is_files && len > 0)
			owned_paths_add(o, package, line, len);
	}
}

/* ---- Python ---- */

/* Who installed a distribution: pip, or the tool of a system's packages. */
static void
read_installer(struct owned_paths *o, const struct image_file *f, struct arena *a)
{
	static const char *const systems[] = { "rpm", "dpkg", "apk", "debian",
		"pacman" };
	const char *word = str_trim(a, f->bytes, f->len < 64 ? f->len : 64);
	size_t n = strlen(f->path) - strlen("INSTALLER");

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (str_caseeq(word, systems[i])) {
			const char *path =
			    arena_printf(a, "%.*sMETADATA", (int)n, f->path);

			owned_paths_add(
			    o, owned_paths_package(o, ""), path, strlen(path));
		}
}

/* ---- all of them ---- */

static bool
is_apk(const char *path)
{
	return str_eq(path, "lib/apk/db/installed") ||
	       str_eq(path, "usr/lib/apk/db/installed");
}

static bool
is_in(const char *path, const char *folder, const char *end)
{
	return str_starts(path, folder) && str_ends(path, end) &&
	       strchr(path + strlen(folder), '/') == NULL;
}

static bool
is_pacman(const char *path)
{
	return str_starts(path, PACMAN) && str_ends(path, "/files");
}

bool
owned_paths_wants(const struct image_file *f)
{
	return is_apk(f->path) || is_in(f->path, DPKG_INFO, ".list") ||
	       is_in(f->path, DPKG_FOLDER, ".md5sums") || is_pacman(f->path) ||
	       str_ends(f->path, INSTALLER);
}

void
owned_paths_read(struct owned_paths *o, const struct image_file *f)
{
	struct arena *a = arena_new();

	if (is_in(f->path, DPKG_INFO, ".list"))
		read_lines(o,
		    owned_paths_package(o, package_of_file(f->path, ".list", a)), f, 0);
	else if (is_in(f->path, DPKG_FOLDER, ".md5sums"))
		read_lines(o,
		    owned_paths_package(o, package_of_file(f->path, ".md5sums", a)), f,
		    SUM_LEN);
	else if (is_apk(f->path))
		read_apk(o, f, a);
	else if (is_pacman(f->path))
		read_pacman(o, f, a);
	else if (str_ends(f->path, INSTALLER))
		read_installer(o, f, a);
	arena_free(a);
}
