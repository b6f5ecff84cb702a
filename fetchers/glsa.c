/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glsa - Gentoo Linux Security Advisories, one document each:
 *
 * <glsa id="202305-28">
 *  <title>snakeyaml: Multiple Vulnerabilities</title> <announced>2023-05-21</announced>
 *  <affected>
 *   <package name="dev-java/snakeyaml" auto="yes" arch="*">
 *    <unaffected range="ge">1.33</unaffected> <vulnerable range="lt">1.33</vulnerable>
 *   </package>
 *  </affected>
 *  <impact type="low"/> <references><uri link="..">CVE-2017-18640</uri></references>
 * </glsa>
 *
 * A version is vulnerable if one of the vulnerable ranges has it and none of the unaffected
 * ones.  The latter are cut out of the former here: a denial that holds for some versions
 * only is nothing that a record could say.  Every range is half open in Gentoo's order:
 *
 *	gt 1.2-r3	from 1.2-r4, the next revision
 *	rge 1.2-r3	from 1.2-r3 to 1.2_p, the least version above all revisions of 1.2
 *	eq 1.2*		from 1.2_alpha to 1.3_alpha
 *
 * A slot holds one branch of a package.  Where the range's version begins with it (python
 * 3.9, 3.9.2) it is that branch as a range of versions; other slots ("0") name nothing
 * that a version shows, and the range is taken to hold in all of them.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/xml_read.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/gentoo_version.h"
#include "fetchers/vendor.h"

#define ADVISORY  "https://security.gentoo.org/glsa/"
#define ECOSYSTEM "gentoo"
#define DIGITS    "0123456789"

enum range_op { LT, LE, EQ, GE, GT, RLT, RLE, RGE, RGT, N_OPS };

/* What a version at the end of an interval is. */
enum end {
	END_OPEN, /* there is none */
	END_FIX,  /* the first that is not affected */
	END_LAST, /* the revision behind the last one that is known to be */
	END_CUT   /* a bound that no package has for its version */
};

/* from <= version < to, or ... <= last for END_LAST. */
struct interval {
	const char *from; /* NULL = every one */
	const char *to, *last;
	enum end end;
	bool is_one; /* just 'from' */
};

struct intervals {
	struct interval *at;
	size_t n, cap;
};

struct glsa {
	struct emitter em;
	struct xml_reader *r;
	const char *id, *title, *synopsis, *product, *impact, *fault;
	int64_t announced, revised;
	bool has_ranges;
	struct texts cves, links;
	struct {
		struct affected *at;
		size_t n, cap;
	} entries;
};

static void
fault(struct glsa *g, const char *why)
{
	if (g->fault == NULL)
		g->fault = why;
}

/* ---- versions ---- */

/* Where "-r3" begins, or the end. */
static size_t
base_len(const char *version)
{
	const char *r = strrchr(version, '-');

	if (r == NULL || r[1] != 'r' || r[2] == '\0' ||
	    strspn(r + 2, DIGITS) != strlen(r + 2))
		return strlen(version);
	return (size_t)(r - version);
}

/* "1.2-r4" for 1.2-r3; "1.2-r1" for 1.2. */
static const char *
next_revision(struct arena *a, const char *version)
{
	size_t len = base_len(version);
	uint64_t revision = 0;

	if (version[len] != '\0' && !str_u64(version + len + 2, &revision))
		return version;
	return arena_printf(a, "%.*s-r%" PRIu64, (int)len, version, revision + 1);
}

/* Above all revisions of VERSION's base, below every other version that is above it. */
static const char *
past_revisions(struct arena *a, const char *version)
{
	return arena_printf(a, "%.*s_p", (int)base_len(version), version);
}

/* The least version that begins with PREFIX, and the least above all that do. */
static bool
branch_bounds(
    struct arena *a, const char *prefix, const char **ret_from, const char **ret_to)
{
	size_t len = strlen(prefix), digits = 0;
	uint64_t last;

	while (digits < len && strchr(DIGITS, prefix[len - 1 - digits]) != NULL)
		digits++;
	if (digits == 0 || strspn(prefix, DIGITS ".") != len ||
	    !str_u64(prefix + len - digits, &last) || last == UINT64_MAX)
		return false;
	*ret_from = arena_printf(a, "%s_alpha", prefix);
	*ret_to = arena_printf(
	    a, "%.*s%" PRIu64 "_alpha", (int)(len - digits), prefix, last + 1);
	return true;
}

static bool
is_branch_of(const char *slot, const char *version)
{
	size_t len = strlen(slot);

	return len > 0 && str_starts(version, slot) &&
	       (version[len] == '.' || version[len] == '\0' || version[len] == '_' ||
		   version[len] == '-');
}

/* ---- intervals ---- */

static bool
read_op(const char *word, enum range_op *ret)
{
	static const char *const words[N_OPS] = { "lt", "le", "eq", "ge", "gt", "rlt",
		"rle", "rge", "rgt" };

	for (size_t i = 0; word != NULL && i < N_OPS; i++)
		if (strcmp(words[i], word) == 0) {
			*ret = (enum range_op)i;
			return true;
		}
	return false;
}

static void
set_upper(struct arena *a, enum range_op op, const char *v, struct interval *ret)
{
	bool is_last = op == LE || op == RLE;

	ret->to = is_last ? next_revision(a, v) : v;
	ret->last = is_last ? v : NULL;
	ret->end = is_last ? END_LAST : END_FIX;
}

static void
set_interval(struct arena *a, enum range_op op, const char *v, struct interval *ret)
{
	if (op == RLT || op == RLE)
		ret->from = arena_strndup(a, v, base_len(v));
	if (op == LT || op == LE || op == RLT || op == RLE) {
		set_upper(a, op, v, ret);
		return;
	}
	ret->from = op == GT || op == RGT ? next_revision(a, v) : v;
	if (op == GE && str_eq(v, "0"))
		ret->from = NULL; /* 0_alpha too */
	if (op == EQ) {
		ret->to = next_revision(a, v);
		ret->end = END_CUT;
		ret->is_one = true;
	} else if (op == RGE || op == RGT) {
		ret->to = past_revisions(a, v);
		ret->end = END_CUT;
	}
}

/* A before B, where NULL is before (IS_END: behind) every version? */
static bool
is_before(const char *a, const char *b, bool is_end)
{
	if (a == NULL || b == NULL)
		return is_end ? a != NULL && b == NULL : a == NULL && b != NULL;
	return gentoo_version_compare(a, b) < 0;
}

static bool
is_empty(const struct interval *x)
{
	return x->from != NULL && x->to != NULL &&
	       gentoo_version_compare(x->from, x->to) >= 0;
}

/* Cut X to the branch of SLOT, if VERSION shows that it is one. */
static void
cut_to_branch(
    struct arena *a, const char *slot, const char *version, struct interval *x)
{
	const char *from, *to;

	if (!is_branch_of(slot, version) || !branch_bounds(a, slot, &from, &to))
		return;
	if (is_before(x->from, from, false))
		x->from = from;
	if (is_before(to, x->to, true)) {
		x->to = to;
		x->end = END_CUT;
	}
}

/* X without U into OUT: nothing, one part or two. */
static void
cut_out(
    struct arena *a, struct interval x, const struct interval *u, struct intervals *out)
{
	struct interval below = x, above = x;

	if ((u->to != NULL && x.from != NULL &&
		gentoo_version_compare(u->to, x.from) <= 0) ||
	    (x.to != NULL && u->from != NULL &&
		gentoo_version_compare(x.to, u->from) <= 0)) {
		*ARENA_PUSH(a, out) = x;
		return;
	}
	below.to = u->from;
	below.end = END_FIX;
	above.from = u->to;
	if (u->from != NULL && !is_empty(&below))
		*ARENA_PUSH(a, out) = below;
	if (u->to != NULL && !is_empty(&above))
		*ARENA_PUSH(a, out) = above;
}

/* The first of UNAFFECTED that begins at or behind VERSION; NULL if none does. */
static const char *
first_behind(const struct intervals *unaffected, const char *version)
{
	const char *found = NULL;

	for (size_t i = 0; i < unaffected->n; i++) {
		const char *from = unaffected->at[i].from;

		if (from != NULL && gentoo_version_compare(from, version) >= 0 &&
		    (found == NULL || gentoo_version_compare(from, found) < 0))
			found = from;
	}
	return found;
}

static void
add_entry(struct glsa *g, const struct affected *like, const struct interval *x,
    const struct intervals *unaffected)
{
	struct affected aff = *like;
	const char *fix = x->end == END_LAST ? first_behind(unaffected, x->to) : NULL;

	aff.status = STATUS_AFFECTED;
	aff.introduced = x->from;
	if (x->is_one) {
		aff.introduced = NULL;
		aff.versions = arena_memdup(g->em.arena, &x->from, sizeof(x->from));
		aff.n_versions = 1;
	} else if (x->end == END_FIX || fix != NULL) {
		/* behind the last one that is affected nothing was published before it */
		aff.status = STATUS_FIXED;
		aff.fixed = fix != NULL ? fix : x->to;
	} else if (x->end == END_LAST) {
		aff.last_affected = x->last;
	} else if (x->end == END_CUT) {
		aff.fixed = x->to;
	}
	*ARENA_PUSH(g->em.arena, &g->entries) = aff;
}

/* ---- a package ---- */

/* Attribute NAME of V, in the arena; NULL = absent or empty. */
static const char *
attribute(struct glsa *g, const struct xml_value *v, const char *name)
{
	const char *text = xml_attribute(v, name);

	return text == NULL
		   ? NULL
		   : emit_clean(&g->em, text, strlen(text), MAX_NAME, TEXT_LINE);
}

/* "1.2*" is a glob, of use with "eq" only. */
static bool
read_interval(struct glsa *g, enum range_op op, const char *text, const char *slot,
    struct interval *ret)
{
	struct arena *a = g->em.arena;
	size_t len = strlen(text);

	if (len > 1 && text[len - 1] == '*' && op == EQ) {
		ret->end = END_CUT;
		return branch_bounds(
		    a, arena_strndup(a, text, len - 1), &ret->from, &ret->to);
	}
	if (!version_is_sane(text) || !gentoo_version_is_valid(text))
		return false;
	set_interval(a, op, text, ret);
	cut_to_branch(a, slot, text, ret);
	return true;
}

static enum err_code
read_range(
    struct glsa *g, const struct xml_value *v, struct intervals *to, struct err *e)
{
	const char *slot = str_or_empty(attribute(g, v, "slot")), *text;
	struct interval x = { .end = END_OPEN };
	enum range_op op;
	bool is_known = read_op(xml_attribute(v, "range"), &op);
	enum err_code rc = emit_xml(&g->em, g->r, MAX_NAME, TEXT_LINE, &text, e);

	if (rc != ERR_OK)
		return rc;
	if (is_known && text != NULL && read_interval(g, op, text, slot, &x))
		*ARENA_PUSH(g->em.arena, to) = x;
	else
		fault(g, "a range that is none");
	return ERR_OK;
}

/* "*", "x86 amd64" */
static void
read_archs(struct glsa *g, const char *text, struct affected *aff)
{
	struct texts archs = { NULL, 0, 0 };

	for (const char *p = str_or_empty(text); *p != '\0';) {
		size_t len = strcspn(p, " ");

		if (len == 1 && *p == '*')
			return;
		if (len > 0)
			texts_add(
			    g->em.arena, &archs, arena_strndup(g->em.arena, p, len));
		p += len + strspn(p + len, " ");
	}
	aff->archs = archs.at;
	aff->n_archs = archs.n;
}

static enum err_code
add_package(struct glsa *g, const struct affected *like,
    const struct intervals *vulnerable, const struct intervals *unaffected,
    struct err *e)
{
	struct arena *a = g->em.arena;
	struct intervals left = *vulnerable, cut;
	enum err_code rc = ERR_OK;

	if (like->package == NULL || !package_is_sane(like->package)) {
		fault(g, "no name of a package");
		return ERR_OK;
	}
	for (size_t u = 0; rc == ERR_OK && u < unaffected->n; u++) {
		cut = (struct intervals){ NULL, 0, 0 };
		for (size_t i = 0; i < left.n; i++)
			cut_out(a, left.at[i], &unaffected->at[u], &cut);
		left = cut;
		rc = emit_room(&g->em, e);
	}
	g->has_ranges = g->has_ranges || vulnerable->n > 0;
	for (size_t i = 0; i < left.n; i++)
		add_entry(g, like, &left.at[i], unaffected);
	return rc;
}

static enum err_code
read_package(struct glsa *g, const struct xml_value *start, struct err *e)
{
	struct intervals vulnerable = { NULL, 0, 0 }, unaffected = { NULL, 0, 0 };
	struct affected like = {
		.ecosystem = ECOSYSTEM,
		.stream = "",
		.package = attribute(g, start, "name"),
		.kind = KIND_BINARY,
		.module = "",
	};
	struct xml_value v;
	bool more;
	enum err_code rc;

	read_archs(g, attribute(g, start, "arch"), &like);
	while ((rc = xml_child(g->r, &v, &more, e)) == ERR_OK && more) {
		if (str_eq(v.name, "vulnerable"))
			rc = read_range(g, &v, &vulnerable, e);
		else if (str_eq(v.name, "unaffected"))
			rc = read_range(g, &v, &unaffected, e);
		else
			rc = xml_skip(g->r, e);
		if (rc != ERR_OK || (rc = emit_room(&g->em, e)) != ERR_OK)
			return rc;
	}
	return rc == ERR_OK ? add_package(g, &like, &vulnerable, &unaffected, e) : rc;
}

static enum err_code
read_affected(struct glsa *g, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(g->r, &v, &more, e)) == ERR_OK && more) {
		rc = str_eq(v.name, "package") ? read_package(g, &v, e)
					       : xml_skip(g->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* ---- the advisory ---- */

static enum err_code
read_references(struct glsa *g, struct err *e)
{
	struct xml_value v;
	const char *text, *link;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(g->r, &v, &more, e)) == ERR_OK && more) {
		link = attribute(g, &v, "link");
		rc = emit_xml(&g->em, g->r, MAX_NAME, TEXT_LINE, &text, e);
		if (rc != ERR_OK)
			return rc;
		texts_add_cves(g->em.arena, &g->cves, text);
		texts_add_cves(g->em.arena, &g->cves, link);
		if (link != NULL &&
		    (str_starts(link, "https://") || str_starts(link, "http://")))
			texts_add(g->em.arena, &g->links, link);
	}
	return rc;
}

/* "2023-05-21"; old ones have "January 15, 2004", and "January 15, 2004: 02". */
static int64_t
time_of(struct arena *a, const char *text)
{
	const char *comma = text == NULL ? NULL : strchr(text, ',');
	int64_t at;
	int month, day, year;

	if (comma != NULL) {
		month = (int)strcspn(text, " ");
		day = (int)strspn(text + month + (text[month] == ' '), DIGITS);
		year = (int)strspn(comma + 1 + strspn(comma + 1, " "), DIGITS);
		/* "15 Jan 2004" */
		text = arena_printf(a, "%.*s %.3s %.*s", day,
		    text + month + (text[month] == ' '), text, year,
		    comma + 1 + strspn(comma + 1, " "));
	}
	return text != NULL && time_parse(text, &at) ? at : 0;
}

static enum err_code
read_date(struct glsa *g, int64_t *ret, struct err *e)
{
	const char *text;
	enum err_code rc = emit_xml(&g->em, g->r, MAX_NAME, TEXT_LINE, &text, e);

	if (rc == ERR_OK)
		*ret = time_of(g->em.arena, text);
	return rc;
}

static enum err_code
read_field(struct glsa *g, const struct xml_value *v, struct err *e)
{
	struct emitter *em = &g->em;

	if (str_eq(v->name, "title"))
		return emit_xml(em, g->r, MAX_TITLE, TEXT_LINE, &g->title, e);
	if (str_eq(v->name, "synopsis"))
		return emit_xml(em, g->r, MAX_TEXT, TEXT_LINE, &g->synopsis, e);
	if (str_eq(v->name, "announced"))
		return read_date(g, &g->announced, e);
	if (str_eq(v->name, "revised"))
		return read_date(g, &g->revised, e);
	if (str_eq(v->name, "affected"))
		return read_affected(g, e);
	if (str_eq(v->name, "references"))
		return read_references(g, e);
	if (str_eq(v->name, "product"))
		g->product = attribute(g, v, "type");
	else if (str_eq(v->name, "impact"))
		g->impact = attribute(g, v, "type");
	return xml_skip(g->r, e);
}

static enum err_code
emit_advisory(struct glsa *g, struct err *e)
{
	struct arena *a = g->em.arena;
	const char *id;

	if (g->product != NULL && !str_eq(g->product, "ebuild"))
		return ERR_OK; /* about servers of Gentoo's own, or a word to readers */
	if (g->id == NULL || !package_is_sane(g->id)) {
		emit_skipped(&g->em, g->title, "no id");
		return ERR_OK;
	}
	id = arena_printf(a, "GLSA-%s", g->id);
	if (g->fault == NULL && g->entries.n == 0 && g->has_ranges)
		return ERR_OK; /* taken back: no version is vulnerable any more */
	/* without a range the rest would read as the whole */
	if (g->fault != NULL || g->entries.n == 0) {
		emit_skipped(
		    &g->em, id, g->fault != NULL ? g->fault : "names no package");
		return ERR_OK;
	}
	texts_add_cves(a, &g->cves, g->synopsis);
	if (g->cves.n == 0)
		texts_add(a, &g->cves, id);
	texts_add(a, &g->links, arena_printf(a, ADVISORY "%s", g->id));
	return emit_record(&g->em,
	    &(struct record){
		.key = id,
		.source = g->em.source,
		.id = id,
		.vulnerabilities = g->cves.at,
		.n_vulnerabilities = g->cves.n,
		.title = g->title,
		.description = g->synopsis,
		.references = g->links.at,
		.n_references = g->links.n,
		.severity = vendor_severity(g->impact),
		.vendor_severity = g->impact,
		.published = g->announced,
		.modified = g->revised,
		.affected = g->entries.at,
		.n_affected = g->entries.n,
	    },
	    e);
}

static enum err_code
read_document(struct glsa *g, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	if ((rc = xml_next(g->r, &v, e)) != ERR_OK)
		return rc;
	if (!str_eq(v.name, "glsa"))
		return err_set(e, ERR_INPUT, "this is no GLSA: <%s>", v.name);
	g->id = attribute(g, &v, "id");
	while ((rc = xml_child(g->r, &v, &more, e)) == ERR_OK && more)
		if ((rc = read_field(g, &v, e)) != ERR_OK)
			return rc;
	if (rc != ERR_OK || (rc = xml_next(g->r, &v, e)) != ERR_OK)
		return rc;
	return emit_advisory(g, e);
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct glsa g = { .r = xml_reader_new(in) };
	enum err_code rc;

	/* every GLSA names the DTD of its format */
	xml_reader_allow_doctype(g.r);
	emitter_init(&g.em, env, sink);
	rc = read_document(&g, e);
	emitter_done(&g.em);
	xml_reader_free(g.r);
	return rc;
}

const struct driver driver_glsa = {
	.name = "glsa",
	.summary = "Gentoo Linux Security Advisories (a tree of XML documents)",
	.source = "gentoo",
	.source_rank = 0,
	.says = SAYS_FIXED | SAYS_UNFIXED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
	.member = ".xml",
};
