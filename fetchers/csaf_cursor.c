/* SPDX-License-Identifier: Apache-2.0 */
/* csaf_cursor - that of a list of changes, and behind it what is known of deletions. */
#include "fetchers/csaf_cursor.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"

#define CURSOR_MAX ((size_t)512 * 1024)

void
csaf_cursor_read(struct arena *a, const char *text, struct csaf_cursor *ret)
{
	struct json *j;

	*ret = (struct csaf_cursor){ .deleted = 0 };
	osv_cursor_read(a, text, &ret->list);
	if (text == NULL || json_parse(&j, text, strlen(text), NULL) != ERR_OK)
		return;
	if (!time_parse(json_str(json_get(j, "deleted")), &ret->deleted))
		ret->deleted = 0;
	ret->deletions_etag = arena_strdup(a, json_str(json_get(j, "deletions_etag")));
	json_free(j);
}

char *
csaf_cursor_write(struct arena *a, const struct csaf_cursor *c)
{
	CLEANUP_BUF struct buf b = BUF_INIT(CURSOR_MAX);
	const char *list = osv_cursor_write(a, &c->list);
	struct json_writer w;

	jw_init(&w, &b);
	jw_object(&w);
	if (c->deleted != 0)
		jw_ktime(&w, "deleted", c->deleted);
	if (c->deletions_etag != NULL)
		jw_ktext(&w, "deletions_etag", c->deletions_etag);
	jw_object_end(&w);
	if (b.len == strlen("{}"))
		return arena_strdup(a, list);
	/* two objects, joined where the one ends and the other begins */
	return arena_printf(a, "%.*s,%s", (int)strlen(list) - 1, list, buf_str(&b) + 1);
}
