/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvd - the National Vulnerability Database, format 2.0: a page of the API and a yearly
 * file have one shape,
 *
 * {"resultsPerPage":2000, "startIndex":0, "totalResults":382000, "format":"NVD_CVE",
 *  "version":"2.0", "timestamp":"2026-03-09T03:00:23.406", "vulnerabilities":[
 *    {"cve":{"id":"CVE-2021-44228", "published":..., "lastModified":...,
 *     "vulnStatus":"Analyzed", "descriptions":[{"lang":"en","value":...}],
 *     "metrics":{...}, "weaknesses":[...], "references":[{"url":...}],
 *     "cisaExploitAdd":"2021-12-10", "cisaVulnerabilityName":...}}]}
 *
 * Taken from it: texts, scores, weaknesses, dates.  Its "configurations" (CPE) are not:
 * packages of a distribution are judged by their distribution alone.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/nvd.h"

struct cve {
	const char *id, *state, *description, *title;
	int64_t published, modified, exploited;
	struct scores scores;
	struct texts links, cwes;
	bool is_there;
};

struct page_reader {
	struct emitter em;
	struct json_reader *r;
	struct nvd_page page;
	bool has_list, is_foreign;
};

/* ---- fields of one CVE ---- */

/* One {"lang":..., "value":...}. */
static enum err_code
read_said(
    struct page_reader *p, const char **ret_lang, const char **ret_value, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	*ret_lang = *ret_value = NULL;
	while ((rc = json_key(p->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "lang"))
			rc = emit_text(&p->em, p->r, MAX_NAME, TEXT_LINE, ret_lang, e);
		else if (str_eq(key.text, "value"))
			rc =
			    emit_text(&p->em, p->r, MAX_TEXT, TEXT_LINES, ret_value, e);
		else
			rc = json_skip_next(p->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_descriptions(struct page_reader *p, struct cve *c, struct err *e)
{
	struct json_value v;
	const char *lang, *value;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(p->r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(p->r, &v, &more, e)) == ERR_OK && more) {
		if (v.token != JSON_OBJECT) {
			rc = json_skip(p->r, &v, e);
		} else {
			rc = read_said(p, &lang, &value, e);
			if (rc == ERR_OK && str_eq(lang, "en") &&
			    c->description == NULL)
				c->description = value;
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* [{"description":[{"lang":"en","value":"CWE-79"}]}]; "NVD-CWE-Other" says nothing. */
static enum err_code
read_weakness(struct page_reader *p, struct cve *c, struct err *e)
{
	struct json_value v;
	const char *lang, *value;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(p->r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(p->r, &v, &more, e)) == ERR_OK && more) {
		if (v.token != JSON_OBJECT) {
			rc = json_skip(p->r, &v, e);
		} else {
			rc = read_said(p, &lang, &value, e);
			if (rc == ERR_OK && value != NULL && str_starts(value, "CWE-"))
				texts_add(p->em.arena, &c->cwes, value);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* A list of objects of which one field each is wanted. */
typedef enum err_code (*field_reader)(
    struct page_reader *p, struct cve *c, struct err *e);

static enum err_code
read_field_of_each(struct page_reader *p, struct cve *c, const char *field,
    field_reader read, struct err *e)
{
	struct json_value v, key;
	bool more, more_keys;
	enum err_code rc;

	if ((rc = json_enter(p->r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(p->r, &v, &more, e)) == ERR_OK && more) {
		if (v.token != JSON_OBJECT) {
			if ((rc = json_skip(p->r, &v, e)) != ERR_OK)
				return rc;
			continue;
		}
		while (
		    (rc = json_key(p->r, &key, &more_keys, e)) == ERR_OK && more_keys) {
			rc = str_eq(key.text, field) ? read(p, c, e)
						     : json_skip_next(p->r, e);
			if (rc != ERR_OK)
				return rc;
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_link(struct page_reader *p, struct cve *c, struct err *e)
{
	const char *url;
	enum err_code rc = emit_text(&p->em, p->r, MAX_TEXT, TEXT_LINE, &url, e);

	if (rc == ERR_OK && url != NULL)
		texts_add(p->em.arena, &c->links, url);
	return rc;
}

static enum err_code
read_cve(struct page_reader *p, struct cve *c, struct err *e)
{
	struct emitter *em = &p->em;
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(p->r, JSON_OBJECT, &c->is_there, e)) != ERR_OK ||
	    !c->is_there)
		return rc;
	while ((rc = json_key(p->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "id"))
			rc = emit_text(em, p->r, MAX_NAME, TEXT_LINE, &c->id, e);
		else if (str_eq(key.text, "vulnStatus"))
			rc = emit_text(em, p->r, MAX_NAME, TEXT_LINE, &c->state, e);
		else if (str_eq(key.text, "cisaVulnerabilityName"))
			rc = emit_text(em, p->r, MAX_TITLE, TEXT_LINE, &c->title, e);
		else if (str_eq(key.text, "published"))
			rc = emit_time(em, p->r, &c->published, e);
		else if (str_eq(key.text, "lastModified"))
			rc = emit_time(em, p->r, &c->modified, e);
		else if (str_eq(key.text, "cisaExploitAdd"))
			rc = emit_time(em, p->r, &c->exploited, e);
		else if (str_eq(key.text, "descriptions"))
			rc = read_descriptions(p, c, e);
		else if (str_eq(key.text, "metrics"))
			rc = nvd_read_metrics(em, p->r, &c->scores, e);
		else if (str_eq(key.text, "weaknesses"))
			rc = read_field_of_each(p, c, "description", read_weakness, e);
		else if (str_eq(key.text, "references"))
			rc = read_field_of_each(p, c, "url", read_link, e);
		else
			rc = json_skip_next(p->r, e);
		if (rc == ERR_OK)
			rc = emit_room(em, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* ---- from CVE to record ---- */

static enum err_code
emit_cve(struct page_reader *p, const struct cve *c, const char *place, struct err *e)
{
	bool rejected = str_eq(c->state, "Rejected");
	const char *id =
	    c->id == NULL ? NULL : cve_normalize(p->em.arena, c->id, strlen(c->id));

	if (id == NULL) {
		emit_skipped(&p->em, c->id != NULL ? c->id : place, "no CVE id");
		return ERR_OK;
	}
	if (rejected && c->modified == 0) {
		emit_skipped(&p->em, id, "rejected, but not when");
		return ERR_OK;
	}
	return emit_record(&p->em,
	    &(struct record){
		.key = id,
		.source = p->em.source,
		.id = id,
		.vulnerabilities = &id,
		.n_vulnerabilities = 1,
		.title = c->title,
		.description = c->description,
		.references = c->links.at,
		.n_references = c->links.n,
		.cwes = c->cwes.at,
		.n_cwes = c->cwes.n,
		.severity = c->scores.severity,
		.vendor_severity = c->scores.word,
		.published = c->published,
		.modified = c->modified,
		.withdrawn = rejected ? c->modified : 0,
		.exploited = c->exploited,
		.cvss = c->scores.list.at,
		.n_cvss = c->scores.list.n,
	    },
	    e);
}

static enum err_code
read_vulnerability(struct page_reader *p, const struct json_value *first, struct err *e)
{
	struct cve c = { 0 };
	struct json_value key;
	const char *place;
	bool more;
	enum err_code rc;

	arena_reset(p->em.arena);
	place = arena_printf(
	    p->em.arena, "vulnerabilities[%" PRIu64 "]", p->page.entries++);
	if (first->token != JSON_OBJECT) {
		emit_skipped(&p->em, place, "no object");
		return json_skip(p->r, first, e);
	}
	while ((rc = json_key(p->r, &key, &more, e)) == ERR_OK && more) {
		rc = str_eq(key.text, "cve") ? read_cve(p, &c, e)
					     : json_skip_next(p->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc == ERR_OK ? emit_cve(p, &c, place, e) : rc;
}

/* ---- the document ---- */

static enum err_code
read_list(struct page_reader *p, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(p->r, JSON_ARRAY, &p->has_list, e)) != ERR_OK ||
	    !p->has_list)
		return rc;
	while ((rc = json_item(p->r, &v, &more, e)) == ERR_OK && more)
		if ((rc = read_vulnerability(p, &v, e)) != ERR_OK)
			return rc;
	return rc;
}

static enum err_code
read_number(struct page_reader *p, uint64_t *ret, bool *ret_has, struct err *e)
{
	const char *text;
	enum err_code rc = json_text(p->r, p->em.arena, &text, e);

	if (rc == ERR_OK)
		*ret_has = text != NULL && str_u64(text, ret);
	return rc;
}

static enum err_code
read_head(struct page_reader *p, const char *key, struct err *e)
{
	struct nvd_page *page = &p->page;
	const char *text;
	bool has;
	enum err_code rc;

	if (str_eq(key, "startIndex"))
		return read_number(p, &page->start_index, &has, e);
	if (str_eq(key, "resultsPerPage"))
		return read_number(p, &page->results_per_page, &has, e);
	if (str_eq(key, "totalResults"))
		return read_number(p, &page->total_results, &page->has_total, e);
	if (str_eq(key, "timestamp"))
		return emit_time(&p->em, p->r, &page->timestamp, e);
	if (str_eq(key, "format")) {
		rc = emit_text(&p->em, p->r, MAX_NAME, TEXT_LINE, &text, e);
		p->is_foreign |= rc == ERR_OK && !str_eq(text, "NVD_CVE");
		return rc;
	}
	/* CISA's catalogue also is a list called "vulnerabilities" */
	p->is_foreign |= str_eq(key, "catalogVersion");
	return json_skip_next(p->r, e);
}

static enum err_code
read_document(struct page_reader *p, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(p->r, JSON_OBJECT, &more, e)) != ERR_OK)
		return rc;
	while (more && (rc = json_key(p->r, &key, &more, e)) == ERR_OK && more) {
		arena_reset(p->em.arena);
		if (str_eq(key.text, "vulnerabilities"))
			rc = read_list(p, e);
		else
			rc = read_head(p, key.text, e);
		if (rc == ERR_OK && p->is_foreign)
			rc = err_set(e, ERR_INPUT, "this is no NVD document");
		if (rc != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK && !p->has_list)
		rc = err_set(e, ERR_INPUT, "this is no NVD document");
	return rc == ERR_OK ? emit_end(&p->em, p->r, "an NVD document", e) : rc;
}

enum err_code
nvd_read(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct nvd_page *ret, struct err *e)
{
	struct page_reader p = { .r = json_reader_new(in) };
	enum err_code rc;

	emitter_init(&p.em, env, sink);
	if ((rc = read_document(&p, e)) == ERR_OK)
		*ret = p.page;
	emitter_done(&p.em);
	json_reader_free(p.r);
	return rc;
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct nvd_page page;

	return nvd_read(in, env, sink, &page, e);
}

const struct driver driver_nvd = {
	.name = "nvd",
	.summary = "the National Vulnerability Database (2.0): texts, scores, dates",
	.source = "nvd",
	.source_rank = 2,
	.caps = DRIVER_ENRICHES,
	.says = SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
	.fetch = nvd_fetch,
};
