/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference - what people call an image: [domain/]path[:tag][@digest], read as the
 * container tools read it: "nginx" is docker.io/library/nginx:latest, and a digest beats
 * the tag beside it.
 */
#ifndef INVENTORY_REFERENCE_H
#define INVENTORY_REFERENCE_H

#include <stdbool.h>

#include "core/err.h"

struct arena;

struct reference {
	const char *domain;     /* "docker.io", "localhost:5000", "[::1]:5000" */
	const char *repository; /* "library/nginx" */
	const char *tag; /* NULL beside a digest without one; else at least "latest" */
	const char *digest; /* "sha256:..."; NULL = none */
};

/*
 * ERR_INPUT  says what is wrong; a bare 64 digits of hex is refused: tools take it for an
 *            image id that only one machine knows
 */
enum err_code reference_parse(
    const char *text, struct arena *a, struct reference *ret, struct err *e);
/* "docker.io/library/nginx:1.27", with the digest where there is one; in A. */
const char *reference_text(const struct reference *r, struct arena *a);
/* The tag or the digest, as a registry is asked: the digest where there is one. */
const char *reference_version(const struct reference *r);
/* "sha256:" and 64 digits, or sha512 and 128. */
bool digest_ok(const char *text);

#endif
