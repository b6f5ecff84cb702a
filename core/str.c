/* SPDX-License-Identifier: Apache-2.0 */
/* str - ASCII comparison, exact numbers, globs; UTF-8 is in utf8.c. */
#include "core/str.h"

#include <string.h>

#include "core/arena.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
str_eq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
str_caseeq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	while (*a != '\0' && lower(*a) == lower(*b))
		a++, b++;
	return lower(*a) == lower(*b);
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), suffix_len = strlen(suffix);

	return len >= suffix_len && strcmp(s + len - suffix_len, suffix) == 0;
}

const char *
str_or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

char *
str_lower(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_strndup(a, s, n);

	for (char *p = copy; *p != '\0'; p++)
		*p = lower(*p);
	return copy;
}

char *
str_trim(struct arena *a, const char *s, size_t n)
{
	n = strnlen(s, n);
	while (n > 0 && is_blank(s[0]))
		s++, n--;
	while (n > 0 && is_blank(s[n - 1]))
		n--;
	return arena_strndup(a, s, n);
}

/* The digits at S; a pointer behind them, or NULL if there are none or too many. */
static const char *
read_digits(const char *s, uint64_t *ret)
{
	uint64_t v = 0;

	if (!is_digit(*s))
		return NULL;
	for (; is_digit(*s); s++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return NULL;
	}
	*ret = v;
	return s;
}

bool
str_u64(const char *s, uint64_t *ret)
{
	uint64_t v;

	if (s == NULL || (s = read_digits(s, &v)) == NULL || *s != '\0')
		return false;
	*ret = v;
	return true;
}

bool
str_i64(const char *s, int64_t *ret)
{
	bool is_negative = s != NULL && *s == '-';
	uint64_t v;

	if (s == NULL || !str_u64(s + is_negative, &v))
		return false;
	if (v > (uint64_t)INT64_MAX + is_negative)
		return false;
	*ret = is_negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool
str_micro(const char *s, int64_t *ret)
{
	int64_t micro = 0, unit = 1000000;
	const char *p = s;

	if (s == NULL || *s < '0' || *s > '9')
		return false;
	for (; *p >= '0' && *p <= '9' && micro <= 1000; p++)
		micro = micro * 10 + (*p - '0');
	if (micro > 1000)
		return false;
	micro *= unit;
	if (*p == '.') {
		if (p[1] < '0' || p[1] > '9')
			return false;
		for (p++; *p >= '0' && *p <= '9'; p++)
			micro += (*p - '0') * (unit /= 10);
	}
	if (*p != '\0')
		return false;
	*ret = micro;
	return true;
}

bool
str_duration_ms(const char *s, int64_t *ret_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {
		{ "", 1000 },
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60 * 1000 },
		{ "h", 3600 * 1000 },
		{ "d", 86400 * 1000 },
		{ "w", 7 * 86400 * 1000 },
	};
	uint64_t v;
	int64_t ms;

	if (s == NULL || (s = read_digits(s, &v)) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(s, units[i].unit) != 0)
			continue;
		if (__builtin_mul_overflow(v, units[i].ms, &ms))
			return false;
		*ret_ms = ms;
		return true;
	}
	return false;
}

bool
str_bytes(const char *s, uint64_t *ret)
{
	static const char units[] = "kmgt";
	const char *unit;
	uint64_t v;

	if (s == NULL || (s = read_digits(s, &v)) == NULL)
		return false;
	if (*s != '\0' && (unit = strchr(units, lower(*s))) != NULL) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);

		if (v > UINT64_MAX >> shift)
			return false;
		v <<= shift;
		s++;
		if (*s == 'i' && s[1] == 'B')
			s++;
	}
	if (*s == 'B')
		s++;
	if (*s != '\0')
		return false;
	*ret = v;
	return true;
}

/* Bytes of the character at S (1 where it is not UTF-8). */
static size_t
char_len(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xc0) == 0x80 && n < 4)
		n++;
	return n;
}

/*
 * One pass with two places to come back to: the last '*' and the last '**'.  Earlier
 * ones need no second try, since what follows them matched as far left as it can.
 * When a '*' has run into the end of the value, nothing that starts further right can
 * succeed either; without that rule a crafted glob would cost the square of the value.
 */
bool
glob_match(const char *glob, const char *value)
{
	const char *star = NULL, *star_value = NULL;
	const char *deep = NULL, *deep_value = NULL;

	for (;;) {
		if (glob[0] == '*' && glob[1] == '*') {
			while (*glob == '*')
				glob++;
			deep = glob;
			deep_value = value;
			star = NULL;
			continue;
		}
		if (*glob == '*') {
			star = ++glob;
			star_value = value;
			continue;
		}
		if (*glob == '\0' && *value == '\0')
			return true;
		if (*value != '\0' && *glob == '?' && *value != '/') {
			glob++;
			value += char_len(value);
			continue;
		}
		if (*value != '\0' && *glob == *value) {
			glob++;
			value++;
			continue;
		}
		if (star != NULL && *star_value == '\0')
			return false;
		if (star != NULL && *star_value != '/') {
			value = ++star_value;
			glob = star;
			continue;
		}
		if (deep == NULL || *deep_value == '\0')
			return false;
		value = ++deep_value;
		glob = deep;
		star = NULL;
	}
}
