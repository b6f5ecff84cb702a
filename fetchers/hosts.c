/* SPDX-License-Identifier: Apache-2.0 */
/* Places at servers; see hosts.h. */
#include "fetchers/hosts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/url.h"

#define ASK_EVERY_MS 200

struct host {
	char *name; /* owned */
	unsigned n; /* requests under way */
};

struct fetch_hosts {
	pthread_mutex_t lock;
	pthread_cond_t left; /* somebody gave a place back */
	unsigned limit;
	struct host *at; /* owned; there are few, and they stay */
	size_t n, cap;
};

struct fetch_hosts *
fetch_hosts_new(unsigned limit)
{
	struct fetch_hosts *h = mem_zalloc(sizeof(*h));

	pthread_mutex_init(&h->lock, NULL);
	clock_cond_init(&h->left);
	h->limit = limit > 0 ? limit : 1;
	return h;
}

void
fetch_hosts_free(struct fetch_hosts *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->n; i++)
		free(h->at[i].name);
	free(h->at);
	pthread_cond_destroy(&h->left);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

void
fetch_hosts_set_limit(struct fetch_hosts *h, unsigned limit)
{
	pthread_mutex_lock(&h->lock);
	h->limit = limit > 0 ? limit : 1;
	pthread_cond_broadcast(&h->left);
	pthread_mutex_unlock(&h->lock);
}

unsigned
fetch_hosts_limit(struct fetch_hosts *h)
{
	unsigned limit;

	if (h == NULL)
		return 1;
	pthread_mutex_lock(&h->lock);
	limit = h->limit;
	pthread_mutex_unlock(&h->lock);
	return limit;
}

/* With the lock held. */
static struct host *
find(struct fetch_hosts *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_caseeq(h->at[i].name, name))
			return &h->at[i];
	if (h->n == h->cap) {
		h->cap = h->cap == 0 ? 16 : 2 * h->cap;
		h->at = mem_array(h->at, h->cap, sizeof(*h->at));
	}
	h->at[h->n] = (struct host){ .name = mem_strdup(name) };
	return &h->at[h->n++];
}

/* The host of URL, in A; NULL if it has none. */
static const char *
host_of(const char *url, struct arena *a)
{
	struct url_parts parts;

	if (!url_split(a, url, &parts) || parts.host == NULL || parts.host[0] == '\0')
		return NULL;
	return parts.host;
}

enum err_code
fetch_hosts_enter(struct fetch_hosts *h, const char *url, bool (*go_on)(void *arg),
    void *arg, struct err *e)
{
	struct arena *a = arena_new();
	const char *name = h == NULL ? NULL : host_of(url, a);
	enum err_code rc = ERR_OK;

	if (name != NULL) {
		pthread_mutex_lock(&h->lock);
		/* the table may move while we wait: it is looked at anew each time */
		while (rc == ERR_OK && find(h, name)->n >= h->limit) {
			const struct timespec until = clock_deadline(ASK_EVERY_MS);

			(void)pthread_cond_timedwait(&h->left, &h->lock, &until);
			pthread_mutex_unlock(&h->lock);
			if (!go_on(arg))
				rc = err_set(e, ERR_BUSY, "stopped");
			pthread_mutex_lock(&h->lock);
		}
		if (rc == ERR_OK)
			find(h, name)->n++;
		pthread_mutex_unlock(&h->lock);
	}
	arena_free(a);
	return rc;
}

void
fetch_hosts_leave(struct fetch_hosts *h, const char *url)
{
	struct arena *a = arena_new();
	const char *name = h == NULL ? NULL : host_of(url, a);

	if (name != NULL) {
		pthread_mutex_lock(&h->lock);
		find(h, name)->n--;
		pthread_cond_broadcast(&h->left);
		pthread_mutex_unlock(&h->lock);
	}
	arena_free(a);
}
