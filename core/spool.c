/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool - every item is its length and its bytes.  One buffer serves first the writing
 * and then the reading; as long as it never overflowed there is no file at all.
 */
#include "core/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"

#define PATH_SIZE ((size_t)4096)

struct spool {
	const char *dir; /* borrowed */
	int fd;          /* -1 = everything is in the buffer */
	char *buffer;
	size_t len, at; /* filled; read of that */
	bool reads;
	char *item; /* the one that was handed out */
	size_t item_cap;
	size_t n, n_read; /* items */
};

struct spool *
spool_new(const char *dir)
{
	struct spool *s = mem_zalloc(sizeof(*s));

	s->dir = dir != NULL ? dir : "/tmp";
	s->fd = -1;
	s->buffer = mem_alloc(SPOOL_BUFFER);
	return s;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s->buffer);
	free(s->item);
	free(s);
}

static enum err_code
open_file(struct spool *s, struct err *e)
{
	char path[PATH_SIZE];
	int n = snprintf(path, sizeof(path), "%s/spool-XXXXXX", s->dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(e, ERR_STORAGE, "the name of the spool is too long");
	if ((s->fd = mkostemp(path, O_CLOEXEC)) < 0)
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	(void)unlink(path);
	return ERR_OK;
}

static enum err_code
flush(struct spool *s, struct err *e)
{
	enum err_code rc = s->fd < 0 ? open_file(s, e) : ERR_OK;
	ssize_t n;

	for (size_t at = 0; rc == ERR_OK && at < s->len; at += (size_t)n) {
		n = write(s->fd, s->buffer + at, s->len - at);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			rc = err_set(e, ERR_STORAGE, "spool: %s", strerror(errno));
	}
	s->len = 0;
	return rc;
}

static enum err_code
put(struct spool *s, const void *p, size_t len, struct err *e)
{
	const char *from = p;
	enum err_code rc = ERR_OK;

	while (len > 0 && rc == ERR_OK) {
		size_t room = SPOOL_BUFFER - s->len, n = len < room ? len : room;

		memcpy(s->buffer + s->len, from, n);
		s->len += n;
		from += n;
		len -= n;
		if (s->len == SPOOL_BUFFER)
			rc = flush(s, e);
	}
	return rc;
}

enum err_code
spool_add(struct spool *s, const void *p, size_t len, struct err *e)
{
	uint64_t head = len;
	enum err_code rc = put(s, &head, sizeof(head), e);

	if (rc == ERR_OK)
		rc = put(s, p, len, e);
	if (rc == ERR_OK)
		s->n++;
	return rc;
}

static enum err_code
start_reading(struct spool *s, struct err *e)
{
	enum err_code rc = s->fd >= 0 ? flush(s, e) : ERR_OK;

	s->reads = true;
	if (rc == ERR_OK && s->fd >= 0 && lseek(s->fd, 0, SEEK_SET) != 0)
		return err_set(e, ERR_STORAGE, "spool: %s", strerror(errno));
	return rc;
}

static enum err_code
fill(struct spool *s, struct err *e)
{
	ssize_t n;

	do
		n = s->fd < 0 ? 0 : read(s->fd, s->buffer, SPOOL_BUFFER);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return err_set(e, ERR_STORAGE, "spool: %s",
		    n < 0 ? strerror(errno) : "shorter than it was written");
	s->len = (size_t)n;
	s->at = 0;
	return ERR_OK;
}

static enum err_code
get(struct spool *s, void *ret, size_t len, struct err *e)
{
	char *to = ret;
	enum err_code rc = ERR_OK;

	while (len > 0 && rc == ERR_OK) {
		size_t left = s->len - s->at, n = len < left ? len : left;

		memcpy(to, s->buffer + s->at, n);
		s->at += n;
		to += n;
		len -= n;
		if (len > 0)
			rc = fill(s, e);
	}
	return rc;
}

enum err_code
spool_next(struct spool *s, const void **ret_p, size_t *ret_len, struct err *e)
{
	uint64_t len = 0;
	enum err_code rc = s->reads ? ERR_OK : start_reading(s, e);

	*ret_p = NULL;
	*ret_len = 0;
	if (rc != ERR_OK || s->n_read == s->n)
		return rc;
	if ((rc = get(s, &len, sizeof(len), e)) != ERR_OK)
		return rc;
	if (len + 1 > s->item_cap) {
		s->item_cap = (size_t)len + 1;
		s->item = mem_array(s->item, s->item_cap, 1);
	}
	if ((rc = get(s, s->item, (size_t)len, e)) != ERR_OK)
		return rc;
	s->n_read++;
	*ret_p = s->item;
	*ret_len = (size_t)len;
	return ERR_OK;
}
