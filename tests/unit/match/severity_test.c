/* SPDX-License-Identifier: Apache-2.0 */
/* severity_test - whose word counts when the deciding statement has none. */
#include "unit/unit.h"

#include "core/verdict.h"
#include "match/match.h"

static const struct statement of_debian = { .source = "debian" };

/* The worst thing is said by the least trusted, so that order and maximum differ. */
static const struct rating everybody[] = {
	{ .speaker = SPEAKER_NVD, .by = "nvd", .severity = SEVERITY_CRITICAL },
	{ .speaker = SPEAKER_OTHER_DISTRO, .by = "ubuntu", .severity = SEVERITY_HIGH },
	{ .speaker = SPEAKER_ADP, .by = "cisa-adp", .severity = SEVERITY_MEDIUM },
	{ .speaker = SPEAKER_CNA, .by = "github", .severity = SEVERITY_LOW },
	{ .speaker = SPEAKER_VENDOR_CVSS,
	    .by = "debian",
	    .severity = SEVERITY_NEGLIGIBLE },
};

static void
check(struct decision d, const struct rating *ratings, size_t n, enum severity severity,
    enum speaker speaker)
{
	match_severity(&d, ratings, n);
	if (d.severity != severity || d.severity_by != speaker)
		fail_msg("expected %s by %s, got %s by %s", severity_name(severity),
		    speaker_name(speaker), severity_name(d.severity),
		    speaker_name(d.severity_by));
}

static void
speakers_are_believed_in_their_order(void **state)
{
	const struct decision d = { .is_match = true, .by = &of_debian };
	size_t n = ROWS(everybody);

	(void)state;
	/* from the last to the first, one more speaker each time */
	for (size_t i = 1; i <= n; i++)
		check(d, everybody, i, everybody[i - 1].severity,
		    everybody[i - 1].speaker);
	/* and the other way round, one less */
	for (size_t i = 0; i < n; i++)
		check(d, everybody + i, n - i, everybody[n - 1].severity,
		    everybody[n - 1].speaker);
}

static void
own_word_of_the_statement_stays(void **state)
{
	struct decision d = { .by = &of_debian,
		.severity = SEVERITY_NEGLIGIBLE,
		.severity_by = SPEAKER_STATEMENT };

	(void)state;
	check(d, everybody, ROWS(everybody), SEVERITY_NEGLIGIBLE, SPEAKER_STATEMENT);
}

static void
highest_of_several_equal_speakers_counts(void **state)
{
	static const struct rating ratings[] = {
		{ .speaker = SPEAKER_CNA, .by = "a", .severity = SEVERITY_LOW },
		{ .speaker = SPEAKER_CNA, .by = "b", .severity = SEVERITY_HIGH },
		{ .speaker = SPEAKER_CNA, .by = "c", .severity = SEVERITY_MEDIUM },
	};
	const struct decision d = { .by = &of_debian };

	(void)state;
	check(d, ratings, ROWS(ratings), SEVERITY_HIGH, SPEAKER_CNA);
}

static void
rating_that_says_nothing_is_passed_over(void **state)
{
	static const struct rating ratings[] = {
		{ .speaker = SPEAKER_CNA, .by = "a", .severity = SEVERITY_UNKNOWN },
		{ .speaker = SPEAKER_NONE, .severity = SEVERITY_CRITICAL },
		{ .speaker = SPEAKER_NVD, .by = "nvd", .severity = SEVERITY_LOW },
	};
	const struct decision d = { .by = &of_debian };

	(void)state;
	check(d, ratings, ROWS(ratings), SEVERITY_LOW, SPEAKER_NVD);
}

static void
nobodys_word_is_unknown(void **state)
{
	const struct decision d = { .by = &of_debian };

	(void)state;
	check(d, NULL, 0, SEVERITY_UNKNOWN, SPEAKER_NONE);
}

static void
score_of_another_vendor_is_another_distributions(void **state)
{
	static const struct rating ratings[] = {
		{ .speaker = SPEAKER_VENDOR_CVSS,
		    .by = "redhat",
		    .severity = SEVERITY_CRITICAL },
		{ .speaker = SPEAKER_CNA, .by = "github", .severity = SEVERITY_LOW },
	};
	const struct decision d = { .by = &of_debian };

	(void)state;
	check(d, ratings, 1, SEVERITY_CRITICAL, SPEAKER_OTHER_DISTRO);
	check(d, ratings, 2, SEVERITY_LOW, SPEAKER_CNA);
}

static void
rating_again_forgets_the_former_speaker(void **state)
{
	const struct decision d = { .by = &of_debian,
		.severity = SEVERITY_CRITICAL,
		.severity_by = SPEAKER_CNA };

	(void)state;
	check(d, everybody, 1, SEVERITY_CRITICAL, SPEAKER_NVD);
	check(d, NULL, 0, SEVERITY_UNKNOWN, SPEAKER_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speakers_are_believed_in_their_order),
		cmocka_unit_test(own_word_of_the_statement_stays),
		cmocka_unit_test(highest_of_several_equal_speakers_counts),
		cmocka_unit_test(rating_that_says_nothing_is_passed_over),
		cmocka_unit_test(nobodys_word_is_unknown),
		cmocka_unit_test(score_of_another_vendor_is_another_distributions),
		cmocka_unit_test(rating_again_forgets_the_former_speaker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
