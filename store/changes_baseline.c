/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is told as one summary: images that came to the list after base, with all they
 * have; and ecosystems that a feed began to speak of, with what they bring to the images
 * that were there before.  Counts only, but exploited vulnerabilities by name; when a
 * feed began to say what is exploited, those of every image.
 */
#include "core/arena.h"
#include "store/changes_private.h"

struct spoken {
	int64_t id;
	const char *name;
	bool is_carried; /* by an image of the list */
};

/* Everything of one inventory that the summary is about. */
struct content {
	struct counts counts;
	struct {
		struct {
			int64_t vulnerability_id, component_id;
			const struct period *period;
		} * at;
		size_t n, cap;
	} exploited;
};

struct summing {
	struct work *w;
	struct {
		struct spoken *at;
		size_t n, cap;
	} spoken;
	bool exploited_began;
	struct idmap exploited;  /* vulnerability id */
	struct idmap content_of; /* content_key() to index + 1 */
	struct {
		struct content **at;
		size_t n, cap;
	} contents;
	struct idmap row_of; /* vulnerability id to index + 1 */
	struct {
		struct row **at;
		size_t n, cap;
	} rows;
};

static enum err_code
read_spoken(struct summing *u, struct err *e)
{
	struct query *q = query(u->w->st, STMT_CHANGES_BASELINES);
	enum err_code rc;
	bool more;

	bind_int(q, 1, u->w->base);
	bind_int(q, 2, u->w->to);
	bind_int(q, 3, EVENT_FEED_BASELINE);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(u->w->memory, &u->spoken) = (struct spoken){
			.id = col_int(q, 0),
			.name = col_dup(q, 1, u->w->a),
		};
	query_done(q);
	return rc;
}

static enum err_code
read_exploited(struct summing *u, struct err *e)
{
	struct query *q = query(u->w->st, STMT_CHANGES_EXPLOITED);
	enum err_code rc;
	bool more;

	bind_int(q, 1, u->w->to);
	bind_int(q, 2, EVENT_FINDING_EXPLOITED);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		(void)idmap_put(&u->exploited, col_int(q, 0), NULL);
	query_done(q);
	return rc;
}

static enum err_code
read_exploited_began(struct summing *u, struct err *e)
{
	struct query *q = query(u->w->st, STMT_CHANGES_EXPLOITED_BEGAN);
	enum err_code rc;

	bind_int(q, 1, u->w->base);
	bind_int(q, 2, u->w->to);
	bind_int(q, 3, EVENT_FEED_BASELINE);
	rc = query_one(q, e);
	query_done(q);
	u->exploited_began = rc == ERR_OK;
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

/* ---- counting ---- */

static void
count_component(
    struct summing *u, const struct component_info *info, struct content *out)
{
	int64_t last = 0;

	for (size_t i = 0; i < info->periods.n; i++) {
		struct periods group;
		const struct period *p;
		bool is_exploited;

		if (info->periods.at[i].other_id == last)
			continue;
		last = info->periods.at[i].other_id;
		group = periods_find(&info->periods, last);
		p = period_at(&group, u->w->to);
		if (!period_open(p))
			continue;
		is_exploited = idmap_get(&u->exploited, last) != NULL;
		counts_add(&out->counts, p->severity, 1, p->state == STATUS_FIXED,
		    is_exploited);
		if (!is_exploited)
			continue;
		(void)ARENA_PUSH(u->w->memory, &out->exploited);
		out->exploited.at[out->exploited.n - 1].vulnerability_id = last;
		out->exploited.at[out->exploited.n - 1].component_id = info->id;
		out->exploited.at[out->exploited.n - 1].period = p;
	}
}

static struct spoken *
find_spoken(struct summing *u, int64_t ecosystem_id)
{
	for (size_t i = 0; i < u->spoken.n; i++)
		if (u->spoken.at[i].id == ecosystem_id)
			return &u->spoken.at[i];
	return NULL;
}

static enum err_code
read_content(struct summing *u, int64_t inventory_id, bool whole, struct content *out,
    struct err *e)
{
	int64_t *ids = NULL;
	size_t n = 0;
	enum err_code rc;

	arena_reset(u->w->scrap);
	rc = sets_components_of(u->w->st, inventory_id, u->w->scrap, &ids, &n, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct component_info *info;
		struct spoken *spoken;

		rc = work_component(u->w, ids[i], &info, e);
		if (rc != ERR_OK)
			break;
		spoken = find_spoken(u, info->ecosystem_id);
		if (spoken != NULL)
			spoken->is_carried = true;
		if (!whole && spoken == NULL)
			continue;
		rc = work_periods(u->w, ids[i], &info, e);
		if (rc == ERR_OK)
			count_component(u, info, out);
	}
	return rc;
}

/* Of the whole inventory, or of its packages in the ecosystems that are new. */
static enum err_code
content_of(struct summing *u, int64_t inventory_id, bool whole,
    const struct content **ret, struct err *e)
{
	bool is_new;
	int64_t *index =
	    idmap_put(&u->content_of, inventory_id * 2 + (whole ? 1 : 0), &is_new);
	struct content *c;

	if (!is_new) {
		*ret = u->contents.at[*index - 1];
		return ERR_OK;
	}
	c = arena_zalloc(u->w->memory, sizeof(*c));
	*ARENA_PUSH(u->w->memory, &u->contents) = c;
	*index = (int64_t)u->contents.n;
	*ret = c;
	return inventory_id == 0 ? ERR_OK : read_content(u, inventory_id, whole, c, e);
}

static struct row *
exploited_row(struct summing *u, int64_t vulnerability_id)
{
	bool is_new;
	int64_t *index = idmap_put(&u->row_of, vulnerability_id, &is_new);
	struct row *row;

	if (!is_new)
		return u->rows.at[*index - 1];
	row = row_new(u->w, vulnerability_id, CHANGE_OPENED);
	row->reason = "baseline";
	*ARENA_PUSH(u->w->memory, &u->rows) = row;
	*index = (int64_t)u->rows.n;
	return row;
}

/* Members come in order, so the last one listed tells whether an image is counted. */
static void
spell_out(struct summing *u, uint32_t member, const struct content *c)
{
	for (size_t i = 0; i < c->exploited.n; i++) {
		struct row *row = exploited_row(u, c->exploited.at[i].vulnerability_id);

		if (row->last_member != member + 1) {
			row->last_member = member + 1;
			row_add_image(u->w, row, member);
		}
		row_add_found(u->w, row, c->exploited.at[i].component_id,
		    c->exploited.at[i].period, SEVERITY_UNKNOWN);
	}
}

static enum err_code
list_image(struct summing *u, const struct member *m, const struct content *c,
    struct changes *out, struct err *e)
{
	struct image_change *image;
	const char *previous;

	out->n_baseline_images++;
	if (out->n_baseline_listed == MAX_MESSAGE_IMAGES)
		return ERR_OK;
	image = &out->baseline_images[out->n_baseline_listed++];
	image->kind = EVENT_IMAGE_REGISTERED;
	image->gained = c->counts.total;
	return rows_image(u->w, m->image_id, u->w->to, &image->image, &previous, e);
}

/* An image that was there before: what is new to be said of it. */
static enum err_code
sum_old(struct summing *u, uint32_t index, struct changes *out, struct err *e)
{
	const struct member *m = &u->w->members[index];
	const struct content *part = NULL, *all = NULL;
	enum err_code rc = ERR_OK;

	if (u->spoken.n > 0)
		rc = content_of(u, m->inventory, false, &part, e);
	if (rc == ERR_OK && u->exploited_began)
		rc = content_of(u, m->inventory, true, &all, e);
	if (rc != ERR_OK)
		return rc;
	if (part != NULL)
		counts_sum(&out->baseline_counts, &part->counts);
	if (all != NULL)
		out->baseline_counts.exploited +=
		    all->counts.exploited - (part != NULL ? part->counts.exploited : 0);
	if (all != NULL || part != NULL)
		spell_out(u, index, all != NULL ? all : part);
	return ERR_OK;
}

static enum err_code
sum_new(struct summing *u, uint32_t index, struct changes *out, struct err *e)
{
	const struct member *m = &u->w->members[index];
	const struct content *c;
	enum err_code rc = content_of(u, m->inventory, true, &c, e);

	if (rc == ERR_OK)
		rc = list_image(u, m, c, out, e);
	if (rc != ERR_OK)
		return rc;
	counts_sum(&out->baseline_counts, &c->counts);
	spell_out(u, index, c);
	return ERR_OK;
}

static enum err_code
sum_members(struct summing *u, struct changes *out, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < u->w->n_members && rc == ERR_OK; i++)
		rc = u->w->members[i].is_baseline ? sum_new(u, (uint32_t)i, out, e)
						  : sum_old(u, (uint32_t)i, out, e);
	return rc;
}

static void
list_ecosystems(struct summing *u, struct changes *out)
{
	out->baseline_ecosystems =
	    arena_array(u->w->a, u->spoken.n, sizeof(*out->baseline_ecosystems));
	for (size_t i = 0; i < u->spoken.n; i++)
		if (u->spoken.at[i].is_carried)
			out->baseline_ecosystems[out->n_baseline_ecosystems++] =
			    u->spoken.at[i].name;
}

enum err_code
changes_baseline(struct work *w, struct changes *out, struct err *e)
{
	struct summing u = {
		.w = w,
		.exploited = idmap_in(w->memory),
		.content_of = idmap_in(w->memory),
		.row_of = idmap_in(w->memory),
	};
	enum err_code rc;

	out->baseline_images =
	    arena_array(w->a, MAX_MESSAGE_IMAGES, sizeof(*out->baseline_images));
	if ((rc = read_spoken(&u, e)) != ERR_OK ||
	    (rc = read_exploited(&u, e)) != ERR_OK ||
	    (rc = read_exploited_began(&u, e)) != ERR_OK ||
	    (rc = sum_members(&u, out, e)) != ERR_OK)
		return rc;
	list_ecosystems(&u, out);
	out->has_baseline = out->n_baseline_images > 0 ||
			    out->n_baseline_ecosystems > 0 || u.rows.n > 0;
	return rows_finish(w, u.rows.at, u.rows.n, &out->baseline_exploited,
	    &out->n_baseline_exploited, e);
}
