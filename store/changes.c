/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The net change of a list between two numbers: the order of the stages, and what they
 * all add to.  One snapshot is read, so everything agrees.
 */
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/str.h"
#include "store/changes_private.h"

/* ---- what the stages share ---- */

static enum err_code
read_component(struct work *w, int64_t id, struct component_info *ret, struct err *e)
{
	enum { COL_VERSION, COL_NAME, COL_ECOSYSTEM_ID, COL_ECOSYSTEM, COL_ORIGIN };
	struct query *q = query(w->st, STMT_CHANGES_COMPONENT);
	enum err_code rc;

	bind_int(q, 1, id);
	rc = query_one(q, e);
	if (rc == ERR_OK)
		*ret = (struct component_info){
			.id = id,
			.version = col_dup(q, COL_VERSION, w->memory),
			.name = col_dup(q, COL_NAME, w->memory),
			.ecosystem_id = col_int(q, COL_ECOSYSTEM_ID),
			.ecosystem = col_dup(q, COL_ECOSYSTEM, w->memory),
			.source_package = col_dup(q, COL_ORIGIN, w->memory),
		};
	query_done(q);
	return rc == ERR_NOTFOUND
		   ? err_set(e, ERR_STORAGE, "component %lld is missing", (long long)id)
		   : rc;
}

enum err_code
work_component(struct work *w, int64_t id, struct component_info **ret, struct err *e)
{
	struct component_info info;
	int64_t *index = idmap_get(&w->component_of, id);
	enum err_code rc;

	if (index == NULL) {
		if ((rc = read_component(w, id, &info, e)) != ERR_OK)
			return rc;
		*ARENA_PUSH(w->memory, &w->components) = info;
		index = idmap_put(&w->component_of, id, NULL);
		*index = (int64_t)w->components.n - 1;
	}
	*ret = &w->components.at[*index];
	return ERR_OK;
}

enum err_code
work_periods(struct work *w, int64_t id, struct component_info **ret, struct err *e)
{
	enum err_code rc = work_component(w, id, ret, e);

	if (rc != ERR_OK || (*ret)->has_periods)
		return rc;
	(*ret)->has_periods = true;
	return periods_of_component(w->st, id, w->base, w->memory, &(*ret)->periods, e);
}

struct row *
row_new(struct work *w, int64_t vulnerability_id, enum change_kind kind)
{
	struct row *row = arena_zalloc(w->memory, sizeof(*row));

	row->vulnerability_id = vulnerability_id;
	row->kind = kind;
	row->found_of = idmap_in(w->memory);
	return row;
}

struct row *
work_row(struct work *w, int64_t vulnerability_id, enum change_kind kind)
{
	bool is_new;
	int64_t *index = idmap_put(
	    &w->row_of, vulnerability_id * CHANGE_KIND_COUNT + (int64_t)kind, &is_new);

	if (is_new) {
		*ARENA_PUSH(w->memory, &w->rows) = row_new(w, vulnerability_id, kind);
		*index = (int64_t)w->rows.n - 1;
	}
	return w->rows.at[*index];
}

void
row_add_image(struct work *w, struct row *row, uint32_t member)
{
	size_t i = row->n_listed;

	w->members[member].is_touched = true;
	row->n_images++;
	if (i == MAX_MESSAGE_IMAGES && row->listed[i - 1] < member)
		return;
	if (i == MAX_MESSAGE_IMAGES)
		i--; /* the last one makes room */
	else
		row->n_listed++;
	for (; i > 0 && row->listed[i - 1] > member; i--)
		row->listed[i] = row->listed[i - 1];
	row->listed[i] = member;
}

void
row_add_found(struct work *w, struct row *row, int64_t component_id,
    const struct period *p, enum severity severity_before)
{
	struct period *kept;
	bool is_new;

	(void)idmap_put(&row->found_of, component_id, &is_new);
	if (!is_new)
		return;
	kept = arena_memdup(w->memory, p, sizeof(*p));
	kept->fixed_version = arena_strdup(w->memory, p->fixed_version);
	*ARENA_PUSH(w->memory, &row->found) = (struct found){
		.component_id = component_id,
		.period = kept,
		.severity_before = severity_before,
	};
}

/* ---- moved and deleted images ---- */

static enum err_code
list_moved(struct work *w, struct changes *out, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < w->n_members && rc == ERR_OK; i++) {
		const struct member *m = &w->members[i];
		struct image_change *image;

		if (!m->is_moved)
			continue;
		image = &out->images[out->n_images++];
		image->kind = EVENT_IMAGE_MOVED;
		image->gained = m->gained;
		image->lost = m->lost;
		rc = rows_image(
		    w, m->image_id, w->to, &image->image, &image->previous_digest, e);
	}
	return rc;
}

static enum err_code
count_open(struct work *w, int64_t inventory_id, int64_t *ret, struct err *e)
{
	int64_t *ids = NULL, sum = 0;
	size_t n = 0;
	enum err_code rc = ERR_OK;

	arena_reset(w->scrap);
	if (inventory_id != 0)
		rc = sets_components_of(w->st, inventory_id, w->scrap, &ids, &n, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct component_info *info;

		rc = work_periods(w, ids[i], &info, e);
		for (size_t k = 0; rc == ERR_OK && k < info->periods.n; k++) {
			const struct period *p = &info->periods.at[k];

			sum += p->from_seq <= w->base && w->base < p->to_seq &&
			       period_open(p) && p->severity != SEVERITY_NEGLIGIBLE;
		}
	}
	*ret = sum;
	return rc;
}

static enum err_code
list_deleted(struct work *w, struct changes *out, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < w->n_deleted && rc == ERR_OK; i++) {
		const struct deleted *d = &w->deleted[i];
		struct image_change *image = &out->images[out->n_images++];

		image->kind = EVENT_IMAGE_DELETED;
		rc = rows_image(
		    w, d->image_id, w->base, &image->image, &image->previous_digest, e);
		if (rc == ERR_OK)
			rc = count_open(w, d->inventory_before, &image->lost, e);
	}
	return rc;
}

struct ending {
	int64_t image_id, ends_at;
	bool has_ended;
};
struct endings {
	struct ending *at;
	size_t n, cap;
};

/* The last step of each image. */
static enum err_code
find_endings(struct work *w, struct endings *out, struct err *e)
{
	struct query *q = query(w->st, STMT_CHANGES_ENDING);
	enum err_code rc;
	bool more;

	bind_int(q, 1, w->list_id);
	bind_int(q, 2, w->base);
	bind_int(q, 3, w->to);
	bind_int(q, 4, w->team_id);
	bind_int(q, 5, EVENT_IMAGE_END_OF_LIFE);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		int64_t id = col_int(q, 0), ends_at = 0;
		const char *text = str_or_empty(col_text(q, 1));
		struct json *j = NULL;
		struct ending *x;

		if (json_parse(&j, text, strlen(text), NULL) != ERR_OK)
			continue;
		x = out->n > 0 && out->at[out->n - 1].image_id == id
			? &out->at[out->n - 1]
			: ARENA_PUSH(w->memory, out);
		(void)time_parse(json_str(json_get(j, "ends")), &ends_at);
		*x = (struct ending){ id, ends_at, json_num(json_get(j, "days")) <= 0 };
		json_free(j);
	}
	query_done(q);
	return rc;
}

static enum err_code
list_endings(
    struct work *w, const struct endings *endings, struct changes *out, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < endings->n && rc == ERR_OK; i++) {
		struct image_change *image = &out->images[out->n_images++];

		image->kind = EVENT_IMAGE_END_OF_LIFE;
		image->ends_at = endings->at[i].ends_at;
		image->has_ended = endings->at[i].has_ended;
		rc = rows_image(w, endings->at[i].image_id, w->to, &image->image,
		    &image->previous_digest, e);
	}
	return rc;
}

/* What went and came back meanwhile is no news, nor is what came back and went again. */
struct reach {
	int64_t image_id;
	enum event_kind first, last;
};
struct reaches {
	struct reach *at;
	size_t n, cap;
};

static enum err_code
find_reaches(struct work *w, struct reaches *out, struct err *e)
{
	struct query *q = query(w->st, STMT_CHANGES_REACH);
	enum err_code rc;
	bool more;

	bind_int(q, 1, w->list_id);
	bind_int(q, 2, w->base);
	bind_int(q, 3, w->to);
	bind_int(q, 4, w->team_id);
	bind_int(q, 5, EVENT_IMAGE_UNREACHABLE);
	bind_int(q, 6, EVENT_IMAGE_REACHABLE);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		int64_t id = col_int(q, 0);
		enum event_kind kind = (enum event_kind)col_int(q, 1);

		if (out->n > 0 && out->at[out->n - 1].image_id == id)
			out->at[out->n - 1].last = kind;
		else
			*ARENA_PUSH(w->memory, out) = (struct reach){ id, kind, kind };
	}
	query_done(q);
	return rc;
}

static enum err_code
list_reaches(
    struct work *w, const struct reaches *reaches, struct changes *out, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < reaches->n && rc == ERR_OK; i++) {
		const struct reach *x = &reaches->at[i];
		struct image_change *image;

		if (x->first != x->last)
			continue;
		image = &out->images[out->n_images++];
		image->kind = x->last;
		rc = rows_image(
		    w, x->image_id, w->to, &image->image, &image->previous_digest, e);
	}
	return rc;
}

static enum err_code
list_images(struct work *w, struct changes *out, struct err *e)
{
	struct endings endings = { 0 };
	struct reaches reaches = { 0 };
	size_t n = w->n_deleted;
	enum err_code rc = find_endings(w, &endings, e);

	if (rc == ERR_OK)
		rc = find_reaches(w, &reaches, e);
	for (size_t i = 0; i < w->n_members; i++)
		n += w->members[i].is_moved;
	out->images =
	    arena_array(w->a, n + endings.n + reaches.n, sizeof(*out->images));
	if (rc == ERR_OK)
		rc = list_endings(w, &endings, out, e);
	if (rc == ERR_OK)
		rc = list_reaches(w, &reaches, out, e);
	if (rc == ERR_OK)
		rc = list_moved(w, out, e);
	return rc == ERR_OK ? list_deleted(w, out, e) : rc;
}

/* ---- the whole ---- */

static enum err_code
evaluate(
    struct work *w, const int64_t *seqs, size_t n, struct changes *out, struct err *e)
{
	struct moved_names moved = { 0 };
	enum err_code rc;

	if ((rc = members_load(w, e)) != ERR_OK || w->base >= w->to)
		return rc;
	if ((rc = changes_named(w, seqs, n, &moved, e)) != ERR_OK ||
	    (rc = changes_moved(w, &moved, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < w->n_members; i++)
		out->n_touched_images += w->members[i].is_touched;
	if ((rc = rows_finish(w, w->rows.at, w->rows.n, &out->rows, &out->n_rows, e)) !=
		ERR_OK ||
	    (rc = list_images(w, out, e)) != ERR_OK)
		return rc;
	return changes_baseline(w, out, e);
}

enum err_code
store_changes(struct store *st, int64_t team_id, int64_t list_id, int64_t start_seq,
    int64_t from_seq, int64_t to_seq, const int64_t *seqs, size_t n, struct arena *a,
    struct changes *ret, struct err *e)
{
	struct work w = {
		.st = st,
		.team_id = team_id,
		.list_id = list_id,
		.base = from_seq > start_seq ? from_seq : start_seq,
		.to = to_seq,
		.a = a,
	};
	struct changes out = { 0 };
	enum err_code rc;

	if ((rc = tx_read(st, e)) != ERR_OK)
		return rc;
	w.memory = arena_new();
	w.scrap = arena_new();
	w.held = idmap_in(w.memory);
	w.row_of = idmap_in(w.memory);
	w.component_of = idmap_in(w.memory);
	rc = evaluate(&w, seqs, n, &out, e);
	arena_free(w.scrap);
	arena_free(w.memory);
	if ((rc = tx_end(st, rc, e)) == ERR_OK)
		*ret = out;
	return rc;
}
