/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net - every way to reach a peer: HTTP and file:// documents, webhooks, mail.
 * libcurl is used in core/net_*.c and nowhere else.  The service is handed a struct
 * net; tests hand it one that answers from a script.
 *
 * Two kinds of target.  Feeds come from the operator's configuration and are trusted:
 * redirects are followed, proxies honoured.  URLs that users write (webhooks) are not:
 * 'guard' refuses private addresses at the socket, after resolution, whatever the
 * spelling; redirects are not followed; answers are cut at a small size; connections
 * are never shared between the two kinds.
 *
 * Threads.  One struct net may be used by many threads; a call blocks until its own
 * deadline and never longer.  Nothing here retries and nothing here logs.
 */
#ifndef CORE_NET_H
#define CORE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/* Networks that users' URLs may reach although they are private. */
struct net_guard {
	const char *const *allow_cidrs; /* NULL-ended; borrowed */
};

struct http_request {
	const char *method; /* NULL = GET; HEAD has no body whatever its headers say */
	const char *url;
	const char *const *headers; /* "Name: value", NULL-ended; may be NULL */
	const char *body;
	size_t body_len;
	const char *etag;          /* sent as If-None-Match when set */
	const char *last_modified; /* sent as If-Modified-Since when set */
	const struct net_guard
	    *guard;                  /* set for users' URLs, NULL for configured ones */
	const char *ca_file, *proxy; /* may be NULL */
	bool keep_redirects;         /* a redirect is an answer, not followed */
	/* MAY: told every header of the answer, "Name" and "value". */
	void (*header)(void *arg, const char *name, const char *value);
	void *header_arg;
	int to_fd;          /* -1 = into memory; else the body is written there */
	uint64_t max_bytes; /* of the answer; ERR_LIMIT beyond */
	int64_t timeout_ms; /* whole exchange; for to_fd a stall limit of 60 s too */
	/* MAY: called now and then while a body arrives; returning false aborts. */
	bool (*progress)(void *arg, uint64_t got, uint64_t total);
	void *progress_arg;
};

struct http_response {
	int status; /* 0 for no answer; file:// gives 200, 304 or 404 */
	char etag[256];
	char last_modified[64];
	char content_type[128];
	char location[512];    /* of a redirect that was not followed */
	int64_t retry_after_s; /* -1 = none; a date is turned into seconds from now */
	uint64_t bytes;        /* of the body */
	struct buf body;       /* when to_fd is -1; the caller does buf_done() */
	/* With ERR_UNREACHABLE: would another try make sense?  (A refused address, a
	 * bad URL or a bad certificate would not.) */
	bool permanent;
};

enum mail_result {
	MAIL_OK,
	MAIL_RETRY,     /* 4xx, no connection */
	MAIL_PERMANENT, /* 5xx for this recipient or message */
	MAIL_UNKNOWN, /* cut after the final dot: send again with the same Message-ID */
	MAIL_CONFIG,  /* login refused, no STARTTLS: nothing will work until changed */
};

struct mail_request {
	const char *url;             /* smtp://host:port, smtps://host:port */
	const char *helo;            /* may be NULL */
	const char *user, *password; /* may be NULL */
	bool starttls;               /* refuse to go on without TLS */
	const char *ca_file;
	const char *from, *to; /* bare addresses, one recipient */
	const char *message;   /* whole RFC 5322 message, CRLF line ends */
	size_t message_len;
	int64_t timeout_ms;
};

struct mail_response {
	enum mail_result result;
	int code; /* last SMTP reply seen, 0 if none */
};

struct net {
	/*
	 * ERR_OK whenever the peer answered, whatever the status.
	 * ERR_UNREACHABLE  no answer; 'permanent' is set in RET
	 * ERR_DENIED       the address is refused by the guard
	 * ERR_LIMIT        the answer is larger than allowed
	 * ERR_INPUT        the URL is malformed or of a foreign scheme
	 */
	enum err_code (*http)(struct net *n, const struct http_request *req,
	    struct http_response *ret, struct err *e);
	/* Always fills RET; ERR_OK exactly when RET->result is MAIL_OK. */
	enum err_code (*mail)(struct net *n, const struct mail_request *req,
	    struct mail_response *ret, struct err *e);
	void (*free)(struct net *n);
};

/* The real one.  USER_AGENT is copied. */
enum err_code net_curl_new(struct net **ret, const char *user_agent, struct err *e);
void net_free(struct net *n);

/* True if TEXT is a bare mail address that cannot smuggle anything into SMTP. */
bool net_mail_address_ok(const char *text);
/* True if TEXT is a CIDR ("10.0.0.0/8", "fd00::/8") that the guard understands. */
bool net_cidr_ok(const char *text);

#endif
