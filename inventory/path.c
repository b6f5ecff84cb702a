/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path - what a path of this machine holds: an image in an archive or a directory, a root
 * file system, a document, or a directory that is a package database itself.  Nothing
 * outside the directory is opened: every path is resolved under it by the kernel (openat2,
 * RESOLVE_IN_ROOT), links included.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/tar.h"
#include "inventory/directory.h"
#include "inventory/image_private.h"
#include "inventory/strangers.h"

static bool
has(int root, const char *name)
{
	return faccessat(root, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of a source tree, that it is one: what an image may be made of is not what it holds. */
static enum err_code
refuse_directory(int root, struct err *e)
{
	const char *name;

	for (size_t i = 0; (name = stranger_file(i)) != NULL; i++)
		if (faccessat(root, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return err_set(e, ERR_UNSUPPORTED,
			    "a source tree (it holds %s); " STRANGER_ADVICE, name);
	return err_set(
	    e, ERR_UNSUPPORTED, "no image, and no package database that is known");
}

/* Does the folder hold a package database's own files? */
static bool
is_bare(int root)
{
	static const char *const names[] = { "status", "status.d", "installed",
		"rpmdb.sqlite", "Packages.db", "Packages", "container-manifest-2",
		"local" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (has(root, names[i]))
			return true;
	return false;
}

/* A folder that is a package database itself, torn out of its file system. */
static enum err_code
read_bare(int root, const struct inventory_hints *hints, struct arena *a,
    struct inventory **ret, struct err *e)
{
	enum err_code rc = directory_read(root, hints, a, ret, e);

	return rc == ERR_NOTFOUND || rc == ERR_UNSUPPORTED ? refuse_directory(root, e)
							   : rc;
}

static enum err_code
read_directory(int root, const struct inventory_hints *hints, struct arena *a,
    struct inventory **ret, struct err *e)
{
	const struct image_job job = { .folder = root, .hints = hints };
	enum err_code rc = ERR_UNSUPPORTED;

	if (!has(root, "etc") && !has(root, "index.json") &&
	    !has(root, "manifest.json") && is_bare(root))
		return read_bare(root, hints, a, ret, e);
	rc = image_inventory(&job, a, ret, e);
	return rc == ERR_UNSUPPORTED && !has(root, "etc")
		   ? read_bare(root, hints, a, ret, e)
		   : rc;
}

/* ---- files and pipes ---- */

/* Enough for any packing to give its first bytes: a block of zstd has up to 128 KiB. */
#define HEAD ((size_t)256 << 10)

static enum err_code
read_head(int fd, char *head, size_t *ret_len, struct err *e)
{
	*ret_len = 0;
	while (*ret_len < HEAD) {
		ssize_t n = read(fd, head + *ret_len, HEAD - *ret_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(
			    e, ERR_STORAGE, "cannot read: %s", strerror(errno));
		if (n == 0)
			break;
		*ret_len += (size_t)n;
	}
	return ERR_OK;
}

/* Of bzip2 the first block may be larger than the head: then it is worth a try. */
static bool
is_archive(const char *head, size_t len)
{
	char begin[512];
	struct stream *in = NULL;
	size_t n = 0;
	enum err_code rc = stream_open_memory(&in, head, len, UINT64_MAX, NULL);

	while (rc == ERR_OK && n < sizeof(begin)) {
		const char *p;
		size_t got;

		rc = stream_read(in, &p, &got, NULL);
		if (rc != ERR_OK || got == 0)
			break;
		if (got > sizeof(begin) - n)
			got = sizeof(begin) - n;
		memcpy(begin + n, p, got);
		n += got;
	}
	stream_close(in);
	return tar_begins(begin, n) || (rc != ERR_OK && n == 0 && len == HEAD);
}

static enum err_code
read_rest(int fd, struct buf *out, struct err *e)
{
	char piece[65536];
	ssize_t n = 1;

	while (n > 0 && !out->full) {
		n = read(fd, piece, sizeof(piece));
		if (n > 0)
			buf_add(out, piece, (size_t)n);
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		return err_set(e, ERR_STORAGE, "cannot read: %s", strerror(errno));
	return out->full ? err_set(e, ERR_LIMIT, "more than %zu bytes", out->max)
			 : ERR_OK;
}

static enum err_code
read_file(int fd, const struct inventory_hints *hints, struct arena *a,
    struct inventory **ret, struct err *e)
{
	struct image_input in = { .fd = fd };
	const struct image_job job = { .archive = &in, .hints = hints };
	struct buf text = BUF_INIT(MAX_UPLOAD_BYTES);
	char *head = mem_alloc(HEAD);
	enum err_code rc = read_head(fd, head, &in.len, e);

	in.p = head;
	if (rc == ERR_OK && is_archive(head, in.len)) {
		rc = image_inventory(&job, a, ret, e);
	} else if (rc == ERR_OK) {
		buf_add(&text, head, in.len);
		rc = read_rest(fd, &text, e);
		if (rc == ERR_OK)
			rc = inventory_read_memory(
			    buf_str(&text), text.len, hints, a, ret, e);
	}
	buf_done(&text);
	free(head);
	return rc;
}

enum err_code
inventory_read_path(const char *path, const struct inventory_hints *hints,
    struct arena *a, struct inventory **ret, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	enum err_code rc;

	if (fd < 0)
		return err_set(e,
		    errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_DENIED,
		    "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		rc = read_directory(fd, hints, a, ret, e);
	else
		rc = read_file(fd, hints, a, ret, e);
	(void)close(fd);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", path);
}
