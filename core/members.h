/* SPDX-License-Identifier: Apache-2.0 */
/*
 * members - the files inside a zip or a tar (packed or not), one after another, each as a
 * stream.  What an archive is, its first bytes say; the name of a file is never believed.
 *
 * Nothing is unpacked to disk, and a zip's directory at its end is not read: memory is
 * one window of the packing whatever the number of members.  Links, devices and folders
 * are passed over.
 */
#ifndef CORE_MEMBERS_H
#define CORE_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct members; /* opaque here; core/members.c */
struct stream;

/* What an archive may hold: bytes of a member, bytes and members in all. */
struct members_caps {
	uint64_t member_bytes, bytes, members;
};

/*
 * Open PATH.  ERR_UNSUPPORTED: it is no archive (but may be a document).
 * ERR_INPUT      it begins like one and is damaged
 * ERR_NOTFOUND, ERR_DENIED, ERR_STORAGE  as stream_open_file()
 */
enum err_code members_open_file(struct members **ret, const char *path,
    const struct members_caps *caps, struct err *e);
/*
 * The zip P[0..LEN), borrowed until members_close(), by the directory at its end: what stands
 * before it (a script that starts a program of Java) is passed over, and a member that is
 * not read costs nothing.  Memory: the directory, of at most CAPS->members entries.
 * ERR_UNSUPPORTED  it is no zip
 */
enum err_code members_open_zip(struct members **ret, const void *p, size_t len,
    const struct members_caps *caps, struct err *e);
void members_close(struct members *m); /* NULL is allowed */

/*
 * The next file: *RET_NAME as the archive has it, NULL at the end; *RET_STREAM its bytes.
 * Both are borrowed until the next call.  A member need not be read to its end.
 * ERR_INPUT  the archive is damaged or cut short
 * ERR_LIMIT  more members, or more bytes, than the caps say
 */
enum err_code members_next(struct members *m, const char **ret_name,
    struct stream **ret_stream, struct err *e);

#endif
