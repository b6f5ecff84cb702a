/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters, pages, names and answers that all handlers share; see api.h. */
#include "server/api.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/opaque.h"
#include "core/str.h"
#include "server/live.h"
#include "store/findings.h"
#include "store/outbox.h"

#define DEFAULT_PAGE 50
#define MAX_CURSOR   4

int64_t
api_now(const struct request *r)
{
	return clock_now_s(r->worker->clock);
}

/* ---- parameters ---- */

enum err_code
api_limit(const struct request *r, size_t *ret, struct err *e)
{
	const char *text = request_param(r, "limit");
	uint64_t n = DEFAULT_PAGE;

	if (text != NULL && (!str_u64(text, &n) || n < 1 || n > MAX_PAGE))
		return err_set(
		    e, ERR_INPUT, "limit must lie between 1 and %zu", MAX_PAGE);
	*ret = (size_t)n;
	return ERR_OK;
}

enum err_code
api_bool(const struct request *r, const char *name, bool *ret, struct err *e)
{
	const char *text = request_param(r, name);

	if (text == NULL)
		return ERR_OK;
	if (!str_eq(text, "true") && !str_eq(text, "false"))
		return err_set(e, ERR_INPUT, "%s must be true or false", name);
	*ret = str_eq(text, "true");
	return ERR_OK;
}

/* A number that was given, or the last one given by a time. */
static enum err_code
read_moment(struct request *r, const char *text, int64_t *ret_seq, struct err *e)
{
	struct store *st = r->reader->store;
	int64_t last = 0, at = 0;
	enum err_code rc;

	if (str_starts(text, "seq:")) {
		if (!str_i64(text + 4, ret_seq) || *ret_seq < 0)
			return err_set(
			    e, ERR_INPUT, "\"%.40s\" is no event number", text);
		rc = store_now_seq(st, &last, e);
		if (rc == ERR_OK && *ret_seq > last)
			return err_set(e, ERR_INPUT, "the last number is seq:%lld",
			    (long long)last);
		return rc;
	}
	if (!time_parse(text, &at))
		return err_set(
		    e, ERR_INPUT, "\"%.40s\" is neither a time nor seq:N", text);
	if (at > api_now(r))
		return err_set(e, ERR_INPUT, "%.40s has not come yet", text);
	return store_seq_at(st, at, ret_seq, e);
}

enum err_code
api_as_of(struct request *r, struct response *out, int64_t *ret_seq, struct err *e)
{
	const char *text = request_param(r, "as_of");
	int64_t seq = 0, oldest = 0;
	enum err_code rc;

	*ret_seq = 0;
	if (text == NULL)
		return ERR_OK;
	if ((rc = read_moment(r, text, &seq, e)) != ERR_OK ||
	    (rc = store_oldest_seq(r->reader->store, &oldest, e)) != ERR_OK)
		return rc;
	if (seq < oldest) {
		out->status = 410;
		return err_set(e, ERR_LIMIT,
		    "the oldest number that is kept is seq:%lld", (long long)oldest);
	}
	*ret_seq = seq;
	return ERR_OK;
}

/*
 * A cursor is the position, the team and a digest of path and filters, under a MAC: it
 * cannot be moved to another question or made up.
 */
struct cursor {
	int64_t at[MAX_CURSOR];
	unsigned char mac[16];
};

static void
cursor_mac(struct request *r, struct cursor *c)
{
	unsigned char key[32], mac[32];
	const char *text = arena_printf(r->arena, "%s/%lld/%d", r->path,
	    (long long)r->who.scope.team_id, r->who.scope.all);

	for (size_t i = 0; i < r->n_params; i++)
		if (!str_eq(r->params[i].key, "cursor") &&
		    !str_eq(r->params[i].key, "limit"))
			text = arena_printf(r->arena, "%s&%s=%s", text,
			    r->params[i].key, r->params[i].value);
	for (size_t i = 0; i < MAX_CURSOR; i++)
		text = arena_printf(r->arena, "%s;%lld", text, (long long)c->at[i]);
	if (store_opaque_key(r->reader->store, key, NULL) != ERR_OK)
		memset(key, 0, sizeof(key));
	hmac_sha256(key, sizeof(key), text, strlen(text), mac);
	memcpy(c->mac, mac, sizeof(c->mac));
}

enum err_code
api_cursor(struct request *r, int64_t *ret, size_t n, struct err *e)
{
	const char *text = request_param(r, "cursor");
	struct cursor given, right;
	unsigned char *bytes = NULL;
	size_t len = 0;

	memset(ret, 0, n * sizeof(*ret));
	if (text == NULL)
		return ERR_OK;
	if (!base64_decode(r->arena, text, &bytes, &len) || len != sizeof(given))
		return err_set(e, ERR_INPUT, "this is no cursor");
	memcpy(&given, bytes, sizeof(given));
	right = given;
	cursor_mac(r, &right);
	if (!secret_eq(given.mac, right.mac, sizeof(given.mac)))
		return err_set(e, ERR_INPUT, "the cursor belongs to another question");
	memcpy(ret, given.at, n * sizeof(*ret));
	return ERR_OK;
}

const char *
api_cursor_write(struct request *r, const int64_t *at, size_t n)
{
	struct cursor c;

	memset(&c, 0, sizeof(c));
	memcpy(c.at, at, n * sizeof(*at));
	cursor_mac(r, &c);
	return base64url_encode(r->arena, &c, sizeof(c));
}

enum err_code
api_page(struct request *r, size_t n, size_t *ret_from, size_t *ret_to,
    const char **ret_next, struct err *e)
{
	size_t limit;
	int64_t at;
	enum err_code rc;

	if ((rc = api_limit(r, &limit, e)) != ERR_OK ||
	    (rc = api_cursor(r, &at, 1, e)) != ERR_OK)
		return rc;
	*ret_from = (uint64_t)at < n ? (size_t)at : n;
	*ret_to = n - *ret_from < limit ? n : *ret_from + limit;
	at = (int64_t)*ret_to;
	*ret_next = *ret_to < n ? api_cursor_write(r, &at, 1) : NULL;
	return ERR_OK;
}

enum err_code
api_json(struct request *r, struct json **ret, struct err *e)
{
	const char *type = r->content_type;
	enum err_code rc;

	if (type[0] != '\0' && !str_eq(type, "application/json") &&
	    !str_ends(type, "+json"))
		return err_set(e, ERR_UNSUPPORTED, "the body must be application/json");
	if ((rc = json_parse(ret, r->body, r->body_len, e)) != ERR_OK)
		return rc;
	if (json_kind(*ret) != JSON_IS_OBJECT) {
		json_free(*ret);
		*ret = NULL;
		return err_set(e, ERR_INPUT, "the body must be a JSON object");
	}
	return ERR_OK;
}

/* ---- names and ids ---- */

enum err_code
api_name_check(const char *what, const char *name, struct err *e)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789._-";

	if (name == NULL || name[0] == '\0')
		return err_set(e, ERR_INPUT, "a %s needs a name", what);
	if (strlen(name) > 128 || strspn(name, allowed) != strlen(name))
		return err_set(e, ERR_INPUT,
		    "a %s's name may hold up to 128 letters, digits, . _ and -", what);
	return ERR_OK;
}

int64_t
api_id(const struct request *r, const char *prefix, const char *text)
{
	unsigned char key[32];
	int64_t id = 0;

	if (strncmp(text, prefix, 3) != 0 ||
	    store_opaque_key(r->reader->store, key, NULL) != ERR_OK ||
	    !opaque_parse(key, prefix, text, &id))
		return 0;
	return id;
}

enum err_code
api_image(struct request *r, const char *text, struct image_row *ret, struct err *e)
{
	int64_t id = api_id(r, "img", text);

	return store_image(
	    r->reader->store, r->who.scope, id, id > 0 ? NULL : text, r->arena, ret, e);
}

enum err_code
api_list(struct request *r, const char *text, struct list_row *ret, struct err *e)
{
	int64_t id = api_id(r, "lst", text);

	return store_list(
	    r->reader->store, r->who.scope, id, id > 0 ? NULL : text, r->arena, ret, e);
}

enum err_code
api_one_team(const struct request *r, struct err *e)
{
	if (r->who.scope.all)
		return err_set(e, ERR_INPUT,
		    "this token is for all teams: say for which one with ?team=NAME");
	return ERR_OK;
}

enum err_code
api_owner(
    struct request *r, const struct json *j, const struct owner **ret, struct err *e)
{
	static const char *const known[] = { "name", "contact", "url", NULL };
	const struct json *from = json_get(j, "owner");
	struct owner *o;
	enum err_code rc;

	*ret = NULL;
	if (from == NULL)
		return ERR_OK;
	o = arena_zalloc(r->arena, sizeof(*o));
	if (json_kind(from) == JSON_IS_OBJECT) {
		if ((rc = json_only(from, known, e)) != ERR_OK ||
		    (rc = json_take_text(from, "name", &o->name, e)) != ERR_OK ||
		    (rc = json_take_text(from, "contact", &o->contact, e)) != ERR_OK ||
		    (rc = json_take_text(from, "url", &o->url, e)) != ERR_OK)
			return err_wrap(e, rc, "owner");
	} else if (json_kind(from) != JSON_IS_NULL) {
		return err_set(e, ERR_INPUT, "owner must be an object");
	}
	*ret = o;
	return ERR_OK;
}

enum err_code
api_labels(struct request *r, const struct json *j, const struct label **ret,
    size_t *ret_n, bool *ret_given, struct err *e)
{
	const struct json *from = json_get(j, "labels");
	struct label *labels;

	*ret_n = 0;
	*ret_given = from != NULL;
	if (from == NULL)
		return ERR_OK;
	if (json_kind(from) != JSON_IS_OBJECT || json_count(from) > MAX_LABELS)
		return err_set(e, ERR_INPUT,
		    "labels must be an object of at most %zu texts", MAX_LABELS);
	labels = arena_array(r->arena, json_count(from), sizeof(*labels));
	for (size_t i = 0; i < json_count(from); i++) {
		const struct json *value;
		const char *key = json_member(from, i, &value);

		if (json_str(value) == NULL || key[0] == '\0' ||
		    strlen(key) > MAX_NAME || strlen(json_str(value)) > MAX_NAME)
			return err_set(
			    e, ERR_INPUT, "labels.%s must be a short text", key);
		labels[i] = (struct label){ key, json_str(value) };
	}
	*ret = labels;
	*ret_n = json_count(from);
	return ERR_OK;
}

/* ---- answers ---- */

void
api_begin(struct request *r, struct response *out, struct render *ret)
{
	unsigned char *key = arena_zalloc(r->arena, 32);

	memset(ret, 0, sizeof(*ret));
	(void)store_opaque_key(r->reader->store, key, NULL);
	ret->key = key;
	ret->now_at = api_now(r);
	jw_init(&ret->w, &out->body);
}

void
api_items(struct render *w)
{
	jw_object(&w->w);
	jw_key(&w->w, "items");
	jw_array(&w->w);
}

void
api_items_end(struct render *w, const char *next_cursor, int64_t count)
{
	jw_array_end(&w->w);
	if (count >= 0)
		jw_kint(&w->w, "count", count);
	jw_ktext(&w->w, "next_cursor", next_cursor);
	jw_object_end(&w->w);
}
