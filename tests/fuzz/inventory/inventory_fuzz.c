/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_fuzz - any bytes as a document, with and without a system. */
#include <stdint.h>
#include <stdlib.h>

#include "core/arena.h"
#include "inventory/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const systems[] = { NULL, "debian:12", "alpine:3.20" };

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		const struct inventory_hints hints = { .os = systems[i] };
		struct arena *a = arena_new();
		struct inventory *inv = NULL;
		struct err e = ERR_INIT;

		if (inventory_read_memory(data, size, &hints, a, &inv, &e) == ERR_OK)
			for (size_t k = 0; k < inv->n; k++)
				if (inv->components[k].name == NULL ||
				    inv->components[k].version == NULL)
					abort();
		arena_free(a);
	}
	return 0;
}
