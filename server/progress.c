/* SPDX-License-Identifier: Apache-2.0 */
/* How far long work has come; see progress.h. */
#include "server/progress.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/str.h"

#define TERMINAL_EVERY_MS 500
#define LOG_EVERY_MS      15000
/* Before that a rate is a guess. */
#define RATE_AFTER_MS 2000

static void
add_size(struct buf *out, uint64_t bytes)
{
	if (bytes >= UINT64_C(10) << 20)
		buf_printf(out, "%llu MiB", (unsigned long long)(bytes >> 20));
	else
		buf_printf(out, "%llu KiB", (unsigned long long)(bytes >> 10));
}

static void
add_time(struct buf *out, uint64_t s)
{
	if (s >= 7200)
		buf_printf(out, "%llu h", (unsigned long long)((s + 1800) / 3600));
	else if (s >= 120)
		buf_printf(out, "%llu min", (unsigned long long)((s + 30) / 60));
	else
		buf_printf(out, "%llu s", (unsigned long long)s);
}

static void
add_rate(const struct progress *p, int64_t now_ms, uint64_t bytes, uint64_t total,
    struct buf *out)
{
	uint64_t ms = (uint64_t)(now_ms - p->started_ms), rate;

	if (now_ms - p->started_ms < RATE_AFTER_MS || bytes <= p->first_bytes)
		return;
	rate = (bytes - p->first_bytes) * 1000 / ms;
	if (rate == 0)
		return;
	buf_adds(out, ", ");
	add_size(out, rate);
	buf_adds(out, "/s");
	if (total > bytes) {
		buf_adds(out, ", ");
		add_time(out, (total - bytes) / rate + 1);
		buf_adds(out, " left");
	}
}

void
progress_line(const struct progress *p, int64_t now_ms, uint64_t bytes, uint64_t total,
    uint64_t records, struct buf *out)
{
	buf_printf(out, "%s: ", p->what);
	add_size(out, bytes);
	if (total > 0 && bytes <= total) {
		buf_adds(out, " of ");
		add_size(out, total);
		buf_printf(
		    out, " (%llu %%)", (unsigned long long)(bytes * 100 / total));
	}
	if (records > 0)
		buf_printf(out, ", %llu records", (unsigned long long)records);
	add_rate(p, now_ms, bytes, total, out);
}

static void
write_line(struct progress *p, const char *line)
{
	if (!p->is_terminal) {
		log_info("%s", line);
		return;
	}
	/* to the end of the line, whatever the last one left there */
	(void)fprintf(stderr, "\r%s\033[K", line);
	p->has_written = true;
}

void
progress_tell(struct progress *p, const char *what, uint64_t bytes, uint64_t total,
    uint64_t records)
{
	int64_t now_ms = p->clock->mono_ms(p->clock);
	struct buf line CLEANUP_BUF = BUF_INIT(512);

	if (!str_eq(p->what, what)) {
		(void)snprintf(p->what, sizeof(p->what), "%s", what);
		p->started_ms = p->told_ms = now_ms;
		p->first_bytes = bytes;
	}
	if (now_ms - p->told_ms < (p->is_terminal ? TERMINAL_EVERY_MS : LOG_EVERY_MS))
		return;
	p->told_ms = now_ms;
	progress_line(p, now_ms, bytes, total, records, &line);
	write_line(p, buf_str(&line));
}

void
progress_end(struct progress *p)
{
	if (p->has_written)
		(void)fprintf(stderr, "\n");
	p->has_written = false;
	p->what[0] = '\0';
}
