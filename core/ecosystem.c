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
#define MAX_RELEASE 16 /* characters of a release */

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

static const char *const name_forms[] = {
	[NAME_FORM_LOWER] = "lower",
	[NAME_FORM_PEP503] = "pep503",
};
_Static_assert(sizeof(name_forms) / sizeof(name_forms[0]) == NAME_FORM_COUNT,
    "every form has a name");

static const char *const osv_rule_names[] = {
	[OSV_RULE_ROLLING] = "rolling",
	[OSV_RULE_RELEASE] = "release",
	[OSV_RULE_MAJOR] = "major",
	[OSV_RULE_MINOR] = "minor",
	[OSV_RULE_UBUNTU] = "ubuntu",
	[OSV_RULE_REDHAT] = "redhat",
	[OSV_RULE_SUSE] = "suse",
	[OSV_RULE_PRODUCT] = "product",
};
_Static_assert(sizeof(osv_rule_names) / sizeof(osv_rule_names[0]) == OSV_RULE_COUNT,
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
	f->is_opt_in = str_eq(feed, "opt-in");
	f->has_feed = f->is_opt_in || str_eq(feed, "any");
	if (!f->has_feed && !str_eq(feed, "listed") && !str_eq(feed, "no"))
		bad_line(l, "FEED is no, listed, any or opt-in");
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

/* The place of column I of L among the N words WORDS. */
static int
need_word(const struct line *l, int i, const char *const words[], int n)
{
	const char *text = need(l, i);
	int place = 0;

	while (place < n && !str_eq(text, words[place]))
		place++;
	if (place == n)
		bad_line(l, "a word that is none of those that may stand there");
	return place;
}

/* Column I of L, which must be a family. */
static const char *
need_family(const struct line *l, int i)
{
	const char *name = need(l, i);

	if (family_of(name) == NULL)
		bad_line(l, "an unknown FAMILY");
	return name;
}

/* os ID FAMILY RULE UNLESS */
static void
add_rule(const struct line *l)
{
	struct os_rule *r = ARENA_PUSH(memory, &table.rules);

	r->id = need(l, 1);
	r->family = need_family(l, 2);
	r->kind = (enum os_rule_kind)need_word(l, 3, rule_names, OS_RULE_COUNT);
	r->unless = l->column[4];
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

/* names FAMILY FORM */
static void
add_name_rule(const struct line *l)
{
	struct name_rule *r = ARENA_PUSH(memory, &table.name_rules);

	r->family = need_family(l, 1);
	r->form = (enum name_form)need_word(l, 2, name_forms, NAME_FORM_COUNT);
}

/* osv NAME FAMILY RULE KIND STREAM */
static void
add_osv_rule(const struct line *l)
{
	struct osv_rule *r = ARENA_PUSH(memory, &table.osv_rules);

	r->name = need(l, 1);
	r->family = need_family(l, 2);
	r->kind = (enum osv_rule_kind)need_word(l, 3, osv_rule_names, OSV_RULE_COUNT);
	if (!package_kind_from_name(need(l, 4), &r->packages))
		bad_line(l, "KIND is source or binary");
	r->stream = l->column[5];
}

/* eol PRODUCT FAMILY END */
static void
add_product_rule(const struct line *l)
{
	static const char *const ends[] = { "security", "extended" };
	struct product_rule *r = ARENA_PUSH(memory, &table.product_rules);

	r->product = need(l, 1);
	r->family = need_family(l, 2);
	r->extended = need_word(l, 3, ends, 2) == 1;
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

/* LISTED: whether the feed of the family that stands above counts for its releases. */
static void
add_line(const struct line *l, bool *listed)
{
	const char *kind = need(l, 0);

	if (str_eq(kind, "family")) {
		add_family(l);
		*listed = !str_eq(l->column[4], "no");
	} else if (str_eq(kind, "release")) {
		add_release(l, *listed);
	} else if (str_eq(kind, "os")) {
		add_rule(l);
	} else if (str_eq(kind, "map")) {
		add_map(l);
	} else if (str_eq(kind, "names")) {
		add_name_rule(l);
	} else if (str_eq(kind, "osv")) {
		add_osv_rule(l);
	} else if (str_eq(kind, "eol")) {
		add_product_rule(l);
	} else {
		bad_line(l, "an unknown kind of row");
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
			split(&l, s, len);
			add_line(&l, &listed);
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

/* ---- releases as others call them ---- */

const char *
ecosystem_of_product(
    const char *product, const char *release, struct arena *a, bool *ret_extended)
{
	const struct ecosystem_table *t = ecosystem_table_();
	size_t n = strspn(release, "0123456789.");

	if (n == 0 || n > MAX_RELEASE || release[n] != '\0')
		return NULL;
	for (size_t i = 0; i < t->product_rules.n; i++) {
		const struct product_rule *r = &t->product_rules.at[i];
		const char *mapped;

		if (!str_eq(r->product, product))
			continue;
		mapped = ecosystem_mapped_(r->family, release);
		*ret_extended = r->extended;
		return arena_printf(
		    a, "%s:%s", r->family, mapped != NULL ? mapped : release);
	}
	return NULL;
}

/* ---- names of packages ---- */

/* PEP 503: lower case, and every run of dots, dashes and underscores one dash. */
static const char *
pep503(const char *name, struct arena *a)
{
	char *out = str_lower(a, name, strlen(name)), *to = out;

	for (const char *from = out; *from != '\0';) {
		size_t run = strspn(from, "._-");

		*to++ = run > 0 ? '-' : *from;
		from += run > 0 ? run : 1;
	}
	*to = '\0';
	return out;
}

const char *
ecosystem_package(const char *ecosystem, const char *name, struct arena *a)
{
	const struct ecosystem_table *t = ecosystem_table_();
	size_t len = ecosystem == NULL ? 0 : strcspn(ecosystem, ":");

	for (size_t i = 0; i < t->name_rules.n; i++) {
		const struct name_rule *r = &t->name_rules.at[i];

		if (strlen(r->family) != len || strncmp(r->family, ecosystem, len) != 0)
			continue;
		return r->form == NAME_FORM_PEP503 ? pep503(name, a)
						   : str_lower(a, name, strlen(name));
	}
	return name;
}
