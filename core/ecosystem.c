/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecosystem - the embedded table, read once.  It is ours and not input: a row that is
 * wrong ends the program at the first question, which is in the first test.
 */
#include "core/ecosystem.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/ecosystem_private.h"
#include "core/str.h"
#include "core/strmap.h"

#define MAX_COLUMNS 6
#define MAX_KEY     128

extern const char ecosystems_tsv[]; /* config/ecosystems.tsv */

static const char *const rule_names[] = {
	[OS_RULE_MAJOR] = "major",
	[OS_RULE_MINOR] = "minor",
	[OS_RULE_MAPPED] = "mapped",
	[OS_RULE_ROLLING] = "rolling",
	[OS_RULE_CODENAME] = "codename",
	[OS_RULE_DEBIAN] = "debian",
	[OS_RULE_ALPINE] = "alpine",
};
_Static_assert(sizeof(rule_names) / sizeof(rule_names[0]) == OS_RULE_COUNT,
    "every rule has a name");

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static struct ecosystem_table table;
static struct arena *memory; /* of the table; lives as long as the program */

struct line {
	const char *column[MAX_COLUMNS]; /* NULL for "-" and for columns not there */
	int number;
};

static _Noreturn void
bad_line(const struct line *l, const char *what)
{
	(void)fprintf(stderr, "error ecosystems.tsv: %s line=%d\n", what, l->number);
	abort();
}

/* Column I of L, which must be there. */
static const char *
need(const struct line *l, int i)
{
	if (l->column[i] == NULL)
		bad_line(l, "a column is missing");
	return l->column[i];
}

static struct ecosystem *
family_of(const char *name)
{
	const uint64_t *i = strmap_get(table.family_names, name);

	return i == NULL ? NULL : &table.families.at[*i];
}

static void
index_row(struct strmap *map, const char *key, size_t at, const struct line *l)
{
	bool is_new;

	*strmap_put(map, key, &is_new) = at;
	if (!is_new)
		bad_line(l, "a name stands twice");
}

/* family NAME SCHEME PURL-TYPE FEED RELEASES */
static void
add_family(const struct line *l)
{
	struct ecosystem *f = ARENA_PUSH(memory, &table.families);
	const char *feed = need(l, 4), *releases = need(l, 5);

	f->name = f->family = need(l, 1);
	f->scheme = need(l, 2);
	f->purl_type = need(l, 3);
	/* has_feed of the family itself is the answer for releases not listed */
	f->has_feed = str_eq(feed, "any");
	if (!f->has_feed && !str_eq(feed, "listed") && !str_eq(feed, "no"))
		bad_line(l, "FEED is no, listed or any");
	index_row(table.family_names, f->name, table.families.n - 1, l);
	if (str_eq(releases, "rolling")) {
		struct ecosystem *row = ARENA_PUSH(memory, &table.rows);

		*row = *f;
		row->has_feed = !str_eq(feed, "no");
		index_row(table.names, row->name, table.rows.n - 1, l);
	} else if (!str_eq(releases, "versioned")) {
		bad_line(l, "RELEASES is versioned or rolling");
	}
}

/* release FAMILY RELEASE CODENAME END; LISTED says whether the family's feed counts. */
static void
add_release(const struct line *l, bool listed)
{
	const struct ecosystem *f = family_of(need(l, 1));
	struct ecosystem *row = ARENA_PUSH(memory, &table.rows);

	if (f == NULL)
		bad_line(l, "a release before its family");
	*row = *f;
	row->has_feed = f->has_feed || listed;
	row->name = arena_printf(memory, "%s:%s", f->name, need(l, 2));
	row->codename = l->column[3];
	if (l->column[4] != NULL && !time_parse(l->column[4], &row->end_of_life_at))
		bad_line(l, "END is no date");
	index_row(table.names, row->name, table.rows.n - 1, l);
	if (row->codename != NULL)
		index_row(table.codenames,
		    arena_printf(memory, "%s/%s", f->name, row->codename),
		    table.rows.n - 1, l);
}

/* os ID FAMILY RULE UNLESS */
static void
add_rule(const struct line *l)
{
	struct os_rule *r = ARENA_PUSH(memory, &table.rules);
	const char *kind = need(l, 3);
	int i;

	r->id = need(l, 1);
	r->family = need(l, 2);
	r->unless = l->column[4];
	for (i = 0; i < OS_RULE_COUNT && !str_eq(kind, rule_names[i]);)
		i++;
	if (i == OS_RULE_COUNT || family_of(r->family) == NULL)
		bad_line(l, "an unknown RULE or FAMILY");
	r->kind = (enum os_rule_kind)i;
}

/* map ID RELEASE RELEASE-OF-FAMILY */
static void
add_map(const struct line *l)
{
	*ARENA_PUSH(memory, &table.maps) = (struct os_map){
		.id = need(l, 1),
		.from = need(l, 2),
		.to = need(l, 3),
	};
}

static void
split(struct line *l, const char *text, size_t len)
{
	char *s = arena_strndup(memory, text, len);

	memset(l->column, 0, sizeof(l->column));
	for (int i = 0; s != NULL; i++) {
		char *tab = strchr(s, '\t');

		if (i == MAX_COLUMNS)
			bad_line(l, "too many columns");
		if (tab != NULL)
			*tab++ = '\0';
		l->column[i] = str_eq(s, "-") ? NULL : s;
		s = tab;
	}
}

static void
load(void)
{
	struct line l = { .number = 0 };
	bool listed = false;

	memory = arena_new();
	table.names = strmap_new();
	table.family_names = strmap_new();
	table.codenames = strmap_new();
	for (const char *s = ecosystems_tsv; *s != '\0';) {
		size_t len = strcspn(s, "\n");

		l.number++;
		if (len > 0 && *s != '#') {
			const char *kind;

			split(&l, s, len);
			kind = need(&l, 0);
			if (str_eq(kind, "family")) {
				add_family(&l);
				listed = !str_eq(l.column[4], "no");
			} else if (str_eq(kind, "release")) {
				add_release(&l, listed);
			} else if (str_eq(kind, "os")) {
				add_rule(&l);
			} else if (str_eq(kind, "map")) {
				add_map(&l);
			} else {
				bad_line(&l, "an unknown kind of row");
			}
		}
		s += len + (s[len] == '\n');
	}
}

const struct ecosystem_table *
ecosystem_table_(void)
{
	(void)pthread_once(&load_once, load);
	return &table;
}

const struct ecosystem *
ecosystem_find(const char *name)
{
	const struct ecosystem_table *t = ecosystem_table_();
	char family[MAX_KEY];
	const uint64_t *i;
	size_t len;

	if (name == NULL)
		return NULL;
	if ((i = strmap_get(t->names, name)) != NULL)
		return &t->rows.at[*i];
	len = strcspn(name, ":");
	if (len >= sizeof(family))
		return NULL;
	memcpy(family, name, len);
	family[len] = '\0';
	return family_of(family);
}

const char *
ecosystem_of_codename(const char *family, const char *codename)
{
	const struct ecosystem_table *t = ecosystem_table_();
	char key[MAX_KEY];
	const uint64_t *i;
	int n;

	if (family == NULL || codename == NULL)
		return NULL;
	n = snprintf(key, sizeof(key), "%s/%s", family, codename);
	if (n < 0 || (size_t)n >= sizeof(key))
		return NULL;
	i = strmap_get(t->codenames, key);
	return i == NULL ? NULL : t->rows.at[*i].name;
}

const char *
ecosystem_scheme(const char *name)
{
	const struct ecosystem *e = ecosystem_find(name);

	return e == NULL ? NULL : e->scheme;
}

const struct ecosystem *
ecosystem_at(size_t i)
{
	const struct ecosystem_table *t = ecosystem_table_();

	return i < t->rows.n ? &t->rows.at[i] : NULL;
}
