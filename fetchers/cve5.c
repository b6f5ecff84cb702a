/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cve5 - a CVE record in the CVE program's own format, one document each:
 *
 * {"dataType":"CVE_RECORD", "cveMetadata":{"cveId":"CVE-2024-1000", "state":"PUBLISHED",
 *    "datePublished":..., "dateUpdated":...},
 *  "containers":{
 *    "cna":{"title":..., "descriptions":[{"lang":"en","value":...}], "providerMetadata":
 *      {"shortName":"VulDB"}, "references":[{"url":...}], "problemTypes":[{"descriptions":
 *      [{"cweId":"CWE-121"}]}], "metrics":[{"cvssV3_1":{"vectorString":...,
 *      "baseScore":7.2, "baseSeverity":"HIGH"}}]},
 *    "adp":[{"title":"CISA ADP Vulnrichment", "providerMetadata":{"shortName":"CISA-ADP"},
 *      "metrics":[{"other":{"type":"kev","content":{"dateAdded":"2024-02-22"}}}]}]}}
 *
 * Who speaks is the container: the CNA that assigned the id, or CISA beside it.  What it
 * says of products is not taken: packages are judged by those who publish them.
 */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/scores.h"
#include "fetchers/vendor.h"
#include "fetchers/walk.h"

#define CISA "CISA-ADP"

struct cve {
	const char *id, *state, *title, *description;
	const char *word; /* of a CNA that rates in words beside its score */
	int64_t published, updated, rejected, exploited;
	struct texts links, cwes;
	struct said_scores scores;
};

struct reading {
	struct emitter em;
	struct json_reader *r;
	struct cve cve;
	/* where the reading stands */
	bool in_adp;
	const char *speaker, *lang, *value, *cwe, *type, *added;
	struct said_score score;
	bool has_metadata;
};

#define READ_TEXT(function, member, max, form)                                         \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct reading *x = arg;                                               \
                                                                                       \
		return emit_text(&x->em, x->r, max, form, &x->member, e);              \
	}
#define READ_NAME(function, member) READ_TEXT(function, member, MAX_NAME, TEXT_LINE)
#define READ_TIME(function, member)                                                    \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct reading *x = arg;                                               \
                                                                                       \
		return emit_time(&x->em, x->r, &x->member, e);                         \
	}
#define READ_OBJECT(function, fields)                                                  \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		return walk_object(((struct reading *)arg)->r, fields, arg, NULL, e);  \
	}
#define READ_OBJECTS(function, each)                                                   \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		return walk_objects(((struct reading *)arg)->r, each, arg, e);         \
	}

READ_NAME(read_id, cve.id)
READ_NAME(read_state, cve.state)
READ_NAME(read_speaker, speaker)
READ_NAME(read_lang, lang)
READ_NAME(read_cwe_id, cwe)
READ_NAME(read_type, type)
READ_NAME(read_added, added)
READ_NAME(read_vector, score.vector)
READ_NAME(read_word, score.word)
READ_TEXT(read_value, value, MAX_TEXT, TEXT_LINES)
READ_TIME(read_published, cve.published)
READ_TIME(read_updated, cve.updated)
READ_TIME(read_rejected, cve.rejected)

/* ---- metadata ---- */

static const struct walk_field metadata_fields[] = {
	{ "cveId", read_id },
	{ "state", read_state },
	{ "datePublished", read_published },
	{ "dateUpdated", read_updated },
	{ "dateRejected", read_rejected },
	{ NULL, NULL },
};

static enum err_code
read_metadata(void *arg, struct err *e)
{
	struct reading *x = arg;

	return walk_object(x->r, metadata_fields, x, &x->has_metadata, e);
}

static const struct walk_field provider_fields[] = {
	{ "shortName", read_speaker },
	{ NULL, NULL },
};
READ_OBJECT(read_provider, provider_fields)

/* ---- texts ---- */

static const struct walk_field said_fields[] = {
	{ "lang", read_lang },
	{ "value", read_value },
	{ NULL, NULL },
};

/* The first English one; "en-US" is English too. */
static enum err_code
read_said(void *arg, struct err *e)
{
	struct reading *x = arg;
	enum err_code rc;

	x->lang = x->value = NULL;
	if ((rc = walk_members(x->r, said_fields, x, e)) != ERR_OK)
		return rc;
	if (x->cve.description == NULL && !x->in_adp && x->lang != NULL &&
	    str_starts(x->lang, "en"))
		x->cve.description = x->value;
	return emit_room(&x->em, e);
}
READ_OBJECTS(read_descriptions, read_said)

static enum err_code
read_title(void *arg, struct err *e)
{
	struct reading *x = arg;
	const char *title;
	enum err_code rc = emit_text(&x->em, x->r, MAX_TITLE, TEXT_LINE, &title, e);

	/* of the others it is the name of the container */
	if (rc == ERR_OK && !x->in_adp)
		x->cve.title = title;
	return rc;
}

static enum err_code
read_url(void *arg, struct err *e)
{
	struct reading *x = arg;
	const char *url;
	enum err_code rc = emit_text(&x->em, x->r, MAX_TEXT, TEXT_LINE, &url, e);

	if (rc == ERR_OK && url != NULL)
		texts_add(x->em.arena, &x->cve.links, url);
	return rc;
}

static const struct walk_field reference_fields[] = {
	{ "url", read_url },
	{ NULL, NULL },
};

static enum err_code
read_reference(void *arg, struct err *e)
{
	return walk_members(((struct reading *)arg)->r, reference_fields, arg, e);
}
READ_OBJECTS(read_references, read_reference)

/* ---- weaknesses ---- */

static const struct walk_field problem_fields[] = {
	{ "cweId", read_cwe_id },
	{ "description", read_value },
	{ NULL, NULL },
};

/* "cweId", or the id that most descriptions begin with: "CWE-79 Cross-site ...". */
static enum err_code
read_problem(void *arg, struct err *e)
{
	struct reading *x = arg;
	const char *cwe;
	enum err_code rc;

	x->cwe = x->value = NULL;
	if ((rc = walk_members(x->r, problem_fields, x, e)) != ERR_OK)
		return rc;
	cwe = x->cwe != NULL ? x->cwe : x->value;
	if (cwe != NULL && str_starts(cwe, "CWE-") && cwe[4] >= '0' && cwe[4] <= '9')
		texts_add(x->em.arena, &x->cve.cwes,
		    arena_strndup(x->em.arena, cwe, 4 + strspn(cwe + 4, "0123456789")));
	return ERR_OK;
}
READ_OBJECTS(read_problem_descriptions, read_problem)

static const struct walk_field problem_type_fields[] = {
	{ "descriptions", read_problem_descriptions },
	{ NULL, NULL },
};

static enum err_code
read_problem_type(void *arg, struct err *e)
{
	return walk_members(((struct reading *)arg)->r, problem_type_fields, arg, e);
}
READ_OBJECTS(read_problem_types, read_problem_type)

/* ---- metrics ---- */

static enum err_code
read_score(void *arg, struct err *e)
{
	struct reading *x = arg;

	return json_text(x->r, x->em.arena, &x->score.score, e);
}

static const struct walk_field cvss_fields[] = {
	{ "vectorString", read_vector },
	{ "baseScore", read_score },
	{ "baseSeverity", read_word },
	{ NULL, NULL },
};

/* The speaker is known at the end of the container. */
static enum err_code
read_cvss(struct reading *x, enum cvss_version version, struct err *e)
{
	bool is_object;
	enum err_code rc;

	x->score = (struct said_score){ .version = version };
	rc = walk_object(x->r, cvss_fields, x, &is_object, e);
	if (rc == ERR_OK && is_object)
		scores_add(x->em.arena, &x->cve.scores, &x->score);
	return rc;
}

#define READ_CVSS(function, version)                                                   \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		return read_cvss(arg, version, e);                                     \
	}
READ_CVSS(read_cvss_4, CVSS_40)
READ_CVSS(read_cvss_31, CVSS_31)
READ_CVSS(read_cvss_30, CVSS_30)
READ_CVSS(read_cvss_2, CVSS_2)

static const struct walk_field content_fields[] = {
	{ "dateAdded", read_added },
	{ "value", read_value },
	{ NULL, NULL },
};
READ_OBJECT(read_content, content_fields)

static const struct walk_field other_fields[] = {
	{ "type", read_type },
	{ "content", read_content },
	{ NULL, NULL },
};

/* CISA's "kev" is its catalogue's entry; a CNA may rate in words, as Red Hat does. */
static enum err_code
read_other(void *arg, struct err *e)
{
	struct reading *x = arg;
	int64_t at;
	enum err_code rc;

	x->type = x->added = x->value = NULL;
	if ((rc = walk_object(x->r, other_fields, x, NULL, e)) != ERR_OK)
		return rc;
	if (str_eq(x->type, "kev") && x->added != NULL && time_parse(x->added, &at))
		x->cve.exploited = at;
	else if (!x->in_adp && vendor_severity(x->value) != SEVERITY_UNKNOWN)
		x->cve.word = x->value;
	return ERR_OK;
}

static const struct walk_field metric_fields[] = {
	{ "cvssV4_0", read_cvss_4 },
	{ "cvssV3_1", read_cvss_31 },
	{ "cvssV3_0", read_cvss_30 },
	{ "cvssV2_0", read_cvss_2 },
	{ "other", read_other },
	{ NULL, NULL },
};

static enum err_code
read_metric(void *arg, struct err *e)
{
	return walk_members(((struct reading *)arg)->r, metric_fields, arg, e);
}
READ_OBJECTS(read_metrics, read_metric)

/* ---- containers ---- */

static const struct walk_field container_fields[] = {
	{ "providerMetadata", read_provider },
	{ "title", read_title },
	{ "descriptions", read_descriptions },
	{ "rejectedReasons", read_descriptions },
	{ "references", read_references },
	{ "problemTypes", read_problem_types },
	{ "metrics", read_metrics },
	{ NULL, NULL },
};

/* Scores of a third party that is neither the CNA nor CISA have no place in the order. */
static void
name_speaker(struct reading *x, size_t from)
{
	struct said_scores *list = &x->cve.scores;

	if (x->in_adp && !str_eq(x->speaker, CISA)) {
		list->n = from;
		return;
	}
	for (size_t i = from; i < list->n; i++) {
		list->at[i].scorer = x->speaker;
		list->at[i].speaker = x->in_adp ? SPEAKER_ADP : SPEAKER_CNA;
	}
}

/* The members of a container whose beginning has been read. */
static enum err_code
read_container(struct reading *x, bool in_adp, struct err *e)
{
	size_t from = x->cve.scores.n;
	enum err_code rc;

	x->in_adp = in_adp;
	x->speaker = NULL;
	if ((rc = walk_members(x->r, container_fields, x, e)) != ERR_OK)
		return rc;
	name_speaker(x, from);
	return emit_room(&x->em, e);
}

static enum err_code
read_adp_item(void *arg, struct err *e)
{
	return read_container(arg, true, e);
}
READ_OBJECTS(read_adp, read_adp_item)

static enum err_code
read_cna(void *arg, struct err *e)
{
	struct reading *x = arg;
	bool is_object;
	enum err_code rc = json_enter(x->r, JSON_OBJECT, &is_object, e);

	return rc == ERR_OK && is_object ? read_container(x, false, e) : rc;
}

static const struct walk_field containers_fields[] = {
	{ "cna", read_cna },
	{ "adp", read_adp },
	{ NULL, NULL },
};
READ_OBJECT(read_containers, containers_fields)

/* ---- the record ---- */

static int64_t
when_rejected(const struct cve *c)
{
	if (c->rejected != 0)
		return c->rejected;
	return c->updated != 0 ? c->updated : c->published;
}

static enum err_code
emit_cve(struct reading *x, struct err *e)
{
	const struct cve *c = &x->cve;
	const char *id = cve_normalize(x->em.arena, c->id, strlen(c->id));
	struct scores scores;
	struct record r = {
		.key = id,
		.source = x->em.source,
		.id = id,
		.vulnerabilities = &id,
		.n_vulnerabilities = 1,
		.title = c->title,
		.description = c->description,
		.references = c->links.at,
		.n_references = c->links.n,
		.cwes = c->cwes.at,
		.n_cwes = c->cwes.n,
		.published = c->published,
		.modified = c->updated,
		.exploited = c->exploited,
	};

	if (str_eq(c->state, "REJECTED") && (r.withdrawn = when_rejected(c)) == 0) {
		emit_skipped(&x->em, id, "rejected, but not when");
		return ERR_OK;
	}
	scores_choose(x->em.arena, &c->scores, &scores);
	r.cvss = scores.list.at;
	r.n_cvss = scores.list.n;
	r.severity = scores.severity;
	r.vendor_severity = scores.word;
	if (r.severity == SEVERITY_UNKNOWN && c->word != NULL) {
		r.severity = vendor_severity(c->word);
		r.vendor_severity = c->word;
	}
	return emit_record(&x->em, &r, e);
}

/* ---- the document ---- */

static const struct walk_field document_fields[] = {
	{ "cveMetadata", read_metadata },
	{ "containers", read_containers },
	{ NULL, NULL },
};

static enum err_code
read_document(struct reading *x, struct err *e)
{
	struct json_value v;
	bool is_object;
	enum err_code rc;

	if ((rc = walk_object(x->r, document_fields, x, &is_object, e)) != ERR_OK)
		return rc;
	if (!is_object || !x->has_metadata || x->cve.id == NULL ||
	    cve_normalize(x->em.arena, x->cve.id, strlen(x->cve.id)) == NULL)
		return err_set(e, ERR_INPUT, "this is no CVE record");
	if ((rc = json_next(x->r, &v, e)) != ERR_OK)
		return rc;
	return emit_cve(x, e);
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct reading x = { .r = json_reader_new(in) };
	enum err_code rc;

	emitter_init(&x.em, env, sink);
	rc = read_document(&x, e);
	emitter_done(&x.em);
	json_reader_free(x.r);
	return rc;
}

const struct driver driver_cve5 = {
	.name = "cve5",
	.summary = "CVE records (CVE 5): what the CNA and CISA say",
	.source = "cve",
	.source_rank = 2,
	.caps = DRIVER_ENRICHES,
	.says = SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
	.member = ".json",
};
