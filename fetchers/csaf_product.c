/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_product - from a product to a package that feeds and inventories share.
 *
 * A product is a package in a system: "openssl-1:3.0.7-27.el9.x86_64" as a component of
 * "BaseOS-9.4.0.GA".  The system says the ecosystem and the stream, by its CPE (Red Hat,
 * openEuler) or its name (SUSE); the package says the rest, by its purl, or else as a
 * file of rpm is named.  Between the two may stand a module.
 *
 * Much of what vendors speak of is no package that a system has installed: containers,
 * jars, products that are sold.  That is left out without a word.
 */
#include "fetchers/csaf.h"

#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/limits.h"
#include "core/purl.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/openvex.h"
#include "fetchers/vendor.h"

/* A component of a component of ...: more than two were never seen. */
#define MAX_CHAIN 5

/* ---- the system ---- */

struct place {
	struct osv_ecosystem in;
	enum package_kind bare; /* what a name alone, without an architecture, means */
};

/* Whose CPEs name a system as OSV does, vendor for vendor. */
static const struct {
	const char *cpe, *osv;
	enum package_kind bare;
} cpe_vendors[] = {
	{ "redhat:", "Red Hat:", KIND_SOURCE },
	{ "openEuler:openEuler:", "openEuler:", KIND_BINARY },
};

/* Whose names of products do. */
static const struct {
	const char *name, *osv;
} name_vendors[] = {
	{ "SUSE ", "SUSE:" },
	{ "openSUSE ", "openSUSE:" },
};

/* "cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:2.3:o:...": behind the part. */
static const char *
behind_part(const char *cpe)
{
	static const char *const starts[] = { "cpe:/", "cpe:2.3:" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (cpe != NULL && str_starts(cpe, starts[i])) {
			const char *part = cpe + strlen(starts[i]);

			return part[0] != '\0' && part[1] == ':' ? part + 2 : NULL;
		}
	return NULL;
}

static bool
place_of_cpe(struct arena *a, const char *cpe, struct place *ret)
{
	const char *rest = behind_part(cpe);

	for (size_t i = 0;
	     rest != NULL && i < sizeof(cpe_vendors) / sizeof(cpe_vendors[0]); i++)
		if (str_starts(rest, cpe_vendors[i].cpe)) {
			ret->bare = cpe_vendors[i].bare;
			return ecosystem_of_osv(
			    arena_printf(a, "%s%s", cpe_vendors[i].osv,
				rest + strlen(cpe_vendors[i].cpe)),
			    a, &ret->in);
		}
	return false;
}

static bool
place_of_name(struct arena *a, const char *name, struct place *ret)
{
	for (size_t i = 0;
	     name != NULL && i < sizeof(name_vendors) / sizeof(name_vendors[0]); i++)
		if (str_starts(name, name_vendors[i].name)) {
			ret->bare = KIND_BINARY;
			return ecosystem_of_osv(
			    arena_printf(a, "%s%s", name_vendors[i].osv,
				name + strlen(name_vendors[i].name)),
			    a, &ret->in);
		}
	return false;
}

/* ---- the package ---- */

static struct csaf_package
broken(const char *why)
{
	return (struct csaf_package){ .state = CSAF_BROKEN, .why = why };
}

static struct csaf_package
foreign(void)
{
	return (struct csaf_package){ .state = CSAF_FOREIGN };
}

/* "squid:4:8030020200828:30b713e6" is the module squid:4; NULL if it is none. */
static const char *
module_text(struct arena *a, const char *text)
{
	size_t name = strcspn(text, ":"), stream;

	if (name == 0 || text[name] == '\0')
		return NULL;
	stream = strcspn(text + name + 1, ":");
	return stream == 0 ? NULL : arena_strndup(a, text, name + 1 + stream);
}

static bool
is_source_arch(const char *arch)
{
	return str_eq(arch, "src") || str_eq(arch, "nosrc");
}

static void
set_arch(struct csaf_package *p, const char *arch)
{
	if (is_source_arch(arch))
		p->what.kind = KIND_SOURCE;
	else
		p->arch = arch;
}

/* pkg:rpm/redhat/squid@4.15-7.module+el8?arch=x86_64&epoch=7&rpmmod=squid:4:8090:... */
static struct csaf_package
package_of_purl(struct arena *a, const char *text, const struct place *place)
{
	struct csaf_package p = { .state = CSAF_PACKAGE };
	const struct ecosystem *e = ecosystem_find(place->in.ecosystem);
	const char *module;
	struct purl purl;

	if (!purl_parse(text, a, &purl))
		return broken("a package URL that is none");
	if (e == NULL || !str_eq(purl.type, e->purl_type))
		return foreign();
	p.what.package = purl.name;
	p.what.kind = KIND_BINARY;
	set_arch(&p, purl_qualifier(&purl, "arch"));
	module = purl_qualifier(&purl, "rpmmod");
	p.what.module = module == NULL ? NULL : module_text(a, module);
	if (purl.version != NULL)
		p.version =
		    rpm_evr(a, purl_qualifier(&purl, "epoch"), purl.version, NULL);
	return p;
}

/* "x86_64" behind the last dot; a release ends in anything else. */
static bool
is_arch(const char *s)
{
	static const char *const archs[] = { "x86_64", "i386", "i486", "i586", "i686",
		"aarch64", "aarch64_ilp32", "armv6hl", "armv7hl", "arm64", "ppc",
		"ppc64", "ppc64le", "s390", "s390x", "ia64", "riscv64", "loongarch64",
		"noarch", "src", "nosrc", "athlon", "x86_64_v2", "x86_64_v3" };

	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
		if (str_eq(s, archs[i]))
			return true;
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "1.22", "27.el9", "lp151.2.3.1": what no name of a package ends in. */
static bool
is_release(const char *s)
{
	if (str_starts(s, "lp") || str_starts(s, "bp"))
		s += 2;
	return is_digit(s[0]) && strchr(s, '.') != NULL;
}

/* The last dash of S[0..LEN); NULL if there is none behind its first character. */
static char *
last_dash(char *s, size_t len)
{
	while (len > 1)
		if (s[--len] == '-')
			return s + len;
	return NULL;
}

/*
 * NAME-[EPOCH:]VERSION-RELEASE[.ARCH][.rpm], or a name alone: a version begins with a
 * digit and its release has a dot, which sets them apart from the parts of a name.
 */
static void
split_rpm(struct arena *a, const char *text, struct csaf_package *p)
{
	size_t len = strlen(text) - (str_ends(text, ".rpm") ? 4 : 0);
	char *s = arena_strndup(a, text, len), *dot = strrchr(s, '.');
	char *release, *version;

	p->what.package = s;
	if (dot != NULL && is_arch(dot + 1)) {
		*dot = '\0';
		set_arch(p, dot + 1);
	}
	if ((release = last_dash(s, strlen(s))) == NULL || !is_release(release + 1) ||
	    (version = last_dash(s, (size_t)(release - s))) == NULL ||
	    !is_digit(version[1]))
		return;
	*version++ = '\0';
	p->version = str_starts(version, "0:") ? version + 2 : version;
}

/* "log4j:2/log4j" is a package of a module, "rhel8/nodejs-12" a container. */
static struct csaf_package
package_of_name(struct arena *a, const char *text, const struct place *place)
{
	struct csaf_package p = { .state = CSAF_PACKAGE };
	const char *slash = strchr(text, '/');

	p.what.kind = KIND_BINARY;
	if (slash != NULL) {
		p.what.module =
		    module_text(a, arena_strndup(a, text, (size_t)(slash - text)));
		if (p.what.module == NULL)
			return foreign();
		text = slash + 1;
	}
	split_rpm(a, text, &p);
	if (p.version == NULL && p.arch == NULL && p.what.kind == KIND_BINARY)
		p.what.kind = place->bare;
	/* what is left of a colon is a module as a whole, or the parts of a jar's name */
	return strpbrk(p.what.package, ":/") != NULL ? foreign() : p;
}

/* ---- products ---- */

static struct csaf_product *
product_at(struct csaf_document *d, uint32_t number)
{
	return &d->products.at[number];
}

/* The end of the chain of P's components, or of its platforms; NULL if it has none. */
static const struct csaf_product *
end_of(struct csaf_document *d, const struct csaf_product *p, bool of_platforms,
    uint32_t *ret_number)
{
	for (int i = 0; i < MAX_CHAIN; i++) {
		uint32_t next = of_platforms ? p->platform : p->component;

		if (next == CSAF_NONE)
			return p;
		p = product_at(d, next);
		*ret_number = next;
	}
	return NULL;
}

static const char *
name_of(struct csaf_document *d, const struct csaf_product *p, uint32_t number)
{
	return p->name != NULL ? p->name : strmap_key(d->ids, number);
}

/* "pkg:rpmmod/redhat/nodejs@18:8090:..." or "nodejs:18:8090:...": a module's own name. */
static const char *
module_of(struct csaf_document *d, uint32_t number)
{
	const struct csaf_product *p = product_at(d, number);
	struct purl purl;

	if (p->purl == NULL)
		return p->component != CSAF_NONE
			   ? NULL
			   : module_text(d->texts, name_of(d, p, number));
	if (!purl_parse(p->purl, d->texts, &purl) || !str_eq(purl.type, "rpmmod"))
		return NULL;
	return purl.version == NULL
		   ? module_text(d->texts, purl.name)
		   : module_text(d->texts,
			 arena_printf(d->texts, "%s:%s", purl.name, purl.version));
}

/* Of a package in a module in a system, however the two pairs are put together. */
static const char *
module_between(struct csaf_document *d, const struct csaf_product *p)
{
	const struct csaf_product *inner = product_at(d, p->component);
	const struct csaf_product *outer = product_at(d, p->platform);

	if (inner->component != CSAF_NONE)
		return module_of(d, inner->platform);
	if (outer->component != CSAF_NONE)
		return module_of(d, outer->component);
	return NULL;
}

static struct csaf_package
check_package(struct csaf_package p, const struct place *place)
{
	if (p.state != CSAF_PACKAGE)
		return p;
	if (!package_is_sane(p.what.package))
		return broken("the name of a package that is none");
	if (p.version != NULL && !version_is_sane(p.version))
		return broken("a version that is none");
	if (p.arch != NULL && !package_is_sane(p.arch))
		return broken("an architecture that is none");
	p.what.ecosystem = place->in.ecosystem;
	p.what.stream = place->in.stream;
	p.what.module = str_or_empty(p.what.module);
	return p;
}

/* A package of a system. */
static struct csaf_package
part_of(struct csaf_document *d, const struct csaf_product *p)
{
	uint32_t part_number = CSAF_NONE, whole_number = CSAF_NONE;
	const struct csaf_product *part = end_of(d, p, false, &part_number);
	const struct csaf_product *whole = end_of(d, p, true, &whole_number);
	struct csaf_package package;
	const char *module;
	struct place place;

	if (part == NULL || whole == NULL)
		return broken("a product that is a part of itself");
	if (!part->is_known || !whole->is_known)
		return broken(
		    "a part, or a whole, that the product tree does not have");
	if (!place_of_cpe(d->texts, whole->cpe, &place) &&
	    !place_of_name(d->texts, name_of(d, whole, whole_number), &place))
		return foreign();
	package = part->purl != NULL ? package_of_purl(d->texts, part->purl, &place)
				     : package_of_name(d->texts,
					   name_of(d, part, part_number), &place);
	module = module_between(d, p);
	if (package.state == CSAF_PACKAGE && package.what.module == NULL)
		package.what.module = module;
	return check_package(package, &place);
}

/* A product on its own: only its package URL can say that it is a package. */
static struct csaf_package
alone(struct csaf_document *d, const struct csaf_product *p)
{
	struct csaf_package package = { .state = CSAF_PACKAGE };

	if (p->purl == NULL ||
	    !vex_package(d->texts, p->purl, &package.what, &package.version))
		return foreign();
	return package;
}

const struct csaf_package *
csaf_package(struct csaf_document *d, uint32_t number)
{
	struct csaf_product *p = product_at(d, number);

	if (p->package.state != CSAF_NOT_ASKED)
		return &p->package;
	if (!p->is_known)
		p->package = broken("a product that the product tree does not have");
	else if (p->is_range)
		p->package = foreign();
	else if (p->component != CSAF_NONE)
		p->package = part_of(d, p);
	else
		p->package = alone(d, p);
	return &p->package;
}
