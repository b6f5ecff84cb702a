/* SPDX-License-Identifier: Apache-2.0 */
/* lang_json_test - the readers of JSON: npm, .NET, Composer, and SBOMs found inside. */
#include "unit/inventory/row.h"

#define PACKAGE "srv/node_modules/a/node_modules/@scope/name/package.json"
#define DEPS    "app/App.deps.json"
#define PHP     "srv/vendor/composer/installed.json"

static void
what_is_wanted_is_told_by_the_path(void **state)
{
	static const struct {
		const struct database *row;
		const char *path;
		bool wanted;
	} rows[] = {
		{ &database_npm, PACKAGE, true },
		{ &database_npm, "node_modules/left-pad/package.json", true },
		{ &database_npm, "n/node_modules/.pnpm/a@1/node_modules/a/package.json",
		    true },
		{ &database_npm, "package.json", false },
		{ &database_npm, "srv/app/package.json", false },
		{ &database_npm, "node_modules/package.json", false },
		{ &database_npm, "node_modules/@s/package.json", false },
		{ &database_npm, "node_modules/a/lib/package.json", false },
		{ &database_npm, "node_modules/@s/a/lib/package.json", false },
		{ &database_npm, "my_node_modules/a/package.json", false },
		{ &database_dotnet, DEPS, true },
		{ &database_dotnet, "app/package.json", false },
		{ &database_php, PHP, true },
		{ &database_php, "srv/composer.lock", false },
		{ &database_sbom, "opt/bitnami/nginx/.spdx-nginx.spdx", true },
		{ &database_sbom, "var/lib/db/sbom/zlib-1.3-r0.spdx.json", true },
		{ &database_sbom, "a/b-1.dist-info/sboms/x.json", true },
		{ &database_sbom, "app/bom.json", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (row_wants(rows[i].row, rows[i].path, "") != rows[i].wanted)
			fail_msg("%s: %s", rows[i].row->name, rows[i].path);
}

static void
a_package_of_npm_says_name_and_version(void **state)
{
	struct inventory *inv = row_text(*state, &database_npm, PACKAGE,
	    "\xef\xbb\xbf{\"dependencies\":{\"name\":\"x\",\"version\":\"9\"},"
	    "\"name\":\"@scope/Name\",\"version\":\"1.2.3-rc.1\"}");
	const struct component *c = component(inv, "@scope/Name");

	assert_string_equal(c->version, "1.2.3-rc.1");
	assert_string_equal(c->ecosystem, "npm");
	assert_string_equal(c->purl, "pkg:npm/%40scope/Name@1.2.3-rc.1");
}

static void
helper_files_without_a_version_are_no_packages(void **state)
{
	static const char *const texts[] = { "{}", "{\"type\":\"module\"}",
		"{\"name\":\"x\"}", "{\"version\":\"1\"}", "[]", "null",
		"{\"name\":\"x\",\"version\":null}", "{\"name\":\"x\",\"version\":{}}",
		"{\"name\":\"\",\"version\":\"\"}" };

	for (size_t i = 0; i < ROWS(texts); i++) {
		struct inventory *inv =
		    row_text(*state, &database_npm, PACKAGE, texts[i]);

		assert_int_equal(inv->n, 0);
		assert_false(inv->partial);
	}
}

static void
json_that_breaks_off_is_a_warning_and_nothing_of_it_is_kept(void **state)
{
	static const struct {
		const struct database *row;
		const char *path, *text;
	} rows[] = {
		{ &database_npm, PACKAGE, "{\"name\":\"x\",\"version\":\"1\"" },
		{ &database_npm, PACKAGE, "{\"name\":\"x\",\"version\":\"1\"}}" },
		{ &database_npm, PACKAGE, "" },
		{ &database_dotnet, DEPS,
		    "{\"libraries\":{\"A/1\":{\"type\":\"package\"}}" },
		{ &database_php, PHP, "[{\"name\":\"a/b\",\"version\":\"1\"}" },
		{ &database_php, PHP, "7" },
		{ &database_conda, "conda-meta/x.json", "{\"name\":" },
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
of_dotnet_only_what_is_loaded_counts(void **state)
{
	static const char text[] =
	    "{\"libraries\":{"
	    "\"App/1.0.0\":{\"type\":\"project\"},"
	    "\"Newtonsoft.Json/13.0.1\":{\"type\":\"package\"},"
	    "\"Meta/2.0.0\":{\"type\":\"package\"},"
	    "\"Elsewhere/3.0.0\":{\"type\":\"package\"},"
	    "\"Native/4.0.0\":{\"type\":\"package\"},"
	    "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1\":"
	    "{\"type\":\"runtimepack\"},"
	    "\"Ref/"
	    "5.0.0\":{\"type\":\"reference\"},\"NoSlash\":{\"type\":\"package\"}},"
	    "\"targets\":{\"other\":{\"Elsewhere/3.0.0\":{\"runtime\":{\"a\":{}}}},"
	    "\"net8/linux\":{"
	    "\"App/1.0.0\":{\"runtime\":{\"App.dll\":{}}},"
	    "\"Newtonsoft.Json/13.0.1\":{\"runtime\":{\"N.dll\":{}}},"
	    "\"Meta/2.0.0\":{\"dependencies\":{\"x\":\"1\"},\"runtime\":{}},"
	    "\"Native/4.0.0\":{\"native\":{\"n.so\":{}}},"
	    "\"Ref/5.0.0\":{\"runtime\":{\"r\":{}}},"
	    "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1\":"
	    "{\"runtime\":{\"x\":{}}}}},"
	    "\"runtimeTarget\":{\"signature\":\"\",\"name\":\"net8/linux\"}}";
	struct inventory *inv = row_text(*state, &database_dotnet, DEPS, text);

	assert_string_equal(row_told(inv, *state),
	    "app 1.0.0?; newtonsoft.json 13.0.1; native 4.0.0; "
	    "microsoft.netcore.app.runtime.linux-x64 8.0.1");
	assert_string_equal(component(inv, "newtonsoft.json")->purl,
	    "pkg:nuget/Newtonsoft.Json@13.0.1");
}

static void
without_a_target_every_library_counts(void **state)
{
	static const char *const texts[] = {
		"{\"libraries\":{\"A/1\":{\"type\":\"package\"}}}",
		"{\"runtimeTarget\":{\"name\":\"x\"},\"targets\":{},"
		"\"libraries\":{\"A/1\":{\"type\":\"package\"}}}",
		"{\"runtimeTarget\":\"x\",\"targets\":[],"
		"\"libraries\":{\"A/1\":{\"type\":\"package\"}}}",
	};

	for (size_t i = 0; i < ROWS(texts); i++)
		assert_string_equal(
		    row_told(
			row_text(*state, &database_dotnet, DEPS, texts[i]), *state),
		    "a 1");
}

static void
both_forms_of_composer_are_read(void **state)
{
	static const char *const texts[] = {
		"[{\"name\":\"Monolog/Monolog\",\"version\":\"v2.9.1\"},"
		"{\"name\":\"a/meta\",\"version\":\"1\",\"type\":\"metapackage\"},7,"
		"{\"name\":\"a/b\",\"version\":\"vnext\"},{\"name\":\"half/x\"}]",
		"{\"dev\":true,\"packages\":"
		"[{\"name\":\"Monolog/Monolog\",\"version\":\"v2.9.1\","
		"\"require\":{\"name\":\"no\"}},"
		"{\"name\":\"a/b\",\"version\":\"vnext\"}],\"dev-package-names\":[]}",
	};

	for (size_t i = 0; i < ROWS(texts); i++) {
		struct inventory *inv = row_text(*state, &database_php, PHP, texts[i]);

		assert_string_equal(
		    row_told(inv, *state), "monolog/monolog 2.9.1; a/b vnext");
		assert_string_equal(
		    inv->components[0].purl, "pkg:composer/monolog/monolog@2.9.1");
	}
}

static void
a_document_inside_is_read_by_the_readers_of_documents(void **state)
{
	static const char text[] =
	    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
	    "{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:npm/b@2\","
	    "\"properties\":[{\"name\":\"syft:location:0:path\",\"value\":\"/x\"}]},"
	    "{\"type\":\"library\",\"name\":\"nothing\",\"version\":\"1\"}]}";
	struct inventory *inv =
	    row_text(*state, &database_sbom, "opt/x/x.cdx.json", text);

	assert_string_equal(row_told(inv, *state), "b 2");
	assert_string_equal(inv->components[0].path, "opt/x/x.cdx.json");
	assert_int_equal(inv->n_warnings, 1);
	assert_non_null(strstr(inv->warnings[0], "opt/x/x.cdx.json: left out nothing"));
}

static void
what_is_no_document_is_not_taken_for_the_images_own_database(void **state)
{
	static const struct {
		const char *text;
		size_t n_warnings;
	} rows[] = {
		{ "Package: bash\nStatus: install ok installed\nVersion: 1\n", 0 },
		{ "P:musl\nV:1.2\n\n", 0 },
		{ "bash 1.0\n", 0 },
		{ "Permission is hereby granted\n", 0 },
		{ "\x1f\x8b\x08", 0 },
		{ "", 0 },
		{ "{}", 1 },
		{ "<html>", 1 },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct inventory *inv =
		    row_text(*state, &database_sbom, "x.spdx", rows[i].text);

		assert_int_equal(inv->n, 0);
		assert_int_equal(inv->n_warnings, rows[i].n_warnings);
	}
}

static void
any_byte_may_be_wrong(void **state)
{
	static const char npm[] =
	    "{\"name\":\"@s/n\",\"version\":\"1.2.3\",\"x\":[{}]}";
	static const char deps[] =
	    "{\"runtimeTarget\":{\"name\":\"t\"},\"targets\":{\"t\":{\"A/"
	    "1\":{\"runtime\""
	    ":{\"a\":{}}}}},\"libraries\":{\"A/1\":{\"type\":\"package\"}}}";
	static const char php[] =
	    "{\"packages\":[{\"name\":\"a/b\",\"version\":\"v1\"}],\"dev\":true}";

	(void)state;
	row_survives(&database_npm, PACKAGE, npm, sizeof(npm) - 1);
	row_survives(&database_dotnet, DEPS, deps, sizeof(deps) - 1);
	row_survives(&database_php, PHP, php, sizeof(php) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(what_is_wanted_is_told_by_the_path),
		READ(a_package_of_npm_says_name_and_version),
		READ(helper_files_without_a_version_are_no_packages),
		READ(json_that_breaks_off_is_a_warning_and_nothing_of_it_is_kept),
		READ(of_dotnet_only_what_is_loaded_counts),
		READ(without_a_target_every_library_counts),
		READ(both_forms_of_composer_are_read),
		READ(a_document_inside_is_read_by_the_readers_of_documents),
		READ(what_is_no_document_is_not_taken_for_the_images_own_database),
		READ(any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
