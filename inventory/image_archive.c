/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image in one file: "docker save", old and new, an OCI layout in a tar, or the tar of a
 * root file system; packed or not.
 *
 * Members come in any order, the manifest mostly last.  A plain file is read twice: once
 * from header to header for the manifests, then only the layers that are asked for.  What
 * cannot be had twice for little (a pipe, a packed archive) is read once: everything that
 * may be a layer is read as one, and beside it the archive itself as if it were a root file
 * system; the manifests decide at the end which of it counts.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/strmap.h"
#include "core/tar.h"
#include "inventory/image_private.h"

#include <errno.h>

#define WINDOW ((size_t)65536)

/* ---- the bytes ---- */

struct input {
	const struct image_input *of;
	size_t at;   /* in the bytes at hand */
	off_t start; /* of the file; -1 = it cannot be read again */
	char window[65536];
};

static void
input_init(struct input *in, const struct image_input *of)
{
	struct stat st;

	in->of = of;
	in->at = 0;
	in->start = of->fd < 0 ? 0 : -1;
	if (of->fd >= 0 && fstat(of->fd, &st) == 0 && S_ISREG(st.st_mode))
		in->start = lseek(of->fd, 0, SEEK_CUR);
}

static bool
input_rewind(struct input *in)
{
	if (in->start < 0 ||
	    (in->of->fd >= 0 && lseek(in->of->fd, in->start, SEEK_SET) < 0))
		return false;
	in->at = 0;
	return true;
}

static enum err_code
read_input(void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	struct input *in = arg;
	size_t left = in->of->len - in->at;
	ssize_t n;

	*ret_p = "";
	*ret_len = 0;
	if (left > 0) {
		*ret_p = (const char *)in->of->p + in->at;
		*ret_len = left < WINDOW ? left : WINDOW;
		in->at += *ret_len;
		return ERR_OK;
	}
	if (in->of->fd < 0)
		return ERR_OK;
	do
		n = read(in->of->fd, in->window, sizeof(in->window));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(e, ERR_STORAGE, "cannot read: %s", strerror(errno));
	*ret_p = in->window;
	*ret_len = (size_t)n;
	return ERR_OK;
}

/* Never past the end: behind it a seek would not notice that the file is cut short. */
static uint64_t
skip_input(void *arg, uint64_t n)
{
	struct input *in = arg;
	uint64_t left = in->of->len - in->at, skipped = n < left ? n : left;
	off_t at, end;

	in->at += (size_t)skipped;
	if (skipped == n || in->of->fd < 0 || in->start < 0)
		return skipped;
	n -= skipped;
	at = lseek(in->of->fd, 0, SEEK_CUR);
	end = lseek(in->of->fd, 0, SEEK_END);
	if (at < 0 || end < at)
		return skipped;
	if (n > (uint64_t)(end - at))
		n = (uint64_t)(end - at);
	return lseek(in->of->fd, at + (off_t)n, SEEK_SET) < 0 ? skipped : skipped + n;
}

/* ---- the archive ---- */

struct document {
	const char *text; /* in the arena */
	size_t len;
};

/* A member that was read as a layer, or could not be. */
struct taken {
	struct image_layer *layer; /* the image's; NULL = 'failure' tells why */
	struct err failure;
	uint32_t number; /* which member it is */
};

struct archive {
	struct image *im; /* owned */
	struct arena *a;
	struct input in;
	struct stream_source source;
	struct strmap *documents, *links,
	    *members; /* owned; name to index in the next */
	struct {
		struct document *at;
		size_t n, cap;
	} texts;
	struct {
		const char **at;
		size_t n, cap;
	} targets;
	struct {
		struct taken *at;
		size_t n, cap;
	} taken;
	struct image_layer *flat; /* the archive as a root file system */
	struct image_plan plan;
	size_t document_bytes;
};

/* What a pass over the members is for. */
enum pass {
	PASS_SURVEY, /* documents and links */
	PASS_LAYERS, /* the members the plan names */
	PASS_ONCE    /* everything */
};

static const char *
document_of(void *arg, const char *name, struct arena *a, size_t *ret_len)
{
	struct archive *ar = arg;
	const uint64_t *i;

	(void)a;
	for (unsigned hops = 0; hops < 8; hops++) {
		if ((i = strmap_get(ar->documents, name)) != NULL) {
			*ret_len = ar->texts.at[*i].len;
			return ar->texts.at[*i].text;
		}
		if ((i = strmap_get(ar->links, name)) == NULL)
			return NULL;
		name = ar->targets.at[*i];
	}
	return NULL;
}

/* Where the bytes of NAME are: old archives hold layers twice, once as links. */
static const char *
member_of(struct archive *ar, const char *name)
{
	const uint64_t *i;
	char *clean = arena_alloc(ar->a, MAX_IMAGE_PATH + 1);

	if (!path_clean(name, clean))
		return name;
	name = clean;
	for (unsigned hops = 0; hops < 8 && (i = strmap_get(ar->links, name)) != NULL;
	     hops++)
		name = ar->targets.at[*i];
	return name;
}

/* ---- one member ---- */

/* The bytes of a member, of which a run was read to look at it. */
struct member {
	struct tar *tar;
	const char *run;
	size_t run_len;
};

static enum err_code
read_member(void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	struct member *m = arg;

	if (m->run_len == 0)
		return tar_read(m->tar, ret_p, ret_len, e);
	*ret_p = m->run;
	*ret_len = m->run_len;
	m->run_len = 0;
	return ERR_OK;
}

static enum err_code
take_document(struct archive *ar, struct member *m, const char *path, uint64_t size,
    struct err *e)
{
	char *text = arena_alloc(ar->a, (size_t)size + 1);
	struct document *d;
	size_t len = 0;

	for (;;) {
		const char *p;
		size_t n;
		enum err_code rc = read_member(m, &p, &n, e);

		if (rc != ERR_OK)
			return rc;
		if (n == 0 || n > size - len)
			break;
		memcpy(text + len, p, n);
		len += n;
	}
	text[len] = '\0';
	ar->document_bytes += len;
	*strmap_put(ar->documents, path, NULL) = ar->texts.n;
	d = ARENA_PUSH(ar->a, &ar->texts);
	d->text = text;
	d->len = len;
	return ERR_OK;
}

static enum err_code
take_layer(struct archive *ar, struct member *m, const char *path, uint32_t number,
    struct err *e)
{
	const struct stream_source from = { .read = read_member, .arg = m };
	const struct layer_claim claim = { .name = path };
	struct taken *t;
	enum err_code rc;

	*strmap_put(ar->members, path, NULL) = ar->taken.n;
	t = ARENA_PUSH(ar->a, &ar->taken);
	t->number = number;
	t->failure = ERR_INIT;
	rc = image_layer_read(ar->im, &from, &claim, &t->layer, &t->failure);
	if (rc == ERR_OK)
		return ERR_OK;
	t->layer = NULL;
	/* that of a member nobody asks for is nobody's business, but a cap is a cap */
	return rc == ERR_LIMIT || rc == ERR_STORAGE
		   ? err_set(e, rc, "%s", t->failure.text)
		   : ERR_OK;
}

static bool
may_be_json(const struct member *m)
{
	size_t i = 0;

	while (
	    i < m->run_len && strchr(" \t\r\n", m->run[i]) != NULL && m->run[i] != '\0')
		i++;
	return i < m->run_len && (m->run[i] == '{' || m->run[i] == '[');
}

static enum err_code
take_file(struct archive *ar, struct tar *tar, struct listed *entry, enum pass pass,
    struct err *e)
{
	struct member m = { .tar = tar };
	const struct file_bytes bytes = { .read = read_member, .arg = &m };
	bool is_document = pass != PASS_LAYERS && plan_may_be_document(entry->path) &&
			   entry->size <= MAX_IMAGE_DOCUMENT &&
			   ar->document_bytes + entry->size <= MAX_IMAGE_DOCUMENTS;
	bool is_layer =
	    (pass == PASS_ONCE && plan_may_be_layer(entry->path)) ||
	    (pass == PASS_LAYERS && strmap_get(ar->members, entry->path) != NULL);
	enum err_code rc;

	if (is_document || is_layer) {
		if ((rc = tar_read(tar, &m.run, &m.run_len, e)) != ERR_OK)
			return rc;
		is_document = is_document && may_be_json(&m);
		if (is_document || is_layer) {
			if (pass == PASS_ONCE)
				listing_add(&ar->flat->listing, entry);
			return is_document
				   ? take_document(ar, &m, entry->path, entry->size, e)
				   : take_layer(ar, &m, entry->path, entry->number, e);
		}
	}
	return pass == PASS_ONCE ? image_take_file(ar->im, ar->flat, entry, &bytes, e)
				 : ERR_OK;
}

/* "<id>/layer.tar" -> "../<digits>.tar": from where the link stands. */
static void
take_link(struct archive *ar, const struct listed *entry)
{
	char clean[4096 + 1];
	const char *slash = strrchr(entry->path, '/'), *target = entry->link;

	if (entry->kind == LISTED_SYMLINK && slash != NULL && target[0] != '/')
		target = arena_printf(
		    ar->a, "%.*s/%s", (int)(slash - entry->path), entry->path, target);
	if (!path_clean(target, clean))
		return;
	*strmap_put(ar->links, entry->path, NULL) = ar->targets.n;
	*ARENA_PUSH(ar->a, &ar->targets) = arena_strdup(ar->a, clean);
}

static enum err_code
take_member(struct archive *ar, struct tar *tar, const struct tar_entry *t,
    uint32_t number, enum pass pass, struct err *e)
{
	char path[4096 + 1], link[4096 + 1];
	struct listed entry;
	/* of a survey nobody is told: what it cannot use is told by who reads it */
	struct buf nobody = BUF_INIT(0);

	if (!tar_entry_listed(t, number,
		pass == PASS_ONCE ? &ar->flat->missed : &nobody, path, link, &entry))
		return ERR_OK;
	if (entry.kind == LISTED_FILE)
		return take_file(ar, tar, &entry, pass, e);
	/* a name ending so is all a link of an archive may lead to */
	if (pass != PASS_LAYERS && entry.kind != LISTED_FOLDER &&
	    (plan_may_be_layer(entry.path) || plan_may_be_document(entry.path)))
		take_link(ar, &entry);
	if (pass == PASS_ONCE)
		listing_add(&ar->flat->listing, &entry);
	return ERR_OK;
}

static enum err_code
take_members(struct archive *ar, struct tar *tar, enum pass pass, struct err *e)
{
	struct tar_entry t;
	bool at_end;
	enum err_code rc;

	for (uint32_t number = 0;; number++) {
		if ((rc = tar_next(tar, &t, &at_end, e)) != ERR_OK || at_end)
			return rc;
		if ((rc = image_count_entry(ar->im, e)) != ERR_OK ||
		    (rc = take_member(ar, tar, &t, number, pass, e)) != ERR_OK)
			return rc;
	}
}

/* ---- once more ---- */

/* The layer may be a member, or the archive itself. */
static enum err_code
read_again(void *arg, struct image_layer *l, struct err *e)
{
	struct archive *ar = arg;
	struct tar_reading r;
	struct tar_entry t;
	struct member m = { 0 };
	const struct stream_source from = { .read = read_member, .arg = &m };
	const struct taken *taken = NULL;
	bool at_end = false;
	enum err_code rc;

	if (!input_rewind(&ar->in))
		return err_set(e, ERR_STORAGE, "cannot read it again");
	if (l == ar->flat)
		return image_layer_fetch(ar->im, l, &ar->source, e);
	for (size_t i = 0; i < ar->taken.n; i++)
		if (ar->taken.at[i].layer == l)
			taken = &ar->taken.at[i];
	rc = tar_reading_open(&r, ar->im, &ar->source, 0, e);
	for (uint32_t n = 0; rc == ERR_OK && n <= taken->number && !at_end; n++)
		rc = tar_next(r.tar, &t, &at_end, e);
	m.tar = r.tar;
	if (rc == ERR_OK && at_end)
		rc = err_set(e, ERR_INPUT, "it changed while it was read");
	if (rc == ERR_OK)
		rc = image_layer_fetch(ar->im, l, &from, e);
	tar_reading_close(&r);
	return rc;
}

/* ---- the whole ---- */

/* One pass over the members; *RET_PACKED: was the archive packed? */
static enum err_code
run_pass(struct archive *ar, enum pass pass, struct err *e)
{
	struct tar_reading r;
	enum err_code rc = tar_reading_open(&r, ar->im, &ar->source, 0, e);

	if (rc == ERR_OK)
		rc = take_members(ar, r.tar, pass, e);
	tar_reading_close(&r);
	return rc;
}

static bool
is_packed(struct archive *ar, struct err *e, enum err_code *ret_rc)
{
	struct stream *s = NULL;
	bool packed = false;

	*ret_rc = stream_open_source(&s, &ar->source, MAX_IMAGE_BYTES, e);
	if (*ret_rc == ERR_OK)
		packed = stream_is_packed(s);
	stream_close(s);
	return packed;
}

/* The layers the plan names, out of what was taken. */
static enum err_code
assemble(struct archive *ar, const struct inventory_hints *hints, struct inventory *inv,
    struct err *e)
{
	const struct image_plan *plan = &ar->plan;
	struct image_layer **layers =
	    arena_array(ar->a, plan->n, sizeof(struct image_layer *));
	enum err_code rc;

	for (size_t i = 0; i < plan->n; i++) {
		const uint64_t *at =
		    strmap_get(ar->members, member_of(ar, plan->layers[i].member));
		const struct taken *t =
		    at != NULL && *at < ar->taken.n ? &ar->taken.at[*at] : NULL;

		if (t == NULL && plan->layers[i].is_foreign)
			continue;
		if (t == NULL)
			return err_set(e, ERR_INPUT, "layer %.150s is missing",
			    plan->layers[i].member);
		if (t->layer == NULL)
			return err_set(e, t->failure.code, "%s", t->failure.text);
		rc = image_layer_check(t->layer, &plan->layers[i].claim, e);
		if (rc != ERR_OK)
			return rc;
		layers[i] = t->layer;
	}
	return image_read_plan(ar->im, plan, layers,
	    ar->in.start >= 0 ? read_again : NULL, ar, hints, ar->a, inv, e);
}

static enum err_code
read_flat(struct archive *ar, const struct inventory_hints *hints,
    struct inventory *inv, struct err *e)
{
	const struct layer_claim claim = { .name = "of the archive" };
	struct image_stack stack = {
		.layers = &ar->flat,
		.n = 1,
		.n_base = -1,
		.is_flat = true,
		.again = ar->in.start >= 0 ? read_again : NULL,
		.arg = ar,
	};
	enum err_code rc;

	inv->reader = "rootfs";
	if (ar->flat == NULL) {
		if (!input_rewind(&ar->in))
			return err_set(e, ERR_STORAGE, "cannot read it again");
		ar->im->entries = 0; /* the survey counted them already */
		rc = image_layer_read(ar->im, &ar->source, &claim, &ar->flat, e);
		if (rc != ERR_OK)
			return rc;
	}
	return image_read(ar->im, &stack, hints, ar->a, inv, e);
}

static enum err_code
plan_and_read(struct archive *ar, bool once, const struct inventory_hints *hints,
    struct inventory *inv, struct err *e)
{
	const struct plan_files files = { .get = document_of, .arg = ar };
	struct err none = ERR_INIT;
	enum err_code rc = image_plan(&files, hints, ar->a, &ar->plan, &none);

	if (rc == ERR_NOTFOUND)
		return read_flat(ar, hints, inv, e);
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", none.text);
	if (once)
		return assemble(ar, hints, inv, e);
	for (size_t i = 0; i < ar->plan.n; i++)
		*strmap_put(ar->members, member_of(ar, ar->plan.layers[i].member),
		    NULL) = UINT64_MAX; /* none yet */
	if (!input_rewind(&ar->in))
		return err_set(e, ERR_STORAGE, "cannot read it again");
	ar->im->entries = 0; /* the survey counted the members already */
	if ((rc = run_pass(ar, PASS_LAYERS, e)) != ERR_OK)
		return rc;
	return assemble(ar, hints, inv, e);
}

enum err_code
image_archive_read(const struct image_input *in, int spool_fd,
    const struct inventory_hints *hints, struct arena *a, struct inventory *inv,
    struct err *e)
{
	struct archive *ar = mem_zalloc(sizeof(*ar));
	bool once;
	enum err_code rc;

	ar->im = image_new(spool_fd);
	ar->a = a;
	ar->documents = strmap_new();
	ar->links = strmap_new();
	ar->members = strmap_new();
	input_init(&ar->in, in);
	ar->source = (struct stream_source){ read_input, skip_input, &ar->in };
	once = ar->in.start < 0;
	rc = ERR_OK;
	if (!once) {
		once = is_packed(ar, e, &rc);
		(void)input_rewind(&ar->in);
	}
	if (rc == ERR_OK && once)
		ar->flat = image_layer_new(ar->im, "of the archive");
	if (rc == ERR_OK)
		rc = run_pass(ar, once ? PASS_ONCE : PASS_SURVEY, e);
	if (rc == ERR_OK)
		rc = plan_and_read(ar, once, hints, inv, e);
	strmap_free(ar->documents);
	strmap_free(ar->links);
	strmap_free(ar->members);
	image_free(ar->im);
	free(ar);
	return rc;
}
