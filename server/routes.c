/* SPDX-License-Identifier: Apache-2.0 */
/* The table of routes, and how a request finds its row; see routes.h. */
#include "server/routes.h"

#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/url.h"
#include "server/api.h"

#define MAX_SEGMENTS 8

#define PARAMS(...)                                                                    \
	(const char *const[])                                                          \
	{                                                                              \
		__VA_ARGS__, NULL                                                      \
	}
#define PAGE "limit", "cursor"

const struct route routes[] = {
	{ "POST", "/v1/inventories", ACCESS_SUBMIT, true, true,
	    PARAMS("ref", "name", "list", "os", "digest", "platform"),
	    api_inventory_post,
	    "Register or move an image: the body is any inventory document." },
	{ "POST", "/v1/scan", ACCESS_SUBMIT, true, false,
	    PARAMS("os", "platform", "ref"), api_scan,
	    "Findings of a document; nothing is kept." },
	{ "GET", "/v1/images", ACCESS_SUBMIT, false, true,
	    PARAMS("list", "ecosystem", "owner", "coverage", "purpose", "q", PAGE),
	    api_images_get, "Registered images." },
	{ "POST", "/v1/images", ACCESS_SUBMIT, false, false, NULL, api_images_post,
	    "Watch references: they are pulled, and again when they move: "
	    "{\"images\":[{\"ref\",\"name\"?,\"list\"?,\"labels\"?,\"platform\"?}]}." },
	{ "GET", "/v1/imports/{import}", ACCESS_SUBMIT, false, false, PARAMS(PAGE),
	    api_import_get, "How far references that were added together have come." },
	{ "POST", "/v1/places/{place}", ACCESS_WRITE, true, false,
	    PARAMS("list", "list_by", "owner_from", "grace", "dry_run"), api_place_post,
	    "What a place runs now: the body is a listing of kubectl, docker, podman "
	    "or "
	    "crictl, a compose file, a Dockerfile or plain references." },
	{ "POST", "/v1/images/{image}/pull", ACCESS_WRITE, false, false, NULL,
	    api_image_pull, "Look at a watched image as soon as possible." },
	{ "GET", "/v1/images/{image}", ACCESS_SUBMIT, false, false, NULL, api_image_get,
	    "One image with its coverage and counts." },
	{ "PATCH", "/v1/images/{image}", ACCESS_WRITE, false, false, NULL,
	    api_image_patch,
	    "Change owner, labels, reference or purpose: `archive` or `test` is an "
	    "image "
	    "kept although it is vulnerable, no message speaks of it; null ends "
	    "that." },
	{ "DELETE", "/v1/images/{image}", ACCESS_WRITE, false, false, NULL,
	    api_image_delete, "Forget an image; its history is kept." },
	{ "GET", "/v1/images/{image}/components", ACCESS_SUBMIT, false, false, NULL,
	    api_image_components, "What is installed in an image." },
	{ "GET", "/v1/images/{image}/findings", ACCESS_SUBMIT, false, false,
	    PARAMS("severity", "fix", "exploited", "epss_gte", "package", "state",
		"as_of", PAGE),
	    api_image_findings,
	    "What hits an image, or hit it at as_of (a time or seq:N)." },
	{ "GET", "/v1/images/{image}/explain/{vulnerability}", ACCESS_SUBMIT, false,
	    false, NULL, api_explain, "Why an image is affected, or why not." },
	{ "GET", "/v1/findings", ACCESS_READ, false, false,
	    PARAMS("severity", "fix", "exploited", "epss_gte", "package", "state",
		"as_of", PAGE),
	    api_findings_get,
	    "What hits any image of the team, or hit it at as_of (a time or seq:N)." },
	{ "GET", "/v1/vulnerabilities/{vulnerability}", ACCESS_SUBMIT, false, false,
	    NULL, api_vulnerability_get,
	    "All sources on one vulnerability, side by side." },
	{ "GET", "/v1/vulnerabilities/{vulnerability}/images", ACCESS_SUBMIT, false,
	    false, PARAMS(PAGE), api_vulnerability_images,
	    "Which of our images it affects, and how many could not be judged." },

	{ "GET", "/v1/lists", ACCESS_READ, false, false, PARAMS(PAGE), api_lists_get,
	    "Image lists." },
	{ "POST", "/v1/lists", ACCESS_WRITE, false, false, NULL, api_lists_post,
	    "Create a list; 409 if the name exists." },
	{ "GET", "/v1/lists/{list}", ACCESS_READ, false, false, NULL, api_list_get,
	    "One list with its coverage and counts." },
	{ "PUT", "/v1/lists/{list}", ACCESS_WRITE, false, false, NULL, api_list_put,
	    "Create or replace a list." },
	{ "DELETE", "/v1/lists/{list}", ACCESS_WRITE, false, false, NULL,
	    api_list_delete, "Delete a list; 409 while subscribed." },
	{ "GET", "/v1/lists/{list}/images", ACCESS_READ, false, false, PARAMS(PAGE),
	    api_list_images_get, "The images of a list." },
	{ "POST", "/v1/lists/{list}/images", ACCESS_WRITE, false, false, NULL,
	    api_list_images_post,
	    "Put images on a hand-made list or take them off: "
	    "{\"add\":[],\"remove\":[]}." },
	{ "GET", "/v1/lists/{list}/findings", ACCESS_READ, false, false,
	    PARAMS("severity", "fix", "exploited", "epss_gte", "package", "state",
		"as_of", PAGE),
	    api_list_findings,
	    "What hits the images of a list, or hit them at as_of (a time or seq:N)." },

	{ "GET", "/v1/channels", ACCESS_READ, false, false, PARAMS(PAGE),
	    api_channels_get, "Channels, secrets left out." },
	{ "POST", "/v1/channels", ACCESS_WRITE, false, false, NULL, api_channels_post,
	    "Create a channel; a generated secret is shown once." },
	{ "GET", "/v1/channels/{channel}", ACCESS_READ, false, false, NULL,
	    api_channel_get, "One channel." },
	{ "PUT", "/v1/channels/{channel}", ACCESS_WRITE, false, false, NULL,
	    api_channel_put, "Create or replace a channel." },
	{ "DELETE", "/v1/channels/{channel}", ACCESS_WRITE, false, false, NULL,
	    api_channel_delete, "Delete a channel; 409 while used." },
	{ "POST", "/v1/channels/{channel}/test", ACCESS_WRITE, false, false, NULL,
	    api_channel_test, "Send a test message through a channel." },
	{ "POST", "/v1/channels/{channel}/rotate", ACCESS_WRITE, false, false, NULL,
	    api_channel_rotate,
	    "A fresh secret, shown once; the present one signs too for a day." },
	{ "POST", "/v1/channels/{channel}/enable", ACCESS_WRITE, false, false, NULL,
	    api_channel_enable, "Try a failing or disabled channel anew, now." },

	{ "GET", "/v1/subscriptions", ACCESS_READ, false, false, PARAMS(PAGE),
	    api_subscriptions_get, "Subscriptions." },
	{ "POST", "/v1/subscriptions", ACCESS_WRITE, false, false, NULL,
	    api_subscriptions_post, "Create a subscription; it starts now." },
	{ "GET", "/v1/subscriptions/{subscription}", ACCESS_READ, false, false, NULL,
	    api_subscription_get, "One subscription." },
	{ "PUT", "/v1/subscriptions/{subscription}", ACCESS_WRITE, false, false, NULL,
	    api_subscription_put, "Create or replace a subscription." },
	{ "DELETE", "/v1/subscriptions/{subscription}", ACCESS_WRITE, false, false,
	    NULL, api_subscription_delete, "Delete a subscription." },
	{ "GET", "/v1/subscriptions/{subscription}/changes", ACCESS_READ, false, false,
	    PARAMS("from", "to"), api_subscription_changes,
	    "The net change of the list between two event numbers, uncut." },
	{ "POST", "/v1/subscriptions/{subscription}/news", ACCESS_WRITE, false, false,
	    NULL, api_news_post,
	    "Its news as a feed: the address is shown once; a second one replaces "
	    "it." },
	{ "DELETE", "/v1/subscriptions/{subscription}/news", ACCESS_WRITE, false, false,
	    NULL, api_news_delete, "No feed any more." },
	{ "GET", "/v1/messages", ACCESS_READ, false, false,
	    PARAMS("subscription", "channel", "state", PAGE), api_messages_get,
	    "Messages, newest first." },
	{ "POST", "/v1/messages/replay", ACCESS_WRITE, false, false, NULL,
	    api_messages_replay,
	    "Send dead letters again: {\"since\":TIME,\"channel\":?,"
	    "\"subscription\":?}." },
	{ "GET", "/v1/messages/{message}", ACCESS_READ, false, false, NULL,
	    api_message_get, "One message with its body and every try to send it." },
	{ "POST", "/v1/messages/{message}/replay", ACCESS_WRITE, false, false, NULL,
	    api_message_replay, "Send a message again, with the same id." },
	{ "GET", "/v1/events", ACCESS_READ, false, false, PARAMS("since", "limit"),
	    api_events_get,
	    "The event log after a number, as far as it concerns the team." },

	{ "GET", "/v1/feeds", ACCESS_SUBMIT, false, false, PARAMS(PAGE), api_feeds_get,
	    "Feeds and how fresh they are." },
	{ "GET", "/v1/feeds/{feed}", ACCESS_SUBMIT, false, false, PARAMS("limit"),
	    api_feed_get,
	    "One feed with its last runs and what it says of each ecosystem." },
	{ "GET", "/v1/feeds/{feed}/runs", ACCESS_SUBMIT, false, false, PARAMS(PAGE),
	    api_feed_runs, "The runs of a feed, newest first." },
	{ "GET", "/v1/advisories/{source}/{advisory}", ACCESS_SUBMIT, false, false,
	    PARAMS(PAGE), api_advisory_get,
	    "What the feeds of a source say under one advisory's name." },
	{ "GET", "/v1/advisories/{source}/{advisory}/history", ACCESS_SUBMIT, false,
	    false, PARAMS(PAGE), api_advisory_history,
	    "The same with every revision, and when it was learned." },
	{ "POST", "/v1/feeds/{feed}/run", ACCESS_ADMIN, false, false, NULL,
	    api_feed_run, "Run a feed as soon as possible." },
	{ "POST", "/v1/feeds/{feed}/accept", ACCESS_OPERATOR, false, false, NULL,
	    api_feed_accept,
	    "Accept a held run; for a flood say "
	    "{\"flood\":\"announce\"|\"baseline\"}." },

	{ "GET", "/v1/teams", ACCESS_READ, false, false, NULL, api_teams_get,
	    "Teams." },
	{ "POST", "/v1/teams", ACCESS_OPERATOR, false, false, NULL, api_teams_post,
	    "Create a team." },
	{ "GET", "/v1/tokens", ACCESS_ADMIN, false, false, PARAMS(PAGE), api_tokens_get,
	    "Tokens, without their texts." },
	{ "POST", "/v1/tokens", ACCESS_ADMIN, false, false, NULL, api_tokens_post,
	    "Make a token; its text is shown once." },
	{ "DELETE", "/v1/tokens/{token}", ACCESS_ADMIN, false, false, NULL,
	    api_token_delete, "Revoke a token." },
	{ "GET", "/v1/audit", ACCESS_ADMIN, false, false, PARAMS(PAGE), api_audit_get,
	    "Who did what." },

	{ "GET", "/f/{feed}", ACCESS_OPEN, false, false, NULL, api_news_get,
	    "A subscription's news for feed readers: TOKEN.atom or TOKEN.json." },
	{ "GET", "/c/{link}", ACCESS_OPEN, false, false, NULL, api_confirm_get,
	    "What a link in a message asks to be confirmed, as a page." },
	{ "POST", "/c/{link}", ACCESS_OPEN, false, false, NULL, api_confirm_post,
	    "Confirm it: a channel is seen, an address wants mail." },
	{ "GET", "/u/{link}", ACCESS_OPEN, false, false, NULL, api_unsubscribe_get,
	    "A page with a button to be taken off a subscription." },
	{ "POST", "/u/{link}", ACCESS_OPEN, false, false, NULL, api_unsubscribe_post,
	    "Take the address off the subscription, at once (RFC 8058)." },
	{ "GET", "/v1/openapi.json", ACCESS_OPEN, false, false, NULL, api_openapi,
	    "This document, for programs." },
	{ "GET", "/healthz", ACCESS_OPEN, false, false, NULL, api_healthz,
	    "The process answers." },
	{ "GET", "/readyz", ACCESS_OPEN, false, false, NULL, api_readyz,
	    "The store answers and the threads run." },
	{ "GET", "/metrics", ACCESS_OPEN, false, false, NULL, api_metrics,
	    "Figures for Prometheus." },
	{ NULL, NULL, ACCESS_OPEN, false, false, NULL, NULL, NULL },
};

/* ---- finding ---- */

/* One segment of a raw path; *P moves behind it. */
static size_t
segment(const char **p, const char **ret)
{
	size_t n;

	*ret = *p + 1;
	n = strcspn(*ret, "/");
	*p = *ret + n;
	return n;
}

/* 1 = fits, 0 = does not, -1 = a placeholder holds a bad escape. */
static int
fits(struct request *r, const char *pattern)
{
	const char *path = r->path, *want, *have;

	r->n_segments = 0;
	while (*pattern == '/' && *path == '/') {
		size_t n_want = segment(&pattern, &want),
		       n_have = segment(&path, &have);

		if (want[0] != '{') {
			if (n_want != n_have || memcmp(want, have, n_want) != 0)
				return 0;
			continue;
		}
		if (n_have == 0 || r->n_segments == MAX_SEGMENTS)
			return 0;
		if (!url_decode(r->arena, have, n_have, &r->segments[r->n_segments++]))
			return -1;
	}
	return *pattern == '\0' && *path == '\0';
}

const struct route *
route_find(struct request *r, int *ret_status, const char **ret_allow)
{
	const char *allow = NULL;

	r->segments = arena_array(r->arena, MAX_SEGMENTS, sizeof(*r->segments));
	for (const struct route *route = routes; route->method != NULL; route++) {
		int fit = fits(r, route->pattern);

		if (fit < 0) {
			*ret_status = 400;
			return NULL;
		}
		if (fit == 0)
			continue;
		if (str_eq(route->method, r->method))
			return route;
		allow = allow == NULL
			    ? route->method
			    : arena_printf(r->arena, "%s, %s", allow, route->method);
	}
	*ret_status = allow != NULL ? 405 : 404;
	*ret_allow = allow;
	return NULL;
}

static const enum access reach[TOKEN_SCOPE_COUNT] = {
	[TOKEN_SUBMIT] = ACCESS_SUBMIT,
	[TOKEN_READ] = ACCESS_READ,
	[TOKEN_WRITE] = ACCESS_WRITE,
	[TOKEN_ADMIN] = ACCESS_ADMIN,
	[TOKEN_AUDITOR] = ACCESS_READ,
};

bool
route_allows(const struct route *route, const struct principal *p)
{
	if (route->access == ACCESS_OPEN)
		return true;
	if (p->token_scope == TOKEN_AUDITOR)
		return str_eq(route->method, "GET");
	if (route->access == ACCESS_OPERATOR)
		return p->is_operator;
	return reach[p->token_scope] >= route->access;
}

const char *
access_name(enum access a)
{
	static const char *const names[] = { "none", "submit", "read", "write", "admin",
		"operator" };

	return names[a];
}
