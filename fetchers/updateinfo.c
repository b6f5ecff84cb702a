/* SPDX-License-Identifier: Apache-2.0 */
/*
 * updateinfo - the notices of an rpm-md repository (Amazon, Fedora, EPEL, Rocky, Alma):
 *
 * <updates>
 *  <update type="security" status="final">
 *   <id>ALAS2-2022-1764</id> <title>..</title> <severity>important</severity>
 *   <issued date="2022-03-07 23:26"/> <updated date="2022-03-10 21:07"/>
 *   <references><reference type="cve" id="CVE-2021-4034" href=".."/></references>
 *   <pkglist><collection short="amazon-linux-2">
 *    <module name="nodejs" stream="18" .../>
 *    <package name="polkit" epoch="0" version="0.112" release="26.amzn2.1" arch="x86_64"/>
 *   </collection></pkglist>
 *  </update>
 * </updates>
 *
 * A notice lists the binary packages that have the fix, architecture by architecture; it
 * never says what is still open or not affected.  Notices that are no security notices
 * are passed over.  Whose packages they are says the collection, else the feed's
 * configuration, else the tag in the release (".fc43", ".amzn2").  A repository beside the
 * core one ("amazon-linux-2---docker") is a stream of its own: the same package is in both
 * with versions that have nothing to do with each other.
 */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "core/xml_read.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/updateinfo.h"
#include "fetchers/vendor.h"

/* Whose packages a collection holds. */
struct home {
	const char *ecosystem; /* NULL = it does not say */
	const char *stream;
};

struct fixes {
	struct affected *at;
	size_t n, cap;
};

/* One notice. */
struct notice {
	const char *id, *title, *severity, *description, *broken;
	int64_t issued, updated;
	struct texts cves, links;
	struct fixes fixes;
	struct strmap *places; /* owned: what is fixed -> 1 + its place in 'fixes' */
	bool security;
};

struct updateinfo {
	struct emitter em;
	struct xml_reader *r;
	const struct parse_env *env;
	uint64_t notices;
};

/* ---- whose packages? ---- */

/* FAMILY and the digits at P, "fedora:43"; NULL if there are none. */
static const char *
numbered(struct arena *a, const char *family, const char *p)
{
	size_t digits = strspn(p, "0123456789");

	return digits == 0 ? NULL : arena_printf(a, "%s:%.*s", family, (int)digits, p);
}

static struct home
home_of_amazon(struct arena *a, const char *rest)
{
	const char *extra = strstr(rest, "---");
	struct home h = { .stream = "" };

	h.ecosystem = str_starts(rest, "ami") ? "amzn:1" : numbered(a, "amzn", rest);
	if (extra != NULL)
		h.stream = arena_printf(a, "extras:%s", extra + 3);
	return h;
}

static struct home
home_of_collection(struct arena *a, const char *name)
{
	static const struct {
		const char *prefix, *family;
	} rows[] = {
		{ "rocky-linux-", "rocky" },
		{ "almalinux-", "almalinux" },
		{ "FEDORA-EPEL-", "epel" },
		{ "EPEL-", "epel" },
		{ "EL-", "epel" },
		{ "F", "fedora" },
	};
	static const char amazon[] = "amazon-linux-";

	if (name != NULL && str_starts(name, amazon))
		return home_of_amazon(a, name + sizeof(amazon) - 1);
	for (size_t i = 0; name != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts(name, rows[i].prefix))
			return (struct home){ numbered(a, rows[i].family,
						  name + strlen(rows[i].prefix)),
				"" };
	return (struct home){ NULL, "" };
}

/* Only tags that one distribution alone has; ".el9" is that of many. */
static const char *
ecosystem_of_release(struct arena *a, const char *release)
{
	const char *tag;

	if ((tag = strstr(release, ".fc")) != NULL)
		return numbered(a, "fedora", tag + 3);
	if ((tag = strstr(release, ".amzn")) != NULL)
		return numbered(a, "amzn", tag + 5);
	return NULL;
}

/* ---- packages ---- */

static void
add_arch(struct arena *a, struct affected *aff, const char *arch)
{
	const char **more = arena_array(a, aff->n_archs + 1, sizeof(*more));

	for (size_t i = 0; i < aff->n_archs; i++) {
		if (str_eq(aff->archs[i], arch))
			return;
		more[i] = aff->archs[i];
	}
	more[aff->n_archs++] = arch;
	aff->archs = more;
}

/* The same fix for another architecture is one entry; "noarch" fits every one. */
static void
add_fix(struct updateinfo *u, struct notice *n, const struct affected *fix,
    const char *arch)
{
	struct arena *a = u->em.arena;
	const char *what = arena_printf(a, "%s %s %s %s %s %s", fix->ecosystem,
	    fix->stream, fix->module, fix->package, fix->fixed,
	    str_eq(arch, "noarch") ? "noarch" : "");
	uint64_t *place = strmap_put(n->places, what, NULL);
	struct affected *to;

	if (*place == 0) {
		*ARENA_PUSH(a, &n->fixes) = *fix;
		*place = n->fixes.n;
	}
	to = &n->fixes.at[*place - 1];
	if (!str_eq(arch, "noarch"))
		add_arch(a, to, arch);
}

/* A notice that cannot be told whole is not told. */
static void
break_notice(struct updateinfo *u, struct notice *n, const char *what, const char *name)
{
	if (n->broken == NULL)
		n->broken = arena_printf(u->em.arena, "%s: %s", what, name);
}

/* Attribute NAME of V, in the arena; NULL = absent or empty. */
static const char *
attribute(struct updateinfo *u, const struct xml_value *v, const char *name)
{
	const char *text = xml_attribute(v, name);

	return text == NULL
		   ? NULL
		   : emit_clean(&u->em, text, strlen(text), MAX_NAME, TEXT_LINE);
}

static void
read_package(struct updateinfo *u, struct notice *n, const struct home *home,
    const char *module, const struct xml_value *v)
{
	const char *name = attribute(u, v, "name"), *arch = attribute(u, v, "arch");
	const char *version = attribute(u, v, "version");
	const char *release = attribute(u, v, "release");
	struct affected fix = {
		.ecosystem = home->ecosystem,
		.stream = home->stream,
		.package = name,
		.kind = KIND_BINARY,
		.module = module,
		.status = STATUS_FIXED,
	};

	if (str_eq(arch, "src") || str_eq(arch, "nosrc"))
		return;
	if (name == NULL || version == NULL || release == NULL || arch == NULL) {
		break_notice(u, n, "a package without name, version, release or arch",
		    str_or_empty(name));
		return;
	}
	fix.fixed = rpm_evr(u->em.arena, attribute(u, v, "epoch"), version, release);
	if (fix.ecosystem == NULL)
		fix.ecosystem = u->env->ecosystem;
	if (fix.ecosystem == NULL)
		fix.ecosystem = ecosystem_of_release(u->em.arena, release);
	if (!package_is_sane(name) || !version_is_sane(fix.fixed))
		break_notice(u, n, "no version of a package", name);
	else if (fix.ecosystem == NULL)
		break_notice(u, n, "nothing says whose package this is", name);
	else
		add_fix(u, n, &fix, arch);
}

static enum err_code
read_collection(struct updateinfo *u, struct notice *n, const struct xml_value *start,
    struct err *e)
{
	struct home home =
	    home_of_collection(u->em.arena, attribute(u, start, "short"));
	const char *module = "";
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(u->r, &v, &more, e)) == ERR_OK && more) {
		if (str_eq(v.name, "module") && xml_attribute(&v, "name") != NULL)
			module =
			    arena_printf(u->em.arena, "%s:%s", attribute(u, &v, "name"),
				str_or_empty(attribute(u, &v, "stream")));
		else if (str_eq(v.name, "package"))
			read_package(u, n, &home, module, &v);
		if ((rc = xml_skip(u->r, e)) != ERR_OK ||
		    (rc = emit_room(&u->em, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_packages(struct updateinfo *u, struct notice *n, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(u->r, &v, &more, e)) == ERR_OK && more) {
		rc = str_eq(v.name, "collection") ? read_collection(u, n, &v, e)
						  : xml_skip(u->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* ---- a notice ---- */

static enum err_code
read_references(struct updateinfo *u, struct notice *n, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(u->r, &v, &more, e)) == ERR_OK && more) {
		const char *href = attribute(u, &v, "href");

		if (str_eq(xml_attribute(&v, "type"), "cve"))
			texts_add_cves(u->em.arena, &n->cves, attribute(u, &v, "id"));
		if (href != NULL &&
		    (str_starts(href, "https://") || str_starts(href, "http://")))
			texts_add(u->em.arena, &n->links, href);
		if ((rc = xml_skip(u->r, e)) != ERR_OK ||
		    (rc = emit_room(&u->em, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

/* "2023-02-17 20:41:00", or seconds since 1970. */
static enum err_code
read_date(struct updateinfo *u, const struct xml_value *v, int64_t *ret, struct err *e)
{
	const char *text = attribute(u, v, "date");

	if (text != NULL && !time_parse(text, ret) && (!str_i64(text, ret) || *ret < 0))
		*ret = 0;
	return xml_skip(u->r, e);
}

static enum err_code
read_field(
    struct updateinfo *u, struct notice *n, const struct xml_value *v, struct err *e)
{
	if (str_eq(v->name, "id"))
		return emit_xml(&u->em, u->r, MAX_NAME, TEXT_LINE, &n->id, e);
	if (str_eq(v->name, "title"))
		return emit_xml(&u->em, u->r, MAX_TITLE, TEXT_LINE, &n->title, e);
	if (str_eq(v->name, "severity"))
		return emit_xml(&u->em, u->r, MAX_NAME, TEXT_LINE, &n->severity, e);
	if (str_eq(v->name, "description"))
		return emit_xml(&u->em, u->r, MAX_TEXT, TEXT_LINES, &n->description, e);
	if (str_eq(v->name, "issued"))
		return read_date(u, v, &n->issued, e);
	if (str_eq(v->name, "updated"))
		return read_date(u, v, &n->updated, e);
	if (str_eq(v->name, "references"))
		return read_references(u, n, e);
	if (str_eq(v->name, "pkglist"))
		return read_packages(u, n, e);
	return xml_skip(u->r, e);
}

/* Without references the prose names them; without any, the notice names itself. */
static void
name_vulnerabilities(struct updateinfo *u, struct notice *n)
{
	if (n->cves.n == 0)
		texts_add_cves(u->em.arena, &n->cves, n->title);
	if (n->cves.n == 0)
		texts_add_cves(u->em.arena, &n->cves, n->description);
	if (n->cves.n == 0)
		texts_add(u->em.arena, &n->cves, n->id);
}

static enum err_code
emit_notice(struct updateinfo *u, struct notice *n, struct err *e)
{
	if (n->fixes.n == 0 && n->broken == NULL)
		return ERR_OK; /* of a module, a container: nothing to hold against */
	if (n->id == NULL || n->broken != NULL) {
		emit_skipped(&u->em,
		    n->id != NULL ? n->id
				  : arena_printf(u->em.arena, "updates[%llu]",
					(unsigned long long)u->notices - 1),
		    n->broken != NULL ? n->broken : "no id");
		return ERR_OK;
	}
	name_vulnerabilities(u, n);
	return emit_record(&u->em,
	    &(struct record){
		.key = n->id,
		.source = u->em.source,
		.id = n->id,
		.vulnerabilities = n->cves.at,
		.n_vulnerabilities = n->cves.n,
		.title = n->title,
		.description = n->description,
		.references = n->links.at,
		.n_references = n->links.n,
		.severity = vendor_severity(n->severity),
		.vendor_severity = n->severity,
		.published = n->issued,
		.modified = n->updated,
		.affected = n->fixes.at,
		.n_affected = n->fixes.n,
	    },
	    e);
}

static enum err_code
read_notice(struct updateinfo *u, struct notice *n, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(u->r, &v, &more, e)) == ERR_OK && more)
		if ((rc = read_field(u, n, &v, e)) != ERR_OK)
			return rc;
	return rc == ERR_OK ? emit_notice(u, n, e) : rc;
}

static enum err_code
read_notices(struct updateinfo *u, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(u->r, &v, &more, e)) == ERR_OK && more) {
		struct notice n = { .places = NULL };

		arena_reset(u->em.arena);
		u->notices++;
		if (str_eq(v.name, "update") &&
		    str_eq(xml_attribute(&v, "type"), "security")) {
			n.places = strmap_new();
			rc = read_notice(u, &n, e);
			strmap_free(n.places);
		} else {
			rc = xml_skip(u->r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_document(struct updateinfo *u, struct err *e)
{
	struct xml_value v;
	enum err_code rc;

	if ((rc = xml_next(u->r, &v, e)) != ERR_OK)
		return rc;
	if (!str_eq(v.name, "updates"))
		return err_set(e, ERR_INPUT, "this is no updateinfo: <%s>", v.name);
	if ((rc = read_notices(u, e)) != ERR_OK ||
	    (rc = xml_next(u->r, &v, e)) != ERR_OK)
		return rc;
	return emit_judge(&u->em, "an updateinfo", e);
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct updateinfo u = { .r = xml_reader_new(in), .env = env };
	enum err_code rc;

	emitter_init(&u.em, env, sink);
	rc = read_document(&u, e);
	emitter_done(&u.em);
	xml_reader_free(u.r);
	return rc;
}

const struct driver driver_updateinfo = {
	.name = "updateinfo",
	.summary = "notices of rpm repositories: Amazon, Fedora, EPEL, Rocky, Alma",
	.source = "updateinfo",
	.source_rank = 0,
	.says = SAYS_FIXED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
	.fetch = updateinfo_fetch,
};
