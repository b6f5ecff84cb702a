/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialects of chat: one story word for word in each, and for any story: never over a
 * vendor's limit, never broken UTF-8, nobody called by name.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"
#include "unit/notify/story.h"

#define HOOK     "{\"url\":\"https://hook.test/T0/B1/secret\"}"
#define NEXT     "https://tocsin.example.org/v1/subscriptions/web-news/changes?from=10"
#define ADVISORY "https://nvd.example.org/CVE-2024-4741?a=1"
#define RUN(text)                                                                      \
	"{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",\"text\":"     \
	"\"" text "\"}]}"

static const char *
rendered(struct arena *a, const struct channel_driver *driver, const char *config,
    const char *recipient)
{
	struct story s;
	struct outgoing out;

	story_small(&s, a);
	out = story_render(a, driver, config, &s.d, recipient);
	assert_string_equal(out.subject[0] != '\0' ? "" : out.subject, "");
	return arena_strndup(a, out.body, out.body_len);
}

static void
slack_gets_blocks_with_the_three_escapes(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(rendered(a, &channel_slack, HOOK, ""),
	    "{\"text\":\"1 new (1 exploited), 1 fixed, 2 images: web\","
	    "\"unfurl_links\":false,\"blocks\":[{\"type\":\"header\",\"text\":{"
	    "\"type\":\"plain_text\",\"text\":\"1 new (1 exploited), 1 fixed, 2 "
	    "images: web\"}},{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\","
	    "\"text\":\"*<" ADVISORY "&amp;b=2|CVE-2024-4741>* high (by alpine), "
	    "new, *exploited*\\nUse after free in SSL_free_buffers &amp; "
	    "&lt;friends&gt;\\nopenssl 3.3.0-r0 -&gt; 3.3.1-r0 (alpine:3.20)\\nin 2 "
	    "images: shop (payments), api\\ndo: rebuild the image, or: apk add "
	    "--upgrade openssl\"}},{\"type\":\"section\",\"text\":{\"type\":"
	    "\"mrkdwn\",\"text\":\"*CVE-2022-37434* critical, no longer "
	    "affected\\nzlib 1.2.12-r2 (alpine:3.20)\\nin 1 image: shop "
	    "(payments)\\nwhy: the image was rebuilt without it\"}},{\"type\":"
	    "\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"<" NEXT
	    "&amp;to=12|all of it>\"}},{\"type\":\"context\",\"elements\":[{"
	    "\"type\":\"mrkdwn\",\"text\":\"Sent because subscription web-news "
	    "watches list web.\"}]}]}");
	arena_free(a);
}

static void
mattermost_gets_markdown(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(
	    rendered(a, &channel_slack,
		"{\"url\":\"https://mm.test/hooks/abcdefgh\",\"dialect\":"
		"\"mattermost\"}",
		""),
	    "{\"text\":\"**1 new (1 exploited), 1 fixed, 2 images: web**\\n\\n"
	    "**[CVE-2024-4741](" ADVISORY "&b=2)** high (by alpine), new, "
	    "**exploited**\\nUse after free in SSL\\\\_free\\\\_buffers & "
	    "<\xe2\x80\x8b"
	    "friends>\\nopenssl 3.3.0-r0 -> 3.3.1-r0 (alpine:3.20)\\nin 2 "
	    "images: shop (payments), api\\ndo: rebuild the image, or: apk add "
	    "--upgrade openssl\\n\\n**CVE-2022-37434** critical, no longer "
	    "affected\\nzlib 1.2.12-r2 (alpine:3.20)\\nin 1 image: shop "
	    "(payments)\\nwhy: the image was rebuilt without it\\n\\n[all of "
	    "it](" NEXT "&to=12)\\n\\n_Sent because subscription web-news watches "
	    "list web._\\n\"}");
	arena_free(a);
}

static void
discord_gets_one_embed_that_may_mention_nobody(void **state)
{
	struct arena *a = arena_new();
	const char *body = rendered(a, &channel_discord, HOOK, "");

	(void)state;
	assert_true(str_starts(body,
	    "{\"embeds\":[{\"title\":\"1 new (1 exploited), 1 fixed, 2 images: web\","
	    "\"url\":\"" NEXT "&to=12\",\"color\":12131356,\"description\":\"**["
	    "CVE-2024-4741](" ADVISORY "&b=2)** high (by alpine), new, "
	    "**exploited**\\n"));
	assert_true(str_ends(body,
	    "\"timestamp\":\"2026-01-05T08:00:00Z\",\"footer\":{\"text\":\"Sent "
	    "because subscription web-news watches list web.\"}}],"
	    "\"allowed_mentions\":{\"parse\":[]}}"));
	arena_free(a);
}

static void
teams_gets_an_adaptive_card_of_plain_text_runs(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(rendered(a, &channel_msteams, HOOK, ""),
	    "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
	    "\"application/vnd.microsoft.card.adaptive\",\"contentUrl\":null,"
	    "\"content\":{\"$schema\":\"http://adaptivecards.io/schemas/"
	    "adaptive-card.json\",\"type\":\"AdaptiveCard\",\"version\":\"1.4\","
	    "\"fallbackText\":\"1 new (1 exploited), 1 fixed, 2 images: web\","
	    "\"msteams\":{\"width\":\"Full\"},\"body\":[{\"type\":"
	    "\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",\"text\":\"1 new "
	    "(1 exploited), 1 fixed, 2 images: web\",\"size\":\"Large\","
	    "\"weight\":\"Bolder\"}]},{\"type\":\"Container\",\"spacing\":"
	    "\"Medium\",\"separator\":true,\"items\":[{\"type\":\"RichTextBlock\","
	    "\"inlines\":[{\"type\":\"TextRun\",\"text\":\"CVE-2024-4741\","
	    "\"weight\":\"Bolder\",\"selectAction\":{\"type\":\"Action.OpenUrl\","
	    "\"url\":\"" ADVISORY "&b=2\"}},{\"type\":\"TextRun\",\"text\":\"  high "
	    "(by alpine), new\",\"color\":\"Attention\"},{\"type\":\"TextRun\","
	    "\"text\":\", exploited\",\"weight\":\"Bolder\",\"color\":"
	    "\"Attention\"}]}," RUN(
		"Use after free in SSL_free_buffers & "
		"<friends>") "," RUN("openssl 3.3.0-r0 -> "
				     "3.3.1-r0 "
				     "(alpine:3.20)") "," RUN("in 2 images: shop "
							      "(payments), api") "," RUN("do: rebuild the image, or: apk add --upgrade openssl") "]},{"
																		 "\"type\":\"Container\",\"spacing\":\"Medium\",\"separator\":true,"
																		 "\"items\":[{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":"
																		 "\"TextRun\",\"text\":\"CVE-2022-37434\",\"weight\":\"Bolder\"},{"
																		 "\"type\":\"TextRun\",\"text\":\"  critical, no longer affected\","
																		 "\"color\":\"Good\"}]}," RUN("zlib 1.2.12-r2 (alpine:3.20)") "," RUN("in 1 image: shop (payments)") "," RUN(
																		     "why: the image was "
																		     "rebuilt without it") "]},{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\","
																					   "\"text\":\"Sent because subscription web-news watches list web.\","
																					   "\"size\":\"Small\",\"isSubtle\":true}]}],\"actions\":[{\"type\":"
																					   "\"Action.OpenUrl\",\"title\":\"All of it\",\"url\":\"" NEXT
																					   "&to=12\"}]}}]}");
	arena_free(a);
}

static void
an_office_connector_gets_the_older_card(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(
	    rendered(a, &channel_msteams,
		"{\"url\":\"https://example.webhook.office.com/webhookb2/x\"}", ""),
	    "{\"@type\":\"MessageCard\",\"@context\":\"http://schema.org/"
	    "extensions\",\"summary\":\"1 new (1 exploited), 1 fixed, 2 images: "
	    "web\",\"themeColor\":\"b91c1c\",\"title\":\"1 new (1 exploited), 1 "
	    "fixed, 2 images: web\",\"sections\":[{\"activityTitle\":"
	    "\"CVE-2024-4741\",\"text\":\"high (by alpine), new, "
	    "<b>exploited</b><br>Use after free in SSL_free_buffers &amp; "
	    "&lt;friends&gt;<br>openssl 3.3.0-r0 -&gt; 3.3.1-r0 (alpine:3.20)<br>in "
	    "2 images: shop (payments), api<br>do: rebuild the image, or: apk add "
	    "--upgrade openssl\",\"markdown\":false},{\"activityTitle\":"
	    "\"CVE-2022-37434\",\"text\":\"critical, no longer affected<br>zlib "
	    "1.2.12-r2 (alpine:3.20)<br>in 1 image: shop (payments)<br>why: the "
	    "image was rebuilt without it\",\"markdown\":false},{\"text\":\"Sent "
	    "because subscription web-news watches list web.\",\"markdown\":"
	    "false}],\"potentialAction\":[{\"@type\":\"OpenUri\",\"name\":\"All of "
	    "it\",\"targets\":[{\"os\":\"default\",\"uri\":\"" NEXT "&to=12\"}]}]}");
	arena_free(a);
}

#define ROUTING "{\"routing_key\":\"0123456789abcdef0123456789abcdef\"}"

static void
an_incident_is_triggered_and_resolved_under_one_key(void **state)
{
	struct arena *a = arena_new();
	struct story s;
	const char **names = NULL;
	size_t n = 0;

	(void)state;
	story_small(&s, a);
	assert_int_equal(
	    channel_pagerduty.recipients(&s.d, NULL, a, &names, &n, NULL), ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "CVE-2024-4741");
	assert_string_equal(names[1], "CVE-2022-37434");
	assert_true(str_starts(rendered(a, &channel_pagerduty, ROUTING, names[0]),
	    "{\"event_action\":\"trigger\",\"dedup_key\":\"tocsin/lst_"));
	assert_non_null(strstr(rendered(a, &channel_pagerduty, ROUTING, names[0]),
	    "/CVE-2024-4741\",\"client\":\"tocsin\",\"client_url\":\"" NEXT
	    "&to=12\",\"links\":[{\"href\":\"" ADVISORY
	    "&b=2\",\"text\":\"CVE-2024-4741\"}],\"payload\":{\"summary\":"
	    "\"CVE-2024-4741 high (by alpine), exploited: openssl 3.3.0-r0 -> "
	    "3.3.1-r0 (alpine:3.20), in 2 images: shop (payments), api, list web\","
	    "\"source\":\"tocsin\",\"severity\":\"critical\",\"timestamp\":"
	    "\"2026-01-05T08:00:00Z\",\"group\":\"web\",\"class\":"
	    "\"vulnerability\",\"custom_details\":{\"CVE-2024-4741 (new)\":{"));
	assert_true(str_starts(rendered(a, &channel_pagerduty, ROUTING, names[1]),
	    "{\"event_action\":\"resolve\",\"dedup_key\":\"tocsin/lst_"));
	assert_null(strstr(rendered(a, &channel_pagerduty, ROUTING, names[0]),
	    "0123456789abcdef0123456789abcdef\"}"));
	arena_free(a);
}

static void
an_incident_goes_on_while_other_images_are_hit(void **state)
{
	struct arena *a = arena_new();
	struct story s;
	struct outgoing out;

	(void)state;
	story_small(&s, a);
	s.changes.rows[1].is_left = true;
	out = story_render(a, &channel_pagerduty, ROUTING, &s.d, "CVE-2022-37434");
	assert_true(str_starts(out.body, "{\"event_action\":\"trigger\""));
	arena_free(a);
}

/* ---- any story ---- */

/* Every text of J, also the keys. */
static void
walk(const struct json *j, void (*look)(const char *text, const char *where),
    const char *where)
{
	const struct json *value;

	if (json_str(j) != NULL)
		look(json_str(j), where);
	for (size_t i = 0; i < json_count(j); i++) {
		if (json_kind(j) == JSON_IS_ARRAY) {
			walk(json_at(j, i), look, where);
			continue;
		}
		where = json_member(j, i, &value);
		walk(value, look, where);
	}
}

static void
calls_nobody(const char *text, const char *where)
{
	static const char *const calls[] = { "@here", "@everyone", "@channel", "@all",
		"<!channel", "<!here", "<@U" };

	for (size_t i = 0; i < ROWS(calls); i++)
		if (strstr(text, calls[i]) != NULL)
			fail_msg("%s in %s: %s", calls[i], where, text);
	if (!utf8_valid(text, strlen(text)))
		fail_msg("broken UTF-8 in %s", where);
}

static void
names_nobody(const char *text, const char *where)
{
	(void)where;
	if (str_starts(text, "http"))
		return;
	for (const char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@'))
		if (strncmp(at + 1, "\xe2\x80\x8b", 3) != 0)
			fail_msg("somebody is named: %s", at);
}

static size_t
text_len(const struct json *j, const char *key)
{
	const char *text = json_str(json_get(j, key));

	return text != NULL ? strlen(text) : 0;
}

static void
fits_slack(const struct json *j)
{
	const struct json *blocks = json_get(j, "blocks");

	assert_in_range(json_count(blocks), 1, 50);
	for (size_t i = 0; i < json_count(blocks); i++) {
		const struct json *block = json_at(blocks, i);
		const struct json *text = json_get(block, "text");
		const char *type = json_str(json_get(block, "type"));

		if (str_eq(type, "header"))
			assert_in_range(text_len(text, "text"), 1, 150);
		if (str_eq(type, "section"))
			assert_in_range(text_len(text, "text"), 1, 3000);
	}
	walk(j, calls_nobody, "");
}

static void
fits_mattermost(const struct json *j)
{
	assert_in_range(text_len(j, "text"), 1, 16383);
	walk(j, names_nobody, "");
	walk(j, calls_nobody, "");
}

static void
fits_rocketchat(const struct json *j)
{
	assert_in_range(text_len(j, "text"), 1, 5000);
	walk(j, names_nobody, "");
}

static void
fits_discord(const struct json *j)
{
	const struct json *embed = json_at(json_get(j, "embeds"), 0);
	size_t title = text_len(embed, "title"),
	       description = text_len(embed, "description"),
	       footer = text_len(json_get(embed, "footer"), "text");

	assert_int_equal(json_count(json_get(j, "embeds")), 1);
	assert_in_range(title, 1, 256);
	assert_in_range(description, 1, 4096);
	assert_in_range(footer, 0, 2048);
	assert_in_range(title + description + footer, 1, 6000);
	walk(j, calls_nobody, "");
}

static void
fits_anyway(const struct json *j)
{
	walk(j, calls_nobody, "");
}

static void
fits_pagerduty(const struct json *j)
{
	assert_in_range(text_len(j, "dedup_key"), 1, 255);
	assert_in_range(text_len(json_get(j, "payload"), "summary"), 1, 1024);
	walk(j, calls_nobody, "");
}

static void
fits_tracker(const struct json *j)
{
	assert_in_range(text_len(j, "title"), 1, 255);
	assert_in_range(text_len(j, "text"), 1, 65536);
	walk(json_get(j, "text"), names_nobody, "");
	walk(j, calls_nobody, "");
}

static const struct {
	const struct channel_driver *driver;
	const char *config;
	size_t max;
	void (*fits)(const struct json *j);
} vendors[] = {
	{ &channel_slack, HOOK, 40000, fits_slack },
	{ &channel_slack, "{\"url\":\"https://h.test/x\",\"dialect\":\"mattermost\"}",
	    40000, fits_mattermost },
	{ &channel_slack, "{\"url\":\"https://h.test/x\",\"dialect\":\"rocketchat\"}",
	    12000, fits_rocketchat },
	{ &channel_discord, HOOK, 16000, fits_discord },
	{ &channel_msteams, HOOK, 28000, fits_anyway },
	{ &channel_msteams, "{\"url\":\"https://h.test/x\",\"card\":\"messagecard\"}",
	    28000, fits_anyway },
	{ &channel_pagerduty, ROUTING, 512000, fits_pagerduty },
	{ &channel_github, "{\"repository\":\"o/r\",\"token\":\"github_pat_x\"}",
	    131072, fits_tracker },
	{ &channel_gitlab, "{\"project\":\"7\",\"token\":\"glpat-xxxx\"}", 131072,
	    fits_tracker },
};

static void
look_at(struct arena *a, size_t v, const struct digest *d, const char *recipient)
{
	struct outgoing out =
	    story_render(a, vendors[v].driver, vendors[v].config, d, recipient);
	struct json *j = NULL;
	struct err e = ERR_INIT;

	assert_in_range(out.body_len, 1, vendors[v].max);
	assert_true(utf8_valid(out.body, out.body_len));
	if (json_parse(&j, out.body, out.body_len, &e) != ERR_OK)
		fail_msg("%s: %s", vendors[v].driver->type, e.text);
	vendors[v].fits(j);
	json_free(j);
}

static void
whatever_is_said_fits_and_calls_nobody(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 150; seed++)
		for (size_t v = 0; v < ROWS(vendors); v++) {
			struct arena *a = arena_new();
			const char **names = NULL;
			struct story s;
			size_t n = 0;

			story_wild(&s, a, seed);
			assert_int_equal(vendors[v].driver->recipients(
					     &s.d, NULL, a, &names, &n, NULL),
			    ERR_OK);
			for (size_t i = 0; i < n && i < 3; i++)
				look_at(a, v, &s.d, names[i]);
			if (n > 3)
				look_at(a, v, &s.d, names[n - 1]);
			arena_free(a);
		}
}

static void
a_notice_fits_everywhere(void **state)
{
	const struct notice notice = { .type = "tocsin.test",
		.channel = "ops",
		.title = "Test of channel ops",
		.text = "If you can read this, it works.",
		.confirm_url = "https://tocsin.example.org/c/abcdef" };
	const struct digest d = {
		.notice = &notice, .message_id = "msg_1", .at = 1767600000
	};

	(void)state;
	for (size_t v = 0; v < ROWS(vendors); v++) {
		struct arena *a = arena_new();

		look_at(a, v, &d, "");
		arena_free(a);
	}
}

/* ---- secrets ---- */

static void
a_hook_shows_its_host_and_four_characters(void **state)
{
	static const struct {
		const struct channel_driver *driver;
		const char *config, *shown;
	} rows[] = {
		{ &channel_slack, HOOK,
		    "{\"url\":\"https://hook.test/...cret\",\"dialect\":\"slack\"}" },
		{ &channel_discord, HOOK, "{\"url\":\"https://hook.test/...cret\"}" },
		{ &channel_msteams, "{\"url\":\"https://x.test/?sig=topsecret\"}",
		    "{\"url\":\"https://x.test/...cret\",\"card\":null}" },
		{ &channel_pagerduty, ROUTING,
		    "{\"routing_key\":\"...cdef\",\"url\":null}" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf out = BUF_INIT(4096);
		struct json *j = NULL;
		struct json_writer w;

		assert_int_equal(
		    json_parse(&j, rows[i].config, strlen(rows[i].config), NULL),
		    ERR_OK);
		jw_init(&w, &out);
		rows[i].driver->show(j, &w);
		assert_string_equal(buf_str(&out), rows[i].shown);
		json_free(j);
		buf_done(&out);
	}
}

static void
a_card_says_what_happened_to_an_image(void **state)
{
	static const struct {
		enum event_kind kind;
		const char *says;
	} rows[] = {
		{ EVENT_IMAGE_MOVED, "shop moved: 2 findings gained, 1 lost" },
		{ EVENT_IMAGE_DELETED, "shop was deleted" },
		{ EVENT_IMAGE_END_OF_LIFE,
		    "shop stands on a system that ends on 1970" },
		{ EVENT_IMAGE_UNREACHABLE, "shop is not in its registry any more" },
		{ EVENT_IMAGE_REACHABLE, "shop is in its registry again" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct image_change image = { .kind = rows[i].kind,
			.image = { .id = 1, .name = "shop", .ref = "r/shop" },
			.gained = 2,
			.lost = 1 };
		struct story s;

		story_small(&s, a);
		s.changes.images = &image;
		s.changes.n_images = 1;
		assert_non_null(
		    strstr(story_render(a, &channel_slack, HOOK, &s.d, "").body,
			rows[i].says));
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slack_gets_blocks_with_the_three_escapes),
		cmocka_unit_test(mattermost_gets_markdown),
		cmocka_unit_test(discord_gets_one_embed_that_may_mention_nobody),
		cmocka_unit_test(teams_gets_an_adaptive_card_of_plain_text_runs),
		cmocka_unit_test(an_office_connector_gets_the_older_card),
		cmocka_unit_test(an_incident_is_triggered_and_resolved_under_one_key),
		cmocka_unit_test(an_incident_goes_on_while_other_images_are_hit),
		cmocka_unit_test(whatever_is_said_fits_and_calls_nobody),
		cmocka_unit_test(a_notice_fits_everywhere),
		cmocka_unit_test(a_card_says_what_happened_to_an_image),
		cmocka_unit_test(a_hook_shows_its_host_and_four_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
