/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capability - texts that allow one thing to whoever has them: a link in a mail.  What
 * they allow stands in them, under an HMAC; nothing is kept about them, so they live as
 * long as the key and the object they name.
 */
#ifndef CORE_CAPABILITY_H
#define CORE_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

struct capability {
	char kind; /* which thing */
	int64_t id;
	const char *text; /* "" = none */
};
/* Letters, digits, - and _. */
const char *capability_write(
    const unsigned char key[32], const struct capability *c, struct arena *a);
/* False: it was not written with this key. */
bool capability_read(const unsigned char key[32], const char *token, struct arena *a,
    struct capability *ret);

#endif
