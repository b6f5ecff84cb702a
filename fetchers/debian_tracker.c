/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debian_tracker - Debian's security tracker, everything in one document of some 70 MB:
 *
 * {"openssl": {
 *    "CVE-2023-5678": {"description":..., "debianbug":1055473, "releases": {
 *       "bookworm": {"status":"open|resolved|undetermined", "fixed_version":"3.0.13-1",
 *          "urgency":"not yet assigned", "nodsa":"Minor issue",
 *          "nodsa_reason":""|"ignored"|"postponed", "repositories":{...}}}}}}
 *
 * Package first, so a CVE that concerns three packages is three records, PACKAGE/CVE.
 * Only one of them is in memory at a time.  Versions and packages are those of source
 * packages; "resolved" in version "0" is the tracker's way to say "never affected".
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

#define TRACKER "https://security-tracker.debian.org/tracker/"
#define BUGS    "https://bugs.debian.org/"

/* Codenames met in this document; Debian has fewer than ten at a time. */
#define MAX_RELEASES 32

struct release {
	char codename[64];
	const char *ecosystem; /* NULL: not in the table */
	uint64_t entries;      /* of an unknown release: how many were left out */
};

struct tracker {
	struct emitter em;
	struct json_reader *r;
	struct release releases[MAX_RELEASES];
	size_t n_releases;
	uint64_t n_beyond; /* entries of releases beyond MAX_RELEASES */
	char package[PACKAGE_MAX + 1];
};

/* What the tracker says about one package in one release. */
struct says {
	const char *status, *fixed_version, *urgency, *nodsa, *nodsa_reason;
};

struct entries {
	struct affected *at;
	size_t n, cap;
};

/* One record in the making. */
struct draft {
	const char *key, *id, *description, *bug;
	struct entries entries;
	enum severity severity;
	const char *urgency; /* the word that SEVERITY was taken from */
	bool has_releases;
};

/* ---- words ---- */

static enum severity
severity_of_urgency(const char *urgency)
{
	static const struct {
		const char *word;
		enum severity severity;
	} words[] = {
		{ "high", SEVERITY_HIGH },
		{ "medium", SEVERITY_MEDIUM },
		{ "low", SEVERITY_LOW },
		{ "unimportant", SEVERITY_NEGLIGIBLE },
	};
	/* a star or two say that the urgency was computed, not set by hand */
	size_t len = urgency == NULL ? 0 : strcspn(urgency, "*");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len &&
		    strncmp(words[i].word, urgency, len) == 0)
			return words[i].severity;
	return SEVERITY_UNKNOWN;
}

/* An open entry: will there be a fix, and if not, what does Debian call that? */
static void
judge_open(const struct says *s, struct affected *a)
{
	a->status = STATUS_AFFECTED;
	if (str_eq(s->urgency, "end-of-life")) {
		a->status = STATUS_END_OF_LIFE;
		a->vendor_state = "end-of-life";
	} else if (str_eq(s->nodsa_reason, "ignored")) {
		a->status = STATUS_WONT_FIX;
		a->vendor_state = "ignored";
	} else if (str_eq(s->nodsa_reason, "postponed")) {
		a->status = STATUS_DEFERRED;
		a->vendor_state = "postponed";
	} else if (s->nodsa != NULL || s->nodsa_reason != NULL) {
		a->vendor_state = "no-dsa";
	}
}

static void
judge(const struct says *s, struct affected *a)
{
	if (str_eq(s->status, "open")) {
		judge_open(s, a);
	} else if (str_eq(s->status, "resolved") && str_eq(s->fixed_version, "0")) {
		a->status = STATUS_NOT_AFFECTED;
	} else if (str_eq(s->status, "resolved") && s->fixed_version != NULL) {
		a->status = STATUS_FIXED;
		a->fixed = s->fixed_version;
	} else {
		/* "undetermined", or a word of tomorrow */
		a->status = STATUS_UNKNOWN;
		a->vendor_state = s->status;
	}
}

/* ---- one release of one record ---- */

/* The ecosystem of a codename; looked up in the table once per document. */
static struct release *
find_release(struct tracker *t, const char *codename)
{
	struct release *r;

	for (size_t i = 0; i < t->n_releases; i++)
		if (strcmp(t->releases[i].codename, codename) == 0)
			return &t->releases[i];
	if (t->n_releases == MAX_RELEASES ||
	    strlen(codename) >= sizeof(t->releases[0].codename))
		return NULL;
	r = &t->releases[t->n_releases++];
	(void)snprintf(r->codename, sizeof(r->codename), "%s", codename);
	r->ecosystem = ecosystem_of_codename("debian", codename);
	return r;
}

static enum err_code
read_says(struct tracker *t, struct says *s, bool *ret_is_there, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(t->r, JSON_OBJECT, ret_is_there, e)) != ERR_OK ||
	    !*ret_is_there)
		return rc;
	while ((rc = json_key(t->r, &key, &more, e)) == ERR_OK && more) {
		const char **field = NULL;

		if (str_eq(key.text, "status"))
			field = &s->status;
		else if (str_eq(key.text, "fixed_version"))
			field = &s->fixed_version;
		else if (str_eq(key.text, "urgency"))
			field = &s->urgency;
		else if (str_eq(key.text, "nodsa"))
			field = &s->nodsa;
		else if (str_eq(key.text, "nodsa_reason"))
			field = &s->nodsa_reason;
		if (field == NULL)
			rc = json_skip_next(t->r, e);
		else
			rc = emit_text(&t->em, t->r, MAX_NAME, TEXT_LINE, field, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_release(struct tracker *t, const char *codename, struct draft *d, struct err *e)
{
	struct release *release = find_release(t, codename);
	struct says s = { 0 };
	struct affected *a;
	bool is_there;
	enum err_code rc;

	if (release == NULL || release->ecosystem == NULL) {
		*(release != NULL ? &release->entries : &t->n_beyond) += 1;
		return json_skip_next(t->r, e);
	}
	if ((rc = read_says(t, &s, &is_there, e)) != ERR_OK || !is_there)
		return rc;
	if (s.fixed_version != NULL && !version_is_sane(s.fixed_version)) {
		emit_skipped(&t->em, d->key,
		    arena_printf(t->em.arena, "%s: \"%s\" is no version",
			release->codename, s.fixed_version));
		return ERR_OK;
	}
	a = ARENA_PUSH(t->em.arena, &d->entries);
	*a = (struct affected){
		.ecosystem = release->ecosystem,
		.stream = "",
		.package = t->package,
		.kind = KIND_SOURCE,
		.module = "",
		.severity = severity_of_urgency(s.urgency),
		.vendor_severity = s.urgency,
	};
	judge(&s, a);
	if (d->urgency == NULL || a->severity > d->severity) {
		d->severity = a->severity;
		d->urgency = s.urgency;
	}
	return ERR_OK;
}

static enum err_code
read_releases(struct tracker *t, struct draft *d, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(t->r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	d->has_releases = true;
	while ((rc = json_key(t->r, &key, &more, e)) == ERR_OK && more) {
		char codename[sizeof(t->releases[0].codename)];

		/* the reader's text is gone with the next token */
		(void)snprintf(codename, sizeof(codename), "%s", key.text);
		if ((rc = read_release(t, codename, d, e)) != ERR_OK)
			return rc;
		if (d->entries.n > MAX_AFFECTED)
			return err_set(e, ERR_LIMIT, "%s: too many releases", d->key);
	}
	return rc;
}

/* ---- one record ---- */

static enum err_code
emit_draft(struct tracker *t, const struct draft *d, struct err *e)
{
	struct texts links = { 0 };
	const char *id = d->id;
	uint64_t bug;

	texts_add(t->em.arena, &links, arena_printf(t->em.arena, TRACKER "%s", id));
	if (d->bug != NULL && str_u64(d->bug, &bug))
		texts_add(t->em.arena, &links,
		    arena_printf(t->em.arena, BUGS "%" PRIu64, bug));
	return emit_record(&t->em,
	    &(struct record){
		.key = d->key,
		.source = t->em.source,
		.id = id,
		.vulnerabilities = &id,
		.n_vulnerabilities = 1,
		.description = d->description,
		.references = links.at,
		.n_references = links.n,
		.severity = d->severity,
		.vendor_severity = d->urgency,
		.affected = d->entries.at,
		.n_affected = d->entries.n,
	    },
	    e);
}

static enum err_code
read_fields(struct tracker *t, struct draft *d, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(t->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "description"))
			rc = emit_text(
			    &t->em, t->r, MAX_TEXT, TEXT_LINES, &d->description, e);
		else if (str_eq(key.text, "debianbug"))
			rc = json_text(t->r, t->em.arena, &d->bug, e);
		else if (str_eq(key.text, "releases"))
			rc = read_releases(t, d, e);
		else
			rc = json_skip_next(t->r, e);
		if (rc == ERR_OK)
			rc = emit_room(&t->em, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* The tracker's names: CVE ids, and TEMP- ids for what has none yet. */
static const char *
normal_id(struct arena *a, const char *text, size_t len)
{
	const char *id = cve_normalize(a, text, len);

	if (id == NULL && strlen(text) == len && str_starts(text, "TEMP-") &&
	    package_is_sane(text))
		id = arena_strndup(a, text, len);
	return id;
}

static enum err_code
read_record(struct tracker *t, const struct json_value *key, struct err *e)
{
	struct arena *a = t->em.arena;
	struct draft d = { 0 };
	bool is_object;
	enum err_code rc;

	arena_reset(a);
	d.id = normal_id(a, key->text, key->len);
	d.key = arena_printf(a, "%s/%s", t->package,
	    d.id != NULL ? d.id : utf8_clean(a, key->text, key->len, MAX_NAME, true));
	if (d.id == NULL) {
		emit_skipped(&t->em, d.key, "neither a CVE nor a TEMP id");
		return json_skip_next(t->r, e);
	}
	if ((rc = json_enter(t->r, JSON_OBJECT, &is_object, e)) != ERR_OK)
		return rc;
	if (is_object && (rc = read_fields(t, &d, e)) != ERR_OK)
		return rc;
	if (!d.has_releases) {
		emit_skipped(&t->em, d.key, "no releases");
		return ERR_OK;
	}
	/* nothing but releases that are not followed: no statement, no record */
	return d.entries.n > 0 ? emit_draft(t, &d, e) : ERR_OK;
}

/* ---- the document ---- */

static enum err_code
read_package(struct tracker *t, const struct json_value *name, struct err *e)
{
	struct json_value key;
	bool is_object, more;
	enum err_code rc;

	if (strlen(name->text) != name->len || !package_is_sane(name->text)) {
		emit_skipped(&t->em, name->text, "no name of a package");
		return json_skip_next(t->r, e);
	}
	memcpy(t->package, name->text, name->len + 1);
	if ((rc = json_enter(t->r, JSON_OBJECT, &is_object, e)) != ERR_OK)
		return rc;
	if (!is_object)
		return err_set(e, ERR_INPUT,
		    "\"%s\" does not hold vulnerabilities: this is not the tracker's "
		    "document",
		    t->package);
	while ((rc = json_key(t->r, &key, &more, e)) == ERR_OK && more)
		if ((rc = read_record(t, &key, e)) != ERR_OK)
			return rc;
	return rc;
}

/* New releases appear in the tracker before they are known here: say so, once each. */
static void
report_unknown(struct tracker *t)
{
	arena_reset(t->em.arena);
	for (size_t i = 0; i < t->n_releases; i++) {
		const struct release *r = &t->releases[i];

		if (r->ecosystem == NULL)
			emit_skipped(&t->em, r->codename,
			    arena_printf(t->em.arena,
				"a release that is not known here; %" PRIu64
				" statements left out",
				r->entries));
	}
	if (t->n_beyond > 0)
		emit_skipped(&t->em, "releases",
		    arena_printf(t->em.arena,
			"more releases than Debian has; %" PRIu64
			" statements left out",
			t->n_beyond));
}

static enum err_code
read_document(struct tracker *t, struct err *e)
{
	struct json_value key;
	bool is_object, more;
	enum err_code rc;

	if ((rc = json_enter(t->r, JSON_OBJECT, &is_object, e)) != ERR_OK)
		return rc;
	if (!is_object)
		return err_set(e, ERR_INPUT, "this is not the tracker's document");
	while ((rc = json_key(t->r, &key, &more, e)) == ERR_OK && more)
		if ((rc = read_package(t, &key, e)) != ERR_OK)
			return rc;
	if (rc != ERR_OK)
		return rc;
	report_unknown(t);
	return emit_end(&t->em, t->r, "the tracker's document", e);
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct tracker t = { .r = json_reader_new(in) };
	enum err_code rc;

	emitter_init(&t.em, env, sink);
	rc = read_document(&t, e);
	emitter_done(&t.em);
	json_reader_free(t.r);
	return rc;
}

const struct driver driver_debian_tracker = {
	.name = "debian_tracker",
	.summary = "Debian's security tracker (data/json)",
	.source = "debian",
	.source_rank = 0,
	.says = SAYS_FIXED | SAYS_UNFIXED | SAYS_NOT_AFFECTED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
};
