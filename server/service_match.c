/* SPDX-License-Identifier: Apache-2.0 */
/* The store's units through match and back: deciding, registering, scanning, explaining. */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/component.h"
#include "core/str.h"
#include "core/strmap.h"
#include "match/match.h"
#include "server/service.h"
#include "store/feeds.h"
#include "store/images.h"

#define SLICE_MS    40
#define SLICE_UNITS 200
/* How often a registration is tried again because a feed was applied under it; from the
 * second try on it has its turn, so that only another process can be quicker. */
#define MAX_PUT_TRIES 20

static void
decide_one(const struct unit *u, const struct subject *s, struct decision *ret)
{
	memset(ret, 0, sizeof(*ret));
	match_decide(s, u->statements, u->n_statements, ret);
	ret->component_id = s->component_id;
	ret->vulnerability_id = u->vulnerability_id;
	match_severity(ret, u->ratings, u->n_ratings);
}

/* One decision per subject, unit after unit. */
static struct decision *
decide_units(const struct unit *units, size_t n, struct arena *a)
{
	struct decision *all;
	size_t total = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		total += units[i].n_subjects;
	all = arena_array(a, total, sizeof(*all));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < units[i].n_subjects; j++)
			decide_one(&units[i], &units[i].subjects[j], &all[at++]);
	return all;
}

static enum err_code
decide_slice(struct worker *w, struct arena *a, size_t *ret_n, struct err *e)
{
	struct unit *units = NULL;
	size_t n = 0;
	enum err_code rc;

	if ((rc = store_due_units(w->store, SLICE_UNITS, a, &units, &n, e)) != ERR_OK)
		return rc;
	*ret_n = n;
	if (n == 0)
		return ERR_OK;
	rc = store_decide(
	    w->store, units, n, decide_units(units, n, a), clock_now_s(w->clock), e);
	/* Somebody else decided them: nothing was written, the next slice reads again. */
	return rc == ERR_CONFLICT ? ERR_OK : rc;
}

enum err_code
service_match(struct worker *w, bool *ret_idle, struct err *e)
{
	struct arena *a = arena_new();
	int64_t now = clock_now_s(w->clock);
	size_t decided = 0, closed = 0;
	bool applied_all = false, tidy = false;
	enum err_code rc;

	*ret_idle = false;
	rc = store_apply(w->store, now, SLICE_MS, &applied_all, e);
	if (rc == ERR_OK && applied_all)
		rc = decide_slice(w, a, &decided, e);
	if (rc == ERR_OK && applied_all && decided == 0)
		rc = store_runs_close(w->store, now, &closed, e);
	if (rc == ERR_OK && applied_all && decided == 0 && closed == 0) {
		rc = store_tidy(w->store, now, SLICE_MS, &tidy, e);
		*ret_idle = rc == ERR_OK && tidy;
	}
	arena_free(a);
	return rc;
}

enum err_code
service_match_all(struct worker *w, struct err *e)
{
	bool idle = false;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && !idle) {
		if (w->progress != NULL && !w->progress(w->arg, "matching", 0, 0, 0))
			return err_set(e, ERR_BUSY, "stopped");
		rc = service_match(w, &idle, e);
	}
	return rc;
}

/* ---- images ---- */

/* A package of an image, whichever its version. */
static const char *
package_key(struct arena *a, const struct component *c)
{
	return arena_printf(a, "%s\n%s\n%s", str_or_empty(c->ecosystem), c->name,
	    str_or_empty(c->arch));
}

/* Append to *TO those of the N components at BEFORE that it names in no version. */
static void
append_unread(
    struct inventory *to, const struct component *before, size_t n, struct arena *a)
{
	struct component *all = arena_array(a, to->n + n, sizeof(*all));
	struct strmap *named = strmap_new();

	for (size_t i = 0; i < to->n; i++) {
		all[i] = to->components[i];
		(void)strmap_put(named, package_key(a, &all[i]), NULL);
	}
	to->components = all;
	for (size_t i = 0; i < n; i++)
		if (strmap_get(named, package_key(a, &before[i])) == NULL)
			all[to->n++] = before[i];
	strmap_free(named);
}

/*
 * A partial reading does not say that what it could not read is gone: packages that the
 * image NAME had, and that *INV names in no version, stay in it until a whole reading
 * says otherwise.  So no finding is closed by a file that was damaged.
 */
static enum err_code
keep_unread(struct worker *w, struct scope scope, const char *name, struct arena *a,
    const struct inventory **inv, struct err *e)
{
	struct inventory *both = arena_memdup(a, *inv, sizeof(**inv));
	struct component *before = NULL;
	struct image_row image;
	size_t n = 0;
	enum err_code rc;

	rc = store_image(w->store, scope, 0, name, a, &image, e);
	if (rc == ERR_NOTFOUND)
		return ERR_OK;
	if (rc != ERR_OK || (rc = store_image_components(w->store, scope, image.id, a,
				 &before, &n, e)) != ERR_OK)
		return rc;
	append_unread(both, before, n, a);
	inventory_normalize(both);
	*inv = both;
	return ERR_OK;
}

enum err_code
service_register(struct worker *w, struct scope scope, const struct image_put *put,
    const struct inventory *inv, int64_t *ret_image_id, enum put_result *ret_result,
    struct change_counts *ret_changes, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = ERR_CONFLICT;

	for (int i = 0; i < MAX_PUT_TRIES && rc == ERR_CONFLICT; i++) {
		struct resolved *resolved = NULL;
		struct unit *units = NULL;
		const struct inventory *all = inv;
		size_t n = 0;

		arena_reset(a);
		if (i == 1)
			store_take_turn(w->store);
		rc = inv->partial ? keep_unread(w, scope, put->name, a, &all, e)
				  : ERR_OK;
		if (rc == ERR_OK)
			rc = store_resolve(w->store, all, a, &resolved, &units, &n, e);
		if (rc == ERR_OK)
			rc = store_image_put(w->store, scope, put, all, resolved, units,
			    n, decide_units(units, n, a), ret_image_id, ret_result,
			    ret_changes, e);
	}
	store_end_turn(w->store);
	arena_free(a);
	return rc == ERR_CONFLICT
		   ? err_set(e, ERR_BUSY, "advisories keep changing, try again")
		   : rc;
}

enum err_code
service_scan(struct worker *w, const struct inventory *inv, struct arena *a,
    struct finding_row **ret, size_t *ret_n, struct coverage *ret_coverage,
    struct err *e)
{
	struct {
		struct finding_row *at;
		size_t n, cap;
	} found = { 0 };
	const struct scope nobody = { .team_id = -1 };
	struct unit *units = NULL;
	size_t n = 0;
	enum err_code rc;

	rc = store_coverage(w->store, nobody, 0, inv, a, ret_coverage, e);
	if (rc == ERR_OK)
		rc = store_scan_units(w->store, inv, a, &units, &n, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		for (size_t j = 0; j < units[i].n_subjects && rc == ERR_OK; j++) {
			struct decision d;

			decide_one(&units[i], &units[i].subjects[j], &d);
			if (d.is_match)
				rc = store_scan_finding(w->store, &units[i],
				    &units[i].subjects[j], &d, a, ARENA_PUSH(a, &found),
				    e);
		}
	}
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < found.n; i++)
		found.at[i].origin = inventory_origin(inv, found.at[i].ecosystem,
		    found.at[i].package, found.at[i].version);
	*ret = found.at;
	*ret_n = found.n;
	return ERR_OK;
}

/* ---- explain ---- */

/* The most telling reason of several packages: being affected, else the closest miss. */
static const enum reason reason_order[] = {
	REASON_AFFECTED,
	REASON_NOT_COMPARABLE,
	REASON_VERSION_HAS_FIX,
	REASON_VENDOR_NOT_AFFECTED,
	REASON_OTHER_STREAM,
	REASON_OTHER_ARCHITECTURE,
	REASON_NOT_APPLICABLE,
	REASON_NO_STATEMENT,
	REASON_NOT_IN_INVENTORY,
};

static enum reason
overall_reason(const struct explanation *x)
{
	for (size_t i = 0; i < sizeof(reason_order) / sizeof(reason_order[0]); i++)
		for (size_t j = 0; j < x->n_packages; j++)
			if (x->packages[j].reason == reason_order[i])
				return reason_order[i];
	return x->vulnerability == NULL ? REASON_NO_STATEMENT : REASON_NOT_IN_INVENTORY;
}

static bool
is_deciding(const struct explanation *x, const struct statement *s)
{
	for (size_t i = 0; i < x->n_packages; i++)
		if (x->packages[i].by == s)
			return true;
	return false;
}

static void
explain_unit(const struct unit *u, struct arena *a, struct explanation *x)
{
	x->packages = arena_array(a, u->n_subjects, sizeof(*x->packages));
	for (size_t i = 0; i < u->n_subjects; i++) {
		const struct subject *s = &u->subjects[i];
		struct decision d;

		decide_one(u, s, &d);
		x->affected |= d.is_match;
		x->packages[x->n_packages++] = (struct explained_package){
			.name = s->package,
			.installed = s->version,
			.ecosystem = s->ecosystem,
			.stream = d.by != NULL ? d.by->stream : "",
			.source_package = s->origin_package,
			.source_version = s->origin_version,
			.reason = d.is_match ? REASON_AFFECTED : d.reason,
			.by = d.by,
			.severity = d.severity,
		};
	}
	x->others = arena_array(a, u->n_statements, sizeof(*x->others));
	for (size_t i = 0; i < u->n_statements; i++)
		if (!is_deciding(x, &u->statements[i]))
			x->others[x->n_others++] = &u->statements[i];
}

enum err_code
service_explain(struct worker *w, struct scope scope, int64_t image_id,
    const char *vulnerability, struct arena *a, struct explanation *ret, struct err *e)
{
	struct vulnerability_row v;
	struct image_row image;
	struct unit *u = arena_zalloc(a, sizeof(*u));
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	rc = store_image(w->store, scope, image_id, NULL, a, &image, e);
	if (rc != ERR_OK)
		return rc;
	rc = store_vulnerability(w->store, vulnerability, a, &v, e);
	if (rc == ERR_NOTFOUND) {
		ret->reason = REASON_NO_STATEMENT;
		return ERR_OK;
	}
	if (rc == ERR_OK)
		rc = store_explain(w->store, scope, image_id, v.id, a, u, e);
	if (rc != ERR_OK)
		return rc;
	ret->vulnerability_id = v.id;
	ret->vulnerability = v.name;
	explain_unit(u, a, ret);
	ret->reason = overall_reason(ret);
	return ERR_OK;
}
