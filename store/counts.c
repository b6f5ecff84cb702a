/* SPDX-License-Identifier: Apache-2.0 */
/* How many findings: of one image exactly, of a list from the summaries. */
#include "core/arena.h"
#include "store/finding_private.h"
#include "store/outbox_private.h"
#include "store/query_private.h"

static void
count_one(const struct match_row *m, struct counts *c)
{
	switch (m->severity) {
	case SEVERITY_CRITICAL:
		c->critical++;
		break;
	case SEVERITY_HIGH:
		c->high++;
		break;
	case SEVERITY_MEDIUM:
		c->medium++;
		break;
	case SEVERITY_LOW:
		c->low++;
		break;
	case SEVERITY_NEGLIGIBLE:
		c->negligible++;
		return;
	default:
		c->unknown++;
	}
	c->total++;
	c->fixable += m->state == STATUS_FIXED;
	c->exploited += m->kev_at != 0;
}

enum err_code
store_image_counts(struct store *st, struct scope scope, int64_t image_id,
    struct counts *ret, struct err *e)
{
	struct arena *a = arena_new();
	struct image_row image;
	int64_t *components = NULL;
	size_t n = 0;
	enum err_code rc = store_image(st, scope, image_id, NULL, a, &image, e);

	*ret = (struct counts){ 0 };
	if (rc == ERR_OK && image.inventory_id != 0)
		rc = sets_components_of(st, image.inventory_id, a, &components, &n, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct match_row *m = NULL;
		size_t n_matches = 0;

		rc = matches_of(st, components[i], a, &m, &n_matches, e);
		for (size_t k = 0; k < n_matches; k++)
			if (m[k].state != STATUS_UNDER_INVESTIGATION)
				count_one(&m[k], ret);
	}
	arena_free(a);
	return rc;
}

enum err_code
store_list_counts(struct store *st, struct scope scope, int64_t list_id,
    struct counts *ret, struct err *e)
{
	struct query *q = query(st, STMT_SUMMARY_OF_IMAGES);
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, list_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = (struct counts){
			.critical = col_int(q, 0),
			.high = col_int(q, 1),
			.medium = col_int(q, 2),
			.low = col_int(q, 3),
			.negligible = col_int(q, 4),
			.unknown = col_int(q, 5),
			.fixable = col_int(q, 6),
			.exploited = col_int(q, 7),
		};
	query_done(q);
	ret->total = ret->critical + ret->high + ret->medium + ret->low + ret->unknown;
	return rc;
}
