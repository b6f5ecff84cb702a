/* SPDX-License-Identifier: Apache-2.0 */
/* arena_test - arenas, and the allocation below them. */
#include "unit/unit.h"

#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/mem.h"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
allocations_are_aligned_and_do_not_overlap(void **state)
{
	struct arena *a = *state;
	unsigned char *p[200];

	for (size_t i = 0; i < ROWS(p); i++) {
		p[i] = arena_alloc(a, i * 37);
		assert_int_equal((uintptr_t)p[i] % alignof(max_align_t), 0);
		memset(p[i], (int)i, i * 37);
	}
	for (size_t i = 0; i < ROWS(p); i++) {
		for (size_t k = 0; k < i * 37; k++)
			assert_int_equal(p[i][k], i);
	}
}

static void
large_allocations_do_not_disturb_small_ones(void **state)
{
	struct arena *a = *state;
	char *small = arena_strdup(a, "before");
	unsigned char *large = arena_alloc(a, 3000000);
	char *after = arena_strdup(a, "after");

	memset(large, 0xff, 3000000);
	assert_string_equal(small, "before");
	assert_string_equal(after, "after");
}

static void
cleared_memory_is_clear_after_a_reset(void **state)
{
	struct arena *a = *state;
	unsigned char *p = arena_alloc(a, 1000);

	memset(p, 0xaa, 1000);
	arena_reset(a);
	p = arena_zalloc(a, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
}

static void
used_counts_since_the_last_reset(void **state)
{
	struct arena *a = *state;

	assert_int_equal(arena_used(a), 0);
	(void)arena_alloc(a, 100);
	assert_in_range(arena_used(a), 100, 200);
	(void)arena_alloc(a, 1000000);
	assert_in_range(arena_used(a), 1000100, 1000300);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
}

static void
copies_of_texts_are_equal(void **state)
{
	struct arena *a = *state;

	assert_null(arena_strdup(a, NULL));
	assert_null(arena_strndup(a, NULL, 3));
	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(a, "ab", 30), "ab");
	assert_memory_equal(arena_memdup(a, "x\0y", 3), "x\0y", 3);
}

static void
formatted_texts_may_be_short_or_long(void **state)
{
	struct arena *a = *state;
	char long_text[1001];
	char *s;

	memset(long_text, 'x', 1000);
	long_text[1000] = '\0';
	assert_string_equal(arena_printf(a, "%s:%d", "debian", 12), "debian:12");
	s = arena_printf(a, "<%s>", long_text);
	assert_int_equal(strlen(s), 1002);
	assert_int_equal(s[1001], '>');
}

static void
pushed_items_are_cleared_and_kept(void **state)
{
	struct arena *a = *state;
	struct {
		struct {
			int number;
			const char *name;
		} * at;
		size_t n, cap;
	} list = { 0 };

	for (int i = 0; i < 1000; i++) {
		assert_null(ARENA_PUSH(a, &list)->name);
		list.at[i].number = i;
		list.at[i].name = "set";
	}
	assert_int_equal(list.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(list.at[i].number, i);
}

static void
an_array_larger_than_memory_ends_the_process(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)freopen("/dev/null", "w", stderr);
		free(mem_array(NULL, SIZE_MAX / 4, 8));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    allocations_are_aligned_and_do_not_overlap, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    large_allocations_do_not_disturb_small_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    cleared_memory_is_clear_after_a_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    used_counts_since_the_last_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    copies_of_texts_are_equal, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    formatted_texts_may_be_short_or_long, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    pushed_items_are_cleared_and_kept, setup, teardown),
		cmocka_unit_test(an_array_larger_than_memory_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
