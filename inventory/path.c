/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path - a document in a file, or a directory that is a root file system or holds a
 * package database.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/stream.h"
#include "inventory/directory.h"

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

static enum err_code
read_directory(const char *path, int root, const struct inventory_hints *hints,
    struct arena *a, struct inventory **ret, struct err *e)
{
	enum err_code rc = directory_read(root, hints, a, ret, e);

	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_UNSUPPORTED,
		    "%s holds no package database that is known", path);
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
