/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_test - vectors and their scores, by hand and from published lists. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cvss.h"

#define REFUSED (-1)

static const struct {
	const char *vector;
	int want; /* tenths */
} rows[] = {
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100 },
	{ "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0 },
	{ "CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N", 98 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:X/CR:X/E:X", 98 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U", 78 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:P/MC:N/MI:N/MA:N", 0 },
	{ "AV:N/AC:L/Au:N/C:P/I:P/A:P", 75 },
	{ "(AV:N/AC:L/Au:N/C:P/I:P/A:P)", 75 },
	{ "AV:N/AC:L/Au:N/C:N/I:N/A:N", 0 },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 100 },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93 },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0 },
	{ "CVSS:4.0/AV:A/AC:H/AT:N/PR:H/UI:A/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N/E:U", 1 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", REFUSED },
	{ "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", REFUSED },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X", REFUSED },
	{ "CVSS:3.1//AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", REFUSED },
	{ "CVSS:3.1/", REFUSED },
	{ "CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", REFUSED },
	{ "AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", REFUSED },
	{ "7.5", REFUSED },
	{ "", REFUSED },
	{ NULL, REFUSED },
};

static int
tenths_of(const char *vector)
{
	enum cvss_version version;
	int tenths = REFUSED;

	return cvss_score(vector, &version, &tenths) ? tenths : REFUSED;
}

static void
vectors_give_their_scores(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (tenths_of(rows[i].vector) != rows[i].want)
			fail_msg("%s: wanted %d, got %d",
			    rows[i].vector != NULL ? rows[i].vector : "NULL",
			    rows[i].want, tenths_of(rows[i].vector));
}

static void
the_version_is_told(void **state)
{
	enum cvss_version version = CVSS_VERSION_COUNT;
	int tenths;

	(void)state;
	assert_true(cvss_score(
	    "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", &version, &tenths));
	assert_int_equal(version, CVSS_30);
	assert_true(cvss_score("AV:N/AC:L/Au:N/C:P/I:P/A:P", &version, &tenths));
	assert_int_equal(version, CVSS_2);
}

/* "VECTOR SCORE # comment" a line. */
static void
scores_agree_with_the_published_lists(void **state)
{
	static const char *const names[] = { "v2", "v30", "v31", "v4" };
	char path[512], line[1024], vector[512];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path),
		    SHARED_DATA "/versions/cvss/%s_score.list", names[i]);
		if ((f = fopen(path, "r")) == NULL) {
			print_message("skipped: no lists of scores here\n");
			skip();
		}
		while (fgets(line, sizeof(line), f) != NULL) {
			double want;
			int got;

			if (sscanf(line, "%511s %lf", vector, &want) != 2 ||
			    vector[0] == '#')
				continue;
			got = tenths_of(vector);
			if (got != (int)(want * 10 + 0.5))
				fail_msg("%s: wanted %.1f, got %d tenths", vector, want,
				    got);
			n++;
		}
		(void)fclose(f);
	}
	assert_true(n > 100);
}

/* A line that is no vector is refused; those marked #OK are vectors. */
static void
what_is_no_vector_is_refused_as_the_lists_say(void **state)
{
	static const char *const names[] = { "v3", "v4" };
	char path[512], line[1024];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path),
		    SHARED_DATA "/versions/cvss/%s_error.list", names[i]);
		if ((f = fopen(path, "r")) == NULL) {
			print_message("skipped: no lists of vectors here\n");
			skip();
		}
		while (fgets(line, sizeof(line), f) != NULL) {
			bool ok = strstr(line, "#OK") != NULL;

			line[strcspn(line, " \n")] = '\0';
			/* the list of version 4 holds a good vector of version 3 */
			if (i == 1 && strncmp(line, "CVSS:3", 6) == 0)
				continue;
			if ((tenths_of(line) != REFUSED) != ok)
				fail_msg("\"%s\": %s", line, ok ? "refused" : "taken");
			n++;
		}
		(void)fclose(f);
	}
	assert_true(n > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_give_their_scores),
		cmocka_unit_test(the_version_is_told),
		cmocka_unit_test(scores_agree_with_the_published_lists),
		cmocka_unit_test(what_is_no_vector_is_refused_as_the_lists_say),
	};

	return cmocka_run_group_tests_name("core_cvss", tests, NULL, NULL);
}
