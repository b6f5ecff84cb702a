/* SPDX-License-Identifier: Apache-2.0 */
/* From a registry into a folder, and from there into an inventory; see pull.h. */
#include "inventory/pull.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/image_private.h"
#include "inventory/registry.h"

#define BLOBS  "blobs/sha256/"
#define LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"

struct pulling {
	struct registry *r;
	const struct reference *ref;
	struct arena *a;
	char *dir;
	int fd; /* of the folder */
	struct registry_document top;
	const char *index; /* an index.json that names the top alone */
	enum err_code rc;  /* of the first document that could not be got ... */
	struct err why;    /* ... and why */
};

/* ---- the folder ---- */

static enum err_code
make_folder(struct pulling *p, const char *spool_dir, struct err *e)
{
	p->dir = arena_printf(p->a, "%s/pull-XXXXXX", spool_dir);
	if (mkdtemp(p->dir) == NULL)
		return err_set(e, ERR_STORAGE, "%s: %s", p->dir, strerror(errno));
	p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0 || mkdirat(p->fd, "blobs", 0700) != 0 ||
	    mkdirat(p->fd, "blobs/sha256", 0700) != 0)
		return err_set(e, ERR_STORAGE, "%s: %s", p->dir, strerror(errno));
	return ERR_OK;
}

/* Files lie in two folders of a known depth: no walk, and no links are followed. */
static void
empty_folder(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	else if (fd >= 0)
		(void)close(fd);
}

static void
remove_folder(struct pulling *p)
{
	if (p->fd >= 0) {
		empty_folder(p->fd, "blobs/sha256");
		(void)unlinkat(p->fd, "blobs/sha256", AT_REMOVEDIR);
		(void)unlinkat(p->fd, "blobs", AT_REMOVEDIR);
		empty_folder(p->fd, ".");
		(void)close(p->fd);
	}
	if (p->dir != NULL)
		(void)rmdir(p->dir);
}

static enum err_code
write_file(
    struct pulling *p, const char *name, const void *bytes, size_t len, struct err *e)
{
	int fd = openat(p->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0 && errno == EEXIST)
		return ERR_OK; /* the same digest, so the same bytes */
	good = fd >= 0 && write(fd, bytes, len) == (ssize_t)len;
	good = fd >= 0 && close(fd) == 0 && good;
	return good ? ERR_OK : err_set(e, ERR_STORAGE, "spool: %s", strerror(errno));
}

/* ---- documents ---- */

/* Does the index at the top name DIGEST as one of its manifests? */
static bool
is_manifest(const struct pulling *p, const char *digest)
{
	return memmem(p->top.bytes, p->top.len, digest, strlen(digest)) != NULL &&
	       memmem(p->top.bytes, p->top.len, "\"manifests\"", 11) != NULL;
}

static enum err_code
fetch_document(struct pulling *p, const char *digest, struct arena *a, const char **ret,
    size_t *ret_len, struct err *e)
{
	struct reference child = *p->ref;
	struct registry_document d;
	enum err_code rc;

	if (str_eq(digest, p->top.digest)) {
		*ret = p->top.bytes;
		*ret_len = p->top.len;
		return ERR_OK;
	}
	if (!is_manifest(p, digest))
		return registry_blob(p->r, p->ref, digest, a, ret, ret_len, e);
	child.digest = digest;
	rc = registry_manifest(p->r, &child, a, &d, e);
	*ret = d.bytes;
	*ret_len = d.len;
	return rc;
}

/* What image_plan() asks for by the names of a layout comes from the registry, and stays
 * in the folder. */
static const char *
get_document(void *arg, const char *name, struct arena *a, size_t *ret_len)
{
	struct pulling *p = arg;
	const char *bytes = NULL;
	struct err e = ERR_INIT;
	enum err_code rc = ERR_OK;

	if (str_eq(name, "oci-layout"))
		bytes = LAYOUT;
	else if (str_eq(name, "index.json"))
		bytes = p->index;
	if (bytes != NULL)
		*ret_len = strlen(bytes);
	else if (!str_starts(name, BLOBS))
		return NULL;
	else
		rc = fetch_document(p,
		    arena_printf(a, "sha256:%s", name + strlen(BLOBS)), a, &bytes,
		    ret_len, &e);
	if (rc == ERR_OK)
		rc = write_file(p, name, bytes, *ret_len, &e);
	if (rc == ERR_OK)
		return bytes;
	if (p->rc == ERR_OK) {
		p->rc = rc;
		p->why = e;
	}
	return NULL;
}

static const char *
index_of(struct pulling *p)
{
	struct buf b CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json_writer w;

	jw_init(&w, &b);
	jw_object(&w);
	jw_kint(&w, "schemaVersion", 2);
	jw_key(&w, "manifests");
	jw_array(&w);
	jw_object(&w);
	jw_ktext(&w, "mediaType", p->top.media_type);
	jw_ktext(&w, "digest", p->top.digest);
	jw_kint(&w, "size", (int64_t)p->top.len);
	jw_key(&w, "annotations");
	jw_object(&w);
	jw_ktext(&w, "org.opencontainers.image.ref.name", reference_text(p->ref, p->a));
	jw_object_end(&w);
	jw_object_end(&w);
	jw_array_end(&w);
	jw_object_end(&w);
	return arena_strdup(p->a, buf_str(&b));
}

/* ---- layers ---- */

static enum err_code
fetch_layer(struct pulling *p, const struct plan_layer *l, struct err *e)
{
	int fd;
	enum err_code rc;

	if (l->is_foreign)
		return ERR_OK; /* the reader names what it misses */
	fd = openat(p->fd, l->member, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return ERR_OK; /* a layer may stand in an image twice */
	if (fd < 0)
		return err_set(e, ERR_STORAGE, "spool: %s", strerror(errno));
	rc = registry_blob_to(p->r, p->ref, l->claim.digest, l->claim.size, fd, e);
	(void)close(fd);
	return rc;
}

static enum err_code
fetch_layers(struct pulling *p, const struct image_plan *plan, struct err *e)
{
	uint64_t bytes = 0;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < plan->n; i++)
		bytes += plan->layers[i].is_foreign ? 0 : plan->layers[i].claim.size;
	if (bytes > MAX_IMAGE_BYTES)
		return err_set(e, ERR_LIMIT, "the image has more than %zu bytes",
		    (size_t)MAX_IMAGE_BYTES);
	for (size_t i = 0; i < plan->n && rc == ERR_OK; i++)
		rc = fetch_layer(p, &plan->layers[i], e);
	return rc;
}

/* ---- all of it ---- */

static enum err_code
pull(struct pulling *p, const struct inventory_hints *hints, struct inventory **ret,
    struct err *e)
{
	const struct plan_files files = { .get = get_document, .arg = p };
	const struct image_job job = { .folder = p->fd, .hints = hints };
	struct image_plan plan = { .form = NULL };
	enum err_code rc;

	if ((rc = registry_manifest(p->r, p->ref, p->a, &p->top, e)) != ERR_OK)
		return rc;
	p->index = index_of(p);
	rc = image_plan(&files, hints, p->a, &plan, e);
	if (p->rc != ERR_OK) /* that is why the plan was not complete */
		return err_set(e, p->rc, "%s", p->why.text);
	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_UNSUPPORTED, "this is no image");
	if (rc != ERR_OK || (rc = fetch_layers(p, &plan, e)) != ERR_OK)
		return rc;
	return image_inventory(&job, p->a, ret, e);
}

enum err_code
image_pull(struct registry *r, const struct reference *ref, const char *spool_dir,
    const struct inventory_hints *hints, struct arena *a, struct inventory **ret,
    const char **ret_digest, struct err *e)
{
	/* the layout holds one image, whose name is the reference's */
	struct inventory_hints mine = *hints;
	struct pulling p = { .r = r, .ref = ref, .a = a, .fd = -1, .why = ERR_INIT };
	enum err_code rc;

	mine.ref = NULL;
	if ((rc = make_folder(&p, spool_dir, e)) == ERR_OK)
		rc = pull(&p, &mine, ret, e);
	remove_folder(&p);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", reference_text(ref, a));
	(*ret)->subject = reference_text(ref, a);
	*ret_digest = p.top.digest;
	return ERR_OK;
}
