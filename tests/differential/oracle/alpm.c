/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alpm - what libalpm itself (Debian package libalpm-dev) says about lines "A B".
 *
 * It takes every text for a version and its answers are no order in two places.
 *
 * Unparsable: a version or release that ends with neither letter nor digit.  libalpm
 * goes round in a circle there (1.0. < 1.0.5 < 1.0..a < 1.0.).
 * Skipped: two versions it calls equal of which only one has a release.  It says
 * 1.0-1 = 1.0 = 1.0-2, but 1.0-1 < 1.0-2; to us none is below every release.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <alpm.h>

/* The hyphen in front of the release; NULL if there is none. */
static const char *
release_of(const char *text)
{
	const char *s = text + strspn(text, "0123456789");

	return strrchr(s, '-');
}

static bool
ends_well(const char *start, const char *end)
{
	static const char ends[] = "0123456789"
				   "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return start == end || strchr(ends, end[-1]) != NULL;
}

static bool
is_version(const char *text)
{
	const char *epoch_end = text + strspn(text, "0123456789");
	const char *version = *epoch_end == ':' ? epoch_end + 1 : text;
	const char *hyphen = release_of(text), *end = text + strlen(text);

	if (hyphen == NULL)
		return ends_well(version, end);
	return ends_well(version, hyphen) && ends_well(hyphen + 1, end);
}

static void
answer(const char *a, const char *b)
{
	int order;

	if (!is_version(a) || !is_version(b)) {
		(void)puts("unparsable");
		return;
	}
	order = alpm_pkg_vercmp(a, b);
	if (order == 0 && (release_of(a) == NULL) != (release_of(b) == NULL))
		(void)puts("skip");
	else
		(void)printf("%d\n", (order > 0) - (order < 0));
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
