/* SPDX-License-Identifier: Apache-2.0 */
/* One mail to one recipient through libcurl; see net.h. */
#include <stdlib.h>
#include <string.h>

#include "core/net_private.h"
#include "core/str.h"

#define CONNECT_TIMEOUT_MS 5000L
/* The last reply after everything was sent but the final answer never came. */
#define REPLY_GO_ON 354

struct upload {
	const char *p;
	size_t left;
};

static size_t
on_read(char *out, size_t size, size_t n, void *arg)
{
	struct upload *u = arg;

	n *= size;
	if (n > u->left)
		n = u->left;
	memcpy(out, u->p, n);
	u->p += n;
	u->left -= n;
	return n;
}

/*
 * What a failure means.  The code is merely the last reply seen, so it counts only where
 * the library says that a command was refused; everything unknown is worth another try.
 */
static enum mail_result
classify(CURLcode rc, long code)
{
	switch (rc) {
	case CURLE_OK:
		return MAIL_OK;
	case CURLE_SEND_ERROR:         /* MAIL or RCPT refused */
	case CURLE_WEIRD_SERVER_REPLY: /* refused after DATA */
		if (code == REPLY_GO_ON)
			return MAIL_UNKNOWN;
		return code >= 500 ? MAIL_PERMANENT : MAIL_RETRY;
	case CURLE_LOGIN_DENIED:
	case CURLE_USE_SSL_FAILED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return MAIL_CONFIG;
	default:
		return code == REPLY_GO_ON ? MAIL_UNKNOWN : MAIL_RETRY;
	}
}

static void
set_options(CURL *c, const struct mail_request *req, struct upload *u)
{
	curl_easy_setopt(c, CURLOPT_URL, req->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)req->timeout_ms);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	if (req->starttls)
		curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if (req->ca_file != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, req->ca_file);
	if (req->user != NULL) {
		curl_easy_setopt(c, CURLOPT_USERNAME, req->user);
		curl_easy_setopt(
		    c, CURLOPT_PASSWORD, req->password != NULL ? req->password : "");
	}
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, req->from);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(c, CURLOPT_READDATA, u);
}

static enum err_code
check(const struct mail_request *req, struct err *e)
{
	if (!net_mail_address_ok(req->from))
		return err_set(e, ERR_INPUT, "the sender is no mail address");
	if (!net_mail_address_ok(req->to))
		return err_set(e, ERR_INPUT, "the recipient is no mail address");
	if (req->user != NULL && !req->starttls && !str_starts(req->url, "smtps://"))
		return err_set(e, ERR_INPUT, "a password is only sent over TLS");
	return ERR_OK;
}

enum err_code
net_mail(struct net *n, const struct mail_request *req, struct mail_response *ret,
    struct err *e)
{
	struct upload u = { req->message, req->message_len };
	struct curl_slist *to = NULL;
	long code = 0;
	CURLcode rc;
	CURL *c;

	(void)n;
	*ret = (struct mail_response){ .result = MAIL_CONFIG };
	if (check(req, e) != ERR_OK)
		return ERR_INPUT;
	if ((c = curl_easy_init()) == NULL)
		return err_set(e, ERR_LIMIT, "no mail handle");
	to = curl_slist_append(NULL, req->to);
	set_options(c, req, &u);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
	rc = curl_easy_perform(c);
	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	curl_slist_free_all(to);
	curl_easy_cleanup(c);
	ret->result = classify(rc, code);
	ret->code = (int)code;
	if (ret->result == MAIL_OK)
		return ERR_OK;
	if (code >= 400)
		return err_set(e, ERR_UNREACHABLE, "the relay answered %ld", code);
	return err_set(e, ERR_UNREACHABLE, "%s", curl_easy_strerror(rc));
}
