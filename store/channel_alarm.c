/* SPDX-License-Identifier: Apache-2.0 */
/* Channels of which others are told, and who those others are. */
#include "core/arena.h"
#include "store/outbox_private.h"

struct channels {
	struct channel_row *at;
	size_t n, cap;
};

static enum err_code
collect(struct store *st, struct query *q, struct arena *a, struct channels *rows,
    struct err *e)
{
	enum err_code rc;
	bool more;

	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		channel_read(st, q, a, ARENA_PUSH(a, rows));
	query_done(q);
	return rc;
}

enum err_code
store_channels_alarmed(struct store *st, struct arena *a, struct channel_row **ret,
    size_t *ret_n, struct err *e)
{
	struct channels rows = { 0 };
	enum err_code rc = collect(st, query(st, STMT_CHANNELS_ALARMED), a, &rows, e);

	if (rc == ERR_OK) {
		*ret = rows.at;
		*ret_n = rows.n;
	}
	return rc;
}

static enum err_code
ask(struct store *st, enum stmt s, int64_t channel_id, struct arena *a,
    struct channels *rows, struct err *e)
{
	struct query *q = query(st, s);

	bind_int(q, 1, channel_id);
	bind_int(q, 2, CHANNEL_DISABLED);
	bind_int(q, 3, CHANNEL_FAILING);
	if (s == STMT_CHANNEL_NEIGHBOURS)
		bind_int(q, 4, CHANNEL_VERIFIED);
	return collect(st, q, a, rows, e);
}

enum err_code
store_channel_friends(struct store *st, int64_t channel_id, struct arena *a,
    struct channel_row **ret, size_t *ret_n, struct err *e)
{
	struct channels rows = { 0 };
	enum err_code rc = ask(st, STMT_CHANNEL_FRIENDS, channel_id, a, &rows, e);

	if (rc == ERR_OK && rows.n == 0)
		rc = ask(st, STMT_CHANNEL_NEIGHBOURS, channel_id, a, &rows, e);
	if (rc == ERR_OK) {
		*ret = rows.at;
		*ret_n = rows.n;
	}
	return rc;
}
