/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription's definition: read, checked, written in one form. */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"
#include "core/zone.h"
#include "notify/notify_private.h"

#define EVERY_CHANGE  ((1u << CHANGE_KIND_COUNT) - 1)
#define MAX_GLOBS     100
#define MAX_GATHER_MS 86400000

static const char *const schedule_words[SCHEDULE_COUNT] = {
	[SCHEDULE_IMMEDIATE] = "immediate",
	[SCHEDULE_HOURLY] = "hourly",
	[SCHEDULE_DAILY] = "daily",
	[SCHEDULE_WEEKLY] = "weekly",
};
static const char *const day_words[7] = { "mon", "tue", "wed", "thu", "fri", "sat",
	"sun" };

static const char *const feed_words[] = { "feed.held", "feed.failed", "feed.stale" };

/* ---- presets ---- */

static bool
set_preset(struct filter *f, const char *name)
{
	memset(f, 0, sizeof(*f));
	f->preset = name;
	f->changes = EVERY_CHANGE;
	/* failures pass, and one that does not makes the feed stale: that is told */
	f->feeds = 1u << FEED_NEWS_HELD | 1u << FEED_NEWS_STALE;
	f->ends = f->reach = true;
	if (str_eq(name, "everything")) {
		f->image_news = true;
		return true;
	}
	f->unknown = UNKNOWN_WAIT;
	f->unknown_wait_s = 48 * 3600;
	if (str_eq(name, "standard")) {
		f->min_severity = SEVERITY_MEDIUM;
		return true;
	}
	f->is_quiet = true;
	f->changes &= ~(1u << CHANGE_FIX_CHANGED);
	return str_eq(name, "quiet");
}

/* ---- reading ---- */

static enum err_code
read_severity(const struct json *j, enum severity *ret, struct err *e)
{
	const char *text = NULL;
	enum err_code rc = json_take_text(j, "min_severity", &text, e);

	if (rc == ERR_OK && text != NULL && !severity_from_name(text, ret))
		return err_set(e, ERR_INPUT,
		    "min_severity: \"%s\" is none of negligible, "
		    "low, medium, high, critical",
		    text);
	return rc;
}

static enum err_code
read_unknown(const struct json *j, struct filter *f, struct err *e)
{
	const char *text = NULL;
	int64_t ms = 0;
	enum err_code rc = json_take_text(j, "unknown_severity", &text, e);

	if (rc != ERR_OK || text == NULL)
		return rc;
	if (str_eq(text, "pass")) {
		f->unknown = UNKNOWN_PASS;
	} else if (str_eq(text, "drop")) {
		f->unknown = UNKNOWN_DROP;
	} else if (str_starts(text, "wait:") && str_duration_ms(text + 5, &ms) &&
		   ms > 0) {
		f->unknown = UNKNOWN_WAIT;
		f->unknown_wait_s = (ms + 999) / 1000;
	} else {
		return err_set(e, ERR_INPUT,
		    "unknown_severity must be pass, drop or wait:DURATION");
	}
	return ERR_OK;
}

static bool
event_change(const char *text, struct filter *f)
{
	if (str_eq(text, "image.moved") || str_eq(text, "image.deleted")) {
		f->image_news = true;
		return true;
	}
	for (unsigned k = 0; k < FEED_NEWS_COUNT; k++)
		if (str_eq(text, feed_words[k])) {
			f->feeds |= 1u << k;
			return true;
		}
	if (str_eq(text, "image.end_of_life")) {
		f->ends = true;
		return true;
	}
	if (str_eq(text, "image.unreachable")) {
		f->reach = true;
		return true;
	}
	for (unsigned k = 0; k < CHANGE_KIND_COUNT; k++)
		if (str_starts(text, "finding.") &&
		    str_eq(text + 8, change_kind_name((enum change_kind)k))) {
			f->changes |= 1u << k;
			return true;
		}
	return false;
}

static enum err_code
read_events(const struct json *j, struct arena *a, struct filter *f, struct err *e)
{
	const char **events = NULL;
	size_t n = 0;
	enum err_code rc = json_take_texts(j, "events", a, &events, &n, e);

	if (rc != ERR_OK || n == 0)
		return rc;
	f->changes = f->feeds = 0;
	f->image_news = f->ends = f->reach = false;
	for (size_t i = 0; i < n; i++)
		if (!event_change(events[i], f))
			return err_set(e, ERR_INPUT,
			    "events: no \"%s\" can be subscribed", events[i]);
	return ERR_OK;
}

/* The texts are the tree's: copies outlive it. */
static void
keep_texts(struct arena *a, const char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		texts[i] = arena_strdup(a, texts[i]);
}

static enum err_code
read_filter_fields(
    const struct json *j, struct arena *a, struct filter *f, struct err *e)
{
	const char *fix = NULL;
	double epss = 0;
	enum err_code rc;

	if ((rc = read_severity(j, &f->min_severity, e)) != ERR_OK ||
	    (rc = read_unknown(j, f, e)) != ERR_OK ||
	    (rc = json_take_text(j, "fix", &fix, e)) != ERR_OK ||
	    (rc = json_take_bool(j, "exploited", &f->only_exploited, e)) != ERR_OK ||
	    (rc = json_take_number(j, "epss_gte", &epss, e)) != ERR_OK ||
	    (rc = json_take_texts(
		 j, "ecosystems", a, &f->ecosystems, &f->n_ecosystems, e)) != ERR_OK ||
	    (rc = json_take_texts(j, "packages", a, &f->packages, &f->n_packages, e)) !=
		ERR_OK ||
	    (rc = read_events(j, a, f, e)) != ERR_OK)
		return rc;
	if (fix != NULL && !str_eq(fix, "available"))
		return err_set(e, ERR_INPUT, "fix can only be \"available\"");
	if (!(epss >= 0 && epss <= 1))
		return err_set(e, ERR_INPUT, "epss_gte must lie between 0 and 1");
	if (f->n_ecosystems > MAX_GLOBS || f->n_packages > MAX_GLOBS)
		return err_set(
		    e, ERR_LIMIT, "at most %d ecosystems and packages", MAX_GLOBS);
	keep_texts(a, f->ecosystems, f->n_ecosystems);
	keep_texts(a, f->packages, f->n_packages);
	f->only_fixable = fix != NULL;
	f->epss_gte_micro = (int64_t)(epss * 1e6 + 0.5);
	return ERR_OK;
}

static enum err_code
read_filter(const struct json *j, struct arena *a, struct filter *f, struct err *e)
{
	static const char *const known[] = { "preset", "min_severity",
		"unknown_severity", "fix", "exploited", "epss_gte", "ecosystems",
		"packages", "events", NULL };
	const char *preset = NULL;
	enum err_code rc;

	(void)set_preset(f, "everything");
	if (j == NULL || json_kind(j) == JSON_IS_NULL)
		return ERR_OK;
	if (json_kind(j) != JSON_IS_OBJECT)
		return err_set(e, ERR_INPUT, "filter must be an object");
	if ((rc = json_only(j, known, e)) != ERR_OK ||
	    (rc = json_take_text(j, "preset", &preset, e)) != ERR_OK)
		return err_wrap(e, rc, "filter");
	if (preset != NULL && !set_preset(f, preset))
		return err_set(e, ERR_INPUT,
		    "filter.preset must be quiet, standard or everything");
	f->preset = arena_strdup(a, f->preset);
	if (preset == NULL && json_count(j) > 0)
		f->preset = NULL;
	rc = read_filter_fields(j, a, f, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "filter");
}

static enum err_code
read_urgent(const struct json *j, struct rules *r, struct err *e)
{
	static const char *const known[] = { "exploited", "min_severity", NULL };
	bool exploited = false;
	enum err_code rc;

	if (j == NULL || json_kind(j) == JSON_IS_NULL)
		return ERR_OK;
	if (json_kind(j) != JSON_IS_OBJECT)
		return err_set(e, ERR_INPUT, "urgent must be an object");
	(void)set_preset(&r->urgent, "everything");
	r->urgent.image_news = r->urgent.ends = r->urgent.reach = false;
	r->urgent.feeds = 0;
	r->urgent.unknown = UNKNOWN_DROP;
	r->urgent.changes =
	    1u << CHANGE_OPENED | 1u << CHANGE_EXPLOITED | 1u << CHANGE_SEVERITY_RAISED;
	if ((rc = json_only(j, known, e)) != ERR_OK ||
	    (rc = json_take_bool(j, "exploited", &exploited, e)) != ERR_OK ||
	    (rc = read_severity(j, &r->urgent.min_severity, e)) != ERR_OK)
		return err_wrap(e, rc, "urgent");
	if (!exploited && r->urgent.min_severity == SEVERITY_UNKNOWN)
		return err_set(e, ERR_INPUT, "urgent needs exploited or min_severity");
	r->urgent.only_exploited = exploited;
	r->has_urgent = true;
	return ERR_OK;
}

static enum err_code
read_days(const struct json *j, struct arena *a, struct rules *r, struct err *e)
{
	const char **days = NULL;
	size_t n = 0;
	enum err_code rc = json_take_texts(j, "days", a, &days, &n, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		unsigned bit = 0;

		for (unsigned d = 0; d < 7; d++)
			if (str_caseeq(days[i], day_words[d]))
				bit = 1u << d;
		if (bit == 0)
			rc = err_set(e, ERR_INPUT,
			    "days: \"%s\" is none of mon, tue ... sun", days[i]);
		r->days |= bit;
	}
	return rc;
}

static enum err_code
read_clock(const char *at, struct rules *r, struct err *e)
{
	const bool is_time = at != NULL && strlen(at) == 5 && at[2] == ':' &&
			     at[0] >= '0' && at[0] <= '2' && at[1] >= '0' &&
			     at[1] <= '9' && at[3] >= '0' && at[3] <= '5' &&
			     at[4] >= '0' && at[4] <= '9';

	r->minutes = 9 * 60;
	if (at == NULL)
		return ERR_OK;
	if (is_time)
		r->minutes = ((at[0] - '0') * 10 + at[1] - '0') * 60 +
			     (at[3] - '0') * 10 + at[4] - '0';
	if (!is_time || r->minutes >= 24 * 60)
		return err_set(e, ERR_INPUT, "at must be a time like \"09:00\"");
	return ERR_OK;
}

static enum err_code
read_schedule(const struct json *j, struct arena *a, struct rules *r, struct err *e)
{
	const char *schedule = "immediate", *at = NULL, *gather = NULL;
	struct zone *zone;
	enum err_code rc;

	r->tz = "UTC";
	r->gather_ms = -1;
	if ((rc = json_take_text(j, "schedule", &schedule, e)) != ERR_OK ||
	    (rc = json_take_text(j, "at", &at, e)) != ERR_OK ||
	    (rc = json_take_text(j, "tz", &r->tz, e)) != ERR_OK ||
	    (rc = json_take_text(j, "gather", &gather, e)) != ERR_OK ||
	    (rc = read_days(j, a, r, e)) != ERR_OK ||
	    (rc = read_clock(at, r, e)) != ERR_OK ||
	    (rc = zone_load(&zone, r->tz, a, e)) != ERR_OK)
		return rc;
	r->tz = arena_strdup(a, r->tz);
	r->schedule = SCHEDULE_COUNT;
	for (unsigned s = 0; s < SCHEDULE_COUNT; s++)
		if (str_eq(schedule, schedule_words[s]))
			r->schedule = (enum schedule)s;
	if (r->schedule == SCHEDULE_COUNT)
		return err_set(e, ERR_INPUT,
		    "schedule must be immediate, hourly, daily or weekly");
	if (r->schedule == SCHEDULE_WEEKLY && r->days == 0)
		r->days = 1;
	if (gather != NULL && (!str_duration_ms(gather, &r->gather_ms) ||
				  r->gather_ms < 0 || r->gather_ms > MAX_GATHER_MS))
		return err_set(e, ERR_INPUT, "gather must be a duration up to 24h");
	return ERR_OK;
}

enum err_code
rules_read(const struct json *j, struct arena *a, struct rules *ret, struct err *e)
{
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	if ((rc = read_schedule(j, a, ret, e)) != ERR_OK ||
	    (rc = read_filter(json_get(j, "filter"), a, &ret->filter, e)) != ERR_OK)
		return rc;
	return read_urgent(json_get(j, "urgent"), ret, e);
}

/* ---- writing ---- */

static void
write_texts(struct json_writer *w, const char *key, const char *const *texts, size_t n)
{
	if (n == 0)
		return;
	jw_key(w, key);
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		jw_text(w, texts[i]);
	jw_array_end(w);
}

static void
write_events(const struct filter *f, struct json_writer *w)
{
	char text[64];

	jw_key(w, "events");
	jw_array(w);
	for (unsigned k = 0; k < CHANGE_KIND_COUNT; k++) {
		if ((f->changes & 1u << k) == 0)
			continue;
		(void)snprintf(text, sizeof(text), "finding.%s",
		    change_kind_name((enum change_kind)k));
		jw_text(w, text);
	}
	if (f->image_news) {
		jw_text(w, "image.moved");
		jw_text(w, "image.deleted");
	}
	if (f->ends)
		jw_text(w, "image.end_of_life");
	if (f->reach)
		jw_text(w, "image.unreachable");
	for (unsigned k = 0; k < FEED_NEWS_COUNT; k++)
		if ((f->feeds & 1u << k) != 0)
			jw_text(w, feed_words[k]);
	jw_array_end(w);
}

static void
write_filter(const struct filter *f, struct json_writer *w)
{
	struct filter base;
	char wait[48];

	(void)set_preset(&base, f->preset != NULL ? f->preset : "everything");
	jw_object(w);
	if (f->preset != NULL)
		jw_ktext(w, "preset", f->preset);
	if (f->min_severity != base.min_severity)
		jw_ktext(w, "min_severity", severity_name(f->min_severity));
	if (f->unknown != base.unknown || f->unknown_wait_s != base.unknown_wait_s) {
		(void)snprintf(
		    wait, sizeof(wait), "wait:%llds", (long long)f->unknown_wait_s);
		jw_ktext(w, "unknown_severity",
		    f->unknown == UNKNOWN_PASS   ? "pass"
		    : f->unknown == UNKNOWN_DROP ? "drop"
						 : wait);
	}
	if (f->only_fixable)
		jw_ktext(w, "fix", "available");
	if (f->only_exploited)
		jw_kbool(w, "exploited", true);
	if (f->epss_gte_micro > 0) {
		jw_key(w, "epss_gte");
		jw_decimal(w, f->epss_gte_micro, 6);
	}
	write_texts(w, "ecosystems", f->ecosystems, f->n_ecosystems);
	write_texts(w, "packages", f->packages, f->n_packages);
	if (f->changes != base.changes || f->image_news != base.image_news ||
	    f->feeds != base.feeds || f->ends != base.ends || f->reach != base.reach)
		write_events(f, w);
	jw_object_end(w);
}

static void
write_times(const struct rules *r, struct json_writer *w)
{
	char text[32];

	jw_ktext(w, "schedule", schedule_words[r->schedule]);
	if (r->schedule >= SCHEDULE_DAILY) {
		(void)snprintf(
		    text, sizeof(text), "%02d:%02d", r->minutes / 60, r->minutes % 60);
		jw_ktext(w, "at", text);
		jw_ktext(w, "tz", r->tz);
	}
	if (r->days != 0) {
		jw_key(w, "days");
		jw_array(w);
		for (unsigned d = 0; d < 7; d++)
			if (r->days & 1u << d)
				jw_text(w, day_words[d]);
		jw_array_end(w);
	}
	if (r->gather_ms >= 0) {
		(void)snprintf(text, sizeof(text), "%lldms", (long long)r->gather_ms);
		jw_ktext(w, "gather", text);
	}
}

void
rules_write(const struct rules *r, struct json_writer *w)
{
	jw_object(w);
	write_times(r, w);
	jw_key(w, "filter");
	write_filter(&r->filter, w);
	if (r->has_urgent) {
		jw_key(w, "urgent");
		jw_object(w);
		if (r->urgent.only_exploited)
			jw_kbool(w, "exploited", true);
		if (r->urgent.min_severity != SEVERITY_UNKNOWN)
			jw_ktext(
			    w, "min_severity", severity_name(r->urgent.min_severity));
		jw_object_end(w);
	}
	jw_object_end(w);
}

/* ---- when ---- */

enum err_code
rules_next(const struct rules *r, int64_t now_at, struct arena *a, int64_t *ret_at,
    struct err *e)
{
	struct zone *zone;
	enum err_code rc;

	*ret_at = 0;
	if (r->schedule == SCHEDULE_HOURLY)
		*ret_at = (now_at / 3600 + 1) * 3600;
	if (r->schedule < SCHEDULE_DAILY)
		return ERR_OK;
	if ((rc = zone_load(&zone, r->tz, a, e)) == ERR_OK)
		*ret_at = zone_next(zone, now_at, r->minutes, r->days);
	return rc;
}

enum err_code
notify_subscription_check(const struct json *j, int64_t now_ms, struct arena *a,
    struct subscription_word *ret, struct err *e)
{
	struct buf text = BUF_INIT(65536);
	struct json_writer w;
	struct rules r;
	enum err_code rc;

	if ((rc = rules_read(j, a, &r, e)) != ERR_OK ||
	    (rc = rules_next(&r, now_ms / 1000, a, &ret->next_at, e)) != ERR_OK)
		return rc;
	jw_init(&w, &text);
	rules_write(&r, &w);
	if (text.full) {
		buf_done(&text);
		return err_set(e, ERR_LIMIT, "the definition is longer than 64 KiB");
	}
	ret->definition_json = arena_strndup(a, buf_str(&text), text.len);
	ret->epss_micro = r.filter.epss_gte_micro;
	buf_done(&text);
	return ERR_OK;
}
