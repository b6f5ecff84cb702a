/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of files that tell of packages inside a file system. */
#include "inventory/databases.h"

#include "inventory/inventory_private.h"
#include "inventory/language.h"

const struct database *const inventory_databases[] = {
	&database_dpkg,
	&database_apk,
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
