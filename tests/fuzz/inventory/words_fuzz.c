/* SPDX-License-Identifier: Apache-2.0 */
/* words_fuzz - any text as a package URL and as an os-release file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/inventory_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be written, and read again as the same. */
static void
check_purl(const struct purl *p, struct arena *a)
{
	const char *text = purl_text(p, a), *again;
	struct purl q;

	if (text == NULL || p->name == NULL || p->name[0] == '\0')
		abort();
	if (strlen(text) > 4096)
		return; /* encoding made it longer than what is read */
	if (!purl_parse(text, a, &q) || !str_eq(p->type, q.type) ||
	    !str_eq(p->ns, q.ns) || !str_eq(p->name, q.name) ||
	    !str_eq(p->version, q.version) || !str_eq(p->subpath, q.subpath) ||
	    p->n_qualifiers != q.n_qualifiers)
		abort();
	again = purl_text(&q, a);
	if (!str_eq(text, again))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size);
	struct os_words words = { 0 };
	struct os os;
	struct purl p;

	if (purl_parse(text, a, &p))
		check_purl(&p, a);
	osrelease_read(text, a, &words);
	ecosystem_of_os(&words, 0, a, &os);
	(void)ecosystem_of_text(text, 0, a, &os);
	arena_free(a);
	return 0;
}
