/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_semver - Semantic Versioning 2.0 and the five dialects of it that registries speak:
 * number.number.number[-label{.label}][+build].
 *
 * Numbers compare by value, then a version with labels is less than one without.  Labels
 * compare one by one: digits by value, other text by its bytes, digits below text, fewer
 * labels below more.  The build does not count, but in Dart: there none is less than any,
 * and it compares as labels do.
 *
 *	key    = number number number (03 | labels) [build]
 *	labels = (01 number | 02 text)... 00
 *	build  = 00 | 01 labels
 *
 * Beyond that form each dialect takes what its registry's own comparator takes:
 *
 *	semver	as OSV's evaluator reads a SEMVER range: a v in front, numbers left out
 *		are 0, zeros in front of a number do not count ("1.0", "2018.08.18")
 *	npm	as semver.clean() of node-semver: any "=" and "v" in front
 *	cargo	nothing; its precedence, which leaves the build out
 *	hex	nothing
 *	go	a v in front, which feeds leave out; numbers left out are 0 where
 *		nothing follows; and what Go calls its own releases: see encode_go()
 *	pub	zeros in front of a number
 *
 * Unlike npm (2^53), crates.io (2^64) and Dart (2^63) numbers have no upper limit.  Dart
 * reads the labels -5 and 0x1f as numbers; here they are the text that SemVer says.
 */
#include "match/match_private.h"

#include <string.h>

#define LABELS_END   0x00
#define LABEL_NUMBER 0x01
#define LABEL_TEXT   0x02
#define NO_LABELS    0x03
#define NO_BUILD     0x00
#define BUILD        0x01

enum allowance {
	ALLOW_V = 1 << 0,     /* one in front */
	ALLOW_MARKS = 1 << 1, /* any number of "=" and "v" in front */
	ALLOW_FEWER = 1 << 2, /* one or two numbers instead of three */
	ALLOW_ZEROS = 1 << 3, /* in front of a number */
	BUILD_COUNTS = 1 << 4
};

struct scan {
	const char *s, *end;
	unsigned allowed;
	struct key_out *out;
};

static bool
at(const struct scan *p, char c)
{
	return p->s < p->end && *p->s == c;
}

/* Steps over WORD; false if it does not stand here. */
static bool
skip(struct scan *p, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(p->end - p->s) < len || memcmp(p->s, word, len) != 0)
		return false;
	p->s += len;
	return true;
}

static bool
scan_number(struct scan *p)
{
	const char *digits = p->s;
	size_t len;

	while (p->s < p->end && key_is_digit(*p->s))
		p->s++;
	len = (size_t)(p->s - digits);
	if (len == 0 || (len > 1 && *digits == '0' && !(p->allowed & ALLOW_ZEROS)))
		return false;
	key_number(p->out, digits, len);
	return true;
}

/* How many numbers there are, 1 to 3; 0 if one is wrong.  The key gets three. */
static int
scan_numbers(struct scan *p)
{
	int n = 0;

	do {
		if (!scan_number(p))
			return 0;
		n++;
	} while (n < 3 && skip(p, "."));
	for (int i = n; i < 3; i++)
		key_number(p->out, "", 0);
	return n;
}

/* Those behind the sign that stands here.  ZEROS may stand in front of digits. */
static bool
scan_labels(struct scan *p, struct key_out *out, bool zeros)
{
	do {
		const char *label = ++p->s; /* behind "-", "." or "+" */
		bool is_number = true;
		size_t len;

		for (; p->s < p->end && key_is_label_char(*p->s); p->s++)
			is_number = is_number && key_is_digit(*p->s);
		len = (size_t)(p->s - label);
		if (len == 0)
			return false;
		if (!is_number) {
			key_byte(out, LABEL_TEXT);
			key_text(out, label, len);
			continue;
		}
		if (len > 1 && *label == '0' && !zeros)
			return false;
		key_byte(out, LABEL_NUMBER);
		key_number(out, label, len);
	} while (at(p, '.'));
	key_byte(out, LABELS_END);
	return true;
}

/* All that may stand behind three numbers. */
static bool
scan_rest(struct scan *p)
{
	struct key_out nowhere = { 0 };
	bool counts = p->allowed & BUILD_COUNTS;

	if (!at(p, '-'))
		key_byte(p->out, NO_LABELS);
	else if (!scan_labels(p, p->out, p->allowed & ALLOW_ZEROS))
		return false;
	if (counts)
		key_byte(p->out, at(p, '+') ? BUILD : NO_BUILD);
	if (at(p, '+') && !scan_labels(p, counts ? p->out : &nowhere, true))
		return false;
	return p->s == p->end;
}

static bool
encode(const char *s, size_t len, unsigned allowed, struct key_out *out)
{
	struct scan p = { .s = s, .end = s + len, .allowed = allowed, .out = out };
	int n;

	if (allowed & ALLOW_V)
		(void)skip(&p, "v");
	while ((allowed & ALLOW_MARKS) && (skip(&p, "=") || skip(&p, "v")))
		;
	n = scan_numbers(&p);
	return (n == 3 || (n > 0 && (allowed & ALLOW_FEWER))) && scan_rest(&p);
}

/* A pre-release of Go itself behind two numbers, as the labels that feeds write. */
static bool
scan_go_prerelease(struct scan *p)
{
	const char *word = p->s;

	if (!skip(p, "rc") && !skip(p, "beta"))
		return false;
	key_byte(p->out, LABEL_TEXT);
	key_text(p->out, word, (size_t)(p->s - word));
	if (p->s < p->end && key_is_digit(*p->s)) {
		key_byte(p->out, LABEL_NUMBER);
		if (!scan_number(p))
			return false;
	}
	key_byte(p->out, LABELS_END);
	return true;
}

/*
 * Modules are versions by SemVer.  Go's own releases are named otherwise, and so in the
 * binaries they built: go1.22.3, go1.21rc3, go1.22.3-vendor; the "go" may be gone.  The
 * feeds speak of them by SemVer, 1.21.0-rc.3, and as bounds: so both get one key.  What a
 * vendor put behind a name is no label, or his release would be less than Go's own.
 */
static bool
encode_go(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct scan p = { .s = s, .end = s + len, .out = out };
	bool has_v = skip(&p, "v"), is_name = !has_v && skip(&p, "go");
	int n = scan_numbers(&p);

	(void)ret_exact;
	if (n == 0)
		return false;
	if (n == 2 && !has_v && (at(&p, 'r') || at(&p, 'b'))) {
		if (!scan_go_prerelease(&p))
			return false;
		is_name = true;
	} else if (is_name || n < 3) {
		key_byte(out, NO_LABELS);
	} else {
		return scan_rest(&p);
	}
	return p.s == p.end || (is_name && *p.s == '-');
}

static bool
encode_semver(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	(void)ret_exact;
	return encode(s, len, ALLOW_V | ALLOW_FEWER | ALLOW_ZEROS, out);
}

static bool
encode_npm(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	(void)ret_exact;
	return encode(s, len, ALLOW_MARKS, out);
}

/* crates.io and Hex */
static bool
encode_strict(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	(void)ret_exact;
	return encode(s, len, 0, out);
}

static bool
encode_pub(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	(void)ret_exact;
	return encode(s, len, ALLOW_ZEROS | BUILD_COUNTS, out);
}

const struct scheme ver_semver = {
	.name = "semver",
	.summary =
	    "Semantic Versioning, as OSV reads it: Bitnami, Swift, GitHub Actions",
	.encode = encode_semver,
	.just_above = key_just_above,
};

const struct scheme ver_npm = {
	.name = "npm",
	.summary = "packages of Node.js: node-semver",
	.encode = encode_npm,
	.just_above = key_just_above,
};

const struct scheme ver_cargo = {
	.name = "cargo",
	.summary = "crates of Rust",
	.encode = encode_strict,
	.just_above = key_just_above,
};

const struct scheme ver_hex = {
	.name = "hex",
	.summary = "packages of Elixir and Erlang",
	.encode = encode_strict,
	.just_above = key_just_above,
};

const struct scheme ver_go = {
	.name = "go",
	.summary = "modules of Go, and Go itself: go1.21rc3 is 1.21.0-rc.3",
	.encode = encode_go,
	.just_above = key_just_above,
};

const struct scheme ver_pub = {
	.name = "pub",
	.summary = "packages of Dart: the build counts",
	.encode = encode_pub,
	.just_above = key_just_above,
};
