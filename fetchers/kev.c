/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kev - CISA's catalogue of known exploited vulnerabilities, one document:
 *
 * {"title":..., "catalogVersion":"2025.08.25", "count":1404, "vulnerabilities":[
 *   {"cveID":"CVE-2025-48384", "vulnerabilityName":..., "dateAdded":"2025-08-25",
 *    "shortDescription":..., "notes":"https://... ; https://...", "cwes":["CWE-59"]}]}
 *
 * An entry may leave the catalogue again, so every run is complete: what is missing has
 * vanished.  For the same reason "count" is held against the entries that came.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"

struct catalogue {
	uint64_t count, entries;
	bool has_count, has_version, has_entries;
};

struct entry {
	const char *id, *title, *description, *notes;
	int64_t added;
	struct texts cwes;
};

/*
 * "notes" are prose with links in it.  A link ends at a blank or a semicolon (which
 * separates them); the punctuation of the sentence around it is not part of it.
 */
static void
find_links(struct arena *a, const char *notes, struct texts *t)
{
	for (const char *p = notes; (p = strstr(p, "http")) != NULL;) {
		size_t len = strcspn(p, " ;\t\"<>");

		if (!str_starts(p, "https://") && !str_starts(p, "http://")) {
			p += 4;
			continue;
		}
		while (len > 0 && strchr(",.)", p[len - 1]) != NULL)
			len--;
		texts_add(a, t, arena_strndup(a, p, len));
		p += len;
	}
}

static enum err_code
read_entry(struct emitter *em, struct json_reader *r, struct entry *n, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "cveID"))
			rc = emit_text(em, r, MAX_NAME, TEXT_LINE, &n->id, e);
		else if (str_eq(key.text, "vulnerabilityName"))
			rc = emit_text(em, r, MAX_TITLE, TEXT_LINE, &n->title, e);
		else if (str_eq(key.text, "shortDescription"))
			rc = emit_text(em, r, MAX_TEXT, TEXT_LINES, &n->description, e);
		else if (str_eq(key.text, "notes"))
			rc = emit_text(em, r, MAX_TEXT, TEXT_LINE, &n->notes, e);
		else if (str_eq(key.text, "dateAdded"))
			rc = emit_time(em, r, &n->added, e);
		else if (str_eq(key.text, "cwes"))
			rc = emit_texts(em, r, MAX_NAME, &n->cwes, e);
		else
			rc = json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
emit_entry(struct emitter *em, const struct entry *n, const char *place, struct err *e)
{
	const char *id =
	    n->id == NULL ? NULL : cve_normalize(em->arena, n->id, strlen(n->id));
	struct texts links = { 0 };

	if (id == NULL) {
		emit_skipped(em, n->id != NULL ? n->id : place, "cveID is no CVE id");
		return ERR_OK;
	}
	if (n->added == 0) {
		emit_skipped(em, id, "dateAdded is no date");
		return ERR_OK;
	}
	if (n->notes != NULL)
		find_links(em->arena, n->notes, &links);
	return emit_record(em,
	    &(struct record){
		.key = id,
		.source = em->source,
		.id = id,
		.vulnerabilities = &id,
		.n_vulnerabilities = 1,
		.title = n->title,
		.description = n->description,
		.references = links.at,
		.n_references = links.n,
		.cwes = n->cwes.at,
		.n_cwes = n->cwes.n,
		.published = n->added,
		.exploited = n->added,
	    },
	    e);
}

static enum err_code
read_entries(
    struct emitter *em, struct json_reader *r, struct catalogue *c, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_ARRAY, &c->has_entries, e)) != ERR_OK ||
	    !c->has_entries)
		return rc;
	while ((rc = json_item(r, &v, &more, e)) == ERR_OK && more) {
		struct entry n = { 0 };

		const char *place;

		arena_reset(em->arena);
		place = arena_printf(
		    em->arena, "vulnerabilities[%" PRIu64 "]", c->entries++);
		if (v.token != JSON_OBJECT) {
			emit_skipped(em, place, "no object");
			rc = json_skip(r, &v, e);
		} else if ((rc = read_entry(em, r, &n, e)) == ERR_OK) {
			rc = emit_entry(em, &n, place, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_catalogue(
    struct emitter *em, struct json_reader *r, struct catalogue *c, struct err *e)
{
	struct json_value key, v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "vulnerabilities")) {
			rc = read_entries(em, r, c, e);
		} else if (str_eq(key.text, "count")) {
			if ((rc = json_next(r, &v, e)) == ERR_OK) {
				c->has_count = v.token == JSON_NUMBER &&
					       str_u64(v.text, &c->count);
				rc = json_skip(r, &v, e);
			}
		} else {
			c->has_version |= str_eq(key.text, "catalogVersion");
			rc = json_skip_next(r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct json_reader *r = json_reader_new(in);
	struct catalogue c = { 0 };
	struct emitter em;
	enum err_code rc;

	emitter_init(&em, env, sink);
	rc = read_catalogue(&em, r, &c, e);
	if (rc == ERR_OK && (!c.has_entries || (!c.has_count && !c.has_version)))
		rc = err_set(e, ERR_INPUT, "this is no KEV catalogue");
	else if (rc == ERR_OK && c.has_count && c.count != c.entries)
		rc = err_set(e, ERR_INPUT,
		    "the catalogue is cut short: count says %" PRIu64
		    ", entries are %" PRIu64,
		    c.count, c.entries);
	if (rc == ERR_OK)
		rc = emit_end(&em, r, "a KEV catalogue", e);
	emitter_done(&em);
	json_reader_free(r);
	return rc;
}

const struct driver driver_kev = {
	.name = "kev",
	.summary = "CISA's catalogue of known exploited vulnerabilities",
	.source = "kev",
	.source_rank = 2,
	.caps = DRIVER_ENRICHES,
	.says = SAYS_EXPLOITED,
	.revision = 1,
	.parse = parse,
};
