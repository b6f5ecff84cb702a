/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_gentoo - versions of Gentoo, as its package manager specification has them:
 * number{.number}[letter]{_suffix[number]}[-rnumber].
 *
 * The first number counts by its value.  The others do, too, unless one of the two has a
 * zero in front: then both are fractions, and 1.010 = 1.01 < 1.1.  As a fraction with a
 * leading zero is below every number without one, a number's own first digit decides how
 * it is written.  More numbers are newer (1.0 < 1.0.0), then no letter < a < z, then the
 * suffixes one by one: alpha < beta < pre < rc < none < p, no number is 0; then the
 * revision, none is 0.
 *
 *	key    = number { 01 fraction } 00 letter { suffix number } 05 number
 *	fraction = 00 text without its last zeros | 01 number
 *	letter = 00 | itself
 *	suffix = alpha 01 | beta 02 | pre 03 | rc 04 | p 06
 *
 * Debian has no package of portage or another comparator of these versions, so nothing
 * native is beside ours in the tests: published and own comparisons only.
 */
#include "match/match_private.h"

#include <string.h>

#define COMPONENT      0x01
#define COMPONENTS_END 0x00
#define AS_FRACTION    0x00
#define AS_VALUE       0x01
#define NO_LETTER      0x00
#define SUFFIXES_END   0x05

static const struct {
	const char *word;
	unsigned char code;
} suffixes[] = {
	{ "alpha", 0x01 },
	{ "beta", 0x02 },
	{ "pre", 0x03 },
	{ "rc", 0x04 },
	{ "p", 0x06 },
};

struct scan {
	const char *s, *end;
	struct key_out *out;
};

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static size_t
take(struct scan *p, bool (*belongs)(char))
{
	const char *start = p->s;

	while (p->s < p->end && belongs(*p->s))
		p->s++;
	return (size_t)(p->s - start);
}

/* Digits that may be missing: then they are 0. */
static void
scan_number(struct scan *p)
{
	const char *digits = p->s;

	key_number(p->out, digits, take(p, key_is_digit));
}

/* The number behind a dot. */
static bool
scan_component(struct scan *p)
{
	const char *digits = ++p->s;
	size_t len = take(p, key_is_digit);

	if (len == 0)
		return false;
	key_byte(p->out, COMPONENT);
	if (*digits == '0') {
		while (len > 0 && digits[len - 1] == '0')
			len--;
		key_byte(p->out, AS_FRACTION);
		key_text(p->out, digits, len);
	} else {
		key_byte(p->out, AS_VALUE);
		key_number(p->out, digits, len);
	}
	return true;
}

static bool
scan_suffix(struct scan *p)
{
	const char *word = ++p->s;
	size_t len = take(p, is_lower);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strlen(suffixes[i].word) != len ||
		    memcmp(suffixes[i].word, word, len) != 0)
			continue;
		key_byte(p->out, suffixes[i].code);
		scan_number(p);
		return true;
	}
	return false;
}

static bool
scan_revision(struct scan *p)
{
	if (p->s == p->end) { /* the same as -r0 */
		key_number(p->out, p->s, 0);
		return true;
	}
	if (p->end - p->s < 3 || p->s[0] != '-' || p->s[1] != 'r')
		return false;
	p->s += 2;
	scan_number(p);
	return p->s == p->end && key_is_digit(p->end[-1]);
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct scan p = { .s = s, .end = s + len, .out = out };

	(void)ret_exact;
	if (!key_is_digit(*s))
		return false;
	scan_number(&p);
	while (p.s < p.end && *p.s == '.')
		if (!scan_component(&p))
			return false;
	key_byte(out, COMPONENTS_END);
	if (p.s < p.end && is_lower(*p.s))
		key_byte(out, (unsigned char)*p.s++);
	else
		key_byte(out, NO_LETTER);
	while (p.s < p.end && *p.s == '_')
		if (!scan_suffix(&p))
			return false;
	key_byte(out, SUFFIXES_END);
	return scan_revision(&p);
}

const struct scheme ver_gentoo = {
	.name = "gentoo",
	.summary = "Gentoo and its descendants",
	.encode = encode,
	.just_above = key_just_above,
};
