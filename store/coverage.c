/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What could be judged at all.  A feed speaks of an ecosystem when its configured globs say
 * so; it has spoken when one of its runs was applied.
 */
#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "core/ecosystem.h"
#include "core/json.h"
#include "core/str.h"
#include "store/outbox_private.h"
#include "store/query_private.h"
#include "store/release.h"

enum feed_column {
	FEED_NAME,
	FEED_ECOSYSTEMS,
	FEED_NEWEST,
	FEED_SUCCESS,
	FEED_REVISION,
	FEED_SPOKE
};

/* Does the comma separated list of globs speak of ECOSYSTEM? */
static bool
speaks_of(const char *globs, const char *ecosystem, struct arena *a)
{
	while (*globs != '\0') {
		size_t n = strcspn(globs, ",");

		if (glob_match(arena_strndup(a, globs, n), ecosystem))
			return true;
		globs += n + (globs[n] == ',');
	}
	return false;
}

/* The feeds that speak of ECOSYSTEM: they are configured to, or they have done so.
 * *RET_WAITING: one of them has not spoken yet. */
static enum err_code
feeds_of(struct store *st, const char *ecosystem, struct arena *a,
    struct coverage_feed **ret, size_t *ret_n, bool *ret_waiting, struct err *e)
{
	struct {
		struct coverage_feed *at;
		size_t n, cap;
	} feeds = { 0 };
	struct query *q = query(st, STMT_COVERAGE_FEEDS);
	enum err_code rc;
	bool more;

	*ret_waiting = false;
	bind_text(q, 1, ecosystem);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		if (!speaks_of(
			str_or_empty(col_text(q, FEED_ECOSYSTEMS)), ecosystem, a) &&
		    col_int(q, FEED_SPOKE) == 0)
			continue;
		*ARENA_PUSH(a, &feeds) = (struct coverage_feed){
			.name = col_dup(q, FEED_NAME, a),
			.newest_record_at = col_int(q, FEED_NEWEST),
			.last_success_at = col_int(q, FEED_SUCCESS),
		};
		*ret_waiting = *ret_waiting || col_int(q, FEED_REVISION) == 0;
	}
	query_done(q);
	*ret = feeds.at;
	*ret_n = feeds.n;
	return rc;
}

/* A reader knows the day that ships; a feed may say another, and the day may have come
 * since it read. */
static enum err_code
judge_release(
    struct store *st, const struct reading *r, struct coverage *io, struct err *e)
{
	bool known, ended;
	enum err_code rc = release_has_ended(st, r->ecosystem, &known, &ended, e);

	if (rc != ERR_OK || !known)
		return rc;
	if (ended)
		io->state = COVERAGE_END_OF_LIFE;
	else if (io->state == COVERAGE_END_OF_LIFE)
		io->state = r->n_not_covered > 0 ? COVERAGE_PARTIAL : COVERAGE_COMPLETE;
	return ERR_OK;
}

/* A feed exists, and will not come by itself. */
static bool
is_opt_in(const char *ecosystem)
{
	const struct ecosystem *row = ecosystem_find(ecosystem);

	return row != NULL && row->is_opt_in;
}

static enum err_code
judge(struct store *st, const struct reading *r, struct arena *a, struct coverage *ret,
    struct err *e)
{
	bool waiting = false;
	enum err_code rc = ERR_OK;

	*ret = (struct coverage){
		.state = r->state,
		.not_covered = r->not_covered,
		.n_not_covered = r->n_not_covered,
	};
	if (r->ecosystem != NULL)
		rc = feeds_of(
		    st, r->ecosystem, a, &ret->feeds, &ret->n_feeds, &waiting, e);
	if (rc != ERR_OK ||
	    (r->state != COVERAGE_COMPLETE && r->state != COVERAGE_PARTIAL &&
		r->state != COVERAGE_END_OF_LIFE))
		return rc;
	if (r->ecosystem != NULL && (rc = judge_release(st, r, ret, e)) != ERR_OK)
		return rc;
	if (r->ecosystem != NULL && ret->n_feeds == 0 && is_opt_in(r->ecosystem))
		ret->state = COVERAGE_UNSUPPORTED;
	else if (r->ecosystem != NULL && (waiting || ret->n_feeds == 0))
		ret->state = COVERAGE_WAITING_FOR_FEEDS;
	else if (ret->state == COVERAGE_COMPLETE && ret->n_not_covered > 0)
		ret->state = COVERAGE_PARTIAL;
	return ERR_OK;
}

static void
read_not_covered(const char *text, struct arena *a, struct reading *r)
{
	struct json *j = NULL;

	if (text == NULL || json_parse(&j, text, strlen(text), NULL) != ERR_OK)
		return;
	r->not_covered = arena_array(a, json_count(j), sizeof(*r->not_covered));
	for (size_t i = 0; i < json_count(j); i++) {
		const struct json *item = json_at(j, i);

		r->not_covered[r->n_not_covered++] = (struct not_covered){
			.ecosystem =
			    arena_strdup(a, json_str(json_get(item, "ecosystem"))),
			.components = (size_t)json_num(json_get(item, "components")),
			.why = arena_strdup(a, json_str(json_get(item, "why"))),
		};
	}
	json_free(j);
}

static enum err_code
read_image(struct store *st, struct scope scope, int64_t image_id, struct arena *a,
    struct reading *r, struct err *e)
{
	struct image_row image;
	enum err_code rc = store_image(st, scope, image_id, NULL, a, &image, e);

	if (rc != ERR_OK)
		return rc;
	*r = (struct reading){ .state = image.coverage, .ecosystem = image.ecosystem };
	read_not_covered(image.not_covered_json, a, r);
	return ERR_OK;
}

enum err_code
store_coverage(struct store *st, struct scope scope, int64_t image_id,
    const struct inventory *inv, struct arena *a, struct coverage *ret, struct err *e)
{
	struct reading r = { 0 };
	enum err_code rc = ERR_OK;

	if (image_id > 0) {
		rc = read_image(st, scope, image_id, a, &r, e);
	} else {
		r.state = inv->os.state;
		r.ecosystem = inv->os.ecosystem;
		if (r.state == COVERAGE_COMPLETE && inv->partial)
			r.state = COVERAGE_PARTIAL;
		inventory_not_covered(
		    inv, st->options.keyer, a, &r.not_covered, &r.n_not_covered);
	}
	return rc == ERR_OK ? judge(st, &r, a, ret, e) : rc;
}

/* ---- over many images ---- */

/* From harmless to worst. */
static const enum coverage_state order[] = { COVERAGE_SCRATCH, COVERAGE_COMPLETE,
	COVERAGE_PARTIAL, COVERAGE_END_OF_LIFE, COVERAGE_WAITING_FOR_FEEDS,
	COVERAGE_UNIDENTIFIED, COVERAGE_UNSUPPORTED };

static size_t
place(enum coverage_state s)
{
	size_t i = 0;

	while (i + 1 < sizeof(order) / sizeof(order[0]) && order[i] != s)
		i++;
	return i;
}

struct sum {
	struct arena *a;
	struct {
		struct coverage_feed *at;
		size_t n, cap;
	} feeds;
	struct {
		struct not_covered *at;
		size_t n, cap;
	} missing;
};

static void
add_feed(struct sum *s, const struct coverage_feed *f)
{
	for (size_t i = 0; i < s->feeds.n; i++)
		if (str_eq(s->feeds.at[i].name, f->name))
			return;
	*ARENA_PUSH(s->a, &s->feeds) = *f;
}

static void
add_missing(struct sum *s, const struct not_covered *m, size_t images)
{
	struct not_covered *sum;

	for (size_t i = 0; i < s->missing.n; i++)
		if (str_eq(s->missing.at[i].ecosystem, m->ecosystem)) {
			s->missing.at[i].components += m->components * images;
			return;
		}
	sum = ARENA_PUSH(s->a, &s->missing);
	*sum = *m;
	sum->components *= images;
}

static void
add_group(
    struct sum *s, const struct coverage *one, int64_t images, struct coverage *io)
{
	if (place(one->state) > place(io->state))
		io->state = one->state;
	for (size_t i = 0; i < one->n_feeds; i++)
		add_feed(s, &one->feeds[i]);
	for (size_t i = 0; i < one->n_not_covered; i++)
		add_missing(s, &one->not_covered[i], (size_t)images);
}

static enum err_code
read_groups(struct store *st, struct query *q, struct arena *a,
    struct coverage_group **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct coverage_group *at;
		size_t n, cap;
	} groups = { 0 };
	enum err_code rc;
	bool more;

	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		struct coverage_group *g = ARENA_PUSH(a, &groups);

		g->reading = (struct reading){
			.state = (enum coverage_state)col_int(q, 0),
			.ecosystem = col_dup(q, 1, a),
		};
		read_not_covered(col_text(q, 2), a, &g->reading);
		g->images = col_int(q, 3);
		g->ecosystem_id = col_int(q, 4);
	}
	query_done(q);
	for (size_t i = 0; i < groups.n && rc == ERR_OK; i++)
		rc = judge(st, &groups.at[i].reading, a, &groups.at[i].coverage, e);
	*ret = groups.at;
	*ret_n = groups.n;
	return rc;
}

enum err_code
coverage_kinds(struct store *st, struct scope scope, struct arena *a,
    struct coverage_group **ret, size_t *ret_n, struct err *e)
{
	struct query *q = query(st, STMT_COVERAGE_KINDS);

	bind_int(q, 1, scope_reads(scope));
	return read_groups(st, q, a, ret, ret_n, e);
}

enum err_code
store_coverage_now(struct store *st, struct scope scope, struct image_row *images,
    size_t n, struct err *e)
{
	struct arena *a = arena_new();
	struct coverage_group *kinds = NULL;
	size_t n_kinds = 0;
	enum err_code rc = coverage_kinds(st, scope, a, &kinds, &n_kinds, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		size_t k = 0;

		while (k < n_kinds &&
		       (kinds[k].reading.state != images[i].coverage ||
			   !str_eq(kinds[k].reading.ecosystem, images[i].ecosystem)))
			k++;
		if (k < n_kinds)
			images[i].coverage = kinds[k].coverage.state;
	}
	arena_free(a);
	return rc;
}

enum err_code
store_coverage_all(struct store *st, struct scope scope, int64_t list_id,
    struct arena *a, struct coverage *ret, struct err *e)
{
	struct sum s = { .a = a };
	struct coverage_group *groups = NULL;
	struct query *q = query(st, STMT_COVERAGE_GROUPS);
	size_t n = 0;
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, list_id);
	rc = read_groups(st, q, a, &groups, &n, e);
	*ret =
	    (struct coverage){ .state = n > 0 ? COVERAGE_SCRATCH : COVERAGE_COMPLETE };
	for (size_t i = 0; i < n; i++)
		add_group(&s, &groups[i].coverage, groups[i].images, ret);
	ret->feeds = s.feeds.at;
	ret->n_feeds = s.feeds.n;
	ret->not_covered = s.missing.at;
	ret->n_not_covered = s.missing.n;
	return rc;
}
