/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image in a folder: an OCI layout, what "skopeo copy ... dir:" leaves, an unpacked
 * "docker save", or a root file system as it is.
 *
 * Every path is opened by openat2() under the folder: no link in it, and no name in a
 * manifest, leads outside.  Of a root file system links are not followed at all: they go
 * into the tree of names and are resolved there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/mem.h"
#include "core/str.h"
#include "inventory/image_private.h"

struct folder {
	struct image *im; /* owned */
	struct arena *a;
	int fd; /* borrowed */
	struct image_plan plan;
	struct image_layer **layers; /* as in the plan */
};

/* PATH under the folder FD; RESOLVE is how links are taken.  -1 and errno. */
static int
open_under(int fd, const char *path, uint64_t flags, uint64_t resolve)
{
	const struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | flags,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, fd, path, &how, sizeof(how));
}

struct window {
	int fd;
	size_t next; /* bytes to ask for */
	char bytes[65536];
};

static enum err_code
read_window(void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	struct window *w = arg;
	ssize_t n;

	do
		n = read(w->fd, w->bytes, w->next);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(e, ERR_STORAGE, "cannot read: %s", strerror(errno));
	*ret_p = w->bytes;
	*ret_len = (size_t)n;
	w->next = sizeof(w->bytes);
	return ERR_OK;
}

/* ---- manifests and layers ---- */

static int
open_regular(int folder, const char *path)
{
	int fd = open_under(folder, path, O_NONBLOCK, RESOLVE_IN_ROOT);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static const char *
document_of(void *arg, const char *name, struct arena *a, size_t *ret_len)
{
	struct folder *f = arg;
	struct buf text = BUF_INIT(MAX_IMAGE_DOCUMENT);
	struct window *w = arena_alloc(a, sizeof(*w));
	const char *p, *copy = NULL;
	size_t n = 1;

	w->next = sizeof(w->bytes);
	if ((w->fd = open_regular(f->fd, name)) < 0)
		return NULL;
	while (n > 0 && read_window(w, &p, &n, NULL) == ERR_OK && !text.full)
		buf_add(&text, p, n);
	if (n == 0 && !text.full) {
		copy = arena_strndup(a, buf_str(&text), text.len);
		*ret_len = text.len;
	}
	buf_done(&text);
	(void)close(w->fd);
	return copy;
}

/* Read layer I of the plan, or fetch from it if L was read before. */
static enum err_code
read_layer(struct folder *f, size_t i, struct image_layer *l, struct err *e)
{
	const struct plan_layer *plan = &f->plan.layers[i];
	struct window *w = mem_alloc(sizeof(*w));
	const struct stream_source from = { .read = read_window, .arg = w };
	enum err_code rc;

	w->next = sizeof(w->bytes);
	w->fd = open_regular(f->fd, plan->member);
	if (w->fd < 0 && plan->is_foreign)
		rc = ERR_OK;
	else if (w->fd < 0)
		rc = err_set(e, ERR_INPUT, "layer %.150s is missing", plan->member);
	else if (l != NULL)
		rc = image_layer_fetch(f->im, l, &from, e);
	else
		rc = image_layer_read(f->im, &from, &plan->claim, &f->layers[i], e);
	if (w->fd >= 0)
		(void)close(w->fd);
	free(w);
	return rc;
}

static enum err_code
read_again(void *arg, struct image_layer *l, struct err *e)
{
	struct folder *f = arg;
	size_t i = 0;

	while (f->layers[i] != l)
		i++;
	return read_layer(f, i, l, e);
}

static enum err_code
read_layers(struct folder *f, const struct inventory_hints *hints,
    struct inventory *inv, struct err *e)
{
	enum err_code rc = ERR_OK;

	f->layers = arena_array(f->a, f->plan.n, sizeof(struct image_layer *));
	for (size_t i = 0; i < f->plan.n && rc == ERR_OK; i++)
		rc = read_layer(f, i, NULL, e);
	if (rc != ERR_OK)
		return rc;
	return image_read_plan(
	    f->im, &f->plan, f->layers, read_again, f, hints, f->a, inv, e);
}

/* ---- a root file system ---- */

/* The folders that are still to be entered, and where we are. */
struct walk {
	struct image *im;
	struct image_layer *layer;
	struct arena *a; /* names; owned */
	int root;
	struct {
		const char **at;
		size_t n, cap;
	} pending;
	uint32_t number;
	struct window *window; /* owned */
};

static enum err_code
walk_file(
    struct walk *w, int folder, const char *name, struct listed *entry, struct err *e)
{
	const struct file_bytes bytes = { .read = read_window, .arg = w->window };
	const struct image_file f = {
		.path = entry->path,
		.mode = entry->mode,
		.size = entry->size,
		.bytes = "",
	};
	enum err_code rc;

	w->window->next = IMAGE_FILE_HEAD;
	w->window->fd = open_under(folder, name, O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
	    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (w->window->fd < 0) {
		if (image_wants(&f))
			image_missed(&w->layer->missed, "left out %.200s: %s",
			    entry->path, strerror(errno));
		listing_add(&w->layer->listing, entry);
		return ERR_OK;
	}
	rc = image_take_file(w->im, w->layer, entry, &bytes, e);
	(void)close(w->window->fd);
	return rc;
}

/* What the machine makes up as it is asked, not what somebody installed. */
static bool
is_made_up(const char *path)
{
	return str_eq(path, "proc") || str_eq(path, "sys") || str_eq(path, "dev");
}

static enum err_code
walk_entry(
    struct walk *w, int folder, const char *prefix, const char *name, struct err *e)
{
	char path[4096 + 1], link[4096 + 1];
	struct listed entry = { .path = path, .link = "", .number = w->number++ };
	struct stat st;
	enum err_code rc;
	int n = snprintf(
	    path, sizeof(path), "%s%s%s", prefix, *prefix != '\0' ? "/" : "", name);

	if ((rc = image_count_entry(w->im, e)) != ERR_OK)
		return rc;
	if (n < 0 || (size_t)n >= sizeof(path) ||
	    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return ERR_OK;
	entry.mode = st.st_mode & 07777;
	if (S_ISREG(st.st_mode)) {
		entry.kind = LISTED_FILE;
		entry.size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
		return walk_file(w, folder, name, &entry, e);
	}
	if (S_ISDIR(st.st_mode) && !is_made_up(path)) {
		entry.kind = LISTED_FOLDER;
		*ARENA_PUSH(w->a, &w->pending) = arena_strdup(w->a, path);
	} else if (S_ISLNK(st.st_mode)) {
		ssize_t len = readlinkat(folder, name, link, sizeof(link) - 1);

		if (len <= 0)
			return ERR_OK;
		link[len] = '\0';
		entry.kind = LISTED_SYMLINK;
		entry.link = link;
	} else {
		return ERR_OK;
	}
	listing_add(&w->layer->listing, &entry);
	return ERR_OK;
}

static enum err_code
walk_folder(struct walk *w, const char *path, struct err *e)
{
	int fd = open_under(w->root, *path != '\0' ? path : ".", O_DIRECTORY,
	    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	enum err_code rc = ERR_OK;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		else
			image_missed(&w->layer->missed, "left out %.200s: %s", path,
			    strerror(errno));
		return ERR_OK;
	}
	while (rc == ERR_OK && (entry = readdir(d)) != NULL)
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			rc = walk_entry(w, fd, path, entry->d_name, e);
	closedir(d);
	return rc;
}

enum err_code
image_layer_walk(
    struct image *im, int folder_fd, struct image_layer **ret, struct err *e)
{
	struct walk w = {
		.im = im,
		.layer = image_layer_new(im, "of the folder"),
		.a = arena_new(),
		.root = folder_fd,
		.window = mem_alloc(sizeof(*w.window)),
	};
	enum err_code rc = walk_folder(&w, "", e);

	/* a stack: as deep as the folders are, as wide as the widest */
	while (rc == ERR_OK && w.pending.n > 0)
		rc = walk_folder(&w, w.pending.at[--w.pending.n], e);
	arena_free(w.a);
	free(w.window);
	*ret = w.layer;
	return rc;
}

static enum err_code
fetch_file(
    struct folder *f, const struct listed *entry, struct window *w, struct err *e)
{
	uint64_t before = f->im->spool.used;
	const char *p;
	size_t n = 1;
	enum err_code rc = ERR_OK;

	w->next = sizeof(w->bytes);
	w->fd = open_under(f->fd, entry->path, O_NOFOLLOW | O_NONBLOCK,
	    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (w->fd < 0)
		return err_set(
		    e, ERR_INPUT, "%.150s changed while it was read", entry->path);
	while (rc == ERR_OK && n > 0 && (rc = read_window(w, &p, &n, e)) == ERR_OK)
		rc = image_spool_add(&f->im->spool, p, n, e);
	(void)close(w->fd);
	if (rc == ERR_OK && f->im->spool.used - before != entry->size)
		rc = err_set(
		    e, ERR_INPUT, "%.150s changed while it was read", entry->path);
	return rc;
}

/* Paths of the entries whose numbers are wanted: the listing knows them, in order. */
static enum err_code
fetch_files(void *arg, struct image_layer *l, struct err *e)
{
	struct folder *f = arg;
	struct listing_reader r;
	struct listed entry;
	struct window *w = mem_alloc(sizeof(*w));
	size_t next = 0;
	enum err_code rc = ERR_OK;

	listing_begin(&r, &l->listing);
	while (rc == ERR_OK && next < l->n_wanted && listing_next(&r, &entry)) {
		if (entry.number != l->wanted[next])
			continue;
		l->fetched[next++] = f->im->spool.used;
		rc = fetch_file(f, &entry, w, e);
	}
	free(w);
	return rc;
}

static enum err_code
read_root(struct folder *f, const struct inventory_hints *hints, struct inventory *inv,
    struct err *e)
{
	struct image_layer *layer;
	struct image_stack stack = {
		.layers = &layer,
		.n = 1,
		.n_base = -1,
		.is_flat = true,
		.again = fetch_files,
		.arg = f,
	};
	enum err_code rc;

	inv->reader = "rootfs";
	if ((rc = image_layer_walk(f->im, f->fd, &layer, e)) != ERR_OK)
		return rc;
	return image_read(f->im, &stack, hints, f->a, inv, e);
}

enum err_code
image_folder_read(int folder_fd, int spool_fd, const struct inventory_hints *hints,
    struct arena *a, struct inventory *inv, struct err *e)
{
	struct folder f = { .im = image_new(spool_fd), .a = a, .fd = folder_fd };
	const struct plan_files files = { .get = document_of, .arg = &f };
	struct err none = ERR_INIT;
	enum err_code rc = image_plan(&files, hints, a, &f.plan, &none);

	if (rc == ERR_OK)
		rc = read_layers(&f, hints, inv, e);
	else if (rc == ERR_NOTFOUND)
		rc = read_root(&f, hints, inv, e);
	else
		rc = err_set(e, rc, "%s", none.text);
	image_free(f.im);
	return rc;
}
