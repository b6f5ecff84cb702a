/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bell - how one thread tells another that there is something to look at.  The store is
 * the queue; the bell only shortens the wait.  A ring that comes while nobody waits is
 * kept, so nothing is missed.
 */
#ifndef SERVER_BELL_H
#define SERVER_BELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct bell {
	pthread_mutex_t lock;
	pthread_cond_t rung;
	uint64_t rings; /* so far */
	bool stopping;  /* for good: every wait returns at once */
};

void bell_init(struct bell *b);
void bell_done(struct bell *b);
void bell_ring(struct bell *b);
void bell_stop(struct bell *b);
/*
 * Wait until somebody rang after *SEEN (which is brought up to date) or MS milliseconds
 * passed.  False once the bell is stopped.
 */
bool bell_wait(struct bell *b, uint64_t *seen, int64_t ms);
bool bell_stopped(struct bell *b);

#endif
