/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar - the entries of a tar, from front to back, as a file system would have them: links
 * and folders too, which members.h leaves out.  Nothing is unpacked here: the bytes come
 * from a stream_source, which inflates, counts and hashes as its owner likes.
 *
 * Names are bytes as the archive has them: not cleaned, not trusted, no encoding promised.
 * A tar belongs to one thread.
 */
#ifndef CORE_TAR_H
#define CORE_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/stream.h"

struct tar; /* opaque here; core/tar.c */

enum tar_kind { TAR_FILE, TAR_FOLDER, TAR_SYMLINK, TAR_HARDLINK, TAR_OTHER };

struct tar_entry {
	enum tar_kind kind;
	const char *name; /* borrowed until the next call; may be "" */
	const char *link; /* target of a link, else "" */
	unsigned mode;    /* permission bits */
	uint64_t size;    /* of a TAR_FILE */
};

/* Are these the first bytes of a tar (512 are enough)?  The header's sum decides. */
bool tar_begins(const void *head, size_t len);

/* FROM is copied, what its 'arg' points to is borrowed. */
enum err_code tar_open(
    struct tar **ret, const struct stream_source *from, struct err *e);
void tar_close(struct tar *t); /* NULL is allowed */

/*
 * The next entry; *RET_END at the end.  What was not read of the one before is skipped.
 * ERR_INPUT  the archive is damaged or cut short; a failure of the source is its own
 */
enum err_code tar_next(
    struct tar *t, struct tar_entry *ret, bool *ret_end, struct err *e);
/* The next bytes of this entry, holes as zeros; borrowed; *RET_LEN 0 at its end. */
enum err_code tar_read(
    struct tar *t, const char **ret_p, size_t *ret_len, struct err *e);

#endif
