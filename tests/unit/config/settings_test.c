/* SPDX-License-Identifier: Apache-2.0 */
/* settings_test - the settings of a file: types, ranges, misspelt keys, defaults. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config_private.h"
#include "core/str.h"

static struct config *c;

static int
setup(void **state)
{
	(void)state;
	c = NULL;
	return setenv("TOCSIN_STATE_DIR", "/tmp/tocsin-state", 1);
}

static int
teardown(void **state)
{
	(void)state;
	config_free(c);
	return 0;
}

static void
parse(const char *yaml)
{
	struct err e = ERR_INIT;

	config_free(c);
	c = NULL;
	if (config_parse(&c, yaml, strlen(yaml), "t.yaml", NULL, &e) != ERR_OK)
		fail_msg("%s: %s", yaml, e.text);
}

/* WANT is the whole message. */
static void
refused(const char *yaml, const char *want)
{
	struct config *none = NULL;
	struct err e = ERR_INIT;
	enum err_code rc = config_parse(&none, yaml, strlen(yaml), "t.yaml", NULL, &e);

	if (rc != ERR_INPUT || none != NULL || strcmp(e.text, want) != 0)
		fail_msg("%s: wanted \"%s\", got %s \"%s\"", yaml, want,
		    err_code_name(rc), e.text);
}

static void
without_a_file_all_is_at_its_default(void **state)
{
	struct config *none = NULL;

	(void)state;
	assert_int_equal(config_load(&none, NULL, NULL, NULL), ERR_OK);
	config_free(none);
	parse("");
	assert_string_equal(c->listen, "127.0.0.1:8080");
	assert_string_equal(c->listen_host, "127.0.0.1");
	assert_string_equal(c->state_dir, "/tmp/tocsin-state");
	assert_string_equal(c->db, "sqlite:/tmp/tocsin-state/tocsin.db");
	assert_null(c->public_url);
	assert_string_equal(c->log_level, "info");
	assert_string_equal(c->catalogue, "auto");
	assert_int_equal(c->feed_jitter_percent, 10);
	assert_true(str_starts(c->user_agent, "tocsin/"));
	assert_null(c->allow_cidrs[0]);
	assert_int_equal(c->gather_ms, 60000);
	assert_int_equal(c->n_retry, 7);
	assert_int_equal(c->retry_ms[0], 5000);
	assert_int_equal(c->retry_ms[6], 86400000);
	assert_null(c->smtp_url);
	assert_false(c->smtp_starttls);
	assert_int_equal(c->max_upload, 64 << 20);
	assert_int_equal(c->max_request, 1 << 20);
	assert_true(c->n_feeds > 10);
}

static void
an_empty_file_is_as_good_as_none(void **state)
{
	static const char *const rows[] = { "", "# nothing\n", "---\n", "---\n...\n",
		"{}", "~" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		parse(rows[i]);
		assert_string_equal(c->listen, "127.0.0.1:8080");
	}
}

static void
every_type_of_setting_is_read(void **state)
{
	(void)state;
	parse("listen: \"[::1]:0\"\n"
	      "db: /srv/t.db\n"
	      "public_url: https://tocsin.example.org\n"
	      "log_level: debug\n"
	      "feeds:\n"
	      "  catalogue: [debian-*, kev]\n"
	      "  jitter_percent: 0\n"
	      "notify:\n"
	      "  allow_cidrs: [10.0.0.0/8, \"fd00::/8\"]\n"
	      "  gather: 5m\n"
	      "  retry: [250ms, 1, 2h]\n"
	      "  smtp:\n"
	      "    url: smtps://mail.example.org:465\n"
	      "    from: tocsin@example.org\n"
	      "    user: tocsin\n"
	      "    password: \"geheim # 1\"\n"
	      "    starttls: yes\n"
	      "api:\n"
	      "  threads: 64\n"
	      "  max_upload: 1GiB\n"
	      "  max_request: 2048\n");
	assert_string_equal(c->listen, "[::1]:0");
	assert_string_equal(c->listen_host, "[::1]");
	assert_string_equal(c->db, "/srv/t.db");
	assert_string_equal(c->public_url, "https://tocsin.example.org");
	assert_null(c->catalogue);
	assert_int_equal(c->n_catalogue_globs, 2);
	assert_string_equal(c->catalogue_globs[1], "kev");
	assert_int_equal(c->feed_jitter_percent, 0);
	assert_string_equal(c->allow_cidrs[1], "fd00::/8");
	assert_null(c->allow_cidrs[2]);
	assert_int_equal(c->gather_ms, 300000);
	assert_int_equal(c->n_retry, 3);
	assert_int_equal(c->retry_ms[0], 250);
	assert_int_equal(c->retry_ms[1], 1000);
	assert_int_equal(c->retry_ms[2], 7200000);
	assert_string_equal(c->smtp_password, "geheim # 1");
	assert_true(c->smtp_starttls);
	assert_int_equal(c->api_threads, 64);
	assert_int_equal(c->max_upload, 1 << 30);
	assert_int_equal(c->max_request, 2048);
}

static void
a_key_may_be_dotted_or_nested(void **state)
{
	(void)state;
	parse("notify.smtp.url: smtp://m\nnotify: {smtp.from: a@b, smtp: {user: u}}\n"
	      "api.threads: 3\n");
	assert_string_equal(c->smtp_url, "smtp://m");
	assert_string_equal(c->smtp_from, "a@b");
	assert_string_equal(c->smtp_user, "u");
	assert_int_equal(c->api_threads, 3);
}

static void
a_wrong_value_is_told_with_line_and_wish(void **state)
{
	static const char *const rows[][2] = {
		{ "listen: [x]", "line 1: listen must be a text" },
		{ "listen: {}", "line 1: listen must be a text" },
		{ "listen: ~", "line 1: listen must be a text" },
		{ "listen:", "line 1: listen must be a text" },
		{ "\nlog_level: null", "line 2: log_level must be a text" },
		{ "notify:\n  gather: soon",
		    "line 2: notify.gather must be a duration like 30s, 5m, 1h" },
		{ "notify.gather: -5s",
		    "line 1: notify.gather must be a duration like 30s, 5m, 1h" },
		{ "notify.gather: ~", "line 1: notify.gather must be a number" },
		{ "notify.gather: [5s]", "line 1: notify.gather must be a number" },
		{ "notify.gather: 999ms",
		    "line 1: notify.gather must lie between 1000 and 86400000" },
		{ "notify.gather: 2d",
		    "line 1: notify.gather must lie between 1000 and 86400000" },
		{ "notify.gather: 99999999999999999999d",
		    "line 1: notify.gather must be a duration like 30s, 5m, 1h" },
		{ "api.threads: two", "line 1: api.threads must be a whole number" },
		{ "api.threads: 2.5", "line 1: api.threads must be a whole number" },
		{ "api.threads: 0x10", "line 1: api.threads must be a whole number" },
		{ "api.threads: ''", "line 1: api.threads must be a whole number" },
		{ "api.threads: 0", "line 1: api.threads must lie between 1 and 64" },
		{ "api.threads: -1", "line 1: api.threads must lie between 1 and 64" },
		{ "api.threads: 65", "line 1: api.threads must lie between 1 and 64" },
		{ "api.threads: 99999999999999999999",
		    "line 1: api.threads must be a whole number" },
		{ "feeds.jitter_percent: 51",
		    "line 1: feeds.jitter_percent must lie between 0 and 50" },
		{ "feeds.jitter_percent: -1",
		    "line 1: feeds.jitter_percent must lie between 0 and 50" },
		{ "api.max_upload: much",
		    "line 1: api.max_upload must be a size like 64MiB" },
		{ "api.max_upload: -1",
		    "line 1: api.max_upload must be a size like 64MiB" },
		{ "api.max_upload: 16777216T",
		    "line 1: api.max_upload must be a size like 64MiB" },
		{ "api.max_upload: 2GiB",
		    "line 1: api.max_upload must lie between 1024 and 1073741824" },
		{ "notify.smtp.starttls: 1",
		    "line 1: notify.smtp.starttls must be true or false" },
		{ "notify.smtp.starttls: TRUE",
		    "line 1: notify.smtp.starttls must be true or false" },
		{ "notify.smtp.starttls: ~",
		    "line 1: notify.smtp.starttls must be true or false" },
		{ "notify.smtp.starttls: []",
		    "line 1: notify.smtp.starttls must be true or false" },
		{ "notify.retry: 5s",
		    "line 1: notify.retry must be a list of at most 32 durations" },
		{ "notify.retry: {a: 5s}",
		    "line 1: notify.retry must be a list of at most 32 durations" },
		{ "notify.retry:\n- 5s\n- soon",
		    "line 3: notify.retry must be a list of durations" },
		{ "notify.retry: [~]",
		    "line 1: notify.retry must be a list of durations" },
		{ "notify.retry: [[5s]]",
		    "line 1: notify.retry must be a list of durations" },
		{ "notify.allow_cidrs: 10.0.0.0/8",
		    "line 1: notify.allow_cidrs must be a list" },
		{ "notify.allow_cidrs: [{}]",
		    "line 1: notify.allow_cidrs must be a list of texts" },
		{ "notify.allow_cidrs:\n- 10.0.0.0/8\n- 10.0.0.0/33",
		    "line 3: \"10.0.0.0/33\" is no network like 10.0.0.0/8" },
		{ "notify.allow_cidrs: [localhost]",
		    "line 1: \"localhost\" is no network like 10.0.0.0/8" },
		{ "feeds.catalogue: all",
		    "line 1: feeds.catalogue must be auto or a list of names" },
		{ "feeds.catalogue: {}", "line 1: feeds.catalogue must be a list" },
		{ "feeds.catalogue: [[x]]",
		    "line 1: feeds.catalogue must be a list of texts" },
		{ "[]", "line 1: settings are \"key: value\"" },
		{ "\nlisten", "line 2: settings are \"key: value\"" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char want[256];

		(void)snprintf(want, sizeof(want), "t.yaml: %s", rows[i][1]);
		refused(rows[i][0], want);
	}
}

static void
a_misspelt_key_is_told_with_the_nearest(void **state)
{
	static const char *const rows[][2] = {
		{ "listn: x",
		    "line 1: no setting \"listn\", did you mean \"listen\"?" },
		{ "\n\nlog-level: info",
		    "line 3: no setting \"log-level\", did you mean \"log_level\"?" },
		{ "notify:\n  gathr: 5s",
		    "line 2: no setting \"notify.gathr\", did you mean "
		    "\"notify.gather\"?" },
		{ "notify:\n  smtp:\n    passwort: x",
		    "line 3: no setting \"notify.smtp.passwort\", did you mean "
		    "\"notify.smtp.password\"?" },
		{ "notfy:\n  gather: 5s",
		    "line 2: no setting \"notfy.gather\", did you mean "
		    "\"notify.gather\"?" },
		{ "something: else", "line 1: no setting \"something\"" },
		{ "\"\": x", "line 1: no setting \"\"" },
		{ "something: {}", "line 1: no setting \"something\"" },
		{ "something: []", "line 1: no setting \"something\"" },
		{ "notify: {smpt: {}}", "line 1: no setting \"notify.smpt\"" },
		{ "LISTEN: x", "line 1: no setting \"LISTEN\"" },
		{ "listen.host: x", "line 1: no setting \"listen.host\"" },
		{ "<<: {listen: \"x:1\"}",
		    "line 1: no setting \"<<.listen\", did you mean \"listen\"?" },
		{ "a very long name that no setting has, longer than what is compared: "
		  "1",
		    "line 1: no setting \"a very long name that no setting has, longer "
		    "than what is compared\"" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char want[256];

		(void)snprintf(want, sizeof(want), "t.yaml: %s", rows[i][1]);
		refused(rows[i][0], want);
	}
}

static void
a_group_is_no_setting_but_may_be_empty(void **state)
{
	(void)state;
	parse("notify:\napi: {}\nfeeds: ~\nnotify.smtp:\nlisten: \"h:1\"\n");
	assert_string_equal(c->listen, "h:1");
	refused("notify: 5s",
	    "t.yaml: line 1: \"notify\" is no setting but a group of them");
	refused("notify: [smtp]",
	    "t.yaml: line 1: \"notify\" is no setting but a group of them");
	refused("notify: {smtp: []}",
	    "t.yaml: line 1: \"notify.smtp\" is no setting but a group of them");
}

/* Dotted and nested: which of them would count? */
static void
no_setting_is_set_twice(void **state)
{
	(void)state;
	refused("notify.gather: 5s\nnotify:\n  gather: 6s",
	    "t.yaml: line 3: notify.gather is set twice");
	refused("notify: {smtp.url: smtp://m}\nnotify.smtp: {url: smtp://n}",
	    "t.yaml: line 2: notify.smtp.url is set twice");
}

static void
settings_that_need_each_other_are_checked(void **state)
{
	static const char *const rows[][2] = {
		{ "listen: \"8080\"", "listen must be ADDRESS:PORT" },
		{ "listen: \"127.0.0.1:\"", "listen must be ADDRESS:PORT" },
		{ "listen: \"127.0.0.1:web\"", "listen must be ADDRESS:PORT" },
		{ "listen: \"127.0.0.1:65536\"", "listen must be ADDRESS:PORT" },
		{ "listen: \"\"", "listen must be ADDRESS:PORT" },
		{ "public_url: tocsin.example.org",
		    "public_url must begin with http:// or https://" },
		{ "public_url: \"\"",
		    "public_url must begin with http:// or https://" },
		{ "log_level: loud", "log_level must be debug, info, warn or error" },
		{ "notify.smtp.url: smtp://m",
		    "notify.smtp.url needs notify.smtp.from" },
		{ "notify.smtp.from: nobody", "notify.smtp.from is no mail address" },
		{ "notify.smtp.from: \"a@b\\r\\nx\"",
		    "notify.smtp.from is no mail address" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		refused(rows[i][0], rows[i][1]);
}

static void
remarks_are_kept_for_the_check(void **state)
{
	char yaml[4000] = "feeds.catalogue: [";
	size_t n = 0;

	(void)state;
	parse("");
	assert_string_equal(
	    c->warnings[0], "public_url is not set: messages carry no links");
	assert_null(c->warnings[1]);
	parse("public_url: https://t.example.org\nfeeds.catalogue: [kev, "
	      "debain-tracker]");
	assert_string_equal(
	    c->warnings[0], "feeds.catalogue: no feed is named \"debain-tracker\"");
	assert_null(c->warnings[1]);
	parse("public_url: https://t.example.org\nfeeds.catalogue: []");
	assert_null(c->warnings);
	assert_null(c->catalogue);
	assert_int_equal(c->n_catalogue_globs, 0);
	for (int i = 0; i < 100; i++)
		(void)snprintf(yaml + strlen(yaml), sizeof(yaml) - strlen(yaml),
		    "%snone%d", i > 0 ? ", " : "", i);
	(void)snprintf(yaml + strlen(yaml), sizeof(yaml) - strlen(yaml), "]");
	parse(yaml);
	while (c->warnings[n] != NULL)
		n++;
	assert_int_equal(n, 32);
}

/* A list of N waits of a second. */
static const char *
waits(size_t n)
{
	static char yaml[500];

	(void)snprintf(yaml, sizeof(yaml), "notify.retry: [1s");
	for (size_t i = 1; i < n; i++)
		(void)snprintf(
		    yaml + strlen(yaml), sizeof(yaml) - strlen(yaml), ", 1s");
	(void)snprintf(yaml + strlen(yaml), sizeof(yaml) - strlen(yaml), "]");
	return yaml;
}

static void
a_list_of_waits_has_a_limit(void **state)
{
	(void)state;
	parse(waits(32));
	assert_int_equal(c->n_retry, 32);
	refused(waits(33),
	    "t.yaml: line 1: notify.retry must be a list of at most 32 durations");
	parse("notify.retry: []");
	assert_int_equal(c->n_retry, 0);
}

/* The table itself: what docs and messages are made from. */
static void
every_setting_has_a_name_and_a_meaning(void **state)
{
	(void)state;
	for (const struct setting *s = settings; s->name != NULL; s++) {
		assert_true(strlen(s->help) > 10);
		assert_true(s->offset < sizeof(struct config));
		assert_true(s->min <= s->max);
		for (const struct setting *t = settings; t != s; t++) {
			size_t n = strlen(t->name);

			assert_string_not_equal(s->name, t->name);
			/* a setting is no group */
			assert_false(str_starts(s->name, t->name) && s->name[n] == '.');
		}
	}
}

static void
files_are_read_by_their_path(void **state)
{
	char path[] = "/tmp/tocsin-config-XXXXXX", want[256];
	int fd = mkstemp(path);
	struct config *none = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "api.threads: 7\n", 15), 15);
	assert_int_equal(config_load(&c, path, NULL, &e), ERR_OK);
	assert_int_equal(c->api_threads, 7);
	assert_string_equal(c->path, path);
	assert_int_equal(write(fd, "api.threads: 8\n", 15), 15);
	assert_int_equal(config_load(&none, path, NULL, &e), ERR_INPUT);
	(void)snprintf(
	    want, sizeof(want), "%s: line 2: \"api.threads\" is written twice", path);
	assert_string_equal(e.text, want);
	assert_int_equal(ftruncate(fd, (1 << 20) + 1), 0);
	assert_int_equal(config_load(&none, path, NULL, &e), ERR_LIMIT);
	assert_true(str_starts(e.text, path));
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(config_load(&none, path, NULL, &e), ERR_NOTFOUND);
	assert_true(str_starts(e.text, path));
	assert_null(none);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_file_all_is_at_its_default),
		TEST(an_empty_file_is_as_good_as_none),
		TEST(every_type_of_setting_is_read),
		TEST(a_key_may_be_dotted_or_nested),
		TEST(a_wrong_value_is_told_with_line_and_wish),
		TEST(a_misspelt_key_is_told_with_the_nearest),
		TEST(a_group_is_no_setting_but_may_be_empty),
		TEST(no_setting_is_set_twice),
		TEST(settings_that_need_each_other_are_checked),
		TEST(remarks_are_kept_for_the_check),
		TEST(a_list_of_waits_has_a_limit),
		TEST(every_setting_has_a_name_and_a_meaning),
		TEST(files_are_read_by_their_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
