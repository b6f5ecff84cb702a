/* SPDX-License-Identifier: Apache-2.0 */
/* inflate_test - zlib's own form: whole, cut short, damaged, and too large. */
#include "unit/unit.h"

#include <string.h>

#include <zlib.h>

#include "core/buf.h"
#include "core/inflate.h"

#define LARGE 300000

static unsigned char packed[LARGE];
static char plain[LARGE];
static size_t packed_len;

static int
setup(void **state)
{
	uLongf n = sizeof(packed);

	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		plain[i] = (char)('a' + (i * i) % 23);
	if (compress(packed, &n, (const Bytef *)plain, LARGE) != Z_OK)
		return 1;
	packed_len = n;
	return 0;
}

static void
what_was_packed_comes_out(void **state)
{
	struct buf out CLEANUP_BUF = BUF_INIT(LARGE);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(inflate_zlib(packed, packed_len, &out, &e), ERR_OK);
	assert_int_equal(out.len, LARGE);
	assert_memory_equal(out.data, plain, LARGE);
}

static void
one_byte_more_than_allowed_is_too_much(void **state)
{
	struct buf out CLEANUP_BUF = BUF_INIT(LARGE - 1);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(inflate_zlib(packed, packed_len, &out, &e), ERR_LIMIT);
}

static void
what_is_cut_short_or_damaged_is_told(void **state)
{
	(void)state;
	for (size_t n = 0; n < packed_len; n += packed_len / 50 + 1) {
		struct buf out CLEANUP_BUF = BUF_INIT(LARGE);
		struct err e = ERR_INIT;

		assert_int_equal(inflate_zlib(packed, n, &out, &e), ERR_INPUT);
	}
	for (size_t i = 0; i < packed_len; i += packed_len / 50 + 1) {
		struct buf out CLEANUP_BUF = BUF_INIT(2 * LARGE);
		struct err e = ERR_INIT;

		packed[i] ^= 0x10;
		assert_int_not_equal(
		    inflate_zlib(packed, packed_len, &out, &e), ERR_OK);
		packed[i] ^= 0x10;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(one_byte_more_than_allowed_is_too_much),
		cmocka_unit_test(what_is_cut_short_or_damaged_is_told),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
