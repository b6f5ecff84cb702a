/* SPDX-License-Identifier: Apache-2.0 */
/* digest_test - known answers of digests and encodings. */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void
sha256_gives_the_known_answers(void **state)
{
	char hex[SHA256_HEX_SIZE];
	unsigned char out[SHA256_SIZE];

	(void)state;
	sha256_of("abc", 3, out);
	assert_string_equal(hex_encode(out, sizeof(out), hex),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_of(NULL, 0, out);
	assert_string_equal(hex_encode(out, sizeof(out), hex),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
sha512_of_a_file_begins_at_its_first_byte(void **state)
{
	char hex[2 * SHA512_SIZE + 1];
	unsigned char out[SHA512_SIZE];
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	assert_true(fputs("abc", f) >= 0 && fflush(f) == 0);
	assert_true(sha512_of_fd(fileno(f), out));
	assert_string_equal(hex_encode(out, sizeof(out), hex),
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	assert_int_equal(fclose(f), 0);
	assert_false(sha512_of_fd(-1, out));
}

static void
a_running_digest_can_be_used_again(void **state)
{
	unsigned char one[SHA256_SIZE], two[SHA256_SIZE], whole[SHA256_SIZE];
	struct sha256 *s = sha256_new();

	(void)state;
	sha256_update(s, "ab", 2);
	sha256_update(s, "c", 1);
	sha256_final(s, one);
	sha256_update(s, "abc", 3);
	sha256_final(s, two);
	sha256_free(s);
	sha256_of("abc", 3, whole);
	assert_memory_equal(one, whole, sizeof(whole));
	assert_memory_equal(two, whole, sizeof(whole));
}

/* RFC 4231, cases 2 and 6 */
static void
hmac_gives_the_known_answers(void **state)
{
	char hex[SHA256_HEX_SIZE];
	unsigned char out[SHA256_SIZE], key[131];

	(void)state;
	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
	assert_string_equal(hex_encode(out, sizeof(out), hex),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	hmac_sha256(key, sizeof(key),
	    "Test Using Larger Than Block-Size Key - Hash Key First", 54, out);
	assert_string_equal(hex_encode(out, sizeof(out), hex),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	hmac_sha256(NULL, 0, "", 0, out);
	assert_string_equal(hex_encode(out, sizeof(out), hex),
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
crc32_gives_the_known_answer(void **state)
{
	(void)state;
	assert_int_equal(crc32_of("123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_of("", 0), 0);
}

static void
random_bytes_differ(void **state)
{
	unsigned char one[32] = { 0 }, two[32] = { 0 };

	(void)state;
	random_bytes(one, sizeof(one));
	random_bytes(two, sizeof(two));
	assert_memory_not_equal(one, two, sizeof(one));
	assert_true(secret_eq(one, one, sizeof(one)));
	assert_false(secret_eq(one, two, sizeof(one)));
}

static void
secrets_that_differ_in_one_bit_are_not_equal(void **state)
{
	unsigned char one[32] = { 0 }, two[32] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(one); i++) {
		two[i] = 0x80;
		assert_false(secret_eq(one, two, sizeof(one)));
		assert_true(secret_eq(one, two, i));
		two[i] = 0;
	}
	assert_true(secret_eq(one, two, sizeof(one)));
}

static void
hex_is_read_as_it_is_written(void **state)
{
	unsigned char *out = NULL;
	size_t len = 0;
	char text[7];

	(void)state;
	assert_string_equal(hex_encode("\x00\xaf\x09", 3, text), "00af09");
	assert_true(hex_decode(a, "00AF09", &out, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(out, "\x00\xaf\x09", 3);
	assert_true(hex_decode(a, "", &out, &len));
	assert_int_equal(len, 0);
	assert_false(hex_decode(a, "0", &out, &len));
	assert_false(hex_decode(a, "0g", &out, &len));
	assert_false(hex_decode(a, " 00", &out, &len));
}

/* RFC 4648, section 10 */
static void
base64_gives_the_known_answers(void **state)
{
	static const struct {
		const char *bytes, *padded, *bare;
	} rows[] = {
		{ "", "", "" },
		{ "f", "Zg==", "Zg" },
		{ "fo", "Zm8=", "Zm8" },
		{ "foo", "Zm9v", "Zm9v" },
		{ "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xff\xbf", "+/+/", "-_-_" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t n = strlen(rows[i].bytes), len = 99;
		unsigned char *out = NULL;

		assert_string_equal(base64_encode(a, rows[i].bytes, n), rows[i].padded);
		assert_string_equal(
		    base64url_encode(a, rows[i].bytes, n), rows[i].bare);
		assert_true(base64_decode(a, rows[i].padded, &out, &len));
		assert_int_equal(len, n);
		assert_memory_equal(out, rows[i].bytes, n);
		assert_true(base64_decode(a, rows[i].bare, &out, &len));
		assert_int_equal(len, n);
		assert_memory_equal(out, rows[i].bytes, n);
	}
}

static void
base64_refuses_what_is_not(void **state)
{
	static const char *const rows[] = { "A", "A===", "AAAAA", "AA=", "=",
		"====", "Zg=", "Z===", "AA=A", "AA\n", " AAA", "A*==", "Zh==", "Zm9=" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		unsigned char *out;
		size_t len;

		if (base64_decode(a, rows[i], &out, &len))
			fail_msg("\"%s\" was taken", rows[i]);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sha256_gives_the_known_answers),
		TEST(sha512_of_a_file_begins_at_its_first_byte),
		TEST(a_running_digest_can_be_used_again),
		TEST(hmac_gives_the_known_answers),
		TEST(crc32_gives_the_known_answer),
		TEST(random_bytes_differ),
		TEST(secrets_that_differ_in_one_bit_are_not_equal),
		TEST(hex_is_read_as_it_is_written),
		TEST(base64_gives_the_known_answers),
		TEST(base64_refuses_what_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
