/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry - what a registry answers (OCI Distribution 1.1, Docker Registry 2): manifests,
 * blobs, tags, repositories, referrers; with tokens, passwords or nobody's name.
 *
 * What it promises.  A manifest and a blob are the bytes of their digest, or an error.  A
 * tag is asked for with HEAD where that is enough: at Docker Hub only GETs of manifests
 * count.  Retry-After is obeyed, within limits.  A password goes to its own registry and
 * the place where that sends for tokens, never along a redirect.
 *
 * Whom it trusts.  Registries that the operator configured may lie anywhere.  Those that a
 * user named are reached through the guard of core/net.h: no private addresses.
 *
 * Threads.  A struct registry belongs to one thread.  It keeps tokens, nothing else.
 *
 * Errors.  ERR_NOTFOUND: no such image.  ERR_DENIED: not logged in, or not allowed (some
 * registries say so of what does not exist).  ERR_BUSY: too many requests; RET_AFTER_S of
 * registry_wait_s().  ERR_UNREACHABLE: no answer.  ERR_INPUT: the answer is not what it
 * says to be.  ERR_LIMIT: it is too large.
 *
 * Limits.  MAX_REGISTRY_MANIFEST a manifest, MAX_REGISTRY_PAGES of a listing,
 * MAX_LAYER_BYTES a blob (core/limits.h).
 */
#ifndef INVENTORY_REGISTRY_H
#define INVENTORY_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/registry_config.h"
#include "inventory/reference.h"

struct arena;
struct clock;
struct net;
struct registry; /* inventory/registry_private.h */

struct registry_options {
	struct net *net;
	const struct clock *clock;
	const struct registry_config *settings; /* borrowed */
	size_t n_settings;
	const char *docker_config;      /* NULL = what docker or podman would read */
	bool trusts_all;                /* the user is the operator: the command line */
	const char *const *allow_cidrs; /* for those nobody configured; may be NULL */
	/* MAY: waits between tries, for tests; non-zero stops.  NULL = really wait. */
	int (*sleep_ms)(void *arg, int64_t ms);
	/* MAY: told now and then while a blob arrives; false stops (ERR_BUSY). */
	bool (*progress)(void *arg, uint64_t got, uint64_t total);
	void *arg; /* of both */
};

struct registry *registry_new(const struct registry_options *o);
void registry_free(struct registry *r); /* NULL is allowed */

/* A manifest, an index or another small document; in the arena given. */
struct registry_document {
	const char *media_type, *digest;
	const char *bytes;
	size_t len;
};
/* What REF points to, verified. */
enum err_code registry_manifest(struct registry *r, const struct reference *ref,
    struct arena *a, struct registry_document *ret, struct err *e);
/* Its digest alone, without counting as a pull. */
enum err_code registry_digest(struct registry *r, const struct reference *ref,
    struct arena *a, const char **ret_digest, struct err *e);
/* A small blob (a configuration, an SBOM), verified. */
enum err_code registry_blob(struct registry *r, const struct reference *ref,
    const char *digest, struct arena *a, const char **ret, size_t *ret_len,
    struct err *e);
/* A blob into FD from where it stands, SIZE bytes (0 = not known), verified. */
enum err_code registry_blob_to(struct registry *r, const struct reference *ref,
    const char *digest, uint64_t size, int fd, struct err *e);

/* The tags of REF's repository, in the order of the registry. */
enum err_code registry_tags(struct registry *r, const struct reference *ref,
    struct arena *a, const char ***ret, size_t *ret_n, struct err *e);
/* The repositories at DOMAIN (_catalog); ERR_DENIED or ERR_NOTFOUND: it does not tell. */
enum err_code registry_catalog(struct registry *r, const char *domain, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e);

/* Something that refers to an image: an SBOM, an attestation. */
struct registry_referrer {
	const char *digest, *media_type, *artifact_type; /* NULL = not said */
	uint64_t size;
};
/* What refers to DIGEST in REF's repository; by the API, else by the tag that stands for
 * it.  None is no error. */
enum err_code registry_referrers(struct registry *r, const struct reference *ref,
    const char *digest, struct arena *a, struct registry_referrer **ret, size_t *ret_n,
    struct err *e);

/* After ERR_BUSY: how long the registry asked us to stay away; -1 = it did not say. */
int64_t registry_wait_s(const struct registry *r);
/* Pulls that the registry of REF said are left; -1 = it did not say. */
int64_t registry_pulls_left(const struct registry *r);

#endif
