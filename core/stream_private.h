/* SPDX-License-Identifier: Apache-2.0 */
/* stream_private - how a stream is made, for those that make one: stream.c, members.c. */
#ifndef CORE_STREAM_PRIVATE_H
#define CORE_STREAM_PRIVATE_H

#include <stdbool.h>

#include "core/stream.h"

struct archive;

struct stream {
	uint64_t max, given;
	/* plain */
	int fd;           /* -1 = memory */
	const char *data; /* borrowed */
	size_t len, at;
	bool at_end;
	/* packed, or a member of an archive */
	struct archive *archive; /* NULL = plain */
	bool is_member;          /* then the archive is borrowed */
};

#endif
