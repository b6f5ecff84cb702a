/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_put - an image is registered or moved in one transaction: its row and what it
 * pointed to before, sets, the decisions on components that were new, lists, one event.
 * The answer may then count findings exactly.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "store/apply_private.h"
#include "store/decide_private.h"
#include "store/outbox_private.h"
#include "store/query_private.h"
#include "store/release.h"
#include "store/resolve_private.h"

enum put_column {
	COL_ID,
	COL_STATE,
	COL_REF,
	COL_DIGEST,
	COL_PLATFORM,
	COL_INVENTORY,
	COL_COVERAGE,
	COL_OS,
	COL_OS_VERSION,
	COL_ECOSYSTEM,
	COL_NOT_COVERED
};

/* How much of the image its reader understood. */
struct covered {
	int state;            /* enum coverage_state */
	int64_t ecosystem_id; /* 0 = none */
	const char *os_id, *os_version;
	const char *not_covered; /* JSON */
};

struct putting {
	struct store *st;
	struct arena *a;
	int64_t team_id;
	const struct image_put *put;
	const struct inventory *inv;
	const struct resolved *r;
	/* the image as it is */
	int64_t image_id, inventory_before; /* 0 = none */
	bool exists, is_live;
	const char *ref_before, *digest_before, *platform_before;
	struct covered covered_before;
	/* as it will be */
	struct covered covered;
	int64_t inventory_id, seq;
	bool is_new; /* the inventory: nobody counted its findings yet */
	struct counts counts;
	enum put_result result;
	struct change_counts changes;
	int severity; /* worst of what was gained; -1 = nothing was */
	bool is_exploited;
};

/* ---- what is there ---- */

static enum err_code
find_image(struct putting *p, struct err *e)
{
	struct query *q = query(p->st, STMT_PUT_IMAGE_FIND);
	enum err_code rc;

	bind_int(q, 1, p->team_id);
	bind_text(q, 2, p->put->name);
	if ((rc = query_one(q, e)) == ERR_OK) {
		p->exists = true;
		p->image_id = col_int(q, COL_ID);
		p->is_live = col_int(q, COL_STATE) != IMAGE_DELETED;
		p->ref_before = col_dup(q, COL_REF, p->a);
		p->digest_before = col_dup(q, COL_DIGEST, p->a);
		p->platform_before = col_dup(q, COL_PLATFORM, p->a);
		p->inventory_before = p->is_live ? col_int(q, COL_INVENTORY) : 0;
		p->covered_before = (struct covered){
			.state = (int)col_int(q, COL_COVERAGE),
			.ecosystem_id = col_int(q, COL_ECOSYSTEM),
			.os_id = col_dup(q, COL_OS, p->a),
			.os_version = col_dup(q, COL_OS_VERSION, p->a),
			.not_covered = col_dup(q, COL_NOT_COVERED, p->a),
		};
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

/* A registration decides on the statements it read; if some have come since, a decision
 * of theirs may have missed the new components. */
static enum err_code
check_statements(struct putting *p, struct err *e)
{
	int64_t now = 0;
	enum err_code rc;

	if (p->r->n_fresh == 0)
		return ERR_OK;
	if ((rc = seq_next(p->st, "statements", &now, e)) != ERR_OK)
		return rc;
	return now == p->r->statements
		   ? ERR_OK
		   : err_set(e, ERR_CONFLICT, "statements changed meanwhile");
}

/* ---- sets and decisions ---- */

static enum err_code
add_match(
    struct putting *p, const struct unit *u, const struct decision *d, struct err *e)
{
	struct query *q = query(p->st, STMT_DECIDE_MATCH);
	struct match_row m;
	enum err_code rc;

	bind_int(q, 1, d->vulnerability_id);
	bind_int(q, 2, d->component_id);
	rc = query_one(q, e);
	query_done(q);
	if (rc != ERR_NOTFOUND) /* decided while it was in no image yet */
		return rc;
	if ((rc = match_of(p->st, u, d, &m, e)) != ERR_OK)
		return rc;
	m.since_seq = m.changed_seq = p->seq;
	return match_put(p->st, &m, e);
}

/* Those that nobody has decided meanwhile. */
static enum err_code
still_fresh(struct putting *p, struct ids *out, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < p->r->n_fresh && rc == ERR_OK; i++) {
		bool placed;

		rc = component_placed(p->st, p->r->fresh[i], &placed, e);
		if (rc == ERR_OK && !placed)
			*ARENA_PUSH(p->a, out) = p->r->fresh[i];
	}
	return rc;
}

static enum err_code
write_decisions(struct putting *p, const struct unit *units, size_t n,
    const struct decision *decisions, struct err *e)
{
	struct ids fresh = { 0 };
	enum err_code rc = still_fresh(p, &fresh, e);

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		for (size_t j = 0; j < units[i].n_subjects && rc == ERR_OK; j++) {
			const struct decision *d = &decisions[j];

			if (d->component_id != units[i].subjects[j].component_id ||
			    d->vulnerability_id != units[i].vulnerability_id)
				return err_set(
				    e, ERR_BUG, "decisions do not fit their units");
			if (d->is_match && ids_have(&fresh, d->component_id))
				rc = add_match(p, &units[i], d, e);
		}
		decisions += units[i].n_subjects;
	}
	return rc;
}

static enum err_code
add_inventory(struct putting *p, const struct unit *units, size_t n,
    const struct decision *decisions, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = write_decisions(p, units, n, decisions, e)) != ERR_OK ||
	    (rc = seq_take(p->st, "inventory", 1, &p->inventory_id, e)) != ERR_OK)
		return rc;
	q = query(p->st, STMT_INVENTORY_ADD);
	bind_int(q, 1, p->inventory_id);
	bind_blob(q, 2, p->r->hash, sizeof(p->r->hash));
	bind_int(q, 3, (int64_t)p->r->n);
	if ((rc = query_run(q, e)) != ERR_OK ||
	    (rc = sets_add(p->st, p->inventory_id, p->r->ids, p->r->n, e)) != ERR_OK)
		return rc;
	p->is_new = true; /* compare_inventories() sums it up on its way */
	return ERR_OK;
}

/* ---- gained and lost ---- */

struct found {
	int64_t package_id, vulnerability_id;
	int severity;
	bool is_exploited;
};

struct founds {
	struct found *at;
	size_t n, cap;
};

/* What a component brings: to OUT unless NULL, and to COUNTS unless NULL. */
static enum err_code
find_findings(struct putting *p, int64_t component_id, struct founds *out,
    struct counts *counts, struct err *e)
{
	struct query *q = query(p->st, STMT_PUT_FINDINGS);
	enum err_code rc;
	bool row;

	bind_int(q, 1, component_id);
	bind_int(q, 2, STATUS_UNDER_INVESTIGATION);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row) {
		enum severity severity = (enum severity)col_int(q, 2);
		bool is_exploited = col_int(q, 3) != 0;

		if (counts != NULL)
			counts_add(counts, severity, 1, col_int(q, 5) == STATUS_FIXED,
			    is_exploited);
		if (out != NULL && severity != SEVERITY_NEGLIGIBLE)
			*ARENA_PUSH(p->a, out) = (struct found){
				.package_id = col_int(q, 0),
				.vulnerability_id = col_int(q, 1),
				.severity = (int)severity,
				.is_exploited = is_exploited && col_int(q, 4) == 0,
			};
	}
	query_done(q);
	return rc;
}

static int
compare_found(const void *pa, const void *pb)
{
	const struct found *a = pa, *b = pb;

	if (a->package_id != b->package_id)
		return a->package_id < b->package_id ? -1 : 1;
	return (a->vulnerability_id > b->vulnerability_id) -
	       (a->vulnerability_id < b->vulnerability_id);
}

/* What the components in A that are not in B bring; a package in two architectures is
 * two findings, and one that only changed its version is the same one.  All of A is added
 * up in COUNTS unless NULL. */
static enum err_code
findings_beyond(struct putting *p, const struct ids *a, const struct ids *b,
    struct founds *out, struct counts *counts, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < a->n && rc == ERR_OK; i++) {
		struct founds *mine = ids_have(b, a->at[i]) ? NULL : out;

		if (mine != NULL || counts != NULL)
			rc = find_findings(p, a->at[i], mine, counts, e);
	}
	if (out->n > 1)
		qsort(out->at, out->n, sizeof(*out->at), compare_found);
	return rc;
}

static void
note_gained(struct putting *p, const struct found *f)
{
	p->changes.gained++;
	p->is_exploited |= f->is_exploited;
	if (f->severity > p->severity)
		p->severity = f->severity;
}

static void
count_changes(struct putting *p, const struct founds *gained, const struct founds *lost)
{
	size_t i = 0, j = 0;

	while (i < gained->n || j < lost->n) {
		int order = i == gained->n ? 1
			    : j == lost->n
				? -1
				: compare_found(&gained->at[i], &lost->at[j]);

		if (order < 0)
			note_gained(p, &gained->at[i]);
		p->changes.lost += order > 0;
		i += order <= 0;
		j += order >= 0;
	}
}

static enum err_code
compare_inventories(struct putting *p, struct err *e)
{
	struct ids before = { 0 }, now = { p->r->ids, p->r->n, p->r->n };
	struct founds gained = { 0 }, lost = { 0 };
	enum err_code rc = ERR_OK;

	if (p->inventory_before == p->inventory_id)
		return ERR_OK;
	if (p->inventory_before != 0)
		rc = sets_components_of(
		    p->st, p->inventory_before, p->a, &before.at, &before.n, e);
	if (rc != ERR_OK ||
	    (rc = findings_beyond(p, &now, &before, &gained,
		 p->is_new ? &p->counts : NULL, e)) != ERR_OK ||
	    (rc = findings_beyond(p, &before, &now, &lost, NULL, e)) != ERR_OK)
		return rc;
	count_changes(p, &gained, &lost);
	return p->is_new ? summary_put(p->st, p->inventory_id, &p->counts, e) : ERR_OK;
}

/* ---- the image ---- */

static enum err_code
not_covered_text(struct putting *p, struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES);
	struct not_covered *items = NULL;
	struct json_writer w;
	size_t n = 0;

	inventory_not_covered(p->inv, p->st->options.keyer, p->a, &items, &n);
	jw_init(&w, &text);
	jw_array(&w);
	for (size_t i = 0; i < n; i++) {
		jw_object(&w);
		jw_ktext(&w, "ecosystem", items[i].ecosystem);
		jw_kint(&w, "components", (int64_t)items[i].components);
		jw_ktext(&w, "why", items[i].why);
		jw_object_end(&w);
	}
	jw_array_end(&w);
	p->covered.not_covered = arena_strdup(p->a, buf_str(&text));
	return text.full ? err_set(e, ERR_LIMIT, "too many ecosystems without a feed")
			 : ERR_OK;
}

/* As the reader found it; what the feeds and the calendar make of it is asked when it is
 * shown. */
static enum coverage_state
coverage_of(const struct inventory *inv, bool covers_all)
{
	if (inv->os.state != COVERAGE_COMPLETE && inv->os.state != COVERAGE_END_OF_LIFE)
		return inv->os.state;
	return inv->partial || !covers_all ? COVERAGE_PARTIAL : COVERAGE_COMPLETE;
}

static enum err_code
find_ecosystem(struct putting *p, struct err *e)
{
	const char *scheme;
	struct dict d;
	enum err_code rc;

	if (p->inv->os.ecosystem == NULL)
		return ERR_OK;
	dict_init(&d, p->st, true);
	rc = dict_ecosystem(
	    &d, p->inv->os.ecosystem, &p->covered.ecosystem_id, &scheme, e);
	dict_done(&d);
	return rc == ERR_OK ? release_learn(p->st, p->covered.ecosystem_id,
				  p->inv->os.ecosystem, p->put->now_at, e)
			    : rc;
}

static enum err_code
find_covered(struct putting *p, struct err *e)
{
	enum err_code rc;

	if ((rc = not_covered_text(p, e)) != ERR_OK ||
	    (rc = find_ecosystem(p, e)) != ERR_OK)
		return rc;
	p->covered.state =
	    (int)coverage_of(p->inv, str_eq(p->covered.not_covered, "[]"));
	p->covered.os_id = p->inv->os.id;
	p->covered.os_version = p->inv->os.version;
	return ERR_OK;
}

static bool
is_covered_as_before(const struct putting *p)
{
	const struct covered *a = &p->covered_before, *b = &p->covered;

	return a->state == b->state && a->ecosystem_id == b->ecosystem_id &&
	       str_eq(a->os_id, b->os_id) && str_eq(a->os_version, b->os_version) &&
	       str_eq(a->not_covered, b->not_covered);
}

static enum err_code
run_one(struct store *st, enum stmt s, int64_t id, struct err *e)
{
	struct query *q = query(st, s);

	bind_int(q, 1, id);
	return query_run(q, e);
}

/* From parameter N on. */
static void
bind_covered(struct query *q, int n, const struct covered *c)
{
	bind_int(q, n, c->state);
	bind_text(q, n + 1, c->os_id);
	bind_text(q, n + 2, c->os_version);
	bind_id(q, n + 3, c->ecosystem_id);
	bind_text(q, n + 4, c->not_covered);
}

static enum err_code
put_row(struct putting *p, struct err *e)
{
	const struct image_put *put = p->put;
	struct query *q;
	enum err_code rc;

	if ((!p->exists &&
		(rc = seq_take(p->st, "image", 1, &p->image_id, e)) != ERR_OK) ||
	    (rc = run_one(p->st, STMT_TEAM_COVERAGE_LESS, p->image_id, e)) != ERR_OK)
		return rc;
	q = query(p->st, STMT_PUT_IMAGE);
	bind_int(q, 1, p->image_id);
	bind_int(q, 2, p->team_id);
	bind_text(q, 3, put->name);
	bind_text(q, 4, put->ref != NULL ? put->ref : put->name);
	bind_text(q, 5, put->platform);
	bind_covered(q, 6, &p->covered);
	bind_text(q, 11, put->digest);
	bind_int(q, 12, p->inventory_id);
	bind_int(q, 13, p->seq);
	bind_int(q, 14, put->now_at);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	return run_one(p->st, STMT_TEAM_COVERAGE_MORE, p->image_id, e);
}

static enum err_code
run_pair(struct store *st, enum stmt s, int64_t a, int64_t b, struct err *e)
{
	struct query *q = query(st, s);

	bind_int(q, 1, a);
	bind_int(q, 2, b);
	return query_run(q, e);
}

/* What it pointed to until now becomes history; the team's fleet follows. */
static enum err_code
move_fleet(struct putting *p, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if (p->is_live) {
		rc = run_pair(p->st, STMT_IMAGE_CLOSE_PERIOD, p->image_id, p->seq, e);
		if (rc == ERR_OK && p->inventory_before != 0)
			rc = run_pair(p->st, STMT_TEAM_INVENTORY_LESS, p->team_id,
			    p->inventory_before, e);
		if (rc == ERR_OK && p->inventory_before != 0)
			rc = run_pair(p->st, STMT_TEAM_INVENTORY_CLEAN, p->team_id,
			    p->inventory_before, e);
		if (rc != ERR_OK)
			return rc;
	}
	rc = run_pair(p->st, STMT_PUT_TEAM_INVENTORY, p->team_id, p->inventory_id, e);
	if (rc != ERR_OK)
		return rc;
	q = query(p->st, STMT_PUT_TEAM);
	bind_int(q, 1, p->team_id);
	if ((rc = query_run(q, e)) == ERR_OK && query_changes(p->st) != 1)
		rc = err_set(e, ERR_NOTFOUND, "no such team");
	return rc;
}

static enum err_code
tell(struct putting *p, struct err *e)
{
	struct event_new ev = EVENT_NEW(
	    p->is_live ? EVENT_IMAGE_MOVED : EVENT_IMAGE_REGISTERED, p->put->now_at);
	struct buf detail CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json_writer w;

	jw_init(&w, &detail);
	jw_object(&w);
	jw_kint(&w, "gained", p->changes.gained);
	jw_kint(&w, "lost", p->changes.lost);
	if (p->is_live)
		jw_ktext(&w, "previous_digest", p->digest_before);
	jw_object_end(&w);
	ev.team_id = p->team_id;
	ev.image_id = p->image_id;
	ev.severity = p->severity;
	ev.flags = p->is_exploited ? EVENT_EXPLOITED : 0u;
	ev.n = p->changes.gained;
	ev.detail = buf_str(&detail);
	return event_add(p->st, &ev, p->seq, e);
}

/* ---- lists, labels, owner ---- */

/* TELL: no event of the image itself says that it is there. */
static enum err_code
join_lists(struct putting *p, int64_t seq, bool tell, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; p->put->lists != NULL && p->put->lists[i] != NULL; i++) {
		struct query *q = query(p->st, STMT_PUT_LIST_FIND);
		int64_t list_id = 0, joined = 0;

		bind_int(q, 1, p->team_id);
		bind_text(q, 2, p->put->lists[i]);
		if ((rc = query_one(q, e)) == ERR_OK)
			list_id = col_int(q, 0);
		query_done(q);
		if (rc == ERR_NOTFOUND)
			return err_set(
			    e, rc, "no list is called \"%s\"", p->put->lists[i]);
		if (rc == ERR_OK)
			rc = lists_join(
			    p->st, list_id, p->image_id, seq, true, &joined, e);
		if (rc == ERR_OK && joined > 0 && tell)
			rc = lists_tell(p->st, list_id, joined, p->put->now_at, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
dress(struct putting *p, int64_t seq, bool tell, struct err *e)
{
	const struct image_put *put = p->put;
	struct query *q;
	enum err_code rc;

	if (put->owner != NULL) {
		q = query(p->st, STMT_IMAGE_SET_OWNER);
		bind_int(q, 1, p->image_id);
		bind_text(q, 2, owner_write(put->owner, p->a));
		bind_int(q, 3, put->now_at);
		if ((rc = query_run(q, e)) != ERR_OK)
			return rc;
	}
	/* what a deleted image was labelled is not what its successor is */
	if ((rc = labels_write(p->st, LABEL_IMAGE, p->image_id, put->labels,
		 put->n_labels, p->exists && !p->is_live, e)) != ERR_OK ||
	    (rc = join_lists(p, seq, tell, e)) != ERR_OK)
		return rc;
	return lists_refresh_image(p->st, p->image_id, seq, tell ? put->now_at : 0, e);
}

/* ---- the whole ---- */

static enum err_code
put_new(struct putting *p, const struct unit *units, size_t n,
    const struct decision *decisions, struct err *e)
{
	enum err_code rc;

	p->result = p->is_live ? PUT_MOVED : PUT_CREATED;
	if ((rc = seq_take(p->st, "event", 1, &p->seq, e)) != ERR_OK ||
	    (p->inventory_id == 0 &&
		(rc = add_inventory(p, units, n, decisions, e)) != ERR_OK) ||
	    (rc = compare_inventories(p, e)) != ERR_OK ||
	    (rc = move_fleet(p, e)) != ERR_OK || (rc = put_row(p, e)) != ERR_OK ||
	    (rc = dress(p, p->seq, false, e)) != ERR_OK || (rc = tell(p, e)) != ERR_OK)
		return rc;
	return audit_add(p->st, p->team_id, p->put->actor,
	    p->is_live ? "image.move" : "image.register", p->put->name, NULL, NULL,
	    p->put->now_at, e);
}

/* What is known about the image without its packages: the reader understood more or less
 * of the same content, or the platform was said at last. */
static enum err_code
put_facts(struct putting *p, struct err *e)
{
	struct query *q;
	enum err_code rc;

	if ((rc = run_one(p->st, STMT_TEAM_COVERAGE_LESS, p->image_id, e)) != ERR_OK)
		return rc;
	q = query(p->st, STMT_PUT_IMAGE_FACTS);
	bind_int(q, 1, p->image_id);
	bind_covered(q, 2, &p->covered);
	bind_text(q, 7, p->put->platform);
	bind_int(q, 8, p->put->now_at);
	if ((rc = query_run(q, e)) != ERR_OK ||
	    (rc = run_one(p->st, STMT_TEAM_COVERAGE_MORE, p->image_id, e)) != ERR_OK)
		return rc;
	return run_one(p->st, STMT_PUT_TEAM, p->team_id, e);
}

/* The same content; only what is said about the image may be new. */
static enum err_code
put_same(struct putting *p, struct err *e)
{
	const struct image_put *put = p->put;
	bool new_ref = put->ref != NULL && !str_eq(put->ref, p->ref_before);
	bool new_facts =
	    !is_covered_as_before(p) ||
	    (put->platform != NULL && !str_eq(put->platform, p->platform_before));
	int64_t seq = 0;
	struct query *q;
	enum err_code rc;

	p->result = PUT_UNCHANGED;
	if (!new_ref && !new_facts && put->owner == NULL && put->n_labels == 0 &&
	    (put->lists == NULL || put->lists[0] == NULL))
		return ERR_OK;
	/* the audit row carries the number from which memberships change */
	if ((rc = seq_next(p->st, "event", &seq, e)) != ERR_OK ||
	    (rc = audit_add(p->st, p->team_id, put->actor, "image.change", put->name,
		 NULL, NULL, put->now_at, e)) != ERR_OK ||
	    (new_facts && (rc = put_facts(p, e)) != ERR_OK))
		return rc;
	if (new_ref) {
		q = query(p->st, STMT_IMAGE_SET_REF);
		bind_int(q, 1, p->image_id);
		bind_text(q, 2, put->ref);
		bind_int(q, 3, put->now_at);
		if ((rc = query_run(q, e)) != ERR_OK)
			return rc;
	}
	return dress(p, seq, true, e);
}

static enum err_code
put_image(struct putting *p, const struct unit *units, size_t n,
    const struct decision *decisions, struct err *e)
{
	enum err_code rc;

	if ((rc = check_statements(p, e)) != ERR_OK ||
	    (rc = find_image(p, e)) != ERR_OK || (rc = find_covered(p, e)) != ERR_OK ||
	    (rc = inventory_find(p->st, p->r->hash, &p->inventory_id, e)) != ERR_OK)
		return rc;
	if (p->is_live && p->inventory_id != 0 &&
	    p->inventory_before == p->inventory_id &&
	    str_eq(p->put->digest, p->digest_before))
		return put_same(p, e);
	return put_new(p, units, n, decisions, e);
}

enum err_code
store_image_put(struct store *st, struct scope scope, const struct image_put *put,
    const struct inventory *inv, const struct resolved *r, const struct unit *units,
    size_t n, const struct decision *decisions, int64_t *ret_image_id,
    enum put_result *ret_result, struct change_counts *ret_changes, struct err *e)
{
	struct putting p = {
		.st = st,
		.team_id = scope_writes(scope),
		.put = put,
		.inv = inv,
		.r = r,
		.severity = -1,
	};
	enum err_code rc;

	p.a = arena_new();
	if ((rc = tx_begin(st, e)) == ERR_OK) {
		rc = put_image(&p, units, n, decisions, e);
		rc = tx_end(st, rc, e);
	}
	if (rc == ERR_OK) {
		*ret_image_id = p.image_id;
		*ret_result = p.result;
		*ret_changes = p.changes;
	}
	arena_free(p.a);
	return rc;
}
