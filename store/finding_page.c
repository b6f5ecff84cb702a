/* SPDX-License-Identifier: Apache-2.0 */
/* Findings page by page: image by image, in each the worst first. */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "store/components_private.h"
#include "store/finding_private.h"
#include "store/outbox_private.h"
#include "store/query_private.h"

/* A match of the image at hand that passes the filter, and where it stands in the order:
 * exploited, then by severity, then with a fix; then the newest name. */
struct found {
	int64_t rank, component_id;
	struct match_row match;
};

struct collecting {
	struct store *st;
	const struct finding_filter *f;
	struct arena *a;     /* of the answer */
	struct arena *inner; /* of one image */
	struct {
		struct found *at;
		size_t n, cap;
	} found; /* of one image, in 'inner' */
	struct {
		struct finding_row *at;
		size_t n, cap;
	} rows;
	int64_t count;
};

static int64_t
rank_of(const struct match_row *m)
{
	/* nobody rated it: more than low, less than what somebody called medium */
	static const int places[SEVERITY_COUNT] = { [SEVERITY_CRITICAL] = 0,
		[SEVERITY_HIGH] = 1,
		[SEVERITY_MEDIUM] = 2,
		[SEVERITY_UNKNOWN] = 3,
		[SEVERITY_LOW] = 4,
		[SEVERITY_NEGLIGIBLE] = 5 };

	/* never 0: that is the start of the order */
	return 1 + (m->kev_at == 0) * 16 + places[m->severity] * 2 +
	       (m->state != STATUS_FIXED);
}

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
by_rank(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int d = compare(x->rank, y->rank);

	if (d == 0)
		d = compare(y->match.vulnerability_id, x->match.vulnerability_id);
	return d != 0 ? d : compare(x->component_id, y->component_id);
}

static bool
passes(const struct finding_filter *f, const struct match_row *m)
{
	unsigned severities = f->severities;

	if (f->states != 0 ? (f->states & 1u << m->state) == 0
			   : m->state == STATUS_UNDER_INVESTIGATION)
		return false;
	if (severities == 0)
		severities = ~(1u << SEVERITY_NEGLIGIBLE);
	return (severities & 1u << m->severity) != 0 &&
	       (!f->only_fixable || m->state == STATUS_FIXED) &&
	       (!f->only_unfixable || m->state != STATUS_FIXED) &&
	       (!f->only_exploited || m->kev_at != 0) &&
	       (f->epss_gte_micro == 0 || m->epss_micro >= f->epss_gte_micro);
}

static enum err_code
package_passes(struct collecting *c, int64_t component_id, bool *ret, struct err *e)
{
	const char *glob = c->f->package;
	struct component x;
	enum err_code rc;

	*ret = glob == NULL;
	if (*ret)
		return ERR_OK;
	if ((rc = component_get(c->st, component_id, c->inner, &x, e)) != ERR_OK)
		return rc;
	*ret = glob_match(glob, x.name) ||
	       (x.source_package != NULL && glob_match(glob, x.source_package));
	return ERR_OK;
}

static enum err_code
find_in_component(struct collecting *c, int64_t component, struct err *e)
{
	size_t first = c->found.n, n = 0;
	struct match_row *m = NULL;
	bool wanted = false;
	enum err_code rc =
	    c->f->as_of_seq == 0
		? matches_of(c->st, component, c->inner, &m, &n, e)
		: matches_of_at(c->st, component, c->f->as_of_seq, c->inner, &m, &n, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		if (passes(c->f, &m[i]))
			*ARENA_PUSH(c->inner, &c->found) =
			    (struct found){ rank_of(&m[i]), component, m[i] };
	if (rc == ERR_OK && c->found.n > first)
		rc = package_passes(c, component, &wanted, e);
	if (!wanted)
		c->found.n = first;
	return rc;
}

/* Is the finding behind the cursor? */
static bool
is_behind(const struct finding_filter *f, int64_t image, const struct found *found)
{
	const struct found cursor = { .rank = f->after_rank,
		.component_id = f->after_component,
		.match = { .vulnerability_id = f->after_vulnerability } };

	if (image != f->after_image)
		return image > f->after_image;
	return by_rank(found, &cursor) > 0;
}

static enum err_code
add_row(struct collecting *c, const struct image_then *image,
    struct image_builds *builds, struct found *found, struct err *e)
{
	struct finding_row *row = ARENA_PUSH(c->a, &c->rows);
	struct match_row *m = &found->match;
	int64_t seq = 0, since = m->since_seq;
	enum err_code rc;

	m->vulnerability = arena_strdup(c->a, m->vulnerability);
	m->fixed_version = arena_strdup(c->a, m->fixed_version);
	row->image_id = image->id;
	row->image = image->name;
	row->rank = found->rank;
	rc = finding_fill(c->st, m, found->component_id, c->a, row, e);
	if (rc == ERR_OK && c->f->as_of_seq != 0)
		rc = match_run_start(c->st, m, found->component_id, &since, e);
	if (rc == ERR_OK)
		rc = first_seen_seq(
		    builds, found->component_id, m->vulnerability_id, since, &seq, e);
	return rc == ERR_OK ? event_time(c->st, seq, &row->first_seen, e) : rc;
}

static enum err_code
image_name(
    struct collecting *c, struct scope scope, struct image_then *image, struct err *e)
{
	struct image_row row;
	enum err_code rc = store_image(c->st, scope, image->id, NULL, c->a, &row, e);

	if (rc == ERR_OK)
		image->name = row.name;
	return rc;
}

static enum err_code
add_rows(
    struct collecting *c, struct scope scope, struct image_then *image, struct err *e)
{
	struct image_builds *builds = NULL;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < c->found.n && c->rows.n < c->f->limit && rc == ERR_OK;
	     i++) {
		if (!is_behind(c->f, image->id, &c->found.at[i]))
			continue;
		if (image->name == NULL)
			rc = image_name(c, scope, image, e);
		if (rc == ERR_OK && builds == NULL)
			rc = image_builds_load(
			    c->st, image->id, c->f->as_of_seq, c->inner, &builds, e);
		if (rc == ERR_OK)
			rc = add_row(c, image, builds, &c->found.at[i], e);
	}
	return rc;
}

static enum err_code
collect_image(
    struct collecting *c, struct scope scope, struct image_then image, struct err *e)
{
	int64_t *components = NULL;
	size_t n = 0;
	enum err_code rc;

	if (image.inventory_id == 0)
		return ERR_OK;
	arena_reset(c->inner);
	memset(&c->found, 0, sizeof(c->found));
	rc =
	    sets_components_of(c->st, image.inventory_id, c->inner, &components, &n, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = find_in_component(c, components[i], e);
	if (rc != ERR_OK || c->found.n == 0)
		return rc;
	c->count += (int64_t)c->found.n;
	qsort(c->found.at, c->found.n, sizeof(*c->found.at), by_rank);
	return add_rows(c, scope, &image, e);
}

static enum err_code
collect_past(struct collecting *c, struct scope scope, struct err *e)
{
	struct image_then *images = NULL;
	size_t n = 0;
	enum err_code rc = images_at(c->st, scope, c->f, c->a, &images, &n, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = collect_image(c, scope, images[i], e);
	return rc;
}

static enum err_code
collect(struct collecting *c, struct scope scope, struct err *e)
{
	struct image_ref *images = NULL;
	struct image_row image;
	size_t n = 0;
	enum err_code rc;

	if (c->f->as_of_seq != 0)
		return collect_past(c, scope, e);
	if (c->f->image_id != 0) {
		rc = store_image(c->st, scope, c->f->image_id, NULL, c->a, &image, e);
		return rc == ERR_OK ? collect_image(c, scope,
					  (struct image_then){ image.id,
					      image.inventory_id, image.name },
					  e)
				    : rc;
	}
	rc = image_refs(c->st, scope, c->f->list_id, c->a, &images, &n, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = collect_image(c, scope,
		    (struct image_then){ images[i].id, images[i].inventory_id, NULL },
		    e);
	return rc;
}

enum err_code
store_findings(struct store *st, struct scope scope, const struct finding_filter *f,
    struct arena *a, struct finding_row **ret, size_t *ret_n, int64_t *ret_count,
    struct err *e)
{
	struct collecting c = { .st = st, .f = f, .a = a, .inner = arena_new() };
	enum err_code rc = tx_read(st, e);

	if (rc == ERR_OK)
		rc = tx_end(st, collect(&c, scope, e), e);
	arena_free(c.inner);
	if (rc != ERR_OK)
		return rc;
	*ret = c.rows.at;
	*ret_n = c.rows.n;
	*ret_count = c.count;
	return ERR_OK;
}
