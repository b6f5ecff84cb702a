/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_links - which vulnerabilities a record is about.
 *
 * A CVE id is always its own vulnerability and two of them are never one.  Another id
 * joins a CVE only where it names exactly one; naming several it covers each.  Ids
 * without a CVE join each other when both name the other.  A name that two CVEs claim
 * names none from then on.
 */
#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"
#include "store/apply_private.h"
#include "store/epss.h"

#define KIND_TEMPORARY 1 /* vulnerability.kind */

static bool
is_cve(const char *name)
{
	return str_starts(name, "CVE-");
}

/* ---- rows ---- */

struct known_alias {
	bool exists;
	int64_t id; /* 0 = ambiguous */
	const char *name;
};

static enum err_code
find_alias(struct apply *ap, const char *name, struct known_alias *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_ALIAS_FIND);
	enum err_code rc;

	*ret = (struct known_alias){ 0 };
	bind_text(q, 1, name);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret =
		    (struct known_alias){ true, col_int(q, 0), col_dup(q, 1, ap->a) };
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
add_alias(struct apply *ap, const char *name, int64_t id, struct err *e)
{
	struct query *q = query(ap->st, STMT_ALIAS_ADD);

	bind_text(q, 1, name);
	bind_int(q, 2, id);
	return query_run(q, e);
}

/* The vulnerability called NAME itself, made if need be. */
static enum err_code
own(struct apply *ap, const char *name, int64_t *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_VULNERABILITY_FIND);
	bool was_merged = false;
	enum err_code rc;

	bind_text(q, 1, name);
	if ((rc = query_one(q, e)) == ERR_OK) {
		*ret = col_int(q, 0);
		was_merged = !col_null(q, 1);
	}
	query_done(q);
	if (rc == ERR_OK &&
	    was_merged) { /* the name proved ambiguous: it lives again */
		q = query(ap->st, STMT_VULNERABILITY_UNMERGE);
		bind_int(q, 1, *ret);
		return query_run(q, e);
	}
	if (rc != ERR_NOTFOUND)
		return rc;
	if ((rc = seq_take(ap->st, "vulnerability", 1, ret, e)) != ERR_OK)
		return rc;
	q = query(ap->st, STMT_VULNERABILITY_ADD);
	bind_int(q, 1, *ret);
	bind_text(q, 2, name);
	bind_int(q, 3, str_starts(name, "TEMP-") ? KIND_TEMPORARY : 0);
	bind_id(q, 4, epss_key(name));
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	return add_alias(ap, name, *ret, e);
}

/* The vulnerability that NAME stands for. */
static enum err_code
stands_for(struct apply *ap, const char *name, int64_t *ret, struct err *e)
{
	struct known_alias known;
	enum err_code rc;

	if ((rc = find_alias(ap, name, &known, e)) != ERR_OK)
		return rc;
	if (known.id == 0)
		return own(ap, name, ret, e);
	*ret = known.id;
	return ERR_OK;
}

/* ---- two names prove to be one ---- */

static enum err_code
move_matches(struct apply *ap, int64_t loser, int64_t winner, struct err *e)
{
	int64_t seq;
	struct query *q;
	enum err_code rc;

	if ((rc = apply_marker(ap, &seq, e)) != ERR_OK)
		return rc;
	q = query(ap->st, STMT_MERGE_PAST);
	bind_int(q, 1, loser);
	bind_int(q, 2, seq);
	bind_int(q, 3, PAST_RENAMED);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(ap->st, STMT_MERGE_MATCHES);
	bind_int(q, 1, loser);
	bind_int(q, 2, winner);
	bind_int(q, 3, seq);
	return query_run(q, e);
}

struct move {
	enum stmt stmt;
	bool both; /* takes the winner too */
};

static enum err_code
run_moves(struct apply *ap, const struct move *moves, size_t n, int64_t loser,
    int64_t winner, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct query *q = query(ap->st, moves[i].stmt);

		bind_int(q, 1, loser);
		if (moves[i].both)
			bind_int(q, 2, winner);
		rc = query_run(q, e);
	}
	return rc;
}

/* LOSER goes on as WINNER: matches keep the older beginning, and nothing is news. */
static enum err_code
merge(struct apply *ap, int64_t loser, int64_t winner, struct err *e)
{
	/* what compares the two, then what leaves nothing of the loser */
	static const struct move first[] = {
		{ STMT_MERGE_EXPLOITED, true },
		{ STMT_MERGE_COMPONENTS, false },
	};
	static const struct move last[] = {
		{ STMT_MERGE_MATCHES_GONE, false },
		{ STMT_MERGE_LINKS, true },
		{ STMT_MERGE_LINKS_GONE, false },
		{ STMT_MERGE_CVSS, true },
		{ STMT_MERGE_CVSS_GONE, false },
		{ STMT_MERGE_DENIALS, true },
		{ STMT_MERGE_DENIALS_GONE, false },
		{ STMT_MERGE_ALIASES, true },
		{ STMT_MERGE_ACCEPTANCES, true },
		{ STMT_MERGE_EARLIER, true },
		{ STMT_MERGE_DONE, true },
	};
	struct query *q = query(ap->st, STMT_MERGE_DIRTY);
	enum err_code rc;

	bind_int(q, 1, loser);
	bind_int(q, 2, winner);
	bind_int(q, 3, ap->run_id);
	if ((rc = query_run(q, e)) != ERR_OK ||
	    (rc = run_moves(ap, first, sizeof(first) / sizeof(first[0]), loser, winner,
		 e)) != ERR_OK ||
	    (rc = move_matches(ap, loser, winner, e)) != ERR_OK)
		return rc;
	return run_moves(ap, last, sizeof(last) / sizeof(last[0]), loser, winner, e);
}

/* NAME, which is no CVE, is another name of the CVE with this ID. */
static enum err_code
claim(struct apply *ap, const char *name, int64_t id, struct err *e)
{
	struct known_alias known;
	struct query *q;
	enum err_code rc;

	if ((rc = find_alias(ap, name, &known, e)) != ERR_OK)
		return rc;
	if (!known.exists)
		return add_alias(ap, name, id, e);
	if (known.id == id || known.id == 0)
		return ERR_OK;
	if (!is_cve(known.name))
		return merge(ap, known.id, id, e);
	q = query(ap->st, STMT_ALIAS_AMBIGUOUS);
	bind_text(q, 1, name);
	return query_run(q, e);
}

/* ---- ids without a CVE ---- */

/* Does a record about vulnerability ID name NAME as another name of its own? */
static enum err_code
names_back(struct apply *ap, int64_t id, const char *name, bool *ret, struct err *e)
{
	struct query *q = query(ap->st, STMT_BODIES_OF_VULNERABILITY);
	enum err_code rc;
	bool row;

	*ret = false;
	bind_int(q, 1, id);
	while (!*ret && (rc = query_step(q, &row, e)) == ERR_OK && row) {
		struct record *r = NULL;
		const char *json = NULL;
		size_t len = 0;
		const void *body = col_blob(q, 0, &len);

		if (body_inflate(body, len, ap->a, &json, &len, NULL) != ERR_OK ||
		    record_read(&r, json, len, ap->a, NULL) != ERR_OK)
			continue;
		for (size_t i = 0; i < r->n_aliases; i++)
			*ret |= str_eq(r->aliases[i], name);
	}
	query_done(q);
	return *ret ? ERR_OK : rc;
}

/* Of two names without a CVE, is A the one to show? */
static bool
is_better_name(const char *a, const char *b)
{
	bool a_first = str_starts(a, "GHSA-"), b_first = str_starts(b, "GHSA-");

	return a_first != b_first ? a_first : strcmp(a, b) < 0;
}

static enum err_code
join_mutual(
    struct apply *ap, const char *name, const char *alias, int64_t *id, struct err *e)
{
	struct known_alias mine, other;
	bool mutual = false;
	enum err_code rc;

	if ((rc = find_alias(ap, alias, &other, e)) != ERR_OK ||
	    (rc = find_alias(ap, name, &mine, e)) != ERR_OK)
		return rc;
	if (other.id == 0 || other.id == *id || mine.id != *id)
		return ERR_OK;
	if ((rc = names_back(ap, other.id, name, &mutual, e)) != ERR_OK || !mutual)
		return rc;
	if (is_cve(other.name) || is_better_name(other.name, mine.name)) {
		rc = merge(ap, *id, other.id, e);
		*id = other.id;
		return rc;
	}
	return merge(ap, other.id, *id, e);
}

/* ---- a record's names ---- */

static enum err_code
link_several(struct apply *ap, struct put *p, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < p->r->n_vulnerabilities && rc == ERR_OK; i++) {
		int64_t id = 0;

		rc = stands_for(ap, p->r->vulnerabilities[i], &id, e);
		ids_add(ap->a, &p->links, id);
	}
	return rc;
}

/* All names mean the CVE. */
static enum err_code
link_cve(struct apply *ap, struct put *p, const char *cve, struct err *e)
{
	const char *name = p->r->vulnerabilities[0];
	int64_t id = 0;
	enum err_code rc = own(ap, cve, &id, e);

	if (rc == ERR_OK && !is_cve(name))
		rc = claim(ap, name, id, e);
	for (size_t i = 0; i < p->r->n_aliases && rc == ERR_OK; i++)
		if (!is_cve(p->r->aliases[i]))
			rc = claim(ap, p->r->aliases[i], id, e);
	ids_add(ap->a, &p->links, id);
	return rc;
}

static enum err_code
link_plain(struct apply *ap, struct put *p, struct err *e)
{
	const char *name = p->r->vulnerabilities[0];
	int64_t id = 0;
	enum err_code rc = stands_for(ap, name, &id, e);

	for (size_t i = 0; i < p->r->n_aliases && rc == ERR_OK; i++)
		rc = join_mutual(ap, name, p->r->aliases[i], &id, e);
	ids_add(ap->a, &p->links, id);
	return rc;
}

enum err_code
apply_links(struct apply *ap, struct put *p, struct err *e)
{
	const struct record *r = p->r;
	struct {
		const char **at;
		size_t n, cap;
	} cves = { 0 };
	enum err_code rc = ERR_OK;

	if (r->n_vulnerabilities == 0) /* of a release */
		return ERR_OK;
	if (r->n_vulnerabilities > 1)
		return link_several(ap, p, e);
	if (is_cve(r->vulnerabilities[0]))
		return link_cve(ap, p, r->vulnerabilities[0], e);
	for (size_t i = 0; i < r->n_aliases; i++)
		if (is_cve(r->aliases[i]))
			*ARENA_PUSH(ap->a, &cves) = r->aliases[i];
	if (cves.n == 1)
		return link_cve(ap, p, cves.at[0], e);
	if (cves.n == 0)
		return link_plain(ap, p, e);
	for (size_t i = 0; i < cves.n && rc == ERR_OK; i++) {
		int64_t id = 0;

		rc = own(ap, cves.at[i], &id, e);
		ids_add(ap->a, &p->links, id);
	}
	return rc;
}
