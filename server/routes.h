/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes - one table of everything REST can do: method, path, who may, which parameters,
 * handler, one line of documentation.  Authorization is a column and cannot be
 * forgotten; an unknown parameter is an error; /v1/openapi.json and docs/API.md are made
 * from the same rows.
 */
#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H

#include <stdbool.h>

#include "core/err.h"
#include "server/http_server.h"

enum access {
	ACCESS_OPEN,   /* no token */
	ACCESS_SUBMIT, /* register and ask */
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_ADMIN,
	ACCESS_OPERATOR, /* admin of all teams */
};

struct route {
	const char *method;
	const char *pattern; /* "/v1/images/{image}/findings" */
	enum access access;
	bool takes_document;       /* body up to api.max_upload, else api.max_request */
	bool labels;               /* takes label.KEY parameters */
	const char *const *params; /* NULL-ended; NULL = none */
	/*
	 * Fill RET; on failure the error is turned into a problem document by its code.  A
	 * handler that wants another status for its failure sets ret->status.
	 */
	enum err_code (*handle)(struct request *r, struct response *ret, struct err *e);
	const char *summary; /* one sentence for the API document */
};

extern const struct route routes[]; /* ends with a NULL method */

/*
 * The route of METHOD and the raw PATH, its placeholders decoded into R->segments.  NULL
 * with *RET_STATUS 404, 405 (R->allow set) or 400 (a bad escape).
 */
const struct route *route_find(
    struct request *r, int *ret_status, const char **ret_allow);
/* May the principal use it?  Auditors read everything and write nothing. */
bool route_allows(const struct route *route, const struct principal *p);

const char *access_name(enum access a);

/* docs/API.md and /v1/openapi.json, from the table. */
void routes_document(struct buf *out);
void routes_openapi(struct buf *out);

#endif
