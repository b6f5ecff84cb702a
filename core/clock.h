/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock - the only way to ask the time.  The service is handed a struct clock; the
 * scenario tests hand it one that stands still until it is told to move.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct clock {
	/* Milliseconds since 1970, UTC. */
	int64_t (*now_ms)(const struct clock *c);
	/* Milliseconds of a clock that never jumps: for durations and deadlines. */
	int64_t (*mono_ms)(const struct clock *c);
};

/* The machine's clock. */
const struct clock *clock_system(void);

/* A clock for tests: both answers are 'at_ms', which the test moves. */
struct clock_fake {
	struct clock clock; /* first: a struct clock * points here */
	int64_t at_ms;
};
void clock_fake_init(struct clock_fake *f, int64_t at_ms);

/*
 * Waiting on a condition variable with a limit: one made by clock_cond_init() takes the
 * deadline MS milliseconds from now, of the clock that never jumps.
 */
void clock_cond_init(pthread_cond_t *cond);
struct timespec clock_deadline(int64_t ms);

/* Whole seconds of CLOCK. */
int64_t clock_now_s(const struct clock *c);

/* Seconds since 1970 as RFC 3339 in UTC, "2026-01-02T03:04:05Z". */
#define TIME_TEXT_SIZE 32
const char *time_format(int64_t at, char out[TIME_TEXT_SIZE]);
/* RFC 5322 date for mail, "Fri, 02 Jan 2026 03:04:05 +0000". */
const char *time_format_mail(int64_t at, char out[TIME_TEXT_SIZE + 16]);

/*
 * Read the dates that feeds write: RFC 3339 with or without zone and fractions,
 * "YYYY-MM-DD", "YYYY-MM-DD HH:MM[:SS]", "31 Jul 2025".  No zone means UTC.
 * False if TEXT is none of these or out of 1970..9999.
 */
bool time_parse(const char *text, int64_t *ret_at);

/* Start (00:00 UTC) of the day YEAR-MONTH-DAY, proleptic Gregorian. */
int64_t time_from_civil(int year, int month, int day);

#endif
