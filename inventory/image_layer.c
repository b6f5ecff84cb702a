/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One layer, from its packed bytes to its listing:
 *
 *   the source -> counted and hashed (digest) -> inflated -> counted and hashed (diff_id)
 *   -> tar -> entries
 *
 * Bytes behind the end of the tar are read too: the digests are over everything.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/tar.h"
#include "inventory/image_private.h"
#include "inventory/owned.h"

/* ---- the image ---- */

struct image *
image_new(int spool_fd)
{
	struct image *im = mem_zalloc(sizeof(*im));

	image_spool_init(&im->spool, spool_fd);
	return im;
}

void
image_free(struct image *im)
{
	if (im == NULL)
		return;
	for (size_t i = 0; i < im->n; i++) {
		listing_done(&im->layers[i]->listing);
		buf_done(&im->layers[i]->missed);
		free(im->layers[i]->wanted);
		free(im->layers[i]->fetched);
		free(im->layers[i]->name);
		free(im->layers[i]);
	}
	free(im->layers);
	image_spool_done(&im->spool);
	free(im);
}

void
image_missed(struct buf *missed, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(missed, fmt, ap);
	va_end(ap);
	buf_addc(missed, '\n');
}

struct image_layer *
image_layer_new(struct image *im, const char *name)
{
	struct image_layer *l = mem_zalloc(sizeof(*l));

	if (im->n == im->cap) {
		im->cap = im->cap * 2 + 16;
		im->layers =
		    mem_array(im->layers, im->cap, sizeof(struct image_layer *));
	}
	im->layers[im->n++] = l;
	l->name = mem_strdup(name);
	listing_init(&l->listing);
	buf_init(&l->missed, MAX_MISSED_BYTES);
	return l;
}

const char *
image_layer_diff_id(const struct image_layer *l)
{
	return l->diff_id;
}

const char *
image_layer_digest(const struct image_layer *l)
{
	return l->digest;
}

/* ---- who wants a file ---- */

bool
image_wants(const struct image_file *f)
{
	for (size_t i = 0; inventory_databases[i] != NULL; i++)
		if (inventory_databases[i]->wants(f))
			return true;
	return image_is_system_file(f->path) || owned_paths_wants(f);
}

static enum err_code
spool_all(
    struct image *im, const struct file_bytes *from, enum err_code rc, struct err *e)
{
	while (rc == ERR_OK) {
		const char *p;
		size_t n;

		if ((rc = from->read(from->arg, &p, &n, e)) != ERR_OK || n == 0)
			break;
		rc = image_spool_add(&im->spool, p, n, e);
	}
	return rc;
}

enum err_code
image_take_file(struct image *im, struct image_layer *l, struct listed *entry,
    const struct file_bytes *from, struct err *e)
{
	char head[IMAGE_FILE_HEAD];
	struct image_file f = {
		.path = entry->path,
		.mode = entry->mode,
		.size = entry->size,
		.bytes = head,
	};
	const char *p = "";
	size_t n = 0, taken = 0;
	enum err_code rc = ERR_OK;

	/* the first bytes, in one piece, and what came with them */
	while (f.len < sizeof(head) && f.len < entry->size) {
		if ((rc = from->read(from->arg, &p, &n, e)) != ERR_OK)
			return rc;
		if (n == 0)
			break;
		taken = n < sizeof(head) - f.len ? n : sizeof(head) - f.len;
		memcpy(head + f.len, p, taken);
		f.len += taken;
	}
	entry->is_spooled = image_wants(&f);
	if (entry->is_spooled && entry->size > MAX_IMAGE_FILE) {
		image_missed(&l->missed, "left out %s: it has more than %zu bytes",
		    entry->path, MAX_IMAGE_FILE);
		entry->is_spooled = false;
	}
	entry->at = im->spool.used;
	if (entry->is_spooled) {
		rc = image_spool_add(&im->spool, head, f.len, e);
		if (rc == ERR_OK)
			rc = image_spool_add(&im->spool, p + taken, n - taken, e);
		rc = spool_all(im, from, rc, e);
		/* a file of this machine may have shrunk or grown meanwhile */
		entry->size = im->spool.used - entry->at;
	}
	if (rc == ERR_OK)
		listing_add(&l->listing, entry);
	return rc;
}

/* ---- the bytes of a layer ---- */

static enum err_code
check_ratio(const struct meter *m, struct err *e)
{
	if (m->bytes > MAX_LAYER_RATIO_FREE &&
	    m->bytes / MAX_LAYER_RATIO > m->packed->bytes)
		return err_set(e, ERR_LIMIT, "inflates to more than %zu times its size",
		    MAX_LAYER_RATIO);
	return ERR_OK;
}

static enum err_code
read_meter(void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	struct meter *m = arg;
	enum err_code rc = m->read(m->arg, ret_p, ret_len, e);

	if (rc != ERR_OK)
		return rc;
	m->bytes += *ret_len;
	if (m->sum != NULL)
		sha256_update(m->sum, *ret_p, *ret_len);
	if (m->im != NULL)
		m->im->bytes += *ret_len;
	if (m->im != NULL && m->im->bytes > MAX_IMAGE_BYTES)
		return err_set(
		    e, ERR_LIMIT, "an image of more than %zu bytes", MAX_IMAGE_BYTES);
	return m->packed != NULL ? check_ratio(m, e) : ERR_OK;
}

static uint64_t
skip_meter(void *arg, uint64_t n)
{
	struct meter *m = arg;

	n = m->skip(m->arg, n);
	m->bytes += n;
	return n;
}

static enum err_code
read_stream(void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	return stream_read(arg, ret_p, ret_len, e);
}

static enum err_code
read_tar(void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	return tar_read(arg, ret_p, ret_len, e);
}

static uint64_t
skip_stream(void *arg, uint64_t n)
{
	return stream_skip(arg, n);
}

enum err_code
tar_reading_open(struct tar_reading *r, struct image *im,
    const struct stream_source *from, unsigned flags, struct err *e)
{
	bool sums = (flags & READING_SUMS) != 0, counts = (flags & READING_COUNTS) != 0;
	struct stream_source packed = { .read = read_meter, .arg = &r->packed };
	struct stream_source plain = { .read = read_meter, .arg = &r->plain };
	enum err_code rc;

	*r = (struct tar_reading){ 0 };
	r->packed = (struct meter){ from->read, .skip = from->skip, .arg = from->arg };
	if (sums)
		r->packed.sum = sha256_new();
	else if (from->skip != NULL)
		packed.skip = skip_meter;
	rc = stream_open_source(
	    &r->stream, &packed, counts ? MAX_LAYER_BYTES : MAX_IMAGE_BYTES, e);
	if (rc != ERR_OK)
		return rc;
	r->plain = (struct meter){
		.read = read_stream,
		.skip = skip_stream,
		.arg = r->stream,
		.packed = &r->packed,
		.im = counts ? im : NULL,
	};
	if (sums)
		r->plain.sum = sha256_new();
	else
		plain.skip = skip_meter;
	/* nothing is inflated: one digest is both */
	if (!stream_is_packed(r->stream)) {
		sha256_free(r->packed.sum);
		r->packed.sum = NULL;
	}
	return tar_open(&r->tar, &plain, e);
}

void
tar_reading_close(struct tar_reading *r)
{
	tar_close(r->tar);
	stream_close(r->stream);
	sha256_free(r->packed.sum);
	sha256_free(r->plain.sum);
}

static enum err_code
read_rest(struct meter *m, struct err *e)
{
	const char *p;
	size_t n;
	enum err_code rc;

	do
		rc = read_meter(m, &p, &n, e);
	while (rc == ERR_OK && n > 0);
	return rc;
}

enum err_code
tar_reading_rest(struct tar_reading *r, struct err *e)
{
	enum err_code rc = read_rest(&r->plain, e);

	/* what follows the end of a packing belongs to its digest as well */
	return rc == ERR_OK ? read_rest(&r->packed, e) : rc;
}

/* ---- entries ---- */

enum err_code
image_count_entry(struct image *im, struct err *e)
{
	if (im->entries == MAX_IMAGE_ENTRIES)
		return err_set(e, ERR_LIMIT, "an image of more than %zu entries",
		    MAX_IMAGE_ENTRIES);
	im->entries++;
	return ERR_OK;
}

bool
tar_entry_listed(const struct tar_entry *t, uint32_t number, struct buf *missed,
    char *path, char *link, struct listed *ret)
{
	static const enum listed_kind kinds[] = {
		[TAR_FILE] = LISTED_FILE,
		[TAR_FOLDER] = LISTED_FOLDER,
		[TAR_SYMLINK] = LISTED_SYMLINK,
		[TAR_HARDLINK] = LISTED_HARDLINK,
	};

	if (!path_clean(t->name, path)) {
		image_missed(missed,
		    "left out %.200s: its name leads outside or is too long", t->name);
		return false;
	}
	if (path[0] == '\0' || t->kind == TAR_OTHER)
		return false;
	*ret = (struct listed){
		.kind = kinds[t->kind],
		.path = path,
		.link = t->kind == TAR_HARDLINK ? link : t->link,
		.mode = t->mode,
		.size = t->size,
		.number = number,
	};
	if (t->kind == TAR_HARDLINK && !path_clean(t->link, link)) {
		image_missed(missed, "left out %.200s: a link to outside", path);
		return false;
	}
	return t->kind != TAR_SYMLINK ||
	       (t->link[0] != '\0' && strlen(t->link) <= MAX_IMAGE_PATH);
}

static enum err_code
take_entry(struct image *im, struct image_layer *l, struct tar *tar,
    const struct tar_entry *t, uint32_t number, struct err *e)
{
	const struct file_bytes bytes = { .read = read_tar, .arg = tar };
	char path[PATH_ROOM], link[PATH_ROOM];
	struct listed entry;

	if (!tar_entry_listed(t, number, &l->missed, path, link, &entry))
		return ERR_OK;
	if (entry.kind == LISTED_FILE)
		return image_take_file(im, l, &entry, &bytes, e);
	listing_add(&l->listing, &entry);
	return ERR_OK;
}

static enum err_code
take_entries(struct image *im, struct image_layer *l, struct tar *tar, struct err *e)
{
	struct tar_entry t;
	bool at_end;
	enum err_code rc;

	for (uint32_t number = 0;; number++) {
		if ((rc = tar_next(tar, &t, &at_end, e)) != ERR_OK || at_end)
			return rc;
		if ((rc = image_count_entry(im, e)) != ERR_OK ||
		    (rc = take_entry(im, l, tar, &t, number, e)) != ERR_OK)
			return rc;
	}
}

/* ---- what it is said to be ---- */

static void
digest_text(struct sha256 *sum, char out[DIGEST_TEXT])
{
	unsigned char bytes[SHA256_SIZE];

	sha256_final(sum, bytes);
	memcpy(out, "sha256:", 7);
	(void)hex_encode(bytes, sizeof(bytes), out + 7);
}

enum err_code
image_layer_check(
    const struct image_layer *l, const struct layer_claim *claim, struct err *e)
{
	if (claim->size != 0 && claim->size != l->packed_bytes)
		return err_set(e, ERR_INPUT,
		    "layer %.80s has %llu bytes, its manifest says %llu", claim->name,
		    (unsigned long long)l->packed_bytes,
		    (unsigned long long)claim->size);
	if (claim->digest != NULL && !str_eq(claim->digest, l->digest))
		return err_set(e, ERR_INPUT, "the digest of layer %.80s is %s",
		    claim->name, l->digest);
	if (claim->diff_id != NULL && !str_eq(claim->diff_id, l->diff_id))
		return err_set(e, ERR_INPUT,
		    "the diff_id of layer %.60s is %s and should be %s", claim->name,
		    l->diff_id, claim->diff_id);
	return ERR_OK;
}

static enum err_code
finish_layer(struct image_layer *l, struct tar_reading *r, struct err *e)
{
	enum err_code rc = tar_reading_rest(r, e);

	if (rc != ERR_OK)
		return rc;
	digest_text(r->plain.sum, l->diff_id);
	if (r->packed.sum != NULL)
		digest_text(r->packed.sum, l->digest);
	else
		memcpy(l->digest, l->diff_id, DIGEST_TEXT);
	l->packed_bytes = r->packed.bytes;
	return ERR_OK;
}

enum err_code
image_layer_read(struct image *im, const struct stream_source *from,
    const struct layer_claim *claim, struct image_layer **ret, struct err *e)
{
	struct image_layer *l = image_layer_new(im, claim->name);
	struct tar_reading r;
	enum err_code rc;

	rc = tar_reading_open(&r, im, from, READING_SUMS | READING_COUNTS, e);
	if (rc == ERR_OK)
		rc = take_entries(im, l, r.tar, e);
	if (rc == ERR_OK)
		rc = finish_layer(l, &r, e);
	tar_reading_close(&r);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "layer %.100s", claim->name);
	if ((rc = image_layer_check(l, claim, e)) != ERR_OK)
		return rc;
	*ret = l;
	return ERR_OK;
}

/* ---- once more, for some of its files ---- */

enum err_code
image_layer_fetch(struct image *im, struct image_layer *l,
    const struct stream_source *from, struct err *e)
{
	struct file_bytes bytes = { .read = read_tar };
	struct tar_reading r;
	struct tar_entry t;
	size_t next = 0;
	bool at_end = false;
	enum err_code rc = tar_reading_open(&r, im, from, READING_COUNTS, e);

	for (uint32_t number = 0; rc == ERR_OK && next < l->n_wanted; number++) {
		if ((rc = tar_next(r.tar, &t, &at_end, e)) != ERR_OK || at_end)
			break;
		if (number != l->wanted[next])
			continue;
		l->fetched[next++] = im->spool.used;
		bytes.arg = r.tar;
		rc = spool_all(im, &bytes, ERR_OK, e);
	}
	tar_reading_close(&r);
	if (rc == ERR_OK && next < l->n_wanted)
		rc = err_set(e, ERR_INPUT, "it changed while it was read");
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "layer %.100s", l->name);
}
