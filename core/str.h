/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str - the few things the C library lacks for text: case-free comparison in ASCII,
 * exact number reading, UTF-8 checks, cleaning of foreign text.
 */
#ifndef CORE_STR_H
#define CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_caseeq(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
/* "" for NULL. */
const char *str_or_empty(const char *s);

/* Copy of S[0..N) in the arena, ASCII lower case / without blanks at both ends. */
char *str_lower(struct arena *a, const char *s, size_t n);
char *str_trim(struct arena *a, const char *s, size_t n);

/* The whole of S as a decimal number, nothing before or behind; false if it is not. */
bool str_u64(const char *s, uint64_t *ret);
bool str_i64(const char *s, int64_t *ret);
/* "0.25" as millionths, for numbers from 0 to 1000; what lies behind six decimals is cut
 * off.  No exponents. */
bool str_micro(const char *s, int64_t *ret);

/* "5s", "2m", "1h", "400d", "250ms" to milliseconds; plain digits are seconds. */
bool str_duration_ms(const char *s, int64_t *ret_ms);
/* "64MiB", "10k", "1024" to bytes (k, M, G = powers of 1024). */
bool str_bytes(const char *s, uint64_t *ret);

bool utf8_valid(const char *s, size_t n);
/*
 * Copy of S[0..N) that is safe to keep and show: invalid UTF-8 becomes U+FFFD,
 * control characters but TAB and LF are dropped (LF too if ONE_LINE, as a blank),
 * cut at MAX bytes on a character boundary.
 */
char *utf8_clean(struct arena *a, const char *s, size_t n, size_t max, bool one_line);
/* Largest length <= MAX that does not split a character of S[0..N). */
size_t utf8_cut(const char *s, size_t n, size_t max);

/*
 * Match VALUE against GLOB as image selectors do: '*' within one path segment,
 * '**' across segments, '?' one character; everything else is itself.
 */
bool glob_match(const char *glob, const char *value);

#endif
