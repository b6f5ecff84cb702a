/* SPDX-License-Identifier: Apache-2.0 */
/* apply_record - one staged row becomes (or ends) a record, with everything under it. */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "store/apply_private.h"
#include "store/epss.h"
#include "store/release.h"
#include "store/run_private.h"

enum record_column {
	COL_ID,
	COL_CONTENT,
	COL_REVISION,
	COL_WITHDRAWN,
	COL_SEVERITY,
	COL_WORD
};

struct old_record {
	unsigned char content[32];
	int64_t revision;
};

static enum err_code
find_record(struct apply *ap, const char *key, struct put *p, struct old_record *old,
    struct err *e)
{
	struct query *q = query(ap->st, STMT_RECORD_FIND);
	const void *content;
	size_t len;
	enum err_code rc;

	bind_int(q, 1, ap->feed_id);
	bind_text(q, 2, key);
	if ((rc = query_one(q, e)) == ERR_OK) {
		p->is_known = true;
		p->id = col_int(q, COL_ID);
		p->stood = col_null(q, COL_WITHDRAWN);
		p->severity_before = col_int(q, COL_SEVERITY);
		p->word_before = col_dup(q, COL_WORD, ap->a);
		old->revision = col_int(q, COL_REVISION);
		content = col_blob(q, COL_CONTENT, &len);
		if (len == sizeof(old->content))
			memcpy(old->content, content, len);
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
find_advisory(struct apply *ap, const char *name, int64_t *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_ADVISORY_FIND);
	enum err_code rc;

	bind_int(q, 1, ap->source_id);
	bind_text(q, 2, name);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_int(q, 0);
	query_done(q);
	if (rc != ERR_NOTFOUND)
		return rc;
	if ((rc = seq_take(ap->st, "advisory", 1, ret, e)) != ERR_OK)
		return rc;
	q = query(ap->st, STMT_ADVISORY_ADD);
	bind_int(q, 1, *ret);
	bind_int(q, 2, ap->source_id);
	bind_text(q, 3, name);
	return query_run(q, e);
}

static bool
has_denials(const struct record *r)
{
	for (size_t i = 0; i < r->n_affected; i++)
		if (r->affected[i].status == STATUS_NOT_AFFECTED)
			return true;
	return false;
}

static enum err_code
keep_past(struct apply *ap, const struct put *p, struct err *e)
{
	struct query *q = query(ap->st, STMT_RECORD_PAST_ADD);

	bind_int(q, 1, p->id);
	bind_int(q, 2, ap->run_id);
	return query_run(q, e);
}

/* The row of the record itself; its revision rises when it says something else. */
static enum err_code
put_row(struct apply *ap, const struct put *p, const struct old_record *old,
    const void *body, size_t len, struct err *e)
{
	unsigned char match[32], content[32];
	const struct record *r = p->r;
	int64_t advisory_id = 0, gone_seq = 0;
	bool differs;
	struct query *q;
	enum err_code rc;

	record_hashes(r, ap->driver_revision, match, content);
	differs = p->is_known && memcmp(content, old->content, sizeof(content)) != 0;
	if (differs && (rc = keep_past(ap, p, e)) != ERR_OK)
		return rc;
	if ((rc = find_advisory(ap, r->id, &advisory_id, e)) != ERR_OK)
		return rc;
	if (!p->stands && (rc = seq_next(ap->st, "event", &gone_seq, e)) != ERR_OK)
		return rc;
	q = query(ap->st, STMT_RECORD_PUT);
	bind_int(q, 1, p->id);
	bind_int(q, 2, ap->feed_id);
	bind_text(q, 3, r->key);
	bind_int(q, 4, advisory_id);
	bind_blob(q, 5, match, sizeof(match));
	bind_blob(q, 6, content, sizeof(content));
	bind_int(q, 7, p->is_known ? old->revision + differs : 1);
	bind_int(q, 8, ap->now_at);
	bind_id(q, 9, gone_seq);
	bind_int(q, 10, p->stands && has_denials(r));
	bind_id(q, 11, p->stands ? r->exploited : 0);
	bind_int(q, 12, r->severity);
	bind_text(q, 13, r->vendor_severity);
	bind_blob(q, 14, body, len);
	return query_run(q, e);
}

/* Links differ: what was and what is about to be said must both be decided again. */
static enum err_code
write_links(struct apply *ap, struct put *p, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < p->links_before.n && rc == ERR_OK; i++) {
		struct query *q;

		if (ids_have(&p->links, p->links_before.at[i]))
			continue;
		q = query(ap->st, STMT_LINK_DELETE);
		bind_int(q, 1, p->id);
		bind_int(q, 2, p->links_before.at[i]);
		rc = query_run(q, e);
	}
	for (size_t i = 0; i < p->links.n && rc == ERR_OK; i++) {
		struct query *q;

		if (ids_have(&p->links_before, p->links.at[i]))
			continue;
		q = query(ap->st, STMT_LINK_ADD);
		bind_int(q, 1, p->id);
		bind_int(q, 2, p->links.at[i]);
		rc = query_run(q, e);
	}
	return rc;
}

static enum err_code
dirty_all(struct apply *ap, const struct ids *packages, const struct ids *links,
    struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < packages->n; i++)
		for (size_t j = 0; j < links->n && rc == ERR_OK; j++)
			rc = apply_dirty(ap, packages->at[i], links->at[j], e);
	return rc;
}

static enum err_code
read_links(struct apply *ap, struct put *p, struct err *e)
{
	struct query *q = query(ap->st, STMT_LINKS_OF_RECORD);
	enum err_code rc;
	bool row;

	bind_int(q, 1, p->id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		ids_add(ap->a, &p->links_before, col_int(q, 0));
	query_done(q);
	return rc;
}

/* The end of the release that the record is about; it said so before, or does now. */
static enum err_code
put_release(struct apply *ap, const struct put *p, struct err *e)
{
	const char *scheme;
	int64_t ecosystem_id = 0;
	enum err_code rc;

	if (p->r != NULL && p->r->kind != RECORD_RELEASE)
		return ERR_OK;
	if (!p->stands)
		return release_unsaid(ap->st, p->id, ap->now_at, e);
	rc = dict_ecosystem(&ap->dict, p->r->id, &ecosystem_id, &scheme, e);
	if (rc != ERR_OK)
		return rc;
	return release_said(
	    ap->st, ecosystem_id, p->id, p->r, apply_is_quiet(ap), ap->now_at, e);
}

/* Everything below the record's own row. */
static enum err_code
put_parts(struct apply *ap, struct put *p, struct err *e)
{
	const struct ids *dirty;
	enum err_code rc;

	if ((rc = write_links(ap, p, e)) != ERR_OK ||
	    (rc = apply_affected(ap, p, e)) != ERR_OK)
		return rc;
	dirty = ids_equal(&p->links, &p->links_before) ? &p->changed : &p->all_packages;
	if ((rc = dirty_all(ap, dirty, &p->links, e)) != ERR_OK)
		return rc;
	if (dirty == &p->all_packages &&
	    (rc = dirty_all(ap, dirty, &p->links_before, e)) != ERR_OK)
		return rc;
	if ((rc = apply_denials(ap, p, e)) != ERR_OK ||
	    (rc = put_release(ap, p, e)) != ERR_OK)
		return rc;
	return apply_scores(ap, p, e);
}

static int64_t
dated(const struct record *r)
{
	return r->modified > r->published ? r->modified : r->published;
}

static enum err_code
put_record(struct apply *ap, const struct record *r, const void *body, size_t len,
    struct err *e)
{
	struct put p = { .r = r, .stands = r->withdrawn == 0 };
	struct old_record old = { { 0 }, 0 };
	enum err_code rc;

	if ((rc = find_record(ap, r->key, &p, &old, e)) != ERR_OK)
		return rc;
	if (!p.is_known && (rc = seq_take(ap->st, "record", 1, &p.id, e)) != ERR_OK)
		return rc;
	if ((rc = apply_links(ap, &p, e)) != ERR_OK ||
	    (rc = read_links(ap, &p, e)) != ERR_OK ||
	    (rc = put_row(ap, &p, &old, body, len, e)) != ERR_OK)
		return rc;
	p.scores = p.severity_before != (int64_t)r->severity || p.stood != p.stands ||
		   !str_eq(p.word_before, r->vendor_severity) ||
		   !ids_equal(&p.links, &p.links_before);
	ap->n_records += (int64_t)p.stands - (int64_t)(p.is_known && p.stood);
	if (dated(r) > ap->newest_at)
		ap->newest_at = dated(r);
	return put_parts(ap, &p, e);
}

static enum err_code
vanish(struct apply *ap, const char *key, struct err *e)
{
	struct put p = { 0 };
	struct old_record old = { { 0 }, 0 };
	struct query *q;
	int64_t seq = 0;
	enum err_code rc;

	rc = find_record(ap, key, &p, &old, e);
	if (rc != ERR_OK || !p.is_known || !p.stood)
		return rc;
	if ((rc = read_links(ap, &p, e)) != ERR_OK ||
	    (rc = seq_next(ap->st, "event", &seq, e)) != ERR_OK)
		return rc;
	q = query(ap->st, STMT_RECORD_VANISH);
	bind_int(q, 1, p.id);
	bind_int(q, 2, seq);
	bind_int(q, 3, ap->now_at);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	p.links = p.links_before;
	p.scores = true;
	ap->n_records--;
	return put_parts(ap, &p, e);
}

/* A body as a record in the arena; NULL if it cannot be read. */
static struct record *
read_body(struct apply *ap, const void *body, size_t len)
{
	struct record *r = NULL;
	const char *json = NULL;
	size_t json_len = 0;

	if (body_inflate(body, len, ap->a, &json, &json_len, NULL) != ERR_OK ||
	    record_read(&r, json, json_len, ap->a, NULL) != ERR_OK) {
		ap->n_skipped++; /* one bad row must not stop all the others for ever */
		return NULL;
	}
	return r;
}

/* Nothing is said anew: only the ranges are made again, and what they change decided. */
static enum err_code
rekey(struct apply *ap, const char *key, struct err *e)
{
	struct query *q = query(ap->st, STMT_REKEY_RECORD);
	struct put p = { .is_known = true, .stood = true, .stands = true };
	enum err_code rc;

	bind_int(q, 1, ap->feed_id);
	bind_text(q, 2, key);
	if ((rc = query_one(q, e)) == ERR_OK) {
		size_t len;
		const void *body = col_blob(q, 1, &len);

		p.id = col_int(q, 0);
		p.r = read_body(ap, body, len);
	}
	query_done(q);
	if (rc == ERR_NOTFOUND || (rc == ERR_OK && p.r == NULL))
		return ERR_OK; /* withdrawn in the meantime */
	if (rc != ERR_OK || (rc = read_links(ap, &p, e)) != ERR_OK)
		return rc;
	p.links = p.links_before;
	return put_parts(ap, &p, e);
}

static enum err_code
mark_missing(struct apply *ap, enum stmt s, const char *key, struct err *e)
{
	struct query *q = query(ap->st, s);

	bind_int(q, 1, ap->feed_id);
	bind_text(q, 2, key);
	if (s == STMT_RECORD_MISSING)
		bind_int(q, 3, ap->now_at);
	return query_run(q, e);
}

enum err_code
apply_record(struct apply *ap, const char *key, int change, const void *body,
    size_t len, struct err *e)
{
	struct record *r;

	switch ((enum change)change) {
	case CHANGE_MISSING:
		return mark_missing(ap, STMT_RECORD_MISSING, key, e);
	case CHANGE_FOUND:
		return mark_missing(ap, STMT_RECORD_FOUND, key, e);
	case CHANGE_VANISHED:
		return vanish(ap, key, e);
	case CHANGE_REKEYED:
		return rekey(ap, key, e);
	case CHANGE_SCORES:
		return apply_epss(ap, body, len, e);
	default:
		r = read_body(ap, body, len);
		return r == NULL ? ERR_OK : put_record(ap, r, body, len, e);
	}
}
