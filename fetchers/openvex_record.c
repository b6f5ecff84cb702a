/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openvex_record - from statements to records.
 *
 * A document of Ubuntu is about one vulnerability (or notice) and becomes one record under
 * its name.  Plain documents are about a product, and say something of many; there every
 * package and vulnerability is a record of its own.  Of two statements about the same the
 * later one counts.
 */
#include "fetchers/openvex.h"

#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/strmap.h"

/* One record in the making. */
struct group {
	const char *key;
	const struct vex_statement *first;
	struct {
		struct affected *at;
		size_t n, cap;
	} entries;
	struct {
		int64_t *at;
		size_t n, cap;
	} times;      /* of the statement that each entry is from */
	int64_t from; /* of the oldest statement */
};

struct maker {
	struct emitter *em;
	const struct vex_document *doc;
	struct strmap *index; /* owned: key -> place in groups */
	struct {
		struct group *at;
		size_t n, cap;
	} groups;
};

/* ---- what a statement says ---- */

static bool
has_words(const char *text, const char *words)
{
	return text != NULL && strstr(text, words) != NULL;
}

/*
 * Ubuntu's states are told from its sentences: the format has too few words.  A version
 * beside anything but "fixed" is the one that happened to be there on that day.
 */
static const char *
judge_ubuntu(const struct vex_statement *s, const char *version, struct affected *ret)
{
	if (str_eq(s->status, "fixed")) {
		if (version == NULL)
			return "fixed, but not in which version";
		ret->status = STATUS_FIXED;
		ret->fixed = version;
	} else if (str_eq(s->status, "not_affected")) {
		if (str_eq(s->justification, "component_not_present"))
			return ""; /* there is no such package in that release */
		ret->status = STATUS_NOT_AFFECTED;
	} else if (str_eq(s->status, "under_investigation")) {
		ret->status =
		    has_words(s->notes, "defer") || has_words(s->action, "defer")
			? STATUS_DEFERRED
			: STATUS_UNDER_INVESTIGATION;
	} else if (str_eq(s->status, "affected")) {
		ret->status = STATUS_AFFECTED;
		if (has_words(s->action, "decided to not fix"))
			ret->status = STATUS_WONT_FIX;
		else if (has_words(s->action, "no longer supported"))
			ret->status = STATUS_END_OF_LIFE;
	} else {
		return "a status that is none of the format's";
	}
	return NULL;
}

/* What the specification says, no more: of a version alone where there is one. */
static const char *
judge_plain(struct arena *a, const struct vex_statement *s, const char *version,
    struct affected *ret)
{
	if (str_eq(s->status, "fixed")) {
		if (version == NULL)
			return "fixed, but not in which version";
		ret->status = STATUS_FIXED;
		ret->fixed = version;
		return NULL;
	}
	if (str_eq(s->status, "not_affected")) {
		/* kept as if it were said of all versions, it would hide the others */
		if (version != NULL)
			return "denied for one version alone";
		ret->status = STATUS_NOT_AFFECTED;
		return NULL;
	}
	if (str_eq(s->status, "affected"))
		ret->status = STATUS_AFFECTED;
	else if (str_eq(s->status, "under_investigation"))
		ret->status = STATUS_UNDER_INVESTIGATION;
	else
		return "a status that is none of the format's";
	if (version != NULL) {
		ret->versions = arena_array(a, 1, sizeof(*ret->versions));
		ret->versions[0] = version;
		ret->n_versions = 1;
	}
	return NULL;
}

/* ---- groups ---- */

static struct group *
find_group(struct maker *m, const struct vex_statement *s, const struct affected *a)
{
	const char *key = s->vulnerability;
	uint64_t *place;
	bool is_new;

	if (!m->doc->is_envelope)
		key = arena_printf(
		    m->em->arena, "%s/%s/%s", a->ecosystem, a->package, key);
	place = strmap_put(m->index, key, &is_new);
	if (is_new) {
		struct group *g = ARENA_PUSH(m->em->arena, &m->groups);

		*place = m->groups.n - 1;
		g->key = key;
		g->first = s;
		g->from = s->at;
	}
	return &m->groups.at[*place];
}

static const char *
only_version(const struct affected *a)
{
	return a->n_versions > 0 ? a->versions[0] : NULL;
}

static bool
is_about_same(const struct affected *a, const struct affected *b)
{
	return a->kind == b->kind && str_eq(a->package, b->package) &&
	       str_eq(a->ecosystem, b->ecosystem) && str_eq(a->stream, b->stream) &&
	       str_eq(only_version(a), only_version(b));
}

static void
put_entry(struct maker *m, struct group *g, const struct affected *entry, int64_t at)
{
	struct arena *a = m->em->arena;

	for (size_t i = 0; i < g->entries.n; i++) {
		if (!is_about_same(&g->entries.at[i], entry))
			continue;
		if (at >= g->times.at[i]) {
			g->entries.at[i] = *entry;
			g->times.at[i] = at;
		}
		return;
	}
	*ARENA_PUSH(a, &g->entries) = *entry;
	*ARENA_PUSH(a, &g->times) = at;
}

/* NULL if P went into a group, "" if it is rightly left out, else why it could not. */
static const char *
add_product(struct maker *m, const struct vex_statement *s, const struct vex_product *p)
{
	struct affected entry;
	const char *version = NULL, *why;
	struct group *g;

	if (p->is_inside || s->is_inside)
		return "is about a part inside of a product";
	if (p->id == NULL || !vex_package(m->em->arena, p->id, &entry, &version))
		return "a product that is no package of a known ecosystem";
	why = m->doc->is_envelope ? judge_ubuntu(s, version, &entry)
				  : judge_plain(m->em->arena, s, version, &entry);
	if (why != NULL)
		return why;
	g = find_group(m, s, &entry);
	if (s->at != 0 && (g->from == 0 || s->at < g->from))
		g->from = s->at;
	put_entry(m, g, &entry, s->at);
	return NULL;
}

static enum err_code
add_statement(
    struct maker *m, const struct vex_statement *s, size_t place, struct err *e)
{
	const char *fault = s->products.n == 0 ? "names no product" : NULL;
	bool is_named = s->vulnerability != NULL && package_is_sane(s->vulnerability);
	enum err_code rc = ERR_OK;

	if (!is_named)
		fault = "names no vulnerability";
	for (size_t i = 0; is_named && i < s->products.n && rc == ERR_OK; i++) {
		const char *why = add_product(m, s, &s->products.at[i]);

		if (fault == NULL && why != NULL && why[0] != '\0')
			fault = why;
		rc = emit_room(m->em, e);
	}
	if (rc == ERR_OK && fault != NULL)
		emit_skipped(m->em,
		    is_named ? s->vulnerability
			     : arena_printf(m->em->arena, "statements[%zu]", place),
		    fault);
	return rc;
}

/* ---- records ---- */

/* A CVE is itself; a notice is the CVEs that it names; else there is one name more. */
static void
name_record(struct arena *a, const struct vex_statement *s,
    struct texts *vulnerabilities, struct texts *aliases)
{
	const char *own = cve_normalize(a, s->vulnerability, strlen(s->vulnerability));

	if (own != NULL)
		texts_add(a, vulnerabilities, own);
	for (size_t i = 0; own == NULL && i < s->aliases.n; i++) {
		const char *alias = s->aliases.at[i];
		const char *cve = cve_normalize(a, alias, strlen(alias));

		if (cve != NULL)
			texts_add(a, vulnerabilities, cve);
	}
	if (vulnerabilities->n > 1 || str_starts(s->vulnerability, "USN-"))
		return;
	if (vulnerabilities->n == 0)
		texts_add(a, vulnerabilities, s->vulnerability);
	else if (own == NULL)
		texts_add(a, aliases, s->vulnerability);
	for (size_t i = 0; i < s->aliases.n; i++) {
		const char *alias = s->aliases.at[i];

		if (package_is_sane(alias) && strchr(alias, '/') == NULL &&
		    cve_normalize(a, alias, strlen(alias)) == NULL)
			texts_add(a, aliases, alias);
	}
}

static void
link_record(struct arena *a, const struct vex_statement *s, struct texts *links)
{
	if (s->link != NULL && str_starts(s->link, "http"))
		texts_add(a, links, s->link);
	for (size_t i = 0; i < s->aliases.n; i++)
		if (str_starts(s->aliases.at[i], "http"))
			texts_add(a, links, s->aliases.at[i]);
}

static enum err_code
emit_group(struct maker *m, const struct group *g, struct err *e)
{
	struct arena *a = m->em->arena;
	struct texts vulnerabilities = { 0 }, aliases = { 0 }, links = { 0 };
	struct record r = {
		.key = g->key,
		.source = m->em->source,
		.id = g->first->vulnerability,
		.description = g->first->description,
		.published = g->from,
		.modified = m->doc->at,
		.affected = g->entries.at,
		.n_affected = g->entries.n,
	};

	name_record(a, g->first, &vulnerabilities, &aliases);
	link_record(a, g->first, &links);
	if (vulnerabilities.n == 0)
		texts_add(a, &vulnerabilities, g->first->vulnerability);
	r.vulnerabilities = vulnerabilities.at;
	r.n_vulnerabilities = vulnerabilities.n;
	r.aliases = aliases.at;
	r.n_aliases = aliases.n;
	r.references = links.at;
	r.n_references = links.n;
	return emit_record(m->em, &r, e);
}

enum err_code
vex_emit(struct emitter *em, const struct vex_document *d, struct err *e)
{
	struct maker m = { .em = em, .doc = d, .index = strmap_new() };
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < d->statements.n && rc == ERR_OK; i++)
		rc = add_statement(&m, &d->statements.at[i], i, e);
	for (size_t i = 0; i < m.groups.n && rc == ERR_OK; i++)
		rc = emit_group(&m, &m.groups.at[i], e);
	strmap_free(m.index);
	return rc;
}
