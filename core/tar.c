/* SPDX-License-Identifier: Apache-2.0 */
/* tar - libarchive's reader of tar (ustar, pax, GNU), without any of its unpackers. */
#include "core/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define HEADER  512
#define SUM_AT  148
#define SUM_LEN 8
#define ZEROS   65536

struct tar {
	struct archive *archive; /* owned */
	struct stream_source from;
	struct err
	    failure; /* of the source; told instead of what libarchive makes of it */
	uint64_t at, size; /* place in this entry, and where it ends */
	uint64_t taken;    /* bytes of the source */
	char padding[HEADER];
	/* a block that lies behind a hole waits here */
	const char *block;
	size_t block_len;
	uint64_t block_at;
};

/* ---- is it one? ---- */

static bool
read_octal(const unsigned char *p, size_t n, unsigned *ret)
{
	bool any = false;

	*ret = 0;
	while (n > 0 && *p == ' ')
		p++, n--;
	for (; n > 0 && *p >= '0' && *p <= '7'; p++, n--) {
		*ret = *ret * 8 + (unsigned)(*p - '0');
		any = true;
	}
	return any;
}

/*
 * The very old form has no magic, and docker's empty layer is nothing but zeros; those are
 * not recognised here, where any document may stand.
 */
bool
tar_begins(const void *head, size_t len)
{
	const unsigned char *p = head;
	unsigned sum = 0, want;

	if (len < HEADER || p[0] == '\0' || !read_octal(p + SUM_AT, SUM_LEN, &want))
		return false;
	for (size_t i = 0; i < HEADER; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? (unsigned)' ' : p[i];
	return sum == want;
}

/* ---- opening ---- */

static enum err_code
failed(struct tar *t, struct err *e)
{
	const char *text = archive_error_string(t->archive);

	if (t->failure.code != ERR_OK)
		return err_set(e, t->failure.code, "%s", t->failure.text);
	return err_set(
	    e, ERR_INPUT, "damaged tar: %s", text != NULL ? text : "cut short");
}

static la_ssize_t
read_source(struct archive *a, void *arg, const void **buffer)
{
	struct tar *t = arg;
	const char *p;
	size_t len;

	if (t->from.read(t->from.arg, &p, &len, &t->failure) != ERR_OK) {
		archive_set_error(a, EIO, "cannot read");
		return -1;
	}
	/* umoci ends a layer with the last byte of its last file, not with a whole block */
	if (len == 0 && t->taken % HEADER != 0) {
		p = t->padding;
		len = HEADER - (size_t)(t->taken % HEADER);
	}
	t->taken += len;
	*buffer = p;
	return (la_ssize_t)len;
}

static la_int64_t
skip_source(struct archive *a, void *arg, la_int64_t request)
{
	struct tar *t = arg;
	uint64_t n = t->from.skip(t->from.arg, (uint64_t)request);

	(void)a;
	t->taken += n;
	return (la_int64_t)n;
}

/* Is P of the block that was made up?  Then the bytes of the file are not there. */
static bool
is_padding(const struct tar *t, const char *p)
{
	return (uintptr_t)p >= (uintptr_t)t->padding &&
	       (uintptr_t)p < (uintptr_t)t->padding + HEADER;
}

enum err_code
tar_open(struct tar **ret, const struct stream_source *from, struct err *e)
{
	struct tar *t = mem_zalloc(sizeof(*t));
	enum err_code rc;

	t->from = *from;
	t->failure = ERR_INIT;
	if ((t->archive = archive_read_new()) == NULL) {
		free(t);
		return err_set(e, ERR_LIMIT, "no memory to unpack");
	}
	(void)archive_read_support_format_tar(t->archive);
	(void)archive_read_support_format_empty(t->archive);
	(void)archive_read_set_read_callback(t->archive, read_source);
	(void)archive_read_set_callback_data(t->archive, t);
	if (from->skip != NULL)
		(void)archive_read_set_skip_callback(t->archive, skip_source);
	if (archive_read_open1(t->archive) != ARCHIVE_OK) {
		rc = failed(t, e);
		tar_close(t);
		return rc;
	}
	*ret = t;
	return ERR_OK;
}

void
tar_close(struct tar *t)
{
	if (t == NULL)
		return;
	archive_read_free(t->archive);
	free(t);
}

/* ---- reading ---- */

static enum tar_kind
kind_of(struct archive_entry *entry)
{
	/* a hard link has no type of its own */
	if (archive_entry_hardlink(entry) != NULL)
		return TAR_HARDLINK;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return TAR_FILE;
	case AE_IFDIR:
		return TAR_FOLDER;
	case AE_IFLNK:
		return TAR_SYMLINK;
	default:
		return TAR_OTHER;
	}
}

static const char *
text_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

enum err_code
tar_next(struct tar *t, struct tar_entry *ret, bool *ret_end, struct err *e)
{
	struct archive_entry *entry;
	int got = archive_read_next_header(t->archive, &entry);

	t->block_len = 0;
	t->at = 0;
	t->size = 0;
	*ret_end = got == ARCHIVE_EOF && t->failure.code == ERR_OK &&
		   archive_errno(t->archive) == 0;
	if (*ret_end)
		return ERR_OK;
	/* a warning is a name in an encoding the library does not like: we take bytes */
	if (got < ARCHIVE_WARN || got == ARCHIVE_EOF)
		return failed(t, e);
	*ret = (struct tar_entry){
		.kind = kind_of(entry),
		.name = text_or_empty(archive_entry_pathname(entry)),
		.mode = (unsigned)archive_entry_perm(entry),
	};
	ret->link =
	    text_or_empty(ret->kind == TAR_HARDLINK ? archive_entry_hardlink(entry)
						    : archive_entry_symlink(entry));
	if (ret->kind == TAR_FILE && archive_entry_size(entry) > 0)
		ret->size = t->size = (uint64_t)archive_entry_size(entry);
	return ERR_OK;
}

/* The next block of the entry; an empty one at its end. */
static enum err_code
next_block(struct tar *t, struct err *e)
{
	const void *p = NULL;
	size_t len = 0;
	la_int64_t offset = 0;
	int got;

	do
		got = archive_read_data_block(t->archive, &p, &len, &offset);
	while (got >= ARCHIVE_WARN && got != ARCHIVE_EOF && len == 0);
	if (got < ARCHIVE_WARN)
		return failed(t, e);
	if (got != ARCHIVE_EOF && is_padding(t, p))
		return err_set(e, ERR_INPUT, "damaged tar: cut short");
	t->block = p;
	t->block_len = got == ARCHIVE_EOF ? 0 : len;
	t->block_at = got == ARCHIVE_EOF ? t->size : (uint64_t)offset;
	if (t->block_at < t->at || t->block_len > t->size ||
	    t->block_at > t->size - t->block_len)
		return err_set(e, ERR_INPUT, "damaged tar: a map of holes that lies");
	return ERR_OK;
}

enum err_code
tar_read(struct tar *t, const char **ret_p, size_t *ret_len, struct err *e)
{
	static const char zeros[ZEROS];
	uint64_t hole;
	enum err_code rc;

	*ret_p = "";
	*ret_len = 0;
	if (t->at == t->size)
		return ERR_OK;
	if (t->block_len == 0 && (rc = next_block(t, e)) != ERR_OK)
		return rc;
	hole = t->block_at - t->at;
	if (hole > 0) {
		*ret_p = zeros;
		*ret_len = hole < ZEROS ? (size_t)hole : ZEROS;
		/* the end is asked for again once the hole before it is filled */
	} else {
		*ret_p = t->block;
		*ret_len = t->block_len;
		t->block_len = 0;
	}
	t->at += *ret_len;
	return ERR_OK;
}
