/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress - one line about long work: how far, how fast, how long still.
 *
 * On a terminal the line is written over every half second; elsewhere it is a line of the
 * log now and then, so that a service's journal tells of a download of an hour too.
 */
#ifndef SERVER_PROGRESS_H
#define SERVER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct clock;

struct progress {
	const struct clock *clock;
	bool is_terminal; /* of standard error; else the log */
	char what[128];   /* the work that is going on; another one starts anew */
	int64_t started_ms, told_ms;
	uint64_t first_bytes; /* at the start */
	bool has_written;     /* a line that is to be ended */
};

/* DONE of TOTAL bytes (0 = nobody knows) and RECORDS of WHAT, if it is time to tell. */
void progress_tell(struct progress *p, const char *what, uint64_t bytes, uint64_t total,
    uint64_t records);
/* The work is over: the terminal's line is ended. */
void progress_end(struct progress *p);

/* The line itself: "WHAT: 12 of 70 MiB (17 %), 3400 records, 2.1 MiB/s, 28 s left". */
void progress_line(const struct progress *p, int64_t now_ms, uint64_t bytes,
    uint64_t total, uint64_t records, struct buf *out);

#endif
