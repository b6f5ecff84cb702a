/* SPDX-License-Identifier: Apache-2.0 */
/* stream_gzip - gzip, member after member, with the sums at their ends checked. */
#include <stdlib.h>

#define ZLIB_CONST /* input is not written to */
#include <zlib.h>

#include "core/mem.h"
#include "core/stream_private.h"

#define WINDOW 65536
/* zlib's way of saying: a gzip header, and its trailer checked */
#define GZIP_BITS (MAX_WBITS + 16)

struct stream_gzip {
	z_stream z;
	char window[WINDOW];
	bool is_begun;    /* inside a member */
	bool had_members; /* at least one is complete */
	bool had_bytes;   /* something came out */
};

struct stream_gzip *
stream_gzip_new(void)
{
	struct stream_gzip *g = mem_zalloc(sizeof(*g));

	if (inflateInit2(&g->z, GZIP_BITS) != Z_OK) {
		free(g);
		return NULL;
	}
	return g;
}

void
stream_gzip_free(struct stream_gzip *g)
{
	if (g == NULL)
		return;
	(void)inflateEnd(&g->z);
	free(g);
}

static enum err_code
damaged(const struct stream_gzip *g, struct err *e)
{
	return err_set(e, ERR_INPUT, "damaged packing: %s",
	    g->z.msg != NULL ? g->z.msg : "cut short");
}

/* Inflates what is at hand; *RET_LEN bytes came out of it. */
static enum err_code
inflate_some(struct stream_gzip *g, size_t *ret_len, struct err *e)
{
	int rc;

	/* zeros may fill the file up behind the last member */
	while (
	    !g->is_begun && g->had_members && g->z.avail_in > 0 && *g->z.next_in == 0)
		g->z.next_in++, g->z.avail_in--;
	*ret_len = 0;
	if (g->z.avail_in == 0)
		return ERR_OK;
	g->is_begun = true;
	g->z.next_out = (Bytef *)g->window;
	g->z.avail_out = WINDOW;
	rc = inflate(&g->z, Z_NO_FLUSH);
	*ret_len = WINDOW - g->z.avail_out;
	if (rc == Z_STREAM_END) {
		g->is_begun = false;
		g->had_members = true;
		rc = inflateReset(&g->z);
	}
	if (rc != Z_OK && rc != Z_BUF_ERROR)
		return damaged(g, e);
	return ERR_OK;
}

enum err_code
stream_gzip_read(struct stream_gzip *g,
    enum err_code (*more)(
	void *arg, const char **ret_p, size_t *ret_len, struct err *e),
    void *arg, const char **ret_p, size_t *ret_len, struct err *e)
{
	enum err_code rc;

	*ret_p = g->window;
	for (;;) {
		const char *p;
		size_t len;

		if ((rc = inflate_some(g, ret_len, e)) != ERR_OK || *ret_len > 0)
			return rc;
		if (g->z.avail_in > 0)
			continue;
		if ((rc = more(arg, &p, &len, e)) != ERR_OK)
			return rc;
		if (len == 0)
			return g->is_begun || !g->had_members ? damaged(g, e) : ERR_OK;
		g->z.next_in = (const Bytef *)p;
		g->z.avail_in = (uInt)len;
	}
}
