/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ver_rpm - versions of rpm (Red Hat, SUSE, Amazon, Photon and their kin) and of pacman
 * (Arch): [epoch:]version[-release], split alike by both.  A run of digits or of letters
 * is a segment; every other character stands between segments.
 *
 * rpm walks from segment to segment; what stands between them does not count, and how
 * often does not either, but for '~' and '^'.  At any place the order is
 * '~' < end < '^' < letters < digits:
 *
 *	key     = number(epoch) part(version) [part(release)]
 *	part    = segment... 02
 *	segment = '~' 01 | '^' 03 | letters 04 text | digits 05 number
 *
 * rpm refuses nothing, and bytes beyond ASCII separate, too.  Here blanks and control
 * characters make a text no version: as a bound, a sentence would be lower than every
 * version that begins with a digit, and so say "fixed" of all of them.  To rpm before
 * 4.15 '^' only separates.
 *
 * pacman knows neither '~' nor '^', but of two gaps between segments the longer one is
 * newer, and letters that directly follow make a version older than its end:
 *
 *	part    = segment... 02
 *	segment = letters 01 text | digits 03 number
 *	        | 04 number(gap) letters 01 text | 04 number(gap) digits 02 number
 *
 * Where pacman's relation is no order, it is cut back to one.  It goes round in a circle
 * when something stands behind the last segment (1.0. < 1.0.5 < 1.0..a < 1.0.): here
 * that is no version.  No package is known to have one.
 *
 * The release may be missing, in bounds more than in versions.  rpm puts none below
 * every release; pacman calls it equal to all of them, which is no order either.  Both
 * are keyed as rpm has it: the key begins those of all releases.  In ranges this is what
 * "<", "<=" and ">=" of dependencies mean in both systems, once "last affected 1.0"
 * reaches over every release of 1.0.
 */
#include "match/match_private.h"

#include <string.h>

enum rpm_code { RPM_TILDE = 1, RPM_END, RPM_CARET, RPM_LETTERS, RPM_DIGITS };

/* Behind ALPM_GAP and its length follows ALPM_LETTERS or ALPM_GAP_DIGITS. */
enum alpm_code {
	ALPM_LETTERS = 1,
	ALPM_END,
	ALPM_GAP_DIGITS = ALPM_END,
	ALPM_DIGITS,
	ALPM_GAP
};

/* Above every byte that can follow the key of a version. */
#define ABOVE_EVERY_RELEASE 0xff

struct evr {
	const char *epoch, *version, *release; /* release: NULL = none */
	size_t epoch_len, version_len, release_len;
};

/* The epoch ends at a colon that has only digits in front; the release begins behind
 * the last hyphen.  Each may be empty. */
static void
split(const char *s, size_t len, struct evr *ret)
{
	const char *end = s + len, *p = s, *hyphen;

	while (p < end && key_is_digit(*p))
		p++;
	*ret = (struct evr){ .epoch = s, .version = s };
	if (p < end && *p == ':') {
		ret->epoch_len = (size_t)(p - s);
		ret->version = ++p;
	}
	hyphen = memrchr(p, '-', (size_t)(end - p));
	if (hyphen != NULL) {
		ret->release = hyphen + 1;
		ret->release_len = (size_t)(end - ret->release);
	}
	ret->version_len = (size_t)((hyphen == NULL ? end : hyphen) - ret->version);
}

static bool
is_sentence(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f)
			return true;
	return false;
}

/* Behind the segment that begins at S. */
static const char *
skip_segment(const char *s, const char *end)
{
	if (key_is_digit(*s))
		while (s < end && key_is_digit(*s))
			s++;
	else
		while (s < end && key_is_letter(*s))
			s++;
	return s;
}

static void
add_rpm_part(struct key_out *out, const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		const char *next = skip_segment(s, end);
		size_t n = (size_t)(next - s);

		if (key_is_digit(*s)) {
			key_byte(out, RPM_DIGITS);
			key_number(out, s, n);
		} else if (n > 0) {
			key_byte(out, RPM_LETTERS);
			key_text(out, s, n);
		} else {
			if (*s == '~')
				key_byte(out, RPM_TILDE);
			else if (*s == '^')
				key_byte(out, RPM_CARET);
			next = s + 1;
		}
		s = next;
	}
	key_byte(out, RPM_END);
}

static bool
encode_rpm(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct evr v;

	(void)ret_exact;
	if (is_sentence(s, len))
		return false;
	split(s, len, &v);
	key_number(out, v.epoch, v.epoch_len);
	add_rpm_part(out, v.version, v.version_len);
	if (v.release != NULL)
		add_rpm_part(out, v.release, v.release_len);
	return true;
}

/* False if something stands behind the last segment. */
static bool
add_alpm_part(struct key_out *out, const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		const char *start = s, *next;
		size_t gap;

		while (s < end && !key_is_digit(*s) && !key_is_letter(*s))
			s++;
		if (s == end)
			return false;
		gap = (size_t)(s - start);
		next = skip_segment(s, end);
		if (gap > 0) {
			key_byte(out, ALPM_GAP);
			key_count(out, gap);
		}
		if (key_is_letter(*s)) {
			key_byte(out, ALPM_LETTERS);
			key_text(out, s, (size_t)(next - s));
		} else {
			key_byte(out, gap > 0 ? ALPM_GAP_DIGITS : ALPM_DIGITS);
			key_number(out, s, (size_t)(next - s));
		}
		s = next;
	}
	key_byte(out, ALPM_END);
	return true;
}

static bool
encode_alpm(const char *s, size_t len, struct key_out *out, bool *ret_exact)
{
	struct evr v;

	(void)ret_exact;
	if (is_sentence(s, len))
		return false;
	split(s, len, &v);
	key_number(out, v.epoch, v.epoch_len);
	return add_alpm_part(out, v.version, v.version_len) &&
	       (v.release == NULL || add_alpm_part(out, v.release, v.release_len));
}

static void
just_above(const char *s, size_t len, struct key_out *out)
{
	struct evr v;

	split(s, len, &v);
	if (v.release == NULL)
		key_byte(out, ABOVE_EVERY_RELEASE);
	else
		key_just_above(s, len, out);
}

const struct scheme ver_rpm = {
	.name = "rpm",
	.summary = "Red Hat, Fedora, SUSE, Amazon and all others with rpm",
	.any_bytes = true,
	.encode = encode_rpm,
	.just_above = just_above,
};

const struct scheme ver_alpm = {
	.name = "alpm",
	.summary = "Arch and others with pacman",
	.encode = encode_alpm,
	.just_above = just_above,
};
