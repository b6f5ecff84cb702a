/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv_entries - from the ranges of a record to entries.
 *
 * A range is a list of events, "introduced", "fixed" and "last_affected", which by the
 * schema are to be sorted by version and walked.  Publishers write them in pairs, so a
 * pair is an entry and no order of versions is needed here.  "versions" are what OSV.dev
 * found a range to mean; they are read where there is no range that can be.
 */
#include "fetchers/osv.h"

#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/limits.h"
#include "core/purl.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/vendor.h"

/* Modules that one advisory of a distribution is about. */
#define MAX_MODULES 8

struct maker {
	struct emitter *em;
	const struct osv_record *rec;
	const struct osv_names *names;
	struct osv_entries *out;
	const char *why;     /* the first reason why something could not be used */
	struct strmap *seen; /* owned: entries that are there; NULL = cannot be twice */
	const char *text;    /* of the ecosystem looked up last */
	struct osv_ecosystem found;
	bool is_known;
	const char *modules[MAX_MODULES];
	size_t n_modules;
};

/* ---- modules ---- */

static bool
is_module_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || strchr("._+-", c) != NULL;
}

/* Length of "mariadb:10.3" at the start of WORD; 0 if there is none. */
static size_t
module_length(const char *word, size_t len)
{
	size_t name = 0, end;

	while (name < len && is_module_char(word[name]))
		name++;
	if (name == 0 || name == len || word[name] != ':')
		return 0;
	for (end = name + 1; end < len && is_module_char(word[end]);)
		end++;
	/* "httpd:2.4/mod_http2" is the module with one of its packages behind it */
	if (end == name + 1 || (end < len && word[end] != '/'))
		return 0;
	return end;
}

/*
 * "Moderate: python39:3.9 and python39-devel:3.9 security update".  "kernel:4.18.0" looks
 * the same and is a package, so these count only for versions that say "module".
 */
static void
find_modules(struct maker *m)
{
	for (const char *p = str_or_empty(m->rec->summary); *p != '\0';) {
		size_t len = strcspn(p, " "), module = module_length(p, len);

		if (module > 0 && m->n_modules < MAX_MODULES)
			m->modules[m->n_modules++] =
			    arena_strndup(m->em->arena, p, module);
		p += len;
		p += strspn(p, " ");
	}
}

/* The dist tag of modular packages, in its two spellings. */
static bool
is_modular(const char *version)
{
	return version != NULL && (strstr(version, ".module_el") != NULL ||
				      strstr(version, ".module+el") != NULL);
}

/* ---- what a package is ---- */

static void
give_reason(struct maker *m, const char *why)
{
	if (m->why == NULL)
		m->why = why;
}

/* Neighbours are mostly of one ecosystem. */
static bool
find_ecosystem(struct maker *m, const char *text)
{
	if (text == NULL)
		return false;
	if (m->text == NULL || !str_eq(m->text, text)) {
		m->text = text;
		m->is_known = ecosystem_of_osv(text, m->em->arena, &m->found);
	}
	return m->is_known;
}

/*
 * The stream that a purl names better than the ecosystem does: Ubuntu writes
 * "distro=esm-infra/xenial", Rocky's interest groups "distro=rocky-linux-8-sig-cloud".
 */
static const char *
stream_of(struct arena *a, const char *purl, const char *otherwise)
{
	const char *distro, *slash, *sig;
	struct purl p;

	if (purl == NULL || !purl_parse(purl, a, &p) ||
	    (distro = purl_qualifier(&p, "distro")) == NULL)
		return otherwise;
	if ((slash = strchr(distro, '/')) != NULL && slash > distro)
		return arena_strndup(a, distro, (size_t)(slash - distro));
	if ((sig = strstr(distro, "-sig-")) != NULL)
		return sig + 1;
	return otherwise;
}

/* The address of a repository, as Swift names its packages, without how to get there. */
static const char *
without_scheme(const char *name)
{
	const char *colon = strstr(name, "://");

	return colon != NULL ? colon + 3 : name;
}

/* Fill what all entries of P share; false if P is about nothing that is known here. */
static bool
read_package(struct maker *m, const struct osv_package *p, struct affected *ret)
{
	const char *name;

	if (!find_ecosystem(m, p->ecosystem)) {
		give_reason(m, p->ecosystem == NULL
				   ? "names no package"
				   : arena_printf(m->em->arena,
					 "speaks of \"%s\", which is no ecosystem that "
					 "is known here",
					 p->ecosystem));
		return false;
	}
	if (p->is_livepatch) {
		give_reason(
		    m, "is about patch modules of a kernel, not about packages");
		return false;
	}
	if (p->name == NULL || !package_is_sane(name = without_scheme(p->name))) {
		give_reason(m, "names no package");
		return false;
	}
	*ret = (struct affected){
		.ecosystem = m->found.ecosystem,
		.stream = stream_of(m->em->arena, p->purl, m->found.stream),
		.package = ecosystem_package(m->found.ecosystem, name, m->em->arena),
		.kind = m->found.kind,
		.module = "",
		.status = STATUS_AFFECTED,
		.severity = vendor_severity(p->word),
		.vendor_severity = p->word,
	};
	if (str_eq(p->informational, "unmaintained") ||
	    str_eq(p->informational, "notice")) {
		/* nobody looks after it any more: worth knowing, but no flaw */
		ret->severity = SEVERITY_NEGLIGIBLE;
		ret->vendor_severity = p->informational;
	}
	return true;
}

/* ---- entries ---- */

/* Products of one release repeat the same packages. */
static bool
is_there_already(struct maker *m, const struct affected *a)
{
	bool is_new = true;

	if (m->seen != NULL)
		(void)strmap_put(m->seen,
		    arena_printf(m->em->arena, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%zu",
			a->ecosystem, a->stream, a->package, a->module,
			str_or_empty(a->introduced), str_or_empty(a->fixed),
			str_or_empty(a->last_affected), a->n_versions),
		    &is_new);
	return !is_new;
}

static void
push(struct maker *m, const struct affected *a)
{
	if (m->out->n <= MAX_AFFECTED && !is_there_already(m, a))
		*ARENA_PUSH(m->em->arena, m->out) = *a;
}

/* One entry, or one for each module that it may be about. */
static void
push_modular(struct maker *m, const struct affected *a)
{
	struct affected one = *a;

	if (!is_modular(a->fixed) && !is_modular(a->last_affected)) {
		push(m, a);
		return;
	}
	/* without its name it would be held against the packages outside of it */
	if (m->n_modules == 0)
		give_reason(
		    m, "is about a module's packages and does not name the module");
	for (size_t i = 0; i < m->n_modules; i++) {
		one.module = m->modules[i];
		push(m, &one);
	}
}

/*
 * "<= 1.2.3" or "< 1.2.3": up to where GitHub knows the flaw, while nobody has mended it.
 * The second form is a bound and no fix: the entry keeps its status.
 */
static void
set_last_known(struct arena *a, const char *text, struct affected *entry)
{
	const char *version = text + strspn(text, "<= ");
	bool includes = str_starts(text, "<=");

	if (!str_starts(text, "<") || !version_is_sane(version))
		return;
	if (includes)
		entry->last_affected = arena_strdup(a, version);
	else
		entry->fixed = arena_strdup(a, version);
}

/* From INTRODUCED to END, either of which may be NULL. */
static void
push_pair(struct maker *m, const struct osv_package *p, const struct affected *shared,
    const struct osv_event *introduced, const struct osv_event *end)
{
	struct affected a = *shared;

	if (introduced != NULL && !str_eq(introduced->version, "0"))
		a.introduced = introduced->version;
	if (end == NULL) {
		if (p->last_known != NULL)
			set_last_known(m->em->arena, p->last_known, &a);
	} else if (end->bound == OSV_LAST_AFFECTED) {
		a.last_affected = end->version;
	} else {
		a.fixed = end->version;
		/* what was made to do harm is not mended by a newer version */
		if (!m->names->is_malware)
			a.status = STATUS_FIXED;
	}
	push_modular(m, &a);
}

static bool
is_sane(const struct osv_range *r)
{
	for (size_t i = 0; i < r->events.n; i++)
		if (!version_is_sane(r->events.at[i].version))
			return false;
	return r->events.n > 0;
}

/* Pairs as they are written: every beginning up to the end that comes next. */
static void
push_range(struct maker *m, const struct osv_package *p, const struct affected *shared,
    const struct osv_range *r)
{
	const struct osv_event *open = NULL;

	for (size_t i = 0; i < r->events.n; i++) {
		const struct osv_event *ev = &r->events.at[i];

		if (ev->bound == OSV_INTRODUCED) {
			if (open == NULL)
				open = ev;
		} else if (open != NULL) {
			push_pair(m, p, shared, open, ev);
			open = NULL;
		}
	}
	if (open != NULL)
		push_pair(m, p, shared, open, NULL);
}

/* Exactly the versions listed; those that are none are left out. */
static void
push_versions(
    struct maker *m, const struct osv_package *p, const struct affected *shared)
{
	struct affected a = *shared;
	size_t n = 0;

	a.versions = arena_array(m->em->arena, p->versions.n, sizeof(*a.versions));
	for (size_t i = 0; i < p->versions.n; i++)
		if (version_is_sane(p->versions.at[i]))
			a.versions[n++] = p->versions.at[i];
	a.n_versions = n;
	if (n > 0)
		push(m, &a);
}

static bool
is_ordered(const struct osv_range *r)
{
	return str_eq(r->type, "ECOSYSTEM") || str_eq(r->type, "SEMVER");
}

static void
push_package(struct maker *m, const struct osv_package *p, size_t place)
{
	bool has_range = false, has_bad = false;
	struct affected shared;

	if (!read_package(m, p, &shared))
		return;
	for (size_t i = 0; i < p->ranges.n; i++) {
		if (!is_ordered(&p->ranges.at[i]))
			continue;
		if (is_sane(&p->ranges.at[i])) {
			push_range(m, p, &shared, &p->ranges.at[i]);
			has_range = true;
		} else {
			has_bad = true;
		}
	}
	if (has_bad)
		emit_skipped(m->em, m->rec->id,
		    arena_printf(m->em->arena,
			"affected[%zu]: a range whose bounds are no versions", place));
	if (!has_range && p->versions.n > 0)
		push_versions(m, p, &shared);
	else if (!has_range && m->names->is_malware)
		push(m, &shared); /* every version that ever was */
	else if (!has_range)
		give_reason(m, "names no version of a package");
}

/* ---- Ubuntu Pro ---- */

static bool
has_base(const struct osv_entries *list, const struct affected *a)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].stream[0] == '\0' &&
		    str_eq(list->at[i].package, a->package) &&
		    str_eq(list->at[i].ecosystem, a->ecosystem))
			return true;
	return false;
}

/*
 * Of a release whose free support is over Ubuntu lists the paid stream alone.  Whoever
 * does not have it is affected too, up to the version that only subscribers get, and
 * will not get a fix.
 */
static void
add_unsubscribed(struct maker *m, const struct affected *a, const char *availability)
{
	struct affected base = *a;

	if (!str_starts(a->stream, "esm-") || has_base(m->out, a))
		return;
	base.stream = "";
	base.status = STATUS_WONT_FIX;
	base.vendor_state =
	    availability != NULL ? availability : "Available with Ubuntu Pro";
	push(m, &base);
}

/* The entries FROM and behind were made from P. */
static void
finish_package(struct maker *m, const struct osv_package *p, size_t from)
{
	bool is_paid =
	    p->availability != NULL && !str_starts(p->availability, "No subscription");

	for (size_t i = from; is_paid && i < m->out->n; i++)
		m->out->at[i].vendor_state = p->availability;
}

enum err_code
osv_entries(struct emitter *em, const struct osv_record *rec,
    const struct osv_names *names, struct osv_entries *ret, const char **ret_why,
    struct err *e)
{
	struct maker m = { .em = em, .rec = rec, .names = names, .out = ret };
	enum err_code rc = ERR_OK;
	size_t n_paid;

	if (rec->packages.n > 1)
		m.seen = strmap_new();
	if (names->is_distro)
		find_modules(&m);
	for (size_t i = 0; i < rec->packages.n && rc == ERR_OK; i++) {
		size_t from = ret->n;

		push_package(&m, &rec->packages.at[i], i);
		finish_package(&m, &rec->packages.at[i], from);
		rc = emit_room(em, e);
	}
	n_paid = ret->n;
	for (size_t i = 0; i < n_paid && rc == ERR_OK; i++) {
		const struct affected a = ret->at[i];

		add_unsubscribed(&m, &a, a.vendor_state);
		rc = emit_room(em, e);
	}
	strmap_free(m.seen);
	*ret_why = m.why != NULL ? m.why : "names no package";
	return rc;
}
