/* SPDX-License-Identifier: Apache-2.0 */
/* problem - failures as RFC 9457 documents. */
#ifndef SERVER_PROBLEM_H
#define SERVER_PROBLEM_H

#include "core/err.h"

struct response;

/* Replace what R holds by a problem of STATUS. */
void problem_write(struct response *r, int status, const char *detail);
/* The same for a failure CODE; R->status, if a handler set one above 399, stays. */
void problem_of(struct response *r, enum err_code code, const char *detail);
/* The HTTP status of a failure. */
int problem_status(enum err_code code);

#endif
