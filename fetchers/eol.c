/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eol - when releases of systems end, as endoflife.date tells it, in two forms.  Its API
 * gives one product or all of them:
 *
 *   {"schema_version":"1.2.0", "result":[{"name":"debian", "releases":[
 *     {"name":"12", "releaseDate":"2023-06-10", "isEol":false, "eolFrom":"2026-07-11",
 *      "eoesFrom":"2028-06-30"}]}]}
 *
 * and its repository a page a product, with the facts in front:
 *
 *   ---
 *   permalink: /debian
 *   releases:
 *     - releaseCycle: "12"
 *       releaseDate: 2023-06-10
 *       eol: 2026-07-11
 *       eoes: 2028-06-30
 *   ---
 *
 * Of the pages exactly these lines are read, and YAML is not: they are all written so.
 * "eol" may be true or false where nobody says a day.  Which of the days is meant is said
 * in config/ecosystems.tsv; products that are no system there have no records.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/ecosystem.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/stream.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/walk.h"

/* All products of the API take some megabytes. */
#define DOCUMENT_MAX ((size_t)32 * 1024 * 1024)

struct release {
	const char *name;
	const char *released, *ends, *extended; /* as written; NULL = not said */
	bool has_ended;
};

struct eol {
	struct emitter em; /* its arena holds one product */
	struct json_reader *r;
	const char *product; /* NULL = not said yet */
	struct release now;
	struct {
		struct release *at;
		size_t n, cap;
	} releases;
	struct texts seen; /* ecosystems of the product */
	bool has_product, has_releases;
	/* of a page: the line is about releases, whose facts stand so far in */
	bool in_releases;
	size_t indent;
};

/* ---- a product is read ---- */

static bool
is_day(const char *text, int64_t *ret)
{
	return text != NULL && time_parse(text, ret) && *ret > 0;
}

/* The last day that counts; false if none is named. */
static bool
last_day(const struct release *x, bool extended, int64_t *ret)
{
	if (extended && is_day(x->extended, ret))
		return true;
	if (is_day(x->ends, ret))
		return true;
	/* ended, and nobody says when: certainly since it came */
	return x->has_ended && is_day(x->released, ret);
}

static enum err_code
emit_release(struct eol *d, const struct release *x, struct err *e)
{
	struct arena *a = d->em.arena;
	bool extended = false;
	const char *ecosystem =
	    x->name == NULL ? NULL
			    : ecosystem_of_product(d->product, x->name, a, &extended);
	int64_t ends = 0;

	if (ecosystem == NULL || texts_have(&d->seen, ecosystem))
		return ERR_OK;
	texts_add(a, &d->seen, ecosystem);
	if (!last_day(x, extended, &ends)) {
		if (x->ends != NULL)
			emit_skipped(&d->em, ecosystem, "its end is no day");
		return ERR_OK; /* it has not ended, and nobody says when it will */
	}
	return emit_record(&d->em,
	    &(struct record){
		.key = ecosystem,
		.source = d->em.source,
		.id = ecosystem,
		.kind = RECORD_RELEASE,
		.ends = ends,
	    },
	    e);
}

static enum err_code
emit_product(struct eol *d, struct err *e)
{
	enum err_code rc = ERR_OK;

	d->has_product |= d->product != NULL;
	memset(&d->seen, 0, sizeof(d->seen));
	for (size_t i = 0; i < d->releases.n && rc == ERR_OK && d->product != NULL; i++)
		rc = emit_release(d, &d->releases.at[i], e);
	d->product = NULL;
	memset(&d->releases, 0, sizeof(d->releases));
	arena_reset(d->em.arena);
	return rc;
}

/* ---- the API ---- */

static enum err_code
take_text(struct eol *d, const char **ret, struct err *e)
{
	return emit_text(&d->em, d->r, MAX_NAME, TEXT_LINE, ret, e);
}

static enum err_code
release_name(void *arg, struct err *e)
{
	return take_text(arg, &((struct eol *)arg)->now.name, e);
}

static enum err_code
release_date(void *arg, struct err *e)
{
	return take_text(arg, &((struct eol *)arg)->now.released, e);
}

static enum err_code
release_ends(void *arg, struct err *e)
{
	return take_text(arg, &((struct eol *)arg)->now.ends, e);
}

static enum err_code
release_extended(void *arg, struct err *e)
{
	return take_text(arg, &((struct eol *)arg)->now.extended, e);
}

static enum err_code
release_has_ended(void *arg, struct err *e)
{
	struct eol *d = arg;
	struct json_value v;
	enum err_code rc = json_next(d->r, &v, e);

	if (rc != ERR_OK)
		return rc;
	d->now.has_ended = v.token == JSON_TRUE;
	return json_skip(d->r, &v, e);
}

static enum err_code
read_release(void *arg, struct err *e)
{
	static const struct walk_field fields[] = {
		{ "name", release_name },
		{ "releaseDate", release_date },
		{ "isEol", release_has_ended },
		{ "eolFrom", release_ends },
		{ "eoesFrom", release_extended },
		{ NULL, NULL },
	};
	struct eol *d = arg;
	enum err_code rc;

	memset(&d->now, 0, sizeof(d->now));
	if ((rc = walk_members(d->r, fields, d, e)) != ERR_OK)
		return rc;
	*ARENA_PUSH(d->em.arena, &d->releases) = d->now;
	return emit_room(&d->em, e);
}

static enum err_code
product_name(void *arg, struct err *e)
{
	return take_text(arg, &((struct eol *)arg)->product, e);
}

static enum err_code
product_releases(void *arg, struct err *e)
{
	struct eol *d = arg;

	d->has_releases = true;
	return walk_objects(d->r, read_release, d, e);
}

static enum err_code
read_product(void *arg, struct err *e)
{
	static const struct walk_field fields[] = {
		{ "name", product_name },
		{ "releases", product_releases },
		{ NULL, NULL },
	};
	struct eol *d = arg;
	enum err_code rc = walk_members(d->r, fields, d, e);

	return rc == ERR_OK ? emit_product(d, e) : rc;
}

/* One product, or a list of them. */
static enum err_code
read_result(void *arg, struct err *e)
{
	struct eol *d = arg;
	struct json_value v;
	bool more = true;
	enum err_code rc = json_next(d->r, &v, e);

	if (rc == ERR_OK && v.token == JSON_OBJECT)
		return read_product(d, e);
	if (rc != ERR_OK || v.token != JSON_ARRAY)
		return rc == ERR_OK ? json_skip(d->r, &v, e) : rc;
	while ((rc = json_item(d->r, &v, &more, e)) == ERR_OK && more) {
		rc = v.token == JSON_OBJECT ? read_product(d, e)
					    : json_skip(d->r, &v, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_api(struct eol *d, const struct buf *text, struct err *e)
{
	static const struct walk_field fields[] = {
		{ "result", read_result },
		{ NULL, NULL },
	};
	struct stream *in;
	enum err_code rc;

	if ((rc = stream_open_memory(&in, text->data, text->len, DOCUMENT_MAX, e)) !=
	    ERR_OK)
		return rc;
	d->r = json_reader_new(in);
	rc = walk_object(d->r, fields, d, NULL, e);
	if (rc == ERR_OK && (!d->has_product || !d->has_releases))
		rc = err_set(e, ERR_INPUT, "no product with releases is in it");
	if (rc == ERR_OK)
		rc = emit_end(&d->em, d->r, "endoflife.date's products", e);
	json_reader_free(d->r);
	stream_close(in);
	return rc;
}

/* ---- a page ---- */

/* The value of KEY in LINE ("    eol: 2026-07-11 # why"), in the arena; NULL if LINE is
 * about something else. */
static const char *
value_of(struct eol *d, const char *line, const char *key)
{
	size_t n = strlen(key);
	const char *p = line + n, *end;

	if (strncmp(line, key, n) != 0 || *p != ':')
		return NULL;
	p += 1 + strspn(p + 1, " ");
	if (*p == '"' || *p == '\'')
		end = strchr(p + 1, *p);
	else
		end = strstr(p, " #");
	p += *p == '"' || *p == '\'';
	return emit_clean(&d->em, p, end == NULL ? strlen(p) : (size_t)(end - p),
	    MAX_NAME, TEXT_LINE);
}

static void
read_fact(struct eol *d, const char *line)
{
	struct release *x = &d->releases.at[d->releases.n - 1];
	const char *text;

	if ((text = value_of(d, line, "releaseDate")) != NULL)
		x->released = text;
	else if ((text = value_of(d, line, "eoes")) != NULL)
		x->extended = text;
	else if ((text = value_of(d, line, "eol")) != NULL) {
		x->has_ended = str_eq(text, "true");
		x->ends = x->has_ended || str_eq(text, "false") ? NULL : text;
	}
}

/* One line of what stands in front of the page. */
static void
read_head(struct eol *d, const char *line)
{
	size_t indent = strspn(line, " ");
	const char *text;

	if (indent == 0 && strchr("#-", line[0]) == NULL) {
		if ((text = value_of(d, line, "permalink")) != NULL && text[0] == '/')
			d->product = text + 1;
		d->in_releases = str_starts(line, "releases:");
		d->has_releases |= d->in_releases;
	} else if (d->in_releases && str_starts(line + indent, "- ") &&
		   (text = value_of(d, line + indent + 2, "releaseCycle")) != NULL) {
		*ARENA_PUSH(d->em.arena, &d->releases) =
		    (struct release){ .name = text };
		d->indent = indent + 2;
	} else if (d->in_releases && d->releases.n > 0 && indent == d->indent) {
		read_fact(d, line + indent);
	}
}

static enum err_code
read_page(struct eol *d, char *text, struct err *e)
{
	bool is_whole = false;

	for (char *line = strchr(text, '\n'); line != NULL && !is_whole;) {
		char *next = strchr(++line, '\n');

		if (next != NULL)
			*next = '\0';
		line[strcspn(line, "\r")] = '\0';
		if (!(is_whole = str_eq(line, "---")))
			read_head(d, line);
		line = next;
		if (emit_room(&d->em, e) != ERR_OK)
			return ERR_LIMIT;
	}
	if (!is_whole || d->product == NULL || !d->has_releases)
		return err_set(e, ERR_INPUT,
		    is_whole ? "the page names no product with releases"
			     : "the page is cut short: its facts have no end");
	return emit_product(d, e);
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(DOCUMENT_MAX);
	struct eol d = { .r = NULL };
	enum err_code rc;

	if ((rc = stream_read_all(in, &text, e)) != ERR_OK)
		return rc;
	emitter_init(&d.em, env, sink);
	if (str_starts(buf_str(&text), "---\n") ||
	    str_starts(buf_str(&text), "---\r\n"))
		rc = read_page(&d, text.data, e);
	else
		rc = read_api(&d, &text, e);
	emitter_done(&d.em);
	return rc;
}

const struct driver driver_eol = {
	.name = "eol",
	.summary =
	    "endoflife.date: when releases of systems end (API v1, or its pages)",
	.source = "eol",
	.source_rank = 2,
	.caps = DRIVER_ENRICHES,
	.says = SAYS_END,
	.revision = 1,
	.parse = parse,
	.member = ".md",
};
