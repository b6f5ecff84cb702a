/* SPDX-License-Identifier: Apache-2.0 */
/* docs/API.md and /v1/openapi.json, both made from the table of routes. */
#include <string.h>

#include "core/buf.h"
#include "core/json_write.h"
#include "core/str.h"
#include "server/routes.h"

/* ---- Markdown ---- */

void
routes_document(struct buf *out)
{
	buf_adds(out,
	    "# REST API\n\n"
	    "Made from the route table by `tocsin check-config --document-api`; a test "
	    "keeps "
	    "the two equal. The same table gives `/v1/openapi.json`.\n\n"
	    "Tokens go into `Authorization: Bearer tcs_...`; the column `needs` names "
	    "the "
	    "least scope. `submit` registers images and asks about them, `read` sees "
	    "everything of its team, `write` changes it, `admin` makes tokens and runs "
	    "feeds; "
	    "`auditor` may GET everything and write nothing; an `operator` is an admin "
	    "of all "
	    "teams, who says `?team=NAME` where one team is meant. Another team's "
	    "object is "
	    "404.\n\n"
	    "Times are RFC 3339 in UTC; ids and event numbers are texts; names may "
	    "stand "
	    "wherever an id may, with `/` written as `%2F`. Collections are "
	    "`{\"items\":[...],\"next_cursor\":...}`, with `count` where the total is "
	    "known; "
	    "`limit` goes up to 500. Errors are `application/problem+json` (RFC 9457). "
	    "An "
	    "unknown parameter is an error.\n\n"
	    "| call | needs | parameters | does |\n|---|---|---|---|\n");
	for (const struct route *r = routes; r->method != NULL; r++) {
		buf_printf(out, "| `%s %s` | %s | ", r->method, r->pattern,
		    access_name(r->access));
		for (size_t i = 0; r->params != NULL && r->params[i] != NULL; i++)
			buf_printf(out, "%s`%s`", i > 0 ? " " : "", r->params[i]);
		buf_printf(
		    out, "%s | %s |\n", r->labels ? " `label.KEY`" : "", r->summary);
	}
}

/* ---- OpenAPI 3.1 ---- */

static void
write_parameter(struct json_writer *w, const char *name, size_t n, const char *in)
{
	jw_object(w);
	jw_key(w, "name");
	jw_textn(w, name, n);
	jw_ktext(w, "in", in);
	if (str_eq(in, "path"))
		jw_kbool(w, "required", true);
	jw_key(w, "schema");
	jw_object(w);
	jw_ktext(w, "type",
	    n == 5 && strncmp(name, "limit", 5) == 0 && str_eq(in, "query") ? "integer"
									    : "string");
	jw_object_end(w);
	jw_object_end(w);
}

static void
write_parameters(struct json_writer *w, const struct route *r)
{
	jw_key(w, "parameters");
	jw_array(w);
	for (const char *p = strchr(r->pattern, '{'); p != NULL; p = strchr(p + 1, '{'))
		write_parameter(w, p + 1, strcspn(p + 1, "}"), "path");
	for (size_t i = 0; r->params != NULL && r->params[i] != NULL; i++)
		write_parameter(w, r->params[i], strlen(r->params[i]), "query");
	if (r->access != ACCESS_OPEN)
		write_parameter(w, "team", 4, "query");
	jw_array_end(w);
}

static void
write_response(
    struct json_writer *w, const char *status, const char *text, const char *type)
{
	jw_key(w, status);
	jw_object(w);
	jw_ktext(w, "description", text);
	jw_key(w, "content");
	jw_object(w);
	jw_key(w, type);
	jw_object(w);
	jw_key(w, "schema");
	jw_object(w);
	if (!str_eq(type, "application/json"))
		jw_ktext(w, "$ref", "#/components/schemas/Problem");
	else
		jw_ktext(w, "type", "object");
	jw_object_end(w);
	jw_object_end(w);
	jw_object_end(w);
	jw_object_end(w);
}

static void
write_operation_id(struct json_writer *w, const struct route *r)
{
	char id[128];
	size_t n = 0;

	for (const char *p = r->method; *p != '\0' && n < sizeof(id) - 1; p++)
		id[n++] = (char)(*p | 0x20);
	for (const char *p = r->pattern; *p != '\0' && n < sizeof(id) - 1; p++)
		if (*p != '{' && *p != '}')
			id[n++] = *p == '/' || *p == '.' ? '_' : *p;
	jw_key(w, "operationId");
	jw_textn(w, id, n);
}

static void
write_operation(struct json_writer *w, const struct route *r)
{
	char method[8] = "";

	for (size_t i = 0; r->method[i] != '\0' && i < sizeof(method) - 1; i++)
		method[i] = (char)(r->method[i] | 0x20);
	jw_key(w, method);
	jw_object(w);
	write_operation_id(w, r);
	jw_ktext(w, "summary", r->summary);
	jw_ktext(w, "x-needs", access_name(r->access));
	if (r->access == ACCESS_OPEN) {
		jw_key(w, "security");
		jw_array(w);
		jw_array_end(w);
	}
	write_parameters(w, r);
	if (!str_eq(r->method, "GET") && !str_eq(r->method, "DELETE")) {
		jw_key(w, "requestBody");
		jw_object(w);
		jw_key(w, "content");
		jw_object(w);
		jw_key(w, r->takes_document ? "*/*" : "application/json");
		jw_object(w);
		jw_object_end(w);
		jw_object_end(w);
		jw_object_end(w);
	}
	jw_key(w, "responses");
	jw_object(w);
	write_response(w, "2XX", "Done.", "application/json");
	write_response(w, "default", "What went wrong.", "application/problem+json");
	jw_object_end(w);
	jw_object_end(w);
}

static void
write_paths(struct json_writer *w)
{
	jw_key(w, "paths");
	jw_object(w);
	for (const struct route *r = routes; r->method != NULL; r++) {
		bool is_first = true;

		for (const struct route *b = routes; b < r; b++)
			is_first = is_first && !str_eq(b->pattern, r->pattern);
		if (!is_first)
			continue;
		jw_key(w, r->pattern);
		jw_object(w);
		for (const struct route *o = r; o->method != NULL; o++)
			if (str_eq(o->pattern, r->pattern))
				write_operation(w, o);
		jw_object_end(w);
	}
	jw_object_end(w);
}

void
routes_openapi(struct buf *out)
{
	static const char components[] =
	    "{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"
	    ","
	    "\"schemas\":{\"Problem\":{\"type\":\"object\",\"properties\":{"
	    "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
	    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"}}}}}";
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "openapi", "3.1.0");
	jw_key(&w, "info");
	jw_object(&w);
	jw_ktext(&w, "title", "tocsin");
	jw_ktext(&w, "version", TOCSIN_VERSION);
	jw_ktext(&w, "summary", "Which of our images are affected?");
	jw_object_end(&w);
	jw_key(&w, "security");
	jw_raw(&w, "[{\"token\":[]}]", strlen("[{\"token\":[]}]"));
	write_paths(&w);
	jw_key(&w, "components");
	jw_raw(&w, components, strlen(components));
	jw_object_end(&w);
}
