/* SPDX-License-Identifier: Apache-2.0 */
/* openvex_product - from a package URL to a package that feeds and inventories share. */
#include "fetchers/openvex.h"

#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/purl.h"
#include "core/str.h"

static bool
is_distro(const char *type)
{
	static const char *const types[] = { "deb", "rpm", "apk", "alpm", "ebuild" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(types[i], type))
			return true;
	return false;
}

/* The ecosystem without releases whose packages have URLs of TYPE; NULL = none. */
static const char *
rolling(const char *type, const char *name)
{
	const struct ecosystem *row;

	for (size_t i = 0; (row = ecosystem_at(i)) != NULL; i++)
		if (str_eq(row->purl_type, type) && str_eq(row->name, row->family) &&
		    (name == NULL || str_eq(row->name, name)))
			return row->name;
	return NULL;
}

/*
 * "distro=jammy", "distro=esm-infra/xenial", "distro=debian-12", "distro=alpine-3.20.1":
 * a codename, a release, either behind a stream.
 */
static bool
place_of_distro(
    struct arena *a, const char *ns, const char *distro, struct affected *ret)
{
	const char *slash = strchr(distro, '/');
	const char *release = slash != NULL ? slash + 1 : distro;
	size_t prefix = strlen(ns);
	struct os os;

	ret->ecosystem = ecosystem_of_codename(ns, release);
	if (ret->ecosystem == NULL) {
		if (strncmp(release, ns, prefix) == 0 && release[prefix] == '-')
			release += prefix + 1;
		if (!ecosystem_of_text(
			arena_printf(a, "%s:%s", ns, release), 0, a, &os))
			return false;
		ret->ecosystem = os.ecosystem;
	}
	if (slash != NULL)
		ret->stream = arena_strndup(a, distro, (size_t)(slash - distro));
	return true;
}

static bool
place_of(struct arena *a, const struct purl *p, struct affected *ret)
{
	const char *distro = purl_qualifier(p, "distro");

	if (!is_distro(p->type)) {
		if ((ret->ecosystem = rolling(p->type, NULL)) == NULL)
			return false;
		if (p->ns != NULL)
			ret->package = arena_printf(a, "%s%c%s", p->ns,
			    str_eq(p->type, "maven") ? ':' : '/', p->name);
		ret->package = ecosystem_package(ret->ecosystem, ret->package, a);
		return true;
	}
	if (p->ns == NULL)
		return false;
	if ((ret->ecosystem = rolling(p->type, p->ns)) != NULL)
		return true;
	return distro != NULL && place_of_distro(a, p->ns, distro, ret);
}

bool
vex_package(
    struct arena *a, const char *text, struct affected *ret, const char **ret_version)
{
	const char *epoch;
	struct purl p;

	if (!purl_parse(text, a, &p))
		return false;
	*ret = (struct affected){
		.stream = "",
		.package = p.name,
		.kind = str_eq(purl_qualifier(&p, "arch"), "source") ? KIND_SOURCE
								     : KIND_BINARY,
		.module = "",
	};
	if (!place_of(a, &p, ret) || !package_is_sane(ret->package))
		return false;
	epoch = purl_qualifier(&p, "epoch");
	*ret_version = p.version;
	if (p.version != NULL && epoch != NULL && !str_eq(epoch, "0") &&
	    strchr(p.version, ':') == NULL)
		*ret_version = arena_printf(a, "%s:%s", epoch, p.version);
	return p.version == NULL || version_is_sane(p.version);
}
