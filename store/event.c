/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log as a client reads it: its own team's events, and of the global ones those that
 * concern it.  A finding concerns a team when a component of the event lies in one of the
 * team's inventories; a feed when it speaks of a system the team runs, or of every system
 * (that a feed exists is no secret: anyone may list them).
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "store/idmap.h"
#include "store/images.h"
#include "store/outbox_private.h"

enum event_column {
	COL_SEQ,
	COL_AT,
	COL_KIND,
	COL_TEAM_ID,
	COL_RUN_ID,
	COL_VULNERABILITY_ID,
	COL_PACKAGE_ID,
	COL_IMAGE_ID,
	COL_VULNERABILITY,
	COL_ECOSYSTEM,
	COL_PACKAGE,
	COL_IMAGE,
	COL_STATE,
	COL_SEVERITY,
	COL_SEVERITY_BEFORE,
	COL_FLAGS,
	COL_EPSS_MICRO,
	COL_COMPONENTS,
	COL_DETAIL,
	COL_ECOSYSTEM_ID,
	COL_FEED_ID
};

/* Raw events read at a time, while the page is not full. */
#define CHUNK 256
/* Chunks looked at for one page: a small team's page ends in a long log of others. */
#define MAX_CHUNKS 64
/* Up to so many inventories it is worth knowing all their components first: most events
 * then concern none of them, which is seen without looking at any posting. */
#define FEW_INVENTORIES 2000

struct raw {
	struct event_row row;
	int64_t ecosystem_id, feed_id;
	const void *components;
	size_t components_len;
	bool every_match; /* no set: every match of the vulnerability */
};

struct raws {
	struct raw *at;
	size_t n, cap;
};

/* The inventories of a scope's live images, sorted, and how many images have each. */
struct fleet {
	int64_t *inventories, *n_images;
	size_t n;
	bool loaded;
	bool knows_components;
	struct idmap components; /* of all of them */
};

struct reading {
	struct store *st;
	struct scope scope;
	struct arena *a;    /* of the caller */
	struct arena *work; /* what lives until the page is full */
	struct arena *page; /* what lives for one chunk */
	struct fleet fleet;
};

static void
read_raw(struct query *q, struct arena *a, struct raw *ret)
{
	const void *p;

	*ret = (struct raw){
		.row = {
			.seq = col_int(q, COL_SEQ),
			.at = col_int(q, COL_AT),
			.kind = (enum event_kind)col_int(q, COL_KIND),
			.team_id = col_null(q, COL_TEAM_ID) ? -1 : col_int(q, COL_TEAM_ID),
			.run_id = col_int(q, COL_RUN_ID),
			.vulnerability_id = col_int(q, COL_VULNERABILITY_ID),
			.package_id = col_int(q, COL_PACKAGE_ID),
			.image_id = col_int(q, COL_IMAGE_ID),
			.vulnerability = col_dup(q, COL_VULNERABILITY, a),
			.ecosystem = col_dup(q, COL_ECOSYSTEM, a),
			.package = col_dup(q, COL_PACKAGE, a),
			.image = col_dup(q, COL_IMAGE, a),
			.state = (enum status)col_int(q, COL_STATE),
			.severity = (enum severity)col_int(q, COL_SEVERITY),
			.severity_before =
			    (enum severity)col_int(q, COL_SEVERITY_BEFORE),
			.flags = (unsigned)col_int(q, COL_FLAGS),
			.epss_micro = col_null(q, COL_EPSS_MICRO)
					  ? -1
					  : col_int(q, COL_EPSS_MICRO),
			.detail_json = col_dup(q, COL_DETAIL, a),
		},
		.ecosystem_id = col_int(q, COL_ECOSYSTEM_ID),
		.feed_id = col_int(q, COL_FEED_ID),
		.every_match = col_null(q, COL_COMPONENTS),
	};
	p = col_blob(q, COL_COMPONENTS, &ret->components_len);
	ret->components = arena_memdup(a, p, ret->components_len);
}

static enum err_code
read_chunk(struct reading *r, int64_t after_seq, struct raws *out, struct err *e)
{
	struct query *q = query(r->st, STMT_EVENTS_AFTER);
	enum err_code rc;
	bool more;

	bind_int(q, 1, scope_reads(r->scope));
	bind_int(q, 2, after_seq);
	bind_int(q, 3, CHUNK);
	bind_int(q, 4, EVENT_FEED_SUMMARY);
	bind_int(q, 5, EVENT_CLOCK_TICK);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		read_raw(q, r->page, ARENA_PUSH(r->page, out));
	query_done(q);
	return rc;
}

static enum err_code
load_inventories(struct reading *r, struct err *e)
{
	struct {
		struct {
			int64_t id, n;
		} * at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q;
	enum err_code rc;
	bool more;

	q = query(r->st, STMT_EVENTS_FLEET);
	bind_int(q, 1, scope_reads(r->scope));
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		(void)ARENA_PUSH(r->work, &rows);
		rows.at[rows.n - 1].id = col_int(q, 0);
		rows.at[rows.n - 1].n = col_int(q, 1);
	}
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	r->fleet = (struct fleet){
		.inventories = arena_array(r->work, rows.n, sizeof(int64_t)),
		.n_images = arena_array(r->work, rows.n, sizeof(int64_t)),
		.n = rows.n,
		.loaded = true,
	};
	for (size_t i = 0; i < rows.n; i++) {
		r->fleet.inventories[i] = rows.at[i].id;
		r->fleet.n_images[i] = rows.at[i].n;
	}
	return ERR_OK;
}

static enum err_code
load_components(struct reading *r, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = ERR_OK;

	r->fleet.components = idmap_in(r->work);
	for (size_t i = 0; i < r->fleet.n && rc == ERR_OK; i++) {
		int64_t *ids = NULL;
		size_t n = 0;

		arena_reset(a);
		rc = sets_components_of(r->st, r->fleet.inventories[i], a, &ids, &n, e);
		for (size_t k = 0; k < n; k++)
			(void)idmap_put(&r->fleet.components, ids[k], NULL);
	}
	arena_free(a);
	r->fleet.knows_components = true;
	return rc;
}

static enum err_code
load_fleet(struct reading *r, struct err *e)
{
	enum err_code rc;

	if (r->fleet.loaded)
		return ERR_OK;
	rc = load_inventories(r, e);
	if (rc == ERR_OK && !r->scope.all && r->fleet.n <= FEW_INVENTORIES)
		rc = load_components(r, e);
	return rc;
}

/* The components that the fleet has, as far as that is known; in place. */
static void
keep_carried(const struct fleet *f, int64_t *components, size_t *io_n)
{
	size_t n = 0;

	if (!f->knows_components)
		return;
	for (size_t i = 0; i < *io_n; i++)
		if (idmap_get(&f->components, components[i]) != NULL)
			components[n++] = components[i];
	*io_n = n;
}

static enum err_code
matching_components(struct reading *r, int64_t vulnerability_id, int64_t **ret,
    size_t *ret_n, struct err *e)
{
	struct {
		int64_t *at;
		size_t n, cap;
	} ids = { 0 };
	struct query *q = query(r->st, STMT_MATCHING_COMPONENTS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, vulnerability_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(r->page, &ids) = col_int(q, 0);
	query_done(q);
	*ret = ids.at;
	*ret_n = ids.n;
	return rc;
}

/* How many images of the scope have a component of the event. */
static enum err_code
count_images(struct reading *r, const struct raw *x, int64_t *ret, struct err *e)
{
	int64_t *components = NULL, *inventories = NULL, sum = 0;
	size_t n_components = 0, n = 0;
	enum err_code rc = load_fleet(r, e);

	if (rc == ERR_OK && x->every_match)
		rc = matching_components(
		    r, x->row.vulnerability_id, &components, &n_components, e);
	else if (rc == ERR_OK)
		rc = set_decode(x->components, x->components_len, r->page, &components,
		    &n_components, e);
	keep_carried(&r->fleet, components, &n_components);
	if (rc == ERR_OK && n_components > 0 && r->fleet.n > 0)
		rc = sets_inventories_of(
		    r->st, components, n_components, r->page, &inventories, &n, e);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0, j = 0; i < n && j < r->fleet.n;) {
		if (inventories[i] < r->fleet.inventories[j]) {
			i++;
		} else if (inventories[i] > r->fleet.inventories[j]) {
			j++;
		} else {
			sum += r->fleet.n_images[j];
			i++;
			j++;
		}
	}
	*ret = sum;
	return ERR_OK;
}

static enum err_code
feed_concerns(struct reading *r, const struct raw *x, bool *ret, struct err *e)
{
	struct query *q;
	enum err_code rc;

	*ret = r->scope.all || (x->ecosystem_id == 0 && x->feed_id == 0);
	if (*ret)
		return ERR_OK;
	q = query(r->st,
	    x->ecosystem_id != 0 ? STMT_EVENTS_CARRIES : STMT_EVENTS_FEED_CONCERNS);
	bind_int(q, 1, r->scope.team_id);
	bind_int(q, 2, x->ecosystem_id != 0 ? x->ecosystem_id : x->feed_id);
	bind_int(q, 3, IMAGE_DELETED);
	rc = query_one(q, e);
	*ret = rc == ERR_OK;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
concerns(struct reading *r, struct raw *x, bool *ret, struct err *e)
{
	enum err_code rc;

	if (x->row.kind <= EVENT_FINDING_RESOLVED) {
		rc = count_images(r, x, &x->row.n_images, e);
		*ret = x->row.n_images > 0 || r->scope.all;
		return rc;
	}
	if (x->row.team_id >= 0) {
		*ret = true;
		return ERR_OK;
	}
	return feed_concerns(r, x, ret, e);
}

/* Members of a global event's detail that are counted over the images of all teams. */
static const char *const fleet_members[] = { "opened", "changed", "closed", "exploited",
	"limit" };

static bool
is_of_fleet(const char *member)
{
	for (size_t i = 0; i < sizeof(fleet_members) / sizeof(fleet_members[0]); i++)
		if (str_eq(fleet_members[i], member))
			return true;
	return false;
}

/* TEXT, an object of texts and numbers, without what tells of other teams' images. */
static const char *
without_fleet(const char *text, struct arena *a)
{
	struct buf out CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json *j = NULL;
	struct json_writer w;

	if (text == NULL || json_parse(&j, text, strlen(text), NULL) != ERR_OK)
		return NULL;
	jw_init(&w, &out);
	jw_object(&w);
	for (size_t i = 0; i < json_count(j); i++) {
		const struct json *value;
		const char *member = json_member(j, i, &value);

		if (is_of_fleet(member))
			continue;
		if (json_str(value) != NULL)
			jw_ktext(&w, member, json_str(value));
		else
			jw_kint(&w, member, (int64_t)json_num(value));
	}
	jw_object_end(&w);
	json_free(j);
	return arena_strdup(a, buf_str(&out));
}

/* The strings of a row that stays move from the page to the caller. */
static void
keep(struct reading *r, const struct event_row *from, struct event_row *to)
{
	bool is_walled =
	    !r->scope.all && from->team_id < 0 && from->kind > EVENT_FINDING_RESOLVED;

	*to = *from;
	to->vulnerability = arena_strdup(r->a, from->vulnerability);
	to->ecosystem = arena_strdup(r->a, from->ecosystem);
	to->package = arena_strdup(r->a, from->package);
	to->image = arena_strdup(r->a, from->image);
	to->detail_json = is_walled ? without_fleet(from->detail_json, r->a)
				    : arena_strdup(r->a, from->detail_json);
}

struct event_rows {
	struct event_row *at;
	size_t n, cap;
};

static enum err_code
read_page(struct reading *r, int64_t *io_seq, size_t limit, struct event_rows *out,
    struct err *e)
{
	enum err_code rc = ERR_OK;
	bool more = true;

	for (int k = 0; k < MAX_CHUNKS && more && out->n < limit && rc == ERR_OK; k++) {
		struct raws raws = { 0 };

		arena_reset(r->page);
		rc = read_chunk(r, *io_seq, &raws, e);
		more = raws.n == CHUNK;
		for (size_t i = 0; i < raws.n && out->n < limit && rc == ERR_OK; i++) {
			bool wanted = false;

			rc = concerns(r, &raws.at[i], &wanted, e);
			if (rc == ERR_OK && wanted)
				keep(r, &raws.at[i].row, ARENA_PUSH(r->a, out));
			*io_seq = raws.at[i].row.seq;
		}
	}
	return rc;
}

/* Nobody may take what is left of the log for all that happened since AFTER_SEQ. */
static enum err_code
check_kept(struct store *st, int64_t after_seq, struct err *e)
{
	struct query *q = query(st, STMT_EVENTS_PURGED);
	int64_t purged = 0;
	enum err_code rc = query_one(q, e);

	if (rc == ERR_OK)
		purged = col_int(q, 0);
	query_done(q);
	if (rc == ERR_OK && after_seq > 0 && after_seq < purged)
		return err_set(e, ERR_LIMIT,
		    "gone: events are kept from number %lld on", (long long)purged + 1);
	return rc;
}

enum err_code
store_events(struct store *st, struct scope scope, int64_t after_seq, size_t limit,
    struct arena *a, struct event_row **ret, size_t *ret_n, int64_t *ret_next_seq,
    struct err *e)
{
	struct reading r = { .st = st, .scope = scope, .a = a };
	struct event_rows out = { 0 };
	enum err_code rc;

	if ((rc = tx_read(st, e)) != ERR_OK)
		return rc;
	r.work = arena_new();
	r.page = arena_new();
	rc = check_kept(st, after_seq, e);
	if (rc == ERR_OK)
		rc = read_page(&r, &after_seq, limit, &out, e);
	arena_free(r.page);
	arena_free(r.work);
	if ((rc = tx_end(st, rc, e)) != ERR_OK)
		return rc;
	*ret = out.at;
	*ret_n = out.n;
	*ret_next_seq = after_seq;
	return ERR_OK;
}
