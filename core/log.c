/* SPDX-License-Identifier: Apache-2.0 */
/* log - whole lines to standard error, one write each, so that threads do not mix. */
#include "core/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/str.h"

static _Atomic(int) log_level = LOG_LEVEL_INFO;

static const char *const level_names[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_ERROR] = "error",
};
_Static_assert(sizeof(level_names) / sizeof(level_names[0]) == LOG_LEVEL_ERROR + 1,
    "every level has a name");

void
log_set_level(enum log_level level)
{
	atomic_store(&log_level, (int)level);
}

/* Texts of peers end up in lines: none may start a line of its own or move a cursor. */
static void
flatten(char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
	}
}

__attribute__((__format__(__printf__, 2, 0))) static void
log_line(enum log_level level, const char *fmt, va_list ap)
{
	char line[2048], at[TIME_TEXT_SIZE];
	size_t len, done = 0;
	int head, body;

	if ((int)level < atomic_load(&log_level))
		return;
	head = snprintf(line, sizeof(line), "%s %s ",
	    time_format(clock_now_s(clock_system()), at), level_names[level]);
	body = vsnprintf(line + head, sizeof(line) - (size_t)head, fmt, ap);
	if (body < 0)
		return;
	/* one byte for the line feed in the place of the NUL */
	len = utf8_cut(line, (size_t)head + (size_t)body, sizeof(line) - 2);
	line[len] = '\0';
	flatten(line);
	line[len++] = '\n';
	while (done < len) {
		ssize_t n = write(STDERR_FILENO, line + done, len - done);

		if (n <= 0)
			return; /* nobody left to tell */
		done += (size_t)n;
	}
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_WARN, fmt, ap);
	va_end(ap);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}
