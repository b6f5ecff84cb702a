/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loopback - an HTTP server of a few lines on an ephemeral port of 127.0.0.1, one
 * connection after the other in a thread of its own.  What it answers is a script: the
 * first row whose path is asked for.  It remembers the last request.
 */
#ifndef UNIT_CORE_LOOPBACK_H
#define UNIT_CORE_LOOPBACK_H

#include <stddef.h>

struct loopback; /* opaque here; loopback.c */

struct loopback_row {
	const char *path;
	/* Raw bytes, head and all; then the connection is closed.  NULL: no answer until
	 * the peer gives up. */
	const char *answer;
	/* MAY be NULL: the answer when the request holds this text. */
	const char *if_holds, *then;
};

/* ROWS end with a NULL path and must outlive the server.  NULL if there is no network. */
struct loopback *loopback_start(const struct loopback_row *rows);
void loopback_stop(struct loopback *l);

unsigned loopback_port(const struct loopback *l);
/* Requests since the start, and the text of the last one with its body. */
unsigned loopback_requests(struct loopback *l);
const char *loopback_last(struct loopback *l);

#endif
