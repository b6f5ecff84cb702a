/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run - reading a feed into the stage.  The hashes of everything known are held in
 * memory, so that a feed read twice writes nothing; only what differs is staged, in
 * short transactions, and nobody reads it before the run is judged (run_judge.c).
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "store/epss.h"
#include "store/outbox.h"
#include "store/run_private.h"

#define FLUSH_ROWS  500
#define FLUSH_BYTES ((size_t)4 * 1024 * 1024)
#define DROP_ROWS   2000
/* How many skipped records are listed, and with how much text. */
#define MAX_SKIPPED       20
#define MAX_SKIPPED_BYTES ((size_t)8192)

/* ---- opening ---- */

static struct known *
add_known(struct run *run, const char *key)
{
	bool is_new;
	uint64_t *at = strmap_put(run->keys, key, &is_new);

	if (!is_new)
		return &run->known[*at];
	if (run->n_known == run->cap_known) {
		run->cap_known = run->cap_known == 0 ? 1024 : 2 * run->cap_known;
		run->known = mem_array(run->known, run->cap_known, sizeof(*run->known));
	}
	*at = run->n_known++;
	memset(&run->known[*at], 0, sizeof(*run->known));
	return &run->known[*at];
}

static struct known *
find_known(struct run *run, const char *key)
{
	const uint64_t *at = key == NULL ? NULL : strmap_get(run->keys, key);

	return at == NULL ? NULL : &run->known[*at];
}

static void
read_hash(struct query *q, int column, struct known *k)
{
	size_t len;
	const void *hash = col_blob(q, column, &len);

	memset(k->hash, 0, sizeof(k->hash));
	if (len >= sizeof(k->hash))
		memcpy(k->hash, hash, sizeof(k->hash));
}

enum known_column { KNOWN_ID, KNOWN_KEY, KNOWN_CONTENT, KNOWN_MISSING, KNOWN_GONE };

static enum err_code
load_records(struct run *run, struct err *e)
{
	struct query *q = query(run->st, STMT_RUN_KNOWN);
	enum err_code rc;
	bool row;

	bind_int(q, 1, run->feed_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		struct known *k = add_known(run, col_text(q, KNOWN_KEY));

		k->id = col_int(q, KNOWN_ID);
		k->missing_since = col_int(q, KNOWN_MISSING);
		read_hash(q, KNOWN_CONTENT, k);
		if (!col_null(q, KNOWN_GONE))
			k->flags |= KNOWN_WITHDRAWN;
		if (!col_null(q, KNOWN_GONE) && k->missing_since != 0)
			k->flags |= KNOWN_VANISHED;
	}
	query_done(q);
	return rc;
}

/* What a run that waits to be applied will have done by then. */
static void
foresee(struct run *run, struct query *q, int64_t now_at)
{
	enum change change = (enum change)col_int(q, 2);
	struct known *k;

	if (change == CHANGE_SCORES)
		return;
	k = add_known(run, col_text(q, 0));
	switch (change) {
	case CHANGE_ADDED:
	case CHANGE_CHANGED:
		read_hash(q, 1, k);
		k->missing_since = 0;
		k->flags = 0;
		break;
	case CHANGE_MISSING:
		k->missing_since = now_at;
		break;
	case CHANGE_FOUND:
		k->missing_since = 0;
		break;
	case CHANGE_REKEYED:
		break;
	default:
		k->flags |= KNOWN_WITHDRAWN | KNOWN_VANISHED;
		break;
	}
}

static enum err_code
load_staged(struct run *run, struct err *e)
{
	struct query *q = query(run->st, STMT_RUN_KNOWN_STAGED);
	enum err_code rc;
	bool row;

	bind_int(q, 1, run->feed_id);
	bind_int(q, 2, RUN_APPLYING);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		foresee(run, q, run->started_at);
	query_done(q);
	return rc;
}

enum open_column { OPEN_NAME, OPEN_REVISION, OPEN_NEXT_REVISION };

static enum err_code
load(struct run *run, struct err *e)
{
	struct query *q = query(run->st, STMT_RUN_FEED);
	int64_t revision = 0;
	enum err_code rc;

	bind_int(q, 1, run->feed_id);
	bind_int(q, 2, RUN_APPLYING);
	if ((rc = query_one(q, e)) == ERR_OK) {
		run->feed = mem_strdup(col_text(q, OPEN_NAME));
		revision = col_null(q, OPEN_NEXT_REVISION)
			       ? col_int(q, OPEN_REVISION)
			       : col_int(q, OPEN_NEXT_REVISION);
	}
	query_done(q);
	if (rc == ERR_NOTFOUND)
		return err_set(e, rc, "no such feed");
	if (rc == ERR_OK)
		rc = run_last_judged(run->st, run->feed_id, &run->last_judged, e);
	if (rc == ERR_OK)
		rc = load_records(run, e);
	if (rc == ERR_OK)
		rc = load_staged(run, e);
	if (run->driver_revision == 0)
		run->driver_revision = (unsigned)revision;
	run->cause = revision == 0                               ? RUN_BASELINE
		     : revision == (int64_t)run->driver_revision ? RUN_REFRESH
								 : RUN_UPGRADE;
	for (size_t i = 0; i < run->n_known; i++)
		run->n_standing += (run->known[i].flags & KNOWN_WITHDRAWN) == 0;
	return rc;
}

/* A crash, or a second process that fetches the same feed, left a run unfinished. */
static enum err_code
drop_leftovers(struct store *st, int64_t feed_id, int64_t now_at, struct err *e)
{
	enum err_code rc;
	int64_t id;

	for (;;) {
		if ((rc = tx_begin(st, e)) != ERR_OK)
			return rc;
		rc = run_in_state(st, feed_id, RUN_STAGING, &id, NULL, NULL, e);
		if (rc == ERR_NOTFOUND)
			return tx_end(st, ERR_OK, e);
		if (rc == ERR_OK)
			rc = run_move(st, id, RUN_FAILED, now_at, e);
		if ((rc = tx_end(st, rc, e)) != ERR_OK ||
		    (rc = run_drop_stage(st, id, e)) != ERR_OK)
			return rc;
	}
}

enum err_code
store_run_open(struct store *st, int64_t feed_id, unsigned driver_revision,
    int64_t now_at, struct run **ret, struct err *e)
{
	struct run *run;
	enum err_code rc;

	if ((rc = drop_leftovers(st, feed_id, now_at, e)) != ERR_OK)
		return rc;
	run = mem_zalloc(sizeof(*run));
	run->st = st;
	run->feed_id = feed_id;
	run->driver_revision = driver_revision;
	run->started_at = now_at;
	run->keys = strmap_new();
	run->shrunk = strmap_new();
	run->a = arena_new();
	buf_init(&run->skipped, MAX_SKIPPED * (MAX_SKIPPED_BYTES + 1));
	if ((rc = tx_read(st, e)) == ERR_OK) {
		rc = load(run, e);
		rc = tx_end(st, rc, e);
	}
	if (rc != ERR_OK) {
		run_free(run);
		return rc;
	}
	*ret = run;
	return ERR_OK;
}

void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	strmap_free(run->keys);
	strmap_free(run->shrunk);
	arena_free(run->a);
	buf_done(&run->skipped);
	run_epss_free(run->epss);
	free(run->known);
	free(run->feed);
	free(run);
}

/* ---- the stage ---- */

enum err_code
run_add(struct run *run, struct err *e)
{
	struct query *q;
	int64_t id = 0;
	enum err_code rc;

	if ((rc = seq_take(run->st, "run", 1, &id, e)) != ERR_OK)
		return rc;
	q = query(run->st, STMT_RUN_ADD);
	bind_int(q, 1, id);
	bind_int(q, 2, run->feed_id);
	bind_int(q, 3, RUN_STAGING);
	bind_int(q, 4, run->cause);
	bind_int(q, 5, run->driver_revision);
	bind_int(q, 6, run->started_at);
	if ((rc = query_run(q, e)) == ERR_OK)
		run->id = id;
	return rc;
}

static enum err_code
check_own(struct run *run, struct err *e)
{
	struct query *q = query(run->st, STMT_RUN_IS);
	enum err_code rc;

	bind_int(q, 1, run->id);
	bind_int(q, 2, RUN_STAGING);
	rc = query_one(q, e);
	query_done(q);
	return rc == ERR_NOTFOUND
		   ? err_set(e, ERR_BUSY, "another run of the feed took over")
		   : rc;
}

static enum err_code
write_pending(struct run *run, struct err *e)
{
	enum err_code rc = run->id == 0 ? run_add(run, e) : check_own(run, e);

	for (size_t i = 0; i < run->pending.n && rc == ERR_OK; i++) {
		const struct staged *s = &run->pending.at[i];
		struct query *q = query(run->st, STMT_STAGE_ADD);

		bind_int(q, 1, run->id);
		bind_text(q, 2, s->key);
		bind_int(q, 3, s->change);
		if (s->has_body) {
			bind_blob(q, 4, s->hash, sizeof(s->hash));
			bind_blob(q, 5, s->body, s->len);
		}
		rc = query_run(q, e);
	}
	return rc;
}

enum err_code
run_flush(struct run *run, struct err *e)
{
	int64_t id_before = run->id;
	enum err_code rc;

	if ((rc = tx_begin(run->st, e)) != ERR_OK)
		return rc;
	rc = write_pending(run, e);
	if ((rc = tx_end(run->st, rc, e)) != ERR_OK) {
		run->id = id_before;
		return rc;
	}
	memset(&run->pending, 0, sizeof(run->pending));
	arena_reset(run->a);
	return ERR_OK;
}

enum err_code
run_stage(struct run *run, const struct staged *row, struct err *e)
{
	struct staged *s = ARENA_PUSH(run->a, &run->pending);

	*s = *row;
	s->key = arena_strdup(run->a, row->key);
	if (row->has_body)
		s->body = arena_memdup(run->a, row->body, row->len);
	if (run->pending.n < FLUSH_ROWS && arena_used(run->a) < FLUSH_BYTES)
		return ERR_OK;
	return run_flush(run, e);
}

enum err_code
run_drop_stage(struct store *st, int64_t run_id, struct err *e)
{
	int64_t deleted = 1;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && deleted > 0) {
		struct query *q;

		if ((rc = tx_begin(st, e)) != ERR_OK)
			return rc;
		q = query(st, STMT_STAGE_DROP);
		bind_int(q, 1, run_id);
		bind_int(q, 2, DROP_ROWS);
		rc = query_run(q, e);
		deleted = query_changes(st);
		rc = tx_end(st, rc, e);
	}
	return rc;
}

/* ---- records ---- */

static bool
still_names(const struct record *r, const char *ecosystem)
{
	for (size_t i = 0; r != NULL && i < r->n_affected; i++)
		if (r->affected[i].status != STATUS_NOT_AFFECTED &&
		    str_eq(r->affected[i].ecosystem, ecosystem))
			return true;
	return false;
}

enum err_code
run_count_shrunk(
    struct run *run, const struct known *k, const struct record *r, struct err *e)
{
	struct query *q;
	enum err_code rc;
	bool row;

	if (k->id == 0 || (k->flags & KNOWN_WITHDRAWN) != 0)
		return ERR_OK;
	q = query(run->st, STMT_RECORD_ECOSYSTEMS);
	bind_int(q, 1, k->id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		char id[24];

		if (still_names(r, col_text(q, 1)))
			continue;
		(void)snprintf(id, sizeof(id), "%lld", (long long)col_int(q, 0));
		++*strmap_put(run->shrunk, id, NULL);
	}
	query_done(q);
	return rc;
}

/* The body of R on the stage; false in *RET_FITS if it is too large to keep. */
static enum err_code
stage_record(struct run *run, const struct record *r, enum change change,
    const unsigned char hash[32], bool *ret_fits, struct err *e)
{
	struct buf json CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES);
	struct buf packed CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES);
	struct staged s = { .key = r->key, .change = change, .has_body = true };

	record_write(r, &json);
	body_deflate(buf_str(&json), json.len, &packed);
	if ((*ret_fits = !json.full && !packed.full) == false)
		return ERR_OK;
	memcpy(s.hash, hash, sizeof(s.hash));
	s.body = packed.data;
	s.len = packed.len;
	return run_stage(run, &s, e);
}

/* R is known as K and says the same as before. */
static enum err_code
keep_unchanged(struct run *run, const struct record *r, struct known *k, struct err *e)
{
	const struct staged s = { .key = r->key, .change = CHANGE_FOUND };

	run->n_unchanged++;
	if (k->missing_since == 0)
		return ERR_OK;
	return run_stage(run, &s, e);
}

static enum err_code
take_changed(struct run *run, const struct record *r, const struct known *k,
    bool is_new, const unsigned char hash[32], bool *ret_changed, struct err *e)
{
	bool withdrawn = r->withdrawn != 0 && (k->flags & KNOWN_WITHDRAWN) == 0;
	bool fits = false;
	enum err_code rc;

	rc = stage_record(
	    run, r, is_new ? CHANGE_ADDED : CHANGE_CHANGED, hash, &fits, e);
	if (rc == ERR_OK && !fits) {
		store_run_skipped(run, r->key, "the record is too large to keep");
		return ERR_OK;
	}
	if (rc == ERR_OK && !is_new)
		rc = run_count_shrunk(run, k, r, e);
	if (rc != ERR_OK)
		return rc;
	*(is_new ? &run->n_added : &run->n_changed) += 1;
	run->n_withdrawn += withdrawn && !is_new;
	*ret_changed = true;
	return ERR_OK;
}

enum err_code
store_run_record(
    struct run *run, const struct record *r, bool *ret_changed, struct err *e)
{
	unsigned char match[32], content[32];
	struct err bad = ERR_INIT;
	size_t n_before = run->n_known;
	struct known *k;
	bool is_new, is_same;

	*ret_changed = false;
	if (record_check(r, &bad) != ERR_OK) {
		store_run_skipped(run, r->key, bad.text);
		return ERR_OK;
	}
	if (r->epss != NULL)
		return run_epss_record(run, r, ret_changed, e);
	k = add_known(run, r->key);
	is_new = run->n_known > n_before;
	if ((k->flags & KNOWN_SEEN) != 0) {
		store_run_skipped(run, r->key, "the feed has this key twice");
		return ERR_OK;
	}
	record_hashes(r, run->driver_revision, match, content);
	is_same = !is_new && run->cause != RUN_UPGRADE &&
		  (k->flags & KNOWN_VANISHED) == 0 &&
		  memcmp(k->hash, content, sizeof(k->hash)) == 0;
	k->flags |= KNOWN_SEEN;
	run->n_records++;
	if (is_same)
		return keep_unchanged(run, r, k, e);
	return take_changed(run, r, k, is_new, content, ret_changed, e);
}

enum err_code
store_run_gone(struct run *run, const char *key, struct err *e)
{
	const struct staged s = { .key = key, .change = CHANGE_VANISHED };
	struct known *k = find_known(run, key);
	enum err_code rc;

	/* what the same run has said of it is newer */
	if (k == NULL || (k->flags & (KNOWN_SEEN | KNOWN_WITHDRAWN)) != 0)
		return ERR_OK;
	if (k->missing_since == 0) {
		run->n_gone++;
		if ((rc = run_count_shrunk(run, k, NULL, e)) != ERR_OK)
			return rc;
	}
	k->flags |= KNOWN_SEEN | KNOWN_WITHDRAWN | KNOWN_VANISHED;
	return run_stage(run, &s, e);
}

void
store_run_skipped(struct run *run, const char *key, const char *why)
{
	struct buf entry CLEANUP_BUF = BUF_INIT(MAX_SKIPPED_BYTES);
	struct known *k = find_known(run, key);
	struct json_writer w;

	/* what cannot be read is no sign that it is gone: it stands as it was read last */
	if (k != NULL)
		k->flags |= KNOWN_SEEN;
	run_epss_skipped(run, key);
	if (run->n_skipped++ >= MAX_SKIPPED)
		return;
	jw_init(&w, &entry);
	jw_object(&w);
	jw_key(&w, "record");
	jw_textn(&w, str_or_empty(key),
	    key == NULL ? 0 : utf8_cut(key, strlen(key), MAX_NAME));
	jw_ktext(&w, "why", why);
	jw_object_end(&w);
	if (entry.full)
		return;
	if (run->skipped.len > 0)
		buf_addc(&run->skipped, ',');
	buf_add(&run->skipped, entry.data, entry.len);
}
