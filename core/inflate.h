/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inflate - zlib's own form, as programs carry it inside themselves: no name, no magic that
 * could be told from plain bytes, so it is never guessed (core/stream.h does the others).
 */
#ifndef CORE_INFLATE_H
#define CORE_INFLATE_H

#include <stddef.h>

#include "core/err.h"

struct buf;

/*
 * Append what P[0..LEN) unpacks to; its maximum is OUT's.
 * ERR_INPUT  damaged or cut short
 * ERR_LIMIT  more than OUT may hold
 */
enum err_code inflate_zlib(const void *p, size_t len, struct buf *out, struct err *e);

#endif
