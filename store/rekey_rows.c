/* SPDX-License-Identifier: Apache-2.0 */
/* rekey_rows - installed versions, of source packages and of components. */
#include <string.h>

#include "core/arena.h"
#include "core/verdict.h"
#include "store/rekey_private.h"

/* Columns of REKEY_ORIGINS and REKEY_COMPONENTS. */
enum row_column {
	COL_ID,
	COL_PACKAGE,
	COL_ECOSYSTEM,
	COL_VERSION,
	COL_KEY,
	COL_EXACT,
	COL_PARSABLE
};

/* A row whose key comes out otherwise. */
struct change {
	int64_t id, package_id;
	struct version_key key;
};

struct changes {
	struct change *at;
	size_t n, cap;
};

static bool
is_same(struct query *q, const struct version_key *now)
{
	size_t len;
	const void *key = col_blob(q, COL_KEY, &len);

	return len == now->key.len && memcmp(key, now->key.bytes, len) == 0 &&
	       (col_int(q, COL_EXACT) != 0) == now->exact &&
	       (col_int(q, COL_PARSABLE) != 0) == now->parsable;
}

static void
look(struct rekey *r, struct query *q, struct changes *out)
{
	int64_t *index = idmap_get(&r->by_id, col_int(q, COL_ECOSYSTEM));
	struct version_key now;

	r->after = col_int(q, COL_ID);
	if (index == NULL)
		return;
	r->st->options.keyer->version(r->ecosystems.at[*index - 1].scheme,
	    col_text(q, COL_VERSION), r->slice, &now);
	if (!is_same(q, &now))
		*ARENA_PUSH(r->slice, out) = (struct change){ .id = r->after,
			.package_id = col_int(q, COL_PACKAGE),
			.key = now };
}

static enum err_code
read_changes(struct rekey *r, struct changes *out, bool *ret_more, struct err *e)
{
	struct query *q = query(r->st,
	    r->phase == REKEY_ORIGINS ? STMT_REKEY_ORIGINS : STMT_REKEY_COMPONENTS);
	size_t n = 0;
	enum err_code rc;
	bool row;

	bind_int(q, 1, r->after);
	bind_int(q, 2, REKEY_ROWS_AT_ONCE);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		look(r, q, out);
		n++;
	}
	query_done(q);
	r->done += n;
	*ret_more = n == REKEY_ROWS_AT_ONCE;
	return rc;
}

/* Two rows never get the same place in an index: the text of the version is part of it. */
static enum err_code
write_change(struct rekey *r, const struct change *c, struct err *e)
{
	struct query *q = query(r->st,
	    r->phase == REKEY_ORIGINS ? STMT_REKEY_ORIGIN : STMT_REKEY_COMPONENT);
	enum err_code rc;

	bind_int(q, 1, c->id);
	bind_blob(q, 2, c->key.key.bytes, c->key.key.len);
	bind_int(q, 3, c->key.exact);
	bind_int(q, 4, c->key.parsable);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(r->st, STMT_REKEY_PACKAGE_ADD);
	bind_int(q, 1, c->package_id);
	return query_run(q, e);
}

enum err_code
rekey_begin(struct rekey *r, bool *ret_more, struct err *e)
{
	enum err_code rc;

	*ret_more = false;
	if ((rc = tx_begin(r->st, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < r->ecosystems.n && rc == ERR_OK; i++) {
		struct query *q = query(r->st, STMT_REKEY_ECOSYSTEM_BEGIN);

		bind_int(q, 1, r->ecosystems.at[i].id);
		bind_int(q, 2, REKEY_UNDER_WAY);
		rc = query_run(q, e);
	}
	return tx_end(r->st, rc, e);
}

enum err_code
rekey_rows(struct rekey *r, bool *ret_more, struct err *e)
{
	int64_t after = r->after;
	struct changes changes = { 0 };
	enum err_code rc;

	if ((rc = tx_begin(r->st, e)) != ERR_OK)
		return rc;
	rc = read_changes(r, &changes, ret_more, e);
	for (size_t i = 0; i < changes.n && rc == ERR_OK; i++)
		rc = write_change(r, &changes.at[i], e);
	rc = tx_end(r->st, rc, e);
	if (rc != ERR_OK)
		r->after = after;
	return rc;
}
