/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX JSON: what is a package, whose system it is, where sources come from. */
#include "unit/inventory/read.h"

#define HEAD "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\","

static struct inventory *
read_components(struct arena *a, const char *components, const char *os)
{
	return read_text(
	    a, arena_printf(a, HEAD "\"components\":[%s]}", components), os);
}

static void
packages_are_told_by_their_package_urls(void **state)
{
	struct inventory *inv = read_components(*state,
	    "{\"type\":\"library\",\"name\":\"ignored\",\"version\":\"9\",\"purl\":"
	    "\"pkg:deb/debian/"
	    "libc6@2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=glibc%402.36-"
	    "9%2Bdeb12u1\"},"
	    "{\"type\":\"library\",\"name\":\"react\",\"purl\":\"pkg:npm/%40types/"
	    "react@18.0.1\"},"
	    "{\"type\":\"library\",\"name\":\"core\",\"purl\":\"pkg:maven/org.apache/"
	    "core@1.2\"},"
	    "{\"type\":\"library\",\"name\":\"x\",\"purl\":\"pkg:golang/github.com/x/"
	    "y@v1.0.0\"},"
	    "{\"type\":\"library\",\"name\":\"Django\",\"purl\":\"pkg:pypi/"
	    "Django@4.2\"},"
	    "{\"type\":\"library\",\"name\":\"y\",\"purl\":\"pkg:pypi/"
	    "Ruamel.YAML_clib@0.2\"},"
	    "{\"type\":\"library\",\"name\":\"j\",\"purl\":\"pkg:nuget/"
	    "Newtonsoft.Json@13.0.1\"}",
	    NULL);
	const struct component *c = component(inv, "libc6");

	assert_int_equal(inv->n, 7);
	assert_string_equal(inv->os.ecosystem, "debian:12");
	assert_string_equal(c->ecosystem, "debian:12");
	assert_string_equal(c->version, "2.36-9+deb12u1");
	assert_string_equal(c->source_package, "glibc");
	assert_string_equal(c->source_version, "2.36-9+deb12u1");
	assert_int_equal(c->flags & COMPONENT_GUESSED, 0);
	assert_string_equal(component(inv, "@types/react")->ecosystem, "npm");
	assert_string_equal(component(inv, "org.apache:core")->ecosystem, "maven");
	assert_string_equal(component(inv, "github.com/x/y")->version, "v1.0.0");
	assert_string_equal(component(inv, "django")->ecosystem, "pypi");
	/* the spelling that feeds meet too */
	assert_string_equal(component(inv, "ruamel-yaml-clib")->version, "0.2");
	assert_string_equal(component(inv, "newtonsoft.json")->ecosystem, "nuget");
}

static void
what_is_no_package_is_left_out_without_a_word(void **state)
{
	struct inventory *inv = read_components(*state,
	    "{\"type\":\"file\",\"name\":\"/etc/passwd\"},"
	    "{\"type\":\"application\",\"name\":\"package-lock.json\"},"
	    "{\"type\":\"library\",\"scope\":\"excluded\",\"name\":\"x\",\"purl\":"
	    "\"pkg:npm/x@1\"},"
	    "{\"type\":\"library\",\"name\":\"unresolved\",\"purl\":\"pkg:npm/"
	    "unresolved\"},"
	    "{\"type\":\"library\",\"isExternal\":true,\"name\":\"z\",\"purl\":"
	    "\"pkg:npm/z@1\"},"
	    "{\"type\":\"library\",\"name\":\"ranged\",\"versionRange\":\"vers:npm/"
	    ">1\","
	    "\"purl\":\"pkg:npm/ranged\"},"
	    "{\"type\":\"library\",\"name\":\"d\",\"purl\":\"pkg:npm/d@1\","
	    "\"properties\":[{\"name\":\"cdx:npm:package:development\",\"value\":"
	    "\"true\"}]},"
	    "{\"type\":\"container\",\"name\":\"i\",\"version\":\"1\"},"
	    "{\"type\":\"library\",\"name\":\"s\",\"purl\":"
	    "\"pkg:rpm/redhat/s@1-1.el9?arch=src\"},"
	    "{\"type\":\"library\",\"name\":\".build-deps\",\"purl\":"
	    "\"pkg:apk/alpine/.build-deps@1-r0\"},"
	    "{\"type\":\"library\",\"name\":\"gpg-pubkey\",\"purl\":"
	    "\"pkg:rpm/redhat/gpg-pubkey@1-1\"},"
	    "{\"type\":\"library\",\"name\":\"y\",\"purl\":\"pkg:npm/y@1\"},"
	    "7, null, \"text\"",
	    NULL);

	assert_int_equal(inv->n, 1);
	assert_false(inv->partial);
}

static void
a_package_whose_url_cannot_be_read_makes_it_partial(void **state)
{
	struct inventory *inv = read_components(*state,
	    "{\"type\":\"library\",\"name\":\"a\",\"version\":\"1\"},"
	    "{\"type\":\"library\",\"name\":\"b\",\"version\":\"1\",\"purl\":\"pkg:\"},"
	    "{\"type\":\"library\",\"name\":\"c\",\"version\":\"1\",\"purl\":\"pkg:npm/"
	    "c@1\"}",
	    NULL);

	assert_int_equal(inv->n, 1);
	assert_true(inv->partial);
	assert_int_equal(inv->n_warnings, 2);
	assert_non_null(strstr(inv->warnings[0], "a"));
}

static void
components_nest(void **state)
{
	struct inventory *inv = read_components(*state,
	    "{\"type\":\"application\",\"name\":\"outer\",\"components\":["
	    "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:npm/"
	    "a@1\",\"components\":["
	    "{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:npm/b@1\"}]}]}",
	    NULL);

	assert_int_equal(inv->n, 2);
}

static void
nesting_without_end_is_refused(void **state)
{
	const char *text = HEAD "\"components\":[";

	for (int i = 0; i < 100; i++)
		text = arena_printf(*state, "%s{\"components\":[", text);
	(void)refused(*state, text, NULL, ERR_LIMIT);
}

static void
the_system_may_be_named_in_four_places(void **state)
{
	static const struct {
		const char *text, *os, *want;
	} rows[] = {
		{ "\"metadata\":{\"component\":{\"type\":\"operating-system\",\"name\":"
		  "\"alpine\","
		  "\"version\":\"3.20.1\"}},\"components\":[]",
		    NULL, "alpine:3.20" },
		{ "\"components\":[{\"type\":\"operating-system\",\"name\":\"Debian\","
		  "\"version\":"
		  "\"12.5\"}]",
		    NULL, "debian:12" },
		{ "\"components\":[{\"type\":\"library\",\"name\":\"x\",\"properties\":"
		  "["
		  "{\"name\":\"syft:distro:id\",\"value\":\"debian\"},"
		  "{\"name\":\"syft:distro:versionID\",\"value\":\"11\"}]}]",
		    NULL, "debian:11" },
		{ "\"components\":[{\"type\":\"library\",\"name\":\"x\",\"purl\":"
		  "\"pkg:apk/alpine/x@1-r0?distro=3.19.1\"}]",
		    NULL, "alpine:3.19" },
		{ "\"components\":[{\"type\":\"operating-system\",\"name\":\"debian\","
		  "\"version\":"
		  "\"11\"}]",
		    "debian:12", "debian:12" }, /* who asks knows better */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct inventory *inv = read_text(
		    *state, arena_printf(*state, HEAD "%s}", rows[i].text), rows[i].os);

		if (!str_eq(inv->os.ecosystem, rows[i].want))
			fail_msg("row %zu: %s", i, str_or_empty(inv->os.ecosystem));
	}
}

static void
subject_and_digest_come_from_the_metadata(void **state)
{
	static const char digest[] = "sha256:"
				     "0123456789abcdef0123456789abcdef"
				     "0123456789abcdef0123456789abcdef";
	struct inventory *inv = read_text(*state,
	    arena_printf(*state,
		HEAD
		"\"metadata\":{\"component\":{\"type\":\"container\",\"name\":"
		"\"registry.example.org/a:1\",\"version\":\"%s\"}},\"components\":[]}",
		digest),
	    NULL);

	assert_string_equal(inv->subject, "registry.example.org/a:1");
	assert_string_equal(inv->digest, digest);
	assert_int_equal(inv->os.state, COVERAGE_SCRATCH);
	inv = read_text(*state,
	    HEAD
	    "\"metadata\":{\"component\":{\"name\":\"a\",\"version\":\"sha256:12\"}}}",
	    NULL);
	assert_null(inv->digest);
}

static void
scanners_write_the_source_into_properties(void **state)
{
	struct inventory *inv = read_components(*state,
	    "{\"type\":\"library\",\"name\":\"libssl3\",\"purl\":"
	    "\"pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12\",\"properties\":["
	    "{\"name\":\"aquasecurity:trivy:SrcName\",\"value\":\"openssl\"},"
	    "{\"name\":\"aquasecurity:trivy:SrcVersion\",\"value\":\"3.0.9\"},"
	    "{\"name\":\"aquasecurity:trivy:SrcRelease\",\"value\":\"1\"},"
	    "{\"name\":\"aquasecurity:trivy:SrcEpoch\",\"value\":\"2\"},"
	    "{\"name\":\"aquasecurity:trivy:LayerDiffID\",\"value\":\"sha256:aa\"}]}",
	    NULL);
	const struct component *c = component(inv, "libssl3");

	assert_string_equal(c->source_package, "openssl");
	assert_string_equal(c->source_version, "2:3.0.9-1");
	assert_string_equal(c->layer, "sha256:aa");
}

static void
a_document_that_breaks_off_anywhere_is_refused(void **state)
{
	static const char text[] =
	    HEAD "\"components\":[{\"type\":\"library\",\"name\":\"a\",\"purl\":"
		 "\"pkg:npm/a@1\",\"properties\":[{\"name\":\"x\",\"value\":\"y\"}]}]}";

	for (size_t n = sizeof(HEAD); n < sizeof(text) - 1; n++)
		(void)refused_bytes(*state, text, n, NULL, ERR_INPUT);
	assert_int_equal(read_text(*state, text, NULL)->n, 1);
}

static void
wrong_documents_say_what_is_wrong(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *says;
	} rows[] = {
		{ "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"9.0\"}",
		    ERR_UNSUPPORTED, "9.0" },
		{ "{\"bomFormat\":\"CycloneDX\"}", ERR_UNSUPPORTED,
		    "without a version" },
		{ "{\"bomFormat\":\"SPDX\",\"specVersion\":\"1.5\"}", ERR_INPUT,
		    "bomFormat" },
		{ HEAD "\"components\":[]} trailing", ERR_INPUT, "byte" },
		{ HEAD "\"components\":[{\"name\":\"\xff\"}]}", ERR_INPUT, "UTF-8" },
		{ HEAD "\"vulnerabilities\":[{\"id\":\"CVE-2024-1\"}]}",
		    ERR_UNSUPPORTED, "no inventory" },
		{ "{\"hello\":\"world\"}", ERR_UNSUPPORTED, "no reader" },
		{ "", ERR_INPUT, "empty" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = refused(*state, rows[i].text, NULL, rows[i].code);

		if (strstr(why, rows[i].says) == NULL)
			fail_msg(
			    "row %zu: \"%s\" does not say %s", i, why, rows[i].says);
	}
}

static void
wrong_types_are_refused_or_passed_over(void **state)
{
	static const char *const bodies[] = {
		"\"components\":{}",
		"\"components\":7",
		"\"components\":null",
		"\"components\":[{\"name\":7}]",
		"\"components\":[{\"purl\":[]}]",
		"\"components\":[{\"properties\":7}]",
		"\"components\":[[[]]]",
		"\"metadata\":[]",
		"\"metadata\":{\"component\":[]}",
		"\"components\":[{\"properties\":[{\"name\":{},\"value\":1}]}]",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const char *text = arena_printf(*state, HEAD "%s}", bodies[i]);
		const struct inventory_hints hints = { 0 };
		struct inventory *inv = NULL;
		struct err e = ERR_INIT;
		enum err_code rc =
		    inventory_read_memory(text, strlen(text), &hints, *state, &inv, &e);

		if (rc != ERR_OK && rc != ERR_INPUT)
			fail_msg("%s: %s", bodies[i], e.text);
		if (rc == ERR_OK && inv->n != 0)
			fail_msg("%s: a component out of nothing", bodies[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(packages_are_told_by_their_package_urls),
		READ(what_is_no_package_is_left_out_without_a_word),
		READ(a_package_whose_url_cannot_be_read_makes_it_partial),
		READ(components_nest),
		READ(nesting_without_end_is_refused),
		READ(the_system_may_be_named_in_four_places),
		READ(subject_and_digest_come_from_the_metadata),
		READ(scanners_write_the_source_into_properties),
		READ(a_document_that_breaks_off_anywhere_is_refused),
		READ(wrong_documents_say_what_is_wrong),
		READ(wrong_types_are_refused_or_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
