/* SPDX-License-Identifier: Apache-2.0 */
/* pairs SCHEME COUNT SEED SHAPES: so many lines "A B" for two comparators to answer. */
#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "unit/match/version_random.h"

int
main(int argc, char **argv)
{
	struct version_random r = { 0 };
	struct arena *a = arena_new();
	char x[VERSION_RANDOM_SIZE], y[VERSION_RANDOM_SIZE];

	if (argc != 5 || !shapes_read(argv[4], argv[1], a, &r.shapes)) {
		(void)fprintf(stderr, "pairs: no shapes of that scheme\n");
		arena_free(a);
		return 1;
	}
	r.state = strtoull(argv[3], NULL, 10);
	for (long i = strtol(argv[2], NULL, 10); i > 0; i--) {
		version_random_pair(&r, x, y);
		(void)printf("%s %s\n", x, y);
	}
	arena_free(a);
	return fflush(stdout) == 0 ? 0 : 1;
}
