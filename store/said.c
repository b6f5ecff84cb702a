/* SPDX-License-Identifier: Apache-2.0 */
/* Who says what about a vulnerability, side by side. */
#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"
#include "store/dict.h"
#include "store/finding_private.h"
#include "store/units_private.h"

struct said {
	struct store *st;
	struct arena *a;
	int64_t vulnerability_id;
	struct dict dict;
	struct {
		struct said_row *at;
		size_t n, cap;
	} rows;
};

static enum err_code
name_package(struct said *s, struct said_row *row, struct err *e)
{
	struct query *q = query(s->st, STMT_PACKAGE_NAMES);
	enum err_code rc;

	bind_int(q, 1, row->s.package_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		row->ecosystem = col_dup(q, 0, s->a);
		row->package = col_dup(q, 1, s->a);
		row->scheme = col_dup(q, 2, s->a);
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, ERR_STORAGE, "a package is missing")
				  : rc;
}

/* ---- denials out of bodies ---- */

struct denier {
	int64_t record_id, revision, learned_at;
	const char *key, *source, *advisory, *body;
	size_t body_len;
	int rank;
};

static const char *
join_archs(const struct affected *aff, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < aff->n_archs; i++)
		text = arena_printf(a, "%s%s%s", text, i > 0 ? "," : "", aff->archs[i]);
	return text;
}

static enum err_code
add_denial(
    struct said *s, const struct denier *d, const struct affected *aff, struct err *e)
{
	struct said_row *row = ARENA_PUSH(s->a, &s->rows);
	const char *scheme = "";
	int64_t ecosystem_id = 0;
	enum err_code rc;

	row->s = (struct statement){
		.record_id = d->record_id,
		.vulnerability_id = s->vulnerability_id,
		.kind = aff->kind,
		.source = d->source,
		.advisory = d->advisory,
		.record_key = d->key,
		.source_rank = d->rank,
		.revision = d->revision,
		.learned_at = d->learned_at,
		.stream = str_or_empty(aff->stream),
		.module = str_or_empty(aff->module),
		.archs = join_archs(aff, s->a),
		.status = STATUS_NOT_AFFECTED,
		.vendor_state = aff->vendor_state,
	};
	row->ecosystem = aff->ecosystem;
	row->package = aff->package;
	rc = dict_ecosystem(&s->dict, aff->ecosystem, &ecosystem_id, &scheme, e);
	if (rc == ERR_OK && ecosystem_id != 0)
		rc = dict_package(
		    &s->dict, ecosystem_id, aff->package, &row->s.package_id, e);
	row->scheme = arena_strdup(s->a, str_or_empty(scheme));
	return rc;
}

/* A denial the store keeps as a row came with the statements already. */
static bool
is_known(const struct said *s, const struct denier *d, const struct affected *aff)
{
	for (size_t i = 0; i < s->rows.n; i++) {
		const struct said_row *row = &s->rows.at[i];

		if (row->s.record_id == d->record_id &&
		    row->s.status == STATUS_NOT_AFFECTED && row->s.kind == aff->kind &&
		    str_eq(row->ecosystem, aff->ecosystem) &&
		    str_eq(row->package, aff->package))
			return true;
	}
	return false;
}

static enum err_code
read_denials(struct said *s, const struct denier *d, struct err *e)
{
	struct record *r = NULL;
	enum err_code rc = record_read(&r, d->body, d->body_len, s->a, e);

	for (size_t i = 0; rc == ERR_OK && i < r->n_affected; i++)
		if (r->affected[i].status == STATUS_NOT_AFFECTED &&
		    !is_known(s, d, &r->affected[i]))
			rc = add_denial(s, d, &r->affected[i], e);
	return rc;
}

static enum err_code
load_denials(struct said *s, struct err *e)
{
	struct {
		struct denier *at;
		size_t n, cap;
	} deniers = { 0 };
	struct query *q = query(s->st, STMT_DENIALS_OF_VULNERABILITY);
	enum err_code rc;
	bool more;

	bind_int(q, 1, s->vulnerability_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		struct denier *d = ARENA_PUSH(s->a, &deniers);
		size_t len;
		const void *body = col_blob(q, 1, &len);

		d->record_id = col_int(q, 0);
		rc = body_inflate(body, len, s->a, &d->body, &d->body_len, e);
		d->key = col_dup(q, 2, s->a);
		d->revision = col_int(q, 3);
		d->learned_at = col_int(q, 4);
		d->source = col_dup(q, 5, s->a);
		d->rank = (int)col_int(q, 6);
		d->advisory = col_dup(q, 7, s->a);
		if (rc != ERR_OK)
			break;
	}
	query_done(q);
	for (size_t i = 0; i < deniers.n && rc == ERR_OK; i++)
		rc = read_denials(s, &deniers.at[i], e);
	return rc;
}

static enum err_code
load(struct said *s, struct err *e)
{
	struct statements all = { 0 };
	enum err_code rc =
	    statements_of_vulnerability(s->st, s->vulnerability_id, s->a, &all, e);

	for (size_t i = 0; i < all.n && rc == ERR_OK; i++) {
		struct said_row *row = ARENA_PUSH(s->a, &s->rows);

		row->s = all.at[i];
		rc = name_package(s, row, e);
	}
	if (rc == ERR_OK)
		rc = load_denials(s, e);
	for (size_t i = 0; i < s->rows.n && rc == ERR_OK; i++)
		s->rows.at[i].url = advisory_url(
		    s->rows.at[i].s.source, s->rows.at[i].s.advisory, s->a);
	return rc;
}

enum err_code
said_load(struct store *st, int64_t vulnerability_id, struct arena *a,
    struct said_row **ret, size_t *ret_n, struct err *e)
{
	struct said s = { .st = st, .a = a, .vulnerability_id = vulnerability_id };
	enum err_code rc;

	dict_init(&s.dict, st, false);
	rc = load(&s, e);
	dict_done(&s.dict);
	if (rc != ERR_OK)
		return rc;
	*ret = s.rows.at;
	*ret_n = s.rows.n;
	return ERR_OK;
}

enum err_code
store_vulnerability_said(struct store *st, int64_t vulnerability_id, struct arena *a,
    struct said_row **ret, size_t *ret_n, struct err *e)
{
	enum err_code rc = tx_read(st, e);

	if (rc != ERR_OK)
		return rc;
	return tx_end(st, said_load(st, vulnerability_id, a, ret, ret_n, e), e);
}
