/* SPDX-License-Identifier: Apache-2.0 */
/* feeds_test - the catalogue, own feeds, and catalogue feeds with other values. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/ecosystem.h"
#include "core/feed_config.h"
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

static const struct feed_config *
feed(const char *name)
{
	const struct feed_config *found = NULL;

	for (size_t i = 0; i < c->n_feeds; i++)
		if (str_eq(c->feeds[i].name, name)) {
			assert_null(found); /* one row a name */
			found = &c->feeds[i];
		}
	if (found == NULL)
		fail_msg("no feed %s", name);
	return found;
}

static void
the_catalogue_is_complete(void **state)
{
	static const char *const names[] = { "debian-tracker", "alpine-3.20-main",
		"alpine-3.20-community", "alpine-edge-main", "nvd", "kev" };

	(void)state;
	parse("");
	for (size_t i = 0; i < ROWS(names); i++)
		assert_true(feed(names[i])->from_catalogue);
	for (size_t i = 0; i < c->n_feeds; i++) {
		const struct feed_config *f = &c->feeds[i];

		assert_ptr_equal(feed(f->name), f);
		assert_true(f->interval_ms >= 60000);
		assert_true(f->expected_bytes > 0);
		/* Amazon's oldest repository is served in the clear only */
		if (!str_starts(f->url, "https://") && !str_eq(f->name, "amazon-1"))
			fail_msg("%s: %s", f->name, f->url);
		assert_non_null(f->driver);
		assert_non_null(f->source);
		assert_true(strlen(str_or_empty(f->remark)) > 10);
	}
}

/* A feed for packages nobody has a version order for would never match anything. */
static void
the_catalogue_speaks_of_known_ecosystems(void **state)
{
	(void)state;
	parse("");
	for (size_t i = 0; i < c->n_feeds; i++) {
		const char *const *glob = c->feeds[i].ecosystems;

		for (; glob != NULL && *glob != NULL; glob++) {
			bool is_known = false;

			for (size_t k = 0; ecosystem_at(k) != NULL; k++)
				is_known = is_known ||
					   (glob_match(*glob, ecosystem_at(k)->name) &&
					       ecosystem_at(k)->has_feed);
			if (!is_known)
				fail_msg("%s: no ecosystem is \"%s\"", c->feeds[i].name,
				    *glob);
		}
	}
}

static void
an_own_feed_comes_first_with_all_it_says(void **state)
{
	const struct feed_config *f;

	(void)state;
	parse("feeds:\n"
	      "  list:\n"
	      "    - name: mirror_1.x\n"
	      "      driver: secdb\n"
	      "      source: alpine\n"
	      "      url: file:///srv/main.json\n"
	      "      api_url: https://example.org/api\n"
	      "      interval: 15m\n"
	      "      size: 10MiB\n"
	      "      ecosystems: [\"alpine:3.20\", \"alpine:3.21\"]\n"
	      "      api_key: geheim\n"
	      "      ca_file: /etc/ca.pem\n"
	      "      proxy: http://proxy:3128\n"
	      "      start: \"2020\"\n"
	      "      remark: ours\n"
	      "      enabled: no\n"
	      "    - {name: bare, driver: kev, url: \"https://example.org/kev\"}\n");
	f = &c->feeds[0];
	assert_string_equal(f->name, "mirror_1.x");
	assert_string_equal(f->driver, "secdb");
	assert_string_equal(f->source, "alpine");
	assert_string_equal(f->url, "file:///srv/main.json");
	assert_string_equal(f->api_url, "https://example.org/api");
	assert_int_equal(f->interval_ms, 900000);
	assert_int_equal(f->expected_bytes, 10 << 20);
	assert_string_equal(f->ecosystems[1], "alpine:3.21");
	assert_null(f->ecosystems[2]);
	assert_string_equal(f->api_key, "geheim");
	assert_string_equal(f->ca_file, "/etc/ca.pem");
	assert_string_equal(f->proxy, "http://proxy:3128");
	assert_string_equal(f->start, "2020");
	assert_string_equal(f->remark, "ours");
	assert_false(f->enabled);
	assert_false(f->from_catalogue);
	f = &c->feeds[1];
	assert_string_equal(f->name, "bare");
	assert_true(f->enabled);
	assert_int_equal(f->interval_ms, 3600000);
	assert_null(f->source);
	assert_null(f->ecosystems);
	assert_true(c->feeds[2].from_catalogue);
}

static void
what_a_row_leaves_out_comes_from_the_catalogue(void **state)
{
	struct feed_config was = { 0 };
	const struct feed_config *f;
	struct config *before;

	(void)state;
	parse("");
	before = c;
	c = NULL;
	parse("feeds.list: [{name: alpine-3.10-main, "
	      "url: \"https://mirror.example.org/main.json\"}]");
	f = feed("alpine-3.10-main");
	assert_int_equal(c->n_feeds, before->n_feeds);
	for (size_t i = 0; i < before->n_feeds; i++)
		if (str_eq(before->feeds[i].name, f->name))
			was = before->feeds[i];
	assert_string_equal(f->url, "https://mirror.example.org/main.json");
	assert_string_equal(f->driver, was.driver);
	assert_string_equal(f->source, was.source);
	assert_string_equal(f->ecosystems[0], was.ecosystems[0]);
	assert_string_equal(f->remark, was.remark);
	assert_true(was.interval_ms != 3600000); /* else this says nothing */
	assert_int_equal(f->interval_ms, was.interval_ms);
	assert_int_equal(f->expected_bytes, was.expected_bytes);
	assert_false(f->from_catalogue);
	assert_true(f->enabled);
	config_free(before);
}

static void
a_catalogue_feed_can_be_switched_off(void **state)
{
	(void)state;
	parse("feeds.list: [{name: kev, enabled: false}]");
	assert_false(feed("kev")->enabled);
	/* off for its terms, until somebody asks for it by name */
	assert_false(feed("wolfi")->enabled);
	parse("feeds.list: [{name: wolfi}]");
	assert_true(feed("wolfi")->enabled);
	assert_non_null(strstr(feed("wolfi")->remark, "CC BY-NC-ND"));
	assert_true(str_starts(feed("kev")->url, "https://"));
}

/* A mirror of the one address must not be mixed with the publisher's other one. */
static void
the_second_address_goes_with_the_first(void **state)
{
	(void)state;
	parse("feeds.list: [{name: nvd, url: \"https://mirror.example.org/\"}]");
	assert_null(feed("nvd")->api_url);
	parse("feeds.list: [{name: nvd, interval: 3h}]");
	assert_non_null(feed("nvd")->api_url);
	assert_int_equal(feed("nvd")->interval_ms, 10800000);
	parse("feeds.list: [{name: nvd, api_url: \"https://mirror.example.org/\"}]");
	assert_string_equal(feed("nvd")->api_url, "https://mirror.example.org/");
}

static void
a_wrong_row_is_told_with_its_line(void **state)
{
#define ROW "{name: x, driver: kev, url: \"https://x/\""
	static const char *const rows[][2] = {
		{ "feeds.list: x", "t.yaml: line 1: feeds.list must be a list" },
		{ "feeds.list: {}", "t.yaml: line 1: feeds.list must be a list" },
		{ "feeds.list:\n- x", "t.yaml: line 2: a feed is \"key: value\"" },
		{ "feeds.list: [[]]", "t.yaml: line 1: a feed is \"key: value\"" },
		{ "feeds.list:\n- {}", "t.yaml: line 2: a feed needs a name" },
		{ "feeds.list: [{name: ~}]", "t.yaml: line 1: a feed needs a name" },
		{ "feeds.list: [{name: \"\"}]", "t.yaml: line 1: a feed needs a name" },
		{ "feeds.list: [{name: a/b}]", "t.yaml: line 1: feed name \"a/b\" may "
					       "hold letters, digits, . _ -" },
		{ "feeds.list: [{name: \"a b\"}]", "t.yaml: line 1: feed name \"a b\" "
						   "may hold letters, digits, . _ -" },
		{ "feeds.list:\n- " ROW "}\n- " ROW "}",
		    "t.yaml: line 3: feed \"x\" is there twice" },
		{ "feeds.list: [" ROW ",\n intervall: 5m}]",
		    "t.yaml: line 2: a feed has no \"intervall\"" },
		{ "feeds.list: [" ROW ", interval: soon}]",
		    "t.yaml: line 1: interval must be 1s or more" },
		{ "feeds.list: [" ROW ", interval: 999ms}]",
		    "t.yaml: line 1: interval must be 1s or more" },
		{ "feeds.list: [" ROW ", interval: 0}]",
		    "t.yaml: line 1: interval must be 1s or more" },
		{ "feeds.list: [" ROW ", interval: [5m]}]",
		    "t.yaml: line 1: interval must be a text" },
		{ "feeds.list: [{name: x, url: [a], driver: kev}]",
		    "t.yaml: line 1: url must be a text" },
		{ "feeds.list: [" ROW ", size: big}]",
		    "t.yaml: line 1: size must be like 60MiB" },
		{ "feeds.list: [" ROW ", enabled: maybe}]",
		    "t.yaml: line 1: enabled must be true or false" },
		{ "feeds.list: [" ROW ", ecosystems: npm}]",
		    "t.yaml: line 1: ecosystems must be a list" },
		{ "feeds.list: [" ROW ", ecosystems: [~]}]",
		    "t.yaml: line 1: ecosystems must be a list of names" },
		{ "feeds.list: [{name: own, url: \"https://x/\"}]",
		    "feed \"own\" needs a driver and a url" },
		{ "feeds.list: [{name: own, driver: kev}]",
		    "feed \"own\" needs a driver and a url" },
		{ "feeds.list: [{name: kevv, enabled: false}]",
		    "feed \"kevv\" needs a driver and a url" },
	};
#undef ROW

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct config *none = NULL;
		struct err e = ERR_INIT;
		enum err_code rc = config_parse(
		    &none, rows[i][0], strlen(rows[i][0]), "t.yaml", NULL, &e);

		if (rc != ERR_INPUT || none != NULL || strcmp(e.text, rows[i][1]) != 0)
			fail_msg("%s: wanted \"%s\", got %s \"%s\"", rows[i][0],
			    rows[i][1], err_code_name(rc), e.text);
	}
}

static void
no_feeds_of_ones_own_are_no_mistake(void **state)
{
	(void)state;
	parse("feeds.list: []");
	assert_true(c->feeds[0].from_catalogue);
	parse("feeds:\n  list:\n  # - name: x\n");
	assert_true(c->feeds[0].from_catalogue);
}

static void
the_number_of_feeds_has_a_limit(void **state)
{
	CLEANUP_BUF struct buf yaml = BUF_INIT(1 << 20);
	struct config *none = NULL;
	struct err e = ERR_INIT;

	(void)state;
	buf_adds(&yaml, "feeds.list:\n");
	for (int i = 0; i < 2001; i++)
		buf_printf(
		    &yaml, "- {name: n%d, driver: kev, url: \"https://x/\"}\n", i);
	assert_int_equal(
	    config_parse(&none, yaml.data, yaml.len, NULL, NULL, &e), ERR_LIMIT);
	assert_string_equal(e.text, "more than 2000 feeds");
	assert_null(none);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_catalogue_is_complete),
		TEST(the_catalogue_speaks_of_known_ecosystems),
		TEST(an_own_feed_comes_first_with_all_it_says),
		TEST(what_a_row_leaves_out_comes_from_the_catalogue),
		TEST(a_catalogue_feed_can_be_switched_off),
		TEST(the_second_address_goes_with_the_first),
		TEST(a_wrong_row_is_told_with_its_line),
		TEST(no_feeds_of_ones_own_are_no_mistake),
		TEST(the_number_of_feeds_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
