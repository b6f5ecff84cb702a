/* SPDX-License-Identifier: Apache-2.0 */
/* What explain needs: the image's components that a vulnerability could concern. */
#include "core/arena.h"
#include "core/str.h"
#include "store/apply_private.h"
#include "store/finding_private.h"
#include "store/query_private.h"
#include "store/units_private.h"

static bool
concerns(const struct said_row *said, size_t n, const struct subject *s)
{
	for (size_t i = 0; i < n; i++) {
		const struct statement *x = &said[i].s;

		if (x->package_id != 0 &&
		    x->package_id ==
			(x->kind == KIND_SOURCE ? s->origin_package_id : s->package_id))
			return true;
	}
	return false;
}

static enum err_code
load_subjects(struct store *st, int64_t inventory_id, const struct said_row *said,
    size_t n_said, struct arena *a, struct unit *u, struct err *e)
{
	struct subjects all = { 0 }, fit = { 0 };
	int64_t *ids = NULL;
	size_t n = 0;
	enum err_code rc = sets_components_of(st, inventory_id, a, &ids, &n, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = subject_load(st, ids[i], a, &all, e);
	for (size_t i = 0; i < all.n; i++)
		if (concerns(said, n_said, &all.at[i]))
			*ARENA_PUSH(a, &fit) = all.at[i];
	u->subjects = fit.at;
	u->n_subjects = fit.n;
	return rc;
}

static enum err_code
explain(struct store *st, struct scope scope, int64_t image_id,
    int64_t vulnerability_id, struct arena *a, struct unit *u, struct err *e)
{
	struct said_row *said = NULL;
	struct image_row image;
	size_t n = 0;
	enum err_code rc;

	if ((rc = store_image(st, scope, image_id, NULL, a, &image, e)) != ERR_OK ||
	    (rc = said_load(st, vulnerability_id, a, &said, &n, e)) != ERR_OK ||
	    (rc = ratings_load(
		 st, vulnerability_id, a, &u->ratings, &u->n_ratings, e)) != ERR_OK)
		return rc;
	u->vulnerability_id = vulnerability_id;
	u->statements = arena_array(a, n, sizeof(*u->statements));
	for (size_t i = 0; i < n; i++)
		u->statements[u->n_statements++] = said[i].s;
	return image.inventory_id == 0
		   ? ERR_OK
		   : load_subjects(st, image.inventory_id, said, n, a, u, e);
}

enum err_code
store_explain(struct store *st, struct scope scope, int64_t image_id,
    int64_t vulnerability_id, struct arena *a, struct unit *ret, struct err *e)
{
	enum err_code rc = tx_read(st, e);

	*ret = (struct unit){ 0 };
	if (rc != ERR_OK)
		return rc;
	return tx_end(st, explain(st, scope, image_id, vulnerability_id, a, ret, e), e);
}
