/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epss - FIRST's estimates of how likely a vulnerability is exploited within a month, one
 * table for all of them, anew every day:
 *
 *   #model_version:v2025.03.14,score_date:2025-08-14T12:55:00Z
 *   cve,epss,percentile
 *   CVE-2020-5902,0.97567,0.99995
 *
 * Tables from before February 2022 have no first line, those from before May 2021 no
 * percentile.  Scores of two models do not compare, so the model goes along.  Nothing
 * says how many rows there are, but every row ends with its line: a last line without an
 * end is a table cut short.
 */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/text_lines.h"

/* More columns than the table has ever had; those we do not know are left alone. */
#define COLUMNS_MAX 8

enum column { COLUMN_CVE, COLUMN_EPSS, COLUMN_PERCENTILE, COLUMN_COUNT };

struct table {
	struct emitter em;
	struct text_lines lines;
	struct arena *kept;   /* owned: what the first lines say */
	const char *model;    /* NULL = not said */
	int64_t scored;       /* 0 = not said */
	int at[COLUMN_COUNT]; /* place in a row; -1 = the table has no such column */
	size_t n_columns;
};

struct cells {
	struct {
		const char *p;
		size_t len;
	} at[COLUMNS_MAX];
	size_t n; /* COLUMNS_MAX + 1: too many */
};

static void
split(const char *line, size_t len, struct cells *ret)
{
	const char *end = line + len;

	ret->n = 0;
	for (const char *p = line;; p++) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *to = comma != NULL ? comma : end;

		if (ret->n == COLUMNS_MAX) {
			ret->n++;
			return;
		}
		ret->at[ret->n].p = p;
		ret->at[ret->n++].len = (size_t)(to - p);
		if (comma == NULL)
			return;
		p = comma;
	}
}

/* ---- the first lines ---- */

/* "#model_version:v2025.03.14,score_date:2025-08-14T00:00:00+0000" */
static void
read_comment(struct table *t, const char *line, size_t len)
{
	static const char model[] = "model_version:", date[] = "score_date:";
	struct cells c;

	split(line + 1, len - 1, &c);
	for (size_t i = 0; i < c.n && i < COLUMNS_MAX; i++) {
		const char *text =
		    emit_clean(&t->em, c.at[i].p, c.at[i].len, MAX_NAME, TEXT_LINE);

		if (text == NULL)
			continue;
		if (str_starts(text, model) && text[sizeof(model) - 1] != '\0')
			t->model = arena_strdup(t->kept, text + sizeof(model) - 1);
		else if (str_starts(text, date) &&
			 !time_parse(text + sizeof(date) - 1, &t->scored))
			t->scored = 0;
	}
}

static enum err_code
read_header(struct table *t, const char *line, size_t len, struct err *e)
{
	static const char *const names[COLUMN_COUNT] = { "cve", "epss", "percentile" };
	struct cells c;

	split(line, len, &c);
	for (size_t k = 0; k < COLUMN_COUNT; k++) {
		t->at[k] = -1;
		for (size_t i = 0; i < c.n && i < COLUMNS_MAX; i++)
			if (c.at[i].len == strlen(names[k]) &&
			    memcmp(c.at[i].p, names[k], c.at[i].len) == 0)
				t->at[k] = (int)i;
	}
	t->n_columns = c.n;
	return t->at[COLUMN_CVE] < 0 || t->at[COLUMN_EPSS] < 0 || c.n > COLUMNS_MAX
		   ? err_set(e, ERR_INPUT, "this is no table of EPSS scores")
		   : ERR_OK;
}

/* ---- rows ---- */

/* The cell of column K as millionths; false if it is no number from 0 to 1. */
static bool
read_share(const struct table *t, const struct cells *c, enum column k, int64_t *ret)
{
	const char *text =
	    arena_strndup(t->em.arena, c->at[t->at[k]].p, c->at[t->at[k]].len);

	return str_micro(text, ret) && *ret <= 1000000;
}

static enum err_code
read_row(struct table *t, const char *line, size_t len, struct err *e)
{
	struct epss x = { .percentile_micro = -1, .model = t->model };
	const char *id, *text;
	struct cells c;

	arena_reset(t->em.arena);
	split(line, len, &c);
	text = arena_strndup(t->em.arena, line, len < MAX_NAME ? len : MAX_NAME);
	if (c.n != t->n_columns) {
		emit_skipped(&t->em, text, "not as many columns as the table has");
		return ERR_OK;
	}
	id = cve_normalize(
	    t->em.arena, c.at[t->at[COLUMN_CVE]].p, c.at[t->at[COLUMN_CVE]].len);
	if (id == NULL) {
		emit_skipped(&t->em, text, "no CVE id");
		return ERR_OK;
	}
	if (!read_share(t, &c, COLUMN_EPSS, &x.score_micro) ||
	    (t->at[COLUMN_PERCENTILE] >= 0 &&
		!read_share(t, &c, COLUMN_PERCENTILE, &x.percentile_micro))) {
		emit_skipped(&t->em, id, "a score is no number from 0 to 1");
		return ERR_OK;
	}
	return emit_record(&t->em,
	    &(struct record){
		.key = id,
		.source = t->em.source,
		.id = id,
		.vulnerabilities = &id,
		.n_vulnerabilities = 1,
		.published = t->scored,
		.epss = &x,
	    },
	    e);
}

static enum err_code
read_table(struct table *t, struct err *e)
{
	const char *line = NULL;
	size_t len = 0;
	enum err_code rc = text_lines_next(&t->lines, &line, &len, e);

	if (rc == ERR_OK && line != NULL && len > 0 && line[0] == '#') {
		read_comment(t, line, len);
		rc = text_lines_next(&t->lines, &line, &len, e);
	}
	if (rc == ERR_OK)
		rc = read_header(t, str_or_empty(line), line == NULL ? 0 : len, e);
	while (rc == ERR_OK &&
	       (rc = text_lines_next(&t->lines, &line, &len, e)) == ERR_OK &&
	       line != NULL)
		if (len > 0 && !t->lines.is_cut)
			rc = read_row(t, line, len, e);
	if (rc == ERR_OK && t->lines.is_cut)
		rc = err_set(
		    e, ERR_INPUT, "the table is cut short: its last line has no end");
	else if (rc == ERR_OK && t->em.records + t->em.skipped == 0)
		rc = err_set(e, ERR_INPUT, "the table has no rows");
	return rc == ERR_OK ? emit_judge(&t->em, "a table of EPSS scores", e) : rc;
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct table t = { .kept = arena_new() };
	enum err_code rc;

	emitter_init(&t.em, env, sink);
	text_lines_init(&t.lines, in);
	rc = read_table(&t, e);
	text_lines_done(&t.lines);
	emitter_done(&t.em);
	arena_free(t.kept);
	return rc;
}

const struct driver driver_epss = {
	.name = "epss",
	.summary = "FIRST's EPSS: how likely exploitation is, a score per CVE (CSV)",
	.source = "epss",
	.source_rank = 2,
	.caps = DRIVER_ENRICHES,
	.says = SAYS_LIKELIHOOD,
	.revision = 1,
	.parse = parse,
};
