/* SPDX-License-Identifier: Apache-2.0 */
/* What is installed in an image, as far as the fleet shares it. */
#include "core/arena.h"
#include "core/component.h"
#include "core/ecosystem.h"
#include "core/purl.h"
#include "store/components_private.h"
#include "store/query_private.h"

enum component_column {
	COMPONENT_COL_ID,
	COMPONENT_COL_VERSION,
	COMPONENT_COL_NAME,
	COMPONENT_COL_ECOSYSTEM,
	COMPONENT_COL_ARCH,
	COMPONENT_COL_MODULE,
	COMPONENT_COL_VENDOR,
	COMPONENT_COL_STREAMS,
	COMPONENT_COL_FLAGS,
	COMPONENT_COL_ORIGIN_VERSION,
	COMPONENT_COL_ORIGIN
};

enum err_code
component_get(
    struct store *st, int64_t id, struct arena *a, struct component *ret, struct err *e)
{
	struct query *q = query(st, STMT_COMPONENT);
	const struct ecosystem *eco;
	enum err_code rc;

	bind_int(q, 1, id);
	if ((rc = query_one(q, e)) != ERR_OK) {
		query_done(q);
		return rc == ERR_NOTFOUND
			   ? err_set(e, ERR_STORAGE, "component %lld is missing",
				 (long long)id)
			   : rc;
	}
	*ret = (struct component){
		.ecosystem = col_dup(q, COMPONENT_COL_ECOSYSTEM, a),
		.name = col_dup(q, COMPONENT_COL_NAME, a),
		.version = col_dup(q, COMPONENT_COL_VERSION, a),
		.arch = col_dup(q, COMPONENT_COL_ARCH, a),
		.source_package = col_dup(q, COMPONENT_COL_ORIGIN, a),
		.source_version = col_dup(q, COMPONENT_COL_ORIGIN_VERSION, a),
		.module = col_dup(q, COMPONENT_COL_MODULE, a),
		.vendor = (enum vendor)col_int(q, COMPONENT_COL_VENDOR),
		.streams = col_dup(q, COMPONENT_COL_STREAMS, a),
		.flags = (unsigned)col_int(q, COMPONENT_COL_FLAGS),
	};
	query_done(q);
	if (ret->ecosystem[0] == '\0')
		ret->ecosystem = NULL;
	eco = ret->ecosystem != NULL ? ecosystem_find(ret->ecosystem) : NULL;
	ret->type = eco != NULL ? eco->purl_type : "generic";
	ret->purl = component_purl(ret, a);
	return ERR_OK;
}

const char *
component_purl(const struct component *c, struct arena *a)
{
	const struct os os = { .ecosystem = c->ecosystem };
	const char *purl;

	if (c->ecosystem == NULL)
		return NULL;
	if ((purl = purl_of(c, &os, a)) != NULL)
		return purl;
	/* a language package: its name is the ecosystem's own form */
	return arena_printf(a, "pkg:%s/%s@%s", c->type, c->name, c->version);
}

enum err_code
store_image_components(struct store *st, struct scope scope, int64_t id,
    struct arena *a, struct component **ret, size_t *ret_n, struct err *e)
{
	struct image_row image;
	int64_t *ids = NULL;
	size_t n = 0;
	enum err_code rc;

	if ((rc = store_image(st, scope, id, NULL, a, &image, e)) != ERR_OK)
		return rc;
	if (image.inventory_id != 0)
		rc = sets_components_of(st, image.inventory_id, a, &ids, &n, e);
	if (rc == ERR_OK)
		*ret = arena_array(a, n, sizeof(**ret));
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = component_get(st, ids[i], a, &(*ret)[i], e);
	if (rc == ERR_OK)
		*ret_n = n;
	return rc;
}
