/* SPDX-License-Identifier: Apache-2.0 */
/* inflate - zlib's own form through zlib, in steps of one window. */
#include "core/inflate.h"

#include <limits.h>
#include <stdbool.h>

#define ZLIB_CONST /* input is not written to */
#include <zlib.h>

#include "core/buf.h"

#define WINDOW 32768

static enum err_code
inflate_all(z_stream *z, struct buf *out, struct err *e)
{
	char window[WINDOW];
	int rc;

	do {
		z->next_out = (Bytef *)window;
		z->avail_out = WINDOW;
		rc = inflate(z, Z_NO_FLUSH);
		buf_add(out, window, WINDOW - z->avail_out);
		if (out->full)
			return err_set(
			    e, ERR_LIMIT, "unpacks to more than %zu bytes", out->max);
	} while (rc == Z_OK);
	if (rc != Z_STREAM_END)
		return err_set(e, ERR_INPUT, "damaged packing: %s",
		    z->msg != NULL ? z->msg : "cut short");
	return ERR_OK;
}

enum err_code
inflate_zlib(const void *p, size_t len, struct buf *out, struct err *e)
{
	z_stream z = { 0 };
	enum err_code rc;

	if (len > UINT_MAX)
		return err_set(e, ERR_LIMIT, "a packing of %zu bytes", len);
	if (inflateInit(&z) != Z_OK)
		return err_set(e, ERR_LIMIT, "no memory to unpack");
	z.next_in = p;
	z.avail_in = (uInt)len;
	rc = inflate_all(&z, out, e);
	(void)inflateEnd(&z);
	return rc;
}
