/* SPDX-License-Identifier: Apache-2.0 */
/* Summaries: counted anew, never added up, whatever was interrupted. */
#include <string.h>

#include "unit/store/fleet.h"

#include "store/feeds.h"

static void
due(struct history *h, int64_t component_id)
{
	struct err e = ERR_INIT;
	enum err_code rc = tx_begin(h->st, &e);
	struct query *q;

	if (rc == ERR_OK) {
		q = query(h->st, STMT_COMPONENT_DUE);
		bind_int(q, 1, component_id);
		rc = tx_end(h->st, query_run(q, &e), &e);
	}
	if (rc != ERR_OK)
		fail_msg("%s", e.text);
}

static int
tidied(struct history *h, int budget_ms)
{
	struct err e = ERR_INIT;
	bool done = false;
	int n = 0;

	while (!done && n < 1000) {
		if (store_tidy(h->st, 0, budget_ms, &done, &e) != ERR_OK)
			fail_msg("%s", e.text);
		n++;
	}
	return n;
}

/* What is summed up of an inventory, as text; "" = nothing is. */
static const char *
summary(struct history *h, int64_t inventory_id)
{
	enum {
		COL_AS_OF,
		COL_CRITICAL,
		COL_HIGH,
		COL_MEDIUM,
		COL_LOW,
		COL_NEGLIGIBLE,
		COL_UNKNOWN,
		COL_FIXABLE,
		COL_EXPLOITED
	};
	struct err e = ERR_INIT;
	struct query *q = query(h->st, STMT_SUMMARY_GET);
	const char *text = "";

	bind_int(q, 1, inventory_id);
	if (query_one(q, &e) == ERR_OK)
		text = arena_printf(h->a,
		    "high %lld negligible %lld fixable %lld exploited %lld",
		    (long long)col_int(q, COL_HIGH),
		    (long long)col_int(q, COL_NEGLIGIBLE),
		    (long long)col_int(q, COL_FIXABLE),
		    (long long)col_int(q, COL_EXPLOITED));
	query_done(q);
	return text;
}

/* Inventories get their ids in order: shop 1, api 2, db 3. */
#define SHOP 1
#define API  2
#define DB   3

static void
a_component_that_is_due_makes_its_inventories_counted(void **state)
{
	FLEET(f, state);
	const struct stand negligible = { .state = STATUS_AFFECTED,
		.severity = SEVERITY_NEGLIGIBLE };

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), fixed, 0, false);
	h_open(h, f.vulnerability, SET(f.zlib), negligible, 0, false);
	h_exploited(h, f.vulnerability);
	due(h, f.openssl);
	tidied(h, 1000);
	assert_string_equal(
	    summary(h, SHOP), "high 1 negligible 0 fixable 1 exploited 1");
	assert_string_equal(
	    summary(h, API), "high 1 negligible 1 fixable 1 exploited 1");
	assert_string_equal(summary(h, DB), "");
}

static void
counting_twice_changes_nothing_and_what_closed_is_gone(void **state)
{
	FLEET(f, state);

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl), no_fix, 0, false);
	due(h, f.openssl);
	tidied(h, 1000);
	due(h, f.openssl);
	tidied(h, 1000);
	assert_string_equal(
	    summary(h, SHOP), "high 1 negligible 0 fixable 0 exploited 0");
	h_close(h, f.vulnerability, SET(f.openssl), PAST_WITHDRAWN);
	due(h, f.openssl);
	tidied(h, 1000);
	assert_string_equal(
	    summary(h, SHOP), "high 0 negligible 0 fixable 0 exploited 0");
}

static void
without_time_every_slice_still_gets_one_thing_done(void **state)
{
	FLEET(f, state);

	(void)start;
	h_open(h, f.vulnerability, SET(f.openssl, f.other), no_fix, 0, false);
	due(h, f.openssl);
	due(h, f.other);
	/* expanded, three inventories one by one, and nothing left */
	assert_int_equal(tidied(h, 0), 5);
	assert_string_equal(
	    summary(h, DB), "high 1 negligible 0 fixable 0 exploited 0");
}

static void
many_inventories_become_due_in_several_slices(void **state)
{
	FLEET(f, state);
	struct err e = ERR_INIT;
	char *sql = arena_printf(h->a,
	    "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < "
	    "7000)"
	    " INSERT INTO posting_tail SELECT %lld, i FROM n;"
	    "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < "
	    "7000)"
	    " INSERT INTO inventory(id, hash, state, n_components)"
	    " SELECT i, CAST(i AS BLOB), 1, 1 FROM n;"
	    "INSERT INTO inventory_set SELECT i.id, s.components FROM inventory i, "
	    "inventory_set s"
	    " WHERE i.id >= 10 AND s.inventory_id = 3;"
	    "UPDATE counter SET next = 7001 WHERE name = 'inventory'",
	    (long long)f.other);

	(void)start;
	assert_int_equal(h->st->engine->script(h->st, sql, &e), ERR_OK);
	h_open(h, f.vulnerability, SET(f.other), no_fix, 0, false);
	due(h, f.other);
	tidied(h, 1000);
	assert_string_equal(
	    summary(h, 10), "high 1 negligible 0 fixable 0 exploited 0");
	assert_string_equal(
	    summary(h, 7000), "high 1 negligible 0 fixable 0 exploited 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_component_that_is_due_makes_its_inventories_counted),
		RULE(counting_twice_changes_nothing_and_what_closed_is_gone),
		RULE(without_time_every_slice_still_gets_one_thing_done),
		RULE(many_inventories_become_due_in_several_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
