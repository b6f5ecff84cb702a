/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_nuget - versions of .NET packages: number{.number}[-label{.label}][+build], one to
 * four numbers, those left out are 0.
 *
 * As in Semantic Versioning a version with labels is less than one without, labels
 * compare one by one, fewer below more, and the build does not count.  What .NET does
 * otherwise: text compares without case (upper case, by bytes), and a label is a number
 * where int.TryParse() takes it for one: -5 is, and of 20240229101500 there is none in 32
 * bits, so such a label is text, above every number.
 *
 *	key   = number number number number (03 | label... 00)
 *	label = 01 the number plus 2^31 in four bytes | 02 text
 *
 * Unlike .NET, the numbers in front have no upper limit.
 */
#include "match/match_private.h"

#include <stdint.h>

#define LABELS_END   0x00
#define LABEL_NUMBER 0x01
#define LABEL_TEXT   0x02
#define NO_LABELS    0x03

#define MAX_NUMBERS 4

struct scan {
	const char *s, *end;
	struct key_out *out;
};

static bool
at(const struct scan *p, char c)
{
	return p->s < p->end && *p->s == c;
}

/* Whether S[0..LEN) is a decimal number that 32 bits hold. */
static bool
is_int32(const char *s, size_t len, int64_t *ret)
{
	bool is_negative = len > 0 && *s == '-';
	int64_t value = 0;

	if (is_negative)
		s++, len--;
	for (size_t i = 0; i < len; i++) {
		if (!key_is_digit(s[i]))
			return false;
		value = value * 10 + (s[i] - '0');
		if (value > (int64_t)INT32_MAX + is_negative)
			return false;
	}
	*ret = is_negative ? -value : value;
	return len > 0;
}

static void
add_int32(struct key_out *out, int64_t value)
{
	uint32_t rank = (uint32_t)(value - INT32_MIN);

	for (int shift = 24; shift >= 0; shift -= 8)
		key_byte(out, (unsigned char)(rank >> shift & 0xff));
}

static void
add_label(struct key_out *out, const char *s, size_t len)
{
	int64_t value;

	if (is_int32(s, len, &value)) {
		key_byte(out, LABEL_NUMBER);
		add_int32(out, value);
		return;
	}
	key_byte(out, LABEL_TEXT);
	for (size_t i = 0; i < len; i++) {
		bool is_lower = s[i] >= 'a' && s[i] <= 'z';

		key_byte(out, (unsigned char)(is_lower ? s[i] - 'a' + 'A' : s[i]));
	}
	key_byte(out, 0);
}

/* Steps over a number and writes it; false if there is none. */
static bool
scan_number(struct scan *p)
{
	const char *digits = p->s;

	while (p->s < p->end && key_is_digit(*p->s))
		p->s++;
	key_number(p->out, digits, (size_t)(p->s - digits));
	return p->s > digits;
}

static bool
scan_numbers(struct scan *p)
{
	int n = 1;

	if (!scan_number(p))
		return false;
	for (; n < MAX_NUMBERS && at(p, '.'); n++) {
		p->s++;
		if (!scan_number(p))
			return false;
	}
	for (; n < MAX_NUMBERS; n++)
		key_number(p->out, "", 0);
	return true;
}

/* Steps over a label behind the sign that stands here; its length, 0 if it is none. */
static size_t
scan_label(struct scan *p, const char **ret)
{
	*ret = ++p->s;
	while (p->s < p->end && key_is_label_char(*p->s))
		p->s++;
	return (size_t)(p->s - *ret);
}

static bool
has_leading_zero(const char *s, size_t len)
{
	size_t digits = 0;

	while (digits < len && key_is_digit(s[digits]))
		digits++;
	return len > 1 && digits == len && *s == '0';
}

static bool
scan_labels(struct scan *p)
{
	const char *label;

	do {
		size_t len = scan_label(p, &label);

		if (len == 0 || has_leading_zero(label, len))
			return false;
		add_label(p->out, label, len);
	} while (at(p, '.'));
	key_byte(p->out, LABELS_END);
	return true;
}

static bool
skip_build(struct scan *p)
{
	const char *label;

	do {
		if (scan_label(p, &label) == 0)
			return false;
	} while (at(p, '.'));
	return true;
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct scan p = { .s = s, .end = s + len, .out = out };

	(void)ret_exact;
	if (!scan_numbers(&p))
		return false;
	if (!at(&p, '-'))
		key_byte(out, NO_LABELS);
	else if (!scan_labels(&p))
		return false;
	return (!at(&p, '+') || skip_build(&p)) && p.s == p.end;
}

const struct scheme ver_nuget = {
	.name = "nuget",
	.summary = "packages of .NET",
	.encode = encode,
	.just_above = key_just_above,
};
