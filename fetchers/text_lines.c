/* SPDX-License-Identifier: Apache-2.0 */
/* text_lines - cutting what a stream hands out at the ends of lines. */
#include "fetchers/text_lines.h"

#include <inttypes.h>
#include <string.h>

#include "core/stream.h"

void
text_lines_init(struct text_lines *l, struct stream *in)
{
	*l = (struct text_lines){ .in = in, .p = "", .text = BUF_INIT(LINE_MAX_BYTES) };
}

void
text_lines_done(struct text_lines *l)
{
	buf_done(&l->text);
}

static enum err_code
hand_out(struct text_lines *l, const char *text, size_t len, const char **ret,
    size_t *ret_len, struct err *e)
{
	l->number++;
	if (l->text.full || len > LINE_MAX_BYTES)
		return err_set(e, ERR_INPUT, "line %" PRIu64 " is too long", l->number);
	if (len > 0 && text[len - 1] == '\r')
		len--;
	*ret = text;
	*ret_len = len;
	return ERR_OK;
}

enum err_code
text_lines_next(struct text_lines *l, const char **ret, size_t *ret_len, struct err *e)
{
	enum err_code rc;

	buf_reset(&l->text);
	*ret = NULL;
	for (;;) {
		const char *lf = l->len == 0 ? NULL : memchr(l->p, '\n', l->len);
		const char *start = l->p;
		size_t n = lf != NULL ? (size_t)(lf - l->p) : l->len;

		l->p += lf != NULL ? n + 1 : n;
		l->len -= lf != NULL ? n + 1 : n;
		if (lf != NULL && l->text.len == 0)
			return hand_out(l, start, n, ret, ret_len, e);
		buf_add(&l->text, start, n);
		if (lf != NULL || l->text.full)
			return hand_out(
			    l, buf_str(&l->text), l->text.len, ret, ret_len, e);
		if ((rc = stream_read(l->in, &l->p, &l->len, e)) != ERR_OK)
			return rc;
		if (l->len == 0) {
			l->p = ""; /* to be looked at once more, if asked again */
			break;
		}
	}
	if (l->text.len == 0)
		return ERR_OK;
	l->is_cut = true;
	return hand_out(l, buf_str(&l->text), l->text.len, ret, ret_len, e);
}
