/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_vendor - whose package an installed rpm is.  A distribution's advisories speak of its
 * own packages; what Docker, a COPR or an employer built may carry the same name with a
 * version that means something else.
 *
 * Rebuilds of one distribution count as one another's: a system that was moved from CentOS
 * to Rocky Linux keeps packages of the old name until they are updated.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/rpm_private.h"

#define ENTERPRISE "rhel rocky almalinux ol"
#define SUSE       "sles slem opensuse.leap opensuse.tumbleweed"

static const struct {
	const char *vendor;   /* how the VENDOR of a package begins */
	const char *families; /* where such packages are the system's own */
} owners[] = {
	{ "Red Hat", ENTERPRISE },
	{ "CentOS", ENTERPRISE },
	{ "Rocky", ENTERPRISE },
	{ "AlmaLinux", ENTERPRISE },
	{ "CloudLinux", ENTERPRISE },
	{ "Oracle America", ENTERPRISE },
	{ "Fedora Project", "fedora" },
	{ "Amazon Linux", "amzn" },
	{ "Amazon.com", "amzn" },
	{ "SUSE", SUSE },
	{ "openSUSE", SUSE },
	{ "VMware", "photon" },
	{ "Microsoft Corporation", "mariner azurelinux" },
	{ "openEuler", "openeuler" },
	{ "http://openeuler.org", "openeuler" },
	{ "Mageia", "mageia" },
};

/* Tags in the release of a package that only the distribution's own build sets. */
static const struct {
	const char *family, *tag;
} tags[] = {
	{ "rhel", ".el" },
	{ "rocky", ".el" },
	{ "almalinux", ".el" },
	{ "ol", ".el" },
	{ "fedora", ".fc" },
	{ "amzn", ".amzn" },
	{ "photon", ".ph" },
	{ "mariner", ".cm" },
	{ "azurelinux", ".azl" },
	{ "openeuler", ".oe" },
	{ "mageia", ".mga" },
};

static size_t
family_length(const char *ecosystem)
{
	return strcspn(ecosystem, ":");
}

/* Is ECOSYSTEM of one of FAMILIES? */
static bool
is_of(const char *ecosystem, const char *families)
{
	size_t len = family_length(ecosystem);

	for (const char *f = families; *f != '\0'; f += strspn(f, " ")) {
		size_t n = strcspn(f, " ");

		if (n == len && memcmp(f, ecosystem, n) == 0)
			return true;
		f += n;
	}
	return false;
}

/* A package without a vendor was built by somebody: on such a system, says its release? */
static bool
has_tag(const struct component *c)
{
	size_t len = c->ecosystem != NULL ? family_length(c->ecosystem) : 0;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (strlen(tags[i].family) == len &&
		    memcmp(tags[i].family, c->ecosystem, len) == 0)
			return strstr(c->version, tags[i].tag) != NULL;
	return false;
}

static enum vendor
owner_of(const struct component *c, const char *vendor)
{
	if (*vendor == '\0' || str_eq(vendor, "(none)"))
		return has_tag(c) ? VENDOR_OWN : VENDOR_THIRD_PARTY;
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
		if (str_starts(vendor, owners[i].vendor))
			return c->ecosystem == NULL ||
				       is_of(c->ecosystem, owners[i].families)
				   ? VENDOR_OWN
				   : VENDOR_THIRD_PARTY;
	return VENDOR_THIRD_PARTY;
}

/*
 * Extra Packages for Enterprise Linux: built by Fedora, tagged for a release of somebody
 * else.  They are an ecosystem of their own, which Fedora's EPEL notices speak of.
 */
static const char *
epel_of(const struct component *c, const char *vendor, struct arena *a)
{
	const char *tag = strstr(c->version, ".el");
	size_t digits;

	if (!str_starts(vendor, "Fedora Project") || tag == NULL ||
	    (c->ecosystem != NULL && is_of(c->ecosystem, "fedora")))
		return NULL;
	/* ".el9_4" and ".el9.next" are 9; EPEL 10 has minors: ".el10_1" */
	digits = strspn(tag + 3, "0123456789");
	return digits == 0 || digits > 3
		   ? NULL
		   : arena_printf(a, "epel:%.*s", (int)digits, tag + 3);
}

void
rpm_vendor(struct component *c, const char *vendor, struct arena *a)
{
	const char *epel;

	c->vendor = VENDOR_OWN;
	if (vendor == NULL)
		return;
	if ((epel = epel_of(c, vendor, a)) != NULL)
		c->ecosystem = epel;
	else
		c->vendor = owner_of(c, vendor);
}
