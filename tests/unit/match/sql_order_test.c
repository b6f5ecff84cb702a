/* SPDX-License-Identifier: Apache-2.0 */
/* sql_order_test - ORDER BY and ranges over keys in a table are those of the versions. */
#include "unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/arena.h"
#include "core/record.h"
#include "match/match.h"
#include "unit/match/version_random.h"

#define SEED     UINT64_C(20111030)
#define VERSIONS 1500
#define RANGES   100

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	return q;
}

static void
bind_key(sqlite3_stmt *q, int i, struct key k)
{
	(void)sqlite3_bind_blob(
	    q, i, k.len == 0 ? "" : (const char *)k.bytes, (int)k.len, SQLITE_STATIC);
}

/* Random versions of SCHEME, those that are some and whose key is exact. */
static void
fill(sqlite3 *db, const char *scheme, struct version_random *r)
{
	sqlite3_stmt *q = prepare(db, "INSERT INTO v (version, key) VALUES (?, ?)");
	struct arena *a = arena_new();

	for (int i = 0; i < VERSIONS;) {
		char text[VERSION_RANDOM_SIZE], other[VERSION_RANDOM_SIZE];
		struct version_key k;

		arena_reset(a);
		version_random_pair(r, text, other);
		match_version_key(scheme, text, a, &k);
		if (!k.parsable || !k.exact)
			continue;
		(void)sqlite3_bind_text(q, 1, text, -1, SQLITE_STATIC);
		bind_key(q, 2, k.key);
		assert_int_equal(sqlite3_step(q), SQLITE_DONE);
		(void)sqlite3_reset(q);
		i++;
	}
	(void)sqlite3_finalize(q);
	arena_free(a);
}

static void
check_order(sqlite3 *db, const char *scheme)
{
	sqlite3_stmt *q = prepare(db, "SELECT version FROM v ORDER BY key");
	char before[VERSION_RANDOM_SIZE] = "";

	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *now = (const char *)sqlite3_column_text(q, 0);
		int order = -1;

		if (before[0] != '\0' &&
		    (!match_version_compare(scheme, before, now, &order) || order > 0))
			fail_msg("%s: %s stands before %s", scheme, before, now);
		(void)snprintf(before, sizeof(before), "%s", now);
	}
	(void)sqlite3_finalize(q);
}

/* "Fixed in BOUND": as many rows by keys as by comparing. */
static void
check_range(sqlite3 *db, const char *scheme, const char *bound)
{
	sqlite3_stmt *q =
	    prepare(db, "SELECT count(*) FROM v WHERE key >= ?1 AND key < ?2");
	sqlite3_stmt *all = prepare(db, "SELECT version FROM v");
	const struct affected aff = { .fixed = bound };
	struct arena *a = arena_new();
	struct range *ranges;
	size_t n, bad;
	int want = 0;

	match_ranges(scheme, &aff, a, &ranges, &n, &bad);
	assert_int_equal(n, 1);
	bind_key(q, 1, ranges[0].lo);
	bind_key(q, 2, ranges[0].hi);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	while (sqlite3_step(all) == SQLITE_ROW) {
		int order = 0;

		assert_true(match_version_compare(
		    scheme, (const char *)sqlite3_column_text(all, 0), bound, &order));
		want += order < 0;
	}
	if (sqlite3_column_int(q, 0) != want)
		fail_msg("%s: %d versions below %s, the keys say %d", scheme, want,
		    bound, sqlite3_column_int(q, 0));
	(void)sqlite3_finalize(q);
	(void)sqlite3_finalize(all);
	arena_free(a);
}

static void
check_scheme(const char *scheme)
{
	struct version_random r = { .state = SEED };
	struct arena *a = arena_new();
	sqlite3 *db = NULL;
	sqlite3_stmt *q;

	if (!shapes_read(TEST_DATA "/versions/shapes", scheme, a, &r.shapes))
		fail_msg("%s: nobody says what its versions are made of", scheme);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
			     "CREATE TABLE v(version TEXT NOT NULL, key BLOB NOT NULL)"
			     " STRICT; CREATE INDEX v_key ON v(key)",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	fill(db, scheme, &r);
	check_order(db, scheme);
	q = prepare(db, "SELECT version FROM v ORDER BY rowid LIMIT ?");
	(void)sqlite3_bind_int(q, 1, RANGES);
	while (sqlite3_step(q) == SQLITE_ROW)
		check_range(db, scheme, (const char *)sqlite3_column_text(q, 0));
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	arena_free(a);
}

static void
a_table_of_keys_is_ordered_as_the_versions_are(void **state)
{
	(void)state;
	printf("seed %" PRIu64 "\n", SEED);
	for (size_t i = 0; match_scheme_at(i) != NULL; i++)
		check_scheme(match_scheme_at(i)->name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_of_keys_is_ordered_as_the_versions_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
