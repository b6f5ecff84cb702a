/* SPDX-License-Identifier: Apache-2.0 */
/* lang_text_test - the readers of small text files: Python, Ruby, R, Erlang, Lua. */
#include "unit/inventory/row.h"

#include "core/limits.h"

#define METADATA "usr/lib/python3/site-packages/Foo.Bar-1.2.dist-info/METADATA"
#define GEMSPEC  "usr/lib/ruby/gems/3.1.0/specifications/rake-13.0.6.gemspec"

static void
what_is_wanted_is_told_by_the_path(void **state)
{
	static const struct {
		const struct database *row;
		const char *path;
		bool wanted;
	} rows[] = {
		{ &database_python, METADATA, true },
		{ &database_python, "a/Foo-1.egg-info", true },
		{ &database_python, "a/Foo-1.egg-info/PKG-INFO", true },
		{ &database_python, "a/Foo-1.egg/EGG-INFO/PKG-INFO", true },
		{ &database_python, "a/Foo-1/PKG-INFO", false },
		{ &database_python, "a/Foo-1.dist-info/RECORD", false },
		{ &database_gem, GEMSPEC, true },
		{ &database_gem, "specifications/default/json-2.gemspec", true },
		{ &database_gem, "gems/rake-13.0.6/rake.gemspec", false },
		{ &database_gem, "myspecifications/rake-13.0.6.gemspec", false },
		{ &database_r, "usr/lib/R/library/Rcpp/DESCRIPTION", true },
		{ &database_r, "usr/lib/R/site-library/Rcpp/DESCRIPTION", true },
		{ &database_r, "library/Rcpp/DESCRIPTION", true },
		{ &database_r, "usr/lib/R/library/Rcpp/doc/DESCRIPTION", false },
		{ &database_r, "usr/lib/R/mylibrary/Rcpp/DESCRIPTION", false },
		{ &database_r, "DESCRIPTION", false },
		{ &database_erlang, "lib/cowboy-2.9.0/ebin/cowboy.app", true },
		{ &database_erlang, "Applications/Safari.app", false },
		{ &database_lua, "rocks/lpeg/1.1.0-1/lpeg-1.1.0-1.rockspec", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (row_wants(rows[i].row, rows[i].path, "") != rows[i].wanted)
			fail_msg("%s: %s", rows[i].row->name, rows[i].path);
}

static void
a_distribution_of_python_says_name_and_version(void **state)
{
	struct inventory *inv = row_text(*state, &database_python, METADATA,
	    "Metadata-Version: 2.1\r\nname: Foo.Bar\r\nVersion:  1.2 \r\n"
	    "Version: 3\r\n\r\nName: not-this\r\n");
	const struct component *c = component(inv, "foo-bar");

	assert_int_equal(inv->n, 1);
	assert_string_equal(c->version, "1.2");
	assert_string_equal(c->type, "pypi");
	assert_string_equal(c->ecosystem, "pypi");
	assert_string_equal(c->path, METADATA);
	assert_string_equal(c->purl, "pkg:pypi/foo.bar@1.2");
	assert_int_equal(c->flags, 0);
	assert_false(inv->partial);
}

static void
what_metadata_leaves_out_the_folder_says_as_a_guess(void **state)
{
	static const struct {
		const char *path, *text, *want;
	} rows[] = {
		{ METADATA, "Name: foo\n", "foo 1.2?" },
		{ METADATA, "Name:\nVersion: 2\n", "foo-bar 2?" },
		{ METADATA, "", "foo-bar 1.2?" },
		{ "a/Foo-1.3-py3.11.egg-info", "Name: foo\n", "foo 1.3?" },
		{ "a/Foo-1.3-py3.11.egg-info/PKG-INFO", "", "foo 1.3?" },
	};

	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(row_told(row_text(*state, &database_python,
						 rows[i].path, rows[i].text),
					*state),
		    rows[i].want);
}

static void
a_file_that_says_nothing_is_a_warning_with_its_path(void **state)
{
	static const struct {
		const struct database *row;
		const char *path, *text;
	} rows[] = {
		{ &database_python, "a/foo.egg-info", "Summary: x\n" },
		{ &database_gem, "specifications/foo.gemspec", "x = 1\n" },
		{ &database_r, "R/library/x/DESCRIPTION", "Package: x\n" },
		{ &database_erlang, "ebin/x.app", "{application,,[{vsn,\"1\"}]}." },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct inventory *inv =
		    row_text(*state, rows[i].row, rows[i].path, rows[i].text);

		assert_int_equal(inv->n, 0);
		assert_int_equal(inv->n_warnings, 1);
		assert_non_null(strstr(inv->warnings[0], rows[i].path));
	}
}

static void
a_gem_is_known_by_its_assignments_then_its_stub_then_its_name(void **state)
{
	static const struct {
		const char *path, *text, *want;
	} rows[] = {
		{ GEMSPEC,
		    "# stub: other 1 ruby lib\nGem::Specification.new do |s|\n"
		    "  s.name = \"rake\".freeze\n  s.version = \"13.0.6\"\n",
		    "rake 13.0.6" },
		{ GEMSPEC, "spec.name='rake'\nspec.version=Gem::Version.new('1.a')",
		    "rake 1.a" },
		{ GEMSPEC, "s.names = \"x\"\ns.name == \"y\"\nname = \"z\"\n",
		    "rake 13.0.6?" },
		{ GEMSPEC,
		    "# stub: mini_portile2 2.8.0 java lib\ns.version = VERSION\n",
		    "mini_portile2 2.8.0" },
		{ GEMSPEC, "# stub: half\ns.name = \"a#{b}\"\n", "rake 13.0.6?" },
		{ "specifications/net-http2-0.18.4-java.gemspec", "",
		    "net-http2 0.18.4?" },
	};

	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(row_told(row_text(*state, &database_gem,
						 rows[i].path, rows[i].text),
					*state),
		    rows[i].want);
}

static void
parts_of_r_itself_are_no_packages(void **state)
{
	struct inventory *inv =
	    row_text(*state, &database_r, "usr/lib/R/library/stats/DESCRIPTION",
		"Package: stats\nVersion: 4.2.2\nPriority: base\n");

	assert_int_equal(inv->n, 0);
	assert_false(inv->partial);
	inv = row_text(*state, &database_r, "usr/lib/R/library/Rcpp/DESCRIPTION",
	    "Package: Rcpp\nTitle: a\n b\nVersion: 1.0.11\n");
	assert_string_equal(row_told(inv, *state), "Rcpp 1.0.11");
	assert_string_equal(inv->components[0].purl, "pkg:cran/Rcpp@1.0.11");
}

static void
an_application_of_erlang_is_a_guess_at_hex(void **state)
{
	struct inventory *inv =
	    row_text(*state, &database_erlang, "lib/cowboy-2.9.0/ebin/cowboy.app",
		"{application, 'cowboy', [\n\t{description, \"x\"},\n\t{vsn, "
		"\"2.9.0\"}]}.\n");

	assert_string_equal(row_told(inv, *state), "cowboy 2.9.0?");
	assert_string_equal(inv->components[0].ecosystem, "hex");
	inv = row_text(*state, &database_erlang, "src/ebin/x.app",
	    "{application, x, [{vsn, git}]}.");
	assert_int_equal(inv->n, 0);
	assert_false(inv->partial);
}

static void
what_no_feed_speaks_of_has_no_ecosystem(void **state)
{
	struct inventory *inv = row_text(*state, &database_lua, "a/lpeg.rockspec",
	    "package = \"lpeg\"\nversion = '1.1.0-1'\n");

	assert_string_equal(row_told(inv, *state), "lpeg 1.1.0-1");
	assert_null(inv->components[0].ecosystem);
	assert_string_equal(inv->components[0].type, "luarocks");
	inv = row_text(*state, &database_conda,
	    "opt/conda/conda-meta/openssl-3.0.13-h0.json",
	    "{\"files\":[\"a\"],\"name\":\"openssl\",\"version\":\"3.0.13\"}");
	assert_string_equal(row_told(inv, *state), "openssl 3.0.13");
	assert_string_equal(inv->components[0].type, "conda");
	assert_string_equal(inv->components[0].purl, "pkg:conda/openssl@3.0.13");
}

static void
a_path_that_is_no_text_is_shown_as_one(void **state)
{
	struct inventory *inv = row_text(*state, &database_python,
	    "a/\xff\x01/x-1.dist-info/METADATA", "Name: x\nVersion: 1\n");

	assert_true(
	    utf8_valid(inv->components[0].path, strlen(inv->components[0].path)));
	assert_string_equal(inv->components[0].name, "x");
}

static void
a_file_larger_than_its_kind_is_left_out(void **state)
{
	size_t n = MAX_LANGUAGE_FILE + 1;
	char *text = arena_alloc(*state, n);
	struct inventory *inv;

	memset(text, 'x', n);
	memcpy(text, "Name: x\nVersion: 1\n\n", 20);
	inv = row_bytes(*state, &database_python, METADATA, text, n);
	assert_int_equal(inv->n, 0);
	assert_true(inv->partial);
	assert_int_equal(
	    row_bytes(*state, &database_python, METADATA, text, n - 1)->n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(what_is_wanted_is_told_by_the_path),
		READ(a_distribution_of_python_says_name_and_version),
		READ(what_metadata_leaves_out_the_folder_says_as_a_guess),
		READ(a_file_that_says_nothing_is_a_warning_with_its_path),
		READ(a_gem_is_known_by_its_assignments_then_its_stub_then_its_name),
		READ(parts_of_r_itself_are_no_packages),
		READ(an_application_of_erlang_is_a_guess_at_hex),
		READ(what_no_feed_speaks_of_has_no_ecosystem),
		READ(a_path_that_is_no_text_is_shown_as_one),
		READ(a_file_larger_than_its_kind_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
