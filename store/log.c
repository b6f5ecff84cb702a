/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log as a subscription's filter runs over it: columns only, no image is looked at.
 *
 * Quiet entries are not handed out where they stand.  When an operator
 * announces a flood, its findings are: each with the number of its own event, which may lie
 * before the interval, all of them just in front of the feed.announced entry.  So the
 * last entry of an answer is never one of them, and its number says how far one got.
 * store_changes() accepts such numbers and takes the findings as opened at the
 * announcement.
 */
#include "core/arena.h"
#include "store/outbox.h"
#include "store/store_private.h"

enum log_column {
	COL_SEQ,
	COL_AT,
	COL_RUN_ID,
	COL_KIND,
	COL_VULNERABILITY_ID,
	COL_PACKAGE_ID,
	COL_IMAGE_ID,
	COL_ECOSYSTEM,
	COL_PACKAGE,
	COL_SEVERITY,
	COL_SEVERITY_BEFORE,
	COL_STATE,
	COL_FLAGS,
	COL_EPSS_MICRO,
	COL_EPSS_BEFORE
};

struct entries {
	struct log_entry *at;
	size_t n, cap;
};

static void
read_entry(struct query *q, struct arena *a, struct log_entry *ret)
{
	*ret = (struct log_entry){
		.seq = col_int(q, COL_SEQ),
		.at = col_int(q, COL_AT),
		.run_id = col_int(q, COL_RUN_ID),
		.kind = (enum event_kind)col_int(q, COL_KIND),
		.vulnerability_id = col_int(q, COL_VULNERABILITY_ID),
		.package_id = col_int(q, COL_PACKAGE_ID),
		.image_id = col_int(q, COL_IMAGE_ID),
		.ecosystem = col_dup(q, COL_ECOSYSTEM, a),
		.package = col_dup(q, COL_PACKAGE, a),
		.severity = (enum severity)col_int(q, COL_SEVERITY),
		.severity_before = (enum severity)col_int(q, COL_SEVERITY_BEFORE),
		.state = (enum status)col_int(q, COL_STATE),
		.flags = (unsigned)col_int(q, COL_FLAGS),
		.epss_micro =
		    col_null(q, COL_EPSS_MICRO) ? -1 : col_int(q, COL_EPSS_MICRO),
		.epss_before_micro =
		    col_null(q, COL_EPSS_BEFORE) ? -1 : col_int(q, COL_EPSS_BEFORE),
	};
}

static enum err_code
read_announced(struct store *st, const struct log_entry *announcement, struct arena *a,
    struct entries *out, struct err *e)
{
	struct query *q = query(st, STMT_LOG_QUIET);
	enum err_code rc;
	bool more;

	bind_int(q, 1, announcement->run_id);
	bind_int(q, 2, announcement->seq);
	bind_int(q, 3, EVENT_FINDING_RESOLVED);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		read_entry(q, a, ARENA_PUSH(a, out));
	query_done(q);
	return rc;
}

static enum err_code
read_range(struct store *st, int64_t team_id, int64_t after_seq, int64_t upto_seq,
    size_t limit, struct arena *a, struct entries *out, struct err *e)
{
	struct query *q = query(st, STMT_LOG_RANGE);
	enum err_code rc;
	bool more;

	_Static_assert(
	    EVENT_FINDING_RESOLVED == 5, "finding.* are the first six kinds");
	bind_int(q, 1, team_id);
	bind_int(q, 2, after_seq);
	bind_int(q, 3, upto_seq);
	bind_int(q, 4, (int64_t)limit);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		struct log_entry entry;

		read_entry(q, a, &entry);
		if (entry.kind == EVENT_FEED_ANNOUNCED)
			rc = read_announced(st, &entry, a, out, e);
		if (rc != ERR_OK)
			break;
		*ARENA_PUSH(a, out) = entry;
	}
	query_done(q);
	return rc;
}

enum err_code
store_log(struct store *st, int64_t team_id, int64_t after_seq, int64_t upto_seq,
    size_t limit, struct arena *a, struct log_entry **ret, size_t *ret_n, struct err *e)
{
	struct entries out = { 0 };
	enum err_code rc;

	if ((rc = tx_read(st, e)) != ERR_OK)
		return rc;
	rc = read_range(st, team_id, after_seq, upto_seq, limit, a, &out, e);
	if ((rc = tx_end(st, rc, e)) != ERR_OK)
		return rc;
	*ret = out.at;
	*ret_n = out.n;
	return ERR_OK;
}
