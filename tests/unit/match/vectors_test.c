/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vectors_test - thousands of published comparisons, where they are at hand.  Those in
 * vectors/disputed/ are left out whole: the packaging system's own comparator contradicts
 * them or takes one of the two for no version.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "match/match.h"
#include "unit/match/version_lines.h"

#define VECTORS SHARED_DATA "/versions/vectors/"
#define OSV     SHARED_DATA "/versions/osv/"
#define RPM     SHARED_DATA "/versions/rpm/"

static void
check_count(const char *scheme, const char *path, size_t n, size_t wrong)
{
	if (n == 0) {
		printf("skipped: %s is not there\n", path);
		skip();
	}
	printf("%s: %zu comparisons\n", scheme, n);
	if (wrong > 0)
		fail_msg("%s: %zu of %zu comparisons do not hold", path, wrong, n);
}

static void
check_but(const char *scheme, const char *path, bool (*is_left_out)(const char *))
{
	size_t wrong, n = version_lines_but(scheme, path, is_left_out, &wrong);

	check_count(scheme, path, n, wrong);
}

static void
check_vectors(const char *scheme, const char *path)
{
	check_but(scheme, path, NULL);
}

static void
dpkg_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("dpkg", VECTORS "dpkg.txt");
}

static void
apk_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("apk", VECTORS "apk.txt");
}

static void
dpkg_agrees_with_those_of_osv(void **state)
{
	(void)state;
	check_vectors("dpkg", OSV "debian-versions.txt");
}

static void
apk_agrees_with_its_own_test(void **state)
{
	(void)state;
	check_vectors("apk", SHARED_DATA "/versions/apk/version.data");
	check_vectors("apk", SHARED_DATA "/versions/univers/alpine_test.txt");
}

/* Malformed, so that apk-tools 3 compares nothing behind the flaw: all are equal to it. */
static bool
is_malformed_apk(const char *version)
{
	return *version < '0' || *version > '9' || strstr(version, "..") != NULL ||
	       strstr(version, ".r") != NULL || strcmp(version, "1-r") == 0 ||
	       strcmp(version, "1-r-2") == 0;
}

static void
apk_agrees_with_those_of_osv(void **state)
{
	(void)state;
	check_but("apk", OSV "alpine-versions.txt", is_malformed_apk);
}

static void
apk_agrees_where_digits_follow_the_letter(void **state)
{
	(void)state;
	check_vectors("apk", VECTORS "apk_letterdigit.txt");
}

/*
 * Nothing is left out: the greek letters in it separate for rpm like any byte that is
 * neither digit nor ASCII letter.
 */
static void
rpm_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("rpm", VECTORS "rpm.txt");
}

static void
rpm_agrees_with_those_of_osv(void **state)
{
	(void)state;
	check_vectors("rpm", OSV "redhat-versions.txt");
}

/*
 * Lines RPMVERCMP(A, B, ORDER).  Lines behind "dnl" are left out: they are comments of
 * its authors, most of them about what rpm does and they wish it did not.
 */
static void
rpm_agrees_with_its_own_test(void **state)
{
	static const char path[] = RPM "rpmvercmp.at";
	char line[256], a[64], b[64];
	FILE *f = fopen(path, "r");
	size_t n = 0, wrong = 0;

	(void)state;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		int want, got = 99;

		if (sscanf(line, "RPMVERCMP(%63[^,], %63[^,], %d)", a, b, &want) != 3)
			continue;
		n++;
		if (!match_version_compare("rpm", a, b, &got) || got != want) {
			printf("%s against %s: expected %d, got %d\n", a, b, want, got);
			wrong++;
		}
	}
	if (f != NULL)
		(void)fclose(f);
	check_count("rpm", path, n, wrong);
}

/*
 * Here all lines hold.  "1.5 = 1.5-1" and the like are no vectors for us: pacman says so,
 * but also 1.5-1 < 1.5-2, and no order has both (match/ver_rpm.c).
 */
static void
alpm_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("alpm", VECTORS "alpm.txt");
}

/* What one dialect takes without a v and with three numbers, all of them take. */
static void
dialects_of_semver_agree_with_published_comparisons(void **state)
{
	static const char *const schemes[] = { "semver", "npm", "cargo", "hex", "go" };

	(void)state;
	for (size_t i = 0; i < ROWS(schemes); i++)
		check_vectors(schemes[i], VECTORS "semver.txt");
}

/* Five numbers: the list's own evaluator takes any number of them, SemVer three. */
static bool
is_too_long(const char *version)
{
	return strcmp(version, "1.1.3.4.5") == 0;
}

static void
semver_agrees_with_comparisons_of_osv(void **state)
{
	(void)state;
	check_but("semver", OSV "semver-versions.txt", is_too_long);
}

static void
npm_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("npm", VECTORS "npm.txt");
}

static void
go_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("go", VECTORS "go.txt");
}

static void
pub_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("pub", VECTORS "pub.txt");
}

/* Dart takes neither a v nor anything but three numbers; the list has both. */
static bool
is_none_of_dart(const char *version)
{
	return *version == 'v' || strchr(version, '.') == NULL || is_too_long(version);
}

static void
pub_agrees_with_comparisons_of_osv(void **state)
{
	(void)state;
	check_but("pub", OSV "pub-versions.txt", is_none_of_dart);
}

static void
nuget_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("nuget", VECTORS "nuget.txt");
	check_vectors("nuget", OSV "nuget-versions.txt");
}

static void
pep440_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("pep440", VECTORS "pep440.txt");
}

/*
 * Versions from before PEP 440, a word behind a hyphen or in front: packaging refuses
 * them, and the list is of an evaluator that falls back to an older order.
 */
static bool
is_before_pep440(const char *version)
{
	const char *hyphen = strchr(version, '-');

	return hyphen != NULL && (hyphen[1] < '0' || hyphen[1] > '9');
}

static void
pep440_agrees_with_comparisons_of_osv(void **state)
{
	(void)state;
	check_but("pep440", OSV "pypi-versions.txt", is_before_pep440);
}

static void
gem_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("gem", VECTORS "gem.txt");
}

/* A word straight behind the first number is no version for RubyGems itself. */
static bool
is_none_of_rubygems(const char *version)
{
	return strcmp(version, "1beta") == 0 || strcmp(version, "1gamma") == 0;
}

static void
gem_agrees_with_comparisons_of_osv(void **state)
{
	(void)state;
	check_but("gem", OSV "rubygems-versions.txt", is_none_of_rubygems);
}

static void
composer_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("composer", VECTORS "composer.txt");
}

/*
 * The list was made with PHP's version_compare() on versions as they are written.  Composer
 * normalizes first: it refuses "#", words straight behind a number in a group of its own and
 * a first number of more than five digits, gives branches no order, and 1.0 is 1.0.0.
 */
static bool
is_not_normalized(const char *version)
{
	return strchr(version, '#') != NULL || strncmp(version, "dev-", 4) == 0 ||
	       strncmp(version, "4.3-2", 5) == 0 || strlen(version) >= 30 ||
	       strcmp(version, "1.0") == 0;
}

static void
composer_agrees_with_comparisons_of_osv(void **state)
{
	(void)state;
	check_but("composer", OSV "packagist-versions.txt", is_not_normalized);
}

static void
maven_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("maven", VECTORS "maven.txt");
}

/* To Maven 3 the list that "ga" stood in is still there: [1,[[1]]] is not [1,[1]]. */
static bool
has_release_word_inside(const char *version)
{
	return strcmp(version, "1-ga-1") == 0;
}

static void
maven_agrees_with_comparisons_of_osv(void **state)
{
	(void)state;
	check_but("maven", OSV "maven-versions.txt", has_release_word_inside);
}

static void
gentoo_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("gentoo", VECTORS "gentoo.txt");
}

static void
cran_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("cran", VECTORS "cran.txt");
}

static void
cran_agrees_with_those_of_osv(void **state)
{
	(void)state;
	check_vectors("cran", OSV "cran-versions.txt");
}

static void
hackage_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("hackage", VECTORS "hackage.txt");
}

static void
hackage_agrees_with_those_of_osv(void **state)
{
	(void)state;
	check_vectors("hackage", OSV "hackage-versions.txt");
}

/*
 * disputed/generic.txt is left out: its one line has 1.0a < 1.0.1, and libversion itself
 * puts a suffix above every number in its place.
 */
static void
generic_agrees_with_published_comparisons(void **state)
{
	(void)state;
	check_vectors("generic", VECTORS "generic.txt");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dpkg_agrees_with_published_comparisons),
		cmocka_unit_test(apk_agrees_with_published_comparisons),
		cmocka_unit_test(dpkg_agrees_with_those_of_osv),
		cmocka_unit_test(apk_agrees_with_its_own_test),
		cmocka_unit_test(apk_agrees_with_those_of_osv),
		cmocka_unit_test(apk_agrees_where_digits_follow_the_letter),
		cmocka_unit_test(rpm_agrees_with_published_comparisons),
		cmocka_unit_test(rpm_agrees_with_those_of_osv),
		cmocka_unit_test(rpm_agrees_with_its_own_test),
		cmocka_unit_test(alpm_agrees_with_published_comparisons),
		cmocka_unit_test(dialects_of_semver_agree_with_published_comparisons),
		cmocka_unit_test(semver_agrees_with_comparisons_of_osv),
		cmocka_unit_test(npm_agrees_with_published_comparisons),
		cmocka_unit_test(go_agrees_with_published_comparisons),
		cmocka_unit_test(pub_agrees_with_published_comparisons),
		cmocka_unit_test(pub_agrees_with_comparisons_of_osv),
		cmocka_unit_test(nuget_agrees_with_published_comparisons),
		cmocka_unit_test(pep440_agrees_with_published_comparisons),
		cmocka_unit_test(pep440_agrees_with_comparisons_of_osv),
		cmocka_unit_test(gem_agrees_with_published_comparisons),
		cmocka_unit_test(gem_agrees_with_comparisons_of_osv),
		cmocka_unit_test(composer_agrees_with_published_comparisons),
		cmocka_unit_test(composer_agrees_with_comparisons_of_osv),
		cmocka_unit_test(maven_agrees_with_published_comparisons),
		cmocka_unit_test(maven_agrees_with_comparisons_of_osv),
		cmocka_unit_test(gentoo_agrees_with_published_comparisons),
		cmocka_unit_test(cran_agrees_with_published_comparisons),
		cmocka_unit_test(cran_agrees_with_those_of_osv),
		cmocka_unit_test(hackage_agrees_with_published_comparisons),
		cmocka_unit_test(hackage_agrees_with_those_of_osv),
		cmocka_unit_test(generic_agrees_with_published_comparisons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
