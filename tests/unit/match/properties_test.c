/* SPDX-License-Identifier: Apache-2.0 */
/* properties_test - what must hold for the keys of any scheme, tried on random strings. */
#include "unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "match/match.h"
#include "match/match_private.h"
#include "unit/match/version_random.h"

#define SEED   UINT64_C(19930816)
#define ROUNDS 20000

struct sample {
	char text[VERSION_RANDOM_SIZE];
	struct version_key k;
};

/* A version of the scheme: a neighbour of NEAR, or any. */
static void
draw(struct version_random *r, const char *scheme, const char *near, struct arena *a,
    struct sample *ret)
{
	do {
		if (near != NULL)
			version_random_near(r, near, ret->text);
		else if (version_random_below(r, 2) == 0)
			version_random_known(r, ret->text);
		else
			version_random_new(r, ret->text);
		match_version_key(scheme, ret->text, a, &ret->k);
	} while (!ret->k.parsable);
}

static int
order_of(const char *scheme, const struct sample *x, const struct sample *y)
{
	int order = 99;

	assert_true(match_version_compare(scheme, x->text, y->text, &order));
	if (x->k.exact && y->k.exact && order != match_key_compare(x->k.key, y->k.key))
		fail_msg("%s: %s and %s compare as %d, their keys as %d", scheme,
		    x->text, y->text, order, match_key_compare(x->k.key, y->k.key));
	return order;
}

static void
check_pair(const char *scheme, const struct sample *x, const struct sample *y)
{
	int order = order_of(scheme, x, y);

	if (order_of(scheme, y, x) != -order)
		fail_msg(
		    "%s: %s and %s: both ways %d", scheme, x->text, y->text, order);
}

static void
check_triple(const char *scheme, const struct sample s[3])
{
	int ab = order_of(scheme, &s[0], &s[1]), bc = order_of(scheme, &s[1], &s[2]);
	int ac = order_of(scheme, &s[0], &s[2]);

	if (!s[0].k.exact || !s[1].k.exact || !s[2].k.exact)
		return; /* the native order goes round in circles there */
	if ((ab <= 0 && bc <= 0 && ac > 0) || (ab >= 0 && bc >= 0 && ac < 0))
		fail_msg("%s: %s, %s, %s go round in a circle", scheme, s[0].text,
		    s[1].text, s[2].text);
}

static void
check_bounds(const char *scheme, const struct sample *s)
{
	const struct key open_end = { .bytes = (const unsigned char *)KEY_OPEN_END,
		.len = 3 };

	if (s->k.key.len == 0 || match_key_compare(s->k.key, open_end) >= 0)
		fail_msg(
		    "%s: the key of %s is not between the open ends", scheme, s->text);
}

static void
check_scheme(const char *scheme)
{
	struct arena *keep = arena_new(), *a = arena_new();
	struct version_random r = { .state = SEED };

	if (!shapes_read(TEST_DATA "/versions/shapes", scheme, keep, &r.shapes))
		fail_msg("%s: nobody says what its versions are made of", scheme);
	for (size_t i = 0; i < ROUNDS; i++) {
		struct sample s[3];

		arena_reset(a);
		draw(&r, scheme, NULL, a, &s[0]);
		draw(&r, scheme, s[0].text, a, &s[1]);
		draw(&r, scheme, s[i % 2].text, a, &s[2]);
		check_pair(scheme, &s[0], &s[1]);
		check_pair(scheme, &s[1], &s[2]);
		check_triple(scheme, s);
		check_bounds(scheme, &s[0]);
	}
	arena_free(a);
	arena_free(keep);
}

static void
keys_order_versions_without_contradiction(void **state)
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
		cmocka_unit_test(keys_order_versions_without_contradiction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
