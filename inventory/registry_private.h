/* SPDX-License-Identifier: Apache-2.0 */
/* registry_private - one request at a registry, and how it is let in. */
#ifndef INVENTORY_REGISTRY_PRIVATE_H
#define INVENTORY_REGISTRY_PRIVATE_H

#include "core/buf.h"
#include "core/net.h"
#include "inventory/docker_config.h"
#include "inventory/registry.h"

/* A token, or "Basic ..." that was let in, for one scope of one registry. */
struct pass {
	const char *domain, *scope;
	const char *header; /* "Authorization: ..." */
	int64_t until_s;    /* 0 = as long as it works */
};

struct registry {
	struct registry_options o;
	struct arena *a; /* passes and copies */
	struct {
		struct pass *at;
		size_t n, cap;
	} passes;
	int64_t wait_s, pulls_left;
};

/* Where the requests of one call go. */
struct place {
	const char *domain; /* as in the reference */
	const char *base;   /* "https://registry-1.docker.io" */
	const char *scope;  /* "repository:library/nginx:pull" */
	const char *repository;
	const struct registry_config *settings; /* NULL = nobody configured it */
	bool is_trusted;
};

/* One "WWW-Authenticate", taken apart. */
struct challenge {
	bool is_bearer, is_basic;
	const char *realm, *service, *scope; /* NULL = not said */
};
/* False if TEXT holds no challenge of these two kinds. */
bool challenge_parse(const char *text, struct arena *a, struct challenge *ret);

struct want {
	const char *method; /* NULL = GET */
	const char *path;   /* "/v2/..." or a whole URL of the same registry */
	const char *accept; /* NULL = anything */
	int fd;             /* -1 = into memory */
	uint64_t max_bytes;
};

/* What was answered; texts in the arena of the call. */
struct got {
	struct http_response http;
	struct buf *body; /* of the response */
	const char *content_digest, *link, *filters, *authenticate_basic;
	struct challenge challenge;
	bool has_challenge;
	int64_t pulls_left;
};

/* registry.c: one request, let in, redirected and tried again as needed.  ERR_OK only for
 * 2xx; got_done() in any case. */
enum err_code registry_ask(struct registry *r, const struct place *p,
    const struct want *want, struct arena *a, struct got *ret, struct err *e);
void got_done(struct got *g);
void registry_place(struct registry *r, const char *domain, const char *repository,
    const char *scope, struct arena *a, struct place *ret);

/* registry_auth.c: the header that gets us in; NULL = none is known. */
const char *registry_pass(struct registry *r, const struct place *p);
/* Answer the challenge: afterwards registry_pass() has a fresh one.
 * ERR_DENIED  there is nothing to show */
enum err_code registry_login(struct registry *r, const struct place *p,
    const struct challenge *c, struct arena *a, struct err *e);

#endif
