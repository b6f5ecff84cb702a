/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox - fork, close, limit, filter, work, answer.
 *
 * The answer is a head {magic, code, lengths} and two runs of bytes, the text of the error
 * and what WORK wrote.  The parent believes none of it: lengths are checked against limits
 * before a byte is kept.
 */
#include "core/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/ecosystem.h"
#include "core/strmap.h"

#define MAGIC 0x70c5a4e5u

/* Sanitizers reserve terabytes of addresses: then no limit can be set. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW 1
#elif defined(__has_feature)
#define HAS_SHADOW (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define HAS_SHADOW 0
#endif

struct answer {
	uint32_t magic, code, text_len;
	uint64_t len;
};

/* ---- the child: what it may not do ---- */

static int
compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Where the system call is filtered away, as in some containers, one after the other. */
static bool
close_from_to(unsigned from, unsigned to)
{
	struct rlimit r;

	if (syscall(SYS_close_range, from, to, 0) == 0)
		return true;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return false;
	for (; from <= to && from < r.rlim_cur; from++)
		(void)close((int)from);
	return true;
}

/* Close everything but the N descriptors in FDS, which may hold some twice. */
static bool
close_others(int *fds, size_t n)
{
	unsigned from = 0;

	qsort(fds, n, sizeof(*fds), compare_fds);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned)fds[i] > from &&
		    !close_from_to(from, (unsigned)fds[i] - 1))
			return false;
		from = (unsigned)fds[i] + 1;
	}
	return close_from_to(from, ~0u);
}

/* Pages this process has mapped now, as bytes. */
static uint64_t
mapped_bytes(void)
{
	char text[64] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	return n <= 0 ? 0 : strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool
limit(int what, uint64_t value, uint64_t hard)
{
	const struct rlimit r = { .rlim_cur = value, .rlim_max = hard };
	struct rlimit now;

	/* a tighter limit of the parent stays */
	if (getrlimit((__rlimit_resource_t)what, &now) == 0 && now.rlim_max < hard)
		return now.rlim_cur <= value ||
		       setrlimit((__rlimit_resource_t)what,
			   &(struct rlimit){
			       .rlim_cur = now.rlim_max < value ? now.rlim_max : value,
			       .rlim_max = now.rlim_max,
			   }) == 0;
	return setrlimit((__rlimit_resource_t)what, &r) == 0;
}

static bool
set_limits(const struct sandbox *s)
{
	if (!HAS_SHADOW) {
		uint64_t memory = mapped_bytes() + s->memory;

		if (!limit(RLIMIT_AS, memory, memory))
			return false;
	}
	/* the soft one is a signal with a name of its own, the hard one is certain */
	return limit(RLIMIT_CPU, s->cpu_s, s->cpu_s + 5) &&
	       limit(RLIMIT_FSIZE, s->file, s->file) && limit(RLIMIT_NOFILE, 64, 64) &&
	       limit(RLIMIT_CORE, 0, 0);
}

/* Files may be opened under FOLDER only.  An older kernel does not know how: then the
 * openat2() of who reads folders, which resolves inside it, is all there is. */
static void
stay_under(int folder)
{
	const struct landlock_ruleset_attr all = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};
	struct landlock_path_beneath_attr rule = {
		.allowed_access =
		    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
		.parent_fd = folder,
	};
	long rules =
	    syscall(SYS_landlock_create_ruleset, &all, sizeof(all), (uint32_t)0);

	if (rules < 0)
		return;
	if (folder < 0 || syscall(SYS_landlock_add_rule, rules,
			      LANDLOCK_RULE_PATH_BENEATH, &rule, (uint32_t)0) == 0)
		(void)syscall(SYS_landlock_restrict_self, rules, (uint32_t)0);
	(void)close((int)rules);
}

static bool
allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return false;
	return true;
}

static bool
filter_calls(bool opens_files)
{
	static const int always[] = { SCMP_SYS(read), SCMP_SYS(readv),
		SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
		SCMP_SYS(ftruncate), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(munmap),
		SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
		SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(gettid),
		SCMP_SYS(getpid), SCMP_SYS(tgkill), SCMP_SYS(rt_sigaction),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
		SCMP_SYS(sched_yield), SCMP_SYS(exit), SCMP_SYS(exit_group) };
	static const int files[] = { SCMP_SYS(openat2), SCMP_SYS(getdents64),
		SCMP_SYS(newfstatat), SCMP_SYS(readlinkat), SCMP_SYS(fcntl) };
	const struct scmp_arg_cmp not_run = {
		.arg = 2, /* PROT_... */
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = PROT_EXEC,
		.datum_b = 0,
	};
	const struct scmp_arg_cmp at_fd = {
		.arg = 3, /* AT_... */
		.op = SCMP_CMP_EQ,
		.datum_a = AT_EMPTY_PATH,
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool good;

	if (filter == NULL)
		return false;
	good = allow(filter, always, sizeof(always) / sizeof(always[0])) &&
	       (!opens_files || allow(filter, files, sizeof(files) / sizeof(files[0])));
	/* memory, but none that runs */
	for (size_t i = 0; good && i < 2; i++)
		good =
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW,
			i == 0 ? SCMP_SYS(mmap) : SCMP_SYS(mprotect), 1, not_run) == 0;
	/* read-only, whatever the path: fstat() of newer C libraries is newfstatat() */
	good = good && (opens_files || seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					   SCMP_SYS(newfstatat), 1, at_fd) == 0);
	good = good && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return good;
}

static bool
lock_in(const struct sandbox *s, int *answer)
{
	int fds[SANDBOX_FDS + 4] = { 0, 1, 2 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	/* a parent without standard streams: nothing of ours may stand in their place */
	if ((fds[3] = *answer = fcntl(*answer, F_DUPFD_CLOEXEC, 3)) < 0)
		return false;
	(void)sigemptyset(&none);
	/* a handler of the parent's would run here, in a state it knows nothing of */
	for (int i = 1; i < SIGRTMIN; i++)
		(void)signal(i, i == SIGPIPE ? SIG_IGN : SIG_DFL);
	if (null < 0 || s->n_fds > SANDBOX_FDS ||
	    sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		return false;
	for (size_t i = 0; i < s->n_fds; i++)
		fds[4 + i] = s->fds[i];
	/* standard input may be the document */
	for (int fd = 0; fd <= 2; fd++) {
		bool kept = false;

		for (size_t i = 0; i < s->n_fds; i++)
			kept = kept || s->fds[i] == fd;
		if (!kept && dup2(null, fd) < 0)
			return false;
	}
	if (!close_others(fds, 4 + s->n_fds) || !set_limits(s) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	stay_under(s->folder);
	return filter_calls(s->folder >= 0);
}

/* ---- the child: its answer ---- */

static bool
write_all(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static void
be_child(const struct sandbox *s,
    enum err_code (*work)(void *arg, struct buf *out, struct err *e), void *arg,
    int answer_fd)
{
	struct buf out = BUF_INIT(s->result);
	struct err e = ERR_INIT;
	struct answer head = { .magic = MAGIC };

	if (!lock_in(s, &answer_fd))
		head.code =
		    (uint32_t)err_set(&e, ERR_BUSY, "no sandbox: %s", strerror(errno));
	else
		head.code = (uint32_t)work(arg, &out, &e);
	if (head.code == ERR_OK && out.full)
		head.code = (uint32_t)err_set(
		    &e, ERR_LIMIT, "more than %zu bytes of findings", s->result);
	head.text_len = (uint32_t)strlen(e.text);
	head.len = head.code == ERR_OK ? out.len : 0;
	(void)(write_all(answer_fd, &head, sizeof(head)) &&
	       write_all(answer_fd, e.text, head.text_len) &&
	       write_all(answer_fd, buf_str(&out), (size_t)head.len));
	_exit(0);
}

/* ---- the parent ---- */

/* True once the pipe is at its end; false: the time is over or the answer too long. */
static bool
collect(int fd, int64_t deadline_ms, const struct clock *clock, struct buf *raw)
{
	char piece[65536];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = deadline_ms - clock->mono_ms(clock);
		ssize_t n;

		if (left <= 0)
			return false;
		if (poll(&p, 1, left > 60000 ? 60000 : (int)left) <= 0)
			continue;
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		buf_add(raw, piece, (size_t)n);
		if (raw->full)
			return false;
	}
}

static enum err_code
decode(const struct sandbox *s, const struct buf *raw, struct buf *out, struct err *e)
{
	struct answer head;
	char text[sizeof(e->text)];

	if (raw->len >= sizeof(head))
		memcpy(&head, raw->data, sizeof(head));
	if (raw->len < sizeof(head) || head.magic != MAGIC || head.code > ERR_BUG ||
	    head.text_len >= sizeof(text) || head.len > s->result ||
	    raw->len != sizeof(head) + head.text_len + head.len)
		return err_set(e, ERR_INPUT, "%s gave no answer", s->reader);
	if (head.code != ERR_OK) {
		memcpy(text, raw->data + sizeof(head), head.text_len);
		text[head.text_len] = '\0';
		return err_set(e, (enum err_code)head.code, "%s", text);
	}
	buf_add(out, raw->data + sizeof(head) + head.text_len, (size_t)head.len);
	return out->full
		   ? err_set(e, ERR_LIMIT, "more than %zu bytes of findings", out->max)
		   : ERR_OK;
}

static enum err_code
judge(const struct sandbox *s, int status, bool in_time, const struct buf *raw,
    struct buf *out, struct err *e)
{
	if (!in_time && !raw->full)
		return err_set(e, ERR_INPUT, "%s took more than %lld s", s->reader,
		    (long long)(s->wall_ms / 1000));
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return err_set(e, ERR_INPUT, "%s took more than %u s of processor time",
		    s->reader, s->cpu_s);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
		return err_set(e, ERR_INPUT, "%s wanted more than %llu bytes of disk",
		    s->reader, (unsigned long long)s->file);
	if (WIFSIGNALED(status) && !raw->full)
		return err_set(e, ERR_INPUT,
		    "%s crashed on it (signal %d) or ran out of memory", s->reader,
		    WTERMSIG(status));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || raw->full)
		return err_set(
		    e, ERR_INPUT, "%s broke off without an answer", s->reader);
	return decode(s, raw, out, e);
}

/*
 * A child of a process with threads has the locks as they were: what is made once must be
 * there before, or the child waits for a thread that it does not have.
 */
static void
make_once(void)
{
	sha256_free(sha256_new());
	strmap_free(strmap_new());
	(void)ecosystem_find("");
}

#ifdef __SANITIZE_ADDRESS__
/* GCC's AddressSanitizer does not hold its allocator's locks while it forks: beside other
 * threads the child may wait for ever.  What is tested so runs in this process. */
static bool
may_fork(void)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	while (d != NULL && (entry = readdir(d)) != NULL)
		n += entry->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	return n <= 1;
}
#else
static bool
may_fork(void)
{
	return true;
}
#endif

enum err_code
sandbox_run(const struct sandbox *s,
    enum err_code (*work)(void *arg, struct buf *out, struct err *e), void *arg,
    struct buf *out, struct err *e)
{
	const struct clock *clock = clock_system();
	struct buf raw = BUF_INIT(s->result + sizeof(struct answer) + sizeof(e->text));
	int64_t deadline_ms = clock->mono_ms(clock) + s->wall_ms;
	int ends[2], status = 0;
	pid_t parent = getpid(), child;
	enum err_code rc;
	bool in_time;

	make_once();
	if (!may_fork()) {
		buf_done(&raw);
		return work(arg, out, e);
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set(e, ERR_BUSY, "no pipe: %s", strerror(errno));
	if ((child = fork()) == 0) {
		/* it may have died between fork() and here */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
		    getppid() != parent)
			_exit(1);
		be_child(s, work, arg, ends[1]);
	}
	(void)close(ends[1]);
	if (child < 0) {
		(void)close(ends[0]);
		return err_set(e, ERR_BUSY, "no child process: %s", strerror(errno));
	}
	in_time = collect(ends[0], deadline_ms, clock, &raw);
	(void)close(ends[0]);
	if (!in_time)
		(void)kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	rc = judge(s, status, in_time, &raw, out, e);
	buf_done(&raw);
	return rc;
}
