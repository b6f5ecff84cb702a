/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm - what librpm itself (Debian package librpm-dev) says about lines "A B".
 *
 * Nothing is skipped: it takes every text for a version, and so do we but for blanks,
 * which no line has.
 */
#include <stdio.h>

#include <rpm/rpmver.h>

static void
answer(const char *a, const char *b)
{
	rpmver va = rpmverParse(a), vb = rpmverParse(b);

	if (va == NULL || vb == NULL)
		(void)puts("unparsable");
	else
		(void)printf("%d\n", rpmverCmp(va, vb));
	rpmverFree(va);
	rpmverFree(vb);
}

int
main(void)
{
	char line[512], a[256], b[256];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "%255s %255s", a, b) != 2)
			return 1;
		answer(a, b);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
