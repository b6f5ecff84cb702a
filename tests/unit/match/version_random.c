/* SPDX-License-Identifier: Apache-2.0 */
/* version_random - a small generator of our own, so that a seed means the same always. */
#include "unit/match/version_random.h"

#include <stdio.h>
#include <string.h>

#define MAX_NEW 20

/* splitmix64 */
static uint64_t
next(struct version_random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

size_t
version_random_below(struct version_random *r, size_t n)
{
	return (size_t)(next(r) % n);
}

static char
any_char(struct version_random *r)
{
	return r->alphabet[version_random_below(r, strlen(r->alphabet))];
}

void
version_random_new(struct version_random *r, char out[VERSION_RANDOM_SIZE])
{
	size_t len = 1 + version_random_below(r, MAX_NEW);

	for (size_t i = 0; i < len; i++)
		out[i] = any_char(r);
	out[len] = '\0';
	if (version_random_below(r, 8) != 0)
		out[0] = (char)('0' + version_random_below(r, 10));
}

static void
change(struct version_random *r, char *s)
{
	size_t len = strlen(s), at = version_random_below(r, len);

	switch (version_random_below(r, 4)) {
	case 0:
		s[at] = any_char(r);
		break;
	case 1: /* an empty string would be no version of anything */
		if (len > 1)
			memmove(s + at, s + at + 1, len - at);
		break;
	default: /* put in one, half of the time one like its neighbour */
		if (len + 2 > VERSION_RANDOM_SIZE)
			break;
		memmove(s + at + 1, s + at, len - at + 1);
		if (version_random_below(r, 2) == 0)
			s[at] = any_char(r);
		break;
	}
}

void
version_random_near(
    struct version_random *r, const char *from, char out[VERSION_RANDOM_SIZE])
{
	(void)snprintf(out, VERSION_RANDOM_SIZE, "%s", from);
	change(r, out);
	if (version_random_below(r, 2) == 0)
		change(r, out);
}
