/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owned - which files belong to the system's own packages.  A library that a distribution
 * packages keeps its old version number while flaws in it are repaired, so upstream's
 * advisories do not speak of it; the distribution's do, under the name of its package.
 *
 * A set of 64-bit sums of paths, 16 bytes each with the package beside them: two paths of
 * the same sum are not expected in any image (one in a million for six million files).
 */
#ifndef INVENTORY_OWNED_H
#define INVENTORY_OWNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct image_file;  /* inventory/databases.h */
struct owned_paths; /* opaque here; inventory/owned.c */

struct owned_paths *owned_paths_new(void);
void owned_paths_free(struct owned_paths *o); /* NULL is allowed */

/*
 * Package NAME, as its component is called ("" = one that is not known).  The number is what
 * owned_paths_add() and owned_paths_owner() know it by.
 */
uint32_t owned_paths_package(struct owned_paths *o, const char *name);
/*
 * PATH[0..LEN) belongs to PACKAGE.  A slash or "./" before it does not count, and bin, sbin
 * and lib are the same below usr and at the root.  Beyond MAX_OWNED_PATHS nothing is kept.
 */
void owned_paths_add(
    struct owned_paths *o, uint32_t package, const char *path, size_t len);
/* The same for a folder and a name in it, as rpm keeps them. */
void owned_paths_add_in(struct owned_paths *o, uint32_t package, const char *folder,
    size_t folder_len, const char *name, size_t name_len);

#define OWNED_BY_NONE UINT32_MAX

/* Whose PATH is.  What the set says first counts, should two packages have it. */
uint32_t owned_paths_owner(struct owned_paths *o, const char *path);
/* The name of a package; NULL past the last. */
const char *owned_paths_name(const struct owned_paths *o, uint32_t package);
/* Did any package list its files?  Single words of INSTALLER files are no list. */
bool owned_paths_has_lists(const struct owned_paths *o);
/* Were there more than are kept? */
bool owned_paths_full(const struct owned_paths *o);

/*
 * The lists of files that dpkg (info/NAME.list, status.d/NAME.md5sums), apk (installed) and
 * pacman (local/NAME/files) keep, and the word of Python's INSTALLER.  rpm keeps them in its
 * headers: its reader adds them.
 */
bool owned_paths_wants(const struct image_file *f);
void owned_paths_read(struct owned_paths *o, const struct image_file *f);

#endif
