/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_pep440 - versions of Python packages by PEP 440, as python3-packaging reads them:
 * [v][epoch!]number{.number}[pre][post][dev][+local], case aside.
 *
 * A pre-release is (a, b, rc), a post-release (post, rev, r, or only -number), a
 * development release (dev) a word with a separator (one of . - _) or none before and
 * behind it and a number, or none for 0.  Zeros at the end of the release numbers do not
 * count.  Of two versions the first part that differs decides; at each place:
 *
 *	release		fewer numbers below more
 *	pre		nothing but dev there < a < b < rc < none
 *	post		none < any
 *	dev		any < none
 *	local		none < any; its parts by turns, text below numbers, fewer below more
 *
 *	key     = number(epoch) (01 number)... 00 pre post dev local
 *	pre     = 00 | 01 number | 02 number | 03 number | 04
 *	post    = 00 | 01 number
 *	dev     = 00 number | 01
 *	local   = 00 | 01 (01 text | 02 number)... 00
 *
 * "Last affected 1.0" means 1.0+anything, too: a local version is that version as someone
 * has rebuilt it, and pip takes it for what is <= 1.0.
 */
#include "match/match_private.h"

#include <string.h>

#define RELEASE_NUMBER 0x01
#define RELEASE_END    0x00

#define POST_NONE 0x00
#define POST      0x01
#define DEV       0x00
#define DEV_NONE  0x01

#define LOCAL_NONE   0x00
#define LOCAL        0x01
#define LOCAL_TEXT   0x01
#define LOCAL_NUMBER 0x02
#define LOCAL_END    0x00
/* Above what any local part can begin with. */
#define LOCAL_ABOVE 0xff

enum pre { PRE_DEV_ONLY, PRE_A, PRE_B, PRE_RC, PRE_NONE };

struct word {
	const char *text;
	unsigned char code; /* of a pre-release: enum pre */
};

/* Of two words that begin alike the longer one goes first. */
static const struct word pre_words[] = {
	{ "alpha", PRE_A },
	{ "a", PRE_A },
	{ "beta", PRE_B },
	{ "b", PRE_B },
	{ "preview", PRE_RC },
	{ "pre", PRE_RC },
	{ "rc", PRE_RC },
	{ "c", PRE_RC },
};
static const struct word post_words[] = { { "post", 0 }, { "rev", 0 }, { "r", 0 } };
static const struct word dev_words[] = { { "dev", 0 } };

struct scan {
	const char *s, *end;
};

struct digits {
	const char *at;
	size_t len;
};

/* A word and its number, if it is there. */
struct phase {
	const struct word *word;
	struct digits number;
};

static bool
is_separator(char c)
{
	return c == '.' || c == '-' || c == '_';
}

static char
lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

static bool
at(const struct scan *p, char c)
{
	return p->s < p->end && *p->s == c;
}

static bool
at_digit(const struct scan *p)
{
	return p->s < p->end && key_is_digit(*p->s);
}

static bool
at_separator(const struct scan *p)
{
	return p->s < p->end && is_separator(*p->s);
}

static struct digits
scan_digits(struct scan *p)
{
	struct digits d = { .at = p->s };

	while (at_digit(p))
		p->s++;
	d.len = (size_t)(p->s - d.at);
	return d;
}

static bool
begins_with(const struct scan *p, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(p->end - p->s) < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(p->s[i]) != word[i])
			return false;
	return true;
}

/*
 * One of the N words, with a separator or none on both sides, and its number.  Nothing is
 * read if there is none.  A separator behind the word is read even if no number follows:
 * what comes next may have its own, or none.
 */
static void
scan_phase(struct scan *p, const struct word *words, size_t n, struct phase *ret)
{
	struct scan try = *p;

	if (at_separator(&try))
		try.s++;
	for (size_t i = 0; i < n; i++) {
		if (!begins_with(&try, words[i].text))
			continue;
		p->s = try.s + strlen(words[i].text);
		if (at_separator(p))
			p->s++;
		ret->word = &words[i];
		ret->number = scan_digits(p);
		return;
	}
}

/* A post-release has a second form: a hyphen and a number. */
static void
scan_post(struct scan *p, struct phase *ret)
{
	if (at(p, '-') && p->end - p->s > 1 && key_is_digit(p->s[1])) {
		p->s++;
		ret->word = &post_words[0];
		ret->number = scan_digits(p);
		return;
	}
	scan_phase(p, post_words, sizeof(post_words) / sizeof(post_words[0]), ret);
}

static bool
is_zero(struct digits d)
{
	for (size_t i = 0; i < d.len; i++)
		if (d.at[i] != '0')
			return false;
	return true;
}

/* The numbers from D on; zeros are written when another number follows. */
static void
add_release(struct scan *p, struct digits d, struct key_out *out)
{
	size_t zeros = 0;

	for (;;) {
		if (is_zero(d)) {
			zeros++;
		} else {
			for (; zeros > 0; zeros--) {
				key_byte(out, RELEASE_NUMBER);
				key_number(out, "", 0);
			}
			key_byte(out, RELEASE_NUMBER);
			key_number(out, d.at, d.len);
		}
		if (!at(p, '.') || p->end - p->s < 2 || !key_is_digit(p->s[1]))
			break;
		p->s++;
		d = scan_digits(p);
	}
	key_byte(out, RELEASE_END);
}

static void
add_phases(const struct phase *pre, const struct phase *post, const struct phase *dev,
    struct key_out *out)
{
	if (pre->word != NULL) {
		key_byte(out, pre->word->code);
		key_number(out, pre->number.at, pre->number.len);
	} else {
		key_byte(out,
		    post->word == NULL && dev->word != NULL ? PRE_DEV_ONLY : PRE_NONE);
	}
	key_byte(out, post->word == NULL ? POST_NONE : POST);
	if (post->word != NULL)
		key_number(out, post->number.at, post->number.len);
	key_byte(out, dev->word == NULL ? DEV_NONE : DEV);
	if (dev->word != NULL)
		key_number(out, dev->number.at, dev->number.len);
}

/* The parts behind the sign that stands here. */
static bool
add_local(struct scan *p, struct key_out *out)
{
	do {
		const char *part = ++p->s;
		bool is_number = true;
		size_t len;

		for (; p->s < p->end && key_is_label_char(*p->s) && *p->s != '-';
		     p->s++)
			is_number = is_number && key_is_digit(*p->s);
		len = (size_t)(p->s - part);
		if (len == 0)
			return false;
		key_byte(out, is_number ? LOCAL_NUMBER : LOCAL_TEXT);
		if (is_number) {
			key_number(out, part, len);
			continue;
		}
		for (size_t i = 0; i < len; i++)
			key_byte(out, (unsigned char)lower(part[i]));
		key_byte(out, 0);
	} while (at_separator(p));
	key_byte(out, LOCAL_END);
	return true;
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct scan p = { .s = s, .end = s + len };
	struct phase pre = { 0 }, post = { 0 }, dev = { 0 };
	struct digits first;

	(void)ret_exact;
	if (lower(*p.s) == 'v')
		p.s++;
	first = scan_digits(&p);
	if (first.len > 0 && at(&p, '!')) {
		key_number(out, first.at, first.len);
		p.s++;
		first = scan_digits(&p);
	} else {
		key_number(out, "", 0);
	}
	if (first.len == 0)
		return false;
	add_release(&p, first, out);
	scan_phase(&p, pre_words, sizeof(pre_words) / sizeof(pre_words[0]), &pre);
	scan_post(&p, &post);
	scan_phase(&p, dev_words, 1, &dev);
	add_phases(&pre, &post, &dev, out);
	key_byte(out, at(&p, '+') ? LOCAL : LOCAL_NONE);
	return (!at(&p, '+') || add_local(&p, out)) && p.s == p.end;
}

/* S without a local part stands for all local versions of it, too. */
static void
just_above(const char *s, size_t len, struct key_out *out)
{
	if (memchr(s, '+', len) != NULL) {
		key_just_above(s, len, out);
		return;
	}
	out->len--; /* LOCAL_NONE */
	key_byte(out, LOCAL);
	key_byte(out, LOCAL_ABOVE);
}

const struct scheme ver_pep440 = {
	.name = "pep440",
	.summary = "packages of Python: PEP 440",
	.encode = encode,
	.just_above = just_above,
};
