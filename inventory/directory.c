/* SPDX-License-Identifier: Apache-2.0 */
/* directory - first which system it is, then the databases at the places they have. */
#include "inventory/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/databases.h"
#include "inventory/inventory_private.h"
#include "inventory/streams.h"
#include "inventory/system.h"

#define MAX_ENTRIES      20000
#define MAX_STREAMS_FILE (64u << 20)
#define MAX_BUSYBOX      (16u << 20)

enum place_kind {
	PLACE_FILE,
	PLACE_FILES, /* a folder with a file a package */
	PLACE_DESCS  /* a folder with a folder a package, and a "desc" in it */
};

struct place {
	const char *path;
	const struct database *row;
	enum place_kind kind;
	bool always; /* also if the row has found packages in a place before */
};

/* Of a row the first place that holds packages counts: the others are what it was before. */
static const struct place places[] = {
	{ "var/lib/dpkg/status", &database_dpkg, PLACE_FILE, false },
	{ "var/lib/dpkg/status.d", &database_dpkg, PLACE_FILES, true },
	{ "lib/apk/db/installed", &database_apk, PLACE_FILE, false },
	{ "usr/lib/apk/db/installed", &database_apk, PLACE_FILE, false },
	{ "var/lib/rpm/rpmdb.sqlite", &database_rpm, PLACE_FILE, false },
	{ "var/lib/rpm/Packages.db", &database_rpm, PLACE_FILE, false },
	{ "var/lib/rpm/Packages", &database_rpm, PLACE_FILE, false },
	{ "usr/lib/sysimage/rpm/rpmdb.sqlite", &database_rpm, PLACE_FILE, false },
	{ "usr/lib/sysimage/rpm/Packages.db", &database_rpm, PLACE_FILE, false },
	{ "usr/lib/sysimage/rpm/Packages", &database_rpm, PLACE_FILE, false },
	{ "usr/share/rpm/rpmdb.sqlite", &database_rpm, PLACE_FILE, false },
	{ "usr/share/rpm/Packages.db", &database_rpm, PLACE_FILE, false },
	{ "usr/share/rpm/Packages", &database_rpm, PLACE_FILE, false },
	{ "var/lib/rpmmanifest/container-manifest-2", &database_rpm_manifest,
	    PLACE_FILE, false },
	{ "usr/share/bottlerocket/application-inventory.json", &database_bottlerocket,
	    PLACE_FILE, false },
	{ "x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/"
	  "application-inventory.json",
	    &database_bottlerocket, PLACE_FILE, false },
	{ "aarch64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/"
	  "application-inventory.json",
	    &database_bottlerocket, PLACE_FILE, false },
	{ "var/lib/pacman/local", &database_pacman, PLACE_DESCS, false },
};

/* In a directory that is not a root file system but one of the above. */
static const struct place bare_places[] = {
	{ "status", &database_dpkg, PLACE_FILE, false },
	{ "status.d", &database_dpkg, PLACE_FILES, false },
	{ "installed", &database_apk, PLACE_FILE, false },
	{ "rpmdb.sqlite", &database_rpm, PLACE_FILE, false },
	{ "Packages.db", &database_rpm, PLACE_FILE, false },
	{ "Packages", &database_rpm, PLACE_FILE, false },
	{ "container-manifest-2", &database_rpm_manifest, PLACE_FILE, false },
	{ "local", &database_pacman, PLACE_DESCS, false },
	{ ".", &database_pacman, PLACE_DESCS, false },
	{ ".", &database_dpkg, PLACE_FILES, false },
};

struct tree {
	int root;
	struct arena *a;
	struct inventory *inv;
	struct streams streams;
	/* files that were read: one with two names is read once */
	struct {
		struct id {
			dev_t device;
			ino_t number;
		} * at;
		size_t n, cap;
	} seen;
};

/* ---- files ---- */

static int
open_under(const struct tree *t, const char *path, unsigned flags)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | flags,
		.resolve = RESOLVE_IN_ROOT };

	return (int)syscall(SYS_openat2, t->root, path, &how, sizeof(how));
}

/* The regular file at PATH into OUT; ERR_NOTFOUND also for what is no file. */
static enum err_code
read_file(
    struct tree *t, const char *path, uint64_t max, struct buf *out, struct stat *st)
{
	int fd = open_under(t, path, O_NONBLOCK);
	enum err_code rc = ERR_NOTFOUND;
	struct stream *in = NULL;
	char name[64];

	if (fd < 0)
		return ERR_NOTFOUND;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode)) {
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		if ((rc = stream_open_file(&in, name, max, NULL)) == ERR_OK)
			rc = stream_read_all(in, out, NULL);
		stream_close(in);
	}
	(void)close(fd);
	return rc;
}

/* Bytes that are not needed whole to be of use, in the arena; NULL = not there. */
static const char *
read_bytes(struct tree *t, const char *path, size_t max, size_t *ret_len)
{
	struct buf bytes = BUF_INIT(max);
	const char *ret = NULL;
	struct stat st;

	if (read_file(t, path, max, &bytes, &st) == ERR_OK) {
		ret = arena_memdup(t->a, buf_str(&bytes), bytes.len + 1);
		*ret_len = bytes.len;
	}
	buf_done(&bytes);
	return ret;
}

static bool
is_new(struct tree *t, const struct stat *st)
{
	for (size_t i = 0; i < t->seen.n; i++)
		if (t->seen.at[i].device == st->st_dev &&
		    t->seen.at[i].number == st->st_ino)
			return false;
	*ARENA_PUSH(t->a, &t->seen) = (struct id){ st->st_dev, st->st_ino };
	return true;
}

/* The paths of what lies in the folder at PATH, in the arena. */
static size_t
list_folder(struct tree *t, const char *path, const char ***ret)
{
	struct {
		const char **at;
		size_t n, cap;
	} list = { 0 };
	int fd = open_under(t, path, O_DIRECTORY);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (folder == NULL && fd >= 0)
		(void)close(fd);
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (list.n == MAX_ENTRIES) {
			inventory_warn(t->inv, t->a, "%s: more than %d entries", path,
			    MAX_ENTRIES);
			break;
		}
		*ARENA_PUSH(t->a, &list) =
		    arena_printf(t->a, "%s/%s", path, entry->d_name);
	}
	if (folder != NULL)
		(void)closedir(folder);
	*ret = list.at;
	return list.n;
}

/* ---- the system ---- */

static void
find_streams(struct tree *t)
{
	static const char *const files[] = { "var/lib/ubuntu-advantage/status.json",
		"var/lib/dnf/history.sqlite",
		"usr/lib/sysimage/libdnf5/transaction_history.sqlite" };
	static const char *const folders[] = { "root/buildinfo/content_manifests",
		"usr/share/buildinfo/content_manifests", "usr/share/buildinfo" };
	const char **paths, *text;
	size_t len, n;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if ((text = read_bytes(t, files[i], MAX_STREAMS_FILE, &len)) != NULL)
			streams_read(&t->streams, files[i], text, len, t->a);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		n = list_folder(t, folders[i], &paths);
		for (size_t k = 0; k < n; k++)
			if (streams_wants(paths[k]) &&
			    (text = read_bytes(t, paths[k], MAX_STREAMS_FILE, &len)) !=
				NULL)
				streams_read(&t->streams, paths[k], text, len, t->a);
	}
}

static enum err_code
find_system(struct tree *t, const struct inventory_hints *hints, struct err *e)
{
	struct system_texts texts = { .has_esm = false };
	enum err_code rc;
	size_t len;

	find_streams(t);
	texts.has_esm = streams_has_esm(&t->streams);
	for (size_t i = 0; i < SYSTEM_FILES; i++)
		texts.text[i] = read_bytes(
		    t, system_path((enum system_file)i), SYSTEM_FILE_BYTES, &len);
	system_identify(&texts, hints->now_at, t->a, &t->inv->os);
	if ((rc = inventory_system(t->inv, hints, t->a, e)) == ERR_OK)
		t->inv->streams = streams_of(&t->streams, &t->inv->os, t->a);
	return rc;
}

/* ---- the databases ---- */

/* What SQLite has not yet written back stands beside the file, and is not read. */
static void
look_for_log(struct tree *t, const char *path)
{
	int fd = str_ends(path, ".sqlite")
		     ? open_under(t, arena_printf(t->a, "%s-wal", path), O_NONBLOCK)
		     : -1;
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		inventory_warn(t->inv, t->a,
		    "%s: its last changes are still in %s-wal, which is not read", path,
		    path);
	(void)close(fd);
}

/* *RET_FOUND: there is something at PATH that is of D's kind. */
static enum err_code
read_database(struct tree *t, const char *path, const struct database *d,
    bool *ret_found, struct err *e)
{
	struct buf bytes = BUF_INIT(MAX_UPLOAD_BYTES);
	struct image_file f = { .path = path };
	struct stat st;
	enum err_code rc = read_file(t, path, MAX_UPLOAD_BYTES, &bytes, &st);

	if (rc == ERR_OK && bytes.len > 0 && is_new(t, &st)) {
		*ret_found = true;
		f.bytes = buf_str(&bytes);
		f.size = f.len = bytes.len;
		rc = inventory_database_read(d, &f, t->a, t->inv, e);
		look_for_log(t, path);
	} else if (rc == ERR_LIMIT || rc == ERR_INPUT) {
		*ret_found = true;
		inventory_warn(t->inv, t->a, "%s: %s", path,
		    rc == ERR_LIMIT ? "larger than is read" : "its packing is damaged");
		rc = ERR_OK;
	} else {
		rc = ERR_OK;
	}
	buf_done(&bytes);
	return rc;
}

static enum err_code
read_place(struct tree *t, const struct place *p, bool *ret_found, struct err *e)
{
	enum err_code rc = ERR_OK;
	const char **paths;
	size_t n;

	if (p->kind == PLACE_FILE)
		return read_database(t, p->path, p->row, ret_found, e);
	n = list_folder(t, p->path, &paths);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		if (p->kind == PLACE_DESCS)
			rc = read_database(t, arena_printf(t->a, "%s/desc", paths[i]),
			    p->row, ret_found, e);
		else if (!str_ends(paths[i], ".md5sums"))
			rc = read_database(t, paths[i], p->row, ret_found, e);
	}
	return rc;
}

static bool
is_one_of(const struct database *row, const struct database *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i] == row)
			return true;
	return false;
}

#define PLACES      (sizeof(places) / sizeof(places[0]))
#define BARE_PLACES (sizeof(bare_places) / sizeof(bare_places[0]))

static enum err_code
read_places(struct tree *t, bool *ret_found, struct err *e)
{
	const struct database *done[PLACES];
	size_t n_done = 0;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < PLACES && rc == ERR_OK; i++) {
		size_t before = t->inv->n;
		bool found = false;

		if (!places[i].always && is_one_of(places[i].row, done, n_done))
			continue;
		rc = read_place(t, &places[i], &found, e);
		if (t->inv->n > before)
			done[n_done++] = places[i].row;
		if (found && t->inv->reader == NULL)
			t->inv->reader = places[i].row->name;
		*ret_found = *ret_found || found;
	}
	for (size_t i = 0; i < BARE_PLACES && rc == ERR_OK && !*ret_found; i++) {
		rc = read_place(t, &bare_places[i], ret_found, e);
		t->inv->reader = bare_places[i].row->name;
	}
	return rc;
}

/* No packages, and no word of what it is: BusyBox alone, or nothing. */
static bool
is_busybox(struct tree *t, const struct inventory_hints *hints, struct err *e)
{
	const char *program;
	size_t len;

	if (hints->os != NULL || t->inv->os.state != COVERAGE_UNIDENTIFIED ||
	    (program = read_bytes(t, "bin/busybox", MAX_BUSYBOX, &len)) == NULL)
		return false;
	t->inv->reader = "busybox";
	return system_is_busybox(program, len, t->a, t->inv, e);
}

enum err_code
directory_read(int root, const struct inventory_hints *hints, struct arena *a,
    struct inventory **ret, struct err *e)
{
	struct inventory *inv = arena_zalloc(a, sizeof(*inv));
	struct tree t = { .root = root, .a = a, .inv = inv };
	bool found = false;
	enum err_code rc;

	if ((rc = find_system(&t, hints, e)) != ERR_OK ||
	    (rc = read_places(&t, &found, e)) != ERR_OK)
		return rc;
	if (!found && !is_busybox(&t, hints, e))
		return err_set(e, ERR_NOTFOUND, "no package database that is known");
	inventory_mark_superseded(inv, hints->keyer, a);
	inventory_normalize(inv);
	*ret = inv;
	return ERR_OK;
}
