/* SPDX-License-Identifier: Apache-2.0 */
/* image_private - what the files of the walker share; see image.h for the idea. */
#ifndef INVENTORY_IMAGE_PRIVATE_H
#define INVENTORY_IMAGE_PRIVATE_H

#include "core/buf.h"
#include "core/limits.h"
#include "inventory/databases.h"
#include "inventory/image.h"
#include "inventory/inventory_private.h"

#define DIGEST_TEXT 72   /* "sha256:" and 64 digits */
#define PATH_ROOM   4097 /* for a path of MAX_IMAGE_PATH */

/* ---- image_spool.c: bytes of files, one after the other, in one temporary file ---- */

struct image_spool {
	int fd;           /* borrowed */
	uint64_t used;    /* bytes handed in */
	uint64_t flushed; /* of them in the file */
	char *window;     /* owned; the rest */
	size_t held;
};

void image_spool_init(struct image_spool *s, int fd);
void image_spool_done(struct image_spool *s);
enum err_code image_spool_add(
    struct image_spool *s, const void *p, size_t len, struct err *e);
/* LEN bytes from AT, readable until image_spool_unmap(). */
struct image_map {
	void *base;
	size_t len;
	const char *bytes;
};
enum err_code image_spool_map(struct image_spool *s, uint64_t at, uint64_t len,
    struct image_map *ret, struct err *e);
void image_spool_unmap(struct image_map *m);

/* ---- image_listing.c: the entries of a layer, in its order ---- */

enum listed_kind { LISTED_FILE, LISTED_FOLDER, LISTED_SYMLINK, LISTED_HARDLINK };

struct listed {
	enum listed_kind kind;
	const char *path; /* clean, without a slash before it; never "" */
	const char
	    *link; /* target: of a hard link clean, of a symbolic one as written */
	unsigned mode;
	uint64_t size;
	bool is_spooled;
	uint64_t at;     /* in the spool */
	uint32_t number; /* which entry of the layer this is, from 0 */
};

struct listing {
	struct buf bytes;
	char last[PATH_ROOM]; /* path of the entry before */
	size_t last_len;
	uint32_t n;
};

struct listing_reader {
	const struct listing *of;
	size_t at;
	char path[PATH_ROOM];
};

void listing_init(struct listing *l);
void listing_done(struct listing *l);
void listing_add(struct listing *l, const struct listed *entry);
void listing_begin(struct listing_reader *r, const struct listing *l);
/* False at the end.  Texts are borrowed until the next call. */
bool listing_next(struct listing_reader *r, struct listed *ret);

/* NAME without "./", "//", a slash at an end, and ".." inside it, in OUT (PATH_ROOM).
 * False: too long, or it leads outside. */
bool path_clean(const char *name, char *out);

/* ---- image_tree.c: what the layers give together ---- */

/* A state of a file at one place; the one before it there is OLDER. */
struct version {
	uint64_t at, size;
	uint32_t older; /* index + 1; 0 = nothing was there before */
	uint32_t number;
	unsigned mode;
	uint16_t layer; /* that put it there */
	uint16_t from;  /* whose entry 'number' has the bytes: a link's may lie lower */
	bool is_spooled;
	bool is_moved; /* its layer calls it by another path: a link's doing */
};

struct tree; /* opaque here */

struct tree *tree_new(void);
void tree_free(struct tree *t);
/* Lay layer number LAYER over what is there.  What cannot be is told to MISSED. */
enum err_code tree_lay(struct tree *t, uint16_t layer, const struct listing *l,
    void (*missed)(void *arg, const struct listed *entry, const char *why), void *arg,
    struct err *e);

typedef uint32_t tree_node; /* 0 = the root */
#define TREE_NONE UINT32_MAX

size_t tree_count(const struct tree *t); /* of all nodes there ever were */
/* The node at PATH, links followed; TREE_NONE. */
tree_node tree_find(struct tree *t, const char *path);
/* The next node that is there, in depth-first order, inside WITHIN; begin with WITHIN. */
tree_node tree_next(const struct tree *t, tree_node within, tree_node n);
enum listed_kind tree_kind(const struct tree *t, tree_node n);
/* Version of a file, NULL for anything else; valid until the next tree_lay(). */
struct version *tree_version(struct tree *t, tree_node n);
struct version *tree_older(struct tree *t, const struct version *v);
/* Path of N in OUT (PATH_ROOM); false if it is longer. */
bool tree_path(const struct tree *t, tree_node n, char *out);
/* The file that a symbolic link leads to; TREE_NONE. */
tree_node tree_target(struct tree *t, tree_node n);

/* ---- image_layer.c ---- */

struct image_layer {
	struct listing listing;
	char digest[DIGEST_TEXT], diff_id[DIGEST_TEXT];
	char *name; /* owned */
	uint64_t packed_bytes;
	struct buf missed; /* what was left out, line by line */
	uint32_t *wanted;  /* owned; numbers of entries to fetch, ascending */
	size_t n_wanted, cap_wanted;
	uint64_t *fetched; /* owned; where they lie in the spool */
};

struct image {
	struct image_spool spool;
	struct image_layer **layers; /* owned */
	size_t n, cap;
	uint64_t bytes, entries; /* of all layers */
};

/* Room for what one layer, or the links between them, left out; more is only "more". */
#define MAX_MISSED_BYTES 16384

/* Is a file at PATH one that somebody reads?  HEAD may be "" where nobody knows it. */
bool image_wants(const struct image_file *f);
/* Is it one of those that name the system? */
bool image_is_system_file(const char *path);
void image_missed(struct buf *missed, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));
struct image_layer *image_layer_new(struct image *im, const char *name);
/* One entry more of the image: ERR_LIMIT. */
enum err_code image_count_entry(struct image *im, struct err *e);
/* Is L what CLAIM says?  ERR_INPUT. */
enum err_code image_layer_check(
    const struct image_layer *l, const struct layer_claim *claim, struct err *e);

/* Bytes on their way, counted and perhaps hashed. */
struct meter {
	enum err_code (*read)(
	    void *arg, const char **ret_p, size_t *ret_len, struct err *e);
	uint64_t (*skip)(void *arg, uint64_t n); /* NULL = cannot */
	void *arg;
	struct sha256 *sum; /* owned; NULL = nobody asks for it */
	uint64_t bytes;
	const struct meter *packed; /* of the inflated one */
	struct image *im;           /* whose bytes it counts; NULL = nobody's */
};

/* A tar that is being read, packed or not. */
struct tar_reading {
	struct meter packed, plain;
	struct stream *stream; /* owned */
	struct tar *tar;       /* owned */
};
#define READING_SUMS   1u /* both digests are wanted: every byte is read */
#define READING_COUNTS 2u /* what is inflated counts as the image's */

/* Close it also after a failure. */
enum err_code tar_reading_open(struct tar_reading *r, struct image *im,
    const struct stream_source *from, unsigned flags, struct err *e);
/* To the very end, where a digest is complete. */
enum err_code tar_reading_rest(struct tar_reading *r, struct err *e);
void tar_reading_close(struct tar_reading *r);
/* The entry as LISTED has it; false: it is of no use.  PATH and LINK have PATH_ROOM, and
 * are what RET points to. */
struct tar_entry;
bool tar_entry_listed(const struct tar_entry *t, uint32_t number, struct buf *missed,
    char *path, char *link, struct listed *ret);
/* One regular file: taken into the spool if it is wanted, and listed. */
struct file_bytes {
	enum err_code (*read)(
	    void *arg, const char **ret_p, size_t *ret_len, struct err *e);
	void *arg;
};
enum err_code image_take_file(struct image *im, struct image_layer *l,
    struct listed *entry, const struct file_bytes *from, struct err *e);

/* ---- image_system.c ---- */

/* Which system this is and what it has enabled, from the files in the tree. */
void image_system(struct image *im, struct tree *t, const struct inventory_hints *hints,
    struct arena *a, struct inventory *inv);

/* ---- image_plan.c: what manifests say ---- */

struct plan_layer {
	const char *member; /* where its bytes are */
	struct layer_claim claim;
	bool is_foreign; /* its bytes are elsewhere */
};

struct image_plan {
	const char *form;          /* "docker-archive", "oci", "skopeo-dir" */
	const char *subject;       /* name of the image; NULL */
	const char *digest;        /* of its manifest; NULL */
	const char *os, *platform; /* "windows", "windows/amd64"; NULL */
	struct plan_layer *layers; /* lowest first */
	size_t n;
	long n_base; /* -1 = nobody knows */
};

/* The documents of an archive or a folder by their names in it. */
struct plan_files {
	/* The bytes of NAME, in the arena of the call; NULL = there is no such document. */
	const char *(*get)(
	    void *arg, const char *name, struct arena *a, size_t *ret_len);
	void *arg;
};

/*
 * ERR_NOTFOUND  these files describe no image: it may be a root file system
 * ERR_INPUT     they do, and are broken, or HINTS name none of theirs
 */
enum err_code image_plan(const struct plan_files *files,
    const struct inventory_hints *hints, struct arena *a, struct image_plan *ret,
    struct err *e);
/* image.c: the layers PLAN names, NULL for one that lies elsewhere, read into INV. */
enum err_code image_read_plan(struct image *im, const struct image_plan *plan,
    struct image_layer *const *layers,
    enum err_code (*again)(void *arg, struct image_layer *l, struct err *e), void *arg,
    const struct inventory_hints *hints, struct arena *a, struct inventory *inv,
    struct err *e);
/* Is NAME one that image_plan() may ask for?  May it be a layer? */
bool plan_may_be_document(const char *name);
bool plan_may_be_layer(const char *name);

/* ---- image_wire.c: an inventory as bytes, from a child to its parent ---- */

void inventory_pack(const struct inventory *inv, struct buf *out);
/* ERR_INPUT: these bytes are none. */
enum err_code inventory_unpack(
    const char *p, size_t len, struct arena *a, struct inventory **ret, struct err *e);

/* ---- image_archive.c, image_folder.c: read into INV, in this process ---- */

/* Bytes of an archive: of memory, or of FD from where it stands.  The first LEN of them
 * may have been read already, and lie at P. */
struct image_input {
	const void *p;
	size_t len;
	int fd; /* -1 = all of it is at P */
};

enum err_code image_archive_read(const struct image_input *in, int spool_fd,
    const struct inventory_hints *hints, struct arena *a, struct inventory *inv,
    struct err *e);
enum err_code image_folder_read(int folder_fd, int spool_fd,
    const struct inventory_hints *hints, struct arena *a, struct inventory *inv,
    struct err *e);

/* ---- image_child.c: the same in a process of its own ---- */

struct image_job {
	const struct image_input *archive; /* NULL = it is a folder */
	int folder;                        /* borrowed */
	const struct inventory_hints *hints;
};

/*
 * Read what JOB says.
 * ERR_UNSUPPORTED  no image, and no packages that are known
 */
enum err_code image_inventory(const struct image_job *job, struct arena *a,
    struct inventory **ret, struct err *e);
/* In this process: for tests and fuzzing. */
enum err_code image_inventory_here(const struct image_job *job, struct arena *a,
    struct inventory **ret, struct err *e);

#endif
