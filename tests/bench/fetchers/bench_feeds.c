/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_feeds [MEGABYTES] - how fast the tracker's document is read, against one yajl
 * pass over the same bytes in the same run, and how much memory reading adds.
 *
 * The document is generated: always the same one, in the tracker's shape (about 1.3 KB
 * an entry, releases with repositories, descriptions of some hundred bytes).  Three
 * rounds; the best of each counts, since machines are noisy.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <yajl/yajl_parse.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/record.h"
#include "core/str.h"
#include "core/stream.h"
#include "fetchers/fetchers.h"

#define ROUNDS 3

/* ---- the document ---- */

static uint64_t seed = 20260309;

static unsigned
dice(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static const char *const codenames[] = { "bullseye", "bookworm", "trixie", "forky",
	"sid" };
static const char *const words[] = { "buffer", "overflow", "in", "the", "parser",
	"allows", "remote", "attackers", "to", "cause", "a", "denial", "of", "service",
	"via", "crafted", "\\\"input\\\"", "before", "version", "1.2.3", "caf\\u00e9" };

static void
add_release(struct buf *b, const char *codename)
{
	unsigned version = dice(90) + 1;

	buf_printf(b,
	    "\"%s\":{\"status\":\"%s\",\"repositories\":{\"%s\":\"1:%u.%u-1\","
	    "\"%s-security\":\"1:%u.%u-1+deb12u%u\"},",
	    codename, version % 5 == 0 ? "open" : "resolved", codename, version,
	    dice(20), codename, version, dice(20), dice(4) + 1);
	if (version % 5 != 0)
		buf_printf(
		    b, "\"fixed_version\":\"1:%u.%u-1+deb12u1\",", version, dice(20));
	else if (version % 2 == 0)
		buf_adds(b, "\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"ignored\",");
	buf_adds(b, "\"urgency\":\"not yet assigned\"}");
}

static void
add_entry(struct buf *b, unsigned number)
{
	buf_printf(
	    b, "\"CVE-20%02u-%04u\":{\"description\":\"", 10 + number % 16, number);
	for (unsigned n = 30 + dice(60); n > 0; n--)
		buf_printf(b, "%s ", words[dice(sizeof(words) / sizeof(words[0]))]);
	buf_printf(b, "\",\"debianbug\":%u,\"scope\":\"remote\",\"releases\":{",
	    500000 + dice(600000));
	for (size_t i = 0; i < sizeof(codenames) / sizeof(codenames[0]); i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_release(b, codenames[i]);
	}
	buf_adds(b, "}}");
}

static void
generate(struct buf *b, size_t bytes)
{
	unsigned number = 1000;

	buf_addc(b, '{');
	for (unsigned package = 0; b->len < bytes; package++) {
		buf_printf(b, "%s\"package-%u\":{", package > 0 ? "," : "", package);
		for (unsigned n = 1 + dice(12), i = 0; i < n; i++) {
			if (i > 0)
				buf_addc(b, ',');
			add_entry(b, number++);
		}
		buf_addc(b, '}');
	}
	buf_addc(b, '}');
}

/* ---- what is measured ---- */

struct counter {
	struct record_sink sink; /* first: drivers hand this back */
	uint64_t records, entries;
};

static enum err_code
take_record(struct record_sink *s, const struct record *r, struct err *e)
{
	struct counter *c = (struct counter *)s;

	(void)e;
	c->records++;
	c->entries += r->n_affected;
	return ERR_OK;
}

static void
take_skipped(struct record_sink *s, const char *key, const char *why)
{
	(void)s;
	(void)fprintf(stderr, "skipped %s: %s\n", key, why);
}

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
	(void)text;
	(void)len;
	return seen(arg);
}

static int
seen_number(void *arg, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return seen(arg);
}

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Both read the file in pieces of 64 KiB, as a feed is read. */
static int64_t
time_yajl(const char *path, uint64_t *ret_tokens)
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
	static unsigned char chunk[65536];
	int64_t start = now_us();
	FILE *f = fopen(path, "rb");
	yajl_handle y = yajl_alloc(&callbacks, NULL, ret_tokens);
	yajl_status status = yajl_status_ok;
	size_t n;

	*ret_tokens = 0;
	while (f != NULL && status == yajl_status_ok &&
	       (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		status = yajl_parse(y, chunk, n);
	if (f == NULL || status != yajl_status_ok ||
	    yajl_complete_parse(y) != yajl_status_ok)
		exit(1);
	yajl_free(y);
	(void)fclose(f);
	return now_us() - start;
}

static int64_t
time_driver(const char *path, struct counter *c)
{
	const struct parse_env env = { .source = NULL };
	struct err e = ERR_INIT;
	int64_t start = now_us();

	*c = (struct counter){ .sink = {
				   .record = take_record, .skipped = take_skipped } };
	if (fetch_parse_file(driver_find("debian_tracker"), &env, path, &c->sink, &e) !=
	    ERR_OK) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	return now_us() - start;
}

static long
peak_kib(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void
write_document(int fd, size_t bytes)
{
	struct buf b = BUF_INIT(bytes + 1024 * 1024);

	generate(&b, bytes);
	for (size_t at = 0; at < b.len;) {
		ssize_t n = write(fd, b.data + at, b.len - at);

		if (n <= 0)
			exit(1);
		at += (size_t)n;
	}
	buf_done(&b);
}

/* The parent never holds the document, so that its peak is that of reading alone. */
static void
make_document(char *path, size_t bytes)
{
	int fd = mkstemp(path);
	pid_t child = fd < 0 ? -1 : fork();

	if (child < 0)
		exit(1);
	if (child == 0) {
		write_document(fd, bytes);
		_exit(0);
	}
	(void)close(fd);
	(void)waitpid(child, NULL, 0);
}

int
main(int argc, char **argv)
{
	char path[] = "/tmp/bench-feeds-XXXXXX";
	uint64_t megabytes = 60, tokens = 0;
	int64_t best_yajl = INT64_MAX, best_driver = INT64_MAX;
	struct counter c;
	long before, after;

	if (argc > 1 && !str_u64(argv[1], &megabytes))
		return 64;
	make_document(path, (size_t)megabytes * 1000000);
	before = peak_kib();
	best_driver = time_driver(path, &c);
	after = peak_kib();
	for (int i = 0; i < ROUNDS; i++) {
		int64_t yajl = time_yajl(path, &tokens), mine = time_driver(path, &c);

		best_yajl = yajl < best_yajl ? yajl : best_yajl;
		best_driver = mine < best_driver ? mine : best_driver;
	}
	(void)unlink(path);
	(void)printf("%" PRIu64 " MB, %" PRIu64 " tokens, %" PRIu64 " records, %" PRIu64
		     " entries\n",
	    megabytes, tokens, c.records, c.entries);
	(void)printf("yajl    %6.1f ms\n", (double)best_yajl / 1000);
	(void)printf("driver  %6.1f ms, %.2f times yajl (goal: 2)\n",
	    (double)best_driver / 1000, (double)best_driver / (double)best_yajl);
	(void)printf("memory added %ld KiB (goal: 16384)\n", after - before);
	return 0;
}
