/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secdb - what Alpine, Wolfi and Chainguard have fixed, one document per repository:
 *
 * {"distroversion":"v3.20", "reponame":"main", "packages":[
 *   {"pkg":{"name":"botan", "secfixes":{
 *     "2.9.0-r0":["CVE-2018-20187"], "0":["CVE-2019-1234"]}}}]}
 *
 * A key of "secfixes" is the first version with the fix; "0" says that the package
 * never had the problem.  A name under several versions was fixed several times: every
 * version becomes an entry of the one record PACKAGE/NAME, and "0" beside a real
 * version says nothing.  Packages are source packages (the "origin" of apk).
 *
 * The shapes are loose: "packages" is {}, null or "" in young releases, a list of ids
 * may be null or "", ids are written by hand (secdb_ids.h).  Wolfi and Chainguard have
 * no "distroversion": the configured source says whose they are.
 */
#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/secdb_ids.h"

#define XSA         "https://xenbits.xen.org/xsa/advisory-"
#define ALPINE_VULN "https://security.alpinelinux.org/vuln/"

/* Packages are held back while nothing has said whose they are. */
#define HELD_MAX ((size_t)32 * 1024 * 1024)
/* Texts of ids in one package; Linux kernels have some hundreds. */
#define CLAIMS_MAX 100000

/* VERSION fixes what TEXT names. */
struct claim {
	const char *version, *text;
};

struct package {
	const char *name;
	struct {
		struct claim *at;
		size_t n, cap;
	} claims;
};

struct secdb {
	struct emitter em;
	struct json_reader *r;
	const char *ecosystem; /* NULL: not known yet */
	struct arena *kept;    /* owned: the ecosystem's name, packages held back */
	struct {
		struct package *at;
		size_t n, cap;
	} held;
	bool has_head, has_packages;
	size_t n_packages;
};

/* ---- one package: from claims to records ---- */

/* One id and the versions that fix it. */
struct fix {
	const char *id;
	struct texts versions;
	struct texts aliases, links;
};

struct fixes {
	struct {
		struct fix *at;
		size_t n, cap;
	} list;
	struct strmap *index; /* owned: id -> place in list */
	/* owned: other id -> 1 + place of the one CVE that it stands beside, or MANY */
	struct strmap *beside;
};

#define MANY UINT64_MAX

static size_t
find_fix(struct arena *a, struct fixes *f, const char *id)
{
	bool is_new;
	uint64_t *place = strmap_put(f->index, id, &is_new);

	if (is_new) {
		*place = f->list.n;
		ARENA_PUSH(a, &f->list)->id = id;
	}
	return (size_t)*place;
}

/*
 * Another id beside one CVE is another name for it; beside several ("XSA-254" stands
 * beside five) it is the name of a bundle, and an alias of none.
 */
static void
note_beside(
    struct fixes *f, const struct texts *cves, const struct texts *others, size_t place)
{
	for (size_t i = 0; i < others->n; i++) {
		uint64_t *seen = strmap_put(f->beside, others->at[i], NULL);

		if (cves->n != 1 || (*seen != 0 && *seen != place + 1))
			*seen = MANY;
		else
			*seen = place + 1;
	}
}

/* "0" adds nothing: a fix without any version is what it stands for. */
static void
add_version(struct arena *a, struct fix *fix, const char *version)
{
	if (!str_eq(version, "0"))
		texts_add(a, &fix->versions, version);
}

static void
add_links(struct arena *a, struct fix *fix, const struct texts *others)
{
	for (size_t i = 0; i < others->n; i++)
		if (str_starts(others->at[i], "XSA-"))
			texts_add(a, &fix->links,
			    arena_printf(a, XSA "%s.html", others->at[i] + 4));
}

static void
add_claim(
    struct emitter *em, struct fixes *f, const char *package, const struct claim *c)
{
	struct texts cves = { 0 }, others = { 0 };
	struct arena *a = em->arena;

	secdb_ids(a, c->text, &cves, &others);
	for (size_t i = 0; i < cves.n; i++) {
		size_t place = find_fix(a, f, cves.at[i]);

		add_version(a, &f->list.at[place], c->version);
		add_links(a, &f->list.at[place], &others);
		note_beside(f, &cves, &others, place);
	}
	if (cves.n == 0 && others.n > 0) {
		/* the first is the name, the rest are other names for it */
		size_t place = find_fix(a, f, others.at[0]);
		struct fix *fix = &f->list.at[place];

		add_version(a, fix, c->version);
		add_links(a, fix, &others);
		for (size_t i = 1; i < others.n; i++)
			texts_add(a, &fix->aliases, others.at[i]);
	} else if (cves.n == 0) {
		emit_skipped(em, arena_printf(a, "%s/%s", package, c->text),
		    "no id of a vulnerability");
	}
}

static void
add_aliases(struct arena *a, struct fixes *f)
{
	const char *name;

	for (size_t i = 0; (name = strmap_key(f->beside, i)) != NULL; i++) {
		uint64_t place = strmap_value(f->beside, i);

		if (place != MANY)
			texts_add(
			    a, &f->list.at[place - 1].aliases, arena_strdup(a, name));
	}
}

static struct affected *
entries_of(struct arena *a, const struct fix *fix, const char *ecosystem,
    const char *package, size_t *ret_n)
{
	size_t n = fix->versions.n > 0 ? fix->versions.n : 1;
	struct affected *list = arena_array(a, n, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = (struct affected){
			.ecosystem = ecosystem,
			.stream = "",
			.package = package,
			.kind = KIND_SOURCE,
			.module = "",
			.fixed = fix->versions.n > 0 ? fix->versions.at[i] : NULL,
			.status =
			    fix->versions.n > 0 ? STATUS_FIXED : STATUS_NOT_AFFECTED,
		};
	*ret_n = n;
	return list;
}

static enum err_code
emit_fix(struct secdb *db, const char *package, struct fix *fix, struct err *e)
{
	struct arena *a = db->em.arena;
	struct record r = {
		.key = arena_printf(a, "%s/%s", package, fix->id),
		.source = db->em.source,
		.id = fix->id,
		.vulnerabilities = &fix->id,
		.n_vulnerabilities = 1,
		.aliases = fix->aliases.at,
		.n_aliases = fix->aliases.n,
	};

	if (str_starts(db->ecosystem, "alpine:") && str_starts(fix->id, "CVE-"))
		texts_add(a, &fix->links, arena_printf(a, ALPINE_VULN "%s", fix->id));
	r.references = fix->links.at;
	r.n_references = fix->links.n;
	r.affected = entries_of(a, fix, db->ecosystem, package, &r.n_affected);
	return emit_record(&db->em, &r, e);
}

static enum err_code
emit_package(struct secdb *db, const struct package *p, struct err *e)
{
	struct fixes f = { .index = strmap_new(), .beside = strmap_new() };
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < p->claims.n && rc == ERR_OK; i++) {
		add_claim(&db->em, &f, p->name, &p->claims.at[i]);
		rc = emit_room(&db->em, e);
	}
	add_aliases(db->em.arena, &f);
	for (size_t i = 0; i < f.list.n && rc == ERR_OK; i++)
		rc = emit_fix(db, p->name, &f.list.at[i], e);
	strmap_free(f.beside);
	strmap_free(f.index);
	return rc;
}

/* ---- reading a package ---- */

static enum err_code
add_text(struct secdb *db, const struct json_value *v, const char *version,
    struct package *p, struct err *e)
{
	const char *text = utf8_clean(db->em.arena, v->text, v->len, MAX_NAME, true);
	struct claim *c;

	if (text[strspn(text, " ")] == '\0')
		return ERR_OK;
	if (p->claims.n == CLAIMS_MAX)
		return err_set(
		    e, ERR_LIMIT, "a package with more than %d fixes", CLAIMS_MAX);
	c = ARENA_PUSH(db->em.arena, &p->claims);
	c->version = version;
	c->text = text;
	return emit_room(&db->em, e);
}

/* A list of ids, or one id; null and "" are no ids. */
static enum err_code
read_ids(struct secdb *db, const char *version, struct package *p, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_next(db->r, &v, e)) != ERR_OK)
		return rc;
	if (v.token == JSON_STRING)
		return add_text(db, &v, version, p, e);
	if (v.token != JSON_ARRAY)
		return json_skip(db->r, &v, e);
	while ((rc = json_item(db->r, &v, &more, e)) == ERR_OK && more) {
		if (v.token == JSON_STRING)
			rc = add_text(db, &v, version, p, e);
		else
			rc = json_skip(db->r, &v, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_secfixes(struct secdb *db, struct package *p, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(db->r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_key(db->r, &key, &more, e)) == ERR_OK && more) {
		const char *version =
		    utf8_clean(db->em.arena, key.text, key.len, MAX_NAME, true);

		version = str_trim(db->em.arena, version, strlen(version));
		if (version_is_sane(version)) {
			rc = read_ids(db, version, p, e);
		} else {
			emit_skipped(&db->em, version, "no version of a package");
			rc = json_skip_next(db->r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* {"pkg":{"name":...,"secfixes":{...}}}; the name may stand behind the fixes. */
static enum err_code
read_pkg(struct secdb *db, struct package *p, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(db->r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_key(db->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "name"))
			rc =
			    emit_text(&db->em, db->r, MAX_NAME, TEXT_LINE, &p->name, e);
		else if (str_eq(key.text, "secfixes"))
			rc = read_secfixes(db, p, e);
		else
			rc = json_skip_next(db->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Copy P out of the arena of the moment, until the ecosystem is known. */
static enum err_code
hold(struct secdb *db, const struct package *p, struct err *e)
{
	struct package *mine = ARENA_PUSH(db->kept, &db->held);
	const char *last = NULL, *copy = NULL;

	mine->name = arena_strdup(db->kept, p->name);
	mine->claims.at = arena_array(db->kept, p->claims.n, sizeof(*mine->claims.at));
	mine->claims.n = p->claims.n;
	for (size_t i = 0; i < p->claims.n; i++) {
		if (p->claims.at[i].version != last) {
			last = p->claims.at[i].version;
			copy = arena_strdup(db->kept, last);
		}
		mine->claims.at[i].version = copy;
		mine->claims.at[i].text = arena_strdup(db->kept, p->claims.at[i].text);
	}
	if (arena_used(db->kept) > HELD_MAX)
		return err_set(e, ERR_LIMIT,
		    "distroversion does not stand before the packages, and these are "
		    "too many to be kept");
	return ERR_OK;
}

static enum err_code
read_item(struct secdb *db, const struct json_value *first, struct err *e)
{
	struct package p = { 0 };
	struct json_value key;
	bool more = true;
	enum err_code rc;

	arena_reset(db->em.arena);
	db->n_packages++;
	if (first->token != JSON_OBJECT) {
		rc = json_skip(db->r, first, e);
		more = false;
	} else {
		rc = ERR_OK;
	}
	while (rc == ERR_OK && more &&
	       (rc = json_key(db->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "pkg"))
			rc = read_pkg(db, &p, e);
		else
			rc = json_skip_next(db->r, e);
	}
	if (rc != ERR_OK)
		return rc;
	if (p.name == NULL || !package_is_sane(p.name)) {
		emit_skipped(&db->em,
		    arena_printf(db->em.arena, "packages[%zu]", db->n_packages - 1),
		    "no name of a package");
		return ERR_OK;
	}
	return db->ecosystem != NULL ? emit_package(db, &p, e) : hold(db, &p, e);
}

/* ---- the document ---- */

/* "v3.20" is alpine:3.20, "edge" is alpine:edge. */
static enum err_code
read_distroversion(struct secdb *db, struct err *e)
{
	const char *text, *p;
	enum err_code rc;

	arena_reset(db->em.arena);
	rc = emit_text(&db->em, db->r, MAX_NAME, TEXT_LINE, &text, e);
	if (rc != ERR_OK || text == NULL || db->ecosystem != NULL)
		return rc;
	p = text[0] == 'v' ? text + 1 : text;
	if (!str_eq(text, "edge")) {
		size_t major = strspn(p, "0123456789");
		size_t minor =
		    p[major] == '.' ? strspn(p + major + 1, "0123456789") : 0;

		if (major == 0 || minor == 0 || major > 4 || minor > 4 ||
		    p[major + 1 + minor] != '\0')
			return err_set(e, ERR_INPUT,
			    "distroversion \"%s\" is no release of Alpine", text);
	}
	db->ecosystem = arena_printf(db->kept, "alpine:%s", p);
	return ERR_OK;
}

/* "packages": a list; {}, null and "" are the empty one. */
static enum err_code
read_packages(struct secdb *db, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_next(db->r, &v, e)) != ERR_OK)
		return rc;
	db->has_packages = true;
	switch (v.token) {
	case JSON_ARRAY:
		while ((rc = json_item(db->r, &v, &more, e)) == ERR_OK && more)
			if ((rc = read_item(db, &v, e)) != ERR_OK)
				return rc;
		return rc;
	case JSON_OBJECT:
		if ((rc = json_key(db->r, &v, &more, e)) != ERR_OK || !more)
			return rc;
		break;
	case JSON_STRING:
		if (v.len == 0)
			return ERR_OK;
		break;
	case JSON_NULL:
		return ERR_OK;
	default:
		break;
	}
	return err_set(e, ERR_INPUT, "packages is no list");
}

static bool
is_head(const char *key)
{
	return str_eq(key, "distroversion") || str_eq(key, "reponame") ||
	       str_eq(key, "urlprefix") || str_eq(key, "apkurl");
}

static enum err_code
read_keys(struct secdb *db, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(db->r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_key(db->r, &key, &more, e)) == ERR_OK && more) {
		db->has_head |= is_head(key.text);
		if (str_eq(key.text, "distroversion"))
			rc = read_distroversion(db, e);
		else if (str_eq(key.text, "packages"))
			rc = read_packages(db, e);
		else
			rc = json_skip_next(db->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_document(struct secdb *db, struct err *e)
{
	enum err_code rc = read_keys(db, e);

	if (rc != ERR_OK)
		return rc;
	if (!db->has_packages || !db->has_head)
		return err_set(e, ERR_INPUT, "this is no secdb");
	if (db->ecosystem == NULL)
		return err_set(e, ERR_INPUT,
		    "no distroversion, and source \"%s\" names no system without "
		    "releases",
		    db->em.source);
	for (size_t i = 0; i < db->held.n && rc == ERR_OK; i++) {
		arena_reset(db->em.arena);
		rc = emit_package(db, &db->held.at[i], e);
	}
	return rc == ERR_OK ? emit_end(&db->em, db->r, "a secdb", e) : rc;
}

/* A source that is itself an ecosystem ("wolfi") has no releases; NULL for others. */
static const char *
rolling_ecosystem(const char *source)
{
	const struct ecosystem *row;

	for (size_t i = 0; (row = ecosystem_at(i)) != NULL; i++)
		if (str_eq(row->name, source) && str_eq(row->scheme, "apk"))
			return row->name;
	return NULL;
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct secdb db = { .r = json_reader_new(in), .kept = arena_new() };
	enum err_code rc;

	emitter_init(&db.em, env, sink);
	db.ecosystem = rolling_ecosystem(env->source);
	rc = read_document(&db, e);
	emitter_done(&db.em);
	arena_free(db.kept);
	json_reader_free(db.r);
	return rc;
}

const struct driver driver_secdb = {
	.name = "secdb",
	.summary =
	    "security database of Alpine, Wolfi, Chainguard or MinimOS (secdb JSON)",
	.source = "alpine",
	.source_rank = 0,
	.says = SAYS_FIXED | SAYS_NOT_AFFECTED,
	.revision = 1,
	.parse = parse,
};
