/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version - the table of packaging schemes, and versions to keys by it.  A scheme is a
 * file ver_NAME.c and a row here.
 */
#include "match/match.h"

#include <string.h>

#include "core/limits.h"
#include "match/match_private.h"

static const struct scheme *const schemes[] = {
	&ver_dpkg,
	&ver_rpm,
	&ver_apk,
	&ver_alpm,
	&ver_semver,
	&ver_npm,
	&ver_cargo,
	&ver_hex,
	&ver_go,
	&ver_pub,
	&ver_pep440,
	&ver_gem,
	&ver_nuget,
	&ver_composer,
	&ver_maven,
	&ver_gentoo,
	&ver_cran,
	&ver_hackage,
	&ver_generic,
};

const struct keyer match_keyer = {
	.format = match_key_format,
	.version = match_version_key,
	.ranges = match_ranges,
};

const struct scheme *
match_scheme_at(size_t i)
{
	return i < sizeof(schemes) / sizeof(schemes[0]) ? schemes[i] : NULL;
}

const struct scheme *
match_scheme(const char *name)
{
	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strcmp(schemes[i]->name, name) == 0)
			return schemes[i];
	return NULL;
}

unsigned
match_key_format(const char *scheme)
{
	const struct scheme *row = match_scheme(scheme);

	return row == NULL ? 0 : 1 + row->revision;
}

static bool
is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] <= 0 || s[i] > 0x7e)
			return false;
	return true;
}

bool
match_encode(const struct scheme *scheme, const char *text, size_t len,
    struct key_out *out, bool *ret_exact)
{
	*ret_exact = true;
	out->len = 0;
	out->full = false;
	return scheme != NULL && len > 0 && len <= MAX_VERSION &&
	       (scheme->any_bytes || is_ascii(text, len)) &&
	       scheme->encode(text, len, out, ret_exact) && !out->full;
}

void
match_version_key(
    const char *scheme, const char *version, struct arena *a, struct version_key *ret)
{
	unsigned char bytes[KEY_MAX];
	struct key_out out = { .at = bytes, .cap = sizeof(bytes) };
	size_t len;

	if (version == NULL)
		version = "";
	len = strlen(version);
	ret->parsable =
	    match_encode(match_scheme(scheme), version, len, &out, &ret->exact);
	if (ret->parsable) {
		ret->key = key_copy(&out, a);
	} else {
		ret->key = key_no_version(version, len, a);
		ret->exact = true;
	}
}

bool
match_version_compare(const char *scheme, const char *a, const char *b, int *ret)
{
	const struct scheme *row = match_scheme(scheme);
	unsigned char bytes_a[KEY_MAX], bytes_b[KEY_MAX];
	struct key_out out_a = { .at = bytes_a, .cap = sizeof(bytes_a) };
	struct key_out out_b = { .at = bytes_b, .cap = sizeof(bytes_b) };
	bool exact_a, exact_b;

	if (a == NULL || b == NULL ||
	    !match_encode(row, a, strlen(a), &out_a, &exact_a) ||
	    !match_encode(row, b, strlen(b), &out_b, &exact_b))
		return false;
	if (!exact_a || !exact_b) {
		*ret = row->compare(a, strlen(a), b, strlen(b));
		return true;
	}
	*ret = match_key_compare((struct key){ .bytes = bytes_a, .len = out_a.len },
	    (struct key){ .bytes = bytes_b, .len = out_b.len });
	return true;
}
