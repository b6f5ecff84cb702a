/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_config - one configured feed: what config/ reads and fetchers/ runs.
 */
#ifndef CORE_FEED_CONFIG_H
#define CORE_FEED_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One configured feed. */
struct feed_config {
	const char *name;   /* "debian-tracker" */
	const char *source; /* "debian"; the driver's default when NULL */
	const char *driver; /* "debian_tracker" */
	const char *url;
	const char
	    *api_url; /* second address, where a driver has one (nvd); NULL = none */
	int64_t interval_ms;
	int64_t
	    stale_after_ms; /* silence that is too long; 0 = learned from the feed */
	int64_t expected_bytes; /* catalogue's size, for progress; 0 = unknown */
	const char *const
	    *ecosystems;     /* what it speaks of, globs, NULL-ended; may be NULL */
	const char *api_key; /* secret; NULL = none */
	const char *ca_file, *proxy; /* NULL = none */
	const char *start;  /* driver's own: first year of nvd; NULL = default */
	const char *remark; /* licence or notice to show; NULL = none */
	bool enabled;
	bool from_catalogue; /* shipped, not written by the operator */
	bool has_own_url;    /* written by the operator: not looked for on the mirror */
};

#endif
