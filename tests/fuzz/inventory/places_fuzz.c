/* SPDX-License-Identifier: Apache-2.0 */
/* places_fuzz - any text as a listing of images, a reference and a registry's challenge. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/reference.h"
#include "inventory/registry_private.h"
#include "inventory/sightings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What passed once is written so that it passes again, and means the same. */
static void
check_reference(const char *text, struct arena *a)
{
	struct reference r, again;
	const char *written;

	if (reference_parse(text, a, &r, NULL) != ERR_OK)
		return;
	written = reference_text(&r, a);
	if (reference_parse(written, a, &again, NULL) != ERR_OK ||
	    !str_eq(written, reference_text(&again, a)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size);
	struct challenge c;
	struct sightings s;

	check_reference(text, a);
	(void)challenge_parse(text, a, &c);
	if (sightings_read((const char *)data, size, a, &s, NULL) == ERR_OK)
		for (size_t i = 0; i < s.n; i++)
			check_reference(s.at[i].ref, a);
	arena_free(a);
	return 0;
}
