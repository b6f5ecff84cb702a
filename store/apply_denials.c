/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_denials - vendors publish 'not affected' by the million, and nearly all of it
 * contradicts nobody.  A row is kept only where another record calls the same package
 * affected by the same vulnerability; it is looked for from both sides: when the denial
 * comes, and when the statement comes that it denies.
 */
#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "store/apply_private.h"

struct denial {
	int64_t package_id, vulnerability_id, condition_id;
	int kind;
	bool is_wanted; /* of the rows before: still said */
};

struct denials {
	struct denial *at;
	size_t n, cap;
};

static bool
is_same(const struct denial *a, const struct denial *b)
{
	return a->package_id == b->package_id && a->kind == b->kind &&
	       a->vulnerability_id == b->vulnerability_id &&
	       a->condition_id == b->condition_id;
}

static enum err_code
read_denials(struct apply *ap, int64_t record_id, struct denials *out, struct err *e)
{
	struct query *q = query(ap->st, STMT_DENIALS_OF_RECORD);
	enum err_code rc;
	bool row;

	bind_int(q, 1, record_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(ap->a, out) = (struct denial){
			.package_id = col_int(q, 0),
			.vulnerability_id = col_int(q, 1),
			.kind = (int)col_int(q, 2),
			.condition_id = col_int(q, 3),
		};
	query_done(q);
	return rc;
}

static void
bind_denial(struct query *q, const struct denial *d, int64_t record_id)
{
	bind_int(q, 1, d->package_id);
	bind_int(q, 2, d->vulnerability_id);
	bind_int(q, 3, record_id);
	bind_int(q, 4, d->kind);
	bind_int(q, 5, d->condition_id);
}

static enum err_code
write_denial(struct apply *ap, enum stmt s, const struct denial *d, int64_t record_id,
    struct err *e)
{
	struct query *q = query(ap->st, s);
	enum err_code rc;

	bind_denial(q, d, record_id);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	return apply_dirty(ap, d->package_id, d->vulnerability_id, e);
}

static enum err_code
is_said_elsewhere(struct apply *ap, int64_t package_id, int64_t vulnerability_id,
    int64_t record_id, bool *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_AFFECTED_ELSEWHERE);
	enum err_code rc;

	bind_int(q, 1, package_id);
	bind_int(q, 2, vulnerability_id);
	bind_int(q, 3, record_id);
	rc = query_one(q, e);
	query_done(q);
	*ret = rc == ERR_OK;
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

/* The package that AFF denies, as far as anybody knows it; 0 = nobody does. */
static enum err_code
denied_package(
    struct apply *ap, const struct affected *aff, int64_t *ret, struct err *e)
{
	struct dict *d = &ap->dict;
	const char *scheme;
	int64_t ecosystem_id = 0;
	enum err_code rc;

	d->create = false;
	rc = dict_ecosystem(d, aff->ecosystem, &ecosystem_id, &scheme, e);
	if (rc == ERR_OK)
		rc = dict_package(d, ecosystem_id, aff->package, ret, e);
	d->create = true;
	return rc;
}

/* ---- the denials of this record ---- */

static enum err_code
want_entry(struct apply *ap, const struct put *p, const struct affected *aff,
    struct denials *out, struct err *e)
{
	struct denial d = { .kind = (int)aff->kind };
	enum err_code rc;

	rc = denied_package(ap, aff, &d.package_id, e);
	if (rc != ERR_OK || d.package_id == 0)
		return rc;
	for (size_t i = 0; i < p->links.n; i++) {
		bool said;

		d.vulnerability_id = p->links.at[i];
		rc = is_said_elsewhere(
		    ap, d.package_id, d.vulnerability_id, p->id, &said, e);
		if (rc == ERR_OK && said)
			rc = dict_condition(&ap->dict, aff, &d.condition_id, e);
		if (rc != ERR_OK)
			return rc;
		if (said)
			*ARENA_PUSH(ap->a, out) = d;
	}
	return ERR_OK;
}

static enum err_code
write_difference(struct apply *ap, const struct put *p, struct denials *old,
    const struct denials *wanted, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < wanted->n && rc == ERR_OK; i++) {
		bool exists = false;

		for (size_t j = 0; j < old->n; j++)
			if (is_same(&wanted->at[i], &old->at[j]))
				exists = old->at[j].is_wanted = true;
		if (!exists)
			rc =
			    write_denial(ap, STMT_DENIAL_ADD, &wanted->at[i], p->id, e);
	}
	for (size_t j = 0; j < old->n && rc == ERR_OK; j++)
		if (!old->at[j].is_wanted)
			rc =
			    write_denial(ap, STMT_DENIAL_DELETE, &old->at[j], p->id, e);
	return rc;
}

static enum err_code
deny(struct apply *ap, const struct put *p, struct err *e)
{
	struct denials old = { 0 }, wanted = { 0 };
	enum err_code rc = ERR_OK;

	if (p->is_known && (rc = read_denials(ap, p->id, &old, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; p->stands && i < p->r->n_affected && rc == ERR_OK; i++)
		if (p->r->affected[i].status == STATUS_NOT_AFFECTED)
			rc = want_entry(ap, p, &p->r->affected[i], &wanted, e);
	return rc == ERR_OK ? write_difference(ap, p, &old, &wanted, e) : rc;
}

/* ---- the denials of what this record says ---- */

struct denier {
	int64_t record_id;
	const void *body;
	size_t len;
};

struct deniers {
	struct denier *at;
	size_t n, cap;
};

static enum err_code
read_deniers(struct apply *ap, const struct put *p, int64_t vulnerability_id,
    struct deniers *out, struct err *e)
{
	struct query *q = query(ap->st, STMT_DENIERS);
	enum err_code rc;
	bool row;

	bind_int(q, 1, vulnerability_id);
	bind_int(q, 2, p->id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		struct denier *d = ARENA_PUSH(ap->a, out);
		const void *body = col_blob(q, 1, &d->len);

		d->record_id = col_int(q, 0);
		d->body = arena_memdup(ap->a, body, d->len);
	}
	query_done(q);
	return rc;
}

static enum err_code
hear_entry(struct apply *ap, const struct put *p, const struct denier *by,
    const struct affected *aff, int64_t vulnerability_id, struct err *e)
{
	struct denial d = { .kind = (int)aff->kind,
		.vulnerability_id = vulnerability_id };
	enum err_code rc;

	rc = denied_package(ap, aff, &d.package_id, e);
	if (rc != ERR_OK || d.package_id == 0 || !ids_have(&p->packages, d.package_id))
		return rc;
	if ((rc = dict_condition(&ap->dict, aff, &d.condition_id, e)) != ERR_OK)
		return rc;
	return write_denial(ap, STMT_DENIAL_ADD, &d, by->record_id, e);
}

static enum err_code
hear(struct apply *ap, const struct put *p, const struct denier *by,
    int64_t vulnerability_id, struct err *e)
{
	struct record *r = NULL;
	const char *json = NULL;
	size_t len = 0;
	enum err_code rc;

	if ((rc = body_inflate(by->body, by->len, ap->a, &json, &len, e)) != ERR_OK ||
	    (rc = record_read(&r, json, len, ap->a, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < r->n_affected && rc == ERR_OK; i++)
		if (r->affected[i].status == STATUS_NOT_AFFECTED)
			rc =
			    hear_entry(ap, p, by, &r->affected[i], vulnerability_id, e);
	return rc;
}

enum err_code
apply_denials(struct apply *ap, struct put *p, struct err *e)
{
	bool speaks = p->packages.n > 0 &&
		      (p->changed.n > 0 || !ids_equal(&p->links, &p->links_before));
	enum err_code rc = deny(ap, p, e);

	for (size_t i = 0; speaks && i < p->links.n && rc == ERR_OK; i++) {
		struct deniers others = { 0 };

		rc = read_deniers(ap, p, p->links.at[i], &others, e);
		for (size_t j = 0; j < others.n && rc == ERR_OK; j++)
			rc = hear(ap, p, &others.at[j], p->links.at[i], e);
	}
	return rc;
}
