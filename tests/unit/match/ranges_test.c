/* SPDX-License-Identifier: Apache-2.0 */
/* ranges_test - every form of a feed's range, and which versions lie inside. */
#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "match/match.h"

struct made {
	struct range *ranges;
	size_t n, bad;
};

static struct made
make(const char *scheme, const struct affected *aff, struct arena *a)
{
	struct made m;

	match_ranges(scheme, aff, a, &m.ranges, &m.n, &m.bad);
	return m;
}

/* Exactly what the store's query asks. */
static bool
contains(const struct made *m, const char *scheme, const char *version, struct arena *a)
{
	struct version_key k;

	match_version_key(scheme, version, a, &k);
	for (size_t i = 0; i < m->n; i++)
		if (match_key_compare(k.key, m->ranges[i].lo) >= 0 &&
		    match_key_compare(k.key, m->ranges[i].hi) < 0)
			return true;
	return false;
}

static const struct row {
	const char *scheme, *introduced, *fixed, *last_affected, *versions[3];
	const char *inside[4], *outside[4];
} rows[] = {
	{ "dpkg", NULL, "1.2-3", NULL, { NULL }, { "0~~", "1.2-2", "1.2-3~deb12u1" },
	    { "1.2-3", "1.2-3+b1", "1:0" } },
	{ "dpkg", "0", "1.2-3", NULL, { NULL }, { "0~~", "0~beta1", "1.2" },
	    { "1.2-03", "2" } },
	{ "dpkg", "", "1.2-3", NULL, { NULL }, { "0~~" }, { "1.2-3" } },
	{ "dpkg", "1.0", "1.2-3", NULL, { NULL }, { "1.0", "1.0-0", "1.1-9" },
	    { "1.0~rc1", "0.9", "1.2-3" } },
	{ "dpkg", NULL, NULL, NULL, { NULL }, { "0~~", "99:99" }, { "no version" } },
	{ "dpkg", "1.0", NULL, NULL, { NULL }, { "1.0", "99:99" },
	    { "0.9", "no version" } },
	{ "dpkg", NULL, NULL, "1.2-3", { NULL }, { "1.2-3", "1.2-03", "0" },
	    { "1.2-3+b1", "1.2-3a", "1.2-4" } },
	{ "dpkg", NULL, NULL, NULL, { "1.0-1", "1.2-3" },
	    { "1.0-1", "1.2-03", "0:1.2-3" }, { "1.1-1", "1.0-1+b1", "0" } },
	{ "dpkg", NULL, NULL, NULL, { "no version" }, { "no version" },
	    { "1.0", "no versions", "no versio" } },
	{ "apk", NULL, "1.2.3-r4", NULL, { NULL },
	    { "1.2.3-r3", "1.2.3_rc1", "0", "x" },
	    { "1.2.3-r4", "1.2.3_p1", "1.2.3a" } },
	{ "apk", NULL, NULL, "1.2.3-r4", { NULL }, { "1.2.3-r4", "1.2.3-r04" },
	    { "1.2.3-r5", "1.2.4" } },
	{ "apk", NULL, NULL, NULL, { "1.9.5p2-r0" }, { "1.9.5p2-r0" },
	    { "1.9.5p1-r0", "1.9.5p2-r1" } },
	{ "rpm", NULL, "1:1.0-5.el9", NULL, { NULL },
	    { "1:1.0-4.el9", "1:1.0~rc1-9", "1:1.0", "9.0-1" },
	    { "1:1.0-5.el9", "1:1.0-5.el9_4", "2:0-1" } },
	{ "rpm", NULL, NULL, "1.0-5.el9", { NULL }, { "1.0-5.el9", "1.0-05.el9" },
	    { "1.0-5.el9_1", "1.0-6.el9" } },
	/* a bound without a release: rpm's own "<", "<=" and ">=" */
	{ "rpm", NULL, "1.0", NULL, { NULL }, { "0.9-9", "1.0~rc1-1" },
	    { "1.0-1", "1.0", "1.0^git1-1" } },
	{ "rpm", NULL, NULL, "1.0", { NULL }, { "1.0-1", "1.0-99.el9", "1.0", "1_0-1" },
	    { "1.0^git1-1", "1.0.1-1", "1.0a-1", "1:0-1" } },
	{ "rpm", "1.0", NULL, "1.2", { NULL }, { "1.0", "1.0-0", "1.2-9" },
	    { "1.0~rc1-9", "0.9-1", "1.2.0-1" } },
	{ "alpm", NULL, "1:1.0-2", NULL, { NULL }, { "1:1.0-1", "1:1.0rc1-9", "2.0-1" },
	    { "1:1.0-2", "1:1.0-2.1", "1:1.0.a-1" } },
	{ "alpm", NULL, "1.0", NULL, { NULL }, { "0.9-9", "1.0rc1-1" },
	    { "1.0-1", "1.0" } },
	{ "alpm", "1.0", NULL, "1.2", { NULL }, { "1.0", "1.0-1", "1.2", "1.2-9" },
	    { "1.0rc1-1", "1.2.a-1", "1..2-1", "1.2.0-1" } },
	{ "alpm", NULL, NULL, NULL, { "1.0." }, { "1.0." }, { "1.0", "1.0..", "9-1" } },
	{ "semver", NULL, "1.2.3", NULL, { NULL }, { "0.0.0-0", "v1.2", "1.2.3-rc.1" },
	    { "1.2.3", "1.2.3+1", "1.2.4-0", "no version" } },
	{ "semver", "1.2.3-0", "2.0.0", NULL, { NULL },
	    { "1.2.3-0", "1.2.3", "2.0.0-rc.1" }, { "1.2.2", "2.0.0", "2" } },
	{ "npm", "1.2.0", NULL, "1.2.3", { NULL }, { "1.2.0", "v1.2.3", "1.2.3+b" },
	    { "1.2.0-rc.1", "1.2.4-0", "1.2.4" } },
	{ "cargo", NULL, NULL, NULL, { "1.2.3", "1.3.0-a" }, { "1.2.3+b", "1.3.0-a" },
	    { "1.2.3-0", "1.3.0", "1.3.0-a.0" } },
	/* Go itself: a binary built by a release candidate, the feeds' bounds by SemVer */
	{ "go", "1.21.0-0", "1.21.0-rc.4", NULL, { NULL },
	    { "go1.21rc3", "go1.21beta1", "1.21rc2" },
	    { "go1.21rc4", "go1.21.0", "go1.20.14", "go1.21rc4-vendor" } },
	{ "go", "1.22.0-0", "1.22.3", NULL, { NULL },
	    { "go1.22rc1", "1.22.2", "go1.22.2-vendor" },
	    { "go1.22.3", "go1.22.3-vendor", "go1.21.9" } },
	{ "go", NULL, "0.0.0-20220314234659-1baeb1ce4c0b", NULL, { NULL },
	    { "v0.0.0-20210921155107-089bfa567519" },
	    { "v0.0.0-20220315160706-3147a52a75dd", "v0.1.0" } },
	{ "pub", NULL, NULL, "1.2.3", { NULL }, { "1.2.3", "1.2.3-a+1" },
	    { "1.2.3+1", "1.2.4-0" } },
	{ "nuget", "1.0", "1.0.0.5", NULL, { NULL },
	    { "1.0.0", "1.0.0.4", "1.0.0.5-RC" }, { "1.0-a", "1.0.0.5", "1.0.1-a" } },
	{ "nuget", NULL, NULL, "1.0-beta", { NULL }, { "1.0.0.0-BETA", "1.0-alpha" },
	    { "1.0-beta.0", "1.0-beta2", "1.0" } },
	{ "pep440", "1.0", "1.1", NULL, { NULL }, { "1.0.0", "1.0+a", "1.1rc1" },
	    { "1.0rc1", "1.1", "1.1+a", "1.1.post1" } },
	/* the last affected one means its local versions, too, where it is none itself */
	{ "pep440", NULL, NULL, "1.0", { NULL }, { "1.0", "1.0.0+cu118", "1.0+999.z" },
	    { "1.0.post1.dev0", "1.0.0.1", "1.0.post1", "1.0.1" } },
	{ "pep440", NULL, NULL, "1.0.dev1", { NULL }, { "1.0.dev1+a", "0.9" },
	    { "1.0.dev2", "1.0a1.dev0" } },
	{ "pep440", NULL, NULL, "1.0rc1.post1", { NULL }, { "1.0rc1.post1+0" },
	    { "1.0rc1.post2.dev0", "1.0rc2.dev0" } },
	{ "pep440", NULL, NULL, "1.0+cu117", { NULL }, { "1.0", "1.0+cu117" },
	    { "1.0+cu117.0", "1.0+cu118" } },
	{ "pep440", NULL, NULL, NULL, { "1.0" }, { "1.0", "v1.0.0" },
	    { "1.0+cu118", "1.0.post1" } },
	{ "pep440", NULL, NULL, NULL, { "0.1-bulbasaur" }, { "0.1-bulbasaur" },
	    { "0.1", "0.1-Bulbasaur" } },
	{ "gentoo", "1.0", NULL, "1.010-r1", { NULL },
	    { "1.0", "1.0-r5", "1.01-r1", "1.0.0" },
	    { "1.0_rc1", "1.01-r2", "1.1", "9a_x" } },
	{ "cran", NULL, "1.0-2", NULL, { NULL }, { "1.0.1", "1.0", "0-0" },
	    { "1.0.2", "1.0-2", "1.0.2.0", "1.a" } },
	{ "hackage", NULL, NULL, "1.0", { NULL }, { "1.0", "0.99.9" },
	    { "1.0.0", "1.0.1", "01.0" } },
	{ "generic", NULL, "9.0.0-rc2", NULL, { NULL },
	    { "9-rc1", "9.0.0.beta9", "8.9.9z", "x" },
	    { "9.0.0rc3", "9.0.0", "9.0.0-RC2", "*" } },
	{ "generic", NULL, NULL, "1.0.2k", { NULL }, { "1.0.2k", "1.0.2K", "1.0.2.9" },
	    { "1.0.2l", "1.0.3", "1.0.2k.1" } },
};

static void
check_row(const struct row *row, size_t number)
{
	struct arena *a = arena_new();
	const char *versions[3];
	struct affected aff = { .introduced = row->introduced,
		.fixed = row->fixed,
		.last_affected = row->last_affected,
		.versions = versions };
	struct made m;

	memcpy(versions, row->versions, sizeof(versions));
	while (aff.n_versions < ROWS(versions) && versions[aff.n_versions] != NULL)
		aff.n_versions++;
	m = make(row->scheme, &aff, a);
	if (m.bad != 0)
		fail_msg("row %zu: %zu bounds were left out", number, m.bad);
	for (size_t i = 0; i < ROWS(row->inside) && row->inside[i] != NULL; i++)
		if (!contains(&m, row->scheme, row->inside[i], a))
			fail_msg("row %zu: %s is not inside", number, row->inside[i]);
	for (size_t i = 0; i < ROWS(row->outside) && row->outside[i] != NULL; i++)
		if (contains(&m, row->scheme, row->outside[i], a))
			fail_msg("row %zu: %s is inside", number, row->outside[i]);
	arena_free(a);
}

static void
every_form_holds_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		check_row(&rows[i], i);
}

static void
bounds_keep_their_form_and_text(void **state)
{
	struct arena *a = arena_new();
	const char *versions[] = { "1.0", "not a version" };
	struct affected fixed = { .introduced = "1.0", .fixed = "1.2" };
	struct affected last = { .introduced = "0", .last_affected = "1.2" };
	struct affected open = { .introduced = NULL };
	struct affected equal = { .versions = versions, .n_versions = 2 };
	struct made m;

	(void)state;
	m = make("dpkg", &fixed, a);
	assert_int_equal(m.ranges[0].bound, BOUND_FIXED);
	assert_string_equal(m.ranges[0].lo_text, "1.0");
	assert_string_equal(m.ranges[0].hi_text, "1.2");
	assert_true(m.ranges[0].exact);
	m = make("dpkg", &last, a);
	assert_int_equal(m.ranges[0].bound, BOUND_LAST_AFFECTED);
	assert_null(m.ranges[0].lo_text);
	assert_string_equal(m.ranges[0].hi_text, "1.2");
	m = make("dpkg", &open, a);
	assert_int_equal(m.ranges[0].bound, BOUND_NONE);
	assert_null(m.ranges[0].hi_text);
	assert_int_equal(m.ranges[0].lo.len, 0);
	assert_int_equal(m.ranges[0].hi.len, 3);
	assert_memory_equal(m.ranges[0].hi.bytes, "\xff\xff\xff", 3);
	m = make("dpkg", &equal, a);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.ranges[1].bound, BOUND_EQUAL);
	assert_string_equal(m.ranges[1].lo_text, "not a version");
	assert_memory_equal(m.ranges[1].lo.bytes, "\xff\xff\xff\xffnot a version", 17);
	assert_int_equal(m.ranges[1].hi.len, 18);
	arena_free(a);
}

static void
bound_that_is_no_version_is_left_out_and_counted(void **state)
{
	static const struct affected bad[] = {
		{ .fixed = "not a version" },
		{ .fixed = "" },
		{ .last_affected = "<unfixed>" },
		{ .introduced = "not a version", .fixed = "1.0" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct made m = make("dpkg", &bad[i], a);

		if (m.n != 0 || m.bad != 1)
			fail_msg("row %zu: expected none and 1 bad, got %zu and %zu", i,
			    m.n, m.bad);
	}
	arena_free(a);
}

static void
unknown_scheme_knows_equality_and_everything_only(void **state)
{
	struct arena *a = arena_new();
	const char *versions[] = { "1.0" };
	struct affected fixed = { .fixed = "1.0" };
	struct affected all = { .introduced = "0" };
	struct affected equal = { .versions = versions, .n_versions = 1 };
	struct made m;

	(void)state;
	assert_int_equal(make("no-such-scheme", &fixed, a).bad, 1);
	assert_int_equal(make("no-such-scheme", &all, a).n, 1);
	m = make("no-such-scheme", &equal, a);
	assert_true(contains(&m, "no-such-scheme", "1.0", a));
	assert_false(contains(&m, "no-such-scheme", "1.00", a));
	arena_free(a);
}

static void
results_outlive_the_record(void **state)
{
	struct arena *a = arena_new();
	char text[] = "1.2-3";
	struct affected aff = { .fixed = text };
	struct made m = make("dpkg", &aff, a);

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_string_equal(m.ranges[0].hi_text, "1.2-3");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_holds_what_it_says),
		cmocka_unit_test(bounds_keep_their_form_and_text),
		cmocka_unit_test(bound_that_is_no_version_is_left_out_and_counted),
		cmocka_unit_test(unknown_scheme_knows_equality_and_everything_only),
		cmocka_unit_test(results_outlive_the_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
