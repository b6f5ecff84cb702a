/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image - the file system of an image, without ever being one.
 *
 * Layers come as streams, in whatever order an archive or a registry has them.  Of each a
 * short listing is kept (names, kinds, links), and the bytes of the few files a row of
 * inventory_databases wants are put into one temporary file, the spool.  When all are read,
 * the listings are laid over each other from the bottom to the top: whiteouts, opaque
 * folders, hard and symbolic links are resolved in a tree of names, and nothing that an
 * archive calls itself is ever a path of this machine.  Then every row reads the files that
 * are left; what an earlier layer had at the same place tells which layer brought a package.
 *
 * Memory: about 100 bytes and the last part of its name for an entry of the image; what is
 * read lies in the spool and is mapped.  The caps are those of core/limits.h.
 *
 * An image belongs to one thread.
 */
#ifndef INVENTORY_IMAGE_H
#define INVENTORY_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/stream.h"

struct arena;
struct image;       /* opaque here; inventory/image_private.h */
struct image_layer; /* the same */
struct inventory;
struct inventory_hints;

/* What a layer is said to be; what cannot be checked is NULL or 0. */
struct layer_claim {
	const char *name;    /* MUST: for messages */
	const char *digest;  /* "sha256:..." of the bytes as they come */
	const char *diff_id; /* of the bytes inflated */
	uint64_t size;       /* bytes as they come */
};

/* SPOOL_FD: a file of its own to put bytes into, borrowed. */
struct image *image_new(int spool_fd);
void image_free(struct image *im); /* NULL is allowed */

/*
 * Read a layer, packed or not, to its end.  *RET belongs to IM.
 * ERR_INPUT  damaged, or not what CLAIM says
 * ERR_LIMIT  a cap
 */
enum err_code image_layer_read(struct image *im, const struct stream_source *from,
    const struct layer_claim *claim, struct image_layer **ret, struct err *e);
/* The same for a folder of this machine, as the only layer. */
enum err_code image_layer_walk(
    struct image *im, int folder_fd, struct image_layer **ret, struct err *e);

/*
 * Lay the N layers over each other, the lowest first, and read what is left into INV.
 * N_BASE of them belong to the base image; N_BASE < 0: nobody knows.
 * AGAIN (may be NULL) opens a layer once more for files that turned out to matter only
 * when links were resolved: it calls image_layer_fetch().
 */
struct image_stack {
	struct image_layer *const *layers;
	size_t n;
	long n_base;
	bool is_flat; /* a file system as it is: its one layer has no name */
	enum err_code (*again)(void *arg, struct image_layer *l, struct err *e);
	void *arg;
};
enum err_code image_read(struct image *im, const struct image_stack *stack,
    const struct inventory_hints *hints, struct arena *a, struct inventory *inv,
    struct err *e);
enum err_code image_layer_fetch(struct image *im, struct image_layer *l,
    const struct stream_source *from, struct err *e);

/* "sha256:..." of a layer that was read, inflated and as it came. */
const char *image_layer_diff_id(const struct image_layer *l);
const char *image_layer_digest(const struct image_layer *l);

#endif
