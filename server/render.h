/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render - the objects of the API as JSON, one function a shape, used by REST handlers
 * and by the commands that print the same objects without a server.
 */
#ifndef SERVER_RENDER_H
#define SERVER_RENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/json_write.h"
#include "server/service.h"
#include "store/feeds.h"
#include "store/outbox.h"

struct inventory;

/* KEY turns private ids into opaque texts; NULL where there are none to show. */
struct render {
	struct json_writer w;
	const unsigned char *key;
	int64_t now_at;
};

void render_id(struct render *r, const char *name, const char *prefix, int64_t id);
void render_owner(struct render *r, const struct owner *o);
void render_labels(struct render *r, const struct label *labels, size_t n);
void render_image(struct render *r, const struct image_row *i);
void render_coverage(struct render *r, const struct coverage *c);
/* JUDGED false: nothing could be judged, so there is no total. */
void render_counts(struct render *r, const struct counts *c, bool judged);
/* WITH_IMAGE: findings of many images carry theirs. */
void render_finding(struct render *r, const struct finding_row *f, bool with_image);
void render_explanation(struct render *r, const char *image, const char *vulnerability,
    const struct explanation *x);
void render_vulnerability(struct render *r, const struct vulnerability_row *v,
    const struct said_row *said, size_t n);
void render_statement(struct render *r, const struct statement *s);
void render_inventory(struct render *r, const struct inventory *inv);
void render_list(struct render *r, const struct list_row *l);
void render_event(struct render *r, const struct event_row *e);
void render_feed(struct render *r, const struct feed_row *f);
/* WITH_MATCHES: what it did to the images of all teams, for who may see them all. */
void render_revision(struct render *r, const struct advisory_revision *v);
void render_run(struct render *r, const struct run_row *run, bool with_matches);
void render_message(struct render *r, const struct message_row *m);

/* Does FOUND mean something in that state?  Nothing found on a system whose publisher has
 * stopped telling does not. */
bool render_is_judged(enum coverage_state s, int64_t found);

#endif
