/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_record - from a definition to a record, whose key is the definition's id.  Where a
 * definition is about a package and lists every vulnerability with the test that is its
 * own (Ubuntu's pkg files), each of them is a record: "ID/CVE".
 */
#include "fetchers/oval.h"

#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/scores.h"
#include "fetchers/vendor.h"

static const struct oval_publisher publishers[] = {
	{ .prefix = "oval:com.oracle.",
	    .kind = KIND_BINARY,
	    .needs_arch = true,
	    .has_flavours = true },
	{ .prefix = "oval:com.microsoft.", .kind = KIND_SOURCE, .has_bare_tags = true },
	{ .prefix = "oval:com.ubuntu.", .kind = KIND_BINARY, .says_in_comments = true },
	{ .prefix = "oval:com.redhat.",
	    .kind = KIND_BINARY,
	    .unaffected = "oval:com.redhat.unaffected:" },
	{ .prefix = "oval:org.debian", .kind = KIND_SOURCE },
	{ .prefix = "", .kind = KIND_BINARY },
};

static const struct oval_publisher *
publisher_of(const char *id)
{
	const struct oval_publisher *p = publishers;

	while (!str_starts(id, p->prefix))
		p++;
	return p;
}

/* ---- how bad ---- */

static void
add_score(struct arena *a, const struct oval_cve *c, enum cvss_version version,
    const char *score, const char *vector, const char *source, struct said_scores *list)
{
	bool is_nvd = str_eq(c->scorer, "NVD");

	if (vector != NULL)
		scores_add(a, list,
		    &(struct said_score){
			.version = version,
			.speaker = is_nvd ? SPEAKER_NVD : SPEAKER_VENDOR_CVSS,
			.scorer = is_nvd ? "nvd@nist.gov" : source,
			.score = score,
			.vector = vector,
		    });
}

/* "7.5/CVSS:3.1/AV:N/...": the score and its vector. */
static void
add_joined(struct arena *a, const struct oval_cve *c, enum cvss_version version,
    const char *joined, const char *source, struct said_scores *list)
{
	const char *slash = joined == NULL ? NULL : strchr(joined, '/');

	if (slash == NULL)
		return;
	if (version == CVSS_31 && str_starts(slash + 1, "CVSS:3.0"))
		version = CVSS_30;
	add_score(a, c, version, arena_strndup(a, joined, (size_t)(slash - joined)),
	    slash + 1, source, list);
}

static enum cvss_version
version_of_vector(const char *vector)
{
	if (str_starts(vector, "CVSS:4"))
		return CVSS_40;
	if (str_starts(vector, "CVSS:3.1"))
		return CVSS_31;
	return str_starts(vector, "CVSS:3.0") ? CVSS_30 : CVSS_2;
}

/* "CWE-119->CWE-787", "(CWE-120|CWE-787)" */
static void
add_cwes(struct arena *a, const char *text, struct texts *ret)
{
	for (const char *p = text; p != NULL && (p = strstr(p, "CWE-")) != NULL;) {
		size_t len = 4 + strspn(p + 4, "0123456789");

		if (len > 4 && len <= 12)
			texts_add(a, ret, arena_strndup(a, p, len));
		p += len;
	}
}

static const char *
impact_of(const struct oval_definition *d, const char *id)
{
	for (size_t i = 0; i < d->scored.n; i++)
		if (str_eq(d->scored.at[i].id, id) && d->scored.at[i].scorer == NULL &&
		    d->scored.at[i].impact != NULL)
			return d->scored.at[i].impact;
	return NULL;
}

/* Scores, weaknesses and an impact are those of the one vulnerability R is about. */
static void
rate_one(struct emitter *em, const struct oval_definition *d, struct record *r)
{
	struct arena *a = em->arena;
	struct said_scores said = { NULL, 0, 0 };
	struct texts cwes = { NULL, 0, 0 };
	struct scores scores;

	for (size_t i = 0; i < d->scored.n; i++) {
		const struct oval_cve *c = &d->scored.at[i];

		if (!str_eq(c->id, r->vulnerabilities[0]))
			continue;
		add_joined(a, c, CVSS_40, c->cvss4, em->source, &said);
		add_joined(a, c, CVSS_31, c->cvss3, em->source, &said);
		add_joined(a, c, CVSS_2, c->cvss2, em->source, &said);
		if (c->vector != NULL)
			add_score(a, c, version_of_vector(c->vector), c->score,
			    c->vector, em->source, &said);
		add_cwes(a, c->cwe, &cwes);
	}
	scores_choose(a, &said, &scores);
	r->cvss = scores.list.at;
	r->n_cvss = scores.list.n;
	r->cwes = cwes.at;
	r->n_cwes = cwes.n;
	if (r->vendor_severity == NULL)
		r->vendor_severity = impact_of(d, r->vulnerabilities[0]);
	r->severity = vendor_severity(r->vendor_severity);
	if (r->severity == SEVERITY_UNKNOWN && scores.severity != SEVERITY_UNKNOWN) {
		r->severity = scores.severity;
		r->vendor_severity = NULL;
	}
}

/* ---- the record ---- */

/* "ELSA-2019-4754: openssl ..." begins with the notice's name; NULL if it does not. */
static const char *
notice_of_title(struct arena *a, const char *title)
{
	size_t letters = strspn(str_or_empty(title), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	size_t len;

	if (letters < 3 || title[letters] != '-')
		return NULL;
	len = strcspn(title, " ");
	while (len > 0 && title[len - 1] == ':')
		len--;
	return arena_strndup(a, title, len);
}

/* The advisory: a notice for a patch, else the vulnerability itself. */
static const char *
name_of(struct emitter *em, const struct oval_definition *d)
{
	const char *name = NULL;

	if (!d->is_patch && d->cves.n > 0)
		return d->cves.at[0];
	if (d->is_patch && (name = notice_of_title(em->arena, d->title)) == NULL)
		name = d->notice;
	return name != NULL ? name : d->id;
}

/* The record of D, or of its vulnerability ONLY. */
static enum err_code
emit_one(struct emitter *em, struct oval_tables *t, const struct oval_definition *d,
    const struct oval_cve *only, const char *known, struct err *e)
{
	struct oval_entries entries;
	const char *name = only != NULL ? only->id : name_of(em, d);
	struct record r = {
		.key = only != NULL ? arena_printf(em->arena, "%s/%s", d->id, only->id)
				    : d->id,
		.source = em->source,
		.id = name,
		.vulnerabilities = only != NULL || d->cves.n == 0 ? &name : d->cves.at,
		.n_vulnerabilities = only != NULL || d->cves.n == 0 ? 1 : d->cves.n,
		.title = d->title,
		.description = d->description,
		.references = d->links.at,
		.n_references = d->links.n,
		.vendor_severity = only != NULL ? only->impact : d->severity,
		.published = d->published,
		.modified = d->modified,
	};
	enum err_code rc =
	    oval_entries_of(em, t, publisher_of(d->id), d, only, known, &entries, e);

	if (rc != ERR_OK)
		return rc;
	if (entries.fault == NULL && entries.n == 0 && entries.is_elsewhere)
		return ERR_OK; /* of systems that no ecosystem stands for */
	if (entries.fault == NULL && entries.n == 0)
		entries.fault = "names no package";
	if (entries.fault != NULL)
		emit_skipped(em, r.key, entries.fault);
	if (entries.n == 0)
		return ERR_OK;
	r.severity = vendor_severity(r.vendor_severity);
	if (r.n_vulnerabilities == 1)
		rate_one(em, d, &r);
	r.affected = entries.at;
	r.n_affected = entries.n;
	return emit_record(em, &r, e);
}

enum err_code
oval_emit(struct emitter *em, struct oval_tables *t, struct oval_definition *d,
    const char *known, struct err *e)
{
	bool any = false;
	enum err_code rc = ERR_OK;

	if (d->id == NULL) {
		emit_skipped(em, d->title, "a definition without id");
		return ERR_OK;
	}
	for (size_t i = 0; rc == ERR_OK && i < d->scored.n; i++) {
		if (d->scored.at[i].test == 0)
			continue;
		any = true;
		rc = emit_one(em, t, d, &d->scored.at[i], known, e);
	}
	return any || rc != ERR_OK ? rc : emit_one(em, t, d, NULL, known, e);
}
