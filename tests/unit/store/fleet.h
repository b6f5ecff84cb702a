/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet - the small world of the tests of net changes.  Unless a test says otherwise
 * there are two images, "api" and "shop", with openssl, and "db" without.
 */
#ifndef UNIT_STORE_FLEET_H
#define UNIT_STORE_FLEET_H

#include "unit/store/history.h"

__attribute__((__unused__)) static const struct stand no_fix = {
	.state = STATUS_AFFECTED, .severity = SEVERITY_HIGH
};
__attribute__((__unused__)) static const struct stand fixed = {
	.state = STATUS_FIXED, .severity = SEVERITY_HIGH, .fixed_version = "3.1"
};

struct fleet {
	struct history *h;
	int64_t openssl, zlib, other; /* components */
	int64_t api, shop, db;        /* images */
	int64_t vulnerability;
};

static inline struct fleet
fleet_of(void **state)
{
	struct history *h = *state;
	struct fleet f = {
		.h = h,
		.openssl = h_component(h, "debian:12", "openssl", "3.0"),
		.zlib = h_component(h, "debian:12", "zlib1g", "1.2"),
		.other = h_component(h, "debian:12", "bash", "5.2"),
		.vulnerability = h_vulnerability(h, "CVE-2024-0001"),
	};

	f.shop = h_image(h, "shop", SET(f.openssl));
	f.api = h_image(h, "api", SET(f.openssl, f.zlib));
	f.db = h_image(h, "db", SET(f.other));
	return f;
}

#define FLEET(f, state)                                                                \
	struct fleet f = fleet_of(state);                                              \
	struct history *h = (f).h;                                                     \
	const int64_t start = h_seq(h)

#define RULE(t) cmocka_unit_test_setup_teardown(t, history_setup, history_teardown)

#endif
