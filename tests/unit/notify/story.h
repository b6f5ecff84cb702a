/* SPDX-License-Identifier: Apache-2.0 */
/* story - a digest to render: one small one that is the same everywhere, or any. */
#ifndef UNIT_NOTIFY_STORY_H
#define UNIT_NOTIFY_STORY_H

#include "notify/notify_private.h"

struct story {
	struct digest d; /* what follows hangs from it */
	struct changes changes;
	struct subscription_row subscription;
	struct list_row list;
	struct coverage coverage;
};
/* Two entries, one new and exploited with a fix, one that is over. */
void story_small(struct story *s, struct arena *a);
/* Random sizes, random characters everywhere, names that would call people. */
void story_wild(struct story *s, struct arena *a, unsigned seed);
/* D through the driver, with CONFIG as a client writes it; fails the test if it cannot. */
struct outgoing story_render(struct arena *a, const struct channel_driver *driver,
    const char *config, const struct digest *d, const char *recipient);

#endif
