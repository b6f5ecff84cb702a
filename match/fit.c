/* SPDX-License-Identifier: Apache-2.0 */
/* fit - the conditions of a statement: package, module, architecture, stream. */
#include "match/match_private.h"

#include <string.h>

#include "core/str.h"

struct word {
	const char *at;
	size_t len;
};

/* The first word of the comma separated list *LIST, which moves behind it. */
static bool
next_word(const char **list, struct word *ret)
{
	if (**list == '\0')
		return false;
	ret->at = *list;
	ret->len = strcspn(*list, ",");
	*list += ret->len;
	if (**list == ',')
		(*list)++;
	return true;
}

static bool
is_word(struct word w, const char *text)
{
	return strlen(text) == w.len && memcmp(w.at, text, w.len) == 0;
}

/* Names of one architecture in dpkg, rpm and apk. */
static const struct {
	const char *a, *b;
} same_archs[] = {
	{ "amd64", "x86_64" },
	{ "arm64", "aarch64" },
	{ "ppc64el", "ppc64le" },
	{ "i386", "i686" },
	{ "i386", "x86" },
	{ "i686", "x86" },
};

static bool
is_arch(struct word w, const char *arch)
{
	if (is_word(w, arch))
		return true;
	for (size_t i = 0; i < sizeof(same_archs) / sizeof(same_archs[0]); i++)
		if ((is_word(w, same_archs[i].a) && str_eq(arch, same_archs[i].b)) ||
		    (is_word(w, same_archs[i].b) && str_eq(arch, same_archs[i].a)))
			return true;
	return false;
}

static bool
is_every_arch(const char *arch)
{
	return *arch == '\0' || str_eq(arch, "all") || str_eq(arch, "noarch");
}

static bool
fits_arch(const char *arch, const char *list)
{
	struct word w;

	if (is_every_arch(arch) || *list == '\0')
		return true;
	while (next_word(&list, &w))
		if (is_arch(w, arch) || is_word(w, "all") || is_word(w, "noarch"))
			return true;
	return false;
}

bool
fit_has_stream(const struct subject *s, const char *stream)
{
	const char *list = str_or_empty(s->streams);
	struct word w;

	while (next_word(&list, &w))
		if (is_word(w, stream))
			return true;
	return false;
}

enum fit
fit_of(const struct subject *s, const struct statement *st)
{
	const char *module = str_or_empty(st->module);

	if (st->kind == KIND_SOURCE) {
		if (s->origin_package_id == 0 || st->package_id != s->origin_package_id)
			return FIT_NOT_ABOUT;
		if (noise_is(s))
			return FIT_NOISE;
	} else if (st->package_id != s->package_id) {
		return FIT_NOT_ABOUT;
	}
	if (*module != '\0' && !str_eq(module, str_or_empty(s->module)))
		return FIT_MODULE;
	if (!fits_arch(str_or_empty(s->arch), str_or_empty(st->archs)))
		return FIT_ARCH;
	return FIT_YES;
}
