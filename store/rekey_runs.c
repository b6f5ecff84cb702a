/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rekey_runs - what feeds have said, by the ordinary way of a run: each of their records is
 * staged as it is, and applying it makes its ranges anew.  The runs stand in RUN_STAGING
 * until everything is prepared, so that a start after a kill finds them and goes on.
 */
#include "core/arena.h"
#include "store/feeds.h"
#include "store/rekey_private.h"
#include "store/run_private.h"

#define PACKAGES_AT_ONCE 20
#define RECORDS_AT_ONCE  2000

struct feeds {
	struct feed {
		int64_t id, revision; /* of a run: its id, its feed */
	} * at;
	size_t n, cap;
};

static enum err_code
read_feeds(struct rekey *r, enum stmt s, int64_t ecosystem_id, struct feeds *out,
    struct err *e)
{
	struct query *q = query(r->st, s);
	enum err_code rc;
	bool row;

	bind_int(q, 1, RUN_REKEY);
	bind_int(q, 2, RUN_STAGING);
	if (ecosystem_id != 0)
		bind_int(q, 3, ecosystem_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(r->slice, out) =
		    (struct feed){ col_int(q, 0), col_int(q, 1) };
	query_done(q);
	return rc;
}

static enum err_code
add_run(struct rekey *r, const struct feed *f, struct err *e)
{
	struct query *q;
	int64_t id = 0;
	enum err_code rc;

	if ((rc = seq_take(r->st, "run", 1, &id, e)) != ERR_OK)
		return rc;
	q = query(r->st, STMT_RUN_ADD);
	bind_int(q, 1, id);
	bind_int(q, 2, f->id);
	bind_int(q, 3, RUN_STAGING);
	bind_int(q, 4, RUN_REKEY);
	bind_int(q, 5, f->revision);
	bind_int(q, 6, r->now_at);
	return query_run(q, e);
}

static enum err_code
count_records(struct rekey *r, struct err *e)
{
	struct query *q = query(r->st, STMT_REKEY_RECORDS);
	enum err_code rc;

	bind_int(q, 1, RUN_REKEY);
	bind_int(q, 2, RUN_STAGING);
	if ((rc = query_one(q, e)) == ERR_OK)
		r->total += (uint64_t)col_int(q, 0);
	query_done(q);
	return rc;
}

enum err_code
rekey_add_runs(struct rekey *r, bool *ret_more, struct err *e)
{
	enum err_code rc;

	*ret_more = false;
	if ((rc = tx_begin(r->st, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < r->ecosystems.n && rc == ERR_OK; i++) {
		struct feeds feeds = { 0 };

		rc = read_feeds(r, STMT_REKEY_FEEDS, r->ecosystems.at[i].id, &feeds, e);
		for (size_t k = 0; k < feeds.n && rc == ERR_OK; k++)
			rc = add_run(r, &feeds.at[k], e);
	}
	if (rc == ERR_OK)
		rc = count_records(r, e);
	return tx_end(r->st, rc, e);
}

/* The first run whose stage can take more. */
enum err_code
rekey_stage(struct rekey *r, bool *ret_more, struct err *e)
{
	struct feeds runs = { 0 };
	int64_t n = 0;
	enum err_code rc;

	if ((rc = tx_begin(r->st, e)) != ERR_OK)
		return rc;
	rc = read_feeds(r, STMT_REKEY_STAGING, 0, &runs, e);
	for (size_t i = 0; i < runs.n && rc == ERR_OK && n == 0; i++) {
		struct query *q = query(r->st, STMT_REKEY_STAGE);

		bind_int(q, 1, runs.at[i].id);
		bind_int(q, 2, CHANGE_REKEYED);
		bind_int(q, 3, runs.at[i].revision);
		bind_int(q, 4, RECORDS_AT_ONCE);
		if ((rc = query_run(q, e)) == ERR_OK)
			n = query_changes(r->st);
	}
	if ((rc = tx_end(r->st, rc, e)) != ERR_OK)
		return rc;
	r->done += (uint64_t)n;
	*ret_more = n > 0;
	return ERR_OK;
}

static enum err_code
dirty_package(struct rekey *r, int64_t package_id, struct err *e)
{
	struct query *q = query(r->st, STMT_REKEY_DIRTY);
	enum err_code rc;

	bind_int(q, 1, RUN_REKEY);
	bind_int(q, 2, RUN_STAGING);
	bind_int(q, 3, package_id);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(r->st, STMT_REKEY_PACKAGE_DROP);
	bind_int(q, 1, package_id);
	return query_run(q, e);
}

enum err_code
rekey_dirty(struct rekey *r, bool *ret_more, struct err *e)
{
	int64_t packages[PACKAGES_AT_ONCE];
	struct query *q;
	size_t n = 0;
	enum err_code rc;
	bool row;

	if ((rc = tx_begin(r->st, e)) != ERR_OK)
		return rc;
	q = query(r->st, STMT_REKEY_PACKAGES);
	bind_int(q, 1, PACKAGES_AT_ONCE);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		packages[n++] = col_int(q, 0);
	query_done(q);
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = dirty_package(r, packages[i], e);
	*ret_more = n == PACKAGES_AT_ONCE;
	return tx_end(r->st, rc, e);
}

enum err_code
rekey_switch(struct rekey *r, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = tx_begin(r->st, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < r->ecosystems.n && rc == ERR_OK; i++) {
		q = query(r->st, STMT_REKEY_ECOSYSTEM_DONE);
		bind_int(q, 1, r->ecosystems.at[i].id);
		bind_text(q, 2, r->ecosystems.at[i].scheme);
		bind_int(q, 3, (int64_t)r->ecosystems.at[i].format);
		rc = query_run(q, e);
	}
	if (rc == ERR_OK) {
		q = query(r->st, STMT_REKEY_GO);
		bind_int(q, 1, RUN_REKEY);
		bind_int(q, 2, RUN_STAGING);
		bind_int(q, 3, RUN_APPLYING);
		rc = query_run(q, e);
	}
	return tx_end(r->st, rc, e);
}
