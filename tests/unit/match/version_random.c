/* SPDX-License-Identifier: Apache-2.0 */
/* version_random - a small generator of our own, so that a seed means the same always. */
#include "unit/match/version_random.h"

#include <stdio.h>
#include <string.h>

#define MAX_TOKENS 12

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

static const char *
any_token(struct version_random *r)
{
	return r->shapes.tokens.at[version_random_below(r, r->shapes.tokens.n)];
}

/* INSERT in front of AT, where CUT bytes are taken out; nothing if it gets too long. */
static void
splice(char *s, size_t at, size_t cut, const char *insert)
{
	size_t len = strlen(s), put = strlen(insert);

	if (len - cut + put >= VERSION_RANDOM_SIZE || len - cut + put == 0)
		return;
	memmove(s + at + put, s + at + cut, len - at - cut + 1);
	memcpy(s + at, insert, put);
}

void
version_random_new(struct version_random *r, char out[VERSION_RANDOM_SIZE])
{
	size_t n = 1 + version_random_below(r, MAX_TOKENS);

	out[0] = '\0';
	while (n-- > 0)
		splice(out, strlen(out), 0, any_token(r));
	if (version_random_below(r, 8) != 0)
		out[0] = (char)('0' + version_random_below(r, 10));
}

void
version_random_known(struct version_random *r, char out[VERSION_RANDOM_SIZE])
{
	(void)snprintf(out, VERSION_RANDOM_SIZE, "%s",
	    r->shapes.versions.at[version_random_below(r, r->shapes.versions.n)]);
}

static void
change(struct version_random *r, char *s)
{
	size_t at = version_random_below(r, strlen(s));
	char twice[2] = { s[at], '\0' };

	switch (version_random_below(r, 4)) {
	case 0:
		splice(s, at, 1, any_token(r));
		break;
	case 1:
		splice(s, at, 1, "");
		break;
	case 2:
		splice(s, at, 0, any_token(r));
		break;
	default:
		splice(s, at, 0, twice);
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

void
version_random_pair(
    struct version_random *r, char a[VERSION_RANDOM_SIZE], char b[VERSION_RANDOM_SIZE])
{
	char from[VERSION_RANDOM_SIZE];

	if (version_random_below(r, 2) == 0)
		version_random_new(r, from);
	else
		version_random_known(r, from);
	switch (version_random_below(r, 4)) {
	case 0:
		memcpy(a, from, sizeof(from));
		break;
	default:
		version_random_near(r, from, a);
		break;
	}
	switch (version_random_below(r, 8)) {
	case 0:
		version_random_known(r, b);
		break;
	case 1:
		version_random_new(r, b);
		break;
	default:
		version_random_near(r, version_random_below(r, 2) == 0 ? a : from, b);
		break;
	}
}
