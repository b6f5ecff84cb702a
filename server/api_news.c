/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subscriptions as news feeds.  Feed readers send no token in a header, so the address
 * itself is the secret: random, shown once, kept as its hash, replaced at will.
 */
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/opaque.h"
#include "core/str.h"
#include "notify/notify.h"
#include "server/api.h"
#include "server/live.h"

#define TOKEN_BYTES 24

static enum err_code
find(struct request *r, struct subscription_row *ret, struct err *e)
{
	int64_t id = api_id(r, "sub", r->segments[0]);

	return store_subscription(r->reader->store, r->who.scope, id,
	    id > 0 ? NULL : r->segments[0], r->arena, ret, e);
}

static const char *
address(struct request *r, const char *token, const char *format)
{
	return arena_printf(r->arena, "%s/f/%s.%s",
	    str_or_empty(live_config(r->live)->notify.public_url), token, format);
}

HANDLER(api_news_post)
{
	unsigned char dice[TOKEN_BYTES], hash[32];
	struct subscription_row s;
	struct render w;
	const char *token;
	enum err_code rc = find(r, &s, e);

	if (rc != ERR_OK)
		return rc;
	random_bytes(dice, sizeof(dice));
	token = base64url_encode(r->arena, dice, sizeof(dice));
	sha256_of(token, strlen(token), hash);
	rc = store_news_feed(r->worker->store, r->who.scope, s.id, hash,
	    token + strlen(token) - 4, r->who.actor, api_now(r), e);
	if (rc != ERR_OK)
		return rc;
	out->status = 201;
	api_begin(r, out, &w);
	jw_object(&w.w);
	jw_ktext(&w.w, "atom", address(r, token, "atom"));
	jw_ktext(&w.w, "json", address(r, token, "json"));
	jw_object_end(&w.w);
	return ERR_OK;
}

HANDLER(api_news_delete)
{
	struct subscription_row s;
	enum err_code rc = find(r, &s, e);

	if (rc == ERR_OK)
		rc = store_news_feed(r->worker->store, r->who.scope, s.id, NULL, NULL,
		    r->who.actor, api_now(r), e);
	if (rc == ERR_OK)
		out->status = 204;
	return rc;
}

/* TOKEN and format of "TOKEN.atom"; false if it is no such name. */
static bool
read_name(struct request *r, const char **ret_token, enum news_format *ret)
{
	const char *name = r->segments[0];
	size_t n = strlen(name);

	if (n < 6 || (!str_ends(name, ".atom") && !str_ends(name, ".json")))
		return false;
	*ret = str_ends(name, ".atom") ? NEWS_ATOM : NEWS_JSON;
	*ret_token = arena_strndup(r->arena, name, n - 5);
	return true;
}

HANDLER(api_news_get)
{
	unsigned char key[32], hash[32];
	char id[OPAQUE_SIZE];
	enum news_format format = NEWS_ATOM;
	struct subscription_row s;
	struct news_row *rows = NULL;
	struct news_feed f = { .subscription = &s };
	const char *token = NULL;
	enum err_code rc;

	if (!read_name(r, &token, &format))
		return err_set(e, ERR_NOTFOUND, "no such feed");
	sha256_of(token, strlen(token), hash);
	if ((rc = store_news_feed_find(r->reader->store, hash, r->arena, &s, e)) !=
		ERR_OK ||
	    (rc = store_opaque_key(r->reader->store, key, e)) != ERR_OK ||
	    (rc = store_news(r->reader->store, s.id, r->arena, &rows, &f.n, e)) !=
		ERR_OK)
		return rc;
	f.rows = rows;
	f.id = opaque_format(key, "sub", s.id, id);
	if (live_config(r->live)->notify.public_url != NULL)
		f.self_url = address(r, token, format == NEWS_ATOM ? "atom" : "json");
	out->content_type = format == NEWS_ATOM ? "application/atom+xml; charset=utf-8"
						: "application/feed+json";
	out->etag = arena_printf(
	    r->arena, "\"%lld\"", f.n > 0 ? (long long)rows[0].last_seq : 0LL);
	if (str_eq(out->etag, r->if_none_match)) {
		out->status = 304;
		return ERR_OK;
	}
	notify_news_write(&f, format, &out->body);
	return ERR_OK;
}
