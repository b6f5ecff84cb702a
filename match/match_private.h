/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match_private - for files of this room only: the sink that keys are written to, the
 * pieces every scheme builds its keys from, the schemes, and the steps of a decision.
 *
 * Why memcmp of two keys is the scheme's order: every token is written with a code that
 * is no prefix of another code allowed at the same place, what is allowed depends only
 * on tokens already written, and the codes of one place sort as the tokens do.
 */
#ifndef MATCH_MATCH_PRIVATE_H
#define MATCH_MATCH_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "match/match.h"

/* No scheme writes six bytes for each byte of a version (MAX_VERSION = 4096). */
#define KEY_MAX 24640

/* Writes beyond the capacity are dropped and remembered in 'full'. */
struct key_out {
	unsigned char *at; /* borrowed */
	size_t len, cap;
	bool full;
};

static inline void
key_byte(struct key_out *out, unsigned char b)
{
	if (out->len < out->cap)
		out->at[out->len++] = b;
	else
		out->full = true;
}

static inline bool
key_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
key_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What the labels of Semantic Versioning and its relatives consist of. */
static inline bool
key_is_label_char(char c)
{
	return key_is_digit(c) || key_is_letter(c) || c == '-';
}

/*
 * A number of any size from its LEN decimal digits; no digits and leading zeros are
 * allowed: below 240 one byte, else a length and two digits a byte.  Never ends inside
 * another number.
 */
void key_number(struct key_out *out, const char *digits, size_t len);
void key_count(struct key_out *out, size_t n);
/* Complement what was written from AT on: what was lower is higher. */
void key_complement(struct key_out *out, size_t at);
/* Text without NUL bytes, ended by the lowest byte. */
void key_text(struct key_out *out, const char *s, size_t len);
/* A slot of struct scheme: the least key above the one written so far. */
void key_just_above(const char *s, size_t len, struct key_out *out);

/* Keys that are no version's: the open end, and the head of text without an order. */
#define KEY_OPEN_END   "\xff\xff\xff"
#define KEY_NO_VERSION "\xff\xff\xff\xff"

struct key key_copy(const struct key_out *out, struct arena *a);
/* The key of text that is no version of its scheme, above every range's end. */
struct key key_no_version(const char *s, size_t len, struct arena *a);
/* KEY and a byte 00. */
struct key key_after(struct key key, struct arena *a);

/*
 * The key of TEXT into OUT, whose capacity is KEY_MAX.  False if SCHEME is NULL or TEXT
 * is none of its versions; OUT then holds nothing of use.
 */
bool match_encode(const struct scheme *scheme, const char *text, size_t len,
    struct key_out *out, bool *ret_exact);

/* The schemes; the table is in version.c. */
extern const struct scheme ver_dpkg, ver_rpm, ver_apk, ver_alpm, ver_semver, ver_npm,
    ver_cargo, ver_hex, ver_go, ver_pub, ver_pep440, ver_gem, ver_nuget, ver_composer,
    ver_maven, ver_gentoo, ver_cran, ver_hackage, ver_generic;

/* ---- deciding ---- */

/* Whether a statement speaks of a subject, or why it does not. */
enum fit {
	FIT_NOT_ABOUT, /* of another package */
	FIT_NOISE,     /* of the source, but not of what this package carries */
	FIT_MODULE,    /* of another module */
	FIT_ARCH,      /* of other architectures */
	FIT_YES
};
enum fit fit_of(const struct subject *s, const struct statement *st);
/* Is STREAM one of those the subject has enabled?  The base stream is not. */
bool fit_has_stream(const struct subject *s, const char *stream);

/* Packages that vulnerabilities of their source cannot touch. */
bool noise_is(const struct subject *s);

#endif
