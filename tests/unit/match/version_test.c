/* SPDX-License-Identifier: Apache-2.0 */
/* version_test - keys byte by byte, order by our own tables, what is no version. */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/limits.h"
#include "match/match.h"
#include "match/match_private.h"
#include "unit/match/version_lines.h"

static void
check_lines(const char *scheme, const char *path)
{
	size_t wrong, n = version_lines(scheme, path, &wrong);

	if (n < 40 || wrong > 0)
		fail_msg("%s: %zu lines, %zu do not hold", path, n, wrong);
}

static void
dpkg_orders_our_table(void **state)
{
	(void)state;
	check_lines("dpkg", TEST_DATA "/versions/dpkg.txt");
}

static void
apk_orders_our_table(void **state)
{
	(void)state;
	check_lines("apk", TEST_DATA "/versions/apk.txt");
}

static void
rpm_orders_our_table(void **state)
{
	(void)state;
	check_lines("rpm", TEST_DATA "/versions/rpm.txt");
}

static void
alpm_orders_our_table(void **state)
{
	(void)state;
	check_lines("alpm", TEST_DATA "/versions/alpm.txt");
}

static void
semver_and_its_dialects_order_our_tables(void **state)
{
	(void)state;
	check_lines("semver", TEST_DATA "/versions/semver.txt");
	check_lines("npm", TEST_DATA "/versions/npm.txt");
	check_lines("cargo", TEST_DATA "/versions/cargo.txt");
	check_lines("hex", TEST_DATA "/versions/hex.txt");
	check_lines("go", TEST_DATA "/versions/go.txt");
	check_lines("pub", TEST_DATA "/versions/pub.txt");
}

static void
pep440_orders_our_table(void **state)
{
	(void)state;
	check_lines("pep440", TEST_DATA "/versions/pep440.txt");
}

static void
gem_orders_our_table(void **state)
{
	(void)state;
	check_lines("gem", TEST_DATA "/versions/gem.txt");
}

static void
composer_orders_our_table(void **state)
{
	(void)state;
	check_lines("composer", TEST_DATA "/versions/composer.txt");
}

static void
maven_orders_our_table(void **state)
{
	(void)state;
	check_lines("maven", TEST_DATA "/versions/maven.txt");
}

static void
nuget_orders_our_table(void **state)
{
	(void)state;
	check_lines("nuget", TEST_DATA "/versions/nuget.txt");
}

static void
gentoo_orders_our_table(void **state)
{
	(void)state;
	check_lines("gentoo", TEST_DATA "/versions/gentoo.txt");
}

static void
cran_orders_our_table(void **state)
{
	(void)state;
	check_lines("cran", TEST_DATA "/versions/cran.txt");
}

static void
hackage_orders_our_table(void **state)
{
	(void)state;
	check_lines("hackage", TEST_DATA "/versions/hackage.txt");
}

static void
generic_orders_our_table(void **state)
{
	(void)state;
	check_lines("generic", TEST_DATA "/versions/generic.txt");
}

static void
keys_are_these_bytes(void **state)
{
	FILE *f = fopen(TEST_DATA "/versions/keys.txt", "r");
	struct arena *a = arena_new();
	char line[512], scheme[32], version[256], want[256], got[256];
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		struct version_key k;

		if (line[0] == '#')
			continue;
		assert_int_equal(
		    sscanf(line, "%31s %255s %255s", scheme, version, want), 3);
		match_version_key(scheme, version, a, &k);
		assert_true(k.key.len * 2 < sizeof(got));
		if (!k.parsable ||
		    strcmp(hex_encode(k.key.bytes, k.key.len, got), want) != 0)
			fail_msg("%s %s: expected %s, got %s", scheme, version, want,
			    k.parsable ? got : "not parsable");
		n++;
	}
	(void)fclose(f);
	arena_free(a);
	assert_true(n >= 60);
}

static void
check_refused(const char *scheme, const char *version)
{
	int order;

	if (match_version_compare(scheme, version, version, &order))
		fail_msg("%s takes \"%s\" for a version", scheme, version);
}

static void
dpkg_refuses_what_dpkg_refuses(void **state)
{
	static const char *const refused[] = { "", ":", "1:", ":1", "a:1", "-1:1", " 1",
		"1 ", "1 0", "a", "~1", ".1", "-1", "1-", "1-2-", "1_0", "1/0", "1-2:3",
		"1:1-2:3", "2147483648:1", "99999999999999999999:1", "1\xc3\xa4", "1\n",
		"1,2", "1%2" };

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++)
		check_refused("dpkg", refused[i]);
}

static void
rpm_and_alpm_refuse_sentences(void **state)
{
	static const char *const refused[] = { "", "1 0", "1.0 beta", " 1", "1 ", "1\n",
		"1\t0", "1\x01", "1\x7f" };
	int order;

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++) {
		check_refused("rpm", refused[i]);
		check_refused("alpm", refused[i]);
	}
	assert_true(match_version_compare("rpm", "<none>", "0", &order));
	assert_int_equal(order, -1);
}

static void
alpm_refuses_what_goes_round_in_a_circle(void **state)
{
	static const char *const refused[] = { "1.", "1.0.", "1.0_-1", "1-1.", "1-1+",
		".", "1:.", "1--1", "1.\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++)
		check_refused("alpm", refused[i]);
}

static void
gentoo_refuses_what_portage_refuses(void **state)
{
	static const char *const refused[] = { "", "a", ".1", "1.", "1..2", "1.a", "1A",
		"1ab", "1a.2", "1_", "1_x", "1_P", "1_p_", "1_prc", "1_p1a", "1_p.1",
		"1p1", "1-", "1-r", "1-r1-r2", "1-r1_p", "1-1", "1-R1", "1_rc-", "-r1",
		"1 0", "1~rc", "1:1", "1.0-r1.1" };

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++)
		check_refused("gentoo", refused[i]);
}

static void
lists_refuse_all_but_numbers(void **state)
{
	static const char *const refused[] = { "", ".", "1.", ".1", "1..2", "a", "1.a",
		"1a", "1_0", "1.0-", "1 0", "1.0+b", "v1" };
	static const char *const refused_hackage[] = { "1-2", "01", "1.00", "1.01",
		"1.1000000000", "1.0-tag" };

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++) {
		check_refused("cran", refused[i]);
		check_refused("hackage", refused[i]);
	}
	check_refused("cran", "1.-2");
	for (size_t i = 0; i < ROWS(refused_hackage); i++)
		check_refused("hackage", refused_hackage[i]);
}

static void
generic_refuses_what_has_neither_letter_nor_digit(void **state)
{
	static const char *const refused[] = { "", "-", "*", ".", "?", " ",
		"1\xc3\xa4" };
	int order;

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++)
		check_refused("generic", refused[i]);
	assert_true(match_version_compare("generic", "1.0 Update 2", "1.0", &order));
	assert_int_equal(order, -1);
}

static void
apk_refuses_only_nothing_and_foreign_bytes(void **state)
{
	int order;

	(void)state;
	check_refused("apk", "");
	check_refused("apk", "1.\xc3\xa4");
	check_refused("apk", "1\x7f");
	assert_true(match_version_compare("apk", "1.0 beta", "1.0", &order));
	assert_int_equal(order, -1);
}

static void
check_all_refused(const char *scheme, const char *const versions[])
{
	for (size_t i = 0; versions[i] != NULL; i++)
		check_refused(scheme, versions[i]);
}

/* What is a version of none of the dialects of Semantic Versioning. */
static const char *const no_semver[] = { "", "v", ".", "-", "+", "a", "1.", "1..2",
	".1.2.3", "1.2.3.", "1.2.3.4", "1.1.3.4.5", "1.2.3.4-a", "1.2.x", "1.2.3-",
	"1.2.3-+b", "1.2.3-a.", "1.2.3-.a", "1.2.3-a..b", "1.2.3-a_b", "1.2.3+",
	"1.2.3+a.", "1.2.3+a..b", "1.2.3+a+b", "1.2.3+a_b", "1.2.3a", "1.2.3~1",
	" 1.2.3", "1.2.3 ", "1.2 .3", "-1.2.3", "+1.2.3", "1.-2.3", "1,2,3", "1.2.3\n",
	"*", "latest", "1.2.3-\xc3\xa4", "go", NULL };

static void
semver_and_its_dialects_refuse_what_is_no_version(void **state)
{
	/* less than three numbers, zeros in front of one */
	static const char *const strict[] = { "1", "1.2", "1.2-a", "1+a", "01.2.3",
		"1.02.3", "1.2.03", "1.2.3-01", "1.2.3-a.00", "go1.21rc1", "1.21rc1",
		NULL };
	static const char *const not_semver[] = { "vv1.2.3", "=1.2.3", "V1.2.3",
		"1.2.3.4", "go1.21", "1.21rc1", "1.2.3-a..0", NULL };
	static const char *const not_npm[] = { "V1.2.3", "1v.2.3", ">=1.2.3", "^1.2.3",
		"x1.2.3", NULL };
	static const char *const marked[] = { "v1.2.3", "=1.2.3", NULL };
	static const char *const not_pub[] = { "1", "1.2", "1.2-a", "1+a", NULL };

	(void)state;
	check_all_refused("semver", no_semver);
	check_all_refused("semver", not_semver);
	check_all_refused("npm", no_semver);
	check_all_refused("npm", strict);
	check_all_refused("npm", not_npm);
	check_all_refused("cargo", no_semver);
	check_all_refused("cargo", strict);
	check_all_refused("cargo", marked);
	check_all_refused("hex", no_semver);
	check_all_refused("hex", strict);
	check_all_refused("hex", marked);
	check_all_refused("pub", no_semver);
	check_all_refused("pub", marked);
	check_all_refused("pub", not_pub);
}

static void
go_refuses_what_is_neither_module_nor_release(void **state)
{
	static const char *const refused[] = { "vv1", "=v1", "V1", "1.2-a", "v1.2-pre",
		"v1+a", "1.2+a", "v01", "v1.02.3", "v1.2.3-01", "v1.2.3-a.00",
		"vgo1.21", "gov1.21", "v1.21rc1", "go1.21rc01", "go01.21", "go1.21x1",
		"go1.21r1", "go1.21rcbeta1", "go1.21.0rc1", "1.21.0rc1", "go1rc1",
		"1rc1", "go1.21rc1.2", "1.21rc1+a", "go1.22.3+a", "go1.22.3.4", "gogo1",
		"devel", NULL };

	(void)state;
	check_all_refused("go", no_semver);
	check_all_refused("go", refused);
}

static void
pep440_refuses_what_packaging_refuses(void **state)
{
	static const char *const refused[] = { "", "v", "a", ".1", "1.", "1..2",
		"1.a.b", "!1", "1!", "1!a", "1!!2", "1!2!3", "a!1", "vv1", "1.0x",
		"1.0-", "1.0_1", "1.0a--", "1.0..a", "1.0a1b1", "1.0a1a",
		"1.0post1post2", "1.0-1-2", "1.0-1.post2", "1.0dev1dev2", "1.0dev1a1",
		"1.0dev.post1", "1.0.rel1", "1.0+", "1.0+a.", "1.0+.a", "1.0+a..b",
		"1.0+a+b", "1.0+a!b", "1.0 a", " 1.0", "1.0 ", "1.0\n", "1.0+\xc3\xa4",
		"0.1-bulbasaur", "0.4m1", "0.8.1p1", "1.0.*", NULL };

	(void)state;
	check_all_refused("pep440", refused);
}

static void
gem_refuses_what_rubygems_refuses(void **state)
{
	static const char *const refused[] = { "", "a", ".1", "1.", "1..2", "1a", "1-",
		"1.-a", "1-.a", "1-a.", "1-a..b", "1_2", "1+a", "v1", "1.2 ", " 1",
		"1.\xc3\xa4", NULL };

	(void)state;
	check_all_refused("gem", refused);
}

static void
composer_refuses_what_has_no_order(void **state)
{
	static const char *const refused[] = { "", "a", "v", ".1", "1.2.3.4.5", "1..2",
		"dev-main", "DEV-main", "dev-1.0", "master", "trunk", "default",
		"12345678901234567890", "1.0-foo", "1.0-beta-foo", "1.0-beta1-RC1",
		"1.0+", "1.0,2+a", "1.0+a b", "+1", "1.0@foo", "x-dev", "foo-dev",
		"1.x", "1.x-dev1", "1.2.3.4.x-dev", "2010-1-02",
		"2010-01-0212345678901234567", " 1", "1 ", "1.0-\xc3\xa4", NULL };

	(void)state;
	check_all_refused("composer", refused);
}

static void
nuget_refuses_what_dotnet_refuses(void **state)
{
	static const char *const refused[] = { "", ".", "a", "v1.0", "1.", ".1", "1..2",
		"1.2.3.4.5", "1.2.3.", "1.x", "1.*", "1.0-", "1.0-+a", "1.0-a.",
		"1.0-.a", "1.0-a..b", "1.0-a_b", "1.0-01", "1.0-a.00", "1.0+", "1.0+a.",
		"1.0+a+b", "1.0+a_b", "1.0a", "-1.0", "+1.0", " 1.0", "1.0 ", "1.0\n",
		"[1.0]", "1.0-\xc3\xa4", NULL };

	(void)state;
	check_all_refused("nuget", refused);
}

static void
longest_version_has_a_key_and_one_byte_more_has_none(void **state)
{
	/* a scheme, and the beginning and the pieces that make its key longest */
	static const struct {
		const char *scheme, *head, *piece;
	} rows[] = {
		/* 2.5 bytes for one, the last 3.5 */
		{ "dpkg", "", "1a" },
		{ "rpm", "", "1a" },
		{ "apk", "", "1a" },
		{ "alpm", "", ".a" },
		{ "gem", "1", ".a" },
		{ "composer", "1.0-p", ".0" },
		{ "maven", "", "x1" },
		{ "semver", "1.0.0-", "a." },
		{ "npm", "1.0.0-", "a." },
		{ "cargo", "1.0.0-", "a." },
		{ "hex", "1.0.0-", "a." },
		{ "go", "1.0.0-", "a." },
		{ "pub", "1.0.0+", "a." },
		{ "pep440", "1+", "a." },
		{ "nuget", "1-", "1." },
		{ "gentoo", "10", ".0" },
		{ "cran", "10", "-1" },
		{ "hackage", "10", ".1" },
		{ "generic", "", "1a" },
	};
	char text[4096 + 2];
	int order;

	(void)state;
	assert_int_equal(MAX_VERSION, 4096);
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t head = strlen(rows[i].head);

		memcpy(text, rows[i].head, head);
		for (size_t at = head; at < 4095; at++)
			text[at] = rows[i].piece[(at - head) % 2];
		memcpy(text + 4095, "11", 3);
		assert_false(match_version_compare(rows[i].scheme, text, text, &order));
		text[4096] = '\0';
		if (!match_version_compare(rows[i].scheme, text, text, &order))
			fail_msg("%s: no key", rows[i].scheme);
		assert_int_equal(order, 0);
	}
}

static void
key_that_does_not_fit_is_no_key(void **state)
{
	unsigned char bytes[6];
	struct key_out out = { .at = bytes, .cap = sizeof(bytes) };
	bool exact;

	(void)state;
	assert_false(match_encode(&ver_dpkg, "1.0", 3, &out, &exact));
	assert_true(match_encode(&ver_apk, "239-r", 3, &out, &exact));
	assert_int_equal(out.len, 3);
}

static void
installed_version_without_order_keeps_its_text_above_every_end(void **state)
{
	struct arena *a = arena_new();
	struct version_key k;

	(void)state;
	match_version_key("dpkg", "no version", a, &k);
	assert_false(k.parsable);
	assert_true(k.exact);
	assert_int_equal(k.key.len, 14);
	assert_memory_equal(k.key.bytes, "\xff\xff\xff\xffno version", 14);
	match_version_key("dpkg", NULL, a, &k);
	assert_false(k.parsable);
	assert_int_equal(k.key.len, 4);
	match_version_key("no-such-scheme", "1.0", a, &k);
	assert_false(k.parsable);
	assert_memory_equal(k.key.bytes,
	    "\xff\xff\xff\xff"
	    "1.0",
	    7);
	arena_free(a);
}

static void
numbers_are_written_in_their_shortest_form(void **state)
{
	static const struct {
		const char *digits, *hex;
	} rows[] = {
		{ "", "00" },
		{ "0", "00" },
		{ "000", "00" },
		{ "7", "07" },
		{ "239", "ef" },
		{ "0239", "ef" },
		{ "240", "f00240" },
		{ "999", "f00999" },
		{ "1000", "f11000" },
		{ "12345", "f2012345" },
		{ "99999999999999999", "fe099999999999999999" },
		{ "100000000000000000", "ff0012100000000000000000" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		unsigned char bytes[32];
		struct key_out out = { .at = bytes, .cap = sizeof(bytes) };
		char got[65];

		key_number(&out, rows[i].digits, strlen(rows[i].digits));
		if (strcmp(hex_encode(bytes, out.len, got), rows[i].hex) != 0)
			fail_msg("%s: expected %s, got %s", rows[i].digits, rows[i].hex,
			    got);
	}
}

static void
counts_are_written_as_numbers_and_complemented_in_place(void **state)
{
	static const struct {
		size_t n;
		const char *hex;
	} rows[] = {
		{ 0, "00" },
		{ 9, "09" },
		{ 239, "ef" },
		{ 240, "f00240" },
		{ 4096, "f14096" },
	};
	unsigned char bytes[32];
	struct key_out out = { .at = bytes, .cap = sizeof(bytes) };
	char got[65];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		out.len = 0;
		key_count(&out, rows[i].n);
		assert_string_equal(hex_encode(bytes, out.len, got), rows[i].hex);
	}
	key_complement(&out, 1);
	assert_string_equal(hex_encode(bytes, out.len, got), "f1bf69");
}

static void
schemes_are_found_by_name_and_by_number(void **state)
{
	size_t n = 0;

	(void)state;
	for (; match_scheme_at(n) != NULL; n++) {
		assert_ptr_equal(
		    match_scheme(match_scheme_at(n)->name), match_scheme_at(n));
		assert_non_null(match_scheme_at(n)->summary);
		assert_non_null(match_scheme_at(n)->encode);
		assert_non_null(match_scheme_at(n)->just_above);
	}
	assert_true(n >= 16);
	assert_null(match_scheme("no-such-scheme"));
	assert_null(match_scheme(NULL));
}

static void
unknown_scheme_compares_nothing(void **state)
{
	int order = 7;

	(void)state;
	assert_false(match_version_compare("no-such-scheme", "1", "1", &order));
	assert_false(match_version_compare("dpkg", NULL, "1", &order));
	assert_int_equal(order, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dpkg_orders_our_table),
		cmocka_unit_test(apk_orders_our_table),
		cmocka_unit_test(rpm_orders_our_table),
		cmocka_unit_test(alpm_orders_our_table),
		cmocka_unit_test(semver_and_its_dialects_order_our_tables),
		cmocka_unit_test(pep440_orders_our_table),
		cmocka_unit_test(gem_orders_our_table),
		cmocka_unit_test(composer_orders_our_table),
		cmocka_unit_test(maven_orders_our_table),
		cmocka_unit_test(nuget_orders_our_table),
		cmocka_unit_test(gentoo_orders_our_table),
		cmocka_unit_test(cran_orders_our_table),
		cmocka_unit_test(hackage_orders_our_table),
		cmocka_unit_test(generic_orders_our_table),
		cmocka_unit_test(keys_are_these_bytes),
		cmocka_unit_test(dpkg_refuses_what_dpkg_refuses),
		cmocka_unit_test(rpm_and_alpm_refuse_sentences),
		cmocka_unit_test(apk_refuses_only_nothing_and_foreign_bytes),
		cmocka_unit_test(alpm_refuses_what_goes_round_in_a_circle),
		cmocka_unit_test(semver_and_its_dialects_refuse_what_is_no_version),
		cmocka_unit_test(go_refuses_what_is_neither_module_nor_release),
		cmocka_unit_test(pep440_refuses_what_packaging_refuses),
		cmocka_unit_test(gem_refuses_what_rubygems_refuses),
		cmocka_unit_test(composer_refuses_what_has_no_order),
		cmocka_unit_test(nuget_refuses_what_dotnet_refuses),
		cmocka_unit_test(gentoo_refuses_what_portage_refuses),
		cmocka_unit_test(lists_refuse_all_but_numbers),
		cmocka_unit_test(generic_refuses_what_has_neither_letter_nor_digit),
		cmocka_unit_test(longest_version_has_a_key_and_one_byte_more_has_none),
		cmocka_unit_test(key_that_does_not_fit_is_no_key),
		cmocka_unit_test(
		    installed_version_without_order_keeps_its_text_above_every_end),
		cmocka_unit_test(numbers_are_written_in_their_shortest_form),
		cmocka_unit_test(
		    counts_are_written_as_numbers_and_complemented_in_place),
		cmocka_unit_test(schemes_are_found_by_name_and_by_number),
		cmocka_unit_test(unknown_scheme_compares_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
