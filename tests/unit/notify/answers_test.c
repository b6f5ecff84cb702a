/* SPDX-License-Identifier: Apache-2.0 */
/* What receivers answer, and what is made of it: every channel over HTTP. */
#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/net.h"
#include "core/str.h"
#include "notify/notify_private.h"

struct peer {
	struct net net; /* first */
	int status;
	const char *answer;
	int64_t retry_after_s; /* as the header was read; -1 = none */
	char url[256], body[1024];
};

static enum err_code
answer(struct net *n, const struct http_request *req, struct http_response *ret,
    struct err *e)
{
	struct peer *p = (struct peer *)n;

	(void)e;
	assert_non_null(req->guard);
	assert_string_equal(req->method, "POST");
	(void)snprintf(p->url, sizeof(p->url), "%s", req->url);
	(void)snprintf(p->body, sizeof(p->body), "%.*s", (int)req->body_len, req->body);
	ret->status = p->status;
	ret->retry_after_s = p->retry_after_s;
	buf_adds(&ret->body, p->answer);
	return ERR_OK;
}

static struct send_result
send_through(struct arena *a, const struct channel_driver *driver, const char *config,
    struct peer *p)
{
	static const struct notify_settings settings = { .gather_ms = 0 };
	static const char body[] = "{\"a\":1}";
	const struct message_row m = { .id = "msg_1",
		.recipient = "",
		.body = body,
		.body_len = sizeof(body) - 1 };
	struct send_result result = { .result = DELIVERY_CONFIG, .retry_after_s = -1 };
	struct clock_fake clock;
	struct json *j = NULL;
	const struct send_env env = {
		.net = &p->net, .clock = &clock.clock, .settings = &settings, .arena = a
	};

	clock_fake_init(&clock, 1767600000000);
	p->net.http = answer;
	assert_int_equal(json_parse(&j, config, strlen(config), NULL), ERR_OK);
	driver->send(&env, &m, j, &result);
	json_free(j);
	return result;
}

#define HOOK      "{\"url\":\"https://hook.test/x\"}"
#define CONNECTOR "{\"url\":\"https://hook.test/x\",\"card\":\"messagecard\"}"
#define ROUTING                                                                        \
	"{\"routing_key\":\"0123456789\",\"url\":\"https://events.test/enqueue\"}"

static const struct {
	const struct channel_driver *driver;
	const char *config;
	int status;
	const char *answer;
	int64_t header_s;
	enum delivery_result want;
	int64_t want_wait_s;
	int want_status;
	bool want_unproven;
} rows[] = {
	{ &channel_slack, HOOK, 200, "ok", -1, DELIVERY_ACCEPTED, -1, 200, false },
	{ &channel_slack, HOOK, 204, "", -1, DELIVERY_ACCEPTED, -1, 204, false },
	{ &channel_slack, HOOK, 200, "{\"success\":false}", -1, DELIVERY_RETRY, -1, 200,
	    false },
	{ &channel_slack, HOOK, 200, "{\"ok\":false,\"error\":\"x\"}", -1,
	    DELIVERY_RETRY, -1, 200, false },
	{ &channel_slack, HOOK, 200, "{\"success\":true}", -1, DELIVERY_ACCEPTED, -1,
	    200, false },
	{ &channel_slack, HOOK, 400, "invalid_payload", -1, DELIVERY_FAILED, -1, 400,
	    false },
	{ &channel_slack, HOOK, 404, "no_service", -1, DELIVERY_RETRY, -1, 404, false },
	{ &channel_slack, HOOK, 410, "channel_is_archived", -1, DELIVERY_DISABLE, -1,
	    410, false },
	{ &channel_slack, HOOK, 429, "", 30, DELIVERY_RETRY, 30, 429, false },
	{ &channel_slack, HOOK, 500, "rollup_error", -1, DELIVERY_RETRY, -1, 500,
	    false },
	{ &channel_slack, HOOK, 302, "", -1, DELIVERY_FAILED, -1, 302, false },
	{ &channel_discord, HOOK, 200, "{\"id\":\"1\"}", -1, DELIVERY_ACCEPTED, -1, 200,
	    false },
	{ &channel_discord, HOOK, 401, "", -1, DELIVERY_DISABLE, -1, 401, false },
	{ &channel_discord, HOOK, 404, "{\"code\":10015}", -1, DELIVERY_DISABLE, -1,
	    404, false },
	{ &channel_discord, HOOK, 429, "{\"retry_after\":1.337,\"global\":false}", -1,
	    DELIVERY_RETRY, 2, 429, false },
	{ &channel_discord, HOOK, 429, "{\"retry_after\":1.337}", 9, DELIVERY_RETRY, 9,
	    429, false },
	{ &channel_discord, HOOK, 429, "{\"retry_after\":\"soon\"}", -1, DELIVERY_RETRY,
	    -1, 429, false },
	{ &channel_discord, HOOK, 429, "{\"retry_after\":-5}", -1, DELIVERY_RETRY, -1,
	    429, false },
	{ &channel_discord, HOOK, 429, "{\"retry_after\":1e300}", -1, DELIVERY_RETRY,
	    -1, 429, false },
	{ &channel_msteams, HOOK, 202, "", -1, DELIVERY_ACCEPTED, -1, 202, true },
	{ &channel_msteams, HOOK, 200, "1", -1, DELIVERY_ACCEPTED, -1, 200, false },
	{ &channel_msteams, CONNECTOR, 200, "1", -1, DELIVERY_ACCEPTED, -1, 200,
	    false },
	{ &channel_msteams, CONNECTOR, 200,
	    "Webhook message delivery failed with error: Microsoft Teams endpoint "
	    "returned HTTP error 429 with ContextId tcid=0",
	    -1, DELIVERY_RETRY, -1, 429, false },
	{ &channel_msteams, CONNECTOR, 200, "... returned HTTP error 400 with ...", -1,
	    DELIVERY_FAILED, -1, 400, false },
	{ &channel_msteams, CONNECTOR, 200, "... returned HTTP error 410 ...", -1,
	    DELIVERY_DISABLE, -1, 410, false },
	{ &channel_pagerduty, ROUTING, 202, "{\"status\":\"success\"}", -1,
	    DELIVERY_ACCEPTED, -1, 202, false },
	{ &channel_pagerduty, ROUTING, 400, "{\"status\":\"invalid event\"}", -1,
	    DELIVERY_FAILED, -1, 400, false },
	{ &channel_pagerduty, ROUTING, 429, "", -1, DELIVERY_RETRY, -1, 429, false },
	{ &channel_pagerduty, ROUTING, 503, "", 0, DELIVERY_RETRY, 0, 503, false },
};

static void
every_answer_falls_into_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct arena *a = arena_new();
		struct peer p = { .status = rows[i].status,
			.answer = rows[i].answer,
			.retry_after_s = rows[i].header_s };
		struct send_result r =
		    send_through(a, rows[i].driver, rows[i].config, &p);

		if (r.result != rows[i].want || r.status != rows[i].want_status ||
		    r.retry_after_s != rows[i].want_wait_s ||
		    r.unproven != rows[i].want_unproven)
			fail_msg("row %zu: %s, status %d, wait %lld, unproven %d", i,
			    delivery_result_name(r.result), r.status,
			    (long long)r.retry_after_s, r.unproven);
		if ((r.result == DELIVERY_ACCEPTED) != (r.error == NULL))
			fail_msg("row %zu: error %s", i, r.error);
		/* the receiver's words are not shown: it may not be the user's */
		if (r.error != NULL && strlen(rows[i].answer) > 3 &&
		    strstr(r.error, rows[i].answer) != NULL)
			fail_msg("row %zu repeats the answer", i);
		arena_free(a);
	}
}

static void
discord_is_asked_to_wait(void **state)
{
	struct arena *a = arena_new();
	struct peer p = { .status = 200, .answer = "", .retry_after_s = -1 };

	(void)state;
	(void)send_through(a, &channel_discord, HOOK, &p);
	assert_string_equal(p.url, "https://hook.test/x?wait=true");
	(void)send_through(
	    a, &channel_discord, "{\"url\":\"https://hook.test/x?thread_id=1\"}", &p);
	assert_string_equal(p.url, "https://hook.test/x?thread_id=1&wait=true");
	arena_free(a);
}

static void
a_routing_key_is_put_in_when_it_is_sent(void **state)
{
	struct arena *a = arena_new();
	struct peer p = { .status = 202, .answer = "", .retry_after_s = -1 };

	(void)state;
	(void)send_through(a, &channel_pagerduty, ROUTING, &p);
	assert_string_equal(p.body, "{\"routing_key\":\"0123456789\",\"a\":1}");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_falls_into_its_class),
		cmocka_unit_test(discord_is_asked_to_wait),
		cmocka_unit_test(a_routing_key_is_put_in_when_it_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
