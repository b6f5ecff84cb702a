/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that users write: what they may say, what cannot leave its string. */
#include "unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/str.h"
#include "notify/card.h"
#include "notify/template.h"
#include "unit/notify/story.h"

static const char *
expanded(struct arena *a, const char *text, enum template_escape escape, size_t n)
{
	struct buf out = BUF_INIT(65536);
	struct template_values v;
	struct story s;
	struct card c;
	const char *copy;

	story_small(&s, a);
	card_make(&s.d, a, &c);
	v = (struct template_values){ .card = &c, .digest = &s.d, .n = n };
	template_expand(text, escape, &v, a, &out);
	copy = arena_strndup(a, buf_str(&out), out.len);
	buf_done(&out);
	return copy;
}

static void
values_sections_and_filters(void **state)
{
	static const struct {
		const char *text;
		enum template_escape escape;
		const char *want;
	} rows[] = {
		{ "plain", TEMPLATE_PLAIN, "plain" },
		{ "{{title}}!", TEMPLATE_PLAIN,
		    "1 new (1 exploited), 1 fixed, 2 images: web!" },
		{ "{{ n_opened }}/{{n_images}}", TEMPLATE_PLAIN, "1/2" },
		{ "{{#entries}}{{name}}{{^last}}, {{/last}}{{/entries}}",
		    TEMPLATE_PLAIN, "CVE-2024-4741, CVE-2022-37434" },
		{ "{{#entries}}{{#exploited}}{{name}}{{/exploited}}{{/entries}}",
		    TEMPLATE_PLAIN, "CVE-2024-4741" },
		{ "{{#entries}}{{#exploited}}[{{#link}}{{link}}{{/link}}]{{/exploited}}"
		  "{{/entries}}",
		    TEMPLATE_PLAIN, "[https://nvd.example.org/CVE-2024-4741?a=1&b=2]" },
		{ "{{#urgent}}now{{/urgent}}{{^urgent}}later{{/urgent}}",
		    TEMPLATE_PLAIN, "now" },
		{ "{{#n_fix_available}}x{{/n_fix_available}}", TEMPLATE_PLAIN, "" },
		{ "{{list}} {{subscription}} {{time}}", TEMPLATE_PLAIN,
		    "web web-news 2026-01-05T08:00:00Z" },
		{ "{{#entries}}{{#exploited}}{{about}}{{/exploited}}{{/entries}}",
		    TEMPLATE_MARKUP,
		    "Use after free in SSL_free_buffers &amp; &lt;friends&gt;" },
		{ "{{#entries}}{{#exploited}}{{about|html}}{{/exploited}}{{/entries}}",
		    TEMPLATE_JSON,
		    "Use after free in SSL_free_buffers &amp; &lt;friends&gt;" },
		{ "t={{title}}", TEMPLATE_FORM,
		    "t=1%20new%20%281%20exploited%29%2C%201%20fixed%2C%202%20images%3A%"
		    "20web" },
		{ "{{list|url}}", TEMPLATE_PLAIN, "web" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct arena *a = arena_new();
		struct err e = ERR_INIT;

		if (template_check(rows[i].text, &e) != ERR_OK)
			fail_msg("row %zu: %s", i, e.text);
		assert_string_equal(
		    expanded(a, rows[i].text, rows[i].escape, 2), rows[i].want);
		arena_free(a);
	}
}

static void
what_was_left_out_is_counted(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(
	    expanded(a, "{{#entries}}{{name}} {{/entries}}{{more}}", TEMPLATE_PLAIN, 1),
	    "CVE-2024-4741 ... and 1 more");
	arena_free(a);
}

static void
mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "{{nonsense}}", "nonsense" },
		{ "{{name}}", "name" }, /* only inside entries */
		{ "{{#entries}}", "not closed" },
		{ "{{/entries}}", "closes nothing" },
		{ "{{#entries}}{{#entries}}{{/entries}}{{/entries}}", "once" },
		{ "{{^entries}}{{/entries}}", "once" },
		{ "{{title|rot13}}", "rot13" },
		{ "{{title", "cannot read" },
		{ "{{}}", "cannot read" },
		{ "{{title.x}}", "cannot read" },
		{ "{{#url}}{{#url}}{{#url}}{{#url}}{{#url}}{{/url}}{{/url}}{{/url}}{{/"
		  "url}}{{/url}}",
		    "deep" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err e = ERR_INIT;

		if (template_check(rows[i].text, &e) == ERR_OK)
			fail_msg("row %zu is accepted", i);
		if (strstr(e.text, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, e.text);
	}
}

/* ---- through the channel ---- */

static enum err_code
check_config(struct arena *a, const char *config, struct err *e)
{
	static const struct notify_settings settings = { .gather_ms = 0 };
	const char *full = NULL, *secret = NULL;
	struct json *j = NULL;
	enum err_code rc;

	if (json_parse(&j, config, strlen(config), e) != ERR_OK)
		fail_msg("not JSON: %s", config);
	rc = notify_channel_check("webhook", j, &settings, a, &full, &secret, e);
	json_free(j);
	return rc;
}

static void
configurations_that_cannot_work_are_refused(void **state)
{
	static const struct {
		const char *more, *says;
	} rows[] = {
		{ "\"method\":\"GET\"", "method" },
		{ "\"headers\":{\"Host\":\"x\"}", "Host" },
		{ "\"headers\":{\"content-length\":\"1\"}", "content-length" },
		{ "\"headers\":{\"Webhook-Id\":\"x\"}", "Webhook-Id" },
		{ "\"headers\":{\"A B\":\"x\"}", "A B" },
		{ "\"headers\":{\"A\":\"x\\r\\nB: y\"}", "value of A" },
		{ "\"headers\":[\"A: x\"]", "object" },
		{ "\"content_type\":\"json\"", "content_type" },
		{ "\"content_type\":\"a/b\\r\\nX: y\"", "content_type" },
		{ "\"body\":\"{{what}}\"", "what" },
		{ "\"body\":\"{\\\"a\\\":{{title}}}\"", "does not make JSON" },
		{ "\"body\":\"[{{#entries}}\\\"{{name}}\\\",{{/entries}}]\"",
		    "does not make JSON" },
		{ "\"body\":\"\\\"{{title}}\\\"\",\"max_bytes\":300", "no room" },
		{ "\"max_bytes\":1", "max_bytes" },
		{ "\"old_secret\":\"whsec_short\"", "old_secret" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct arena *a = arena_new();
		struct err e = ERR_INIT;

		if (check_config(a,
			arena_printf(
			    a, "{\"url\":\"https://x.test/\",%s}", rows[i].more),
			&e) == ERR_OK)
			fail_msg("row %zu is accepted", i);
		if (strstr(e.text, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, e.text);
		arena_free(a);
	}
}

#define WILD                                                                           \
	"{\"url\":\"https://x.test/\",\"max_bytes\":4000,\"body\":\"{\\\"t\\\":"       \
	"\\\"{{title}}\\\",\\\"h\\\":\\\"{{title|html}}\\\",\\\"e\\\":[{{#entries}}{"  \
	"\\\"n\\\":\\\"{{name}}\\\",\\\"p\\\":\\\"{{packages|markdown}}\\\"}{{^last}}" \
	",{{/last}}{{/entries}}]}\"}"

static void
whatever_is_inserted_stays_in_its_string(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct arena *a = arena_new();
		struct outgoing out;
		struct story s;
		struct json *j = NULL;
		struct err e = ERR_INIT;

		story_wild(&s, a, seed);
		out = story_render(a, &channel_webhook, WILD, &s.d, "");
		assert_in_range(out.body_len, 1, 4000);
		if (json_parse(&j, out.body, out.body_len, &e) != ERR_OK)
			fail_msg("seed %u: %s", seed, e.text);
		assert_int_equal(json_count(j), 3);
		json_free(j);
		arena_free(a);
	}
}

/* ---- the examples ---- */

static char *
read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = arena_zalloc(a, 65536);

	if (f == NULL || fread(text, 1, 65535, f) == 0)
		fail_msg("cannot read %s", path);
	(void)fclose(f);
	return text;
}

static void
try_example(const char *path)
{
	struct arena *a = arena_new();
	char *text = read_file(a, path);
	struct buf config = BUF_INIT(65536);
	struct json *j = NULL, *made = NULL;
	struct outgoing out;
	struct story s;
	struct err e = ERR_INIT;
	const char *type;

	if (json_parse(&j, text, strlen(text), &e) != ERR_OK)
		fail_msg("%s: %s", path, e.text);
	type = json_str(json_get(json_get(j, "config"), "content_type"));
	json_print(json_get(j, "config"), &config);
	story_small(&s, a);
	out = story_render(a, channel_driver(json_str(json_get(j, "type"))),
	    buf_str(&config), &s.d, "");
	if (type == NULL && json_parse(&made, out.body, out.body_len, &e) != ERR_OK)
		fail_msg("%s: %s", path, e.text);
	json_free(made);
	json_free(j);
	buf_done(&config);
	arena_free(a);
}

static void
every_example_can_be_used(void **state)
{
	DIR *d = opendir(PROJECT_DIR "/examples/channels");
	struct dirent *entry;
	size_t n = 0;

	(void)state;
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		char path[512];

		if (!str_ends(entry->d_name, ".json"))
			continue;
		(void)snprintf(path, sizeof(path), PROJECT_DIR "/examples/channels/%s",
		    entry->d_name);
		try_example(path);
		n++;
	}
	(void)closedir(d);
	assert_in_range(n, 6, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_sections_and_filters),
		cmocka_unit_test(what_was_left_out_is_counted),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(configurations_that_cannot_work_are_refused),
		cmocka_unit_test(whatever_is_inserted_stays_in_its_string),
		cmocka_unit_test(every_example_can_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
