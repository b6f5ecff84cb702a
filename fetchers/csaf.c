/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf - advisories and VEX in the Common Security Advisory Framework, 2.0 and 2.1:
 *
 * {"document":{"category":"csaf_vex", "tracking":{"id":"CVE-2023-6237", ...}, ...},
 *  "product_tree":{
 *   "branches":[{"category":"vendor", "name":"Red Hat", "branches":[...
 *     {"product":{"product_id":"BaseOS-9.4.0.GA", "product_identification_helper":
 *      {"cpe":"cpe:/o:redhat:enterprise_linux:9::baseos"}}}, ...]}],
 *   "relationships":[{"product_reference":"openssl-1:3.0.7-27.el9.src",
 *     "relates_to_product_reference":"BaseOS-9.4.0.GA",
 *     "full_product_name":{"product_id":"BaseOS-9.4.0.GA:openssl-1:3.0.7-27.el9.src"}}]},
 *  "vulnerabilities":[{"cve":"CVE-2023-6237", "product_status":{"fixed":[ids], ...},
 *   "remediations":[...], "threats":[...], "flags":[...], "scores":[...]}]}
 *
 * An id says nothing by itself: what it names is looked up in the tree, which may come
 * behind its use.  So a document is held until its end, every id once and a number
 * wherever it is used; what grows beyond CSAF_ROOM is refused.
 */
#include "fetchers/csaf.h"

#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/csaf_fetch.h"
#include "fetchers/fetchers.h"
#include "fetchers/walk.h"

/* Memory of one document's ids and lists; its words have the room of a record. */
#define CSAF_ROOM ((size_t)32 * 1024 * 1024)
/* What a map needs for an id besides its bytes, about. */
#define ID_COST 48
/* An id joins the names of two products. */
#define MAX_ID ((size_t)2 * MAX_NAME)

struct csaf {
	struct emitter
	    em; /* its arena is that of the words while the document is read */
	struct json_reader *r;
	struct csaf_document doc;
	/* where the reading stands */
	struct csaf_vulnerability *vulnerability;
	struct csaf_remark remark;
	struct csaf_note note;
	struct said_score score;
	const char *category; /* of the branch that is read */
	struct csaf_product product;
	uint32_t number;   /* of the product, or the group, that is read */
	uint32_t platform; /* of the relationship that was read last */
};

#define READ_TEXT(function, member, max, form)                                         \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct csaf *x = arg;                                                  \
                                                                                       \
		return emit_text(&x->em, x->r, max, form, &x->member, e);              \
	}
#define READ_NAME(function, member) READ_TEXT(function, member, MAX_NAME, TEXT_LINE)
#define READ_TIME(function, member)                                                    \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct csaf *x = arg;                                                  \
                                                                                       \
		return emit_time(&x->em, x->r, &x->member, e);                         \
	}
#define READ_OBJECT(function, fields)                                                  \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		return walk_object(((struct csaf *)arg)->r, fields, arg, NULL, e);     \
	}
#define READ_OBJECTS(function, each)                                                   \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		return walk_objects(((struct csaf *)arg)->r, each, arg, e);            \
	}

static enum err_code
check_room(const struct csaf *x, struct err *e)
{
	if (arena_used(x->doc.arena) + x->doc.id_bytes <= CSAF_ROOM)
		return ERR_OK;
	return err_set(
	    e, ERR_INPUT, "the document takes more than %zu bytes", (size_t)CSAF_ROOM);
}

/* ---- ids ---- */

static bool
is_number_of(const struct csaf_document *d, uint32_t number, const char *id)
{
	return number < d->products.n && strcmp(strmap_key(d->ids, number), id) == 0;
}

/*
 * The number of product ID, which need not be known yet.  Lists repeat products in the
 * order in which the tree has them, which is worth a look before the map is asked.
 */
static uint32_t
number_of(struct csaf_document *d, const char *id)
{
	uint64_t *place;
	bool is_new;

	if (is_number_of(d, d->last + 1, id))
		return ++d->last;
	place = strmap_put(d->ids, id, &is_new);
	if (is_new) {
		struct csaf_product *p = ARENA_PUSH(d->arena, &d->products);

		p->component = p->platform = CSAF_NONE;
		*place = d->products.n - 1;
		d->id_bytes += strlen(id) + ID_COST;
	}
	d->last = (uint32_t)*place;
	return d->last;
}

static uint32_t
group_number_of(struct csaf_document *d, const char *id)
{
	bool is_new;
	uint64_t *place = strmap_put(d->group_ids, id, &is_new);

	if (is_new) {
		(void)ARENA_PUSH(d->arena, &d->groups);
		*place = d->groups.n - 1;
		d->id_bytes += strlen(id) + ID_COST;
	}
	return (uint32_t)*place;
}

static bool
is_id(const struct json_value *v)
{
	return v->token == JSON_STRING && v->len > 0 && v->len <= MAX_ID;
}

/* The next value, an id, as its number; CSAF_NONE if it is none. */
static enum err_code
read_id(struct csaf *x, uint32_t *ret, struct err *e)
{
	struct json_value v;
	enum err_code rc = json_next(x->r, &v, e);

	*ret = CSAF_NONE;
	if (rc != ERR_OK)
		return rc;
	if (!is_id(&v))
		return json_skip(x->r, &v, e);
	*ret = number_of(&x->doc, v.text);
	return check_room(x, e);
}

/* The next value, a list of ids, behind those that LIST has. */
static enum err_code
read_ids(struct csaf *x, uint32_t (*number)(struct csaf_document *, const char *),
    struct csaf_numbers *list, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(x->r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(x->r, &v, &more, e)) == ERR_OK && more) {
		if (is_id(&v))
			*ARENA_PUSH(x->doc.arena, list) = number(&x->doc, v.text);
		if ((rc = json_skip(x->r, &v, e)) != ERR_OK ||
		    (rc = check_room(x, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

/* ---- document ---- */

READ_NAME(read_id_text, doc.id)
READ_TIME(read_published, doc.published)
READ_TIME(read_modified, doc.modified)
READ_NAME(read_severity_text, doc.severity)
READ_TEXT(read_document_title, doc.title, MAX_TITLE, TEXT_LINE)

static enum err_code
read_csaf_version(void *arg, struct err *e)
{
	struct csaf *x = arg;
	const char *version;
	enum err_code rc = emit_text(&x->em, x->r, MAX_NAME, TEXT_LINE, &version, e);

	if (rc == ERR_OK && version != NULL)
		x->doc.is_csaf = str_starts(version, "2.");
	return rc;
}

static const struct walk_field tracking_fields[] = {
	{ "id", read_id_text },
	{ "initial_release_date", read_published },
	{ "current_release_date", read_modified },
	{ NULL, NULL },
};
READ_OBJECT(read_tracking, tracking_fields)

static const struct walk_field aggregate_fields[] = {
	{ "text", read_severity_text },
	{ NULL, NULL },
};
READ_OBJECT(read_aggregate, aggregate_fields)

static const struct walk_field header_fields[] = {
	{ "csaf_version", read_csaf_version },
	{ "title", read_document_title },
	{ "tracking", read_tracking },
	{ "aggregate_severity", read_aggregate },
	{ NULL, NULL },
};
READ_OBJECT(read_header, header_fields)

/* ---- product_tree ---- */

READ_TEXT(read_product_name, product.name, MAX_NAME, TEXT_LINE)
READ_TEXT(read_cpe, product.cpe, MAX_NAME, TEXT_LINE)
READ_TEXT(read_purl, product.purl, MAX_ID, TEXT_LINE)

/* CSAF 2.1 lists several; they differ in what nobody here looks at. */
static enum err_code
read_purls(void *arg, struct err *e)
{
	struct csaf *x = arg;
	struct texts purls = { 0 };
	enum err_code rc = emit_texts(&x->em, x->r, MAX_ID, &purls, e);

	if (rc == ERR_OK && purls.n > 0)
		x->product.purl = purls.at[0];
	return rc;
}

static const struct walk_field helper_fields[] = {
	{ "cpe", read_cpe },
	{ "purl", read_purl },
	{ "purls", read_purls },
	{ NULL, NULL },
};
READ_OBJECT(read_helper, helper_fields)

static enum err_code
read_product_id(void *arg, struct err *e)
{
	struct csaf *x = arg;

	return read_id(x, &x->number, e);
}

static const struct walk_field product_fields[] = {
	{ "name", read_product_name },
	{ "product_id", read_product_id },
	{ "product_identification_helper", read_helper },
	{ NULL, NULL },
};

/* Whatever the order of its keys, a product is complete only at its end. */
static enum err_code
read_product_members(struct csaf *x, struct err *e)
{
	enum err_code rc;

	x->product = (struct csaf_product){ .name = NULL };
	x->number = CSAF_NONE;
	if ((rc = walk_members(x->r, product_fields, x, e)) != ERR_OK ||
	    x->number == CSAF_NONE)
		return rc;
	x->product.component = x->product.platform = CSAF_NONE;
	x->product.is_known = true;
	x->doc.products.at[x->number] = x->product;
	return check_room(x, e);
}

/* A full product name on its own, in a list. */
static enum err_code
read_full_name(void *arg, struct err *e)
{
	return read_product_members(arg, e);
}
READ_OBJECTS(read_full_names, read_full_name)

/* A branch carries its category before or behind its product, and more branches. */
static enum err_code
read_branch_product(void *arg, struct err *e)
{
	struct csaf *x = arg;
	bool is_object;
	enum err_code rc = json_enter(x->r, JSON_OBJECT, &is_object, e);

	return rc == ERR_OK && is_object ? read_product_members(x, e) : rc;
}

READ_NAME(read_category, category)

static enum err_code read_branches(void *arg, struct err *e);

static const struct walk_field branch_fields[] = {
	{ "category", read_category },
	{ "product", read_branch_product },
	{ "branches", read_branches },
	{ NULL, NULL },
};

static enum err_code
read_branch(void *arg, struct err *e)
{
	struct csaf *x = arg;
	uint32_t number;
	enum err_code rc;

	x->category = NULL;
	x->number = CSAF_NONE;
	if ((rc = walk_members(x->r, branch_fields, x, e)) != ERR_OK)
		return rc;
	number = x->number;
	if (number != CSAF_NONE && str_eq(x->category, "product_version_range"))
		x->doc.products.at[number].is_range = true;
	x->number = CSAF_NONE;
	return ERR_OK;
}

static enum err_code
read_branches(void *arg, struct err *e)
{
	struct csaf *x = arg;

	return walk_objects(x->r, read_branch, x, e);
}

static enum err_code
read_component(void *arg, struct err *e)
{
	struct csaf *x = arg;

	return read_id(x, &x->product.component, e);
}

/* Mostly that of the relationship before. */
static enum err_code
read_platform(void *arg, struct err *e)
{
	struct csaf *x = arg;
	struct json_value v;
	enum err_code rc;

	if ((rc = json_next(x->r, &v, e)) != ERR_OK || !is_id(&v))
		return rc == ERR_OK ? json_skip(x->r, &v, e) : rc;
	if (!is_number_of(&x->doc, x->platform, v.text))
		x->platform = number_of(&x->doc, v.text);
	x->product.platform = x->platform;
	return check_room(x, e);
}

static const struct walk_field joined_fields[] = {
	{ "product_id", read_product_id },
	{ NULL, NULL },
};
READ_OBJECT(read_joined, joined_fields)

static const struct walk_field relationship_fields[] = {
	{ "product_reference", read_component },
	{ "relates_to_product_reference", read_platform },
	{ "full_product_name", read_joined },
	{ NULL, NULL },
};

static enum err_code
read_relationship(void *arg, struct err *e)
{
	struct csaf *x = arg;
	enum err_code rc;

	x->product = (struct csaf_product){
		.component = CSAF_NONE, .platform = CSAF_NONE, .is_known = true
	};
	x->number = CSAF_NONE;
	rc = walk_members(x->r, relationship_fields, x, e);
	if (rc == ERR_OK && x->number != CSAF_NONE &&
	    x->product.component != CSAF_NONE && x->product.platform != CSAF_NONE)
		x->doc.products.at[x->number] = x->product;
	return rc;
}
READ_OBJECTS(read_relationships, read_relationship)

static enum err_code
read_group_id(void *arg, struct err *e)
{
	struct csaf *x = arg;
	struct json_value v;
	enum err_code rc = json_next(x->r, &v, e);

	if (rc != ERR_OK || !is_id(&v))
		return rc == ERR_OK ? json_skip(x->r, &v, e) : rc;
	x->number = group_number_of(&x->doc, v.text);
	return ERR_OK;
}

static enum err_code
read_group_products(void *arg, struct err *e)
{
	struct csaf *x = arg;

	return read_ids(x, number_of, &x->remark.about.products, e);
}

static const struct walk_field group_fields[] = {
	{ "group_id", read_group_id },
	{ "product_ids", read_group_products },
	{ NULL, NULL },
};

static enum err_code
read_group(void *arg, struct err *e)
{
	struct csaf *x = arg;
	enum err_code rc;

	x->remark = (struct csaf_remark){ .category = NULL };
	x->number = CSAF_NONE;
	rc = walk_members(x->r, group_fields, x, e);
	if (rc == ERR_OK && x->number != CSAF_NONE)
		x->doc.groups.at[x->number] = x->remark.about.products;
	return rc;
}
READ_OBJECTS(read_groups, read_group)

static const struct walk_field tree_fields[] = {
	{ "branches", read_branches },
	{ "full_product_names", read_full_names },
	{ "relationships", read_relationships },
	{ "product_groups", read_groups },
	{ NULL, NULL },
};
READ_OBJECT(read_tree, tree_fields)

/* ---- vulnerabilities: what is said of products ---- */

READ_NAME(read_remark_category, remark.category)
READ_TEXT(read_remark_details, remark.details, MAX_NAME, TEXT_LINE)

static enum err_code
read_remark_groups(void *arg, struct err *e)
{
	struct csaf *x = arg;

	return read_ids(x, group_number_of, &x->remark.about.groups, e);
}

/* Flags have a label where the others have a category. */
static const struct walk_field remark_fields[] = {
	{ "category", read_remark_category },
	{ "label", read_remark_category },
	{ "details", read_remark_details },
	{ "product_ids", read_group_products },
	{ "group_ids", read_remark_groups },
	{ NULL, NULL },
};

static enum err_code
read_remark(struct csaf *x, struct csaf_remarks *list, struct err *e)
{
	enum err_code rc;

	x->remark = (struct csaf_remark){ .category = NULL };
	if ((rc = walk_members(x->r, remark_fields, x, e)) != ERR_OK)
		return rc;
	if (x->remark.category != NULL)
		*ARENA_PUSH(x->doc.arena, list) = x->remark;
	return check_room(x, e);
}

#define READ_REMARKS(function, each, member)                                           \
	static enum err_code each(void *arg, struct err *e)                            \
	{                                                                              \
		struct csaf *x = arg;                                                  \
                                                                                       \
		return read_remark(x, &x->vulnerability->member, e);                   \
	}                                                                              \
	READ_OBJECTS(function, each)

READ_REMARKS(read_remediations, read_remediation, remediations)
READ_REMARKS(read_threats, read_threat, threats)
READ_REMARKS(read_flags, read_flag, flags)

#define READ_LIST(function, list)                                                      \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct csaf *x = arg;                                                  \
                                                                                       \
		return read_ids(x, number_of, &x->vulnerability->lists[list], e);      \
	}

READ_LIST(read_fixed, CSAF_FIXED)
READ_LIST(read_affected, CSAF_AFFECTED)
READ_LIST(read_last_affected, CSAF_LAST_AFFECTED)
READ_LIST(read_not_affected, CSAF_NOT_AFFECTED)
READ_LIST(read_investigated, CSAF_INVESTIGATED)

static const struct walk_field status_fields[] = {
	{ "fixed", read_fixed },
	{ "first_fixed", read_fixed },
	{ "recommended", read_fixed }, /* where SUSE says which version has the fix */
	{ "known_affected", read_affected },
	{ "first_affected", read_affected },
	{ "last_affected", read_last_affected },
	{ "known_not_affected", read_not_affected },
	{ "under_investigation", read_investigated },
	{ NULL, NULL },
};
READ_OBJECT(read_status, status_fields)

/* ---- vulnerabilities: scores ---- */

READ_NAME(read_vector, score.vector)
READ_NAME(read_score_word, score.word)

static enum err_code
read_base_score(void *arg, struct err *e)
{
	struct csaf *x = arg;

	return json_text(x->r, x->em.arena, &x->score.score, e);
}

static const struct walk_field cvss_fields[] = {
	{ "vectorString", read_vector },
	{ "baseScore", read_base_score },
	{ "baseSeverity", read_score_word },
	{ NULL, NULL },
};

static bool
has_score(const struct said_scores *list, const struct said_score *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].vector, s->vector))
			return true;
	return false;
}

/* A score of 0.0 is given to products that are not affected. */
static enum err_code
read_cvss(struct csaf *x, enum cvss_version version, struct err *e)
{
	struct said_scores *list = &x->vulnerability->scores;
	enum err_code rc;

	x->score = (struct said_score){ .version = version,
		.speaker = SPEAKER_VENDOR_CVSS,
		.scorer = x->em.source };
	if ((rc = walk_object(x->r, cvss_fields, x, NULL, e)) != ERR_OK)
		return rc;
	if (version == CVSS_31 && x->score.vector != NULL &&
	    str_starts(x->score.vector, "CVSS:3.0/"))
		x->score.version = CVSS_30;
	if (scores_tenths(x->score.score) > 0 && !has_score(list, &x->score))
		scores_add(x->doc.arena, list, &x->score);
	return ERR_OK;
}

static enum err_code
read_cvss_v2(void *arg, struct err *e)
{
	return read_cvss(arg, CVSS_2, e);
}

static enum err_code
read_cvss_v3(void *arg, struct err *e)
{
	return read_cvss(arg, CVSS_31, e);
}

static enum err_code
read_cvss_v4(void *arg, struct err *e)
{
	return read_cvss(arg, CVSS_40, e);
}

static const struct walk_field metric_fields[] = {
	{ "cvss_v3", read_cvss_v3 },
	{ "cvss_v4", read_cvss_v4 },
	{ "cvss_v2", read_cvss_v2 },
	{ NULL, NULL },
};

static enum err_code
read_score(void *arg, struct err *e)
{
	return walk_members(((struct csaf *)arg)->r, metric_fields, arg, e);
}
READ_OBJECTS(read_scores, read_score)

/* CSAF 2.1 has the same one level deeper. */
READ_OBJECT(read_metric_content, metric_fields)
static const struct walk_field metrics_fields[] = {
	{ "content", read_metric_content },
	{ NULL, NULL },
};

static enum err_code
read_metric(void *arg, struct err *e)
{
	return walk_members(((struct csaf *)arg)->r, metrics_fields, arg, e);
}
READ_OBJECTS(read_metrics, read_metric)

/* ---- vulnerabilities: words ---- */

READ_NAME(read_cve, vulnerability->cve)
READ_TEXT(read_title, vulnerability->title, MAX_TITLE, TEXT_LINE)
READ_TIME(read_released, vulnerability->released)
READ_NAME(read_note_category, note.category)
READ_TEXT(read_note_text, note.text, MAX_TEXT, TEXT_LINES)

static const struct walk_field note_fields[] = {
	{ "category", read_note_category },
	{ "text", read_note_text },
	{ NULL, NULL },
};

/* SUSE's description is a "general" note; Red Hat's general ones are about ratings. */
static enum err_code
read_note(void *arg, struct err *e)
{
	struct csaf *x = arg;
	struct csaf_vulnerability *v = x->vulnerability;
	enum err_code rc;

	x->note = (struct csaf_note){ .category = NULL };
	if ((rc = walk_members(x->r, note_fields, x, e)) != ERR_OK)
		return rc;
	if (str_eq(x->note.category, "description") && v->description == NULL)
		v->description = x->note.text;
	else if (v->summary == NULL && (str_eq(x->note.category, "summary") ||
					   str_eq(x->note.category, "general")))
		v->summary = x->note.text;
	return check_room(x, e);
}
READ_OBJECTS(read_notes, read_note)

static enum err_code
read_text_into(struct csaf *x, size_t max, struct texts *list, struct err *e)
{
	const char *text;
	enum err_code rc = emit_text(&x->em, x->r, max, TEXT_LINE, &text, e);

	if (rc == ERR_OK && text != NULL)
		texts_add(x->doc.arena, list, text);
	return rc;
}

static enum err_code
read_cwe_id(void *arg, struct err *e)
{
	struct csaf *x = arg;

	return read_text_into(x, MAX_NAME, &x->vulnerability->cwes, e);
}

static const struct walk_field cwe_fields[] = {
	{ "id", read_cwe_id },
	{ NULL, NULL },
};
READ_OBJECT(read_cwe, cwe_fields)

static enum err_code
read_one_cwe(void *arg, struct err *e)
{
	return walk_members(((struct csaf *)arg)->r, cwe_fields, arg, e);
}
READ_OBJECTS(read_cwes, read_one_cwe)

static enum err_code
read_url(void *arg, struct err *e)
{
	struct csaf *x = arg;

	return read_text_into(x, MAX_TEXT, &x->vulnerability->links, e);
}

static const struct walk_field reference_fields[] = {
	{ "url", read_url },
	{ NULL, NULL },
};

static enum err_code
read_reference(void *arg, struct err *e)
{
	return walk_members(((struct csaf *)arg)->r, reference_fields, arg, e);
}
READ_OBJECTS(read_references, read_reference)

static const struct walk_field vulnerability_fields[] = {
	{ "cve", read_cve },
	{ "title", read_title },
	{ "product_status", read_status },
	{ "remediations", read_remediations },
	{ "threats", read_threats },
	{ "flags", read_flags },
	{ "scores", read_scores },
	{ "metrics", read_metrics },
	{ "notes", read_notes },
	{ "cwe", read_cwe },
	{ "cwes", read_cwes },
	{ "references", read_references },
	{ "release_date", read_released },
	{ NULL, NULL },
};

static enum err_code
read_vulnerability(void *arg, struct err *e)
{
	struct csaf *x = arg;
	enum err_code rc;

	x->vulnerability = ARENA_PUSH(x->doc.arena, &x->doc.vulnerabilities);
	rc = walk_members(x->r, vulnerability_fields, x, e);
	return rc == ERR_OK ? check_room(x, e) : rc;
}
READ_OBJECTS(read_vulnerabilities, read_vulnerability)

/* ---- the document ---- */

static const struct walk_field document_fields[] = {
	{ "document", read_header },
	{ "product_tree", read_tree },
	{ "vulnerabilities", read_vulnerabilities },
	{ NULL, NULL },
};

static enum err_code
read_document(struct csaf *x, struct err *e)
{
	struct json_value v;
	bool is_object;
	enum err_code rc;

	if ((rc = walk_object(x->r, document_fields, x, &is_object, e)) != ERR_OK)
		return rc;
	if (!is_object || !x->doc.is_csaf || x->doc.id == NULL)
		return err_set(e, ERR_INPUT, "this is no CSAF document");
	return json_next(x->r, &v, e);
}

/*
 * A document with too many words is a bad one, as one with too many ids is: among a
 * hundred thousand in an archive it must not be the end of the others.
 */
static enum err_code
read_bounded(struct csaf *x, struct err *e)
{
	enum err_code rc = read_document(x, e);

	if (rc != ERR_LIMIT || emit_room(&x->em, NULL) == ERR_OK)
		return rc;
	return err_set(e, ERR_INPUT, "the words of the document take too much memory");
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct csaf x = { .r = json_reader_new(in),
		.doc = { .arena = arena_new(),
		    .texts = arena_new(),
		    .ids = strmap_new(),
		    .group_ids = strmap_new(),
		    .parts = strmap_new() } };
	struct arena *of_record;
	enum err_code rc;

	emitter_init(&x.em, env, sink);
	of_record = x.em.arena;
	x.em.arena = x.doc.texts;
	rc = read_bounded(&x, e);
	x.em.arena = of_record;
	if (rc == ERR_OK)
		rc = csaf_emit(&x.em, &x.doc, e);
	emitter_done(&x.em);
	strmap_free(x.doc.ids);
	strmap_free(x.doc.group_ids);
	strmap_free(x.doc.parts);
	arena_free(x.doc.texts);
	arena_free(x.doc.arena);
	json_reader_free(x.r);
	return rc;
}

const struct driver driver_csaf = {
	.name = "csaf",
	.summary = "CSAF advisories and VEX (Red Hat, SUSE, any provider)",
	.source = "redhat",
	.source_rank = 0, /* who publishes in this format speaks of its own products */
	.says = SAYS_FIXED | SAYS_UNFIXED | SAYS_NOT_AFFECTED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
	.member = ".json",
	.fetch = csaf_fetch,
};
