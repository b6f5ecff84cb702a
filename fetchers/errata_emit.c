/* SPDX-License-Identifier: Apache-2.0 */
/* errata_emit - from an erratum to a record: names, versions, releases, architectures. */
#include "fetchers/errata_json.h"

#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/fetchers.h"
#include "fetchers/vendor.h"

#define DIGITS       "0123456789"
#define ROCKY_ERRATA "https://errata.rockylinux.org/"

/* Ids of errata, whose they are (in OSV's words), and what is theirs to mend. */
static const struct {
	const char *prefix, *whose;
	bool is_security;
} kinds[] = {
	{ "ALSA-", "AlmaLinux", true },
	{ "ALBA-", "AlmaLinux", false },
	{ "ALEA-", "AlmaLinux", false },
	{ "RLSA-", "Rocky Linux", true },
	{ "RXSA-", "Rocky Linux", true },
	{ "RLBA-", "Rocky Linux", false },
	{ "RLEA-", "Rocky Linux", false },
	{ "RXBA-", "Rocky Linux", false },
	{ "RXEA-", "Rocky Linux", false },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct entries {
	struct affected *at;
	size_t n, cap;
};

struct maker {
	struct emitter *em;
	const struct erratum *x;
	const char *whose;
	struct entries entries;
	struct strmap *index; /* owned: what an entry is about -> its place */
	bool has_unnamed;     /* of a module that is not named */
};

/* ---- packages ---- */

static const char *
last_in(const char *s, size_t len, char c)
{
	while (len > 0 && s[len - 1] != c)
		len--;
	return len > 0 ? s + len - 1 : NULL;
}

/* "NAME-[EPOCH:]VERSION-RELEASE.ARCH.rpm" into its parts, from the right. */
static bool
split_nevra(struct arena *a, struct rpm *p)
{
	const char *s = p->nevra, *arch, *release, *version, *colon;
	size_t len = strlen(s);

	if (str_ends(s, ".rpm"))
		len -= 4;
	if ((arch = last_in(s, len, '.')) == NULL ||
	    (release = last_in(s, (size_t)(arch - s), '-')) == NULL ||
	    (version = last_in(s, (size_t)(release - s), '-')) == NULL)
		return false;
	p->arch = arena_strndup(a, arch + 1, len - (size_t)(arch + 1 - s));
	p->release = arena_strndup(a, release + 1, (size_t)(arch - release - 1));
	p->name = arena_strndup(a, s, (size_t)(version - s));
	colon = memchr(version, ':', (size_t)(release - version));
	if (colon != NULL) {
		p->epoch = arena_strndup(a, version + 1, (size_t)(colon - version - 1));
		version = colon;
	}
	p->version = arena_strndup(a, version + 1, (size_t)(release - version - 1));
	return true;
}

static const char *
evr_of(struct arena *a, const struct rpm *p)
{
	uint64_t epoch;

	if (p->version == NULL || p->release == NULL ||
	    (p->epoch != NULL && !str_u64(p->epoch, &epoch)))
		return NULL;
	return rpm_evr(a, p->epoch, p->version, p->release);
}

static bool
is_modular(const char *release)
{
	return strstr(release, "module_el") != NULL ||
	       strstr(release, "module+el") != NULL;
}

/* "mariadb:10.3:8050020220427075058:c5368500:x86_64": name and stream are what counts. */
static const char *
module_name(struct arena *a, const char *module)
{
	size_t name = strcspn(module, ":");
	size_t stream = module[name] == ':' ? strcspn(module + name + 1, ":") : 0;

	return stream == 0 ? NULL : arena_strndup(a, module, name + 1 + stream);
}

/* The module of all packages of X that name one; NULL if there is none, or several. */
static const char *
common_module(struct maker *m)
{
	const char *common =
	    m->x->module != NULL ? module_name(m->em->arena, m->x->module) : NULL;

	for (size_t i = 0; i < m->x->packages.n; i++) {
		const char *module = m->x->packages.at[i].module;

		if (module == NULL ||
		    (module = module_name(m->em->arena, module)) == NULL)
			continue;
		if (common != NULL && !str_eq(common, module))
			return NULL;
		common = module;
	}
	return common;
}

/* ---- releases ---- */

/* The major release behind the last "el" that has a number: "5.1.el8_4", "module_el8.5". */
static size_t
dist_tag(const char *release, const char **ret)
{
	size_t digits = 0;

	for (const char *p = release; (p = strstr(p, "el")) != NULL; p += 2) {
		if (p == release || strchr("._+", p[-1]) == NULL ||
		    strspn(p + 2, DIGITS) == 0)
			continue;
		*ret = p + 2;
		digits = strspn(p + 2, DIGITS);
	}
	return digits;
}

/* The number in "Rocky Linux 10 aarch64". */
static size_t
product_release(const char *product, const char **ret)
{
	const char *p = product;

	while (p != NULL && *p != '\0') {
		size_t digits = strspn(p, DIGITS);

		if (digits > 0 && p > product && p[-1] == ' ') {
			*ret = p;
			return digits;
		}
		p += digits > 0 ? digits : 1;
	}
	return 0;
}

static const char *
ecosystem_of(struct maker *m, const struct rpm *p)
{
	struct osv_ecosystem found;
	const char *number = "";
	size_t digits = dist_tag(p->release, &number);

	if (digits == 0)
		digits = product_release(p->product, &number);
	if (digits == 0 || digits > 3 ||
	    !ecosystem_of_osv(
		arena_printf(m->em->arena, "%s:%.*s", m->whose, (int)digits, number),
		m->em->arena, &found))
		return NULL;
	return found.ecosystem;
}

/* Packages of an interest group come from its own repositories. */
static const char *
stream_of(struct arena *a, const char *product)
{
	const char *sig = product == NULL ? NULL : strstr(product, " SIG ");

	return sig == NULL ? ""
			   : arena_printf(a, "sig-%s",
				 str_lower(a, sig + 5, strcspn(sig + 5, " ")));
}

/* ---- entries ---- */

static void
add_arch(struct arena *a, struct affected *entry, const char *arch)
{
	struct texts archs = { entry->archs, entry->n_archs, entry->n_archs };

	/* what fits every machine restricts nothing, and then neither do the others */
	if (str_eq(arch, "noarch") ||
	    (entry->n_archs == 1 && str_eq(entry->archs[0], "noarch")))
		archs = (struct texts){ 0 };
	texts_add(a, &archs, arch);
	entry->archs = archs.at;
	entry->n_archs = archs.n;
}

/* One entry for each package, version, module and stream; architectures gather in it. */
static void
put_entry(struct maker *m, const struct affected *entry, const char *arch)
{
	bool is_new;
	uint64_t *place = strmap_put(m->index,
	    arena_printf(m->em->arena, "%s\n%s\n%s\n%s\n%s", entry->ecosystem,
		entry->stream, entry->package, entry->module, entry->fixed),
	    &is_new);

	if (is_new) {
		*place = m->entries.n;
		*ARENA_PUSH(m->em->arena, &m->entries) = *entry;
	}
	add_arch(m->em->arena, &m->entries.at[*place], arch);
}

/* What keeps P from being an entry; NULL if nothing does. */
static const char *
add_package(struct maker *m, struct rpm *p, const char *common)
{
	struct arena *a = m->em->arena;
	struct affected entry = {
		.kind = KIND_BINARY, .module = "", .status = STATUS_FIXED
	};

	if (p->nevra != NULL && !split_nevra(a, p))
		return "a package that cannot be told apart";
	entry.fixed = evr_of(a, p);
	if (p->name == NULL || !package_is_sane(p->name) || entry.fixed == NULL ||
	    !version_is_sane(entry.fixed) || p->arch == NULL ||
	    !package_is_sane(p->arch))
		return "a package without name, version or architecture";
	if (str_eq(p->arch, "src") || str_eq(p->arch, "nosrc"))
		return NULL;
	if ((entry.ecosystem = ecosystem_of(m, p)) == NULL)
		return "a package of no release that is known";
	entry.package = p->name;
	entry.stream = stream_of(a, p->product);
	if (is_modular(p->release)) {
		const char *module =
		    p->module != NULL ? module_name(a, p->module) : common;

		/* without its name it would be held against packages outside of it */
		if (module == NULL) {
			m->has_unnamed = true;
			return NULL;
		}
		entry.module = module;
	}
	put_entry(m, &entry, p->arch);
	return NULL;
}

static enum err_code
add_packages(struct maker *m, struct erratum *x, struct err *e)
{
	const char *common = common_module(m), *fault = NULL;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < x->packages.n && rc == ERR_OK; i++) {
		const char *why = add_package(m, &x->packages.at[i], common);

		if (fault == NULL)
			fault = why;
		rc = emit_room(m->em, e);
	}
	if (fault == NULL && m->has_unnamed)
		fault = "packages of a module that is not named";
	if (fault == NULL && m->entries.n == 0)
		fault = "names no package";
	if (rc == ERR_OK && fault != NULL)
		emit_skipped(m->em, x->id, fault);
	return rc;
}

/* ---- the record ---- */

/* A score is that of the one vulnerability; of several it is nobody's in particular. */
static void
rate(struct emitter *em, const struct erratum *x, struct record *r)
{
	struct scores scores = { .severity = SEVERITY_UNKNOWN };

	if (x->cves.n == 1)
		scores_choose(em->arena, &x->scores, &scores);
	r->cvss = scores.list.at;
	r->n_cvss = scores.list.n;
	r->vendor_severity = x->severity;
	r->severity = vendor_severity(x->severity);
	if (r->severity != SEVERITY_UNKNOWN || scores.severity == SEVERITY_UNKNOWN)
		return;
	r->severity = scores.severity;
	r->vendor_severity = NULL;
}

static enum err_code
emit_made(struct maker *m, struct erratum *x, struct err *e)
{
	struct arena *a = m->em->arena;
	struct record r = {
		.key = x->id,
		.source = m->em->source,
		.id = x->id,
		.title = x->title,
		.description = x->description,
		.published = x->issued,
		.modified = x->updated,
		.affected = m->entries.at,
		.n_affected = m->entries.n,
	};

	rate(m->em, x, &r);
	if (x->cves.n == 0) { /* some have them nowhere but in the prose */
		texts_add_cves(a, &x->cves, x->title);
		texts_add_cves(a, &x->cves, x->description);
	}
	if (x->cves.n == 0)
		texts_add(a, &x->cves, x->id);
	if (x->links.n == 0 && str_starts(x->id, "R"))
		texts_add(a, &x->links, arena_printf(a, ROCKY_ERRATA "%s", x->id));
	r.vulnerabilities = x->cves.at;
	r.n_vulnerabilities = x->cves.n;
	r.references = x->links.at;
	r.n_references = x->links.n;
	r.cwes = x->cwes.at;
	r.n_cwes = x->cwes.n;
	return emit_record(m->em, &r, e);
}

enum err_code
errata_emit(struct emitter *em, struct erratum *x, const char *place, struct err *e)
{
	struct maker m = { .em = em, .x = x };
	size_t kind = 0;
	enum err_code rc;

	while (
	    kind < N_KINDS && (x->id == NULL || !str_starts(x->id, kinds[kind].prefix)))
		kind++;
	if (kind == N_KINDS || !package_is_sane(x->id) || !x->has_packages) {
		emit_skipped(em, x->id != NULL ? x->id : place, "no erratum");
		return ERR_OK;
	}
	if (x->type == NULL ? !kinds[kind].is_security
			    : !str_caseeq(x->type, "security"))
		return ERR_OK;
	m.whose = kinds[kind].whose;
	m.index = strmap_new();
	if ((rc = add_packages(&m, x, e)) == ERR_OK && m.entries.n > 0)
		rc = emit_made(&m, x, e);
	strmap_free(m.index);
	return rc;
}
