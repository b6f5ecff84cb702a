/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inventory - from any description of an image to a list of components.
 *
 * What it is for.  One reader per format: package databases, SBOMs, plain lists; and images
 * themselves, in archives and directories, out of which databases.h reads what is
 * installed.  The format is recognised by content, never by name.
 *
 * What it promises.  A document is read whole or refused; what was left out of a readable
 * one is counted, named in 'warnings' and makes the inventory 'partial'.  A system nobody
 * publishes advisories for is 'unsupported', never clean.
 *
 * What it does not do.  No matching, no store; of the network only what registry.h asks
 * of registries, the readers know none.
 * Nothing of an image is unpacked on this machine.
 *
 * Threads.  Any; a call works on its arguments only.  An image is read in a child process
 * (core/sandbox.h) for which the caller waits: a parser that crashes costs that image.
 *
 * Memory.  Everything lands in the arena given.
 *
 * Errors.  ERR_UNSUPPORTED: no reader knows this document.  ERR_INPUT: a reader knows it
 * and it is broken (says where).  ERR_LIMIT: one of the caps of core/limits.h.
 *
 * Limits.  MAX_UPLOAD_BYTES a document, MAX_COMPONENTS, MAX_LINE, MAX_NAME,
 * MAX_STORED_VERSION, the caps on JSON, and of images MAX_LAYER_..., MAX_IMAGE_... and
 * MAX_READER_... (core/limits.h).
 *
 * Start reading at the table in all.c, then the smallest reader, list.c; of images at
 * image.h, then image_read() in image.c.
 */
#ifndef INVENTORY_INVENTORY_H
#define INVENTORY_INVENTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/component.h"
#include "core/err.h"

struct arena;
struct keyer; /* core/verdict.h */
struct stream;

/* What the caller knows that the document may not say. */
struct inventory_hints {
	const char *os; /* "debian:12" from os= / --os; NULL = let the document say */
	int64_t now_at; /* for end-of-life */
	/* of an archive that holds several images; NULL = this machine's platform, and the
	 * only image there is */
	const char *platform; /* "linux/arm64", "linux/arm/v7" */
	const char *ref;      /* its name or tag in the archive */
	bool may_rename; /* 'ref' may as well be what it shall be called from now on */
	/* where bytes of an image may lie meanwhile; NULL = TMPDIR, /var/tmp, /tmp */
	const char *spool_dir;
	unsigned seconds; /* to read an image; 0 = as long as core/limits.h allows */
	/* MAY be NULL: what orders versions, to tell a superseded kernel from the newest */
	const struct keyer *keyer;
};

struct reader {
	const char *name;    /* MUST: "dpkg"; shown as inventory.reader */
	const char *summary; /* MUST: one line */
	/* MUST.  Do the first N bytes look like this format?  0 = no; the highest wins. */
	int (*sniff)(const char *head, size_t n);
	/* MUST.  Read IN to its end into INV. */
	enum err_code (*read)(struct stream *in, const struct inventory_hints *hints,
	    struct arena *a, struct inventory *inv, struct err *e);
};

extern const struct reader *const inventory_readers[]; /* all.c; NULL-ended */

/* Recognise and read one document, or an image in a tar, of LEN bytes (packed or not). */
enum err_code inventory_read_memory(const void *p, size_t len,
    const struct inventory_hints *hints, struct arena *a, struct inventory **ret,
    struct err *e);

/*
 * The same for a path: a file or a pipe with a document or an image ("docker save", an OCI
 * layout, the tar of a root file system); a directory that is an OCI layout, a skopeo
 * "dir:", an unpacked "docker save", a root file system, or a package database torn out of
 * one.
 */
enum err_code inventory_read_path(const char *path, const struct inventory_hints *hints,
    struct arena *a, struct inventory **ret, struct err *e);

#endif
