/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook - what every channel over HTTP shares: a URL that is a credential, one request,
 * and the classes that answers fall into.
 *
 * The URL is the user's: it is checked at the socket, redirects are failures, the answer
 * is cut.  Of a failure people see status and class, never the answer's text: a hook
 * must not be a way to read somebody else's network.
 */
#ifndef NOTIFY_HOOK_H
#define NOTIFY_HOOK_H

#include "notify/notify_private.h"

/* An http or https URL without user; KEY names the field in the message. */
enum err_code hook_check_url(
    const char *url, const char *key, struct arena *a, struct err *e);
/* Chat and hook URLs carry their secret in path or query: the host and four characters. */
const char *hook_shown_url(const char *url, struct arena *a);
/* "...abcd"; NULL gives NULL. */
const char *hook_shown_secret(const char *secret, struct arena *a);
/* The host of URL ends with one of the NULL-ended SUFFIXES. */
bool hook_host_is(const char *url, const char *const suffixes[], struct arena *a);
/* Nothing that ends a header early: what may stand in a header of a request. */
bool hook_is_header_value(const char *text);

/* One recipient: the channel itself.  For struct channel_driver. */
enum err_code hook_recipients(const struct digest *d, const struct json *config,
    struct arena *a, const char ***ret, size_t *ret_n, struct err *e);
/* {"url":...} and nothing else.  For struct channel_driver. */
enum err_code hook_check_only_url(const struct json *config,
    const struct notify_settings *s, struct arena *a, struct json_writer *out,
    const char **ret_secret, struct err *e);
void hook_show_only_url(const struct json *config, struct json_writer *w);

/* Overrides of what a status means; ends with status 0. */
struct hook_class {
	int status;
	enum delivery_result result;
};
struct hook_call {
	const char *method; /* NULL = POST */
	const char *url;
	const char *const
	    *headers; /* NULL-ended; NULL = Content-Type: application/json */
	const char *body;
	size_t body_len;
	const struct hook_class *classes; /* NULL = the usual ones */
	int64_t timeout_ms;               /* 0 = 15 s */
};
/* One exchange; *RET_ANSWER, if not NULL, gets the answer's body. */
void hook_call(const struct send_env *env, const struct hook_call *c,
    struct send_result *ret, const char **ret_answer);
/* What a status means where a channel does not say otherwise. */
enum delivery_result hook_class_of(int status);
/* A JSON answer that says no behind a 2xx: "ok" or "success" false, "result":"error". */
bool hook_denies(const char *answer);
/* The frozen body of M posted as JSON to config.url.  For struct channel_driver. */
void hook_send(const struct send_env *env, const struct message_row *m,
    const struct json *config, struct send_result *ret);

#endif
