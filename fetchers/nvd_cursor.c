/* SPDX-License-Identifier: Apache-2.0 */
/* nvd_cursor - the memory of the NVD driver as text. */
#include "fetchers/nvd_cursor.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"

#define CURSOR_MAX ((size_t)64 * 1024)

static void
read_years(struct arena *a, const struct json *years, struct nvd_cursor *c)
{
	for (size_t i = 0; i < json_count(years); i++) {
		const struct json *value;
		uint64_t year;

		if (str_u64(json_member(years, i, &value), &year) &&
		    year >= NVD_FIRST_YEAR && year < NVD_FIRST_YEAR + NVD_YEARS &&
		    json_str(value) != NULL)
			c->years[year - NVD_FIRST_YEAR] =
			    arena_strdup(a, json_str(value));
	}
}

void
nvd_cursor_read(struct arena *a, const char *text, struct nvd_cursor *ret)
{
	struct json *j;
	const char *since;
	double index;

	*ret = (struct nvd_cursor){ 0 };
	if (text == NULL || json_parse(&j, text, strlen(text), NULL) != ERR_OK)
		return;
	ret->loaded = str_eq(json_str(json_get(j, "mode")), "changes");
	since = json_str(json_get(j, "since"));
	if (since != NULL && !time_parse(since, &ret->since))
		ret->since = 0;
	index = json_num(json_get(j, "index"));
	if (index > 0 && index < 1e9)
		ret->index = (uint64_t)index;
	read_years(a, json_get(j, "years"), ret);
	json_free(j);
}

char *
nvd_cursor_write(struct arena *a, const struct nvd_cursor *c)
{
	CLEANUP_BUF struct buf b = BUF_INIT(CURSOR_MAX);
	struct json_writer w;
	char year[16];

	jw_init(&w, &b);
	jw_object(&w);
	jw_ktext(&w, "mode", c->loaded ? "changes" : "load");
	jw_key(&w, "years");
	jw_object(&w);
	for (int i = 0; i < NVD_YEARS; i++) {
		if (c->years[i] == NULL)
			continue;
		(void)snprintf(year, sizeof(year), "%d", NVD_FIRST_YEAR + i);
		jw_ktext(&w, year, c->years[i]);
	}
	jw_object_end(&w);
	jw_kint(&w, "index", (int64_t)c->index);
	jw_ktime(&w, "since", c->since);
	jw_object_end(&w);
	return arena_strdup(a, buf_str(&b));
}
