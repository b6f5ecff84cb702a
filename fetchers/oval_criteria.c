/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_criteria - what a definition says about packages.
 *
 * Its criteria are a tree of AND and OR over tests.  Some tests ask what kind of system
 * this is (release, module, architecture): conditions.  The others ask for a version of a
 * package: each of these is a statement, and the conditions that hold at its place, no
 * others, are its own:
 *
 *   AND( release 8 installed,
 *        OR( AND( arch is x86_64,  OR( openssl < 1.1.1k-7, openssl-libs < 1.1.1k-7 ) ),
 *            AND( arch is aarch64, OR( openssl < 1.1.1k-6 ) ) ) )
 *
 * are three statements about release 8.  What is true of every system in question (signed
 * by the vendor, the kernel is running) is no condition; what cannot be true makes its
 * branch void.  A test that is not in the document, or asks something unheard of, costs
 * itself only and is told.
 */
#include "fetchers/oval.h"

#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/vendor.h"

enum leaf_kind {
	LEAF_TRUE,    /* of every system in question */
	LEAF_NEVER,   /* of none */
	LEAF_HOME,    /* a release */
	LEAF_MODULE,  /* a module is enabled */
	LEAF_ARCH,    /* an architecture */
	LEAF_PACKAGE, /* a statement */
	LEAF_BROKEN,  /* cannot be told */
};

struct homes {
	struct oval_home *at;
	size_t n, cap;
};

/* The conditions of a place in the tree. */
struct scope {
	bool is_never;
	bool is_placed; /* 'homes' are all there are */
	struct homes homes;
	const char *module; /* NULL = none said */
	bool is_built;      /* 'archs' are all there are */
	struct texts archs;
};

struct leaf {
	enum leaf_kind kind;
	struct oval_leaf asks; /* of PACKAGE */
	struct texts archs;    /* of ARCH; of PACKAGE those of its state */
	struct oval_home home;
	const char *module;
};

struct judge {
	struct emitter *em;
	struct oval_tables *t;
	const struct oval_publisher *who;
	const struct oval_definition *d;
	const struct oval_cve *only;
	const char *known;
	struct oval_entries *ret;
	struct leaf *leaves;  /* one a node */
	bool *has_statements; /* of a node and what is below it */
	struct strmap *index; /* owned: what an entry is about -> 1 + its place */
	bool denies;          /* all it names is not affected */
	struct err *e;
};

static void
fault(struct judge *j, const char *why)
{
	if (j->ret->fault == NULL)
		j->ret->fault = why;
}

/* ---- leaves ---- */

/* "(aarch64|x86_64)", "^i386$": false if the pattern is anything but alternatives. */
static bool
read_archs(struct arena *a, const char *pattern, struct texts *ret)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const char *p = pattern + strspn(pattern, "(^");

	for (;;) {
		size_t len = strspn(p, letters);

		if (len == 0)
			return false;
		texts_add(a, ret, arena_strndup(a, p, len));
		p += len + strspn(p + len, ")$");
		if (*p != '|')
			return *p == '\0';
		p += 1 + strspn(p + 1, "(^");
	}
}

/* "Module nodejs:18 is enabled" */
static const char *
module_of_comment(struct arena *a, const char *comment)
{
	static const char word[] = "Module ";
	const char *name = str_or_empty(comment) + sizeof(word) - 1;
	size_t len;

	if (comment == NULL || !str_starts(comment, word))
		return NULL;
	len = strcspn(name, " ");
	return len > 0 && str_eq(name + len, " is enabled")
		   ? arena_strndup(a, name, len)
		   : NULL;
}

/*
 * Does the comment name a system?  The names of all have a blank, those of packages have
 * none.  Systems that nobody here knows are elsewhere.
 */
static bool
place_by_comment(struct judge *j, const struct oval_node *n, struct leaf *ret)
{
	struct arena *a = j->em->arena;
	const char *product = oval_product_of_comment(a, n->comment);

	if (product == NULL || strchr(product, ' ') == NULL)
		return false;
	ret->kind =
	    oval_home_of_product(a, product, &ret->home) ? LEAF_HOME : LEAF_NEVER;
	j->ret->is_elsewhere = j->ret->is_elsewhere || ret->kind == LEAF_NEVER;
	return true;
}

/* Packages whose version is the release of a system. */
static bool
is_release(const struct oval_leaf *l, const char *name)
{
	return l->n_names == 1 && str_ends(name, "-release") &&
	       (l->version_op == OVAL_EQUALS || l->version_op == OVAL_MATCH ||
		   l->evr_op == OVAL_GREATER_EQUAL);
}

static void
judge_release(struct judge *j, const struct oval_node *n, const char *name,
    const struct oval_leaf *l, struct leaf *ret)
{
	struct arena *a = j->em->arena;

	ret->kind = LEAF_HOME;
	/* a rolling release has snapshots: at least one of that day */
	if (str_eq(name, "openSUSE-release") && l->evr_op == OVAL_GREATER_EQUAL &&
	    oval_home_of_product(a, "openSUSE Tumbleweed", &ret->home))
		return;
	if (l->version_op != OVAL_NOTHING &&
	    oval_home_of_release(a, name, l->version, &ret->home))
		return;
	if (!place_by_comment(j, n, ret)) {
		ret->kind = LEAF_NEVER;
		j->ret->is_elsewhere = true;
	}
}

/* What a test for a package that is there asks of it. */
static void
judge_package(struct judge *j, const struct oval_node *n, struct leaf *ret)
{
	const struct oval_leaf *l = &ret->asks;
	const char *name = l->n_names > 0 ? oval_name(j->t, l, 0) : "";

	if (l->none_exists) {
		/* "X is installed and is not": Red Hat's way to say that X is not affected */
		ret->kind = j->denies ? LEAF_TRUE : LEAF_NEVER;
	} else if (l->is_broken) {
		ret->kind = LEAF_BROKEN;
	} else if (is_release(l, name)) {
		judge_release(j, n, name, l, ret);
	} else if (l->arch_op != OVAL_NOTHING &&
		   !read_archs(j->em->arena, l->arch, &ret->archs)) {
		ret->kind = LEAF_BROKEN;
	} else if (!l->has_state) {
		ret->kind = LEAF_PACKAGE;
	} else if (l->none_satisfies || l->evr_op == OVAL_EQUALS) {
		/* a kernel that is patched while it runs: of no use in an image */
		ret->kind = LEAF_TRUE;
	} else if (l->evr_op == OVAL_NOTHING && l->version_op == OVAL_NOTHING) {
		/* the system's architecture, or who signed the package */
		ret->kind = l->arch_op != OVAL_NOTHING ? LEAF_ARCH : LEAF_TRUE;
	} else {
		ret->kind = LEAF_PACKAGE;
	}
}

static void
judge_leaf(struct judge *j, const struct oval_node *n, struct leaf *ret)
{
	bool is_known = oval_tables_find(j->t, n->test, &ret->asks);

	if (is_known && ret->asks.is_package) {
		judge_package(j, n, ret);
	} else if ((ret->module = module_of_comment(j->em->arena, n->comment)) !=
		   NULL) {
		ret->kind = LEAF_MODULE;
	} else if (!place_by_comment(j, n, ret)) {
		/* of files and running kernels; what an extended definition asks */
		ret->kind = is_known || n->test == 0 ? LEAF_TRUE : LEAF_BROKEN;
	}
	if (n->negate && ret->kind == LEAF_NEVER)
		ret->kind = LEAF_TRUE;
	else if (n->negate && ret->kind != LEAF_BROKEN)
		ret->kind = ret->kind == LEAF_PACKAGE ? LEAF_NEVER : LEAF_TRUE;
}

static void
judge_leaves(struct judge *j)
{
	size_t n = j->d->nodes.n;

	j->leaves = arena_array(j->em->arena, n, sizeof(*j->leaves));
	j->has_statements = arena_array(j->em->arena, n, sizeof(*j->has_statements));
	/* backwards: a node stands before what is below it */
	for (size_t i = n; i-- > 0;) {
		const struct oval_node *node = &j->d->nodes.at[i];

		if (node->kind == OVAL_TEST) {
			judge_leaf(j, node, &j->leaves[i]);
			j->has_statements[i] = j->leaves[i].kind == LEAF_PACKAGE ||
					       j->leaves[i].kind == LEAF_BROKEN;
		}
		for (size_t c = i + 1; c < node->end; c = j->d->nodes.at[c].end)
			j->has_statements[i] |= j->has_statements[c];
	}
}

/* ---- conditions ---- */

static bool
have_home(const struct homes *homes, const struct oval_home *h)
{
	for (size_t i = 0; i < homes->n; i++)
		if (str_eq(homes->at[i].ecosystem, h->ecosystem) &&
		    str_eq(homes->at[i].stream, h->stream))
			return true;
	return false;
}

static void
add_home(struct arena *a, struct homes *homes, const struct oval_home *h)
{
	if (!have_home(homes, h))
		*ARENA_PUSH(a, homes) = *h;
}

/* Both at once: the same system; of its streams the one that is not the base. */
static struct homes
meet_homes(struct arena *a, const struct homes *x, const struct homes *y)
{
	struct homes ret = { NULL, 0, 0 };

	for (size_t i = 0; i < x->n; i++) {
		for (size_t k = 0; k < y->n; k++) {
			const struct oval_home *p = &x->at[i], *q = &y->at[k];

			if (!str_eq(p->ecosystem, q->ecosystem))
				continue;
			if (str_eq(p->stream, q->stream) || *q->stream == '\0')
				add_home(a, &ret, p);
			else if (*p->stream == '\0')
				add_home(a, &ret, q);
		}
	}
	return ret;
}

static struct texts
meet_texts(struct arena *a, const struct texts *x, const struct texts *y)
{
	struct texts ret = { NULL, 0, 0 };

	for (size_t i = 0; i < x->n; i++)
		if (texts_have(y, x->at[i]))
			texts_add(a, &ret, x->at[i]);
	return ret;
}

/* S and also C. */
static void
narrow(struct arena *a, struct scope *s, const struct scope *c)
{
	if (c->is_placed) {
		s->homes =
		    s->is_placed ? meet_homes(a, &s->homes, &c->homes) : c->homes;
		s->is_placed = true;
	}
	if (c->is_built) {
		s->archs = s->is_built ? meet_texts(a, &s->archs, &c->archs) : c->archs;
		s->is_built = true;
	}
	if (c->module != NULL)
		s->module = c->module;
	s->is_never = s->is_never || c->is_never || (s->is_placed && s->homes.n == 0) ||
		      (s->is_built && s->archs.n == 0);
}

/* S or C; what the two do not share is no condition any more. */
static void
widen(struct arena *a, struct scope *s, const struct scope *c)
{
	if (c->is_never)
		return;
	if (s->is_never) {
		struct scope copy = *c;

		/* lists grow below: not in the place of another's */
		copy.homes.cap = copy.homes.n;
		copy.archs.cap = copy.archs.n;
		*s = copy;
		return;
	}
	s->is_placed = s->is_placed && c->is_placed;
	for (size_t i = 0; s->is_placed && i < c->homes.n; i++)
		add_home(a, &s->homes, &c->homes.at[i]);
	s->is_built = s->is_built && c->is_built;
	for (size_t i = 0; s->is_built && i < c->archs.n; i++)
		texts_add(a, &s->archs, c->archs.at[i]);
	if (s->module != NULL && !str_eq(s->module, c->module))
		s->module = NULL;
}

static struct scope
scope_of_leaf(struct judge *j, const struct leaf *l)
{
	struct scope s = { .is_never = l->kind == LEAF_NEVER };

	if (l->kind == LEAF_HOME) {
		s.is_placed = true;
		add_home(j->em->arena, &s.homes, &l->home);
	} else if (l->kind == LEAF_ARCH) {
		s.is_built = true;
		s.archs = l->archs;
	} else if (l->kind == LEAF_MODULE) {
		s.module = l->module;
	}
	return s;
}

/* Of a node without statements below it. */
static struct scope
scope_of(struct judge *j, size_t i)
{
	const struct oval_node *n = &j->d->nodes.at[i];
	struct scope s = { .is_never = n->kind == OVAL_OR };

	if (n->kind == OVAL_TEST)
		return scope_of_leaf(j, &j->leaves[i]);
	for (size_t c = i + 1; c < n->end; c = j->d->nodes.at[c].end) {
		struct scope child = scope_of(j, c);

		if (n->kind == OVAL_AND)
			narrow(j->em->arena, &s, &child);
		else
			widen(j->em->arena, &s, &child);
	}
	/* "not all of that" is nothing that an entry could say */
	return n->negate ? (struct scope){ .is_never = false } : s;
}

/* ---- statements ---- */

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
	const char **more = arena_array(a, aff->n_archs + 1, sizeof(*more));

	for (size_t i = 0; i < aff->n_archs; i++) {
		if (str_eq(aff->archs[i], arch))
			return;
		more[i] = aff->archs[i];
	}
	more[aff->n_archs++] = arch;
	aff->archs = more;
}

/* The same for another architecture is one entry; "noarch" fits every one. */
static void
put_entry(struct judge *j, const struct affected *aff, const struct texts *archs)
{
	struct arena *a = j->em->arena;
	bool every = archs->n == 0 || texts_have(archs, "noarch");
	const char *what = arena_printf(a, "%s %s %s %s %s %s %s %d %s", aff->ecosystem,
	    aff->stream, aff->module, aff->package, str_or_empty(aff->introduced),
	    str_or_empty(aff->fixed), str_or_empty(aff->last_affected),
	    (int)aff->status, every ? "" : "archs");
	uint64_t *place = strmap_put(j->index, what, NULL);

	if (*place == 0) {
		*ARENA_PUSH(a, j->ret) = *aff;
		*place = j->ret->n;
	}
	for (size_t i = 0; !every && i < archs->n; i++)
		add_arch(a, &j->ret->at[*place - 1], archs->at[i]);
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
			add_home(a, &s->homes, &h);
	if (s->homes.n == 0 && oval_home_of_version(a, version, &h))
		add_home(a, &s->homes, &h);
	if (s->homes.n == 0 && j->known != NULL)
		add_home(a, &s->homes, &(struct oval_home){ j->known, "" });
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
			fault(j, "no name of a package");
		else if (!is_told && has_range(j, &aff))
			fault(j, "no version of a package");
		else
			put_at_homes(j, s, stream, &aff);
		rc = emit_room(j->em, j->e);
	}
	return rc;
}

static enum err_code
put_statement(struct judge *j, const struct scope *at, size_t parent, size_t i)
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
		fault(j, "nothing says whose packages these are");
	else if (j->who->needs_arch && !s.is_built)
		fault(j, "a fix without an architecture");
	else
		return put_names(j, &s, i, &range, is_told);
	return ERR_OK;
}

/* Is node N about the one vulnerability that is asked for, or is none asked for? */
static bool
is_wanted(const struct judge *j, const struct oval_node *n)
{
	if (j->only == NULL)
		return true;
	if (n->test != j->only->test)
		return false;
	/* several may share a test; the comment then says which one it is */
	return n->comment == NULL || !str_starts(n->comment, "(CVE-") ||
	       (str_starts(n->comment + 1, j->only->id) &&
		   n->comment[1 + strlen(j->only->id)] == ')');
}

/* Node I below PARENT, in the scope AT. */
static enum err_code
walk(struct judge *j, const struct scope *at, size_t parent, size_t i)
{
	const struct oval_node *n = &j->d->nodes.at[i];
	struct scope s = *at;
	enum err_code rc = ERR_OK;

	if (n->kind == OVAL_TEST) {
		if (!is_wanted(j, n))
			return ERR_OK;
		if (j->leaves[i].kind == LEAF_PACKAGE)
			return put_statement(j, at, parent, i);
		fault(j, "a test that the document does not have, or has in part");
		return ERR_OK;
	}
	for (size_t c = i + 1; n->kind == OVAL_AND && c < n->end;
	     c = j->d->nodes.at[c].end) {
		struct scope child;

		if (j->has_statements[c])
			continue;
		child = scope_of(j, c);
		narrow(j->em->arena, &s, &child);
	}
	if (s.is_never || n->negate)
		return ERR_OK;
	for (size_t c = i + 1; rc == ERR_OK && c < n->end; c = j->d->nodes.at[c].end)
		if (j->has_statements[c])
			rc = walk(j, &s, i, c);
	return rc;
}

enum err_code
oval_entries_of(struct emitter *em, struct oval_tables *t,
    const struct oval_publisher *who, const struct oval_definition *d,
    const struct oval_cve *only, const char *known, struct oval_entries *ret,
    struct err *e)
{
	const struct scope everywhere = { .is_never = false };
	struct judge j = { .em = em,
		.t = t,
		.who = who,
		.d = d,
		.only = only,
		.known = known,
		.ret = ret,
		.e = e };
	enum err_code rc = ERR_OK;

	*ret = (struct oval_entries){ .at = NULL };
	j.denies = str_caseeq(d->patchable, "Not Applicable") ||
		   (who->unaffected != NULL && d->id != NULL &&
		       str_starts(d->id, who->unaffected));
	judge_leaves(&j);
	j.index = strmap_new();
	for (size_t i = 0; rc == ERR_OK && i < d->nodes.n; i = d->nodes.at[i].end)
		if (j.has_statements[i])
			rc = walk(&j, &everywhere, i, i);
	strmap_free(j.index);
	return rc;
}
