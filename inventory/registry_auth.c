/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_auth - how a registry lets us in: a challenge names a place where tokens are
 * given, to whom shows a password, or to anybody; or it wants the password itself.
 */
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/url.h"
#include "inventory/registry_private.h"

#define TOKEN_TIMEOUT_MS 15000
/* What the protocol says a token lives if it does not say itself. */
#define TOKEN_S 60
/* A token is renewed before the last second. */
#define TOKEN_SPARE_S 5
#define MAX_TOKEN     65536

/* ---- challenges ---- */

static bool
begins_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	return strncasecmp(s, word, n) == 0 && (s[n] == ' ' || s[n] == '\0');
}

/* key="value", or key=value; *P moves behind it and the comma.  False at the end. */
static bool
next_param(
    const char **p, struct arena *a, const char **ret_key, const char **ret_value)
{
	const char *s = *p + strspn(*p, " ,"), *end;
	size_t n = strcspn(s, "= ,");

	if (n == 0 || s[n] != '=')
		return false;
	*ret_key = arena_strndup(a, s, n);
	s += n + 1;
	if (*s == '"') {
		end = strchr(++s, '"');
		if (end == NULL)
			return false;
		*ret_value = arena_strndup(a, s, (size_t)(end - s));
		*p = end + 1;
		return true;
	}
	n = strcspn(s, ", ");
	*ret_value = arena_strndup(a, s, n);
	*p = s + n;
	return true;
}

bool
challenge_parse(const char *text, struct arena *a, struct challenge *ret)
{
	const char *key, *value, *p;

	memset(ret, 0, sizeof(*ret));
	text += strspn(text, " ");
	ret->is_bearer = begins_word(text, "Bearer");
	ret->is_basic = begins_word(text, "Basic");
	if (!ret->is_bearer && !ret->is_basic)
		return false;
	p = text + strcspn(text, " ");
	while (next_param(&p, a, &key, &value)) {
		if (str_caseeq(key, "realm"))
			ret->realm = value;
		else if (str_caseeq(key, "service"))
			ret->service = value;
		else if (str_caseeq(key, "scope"))
			ret->scope = value;
	}
	return ret->is_basic || ret->realm != NULL;
}

/* ---- passes ---- */

const char *
registry_pass(struct registry *r, const struct place *p)
{
	int64_t now = clock_now_s(r->o.clock);

	for (size_t i = r->passes.n; i-- > 0;) {
		const struct pass *pass = &r->passes.at[i];

		if (str_eq(pass->domain, p->domain) && str_eq(pass->scope, p->scope) &&
		    (pass->until_s == 0 || pass->until_s > now))
			return pass->header;
	}
	return NULL;
}

static void
keep_pass(
    struct registry *r, const struct place *p, const char *header, int64_t until_s)
{
	for (size_t i = 0; i < r->passes.n; i++) {
		struct pass *pass = &r->passes.at[i];

		if (!str_eq(pass->domain, p->domain) || !str_eq(pass->scope, p->scope))
			continue;
		pass->header = arena_strdup(r->a, header);
		pass->until_s = until_s;
		return;
	}
	*ARENA_PUSH(r->a, &r->passes) = (struct pass){
		.domain = arena_strdup(r->a, p->domain),
		.scope = arena_strdup(r->a, p->scope),
		.header = arena_strdup(r->a, header),
		.until_s = until_s,
	};
}

/* ---- credentials ---- */

static enum err_code
find_credentials(struct registry *r, const struct place *p, struct arena *a,
    struct credentials *ret, struct err *e)
{
	const struct registry_config *s = p->settings;
	const char *path = s != NULL ? s->docker_config : NULL;

	memset(ret, 0, sizeof(*ret));
	if (s != NULL && s->user != NULL && s->password != NULL) {
		ret->user = s->user;
		ret->password = s->password;
		return ERR_OK;
	}
	if (path == NULL)
		path = r->o.docker_config != NULL ? r->o.docker_config
						  : docker_config_path(a);
	if (path == NULL)
		return ERR_NOTFOUND;
	return docker_config_find(path, p->domain, p->repository, a, ret, e);
}

static const char *
basic_header(const struct credentials *c, struct arena *a)
{
	const char *pair = arena_printf(a, "%s:%s", c->user, c->password);

	return arena_printf(
	    a, "Authorization: Basic %s", base64_encode(a, pair, strlen(pair)));
}

/* ---- tokens ---- */

/*
 * The place for tokens must be as safe as the registry itself: no password in the clear
 * unless the registry is spoken to in the clear, and no private address that a registry
 * in the open names.
 */
static enum err_code
check_realm(const struct place *p, const char *realm, struct arena *a, struct err *e)
{
	struct url_parts parts;

	if (!url_split(a, realm, &parts) ||
	    (!str_eq(parts.scheme, "https") && !str_eq(parts.scheme, "http")))
		return err_set(e, ERR_INPUT, "the place for tokens is no address");
	if (str_eq(parts.scheme, "http") && !str_starts(p->base, "http://"))
		return err_set(e, ERR_DENIED,
		    "the registry wants the password sent in the clear to %s",
		    parts.host);
	return ERR_OK;
}

static enum err_code
take_token(struct registry *r, const struct place *p, const struct json *j,
    struct arena *a, struct err *e)
{
	const char *token = json_str(json_get(j, "token"));
	double lives = json_num(json_get(j, "expires_in"));
	int64_t s = lives > 0 && lives < 1e7 ? (int64_t)lives : TOKEN_S;

	if (token == NULL || token[0] == '\0')
		token = json_str(json_get(j, "access_token"));
	if (token == NULL || token[0] == '\0' || strlen(token) > MAX_TOKEN ||
	    strpbrk(token, "\r\n") != NULL)
		return err_set(e, ERR_INPUT, "the place for tokens gave none");
	keep_pass(r, p, arena_printf(a, "Authorization: Bearer %s", token),
	    clock_now_s(r->o.clock) + (s > TOKEN_SPARE_S ? s - TOKEN_SPARE_S : 1));
	return ERR_OK;
}

static enum err_code
ask_token(struct registry *r, const struct place *p, struct http_request *req,
    struct arena *a, struct err *e)
{
	const struct net_guard guard = { .allow_cidrs = r->o.allow_cidrs };
	struct http_response answer = { .retry_after_s = -1 };
	struct json *j = NULL;
	enum err_code rc;

	req->guard = p->is_trusted ? NULL : &guard;
	req->ca_file = p->settings != NULL ? p->settings->ca_file : NULL;
	req->proxy = p->settings != NULL ? p->settings->proxy : NULL;
	req->keep_redirects = true;
	req->to_fd = -1;
	req->max_bytes = MAX_TOKEN * 4;
	req->timeout_ms = TOKEN_TIMEOUT_MS;
	buf_init(&answer.body, MAX_TOKEN * 4);
	rc = r->o.net->http(r->o.net, req, &answer, e);
	if (rc == ERR_OK && (answer.status == 401 || answer.status == 403))
		rc = err_set(e, ERR_DENIED, "the password is not accepted");
	else if (rc == ERR_OK && answer.status == 429)
		rc = err_set(e, ERR_BUSY, "too many requests for tokens");
	else if (rc == ERR_OK && answer.status != 200)
		rc = err_set(
		    e, ERR_UNREACHABLE, "the place for tokens says %d", answer.status);
	if (rc == ERR_OK)
		rc = json_parse(&j, buf_str(&answer.body), answer.body.len, e);
	if (rc == ERR_OK)
		rc = take_token(r, p, j, a, e);
	json_free(j);
	buf_done(&answer.body);
	return rc;
}

/* An identity token buys tokens by OAuth2 (POST), anything else by GET. */
static enum err_code
bearer_login(struct registry *r, const struct place *p, const struct challenge *c,
    const struct credentials *who, struct arena *a, struct err *e)
{
	const char *scope = c->scope != NULL ? c->scope : p->scope;
	const char *headers[] = { NULL, NULL };
	struct http_request req = { .headers = headers };
	enum err_code rc;

	if ((rc = check_realm(p, c->realm, a, e)) != ERR_OK)
		return rc;
	if (who->identity_token != NULL) {
		req.method = "POST";
		req.url = c->realm;
		headers[0] = "Content-Type: application/x-www-form-urlencoded";
		req.body = arena_printf(a,
		    "grant_type=refresh_token&client_id=tocsin&service=%s&scope=%s"
		    "&refresh_token=%s",
		    url_encode(a, str_or_empty(c->service), ""),
		    url_encode(a, scope, ""), url_encode(a, who->identity_token, ""));
		req.body_len = strlen(req.body);
		return ask_token(r, p, &req, a, e);
	}
	if (who->user != NULL)
		headers[0] = basic_header(who, a);
	req.url = arena_printf(a, "%s%sservice=%s&scope=%s", c->realm,
	    strchr(c->realm, '?') != NULL ? "&" : "?",
	    url_encode(a, str_or_empty(c->service), ""), url_encode(a, scope, ""));
	return ask_token(r, p, &req, a, e);
}

enum err_code
registry_login(struct registry *r, const struct place *p, const struct challenge *c,
    struct arena *a, struct err *e)
{
	struct credentials who;
	enum err_code rc = find_credentials(r, p, a, &who, e);

	if (rc != ERR_OK && rc != ERR_NOTFOUND)
		return rc;
	if (c->is_bearer)
		return bearer_login(r, p, c, &who, a, e);
	if (who.user == NULL)
		return err_set(e, ERR_DENIED, "a password is wanted");
	keep_pass(r, p, basic_header(&who, a), 0);
	return ERR_OK;
}
