/* SPDX-License-Identifier: Apache-2.0 */
/* osv_cursor - the memory of the OSV driver as text. */
#include "fetchers/osv_cursor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"

#define MARK_BYTES 8
#define CURSOR_MAX ((size_t)512 * 1024)

static int64_t
take_time(const struct json *j, const char *key)
{
	int64_t at;

	return time_parse(json_str(json_get(j, key)), &at) ? at : 0;
}

static void
read_seen(struct arena *a, const char *hex, struct osv_cursor *c)
{
	unsigned char *bytes;
	size_t len;

	if (hex == NULL || !hex_decode(a, hex, &bytes, &len))
		return;
	for (size_t i = 0; i + MARK_BYTES <= len; i += MARK_BYTES) {
		uint64_t mark = 0;

		for (size_t k = 0; k < MARK_BYTES; k++)
			mark = mark << 8 | bytes[i + k];
		osv_cursor_see(a, c, mark);
	}
}

void
osv_cursor_read(struct arena *a, const char *text, struct osv_cursor *ret)
{
	struct json *j;

	*ret = (struct osv_cursor){ 0 };
	if (text == NULL || json_parse(&j, text, strlen(text), NULL) != ERR_OK)
		return;
	ret->full = take_time(j, "full");
	ret->newest = take_time(j, "newest");
	ret->etag = arena_strdup(a, json_str(json_get(j, "etag")));
	read_seen(a, json_str(json_get(j, "seen")), ret);
	osv_cursor_sort(ret);
	json_free(j);
}

char *
osv_cursor_write(struct arena *a, const struct osv_cursor *c)
{
	CLEANUP_BUF struct buf b = BUF_INIT(CURSOR_MAX);
	CLEANUP_BUF struct buf seen = BUF_INIT(CURSOR_MAX);
	struct json_writer w;

	for (size_t i = 0; i < c->seen.n; i++)
		buf_printf(&seen, "%016" PRIx64, c->seen.at[i]);
	jw_init(&w, &b);
	jw_object(&w);
	jw_ktime(&w, "full", c->full);
	if (c->newest != 0)
		jw_ktime(&w, "newest", c->newest);
	if (c->etag != NULL)
		jw_ktext(&w, "etag", c->etag);
	if (c->seen.n > 0)
		jw_ktext(&w, "seen", buf_str(&seen));
	jw_object_end(&w);
	return arena_strdup(a, buf_str(&b));
}

/* ---- marks ---- */

uint64_t
osv_mark(const char *id, int64_t modified)
{
	CLEANUP_BUF struct buf b = BUF_INIT(4096);
	unsigned char digest[SHA256_SIZE];
	uint64_t mark = 0;

	buf_printf(&b, "%" PRId64 " %s", modified, id);
	sha256_of(buf_str(&b), b.len, digest);
	for (size_t i = 0; i < MARK_BYTES; i++)
		mark = mark << 8 | digest[i];
	return mark;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void
osv_cursor_see(struct arena *a, struct osv_cursor *c, uint64_t mark)
{
	if (c->seen.n < OSV_MAX_SEEN)
		*ARENA_PUSH(a, &c->seen) = mark;
}

void
osv_cursor_sort(struct osv_cursor *c)
{
	if (c->seen.n > 0)
		qsort(c->seen.at, c->seen.n, sizeof(*c->seen.at), compare);
}

bool
osv_cursor_has(const struct osv_cursor *c, uint64_t mark)
{
	return c->seen.n > 0 && bsearch(&mark, c->seen.at, c->seen.n,
				    sizeof(*c->seen.at), compare) != NULL;
}
