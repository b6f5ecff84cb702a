/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox - work on hostile bytes in a child process, so that a bug in a parser costs one
 * document and not the service.
 *
 * The child is a fork: it sees the memory of its parent as it was, and may read what it was
 * given and answer, nothing else.  It has no network, no new files but those under one
 * folder if it is given one (read-only; Landlock keeps it there where the kernel has it),
 * no children, no privileges to gain; a system call that is not on the list fails.  Memory,
 * processor time, sizes of files and the wall clock have limits.  It dies with its parent.
 *
 * Fork and not exec: no second program to install and to find, and the document may lie in
 * memory.  The price: WORK must not take locks that another thread of the parent may hold
 * (the C library's own are safe; what core makes once is made before).  Under
 * AddressSanitizer memory is not limited, and beside other threads WORK runs here.
 */
#ifndef CORE_SANDBOX_H
#define CORE_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

struct sandbox {
	const int *fds; /* what the child keeps open, at most SANDBOX_FDS */
	size_t n_fds;
	int folder;         /* one of FDS under which it may open files; -1 = none */
	size_t memory;      /* bytes beyond those of the parent */
	uint64_t file;      /* bytes a file may grow to */
	unsigned cpu_s;     /* processor time */
	int64_t wall_ms;    /* time from start to answer */
	size_t result;      /* bytes of the answer */
	const char *reader; /* "the reader of archives": for the message if it dies */
};
#define SANDBOX_FDS 8

/*
 * Run WORK(ARG, answer, error) in a child; its answer is appended to OUT, its error is
 * this call's.
 * ERR_INPUT  the child died or took too long: then the document is the one to blame
 * ERR_BUSY   no child could be made
 */
enum err_code sandbox_run(const struct sandbox *s,
    enum err_code (*work)(void *arg, struct buf *out, struct err *e), void *arg,
    struct buf *out, struct err *e);

#endif
