/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs and os-release files. */
#include "unit/inventory/read.h"

#include "inventory/inventory_private.h"

static void
package_urls_are_taken_apart_and_decoded(void **state)
{
	struct purl p;

	assert_true(
	    purl_parse("pkg:deb/debian/lib%2Bx@1%3A2-3?arch=amd64&distro=debian-12#a/b",
		*state, &p));
	assert_string_equal(p.type, "deb");
	assert_string_equal(p.ns, "debian");
	assert_string_equal(p.name, "lib+x");
	assert_string_equal(p.version, "1:2-3");
	assert_string_equal(p.subpath, "a/b");
	assert_string_equal(purl_qualifier(&p, "arch"), "amd64");
	assert_null(purl_qualifier(&p, "os"));
	assert_true(purl_parse("PKG://NPM/%40a/b@1", *state, &p));
	assert_string_equal(p.type, "npm");
	assert_string_equal(p.ns, "@a");
	assert_true(purl_parse("pkg:golang/github.com/a/b", *state, &p));
	assert_string_equal(p.ns, "github.com/a");
	assert_null(p.version);
}

static void
texts_that_are_no_package_url_are_refused(void **state)
{
	static const char *const rows[] = { "", "pkg:", "pkg:npm", "pkg:npm/",
		"npm/a@1", "pkg:n\xc3\xa4h/a@1", "pkg:npm/a%00b@1", "pkg:npm/a%4",
		"pkg:npm/a%zz@1", "pkg:1npm/a", "pkg:maven/@1.3.4", "pkg:npm/a/@b" };
	char *huge = arena_zalloc(*state, 1 << 20);
	struct purl p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (purl_parse(rows[i], *state, &p))
			fail_msg("\"%s\" was taken as %s", rows[i], p.name);
	memset(huge, 'a', (1 << 20) - 1);
	memcpy(huge, "pkg:npm/", 8);
	assert_false(purl_parse(huge, *state, &p));
}

static void
os_release_is_read_as_the_shell_would(void **state)
{
	struct os_words w = { 0 };

	osrelease_read(
	    "# a comment\n\nID=debian\r\nVERSION_ID=\"12\"\nNAME='Debian GNU/Linux'\n"
	    "PRETTY_NAME=\"a \\\"b\\\" \\$c \\x\"\nID_LIKE=\nBROKEN=\"x\nlower=1\n"
	    "  VERSION_CODENAME=bookworm  ",
	    *state, &w);
	assert_string_equal(w.id, "debian");
	assert_string_equal(w.version_id, "12");
	assert_string_equal(w.name, "Debian GNU/Linux");
	assert_string_equal(w.pretty_name, "a \"b\" $c \\x");
	assert_string_equal(w.version_codename, "bookworm");
}

static void
a_broken_value_is_as_if_it_were_not_there(void **state)
{
	static const char *const rows[] = { "ID=\"debian\n", "ID='debian\n",
		"ID=\"de\"bian\"\n", "ID=\"debian\\\"\n", "=debian\n", "I D=debian\n",
		"ID\n" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct os_words w = { 0 };

		osrelease_read(rows[i], *state, &w);
		if (w.id != NULL)
			fail_msg("%s gives \"%s\"", rows[i], w.id);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(package_urls_are_taken_apart_and_decoded),
		READ(texts_that_are_no_package_url_are_refused),
		READ(os_release_is_read_as_the_shell_would),
		READ(a_broken_value_is_as_if_it_were_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
