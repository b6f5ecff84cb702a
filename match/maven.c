/* SPDX-License-Identifier: Apache-2.0 */
/* maven - parsing and comparing without recursion and without the heap. */
#include "match/maven.h"

#include <assert.h>
#include <string.h>

#include "match/match_private.h"

/* What fits into 9 and 18 digits is an int and a long to Maven; the rest is large. */
#define INT_DIGITS  9
#define LONG_DIGITS 18

_Static_assert(MAVEN_MAX_TOKENS <= UINT16_MAX, "a place in the text fits into 16 bits");

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

int
maven_word_compare(const char *p, size_t len, const char *q, size_t q_len)
{
	for (size_t i = 0; i < len && i < q_len; i++) {
		int order = (unsigned char)lower(p[i]) - (unsigned char)lower(q[i]);

		if (order != 0)
			return order;
	}
	return (len > q_len) - (len < q_len);
}

/* ---- tokens ---- */

static struct maven_token *
push(struct maven_version *v, enum maven_kind kind)
{
	assert(v->n < MAVEN_MAX_TOKENS);
	v->at[v->n] = (struct maven_token){ .kind = (uint8_t)kind };
	return &v->at[v->n++];
}

/* A run of zeros alone is as wide as it is long: "0000000000" is a long. */
static void
push_number(struct maven_version *v, size_t from, size_t to)
{
	struct maven_token *t = push(v, MAVEN_NUMBER);
	size_t first = from, digits;

	while (first < to && v->text[first] == '0')
		first++;
	digits = first == to ? to - from : to - first;
	t->width = digits <= INT_DIGITS ? 0 : digits <= LONG_DIGITS ? 1 : 2;
	t->at = (uint16_t)first;
	t->len = (uint16_t)(to - first);
}

static enum maven_rank
rank_of(const char *word, size_t len, bool before_digit)
{
	static const struct {
		const char *word;
		enum maven_rank rank;
		bool before_digit; /* only there */
	} rows[] = {
		{ "alpha", MAVEN_ALPHA, false },
		{ "a", MAVEN_ALPHA, true },
		{ "beta", MAVEN_BETA, false },
		{ "b", MAVEN_BETA, true },
		{ "milestone", MAVEN_MILESTONE, false },
		{ "m", MAVEN_MILESTONE, true },
		{ "rc", MAVEN_RC, false },
		{ "cr", MAVEN_RC, false },
		{ "snapshot", MAVEN_SNAPSHOT, false },
		{ "ga", MAVEN_RELEASE, false },
		{ "final", MAVEN_RELEASE, false },
		{ "release", MAVEN_RELEASE, false },
		{ "sp", MAVEN_SP, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((before_digit || !rows[i].before_digit) &&
		    maven_word_compare(word, len, rows[i].word, strlen(rows[i].word)) ==
			0)
			return rows[i].rank;
	return MAVEN_OTHER;
}

static void
push_word(struct maven_version *v, size_t from, size_t to, bool before_digit)
{
	struct maven_token *t = push(v, MAVEN_WORD);

	t->rank = (uint8_t)rank_of(v->text + from, to - from, before_digit);
	t->at = (uint16_t)from;
	t->len = (uint16_t)(to - from);
}

static bool
is_null(const struct maven_token *t)
{
	return t->kind == MAVEN_NUMBER
		   ? t->len == 0
		   : t->kind == MAVEN_WORD && t->rank == MAVEN_RELEASE;
}

/* From the innermost list outwards, which is from the last token to the first. */
static void
drop_nulls(struct maven_version *v)
{
	size_t to = v->n; /* what is kept lies from here on */
	bool trailing = true;

	for (size_t i = v->n; i-- > 0;) {
		const struct maven_token *t = &v->at[i];
		bool is_empty = to == v->n;

		if (t->kind == MAVEN_LIST) {
			trailing = true;
			if (is_empty)
				continue;
		} else if (trailing && is_null(t)) {
			continue;
		} else {
			trailing = false;
		}
		v->at[--to] = *t;
	}
	v->n -= to;
	memmove(v->at, v->at + to, v->n * sizeof(v->at[0]));
}

/* ---- parsing ---- */

struct parse {
	struct maven_version *v;
	size_t start; /* of the item that is being read */
	bool is_digit, in_empty_list;
};

static void
open_list(struct parse *p)
{
	(void)push(p->v, MAVEN_LIST);
	p->in_empty_list = true;
}

/* Everything up to TO is an item; nothing is a zero. */
static void
end_item(struct parse *p, size_t to)
{
	if (p->is_digit || to == p->start)
		push_number(p->v, p->start, to);
	else
		push_word(p->v, p->start, to, false);
	p->in_empty_list = false;
}

static void
take_digit(struct parse *p, size_t i)
{
	if (!p->is_digit && i > p->start) {
		if (!p->in_empty_list)
			open_list(p);
		push_word(p->v, p->start, i, true);
		p->start = i;
		open_list(p);
	}
	p->is_digit = true;
}

static void
take_other(struct parse *p, size_t i)
{
	if (p->is_digit && i > p->start) {
		end_item(p, i);
		p->start = i;
		open_list(p);
	}
	p->is_digit = false;
}

void
maven_parse(const char *text, size_t len, struct maven_version *ret)
{
	struct parse p = { .v = ret, .in_empty_list = true };

	ret->text = text;
	ret->n = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' || text[i] == '-') {
			end_item(&p, i);
			p.start = i + 1;
			if (text[i] == '-')
				open_list(&p);
		} else if (key_is_digit(text[i])) {
			take_digit(&p, i);
		} else {
			take_other(&p, i);
		}
	}
	if (len > p.start) {
		if (!p.is_digit && !p.in_empty_list)
			open_list(&p);
		end_item(&p, len);
	}
	drop_nulls(ret);
}

/* ---- comparing ---- */

static int
compare_numbers(const struct maven_version *a, const struct maven_token *x,
    const struct maven_version *b, const struct maven_token *y)
{
	if (x->width != y->width)
		return x->width < y->width ? -1 : 1;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(a->text + x->at, b->text + y->at, x->len);
}

static int
compare_words(const struct maven_version *a, const struct maven_token *x,
    const struct maven_version *b, const struct maven_token *y)
{
	if (x->rank != y->rank || x->rank != MAVEN_OTHER)
		return x->rank - y->rank;
	return maven_word_compare(a->text + x->at, x->len, b->text + y->at, y->len);
}

/* Against nothing: a list goes by the first in it that is not nothing. */
static int
sign_of(const struct maven_token *t)
{
	if (t->kind == MAVEN_NUMBER)
		return t->len > 0;
	return t->kind == MAVEN_WORD ? t->rank - MAVEN_RELEASE : 0;
}

int
maven_sign(const struct maven_version *v, size_t i)
{
	int sign = 0;

	for (; i < v->n && sign == 0; i++)
		sign = sign_of(&v->at[i]);
	return sign;
}

/* Of different kinds: words are below lists, lists below numbers. */
static int
compare_kinds(const struct maven_token *x, const struct maven_token *y)
{
	static const int order[] = {
		[MAVEN_WORD] = 0, [MAVEN_LIST] = 1, [MAVEN_NUMBER] = 2
	};

	return order[x->kind] - order[y->kind];
}

int
maven_compare(const struct maven_version *a, const struct maven_version *b)
{
	size_t i = 0;

	for (; i < a->n && i < b->n; i++) {
		const struct maven_token *x = &a->at[i], *y = &b->at[i];
		int order;

		if (x->kind != y->kind)
			return compare_kinds(x, y);
		if (x->kind == MAVEN_LIST)
			continue;
		order = x->kind == MAVEN_NUMBER ? compare_numbers(a, x, b, y)
						: compare_words(a, x, b, y);
		if (order != 0)
			return order;
	}
	return i < a->n ? maven_sign(a, i) : i < b->n ? -maven_sign(b, i) : 0;
}
