/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader_fuzz - any bytes straight into one reader, whatever it would say of their
 * beginning: what it does not refuse keeps the promises of inventory.h.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct reader *
reader(void)
{
	for (size_t i = 0; inventory_readers[i] != NULL; i++)
		if (str_eq(inventory_readers[i]->name, READER_NAME))
			return inventory_readers[i];
	abort();
}

static void
check(const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];

		if (c->type == NULL || c->name == NULL || c->name[0] == '\0' ||
		    c->version == NULL || c->version[0] == '\0' ||
		    strlen(c->name) > MAX_NAME ||
		    (c->source_package == NULL) != (c->source_version == NULL))
			abort();
	}
	if (inv->partial != (inv->n_warnings > 0))
		abort();
	if (inv->digest != NULL && strlen(inv->digest) != 71)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const systems[] = { NULL, "debian:12" };

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		const struct inventory_hints hints = { .os = systems[i] };
		struct arena *a = arena_new();
		struct inventory inv = { 0 };
		struct stream *in = NULL;
		struct err e = ERR_INIT;

		if (stream_open_memory(&in, data, size, MAX_UPLOAD_BYTES, &e) ==
			ERR_OK &&
		    reader()->read(in, &hints, a, &inv, &e) == ERR_OK)
			check(&inv);
		else if (e.text[0] == '\0')
			abort();
		stream_close(in);
		arena_free(a);
	}
	return 0;
}
