/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream - bytes from a file or from memory, inflated on the way when their first
 * bytes say that they are packed (gzip, bzip2, xz, zstd; zlib and libarchive stay behind
 * this door), the sums that the packings carry checked.  The name of a file is never believed.
 *
 * Memory: one window of the packing plus 64 KiB.  A stream belongs to one thread.
 */
#ifndef CORE_STREAM_H
#define CORE_STREAM_H

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
void stream_close(struct stream *s); /* NULL is allowed */

/*
 * The next run of bytes: *RET_P borrowed until the next call, *RET_LEN 0 at the end.
 * ERR_INPUT  the packing is damaged or cut short
 * ERR_LIMIT  more than the maximum
 */
enum err_code stream_read(
    struct stream *s, const char **ret_p, size_t *ret_len, struct err *e);
/* Inflated bytes handed out so far. */
uint64_t stream_bytes(const struct stream *s);
/* What is left, whole, into B (whose maximum decides). */
struct buf;
enum err_code stream_read_all(struct stream *s, struct buf *b, struct err *e);

#endif
