/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv - records in the Open Source Vulnerability format: OSV.dev's exports by ecosystem,
 * Ubuntu, Rocky, AlmaLinux, GitHub's advisories, lists of malicious packages.  A document
 * is one record,
 *
 * {"id":"GHSA-...", "modified":"2023-11-08T04:02:28Z", "aliases":["CVE-2020-14967"],
 *  "summary":..., "details":..., "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/..."}],
 *  "affected":[{"package":{"ecosystem":"npm","name":"jsrsasign"}, "versions":[...],
 *    "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"8.0.18"}]}]}],
 *  "references":[{"type":"WEB","url":...}], "database_specific":{"severity":"CRITICAL"}}
 *
 * or a page of them as Rocky's Apollo answers, {"advisories":[RECORD, ...], "links":...}.
 */
#include "fetchers/osv.h"

#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/cvss.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/fetchers.h"
#include "fetchers/osv_fetch.h"
#include "fetchers/vendor.h"
#include "fetchers/walk.h"

/* Of a record that was taken back, but not when. */
#define AT_NO_TIME (-1)
/* More versions than any package has; what is beyond is left out. */
#define VERSIONS_MAX 50000
/* More scores than any record has. */
#define CVSS_MAX 200

struct osv {
	struct emitter em;
	struct json_reader *r;
	struct osv_record rec;
	/* where the reading stands */
	struct osv_package *package;
	struct osv_range *range;
	const char *score_type, *score;
	bool is_page;
	uint64_t items; /* of the page */
};

/* ---- single values ---- */

static enum err_code
read_name(struct osv *o, const char **ret, struct err *e)
{
	return emit_text(&o->em, o->r, MAX_NAME, TEXT_LINE, ret, e);
}

#define READ_NAME(function, member)                                                    \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct osv *o = arg;                                                   \
                                                                                       \
		return read_name(o, &o->member, e);                                    \
	}
#define READ_NAMES(function, member)                                                   \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct osv *o = arg;                                                   \
                                                                                       \
		return emit_texts(&o->em, o->r, MAX_NAME, &o->member, e);              \
	}

READ_NAME(read_id, rec.id)
READ_NAME(read_word, rec.word)
READ_NAME(read_ecosystem, package->ecosystem)
READ_NAME(read_package_name, package->name)
READ_NAME(read_purl, package->purl)
READ_NAME(read_package_word, package->word)
READ_NAME(read_informational, package->informational)
READ_NAME(read_availability, package->availability)
READ_NAME(read_last_known, package->last_known)
READ_NAME(read_range_type, range->type)
READ_NAME(read_score_type, score_type)
READ_NAME(read_score, score)
READ_NAMES(read_aliases, rec.aliases)
READ_NAMES(read_upstream, rec.upstream)
READ_NAMES(read_related, rec.related)
READ_NAMES(read_cwes, rec.cwes)

static enum err_code
read_summary(void *arg, struct err *e)
{
	struct osv *o = arg;

	return emit_text(&o->em, o->r, MAX_TITLE, TEXT_LINE, &o->rec.summary, e);
}

static enum err_code
read_details(void *arg, struct err *e)
{
	struct osv *o = arg;

	return emit_text(&o->em, o->r, MAX_TEXT, TEXT_LINES, &o->rec.details, e);
}

static enum err_code
read_published(void *arg, struct err *e)
{
	struct osv *o = arg;

	return emit_time(&o->em, o->r, &o->rec.published, e);
}

/* Go's own copies say "0001-01-01T00:00:00Z", which is no time but a word of OSV. */
static enum err_code
read_modified(void *arg, struct err *e)
{
	struct osv *o = arg;
	const char *text;
	enum err_code rc = read_name(o, &text, e);

	if (rc != ERR_OK || text == NULL)
		return rc;
	o->rec.has_modified = true;
	if (!time_parse(text, &o->rec.modified))
		o->rec.modified = 0;
	return ERR_OK;
}

static enum err_code
read_withdrawn(void *arg, struct err *e)
{
	struct osv *o = arg;
	const char *text;
	enum err_code rc = read_name(o, &text, e);

	if (rc == ERR_OK && text != NULL && !time_parse(text, &o->rec.withdrawn))
		o->rec.withdrawn = AT_NO_TIME;
	return rc;
}

/* ---- severity and references ---- */

static const struct walk_field score_fields[] = {
	{ "type", read_score_type },
	{ "score", read_score },
	{ NULL, NULL },
};

/* One of "severity": a vector, or of type "Ubuntu" a word. */
static enum err_code
read_severity_item(void *arg, struct err *e)
{
	struct osv *o = arg;
	enum err_code rc;

	o->score_type = o->score = NULL;
	if ((rc = walk_members(o->r, score_fields, o, e)) != ERR_OK || o->score == NULL)
		return rc;
	if (str_eq(o->score_type, "Ubuntu"))
		*(o->package != NULL ? &o->package->word : &o->rec.word) = o->score;
	else
		texts_add(o->em.arena, &o->rec.vectors, o->score);
	return rc;
}

static enum err_code
read_severity(void *arg, struct err *e)
{
	struct osv *o = arg;

	return walk_objects(o->r, read_severity_item, o, e);
}

static enum err_code
read_url(void *arg, struct err *e)
{
	struct osv *o = arg;
	const char *url;
	enum err_code rc = emit_text(&o->em, o->r, MAX_TEXT, TEXT_LINE, &url, e);

	if (rc == ERR_OK && url != NULL)
		texts_add(o->em.arena, &o->rec.links, url);
	return rc;
}

static const struct walk_field reference_fields[] = {
	{ "url", read_url },
	{ NULL, NULL },
};

static enum err_code
read_reference(void *arg, struct err *e)
{
	return walk_members(((struct osv *)arg)->r, reference_fields, arg, e);
}

static enum err_code
read_references(void *arg, struct err *e)
{
	return walk_objects(((struct osv *)arg)->r, read_reference, arg, e);
}

static const struct walk_field database_fields[] = {
	{ "severity", read_word },
	{ "cwe_ids", read_cwes },
	{ "cwe", read_cwes },
	{ NULL, NULL },
};

static enum err_code
read_database(void *arg, struct err *e)
{
	return walk_object(((struct osv *)arg)->r, database_fields, arg, NULL, e);
}

/* ---- affected ---- */

static enum err_code
add_event(struct osv *o, enum osv_bound bound, struct err *e)
{
	struct osv_event *ev;
	const char *version;
	enum err_code rc = read_name(o, &version, e);

	if (rc != ERR_OK || version == NULL)
		return rc;
	ev = ARENA_PUSH(o->em.arena, &o->range->events);
	ev->bound = bound;
	ev->version = version;
	return emit_room(&o->em, e);
}

static enum err_code
read_introduced(void *arg, struct err *e)
{
	return add_event(arg, OSV_INTRODUCED, e);
}

static enum err_code
read_fixed(void *arg, struct err *e)
{
	return add_event(arg, OSV_FIXED, e);
}

static enum err_code
read_last_affected(void *arg, struct err *e)
{
	return add_event(arg, OSV_LAST_AFFECTED, e);
}

static const struct walk_field event_fields[] = {
	{ "introduced", read_introduced },
	{ "fixed", read_fixed },
	{ "last_affected", read_last_affected },
	{ NULL, NULL },
};

static enum err_code
read_event(void *arg, struct err *e)
{
	return walk_members(((struct osv *)arg)->r, event_fields, arg, e);
}

static enum err_code
read_events(void *arg, struct err *e)
{
	return walk_objects(((struct osv *)arg)->r, read_event, arg, e);
}

static const struct walk_field range_fields[] = {
	{ "type", read_range_type },
	{ "events", read_events },
	{ NULL, NULL },
};

static enum err_code
read_range(void *arg, struct err *e)
{
	struct osv *o = arg;

	o->range = ARENA_PUSH(o->em.arena, &o->package->ranges);
	return walk_members(o->r, range_fields, o, e);
}

static enum err_code
read_ranges(void *arg, struct err *e)
{
	return walk_objects(((struct osv *)arg)->r, read_range, arg, e);
}

/* Of Linux kernels and the like there are thousands: no set, which would compare each. */
static enum err_code
read_versions(void *arg, struct err *e)
{
	struct osv *o = arg;
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(o->r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(o->r, &v, &more, e)) == ERR_OK && more) {
		if (v.token != JSON_STRING) {
			rc = json_skip(o->r, &v, e);
		} else if (o->package->versions.n < VERSIONS_MAX) {
			*ARENA_PUSH(o->em.arena, &o->package->versions) =
			    utf8_clean(o->em.arena, v.text, v.len, MAX_NAME, true);
			rc = emit_room(&o->em, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static const struct walk_field package_fields[] = {
	{ "ecosystem", read_ecosystem },
	{ "name", read_package_name },
	{ "purl", read_purl },
	{ NULL, NULL },
};

static enum err_code
read_package(void *arg, struct err *e)
{
	return walk_object(((struct osv *)arg)->r, package_fields, arg, NULL, e);
}

static enum err_code
read_module_name(void *arg, struct err *e)
{
	struct osv *o = arg;

	o->package->is_livepatch = true;
	return json_skip_next(o->r, e);
}

static const struct walk_field ecosystem_fields[] = {
	{ "ubuntu_priority", read_package_word },
	{ "urgency", read_package_word },
	{ "availability", read_availability },
	{ "module_name_regex", read_module_name },
	{ NULL, NULL },
};

static enum err_code
read_ecosystem_specific(void *arg, struct err *e)
{
	return walk_object(((struct osv *)arg)->r, ecosystem_fields, arg, NULL, e);
}

/* RustSec writes its vector here. */
static enum err_code
read_vector(void *arg, struct err *e)
{
	struct osv *o = arg;
	const char *vector;
	enum err_code rc = read_name(o, &vector, e);

	if (rc == ERR_OK && vector != NULL)
		texts_add(o->em.arena, &o->rec.vectors, vector);
	return rc;
}

static const struct walk_field package_database_fields[] = {
	{ "last_known_affected_version_range", read_last_known },
	{ "informational", read_informational },
	{ "cvss", read_vector },
	{ NULL, NULL },
};

static enum err_code
read_package_database(void *arg, struct err *e)
{
	return walk_object(
	    ((struct osv *)arg)->r, package_database_fields, arg, NULL, e);
}

static const struct walk_field affected_fields[] = {
	{ "package", read_package },
	{ "ranges", read_ranges },
	{ "versions", read_versions },
	{ "severity", read_severity },
	{ "ecosystem_specific", read_ecosystem_specific },
	{ "database_specific", read_package_database },
	{ NULL, NULL },
};

static enum err_code
read_affected_item(void *arg, struct err *e)
{
	struct osv *o = arg;
	enum err_code rc;

	if (o->rec.packages.n > MAX_AFFECTED)
		return err_set(
		    e, ERR_LIMIT, "a record with more than %zu packages", MAX_AFFECTED);
	o->package = ARENA_PUSH(o->em.arena, &o->rec.packages);
	rc = walk_members(o->r, affected_fields, o, e);
	o->package = NULL;
	return rc;
}

static enum err_code
read_affected(void *arg, struct err *e)
{
	return walk_objects(((struct osv *)arg)->r, read_affected_item, arg, e);
}

/* ---- from what was read to a record ---- */

struct scores {
	struct cvss *at;
	size_t n, cap;
	enum severity severity; /* of the newest version of CVSS */
};

static void
score(struct osv *o, struct scores *ret)
{
	enum cvss_version best = CVSS_VERSION_COUNT, version;
	int tenths;

	for (size_t i = 0; i < o->rec.vectors.n && ret->n < CVSS_MAX; i++) {
		const char *vector = o->rec.vectors.at[i];

		if (!cvss_score(vector, &version, &tenths))
			continue;
		*ARENA_PUSH(o->em.arena, ret) = (struct cvss){
			.scorer = o->em.source,
			.vector = vector,
			.score_tenths = tenths,
			.speaker = SPEAKER_VENDOR_CVSS,
		};
		if (version < best) {
			best = version;
			ret->severity = severity_from_cvss(tenths);
		}
	}
}

/* "Important: squid security update" is how Red Hat's relatives say it. */
static const char *
word_of_summary(struct arena *a, const char *summary)
{
	size_t len = summary == NULL ? 0 : strcspn(summary, ": ");
	const char *word;

	if (len == 0 || summary[len] != ':')
		return NULL;
	word = arena_strndup(a, summary, len);
	return vendor_severity(word) != SEVERITY_UNKNOWN ? word : NULL;
}

/* The worst of what stands at the packages; NULL unless it stands at all of them. */
static const struct affected *
worst_entry(const struct osv_entries *list)
{
	const struct affected *worst = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct affected *a = &list->at[i];

		if (a->severity == SEVERITY_UNKNOWN)
			return NULL;
		if (worst == NULL || a->severity > worst->severity)
			worst = a;
	}
	return worst;
}

/* The vendor's word first, then what its vector comes to. */
static void
rate(struct osv *o, const struct osv_names *names, const struct osv_entries *entries,
    const struct scores *s, struct record *ret)
{
	const struct affected *worst;
	const char *word = o->rec.word;

	if (word == NULL && names->is_distro)
		word = word_of_summary(o->em.arena, o->rec.summary);
	ret->severity = vendor_severity(word);
	ret->vendor_severity = word;
	if (names->is_malware) {
		ret->severity = SEVERITY_CRITICAL;
	} else if (ret->severity != SEVERITY_UNKNOWN) {
		return;
	} else if ((worst = worst_entry(entries)) != NULL) {
		ret->severity = worst->severity;
		ret->vendor_severity = worst->vendor_severity;
	} else if (s->severity != SEVERITY_UNKNOWN) {
		ret->severity = s->severity;
		ret->vendor_severity = NULL;
	}
}

static enum err_code
emit_osv(struct osv *o, const struct osv_names *names, struct osv_entries *entries,
    struct err *e)
{
	const struct osv_record *rec = &o->rec;
	struct scores scores = { .severity = SEVERITY_UNKNOWN };
	struct record r = {
		.key = rec->id,
		.source = o->em.source,
		.id = rec->id,
		.kind = names->is_malware ? RECORD_MALWARE : RECORD_VULNERABILITY,
		.vulnerabilities = names->vulnerabilities.at,
		.n_vulnerabilities = names->vulnerabilities.n,
		.aliases = names->aliases.at,
		.n_aliases = names->aliases.n,
		.title = rec->summary,
		.description = rec->details,
		.references = rec->links.at,
		.n_references = rec->links.n,
		.cwes = rec->cwes.at,
		.n_cwes = rec->cwes.n,
		.published = rec->published,
		.modified = rec->modified,
		.withdrawn = rec->withdrawn,
		.affected = entries->at,
		.n_affected = entries->n,
	};

	if (r.withdrawn == AT_NO_TIME)
		r.withdrawn = r.modified > 0 ? r.modified : 1;
	score(o, &scores);
	r.cvss = scores.at;
	r.n_cvss = scores.n;
	rate(o, names, entries, &scores, &r);
	return emit_record(&o->em, &r, e);
}

/* What came is a record; is it one that is of use? */
static enum err_code
finish(struct osv *o, const char *place, struct err *e)
{
	struct osv_entries entries = { 0 };
	struct osv_names names;
	const char *why;
	enum err_code rc;

	if (!osv_names(o->em.arena, &o->rec, &names)) {
		emit_skipped(&o->em, o->rec.id != NULL ? o->rec.id : place,
		    "no id of an advisory");
		return ERR_OK;
	}
	if (names.is_no_flaw)
		return ERR_OK;
	rc = osv_entries(&o->em, &o->rec, &names, &entries, &why, e);
	if (rc != ERR_OK)
		return rc;
	/* one that was taken back may have lost its packages before */
	if (entries.n == 0 && o->rec.withdrawn == 0) {
		emit_skipped(&o->em, o->rec.id, why);
		return ERR_OK;
	}
	return emit_osv(o, &names, &entries, e);
}

/* ---- the document ---- */

static enum err_code read_advisories(void *arg, struct err *e);

static const struct walk_field record_fields[] = {
	{ "id", read_id },
	{ "modified", read_modified },
	{ "published", read_published },
	{ "withdrawn", read_withdrawn },
	{ "aliases", read_aliases },
	{ "upstream", read_upstream },
	{ "related", read_related },
	{ "summary", read_summary },
	{ "details", read_details },
	{ "severity", read_severity },
	{ "affected", read_affected },
	{ "references", read_references },
	{ "database_specific", read_database },
	{ "advisories", read_advisories },
	{ NULL, NULL },
};

/* By the schema a record has these two, and no other document of a feed has. */
static bool
is_record(const struct osv_record *rec)
{
	return rec->id != NULL && rec->has_modified;
}

static enum err_code
read_item(struct osv *o, const struct json_value *first, struct err *e)
{
	const char *place;
	enum err_code rc;

	arena_reset(o->em.arena);
	o->rec = (struct osv_record){ .id = NULL };
	place = arena_printf(o->em.arena, "advisories[%" PRIu64 "]", o->items++);
	rc = first->token == JSON_OBJECT ? walk_members(o->r, record_fields, o, e)
					 : json_skip(o->r, first, e);
	if (rc != ERR_OK)
		return rc;
	if (is_record(&o->rec))
		return finish(o, place, e);
	emit_skipped(&o->em, o->rec.id != NULL ? o->rec.id : place, "no OSV record");
	return ERR_OK;
}

/* Only at the top: a record has no such member. */
static enum err_code
read_advisories(void *arg, struct err *e)
{
	struct osv *o = arg;
	struct json_value v;
	bool more;
	enum err_code rc;

	if (o->is_page)
		return json_skip_next(o->r, e);
	if ((rc = json_enter(o->r, JSON_ARRAY, &o->is_page, e)) != ERR_OK ||
	    !o->is_page)
		return rc;
	while ((rc = json_item(o->r, &v, &more, e)) == ERR_OK && more)
		if ((rc = read_item(o, &v, e)) != ERR_OK)
			return rc;
	o->rec = (struct osv_record){ .id = NULL };
	return rc;
}

static enum err_code
read_document(struct osv *o, struct err *e)
{
	bool is_object;
	struct json_value v;
	enum err_code rc;

	rc = walk_object(o->r, record_fields, o, &is_object, e);
	if (rc != ERR_OK)
		return rc;
	if (!is_object || (!o->is_page && !is_record(&o->rec)))
		return err_set(e, ERR_INPUT, "this is no OSV record");
	if (o->is_page)
		return emit_end(&o->em, o->r, "a page of OSV records", e);
	if ((rc = json_next(o->r, &v, e)) != ERR_OK)
		return rc;
	return finish(o, "record", e);
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct osv o = { .r = json_reader_new(in) };
	enum err_code rc;

	emitter_init(&o.em, env, sink);
	rc = read_document(&o, e);
	emitter_done(&o.em);
	json_reader_free(o.r);
	return rc;
}

const struct driver driver_osv = {
	.name = "osv",
	.summary =
	    "Open Source Vulnerability records (OSV.dev, Ubuntu, Rocky, GitHub ...)",
	.source = "osv",
	.source_rank = 1,
	.says = SAYS_FIXED | SAYS_UNFIXED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
	.member = ".json",
	.fetch = osv_fetch,
};
