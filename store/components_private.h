/* SPDX-License-Identifier: Apache-2.0 */
/* components_private - components by id, for the reading side of the room. */
#ifndef STORE_COMPONENTS_PRIVATE_H
#define STORE_COMPONENTS_PRIVATE_H

#include "store/store_private.h"

struct component;

/* Everything about component ID, texts in A. */
enum err_code component_get(struct store *st, int64_t id, struct arena *a,
    struct component *ret, struct err *e);
/* Its package URL, derived; NULL without an ecosystem. */
const char *component_purl(const struct component *c, struct arena *a);

#endif
