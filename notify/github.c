/* SPDX-License-Identifier: Apache-2.0 */
/* github - an issue of a GitHub repository for each vulnerability that hits a list. */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "notify/issue.h"

#define DEFAULT_URL "https://api.github.com"
#define MAX_TEXT_   60000 /* of 65,536 */

/* "owner/name" of what GitHub allows in them. */
static bool
is_repository(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash != NULL && slash > text && slash[1] != '\0' &&
	       strchr(slash + 1, '/') == NULL && strlen(text) <= 200 &&
	       strstr(text, "..") == NULL &&
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
github_check(const struct json *config, const struct notify_settings *s,
    struct arena *a, struct json_writer *out, const char **ret_secret, struct err *e)
{
	static const char *const known[] = { "repository", "token", "url", "labels",
		NULL };
	const char *repository = NULL, *token = NULL, *url = DEFAULT_URL,
		   **labels = NULL;
	size_t n = 0;
	enum err_code rc;

	(void)s, (void)ret_secret;
	if ((rc = json_only(config, known, e)) != ERR_OK ||
	    (rc = json_take_text(config, "repository", &repository, e)) != ERR_OK ||
	    (rc = json_take_text(config, "token", &token, e)) != ERR_OK ||
	    (rc = json_take_text(config, "url", &url, e)) != ERR_OK ||
	    (rc = hook_check_url(url, "url", a, e)) != ERR_OK ||
	    (rc = issue_labels(config, a, &labels, &n, e)) != ERR_OK)
		return rc;
	if (repository == NULL || !is_repository(repository))
		return err_set(
		    e, ERR_INPUT, "config.repository must be \"owner/name\"");
	if (token == NULL || !issue_is_token(token))
		return err_set(
		    e, ERR_INPUT, "config.token must be a token that may write issues");
	jw_object(out);
	jw_ktext(out, "repository", repository);
	jw_ktext(out, "token", token);
	jw_ktext(out, "url", url);
	write_labels(labels, n, out);
	jw_object_end(out);
	return ERR_OK;
}

static void
github_show(const struct json *config, struct json_writer *w)
{
	struct arena *a = arena_new();
	const char **labels = NULL;
	size_t n = 0;

	(void)issue_labels(config, a, &labels, &n, NULL);
	jw_object(w);
	jw_ktext(w, "repository", json_str(json_get(config, "repository")));
	jw_ktext(w, "token", hook_shown_secret(json_str(json_get(config, "token")), a));
	jw_ktext(w, "url", json_str(json_get(config, "url")));
	write_labels(labels, n, w);
	jw_object_end(w);
	arena_free(a);
}

/* ---- requests ---- */

static const char *const *
headers(const struct json *config, struct arena *a)
{
	const char **h = arena_array(a, 5, sizeof(*h));

	h[0] = "Content-Type: application/json";
	h[1] = "Accept: application/vnd.github+json";
	h[2] = "X-GitHub-Api-Version: 2022-11-28";
	h[3] = arena_printf(a, "Authorization: Bearer %s",
	    str_or_empty(json_str(json_get(config, "token"))));
	return h;
}

static const char *
address(const struct json *config, const char *tail, struct arena *a)
{
	return arena_printf(a, "%s/repos/%s%s",
	    str_or_empty(json_str(json_get(config, "url"))),
	    str_or_empty(json_str(json_get(config, "repository"))), tail);
}

static void
create(const struct json *config, const char *title, const char *text, struct arena *a,
    struct issue_request *ret)
{
	struct buf out = BUF_INIT(2 * MAX_MESSAGE_BYTES);
	const char **labels = NULL;
	struct json_writer w;
	size_t n = 0;

	(void)issue_labels(config, a, &labels, &n, NULL);
	jw_init(&w, &out);
	jw_object(&w);
	jw_ktext(&w, "title", title);
	jw_ktext(&w, "body", text);
	write_labels(labels, n, &w);
	jw_object_end(&w);
	*ret = (struct issue_request){ "POST", address(config, "/issues", a),
		arena_strndup(a, buf_str(&out), out.len) };
	buf_done(&out);
}

static const struct issue_vendor vendor = {
	.number_key = "number",
	.max_text = MAX_TEXT_,
	.headers = headers,
	.address = address,
	.create = create,
	.comments = "comments",
	.change_method = "PATCH",
	.state_key = "state",
	.open_word = "open",
	.close_word = "closed",
};

static enum err_code
github_render(const struct digest *d, const struct json *config,
    const struct notify_settings *s, struct arena *a, struct outgoing *io,
    struct err *e)
{
	(void)config, (void)s;
	return issue_render(&vendor, d, a, io, e);
}

static void
github_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret)
{
	issue_send(&vendor, env, m, config, ret);
}

const struct channel_driver channel_github = {
	.type = "github",
	.summary = "issues of a GitHub repository, opened, commented, closed",
	.check = github_check,
	.show = github_show,
	.recipients = digest_recipients,
	.render = github_render,
	.send = github_send,
};
