/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_lists - versions that are lists of numbers and nothing else: those of CRAN, whose
 * numbers '.' or '-' separates, and those of Hackage, with '.' only.
 *
 * Number by number, and a list is older than one that goes on (1.0 < 1.0.0):
 *
 *	key = { 01 number } 00
 *
 * R reads a number into 32 bits and can compare no larger one; here numbers have no
 * upper limit.  R wants two numbers at least of a package, one of any other version:
 * one will do.  Hackage's own library takes neither a zero in front of other digits nor
 * more than nine digits, so neither is there to be compared.
 */
#include "match/match_private.h"

#include <string.h>

#define NUMBER   0x01
#define LIST_END 0x00

#define HACKAGE_MAX_DIGITS 9

static bool
any_number(const char *digits, size_t len)
{
	(void)digits;
	return len > 0;
}

static bool
hackage_number(const char *digits, size_t len)
{
	return len == 1 || (len > 1 && len <= HACKAGE_MAX_DIGITS && *digits != '0');
}

/* False if it is no list of what IS_NUMBER takes for one. */
static bool
add_list(struct key_out *out, const char *s, size_t len, const char *separators,
    bool (*is_number)(const char *digits, size_t len))
{
	const char *end = s + len;

	for (;; s++) {
		const char *digits = s;

		while (s < end && key_is_digit(*s))
			s++;
		if (!is_number(digits, (size_t)(s - digits)))
			return false;
		key_byte(out, NUMBER);
		key_number(out, digits, (size_t)(s - digits));
		if (s == end)
			break;
		if (strchr(separators, *s) == NULL)
			return false;
	}
	key_byte(out, LIST_END);
	return true;
}

static bool
encode_cran(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	(void)ret_exact;
	return add_list(out, s, len, ".-", any_number);
}

static bool
encode_hackage(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	(void)ret_exact;
	return add_list(out, s, len, ".", hackage_number);
}

const struct scheme ver_cran = {
	.name = "cran",
	.summary = "R packages of CRAN and Bioconductor",
	.encode = encode_cran,
	.just_above = key_just_above,
};

const struct scheme ver_hackage = {
	.name = "hackage",
	.summary = "Haskell packages of Hackage",
	.encode = encode_hackage,
	.just_above = key_just_above,
};
