/* SPDX-License-Identifier: Apache-2.0 */
/* secdb_ids - the ids that Alpine's packagers have really written. */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "fetchers/secdb_ids.h"
#include "unit/unit.h"

static const struct {
	const char *text, *cves, *others;
} rows[] = {
	{ "CVE-2018-20187", "CVE-2018-20187", "" },
	{ "CVE-2017-2616 (+ regression fix)", "CVE-2017-2616", "" },
	{ "CVE-2018-10103 (SMB - partially fixed, but SMB printing disabled)",
	    "CVE-2018-10103", "" },
	{ "CVE_2019-2426", "CVE-2019-2426", "" },
	{ "cve-2019-2426", "CVE-2019-2426", "" },
	{ "CVE 2018-16859", "CVE-2018-16859", "" },
	{ "CVE-2017-8073.patch", "CVE-2017-8073", "" },
	{ "CVE-2017-17434-1", "CVE-2017-17434", "" },
	{ "CVE-2018-3646   XSA-273", "CVE-2018-3646", "XSA-273" },
	{ "CVE-2017-5753 CVE-2017-5715 CVE-2017-5754 XSA-254 XPTI",
	    "CVE-2017-5753 CVE-2017-5715 CVE-2017-5754", "XSA-254" },
	{ "CVE-2017-12122 TALOS-2017-0488", "CVE-2017-12122", "TALOS-2017-0488" },
	{ "CVE-\?\?\?\?-\?\?\?\?\?  XSA-284", "", "XSA-284" },
	{ "CVE-2023-XXXX", "", "" },
	{ "XSA-207", "", "XSA-207" },
	{ "wnpa-sec-2017-18", "", "wnpa-sec-2017-18" },
	{ "GO-2022-0969 GHSA-abcd-efgh-jkmn", "", "GHSA-abcd-efgh-jkmn GO-2022-0969" },
	{ "CVE-2020-1,CVE-2020-2; CVE-2020-1", "CVE-2020-1 CVE-2020-2", "" },
	{ "CVE-2019-1234abc", "", "" },
	{ "fixed long ago - see the notes", "", "" },
	{ "", "", "" },
	{ "(CVE-2020-1234", "", "" },
	{ "- -1 1- --", "", "" },
};

static const char *
join(struct arena *a, const struct texts *t)
{
	const char *text = "";

	for (size_t i = 0; i < t->n; i++)
		text = arena_printf(a, "%s%s%s", text, i > 0 ? " " : "", t->at[i]);
	return text;
}

static void
ids_are_found_in_what_people_wrote(void **state)
{
	struct arena *a = *state;

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct texts cves = { 0 }, others = { 0 };

		secdb_ids(a, rows[i].text, &cves, &others);
		if (strcmp(join(a, &cves), rows[i].cves) != 0 ||
		    strcmp(join(a, &others), rows[i].others) != 0)
			fail_msg("\"%s\": expected \"%s\" and \"%s\", got \"%s\" and "
				 "\"%s\"",
			    rows[i].text, rows[i].cves, rows[i].others, join(a, &cves),
			    join(a, &others));
	}
}

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_found_in_what_people_wrote),
	};

	return cmocka_run_group_tests_name("secdb_ids", tests, setup, teardown);
}
