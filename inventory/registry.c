/* SPDX-License-Identifier: Apache-2.0 */
/* One request at a registry: let in, redirected, tried again; see registry.h. */
#include "inventory/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/url.h"
#include "inventory/registry_private.h"

#define TIMEOUT_MS      60000
#define BLOB_TIMEOUT_MS ((int64_t)60 * 60 * 1000)
#define TRIES           4
#define MAX_REDIRECTS   5
#define BACKOFF_MS      1000
/* Who wants us to stay away longer is asked again at another time. */
#define PATIENCE_MS 60000

struct registry *
registry_new(const struct registry_options *o)
{
	struct registry *r = mem_zalloc(sizeof(*r));

	r->o = *o;
	r->a = arena_new();
	r->wait_s = r->pulls_left = -1;
	return r;
}

void
registry_free(struct registry *r)
{
	if (r == NULL)
		return;
	arena_free(r->a);
	free(r);
}

int64_t
registry_wait_s(const struct registry *r)
{
	return r->wait_s;
}

int64_t
registry_pulls_left(const struct registry *r)
{
	return r->pulls_left;
}

/* ---- where ---- */

static const struct registry_config *
find_settings(const struct registry *r, const char *domain)
{
	for (size_t i = 0; i < r->o.n_settings; i++)
		if (glob_match(r->o.settings[i].match, domain))
			return &r->o.settings[i];
	return NULL;
}

/* As docker has it: what this machine itself serves may be spoken to in the clear. */
static bool
is_loopback(const char *domain)
{
	return str_eq(domain, "localhost") || str_starts(domain, "localhost:") ||
	       str_starts(domain, "127.") || str_starts(domain, "[::1]");
}

void
registry_place(struct registry *r, const char *domain, const char *repository,
    const char *scope, struct arena *a, struct place *ret)
{
	const struct registry_config *s = find_settings(r, domain);
	bool plain = s != NULL ? s->plain_http : is_loopback(domain);

	*ret = (struct place){
		.domain = domain,
		.repository = repository,
		.scope = scope,
		.settings = s,
		.is_trusted = r->o.trusts_all || s != NULL,
	};
	if (s != NULL && s->mirror != NULL)
		ret->base = s->mirror;
	else
		ret->base = arena_printf(a, "%s://%s", plain ? "http" : "https",
		    str_eq(domain, "docker.io") ? "registry-1.docker.io" : domain);
}

/* ---- one exchange ---- */

void
got_done(struct got *g)
{
	buf_done(&g->http.body);
}

struct taking {
	struct got *got;
	struct arena *a;
};

static void
take_challenge(struct taking *t, const char *value)
{
	struct challenge c;

	/* of several, a token beats a password */
	if (!challenge_parse(value, t->a, &c) ||
	    (t->got->has_challenge && !c.is_bearer))
		return;
	t->got->challenge = c;
	t->got->has_challenge = true;
}

static void
take_header(void *arg, const char *name, const char *value)
{
	struct taking *t = arg;
	uint64_t n;

	if (strcasecmp(name, "Docker-Content-Digest") == 0)
		t->got->content_digest = arena_strdup(t->a, value);
	else if (strcasecmp(name, "Link") == 0)
		t->got->link = arena_strdup(t->a, value);
	else if (strcasecmp(name, "OCI-Filters-Applied") == 0)
		t->got->filters = arena_strdup(t->a, value);
	else if (strcasecmp(name, "WWW-Authenticate") == 0)
		take_challenge(t, value);
	else if (strcasecmp(name, "RateLimit-Remaining") == 0 &&
		 str_u64(arena_strndup(t->a, value, strcspn(value, ";")), &n))
		t->got->pulls_left = (int64_t)n;
}

static bool
tell(void *arg, uint64_t got, uint64_t total)
{
	struct registry *r = arg;

	return r->o.progress == NULL || r->o.progress(r->o.arg, got, total);
}

/* One request to URL, with or without the pass. */
static enum err_code
exchange(struct registry *r, const struct place *p, const struct want *want,
    const char *url, const char *pass, struct arena *a, struct got *ret, struct err *e)
{
	const struct net_guard guard = { .allow_cidrs = r->o.allow_cidrs };
	const char *headers[3] = { NULL, NULL, NULL };
	struct taking taking = { .got = ret, .a = a };
	struct http_request req = {
		.method = want->method,
		.url = url,
		.headers = headers,
		.guard = p->is_trusted ? NULL : &guard,
		.ca_file = p->settings != NULL ? p->settings->ca_file : NULL,
		.proxy = p->settings != NULL ? p->settings->proxy : NULL,
		.keep_redirects = true,
		.header = take_header,
		.header_arg = &taking,
		.to_fd = want->fd,
		.max_bytes = want->max_bytes,
		.timeout_ms = want->fd >= 0 ? BLOB_TIMEOUT_MS : TIMEOUT_MS,
		.progress = want->fd >= 0 ? tell : NULL,
		.progress_arg = r,
	};
	size_t n = 0;

	if (want->accept != NULL)
		headers[n++] = arena_printf(a, "Accept: %s", want->accept);
	headers[n] = pass;
	memset(ret, 0, sizeof(*ret));
	ret->pulls_left = -1;
	ret->http.retry_after_s = -1;
	buf_init(&ret->http.body, want->fd >= 0 ? 1 : want->max_bytes);
	return r->o.net->http(r->o.net, &req, &ret->http, e);
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 ||
	       status == 308;
}

static bool
same_host(const char *one, const char *other, struct arena *a)
{
	struct url_parts x, y;

	return url_split(a, one, &x) && url_split(a, other, &y) &&
	       str_eq(x.scheme, y.scheme) && str_caseeq(x.host, y.host) &&
	       str_eq(x.port, y.port);
}

/* What a redirect's answer wrote into the file goes. */
static enum err_code
rewind_to(const struct want *want, off_t start, struct err *e)
{
	if (want->fd < 0 || (ftruncate(want->fd, start) == 0 &&
				lseek(want->fd, start, SEEK_SET) == start))
		return ERR_OK;
	return err_set(e, ERR_STORAGE, "spool: %s", strerror(errno));
}

/*
 * Follow where the registry sends us.  Storage behind it is often another host, which has
 * no business with the pass, and a way out of https there is none.
 */
static enum err_code
exchange_redirected(struct registry *r, const struct place *p, const struct want *want,
    const char *url, off_t start, struct arena *a, struct got *ret, struct err *e)
{
	const char *pass = registry_pass(r, p);

	for (int i = 0;; i++) {
		const char *next;
		enum err_code rc;

		if ((rc = rewind_to(want, start, e)) != ERR_OK)
			return rc;
		rc = exchange(r, p, want, url, pass, a, ret, e);
		if (rc != ERR_OK || !is_redirect(ret->http.status) ||
		    ret->http.location[0] == '\0')
			return rc;
		next = url_join(a, url, ret->http.location);
		got_done(ret);
		/* asking again would lead the same way */
		ret->http.permanent = true;
		if (i == MAX_REDIRECTS)
			return err_set(e, ERR_UNREACHABLE, "too many redirects");
		if (str_starts(url, "https://") && !str_starts(next, "https://"))
			return err_set(e, ERR_DENIED, "a redirect leads out of https");
		if (!same_host(url, next, a))
			pass = NULL;
		url = next;
	}
}

/* ---- what an answer means ---- */

/* {"errors":[{"code","message"}]} in a few words; "" if it is something else. */
static const char *
error_words(const struct got *g, struct arena *a)
{
	struct json *j = NULL;
	const struct json *first;
	const char *code, *message, *words = "";

	if (g->http.body.len == 0 ||
	    json_parse(&j, buf_str(&g->http.body), g->http.body.len, NULL) != ERR_OK)
		return "";
	first = json_at(json_get(j, "errors"), 0);
	code = json_str(json_get(first, "code"));
	message = json_str(json_get(first, "message"));
	if (code != NULL || message != NULL)
		words = arena_printf(a, ": %s%s%s", str_or_empty(code),
		    code != NULL && message != NULL ? ", " : "", str_or_empty(message));
	json_free(j);
	return utf8_clean(a, words, strlen(words), 300, true);
}

static enum err_code
judge(struct registry *r, const struct place *p, const struct got *g, struct arena *a,
    struct err *e)
{
	const char *words = error_words(g, a);
	int status = g->http.status;

	r->wait_s = -1;
	if (status >= 200 && status < 300)
		return ERR_OK;
	switch (status) {
	case 404:
		return err_set(
		    e, ERR_NOTFOUND, "%s has no such thing (404%s)", p->domain, words);
	case 401:
	case 403:
		return err_set(e, ERR_DENIED,
		    "%s does not let us in (%d%s): wrong or no credentials, or there "
		    "is no such repository",
		    p->domain, status, words);
	case 429:
		r->wait_s = g->http.retry_after_s;
		return err_set(e, ERR_BUSY, "%s has had too many requests (429%s)",
		    p->domain, words);
	default:
		return err_set(
		    e, ERR_UNREACHABLE, "%s says %d%s", p->domain, status, words);
	}
}

static bool
is_worth_another(const struct got *g, enum err_code rc)
{
	if (rc == ERR_UNREACHABLE)
		return !g->http.permanent;
	return rc == ERR_OK && (g->http.status == 429 || g->http.status >= 500);
}

static enum err_code
pause_ms(struct registry *r, int64_t ms, struct err *e)
{
	const struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000 };

	if (r->o.sleep_ms != NULL)
		return r->o.sleep_ms(r->o.arg, ms) == 0
			   ? ERR_OK
			   : err_set(e, ERR_BUSY, "stopped");
	(void)nanosleep(&t, NULL);
	return ERR_OK;
}

/* The answer to the first 401 is to log in, once. */
static enum err_code
let_in(struct registry *r, const struct place *p, const struct want *want,
    const char *url, off_t start, struct arena *a, struct got *ret, struct err *e)
{
	enum err_code rc = exchange_redirected(r, p, want, url, start, a, ret, e);
	struct challenge c;

	if (rc != ERR_OK || ret->http.status != 401 || !ret->has_challenge)
		return rc;
	c = ret->challenge;
	got_done(ret);
	rc = registry_login(r, p, &c, a, e);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", p->domain);
	return exchange_redirected(r, p, want, url, start, a, ret, e);
}

enum err_code
registry_ask(struct registry *r, const struct place *p, const struct want *want,
    struct arena *a, struct got *ret, struct err *e)
{
	const char *url = strstr(want->path, "://") != NULL
			      ? want->path
			      : arena_printf(a, "%s%s", p->base, want->path);
	off_t start = want->fd >= 0 ? lseek(want->fd, 0, SEEK_CUR) : 0;
	int64_t wait_ms = BACKOFF_MS;
	enum err_code rc;

	for (int i = 1;; i++) {
		rc = let_in(r, p, want, url, start, a, ret, e);
		if (rc == ERR_OK && ret->pulls_left >= 0)
			r->pulls_left = ret->pulls_left;
		if (i == TRIES || !is_worth_another(ret, rc))
			break;
		if (ret->http.retry_after_s * 1000 > wait_ms)
			wait_ms = ret->http.retry_after_s * 1000;
		if (wait_ms > PATIENCE_MS)
			break;
		got_done(ret);
		if ((rc = pause_ms(r, wait_ms, e)) != ERR_OK)
			return rc;
		wait_ms *= 2;
	}
	return rc == ERR_OK ? judge(r, p, ret, a, e) : err_wrap(e, rc, "%s", p->domain);
}
