/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dict - ids of the small shared things: ecosystems, packages, conditions, traits.  Found
 * or, inside a write transaction, made; what was asked for once is remembered as long as
 * the struct lives (never across a rollback).
 */
#ifndef STORE_DICT_H
#define STORE_DICT_H

#include "store/store_private.h"

struct affected;
struct arena;
struct component;
struct strmap;

struct dict {
	struct store *st; /* borrowed */
	bool create;      /* what is not there is made; else its id is 0 */
	struct strmap *ids;
	struct arena *a; /* of schemes */
};

void dict_init(struct dict *d, struct store *st, bool create);
void dict_done(struct dict *d);

/* NAME "" stands for 'none'.  *RET_SCHEME ("" = none) lives as long as D. */
enum err_code dict_ecosystem(struct dict *d, const char *name, int64_t *ret_id,
    const char **ret_scheme, struct err *e);
enum err_code dict_package(struct dict *d, int64_t ecosystem_id, const char *name,
    int64_t *ret, struct err *e);
/* The condition of an affected entry. */
enum err_code dict_condition(
    struct dict *d, const struct affected *aff, int64_t *ret, struct err *e);
enum err_code dict_trait(
    struct dict *d, const struct component *c, int64_t *ret, struct err *e);

#endif
