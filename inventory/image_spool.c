/* SPDX-License-Identifier: Apache-2.0 */
/* The spool: written once from front to back, read by mapping. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/mem.h"
#include "inventory/image_private.h"

#define WINDOW ((size_t)256 << 10)

void
image_spool_init(struct image_spool *s, int fd)
{
	*s = (struct image_spool){ .fd = fd, .window = mem_alloc(WINDOW) };
}

void
image_spool_done(struct image_spool *s)
{
	free(s->window);
}

static enum err_code
write_at(struct image_spool *s, const char *p, size_t len, struct err *e)
{
	while (len > 0) {
		ssize_t n = pwrite(s->fd, p, len, (off_t)s->flushed);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(e, ERR_STORAGE, "cannot write to the spool: %s",
			    n < 0 ? strerror(errno) : "it is full");
		p += n;
		len -= (size_t)n;
		s->flushed += (size_t)n;
	}
	return ERR_OK;
}

static enum err_code
flush(struct image_spool *s, struct err *e)
{
	enum err_code rc = write_at(s, s->window, s->held, e);

	s->held = 0;
	return rc;
}

enum err_code
image_spool_add(struct image_spool *s, const void *p, size_t len, struct err *e)
{
	enum err_code rc;

	if (len > MAX_IMAGE_SPOOL - s->used)
		return err_set(e, ERR_LIMIT,
		    "more than %zu bytes of files that are looked into",
		    MAX_IMAGE_SPOOL);
	if (len > WINDOW - s->held && (rc = flush(s, e)) != ERR_OK)
		return rc;
	s->used += len;
	if (len > WINDOW)
		return write_at(s, p, len, e);
	memcpy(s->window + s->held, p, len);
	s->held += len;
	return ERR_OK;
}

enum err_code
image_spool_map(struct image_spool *s, uint64_t at, uint64_t len, struct image_map *ret,
    struct err *e)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), from = at - at % page;
	enum err_code rc;

	*ret = (struct image_map){ .bytes = "" };
	if (len == 0)
		return ERR_OK;
	if (at + len > s->flushed && (rc = flush(s, e)) != ERR_OK)
		return rc;
	ret->len = (size_t)(at - from + len);
	ret->base = mmap(NULL, ret->len, PROT_READ, MAP_PRIVATE, s->fd, (off_t)from);
	if (ret->base == MAP_FAILED) {
		*ret = (struct image_map){ .bytes = "" };
		return err_set(
		    e, ERR_LIMIT, "cannot map the spool: %s", strerror(errno));
	}
	ret->bytes = (const char *)ret->base + (at - from);
	return ERR_OK;
}

void
image_spool_unmap(struct image_map *m)
{
	if (m->base != NULL)
		(void)munmap(m->base, m->len);
	*m = (struct image_map){ .bytes = "" };
}
