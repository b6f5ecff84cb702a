/* SPDX-License-Identifier: Apache-2.0 */
/* record_hashes_test - what changes which of a record's two digests. */
#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/limits.h"
#include "core/record.h"
#include "record_sample.h"

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

struct hashes {
	unsigned char match[SHA256_SIZE], content[SHA256_SIZE];
};

static struct hashes
hashes_of(const struct record *r, unsigned revision)
{
	struct hashes h;

	record_hashes(r, revision, h.match, h.content);
	return h;
}

static bool
same_match(const struct hashes *x, const struct hashes *y)
{
	return memcmp(x->match, y->match, sizeof(x->match)) == 0;
}

static bool
same_content(const struct hashes *x, const struct hashes *y)
{
	return memcmp(x->content, y->content, sizeof(x->content)) == 0;
}

/* R as it comes back after it was written. */
static struct record *
again(const struct record *r)
{
	CLEANUP_BUF struct buf b = BUF_INIT(MAX_RECORD_BYTES);
	struct record *copy = NULL;

	record_write(r, &b);
	assert_int_equal(record_read(&copy, b.data, b.len, a, NULL), ERR_OK);
	return copy;
}

static void
equal_records_have_equal_digests(void **state)
{
	struct hashes one = hashes_of(sample_full(a), 3);
	struct hashes two = hashes_of(again(sample_full(a)), 3);

	(void)state;
	assert_true(same_match(&one, &two) && same_content(&one, &two));
	one = hashes_of(sample_small(a), 0);
	two = hashes_of(again(sample_small(a)), 0);
	assert_true(same_match(&one, &two) && same_content(&one, &two));
}

static void
an_empty_module_is_no_module(void **state)
{
	struct record *r = sample_full(a);
	struct hashes one = hashes_of(r, 1), two;

	(void)state;
	r->affected[0].module = r->affected[0].stream = NULL;
	two = hashes_of(r, 1);
	assert_true(same_match(&one, &two) && same_content(&one, &two));
}

static void
the_revision_of_the_driver_makes_units_dirty_only(void **state)
{
	struct hashes one = hashes_of(sample_full(a), 1),
		      two = hashes_of(sample_full(a), 2);

	(void)state;
	assert_false(same_match(&one, &two));
	assert_true(same_content(&one, &two));
}

static void
a_new_modified_time_alone_changes_nothing(void **state)
{
	struct record *r = sample_full(a);
	struct hashes one = hashes_of(r, 1), two;

	(void)state;
	r->modified++;
	two = hashes_of(r, 1);
	assert_true(same_match(&one, &two) && same_content(&one, &two));
}

static void
what_decides_verdicts_changes_both_digests(void **state)
{
	struct hashes before = hashes_of(sample_full(a), 1);
	struct record *r;

	(void)state;
#define WITH(assignment)                                                               \
	do {                                                                           \
		struct hashes after;                                                   \
                                                                                       \
		r = sample_full(a);                                                    \
		assignment;                                                            \
		after = hashes_of(r, 1);                                               \
		if (same_match(&before, &after) || same_content(&before, &after))      \
			fail_msg("unchanged by %s", #assignment);                      \
	} while (0)
	WITH(r->vulnerabilities[1] = "CVE-2024-0002");
	WITH(r->n_vulnerabilities = 1);
	WITH(r->aliases[0] = "x");
	WITH(r->withdrawn = 0);
	WITH(r->n_affected = 2);
	WITH(r->affected[0].ecosystem = "debian:11");
	WITH(r->affected[0].stream = "s");
	WITH(r->affected[0].package = "p");
	WITH(r->affected[0].kind = KIND_BINARY);
	WITH(r->affected[0].module = "m");
	WITH(r->affected[1].n_archs = 1);
	WITH(r->affected[1].introduced = NULL);
	WITH(r->affected[0].fixed = "3");
	WITH(r->affected[1].last_affected = NULL);
	WITH(r->affected[2].versions[1] = "1.2");
	WITH(r->affected[0].status = STATUS_AFFECTED);
	WITH(r->affected[0].vendor_state = NULL);
	WITH(r->affected[0].severity = SEVERITY_HIGH);
	WITH(r->affected[0].vendor_severity = NULL);
#undef WITH
}

static void
what_is_only_told_changes_the_content_digest(void **state)
{
	struct hashes before = hashes_of(sample_full(a), 1);
	struct record *r;

	(void)state;
#define WITH(assignment)                                                               \
	do {                                                                           \
		struct hashes after;                                                   \
                                                                                       \
		r = sample_full(a);                                                    \
		assignment;                                                            \
		after = hashes_of(r, 1);                                               \
		if (!same_match(&before, &after) || same_content(&before, &after))     \
			fail_msg("wrongly told: %s", #assignment);                     \
	} while (0)
	WITH(r->key = "k");
	WITH(r->source = "s");
	WITH(r->id = "i");
	WITH(r->title = NULL);
	WITH(r->title = "");
	WITH(r->description = "d");
	WITH(r->n_references = 1);
	WITH(r->cwes[0] = "CWE-1");
	WITH(r->severity = SEVERITY_LOW);
	WITH(r->vendor_severity = NULL);
	WITH(r->published = 1);
	WITH(r->exploited = 0);
	WITH(r->kind = RECORD_VULNERABILITY);
	WITH(r->epss = NULL);
	WITH(r->epss->score_micro = 1);
	WITH(r->epss->percentile_micro = -1);
	WITH(r->epss->model = "x");
	WITH(r->ends = 1);
	WITH(r->cvss[0].score_tenths = 97);
	WITH(r->cvss[0].speaker = SPEAKER_CNA);
	WITH(r->cvss[0].scorer = "x");
	WITH(r->cvss[0].vector = "x");
	WITH(r->n_cvss = 1);
#undef WITH
}

/* "ab","c" must not be taken for "a","bc". */
static void
neighbours_do_not_run_together(void **state)
{
	struct record *one = sample_full(a), *two = sample_full(a);
	struct hashes x, y;

	(void)state;
	one->vulnerabilities = sample_texts(a, "ab", "c");
	two->vulnerabilities = sample_texts(a, "a", "bc");
	x = hashes_of(one, 1);
	y = hashes_of(two, 1);
	assert_false(same_match(&x, &y) || same_content(&x, &y));
	two->vulnerabilities = sample_texts(a, "ab", "c");
	one->aliases = sample_texts(a, "d", NULL);
	one->n_aliases = 1;
	two->vulnerabilities = arena_array(a, 3, sizeof(char *));
	memcpy(two->vulnerabilities, sample_texts(a, "ab", "c"), 2 * sizeof(char *));
	two->vulnerabilities[2] = "d";
	two->n_vulnerabilities = 3;
	two->n_aliases = 0;
	x = hashes_of(one, 1);
	y = hashes_of(two, 1);
	assert_false(same_match(&x, &y) || same_content(&x, &y));
}

/* Texts longer than what the hasher gathers take another way. */
static void
long_texts_are_hashed_to_their_end(void **state)
{
	struct record *r = sample_full(a);
	char *text = arena_zalloc(a, 60001);
	struct hashes one, two;

	(void)state;
	memset(text, 'x', 60000);
	r->description = text;
	one = hashes_of(r, 1);
	text[59999] = 'y';
	two = hashes_of(r, 1);
	assert_false(same_content(&one, &two));
	text[59999] = 'x';
	two = hashes_of(r, 1);
	assert_true(same_content(&one, &two));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equal_records_have_equal_digests),
		TEST(an_empty_module_is_no_module),
		TEST(the_revision_of_the_driver_makes_units_dirty_only),
		TEST(a_new_modified_time_alone_changes_nothing),
		TEST(what_decides_verdicts_changes_both_digests),
		TEST(what_is_only_told_changes_the_content_digest),
		TEST(neighbours_do_not_run_together),
		TEST(long_texts_are_hashed_to_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
