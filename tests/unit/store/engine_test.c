/* SPDX-License-Identifier: Apache-2.0 */
/* The engine seam: opening, migrating, transactions, numbers, being the only one. */
#include "world.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static enum err_code
open_as(const char *url, bool read_only, struct store **ret)
{
	const struct store_options o = {
		.keyer = &world_keyer, .read_only = read_only, .busy_timeout_ms = 200
	};

	return store_open(ret, url, &o, &w_err);
}

static void
every_statement_prepares(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < STMT_COUNT; i++) {
		const struct query *q = query(w->st, (enum stmt)i);

		if (q->failed != ERR_OK)
			fail_msg("%s\n%s", q->why, statements[i]);
	}
}

static void
urls_that_are_refused_say_why(void **state)
{
	static const struct {
		const char *url;
		enum err_code want;
	} rows[] = {
		{ "postgresql://db/tocsin", ERR_UNSUPPORTED },
		{ "mysql:x", ERR_INPUT },
		{ "", ERR_INPUT },
		{ "sqlite:", ERR_INPUT },
	};
	struct store *st;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		enum err_code got = open_as(rows[i].url, false, &st);

		if (got != rows[i].want)
			fail_msg("\"%s\": want %s, got %s", rows[i].url,
			    err_code_name(rows[i].want), err_code_name(got));
	}
}

static void
new_database_makes_its_folder_and_is_private(void **state)
{
	struct world *w = *state;
	const char *path = arena_printf(w->a, "%s/deep/down/t.db", w->dir);
	struct store *st;
	struct stat file;

	assert_ok(open_as(path, false, &st));
	store_close(st);
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	assert_int_equal(stat(arena_printf(w->a, "%s/deep", w->dir), &file), 0);
	assert_int_equal(file.st_mode & 0777, 0700);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(arena_printf(w->a, "%s/deep/down", w->dir)), 0);
	assert_int_equal(rmdir(arena_printf(w->a, "%s/deep", w->dir)), 0);
}

static void
schema_of_a_newer_program_is_refused(void **state)
{
	struct world *w = *state;
	struct store *st;

	assert_ok(w->st->engine->schema_set(w->st, 99, &w_err));
	assert_int_equal(open_as(w_url(w), false, &st), ERR_CONFLICT);
	assert_non_null(strstr(w_err.text, "newer"));
	assert_ok(w->st->engine->schema_set(w->st, 0, &w_err));
	assert_int_equal(open_as(w_url(w), true, &st), ERR_CONFLICT);
	assert_non_null(strstr(w_err.text, "older"));
}

static void
opaque_key_is_made_once(void **state)
{
	struct world *w = *state;
	unsigned char first[32], again[32], nothing[32] = { 0 };

	assert_ok(store_opaque_key(w->st, first, &w_err));
	w_reopen(w);
	assert_ok(store_opaque_key(w->st, again, &w_err));
	assert_memory_equal(first, again, 32);
	assert_memory_not_equal(first, nothing, 32);
}

static void
reader_reads_and_cannot_write(void **state)
{
	struct world *w = *state;
	struct store *reader;
	int64_t seq;

	assert_ok(store_sibling(&reader, w->st, true, &w_err));
	assert_ok(store_now_seq(reader, &seq, &w_err));
	assert_int_equal(tx_begin(reader, &w_err), ERR_BUG);
	assert_int_equal(
	    reader->engine->script(reader, "DELETE FROM team", &w_err), ERR_STORAGE);
	store_close(reader);
}

static void
transaction_inside_a_transaction_is_a_bug_with_both_names(void **state)
{
	struct world *w = *state;

	assert_ok(tx_begin(w->st, &w_err));
	assert_int_equal(tx_begin_(w->st, true, "inner", &w_err), ERR_BUG);
	assert_non_null(strstr(w_err.text, "inner"));
	assert_non_null(strstr(w_err.text, __func__));
	assert_ok(tx_end(w->st, ERR_OK, &w_err));
}

static void
numbers_of_a_failed_transaction_are_given_again(void **state)
{
	struct world *w = *state;
	int64_t first, again;

	assert_ok(tx_begin(w->st, &w_err));
	assert_ok(seq_take(w->st, "event", 3, &first, &w_err));
	assert_int_equal(tx_end(w->st, ERR_INPUT, &w_err), ERR_INPUT);
	assert_ok(tx_begin(w->st, &w_err));
	assert_ok(seq_take(w->st, "event", 1, &again, &w_err));
	assert_ok(tx_end(w->st, ERR_OK, &w_err));
	assert_true(first == again);
}

static void
parameters_are_bound_by_number_in_any_order(void **state)
{
	struct world *w = *state;
	struct query *q;

	assert_ok(tx_begin(w->st, &w_err));
	assert_ok(audit_add(w->st, 1, "me", "act", "it", "b", "a", w->now_at, &w_err));
	assert_ok(tx_end(w->st, ERR_OK, &w_err));
	assert_string_equal(
	    w_text(w, "SELECT actor || action || object || before || after FROM audit"
		      " ORDER BY seq DESC LIMIT 1"),
	    "meactitba");
	q = query(w->st, STMT_PING);
	bind_int(q, 1, 1);
	assert_int_equal(query_run(q, &w_err), ERR_BUG);
	assert_non_null(strstr(w_err.text, "$1"));
}

/* ---- more than one process ---- */

/* Run F in a child; its exit status. */
static pid_t
child(int (*f)(struct world *w, int fd), struct world *w, int *ret_fd)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(f(w, fds[1]));
	(void)close(fds[1]);
	*ret_fd = fds[0];
	return pid;
}

static int
claim_and_wait(struct world *w, int fd)
{
	struct store *st;

	if (open_as(w_url(w), false, &st) != ERR_OK || store_claim(st, NULL) != ERR_OK)
		return 1;
	if (write(fd, "x", 1) != 1)
		return 1;
	for (;;)
		(void)pause();
}

static void
one_process_serves_a_store_until_it_is_killed(void **state)
{
	struct world *w = *state;
	char byte;
	int fd, status;
	pid_t pid = child(claim_and_wait, w, &fd);

	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(store_claim(w->st, &w_err), ERR_BUSY);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_ok(store_claim(w->st, &w_err));
	assert_ok(store_claim(w->st, &w_err)); /* it is ours already */
	(void)close(fd);
}

#define TURNS 50

static int
take_numbers(struct world *w, int fd)
{
	const struct store_options o = { .keyer = &world_keyer };
	struct store *st;
	struct err e = ERR_INIT;

	(void)fd;
	if (store_open(&st, w_url(w), &o, &e) != ERR_OK)
		return 1;
	for (int i = 0; i < TURNS; i++) {
		enum err_code rc = tx_begin(st, &e);

		if (rc == ERR_OK)
			rc = audit_add(st, -1, "child", "take", "x", NULL, NULL, 1, &e);
		if (tx_end(st, rc, &e) != ERR_OK)
			return 2;
	}
	store_close(st);
	return 0;
}

static void
second_writer_process_shares_one_line_of_numbers(void **state)
{
	struct world *w = *state;
	int fd, status = -1;
	pid_t pid = child(take_numbers, w, &fd);

	for (int i = 0; i < TURNS; i++) {
		assert_ok(tx_begin(w->st, &w_err));
		assert_ok(
		    audit_add(w->st, -1, "parent", "take", "x", NULL, NULL, 1, &w_err));
		assert_ok(tx_end(w->st, ERR_OK, &w_err));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(
	    w_int(w, "SELECT count(*) FROM audit WHERE action = 'take'"), 2 * TURNS);
	w_check_log(w);
	(void)close(fd);
}

static void
writer_that_waits_too_long_is_told_to_come_back(void **state)
{
	struct world *w = *state;
	struct store *other;

	assert_ok(open_as(w_url(w), false, &other));
	assert_ok(tx_begin(w->st, &w_err));
	assert_int_equal(tx_begin(other, &w_err), ERR_BUSY);
	assert_ok(tx_end(w->st, ERR_OK, &w_err));
	assert_ok(tx_begin(other, &w_err));
	assert_ok(tx_end(other, ERR_OK, &w_err));
	store_close(other);
}

/* 0 if another process would find the shared lock of an open connection on the file. */
static int
look_for_lock(const char *path)
{
	/* where SQLite's file format puts the shared locks */
	struct flock lock = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = 0x40000002,
		.l_len = 510 };
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_GETLK, &lock) != 0)
		return 2;
	return lock.l_type == F_UNLCK ? 1 : 0;
}

/* Closing any descriptor of a file ends the locks that its process holds on it: without
 * them the next process to leave believes itself the last and removes the log. */
static void
second_connection_leaves_the_locks_of_the_first(void **state)
{
	struct world *w = *state;
	const char *path = w_url(w);
	struct store *other;
	int status = -1;
	pid_t pid;

	assert_ok(open_as(w_url(w), false, &other));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(look_for_lock(path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	store_close(other);
}

static void
reader_in_a_snapshot_sees_no_half_of_a_later_commit(void **state)
{
	struct world *w = *state;
	struct store *reader;
	int64_t before, seen, n;

	assert_ok(store_sibling(&reader, w->st, true, &w_err));
	assert_ok(tx_read(reader, &w_err));
	assert_ok(store_now_seq(reader, &before, &w_err));
	assert_ok(tx_begin(w->st, &w_err));
	assert_ok(seq_take(w->st, "event", 1, &n, &w_err));
	assert_ok(tx_end(w->st, ERR_OK, &w_err));
	assert_ok(store_now_seq(reader, &seen, &w_err));
	assert_true(seen == before);
	assert_ok(tx_end(reader, ERR_OK, &w_err));
	assert_ok(store_now_seq(reader, &seen, &w_err));
	assert_true(seen == before + 1);
	assert_ok(store_idle(w->st, &w_err));
	store_close(reader);
}

static void
writers_wait_for_whose_turn_it_is(void **state)
{
	struct world *w = *state;
	pthread_mutex_t *writer = &w->st->shared->writer;

	store_take_turn(w->st);
	for (int i = 0; i < 2; i++) {
		int64_t n;

		assert_ok(tx_begin(w->st, &w_err));
		assert_ok(seq_take(w->st, "event", 1, &n, &w_err));
		/* committed, then rolled back */
		assert_int_equal(tx_end(w->st, i == 0 ? ERR_OK : ERR_BUG, &w_err),
		    i == 0 ? ERR_OK : ERR_BUG);
		assert_int_not_equal(pthread_mutex_trylock(writer), 0);
	}
	store_end_turn(w->st);
	store_end_turn(w->st); /* of a turn that is over already: nothing */
	assert_int_equal(pthread_mutex_trylock(writer), 0);
	assert_int_equal(pthread_mutex_unlock(writer), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
#define TEST_FILE(f)                                                                   \
	cmocka_unit_test_setup_teardown(f, world_setup_file, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_statement_prepares),
		TEST(urls_that_are_refused_say_why),
		TEST_FILE(new_database_makes_its_folder_and_is_private),
		TEST_FILE(schema_of_a_newer_program_is_refused),
		TEST_FILE(opaque_key_is_made_once),
		TEST_FILE(reader_reads_and_cannot_write),
		TEST(transaction_inside_a_transaction_is_a_bug_with_both_names),
		TEST(numbers_of_a_failed_transaction_are_given_again),
		TEST(parameters_are_bound_by_number_in_any_order),
		TEST_FILE(one_process_serves_a_store_until_it_is_killed),
		TEST_FILE(second_writer_process_shares_one_line_of_numbers),
		TEST_FILE(writer_that_waits_too_long_is_told_to_come_back),
		TEST_FILE(second_connection_leaves_the_locks_of_the_first),
		TEST(writers_wait_for_whose_turn_it_is),
		TEST_FILE(reader_in_a_snapshot_sees_no_half_of_a_later_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
