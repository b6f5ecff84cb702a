/* SPDX-License-Identifier: Apache-2.0 */
/* read - a document in the test's own text, read as an upload would be. */
#ifndef TESTS_UNIT_INVENTORY_READ_H
#define TESTS_UNIT_INVENTORY_READ_H

#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/inventory.h"

static inline int
read_setup(void **state)
{
	*state = arena_new();
	return 0;
}

static inline int
read_teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static inline struct inventory *
read_bytes(struct arena *a, const void *p, size_t n, const char *os)
{
	const struct inventory_hints hints = { .os = os, .now_at = 1767600000 };
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;

	if (inventory_read_memory(p, n, &hints, a, &inv, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return inv;
}

static inline struct inventory *
read_text(struct arena *a, const char *text, const char *os)
{
	return read_bytes(a, text, strlen(text), os);
}

/* What is said about a document that must be refused with CODE. */
static inline const char *
refused_bytes(
    struct arena *a, const void *p, size_t n, const char *os, enum err_code code)
{
	const struct inventory_hints hints = { .os = os, .now_at = 1767600000 };
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;
	enum err_code got = inventory_read_memory(p, n, &hints, a, &inv, &e);

	if (got != code)
		fail_msg("wanted %s, got %s: %s", err_code_name(code),
		    err_code_name(got), e.text);
	return arena_strdup(a, e.text);
}

static inline const char *
refused(struct arena *a, const char *text, const char *os, enum err_code code)
{
	return refused_bytes(a, text, strlen(text), os, code);
}

static inline const struct component *
component(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->n; i++)
		if (str_eq(inv->components[i].name, name))
			return &inv->components[i];
	fail_msg("no component is called %s", name);
	return NULL;
}

/* "name version [source source-version]" of every component, in order. */
static inline const char *
told(const struct inventory *inv, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];

		text = arena_printf(
		    a, "%s%s%s %s", text, i > 0 ? "; " : "", c->name, c->version);
		if (c->source_package != NULL)
			text = arena_printf(a, "%s [%s %s]", text, c->source_package,
			    c->source_version);
	}
	return text;
}

#define READ(t) cmocka_unit_test_setup_teardown(t, read_setup, read_teardown)

#endif
