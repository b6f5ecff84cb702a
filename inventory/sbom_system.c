/* SPDX-License-Identifier: Apache-2.0 */
/* From the words in which SBOMs name a system to the words of os-release. */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/sbom_private.h"

/* Namespaces of package URLs and scanners' families that are no ID of an os-release. */
static const struct {
	const char *word, *id;
} aliases[] = {
	{ "redhat", "rhel" },
	{ "alma", "almalinux" },
	{ "oracle", "ol" },
	{ "amazon", "amzn" },
	{ "cbl-mariner", "mariner" },
	{ "azure", "azurelinux" },
	{ "suse", "sles" },
	{ "suse linux enterprise server", "sles" },
	{ "slem", "sle-micro" },
	{ "suse linux enterprise micro", "sle-micro" },
	{ "opensuse.leap", "opensuse-leap" },
	{ "opensuse.tumbleweed", "opensuse-tumbleweed" },
	{ "archlinux", "arch" },
};

static const char *
os_id(const char *word, struct arena *a)
{
	const char *id = str_lower(a, word, strlen(word));

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (str_eq(aliases[i].word, id))
			return aliases[i].id;
	return id;
}

void
sbom_os(const char *id, const char *version, const char *codename, int64_t now_at,
    struct arena *a, struct os *ret)
{
	struct os_words w = { .version_id = version, .version_codename = codename };
	const char *digit = version != NULL ? strpbrk(version, "0123456789") : NULL;

	*ret = (struct os){ .state = COVERAGE_UNIDENTIFIED };
	if (id == NULL || *id == '\0')
		return;
	w.id = os_id(id, a);
	/* "AMI release 2018.03" */
	if (str_eq(w.id, "amzn") && digit != NULL)
		w.version_id = digit;
	/* a codename where a version should be, Debian's "trixie/sid" among them */
	if (version != NULL && digit == NULL) {
		if (ecosystem_of_text(
			arena_printf(a, "%s:%s", w.id, version), now_at, a, ret))
			return;
		w.version_id = NULL;
		w.version_codename = w.debian_version = version;
	}
	ecosystem_of_os(&w, now_at, a, ret);
}

void
sbom_os_of_distro(
    const char *ns, const char *distro, int64_t now_at, struct arena *a, struct os *ret)
{
	const char *dash = NULL;
	size_t prefix = ns != NULL ? strlen(ns) : 0;

	/* the name ends at the last '-' that a digit follows: "opensuse-leap-15.5" */
	for (const char *p = distro; (p = strchr(p, '-')) != NULL; p++)
		if (p[1] >= '0' && p[1] <= '9')
			dash = p;
	if (dash != NULL && dash > distro)
		sbom_os(arena_strndup(a, distro, (size_t)(dash - distro)), dash + 1,
		    NULL, now_at, a, ret);
	else if (prefix > 0 && strncmp(distro, ns, prefix) == 0 &&
		 (distro[prefix] == '-' || distro[prefix] == '\0'))
		sbom_os(ns, distro[prefix] == '-' ? distro + prefix + 1 : NULL, NULL,
		    now_at, a, ret);
	else
		sbom_os(ns, distro, NULL, now_at, a, ret);
}
