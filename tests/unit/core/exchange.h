/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange - one HTTP request against a server in this process, and what came of it.
 * One server and one struct net a program; the environment's proxies are forgotten.
 */
#ifndef UNIT_CORE_EXCHANGE_H
#define UNIT_CORE_EXCHANGE_H

#include "core/net.h"
#include "loopback.h"

struct exchange {
	struct http_request req; /* url points to the member below */
	struct http_response res;
	struct err e;
	enum err_code rc;
	char url[256];
};

/* Around all tests: start the server with ROWS; -1 if that is not possible. */
int exchange_begin(const struct loopback_row *rows);
int exchange_end(void **state);
struct loopback *exchange_server(void);

/* Around one test: *STATE is a struct exchange * with a request into memory. */
int exchange_setup(void **state);
int exchange_teardown(void **state);

/* Ask for what stands in X->url, or for PATH of the server. */
void exchange_run(struct exchange *x);
void exchange_get(struct exchange *x, const char *path);
/* Fail unless X came out so; BODY NULL = any. */
void exchange_expect(
    const struct exchange *x, enum err_code rc, int status, const char *body);

#endif
