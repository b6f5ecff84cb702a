/* SPDX-License-Identifier: Apache-2.0 */
/* opaque_test - ids that tell nothing, and what is no id. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/opaque.h"

static const unsigned char key[32] = "a key of thirty-two bytes, no se";
static const unsigned char other_key[32] = "A key of thirty-two bytes, no se";

static void
an_id_is_read_as_it_is_written(void **state)
{
	static const int64_t ids[] = { 1, 2, 3, 1000, INT32_MAX, 4294967296,
		INT64_MAX };
	char text[OPAQUE_SIZE];

	(void)state;
	for (size_t i = 0; i < ROWS(ids); i++) {
		int64_t got = 0;

		assert_ptr_equal(opaque_format(key, "img", ids[i], text), text);
		if (!opaque_parse(key, "img", text, &got) || got != ids[i])
			fail_msg("%s: wanted %lld, got %lld", text, (long long)ids[i],
			    (long long)got);
	}
}

static void
neighbours_look_nothing_alike(void **state)
{
	char one[OPAQUE_SIZE], two[OPAQUE_SIZE];

	(void)state;
	for (int64_t id = 1; id < 500; id++) {
		size_t same = 0;

		(void)opaque_format(key, "img", id, one);
		(void)opaque_format(key, "img", id + 1, two);
		assert_int_equal(strlen(one), 17);
		assert_memory_equal(one, "img_", 4);
		for (size_t i = 4; i < 17; i++)
			same += one[i] == two[i];
		if (same > 7)
			fail_msg("%s and %s are neighbours", one, two);
	}
}

static void
an_id_belongs_to_its_key_and_its_kind(void **state)
{
	char one[OPAQUE_SIZE], two[OPAQUE_SIZE];
	int64_t got = 0;

	(void)state;
	(void)opaque_format(key, "img", 7, one);
	(void)opaque_format(other_key, "img", 7, two);
	assert_string_not_equal(one, two);
	assert_false(opaque_parse(other_key, "img", one, &got) && got == 7);
	(void)opaque_format(key, "lst", 7, two);
	assert_string_not_equal(one + 4, two + 4);
	assert_false(opaque_parse(key, "lst", one, &got));
	memcpy(one, "lst", 3); /* the kind is part of what is scrambled */
	assert_false(opaque_parse(key, "lst", one, &got) && got == 7);
}

static void
what_is_no_id_is_refused(void **state)
{
	static const char *const texts[] = { "", "i", "img", "img_", "img_0", "web",
		"img_000000000000", "img_00000000000000", "img_000000000000i",
		"img_000000000000l", "img_000000000000O", "img_000000000000-",
		"img_g000000000000", "img_zzzzzzzzzzzzz", "IMG_0000000000000",
		"img-0000000000000", "img_0000000000000 " };
	int64_t got = 42;

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		size_t len = strlen(texts[i]) + 1;
		char *copy = malloc(len); /* no byte more than the text */
		bool ok;

		assert_non_null(copy);
		memcpy(copy, texts[i], len);
		ok = opaque_parse(key, "img", copy, &got);
		free(copy);
		if (ok)
			fail_msg("\"%s\" was taken for %lld", texts[i], (long long)got);
	}
	assert_int_equal(got, 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_read_as_it_is_written),
		cmocka_unit_test(neighbours_look_nothing_alike),
		cmocka_unit_test(an_id_belongs_to_its_key_and_its_kind),
		cmocka_unit_test(what_is_no_id_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
