/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purl - package URLs, pkg:type/ns/name@version?qualifiers#subpath, split from the right
 * and decoded after splitting, as the purl specification says.
 */
#include "core/purl.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "core/str.h"
#include "core/url.h"

#define MAX_QUALIFIERS 64
#define MAX_PURL       4096

static bool
decode(struct arena *a, const char *s, size_t n, const char **ret)
{
	return url_decode(a, s, n, ret) && utf8_valid(*ret, strlen(*ret));
}

static bool
is_key(const char *s, size_t n)
{
	if (n == 0 || (s[0] >= '0' && s[0] <= '9'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
			(s[i] >= '0' && s[i] <= '9') || strchr("._-", s[i]) != NULL))
			return false;
	return true;
}

static bool
read_qualifiers(struct purl *p, const char *s, size_t n, struct arena *a)
{
	size_t most = 1;

	for (size_t i = 0; i < n; i++)
		most += s[i] == '&';
	if (most > MAX_QUALIFIERS)
		return false;
	p->qualifiers = arena_array(a, most, sizeof(*p->qualifiers));
	while (n > 0) {
		size_t len = 0, eq = 0;
		const char *key;

		while (len < n && s[len] != '&')
			len++;
		while (eq < len && s[eq] != '=')
			eq++;
		if (len > 0) {
			if (!is_key(s, eq))
				return false;
			key = str_lower(a, s, eq);
			if (purl_qualifier(p, key) != NULL)
				return false;
			if (eq + 1 < len) { /* an empty value is as good as none */
				if (!decode(a, s + eq + 1, len - eq - 1,
					&p->qualifiers[p->n_qualifiers].value))
					return false;
				p->qualifiers[p->n_qualifiers++].key = key;
			}
		}
		s += len + (len < n);
		n -= len + (len < n);
	}
	return true;
}

/* Segments between slashes, each decoded; empty ones (and . .. of a subpath) dropped. */
static bool
read_segments(
    const char *s, size_t n, bool is_subpath, struct arena *a, const char **ret)
{
	const char *text = NULL;

	while (n > 0) {
		size_t len = 0;
		const char *one;

		while (len < n && s[len] != '/')
			len++;
		if (len > 0) {
			if (!decode(a, s, len, &one))
				return false;
			if (is_subpath && (str_eq(one, ".") || str_eq(one, "..")))
				one = NULL;
			if (one != NULL && strchr(one, '/') != NULL)
				return false;
			if (one != NULL)
				text = text == NULL
					   ? one
					   : arena_printf(a, "%s/%s", text, one);
		}
		s += len + (len < n);
		n -= len + (len < n);
	}
	*ret = text;
	return true;
}

static bool
is_type(const char *s, size_t n)
{
	if (n == 0 || (s[0] >= '0' && s[0] <= '9'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
			(s[i] >= '0' && s[i] <= '9') || strchr(".+-", s[i]) != NULL))
			return false;
	return true;
}

static void
fold_case(struct purl *p, struct arena *a)
{
	static const char *const both[] = { "alpm", "apk", "deb", "composer", "hex",
		"github", "bitbucket", "bitnami", "pypi", NULL };
	bool is_both = false;
	char *name;

	for (size_t i = 0; both[i] != NULL; i++)
		is_both = is_both || str_eq(p->type, both[i]);
	if (p->ns != NULL && (is_both || str_eq(p->type, "rpm")))
		p->ns = str_lower(a, p->ns, strlen(p->ns));
	if (is_both)
		p->name = str_lower(a, p->name, strlen(p->name));
	if (!str_eq(p->type, "pypi"))
		return;
	name = arena_strdup(a, p->name);
	for (char *c = name; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	p->name = name;
}

/* "ns/name@version"; "@scope/name" begins an npm scope, not a version. */
static bool
read_path(struct purl *p, const char *s, size_t n, struct arena *a)
{
	size_t at, slash;

	while (n > 0 && s[n - 1] == '/')
		n--;
	at = n;
	while (at > 0 && s[at - 1] != '@')
		at--;
	if (at > 0 &&
	    !((at == 1 || s[at - 2] == '/') && memchr(s + at, '/', n - at) != NULL)) {
		if (!decode(a, s + at, n - at, &p->version))
			return false;
		if (p->version[0] == '\0')
			p->version = NULL;
		n = at - 1;
	}
	slash = n;
	while (slash > 0 && s[slash - 1] != '/')
		slash--;
	return decode(a, s + slash, n - slash, &p->name) && p->name[0] != '\0' &&
	       read_segments(s, slash, false, a, &p->ns);
}

bool
purl_parse(const char *text, struct arena *a, struct purl *ret)
{
	size_t n = strlen(text), hash = strcspn(text, "#"), mark, type;

	memset(ret, 0, sizeof(*ret));
	if (n > MAX_PURL || strncasecmp(text, "pkg:", 4) != 0)
		return false;
	if (hash < n &&
	    !read_segments(text + hash + 1, n - hash - 1, true, a, &ret->subpath))
		return false;
	mark = strcspn(text, "?#");
	if (mark < hash && !read_qualifiers(ret, text + mark + 1, hash - mark - 1, a))
		return false;
	text += 4;
	n = mark - 4;
	while (n > 0 && *text == '/') {
		text++;
		n--;
	}
	for (type = 0; type < n && text[type] != '/';)
		type++;
	if (type == n || !is_type(text, type))
		return false;
	ret->type = str_lower(a, text, type);
	if (!read_path(ret, text + type + 1, n - type - 1, a))
		return false;
	fold_case(ret, a);
	return true;
}

const char *
purl_qualifier(const struct purl *p, const char *key)
{
	for (size_t i = 0; i < p->n_qualifiers; i++)
		if (str_eq(p->qualifiers[i].key, key))
			return p->qualifiers[i].value;
	return NULL;
}

/* ---- writing ---- */

/* Segments between slashes, each encoded; empty ones dropped. */
static const char *
write_segments(const char *s, struct arena *a)
{
	const char *text = "";

	while (s != NULL && *s != '\0') {
		size_t n = strcspn(s, "/");

		if (n > 0)
			text = arena_printf(a, "%s%s%s", text, *text != '\0' ? "/" : "",
			    url_encode(a, arena_strndup(a, s, n), ":"));
		s += n + (s[n] == '/');
	}
	return text;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "?a=1&b=2", sorted by key; NULL if a key is none, or stands twice. */
static const char *
write_qualifiers(const struct purl *p, struct arena *a)
{
	/* key and value stand side by side: sorting the keys takes the values along */
	const char *(*pairs)[2] = arena_array(a, p->n_qualifiers + 1, sizeof(*pairs));
	const char *text = "";
	size_t n = 0;

	for (size_t i = 0; i < p->n_qualifiers; i++) {
		const char *key = p->qualifiers[i].key;

		if (key == NULL || !is_key(key, strlen(key)))
			return NULL;
		if (p->qualifiers[i].value == NULL || *p->qualifiers[i].value == '\0')
			continue;
		pairs[n][0] = str_lower(a, key, strlen(key));
		pairs[n++][1] = p->qualifiers[i].value;
	}
	qsort(pairs, n, sizeof(*pairs), compare_keys);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && str_eq(pairs[i - 1][0], pairs[i][0]))
			return NULL;
		text = arena_printf(a, "%s%c%s=%s", text, i == 0 ? '?' : '&',
		    pairs[i][0], url_encode(a, pairs[i][1], ":"));
	}
	return text;
}

const char *
purl_text(const struct purl *p, struct arena *a)
{
	struct purl folded = *p;
	const char *ns, *qualifiers, *version, *subpath;

	if (p->type == NULL || !is_type(p->type, strlen(p->type)) || p->name == NULL ||
	    *p->name == '\0' || (qualifiers = write_qualifiers(p, a)) == NULL)
		return NULL;
	folded.type = str_lower(a, p->type, strlen(p->type));
	fold_case(&folded, a);
	ns = write_segments(folded.ns, a);
	version = p->version != NULL ? url_encode(a, p->version, ":") : "";
	subpath = write_segments(p->subpath, a);
	return arena_printf(a, "pkg:%s/%s%s%s%s%s%s%s%s", folded.type, ns,
	    *ns != '\0' ? "/" : "", url_encode(a, folded.name, ":"),
	    *version != '\0' ? "@" : "", version, qualifiers,
	    *subpath != '\0' ? "#" : "", subpath);
}

/* What package URLs call the makers of a distribution, where not by its family. */
static const char *
namespace_of(const char *family)
{
	static const struct {
		const char *family, *ns;
	} rows[] = {
		{ "rhel", "redhat" },
		{ "ol", "oracle" },
		{ "epel", "fedora" },
		{ "sles", "suse" },
		{ "slem", "suse" },
		{ "opensuse.leap", "opensuse" },
		{ "opensuse.tumbleweed", "opensuse" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(rows[i].family, family))
			return rows[i].ns;
	return family;
}

static bool
is_distribution(const char *type)
{
	return str_eq(type, "deb") || str_eq(type, "apk") || str_eq(type, "rpm") ||
	       str_eq(type, "alpm");
}

const char *
purl_of(const struct component *c, const struct os *os, struct arena *a)
{
	const char *colon, *family, *version, *qualifiers = "", *release;
	size_t epoch;

	if (c->ecosystem == NULL || !is_distribution(c->type))
		return NULL;
	colon = strchr(c->ecosystem, ':');
	family = colon != NULL
		     ? arena_strndup(a, c->ecosystem, (size_t)(colon - c->ecosystem))
		     : c->ecosystem;
	version = c->version;
	if (c->arch != NULL && c->arch[0] != '\0')
		qualifiers = arena_printf(a, "arch=%s&", url_encode(a, c->arch, ""));
	/* of an rpm the epoch stands apart, of a deb in the version */
	epoch = strspn(version, "0123456789");
	if (str_eq(c->type, "rpm") && epoch > 0 && version[epoch] == ':') {
		qualifiers =
		    arena_printf(a, "%sepoch=%.*s&", qualifiers, (int)epoch, version);
		version += epoch + 1;
	}
	release = str_eq(c->ecosystem, os->ecosystem) && os->version != NULL
		      ? os->version
		      : str_or_empty(colon != NULL ? colon + 1 : NULL);
	return arena_printf(a, "pkg:%s/%s/%s@%s?%sdistro=%s%s%s", c->type,
	    namespace_of(family), url_encode(a, c->name, ""),
	    url_encode(a, version, ":"), qualifiers, family,
	    release[0] != '\0' ? "-" : "", release);
}
