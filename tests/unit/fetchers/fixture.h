/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixture - a feed run in a small world: a network that answers from a script, a clock
 * that moves only when somebody sleeps, a sink that writes down what it got.
 */
#ifndef UNIT_FETCHERS_FIXTURE_H
#define UNIT_FETCHERS_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/feed_config.h"
#include "core/net.h"
#include "fetchers/fetchers.h"

struct arena;

/* One answer of the network, given once (unless 'always') to a request for URL. */
struct answer {
	const char *url;
	int status; /* 0: no answer at all */
	const char *body;
	const char *etag, *last_modified;
	int64_t retry_after_s;
	bool permanent, always;
	bool gzip; /* the body is sent packed */
};

struct request {
	char url[512], etag[256], last_modified[64], header[128];
	int64_t at_ms;
};

#define MAX_ANSWERS  256
#define MAX_REQUESTS 256

struct world {
	struct net net; /* first: the fake network is the world */
	struct record_sink sink;
	struct clock_fake clock;
	struct arena *arena;
	struct feed_config feed;
	struct feed_state state;
	struct fetch_result result;
	struct err err;

	struct answer answers[MAX_ANSWERS];
	bool used[MAX_ANSWERS];
	size_t n_answers;
	struct request requests[MAX_REQUESTS];
	size_t n_requests;

	char keys[8192];    /* keys of the records, a blank behind each */
	char gone[1024];    /* keys of what was deleted, a blank behind each */
	char skipped[8192]; /* "KEY: WHY\n" */
	char slept[1024];   /* milliseconds, a blank behind each */
	size_t n_records;
	enum err_code sink_says; /* what the sink answers */
	bool stop_sleeping;      /* the next sleep is the last */
	bool stop;               /* progress answers false */
	char spool[64];
};

/* WORLD_AT is the time it starts at. */
#define WORLD_AT 1740787200 /* 2025-03-01T00:00:00Z */
int world_setup(void **state);
int world_teardown(void **state);

void world_answer(struct world *w, struct answer a);
/* Run the feed; what it would remember becomes the state of the next run. */
enum err_code world_run(struct world *w);
/* Requests whose address contains PART. */
size_t world_asked(const struct world *w, const char *part);
/* Names left in the spool directory. */
size_t world_spooled(const struct world *w);
/* Fails unless RC is WANT, showing the error. */
void world_expect(const struct world *w, enum err_code rc, enum err_code want);

#endif
