/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_generic - versions of which nobody says how they compare (NVD's products, unknown
 * packages), in the order of Repology's libversion: a guess that is right for most, and
 * matches made by it deserve less confidence than others.
 *
 * Runs of digits and runs of letters are components; all else only separates, and after
 * the last component zeros go on for ever (1 = 1.0 = 1.0.0).  At any place the order is
 *
 *	word before the release < zero, end < word after it < other number < suffix
 *
 * Of words only the first letter counts, and not its case (1.0alpha1 = 1.0a1).  After
 * the release are "post...", "patch...", "pl" and "errata"; every other word is before
 * it, "p" included, unless it directly follows a number and no digit follows it: then it
 * is a suffix (1.0.2k), and above every number in its place.
 *
 *	key       = component... 02
 *	component = before 01 number(zeros) letter
 *	          | after  03 ~number(zeros) 01 letter
 *	          | number 03 ~number(zeros) 02 number
 *	          | suffix 03 ~number(zeros) 03 letter
 *
 * where zeros are those skipped in front of it, and ~ complements each byte.  Zeros are
 * all equal to the end, so only what follows tells them apart: in front of a word that
 * is lower than zero more of them are higher, in front of anything else lower.
 *
 * libversion takes every text and gives "-" or "*" the version 0.  Here a text without a
 * letter or digit is no version: in NVD these mean "none" and "any".
 *
 * libversion is not in Debian 12, so nothing native is beside ours in the tests:
 * published and own comparisons only.
 */
#include "match/match_private.h"

#include <string.h>
#include <strings.h>

#define BEFORE 0x01
#define END    0x02
#define ABOVE  0x03
/* behind ABOVE */
#define ABOVE_AFTER  0x01
#define ABOVE_NUMBER 0x02
#define ABOVE_SUFFIX 0x03

static const struct keyword {
	const char *word;
	bool whole; /* else longer words begin with it, too */
	bool after; /* the release; else before it */
} keywords[] = {
	{ "alpha", true, false },
	{ "beta", true, false },
	{ "rc", true, false },
	{ "pre", false, false },
	{ "post", false, true },
	{ "patch", false, true },
	{ "pl", true, true },
	{ "errata", true, true },
};

struct scan {
	const char *s, *end;
	size_t zeros; /* components that were zero, since the last other one */
	struct key_out *out;
};

static const struct keyword *
find_keyword(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		size_t n = strlen(keywords[i].word);

		if (len >= n && (len == n || !keywords[i].whole) &&
		    strncasecmp(word, keywords[i].word, n) == 0)
			return &keywords[i];
	}
	return NULL;
}

static void
add_above(struct scan *p, unsigned char kind)
{
	size_t at;

	key_byte(p->out, ABOVE);
	at = p->out->len;
	key_count(p->out, p->zeros);
	key_complement(p->out, at);
	key_byte(p->out, kind);
	p->zeros = 0;
}

static void
add_before(struct scan *p)
{
	key_byte(p->out, BEFORE);
	key_count(p->out, p->zeros);
	p->zeros = 0;
}

static void
scan_number(struct scan *p)
{
	const char *digits;

	while (p->s < p->end && *p->s == '0')
		p->s++;
	digits = p->s;
	while (p->s < p->end && key_is_digit(*p->s))
		p->s++;
	if (p->s == digits) {
		p->zeros++;
		return;
	}
	add_above(p, ABOVE_NUMBER);
	key_number(p->out, digits, (size_t)(p->s - digits));
}

/* FOLLOWS: a number, with nothing between them. */
static void
scan_word(struct scan *p, bool follows)
{
	const char *word = p->s;
	const struct keyword *known;

	while (p->s < p->end && key_is_letter(*p->s))
		p->s++;
	known = find_keyword(word, (size_t)(p->s - word));
	if (known != NULL && known->after)
		add_above(p, ABOVE_AFTER);
	else if (known == NULL && follows && !(p->s < p->end && key_is_digit(*p->s)))
		add_above(p, ABOVE_SUFFIX);
	else
		add_before(p);
	key_byte(p->out, (unsigned char)(*word | ('a' - 'A')));
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct scan p = { .s = s, .end = s + len, .out = out };
	bool any = false;

	(void)ret_exact;
	while (p.s < p.end) {
		if (key_is_digit(*p.s)) {
			scan_number(&p);
		} else if (key_is_letter(*p.s)) {
			scan_word(&p, p.s > s && key_is_digit(p.s[-1]));
		} else {
			p.s++;
			continue;
		}
		any = true;
	}
	key_byte(out, END);
	return any;
}

const struct scheme ver_generic = {
	.name = "generic",
	.summary = "where nobody defines an order: the rules of libversion",
	.encode = encode,
	.just_above = key_just_above,
};
