/* SPDX-License-Identifier: Apache-2.0 */
/* shapes - reads what versions of a scheme are made of. */
#include "unit/match/shapes.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"

bool
shapes_read(const char *dir, const char *scheme, struct arena *a, struct shapes *ret)
{
	char line[512], kind[16], text[256];
	FILE *f = fopen(arena_printf(a, "%s/%s.txt", dir, scheme), "r");

	*ret = (struct shapes){ 0 };
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		struct shape_texts *to = &ret->versions;

		if (line[0] == '#' || sscanf(line, "%15s %255s", kind, text) != 2)
			continue;
		if (strcmp(kind, "token") == 0)
			to = &ret->tokens;
		*ARENA_PUSH(a, to) = arena_strdup(a, text);
	}
	(void)fclose(f);
	return ret->tokens.n > 0 && ret->versions.n > 0;
}
