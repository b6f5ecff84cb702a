/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock - the machine's clock, the fake one, and dates.  The calendar is done here and
 * not by the C library: its answers depend on TZ, and its parsers take what is no date.
 */
#include "core/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_S         ((int64_t)86400)
#define YEAR_9999_END ((int64_t)253402300800) /* first second that is not allowed */

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

struct timespec
clock_deadline(int64_t ms)
{
	struct timespec until = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return until;
}

static int64_t
system_now_ms(const struct clock *c)
{
	(void)c;
	return read_clock(CLOCK_REALTIME);
}

static int64_t
system_mono_ms(const struct clock *c)
{
	(void)c;
	return read_clock(CLOCK_MONOTONIC);
}

static const struct clock system_clock = {
	.now_ms = system_now_ms,
	.mono_ms = system_mono_ms,
};

const struct clock *
clock_system(void)
{
	return &system_clock;
}

static int64_t
fake_ms(const struct clock *c)
{
	return ((const struct clock_fake *)(const void *)c)->at_ms;
}

void
clock_fake_init(struct clock_fake *f, int64_t at_ms)
{
	f->clock = (struct clock){ .now_ms = fake_ms, .mono_ms = fake_ms };
	f->at_ms = at_ms;
}

int64_t
clock_now_s(const struct clock *c)
{
	return c->now_ms(c) / 1000;
}

/* Quotient rounded towards minus infinity; B is positive. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/*
 * Years are counted from 1 March, so that the leap day is the last of its year and a
 * month's first day is a straight line: 153 days in each run of five months.
 */
int64_t
time_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t m = month <= 2 ? month + 9 : month - 3; /* March is 0 */
	int64_t leaps = floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400);
	int64_t days = 365 * y + leaps + (153 * m + 2) / 5 + day - 1;

	return (days - 719468) * DAY_S; /* 1 March of year 0 to 1 January 1970 */
}

struct civil {
	int year, month, day, hour, minute, second;
	int weekday; /* 0 = Sunday */
};

/* The reverse: guess the year from its mean length, which is off by one at most. */
static void
civil_from_time(int64_t at, struct civil *ret)
{
	int64_t days = floor_div(at, DAY_S), rest = at - days * DAY_S;
	int64_t y = floor_div(days * 400, 146097) + 1970;
	int64_t in_year;
	int month = 12;

	while (time_from_civil((int)y, 1, 1) > days * DAY_S)
		y--;
	while (time_from_civil((int)y + 1, 1, 1) <= days * DAY_S)
		y++;
	in_year = days * DAY_S;
	while (time_from_civil((int)y, month, 1) > in_year)
		month--;
	ret->year = (int)y;
	ret->month = month;
	ret->day = (int)((in_year - time_from_civil((int)y, month, 1)) / DAY_S) + 1;
	ret->hour = (int)(rest / 3600);
	ret->minute = (int)(rest % 3600 / 60);
	ret->second = (int)(rest % 60);
	ret->weekday = (int)(((days + 4) % 7 + 7) % 7); /* day 0 was a Thursday */
}

/* What cannot be written with four digits of year is written as the nearest that can. */
static void
civil_for_text(int64_t at, struct civil *ret)
{
	int64_t first = time_from_civil(0, 1, 1);

	if (at < first)
		at = first;
	if (at >= YEAR_9999_END)
		at = YEAR_9999_END - 1;
	civil_from_time(at, ret);
}

const char *
time_format(int64_t at, char out[TIME_TEXT_SIZE])
{
	struct civil c;

	civil_for_text(at, &c);
	(void)snprintf(out, TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    c.year % 10000, c.month % 100, c.day % 100, c.hour % 100, c.minute % 100,
	    c.second % 100);
	return out;
}

static const char month_names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char day_names[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

const char *
time_format_mail(int64_t at, char out[TIME_TEXT_SIZE + 16])
{
	struct civil c;

	civil_for_text(at, &c);
	(void)snprintf(out, TIME_TEXT_SIZE + 16,
	    "%s, %02d %s %04d %02d:%02d:%02d +0000", day_names[c.weekday], c.day % 100,
	    month_names[c.month - 1], c.year % 10000, c.hour % 100, c.minute % 100,
	    c.second % 100);
	return out;
}

/* Exactly N digits at *S, which is moved behind them. */
static bool
read_number(const char **s, int n, int *ret)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		v = v * 10 + (**s - '0');
	}
	*ret = v;
	return true;
}

static bool
skip(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static int
days_in_month(int year, int month)
{
	int64_t next = month == 12 ? time_from_civil(year + 1, 1, 1)
				   : time_from_civil(year, month + 1, 1);

	return (int)((next - time_from_civil(year, month, 1)) / DAY_S);
}

static bool
is_date(const struct civil *c)
{
	return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_in_month(c->year, c->month);
}

/* "03:04", "03:04:05", "03:04:05.678" */
static bool
read_time(const char **s, struct civil *c)
{
	if (!read_number(s, 2, &c->hour) || !skip(s, ':') ||
	    !read_number(s, 2, &c->minute))
		return false;
	if (skip(s, ':')) {
		if (!read_number(s, 2, &c->second))
			return false;
		if (**s == '.' || **s == ',') {
			int digit;

			(*s)++;
			if (!read_number(s, 1, &digit))
				return false;
			while (**s >= '0' && **s <= '9')
				(*s)++;
		}
	}
	/* 60: a leap second, which is counted as the first second after it */
	return c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

/* "Z", "+02:00", "-0500" or nothing, up to the end of the text. */
static bool
read_zone(const char **s, int64_t *ret_offset_s)
{
	int sign = **s == '-' ? -1 : 1, hour, minute;

	*ret_offset_s = 0;
	if (**s == '\0' || skip(s, 'Z') || skip(s, 'z'))
		return **s == '\0';
	if (!skip(s, '+') && !skip(s, '-'))
		return false;
	if (!read_number(s, 2, &hour))
		return false;
	(void)skip(s, ':');
	if (!read_number(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*ret_offset_s = sign * ((int64_t)hour * 3600 + (int64_t)minute * 60);
	return **s == '\0';
}

static bool
read_time_and_zone(const char *s, struct civil *c, int64_t *ret_offset_s)
{
	if (!skip(&s, 'T') && !skip(&s, 't') && !skip(&s, ' '))
		return false;
	return read_time(&s, c) && read_zone(&s, ret_offset_s);
}

/* "31 Jul 2025", "1 Aug 2025" */
static bool
read_day_first(const char *s, struct civil *c)
{
	if (s[0] != '\0' && s[1] == ' ' ? !read_number(&s, 1, &c->day)
					: !read_number(&s, 2, &c->day))
		return false;
	if (!skip(&s, ' '))
		return false;
	for (c->month = 1; c->month <= 12; c->month++) {
		if (strncmp(s, month_names[c->month - 1], 3) == 0)
			break;
	}
	if (c->month > 12)
		return false;
	s += 3;
	return skip(&s, ' ') && read_number(&s, 4, &c->year) && *s == '\0';
}

bool
time_parse(const char *text, int64_t *ret_at)
{
	struct civil c = { 0 };
	const char *s = text;
	int64_t offset = 0, at;

	if (text == NULL)
		return false;
	if (read_number(&s, 4, &c.year)) {
		if (!skip(&s, '-') || !read_number(&s, 2, &c.month) || !skip(&s, '-') ||
		    !read_number(&s, 2, &c.day))
			return false;
		if (*s != '\0' && !read_time_and_zone(s, &c, &offset))
			return false;
	} else if (!read_day_first(text, &c)) {
		return false;
	}
	if (!is_date(&c))
		return false;
	at = time_from_civil(c.year, c.month, c.day) + (int64_t)c.hour * 3600 +
	     (int64_t)c.minute * 60 + c.second - offset;
	if (at < 0 || at >= YEAR_9999_END)
		return false;
	*ret_at = at;
	return true;
}
