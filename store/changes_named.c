/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the given events name: one vulnerability at a time, each component judged once at
 * the two numbers, then the images that have it.  Images whose packages changed meanwhile
 * are only noted down here; changes_moved.c judges them.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "store/changes_private.h"

/* An event that is to be looked at. */
struct named_event {
	int64_t vulnerability_id, seq;
	int64_t merged_from; /* the name it had then; 0 = the same */
	enum event_kind kind;
	bool announced;   /* quiet, told at the announcement of its run */
	bool every_match; /* no set: every match of the vulnerability */
	bool is_epss;     /* its score rose over a threshold */
	int64_t *components;
	size_t n_components;
};
struct named_events {
	struct named_event *at;
	size_t n, cap;
};

/* A component that events of one vulnerability name. */
struct named {
	int64_t component_id;
	unsigned kinds;           /* bits 1 << enum event_kind, KIND_EPSS */
	int64_t announced_from;   /* lowest number of an announced event; 0 = none */
	int64_t announced_opened; /* highest of an announced finding.opened */
	bool is_change;
	enum change_kind kind;
	const struct period *shown, *before;
	const char *reason;
	int64_t *inventories; /* that hold it */
	size_t n_inventories;
};
struct names {
	struct named *at;
	size_t n, cap;
};

#define KIND_BIT(k) (1u << (unsigned)(k))
#define KIND_EPSS   (1u << 31)
_Static_assert(EVENT_KIND_COUNT < 31, "the highest bit is no kind's");

/* Loudest first: an image is told one thing about a vulnerability. */
static const enum change_kind loudest_first[] = {
	CHANGE_OPENED,
	CHANGE_EXPLOITED,
	CHANGE_SEVERITY_RAISED,
	CHANGE_FIX_AVAILABLE,
	CHANGE_FIX_CHANGED,
	CHANGE_RESOLVED,
};
#define N_LOUDEST (sizeof(loudest_first) / sizeof(loudest_first[0]))
_Static_assert(N_LOUDEST == CHANGE_KIND_COUNT, "every kind has its place");
_Static_assert((int)CHANGE_RESOLVED == (int)EVENT_FINDING_RESOLVED &&
		   (int)CHANGE_EXPLOITED == (int)EVENT_FINDING_EXPLOITED &&
		   (int)CHANGE_OPENED == (int)EVENT_FINDING_OPENED,
    "the six changes are the six findings' events, in the same order");

/* ---- reading the events ---- */

static enum err_code
announced_runs(struct work *w, struct idmap *runs, struct err *e)
{
	struct query *q = query(w->st, STMT_CHANGES_ANNOUNCED);
	enum err_code rc;
	bool more;

	bind_int(q, 1, w->base);
	bind_int(q, 2, w->to);
	bind_int(q, 3, EVENT_FEED_ANNOUNCED);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		(void)idmap_put(runs, col_int(q, 0), NULL);
	query_done(q);
	return rc;
}

enum event_column {
	COL_KIND,
	COL_VULNERABILITY_ID,
	COL_FLAGS,
	COL_RUN_ID,
	COL_COMPONENTS,
	COL_MERGED_INTO,
	COL_EPSS_BEFORE
};

static enum err_code
add_event(struct work *w, struct query *q, int64_t seq, const struct idmap *runs,
    struct named_events *out, struct err *e)
{
	bool quiet = (col_int(q, COL_FLAGS) & EVENT_QUIET) != 0;
	struct named_event ev = {
		.vulnerability_id = col_int(q, COL_VULNERABILITY_ID),
		.seq = seq,
		.kind = (enum event_kind)col_int(q, COL_KIND),
		.announced = quiet && idmap_get(runs, col_int(q, COL_RUN_ID)) != NULL,
		.every_match = col_null(q, COL_COMPONENTS),
		.is_epss = !col_null(q, COL_EPSS_BEFORE),
	};
	int64_t merged_into = col_int(q, COL_MERGED_INTO);
	const void *p;
	size_t len;
	enum err_code rc = ERR_OK;

	if (seq > w->to || (!ev.announced && (quiet || seq <= w->base)))
		return ERR_OK;
	p = col_blob(q, COL_COMPONENTS, &len);
	if (!ev.every_match)
		rc = set_decode(p, len, w->memory, &ev.components, &ev.n_components, e);
	if (rc != ERR_OK)
		return rc;
	*ARENA_PUSH(w->memory, out) = ev;
	/* It has another name by now: its matches go on under that one. */
	if (merged_into != 0) {
		ev.merged_from = ev.vulnerability_id;
		ev.vulnerability_id = merged_into;
		*ARENA_PUSH(w->memory, out) = ev;
	}
	return ERR_OK;
}

static enum err_code
read_events(struct work *w, const int64_t *seqs, size_t n, struct named_events *out,
    struct err *e)
{
	struct idmap runs = idmap_in(w->memory);
	enum err_code rc = announced_runs(w, &runs, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct query *q = query(w->st, STMT_CHANGES_EVENT);

		bind_int(q, 1, seqs[i]);
		bind_int(q, 2, EVENT_FINDING_RESOLVED);
		rc = query_one(q, e);
		if (rc == ERR_OK)
			rc = add_event(w, q, seqs[i], &runs, out, e);
		else if (rc == ERR_NOTFOUND)
			rc = ERR_OK; /* of an image or a feed, or a temporary id's */
		query_done(q);
	}
	return rc;
}

static int
by_vulnerability(const void *a, const void *b)
{
	const struct named_event *x = a, *y = b;

	if (x->vulnerability_id != y->vulnerability_id)
		return x->vulnerability_id < y->vulnerability_id ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* ---- the components that are named ---- */

static void
add_name(struct work *w, struct names *out, int64_t component_id,
    const struct named_event *ev)
{
	*ARENA_PUSH(w->scrap, out) = (struct named){
		.component_id = component_id,
		.kinds = KIND_BIT(ev->kind) | (ev->is_epss ? KIND_EPSS : 0),
		.announced_from = ev->announced ? ev->seq : 0,
		.announced_opened =
		    ev->announced && ev->kind == EVENT_FINDING_OPENED ? ev->seq : 0,
	};
}

static int
by_component(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return (x->component_id > y->component_id) -
	       (x->component_id < y->component_id);
}

static void
merge_names(struct names *names)
{
	size_t n = 0;

	if (names->n > 0)
		qsort(names->at, names->n, sizeof(*names->at), by_component);
	for (size_t i = 0; i < names->n; i++) {
		struct named *x = &names->at[i], *y;

		if (n == 0 || names->at[n - 1].component_id != x->component_id) {
			names->at[n++] = *x;
			continue;
		}
		y = &names->at[n - 1];
		y->kinds |= x->kinds;
		if (x->announced_from != 0 &&
		    (y->announced_from == 0 || x->announced_from < y->announced_from))
			y->announced_from = x->announced_from;
		if (x->announced_opened > y->announced_opened)
			y->announced_opened = x->announced_opened;
	}
	names->n = n;
}

static void
collect_names(struct work *w, const struct named_event *ev, size_t n,
    const struct periods *periods, struct names *out)
{
	for (size_t i = 0; i < n; i++) {
		int64_t last = 0;

		for (size_t k = 0; k < ev[i].n_components; k++)
			add_name(w, out, ev[i].components[k], &ev[i]);
		for (size_t k = 0; ev[i].every_match && k < periods->n; k++)
			if (periods->at[k].other_id != last) {
				last = periods->at[k].other_id;
				add_name(w, out, last, &ev[i]);
			}
	}
	merge_names(out);
}

/* ---- judging one component ---- */

bool
change_of(const struct period *before, const struct period *after, unsigned kinds,
    enum change_kind *ret)
{
	unsigned is = 0;

	/* Back under investigation is still there, less sure: no news. */
	if (!period_open(before) || !period_open(after)) {
		*ret = period_open(after) ? CHANGE_OPENED : CHANGE_RESOLVED;
		return period_open(after) ? !period_open(before)
					  : period_open(before) && after == NULL;
	}
	if (kinds & KIND_BIT(EVENT_FINDING_EXPLOITED))
		is |= KIND_BIT(CHANGE_EXPLOITED);
	if (after->severity > before->severity || (kinds & KIND_EPSS))
		is |= KIND_BIT(CHANGE_SEVERITY_RAISED);
	if (after->state == STATUS_FIXED && before->state != STATUS_FIXED)
		is |= KIND_BIT(CHANGE_FIX_AVAILABLE);
	else if (after->state == STATUS_FIXED &&
		 (kinds & KIND_BIT(EVENT_FINDING_FIX_CHANGED)) &&
		 (before->fixed_version == NULL || after->fixed_version == NULL ||
		     strcmp(before->fixed_version, after->fixed_version) != 0))
		is |= KIND_BIT(CHANGE_FIX_CHANGED);
	/* What an event said comes first: a subscription may not want the others. */
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < N_LOUDEST; i++) {
			unsigned bit = KIND_BIT(loudest_first[i]);

			if ((is & bit) && (pass == 1 || (kinds & bit))) {
				*ret = loudest_first[i];
				return true;
			}
		}
	return false;
}

int
change_rank(enum change_kind k)
{
	int i = 0;

	while (loudest_first[i] != k)
		i++;
	return i;
}

const char *
closing_reason(const struct periods *group, int64_t to)
{
	const struct period *last = NULL;

	for (size_t i = 0; i < group->n; i++)
		if (group->at[i].to_seq <= to)
			last = &group->at[i];
	return last == NULL || last->reason == PAST_RENAMED
		   ? NULL
		   : past_reason_name(last->reason);
}

/* Was the run that began at SEQ told by an event?  A feed's first load and the like begin
 * runs under a number that says nothing about findings. */
static enum err_code
was_told(struct work *w, int64_t seq, bool *ret, struct err *e)
{
	struct query *q = query(w->st, STMT_CHANGES_TOLD);
	enum err_code rc;

	bind_int(q, 1, seq);
	bind_int(q, 2, EVENT_FINDING_RESOLVED);
	rc = query_one(q, e);
	*ret = rc == ERR_OK;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

/*
 * Opened since, but is that news?  What a flood opened before the interval is, at its
 * announcement, unless it was closed and told again as opened in the meantime.  What a
 * baseline opened is not: there only what came after it counts.
 */
static enum err_code
judge_opened(struct work *w, const struct periods *group, struct named *x, bool early,
    struct err *e)
{
	int64_t run = period_run_start(group, x->shown);
	bool told = true;
	enum err_code rc = ERR_OK;

	if (early) {
		x->is_change = run > w->base || run <= x->announced_opened;
		return ERR_OK;
	}
	if ((x->kinds & KIND_BIT(EVENT_FINDING_OPENED)) == 0)
		rc = was_told(w, run, &told, e);
	if (rc == ERR_OK && !told) {
		x->before = period_at(group, run);
		x->is_change = change_of(x->before, x->shown, x->kinds, &x->kind);
	}
	return rc;
}

static enum err_code
judge(struct work *w, const struct periods *periods, struct named *x, struct err *e)
{
	struct periods group = periods_find(periods, x->component_id);
	const struct period *after = period_at(&group, w->to);
	bool early = x->announced_from != 0 && x->announced_from <= w->base;

	x->before = period_at(&group, early ? x->announced_from - 1 : w->base);
	x->is_change = change_of(x->before, after, x->kinds, &x->kind);
	if (!x->is_change)
		return ERR_OK;
	x->reason = "feed";
	x->shown = x->kind == CHANGE_RESOLVED ? x->before : after;
	if (x->kind == CHANGE_OPENED)
		return judge_opened(w, &group, x, early, e);
	if (x->kind == CHANGE_RESOLVED) {
		x->reason = closing_reason(&group, w->to);
		x->is_change = x->reason != NULL;
	}
	return ERR_OK;
}

/* ---- the images that have it ---- */

static void
note_moved(struct work *w, const struct named *x, uint32_t member,
    int64_t vulnerability_id, struct moved_names *moved)
{
	*ARENA_PUSH(w->memory, moved) = (struct moved_named){
		.member = member,
		.vulnerability_id = vulnerability_id,
		.component_id = x->component_id,
		.kinds = x->kinds,
		.announced_from = x->is_change && x->kind == CHANGE_OPENED &&
					  x->announced_from <= w->base
				      ? x->announced_from
				      : 0,
	};
}

/* Tell KIND to every image that has X and was not told something louder. */
static void
tell_images(struct work *w, const struct named *x, struct row *row, unsigned char *told)
{
	unsigned char mark = (unsigned char)(1 + (int)row->kind);
	size_t at = 0;
	bool hit = false;

	for (size_t i = 0; i < x->n_inventories; i++) {
		size_t n;
		const struct holder *h = holders_of(w, x->inventories[i], &at, &n);

		for (size_t k = 0; k < n; k++) {
			const struct member *m = &w->members[h[k].member];

			if (m->inventory != m->inventory_before)
				continue;
			if (told[h[k].member] == 0) {
				told[h[k].member] = mark;
				row_add_image(w, row, h[k].member);
			}
			hit |= told[h[k].member] == mark;
		}
	}
	if (hit)
		row_add_found(w, row, x->component_id, x->shown,
		    x->before != NULL ? x->before->severity : SEVERITY_UNKNOWN);
}

static void
tell_kind(struct work *w, int64_t vulnerability_id, enum change_kind kind,
    const struct names *names, unsigned char *told)
{
	struct row *row = NULL;

	for (size_t i = 0; i < names->n; i++) {
		const struct named *x = &names->at[i];

		if (!x->is_change || x->kind != kind || x->n_inventories == 0)
			continue;
		if (row == NULL)
			row = work_row(w, vulnerability_id, kind);
		if (row->reason == NULL)
			row->reason = x->reason;
		tell_images(w, x, row, told);
	}
}

static enum err_code
find_inventories(struct work *w, struct names *names, bool *ret_any, struct err *e)
{
	int64_t *ids = arena_array(w->scrap, names->n, sizeof(*ids));
	int64_t *inventories = NULL;
	size_t n = 0, at = 0, n_held;
	enum err_code rc;

	for (size_t i = 0; i < names->n; i++)
		ids[i] = names->at[i].component_id;
	*ret_any = false;
	/* All at once first: most vulnerabilities concern no image of the list. */
	rc = sets_inventories_of(w->st, ids, names->n, w->scrap, &inventories, &n, e);
	for (size_t i = 0; rc == ERR_OK && i < n && !*ret_any; i++)
		*ret_any = holders_of(w, inventories[i], &at, &n_held) != NULL;
	for (size_t i = 0; rc == ERR_OK && *ret_any && i < names->n; i++)
		rc = sets_inventories_of(w->st, &ids[i], 1, w->scrap,
		    &names->at[i].inventories, &names->at[i].n_inventories, e);
	return rc;
}

static void
note_all_moved(struct work *w, const struct names *names, int64_t vulnerability_id,
    struct moved_names *moved)
{
	for (size_t i = 0; i < names->n && w->n_swapped > 0; i++)
		for (size_t k = 0, at = 0; k < names->at[i].n_inventories; k++) {
			size_t n;
			const struct holder *h =
			    holders_of(w, names->at[i].inventories[k], &at, &n);

			for (size_t j = 0; j < n; j++) {
				const struct member *m = &w->members[h[j].member];

				if (m->inventory != m->inventory_before)
					note_moved(w, &names->at[i], h[j].member,
					    vulnerability_id, moved);
			}
		}
}

static int
by_period(const void *a, const void *b)
{
	const struct period *x = a, *y = b;

	if (x->other_id != y->other_id)
		return x->other_id < y->other_id ? -1 : 1;
	return (x->from_seq > y->from_seq) - (x->from_seq < y->from_seq);
}

/* How the matches stood, under the names that they had before as well. */
static enum err_code
read_standing(struct work *w, const struct named_event *ev, size_t n,
    struct periods *ret, struct err *e)
{
	struct idmap seen = idmap_in(w->scrap);
	int64_t low = w->base;
	enum err_code rc;

	for (size_t i = 0; i < n; i++)
		if (ev[i].seq - 1 < low)
			low = ev[i].seq - 1;
	rc = periods_of_vulnerability(
	    w->st, ev->vulnerability_id, low, w->scrap, ret, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct periods old = { 0 };
		bool is_new = false;

		if (ev[i].merged_from != 0)
			(void)idmap_put(&seen, ev[i].merged_from, &is_new);
		if (!is_new)
			continue;
		rc = periods_of_vulnerability(
		    w->st, ev[i].merged_from, low, w->scrap, &old, e);
		for (size_t k = 0; k < old.n; k++)
			*ARENA_PUSH(w->scrap, ret) = old.at[k];
	}
	if (seen.n > 0 && ret->n > 0)
		qsort(ret->at, ret->n, sizeof(*ret->at), by_period);
	return rc;
}

static enum err_code
one_vulnerability(struct work *w, const struct named_event *ev, size_t n,
    unsigned char *told, struct moved_names *moved, struct err *e)
{
	struct periods periods;
	struct names names = { 0 };
	bool any = false;
	enum err_code rc;

	if ((rc = read_standing(w, ev, n, &periods, e)) != ERR_OK)
		return rc;
	collect_names(w, ev, n, &periods, &names);
	if (names.n == 0 || w->n_holders == 0)
		return ERR_OK;
	rc = find_inventories(w, &names, &any, e);
	if (rc != ERR_OK || !any)
		return rc;
	for (size_t i = 0; i < names.n && rc == ERR_OK; i++)
		rc = judge(w, &periods, &names.at[i], e);
	if (rc != ERR_OK)
		return rc;
	memset(told, 0, w->n_members);
	for (size_t i = 0; i < N_LOUDEST; i++)
		tell_kind(w, ev->vulnerability_id, loudest_first[i], &names, told);
	note_all_moved(w, &names, ev->vulnerability_id, moved);
	return ERR_OK;
}

enum err_code
changes_named(struct work *w, const int64_t *seqs, size_t n,
    struct moved_names *ret_moved, struct err *e)
{
	struct named_events events = { 0 };
	unsigned char *told;
	enum err_code rc = read_events(w, seqs, n, &events, e);

	if (rc != ERR_OK || events.n == 0)
		return rc;
	told = arena_alloc(w->memory, w->n_members + 1);
	qsort(events.at, events.n, sizeof(*events.at), by_vulnerability);
	for (size_t i = 0, k; i < events.n && rc == ERR_OK; i = k) {
		for (k = i + 1; k < events.n && events.at[k].vulnerability_id ==
						    events.at[i].vulnerability_id;)
			k++;
		arena_reset(w->scrap);
		rc = one_vulnerability(w, &events.at[i], k - i, told, ret_moved, e);
	}
	return rc;
}
