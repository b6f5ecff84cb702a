/* SPDX-License-Identifier: Apache-2.0 */
/* epss_page - known scores as the records they once came in. */
#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "store/epss.h"
#include "store/run_private.h"

/* Scores of two models do not compare, so the model goes along. */
static enum err_code
model_of(
    struct store *st, int64_t feed_id, struct arena *a, const char **ret, struct err *e)
{
	struct query *q = query(st, STMT_FEED_CURSOR);
	enum err_code rc;

	*ret = NULL;
	bind_int(q, 1, feed_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		*ret = col_dup(q, 0, a);
		if (str_or_empty(*ret)[0] == '\0')
			*ret = NULL;
	}
	query_done(q);
	return rc;
}

/* The record of the row that Q stands on. */
static struct kept_record
record_of(
    struct query *q, const struct feed_row *feed, const char *model, struct arena *a)
{
	struct buf line CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES);
	struct epss score = { col_int(q, 1), col_int(q, 2), model };
	const char *name = epss_name(col_int(q, 0), arena_alloc(a, EPSS_NAME_SIZE));

	record_write(
	    &(struct record){
		.key = name,
		.source = feed->source,
		.id = name,
		.vulnerabilities = &name,
		.n_vulnerabilities = 1,
		.published = feed->newest_record_at,
		.epss = &score,
	    },
	    &line);
	return (struct kept_record){ name, arena_strndup(a, buf_str(&line), line.len),
		line.len };
}

enum err_code
store_feed_scores(struct store *st, const struct feed_row *feed, const char *after_key,
    size_t limit, struct arena *a, struct kept_record **ret, size_t *ret_n,
    struct err *e)
{
	struct {
		struct kept_record *at;
		size_t n, cap;
	} rows = { 0 };
	const char *model = NULL;
	struct query *q;
	enum err_code rc;
	bool row;

	if ((rc = model_of(st, feed->id, a, &model, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_FEED_SCORES);
	bind_int(q, 1, epss_key(after_key));
	bind_int(q, 2, (int64_t)limit);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(a, &rows) = record_of(q, feed, model, a);
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}
