/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_maven - versions of Maven artifacts (maven.h says what they are).
 *
 * Maven's relation is no order: 1.sp.1 < 1-alpha < 1 < 1.sp.1.  Its cycles need one of four
 * shapes, which one version in some hundred has; those are 'not exact' and compared as Maven
 * does it.  All others have keys:
 *
 *	list	= item... END
 *	item	= word | zeros in front of a positive number, and it | a list, always last
 *
 * At one place sort: a word before the release, a list that begins with one, zeros in front
 * of something lower than nothing, the end, a release word, a word behind it, any other
 * list, a number.  As zeros are what missing items are, a run of them is written with what
 * ends it: the longer the run in front of a number, the nearer to nothing.
 */
#include "match/match_private.h"

#include "match/maven.h"

enum code {
	CODE_WORD_BEFORE = 0x01, /* and its rank */
	CODE_LIST_BEFORE,
	CODE_ZEROS_BEFORE,
	CODE_END,
	CODE_RELEASE,
	CODE_WORD_BEHIND, /* and CODE_SP, or CODE_OTHER and the word */
	CODE_LIST_BEHIND,
	CODE_NUMBER
};
#define CODE_SP    0x06
#define CODE_OTHER 0x07

struct scan {
	const struct maven_version *v;
	struct key_out *out;
	size_t zeros; /* in this list, since the last other item */
	size_t index; /* of the item in its list */
	size_t depth; /* lists that are open */
	bool exact;
};

static void
add_word(struct scan *p, const struct maven_token *t)
{
	if (t->rank < MAVEN_RELEASE) {
		key_byte(p->out, CODE_WORD_BEFORE);
		key_byte(p->out, t->rank);
	} else if (t->rank == MAVEN_RELEASE) {
		key_byte(p->out, CODE_RELEASE);
	} else if (t->rank == MAVEN_SP) {
		key_byte(p->out, CODE_WORD_BEHIND);
		key_byte(p->out, CODE_SP);
	} else {
		key_byte(p->out, CODE_WORD_BEHIND);
		key_byte(p->out, CODE_OTHER);
		for (size_t i = 0; i < t->len; i++) {
			char c = p->v->text[t->at + i];

			key_byte(p->out,
			    (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c));
		}
		key_byte(p->out, 0);
	}
	if (p->index > 0)
		p->exact = false;
}

/* The zeros so far, in front of something that is more than nothing. */
static void
add_zeros_above(struct scan *p)
{
	size_t at;

	key_byte(p->out, CODE_NUMBER);
	at = p->out->len;
	key_count(p->out, p->zeros);
	key_complement(p->out, at);
	p->zeros = 0;
}

/* In front of anything but a number they bring cycles. */
static void
end_zeros(struct scan *p, size_t i)
{
	if (p->zeros == 0)
		return;
	p->exact = false;
	if (maven_sign(p->v, i) < 0) {
		key_byte(p->out, CODE_ZEROS_BEFORE);
		key_count(p->out, p->zeros);
		p->zeros = 0;
	} else {
		add_zeros_above(p);
		key_byte(p->out, 0);
	}
}

static void
add_list(struct scan *p, size_t i)
{
	bool before = maven_sign(p->v, i) < 0;

	if (before && p->index == 0)
		p->exact = false;
	key_byte(p->out, before ? CODE_LIST_BEFORE : CODE_LIST_BEHIND);
	p->depth++;
}

static void
add_number(struct scan *p, const struct maven_token *t)
{
	if (t->len == 0) {
		p->zeros++;
		if (t->width > 0) /* ten zeros are not what one is */
			p->exact = false;
		return;
	}
	add_zeros_above(p);
	key_number(p->out, p->v->text + t->at, t->len);
}

static bool
encode(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct maven_version v;
	struct scan p = { .v = &v, .out = out, .exact = true };

	maven_parse(s, len, &v);
	for (size_t i = 0; i < v.n; i++) {
		const struct maven_token *t = &v.at[i];

		if (t->kind != MAVEN_NUMBER)
			end_zeros(&p, i);
		if (t->kind == MAVEN_LIST) {
			add_list(&p, i);
			p.index = 0;
			continue;
		}
		if (t->kind == MAVEN_WORD)
			add_word(&p, t);
		else
			add_number(&p, t);
		p.index++;
	}
	for (size_t i = 0; i <= p.depth; i++)
		key_byte(out, CODE_END);
	*ret_exact = p.exact;
	return true;
}

static int
compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct maven_version va, vb;
	int order;

	maven_parse(a, a_len, &va);
	maven_parse(b, b_len, &vb);
	order = maven_compare(&va, &vb);
	return (order > 0) - (order < 0);
}

const struct scheme ver_maven = {
	.name = "maven",
	.summary = "artifacts of Maven: ComparableVersion of Maven 3",
	.encode = encode,
	.just_above = key_just_above,
	.compare = compare,
};
