/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_purpose - images kept although they are vulnerable.  They are listed and counted
 * like others; to messages they are no members of any list (changes_members.c), and when
 * the purpose ends they join their lists again: one baseline, no flood.
 */
#include "core/arena.h"
#include "core/str.h"
#include "store/query_private.h"
#include "store/store_private.h"

static const char *const names[IMAGE_PURPOSE_COUNT] = {
	[PURPOSE_ARCHIVE] = "archive",
	[PURPOSE_TEST] = "test",
};

const char *
image_purpose_name(enum image_purpose p)
{
	return (unsigned)p < IMAGE_PURPOSE_COUNT ? names[p] : NULL;
}

enum err_code
image_purpose_of(const char *word, enum image_purpose *ret, struct err *e)
{
	if (word == NULL) {
		*ret = PURPOSE_NONE;
		return ERR_OK;
	}
	for (int p = PURPOSE_NONE + 1; p < IMAGE_PURPOSE_COUNT; p++)
		if (str_eq(names[p], word)) {
			*ret = (enum image_purpose)p;
			return ERR_OK;
		}
	return err_set(e, ERR_INPUT, "\"%.64s\" is no purpose: archive or test", word);
}

/* Each list hears that the image is there again. */
static enum err_code
tell_lists(struct store *st, int64_t id, int64_t now_at, struct arena *a, struct err *e)
{
	struct {
		int64_t *at;
		size_t n, cap;
	} lists = { 0 };
	struct query *q = query(st, STMT_IMAGE_LIST_IDS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &lists) = col_int(q, 0);
	query_done(q);
	for (size_t i = 0; i < lists.n && rc == ERR_OK; i++)
		rc = lists_tell(st, lists.at[i], 1, now_at, e);
	return rc;
}

enum err_code
image_purpose_set(struct store *st, int64_t id, enum image_purpose purpose, int64_t seq,
    int64_t now_at, struct arena *a, struct err *e)
{
	struct query *q = query(st, STMT_IMAGE_PURPOSE_CLOSE);
	enum err_code rc;

	bind_int(q, 1, id);
	bind_int(q, 2, seq);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	if (purpose == PURPOSE_NONE)
		return tell_lists(st, id, now_at, a, e);
	q = query(st, STMT_IMAGE_PURPOSE_OPEN);
	bind_int(q, 1, id);
	bind_int(q, 2, seq);
	bind_int(q, 3, purpose);
	return query_run(q, e);
}
