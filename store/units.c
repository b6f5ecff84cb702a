/* SPDX-License-Identifier: Apache-2.0 */
/* units - one vulnerability in one package, with everything its decision needs. */
#include "store/units_private.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "store/apply_private.h"

/* A unit cannot be split, but a slice ends where it would get too large. */
#define MAX_SUBJECTS 20000

/* ---- rows ---- */

enum subject_column {
	SUBJ_ID,
	SUBJ_PACKAGE_ID,
	SUBJ_VERSION,
	SUBJ_KEY,
	SUBJ_EXACT,
	SUBJ_PARSABLE,
	SUBJ_ARCH,
	SUBJ_MODULE,
	SUBJ_VENDOR,
	SUBJ_STREAMS,
	SUBJ_FLAGS,
	SUBJ_PACKAGE,
	SUBJ_ECOSYSTEM,
	SUBJ_SCHEME,
	SUBJ_ORIGIN_PACKAGE_ID,
	SUBJ_ORIGIN_VERSION,
	SUBJ_ORIGIN_KEY,
	SUBJ_ORIGIN_EXACT,
	SUBJ_ORIGIN_PARSABLE,
	SUBJ_ORIGIN_PACKAGE
};

static struct key
read_key(struct query *q, int column, struct arena *a)
{
	struct key k;
	const void *bytes = col_blob(q, column, &k.len);

	k.bytes = arena_memdup(a, bytes, k.len);
	return k;
}

static void
read_subject(struct query *q, struct arena *a, struct subject *ret)
{
	*ret = (struct subject){
		.component_id = col_int(q, SUBJ_ID),
		.package_id = col_int(q, SUBJ_PACKAGE_ID),
		.origin_package_id = col_int(q, SUBJ_ORIGIN_PACKAGE_ID),
		.ecosystem = col_dup(q, SUBJ_ECOSYSTEM, a),
		.scheme = col_dup(q, SUBJ_SCHEME, a),
		.package = col_dup(q, SUBJ_PACKAGE, a),
		.version = col_dup(q, SUBJ_VERSION, a),
		.origin_package = col_dup(q, SUBJ_ORIGIN_PACKAGE, a),
		.origin_version = col_dup(q, SUBJ_ORIGIN_VERSION, a),
		.key = read_key(q, SUBJ_KEY, a),
		.origin_key = read_key(q, SUBJ_ORIGIN_KEY, a),
		.exact = col_int(q, SUBJ_EXACT) != 0,
		.origin_exact = col_int(q, SUBJ_ORIGIN_EXACT) != 0,
		.parsable = col_int(q, SUBJ_PARSABLE) != 0,
		.origin_parsable = col_int(q, SUBJ_ORIGIN_PARSABLE) != 0,
		.arch = col_dup(q, SUBJ_ARCH, a),
		.module = col_dup(q, SUBJ_MODULE, a),
		.streams = col_dup(q, SUBJ_STREAMS, a),
		.vendor = (enum vendor)col_int(q, SUBJ_VENDOR),
		.flags = (unsigned)col_int(q, SUBJ_FLAGS),
	};
}

static enum err_code
read_subjects(
    struct query *q, int64_t id, struct arena *a, struct subjects *out, struct err *e)
{
	enum err_code rc;
	bool row;

	bind_int(q, 1, id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		read_subject(q, a, ARENA_PUSH(a, out));
	query_done(q);
	return rc;
}

enum err_code
subject_load(struct store *st, int64_t component_id, struct arena *a,
    struct subjects *out, struct err *e)
{
	return read_subjects(query(st, STMT_UNIT_SUBJECT), component_id, a, out, e);
}

enum err_code
subjects_of_package(struct store *st, int64_t package_id, struct arena *a,
    struct subjects *out, struct err *e)
{
	return read_subjects(query(st, STMT_UNIT_SUBJECTS), package_id, a, out, e);
}

enum statement_column {
	SAID_ID,
	SAID_RECORD_ID,
	SAID_PACKAGE_ID,
	SAID_VULNERABILITY_ID,
	SAID_KIND,
	SAID_SOURCE,
	SAID_ADVISORY,
	SAID_KEY,
	SAID_RANK,
	SAID_REVISION,
	SAID_LEARNED_AT,
	SAID_STREAM,
	SAID_MODULE,
	SAID_ARCHS,
	SAID_LO,
	SAID_HI,
	SAID_EXACT,
	SAID_BOUND,
	SAID_LO_TEXT,
	SAID_HI_TEXT,
	SAID_STATUS,
	SAID_FIXED,
	SAID_STATE_WORD,
	SAID_SEVERITY,
	SAID_WORD,
	SAID_RECORD_SEVERITY,
	SAID_RECORD_WORD
};

static void
read_statement(struct query *q, struct arena *a, struct statement *ret)
{
	bool own = col_int(q, SAID_SEVERITY) != SEVERITY_UNKNOWN;

	*ret = (struct statement){
		.affected_id = col_int(q, SAID_ID),
		.record_id = col_int(q, SAID_RECORD_ID),
		.package_id = col_int(q, SAID_PACKAGE_ID),
		.vulnerability_id = col_int(q, SAID_VULNERABILITY_ID),
		.kind = (enum package_kind)col_int(q, SAID_KIND),
		.source = col_dup(q, SAID_SOURCE, a),
		.advisory = col_dup(q, SAID_ADVISORY, a),
		.record_key = col_dup(q, SAID_KEY, a),
		.source_rank = (int)col_int(q, SAID_RANK),
		.revision = col_int(q, SAID_REVISION),
		.learned_at = col_int(q, SAID_LEARNED_AT),
		.stream = col_dup(q, SAID_STREAM, a),
		.module = col_dup(q, SAID_MODULE, a),
		.archs = col_dup(q, SAID_ARCHS, a),
		.range = { .lo = read_key(q, SAID_LO, a),
		    .hi = read_key(q, SAID_HI, a),
		    .exact = col_int(q, SAID_EXACT) != 0,
		    .bound = (enum bound)col_int(q, SAID_BOUND),
		    .lo_text = col_dup(q, SAID_LO_TEXT, a),
		    .hi_text = col_dup(q, SAID_HI_TEXT, a) },
		.status = (enum status)col_int(q, SAID_STATUS),
		.fixed_version = col_dup(q, SAID_FIXED, a),
		.vendor_state = col_dup(q, SAID_STATE_WORD, a),
		.severity = (enum severity)col_int(
		    q, own ? SAID_SEVERITY : SAID_RECORD_SEVERITY),
		.vendor_severity = col_dup(
		    q, col_null(q, SAID_WORD) ? SAID_RECORD_WORD : SAID_WORD, a),
	};
}

static enum err_code
read_statements(
    struct query *q, int64_t id, struct arena *a, struct statements *out, struct err *e)
{
	enum err_code rc;
	bool row;

	bind_int(q, 1, id);
	bind_int(q, 2, STATUS_NOT_AFFECTED);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		read_statement(q, a, ARENA_PUSH(a, out));
	query_done(q);
	return rc;
}

enum err_code
statements_of_vulnerability(struct store *st, int64_t vulnerability_id, struct arena *a,
    struct statements *out, struct err *e)
{
	return read_statements(
	    query(st, STMT_STATEMENTS_OF_VULNERABILITY), vulnerability_id, a, out, e);
}

enum err_code
statements_of_package(struct store *st, int64_t package_id, struct arena *a,
    struct statements *out, struct err *e)
{
	return read_statements(
	    query(st, STMT_STATEMENTS_OF_PACKAGE), package_id, a, out, e);
}

/* ---- what a subject has to do with a statement ---- */

static bool
is_inside(struct key k, const struct range *r)
{
	size_t lo = k.len < r->lo.len ? k.len : r->lo.len;
	size_t hi = k.len < r->hi.len ? k.len : r->hi.len;
	int from = lo == 0 ? 0 : memcmp(k.bytes, r->lo.bytes, lo);
	int to = hi == 0 ? 0 : memcmp(k.bytes, r->hi.bytes, hi);

	return (from > 0 || (from == 0 && k.len >= r->lo.len)) &&
	       (to < 0 || (to == 0 && k.len < r->hi.len));
}

/* Could the statement make the subject a match?  Too often yes does no harm. */
static bool
may_hold(const struct statement *s, const struct subject *c)
{
	if (s->kind == KIND_SOURCE)
		return s->package_id == c->origin_package_id &&
		       (!c->origin_exact || !s->range.exact ||
			   is_inside(c->origin_key, &s->range));
	return s->package_id == c->package_id &&
	       (!c->exact || !s->range.exact || is_inside(c->key, &s->range));
}

/* Ratings are read only where something may become a match. */
static enum err_code
add_ratings(struct store *st, struct unit *u, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < u->n_statements; i++)
		for (size_t j = 0; j < u->n_subjects; j++)
			if (may_hold(&u->statements[i], &u->subjects[j]))
				return ratings_load(st, u->vulnerability_id, a,
				    &u->ratings, &u->n_ratings, e);
	return ERR_OK;
}

/* ---- due ones ---- */

struct loader {
	struct store *st;
	struct arena *a;
	int64_t package_id; /* whose subjects and packages these are */
	struct subjects subjects;
	struct ids packages; /* that the subjects touch */
};

static void
note_packages(struct loader *l)
{
	memset(&l->packages, 0, sizeof(l->packages));
	for (size_t i = 0; i < l->subjects.n; i++) {
		ids_add(l->a, &l->packages, l->subjects.at[i].package_id);
		if (l->subjects.at[i].origin_package_id != 0)
			ids_add(
			    l->a, &l->packages, l->subjects.at[i].origin_package_id);
	}
}

/* A unit of package 0 is about the components that match now. */
static enum err_code
load_matching(struct loader *l, int64_t vulnerability_id, struct err *e)
{
	struct query *q = query(l->st, STMT_MATCHING_COMPONENTS);
	struct ids ids = { 0 };
	enum err_code rc;
	bool row;

	bind_int(q, 1, vulnerability_id);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		*ARENA_PUSH(l->a, &ids) = col_int(q, 0);
	query_done(q);
	for (size_t i = 0; i < ids.n && rc == ERR_OK; i++)
		rc = subject_load(l->st, ids.at[i], l->a, &l->subjects, e);
	return rc;
}

static enum err_code
load_subjects(struct loader *l, const struct unit *u, struct err *e)
{
	enum err_code rc;

	if (u->package_id != 0 && u->package_id == l->package_id)
		return ERR_OK;
	memset(&l->subjects, 0, sizeof(l->subjects));
	l->package_id = u->package_id;
	rc = u->package_id == 0
		 ? load_matching(l, u->vulnerability_id, e)
		 : subjects_of_package(l->st, u->package_id, l->a, &l->subjects, e);
	note_packages(l);
	return rc;
}

static enum err_code
load_unit(struct loader *l, struct unit *u, struct err *e)
{
	struct statements said = { 0 };
	size_t n = 0;
	enum err_code rc;

	if ((rc = load_subjects(l, u, e)) != ERR_OK)
		return rc;
	u->subjects = l->subjects.at;
	u->n_subjects = l->subjects.n;
	if (u->n_subjects == 0)
		return ERR_OK;
	rc = statements_of_vulnerability(l->st, u->vulnerability_id, l->a, &said, e);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < said.n; i++)
		if (ids_have(&l->packages, said.at[i].package_id))
			said.at[n++] = said.at[i];
	u->statements = said.at;
	u->n_statements = n;
	return add_ratings(l->st, u, l->a, e);
}

struct units {
	struct unit *at;
	size_t n, cap;
};

static enum err_code
read_due(struct store *st, enum stmt s, size_t max, struct arena *a, struct units *out,
    struct err *e)
{
	struct query *q = query(st, s);
	enum err_code rc;
	bool row;

	bind_int(q, 1, (int64_t)max);
	bind_int(q, 2, RUN_DECIDING);
	bind_int(q, 3, RUN_FLOOD);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		struct unit *u = ARENA_PUSH(a, out);

		u->package_id = col_int(q, 0);
		u->vulnerability_id = col_int(q, 1);
		u->run_id = col_int(q, 2);
	}
	query_done(q);
	return rc;
}

static enum err_code
load_due(
    struct store *st, size_t max, struct arena *a, struct units *out, struct err *e)
{
	struct loader l = { .st = st, .a = a };
	size_t total = 0;
	enum err_code rc;

	if ((rc = read_due(st, STMT_DUE_UNITS, max, a, out, e)) != ERR_OK ||
	    (out->n == 0 &&
		(rc = read_due(st, STMT_DUE_RATINGS, max, a, out, e)) != ERR_OK))
		return rc;
	for (size_t i = 0; i < out->n; i++) {
		if ((rc = load_unit(&l, &out->at[i], e)) != ERR_OK)
			return rc;
		total += out->at[i].n_subjects;
		if (total > MAX_SUBJECTS && i > 0)
			out->n = i; /* the rest stays due */
	}
	return ERR_OK;
}

enum err_code
store_due_units(struct store *st, size_t max, struct arena *a, struct unit **ret,
    size_t *ret_n, struct err *e)
{
	struct units units = { 0 };
	enum err_code rc;

	if ((rc = tx_read(st, e)) != ERR_OK)
		return rc;
	rc = load_due(st, max, a, &units, e);
	if ((rc = tx_end(st, rc, e)) != ERR_OK)
		return rc;
	*ret = units.at;
	*ret_n = units.n;
	return ERR_OK;
}

/* ---- subjects that nobody has decided yet ---- */

static int
compare_said(const void *pa, const void *pb)
{
	const struct statement *a = pa, *b = pb;

	if (a->vulnerability_id != b->vulnerability_id)
		return a->vulnerability_id < b->vulnerability_id ? -1 : 1;
	if (a->record_id != b->record_id)
		return a->record_id < b->record_id ? -1 : 1;
	return (a->affected_id > b->affected_id) - (a->affected_id < b->affected_id);
}

/* Subjects by package, so that a statement finds its own at once. */
struct by_package {
	int64_t package_id;
	size_t subject;
};

static int
compare_by_package(const void *pa, const void *pb)
{
	const struct by_package *a = pa, *b = pb;

	if (a->package_id != b->package_id)
		return a->package_id < b->package_id ? -1 : 1;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

struct crowd {
	const struct subject *subjects;
	struct {
		struct by_package *at;
		size_t n, cap;
	} places;
};

/* Where the places of PACKAGE_ID begin. */
static size_t
first_place(const struct crowd *c, int64_t package_id)
{
	size_t low = 0, high = c->places.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->places.at[middle].package_id < package_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The subjects that statements SAID[0..N) of one vulnerability are about, and whether
 * one of them may become a match. */
static bool
gather(const struct crowd *c, const struct statement *said, size_t n, struct ids *ret,
    struct arena *a)
{
	bool may = false;

	for (size_t i = 0; i < n; i++) {
		size_t at = first_place(c, said[i].package_id);

		for (; at < c->places.n &&
		       c->places.at[at].package_id == said[i].package_id;
		     at++) {
			size_t subject = c->places.at[at].subject;

			ids_add(a, ret, (int64_t)subject);
			may |= may_hold(&said[i], &c->subjects[subject]);
		}
	}
	return may;
}

static enum err_code
add_unit(struct store *st, const struct crowd *c, struct statement *said, size_t n,
    struct arena *a, struct units *out, struct err *e)
{
	struct ids who = { 0 };
	struct unit *u;

	if (!gather(c, said, n, &who, a))
		return ERR_OK;
	u = ARENA_PUSH(a, out);
	u->package_id = said[0].package_id;
	u->vulnerability_id = said[0].vulnerability_id;
	u->statements = said;
	u->n_statements = n;
	u->subjects = arena_array(a, who.n, sizeof(*u->subjects));
	for (size_t i = 0; i < who.n; i++)
		u->subjects[u->n_subjects++] = c->subjects[who.at[i]];
	return ratings_load(st, u->vulnerability_id, a, &u->ratings, &u->n_ratings, e);
}

static void
place_subjects(struct crowd *c, size_t n, struct arena *a)
{
	for (size_t i = 0; i < n; i++) {
		const struct subject *s = &c->subjects[i];

		if (s->package_id != 0)
			*ARENA_PUSH(a, &c->places) =
			    (struct by_package){ s->package_id, i };
		if (s->origin_package_id != 0 && s->origin_package_id != s->package_id)
			*ARENA_PUSH(a, &c->places) =
			    (struct by_package){ s->origin_package_id, i };
	}
	if (c->places.n > 1)
		qsort(c->places.at, c->places.n, sizeof(*c->places.at),
		    compare_by_package);
}

enum err_code
units_for_subjects(struct store *st, const struct subject *subjects, size_t n,
    struct arena *a, struct unit **ret, size_t *ret_n, struct err *e)
{
	struct crowd c = { .subjects = subjects };
	struct statements said = { 0 };
	struct units units = { 0 };
	enum err_code rc = ERR_OK;

	place_subjects(&c, n, a);
	for (size_t i = 0; i < c.places.n && rc == ERR_OK; i++)
		if (i == 0 ||
		    c.places.at[i].package_id != c.places.at[i - 1].package_id)
			rc = statements_of_package(
			    st, c.places.at[i].package_id, a, &said, e);
	if (said.n > 1)
		qsort(said.at, said.n, sizeof(*said.at), compare_said);
	for (size_t i = 0, end; i < said.n && rc == ERR_OK; i = end) {
		for (end = i + 1; end < said.n && said.at[end].vulnerability_id ==
						      said.at[i].vulnerability_id;)
			end++;
		rc = add_unit(st, &c, &said.at[i], end - i, a, &units, e);
	}
	if (rc != ERR_OK)
		return rc;
	*ret = units.at;
	*ret_n = units.n;
	return ERR_OK;
}
