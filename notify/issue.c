/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an issue; see issue.h. */
#include "notify/issue.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "notify/card.h"

#define MAX_TITLE   250
#define MAX_LABELS_ 20
#define ENTRIES     40
/* A message is two requests at most, and ends within 20 s. */
#define TIMEOUT_MS 9000

bool
issue_is_token(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return n >= 8 && n <= 512;
}

enum err_code
issue_labels(const struct json *config, struct arena *a, const char ***ret,
    size_t *ret_n, struct err *e)
{
	enum err_code rc = json_take_texts(config, "labels", a, ret, ret_n, e);

	if (rc == ERR_OK && *ret_n > MAX_LABELS_)
		return err_set(
		    e, ERR_INPUT, "config.labels: at most %d labels", MAX_LABELS_);
	for (size_t i = 0; rc == ERR_OK && i < *ret_n; i++)
		if ((*ret)[i][0] == '\0' || strlen((*ret)[i]) > 50 ||
		    strchr((*ret)[i], ',') != NULL)
			return err_set(e, ERR_INPUT,
			    "config.labels: \"%s\" is no label", (*ret)[i]);
	return rc;
}

/* ---- what is kept: {"kind","list","over","title","text"} ---- */

struct frozen {
	const char *kind; /* "news", "test" or "notice" */
	int64_t list_id;
	bool over;
	const char *title, *text;
};

struct writing {
	const struct digest *digest;
	const char *recipient;
	size_t max_text;
};

static const char *
title_of(const struct card *c, const struct writing *x, struct arena *a)
{
	const struct card_entry *first = c->n_entries > 0 ? &c->entries[0] : NULL;

	if (first == NULL || str_eq(x->recipient, DIGEST_REST))
		return c->title;
	return card_line(a,
	    arena_printf(a, "%s, %s%s: %s (list %s)", first->name, first->rating,
		first->exploited ? ", exploited" : "", first->packages,
		x->digest->list->name),
	    MAX_TITLE);
}

static void
write_frozen(
    const struct card *c, size_t n, const void *arg, struct arena *a, struct buf *out)
{
	const struct writing *x = arg;
	const struct digest *d = x->digest;
	struct buf text = BUF_INIT(x->max_text);
	struct json_writer w;

	card_entries_markdown(c, n, a, &text);
	if (c->footer != NULL)
		buf_printf(&text, "\n%s\n", card_markdown(a, c->footer, 1000));
	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "kind",
	    d->notice == NULL                        ? "news"
	    : str_eq(d->notice->type, "tocsin.test") ? "test"
						     : "notice");
	jw_kint(&w, "list", d->list != NULL ? d->list->id : 0);
	jw_kbool(&w, "over",
	    d->notice == NULL && !str_eq(x->recipient, DIGEST_REST) &&
		digest_is_over(d));
	jw_ktext(&w, "title", title_of(c, x, a));
	jw_ktext(&w, "text", buf_str(&text));
	jw_object_end(&w);
	if (text.full)
		out->full = true;
	buf_done(&text);
}

enum err_code
issue_render(const struct issue_vendor *v, const struct digest *d, struct arena *a,
    struct outgoing *io, struct err *e)
{
	struct digest one = *d;
	const struct writing arg = {
		.digest = &one, .recipient = io->recipient, .max_text = v->max_text
	};
	struct card c;

	if (d->notice == NULL)
		digest_narrow(d, io->recipient, a, &one);
	card_make(&one, a, &c);
	return card_fit(
	    &c, ENTRIES, MAX_MESSAGE_BYTES / 2, write_frozen, &arg, a, io, e);
}

static bool
thaw(const struct message_row *m, struct arena *a, struct frozen *ret)
{
	struct json *j = NULL;
	bool good;

	memset(ret, 0, sizeof(*ret));
	if (json_parse(&j, m->body, m->body_len, NULL) != ERR_OK)
		return false;
	good = json_take_text(j, "kind", &ret->kind, NULL) == ERR_OK &&
	       json_take_int(j, "list", &ret->list_id, NULL) == ERR_OK &&
	       json_take_bool(j, "over", &ret->over, NULL) == ERR_OK &&
	       json_take_text(j, "title", &ret->title, NULL) == ERR_OK &&
	       json_take_text(j, "text", &ret->text, NULL) == ERR_OK &&
	       ret->kind != NULL && ret->title != NULL && ret->text != NULL;
	ret->kind = arena_strdup(a, ret->kind);
	ret->title = arena_strdup(a, ret->title);
	ret->text = arena_strdup(a, ret->text);
	json_free(j);
	return good;
}

/* ---- sending ---- */

struct posting {
	const struct issue_vendor *v;
	const struct send_env *env;
	const struct message_row *m;
	const struct json *config;
	struct frozen what;
	struct issue_row row; /* number 0 = none yet */
	struct send_result *ret;
};

/* True if it was taken; else RET says why. */
static bool
call(struct posting *x, const struct issue_request *req, const char **ret_answer)
{
	const struct hook_call c = {
		.method = req->method,
		.url = req->url,
		.headers = x->v->headers(x->config, x->env->arena),
		.body = req->body,
		.body_len = req->body != NULL ? strlen(req->body) : 0,
		.timeout_ms = TIMEOUT_MS,
	};

	hook_call(x->env, &c, x->ret, ret_answer);
	return x->ret->result == DELIVERY_ACCEPTED;
}

static const char *
one_text(const char *key, const char *text, struct arena *a)
{
	struct buf out CLEANUP_BUF = BUF_INIT(2 * MAX_MESSAGE_BYTES);
	struct json_writer w;

	jw_init(&w, &out);
	jw_object(&w);
	jw_ktext(&w, key, text);
	jw_object_end(&w);
	return arena_strndup(a, buf_str(&out), out.len);
}

/* The address of the issue of X, or of TAIL below it. */
static const char *
issue_address(const struct posting *x, const char *tail)
{
	struct arena *a = x->env->arena;

	return x->v->address(x->config,
	    arena_printf(a, "/issues/%lld%s", (long long)x->row.number, tail), a);
}

static bool
comment(struct posting *x)
{
	struct arena *a = x->env->arena;
	const struct issue_request req = { "POST",
		issue_address(x, arena_printf(a, "/%s", x->v->comments)),
		one_text("body", x->what.text, a) };

	return call(x, &req, NULL);
}

static bool
set_open(struct posting *x, bool open)
{
	const struct issue_request req = { x->v->change_method, issue_address(x, ""),
		one_text(x->v->state_key, open ? x->v->open_word : x->v->close_word,
		    x->env->arena) };

	return call(x, &req, NULL);
}

/* What was done is written down before the next step. */
static bool
keep(struct posting *x)
{
	struct err e = ERR_INIT;

	if (store_issue_put(x->env->store, &x->row, &e) == ERR_OK)
		return true;
	x->ret->result = DELIVERY_RETRY;
	x->ret->error = arena_strdup(x->env->arena, e.text);
	return false;
}

static void
open_issue(struct posting *x)
{
	struct issue_request req;
	struct json *j = NULL;
	const char *answer = "";
	int64_t number = 0;

	x->v->create(x->config, x->what.title, x->what.text, x->env->arena, &req);
	if (!call(x, &req, &answer))
		return;
	if (json_parse(&j, answer, strlen(answer), NULL) == ERR_OK)
		(void)json_take_int(j, x->v->number_key, &number, NULL);
	json_free(j);
	if (number <= 0) {
		/* once more would be a second issue */
		x->ret->result = DELIVERY_FAILED;
		x->ret->error = "the tracker did not say which number it gave";
		return;
	}
	x->row.number = number;
	x->row.is_open = true;
	x->row.message_id = x->m->id;
	if (str_eq(x->what.kind, "news"))
		(void)keep(x);
}

static void
go_on(struct posting *x)
{
	if (!str_eq(x->row.message_id, x->m->id)) {
		if (!comment(x)) {
			if (x->ret->status != 404 && x->ret->status != 410)
				return;
			x->ret->result = DELIVERY_RETRY;
			x->ret->error = "the issue is gone; another one is opened";
			x->row.number = 0;
			(void)keep(x);
			return;
		}
		x->row.message_id = x->m->id;
		if (!keep(x))
			return;
	}
	x->ret->result = DELIVERY_ACCEPTED;
	if (x->row.is_open == !x->what.over)
		return;
	if (!set_open(x, !x->what.over))
		return;
	x->row.is_open = !x->what.over;
	(void)keep(x);
}

static void
probe(struct posting *x)
{
	const struct issue_request req = { "GET",
		x->v->address(x->config, "", x->env->arena), NULL };

	(void)call(x, &req, NULL);
}

void
issue_send(const struct issue_vendor *v, const struct send_env *env,
    const struct message_row *m, const struct json *config, struct send_result *ret)
{
	struct posting x = { .v = v, .env = env, .m = m, .config = config, .ret = ret };
	struct err e = ERR_INIT;
	enum err_code rc;

	if (!thaw(m, env->arena, &x.what)) {
		ret->result = DELIVERY_FAILED;
		ret->error = "the message cannot be read";
		return;
	}
	if (str_eq(x.what.kind, "test")) {
		probe(&x);
		return;
	}
	rc = store_issue(env->store, m->channel_id, x.what.list_id,
	    arena_printf(
		env->arena, "%s %s", v->address(config, "", env->arena), m->recipient),
	    env->arena, &x.row, &e);
	if (rc != ERR_OK) {
		ret->result = DELIVERY_RETRY;
		ret->error = arena_strdup(env->arena, e.text);
		return;
	}
	ret->result = DELIVERY_ACCEPTED;
	if (x.row.number != 0)
		go_on(&x);
	else if (!x.what.over)
		open_issue(&x);
}
