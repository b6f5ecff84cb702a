/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from a file or from memory, inflated by zlib (gzip) or libarchive's "raw" format
 * (the others) where the first bytes are those of a packing; plain data never pass through.
 */
#include "core/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/stream_private.h"

#define WINDOW 65536
#define MAGIC  6

struct file_stream {
	struct stream s; /* first */
	char window[WINDOW];
	size_t held; /* bytes of the window that were read while sniffing */
};

static bool
is_packed(const void *head, size_t n)
{
	const unsigned char *p = head;
	static const struct {
		unsigned char magic[MAGIC];
		size_t len;
	} packings[] = {
		{ { 0x1f, 0x8b }, 2 },
		{ { 0x42, 0x5a, 0x68 }, 3 },
		{ { 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00 }, 6 },
		{ { 0x28, 0xb5, 0x2f, 0xfd }, 4 },
	};

	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (n >= packings[i].len &&
		    memcmp(p, packings[i].magic, packings[i].len) == 0)
			return true;
	return false;
}

static enum err_code
archive_failure(struct archive *a, struct err *e)
{
	const char *text = archive_error_string(a);

	return err_set(
	    e, ERR_INPUT, "damaged packing: %s", text != NULL ? text : "cut short");
}

static struct archive *
new_archive(void)
{
	struct archive *a = archive_read_new();

	if (a == NULL)
		return NULL;
	(void)archive_read_support_filter_bzip2(a);
	(void)archive_read_support_filter_xz(a);
	(void)archive_read_support_filter_zstd(a);
	(void)archive_read_support_format_raw(a);
	(void)archive_read_support_format_empty(a);
	return a;
}

/*
 * The library hands on as plain what it does not take for packed, and unpacks what was
 * packed again, whose inner layers no maximum would see.  One packing it has to be.
 */
static enum err_code
first_entry(struct stream *s, int opened, struct err *e)
{
	struct archive_entry *entry;
	int rc = ARCHIVE_FATAL;

	if (opened == ARCHIVE_OK)
		rc = archive_read_next_header(s->archive, &entry);
	/* an error in the first bytes is also told as the end of an empty file */
	if (rc < ARCHIVE_WARN || (rc == ARCHIVE_EOF && archive_errno(s->archive) != 0))
		return archive_failure(s->archive, e);
	s->at_end = rc == ARCHIVE_EOF;
	if (archive_filter_code(s->archive, 0) == ARCHIVE_FILTER_NONE)
		return err_set(e, ERR_INPUT, "damaged packing: its head is cut short");
	if (archive_filter_code(s->archive, 1) != ARCHIVE_FILTER_NONE)
		return err_set(e, ERR_INPUT, "packed more than once");
	return ERR_OK;
}

/* SIZE is that of struct stream or of struct file_stream, which begins with one. */
static void *
new_stream(size_t size, uint64_t max_bytes)
{
	struct stream *s = mem_zalloc(size);

	s->max = max_bytes;
	s->fd = -1;
	return s;
}

static bool
is_gzip(const void *head, size_t n)
{
	return n >= 2 && memcmp(head, "\x1f\x8b", 2) == 0;
}

static enum err_code
open_gzip(struct stream *s, struct err *e)
{
	s->gzip = stream_gzip_new();
	return s->gzip != NULL ? ERR_OK : err_set(e, ERR_LIMIT, "no memory to unpack");
}

enum err_code
stream_open_memory(
    struct stream **ret, const void *p, size_t len, uint64_t max_bytes, struct err *e)
{
	struct stream *s = new_stream(sizeof(*s), max_bytes);
	enum err_code rc = ERR_OK;

	s->data = len > 0 ? p : "";
	s->len = len;
	if (is_gzip(p, len))
		rc = open_gzip(s, e);
	else if (is_packed(p, len)) {
		if ((s->archive = new_archive()) == NULL)
			rc = err_set(e, ERR_LIMIT, "no memory to unpack");
		else
			rc = first_entry(
			    s, archive_read_open_memory(s->archive, p, len), e);
	}
	if (rc != ERR_OK) {
		stream_close(s);
		return rc;
	}
	*ret = s;
	return ERR_OK;
}

/* What was read while sniffing comes first, then the rest of the file. */
static la_ssize_t
read_more(struct archive *a, void *arg, const void **buffer)
{
	struct file_stream *f = arg;
	ssize_t n;

	*buffer = f->window;
	if (f->held > 0) {
		n = (ssize_t)f->held;
		f->held = 0;
		return n;
	}
	do
		n = read(f->s.fd, f->window, sizeof(f->window));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		archive_set_error(a, errno, "cannot read");
	return n;
}

static enum err_code
fill_window(struct file_stream *f, struct err *e)
{
	while (f->held < MAGIC) {
		ssize_t n =
		    read(f->s.fd, f->window + f->held, sizeof(f->window) - f->held);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(
			    e, ERR_STORAGE, "cannot read: %s", strerror(errno));
		if (n == 0)
			break;
		f->held += (size_t)n;
	}
	return ERR_OK;
}

enum err_code
stream_open_file(
    struct stream **ret, const char *path, uint64_t max_bytes, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct file_stream *f;
	enum err_code rc;

	if (fd < 0)
		return err_set(e,
		    errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_DENIED,
		    "%s: %s", path, strerror(errno));
	f = new_stream(sizeof(*f), max_bytes);
	f->s.fd = fd;
	rc = fill_window(f, e);
	if (rc == ERR_OK && is_gzip(f->window, f->held))
		rc = open_gzip(&f->s, e);
	else if (rc == ERR_OK && is_packed(f->window, f->held)) {
		if ((f->s.archive = new_archive()) == NULL)
			rc = err_set(e, ERR_LIMIT, "no memory to unpack");
		else
			rc = first_entry(&f->s,
			    archive_read_open(f->s.archive, f, NULL, read_more, NULL),
			    e);
	}
	if (rc != ERR_OK) {
		stream_close(&f->s);
		return err_wrap(e, rc, "%s", path);
	}
	*ret = &f->s;
	return ERR_OK;
}

void
stream_close(struct stream *s)
{
	if (s == NULL)
		return;
	stream_gzip_free(s->gzip);
	if (s->archive != NULL && !s->is_member)
		archive_read_free(s->archive);
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s);
}

/* Also what stream_gzip.c asks for more with. */
static enum err_code
read_plain(void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	struct stream *s = arg;
	struct file_stream *f = arg;
	ssize_t n;

	if (s->fd < 0) {
		n = s->len - s->at < WINDOW ? (ssize_t)(s->len - s->at) : WINDOW;
		*ret_p = s->data + s->at;
		s->at += (size_t)n;
		*ret_len = (size_t)n;
		return ERR_OK;
	}
	if (f->held > 0) {
		*ret_len = f->held;
		f->held = 0;
	} else {
		do
			n = read(s->fd, f->window, sizeof(f->window));
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return err_set(
			    e, ERR_STORAGE, "cannot read: %s", strerror(errno));
		*ret_len = (size_t)n;
	}
	*ret_p = f->window;
	return ERR_OK;
}

static enum err_code
read_packed(struct stream *s, const char **ret_p, size_t *ret_len, struct err *e)
{
	const void *p = "";
	size_t len = 0;
	la_int64_t offset = 0;
	int rc;

	/* an empty block is no end */
	do
		rc = archive_read_data_block(s->archive, &p, &len, &offset);
	while (rc >= ARCHIVE_WARN && rc != ARCHIVE_EOF && len == 0);
	if (rc == ARCHIVE_EOF)
		len = 0;
	else if (rc < ARCHIVE_WARN)
		return archive_failure(s->archive, e);
	if (s->is_member && len > 0 && (uint64_t)offset != s->given)
		return err_set(e, ERR_INPUT, "a member with holes");
	*ret_p = p;
	*ret_len = len;
	return ERR_OK;
}

enum err_code
stream_read(struct stream *s, const char **ret_p, size_t *ret_len, struct err *e)
{
	enum err_code rc;

	*ret_len = 0;
	*ret_p = "";
	if (s->at_end)
		return ERR_OK;
	if (s->gzip != NULL)
		rc = stream_gzip_read(s->gzip, read_plain, s, ret_p, ret_len, e);
	else if (s->archive != NULL)
		rc = read_packed(s, ret_p, ret_len, e);
	else
		rc = read_plain(s, ret_p, ret_len, e);
	if (rc != ERR_OK)
		return rc;
	/* what is packed inside, no maximum would see */
	if (s->given == 0 && (s->gzip != NULL || s->archive != NULL) && !s->is_member &&
	    is_packed(*ret_p, *ret_len))
		return err_set(e, ERR_INPUT, "packed more than once");
	s->at_end = *ret_len == 0 && s->given <= s->max;
	s->given += *ret_len;
	if (s->given > s->max) {
		*ret_len = 0;
		return err_set(
		    e, ERR_LIMIT, "more than %llu bytes", (unsigned long long)s->max);
	}
	return ERR_OK;
}

uint64_t
stream_bytes(const struct stream *s)
{
	return s->given;
}

enum err_code
stream_read_all(struct stream *s, struct buf *b, struct err *e)
{
	for (;;) {
		const char *p;
		size_t n;
		enum err_code rc = stream_read(s, &p, &n, e);

		if (rc != ERR_OK || n == 0)
			return rc;
		buf_add(b, p, n);
		if (b->full)
			return err_set(e, ERR_LIMIT, "more than %zu bytes", b->max);
	}
}
