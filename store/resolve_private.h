/* SPDX-License-Identifier: Apache-2.0 */
/* resolve_private - an inventory whose components have ids, from resolving to putting. */
#ifndef STORE_RESOLVE_PRIVATE_H
#define STORE_RESOLVE_PRIVATE_H

#include "store/images.h"
#include "store/store_private.h"

struct resolved {
	int64_t *ids; /* of components, sorted, no repeats */
	size_t n;
	unsigned char hash[32]; /* of the ids */
	int64_t *fresh; /* those that are in no inventory yet, sorted: to be decided */
	size_t n_fresh;
	int64_t statements; /* the counter when they were read */
};

/* The live inventory with this hash; 0 = none. */
enum err_code inventory_find(
    struct store *st, const unsigned char hash[32], int64_t *ret, struct err *e);
/* Is the component in any inventory? */
enum err_code component_placed(
    struct store *st, int64_t component_id, bool *ret, struct err *e);

#endif
