/* SPDX-License-Identifier: Apache-2.0 */
/* From a component of a CycloneDX document to an installed package. */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/cyclonedx_private.h"

void
bom_property(struct bom_component *c, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **field;
	} known[] = {
		{ "syft:metadata:source", &c->source },
		{ "syft:metadata:sourceVersion", &c->source_version },
		{ "syft:metadata:originPackage", &c->source },
		{ "syft:location:0:path", &c->path },
		{ "syft:location:0:layerID", &c->layer },
		{ "syft:distro:id", &c->distro_id },
		{ "syft:distro:versionID", &c->distro_version },
		{ "syft:distro:versionCodename", &c->distro_codename },
		{ "syft:distro:idLike:0", &c->distro_like },
		{ "aquasecurity:trivy:SrcName", &c->source },
		{ "aquasecurity:trivy:SrcVersion", &c->source_version },
		{ "aquasecurity:trivy:SrcRelease", &c->source_release },
		{ "aquasecurity:trivy:SrcEpoch", &c->source_epoch },
		{ "aquasecurity:trivy:FilePath", &c->path },
		{ "aquasecurity:trivy:LayerDiffID", &c->layer },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(known[i].name, name) && value[0] != '\0')
			*known[i].field = value;
}

bool
bom_is_system(const struct bom_component *c)
{
	return c->distro_id != NULL || str_eq(c->type, "operating-system");
}

void
bom_system(
    const struct bom_component *c, int64_t now_at, struct arena *a, struct os *ret)
{
	const char *id = c->distro_id != NULL ? c->distro_id : c->name;
	const struct os_words w = {
		.id = id != NULL ? str_lower(a, id, strlen(id)) : NULL,
		.id_like = c->distro_like,
		.version_id =
		    c->distro_version != NULL ? c->distro_version : c->version,
		.version_codename = c->distro_codename,
	};

	ecosystem_of_os(&w, now_at, a, ret);
}

/* "debian-12.5", "alpine-3.19.1", a bare "3.19.1", "bookworm". */
static void
system_of_distro(const struct purl *p, const char *distro, int64_t now_at,
    struct arena *a, struct os *ret)
{
	size_t prefix = p->ns != NULL ? strlen(p->ns) : 0;
	const char *version = distro;

	if (prefix > 0 && strncmp(distro, p->ns, prefix) == 0 && distro[prefix] == '-')
		version = distro + prefix + 1;
	if (!ecosystem_of_text(
		arena_printf(a, "%s:%s", p->ns != NULL ? p->ns : "", version), now_at,
		a, ret))
		ecosystem_of_os(
		    &(struct os_words){ .id = p->ns, .version_id = version }, now_at, a,
		    ret);
}

/* ---- distribution packages ---- */

/* "src" or "src@version" of the upstream qualifier. */
static void
source_of_purl(const struct purl *p, struct component *c, struct arena *a)
{
	const char *upstream = purl_qualifier(p, "upstream"), *at;

	if (upstream == NULL)
		return;
	at = strrchr(upstream, '@');
	c->source_package =
	    at != NULL ? arena_strndup(a, upstream, (size_t)(at - upstream)) : upstream;
	c->source_version = at != NULL ? at + 1 : c->version;
}

static const char *
with_epoch(const char *version, const char *epoch, struct arena *a)
{
	if (version == NULL || epoch == NULL || str_eq(epoch, "0") ||
	    strchr(version, ':') != NULL)
		return version;
	return arena_printf(a, "%s:%s", epoch, version);
}

static void
source_of_properties(
    const struct bom_component *b, struct component *c, struct arena *a)
{
	const char *version = b->source_version;

	if (b->source == NULL)
		return;
	c->source_package = b->source;
	if (version != NULL && b->source_release != NULL)
		version = arena_printf(a, "%s-%s", version, b->source_release);
	version = with_epoch(version, b->source_epoch, a);
	c->source_version = version != NULL ? version : c->version;
}

static void
fill_distro(struct inventory *inv, const struct bom_component *b, const struct purl *p,
    int64_t now_at, struct component *c, struct arena *a)
{
	const char *distro = purl_qualifier(p, "distro");
	struct os os = { 0 };

	if (inv->os.id == NULL && inv->os.ecosystem == NULL && distro != NULL) {
		system_of_distro(p, distro, now_at, a, &os);
		inv->os = os;
	}
	c->ecosystem = inv->os.ecosystem;
	c->version = with_epoch(c->version, purl_qualifier(p, "epoch"), a);
	c->arch = purl_qualifier(p, "arch");
	source_of_purl(p, c, a);
	source_of_properties(b, c, a);
	if (c->source_package == NULL) {
		c->source_package = c->name;
		c->source_version = str_eq(p->type, "deb")
					? without_rebuild(c->version, a)
					: c->version;
		/* a purl without upstream means "the same" where its writer knows upstreams;
		 * that cannot be told from here */
		c->flags |= COMPONENT_GUESSED;
	}
}

/* ---- language packages ---- */

static const struct {
	const char *type, *ecosystem;
	const char *joint; /* between namespace and name; NULL = the name alone */
} languages[] = {
	{ "npm", "npm", "/" },
	{ "pypi", "pypi", NULL },
	{ "gem", "gem", NULL },
	{ "maven", "maven", ":" },
	{ "golang", "go", "/" },
	{ "cargo", "cargo", NULL },
	{ "nuget", "nuget", NULL },
	{ "composer", "composer", "/" },
	{ "hex", "hex", NULL },
	{ "pub", "pub", NULL },
	{ "cran", "cran", NULL },
	{ "hackage", "hackage", NULL },
};

static void
fill_language(const struct purl *p, struct component *c, struct arena *a)
{
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		if (!str_eq(languages[i].type, p->type))
			continue;
		c->ecosystem = languages[i].ecosystem;
		if (p->ns != NULL && languages[i].joint != NULL)
			c->name = arena_printf(
			    a, "%s%s%s", p->ns, languages[i].joint, p->name);
	}
}

static bool
is_distro(const struct purl *p)
{
	return str_eq(p->type, "deb") || str_eq(p->type, "apk") ||
	       str_eq(p->type, "rpm") || str_eq(p->type, "alpm");
}

/* Things a document lists that are no packages. */
static bool
is_no_package(const struct bom_component *b)
{
	static const char *const types[] = { "operating-system", "file", "container",
		"device", "firmware", "data", "machine-learning-model",
		"cryptographic-asset", "platform" };

	if (str_eq(b->scope, "excluded"))
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(b->type, types[i]))
			return true;
	return false;
}

enum err_code
bom_add(struct inventory *inv, const struct bom_component *b, int64_t now_at,
    struct arena *a, struct err *e)
{
	const char *text = b->purl;
	struct component c = { .path = b->path, .layer = b->layer };
	struct purl p;

	if (is_no_package(b))
		return ERR_OK;
	if (text == NULL && b->bom_ref != NULL && str_starts(b->bom_ref, "pkg:"))
		text = b->bom_ref;
	/* an application that only groups others has neither */
	if (text == NULL && (b->version == NULL || str_eq(b->type, "application")))
		return ERR_OK;
	if (text == NULL || !purl_parse(text, a, &p)) {
		const char *name = str_or_empty(b->name);

		inventory_warn(inv, a, "left out %s: no package URL that can be read",
		    utf8_clean(a, name, strlen(name), 80, true));
		return ERR_OK;
	}
	c.type = p.type;
	c.name = p.name;
	c.version = p.version != NULL ? p.version : b->version;
	c.purl = text;
	if (c.version == NULL)
		return ERR_OK; /* not resolved to a version: nothing that is installed */
	if (is_distro(&p))
		fill_distro(inv, b, &p, now_at, &c, a);
	else
		fill_language(&p, &c, a);
	return inventory_add(inv, &c, a, e);
}
