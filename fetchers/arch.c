/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arch - Arch Linux's security tracker, one list of groups of vulnerabilities:
 *
 * [{"name":"AVG-5", "packages":["libtiff"], "status":"Fixed", "severity":"Critical",
 *   "type":"arbitrary code execution", "affected":"4.0.8-1", "fixed":"4.0.8-2",
 *   "ticket":"54842", "issues":["CVE-2016-10095"], "advisories":["ASA-201707-17"]}]
 *
 * "affected" is the version that was there when the group was opened, and no beginning of
 * a range.  A group covers all its issues and has the severity of the worst.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/vendor.h"
#include "fetchers/walk.h"

#define TRACKER "https://security.archlinux.org/"

struct group {
	const char *name, *status, *severity, *type, *fixed;
	struct texts packages, issues, advisories;
};

struct tracker {
	struct emitter em;
	struct json_reader *r;
	const char *ecosystem;
	struct group group;
	uint64_t n;
};

/* ---- reading ---- */

#define READ_TEXT(member)                                                              \
	static enum err_code read_##member(void *arg, struct err *e)                   \
	{                                                                              \
		struct tracker *t = arg;                                               \
                                                                                       \
		return emit_text(                                                      \
		    &t->em, t->r, MAX_NAME, TEXT_LINE, &t->group.member, e);           \
	}
#define READ_LIST(member)                                                              \
	static enum err_code read_##member(void *arg, struct err *e)                   \
	{                                                                              \
		struct tracker *t = arg;                                               \
                                                                                       \
		return emit_texts(&t->em, t->r, MAX_NAME, &t->group.member, e);        \
	}

READ_TEXT(name)
READ_TEXT(status)
READ_TEXT(severity)
READ_TEXT(type)
READ_TEXT(fixed)
READ_LIST(packages)
READ_LIST(issues)
READ_LIST(advisories)

static const struct walk_field fields[] = {
	{ "name", read_name },
	{ "packages", read_packages },
	{ "status", read_status },
	{ "severity", read_severity },
	{ "type", read_type },
	{ "fixed", read_fixed },
	{ "issues", read_issues },
	{ "advisories", read_advisories },
	{ NULL, NULL },
};

/* ---- from group to record ---- */

/* A version under test is not in the repositories yet: a bound, but no fix. */
static void
judge(const struct group *g, struct affected *ret)
{
	ret->status = STATUS_UNKNOWN;
	ret->vendor_state = g->status;
	ret->fixed = g->fixed;
	if (str_eq(g->status, "Fixed") && g->fixed != NULL) {
		ret->status = STATUS_FIXED;
		ret->vendor_state = NULL;
	} else if (str_eq(g->status, "Vulnerable")) {
		ret->status = STATUS_AFFECTED;
		ret->vendor_state = NULL;
	} else if (str_eq(g->status, "Testing")) {
		ret->status = STATUS_AFFECTED;
	} else if (str_eq(g->status, "Not affected")) {
		ret->status = STATUS_NOT_AFFECTED;
		ret->vendor_state = NULL;
		ret->fixed = NULL;
	} else if (str_eq(g->status, "Unknown")) {
		ret->status = STATUS_UNDER_INVESTIGATION;
	}
}

static const char **
names_of(struct arena *a, const struct group *g, size_t *ret_n)
{
	struct texts names = { 0 };

	for (size_t i = 0; i < g->issues.n; i++) {
		const char *id = g->issues.at[i];
		const char *cve = cve_normalize(a, id, strlen(id));

		if (cve != NULL || package_is_sane(id))
			texts_add(a, &names, cve != NULL ? cve : id);
	}
	if (names.n == 0)
		texts_add(a, &names, g->name);
	*ret_n = names.n;
	return names.at;
}

static const char **
links_of(struct arena *a, const struct group *g, size_t *ret_n)
{
	struct texts links = { 0 };

	texts_add(a, &links, arena_printf(a, TRACKER "%s", g->name));
	for (size_t i = 0; i < g->advisories.n; i++)
		if (package_is_sane(g->advisories.at[i]))
			texts_add(a, &links,
			    arena_printf(a, TRACKER "%s", g->advisories.at[i]));
	*ret_n = links.n;
	return links.at;
}

static struct affected *
entries_of(struct tracker *t, const struct group *g, size_t *ret_n)
{
	struct affected *list = arena_array(t->em.arena, g->packages.n, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < g->packages.n; i++) {
		if (!package_is_sane(g->packages.at[i]))
			continue;
		list[n] = (struct affected){
			.ecosystem = t->ecosystem,
			.stream = "",
			.package = g->packages.at[i],
			.kind = KIND_BINARY,
			.module = "",
		};
		judge(g, &list[n++]);
	}
	*ret_n = n;
	return list;
}

static enum err_code
emit_group(struct tracker *t, const char *place, struct err *e)
{
	const struct group *g = &t->group;
	struct record r = {
		.key = g->name,
		.source = t->em.source,
		.id = g->name,
		.title = str_eq(g->type, "unknown") ? NULL : g->type,
		.severity = vendor_severity(g->severity),
		.vendor_severity = g->severity,
	};

	if (g->name == NULL || !str_starts(g->name, "AVG-") ||
	    !package_is_sane(g->name)) {
		emit_skipped(&t->em, g->name != NULL ? g->name : place, "no AVG id");
		return ERR_OK;
	}
	if (g->fixed != NULL && !version_is_sane(g->fixed)) {
		emit_skipped(&t->em, g->name, "fixed is no version");
		return ERR_OK;
	}
	r.affected = entries_of(t, g, &r.n_affected);
	if (r.n_affected == 0) {
		emit_skipped(&t->em, g->name, "names no package");
		return ERR_OK;
	}
	r.vulnerabilities = names_of(t->em.arena, g, &r.n_vulnerabilities);
	r.references = links_of(t->em.arena, g, &r.n_references);
	return emit_record(&t->em, &r, e);
}

/* ---- the document ---- */

static enum err_code
read_item(struct tracker *t, const struct json_value *first, struct err *e)
{
	const char *place;
	enum err_code rc;

	arena_reset(t->em.arena);
	t->group = (struct group){ .name = NULL };
	place = arena_printf(t->em.arena, "[%" PRIu64 "]", t->n++);
	rc = first->token == JSON_OBJECT ? walk_members(t->r, fields, t, e)
					 : json_skip(t->r, first, e);
	return rc == ERR_OK ? emit_group(t, place, e) : rc;
}

static enum err_code
read_document(struct tracker *t, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(t->r, JSON_ARRAY, &more, e)) != ERR_OK)
		return rc;
	while (more && (rc = json_item(t->r, &v, &more, e)) == ERR_OK && more)
		if ((rc = read_item(t, &v, e)) != ERR_OK)
			return rc;
	if (rc == ERR_OK && t->n == 0)
		rc = err_set(e, ERR_INPUT, "this is no list of Arch's tracker");
	return rc == ERR_OK ? emit_end(&t->em, t->r, "Arch's tracker", e) : rc;
}

/* The ecosystem of these packages: the source itself where it is one ("arch"). */
static const char *
find_ecosystem(const char *source)
{
	const struct ecosystem *row, *first = NULL;

	for (size_t i = 0; (row = ecosystem_at(i)) != NULL; i++) {
		if (!str_eq(row->scheme, "alpm"))
			continue;
		if (str_eq(row->name, source))
			return row->name;
		if (first == NULL)
			first = row;
	}
	return first != NULL ? first->name : source;
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct tracker t = { .r = json_reader_new(in),
		.ecosystem = find_ecosystem(env->source) };
	enum err_code rc;

	emitter_init(&t.em, env, sink);
	rc = read_document(&t, e);
	emitter_done(&t.em);
	json_reader_free(t.r);
	return rc;
}

const struct driver driver_arch = {
	.name = "arch",
	.summary = "Arch Linux's security tracker (all.json)",
	.source = "arch",
	.source_rank = 0,
	.says = SAYS_FIXED | SAYS_UNFIXED | SAYS_NOT_AFFECTED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
};
