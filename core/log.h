/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - one line per finished unit of work, on standard error:
 * "2026-01-02T03:04:05Z info feed run done feed=debian changed=3 ms=812".
 * A sentence first, then key=value pairs.  Rooms return errors; the loops at the top
 * of the service log them, once.  The level is one of the two globals of the program.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_set_level(enum log_level level);
void log_debug(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

#endif
