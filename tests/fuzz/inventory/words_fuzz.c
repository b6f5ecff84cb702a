/* SPDX-License-Identifier: Apache-2.0 */
/* words_fuzz - any text as a package URL and as an os-release file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/inventory_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size);
	struct os_words words = { 0 };
	struct os os;
	struct purl p;

	if (purl_parse(text, a, &p) &&
	    (p.type == NULL || p.name == NULL || p.name[0] == '\0'))
		abort();
	osrelease_read(text, a, &words);
	ecosystem_of_os(&words, 0, a, &os);
	(void)ecosystem_of_text(text, 0, a, &os);
	arena_free(a);
	return 0;
}
