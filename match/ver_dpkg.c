/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_dpkg - versions of Debian and its descendants: [epoch:]upstream[-revision].
 *
 * The native walk compares, by turns, a run of non-digits and a number, until both
 * strings are used up; a string that ends first goes on as ("", 0) for ever.  Inside a
 * run '~' sorts before the run's end, then letters, then everything else.  So:
 *
 *	key    = number(epoch) part(upstream) part(revision)
 *	part   = (run 02 number)... 02
 *	run    = '~' 01 | letter itself | other | 80
 *
 * The last 02 stands for the first ("", 0) of the padding: where it stands, a longer
 * string has 01 (lower) or a letter and above (higher), since only the first run of a
 * string can be empty.
 */
#include "match/match_private.h"

#include <limits.h>
#include <string.h>

#define TILDE   0x01
#define RUN_END 0x02
#define OTHER   0x80

/* dpkg keeps the epoch in an int and refuses what does not fit. */
static bool
is_epoch(const char *s, size_t len)
{
	unsigned long value = 0;

	for (size_t i = 0; i < len; i++) {
		if (!key_is_digit(s[i]))
			return false;
		value = value * 10 + (unsigned long)(s[i] - '0');
		if (value > INT_MAX)
			return false;
	}
	return len > 0;
}

/* False at a character that is neither letter nor digit nor one of OTHERS. */
static bool
add_part(struct key_out *out, const char *s, size_t len, const char *others)
{
	const char *end = s + len;

	do {
		const char *digits;

		for (; s < end && !key_is_digit(*s); s++) {
			if (*s == '~')
				key_byte(out, TILDE);
			else if (key_is_letter(*s))
				key_byte(out, (unsigned char)*s);
			else if (strchr(others, *s) != NULL)
				key_byte(out, (unsigned char)(*s | OTHER));
			else
				return false;
		}
		key_byte(out, RUN_END);
		for (digits = s; s < end && key_is_digit(*s); s++)
			;
		key_number(out, digits, (size_t)(s - digits));
	} while (s < end);
	key_byte(out, RUN_END);
	return true;
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	const char *end = s + len, *colon = memchr(s, ':', len), *hyphen;

	(void)ret_exact;
	if (colon != NULL) {
		if (!is_epoch(s, (size_t)(colon - s)))
			return false;
		key_number(out, s, (size_t)(colon - s));
		s = colon + 1;
	} else {
		key_number(out, s, 0);
	}
	if (s == end || !key_is_digit(*s))
		return false;
	hyphen = memrchr(s, '-', (size_t)(end - s));
	if (hyphen == NULL) /* the same as revision 0 */
		return add_part(out, s, (size_t)(end - s), ".+-:") &&
		       add_part(out, end, 0, "");
	if (hyphen + 1 == end)
		return false;
	return add_part(out, s, (size_t)(hyphen - s), ".+-:") &&
	       add_part(out, hyphen + 1, (size_t)(end - hyphen - 1), ".+");
}

const struct scheme ver_dpkg = {
	.name = "dpkg",
	.summary = "Debian, Ubuntu and their derivatives",
	.encode = encode,
	.just_above = key_just_above,
};
