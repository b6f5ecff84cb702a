/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_criteria - what a definition says about packages.
 *
 * Its criteria are a tree of AND and OR over tests.  Some tests ask what kind of system
 * this is (release, module, architecture): conditions.  The others ask for a version of a
 * package: each of these is a statement, and the conditions that hold at its place, no
 * others, are its own:
 *
 *   AND( release 8 installed,
 *        OR( AND( arch is x86_64,  OR( openssl < 1.1.1k-7, openssl-libs < 1.1.1k-7 ) ),
 *            AND( arch is aarch64, OR( openssl < 1.1.1k-6 ) ) ) )
 *
 * are three statements about release 8.  What is true of every system in question (signed
 * by the vendor, the kernel is running) is no condition; what cannot be true makes its
 * branch void.  A test that is not in the document, or asks something unheard of, costs
 * itself only and is told.
 */
#include "fetchers/oval_criteria.h"

#include <string.h>

#include "core/str.h"
#include "core/strmap.h"

void
oval_fault(struct judge *j, const char *why)
{
	if (j->ret->fault == NULL)
		j->ret->fault = why;
}

/* Is node N about the one vulnerability that is asked for, or is none asked for? */
static bool
is_wanted(const struct judge *j, const struct oval_node *n)
{
	if (j->only == NULL)
		return true;
	if (n->test != j->only->test)
		return false;
	/* several may share a test; the comment then says which one it is */
	return n->comment == NULL || !str_starts(n->comment, "(CVE-") ||
	       (str_starts(n->comment + 1, j->only->id) &&
		   n->comment[1 + strlen(j->only->id)] == ')');
}

/* Node I below PARENT, in the scope AT. */
static enum err_code
walk(struct judge *j, const struct scope *at, size_t parent, size_t i)
{
	const struct oval_node *n = &j->d->nodes.at[i];
	struct scope s = *at;
	enum err_code rc = ERR_OK;

	if (n->kind == OVAL_TEST) {
		if (!is_wanted(j, n))
			return ERR_OK;
		if (j->leaves[i].kind == LEAF_PACKAGE)
			return oval_put_statement(j, at, parent, i);
		oval_fault(j, "a test that the document does not have, or has in part");
		return ERR_OK;
	}
	for (size_t c = i + 1; n->kind == OVAL_AND && c < n->end;
	     c = j->d->nodes.at[c].end) {
		struct scope child;

		if (j->has_statements[c])
			continue;
		child = oval_scope_of(j, c);
		oval_scope_narrow(j->em->arena, &s, &child);
	}
	if (s.is_never || n->negate)
		return ERR_OK;
	for (size_t c = i + 1; rc == ERR_OK && c < n->end; c = j->d->nodes.at[c].end)
		if (j->has_statements[c])
			rc = walk(j, &s, i, c);
	return rc;
}

enum err_code
oval_entries_of(struct emitter *em, struct oval_tables *t,
    const struct oval_publisher *who, const struct oval_definition *d,
    const struct oval_cve *only, const char *known, struct oval_entries *ret,
    struct err *e)
{
	const struct scope everywhere = { .is_never = false };
	struct judge j = { .em = em,
		.t = t,
		.who = who,
		.d = d,
		.only = only,
		.known = known,
		.ret = ret,
		.e = e };
	enum err_code rc = ERR_OK;

	*ret = (struct oval_entries){ .at = NULL };
	j.denies = str_caseeq(d->patchable, "Not Applicable") ||
		   (who->unaffected != NULL && d->id != NULL &&
		       str_starts(d->id, who->unaffected));
	oval_judge_leaves(&j);
	for (size_t i = 0; rc == ERR_OK && i < d->nodes.n; i = d->nodes.at[i].end)
		if (j.has_statements[i])
			rc = walk(&j, &everywhere, i, i);
	strmap_free(j.index);
	return rc;
}
