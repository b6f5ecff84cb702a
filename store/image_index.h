/* SPDX-License-Identifier: Apache-2.0 */
/* image_index - the live images of a scope as arrays; see image_index.c. */
#ifndef STORE_IMAGE_INDEX_H
#define STORE_IMAGE_INDEX_H

#include "store/store_private.h"

/* How an image is covered, as its reader found it. */
struct image_kind {
	int coverage;
	int64_t ecosystem_id; /* 0 = none */
};

struct image_index {
	size_t n;
	const int64_t *images;      /* ids, ascending */
	const int64_t *inventories; /* of each; 0 = never read */
	const uint16_t *kinds;      /* of each, into table */
	const struct image_kind *table;
	size_t n_kinds;
	/* what it is of, and who has it */
	int64_t team_id, version;
	int refs; /* guarded by the shared lock */
	struct arena *a;
	void *self;
};

/* The index of SCOPE as of the caller's transaction; to be released.  Inside tx_read(). */
enum err_code image_index_get(struct store *st, struct scope scope,
    const struct image_index **ret, struct err *e);
void image_index_release(
    struct store *st, const struct image_index *x); /* NULL allowed */

#endif
