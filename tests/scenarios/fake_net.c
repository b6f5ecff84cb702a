/* SPDX-License-Identifier: Apache-2.0 */
/* A network that answers from a script; see fake_net.h. */
#include "scenarios/fake_net.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/str.h"

struct fake_document *
fake_net_document(struct fake_net *n, const char *url)
{
	for (size_t i = 0; i < n->documents.n; i++)
		if (str_eq(n->documents.at[i].url, url))
			return &n->documents.at[i];
	return NULL;
}

void
fake_net_serve(struct fake_net *n, const char *url, const char *body, int status)
{
	struct fake_document *d = fake_net_document(n, url);

	if (d == NULL) {
		d = ARENA_PUSH(n->arena, &n->documents);
		d->url = arena_strdup(n->arena, url);
	}
	if (body != NULL && !str_eq(d->body, body)) {
		d->body = arena_strdup(n->arena, body);
		d->len = strlen(body);
		d->version++;
	}
	d->status = status;
}

static const char *
header(const struct http_request *req, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; req->headers != NULL && req->headers[i] != NULL; i++)
		if (strncmp(req->headers[i], name, len) == 0 &&
		    req->headers[i][len] == ':')
			return req->headers[i] + len + 2;
	return "";
}

static bool
is_failing(struct fake_net *n, const char *to)
{
	if (n->failures == 0 || n->failing == NULL || !str_eq(n->failing, to))
		return false;
	n->failures--;
	return true;
}

static void
keep(struct fake_net *n, const char *to, const char *body, size_t len, const char *id,
    bool accepted)
{
	*ARENA_PUSH(n->arena, &n->deliveries) = (struct fake_delivery){
		.to = arena_strdup(n->arena, to),
		.body = arena_strndup(n->arena, body, len),
		.id = arena_strdup(n->arena, id),
		.accepted = accepted,
	};
}

static enum err_code
post(struct fake_net *n, const struct http_request *req, struct http_response *ret)
{
	bool fails = is_failing(n, req->url);

	ret->status = fails ? n->fail_status : 200;
	ret->retry_after_s = fails ? n->retry_after_s : -1;
	/* a tracker says which number the new issue has */
	if (!fails && str_ends(req->url, "/issues")) {
		ret->status = 201;
		buf_adds(&ret->body, "{\"number\":7,\"iid\":7}");
	}
	keep(n, req->url, req->body, req->body_len, header(req, "webhook-id"), !fails);
	return ERR_OK;
}

static enum err_code
get(struct fake_net *n, const struct http_request *req, struct http_response *ret,
    struct err *e)
{
	struct fake_document *d = fake_net_document(n, req->url);

	if (d == NULL)
		return err_set(e, ERR_UNREACHABLE, "no such host");
	d->asked++;
	ret->status = d->status;
	if (d->status != 200)
		return ERR_OK;
	(void)snprintf(ret->etag, sizeof(ret->etag), "\"v%u\"", d->version);
	if (str_eq(req->etag, ret->etag)) {
		ret->status = 304;
		return ERR_OK;
	}
	ret->bytes = d->len;
	if (req->to_fd < 0)
		buf_add(&ret->body, d->body, d->len);
	else if (write(req->to_fd, d->body, d->len) != (ssize_t)d->len)
		return err_set(e, ERR_STORAGE, "the spool is full");
	return ERR_OK;
}

static enum err_code
fake_http(struct net *net, const struct http_request *req, struct http_response *ret,
    struct err *e)
{
	struct fake_net *n = (struct fake_net *)net;

	ret->retry_after_s = -1;
	if (req->method != NULL && !str_eq(req->method, "GET"))
		return post(n, req, ret);
	return get(n, req, ret, e);
}

static enum err_code
fake_mail(struct net *net, const struct mail_request *req, struct mail_response *ret,
    struct err *e)
{
	struct fake_net *n = (struct fake_net *)net;
	const char *id = strstr(req->message, "Message-ID: <");
	bool fails = is_failing(n, req->to);

	id = id != NULL ? id + 13 : "";
	keep(n, req->to, req->message, req->message_len,
	    arena_strndup(n->arena, id, strcspn(id, ">")), !fails);
	ret->result = fails ? MAIL_RETRY : MAIL_OK;
	ret->code = fails ? 450 : 250;
	return fails ? err_set(e, ERR_UNREACHABLE, "450 try later") : ERR_OK;
}

static void
fake_free(struct net *net)
{
	(void)net;
}

void
fake_net_init(struct fake_net *n, struct arena *a)
{
	memset(n, 0, sizeof(*n));
	n->net = (struct net){ fake_http, fake_mail, fake_free };
	n->arena = a;
}
