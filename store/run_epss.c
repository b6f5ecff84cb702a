/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_epss - reading a table of scores into the stage.  Every score known lies in one
 * sorted array of 16 bytes each; what moved too little to matter is not written, so that
 * the table of the next day costs what has changed.
 *
 * A new model makes all scores anew, and then a score that rises over a threshold says
 * something about the model, not about the vulnerability: such a run is an upgrade,
 * which is quiet.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/mem.h"
#include "core/record.h"
#include "core/str.h"
#include "store/epss.h"
#include "store/run_private.h"

/* What a score, and what a percentile, must differ by. */
#define SCORE_MATTERS      1000
#define PERCENTILE_MATTERS 10000

struct run_epss {
	struct epss_score *known; /* owned; by cve */
	size_t n, cap;
	unsigned char *seen; /* owned; a bit for each of 'known' */
	size_t next;         /* where the next score is looked for first */
	char *model;         /* owned; NULL = not said */
	int64_t scored_at;
	unsigned n_chunks;
	struct epss_score chunk[EPSS_CHUNK];
	size_t n_pending;
};

/* ---- what is known ---- */

static struct epss_score *
find(struct run_epss *x, int64_t cve)
{
	size_t low = 0, high = x->n;

	/* tables are mostly in the order of this array */
	if (x->next < x->n && x->known[x->next].cve == cve)
		return &x->known[x->next++];
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (x->known[middle].cve < cve)
			low = middle + 1;
		else
			high = middle;
	}
	x->next = low;
	if (low == x->n || x->known[low].cve != cve)
		return NULL;
	x->next++;
	return &x->known[low];
}

static void
add(struct run_epss *x, const struct epss_score *s)
{
	if (x->n == x->cap) {
		x->cap = x->cap == 0 ? 4096 : 2 * x->cap;
		x->known = mem_array(x->known, x->cap, sizeof(*x->known));
	}
	x->known[x->n++] = *s;
}

static enum err_code
load_known(struct run *run, struct run_epss *x, struct err *e)
{
	struct query *q = query(run->st, STMT_RUN_EPSS_KNOWN);
	enum err_code rc;
	bool row;

	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		add(x, &(struct epss_score){
			   .cve = col_int(q, 0),
			   .micro = (int32_t)col_int(q, 1),
			   .percentile = (int32_t)col_int(q, 2),
		       });
	query_done(q);
	return rc;
}

static int
by_cve(const void *a, const void *b)
{
	const struct epss_score *x = a, *y = b;

	return (x->cve > y->cve) - (x->cve < y->cve);
}

/* A run that waits to be applied counts as applied. */
static enum err_code
load_staged(struct run *run, struct run_epss *x, struct err *e)
{
	struct query *q = query(run->st, STMT_RUN_EPSS_STAGED);
	struct epss_score s[EPSS_CHUNK];
	enum err_code rc;
	bool row;

	bind_int(q, 1, run->feed_id);
	bind_int(q, 2, RUN_APPLYING);
	bind_int(q, 3, CHANGE_SCORES);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		size_t len, n = 0, sorted = x->n;
		const void *p = col_blob(q, 0, &len);
		int64_t at;

		if ((rc = epss_unpack(p, len, &at, s, &n, e)) != ERR_OK)
			break;
		for (size_t i = 0; i < n; i++) {
			struct epss_score *k =
			    sorted == 0
				? NULL
				: bsearch(&s[i], x->known, sorted, sizeof(*k), by_cve);

			if (k != NULL)
				*k = s[i];
			else
				add(x, &s[i]);
		}
		if (x->n > sorted)
			qsort(x->known, x->n, sizeof(*x->known), by_cve);
	}
	query_done(q);
	return rc;
}

/* The model of the scores that are known; "" = nobody said. */
static enum err_code
known_model(struct run *run, struct arena *a, const char **ret, struct err *e)
{
	struct query *q = query(run->st, STMT_FEED_CURSOR);
	enum err_code rc;

	bind_int(q, 1, run->feed_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = str_or_empty(col_dup(q, 0, a));
	query_done(q);
	return rc;
}

static enum err_code
load(struct run *run, struct run_epss *x, struct arena *a, struct err *e)
{
	const char *before = "";
	enum err_code rc;

	if ((rc = load_known(run, x, e)) != ERR_OK ||
	    (rc = load_staged(run, x, e)) != ERR_OK ||
	    (rc = known_model(run, a, &before, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < x->n; i++)
		run->n_standing += x->known[i].micro >= 0;
	x->seen = mem_zalloc(x->n / 8 + 1);
	if (run->cause == RUN_REFRESH && before[0] != '\0' && x->model != NULL &&
	    !str_eq(before, x->model))
		run->cause = RUN_UPGRADE;
	return ERR_OK;
}

static enum err_code
open_epss(struct run *run, const struct record *first, struct err *e)
{
	struct run_epss *x = mem_zalloc(sizeof(*x));
	struct arena *a = arena_new();
	enum err_code rc;

	x->model = first->epss->model == NULL ? NULL : mem_strdup(first->epss->model);
	if ((rc = tx_read(run->st, e)) == ERR_OK)
		rc = tx_end(run->st, load(run, x, a, e), e);
	arena_free(a);
	if (rc != ERR_OK) {
		run_epss_free(x);
		return rc;
	}
	run->epss = x;
	return ERR_OK;
}

void
run_epss_free(struct run_epss *x)
{
	if (x == NULL)
		return;
	free(x->known);
	free(x->seen);
	free(x->model);
	free(x);
}

const char *
run_epss_model(const struct run *run)
{
	return run->epss == NULL ? NULL : run->epss->model;
}

/* ---- staging ---- */

static enum err_code
stage_chunk(struct run *run, struct err *e)
{
	struct run_epss *x = run->epss;
	struct buf packed CLEANUP_BUF = BUF_INIT(16 * (EPSS_CHUNK + 1));
	struct staged s = { .change = CHANGE_SCORES, .has_body = true };
	char key[32];

	epss_pack(x->scored_at, x->chunk, x->n_pending, &packed);
	(void)snprintf(key, sizeof(key), "scores/%08u", x->n_chunks++);
	s.key = key;
	s.body = packed.data;
	s.len = packed.len;
	x->n_pending = 0;
	return run_stage(run, &s, e);
}

static enum err_code
stage(struct run *run, const struct epss_score *s, struct err *e)
{
	run->epss->chunk[run->epss->n_pending++] = *s;
	return run->epss->n_pending < EPSS_CHUNK ? ERR_OK : stage_chunk(run, e);
}

static bool
is_seen(const struct run_epss *x, size_t i)
{
	return (x->seen[i / 8] >> i % 8 & 1) != 0;
}

/* False if it was seen before. */
static bool
see(struct run_epss *x, size_t i)
{
	bool is_new = !is_seen(x, i);

	x->seen[i / 8] |= (unsigned char)(1u << i % 8);
	return is_new;
}

static bool
matters(const struct epss_score *a, const struct epss_score *b)
{
	return labs((long)a->micro - b->micro) >= SCORE_MATTERS ||
	       (a->micro < 0) != (b->micro < 0) ||
	       labs((long)a->percentile - b->percentile) >= PERCENTILE_MATTERS;
}

enum err_code
run_epss_record(
    struct run *run, const struct record *r, bool *ret_changed, struct err *e)
{
	const struct epss_score s = {
		.cve = epss_key(r->vulnerabilities[0]),
		.micro = (int32_t)r->epss->score_micro,
		.percentile = (int32_t)r->epss->percentile_micro,
	};
	struct epss_score *known;
	enum err_code rc;

	*ret_changed = false;
	if (s.cve == 0) {
		store_run_skipped(run, r->key, "no CVE id that is ever given");
		return ERR_OK;
	}
	if (run->epss == NULL && (rc = open_epss(run, r, e)) != ERR_OK)
		return rc;
	if (r->published > run->epss->scored_at)
		run->epss->scored_at = r->published;
	known = find(run->epss, s.cve);
	if (known != NULL && !see(run->epss, (size_t)(known - run->epss->known))) {
		store_run_skipped(run, r->key, "the feed has this key twice");
		return ERR_OK;
	}
	run->n_records++;
	if (known != NULL && !matters(known, &s)) {
		run->n_unchanged++;
		return ERR_OK;
	}
	*(known == NULL || known->micro < 0 ? &run->n_added : &run->n_changed) += 1;
	*ret_changed = true;
	return stage(run, &s, e);
}

void
run_epss_skipped(struct run *run, const char *key)
{
	struct epss_score *known =
	    run->epss == NULL ? NULL : find(run->epss, epss_key(key));

	if (known != NULL)
		(void)see(run->epss, (size_t)(known - run->epss->known));
}

enum err_code
run_epss_finish(struct run *run, bool complete, size_t *io_lost, struct err *e)
{
	struct run_epss *x = run->epss;
	enum err_code rc = ERR_OK;

	if (x == NULL)
		return ERR_OK;
	for (size_t i = 0; i < x->n && complete && rc == ERR_OK; i++) {
		if (x->known[i].micro < 0 || is_seen(x, i))
			continue;
		++*io_lost;
		rc = stage(run, &(struct epss_score){ x->known[i].cve, -1, -1 }, e);
	}
	/* an empty one too: it says when the scores were made */
	return rc == ERR_OK ? stage_chunk(run, e) : rc;
}
