/* SPDX-License-Identifier: Apache-2.0 */
/* overrides_test - the command line and the environment against the file. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

static int
setup(void **state)
{
	(void)state;
	return setenv("TOCSIN_STATE_DIR", "/tmp/tocsin-state", 1);
}

static void
the_command_line_wins_over_the_file(void **state)
{
	static const char yaml[] = "db: /file.db\napi.threads: 3\nnotify.retry: [1s]\n"
				   "public_url: https://file.example.org\n";
	static const char *const overrides[] = { "db=/a: b #c", "api.threads=9",
		"notify.retry=[2s, 3s]", "feeds.catalogue=[kev]",
		"notify.smtp.starttls=true", "api.threads=10", NULL };
	struct config *c = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(
	    config_parse(&c, yaml, strlen(yaml), "t.yaml", overrides, &e), ERR_OK);
	assert_string_equal(c->db, "/a: b #c"); /* texts as they are typed */
	assert_int_equal(c->api_threads, 10);   /* the last one counts */
	assert_int_equal(c->n_retry, 2);
	assert_int_equal(c->retry_ms[1], 3000);
	assert_int_equal(c->n_catalogue_globs, 1);
	assert_true(c->smtp_starttls);
	assert_string_equal(c->public_url, "https://file.example.org");
	config_free(c);
}

static void
what_stands_wrong_on_the_command_line_is_told(void **state)
{
	static const char *const rows[][2] = {
		{ "listen", "\"listen\" is not key=value" },
		{ "=x", "no setting \"\"" },
		{ "notify=x", "no setting \"notify\"" },
		{ "notify.smtp.pasword=geheim",
		    "no setting \"notify.smtp.pasword\", did you mean "
		    "\"notify.smtp.password\"?" },
		{ "api.threads=many",
		    "api.threads=: line 1: api.threads must be a whole number" },
		{ "api.threads=", "api.threads=: api.threads is empty" },
		{ "api.threads=1\n---\n2",
		    "api.threads=: line 3: a second document begins" },
		{ "notify.retry=[1s, soon]",
		    "notify.retry=: line 1: notify.retry must be a list of durations" },
		{ "listen=", "listen must be ADDRESS:PORT" },
		{ "log_level=", "log_level must be debug, info, warn or error" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *overrides[] = { rows[i][0], NULL };
		struct config *c = NULL;
		struct err e = ERR_INIT;
		enum err_code rc = config_parse(&c, "", 0, NULL, overrides, &e);

		if (rc != ERR_INPUT || strcmp(e.text, rows[i][1]) != 0)
			fail_msg("%s: wanted \"%s\", got %s \"%s\"", rows[i][0],
			    rows[i][1], err_code_name(rc), e.text);
		assert_null(c);
		assert_null(strstr(e.text, "geheim"));
	}
}

static void
the_state_directory_is_searched_in_order(void **state)
{
	char dir[512];

	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", "/xdg", 1), 0);
	assert_int_equal(setenv("HOME", "/home/u", 1), 0);
	assert_int_equal(setenv("TOCSIN_STATE_DIR", "/own", 1), 0);
	assert_int_equal(config_state_dir(dir, sizeof(dir), NULL), ERR_OK);
	assert_string_equal(dir, "/own");
	assert_int_equal(setenv("TOCSIN_STATE_DIR", "", 1), 0);
	assert_int_equal(config_state_dir(dir, sizeof(dir), NULL), ERR_OK);
	if (geteuid() == 0) {
		assert_string_equal(dir, "/var/lib/tocsin");
		return;
	}
	assert_string_equal(dir, "/xdg/tocsin");
	assert_int_equal(setenv("XDG_STATE_HOME", "relative", 1), 0);
	assert_int_equal(config_state_dir(dir, sizeof(dir), NULL), ERR_OK);
	assert_string_equal(dir, "/home/u/.local/state/tocsin");
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(config_state_dir(dir, sizeof(dir), NULL), ERR_INPUT);
}

static void
a_state_directory_too_long_is_refused(void **state)
{
	char dir[20] = "untouched";
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(setenv("TOCSIN_STATE_DIR", "/a/path/that/is/long", 1), 0);
	assert_int_equal(config_state_dir(dir, sizeof(dir), &e), ERR_LIMIT);
	assert_int_equal(setenv("TOCSIN_STATE_DIR", "/a/path/that/is/lon", 1), 0);
	assert_int_equal(config_state_dir(dir, sizeof(dir), &e), ERR_OK);
	assert_string_equal(dir, "/a/path/that/is/lon");
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_command_line_wins_over_the_file),
		TEST(what_stands_wrong_on_the_command_line_is_told),
		TEST(the_state_directory_is_searched_in_order),
		TEST(a_state_directory_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
