/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/net.h"
#include "core/str.h"
#include "notify/mail.h"
#include "notify/notify_private.h"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static const struct notify_settings with_relay = {
	.smtp_url = "smtp://127.0.0.1:25",
	.smtp_from = "tocsin@example.org",
};

static enum err_code
check_channel(struct arena *a, const char *type, const char *config, const char **ret,
    const char **ret_secret, struct err *e)
{
	struct json *j = NULL;
	enum err_code rc;

	if (json_parse(&j, config, strlen(config), e) != ERR_OK)
		fail_msg("not JSON: %s", config);
	rc = notify_channel_check(type, j, &with_relay, a, ret, ret_secret, e);
	json_free(j);
	return rc;
}

static void
a_webhook_without_a_secret_gets_one_that_is_shown_once(void **state)
{
	const char *config = NULL, *secret = NULL;
	struct buf shown = BUF_INIT(4096);
	struct json_writer w;
	struct err e = ERR_INIT;

	assert_int_equal(
	    check_channel(*state, "webhook",
		"{\"url\":\"https://hooks.example.org/T0/B1/verysecretpath\"}", &config,
		&secret, &e),
	    ERR_OK);
	assert_non_null(secret);
	assert_true(str_starts(secret, "whsec_"));
	assert_non_null(strstr(config, secret));
	jw_init(&w, &shown);
	notify_channel_show("webhook", config, &w);
	assert_null(strstr(buf_str(&shown), secret));
	assert_null(strstr(buf_str(&shown), "verysecret"));
	assert_non_null(strstr(buf_str(&shown), "hooks.example.org"));
	buf_done(&shown);
}

static void
bad_channels_are_refused_with_the_field(void **state)
{
	static const struct {
		const char *type, *config, *says;
	} rows[] = {
		{ "webhook", "{}", "config.url" },
		{ "webhook", "{\"url\":\"ftp://x/\"}", "https" },
		{ "webhook", "{\"url\":\"https://user:pw@x/\"}", "user" },
		{ "webhook", "{\"url\":\"https://x y/\"}", "config.url" },
		{ "webhook", "{\"url\":\"https://x/\",\"secret\":\"short\"}",
		    "secret" },
		{ "webhook", "{\"url\":\"https://x/\",\"retries\":3}", "retries" },
		{ "smtp", "{}", "config.to" },
		{ "smtp", "{\"to\":[\"not an address\"]}", "not an address" },
		{ "smtp", "{\"to\":[\"a@b.example>\\r\\nRCPT TO:<evil@c.example\"]}",
		    "no mail" },
		{ "smtp", "{\"to\":\"ops@example.org\"}", "list" },
		{ "pigeon", "{}", "pigeon" },
		{ "slack", "{\"url\":\"https://x/\",\"dialect\":\"irc\"}", "dialect" },
		{ "slack", "{}", "config.url" },
		{ "discord", "{\"url\":\"https://x/\",\"name\":\"x\"}", "name" },
		{ "msteams", "{\"url\":\"https://x/\",\"card\":\"big\"}", "card" },
		{ "pagerduty", "{\"routing_key\":\"short\"}", "routing_key" },
		{ "pagerduty", "{\"routing_key\":\"0123456789\\\"x\"}", "routing_key" },
		{ "github", "{\"repository\":\"o\",\"token\":\"12345678\"}",
		    "repository" },
		{ "github", "{\"repository\":\"o/../r\",\"token\":\"12345678\"}",
		    "repository" },
		{ "github", "{\"repository\":\"o/r\",\"token\":\"1234567\\r\\nX: y\"}",
		    "token" },
		{ "gitlab", "{\"project\":\"g p\",\"token\":\"12345678\"}", "project" },
		{ "gitlab",
		    "{\"project\":\"1\",\"token\":\"12345678\",\"labels\":[\"a,b\"]}",
		    "labels" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *config = NULL, *secret = NULL;
		struct err e = ERR_INIT;

		if (check_channel(*state, rows[i].type, rows[i].config, &config,
			&secret, &e) == ERR_OK)
			fail_msg("row %zu is accepted", i);
		if (strstr(e.text, rows[i].says) == NULL)
			fail_msg(
			    "row %zu: \"%s\" does not say %s", i, e.text, rows[i].says);
	}
}

/* ---- signing, against the published vector ---- */

struct recording {
	struct net net; /* first */
	char signature[256], id[128], timestamp[64];
	const char *body;
	int status;
};

static enum err_code
record_post(struct net *n, const struct http_request *req, struct http_response *ret,
    struct err *e)
{
	struct recording *r = (struct recording *)n;

	(void)e;
	assert_non_null(req->guard);
	for (size_t i = 0; req->headers[i] != NULL; i++) {
		const char *h = req->headers[i];

		if (str_starts(h, "webhook-signature: "))
			(void)snprintf(
			    r->signature, sizeof(r->signature), "%s", h + 19);
		if (str_starts(h, "webhook-id: "))
			(void)snprintf(r->id, sizeof(r->id), "%s", h + 12);
		if (str_starts(h, "webhook-timestamp: "))
			(void)snprintf(
			    r->timestamp, sizeof(r->timestamp), "%s", h + 19);
	}
	r->body = req->body;
	ret->status = r->status;
	ret->retry_after_s = -1;
	return ERR_OK;
}

static struct send_result
send_config(struct arena *a, struct recording *r, const char *config, int64_t at)
{
	static const char body[] = "{\"test\": 2432232314}";
	const struct message_row m = { .id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
		.recipient = "",
		.body = body,
		.body_len = sizeof(body) - 1 };
	struct send_result result = { .retry_after_s = -1 };
	struct clock_fake clock;
	struct json *j = NULL;
	struct send_env env = { .net = &r->net,
		.clock = &clock.clock,
		.settings = &with_relay,
		.arena = a };

	clock_fake_init(&clock, at * 1000);
	r->net.http = record_post;
	assert_int_equal(json_parse(&j, config, strlen(config), NULL), ERR_OK);
	channel_webhook.send(&env, &m, j, &result);
	json_free(j);
	return result;
}

static struct send_result
send_webhook(struct arena *a, struct recording *r)
{
	return send_config(a, r,
	    "{\"url\":\"https://example.org/h\",\"secret\":"
	    "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}",
	    1614265330);
}

static void
a_webhook_is_signed_as_standard_webhooks_says(void **state)
{
	struct recording r = { .status = 200 };
	struct send_result result = send_webhook(*state, &r);

	assert_int_equal(result.result, DELIVERY_ACCEPTED);
	assert_string_equal(r.id, "msg_p5jXN8AQM9LWM0D4loKWxJek");
	assert_string_equal(r.timestamp, "1614265330");
	assert_string_equal(
	    r.signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void
two_secrets_live_for_a_day(void **state)
{
	static const char config[] = "{\"url\":\"https://example.org/h\",\"secret\":"
				     "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}";
	const char *rotated = NULL, *secret = NULL;
	struct recording r = { .status = 200 };
	struct err e = ERR_INIT;
	const char *space;

	assert_int_equal(notify_channel_rotate("webhook", config, 1614265330, *state,
			     &rotated, &secret, &e),
	    ERR_OK);
	assert_true(str_starts(secret, "whsec_"));
	(void)send_config(*state, &r, rotated, 1614265330 + 86399);
	space = strchr(r.signature, ' ');
	assert_non_null(space);
	assert_true(str_starts(space + 1, "v1,"));
	(void)send_config(*state, &r, rotated, 1614265330 + 86400);
	assert_null(strchr(r.signature, ' '));
	assert_int_equal(
	    notify_channel_rotate("slack", config, 1, *state, &rotated, &secret, &e),
	    ERR_UNSUPPORTED);
}

static void
a_second_secret_signs_as_the_vector_says(void **state)
{
	static const char config[] =
	    "{\"url\":\"https://example.org/h\",\"secret\":"
	    "\"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"old_secret\":"
	    "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}";
	struct recording r = { .status = 200 };

	(void)send_config(*state, &r, config, 1614265330);
	assert_true(
	    str_ends(r.signature, " v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
}

static void
answers_of_a_webhook_fall_into_their_classes(void **state)
{
	static const struct {
		int status;
		enum delivery_result want;
	} rows[] = { { 200, DELIVERY_ACCEPTED }, { 204, DELIVERY_ACCEPTED },
		{ 301, DELIVERY_FAILED }, { 302, DELIVERY_FAILED },
		{ 400, DELIVERY_FAILED }, { 401, DELIVERY_RETRY },
		{ 404, DELIVERY_RETRY }, { 408, DELIVERY_RETRY },
		{ 410, DELIVERY_DISABLE }, { 422, DELIVERY_FAILED },
		{ 429, DELIVERY_RETRY }, { 500, DELIVERY_RETRY },
		{ 503, DELIVERY_RETRY } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recording r = { .status = rows[i].status };
		struct send_result result = send_webhook(*state, &r);

		if (result.result != rows[i].want)
			fail_msg("%d gives %s", rows[i].status,
			    delivery_result_name(result.result));
	}
}

/* ---- mail ---- */

static void
header_text_cannot_add_a_header(void **state)
{
	const struct mail_headers h = {
		.from = "tocsin@example.org",
		.to = "ops@example.org",
		.subject = "1 new: web\r\nBcc: evil@example.net\r\n\r\nbody",
		.message_id = "msg_1",
		.list_id = "web\r\nX: y",
		.at = 1767600000,
	};
	struct buf out = BUF_INIT(65536);
	const char *body;

	(void)state;
	mail_write(&h, "text\n", "<p>html</p>\n", &out);
	body = strstr(buf_str(&out), "\r\n\r\n");
	assert_non_null(body);
	for (const char *p = buf_str(&out); p < body; p++)
		if (strncmp(p, "\nBcc:", 5) == 0 || strncmp(p, "\nX:", 3) == 0)
			fail_msg("a header was smuggled in:\n%s", buf_str(&out));
	buf_done(&out);
}

static void
foreign_subjects_become_encoded_words_of_75_characters(void **state)
{
	const struct mail_headers h = {
		.from = "tocsin@example.org",
		.to = "ops@example.org",
		.subject = "3 neue, 14 Images: Zahlungsverkehr f\xc3\xbcr K\xc3\xb6ln "
			   "und D\xc3\xbc"
			   "sseldorf und viele andere sch\xc3\xb6ne St\xc3\xa4"
			   "dte am Rhein",
		.message_id = "msg_1",
		.at = 1767600000,
	};
	struct buf out = BUF_INIT(65536);

	(void)state;
	mail_write(&h, "text\n", "html\n", &out);
	assert_non_null(strstr(buf_str(&out), "Subject: =?UTF-8?B?"));
	for (const char *line = buf_str(&out); *line != '\0';) {
		size_t n = strcspn(line, "\r\n");

		if (n > 78)
			fail_msg("a line of %zu characters: %.*s", n, (int)n, line);
		line += n + strspn(line + n, "\r\n");
	}
	buf_done(&out);
}

static void
every_line_of_a_mail_ends_with_cr_lf(void **state)
{
	const struct mail_headers h = { .from = "a@example.org",
		.to = "b@example.org",
		.subject = "s",
		.message_id = "m",
		.at = 0 };
	struct buf out = BUF_INIT(65536);

	(void)state;
	mail_write(&h, "one\ntwo =\xc3\xa4\n.\n", "<p>\n</p>", &out);
	for (const char *p = buf_str(&out); *p != '\0'; p++) {
		if (*p == '\n' && (p == buf_str(&out) || p[-1] != '\r'))
			fail_msg("a bare LF at byte %zu", (size_t)(p - buf_str(&out)));
		if ((unsigned char)*p > 0x7e)
			fail_msg(
			    "a byte above ASCII at %zu", (size_t)(p - buf_str(&out)));
	}
	assert_non_null(strstr(buf_str(&out), "two =3D=C3=A4"));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_webhook_without_a_secret_gets_one_that_is_shown_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    bad_channels_are_refused_with_the_field, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_webhook_is_signed_as_standard_webhooks_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    two_secrets_live_for_a_day, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_second_secret_signs_as_the_vector_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    answers_of_a_webhook_fall_into_their_classes, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    header_text_cannot_add_a_header, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    foreign_subjects_become_encoded_words_of_75_characters, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    every_line_of_a_mail_ends_with_cr_lf, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
