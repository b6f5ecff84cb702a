/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url - percent-encoding and the parts of a URL; strict, no guessing.
 */
#ifndef CORE_URL_H
#define CORE_URL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Percent-decode S[0..N); false on a bad escape or an encoded NUL. '+' stays. */
bool url_decode(struct arena *a, const char *s, size_t n, const char **ret);
/* Everything but A-Z a-z 0-9 - . _ ~ (and the characters of KEEP) as %XX. */
char *url_encode(struct arena *a, const char *s, const char *keep);

/*
 * REF as a browser would read it on the page BASE: a URL stands for itself, "/x" begins at
 * the host, anything else at BASE's folder; "../" goes up, never above the root.
 */
const char *url_join(struct arena *a, const char *base, const char *ref);

struct url_param {
	const char *key, *value; /* decoded; value "" when there is no '=' */
};
/* Split "a=b&c=d"; in the order given.  '+' means blank in values here. */
bool url_query(
    struct arena *a, const char *query, struct url_param **ret, size_t *ret_n);

struct url_parts {
	const char *scheme, *host, *port,
	    *path; /* host without brackets; port may be "" */
	bool has_user;
};
bool url_split(struct arena *a, const char *url, struct url_parts *ret);

#endif
