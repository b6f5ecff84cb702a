/* SPDX-License-Identifier: Apache-2.0 */
/* Sets and postings: whatever was folded when, the answer is the same. */
#include <string.h>

#include "unit/store/history.h"

static int64_t
inventory(struct history *h, const int64_t *components)
{
	struct err e = ERR_INIT;
	int64_t id = 0;
	size_t n = 0;
	enum err_code rc = tx_begin(h->st, &e);

	while (components[n] != 0)
		n++;
	if (rc == ERR_OK) {
		rc = seq_take(h->st, "inventory", 1, &id, &e);
		if (rc == ERR_OK)
			rc = sets_add(h->st, id, components, n, &e);
		rc = tx_end(h->st, rc, &e);
	}
	if (rc != ERR_OK)
		fail_msg("%s", e.text);
	return id;
}

static size_t
fold(struct history *h, size_t max, size_t least)
{
	struct err e = ERR_INIT;
	int64_t *ids = NULL, after = 0;
	size_t n = 0;
	enum err_code rc = sets_tails(h->st, &after, 1000, least, h->a, &ids, &n, &e);

	n = n < max ? n : max;

	if (rc == ERR_OK && (rc = tx_begin(h->st, &e)) == ERR_OK)
		rc = tx_end(h->st, sets_fold(h->st, ids, n, &e), &e);
	if (rc != ERR_OK)
		fail_msg("%s", e.text);
	return n;
}

static const char *
holders(struct history *h, const int64_t *components)
{
	struct err e = ERR_INIT;
	int64_t *ids = NULL;
	size_t n = 0, n_components = 0;
	char *text = arena_strdup(h->a, "");

	while (components[n_components] != 0)
		n_components++;
	if (sets_inventories_of(h->st, components, n_components, h->a, &ids, &n, &e) !=
	    ERR_OK)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(h->a, "%s %lld", text, (long long)ids[i]);
	return text;
}

static void
an_inventory_gives_back_its_components(void **state)
{
	struct history *h = *state;
	struct err e = ERR_INIT;
	int64_t id = inventory(h, SET(3, 700, 90000)), *ids;
	size_t n;

	assert_int_equal(sets_components_of(h->st, id, h->a, &ids, &n, &e), ERR_OK);
	assert_int_equal(n, 3);
	assert_int_equal(ids[0], 3);
	assert_int_equal(ids[2], 90000);
	assert_int_equal(
	    sets_components_of(h->st, 77, h->a, &ids, &n, &e), ERR_STORAGE);
}

static void
an_empty_inventory_is_one_too(void **state)
{
	struct history *h = *state;
	struct err e = ERR_INIT;
	int64_t id = inventory(h, SET(0)), *ids;
	size_t n = 7;

	assert_int_equal(sets_components_of(h->st, id, h->a, &ids, &n, &e), ERR_OK);
	assert_int_equal(n, 0);
}

static void
the_holders_are_the_same_before_and_after_a_fold_and_between(void **state)
{
	struct history *h = *state;

	inventory(h, SET(1, 2));
	inventory(h, SET(2, 3));
	assert_string_equal(holders(h, SET(2)), " 1 2");
	assert_int_equal(fold(h, 100, 1), 3);
	assert_int_equal(fold(h, 100, 1), 0);
	assert_string_equal(holders(h, SET(2)), " 1 2");
	inventory(h, SET(2));
	assert_string_equal(holders(h, SET(2)), " 1 2 3");
	assert_string_equal(holders(h, SET(1, 3)), " 1 2");
	fold(h, 100, 1);
	assert_string_equal(holders(h, SET(2)), " 1 2 3");
	assert_string_equal(holders(h, SET(9)), "");
}

static void
an_id_below_the_last_folded_one_is_merged(void **state)
{
	struct history *h = *state;
	struct err e = ERR_INIT;

	inventory(h, SET(1));
	inventory(h, SET(2));
	inventory(h, SET(1));
	fold(h, 100, 1);
	/* Two writers may commit their inventories in another order than they took ids. */
	assert_int_equal(
	    h->st->engine->script(h->st, "INSERT INTO posting_tail VALUES (1, 2)", &e),
	    ERR_OK);
	fold(h, 100, 1);
	assert_string_equal(holders(h, SET(1)), " 1 2 3");
}

static void
a_fold_goes_in_slices_and_leaves_short_tails_alone(void **state)
{
	struct history *h = *state;

	for (int i = 0; i < 10; i++)
		inventory(h, i < 3 ? SET(1, 2, 3) : SET(1));
	assert_int_equal(fold(h, 100, 5), 1); /* only component 1 has five rows */
	assert_int_equal(fold(h, 1, 1), 1);
	assert_int_equal(fold(h, 1, 1), 1);
	assert_int_equal(fold(h, 1, 1), 0);
	assert_string_equal(holders(h, SET(2)), " 1 2 3");
}

static void
a_damaged_posting_is_an_error_not_a_wrong_answer(void **state)
{
	static const char *const damage[] = {
		"x'01ff'",               /* ends inside a number */
		"x'0100'",               /* a distance of nothing */
		"x'ffffffffffffffff7f'", /* beyond every inventory */
		"x'ffffffffffffffffffff7f'",
	};
	struct history *h = *state;
	int64_t *ids;
	size_t n;

	inventory(h, SET(1));
	fold(h, 100, 1);
	for (size_t i = 0; i < ROWS(damage); i++) {
		struct err e = ERR_INIT;
		const int64_t one = 1;

		assert_int_equal(
		    h->st->engine->script(h->st,
			arena_printf(
			    h->a, "UPDATE posting SET inventories = %s", damage[i]),
			&e),
		    ERR_OK);
		if (sets_inventories_of(h->st, &one, 1, h->a, &ids, &n, &e) !=
		    ERR_STORAGE)
			fail_msg("%s was taken", damage[i]);
	}
}

/* Two components at a time: every tail is looked at once, short ones too. */
static void
the_search_for_long_tails_goes_on_where_it_ended(void **state)
{
	struct history *h = *state;
	struct err e = ERR_INIT;
	int64_t *ids, after = 0;
	size_t n, found = 0, steps = 0;

	inventory(h, SET(1, 2, 3, 4, 5));
	inventory(h, SET(2, 4, 5));
	do {
		if (sets_tails(h->st, &after, 2, 2, h->a, &ids, &n, &e) != ERR_OK)
			fail_msg("%s", e.text);
		found += n;
		steps++;
	} while (after != 0);
	assert_int_equal(found, 3);
	assert_int_equal(steps, 3);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, history_setup, history_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(an_inventory_gives_back_its_components),
		RULE(an_empty_inventory_is_one_too),
		RULE(the_holders_are_the_same_before_and_after_a_fold_and_between),
		RULE(an_id_below_the_last_folded_one_is_merged),
		RULE(a_fold_goes_in_slices_and_leaves_short_tails_alone),
		RULE(the_search_for_long_tails_goes_on_where_it_ended),
		RULE(a_damaged_posting_is_an_error_not_a_wrong_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
