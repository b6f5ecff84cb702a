/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_drivers FEEDS-DIRECTORY [MEGABYTES [DRIVER]] - what every driver costs, on the
 * publishers' own documents, next to the bare parse of the same bytes in the same run.
 *
 * For each driver all documents below its folder that it reads are read again and again
 * until MEGABYTES (20) have gone through: once with the driver, once with yajl or libxml2's
 * SAX2 and nothing behind it; inflating is in both.  Then the records go into a store of
 * their own, each round under other keys, so that a small sample becomes a feed: first load
 * (read, stage, apply, decide), the same again unchanged, and with one record in a hundred
 * changed.  Three rounds of the reading, the best counts, since machines are noisy.
 */
#include <ftw.h>
#include <inttypes.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/members.h"
#include "core/record.h"
#include "core/str.h"
#include "core/stream.h"
#include "fetchers/fetchers.h"
#include "match/match.h"
#include "server/service.h"

#define ROUNDS     3
#define MAX_FILES  5000
#define ONE_IN     100
#define MAX_ROUNDS 400 /* of a small sample */

/* Where the documents of a driver lie. */
static const struct {
	const char *driver, *folder;
	const char *ecosystem; /* where a document does not say */
} rows[] = {
	{ "debian_tracker", "debian-tracker", NULL },
	{ "secdb", "secdb", NULL },
	{ "nvd", "nvd", NULL },
	{ "kev", "kev", NULL },
	{ "osv", "osv", NULL },
	{ "updateinfo", "updateinfo", "fedora:39" },
	{ "errata_json", "errata-json", "almalinux:9" },
	{ "arch", "arch", NULL },
	{ "photon", "photon", "photon:4.0" },
	{ "openvex", "vex", NULL },
	{ "cve5", "cve5", NULL },
	{ "csaf", "csaf", NULL },
	{ "oval", "oval", NULL },
	{ "glsa", "glsa", NULL },
	{ "epss", "epss", NULL },
	{ "eol", "eol", NULL },
};

struct sample {
	const struct driver *driver;
	struct parse_env env;
	char *files[MAX_FILES];
	size_t n;
	uint64_t bytes; /* inflated, of one round */
	bool is_xml;
};

static int64_t
now_us(void)
{
	return clock_system()->mono_ms(clock_system()) * 1000;
}

/* ---- the documents ---- */

static struct sample *walking;

struct counter {
	struct record_sink sink; /* first: drivers hand this back */
	uint64_t records;
};

static enum err_code
count_record(struct record_sink *s, const struct record *r, struct err *e)
{
	(void)r, (void)e;
	((struct counter *)s)->records++;
	return ERR_OK;
}

static void
ignore_skipped(struct record_sink *s, const char *key, const char *why)
{
	(void)s, (void)key, (void)why;
}

static uint64_t
read_with_driver(const struct sample *s, const char *path)
{
	struct counter c = { .sink = {
				 .record = count_record, .skipped = ignore_skipped } };

	if (fetch_parse_file(s->driver, &s->env, path, &c.sink, NULL) != ERR_OK)
		return 0;
	return c.records;
}

static int
visit(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)at;
	if (kind == FTW_F && walking->n < MAX_FILES &&
	    read_with_driver(walking, path) > 0) {
		walking->files[walking->n] = strdup(path);
		walking->n++;
	}
	return 0;
}

/* ---- the floor ---- */

static int
seen(void *arg)
{
	(*(uint64_t *)arg)++;
	return 1;
}

static int
seen_bool(void *arg, int value)
{
	(void)value;
	return seen(arg);
}

static int
seen_text(void *arg, const unsigned char *text, size_t len)
{
	(void)text, (void)len;
	return seen(arg);
}

static int
seen_number(void *arg, const char *text, size_t len)
{
	(void)text, (void)len;
	return seen(arg);
}

static uint64_t
floor_json(struct stream *in)
{
	static const yajl_callbacks callbacks = { .yajl_null = seen,
		.yajl_boolean = seen_bool,
		.yajl_number = seen_number,
		.yajl_string = seen_text,
		.yajl_start_map = seen,
		.yajl_map_key = seen_text,
		.yajl_end_map = seen,
		.yajl_start_array = seen,
		.yajl_end_array = seen };
	uint64_t tokens = 0;
	yajl_handle y = yajl_alloc(&callbacks, NULL, &tokens);
	const char *p;
	size_t len;

	while (stream_read(in, &p, &len, NULL) == ERR_OK && len > 0)
		if (yajl_parse(y, (const unsigned char *)p, len) != yajl_status_ok)
			break;
	yajl_free(y);
	return stream_bytes(in);
}

static void
sax_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int n_ns, const xmlChar **ns, int n_attr, int n_default, const xmlChar **attr)
{
	(void)name, (void)prefix, (void)uri, (void)n_ns, (void)ns, (void)n_attr,
	    (void)n_default, (void)attr;
	seen(arg);
}

static void
sax_text(void *arg, const xmlChar *text, int len)
{
	(void)text, (void)len;
	seen(arg);
}

static uint64_t
floor_xml(struct stream *in)
{
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = sax_start,
		.characters = sax_text };
	uint64_t tokens = 0;
	xmlParserCtxtPtr x = xmlCreatePushParserCtxt(&sax, &tokens, NULL, 0, NULL);
	const char *p;
	size_t len;

	(void)xmlCtxtUseOptions(x, XML_PARSE_HUGE | XML_PARSE_NONET);
	while (stream_read(in, &p, &len, NULL) == ERR_OK && len > 0)
		if (xmlParseChunk(x, p, (int)len, 0) != 0)
			break;
	xmlFreeParserCtxt(x);
	return stream_bytes(in);
}

static uint64_t
floor_of(const struct sample *s, struct stream *in)
{
	return s->is_xml ? floor_xml(in) : floor_json(in);
}

/* A document, or the documents of an archive that the driver would read. */
static uint64_t
read_with_floor(const struct sample *s, const char *path)
{
	static const struct members_caps caps = { MAX_FEED_BYTES, MAX_FEED_BYTES,
		1000000 };
	struct members *m = NULL;
	struct stream *in = NULL;
	const char *name;
	uint64_t bytes = 0;

	if (s->driver->member != NULL &&
	    members_open_file(&m, path, &caps, NULL) == ERR_OK) {
		while (members_next(m, &name, &in, NULL) == ERR_OK && name != NULL)
			if (str_ends(name, s->driver->member))
				bytes += floor_of(s, in);
		members_close(m);
		return bytes;
	}
	if (stream_open_file(&in, path, MAX_FEED_BYTES, NULL) == ERR_OK)
		bytes = floor_of(s, in);
	stream_close(in);
	return bytes;
}

static int64_t
time_all(const struct sample *s, int times,
    uint64_t (*read)(const struct sample *s, const char *path), uint64_t *ret)
{
	int64_t start = now_us();

	*ret = 0;
	for (int t = 0; t < times; t++)
		for (size_t i = 0; i < s->n; i++)
			*ret += read(s, s->files[i]);
	return now_us() - start;
}

/* ---- the store ---- */

struct staging {
	struct record_sink sink; /* first: drivers hand this back */
	struct run *run;
	struct arena *a;
	int round;
	uint64_t records;
	bool changes;
};

static enum err_code
stage_record(struct record_sink *sink, const struct record *r, struct err *e)
{
	struct staging *s = (struct staging *)sink;
	struct record mine = *r;
	bool changed;

	arena_reset(s->a);
	mine.key = arena_printf(s->a, "%s#%d", r->key, s->round);
	mine.id = arena_printf(s->a, "%s#%d", r->id, s->round);
	if (s->changes && s->records % ONE_IN == 0)
		mine.title = "a title that was not there before";
	s->records++;
	return store_run_record(s->run, &mine, &changed, e);
}

static void
must(enum err_code rc, const struct err *e)
{
	if (rc == ERR_OK)
		return;
	(void)fprintf(stderr, "bench_drivers: %s\n", e->text);
	exit(1);
}

/* One run of the feed, to its last decision; *RET_STAGE_US of it until it was judged. */
static int64_t
run_feed(struct worker *w, const struct sample *s, int times, bool changes,
    int64_t *ret_stage_us, uint64_t *ret_records)
{
	static const struct run_limits limits = { 90, 1000000 };
	const struct feed_memory memory = { .etag = "\"x\"" };
	struct staging stage = { .sink = { .record = stage_record,
				     .skipped = ignore_skipped },
		.a = arena_new(),
		.changes = changes };
	int64_t start = now_us(), run_id, now = clock_now_s(clock_system());
	struct err e = ERR_INIT;
	enum run_state state;

	must(store_run_open(w->store, 1, 1, now, &stage.run, &e), &e);
	for (stage.round = 0; stage.round < times; stage.round++)
		for (size_t i = 0; i < s->n; i++)
			(void)fetch_parse_file(
			    s->driver, &s->env, s->files[i], &stage.sink, NULL);
	must(store_run_finish(
		 stage.run, true, 1, &memory, &limits, now, &run_id, &state, &e),
	    &e);
	*ret_stage_us = now_us() - start;
	must(service_match_all(w, &e), &e);
	*ret_records = stage.records;
	arena_free(stage.a);
	return now_us() - start;
}

static void
measure_store(const struct sample *s, int times)
{
	const struct store_options options = { .keyer = &match_keyer };
	const struct feed_row row = { .name = "bench",
		.source = "bench",
		.driver = s->driver->name,
		.url = "https://example.org/",
		.ecosystems = "*",
		.driver_revision = 1,
		.enabled = true,
		.interval_ms = 3600000 };
	char dir[] = "/tmp/bench-drivers-XXXXXX", path[64], side[80];
	struct worker w = { .clock = clock_system() };
	int64_t first, first_stage, same, same_stage, some, some_stage;
	uint64_t records;
	struct err e = ERR_INIT;

	if (mkdtemp(dir) == NULL)
		exit(1);
	(void)snprintf(path, sizeof(path), "sqlite:%s/t.db", dir);
	must(store_open(&w.store, path, &options, &e), &e);
	must(store_feeds_put(w.store, &row, 1, &e), &e);
	first = run_feed(&w, s, times, false, &first_stage, &records);
	same = run_feed(&w, s, times, false, &same_stage, &records);
	some = run_feed(&w, s, times, true, &some_stage, &records);
	printf("  %8" PRIu64 " %8.0f %8.0f %8.0f %8.0f %6.2f", records,
	    (double)first_stage / 1000, (double)(first - first_stage) / 1000,
	    (double)same / 1000, (double)some / 1000,
	    same > 0 ? (double)some / (double)same : 0);
	store_close(w.store);
	for (size_t i = 0; i < 4; i++) {
		static const char *const ends[] = { "", "-wal", "-shm", ".lock" };

		(void)snprintf(side, sizeof(side), "%s/t.db%s", dir, ends[i]);
		(void)unlink(side);
	}
	(void)rmdir(dir);
}

/* ---- all together ---- */

static long
peak_kib(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void
measure(struct sample *s, uint64_t megabytes)
{
	int64_t best_floor = INT64_MAX, best = INT64_MAX;
	uint64_t n, records = 0;
	int times;

	(void)time_all(s, 1, read_with_floor, &s->bytes);
	if (s->bytes == 0)
		return;
	times = (int)(megabytes * 1000000 / s->bytes) + 1;
	times = times < MAX_ROUNDS ? times : MAX_ROUNDS;
	for (int i = 0; i < ROUNDS; i++) {
		int64_t bare = time_all(s, times, read_with_floor, &n);
		int64_t mine = time_all(s, times, read_with_driver, &records);

		best_floor = bare < best_floor ? bare : best_floor;
		best = mine < best ? mine : best;
	}
	printf("%-14s %5zu %6.1f %7.0f %7.0f %6.2f", s->driver->name, s->n,
	    (double)s->bytes * times / 1e6, (double)best_floor / 1000,
	    (double)best / 1000, (double)best / (double)best_floor);
	measure_store(s, times);
	printf("  %ld\n", peak_kib());
	(void)fflush(stdout);
}

int
main(int argc, char **argv)
{
	static struct sample s;
	uint64_t megabytes = 20;
	char path[4096];

	if (argc < 2 || (argc > 2 && !str_u64(argv[2], &megabytes)))
		return 64;
	printf("                             READING, ms           STORE, ms\n"
	       "driver         files     MB   floor  driver  ratio   records   staged  "
	       "applied unchanged 1 %%  ratio  peak KiB\n");
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		memset(&s, 0, sizeof(s));
		s.driver = driver_find(rows[r].driver);
		if (s.driver == NULL || (argc > 3 && !str_eq(argv[3], rows[r].driver)))
			continue;
		s.env = (struct parse_env){ .source = s.driver->source,
			.ecosystem = rows[r].ecosystem };
		s.is_xml = str_eq(s.driver->name, "updateinfo") ||
			   str_eq(s.driver->name, "oval") ||
			   str_eq(s.driver->name, "glsa");
		walking = &s;
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], rows[r].folder);
		(void)nftw(path, visit, 20, FTW_PHYS);
		if (s.n > 0)
			measure(&s, megabytes);
		for (size_t i = 0; i < s.n; i++)
			free(s.files[i]);
	}
	return 0;
}
