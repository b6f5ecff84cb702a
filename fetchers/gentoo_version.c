/* SPDX-License-Identifier: Apache-2.0 */
/* gentoo_version - the order of Gentoo's package manager specification. */
#include "fetchers/gentoo_version.h"

#include <stddef.h>
#include <string.h>

#define DIGITS "0123456789"

/* In their order; no suffix at all lies between rc and p. */
static const struct {
	const char *word;
	int rank;
} suffixes[] = {
	{ "_alpha", -4 },
	{ "_beta", -3 },
	{ "_pre", -2 },
	{ "_rc", -1 },
	{ "_p", 1 },
};

static int
sign(long long n)
{
	return (n > 0) - (n < 0);
}

/* Two numbers of any size. */
static int
compare_numbers(const char *a, size_t a_len, const char *b, size_t b_len)
{
	for (; a_len > 0 && *a == '0'; a_len--)
		a++;
	for (; b_len > 0 && *b == '0'; b_len--)
		b++;
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}

/* Numbers behind the first: with a zero in front both are fractions. */
static int
compare_component(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order;

	if (*a != '0' && *b != '0')
		return compare_numbers(a, a_len, b, b_len);
	while (a_len > 0 && a[a_len - 1] == '0')
		a_len--;
	while (b_len > 0 && b[b_len - 1] == '0')
		b_len--;
	order = memcmp(a, b, a_len < b_len ? a_len : b_len);
	return order != 0 ? order : sign((long long)a_len - (long long)b_len);
}

/* The rank of the suffix at *P, which moves behind its word; 0 if there is none. */
static int
take_suffix(const char **p)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t len = strlen(suffixes[i].word);

		if (strncmp(*p, suffixes[i].word, len) == 0) {
			*p += len;
			return suffixes[i].rank;
		}
	}
	return 0;
}

/* The letter at *P, which moves behind it; 0 if there is none. */
static int
take_letter(const char **p)
{
	return **p >= 'a' && **p <= 'z' ? *(*p)++ : 0;
}

bool
gentoo_version_is_valid(const char *version)
{
	const char *p = version;
	size_t len;

	for (;; p++) {
		if ((len = strspn(p, DIGITS)) == 0)
			return false;
		p += len;
		if (*p != '.')
			break;
	}
	(void)take_letter(&p);
	while (*p == '_') {
		if (take_suffix(&p) == 0)
			return false;
		p += strspn(p, DIGITS);
	}
	if (p[0] == '-' && p[1] == 'r' && (len = strspn(p + 2, DIGITS)) > 0)
		p += 2 + len;
	return *p == '\0';
}

/* The numbers in front; *A and *B move behind those that were compared. */
static int
compare_heads(const char **a, const char **b)
{
	for (bool is_first = true;; is_first = false) {
		size_t a_len = strspn(*a, DIGITS), b_len = strspn(*b, DIGITS);
		int order = is_first ? compare_numbers(*a, a_len, *b, b_len)
				     : compare_component(*a, a_len, *b, b_len);

		*a += a_len;
		*b += b_len;
		if (order != 0)
			return order;
		if (**a != '.' || **b != '.')
			return (**a == '.') - (**b == '.');
		(*a)++;
		(*b)++;
	}
}

static int
compare_suffixes(const char **a, const char **b)
{
	while (**a == '_' || **b == '_') {
		int order = take_suffix(a) - take_suffix(b);
		size_t a_len = strspn(*a, DIGITS), b_len = strspn(*b, DIGITS);

		if (order == 0)
			order = compare_numbers(*a, a_len, *b, b_len);
		if (order != 0)
			return order;
		*a += a_len;
		*b += b_len;
	}
	return 0;
}

int
gentoo_version_compare(const char *a, const char *b)
{
	int order;

	if ((order = compare_heads(&a, &b)) != 0 ||
	    (order = take_letter(&a) - take_letter(&b)) != 0 ||
	    (order = compare_suffixes(&a, &b)) != 0)
		return order;
	a += *a == '-' ? 2 : 0;
	b += *b == '-' ? 2 : 0;
	return compare_numbers(a, strlen(a), b, strlen(b));
}
