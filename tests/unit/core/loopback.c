/* SPDX-License-Identifier: Apache-2.0 */
/* A server for the tests of the network; see loopback.h. */
#include "loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/str.h"

#define REQUEST_SIZE 16384
#define PATIENCE_MS  5000 /* nothing here waits longer for anything */

struct loopback {
	const struct loopback_row *rows; /* borrowed */
	pthread_t thread;
	int fd;
	int stop[2]; /* a pipe; what can be read from it ends every wait */
	unsigned port;
	pthread_mutex_t lock;
	unsigned n;                 /* under the lock, like the next */
	char request[REQUEST_SIZE]; /* of the thread, until it is finished */
	char last[REQUEST_SIZE];
};

/* True if FD can be read; false when it is time to stop or patience ends. */
static bool
wait_for(struct loopback *l, int fd, int timeout_ms)
{
	struct pollfd p[] = { { .fd = l->stop[0], .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };

	return poll(p, 2, timeout_ms) > 0 && p[0].revents == 0;
}

static size_t
body_length(const char *request)
{
	const char *at = strstr(request, "Content-Length: ");
	uint64_t n = 0;
	char digits[20] = "";

	if (at != NULL) {
		at += strlen("Content-Length: ");
		memcpy(digits, at, strspn(at, "0123456789") % sizeof(digits));
		(void)str_u64(digits, &n);
	}
	return (size_t)n;
}

/* The head and the body that it announces. */
static bool
read_request(struct loopback *l, int fd)
{
	size_t len = 0;

	for (;;) {
		const char *end;
		ssize_t n;

		if (len + 1 == sizeof(l->request) || !wait_for(l, fd, PATIENCE_MS) ||
		    (n = recv(fd, l->request + len, sizeof(l->request) - 1 - len, 0)) <=
			0)
			return false;
		len += (size_t)n;
		l->request[len] = '\0';
		end = strstr(l->request, "\r\n\r\n");
		if (end != NULL && strlen(end + 4) >= body_length(l->request))
			return true;
	}
}

static const struct loopback_row *
find_row(const struct loopback *l)
{
	const char *path = strchr(l->request, ' ');
	size_t n;

	if (path == NULL)
		return NULL;
	n = strcspn(++path, " ");
	for (const struct loopback_row *r = l->rows; r->path != NULL; r++)
		if (strlen(r->path) == n && memcmp(r->path, path, n) == 0)
			return r;
	return NULL;
}

static void
send_all(int fd, const char *p)
{
	size_t left = strlen(p);

	while (left > 0) {
		ssize_t n = send(fd, p, left, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		p += n;
		left -= (size_t)n;
	}
}

static void
answer(struct loopback *l, int fd)
{
	const struct loopback_row *row;

	if (!read_request(l, fd))
		return;
	(void)pthread_mutex_lock(&l->lock);
	l->n++;
	memcpy(l->last, l->request, sizeof(l->last));
	(void)pthread_mutex_unlock(&l->lock);
	row = find_row(l);
	if (row == NULL)
		send_all(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
			     "Connection: close\r\n\r\n");
	else if (row->if_holds != NULL && strstr(l->request, row->if_holds) != NULL)
		send_all(fd, row->then);
	else if (row->answer != NULL)
		send_all(fd, row->answer);
	else
		(void)wait_for(l, fd, PATIENCE_MS); /* until the peer hangs up */
}

static void *
serve(void *arg)
{
	struct loopback *l = arg;

	while (wait_for(l, l->fd, -1)) {
		int fd = accept(l->fd, NULL, NULL);

		if (fd < 0)
			continue;
		answer(l, fd);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
	}
	return NULL;
}

static bool
listen_somewhere(struct loopback *l)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(l->fd, 16) != 0 ||
	    getsockname(l->fd, (struct sockaddr *)&at, &len) != 0)
		return false;
	l->port = ntohs(at.sin_port);
	return true;
}

struct loopback *
loopback_start(const struct loopback_row *rows)
{
	struct loopback *l = mem_zalloc(sizeof(*l));

	l->rows = rows;
	(void)pthread_mutex_init(&l->lock, NULL);
	if (!listen_somewhere(l) || pipe(l->stop) != 0 ||
	    pthread_create(&l->thread, NULL, serve, l) != 0) {
		free(l);
		return NULL;
	}
	return l;
}

void
loopback_stop(struct loopback *l)
{
	(void)close(l->stop[1]);
	(void)pthread_join(l->thread, NULL);
	(void)close(l->stop[0]);
	(void)close(l->fd);
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
}

unsigned
loopback_port(const struct loopback *l)
{
	return l->port;
}

unsigned
loopback_requests(struct loopback *l)
{
	unsigned n;

	(void)pthread_mutex_lock(&l->lock);
	n = l->n;
	(void)pthread_mutex_unlock(&l->lock);
	return n;
}

const char *
loopback_last(struct loopback *l)
{
	/* the requests of a test come one after the other, and this one is answered */
	return l->last;
}
