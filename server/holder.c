/* SPDX-License-Identifier: Apache-2.0 */
/* Leases and the processes behind them; see holder.h. */
#include "server/holder.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/str.h"
#include "store/feeds.h"

#define HOST_SIZE 65 /* of Linux */
#define MARK      " (process "

static const char *
host_name(char ret[HOST_SIZE])
{
	if (gethostname(ret, HOST_SIZE) != 0)
		ret[0] = '\0';
	ret[HOST_SIZE - 1] = '\0';
	return ret;
}

void
holder_write(const char *what, char ret[HOLDER_SIZE])
{
	char host[HOST_SIZE];

	(void)snprintf(ret, HOLDER_SIZE, "%s" MARK "%lld on %s)", what,
	    (long long)getpid(), host_name(host));
}

bool
holder_is_gone(const char *holder)
{
	const char *mark = holder != NULL ? strstr(holder, MARK) : NULL;
	char host[HOST_SIZE], again[HOLDER_SIZE];
	long long pid;

	if (mark == NULL || sscanf(mark, MARK "%lld", &pid) != 1 || pid <= 0 ||
	    pid > INT_MAX)
		return false;
	(void)snprintf(again, sizeof(again), MARK "%lld on %s)", pid, host_name(host));
	return host[0] != '\0' && str_eq(mark, again) && kill((pid_t)pid, 0) != 0 &&
	       errno == ESRCH;
}

enum err_code
holders_bury(struct store *st, struct err *e)
{
	struct arena *a = arena_new();
	struct feed_row *feeds = NULL;
	size_t n = 0;
	enum err_code rc = store_feeds(st, a, &feeds, &n, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		if (holder_is_gone(feeds[i].holder))
			rc = store_feed_give_back(
			    st, feeds[i].id, feeds[i].holder, feeds[i].next_at, e);
	arena_free(a);
	return rc;
}
