/* SPDX-License-Identifier: Apache-2.0 */
/* Failures as problem documents; the one table from err_code to status. */
#include "server/problem.h"

#include <stddef.h>

#include "core/buf.h"
#include "core/json_write.h"
#include "server/http_server.h"

static const int statuses[] = {
	[ERR_OK] = 200,
	[ERR_NOTFOUND] = 404,
	[ERR_CONFLICT] = 409,
	[ERR_INPUT] = 400,
	[ERR_LIMIT] = 413,
	[ERR_DENIED] = 403,
	[ERR_UNREACHABLE] = 502,
	[ERR_BUSY] = 503,
	[ERR_STORAGE] = 503,
	[ERR_UNSUPPORTED] = 415,
	[ERR_BUG] = 500,
};

static const struct {
	int status;
	const char *title;
} titles[] = {
	{ 400, "Bad request" },
	{ 401, "Not authenticated" },
	{ 403, "Not allowed" },
	{ 404, "Not found" },
	{ 405, "Method not allowed" },
	{ 408, "Too slow" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Too large" },
	{ 414, "Address too long" },
	{ 415, "Unsupported document" },
	{ 422, "Unreadable document" },
	{ 500, "A bug in tocsin" },
	{ 502, "A peer failed" },
	{ 503, "Not now" },
};

int
problem_status(enum err_code code)
{
	return (size_t)code < sizeof(statuses) / sizeof(statuses[0]) ? statuses[code]
								     : 500;
}

void
problem_write(struct response *r, int status, const char *detail)
{
	const char *title = "Error";
	struct json_writer w;

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (titles[i].status == status)
			title = titles[i].title;
	buf_reset(&r->body);
	r->status = status;
	r->content_type = "application/problem+json";
	r->etag = r->location = NULL;
	r->retry_after_s = status == 503 ? 2 : 0;
	jw_init(&w, &r->body);
	jw_object(&w);
	jw_ktext(&w, "type", "about:blank");
	jw_ktext(&w, "title", title);
	jw_kint(&w, "status", status);
	jw_ktext(&w, "detail", detail);
	jw_object_end(&w);
}

void
problem_of(struct response *r, enum err_code code, const char *detail)
{
	problem_write(r, r->status > 399 ? r->status : problem_status(code), detail);
}
