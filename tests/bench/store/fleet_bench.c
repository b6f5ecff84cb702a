/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_fleet [IMAGES] - registering into, and asking, a fleet: against floors measured in
 * the same run on the same store.
 *
 * The fleet is generated, always the same one: 300 packages an image, 150 of them from one
 * of 40 bases, the others out of 3,000, one image in 50 with versions of its own; 30,000 vulnerabilities over those packages, and one
 * package that 60 % of all images carry.
 *
 * Floors.  Registering: counting the new image's findings alone, on the same connection.
 * Asking: decoding the same postings into a set, nothing else.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/component.h"
#include "core/record.h"
#include "match/match.h"
#include "server/service.h"
#include "store/finding_private.h"
#include "store/outbox_private.h"
#include "store/store.h"
#include "store/teams.h"

#define PACKAGES        3000
#define VULNERABILITIES 30000
#define PER_IMAGE       300
#define BASES           40
#define TEAM_IMAGES     150

static struct err fault;

static void
must(enum err_code rc)
{
	if (rc == ERR_OK)
		return;
	fprintf(stderr, "bench_fleet: %s\n", fault.text);
	exit(1);
}

static int64_t
micros(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- a list of times ---- */

struct times {
	int64_t *at;
	size_t n;
};

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int64_t
percentile(struct times *t, size_t percent)
{
	qsort(t->at, t->n, sizeof(*t->at), compare);
	return t->n == 0 ? 0 : t->at[(t->n - 1) * percent / 100];
}

/* ---- the world ---- */

static const char *
package_name(struct arena *a, size_t i)
{
	return arena_printf(a, "package%zu", i);
}

/* Read the feed into a run that is judged; EDITION 0 is the first, later ones differ in
 * every fixed version. */
static void
read_feed(struct worker *w, size_t edition)
{
	const struct feed_row feed = { .name = "debian",
		.source = "debian",
		.driver = "debian_tracker",
		.url = "file:///dev/null",
		.ecosystems = "debian:*",
		.driver_revision = 1,
		.enabled = true,
		.interval_ms = 3600000 };
	const struct run_limits limits = { 20, 50 };
	const struct feed_memory memory = { 0 };
	struct arena *a = arena_new();
	enum run_state state;
	struct run *run;
	int64_t id;

	must(store_feeds_put(w->store, &feed, 1, &fault));
	must(store_run_open(w->store, 1, 1, 1, &run, &fault));
	for (size_t i = 0; i < VULNERABILITIES; i++) {
		const char *cve = arena_printf(a, "CVE-2024-%zu", 1000 + i);
		const char *package = package_name(a, i % 50 == 0 ? 0 : i % PACKAGES);
		struct affected entry = { .ecosystem = "debian:12",
			.stream = "",
			.package = package,
			.kind = KIND_SOURCE,
			.module = "",
			.fixed = arena_printf(a, "1.%zu-1", (i + edition * 40) % 97),
			.status = STATUS_FIXED };
		struct record r = { .key = arena_printf(a, "%s/%s", package, cve),
			.source = "debian",
			.id = cve,
			.vulnerabilities = &cve,
			.n_vulnerabilities = 1,
			.affected = &entry,
			.n_affected = 1 };
		bool changed;

		must(store_run_record(run, &r, &changed, &fault));
		arena_reset(a);
	}
	must(store_run_finish(run, true, 1, &memory, &limits, 1, &id, &state, &fault));
	arena_free(a);
}

static void
load_feed(struct worker *w)
{
	int64_t began = micros();

	read_feed(w, 0);
	must(service_match_all(w, &fault));
	printf("first load of %d advisories into an empty fleet: %.1f s\n",
	    VULNERABILITIES, (double)(micros() - began) / 1e6);
}

/* Package 0 is the hot one: in three images of five, always of the same version. */
static struct inventory *
make_inventory(struct arena *a, size_t image)
{
	struct inventory *inv = arena_zalloc(a, sizeof(*inv));
	size_t base = image % BASES, n = 0;

	inv->reader = "list";
	inv->os = (struct os){ .id = "debian",
		.version = "12",
		.ecosystem = "debian:12",
		.state = COVERAGE_COMPLETE };
	inv->components = arena_array(a, PER_IMAGE, sizeof(*inv->components));
	for (size_t i = 0; i < PER_IMAGE; i++) {
		bool is_base = i < PER_IMAGE / 2;
		size_t package = is_base ? 1 + (base * 31 + i * 7) % (PACKAGES - 1)
					 : 1 + (image * 131 + i * 17) % (PACKAGES - 1);
		/* most of what an image brings is known already, as in a real fleet */
		size_t version =
		    is_base ? base
			    : (package * 13 + (image % 50 == 0 ? image : 0)) % 97;

		if (i == 0) {
			if (image % 5 >= 3)
				continue;
			package = version = 0;
		}
		inv->components[n++] = (struct component){ .type = "deb",
			.ecosystem = "debian:12",
			.name = package_name(a, package),
			.version = arena_printf(a, "1.%zu-1", version),
			.arch = "amd64",
			.source_package = package_name(a, package),
			.source_version = arena_printf(a, "1.%zu-1", version),
			.module = "",
			.streams = "" };
	}
	inv->n = n;
	return inv;
}

/* The same with packages in versions that nobody has: all of it must be decided. */
static struct inventory *
make_fresh(struct arena *a, size_t image)
{
	struct inventory *inv = make_inventory(a, image);

	for (size_t i = 0; i < inv->n; i += 10)
		inv->components[i].version = inv->components[i].source_version =
		    arena_printf(a, "0.%zu-%zu", image, i);
	return inv;
}

static int64_t
register_one(struct worker *w, int64_t team, size_t image, struct arena *a)
{
	const char *name = arena_printf(a, "registry.example.org/app%zu:1", image);
	const struct image_put put = {
		.name = name, .ref = name, .actor = "bench", .now_at = 1
	};
	struct change_counts changes;
	enum put_result result;
	int64_t id;

	must(service_register(w, (struct scope){ .team_id = team }, &put,
	    make_inventory(a, image), &id, &result, &changes, &fault));
	return id;
}

/* ---- what is measured ---- */

static void
measure_registering(struct worker *w, const int64_t teams[2], size_t n)
{
	struct times all = { calloc(n, sizeof(int64_t)), 0 },
		     floor = { calloc(n, sizeof(int64_t)), 0 };
	struct arena *a = arena_new();

	for (size_t i = 0; i < n; i++) {
		int64_t began = micros(), id;
		struct image_row image;
		struct counts counts;
		const struct scope team = { .team_id = teams[i >= TEAM_IMAGES] };

		id = register_one(w, team.team_id, i, a);
		if (i >= n - n / 10) {
			all.at[all.n++] = micros() - began;
			must(store_image(w->store, team, id, NULL, a, &image, &fault));
			began = micros();
			must(store_image_counts(w->store, team, id, &counts, &fault));
			floor.at[floor.n++] = micros() - began;
		}
		arena_reset(a);
	}
	printf(
	    "register an image of %d packages, findings included (last tenth of %zu):\n"
	    "  p50 %" PRId64 " us, p99 %" PRId64 " us; its findings alone p50 %" PRId64
	    " us: %.1fx\n",
	    PER_IMAGE, n, percentile(&all, 50), percentile(&all, 99),
	    percentile(&floor, 50),
	    (double)percentile(&all, 50) / (double)(percentile(&floor, 50) + 1));
	free(all.at);
	free(floor.at);
	arena_free(a);
}

static void
decode_postings(struct store *st, const char *name, struct arena *a, size_t *ret_n)
{
	struct query *q = query(st, STMT_HITS_OF_VULNERABILITY);
	struct vulnerability_row v;
	int64_t *ids = arena_array(a, 100000, sizeof(*ids)), *inventories;
	size_t n = 0;
	bool more;

	must(store_vulnerability(st, name, a, &v, &fault));
	bind_int(q, 1, v.id);
	while (query_step(q, &more, &fault) == ERR_OK && more)
		ids[n++] = col_int(q, 0);
	query_done(q);
	must(sets_inventories_of(st, ids, n, a, &inventories, ret_n, &fault));
}

static void
measure_asking(struct store *st, struct scope scope, const char *who, const char *name)
{
	struct times all = { calloc(50, sizeof(int64_t)), 0 },
		     floor = { calloc(50, sizeof(int64_t)), 0 };
	int64_t count = 0, not_judged;
	size_t inventories = 0;

	for (int i = 0; i < 50; i++) {
		struct arena *a = arena_new();
		struct affected_image *rows;
		struct vulnerability_row v;
		int64_t began = micros();
		size_t n;

		must(store_vulnerability(st, name, a, &v, &fault));
		must(store_affected_images(st, scope, v.id, 0, 100, a, &rows, &n,
		    &count, &not_judged, &fault));
		all.at[all.n++] = micros() - began;
		began = micros();
		decode_postings(st, name, a, &inventories);
		floor.at[floor.n++] = micros() - began;
		arena_free(a);
	}
	printf("  %s, %s: %" PRId64 " images, p50 %" PRId64 " us, p99 %" PRId64
	       " us; decoding %zu inventories p50 %" PRId64 " us: %.1fx\n",
	    who, name, count, percentile(&all, 50), percentile(&all, 99), inventories,
	    percentile(&floor, 50),
	    (double)percentile(&all, 50) / (double)(percentile(&floor, 50) + 1));
	free(all.at);
	free(floor.at);
}

/* ---- as of a number ---- */

static int64_t
ask_page(struct store *st, struct scope scope, const struct finding_filter *f)
{
	struct arena *a = arena_new();
	struct finding_row *rows;
	int64_t count, began = micros(), took;
	size_t n;

	must(store_findings(st, scope, f, a, &rows, &n, &count, &fault));
	took = micros() - began;
	arena_free(a);
	return took;
}

/* The first page of an image as of the last number, against the page of now. */
static void
measure_past(struct store *st, int64_t team, const char *when)
{
	const struct scope scope = { .team_id = team };
	struct times all = { calloc(200, sizeof(int64_t)), 0 },
		     floor = { calloc(200, sizeof(int64_t)), 0 };
	struct finding_filter now = { .limit = 50 }, then;
	const struct image_filter one = { .limit = 1 };
	struct arena *a = arena_new();
	struct image_row *images;
	int64_t count;
	size_t n;

	must(store_images(st, scope, &one, a, &images, &n, &count, &fault));
	now.image_id = images[0].id;
	then = now;
	must(store_now_seq(st, &then.as_of_seq, &fault));
	for (int i = 0; i < 200; i++) {
		floor.at[floor.n++] = ask_page(st, scope, &now);
		all.at[all.n++] = ask_page(st, scope, &then);
	}
	printf("findings of an image as of a number, %s, first 50: p50 %" PRId64
	       " us, p99 %" PRId64 " us; now p50 %" PRId64 " us: %.1fx\n",
	    when, percentile(&all, 50), percentile(&all, 99), percentile(&floor, 50),
	    (double)percentile(&all, 50) / (double)(percentile(&floor, 50) + 1));
	free(all.at);
	free(floor.at);
	arena_free(a);
}

/* ---- while a feed is taken in ---- */

struct taking {
	struct worker w;
	bool done;
	struct err fault;
};

static void *
take_in(void *arg)
{
	struct taking *t = arg;

	(void)service_match_all(&t->w, &t->fault);
	__atomic_store_n(&t->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static enum err_code
register_fresh(struct worker *w, int64_t team, size_t image, struct arena *a)
{
	const char *name = arena_printf(a, "registry.example.org/fresh%zu:1", image);
	const struct image_put put = {
		.name = name, .ref = name, .actor = "bench", .now_at = 1
	};
	struct change_counts changes;
	enum put_result result;
	int64_t id;

	return service_register(w, (struct scope){ .team_id = team }, &put,
	    make_fresh(a, image), &id, &result, &changes, &fault);
}

/* How long others wait: a small write, and a registration with much to decide. */
static void
measure_waiting(struct worker *w, int64_t team)
{
	struct times writes = { calloc(200000, sizeof(int64_t)), 0 },
		     puts = { calloc(200000, sizeof(int64_t)), 0 };
	struct taking t = { .w = { .clock = clock_system() }, .fault = ERR_INIT };
	struct arena *a = arena_new();
	size_t refused = 0, n = 0;
	pthread_t thread;
	int64_t began;

	must(store_sibling(&t.w.store, w->store, false, &fault));
	read_feed(w, 1);
	began = micros();
	if (pthread_create(&thread, NULL, take_in, &t) != 0)
		exit(1);
	for (; !__atomic_load_n(&t.done, __ATOMIC_ACQUIRE) && n < 200000; n++) {
		int64_t from = micros();

		if (n % 20 != 19) {
			must(store_token_used(w->store, 0, 1, &fault));
			writes.at[writes.n++] = micros() - from;
			(void)usleep(500);
		} else if (register_fresh(w, team, n, a) == ERR_OK) {
			puts.at[puts.n++] = micros() - from;
		} else {
			refused++;
		}
		arena_reset(a);
	}
	pthread_join(thread, NULL);
	must(t.fault.code);
	printf("while %d changed advisories are applied and decided (%.1f s):\n"
	       "  a small write waits p50 %" PRId64 " us, p99 %" PRId64
	       " us, at most %" PRId64 " us\n"
	       "  a registration of 30 new versions takes p50 %" PRId64
	       " us, p99 %" PRId64 " us; %zu done, %zu refused\n",
	    VULNERABILITIES, (double)(micros() - began) / 1e6, percentile(&writes, 50),
	    percentile(&writes, 99), percentile(&writes, 100), percentile(&puts, 50),
	    percentile(&puts, 99), puts.n, refused);
	store_close(t.w.store);
	free(writes.at);
	free(puts.at);
	arena_free(a);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 3000;
	char dir[] = "/tmp/bench-fleet-XXXXXX";
	struct store_options options = { .keyer = &match_keyer };
	struct worker w = { .clock = clock_system() };
	int64_t teams[2];
	struct arena *a = arena_new();
	const char *path;
	int64_t began;
	struct stat st;

	if (n < 1000 || mkdtemp(dir) == NULL) {
		fprintf(stderr, "usage: bench_fleet [IMAGES, 1000 or more]\n");
		return 2;
	}
	path = arena_printf(a, "%s/t.db", dir);
	must(store_open(&w.store, path, &options, &fault));
	must(store_team_create(w.store, "few", "bench", 1, &teams[0], &fault));
	must(store_team_create(w.store, "many", "bench", 1, &teams[1], &fault));
	load_feed(&w);
	measure_registering(&w, teams, n);
	began = micros();
	must(service_match_all(&w, &fault));
	printf("folding and counting anew after it: %.1f s\n",
	    (double)(micros() - began) / 1e6);
	printf("affected images, first hundred and the count, warm:\n");
	measure_asking(
	    w.store, (struct scope){ .all = true }, "all teams", "CVE-2024-1050");
	measure_asking(w.store, (struct scope){ .team_id = teams[0] }, "150 images",
	    "CVE-2024-1050");
	measure_asking(
	    w.store, (struct scope){ .all = true }, "all teams", "CVE-2024-1777");
	measure_past(w.store, teams[0], "nothing ended yet");
	measure_waiting(&w, teams[1]);
	measure_past(w.store, teams[0], "every fixed version moved");
	store_close(w.store);
	if (stat(path, &st) == 0)
		printf("the store: %.1f KB an image, feed and history included\n",
		    (double)st.st_size / 1024 / (double)n);
	(void)unlink(path);
	(void)unlink(arena_printf(a, "%s.lock", path));
	(void)rmdir(dir);
	arena_free(a);
	return 0;
}
