/* SPDX-License-Identifier: Apache-2.0 */
/* Local time from tzdata; see zone.h.  Format: RFC 8536. */
#include "core/zone.h"

#include <stdbool.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/str.h"
#include "core/stream.h"

#define MAX_ZONE_BYTES (1u << 20)
#define DAY_S          86400
#define WEEK_DAYS      7

/* One switch of a POSIX rule: Mm.w.d/time. */
struct change_rule {
	int month, week, weekday; /* week 5 = the last */
	int64_t second;           /* local, of that day; may be negative */
};

struct zone {
	size_t n;              /* transitions */
	const int64_t *at;     /* sorted */
	const int32_t *offset; /* from at[i] on */
	int32_t first;         /* before the first transition */
	bool has_rule;         /* for times after the last transition */
	bool has_summer;
	int32_t winter, summer;
	struct change_rule to_summer, to_winter;
};

static uint32_t
read32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t
read64(const unsigned char *p)
{
	return (int64_t)((uint64_t)read32(p) << 32 | read32(p + 4));
}

/* ---- the footer ---- */

static bool
skip_name(const char **p)
{
	const char *start = *p;

	if (**p == '<') {
		const char *end = strchr(*p, '>');

		if (end == NULL)
			return false;
		*p = end + 1;
		return true;
	}
	while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z'))
		(*p)++;
	return *p - start >= 3;
}

static bool
read_number(const char **p, int max, int *ret)
{
	int v = 0;

	if (**p < '0' || **p > '9')
		return false;
	while (**p >= '0' && **p <= '9') {
		v = v * 10 + (**p - '0');
		if (v > max)
			return false;
		(*p)++;
	}
	*ret = v;
	return true;
}

/* [+-]hh[:mm[:ss]] as seconds. */
static bool
read_time(const char **p, int64_t *ret)
{
	int sign = 1, part[3] = { 0, 0, 0 };

	if (**p == '-' || **p == '+')
		sign = *(*p)++ == '-' ? -1 : 1;
	for (int i = 0; i < 3; i++) {
		if (i > 0 && *(*p)++ != ':')
			return false;
		if (!read_number(p, 167, &part[i]))
			return false;
		if (**p != ':')
			break;
	}
	*ret = sign * ((int64_t)part[0] * 3600 + part[1] * 60 + part[2]);
	return true;
}

static bool
read_rule(const char **p, struct change_rule *r)
{
	r->second = 2 * 3600;
	if (*(*p)++ != ',' || *(*p)++ != 'M' || !read_number(p, 12, &r->month) ||
	    *(*p)++ != '.' || !read_number(p, 5, &r->week) || *(*p)++ != '.' ||
	    !read_number(p, 6, &r->weekday) || r->month == 0 || r->week == 0)
		return false;
	if (**p == '/') {
		(*p)++;
		return read_time(p, &r->second);
	}
	return true;
}

static void
read_footer(struct zone *z, const char *p)
{
	int64_t west = 0;

	if (!skip_name(&p) || !read_time(&p, &west))
		return;
	z->winter = (int32_t)-west;
	z->has_rule = true;
	if (*p == '\0')
		return;
	z->has_rule = false;
	if (!skip_name(&p))
		return;
	west -= 3600;
	if (*p != ',' && !read_time(&p, &west))
		return;
	z->summer = (int32_t)-west;
	z->has_summer = z->has_rule =
	    read_rule(&p, &z->to_summer) && read_rule(&p, &z->to_winter);
}

/* ---- the file ---- */

struct header {
	size_t leap, transitions, types, chars, utc, wall;
};

static bool
read_header(const unsigned char *p, size_t len, struct header *h)
{
	if (len < 44 || memcmp(p, "TZif", 4) != 0)
		return false;
	h->utc = read32(p + 20);
	h->wall = read32(p + 24);
	h->leap = read32(p + 28);
	h->transitions = read32(p + 32);
	h->types = read32(p + 36);
	h->chars = read32(p + 40);
	return h->utc < 1000 && h->wall < 1000 && h->leap < 1000 &&
	       h->transitions < 100000 && h->types > 0 && h->types < 1000 &&
	       h->chars < 10000;
}

static size_t
body_size(const struct header *h, size_t time_size)
{
	return h->transitions * (time_size + 1) + h->types * 6 + h->chars +
	       h->leap * (time_size + 4) + h->wall + h->utc;
}

static bool
read_table(
    struct zone *z, const unsigned char *p, const struct header *h, struct arena *a)
{
	const unsigned char *index = p + h->transitions * 8;
	const unsigned char *types = index + h->transitions;
	int64_t *at = arena_array(a, h->transitions, sizeof(*at));
	int32_t *offset = arena_array(a, h->transitions, sizeof(*offset));

	for (size_t i = 0; i < h->transitions; i++) {
		if (index[i] >= h->types)
			return false;
		at[i] = read64(p + i * 8);
		offset[i] = (int32_t)read32(types + 6 * (size_t)index[i]);
	}
	z->n = h->transitions;
	z->at = at;
	z->offset = offset;
	z->first = (int32_t)read32(types);
	return true;
}

static enum err_code
read_file(
    struct zone *z, const unsigned char *p, size_t len, struct arena *a, struct err *e)
{
	struct header h;
	size_t skip;

	/* Version 2 holds the old 32-bit form first, then the whole again in 64 bit. */
	if (!read_header(p, len, &h) || p[4] < '2' || 44 + body_size(&h, 4) > len)
		return err_set(e, ERR_INPUT, "not a time zone file of version 2");
	skip = 44 + body_size(&h, 4);
	p += skip;
	len -= skip;
	if (!read_header(p, len, &h) || 44 + body_size(&h, 8) > len ||
	    !read_table(z, p + 44, &h, a))
		return err_set(e, ERR_INPUT, "damaged time zone file");
	skip = 44 + body_size(&h, 8);
	if (len - skip > 2 && p[skip] == '\n') {
		const char *text = (const char *)p + skip + 1;
		const char *end = memchr(text, '\n', len - skip - 1);

		if (end != NULL)
			read_footer(z, arena_strndup(a, text, (size_t)(end - text)));
	}
	return ERR_OK;
}

static bool
is_zone_name(const char *name)
{
	if (name[0] == '\0' || name[0] == '/' || strlen(name) > 64)
		return false;
	for (const char *p = name; *p != '\0'; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789/_+-",
			*p) == NULL)
			return false; /* no dot, so no way out of the folder */
	return true;
}

enum err_code
zone_load(struct zone **ret, const char *name, struct arena *a, struct err *e)
{
	struct zone *z = arena_zalloc(a, sizeof(*z));
	struct buf text = BUF_INIT(MAX_ZONE_BYTES);
	struct stream *in = NULL;
	enum err_code rc;

	z->has_rule = true;
	if (str_eq(name, "UTC")) {
		*ret = z;
		return ERR_OK;
	}
	z->has_rule = false;
	if (!is_zone_name(name))
		return err_set(e, ERR_INPUT, "\"%s\" is no time zone", name);
	rc = stream_open_file(
	    &in, arena_printf(a, "/usr/share/zoneinfo/%s", name), MAX_ZONE_BYTES, NULL);
	if (rc == ERR_OK) {
		rc = stream_read_all(in, &text, e);
		stream_close(in);
	}
	if (rc == ERR_OK)
		rc = read_file(
		    z, (const unsigned char *)buf_str(&text), text.len, a, NULL);
	buf_done(&text);
	if (rc != ERR_OK)
		return err_set(
		    e, ERR_INPUT, "no time zone \"%s\" on this machine", name);
	*ret = z;
	return ERR_OK;
}

/* ---- arithmetic ---- */

/* 0 = Sunday, as POSIX rules count. */
static int
weekday(int64_t day)
{
	int64_t w = (day + 4) % WEEK_DAYS;

	return (int)(w < 0 ? w + WEEK_DAYS : w);
}

static int64_t
floor_day(int64_t at)
{
	return at >= 0 ? at / DAY_S : -((-at + DAY_S - 1) / DAY_S);
}

static int
year_of(int64_t at)
{
	int year = 1970 + (int)(floor_day(at) / 366);

	while (time_from_civil(year + 1, 1, 1) <= at)
		year++;
	return year;
}

/* Local second (as if UTC) at which rule R falls in YEAR. */
static int64_t
rule_at(const struct change_rule *r, int year)
{
	int64_t first = floor_day(time_from_civil(year, r->month, 1));
	int next_year = r->month == 12 ? year + 1 : year;
	int64_t next = floor_day(time_from_civil(next_year, r->month % 12 + 1, 1));
	int64_t day = first + (r->weekday - weekday(first) + WEEK_DAYS) % WEEK_DAYS;

	day += (int64_t)(r->week - 1) * WEEK_DAYS;
	while (day >= next)
		day -= WEEK_DAYS;
	return day * DAY_S + r->second;
}

static int64_t
rule_offset(const struct zone *z, int64_t at)
{
	int year = year_of(at + z->winter);
	int64_t begin, end;
	bool is_summer;

	if (!z->has_summer)
		return z->winter;
	begin = rule_at(&z->to_summer, year) - z->winter;
	end = rule_at(&z->to_winter, year) - z->summer;
	is_summer = begin < end ? at >= begin && at < end : at >= begin || at < end;
	return is_summer ? z->summer : z->winter;
}

int64_t
zone_offset(const struct zone *z, int64_t at)
{
	size_t lo = 0, hi = z->n;

	if (z->has_rule && (z->n == 0 || at >= z->at[z->n - 1]))
		return rule_offset(z, at);
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (z->at[mid] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == 0 ? z->first : z->offset[lo - 1];
}

/* LOCAL seconds (as if UTC) to the moment; see zone_next() for gaps and repeats. */
static int64_t
to_moment(const struct zone *z, int64_t local)
{
	int64_t before = zone_offset(z, local - DAY_S),
		after = zone_offset(z, local + DAY_S);

	if (zone_offset(z, local - before) == before)
		return local - before;
	if (zone_offset(z, local - after) == after)
		return local - after;
	return local - before;
}

int64_t
zone_next(const struct zone *z, int64_t at, int minutes, unsigned days)
{
	int64_t day = floor_day(at + zone_offset(z, at)) - 1;

	for (int i = 0; i < 2 * WEEK_DAYS + 3; i++, day++) {
		unsigned bit = 1u << ((weekday(day) + 6) % WEEK_DAYS);
		int64_t moment = to_moment(z, day * DAY_S + (int64_t)minutes * 60);

		if (moment > at && (days == 0 || (days & bit) != 0))
			return moment;
	}
	return at + DAY_S;
}
