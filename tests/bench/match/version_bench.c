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

/* Both versions of every line "A OP B", and those of lines "version X". */
static void
add_lines(struct arena *a, struct strings *v, const char *path)
{
	char *text = slurp(a, path), *rest = NULL;

	for (char *line = text == NULL ? NULL : strtok_r(text, "\n", &rest);
	     line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		char first[256], second[256], third[256];
		int n = sscanf(line, "%255s %255s %255s", first, second, third);

		if (*line == '#')
			continue;
		if (n == 3) {
			add(a, v, first, strlen(first));
			add(a, v, third, strlen(third));
		} else if (n == 2 && strcmp(first, "version") == 0) {
			add(a, v, second, strlen(second));
		}
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

/* The published comparisons of SCHEME, and those of our own tests. */
static void
report_scheme(struct arena *a, const char *scheme)
{
	struct strings v = { 0 };

	add_lines(
	    a, &v, arena_printf(a, SHARED_DATA "/versions/vectors/%s.txt", scheme));
	add_lines(a, &v, arena_printf(a, TEST_DATA "/versions/%s.txt", scheme));
	add_lines(a, &v, arena_printf(a, TEST_DATA "/versions/shapes/%s.txt", scheme));
	report(scheme, "published and our own", &v);
}

int
main(int argc, char **argv)
{
	struct strings debian = { 0 };
	struct arena *a = arena_new();

	for (size_t i = 0; match_scheme_at(i) != NULL; i++)
		if (argc < 2 || strcmp(argv[1], match_scheme_at(i)->name) == 0)
			report_scheme(a, match_scheme_at(i)->name);
	if (argc < 2) {
		add_packages(a, &debian,
		    SHARED_DATA "/feeds/debian-tracker/first-package/12.json");
		report("dpkg", "sources of Debian 12", &debian);
	}
	arena_free(a);
	return 0;
}
