/* SPDX-License-Identifier: Apache-2.0 */
/* The command line as a REST client; see cli_client.h. */
#include "server/cli_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/net.h"
#include "core/str.h"
#include "core/url.h"
#include "server/token.h"

#define DEFAULT_URL "http://127.0.0.1:8080"
#define MAX_ANSWER  (256u << 20)

static const char *
setting(const char *option, const char *variable, const char *fallback)
{
	const char *text = getenv(variable);

	if (option != NULL)
		return option;
	return text != NULL && text[0] != '\0' ? text : fallback;
}

enum err_code
client_open(struct client *c, const struct client_options *o, struct err *e)
{
	const char *url = setting(o->url, "TOCSIN_URL", DEFAULT_URL);
	char dir[512], token[128];
	enum err_code rc;

	memset(c, 0, sizeof(*c));
	c->arena = arena_new();
	if (o->output != NULL && !str_eq(o->output, "json") &&
	    !str_eq(o->output, "table"))
		return err_set(e, ERR_INPUT, "-o can be json or table");
	c->json = str_eq(o->output, "json");
	while (str_ends(url, "/"))
		url = arena_strndup(c->arena, url, strlen(url) - 1);
	c->url = url;
	c->token = setting(NULL, "TOCSIN_TOKEN", NULL);
	if (c->token == NULL) {
		if ((rc = config_state_dir(dir, sizeof(dir), e)) != ERR_OK ||
		    (rc = token_file_read(dir, token, sizeof(token), e)) != ERR_OK)
			return rc;
		c->token = arena_strdup(c->arena, token);
	}
	return net_curl_new(&c->net, "tocsin-cli/" TOCSIN_VERSION, e);
}

void
client_close(struct client *c)
{
	net_free(c->net);
	arena_free(c->arena);
}

const char *
client_path(struct client *c, const char *path, const char *text)
{
	return arena_printf(c->arena, "%s/%s", path, url_encode(c->arena, text, ""));
}

/* A problem document's detail, or what little is known. */
static enum err_code
failure(struct client *c, const struct http_response *r, struct err *e)
{
	static const struct {
		int status;
		enum err_code code;
	} codes[] = { { 400, ERR_INPUT }, { 401, ERR_DENIED }, { 403, ERR_DENIED },
		{ 404, ERR_NOTFOUND }, { 409, ERR_CONFLICT }, { 413, ERR_LIMIT },
		{ 415, ERR_UNSUPPORTED } };
	enum err_code code = ERR_UNREACHABLE;
	const char *detail = NULL;
	struct json *j = NULL;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].status == r->status)
			code = codes[i].code;
	if (json_parse(&j, buf_str(&r->body), r->body.len, NULL) == ERR_OK)
		detail = arena_strdup(c->arena, json_str(json_get(j, "detail")));
	json_free(j);
	return err_set(e, code, "%s (HTTP %d)",
	    detail != NULL ? detail : "the server failed", r->status);
}

enum err_code
client_call(struct client *c, const char *method, const char *path,
    const char *content_type, const char *body, size_t len, struct json **ret,
    struct err *e)
{
	const char *headers[] = {
		arena_printf(c->arena, "Authorization: Bearer %s", c->token),
		arena_printf(c->arena, "Content-Type: %s",
		    content_type != NULL ? content_type : "application/json"),
		NULL,
	};
	const struct http_request req = {
		.method = method,
		.url = arena_printf(c->arena, "%s%s", c->url, path),
		.headers = headers,
		.body = body,
		.body_len = len,
		.to_fd = -1,
		.max_bytes = MAX_ANSWER,
		.timeout_ms = 300000,
	};
	struct http_response answer = { .body = BUF_INIT(MAX_ANSWER) };
	enum err_code rc;

	*ret = NULL;
	rc = c->net->http(c->net, &req, &answer, e);
	if (rc == ERR_OK && answer.status >= 300)
		rc = failure(c, &answer, e);
	else if (rc == ERR_OK && answer.body.len > 0)
		rc = json_parse(ret, buf_str(&answer.body), answer.body.len, e);
	else if (rc == ERR_UNREACHABLE)
		(void)err_wrap(
		    e, rc, "no server at %s (start one with 'tocsin serve')", c->url);
	buf_done(&answer.body);
	return rc;
}

enum err_code
client_pages(struct client *c, const char *path,
    bool (*each)(void *arg, const struct json *item), void *arg, struct err *e)
{
	const char *cursor = "", *separator = strchr(path, '?') != NULL ? "&" : "?";

	for (;;) {
		const char *page = arena_printf(c->arena, "%s%slimit=500%s%s", path,
		    separator, cursor[0] != '\0' ? "&cursor=" : "",
		    url_encode(c->arena, cursor, ""));
		struct json *j = NULL;
		const struct json *items;
		enum err_code rc = client_call(c, "GET", page, NULL, NULL, 0, &j, e);
		bool go_on = true;

		if (rc != ERR_OK)
			return rc;
		items = json_get(j, "items");
		for (size_t i = 0; i < json_count(items) && go_on; i++)
			go_on = each(arg, json_at(items, i));
		cursor = arena_strdup(c->arena, json_str(json_get(j, "next_cursor")));
		json_free(j);
		if (!go_on || cursor == NULL)
			return ERR_OK;
	}
}

void
client_print(const struct json *j)
{
	struct buf text = BUF_INIT(MAX_ANSWER);

	json_print(j, &text);
	(void)fwrite(buf_str(&text), 1, text.len, stdout);
	(void)fputc('\n', stdout);
	buf_done(&text);
}

const char *
cell_text(const struct json *j, const char *key)
{
	const char *text = json_str(json_get(j, key));

	return text != NULL && text[0] != '\0' ? text : "-";
}
