/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errata_json - errata of the rebuilds of Red Hat's distribution, in three shapes:
 *
 *   AlmaLinux, errata.full.json: {"schema_version":"1.0", "data":[
 *     {"id":"ALSA-2019:3708", "issued_date":1572983623, "updated_date":..., "type":
 *      "security", "severity":"Moderate", "title":..., "description":...,
 *      "packages":[{"name":"Judy", "epoch":"0", "version":"1.0.5", "release":"18.el8",
 *        "arch":"x86_64", "module":"mariadb:10.3:8050...:c5368500:x86_64"}],
 *      "references":[{"type":"cve", "id":"CVE-2019-2510", "href":...}]}]}
 *   AlmaLinux, errata.json: a bare list of the same with "updateinfo_id", "pkglist" around
 *     the packages and their one module, and times as {"$date":MILLISECONDS};
 *   Rocky, Apollo's api/v3/advisories: {"advisories":[
 *     {"name":"RLSA-2025:21816", "kind":"Security", "synopsis":..., "published_at":...,
 *      "cves":[{"cve":"CVE-2025-58183", "cvss3_scoring_vector":..., "cwe":"CWE-770"}],
 *      "packages":[{"nevra":"delve-0:1.25.2-1.el10_1.aarch64.rpm", "module_name":null,
 *        "product_name":"Rocky Linux 10 aarch64"}]}]}
 *
 * Binary packages, and nothing but what is fixed.  The release is that of the packages'
 * dist tag, ".el8": one list of Rocky mixes several.  Only errata of security are read.
 */
#include "fetchers/errata_json.h"

#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "fetchers/fetchers.h"
#include "fetchers/walk.h"

struct errata {
	struct emitter em;
	struct json_reader *r;
	struct erratum erratum;
	/* where the reading stands */
	struct rpm rpm;
	const char *ref_type, *ref_id, *ref_href;
	const char *module_name, *module_stream;
	struct said_score score;
	bool is_list;
	uint64_t n;
};

/* ---- single values ---- */

#define READ_TEXT(function, member, max, form)                                         \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct errata *x = arg;                                                \
                                                                                       \
		return emit_text(&x->em, x->r, max, form, &x->member, e);              \
	}
#define READ_NAME(function, member) READ_TEXT(function, member, MAX_NAME, TEXT_LINE)

READ_NAME(read_id, erratum.id)
READ_NAME(read_type, erratum.type)
READ_NAME(read_severity, erratum.severity)
READ_TEXT(read_title, erratum.title, MAX_TITLE, TEXT_LINE)
READ_TEXT(read_description, erratum.description, MAX_TEXT, TEXT_LINES)
READ_NAME(read_rpm_name, rpm.name)
READ_NAME(read_rpm_version, rpm.version)
READ_NAME(read_rpm_release, rpm.release)
READ_NAME(read_rpm_arch, rpm.arch)
READ_NAME(read_rpm_module, rpm.module)
READ_NAME(read_rpm_nevra, rpm.nevra)
READ_NAME(read_rpm_product, rpm.product)
READ_NAME(read_ref_type, ref_type)
READ_NAME(read_ref_id, ref_id)
READ_TEXT(read_ref_href, ref_href, MAX_TEXT, TEXT_LINE)
READ_NAME(read_module_name, module_name)
READ_NAME(read_module_stream, module_stream)
READ_NAME(read_cve, ref_id)
READ_NAME(read_vector, score.vector)

/* A number in one shape, a text in the other. */
static enum err_code
read_rpm_epoch(void *arg, struct err *e)
{
	struct errata *x = arg;

	return json_text(x->r, x->em.arena, &x->rpm.epoch, e);
}

static enum err_code
read_score(void *arg, struct err *e)
{
	struct errata *x = arg;

	return json_text(x->r, x->em.arena, &x->score.score, e);
}

/* ---- times ---- */

/* TEXT as a time, or as a count of PER_SECOND. */
static int64_t
time_of(const char *text, int64_t per_second)
{
	int64_t at = 0;

	if (text == NULL)
		return 0;
	if (str_i64(text, &at))
		return at > 0 ? at / per_second : 0;
	return time_parse(text, &at) ? at : 0;
}

/* 1572983623, "2025-11-27T09:11:22+00:00" or {"$date": 1572983623000}. */
static enum err_code
read_time(struct errata *x, int64_t *ret, struct err *e)
{
	struct json_value v, key;
	const char *text;
	bool more = true;
	enum err_code rc;

	*ret = 0;
	if ((rc = json_next(x->r, &v, e)) != ERR_OK)
		return rc;
	if (v.token != JSON_OBJECT) {
		if ((rc = json_text_of(x->r, &v, x->em.arena, &text, e)) == ERR_OK)
			*ret = time_of(text, 1);
		return rc;
	}
	while (more && (rc = json_key(x->r, &key, &more, e)) == ERR_OK && more) {
		bool is_date = str_eq(key.text, "$date");

		if ((rc = json_text(x->r, x->em.arena, &text, e)) != ERR_OK)
			return rc;
		if (is_date)
			*ret = time_of(text, 1000);
	}
	return rc;
}

static enum err_code
read_issued(void *arg, struct err *e)
{
	return read_time(arg, &((struct errata *)arg)->erratum.issued, e);
}

static enum err_code
read_updated(void *arg, struct err *e)
{
	return read_time(arg, &((struct errata *)arg)->erratum.updated, e);
}

/* ---- packages ---- */

static const struct walk_field package_fields[] = {
	{ "name", read_rpm_name },
	{ "epoch", read_rpm_epoch },
	{ "version", read_rpm_version },
	{ "release", read_rpm_release },
	{ "arch", read_rpm_arch },
	{ "module", read_rpm_module },
	{ "nevra", read_rpm_nevra },
	{ "module_name", read_module_name },
	{ "module_stream", read_module_stream },
	{ "product_name", read_rpm_product },
	{ NULL, NULL },
};

static const char *
module_of(struct errata *x)
{
	if (x->module_name == NULL || x->module_stream == NULL)
		return NULL;
	return arena_printf(x->em.arena, "%s:%s", x->module_name, x->module_stream);
}

static enum err_code
read_package(void *arg, struct err *e)
{
	struct errata *x = arg;
	enum err_code rc;

	x->rpm = (struct rpm){ .name = NULL };
	x->module_name = x->module_stream = NULL;
	if ((rc = walk_members(x->r, package_fields, x, e)) != ERR_OK)
		return rc;
	if (x->rpm.module == NULL)
		x->rpm.module = module_of(x);
	*ARENA_PUSH(x->em.arena, &x->erratum.packages) = x->rpm;
	return emit_room(&x->em, e);
}

static enum err_code
read_packages(void *arg, struct err *e)
{
	struct errata *x = arg;

	x->erratum.has_packages = true;
	return walk_objects(x->r, read_package, x, e);
}

static const struct walk_field module_fields[] = {
	{ "name", read_module_name },
	{ "stream", read_module_stream },
	{ NULL, NULL },
};

/* The one module of a list of packages that says it once for all. */
static enum err_code
read_module(void *arg, struct err *e)
{
	struct errata *x = arg;
	enum err_code rc;

	x->module_name = x->module_stream = NULL;
	rc = walk_object(x->r, module_fields, x, NULL, e);
	x->erratum.module = module_of(x);
	return rc;
}

static const struct walk_field pkglist_fields[] = {
	{ "packages", read_packages },
	{ "module", read_module },
	{ NULL, NULL },
};

static enum err_code
read_pkglist(void *arg, struct err *e)
{
	return walk_object(((struct errata *)arg)->r, pkglist_fields, arg, NULL, e);
}

/* ---- references ---- */

static const struct walk_field reference_fields[] = {
	{ "type", read_ref_type },
	{ "id", read_ref_id },
	{ "href", read_ref_href },
	{ NULL, NULL },
};

static void
add_cve(struct errata *x)
{
	const char *cve = x->ref_id == NULL ? NULL
					    : cve_normalize(x->em.arena, x->ref_id,
						  strlen(x->ref_id));

	if (cve != NULL)
		texts_add(x->em.arena, &x->erratum.cves, cve);
}

static enum err_code
read_reference(void *arg, struct err *e)
{
	struct errata *x = arg;
	enum err_code rc;

	x->ref_type = x->ref_id = x->ref_href = NULL;
	if ((rc = walk_members(x->r, reference_fields, x, e)) != ERR_OK)
		return rc;
	if (str_eq(x->ref_type, "cve"))
		add_cve(x);
	if (x->ref_href != NULL)
		texts_add(x->em.arena, &x->erratum.links, x->ref_href);
	return ERR_OK;
}

static enum err_code
read_references(void *arg, struct err *e)
{
	return walk_objects(((struct errata *)arg)->r, read_reference, arg, e);
}

static enum err_code
read_cwe(void *arg, struct err *e)
{
	struct errata *x = arg;
	const char *cwe;
	enum err_code rc = emit_text(&x->em, x->r, MAX_NAME, TEXT_LINE, &cwe, e);

	if (rc == ERR_OK && cwe != NULL && str_starts(cwe, "CWE-"))
		texts_add(x->em.arena, &x->erratum.cwes, cwe);
	return rc;
}

static const struct walk_field cve_fields[] = {
	{ "cve", read_cve },
	{ "cvss3_scoring_vector", read_vector },
	{ "cvss3_base_score", read_score },
	{ "cwe", read_cwe },
	{ NULL, NULL },
};

static enum err_code
read_cve_item(void *arg, struct err *e)
{
	struct errata *x = arg;
	enum err_code rc;

	x->ref_id = NULL;
	x->score = (struct said_score){ .version = CVSS_31,
		.speaker = SPEAKER_VENDOR_CVSS,
		.scorer = x->em.source };
	if ((rc = walk_members(x->r, cve_fields, x, e)) != ERR_OK)
		return rc;
	add_cve(x);
	scores_add(x->em.arena, &x->erratum.scores, &x->score);
	return ERR_OK;
}

static enum err_code
read_cves(void *arg, struct err *e)
{
	return walk_objects(((struct errata *)arg)->r, read_cve_item, arg, e);
}

/* ---- the document ---- */

static const struct walk_field erratum_fields[] = {
	{ "id", read_id },
	{ "updateinfo_id", read_id },
	{ "name", read_id },
	{ "type", read_type },
	{ "kind", read_type },
	{ "severity", read_severity },
	{ "title", read_title },
	{ "synopsis", read_title },
	{ "description", read_description },
	{ "issued_date", read_issued },
	{ "published_at", read_issued },
	{ "updated_date", read_updated },
	{ "updated_at", read_updated },
	{ "packages", read_packages },
	{ "pkglist", read_pkglist },
	{ "references", read_references },
	{ "cves", read_cves },
	{ NULL, NULL },
};

static enum err_code
read_erratum(struct errata *x, const struct json_value *first, struct err *e)
{
	const char *place;
	enum err_code rc;

	arena_reset(x->em.arena);
	x->erratum = (struct erratum){ .id = NULL };
	place = arena_printf(x->em.arena, "[%" PRIu64 "]", x->n++);
	rc = first->token == JSON_OBJECT ? walk_members(x->r, erratum_fields, x, e)
					 : json_skip(x->r, first, e);
	return rc == ERR_OK ? errata_emit(&x->em, &x->erratum, place, e) : rc;
}

/* The items of a list whose beginning has been read. */
static enum err_code
read_items(struct errata *x, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	x->is_list = true;
	while ((rc = json_item(x->r, &v, &more, e)) == ERR_OK && more)
		if ((rc = read_erratum(x, &v, e)) != ERR_OK)
			return rc;
	return rc;
}

static enum err_code
read_list(void *arg, struct err *e)
{
	struct errata *x = arg;
	bool is_array;
	enum err_code rc = json_enter(x->r, JSON_ARRAY, &is_array, e);

	return rc == ERR_OK && is_array ? read_items(x, e) : rc;
}

static const struct walk_field document_fields[] = {
	{ "data", read_list },
	{ "advisories", read_list },
	{ NULL, NULL },
};

static enum err_code
read_document(struct errata *x, struct err *e)
{
	struct json_value v;
	enum err_code rc;

	if ((rc = json_next(x->r, &v, e)) != ERR_OK)
		return rc;
	if (v.token == JSON_OBJECT) {
		rc = walk_members(x->r, document_fields, x, e);
	} else if (v.token == JSON_ARRAY) {
		rc = read_items(x, e);
		x->is_list = x->n > 0; /* an empty one may be anything */
	}
	if (rc == ERR_OK && !x->is_list)
		rc = err_set(e, ERR_INPUT, "this is no list of errata");
	return rc == ERR_OK ? emit_end(&x->em, x->r, "a list of errata", e) : rc;
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct errata x = { .r = json_reader_new(in) };
	enum err_code rc;

	emitter_init(&x.em, env, sink);
	rc = read_document(&x, e);
	emitter_done(&x.em);
	json_reader_free(x.r);
	return rc;
}

const struct driver driver_errata_json = {
	.name = "errata_json",
	.summary = "errata of AlmaLinux (errata.full.json) or Rocky Linux (Apollo)",
	.source = "almalinux",
	.source_rank = 0,
	.says = SAYS_FIXED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
};
