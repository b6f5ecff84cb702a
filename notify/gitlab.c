/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gitlab - an issue of a GitLab project for each vulnerability that hits a list;
 * confidential unless the channel says otherwise.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/url.h"
#include "notify/issue.h"

#define DEFAULT_URL "https://gitlab.com"
#define MAX_TEXT_   60000 /* of 1,048,576: nobody reads more */

/* A number or a path: "group/subgroup/name". */
static bool
is_project(const char *text)
{
	return text[0] != '\0' && strlen(text) <= 300 && strstr(text, "..") == NULL &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-_./") == strlen(text);
}

static void
write_labels(const char *const *labels, size_t n, struct json_writer *w)
{
	if (n == 0)
		return;
	jw_key(w, "labels");
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		jw_text(w, labels[i]);
	jw_array_end(w);
}

static enum err_code
gitlab_check(const struct json *config, const struct notify_settings *s,
    struct arena *a, struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "project", "token", "url", "labels",
		"confidential", NULL };
	const char *project = NULL, *token = NULL, *url = DEFAULT_URL, **labels = NULL;
	bool confidential = true;
	size_t n = 0;
	enum err_code rc;

	(void)s, (void)ret_secret;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = json_take_text(config, "project", &project, e)) != ERR_OK ||
	    (rc = json_take_text(config, "token", &token, e)) != ERR_OK ||
	    (rc = json_take_text(config, "url", &url, e)) != ERR_OK ||
	    (rc = json_take_bool(config, "confidential", &confidential, e)) != ERR_OK ||
	    (rc = hook_check_url(url, "url", a, e)) != ERR_OK ||
	    (rc = issue_labels(config, a, &labels, &n, e)) != ERR_OK)
		return rc;
	if (project == NULL || !is_project(project))
		return err_set(
		    e, ERR_INPUT, "config.project must be a project's number or path");
	if (token == NULL || !issue_is_token(token))
		return err_set(
		    e, ERR_INPUT, "config.token must be a token that may write issues");
	jw_object(out);
	jw_ktext(out, "project", project);
	jw_ktext(out, "token", token);
	jw_ktext(out, "url", url);
	jw_kbool(out, "confidential", confidential);
	write_labels(labels, n, out);
	jw_object_end(out);
	return ERR_OK;
}

static bool
is_confidential(const struct json *config)
{
	bool confidential = true;

	(void)json_take_bool(config, "confidential", &confidential, NULL);
	return confidential;
}

static void
gitlab_show(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();
	const char **labels = NULL;
	size_t n = 0;

	(void)issue_labels(config, a, &labels, &n, NULL);
	jw_object(w);
	jw_ktext(w, "project", json_str(json_get(config, "project")));
	jw_ktext(w, "token", hook_shown_secret(json_str(json_get(config, "token")), a));
	jw_ktext(w, "url", json_str(json_get(config, "url")));
	jw_kbool(w, "confidential", is_confidential(config));
	write_labels(labels, n, w);
	jw_object_end(w);
	arena_free(a);
}

/* ---- requests ---- */

static const char *const *
headers(const struct json *config, struct arena *a)
{
	const char **h = arena_array(a, 3, sizeof(*h));

	h[0] = "Content-Type: application/json";
	h[1] = arena_printf(
	    a, "PRIVATE-TOKEN: %s", str_or_empty(json_str(json_get(config, "token"))));
	return h;
}

static const char *
address(const struct json *config, const char *tail, struct arena *a)
{
	const char *project = str_or_empty(json_str(json_get(config, "project")));

	return arena_printf(a, "%s/api/v4/projects/%s%s",
	    str_or_empty(json_str(json_get(config, "url"))), url_encode(a, project, ""),
	    tail);
}

static void
create(const struct json *config, const char *title, const char *text, struct arena *a,
    struct issue_request *ret)
{
	struct buf out = BUF_INIT(2 * MAX_MESSAGE_BYTES);
	const char **labels = NULL, *joined = "";
	struct json_writer w;
	size_t n = 0;

	(void)issue_labels(config, a, &labels, &n, NULL);
	for (size_t i = 0; i < n; i++)
		joined = arena_printf(a, "%s%s%s", joined, i > 0 ? "," : "", labels[i]);
	jw_init(&w, &out);
	jw_object(&w);
	jw_ktext(&w, "title", title);
	jw_ktext(&w, "description", text);
	jw_kbool(&w, "confidential", is_confidential(config));
	if (n > 0)
		jw_ktext(&w, "labels", joined);
	jw_object_end(&w);
	*ret = (struct issue_request){ "POST", address(config, "/issues", a),
		arena_strndup(a, buf_str(&out), out.len) };
	buf_done(&out);
}

static const struct issue_vendor vendor = {
	.number_key = "iid",
	.max_text = MAX_TEXT_,
	.headers = headers,
	.address = address,
	.create = create,
	.comments = "notes",
	.change_method = "PUT",
	.state_key = "state_event",
	.open_word = "reopen",
	.close_word = "close",
};

static enum err_code
gitlab_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	(void)config, (void)s;
	return issue_render(&vendor, d, a, io, e);
}

static void
gitlab_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	issue_send(&vendor, env, m, config, ret);
}

const struct channel_driver channel_gitlab = {
	.type = "gitlab",
	.summary = "issues of a GitLab project, opened, commented, closed",
	.check = gitlab_check,
	.show = gitlab_show,
	.recipients = digest_recipients,
	.render = gitlab_render,
	.send = gitlab_send,
};
