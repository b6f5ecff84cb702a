/* SPDX-License-Identifier: Apache-2.0 */
/* log_test - lines on standard error. */
#include "unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/str.h"

static int file, saved;
static char text[8192];

static int
setup(void **state)
{
	char path[] = "/tmp/tocsin-log-XXXXXX";

	(void)state;
	file = mkstemp(path);
	(void)unlink(path);
	saved = dup(STDERR_FILENO);
	return file < 0 || saved < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_INFO);
	(void)close(file);
	return close(saved);
}

static void
begin(void)
{
	(void)fflush(stderr);
	assert_true(dup2(file, STDERR_FILENO) >= 0);
}

/* What was logged since begin(). */
static const char *
end(void)
{
	ssize_t n;

	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	n = pread(file, text, sizeof(text) - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	return text;
}

static void
a_line_has_its_time_and_level_in_front(void **state)
{
	char at[32] = "";
	int64_t when = 0;

	(void)state;
	begin();
	log_info("feed run done feed=%s changed=%d", "debian", 3);
	(void)end();
	memcpy(at, text, strcspn(text, " "));
	assert_true(time_parse(at, &when));
	assert_true(when > time_from_civil(2024, 1, 1));
	assert_string_equal(
	    text + strlen(at), " info feed run done feed=debian changed=3\n");
}

static void
what_is_below_the_level_is_not_told(void **state)
{
	(void)state;
	begin();
	log_debug("one");
	log_info("two");
	log_set_level(LOG_LEVEL_ERROR);
	log_warn("three");
	log_error("four");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("five");
	(void)end();
	assert_null(strstr(text, "one"));
	assert_non_null(strstr(text, " info two\n"));
	assert_null(strstr(text, "three"));
	assert_non_null(strstr(text, " error four\n"));
	assert_non_null(strstr(text, " debug five\n"));
}

static void
a_peers_text_makes_no_line_of_its_own(void **state)
{
	const char *line;

	(void)state;
	begin();
	log_warn("answer=%s", "x\r\n2026-01-01T00:00:00Z error \x1b[31mfake\x7f");
	line = end();
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_null(strpbrk(line, "\r\x1b\x7f"));
}

static void
a_long_line_is_cut_between_characters(void **state)
{
	char long_text[6001];

	(void)state;
	for (size_t i = 0; i < 6000; i += 2)
		memcpy(long_text + i, "\xc3\xa9", 2);
	long_text[6000] = '\0';
	for (size_t skip_one = 0; skip_one < 2; skip_one++) {
		begin();
		log_info("%s%s", skip_one ? "x" : "", long_text);
		(void)end();
		assert_in_range(strlen(text), 2000, 2048);
		assert_true(str_ends(text, "\n"));
		assert_true(utf8_valid(text, strlen(text)));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_has_its_time_and_level_in_front),
		TEST(what_is_below_the_level_is_not_told),
		TEST(a_peers_text_makes_no_line_of_its_own),
		TEST(a_long_line_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
