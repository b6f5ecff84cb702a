/* SPDX-License-Identifier: Apache-2.0 */
/* Which images a vulnerability hits: few looked up, many swept, the same answer. */
#include <string.h>

#include "store/findings.h"
#include "store/images.h"
#include "unit/store/history.h"

#define MANY 2500 /* inventories: more than are looked up one by one */

static const struct stand no_fix = { .state = STATUS_AFFECTED,
	.severity = SEVERITY_HIGH };

static void
script(struct history *h, const char *sql)
{
	struct err e = ERR_INIT;

	if (h->st->engine->script(h->st, sql, &e) != ERR_OK)
		fail_msg("%s", e.text);
}

/* A first image with the component, then MANY more with inventories of their own; every
 * fifth belongs to team blue. */
static int64_t
fill(struct history *h, int64_t blue)
{
	int64_t component = h_component(h, "debian:12", "openssl", "3.0");

	h_image(h, "first", SET(component));
	script(h,
	    arena_printf(h->a,
		"CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS"
		" (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i "
		"FROM n;"
		"INSERT INTO posting_tail SELECT %lld, i FROM n;"
		"INSERT INTO inventory(id, hash, state, n_components)"
		" SELECT i, CAST(i AS BLOB), 1, 1 FROM n;"
		"INSERT INTO inventory_set SELECT i, s.components FROM n, "
		"inventory_set s"
		" WHERE s.inventory_id = (SELECT min(inventory_id) FROM inventory_set);"
		"INSERT INTO image(id, team_id, name, ref, state, coverage, "
		"inventory_id,"
		" registered_seq, period_seq, registered_at, updated_at)"
		" SELECT i, CASE WHEN i %% 5 = 0 THEN %lld ELSE %lld END, 'image' || "
		"i, 'r', 0,"
		"  0, i, 1, 1, 1, 1 FROM n;"
		"UPDATE counter SET next = 10000 WHERE name IN ('inventory', 'image');"
		"UPDATE team SET fleet_version = fleet_version + 1",
		1000 + MANY - 1, (long long)component, (long long)blue,
		(long long)h->team_id));
	return component;
}

static int64_t
count_of(struct history *h, struct scope scope, int64_t vulnerability, int64_t after,
    struct affected_image **rows, size_t *n)
{
	struct err e = ERR_INIT;
	int64_t count = -1, not_judged;

	if (store_affected_images(h->st, scope, vulnerability, after, 100, h->a, rows,
		n, &count, &not_judged, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return count;
}

/* Pages follow one another in the order of ids and hold every image once. */
static size_t
walk(struct history *h, struct scope scope, int64_t vulnerability)
{
	struct affected_image *rows;
	int64_t after = 0;
	size_t n = 0, total = 0;

	do {
		(void)count_of(h, scope, vulnerability, after, &rows, &n);
		for (size_t i = 0; i < n; i++) {
			assert_true(rows[i].image.id > after);
			assert_int_equal(rows[i].n_packages, 1);
			after = rows[i].image.id;
		}
		total += n;
	} while (n == 100);
	return total;
}

static void
many_are_counted_and_paged_for_every_scope(void **state)
{
	struct history *h = *state;
	int64_t blue = h_team(h, "blue"), v = h_vulnerability(h, "CVE-2024-0001");
	const struct scope all = { .all = true }, red = { .team_id = h->team_id },
			   blues = { .team_id = blue };
	struct affected_image *rows;
	size_t n;

	h_open(h, v, SET(fill(h, blue)), no_fix, 0, false);
	assert_int_equal(count_of(h, all, v, 0, &rows, &n), MANY + 1);
	assert_int_equal(n, 100);
	assert_int_equal(count_of(h, blues, v, 0, &rows, &n), MANY / 5);
	assert_int_equal(count_of(h, red, v, 0, &rows, &n), MANY + 1 - MANY / 5);
	assert_int_equal(walk(h, all, v), MANY + 1);
	assert_int_equal(walk(h, blues, v), MANY / 5);
}

static void
an_image_that_goes_is_gone_from_the_next_answer(void **state)
{
	struct history *h = *state;
	int64_t v = h_vulnerability(h, "CVE-2024-0001");
	const struct scope red = { .team_id = h->team_id };
	struct affected_image *rows;
	struct err e = ERR_INIT;
	size_t n;

	h_open(h, v, SET(fill(h, h_team(h, "blue"))), no_fix, 0, false);
	assert_int_equal(count_of(h, red, v, 0, &rows, &n), MANY + 1 - MANY / 5);
	assert_int_equal(
	    store_image_delete(h->st, red, rows[0].image.id, "test", 1, &e), ERR_OK);
	assert_int_equal(count_of(h, red, v, 0, &rows, &n), MANY - MANY / 5);
}

static void
few_are_looked_up_with_the_same_rules(void **state)
{
	struct history *h = *state;
	int64_t c = h_component(h, "debian:12", "zlib", "1.2");
	int64_t v = h_vulnerability(h, "CVE-2024-0002");
	const struct scope red = { .team_id = h->team_id },
			   blue = { .team_id = h_team(h, "blue") };
	struct affected_image *rows;
	size_t n;

	h_image(h, "a", SET(c));
	h_image(h, "b", SET(c));
	h_open(h, v, SET(c), no_fix, 0, false);
	assert_int_equal(count_of(h, red, v, 0, &rows, &n), 2);
	assert_int_equal(count_of(h, red, v, rows[0].image.id, &rows, &n), 2);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].image.name, "b");
	assert_int_equal(count_of(h, blue, v, 0, &rows, &n), 0);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, history_setup, history_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(many_are_counted_and_paged_for_every_scope),
		RULE(an_image_that_goes_is_gone_from_the_next_answer),
		RULE(few_are_looked_up_with_the_same_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
