/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of image references, as the container tools have it. */
#include "inventory/reference.h"

#include <ctype.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"

#define MAX_REPOSITORY 255
#define MAX_TAG        128
#define MAX_DOMAIN     255

static bool
is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
all_hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f')))
			return false;
	return true;
}

bool
digest_ok(const char *text)
{
	if (text != NULL && str_starts(text, "sha256:"))
		return strlen(text) == 7 + 64 && all_hex(text + 7, 64);
	if (text != NULL && str_starts(text, "sha512:"))
		return strlen(text) == 7 + 128 && all_hex(text + 7, 128);
	return false;
}

/* [a-z0-9]+ joined by ".", "_", "__" or dashes; every part of a path is one. */
static bool
is_part(const char *s, size_t n)
{
	size_t i = 0;

	for (;;) {
		size_t start = i;

		while (i < n && is_lower(s[i]))
			i++;
		if (i == start)
			return false;
		if (i == n)
			return true;
		if (s[i] == '.') {
			i++;
		} else if (s[i] == '_') {
			i += i + 1 < n && s[i + 1] == '_' ? 2 : 1;
		} else if (s[i] == '-') {
			while (i < n && s[i] == '-')
				i++;
		} else {
			return false;
		}
	}
}

static bool
is_repository(const char *s)
{
	if (strlen(s) > MAX_REPOSITORY)
		return false;
	for (;;) {
		size_t n = strcspn(s, "/");

		if (!is_part(s, n))
			return false;
		if (s[n] == '\0')
			return true;
		s += n + 1;
	}
}

static bool
is_tag(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > MAX_TAG || s[0] == '.' || s[0] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && strchr("_.-", s[i]) == NULL)
			return false;
	return true;
}

static bool
is_port(const char *s)
{
	uint64_t n;

	return str_u64(s, &n) && n > 0 && n < 65536;
}

/* A name or an address, and perhaps a port. */
static bool
is_domain(const char *s)
{
	size_t n = strlen(s), host = strcspn(s, ":");

	if (n == 0 || n > MAX_DOMAIN)
		return false;
	if (s[0] == '[') {
		const char *end = strchr(s, ']');

		if (end == NULL || end == s + 1 ||
		    strspn(s + 1, "0123456789abcdefABCDEF:.") != (size_t)(end - s - 1))
			return false;
		return end[1] == '\0' || (end[1] == ':' && is_port(end + 2));
	}
	for (size_t i = 0; i < host; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '.' && s[i] != '-')
			return false;
	if (host == 0 || s[0] == '.' || s[0] == '-' || s[host - 1] == '-')
		return false;
	return s[host] == '\0' || is_port(s + host + 1);
}

/* Is what stands before the first slash the name of a registry? */
static bool
looks_like_domain(const char *s, size_t n)
{
	if (n == 9 && memcmp(s, "localhost", n) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '.' || s[i] == ':' || (s[i] >= 'A' && s[i] <= 'Z'))
			return true;
	return false;
}

/* Cut what stands behind the last MARK off TEXT; NULL if there is none. */
static char *
cut_behind(char *text, char mark)
{
	char *at = strrchr(text, mark);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return at + 1;
}

static void
split_domain(char *text, struct arena *a, struct reference *ret)
{
	char *slash = strchr(text, '/');

	if (slash != NULL && looks_like_domain(text, (size_t)(slash - text))) {
		*slash = '\0';
		ret->domain = text;
		ret->repository = slash + 1;
	} else {
		ret->domain = "docker.io";
		ret->repository = text;
	}
	if (str_eq(ret->domain, "index.docker.io") ||
	    str_eq(ret->domain, "registry-1.docker.io"))
		ret->domain = "docker.io";
	if (str_eq(ret->domain, "docker.io") && strchr(ret->repository, '/') == NULL)
		ret->repository = arena_printf(a, "library/%s", ret->repository);
}

enum err_code
reference_parse(const char *text, struct arena *a, struct reference *ret, struct err *e)
{
	char *rest = arena_strdup(a, text), *slash;

	memset(ret, 0, sizeof(*ret));
	if (strlen(text) == 64 && all_hex(text, 64))
		return err_set(e, ERR_INPUT,
		    "\"%s\" is an image id, which only one machine knows: give a "
		    "reference",
		    text);
	ret->digest = cut_behind(rest, '@');
	if (ret->digest != NULL && !digest_ok(ret->digest))
		return err_set(e, ERR_INPUT,
		    "\"%s\": the digest must be sha256: and 64 "
		    "digits in lower case",
		    text);
	/* a colon before the last slash belongs to a port */
	slash = strrchr(rest, '/');
	if (strchr(slash != NULL ? slash : rest, ':') != NULL)
		ret->tag = cut_behind(rest, ':');
	if (ret->tag != NULL && !is_tag(ret->tag))
		return err_set(e, ERR_INPUT, "\"%s\": that is no tag", text);
	split_domain(rest, a, ret);
	if (!is_domain(ret->domain))
		return err_set(e, ERR_INPUT, "\"%s\": that is no registry", text);
	if (!is_repository(ret->repository))
		return err_set(e, ERR_INPUT,
		    "\"%s\": the name of a repository has small letters, digits and . "
		    "_ "
		    "- between them",
		    text);
	if (ret->tag == NULL && ret->digest == NULL)
		ret->tag = "latest";
	return ERR_OK;
}

const char *
reference_text(const struct reference *r, struct arena *a)
{
	return arena_printf(a, "%s/%s%s%s%s%s", r->domain, r->repository,
	    r->tag != NULL ? ":" : "", str_or_empty(r->tag),
	    r->digest != NULL ? "@" : "", str_or_empty(r->digest));
}

const char *
reference_version(const struct reference *r)
{
	return r->digest != NULL ? r->digest : r->tag;
}
