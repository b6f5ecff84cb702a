/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_apk - versions of Alpine, Wolfi and Chainguard, in the order of apk-tools 3:
 * digits{.digits}[letter]{_suffix[digits]}[~hash][-rdigits].
 *
 * Two versions are compared token by token.  Where their kinds of token differ, the
 * order is that of enum code below: a pre-release suffix is less than the end, all else
 * is more.  A rest that is no token ends the key: two such rests are equal, as they are
 * natively.
 *
 * Beyond apk-tools 3, from apk-tools 2: digits straight behind the letter are one more
 * number ("1.9.5p2").  Such versions are published, and version 3 calls all of them
 * equal, so that a fix would be lost.  Unlike both, numbers have no upper limit.
 */
#include "match/match_private.h"

#include <string.h>

enum code {
	CODE_NO_VERSION, /* does not even begin with a digit */
	CODE_ALPHA,
	CODE_BETA,
	CODE_PRE,
	CODE_RC,
	CODE_INVALID,
	CODE_END,
	CODE_REVISION,
	CODE_HASH,
	CODE_SUFFIX_NUMBER,
	CODE_CVS,
	CODE_SVN,
	CODE_GIT,
	CODE_HG,
	CODE_P,
	CODE_LETTER,
	CODE_NUMBER
};

/* A version begins with this instead of CODE_NO_VERSION. */
#define FIRST_NUMBER 0x01

/* Behind CODE_NUMBER: with a zero in front digits compare as text, below all others. */
#define NUMBER_AS_TEXT  0x00
#define NUMBER_AS_VALUE 0x01

static const struct {
	const char *word;
	enum code code;
} suffixes[] = {
	{ "alpha", CODE_ALPHA },
	{ "beta", CODE_BETA },
	{ "pre", CODE_PRE },
	{ "rc", CODE_RC },
	{ "cvs", CODE_CVS },
	{ "svn", CODE_SVN },
	{ "git", CODE_GIT },
	{ "hg", CODE_HG },
	{ "p", CODE_P },
};

/* What has been read last: it decides what may follow, and never goes back but from a
 * letter to a number. */
enum place { AT_NUMBER, AT_LETTER, AT_SUFFIX, AT_SUFFIX_NUMBER, AT_HASH, AT_REVISION };

struct scan {
	const char *s, *end;
	enum place place;
	struct key_out *out;
};

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_hex(char c)
{
	return key_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t
take(struct scan *p, bool (*belongs)(char))
{
	const char *start = p->s;

	while (p->s < p->end && belongs(*p->s))
		p->s++;
	return (size_t)(p->s - start);
}

/* CODE and the number that stands here; false if none does. */
static bool
scan_number(struct scan *p, enum code code, enum place place)
{
	const char *digits = p->s;
	size_t len = take(p, key_is_digit);

	if (len == 0)
		return false;
	key_byte(p->out, (unsigned char)code);
	key_number(p->out, digits, len);
	p->place = place;
	return true;
}

/* The number behind a dot. */
static bool
scan_component(struct scan *p)
{
	const char *digits = ++p->s;
	size_t len = take(p, key_is_digit);

	if (len == 0)
		return false;
	key_byte(p->out, CODE_NUMBER);
	if (*digits == '0') {
		key_byte(p->out, NUMBER_AS_TEXT);
		key_text(p->out, digits, len);
	} else {
		key_byte(p->out, NUMBER_AS_VALUE);
		key_number(p->out, digits, len);
	}
	return true;
}

static bool
scan_digits(struct scan *p)
{
	const char *digits = p->s;
	size_t len;

	if (p->place == AT_SUFFIX)
		return scan_number(p, CODE_SUFFIX_NUMBER, AT_SUFFIX_NUMBER);
	if (p->place != AT_LETTER)
		return false;
	len = take(p, key_is_digit);
	key_byte(p->out, CODE_NUMBER);
	key_byte(p->out, NUMBER_AS_VALUE);
	key_number(p->out, digits, len);
	p->place = AT_NUMBER;
	return true;
}

static bool
scan_suffix(struct scan *p)
{
	const char *word = ++p->s;
	size_t len = take(p, is_lower);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strlen(suffixes[i].word) != len ||
		    memcmp(suffixes[i].word, word, len) != 0)
			continue;
		key_byte(p->out, (unsigned char)suffixes[i].code);
		p->place = AT_SUFFIX;
		return true;
	}
	return false;
}

static bool
scan_hash(struct scan *p)
{
	const char *hash = ++p->s;
	size_t len = take(p, is_hex);

	if (len == 0)
		return false;
	key_byte(p->out, CODE_HASH);
	key_text(p->out, hash, len);
	p->place = AT_HASH;
	return true;
}

/* One token; false if what stands here is none that may stand here. */
static bool
scan_token(struct scan *p)
{
	if (is_lower(*p->s) && p->place == AT_NUMBER) {
		key_byte(p->out, CODE_LETTER);
		key_byte(p->out, (unsigned char)*p->s++);
		p->place = AT_LETTER;
		return true;
	}
	if (key_is_digit(*p->s))
		return scan_digits(p);
	switch (*p->s) {
	case '.':
		return p->place == AT_NUMBER && scan_component(p);
	case '_':
		return p->place <= AT_SUFFIX_NUMBER && scan_suffix(p);
	case '~':
		return p->place < AT_HASH && scan_hash(p);
	case '-':
		if (p->place == AT_REVISION || p->end - p->s < 2 || p->s[1] != 'r')
			return false;
		p->s += 2;
		return scan_number(p, CODE_REVISION, AT_REVISION);
	default:
		return false;
	}
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct scan p = { .s = s, .end = s + len, .out = out };

	(void)ret_exact;
	if (!key_is_digit(*s)) {
		key_byte(out, CODE_NO_VERSION);
		key_byte(out, CODE_INVALID);
		return true;
	}
	key_byte(out, FIRST_NUMBER);
	key_number(out, s, take(&p, key_is_digit));
	while (p.s < p.end) {
		if (!scan_token(&p)) {
			key_byte(out, CODE_INVALID);
			return true;
		}
	}
	key_byte(out, CODE_END);
	return true;
}

const struct scheme ver_apk = {
	.name = "apk",
	.summary =
	    "Alpine, Wolfi and Chainguard: apk-tools 3, with digits behind a letter",
	.encode = encode,
	.just_above = key_just_above,
};
