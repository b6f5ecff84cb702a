/* SPDX-License-Identifier: Apache-2.0 */
/*
 * streams - which lines of updates beside the base one a system has enabled, by the files
 * that tell: Ubuntu Pro's status, the content sets Red Hat notes in its images, and dnf's
 * history of which repository packages came from.
 */
#ifndef INVENTORY_STREAMS_H
#define INVENTORY_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/component.h"

struct arena;

/* Zeroed it is empty; what it gathers lies in the arena. */
struct streams {
	struct {
		const char **at;
		size_t n, cap;
	} services, repositories;
};

/* Does the file at PATH (from the root, no slash before it) say something of streams? */
bool streams_wants(const char *path);
/* What it says, P[0..N).  A file that cannot be read says nothing. */
void streams_read(
    struct streams *s, const char *path, const void *p, size_t n, struct arena *a);
bool streams_has_esm(const struct streams *s);
/* The streams for the components of system OS: sorted, comma separated; "" = none. */
const char *streams_of(const struct streams *s, const struct os *os, struct arena *a);
/* Both lists as one. */
const char *streams_join(const char *one, const char *other, struct arena *a);

#endif
