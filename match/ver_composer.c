/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_composer - versions of Packagist, as Composer orders them: first it normalizes, then
 * PHP's version_compare() walks over the tokens.
 *
 *	[v]N{.N}	at most four numbers, the first of at most five digits; filled up
 *			with zeros to four
 *	[v]YYYYMM...	a date: four digits, then groups of two, the last of one to three,
 *			with dots, colons or hyphens between them
 *	1.x-dev		a branch with a number: what is not given is 9999999
 *
 * Behind the first two a modifier may stand (stable, alpha, beta, RC, patch and their short
 * forms, with numbers) and "dev".  "@stability" and "+build" are cut off.  Other branches
 * ("dev-main") have no order and compare by equality only.
 *
 * Two tokens of different kinds at the same place sort as enum token does; two words of one
 * kind are equal however they are spelled.
 */
#include "match/match_private.h"

#include <string.h>

enum token {
	TOKEN_OTHER, /* a word that PHP does not know: "STABLE", which only Composer does */
	TOKEN_DEV,
	TOKEN_ALPHA,
	TOKEN_BETA,
	TOKEN_RC,
	TOKEN_END,
	TOKEN_NUMBER = 7,
	TOKEN_PATCH
};

#define MAX_NUMBERS     4
#define MAX_FIRST       5 /* digits of the first number */
#define YEAR            4 /* digits */
#define MAX_PAIRS       6 /* of a date, behind the year */
#define BRANCH_WILDCARD "9999999"

/* Longer words before those that they begin with. */
static const struct {
	const char *word;
	enum token token;
} modifiers[] = {
	{ "stable", TOKEN_OTHER },
	{ "beta", TOKEN_BETA },
	{ "b", TOKEN_BETA },
	{ "rc", TOKEN_RC },
	{ "alpha", TOKEN_ALPHA },
	{ "a", TOKEN_ALPHA },
	{ "patch", TOKEN_PATCH },
	{ "pl", TOKEN_PATCH },
	{ "p", TOKEN_PATCH },
};

struct scan {
	const char *s, *end;
	struct key_out *out;
};

static bool
stands(const struct scan *p, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(p->end - p->s) >= len && strncasecmp(p->s, word, len) == 0;
}

static bool
stands_one_of(const struct scan *p, const char *chars)
{
	return p->s < p->end && strchr(chars, *p->s) != NULL;
}

static size_t
count_digits(const struct scan *p)
{
	const char *s = p->s;

	while (s < p->end && key_is_digit(*s))
		s++;
	return (size_t)(s - p->s);
}

static void
add_number(struct scan *p, const char *digits, size_t len)
{
	key_byte(p->out, TOKEN_NUMBER);
	key_number(p->out, digits, len);
}

/* ---- modifiers ---- */

/* "beta2.1": every group of digits is a token. */
static void
scan_modifier_numbers(struct scan *p)
{
	for (;;) {
		const char *start = p->s;
		size_t len;

		if (stands_one_of(p, ".-"))
			p->s++;
		if ((len = count_digits(p)) == 0) {
			p->s = start;
			return;
		}
		add_number(p, p->s, len);
		p->s += len;
	}
}

/* "-dev", ".dev" or "dev", and nothing behind it. */
static bool
scan_dev(struct scan *p)
{
	const char *start = p->s;

	if (stands_one_of(p, ".-"))
		p->s++;
	if (stands(p, "dev") && p->end - p->s == 3) {
		p->s += 3;
		return true;
	}
	p->s = start;
	return false;
}

/* What follows the numbers, to the end; *OUT gets its tokens.  False if it is no modifier.
 * Composer knows "stable" in small letters alone, and then nothing behind it counts. */
static bool
scan_word(struct scan *p, size_t row)
{
	const char *word = modifiers[row].word, *start = p->s;
	size_t len = strlen(word), before = p->out->len;
	bool counts =
	    modifiers[row].token != TOKEN_OTHER || strncmp(p->s, word, len) != 0;

	p->s += len;
	if (counts)
		key_byte(p->out, (unsigned char)modifiers[row].token);
	scan_modifier_numbers(p);
	if (scan_dev(p) && counts)
		key_byte(p->out, TOKEN_DEV);
	if (!counts)
		p->out->len = before;
	if (p->s == p->end)
		return true;
	p->s = start;
	p->out->len = before;
	return false;
}

static bool
scan_modifier(struct scan *p)
{
	const char *start = p->s;

	/* a separator is allowed in front, and alone */
	for (int skip = 1; skip >= 0; skip--) {
		p->s = start;
		if (skip == 1 && !stands_one_of(p, "._-"))
			continue;
		p->s += skip;
		if (p->s == p->end)
			return true;
		for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++)
			if (stands(p, modifiers[i].word) && scan_word(p, i))
				return true;
		if (scan_dev(p)) {
			key_byte(p->out, TOKEN_DEV);
			return true;
		}
	}
	return false;
}

/* ---- numbers ---- */

static void
scan_v(struct scan *p)
{
	if (stands(p, "v"))
		p->s++;
}

static bool
scan_classical(struct scan *p)
{
	size_t len, n = 0;

	scan_v(p);
	if ((len = count_digits(p)) == 0 || len > MAX_FIRST)
		return false;
	do {
		add_number(p, p->s, len);
		p->s += len;
		if (!stands_one_of(p, ".") || ++n == MAX_NUMBERS)
			break;
		p->s++;
		if ((len = count_digits(p)) == 0) {
			p->s--; /* the dot belongs to a modifier */
			break;
		}
	} while (true);
	for (n = n < MAX_NUMBERS ? n + (len > 0) : n; n < MAX_NUMBERS; n++)
		add_number(p, "", 0);
	return scan_modifier(p);
}

/* ---- dates ---- */

/* Can RUN digits at the end be groups of two and a last one, *PAIRS groups being there? */
static bool
ends_date(size_t run, size_t pairs)
{
	for (size_t last = 0; last <= 3 && last <= run; last++) {
		size_t all = pairs + (run - last) / 2;

		if ((run - last) % 2 == 0 && all >= 1 && all <= MAX_PAIRS)
			return true;
	}
	return false;
}

static bool
scan_date(struct scan *p)
{
	size_t run, pairs = 0;

	scan_v(p);
	if ((run = count_digits(p)) < YEAR)
		return false;
	add_number(p, p->s, run);
	p->s += run;
	run -= YEAR;
	while (stands_one_of(p, ".:-")) {
		p->s++;
		if (count_digits(p) == 0) {
			p->s--;
			break;
		}
		if (run % 2 != 0)
			return false; /* only the last group may be odd */
		pairs += run / 2;
		run = count_digits(p);
		add_number(p, p->s, run);
		p->s += run;
	}
	return ends_date(run, pairs) && scan_modifier(p);
}

/* ---- branches ---- */

/* "1.2.x-dev"; the end is known to be "dev". */
static bool
scan_branch(struct scan *p)
{
	size_t n = 0;

	p->end -= 3;
	if (p->end > p->s && strchr(".-", p->end[-1]) != NULL)
		p->end--;
	scan_v(p);
	for (; n < MAX_NUMBERS && p->s < p->end; n++) {
		size_t len;

		if (n > 0 && *p->s++ != '.')
			return false;
		if ((len = count_digits(p)) > 0) {
			add_number(p, p->s, len);
		} else if (n > 0 && stands_one_of(p, "xX*")) {
			add_number(p, BRANCH_WILDCARD, sizeof(BRANCH_WILDCARD) - 1);
			len = 1;
		} else {
			return false;
		}
		p->s += len;
	}
	if (n == 0 || p->s != p->end)
		return false;
	for (; n < MAX_NUMBERS; n++)
		add_number(p, BRANCH_WILDCARD, sizeof(BRANCH_WILDCARD) - 1);
	key_byte(p->out, TOKEN_DEV);
	return true;
}

/* ---- the whole ---- */

static void
cut_stability(const char *s, size_t *len)
{
	static const char *const words[] = { "@stable", "@rc", "@beta", "@alpha",
		"@dev" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if (*len >= n && strncasecmp(s + *len - n, words[i], n) == 0) {
			*len -= n;
			return;
		}
	}
}

static bool
has_blank(const char *s, const char *end)
{
	for (; s < end; s++)
		if (*s == ' ' || (*s >= '\t' && *s <= '\r'))
			return true;
	return false;
}

static void
cut_build(const char *s, size_t *len)
{
	const char *end = s + *len, *plus = memchr(s, '+', *len);

	if (plus != NULL && plus > s && plus + 1 < end && !has_blank(s, end) &&
	    memchr(s, ',', (size_t)(plus - s)) == NULL)
		*len = (size_t)(plus - s);
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	static bool (*const forms[])(struct scan *) = { scan_classical, scan_date };
	struct scan p = { .s = s, .end = s + len, .out = out };
	bool is_version = false;

	(void)ret_exact;
	cut_stability(s, &len);
	p.end = s + len;
	if (stands(&p, "dev-"))
		return false;
	cut_build(s, &len);
	for (size_t i = 0; i < 2 && !is_version; i++) {
		p = (struct scan){ .s = s, .end = s + len, .out = out };
		out->len = 0;
		is_version = forms[i](&p);
	}
	p = (struct scan){ .s = s, .end = s + len, .out = out };
	if (!is_version && len > 3 && strncasecmp(p.end - 3, "dev", 3) == 0) {
		out->len = 0;
		is_version = scan_branch(&p);
	}
	key_byte(out, TOKEN_END);
	return is_version;
}

const struct scheme ver_composer = {
	.name = "composer",
	.summary = "packages of PHP: Composer and Packagist",
	.encode = encode,
	.just_above = key_just_above,
};
