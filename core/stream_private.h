/* SPDX-License-Identifier: Apache-2.0 */
/* stream_private - how a stream is made, for those that make one: stream.c, members.c. */
#ifndef CORE_STREAM_PRIVATE_H
#define CORE_STREAM_PRIVATE_H

#include <stdbool.h>

#include "core/stream.h"

struct archive;
struct stream_gzip;

struct stream {
	uint64_t max, given;
	/* plain */
	int fd;           /* owned; -1 = memory, or a source */
	const char *data; /* borrowed */
	size_t len, at;
	bool at_end;
	struct stream_gzip *gzip; /* owned; NULL = it is not packed so */
	/* packed in another way, or a member of an archive */
	struct archive *archive; /* NULL = plain */
	bool is_member;          /* then the archive is borrowed */
};

/*
 * stream_gzip.c: gzip by zlib itself.  libarchive's reader of it checks neither the sum nor
 * the length at the end, and a digit of a version may change on the way.
 */
struct stream_gzip *stream_gzip_new(void);
void stream_gzip_free(struct stream_gzip *g); /* NULL is allowed */
/*
 * The next inflated bytes, *RET_LEN 0 at the end; more packed ones are taken from MORE,
 * which gives none at theirs.  ERR_INPUT: damaged or cut short.
 */
enum err_code stream_gzip_read(struct stream_gzip *g,
    enum err_code (*more)(
	void *arg, const char **ret_p, size_t *ret_len, struct err *e),
    void *arg, const char **ret_p, size_t *ret_len, struct err *e);

#endif
