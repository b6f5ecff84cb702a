/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_record - from a document to records, one for each vulnerability in it.
 *
 * A document of Red Hat lists every build of every architecture of every line of updates,
 * by the thousand: what differs in nothing but the architecture becomes one entry.  Three
 * things are settled here, since whoever decides a match sees one entry at a time:
 *
 * - A fix that is named for binary packages says nothing more for their source, whose
 *   version an inventory may know without its epoch.
 * - A package that is not affected in one product and mended in another of the same
 *   system (a module of SUSE beside its server) has that fix: the denial is left out.
 * - Of a document that speaks of no package any more, what it said before is gone.
 */
#include "fetchers/csaf.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/fetchers.h"
#include "fetchers/vendor.h"

/* Memory of one record in the making. */
#define RECORD_ROOM ((size_t)32 * 1024 * 1024)
/* A vendor's word for a state; more than this is a sentence. */
#define MAX_STATE 64
/* The parts of what is compared, put together. */
#define MAX_TAG ((size_t)8 * 1024)

/* What is said of one product besides its list. */
struct fate {
	const struct csaf_remark *remedy, *impact, *flag;
};

/* One entry in the making. */
struct slot {
	struct affected entry;
	unsigned place; /* its number */
	struct texts archs;
	bool every_arch;
};

struct maker {
	struct emitter *em;
	struct csaf_document *doc;
	const struct csaf_vulnerability *v;
	struct fate *fates;  /* by number of the product */
	struct strmap *tags; /* owned: what an entry says -> its slot */
	struct buf tag;      /* owned; the one that is looked up */
	struct {
		struct slot *at;
		size_t n, cap;
	} slots;
	struct {
		struct affected *at;
		size_t n, cap;
	} entries;
	const char *fault; /* the first thing that could not be used */
};

/* ---- what is said besides ---- */

#define FATE_SETTER(name)                                                              \
	static void set_##name(struct fate *f, const struct csaf_remark *r)            \
	{                                                                              \
		f->name = r;                                                           \
	}
FATE_SETTER(remedy)
FATE_SETTER(impact)
FATE_SETTER(flag)

static void
set_all(struct maker *m, const struct csaf_numbers *list, const struct csaf_remark *r,
    void (*set)(struct fate *, const struct csaf_remark *))
{
	for (size_t i = 0; i < list->n; i++)
		set(&m->fates[list->at[i]], r);
}

static void
spread(struct maker *m, const struct csaf_remark *r,
    void (*set)(struct fate *, const struct csaf_remark *))
{
	set_all(m, &r->about.products, r, set);
	for (size_t i = 0; i < r->about.groups.n; i++)
		set_all(m, &m->doc->groups.at[r->about.groups.at[i]], r, set);
}

static bool
is_about_all(const struct csaf_remark *r)
{
	return r->about.products.n == 0 && r->about.groups.n == 0;
}

/* What says that there is no fix; a workaround lists every product and says nothing. */
static bool
is_about_fixing(const struct csaf_remark *r)
{
	return str_eq(r->category, "none_available") ||
	       str_eq(r->category, "no_fix_planned") ||
	       str_eq(r->category, "fix_planned");
}

/* Prose stands there too. */
static bool
is_rating(const struct csaf_remark *r)
{
	return str_eq(r->category, "impact") &&
	       vendor_severity(r->details) != SEVERITY_UNKNOWN;
}

static void
find_fates(struct maker *m)
{
	const struct csaf_vulnerability *v = m->v;
	size_t n = m->doc->products.n;

	m->fates = arena_array(m->em->arena, n, sizeof(*m->fates));
	for (size_t i = 0; i < v->remediations.n; i++)
		if (is_about_fixing(&v->remediations.at[i]))
			spread(m, &v->remediations.at[i], set_remedy);
	for (size_t i = 0; i < v->flags.n; i++)
		spread(m, &v->flags.at[i], set_flag);
	for (size_t i = 0; i < v->threats.n; i++) {
		const struct csaf_remark *r = &v->threats.at[i];

		if (is_rating(r) && is_about_all(r))
			for (size_t k = 0; k < n; k++)
				m->fates[k].impact = r;
		else if (is_rating(r))
			spread(m, r, set_impact);
	}
}

/* ---- what a list says of a product ---- */

static bool
has_words(const char *text, const char *words)
{
	return text != NULL && strcasestr(text, words) != NULL;
}

/* Red Hat's states are told from its details: the format has too few categories. */
static enum status
status_of_remedy(const struct csaf_remark *r)
{
	if (r == NULL)
		return STATUS_AFFECTED;
	if (has_words(r->details, "defer"))
		return STATUS_DEFERRED;
	if (has_words(r->details, "out of support"))
		return STATUS_END_OF_LIFE;
	if (str_eq(r->category, "no_fix_planned") ||
	    has_words(r->details, "will not fix"))
		return STATUS_WONT_FIX;
	return STATUS_AFFECTED;
}

static const char *
short_word(const char *text)
{
	return text != NULL && strlen(text) <= MAX_STATE ? text : NULL;
}

/* A version, where the product is one on its own: of nothing else is anything known. */
static void
only_version(struct maker *m, const char *version, struct affected *ret)
{
	if (version == NULL)
		return;
	ret->versions = arena_array(m->em->arena, 1, sizeof(*ret->versions));
	ret->versions[0] = version;
	ret->n_versions = 1;
}

/*
 * Completes the entry of product P (of which FATE is said) as LIST wants it; NULL, or why
 * that cannot be.  A vendor of a system speaks of its packages as they are now: what it
 * calls affected or not affected is so in all their versions.
 */
static const char *
judge(struct maker *m, const struct csaf_package *p, enum csaf_list list,
    bool in_system, const struct fate *fate, struct affected *ret)
{
	switch (list) {
	case CSAF_FIXED:
		if (p->version == NULL)
			return "fixed, but not in which version";
		ret->status = STATUS_FIXED;
		ret->fixed = p->version;
		break;
	case CSAF_NOT_AFFECTED:
		/* kept as if it were said of all versions, it would hide the others */
		if (!in_system && p->version != NULL)
			return "denied for one version alone";
		ret->status = STATUS_NOT_AFFECTED;
		if (fate->flag != NULL)
			ret->vendor_state = short_word(fate->flag->category);
		return NULL;
	case CSAF_INVESTIGATED:
		ret->status = STATUS_UNDER_INVESTIGATION;
		break;
	case CSAF_AFFECTED:
	case CSAF_LAST_AFFECTED:
		ret->status = status_of_remedy(fate->remedy);
		if (fate->remedy != NULL)
			ret->vendor_state = short_word(fate->remedy->details);
		break;
	case CSAF_LIST_COUNT:
		break;
	}
	if (!in_system && list == CSAF_LAST_AFFECTED)
		ret->last_affected = p->version;
	else if (!in_system && list != CSAF_FIXED)
		only_version(m, p->version, ret);
	if (fate->impact != NULL) {
		ret->severity = vendor_severity(fate->impact->details);
		ret->vendor_severity = fate->impact->details;
	}
	return NULL;
}

/* ---- entries ---- */

/* Small numbers and words, each with what cannot stand in any behind it. */
static void
tag_number(struct buf *tag, unsigned n)
{
	for (; n > 0; n >>= 4)
		buf_addc(tag, (char)('A' + (n & 15)));
	buf_addc(tag, '\n');
}

static void
tag_word(struct buf *tag, const char *word)
{
	buf_add(tag, word, strlen(word));
	buf_addc(tag, '\n');
}

/* The slot for what A says of P in its place; the architecture is not part of that. */
static struct slot *
slot_for(struct maker *m, const struct csaf_package *p, const struct affected *a)
{
	struct slot *slot;
	uint64_t *known;
	bool is_new;

	buf_reset(&m->tag);
	tag_number(&m->tag, p->place->number);
	tag_number(&m->tag, p->number);
	tag_number(&m->tag, (unsigned)a->status * SEVERITY_COUNT + a->severity);
	tag_number(&m->tag, a->last_affected != NULL);
	tag_word(&m->tag, str_or_empty(a->vendor_state));
	known = strmap_put(m->tags, buf_str(&m->tag), &is_new);
	if (!is_new)
		return &m->slots.at[*known];
	*known = m->slots.n;
	slot = ARENA_PUSH(m->em->arena, &m->slots);
	slot->entry = *a;
	slot->place = p->place->number;
	return slot;
}

static const char *
add_product(struct maker *m, uint32_t number, enum csaf_list list)
{
	const struct csaf_package p = csaf_package(m->doc, number);
	bool in_system = m->doc->products.at[number].component != CSAF_NONE;
	struct affected entry;
	struct slot *slot;
	const char *why;

	if (p.state != CSAF_PACKAGE)
		return p.why;
	entry = (struct affected){ .ecosystem = p.place->ecosystem,
		.stream = p.place->stream,
		.package = p.name,
		.kind = p.kind,
		.module = p.module };
	why = judge(m, &p, list, in_system, &m->fates[number], &entry);
	if (why != NULL)
		return why;
	slot = slot_for(m, &p, &entry);
	if (p.arch == NULL)
		slot->every_arch = true;
	else
		texts_add(m->em->arena, &slot->archs, p.arch);
	return NULL;
}

static void
add_list(struct maker *m, enum csaf_list list)
{
	const struct csaf_numbers *numbers = &m->v->lists[list];

	for (size_t i = 0; i < numbers->n; i++) {
		const char *why = add_product(m, numbers->at[i], list);

		if (m->fault == NULL)
			m->fault = why;
	}
}

/* ---- what is left out ---- */

/* A fix as its source and its binary packages have it in common. */
static const char *
build_tag(struct maker *m, const struct slot *s)
{
	buf_reset(&m->tag);
	tag_number(&m->tag, s->place);
	tag_word(&m->tag, s->entry.module);
	tag_word(&m->tag, s->entry.fixed);
	return buf_str(&m->tag);
}

static const char *
package_tag(struct maker *m, const struct slot *s)
{
	buf_reset(&m->tag);
	tag_number(&m->tag, s->place);
	tag_number(&m->tag, (unsigned)s->entry.kind);
	tag_word(&m->tag, s->entry.module);
	tag_word(&m->tag, s->entry.package);
	return buf_str(&m->tag);
}

static bool
is_source_fix(const struct slot *s)
{
	return s->entry.status == STATUS_FIXED && s->entry.kind == KIND_SOURCE;
}

static bool
is_denial(const struct slot *s)
{
	return s->entry.status == STATUS_NOT_AFFECTED;
}

/* The tags of what can stand in the way of another slot. */
static void
note_slots(struct maker *m, struct strmap *builds, struct strmap *named)
{
	size_t source_fixes = 0, denials = 0;

	for (size_t i = 0; i < m->slots.n; i++) {
		source_fixes += is_source_fix(&m->slots.at[i]);
		denials += is_denial(&m->slots.at[i]);
	}
	for (size_t i = 0; i < m->slots.n; i++) {
		const struct slot *s = &m->slots.at[i];

		if (source_fixes > 0 && s->entry.status == STATUS_FIXED &&
		    s->entry.kind == KIND_BINARY)
			(void)strmap_put(builds, build_tag(m, s), NULL);
		if (denials > 0 && !is_denial(s))
			(void)strmap_put(named, package_tag(m, s), NULL);
	}
}

static void
take_entries(struct maker *m)
{
	struct strmap *builds = strmap_new(), *named = strmap_new();

	note_slots(m, builds, named);
	for (size_t i = 0; i < m->slots.n; i++) {
		struct slot *s = &m->slots.at[i];
		struct affected *a = &s->entry;

		if ((is_source_fix(s) && strmap_get(builds, build_tag(m, s)) != NULL) ||
		    (is_denial(s) && strmap_count(named) > 0 &&
			strmap_get(named, package_tag(m, s)) != NULL))
			continue;
		if (!s->every_arch) {
			a->archs = s->archs.at;
			a->n_archs = s->archs.n;
		}
		*ARENA_PUSH(m->em->arena, &m->entries) = *a;
	}
	strmap_free(builds);
	strmap_free(named);
}

/* ---- records ---- */

static void
rate_record(struct maker *m, struct record *r)
{
	struct scores scores = { .severity = SEVERITY_UNKNOWN };

	for (size_t i = 0; i < r->n_affected; i++)
		if (r->affected[i].severity > r->severity) {
			r->severity = r->affected[i].severity;
			r->vendor_severity = r->affected[i].vendor_severity;
		}
	if (r->severity == SEVERITY_UNKNOWN && m->doc->vulnerabilities.n == 1) {
		r->severity = vendor_severity(m->doc->severity);
		if (r->severity != SEVERITY_UNKNOWN)
			r->vendor_severity = m->doc->severity;
	}
	scores_choose(m->em->arena, &m->v->scores, &scores);
	r->cvss = scores.list.at;
	r->n_cvss = scores.list.n;
	if (r->severity == SEVERITY_UNKNOWN)
		r->severity = scores.severity;
}

/* A document about a CVE is named by it; any other says more than one thing. */
static const char *
key_of(const struct maker *m, const char *cve)
{
	struct arena *a = m->em->arena;
	const char *id = m->doc->id;

	if (str_caseeq(cve, id))
		return cve;
	if (cve != NULL)
		return arena_printf(a, "%s/%s", id, cve);
	if (m->doc->vulnerabilities.n == 1)
		return id;
	return arena_printf(
	    a, "%s/%zu", id, (size_t)(m->v - m->doc->vulnerabilities.at));
}

static void
link_record(struct maker *m, struct record *r)
{
	struct texts links = { 0 };

	for (size_t i = 0; i < m->v->links.n; i++)
		if (str_starts(m->v->links.at[i], "http"))
			texts_add(m->em->arena, &links, m->v->links.at[i]);
	r->references = links.at;
	r->n_references = links.n;
}

static enum err_code
emit_gone(struct emitter *em, const char *key, struct err *e)
{
	return em->sink->gone == NULL ? ERR_OK : em->sink->gone(em->sink, key, e);
}

static enum err_code
emit_vulnerability(struct maker *m, const char *cve, const char *key, struct err *e)
{
	const struct csaf_vulnerability *v = m->v;
	bool is_only = m->doc->vulnerabilities.n == 1;
	const char *name = cve != NULL ? cve : key;
	struct record r = {
		.key = key,
		.source = m->em->source,
		.id = m->doc->id,
		.vulnerabilities = &name,
		.n_vulnerabilities = 1,
		.title = v->title == NULL && is_only ? m->doc->title : v->title,
		.description = v->description != NULL ? v->description : v->summary,
		.cwes = v->cwes.at,
		.n_cwes = v->cwes.n,
		.published = v->released != 0 ? v->released : m->doc->published,
		.modified = m->doc->modified,
		.affected = m->entries.at,
		.n_affected = m->entries.n,
	};

	rate_record(m, &r);
	link_record(m, &r);
	return emit_record(m->em, &r, e);
}

static enum err_code
make_record(struct maker *m, struct err *e)
{
	const char *cve = m->v->cve == NULL ? NULL
					    : cve_normalize(m->em->arena, m->v->cve,
						  strlen(m->v->cve));
	const char *key = key_of(m, cve);

	find_fates(m);
	for (int list = 0; list < CSAF_LIST_COUNT; list++)
		add_list(m, (enum csaf_list)list);
	take_entries(m);
	if (arena_used(m->em->arena) > RECORD_ROOM)
		m->fault = "takes too much memory";
	if (m->fault != NULL)
		emit_skipped(m->em, key, m->fault);
	if (arena_used(m->em->arena) > RECORD_ROOM)
		return ERR_OK;
	if (m->entries.n == 0)
		return m->fault != NULL ? ERR_OK : emit_gone(m->em, key, e);
	return emit_vulnerability(m, cve, key, e);
}

enum err_code
csaf_emit(struct emitter *em, struct csaf_document *d, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < d->vulnerabilities.n && rc == ERR_OK; i++) {
		struct maker m = { .em = em,
			.doc = d,
			.v = &d->vulnerabilities.at[i],
			.tags = strmap_new(),
			.tag = BUF_INIT(MAX_TAG) };

		arena_reset(em->arena);
		rc = make_record(&m, e);
		strmap_free(m.tags);
		buf_done(&m.tag);
	}
	return rc;
}
