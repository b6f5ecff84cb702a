/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language_settle - what can only be said when every file has been read: which packages
 * belong to the system's, and which a document only repeats.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/strmap.h"
#include "inventory/inventory_private.h"
#include "inventory/language.h"
#include "inventory/owned.h"

static bool
is_system(const struct component *c)
{
	return str_eq(c->type, "deb") || str_eq(c->type, "apk") ||
	       str_eq(c->type, "rpm") || str_eq(c->type, "alpm");
}

static bool
is_told(const struct component *c)
{
	return c->path != NULL && language_is_sbom(c->path);
}

/* ---- what belongs to the system ---- */

/* The system's own packages that a vendor of its own publishes: nobody else covers them. */
static struct strmap *
third_parties(const struct inventory *inv)
{
	struct strmap *names = strmap_new();

	for (size_t i = 0; i < inv->n; i++)
		if (is_system(&inv->components[i]) &&
		    inv->components[i].vendor == VENDOR_THIRD_PARTY)
			(void)strmap_put(names, inv->components[i].name, NULL);
	return names;
}

/* The file of the image, "app.war" of "app.war!/WEB-INF/lib/x.jar". */
static const char *
outer_path(const char *path, struct arena *a)
{
	const char *inner = strstr(path, "!/");

	return inner == NULL ? path : arena_strndup(a, path, (size_t)(inner - path));
}

static bool
is_owned(struct owned_paths *owned, struct strmap *others, const char *path)
{
	uint32_t package = owned_paths_owner(owned, path);

	return package != OWNED_BY_NONE &&
	       strmap_get(others, owned_paths_name(owned, package)) == NULL;
}

/*
 * A system's packages without their lists of files, as images are made smaller: then the
 * folders tell, those that only the system's tools write to.
 */
static bool
is_system_folder(const char *path)
{
	static const char *const folders[] = { "usr/lib/python3/dist-packages/",
		"usr/share/java/", "usr/share/maven-repo/", "usr/share/nodejs/" };
	const char *packages = strstr(path, "/site-packages/");

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (str_starts(path, folders[i]))
			return true;
	/* rpm's: usr/lib/python3.11/site-packages, usr/lib64/... */
	return packages != NULL &&
	       (str_starts(path, "usr/lib/python3") ||
		   str_starts(path, "usr/lib64/python3")) &&
	       memchr(path + strlen("usr/lib64/"), '/',
		   (size_t)(packages - path) - strlen("usr/lib64/")) == NULL;
}

static void
flag_owned(struct inventory *inv, struct owned_paths *owned, struct arena *scrap)
{
	bool has_lists = owned != NULL && owned_paths_has_lists(owned);
	bool has_system = false;
	struct strmap *others = third_parties(inv);

	for (size_t i = 0; i < inv->n; i++)
		has_system = has_system || (is_system(&inv->components[i]) &&
					       !is_told(&inv->components[i]));
	for (size_t i = 0; i < inv->n; i++) {
		struct component *c = &inv->components[i];
		const char *path;

		if (is_system(c) || c->path == NULL)
			continue;
		arena_reset(scrap);
		path = outer_path(c->path, scrap);
		if ((owned != NULL && is_owned(owned, others, path)) ||
		    (!has_lists && has_system && is_system_folder(path)))
			c->flags |= COMPONENT_OWNED;
	}
	strmap_free(others);
}

/* ---- what a document repeats ---- */

static const char *
identity(const struct component *c, struct arena *a)
{
	return arena_printf(a, "%s\n%s\n%s\n%s", c->type, str_or_empty(c->ecosystem),
	    c->name, c->version);
}

/*
 * A system's packages are what its own database says, if there is one; the rest counts as
 * found where it was found itself, whatever documents tell of it as well.
 */
static void
drop_told(struct inventory *inv, struct arena *scrap)
{
	struct strmap *found = strmap_new();
	bool has_system = false;
	size_t kept = 0;

	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];

		if (is_told(c))
			continue;
		has_system = has_system || is_system(c);
		arena_reset(scrap);
		(void)strmap_put(found, identity(c, scrap), NULL);
	}
	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];

		arena_reset(scrap);
		if (is_told(c) && ((has_system && is_system(c)) ||
				      strmap_get(found, identity(c, scrap)) != NULL))
			continue;
		inv->components[kept++] = *c;
	}
	inv->n = kept;
	strmap_free(found);
}

void
language_settle(struct inventory *inv, struct owned_paths *owned, struct arena *a)
{
	struct arena *scrap = arena_new();

	flag_owned(inv, owned, scrap);
	drop_told(inv, scrap);
	if (owned != NULL && owned_paths_full(owned))
		inventory_warn(inv, a,
		    "more files of the system's packages than are kept: libraries of "
		    "some count as not theirs");
	arena_free(scrap);
}
