/* SPDX-License-Identifier: Apache-2.0 */
/* What the child may do, what it may not, and what its parent is told of its end. */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sandbox.h"
#include "core/str.h"

struct box {
	struct sandbox s;
	struct buf out;
	struct err e;
};

static struct box
box(void)
{
	return (struct box){
		.s = { .folder = -1,
		    .memory = (size_t)256 << 20,
		    .file = 1 << 20,
		    .cpu_s = 20,
		    .wall_ms = 60000,
		    .result = 1 << 20,
		    .reader = "the reader" },
		.out = BUF_INIT(1 << 20),
		.e = ERR_INIT,
	};
}

static enum err_code
run(struct box *b, enum err_code (*work)(void *arg, struct buf *out, struct err *e),
    void *arg)
{
	return sandbox_run(&b->s, work, arg, &b->out, &b->e);
}

static enum err_code
greet(void *arg, struct buf *out, struct err *e)
{
	(void)e;
	buf_printf(out, "hello %s", (const char *)arg);
	return ERR_OK;
}

static void
an_answer_comes_back(void **state)
{
	struct box b = box();
	char name[] = "parent";

	(void)state;
	if (run(&b, greet, name) != ERR_OK)
		fail_msg("%s", b.e.text);
	assert_string_equal(buf_str(&b.out), "hello parent");
	buf_done(&b.out);
}

static enum err_code
complain(void *arg, struct buf *out, struct err *e)
{
	(void)arg;
	buf_adds(out, "half an answer");
	return err_set(e, ERR_LIMIT, "too much of it");
}

static void
an_error_comes_back_without_the_rest(void **state)
{
	struct box b = box();

	(void)state;
	assert_int_equal(run(&b, complain, NULL), ERR_LIMIT);
	assert_string_equal(b.e.text, "too much of it");
	assert_int_equal(b.out.len, 0);
}

static enum err_code
crash(void *arg, struct buf *out, struct err *e)
{
	(void)arg, (void)out, (void)e;
	abort();
}

static enum err_code
leave(void *arg, struct buf *out, struct err *e)
{
	(void)arg, (void)out, (void)e;
	_exit(0);
}

static enum err_code
hang(void *arg, struct buf *out, struct err *e)
{
	volatile bool goes_on = true;

	(void)arg, (void)out, (void)e;
	while (goes_on)
		;
	return ERR_OK;
}

static enum err_code
talk(void *arg, struct buf *out, struct err *e)
{
	(void)arg, (void)e;
	while (!out->full)
		buf_adds(out, "0123456789abcdef");
	return ERR_OK;
}

static void
its_death_is_an_error_of_the_document(void **state)
{
	struct box b = box();

	(void)state;
	assert_int_equal(run(&b, crash, NULL), ERR_INPUT);
	assert_non_null(strstr(b.e.text, "the reader crashed"));
	assert_int_equal(run(&b, leave, NULL), ERR_INPUT);
	assert_non_null(strstr(b.e.text, "the reader gave no answer"));
	b.s.wall_ms = 200;
	assert_int_equal(run(&b, hang, NULL), ERR_INPUT);
	assert_non_null(strstr(b.e.text, "took more than"));
	b.s.wall_ms = 60000;
	b.s.cpu_s = 1;
	assert_int_equal(run(&b, hang, NULL), ERR_INPUT);
	assert_non_null(strstr(b.e.text, "1 s of processor time"));
	assert_int_equal(run(&b, talk, NULL), ERR_LIMIT);
	assert_int_equal(b.out.len, 0);
	/* and none of them is left */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Each line: what was tried, and whether it could be done. */
static enum err_code
try_all(void *arg, struct buf *out, struct err *e)
{
	const int *fds = arg;
	char c = 'x';

	(void)e;
	buf_printf(out, "socket %d\n", socket(AF_INET, SOCK_STREAM, 0) >= 0);
	buf_printf(out, "open %d\n", open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0);
	buf_printf(out, "make %d\n", mkdir("/tmp/tocsin-sandbox-test", 0700) == 0);
	buf_printf(out, "fork %d\n", fork() >= 0);
	buf_printf(out, "exec %d\n",
	    execl("/bin/true", "true", (char *)NULL) == 0 || errno != EPERM);
	buf_printf(out, "run %d\n",
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0) != MAP_FAILED);
	buf_printf(out, "kept %d\n", pread(fds[0], &c, 1, 0) == 1 && c == 'k');
	buf_printf(out, "other %d\n", pread(fds[1], &c, 1, 0) == 1);
	return ERR_OK;
}

static int
file_with(char c)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &c, 1, 0), 1);
	return fd;
}

static void
it_can_read_what_it_was_given_and_nothing_else(void **state)
{
	struct box b = box();
	int fds[2] = { file_with('k'), file_with('o') };

	(void)state;
	b.s.fds = fds;
	b.s.n_fds = 1;
	if (run(&b, try_all, fds) != ERR_OK)
		fail_msg("%s", b.e.text);
	assert_string_equal(buf_str(&b.out),
	    "socket 0\nopen 0\nmake 0\nfork 0\nexec 0\nrun 0\nkept 1\nother 0\n");
	(void)close(fds[0]);
	(void)close(fds[1]);
	buf_done(&b.out);
}

static enum err_code
fill(void *arg, struct buf *out, struct err *e)
{
	const int *fd = arg;
	char block[4096] = { 0 };

	(void)out;
	while (write(*fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		;
	return err_set(e, ERR_STORAGE, "full");
}

static void
its_files_do_not_grow_for_ever(void **state)
{
	struct box b = box();
	int fd = file_with('k');

	(void)state;
	b.s.fds = &fd;
	b.s.n_fds = 1;
	assert_int_equal(run(&b, fill, &fd), ERR_INPUT);
	assert_non_null(strstr(b.e.text, "bytes of disk"));
	(void)close(fd);
}

#ifndef __SANITIZE_ADDRESS__
static enum err_code
eat(void *arg, struct buf *out, struct err *e)
{
	(void)arg, (void)out;
	for (size_t i = 0; i < 1024; i++) {
		char *p = malloc((size_t)1 << 20);

		if (p == NULL)
			return err_set(e, ERR_LIMIT, "no memory after %zu MiB", i);
		memset(p, (int)i, (size_t)1 << 20);
	}
	return ERR_OK;
}

static void
its_memory_has_an_end(void **state)
{
	struct box b = box();

	(void)state;
	assert_int_equal(run(&b, eat, NULL), ERR_LIMIT);
	assert_non_null(strstr(b.e.text, "no memory"));
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_back),
		cmocka_unit_test(an_error_comes_back_without_the_rest),
		cmocka_unit_test(its_death_is_an_error_of_the_document),
		cmocka_unit_test(it_can_read_what_it_was_given_and_nothing_else),
		cmocka_unit_test(its_files_do_not_grow_for_ever),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(its_memory_has_an_end),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
