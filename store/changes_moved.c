/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images whose packages are others than at base.  What the move itself did is what
 * differs between the old and the new packages as matches stand at the upper number;
 * what the feeds did to it is what the events name.  A rebuild with another version that
 * is vulnerable all the same opens and resolves nothing, so packages are compared by
 * name, not by component; and a feed's quiet first load is not blamed on the move.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "store/changes_private.h"

struct installed {
	int64_t component_id;
	const char *name;
	bool before, now;
};
/* All components of one package name; what is said about it. */
struct group {
	const struct installed *at;
	size_t n;
	bool is_changed; /* the move added or took away a component */
};
struct candidate {
	int64_t vulnerability_id, announced_from;
	unsigned kinds;
};
struct candidates {
	struct candidate *at;
	size_t n, cap;
};
/* What became of one vulnerability in one package of the image. */
struct outcome {
	int64_t vulnerability_id;
	enum change_kind kind;
	const char *reason;
	const struct group *group;
	enum severity severity_before;
};
struct outcomes {
	struct outcome *at;
	size_t n, cap;
};

struct moving {
	struct work *w;
	uint32_t index;
	struct member *m;
	const struct moved_named *named; /* of this member */
	size_t n_named;
	struct installed *installed; /* by name */
	size_t n_installed;
	struct outcomes outcomes;
};

/* ---- what was and is installed ---- */

static int
by_name(const void *a, const void *b)
{
	const struct installed *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return (x->component_id > y->component_id) -
	       (x->component_id < y->component_id);
}

static enum err_code
components_of(
    struct moving *u, int64_t inventory_id, int64_t **ret, size_t *ret_n, struct err *e)
{
	*ret = NULL;
	*ret_n = 0;
	if (inventory_id == 0)
		return ERR_OK;
	return sets_components_of(u->w->st, inventory_id, u->w->scrap, ret, ret_n, e);
}

static enum err_code
load_installed(struct moving *u, struct err *e)
{
	int64_t *old, *now;
	size_t n_old, n_now;
	enum err_code rc;

	if ((rc = components_of(u, u->m->inventory_before, &old, &n_old, e)) !=
		ERR_OK ||
	    (rc = components_of(u, u->m->inventory, &now, &n_now, e)) != ERR_OK)
		return rc;
	u->installed = arena_array(u->w->scrap, n_old + n_now, sizeof(*u->installed));
	for (size_t i = 0, k = 0; (i < n_old || k < n_now) && rc == ERR_OK;) {
		struct installed *x = &u->installed[u->n_installed++];
		struct component_info *info;

		x->before = k == n_now || (i < n_old && old[i] <= now[k]);
		x->now = i == n_old || (k < n_now && now[k] <= old[i]);
		x->component_id = x->before ? old[i] : now[k];
		i += x->before;
		k += x->now;
		rc = work_component(u->w, x->component_id, &info, e);
		if (rc == ERR_OK)
			x->name = info->name;
	}
	if (rc == ERR_OK && u->n_installed > 0)
		qsort(u->installed, u->n_installed, sizeof(*u->installed), by_name);
	return rc;
}

/* ---- which vulnerabilities are to be looked at ---- */

static int
by_vulnerability(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->vulnerability_id > y->vulnerability_id) -
	       (x->vulnerability_id < y->vulnerability_id);
}

static void
add_standing(struct moving *u, const struct periods *p, struct candidates *out)
{
	int64_t last = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].other_id != last) {
			last = p->at[i].other_id;
			*ARENA_PUSH(u->w->scrap, out) =
			    (struct candidate){ .vulnerability_id = last };
		}
}

static void
add_named(struct moving *u, int64_t component_id, struct candidates *out)
{
	for (size_t i = 0; i < u->n_named; i++)
		if (u->named[i].component_id == component_id)
			*ARENA_PUSH(u->w->scrap, out) = (struct candidate){
				.vulnerability_id = u->named[i].vulnerability_id,
				.kinds = u->named[i].kinds,
				.announced_from = u->named[i].announced_from,
			};
}

static enum err_code
find_candidates(
    struct moving *u, const struct group *g, struct candidates *out, struct err *e)
{
	enum err_code rc = ERR_OK;
	size_t n = 0;

	for (size_t i = 0; i < g->n && rc == ERR_OK; i++) {
		struct component_info *info;

		add_named(u, g->at[i].component_id, out);
		if (!g->is_changed)
			continue;
		rc = work_periods(u->w, g->at[i].component_id, &info, e);
		if (rc == ERR_OK)
			add_standing(u, &info->periods, out);
	}
	if (out->n > 0)
		qsort(out->at, out->n, sizeof(*out->at), by_vulnerability);
	for (size_t i = 0; i < out->n; i++) {
		if (n > 0 &&
		    out->at[n - 1].vulnerability_id == out->at[i].vulnerability_id) {
			out->at[n - 1].kinds |= out->at[i].kinds;
			if (out->at[n - 1].announced_from == 0)
				out->at[n - 1].announced_from =
				    out->at[i].announced_from;
		} else {
			out->at[n++] = out->at[i];
		}
	}
	out->n = n;
	return rc;
}

/* ---- judging one vulnerability in one package ---- */

struct standing {
	const struct period *before; /* worst one that was installed and open at base */
	const struct period *now; /* ... is installed and open, or at least suspected */
	bool old_open_now;        /* what was installed at base is open at 'to' */
	const char *closed_by;    /* why a match that was open at base is closed */
};

static bool
is_worse(const struct period *p, const struct period *than)
{
	return period_open(p) && (!period_open(than) || p->severity > than->severity);
}

static enum err_code
look_up(struct moving *u, const struct group *g, const struct candidate *c,
    struct standing *ret, struct err *e)
{
	const struct work *w = u->w;
	int64_t seq_before = c->announced_from != 0 ? c->announced_from - 1 : w->base;
	enum err_code rc = ERR_OK;

	*ret = (struct standing){ 0 };
	for (size_t i = 0; i < g->n && rc == ERR_OK; i++) {
		struct component_info *info;
		struct periods periods;
		const struct period *before, *now;

		rc = work_periods(u->w, g->at[i].component_id, &info, e);
		if (rc != ERR_OK)
			break;
		periods = periods_find(&info->periods, c->vulnerability_id);
		before = period_at(&periods, seq_before);
		now = period_at(&periods, w->to);
		if (g->at[i].before && is_worse(before, ret->before))
			ret->before = before;
		if (g->at[i].now && (is_worse(now, ret->now) || ret->now == NULL))
			ret->now = now;
		if (g->at[i].before && period_open(now))
			ret->old_open_now = true;
		else if (g->at[i].before && period_open(before))
			ret->closed_by = closing_reason(&periods, w->to);
	}
	return rc;
}

static bool
decide(const struct group *g, const struct candidate *c, const struct standing *s,
    struct outcome *ret)
{
	bool named = c->kinds != 0;

	if (!change_of(s->before, s->now, c->kinds, &ret->kind))
		return false;
	ret->severity_before =
	    s->before != NULL ? s->before->severity : SEVERITY_UNKNOWN;
	ret->reason = "feed";
	switch (ret->kind) {
	case CHANGE_OPENED:
		if (!named)
			ret->reason = "image_moved";
		return named || (g->is_changed && !s->old_open_now);
	case CHANGE_RESOLVED:
		ret->reason = s->old_open_now ? "image_moved" : s->closed_by;
		return s->old_open_now ? g->is_changed : named && s->closed_by != NULL;
	default:
		return named;
	}
}

/* Negligible ones are kept apart from everything that is counted. */
static bool
is_counted(const struct period *p)
{
	return p->severity != SEVERITY_NEGLIGIBLE;
}

static enum err_code
judge_group(struct moving *u, const struct group *g, struct err *e)
{
	struct candidates candidates = { 0 };
	enum err_code rc = find_candidates(u, g, &candidates, e);

	for (size_t i = 0; i < candidates.n && rc == ERR_OK; i++) {
		const struct candidate *c = &candidates.at[i];
		struct outcome o = { .vulnerability_id = c->vulnerability_id,
			.group = g };
		struct standing s;

		rc = look_up(u, g, c, &s, e);
		if (rc != ERR_OK || !decide(g, c, &s, &o))
			continue;
		*ARENA_PUSH(u->w->scrap, &u->outcomes) = o;
		u->m->gained += o.kind == CHANGE_OPENED && is_counted(s.now);
		u->m->lost += o.kind == CHANGE_RESOLVED && is_counted(s.before);
	}
	return rc;
}

static enum err_code
judge_groups(struct moving *u, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0, k; i < u->n_installed && rc == ERR_OK; i = k) {
		struct group *g = arena_alloc(u->w->scrap, sizeof(*g));

		*g = (struct group){ .at = &u->installed[i] };
		for (k = i; k < u->n_installed &&
			    strcmp(u->installed[k].name, u->installed[i].name) == 0;
		     k++) {
			g->n++;
			g->is_changed |= u->installed[k].before != u->installed[k].now;
		}
		rc = judge_group(u, g, e);
	}
	return rc;
}

/* ---- telling ---- */

static int
loudest_first(const void *a, const void *b)
{
	const struct outcome *x = a, *y = b;

	if (x->vulnerability_id != y->vulnerability_id)
		return x->vulnerability_id < y->vulnerability_id ? -1 : 1;
	return change_rank(x->kind) - change_rank(y->kind);
}

static enum err_code
add_components(
    struct moving *u, struct row *row, const struct outcome *o, struct err *e)
{
	bool resolved = o->kind == CHANGE_RESOLVED;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < o->group->n && rc == ERR_OK; i++) {
		const struct installed *x = &o->group->at[i];
		struct component_info *info;
		struct periods periods;
		const struct period *p;

		if (resolved ? !x->before : !x->now)
			continue;
		rc = work_periods(u->w, x->component_id, &info, e);
		if (rc != ERR_OK)
			break;
		periods = periods_find(&info->periods, o->vulnerability_id);
		p = period_at(&periods, resolved ? u->w->base : u->w->to);
		if (period_open(p))
			row_add_found(
			    u->w, row, x->component_id, p, o->severity_before);
	}
	return rc;
}

static enum err_code
tell(struct moving *u, struct err *e)
{
	struct outcomes *all = &u->outcomes;
	const struct outcome *told = NULL;
	enum err_code rc = ERR_OK;

	if (all->n > 0)
		qsort(all->at, all->n, sizeof(*all->at), loudest_first);
	for (size_t i = 0; i < all->n && rc == ERR_OK; i++) {
		const struct outcome *o = &all->at[i];
		bool first =
		    told == NULL || told->vulnerability_id != o->vulnerability_id;
		struct row *row;

		if (!first && told->kind != o->kind)
			continue;
		row = work_row(u->w, o->vulnerability_id, o->kind);
		if (row->reason == NULL || strcmp(row->reason, "image_moved") == 0)
			row->reason = o->reason;
		if (first)
			row_add_image(u->w, row, u->index);
		rc = add_components(u, row, o, e);
		told = o;
	}
	return rc;
}

static int
by_member(const void *a, const void *b)
{
	const struct moved_named *x = a, *y = b;

	return (x->member > y->member) - (x->member < y->member);
}

enum err_code
changes_moved(struct work *w, struct moved_names *named, struct err *e)
{
	enum err_code rc = ERR_OK;
	size_t next = 0;

	if (named->n > 0)
		qsort(named->at, named->n, sizeof(*named->at), by_member);
	for (size_t i = 0; i < w->n_members && rc == ERR_OK; i++) {
		struct member *m = &w->members[i];
		struct moving u = { .w = w, .index = (uint32_t)i, .m = m };

		while (next < named->n && named->at[next].member < i)
			next++;
		if (m->is_baseline || m->inventory == m->inventory_before)
			continue;
		u.named = &named->at[next];
		while (next < named->n && named->at[next].member == i) {
			next++;
			u.n_named++;
		}
		arena_reset(w->scrap);
		if ((rc = load_installed(&u, e)) == ERR_OK &&
		    (rc = judge_groups(&u, e)) == ERR_OK)
			rc = tell(&u, e);
	}
	return rc;
}
