/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings that nobody rated wait for a score (unknown_severity: wait:48h).  A score makes
 * an event of its own, which the filter sees; what is still unrated when its wait is over
 * is told then.  Both ends of "its wait is over" are numbers: the message from A to B tells
 * the entries whose wait ended after A was given and until B was.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "notify/notify_private.h"

#define MAX_AGED 20000

struct aged {
	struct notify *n;
	const struct subscription_row *s;
	const struct filter *filter;
	struct arena *a;
	int64_t from_seq, to_seq; /* the entries whose wait ended: (from, to] */
	int64_t *seqs;
	size_t n_seqs;
};

/* The last number whose wait was over when SEQ was given. */
static enum err_code
waited_until(const struct aged *g, int64_t seq, int64_t *ret, struct err *e)
{
	struct store *st = g->n->o.store;
	int64_t at = 0;
	enum err_code rc = store_time_of(st, seq, &at, e);

	if (rc == ERR_OK)
		rc = store_seq_at(st, at - g->filter->unknown_wait_s, ret, e);
	if (rc == ERR_OK && *ret < g->s->start_seq)
		*ret = g->s->start_seq;
	return rc;
}

static enum err_code
find_waiting(struct aged *g, struct err *e)
{
	struct log_entry *entries = NULL;
	size_t n = 0;
	enum err_code rc = store_log(g->n->o.store, g->s->team_id, g->from_seq,
	    g->to_seq, MAX_AGED, g->a, &entries, &n, e);

	if (rc != ERR_OK)
		return rc;
	g->seqs = arena_array(g->a, n, sizeof(*g->seqs));
	for (size_t i = 0; i < n; i++)
		if (filter_entry(g->filter, &entries[i], true) &&
		    !filter_entry(g->filter, &entries[i], false))
			g->seqs[g->n_seqs++] = entries[i].seq;
	return ERR_OK;
}

static bool
is_told(const struct changes *c, size_t n, const struct change_row *row)
{
	for (size_t i = 0; i < n; i++)
		if (c->rows[i].vulnerability_id == row->vulnerability_id)
			return true;
	return false;
}

/* Only what a feed said and nobody rated: moves and scores were news by themselves. */
static void
add_rows(const struct aged *g, const struct changes *late, struct changes *io)
{
	struct change_row *rows =
	    arena_array(g->a, io->n_rows + late->n_rows, sizeof(*rows));
	size_t n = io->n_rows;

	if (n > 0)
		memcpy(rows, io->rows, n * sizeof(*rows));
	for (size_t i = 0; i < late->n_rows; i++) {
		const struct change_row *row = &late->rows[i];

		if (row->severity != SEVERITY_UNKNOWN ||
		    (row->kind != CHANGE_RESOLVED && !str_eq(row->reason, "feed")) ||
		    !filter_change(g->filter, row, true) ||
		    is_told(io, io->n_rows, row))
			continue;
		if (row->n_images > io->n_touched_images)
			io->n_touched_images = row->n_images;
		rows[n++] = *row;
	}
	io->rows = rows;
	io->n_rows = n;
}

enum err_code
aged_changes(struct notify *n, const struct subscription_row *s,
    const struct filter *filter, int64_t to_seq, struct arena *a, struct changes *io,
    struct err *e)
{
	struct aged g = { .n = n, .s = s, .filter = filter, .a = a };
	struct changes late = { 0 };
	enum err_code rc;

	if (filter->unknown != UNKNOWN_WAIT)
		return ERR_OK;
	if ((rc = waited_until(&g, s->cursor_seq, &g.from_seq, e)) != ERR_OK ||
	    (rc = waited_until(&g, to_seq, &g.to_seq, e)) != ERR_OK ||
	    g.to_seq <= g.from_seq)
		return rc;
	if ((rc = find_waiting(&g, e)) != ERR_OK || g.n_seqs == 0)
		return rc;
	rc = store_changes(n->o.store, s->team_id, s->list_id, s->start_seq, g.from_seq,
	    to_seq, g.seqs, g.n_seqs, a, &late, e);
	if (rc == ERR_OK)
		add_rows(&g, &late, io);
	return rc;
}
