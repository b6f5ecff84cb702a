/* SPDX-License-Identifier: Apache-2.0 */
/*
 * members - zip and tar through libarchive, read from front to back; a zip in memory by its
 * directory.
 */
#include "core/members.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/stream_private.h"

#define BLOCK      65536
#define TAR_HEADER 512
#define TAR_MAGIC  257
/* the end record of a zip, and the comment that may follow it */
#define ZIP_END     22
#define ZIP_COMMENT 65535

struct members {
	struct archive *archive; /* owned */
	struct members_caps caps;
	uint64_t n, bytes;    /* of the members before this one */
	struct stream stream; /* the member that is handed out */
	bool at_end;
	bool by_directory; /* members are sought: what is not read is not unpacked */
};

/* ---- is it an archive? ---- */

/* A tar's header carries its magic; the very old form without one is not read. */
static bool
is_tar(const char *head, size_t len)
{
	return len >= TAR_HEADER && memcmp(head + TAR_MAGIC, "ustar", 5) == 0;
}

static bool
is_zip(const char *head, size_t len)
{
	return len >= 4 && (memcmp(head, "PK\003\004", 4) == 0 ||
			       memcmp(head, "PK\005\006", 4) == 0);
}

/* The first bytes of PATH, inflated if they are packed. */
static enum err_code
read_head(const char *path, char head[TAR_HEADER], size_t *ret_len, struct err *e)
{
	struct stream *in;
	const char *p;
	size_t len;
	enum err_code rc;

	*ret_len = 0;
	if ((rc = stream_open_file(&in, path, UINT64_MAX, e)) != ERR_OK)
		return rc;
	while (*ret_len < TAR_HEADER && (rc = stream_read(in, &p, &len, e)) == ERR_OK &&
	       len > 0) {
		if (len > TAR_HEADER - *ret_len)
			len = TAR_HEADER - *ret_len;
		memcpy(head + *ret_len, p, len);
		*ret_len += len;
	}
	stream_close(in);
	return rc;
}

static bool
holds_zip_end(const char *tail, size_t n)
{
	for (size_t at = n >= ZIP_END ? n - ZIP_END + 1 : 0; at-- > 0;)
		if (memcmp(tail + at, "PK\005\006", 4) == 0)
			return true;
	return false;
}

/* Read from the front, a zip that lacks its end looks complete: is the end there? */
static bool
has_zip_end(const char *path)
{
	char tail[ZIP_END + ZIP_COMMENT];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	size_t want = size > (off_t)sizeof(tail) ? sizeof(tail) : (size_t)size;
	bool found = false;

	if (size >= ZIP_END &&
	    pread(fd, tail, want, size - (off_t)want) == (ssize_t)want)
		found = holds_zip_end(tail, want);
	if (fd >= 0)
		(void)close(fd);
	return found;
}

/* ---- opening ---- */

static enum err_code
failure(struct archive *a, struct err *e)
{
	const char *text = archive_error_string(a);

	return err_set(
	    e, ERR_INPUT, "damaged archive: %s", text != NULL ? text : "cut short");
}

/* The streaming reader of zip: the other one keeps a directory of all members. */
static struct archive *
new_archive(bool zip)
{
	struct archive *a = archive_read_new();

	if (a == NULL)
		return NULL;
	if (zip) {
		(void)archive_read_support_format_zip_streamable(a);
		return a;
	}
	(void)archive_read_support_filter_gzip(a);
	(void)archive_read_support_filter_bzip2(a);
	(void)archive_read_support_filter_xz(a);
	(void)archive_read_support_filter_zstd(a);
	(void)archive_read_support_format_tar(a);
	return a;
}

enum err_code
members_open_file(struct members **ret, const char *path,
    const struct members_caps *caps, struct err *e)
{
	char head[TAR_HEADER];
	struct members *m;
	size_t len;
	enum err_code rc;

	if ((rc = read_head(path, head, &len, e)) != ERR_OK)
		return rc;
	if (!is_zip(head, len) && !is_tar(head, len))
		return err_set(e, ERR_UNSUPPORTED, "%s: no archive", path);
	if (is_zip(head, len) && !has_zip_end(path))
		return err_set(e, ERR_INPUT, "%s: damaged archive: cut short", path);
	m = mem_zalloc(sizeof(*m));
	m->caps = *caps;
	if ((m->archive = new_archive(is_zip(head, len))) == NULL)
		rc = err_set(e, ERR_LIMIT, "no memory to unpack");
	else if (archive_read_open_filename(m->archive, path, BLOCK) != ARCHIVE_OK)
		rc = err_wrap(e, failure(m->archive, e), "%s", path);
	if (rc != ERR_OK) {
		members_close(m);
		return rc;
	}
	*ret = m;
	return ERR_OK;
}

/*
 * The library reads the whole directory at once and keeps it: it is counted before, and
 * everywhere, since where the library looks for it is the library's own business.
 */
static bool
has_more_entries(const char *p, size_t len, uint64_t max)
{
	const char *end = p + len;
	uint64_t n = 0;

	while ((p = memmem(p, (size_t)(end - p), "PK\001\002", 4)) != NULL) {
		if (++n > max)
			return true;
		p += 4;
	}
	return false;
}

enum err_code
members_open_zip(struct members **ret, const void *p, size_t len,
    const struct members_caps *caps, struct err *e)
{
	size_t tail = len < ZIP_END + ZIP_COMMENT ? len : ZIP_END + ZIP_COMMENT;
	struct members *m;
	enum err_code rc = ERR_OK;

	if (len < ZIP_END || !holds_zip_end((const char *)p + (len - tail), tail))
		return err_set(e, ERR_UNSUPPORTED, "no zip, or one that is cut short");
	if (has_more_entries(p, len, caps->members))
		return err_set(e, ERR_LIMIT, "an archive of more than %llu members",
		    (unsigned long long)caps->members);
	m = mem_zalloc(sizeof(*m));
	m->caps = *caps;
	m->by_directory = true;
	if ((m->archive = archive_read_new()) == NULL)
		rc = err_set(e, ERR_LIMIT, "no memory to unpack");
	else if (archive_read_support_format_zip_seekable(m->archive) != ARCHIVE_OK ||
		 archive_read_open_memory(m->archive, p, len) != ARCHIVE_OK)
		rc = failure(m->archive, e);
	if (rc != ERR_OK) {
		members_close(m);
		return rc;
	}
	*ret = m;
	return ERR_OK;
}

void
members_close(struct members *m)
{
	if (m == NULL)
		return;
	if (m->archive != NULL)
		archive_read_free(m->archive);
	free(m);
}

/* ---- reading ---- */

/* What was handed out counts, and what was passed over unread is capped as well. */
static enum err_code
leave_member(struct members *m, struct err *e)
{
	const char *p;
	size_t len;
	enum err_code rc = ERR_OK;

	if (m->stream.archive == NULL)
		return ERR_OK;
	while (!m->by_directory && !m->stream.at_end &&
	       (rc = stream_read(&m->stream, &p, &len, e)) == ERR_OK)
		;
	m->bytes += m->stream.given;
	m->stream.archive = NULL;
	if (rc == ERR_OK && m->bytes > m->caps.bytes)
		return err_set(e, ERR_LIMIT, "an archive of more than %llu bytes",
		    (unsigned long long)m->caps.bytes);
	return rc;
}

static void
enter_member(struct members *m)
{
	uint64_t left = m->caps.bytes - m->bytes;

	m->stream = (struct stream){
		.max = m->caps.member_bytes < left ? m->caps.member_bytes : left,
		.fd = -1,
		.archive = m->archive,
		.is_member = true,
	};
}

enum err_code
members_next(
    struct members *m, const char **ret_name, struct stream **ret_stream, struct err *e)
{
	struct archive_entry *entry;
	enum err_code rc = leave_member(m, e);

	*ret_name = NULL;
	while (rc == ERR_OK && !m->at_end) {
		int got = archive_read_next_header(m->archive, &entry);
		const char *name;

		if (got == ARCHIVE_EOF && archive_errno(m->archive) == 0) {
			m->at_end = true;
			break;
		}
		if (got < ARCHIVE_WARN || got == ARCHIVE_EOF)
			return failure(m->archive, e);
		/* one packing around it: no maximum sees what is inside others */
		if (archive_filter_count(m->archive) > 2)
			return err_set(e, ERR_INPUT, "packed more than once");
		if (m->n++ >= m->caps.members)
			return err_set(e, ERR_LIMIT,
			    "an archive of more than %llu members",
			    (unsigned long long)m->caps.members);
		name = archive_entry_pathname(entry);
		if (name == NULL || archive_entry_filetype(entry) != AE_IFREG ||
		    archive_entry_hardlink(entry) != NULL)
			continue;
		enter_member(m);
		*ret_name = name;
		*ret_stream = &m->stream;
		break;
	}
	return rc;
}
