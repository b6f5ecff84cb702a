/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_gem - versions of RubyGems, as Gem::Version compares them.
 *
 * A version is a list of segments, runs of digits and runs of letters; a hyphen stands for
 * ".pre.".  Zeros in front of the first letters, and at the end, do not count.  Then place by
 * place, zeros without end behind both: letters are below numbers, numbers by value, letters
 * byte by byte, capitals first.
 *
 * Since the padding is zeros, a run of zeros is written with what ends it.  Before letters, a
 * longer run is nearer to "zeros for ever", so higher; before a number, lower:
 *
 *	letters		01 count(zeros) text
 *	the end		02
 *	a number	03 complement of count(zeros), number
 */
#include "match/match_private.h"

#define WORD   0x01
#define END    0x02
#define NUMBER 0x03

/* What a hyphen stands for. */
#define PRE "pre"

struct scan {
	const char *s, *end;
	size_t zeros; /* segments that were zero, since the last other one */
	bool had_word;
	struct key_out *out;
};

static void
add_word(struct scan *p, const char *word, size_t len)
{
	key_byte(p->out, WORD);
	key_count(p->out, p->had_word ? p->zeros : 0);
	key_text(p->out, word, len);
	p->zeros = 0;
	p->had_word = true;
}

static void
scan_number(struct scan *p)
{
	const char *digits;
	size_t at;

	while (p->s < p->end && *p->s == '0')
		p->s++;
	digits = p->s;
	while (p->s < p->end && key_is_digit(*p->s))
		p->s++;
	if (p->s == digits) {
		p->zeros++;
		return;
	}
	key_byte(p->out, NUMBER);
	at = p->out->len;
	key_count(p->out, p->zeros);
	key_complement(p->out, at);
	key_number(p->out, digits, (size_t)(p->s - digits));
	p->zeros = 0;
}

static void
scan_word(struct scan *p)
{
	const char *word = p->s;

	while (p->s < p->end && key_is_letter(*p->s))
		p->s++;
	add_word(p, word, (size_t)(p->s - word));
}

static bool
is_alnum(char c)
{
	return key_is_digit(c) || key_is_letter(c);
}

/* Behind S[I], everything that BELONGS. */
static size_t
skip(const char *s, size_t i, size_t len, bool (*belongs)(char))
{
	while (i < len && belongs(s[i]))
		i++;
	return i;
}

/* digits{.alnums}[-labels{.labels}]; labels may hold hyphens. */
static bool
is_version(const char *s, size_t len)
{
	bool (*belongs)(char) = is_alnum;
	size_t i = skip(s, 0, len, key_is_digit);

	if (i == 0)
		return false;
	while (i < len) {
		size_t from = i + 1;

		if (s[i] == '-' && belongs == is_alnum)
			belongs = key_is_label_char;
		else if (s[i] != '.')
			return false;
		i = skip(s, from, len, belongs);
		if (i == from)
			return false;
	}
	return true;
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct scan p = { .s = s, .end = s + len, .out = out };

	(void)ret_exact;
	if (!is_version(s, len))
		return false;
	while (p.s < p.end) {
		if (key_is_digit(*p.s))
			scan_number(&p);
		else if (key_is_letter(*p.s))
			scan_word(&p);
		else if (*p.s++ == '-')
			add_word(&p, PRE, sizeof(PRE) - 1);
	}
	key_byte(out, END);
	return true;
}

const struct scheme ver_gem = {
	.name = "gem",
	.summary = "packages of Ruby: RubyGems",
	.encode = encode,
	.just_above = key_just_above,
};
