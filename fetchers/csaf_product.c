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

/* The one place of D that is ECOSYSTEM and STREAM. */
static const struct csaf_place *
place_for(struct csaf_document *d, const char *ecosystem, const char *stream,
    enum package_kind bare)
{
	const struct ecosystem *e = ecosystem_find(ecosystem);
	struct csaf_place *place;

	for (size_t i = 0; i < d->places.n; i++) {
		place = d->places.at[i];
		if (str_eq(place->ecosystem, ecosystem) &&
		    str_eq(place->stream, stream) && place->bare == bare)
			return place;
	}
	place = arena_zalloc(d->texts, sizeof(*place));
	*place = (struct csaf_place){ .ecosystem = ecosystem,
		.stream = stream,
		.purl_type = e == NULL ? NULL : e->purl_type,
		.bare = bare,
		.number = (unsigned)d->places.n };
	*ARENA_PUSH(d->arena, &d->places) = place;
	return place;
}

static const struct csaf_place *
place_of_osv(struct csaf_document *d, const char *vendor, const char *rest,
    enum package_kind bare)
{
	struct osv_ecosystem in;

	if (!ecosystem_of_osv(
		arena_printf(d->texts, "%s%s", vendor, rest), d->texts, &in))
		return NULL;
	return place_for(d, in.ecosystem, in.stream, bare);
}

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

static const struct csaf_place *
find_place(struct csaf_document *d, const char *cpe, const char *name)
{
	const char *rest = behind_part(cpe);

	for (size_t i = 0;
	     rest != NULL && i < sizeof(cpe_vendors) / sizeof(cpe_vendors[0]); i++)
		if (str_starts(rest, cpe_vendors[i].cpe))
			return place_of_osv(d, cpe_vendors[i].osv,
			    rest + strlen(cpe_vendors[i].cpe), cpe_vendors[i].bare);
	for (size_t i = 0; i < sizeof(name_vendors) / sizeof(name_vendors[0]); i++)
		if (str_starts(name, name_vendors[i].name))
			return place_of_osv(d, name_vendors[i].osv,
			    name + strlen(name_vendors[i].name), KIND_BINARY);
	return NULL;
}

/* ---- the package ---- */

static struct csaf_part
broken(const char *why)
{
	return (struct csaf_part){ .state = CSAF_BROKEN, .why = why };
}

static struct csaf_part
foreign(void)
{
	return (struct csaf_part){ .state = CSAF_FOREIGN };
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
set_arch(struct csaf_part *p, const char *arch)
{
	if (is_source_arch(arch))
		p->kind = KIND_SOURCE;
	else
		p->arch = arch;
}

/* pkg:rpm/redhat/squid@4.15-7.module+el8?arch=x86_64&epoch=7&rpmmod=squid:4:8090:... */
static struct csaf_part
part_of_purl(struct arena *a, const char *text)
{
	struct csaf_part p = { .state = CSAF_PACKAGE, .kind = KIND_BINARY };
	const char *module;
	struct purl purl;

	if (!purl_parse(text, a, &purl))
		return broken("a package URL that is none");
	p.type = purl.type;
	p.name = purl.name;
	set_arch(&p, purl_qualifier(&purl, "arch"));
	module = purl_qualifier(&purl, "rpmmod");
	p.module = module == NULL ? NULL : module_text(a, module);
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
split_rpm(struct arena *a, const char *text, struct csaf_part *p)
{
	size_t len = strlen(text) - (str_ends(text, ".rpm") ? 4 : 0);
	char *s = arena_strndup(a, text, len), *dot = strrchr(s, '.');
	char *release, *version;

	p->name = s;
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
static struct csaf_part
part_of_name(struct arena *a, const char *text)
{
	struct csaf_part p = { .state = CSAF_PACKAGE, .kind = KIND_BINARY };
	const char *slash = strchr(text, '/');

	if (slash != NULL) {
		p.module =
		    module_text(a, arena_strndup(a, text, (size_t)(slash - text)));
		if (p.module == NULL)
			return foreign();
		text = slash + 1;
	}
	split_rpm(a, text, &p);
	p.is_bare = p.version == NULL && p.arch == NULL && p.kind == KIND_BINARY;
	/* what is left of a colon is a module as a whole, or the parts of a jar's name */
	return strpbrk(p.name, ":/") != NULL ? foreign() : p;
}

static struct csaf_part
check_part(struct csaf_part p)
{
	if (p.state != CSAF_PACKAGE)
		return p;
	if (!package_is_sane(p.name))
		return broken("the name of a package that is none");
	if (p.version != NULL && !version_is_sane(p.version))
		return broken("a version that is none");
	if (p.arch != NULL && !package_is_sane(p.arch))
		return broken("an architecture that is none");
	return p;
}

/* ---- products ---- */

static struct csaf_product *
product_at(struct csaf_document *d, uint32_t number)
{
	return &d->products.at[number];
}

static const char *
name_of(struct csaf_document *d, uint32_t number)
{
	const char *name = product_at(d, number)->name;

	return name != NULL ? name : strmap_key(d->ids, number);
}

static const struct csaf_place *
place_of(struct csaf_document *d, uint32_t number)
{
	struct csaf_product *p = product_at(d, number);

	if (!p->is_placed)
		p->place = find_place(d, p->cpe, name_of(d, number));
	p->is_placed = true;
	return p->place;
}

/* The number of what a part says, so that two can be compared without their texts. */
static unsigned
number_of_part(struct csaf_document *d, const char *name, const char *module,
    const char *version, enum package_kind kind)
{
	uint64_t *number;
	bool is_new;

	number = strmap_put(d->parts,
	    arena_printf(d->texts, "%d %s\n%s\n%s", (int)kind, name,
		str_or_empty(module), str_or_empty(version)),
	    &is_new);
	if (is_new)
		*number = strmap_count(d->parts);
	return (unsigned)*number;
}

static const struct csaf_part *
part_of(struct csaf_document *d, uint32_t number)
{
	struct csaf_product *p = product_at(d, number);
	struct csaf_part *part;

	if (p->part != NULL)
		return p->part;
	part = arena_alloc(d->texts, sizeof(*part));
	*part =
	    check_part(p->purl != NULL ? part_of_purl(d->texts, p->purl)
				       : part_of_name(d->texts, name_of(d, number)));
	if (part->state == CSAF_PACKAGE)
		part->number = number_of_part(
		    d, part->name, part->module, part->version, part->kind);
	p->part = part;
	return part;
}

/* The end of the chain of components, or platforms, of NUMBER; CSAF_NONE if it has none. */
static uint32_t
end_of(struct csaf_document *d, uint32_t number, bool of_platforms)
{
	for (int i = 0; i < MAX_CHAIN; i++) {
		const struct csaf_product *p = product_at(d, number);
		uint32_t next = of_platforms ? p->platform : p->component;

		if (next == CSAF_NONE)
			return number;
		number = next;
	}
	return CSAF_NONE;
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
			   : module_text(d->texts, name_of(d, number));
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
refuse(enum csaf_state state, const char *why)
{
	return (struct csaf_package){ .state = state, .why = why };
}

/* A package of a system. */
static struct csaf_package
in_system(struct csaf_document *d, uint32_t number)
{
	uint32_t part_number = end_of(d, number, false);
	uint32_t whole_number = end_of(d, number, true);
	const struct csaf_place *place;
	const struct csaf_part *part;
	struct csaf_package package;
	const char *module;

	if (part_number == CSAF_NONE || whole_number == CSAF_NONE)
		return refuse(CSAF_BROKEN, "a product that is a part of itself");
	if (!product_at(d, part_number)->is_known ||
	    !product_at(d, whole_number)->is_known)
		return refuse(CSAF_BROKEN,
		    "a part, or a whole, that the product tree does not have");
	if ((place = place_of(d, whole_number)) == NULL)
		return refuse(CSAF_FOREIGN, NULL);
	part = part_of(d, part_number);
	if (part->state != CSAF_PACKAGE)
		return refuse(part->state, part->why);
	if (part->type != NULL && !str_eq(part->type, place->purl_type))
		return refuse(CSAF_FOREIGN, NULL);
	package = (struct csaf_package){
		.state = CSAF_PACKAGE,
		.place = place,
		.name = part->name,
		.module = str_or_empty(part->module),
		.version = part->version,
		.arch = part->arch,
		.kind = part->is_bare ? place->bare : part->kind,
		.number = part->number,
	};
	module = part->module != NULL ? NULL : module_between(d, product_at(d, number));
	if (module != NULL) {
		package.module = module;
		package.number =
		    number_of_part(d, part->name, module, part->version, package.kind);
	}
	return package;
}

/* A product on its own: only its package URL can say that it is a package. */
static struct csaf_package
alone(struct csaf_document *d, const struct csaf_product *p)
{
	struct affected what;
	const char *version;

	if (p->purl == NULL || !vex_package(d->texts, p->purl, &what, &version))
		return refuse(CSAF_FOREIGN, NULL);
	return (struct csaf_package){
		.state = CSAF_PACKAGE,
		.place = place_for(d, what.ecosystem, what.stream, what.kind),
		.name = what.package,
		.module = what.module,
		.version = version,
		.kind = what.kind,
		.number =
		    number_of_part(d, what.package, what.module, version, what.kind),
	};
}

struct csaf_package
csaf_package(struct csaf_document *d, uint32_t number)
{
	const struct csaf_product *p = product_at(d, number);

	if (!p->is_known)
		return refuse(
		    CSAF_BROKEN, "a product that the product tree does not have");
	if (p->is_range)
		return refuse(CSAF_FOREIGN, NULL);
	return p->component != CSAF_NONE ? in_system(d, number) : alone(d, p);
}
