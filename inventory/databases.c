/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of files that tell of packages inside a file system. */
#include "inventory/databases.h"

#include "core/ecosystem.h"
#include "core/str.h"
#include "inventory/inventory_private.h"
#include "inventory/language.h"

const struct database *const inventory_databases[] = {
	&database_dpkg,
	&database_apk,
	&database_rpm,
	&database_rpm_manifest,
	&database_bottlerocket,
	&database_pacman,
	/* language packages; documents last, they repeat what others find */
	&database_python,
	&database_npm,
	&database_gem,
	&database_java,
	&database_go,
	&database_rust,
	&database_dotnet,
	&database_php,
	&database_r,
	&database_erlang,
	&database_conda,
	&database_lua,
	&database_sbom,
	NULL,
};

/* A database beside the system's own is somebody's, but not the system's packages. */
static bool
is_the_systems(const struct os *os, const char *type)
{
	const struct ecosystem *own = ecosystem_find(os->ecosystem);

	return own == NULL || type == NULL || str_eq(own->purl_type, type);
}

enum err_code
inventory_database_read(const struct database *d, const struct image_file *f,
    struct arena *a, struct inventory *inv, struct err *e)
{
	const struct os os = inv->os;
	const char *streams = inv->streams;
	enum err_code rc;

	if (!is_the_systems(&os, d->type)) {
		inv->os = (struct os){ .state = COVERAGE_UNIDENTIFIED };
		inv->streams = NULL;
	}
	rc = d->read(f, a, inv, e);
	inv->os = os;
	inv->streams = streams;
	return rc;
}
