/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_package - from what a header says to a component. */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/strmap.h"
#include "inventory/rpm_private.h"

const char *
rpm_package_evr(
    struct arena *a, uint32_t epoch, const char *version, const char *release)
{
	if (epoch == 0)
		return arena_printf(a, "%s-%s", version, release);
	return arena_printf(a, "%u:%s-%s", (unsigned)epoch, version, release);
}

bool
rpm_package_source(
    const char *text, struct arena *a, const char **ret_name, const char **ret_version)
{
	static const char *const ends[] = { ".nosrc.rpm", ".src.rpm", ".nosrc",
		".src" };
	size_t n = text != NULL ? strlen(text) : 0, dash = 0, dashes = 0, end = 0;

	for (size_t i = 0; n > 0 && end == 0 && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(text, ends[i]))
			end = n - strlen(ends[i]);
	for (size_t i = end; i > 0 && dashes < 2; i--)
		if (text[i - 1] == '-') {
			dash = i - 1;
			dashes++;
		}
	if (dashes < 2 || dash == 0)
		return false;
	*ret_name = arena_strndup(a, text, dash);
	/* documents about rpms write the epoch too: "acl-0:2.3.1-3.el9.src" */
	dash += strncmp(text + dash + 1, "0:", 2) == 0 ? 3 : 1;
	*ret_version = arena_strndup(a, text + dash, end - dash);
	return true;
}

const char *
rpm_package_module(const char *label, struct arena *a)
{
	size_t name = label != NULL ? strcspn(label, ":") : 0, stream;

	if (name == 0 || label[name] == '\0')
		return NULL;
	stream = strcspn(label + name + 1, ":");
	return stream == 0 ? NULL : arena_strndup(a, label, name + 1 + stream);
}

/*
 * Oracle builds some packages three times: plainly, for FIPS, and so that Ksplice can patch
 * them while they run.  Each has advisories of its own.
 */
static const char *
flavour_of(const struct component *c)
{
	if (c->ecosystem == NULL || !str_starts(c->ecosystem, "ol:"))
		return NULL;
	if (strstr(c->version, "ksplice") != NULL)
		return "ksplice";
	return strstr(c->version, "_fips") != NULL ? "fips" : NULL;
}

enum err_code
rpm_package_add(
    struct inventory *inv, const struct rpm_header *h, struct arena *a, struct err *e)
{
	struct component c = { .type = "rpm", .ecosystem = inv->os.ecosystem };
	const char *plain;

	/* keys that packages are checked with are kept like packages */
	if (str_eq(h->name, "gpg-pubkey"))
		return ERR_OK;
	if (h->name == NULL || h->version == NULL || h->release == NULL) {
		inventory_warn(inv, a, "a package without name, version or release");
		return ERR_OK;
	}
	c.name = h->name;
	c.arch = h->arch;
	c.module = rpm_package_module(h->module, a);
	plain = rpm_package_evr(a, 0, h->version, h->release);
	c.version = rpm_package_evr(a, h->epoch, h->version, h->release);
	if (rpm_package_source(h->sourcerpm, a, &c.source_package, &c.source_version) &&
	    str_eq(c.source_version, plain))
		c.source_version = c.version;
	rpm_vendor(&c, h->vendor, a);
	c.streams = flavour_of(&c);
	return inventory_add(inv, &c, a, e);
}

/* ---- epochs of sources ---- */

/* Behind "4:"; VERSION itself if there is no epoch. */
static const char *
without_epoch(const char *version)
{
	size_t digits = strspn(version, "0123456789");

	return digits > 0 && version[digits] == ':' ? version + digits + 1 : version;
}

static const char *
source_key(const struct component *c, struct arena *a)
{
	return arena_printf(
	    a, "%s %s", c->source_package, without_epoch(c->source_version));
}

/* Does C know its source's epoch, because it has the same version? */
static bool
knows_epoch(const struct component *c)
{
	return c->source_version != NULL && without_epoch(c->version) != c->version &&
	       str_eq(c->source_version, c->version);
}

void
rpm_package_epochs(struct inventory *inv, size_t first, struct arena *a)
{
	struct strmap *known = strmap_new(); /* a source to 1 + who knows its epoch */

	for (size_t i = first; i < inv->n; i++) {
		const struct component *c = &inv->components[i];
		uint64_t *place;

		if (!knows_epoch(c))
			continue;
		place = strmap_put(known, source_key(c, a), NULL);
		if (*place == 0 || str_eq(c->name, c->source_package))
			*place = 1 + i;
	}
	for (size_t i = first; i < inv->n; i++) {
		struct component *c = &inv->components[i];
		const uint64_t *place;

		if (c->source_version == NULL || knows_epoch(c))
			continue;
		place = strmap_get(known, source_key(c, a));
		if (place != NULL)
			c->source_version = inv->components[*place - 1].source_version;
	}
	strmap_free(known);
}
