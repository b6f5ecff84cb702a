/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_leaf - what a criterion is: a statement about a package, a condition on the system,
 * or nothing that counts here.  The test says it, and where the test is of no package the
 * comment does.
 */
#include "fetchers/oval_criteria.h"

#include <ctype.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"

static size_t
word_len(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_')
		n++;
	return n;
}

/* "(aarch64|x86_64)", "^i386$": false if the pattern is anything but alternatives. */
static bool
read_archs(struct arena *a, const char *pattern, struct texts *ret)
{
	const char *p = pattern + strspn(pattern, "(^");

	for (;;) {
		size_t len = word_len(p);

		if (len == 0)
			return false;
		texts_add(a, ret, arena_strndup(a, p, len));
		p += len + strspn(p + len, ")$");
		if (*p != '|')
			return *p == '\0';
		p += 1 + strspn(p + 1, "(^");
	}
}

/* The same few patterns stand at every package, each kept once: at one address. */
static bool
archs_of(struct judge *j, const char *pattern, struct texts *ret)
{
	if (pattern != j->last_pattern) {
		j->last_archs = (struct texts){ NULL, 0, 0 };
		j->last_is_good = read_archs(j->em->arena, pattern, &j->last_archs);
		j->last_pattern = pattern;
	}
	*ret = j->last_archs;
	return j->last_is_good;
}

/* "Module nodejs:18 is enabled" */
static const char *
module_of_comment(struct arena *a, const char *comment)
{
	static const char word[] = "Module ";
	const char *name = str_or_empty(comment) + sizeof(word) - 1;
	size_t len;

	if (comment == NULL || !str_starts(comment, word))
		return NULL;
	len = strcspn(name, " ");
	return len > 0 && str_eq(name + len, " is enabled")
		   ? arena_strndup(a, name, len)
		   : NULL;
}

/*
 * Does the comment name a system?  The names of all have a blank, those of packages have
 * none.  Systems that nobody here knows are elsewhere.
 */
static bool
place_by_comment(struct judge *j, const struct oval_node *n, struct leaf *ret)
{
	struct arena *a = j->em->arena;
	const char *product = oval_product_of_comment(a, n->comment);

	if (product == NULL || strchr(product, ' ') == NULL)
		return false;
	ret->kind =
	    oval_home_of_product(a, product, &ret->home) ? LEAF_HOME : LEAF_NEVER;
	j->ret->is_elsewhere = j->ret->is_elsewhere || ret->kind == LEAF_NEVER;
	return true;
}

/* Packages whose version is the release of a system. */
static bool
is_release(const struct oval_leaf *l, const char *name)
{
	return l->n_names == 1 && str_ends(name, "-release") &&
	       (l->version_op == OVAL_EQUALS || l->version_op == OVAL_MATCH ||
		   l->evr_op == OVAL_GREATER_EQUAL);
}

static void
judge_release(struct judge *j, const struct oval_node *n, const char *name,
    const struct oval_leaf *l, struct leaf *ret)
{
	struct arena *a = j->em->arena;

	ret->kind = LEAF_HOME;
	/* a rolling release has snapshots: at least one of that day */
	if (str_eq(name, "openSUSE-release") && l->evr_op == OVAL_GREATER_EQUAL &&
	    oval_home_of_product(a, "openSUSE Tumbleweed", &ret->home))
		return;
	if (l->version_op != OVAL_NOTHING &&
	    oval_home_of_release(a, name, l->version, &ret->home))
		return;
	if (!place_by_comment(j, n, ret)) {
		ret->kind = LEAF_NEVER;
		j->ret->is_elsewhere = true;
	}
}

/* What a test for a package that is there asks of it. */
static void
judge_package(struct judge *j, const struct oval_node *n, struct leaf *ret)
{
	const struct oval_leaf *l = &ret->asks;
	const char *name = l->n_names > 0 ? oval_name(j->t, l, 0) : "";

	if (l->none_exists) {
		/* "X is installed and is not": Red Hat's way to say that X is not affected */
		ret->kind = j->denies ? LEAF_TRUE : LEAF_NEVER;
	} else if (l->is_broken) {
		ret->kind = LEAF_BROKEN;
	} else if (is_release(l, name)) {
		judge_release(j, n, name, l, ret);
	} else if (l->arch_op != OVAL_NOTHING && !archs_of(j, l->arch, &ret->archs)) {
		ret->kind = LEAF_BROKEN;
	} else if (!l->has_state) {
		ret->kind = LEAF_PACKAGE;
	} else if (l->none_satisfies || l->evr_op == OVAL_EQUALS) {
		/* a kernel that is patched while it runs: of no use in an image */
		ret->kind = LEAF_TRUE;
	} else if (l->evr_op == OVAL_NOTHING && l->version_op == OVAL_NOTHING) {
		/* the system's architecture, or who signed the package */
		ret->kind = l->arch_op != OVAL_NOTHING ? LEAF_ARCH : LEAF_TRUE;
	} else {
		ret->kind = LEAF_PACKAGE;
	}
}

static void
judge_leaf(struct judge *j, const struct oval_node *n, struct leaf *ret)
{
	bool is_known = oval_tables_find(j->t, n->test, &ret->asks);

	if (is_known && ret->asks.is_package) {
		judge_package(j, n, ret);
	} else if ((ret->module = module_of_comment(j->em->arena, n->comment)) !=
		   NULL) {
		ret->kind = LEAF_MODULE;
	} else if (!place_by_comment(j, n, ret)) {
		/* of files and running kernels; what an extended definition asks */
		ret->kind = is_known || n->test == 0 ? LEAF_TRUE : LEAF_BROKEN;
	}
	if (n->negate && ret->kind == LEAF_NEVER)
		ret->kind = LEAF_TRUE;
	else if (n->negate && ret->kind != LEAF_BROKEN)
		ret->kind = ret->kind == LEAF_PACKAGE ? LEAF_NEVER : LEAF_TRUE;
}

void
oval_judge_leaves(struct judge *j)
{
	size_t n = j->d->nodes.n;

	j->leaves = arena_array(j->em->arena, n, sizeof(*j->leaves));
	j->has_statements = arena_array(j->em->arena, n, sizeof(*j->has_statements));
	/* backwards: a node stands before what is below it */
	for (size_t i = n; i-- > 0;) {
		const struct oval_node *node = &j->d->nodes.at[i];

		if (node->kind == OVAL_TEST) {
			judge_leaf(j, node, &j->leaves[i]);
			j->has_statements[i] = j->leaves[i].kind == LEAF_PACKAGE ||
					       j->leaves[i].kind == LEAF_BROKEN;
		}
		for (size_t c = i + 1; c < node->end; c = j->d->nodes.at[c].end)
			j->has_statements[i] |= j->has_statements[c];
	}
}
