/* SPDX-License-Identifier: Apache-2.0 */
/* What the packages and relationships of an SPDX 2 document mean. */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/strmap.h"
#include "inventory/spdx_private.h"

#define MARK_DESCRIBED 1u /* by the document: what it is about */
#define MARK_IN_USE    2u /* some other element contains it or needs it to run */
#define MARK_TOOL      4u /* needed to build, develop or test something */
#define MARK_SOURCE    8u /* something was generated from it */

void
spdx_init(struct spdx *d, const struct inventory_hints *hints, struct arena *a)
{
	*d = (struct spdx){ .sbom = { .a = a, .hints = hints },
		.marks = strmap_new(),
		.built_from = strmap_new() };
}

void
spdx_done(struct spdx *d)
{
	strmap_free(d->marks);
	strmap_free(d->built_from);
}

enum err_code
spdx_push(struct spdx *d, const struct spdx_package *p, struct err *e)
{
	if (d->packages.n == MAX_COMPONENTS)
		return err_set(e, ERR_LIMIT, "more than %zu packages", MAX_COMPONENTS);
	*ARENA_PUSH(d->sbom.a, &d->packages) = *p;
	return ERR_OK;
}

/* ---- parts of a package ---- */

void
spdx_reference(
    struct spdx *d, struct spdx_package *p, const char *type, const char *locator)
{
	if (locator == NULL)
		return;
	if (p->p.cpe == NULL &&
	    (str_eq(type, "cpe23Type") || str_eq(type, "cpe22Type")))
		p->p.cpe = arena_strdup(d->sbom.a, locator);
	if (!str_eq(type, "purl"))
		return;
	if (str_starts(locator, "pkg:oci/") || str_starts(locator, "pkg:docker/"))
		p->image_url = arena_strdup(d->sbom.a, locator);
	else if (p->p.purl == NULL)
		p->p.purl = arena_strdup(d->sbom.a, locator);
}

void
spdx_remark(struct spdx *d, struct spdx_package *p, const char *text)
{
	const char *colon = text != NULL ? strstr(text, ": ") : NULL, **field;

	if (colon == NULL)
		return;
	field = sbom_trivy_word(
	    &p->p, arena_strndup(d->sbom.a, text, (size_t)(colon - text)));
	if (field != NULL && colon[2] != '\0')
		*field = arena_strdup(d->sbom.a, colon + 2);
}

void
spdx_checksum(
    struct spdx *d, struct spdx_package *p, const char *algorithm, const char *value)
{
	if (str_eq(algorithm, "SHA256") && value != NULL)
		p->sha256 = arena_strdup(d->sbom.a, value);
}

/* ---- relationships ---- */

/* What each type says of the element before it and the one behind it. */
static const struct {
	const char *type;
	unsigned before, behind;
} meanings[] = {
	{ "CONTAINS", 0, MARK_IN_USE },
	{ "CONTAINED_BY", MARK_IN_USE, 0 },
	{ "DEPENDS_ON", 0, MARK_IN_USE },
	{ "DEPENDENCY_OF", MARK_IN_USE, 0 },
	{ "RUNTIME_DEPENDENCY_OF", MARK_IN_USE, 0 },
	{ "DYNAMIC_LINK", 0, MARK_IN_USE },
	{ "STATIC_LINK", 0, MARK_IN_USE },
	{ "BUILD_DEPENDENCY_OF", MARK_TOOL, 0 },
	{ "DEV_DEPENDENCY_OF", MARK_TOOL, 0 },
	{ "TEST_DEPENDENCY_OF", MARK_TOOL, 0 },
	{ "BUILD_TOOL_OF", MARK_TOOL, 0 },
	{ "DEV_TOOL_OF", MARK_TOOL, 0 },
	{ "TEST_TOOL_OF", MARK_TOOL, 0 },
};

static void
mark(struct spdx *d, const char *id, unsigned what)
{
	/* files are many, and none of them is a package */
	if (what != 0 && !str_starts(id, "SPDXRef-File"))
		*strmap_put(d->marks, id, NULL) |= what;
}

void
spdx_describes(struct spdx *d, const char *id)
{
	uint64_t *marks;

	/* some say that the document describes itself */
	if (id == NULL || str_eq(id, "SPDXRef-DOCUMENT"))
		return;
	marks = strmap_put(d->marks, id, NULL);
	d->n_described += (*marks & MARK_DESCRIBED) == 0;
	*marks |= MARK_DESCRIBED;
}

static void
generated_from(struct spdx *d, const char *built, const char *from)
{
	struct spdx_origin *o;

	if (str_starts(from, "SPDXRef-File"))
		return;
	mark(d, from, MARK_SOURCE);
	if (str_starts(built, "SPDXRef-File"))
		return;
	o = ARENA_PUSH(d->sbom.a, &d->origins);
	o->built = arena_strdup(d->sbom.a, built);
	o->from = arena_strdup(d->sbom.a, from);
}

void
spdx_relationship(struct spdx *d, const char *from, const char *type, const char *to)
{
	if (from == NULL || type == NULL || to == NULL)
		return;
	if (str_eq(type, "DESCRIBES") || str_eq(type, "DESCRIBE"))
		spdx_describes(d, to);
	else if (str_eq(type, "DESCRIBED_BY"))
		spdx_describes(d, from);
	else if (str_eq(type, "GENERATED_FROM"))
		generated_from(d, from, to);
	else if (str_eq(type, "GENERATES"))
		generated_from(d, to, from);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (!str_eq(meanings[i].type, type))
			continue;
		mark(d, from, meanings[i].before);
		mark(d, to, meanings[i].behind);
		break;
	}
}

static unsigned
marks_of(struct spdx *d, const char *id)
{
	const uint64_t *marks = id != NULL ? strmap_get(d->marks, id) : NULL;

	return marks != NULL ? (unsigned)*marks : 0;
}

/* ---- what a package is ---- */

static bool
has_purpose(const struct spdx_package *p, const char *purpose)
{
	return p->purpose != NULL && str_caseeq(p->purpose, purpose);
}

static bool
has_id(const struct spdx_package *p, const char *prefix)
{
	return p->p.ref != NULL && str_starts(p->p.ref, prefix);
}

/* Older trivy says in the id what newer ones say in the purpose. */
static bool
is_system(const struct spdx_package *p)
{
	return has_purpose(p, "OPERATING_SYSTEM") ||
	       has_purpose(p, "OPERATING-SYSTEM") ||
	       has_id(p, "SPDXRef-OperatingSystem-");
}

static bool
is_image(const struct spdx_package *p)
{
	return (p->image_url != NULL && p->p.purl == NULL) ||
	       has_purpose(p, "CONTAINER") || has_id(p, "SPDXRef-ContainerImage-");
}

static bool
is_group(const struct spdx_package *p)
{
	return p->p.purl == NULL &&
	       (has_id(p, "SPDXRef-Application-") || has_purpose(p, "APPLICATION") ||
		   has_purpose(p, "FILE") || has_purpose(p, "SOURCE"));
}

/* "NOASSERTION" and "NONE" are ways to say nothing. */
static const char *
said(const char *text)
{
	if (text == NULL || *text == '\0' || str_eq(text, "NOASSERTION") ||
	    str_eq(text, "NONE"))
		return NULL;
	return text;
}

/* "Organization: Red Hat, Inc." */
static const char *
party(const char *text)
{
	const char *colon = said(text) != NULL ? strstr(text, ": ") : NULL;

	return colon != NULL ? colon + 2 : said(text);
}

/* trivy names the source package there, syft the file that told it. */
static void
read_source_info(struct spdx *d, struct spdx_package *p)
{
	static const char built[] = "built package from: ";
	static const char acquired[] = "acquired package info from ";
	const char *text = p->source_info, *blank, *colon;

	if (text == NULL)
		return;
	if (str_starts(text, built)) {
		text += sizeof(built) - 1;
		blank = strchr(text, ' ');
		if (blank == NULL || p->p.source != NULL)
			return;
		p->p.source = arena_strndup(d->sbom.a, text, (size_t)(blank - text));
		p->p.source_version = blank + 1;
	} else if (str_starts(text, acquired) && p->p.path == NULL &&
		   (colon = strstr(text, ": ")) != NULL) {
		text = colon + 2;
		p->p.path = arena_strndup(d->sbom.a, text, strcspn(text, ","));
	}
}

/* "^1.2", ">= 1, < 2", "1.x || 2.x": what is wanted, not what is there. */
static bool
is_range(const char *version)
{
	return strpbrk(version, "<>=^*,| ") != NULL || version[0] == '~';
}

/* A version that only the package has, not its URL, is believed if it is one. */
static void
check_version_info(struct spdx *d, struct spdx_package *p)
{
	struct purl url;
	bool is_resolved;

	p->p.version = said(p->p.version);
	if (p->p.purl == NULL || !purl_parse(p->p.purl, d->sbom.a, &url))
		return;
	is_resolved =
	    url.version != NULL || (p->p.version != NULL && !is_range(p->p.version));
	if (is_resolved)
		return;
	if (p->p.version != NULL || (d->is_github && !str_eq(url.type, "github")))
		d->sbom.n_unresolved++;
	p->p.is_absent = true;
}

/* ---- the whole ---- */

/* Documents about one thing name it; about several, each is a package like any other. */
static bool
is_subject(struct spdx *d, const struct spdx_package *p)
{
	return (marks_of(d, p->p.ref) & MARK_DESCRIBED) != 0 && d->n_described == 1 &&
	       (d->packages.n > 1 || is_image(p));
}

static void
take_image(struct spdx *d, struct spdx_package *p)
{
	struct purl url;

	sbom_digest(&d->sbom, p->p.version);
	sbom_digest(&d->sbom, p->p.repo_digest);
	if (p->image_url != NULL && purl_parse(p->image_url, d->sbom.a, &url))
		sbom_digest(&d->sbom, url.version);
	if (p->image_url != NULL && p->sha256 != NULL)
		sbom_digest(&d->sbom, arena_printf(d->sbom.a, "sha256:%s", p->sha256));
}

/* Source packages: where they stand in the list, then which of them each was built from. */
static void
find_origins(struct spdx *d)
{
	struct strmap *places = strmap_new();

	for (size_t i = 0; i < d->packages.n; i++)
		if ((marks_of(d, d->packages.at[i].p.ref) & MARK_SOURCE) != 0)
			*strmap_put(places, d->packages.at[i].p.ref, NULL) = i;
	for (size_t i = 0; i < d->origins.n; i++) {
		const uint64_t *place = strmap_get(places, d->origins.at[i].from);
		uint64_t *built;
		bool is_new;

		if (place == NULL)
			continue;
		/* of several sources the first that the document names counts */
		built = strmap_put(d->built_from, d->origins.at[i].built, &is_new);
		if (is_new)
			*built = *place;
	}
	strmap_free(places);
}

/* P was generated from a distribution's source package. */
static void
take_origin(struct spdx *d, struct spdx_package *p)
{
	const uint64_t *place =
	    p->p.ref != NULL ? strmap_get(d->built_from, p->p.ref) : NULL;
	const char *text = place != NULL ? d->packages.at[*place].p.purl : NULL;
	struct purl url;

	if (p->p.source != NULL || text == NULL || !purl_parse(text, d->sbom.a, &url) ||
	    !sbom_is_distro(url.type) || url.version == NULL)
		return;
	p->p.source = url.name;
	p->p.source_version = url.version;
	p->p.source_epoch = purl_qualifier(&url, "epoch");
}

static enum err_code
take(struct spdx *d, struct spdx_package *p, struct err *e)
{
	unsigned marks = marks_of(d, p->p.ref);
	bool is_root = is_subject(d, p);

	p->p.vendor =
	    party(p->originator) != NULL ? party(p->originator) : party(p->supplier);
	if (is_system(p)) {
		sbom_system(&d->sbom, p->p.name, said(p->p.version), NULL);
		return ERR_OK;
	}
	if (is_root) {
		d->sbom.subject = p->p.name;
		take_image(d, p);
	}
	if (is_image(p) && !is_root)
		d->sbom.n_images++;
	if (is_root || is_image(p) || is_group(p))
		return ERR_OK;
	/* a compiler, a test framework, the sources: not what runs, unless that is said too */
	if ((marks & (MARK_TOOL | MARK_SOURCE)) != 0 && (marks & MARK_IN_USE) == 0)
		return ERR_OK;
	read_source_info(d, p);
	take_origin(d, p);
	check_version_info(d, p);
	return sbom_push(&d->sbom, &p->p, e);
}

static enum err_code
check_version(const struct spdx *d, struct err *e)
{
	const char *v = d->version;

	if (str_eq(v, "SPDX-2.2") || str_eq(v, "SPDX-2.3"))
		return ERR_OK;
	return err_set(e, v != NULL ? ERR_UNSUPPORTED : ERR_INPUT,
	    "%s is not read, SPDX-2.2 and SPDX-2.3 are",
	    v != NULL ? utf8_clean(d->sbom.a, v, strlen(v), 20, true)
		      : "a document without spdxVersion");
}

enum err_code
spdx_finish(struct spdx *d, struct inventory *inv, struct err *e)
{
	enum err_code rc = check_version(d, e);

	if (rc != ERR_OK)
		return rc;
	d->sbom.subject = d->name;
	find_origins(d);
	for (size_t i = 0; i < d->packages.n && rc == ERR_OK; i++)
		rc = take(d, &d->packages.at[i], e);
	return rc == ERR_OK ? sbom_finish(&d->sbom, inv, e) : rc;
}
