/* SPDX-License-Identifier: Apache-2.0 */
/* ecosystem_os - from a system's own words, or a person's, to its ecosystem. */
#include "core/ecosystem.h"

#include <string.h>

#include "core/arena.h"
#include "core/ecosystem_private.h"
#include "core/limits.h"
#include "core/str.h"

#define DAY_S      86400
#define MAX_DIGITS 8 /* of one number of a release; more is no release */

static const struct os_rule *
rule_of(const char *id)
{
	const struct ecosystem_table *t = ecosystem_table_();

	for (size_t i = 0; i < t->rules.n; i++) {
		if (strcmp(t->rules.at[i].id, id) == 0)
			return &t->rules.at[i];
	}
	return NULL;
}

const char *
ecosystem_mapped_(const char *id, const char *release)
{
	const struct ecosystem_table *t = ecosystem_table_();

	for (size_t i = 0; i < t->maps.n; i++) {
		const struct os_map *m = &t->maps.at[i];

		if (strcmp(m->id, id) == 0 && strcmp(m->from, release) == 0)
			return m->to;
	}
	return NULL;
}

/*
 * The first MOST numbers of VERSION ("3.20.3" and 2 give "3.20"); NULL if there are not
 * at least LEAST, or if something else than a release stands there.
 */
static const char *
numbers(struct arena *a, const char *version, int least, int most)
{
	const char *start, *s;
	int n = 0;

	if (version == NULL)
		return NULL;
	start = s = version + (*version == 'v');
	while (n < most) {
		size_t digits = strspn(s, "0123456789");

		if (digits == 0 || digits > MAX_DIGITS)
			return NULL;
		s += digits;
		n++;
		if (n == most || s[0] != '.' || s[1] < '0' || s[1] > '9')
			break;
		s++;
	}
	if (n < least || (*s != '\0' && strchr("._-~+ ", *s) == NULL))
		return NULL;
	return arena_strndup(a, start, (size_t)(s - start));
}

static bool
contains(const char *text, const char *part)
{
	return text != NULL && strstr(text, part) != NULL;
}

/* The release in the NAME of an ecosystem, "12" of "debian:12". */
static const char *
release_of(const char *name)
{
	const char *colon = name == NULL ? NULL : strchr(name, ':');

	return colon == NULL ? NULL : colon + 1;
}

/*
 * Debian's testing and unstable have no VERSION_ID, and both call themselves by the
 * next release's codename with "/sid" behind it.
 */
static const char *
debian_release(const struct os_words *w, struct arena *a)
{
	const char *release;

	if (w->version_id != NULL && *w->version_id != '\0')
		return numbers(a, w->version_id, 1, 1);
	if ((release = numbers(a, w->debian_version, 1, 1)) != NULL)
		return release;
	if (contains(w->debian_version, "/sid") || contains(w->pretty_name, "/sid"))
		return "unstable";
	return release_of(ecosystem_of_codename("debian", w->version_codename));
}

/* Alpine's edge carries the number of the next release and says "_alpha", or "edge". */
static const char *
alpine_release(const struct os_words *w, struct arena *a)
{
	if (contains(w->version_id, "_alpha") || contains(w->pretty_name, " edge") ||
	    str_eq(w->version_id, "edge"))
		return "edge";
	return numbers(a, w->version_id, 2, 2);
}

/* The release of R's family that W speaks of, "" for a rolling one; NULL = none. */
static const char *
apply_rule(const struct os_rule *r, const struct os_words *w, struct arena *a)
{
	const char *release = NULL, *other;

	switch (r->kind) {
	case OS_RULE_ROLLING:
		return "";
	case OS_RULE_CODENAME:
		return release_of(ecosystem_of_codename(r->family, w->ubuntu_codename));
	case OS_RULE_DEBIAN:
		release = debian_release(w, a);
		break;
	case OS_RULE_ALPINE:
		release = alpine_release(w, a);
		break;
	case OS_RULE_MAJOR:
		release = numbers(a, w->version_id, 1, 1);
		break;
	case OS_RULE_MINOR:
		release = numbers(a, w->version_id, 1, 2);
		break;
	case OS_RULE_MAPPED:
		release = numbers(a, w->version_id, 2, 2);
		if (release == NULL)
			release = w->version_id;
		return release == NULL ? NULL : ecosystem_mapped_(r->id, release);
	case OS_RULE_COUNT:
		break;
	}
	if (release == NULL)
		return NULL;
	other = ecosystem_mapped_(r->id, release);
	return other != NULL ? other : release;
}

/* Name and state of RELEASE ("" = rolling) of FAMILY. */
static void
judge(const char *family, const char *release, int64_t now_at, struct arena *a,
    struct os *ret)
{
	const struct ecosystem *row;

	ret->ecosystem = *release == '\0' ? arena_strdup(a, family)
					  : arena_printf(a, "%s:%s", family, release);
	row = ecosystem_find(ret->ecosystem);
	if (row == NULL || !row->has_feed)
		ret->state = COVERAGE_UNSUPPORTED;
	else if (row->end_of_life_at != 0 && now_at >= row->end_of_life_at + DAY_S)
		ret->state = COVERAGE_END_OF_LIFE;
	else
		ret->state = COVERAGE_COMPLETE;
}

void
ecosystem_of_os(
    const struct os_words *w, int64_t now_at, struct arena *a, struct os *ret)
{
	const struct os_rule *rule;
	const char *id = w->id, *release, *ubuntu;

	/* A tree without os-release that has /etc/debian_version is a Debian. */
	if ((id == NULL || *id == '\0') && w->debian_version != NULL)
		id = "debian";
	*ret = (struct os){ .version = arena_strdup(a, w->version_id) };
	if (id == NULL || *id == '\0') {
		ret->state = COVERAGE_UNIDENTIFIED;
		return;
	}
	ret->id = str_lower(a, id, strlen(id));
	ret->state = COVERAGE_UNSUPPORTED;
	rule = rule_of(ret->id);
	if (rule == NULL) {
		/*
		 * ID_LIKE is not followed: a derived system counts its releases its own
		 * way, and "kali 2025" is no Debian 2025.  UBUNTU_CODENAME is exact.
		 */
		ubuntu =
		    release_of(ecosystem_of_codename("ubuntu", w->ubuntu_codename));
		if (ubuntu != NULL)
			judge("ubuntu", ubuntu, now_at, a, ret);
		return;
	}
	if (rule->unless != NULL && contains(w->name, rule->unless))
		return;
	release = apply_rule(rule, w, a);
	/* whoever pays for it is told for years after the free support has ended */
	if (release != NULL)
		judge(rule->family, release, w->has_esm ? 0 : now_at, a, ret);
}

/* The rule for what a person wrote before the colon: a system's ID or a family. */
static const struct os_rule *
rule_of_text(const char *id)
{
	const struct ecosystem_table *t = ecosystem_table_();
	const struct os_rule *rule = rule_of(id);

	for (size_t i = 0; rule == NULL && i < t->rules.n; i++) {
		if (strcmp(t->rules.at[i].family, id) == 0)
			rule = &t->rules.at[i];
	}
	return rule;
}

bool
ecosystem_of_text(const char *text, int64_t now_at, struct arena *a, struct os *ret)
{
	const struct os_rule *rule;
	struct os_words w = { 0 };
	struct os os = { 0 };
	const char *colon, *release;
	size_t len;

	if (text == NULL || (len = strlen(text)) > MAX_NAME)
		return false;
	colon = strchr(text, ':');
	os.id = str_lower(a, text, colon == NULL ? len : (size_t)(colon - text));
	os.version = colon == NULL ? NULL : str_lower(a, colon + 1, len);
	if ((rule = rule_of_text(os.id)) == NULL)
		return false;
	if (os.version == NULL) {
		release = rule->kind == OS_RULE_ROLLING ? "" : NULL;
	} else if ((release = release_of(
			ecosystem_of_codename(rule->family, os.version))) == NULL) {
		w.version_id = os.version;
		release = str_eq(os.version, "unstable") && rule->kind == OS_RULE_DEBIAN
			      ? "unstable"
			      : apply_rule(rule, &w, a);
	}
	if (release == NULL)
		return false;
	judge(rule->family, release, now_at, a, &os);
	*ret = os;
	return true;
}
