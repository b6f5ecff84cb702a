/* SPDX-License-Identifier: Apache-2.0 */
/* From packages as an SBOM writes them to the inventory of installed ones. */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/sbom_private.h"

/* ---- what readers hand over ---- */

enum err_code
sbom_push(struct sbom *s, const struct sbom_package *p, struct err *e)
{
	if (s->packages.n == MAX_COMPONENTS)
		return err_set(
		    e, ERR_LIMIT, "more than %zu components", MAX_COMPONENTS);
	*ARENA_PUSH(s->a, &s->packages) = *p;
	return ERR_OK;
}

const char **
sbom_trivy_word(struct sbom_package *p, const char *name)
{
	const struct {
		const char *name;
		const char **field;
	} known[] = {
		{ "SrcName", &p->source },
		{ "SrcVersion", &p->source_version },
		{ "SrcRelease", &p->source_release },
		{ "SrcEpoch", &p->source_epoch },
		{ "Modularitylabel", &p->module },
		{ "FilePath", &p->path },
		{ "LayerDiffID", &p->layer },
		{ "PkgType", &p->kind },
		{ "RepoDigest", &p->repo_digest },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(known[i].name, name))
			return known[i].field;
	return NULL;
}

const char **
sbom_property(struct sbom_package *p, const char *name)
{
	static const char syft[] = "syft:", trivy[] = "aquasecurity:trivy:";
	const struct {
		const char *name;
		const char **field;
	} known[] = {
		{ "metadata:source", &p->source },
		{ "metadata:sourceVersion", &p->source_version },
		{ "metadata:originPackage", &p->source },
		{ "metadata:sourceRpm", &p->source_rpm },
		{ "metadata:modularityLabel", &p->module },
		{ "package:type", &p->kind },
		{ "location:0:path", &p->path },
		{ "location:0:layerID", &p->layer },
		{ "distro:id", &p->distro_id },
		{ "distro:versionID", &p->distro_version },
		{ "distro:versionCodename", &p->distro_codename },
	};

	if (str_starts(name, trivy))
		return sbom_trivy_word(p, name + sizeof(trivy) - 1);
	if (!str_starts(name, syft))
		return NULL;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(known[i].name, name + sizeof(syft) - 1))
			return known[i].field;
	return NULL;
}

void
sbom_digest(struct sbom *s, const char *text)
{
	const char *start = text != NULL ? strstr(text, "sha256:") : NULL;

	if (s->digest != NULL || start == NULL || (start != text && start[-1] != '@') ||
	    strlen(start) != 71 || strspn(start + 7, "0123456789abcdef") != 64)
		return;
	s->digest = start;
}

bool
sbom_is_system(const struct sbom_package *p)
{
	return p->distro_id != NULL || str_eq(p->type, "operating-system");
}

void
sbom_system(struct sbom *s, const char *id, const char *version, const char *codename)
{
	if (s->os.id == NULL && id != NULL)
		sbom_os(id, version, codename, s->hints->now_at, s->a, &s->os);
}

static void
system_of_package(struct sbom *s, const struct sbom_package *p)
{
	if (sbom_is_system(p))
		sbom_system(s, p->distro_id != NULL ? p->distro_id : p->name,
		    p->distro_version != NULL ? p->distro_version : p->version,
		    p->distro_codename);
}

void
sbom_subject(struct sbom *s, const struct sbom_package *p)
{
	struct purl url;

	s->subject = p->name;
	sbom_digest(s, p->version);
	sbom_digest(s, p->repo_digest);
	if (p->purl != NULL && purl_parse(p->purl, s->a, &url) &&
	    str_eq(url.type, "oci"))
		sbom_digest(s, url.version);
	system_of_package(s, p);
}

/* ---- distribution packages ---- */

static const char *
with_epoch(const char *version, const char *epoch, struct arena *a)
{
	if (version == NULL || epoch == NULL || str_eq(epoch, "0") ||
	    strchr(version, ':') != NULL)
		return version;
	return arena_printf(a, "%s:%s", epoch, version);
}

/* A source rpm's name carries no epoch: it is the one of what was built from it. */
static bool
source_of_rpm(const char *text, struct component *c, struct arena *a)
{
	const char *colon = strchr(c->version, ':');

	if (text == NULL ||
	    !sbom_source_rpm(text, a, &c->source_package, &c->source_version))
		return false;
	if (colon != NULL)
		c->source_version = with_epoch(c->source_version,
		    arena_strndup(a, c->version, (size_t)(colon - c->version)), a);
	return true;
}

/* The upstream qualifier: "src", "src@version" or the name of a source rpm. */
static void
source_of_purl(const struct purl *p, struct component *c, struct arena *a)
{
	const char *upstream = purl_qualifier(p, "upstream"), *at;

	if (upstream == NULL)
		upstream = purl_qualifier(p, "source");
	if (upstream == NULL || source_of_rpm(upstream, c, a))
		return;
	at = strrchr(upstream, '@');
	c->source_package =
	    at != NULL ? arena_strndup(a, upstream, (size_t)(at - upstream)) : upstream;
	c->source_version = at != NULL ? at + 1 : c->version;
}

static void
source_of_words(const struct sbom_package *b, struct component *c, struct arena *a)
{
	const char *version = b->source_version;

	if (source_of_rpm(b->source_rpm, c, a) || b->source == NULL)
		return;
	c->source_package = b->source;
	if (version != NULL && b->source_release != NULL)
		version = arena_printf(a, "%s-%s", version, b->source_release);
	version = with_epoch(version, b->source_epoch, a);
	c->source_version = version != NULL ? version : c->version;
}

/* "nodejs:18:8090020231108:rhel9" says module and stream first. */
static const char *
module_of(const char *label, struct arena *a)
{
	const char *colon = label != NULL ? strchr(label, ':') : NULL;

	if (colon == NULL)
		return NULL;
	return arena_strndup(
	    a, label, (size_t)(colon + 1 + strcspn(colon + 1, ":") - label));
}

/* Whose build it is: the vendor of an rpm, the maintainer of a deb. */
static enum vendor
vendor_of(const char *type, const char *vendor)
{
	static const char *const builders[] = { "Amazon", "CentOS", "Fedora Project",
		"Oracle America", "Red Hat", "AlmaLinux", "CloudLinux", "VMware",
		"SUSE", "openSUSE", "Microsoft Corporation", "Rocky", "Mageia",
		"openEuler", "http://openeuler.org" };

	if (vendor == NULL || !str_eq(type, "rpm"))
		return str_eq(type, "deb") ? vendor_of_maintainer(vendor) : VENDOR_OWN;
	for (size_t i = 0; i < sizeof(builders) / sizeof(builders[0]); i++)
		if (strncasecmp(builders[i], vendor, strlen(builders[i])) == 0)
			return VENDOR_OWN;
	return VENDOR_THIRD_PARTY;
}

/* Red Hat's own documents name no system, but their releases do: "5.1.8-9.el9". */
static void
system_of_release(const struct purl *p, int64_t now_at, struct arena *a, struct os *ret)
{
	const char *el = p->version;
	size_t digits;

	if (!str_eq(p->type, "rpm") || el == NULL ||
	    (!str_eq(p->ns, "redhat") && !str_eq(p->ns, "rhel")))
		return;
	while ((el = strpbrk(el, ".+")) != NULL) {
		digits = str_starts(++el, "el") ? strspn(el + 2, "0123456789") : 0;
		if (digits == 0 || digits > 2)
			continue;
		sbom_os(p->ns, arena_strndup(a, el + 2, digits), NULL, now_at, a, ret);
		return;
	}
}

/* What the package itself says of its system; id NULL = nothing. */
static struct os
system_of_purl(struct sbom *s, const struct purl *p)
{
	const char *distro = purl_qualifier(p, "distro");
	struct os os = { 0 };

	/* mostly the same for thousands in a row */
	if (distro != NULL && str_eq(s->last.distro, distro) &&
	    str_eq(s->last.ns, p->ns))
		return s->last.os;
	if (distro != NULL) {
		sbom_os_of_distro(p->ns, distro, s->hints->now_at, s->a, &os);
		s->last.ns = p->ns;
		s->last.distro = distro;
		s->last.os = os;
	} else if (s->os.id == NULL) {
		system_of_release(p, s->hints->now_at, s->a, &os);
	}
	return os;
}

/* A package database of another kind of system inside the image is nobody's to judge. */
static const char *
ecosystem_of(const struct os *os, const char *type)
{
	const struct ecosystem *eco =
	    os->ecosystem != NULL ? ecosystem_find(os->ecosystem) : NULL;

	return eco != NULL && str_eq(eco->purl_type, type) ? os->ecosystem : NULL;
}

static void
fill_distro(struct sbom *s, const struct sbom_package *b, const struct purl *p,
    struct component *c)
{
	struct arena *a = s->a;
	const char *epoch = purl_qualifier(p, "epoch");
	struct os own = { 0 };

	if (s->hints->os == NULL) {
		own = system_of_purl(s, p);
		if (s->os.id == NULL && own.id != NULL)
			s->os = own;
	}
	c->ecosystem = ecosystem_of(&own, p->type);
	if (c->ecosystem == NULL)
		c->ecosystem = ecosystem_of(&s->os, p->type);
	c->version = with_epoch(c->version, epoch != NULL ? epoch : b->epoch, a);
	c->arch = purl_qualifier(p, "arch");
	if (c->arch == NULL)
		c->arch = b->arch;
	c->module = module_of(b->module, a);
	if (c->module == NULL)
		c->module = module_of(purl_qualifier(p, "modularitylabel"), a);
	if (c->module == NULL)
		c->module = module_of(purl_qualifier(p, "rpmmod"), a);
	c->vendor = vendor_of(p->type, b->vendor);
	source_of_purl(p, c, a);
	source_of_words(b, c, a);
	if (c->source_package == NULL) {
		c->source_package = c->name;
		c->source_version = str_eq(p->type, "deb")
					? without_rebuild(c->version, a)
					: c->version;
		/* a purl without upstream means "the same" where its writer knows upstreams;
		 * that cannot be told from here */
		if (!b->has_own_source)
			c->flags |= COMPONENT_GUESSED;
	}
}

/* ---- packages ---- */

static bool
is_one_of(const char *word, const char *const list[])
{
	for (size_t i = 0; word != NULL && list[i] != NULL; i++)
		if (str_eq(list[i], word))
			return true;
	return false;
}

/* Things a document lists that are no packages. */
static bool
is_no_package(const struct sbom_package *b)
{
	static const char *const types[] = { "operating-system", "file", "container",
		"device", "device-driver", "firmware", "data", "machine-learning-model",
		"cryptographic-asset", "platform", NULL };

	return b->is_absent || is_one_of(b->type, types);
}

/* The same of what a package URL names: images, sources, lists and keys. */
static bool
names_no_package(const struct purl *p)
{
	static const char *const images[] = { "oci", "docker", "k8s", NULL };
	static const char *const sources[] = { "src", "nosrc", "source", NULL };

	return is_one_of(p->type, images) ||
	       (sbom_is_distro(p->type) &&
		   is_one_of(purl_qualifier(p, "arch"), sources)) ||
	       (str_eq(p->type, "apk") && p->name[0] == '.') ||
	       (str_eq(p->type, "rpm") && str_eq(p->name, "gpg-pubkey"));
}

/*
 * A package without a URL whose writer said what kind it is.  Of one that has only a CPE
 * nobody here can speak, but it is there, and that it is not covered is worth knowing.
 */
static bool
purl_of_words(const struct sbom_package *b, struct sbom *s, struct purl *p)
{
	const char *version = b->version;

	*p = (struct purl){
		.type = sbom_purl_type(b->kind), .ns = b->group, .name = b->name
	};
	if (p->type == NULL && b->cpe != NULL)
		p->type = "generic";
	if (p->type == NULL || p->name == NULL || version == NULL)
		return false;
	if (b->release != NULL && sbom_is_distro(p->type))
		version = arena_printf(s->a, "%s-%s", version, b->release);
	p->version = version;
	return true;
}

/* The URL of B, in P; false if there is none that can be read. */
static bool
url_of(struct sbom *s, const struct sbom_package *b, struct purl *p, const char **ret)
{
	*ret = b->purl;
	if (*ret == NULL && b->ref != NULL && str_starts(b->ref, "pkg:"))
		*ret = b->ref;
	if (*ret == NULL)
		return purl_of_words(b, s, p);
	if (!purl_parse(*ret, s->a, p))
		return false;
	if (str_eq(p->type, "alpine")) /* as older tools called it */
		p->type = "apk";
	return true;
}

static enum err_code
add(struct sbom *s, const struct sbom_package *b, struct inventory *inv, struct err *e)
{
	struct component c = { .path = b->path, .layer = b->layer };
	struct purl p;

	if (is_no_package(b))
		return ERR_OK;
	if (!url_of(s, b, &p, &c.purl)) {
		const char *name = str_or_empty(b->name);

		/* an application that only groups others has neither */
		if (c.purl == NULL &&
		    (b->version == NULL || str_eq(b->type, "application")))
			return ERR_OK;
		inventory_warn(inv, s->a,
		    "left out %s: no package URL that can be read",
		    utf8_clean(s->a, name, strlen(name), 80, true));
		return ERR_OK;
	}
	if (names_no_package(&p))
		return ERR_OK;
	c.type = p.type;
	c.name = p.name;
	c.version = p.version != NULL ? p.version : b->version;
	if (c.version == NULL)
		return ERR_OK; /* not resolved to a version: nothing that is installed */
	if (sbom_is_distro(p.type))
		fill_distro(s, b, &p, &c);
	else
		sbom_language(&p, &c, s->a);
	if (c.purl == NULL && !sbom_is_distro(p.type))
		c.purl = purl_text(&p, s->a);
	return inventory_add(inv, &c, s->a, e);
}

/* ---- the whole ---- */

/* How much a component says of where it comes from. */
static unsigned
worth(const struct component *c)
{
	return ((c->flags & COMPONENT_GUESSED) == 0 ? 2u : 0u) + (c->path != NULL);
}

static bool
is_same_thing(const struct component *a, const struct component *b)
{
	return str_eq(a->name, b->name) && str_eq(a->version, b->version) &&
	       str_eq(a->arch, b->arch) && str_eq(a->ecosystem, b->ecosystem) &&
	       str_eq(a->type, b->type);
}

/*
 * Documents made of several tools' findings name a package once with its source and place
 * and once more without.  What says less of the same thing goes; a language package that
 * was found at a place of its own is another thing.
 */
static void
drop_echoes(struct inventory *inv)
{
	size_t kept = 0, end;

	inventory_normalize(inv); /* the same things stand side by side */
	for (size_t i = 0; i < inv->n; i = end) {
		const struct component first = inv->components[i];
		unsigned most = 0;

		for (end = i;
		     end < inv->n && is_same_thing(&first, &inv->components[end]);
		     end++)
			if (worth(&inv->components[end]) > most)
				most = worth(&inv->components[end]);
		for (size_t k = i; k < end; k++) {
			const struct component *c = &inv->components[k];
			bool is_vague =
			    c->path == NULL || (c->flags & COMPONENT_GUESSED) != 0;

			if (!is_vague || worth(c) == most)
				inv->components[kept++] = *c;
		}
	}
	inv->n = kept;
}

/* What a document leaves open, so that it does not look complete. */
static void
warn_of_gaps(struct sbom *s, struct inventory *inv)
{
	size_t n = 0;

	if (s->n_unresolved > 0)
		inventory_warn(inv, s->a,
		    "left out %zu packages: only a range of versions is known",
		    s->n_unresolved);
	for (size_t i = 0; i < inv->n; i++)
		n += str_eq(inv->components[i].ecosystem, inv->os.ecosystem);
	if (inv->os.ecosystem != NULL && n == 0)
		inventory_warn(
		    inv, s->a, "no package of %s itself is listed", inv->os.ecosystem);
	else if (inv->n == 0 && s->n_images > 0)
		inventory_warn(
		    inv, s->a, "%zu images are listed and no packages", s->n_images);
}

enum err_code
sbom_finish(struct sbom *s, struct inventory *inv, struct err *e)
{
	enum err_code rc = ERR_OK;

	inv->subject = s->subject;
	inv->digest = s->digest;
	if (s->hints->os != NULL) {
		if ((rc = inventory_system(inv, s->hints, s->a, e)) != ERR_OK)
			return rc;
		s->os = inv->os;
	}
	for (size_t i = 0; i < s->packages.n && s->os.id == NULL; i++)
		system_of_package(s, &s->packages.at[i]);
	inv->os = s->os;
	for (size_t i = 0; i < s->packages.n && rc == ERR_OK; i++)
		rc = add(s, &s->packages.at[i], inv, e);
	if (rc != ERR_OK)
		return rc;
	if (s->os.id == NULL)
		s->os.state = COVERAGE_UNIDENTIFIED;
	inv->os = s->os;
	drop_echoes(inv);
	warn_of_gaps(s, inv);
	/* language packages alone are a complete inventory of a scratch image */
	if (inv->os.state == COVERAGE_UNIDENTIFIED && inv->n == 0 && !inv->partial)
		inv->os.state = COVERAGE_SCRATCH;
	return ERR_OK;
}
