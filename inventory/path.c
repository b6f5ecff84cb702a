/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path - a document in a file, or a directory that is a root file system or holds a
 * package database.  Nothing outside the directory is opened: every path is resolved under
 * it by the kernel (openat2, RESOLVE_IN_ROOT), links included.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/inventory_private.h"
#include "inventory/strangers.h"

#define MAX_OS_RELEASE   65536
#define MAX_STATUS_FILES 20000

static enum err_code
read_stream(const char *path, uint64_t max, struct buf *out, struct err *e)
{
	struct stream *in = NULL;
	enum err_code rc = stream_open_file(&in, path, max, e);

	if (rc == ERR_OK)
		rc = stream_read_all(in, out, e);
	stream_close(in);
	return rc;
}

/* The file at PATH under ROOT, links resolved inside it; false if there is none. */
static bool
read_under(int root, const char *path, uint64_t max, struct buf *out)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_IN_ROOT };
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	char name[64];
	struct stat st;
	bool good;

	if (fd < 0)
		return false;
	good = fstat((int)fd, &st) == 0 && S_ISREG(st.st_mode);
	if (good) {
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%ld", fd);
		good = read_stream(name, max, out, NULL) == ERR_OK;
	}
	(void)close((int)fd);
	return good;
}

/* status.d: one stanza a file; the md5sums beside them are no packages. */
static bool
read_status_d(int root, const char *path, struct buf *out)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_DIRECTORY,
		.resolve = RESOLVE_IN_ROOT };
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	struct dirent *entry;
	size_t n = 0;
	DIR *d;

	if (fd < 0)
		return false;
	if ((d = fdopendir((int)fd)) == NULL) {
		(void)close((int)fd);
		return false;
	}
	while ((entry = readdir(d)) != NULL && n < MAX_STATUS_FILES) {
		struct buf one = BUF_INIT(MAX_LINE);

		if (entry->d_name[0] == '.' || str_ends(entry->d_name, ".md5sums"))
			continue;
		if (read_under(dirfd(d), entry->d_name, MAX_LINE, &one)) {
			buf_add(out, buf_str(&one), one.len);
			buf_adds(out, "\n\n");
			n++;
		}
		buf_done(&one);
	}
	closedir(d);
	return n > 0;
}

static void
read_system(int root, int64_t now_at, struct arena *a, struct os *ret)
{
	static const char *const files[] = { "etc/os-release", "usr/lib/os-release",
		NULL };
	struct buf text = BUF_INIT(MAX_OS_RELEASE), version = BUF_INIT(MAX_OS_RELEASE);
	struct os_words w = { 0 };
	bool found = false;

	for (size_t i = 0; files[i] != NULL && !found; i++)
		found = read_under(root, files[i], MAX_OS_RELEASE, &text);
	if (found)
		osrelease_read(buf_str(&text), a, &w);
	if (read_under(root, "etc/debian_version", MAX_OS_RELEASE, &version))
		w.debian_version = str_trim(a, buf_str(&version), version.len);
	buf_reset(&version);
	if (!found &&
	    read_under(root, "etc/alpine-release", MAX_OS_RELEASE, &version)) {
		w.id = "alpine";
		w.version_id = str_trim(a, buf_str(&version), version.len);
	}
	ecosystem_of_os(&w, now_at, a, ret);
	buf_done(&text);
	buf_done(&version);
}

static bool
read_database(int root, struct buf *out)
{
	static const char *const files[] = { "var/lib/dpkg/status",
		"lib/apk/db/installed", "usr/lib/apk/db/installed", "status",
		"installed", NULL };
	static const char *const folders[] = { "var/lib/dpkg/status.d", "status.d", ".",
		NULL };

	for (size_t i = 0; files[i] != NULL; i++)
		if (read_under(root, files[i], MAX_UPLOAD_BYTES, out) && out->len > 0)
			return true;
	for (size_t i = 0; folders[i] != NULL; i++)
		if (read_status_d(root, folders[i], out))
			return true;
	return false;
}

/* What the directory's own os-release says goes to components that have no ecosystem. */
static void
give_system(struct inventory *inv, const struct os *os, struct arena *a)
{
	inv->os = *os;
	for (size_t i = 0; i < inv->n; i++) {
		inv->components[i].ecosystem = os->ecosystem;
		inv->components[i].purl = purl_of(&inv->components[i], os, a);
	}
}

/* Of a source tree, that it is one: what an image may be made of is not what it holds. */
static enum err_code
refuse_directory(int root, const char *path, struct err *e)
{
	const char *name;

	for (size_t i = 0; (name = stranger_file(i)) != NULL; i++)
		if (faccessat(root, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return err_set(e, ERR_UNSUPPORTED,
			    "a source tree (it holds %s); " STRANGER_ADVICE, name);
	return err_set(
	    e, ERR_UNSUPPORTED, "%s holds no package database that is known", path);
}

static enum err_code
read_directory(const char *path, int root, const struct inventory_hints *hints,
    struct arena *a, struct inventory **ret, struct err *e)
{
	struct buf text = BUF_INIT(MAX_UPLOAD_BYTES);
	struct os os;
	enum err_code rc;

	read_system(root, hints->now_at, a, &os);
	if (!read_database(root, &text)) {
		buf_done(&text);
		return refuse_directory(root, path, e);
	}
	rc = inventory_read_memory(buf_str(&text), text.len, hints, a, ret, e);
	buf_done(&text);
	if (rc == ERR_UNSUPPORTED)
		return refuse_directory(root, path, e);
	if (rc == ERR_OK && hints->os == NULL && (*ret)->os.ecosystem == NULL)
		give_system(*ret, &os, a);
	return rc;
}

enum err_code
inventory_read_path(const char *path, const struct inventory_hints *hints,
    struct arena *a, struct inventory **ret, struct err *e)
{
	struct buf text = BUF_INIT(MAX_UPLOAD_BYTES);
	int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err_code rc;

	if (root >= 0) {
		rc = read_directory(path, root, hints, a, ret, e);
		(void)close(root);
		return rc;
	}
	if (errno != ENOTDIR)
		return err_set(e, errno == ENOENT ? ERR_NOTFOUND : ERR_DENIED, "%s: %s",
		    path, strerror(errno));
	rc = read_stream(path, MAX_UPLOAD_BYTES, &text, e);
	if (rc == ERR_OK)
		rc = inventory_read_memory(buf_str(&text), text.len, hints, a, ret, e);
	buf_done(&text);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", path);
}
