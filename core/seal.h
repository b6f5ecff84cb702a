/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal - secrets at rest: AES-256-GCM with a key that lies in a file of its own, so that
 * a copy of the database is not a copy of the secrets in it.
 *
 * A sealed text is bound to a context ("channel 17"): put into another row it does not
 * open.  Texts that were never sealed are read as they are.
 */
#ifndef CORE_SEAL_H
#define CORE_SEAL_H

#include <stdbool.h>

#include "core/err.h"

struct arena;
struct seal; /* opaque here; core/seal.c */

/*
 * The key in the file PATH, which only its owner may read; made (0600) if there is none.
 * ERR_DENIED  others may read it
 * ERR_INPUT   it holds no key
 */
enum err_code seal_load(struct seal **ret, const char *path, struct err *e);
void seal_free(struct seal *s); /* NULL is allowed */

bool seal_is_sealed(const char *text);
char *seal_text(
    const struct seal *s, const char *context, const char *text, struct arena *a);
/* False: sealed with another key, for another context, or changed.  S NULL opens nothing. */
bool seal_open(const struct seal *s, const char *context, const char *sealed,
    struct arena *a, const char **ret);

#endif
