/* SPDX-License-Identifier: Apache-2.0 */
/* The past, asked for by number: which images there were, since when a match had stood. */
#include "core/arena.h"
#include "store/finding_private.h"
#include "store/outbox.h"
#include "store/outbox_private.h"

enum err_code
store_oldest_seq(struct store *st, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_EVENTS_PURGED);
	enum err_code rc = query_one(q, e);

	if (rc == ERR_OK)
		*ret = col_int(q, 0) + 1;
	query_done(q);
	return rc;
}

static enum stmt
which_images(struct scope scope, const struct finding_filter *f)
{
	if (f->image_id != 0)
		return STMT_IMAGE_AT;
	if (f->list_id != 0)
		return STMT_IMAGES_OF_LIST_AT;
	return scope.all ? STMT_IMAGES_OF_ALL_AT : STMT_IMAGES_OF_TEAM_AT;
}

enum err_code
images_at(struct store *st, struct scope scope, const struct finding_filter *f,
    struct arena *a, struct image_then **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct image_then *at;
		size_t n, cap;
	} images = { 0 };
	struct query *q = query(st, which_images(scope, f));
	enum err_code rc;
	bool more;

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, f->as_of_seq);
	bind_int(q, 3, f->image_id != 0 ? f->image_id : f->list_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &images) = (struct image_then){ col_int(q, 0),
			col_int(q, 1), col_dup(q, 2, a) };
	query_done(q);
	if (rc == ERR_OK && f->image_id != 0 && images.n == 0)
		return err_set(e, ERR_NOTFOUND, "the image was not registered then");
	*ret = images.at;
	*ret_n = images.n;
	return rc;
}

enum err_code
match_run_start(struct store *st, const struct match_row *m, int64_t component_id,
    int64_t *ret, struct err *e)
{
	int64_t start = m->since_seq;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK) {
		struct query *q = query(st, STMT_MATCH_PERIOD_BEFORE);

		bind_int(q, 1, component_id);
		bind_int(q, 2, m->vulnerability_id);
		bind_int(q, 3, start);
		if ((rc = query_one(q, e)) == ERR_OK)
			start = col_int(q, 0);
		query_done(q);
	}
	*ret = start;
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}
