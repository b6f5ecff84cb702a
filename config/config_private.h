/* SPDX-License-Identifier: Apache-2.0 */
/* config_private - the settings table, for the files of this room. */
#ifndef CONFIG_CONFIG_PRIVATE_H
#define CONFIG_CONFIG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

struct yaml;

enum setting_type {
	SETTING_TEXT,
	SETTING_NUMBER,
	SETTING_BYTES,     /* int64_t, "64MiB" */
	SETTING_DURATION,  /* int64_t milliseconds, "60s" */
	SETTING_DURATIONS, /* list of them */
	SETTING_BOOL,
	SETTING_CIDRS,      /* list of networks, NULL-ended */
	SETTING_CATALOGUE,  /* "auto" or a list of globs */
	SETTING_FEEDS,      /* list of feeds, see feeds.c */
	SETTING_REGISTRIES, /* map of registries, see registries.c */
};

#define SETTING_SECRET  1u /* never printed */
#define SETTING_RESTART 2u /* a reload does not change it */

struct setting {
	const char *name; /* "notify.smtp.url" */
	enum setting_type type;
	unsigned flags;
	size_t offset;        /* in struct config */
	int64_t min, max;     /* of numbers; both 0 = any */
	const char *fallback; /* as it would be written; NULL = none */
	const char *help;
};

extern const struct setting settings[]; /* ends with a NULL name */

/* "feed.list" items of Y appended to C->feeds; the file's own before the catalogue's. */
enum err_code config_read_feeds(struct config *c, const struct yaml *y, struct err *e);
/* What the map Y says of registries, in its order. */
enum err_code config_read_registries(
    struct config *c, const struct yaml *y, struct err *e);
/* The catalogue in the binary appended, but for names that are there already. */
enum err_code config_read_catalogue(struct config *c, struct err *e);
/* Remember a remark for check-config. */
void config_warn(struct config *c, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));

#endif
