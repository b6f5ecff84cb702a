/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_criteria - what the files that evaluate a tree of criteria share.
 *
 * oval_leaf.c       what each test of the tree is: a condition or a statement
 * oval_scope.c      the conditions of a place in the tree
 * oval_statement.c  entries about packages, in the scope of their place
 * oval_criteria.c   the walk
 */
#ifndef FETCHERS_OVAL_CRITERIA_H
#define FETCHERS_OVAL_CRITERIA_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "fetchers/emit.h"
#include "fetchers/oval.h"

struct strmap;

enum leaf_kind {
	LEAF_TRUE,    /* of every system in question */
	LEAF_NEVER,   /* of none */
	LEAF_HOME,    /* a release */
	LEAF_MODULE,  /* a module is enabled */
	LEAF_ARCH,    /* an architecture */
	LEAF_PACKAGE, /* a statement */
	LEAF_BROKEN,  /* cannot be told */
};

struct homes {
	struct oval_home *at;
	size_t n, cap;
};

/* The conditions of a place in the tree. */
struct scope {
	bool is_never;
	bool is_placed; /* 'homes' are all there are */
	struct homes homes;
	const char *module; /* NULL = none said */
	bool is_built;      /* 'archs' are all there are */
	struct texts archs;
};

struct leaf {
	enum leaf_kind kind;
	struct oval_leaf asks; /* of PACKAGE */
	struct texts archs;    /* of ARCH; of PACKAGE those of its state */
	struct oval_home home;
	const char *module;
};

struct judge {
	struct emitter *em;
	struct oval_tables *t;
	const struct oval_publisher *who;
	const struct oval_definition *d;
	const struct oval_cve *only;
	const char *known;
	struct oval_entries *ret;
	struct leaf *leaves;  /* one a node */
	bool *has_statements; /* of a node and what is below it */
	struct strmap *index; /* owned: an entry by name -> 1 + its place; NULL: few */
	const char *last_pattern; /* of architectures, and what it was read as */
	struct texts last_archs;
	bool last_is_good;
	bool denies; /* all it names is not affected */
	struct err *e;
};

/* Note that something is left out; the first reason is told. */
void oval_fault(struct judge *j, const char *why);

/* Fill 'leaves' and 'has_statements'. */
void oval_judge_leaves(struct judge *j);

void oval_add_home(struct arena *a, struct homes *homes, const struct oval_home *h);
/* S and also C. */
void oval_scope_narrow(struct arena *a, struct scope *s, const struct scope *c);
/* Of a node without statements below it. */
struct scope oval_scope_of(struct judge *j, size_t i);

/* The entries of leaf I, a statement below node PARENT, in the scope AT. */
enum err_code oval_put_statement(
    struct judge *j, const struct scope *at, size_t parent, size_t i);

#endif
