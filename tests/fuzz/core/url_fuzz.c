/* SPDX-License-Identifier: Apache-2.0 */
/* url_fuzz - any text as URL and as query: what is taken obeys its rules. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_parts(struct arena *a, const char *text)
{
	struct url_parts p;

	if (!url_split(a, text, &p))
		return;
	if (p.scheme[0] == '\0' || p.host[0] == '\0' || strlen(p.port) > 5 ||
	    p.port[strspn(p.port, "0123456789")] != '\0' ||
	    strchr("/?#", p.path[0]) == NULL || strpbrk(p.host, "/?#@\\ ") != NULL)
		abort();
}

static void
check_query(struct arena *a, const char *text)
{
	struct url_param *params;
	size_t n;

	if (!url_query(a, text, &params, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		const char *again = NULL;
		char *encoded = url_encode(a, params[i].value, "");

		if (params[i].key[0] == '\0' ||
		    !url_decode(a, encoded, strlen(encoded), &again) ||
		    !str_eq(again, params[i].value))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size), *decoded;

	check_parts(a, text);
	check_query(a, text);
	(void)url_decode(a, text, strlen(text), &decoded);
	arena_free(a);
	return 0;
}
