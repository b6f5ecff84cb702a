/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX in JSON and as tag-value: what is a package, what an image, what only built one. */
#include "unit/inventory/read.h"

#define HEAD "{\"spdxVersion\":\"SPDX-2.3\",\"name\":\"document\","

/* A package of the document with a package URL and a version. */
static const char *
package(struct arena *a, const char *id, const char *purl, const char *version)
{
	return arena_printf(a,
	    "{\"SPDXID\":\"SPDXRef-%s\",\"name\":\"%s\",\"versionInfo\":\"%s\","
	    "\"externalRefs\":[{\"referenceCategory\":\"PACKAGE_MANAGER\","
	    "\"referenceType\":\"purl\",\"referenceLocator\":\"%s\"}]}",
	    id, id, version, purl);
}

static const char *
relation(struct arena *a, const char *from, const char *type, const char *to)
{
	return arena_printf(a,
	    "{\"spdxElementId\":\"SPDXRef-%s\",\"relationshipType\":\"%s\","
	    "\"relatedSpdxElement\":\"SPDXRef-%s\"}",
	    from, type, to);
}

static struct inventory *
read_document(struct arena *a, const char *packages, const char *relations)
{
	return read_text(a,
	    arena_printf(a, HEAD "\"packages\":[%s],\"relationships\":[%s]}", packages,
		relations),
	    NULL);
}

static void
what_builds_or_tests_is_not_what_runs(void **state)
{
	static const struct {
		const char *from, *type, *to;
		const char *want;
	} rows[] = {
		{ "b", "BUILD_DEPENDENCY_OF", "a", "a 1" },
		{ "b", "DEV_DEPENDENCY_OF", "a", "a 1" },
		{ "b", "TEST_DEPENDENCY_OF", "a", "a 1" },
		{ "b", "BUILD_TOOL_OF", "a", "a 1" },
		{ "a", "GENERATED_FROM", "b", "a 1" },
		{ "b", "DEPENDENCY_OF", "a", "a 1; b 2" },
		{ "b", "RUNTIME_DEPENDENCY_OF", "a", "a 1; b 2" },
		{ "a", "OTHER", "b", "a 1; b 2" },
		{ "a", "DEPENDS_ON", "NOASSERTION", "a 1; b 2" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct inventory *inv = read_document(*state,
		    arena_printf(*state, "%s,%s",
			package(*state, "a", "pkg:npm/a@1", ""),
			package(*state, "b", "pkg:npm/b@2", "")),
		    relation(*state, rows[i].from, rows[i].type, rows[i].to));

		if (!str_eq(told(inv, *state), rows[i].want) || inv->partial)
			fail_msg("%s: %s", rows[i].type, told(inv, *state));
	}
}

static void
a_build_tool_that_is_also_contained_is_there(void **state)
{
	struct inventory *inv = read_document(*state,
	    arena_printf(*state, "%s,%s", package(*state, "a", "pkg:npm/a@1", ""),
		package(*state, "b", "pkg:npm/b@2", "")),
	    arena_printf(*state, "%s,%s",
		relation(*state, "b", "BUILD_DEPENDENCY_OF", "a"),
		relation(*state, "a", "CONTAINS", "b")));

	assert_string_equal(told(inv, *state), "a 1; b 2");
}

static void
a_source_rpm_names_the_source_and_is_no_package(void **state)
{
	struct inventory *inv = read_document(*state,
	    arena_printf(*state, "%s,%s",
		package(*state, "libs",
		    "pkg:rpm/redhat/glibc-common@2.34-1.el9?arch=x86_64", "2.34"),
		package(
		    *state, "src", "pkg:rpm/redhat/glibc@2.34-1.el9?arch=src", "2.34")),
	    relation(*state, "libs", "GENERATED_FROM", "src"));

	assert_string_equal(
	    told(inv, *state), "glibc-common 2.34-1.el9 [glibc 2.34-1.el9]");
	assert_string_equal(inv->os.ecosystem, "rhel:9");
	assert_int_equal(inv->components[0].flags & COMPONENT_GUESSED, 0);
}

static void
the_image_is_the_subject_and_its_digest_the_images(void **state)
{
	static const char digest[] = "sha256:"
				     "0123456789abcdef0123456789abcdef"
				     "0123456789abcdef0123456789abcdef";
	const char *image = arena_printf(*state, "pkg:oci/web@%s?tag=1", digest);
	struct inventory *inv = read_document(*state,
	    arena_printf(*state, "%s,%s", package(*state, "image", image, "1"),
		package(*state, "a", "pkg:npm/a@1", "")),
	    arena_printf(*state, "%s,%s",
		relation(*state, "DOCUMENT", "DESCRIBES", "image"),
		relation(*state, "image", "CONTAINS", "a")));

	assert_string_equal(inv->subject, "image");
	assert_string_equal(inv->digest, digest);
	assert_string_equal(told(inv, *state), "a 1");
	/* described in the document's own list, the digest as a checksum */
	inv = read_text(*state,
	    arena_printf(*state,
		HEAD "\"documentDescribes\":[\"SPDXRef-i\"],\"packages\":[{\"SPDXID\":"
		     "\"SPDXRef-i\",\"name\":\"i\",\"checksums\":[{\"algorithm\":"
		     "\"SHA256\",\"checksumValue\":\"%s\"}],\"externalRefs\":["
		     "{\"referenceType\":\"purl\",\"referenceLocator\":"
		     "\"pkg:oci/i\"}]}]}",
		digest + strlen("sha256:")),
	    NULL);
	assert_string_equal(inv->digest, digest);
	assert_int_equal(inv->os.state, COVERAGE_SCRATCH);
}

static void
an_index_of_images_is_not_an_empty_image(void **state)
{
	struct inventory *inv = read_document(*state,
	    arena_printf(*state, "%s,%s",
		package(*state, "index", "pkg:oci/web@sha256:12", "1"),
		package(*state, "amd64", "pkg:oci/web@sha256:34", "1")),
	    relation(*state, "DOCUMENT", "DESCRIBES", "index"));

	assert_int_equal(inv->n, 0);
	assert_true(inv->partial);
	assert_int_equal(inv->os.state, COVERAGE_UNIDENTIFIED);
}

static void
several_described_packages_are_packages(void **state)
{
	struct inventory *inv = read_document(*state,
	    arena_printf(*state, "%s,%s", package(*state, "a", "pkg:npm/a@1", ""),
		package(*state, "b", "pkg:npm/b@2", "")),
	    arena_printf(*state, "%s,%s",
		relation(*state, "DOCUMENT", "DESCRIBES", "a"),
		relation(*state, "DOCUMENT", "DESCRIBES", "b")));

	assert_string_equal(told(inv, *state), "a 1; b 2");
	assert_string_equal(inv->subject, "document");
}

static void
trivy_writes_its_words_into_remarks(void **state)
{
	struct inventory *inv = read_text(*state,
	    HEAD
	    "\"packages\":["
	    "{\"SPDXID\":\"SPDXRef-OperatingSystem-1\",\"name\":\"debian\","
	    "\"versionInfo\":\"12.5\"},"
	    "{\"SPDXID\":\"SPDXRef-Application-1\",\"name\":\"package-lock.json\","
	    "\"versionInfo\":\"1\"},"
	    "{\"SPDXID\":\"SPDXRef-1\",\"name\":\"libssl3\",\"versionInfo\":\"3.0.11\","
	    "\"sourceInfo\":\"built package from: openssl 3.0.11-1\",\"annotations\":"
	    "[{\"comment\":\"LayerDiffID: sha256:aa\"},{\"comment\":7},7],"
	    "\"externalRefs\":[{\"referenceType\":\"purl\",\"referenceLocator\":"
	    "\"pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12.5\"}]}]}",
	    NULL);
	const struct component *c = component(inv, "libssl3");

	assert_string_equal(told(inv, *state), "libssl3 3.0.11-1 [openssl 3.0.11-1]");
	assert_string_equal(c->layer, "sha256:aa");
	assert_string_equal(inv->os.ecosystem, "debian:12");
	assert_false(inv->partial);
}

static void
ranges_and_nothing_are_no_versions(void **state)
{
	static const char *const ranges[] = { "^1.2", ">= 1, < 2", "1.x || 2.x", "~> 4",
		"*", "= 1" };

	for (size_t i = 0; i < ROWS(ranges); i++) {
		struct inventory *inv = read_document(
		    *state, package(*state, "a", "pkg:npm/a", ranges[i]), "");

		if (inv->n != 0 || !inv->partial)
			fail_msg("%s", ranges[i]);
	}
	assert_string_equal(
	    told(read_document(*state, package(*state, "a", "pkg:npm/a", "1.2"), ""),
		*state),
	    "a 1.2");
	/* nothing at all: a main module; GitHub means by it that it does not know */
	assert_false(
	    read_document(*state, package(*state, "a", "pkg:npm/a", ""), "")->partial);
	assert_true(read_text(*state,
	    arena_printf(*state,
		"{\"sbom\":{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[%s]}}",
		package(*state, "a", "pkg:npm/a", "")),
	    NULL)
			->partial);
}

static void
a_package_without_a_url_is_said(void **state)
{
	struct inventory *inv = read_text(*state,
	    HEAD
	    "\"packages\":[{\"SPDXID\":\"SPDXRef-1\",\"name\":\"bash\",\"versionInfo\":"
	    "\"5\"},{\"name\":\"none\",\"versionInfo\":\"NOASSERTION\"}]}",
	    NULL);

	assert_int_equal(inv->n, 0);
	assert_int_equal(inv->n_warnings, 1);
	assert_non_null(strstr(inv->warnings[0], "bash"));
}

static void
wrong_documents_say_what_is_wrong(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *says;
	} rows[] = {
		{ "{\"spdxVersion\":\"SPDX-2.1\",\"packages\":[]}", ERR_UNSUPPORTED,
		    "SPDX-2.1" },
		{ "{\"SPDXID\":\"SPDXRef-DOCUMENT\"}", ERR_INPUT, "spdxVersion" },
		{ "{\"sbom\":7}", ERR_INPUT, "spdxVersion" },
		{ HEAD "\"packages\":[]} {", ERR_INPUT, "byte" },
		{ "{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\"}",
		    ERR_UNSUPPORTED, "SPDX 3" },
		{ "SPDXVersion: SPDX-2.1\n", ERR_UNSUPPORTED, "SPDX-2.1" },
		{ "SPDXVersion: SPDX-2.3\nhello\n", ERR_INPUT, "line 2" },
		{ "SPDXVersion: SPDX-2.3\n: x\n", ERR_INPUT, "line 2" },
		{ "SPDXVersion: SPDX-2.3\nA: <text>\nb\n\n", ERR_INPUT, "line 2" },
		{ "spdxVersion: SPDX-2.3\n", ERR_UNSUPPORTED, "YAML" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *why = refused(*state, rows[i].text, NULL, rows[i].code);

		if (strstr(why, rows[i].says) == NULL)
			fail_msg(
			    "row %zu: \"%s\" does not say %s", i, why, rows[i].says);
	}
}

static void
tags_are_read_line_by_line(void **state)
{
	struct inventory *inv = read_text(*state,
	    "\xef\xbb\xbf# a comment\r\nSPDXVersion: SPDX-2.2\r\nDocumentName: d\r\n"
	    "PackageName: a\r\nSPDXID: SPDXRef-a\r\n"
	    "  ExternalRef:   PACKAGE-MANAGER\tpurl   pkg:npm/a@1  \r\n"
	    "PackageLicenseComments: <text>one\r\nPackageName: no\r\n</text>\r\n"
	    "PackageName: b\r\nPackageVersion: NOASSERTION\r\n"
	    "ExternalRef: PACKAGE_MANAGER purl pkg:npm/b@2\r\n"
	    "ExternalRef: SECURITY cpe23Type cpe:2.3:a:b:b:2:*:*:*:*:*:*:*\r\n"
	    "FileName: ./x\r\nSPDXID: SPDXRef-File\r\n"
	    "ExternalRef: PACKAGE-MANAGER purl pkg:npm/no@1\r\n"
	    "PackageName: c\r\nSPDXID: SPDXRef-c\r\n"
	    "ExternalRef: PACKAGE-MANAGER purl pkg:npm/c@3\r\n"
	    "Relationship: SPDXRef-c DEV_DEPENDENCY_OF SPDXRef-a\r\n"
	    "Relationship: SPDXRef-DOCUMENT DESCRIBES\r\n",
	    NULL);

	assert_string_equal(told(inv, *state), "a 1; b 2");
	assert_string_equal(inv->subject, "d");
	assert_false(inv->partial);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(what_builds_or_tests_is_not_what_runs),
		READ(a_build_tool_that_is_also_contained_is_there),
		READ(a_source_rpm_names_the_source_and_is_no_package),
		READ(the_image_is_the_subject_and_its_digest_the_images),
		READ(an_index_of_images_is_not_an_empty_image),
		READ(several_described_packages_are_packages),
		READ(trivy_writes_its_words_into_remarks),
		READ(ranges_and_nothing_are_no_versions),
		READ(a_package_without_a_url_is_said),
		READ(wrong_documents_say_what_is_wrong),
		READ(tags_are_read_line_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
