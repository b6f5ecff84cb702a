/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from a file, memory or a source, inflated by zlib (gzip) or libarchive's "raw" format
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

/* A file; or a source, whose first bytes lie in the window and the rest of its run apart. */
struct file_stream {
	struct stream s; /* first */
	char window[WINDOW];
	size_t held; /* bytes of the window that were read while sniffing */
	struct stream_source from; /* 'read' NULL = a file */
	const char *run;           /* borrowed from the source */
	size_t run_len;
	struct err
	    failure; /* of reading: told instead of what libarchive makes of it */
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
	/* a frame of zstd that tells of the others and holds nothing */
	return n >= 4 && (p[0] & 0xf0) == 0x50 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0;
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

/* The next run as it lies in the file or comes from the source. */
static enum err_code
read_run(struct file_stream *f, const char **ret_p, size_t *ret_len, struct err *e)
{
	ssize_t n;

	*ret_p = f->window;
	if (f->held > 0) {
		*ret_len = f->held;
		f->held = 0;
		return ERR_OK;
	}
	if (f->run_len > 0) {
		*ret_p = f->run;
		*ret_len = f->run_len;
		f->run_len = 0;
		return ERR_OK;
	}
	if (f->from.read != NULL)
		return f->from.read(f->from.arg, ret_p, ret_len, e);
	do
		n = read(f->s.fd, f->window, sizeof(f->window));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(e, ERR_STORAGE, "cannot read: %s", strerror(errno));
	*ret_len = (size_t)n;
	return ERR_OK;
}

static la_ssize_t
read_more(struct archive *a, void *arg, const void **buffer)
{
	struct file_stream *f = arg;
	const char *p;
	size_t len;

	if (read_run(f, &p, &len, &f->failure) != ERR_OK) {
		archive_set_error(a, EIO, "cannot read");
		return -1;
	}
	*buffer = p;
	return (la_ssize_t)len;
}

/* Enough in the window to know a packing by. */
static enum err_code
fill_window(struct file_stream *f, struct err *e)
{
	while (f->held < MAGIC) {
		const char *p;
		size_t len, held = f->held;
		enum err_code rc;

		if (f->from.read == NULL) {
			ssize_t n =
			    read(f->s.fd, f->window + held, sizeof(f->window) - held);

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return err_set(
				    e, ERR_STORAGE, "cannot read: %s", strerror(errno));
			if (n == 0)
				break;
			f->held += (size_t)n;
			continue;
		}
		if ((rc = f->from.read(f->from.arg, &p, &len, e)) != ERR_OK)
			return rc;
		if (len == 0)
			break;
		f->held += len < MAGIC - held ? len : MAGIC - held;
		memcpy(f->window + held, p, f->held - held);
		f->run = p + (f->held - held);
		f->run_len = len - (f->held - held);
	}
	return ERR_OK;
}

/* What was opened becomes a stream, or is closed. */
static enum err_code
begin(struct file_stream *f, struct stream **ret, struct err *e)
{
	enum err_code rc = fill_window(f, e);

	f->failure = ERR_INIT;
	if (rc == ERR_OK && is_gzip(f->window, f->held))
		rc = open_gzip(&f->s, e);
	else if (rc == ERR_OK && is_packed(f->window, f->held)) {
		if ((f->s.archive = new_archive()) == NULL)
			rc = err_set(e, ERR_LIMIT, "no memory to unpack");
		else
			rc = first_entry(&f->s,
			    archive_read_open(f->s.archive, f, NULL, read_more, NULL),
			    e);
		if (rc != ERR_OK && f->failure.code != ERR_OK)
			rc = err_set(e, f->failure.code, "%s", f->failure.text);
	}
	if (rc != ERR_OK) {
		stream_close(&f->s);
		return rc;
	}
	*ret = &f->s;
	return ERR_OK;
}

enum err_code
stream_open_source(struct stream **ret, const struct stream_source *from,
    uint64_t max_bytes, struct err *e)
{
	struct file_stream *f = new_stream(sizeof(*f), max_bytes);

	f->from = *from;
	return begin(f, ret, e);
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
	rc = begin(f, ret, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", path);
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
	size_t left = s->len - s->at;

	if (s->data == NULL)
		return read_run(arg, ret_p, ret_len, e);
	*ret_p = s->data + s->at;
	*ret_len = left < WINDOW ? left : WINDOW;
	s->at += *ret_len;
	return ERR_OK;
}

/* What the source said, if it was its fault. */
static enum err_code
read_failure(struct stream *s, struct err *e)
{
	const struct err *failure;

	if (s->data == NULL && !s->is_member) {
		failure = &((const struct file_stream *)(const void *)s)->failure;
		if (failure->code != ERR_OK)
			return err_set(e, failure->code, "%s", failure->text);
	}
	return archive_failure(s->archive, e);
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
		return read_failure(s, e);
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

bool
stream_is_packed(const struct stream *s)
{
	return s->gzip != NULL || (s->archive != NULL && !s->is_member);
}

uint64_t
stream_skip(struct stream *s, uint64_t n)
{
	struct file_stream *f = (struct file_stream *)(void *)s;
	uint64_t skipped;

	if (s->data != NULL || stream_is_packed(s) || s->is_member || s->at_end ||
	    f->from.skip == NULL || f->held > 0)
		return 0;
	if (n > s->max - s->given)
		n = s->max - s->given;
	skipped = n < f->run_len ? n : f->run_len;
	f->run += skipped;
	f->run_len -= (size_t)skipped;
	if (n > skipped)
		skipped += f->from.skip(f->from.arg, n - skipped);
	s->given += skipped;
	return skipped;
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
