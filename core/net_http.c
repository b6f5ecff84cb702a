/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP through libcurl, and file:// without it; see net.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/net_private.h"
#include "core/str.h"
#include "core/url.h"

#define CONNECT_TIMEOUT_MS 5000L
#define MAX_REDIRECTS      5L
#define STALL_S            60L
#define EXCHANGE_MAGIC     0x6e65741au

/* One request on its way through the library's callbacks. */
struct exchange {
	unsigned magic;
	const struct http_request *req;
	struct http_response *ret;
	struct curl_slist *headers; /* owned */
	uint64_t got;
	bool too_large, stopped, refused;
	bool head_ended; /* the blank line behind the headers came */
	int write_errno;
};

/* ---- callbacks ---- */

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* The library's own limit does not hold for chunked answers: counted here. */
static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	n *= size;
	x->got += n;
	x->too_large = x->got > x->req->max_bytes;
	if (x->magic != EXCHANGE_MAGIC || x->too_large)
		return 0;
	if (x->req->to_fd < 0) {
		buf_add(&x->ret->body, p, n);
		x->too_large = x->ret->body.full;
		return x->too_large ? 0 : n;
	}
	if (!write_all(x->req->to_fd, p, n)) {
		x->write_errno = errno;
		return 0;
	}
	return n;
}

static void
take_header(const char *line, size_t n, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	if (n <= len || strncasecmp(line, name, len) != 0 || line[len] != ':')
		return;
	line += len + 1;
	n -= len + 1;
	while (n > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		n--;
	}
	while (n > 0 && (unsigned char)line[n - 1] <= ' ')
		n--;
	if (n < size) {
		memcpy(out, line, n);
		out[n] = '\0';
	}
}

/* Seconds, "12.5" too, or a date. */
static int64_t
retry_after(const char *text)
{
	time_t at;
	double s;
	char *end;

	if (text[0] == '\0')
		return -1;
	s = strtod(text, &end);
	if (*end == '\0' && s >= 0 && s < 1e9)
		return (int64_t)(s + 0.999);
	at = curl_getdate(text, NULL);
	if (at < 0)
		return -1;
	at -= clock_now_s(clock_system());
	return at > 0 ? at : 0;
}

static void
forget_answer(struct http_response *r)
{
	r->status = 0;
	r->etag[0] = r->last_modified[0] = r->content_type[0] = r->location[0] = '\0';
	r->retry_after_s = -1;
}

/* "Name: value" as two texts; what is no header is passed over. */
static void
tell_header(const struct http_request *req, const char *line, size_t n)
{
	char text[4096], *value;

	if (req->header == NULL || n >= sizeof(text))
		return;
	memcpy(text, line, n);
	while (n > 0 && (unsigned char)text[n - 1] <= ' ')
		n--;
	text[n] = '\0';
	if (strlen(text) != n || (value = strchr(text, ':')) == NULL)
		return;
	*value++ = '\0';
	req->header(req->header_arg, text, value + strspn(value, " \t"));
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	struct http_response *r = x->ret;
	char wait[128] = "";

	n *= size;
	if (n > 5 && memcmp(p, "HTTP/", 5) == 0) {
		forget_answer(r); /* this is the next one, after a redirect */
		x->head_ended = false;
	}
	if (n > 0 && (p[0] == '\r' || p[0] == '\n'))
		x->head_ended = true;
	take_header(p, n, "ETag", r->etag, sizeof(r->etag));
	take_header(p, n, "Last-Modified", r->last_modified, sizeof(r->last_modified));
	take_header(p, n, "Content-Type", r->content_type, sizeof(r->content_type));
	take_header(p, n, "Location", r->location, sizeof(r->location));
	take_header(p, n, "Retry-After", wait, sizeof(wait));
	if (wait[0] != '\0')
		r->retry_after_s = retry_after(wait);
	tell_header(x->req, p, n);
	return n;
}

static int
on_progress(void *arg, curl_off_t total, curl_off_t got, curl_off_t up, curl_off_t sent)
{
	struct exchange *x = arg;

	(void)up, (void)sent;
	if (x->req->progress != NULL)
		x->stopped = !x->req->progress(x->req->progress_arg,
		    (uint64_t)(got > 0 ? got : 0), (uint64_t)(total > 0 ? total : 0));
	return x->stopped ? 1 : 0;
}

static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct exchange *x = arg;

	(void)purpose;
	if (!net_address_ok(&address->addr, x->req->guard)) {
		x->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(
	    address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- options ---- */

/* 80, 443, 8443 and the unprivileged ones: no mail servers, no ssh. */
static bool
is_port_ok(const char *port)
{
	uint64_t n = 443;

	if (port[0] == '\0')
		return true;
	return str_u64(port, &n) && (n == 80 || n == 443 || (n >= 1024 && n < 65536));
}

static enum err_code
check_url(const struct http_request *req, struct err *e)
{
	struct arena *a = arena_new();
	struct url_parts parts;
	bool good = url_split(a, req->url, &parts) &&
		    (str_eq(parts.scheme, "http") || str_eq(parts.scheme, "https"));

	if (good && req->guard != NULL)
		good = !parts.has_user && is_port_ok(parts.port);
	arena_free(a);
	return good ? ERR_OK
		    : err_set(e, ERR_INPUT, "not an address that can be fetched");
}

static void
add_header(struct exchange *x, const char *line)
{
	x->headers = curl_slist_append(x->headers, line);
}

static void
set_headers(struct exchange *x, CURL *c)
{
	char line[512];

	add_header(x, "Expect:");
	if (x->req->etag != NULL && strpbrk(x->req->etag, "\r\n") == NULL) {
		(void)snprintf(line, sizeof(line), "If-None-Match: %s", x->req->etag);
		add_header(x, line);
	}
	if (x->req->last_modified != NULL &&
	    strpbrk(x->req->last_modified, "\r\n") == NULL) {
		(void)snprintf(
		    line, sizeof(line), "If-Modified-Since: %s", x->req->last_modified);
		add_header(x, line);
	}
	/* CR or LF would add headers of somebody else's making */
	for (size_t i = 0; x->req->headers != NULL && x->req->headers[i] != NULL; i++)
		if (strpbrk(x->req->headers[i], "\r\n") == NULL)
			add_header(x, x->req->headers[i]);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, x->headers);
}

static void
set_trust(struct exchange *x, CURL *c)
{
	const struct http_request *req = x->req;

	if (req->guard != NULL) {
		curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
		curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, x);
		curl_easy_setopt(
		    c, CURLOPT_PROXY, ""); /* the environment is not asked */
		curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	} else {
		if (req->proxy != NULL)
			curl_easy_setopt(c, CURLOPT_PROXY, req->proxy);
		curl_easy_setopt(
		    c, CURLOPT_FOLLOWLOCATION, req->keep_redirects ? 0L : 1L);
		curl_easy_setopt(c, CURLOPT_MAXREDIRS, MAX_REDIRECTS);
		curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	}
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_DEFAULT_PROTOCOL, "https");
	if (req->ca_file != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, req->ca_file);
}

static void
set_options(struct exchange *x, CURL *c, const char *user_agent)
{
	const struct http_request *req = x->req;

	curl_easy_setopt(c, CURLOPT_URL, req->url);
	curl_easy_setopt(c, CURLOPT_USERAGENT, user_agent);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	if (req->timeout_ms > 0)
		curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)req->timeout_ms);
	if (req->to_fd >= 0) {
		curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, STALL_S);
	}
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, x);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	if (str_eq(req->method, "HEAD")) {
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	} else if (req->method != NULL && !str_eq(req->method, "GET")) {
		curl_easy_setopt(
		    c, CURLOPT_POSTFIELDS, req->body != NULL ? req->body : "");
		curl_easy_setopt(
		    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, req->method);
	}
	set_headers(x, c);
	set_trust(x, c);
}

/* ---- outcome ---- */

static const struct {
	CURLcode rc;
	bool permanent;
	const char *words; /* NULL = the library's */
} failures[] = {
	{ CURLE_UNSUPPORTED_PROTOCOL, true, NULL },
	{ CURLE_URL_MALFORMAT, true, NULL },
	{ CURLE_PEER_FAILED_VERIFICATION, true, "the certificate is not trusted" },
	{ CURLE_SSL_CACERT_BADFILE, true, "the CA file cannot be read" },
	{ CURLE_TOO_MANY_REDIRECTS, true, "too many redirects" },
	{ CURLE_COULDNT_RESOLVE_HOST, false, "no such host" },
	{ CURLE_COULDNT_CONNECT, false, "no connection" },
	{ CURLE_OPERATION_TIMEDOUT, false, "timed out" },
	{ CURLE_GOT_NOTHING, false, "the peer hung up" },
	{ CURLE_RECV_ERROR, false, "the connection broke" },
	{ CURLE_SEND_ERROR, false, "the connection broke" },
	{ CURLE_PARTIAL_FILE, false, "the answer was cut short" },
};

static enum err_code
outcome(struct exchange *x, CURLcode rc, struct err *e)
{
	const char *words;

	/* to the library a head that breaks off is an answer without a body */
	if (rc == CURLE_OK && !x->head_ended)
		rc = CURLE_PARTIAL_FILE;
	if (rc == CURLE_OK)
		return ERR_OK;
	if (x->too_large)
		return err_set(e, ERR_LIMIT, "the answer is larger than %llu bytes",
		    (unsigned long long)x->req->max_bytes);
	if (x->stopped)
		return err_set(e, ERR_BUSY, "stopped");
	if (x->write_errno != 0)
		return err_set(e, ERR_STORAGE, "cannot keep the answer: %s",
		    strerror(x->write_errno));
	x->ret->permanent = x->refused;
	if (x->refused)
		return err_set(e, ERR_DENIED, "the address is not allowed");
	words = curl_easy_strerror(rc);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].rc != rc)
			continue;
		x->ret->permanent = failures[i].permanent;
		words = failures[i].words != NULL ? failures[i].words : words;
	}
	return err_set(e, ERR_UNREACHABLE, "%s", words);
}

/* ---- file:// ---- */

static enum err_code
copy_file(int fd, struct exchange *x, struct err *e)
{
	char window[65536];
	ssize_t n;

	while ((n = read(fd, window, sizeof(window))) > 0)
		if (on_body(window, 1, (size_t)n, x) != (size_t)n)
			return outcome(x, CURLE_WRITE_ERROR, e);
	if (n < 0)
		return err_set(e, ERR_STORAGE, "cannot read: %s", strerror(errno));
	x->ret->bytes = x->got;
	return ERR_OK;
}

static enum err_code
get_file(struct exchange *x, const char *path, struct err *e)
{
	struct http_response *r = x->ret;
	struct stat st;
	enum err_code rc = ERR_OK;
	/* a pipe in that place would keep open() waiting for a writer */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	r->status = 200;
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return err_set(e, ERR_UNREACHABLE, "%s: %s", path, strerror(errno));
	if (fd < 0) {
		r->status = 404;
		return ERR_OK;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return err_set(e, ERR_INPUT, "%s is no file", path);
	}
	(void)snprintf(r->etag, sizeof(r->etag), "\"%lld.%09ld-%lld\"",
	    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long long)st.st_size);
	if (str_eq(r->etag, x->req->etag))
		r->status = 304;
	else
		rc = copy_file(fd, x, e);
	(void)close(fd);
	return rc;
}

static enum err_code
file_request(struct exchange *x, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = x->req->url + strlen("file://"), *decoded;
	enum err_code rc;

	if (x->req->guard != NULL || path[0] != '/' ||
	    !url_decode(a, path, strlen(path), &decoded))
		rc = err_set(e, ERR_INPUT, "not an address that can be fetched");
	else
		rc = get_file(x, decoded, e);
	arena_free(a);
	return rc;
}

/* ---- the door ---- */

enum err_code
net_http(struct net *n, const struct http_request *req, struct http_response *ret,
    struct err *e)
{
	const struct net_curl *curl = (const struct net_curl *)n;
	struct exchange x = { .magic = EXCHANGE_MAGIC, .req = req, .ret = ret };
	curl_off_t bytes = 0;
	long status = 0;
	enum err_code rc;
	CURL *c;

	forget_answer(ret);
	ret->bytes = 0;
	ret->permanent = false;
	if (str_starts(req->url, "file://"))
		return file_request(&x, e);
	if ((rc = check_url(req, e)) != ERR_OK)
		return rc;
	/* One handle a request: nothing is shared between trusted and users' URLs. */
	if ((c = curl_easy_init()) == NULL)
		return err_set(e, ERR_LIMIT, "no HTTP handle");
	set_options(&x, c, curl->user_agent);
	rc = outcome(&x, curl_easy_perform(c), e);
	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(c, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
	ret->status = (int)status;
	ret->bytes = (uint64_t)bytes;
	curl_slist_free_all(x.headers);
	curl_easy_cleanup(c);
	return rc;
}

static void
free_curl(struct net *n)
{
	struct net_curl *curl = (struct net_curl *)n;

	free(curl->user_agent);
	free(curl);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode init_result;

static void
init_library(void)
{
	init_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum err_code
net_curl_new(struct net **ret, const char *user_agent, struct err *e)
{
	struct net_curl *curl;

	(void)pthread_once(&once, init_library);
	if (init_result != CURLE_OK)
		return err_set(
		    e, ERR_BUG, "libcurl: %s", curl_easy_strerror(init_result));
	curl = mem_zalloc(sizeof(*curl));
	curl->net = (struct net){ net_http, net_mail, free_curl };
	curl->user_agent = mem_strdup(user_agent);
	*ret = &curl->net;
	return ERR_OK;
}

void
net_free(struct net *n)
{
	if (n != NULL)
		n->free(n);
}
