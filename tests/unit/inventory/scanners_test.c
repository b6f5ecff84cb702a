/* SPDX-License-Identifier: Apache-2.0 */
/* The scanners' own documents, and CycloneDX in XML: odd ones and broken ones. */
#include "unit/inventory/read.h"

#define XML "<?xml version=\"1.0\"?><bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\">"

static void
syft_says_where_a_source_has_the_same_name(void **state)
{
	struct inventory *inv = read_text(*state,
	    "{\"artifacts\":["
	    "{\"name\":\"bash\",\"version\":\"5-2+b1\",\"type\":\"deb\",\"metadata\":"
	    "{\"source\":\"\",\"sourceVersion\":\"\",\"architecture\":\"arm64\"}},"
	    "{\"name\":\"libssl3\",\"version\":\"3\",\"type\":\"deb\",\"metadata\":"
	    "{\"source\":\"openssl\",\"sourceVersion\":\"\"}},"
	    "{\"name\":\"other\",\"version\":\"1\",\"type\":\"deb\",\"metadata\":{}},"
	    "{\"name\":\"glibc\",\"version\":\"1:2.34-1\",\"type\":\"rpm\","
	    "\"metadata\":"
	    "{\"epoch\":1,\"sourceRpm\":\"glibc-2.34-1.src.rpm\",\"modularityLabel\":"
	    "\"m:s:v:c\",\"vendor\":\"Somebody\"}}],"
	    "\"distro\":{\"id\":\"debian\",\"versionID\":\"12\",\"idLike\":[\"x\"]}}",
	    NULL);
	const struct component *c = component(inv, "bash");

	assert_string_equal(c->source_version, "5-2");
	assert_string_equal(c->arch, "arm64");
	assert_int_equal(c->flags & COMPONENT_GUESSED, 0);
	assert_string_equal(component(inv, "libssl3")->source_version, "3");
	assert_int_equal(
	    component(inv, "other")->flags & COMPONENT_GUESSED, COMPONENT_GUESSED);
	c = component(inv, "glibc");
	assert_string_equal(c->source_version, "1:2.34-1");
	assert_string_equal(c->module, "m:s");
	assert_int_equal(c->vendor, VENDOR_THIRD_PARTY);
	assert_null(c->ecosystem); /* an rpm on Debian */
}

static void
the_system_and_the_image_may_come_first_or_last(void **state)
{
	static const char digest[] = "sha256:"
				     "0123456789abcdef0123456789abcdef"
				     "0123456789abcdef0123456789abcdef";
	static const char artifacts[] =
	    "\"artifacts\":[{\"name\":\"a\",\"version\":\"1-r0\",\"type\":\"apk\"}]";
	static const char distro[] =
	    "\"distro\":{\"id\":\"alpine\",\"versionID\":\"3.20.1\"}";
	const char *source = arena_printf(*state,
	    "\"source\":{\"type\":\"image\",\"target\":{\"userInput\":\"r:1\","
	    "\"repoDigests\":[\"r@%s\"]}}",
	    digest);
	const char *const orders[] = {
		arena_printf(*state, "{%s,%s,%s}", distro, source, artifacts),
		arena_printf(*state, "{%s,%s,%s}", artifacts, source, distro),
	};

	for (size_t i = 0; i < ROWS(orders); i++) {
		struct inventory *inv = read_text(*state, orders[i], NULL);

		assert_string_equal(component(inv, "a")->ecosystem, "alpine:3.20");
		assert_string_equal(inv->subject, "r:1");
		assert_string_equal(inv->digest, digest);
	}
}

static void
trivy_without_urls_is_known_by_the_type_of_its_result(void **state)
{
	struct inventory *inv = read_text(*state,
	    "{\"SchemaVersion\":2,\"ArtifactName\":\"x\",\"Metadata\":{\"OS\":{"
	    "\"Family\":"
	    "\"redhat\",\"Name\":\"8.7\"}},\"Results\":["
	    "{\"Packages\":[{\"Name\":\"openssl-libs\",\"Version\":\"1.1.1k\","
	    "\"Release\":"
	    "\"6.el8\",\"Epoch\":1,\"Arch\":\"x86_64\",\"SrcName\":\"openssl\","
	    "\"SrcVersion\":"
	    "\"1.1.1k\",\"SrcRelease\":\"6.el8\",\"SrcEpoch\":1,\"Modularitylabel\":"
	    "\"a:b:c:d\"}],\"Class\":\"os-pkgs\",\"Type\":\"redhat\"},"
	    "{\"Class\":\"lang-pkgs\",\"Type\":\"jar\",\"Packages\":[{\"Name\":"
	    "\"org.x:core\",\"Version\":\"1\"}]},"
	    "{\"Class\":\"lang-pkgs\",\"Type\":\"gobinary\",\"Packages\":[{\"Name\":"
	    "\"stdlib\",\"Version\":\"1.22.1\"},{\"Name\":\"main\"}]}]}",
	    NULL);
	const struct component *c = component(inv, "openssl-libs");

	assert_int_equal(inv->n, 3);
	assert_string_equal(c->version, "1:1.1.1k-6.el8");
	assert_string_equal(c->source_version, "1:1.1.1k-6.el8");
	assert_string_equal(c->module, "a:b");
	assert_string_equal(c->ecosystem, "rhel:8");
	assert_string_equal(component(inv, "org.x:core")->ecosystem, "maven");
	assert_string_equal(component(inv, "stdlib")->purl, "pkg:golang/stdlib@1.22.1");
}

static void
a_report_without_its_packages_is_refused(void **state)
{
	static const char *const bodies[] = {
		"\"Results\":[{\"Class\":\"os-pkgs\",\"Vulnerabilities\":[]}]",
		"\"Results\":[{\"Type\":\"debian\",\"Vulnerabilities\":[]}]",
		"\"Metadata\":{\"OS\":{\"Family\":\"debian\",\"Name\":\"12\"}}",
		"\"Metadata\":{\"OS\":{\"Family\":\"debian\"}},\"Results\":null",
	};

	for (size_t i = 0; i < ROWS(bodies); i++)
		assert_non_null(
		    strstr(refused(*state,
			       arena_printf(*state,
				   "{\"SchemaVersion\":2,\"ArtifactName\":\"x\",%s}",
				   bodies[i]),
			       NULL, ERR_UNSUPPORTED),
			"--list-all-pkgs"));
	/* nothing in it, and no system: an empty image */
	assert_int_equal(
	    read_text(*state,
		"{\"SchemaVersion\":2,\"ArtifactName\":\"x\",\"Results\":[]}", NULL)
		->os.state,
	    COVERAGE_SCRATCH);
}

static void
xml_nests_and_leaves_out_what_is_no_package(void **state)
{
	struct inventory *inv = read_text(*state,
	    XML
	    "<metadata><component type=\"container\"><name>r:1</name></component>"
	    "</metadata><components>"
	    "<component type=\"application\"><name>lock</name><components>"
	    "<component type=\"library\"><name>a</name><version/>"
	    "<purl> pkg:npm/a@1 </purl></component></components></component>"
	    "<component type=\"library\" bom-ref=\"pkg:npm/b@2\"><name>b</name>"
	    "<licenses><license><id>MIT</id></license></licenses></component>"
	    "<component type=\"library\"><scope>excluded</scope><name>c</name>"
	    "<purl>pkg:npm/c@1</purl></component>"
	    "<component type=\"library\" isExternal=\"true\"><name>d</name>"
	    "<purl>pkg:npm/d@1</purl></component>"
	    "<component type=\"operating-system\"><name>debian</name>"
	    "<version>12</version></component>"
	    "<component type=\"library\"><name>e</name>"
	    "<purl>pkg:deb/debian/e@1?arch=all&amp;distro=debian-12</purl><properties>"
	    "<property name=\"syft:metadata:source\"><![CDATA[src]]></property>"
	    "<property>x</property></properties></component>"
	    "<other/></components><vulnerabilities><x/></vulnerabilities></bom>",
	    NULL);

	assert_string_equal(told(inv, *state), "e 1 [src 1]; a 1; b 2");
	assert_string_equal(inv->subject, "r:1");
	assert_false(inv->partial);
}

static void
wrong_documents_say_what_is_wrong(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *says;
	} rows[] = {
		{ "{\"artifacts\":{}}", ERR_INPUT, "artifacts" },
		{ "{\"artifacts\":[]} x", ERR_INPUT, "byte" },
		{ "{\"artifacts\":[", ERR_INPUT, "byte" },
		{ "{\"SchemaVersion\":2,\"Results\":[{", ERR_INPUT, "byte" },
		{ XML, ERR_INPUT, "line" },
		{ XML "<components><component></components></bom>", ERR_INPUT, "line" },
		{ "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.1\"/>",
		    ERR_UNSUPPORTED, "1.1" },
		{ "<x xmlns=\"http://cyclonedx.org/schema/bom/1.5\"/>", ERR_INPUT,
		    "no CycloneDX bom" },
		{ "<!DOCTYPE x><bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"/>",
		    ERR_INPUT, "DOCTYPE" },
		{ XML "<vulnerabilities><vulnerability/></vulnerabilities></bom>",
		    ERR_UNSUPPORTED, "no inventory" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *why = refused(*state, rows[i].text, NULL, rows[i].code);

		if (strstr(why, rows[i].says) == NULL)
			fail_msg(
			    "row %zu: \"%s\" does not say %s", i, why, rows[i].says);
	}
}

static void
nesting_without_end_is_refused(void **state)
{
	const char *text = XML;

	for (int i = 0; i < 100; i++)
		text = arena_printf(
		    *state, "%s<components><component type=\"library\">", text);
	(void)refused(*state, text, NULL, ERR_LIMIT);
}

static void
values_of_the_wrong_kind_are_passed_over(void **state)
{
	static const char *const texts[] = {
		"{\"artifacts\":[7,null,[],{\"name\":{},\"locations\":7,\"metadata\":[]"
		"}],"
		"\"distro\":[],\"source\":7}",
		"{\"artifacts\":[{\"locations\":[7,[]],\"metadata\":{\"source\":{}}}]}",
		"{\"SchemaVersion\":{},\"ArtifactName\":[],\"Results\":[7,[],{"
		"\"Packages\":"
		"[7,{\"Name\":{},\"Identifier\":7,\"Layer\":[],\"Dev\":{}}]}],"
		"\"Metadata\":{\"OS\":7,\"RepoDigests\":[7,{}]}}",
		"{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[7,{\"externalRefs\":[7,{}]"
		","
		"\"checksums\":7}],\"relationships\":[7,{\"spdxElementId\":[]}],"
		"\"documentDescribes\":[7]}",
	};

	for (size_t i = 0; i < ROWS(texts); i++) {
		struct inventory *inv = read_text(*state, texts[i], NULL);

		if (inv->n != 0)
			fail_msg("%s: a component out of nothing", texts[i]);
	}
}

/* TEXT in UTF-16; "U" becomes a character of two units, "S" the first half of one. */
static char *
utf16(struct arena *a, const char *text, bool is_big, size_t *ret_n)
{
	char *out = arena_alloc(a, 4 * strlen(text) + 8);
	size_t n = 0;

#define UNIT(high, low)                                                                \
	(out[n] = (char)(is_big ? (high) : (low)),                                     \
	    out[n + 1] = (char)(is_big ? (low) : (high)), n += 2)
	UNIT(0xfe, 0xff);
	for (; *text != '\0'; text++) {
		if (text[0] == 'U') {
			UNIT(0xd8, 0x3d);
			UNIT(0xdd, 0x14);
		} else if (text[0] == 'S') {
			UNIT(0xd8, 0x3d);
		} else {
			UNIT(0, text[0]);
		}
	}
#undef UNIT
	*ret_n = n;
	return out;
}

static void
utf16_with_its_mark_is_read(void **state)
{
	static const char *const texts[] = {
		"{\"artifacts\":[{\"name\":\"U\",\"purl\":\"pkg:npm/a@1\"}]}",
		"<?xml version=\"1.0\" encoding=\"utf-16\"?>"
		"<bom "
		"xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components><component "
		"type=\"library\"><purl>pkg:npm/a@1</purl></component></components></"
		"bom>",
	};

	for (size_t i = 0; i < 2 * ROWS(texts); i++) {
		size_t n;
		char *text = utf16(*state, texts[i / 2], i % 2 == 1, &n);

		assert_string_equal(
		    told(read_bytes(*state, text, n, NULL), *state), "a 1");
		(void)refused_bytes(*state, text, n - 1, NULL, ERR_INPUT);
	}
	for (int i = 0; i < 2; i++) {
		size_t n;
		char *text =
		    utf16(*state, i == 0 ? "{\"aS\":1}" : "{\"a\":\"S", true, &n);

		assert_non_null(strstr(refused_bytes(*state, text, n, NULL, ERR_INPUT),
		    "half a character"));
	}
}

static void
telling_keys_may_stand_far_behind(void **state)
{
	char *blanks = arena_alloc(*state, 10001);
	const char *text;

	memset(blanks, ' ', 10000);
	blanks[10000] = '\0';
	text = arena_printf(*state,
	    "{\"dependencies\":[%s],\"components\":[{\"type\":\"library\",\"purl\":"
	    "\"pkg:npm/a@1\"}],\"specVersion\":\"1.5\",\"bomFormat\":\"CycloneDX\"}",
	    blanks);
	assert_string_equal(told(read_text(*state, text, NULL), *state), "a 1");
	text = arena_printf(*state, "{\"a\":[%s],\"b\":1}", blanks);
	assert_non_null(
	    strstr(refused(*state, text, NULL, ERR_UNSUPPORTED), "no reader"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(syft_says_where_a_source_has_the_same_name),
		READ(the_system_and_the_image_may_come_first_or_last),
		READ(trivy_without_urls_is_known_by_the_type_of_its_result),
		READ(a_report_without_its_packages_is_refused),
		READ(xml_nests_and_leaves_out_what_is_no_package),
		READ(wrong_documents_say_what_is_wrong),
		READ(nesting_without_end_is_refused),
		READ(values_of_the_wrong_kind_are_passed_over),
		READ(utf16_with_its_mark_is_read),
		READ(telling_keys_may_stand_far_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
