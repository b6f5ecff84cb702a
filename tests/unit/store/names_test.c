/* SPDX-License-Identifier: Apache-2.0 */
/* Which names are one vulnerability, and what becomes of matches when that changes. */
#include "world.h"

#include "store/findings.h"

/* A record of source "osv" about NAME, openssl below 7, with other names. */
static struct record *
osv(struct world *w, const char *name, const char *alias, const char *another)
{
	struct record *r = w_record(w, "osv", "openssl", name);

	(void)w_affects(w, r, DEBIAN, "openssl", "7");
	if (alias != NULL)
		w_alias(w, r, alias);
	if (another != NULL)
		w_alias(w, r, another);
	return r;
}

static int64_t
vulnerability_of(struct world *w, const char *name)
{
	return w_int(
	    w, arena_printf(
		   w->a, "SELECT vulnerability_id FROM alias WHERE name = '%s'", name));
}

static void
begin(struct world *w)
{
	(void)w_feed(w, "osv", "osv");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)osv(w, "GHSA-zzzz", NULL, NULL);
	(void)w_run(w, "osv");
}

static void
an_id_that_gets_its_cve_goes_on_under_it_and_is_no_news(void **state)
{
	struct world *w = *state;
	int64_t since, ghsa, cve;

	begin(w);
	(void)osv(w, "GHSA-zzzz", NULL, NULL);
	(void)osv(w, "GHSA-aaaa", NULL, NULL);
	(void)w_run(w, "osv"); /* GHSA-aaaa is news */
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, false), 1);
	ghsa = vulnerability_of(w, "GHSA-aaaa");
	since = w_int(w, "SELECT since_seq FROM match m JOIN vulnerability v"
			 " ON v.id = m.vulnerability_id WHERE v.name = 'GHSA-aaaa'");
	(void)osv(w, "GHSA-zzzz", NULL, NULL);
	(void)osv(w, "GHSA-aaaa", "CVE-2024-1", NULL);
	(void)w_run(w, "osv");
	cve = vulnerability_of(w, "CVE-2024-1");
	assert_int_equal(vulnerability_of(w, "GHSA-aaaa"), cve);
	assert_int_not_equal(cve, ghsa);
	assert_string_equal(
	    w_matches(w), "openssl-5:CVE-2024-1:2:0 openssl-5:GHSA-zzzz:2:0");
	assert_int_equal(
	    w_int(w, "SELECT since_seq FROM match m JOIN vulnerability v"
		     " ON v.id = m.vulnerability_id WHERE v.name = 'CVE-2024-1'"),
	    since);
	assert_int_equal(w_int(w, "SELECT reason FROM match_past"), PAST_RENAMED);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, true), 1);
	assert_int_equal(w_events(w, EVENT_FINDING_RESOLVED, true), 0);
	assert_int_equal(w_int(w, arena_printf(w->a,
				      "SELECT merged_into FROM vulnerability"
				      " WHERE id = %lld",
				      (long long)ghsa)),
	    cve);
	w_check_log(w);
}

static void
an_id_that_joins_a_cve_that_matches_already_is_one_match(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_run(w, "debian");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match"), 2);
	(void)osv(w, "GHSA-zzzz", "CVE-2024-1", NULL);
	(void)w_run(w, "osv");
	assert_string_equal(w_matches(w), "openssl-5:CVE-2024-1:2:0");
	assert_int_equal(w_events(w, EVENT_FINDING_RESOLVED, true), 0);
}

static void
two_cves_are_never_one(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)osv(w, "CVE-2024-1", "CVE-2024-2", NULL);
	(void)w_run(w, "osv");
	assert_int_equal(vulnerability_of(w, "CVE-2024-2"), -1);
	(void)osv(w, "CVE-2024-2", "CVE-2024-1", NULL);
	(void)osv(w, "CVE-2024-1", "CVE-2024-2", NULL);
	(void)w_run(w, "osv");
	assert_int_not_equal(
	    vulnerability_of(w, "CVE-2024-2"), vulnerability_of(w, "CVE-2024-1"));
}

static void
an_id_with_several_cves_covers_each(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)osv(w, "RUSTSEC-1", "CVE-2024-1", "CVE-2024-2");
	(void)w_run(w, "osv");
	assert_int_equal(w_int(w, "SELECT count(*) FROM match m JOIN vulnerability v"
				  " ON v.id = m.vulnerability_id WHERE v.name IN"
				  " ('CVE-2024-1', 'CVE-2024-2')"),
	    2);
	assert_int_equal(vulnerability_of(w, "RUSTSEC-1"), -1);
}

static void
an_id_that_two_cves_claim_names_none(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)osv(w, "CVE-2024-1", "GHSA-bbbb", NULL);
	(void)osv(w, "CVE-2024-2", "GHSA-bbbb", NULL);
	(void)w_run(w, "osv");
	assert_int_equal(vulnerability_of(w, "GHSA-bbbb"), 0);
	(void)osv(w, "GHSA-bbbb", NULL, NULL);
	(void)w_run(w, "osv");
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM match m JOIN vulnerability v"
		     " ON v.id = m.vulnerability_id WHERE v.name = 'GHSA-bbbb'"),
	    1);
}

static void
ids_without_a_cve_join_when_both_say_so(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)osv(w, "PYSEC-1", "GHSA-cccc", NULL);
	(void)osv(w, "GHSA-cccc", NULL, NULL);
	(void)w_run(w, "osv");
	assert_int_not_equal(
	    vulnerability_of(w, "PYSEC-1"), vulnerability_of(w, "GHSA-cccc"));
	(void)osv(w, "PYSEC-1", "GHSA-cccc", NULL);
	(void)osv(w, "GHSA-cccc", "PYSEC-1", NULL);
	(void)w_run(w, "osv");
	assert_int_equal(
	    vulnerability_of(w, "PYSEC-1"), vulnerability_of(w, "GHSA-cccc"));
	assert_string_equal(
	    w_text(w, "SELECT v.name FROM alias a JOIN vulnerability v"
		      " ON v.id = a.vulnerability_id WHERE a.name = 'PYSEC-1'"),
	    "GHSA-cccc");
}

static void
acceptances_follow_the_name(void **state)
{
	struct world *w = *state;

	begin(w);
	assert_ok(w->st->engine->script(w->st,
	    "INSERT INTO acceptance (id, team_id, kind, vulnerability_name,"
	    " vulnerability_id, reason, author, from_seq, to_seq)"
	    " SELECT 1, 1, 0, 'GHSA-zzzz', vulnerability_id, 'x', 'y', 1, 9999"
	    " FROM alias WHERE name = 'GHSA-zzzz'",
	    &w_err));
	(void)osv(w, "GHSA-zzzz", "CVE-2024-1", NULL);
	(void)w_run(w, "osv");
	assert_int_equal(w_int(w, "SELECT vulnerability_id FROM acceptance"),
	    vulnerability_of(w, "CVE-2024-1"));
	assert_string_equal(
	    w_text(w, "SELECT vulnerability_name FROM acceptance"), "GHSA-zzzz");
}

static void
an_exploited_id_that_gets_its_cve_is_not_told_again(void **state)
{
	struct world *w = *state;

	begin(w);
	osv(w, "GHSA-zzzz", NULL, NULL)->exploited = 1700000000;
	(void)w_run(w, "osv");
	assert_int_equal(w_events(w, EVENT_FINDING_EXPLOITED, false), 1);
	osv(w, "GHSA-zzzz", "CVE-2024-1", NULL)->exploited = 1700000000;
	(void)w_run(w, "osv");
	assert_string_equal(w_matches(w), "openssl-5:CVE-2024-1:2:0");
	assert_int_equal(w_int(w, "SELECT count(kev_at) FROM vulnerability"), 1);
	assert_int_equal(w_events(w, EVENT_FINDING_EXPLOITED, false), 1);
}

static int64_t
first_seen(struct world *w)
{
	const struct finding_filter f = { .limit = 10 };
	struct finding_row *rows;
	int64_t count;
	size_t n = 0;

	assert_ok(store_findings(w->st, (struct scope){ .team_id = w->team_id }, &f,
	    w->a, &rows, &n, &count, &w_err));
	assert_int_equal(n, 1);
	return rows[0].first_seen;
}

static void
a_finding_is_as_old_as_it_was_under_its_first_name(void **state)
{
	struct world *w = *state;
	int64_t since;

	begin(w);
	since = first_seen(w);
	(void)osv(w, "GHSA-zzzz", "CVE-2024-1", NULL);
	(void)w_run(w, "osv");
	assert_true(first_seen(w) == since);
	/* a rebuild that mends nothing: the old package's match goes on under the CVE */
	(void)w_put(w, "web", "sha256:2", PKGS(PKG(DEBIAN, "openssl", "6")), NULL);
	assert_true(first_seen(w) == since);
}

static void
a_rating_that_moves_to_another_vulnerability_re_rates_both(void **state)
{
	struct world *w = *state;
	struct record *r;

	(void)w_feed(w, "debian", "debian");
	(void)w_feed(w, "ubuntu", "ubuntu");
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "openssl", "5")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "7");
	(void)w_says(w, "openssl", "CVE-2024-2", "7");
	(void)w_run(w, "debian");
	r = w_record(w, "ubuntu", "openssl", "CVE-2024-1");
	r->key = "notice";
	r->severity = SEVERITY_HIGH;
	(void)w_run(w, "ubuntu");
	assert_string_equal(
	    w_matches(w), "openssl-5:CVE-2024-1:2:4 openssl-5:CVE-2024-2:2:0");
	r = w_record(w, "ubuntu", "openssl", "CVE-2024-2");
	r->key = "notice";
	r->severity = SEVERITY_HIGH;
	(void)w_run(w, "ubuntu");
	assert_string_equal(
	    w_matches(w), "openssl-5:CVE-2024-1:2:0 openssl-5:CVE-2024-2:2:4");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_id_that_gets_its_cve_goes_on_under_it_and_is_no_news),
		TEST(an_id_that_joins_a_cve_that_matches_already_is_one_match),
		TEST(two_cves_are_never_one),
		TEST(an_id_with_several_cves_covers_each),
		TEST(an_id_that_two_cves_claim_names_none),
		TEST(ids_without_a_cve_join_when_both_say_so),
		TEST(acceptances_follow_the_name),
		TEST(an_exploited_id_that_gets_its_cve_is_not_told_again),
		TEST(a_finding_is_as_old_as_it_was_under_its_first_name),
		TEST(a_rating_that_moves_to_another_vulnerability_re_rates_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
