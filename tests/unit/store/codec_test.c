/* SPDX-License-Identifier: Apache-2.0 */
/* Sets and bodies: what goes in comes out, and damage shows. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/limits.h"

/* A fixed sequence of numbers that look random. */
static uint64_t
next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 20;
}

/* Of some of its ids and of some that are not in it, the set finds its own. */
static void
check_found(const struct buf *b, const int64_t *ids, size_t n, uint64_t *seed)
{
	int64_t wanted[600], last = 0;
	size_t found[600], n_wanted = 0, n_found = 0, at = 0;
	bool has[600];

	for (size_t i = 0; i < n; i++) {
		if (ids[i] - last > 1 && next(seed) % 2 == 0) {
			has[n_wanted] = false;
			wanted[n_wanted++] = ids[i] - 1;
		}
		if (next(seed) % 3 == 0) {
			has[n_wanted] = true;
			wanted[n_wanted++] = ids[i];
		}
		last = ids[i];
	}
	assert_ok(
	    set_find(buf_str(b), b->len, wanted, n_wanted, found, &n_found, &w_err));
	for (size_t i = 0; i < n_wanted; i++)
		if (has[i])
			assert_int_equal(found[at++], i);
	assert_int_equal(n_found, at);
}

static void
sets_come_out_as_they_went_in(void **state)
{
	struct arena *a = arena_new();
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
		int64_t ids[300], *got = NULL, last = 0;
		size_t n = (size_t)(next(&seed) % ROWS(ids)), got_n = 0;

		for (size_t i = 0; i < n; i++)
			ids[i] = last +=
			    (int64_t)(next(&seed) >> (next(&seed) % 44)) % (1 << 30) +
			    1;
		set_encode(ids, n, &b);
		assert_ok(set_decode(buf_str(&b), b.len, a, &got, &got_n, &w_err));
		assert_int_equal(got_n, n);
		if (n > 0)
			assert_memory_equal(got, ids, n * sizeof(*ids));
		check_found(&b, ids, n, &seed);
		arena_reset(a);
	}
	arena_free(a);
}

static void
largest_id_fits_a_set(void **state)
{
	const int64_t ids[] = { 1, INT64_MAX };
	struct buf b CLEANUP_BUF = BUF_INIT(100);
	struct arena *a = arena_new();
	int64_t *got = NULL;
	size_t n = 0;

	(void)state;
	set_encode(ids, 2, &b);
	assert_ok(set_decode(buf_str(&b), b.len, a, &got, &n, &w_err));
	assert_int_equal(n, 2);
	assert_true(got[1] == INT64_MAX);
	arena_free(a);
}

static void
damaged_sets_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\0", 1 },     /* no distance at all */
		{ "\x80", 1 },   /* cut off */
		{ "\x81\0", 2 }, /* a second spelling of 1 */
		{ "\x01\0", 2 }, /* the same id twice */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10 }, /* ten bytes */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x01", 10 }, /* beyond 2^63 */
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t *ids;
		size_t n;

		if (set_decode(rows[i].bytes, rows[i].len, a, &ids, &n, &w_err) !=
		    ERR_STORAGE)
			fail_msg("row %zu was read", i);
	}
	arena_free(a);
}

static void
bodies_come_out_as_they_went_in(void **state)
{
	struct arena *a = arena_new();
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 100; round++) {
		struct buf in CLEANUP_BUF = BUF_INIT(1 << 20);
		struct buf packed CLEANUP_BUF = BUF_INIT(1 << 20);
		size_t n = (size_t)(next(&seed) % 5000), len = 0;
		const char *out = NULL;

		for (size_t i = 0; i < n; i++)
			buf_addc(&in, (char)(next(&seed) % (round < 50 ? 256 : 4)));
		body_deflate(buf_str(&in), in.len, &packed);
		assert_false(packed.full);
		assert_ok(body_inflate(packed.data, packed.len, a, &out, &len, &w_err));
		assert_int_equal(len, in.len);
		assert_memory_equal(out, buf_str(&in), len + 1);
		arena_reset(a);
	}
	arena_free(a);
}

static void
short_record_takes_few_bytes(void **state)
{
	struct world *w = *state;
	struct buf json CLEANUP_BUF = BUF_INIT(1 << 16);
	struct buf packed CLEANUP_BUF = BUF_INIT(1 << 16);

	record_write(w_says(w, "openssl", "CVE-2024-12345", "3.0.11-1"), &json);
	body_deflate(buf_str(&json), json.len, &packed);
	assert_in_range(packed.len, 20, json.len / 4);
}

static void
damaged_bodies_are_refused(void **state)
{
	struct arena *a = arena_new();
	struct buf packed CLEANUP_BUF = BUF_INIT(1000);
	const char *out;
	size_t len;

	(void)state;
	body_deflate("hello hello hello", 17, &packed);
	for (size_t cut = 0; cut < packed.len; cut++)
		assert_int_equal(
		    body_inflate(packed.data, cut, a, &out, &len, &w_err), ERR_STORAGE);
	packed.data[0]++; /* another length than the text has */
	assert_int_equal(
	    body_inflate(packed.data, packed.len, a, &out, &len, &w_err), ERR_STORAGE);
	packed.data[0] = (char)(packed.data[0] - 2);
	assert_int_equal(
	    body_inflate(packed.data, packed.len, a, &out, &len, &w_err), ERR_STORAGE);
	packed.data[3] = 0x7f; /* far too long */
	assert_int_equal(
	    body_inflate(packed.data, packed.len, a, &out, &len, &w_err), ERR_STORAGE);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_come_out_as_they_went_in),
		cmocka_unit_test(largest_id_fits_a_set),
		cmocka_unit_test(damaged_sets_are_refused),
		cmocka_unit_test(bodies_come_out_as_they_went_in),
		cmocka_unit_test_setup_teardown(
		    short_record_takes_few_bytes, world_setup, world_teardown),
		cmocka_unit_test(damaged_bodies_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
