/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of packages: tools' words for them, and what each calls its packages. */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/sbom_private.h"

/* What syft ("type") and trivy ("Type", families of systems) write instead of a purl. */
static const struct {
	const char *word, *type;
} kinds[] = {
	{ "deb", "deb" },
	{ "debian", "deb" },
	{ "ubuntu", "deb" },
	{ "apk", "apk" },
	{ "alpine", "apk" },
	{ "wolfi", "apk" },
	{ "chainguard", "apk" },
	{ "minimos", "apk" },
	{ "rpm", "rpm" },
	{ "redhat", "rpm" },
	{ "centos", "rpm" },
	{ "rocky", "rpm" },
	{ "alma", "rpm" },
	{ "oracle", "rpm" },
	{ "amazon", "rpm" },
	{ "fedora", "rpm" },
	{ "photon", "rpm" },
	{ "azurelinux", "rpm" },
	{ "cbl-mariner", "rpm" },
	{ "opensuse", "rpm" },
	{ "opensuse.leap", "rpm" },
	{ "opensuse-leap", "rpm" },
	{ "opensuse.tumbleweed", "rpm" },
	{ "opensuse-tumbleweed", "rpm" },
	{ "suse linux enterprise server", "rpm" },
	{ "suse linux enterprise micro", "rpm" },
	{ "sles", "rpm" },
	{ "slem", "rpm" },
	{ "alpm", "alpm" },
	{ "npm", "npm" },
	{ "node-pkg", "npm" },
	{ "yarn", "npm" },
	{ "pnpm", "npm" },
	{ "bun", "npm" },
	{ "python", "pypi" },
	{ "python-pkg", "pypi" },
	{ "pip", "pypi" },
	{ "pipenv", "pypi" },
	{ "poetry", "pypi" },
	{ "uv", "pypi" },
	{ "gem", "gem" },
	{ "gemspec", "gem" },
	{ "bundler", "gem" },
	{ "java-archive", "maven" },
	{ "jenkins-plugin", "maven" },
	{ "jar", "maven" },
	{ "pom", "maven" },
	{ "gradle", "maven" },
	{ "sbt", "maven" },
	{ "go-module", "golang" },
	{ "gobinary", "golang" },
	{ "gomod", "golang" },
	{ "rust-crate", "cargo" },
	{ "rustbinary", "cargo" },
	{ "cargo", "cargo" },
	{ "dotnet", "nuget" },
	{ "dotnet-core", "nuget" },
	{ "nuget", "nuget" },
	{ "packages-props", "nuget" },
	{ "php-composer", "composer" },
	{ "composer", "composer" },
	{ "composer-vendor", "composer" },
	{ "hex", "hex" },
	{ "erlang-otp", "hex" },
	{ "dart-pub", "pub" },
	{ "pub", "pub" },
	{ "r-package", "cran" },
	{ "hackage", "hackage" },
	{ "swift", "swift" },
	{ "julia", "julia" },
	{ "github-action", "githubactions" },
	{ "bitnami", "bitnami" },
};

const char *
sbom_purl_type(const char *word)
{
	for (size_t i = 0; word != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_caseeq(kinds[i].word, word))
			return kinds[i].type;
	return NULL;
}

bool
sbom_is_distro(const char *type)
{
	return str_eq(type, "deb") || str_eq(type, "apk") || str_eq(type, "rpm") ||
	       str_eq(type, "alpm");
}

/* ---- language packages ---- */

static const struct {
	const char *type, *ecosystem;
	const char *joint; /* between namespace and name; NULL = the name alone */
} languages[] = {
	{ "npm", "npm", "/" },
	{ "pypi", "pypi", NULL },
	{ "gem", "gem", NULL },
	{ "maven", "maven", ":" },
	{ "golang", "go", "/" },
	{ "cargo", "cargo", NULL },
	{ "nuget", "nuget", NULL },
	{ "composer", "composer", "/" },
	{ "hex", "hex", NULL },
	{ "pub", "pub", NULL },
	{ "cran", "cran", NULL },
	{ "hackage", "hackage", NULL },
	{ "swift", "swift", "/" },
	{ "julia", "julia", NULL },
	{ "githubactions", "github-actions", "/" },
	{ "bitnami", "bitnami", NULL },
};

void
sbom_language(const struct purl *p, struct component *c, struct arena *a)
{
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		if (!str_eq(languages[i].type, p->type))
			continue;
		c->ecosystem = languages[i].ecosystem;
		if (p->ns != NULL && languages[i].joint != NULL)
			c->name = arena_printf(
			    a, "%s%s%s", p->ns, languages[i].joint, p->name);
	}
}

/* ---- source packages ---- */

bool
sbom_source_rpm(
    const char *text, struct arena *a, const char **ret_name, const char **ret_version)
{
	static const char *const ends[] = { ".src.rpm", ".nosrc.rpm" };
	size_t n = strlen(text), dashes[2] = { 0, 0 };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(text, ends[i]))
			n -= strlen(ends[i]);
	if (text[n] == '\0')
		return false;
	for (size_t i = n, found = 0; i > 0 && found < 2; i--)
		if (text[i - 1] == '-')
			dashes[found++] = i - 1;
	if (dashes[1] == 0)
		return false;
	*ret_name = arena_strndup(a, text, dashes[1]);
	*ret_version = arena_strndup(a, text + dashes[1] + 1, n - dashes[1] - 1);
	return true;
}
