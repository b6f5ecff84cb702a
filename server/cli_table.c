/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people: columns as wide as their widest cell, the last one open. */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "server/cli_client.h"

struct table {
	struct arena *arena;
	size_t n; /* columns */
	size_t *widths;
	struct {
		const char ***at;
		size_t n, cap;
	} rows;
};

/* Columns on the screen: characters, not bytes. */
static size_t
width(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

struct table *
table_new(const char *const heads[], size_t n)
{
	struct arena *a = arena_new();
	struct table *t = arena_zalloc(a, sizeof(*t));

	t->arena = a;
	t->n = n;
	t->widths = arena_array(a, n, sizeof(*t->widths));
	table_row(t, heads);
	return t;
}

void
table_row(struct table *t, const char *const cells[])
{
	const char **row = arena_array(t->arena, t->n, sizeof(*row));

	for (size_t i = 0; i < t->n; i++) {
		size_t w;

		row[i] = arena_strdup(t->arena, cells[i] != NULL ? cells[i] : "-");
		w = width(row[i]);
		if (w > t->widths[i])
			t->widths[i] = w;
	}
	*ARENA_PUSH(t->arena, &t->rows) = row;
}

void
table_print(struct table *t)
{
	for (size_t r = 0; r < t->rows.n; r++) {
		for (size_t i = 0; i < t->n; i++) {
			const char *cell = t->rows.at[r][i];

			(void)fputs(cell, stdout);
			if (i + 1 < t->n)
				printf(
				    "%*s", (int)(t->widths[i] - width(cell) + 2), "");
		}
		(void)fputc('\n', stdout);
	}
	arena_free(t->arena);
}
