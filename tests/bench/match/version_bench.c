/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_bench - how many version keys a second one core makes of real versions, beside
 * the least that any encoder must do with them: find their length and copy them.
 */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "match/match.h"

#define RUN_MS     1500
#define MAX_FILE   ((size_t)8 * 1024 * 1024)
#define ARENA_KEYS 1024

struct strings {
	char **at;
	size_t n, cap;
	size_t bytes;
};

static void
add(struct arena *a, struct strings *v, const char *s, size_t len)
{
	*ARENA_PUSH(a, v) = arena_strndup(a, s, len);
	v->bytes += len;
}

static char *
slurp(struct arena *a, const char *path)
{
	char *text = arena_alloc(a, MAX_FILE);
	FILE *f = fopen(path, "r");
	size_t len;

	if (f == NULL)
		return NULL;
	len = fread(text, 1, MAX_FILE - 1, f);
	text[len] = '\0';
	(void)fclose(f);
	return text;
}

/* Both versions of every line "A OP B". */
static void
add_vectors(struct arena *a, struct strings *v, const char *path)
{
	const char *p = slurp(a, path);

	for (size_t word = 0; p != NULL && *(p += strspn(p, " \n")) != '\0'; word++) {
		size_t len = strcspn(p, " \n");

		if (word % 3 != 1)
			add(a, v, p, len);
		p += len;
	}
}

/* The values of a flat JSON object of texts. */
static void
add_packages(struct arena *a, struct strings *v, const char *path)
{
	const char *p = slurp(a, path);

	for (size_t text = 0; p != NULL && (p = strchr(p, '"')) != NULL; text++) {
		size_t len = strcspn(++p, "\"");

		if (text % 2 == 1)
			add(a, v, p, len);
		p += len;
		if (*p == '"')
			p++;
	}
}

struct pass {
	const char *scheme;
	const struct strings *v;
	struct arena *a;
	size_t out_bytes;
};

static void
encode_all(struct pass *p)
{
	p->out_bytes = 0;
	for (size_t i = 0; i < p->v->n; i++) {
		struct version_key k;

		if (i % ARENA_KEYS == 0)
			arena_reset(p->a);
		match_version_key(p->scheme, p->v->at[i], p->a, &k);
		p->out_bytes += k.key.len;
	}
}

static void
copy_all(struct pass *p)
{
	p->out_bytes = 0;
	for (size_t i = 0; i < p->v->n; i++) {
		size_t len = strlen(p->v->at[i]);

		if (i % ARENA_KEYS == 0)
			arena_reset(p->a);
		memcpy(arena_alloc(p->a, len), p->v->at[i], len);
		p->out_bytes += len;
	}
}

/* Comparing two strings without keeping anything. */
static void
compare_all(struct pass *p)
{
	p->out_bytes = 0;
	for (size_t i = 1; i < p->v->n; i++) {
		int order = 0;

		(void)match_version_compare(
		    p->scheme, p->v->at[i - 1], p->v->at[i], &order);
		p->out_bytes += order != 0;
	}
}

/* Strings a second. */
static double
rate(struct pass *p, void (*run)(struct pass *))
{
	const struct clock *c = clock_system();
	int64_t start = c->mono_ms(c), now = start;
	size_t n = 0;

	while (now - start < RUN_MS) {
		run(p);
		n += p->v->n;
		now = c->mono_ms(c);
	}
	return (double)n * 1000.0 / (double)(now - start);
}

static void
report(const char *scheme, const char *what, const struct strings *v)
{
	struct pass p = { .scheme = scheme, .v = v, .a = arena_new() };
	double keys, copies, compares, key_bytes;

	if (v->n == 0) {
		printf("%s, %s: skipped, not there\n", scheme, what);
		arena_free(p.a);
		return;
	}
	keys = rate(&p, encode_all);
	key_bytes = (double)p.out_bytes / (double)v->n;
	copies = rate(&p, copy_all);
	compares = rate(&p, compare_all);
	printf("%s, %s: %zu strings of %.1f bytes: %.2f M keys/s, %.1f bytes/key,"
	       " %.2f M comparisons/s; floor (strlen + memcpy) %.2f M/s, ratio %.1f\n",
	    scheme, what, v->n, (double)v->bytes / (double)v->n, keys / 1e6, key_bytes,
	    compares / 1e6, copies / 1e6, copies / keys);
	arena_free(p.a);
}

int
main(void)
{
	struct strings dpkg = { 0 }, debian = { 0 }, apk = { 0 };
	struct arena *a = arena_new();

	add_vectors(a, &dpkg, SHARED_DATA "/versions/vectors/dpkg.txt");
	add_packages(
	    a, &debian, SHARED_DATA "/feeds/debian-tracker/first-package/12.json");
	add_vectors(a, &apk, SHARED_DATA "/versions/vectors/apk.txt");
	report("dpkg", "published comparisons", &dpkg);
	report("dpkg", "sources of Debian 12", &debian);
	report("apk", "published comparisons", &apk);
	arena_free(a);
	return 0;
}
