/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A newer program opens an older store: keys are made anew from the texts, verdicts follow,
 * nobody is told of it as news, and no moment to be killed at is a bad one.
 */
#include "world.h"

#include <string.h>

#include "core/str.h"
#include "store/rekey.h"

/*
 * The second encoding reads numbers backwards, "12" as 21, and takes "one" for a version
 * but "9" for none.
 */
static void
turn_round(const char *version, char out[64])
{
	size_t n = strlen(version);

	(void)snprintf(out, 64, "%s", version);
	for (size_t i = 0; i < n && n < 64; i++)
		out[i] = version[n - 1 - i];
	if (str_eq(version, "one"))
		(void)snprintf(out, 64, "1");
	else if (str_eq(version, "9"))
		(void)snprintf(out, 64, "no version");
}

static void
second_version(
    const char *scheme, const char *version, struct arena *a, struct version_key *ret)
{
	char turned[64];

	turn_round(version, turned);
	world_keyer.version(scheme, turned, a, ret);
}

static const char *
turned(struct arena *a, const char *version)
{
	char out[64];

	if (version == NULL || str_eq(version, "0"))
		return version;
	turn_round(version, out);
	return arena_strdup(a, out);
}

static void
second_ranges(const char *scheme, const struct affected *aff, struct arena *a,
    struct range **ret, size_t *ret_n, size_t *ret_bad)
{
	struct affected other = *aff;

	other.introduced = turned(a, aff->introduced);
	other.fixed = turned(a, aff->fixed);
	other.last_affected = turned(a, aff->last_affected);
	other.versions = arena_array(a, aff->n_versions + 1, sizeof(*other.versions));
	for (size_t i = 0; i < aff->n_versions; i++)
		other.versions[i] = turned(a, aff->versions[i]);
	world_keyer.ranges(scheme, &other, a, ret, ret_n, ret_bad);
	for (size_t i = 0; i < *ret_n; i++) { /* the texts stay the publisher's */
		(*ret)[i].lo_text = aff->introduced;
		(*ret)[i].hi_text =
		    aff->fixed != NULL ? aff->fixed : aff->last_affected;
		if (aff->n_versions > 0)
			(*ret)[i].lo_text = (*ret)[i].hi_text = aff->versions[i];
	}
}

static unsigned
second_format(const char *scheme)
{
	return str_eq(scheme, "dpkg") ? 2 : 1;
}

static const struct keyer second_keyer = { second_format, second_version,
	second_ranges };

/* ---- a newer program ---- */

static enum err_code
open_newer(struct world *w, bool will_rekey, bool read_only)
{
	const struct store_options o = { .keyer = &second_keyer,
		.will_rekey = will_rekey,
		.read_only = read_only,
		.no_mmap = true };
	struct err e = ERR_INIT;
	enum err_code rc;

	store_close(w->st);
	w->st = NULL;
	rc = store_open(&w->st, w_url(w), &o, &e);
	if (rc != ERR_OK)
		assert_non_null(strstr(e.text, "older tocsin"));
	return rc;
}

/* STEPS slices of a moment each, or all. */
static bool
rekey_some(struct world *w, int steps)
{
	struct rekey *r = NULL;
	struct err e = ERR_INIT;
	uint64_t n, total, before = 0;
	bool done = false;

	if (store_rekey_open(w->st, w->now_at, &r, &e) != ERR_OK)
		fail_msg("%s", e.text);
	for (int i = 0; r != NULL && i < steps && !done; i++) {
		if (store_rekey_step(r, 0, &done, &e) != ERR_OK)
			fail_msg("%s", e.text);
		store_rekey_progress(r, &n, &total);
		assert_true(n >= before && n <= total);
		before = n;
	}
	done = done || r == NULL;
	store_rekey_close(r);
	return done;
}

/* Is there anything to do? */
static bool
rekey_is_left(struct world *w)
{
	struct rekey *r = NULL;
	struct err e = ERR_INIT;
	bool is_left;

	if (store_rekey_open(w->st, w->now_at, &r, &e) != ERR_OK)
		fail_msg("%s", e.text);
	is_left = r != NULL;
	store_rekey_close(r);
	return is_left;
}

static void
upgrade(struct world *w)
{
	assert_int_equal(open_newer(w, true, false), ERR_OK);
	assert_true(rekey_some(w, 1000));
	w_work(w);
}

/* ---- the world before ---- */

static const struct pkg web[] = { PKG(DEBIAN, "openssl", "12"),
	PKG(DEBIAN, "zlib", "30"), PKG(DEBIAN, "bash", "one"), PKG(DEBIAN, "curl", "9"),
	PKG(ALPINE, "musl", "12"), { .name = NULL } };

/*
 * Below 15: openssl 12 is hit, turned round 21 against 51 too; below 13: hit, then 21
 * against 31 too; below 20: hit, 21 against 02 no more; zlib 30 was past the fix 29, and is
 * 03 before 92.
 */
static void
build(struct world *w)
{
	struct record *r;
	static const char *versions[] = { "12" };

	(void)w_feed(w, "debian", "debian");
	(void)w_feed(w, "alpine", "alpine");
	(void)w_put(w, "web", "sha256:1", web, NULL);
	(void)w_says(w, "openssl", "CVE-2024-1", "15");
	(void)w_says(w, "openssl", "CVE-2024-2", "20");
	(void)w_says(w, "zlib", "CVE-2024-3", "29");
	(void)w_says(w, "bash", "CVE-2024-4", "5");
	(void)w_says(w, "curl", "CVE-2024-5", "50");
	r = w_record(w, "debian", "openssl", "CVE-2024-6");
	w_affects(w, r, DEBIAN, "openssl", NULL)->last_affected = "12";
	r = w_record(w, "debian", "openssl", "CVE-2024-7");
	w_affects(w, r, DEBIAN, "openssl", NULL)->versions = versions;
	r->affected[0].n_versions = 1;
	(void)w_run(w, "debian");
	r = w_record(w, "alpine", "musl", "CVE-2024-8");
	(void)w_affects(w, r, ALPINE, "musl", "15");
	(void)w_run(w, "alpine");
}

static const char *
hits(struct world *w)
{
	return w_text(w,
	    "SELECT coalesce(group_concat(name, ' '), '') FROM (SELECT substr(v.name, "
	    "10)"
	    " AS name FROM match m JOIN vulnerability v ON v.id = m.vulnerability_id"
	    " ORDER BY v.name)");
}

/* ---- the rules ---- */

static void
older_keys_are_refused_by_who_would_not_mend_them(void **state)
{
	struct world *w = *state;

	build(w);
	assert_int_equal(open_newer(w, false, false), ERR_CONFLICT);
	assert_int_equal(open_newer(w, false, true), ERR_CONFLICT);
	assert_int_equal(open_newer(w, true, false), ERR_OK);
	assert_true(rekey_some(w, 1000));
	assert_int_equal(open_newer(w, false, true), ERR_OK);
	assert_int_equal(open_newer(w, false, false), ERR_OK);
}

static void
newer_keys_are_refused_by_an_older_program(void **state)
{
	struct world *w = *state;
	const struct store_options o = { .keyer = &world_keyer, .will_rekey = true };
	struct store *st;
	struct err e = ERR_INIT;

	build(w);
	upgrade(w);
	assert_int_equal(store_open(&st, w_url(w), &o, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "newer tocsin"));
}

/* Half of the keys are new, and nothing is switched yet. */
static void
an_interrupted_rekey_is_closed_to_an_older_program(void **state)
{
	struct world *w = *state;
	const struct store_options o = { .keyer = &world_keyer };
	struct store *st = NULL;
	struct err e = ERR_INIT;

	build(w);
	assert_int_equal(open_newer(w, true, false), ERR_OK);
	assert_false(rekey_some(w, 2));
	if (store_open(&st, w_url(w), &o, &e) == ERR_OK) {
		store_close(st);
		fail_msg("it opens a store with keys of two formats");
	}
	assert_int_equal(e.code, ERR_CONFLICT);
}

static void
verdicts_follow_the_new_keys(void **state)
{
	struct world *w = *state;

	build(w);
	assert_string_equal(hits(w), "1 2 5 6 7 8");
	upgrade(w);
	/* 2 is past its fix now, 3 and 4 are hit, 5 has no order any more */
	assert_string_equal(hits(w), "1 3 4 6 7 8");
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM component WHERE parsable = 0"), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM rekey_package"), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM run_stage"), 0);
	assert_int_equal(w_int(w, "SELECT count(*) FROM dirty"), 0);
	w_check_log(w);
}

static void
it_is_no_news_but_one_summary(void **state)
{
	struct world *w = *state;
	int64_t summaries, opened, resolved;

	build(w);
	summaries = w_events(w, EVENT_FEED_SUMMARY, false);
	opened = w_events(w, EVENT_FINDING_OPENED, false);
	resolved = w_events(w, EVENT_FINDING_RESOLVED, false);
	upgrade(w);
	assert_int_equal(w_events(w, EVENT_FINDING_OPENED, false), opened);
	assert_int_equal(w_events(w, EVENT_FINDING_RESOLVED, false), resolved);
	assert_int_equal(w_events(w, EVENT_FEED_SUMMARY, false), summaries + 1);
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM match_past WHERE reason <> 0"), 2);
	/* records have not said anything else */
	assert_int_equal(w_int(w, "SELECT max(revision) FROM record"), 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM record_past"), 0);
}

static void
other_ecosystems_are_left_alone(void **state)
{
	struct world *w = *state;
	int64_t runs;

	build(w);
	runs = w_int(w, "SELECT count(*) FROM run");
	upgrade(w);
	assert_int_equal(w_int(w, "SELECT count(*) FROM run"), runs + 1);
	assert_int_equal(
	    w_int(w, "SELECT key_format FROM ecosystem WHERE name = 'alpine:3.20'"), 1);
	assert_int_equal(
	    w_int(w, "SELECT key_format FROM ecosystem WHERE name = 'debian:12'"), 2);
}

static void
a_second_time_there_is_nothing_to_do(void **state)
{
	struct world *w = *state;
	struct rekey *r = NULL;
	struct err e = ERR_INIT;

	build(w);
	upgrade(w);
	assert_int_equal(store_rekey_open(w->st, w->now_at, &r, &e), ERR_OK);
	assert_null(r);
}

static void
what_comes_later_has_new_keys_too(void **state)
{
	struct world *w = *state;

	build(w);
	upgrade(w);
	(void)w_put(w, "new", "sha256:2", PKGS(PKG(DEBIAN, "openssl", "11")), NULL);
	(void)w_says(w, "openssl", "CVE-2024-9", "91"); /* 11 against 19 */
	w->now_at += 60;
	(void)w_read_as(w, "debian", 1, false);
	w_work(w);
	assert_true(strstr(hits(w), "9") != NULL);
}

/* Stopped after every number of slices, and opened anew each time. */
static void
it_goes_on_where_it_was_stopped(void **state)
{
	struct world *w = *state;
	int starts = 0;

	build(w);
	assert_int_equal(open_newer(w, true, false), ERR_OK);
	for (int steps = 1; !rekey_some(w, steps); steps++) {
		bool is_left = rekey_is_left(w);

		starts++;
		assert_int_equal(
		    open_newer(w, false, true), is_left ? ERR_CONFLICT : ERR_OK);
		assert_int_equal(open_newer(w, true, false), ERR_OK);
	}
	assert_true(starts > 2);
	w_work(w);
	assert_string_equal(hits(w), "1 3 4 6 7 8");
	w_check_log(w);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, world_setup_file, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(older_keys_are_refused_by_who_would_not_mend_them),
		RULE(newer_keys_are_refused_by_an_older_program),
		RULE(an_interrupted_rekey_is_closed_to_an_older_program),
		RULE(verdicts_follow_the_new_keys),
		RULE(it_is_no_news_but_one_summary),
		RULE(other_ecosystems_are_left_alone),
		RULE(a_second_time_there_is_nothing_to_do),
		RULE(what_comes_later_has_new_keys_too),
		RULE(it_goes_on_where_it_was_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
