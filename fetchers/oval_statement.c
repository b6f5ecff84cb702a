/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_statement - a test for a version as an entry: range, status, the publisher's word,
 * and for whom it holds.
 */
#include "fetchers/oval_criteria.h"

#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"

/* Entries of one definition that are looked through without an index. */
#define FEW 32

/* Ubuntu says in words only what the tests mean. */
static enum status
status_of_comment(const char *comment)
{
	static const struct {
		const char *words;
		enum status status;
	} rows[] = {
		{ "was vulnerable but has been fixed", STATUS_FIXED },
		{ "has been fixed, but no release version available", STATUS_UNKNOWN },
		{ "is related to the CVE in some way and has been fixed",
		    STATUS_NOT_AFFECTED },
		{ "is not affected", STATUS_NOT_AFFECTED },
		{ "a decision has been made to defer", STATUS_DEFERRED },
		{ "a decision has been made to ignore", STATUS_WONT_FIX },
		{ "is affected and needs fixing", STATUS_AFFECTED },
		{ "is affected and may need fixing", STATUS_UNDER_INVESTIGATION },
		{ "has been completed and is pending publication", STATUS_AFFECTED },
	};

	for (size_t i = 0; comment != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strstr(comment, rows[i].words) != NULL)
			return rows[i].status;
	/* notices (USN) have a title there: they list what is fixed */
	return STATUS_FIXED;
}

/* "(note: 'reached end-of-life')" */
static const char *
note_of_comment(struct arena *a, const char *comment)
{
	static const char word[] = "(note: '";
	const char *note = comment == NULL ? NULL : strstr(comment, word), *end;

	if (note == NULL)
		return NULL;
	note += sizeof(word) - 1;
	end = strstr(note, "')");
	return end == NULL || end == note
		   ? NULL
		   : arena_strndup(a, note, (size_t)(end - note));
}

/* "openssh package in fips-updates/jammy", "... in trusty/esm"; NULL = not said. */
static const char *
stream_of_comment(struct arena *a, const char *comment)
{
	static const char word[] = " package in ";
	const char *place = comment == NULL ? NULL : strstr(comment, word), *slash;
	size_t len;

	if (place == NULL)
		return NULL;
	place += sizeof(word) - 1;
	len = strcspn(place, " ,");
	if ((slash = memchr(place, '/', len)) == NULL)
		return "";
	/* both of the extended repositories are those of Ubuntu Pro */
	if (str_starts(place, "esm") || str_starts(slash, "/esm"))
		return "pro";
	return arena_strndup(a, place, (size_t)(slash - place));
}

static enum status
status_of_resolution(const char *state)
{
	static const struct {
		const char *state;
		enum status status;
	} rows[] = {
		{ "Affected", STATUS_AFFECTED },
		{ "Fix deferred", STATUS_DEFERRED },
		{ "Will not fix", STATUS_WONT_FIX },
		{ "Out of support scope", STATUS_END_OF_LIFE },
		{ "Under investigation", STATUS_UNDER_INVESTIGATION },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_caseeq(rows[i].state, state))
			return rows[i].status;
	return STATUS_AFFECTED;
}

/* "nodejs:18/npm" is npm of a module. */
static bool
is_component(const char *component, const char *name, const char *module)
{
	const char *slash = strchr(component, '/');

	if (slash == NULL)
		return str_eq(component, name);
	return str_eq(slash + 1, name) &&
	       strlen(module) == (size_t)(slash - component) &&
	       str_starts(component, module);
}

/* What the publisher means to do about a package that has no fix; one word may be for all. */
static const char *
resolution_of(const struct oval_definition *d, const struct affected *aff)
{
	const char *all = NULL;

	for (size_t i = 0; i < d->resolutions.n; i++) {
		const struct oval_resolution *r = &d->resolutions.at[i];

		if (is_component(r->component, aff->package, aff->module))
			return r->state;
		if (i == 0)
			all = r->state;
		else if (!str_eq(all, r->state))
			all = NULL;
	}
	return all;
}

/* "0:0-0", "0.0.0": below every version. */
static bool
is_zero(const char *evr)
{
	return strspn(evr, "0:.-") == strlen(evr);
}

/* The tag alone is no release: "0.9.0.cm2" means 0.9.0. */
static const char *
version_of(struct judge *j, const char *evr)
{
	struct oval_home tagged;

	if (!j->who->has_bare_tags || strchr(evr, '-') != NULL ||
	    !oval_home_of_version(j->em->arena, evr, &tagged))
		return evr;
	return arena_strndup(j->em->arena, evr, (size_t)(strrchr(evr, '.') - evr));
}

/* The range that L asks for, into AFF; false if it asks nothing that can be told. */
static bool
set_range(struct judge *j, const struct oval_leaf *l, struct affected *aff)
{
	const char *v = l->evr_op != OVAL_NOTHING ? version_of(j, l->evr) : l->version;

	if (l->evr_op == OVAL_NOTHING) {
		/* no package has version 0: SUSE's way to say that it is not affected */
		aff->status = STATUS_NOT_AFFECTED;
		return l->version_op == OVAL_EQUALS && is_zero(v);
	}
	if (!version_is_sane(v))
		return false;
	aff->status = STATUS_AFFECTED;
	switch (l->evr_op) {
	case OVAL_LESS:
		aff->status = is_zero(v) ? STATUS_NOT_AFFECTED : STATUS_FIXED;
		aff->fixed = is_zero(v) ? NULL : v;
		return true;
	case OVAL_LESS_EQUAL:
		aff->last_affected = v;
		return true;
	case OVAL_GREATER:
		/* rpm's circumflex is the least step up: V itself is outside */
		if (!is_zero(v))
			aff->introduced = arena_printf(j->em->arena, "%s^", v);
		return true;
	case OVAL_GREATER_EQUAL:
		if (!is_zero(v))
			aff->introduced = v;
		return true;
	default:
		return false;
	}
}

static bool
is_lower_bound(const struct leaf *l)
{
	return l->kind == LEAF_PACKAGE &&
	       (l->asks.evr_op == OVAL_GREATER || l->asks.evr_op == OVAL_GREATER_EQUAL);
}

static bool
is_upper_bound(const struct leaf *l)
{
	return l->kind == LEAF_PACKAGE &&
	       (l->asks.evr_op == OVAL_LESS || l->asks.evr_op == OVAL_LESS_EQUAL);
}

static bool
same_package(struct judge *j, const struct leaf *x, const struct leaf *y)
{
	return x->asks.n_names == 1 && y->asks.n_names == 1 &&
	       str_eq(oval_name(j->t, &x->asks, 0), oval_name(j->t, &y->asks, 0));
}

/*
 * The other bound of leaf I, if node PARENT asks for both ends of a range: they stand
 * side by side below an AND.  NULL if there is none.
 */
static const struct leaf *
other_bound(struct judge *j, size_t parent, size_t i)
{
	const struct oval_node *n = &j->d->nodes.at[parent];
	bool is_upper = is_upper_bound(&j->leaves[i]);

	if (n->kind != OVAL_AND || (!is_upper && !is_lower_bound(&j->leaves[i])))
		return NULL;
	for (size_t c = parent + 1; c < n->end; c = j->d->nodes.at[c].end) {
		const struct leaf *other = &j->leaves[c];

		if (j->d->nodes.at[c].kind == OVAL_TEST &&
		    (is_upper ? is_lower_bound(other) : is_upper_bound(other)) &&
		    same_package(j, other, &j->leaves[i]))
			return other;
	}
	return NULL;
}

static void
add_arch(struct arena *a, struct affected *aff, const char *arch)
{
	const char **more;

	for (size_t i = 0; i < aff->n_archs; i++)
		if (str_eq(aff->archs[i], arch))
			return;
	/* lists are shared until they differ */
	more = arena_array(a, aff->n_archs + 1, sizeof(*more));
	memcpy(more, aff->archs, aff->n_archs * sizeof(*more));
	more[aff->n_archs++] = arch;
	aff->archs = more;
}

/* What AFF is about, as one text: its fields, each behind a mark that none contains. */
static const char *
name_entry(struct arena *a, const struct affected *aff, bool is_for_every_arch)
{
	const char *fields[] = { aff->ecosystem, aff->stream, aff->module, aff->package,
		aff->introduced, aff->fixed, aff->last_affected };
	enum { N = sizeof(fields) / sizeof(fields[0]) };
	size_t lengths[N], len = 0;
	char *text, *p;

	for (size_t i = 0; i < N; i++) {
		lengths[i] = strlen(str_or_empty(fields[i]));
		len += lengths[i] + 1;
	}
	p = text = arena_alloc(a, len + 3);
	*p++ = (char)('0' + aff->status);
	*p++ = is_for_every_arch ? '*' : ' ';
	for (size_t i = 0; i < N; i++) {
		memcpy(p, str_or_empty(fields[i]), lengths[i]);
		p += lengths[i];
		*p++ = '\n';
	}
	*p = '\0';
	return text;
}

static bool
is_same_entry(const struct affected *x, const struct affected *y)
{
	return x->status == y->status && (x->n_archs == 0) == (y->n_archs == 0) &&
	       str_eq(x->package, y->package) && str_eq(x->ecosystem, y->ecosystem) &&
	       str_eq(x->stream, y->stream) && str_eq(x->module, y->module) &&
	       str_eq(x->fixed, y->fixed) && str_eq(x->introduced, y->introduced) &&
	       str_eq(x->last_affected, y->last_affected);
}

/* The entry that says the same as AFF but for its architectures; NULL if there is none.
 * A handful is looked through, more are indexed. */
static struct affected *
find_entry(struct judge *j, const struct affected *aff)
{
	struct oval_entries *r = j->ret;
	uint64_t *place;

	for (size_t i = 0; j->index == NULL && i < r->n; i++)
		if (is_same_entry(&r->at[i], aff))
			return &r->at[i];
	if (j->index == NULL && r->n == FEW) {
		j->index = strmap_new();
		for (size_t i = 0; i < r->n; i++)
			*strmap_put(j->index,
			    name_entry(j->em->arena, &r->at[i], r->at[i].n_archs == 0),
			    NULL) = i + 1;
	}
	if (j->index == NULL)
		return NULL;
	place = strmap_put(
	    j->index, name_entry(j->em->arena, aff, aff->n_archs == 0), NULL);
	if (*place != 0)
		return &r->at[*place - 1];
	*place = r->n + 1;
	return NULL;
}

/* The same for another architecture is one entry; "noarch" fits every one. */
static void
put_entry(struct judge *j, const struct affected *like, const struct texts *archs)
{
	struct affected aff = *like, *known;

	if (archs->n > 0 && !texts_have(archs, "noarch")) {
		aff.archs = archs->at;
		aff.n_archs = archs->n;
	}
	if ((known = find_entry(j, &aff)) == NULL) {
		*ARENA_PUSH(j->em->arena, j->ret) = aff;
		return;
	}
	for (size_t i = 0; i < aff.n_archs; i++)
		add_arch(j->em->arena, known, aff.archs[i]);
}

/* Oracle has up to three builds of a package side by side, each with fixes of its own. */
static const char *
flavour_of(const struct affected *aff)
{
	if (aff->fixed == NULL)
		return "";
	if (strstr(aff->fixed, ".ksplice") != NULL)
		return "ksplice";
	return str_ends(aff->fixed, "_fips") ? "fips" : "";
}

/* Does AFF hold for some versions only? */
static bool
has_range(struct judge *j, const struct affected *aff)
{
	if (j->who->says_in_comments)
		return aff->status == STATUS_FIXED;
	return aff->status != STATUS_NOT_AFFECTED;
}

/* What is said about AFF beside its range: status, stream, the publisher's word. */
static void
set_status(struct judge *j, const struct oval_node *n, struct affected *aff)
{
	const char *state;

	if (j->denies) {
		aff->status = STATUS_NOT_AFFECTED;
	} else if (j->who->says_in_comments) {
		aff->status = status_of_comment(n->comment);
		if (aff->status != STATUS_FIXED && aff->status != STATUS_NOT_AFFECTED)
			aff->vendor_state = note_of_comment(j->em->arena, n->comment);
	} else if (aff->status == STATUS_AFFECTED &&
		   (state = resolution_of(j->d, aff)) != NULL) {
		aff->status = status_of_resolution(state);
		aff->vendor_state = state;
	}
	if (!has_range(j, aff)) {
		aff->fixed = NULL;
		aff->introduced = NULL;
		aff->last_affected = NULL;
	}
}

/* For every system of S. */
static void
put_at_homes(
    struct judge *j, const struct scope *s, const char *stream, struct affected *aff)
{
	for (size_t i = 0; i < s->homes.n; i++) {
		const char *own = s->homes.at[i].stream;

		aff->ecosystem = s->homes.at[i].ecosystem;
		aff->stream = stream != NULL ? stream : own;
		if (*aff->stream == '\0' && j->who->has_flavours)
			aff->stream = flavour_of(aff);
		if (*aff->stream == '\0' && j->d->stream != NULL)
			aff->stream = j->d->stream;
		put_entry(j, aff, &s->archs);
	}
}

/* Nothing in the criteria says whose packages these are. */
static bool
find_home(struct judge *j, const char *version, struct scope *s)
{
	struct arena *a = j->em->arena;
	struct oval_home h;

	for (size_t i = 0; i < j->d->platforms.n; i++)
		if (oval_home_of_product(a, j->d->platforms.at[i], &h))
			oval_add_home(a, &s->homes, &h);
	if (s->homes.n == 0 && oval_home_of_version(a, version, &h))
		oval_add_home(a, &s->homes, &h);
	if (s->homes.n == 0 && j->known != NULL)
		oval_add_home(a, &s->homes, &(struct oval_home){ j->known, "" });
	return s->homes.n > 0;
}

/* One entry for every name of leaf I and every system of S; RANGE is what it asks for. */
static enum err_code
put_names(struct judge *j, const struct scope *s, size_t i,
    const struct affected *range, bool is_told)
{
	const struct oval_node *n = &j->d->nodes.at[i];
	const struct oval_leaf *l = &j->leaves[i].asks;
	const char *stream = j->who->says_in_comments
				 ? stream_of_comment(j->em->arena, n->comment)
				 : NULL;
	enum err_code rc = ERR_OK;

	for (size_t k = 0; rc == ERR_OK && k < l->n_names; k++) {
		struct affected aff = *range;

		aff.package = oval_bare_name(j->em->arena, oval_name(j->t, l, k));
		set_status(j, n, &aff);
		if (!package_is_sane(aff.package))
			oval_fault(j, "no name of a package");
		else if (!is_told && has_range(j, &aff))
			oval_fault(j, "no version of a package");
		else
			put_at_homes(j, s, stream, &aff);
		rc = emit_room(j->em, j->e);
	}
	return rc;
}

enum err_code
oval_put_statement(struct judge *j, const struct scope *at, size_t parent, size_t i)
{
	const struct leaf *l = &j->leaves[i], *other = other_bound(j, parent, i);
	struct scope s = *at;
	struct affected range = {
		.kind = j->who->kind,
		.module = str_or_empty(s.module),
		.status = STATUS_AFFECTED,
	};
	struct affected lower = range;
	bool is_told;

	if (is_lower_bound(l) && other != NULL)
		return ERR_OK; /* the upper bound takes it along */
	is_told = l->asks.has_state ? set_range(j, &l->asks, &range)
				    : !j->who->says_in_comments;
	if (other != NULL) {
		is_told = is_told && set_range(j, &other->asks, &lower);
		range.introduced = lower.introduced;
	}
	if (l->archs.n > 0) {
		s.archs = l->archs;
		s.is_built = true;
	}
	if (!s.is_placed && !find_home(j, l->asks.evr, &s))
		oval_fault(j, "nothing says whose packages these are");
	else if (j->who->needs_arch && !s.is_built)
		oval_fault(j, "a fix without an architecture");
	else
		return put_names(j, &s, i, &range, is_told);
	return ERR_OK;
}
