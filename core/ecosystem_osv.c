/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecosystem_osv - from the word of an OSV record to an ecosystem and its stream.  Part of
 * the word names the family and is in the table; the rest is a release in the spelling of
 * whoever publishes it.
 */
#include "core/ecosystem.h"

#include <string.h>

#include "core/arena.h"
#include "core/ecosystem_private.h"
#include "core/limits.h"
#include "core/str.h"

#define DIGITS "0123456789"
/* Longest release; "22.03-LTS-SP3" has 13 characters. */
#define MAX_RELEASE 40

/* What a rule makes of the rest of the word. */
struct found {
	const char *release; /* "" = rolling; NULL = none */
	const char *stream;  /* that the word itself names; NULL = none */
};

/* The row whose name TEXT is, or begins with as a whole word; the longest of them. */
static const struct osv_rule *
find_rule(const char *text)
{
	const struct ecosystem_table *t = ecosystem_table_();
	const struct osv_rule *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < t->osv_rules.n; i++) {
		const char *name = t->osv_rules.at[i].name;
		size_t len = strlen(name);

		if (len > best_len && strncmp(text, name, len) == 0 &&
		    (text[len] == '\0' || text[len] == ':' || text[len] == ' ')) {
			best = &t->osv_rules.at[i];
			best_len = len;
		}
	}
	return best;
}

/* S[0..LEN) if it can be a release, NULL if not. */
static const char *
release_text(struct arena *a, const char *s, size_t len)
{
	if (len == 0 || len > MAX_RELEASE)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'z') ||
			(s[i] >= 'A' && s[i] <= 'Z') || strchr("._-", s[i]) != NULL))
			return NULL;
	return arena_strndup(a, s, len);
}

/* ":9", ":v3.20", ":sid": a number by the rule, a word through the codenames. */
static const char *
plain_release(const struct osv_rule *r, const char *rest, struct arena *a)
{
	const char *s = rest + (*rest == ':'), *known, *colon;
	size_t len = strcspn(s, ":"), numbers;

	if (*rest != ':')
		return NULL;
	if (r->kind == OSV_RULE_MINOR && *s == 'v') {
		s++;
		len--;
	}
	known = ecosystem_of_codename(r->family, arena_strndup(a, s, len));
	if (known != NULL && (colon = strchr(known, ':')) != NULL)
		return colon + 1;
	numbers = strspn(s, r->kind == OSV_RULE_MAJOR ? DIGITS : DIGITS ".");
	if (r->kind == OSV_RULE_MAJOR && numbers > 0 &&
	    (numbers == len || s[numbers] == '.'))
		len = numbers;
	return release_text(a, s, len);
}

/* ":22.04:LTS", ":22.04:LTS:Realtime:Kernel". */
static struct found
ubuntu_release(const char *rest, struct arena *a)
{
	struct found f = { NULL, NULL };

	while (*rest == ':') {
		const char *word = rest + 1;
		size_t len = strcspn(word, ":");

		if (f.release == NULL) {
			if (strspn(word, DIGITS ".") != len)
				return f;
			f.release = release_text(a, word, len);
		} else if (!str_starts(word, "LTS") && f.stream == NULL) {
			f.stream = str_lower(a, word, len);
		}
		rest = word + len;
	}
	return f;
}

/* ":9::appstream", ":8.8::baseos" of a line of updates of one minor release. */
static struct found
redhat_release(const struct osv_rule *r, const char *rest, struct arena *a)
{
	struct found f = { NULL, NULL };
	size_t major, all;

	if (*rest++ != ':')
		return f;
	major = strspn(rest, DIGITS);
	all = strspn(rest, DIGITS ".");
	if (major == 0 || (rest[all] != ':' && rest[all] != '\0'))
		return f;
	f.release = release_text(a, rest, major);
	if (r->stream != NULL && all > major)
		f.stream = arena_printf(a, "%s:%.*s", r->stream, (int)all, rest);
	return f;
}

/* "15 SP4", "12", "5.3", "12 SP5-LTSS": 15.4, 12, 5.3, 12.5 with stream ltss. */
static struct found
suse_release(const struct osv_rule *r, const char *rest, struct arena *a)
{
	struct found f = { NULL, NULL };
	const char *s = rest + (*rest == ' '), *extension, *other;
	size_t number = strspn(s, DIGITS "."), pack = 0, end = number;

	if (*rest != ' ' || number == 0)
		return f;
	if (str_starts(s + number, " SP")) {
		pack = strspn(s + number + 3, DIGITS);
		end = number + 3 + pack;
	}
	extension = s[end] == '-' ? s + end + 1 : NULL;
	if ((s[end] != '\0' && extension == NULL) || (end > number && pack == 0))
		return f;
	f.release = release_text(a, s, number);
	if (f.release != NULL && pack > 0)
		f.release =
		    arena_printf(a, "%s.%.*s", f.release, (int)pack, s + number + 3);
	if (f.release != NULL &&
	    (other = ecosystem_mapped_(r->family, f.release)) != NULL)
		f.release = other;
	if (extension != NULL)
		f.stream = str_lower(a, extension, strlen(extension));
	if (f.stream != NULL && r->stream != NULL)
		f.stream = arena_printf(a, "%s-%s", r->stream, f.stream);
	return f;
}

/* " Basesystem 15 SP4": a product's name before the release. */
static const char *
behind_product(const char *rest)
{
	const char *s = rest;

	while (*s == ' ' && (s[1] < '0' || s[1] > '9'))
		s += 1 + strcspn(s + 1, " ");
	return s;
}

static struct found
apply_rule(const struct osv_rule *r, const char *rest, struct arena *a)
{
	struct found f = { NULL, NULL };
	const char *other;

	switch (r->kind) {
	case OSV_RULE_ROLLING:
		if (*rest == '\0' || *rest == ':')
			f.release = "";
		return f;
	case OSV_RULE_UBUNTU:
		return ubuntu_release(rest, a);
	case OSV_RULE_REDHAT:
		return redhat_release(r, rest, a);
	case OSV_RULE_PRODUCT:
		return suse_release(r, behind_product(rest), a);
	case OSV_RULE_SUSE:
		return suse_release(r, rest, a);
	default:
		break;
	}
	f.release = plain_release(r, rest, a);
	if (f.release != NULL &&
	    (other = ecosystem_mapped_(r->family, f.release)) != NULL)
		f.release = other;
	return f;
}

bool
ecosystem_of_osv(const char *text, struct arena *a, struct osv_ecosystem *ret)
{
	const struct osv_rule *r;
	struct found f;

	if (text == NULL || strnlen(text, MAX_NAME + 1) > MAX_NAME ||
	    (r = find_rule(text)) == NULL)
		return false;
	f = apply_rule(r, text + strlen(r->name), a);
	if (f.release == NULL)
		return false;
	ret->ecosystem = *f.release == '\0'
			     ? r->family
			     : arena_printf(a, "%s:%s", r->family, f.release);
	ret->stream = f.stream != NULL ? f.stream : str_or_empty(r->stream);
	ret->kind = r->packages;
	return true;
}
