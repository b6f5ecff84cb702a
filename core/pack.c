/* SPDX-License-Identifier: Apache-2.0 */
/* Packing through libarchive; see pack.h. */
#include "core/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/mem.h"

struct pack {
	struct archive *a;
};

static enum err_code
broken(struct pack *p, struct err *e)
{
	return err_set(e, ERR_STORAGE, "cannot write: %s", archive_error_string(p->a));
}

/* A "raw" archive is one entry without a name: the packed bytes and nothing else. */
static bool
begin(struct pack *p, int fd)
{
	struct archive_entry *entry;
	bool good;

	if (archive_write_set_format_raw(p->a) != ARCHIVE_OK ||
	    archive_write_add_filter_zstd(p->a) != ARCHIVE_OK ||
	    /* no padding: the file ends where the packing ends */
	    archive_write_set_bytes_in_last_block(p->a, 1) != ARCHIVE_OK ||
	    archive_write_open_fd(p->a, fd) != ARCHIVE_OK)
		return false;
	entry = archive_entry_new();
	archive_entry_set_filetype(entry, AE_IFREG);
	good = archive_write_header(p->a, entry) == ARCHIVE_OK;
	archive_entry_free(entry);
	return good;
}

enum err_code
pack_open(struct pack **ret, int fd, struct err *e)
{
	struct pack *p = mem_zalloc(sizeof(*p));
	enum err_code rc;

	p->a = archive_write_new();
	if (!begin(p, fd)) {
		rc = broken(p, e);
		archive_write_free(p->a);
		free(p);
		return rc;
	}
	*ret = p;
	return ERR_OK;
}

enum err_code
pack_write(struct pack *p, const void *bytes, size_t len, struct err *e)
{
	return archive_write_data(p->a, bytes, len) == (la_ssize_t)len ? ERR_OK
								       : broken(p, e);
}

enum err_code
pack_close(struct pack *p, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (p == NULL)
		return ERR_OK;
	if (archive_write_close(p->a) != ARCHIVE_OK)
		rc = broken(p, e);
	archive_write_free(p->a);
	free(p);
	return rc;
}
