/* SPDX-License-Identifier: Apache-2.0 */
/* net_private - for the files that use libcurl and for nobody else. */
#ifndef CORE_NET_PRIVATE_H
#define CORE_NET_PRIVATE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "core/net.h"

struct net_curl {
	struct net net;   /* first: a struct net * points here */
	char *user_agent; /* owned */
};

enum err_code net_http(struct net *n, const struct http_request *req,
    struct http_response *ret, struct err *e);
enum err_code net_mail(struct net *n, const struct mail_request *req,
    struct mail_response *ret, struct err *e);

/* May a user's URL reach this address?  GUARD's networks may. */
bool net_address_ok(const struct sockaddr *address, const struct net_guard *guard);

#endif
