/* SPDX-License-Identifier: Apache-2.0 */
/* show_test - settings as they are shown, and docs/CONFIG.md. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_private.h"
#include "core/buf.h"
#include "core/feed_config.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"

static struct buf out;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1 << 20);
	return setenv("TOCSIN_STATE_DIR", "/tmp/tocsin-state", 1);
}

static int
teardown(void **state)
{
	(void)state;
	buf_done(&out);
	return 0;
}

static struct config *
parsed(const char *yaml)
{
	struct config *c = NULL;
	struct err e = ERR_INIT;

	if (config_parse(&c, yaml, strlen(yaml), NULL, NULL, &e) != ERR_OK)
		fail_msg("%s\n%s", yaml, e.text);
	return c;
}

/* What is shown of YAML, in OUT. */
static void
show(const char *yaml)
{
	struct config *c = parsed(yaml);

	buf_reset(&out);
	config_show(c, &out);
	assert_false(out.full);
	config_free(c);
}

static const char unusual[] =
    "listen: \"[::1]:0\"\n"
    "db: 'C:\\a \"quoted\" path'\n"
    "public_url: \"https://t.example.org/caf\xc3\xa9?a=b#c: d\"\n"
    "feeds:\n"
    "  catalogue: [\"alpine-*\", kev]\n"
    "  list:\n"
    "    - {name: kev, enabled: false}\n"
    "    - {name: own, driver: secdb, source: alpine, url: \"file:///a b/{c}, d\",\n"
    "       interval: 250s, ecosystems: [\"alpine:3.20\"], size: 7, start: \"2020\",\n"
    "       ca_file: \"/a'b\\\"c\", proxy: \"http://p:1\", remark: \"one\\ntwo\"}\n"
    "notify:\n"
    "  allow_cidrs: [10.0.0.0/8]\n"
    "  gather: 90s\n"
    "  retry: [250ms, 1h]\n"
    "  smtp: {url: \"smtp://m:25\", from: a@b, starttls: true, ca_file: \"/ca#pem\"}\n"
    "api: {threads: 3, max_upload: 10MiB}\n";

/* Shown, read and shown again: the same; so nothing was lost or changed meaning. */
static void
what_is_shown_can_be_read_back(void **state)
{
	static const char *const rows[] = { "", unusual, "feeds.catalogue: []",
		"feeds.list: []", "notify.retry: []" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		CLEANUP_BUF struct buf first = BUF_INIT(1 << 20);

		show(rows[i]);
		buf_add(&first, out.data, out.len);
		show(buf_str(&first));
		assert_string_equal(buf_str(&out), buf_str(&first));
	}
}

static void
what_is_read_back_means_the_same(void **state)
{
	struct config *one = parsed(unusual), *two;

	(void)state;
	config_show(one, &out);
	two = parsed(buf_str(&out));
	assert_string_equal(two->db, "C:\\a \"quoted\" path");
	assert_string_equal(two->public_url, one->public_url);
	assert_string_equal(two->smtp_ca_file, "/ca#pem");
	assert_int_equal(two->retry_ms[0], 250);
	assert_int_equal(two->max_upload, 10 << 20);
	assert_string_equal(two->catalogue_globs[0], "alpine-*");
	assert_int_equal(two->n_feeds, one->n_feeds);
	assert_string_equal(two->feeds[0].name, "kev");
	assert_false(two->feeds[0].enabled);
	assert_string_equal(two->feeds[1].url, "file:///a b/{c}, d");
	assert_string_equal(two->feeds[1].ca_file, "/a'b\"c");
	assert_string_equal(two->feeds[1].remark, "one\ntwo");
	assert_string_equal(two->feeds[1].ecosystems[0], "alpine:3.20");
	assert_int_equal(two->feeds[1].interval_ms, 250000);
	assert_int_equal(two->feeds[1].expected_bytes, 7);
	config_free(one);
	config_free(two);
}

static void
characters_that_yaml_refuses_are_escaped(void **state)
{
	static const char strange[] = "db: "
				      "\"\\x7f|\\x80|\\N|\\x9f|\\xa0|\\L|\\P|\\ufeff|"
				      "\\ufffe|\\uffff|\\t|\\e|\\U0001f600\"\n";
	struct config *one = parsed(strange), *two;

	(void)state;
	config_show(one, &out);
	two = parsed(buf_str(&out));
	assert_string_equal(two->db,
	    "\x7f|\xc2\x80|\xc2\x85|\xc2\x9f|\xc2\xa0|"
	    "\xe2\x80\xa8|\xe2\x80\xa9|\xef\xbb\xbf|"
	    "\xef\xbf\xbe|\xef\xbf\xbf|\t|\x1b|\xf0\x9f\x98\x80");
	assert_string_equal(one->db, two->db);
	config_free(one);
	config_free(two);
}

static void
secrets_are_not_shown(void **state)
{
	(void)state;
	show("notify.smtp.password: geheim1\n"
	     "notify.smtp.url: smtp://u:geheim2@mail:25\n"
	     "notify.smtp.from: a@b\n"
	     "feeds.list: [{name: x, driver: kev, url: \"https://u:ge@heim3@x/p@q\",\n"
	     "  api_key: geheim4, proxy: \"http://u:geheim5@p:1\"}]\n");
	assert_null(strstr(buf_str(&out), "geheim"));
	assert_null(strstr(buf_str(&out), "heim3"));
	assert_non_null(
	    strstr(buf_str(&out), "notify.smtp.password: ~ # set, not shown\n"));
	assert_non_null(strstr(buf_str(&out), "\"smtp://***@mail:25\""));
	assert_non_null(strstr(buf_str(&out), "\"https://***@x/p@q\""));
	assert_non_null(strstr(buf_str(&out), "\"http://***@p:1\""));
}

static void
every_setting_is_shown_and_documented(void **state)
{
	CLEANUP_BUF struct buf doc = BUF_INIT(1 << 20);

	(void)state;
	show("");
	config_document(&doc);
	for (const struct setting *s = settings; s->name != NULL; s++) {
		char line[128], row[128];

		(void)snprintf(line, sizeof(line), "%s: ", s->name);
		(void)snprintf(row, sizeof(row), "| `%s` | ", s->name);
		if (strstr(buf_str(&out), line) == NULL ||
		    strstr(buf_str(&doc), row) == NULL)
			fail_msg("%s is missing", s->name);
	}
	for (const struct limit_row *l = limits_table; l->name != NULL; l++)
		if (strstr(buf_str(&doc), l->name) == NULL)
			fail_msg("%s is missing", l->name);
}

static void
the_document_in_docs_is_the_one_made_from_the_table(void **state)
{
	CLEANUP_BUF struct buf made = BUF_INIT(1 << 20);
	struct stream *in = NULL;
	struct err e = ERR_INIT;

	(void)state;
	config_document(&made);
	if (stream_open_file(&in, PROJECT_DIR "/docs/CONFIG.md", 1 << 20, &e) != ERR_OK)
		fail_msg("%s", e.text);
	assert_int_equal(stream_read_all(in, &out, &e), ERR_OK);
	stream_close(in);
	if (strcmp(buf_str(&made), buf_str(&out)) != 0)
		fail_msg(
		    "write it anew: tocsin check-config --document >docs/CONFIG.md");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_shown_can_be_read_back),
		TEST(what_is_read_back_means_the_same),
		TEST(characters_that_yaml_refuses_are_escaped),
		TEST(secrets_are_not_shown),
		TEST(every_setting_is_shown_and_documented),
		TEST(the_document_in_docs_is_the_one_made_from_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
