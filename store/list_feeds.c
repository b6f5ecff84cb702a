/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list_feeds - which feeds a list rests on.  A system is a column of its images; what they
 * carry besides lies in their sets, so for a feed of languages those are walked until the
 * first hit.  It is asked when something happened to a feed, which is rare.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "store/idmap.h"
#include "store/outbox.h"
#include "store/run_private.h"
#include "store/store_private.h"

struct rest {
	struct store *st;
	struct arena *a;
	struct idmap components; /* of ecosystems the feed speaks of */
	struct {
		int64_t *at;
		size_t n, cap;
	} inventories; /* of the list's live images */
};

static enum err_code
read_components(struct rest *x, int64_t feed_id, struct err *e)
{
	struct query *q = query(x->st, STMT_FEED_COMPONENTS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, feed_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		(void)idmap_put(&x->components, col_int(q, 0), NULL);
	query_done(q);
	return rc;
}

static enum err_code
read_inventories(struct rest *x, int64_t list_id, struct err *e)
{
	struct query *q = query(x->st, STMT_LIST_INVENTORIES);
	enum err_code rc;
	bool more;

	bind_int(q, 1, list_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(x->a, &x->inventories) = col_int(q, 0);
	query_done(q);
	return rc;
}

static enum err_code
walk(struct rest *x, bool *ret, struct err *e)
{
	struct arena *page = arena_new();
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < x->inventories.n && !*ret && rc == ERR_OK; i++) {
		int64_t *ids = NULL;
		size_t n = 0;

		arena_reset(page);
		rc = sets_components_of(x->st, x->inventories.at[i], page, &ids, &n, e);
		for (size_t k = 0; k < n && !*ret && rc == ERR_OK; k++)
			*ret = idmap_get(&x->components, ids[k]) != NULL;
	}
	arena_free(page);
	return rc;
}

/* Do its images carry something the feed speaks of? */
static enum err_code
carries(struct store *st, int64_t list_id, int64_t feed_id, bool *ret, struct err *e)
{
	struct rest x = { .st = st, .a = arena_new() };
	enum err_code rc;

	x.components = idmap_in(x.a);
	rc = read_components(&x, feed_id, e);
	if (rc == ERR_OK && x.components.n > 0)
		rc = read_inventories(&x, list_id, e);
	if (rc == ERR_OK && x.components.n > 0)
		rc = walk(&x, ret, e);
	arena_free(x.a);
	return rc;
}

enum err_code
store_list_rests_on(struct store *st, int64_t team_id, int64_t list_id,
    const char *feed, bool *ret, struct err *e)
{
	const struct scope team = { .team_id = team_id };
	struct arena *a = arena_new();
	struct coverage coverage;
	struct feed_row row;
	enum err_code rc;

	*ret = false;
	if ((rc = store_feed(st, feed, a, &row, e)) != ERR_OK)
		goto done;
	/* what a feed of languages will speak of is known once it has spoken */
	*ret =
	    row.enriches || (!row.ever_applied && strchr(row.ecosystems, ':') == NULL);
	if (!*ret)
		rc = store_coverage_all(st, team, list_id, a, &coverage, e);
	for (size_t i = 0; rc == ERR_OK && !*ret && i < coverage.n_feeds; i++)
		*ret = str_eq(coverage.feeds[i].name, feed);
	if (rc == ERR_OK && !*ret)
		rc = carries(st, list_id, row.id, ret, e);
done:
	arena_free(a);
	return rc;
}
