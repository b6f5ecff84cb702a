/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of files that tell of packages inside a file system. */
#include "inventory/databases.h"

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/databases_private.h"

const struct database *const inventory_databases[] = {
	&database_dpkg,
	&database_apk,
	&database_rpm,
	&database_rpm_manifest,
	&database_pacman,
	NULL,
};

enum err_code
database_verdict(const struct image_file *f, enum err_code rc, struct arena *a,
    struct inventory *inv, struct err *e)
{
	/* an inventory that is full stays full, whatever file comes next */
	if (rc == ERR_OK || (rc == ERR_LIMIT && inv->n == MAX_COMPONENTS))
		return rc;
	inventory_warn(inv, a, "%s: %s", f->path, e != NULL ? e->text : "broken");
	if (e != NULL)
		*e = ERR_INIT;
	return ERR_OK;
}

enum err_code
database_read_document(const struct reader *r, const struct image_file *f,
    struct arena *a, struct inventory *inv, struct err *e)
{
	const struct inventory_hints none = { 0 };
	struct stream *in = NULL;
	enum err_code rc;

	rc = stream_open_memory(&in, f->bytes, f->len, MAX_UPLOAD_BYTES, e);
	if (rc == ERR_OK)
		rc = r->read(in, &none, a, inv, e);
	stream_close(in);
	return database_verdict(f, rc, a, inv, e);
}

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
