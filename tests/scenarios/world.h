/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world - the whole service in one process and one thread, with a clock that stands still
 * and a network that answers from a script; the scenario runner moves both.
 */
#ifndef TESTS_SCENARIOS_WORLD_H
#define TESTS_SCENARIOS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "notify/notify.h"
#include "scenarios/fake_net.h"
#include "server/service.h"

struct world {
	struct arena *arena;
	struct clock_fake clock;
	struct fake_net net;
	struct config *config;
	struct notify_settings settings;
	struct notify *notify;
	struct worker worker;
	char dir[64];     /* temporary; removed at the end */
	const char *yaml; /* of the configuration so far */
	bool is_stale;    /* yaml was changed since it was read */
	size_t seen;      /* deliveries that an expectation has looked at */
};

void world_init(struct world *w, int64_t now_at);
void world_done(struct world *w);
/* Add feed lines to the configuration. */
void world_feed(struct world *w, const char *yaml_item);
/* Close everything and open it again, as after a kill. */
void world_restart(struct world *w);
/* Let every loop run until nothing is left to do at this moment. */
void world_settle(struct world *w);
/* Move the clock by MS, stopping wherever something is due on the way. */
void world_pass(struct world *w, int64_t ms);

int64_t world_team(struct world *w, const char *name); /* made if needed */

/* The test fails with this sentence. */
void world_fail(const char *fmt, ...)
    __attribute__((__format__(__printf__, 1, 2), __noreturn__));
extern const char *world_where; /* "file:line" of the scenario, for messages */

#endif
