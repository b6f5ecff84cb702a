/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests in, answers out, over libmicrohttpd 0.9.75.  Its traps, and where they are
 * closed: a body has no limit of its own (collect), both length headers are accepted
 * (check_framing), an encoded NUL cuts the path short (the raw one is kept by
 * keep_raw_uri), inactivity is the only time-out (deadline in collect), a query parameter
 * may come twice (read_params), 4xx of its own are HTML (bad framing is answered here).
 */
#include "server/http_server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/str.h"
#include "server/live.h"
#include "server/metrics.h"
#include "server/problem.h"
#include "server/routes.h"
#include "server/token.h"

#define CALL_MAGIC       0x70c51ca1u
#define MAX_PARAMS       64
#define MAX_URI          8192
#define BODY_DEADLINE_MS 120000
#define IDLE_TIMEOUT_S   30
/* The body of a refused request is still read, so that the client sees the answer and not
 * a broken pipe; not more of it than this. */
#define MAX_SWALLOW ((size_t)16 << 20)
/* A token's use is worth a write once a minute. */
#define TOKEN_USED_S 60

/* What one thread of the pool works with. */
struct http_thread {
	struct worker worker, reader;
	struct http_thread *next;
};

struct http_server {
	struct MHD_Daemon *daemon;
	struct live *live;
	pthread_key_t thread_key;
	pthread_mutex_t lock;        /* guards 'threads' */
	struct http_thread *threads; /* owned; freed at stop */
};

/* One request on its way through the library. */
struct call {
	unsigned magic;
	struct http_server *server;
	struct arena *arena;
	struct request request;
	const struct route *route; /* NULL: refused, see 'response' */
	struct response response;
	struct buf body;
	size_t max_body;
	int64_t started_ms;
	size_t swallowed; /* bytes of a body that nobody wants */
	bool refused;     /* the answer is ready before the handler */
	bool
	    unframed; /* nobody knows where the body ends: not one byte of it is read */
	bool checked; /* first call is over */
};

const char *
request_param(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->n_params; i++)
		if (str_eq(r->params[i].key, name))
			return r->params[i].value;
	return NULL;
}

/* ---- threads ---- */

static struct http_thread *
this_thread(struct http_server *s, struct err *e)
{
	struct http_thread *t = pthread_getspecific(s->thread_key);

	if (t == NULL) {
		t = mem_zalloc(sizeof(*t));
		if (live_worker(s->live, false, &t->worker, e) != ERR_OK) {
			free(t);
			return NULL;
		}
		if (live_worker(s->live, true, &t->reader, e) != ERR_OK) {
			live_worker_done(&t->worker);
			free(t);
			return NULL;
		}
		pthread_mutex_lock(&s->lock);
		t->next = s->threads;
		s->threads = t;
		pthread_mutex_unlock(&s->lock);
		(void)pthread_setspecific(s->thread_key, t);
	}
	t->worker.config = t->reader.config = live_config(s->live)->config;
	return t;
}

/* ---- the first call: everything that can be refused without the body ---- */

static void
refuse(struct call *c, int status, const char *detail)
{
	problem_write(&c->response, status, detail);
	c->refused = true;
}

struct header_scan {
	unsigned lengths, encodings, hosts;
};

static enum MHD_Result
scan_header(void *arg, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct header_scan *s = arg;

	(void)kind, (void)value;
	s->lengths += str_caseeq(key, "content-length");
	s->encodings += str_caseeq(key, "transfer-encoding");
	s->hosts += str_caseeq(key, "host");
	return MHD_YES;
}

/* Two ways to say where a body ends are one too many: that is how smuggling begins. */
static bool
check_framing(struct call *c, struct MHD_Connection *conn)
{
	struct header_scan s = { 0 };

	(void)MHD_get_connection_values(conn, MHD_HEADER_KIND, scan_header, &s);
	if (s.lengths > 1 || s.encodings > 1 || (s.lengths > 0 && s.encodings > 0)) {
		refuse(c, 400, "the request says twice how long its body is");
		c->unframed = true;
		return false;
	}
	if (s.hosts != 1) {
		refuse(c, 400, "a request needs one Host header");
		return false;
	}
	return true;
}

static bool
read_params(struct call *c, const char *query)
{
	struct request *r = &c->request;

	if (!url_query(r->arena, query, &r->params, &r->n_params) ||
	    r->n_params > MAX_PARAMS) {
		refuse(c, 400, "the query cannot be read");
		return false;
	}
	for (size_t i = 0; i < r->n_params; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(r->params[i].key, r->params[j].key)) {
				refuse(c, 400,
				    arena_printf(r->arena,
					"parameter %s is given twice",
					r->params[i].key));
				return false;
			}
	return true;
}

static bool
is_known_param(const struct route *route, const char *name)
{
	for (size_t i = 0; route->params != NULL && route->params[i] != NULL; i++)
		if (str_eq(route->params[i], name))
			return true;
	if (route->labels && str_starts(name, "label."))
		return true;
	return str_eq(name, "team") && route->access != ACCESS_OPEN;
}

static bool
check_params(struct call *c)
{
	struct request *r = &c->request;

	for (size_t i = 0; i < r->n_params; i++)
		if (!is_known_param(c->route, r->params[i].key)) {
			refuse(c, 400,
			    arena_printf(r->arena, "no parameter \"%s\" here",
				r->params[i].key));
			return false;
		}
	return true;
}

static bool
find_route(struct call *c)
{
	int status = 404;
	const char *allow = NULL;

	c->route = route_find(&c->request, &status, &allow);
	if (c->route != NULL)
		return true;
	refuse(c, status,
	    status == 405   ? "not with this method"
	    : status == 400 ? "the path cannot be read"
			    : "no such address");
	c->response.allow = allow;
	return false;
}

/* An operator's token may speak for one team. */
static bool
narrow_scope(struct call *c, struct worker *w)
{
	const char *team = request_param(&c->request, "team");
	struct scope *scope = &c->request.who.scope;
	struct err e = ERR_INIT;
	int64_t id = 0;

	if (team == NULL)
		return true;
	if (store_team_find(w->store, team, &id, &e) != ERR_OK ||
	    (!scope->all && id != scope->team_id)) {
		refuse(c, 404, "no such team");
		return false;
	}
	if (id != 0)
		*scope = (struct scope){ .team_id = id };
	return true;
}

static const char *
bearer(struct MHD_Connection *conn)
{
	const char *value =
	    MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Authorization");

	if (value == NULL || strncasecmp(value, "Bearer ", 7) != 0)
		return NULL;
	value += 7;
	return value + strspn(value, " ");
}

static bool
authenticate(struct call *c, struct MHD_Connection *conn, struct http_thread *t)
{
	struct principal *who = &c->request.who;
	const char *text = bearer(conn);
	int64_t now = clock_now_s(c->server->live->clock);
	unsigned char hash[32];
	struct token_row token;
	struct err e = ERR_INIT;
	enum err_code rc = ERR_DENIED;

	if (text != NULL && token_wellformed(text)) {
		token_hash(text, hash);
		rc =
		    store_token_check(t->reader.store, hash, now, c->arena, &token, &e);
	}
	if (rc != ERR_OK) {
		if (rc == ERR_DENIED)
			refuse(c, 401,
			    text == NULL ? "a token is needed: Authorization: Bearer "
					   "tcs_..."
					 : "the token is not valid");
		else
			refuse(c, 503, e.text);
		return false;
	}
	who->scope =
	    (struct scope){ .team_id = token.team_id, .all = token.team_id == 0 };
	who->token_scope = token.scope;
	who->actor = arena_printf(c->arena, "token:%s", token.name);
	who->is_operator = who->scope.all && token.scope == TOKEN_ADMIN;
	if (!route_allows(c->route, who)) {
		refuse(c, 403,
		    c->route->access == ACCESS_OPERATOR
			? "this needs an operator's token: tocsin token create --team "
			  "all --scope admin"
			: arena_printf(c->arena, "this needs a token of scope %s",
			      access_name(c->route->access)));
		return false;
	}
	if (now - token.last_used_at >= TOKEN_USED_S)
		(void)store_token_used(t->worker.store, token.id, now, NULL);
	return narrow_scope(c, &t->reader);
}

static void
read_headers(struct call *c, struct MHD_Connection *conn)
{
	const char *type =
	    MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Content-Type");
	const char *match =
	    MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "If-None-Match");
	size_t n = type != NULL ? strcspn(type, ";") : 0;

	c->request.content_type =
	    type != NULL ? str_trim(c->arena, str_lower(c->arena, type, n), n) : "";
	c->request.if_none_match = arena_strdup(c->arena, match);
}

static void
check_length(struct call *c, struct MHD_Connection *conn)
{
	const struct config *config = live_config(c->server->live)->config;
	const char *length =
	    MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Content-Length");
	uint64_t n = 0;

	c->max_body = (size_t)(c->route->takes_document ? config->max_upload
							: config->max_request);
	c->body.max = c->max_body;
	if (length == NULL)
		return;
	if (!str_u64(length, &n))
		refuse(c, 400, "Content-Length is no number");
	else if (n > c->max_body)
		refuse(c, 413,
		    arena_printf(c->arena, "the body may have %zu bytes", c->max_body));
}

static void
first_call(struct call *c, struct MHD_Connection *conn, const char *method)
{
	struct err e = ERR_INIT;
	struct http_thread *t = this_thread(c->server, &e);
	char *query = strchr(c->request.path, '?');

	if (t == NULL) {
		refuse(c, 503, e.text);
		return;
	}
	c->request.worker = &t->worker;
	c->request.reader = &t->reader;
	c->request.live = c->server->live;
	/* HEAD is GET without the body, which the library leaves out. */
	c->request.method =
	    str_eq(method, "HEAD") ? "GET" : arena_strdup(c->arena, method);
	if (strlen(c->request.path) > MAX_URI) {
		refuse(c, 414, "the address is too long");
		return;
	}
	if (query != NULL)
		*query++ = '\0';
	read_headers(c, conn);
	if (!check_framing(c, conn) || !read_params(c, query != NULL ? query : "") ||
	    !find_route(c) || !check_params(c))
		return;
	if (c->route->access != ACCESS_OPEN && !authenticate(c, conn, t))
		return;
	check_length(c, conn);
}

/* ---- the body, the handler, the answer ---- */

static void
run_handler(struct call *c)
{
	struct err e = ERR_INIT;
	enum err_code rc;

	c->request.body = buf_str(&c->body);
	c->request.body_len = c->body.len;
	rc = c->route->handle(&c->request, &c->response, &e);
	if (rc != ERR_OK)
		problem_of(&c->response, rc, e.text);
}

static void
add_header(struct MHD_Response *answer, const char *name, const char *value)
{
	/* Refused for CR, LF and the like: then the header is simply not there. */
	if (value != NULL)
		(void)MHD_add_response_header(answer, name, value);
}

static enum MHD_Result
send_answer(struct call *c, struct MHD_Connection *conn)
{
	struct response *r = &c->response;
	struct MHD_Response *answer;
	size_t len = r->body.len;
	char *body = buf_take(&r->body, NULL);
	enum MHD_Result rc;

	/* an answer without a body still wants memory to point at */
	if (body == NULL)
		body = mem_zalloc(1);
	answer = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	if (answer == NULL) {
		free(body);
		return MHD_NO;
	}
	add_header(answer, "Content-Type",
	    r->content_type != NULL ? r->content_type : "application/json");
	add_header(answer, "Cache-Control",
	    r->etag != NULL ? "private, no-cache" : "no-store");
	add_header(answer, "X-Content-Type-Options", "nosniff");
	if (r->content_type != NULL && str_starts(r->content_type, "text/html")) {
		add_header(answer, "Content-Security-Policy",
		    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; "
		    "base-uri 'none'");
		add_header(answer, "Referrer-Policy", "no-referrer");
	}
	add_header(answer, "Location", r->location);
	add_header(answer, "ETag", r->etag);
	add_header(answer, "Allow", r->allow);
	if (r->status == 401)
		add_header(answer, "WWW-Authenticate", "Bearer");
	if (r->retry_after_s > 0)
		add_header(answer, "Retry-After",
		    arena_printf(c->arena, "%d", r->retry_after_s));
	rc = MHD_queue_response(conn, (unsigned)r->status, answer);
	MHD_destroy_response(answer);
	metrics_request(r->status,
	    c->server->live->clock->mono_ms(c->server->live->clock) - c->started_ms);
	return rc;
}

/* Is a body on its way that is worth waiting for before the refusal is sent? */
static bool
may_swallow(const struct call *c, struct MHD_Connection *conn)
{
	const char *length =
	    MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Content-Length");
	uint64_t n = 0;

	/* who asks first is told at once */
	return !c->unframed && length != NULL && str_u64(length, &n) && n > 0 &&
	       n <= MAX_SWALLOW &&
	       MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Expect") == NULL;
}

/* A piece of the body; what is too much or too slow is swallowed and refused at the end.
 * false: the client goes on and on. */
static bool
collect(struct call *c, const char *data, size_t len)
{
	const struct clock *clock = c->server->live->clock;
	bool late = clock->mono_ms(clock) - c->started_ms > BODY_DEADLINE_MS;

	if (c->refused) {
		c->swallowed += len;
		return c->swallowed <= MAX_SWALLOW && !late;
	}
	buf_add(&c->body, data, len);
	if (c->body.full)
		refuse(c, 413,
		    arena_printf(c->arena, "the body may have %zu bytes", c->max_body));
	else if (late)
		refuse(c, 408, "the body took too long");
	return true;
}

static enum MHD_Result
handle(void *arg, struct MHD_Connection *conn, const char *url, const char *method,
    const char *version, const char *data, size_t *data_len, void **con_cls)
{
	struct call *c = *con_cls;

	(void)arg, (void)url, (void)version;
	if (c == NULL || c->magic != CALL_MAGIC)
		return MHD_NO;
	if (!c->checked) {
		c->checked = true;
		first_call(c, conn, method);
		return c->refused && !may_swallow(c, conn) ? send_answer(c, conn)
							   : MHD_YES;
	}
	if (*data_len > 0) {
		bool goes_on = collect(c, data, *data_len);

		*data_len = 0;
		return goes_on ? MHD_YES : MHD_NO;
	}
	if (!c->refused)
		run_handler(c);
	return send_answer(c, conn);
}

/* The very first thing the library calls: the address as it was sent. */
static void *
keep_raw_uri(void *arg, const char *uri, struct MHD_Connection *conn)
{
	struct http_server *s = arg;
	struct call *c = mem_zalloc(sizeof(*c));

	(void)conn;
	c->magic = CALL_MAGIC;
	c->server = s;
	c->arena = arena_new();
	c->request.arena = c->arena;
	c->request.path = arena_strdup(c->arena, uri);
	c->response.status = 200;
	c->response.body = BUF_INIT(256u << 20);
	c->body = BUF_INIT(0);
	c->started_ms = s->live->clock->mono_ms(s->live->clock);
	return c;
}

static void
completed(void *arg, struct MHD_Connection *conn, void **con_cls,
    enum MHD_RequestTerminationCode why)
{
	struct call *c = *con_cls;

	(void)arg, (void)conn, (void)why;
	if (c == NULL || c->magic != CALL_MAGIC)
		return;
	c->magic = 0;
	buf_done(&c->body);
	buf_done(&c->response.body);
	arena_free(c->arena);
	free(c);
	*con_cls = NULL;
}

/* ---- the server ---- */

enum err_code
http_server_start(
    struct http_server **ret, struct live *l, unsigned *ret_port, struct err *e)
{
	const struct config *c = live_config(l)->config;
	struct http_server *s;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
	enum err_code rc;
	int fd;

	if ((rc = http_listen(c->listen, &fd, ret_port, e)) != ERR_OK)
		return rc;
	s = mem_zalloc(sizeof(*s));
	s->live = l;
	pthread_mutex_init(&s->lock, NULL);
	(void)pthread_key_create(&s->thread_key, NULL);
	s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, s,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, keep_raw_uri, s,
	    MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_THREAD_POOL_SIZE,
	    (unsigned)(c->api_threads > 1 ? c->api_threads : 2),
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)c->api_connections,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)65536,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (s->daemon == NULL) {
		(void)close(fd);
		http_server_stop(s);
		return err_set(e, ERR_BUSY, "the HTTP server did not start");
	}
	*ret = s;
	return ERR_OK;
}

void
http_server_stop(struct http_server *s)
{
	struct http_thread *t, *next;

	if (s == NULL)
		return;
	if (s->daemon != NULL)
		MHD_stop_daemon(s->daemon);
	for (t = s->threads; t != NULL; t = next) {
		next = t->next;
		live_worker_done(&t->worker);
		live_worker_done(&t->reader);
		free(t);
	}
	(void)pthread_key_delete(s->thread_key);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
