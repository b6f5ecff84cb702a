/* SPDX-License-Identifier: Apache-2.0 */
/* The socket to listen on: "host:port", "[::1]:port", "*:port"; port 0 = any free one. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/str.h"
#include "server/http_server.h"

enum err_code
http_listen(const char *listen_text, int *ret_fd, unsigned *ret_port, struct err *e)
{
	char host[256];
	const char *colon = strrchr(listen_text, ':'), *name = host;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE },
			*list;
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);
	int fd, rc, on = 1;

	(void)snprintf(
	    host, sizeof(host), "%.*s", (int)(colon - listen_text), listen_text);
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		name = host + 1;
	}
	rc = getaddrinfo(name[0] != '\0' && !str_eq(name, "*") ? name : NULL, colon + 1,
	    &hints, &list);
	if (rc != 0)
		return err_set(
		    e, ERR_INPUT, "listen %s: %s", listen_text, gai_strerror(rc));
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, list->ai_addr, list->ai_addrlen) != 0 ||
	    listen(fd, 512) != 0 ||
	    getsockname(fd, (struct sockaddr *)&bound, &len) != 0) {
		(void)err_set(
		    e, ERR_BUSY, "listen %s: %s", listen_text, strerror(errno));
		freeaddrinfo(list);
		if (fd >= 0)
			(void)close(fd);
		return ERR_BUSY;
	}
	freeaddrinfo(list);
	*ret_port = ntohs(bound.ss_family == AF_INET6
			      ? ((struct sockaddr_in6 *)&bound)->sin6_port
			      : ((struct sockaddr_in *)&bound)->sin_port);
	*ret_fd = fd;
	return ERR_OK;
}
