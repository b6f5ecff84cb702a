/* SPDX-License-Identifier: Apache-2.0 */
/* dpkg_native_test - every answer about dpkg versions beside that of libdpkg itself. */
#include "unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <dpkg/dpkg.h>

#include <dpkg/dpkg-db.h>
#include <dpkg/version.h>

#include "match/match.h"
#include "unit/match/version_random.h"

#define SEED  UINT64_C(20240229)
#define PAIRS 200000

/* Strings near what is published give more equal and nearly equal pairs. */
static const char *const published[] = { "1:9.2p1-2+deb12u3", "3.0.15-1~deb12u1",
	"7.88.1-10+deb12u12", "2.36-9+deb12u10", "1:1.2.13.dfsg-1", "5.36.0-7+deb12u1",
	"2:6.2.1+dfsg1-1.1", "0.9~rc2-1", "20230311+dfsg-1", "1.0", "1.0-0", "0:1.0",
	"1.0.0-2.1~bpo11+1", "4.17.12+dfsg-0+deb12u1", "2147483647:1", "1:2:3-4" };

static bool
native_parse(const char *text, struct dpkg_version *ret)
{
	struct dpkg_error err = DPKG_ERROR_INIT;
	bool ok = parseversion(ret, text, &err) == 0;

	dpkg_error_destroy(&err);
	return ok;
}

/*
 * libdpkg reads the epoch with strtol() and so takes a sign; we do not.  It drops blanks
 * at both ends, too: our readers have done that before, so none are drawn.
 */
static bool
is_signed_epoch(const char *text)
{
	return (*text == '+' || *text == '-') && strchr(text, ':') != NULL;
}

static void
check_pair(const char *a, const char *b, size_t *ret_compared, size_t *ret_equal)
{
	struct dpkg_version va, vb;
	bool valid = native_parse(a, &va) && native_parse(b, &vb) &&
		     !is_signed_epoch(a) && !is_signed_epoch(b);
	int got = 0, want = 0;

	if (match_version_compare("dpkg", a, b, &got) != valid)
		fail_msg("\"%s\" and \"%s\": libdpkg says %s, we do not", a, b,
		    valid ? "valid" : "not valid");
	if (!valid)
		return;
	want = dpkg_version_compare(&va, &vb);
	want = (want > 0) - (want < 0);
	if (got != want)
		fail_msg(
		    "\"%s\" against \"%s\": libdpkg says %d, got %d", a, b, want, got);
	++*ret_compared;
	*ret_equal += want == 0;
}

static void
answers_are_those_of_libdpkg(void **state)
{
	/* as often as in versions, and now and then what is never allowed */
	struct version_random r = { .state = SEED,
		.alphabet = "0011223456789"
			    "0019"
			    "....--~~++:"
			    "abzAZrcde"
			    "._%" };
	char a[VERSION_RANDOM_SIZE], b[VERSION_RANDOM_SIZE], near[VERSION_RANDOM_SIZE];
	size_t compared = 0, equal = 0;

	(void)state;
	printf("seed %" PRIu64 "\n", SEED);
	for (size_t i = 0; i < PAIRS; i++) {
		if (i % 2 == 0)
			version_random_new(&r, a);
		else
			(void)snprintf(a, sizeof(a), "%s",
			    published[version_random_below(&r, ROWS(published))]);
		version_random_near(&r, a, near);
		version_random_near(&r, i % 4 < 2 ? near : a, b);
		check_pair(near, b, &compared, &equal);
		if (i % 1024 == 0)
			nffreeall();
	}
	nffreeall();
	printf("%zu valid pairs of %d compared, %zu equal\n", compared, PAIRS, equal);
	assert_true(compared > PAIRS / 4);
	assert_true(equal > PAIRS / 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_those_of_libdpkg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
