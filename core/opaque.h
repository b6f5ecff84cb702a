/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opaque - ids as texts that tell nothing: "img_0a1b2c3d4e5f6".  A keyed permutation of
 * the number, so that one team cannot count another's images by its own ids.  Not a
 * secret and not an authorization: every lookup checks the team all the same.
 */
#ifndef CORE_OPAQUE_H
#define CORE_OPAQUE_H

#include <stdbool.h>
#include <stdint.h>

#define OPAQUE_SIZE 24

/* PREFIX is three letters: "img", "lst", "chn", "sub", "tok". */
const char *opaque_format(
    const unsigned char key[32], const char *prefix, int64_t id, char out[OPAQUE_SIZE]);
/* False if TEXT is no such id (a name, most likely). */
bool opaque_parse(
    const unsigned char key[32], const char *prefix, const char *text, int64_t *ret);

#endif
