/* SPDX-License-Identifier: Apache-2.0 */
/* How many findings: of one image exactly, of a list from the summaries. */
#include "core/arena.h"
#include "store/finding_private.h"
#include "store/outbox_private.h"
#include "store/query_private.h"

void
counts_add(struct counts *c, enum severity s, int64_t n, int64_t n_fixable,
    int64_t n_exploited)
{
	switch (s) {
	case SEVERITY_CRITICAL:
		c->critical += n;
		break;
	case SEVERITY_HIGH:
		c->high += n;
		break;
	case SEVERITY_MEDIUM:
		c->medium += n;
		break;
	case SEVERITY_LOW:
		c->low += n;
		break;
	case SEVERITY_NEGLIGIBLE:
		c->negligible += n;
		return;
	default:
		c->unknown += n;
	}
	c->total += n;
	c->fixable += n_fixable;
	c->exploited += n_exploited;
}

void
counts_sum(struct counts *to, const struct counts *c)
{
	to->total += c->total;
	to->critical += c->critical;
	to->high += c->high;
	to->medium += c->medium;
	to->low += c->low;
	to->negligible += c->negligible;
	to->unknown += c->unknown;
	to->fixable += c->fixable;
	to->exploited += c->exploited;
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
				counts_add(ret, m[k].severity, 1,
				    m[k].state == STATUS_FIXED, m[k].kev_at != 0);
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
