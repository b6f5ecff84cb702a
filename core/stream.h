/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream - bytes from a file, from memory or from a source of yours, inflated on the way when their first
 * bytes say that they are packed (gzip, bzip2, xz, zstd; zlib and libarchive stay behind
 * this door), the sums that the packings carry checked.  The name of a file is never believed.
 *
 * Memory: one window of the packing plus 64 KiB.  A stream belongs to one thread.
 */
#ifndef CORE_STREAM_H
#define CORE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct stream; /* opaque here; core/stream.c */

/* Open PATH; more than MAX_BYTES inflated bytes give ERR_LIMIT. */
enum err_code stream_open_file(
    struct stream **ret, const char *path, uint64_t max_bytes, struct err *e);
/* Read P[0..LEN), borrowed until stream_close(); inflated like a file. */
enum err_code stream_open_memory(
    struct stream **ret, const void *p, size_t len, uint64_t max_bytes, struct err *e);
/* Where bytes come from that are neither in a file nor in memory. */
struct stream_source {
	/* MUST.  The next run, borrowed until the next call; none at the end. */
	enum err_code (*read)(
	    void *arg, const char **ret_p, size_t *ret_len, struct err *e);
	/* MAY be NULL.  Pass over up to N bytes unread; says how many it were. */
	uint64_t (*skip)(void *arg, uint64_t n);
	void *arg;
};
/* Read FROM (copied), inflated like a file. */
enum err_code stream_open_source(struct stream **ret, const struct stream_source *from,
    uint64_t max_bytes, struct err *e);
void stream_close(struct stream *s); /* NULL is allowed */

/*
 * The next run of bytes: *RET_P borrowed until the next call, *RET_LEN 0 at the end.
 * ERR_INPUT  the packing is damaged or cut short
 * ERR_LIMIT  more than the maximum
 */
enum err_code stream_read(
    struct stream *s, const char **ret_p, size_t *ret_len, struct err *e);
/* Pass over up to N bytes if the stream is a plain source that can; says how many it were,
 * and counts them as handed out. */
uint64_t stream_skip(struct stream *s, uint64_t n);
/* Were its first bytes those of a packing? */
bool stream_is_packed(const struct stream *s);
/* Inflated bytes handed out so far. */
uint64_t stream_bytes(const struct stream *s);
/* What is left, whole, into B (whose maximum decides). */
struct buf;
enum err_code stream_read_all(struct stream *s, struct buf *b, struct err *e);

#endif
