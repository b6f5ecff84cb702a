/* SPDX-License-Identifier: Apache-2.0 */
/* version_lines - lines "A OP B" against match_version_compare(). */
#include "unit/match/version_lines.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "match/match.h"

static bool
holds(const char *scheme, const char *a, const char *b, int want)
{
	int got = 99, back = 99;

	if (match_version_compare(scheme, a, b, &got) && got == want &&
	    match_version_compare(scheme, b, a, &back) && back == -want)
		return true;
	printf("%s: %s against %s: expected %d, got %d and %d (99 = not parsable)\n",
	    scheme, a, b, want, got, back);
	return false;
}

/* Lines of apk-tools' own test that are about something else: "A ~ B" asks whether A begins
 * with B, one word alone whether it is well formed. */
static bool
is_no_order(const char *line)
{
	size_t op = strcspn(line, " \t\n");

	op += strspn(line + op, " \t");
	return line[op] == '\n' || line[op] == '#' ||
	       memchr(line + op, '~', strcspn(line + op, " \n")) != NULL;
}

size_t
version_lines_but(const char *scheme, const char *path,
    bool (*is_left_out)(const char *version), size_t *ret_wrong)
{
	char line[8192], a[4096], b[4096], op[2];
	size_t n = 0;
	FILE *f = fopen(path, "r");

	*ret_wrong = 0;
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' || line[0] == '\n' || strncmp(line, "//", 2) == 0)
			continue;
		if (is_no_order(line))
			continue;
		n++;
		if (sscanf(line, "%4095s %1[<=>] %4095s", a, op, b) != 3) {
			printf("%s: no comparison: %s", path, line);
			(*ret_wrong)++;
		} else if (is_left_out != NULL && (is_left_out(a) || is_left_out(b))) {
			n--;
		} else if (!holds(scheme, a, b, *op == '<' ? -1 : *op == '>')) {
			(*ret_wrong)++;
		}
	}
	(void)fclose(f);
	return n;
}

size_t
version_lines(const char *scheme, const char *path, size_t *ret_wrong)
{
	return version_lines_but(scheme, path, NULL, ret_wrong);
}
