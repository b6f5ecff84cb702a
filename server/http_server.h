/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_server - requests in, answers out; libmicrohttpd stays behind this header.
 *
 * What it promises to a handler: a method out of a small list, a raw path that is safe to
 * split and decode, decoded query parameters each at most once, a body within the cap, a
 * principal that has been checked against the route's scope, a worker whose store handle
 * belongs to this thread.  What libmicrohttpd does not check is checked before a handler
 * sees it: both Content-Length and Transfer-Encoding, two different lengths, encoded NUL,
 * missing Host, slow bodies.
 *
 * Threads.  A pool; each thread has its own worker.  A handler runs on one of them from
 * beginning to end and may block for as long as the store does, no longer.
 */
#ifndef SERVER_HTTP_SERVER_H
#define SERVER_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/url.h"
#include "store/teams.h"

struct arena;
struct live;
struct worker;
struct http_server; /* server/http_server.c */

/* Who is asking. */
struct principal {
	struct scope scope;
	enum token_scope token_scope;
	const char *actor; /* for the audit log: "token:NAME" */
	bool is_operator;  /* admin of all teams */
};

struct request {
	const char *method; /* "GET", "POST", "PUT", "PATCH", "DELETE" */
	const char *path;   /* raw, without the query */
	const char *
	    *segments; /* decoded values of the route's {placeholders}, in order */
	size_t n_segments;
	struct url_param *params; /* of the query, each name at most once */
	size_t n_params;
	const char *body;
	size_t body_len;
	const char *content_type;  /* lower case, without parameters; "" = none */
	const char *if_none_match; /* NULL = none */
	struct principal who;
	struct worker *worker; /* writes and reads */
	struct worker *reader; /* its store handle refuses writes */
	struct live *live;
	struct arena *arena; /* for the request */
};

struct response {
	int status;               /* 200 unless set */
	const char *content_type; /* application/json unless set */
	struct buf body;
	const char *location; /* NULL = none */
	const char *etag;     /* NULL = none */
	int retry_after_s;    /* 0 = none */
	const char *allow;    /* for 405 */
};

/* The value of query parameter NAME, or NULL. */
const char *request_param(const struct request *r, const char *name);

/* Start listening on the configured address; *RET_PORT = where, also for port 0. */
enum err_code http_server_start(
    struct http_server **ret, struct live *l, unsigned *ret_port, struct err *e);
/* http_listen.c: a bound, listening, non-blocking socket.  ERR_INPUT: no such address;
 * ERR_BUSY: taken. */
enum err_code http_listen(
    const char *listen_text, int *ret_fd, unsigned *ret_port, struct err *e);
/* Stop accepting, finish what runs, stop.  NULL is allowed. */
void http_server_stop(struct http_server *s);

#endif
