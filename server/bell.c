/* SPDX-License-Identifier: Apache-2.0 */
/* A condition variable that remembers being rung; see bell.h. */
#include "server/bell.h"

#include "core/clock.h"

#define MAX_WAIT_MS 3600000

void
bell_init(struct bell *b)
{
	clock_cond_init(&b->rung);
	pthread_mutex_init(&b->lock, NULL);
	b->rings = 0;
	b->stopping = false;
}

void
bell_done(struct bell *b)
{
	pthread_cond_destroy(&b->rung);
	pthread_mutex_destroy(&b->lock);
}

void
bell_ring(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
	b->rings++;
	pthread_cond_broadcast(&b->rung);
	pthread_mutex_unlock(&b->lock);
}

void
bell_stop(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
	b->stopping = true;
	pthread_cond_broadcast(&b->rung);
	pthread_mutex_unlock(&b->lock);
}

bool
bell_wait(struct bell *b, uint64_t *seen, int64_t ms)
{
	struct timespec until;
	bool go_on;
	int rc = 0;

	if (ms < 0)
		ms = 0;
	if (ms > MAX_WAIT_MS)
		ms = MAX_WAIT_MS;
	until = clock_deadline(ms);
	pthread_mutex_lock(&b->lock);
	while (!b->stopping && b->rings == *seen && rc == 0)
		rc = pthread_cond_timedwait(&b->rung, &b->lock, &until);
	*seen = b->rings;
	go_on = !b->stopping;
	pthread_mutex_unlock(&b->lock);
	return go_on;
}

bool
bell_stopped(struct bell *b)
{
	bool stopping;

	pthread_mutex_lock(&b->lock);
	stopping = b->stopping;
	pthread_mutex_unlock(&b->lock);
	return stopping;
}
