/* SPDX-License-Identifier: Apache-2.0 */
/* component - order and sums over the components of an inventory. */
#include "core/component.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/str.h"
#include "core/verdict.h"

/* NULL sorts first and differs from "". */
static int
compare_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* Everything that decides a verdict, the name first. */
static int
compare_identity(const struct component *a, const struct component *b)
{
	int order;

	if ((order = compare_text(a->ecosystem, b->ecosystem)) != 0 ||
	    (order = compare_text(a->name, b->name)) != 0 ||
	    (order = compare_text(a->version, b->version)) != 0 ||
	    (order = compare_text(a->arch, b->arch)) != 0 ||
	    (order = compare_text(a->source_package, b->source_package)) != 0 ||
	    (order = compare_text(a->source_version, b->source_version)) != 0 ||
	    (order = compare_text(a->module, b->module)) != 0 ||
	    (order = compare_text(a->type, b->type)) != 0 ||
	    (order = compare_text(a->streams, b->streams)) != 0)
		return order;
	if (a->vendor != b->vendor)
		return a->vendor < b->vendor ? -1 : 1;
	return (a->flags > b->flags) - (a->flags < b->flags);
}

/* Where it was found comes last: of repeats the same one is kept in every run. */
static int
compare_components(const void *pa, const void *pb)
{
	const struct component *a = pa, *b = pb;
	int order = compare_identity(a, b);

	if (order != 0)
		return order;
	/* one that says where it was found is worth more than one that does not */
	if ((a->path == NULL) != (b->path == NULL))
		return a->path == NULL ? 1 : -1;
	if ((order = compare_text(a->path, b->path)) != 0 ||
	    (order = compare_text(a->layer, b->layer)) != 0)
		return order;
	return compare_text(a->purl, b->purl);
}

/* Found at two paths it is two things to repair, and no repeat. */
static bool
is_repeat(const struct component *a, const struct component *b)
{
	return compare_identity(a, b) == 0 && compare_text(a->path, b->path) == 0;
}

void
inventory_normalize(struct inventory *inv)
{
	size_t kept = 0;

	if (inv->n == 0)
		return;
	qsort(inv->components, inv->n, sizeof(*inv->components), compare_components);
	for (size_t i = 1; i < inv->n; i++) {
		if (is_repeat(&inv->components[kept], &inv->components[i]))
			continue;
		inv->components[++kept] = inv->components[i];
	}
	inv->n = kept + 1;
}

const char *
origin_name(enum origin o)
{
	static const char *const names[] = { NULL, "base", "app" };

	return names[o];
}

/* Compare as compare_components() begins to. */
static int
compare_place(const struct component *c, const char *ecosystem, const char *name,
    const char *version)
{
	int rc = compare_text(c->ecosystem, ecosystem);

	if (rc == 0)
		rc = compare_text(c->name, name);
	return rc != 0 ? rc : compare_text(c->version, version);
}

enum origin
inventory_origin(const struct inventory *inv, const char *ecosystem, const char *name,
    const char *version)
{
	size_t low = 0, high = inv->n;
	enum origin origin;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_place(&inv->components[middle], ecosystem, name, version) <
		    0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == inv->n ||
	    compare_place(&inv->components[low], ecosystem, name, version) != 0)
		return ORIGIN_UNKNOWN;
	origin = inv->components[low].origin;
	while (++low < inv->n &&
	       compare_place(&inv->components[low], ecosystem, name, version) == 0)
		if (inv->components[low].origin != origin)
			return ORIGIN_UNKNOWN;
	return origin;
}

struct sums {
	struct not_covered *at;
	size_t n, cap;
};

static void
count(struct sums *sums, struct arena *a, const char *ecosystem, const char *why)
{
	struct not_covered *sum;

	/* a handful of different ecosystems: looking from the start is enough */
	for (size_t i = 0; i < sums->n; i++) {
		sum = &sums->at[i];
		if (strcmp(sum->why, why) == 0 &&
		    strcmp(sum->ecosystem, ecosystem) == 0) {
			sum->components++;
			return;
		}
	}
	sum = ARENA_PUSH(a, sums);
	sum->ecosystem = arena_strdup(a, ecosystem);
	sum->why = why;
	sum->components = 1;
}

/* Statements are about the source package or the installed one: both must compare. */
static bool
is_comparable(const struct component *c, const struct keyer *keyer, const char *scheme,
    struct arena *scrap)
{
	struct version_key key, source = { .parsable = true };

	arena_reset(scrap);
	keyer->version(scheme, c->version, scrap, &key);
	if (c->source_version != NULL)
		keyer->version(scheme, c->source_version, scrap, &source);
	return key.parsable && source.parsable;
}

void
inventory_not_covered(const struct inventory *inv, const struct keyer *keyer,
    struct arena *a, struct not_covered **ret, size_t *ret_n)
{
	struct arena *scrap = arena_new();
	struct sums sums = { 0 };

	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];
		const struct ecosystem *e = ecosystem_find(c->ecosystem);

		if (e == NULL)
			count(&sums, a,
			    str_or_empty(c->ecosystem ? c->ecosystem : c->type),
			    "of no known ecosystem");
		else if (!e->has_feed)
			count(
			    &sums, a, c->ecosystem, "no feed speaks of this ecosystem");
		else if (c->vendor == VENDOR_THIRD_PARTY)
			count(&sums, a, c->ecosystem,
			    "third-party packages, no vendor feed speaks of them");
		else if (keyer != NULL && !is_comparable(c, keyer, e->scheme, scrap))
			count(&sums, a, c->ecosystem,
			    "not_comparable: versions that have no order");
	}
	arena_free(scrap);
	*ret = sums.at;
	*ret_n = sums.n;
}
