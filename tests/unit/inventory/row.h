/* SPDX-License-Identifier: Apache-2.0 */
/* row - one file of an image, in the test's own bytes, through one row of the table. */
#ifndef TESTS_UNIT_INVENTORY_ROW_H
#define TESTS_UNIT_INVENTORY_ROW_H

#include "unit/inventory/read.h"

#include <stdlib.h>

#include "core/buf.h"
#include "inventory/language.h"

/* A copy of the exact size: a read behind its end is seen. */
static inline struct inventory *
row_bytes(struct arena *a, const struct database *row, const char *path, const void *p,
    size_t n)
{
	struct inventory *inv = arena_zalloc(a, sizeof(*inv));
	char *copy = malloc(n > 0 ? n : 1);
	const struct image_file f = {
		.path = path, .mode = 0644, .size = n, .bytes = copy, .len = n
	};
	struct err e = ERR_INIT;

	memcpy(copy, p, n);
	if (!row->wants(&f))
		fail_msg("%s does not want %s", row->name, path);
	if (row->read(&f, a, inv, &e) != ERR_OK)
		fail_msg("%s: %s", path, e.text);
	free(copy);
	assert_true(inv->partial == (inv->n_warnings > 0));
	return inv;
}

static inline struct inventory *
row_text(
    struct arena *a, const struct database *row, const char *path, const char *text)
{
	return row_bytes(a, row, path, text, strlen(text));
}

static inline bool
row_wants(const struct database *row, const char *path, const char *head)
{
	const struct image_file f = { .path = path,
		.mode = 0644,
		.size = strlen(head),
		.bytes = head,
		.len = strlen(head) };

	return row->wants(&f);
}

/* "name version" of every component, a '?' behind those that are guessed. */
static inline const char *
row_told(const struct inventory *inv, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];

		text = arena_printf(a, "%s%s%s %s%s", text, i > 0 ? "; " : "", c->name,
		    c->version, (c->flags & COMPONENT_GUESSED) != 0 ? "?" : "");
	}
	return text;
}

/* Whatever the bytes, no error for one broken file and no half component. */
static inline void
row_try(const struct database *row, const char *path, const void *p, size_t n)
{
	struct arena *a = arena_new();
	struct inventory *inv = arena_zalloc(a, sizeof(*inv));
	char *copy = malloc(n > 0 ? n : 1);
	const struct image_file f = {
		.path = path, .mode = 0644, .size = n, .bytes = copy, .len = n
	};
	bool is_sound;

	memcpy(copy, p, n);
	is_sound = !row->wants(&f) || row->read(&f, a, inv, NULL) == ERR_OK;
	for (size_t i = 0; i < inv->n; i++)
		is_sound = is_sound && inv->components[i].name != NULL &&
			   inv->components[i].version != NULL;
	free(copy);
	arena_free(a);
	if (!is_sound)
		fail_msg("%s: an error, or half a component", row->name);
}

/* The bytes cut off anywhere, and any of them changed. */
static inline void
row_survives(const struct database *row, const char *path, const void *p, size_t n)
{
	static const unsigned char masks[] = { 0xff, 0x01, 0x80, 0x10 };
	unsigned char *copy = malloc(n + 1);

	memcpy(copy, p, n);
	for (size_t len = 0; len < n; len += n / 400 + 1)
		row_try(row, path, copy, len);
	for (size_t i = 0; i < n; i += n / 800 + 1)
		for (size_t m = 0; m < ROWS(masks); m++) {
			copy[i] ^= masks[m];
			row_try(row, path, copy, n);
			copy[i] ^= masks[m];
		}
	free(copy);
}

#endif
