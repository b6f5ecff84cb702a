/* SPDX-License-Identifier: Apache-2.0 */
/* What /metrics prints.  Never labelled by image, vulnerability or URL. */
#include "server/metrics.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "server/live.h"
#include "server/routes.h"
#include "store/feeds.h"
#include "store/outbox.h"

/* The counters are the other global of the program: they only ever go up. */
static const int64_t buckets_ms[] = { 1, 5, 25, 100, 500, 2000, 10000 };
#define N_BUCKETS (sizeof(buckets_ms) / sizeof(buckets_ms[0]))

static atomic_ullong by_class[6]; /* of status 1xx .. 5xx */
static atomic_ullong by_bucket[N_BUCKETS + 1];
static atomic_ullong sum_ms;

void
metrics_request(int status, int64_t ms)
{
	size_t b = 0;

	if (status >= 100 && status < 600)
		atomic_fetch_add(&by_class[status / 100], 1);
	while (b < N_BUCKETS && ms > buckets_ms[b])
		b++;
	atomic_fetch_add(&by_bucket[b], 1);
	atomic_fetch_add(&sum_ms, (unsigned long long)(ms > 0 ? ms : 0));
}

static void
head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
write_requests(struct buf *out)
{
	unsigned long long total = 0;

	head(out, "tocsin_http_requests_total", "counter",
	    "Answered requests by status class.");
	for (int c = 2; c < 6; c++)
		buf_printf(out, "tocsin_http_requests_total{class=\"%dxx\"} %llu\n", c,
		    atomic_load(&by_class[c]));
	head(out, "tocsin_http_request_duration_seconds", "histogram",
	    "Time from the first byte of a request to its answer.");
	for (size_t b = 0; b < N_BUCKETS; b++) {
		total += atomic_load(&by_bucket[b]);
		buf_printf(out,
		    "tocsin_http_request_duration_seconds_bucket{le=\"%lld.%03lld\"} "
		    "%llu\n",
		    (long long)(buckets_ms[b] / 1000),
		    (long long)(buckets_ms[b] % 1000), total);
	}
	total += atomic_load(&by_bucket[N_BUCKETS]);
	buf_printf(out,
	    "tocsin_http_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n", total);
	buf_printf(out, "tocsin_http_request_duration_seconds_sum %llu.%03llu\n",
	    atomic_load(&sum_ms) / 1000, atomic_load(&sum_ms) % 1000);
	buf_printf(out, "tocsin_http_request_duration_seconds_count %llu\n", total);
}

static int64_t
stale(const struct feed_row *f)
{
	return f->stale_since != 0;
}

static int64_t
held(const struct feed_row *f)
{
	return f->state == RUN_HELD;
}

#define FIELD(name, field)                                                             \
	static int64_t name(const struct feed_row *f)                                  \
	{                                                                              \
		return f->field;                                                       \
	}
FIELD(last_success, last_success_at)
FIELD(newest_record, newest_record_at)
FIELD(last_news, news_at)
FIELD(failures, failures)
FIELD(records, n_records)
#undef FIELD

static const struct {
	const char *name, *help;
	int64_t (*value)(const struct feed_row *f);
} feed_gauges[] = {
	{ "tocsin_feed_last_success_timestamp_seconds",
	    "When the feed was last reached, changed or not; 0 = never.",
	    last_success },
	{ "tocsin_feed_newest_record_timestamp_seconds",
	    "The latest date its records give; 0 = they give none.", newest_record },
	{ "tocsin_feed_last_news_timestamp_seconds",
	    "When it last said something new; 0 = never.", last_news },
	{ "tocsin_feed_stale",
	    "1 = out of reach, or silent for longer than it ever is.", stale },
	{ "tocsin_feed_held",
	    "1 = the last run lost too much and waits for an operator.", held },
	{ "tocsin_feed_failures", "Failed runs in a row.", failures },
	{ "tocsin_feed_records", "Records that stand.", records },
};

static enum err_code
write_feeds(struct worker *w, struct arena *a, struct buf *out, struct err *e)
{
	struct feed_row *feeds = NULL;
	size_t n = 0;
	enum err_code rc = store_feeds(w->store, a, &feeds, &n, e);

	if (rc != ERR_OK)
		return rc;
	for (size_t g = 0; g < sizeof(feed_gauges) / sizeof(feed_gauges[0]); g++) {
		head(out, feed_gauges[g].name, "gauge", feed_gauges[g].help);
		for (size_t i = 0; i < n; i++)
			if (feeds[i].enabled)
				buf_printf(out, "%s{feed=\"%s\"} %lld\n",
				    feed_gauges[g].name, feeds[i].name,
				    (long long)feed_gauges[g].value(&feeds[i]));
	}
	return ERR_OK;
}

/* The last run of each feed: what it saw and what it cost. */
static enum err_code
write_runs(struct worker *w, struct arena *a, struct buf *out, struct err *e)
{
	struct run_row *runs = NULL;
	size_t n = 0;
	enum err_code rc = store_runs_last(w->store, a, &runs, &n, e);

	if (rc != ERR_OK)
		return rc;
	head(out, "tocsin_feed_run_records", "gauge",
	    "Records of the feed's last run by what became of them.");
	for (size_t i = 0; i < n; i++) {
		const struct {
			const char *word;
			int64_t n;
		} kinds[] = { { "added", runs[i].added },
			{ "changed", runs[i].changed },
			{ "unchanged", runs[i].unchanged },
			{ "withdrawn", runs[i].withdrawn },
			{ "skipped", runs[i].skipped } };

		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			buf_printf(out,
			    "tocsin_feed_run_records{feed=\"%s\",change=\"%s\"} %lld\n",
			    runs[i].feed, kinds[k].word, (long long)kinds[k].n);
	}
	head(out, "tocsin_feed_run_bytes", "gauge",
	    "Bytes that the feed's last run fetched.");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "tocsin_feed_run_bytes{feed=\"%s\"} %lld\n",
		    runs[i].feed, (long long)runs[i].bytes);
	head(out, "tocsin_feed_run_duration_seconds", "gauge",
	    "From the start of the feed's last run to its last decision.");
	for (size_t i = 0; i < n; i++)
		if (runs[i].finished_at >= runs[i].started_at)
			buf_printf(out,
			    "tocsin_feed_run_duration_seconds{feed=\"%s\"} %lld\n",
			    runs[i].feed,
			    (long long)(runs[i].finished_at - runs[i].started_at));
	return ERR_OK;
}

static enum err_code
write_outbox(struct live *l, struct worker *w, struct buf *out, struct err *e)
{
	struct outbox_figures f;
	int64_t now = l->clock->now_ms(l->clock) / 1000;
	enum err_code rc = store_outbox_figures(w->store, &f, e);

	if (rc != ERR_OK)
		return rc;
	head(out, "tocsin_outbox_messages", "gauge", "Messages by state.");
	buf_printf(out,
	    "tocsin_outbox_messages{state=\"pending\"} %lld\n"
	    "tocsin_outbox_messages{state=\"retry\"} %lld\n"
	    "tocsin_outbox_messages{state=\"failed\"} %lld\n",
	    (long long)f.pending, (long long)f.retrying, (long long)f.failed);
	head(out, "tocsin_outbox_oldest_seconds", "gauge",
	    "Age of the oldest unsent message.");
	buf_printf(out, "tocsin_outbox_oldest_seconds %lld\n",
	    f.oldest_pending_at > 0 && now > f.oldest_pending_at
		? (long long)(now - f.oldest_pending_at)
		: 0LL);
	return ERR_OK;
}

enum err_code
metrics_write(
    struct live *l, struct worker *w, struct arena *a, struct buf *out, struct err *e)
{
	int64_t seq = 0;
	enum err_code rc;

	head(out, "tocsin_build_info", "gauge", "Always 1; the version is a label.");
	buf_printf(out, "tocsin_build_info{version=\"%s\"} 1\n", TOCSIN_VERSION);
	head(out, "tocsin_start_time_seconds", "gauge", "When this process started.");
	buf_printf(out, "tocsin_start_time_seconds %lld\n", (long long)l->started_at);
	if ((rc = store_now_seq(w->store, &seq, e)) != ERR_OK ||
	    (rc = write_feeds(w, a, out, e)) != ERR_OK ||
	    (rc = write_runs(w, a, out, e)) != ERR_OK ||
	    (rc = write_outbox(l, w, out, e)) != ERR_OK)
		return rc;
	head(out, "tocsin_event_seq", "counter", "The last event number.");
	buf_printf(out, "tocsin_event_seq %lld\n", (long long)seq);
	write_requests(out);
	return ERR_OK;
}
